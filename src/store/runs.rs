//! Records of runs: which contents the tables had, for `gc`, `diff` and history. One file a run, named so that names
//! sort by time.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::model::Column;
use crate::summary::Summary;

/// What a build left behind.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Run {
    /// Its name.
    pub id: String,
    /// What it said.
    pub summary: Summary,
    /// Its tables.
    pub tables: Vec<RunTable>,
    /// Its checks.
    pub checks: Vec<RunCheck>,
}

/// A table as a run left it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct RunTable {
    /// `pipeline.step`.
    pub name: String,
    /// Its rows.
    pub rows: u64,
    /// Its columns with their contents.
    pub columns: Vec<(Column, Digest)>,
}

/// A check as a run took it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct RunCheck {
    /// The pipeline.
    pub pipeline: String,
    /// Name of the expectation.
    pub id: String,
    /// The table.
    pub table: String,
    /// The columns.
    pub columns: Vec<String>,
    /// The kind.
    pub kind: String,
    /// What is expected.
    pub words: String,
    /// `error` or `warning`.
    pub severity: String,
    /// Share of rows that must be as expected.
    pub mostly: f64,
    /// Rows that count.
    pub considered: u64,
    /// Rows that are not as expected.
    pub unexpected: u64,
    /// Whether it held.
    pub held: bool,
}

/// Writes the record of a run.
pub fn write(folder: &Path, run: &Run) -> io::Result<()> {
    let bytes = postcard::to_stdvec(run).map_err(io::Error::other)?;
    let mut temporary = tempfile::Builder::new().prefix(".").tempfile_in(folder)?;
    temporary.write_all(&bytes)?;
    temporary.persist(folder.join(&run.id)).map_err(|it| it.error)?;
    Ok(())
}

/// Names of all runs, oldest first.
pub fn names(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let names = entries.flatten().map(|it| it.file_name().to_string_lossy().into_owned());
    let mut names: Vec<_> = names.filter(|it| !it.starts_with('.')).collect();
    names.sort();
    names
}

/// The record of a run; `None` when there is none, or of another version of hotpass.
pub fn read(folder: &Path, name: &str) -> Option<Run> {
    postcard::from_bytes(&fs::read(folder.join(name)).ok()?).ok()
}

/// The last run that can be read.
pub fn last(folder: &Path) -> Option<Run> {
    names(folder).iter().rev().find_map(|it| read(folder, it))
}
