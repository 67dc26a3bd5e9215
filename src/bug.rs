//! A fault of the program itself: where it happened and what was being done. The words of a panic are never told, because
//! they may hold values.

use std::cell::RefCell;
use std::fmt;
use std::panic::PanicHookInfo;
use std::sync::{Mutex, PoisonError};

/// Where a fault is reported.
const ISSUES: &str = "the issues of the repository that hotpass came from";

/// The first panic that was noted: what follows from it is no news.
static FIRST: Mutex<Option<Bug>> = Mutex::new(None);

thread_local! {
    static DOING: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// A fault of the program.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Bug {
    /// File, line and column of the code.
    pub place: String,
    /// What was being done, outermost first.
    pub doing: Vec<String>,
}

/// Lets panics be written down from here on instead of printed.
pub fn note_panics() {
    std::panic::set_hook(Box::new(note));
}

fn note(info: &PanicHookInfo<'_>) {
    let place = info.location().map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
    let doing = DOING.try_with(|it| it.try_borrow().map(|it| it.clone()).unwrap_or_default()).unwrap_or_default();
    FIRST.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(Bug { place, doing });
}

/// The first panic since the last call, if panics are noted.
pub fn take() -> Bug {
    let first = FIRST.lock().unwrap_or_else(PoisonError::into_inner).take();
    first.unwrap_or_else(|| Bug { place: "an unknown place".to_owned(), doing: Vec::new() })
}

/// Does something that a panic in it is said to have happened in: ``making `crm.people` ``.
pub fn doing<T>(what: &str, act: impl FnOnce() -> T) -> T {
    let _done = Doing::new(what);
    act()
}

/// What this thread is doing, for a thread that does a part of it.
pub fn done_here() -> Vec<String> {
    DOING.with_borrow(Clone::clone)
}

/// Goes on with what another thread is doing.
pub fn goes_on<T>(with: Vec<String>, act: impl FnOnce() -> T) -> T {
    let before = DOING.replace(with);
    let made = act();
    DOING.set(before);
    made
}

struct Doing;

impl Doing {
    fn new(what: &str) -> Doing {
        DOING.with_borrow_mut(|it| it.push(what.to_owned()));
        Doing
    }
}

impl Drop for Doing {
    fn drop(&mut self) {
        let _ = DOING.try_with(|it| it.try_borrow_mut().map(|mut it| it.pop()));
    }
}

impl fmt::Display for Bug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a bug in hotpass {} at {}", env!("CARGO_PKG_VERSION"), self.place)?;
        for it in &self.doing {
            write!(f, ", {it}")?;
        }
        write!(f, "; nothing was published; please report this line to {ISSUES}: it holds no values")
    }
}

/// Panics here when a test asks for it: `HOTPASS_TEST_PANIC` names the place. Not part of a release.
#[track_caller]
pub fn seam(name: &str) {
    if cfg!(debug_assertions) && std::env::var_os("HOTPASS_TEST_PANIC").is_some_and(|it| it == name) {
        panic!("secret of a test");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_says_where_and_never_what() {
        let bug = Bug { place: "src/run.rs:1:2".to_owned(), doing: vec!["making `a.b`".to_owned()] };
        let text = bug.to_string();
        assert!(text.contains(" at src/run.rs:1:2, making `a.b`; "), "{text}");
    }

    #[test]
    fn what_is_done_is_forgotten_however_it_ends() {
        let now = done_here;
        let inner = doing("this", || doing("that", now));
        assert_eq!(inner, ["this", "that"]);
        let ended = std::panic::catch_unwind(|| doing("this", || std::panic::resume_unwind(Box::new(()))));
        assert!(ended.is_err() && now().is_empty());
    }
}
