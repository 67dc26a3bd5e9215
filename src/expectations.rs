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

mod across;
mod between;
mod bounds;
pub mod claim;
mod columns;
mod declared;
mod distinct;
pub mod divergence;
mod elsewhere;
mod estimated;
mod format;
mod freshness;
pub mod great;
mod holds;
mod json_schema;
pub mod learnt;
mod length;
mod literal;
pub mod lost;
mod masked;
mod matched_by;
mod matches;
pub mod measure;
mod membership;
mod not_null;
mod ordered;
mod outliers;
mod personal;
mod query;
mod reads_as;
mod rows;
mod same_contents;
mod spelt;
mod statistic;
pub mod theirs;
mod unique;
mod used;
pub mod waiver;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::Serialize;

use crate::digest::{Digest, digest_of};
use crate::expectations::claim::Claim;
use crate::expr::Expr;
use crate::fields::Fields;
use crate::fields::keys::Takes;
use crate::finding::{COMPARE, Finding, Input};
use crate::model::{Schema, Type};
use crate::problem::{Code, Severity};
use crate::relation::aware::askable;
use crate::steps::Decoded;
pub use declared::{TABLES, decode};
pub use learnt::Learnt;
pub use measure::Measure;
pub use waiver::Waiver;

/// Every kind of expectation there is.
pub const KINDS: &[Kind] = &[
    not_null::KIND,
    not_null::NULL,
    unique::KIND,
    membership::IN,
    membership::NOT_IN,
    matches::MATCHES,
    matches::MATCHES_ALL,
    matches::NOT_MATCHES,
    matches::LIKE,
    matches::NOT_LIKE,
    between::KIND,
    length::KIND,
    format::KIND,
    reads_as::READS_AS,
    reads_as::DATE_FORMAT,
    json_schema::KIND,
    personal::KIND,
    ordered::INCREASING,
    ordered::DECREASING,
    outliers::Z_SCORE,
    outliers::OUTLIERS,
    across::EQUAL,
    across::GREATER,
    across::GREATER_OR_EQUAL,
    across::PAIR_IN,
    across::UNIQUE_IN_ROW,
    across::ROW_SUM,
    statistic::MEAN,
    statistic::MEDIAN,
    statistic::STDEV,
    statistic::SUM,
    statistic::MINIMUM,
    statistic::MAXIMUM,
    statistic::QUANTILE,
    statistic::DISTINCT_COUNT,
    statistic::DISTINCT_SHARE,
    statistic::FILLED_SHARE,
    distinct::DISTINCT,
    distinct::MOST_COMMON,
    divergence::KIND,
    freshness::KIND,
    elsewhere::FOREIGN_KEY,
    elsewhere::SAME_ROWS_AS,
    same_contents::KIND,
    columns::EXISTS,
    columns::TYPE,
    columns::COUNT,
    columns::IN_ORDER,
    columns::IN_ANY_ORDER,
    holds::KIND,
    query::KIND,
    rows::KIND,
    learnt::ROW_COUNT_CHANGE,
    learnt::ROW_COUNT_ANOMALY,
    learnt::ANOMALY,
    used::KIND,
    matched_by::KIND,
    lost::KIND,
    estimated::PRECISION,
    estimated::RECALL,
    estimated::OPEN,
];

/// A table of expectations that expects nothing.
pub const EXPECTS_NOTHING: Code = Code::error("hotpass::expect::expects-nothing");
/// An expectation without the column it is about.
pub const NO_COLUMN: Code = Code::error("hotpass::expect::no-column");
/// An expectation under the name that another tool has for it.
pub const OTHER_NAME: Code = Code::error("hotpass::expect::other-name");
/// A list whose values are of several types.
pub const MIXED_VALUES: Code = Code::error("hotpass::expect::mixed-values");
/// An expectation of columns beside each other that names too few or too many.
pub const WRONG_COLUMNS: Code = Code::error("hotpass::expect::wrong-columns");
/// A waiver that lacks what makes it one.
pub const BAD_WAIVER: Code = Code::error("hotpass::expect::bad-waiver");
/// Rows that are to be set aside where no row can be named, or where rows are set aside for other reasons.
pub const NOT_REJECTABLE: Code = Code::error("hotpass::expect::not-rejectable");
/// A check that learns from earlier published builds, of which there are too few.
pub const TOO_LITTLE_HISTORY: Code = Code::warning("hotpass::expect::too-little-history");
/// A check that did not hold, for which somebody answers.
pub const WAIVED: Code = Code::warning("hotpass::expect::waived");
/// A check of severity `error` that did not hold.
pub const FAILED: Code = Code::error("hotpass::expect::failed");
/// A check of severity `warn` that did not hold.
pub const WARNED: Code = Code::warning("hotpass::expect::warned");

/// A check that could not be evaluated.
pub const NOT_EVALUATED: Code = Code::error("hotpass::expect::not-evaluated");

/// All codes of this module.
pub const CODES: &[&Code] = &[
    &EXPECTS_NOTHING,
    &NO_COLUMN,
    &OTHER_NAME,
    &MIXED_VALUES,
    &WRONG_COLUMNS,
    &BAD_WAIVER,
    &NOT_REJECTABLE,
    &TOO_LITTLE_HISTORY,
    &WAIVED,
    &FAILED,
    &WARNED,
    &NOT_EVALUATED,
];

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
    decode: Decode,
    /// Whether it is about columns: once for `Each`, together for `All`, or about the table.
    about: About,
}

/// Reads the value of a kind's key; problems are told to the fields.
type Decode = fn(&mut Fields, &str) -> Option<Arc<dyn Check>>;

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
    /// Whether nothing can be said where the table lacks one of the columns.
    fn needs_columns(&self) -> bool {
        true
    }
    /// What the number is held against, for a kind that learns from earlier builds.
    fn learnt(&self) -> Option<Learnt> {
        None
    }
    /// What else is looked at beside the table of this name.
    fn other(&self, _: &str) -> Option<Other<'_>> {
        None
    }
}

/// What a check looks at beside its table.
#[derive(Debug)]
pub enum Other<'a> {
    /// Another table, by the name under which the pipeline knows it.
    Table(&'a str),
    /// A query of the user's own, whose rows are not as expected.
    Query(Cow<'a, Decoded>),
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
    /// What becomes of what failed.
    pub on_fail: OnFail,
    /// Who answers for a failure, and until when.
    pub waiver: Option<Waiver>,
    /// Path of its table in the TOML.
    pub path: String,
    /// The table itself, without comments and layout.
    pub toml: String,
    /// The value of its kind's key, parameters in their place.
    pub asked: serde_json::Value,
    /// The contract that it comes from, if it is not declared by itself.
    pub contract: Option<String>,
    /// Whether people see patterns in the place of the values that it lists and compares with.
    masked: bool,
    /// Columns whose texts stand for values of another type, and are compared as those.
    texts: BTreeMap<String, Type>,
    check: Arc<dyn Check>,
}

impl PartialEq for Expectation {
    fn eq(&self, other: &Expectation) -> bool {
        let written = |it: &Expectation| (it.path.clone(), it.meaning.clone(), it.toml.clone());
        self.recipe() == other.recipe() && written(self) == written(other)
    }
}

impl Expectation {
    /// The share of considered rows that must be as expected, 0 to 1.
    pub fn mostly(&self) -> f64 {
        self.check.share().unwrap_or_else(|| self.mostly.parse().unwrap_or(1.0))
    }

    /// What it looks at beside its table.
    pub fn other(&self) -> Option<Other<'_>> {
        self.check.other(&self.table)
    }

    /// What its number is held against, if it learns from earlier builds.
    pub fn learnt(&self) -> Option<Learnt> {
        self.check.learnt()
    }

    /// How the history names its number: `mean of orders.price`.
    pub fn number(&self) -> Option<String> {
        let of = self.learnt()?.of;
        let whose = std::iter::once(&self.table).chain(&self.columns).map(String::as_str).collect::<Vec<_>>().join(".");
        Some(match &self.only {
            Some(only) => format!("{of} of {whose} where {only}"),
            None => format!("{of} of {whose}"),
        })
    }

    /// The same, with patterns in the place of the values that it lists and compares with: for personal columns.
    #[must_use]
    pub fn masked(mut self) -> Expectation {
        self.asked = masked::asked(self.kind.name, &self.asked);
        self.toml = masked::declaration(&self.toml);
        self.masked = true;
        self
    }

    /// The same, where texts of these columns stand for values of these types.
    #[must_use]
    pub fn of_texts(mut self, texts: &BTreeMap<String, Type>) -> Expectation {
        let own = texts.iter().filter(|(name, _)| self.columns.contains(name));
        self.texts = own.map(|(name, ty)| (name.clone(), *ty)).collect();
        self
    }

    /// The same, where every text of the column must be one as values of this type are published.
    #[must_use]
    pub fn spelling(mut self, ty: Type) -> Expectation {
        self.check = Arc::new(reads_as::Spelling(ty));
        self
    }

    /// Whether people see patterns in the place of its values.
    pub fn is_masked(&self) -> bool {
        self.masked
    }

    /// What is expected.
    pub fn claim(&self) -> Claim {
        let claim = self.check.claim();
        if self.masked { claim.masked() } else { claim }
    }

    /// The condition for a row to be considered, as people see it.
    pub fn only_words(&self) -> Option<String> {
        let text = self.only.as_ref()?.to_string();
        Some(if self.masked { masked::quoted(&text) } else { text })
    }

    /// What is expected, in words.
    pub fn words(&self) -> String {
        self.claim().to_string()
    }

    /// What is counted over a table of this schema, or why it cannot be.
    pub fn measure(&self, input: &Input<'_>) -> Result<Measure, Finding> {
        for column in self.columns.iter().filter(|_| self.check.needs_columns()) {
            if !input.schema.has(column) {
                return Err(crate::finding::unknown_column(input.name, input.schema, column, "column"));
            }
        }
        let measure = match self.texts.is_empty() {
            true => self.check.measure(&self.columns, input)?,
            false => spelt::measure(&*self.check, &self.columns, &self.texts, input)?,
        };
        let told = |it: Measure| {
            let written = askable(input.written, |name| input.schema.has(name));
            it.aware(&written).map_err(|it| crate::finding::mistaken(input.name, input.schema, it, ""))
        };
        let Some(only) = &self.only else { return told(measure) };
        match only.ty(input.schema) {
            Ok(Type::Boolean) => (),
            Ok(_) => {
                return Err(Finding::new(&crate::finding::TYPE_MISMATCH, "where", "`where` is not a condition")
                    .help(COMPARE.to_owned()));
            }
            Err(mistake) => return Err(crate::finding::mistaken(input.name, input.schema, mistake, "where")),
        }
        let about = match measure {
            Measure::Known { .. } => "columns",
            Measure::Statistic { of: measure::Statistic::OfWhole, .. } => "the whole answer of a step",
            _ => "rows that the table does not have",
        };
        let chosen = measure.of(only).ok_or_else(|| {
            let message = format!("`{}` is about {about}, which `where` cannot choose among", self.kind.name);
            Finding::new(&crate::finding::TYPE_MISMATCH, "where", message)
        });
        told(chosen?)
    }

    /// The digest of everything that decides the verdict, without places.
    pub fn recipe(&self) -> Digest {
        let told = self.is_told_only() && self.severity == Severity::Error;
        if self.waiver.is_some() || self.on_fail == OnFail::Reject || told {
            return digest_of("hotpass expectation handled v1", &(self.bare_recipe(), self.on_fail, &self.waiver));
        }
        self.bare_recipe()
    }

    /// Whether a failure is told and stops nothing.
    fn is_told_only(&self) -> bool {
        self.on_fail == OnFail::Report
    }

    /// Whether a failure would stop what is behind the table, if nobody answered for it.
    pub fn blocks(&self) -> bool {
        self.severity == Severity::Error && self.on_fail != OnFail::Report
    }

    /// The waiver, where it holds.
    pub fn waived(&self) -> Option<&Waiver> {
        self.waiver.as_ref().filter(|it| it.is_active())
    }

    /// Whether exports behind the table wait: it failed and nobody answers for it, or it could not be evaluated at all.
    pub fn stops(&self, held: Option<bool>) -> bool {
        held.is_none_or(|held| !held && self.blocks() && self.waived().is_none())
    }

    /// The verdict over counts: of rows that are set aside only a share that is asked for can be too small.
    pub fn verdict(&self, considered: u64, unexpected: u64) -> Verdict {
        let verdict = verdict(considered, unexpected, self.mostly());
        match self.on_fail {
            OnFail::Reject if self.mostly() >= 1.0 => Verdict { held: true, ..verdict },
            _ => verdict,
        }
    }

    fn bare_recipe(&self) -> Digest {
        let parts = (&self.id, &self.table, self.kind.name, &self.columns, self.severity, &self.mostly, &self.only);
        let bare = digest_of("hotpass expectation v1", &(parts, self.kind.revision, self.check.recipe()));
        match self.texts.is_empty() {
            true => bare,
            false => digest_of("hotpass expectation of texts v1", &(bare, &self.texts)),
        }
    }
}

/// What becomes of what failed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub enum OnFail {
    /// Nothing behind the table is published.
    Block,
    /// Rows that are not as expected are set aside, and the others go on.
    Reject,
    /// It is told.
    Report,
}

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

/// `column is not null`.
fn present(column: &str) -> Expr {
    Expr::call("is not null", [Expr::column(column)])
}

/// A measure over the rows that have a value in `column`.
fn of_present(column: &str, unexpected: Expr, schema: &Schema, name: &str) -> Result<Measure, Finding> {
    match unexpected.ty(schema) {
        Ok(_) => Ok(Measure::Rows { considered: present(column), unexpected }),
        Err(mistake) => Err(crate::finding::mistaken(name, schema, mistake, "column")),
    }
}

/// The column as text, whatever its type.
fn as_text(column: &str, schema: &Schema) -> Expr {
    match schema.get(column) {
        Some(it) if it.ty == Type::Text => Expr::column(column),
        _ => Expr::Cast(Box::new(Expr::column(column)), Type::Text),
    }
}
