//! A line of a table of decisions, as it stands there or as people answered.

pub(crate) use crate::steps::asking::{DECIDE, SIDES};

/// The column for whoever answers.
pub(crate) const NOTE: &str = "note";

/// A line of a table of decisions or of answers.
#[derive(Clone, Default, PartialEq, Debug)]
pub(crate) struct Line {
    /// Its number among its kind, from 1.
    pub(crate) number: usize,
    pub(crate) word: String,
    /// Key and print of both rows.
    pub(crate) sides: [[String; 2]; 2],
    pub(crate) note: String,
    /// Who answered, where the file says so.
    pub(crate) by: Option<String>,
}

impl Line {
    /// Whether both rows have a name.
    pub(crate) fn names_rows(&self) -> bool {
        self.sides.iter().all(|it| it.iter().any(|it| !it.is_empty()))
    }
}
