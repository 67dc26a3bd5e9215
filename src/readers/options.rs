//! How the table stands in its file, as far as somebody says it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::readers::labels::Labels;

/// What may be declared of a sheet or of delimited text, with every choice that may change what is read.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Options {
    /// The sheet of a workbook; `None` stands for the only visible one.
    pub sheet: Option<String>,
    /// Where the names of the columns stand.
    pub header: Header,
    /// `B3:H200` or `B:H`: limits rows and columns.
    pub range: Option<String>,
    /// What becomes of hidden rows and columns; a hidden sheet is read only when named.
    pub hidden: Hidden,
    /// What becomes of cells that were merged, below the header.
    pub merged: Merged,
    /// What becomes of rows that do not fit the columns.
    pub ragged: Ragged,
    /// Rows that say the header again are left out.
    pub again: bool,
    /// What becomes of rows at the end that look like totals.
    pub totals: Totals,
    /// What rows begin with that are totals wherever they stand.
    pub total_words: Vec<String>,
    /// What tells totals and remarks, in the languages of the profile, and words for money.
    #[serde(default, skip_serializing_if = "Labels::is_none")]
    pub labels: Labels,
    /// CSV: a label of the Encoding Standard. `None`: a byte order mark, else strict UTF-8, else detected.
    pub encoding: Option<String>,
    /// CSV: what stands between fields. `None`: detected over a bounded prefix.
    pub delimiter: Option<String>,
    /// CSV: what fields are quoted with. `None`: `"`.
    pub quote: Option<char>,
    /// CSV: what stands before a sign that is meant as itself. `None`: nothing does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub escape: Option<char>,
    /// The file in an archive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<String>,
    /// Exact texts of cells, after trimming, that mean "no value".
    pub nulls: Vec<String>,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            sheet: None,
            header: Header::Detect,
            range: None,
            hidden: Hidden::Include,
            merged: Merged::First,
            ragged: Ragged::Quarantine,
            again: true,
            totals: Totals::Detect,
            total_words: Vec::new(),
            labels: Labels::default(),
            encoding: None,
            delimiter: None,
            quote: None,
            escape: None,
            member: None,
            nulls: Vec::new(),
        }
    }
}

/// Where the names of the columns stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Header {
    /// In this row, counted from 1 as a spreadsheet shows it, or the line of a text.
    Row(u32),
    /// In all rows from the first to the last one, one name under the other.
    Rows(u32, u32),
    /// In one of the first 50 rows that are not blank.
    Detect,
    /// Nowhere: columns are named by their letters.
    #[default]
    Absent,
}

impl fmt::Display for Header {
    /// As a source declares it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Header::Row(row) => write!(f, "{row}"),
            Header::Rows(first, last) => write!(f, "[{first}, {last}]"),
            Header::Detect => f.write_str("\"detect\""),
            Header::Absent => f.write_str("false"),
        }
    }
}

/// What becomes of what a spreadsheet hides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Hidden {
    /// Hidden rows and columns are read.
    Include,
    /// Hidden rows and columns are left out.
    Exclude,
    /// Hidden rows and columns are read, and the reader says so.
    Warn,
}

/// What becomes of cells that were merged, below the header: a workbook keeps one value for all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Merged {
    /// The first has it, the others are blank.
    First,
    /// All have it.
    Fill,
}

/// What becomes of rows that do not fit the columns: with other fields than the header, or values beside the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Ragged {
    /// The file is refused.
    Refuse,
    /// They are set aside.
    Quarantine,
}

/// What becomes of rows at the end that look like totals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Totals {
    /// They are set aside, because it is a guess.
    Detect,
    /// They are left out.
    Drop,
    /// They are rows like others.
    Keep,
}
