//! `hotpass test`: tries the tests of steps, and what differs cell by cell.

pub(crate) mod scaffold;
pub(crate) mod update;

use std::collections::BTreeMap;

use globset::GlobBuilder;
use serde::Serialize;

use crate::fixture::difference::Line;
use crate::plan::test_case::{Expected, TestCase, splice};
use crate::plan::{ExportMap, Plan, TableId};
use crate::problem::{Problem, Severity, did_you_mean};
use crate::run::test_case::{Difference, Verdict};
use crate::run::{self, LockMode, RunError, RunOptions};
use crate::span::line_and_column;
use crate::store::backend::{Cancel, EngineFactory};
use crate::workspace::selectors;
use crate::workspace::session::{Session, text_of};

/// What was tried and how it went.
pub(crate) struct Report<'a> {
    pub(crate) session: &'a Session,
    pub(crate) plan: &'a Plan,
    pub(crate) trials: &'a [TestCase],
    pub(crate) verdicts: &'a [Verdict],
    /// What is wrong in test files.
    pub(crate) broken: &'a [Problem],
}

#[derive(Serialize)]
#[serde(tag = "event", rename = "test.finished")]
struct Finished {
    test: String,
    place: String,
    step: String,
    status: &'static str,
    reused: bool,
    differences: Vec<Cell>,
    reasons: Vec<String>,
}

#[derive(Serialize)]
#[serde(tag = "event", rename = "test.summary")]
struct Summary {
    tests: u64,
    passed: u64,
    failed: u64,
    problems: u64,
}

/// A row that is missing or too many, or a cell that is another one. Rows count from 1.
#[derive(Serialize)]
#[serde(tag = "change", rename_all = "snake_case")]
enum Cell {
    Missing { table: &'static str, row: usize, expected: Row },
    Extra { table: &'static str, row: usize, got: Row },
    Changed { table: &'static str, row: usize, column: String, expected: Option<String>, got: Option<String> },
}

/// Cells by column.
type Row = BTreeMap<String, Option<String>>;

impl Serialize for Report<'_> {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let finished: Vec<Finished> = self.each().map(|(trial, verdict)| self.finished(trial, verdict)).collect();
        let (tests, passed) = (self.trials.len() as u64, self.passed());
        let summary = Summary { tests, passed, failed: tests - passed, problems: self.broken_count() };
        (finished, summary).serialize(to)
    }
}

impl Report<'_> {
    /// Where a test stands.
    pub(crate) fn place(&self, trial: &TestCase) -> String {
        let text = text_of(&self.session.root, &trial.file).unwrap_or_default();
        let (line, _) = line_and_column(&text, trial.span.start);
        format!("{}:{line}", trial.file.display())
    }

    /// Each test with how it went.
    pub(crate) fn each(&self) -> impl Iterator<Item = (&TestCase, &Verdict)> {
        self.trials.iter().zip(self.verdicts)
    }

    /// How many passed.
    pub(crate) fn passed(&self) -> u64 {
        self.verdicts.iter().filter(|it| matches!(it, Verdict::Held { .. })).count() as u64
    }

    /// How many errors there are in test files.
    pub(crate) fn broken_count(&self) -> u64 {
        self.broken.iter().filter(|it| it.severity == Severity::Error).count() as u64
    }

    fn finished(&self, trial: &TestCase, verdict: &Verdict) -> Finished {
        let differences = match verdict {
            Verdict::Differs(all) => all.iter().flat_map(|it| cells(&trial.expected[it.expectation], it)).collect(),
            _ => Vec::new(),
        };
        let held = matches!(verdict, Verdict::Held { .. });
        Finished {
            test: trial.name.clone(),
            place: self.place(trial),
            step: self.plan.tables[trial.step].name.to_string(),
            status: if held { "passed" } else { "failed" },
            reused: *verdict == Verdict::Held { known: true },
            differences,
            reasons: reasons(verdict),
        }
    }
}

/// Why a test could not be tried.
pub(crate) fn reasons(verdict: &Verdict) -> Vec<String> {
    match verdict {
        Verdict::Failed { problems, failures } => {
            problems.iter().map(|it| it.message.clone()).chain(failures.iter().cloned()).collect()
        }
        _ => Vec::new(),
    }
}

/// Rows of a difference, and the cells that are others.
fn cells(expected: &Expected, difference: &Difference) -> Vec<Cell> {
    let (table, columns) = (expected.key, &expected.rows.columns);
    let row = |cells: &[Option<String>]| -> Row { columns.iter().cloned().zip(cells.iter().cloned()).collect() };
    let mut acc = Vec::new();
    for line in &difference.lines {
        match line {
            Line::Same(..) => (),
            Line::Missing(at) => {
                acc.push(Cell::Missing { table, row: at + 1, expected: row(&expected.rows.rows[*at]) });
            }
            Line::Extra(at) => acc.push(Cell::Extra { table, row: at + 1, got: row(&difference.got[*at]) }),
            Line::Changed(at, came, differ) => acc.extend(differ.iter().map(|column| Cell::Changed {
                table,
                row: at + 1,
                column: columns[*column].clone(),
                expected: expected.rows.rows[*at][*column].clone(),
                got: difference.got[*came][*column].clone(),
            })),
        }
    }
    acc
}

/// Tries tests with the session's engine.
pub(crate) fn tried(session: &Session, plan: &Plan, trials: &[TestCase]) -> Result<Vec<Verdict>, RunError> {
    let grafted = splice(plan, trials);
    let cancel = Cancel::default();
    let options = RunOptions {
        root: session.root.clone(),
        reader: session.reader.clone(),
        tables: grafted.plan.tables.map(|_| true),
        exports: ExportMap::new(),
        force: grafted.plan.tables.map(|_| false),
        first: None,
        // One test does not stop the others.
        keep_going: true,
        overwrite: false,
        jobs: session.setup.threads.max(1),
        cells: run::cells(session.setup.memory),
        factory: session.factory.as_deref().map(|it| it as &dyn EngineFactory),
        setup: session.setup.clone(),
        lock: LockMode::Leave,
        profile: None,
        set: Default::default(),
        cancel,
        limits: session.limits,
        begun: std::time::Instant::now(),
    };
    run::test_case::run(trials, &grafted, &session.paths, &session.journal, &options)
}

/// The tests that words name: by their own names, or by selectors of the steps they are about.
pub(crate) fn selected(
    plan: &Plan,
    trials: &[TestCase],
    words: &[String],
    changed: &dyn Fn(TableId) -> bool,
) -> Result<Vec<TestCase>, Box<Problem>> {
    if words.is_empty() {
        return Ok(trials.to_vec());
    }
    let mut chosen = vec![false; trials.len()];
    for word in words {
        let glob = GlobBuilder::new(word).literal_separator(false).build().map(|it| it.compile_matcher());
        let named = |it: &TestCase| it.name == *word || glob.as_ref().is_ok_and(|glob| glob.is_match(&it.name));
        let mut found = false;
        for (chosen, _) in chosen.iter_mut().zip(trials).filter(|(_, it)| named(it)) {
            (*chosen, found) = (true, true);
        }
        if found {
            continue;
        }
        match selectors::select(plan, std::slice::from_ref(word), changed) {
            Ok(selection) => {
                let of_step = chosen.iter_mut().zip(trials).filter(|(_, it)| selection.tables[it.step]);
                of_step.for_each(|(chosen, _)| *chosen = true);
            }
            Err(problem) => {
                let near = did_you_mean(word, trials.iter().map(|it| it.name.as_str()));
                let help = near.or_else(|| problem.help.clone());
                let message = format!("{}, and no test", problem.message);
                return Err(Box::new(Problem { message, help, ..problem }));
            }
        }
    }
    Ok(trials.iter().zip(chosen).filter(|(_, it)| *it).map(|(it, _)| it.clone()).collect())
}
