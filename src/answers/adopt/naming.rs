//! Which steps say the old name of a renamed column and are not for `adopt` to write: all that a delivery's columns
//! reach under the names that it gave them. What a `map` step makes of them has names of its own.

use toml_edit::{DocumentMut, Item, Table, Value};

use crate::db::Db;
use crate::drift::Change;
use crate::escape::line;
use crate::query::{self, Drifted};
use crate::workspace::session::Session;

/// One line for each key of such a step that says the old name.
pub(crate) fn told(session: &Session, drifted: &Drifted, source: (&str, &str)) -> Vec<String> {
    let file = session.db.file(&drifted.file);
    let Some(pipeline) = query::declared(&session.db, file, session.settings) else { return Vec::new() };
    let document = session.text(&drifted.file).and_then(|it| it.parse::<DocumentMut>().ok()).unwrap_or_default();
    let mut reached = vec![source.1.to_owned(), format!("{}.{}", source.0, source.1)];
    let mut acc = Vec::new();
    // A step may stand before what it reads.
    for _ in 0..pipeline.steps.len() {
        let before = reached.len();
        for (name, step) in pipeline.steps.iter().filter(|(_, it)| it.kind.name != "map") {
            if !reached.contains(name) && step.decoded.inputs.iter().any(|(it, _)| reached.contains(it)) {
                reached.extend([name.clone(), format!("{}.{name}", pipeline.name)]);
            }
        }
        if reached.len() == before {
            break;
        }
    }
    for (name, _) in pipeline.steps.iter().filter(|(name, _)| reached.contains(name)) {
        let step = document.get("step").and_then(|it| it.get(name)).and_then(Item::as_table_like);
        for change in &drifted.changes {
            let (Change::Renamed(it), Some(step)) = (change, step) else { continue };
            for (key, _) in step.iter().filter(|(key, item)| *key != "from" && says(item, &it.from)) {
                let (from, to) = (line(&it.from), line(&it.to));
                acc.push(format!("`{key}` of `[step.{name}]` says `{from}`, which only you can change: say `{to}`"));
            }
        }
    }
    acc
}

/// Whether a key or a text beneath says the name.
fn says(item: &Item, name: &str) -> bool {
    match item {
        Item::None => false,
        Item::Value(value) => value_says(value, name),
        Item::Table(table) => table_says(table, name),
        Item::ArrayOfTables(tables) => tables.iter().any(|it| table_says(it, name)),
    }
}

fn table_says(table: &Table, name: &str) -> bool {
    table.iter().any(|(key, item)| key == name || says(item, name))
}

fn value_says(value: &Value, name: &str) -> bool {
    match value {
        Value::String(it) => is_said(it.value(), name),
        Value::Array(items) => items.iter().any(|it| value_says(it, name)),
        Value::InlineTable(table) => table.iter().any(|(key, it)| key == name || value_says(it, name)),
        _ => false,
    }
}

/// Whether a text is the name, or has it as a word of its own, as expressions and queries do.
fn is_said(text: &str, name: &str) -> bool {
    let part = |it: char| it.is_alphanumeric() || it == '_';
    text.match_indices(name).any(|(at, _)| {
        let (before, behind) = (&text[..at], &text[at + name.len()..]);
        !name.is_empty() && !before.ends_with(part) && !behind.starts_with(part)
    })
}

#[cfg(test)]
mod tests {
    use super::is_said;

    #[test]
    fn a_name_is_said_as_a_word() {
        let check = |text: &str, name: &str, expected: bool| assert_eq!(is_said(text, name), expected, "{text}");
        check("Phone", "Phone", true);
        check("coalesce(Phone, x)", "Phone", true);
        check("\"Phone 1\" is null", "Phone 1", true);
        check("select Phone from rows", "Phone", true);
        check("Phones", "Phone", false);
        check("my_Phone", "Phone", false);
        check("Ünphone", "phone", false);
        check("x", "", false);
    }
}
