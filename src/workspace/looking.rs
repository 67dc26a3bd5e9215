//! Looking at what stands: the workspace is opened, and an engine that ends with a limit.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use crate::problem::Severity;
use crate::run::warden::{Passed, Warden, Watch};
use crate::store::backend::{Cancel, Engine, EngineError, EngineFactory, Stopper, Worker};
use crate::workspace::failure::{Failure, Unanswered, failed};
use crate::workspace::planning::Overdue;
use crate::workspace::session::{Asked, Open, Session};

/// Opens the workspace and the engine, whatever is wrong with the pipelines: what stands can be looked at.
pub(crate) fn look<T>(
    asked: &Asked,
    factory: &'static dyn EngineFactory,
    overdue: Overdue<'_>,
    answer: impl FnOnce(Open<'_>) -> Result<T, Failure>,
) -> Result<T, Unanswered> {
    let warden = Warden::new(asked.limits, Instant::now());
    let session = Session::open(asked, Some(factory), true)?;
    let plan = session.plan();
    // It has the store together with builds, and nobody clears away what its engine spills.
    let joined = session.paths.create().and_then(|()| session.paths.join(session.setup.waits));
    let made = match &joined {
        Ok(_) => factory.open(&session.setup).map_err(failed),
        Err(error) => Err(failed(EngineError::from(std::io::Error::new(error.kind(), error.to_string())))),
    };
    let watch = warden.begin(&Cancel::default());
    let refused = |passed: Passed| passed.refused("the answer", "given");
    let answered = warden.over(&|passed| overdue(&refused(passed)), || {
        made.and_then(|engine| answer((&session, &Watched::new(&*engine, &watch), &plan))).map_err(|it| {
            let passed = match it {
                Failure::Memory => Some(watch.passed().unwrap_or(Passed::Memory(asked.limits.memory, 0))),
                _ => watch.passed(),
            };
            passed.map_or(it, |passed| Failure::Problem(Box::new(refused(passed))))
        })
    })?;
    answered.map_err(|failure| match failure {
        // What is not there may be what the pipelines fail to make.
        Failure::Problem(problem) => {
            let told = session.problems().into_iter().filter(|it| it.severity == Severity::Error);
            Unanswered::Refused(told.chain([*problem]).collect())
        }
        other => other.into(),
    })
}

/// An engine whose statements end with a limit.
struct Watched<'a> {
    engine: &'a dyn Engine,
    watch: &'a Watch<'a>,
    stoppers: Mutex<Vec<Arc<Stopper>>>,
}

impl<'a> Watched<'a> {
    fn new(engine: &'a dyn Engine, watch: &'a Watch<'a>) -> Watched<'a> {
        Watched { engine, watch, stoppers: Mutex::default() }
    }
}

impl Engine for Watched<'_> {
    fn worker(&self) -> Result<Box<dyn Worker>, EngineError> {
        self.watch.cancel().check()?;
        let worker = self.engine.worker()?;
        let mut all = self.stoppers.lock().unwrap_or_else(PoisonError::into_inner);
        all.push(worker.stopper());
        let all = all.clone();
        self.watch.stops(Arc::new(move || all.iter().for_each(|it| it())));
        Ok(worker)
    }

    fn interrupt(&self) {
        self.engine.interrupt();
    }
}
