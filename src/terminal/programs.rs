//! What programs are told of a build: each event that is theirs as a line of JSON, on stdout and in the file of
//! `--events`.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use crate::answers::build::{Built, Finished};
use crate::answers::event;
use crate::publish::own_files::EVENTS;
use crate::run::event::{Event, EventSink};
use crate::terminal::output::Output;

/// The programs that hear of a build.
pub struct Programs<'a> {
    out: &'a Output,
    /// The file of `--events`, which is opened with the first event.
    path: Option<PathBuf>,
    file: OnceLock<Option<Mutex<File>>>,
    /// Whether something could not be written, which has been told.
    failed: AtomicBool,
}

impl<'a> Programs<'a> {
    /// On stdout with `--format json`, and in the file `events`.
    pub fn new(out: &'a Output, events: Option<&Path>) -> Programs<'a> {
        Programs { out, path: events.map(Path::to_owned), file: OnceLock::new(), failed: AtomicBool::new(false) }
    }

    fn opened(&self) -> Option<Mutex<File>> {
        let path = self.path.as_deref()?;
        match EVENTS.open(path) {
            Ok(file) => Some(Mutex::new(file)),
            Err(error) => {
                self.failure(&path.display().to_string(), &error);
                None
            }
        }
    }

    /// Whether all that programs were to be told was written.
    pub fn were_told(&self) -> bool {
        !self.failed.load(Ordering::Acquire)
    }

    /// Tells what could not be written, once.
    fn failure(&self, what: &str, error: &io::Error) {
        if !self.failed.swap(true, Ordering::AcqRel) {
            self.out.failure(&format!("`{what}` cannot be written: {error}"));
        }
    }
}

impl EventSink for Programs<'_> {
    fn take(&self, event: &Event<'_>) {
        if !self.out.is_json() && self.path.is_none() {
            return;
        }
        let Some(line) = line(event) else { return };
        if self.out.is_json() {
            match self.out.lines(&line) {
                // A reader that went away wants no more.
                Err(error) if error.kind() != io::ErrorKind::BrokenPipe => self.failure("stdout", &error),
                _ => (),
            }
        }
        if let Some(file) = self.file.get_or_init(|| self.opened()) {
            let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
            if let Err(error) = file.write_all(line.as_bytes()) {
                let path = self.path.as_deref().unwrap_or(Path::new(""));
                self.failure(&path.display().to_string(), &error);
            }
        }
    }
}

/// An event as programs read it; the others are for people.
fn line(event: &Event<'_>) -> Option<String> {
    match event {
        Event::Finished(step) => Some(event::json(&Finished::of(step))),
        Event::Ended(summary) => Some(event::json(&Built::of(summary))),
        Event::Started { .. } | Event::Rows { .. } | Event::Made { .. } | Event::Notice(_) | Event::Overdue(_) => None,
    }
}
