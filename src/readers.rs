//! The border: reading what comes from outside, strictly and in bounded memory.
//!
//! One request names one table of one file; the answer is what was found (columns, and whatever had to be detected),
//! batches of text columns, and a trailer that accounts for every cell. Nothing is lost without a word: whatever
//! cannot be read as it stands is a problem that names the place.
//!
//! Workbooks are hostile until proven otherwise, so builds go through [`read_in_child`]; [`read`] is the same work in
//! this process, for the child itself and for tests.
//!
//! Rows that cannot be used are set aside, never lost: a second reading of the same request gives just those.
//!
//! Not here: types, mappings. Everything is text until a mapping says otherwise.

mod aside;
mod cells;
mod child;
mod classifier;
mod contents;
mod csv;
mod evidence;
mod fault;
mod format;
mod formats;
mod groups;
mod header;
mod input;
pub mod json;
mod labels;
mod legacy;
mod letters;
mod merged;
mod ods;
mod options;
mod package;
pub mod packed;
mod pipe;
pub mod problems;
pub mod reach;
mod row;
mod serials;
mod series;
mod table;
#[cfg(test)]
mod tests;
pub(crate) mod unlike;
pub mod within;
mod xlsx;
mod xml;

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use arrow_array::RecordBatch;
use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::problem::Problem;

pub use child::child;
pub use evidence::{Evidence, Known, ROWS as EVIDENCE_ROWS};
pub use format::{Format, Holds, TableReader};
pub use labels::Labels;
pub use options::{Header, Hidden, Merged, Options, Ragged, Totals};
pub use pipe::read_in_child;

/// All readers. A new one is a file and a line here.
pub const READERS: &[&TableReader] = &[&xlsx::READER, &legacy::XLS, &legacy::xlsb::READER, &ods::READER, &csv::READER];

impl Format {
    /// Excel 2007 and later, with or without macros.
    pub const XLSX: Format = Format::of(&xlsx::READER);
    /// OpenDocument.
    pub const ODS: Format = Format::of(&ods::READER);
    /// Text with delimiters.
    pub const CSV: Format = Format::of(&csv::READER);
}

/// The name of the last column of every batch: the row number as the spreadsheet shows it, or the line of a text.
pub const ROW: &str = "_row";

/// The name of the column before it, of workbooks: [`crate::model::KINDS`].
pub const KINDS: &str = crate::model::KINDS;

/// What stands before it in the batches of rows that were set aside: why, the values that no column takes, and a digest
/// of all cells.
pub const ASIDE: [&str; 3] = ["_reason", "_beyond", "_original"];

/// The hidden argument that makes the program a reading child.
pub const CHILD_ARGUMENT: &str = "--read-source";

/// Stands for how readers read: another word where they make something else of the same bytes.
pub const READ: &str = "hotpass read v7";

/// The same for Parquet, which the engine reads.
pub const READ_PARQUET: &str = "hotpass read Parquet v3";

/// What to read, with every choice that may change the answer.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Request {
    /// The file, absolute; opened literally.
    #[serde(with = "path")]
    pub path: PathBuf,
    /// How messages name the file.
    pub name: String,
    /// What the file is read as.
    pub format: Format,
    /// What is declared of it.
    pub options: Options,
    /// Which rows are sent.
    pub part: Part,
    /// Stop after so many rows of data; `None` reads all.
    pub rows: Option<u64>,
    /// What the file may ask for at most.
    pub limits: Limits,
}

impl Request {
    /// A request for the whole of one file, with nothing declared but its place.
    pub fn new(path: PathBuf, name: impl Into<String>, format: Format) -> Request {
        Request {
            path,
            name: name.into(),
            format,
            options: Options { header: Header::Row(1), ..Options::default() },
            part: Part::Usable,
            rows: None,
            limits: Limits::default(),
        }
    }
}

/// Which rows of a table are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// Those that can be used.
    Usable,
    /// Those that were set aside, with [`ASIDE`] behind the columns.
    Aside,
    /// None: only [`Found::sheets`] is asked for.
    Contents,
}

/// What a file may ask for at most.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Inflated bytes of one part of a workbook.
    pub part_bytes: u64,
    /// Inflated bytes of all parts that are read.
    pub total_bytes: u64,
    /// Inflated bytes for one deflated byte, beyond the first MiB.
    pub ratio: u64,
    /// Bytes of one cell.
    pub cell_bytes: u64,
    /// Memory of the reading process, in bytes.
    pub memory_bytes: u64,
    /// CPU time of the reading process, in seconds.
    pub cpu_seconds: u64,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            part_bytes: 1 << 30,
            total_bytes: 2 << 30,
            ratio: 200,
            cell_bytes: 16 << 20,
            memory_bytes: 1 << 30,
            cpu_seconds: 600,
        }
    }
}

/// What was found before the first row of data.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Found {
    /// The sheet that is read.
    pub sheet: Option<String>,
    /// Where the header stands, whether that was declared or detected.
    pub header: Header,
    /// The columns, in order.
    pub columns: Vec<FoundColumn>,
    /// CSV: the encoding, by its name in the Encoding Standard.
    pub encoding: Option<String>,
    /// CSV: the delimiter.
    pub delimiter: Option<char>,
    /// Whatever was not declared and had to be found out.
    pub detected: Vec<Detected>,
    /// What is worth a word and does not stop the reading.
    pub warnings: Vec<Problem>,
    /// What the first values of each column look like; empty unless [`head`] was asked.
    #[serde(default)]
    pub evidence: Vec<Evidence>,
    /// The sheets with cells; empty unless [`Part::Contents`] was asked for.
    #[serde(default)]
    pub sheets: Vec<Listed>,
}

/// A sheet as its workbook lists it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// Its name.
    pub name: String,
    /// Whether people see it.
    pub visible: bool,
}

/// One column of the table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundColumn {
    /// Its name: one line, unlike all others even without regard to case.
    pub name: String,
    /// Where it stands, as a spreadsheet letters it.
    pub letter: String,
}

/// An answer that was not declared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Detected {
    /// The key of a source that would declare it: `encoding`, `delimiter` or `header`.
    pub what: String,
    /// The answer, as it would be declared; without quotes if it is a text.
    pub answer: String,
    /// From 0 to 1.
    pub confidence: f32,
    /// What speaks for it, in words, without values.
    #[serde(default)]
    pub why: String,
}

/// The account of all that was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trailer {
    /// Rows of data that were sent.
    pub rows: u64,
    /// Rows of data of the other [`Part`].
    pub other: u64,
    /// Rows that are none and were left out, by what they are.
    pub left_out: BTreeMap<LeftOut, u64>,
    /// Hidden rows that were read.
    pub hidden: u64,
    /// What the cells of each column are.
    pub columns: Vec<Kinds>,
    /// The addresses of the first 20 error cells.
    pub errors: Vec<String>,
    /// All error cells.
    pub error_count: u64,
    /// CSV: records with quotes that open or close no value.
    #[serde(default, skip_serializing_if = "Mended::is_none")]
    pub mended: Mended,
    /// Over all cells, batch by batch: shows that what arrived is what was read, and is no key.
    pub digest: Digest,
}

/// Records that break the rules of quotes, and were read as what they must be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mended {
    /// How many.
    pub count: u64,
    /// The lines of the first of them.
    pub lines: Vec<u64>,
}

impl Mended {
    /// Whether there are none.
    pub fn is_none(&self) -> bool {
        self.count == 0
    }
}

/// What a row is that is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LeftOut {
    /// It says the header again.
    Header,
    /// It is a total.
    Total,
    /// It is hidden.
    Hidden,
    /// It stands above the header.
    Above,
    /// It is a remark below the table.
    Remark,
}

impl LeftOut {
    /// What people call it.
    pub fn noun(self) -> &'static str {
        match self {
            LeftOut::Header => "repeated header",
            LeftOut::Total => "total",
            LeftOut::Hidden => "hidden row",
            LeftOut::Above => "title row",
            LeftOut::Remark => "remark",
        }
    }
}

/// How many cells of a column are what. All but `formula` add up to the rows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kinds {
    /// Texts.
    pub text: u64,
    /// Numbers.
    pub number: u64,
    /// Dates, times and durations.
    pub date: u64,
    /// Truth values.
    pub boolean: u64,
    /// Error cells.
    pub error: u64,
    /// Values and errors that a formula computes.
    pub formula: u64,
    /// Cells without a value.
    pub blank: u64,
    /// The first 8 distinct number formats of numbers and dates, sorted.
    pub formats: Vec<String>,
}

/// Why a file was not read.
#[derive(Clone, Debug, PartialEq)]
pub enum ReadError {
    /// Something is wrong with the file or the request.
    Problem(Box<Problem>),
    /// The world failed.
    World(String),
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReadError::Problem(problem) => f.write_str(&problem.message),
            ReadError::World(what) => f.write_str(what),
        }
    }
}

impl std::error::Error for ReadError {}

/// Where what is read goes.
pub(crate) struct Sink<'a> {
    /// Called once, before the first batch.
    pub(crate) found: &'a mut dyn FnMut(&Found) -> Result<(), ReadError>,
    /// Called for every batch, in order.
    pub(crate) batch: &'a mut dyn FnMut(RecordBatch) -> Result<(), ReadError>,
}

/// Reads in this process: `found` is called once, then `batch` for up to 16 384 rows at a time.
///
/// A batch has one nullable text column for each column found and last [`ROW`], the row's number.
pub fn read(
    request: &Request,
    found: &mut dyn FnMut(&Found) -> Result<(), ReadError>,
    batch: &mut dyn FnMut(RecordBatch) -> Result<(), ReadError>,
) -> Result<(Found, Trailer), ReadError> {
    let mut sink = Sink { found, batch };
    let input = input::Input::open(request)?;
    let answer = match request.part {
        Part::Contents => contents::read(request, &input, &mut sink),
        Part::Usable | Part::Aside => (request.format.reader().read)(request, &input, &mut sink),
    };
    // A file that changes under the reader looks damaged: the cause is told, not the symptom.
    input.unchanged(request)?;
    answer
}

/// What stands at the head of a table, and what the first values of its columns look like. `read` reads it, in this
/// process or in a child.
pub fn head(
    request: &Request,
    known: &Known,
    read: impl Fn(
        &Request,
        &mut dyn FnMut(&Found) -> Result<(), ReadError>,
        &mut dyn FnMut(RecordBatch) -> Result<(), ReadError>,
    ) -> Result<(Found, Trailer), ReadError>,
) -> Result<Found, ReadError> {
    let first = |rows| Request { rows: Some(rows), ..request.clone() };
    let mut counter = evidence::Counter::new(known);
    let mut count = |batch: RecordBatch| {
        counter.add(&batch);
        Ok(())
    };
    match read(&first(EVIDENCE_ROWS), &mut |_| Ok(()), &mut count) {
        Ok((found, _)) => Ok(Found { evidence: counter.finish(), ..found }),
        // What is wrong with a row is told when the row is read: a head is a header and its first row.
        Err(ReadError::Problem(_)) => read(&first(1), &mut |_| Ok(()), &mut |_| Ok(())).map(|(found, _)| found),
        Err(world) => Err(world),
    }
}

/// Paths as JSON: text where they are text, and the bytes where they are not.
mod path {
    use std::path::PathBuf;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    #[serde(untagged)]
    enum Form {
        Text(String),
        Bytes(Vec<u8>),
    }

    pub(super) fn serialize<S: Serializer>(path: &std::path::Path, serializer: S) -> Result<S::Ok, S::Error> {
        match path.to_str() {
            Some(text) => Form::Text(text.to_owned()).serialize(serializer),
            None => Form::Bytes(path.as_os_str().as_encoded_bytes().to_vec()).serialize(serializer),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<PathBuf, D::Error> {
        match Form::deserialize(deserializer)? {
            Form::Text(text) => Ok(PathBuf::from(text)),
            Form::Bytes(bytes) => from_bytes(bytes).ok_or_else(|| serde::de::Error::custom("a path of another system")),
        }
    }

    #[cfg(unix)]
    fn from_bytes(bytes: Vec<u8>) -> Option<PathBuf> {
        use std::os::unix::ffi::OsStringExt;
        Some(PathBuf::from(std::ffi::OsString::from_vec(bytes)))
    }

    #[cfg(not(unix))]
    fn from_bytes(bytes: Vec<u8>) -> Option<PathBuf> {
        String::from_utf8(bytes).ok().map(PathBuf::from)
    }
}
