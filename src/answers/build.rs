//! `hotpass build`: makes what is not made, checks, publishes. What programs are told of it stands in `events`.

mod concluded;
mod events;
mod prepared;

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use crate::escape::line;
use crate::problem::Problem;
use crate::run::event::{Event, EventSink, Silent};
use crate::run::{self, LockMode, RunError};
use crate::scratch::SignalHook;
use crate::store::backend::{Cancel, EngineFactory};
use crate::store::engine_cache::EngineCache;
use crate::store::layout::Depth;
use crate::store::stamp::{Content, Moved, Stamp};
use crate::store::toml_fingerprint::toml_fingerprint;
use crate::summary::{Status, Summary};
use crate::threads;
use crate::workspace::failure::Unanswered;
use crate::workspace::moves::moves;
use crate::workspace::planning::within;
use crate::workspace::session::{Asked, Session, text_of};

pub(crate) use concluded::conclude;
pub(crate) use events::{Built, Finished};
pub(crate) use prepared::{Prepared, prepare};

use concluded::what_was_asked;

/// How often a build begins at most, where its inputs change while it runs: who writes all the time must not keep it
/// for ever.
const ATTEMPTS: usize = 3;

/// What a build was asked to do.
#[derive(Clone, Debug)]
pub struct Request {
    /// The workspace and how it is read.
    pub asked: Asked,
    /// Selectors; none means everything.
    pub targets: Vec<String>,
    /// Selectors of what is left out.
    pub exclude: Vec<String>,
    /// Make again what is made: everything, or the tables these selectors name.
    pub force: Option<Vec<String>>,
    /// Whether it goes on with what does not need a step that failed.
    pub keep_going: bool,
    /// Whether files that hotpass did not write are replaced.
    pub overwrite: bool,
    /// Whether other values of the environment may be published.
    pub publish: bool,
    /// Whether the lock is written or kept.
    pub lock: LockMode,
}

/// Stops what runs; what is finished stays.
pub type Stop = Box<dyn Fn() + Send + Sync>;

/// Who a build is for: hears of it while it runs, and may stop it.
pub trait Audience: EventSink {
    /// It can be stopped from here on, as long as the hook lives.
    fn stoppable(&self, stop: Stop) -> Option<SignalHook>;
}

impl Audience for Silent {
    fn stoppable(&self, _: Stop) -> Option<SignalHook> {
        None
    }
}

/// Builds; what came of it, which is the last event too.
///
/// # Errors
///
/// When there is work and no engine, when something stands in the way, or when the world fails.
pub fn build(
    request: &Request,
    factory: Option<&'static dyn EngineFactory>,
    audience: &dyn Audience,
) -> Result<Summary, Unanswered> {
    let summary = built(request, factory, audience)?;
    audience.take(&Event::Ended(&summary));
    Ok(summary)
}

fn built(
    request: &Request,
    factory: Option<&'static dyn EngineFactory>,
    audience: &dyn Audience,
) -> Result<Summary, Unanswered> {
    let begun = Instant::now();
    let root = &request.asked.root;
    let paths = request.asked.paths();
    let fresh = request.force.is_none().then(|| {
        let revision = |it: &Path| run::world::revision_of(&root.join(it));
        let content = |it: &Path, before: &Content| match before {
            Content::Meaning(_, queries) => {
                toml_fingerprint(&text_of(root, it)?, queries).map(|it| Content::Meaning(it, queries.clone()))
            }
            Content::Bytes(_) => run::world::digest_in(root, it).map(Content::Bytes),
        };
        Stamp::unchanged(&paths.stamp(), &what_was_asked(request), revision, content)
    });
    match fresh {
        Some(Ok(summary)) => {
            paths.clear_dead(request.asked.spill.as_deref());
            let summary = summary.as_unchanged(begun.elapsed().as_millis() as u64);
            summary.steps.iter().for_each(|it| audience.take(&Event::Finished(it)));
            return Ok(summary);
        }
        // Most likely there is work for the engine, which plans as well: one of the two plans then.
        Some(Err(Moved::Content)) if factory.is_none() => return Err(Unanswered::NeedsEngine),
        _ => (),
    }
    paths.inspect(Depth::All)?;
    paths.clear_dead(request.asked.spill.as_deref());
    let mut session = Session::open(&request.asked, factory, true)?;
    // `--locked` publishes nothing new by itself.
    let asks = request.lock == LockMode::Write && !request.publish;
    if let Some(problem) = moves(&request.asked).filter(|_| asks) {
        return Err(problem.into());
    }
    // Where nothing was ever made the front has nothing to answer from: only one of the two plans then.
    if factory.is_none() && session.journal.known(|it| it.columns.is_empty()) {
        return Err(Unanswered::NeedsEngine);
    }
    let mut summary = once(&session, request, begun, audience)?;
    for _ in 1..ATTEMPTS {
        let moved = match summary.status {
            Status::Failed | Status::Refused => session.moved(),
            Status::Ok | Status::Interrupted => Vec::new(),
        };
        let Some(path) = moved.first() else { break };
        let path = line(&path.display().to_string());
        audience.take(&Event::Notice(&format!("`{path}` changed while the build ran, which begins again")));
        session.db.refresh();
        summary = once(&session, request, begun, audience)?;
    }
    Ok(summary)
}

/// Plans and runs once.
fn once(session: &Session, request: &Request, begun: Instant, audience: &dyn Audience) -> Result<Summary, Unanswered> {
    // Times are taken before anything is read: what changes from here on is noticed by the next build.
    let at = Stamp::now();
    let overdue = |problem: &Problem| audience.take(&Event::Overdue(problem));
    let prepared = within(request.asked.limits, begun, &overdue, || prepare(session, request))??;
    if prepared.plan.needs_engine && session.factory.is_none() {
        return Err(Unanswered::NeedsEngine);
    }
    if prepared.is_refused() {
        return Ok(prepared.refused(begun));
    }
    let most = threads::MOST;
    if request.asked.jobs > most {
        audience.take(&Event::Notice(&format!("no more than {most} steps run at a time")));
    }
    let cancel = Cancel::default();
    let kept = session.factory.clone();
    let _hook = audience.stoppable(stop(&cancel, kept.clone()));
    let options = prepared.options(request, &session.setup, &session.reader, kept.as_deref(), (cancel, begun));
    let ran = match run::run(&prepared.plan, &session.paths, &session.journal, &options, audience) {
        Err(RunError::Interrupted) => {
            let duration_ms = begun.elapsed().as_millis() as u64;
            return Ok(Summary { duration_ms, ..Summary::new(Status::Interrupted, run::run_id()) });
        }
        ran => ran?,
    };
    Ok(conclude(session, &prepared, ran, begun, request, at))
}

/// What stops a build that runs.
pub(crate) fn stop(cancel: &Cancel, engine: Option<Arc<EngineCache>>) -> Stop {
    let cancel = cancel.clone();
    Box::new(move || {
        let stops = cancel.cancel();
        if let Some(engine) = engine.as_ref().filter(|_| stops) {
            engine.interrupt();
        }
    })
}
