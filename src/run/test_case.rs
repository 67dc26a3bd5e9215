//! Trying tests of steps: the tables of all of them are made like those of any build, by one engine, and what came out is
//! held against what was expected. A test that held is known by what it compared, and is not compared again.

use arrow_array::RecordBatch;

use crate::digest::{Digest, Hasher};
use crate::fixture::difference::{Line, Row, compare};
use crate::fixture::value::agree;
use crate::model::Type;
use crate::plan::TableId;
use crate::plan::test_case::{Expected, Grafted, TestCase};
use crate::problem::Problem;
use crate::publish::cell_texts;
use crate::run::keys::{self, Materialized, State};
use crate::run::{LazyEngine, RunError, RunOptions, Silent, schedule};
use crate::store::Paths;
use crate::store::backend::EngineError;
use crate::store::journal::{Counts, Journal, Record};

/// How a test went.
#[derive(Clone, PartialEq, Debug)]
pub enum Verdict {
    /// All came out as expected; whether that was known before.
    Held {
        /// Nothing was made or compared for it.
        known: bool,
    },
    /// Something else came out.
    Differs(Vec<Difference>),
    /// A step could not be made of what was given.
    Failed {
        /// What is wrong with the step or with what was given.
        problems: Vec<Problem>,
        /// What the engine said.
        failures: Vec<String>,
    },
}

/// What came out in the place of what was expected.
#[derive(Clone, PartialEq, Debug)]
pub struct Difference {
    /// Which of the test's expectations.
    pub expectation: usize,
    /// Types of the columns.
    pub types: Vec<Type>,
    /// Rows that came out, in the columns that were stated.
    pub got: Vec<Row>,
    /// Row by row.
    pub lines: Vec<Line>,
}

/// Tries tests, in their order. `order` is that of the grafted plan.
///
/// # Errors
///
/// [`RunError::NeedsEngine`] when something is to be made or compared and there is no engine.
pub fn run(
    trials: &[TestCase],
    grafted: &Grafted,
    paths: &Paths,
    journal: &Journal,
    options: &RunOptions<'_>,
) -> Result<Vec<Verdict>, RunError> {
    let engine = LazyEngine::new(options, paths);
    journal.forget_lost(paths);
    let wanted = grafted.plan.tables.map(|_| true);
    let outcome = engine
        .warden
        .over(&|_| (), || schedule::tables(&grafted.plan, &wanted, journal, options, &engine, &Silent))??;
    options.cancel.check()?;
    let mut verdicts = Vec::new();
    for (at, trial) in trials.iter().enumerate() {
        let own = &grafted.tables[at];
        let settled: Option<Vec<(TableId, &Materialized)>> = grafted.expected[at]
            .iter()
            .map(|table| match &outcome.states[*table] {
                State::Materialized(settled) => Some((*table, settled)),
                _ => None,
            })
            .collect();
        let Some(settled) = settled else {
            let problems = outcome.problems.iter().filter(|(it, _)| own.contains(it));
            let failures = outcome.failures.iter().filter(|(it, _)| own.contains(it));
            verdicts.push(Verdict::Failed {
                problems: problems.map(|(_, it)| it.clone()).collect(),
                failures: failures
                    .map(|(it, why)| format!("`{}`: {why}", grafted.plan.tables[*it].name.name))
                    .collect(),
            });
            continue;
        };
        let keys: Vec<Digest> = trial
            .expected
            .iter()
            .zip(&settled)
            .map(|(expected, (table, settled))| key(expected, trial.ordered, grafted, *table, settled))
            .collect();
        if journal.known(|it| keys.iter().all(|key| it.checks.contains_key(key))) {
            verdicts.push(Verdict::Held { known: true });
            continue;
        }
        let mut differences = Vec::new();
        for (number, (expected, (table, settled))) in trial.expected.iter().zip(&settled).enumerate() {
            let got = engine.with(|opened| {
                let names: Vec<&str> = expected.rows.columns.iter().map(String::as_str).collect();
                let stored = keys::stored_columns(&grafted.plan, *table, settled, &names, journal, paths)?;
                let mut rows = Vec::new();
                let mut sink = |batch: RecordBatch| {
                    rows.extend(cell_texts(&batch).map_err(EngineError::Engine)?);
                    Ok(())
                };
                opened.worker()?.rows(&stored, &names, 0..settled.rows, &mut sink)?;
                Ok(rows)
            })?;
            let difference = difference(number, expected, trial.ordered, grafted, *table, got);
            differences.extend(Some(difference).filter(|it| it.lines.iter().any(|it| !matches!(it, Line::Same(..)))));
        }
        if differences.is_empty() {
            let held = |key: &Digest| Record::Check { key: *key, counts: Counts::default() };
            journal.append(keys.iter().map(held).collect())?;
            verdicts.push(Verdict::Held { known: false });
        } else {
            verdicts.push(Verdict::Differs(differences));
        }
    }
    Ok(verdicts)
}

fn types(grafted: &Grafted, table: TableId, expected: &Expected) -> Vec<Type> {
    let schema = &grafted.plan.tables[table].schema;
    let ty = |name: &String| schema.get(name).map_or(Type::Text, |it| it.ty);
    expected.rows.columns.iter().map(ty).collect()
}

fn difference(
    number: usize,
    expected: &Expected,
    ordered: bool,
    grafted: &Grafted,
    table: TableId,
    got: Vec<Row>,
) -> Difference {
    let types = types(grafted, table, expected);
    let same = |column: usize, a: Option<&str>, b: Option<&str>| agree(types[column], a, b);
    let lines = compare(&expected.rows.rows, &got, ordered, &same);
    Difference { expectation: number, types, got, lines }
}

/// What a comparison is known by: what was expected, and the contents it was compared with.
fn key(expected: &Expected, ordered: bool, grafted: &Grafted, table: TableId, settled: &Materialized) -> Digest {
    let mut hasher = Hasher::new("hotpass trial v1");
    hasher.number(u64::from(ordered)).number(settled.rows);
    let types = types(grafted, table, expected);
    hasher.json(&(&expected.rows.columns, &expected.rows.rows, types));
    let schema = &grafted.plan.tables[table].schema;
    for (column, digest) in schema.columns.iter().zip(&settled.columns) {
        if expected.rows.columns.contains(&column.name) {
            hasher.text(&column.name).digest(digest);
        }
    }
    hasher.finish()
}
