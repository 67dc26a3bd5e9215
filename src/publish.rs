//! Publishing: a table becomes a file that people and other programs open, byte for byte the same wherever it is built.
//!
//! Here: the writers (`xlsx`, `csv`, `json`, and those of [`PLAIN`] that have no keys), the guard against texts that a spreadsheet would run, digests of what was
//! written, staging (nothing shows before `commit`) and the manifest. Not here: Parquet (the engine writes it into a
//! staged file), what is exported where (`export` steps), and every clock, locale and environment variable.

use std::fmt;
use std::io;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::problem::Problem;

mod arrow;
mod column;
mod csv;
mod guard;
mod hashing;
mod json;
mod manifest;
pub mod own_files;
pub mod partition;
mod plain;
pub mod problems;
#[cfg(test)]
mod samples;
mod sql;
mod sqlite;
mod staging;
mod value;
mod xlsx;

pub use column::{Value, arrow_type, cell_texts, columns};
pub use csv::write_csv;
pub use guard::{marked, runs, unmarked};
pub use hashing::Hashing;
pub use json::write_json;
pub use manifest::{Artefact, Kept, Manifest, ManifestError, Section, Source, SourceFile};
pub use plain::{Plain, Target};
pub use staging::{Placed, Staging, sweep};
pub use xlsx::{
    COLUMNS as SHEET_COLUMNS, FORMATS, FormatOf, NumberFormat, Pages, SHEETS, Sheet, SheetOf, Shown, ShownColumns,
    Template, Words, Workbook, places, sheet_name_fault, write_marked_xlsx, write_xlsx,
};

/// The formats without keys: each is one file and one line here.
pub const PLAIN: &[&Plain] = &[&sql::FORMAT, &sqlite::FORMAT, &arrow::FORMAT];

/// A table to write: its schema in order and its batches, hidden columns already gone.
///
/// Types that are written: `Utf8`, `Int32`, `Int64`, `Float64`, `Boolean`, `Date32`, `Timestamp(Microsecond, None)` and
/// `Decimal128`.
pub struct Table<'a> {
    /// The name of the table, for messages.
    pub name: &'a str,
    /// The columns in the order in which they are written.
    pub schema: SchemaRef,
    /// How many rows the batches hold together; another count is an error.
    pub rows: u64,
    /// The rows, in their declared order.
    pub batches: &'a mut dyn Iterator<Item = Result<RecordBatch, String>>,
}

/// How a workbook is written.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Default)]
pub struct Xlsx {
    /// The name of the sheet; `Data` if there is none. Rows beyond one sheet go to `Data 2`, `Data 3`, …
    pub sheet: Option<String>,
    /// What happens to texts that look like formulas. They are always written as text, so `Quote` marks the cell with
    /// Excel's own `'` (which is not part of the value): editing it does not make it a formula either.
    pub formulas: FormulaGuard,
    /// Whether a sheet `Summary` follows the data.
    pub summary: bool,
    /// The column of scores from 0 to 1 whose cells are coloured.
    pub score: Option<String>,
    /// What happens to texts longer than a cell holds.
    pub long_text: LongText,
    /// How columns are shown, where they are not shown by themselves.
    #[serde(default, skip_serializing_if = "is_usual")]
    pub columns: ShownColumns,
    /// Whether descriptions of a contract are noted on headers.
    #[serde(default, skip_serializing_if = "is_usual")]
    pub describe: bool,
    /// Whether sheets are as wide as a page when they are printed, and each page begins with the header.
    #[serde(default, skip_serializing_if = "is_usual")]
    pub print: bool,
    /// Sheets of other tables behind the first one.
    #[serde(default, skip_serializing_if = "is_usual")]
    pub sheets: Vec<Sheet>,
    /// What the workbook says by itself, where it is not English.
    #[serde(default, skip_serializing_if = "is_usual")]
    pub words: Words,
    /// The workbook that is filled, in the place of a new one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<TemplateOf>,
}

/// A workbook of somebody, and the range of it that is filled.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TemplateOf {
    /// Relative to the workspace.
    pub path: String,
    /// The name of a range or a table.
    pub range: String,
    /// Of its bytes, once it is planned.
    pub digest: Option<Digest>,
}

/// How a CSV file is written, quoted only where needed.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Csv {
    /// What stands between two fields.
    pub delimiter: char,
    /// What happens to texts that a spreadsheet would run.
    pub formulas: FormulaGuard,
    /// Whether the file begins with a byte order mark, which Excel needs to see UTF-8; UTF-16 always has one.
    pub bom: bool,
    /// Whether numbers have a comma in the place of a point.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub decimal_comma: bool,
    /// How characters are written.
    #[serde(default, skip_serializing_if = "is_usual")]
    pub encoding: TextEncoding,
    /// What ends a line.
    #[serde(default, skip_serializing_if = "is_usual")]
    pub line_end: LineEnd,
    /// Whether a file stands beside it that says what it holds, as CSV on the Web has it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub csvw: bool,
}

impl Default for Csv {
    fn default() -> Csv {
        let (encoding, line_end) = (TextEncoding::Utf8, LineEnd::Lf);
        Csv {
            delimiter: ',',
            formulas: FormulaGuard::Quote,
            bom: false,
            decimal_comma: false,
            encoding,
            line_end,
            csvw: false,
        }
    }
}

/// How characters of a file are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Default)]
#[serde(rename_all = "kebab-case")]
pub enum TextEncoding {
    /// UTF-8.
    #[default]
    Utf8,
    /// UTF-16 with the low byte first and a byte order mark.
    Utf16,
    /// Windows-1252, which has some 250 characters of Western Europe.
    Windows1252,
}

impl TextEncoding {
    /// As it is written in a pipeline, and known to readers.
    pub fn label(self) -> &'static str {
        match self {
            TextEncoding::Utf8 => "utf-8",
            TextEncoding::Utf16 => "utf-16le",
            TextEncoding::Windows1252 => "windows-1252",
        }
    }
}

/// What ends a line of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Default)]
#[serde(rename_all = "lowercase")]
pub enum LineEnd {
    /// A line feed.
    #[default]
    Lf,
    /// A carriage return and a line feed, as programs of Windows write it.
    CrLf,
}

impl LineEnd {
    /// As it is written.
    pub fn text(self) -> &'static str {
        match self {
            LineEnd::Lf => "\n",
            LineEnd::CrLf => "\r\n",
        }
    }
}

/// How a JSON file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Json {
    /// Whether it is an object a line, and not a list of objects.
    pub lines: bool,
}

fn is_usual<T: Default + PartialEq>(it: &T) -> bool {
    *it == T::default()
}

/// What happens to texts that a spreadsheet would run as a formula.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Default)]
#[serde(rename_all = "kebab-case")]
pub enum FormulaGuard {
    /// They get a `'` in front.
    #[default]
    Quote,
    /// Nothing is written, and the first such cell is named.
    Refuse,
    /// They are written as they are.
    Off,
}

/// What happens to texts longer than the 32,767 characters that a cell of a workbook holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Default)]
#[serde(rename_all = "kebab-case")]
pub enum LongText {
    /// Nothing is written, and the first such cell is named.
    #[default]
    Refuse,
    /// They are cut, and a line of the summary says how many.
    Cut,
}

/// Lines for the sheet `Summary` that only the caller knows: results of expectations, for one.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Summary {
    /// What is measured, and its value.
    pub rows: Vec<(String, Cell)>,
    /// Lines for the sheet `Read me`, which there is when there are some.
    pub read_me: Vec<(String, Cell)>,
    /// Properties of the workbook, by name.
    pub properties: Vec<(String, String)>,
}

/// A value in the sheet `Summary`.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Nothing: the line is a heading, or blank.
    Empty,
    /// A text, never run as a formula.
    Text(String),
    /// A count.
    Integer(i64),
    /// A measure.
    Number(f64),
    /// A share from 0 to 1, shown as `12.3%`.
    Share(f64),
    /// Yes or no.
    Boolean(bool),
}

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// Length of the file.
    pub bytes: u64,
    /// Rows of data, without header.
    pub rows: u64,
    /// BLAKE3 of the file, as `b3sum` prints it.
    pub blake3: Digest,
    /// SHA-256 of the file, as `sha256sum` prints it.
    pub sha256: [u8; 32],
    /// Cells that were kept from being run as formulas.
    pub guarded: u64,
    /// Cells whose text was cut.
    pub cut: u64,
    /// Sheets of data; 1 for files without sheets.
    pub sheets: u32,
}

/// Why a table was not written.
#[derive(Debug)]
pub enum PublishError {
    /// The table cannot be written in this way: something for the user to change.
    Problem(Box<Problem>),
    /// The file could not be written.
    Io(io::Error),
    /// The rows could not be read, or are not those that were announced.
    Rows(String),
}

impl fmt::Display for PublishError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PublishError::Problem(problem) => f.write_str(&problem.message),
            PublishError::Io(error) => write!(f, "cannot write the file: {error}"),
            PublishError::Rows(reason) => write!(f, "cannot read the rows: {reason}"),
        }
    }
}

impl std::error::Error for PublishError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            PublishError::Io(error) => Some(error),
            PublishError::Problem(_) | PublishError::Rows(_) => None,
        }
    }
}

impl From<io::Error> for PublishError {
    fn from(error: io::Error) -> PublishError {
        PublishError::Io(error)
    }
}

impl From<Problem> for PublishError {
    fn from(problem: Problem) -> PublishError {
        PublishError::Problem(Box::new(problem))
    }
}
