//! Reports for the programs around a build: GitHub's log and job summary, JUnit, SARIF. Plain text made of a summary;
//! nothing here knows how the build went about it.

pub mod github;
pub mod junit;
pub mod sarif;

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::problem::Problem;
use crate::publish::own_files::{JUNIT, OwnFile, SARIF};
use crate::query::shipped;
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

/// Files that a build is to report to.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Reports {
    /// `--report-junit FILE`.
    pub junit: Option<PathBuf>,
    /// `--report-sarif FILE`.
    pub sarif: Option<PathBuf>,
}

/// Reports a build to all who want to know: files that were asked for, and GitHub where it runs the job.
pub fn write(
    reports: &Reports,
    summary: &Summary,
    root: &Path,
    text: &dyn Fn(&Path) -> Option<String>,
) -> io::Result<()> {
    let named = |path: &Path, error: io::Error| {
        io::Error::new(error.kind(), format!("`{}` cannot be written: {error}", path.display()))
    };
    let put = |told: &OwnFile, path: &Path, text: String| {
        told.place(path, |file| file.write_all(text.as_bytes())).map_err(|error| named(path, error))
    };
    let checkout = std::env::var_os("GITHUB_WORKSPACE").map(PathBuf::from);
    let places = Places::new(root, checkout.as_deref(), text);
    if let Some(path) = &reports.junit {
        put(&JUNIT, path, junit::junit(summary))?;
    }
    if let Some(path) = &reports.sarif {
        put(&SARIF, path, sarif::sarif(summary, &places))?;
    }
    if in_github() {
        tell_github(&summary.problems, &places);
        let told = summary.failures.iter().chain(&summary.differences).map(|it| github::failure(it));
        eprint_all(&told.collect::<String>());
        if let Some(path) = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|it| !it.is_empty()) {
            let path = PathBuf::from(path);
            let page = File::options().append(true).create(true).open(&path);
            let written = page.and_then(|mut it| it.write_all(github::summary(summary).as_bytes()));
            written.map_err(|error| named(&path, error))?;
        }
    }
    Ok(())
}

/// Shows problems in GitHub's log, where it runs the job: for verbs without a summary.
pub fn annotate(problems: &[Problem], root: &Path, text: &dyn Fn(&Path) -> Option<String>) {
    if in_github() {
        let checkout = std::env::var_os("GITHUB_WORKSPACE").map(PathBuf::from);
        tell_github(problems, &Places::new(root, checkout.as_deref(), text));
    }
}

fn in_github() -> bool {
    std::env::var_os("GITHUB_ACTIONS").is_some_and(|it| it == "true")
}

fn tell_github(problems: &[Problem], places: &Places<'_>) {
    eprint_all(&github::annotations(problems, places));
}

/// GitHub reads commands from both streams, and stdout is for what was asked for. A reader that went away is no failure.
fn eprint_all(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}
