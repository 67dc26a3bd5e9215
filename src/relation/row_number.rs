//! Positions of rows: the operator `number`.

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow_array::{ArrayRef, Int64Array};
use serde_json::Value;

use crate::expr::Mistake;
use crate::model::{Column, Schema, Type};
use crate::relation::Relation;
use crate::relation::apply::Apply;
use crate::relation::operator::{Inputs, Operator, OperatorError, Out, Rows, batch};

/// The rows of a relation, each with its position as the column `name`: its ordinal from 0.
pub fn numbered(from: Relation, name: &str) -> Relation {
    Apply::relation(RowNumber { name: name.to_owned() }, vec![from], &[name])
}

#[derive(Debug)]
struct RowNumber {
    /// The column that tells the position.
    name: String,
}

impl Operator for RowNumber {
    fn name(&self) -> &'static str {
        "number"
    }

    fn revision(&self) -> u32 {
        1
    }

    /// What is taken of it says the rest.
    fn recipe(&self) -> Value {
        Value::Null
    }

    fn rows(&self) -> Rows {
        Rows::Same
    }

    fn schema(&self, _: &[Schema]) -> Result<Schema, Mistake> {
        Ok([Column::new(&self.name, Type::Integer)].into_iter().collect())
    }

    /// Nothing but how many rows there are.
    fn reads<'a>(&'a self, _: &BTreeSet<&str>) -> Vec<BTreeSet<&'a str>> {
        vec![BTreeSet::new()]
    }

    fn is_unique(&self, made: &str) -> bool {
        made == self.name
    }

    fn run(&self, wanted: &[String], inputs: &mut dyn Inputs, out: Out<'_>) -> Result<(), OperatorError> {
        let mut next = 0;
        inputs.read(0, &mut |rows| {
            let count = rows.num_rows();
            let end = next + count as i64;
            let numbers: ArrayRef = Arc::new((next..end).collect::<Int64Array>());
            next = end;
            out(batch(wanted.iter().map(String::as_str), vec![numbers], count)?)
        })
    }
}
