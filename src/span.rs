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

#[cfg(test)]
mod tests {
    use super::line_and_column;

    #[test]
    fn lines_and_columns_count_from_one() {
        assert_eq!(line_and_column("a\nbé=1", 0), (1, 1));
        assert_eq!(line_and_column("a\nbé=1", 2), (2, 1));
        assert_eq!(line_and_column("a\nbé=1", 5), (2, 3));
        assert_eq!(line_and_column("a", 99), (1, 2));
    }
}
