//! Verbs that look at what stands: the workspace is opened, and an engine that ends with a limit.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use crate::cli::Answer;
use crate::cli::args::Global;
use crate::cli::exit::Exit;
use crate::cli::interrupt;
use crate::cli::outcome::{Outcome, world_failed};
use crate::cli::output::Output;
use crate::plan::Plan;
use crate::problem::Severity;
use crate::run::warden::{Passed, Warden, Watch};
use crate::store::backend::{Cancel, Engine, EngineError, EngineFactory, Stopper, Worker};
use crate::workspace::failure::{Failure, failed};
use crate::workspace::session::{Asked, Session, text_of};

/// Opens the workspace and the engine, whatever is wrong with the pipelines: what stands can be looked at.
pub fn looked(
    global: &Global,
    asked: &Asked,
    factory: &'static dyn EngineFactory,
    answer: impl FnOnce(&Session, &dyn Engine, &Plan) -> Result<Answer, Failure>,
) -> Outcome {
    looked_at(global, asked, factory, &|_| None, answer)
}

/// The same; `typed` gives texts that were typed, by what they are called where they are pointed into.
pub fn looked_at(
    global: &Global,
    asked: &Asked,
    factory: &'static dyn EngineFactory,
    typed: &dyn Fn(&Path) -> Option<String>,
    answer: impl FnOnce(&Session, &dyn Engine, &Plan) -> Result<Answer, Failure>,
) -> Outcome {
    let warden = Warden::new(asked.limits, Instant::now());
    let out = Output::new(global);
    let session = match Session::open(asked, Some(factory), true) {
        Ok(session) => session,
        Err(error) => return Outcome::Done(world_failed(&error, &out)),
    };
    let plan = session.plan();
    let made = match session.paths.create() {
        Ok(()) => factory.open(&session.setup).map_err(failed),
        Err(error) => Err(failed(EngineError::from(error))),
    };
    let watch = warden.begin(&Cancel::default());
    let overdue = |passed: Passed| {
        out.problems(&[passed.refused("the answer", "given")], &|_: &Path| None);
        interrupt::end(Exit::Refused)
    };
    let answered = warden.over(&overdue, || {
        made.and_then(|engine| answer(&session, &Watched::new(&*engine, &watch), &plan)).map_err(|it| {
            let passed = match it {
                Failure::Memory => Some(watch.passed().unwrap_or(Passed::Memory(asked.limits.memory, 0))),
                _ => watch.passed(),
            };
            passed.map_or(it, |passed| Failure::Problem(Box::new(passed.refused("the answer", "given"))))
        })
    });
    match answered.unwrap_or_else(|error| Err(Failure::World(error.to_string()))) {
        Ok(answer) => Outcome::Done(answer.page().unwrap_or(Exit::World)),
        Err(Failure::Problem(problem)) => {
            // What is not there may be what the pipelines fail to make.
            let told = session.problems().into_iter().filter(|it| it.severity == Severity::Error).chain([*problem]);
            out.problems(&told.collect::<Vec<_>>(), &|path: &Path| typed(path).or_else(|| text_of(&asked.root, path)));
            Outcome::Done(Exit::Refused)
        }
        Err(Failure::Memory) => Outcome::Done(world_failed(&EngineError::Memory, &out)),
        Err(Failure::World(reason)) => Outcome::Done(world_failed(&reason, &out)),
    }
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
