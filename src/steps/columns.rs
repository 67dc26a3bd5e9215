//! What step kinds share: inputs from TOML, looking columns up, turning mistakes into findings.

use crate::expr::{Expr, Mistake};
use crate::fields::keys::{Key, Takes};
use crate::fields::{Fields, WRONG_VALUE};
use crate::model::{Schema, Type};
use crate::problem::{did_you_mean, nearest};
use crate::steps::{Finding, Input, TYPE_MISMATCH, UNKNOWN_COLUMN};

/// The table that most kinds read.
pub(super) const FROM: Key = Key::required("from", Takes::Text, "the table it reads");
/// The tables that some kinds read, one after the other.
pub(super) const ALL_FROM: Key = Key::required("from", Takes::Texts(1), "the tables it reads, in order");

/// The one input under `key`.
pub(super) fn one_input(fields: &mut Fields, key: &str) -> Option<Vec<(String, String)>> {
    let name = fields.required_text(key)?;
    Some(vec![(name, key.to_owned())])
}

/// The inputs under `key`, at least one.
pub(super) fn many_inputs(fields: &mut Fields, key: &str) -> Option<Vec<(String, String)>> {
    if !fields.required(key) {
        return None;
    }
    let none = fields.is_empty_list(key);
    let names = fields.words(key);
    if none {
        let help = Some("name at least one table".to_owned());
        fields.problem(&WRONG_VALUE, key, format!("`{key}` names no table"), "this list", help);
    }
    (!names.is_empty()).then(|| names.into_iter().map(|it| (it, key.to_owned())).collect())
}

/// Whether the input has the column; if not, says so.
pub(super) fn known(input: &Input<'_>, column: &str, key: &str, findings: &mut Vec<Finding>) -> bool {
    if input.schema.has(column) {
        return true;
    }
    findings.push(unknown(input.name, input.schema, column, key));
    false
}

/// The finding for a column that a table does not have.
pub(crate) fn unknown(table: &str, schema: &Schema, column: &str, key: &str) -> Finding {
    let ordered = || match column.rsplit_once(' ') {
        Some((name, way)) if schema.has(name) && way.eq_ignore_ascii_case("desc") => {
            Some(format!("for greatest first write `-{}`", name.escape_debug()))
        }
        Some((name, way)) if schema.has(name) && way.eq_ignore_ascii_case("asc") => {
            Some(format!("write `{}`", name.escape_debug()))
        }
        _ => None,
    };
    let help = ordered().or_else(|| did_you_mean(column, schema.names())).unwrap_or_else(|| {
        let names: Vec<_> = schema.visible().map(|it| format!("`{}`", it.name.escape_debug())).collect();
        if names.is_empty() { "it has no columns".to_owned() } else { format!("it has {}", names.join(", ")) }
    });
    let message = format!("`{table}` has no column `{}`", column.escape_debug());
    Finding::new(&UNKNOWN_COLUMN, key, message).label("named here").help(help)
}

/// How many columns are named where none is near.
const MOST: usize = 12;

/// What may be meant by a column that a query names, and that none of its tables has.
pub(crate) fn meant_column<'a>(name: &str, query: &str, columns: impl Iterator<Item = &'a str>) -> Option<String> {
    let mut names: Vec<&str> = columns.filter(|it| !crate::model::is_hidden(it)).collect();
    if let Some(help) = did_you_mean(name, names.iter().copied()) {
        return Some(help);
    }
    if query.contains(&format!("\"{name}\"")) {
        return Some(format!("names stand in double quotes; a text stands in single ones: `'{name}'`"));
    }
    names.sort_unstable();
    names.dedup();
    let more = if names.len() > MOST { ", …" } else { "" };
    let names: Vec<_> = names.into_iter().take(MOST).map(|it| format!("`{}`", it.escape_debug())).collect();
    (!names.is_empty()).then(|| format!("there are {}{more}", names.join(", ")))
}

/// Whether an expression has a type over the input; if not, says why.
pub(super) fn typed(input: &Input<'_>, expr: &Expr, key: &str, findings: &mut Vec<Finding>) -> bool {
    match expr.ty(input.schema) {
        Ok(_) => true,
        Err(mistake) => {
            findings.push(mistaken(input.name, input.schema, mistake, key));
            false
        }
    }
}

/// The finding for a mistake in an expression.
pub(crate) fn mistaken(table: &str, schema: &Schema, mistake: Mistake, key: &str) -> Finding {
    match mistake {
        Mistake::NoColumn(column) => {
            let finding = unknown(table, schema, &column, key);
            match did_you_mean(&column, schema.names()) {
                Some(_) => finding,
                None => {
                    let help = finding.help.clone().unwrap_or_default();
                    finding.help(format!("{help}; a text stands in single quotes: `'…'`"))
                }
            }
        }
        Mistake::NoFunction(name) => Finding::new(&TYPE_MISMATCH, key, format!("there is no function `{name}`")),
        Mistake::Arguments { function, takes, got } => {
            Finding::new(&TYPE_MISMATCH, key, format!("`{function}` takes {takes} arguments, not {got}"))
        }
        Mistake::WrongType { function, takes, got } => {
            let help = match (function.as_str(), got) {
                ("+" | "-", Type::Date | Type::Timestamp) => {
                    "`days_between(a, b)` counts days, and `add_days(day, n)` gives another one".to_owned()
                }
                ("+", Type::Text) => {
                    "texts are put together by `||`; `cast(… as decimal)` makes a number of one".to_owned()
                }
                _ => format!("cast it: `cast(… as …)` turns {got} into another type"),
            };
            Finding::new(&TYPE_MISMATCH, key, format!("`{function}` takes {takes}, not {got}")).help(help)
        }
        Mistake::Branches(a, b) => {
            let message = format!("{a} and {b} do not go together");
            Finding::new(&TYPE_MISMATCH, key, message).help("cast one of the two to the other's type".to_owned())
        }
    }
}

/// The input column that `name` means: exactly, or but for case, spaces and punctuation when that is unique.
pub(super) fn resolve<'a>(schema: &'a Schema, name: &str) -> Option<&'a str> {
    if let Some(column) = schema.get(name) {
        return Some(&column.name);
    }
    let folded = crate::profile::fold(name);
    let mut found = schema.visible().filter(|it| !folded.is_empty() && crate::profile::fold(&it.name) == folded);
    match (found.next(), found.next()) {
        (Some(it), None) => Some(&it.name),
        _ => None,
    }
}

/// Every name of `words` must be a column; `-name` is allowed when `signed`.
pub(super) fn all_known(input: &Input<'_>, words: &[String], key: &str, findings: &mut Vec<Finding>) -> bool {
    let before = findings.len();
    words.iter().for_each(|it| {
        known(input, it, key, findings);
    });
    findings.len() == before
}

/// The nearest known word, as help.
#[must_use]
pub(super) fn suggest<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    nearest(typed, known).map(|it| format!("did you mean `{it}`?"))
}
