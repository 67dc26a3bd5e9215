//! The warden of a build: looks at the clock and at the memory that is taken while steps run, and stops those that pass
//! a limit. It stops them by the way an interrupt goes: a flag that is asked between batches, and the engine's own.

use std::fmt;
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::memory::{self, Cap};
use crate::problem::{Code, Problem};
use crate::store::backend::{Cancel, EngineError, Stopper};
use crate::threads;

/// What would take more memory than it may.
pub const MEMORY: Code = Code::error("hotpass::step::memory");
/// What takes longer than it may.
pub const TIMEOUT: Code = Code::error("hotpass::step::timeout");

/// How often memory is looked at: a fast machine fills a few dozen MiB meanwhile.
const GLANCE: Duration = Duration::from_millis(20);
/// How often the clock alone is looked at.
const TURN: Duration = Duration::from_millis(100);

/// How long what was stopped may go on: most statements end within milliseconds, but while the engine plans a query it
/// does not ask whether to stop.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a build may take.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Limits {
    /// Bytes of anonymous memory, of all its processes.
    pub memory: Option<u64>,
    /// Time for all of it.
    pub whole: Option<Duration>,
    /// Time for each of its steps.
    pub step: Option<Duration>,
}

/// The limit that was passed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Passed {
    /// That of memory; with the number of other tasks that ran meanwhile.
    Memory(Option<u64>, usize),
    /// That of the task.
    Step(Duration),
    /// That of the whole.
    Whole(Duration),
}

/// Looks after the tasks that run.
pub struct Warden {
    limits: Limits,
    /// When the whole has to be done.
    until: Option<Instant>,
    patience: Duration,
    post: Mutex<Post>,
    news: Condvar,
}

#[derive(Default)]
struct Post {
    serial: u64,
    running: Vec<Task>,
    ended: bool,
}

struct Task {
    id: u64,
    begun: Instant,
    cancel: Cancel,
    stopper: Option<Arc<Stopper>>,
    passed: Option<Passed>,
    /// When it was stopped, until it is told that it goes on.
    stopped: Option<Instant>,
}

impl Warden {
    /// Looks after what begins at `begun`.
    pub fn new(limits: Limits, begun: Instant) -> Warden {
        let until = limits.whole.and_then(|it| begun.checked_add(it));
        Warden { limits, until, patience: PATIENCE, post: Mutex::default(), news: Condvar::new() }
    }

    /// The same, which tells of what goes on as soon as it was stopped: for what leaves nothing behind.
    pub fn at_once(self) -> Warden {
        Warden { patience: Duration::ZERO, ..self }
    }

    /// Does something while the warden is on duty. `overdue` is told of what goes on long after it was stopped: nothing
    /// but the end of the process ends that.
    ///
    /// # Errors
    ///
    /// When there are limits and no thread is left to look after them: nothing was done then.
    pub fn over<T>(&self, overdue: &(dyn Fn(Passed) + Sync), act: impl FnOnce() -> T) -> io::Result<T> {
        if self.limits == Limits::default() {
            return Ok(act());
        }
        self.post().ended = false;
        std::thread::scope(|scope| {
            threads::scoped(scope, || self.patrol(overdue)).map_err(threads::none_left)?;
            let _end = End(self);
            Ok(act())
        })
    }

    /// A task begins; it ends with the answer. `cancel` stops it as well.
    pub fn begin(&self, cancel: &Cancel) -> Watch<'_> {
        let mut post = self.post();
        post.serial += 1;
        let (id, cancel, begun) = (post.serial, cancel.part(), Instant::now());
        let mut task = Task { id, begun, cancel: cancel.clone(), stopper: None, passed: None, stopped: None };
        if let Some(passed) = self.late(&task, begun) {
            task.stop(passed);
        }
        post.running.push(task);
        Watch { warden: self, id, cancel }
    }

    fn post(&self) -> MutexGuard<'_, Post> {
        self.post.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn patrol(&self, overdue: &(dyn Fn(Passed) + Sync)) {
        let pause = if self.limits.memory.is_some() { GLANCE } else { TURN };
        let mut post = self.post();
        while !post.ended {
            self.look(&mut post);
            let late = post.running.iter_mut().find_map(|it| it.overdue(self.patience));
            if let Some(passed) = late {
                drop(post);
                overdue(passed);
                post = self.post();
            }
            post = self.news.wait_timeout(post, pause).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn look(&self, post: &mut Post) {
        if post.running.is_empty() {
            return;
        }
        let now = Instant::now();
        for task in &mut post.running {
            match self.late(task, now) {
                _ if task.passed.is_some() => task.stop_again(),
                Some(passed) => task.stop(passed),
                None => (),
            }
        }
        // What is stopped gives back what it has, and until then nobody else is blamed for it.
        let stopping = post.running.iter().any(|it| it.passed.is_some());
        let Some(most) = self.limits.memory.filter(|_| !stopping) else { return };
        let Some(taken) = memory::anonymous() else { return };
        Cap::follow(left(most, taken));
        if taken > most {
            let others = post.running.len() - 1;
            post.running.iter_mut().for_each(|it| it.stop(Passed::Memory(Some(most), others)));
        }
    }

    fn late(&self, task: &Task, now: Instant) -> Option<Passed> {
        let whole = self.limits.whole.filter(|_| self.until.is_some_and(|it| now >= it)).map(Passed::Whole);
        whole.or_else(|| self.limits.step.filter(|it| now.duration_since(task.begun) >= *it).map(Passed::Step))
    }
}

impl Task {
    fn stop(&mut self, passed: Passed) {
        self.passed = Some(passed);
        self.stopped = Some(Instant::now());
        self.cancel.cancel();
        self.stop_again();
    }

    /// The limit that it passed, once, when it goes on in spite of it.
    fn overdue(&mut self, patience: Duration) -> Option<Passed> {
        self.stopped.take_if(|it| it.elapsed() >= patience).and(self.passed)
    }

    /// Stops what has begun since: an interrupt between two statements is none.
    fn stop_again(&self) {
        if let Some(stopper) = &self.stopper {
            stopper();
        }
    }
}

impl Limits {
    /// Lets nobody ask for much more memory at one time than is left, as long as the answer lives and a warden looks: one
    /// call of a function is not stopped in the middle, and would take it all.
    pub fn cap(&self) -> Option<Cap> {
        self.memory.and_then(|it| Cap::new(left(it, 0)))
    }
}

/// What may be asked for at one time where so much of the limit is taken. Half the limit, stacks of threads and places
/// that allocators keep come on top: they are asked for and never touched.
fn left(most: u64, taken: u64) -> u64 {
    let beside = (128 << 20) + threads::processors() as u64 * (32 << 20);
    most.saturating_sub(taken).saturating_add(most / 2).saturating_add(beside)
}

/// The end of a patrol, however it comes.
struct End<'a>(&'a Warden);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.post().ended = true;
        self.0.news.notify_all();
    }
}

/// A task that is looked after.
pub struct Watch<'a> {
    warden: &'a Warden,
    id: u64,
    cancel: Cancel,
}

impl Watch<'_> {
    /// Says when to stop.
    pub fn cancel(&self) -> &Cancel {
        &self.cancel
    }

    /// What stops the statements of the task.
    pub fn stops(&self, stopper: Arc<Stopper>) {
        let mut post = self.warden.post();
        if let Some(task) = post.running.iter_mut().find(|it| it.id == self.id) {
            task.stopper = Some(stopper);
        }
    }

    /// The limit that it passed.
    pub fn passed(&self) -> Option<Passed> {
        self.warden.post().running.iter().find(|it| it.id == self.id).and_then(|it| it.passed)
    }

    /// The same result; where the engine itself found no more memory, that is the limit that was passed.
    pub fn noted<T>(&self, result: Result<T, EngineError>) -> Result<T, EngineError> {
        if matches!(result, Err(EngineError::Memory)) {
            let mut post = self.warden.post();
            let passed = Passed::Memory(self.warden.limits.memory, post.running.len().saturating_sub(1));
            if let Some(task) = post.running.iter_mut().find(|it| it.id == self.id) {
                task.passed.get_or_insert(passed);
            }
        }
        result
    }
}

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        self.warden.post().running.retain(|it| it.id != self.id);
    }
}

impl Passed {
    /// The refusal of what passed it: `` refused("`p.s`", "made") ``.
    pub fn refused(self, what: &str, done: &str) -> Problem {
        match self {
            Passed::Memory(most, others) => {
                let most = most.map_or_else(|| "the memory that there is".to_owned(), size);
                let beside = match others {
                    0 => String::new(),
                    1 => "; another one ran beside it".to_owned(),
                    _ => format!("; {others} others ran beside it"),
                };
                let help = match others {
                    0 => "give more with `--memory`, or do it in parts: fewer rows or shorter texts at once",
                    _ => "give more with `--memory`, let one step run at a time with `-j 1`, or do it in parts",
                };
                let message = format!("{what} cannot be {done} within {most}{beside}");
                Problem::new(&MEMORY, message).help(help.to_owned())
            }
            Passed::Step(most) => {
                let message = format!("{what} takes longer than {} to be {done}", Spelt(most));
                let help = "give it more with `--step-timeout`, or look for what multiplies its rows, such as a join";
                Problem::new(&TIMEOUT, message).help(help.to_owned())
            }
            Passed::Whole(most) => {
                let message = format!("{what} is not {done} within the {} of `--timeout`", Spelt(most));
                let help = "give more time; what a build finished is kept, and the next one goes on from there";
                Problem::new(&TIMEOUT, message).help(help.to_owned())
            }
        }
    }
}

/// Bytes with the largest unit that shows at least one: `200 MiB`, `1.5 GiB`.
fn size(bytes: u64) -> String {
    let units = [("GiB", 30), ("MiB", 20), ("KiB", 10)];
    let (unit, shift) = units.into_iter().find(|(_, it)| bytes >> it > 0).unwrap_or(("bytes", 0));
    let shown = bytes as f64 / (1_u64 << shift) as f64;
    let text = format!("{shown:.1}");
    format!("{} {unit}", text.strip_suffix(".0").unwrap_or(&text))
}

/// A time as it is typed: `1h30m`, `90ms`.
struct Spelt(Duration);

impl fmt::Display for Spelt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, rest) = (self.0.as_secs(), self.0.subsec_millis());
        if seconds == 0 {
            return write!(f, "{rest}ms");
        }
        let parts = [(seconds / 3600, "h"), (seconds / 60 % 60, "m")];
        parts.into_iter().filter(|(it, _)| *it > 0).try_for_each(|(it, unit)| write!(f, "{it}{unit}"))?;
        match (seconds % 60, rest) {
            (0, 0) => Ok(()),
            (seconds, 0) => write!(f, "{seconds}s"),
            (seconds, rest) => write!(f, "{}s", f64::from(rest) / 1000.0 + seconds as f64),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    const FAR: Duration = Duration::from_secs(3600);

    /// Waits until the warden stops a task; the limit that it passed.
    fn stopped(limits: Limits) -> Option<Passed> {
        let warden = Warden::new(limits, Instant::now());
        let passed = warden.over(&|_| (), || {
            let watch = warden.begin(&Cancel::default());
            let times = Arc::new(AtomicU32::new(0));
            let counter = Arc::clone(&times);
            watch.stops(Arc::new(move || _ = counter.fetch_add(1, Ordering::SeqCst)));
            // It is stopped as long as it does not end.
            while times.load(Ordering::SeqCst) < 2 {
                std::thread::yield_now();
            }
            assert!(watch.cancel().is_cancelled());
            watch.passed()
        });
        passed.expect("a thread")
    }

    #[test]
    fn what_passes_a_limit_is_stopped() {
        let short = Duration::from_millis(1);
        assert_eq!(stopped(Limits { step: Some(short), ..Limits::default() }), Some(Passed::Step(short)));
        let whole = Limits { whole: Some(short), step: Some(FAR), memory: None };
        assert_eq!(stopped(whole), Some(Passed::Whole(short)));
        #[cfg(target_os = "linux")]
        assert_eq!(stopped(Limits { memory: Some(1), ..Limits::default() }), Some(Passed::Memory(Some(1), 0)));
    }

    #[test]
    fn what_goes_on_after_it_was_stopped_is_told_once() {
        let short = Duration::from_millis(1);
        let limits = Limits { step: Some(short), ..Limits::default() };
        let warden = Warden { patience: short, ..Warden::new(limits, Instant::now()) };
        let (told, times) = (Mutex::new(Vec::new()), Arc::new(AtomicU32::new(0)));
        let counter = Arc::clone(&times);
        let went = warden.over(&|passed| told.lock().expect("held").push(passed), || {
            let watch = warden.begin(&Cancel::default());
            watch.stops(Arc::new(move || _ = counter.fetch_add(1, Ordering::SeqCst)));
            while told.lock().expect("held").is_empty() {
                std::thread::yield_now();
            }
            let told = times.load(Ordering::SeqCst);
            while times.load(Ordering::SeqCst) < told + 2 {
                std::thread::yield_now();
            }
        });
        assert!(went.is_ok());
        assert_eq!(*told.lock().expect("held"), [Passed::Step(short)]);
    }

    #[test]
    fn what_begins_too_late_is_stopped_at_once_and_others_go_on() {
        let warden = Warden::new(Limits { whole: Some(Duration::ZERO), ..Limits::default() }, Instant::now());
        let all = Cancel::default();
        let watch = warden.begin(&all);
        assert_eq!(watch.passed(), Some(Passed::Whole(Duration::ZERO)));
        assert!(watch.cancel().is_cancelled() && !all.is_cancelled());
        let warden = Warden::new(Limits::default(), Instant::now());
        let watch = warden.begin(&all);
        assert_eq!((watch.passed(), watch.cancel().is_cancelled()), (None, false));
        all.cancel();
        assert!(watch.cancel().is_cancelled());
    }

    #[test]
    fn limits_are_told_as_they_are_typed() {
        let told = |passed: Passed| passed.refused("`p.s`", "made").message;
        let check = |millis: u64, expected: &str| {
            let message = told(Passed::Step(Duration::from_millis(millis)));
            assert_eq!(message, format!("`p.s` takes longer than {expected} to be made"));
        };
        check(1, "1ms");
        check(1_000, "1s");
        check(1_500, "1.5s");
        check(90_000, "1m30s");
        check(5_400_000, "1h30m");
        check(3_601_000, "1h1s");
        let memory = |bytes: u64, others: usize| told(Passed::Memory(Some(bytes), others));
        assert_eq!(memory(200 << 20, 0), "`p.s` cannot be made within 200 MiB");
        assert_eq!(memory(3 << 29, 2), "`p.s` cannot be made within 1.5 GiB; 2 others ran beside it");
        assert_eq!(memory(12, 1), "`p.s` cannot be made within 12 bytes; another one ran beside it");
    }
}
