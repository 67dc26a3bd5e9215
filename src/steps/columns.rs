//! What step kinds share: inputs from TOML, looking columns up, turning mistakes into findings.

use crate::expr::Expr;
use crate::fields::keys::{Key, Takes};
use crate::fields::{Fields, WRONG_VALUE};
use crate::finding::{Finding, Input, mistaken, unknown_column};
use crate::model::Schema;
use crate::problem::{did_you_mean, nearest};

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
    findings.push(unknown_column(input.name, input.schema, column, key));
    false
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
        return Some(format!("put names in double quotes and texts in single quotes: `'{name}'`"));
    }
    names.sort_unstable();
    names.dedup();
    let typed = name.to_lowercase();
    let mut within = names.iter().filter(|it| typed.chars().count() > 3 && it.to_lowercase().contains(&typed));
    if let (Some(only), None) = (within.next(), within.next()) {
        return Some(format!("did you mean `{}`?", only.escape_debug()));
    }
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
