//! A contract as a statement of SQL, and as a page for people.

use std::fmt::Write;

use super::json::value;
use crate::contracts::{Contract, Extra, Field, Order};
use crate::escape::markdown;
use crate::expr::Literal;
use crate::model::Type;
use crate::publish::Words;

/// `CREATE TABLE`, as DuckDB and PostgreSQL take it.
pub(super) fn sql(contract: &Contract) -> String {
    let mut out = format!("-- {} {}\n", comment(&contract.name), contract.version);
    if let Some(text) = &contract.description {
        let _ = writeln!(out, "-- {}", comment(text));
    }
    for (key, value) in [("title", &contract.title), ("owner", &contract.owner)] {
        if let Some(text) = value {
            let _ = writeln!(out, "-- {key}: {}", comment(text));
        }
    }
    let mut lines: Vec<(String, Option<String>)> = contract.fields.iter().map(|it| (column(it), about(it))).collect();
    if !contract.primary_key.is_empty() {
        let names: Vec<String> = contract.primary_key.iter().map(|it| name(it)).collect();
        lines.push((format!("PRIMARY KEY ({})", names.join(", ")), None));
    }
    let last = lines.len().saturating_sub(1);
    let _ = writeln!(out, "CREATE TABLE {} (", name(&contract.name));
    for (at, (line, about)) in lines.into_iter().enumerate() {
        let comma = if at == last { "" } else { "," };
        let about = about.map_or_else(String::new, |it| format!(" -- {}", comment(&it)));
        let _ = writeln!(out, "  {line}{comma}{about}");
    }
    out.push_str(");\n");
    out
}

fn column(it: &Field) -> String {
    let ty = match it.ty {
        Type::Text => "VARCHAR".to_owned(),
        Type::Integer => "BIGINT".to_owned(),
        Type::Decimal { scale } => format!("DECIMAL(38, {scale})"),
        Type::Float => "DOUBLE PRECISION".to_owned(),
        Type::Boolean => "BOOLEAN".to_owned(),
        Type::Date => "DATE".to_owned(),
        Type::Timestamp => "TIMESTAMP".to_owned(),
    };
    let own = name(&it.name);
    let mut out = format!("{own} {ty}");
    out.push_str(if it.required { " NOT NULL" } else { "" });
    out.push_str(if it.unique { " UNIQUE" } else { "" });
    let mut checks = Vec::new();
    if !it.values.is_empty() {
        let all: Vec<String> = it.values.iter().map(literal).collect();
        checks.push(format!("{own} IN ({})", all.join(", ")));
    }
    checks.extend(it.min.as_ref().map(|it| format!("{own} >= {}", literal(it))));
    checks.extend(it.max.as_ref().map(|it| format!("{own} <= {}", literal(it))));
    if !checks.is_empty() {
        let _ = write!(out, " CHECK ({})", checks.join(" AND "));
    }
    out
}

fn about(it: &Field) -> Option<String> {
    let class = it.classification.word();
    let parts: Vec<String> = [
        it.description.clone(),
        it.unit.as_ref().map(|it| format!("in {it}")),
        it.pattern.as_ref().map(|it| format!("matches {it}")),
        it.references.as_ref().map(|it| format!("a value of {it}")),
        it.example.as_ref().map(|it| format!("such as {}", shown(it))),
        (class != "public").then(|| class.to_owned()),
    ]
    .into_iter()
    .flatten()
    .collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn name(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

fn literal(it: &Literal) -> String {
    match it {
        Literal::Null => "NULL".to_owned(),
        Literal::Text(it) => format!("'{}'", it.replace('\'', "''")),
        Literal::Integer(it) => it.to_string(),
        Literal::Number(it) => it.clone(),
        Literal::Boolean(it) => it.to_string().to_uppercase(),
    }
}

/// Text on one line of a comment.
fn comment(text: &str) -> String {
    crate::escape::line(text)
}

/// A page of Markdown: what it is, and a line for each field.
pub(super) fn markdown_page(contract: &Contract) -> String {
    let mut out = format!("# {}\n\n", markdown(contract.title.as_ref().unwrap_or(&contract.name)));
    if let Some(text) = &contract.description {
        let _ = writeln!(out, "{}\n", markdown(text));
    }
    let _ = writeln!(
        out,
        "| what | is |\n| --- | --- |\n| contract | `{}` |\n| version | {} |",
        contract.name, contract.version
    );
    if let Some(owner) = &contract.owner {
        let _ = writeln!(out, "| owner | {} |", markdown(owner));
    }
    if !contract.primary_key.is_empty() {
        let names: Vec<String> = contract.primary_key.iter().map(|it| markdown(it)).collect();
        let _ = writeln!(out, "| primary key | {} |", names.join(", "));
    }
    for (what, is) in modes(contract) {
        let _ = writeln!(out, "| {what} | {is} |");
    }
    out.push_str("\n## Fields\n\n| field | type | required | values | classification | meaning | example |\n");
    out.push_str("| --- | --- | --- | --- | --- | --- | --- |\n");
    for it in &contract.fields {
        let example = it.example.as_ref().map_or_else(String::new, shown);
        let meaning =
            it.description.iter().map(|it| markdown(it)).chain(it.unit.iter().map(|it| format!("in {}", markdown(it))));
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} | {} |",
            markdown(&it.name),
            it.ty,
            if it.required { "yes" } else { "no" },
            promises(it).iter().map(|it| markdown(it)).collect::<Vec<_>>().join("; "),
            it.classification.word(),
            meaning.collect::<Vec<_>>().join(", "),
            markdown(&example)
        );
    }
    out
}

/// What is meant of other columns, their order and texts, where it is not as usual.
fn modes(contract: &Contract) -> Vec<(&'static str, &'static str)> {
    let extra = match contract.modes.extra {
        Extra::Allow => None,
        Extra::Warn => Some(("other columns", "allowed, with a warning")),
        Extra::Deny => Some(("other columns", "not allowed")),
    };
    let order = (contract.modes.order == Order::Exact).then_some(("order of the columns", "as below"));
    let coerce = contract.modes.coerce.then_some(("texts", "allowed in place of values of another type"));
    extra.into_iter().chain(order).chain(coerce).collect()
}

/// What is promised of the values of a field, in words of English.
pub(crate) fn promises(it: &Field) -> Vec<String> {
    promises_in(it, &Words::none())
}

/// The same in the words of a workbook.
pub(crate) fn promises_in(it: &Field, words: &Words) -> Vec<String> {
    let word = |key: &str, values: &[&str]| words.with(key, values);
    let mut acc = Vec::new();
    if it.unique {
        acc.push(word("unique", &[]));
    }
    if !it.values.is_empty() {
        acc.push(word("one_of", &[&it.values.iter().map(shown).collect::<Vec<_>>().join(", ")]));
    }
    acc.extend(it.pattern.as_ref().map(|it| word("matches", &[it])));
    match (&it.min, &it.max) {
        (Some(min), Some(max)) => acc.push(word("range", &[&shown(min), &shown(max)])),
        (Some(min), None) => acc.push(word("at_least", &[&shown(min)])),
        (None, Some(max)) => acc.push(word("at_most", &[&shown(max)])),
        (None, None) => (),
    }
    acc.extend(it.references.as_ref().map(|it| word("value_of", &[it])));
    acc
}

fn shown(it: &Literal) -> String {
    match it {
        Literal::Text(it) => it.clone(),
        other => value(other).to_string(),
    }
}
