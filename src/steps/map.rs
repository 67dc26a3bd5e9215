//! `map`: takes the columns of a delivery to canonical fields.
//!
//! ```toml
//! [step.schools]
//! kind = "map"
//! from = "registry"
//!
//! [step.schools.columns]        # what the profile's synonyms do not say
//! description = ["Description Type", "Notes"]   # the first of these that has a value
//!
//! [step.schools.set]            # the same value in every row
//! organization_category = "Flight School"
//! ```
//!
//! Every other field of the profile takes the one column whose name is the field's or one of its synonyms: exactly,
//! or but for case, spaces and punctuation. A column goes to one field unless `columns` says otherwise; what no
//! field takes is dropped and listed by `show --unmapped`. Columns are carried, not copied.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::expr::{Expr, Literal};
use crate::fields::Fields;
use crate::model::Class;
use crate::profile::Profile;
use crate::relation::Relation;
use crate::steps::columns::{one_input, resolve, unknown};
use crate::steps::{COLUMN_TWICE, Decoded, Finding, Input, Kind, Lowered, NOTHING_MAPPED, Spec};

pub(super) const KIND: Kind =
    Kind { name: "map", revision: 1, summary: "takes the columns of a delivery to canonical fields", decode };

#[derive(Debug, Serialize)]
struct Map {
    columns: Vec<(String, Vec<String>)>,
    set: Vec<(String, Literal)>,
    fields: Vec<Field>,
    keep: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Field {
    name: String,
    synonyms: Vec<String>,
    class: Class,
}

fn decode(fields: &mut Fields, profile: &Profile) -> Option<Decoded> {
    let inputs = one_input(fields, "from");
    let mut columns = Vec::new();
    if let Some(mut table) = fields.table("columns") {
        for name in table.keys() {
            let words = table.words(&name);
            columns.push((name, words));
        }
    }
    let mut set = Vec::new();
    if let Some(mut table) = fields.table("set") {
        for name in table.keys() {
            let Some(value) = table.value(&name) else { continue };
            if columns.iter().any(|(it, _)| *it == name) {
                let message = format!("`{name}` is set and mapped");
                let help = Some("leave one of the two".to_owned());
                table.problem(&COLUMN_TWICE, &name, message, "also under `columns`", help);
            }
            set.push((name, value));
        }
    }
    let keep = fields.words("keep");
    let all = profile.fields.iter().map(|(name, field)| Field {
        name: name.clone(),
        synonyms: field.synonyms.iter().map(|(it, _)| it.clone()).collect(),
        class: field.class,
    });
    let spec = Map { columns, set, fields: all.collect(), keep };
    Some(Decoded::new(inputs?, spec))
}

impl Spec for Map {
    fn lower(&self, inputs: &[Input<'_>], findings: &mut Vec<Finding>) -> Option<Lowered> {
        let input = &inputs[0];
        let before = findings.len();
        let mut taken: Vec<&str> = Vec::new();
        let mut made: Vec<(String, Expr)> = Vec::new();
        let mut rules = BTreeMap::new();
        for (name, words) in &self.columns {
            let key = format!("columns.{name}");
            let mut parts = Vec::new();
            for word in words {
                match resolve(input.schema, word) {
                    Some(column) => {
                        taken.push(column);
                        parts.push(Expr::column(column));
                    }
                    None => findings.push(unknown(input.name, input.schema, word, &key)),
                }
            }
            rules.insert(name.clone(), "declared".to_owned());
            match parts.len() {
                0 => (),
                1 => made.extend(parts.pop().map(|it| (name.clone(), it))),
                _ => made.push((name.clone(), Expr::Call("coalesce".to_owned(), parts))),
            }
        }
        for word in &self.keep {
            match resolve(input.schema, word) {
                Some(column) => {
                    taken.push(column);
                    rules.insert(column.to_owned(), "kept".to_owned());
                    made.push((column.to_owned(), Expr::column(column)));
                }
                None => findings.push(unknown(input.name, input.schema, word, "keep")),
            }
        }
        for (name, value) in &self.set {
            rules.insert(name.clone(), "set".to_owned());
            made.push((name.clone(), Expr::Literal(value.clone())));
        }
        for field in &self.fields {
            if made.iter().any(|(name, _)| *name == field.name) {
                continue;
            }
            let words = std::iter::once(&field.name).chain(&field.synonyms);
            let mut candidates = words.filter_map(|word| {
                let column = resolve(input.schema, word)?;
                let rule = if *word == field.name { "name" } else { "synonym" };
                (!taken.contains(&column)).then(|| (column, format!("{rule} `{word}`")))
            });
            if let Some((column, rule)) = candidates.next() {
                taken.push(column);
                rules.insert(field.name.clone(), rule);
                made.push((field.name.clone(), Expr::column(column)));
            }
        }
        if findings.len() > before {
            return None;
        }
        if made.iter().all(|(name, _)| self.set.iter().any(|(it, _)| it == name)) {
            let names: Vec<_> = input.schema.visible().map(|it| format!("`{}`", it.name.escape_debug())).collect();
            let message = format!("no field takes any column of `{}`", input.name);
            let help = format!("its columns are {}; add synonyms or `columns`", names.join(", "));
            findings.push(Finding::new(&NOTHING_MAPPED, "from", message).label("this table").help(help));
            return None;
        }
        // Fields stand in the order of the profile, whatever order the delivery has.
        let place = |name: &str| self.fields.iter().position(|it| it.name == name).unwrap_or(usize::MAX);
        made.sort_by_key(|(name, _)| place(name));
        let hidden = input.schema.columns.iter().filter(|it| it.is_hidden());
        made.extend(hidden.map(|it| (it.name.clone(), Expr::column(&it.name))));
        let unmapped = input.schema.visible().filter(|it| !taken.contains(&it.name.as_str()));
        let unmapped = unmapped.map(|it| it.name.clone()).collect();
        let classes = self.fields.iter().filter(|it| made.iter().any(|(name, _)| *name == it.name));
        let classes = classes.map(|it| (it.name.clone(), it.class)).collect();
        let relation = Relation::scan(0, input.schema).project(made);
        Some(Lowered { classes, unmapped, rules, ..relation.into() })
    }
}
