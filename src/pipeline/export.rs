//! `[export.NAME]`: which table goes into which file, and how files of each format are written.
//!
//! A format with keys is one line of `WRITERS`: its name, which is the ending of its files, its keys, and how they are
//! read. One without keys is one line of `publish::PLAIN`. What is written stands in `publish`.

use serde::Serialize;

use crate::contracts::{GATE, NEEDS};
use crate::fields::keys::{Key, Keys, Need, Takes, Usual, Variant, words};
use crate::fields::{Fields, WRONG_TYPE, WRONG_VALUE};
use crate::problem::meant;
use crate::publish::problems::DELIMITER;
use crate::publish::{Csv, FormulaGuard, Json, LineEnd, LongText, PLAIN, Plain, TemplateOf, TextEncoding, Words, Xlsx};

use super::{UNKNOWN_FORMAT, paths, workbook};

/// The keys of an export.
pub(super) const KEYS: Keys = Keys::of(&[
    Key::new(
        "from",
        Takes::Text,
        "the table to write; for `docs`, the table that the pages describe [default: all tables]",
    ),
    Key::new("about", Takes::Word(&words(&ABOUTS)), "information about the table to write instead of it"),
    Key::new("tables", Takes::TEXTS, "for `docs`, the tables that have a page; by default all described tables"),
    Key::new("path", Takes::Text, "the file to write; for `docs` a folder, `dist/data-docs` without it"),
    Key::new("format", Takes::Text, "how it is written; else the ending of `path` says it"),
    Key::new("columns", Takes::TEXTS, "which columns, in this order; all but hidden ones without it"),
    Key::new("rejected", Takes::Flag, "whether the rows are written that the table sets aside").or(Usual::Flag(false)),
    Key::new("description", Takes::Text, "what it is"),
    GATE[0],
    GATE[1],
    GATE[2],
    GATE[3],
])
.by_ending("format", "path", variants)
.needing(&[
    Need::one_of(&["from", "about"]),
    NEEDS[0],
    NEEDS[1],
    NEEDS[2],
    workbook::TEMPLATE_NEEDS[0],
    workbook::TEMPLATE_NEEDS[1],
]);

/// The folder of Data Docs unless an export says another one.
pub const DOCS: &str = "dist/data-docs";
const ABOUTS: [(&str, About); 6] = [
    ("provenance", About::Provenance),
    ("conflicts", About::Conflicts),
    ("docs", About::Docs),
    ("quality", About::Quality),
    ("package", About::Package),
    ("linkage", About::Linkage),
];
/// How a quality report is written, by the ending of its file.
const REPORTS: [(&str, ReportForm); 3] =
    [("json", ReportForm::Json), ("md", ReportForm::Markdown), ("xlsx", ReportForm::Xlsx)];
const GUARDS: [(&str, FormulaGuard); 3] =
    [("quote", FormulaGuard::Quote), ("refuse", FormulaGuard::Refuse), ("off", FormulaGuard::Off)];
const LONG_TEXTS: [(&str, LongText); 2] = [("refuse", LongText::Refuse), ("cut", LongText::Cut)];
const ENCODINGS: [(&str, TextEncoding); 3] =
    [("utf-8", TextEncoding::Utf8), ("utf-16", TextEncoding::Utf16), ("windows-1252", TextEncoding::Windows1252)];
const LINE_ENDS: [(&str, LineEnd); 2] = [("lf", LineEnd::Lf), ("crlf", LineEnd::CrLf)];
const FORMULAS: Key =
    Key::new("formulas", Takes::Word(&words(&GUARDS)), "texts that a spreadsheet would run").or_text("quote");
const ODS: &[Key] = &[
    Key::new("sheet", Takes::Text, "name of the sheet").or_text("Data"),
    Key::new("summary", Takes::Flag, "whether a sheet `Summary` is added").or(Usual::Flag(true)),
    Key::new("score", Takes::Text, "a column of numbers from 0 to 1 whose cells are coloured"),
    Key::new("long_text", Takes::Word(&words(&LONG_TEXTS)), "texts longer than a cell may be").or_text("refuse"),
    FORMULAS,
    workbook::SHOWN[0],
    workbook::SHOWN[1],
    workbook::SHOWN[2],
    workbook::SHOWN[3],
    workbook::SHOWN[4],
    workbook::SHOWN[5],
    Key::new("print", Takes::Flag, "whether it is laid out for printing").or(Usual::Flag(false)),
    workbook::MORE,
    workbook::WORDS,
];
/// The same, and what a template of Excel is asked for.
const XLSX: &[Key] = &[
    ODS[0],
    ODS[1],
    ODS[2],
    ODS[3],
    ODS[4],
    ODS[5],
    ODS[6],
    ODS[7],
    ODS[8],
    ODS[9],
    ODS[10],
    ODS[11],
    ODS[12],
    ODS[13],
    workbook::TEMPLATE[0],
    workbook::TEMPLATE[1],
];
const CSV: &[Key] = &[
    Key::new(
        "delimiter",
        Takes::Characters(1),
        "between two fields: `,`, a `;` beside `decimal_comma`, a tab for `tsv`",
    ),
    Key::new("bom", Takes::Flag, "whether the file begins with a byte order mark").or(Usual::Flag(false)),
    Key::new("decimal_comma", Takes::Flag, "whether numbers have a comma").or(Usual::Flag(false)),
    Key::new("encoding", Takes::Word(&words(&ENCODINGS)), "how characters are written").or_text("utf-8"),
    Key::new("line_end", Takes::Word(&words(&LINE_ENDS)), "what ends a line").or_text("lf"),
    Key::new("csvw", Takes::Flag, "whether `FILE-metadata.json` is written beside it, as CSV on the Web has it")
        .or(Usual::Flag(false)),
    FORMULAS,
];
const PARQUET: [Key; 1] = [Key::new(
    "partition_by",
    Takes::TEXTS,
    "columns whose values are folders, such as `year=2024`; `path` is the folder around them",
)];

/// A format of exports.
struct Writer {
    /// Its name and its keys.
    variant: Variant,
    /// Reads the keys: the name of the format, and whether the export is of rejected rows, come with them.
    read: fn(&mut Fields, &str, bool) -> ExportFormat,
}

/// The formats with keys; those without stand in [`PLAIN`].
const WRITERS: &[Writer] = &[
    Writer { variant: Variant { name: "xlsx", doc: "a workbook", keys: XLSX }, read: xlsx },
    Writer { variant: Variant { name: "ods", doc: "a workbook, as LibreOffice has it", keys: ODS }, read: ods },
    Writer { variant: Variant { name: "csv", doc: "delimited text", keys: CSV }, read: csv },
    Writer { variant: Variant { name: "tsv", doc: "text delimited by tabs", keys: CSV }, read: csv },
    Writer { variant: Variant { name: "json", doc: "a list of objects", keys: &[] }, read: json },
    Writer { variant: Variant { name: "ndjson", doc: "an object a line", keys: &[] }, read: json },
    Writer { variant: Variant { name: "jsonl", doc: "an object a line", keys: &[] }, read: json },
    Writer { variant: Variant { name: "parquet", doc: "columns for other programs", keys: &PARQUET }, read: parquet },
];

/// Words for formats that there are under another name, and what is said to who writes them.
const ELSEWHERE: &str = "\
xls = write `xlsx`, which every spreadsheet program opens
xlsm = write `xlsx`: a workbook that is published has no macros
excel workbook = the format is called `xlsx`
txt text = say `csv` or `tsv`, in `format` and as the ending of the path
html = pages are written by `about = \"docs\"`, and of a step that compares rows by `about = \"linkage\"`
pq = the format is called `parquet`
feather ipc = the format is called `arrow`
sqlite3 db = the format is called `sqlite`: end the path so, or write `format = \"sqlite\"` beside it
duckdb = a database of DuckDB has other bytes each time it is written: write `sqlite`, which DuckDB attaches, or `parquet`; `.hotpass/warehouse-v1.duckdb` holds all tables for a look
";

fn variants() -> Vec<Variant> {
    let plain = PLAIN.iter().map(|it| Variant { name: it.name, doc: it.doc, keys: &[] });
    WRITERS.iter().map(|it| it.variant).chain(plain).collect()
}

/// The format of this name, with its keys read; `None` where there is no such format.
fn format_of(table: &mut Fields, name: &str, rejected: bool) -> Option<ExportFormat> {
    if let Some(it) = WRITERS.iter().find(|it| it.variant.name == name) {
        table.also(it.variant.keys);
        return Some((it.read)(table, name, rejected));
    }
    PLAIN.iter().find(|it| it.name == name).map(|it| ExportFormat::Plain(it))
}

/// A declared artefact.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize)]
pub struct Export {
    /// The table that is written, or told about.
    pub from: String,
    /// What is told about the table, in the place of the table itself.
    pub about: Option<About>,
    /// Where to, relative to the workspace.
    pub path: String,
    /// How.
    pub format: ExportFormat,
    /// Columns in order; all visible ones when empty.
    pub columns: Vec<String>,
    /// Whether the rows are written that the table sets aside.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub rejected: bool,
    /// Of pages, the tables that have one; all that are told about when empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tables: Vec<String>,
    /// Of a report as a sheet, what it says in another language.
    #[serde(skip_serializing_if = "Words::is_none")]
    pub words: Words,
}

/// What an export may tell about a table.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// Which cells its values come from.
    Provenance,
    /// Which cells said otherwise than those that were taken.
    Conflicts,
    /// Pages for people: what tables hold and promise, and what their checks found.
    Docs,
    /// The same facts in one file.
    Quality,
    /// The files beside it: a data package, as Frictionless has it.
    Package,
    /// A page about the answer of a step that compares rows.
    Linkage,
}

impl About {
    /// As it is written.
    pub fn word(self) -> &'static str {
        match self {
            About::Provenance => "provenance",
            About::Conflicts => "conflicts",
            About::Docs => "docs",
            About::Quality => "quality",
            About::Package => "package",
            About::Linkage => "linkage",
        }
    }
}

/// Which page of Data Docs a file is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Page {
    /// What there is.
    Index,
    /// What was expected and found.
    Checks,
    /// The graph as a picture.
    Graph,
    /// One table.
    Table,
    /// All of it in one file.
    Report(ReportForm),
    /// No page of them: what stands beside delimited text, as CSV on the Web has it.
    Beside,
    /// No page of them: what stands beside all files of a pipeline, as a data package has it.
    Package,
    /// No page of them: what is known of the answer of a step that compares rows.
    Linkage,
}

impl Page {
    /// Whether it tells of what is declared alone, and of nothing that was counted.
    pub fn is_declared(self) -> bool {
        matches!(self, Page::Beside | Page::Package)
    }
}

/// How a quality report is written.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ReportForm {
    /// An object.
    Json,
    /// A page of Markdown.
    Markdown,
    /// A sheet of a workbook.
    Xlsx,
}

/// How an artefact is written. Its JSON is part of keys and of `hotpass.lock`: what is added is left out where it says
/// nothing.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ExportFormat {
    /// A workbook.
    Xlsx(Xlsx),
    /// An OpenDocument workbook.
    Ods(Xlsx),
    /// Delimited text.
    Csv(Csv),
    /// JSON.
    Json(Json),
    /// Parquet.
    Parquet,
    /// A folder of Parquet files, one for each combination of values of these columns.
    Partitioned(Vec<String>),
    /// A page of Data Docs. As declared it is the index; planning makes a file of each page.
    Page(Page),
    /// A format without keys.
    #[serde(untagged)]
    Plain(&'static Plain),
}

impl ExportFormat {
    /// How it is laid out, if it is a workbook.
    pub fn workbook(&self) -> Option<&Xlsx> {
        match self {
            ExportFormat::Xlsx(it) | ExportFormat::Ods(it) => Some(it),
            _ => None,
        }
    }

    /// How people call it.
    pub fn name(&self) -> &'static str {
        match self {
            ExportFormat::Xlsx(_) => "xlsx",
            ExportFormat::Ods(_) => "ods",
            ExportFormat::Csv(_) => "csv",
            ExportFormat::Json(Json { lines: false }) => "json",
            ExportFormat::Json(Json { lines: true }) => "ndjson",
            ExportFormat::Parquet | ExportFormat::Partitioned(_) => "parquet",
            ExportFormat::Plain(it) => it.name,
            ExportFormat::Page(Page::Report(_)) => "quality",
            ExportFormat::Page(Page::Beside) => "csvw",
            ExportFormat::Page(Page::Package) => "package",
            ExportFormat::Page(Page::Linkage) => "linkage",
            ExportFormat::Page(_) => "docs",
        }
    }

    /// How names of its files end.
    pub fn endings(&self) -> &'static [&'static str] {
        match self {
            ExportFormat::Xlsx(_) => &["xlsx"],
            ExportFormat::Ods(_) => &["ods"],
            ExportFormat::Csv(_) => &["csv", "tsv"],
            ExportFormat::Json(Json { lines: false }) => &["json"],
            ExportFormat::Json(Json { lines: true }) => &["ndjson", "jsonl"],
            ExportFormat::Parquet | ExportFormat::Partitioned(_) => &["parquet"],
            ExportFormat::Plain(it) => it.endings,
            ExportFormat::Page(Page::Report(ReportForm::Json) | Page::Beside | Page::Package) => &["json"],
            ExportFormat::Page(Page::Report(ReportForm::Markdown)) => &["md"],
            ExportFormat::Page(Page::Report(ReportForm::Xlsx)) => &["xlsx"],
            ExportFormat::Page(_) => &["html"],
        }
    }
}

/// Keys of a report that is a sheet.
const SHEET_OF_REPORT: [Key; 1] = [workbook::WORDS];

/// Reads `[export.NAME]`.
pub(super) fn export(table: &mut Fields) -> Option<Export> {
    let about = table.choice("about", &ABOUTS);
    match about {
        Some(About::Docs) => return docs(table),
        Some(About::Quality) => return quality(table),
        Some(About::Package) => return package(table),
        Some(About::Linkage) => return linkage(table),
        _ => (),
    }
    // Of what table something is told is found out in planning.
    let from = if about.is_some() { Some(table.text("from").unwrap_or_default()) } else { table.required_text("from") };
    let path = paths::required(table);
    let columns = table.words("columns");
    let rejected = table.flag("rejected", false);
    // Whether it says anything here is found out in planning.
    let tables = table.words("tables");
    table.text("description");
    let ending = match table.text("format") {
        Some(format) => format,
        None if path.is_none() => {
            table.skip_rest();
            return None;
        }
        None => path.as_deref()?.rsplit_once('.').map(|(_, it)| it.to_lowercase()).unwrap_or_default(),
    };
    let Some(format) = format_of(table, &ending, rejected) else {
        unknown_format(table, &ending);
        return None;
    };
    let words = Words::none();
    Some(Export { from: from?, about, path: path?, format, columns, rejected, tables, words })
}

fn unknown_format(table: &mut Fields, ending: &str) {
    let message = format!("an artefact cannot be written as `{}`", ending.escape_debug());
    let names: Vec<String> = variants().iter().map(|it| format!("`{}`", it.name)).collect();
    let (last, rest) = names.split_last().map_or(("", &[][..]), |(last, rest)| (last.as_str(), rest));
    let all = || match table.has("partition_by") {
        true => "add `format = \"parquet\"`: `path` is a folder then".to_owned(),
        false => format!("formats are {} and {last}", rest.join(", ")),
    };
    let help = meant(ELSEWHERE, ending).map_or_else(all, str::to_owned);
    let key = if table.has("format") { "format" } else { "path" };
    table.problem(&UNKNOWN_FORMAT, key, message, "this format", Some(help));
    table.skip_rest();
}

fn parquet(table: &mut Fields, _: &str, _: bool) -> ExportFormat {
    match table.words("partition_by") {
        by if by.is_empty() => ExportFormat::Parquet,
        by => ExportFormat::Partitioned(by),
    }
}

fn xlsx(table: &mut Fields, _: &str, rejected: bool) -> ExportFormat {
    ExportFormat::Xlsx(book(table, workbook::template, rejected))
}

fn ods(table: &mut Fields, _: &str, rejected: bool) -> ExportFormat {
    ExportFormat::Ods(book(table, |_| None, rejected))
}

fn book(table: &mut Fields, template: fn(&mut Fields) -> Option<TemplateOf>, rejected: bool) -> Xlsx {
    let template = template(table);
    let sheet = table.text("sheet").unwrap_or_else(|| "Data".to_owned());
    let (columns, describe) = workbook::shown(table);
    Xlsx {
        columns,
        describe,
        print: table.flag("print", false),
        sheets: workbook::sheets(table, &sheet),
        words: workbook::words(table),
        sheet: Some(sheet),
        formulas: table.choice("formulas", &GUARDS).unwrap_or_default(),
        // A person who corrects rows sends one sheet back.
        summary: table.flag("summary", !rejected && template.is_none()),
        template,
        score: table.text("score"),
        long_text: table.choice("long_text", &LONG_TEXTS).unwrap_or_default(),
    }
}

fn csv(table: &mut Fields, name: &str, _: bool) -> ExportFormat {
    let decimal_comma = table.flag("decimal_comma", false);
    let delimiter = character(table, "delimiter").unwrap_or(match (name, decimal_comma) {
        ("tsv", _) => '\t',
        (_, true) => ';',
        _ => ',',
    });
    if decimal_comma && delimiter == ',' {
        let message = "a comma cannot separate fields and also be the decimal sign";
        let help = "leave `delimiter` out, which makes it `;`, or take a tab or `|`".to_owned();
        table.problem(&DELIMITER, "delimiter", message, "this sign", Some(help));
    }
    let encoding = table.choice("encoding", &ENCODINGS).unwrap_or_default();
    let bom = table.flag("bom", false);
    if bom && encoding == TextEncoding::Windows1252 {
        let help = "leave `bom` out, or write `encoding = \"utf-8\"`".to_owned();
        table.problem(&WRONG_VALUE, "bom", "windows-1252 has no byte order mark", "this key", Some(help));
    }
    ExportFormat::Csv(Csv {
        delimiter,
        formulas: table.choice("formulas", &GUARDS).unwrap_or_default(),
        bom,
        decimal_comma,
        encoding,
        line_end: table.choice("line_end", &LINE_ENDS).unwrap_or_default(),
        csvw: table.flag("csvw", false),
    })
}

fn json(_: &mut Fields, name: &str, _: bool) -> ExportFormat {
    ExportFormat::Json(Json { lines: name != "json" })
}

pub(super) fn character(table: &mut Fields, key: &str) -> Option<char> {
    characters(table, key, 1)?.chars().next()
}

/// One character of ASCII, or as many as there may be `most`.
pub(super) fn characters(table: &mut Fields, key: &str, most: usize) -> Option<String> {
    let text = table.text(key)?;
    if text.is_ascii() && (1..=most).contains(&text.len()) {
        return Some(text);
    }
    let help = Some("for a tab write \"\\t\"".to_owned());
    let takes = Takes::Characters(most).words();
    table.problem(&WRONG_TYPE, key, format!("`{key}` takes {takes}"), "this text", help);
    None
}

/// Pages about tables: neither a table nor a folder has to be named.
fn docs(table: &mut Fields) -> Option<Export> {
    let from = table.text("from").unwrap_or_default();
    let path = if table.has("path") { paths::path(table) } else { Some(DOCS.to_owned()) };
    let tables = table.words("tables");
    table.text("description");
    let why = "`docs` are pages of HTML about whole tables";
    says_nothing(table, &["format", "columns", "rejected"], "`docs`", why);
    let path = path?.trim_end_matches('/').to_owned();
    let (about, format) = (Some(About::Docs), ExportFormat::Page(Page::Index));
    let words = Words::none();
    Some(Export { from, about, path, format, columns: Vec::new(), rejected: false, tables, words })
}

/// Tells of keys that are there and have no meaning.
fn says_nothing(table: &mut Fields, keys: &[&str], of: &str, why: &str) {
    for key in keys.iter().filter(|it| table.has(it)).collect::<Vec<_>>() {
        let help = Some(format!("leave `{key}` out: {why}"));
        table.problem(&WRONG_VALUE, key, format!("`{key}` says nothing of {of}"), "this key", help);
    }
}

/// What is known of the answer of a step that compares rows, as a page.
fn linkage(table: &mut Fields) -> Option<Export> {
    // That it is there is found out in planning, as for all that tell about a table.
    let from = table.text("from").unwrap_or_default();
    let path = paths::required(table);
    table.text("description");
    let why = "the page is HTML, and describes the whole result";
    says_nothing(table, &["tables", "format", "columns", "rejected"], "`linkage`", why);
    let (about, format) = (Some(About::Linkage), ExportFormat::Page(Page::Linkage));
    let (columns, tables) = (Vec::new(), Vec::new());
    Some(Export { from, about, path: path?, format, columns, rejected: false, tables, words: Words::none() })
}

/// What a data package says of the files beside it.
fn package(table: &mut Fields) -> Option<Export> {
    let path = paths::required(table);
    table.text("description");
    let why = "a package lists the files that are published beside it";
    says_nothing(table, &["from", "tables", "format", "columns", "rejected"], "a `package`", why);
    let (about, format) = (Some(About::Package), ExportFormat::Page(Page::Package));
    let (from, columns, tables) = (String::new(), Vec::new(), Vec::new());
    Some(Export { from, about, path: path?, format, columns, rejected: false, tables, words: Words::none() })
}

/// The facts of Data Docs in one file, whose ending says how it is written.
fn quality(table: &mut Fields) -> Option<Export> {
    let from = table.text("from").unwrap_or_default();
    let path = paths::required(table);
    let tables = table.words("tables");
    table.text("description");
    let why = "the report is about whole tables, and its ending says the format";
    says_nothing(table, &["format", "columns", "rejected"], "`quality`", why);
    let path = path?;
    let ending = path.rsplit_once('.').map(|(_, it)| it.to_lowercase()).unwrap_or_default();
    // Another ending is refused in planning, as that of every artefact is.
    let form = REPORTS.iter().find(|(it, _)| *it == ending).map_or(ReportForm::Json, |(_, form)| *form);
    let words = match form {
        ReportForm::Xlsx => {
            table.also(&SHEET_OF_REPORT);
            workbook::words(table)
        }
        _ => Words::none(),
    };
    let (about, format) = (Some(About::Quality), ExportFormat::Page(Page::Report(form)));
    Some(Export { from, about, path, format, columns: Vec::new(), rejected: false, tables, words })
}
