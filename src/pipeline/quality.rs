//! `[[gate]]`: what must hold of a whole pipeline before anything of it is published.
//!
//! A gate asks for checks that are declared elsewhere, or for a number of a table. Such a number is written as an
//! expectation and read by the reader of those, so that it is counted in the same scan and remembered by the same key.

use std::path::PathBuf;
use std::sync::Arc;

use crate::contracts::lower::{literal, quoted};
use crate::expectations::{self, Expectation, Waiver, learnt, waiver};
use crate::expr::Literal;
use crate::fields::keys::{Key, Keys, Need, Takes, Variant, words};
use crate::fields::{Fields, Parameters, Reader, WRONG_VALUE};
use crate::pipeline::NAME_TWICE;
use crate::problem::{Code, Problem, Severity, did_you_mean};

/// A gate that asks for nothing.
pub const ASKS_NOTHING: Code = Code::error("hotpass::gate::asks-nothing");
/// A gate that names a check, a table or a contract of which nothing is checked.
pub const UNKNOWN_CHECK: Code = Code::error("hotpass::gate::unknown-check");
/// How far a number may fall or rise, where that is no share.
pub const BAD_SHARE: Code = Code::error("hotpass::gate::bad-share");
/// A gate of severity `error` that is shut.
pub const SHUT: Code = Code::error("hotpass::gate::shut");
/// A gate of severity `warn` that is shut.
pub const WARNED: Code = Code::warning("hotpass::gate::warned");
/// A gate that is shut, for which somebody answers.
pub const WAIVED: Code = Code::warning("hotpass::gate::waived");

/// All codes of gates.
pub const CODES: &[&Code] = &[&ASKS_NOTHING, &UNKNOWN_CHECK, &BAD_SHARE, &SHUT, &WARNED, &WAIVED];

/// A declared gate.
#[derive(Clone, PartialEq, Debug)]
pub struct QualityGate {
    /// Its name.
    pub id: String,
    /// The path of its table in the TOML.
    pub path: String,
    /// The table itself, without comments and layout.
    pub toml: String,
    /// What it is for.
    pub meaning: Option<String>,
    /// What it means that it is shut.
    pub severity: Severity,
    /// Who answers for it when it is shut, and until when.
    pub waiver: Option<Waiver>,
    /// Exports that wait for it; all of the pipeline when empty.
    pub exports: Vec<String>,
    /// Tables and names of checks that must all hold, warnings too.
    pub expectations: Vec<String>,
    /// Contracts that must be kept.
    pub contracts: Vec<String>,
    /// Files of the workspace that must be there, or be published with the rest.
    pub files: Vec<String>,
    /// A number of a table.
    pub metric: Option<Metric>,
    /// How new the newest value of a column must be.
    pub freshness: Option<Fresh>,
    /// Tables of which every value must be traced to a cell or a constant.
    pub provenance: Vec<Traced>,
    /// Whether what waits for it must come out with the same bytes when it is made again.
    pub reproducible: bool,
}

/// A table of which every value must be traced.
#[derive(Clone, PartialEq, Debug)]
pub struct Traced {
    /// The table.
    pub table: String,
    /// The check over its provenance that asks for it.
    pub check: Expectation,
}

/// How new the newest value of a column must be.
#[derive(Clone, PartialEq, Debug)]
pub struct Fresh {
    /// The check that asks for it.
    pub check: Expectation,
    /// What is asked, in words.
    pub words: String,
}

/// A number of a table that a gate asks for.
#[derive(Clone, PartialEq, Debug)]
pub struct Metric {
    /// The check that takes it and holds it against `min` and `max`.
    pub check: Expectation,
    /// What it is, in words: ``rows of `t` ``.
    pub words: String,
    /// Whether `min` or `max` is asked for.
    pub bounded: bool,
    /// By which share it may fall against the last published build.
    pub max_drop: Option<f64>,
    /// By which share it may rise.
    pub max_rise: Option<f64>,
}

impl QualityGate {
    /// The checks that it takes by itself.
    pub fn own(&self) -> impl Iterator<Item = &Expectation> {
        let metric = self.metric.as_ref().map(|it| &it.check);
        metric.into_iter().chain(self.freshness.as_ref().map(|it| &it.check))
    }

    /// Whether this check is its own.
    pub fn takes(&self, check: &Expectation) -> bool {
        self.own().any(|it| it == check)
    }

    /// The waiver, where it holds.
    pub fn waived(&self) -> Option<&Waiver> {
        self.waiver.as_ref().filter(|it| it.is_active())
    }

    /// Whether exports wait while the gate is as told: what could not be told is no pass.
    pub fn stops(&self, held: Option<bool>) -> bool {
        match held {
            Some(true) => false,
            Some(false) => self.severity == Severity::Error && self.waived().is_none(),
            None => self.severity == Severity::Error,
        }
    }
}

const SEVERITIES: [(&str, Severity); 2] = [("error", Severity::Error), ("warn", Severity::Warning)];
/// Farther than any number that is counted.
const FARTHEST: f64 = 1e18;

/// `[[gate]]`.
pub const GATES: Keys = Keys::of(&[
    Key::required("id", Takes::Name, "its name in results"),
    Key::new("meaning", Takes::Text, "what it is for; the message contains it when the gate is shut"),
    Key::new("severity", Takes::Word(&words(&SEVERITIES)), "what it means that it is shut").or_text("error"),
    Key::new("exports", Takes::TEXTS, "exports that wait for it; all of the pipeline without it"),
    Key::new("expectations", Takes::TEXTS, "tables, or names of checks, of which every check must hold"),
    Key::new("contract", Takes::TEXTS, "contracts that must be kept"),
    Key::new("files", Takes::TEXTS, "files that must be there, or be published with the rest"),
    Key::new("metric", Takes::Table(&METRIC), "the number of a table that is asked for"),
    Key::new("freshness", Takes::Table(&FRESHNESS), "how new the newest value of a column must be"),
    Key::new("provenance", Takes::TEXTS, "tables of which every value must be traced to a cell or a constant"),
    Key::new(
        "reproducible",
        Takes::True,
        "whether everything that waits for it must have the same bytes when it is recomputed",
    ),
    Key::new("waiver", Takes::Table(&waiver::KEYS), "who answers for it when it is shut, why, and until when"),
])
.needing(&[Need::one_of(&["expectations", "contract", "files", "metric", "freshness", "provenance", "reproducible"])]);

const FRESHNESS: Keys = Keys::of(&[
    Key::required("table", Takes::Text, "the table"),
    Key::required("column", Takes::Text, "the column of dates or times"),
    Key::required("as_of", Takes::Text, "the day that it is compared with, as `2025-06-30`"),
    Key::new("within", Takes::Integer(0, 1_000_000), "how many days before it the newest value may lie"),
]);

const METRIC: Keys = Keys::of(&[
    Key::required("table", Takes::Text, "the table whose number is taken"),
    Key::required("of", Takes::Text, "what the number is"),
    Key::new("min", Takes::Number(-FARTHEST, FARTHEST), "the least that the number may be"),
    Key::new("max", Takes::Number(-FARTHEST, FARTHEST), "the greatest that the number may be"),
    Key::new("max_drop", Takes::Text, "how far it may fall below the last published build, as `2%`"),
    Key::new("max_rise", Takes::Text, "how far it may rise above the last published build, as `20%`"),
])
.by("of", metrics)
.needing(&[Need::one_of(&["min", "max", "max_drop", "max_rise"])]);

const COLUMN: &[Key] = &[Key::required("column", Takes::Text, "the column that the number is made of")];

/// Numbers of a table that a gate may ask for, each with its keys: none of them is the value of a cell.
fn metrics() -> Vec<Variant> {
    let of = |name, doc| Variant { name, doc, keys: COLUMN };
    vec![
        Variant { name: "rows", doc: "how many rows there are", keys: &[] },
        of("distinct_count", "how many different values there are"),
        of("distinct_share", "the share of different values among all values"),
        of("filled_share", "the share of rows with a value"),
        of("mean", "the mean"),
        of("stdev", "the standard deviation"),
        of("sum", "the sum"),
    ]
}

/// Reads `[[gate]]`.
pub(super) fn decode(fields: &mut Fields) -> Vec<QualityGate> {
    let mut acc: Vec<QualityGate> = Vec::new();
    for mut table in fields.tables("gate") {
        let gate = gate(&mut table);
        if let Some(gate) = gate {
            if acc.iter().any(|it| it.id == gate.id) {
                let message = format!("there are two gates `{}`", gate.id.escape_debug());
                let help = Some("give one of the two another name".to_owned());
                table.problem(&NAME_TWICE, "id", message, "this name", help);
            } else {
                acc.push(gate);
            }
        }
        table.finish();
    }
    acc
}

fn gate(table: &mut Fields) -> Option<QualityGate> {
    let id = table.required_text("id");
    if let Some(id) = &id {
        super::check_name(table, "id", id);
    }
    let meaning = table.text("meaning");
    let severity = table.choice("severity", &SEVERITIES).unwrap_or(Severity::Error);
    let waiver = Waiver::decode(table, "waiver");
    let (exports, expectations) = (table.words("exports"), table.words("expectations"));
    let (contracts, files) = (table.words("contract"), table.words("files"));
    let named = table.words("provenance");
    let provenance: Vec<Traced> =
        id.iter().flat_map(|id| named.iter().filter_map(|it| traced(table, id, it))).collect();
    let asked = table.has("metric");
    let metric = id.as_ref().and_then(|id| metric(table, id));
    let asks_day = table.has("freshness");
    let freshness = id.as_ref().and_then(|id| freshness(table, id));
    let reproducible = table.flag("reproducible", false);
    if table.has("reproducible") && !reproducible {
        let help = Some("remove it, or write `true`".to_owned());
        table.problem(&WRONG_VALUE, "reproducible", "`false` asks for nothing", "this value", help);
    }
    let asks_none = !asked && !asks_day && !reproducible;
    if asks_none && named.is_empty() && expectations.is_empty() && contracts.is_empty() && files.is_empty() {
        let problem = Problem::new(&ASKS_NOTHING, "this gate asks for nothing").label(&table.span(), "in this table");
        let help =
            "add `expectations`, `contract`, `files`, `metric`, `freshness`, `provenance` or `reproducible`".to_owned();
        table.report(problem.help(help));
        return None;
    }
    let (path, toml) = (table.path().to_owned(), table.as_toml("[[gate]]"));
    let id = id?;
    // What is wrong with a number has been told; without it the gate would ask for less than was written.
    if asked && metric.is_none() || asks_day && freshness.is_none() {
        return None;
    }
    Some(QualityGate {
        id,
        path,
        toml,
        meaning,
        severity,
        waiver,
        exports,
        expectations,
        contracts,
        files,
        metric,
        freshness,
        provenance,
        reproducible,
    })
}

/// What asks for the provenance of a table: each of its values comes from a cell, or is written in the pipeline.
fn traced(gate: &Fields, id: &str, name: &str) -> Option<Traced> {
    let text = format!(
        "[[expect.{}]]\nid = {}\nseverity = \"warn\"\nholds = \"source is not null or rule <> 'query'\"\n",
        quoted(&format!("{name}__provenance")),
        quoted(&format!("gate.{id}.provenance.{name}")),
    );
    lowered(gate, "provenance", &text).map(|check| Traced { table: name.to_owned(), check })
}

/// How new a column must be, taken by a check that is written and read as any other.
fn freshness(gate: &mut Fields, id: &str) -> Option<Fresh> {
    let mut table = gate.table("freshness")?;
    let (about, column) = (table.required_text("table"), table.required_text("column"));
    let day = table.required_text("as_of");
    let within = if table.has("within") { table.integer("within") } else { Some(0) };
    let found = match (about, column, day, within) {
        (Some(about), Some(column), Some(day), Some(within)) => {
            let text = format!(
                "[[expect.{}]]\nid = {}\nseverity = \"warn\"\ncolumn = {}\nfreshness = {{ as_of = {}, within = {within} }}\n",
                quoted(&about),
                quoted(&format!("gate.{id}.freshness")),
                quoted(&column),
                quoted(&day),
            );
            let days = crate::numbers::count(u64::try_from(within).unwrap_or(0), "day");
            let words = format!("newest `{about}.{column}` within {days} of {day}");
            lowered(&table, "as_of", &text).map(|check| Fresh { check, words })
        }
        _ => None,
    };
    table.finish();
    found
}

/// The number that is asked for.
fn metric(gate: &mut Fields, id: &str) -> Option<Metric> {
    let mut table = gate.table("metric")?;
    let found = number_of(&mut table, id);
    table.finish();
    found
}

fn number_of(table: &mut Fields, id: &str) -> Option<Metric> {
    let about = table.required_text("table");
    let bounds = [("min", number(table, "min")), ("max", number(table, "max"))];
    let (max_drop, max_rise) = (share(table, "max_drop"), share(table, "max_rise"));
    let name = table.required_text("of")?;
    let Some(kind) = metrics().into_iter().find(|it| it.name == name) else {
        let known: Vec<_> = metrics().iter().map(|it| it.name).collect();
        let help = did_you_mean(&name, known.iter().copied());
        let help = help.unwrap_or_else(|| format!("it is one of `{}`", known.join("`, `")));
        let message = format!("`{}` is not a number that a gate may ask for", name.escape_debug());
        table.problem(&WRONG_VALUE, "of", message, "this text", Some(help));
        table.skip_rest();
        return None;
    };
    table.also(kind.keys);
    let column = if kind.keys.is_empty() { None } else { Some(table.required_text("column")?) };
    let about = about?;
    if !["min", "max", "max_drop", "max_rise"].iter().any(|it| table.has(it)) {
        let help = Some("add `min`, `max`, `max_drop` or `max_rise`".to_owned());
        table.problem(&WRONG_VALUE, "of", "the number is compared with nothing", "asked for here", help);
        return None;
    }
    let mut written: Vec<String> =
        bounds.iter().filter_map(|(key, it)| Some(format!("{key} = {}", bound(&name, key, it.as_ref()?)))).collect();
    let bounded = !written.is_empty();
    if !bounded {
        // What is only compared with the build before is taken by a check that always holds.
        written.push(if matches!(kind.name, "mean" | "sum") { "min = -1e18" } else { "min = 0" }.to_owned());
    }
    let of = column.as_ref().map_or_else(String::new, |it| format!("column = {}\n", quoted(it)));
    let text = format!(
        "[[expect.{}]]\nid = {}\nseverity = \"warn\"\n{of}{name} = {{ {} }}\n",
        quoted(&about),
        quoted(&format!("gate.{id}")),
        written.join(", ")
    );
    let check = lowered(table, "of", &text)?;
    let words = match &column {
        Some(column) => format!("{name} of `{about}.{column}`"),
        None => format!("{name} of `{about}`"),
    };
    Some(Metric { check, words, bounded, max_drop, max_rise })
}

/// A bound as it is written; of rows there is a whole number, so a bound between two is the next one within.
fn bound(of: &str, key: &str, it: &Literal) -> String {
    match it {
        Literal::Number(text) if of == "rows" => {
            let number = text.parse::<f64>().unwrap_or_default();
            let whole = if key == "min" { number.ceil() } else { number.floor() };
            (whole as i64).to_string()
        }
        it => literal(it),
    }
}

/// A check from TOML that this program wrote; what is wrong with it is told at the gate.
fn lowered(table: &Fields, key: &str, text: &str) -> Option<Expectation> {
    const KEYS: Keys = Keys::of(&[Key::new("expect", Takes::Table(&expectations::TABLES), "what a gate asks")]);
    let reader = Reader::new(&Arc::new(PathBuf::new()), Parameters::new());
    let parsed = reader.parse(text);
    let mut fields = reader.fields(&parsed, &KEYS);
    let found = expectations::decode(&mut fields).pop();
    fields.finish();
    let (problems, _) = reader.finish();
    for it in &problems {
        table.problem(&WRONG_VALUE, key, it.message.clone(), "asked for here", it.help.clone());
    }
    let mut found = found.filter(|_| problems.is_empty())?;
    table.path().clone_into(&mut found.path);
    Some(found)
}

fn number(table: &mut Fields, key: &str) -> Option<Literal> {
    match table.value(key)? {
        it @ (Literal::Integer(_) | Literal::Number(_)) => Some(it),
        _ => {
            let help = Some("write a number, as `12` or `12.5`".to_owned());
            table.problem(&WRONG_VALUE, key, format!("`{key}` is not a number"), "this value", help);
            None
        }
    }
}

/// A share of what was before: `2%`, `0.5 %`.
fn share(table: &mut Fields, key: &str) -> Option<f64> {
    let text = table.text(key)?;
    let found = learnt::share(&text);
    if found.is_none() {
        let help = Some("write a share of what was before, as `2%`".to_owned());
        table.problem(&BAD_SHARE, key, format!("`{key}` is not a share"), "this text", help);
    }
    found
}
