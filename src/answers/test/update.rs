//! `--update`: writes what came out into the tests that expected something else. Comments, layout and the columns that
//! were stated stay.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use toml_edit::{Array, DocumentMut, InlineTable, Item, Table, Value};

use crate::fixture::difference::Row;
use crate::fixture::grid;
use crate::model::Type;
use crate::numbers::count;
use crate::plan::test_case::TestCase;
use crate::run::test_case::{Difference, Verdict};
use crate::workspace::edit::{as_written, write};
use crate::workspace::session::{Session, text_of};

/// What was written.
pub(crate) struct Written {
    /// For people.
    pub(crate) words: String,
    /// Whether every test that failed was written.
    pub(crate) all: bool,
}

/// Writes what came out.
pub(crate) fn update(session: &Session, trials: &[TestCase], verdicts: &[Verdict]) -> io::Result<Written> {
    let mut files: BTreeMap<&Path, Vec<(&TestCase, &Difference)>> = BTreeMap::new();
    for (trial, verdict) in trials.iter().zip(verdicts) {
        if let Verdict::Differs(differences) = verdict {
            files.entry(&trial.file).or_default().extend(differences.iter().map(|it| (trial, it)));
        }
    }
    let mut written = Written { words: String::new(), all: true };
    for (file, changes) in files {
        let before = text_of(&session.root, file).unwrap_or_default();
        let Ok(mut document) = before.parse::<DocumentMut>() else {
            written.all = false;
            continue;
        };
        let mut tables = 0;
        for (trial, difference) in changes {
            match put(&mut document, trial, difference) {
                true => tables += 1,
                false => written.all = false,
            }
        }
        write(&session.root, file, &as_written(&before, &document.to_string()))?;
        written.words.push_str(&format!("{} written to `{}`\n", count(tables, "table"), file.display()));
    }
    Ok(written)
}

fn put(document: &mut DocumentMut, trial: &TestCase, difference: &Difference) -> bool {
    let expected = &trial.expected[difference.expectation];
    let test = document.get_mut("test").and_then(Item::as_table_like_mut);
    let Some(test) = test.and_then(|it| it.get_mut(&trial.name)?.as_table_like_mut()) else { return false };
    let Some(item) = test.get_mut(expected.key) else { return false };
    let columns: Vec<&str> = expected.rows.columns.iter().map(String::as_str).collect();
    if let Item::ArrayOfTables(tables) = item {
        tables.clear();
        for row in &difference.got {
            let mut table = Table::new();
            for (name, value) in stated(&columns, &difference.types, row) {
                table.insert(name, Item::Value(value));
            }
            tables.push(table);
        }
        return true;
    }
    let Some(value) = item.as_value_mut() else { return false };
    let decor = value.decor().clone();
    *value = match value {
        Value::Array(_) => Value::Array(list(&columns, &difference.types, &difference.got)),
        _ => text(&grid::print(&columns, &difference.got)),
    };
    *value.decor_mut() = decor;
    true
}

/// A text of several lines: as it is where it can be, between quotes that need no escapes.
pub(crate) fn text(table: &str) -> Value {
    let quotes =
        ["\"\"\"", "'''"].into_iter().find(|it| !table.contains(it) && (*it == "'''" || !table.contains('\\')));
    let written = quotes.map(|it| format!("{it}\n{table}{it}"));
    let read = written.and_then(|it| it.parse::<Value>().ok()).filter(|it| it.as_str() == Some(table));
    read.unwrap_or_else(|| Value::from(table))
}

fn list(columns: &[&str], types: &[Type], rows: &[Row]) -> Array {
    let mut acc = Array::new();
    for row in rows {
        let table: InlineTable = stated(columns, types, row).collect();
        let mut value = Value::InlineTable(table);
        value.decor_mut().set_prefix("\n  ");
        acc.push_formatted(value);
    }
    if !rows.is_empty() {
        acc.set_trailing("\n");
        acc.set_trailing_comma(true);
    }
    acc
}

/// The cells of a row that have values, as TOML.
fn stated<'a>(columns: &'a [&str], types: &'a [Type], row: &'a Row) -> impl Iterator<Item = (&'a str, Value)> {
    columns.iter().zip(types).zip(row).filter_map(|((name, ty), cell)| {
        let text = cell.as_deref()?;
        let value = match ty {
            Type::Integer => text.parse::<i64>().ok().map(Value::from),
            Type::Boolean => text.parse::<bool>().ok().map(Value::from),
            Type::Float => text.parse::<f64>().ok().filter(|it| it.is_finite()).map(Value::from),
            _ => None,
        };
        Some((*name, value.unwrap_or_else(|| Value::from(text))))
    })
}
