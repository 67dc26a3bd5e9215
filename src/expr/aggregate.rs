//! Calls over several rows: `sum(amount) filter (where is_paid)`, `row_number() over (order by day)`.
//!
//! An expression of `aggregate`, `pivot` or `window` is one over rows whose calls are taken out of it: what is left is
//! an [`Expr`] in which [`call_name`] stands for each. Not here: rows (`relation::aggregate`, `relation::window`).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::expr::{Decides, Expr, Literal, Mistake, Settings, Untold};
use crate::model::Type;

/// What is made of the values of several rows.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum Aggregate {
    /// How many rows, or how many values.
    Count,
    /// The sum of numbers.
    Sum,
    /// The mean of numbers, a float.
    Mean,
    /// The least value.
    Min,
    /// The greatest value.
    Max,
    /// The number with half of the others on either side.
    #[serde(rename = "Median2")]
    Median,
    /// The number with a given share of the others below it.
    #[serde(rename = "Quantile2")]
    Quantile,
    /// The standard deviation of a sample.
    Stddev,
    /// The standard deviation of all.
    StddevPop,
    /// The variance of a sample.
    Variance,
    /// The variance of all.
    VariancePop,
    /// The first value in an order.
    First,
    /// The last value in an order.
    Last,
    /// Whether one is true.
    Any,
    /// Whether none is false.
    All,
    /// All values as a list of JSON.
    List,
    /// All texts as one.
    StringAgg,
    /// The value that stands in most rows, of several the first.
    MostCommon,
    /// The number of the row in its order, from 1.
    RowNumber,
    /// The number of the first row that is equal in the order.
    Rank,
    /// The same without gaps.
    DenseRank,
    /// The rank as a share of all rows, from 0 to 1.
    PercentRank,
    /// Which of a number of parts of the same size the row is in, from 1.
    Ntile,
    /// The value some rows before.
    Lag,
    /// The value some rows behind.
    Lead,
}

use Aggregate::{
    All, Any, Count, DenseRank, First, Lag, Last, Lead, List, Max, Mean, Median, Min, MostCommon, Ntile, PercentRank,
    Quantile, Rank, RowNumber, Stddev, StddevPop, StringAgg, Sum, Variance, VariancePop,
};

/// How expressions name them: SQL's names, and for some the word that people use.
pub const AGGREGATES: &[(&str, Aggregate)] = &[
    ("count", Count),
    ("sum", Sum),
    ("mean", Mean),
    ("avg", Mean),
    ("min", Min),
    ("max", Max),
    ("median", Median),
    ("quantile", Quantile),
    ("stddev", Stddev),
    ("stddev_samp", Stddev),
    ("stddev_pop", StddevPop),
    ("variance", Variance),
    ("var_samp", Variance),
    ("var_pop", VariancePop),
    ("first", First),
    ("last", Last),
    ("any", Any),
    ("all", All),
    ("bool_or", Any),
    ("bool_and", All),
    ("list", List),
    ("string_agg", StringAgg),
    ("most_common", MostCommon),
    ("mode", MostCommon),
    ("row_number", RowNumber),
    ("rank", Rank),
    ("dense_rank", DenseRank),
    ("percent_rank", PercentRank),
    ("ntile", Ntile),
    ("lag", Lag),
    ("lead", Lead),
];

impl Aggregate {
    /// The aggregate of this name.
    pub fn get(name: &str) -> Option<Aggregate> {
        AGGREGATES.iter().find(|(it, _)| *it == name).map(|(_, it)| *it)
    }

    /// The name under which it is documented.
    pub fn name(self) -> &'static str {
        AGGREGATES.iter().find(|(_, it)| *it == self).map_or("", |(name, _)| name)
    }

    /// Whether it is about the place of a row among others.
    pub fn is_of_window(self) -> bool {
        matches!(self, RowNumber | Rank | DenseRank | PercentRank | Ntile | Lag | Lead)
    }

    /// Whether its answer depends on the order of rows.
    pub fn is_ordered(self) -> bool {
        matches!(self, First | Last | List | StringAgg | MostCommon) || self.is_of_window()
    }

    /// Whether equal values may count once.
    pub(super) fn takes_distinct(self) -> bool {
        matches!(self, Count | List | StringAgg)
    }

    /// Whether a window may be about it.
    pub fn goes_along(self) -> bool {
        self.is_of_window() || matches!(self, Count | Sum | Mean | Min | Max | Any | All | First | Last)
    }

    /// The type of what it gives for values of a type.
    ///
    /// # Errors
    ///
    /// The values have a type that it does not take.
    pub fn ty(self, of: Option<Type>) -> Result<Type, Mistake> {
        let wrong = |takes: &str, got| {
            let (function, takes) = (self.name().to_owned(), takes.to_owned());
            Err(Mistake::WrongType { function, takes, got })
        };
        match (self, of) {
            (Count | RowNumber | Rank | DenseRank | Ntile, _) => Ok(Type::Integer),
            (PercentRank, _) => Ok(Type::Float),
            (Sum | Mean | Median | Quantile | Stddev | StddevPop | Variance | VariancePop, Some(it))
                if !it.is_number() =>
            {
                wrong("numbers", it)
            }
            (Mean | Median | Quantile | Stddev | StddevPop | Variance | VariancePop, _) => Ok(Type::Float),
            (Any | All, Some(it)) if it != Type::Boolean => wrong("a condition", it),
            (Any | All, _) => Ok(Type::Boolean),
            (StringAgg, Some(it)) if it != Type::Text => wrong("text", it),
            (List | StringAgg, _) => Ok(Type::Text),
            (Sum | Min | Max | First | Last | MostCommon | Lag | Lead, it) => Ok(it.unwrap_or(Type::Text)),
        }
    }

    /// Whether what it gives of answers, 1 or 0, is how many there are.
    pub fn adds_up(self) -> bool {
        matches!(self, Sum | Mean | Min | Max | Median)
    }

    /// Whether what it gives tells nothing of a single value.
    pub fn only_counts(self) -> bool {
        matches!(self, Count | Any | All | RowNumber | Rank | DenseRank | PercentRank | Ntile)
    }
}

/// One call over several rows.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Call {
    /// What is made.
    pub function: Aggregate,
    /// Of what; rows without it.
    pub of: Option<Expr>,
    /// The share of `quantile`, the separator of `string_agg`, the distance of `lag` and `lead`, the parts of `ntile`.
    pub given: Option<Literal>,
    /// What `lag` and `lead` give where there is no such row.
    pub otherwise: Option<Expr>,
    /// Equal values count once.
    pub distinct: bool,
    /// The order of the rows, `true` for greatest first; ties stand as they stood.
    pub order: Vec<(Expr, bool)>,
    /// The rows that count.
    pub keep: Option<Expr>,
    /// The rows that belong together, where the call says it itself.
    pub over: Option<Over>,
}

impl Call {
    /// Adds the columns of which the order of values decides what comes out.
    pub fn ordered<'a>(&'a self, acc: &mut BTreeSet<Decides<'a>>) {
        let extreme = matches!(self.function, Aggregate::Min | Aggregate::Max);
        let over = self.over.iter().flat_map(|it| &it.order);
        let by = self.order.iter().chain(over).map(|(it, _)| it);
        let decide = by.chain(self.of.as_ref().filter(|_| extreme));
        acc.extend(decide.filter_map(|it| match it {
            Expr::Column(name) => Some(Decides::column(name)),
            _ => None,
        }));
        self.keep.iter().for_each(|it| it.ordered(acc));
    }
}

/// What `over (…)` says.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Over {
    /// Rows with equal values here belong together.
    pub by: Vec<Expr>,
    /// Their order.
    pub order: Vec<(Expr, bool)>,
    /// Which of them count for a row, where that is said.
    pub frame: Option<Frame>,
}

/// The rows around a row: from how many before it (negative) to how many behind it; `None` for all on that side.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Frame {
    /// The first.
    pub from: Option<i64>,
    /// The last.
    pub to: Option<i64>,
}

/// An expression over rows, and the calls that it is made of.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Aggregated {
    /// What is made of the calls.
    pub expr: Expr,
    /// The calls, which `expr` names by [`call_name`].
    pub calls: Vec<Call>,
}

/// The column that stands for a call. The noncharacter of Unicode is in no name that means something.
pub fn call_name(at: usize) -> String {
    format!("\u{10fffe}{at}")
}

impl Aggregated {
    /// The same with what a profile says, as in [`Expr::told`].
    ///
    /// # Errors
    ///
    /// What no profile knows.
    pub fn told(self, settings: &Settings) -> Result<Aggregated, Untold> {
        let all = |all: Vec<(Expr, bool)>| {
            all.into_iter().map(|(it, descending)| Ok((it.told(settings)?, descending))).collect::<Result<Vec<_>, _>>()
        };
        let maybe = |it: Option<Expr>| it.map(|it| it.told(settings)).transpose();
        let call = |it: Call| {
            let over = it.over.map(|it| {
                let by = it.by.into_iter().map(|it| it.told(settings)).collect::<Result<_, _>>()?;
                Ok(Over { by, order: all(it.order)?, frame: it.frame })
            });
            Ok(Call {
                of: maybe(it.of)?,
                otherwise: maybe(it.otherwise)?,
                order: all(it.order)?,
                keep: maybe(it.keep)?,
                over: over.transpose()?,
                ..it
            })
        };
        let calls = self.calls.into_iter().map(call).collect::<Result<_, Untold>>()?;
        Ok(Aggregated { expr: self.expr.told(settings)?, calls })
    }
}

impl Call {
    /// All expressions over the rows.
    pub fn exprs(&self) -> impl Iterator<Item = &Expr> {
        let over = self.over.iter().flat_map(|it| it.by.iter().chain(it.order.iter().map(|(it, _)| it)));
        let order = self.order.iter().map(|(it, _)| it);
        self.of.iter().chain(&self.otherwise).chain(&self.keep).chain(order).chain(over)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::parse::{parse, parse_aggregated};

    fn check(text: &str, calls: &[Aggregate]) {
        let read = parse_aggregated(text).expect(text);
        assert_eq!(read.calls.iter().map(|it| it.function).collect::<Vec<_>>(), calls, "{text}");
    }

    #[test]
    fn calls_are_taken_out_of_an_expression() {
        check("count(*)", &[Count]);
        check("count(distinct name) filter (where paid)", &[Count]);
        check("round(sum(amount) / nullif(count(*), 0), 2)", &[Sum, Count]);
        check("first(name order by day desc, name)", &[First]);
        check("string_agg(distinct name, '; ' order by name)", &[StringAgg]);
        check("case when any(open) then 'open' else most_common(status) end", &[Any, MostCommon]);
        check("sum(a) over (partition by k order by d rows between 6 preceding and current row)", &[Sum]);
        check("region", &[]);
        check("mean(a, b)", &[]);
        check("all(a) or any(b)", &[All, Any]);
    }

    #[test]
    fn what_makes_no_sense_is_refused_with_what_does() {
        let refused = |text: &str| parse_aggregated(text).expect_err(text).message;
        assert_eq!(refused("sum(distinct a)"), "`distinct` changes nothing in `sum`; remove it");
        assert_eq!(refused("max(a order by b)"), "the order of rows changes nothing in `max`; remove `order by`");
        assert_eq!(refused("quantile(a, 90)"), "the share of `quantile` is a number from 0 to 1, such as `0.9`");
        assert_eq!(refused("sum(sum(a))"), "an aggregate cannot contain another aggregate");
        assert_eq!(refused("sum(a, b)"), "`sum` takes 1 argument, not 2");
        assert_eq!(refused("rank(a)"), "`rank` takes nothing in its brackets, not 1");
        assert_eq!(
            refused("sum(a) over (rows between 2 following and 1 preceding)"),
            "the frame of the window cannot be read"
        );
        let plain = parse("sum(a)").expect_err("one row");
        assert_eq!(plain.message, "`sum` is over several rows, and an expression here sees one");
    }
}
