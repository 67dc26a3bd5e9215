//! What a contract expects of the rows of a table, as checks that are declared elsewhere too: each is written as TOML
//! and read by the reader of `[[expect]]`, so that it means the same and is counted in the same scan.

use std::path::PathBuf;
use std::sync::Arc;

use super::{Contract, Field, Modes};
use crate::expectations::{self, Expectation};
use crate::expr::Literal;
use crate::fields::keys::{Key, Keys, Takes};
use crate::fields::{Parameters, Reader};
use crate::model::Type;

const KEYS: Keys = Keys::of(&[Key::new("expect", Takes::Table(&expectations::TABLES), "what a contract expects")]);

/// The checks of a contract on a table. `path` is that of the keys that name the contract, where failures are told.
pub fn checks(contract: &Contract, table: &str, modes: Modes, path: &str) -> Vec<Expectation> {
    let text = toml(contract, table, modes);
    let reader = Reader::new(&Arc::new(PathBuf::new()), Parameters::new());
    let parsed = reader.parse(&text);
    let mut fields = reader.fields(&parsed, &KEYS);
    let mut acc = expectations::decode(&mut fields);
    drop(fields);
    for it in &mut acc {
        it.id = format!("contract.{}.{}", contract.name, it.id);
        path.clone_into(&mut it.path);
        it.contract = Some(contract.name.clone());
    }
    acc
}

/// The same as TOML.
pub fn toml(contract: &Contract, table: &str, modes: Modes) -> String {
    let mut out = String::new();
    let meaning = format!("the contract `{}` {} promises it", contract.name, contract.version);
    let mut add = |lines: &[(&str, String)]| {
        out.push_str(&format!("[[expect.{}]]\n", quoted(table)));
        lines.iter().for_each(|(key, value)| out.push_str(&format!("{key} = {value}\n")));
        out.push_str(&format!("meaning = {}\n\n", quoted(&meaning)));
    };
    if !contract.primary_key.is_empty() {
        let names: Vec<String> = contract.primary_key.iter().map(|it| quoted(it)).collect();
        add(&[("columns", format!("[{}]", names.join(", "))), ("unique", "true".to_owned())]);
    }
    for field in &contract.fields {
        let column = ("column", quoted(&field.name));
        if field.required {
            add(&[column.clone(), ("not_null", "true".to_owned())]);
        }
        if field.unique && contract.primary_key != [field.name.clone()] {
            add(&[column.clone(), ("unique", "true".to_owned())]);
        }
        if let Some(pattern) = &field.pattern {
            add(&[column.clone(), ("matches", quoted(pattern))]);
        }
        if modes.coerce && field.ty != Type::Text {
            for (only, condition) in read_from_text(field) {
                add(&[("where", quoted(&only)), ("holds", quoted(&condition))]);
            }
            continue;
        }
        if !field.values.is_empty() {
            let values: Vec<String> = field.values.iter().map(literal).collect();
            add(&[column.clone(), ("in", format!("[{}]", values.join(", ")))]);
        }
        let bounds = [("min", &field.min), ("max", &field.max)];
        let bounds: Vec<String> =
            bounds.iter().filter_map(|(key, it)| Some(format!("{key} = {}", literal(it.as_ref()?)))).collect();
        if !bounds.is_empty() {
            add(&[column, ("between", format!("{{ {} }}", bounds.join(", ")))]);
        }
    }
    out
}

/// What must hold of a text that stands for a value of another type, or of that value itself: of which rows, and what.
fn read_from_text(field: &Field) -> Vec<(String, String)> {
    let name = format!("\"{}\"", field.name.replace('"', "\"\""));
    let value = format!("cast({name} as {})", field.ty.name());
    let bound = |it: &Literal| match it {
        Literal::Text(text) => format!("cast('{}' as {})", text.replace('\'', "''"), field.ty.name()),
        other => other.plain().unwrap_or_else(|| "null".to_owned()),
    };
    let read = format!("{value} is not null");
    let mut acc = vec![(format!("{name} is not null"), read.clone())];
    if !field.values.is_empty() {
        let values: Vec<String> = field.values.iter().map(bound).collect();
        acc.push((read.clone(), format!("{value} in ({})", values.join(", "))));
    }
    acc.extend(field.min.as_ref().map(|it| (read.clone(), format!("{value} >= {}", bound(it)))));
    acc.extend(field.max.as_ref().map(|it| (read.clone(), format!("{value} <= {}", bound(it)))));
    acc
}

/// A text of TOML.
pub(crate) fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

pub(crate) fn literal(it: &Literal) -> String {
    match it {
        Literal::Text(text) => quoted(text),
        other => other.plain().unwrap_or_else(|| "\"\"".to_owned()),
    }
}
