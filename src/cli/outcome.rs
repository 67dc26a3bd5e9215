//! How a command ends that may need the engine.

use std::time::Instant;

use crate::cli::exit::Exit;
use crate::cli::output::Output;
use crate::cli::planning::within;
use crate::store::backend::EngineFactory;
use crate::workspace::session::{Asked, Session};

/// How a command ended that may need the engine.
#[derive(Debug)]
pub enum Outcome {
    /// It is done.
    Done(Exit),
    /// There is work that this program cannot do: the engine must be started.
    NeedsEngine,
}

/// Tells that the world failed.
pub fn world_failed(error: &dyn std::fmt::Display, out: &Output) -> Exit {
    out.failure(&error.to_string());
    Exit::World
}

/// An open workspace whose plan has no holes, or how the command ends without one.
pub fn opened(asked: &Asked, factory: Option<&'static dyn EngineFactory>, out: &Output) -> Result<Session, Outcome> {
    let session = Session::open(asked, factory, factory.is_some());
    let session = session.map_err(|error| Outcome::Done(world_failed(&error, out)))?;
    let planned = within(asked.limits, Instant::now(), out, || session.plan());
    let plan = planned.map_err(|error| Outcome::Done(world_failed(&error, out)))?;
    match plan.needs_engine && factory.is_none() {
        true => Err(Outcome::NeedsEngine),
        false => Ok(session),
    }
}
