//! Planning within limits. Where a query is bound the engine does not ask whether to stop, and nothing was written yet:
//! what passes a limit ends the process.

use std::io;
use std::time::Instant;

use crate::problem::Problem;
use crate::run::warden::{Limits, Passed, Warden};
use crate::store::backend::{Cancel, EngineFactory};
use crate::workspace::failure::Unanswered;
use crate::workspace::session::{Asked, Session};

/// Who is told of what passed a limit and cannot be stopped: nothing but the end of the process ends it.
pub type Overdue<'a> = &'a (dyn Fn(&Problem) + Sync);

/// Plans something that may take so much, by the clock since `begun`.
///
/// # Errors
///
/// When there are limits and no thread is left to look after them: nothing was planned then.
pub fn within<T>(limits: Limits, begun: Instant, overdue: Overdue<'_>, plan: impl FnOnce() -> T) -> io::Result<T> {
    let warden = Warden::new(Limits { step: None, ..limits }, begun).at_once();
    let overdue = |passed: Passed| overdue(&passed.refused("the workspace", "planned"));
    warden.over(&overdue, || {
        let _planning = warden.begin(&Cancel::default());
        plan()
    })
}

/// An open workspace whose plan has no holes.
pub fn planned(
    asked: &Asked,
    factory: Option<&'static dyn EngineFactory>,
    overdue: Overdue<'_>,
) -> Result<Session, Unanswered> {
    let session = Session::open(asked, factory, factory.is_some())?;
    let plan = within(asked.limits, Instant::now(), overdue, || session.plan())?;
    match plan.needs_engine && factory.is_none() {
        true => Err(Unanswered::NeedsEngine),
        false => Ok(session),
    }
}
