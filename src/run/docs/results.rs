//! What checks found, as Great Expectations writes the result of a validation: one suite for a pipeline, and the table
//! of each check as its batch. Values are those of the samples on pages, masked as there.
//!
//! A check that could not be evaluated, or cannot be told yet, is no success.

use serde_json::{Map, Number, Value as Json, json};

use super::Docs;
use crate::docs::facts::{CheckFacts, Sample, Verdict};
use crate::expectations::great::configured;
use crate::expectations::{Measure, OnFail};
use crate::model::{Class, Type};
use crate::plan::PlannedExpectation;
use crate::problem::Severity;
use crate::run::checks::tells;
use crate::run::keys::State;
use crate::store::backend::{EngineError, Worker};
use crate::store::journal::Counts;

impl Docs<'_> {
    /// The result of all checks on these tables; of all tables without any.
    pub fn results(&mut self, tables: &[String], worker: &mut dyn Worker) -> Result<Json, EngineError> {
        self.sample(worker)?;
        let told = self.checks.iter().zip(&self.facts.checks);
        let told = told.filter(|(_, it)| tables.is_empty() || tables.contains(&it.table));
        let results: Vec<Json> = told.map(|(at, it)| self.result(*at, it)).collect();
        let held = results.iter().filter(|it| it["success"] == true).count();
        let percent = (!results.is_empty()).then(|| held as f64 / results.len() as f64 * 100.0);
        Ok(json!({
            "success": held == results.len(),
            "suite_name": self.pipeline,
            "suite_parameters": {},
            "statistics": {
                "evaluated_expectations": results.len(),
                "successful_expectations": held,
                "unsuccessful_expectations": results.len() - held,
                "success_percent": percent,
            },
            "results": results,
            "meta": {"hotpass_version": env!("CARGO_PKG_VERSION")},
            "id": null,
        }))
    }

    fn result(&self, at: usize, told: &CheckFacts) -> Json {
        let check = &self.known.plan.expectations[at];
        let declared = &check.declared;
        let mut configured = configured(declared);
        configured.kwargs.insert("batch_id".to_owned(), json!(format!("{}.{}", check.pipeline, declared.table)));
        let counts = self.known.counts.get(&at);
        let message = (told.verdict == Verdict::NotRun).then_some(&told.found);
        let on_fail = match declared.on_fail {
            OnFail::Block => "block",
            OnFail::Reject => "reject",
            OnFail::Report => "report",
        };
        let mut ours = json!({
            "id": told.id, "kind": told.kind, "table": told.table, "verdict": told.verdict, "expected": told.expected,
            "found": told.found, "on_fail": on_fail, "file": told.file, "toml": told.toml,
            "holds_back": told.holds_back, "fix": told.fix,
        });
        if let Some(only) = declared.only_words() {
            ours["where"] = json!(only);
        }
        if let Some(waiver) = &told.waiver {
            ours["waiver"] = json!(waiver);
        }
        json!({
            "success": told.verdict == Verdict::Passed,
            "expectation_config": {
                "type": configured.name,
                "kwargs": configured.kwargs,
                "meta": {},
                "id": null,
                "description": told.meaning,
                "severity": if declared.severity == Severity::Error { "critical" } else { "warning" },
            },
            "result": counts.map(|it| self.found(check, it, told)).unwrap_or_default(),
            "meta": {"hotpass": ours},
            "exception_info": {
                "raised_exception": message.is_some(),
                "exception_traceback": null,
                "exception_message": message,
            },
        })
    }

    /// What was found, with the keys that a measure of this kind has there.
    fn found(&self, check: &PlannedExpectation, counts: &Counts, told: &CheckFacts) -> Map<String, Json> {
        let observed = |it: Json| Map::from_iter([("observed_value".to_owned(), it)]);
        let number = || counts.observed.as_deref().and_then(number);
        match &check.count.measure {
            Measure::Known { .. } => self.of_columns(check).map(observed).unwrap_or_default(),
            Measure::Statistic { .. } if !tells(self.known.plan, check) => Map::new(),
            Measure::Statistic { .. } => observed(number().unwrap_or_default()),
            Measure::Count { .. } => {
                observed(number().or(self.rows(check.count.table).map(Json::from)).unwrap_or_default())
            }
            Measure::SameRows => {
                let other = check.count.other.as_ref().and_then(|it| self.rows(it.table));
                observed(json!({"self": self.rows(check.about), "other": other}))
            }
            Measure::Violations => observed(json!(counts.unexpected)),
            Measure::Divergence { .. } => Map::new(),
            _ => self.of_rows(check, counts, told),
        }
    }

    /// Counts of rows. Where a condition chooses among them, nobody counted those that have no value.
    fn of_rows(&self, check: &PlannedExpectation, counts: &Counts, told: &CheckFacts) -> Map<String, Json> {
        let (considered, unexpected) = (counts.considered, counts.unexpected);
        let of_single_rows = check.count.measure.names_rows()
            && !matches!(check.count.measure, Measure::Distinct { .. })
            && check.declared.only.is_none();
        let all = if of_single_rows { self.rows(check.count.table) } else { None };
        let all = all.unwrap_or(considered).max(considered);
        let percent = |part: u64, of: u64| (of > 0).then(|| part as f64 / of as f64 * 100.0);
        let mut acc = Map::new();
        let mut add = |key: &str, it: Json| _ = acc.insert(key.to_owned(), it);
        add("element_count", json!(all));
        add("unexpected_count", json!(unexpected));
        add("unexpected_percent", json!(percent(unexpected, considered)));
        add("unexpected_percent_total", json!(percent(unexpected, all)));
        add("unexpected_percent_nonmissing", json!(percent(unexpected, considered)));
        if of_single_rows {
            add("missing_count", json!(all - considered));
            add("missing_percent", json!(percent(all - considered, all)));
        }
        let places: Vec<Json> = told.samples.iter().map(|it| json!({"row": it.row, "places": it.places})).collect();
        add("partial_unexpected_list", told.samples.iter().map(|it| self.value(check, it)).collect());
        add("partial_unexpected_index_list", Json::Array(places));
        acc
    }

    /// The cells of a sample that a check is about: one value, or a table of several.
    fn value(&self, check: &PlannedExpectation, sample: &Sample) -> Json {
        let schema = &self.known.plan.tables[check.count.table].schema;
        // What is masked is a pattern, also where it looks like a number.
        let open = |name: &str| schema.get(name).filter(|it| it.class == Class::Open).map(|it| it.ty);
        let typed = |(name, cell): &(String, Option<String>)| match (cell, open(name)) {
            (None, _) => Json::Null,
            (Some(it), Some(Type::Integer | Type::Float)) => number(it).unwrap_or_else(|| json!(it)),
            (Some(it), Some(Type::Boolean)) => it.parse::<bool>().map_or_else(|_| json!(it), Json::from),
            (Some(it), _) => json!(it),
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
            "type" => json!(schema.get(check.declared.columns.first()?)?.ty.name()),
            "column_count" => json!(names.len()),
            "columns_in_order" | "columns_in_any_order" => json!(names),
            _ => return None,
        })
    }

    fn rows(&self, table: usize) -> Option<u64> {
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
