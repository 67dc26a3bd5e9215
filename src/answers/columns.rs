//! What the columns of a table hold.
//!
//! Values of personal columns never come here unless they were asked for: the engine gives none.

use serde::Serialize;
use serde_json::Value;

use crate::answers::cell::typed;
use crate::model::{Class, Column, Type};
use crate::store::backend::ColumnProfile;

/// A column with what it holds.
pub(crate) struct Held<'a> {
    /// The full name of its table.
    pub(crate) table: &'a str,
    pub(crate) column: &'a Column,
    pub(crate) profile: &'a ColumnProfile,
    /// Rows of the table.
    pub(crate) rows: u64,
}

/// The same as it is told; of texts it is how long they are that is known, of all else how great.
#[derive(Serialize)]
#[serde(tag = "event", rename = "column")]
struct Event<'a> {
    table: &'a str,
    name: &'a str,
    #[serde(rename = "type")]
    ty: &'static str,
    class: Class,
    rows: u64,
    nulls: u64,
    distinct: u64,
    top: Vec<Frequent>,
    distribution: &'a [u64],
    #[serde(flatten)]
    ends: Ends<'a>,
}

#[derive(Serialize)]
struct Frequent {
    value: Value,
    rows: u64,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Ends<'a> {
    Text {
        patterns: Vec<Pattern<'a>>,
        lengths: Option<Lengths>,
        #[serde(skip_serializing_if = "Option::is_none")]
        shortest: Option<Value>,
        #[serde(skip_serializing_if = "Option::is_none")]
        longest: Option<Value>,
    },
    Other {
        #[serde(skip_serializing_if = "Option::is_none")]
        min: Option<Value>,
        #[serde(skip_serializing_if = "Option::is_none")]
        max: Option<Value>,
    },
}

#[derive(Serialize)]
struct Pattern<'a> {
    pattern: &'a str,
    rows: u64,
}

#[derive(Serialize)]
struct Lengths {
    min: u64,
    max: u64,
}

impl Serialize for Held<'_> {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let (column, it) = (self.column, self.profile);
        let cell = |text: &str| typed(Some(text), column.ty);
        let (least, most) = it.ends.as_ref().map(|(a, b)| (cell(a), cell(b))).unzip();
        let ends = if column.ty == Type::Text {
            let patterns = it.patterns.iter().map(|(pattern, rows)| Pattern { pattern, rows: *rows });
            let lengths = it.lengths.map(|(min, max)| Lengths { min, max });
            Ends::Text { patterns: patterns.collect(), lengths, shortest: least, longest: most }
        } else {
            Ends::Other { min: least, max: most }
        };
        let event = Event {
            table: self.table,
            name: &column.name,
            ty: column.ty.name(),
            class: column.class,
            rows: self.rows,
            nulls: it.nulls,
            distinct: it.distinct,
            top: it.top.iter().map(|(value, rows)| Frequent { value: cell(value), rows: *rows }).collect(),
            distribution: &it.spread,
            ends,
        };
        event.serialize(to)
    }
}

/// The columns that words name, by name or glob, in the order of the table; or the word that names none.
pub(crate) fn chosen<'a>(columns: &[&'a Column], words: &[String]) -> Result<Vec<&'a Column>, String> {
    let named = |word: &str, name: &str| {
        word == name || globset::Glob::new(word).is_ok_and(|it| it.compile_matcher().is_match(name))
    };
    for word in words {
        if !columns.iter().any(|it| named(word, &it.name)) {
            return Err(word.clone());
        }
    }
    Ok(columns.iter().copied().filter(|it| words.iter().any(|word| named(word, &it.name))).collect())
}
