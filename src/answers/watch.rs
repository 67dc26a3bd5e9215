//! `hotpass watch`: what `build` does, again at each change of what it looked at.
//!
//! The loop is `crate::watch`; here is what it drives. A build plans on a handle of the query database that it lets go
//! before it runs, so that what changes meanwhile can be compared with what is being made.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::answers::build::{self, Prepared, Request, Stop, conclude, prepare};
use crate::answers::preview::{Looked, Preview, Previews};
use crate::db::uninterrupted;
use crate::plan::Plan;
use crate::problem::Problem;
use crate::run::event::{Event, EventSink};
use crate::run::{self, RunError, RunOptions, RunResult};
use crate::scratch::SignalHook;
use crate::store::backend::{Cancel, EngineFactory};
use crate::store::stamp::Stamp;
use crate::summary::{Status, Summary};
use crate::watch::{self, Channel, Ended, Message, Notice, Work};
use crate::workspace::failure::Unanswered;
use crate::workspace::lookup::{find, unknown};
use crate::workspace::moves::moves;
use crate::workspace::selectors::LISTED;
use crate::workspace::session::Session;
use crate::{bug, history, lock, threads};

/// Who looks at the builds as they come.
pub(crate) trait Viewer: EventSink + Send {
    /// Whether a person looks at a screen, who is shown the tables themselves.
    fn is_for_people(&self) -> bool;
    /// A build begins because of these.
    fn begins(&self, changed: &[PathBuf]);
    /// The table that is waited for stands; the rest of the build goes on.
    fn previewed(&self, preview: Option<&Preview>);
    /// A build ended. `looked` is what it made; `None` when it was refused before it began.
    fn ended(&self, summary: &Summary, plan: &Plan, changed: &[PathBuf], looked: Option<Looked>);
    /// What the loop has to say.
    fn notice(&self, notice: &Notice);
    /// It can be stopped from here on, as long as the hook lives.
    fn stoppable(&self, stop: Stop) -> Option<SignalHook>;
}

/// What is watched, and how.
pub(crate) struct Watched {
    pub(crate) request: Request,
    /// The table whose first rows are shown after each build.
    pub(crate) show: Option<String>,
    /// How often changes are looked for, where the system is not to tell of them.
    pub(crate) poll: Option<Duration>,
}

/// Builds at each change, until it is stopped; whether a build ended by a bug.
///
/// # Errors
///
/// When the workspace cannot be opened, or what is published would become that of other settings.
pub(crate) fn watch(
    it: Watched,
    factory: &'static dyn EngineFactory,
    view: &Arc<dyn Viewer>,
) -> Result<bool, Unanswered> {
    let Watched { request, show, poll } = it;
    let session = Session::open(&request.asked, Some(factory), true)?;
    let ears: Channel<Done> = Channel::default();
    let sender = ears.sender();
    let _hook = view.stoppable(Box::new(move || _ = sender.send(Message::Stop)));
    if let Some(problem) = moves(&request.asked).filter(|_| !request.publish) {
        return Err(problem.into());
    }
    let mut watching = Watching {
        session,
        request: Arc::new(request),
        show,
        view: Arc::clone(view),
        last: None,
        running: None,
        looked: Stamp::now(),
        failed: false,
    };
    watch::watch(&mut watching, &ears, poll);
    Ok(watching.failed)
}

/// An open workspace that is built again and again.
struct Watching {
    session: Session,
    request: Arc<Request>,
    show: Option<String>,
    view: Arc<dyn Viewer>,
    /// What the last build was made of that was told; where nobody saved anything, one of the same is not told again.
    last: Option<Prepared>,
    running: Option<Running>,
    /// When the inputs were last looked at.
    looked: i128,
    /// A build ended by a bug.
    failed: bool,
}

/// A build while it runs.
struct Running {
    cancel: Cancel,
    /// What it makes, once that is known.
    prepared: Arc<Mutex<Option<Prepared>>>,
}

/// What a build left.
struct Done {
    begun: Instant,
    changed: Vec<PathBuf>,
    end: End,
}

enum End {
    /// An input changed while it planned.
    Overtaken,
    /// What it was asked for does not exist.
    Unasked(Box<Problem>),
    /// Nothing is to be told: the plan is what it was.
    Same,
    /// It has problems, so that nothing was begun.
    Refused(Prepared),
    /// It ran.
    Ran(Prepared, Box<Result<RunResult, RunError>>, Looked),
    /// It panicked, or could not begin.
    Bug(String),
}

impl Work for Watching {
    type Done = Done;

    fn root(&self) -> PathBuf {
        self.session.root.clone()
    }

    fn paths(&self) -> Vec<PathBuf> {
        self.session.db.known_paths()
    }

    fn is_own(&self, path: &Path) -> bool {
        if path.starts_with(self.session.paths.root()) {
            return true;
        }
        let Ok(path) = path.strip_prefix(&self.session.root) else { return false };
        let lock = lock::file(self.session.environment());
        if path == history::file(self.session.environment()) {
            return self.session.history_grew();
        }
        let Some(last) = &self.last else { return path == lock };
        let mut artefacts = last.plan.exports.iter();
        let written = path == lock || path.starts_with(&last.plan.dist) || artefacts.any(|it| it.writes(path));
        // What one pipeline writes another may read.
        written && !self.session.db.knows(path)
    }

    fn moved(&self) -> Vec<PathBuf> {
        self.session.moved()
    }

    fn refresh(&mut self) -> Vec<PathBuf> {
        self.looked = Stamp::now();
        let own = self.session.history_grew();
        let mut changed = self.session.db.refresh();
        let history = history::file(self.session.environment());
        changed.retain(|it| !own || *it != history);
        changed
    }

    fn is_fresh(&self) -> bool {
        self.session.db.is_fresh()
    }

    fn begin(&mut self, changed: &[PathBuf], done: Sender<Message<Done>>) {
        self.view.begins(changed);
        let cancel = Cancel::default();
        let prepared = Arc::new(Mutex::new(None));
        self.running = Some(Running { cancel: cancel.clone(), prepared: Arc::clone(&prepared) });
        let job = Job {
            session: self.session.clone(),
            request: Arc::clone(&self.request),
            show: self.show.clone(),
            view: Arc::clone(&self.view),
            // A folder whose listing means the same is no news; a file that somebody saved is.
            before: self.last.clone().filter(|_| changed.iter().all(|it| self.session.root.join(it).is_dir())),
            cancel,
            prepared,
        };
        let (begun, changed) = (Instant::now(), changed.to_vec());
        let (sender, because) = (done.clone(), changed.clone());
        let build = move || {
            let ended = catch_unwind(AssertUnwindSafe(|| job.run()));
            let end = ended.unwrap_or_else(|_| End::Bug(bug::take().to_string()));
            let _ = done.send(Message::Done(Done { begun, changed, end }));
        };
        if let Err(error) = threads::free(build) {
            let end = End::Bug(threads::none_left(error).to_string());
            let _ = sender.send(Message::Done(Done { begun, changed: because, end }));
        }
    }

    fn is_stale(&mut self) -> bool {
        let Some(running) = &self.running else { return false };
        let made = running.prepared.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(made) = made else { return true };
        let now = prepare(&self.session, &self.request);
        !now.is_ok_and(|now| now.is_same(&made))
    }

    fn stop(&mut self) {
        if let Some(running) = &self.running {
            build::stop(&running.cancel, self.session.factory.clone())();
        }
    }

    fn end(&mut self, done: Done) -> Ended {
        let running = self.running.take();
        let stopped = running.is_some_and(|it| it.cancel.is_cancelled());
        self.session.db.take_ran();
        // `gc` may come in until the next build begins.
        if let Some(factory) = &self.session.factory {
            factory.rest();
        }
        match done.end {
            End::Overtaken => Ended::Stopped,
            End::Same => Ended::Silent,
            End::Unasked(problem) => {
                self.last = None;
                let summary = Summary { problems: vec![*problem], ..Summary::new(Status::Refused, run::run_id()) };
                self.view.ended(&summary, &Plan::default(), &done.changed, None);
                Ended::Reported
            }
            End::Refused(prepared) => {
                let summary = prepared.refused(done.begun);
                self.view.ended(&summary, &prepared.plan, &done.changed, None);
                self.last = Some(prepared);
                Ended::Reported
            }
            End::Ran(prepared, built, looked) => match *built {
                Ok(built) => {
                    let (session, request) = (&self.session, &self.request);
                    let summary = conclude(session, &prepared, built, done.begun, request, self.looked);
                    let interrupted = summary.status == Status::Interrupted;
                    self.view.ended(&summary, &prepared.plan, &done.changed, Some(looked));
                    self.last = (!interrupted).then_some(prepared);
                    if interrupted { Ended::Stopped } else { Ended::Reported }
                }
                Err(RunError::Interrupted) => {
                    self.last = None;
                    Ended::Stopped
                }
                Err(error) => {
                    self.last = None;
                    self.failed(error.to_string());
                    if stopped { Ended::Stopped } else { Ended::Reported }
                }
            },
            End::Bug(report) => {
                self.failed = true;
                self.failed(report);
                Ended::Reported
            }
        }
    }

    fn has_failed(&self) -> bool {
        self.failed
    }

    fn tell(&mut self, notice: Notice) {
        self.view.notice(&notice);
    }
}

impl Watching {
    /// Tells that the world failed, or the program itself.
    fn failed(&self, reason: String) {
        let summary = Summary { failures: vec![reason], ..Summary::new(Status::Failed, run::run_id()) };
        self.view.ended(&summary, &Plan::default(), &[], None);
    }
}

/// One build, on a thread of its own.
struct Job {
    session: Session,
    request: Arc<Request>,
    show: Option<String>,
    view: Arc<dyn Viewer>,
    /// What is not worth telling once more.
    before: Option<Prepared>,
    cancel: Cancel,
    prepared: Arc<Mutex<Option<Prepared>>>,
}

impl Job {
    fn run(self) -> End {
        let begun = Instant::now();
        let Job { session, request, show, view, before, cancel, prepared } = self;
        // Others may build here as well; what they know to be made nobody drops until this build has ended.
        let held = session.paths.root().is_dir().then(|| session.paths.share(session.setup.waits)).transpose();
        let _held = match held.and_then(|held| session.journal.refresh().map(|()| held)) {
            Ok(held) => held,
            Err(error) => return End::Ran(Prepared::default(), Box::new(Err(error.into())), Looked::default()),
        };
        let planned = match uninterrupted(|| prepare(&session, &request)) {
            None => return End::Overtaken,
            Some(Err(problem)) => return End::Unasked(problem),
            // What was read is newer than what it was read as.
            Some(Ok(_)) if uninterrupted(|| session.moved()).is_none_or(|it| !it.is_empty()) => return End::Overtaken,
            Some(Ok(planned)) => planned,
        };
        *prepared.lock().unwrap_or_else(PoisonError::into_inner) = Some(planned.clone());
        let Session { root: _, paths, journal, db, settings: _, factory, setup, reader, limits: _, cap: _cap } =
            session;
        // From here on inputs can be set while this build runs.
        drop(db);
        if before.is_some_and(|it| it.is_same(&planned)) {
            return End::Same;
        }
        if planned.is_refused() {
            return End::Refused(planned);
        }
        let first = show.as_ref().map(|step| find(&planned.plan, step).ok_or(step));
        let first = match first.transpose() {
            Ok(first) => first,
            Err(step) => return End::Unasked(unknown(&planned.plan, step, LISTED)),
        };
        let options =
            RunOptions { first, ..planned.options(&request, &setup, &reader, factory.as_deref(), (cancel, begun)) };
        let previews = Previews { setup: &setup, factory: factory.as_deref(), paths: &paths, journal: &journal };
        let teller = Teller { view: &*view, previews, preview: Mutex::default() };
        let built = run::run(&planned.plan, &paths, &journal, &options, &teller);
        drop(options);
        let Teller { previews, preview, .. } = teller;
        let preview = preview.into_inner().unwrap_or_else(PoisonError::into_inner);
        let asides = match &built {
            Ok(built) if view.is_for_people() => previews.asides(&planned.plan, &built.states),
            _ => Vec::new(),
        };
        End::Ran(planned, Box::new(built), Looked { preview, asides })
    }
}

/// Tells what happens while a build runs, and shows the table that is waited for before anything is published.
struct Teller<'a> {
    view: &'a dyn Viewer,
    previews: Previews<'a>,
    preview: Mutex<Option<Preview>>,
}

impl EventSink for Teller<'_> {
    fn take(&self, event: &Event<'_>) {
        if let Event::Made { plan, table, state } = event {
            let preview = self.previews.first_rows(plan, *table, state);
            self.view.previewed(preview.as_ref());
            *self.preview.lock().unwrap_or_else(PoisonError::into_inner) = preview;
        }
        self.view.take(event);
    }
}
