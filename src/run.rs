//! Acting on a plan: what is made is taken from the journal, what is not is made, checked and published.
//!
//! `run` knows neither salsa nor the terminal nor DuckDB: it speaks to the engine through `store::backend` and tells
//! what happens through [`event::Event`]s.

mod again;
mod asides;
mod build;
pub mod chain;
pub mod checks;
mod costs;
mod counts;
pub mod docs;
mod drifts;
pub mod event;
mod exports;
mod faults;
mod gates;
pub mod keys;
mod learnt;
mod linked;
pub mod losses;
mod notices;
mod ours;
mod promised;
mod promote;
mod publishing;
mod reading;
mod records;
mod reread;
mod schedule;
mod sites;
pub mod test_case;
pub mod verdict;
pub mod warden;
pub mod world;
mod writers;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::Instant;

use crate::lock::Lock;
use crate::plan::{CheckId, ExportId, ExportMap, Plan, PlannedGate, Role, TableId, TableMap, TableSet};
use crate::problem::{Code, Problem};
use crate::store::backend::{Cancel, Engine, EngineConfig, EngineError, EngineFactory};
use crate::store::journal::{Counts, Journal};
use crate::store::{Joined, Paths};
use crate::summary::{StepStatus, Summary};
use crate::system::Revision;

use build::Build;
use event::{Event, EventSink};
use warden::{Limits, Passed, Warden, Watch};

pub use again::known_again;
pub use checks::counts;
pub use costs::counted;
pub use counts::reason;
pub use drifts::jumped;
pub use event::Silent;
pub use exports::Standing;
pub use faults::{STOPPED, Stopped};
pub use gates::{Facts, gates};
pub use keys::{Materialized, State, settle};

pub use notices::{Decided, decided, losses};
pub use ours::REPLACED;
pub use promote::{Moved, NOT_PROMOTED, Pair, Side, pairs, promote};

/// All codes of this module.
pub const CODES: &[&Code] = &[
    &asides::SET_ASIDE,
    &STOPPED,
    &warden::MEMORY,
    &warden::TIMEOUT,
    &ours::NOT_OURS,
    &ours::REPLACED,
    &NOT_PROMOTED,
    &notices::LOST,
    &notices::MORE_LOST,
    &notices::ROUNDED,
    &notices::TIMELESS,
];

/// Cells that one statement makes at most: 12 columns of a million rows.
pub const CELLS: u64 = 3 << 22;

/// How many bytes of what a build may take there are for each of these cells: statements sort and group them, and several
/// run at a time.
const BYTES: u64 = 64;

/// Cells that one statement makes at most in a build that may take so many bytes.
pub fn cells(memory: Option<u64>) -> u64 {
    memory.map_or(CELLS, |it| CELLS.min(it / BYTES))
}

/// What a build is to do beyond the plan.
pub struct RunOptions<'a> {
    /// The workspace.
    pub root: PathBuf,
    /// The program that reads workbooks in a child.
    pub reader: PathBuf,
    /// Which tables of the plan are wanted; what they need is built too.
    pub tables: TableSet,
    /// Which exports of the plan are wanted.
    pub exports: ExportMap<bool>,
    /// Tables to make again although they are made.
    pub force: TableSet,
    /// The table that somebody waits for: what it needs is made before all else.
    pub first: Option<TableId>,
    /// Goes on with what does not need a failed step.
    pub keep_going: bool,
    /// Replaces what stands where artefacts go, whoever wrote it.
    pub overwrite: bool,
    /// How many steps at once.
    pub jobs: usize,
    /// Cells that one statement makes at most, as far as one column of a table is not more.
    pub cells: u64,
    /// The engine; `None` in a program without one.
    pub factory: Option<&'a dyn EngineFactory>,
    /// How the engine is set up.
    pub setup: EngineConfig,
    /// What becomes of `hotpass.lock`.
    pub lock: LockMode,
    /// `--profile`, for the lock.
    pub profile: Option<String>,
    /// `--set`, for the lock.
    pub set: BTreeMap<String, String>,
    /// Asked now and then whether to stop.
    pub cancel: Cancel,
    /// What it may take.
    pub limits: Limits,
    /// When it was asked for: its time runs from then on.
    pub begun: Instant,
}

/// `--profile` and `--set`.
pub type Settings<'a> = (&'a Option<String>, &'a BTreeMap<String, String>);

impl RunOptions<'_> {
    fn settings(&self) -> Settings<'_> {
        (&self.profile, &self.set)
    }
}

/// What a build does with `hotpass.lock`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LockMode {
    /// It is written when everything was asked for and it differs.
    Write,
    /// A build that would change it publishes nothing.
    Keep,
    /// Nothing is published and nothing written down.
    Leave,
}

/// Why a build has no summary.
#[derive(Clone, PartialEq, Debug)]
pub enum RunError {
    /// There is work and this program has no engine.
    NeedsEngine,
    /// It was stopped, and nothing was published.
    Interrupted,
    /// The world failed.
    World(String),
}

impl std::fmt::Display for RunError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            RunError::NeedsEngine => f.write_str("there is work for the engine"),
            RunError::Interrupted => EngineError::Interrupted.fmt(f),
            RunError::World(reason) => f.write_str(reason),
        }
    }
}

impl std::error::Error for RunError {}

impl From<std::io::Error> for RunError {
    fn from(error: std::io::Error) -> RunError {
        RunError::World(error.to_string())
    }
}

impl From<EngineError> for RunError {
    fn from(error: EngineError) -> RunError {
        match error {
            EngineError::Interrupted => RunError::Interrupted,
            other => RunError::World(other.to_string()),
        }
    }
}

/// Opens the engine once, when it is first needed.
pub(crate) struct LazyEngine<'a> {
    options: &'a RunOptions<'a>,
    paths: &'a Paths,
    open: Mutex<Option<Open>>,
    warden: Warden,
}

struct Open {
    opened: Box<dyn Engine>,
    /// Held as long as segments are made.
    _joined: Joined,
}

impl<'a> LazyEngine<'a> {
    fn new(options: &'a RunOptions<'a>, paths: &'a Paths) -> LazyEngine<'a> {
        LazyEngine { options, paths, open: Mutex::new(None), warden: Warden::new(options.limits, options.begun) }
    }

    /// A task of its own begins: the warden looks after it.
    fn watched(&self) -> Watch<'_> {
        self.warden.begin(&self.options.cancel)
    }

    fn with<T>(&self, act: impl FnOnce(&dyn Engine) -> Result<T, EngineError>) -> Result<T, RunError> {
        let mut slot = self.open.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if slot.is_none() {
            let factory = self.options.factory.ok_or(RunError::NeedsEngine)?;
            self.paths.create()?;
            let _joined = self.paths.join(self.options.setup.waits)?;
            *slot = Some(Open { opened: factory.open(&self.options.setup)?, _joined });
        }
        match &*slot {
            Some(open) => Ok(act(&*open.opened)?),
            None => Err(RunError::NeedsEngine),
        }
    }
}

/// What of a plan a problem is about, as an index into it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum About {
    /// A source or a step.
    Table(TableId),
    /// An artefact.
    Export(ExportId),
    /// The workspace: a file that is no artefact.
    Workspace,
}

/// What a build left, for those who record and show it.
pub struct RunResult {
    /// What it says of itself.
    pub summary: Summary,
    /// The state of each table of the plan.
    pub states: TableMap<State>,
    /// What each check counted.
    pub counts: BTreeMap<CheckId, Counts>,
    /// What is told of something in the plan: it is among the problems of the summary too. What checks and gates told
    /// stands with these.
    pub told: Vec<(About, Problem)>,
    /// Steps that a value stopped; what is told of them is among the problems too.
    pub stopped: Vec<Stopped>,
    /// Published files as this build left or found them.
    pub seen: Vec<(PathBuf, Revision)>,
    /// Whether files beside artefacts are left for the next build to take away.
    pub leaves_remains: bool,
}

/// Builds what is wanted of a plan.
///
/// # Errors
///
/// [`RunError::NeedsEngine`] when something is to be made and `options.factory` is `None`: nothing was changed then.
pub fn run(
    plan: &Plan,
    paths: &Paths,
    journal: &Journal,
    options: &RunOptions<'_>,
    events: &dyn EventSink,
) -> Result<RunResult, RunError> {
    let engine = LazyEngine::new(options, paths);
    let overdue = |passed: Passed| events.take(&Event::Overdue(&passed.refused("a step", "made")));
    let ran = engine.warden.over(&overdue, || {
        let wanted = wanted(plan, options);
        Build { plan, journal, options, engine: &engine, events, wanted: &wanted }.run()
    })?;
    // What is stopped in its midst fails in many words; and what a limit stopped is no interrupt.
    ran.map_err(|error| match error {
        _ if options.cancel.is_cancelled() => RunError::Interrupted,
        RunError::Interrupted => RunError::World(error.to_string()),
        error => error,
    })
}

/// What is said of a segment that is not what was written.
pub fn damaged(name: &str) -> String {
    format!("`{name}` in the state folder is damaged, and its contents are recomputed")
}

/// What was made, where nothing is to be told of it but what went wrong.
pub struct Made {
    /// The state of each table of the plan.
    pub states: TableMap<State>,
    /// What the steps and sources told.
    pub problems: Vec<Problem>,
    /// Steps that the world stopped.
    pub failures: Vec<String>,
}

/// Makes what is wanted of a plan, and leaves nothing but contents: no check, no artefact, no run.
///
/// # Errors
///
/// [`RunError::NeedsEngine`] when something is to be made and `options.factory` is `None`.
pub fn make(plan: &Plan, paths: &Paths, journal: &Journal, options: &RunOptions<'_>) -> Result<Made, RunError> {
    let engine = LazyEngine::new(options, paths);
    journal.forget_lost(paths);
    let wanted = wanted(plan, options);
    let made = || schedule::tables(plan, &wanted, journal, options, &engine, &Silent);
    let outcome = engine.warden.over(&|_| (), made)??;
    let failure = |(table, why): &(TableId, String)| format!("`{}`: {why}", plan.tables[*table].name);
    Ok(Made {
        states: outcome.states,
        problems: outcome.problems.into_iter().map(|(_, it)| it).collect(),
        failures: outcome.failures.iter().map(failure).collect(),
    })
}

/// Everything that wanted tables and exports need.
fn wanted(plan: &Plan, options: &RunOptions<'_>) -> TableSet {
    let tables = options.tables.marked();
    let exports = plan.exports.iter().zip(&options.exports).filter(|(_, it)| **it).map(|(it, _)| it.table);
    let mut wanted = crate::graph::upstream(tables.chain(exports), &plan.needs());
    // What a step or source set aside belongs to it.
    let steps = plan.tables.entries().filter(|(index, it)| wanted[*index] && it.role.is_listed());
    let steps: std::collections::HashSet<_> = steps.map(|(_, it)| &it.name).collect();
    for (index, table) in plan.tables.entries() {
        if matches!(table.role, Role::Rejects | Role::Beside) {
            wanted[index] |= steps.contains(&table.name);
        }
    }
    // What is expected of a table may need others.
    // So may a gate of an export.
    let gates = plan.gates.iter().filter(|it| !it.exports.is_empty() && it.is_asked(&options.exports));
    let read = gates.flat_map(PlannedGate::checks).map(|it| plan.expectations[it].about);
    let needed = crate::graph::upstream(read, &plan.needs());
    wanted.iter_mut().zip(needed).for_each(|(it, needed)| *it |= needed);
    let checks = plan.expectations.iter().filter(|it| wanted[it.about]);
    let beside = checks.flat_map(|it| [Some(it.count.table), it.count.other.as_ref().map(|it| it.table)]);
    let needed = crate::graph::upstream(beside.flatten(), &plan.needs());
    wanted.iter_mut().zip(needed).for_each(|(it, needed)| *it |= needed);
    wanted
}

/// A name for a run: when it began, so that names sort by time, and the process.
pub fn run_id() -> String {
    let now = jiff::Timestamp::now();
    let time = now.strftime("%Y%m%dT%H%M%S%3fZ");
    format!("{time}-{:05}", std::process::id() % 100_000)
}

/// The lock as a build would write it now, as far as that is settled; the rest is as recorded.
pub fn lock_now(
    plan: &Plan,
    states: &TableMap<State>,
    journal: &Journal,
    settings: Settings<'_>,
    recorded: &Lock,
) -> Lock {
    let none = plan.exports.map(|_| None);
    records::lock(plan, (states, journal), &none, &BTreeMap::new(), settings, recorded)
}

/// Artefacts of a plan as they stand now, without writing any.
pub fn standing(
    plan: &Plan,
    states: &TableMap<State>,
    journal: &Journal,
    root: &std::path::Path,
    paths: &Paths,
) -> ExportMap<Standing> {
    exports::standing(plan, states, journal, root, paths)
}

/// The fate that a state is, for those who only look.
pub fn status(state: &State) -> StepStatus {
    match state {
        State::Materialized(_) => StepStatus::Reused,
        _ => StepStatus::Skipped,
    }
}
