//! `union`: the rows of several tables, one after the other, columns matched by name.
//!
//! ```toml
//! [step.records]
//! kind = "union"
//! from = ["schools", "outreach", "clients"]
//! ```
//!
//! A column that a table does not have is null in its rows.

use serde::Serialize;

use crate::expr::{Expr, common};
use crate::fields::Fields;
use crate::fields::keys::Key;
use crate::model::{Schema, Type};
use crate::profile::Profile;
use crate::relation::Relation;
use crate::steps::columns::{ALL_FROM, many_inputs};
use crate::steps::{Decoded, Finding, Input, Kind, Lowered, Spec, TYPE_MISMATCH};

pub(super) const KIND: Kind = Kind {
    name: "union",
    revision: 1,
    summary: "the rows of several tables, one after the other, columns matched by name",
    keys: KEYS,
    decode,
};

const KEYS: &[Key] = &[ALL_FROM];

#[derive(Debug, Serialize)]
struct Union {}

fn decode(fields: &mut Fields, _: &Profile) -> Option<Decoded> {
    Some(Decoded::new(many_inputs(fields, "from")?, Union {}))
}

impl Spec for Union {
    fn lower(&self, inputs: &[Input<'_>], findings: &mut Vec<Finding>) -> Option<Lowered> {
        Some(by_name(inputs, findings)?.into())
    }
}

/// The union of all inputs by name, in the order in which columns first appear, hidden ones last.
pub(super) fn by_name(inputs: &[Input<'_>], findings: &mut Vec<Finding>) -> Option<Relation> {
    let mut names: Vec<(&str, Type)> = Vec::new();
    for input in inputs {
        for column in &input.schema.columns {
            match names.iter_mut().find(|(it, _)| *it == column.name) {
                None => names.push((&column.name, column.ty)),
                Some((_, ty)) => match common(Some(*ty), Some(column.ty)) {
                    Ok(joint) => *ty = joint.unwrap_or(*ty),
                    Err(_) => {
                        let (name, table) = (&column.name, input.name);
                        let message = format!("`{name}` is {ty} in one table and {} in `{table}`", column.ty);
                        let help = format!("bring both to one type first, for example with `cast({name} as text)`");
                        findings.push(Finding::new(&TYPE_MISMATCH, "from", message).help(help));
                        return None;
                    }
                },
            }
        }
    }
    names.sort_by_key(|(name, _)| crate::model::is_hidden(name));
    let part = |(index, input): (usize, &Input<'_>)| {
        let schema: &Schema = input.schema;
        let columns = names.iter().map(|(name, ty)| {
            let expr = match schema.get(name) {
                Some(column) if column.ty == *ty => Expr::column(*name),
                Some(_) => Expr::Cast(Box::new(Expr::column(*name)), *ty),
                None => Expr::Cast(Box::new(Expr::null()), *ty),
            };
            ((*name).to_owned(), expr)
        });
        Relation::scan(index, schema).project(columns.collect())
    };
    Some(Relation::Union(inputs.iter().enumerate().map(part).collect()))
}
