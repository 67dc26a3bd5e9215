//! Where something stands in a text file.
//!
//! `toml::Spanned` compares its value and not its place, which would make salsa keep stale places; ours compares both.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A range of bytes in one file of the workspace.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Span {
    /// The file, relative to the workspace.
    pub file: Arc<PathBuf>,
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// The bytes `range` of `file`.
    pub fn new(file: &Arc<PathBuf>, range: Range<usize>) -> Span {
        Span { file: Arc::clone(file), start: range.start, end: range.end }
    }
}

/// The line and column of byte `offset` in `text`, both from 1; columns count characters.
pub fn line_and_column(text: &str, offset: usize) -> (usize, usize) {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    let before = &text[..offset];
    let line = before.bytes().filter(|it| *it == b'\n').count() + 1;
    let start = before.rfind('\n').map_or(0, |it| it + 1);
    (line, before[start..].chars().count() + 1)
}

/// A message with the line and column, both from 1, of the text that it is about: behind it, as parsers write it.
pub fn at(message: &str, (line, column): (usize, usize)) -> String {
    format!("{message} at Line: {line}, Column: {column}")
}

/// The line and column, both from 1, that a message ends with, and the message without them.
pub fn positioned(message: &str) -> (Option<(usize, usize)>, &str) {
    let read = || {
        let (before, after) = message.rsplit_once(" at Line: ")?;
        let (line, column) = after.split_once(", Column: ")?;
        Some(((line.parse().ok()?, column.trim().parse().ok()?), before))
    };
    match read() {
        Some((position, before)) => (Some(position), before),
        None => (None, message),
    }
}

/// The same message with another place, if it has one.
pub fn moved(message: &str, to: impl FnOnce((usize, usize)) -> (usize, usize)) -> String {
    match positioned(message) {
        (Some(place), before) => at(before, to(place)),
        (None, message) => message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_keeps_and_loses_its_place() {
        let placed = at("it is wrong", (2, 5));
        assert_eq!(positioned(&placed), (Some((2, 5)), "it is wrong"));
        assert_eq!(moved(&placed, |(line, column)| (line, column + 1)), "it is wrong at Line: 2, Column: 6");
        assert_eq!(moved("no place", |it| it), "no place");
        assert_eq!(positioned("odd at Line: x, Column: 1").0, None);
    }

    #[test]
    fn lines_and_columns_count_from_one() {
        assert_eq!(line_and_column("a\nbé=1", 0), (1, 1));
        assert_eq!(line_and_column("a\nbé=1", 2), (2, 1));
        assert_eq!(line_and_column("a\nbé=1", 5), (2, 3));
        assert_eq!(line_and_column("a", 99), (1, 2));
    }
}
