//! How often values and words were seen when a model was learnt, so that what two rows weigh does not move with the
//! next row.
//!
//! A value or word of fewer than [`KEPT`] rows is not here: how often it occurs is counted in the rows at hand, up to
//! that many. Of others a salted mark is kept, and no text.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::kinds;
use crate::digest::Hasher;

/// A value or word that fewer rows have is not kept.
pub(super) const KEPT: u32 = 5;

/// What stands for a value or a word.
pub type Mark = u64;

/// How often values and words were seen.
#[derive(Clone, Default, PartialEq, Debug, Serialize, Deserialize)]
pub struct Seen {
    /// Makes the marks of one model others than those of another.
    pub salt: String,
    /// One a comparison, in their order.
    pub columns: Vec<SeenColumn>,
}

/// How often values and words of one column were seen.
#[derive(Clone, Default, PartialEq, Debug, Serialize, Deserialize)]
pub struct SeenColumn {
    /// Rows with a value.
    pub rows: u32,
    /// For values that more rows have than rare ones the bin, from 0.
    pub values: BTreeMap<Mark, u8>,
    /// For words the number of rows.
    pub words: BTreeMap<Mark, u32>,
}

impl SeenColumn {
    /// The bin of values of so few rows that they are not kept, when this many have it now.
    pub(super) fn rare(&self, count: u32) -> u8 {
        kinds::bin(f64::from(count.min(KEPT - 1)) / f64::from(self.rows.max(1))) as u8
    }
}

/// How often values of one column were seen, and what marks them.
#[derive(Clone, Copy)]
pub(super) struct SeenIn<'a> {
    salt: &'a str,
    name: &'a str,
    column: &'a SeenColumn,
}

impl Seen {
    /// Of a comparison.
    pub(super) fn of<'a>(&'a self, at: usize, name: &'a str) -> Option<SeenIn<'a>> {
        Some(SeenIn { salt: &self.salt, name, column: self.columns.get(at)? })
    }
}

impl SeenIn<'_> {
    /// Rows with a value.
    pub fn rows(&self) -> u32 {
        self.column.rows
    }

    /// The bin of a value that this many rows have now.
    pub fn bin(&self, value: &str, count: u32) -> u8 {
        let kept = &self.column.values;
        let found = if kept.is_empty() { None } else { kept.get(&mark(self.salt, self.name, "value", value)) };
        found.copied().unwrap_or_else(|| self.column.rare(count))
    }

    /// How many rows have a word that this many have now.
    pub fn word(&self, word: &str, count: u32) -> u32 {
        let kept = &self.column.words;
        let found = if kept.is_empty() { None } else { kept.get(&mark(self.salt, self.name, "word", word)) };
        found.copied().unwrap_or_else(|| count.min(KEPT - 1)).min(self.column.rows.max(1))
    }
}

/// What stands for a value or word of a column in a model.
pub(super) fn mark(salt: &str, name: &str, what: &str, text: &str) -> Mark {
    let digest = Hasher::new("hotpass model mark v1").text(salt).text(name).text(what).text(text).finish();
    let bytes = digest.as_bytes();
    u64::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5], bytes[6], bytes[7]])
}
