//! `derive`: adds columns computed row by row, drops or renames others.
//!
//! ```toml
//! [step.scored]
//! kind = "derive"
//! from = "organisations"
//! drop = ["scratch"]
//!
//! [step.scored.columns]
//! has_website = "website is not null"
//! label = "organization_name || case when has_website then ' (web)' else '' end"
//! ```
//!
//! An expression sees the columns of the input and those derived above it.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::expr::Expr;
use crate::fields::Fields;
use crate::model::{Class, Column, Schema};
use crate::profile::Profile;
use crate::relation::{Relation, class_of};
use crate::steps::columns::{known, mistaken, one_input};
use crate::steps::{Decoded, Finding, Input, Kind, Lowered, Spec};

pub(super) const KIND: Kind =
    Kind { name: "derive", revision: 1, summary: "adds columns computed row by row, drops or renames others", decode };

#[derive(Debug, Serialize)]
struct Derive {
    columns: Vec<(String, Expr)>,
    drop: Vec<String>,
    rename: Vec<(String, String)>,
    open: Vec<String>,
    personal: Vec<String>,
}

fn decode(fields: &mut Fields, _: &Profile) -> Option<Decoded> {
    let inputs = one_input(fields, "from");
    let mut columns = Vec::new();
    let mut sound = true;
    if let Some(mut table) = fields.table("columns") {
        for name in table.keys() {
            match table.expr(&name) {
                Some(expr) => columns.push((name, expr)),
                None => sound = false,
            }
        }
    }
    let mut rename = Vec::new();
    if let Some(mut table) = fields.table("rename") {
        for name in table.keys() {
            rename.extend(table.text(&name).map(|it| (name, it)));
        }
    }
    let (drop, open, personal) = (fields.words("drop"), fields.words("open"), fields.words("personal"));
    let inputs = inputs?;
    sound.then(|| Decoded::new(inputs, Derive { columns, drop, rename, open, personal }))
}

impl Spec for Derive {
    fn lower(&self, inputs: &[Input<'_>], findings: &mut Vec<Finding>) -> Option<Lowered> {
        let input = &inputs[0];
        let before = findings.len();
        let mut seen: Schema = input.schema.clone();
        let mut derived: Vec<(String, Expr)> = Vec::new();
        for (name, expr) in &self.columns {
            match expr.ty(&seen) {
                Ok(ty) => {
                    let class = class_of(expr, &seen);
                    derived.retain(|(it, _)| it != name);
                    let inlined = inline(expr, &derived);
                    derived.push((name.clone(), inlined));
                    seen.columns.retain(|it| it.name != *name);
                    seen.columns.push(Column::new(name, ty).classed(class));
                }
                Err(mistake) => findings.push(mistaken(input.name, &seen, mistake, &format!("columns.{name}"))),
            }
        }
        for name in &self.drop {
            known(input, name, "drop", findings);
        }
        for (name, _) in &self.rename {
            known(input, name, "rename", findings);
        }
        let mut classes = BTreeMap::new();
        for (words, key, class) in [(&self.open, "open", Class::Open), (&self.personal, "personal", Class::Personal)] {
            for name in words {
                if !seen.has(name) && !self.rename.iter().any(|(_, it)| it == name) {
                    known(input, name, key, findings);
                }
                classes.insert(name.clone(), class);
            }
        }
        if findings.len() > before {
            return None;
        }
        let mut columns: Vec<(String, Expr)> = Vec::new();
        for column in &input.schema.columns {
            if self.drop.contains(&column.name) {
                continue;
            }
            let renamed = self.rename.iter().find(|(it, _)| *it == column.name).map(|(_, it)| it);
            let name = renamed.unwrap_or(&column.name);
            let at = derived.iter().position(|(it, _)| it == name);
            columns.push(match at {
                Some(at) => derived.remove(at),
                None => (name.clone(), Expr::column(&column.name)),
            });
        }
        // Visible columns stand before hidden ones.
        let hidden = columns.iter().position(|(name, _)| crate::model::is_hidden(name)).unwrap_or(columns.len());
        columns.splice(hidden..hidden, derived);
        let relation = Relation::scan(0, input.schema).project(columns);
        Some(Lowered { classes, ..relation.into() })
    }
}

/// Puts what was derived above in the place of its name.
fn inline(expr: &Expr, derived: &[(String, Expr)]) -> Expr {
    match expr {
        Expr::Column(name) => {
            derived.iter().find(|(it, _)| it == name).map_or_else(|| expr.clone(), |(_, it)| it.clone())
        }
        Expr::Literal(_) => expr.clone(),
        Expr::Call(name, arguments) => {
            Expr::Call(name.clone(), arguments.iter().map(|it| inline(it, derived)).collect())
        }
        Expr::Case(branches, otherwise) => Expr::Case(
            branches.iter().map(|(when, then)| (inline(when, derived), inline(then, derived))).collect(),
            otherwise.as_ref().map(|it| Box::new(inline(it, derived))),
        ),
        Expr::Cast(value, ty) => Expr::Cast(Box::new(inline(value, derived)), *ty),
    }
}
