//! One build: what is wanted is made, checked and published, and the run is recorded.

use std::collections::BTreeMap;
use std::time::Instant;

use crate::lock::Lock;
use crate::plan::{CheckId, Plan, PlannedGate, Role, TableId, TableMap, TableSet};
use crate::problem::{Problem, Severity};
use crate::run::event::{Event, EventSink};
use crate::run::gates::{self, Facts};
use crate::run::keys::{self, State};
use crate::run::publishing::{self, Published, Publishing};
use crate::run::schedule::Outcome;
use crate::run::{About, LazyEngine, LockMode, RunError, RunOptions, RunResult};
use crate::run::{again, asides, checks, damaged, drifts, exports, jumped, notices, run_id, schedule};
use crate::store::backend::Stored;
use crate::store::journal::{Counts, Journal};
use crate::store::runs::{Run, RunCheck, RunTable};
use crate::store::{config_snapshot, runs};
use crate::summary::{GateLine, Status, StepStatus, Summary};

/// Values that could not be read, by table and column.
type Lost = BTreeMap<String, BTreeMap<String, u64>>;

/// A build of what is wanted of a plan.
#[derive(Clone, Copy)]
pub(super) struct Build<'a> {
    pub plan: &'a Plan,
    pub journal: &'a Journal,
    pub options: &'a RunOptions<'a>,
    pub engine: &'a LazyEngine<'a>,
    pub events: &'a dyn EventSink,
    /// Tables that are asked for, and those that they need.
    pub wanted: &'a TableSet,
}

/// What is told of tables as they stand.
struct Findings {
    problems: Vec<(TableId, Problem)>,
    set_aside: BTreeMap<String, u64>,
    lost: Lost,
    /// Whether none of it holds back what is published.
    open: bool,
}

impl Build<'_> {
    pub(super) fn run(self) -> Result<RunResult, RunError> {
        let Self { plan, journal, options, engine, .. } = self;
        let begun = Instant::now();
        // Before anything is taken as made: what is lost is made again, however little else there is to do.
        for name in journal.forget_lost(engine.paths) {
            self.events.take(&Event::Notice(&damaged(&name)));
        }
        if let Some(different) = self.different() {
            return Ok(different);
        }
        let mut outcome = schedule::tables(plan, self.wanted, journal, options, engine, self.events)?;
        let (checks, counts) = checks::checks(plan, self.wanted, &mut outcome, journal, options, engine)?;
        let recorded = drifts::recorded(plan, journal, options, self.events);
        let found = self.findings(&outcome.states, &recorded);
        let held: BTreeMap<CheckId, Option<bool>> = checks.iter().map(|(index, it)| (*index, it.held)).collect();
        let quality = self.quality(&outcome.states, &counts, &held, &recorded)?;
        // Where the world failed nobody knows what else it did: a build that ends so publishes nothing.
        let open = found.open && gates::open(&quality) && outcome.failures.is_empty();
        let gates = publishing::Gates { held, counts: &counts, open };
        let mut of_exports = Vec::new();
        let publishing = Publishing { plan, states: &outcome.states, gates: &gates, journal, options, engine };
        let published = publishing.publish(&mut of_exports)?;
        drifts::note_lock(plan, journal, options);

        // As they are told: of what was made, of checks, of tables, of gates, of artefacts.
        let of = |told: &[(TableId, Problem)]| told.iter().map(|(_, it)| it.clone()).collect::<Vec<_>>();
        let mut problems = of(&outcome.problems);
        problems.extend(checks.iter().filter_map(|(_, it)| it.problem.clone()));
        problems.extend(of(&found.problems));
        problems.extend(quality.iter().filter_map(|it| it.problem.clone()));
        problems.extend(of_exports.iter().map(|(_, it)| it.clone()));
        let summary = Summary {
            status: self.status(&outcome, &problems, &published),
            run_id: run_id(),
            duration_ms: begun.elapsed().as_millis() as u64,
            steps: outcome.lines,
            checks: checks.into_iter().map(|(_, it)| it).collect(),
            gates: quality,
            artefacts: published.lines,
            withheld: published.withheld,
            differences: published.differences,
            set_aside: found.set_aside,
            lost: found.lost,
            learnt: self.learnt(),
            problems,
            failures: outcome.failures.iter().map(|(it, why)| format!("`{}`: {why}", plan.tables[*it].name)).collect(),
        };
        let of_tables = outcome.problems.into_iter().chain(found.problems).map(|(at, it)| (About::Table(at), it));
        let built = RunResult {
            summary,
            states: outcome.states,
            counts,
            told: of_tables.chain(of_exports).collect(),
            stopped: outcome.stopped,
            seen: published.seen,
            leaves_remains: published.leaves_remains,
        };
        if built.summary.steps_with(StepStatus::Ran) > 0 {
            config_snapshot::keep(engine.paths, &options.root)?;
        }
        self.record(&built)?;
        Ok(built)
    }

    /// What a build under `--locked` says that would make something other than the lock has.
    fn different(self) -> Option<RunResult> {
        let Self { plan, journal, options, .. } = self;
        if options.lock != LockMode::Keep {
            return None;
        }
        let states = keys::settle(plan, journal);
        let none = plan.exports.map(|_| None);
        let differences = exports::differences(plan, (&states, journal), &none, &BTreeMap::new(), options);
        if differences.is_empty() {
            return None;
        }
        let summary = Summary { differences, ..Summary::new(Status::Refused, run_id()) };
        let (counts, told, stopped) = (BTreeMap::new(), Vec::new(), Vec::new());
        Some(RunResult { summary, states, counts, told, stopped, seen: Vec::new(), leaves_remains: false })
    }

    fn findings(self, states: &TableMap<State>, recorded: &Lock) -> Findings {
        let Self { plan, journal, wanted, .. } = self;
        let set_aside = asides::set_aside(plan, wanted, states);
        let sources: Vec<TableId> = wanted.marked().collect();
        let drifts = jumped(plan, &sources, states, recorded);
        let open = drifts.iter().all(|(_, it)| it.severity != Severity::Error);
        let (notices, lost) = notices::told(plan, wanted, states, journal);
        let more_lost = notices::told_of_more_lost(plan, wanted, states, journal, recorded);
        let asides = asides::problems(plan, wanted, &set_aside, journal);
        let problems = asides.into_iter().chain(drifts).chain(notices).chain(more_lost).collect();
        Findings { problems, set_aside, lost, open }
    }

    /// The gates that are asked for, and whether they are open.
    fn quality(
        self,
        states: &TableMap<State>,
        counts: &BTreeMap<CheckId, Counts>,
        held: &BTreeMap<CheckId, Option<bool>>,
        recorded: &Lock,
    ) -> Result<Vec<GateLine>, RunError> {
        let Self { plan, journal, options, engine, wanted, .. } = self;
        let made = again::Made { plan, states, counts, held, journal, paths: engine.paths };
        let again = again::verdicts(made, options, engine, &|it| self.events.take(&Event::Notice(it)))?;
        if options.cancel.is_cancelled() {
            return Ok(Vec::new());
        }
        let asked = |it: &PlannedGate| match it.exports.is_empty() {
            true => plan.tables.iter().zip(wanted).any(|(table, wanted)| *wanted && table.name.pipeline == it.pipeline),
            false => it.is_asked(&options.exports),
        };
        Ok(gates::gates(plan, &asked, Facts { counts, again: &again }, recorded))
    }

    fn status(self, outcome: &Outcome, problems: &[Problem], published: &Published) -> Status {
        let refused = problems.iter().any(|it| it.severity == Severity::Error);
        match () {
            () if self.options.cancel.is_cancelled() => Status::Interrupted,
            () if !outcome.failures.is_empty() => Status::Failed,
            () if refused || !published.differences.is_empty() => Status::Refused,
            () => Status::Ok,
        }
    }

    /// Steps that learnt what no model keeps.
    fn learnt(self) -> Vec<String> {
        let learnt = self.plan.learning.iter().filter(|it| self.wanted[it.step] && it.frozen.is_none());
        learnt.map(|it| self.plan.tables[it.step].name.to_string()).collect()
    }

    /// Writes the run's record and the warehouse, if the build changed anything.
    fn record(self, built: &RunResult) -> Result<(), RunError> {
        let Self { plan, journal, engine, .. } = self;
        let paths = engine.paths;
        let opened = engine.open.lock().unwrap_or_else(std::sync::PoisonError::into_inner).is_some();
        if !opened {
            return Ok(());
        }
        journal.sync()?;
        let mut tables = Vec::new();
        let mut stored: Vec<(String, Stored)> = Vec::new();
        for (index, state) in built.states.entries() {
            let (State::Materialized(settled), table) = (state, &plan.tables[index]) else { continue };
            let name = match table.role {
                Role::Origins | Role::Raw | Role::Beside | Role::Violations => continue,
                Role::Rejects => format!("{}__rejected", table.name),
                _ => table.name.to_string(),
            };
            let columns = table.schema.columns.iter().cloned().zip(settled.columns.iter().copied()).collect();
            tables.push(RunTable { name: name.clone(), rows: settled.rows, columns });
            if let Ok(it) = keys::stored(plan, index, settled, journal, paths) {
                stored.push((name, it));
            }
        }
        let checks = checked(plan, &built.counts);
        let run = Run { id: built.summary.run_id.clone(), summary: built.summary.clone(), tables, checks };
        engine.with(|opened| opened.worker()?.warehouse(&run, &stored))?;
        runs::write(paths, &run)?;
        Ok(())
    }
}

/// The checks that were taken, as a run keeps them.
fn checked(plan: &Plan, counts: &BTreeMap<CheckId, Counts>) -> Vec<RunCheck> {
    plan.expectations
        .entries()
        .filter_map(|(index, it)| Some((it, counts.get(&index)?)))
        // What cannot be told yet is no verdict.
        .filter(|(_, counts)| !counts.waits())
        .map(|(check, counts)| {
            let declared = &check.declared;
            RunCheck {
                pipeline: check.pipeline.clone(),
                id: declared.id.clone(),
                table: declared.table.clone(),
                columns: declared.columns.clone(),
                kind: declared.kind.name.to_owned(),
                words: declared.words(),
                severity: if declared.severity == Severity::Error { "error" } else { "warn" }.to_owned(),
                mostly: declared.mostly(),
                considered: counts.considered,
                unexpected: counts.unexpected,
                held: declared.verdict(counts.considered, counts.unexpected).held,
            }
        })
        .collect()
}
