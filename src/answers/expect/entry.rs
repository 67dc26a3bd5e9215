//! One imported check on its way to TOML, and what was given for it elsewhere.

use serde_json::{Map, Value as Json};
use toml::{Table, Value};

use crate::expectations::{EXPECTS_NOTHING, NO_COLUMN};
use crate::problem::Code;

/// Why a check that is about columns and names none is none.
pub const UNNAMED: &str = "it names no column";
/// Why a check that is about a range and has no ends is none.
pub const UNBOUNDED: &str = "it has no bounds, and would hold always";
/// Why a check of which no row has to be so is none.
pub const NEVER: &str = "`mostly` is 0, so nothing is expected";

/// Something that did not become a check.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Dropped {
    /// What it is: `expectations.3.kwargs.parse_strings_as_datetimes`.
    pub key: String,
    /// Why, and where such a thing is said.
    pub why: String,
    /// Where it stands: keys, and numbers of items from 0.
    pub path: Vec<String>,
}

impl Dropped {
    /// The code and the remedy of what would be wrong in every tool, and does not merely lack a counterpart here.
    pub fn fault(&self) -> Option<(&'static Code, &'static str)> {
        match self.why.as_str() {
            UNNAMED => Some((&NO_COLUMN, "name its column there, or remove the check")),
            UNBOUNDED | NEVER => Some((&EXPECTS_NOTHING, "say there what it expects, or remove the check")),
            _ => None,
        }
    }
}

/// Checks, and what was dropped.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Imported {
    /// Tables, each with the keys of one check.
    pub entries: Vec<(String, Table)>,
    /// What was dropped.
    pub dropped: Vec<Dropped>,
    /// Where that stands which is read now.
    path: Vec<String>,
}

impl Imported {
    /// What is read from here on stands there.
    pub fn at(&mut self, path: &[&str]) {
        self.path = path.iter().map(|it| (*it).to_owned()).collect();
    }

    /// Drops something.
    pub fn drop(&mut self, key: impl Into<String>, why: impl Into<String>) {
        self.dropped.push(Dropped { key: key.into(), why: why.into(), path: self.path.clone() });
    }

    /// Drops what is left of a check that was taken, and tells of sets whose numbers are texts now.
    pub(crate) fn left(&mut self, title: &str, given: Given) {
        for part in &given.mixed {
            self.drop(format!("{title} {part}"), "it mixes types: what is not a text is written as one");
        }
        for part in given.left() {
            self.drop(format!("{title} {part}"), "no check reads it");
        }
    }

    /// The checks as a part of a pipeline.
    pub fn toml(&self) -> String {
        let mut out = String::new();
        for (at, (table, keys)) in self.entries.iter().enumerate() {
            let gap = if at > 0 { "\n" } else { "" };
            out.push_str(&format!("{gap}[[expect.{}]]\n", toml_edit::Key::new(table)));
            for (key, value) in keys {
                out.push_str(&format!("{} = {}\n", toml_edit::Key::new(key), written(key, value)));
            }
        }
        out
    }
}

/// A value on one line; patterns as literal strings, which need no second backslash.
fn written(key: &str, value: &Value) -> String {
    let literal = |it: &str| format!("'{it}'");
    let is_literal = |it: &str| it.contains('\\') && !it.contains(['\'', '\n', '\r']);
    match value {
        Value::String(it) if key.contains("matches") && is_literal(it) => literal(it),
        Value::Array(items) if key.contains("matches") => {
            format!("[{}]", items.iter().map(|it| written(key, it)).collect::<Vec<_>>().join(", "))
        }
        _ => value.to_string(),
    }
}

/// A value of JSON as one of TOML; what it has no value for is none.
pub(crate) fn plain(json: &Json) -> Option<Value> {
    Some(match json {
        Json::String(it) => Value::from(it.as_str()),
        Json::Bool(it) => Value::from(*it),
        Json::Number(it) => match it.as_i64() {
            Some(it) => Value::from(it),
            None => Value::from(it.as_f64().filter(|it| it.is_finite())?),
        },
        Json::Array(items) => Value::Array(items.iter().map(plain).collect::<Option<_>>()?),
        Json::Null | Json::Object(_) => return None,
    })
}

/// What was given for a check elsewhere: each part is taken once, and what is left is dropped.
pub(crate) struct Given {
    parts: Map<String, Json>,
    /// Names of lists in which texts stand beside other values.
    mixed: Vec<String>,
}

impl Given {
    pub(crate) fn new(parts: &Map<String, Json>) -> Given {
        let is_mixed = |it: &Json| {
            let items: Vec<&Json> = it.as_array().into_iter().flatten().filter(|it| !it.is_null()).collect();
            let texts = items.iter().filter(|it| it.is_string()).count();
            texts > 0 && texts < items.len() && !items.iter().any(|it| it.is_array() || it.is_object())
        };
        let mixed = parts.iter().filter(|(_, it)| is_mixed(it)).map(|(key, _)| key.clone()).collect();
        Given { parts: parts.clone(), mixed }
    }

    /// Takes a part; null is none.
    pub(crate) fn take(&mut self, key: &str) -> Option<Json> {
        self.parts.remove(key).filter(|it| !it.is_null())
    }

    pub(crate) fn text(&mut self, key: &str) -> Option<String> {
        self.take(key).and_then(|it| it.as_str().map(str::to_owned))
    }

    pub(crate) fn flag(&mut self, key: &str) -> bool {
        self.take(key).and_then(|it| it.as_bool()).unwrap_or(false)
    }

    /// Whether there is such a part.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.parts.get(key).is_some_and(|it| !it.is_null())
    }

    /// Names of what is left.
    pub(crate) fn left(self) -> Vec<String> {
        self.parts.into_iter().filter(|(_, it)| !it.is_null()).map(|(key, _)| key).collect()
    }

    /// Bounds by their names there: least, greatest, and whether they are left out themselves.
    pub(crate) fn bounds(&mut self) -> Result<Value, String> {
        let mut table = Table::new();
        for (value, strict, with, without) in
            [("min_value", "strict_min", "min", "above"), ("max_value", "strict_max", "max", "below")]
        {
            let strictly = self.flag(strict);
            let Some(bound) = self.take(value) else { continue };
            let bound = plain(&bound).ok_or_else(|| format!("`{value}` is not a plain value"))?;
            table.insert(if strictly { without } else { with }.to_owned(), bound);
        }
        match table.is_empty() {
            true => Err(UNBOUNDED.to_owned()),
            false => Ok(Value::Table(table)),
        }
    }
}

/// A list of plain values that are all of one type: numbers among texts are written as texts.
pub(crate) fn list(json: &Json) -> Result<Value, String> {
    let Json::Array(items) = json else { return Err("the values are no list".to_owned()) };
    let items: Vec<&Json> = items.iter().filter(|it| !it.is_null()).collect();
    if items.is_empty() {
        return Err("the list of values is empty".to_owned());
    }
    if items.iter().any(|it| it.is_array()) {
        return Err("a value is a list, which no cell is".to_owned());
    }
    let values: Option<Vec<Value>> = items.iter().map(|it| plain(it)).collect();
    let mut values = values.ok_or("a value is not a plain value")?;
    if values.iter().any(Value::is_str) && !values.iter().all(Value::is_str) {
        let text = |it: Value| match it {
            Value::String(it) => it,
            other => other.to_string(),
        };
        let mut texts: Vec<String> = Vec::new();
        for it in values.into_iter().map(text) {
            if !texts.contains(&it) {
                texts.push(it);
            }
        }
        values = texts.into_iter().map(Value::from).collect();
    }
    Ok(Value::Array(values))
}
