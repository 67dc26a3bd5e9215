//! How a whole plan is run.

use std::time::Instant;

use crate::plan::Plan;
use crate::run::{self, LockMode, RunOptions};
use crate::store::backend::{Cancel, EngineFactory};
use crate::workspace::session::{Asked, Session};

/// Everything, as it is asked for.
pub(crate) fn options<'a>(session: &'a Session, plan: &Plan, asked: &Asked) -> RunOptions<'a> {
    RunOptions {
        root: session.root.clone(),
        reader: session.reader.clone(),
        tables: plan.tables.map(|_| true),
        exports: plan.exports.map(|_| true),
        force: plan.tables.map(|_| false),
        first: None,
        keep_going: false,
        overwrite: false,
        jobs: asked.jobs.max(1),
        cells: run::cells(session.setup.memory),
        factory: session.factory.as_deref().map(|it| it as &dyn EngineFactory),
        setup: session.setup.clone(),
        lock: LockMode::Write,
        profile: asked.profile.clone(),
        set: asked.set.clone(),
        cancel: Cancel::default(),
        limits: asked.limits,
        begun: Instant::now(),
    }
}
