//! What a check counts over a table, free of how an engine counts it.
//!
//! Rows that are not as expected, one number that is made of a column, or the set of its values: every kind of
//! expectation is one of these, so a new kind seldom needs a new measure.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::expr::{Decides, Expr, Literal, Mistake};
use crate::relation::written::Written;

/// What is counted.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize)]
pub enum Measure {
    /// Of the rows for which `considered` is true, those for which `unexpected` is.
    Rows {
        /// Which rows count.
        considered: Expr,
        /// Which of them are not as expected.
        unexpected: Expr,
    },
    /// Rows beyond the first with the same values; rows with a null are not considered.
    Repeats {
        /// What must differ: columns, or what their texts stand for.
        values: Vec<Expr>,
        /// Only these rows are considered.
        only: Option<Expr>,
    },
    /// The number of rows itself must lie within these bounds, both included.
    Count {
        /// At least so many.
        min: Option<i64>,
        /// At most so many.
        max: Option<i64>,
        /// Only these rows are counted.
        only: Option<Expr>,
    },
    /// Of the rows that the table takes in, those that are set aside.
    SetAside,
    /// Of the values that a step reads into a column, those that are lost. Planning says where they are counted.
    Lost,
    /// The columns of the table say whether it holds, and no row is looked at.
    Known {
        /// Whether it holds.
        held: bool,
    },
    /// A number that is made of all values of a column: it must exist, and no comparison of `outside` may be true of it.
    Statistic {
        /// The column.
        column: String,
        /// What is made of it.
        of: Statistic,
        /// Operators and bounds: the number is outside where `number operator bound` is true.
        outside: Vec<(String, Expr)>,
        /// Only these rows are considered.
        only: Option<Expr>,
    },
    /// The different values of a column beside a list; nulls are none of them.
    Distinct {
        /// The column.
        column: String,
        /// The list, as values of the column's type.
        listed: Vec<Expr>,
        /// What is asked of the two.
        rule: Rule,
        /// Only these rows are considered.
        only: Option<Expr>,
    },
    /// Rows whose value comes before that of the last row that has one.
    Ordered {
        /// The column.
        column: String,
        /// Whether values must fall.
        descending: bool,
        /// Whether the same value again is unexpected.
        strictly: bool,
        /// Only these rows are considered.
        only: Option<Expr>,
    },
    /// Values that lie far from the others.
    Outliers {
        /// The column.
        column: String,
        /// From what the distance is taken.
        from: Centre,
        /// How many times the spread they may lie away, as it was written.
        times: String,
        /// Only these rows are considered.
        only: Option<Expr>,
    },
    /// How far the values are from an expected distribution.
    Divergence {
        /// The column.
        column: String,
        /// Which values are of a class, and its expected share, as it was written.
        classes: Vec<(Expr, String)>,
        /// The share of values of no class together; none where every value is of some class.
        rest: Option<String>,
        /// The greatest relative entropy that is expected.
        most: String,
        /// Only these rows are considered.
        only: Option<Expr>,
    },
    /// Rows whose values are those of no row of another table; rows with a null are not considered.
    Absent {
        /// The columns.
        columns: Vec<String>,
        /// Columns of the other table, in the same order.
        there: Vec<String>,
        /// Only these rows are considered.
        only: Option<Expr>,
    },
    /// The table must have as many rows as another one.
    SameRows,
    /// The rows of a query of the user's own.
    Violations,
}

/// A number that is made of a column.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize)]
pub enum Statistic {
    /// The arithmetic mean.
    Mean,
    /// The middle value, or the mean of the two in the middle.
    Median,
    /// The standard deviation of a sample.
    Deviation,
    /// The sum.
    Sum,
    /// The least value.
    Least,
    /// The greatest value.
    Greatest,
    /// The value that is nearest to this share of the sorted values, as it was written.
    Quantile(String),
    /// How many different values there are.
    Distinct,
    /// How many different values there are for each value.
    DistinctShare,
    /// The share of rows that have a value.
    Filled,
    /// What a step says of its whole answer, in every row the same; without rows there is nothing to be said against.
    OfWhole,
}

impl Statistic {
    /// Whether it is a value of some cell, which no message may hold.
    pub fn is_a_cell(&self) -> bool {
        matches!(self, Statistic::Least | Statistic::Greatest | Statistic::Median | Statistic::Quantile(_))
    }

    /// Whether it is a count or a share of counts, which tells of no value.
    pub fn is_a_count(&self) -> bool {
        matches!(self, Statistic::Distinct | Statistic::DistinctShare | Statistic::Filled | Statistic::OfWhole)
    }
}

/// What is asked of the different values of a column and a list.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize)]
pub enum Rule {
    /// Every value is listed.
    In,
    /// Every listed value is there.
    Contain,
    /// Both.
    Equal,
    /// The most frequent value is listed, and no other is as frequent.
    Commonest,
    /// One of the most frequent values is listed.
    AmongCommonest,
}

/// From what a distance is taken.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize)]
pub enum Centre {
    /// The mean, on both sides; the spread is the standard deviation.
    Mean,
    /// The mean, above it only.
    AboveMean,
    /// The first and the third quartile; the spread is their distance.
    Quartiles,
}

impl Measure {
    /// Whether it says which rows are not as expected.
    pub fn names_rows(&self) -> bool {
        match self {
            Measure::Distinct { rule, .. } => matches!(rule, Rule::In | Rule::Equal),
            Measure::Rows { .. } | Measure::Repeats { .. } | Measure::Absent { .. } | Measure::Violations => true,
            Measure::Ordered { .. } | Measure::Outliers { .. } => true,
            _ => false,
        }
    }

    /// The same of the rows for which `only` is true. `None` where there are no rows to choose among.
    pub fn of(self, only: &Expr) -> Option<Measure> {
        let some = || Some(only.clone());
        Some(match self {
            Measure::Rows { considered, unexpected } => {
                Measure::Rows { considered: Expr::call("and", [only.clone(), considered]), unexpected }
            }
            Measure::Repeats { values, .. } => Measure::Repeats { values, only: some() },
            Measure::Count { min, max, .. } => Measure::Count { min, max, only: some() },
            Measure::Statistic { of: Statistic::OfWhole, .. } => return None,
            Measure::Statistic { column, of, outside, only: own } => {
                let both = own.map_or_else(|| only.clone(), |own| Expr::call("and", [own, only.clone()]));
                Measure::Statistic { column, of, outside, only: Some(both) }
            }
            Measure::Distinct { column, listed, rule, .. } => Measure::Distinct { column, listed, rule, only: some() },
            Measure::Ordered { column, descending, strictly, .. } => {
                Measure::Ordered { column, descending, strictly, only: some() }
            }
            Measure::Outliers { column, from, times, .. } => Measure::Outliers { column, from, times, only: some() },
            Measure::Divergence { column, classes, rest, most, .. } => {
                Measure::Divergence { column, classes, rest, most, only: some() }
            }
            Measure::Absent { columns, there, .. } => Measure::Absent { columns, there, only: some() },
            Measure::SetAside | Measure::Lost | Measure::Known { .. } | Measure::SameRows | Measure::Violations => {
                return None;
            }
        })
    }

    /// The same, told what the cells were that are read.
    ///
    /// # Errors
    ///
    /// As of [`Expr::aware`].
    pub fn aware(mut self, written: &BTreeMap<String, Written>) -> Result<Measure, Mistake> {
        let tell = |it: &mut Expr| {
            *it = it.clone().aware(written)?;
            Ok(())
        };
        match &mut self {
            Measure::Rows { considered, unexpected } => [considered, unexpected].into_iter().try_for_each(tell)?,
            Measure::Divergence { classes, only, .. } => {
                classes.iter_mut().map(|(it, _)| it).chain(only).try_for_each(tell)?;
            }
            Measure::Repeats { values, only } => values.iter_mut().chain(only).try_for_each(tell)?,
            Measure::Statistic { only, .. }
            | Measure::Ordered { only, .. }
            | Measure::Count { only, .. }
            | Measure::Distinct { only, .. }
            | Measure::Outliers { only, .. }
            | Measure::Absent { only, .. } => only.iter_mut().try_for_each(tell)?,
            Measure::SetAside | Measure::Lost | Measure::Known { .. } | Measure::SameRows | Measure::Violations => (),
        }
        Ok(self)
    }

    /// What is compared by its order.
    pub fn ordered(&self) -> BTreeSet<Decides<'_>> {
        let mut acc = BTreeSet::new();
        let only = match self {
            Measure::Rows { considered, unexpected } => {
                considered.ordered(&mut acc);
                unexpected.ordered(&mut acc);
                return acc;
            }
            Measure::Statistic { column, of, outside, only } => {
                if matches!(of, Statistic::Least | Statistic::Greatest | Statistic::Quantile(_)) {
                    let number = outside.iter().find_map(|(_, it)| it.written_number());
                    acc.insert(Decides { beside: number, ..Decides::column(column) });
                }
                only
            }
            Measure::Ordered { column, only, .. } => {
                acc.insert(Decides::column(column));
                only
            }
            Measure::Repeats { only, .. }
            | Measure::Count { only, .. }
            | Measure::Distinct { only, .. }
            | Measure::Outliers { only, .. }
            | Measure::Divergence { only, .. }
            | Measure::Absent { only, .. } => only,
            Measure::SetAside | Measure::Lost | Measure::Known { .. } | Measure::SameRows | Measure::Violations => {
                return acc;
            }
        };
        only.iter().for_each(|it| it.ordered(&mut acc));
        acc
    }

    /// The columns that it reads.
    pub fn columns(&self) -> BTreeSet<String> {
        let mut acc = BTreeSet::new();
        let only = match self {
            Measure::Rows { considered, unexpected } => {
                considered.columns(&mut acc);
                unexpected.columns(&mut acc);
                &None
            }
            Measure::Repeats { values, only } => {
                values.iter().for_each(|it| it.columns(&mut acc));
                only
            }
            Measure::Count { only, .. } => only,
            Measure::Statistic { column, only, .. }
            | Measure::Distinct { column, only, .. }
            | Measure::Ordered { column, only, .. }
            | Measure::Outliers { column, only, .. } => {
                acc.insert(column);
                only
            }
            Measure::Divergence { column, classes, only, .. } => {
                acc.insert(column);
                classes.iter().for_each(|(is, _)| is.columns(&mut acc));
                only
            }
            Measure::Absent { columns, only, .. } => {
                acc.extend(columns.iter().map(String::as_str));
                only
            }
            Measure::SetAside | Measure::Lost | Measure::Known { .. } | Measure::SameRows | Measure::Violations => {
                &None
            }
        };
        only.iter().for_each(|it| it.columns(&mut acc));
        acc.into_iter().map(str::to_owned).collect()
    }
}

/// What is true of every row.
pub(super) fn every() -> Expr {
    Expr::Literal(Literal::Boolean(true))
}
