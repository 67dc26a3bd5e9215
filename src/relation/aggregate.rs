//! One row for each group of rows: what [`Relation::Aggregate`] is.
//!
//! Everything here names columns beneath. What is computed of a row first (an argument, a condition, what decides an
//! order) is a projection beneath, so that pruning sees through it.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::expr::aggregate::Aggregate as Function;
use crate::expr::{Literal, Mistake};
use crate::model::{Class, Column, Schema, Type};
use crate::relation::level::is_count;
use crate::relation::{Relation, only};

/// For each combination of values of the grouping columns one row; one row for all, also for none, where there are no
/// such columns.
///
/// Groups come in the order of their values, first column first, nulls last; a null is a value like any other.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize)]
pub struct Aggregate {
    /// The table beneath.
    pub from: Relation,
    /// The columns whose equal values make a group.
    pub by: Vec<String>,
    /// Those of them that are output columns.
    pub keys: Vec<String>,
    /// The other output columns.
    pub calls: Vec<(String, Call)>,
}

/// What is made of the rows of a group. Nulls do not count.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize)]
pub struct Call {
    /// What is made.
    pub function: Function,
    /// The column beneath; rows without it.
    pub of: Option<String>,
    /// What the function is told beside: a share, a separator.
    pub given: Option<Literal>,
    /// Equal values count once, where they stand first.
    pub distinct: bool,
    /// What orders the rows, `true` for greatest first; nulls last, and then as rows stand.
    pub order: Vec<(String, bool)>,
    /// A column of truth values: only rows where it is true count.
    pub keep: Option<String>,
}

impl Call {
    /// The call over all values of a column, in whatever order.
    pub(super) fn of(function: Function, column: &str) -> Call {
        let (of, order) = (Some(column.to_owned()), Vec::new());
        Call { function, of, given: None, distinct: false, order, keep: None }
    }

    /// The columns beneath that it reads.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        let order = self.order.iter().map(|(it, _)| it);
        self.of.iter().chain(&self.keep).chain(order).map(String::as_str)
    }

    /// Whether what it gives is a value of one row, as it stands there.
    pub fn shows_one(&self) -> bool {
        use Function::{First, Lag, Last, Lead, Max, Min, MostCommon};
        matches!(self.function, First | Last | Max | Min | MostCommon | Lag | Lead)
    }
}

/// The column of what a function gives for a column.
pub(super) fn made(name: &str, function: Function, of: Option<&Column>) -> Result<Column, Mistake> {
    let class = of.filter(|_| !function.only_counts()).map_or(Class::Open, |it| it.class);
    Ok(Column::new(name, function.ty(of.map(|it| it.ty))?).classed(class))
}

/// The column beneath, or the mistake that there is none.
pub(super) fn find<'a>(beneath: &'a Schema, name: &str) -> Result<&'a Column, Mistake> {
    beneath.get(name).ok_or_else(|| Mistake::NoColumn(name.to_owned()))
}

/// Whether a column of truth values says which rows count.
pub(super) fn is_condition(beneath: &Schema, name: &str) -> Result<(), Mistake> {
    match find(beneath, name)?.ty {
        Type::Boolean => Ok(()),
        got => {
            let (function, takes) = ("filter".to_owned(), "a condition".to_owned());
            Err(Mistake::WrongType { function, takes, got })
        }
    }
}

impl Aggregate {
    pub(super) fn columns(&self) -> impl Iterator<Item = &str> {
        self.keys.iter().chain(self.calls.iter().map(|(name, _)| name)).map(String::as_str)
    }

    pub(super) fn schema(&self, inputs: &[&Schema]) -> Result<Schema, Mistake> {
        let beneath = self.from.schema(inputs)?;
        let mut columns = Vec::new();
        for name in &self.by {
            find(&beneath, name)?;
        }
        for name in &self.keys {
            columns.push(find(&beneath, name)?.clone());
        }
        for (name, call) in &self.calls {
            for name in call.columns() {
                find(&beneath, name)?;
            }
            if let Some(keep) = &call.keep {
                is_condition(&beneath, keep)?;
            }
            let of = call.of.as_deref().map(|it| find(&beneath, it)).transpose()?;
            let mut column = made(name, call.function, of)?;
            let counted = || self.from.computed(call.of.as_deref()?).filter(|(_, it)| is_count(it));
            if call.function.adds_up() && counted().is_some() {
                column.class = Class::Open;
            }
            columns.push(column);
        }
        Ok(Schema { columns: columns.into() })
    }

    pub(super) fn prune(&self, wanted: &BTreeSet<&str>) -> Aggregate {
        let calls: Vec<_> = self.calls.iter().filter(|(name, _)| wanted.contains(name.as_str())).cloned().collect();
        let mut needed: BTreeSet<&str> = self.by.iter().map(String::as_str).collect();
        needed.extend(calls.iter().flat_map(|(_, it)| it.columns()));
        let from = self.from.prune(&needed);
        Aggregate { from, by: self.by.clone(), keys: only(&self.keys, wanted), calls }
    }

    /// Columns beneath whose values reach an output column; for a number of rows what makes them a group.
    pub(super) fn beneath<'a>(&'a self, column: &'a str) -> Vec<&'a str> {
        match self.calls.iter().find(|(name, _)| name == column) {
            None => vec![column],
            Some((_, Call { of: Some(it), .. })) => vec![it],
            Some(_) => self.by.iter().map(String::as_str).collect(),
        }
    }
}
