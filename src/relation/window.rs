//! Rows that look at the rows around them: what [`Relation::Window`] is.
//!
//! The rows stay as they are, in their order, so that all columns but the new ones are carried.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::expr::Mistake;
use crate::expr::aggregate::Frame;
use crate::model::{Class, Schema};
use crate::relation::Relation;
use crate::relation::aggregate::{Call, find, is_condition, made};
use crate::relation::level::Level;

/// The rows beneath, each with what is made of the rows that belong together with it.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize)]
pub struct Window {
    /// The table beneath.
    pub from: Relation,
    /// New columns.
    pub calls: Vec<(String, Along)>,
}

/// A call over the rows around a row.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize)]
pub struct Along {
    /// What is made. Its `order` is that of the rows; what stands in no order stands as beneath.
    pub call: Call,
    /// A column with what is given where there is no such row.
    pub otherwise: Option<String>,
    /// Rows with equal values in these columns belong together, nulls too.
    pub by: Vec<String>,
    /// Which of them count; all of them without it.
    pub frame: Option<Frame>,
}

impl Along {
    fn columns(&self) -> impl Iterator<Item = &str> {
        self.call.columns().chain(self.otherwise.iter().chain(&self.by).map(String::as_str))
    }
}

impl Window {
    pub(super) fn columns(&self) -> Vec<&str> {
        let made = self.calls.iter().map(|(name, _)| name.as_str());
        self.from.columns().into_iter().chain(made).collect()
    }

    pub(super) fn makes(&self, column: &str) -> bool {
        self.calls.iter().any(|(name, _)| name == column)
    }

    pub(super) fn schema(&self, inputs: &[&Schema]) -> Result<Schema, Mistake> {
        let mut schema = self.from.schema(inputs)?;
        let beneath = schema.clone();
        for (name, it) in &self.calls {
            for name in it.columns() {
                find(&beneath, name)?;
            }
            if let Some(keep) = &it.call.keep {
                is_condition(&beneath, keep)?;
            }
            let of = it.call.of.as_deref().map(|it| find(&beneath, it)).transpose()?;
            let mut column = made(name, it.call.function, of)?;
            if let Some(otherwise) = &it.otherwise {
                let otherwise = find(&beneath, otherwise)?;
                column.ty = crate::expr::common(Some(column.ty), Some(otherwise.ty))?.unwrap_or(column.ty);
                column.class = column.class.max(otherwise.class);
            }
            // A row has its own answer here: what is asked of personal values is told, also by what is only counted.
            for name in it.columns() {
                if self.from.level(name, inputs)? == Level::Made {
                    column.class = Class::Personal;
                }
            }
            schema.columns.push(column);
        }
        Ok(schema)
    }

    pub(super) fn prune(&self, wanted: &BTreeSet<&str>) -> Relation {
        let calls: Vec<_> = self.calls.iter().filter(|(name, _)| wanted.contains(name.as_str())).cloned().collect();
        if calls.is_empty() {
            return self.from.prune(wanted);
        }
        let mut needed: BTreeSet<&str> = wanted.iter().copied().filter(|it| !self.makes(it)).collect();
        needed.extend(calls.iter().flat_map(|(_, it)| it.columns()));
        let from = self.from.prune(&needed);
        Relation::Window(Box::new(Window { from, calls: calls.clone() })).exactly(wanted)
    }

    /// Columns beneath whose values reach an output column.
    pub(super) fn beneath<'a>(&'a self, column: &'a str) -> Vec<&'a str> {
        match self.calls.iter().find(|(name, _)| name == column) {
            None => vec![column],
            Some((_, it)) => it.call.of.iter().chain(&it.otherwise).map(String::as_str).collect(),
        }
    }
}
