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
    // A query names no columns; whether it can be asked depends on them.
    let queries = acc.iter_mut().filter(|it| it.kind.name == "sql");
    let asked = keys(contract).into_iter().filter(|it| alike(contract, it, table, modes).is_some());
    for (it, names) in queries.zip(asked) {
        it.columns = names.to_vec();
        let promised = it.meaning.take().unwrap_or_default();
        it.meaning = Some(format!("{promised}, and several texts stand for one value, as `2` and `2.0` do"));
    }
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
    for names in keys(contract) {
        let columns: Vec<String> = names.iter().map(|it| quoted(it)).collect();
        add(&[("columns", format!("[{}]", columns.join(", "))), ("unique", "true".to_owned())]);
        if let Some(query) = alike(contract, names, table, modes) {
            add(&[("sql", quoted(&query))]);
        }
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

/// The fields whose values are unique together: those of the primary key, and others by themselves.
fn keys(contract: &Contract) -> Vec<&[String]> {
    let own = Some(contract.primary_key.as_slice()).filter(|it| !it.is_empty());
    let others = contract.fields.iter().filter(|it| it.unique && contract.primary_key != [it.name.clone()]);
    own.into_iter().chain(others.map(|it| std::slice::from_ref(&it.name))).collect()
}

/// The query for values of these fields that several texts stand for, such as `2` and `2.0`: as texts they are unique.
/// None where no value is read from a text.
fn alike(contract: &Contract, names: &[String], table: &str, modes: Modes) -> Option<String> {
    let ty = |name: &String| contract.fields.iter().find(|it| it.name == *name).map_or(Type::Text, |it| it.ty);
    if !modes.coerce || names.iter().all(|it| ty(it) == Type::Text) {
        return None;
    }
    let identifier = |it: &str| format!("\"{}\"", it.replace('"', "\"\""));
    let value = |name: &String| match ty(name) {
        Type::Text => identifier(name),
        Type::Integer => format!("try_cast({} as bigint)", identifier(name)),
        Type::Decimal { scale } => format!("try_cast({} as decimal(38, {scale}))", identifier(name)),
        Type::Float => format!("try_cast({} as double)", identifier(name)),
        other => format!("try_cast({} as {})", identifier(name), other.name()),
    };
    let values: Vec<String> = names.iter().map(value).collect();
    let texts: Vec<String> = names.iter().map(|it| format!("cast({} as varchar)", identifier(it))).collect();
    let known = values.iter().map(|it| format!("{it} is not null")).collect::<Vec<_>>().join(" and ");
    let (values, texts) = (values.join(", "), texts.join(", "));
    let table = table.split('.').map(identifier).collect::<Vec<_>>().join(".");
    Some(format!("select {values} from {table} where {known} group by {values} having count(distinct ({texts})) > 1"))
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
