//! A line of a table of decisions, as it stands there or as people answered.

pub(super) use crate::steps::asking::{DECIDE, SIDES};

/// The column for whoever answers.
pub(super) const NOTE: &str = "note";

/// A line of a table of decisions or of answers.
#[derive(Clone, Default, PartialEq, Debug)]
pub(super) struct Line {
    /// Its number among its kind, from 1.
    pub(super) number: usize,
    pub(super) word: String,
    /// Key and print of both rows.
    pub(super) sides: [[String; 2]; 2],
    pub(super) note: String,
    /// Who answered, where the file says so.
    pub(super) by: Option<String>,
}
