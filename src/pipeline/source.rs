//! `[source.*]`: which file is read, and how.

use serde::Serialize;

use crate::border::{Header, Hidden, Merged, Ragged, Totals};
use crate::digest::{Digest, digest_of};
use crate::expr::Literal;
use crate::fields::{Fields, UNKNOWN_KEY, WRONG_VALUE};
use crate::pipeline::like::Like;
use crate::pipeline::{Drift, Level, UNKNOWN_FORMAT, character};

/// A declared input file or glob, one sheet or table of it.
///
/// What is serialised decides what is read of a file, and so enters the key of reading it. Which files are read enters
/// by their names, and the rank of their rows where rows are ranked.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize)]
pub struct Source {
    /// Path or glob, relative to the workspace.
    #[serde(skip)]
    pub path: String,
    /// What a second match means.
    #[serde(skip)]
    pub select: Select,
    /// How the file is read.
    pub format: SourceFormat,
    /// Sheet of a workbook; `None` for its only visible one.
    pub sheet: Option<String>,
    /// Where the header row is.
    pub header: Header,
    /// Cell range, such as `B3:H200`.
    pub range: Option<String>,
    /// What happens to hidden rows and columns.
    pub hidden: Hidden,
    /// What happens to merged cells below the header.
    pub merged: Merged,
    /// What happens to rows that do not fit the columns.
    pub ragged: Ragged,
    /// Whether rows that say the header again are left out.
    pub again: bool,
    /// What happens to rows at the end that look like totals.
    pub totals: Totals,
    /// What totals begin with, wherever they stand.
    pub total_words: Vec<String>,
    /// Encoding of a CSV file; detected and recorded when `None`.
    pub encoding: Option<String>,
    /// Delimiter of a CSV file; detected and recorded when `None`.
    pub delimiter: Option<char>,
    /// Quote of a CSV file.
    pub quote: Option<char>,
    /// Cell texts that mean "no value".
    pub nulls: Vec<String>,
    /// The source whose rows it brings back, corrected.
    #[serde(skip)]
    pub corrects: Option<String>,
    /// What is told of a delivery that is not like the one before it.
    #[serde(skip)]
    pub drift: Drift,
    /// Rank in survivorship: greater wins.
    #[serde(skip)]
    pub priority: i64,
    /// What it looks like, by which `refine` recognises it.
    #[serde(skip)]
    pub like: Like,
}

impl Source {
    /// Of all that says which rows are read: a source that is declared otherwise is not compared with what it was.
    pub fn digest(&self) -> Digest {
        digest_of("hotpass declared source v1", &(self, &self.path, self.select))
    }
}

/// What a glob that matches several files means.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Select {
    /// Two matches are a problem.
    One,
    /// The last name in natural order is read.
    Newest,
    /// All are read, one after the other, in natural order of their names.
    All,
}

/// How a source file is read.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceFormat {
    /// A sheet or delimited text, by our own strict readers.
    Cells(crate::border::Format),
    /// Parquet, by DuckDB.
    Parquet,
    /// JSON or newline-delimited JSON, by DuckDB.
    Json,
}

/// Reads `[source.*]`.
pub(super) fn decode(table: &mut Fields) -> Option<Source> {
    let path = table.required_text("path", "the file or glob to read");
    let selects = [("one", Select::One), ("newest", Select::Newest), ("all", Select::All)];
    let corrects = table.text("corrects");
    // Corrected rows come in as many files as people send, or none yet.
    let usual = if corrects.is_some() { Select::All } else { Select::One };
    let select = table.choice("select", &selects).unwrap_or(usual);
    let format = source_format(table, path.as_deref().unwrap_or_default());
    if let Some(format) = format {
        check_keys(table, format);
    }
    let sheet = table.text("sheet");
    let header = header(table);
    let range = table.text("range");
    let hiddens = [("include", Hidden::Include), ("exclude", Hidden::Exclude), ("warn", Hidden::Warn)];
    let hidden = table.choice("hidden", &hiddens).unwrap_or(Hidden::Include);
    let merged = table.choice("merged", &[("first", Merged::First), ("fill", Merged::Fill)]).unwrap_or(Merged::First);
    let raggeds = [("quarantine", Ragged::Quarantine), ("refuse", Ragged::Refuse)];
    // What people corrected is taken whole, or not at all.
    let usual = if corrects.is_some() { Ragged::Refuse } else { Ragged::Quarantine };
    let ragged = table.choice("ragged", &raggeds).unwrap_or(usual);
    let again = table.choice("repeated_headers", &[("drop", true), ("keep", false)]).unwrap_or(true);
    let totals = [("detect", Totals::Detect), ("drop", Totals::Drop), ("keep", Totals::Keep)];
    let usual = if corrects.is_some() { Totals::Keep } else { Totals::Detect };
    let totals = table.choice("totals", &totals).unwrap_or(usual);
    let total_words = table.words("total_words");
    let encoding = table.text("encoding");
    let delimiter = character(table, "delimiter");
    let quote = character(table, "quote");
    let nulls = table.words("nulls");
    // Corrected rows come as they come.
    let usual = if corrects.is_some() { Level::Ignore } else { Level::Warn };
    let drift = Drift::decode(table, usual);
    let priority = table.integer("priority").unwrap_or(0);
    let like = Like::decode(table);
    table.text("description");
    let (path, format) = (path?, format?);
    Some(Source {
        path,
        select,
        format,
        sheet,
        header,
        range,
        hidden,
        merged,
        ragged,
        again,
        totals,
        total_words,
        encoding,
        delimiter,
        quote,
        nulls,
        corrects,
        drift,
        priority,
        like,
    })
}

/// What says how a file is read must be read of a file of its format.
fn check_keys(table: &Fields, format: SourceFormat) {
    use crate::border::Format;
    let (what, keys): (&str, &[&str]) = match format {
        SourceFormat::Cells(Format::Csv) => ("delimited text", &["sheet", "hidden", "merged"]),
        SourceFormat::Cells(_) => ("a workbook", &["encoding", "delimiter", "quote"]),
        SourceFormat::Parquet | SourceFormat::Json => (
            "Parquet and JSON",
            &[
                "sheet",
                "hidden",
                "merged",
                "header",
                "range",
                "ragged",
                "repeated_headers",
                "totals",
                "total_words",
                "encoding",
                "delimiter",
                "quote",
                "nulls",
            ],
        ),
    };
    for key in keys.iter().filter(|it| table.has(it)) {
        let message = format!("nothing reads `{key}` of {what}");
        let help = "take it out, or say with `format` what the file is read as".to_owned();
        table.problem(&UNKNOWN_KEY, key, message, "has no meaning here", Some(help));
    }
}

fn source_format(table: &mut Fields, path: &str) -> Option<SourceFormat> {
    use crate::border::Format;
    const NAMES: [(&str, SourceFormat); 10] = [
        ("xlsx", SourceFormat::Cells(Format::Xlsx)),
        ("xlsm", SourceFormat::Cells(Format::Xlsx)),
        ("xls", SourceFormat::Cells(Format::Xls)),
        ("xlsb", SourceFormat::Cells(Format::Xlsb)),
        ("ods", SourceFormat::Cells(Format::Ods)),
        ("csv", SourceFormat::Cells(Format::Csv)),
        ("tsv", SourceFormat::Cells(Format::Csv)),
        ("parquet", SourceFormat::Parquet),
        ("json", SourceFormat::Json),
        ("ndjson", SourceFormat::Json),
    ];
    if table.has("format") {
        return table.choice("format", &NAMES);
    }
    table.text("format");
    let ending = path.rsplit_once('.').map(|(_, it)| it.to_lowercase()).unwrap_or_default();
    let found = NAMES.iter().find(|(name, _)| *name == ending).map(|(_, it)| *it);
    if found.is_none() && !path.is_empty() {
        let known: Vec<_> = NAMES.iter().map(|(name, _)| format!("`{name}`")).collect();
        let message = format!("the format of `{}` is not known", path.escape_debug());
        let help = format!("add `format = …`, one of {}", known.join(", "));
        table.problem(&UNKNOWN_FORMAT, "path", message, "this ending", Some(help));
    }
    found
}

fn header(table: &mut Fields) -> Header {
    let row = |it: &Literal| match it {
        Literal::Integer(row) if (1..=1_048_576).contains(row) => Some(*row as u32),
        _ => None,
    };
    let header = if table.is_list("header") {
        let rows: Option<Vec<u32>> = table.values("header").iter().map(row).collect();
        match rows.as_deref() {
            Some([row]) => Some(Header::Row(*row)),
            Some([first, .., last]) if (1..10).contains(&last.saturating_sub(*first)) => {
                Some(Header::Rows(*first, *last))
            }
            _ => None,
        }
    } else {
        match table.value("header") {
            None => return Header::Detect,
            Some(Literal::Text(word)) if word == "detect" => Some(Header::Detect),
            Some(Literal::Boolean(false)) => Some(Header::Absent),
            Some(other) => row(&other).map(Header::Row),
        }
    };
    header.unwrap_or_else(|| {
        let help = "give the row number as the spreadsheet shows it, the first and the last of several such as \
                    `[2, 3]`, `\"detect\"`, or `false` for none";
        let message = "`header` does not take this value";
        table.problem(&WRONG_VALUE, "header", message, "this value", Some(help.to_owned()));
        Header::Detect
    })
}
