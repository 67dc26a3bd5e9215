//! What was written otherwise since a step was last made: the lines of pipelines and profiles, key by key.
//!
//! Texts are compared as TOML, so comments and layout are no changes, and a list tells which words came and went.

use std::collections::BTreeMap;

use serde::Serialize;
use toml_edit::{Document, Item, TableLike, Value};

use crate::plan::{Plan, TableId, slashed};
use crate::span::line_and_column;
use crate::store::config_snapshot::ConfigSnapshot;

/// The longest value that is told, in characters.
const VALUE: usize = 60;

/// One key that says something else.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Change {
    /// `profiles/own.toml`.
    pub file: String,
    /// The line where it stands now; nothing when it is gone.
    pub line: Option<usize>,
    /// The path of keys.
    pub key: String,
    /// What changed: `+ "school"`, `"a" -> "b"`, `gone`.
    #[serde(rename = "change")]
    pub what: String,
}

impl Change {
    /// `profiles/own.toml:3  field.name.synonyms: + "school"`.
    pub fn words(&self) -> String {
        let line = self.line.map_or_else(String::new, |it| format!(":{it}"));
        format!("{}{line}  {}: {}", self.file, self.key, self.what)
    }
}

/// The changes that may be why a table has another recipe: in its own declaration, in fields of its columns, and in
/// what all steps of its pipeline share.
pub fn changes(before: &ConfigSnapshot, now: &ConfigSnapshot, plan: &Plan, table: TableId) -> Vec<Change> {
    let it = &plan.tables[table];
    let own = plan.pipelines.get(&it.name.pipeline).map(|it| slashed(it)).unwrap_or_default();
    let pipelines: Vec<String> = plan.pipelines.values().map(|it| slashed(it)).collect();
    let nothing = String::new();
    let files = before.keys().chain(now.keys()).collect::<std::collections::BTreeSet<_>>();
    let mut acc = Vec::new();
    for file in files {
        if *file != own && pipelines.contains(file) {
            continue;
        }
        let (was, is) = (before.get(file).unwrap_or(&nothing), now.get(file).unwrap_or(&nothing));
        if was == is {
            continue;
        }
        let (was, is) = (leaves(was), leaves(is));
        let keys: std::collections::BTreeSet<_> = was.keys().chain(is.keys()).collect();
        for path in keys {
            let (was, is) = (was.get(path), is.get(path));
            if was.map(|it| &it.words) == is.map(|it| &it.words) || !matters(it, path) {
                continue;
            }
            let what = what(was, is);
            acc.push(Change { file: file.clone(), line: is.map(|it| it.line), key: path.join("."), what });
        }
    }
    acc
}

/// Whether a key can be part of the recipe of a table.
fn matters(table: &crate::plan::Table, path: &[String]) -> bool {
    let name = |at: usize| path.get(at).map(String::as_str);
    match name(0) {
        Some(section @ ("source" | "step")) => {
            let own = if table.kind == "source" { "source" } else { "step" };
            section == own && name(1) == Some(&table.name.name)
        }
        Some("expect" | "export" | "workspace") => false,
        Some("field") => name(1).is_some_and(|it| table.schema.has(it)),
        Some("pipeline") => name(1) == Some("profile"),
        _ => true,
    }
}

/// What a key says.
struct Leaf {
    /// One value, or the values of a list.
    words: Vec<String>,
    list: bool,
    line: usize,
}

/// What a text says, by paths of keys; nothing for what is no TOML.
fn leaves(text: &str) -> BTreeMap<Vec<String>, Leaf> {
    let mut acc = BTreeMap::new();
    if let Ok(document) = Document::parse(text) {
        table(document.as_table(), &mut Vec::new(), text, &mut acc);
    }
    acc
}

fn table(table: &dyn TableLike, path: &mut Vec<String>, text: &str, acc: &mut BTreeMap<Vec<String>, Leaf>) {
    for (key, item) in table.iter() {
        path.push(key.to_owned());
        let span = table.key(key).and_then(|it| it.span()).or_else(|| item.span());
        let line = span.map_or(1, |it| line_and_column(text, it.start).0);
        match item {
            Item::ArrayOfTables(tables) => {
                for (at, it) in tables.iter().enumerate() {
                    path.push((at + 1).to_string());
                    self::table(it, path, text, acc);
                    path.pop();
                }
            }
            Item::Value(Value::Array(list)) => {
                let words = list.iter().map(word).collect();
                acc.insert(path.clone(), Leaf { words, list: true, line });
            }
            item => match item.as_table_like() {
                Some(it) => self::table(it, path, text, acc),
                None => {
                    let words = item.as_value().map(word).into_iter().collect();
                    acc.insert(path.clone(), Leaf { words, list: false, line });
                }
            },
        }
        path.pop();
    }
}

/// A value without what stands around it.
fn word(value: &Value) -> String {
    let mut value = value.clone();
    value.decor_mut().clear();
    value.to_string().trim().to_owned()
}

fn what(was: Option<&Leaf>, is: Option<&Leaf>) -> String {
    let short = |text: &str| crate::escape::cell(text, VALUE);
    let all = |leaf: &Leaf| match leaf.list {
        true => short(&format!("[{}]", leaf.words.join(", "))),
        false => short(&leaf.words.join(" ")),
    };
    match (was, is) {
        (Some(was), Some(is)) if was.list && is.list => {
            let gone = was.words.iter().filter(|it| !is.words.contains(it)).map(|it| format!("- {}", short(it)));
            let new = is.words.iter().filter(|it| !was.words.contains(it)).map(|it| format!("+ {}", short(it)));
            let parts: Vec<String> = gone.chain(new).collect();
            if parts.is_empty() { "in another order".to_owned() } else { parts.join(", ") }
        }
        (Some(was), Some(is)) => format!("{} -> {}", all(was), all(is)),
        (None, Some(is)) => format!("+ {}", all(is)),
        (Some(was), None) => format!("gone, was {}", all(was)),
        (None, None) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_compared_and_not_layout() {
        let check = |was: &str, is: &str, expected: &[&str]| {
            let (was, is) = (leaves(was), leaves(is));
            let keys: std::collections::BTreeSet<_> = was.keys().chain(is.keys()).collect();
            let differs = |it: &&&Vec<String>| was.get(**it).map(|it| &it.words) != is.get(**it).map(|it| &it.words);
            let told: Vec<String> = keys
                .iter()
                .filter(differs)
                .map(|it| format!("{}: {}", it.join("."), what(was.get(*it), is.get(*it))))
                .collect();
            assert_eq!(told, expected);
        };
        check("[a]\nb = 1 # one\n", "# x\na = { b = 1 }\n", &[]);
        check("[a]\nb = ['x', 'y']\n", "[a]\nb = ['y', 'z']\n", &["a.b: - \"x\", + \"z\""]);
        check("b = ['x', 'y']\n", "b = ['y', 'x']\n", &["b: in another order"]);
        check("a.b = 1\nc = 2", "a.b = 2\nd = ''", &["a.b: 1 -> 2", "c: gone, was 2", "d: + \"\""]);
        check("[[a]]\nb = 1\n[[a]]\nb = 2\n", "[[a]]\nb = 1\n[[a]]\nb = 3\n", &["a.2.b: 2 -> 3"]);
        check("no toml", "a = 1", &["a: + 1"]);
    }
}
