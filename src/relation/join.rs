//! Rows of two tables that belong together.

use std::collections::BTreeSet;

use serde::Serialize;

use super::{Relation, only};
use crate::expr::Mistake;
use crate::model::{Column, Schema, Type};

/// Every row of `left`, with the rows of `right` that belong to it.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize)]
pub struct Join {
    /// The table whose rows are all kept.
    pub left: Relation,
    /// The table whose rows are looked for.
    pub right: Relation,
    /// Conditions in order: a right row takes the first one that finds it a left row. Pairs of column names.
    ///
    /// One condition without a pair: the right has one row at most, and it belongs to every row of the left.
    pub on: Vec<Vec<(String, String)>>,
    /// Keeps left rows without a match.
    pub outer: bool,
    /// Output columns taken from the left.
    pub take_left: Vec<String>,
    /// Output columns taken from the right: name there, name here.
    pub take_right: Vec<(String, String)>,
    /// Output column that tells which condition matched (from 1), null for none.
    pub matched: Option<String>,
}

impl Join {
    /// Whether the right is one row at most, which belongs to every row of the left.
    pub fn is_of_one_row(&self) -> bool {
        matches!(self.on.as_slice(), [pairs] if pairs.is_empty())
    }

    pub(super) fn schema(&self, inputs: &[&Schema]) -> Result<Schema, Mistake> {
        let left = self.left.schema(inputs)?;
        let right = self.right.schema(inputs)?;
        let find =
            |schema: &Schema, name: &str| schema.get(name).cloned().ok_or_else(|| Mistake::NoColumn(name.to_owned()));
        for (a, b) in self.on.iter().flatten() {
            let (a, b) = (find(&left, a)?, find(&right, b)?);
            crate::expr::common(Some(a.ty), Some(b.ty))?;
        }
        let mut columns = Vec::new();
        for name in &self.take_left {
            columns.push(find(&left, name)?);
        }
        for (name, here) in &self.take_right {
            let column = find(&right, name)?;
            columns.push(Column { name: here.clone(), ..column });
        }
        columns.extend(self.matched.iter().map(|it| Column::new(it, Type::Integer)));
        Ok(Schema { columns: columns.into() })
    }

    pub(super) fn prune(&self, wanted: &BTreeSet<&str>) -> Join {
        let take_left = only(&self.take_left, wanted);
        let take_right: Vec<_> =
            self.take_right.iter().filter(|(_, here)| wanted.contains(here.as_str())).cloned().collect();
        let keys = || self.on.iter().flatten();
        let left_needs = take_left.iter().map(String::as_str).chain(keys().map(|(a, _)| a.as_str())).collect();
        let right_needs = take_right.iter().map(|(it, _)| it.as_str()).chain(keys().map(|(_, b)| b.as_str())).collect();
        Join {
            left: self.left.prune(&left_needs),
            right: self.right.prune(&right_needs),
            on: self.on.clone(),
            outer: self.outer,
            matched: self.matched.clone().filter(|it| wanted.contains(it.as_str())),
            take_left,
            take_right,
        }
    }
}
