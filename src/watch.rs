//! Watching: events in, builds out. One loop hears of files that may have moved and of builds that ended, and decides
//! what is begun and what is stopped.
//!
//! Events are only hints: whatever they say, the work compares all it knows with the world. It neither knows pipelines
//! nor shows anything; that is the work's.

mod arrival;
mod folders;
mod noise;
mod quiet;

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use crate::problem::{Code, Problem};

use arrival::Arrivals;
use folders::{Blind, Folders};
use quiet::Quiet;

/// The system tells nothing of changes, so that they are looked for.
pub const POLLING: Code = Code::warning("hotpass::watch::polling");

/// All codes of this module.
pub const CODES: &[&Code] = &[&POLLING];

/// How often everything is looked at although nothing was heard: some file systems lose events.
const RESCAN: Duration = Duration::from_secs(30);
/// How often changes are looked for where the system tells of none.
const POLL: Duration = Duration::from_secs(2);
/// How often a build that is to stop is told so: what it begins in between does not know yet.
const NAG: Duration = Duration::from_millis(20);
/// When a file is looked at again that changed just before it was looked at.
const AGAIN: Duration = Duration::from_millis(60);

/// What a loop hears.
#[derive(Debug)]
pub enum Message<D> {
    /// Something happened to this file or folder; `true` when with it what was written is whole.
    Touched(PathBuf, bool),
    /// Something happened, nobody knows what.
    Missed,
    /// A build ended.
    Done(D),
    /// It is to end.
    Stop,
}

/// What a loop tells those who look at it.
#[derive(Clone, PartialEq, Debug)]
pub enum Notice {
    /// Nothing is left to do until something changes.
    Ready {
        /// How many files and folders matter.
        files: usize,
        /// How many folders the system watches; `None` where changes are looked for.
        folders: Option<usize>,
    },
    /// Nothing is begun until this file is all there.
    Waiting(PathBuf),
    /// Something is odd.
    Odd(Box<Problem>),
}

/// How a build ended, for the loop.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ended {
    /// It was told.
    Reported,
    /// There was nothing to tell.
    Silent,
    /// It was stopped: what it was begun for is still to be done.
    Stopped,
}

/// What is done when something changes. Paths are relative to the folder of the work.
pub trait Work {
    /// What a build leaves.
    type Done: Send + 'static;

    /// The folder that all paths are relative to.
    fn root(&self) -> PathBuf;
    /// Everything that planning looked at, whether it is there or not.
    fn paths(&self) -> Vec<PathBuf>;
    /// Whether this absolute path is written by the work itself.
    fn is_own(&self, path: &Path) -> bool;
    /// Paths that are not as they were when they were last looked at.
    fn moved(&self) -> Vec<PathBuf>;
    /// Takes the world as it is now, and gives what changed.
    fn refresh(&mut self) -> Vec<PathBuf>;
    /// Whether something changed so shortly before it was looked at that it must be looked at again.
    fn is_fresh(&self) -> bool;
    /// Begins to build because of these, and sends what comes of it.
    fn begin(&mut self, changed: &[PathBuf], done: Sender<Message<Self::Done>>);
    /// Whether the running build makes something else than one begun now would.
    fn is_stale(&mut self) -> bool;
    /// Stops the running build; may be called again while it runs.
    fn stop(&mut self);
    /// Takes in what a build left.
    fn end(&mut self, done: Self::Done) -> Ended;
    /// Whether it cannot go on.
    fn has_failed(&self) -> bool;
    /// Tells what the loop has to say.
    fn tell(&mut self, notice: Notice);
}

/// The two ends of what a loop hears.
pub struct Channel<D> {
    sender: Sender<Message<D>>,
    receiver: Receiver<Message<D>>,
}

impl<D> Default for Channel<D> {
    fn default() -> Channel<D> {
        let (sender, receiver) = channel();
        Channel { sender, receiver }
    }
}

impl<D> Channel<D> {
    /// Where news go.
    pub fn sender(&self) -> Sender<Message<D>> {
        self.sender.clone()
    }
}

/// Builds, and builds again at each change, until it is told to stop. `poll` looks for changes that often instead of
/// being told of them.
pub fn watch<W: Work>(work: &mut W, ears: &Channel<W::Done>, poll: Option<Duration>) {
    let folders = match poll {
        Some(_) => None,
        None => Folders::open(ears.sender()).map_err(|blind| work.tell(blind.notice())).ok(),
    };
    let now = Instant::now();
    let mut watch = Loop {
        work,
        ears,
        folders,
        poll: poll.unwrap_or(POLL),
        quiet: Quiet::default(),
        arrivals: Arrivals::default(),
        pending: Vec::new(),
        building: None,
        stopping: false,
        owed: false,
        looked: now,
        again: None,
        arriving: None,
        told: None,
    };
    watch.begin();
    watch.run();
}

struct Loop<'a, W: Work> {
    work: &'a mut W,
    ears: &'a Channel<W::Done>,
    /// What the system watches; `None` where changes are looked for.
    folders: Option<Folders>,
    poll: Duration,
    quiet: Quiet,
    arrivals: Arrivals,
    /// What changed since the last build was begun.
    pending: Vec<PathBuf>,
    /// What the running build was begun for.
    building: Option<Vec<PathBuf>>,
    /// The running build is to stop.
    stopping: bool,
    /// A build was stopped, so that one is owed even if nothing changes any more.
    owed: bool,
    /// When everything was last looked at.
    looked: Instant,
    /// When to look again at what changed just before it was looked at; never while a build runs, which would begin
    /// to plan anew although nothing is known to have changed.
    again: Option<Instant>,
    /// When to look again at what is waited for.
    arriving: Option<Instant>,
    /// What is waited for, as it was told.
    told: Option<PathBuf>,
}

impl<W: Work> Loop<'_, W> {
    fn run(&mut self) {
        loop {
            match self.ears.receiver.recv_timeout(self.patience()) {
                Ok(Message::Touched(path, whole)) => {
                    if !noise::is_noise(&path) && !self.work.is_own(&path) {
                        self.quiet.heard(Instant::now(), whole);
                    }
                }
                Ok(Message::Missed) => self.quiet.heard(Instant::now(), false),
                Ok(Message::Done(done)) => {
                    self.ended(done);
                    if self.work.has_failed() {
                        return;
                    }
                }
                Ok(Message::Stop) | Err(RecvTimeoutError::Disconnected) => return self.stop(),
                Err(RecvTimeoutError::Timeout) => self.due(),
            }
        }
    }

    /// How long to listen before something is due.
    fn patience(&self) -> Duration {
        let now = Instant::now();
        let rescan = self.looked + if self.folders.is_some() { RESCAN } else { self.poll };
        let nag = (self.stopping && self.building.is_some()).then(|| now + NAG);
        let all = [Some(rescan), self.quiet.due(), self.again(), self.arriving, nag];
        let next = all.into_iter().flatten().min().unwrap_or(rescan);
        next.saturating_duration_since(now)
    }

    fn again(&self) -> Option<Instant> {
        self.again.filter(|_| self.building.is_none())
    }

    fn due(&mut self) {
        let now = Instant::now();
        if self.stopping && self.building.is_some() {
            self.work.stop();
        }
        let rescan = self.looked + if self.folders.is_some() { RESCAN } else { self.poll };
        let due = |at: Option<Instant>| at.is_some_and(|it| it <= now);
        if [self.quiet.due(), self.again(), self.arriving, Some(rescan)].into_iter().any(due) {
            self.look();
        }
    }

    /// Looks at everything, and begins or stops what follows from it.
    fn look(&mut self) {
        let now = Instant::now();
        self.quiet = Quiet::default();
        self.looked = now;
        self.arriving = None;
        let root = self.work.root();
        let moved: Vec<_> = self.work.moved().into_iter().map(|it| root.join(it)).collect();
        if let Some((path, until)) = self.arrivals.wait(&moved, now) {
            self.arriving = Some(until);
            if self.told.as_ref() != Some(&path) {
                let shown = path.strip_prefix(&root).unwrap_or(&path).to_owned();
                self.told = Some(path);
                self.work.tell(Notice::Waiting(shown));
            }
            return;
        }
        self.told = None;
        let fresh = self.again.take().is_some();
        let changed = self.work.refresh();
        self.again = self.work.is_fresh().then(|| Instant::now() + AGAIN);
        self.follow();
        if changed.is_empty() && !fresh && !self.owed {
            return;
        }
        self.pending.extend(changed);
        match self.building {
            None => self.begin(),
            Some(_) if self.work.is_stale() => {
                self.stopping = true;
                self.work.stop();
            }
            // It makes what is wanted: what was heard of changed nothing.
            Some(_) => (),
        }
    }

    fn begin(&mut self) {
        let mut changed = std::mem::take(&mut self.pending);
        changed.sort();
        changed.dedup();
        (self.stopping, self.owed) = (false, false);
        self.work.begin(&changed, self.ears.sender());
        self.building = Some(changed);
    }

    fn ended(&mut self, done: W::Done) {
        let because = self.building.take().unwrap_or_default();
        let ended = self.work.end(done);
        if self.stopping || ended == Ended::Stopped {
            self.pending.extend(because);
            self.owed = true;
            return self.look();
        }
        self.pending.clear();
        // Planning may have looked at more; what moved before its folder was watched is found by looking.
        if self.follow() {
            self.again = Some(Instant::now());
        }
        if self.again.is_none() && self.work.is_fresh() {
            self.again = Some(Instant::now() + AGAIN);
        }
        if ended == Ended::Reported {
            let folders = self.folders.as_ref().map(Folders::count);
            let files = self.work.paths().len();
            self.work.tell(Notice::Ready { files, folders });
        }
    }

    /// Watches the folders of all that matters; whether that are more than before.
    fn follow(&mut self) -> bool {
        let Some(folders) = &mut self.folders else { return false };
        let root = self.work.root();
        let paths: Vec<_> = self.work.paths().into_iter().map(|it| root.join(it)).collect();
        match folders.follow(&root, &paths) {
            Ok(more) => more,
            Err(blind) => {
                self.lose_sight(&blind);
                false
            }
        }
    }

    fn lose_sight(&mut self, blind: &Blind) {
        self.folders = None;
        self.work.tell(blind.notice());
    }

    /// Ends: a running build is stopped and waited for.
    fn stop(&mut self) {
        while self.building.is_some() {
            self.work.stop();
            match self.ears.receiver.recv_timeout(NAG) {
                Ok(Message::Done(done)) => {
                    self.building = None;
                    self.work.end(done);
                }
                Ok(_) | Err(RecvTimeoutError::Timeout) => (),
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }
}
