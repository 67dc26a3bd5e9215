//! Positions of rows: what [`Relation::Number`] is.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::expr::Mistake;
use crate::model::{Column, Schema, Type};
use crate::relation::Relation;

/// The rows beneath, each with its position: its ordinal from 0, in a union with the part before it.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Number {
    /// The table beneath.
    pub from: Relation,
    /// The output column that tells the position.
    pub name: String,
}

impl Number {
    pub(super) fn columns(&self) -> Vec<&str> {
        let mut columns = self.from.columns();
        columns.push(&self.name);
        columns
    }

    pub(super) fn schema(&self, inputs: &[&Schema]) -> Result<Schema, Mistake> {
        let mut schema = self.from.schema(inputs)?;
        schema.columns.push(Column::new(&self.name, Type::Integer));
        Ok(schema)
    }

    pub(super) fn prune(&self, wanted: &BTreeSet<&str>) -> Relation {
        let beneath = wanted.iter().copied().filter(|it| *it != self.name).collect();
        let from = self.from.prune(&beneath);
        match wanted.contains(self.name.as_str()) {
            true => Relation::Number(Box::new(Number { from, name: self.name.clone() })),
            false => from,
        }
    }
}
