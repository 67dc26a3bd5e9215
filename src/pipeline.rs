//! Pipelines as declared: `[pipeline]`, `[parameters]`, `[source.*]`, `[step.*]`, `[[expect.*]]`, `[export.*]`.
//!
//! What is read here is free of schemas: whether a column exists is found out when the graph is planned.

pub mod like;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use serde::Serialize;

use crate::border::{Header, Hidden, Known, Merged, Ragged, Totals};
use crate::digest::{Digest, digest_of};
use crate::expectations::{self, Expectation};
use crate::expr::Literal;
use crate::fields::{Fields, Parameters, Reader, UNKNOWN_KEY, WRONG_TYPE, WRONG_VALUE};
use crate::problem::{Code, Problem, did_you_mean};
use crate::profile::Profile;
use crate::publish::{FormulaGuard, LongText};
use crate::steps::{self, Decoded};

/// A file under `pipelines/` with two meanings for one name.
pub const NAME_TWICE: Code = Code::error("hotpass::pipeline::name_taken");
/// A name that cannot be used.
pub const BAD_NAME: Code = Code::error("hotpass::pipeline::bad_name");
/// A kind of step that does not exist.
pub const UNKNOWN_KIND: Code = Code::error("hotpass::pipeline::unknown_kind");
/// A format that cannot be read or written.
pub const UNKNOWN_FORMAT: Code = Code::error("hotpass::pipeline::unknown_format");
/// `--set` of something that no pipeline declares, or of another type.
pub const BAD_PARAMETER: Code = Code::error("hotpass::pipeline::bad_parameter");

/// All codes of this module.
pub const CODES: &[&Code] = &[&NAME_TWICE, &BAD_NAME, &UNKNOWN_KIND, &UNKNOWN_FORMAT, &BAD_PARAMETER];

/// One declared pipeline.
#[derive(Clone, PartialEq, Debug)]
pub struct Pipeline {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// The file it stands in, relative to the workspace.
    pub file: Arc<PathBuf>,
    /// Declared sources, in the order of the file.
    pub sources: Vec<(String, Source)>,
    /// Declared steps, in the order of the file.
    pub steps: Vec<(String, Step)>,
    /// Declared expectations, in the order of the file.
    pub expectations: Vec<Expectation>,
    /// Declared exports, in the order of the file.
    pub exports: Vec<(String, Export)>,
    /// Names of declared parameters.
    pub parameters: Vec<String>,
    /// Digests of the profiles it was read with, by name, comments and layout left out.
    pub profiles: BTreeMap<String, Digest>,
    /// Digests of the lookups that came out of profiles and pipeline, by name.
    pub lookups: BTreeMap<String, Digest>,
    /// What its profile knows of values, by which columns are recognised.
    pub known: Arc<Known>,
    /// Names of sources and steps that could not be read: what is wrong with them has been told.
    pub broken: Vec<String>,
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
    /// Rank in survivorship: greater wins.
    #[serde(skip)]
    pub priority: i64,
    /// What it looks like, by which `refine` recognises it.
    #[serde(skip)]
    pub like: like::Like,
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

/// A declared step.
#[derive(Clone, Debug)]
pub struct Step {
    /// Its kind.
    pub kind: &'static steps::Kind,
    /// What it is to do.
    pub decoded: Decoded,
    /// Free words for selecting: `tag:x`.
    pub tags: Vec<String>,
    /// What it is for.
    pub description: Option<String>,
}

impl PartialEq for Step {
    fn eq(&self, other: &Step) -> bool {
        self.kind.name == other.kind.name
            && self.decoded == other.decoded
            && self.tags == other.tags
            && self.description == other.description
    }
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
}

/// What an export may tell about a table.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// Which cells its values come from.
    Provenance,
    /// Which cells said otherwise than those that were taken.
    Conflicts,
}

/// How an artefact is written.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ExportFormat {
    /// A workbook.
    Xlsx {
        /// Name of the data sheet.
        sheet: String,
        /// What happens to texts that a spreadsheet program would run.
        formulas: FormulaGuard,
        /// Whether a summary sheet is added.
        summary: bool,
        /// The column whose cells are coloured by their score.
        score: Option<String>,
        /// What happens to texts longer than a cell may be.
        long_text: LongText,
    },
    /// Delimited text.
    Csv {
        /// Between two fields.
        delimiter: char,
        /// What happens to texts that a spreadsheet program would run.
        formulas: FormulaGuard,
        /// Whether the file begins with a byte order mark.
        bom: bool,
    },
    /// Parquet.
    Parquet,
}

/// The `[pipeline]` table, read before anything else of a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Heading {
    /// The pipeline's name.
    pub name: String,
    /// The profile it names, with its place.
    pub profile: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// Names of declared parameters.
    pub parameters: Vec<String>,
}

/// Schemas that a DuckDB database has, or that ours has besides.
const RESERVED: [&str; 6] = ["hotpass", "main", "temp", "system", "information_schema", "pg_catalog"];

/// Reads `[pipeline]` and `[parameters]`; `None` when the file is no pipeline.
pub fn heading(reader: &Reader, fields: &mut Fields, set: &BTreeMap<String, String>) -> Option<Heading> {
    let mut table = fields.table("pipeline")?;
    let name = table.required_text("name", "what people call it").unwrap_or_default();
    let profile = table.text("profile");
    let description = table.text("description");
    check_name(&table, "name", &name);
    if RESERVED.contains(&name.to_lowercase().as_str()) {
        let message = format!("a pipeline cannot be called `{name}`");
        let help = Some("the warehouse has a schema of this name already".to_owned());
        table.problem(&BAD_NAME, "name", message, "this name", help);
    }
    table.finish();
    let declared = parameters(fields, set);
    let parameters = declared.keys().cloned().collect();
    reader.set_parameters(declared);
    Some(Heading { name, profile, description, parameters })
}

/// Reads everything else of a pipeline file.
pub fn body(heading: Heading, file: &Arc<PathBuf>, fields: &mut Fields, profile: &Profile) -> Pipeline {
    let mut broken = Vec::new();
    let sources: Vec<_> = fields
        .named_tables("source")
        .into_iter()
        .filter_map(|(name, mut table)| {
            check_table_name(&table, &name);
            let source = source(&mut table);
            table.finish();
            match source {
                Some(source) => Some((name, source)),
                None => {
                    broken.push(name);
                    None
                }
            }
        })
        .collect();
    let mut steps = Vec::new();
    for (name, mut table) in fields.named_tables("step") {
        check_table_name(&table, &name);
        let taken = sources.iter().any(|(it, _)| *it == name);
        if taken {
            let message = format!("`{name}` is a source and a step");
            let problem = Problem::new(&NAME_TWICE, message).label(&table.span(), "taken by a source");
            table.report(problem.help("give one of the two another name".to_owned()));
        }
        let step = step(&mut table, profile);
        table.finish();
        match step {
            // The name stands for the source: one mistake, one problem.
            Some(_) if taken => (),
            Some(step) => steps.push((name, step)),
            None => broken.push(name),
        }
    }
    let expectations = expectations::decode(fields);
    let exports = fields
        .named_tables("export")
        .into_iter()
        .filter_map(|(name, mut table)| {
            check_table_name(&table, &name);
            let export = export(&mut table);
            table.finish();
            Some((name, export?))
        })
        .collect();
    let Heading { name, description, parameters, .. } = heading;
    let file = Arc::clone(file);
    let lookups = profile.lookups.iter();
    let lookups = lookups.map(|(name, it)| (name.clone(), digest_of("hotpass lookup v1", it))).collect();
    let (known, profiles) = (Arc::new(profile.known()), BTreeMap::new());
    Pipeline {
        name,
        description,
        file,
        sources,
        steps,
        expectations,
        exports,
        parameters,
        profiles,
        lookups,
        known,
        broken,
    }
}

fn parameters(fields: &mut Fields, set: &BTreeMap<String, String>) -> Parameters {
    let Some(mut table) = fields.table("parameters") else { return Parameters::new() };
    let mut acc = Parameters::new();
    for name in table.keys() {
        let Some(default) = table.value(&name) else { continue };
        let value = match set.get(&name) {
            None => default,
            Some(text) => match typed_like(&default, text) {
                Some(value) => value,
                None => {
                    let message = format!("`--set {name}=…` needs a value like the declared one");
                    table.problem(&BAD_PARAMETER, &name, message, "declared here", None);
                    default
                }
            },
        };
        acc.insert(name, value);
    }
    acc
}

fn typed_like(default: &Literal, text: &str) -> Option<Literal> {
    Some(match default {
        Literal::Integer(_) => Literal::Integer(text.parse().ok()?),
        Literal::Number(_) => {
            text.parse::<f64>().ok().filter(|it| it.is_finite())?;
            Literal::Number(text.to_owned())
        }
        Literal::Boolean(_) => Literal::Boolean(text.parse().ok()?),
        Literal::Text(_) | Literal::Null => Literal::Text(text.to_owned()),
    })
}

/// Names become parts of selectors and of view names, so they are plain words.
fn check_name(fields: &Fields, key: &str, name: &str) {
    if !is_name(name) {
        let message = format!("`{}` cannot be a name", name.escape_debug());
        let help = Some("use letters, digits and `_`, beginning with a letter".to_owned());
        fields.problem(&BAD_NAME, key, message, "this name", help);
    }
}

fn check_table_name(table: &Fields, name: &str) {
    if !is_name(name) {
        let message = format!("`{}` cannot be a name", name.escape_debug());
        let help = "use letters, digits and `_`, beginning with a letter".to_owned();
        table.report(Problem::new(&BAD_NAME, message).label(&table.span(), "this name").help(help));
    }
}

fn is_name(name: &str) -> bool {
    let word = name.chars().all(|it| it.is_ascii_alphanumeric() || it == '_' || it == '-');
    word && name.starts_with(|it: char| it.is_ascii_alphabetic()) && name.len() <= 100
}

fn source(table: &mut Fields) -> Option<Source> {
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
    let priority = table.integer("priority").unwrap_or(0);
    let like = like::Like::decode(table);
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

fn character(table: &mut Fields, key: &str) -> Option<char> {
    let text = table.text(key)?;
    let mut characters = text.chars();
    match (characters.next(), characters.next()) {
        (Some(it), None) if it.is_ascii() => Some(it),
        _ => {
            let help = Some("for a tab write \"\\t\"".to_owned());
            table.problem(&WRONG_TYPE, key, format!("`{key}` takes one character"), "this text", help);
            None
        }
    }
}

fn step(table: &mut Fields, profile: &Profile) -> Option<Step> {
    let tags = table.words("tags");
    let description = table.text("description");
    let name = table.required_text("kind", "what kind of step it is")?;
    let Some(kind) = steps::KINDS.iter().find(|it| it.name == name) else {
        let known = || steps::KINDS.iter().map(|it| it.name);
        let help = did_you_mean(&name, known());
        let help = help.unwrap_or_else(|| {
            format!("kinds are {}", known().map(|it| format!("`{it}`")).collect::<Vec<_>>().join(", "))
        });
        table.problem(&UNKNOWN_KIND, "kind", format!("there is no kind of step `{name}`"), "this kind", Some(help));
        // What the other keys mean depends on the kind; one problem is enough.
        table.skip_rest();
        return None;
    };
    let decoded = (kind.decode)(table, profile);
    Some(Step { kind, decoded: decoded?, tags, description })
}

fn export(table: &mut Fields) -> Option<Export> {
    let from = table.required_text("from", "the table to write");
    let about = table.choice("about", &[("provenance", About::Provenance), ("conflicts", About::Conflicts)]);
    let path = table.required_text("path", "the file to write");
    let columns = table.words("columns");
    let rejected = table.flag("rejected", false);
    table.text("description");
    let ending = match table.text("format") {
        Some(format) => format,
        None => path.as_deref()?.rsplit_once('.').map(|(_, it)| it.to_lowercase()).unwrap_or_default(),
    };
    let guards = [("quote", FormulaGuard::Quote), ("refuse", FormulaGuard::Refuse), ("off", FormulaGuard::Off)];
    let format = match ending.as_str() {
        "xlsx" => ExportFormat::Xlsx {
            sheet: table.text("sheet").unwrap_or_else(|| "Data".to_owned()),
            formulas: table.choice("formulas", &guards).unwrap_or_default(),
            // A person who corrects rows sends one sheet back.
            summary: table.flag("summary", !rejected),
            score: table.text("score"),
            long_text: table
                .choice("long_text", &[("refuse", LongText::Refuse), ("cut", LongText::Cut)])
                .unwrap_or_default(),
        },
        "csv" | "tsv" => ExportFormat::Csv {
            delimiter: character(table, "delimiter").unwrap_or(if ending == "tsv" { '\t' } else { ',' }),
            formulas: table.choice("formulas", &guards).unwrap_or_default(),
            bom: table.flag("bom", false),
        },
        "parquet" => ExportFormat::Parquet,
        _ => {
            let message = format!("an artefact cannot be written as `{}`", ending.escape_debug());
            let help = Some("formats are `xlsx`, `csv`, `tsv` and `parquet`".to_owned());
            let key = if table.has("format") { "format" } else { "path" };
            table.problem(&UNKNOWN_FORMAT, key, message, "this format", help);
            table.skip_rest();
            return None;
        }
    };
    Some(Export { from: from?, about, path: path?, format, columns, rejected })
}
