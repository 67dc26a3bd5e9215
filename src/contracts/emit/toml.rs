//! A contract as we write it.

use std::fmt::Write;

use super::Contract;
use crate::contracts::lower::{literal, quoted};
use crate::contracts::{Extra, Order};
use crate::model::Type;

/// A file for `contracts/`, without what is meant anyway.
pub(super) fn toml(contract: &Contract) -> String {
    let mut out = format!("[contract.{}]\nversion = {}\n", contract.name, quoted(&contract.version.to_string()));
    let mut line = |key: &str, value: String| {
        let _ = writeln!(out, "{key} = {value}");
    };
    for (key, value) in [("title", &contract.title), ("description", &contract.description), ("owner", &contract.owner)]
    {
        if let Some(value) = value {
            line(key, quoted(value));
        }
    }
    if !contract.primary_key.is_empty() {
        let keys: Vec<String> = contract.primary_key.iter().map(|it| quoted(it)).collect();
        line("primary_key", format!("[{}]", keys.join(", ")));
    }
    match contract.modes.extra {
        Extra::Allow => (),
        Extra::Warn => line("extra", "\"warn\"".to_owned()),
        Extra::Deny => line("extra", "\"deny\"".to_owned()),
    }
    if contract.modes.coerce {
        line("coerce", "true".to_owned());
    }
    if contract.modes.order == Order::Exact {
        line("column_order", "\"exact\"".to_owned());
    }
    for it in &contract.fields {
        let _ = writeln!(out, "\n[[contract.{}.field]]\nname = {}", contract.name, quoted(&it.name));
        let mut line = |key: &str, value: Option<String>| {
            if let Some(value) = value {
                let _ = writeln!(out, "{key} = {value}");
            }
        };
        line("type", (it.ty != Type::Text).then(|| quoted(it.ty.name())));
        line("required", it.required.then(|| "true".to_owned()));
        line("unique", it.unique.then(|| "true".to_owned()));
        line("description", it.description.as_deref().map(quoted));
        line("example", it.example.as_ref().map(literal));
        line("unit", it.unit.as_deref().map(quoted));
        let values: Vec<String> = it.values.iter().map(literal).collect();
        line("enum", (!values.is_empty()).then(|| format!("[{}]", values.join(", "))));
        line("pattern", it.pattern.as_deref().map(quoted));
        line("min", it.min.as_ref().map(literal));
        line("max", it.max.as_ref().map(literal));
        line("references", it.references.as_deref().map(quoted));
        let word = it.classification.word();
        line("classification", (word != "public").then(|| quoted(word)));
    }
    out
}
