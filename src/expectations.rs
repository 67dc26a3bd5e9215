//! Expectations: checks on tables, with a severity. A failed `error` stops the exports behind the table.
//!
//! ```toml
//! [[expect.organisations]]
//! column = "website"
//! matches = '^https?://'
//! mostly = 0.75
//! severity = "warn"
//! ```
//!
//! A kind is one file in `expectations/` and one line in [`KINDS`]. It says what it measures; measures of one table
//! are taken together in one scan, and each is keyed by the columns it reads.

mod between;
mod bounds;
pub mod claim;
mod format;
mod holds;
mod length;
mod literal;
pub mod lost;
mod matched_by;
mod matches;
mod membership;
mod not_null;
mod rows;
mod unique;
mod used;

use std::fmt;
use std::sync::Arc;

use serde::Serialize;

use crate::digest::{Digest, digest_of};
use crate::expectations::claim::Claim;
use crate::expr::{Expr, Literal};
use crate::fields::Fields;
use crate::fields::keys::{Key, Keys, Need, Takes, Usual, words};
use crate::model::{Schema, Type};
use crate::problem::{Code, Problem, Severity};
use crate::steps::{Finding, Input};

/// Every kind of expectation there is.
pub const KINDS: &[Kind] = &[
    not_null::KIND,
    unique::KIND,
    membership::IN,
    membership::NOT_IN,
    matches::MATCHES,
    matches::NOT_MATCHES,
    between::KIND,
    length::KIND,
    format::KIND,
    holds::KIND,
    rows::KIND,
    used::KIND,
    matched_by::KIND,
    lost::KIND,
];

/// A table of expectations that expects nothing.
pub const EXPECTS_NOTHING: Code = Code::error("hotpass::expect::expects-nothing");
/// An expectation without the column it is about.
pub const NO_COLUMN: Code = Code::error("hotpass::expect::no-column");
/// A check of severity `error` that did not hold.
pub const FAILED: Code = Code::error("hotpass::expect::failed");
/// A check of severity `warn` that did not hold.
pub const WARNED: Code = Code::warning("hotpass::expect::warned");

/// All codes of this module.
pub const CODES: &[&Code] = &[&EXPECTS_NOTHING, &NO_COLUMN, &FAILED, &WARNED];

/// A kind of expectation.
pub struct Kind {
    /// The key that asks for it.
    pub name: &'static str,
    /// Raised when it measures something else.
    pub revision: u32,
    /// What it checks, in one sentence.
    pub summary: &'static str,
    /// What stands under its key.
    takes: Takes,
    /// Reads the value of its key.
    decode: fn(&mut Fields, &str) -> Option<Arc<dyn Check>>,
    /// Whether it is about columns: once for `Each`, together for `All`, or about the table.
    about: About,
}

#[derive(Clone, Copy, PartialEq)]
enum About {
    Each,
    All,
    Table,
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// What a kind measures, free of spans.
trait Check: fmt::Debug + Send + Sync {
    /// The measure over these columns of a table.
    fn measure(&self, columns: &[String], input: &Input<'_>) -> Result<Measure, Finding>;
    /// The digest of what is checked.
    fn recipe(&self) -> Digest;
    /// What is expected, in words: `matches '^https?://'`.
    fn claim(&self) -> Claim;
    /// The share that must be as expected, 0 to 1, for a kind that says so itself.
    fn share(&self) -> Option<f64> {
        None
    }
}

/// What is counted.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize)]
pub enum Measure {
    /// Of the rows for which `considered` is true, those for which `unexpected` is.
    Rows {
        /// Which rows count.
        considered: Expr,
        /// Which of them are not as expected.
        unexpected: Expr,
    },
    /// Rows beyond the first with the same values; rows with a null are not considered.
    Repeats {
        /// What must differ.
        columns: Vec<String>,
        /// Only these rows are considered.
        only: Option<Expr>,
    },
    /// The number of rows itself must lie within these bounds, both included.
    Count {
        /// At least so many.
        min: Option<i64>,
        /// At most so many.
        max: Option<i64>,
        /// Only these rows are counted.
        only: Option<Expr>,
    },
    /// Of the rows that the table takes in, those that are set aside.
    SetAside,
    /// Of the values that a step reads into a column, those that are lost. Planning says where they are counted.
    Lost,
}

/// A declared expectation.
#[derive(Clone, Debug)]
pub struct Expectation {
    /// Its name in results: declared, or made of table, columns and kind.
    pub id: String,
    /// The table it is about.
    pub table: String,
    /// Its kind.
    pub kind: &'static Kind,
    /// The columns it is about.
    pub columns: Vec<String>,
    /// What a failure means.
    pub severity: Severity,
    /// Share of considered rows that must be as expected, as written: 0 to 1.
    pub mostly: String,
    /// Only these rows are considered.
    pub only: Option<Expr>,
    /// Why it is expected.
    pub meaning: Option<String>,
    /// Path of its table in the TOML.
    pub path: String,
    /// The table itself, without comments and layout.
    pub toml: String,
    /// The contract that it comes from, if it is not declared by itself.
    pub contract: Option<String>,
    check: Arc<dyn Check>,
}

impl PartialEq for Expectation {
    fn eq(&self, other: &Expectation) -> bool {
        self.recipe() == other.recipe() && self.path == other.path && self.meaning == other.meaning
    }
}

impl Expectation {
    /// The share of considered rows that must be as expected, 0 to 1.
    pub fn mostly(&self) -> f64 {
        self.check.share().unwrap_or_else(|| self.mostly.parse().unwrap_or(1.0))
    }

    /// What is expected.
    pub fn claim(&self) -> Claim {
        self.check.claim()
    }

    /// What is expected, in words.
    pub fn words(&self) -> String {
        self.claim().to_string()
    }

    /// What is counted over a table of this schema, or why it cannot be.
    pub fn measure(&self, input: &Input<'_>) -> Result<Measure, Finding> {
        for column in &self.columns {
            if !input.schema.has(column) {
                return Err(crate::steps::unknown_column(input.name, input.schema, column, "column"));
            }
        }
        let measure = self.check.measure(&self.columns, input)?;
        let Some(only) = &self.only else { return Ok(measure) };
        match only.ty(input.schema) {
            Ok(Type::Boolean) => (),
            Ok(_) => return Err(Finding::new(&crate::steps::TYPE_MISMATCH, "where", "`where` is not a condition")),
            Err(mistake) => return Err(crate::steps::mistaken(input.name, input.schema, mistake, "where")),
        }
        Ok(match measure {
            Measure::Rows { considered, unexpected } => {
                Measure::Rows { considered: Expr::call("and", [only.clone(), considered]), unexpected }
            }
            Measure::Repeats { columns, .. } => Measure::Repeats { columns, only: Some(only.clone()) },
            Measure::Count { min, max, .. } => Measure::Count { min, max, only: Some(only.clone()) },
            Measure::SetAside | Measure::Lost => {
                let kind = self.kind.name;
                let message =
                    format!("`{kind}` is about rows that the table does not have, which `where` cannot choose among");
                return Err(Finding::new(&crate::steps::TYPE_MISMATCH, "where", message));
            }
        })
    }

    /// The digest of everything that decides the verdict, without places.
    pub fn recipe(&self) -> Digest {
        let parts = (&self.id, &self.table, self.kind.name, &self.columns, self.severity, &self.mostly, &self.only);
        digest_of("hotpass expectation v1", &(parts, self.kind.revision, self.check.recipe()))
    }
}

/// What a failure means.
const SEVERITIES: [(&str, Severity); 2] = [("error", Severity::Error), ("warn", Severity::Warning)];

/// Keys that go with every kind.
const COMMON: [Key; 7] = [
    Key::new("column", Takes::TEXTS, "what the check is about"),
    Key::new("columns", Takes::TEXTS, "what the check is about"),
    Key::new("severity", Takes::Word(&words(&SEVERITIES)), "what a failure means").or_text("error"),
    Key::new("mostly", Takes::SHARE, "the share of rows that must be as expected").or(Usual::Number(1.0)),
    Key::new("where", Takes::Text, "the condition for a row to be considered"),
    Key::new("id", Takes::Text, "its name in results; `table.column.kind` without it"),
    Key::new("meaning", Takes::Text, "why it is expected; stands in the message of a failure"),
];

const ALL: [Key; COMMON.len() + KINDS.len()] = {
    let mut acc = [COMMON[0]; COMMON.len() + KINDS.len()];
    let mut at = 0;
    while at < acc.len() {
        acc[at] = match at < COMMON.len() {
            true => COMMON[at],
            false => {
                let kind = &KINDS[at - COMMON.len()];
                Key::new(kind.name, kind.takes, kind.summary)
            }
        };
        at += 1;
    }
    acc
};

/// `[expect]`: lists of checks by the table that they are about.
pub const TABLES: Keys = Keys::any(Takes::Tables(&CHECK), "a table, and what should hold of it");
const CHECK: Keys = Keys::of(&ALL).needing(&NEEDS);

/// One kind at least; and where it is about columns, one at least.
const NEEDS: [Need; 1 + OF_COLUMNS] = {
    let mut acc = [Need::one_of(&NAMES); 1 + OF_COLUMNS];
    let (mut at, mut filled) = (0, 1);
    while at < KINDS.len() {
        if !matches!(KINDS[at].about, About::Table) {
            acc[filled] = Need { beside: Some(KINDS[at].name), one_of: &["column", "columns"] };
            filled += 1;
        }
        at += 1;
    }
    acc
};
/// How many kinds are about columns.
const OF_COLUMNS: usize = {
    let (mut at, mut count) = (0, 0);
    while at < KINDS.len() {
        count += !matches!(KINDS[at].about, About::Table) as usize;
        at += 1;
    }
    count
};
const NAMES: [&str; KINDS.len()] = {
    let mut acc = [""; KINDS.len()];
    let mut at = 0;
    while at < acc.len() {
        acc[at] = KINDS[at].name;
        at += 1;
    }
    acc
};

/// How many rows were counted, and the verdict.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Verdict {
    /// Whether it held.
    pub held: bool,
    /// Share of considered rows that were as expected, 0 to 1; 1 when none was considered.
    pub share: f64,
}

/// The verdict over counts. Nothing considered is nothing wrong.
pub fn verdict(considered: u64, unexpected: u64, mostly: f64) -> Verdict {
    let share = if considered == 0 { 1.0 } else { (considered.saturating_sub(unexpected)) as f64 / considered as f64 };
    Verdict { held: unexpected == 0 || share >= mostly, share }
}

/// Reads `[[expect.TABLE]]`.
pub fn decode(fields: &mut Fields) -> Vec<Expectation> {
    let mut acc: Vec<Expectation> = Vec::new();
    let Some(mut tables) = fields.table("expect") else { return acc };
    for name in tables.keys() {
        for mut entry in tables.tables(&name) {
            decode_entry(&name, &mut entry, &mut acc);
            entry.finish();
        }
    }
    acc
}

fn decode_entry(table: &str, fields: &mut Fields, acc: &mut Vec<Expectation>) {
    let mut columns = fields.words("column");
    columns.extend(fields.words("columns"));
    let severity = fields.choice("severity", &SEVERITIES).unwrap_or(Severity::Error);
    let mostly = match fields.value("mostly") {
        None => "1".to_owned(),
        Some(Literal::Integer(share @ (0 | 1))) => share.to_string(),
        Some(Literal::Number(it)) if it.parse::<f64>().is_ok_and(|it| (0.0..=1.0).contains(&it)) => it,
        Some(_) => {
            let help = Some("give the share of rows that must be as expected, from 0 to 1".to_owned());
            let message = "`mostly` is not a share";
            fields.problem(&crate::fields::WRONG_VALUE, "mostly", message, "this value", help);
            "1".to_owned()
        }
    };
    let only = fields.expr("where");
    let declared = fields.text("id");
    let meaning = fields.text("meaning");
    let path = fields.path().to_owned();
    let toml = fields.as_toml(&format!("[[expect.{table}]]"));
    let before = acc.len();
    let mut asked = false;
    for kind in KINDS {
        if !fields.has(kind.name) {
            continue;
        }
        asked = true;
        if kind.about != About::Table && columns.is_empty() {
            let message = format!("`{}` needs the column it is about", kind.name);
            let help = Some("add `column = …`".to_owned());
            fields.problem(&NO_COLUMN, kind.name, message, "asked for here", help);
        }
        let Some(check) = (kind.decode)(fields, kind.name) else { continue };
        let groups: Vec<Vec<String>> = match kind.about {
            About::Table => vec![Vec::new()],
            About::All => vec![columns.clone()],
            About::Each => columns.iter().map(|it| vec![it.clone()]).collect(),
        };
        for columns in groups.into_iter().filter(|it| !it.is_empty() || kind.about == About::Table) {
            let made = std::iter::once(table).chain(columns.iter().map(String::as_str)).chain([kind.name]);
            let made = made.collect::<Vec<_>>().join(".");
            acc.push(Expectation {
                id: declared.clone().unwrap_or(made),
                table: table.to_owned(),
                kind,
                columns,
                severity,
                mostly: mostly.clone(),
                only: only.clone(),
                meaning: meaning.clone(),
                path: path.clone(),
                toml: toml.clone(),
                contract: None,
                check: Arc::clone(&check),
            });
        }
    }
    if !asked {
        let names: Vec<_> = KINDS.iter().map(|it| format!("`{}`", it.name)).collect();
        let problem = Problem::new(&EXPECTS_NOTHING, "this expects nothing").label(&fields.span(), "in this table");
        fields.report(problem.help(format!("add one of {}", names.join(", "))));
    }
    // Two expectations of one name would be one in the results.
    for index in before..acc.len() {
        let taken = acc[..index]
            .iter()
            .filter(|it| it.id == acc[index].id || it.id.starts_with(&format!("{}#", acc[index].id)))
            .count();
        if taken > 0 {
            let id = format!("{}#{}", acc[index].id, taken + 1);
            acc[index].id = id;
        }
    }
}

/// `column is not null`.
fn present(column: &str) -> Expr {
    Expr::call("is not null", [Expr::column(column)])
}

/// A measure over the rows that have a value in `column`.
fn of_present(column: &str, unexpected: Expr, schema: &Schema, name: &str) -> Result<Measure, Finding> {
    match unexpected.ty(schema) {
        Ok(_) => Ok(Measure::Rows { considered: present(column), unexpected }),
        Err(mistake) => Err(crate::steps::mistaken(name, schema, mistake, "column")),
    }
}

/// The column as text, whatever its type.
fn as_text(column: &str, schema: &Schema) -> Expr {
    match schema.get(column) {
        Some(it) if it.ty == Type::Text => Expr::column(column),
        _ => Expr::Cast(Box::new(Expr::column(column)), Type::Text),
    }
}
