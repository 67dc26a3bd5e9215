//! Reports for the programs around a build: GitHub's log and job summary, JUnit, SARIF. Each is a file of this folder and
//! a line of [`REPORTS`]: plain text made of a summary, which knows nothing of how the build went about it.

pub mod github;
pub mod junit;
pub mod sarif;

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::problem::Problem;
use crate::publish::own_files::OwnFile;
use crate::query::shipped;
use crate::run::event::{Event, EventSink};
use crate::span::line_and_column;
use crate::summary::Summary;

/// Where problems stand, for programs that count paths from the root of a checkout.
pub struct Places<'a> {
    /// The way from the root of the checkout to the workspace.
    pub prefix: PathBuf,
    /// The text of a file of the workspace.
    pub text: &'a dyn Fn(&Path) -> Option<String>,
}

/// Where a problem stands: lines and columns from 1, columns in characters.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Place {
    /// From the root of the checkout, with `/` on every system.
    pub path: String,
    /// Of its first character.
    pub line: usize,
    /// Of its first character.
    pub column: usize,
    /// Of what follows its last character.
    pub end_line: usize,
    /// Of what follows its last character.
    pub end_column: usize,
}

impl<'a> Places<'a> {
    /// Places in the workspace `root`; `checkout` is the folder that paths are counted from, if it is another one.
    pub fn new(root: &Path, checkout: Option<&Path>, text: &'a dyn Fn(&Path) -> Option<String>) -> Places<'a> {
        let checkout = checkout.map(|it| std::fs::canonicalize(it).unwrap_or_else(|_| it.to_owned()));
        let prefix = checkout.and_then(|it| Some(root.strip_prefix(it).ok()?.to_owned())).unwrap_or_default();
        Places { prefix, text }
    }

    /// Places in the workspace `root`, as whoever runs the job counts them.
    fn of_checkout(root: &Path, text: &'a dyn Fn(&Path) -> Option<String>) -> Places<'a> {
        let checkout = std::env::var_os("GITHUB_WORKSPACE").map(PathBuf::from);
        Places::new(root, checkout.as_deref(), text)
    }

    /// Where a problem stands; `None` when that is no text of the checkout.
    pub fn of(&self, problem: &Problem) -> Option<Place> {
        let span = &problem.labels.first()?.span;
        if shipped::text(&span.file).is_some() {
            return None;
        }
        let text = (self.text)(&span.file)?;
        let (line, column) = line_and_column(&text, span.start);
        let (end_line, end_column) = line_and_column(&text, span.end.max(span.start));
        Some(Place { path: self.path(&span.file), line, column, end_line, end_column })
    }

    /// A path of the workspace from the root of the checkout.
    pub fn path(&self, path: &Path) -> String {
        let path = self.prefix.join(path);
        let parts: Vec<_> = path.components().map(|it| it.as_os_str().to_string_lossy().into_owned()).collect();
        parts.join("/")
    }
}

/// A build that ended.
pub struct Finished<'a> {
    /// What it says of itself.
    pub summary: &'a Summary,
    /// Where its problems stand.
    pub places: Places<'a>,
}

/// A way to report a build.
pub enum Report {
    /// Into a file that its flag names.
    File(AsFile),
    /// To a program around this one, if it is there; nobody asks for it.
    Around(fn(&Finished<'_>) -> io::Result<()>),
}

/// A report that is a file.
pub struct AsFile {
    /// Its flag, without the dashes.
    pub flag: &'static str,
    /// What the flag does, in its help.
    pub doc: &'static str,
    /// How its files are known: one is replaced, and nothing else is.
    pub own: &'static OwnFile,
    /// The whole file.
    pub text: fn(&Finished<'_>) -> String,
}

/// All ways, in this order.
pub const REPORTS: &[Report] = &[junit::REPORT, sarif::REPORT, github::REPORT];

/// The files that were asked for, by the flags of their reports.
pub type Files = BTreeMap<&'static str, PathBuf>;

/// Reports builds of a workspace to all who want to know.
pub struct Reports<'a> {
    files: &'a Files,
    root: &'a Path,
    text: &'a (dyn Fn(&Path) -> Option<String> + Sync),
    failure: Mutex<Option<io::Error>>,
}

impl<'a> Reports<'a> {
    /// Into these files; `text` gives what stands in a file of the workspace `root`.
    pub fn new(files: &'a Files, root: &'a Path, text: &'a (dyn Fn(&Path) -> Option<String> + Sync)) -> Reports<'a> {
        Reports { files, root, text, failure: Mutex::default() }
    }

    /// Why one could not be written.
    pub fn failure(self) -> Option<io::Error> {
        self.failure.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, summary: &Summary) -> io::Result<()> {
        let finished = Finished { summary, places: Places::of_checkout(self.root, self.text) };
        for report in REPORTS {
            match report {
                Report::Around(tell) => tell(&finished)?,
                Report::File(it) => {
                    let Some(path) = self.files.get(it.flag) else { continue };
                    let placed = it.own.place(path, |file| file.write_all((it.text)(&finished).as_bytes()));
                    placed.map_err(|error| unwritten(path, &error))?;
                }
            }
        }
        Ok(())
    }
}

impl EventSink for Reports<'_> {
    fn take(&self, event: &Event<'_>) {
        if let Event::Ended(summary) = event {
            *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = self.write(summary).err();
        }
    }
}

/// Shows problems in GitHub's log, where it runs the job: for verbs without a summary.
pub fn annotate(problems: &[Problem], root: &Path, text: &dyn Fn(&Path) -> Option<String>) {
    github::annotate(problems, &Places::of_checkout(root, text));
}

fn unwritten(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("`{}` cannot be written: {error}", path.display()))
}

/// Those who run a job read its log; stdout is for what was asked for. A reader that went away is no failure.
fn log(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}
