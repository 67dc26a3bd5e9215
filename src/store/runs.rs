//! Records of runs: which contents the tables had, for `gc`, `diff` and history. One file a run, named so that names
//! sort by time.

use std::io;

use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::model::Column;
use crate::store::Paths;
use crate::store::record::{self, Unsound};
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
pub fn write(paths: &Paths, run: &Run) -> io::Result<()> {
    let bytes = postcard::to_stdvec(run).map_err(io::Error::other)?;
    let (folder, name) = paths.place(&paths.runs().join(&run.id), true)?;
    folder.replace(name, &record::file(&bytes), false)
}

/// Names of all runs, oldest first.
pub fn names(paths: &Paths) -> Vec<String> {
    let folder = paths.place(&paths.runs().join("all"), false);
    let Ok(entries) = folder.and_then(|(folder, _)| folder.names()) else { return Vec::new() };
    let names = entries.into_iter().filter_map(|(name, _)| name.into_string().ok());
    names.filter(|it| !it.starts_with('.')).collect()
}

/// The record of a run; `None` when it cannot be read.
pub fn read(paths: &Paths, name: &str) -> Option<Run> {
    sound(paths, name).ok()
}

/// The record of a run, or why it cannot be read.
///
/// # Errors
///
/// In words, with the name of the file: damaged, of a newer hotpass, or kept back by the system.
pub fn sound(paths: &Paths, name: &str) -> io::Result<Run> {
    let refused = |what: &str| io::Error::new(io::ErrorKind::InvalidData, format!("`runs/{name}` {what}"));
    let (folder, file) = paths.place(&paths.runs().join(name), false)?;
    let bytes = folder.bytes(file)?;
    match record::body(&bytes) {
        Ok(body) => postcard::from_bytes(body).map_err(|_| refused("was written by another version of hotpass")),
        Err(Unsound::Newer) => Err(refused("was written by a newer hotpass")),
        Err(Unsound::Damaged) => Err(refused("is damaged")),
    }
}

/// The last run that can be read.
pub fn last(paths: &Paths) -> Option<Run> {
    names(paths).iter().rev().find_map(|it| read(paths, it))
}
