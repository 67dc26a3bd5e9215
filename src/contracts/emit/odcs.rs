//! A contract in the Open Data Contract Standard, version 3: YAML in which every text stands between quotes.

use std::fmt::Write;

use super::json::{bounded, own_pattern, value};
use super::portable::portable;
use crate::contracts::{Contract, Extra, Field, Order};
use crate::model::Type;

/// The line with the status of every contract of ours.
pub(crate) const STATUS: &str = "status: \"active\"";

/// The document.
pub(super) fn odcs(contract: &Contract) -> String {
    let mut out = String::from("apiVersion: \"v3.0.2\"\nkind: \"DataContract\"\n");
    let _ = writeln!(out, "id: {}", quoted(&format!("urn:hotpass:contract:{}", contract.name)));
    let _ = writeln!(out, "name: {}", quoted(contract.title.as_ref().unwrap_or(&contract.name)));
    let _ = writeln!(out, "version: {}\n{STATUS}", quoted(&contract.version.to_string()));
    if let Some(description) = &contract.description {
        let _ = writeln!(out, "description:\n  purpose: {}", quoted(description));
    }
    if let Some(owner) = &contract.owner {
        let _ = writeln!(out, "team:\n  - username: {}\n    role: \"owner\"", quoted(owner));
    }
    let _ = writeln!(out, "schema:\n  - name: {}\n    logicalType: \"object\"", quoted(&contract.name));
    let _ = writeln!(out, "    physicalType: \"table\"");
    let mut custom = Vec::new();
    let mut add = |name: &str, value: &str| custom.push(format!("{{property: \"{name}\", value: {value}}}"));
    match contract.modes.extra {
        Extra::Allow => (),
        Extra::Warn => add("extra", "\"warn\""),
        Extra::Deny => add("extra", "\"deny\""),
    }
    if contract.modes.coerce {
        add("coerce", "true");
    }
    if contract.modes.order == Order::Exact {
        add("column_order", "\"exact\"");
    }
    if !custom.is_empty() {
        let _ = writeln!(out, "    customProperties: [{}]", custom.join(", "));
    }
    out.push_str("    properties:\n");
    for field in &contract.fields {
        property(contract, field, &mut out);
    }
    out
}

fn property(contract: &Contract, it: &Field, out: &mut String) {
    let (logical, physical) = match it.ty {
        Type::Text => ("string", "VARCHAR"),
        Type::Integer => ("integer", "BIGINT"),
        Type::Decimal { .. } => ("number", "DECIMAL(38, 2)"),
        Type::Float => ("number", "DOUBLE"),
        Type::Boolean => ("boolean", "BOOLEAN"),
        Type::Date => ("date", "DATE"),
        Type::Timestamp => ("date", "TIMESTAMP"),
    };
    let mut lines = Vec::new();
    let mut put = |key: &'static str, value: String| lines.push((key, value));
    put("logicalType", quoted(logical));
    put("physicalType", quoted(physical));
    if let Some(text) = &it.description {
        put("description", quoted(text));
    }
    if it.required {
        put("required", "true".to_owned());
    }
    if it.unique {
        put("unique", "true".to_owned());
    }
    if let Some(at) = contract.primary_key.iter().position(|key| *key == it.name) {
        put("primaryKey", "true".to_owned());
        put("primaryKeyPosition", (at + 1).to_string());
    }
    put("classification", quoted(it.classification.word()));
    if let Some(example) = &it.example {
        put("examples", format!("[{}]", value(example)));
    }
    let mut options = Vec::new();
    if let Some(pattern) = it.pattern.as_deref().and_then(portable) {
        options.push(format!("pattern: {}", quoted(&pattern)));
    }
    let mut custom = Vec::new();
    let mut add = |name: &str, value: String| custom.push(format!("{{property: \"{name}\", value: {value}}}"));
    for (key, option, bound) in [("min", "minimum", &it.min), ("max", "maximum", &it.max)] {
        match bound {
            Some(bound) if bounded(it.ty) => options.push(format!("{option}: {}", value(bound))),
            Some(bound) => add(key, value(bound).to_string()),
            None => (),
        }
    }
    if !options.is_empty() {
        put("logicalTypeOptions", format!("{{{}}}", options.join(", ")));
    }
    if let Some(pattern) = own_pattern(it) {
        add("pattern", quoted(pattern));
    }
    if let Some(unit) = &it.unit {
        add("unit", quoted(unit));
    }
    if !it.values.is_empty() {
        let all: Vec<String> = it.values.iter().map(|it| value(it).to_string()).collect();
        add("enum", format!("[{}]", all.join(", ")));
    }
    if let Some(other) = &it.references {
        add("references", quoted(other));
    }
    if it.is_personal() {
        add("masked", "true".to_owned());
    }
    if !custom.is_empty() {
        put("customProperties", format!("[{}]", custom.join(", ")));
    }
    let _ = writeln!(out, "      - name: {}", quoted(&it.name));
    for (key, value) in lines {
        let _ = writeln!(out, "        {key}: {value}");
    }
}

/// A text between double quotes, which YAML reads as JSON does.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
