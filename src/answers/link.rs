//! `hotpass link`: what a step learns that finds rows that are one, and why two rows are one. Answers are computed over the
//! rows that the step reads, as they stand.

pub(crate) mod answers;
pub(crate) mod explain;
mod line;
pub(crate) mod measure;
pub(crate) mod plan;
pub(crate) mod report;
pub(crate) mod review;
mod studio;
pub(crate) mod train;

use std::path::Path;

use arrow_array::RecordBatch;
use serde::de::DeserializeOwned;

use crate::escape;
use crate::plan::{Learning, Plan};
use crate::problem::{Code, Problem, did_you_mean};
use crate::publish::cell_texts;
use crate::run::{self, State, keys};
use crate::steps::asking::Question;
use crate::store::backend::{Engine, EngineError, EngineFactory, Stored};
use crate::workspace::failure::{Failure, failed};
use crate::workspace::lookup::{UNKNOWN_SUBJECT, called, named, not_made};
use crate::workspace::session::Session;

/// A step that learns nothing from its rows.
pub const LEARNS_NOTHING: Code = Code::error("hotpass::cli::learns-nothing");
/// Answers that cannot be taken.
pub const BAD_ANSWERS: Code = Code::error("hotpass::cli::bad-answers");
/// A step without a table of decisions that can be appended to.
pub const NO_DECISIONS: Code = Code::error("hotpass::cli::no-decisions");

/// All codes of this module.
pub const CODES: &[&Code] = &[&LEARNS_NOTHING, &BAD_ANSWERS, &NO_DECISIONS];

/// What a step learns, by the name of the step.
pub(crate) fn learning<'a>(plan: &'a Plan, name: &str) -> Result<&'a Learning, Failure> {
    let index = match called(plan, name).as_slice() {
        [one] => *one,
        _ => named(plan, name)?,
    };
    let own = &plan.tables[index].name;
    plan.learning.iter().find(|it| plan.tables[it.step].name == *own).ok_or_else(|| {
        let names = plan.learning.iter().map(|it| plan.tables[it.step].name.name.as_str());
        let help = did_you_mean(name, names.clone()).or_else(|| {
            let all: Vec<String> = names.map(|it| format!("`{}`", escape::line(it))).collect();
            (!all.is_empty()).then(|| format!("these do: {}", all.join(", ")))
        });
        let help = help.unwrap_or_else(|| "a step of the kind `resolve` or `link` does".to_owned());
        let message = format!("`{own}` is not a step that finds duplicates");
        Failure::Problem(Box::new(Problem::new(&LEARNS_NOTHING, message).help(help)))
    })
}

/// A step that learns, and what is needed to ask it.
pub(crate) struct Step<'a> {
    pub(crate) session: &'a Session,
    pub(crate) engine: &'a dyn Engine,
    pub(crate) plan: &'a Plan,
    pub(crate) learning: &'a Learning,
    pub(crate) factory: &'static dyn EngineFactory,
}

impl Step<'_> {
    /// The full name of the step.
    fn name(&self) -> String {
        self.plan.tables[self.learning.step].name.to_string()
    }

    /// How a command names the step.
    fn word(&self) -> String {
        self.learning.path.file_stem().map(|it| it.to_string_lossy().into_owned()).unwrap_or_default()
    }

    /// The table whose rows it compares.
    fn rows(&self) -> &crate::plan::Table {
        &self.plan.tables[self.learning.inputs[0]]
    }

    /// Whether values of a column of that table may be shown.
    fn is_open(&self, column: &str) -> bool {
        self.rows().schema.get(column).is_some_and(|it| it.class == crate::model::Class::Open)
    }

    /// Asks, over the rows as they stand.
    fn ask<T: DeserializeOwned>(&self, question: Question) -> Result<T, Failure> {
        let Step { session, plan, learning, .. } = self;
        let states = run::settle(plan, &session.journal);
        let relation = learning.asks.relation(question);
        let reads = relation.reads();
        let mut inputs: Vec<Stored> = Vec::new();
        for (at, table) in learning.inputs.iter().enumerate() {
            let Some(names) = reads.get(&at) else {
                inputs.push(Stored::default());
                continue;
            };
            let State::Materialized(settled) = &states[*table] else {
                return Err(not_made(&plan.tables[*table].name.to_string()));
            };
            let names: Vec<&str> = names.iter().copied().collect();
            let stored = keys::stored_columns(plan, *table, settled, &names, &session.journal, &session.paths);
            inputs.push(stored.map_err(failed)?);
        }
        let mut answer: Option<String> = None;
        let mut worker = self.engine.worker().map_err(failed)?;
        let mut take = |batch: RecordBatch| {
            let rows = cell_texts(&batch).map_err(EngineError::Engine)?;
            answer = rows.into_iter().next().and_then(|mut it| it.pop()).flatten().or(answer.take());
            Ok(())
        };
        worker.look(&relation, &inputs, None, &mut take).map_err(failed)?;
        let text = answer.unwrap_or_default();
        serde_json::from_str(&text).map_err(|_| Failure::World("the answer cannot be read".to_owned()))
    }
}

/// A problem with what was asked for.
fn refused(message: String, help: String) -> Failure {
    Failure::Problem(Box::new(Problem::new(&UNKNOWN_SUBJECT, message).help(help)))
}

/// That a file cannot be written.
pub(crate) fn unwritten(path: &Path, error: &dyn std::fmt::Display) -> Failure {
    Failure::World(format!("`{}` cannot be written: {error}", path.display()))
}
