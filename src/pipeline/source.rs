//! `[source.*]`: which file is read, and how. A profile may say beforehand how files usually come, and what is known of
//! single sources.

use serde::Serialize;

use crate::contracts::{GATE, NEEDS};
use crate::digest::{Digest, digest_of};
use crate::expr::{Expr, Literal};
use crate::fields::keys::{Key, Keys, Takes, Usual, Variant, words};
use crate::fields::{Fields, UNKNOWN_KEY, WRONG_VALUE};
use crate::pipeline::like::{self, Like};
use crate::pipeline::{
    Drift, Level, UNKNOWN_FORMAT, drift,
    export::{character, characters},
};
use crate::profile::{Ingest, Value};
use crate::readers::packed;
use crate::readers::{Format, Header, Hidden, Labels, Merged, Options, READERS, Ragged, Totals};

/// `[source.*]`.
pub(super) const KEYS: Keys = Keys::of(&[
    PATH,
    SELECT,
    FORMAT,
    CORRECTS,
    DRIFT,
    PRIORITY,
    LIKE,
    OPTIONAL,
    GRAIN,
    DESCRIPTION,
    GATE[0],
    GATE[1],
    GATE[2],
    GATE[3],
])
.by_ending("format", "path", formats)
.needing(&NEEDS);

/// `[ingest.source.*]` of a profile.
pub const KNOWN: Keys = Keys::of(&[PATH, SELECT, FORMAT, DRIFT, PRIORITY, LIKE, OPTIONAL, DESCRIPTION])
    .by_ending("format", "path", formats);

/// `[environment.*.source.*]`: which file is read, and what depends on who wrote it.
pub(super) const OVERLAID: Keys = Keys::of(&[PATH, SELECT, FORMAT, OPTIONAL, SHEET, RANGE, ENCODING, DELIMITER]);
/// Their names.
pub(super) const OVERLAID_NAMES: [&str; 8] =
    ["path", "select", "format", "optional", "sheet", "range", "encoding", "delimiter"];

/// `[ingest]` of a profile, without `source`.
pub const HABITS: [Key; 14] = [
    SELECT,
    HEADER,
    HIDDEN,
    MERGED,
    RAGGED,
    AGAIN,
    TOTALS,
    TOTAL_WORDS,
    ENCODING,
    DELIMITER,
    QUOTE,
    ESCAPE,
    NULLS,
    DRIFT,
];

const PATH: Key = Key::new("path", Takes::Text, "the file or glob to read; needed unless the profile says it");
const SELECT: Key = Key::new("select", Takes::Word(&words(&SELECTS)), "what several matches mean").or_text("one");
const FORMAT: Key =
    Key::new("format", Takes::Word(&words(&FORMATS)), "how it is read; else the ending of `path` says it");
const CORRECTS: Key = Key::new("corrects", Takes::Text, "the source or step whose rows it brings back, corrected");
const DRIFT: Key = Key::new("drift", drift::TAKES, "how hotpass handles a delivery that differs from the previous one")
    .or_text("warn");
const PRIORITY: Key = Key::new("priority", Takes::INTEGER, "rank in a `merge`: greater wins").or(Usual::Number(0.0));
const LIKE: Key = Key::new("like", Takes::Table(&like::KEYS), "what it looks like, by which `refine` recognises it");
const OPTIONAL: Key =
    Key::new("optional", Takes::Flag, "whether it is an empty table where there is no file").or(Usual::Flag(false));
const GRAIN: Key = Key::new("grain", Takes::Text, "what parts its rows, for each step that takes them one by one");
const DESCRIPTION: Key = Key::new("description", Takes::Text, "what it is");
const SHEET: Key = Key::new("sheet", Takes::Text, "the sheet of a workbook; without it the only visible one");
const MEMBER: Key = Key::new("member", Takes::Text, "of a `.zip`: the file in it that is read");
const HEADER: Key =
    Key::new("header", Takes::Either(&HEADERS), "the row with the names of the columns").or_text("detect");
const HEADERS: [Takes; 4] = [ROW, Takes::List(&ROW, 1), Takes::Word(&["detect"]), Takes::False];
const ROW: Takes = Takes::Integer(1, 1_048_576);
const RANGE: Key = Key::new("range", Takes::Text, "limits rows and columns: `B3:H200`, or `B:H` for whole columns");
const HIDDEN: Key =
    Key::new("hidden", Takes::Word(&words(&HIDDENS)), "what happens to hidden rows and columns").or_text("include");
const MERGED: Key =
    Key::new("merged", Takes::Word(&words(&MERGEDS)), "which of merged cells have the value").or_text("first");
const RAGGED: Key =
    Key::new("ragged", Takes::Word(&words(&RAGGEDS)), "what happens to rows that do not fit the columns")
        .or_text("quarantine");
const AGAIN: Key =
    Key::new("repeated_headers", Takes::Word(&words(&AGAINS)), "what happens to rows that say the header again")
        .or_text("drop");
const TOTALS: Key =
    Key::new("totals", Takes::Word(&words(&TOTAL)), "what happens to rows at the end that look like totals")
        .or_text("detect");
const TOTAL_WORDS: Key =
    Key::new("total_words", Takes::TEXTS, "words at the beginning of rows that are totals, anywhere in the table");
const ENCODING: Key = Key::new("encoding", Takes::Text, "of delimited text: a label such as `windows-1252`");
const DELIMITER: Key =
    Key::new("delimiter", Takes::Characters(2), "of delimited text: the characters between two fields");
const QUOTE: Key = Key::new(
    "quote",
    Takes::Characters(1),
    "of delimited text: the character around a field; by default a double quote",
);
const ESCAPE: Key =
    Key::new("escape", Takes::Characters(1), "of delimited text: the character before a sign that is meant literally");
const NULLS: Key = Key::new("nulls", Takes::TEXTS, "texts of cells that mean that there is no value");

const WORKBOOK: &[Key] = &[MEMBER, SHEET, HEADER, RANGE, HIDDEN, MERGED, RAGGED, AGAIN, TOTALS, TOTAL_WORDS, NULLS];
const TEXT: &[Key] =
    &[MEMBER, HEADER, RANGE, RAGGED, AGAIN, TOTALS, TOTAL_WORDS, ENCODING, DELIMITER, QUOTE, ESCAPE, NULLS];
const CELLS: &[Key] = &[
    MEMBER,
    SHEET,
    HEADER,
    RANGE,
    HIDDEN,
    MERGED,
    RAGGED,
    AGAIN,
    TOTALS,
    TOTAL_WORDS,
    ENCODING,
    DELIMITER,
    QUOTE,
    ESCAPE,
    NULLS,
];

const SELECTS: [(&str, Select); 3] = [("one", Select::One), ("newest", Select::Newest), ("all", Select::All)];
const HIDDENS: [(&str, Hidden); 3] =
    [("include", Hidden::Include), ("exclude", Hidden::Exclude), ("warn", Hidden::Warn)];
const MERGEDS: [(&str, Merged); 2] = [("first", Merged::First), ("fill", Merged::Fill)];
const RAGGEDS: [(&str, Ragged); 2] = [("quarantine", Ragged::Quarantine), ("refuse", Ragged::Refuse)];
const AGAINS: [(&str, bool); 2] = [("drop", true), ("keep", false)];
const TOTAL: [(&str, Totals); 3] = [("detect", Totals::Detect), ("drop", Totals::Drop), ("keep", Totals::Keep)];
/// What is read otherwise than by a reader of ours.
const OTHERS: [(&str, SourceFormat); 3] =
    [("parquet", SourceFormat::Parquet), ("json", SourceFormat::Json), ("ndjson", SourceFormat::Json)];

/// Names of formats, which are also endings of files.
const FORMATS: [(&str, SourceFormat); COUNT] = {
    let (mut all, mut count, mut at) = ([OTHERS[0]; COUNT], 0, 0);
    while at < READERS.len() {
        let (reader, mut ending) = (READERS[at], 0);
        while ending < reader.endings.len() {
            all[count] = (reader.endings[ending], SourceFormat::Cells(Format::of(reader)));
            (count, ending) = (count + 1, ending + 1);
        }
        at += 1;
    }
    at = 0;
    while at < OTHERS.len() {
        all[count + at] = OTHERS[at];
        at += 1;
    }
    all
};

const COUNT: usize = {
    let (mut count, mut at) = (OTHERS.len(), 0);
    while at < READERS.len() {
        (count, at) = (count + READERS[at].endings.len(), at + 1);
    }
    count
};

impl SourceFormat {
    /// The format that the ending of a name stands for.
    pub fn of_path(path: &std::path::Path) -> Option<SourceFormat> {
        let name = path.file_name()?.to_str()?;
        let ending = packed::inner(name, None).rsplit_once('.')?.1.to_lowercase();
        FORMATS.iter().find(|(name, _)| *name == ending).map(|(_, it)| *it)
    }
}

/// What files of a format are, and the keys that say something of them.
fn of_format(format: SourceFormat) -> (&'static str, &'static [Key]) {
    match format {
        SourceFormat::Cells(it) if it.has_sheets() => ("a workbook", WORKBOOK),
        SourceFormat::Cells(_) => ("delimited text", TEXT),
        SourceFormat::Parquet | SourceFormat::Json => ("Parquet and JSON", &[]),
    }
}

fn formats() -> Vec<Variant> {
    let variant = |(name, format): &(&'static str, SourceFormat)| {
        let (doc, keys) = of_format(*format);
        Variant { name, doc, keys }
    };
    FORMATS.iter().map(variant).collect()
}

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
    /// How the table stands in it.
    pub options: Options,
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
    /// What parts its rows into pieces, for each step that takes them one by one and says nothing else.
    #[serde(skip)]
    pub grain: Option<Expr>,
}

impl Source {
    /// Of all that says which rows are read: a source that is declared differently is not compared with what it was. Words
    /// of languages are none of it.
    pub fn digest(&self) -> Digest {
        let mut declared = self.clone();
        declared.options.labels = Labels::default();
        digest_of("hotpass declared source v1", &(&declared, &self.path, self.select))
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
    Cells(Format),
    /// Parquet, by DuckDB.
    Parquet,
    /// JSON or newline-delimited JSON, by our own reader.
    #[serde(rename = "json-2")]
    Json,
}

/// What one table says of a source: `[source.NAME]` of a pipeline, or `[ingest]` and `[ingest.source.NAME]` of a
/// profile. What it does not say is said by the one beneath, else it is as usual.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct PartialSource {
    path: Option<String>,
    select: Option<Select>,
    format: Option<SourceFormat>,
    sheet: Option<String>,
    member: Option<String>,
    header: Option<Header>,
    range: Option<String>,
    hidden: Option<Hidden>,
    merged: Option<Merged>,
    ragged: Option<Ragged>,
    again: Option<bool>,
    totals: Option<Totals>,
    total_words: Option<Vec<String>>,
    encoding: Option<String>,
    delimiter: Option<String>,
    quote: Option<char>,
    escape: Option<char>,
    nulls: Option<Vec<String>>,
    drift: Option<Drift>,
    priority: Option<i64>,
    like: Option<Vec<(String, Value)>>,
    optional: Option<bool>,
}

impl PartialSource {
    /// The file or glob.
    pub fn path(&self) -> Option<&str> {
        self.path.as_deref()
    }

    /// The sheet of a workbook.
    pub fn sheet(&self) -> Option<&str> {
        self.sheet.as_deref()
    }

    /// The rank in survivorship.
    pub fn priority(&self) -> Option<i64> {
        self.priority
    }

    /// Takes out of a table how files are read, whichever they are.
    pub fn habits(table: &mut Fields) -> PartialSource {
        let listed = |table: &mut Fields, key| table.has(key).then(|| table.words(key));
        let mut said = PartialSource {
            select: table.choice("select", &SELECTS),
            header: header(table),
            hidden: table.choice("hidden", &HIDDENS),
            merged: table.choice("merged", &MERGEDS),
            ragged: table.choice("ragged", &RAGGEDS),
            again: table.choice("repeated_headers", &AGAINS),
            totals: table.choice("totals", &TOTAL),
            encoding: table.text("encoding"),
            delimiter: characters(table, "delimiter", 2),
            quote: character(table, "quote"),
            escape: character(table, "escape"),
            drift: Drift::decode(table),
            ..PartialSource::default()
        };
        said.total_words = listed(table, "total_words");
        said.nulls = listed(table, "nulls");
        said
    }

    /// Takes out of a table all that may be said of one source. `beneath` is what is said elsewhere.
    pub fn decode(table: &mut Fields, beneath: &PartialSource) -> PartialSource {
        // What says nothing of a file of this format is told by `check_keys`.
        table.also(CELLS);
        let mut said = PartialSource::habits(table);
        said.path = table.text("path");
        if said.path.as_ref().is_some_and(|it| it.trim().is_empty()) {
            let help = Some("name the file or the pattern that is read".to_owned());
            table.problem(&WRONG_VALUE, "path", "`path` is empty", "names no file", help);
            said.path = None;
        }
        said.member = table.text("member");
        said.format = source_format(table, said.path.as_deref(), said.member.as_deref(), beneath);
        if let Some(format) = said.format.or(beneath.format) {
            check_keys(table, format);
            check_packed(table, said.path.as_deref(), format);
        }
        said.sheet = table.text("sheet");
        said.range = table.text("range");
        said.priority = table.integer("priority");
        said.like = like::decode(table);
        said.optional = table.has("optional").then(|| table.flag("optional", false));
        table.text("description");
        said
    }

    /// With what `beneath` says where this says nothing.
    pub fn over(self, beneath: &PartialSource) -> PartialSource {
        let it = beneath.clone();
        PartialSource {
            path: self.path.or(it.path),
            select: self.select.or(it.select),
            format: self.format.or(it.format),
            sheet: self.sheet.or(it.sheet),
            member: self.member.or(it.member),
            header: self.header.or(it.header),
            range: self.range.or(it.range),
            hidden: self.hidden.or(it.hidden),
            merged: self.merged.or(it.merged),
            ragged: self.ragged.or(it.ragged),
            again: self.again.or(it.again),
            totals: self.totals.or(it.totals),
            total_words: joined(self.total_words, it.total_words),
            encoding: self.encoding.or(it.encoding),
            delimiter: self.delimiter.or(it.delimiter),
            quote: self.quote.or(it.quote),
            escape: self.escape.or(it.escape),
            nulls: joined(self.nulls, it.nulls),
            drift: self.drift.or(it.drift),
            priority: self.priority.or(it.priority),
            like: self.like.or(it.like),
            optional: self.optional.or(it.optional),
        }
    }

    /// Without what nothing reads of a file of this format.
    fn fitting(self, format: SourceFormat) -> PartialSource {
        match format {
            SourceFormat::Cells(it) if it.has_sheets() => {
                PartialSource { encoding: None, delimiter: None, quote: None, escape: None, ..self }
            }
            SourceFormat::Cells(_) => PartialSource { hidden: None, merged: None, ..self },
            SourceFormat::Parquet | SourceFormat::Json => {
                PartialSource { select: self.select, drift: self.drift, ..PartialSource::default() }
            }
        }
    }
}

/// Words add up, as all lists of profiles do; an empty list takes none.
fn joined(own: Option<Vec<String>>, beneath: Option<Vec<String>>) -> Option<Vec<String>> {
    let Some(mut words) = own else { return beneath };
    if !words.is_empty() {
        words.extend(beneath.unwrap_or_default());
        words.sort();
        words.dedup();
    }
    Some(words)
}

/// Reads `[source.NAME]`, over what the profile says of sources of this name and of all sources.
/// Reads what is laid over a source, as far as it can be read alone.
pub(super) fn decode_overlaid(table: &mut Fields) {
    for key in ["path", "sheet", "range", "encoding"] {
        table.text(key);
    }
    table.choice("select", &SELECTS);
    table.choice("format", &FORMATS);
    table.flag("optional", false);
    characters(table, "delimiter", 2);
}

pub(super) fn decode(name: &str, table: &mut Fields, ingest: &Ingest, labels: Labels) -> Option<Source> {
    let corrects = table.text("corrects");
    let grain = if table.has("grain") { table.expr("grain") } else { None };
    let none = PartialSource::default();
    let known = ingest.sources.get(name).unwrap_or(&none);
    if known.path.is_none() {
        table.required("path");
    }
    let said = PartialSource::decode(table, known).over(known);
    let (path, format) = (said.path.clone()?, said.format?);
    // Corrected rows come in as many files as people send, or none yet; as they come, but whole or not at all.
    let usual = match &corrects {
        None => ingest.usual.clone().fitting(format),
        Some(_) => PartialSource {
            select: Some(Select::All),
            ragged: Some(Ragged::Refuse),
            totals: Some(Totals::Keep),
            drift: Some(Drift::of(Level::Ignore)),
            ..PartialSource::default()
        },
    };
    let said = said.over(&usual);
    let silent = Options::default();
    Some(Source {
        path,
        select: said.select.unwrap_or(Select::One),
        format,
        options: Options {
            sheet: said.sheet,
            member: said.member,
            header: said.header.unwrap_or(silent.header),
            range: said.range,
            hidden: said.hidden.unwrap_or(silent.hidden),
            merged: said.merged.unwrap_or(silent.merged),
            ragged: said.ragged.unwrap_or(silent.ragged),
            again: said.again.unwrap_or(silent.again),
            totals: said.totals.unwrap_or(silent.totals),
            total_words: said.total_words.unwrap_or_default(),
            labels: if matches!(format, SourceFormat::Cells(_)) && corrects.is_none() { labels } else { silent.labels },
            encoding: said.encoding,
            delimiter: said.delimiter,
            quote: said.quote,
            escape: said.escape,
            nulls: said.nulls.unwrap_or_default(),
        },
        corrects,
        drift: said.drift.unwrap_or_default(),
        priority: said.priority.unwrap_or(0),
        like: Like { columns: said.like.unwrap_or_default(), optional: said.optional.unwrap_or(false) },
        grain,
    })
}

/// What says how a file is read must be read of a file of its format.
fn check_keys(table: &Fields, format: SourceFormat) {
    let (what, keys) = of_format(format);
    let known = |key: &str| keys.iter().any(|it| it.name == key);
    for key in CELLS.iter().map(|it| it.name).filter(|it| table.has(it) && !known(it)) {
        let message = format!("nothing reads `{key}` of {what}");
        let help = "remove it, or say with `format` what the file is read as".to_owned();
        table.problem(&UNKNOWN_KEY, key, message, "has no meaning here", Some(help));
    }
}

/// What is packed is read by our own readers of cells, and only an archive has members.
fn check_packed(table: &Fields, path: Option<&str>, format: SourceFormat) {
    let Some(path) = path else { return };
    let has_member = table.has("member");
    let (key, message, help) = match format {
        SourceFormat::Parquet | SourceFormat::Json if packed::is_packed(path) => {
            ("path", "Parquet and JSON are not read packed", "unpack the file: Parquet is packed in itself")
        }
        SourceFormat::Cells(_) if !has_member && packed::has_members(path) => {
            ("path", "a `.zip` holds files", "say which of them is read: `member = \"FILE.csv\"`")
        }
        _ => return,
    };
    table.problem(&WRONG_VALUE, key, message, "said here", Some(help.to_owned()));
}

/// The declared format, else that of the path's ending.
fn source_format(
    table: &mut Fields,
    path: Option<&str>,
    member: Option<&str>,
    beneath: &PartialSource,
) -> Option<SourceFormat> {
    if table.has("format") {
        return table.choice("format", &FORMATS);
    }
    let path = path?;
    let inner = packed::inner(path, member);
    let ending = inner.rsplit_once('.').map(|(_, it)| it.to_lowercase()).unwrap_or_default();
    let found = FORMATS.iter().find(|(name, _)| *name == ending).map(|(_, it)| *it);
    if found.is_none() && beneath.format.is_none() {
        let known: Vec<_> = FORMATS.iter().map(|(name, _)| format!("`{name}`")).collect();
        let message = format!("the format of `{}` is not known", path.escape_debug());
        let named = format!("add `format = …`, one of {}", known.join(", "));
        let is_spaced = path.trim() != path;
        let help = match () {
            () if packed::has_members(path) && member.is_none() => {
                "say which file of the archive is read: `member = \"FILE.csv\"`".to_owned()
            }
            () if is_spaced => "remove the blanks around the path".to_owned(),
            () if path.contains('.') => named,
            () => format!("{named}; the files of a folder are `{}/*.csv`", path.trim_end_matches('/').escape_debug()),
        };
        table.problem(&UNKNOWN_FORMAT, "path", message, "this ending", Some(help));
    }
    found
}

fn header(table: &mut Fields) -> Option<Header> {
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
        match table.value("header")? {
            Literal::Text(word) if word == "detect" => Some(Header::Detect),
            Literal::Boolean(false) => Some(Header::Absent),
            other => row(&other).map(Header::Row),
        }
    };
    if header.is_none() {
        let help = "give the row number as the spreadsheet shows it (in delimited text, the line), the first and the last of several such as \
                    `[2, 3]`, `\"detect\"`, or `false` for none";
        let message = "`header` does not take this value";
        table.problem(&WRONG_VALUE, "header", message, "this value", Some(help.to_owned()));
    }
    header
}
