//! What checks found, as Great Expectations writes the result of a validation: one suite for a pipeline, and the table
//! of each check as its batch. Values are those of the samples on pages, masked as there.
//!
//! A check that could not be evaluated, or cannot be told yet, is no success.

use serde::Serialize;
use serde_json::{Number, Value as Json};

use super::Docs;
use crate::docs::facts::{CheckFacts, Sample, Verdict, WaiverFacts};
use crate::expectations::great::{Kwargs, configured};
use crate::expectations::{Measure, OnFail};
use crate::model::{Class, Type};
use crate::plan::{CheckId, PlannedExpectation, TableId};
use crate::problem::Severity;
use crate::run::checks::tells;
use crate::run::keys::State;
use crate::store::backend::{EngineError, Worker};
use crate::store::journal::Counts;

/// The result of a validation.
#[derive(Serialize)]
struct Validation<'a> {
    success: bool,
    suite_name: &'a str,
    suite_parameters: Nothing,
    statistics: Statistics,
    results: Vec<Checked<'a>>,
    meta: Program,
    id: Option<&'a str>,
}

/// An object without members.
#[derive(Default, Serialize)]
struct Nothing {}

#[derive(Serialize)]
struct Statistics {
    evaluated_expectations: usize,
    successful_expectations: usize,
    unsuccessful_expectations: usize,
    success_percent: Option<f64>,
}

#[derive(Serialize)]
struct Program {
    hotpass_version: &'static str,
}

/// The result of one check.
#[derive(Serialize)]
struct Checked<'a> {
    success: bool,
    expectation_config: Config<'a>,
    result: Found,
    meta: Meta<'a>,
    exception_info: Exception<'a>,
}

#[derive(Serialize)]
struct Config<'a> {
    #[serde(rename = "type")]
    ty: String,
    kwargs: Kwargs,
    meta: Nothing,
    id: Option<&'a str>,
    description: &'a Option<String>,
    severity: &'static str,
}

#[derive(Serialize)]
struct Meta<'a> {
    hotpass: Ours<'a>,
}

/// What a check is here.
#[derive(Serialize)]
struct Ours<'a> {
    id: &'a str,
    kind: &'a str,
    table: &'a str,
    verdict: Verdict,
    expected: &'a str,
    found: &'a str,
    on_fail: &'static str,
    file: &'a str,
    toml: &'a str,
    holds_back: &'a [String],
    fix: &'a [String],
    #[serde(rename = "where", skip_serializing_if = "Option::is_none")]
    only: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    waiver: Option<&'a WaiverFacts>,
}

#[derive(Serialize)]
struct Exception<'a> {
    raised_exception: bool,
    exception_traceback: Option<&'a str>,
    exception_message: Option<&'a str>,
}

/// What was found: one number or one list, or counts of rows.
#[derive(Default, Serialize)]
struct Found {
    #[serde(skip_serializing_if = "Option::is_none")]
    observed_value: Option<Json>,
    #[serde(flatten)]
    rows: Option<Rows>,
}

#[derive(Serialize)]
struct Rows {
    element_count: u64,
    unexpected_count: u64,
    unexpected_percent: Option<f64>,
    unexpected_percent_total: Option<f64>,
    unexpected_percent_nonmissing: Option<f64>,
    #[serde(flatten)]
    missing: Option<Missing>,
    partial_unexpected_list: Vec<Json>,
    partial_unexpected_index_list: Vec<Places>,
}

#[derive(Serialize)]
struct Missing {
    missing_count: u64,
    missing_percent: Option<f64>,
}

#[derive(Serialize)]
struct Places {
    row: u64,
    places: Vec<String>,
}

/// Rows of two tables.
#[derive(Serialize)]
struct Both {
    #[serde(rename = "self")]
    own: Option<u64>,
    other: Option<u64>,
}

impl Docs<'_> {
    /// The result of all checks on these tables; of all tables without any.
    pub fn results(&mut self, tables: &[String], worker: &mut dyn Worker) -> Result<Json, EngineError> {
        self.sample(worker)?;
        let told = self.checks.iter().zip(&self.facts.checks);
        let told = told.filter(|(_, it)| tables.is_empty() || tables.contains(&it.table));
        let results: Vec<Checked<'_>> = told.map(|(at, it)| self.result(*at, it)).collect();
        let (all, held) = (results.len(), results.iter().filter(|it| it.success).count());
        let validation = Validation {
            success: held == all,
            suite_name: self.pipeline,
            suite_parameters: Nothing {},
            statistics: Statistics {
                evaluated_expectations: all,
                successful_expectations: held,
                unsuccessful_expectations: all - held,
                success_percent: (all > 0).then(|| held as f64 / all as f64 * 100.0),
            },
            results,
            meta: Program { hotpass_version: env!("CARGO_PKG_VERSION") },
            id: None,
        };
        serde_json::to_value(validation).map_err(|error| EngineError::Engine(error.to_string()))
    }

    fn result<'a>(&'a self, at: CheckId, told: &'a CheckFacts) -> Checked<'a> {
        let check = &self.known.plan.expectations[at];
        let declared = &check.declared;
        let mut configured = configured(declared);
        configured.kwargs.batch_id = Some(format!("{}.{}", check.pipeline, declared.table));
        let counts = self.known.counts.get(&at);
        let message = (told.verdict == Verdict::NotRun).then_some(told.found.as_str());
        let on_fail = match declared.on_fail {
            OnFail::Block => "block",
            OnFail::Reject => "reject",
            OnFail::Report => "report",
        };
        Checked {
            success: told.verdict == Verdict::Passed,
            expectation_config: Config {
                ty: configured.name,
                kwargs: configured.kwargs,
                meta: Nothing {},
                id: None,
                description: &told.meaning,
                severity: if declared.severity == Severity::Error { "critical" } else { "warning" },
            },
            result: counts.map(|it| self.found(check, it, told)).unwrap_or_default(),
            meta: Meta {
                hotpass: Ours {
                    id: &told.id,
                    kind: &told.kind,
                    table: &told.table,
                    verdict: told.verdict,
                    expected: &told.expected,
                    found: &told.found,
                    on_fail,
                    file: &told.file,
                    toml: &told.toml,
                    holds_back: &told.holds_back,
                    fix: &told.fix,
                    only: declared.only_words(),
                    waiver: told.waiver.as_ref(),
                },
            },
            exception_info: Exception {
                raised_exception: message.is_some(),
                exception_traceback: None,
                exception_message: message,
            },
        }
    }

    /// What was found, with the keys that a measure of this kind has there.
    fn found(&self, check: &PlannedExpectation, counts: &Counts, told: &CheckFacts) -> Found {
        let observed = |it: Json| Found { observed_value: Some(it), rows: None };
        let number = || counts.observed.as_deref().and_then(number);
        match &check.count.measure {
            Measure::Known { .. } => self.of_columns(check).map(observed).unwrap_or_default(),
            Measure::Statistic { .. } if !tells(self.known.plan, check) => Found::default(),
            Measure::Statistic { .. } => observed(number().unwrap_or_default()),
            Measure::Count { .. } => {
                observed(number().or(self.rows(check.count.table).map(Json::from)).unwrap_or_default())
            }
            Measure::SameRows => {
                let other = check.count.other.as_ref().and_then(|it| self.rows(it.table));
                let both = Both { own: self.rows(check.about), other };
                observed(serde_json::to_value(both).unwrap_or_default())
            }
            Measure::Violations => observed(counts.unexpected.into()),
            Measure::Divergence { .. } => Found::default(),
            _ => Found { observed_value: None, rows: Some(self.of_rows(check, counts, told)) },
        }
    }

    /// Counts of rows. Where a condition chooses among them, nobody counted those that have no value.
    fn of_rows(&self, check: &PlannedExpectation, counts: &Counts, told: &CheckFacts) -> Rows {
        let (considered, unexpected) = (counts.considered, counts.unexpected);
        let of_single_rows = check.count.measure.names_rows()
            && !matches!(check.count.measure, Measure::Distinct { .. })
            && check.declared.only.is_none();
        let all = if of_single_rows { self.rows(check.count.table) } else { None };
        let all = all.unwrap_or(considered).max(considered);
        let percent = |part: u64, of: u64| (of > 0).then(|| part as f64 / of as f64 * 100.0);
        let missing = all - considered;
        Rows {
            element_count: all,
            unexpected_count: unexpected,
            unexpected_percent: percent(unexpected, considered),
            unexpected_percent_total: percent(unexpected, all),
            unexpected_percent_nonmissing: percent(unexpected, considered),
            missing: of_single_rows.then(|| Missing { missing_count: missing, missing_percent: percent(missing, all) }),
            partial_unexpected_list: told.samples.iter().map(|it| self.value(check, it)).collect(),
            partial_unexpected_index_list: told
                .samples
                .iter()
                .map(|it| Places { row: it.row, places: it.places.clone() })
                .collect(),
        }
    }

    /// The cells of a sample that a check is about: one value, or a table of several.
    fn value(&self, check: &PlannedExpectation, sample: &Sample) -> Json {
        let schema = &self.known.plan.tables[check.count.table].schema;
        // What is masked is a pattern, also where it looks like a number.
        let open = |name: &str| schema.get(name).filter(|it| it.class == Class::Open).map(|it| it.ty);
        let typed = |(name, cell): &(String, Option<String>)| match (cell, open(name)) {
            (None, _) => Json::Null,
            (Some(it), Some(Type::Integer | Type::Float)) => number(it).unwrap_or_else(|| it.as_str().into()),
            (Some(it), Some(Type::Boolean)) => it.parse::<bool>().map_or_else(|_| it.as_str().into(), Json::from),
            (Some(it), _) => it.as_str().into(),
        };
        let columns = &check.declared.columns;
        match columns.as_slice() {
            [one] => sample.cells.iter().find(|(name, _)| name == one).map(typed).unwrap_or_default(),
            _ => {
                let about = |name: &String| columns.is_empty() || columns.contains(name);
                let cells = sample.cells.iter().filter(|(name, _)| about(name));
                Json::Object(cells.map(|it| (it.0.clone(), typed(it))).collect())
            }
        }
    }

    /// What the columns of a table are, as far as a check of columns asks for it.
    fn of_columns(&self, check: &PlannedExpectation) -> Option<Json> {
        let schema = &self.known.plan.tables[check.about].schema;
        let names: Vec<&str> = schema.visible().map(|it| it.name.as_str()).collect();
        Some(match check.declared.kind.name {
            "type" => schema.get(check.declared.columns.first()?)?.ty.name().into(),
            "column_count" => names.len().into(),
            "columns_in_order" | "columns_in_any_order" => names.into(),
            _ => return None,
        })
    }

    fn rows(&self, table: TableId) -> Option<u64> {
        match &self.known.states[table] {
            State::Materialized(settled) => Some(settled.rows),
            _ => None,
        }
    }
}

/// A number as it is written.
fn number(text: &str) -> Option<Json> {
    if let Ok(it) = text.parse::<i64>() {
        return Some(Json::from(it));
    }
    text.parse().ok().and_then(Number::from_f64).map(Json::Number)
}
