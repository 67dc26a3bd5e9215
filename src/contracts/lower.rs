//! What a contract expects of the rows of a table, as checks that are declared elsewhere too: each is written as TOML
//! and read by the reader of `[[expect]]`, so that it means the same and is counted in the same scan.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::{Contract, Modes};
use crate::expectations::{self, Expectation};
use crate::expr::Literal;
use crate::fields::keys::{Key, Keys, Takes};
use crate::fields::{Parameters, Reader};
use crate::model::Type;

/// The kind by which a text stands for a value of another type.
const READS_AS: &str = "reads_as";
const KEYS: Keys = Keys::of(&[Key::new("expect", Takes::Table(&expectations::TABLES), "what a contract expects")]);

/// The checks of a contract on a table. `path` is that of the keys that name the contract, where failures are told.
pub fn checks(contract: &Contract, table: &str, modes: Modes, path: &str) -> Vec<Expectation> {
    let text = toml(contract, table, modes);
    let reader = Reader::new(&Arc::new(PathBuf::new()), Parameters::new());
    let parsed = reader.parse(&text);
    let mut fields = reader.fields(&parsed, &KEYS);
    let decoded = expectations::decode(&mut fields);
    drop(fields);
    let other: BTreeMap<String, Type> = match modes.coerce {
        true => contract.fields.iter().filter(|it| it.ty != Type::Text).map(|it| (it.name.clone(), it.ty)).collect(),
        false => BTreeMap::new(),
    };
    let promised = |mut it: Expectation| {
        let reads = (it.kind.name == READS_AS).then(|| other.get(it.columns.first()?).copied()).flatten();
        it.id = format!("contract.{}.{}", contract.name, it.id);
        path.clone_into(&mut it.path);
        it.contract = Some(contract.name.clone());
        match reads {
            Some(ty) => it.spelling(ty),
            // Whether there is a text is no question of what it stands for.
            None if it.kind.name == "not_null" => it,
            None => it.of_texts(&other),
        }
    };
    decoded.into_iter().map(promised).collect()
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
    for names in keys(contract) {
        let columns: Vec<String> = names.iter().map(|it| quoted(it)).collect();
        add(&[("columns", format!("[{}]", columns.join(", "))), ("unique", "true".to_owned())]);
    }
    for field in &contract.fields {
        let column = ("column", quoted(&field.name));
        if field.required {
            add(&[column.clone(), ("not_null", "true".to_owned())]);
        }
        if let Some(pattern) = &field.pattern {
            add(&[column.clone(), ("matches", quoted(pattern))]);
        }
        if modes.coerce && field.ty != Type::Text {
            let word = if field.ty == Type::Float { "decimal" } else { field.ty.name() };
            add(&[column.clone(), (READS_AS, quoted(word))]);
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

/// The fields whose values are unique together: those of the primary key, and others by themselves.
fn keys(contract: &Contract) -> Vec<&[String]> {
    let own = Some(contract.primary_key.as_slice()).filter(|it| !it.is_empty());
    let others = contract.fields.iter().filter(|it| it.unique && contract.primary_key != [it.name.clone()]);
    own.into_iter().chain(others.map(|it| std::slice::from_ref(&it.name))).collect()
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
