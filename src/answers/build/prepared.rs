//! What a build asks the query database before it begins: the plan, what is wrong with it, and which part is wanted.

use std::cell::OnceCell;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use crate::answers::build::Request;
use crate::plan::{Plan, TableId, TableSet};
use crate::problem::Problem;
use crate::run::{self, RunOptions};
use crate::store::backend::{Cancel, EngineConfig, EngineFactory};
use crate::store::engine_cache::EngineCache;
use crate::summary::{Status, Summary};
use crate::workspace::selectors::{self, Selection};
use crate::workspace::session::{Session, any_error};

/// What is to be built, and what is wrong: all that a build asks the query database before it begins.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Prepared {
    /// The plan of everything.
    pub plan: Arc<Plan>,
    /// Everything that is wrong.
    pub problems: Vec<Problem>,
    selection: Selection,
    force: TableSet,
}

/// Plans what was asked for. The problem is one of the words it was asked with.
pub fn prepare(session: &Session, request: &Request) -> Result<Prepared, Box<Problem>> {
    let plan = session.plan();
    let problems = match plan.needs_engine && session.factory.is_none() {
        // The engine plans once more, and tells what is wrong then.
        true => Vec::new(),
        false => session.problems(),
    };
    let everything = |whole| Selection { tables: plan.tables.map(|_| whole), exports: plan.exports.map(|_| whole) };
    let force = everything(false).tables;
    if any_error(&problems) || plan.needs_engine && session.factory.is_none() {
        return Ok(Prepared { selection: everything(true), force, problems, plan });
    }
    // Few selectors ask for it, and it costs a key for each column.
    let states = OnceCell::new();
    let settled = || states.get_or_init(|| run::settle(&plan, &session.journal));
    let changed = |table: TableId| !matches!(settled()[table], run::State::Materialized(_));
    let selection = selectors::select_but(&plan, &request.targets, &request.exclude, &changed)?;
    let force = match &request.force {
        None => force,
        Some(words) => selectors::select(&plan, words, &changed)?.tables,
    };
    Ok(Prepared { plan, problems, selection, force })
}

impl Prepared {
    /// Whether nothing can be built of it.
    pub fn is_refused(&self) -> bool {
        any_error(&self.problems)
    }

    /// Whether a build of it makes what one of the other does. A history that grew is no difference: what builds
    /// like these published is what was added to it.
    pub fn is_same(&self, other: &Prepared) -> bool {
        let continued = || self.plan.history.is_continued(&other.plan.history);
        let beside_history = || {
            let history = Arc::clone(&self.plan.history);
            *self.plan == Plan { history, ..Plan::clone(&other.plan) }
        };
        self.problems == other.problems && (self.plan == other.plan || continued() && beside_history())
    }

    /// What a build says that is refused before it begins.
    pub fn refused(&self, begun: Instant) -> Summary {
        let problems = self.problems.clone();
        let duration_ms = begun.elapsed().as_millis() as u64;
        Summary { problems, duration_ms, ..Summary::new(Status::Refused, run::run_id()) }
    }

    /// What the runner is to do.
    pub fn options<'a>(
        &self,
        request: &Request,
        setup: &EngineConfig,
        reader: &Path,
        factory: Option<&'a EngineCache>,
        (cancel, begun): (Cancel, Instant),
    ) -> RunOptions<'a> {
        RunOptions {
            root: request.asked.root.clone(),
            reader: reader.to_owned(),
            tables: self.selection.tables.clone(),
            exports: self.selection.exports.clone(),
            force: self.force.clone(),
            first: None,
            keep_going: request.keep_going,
            overwrite: request.overwrite,
            jobs: request.asked.jobs.max(1),
            cells: run::cells(setup.memory),
            factory: factory.map(|it| it as &dyn EngineFactory),
            setup: setup.clone(),
            lock: request.lock,
            profile: request.asked.profile.clone(),
            set: request.asked.set.clone(),
            cancel,
            limits: request.asked.limits,
            begun,
        }
    }
}
