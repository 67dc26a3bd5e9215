//! What the engine does for a build, as traits: `run` speaks to these and never names DuckDB, so that a program
//! without the engine does not link it.

use std::collections::BTreeSet;
use std::fmt;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use arrow_array::RecordBatch;

use crate::digest::Digest;
use crate::expectations::Measure;
use crate::expr::Expr;
use crate::model::{Class, Column, Schema, Type};
use crate::readers::within::Beside;
use crate::relation::Relation;
use crate::steps::Query;
use crate::store::fault::Fault;
use crate::store::journal::Counts;
use crate::store::segments::SegmentFile;

/// A stored table: its rows, and where each of its columns stands.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Stored {
    /// How many rows.
    pub rows: u64,
    /// Columns in order.
    pub columns: Vec<StoredColumn>,
}

impl Stored {
    /// Its columns.
    pub fn schema(&self) -> Schema {
        self.columns.iter().map(|it| it.column.clone()).collect()
    }
}

/// A stored column.
#[derive(Clone, PartialEq, Debug)]
pub struct StoredColumn {
    /// Name, type, class.
    pub column: Column,
    /// Its content.
    pub digest: Digest,
    /// Segment file, and the column in it.
    pub place: (PathBuf, u32),
}

/// A measure, and the other table that it looks at.
pub type Measured<'a> = (&'a Measure, Option<&'a Stored>);

/// A segment that was written, and what is in it.
#[derive(Clone, PartialEq, Debug)]
pub struct Segment {
    /// Its name.
    pub id: Digest,
    /// Its file.
    pub file: SegmentFile,
    /// Contents by column.
    pub columns: Vec<Digest>,
}

/// Columns that were made.
#[derive(Clone, PartialEq, Debug)]
pub struct Made {
    /// How many rows.
    pub rows: u64,
    /// Their contents, in order.
    pub digests: Vec<Digest>,
    /// The segment that now holds those that no segment held.
    pub segment: Option<Segment>,
    /// Of a column made in pieces, how many were computed, and how many there are.
    pub pieces: Option<(u64, u64)>,
    /// What an operator counted on its way, as JSON.
    pub told: Option<String>,
}

/// A relation of one column that takes row by row, and what parts its rows.
pub struct Grained<'a> {
    /// What is made.
    pub relation: &'a Relation,
    /// What is the same for all rows of a piece.
    pub grain: &'a Expr,
}

/// What went wrong in the engine.
#[derive(Clone, PartialEq, Debug)]
pub enum EngineError {
    /// The build was stopped.
    Interrupted,
    /// The engine said no; the words hold no data.
    Engine(String),
    /// An operator ended before its end, in words without values.
    Operator(String),
    /// A value could not be made.
    Fault(Box<Fault>),
    /// The disk said no.
    Io(String),
    /// There is no more memory for it.
    Memory,
    /// What was to be read is wrong.
    Problem(Box<crate::problem::Problem>),
}

impl fmt::Display for EngineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            EngineError::Interrupted => f.write_str("interrupted"),
            EngineError::Engine(reason) => write!(f, "the engine failed: {reason}"),
            EngineError::Fault(fault) => write!(f, "the engine failed: {fault}"),
            EngineError::Io(reason) | EngineError::Operator(reason) => f.write_str(reason),
            EngineError::Memory => f.write_str("the engine has no more memory for it; `--memory` says how much it has"),
            EngineError::Problem(problem) => f.write_str(&problem.message),
        }
    }
}

impl std::error::Error for EngineError {}

impl From<std::io::Error> for EngineError {
    fn from(error: std::io::Error) -> EngineError {
        EngineError::Io(error.to_string())
    }
}

/// Asked now and then whether to stop; shared by all that work on a build.
#[derive(Clone, Debug, Default)]
pub struct Cancel {
    own: Arc<AtomicU8>,
    /// Of what this is a part.
    whole: Option<Arc<AtomicU8>>,
}

/// What a [`Cancel`] is, as a number: it runs, and may be stopped.
const RUNS: u8 = 0;
/// It is stopped.
const CANCELLED: u8 = 1;
/// It can no longer be stopped.
const COMMITTED: u8 = 2;

impl Cancel {
    /// Stops the build, or the part, as soon as everyone has noticed. False where it can no longer be stopped.
    pub fn cancel(&self) -> bool {
        let moved = self.own.compare_exchange(RUNS, CANCELLED, Ordering::SeqCst, Ordering::SeqCst);
        moved != Err(COMMITTED)
    }

    /// From here on nothing stops it: what is begun ends. False where it is stopped already.
    pub fn commit(&self) -> bool {
        let moved = self.own.compare_exchange(RUNS, COMMITTED, Ordering::SeqCst, Ordering::SeqCst);
        moved != Err(CANCELLED)
    }

    /// Whether to stop.
    pub fn is_cancelled(&self) -> bool {
        [Some(&self.own), self.whole.as_ref()].into_iter().flatten().any(|it| it.load(Ordering::SeqCst) == CANCELLED)
    }

    /// A part of the build, which stops with it and also alone.
    pub fn part(&self) -> Cancel {
        Cancel { own: Arc::default(), whole: Some(Arc::clone(&self.own)) }
    }

    /// An error once it is time to stop.
    pub fn check(&self) -> Result<(), EngineError> {
        if self.is_cancelled() { Err(EngineError::Interrupted) } else { Ok(()) }
    }
}

/// How the engine is set up. Nothing here changes a result.
#[derive(Clone, Debug)]
pub struct EngineConfig {
    /// Where segments go.
    pub paths: crate::store::Paths,
    /// Threads for one statement.
    pub threads: usize,
    /// Bytes that the whole program may take: the engine has a part of them, and beyond it spills.
    pub memory: Option<u64>,
    /// Where it spills what does not fit.
    pub spill: Option<PathBuf>,
    /// Told before somebody is waited for who has the store alone.
    pub waits: Option<fn()>,
}

/// Opens the engine.
pub trait EngineFactory: Send + Sync {
    /// An open engine.
    fn open(&self, setup: &EngineConfig) -> Result<Box<dyn Engine>, EngineError>;
}

/// An open engine: gives out workers.
pub trait Engine: Send + Sync {
    /// One more worker; workers work at the same time.
    fn worker(&self) -> Result<Box<dyn Worker>, EngineError>;
    /// Stops all statements that run.
    fn interrupt(&self);
}

/// Stops the statements of one worker; from any thread, and as often as one likes.
pub type Stopper = dyn Fn() + Send + Sync;

/// Takes batches into a table.
pub type Feed<'a> =
    &'a mut dyn FnMut(&mut dyn FnMut(RecordBatch) -> Result<(), EngineError>) -> Result<(), EngineError>;

/// The same of a reader, which may read by the worker that takes in.
pub type Reads<'a> = &'a mut dyn FnMut(&mut dyn Worker, Sink<'_>) -> Result<(), EngineError>;

/// Takes what comes batch by batch.
pub type Sink<'a> = &'a mut dyn FnMut(RecordBatch) -> Result<(), EngineError>;

/// Takes what a query answers batch by batch, with the class of each column.
pub type Answers<'a> = &'a mut dyn FnMut(&[Class], RecordBatch) -> Result<(), EngineError>;

/// A column that is to be looked at.
#[derive(Clone, Copy, Debug)]
pub struct Profiled<'a> {
    /// Its name.
    pub name: &'a str,
    /// What it holds.
    pub ty: Type,
    /// Whether its values may be told.
    pub open: bool,
}

/// What a column holds. Of a column that is not open there are counts and patterns, and no value.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ColumnProfile {
    /// Rows without a value.
    pub nulls: u64,
    /// Different values.
    pub distinct: u64,
    /// The least and the greatest value; of texts the shortest and the longest.
    pub ends: Option<(String, String)>,
    /// The least and the greatest number of characters of a text.
    pub lengths: Option<(u64, u64)>,
    /// The most frequent values with their rows, most frequent first.
    pub top: Vec<(String, u64)>,
    /// The most frequent patterns of texts with their rows, most frequent first.
    pub patterns: Vec<(String, u64)>,
    /// Rows in equal parts between the ends; of texts by their lengths.
    pub spread: Vec<u64>,
}

/// Two tables that are to be compared.
#[derive(Clone, Copy, Debug)]
pub struct Comparison<'a> {
    /// The table as it was.
    pub from: &'a Stored,
    /// The table as it is.
    pub to: &'a Stored,
    /// Columns of both that tell rows apart; none compares whole rows.
    pub keys: &'a [String],
    /// The columns that are compared and shown.
    pub columns: &'a [Compared],
}

/// A column of either table.
#[derive(Clone, PartialEq, Debug)]
pub struct Compared {
    /// Its name.
    pub name: String,
    /// The type in which it is shown: text where the two differ.
    pub ty: Type,
    /// Its content as it was.
    pub from: Option<Digest>,
    /// Its content as it is.
    pub to: Option<Digest>,
    /// What is shown in the place of each value.
    pub mask: Option<&'static str>,
}

impl Compared {
    /// Whether both tables have it.
    pub fn is_shared(&self) -> bool {
        self.from.is_some() && self.to.is_some()
    }

    /// Whether it holds the same in both, row for row.
    pub fn is_same(&self) -> bool {
        self.is_shared() && self.from == self.to
    }
}

impl Comparison<'_> {
    /// Whether rows can be matched by their numbers: the keys stand as they stood.
    pub fn aligned(&self) -> bool {
        let digest =
            |table: &Stored, name: &str| table.columns.iter().find(|it| it.column.name == name).map(|it| it.digest);
        let same =
            |name: &String| digest(self.from, name).is_some() && digest(self.from, name) == digest(self.to, name);
        !self.keys.is_empty() && self.keys.iter().all(same)
    }

    /// The columns whose values must be compared.
    pub fn read(&self) -> Vec<usize> {
        let aligned = self.aligned();
        let must = |it: &Compared| it.is_shared() && !self.keys.contains(&it.name) && !(aligned && it.is_same());
        if self.keys.is_empty() {
            return Vec::new();
        }
        (0..self.columns.len()).filter(|at| must(&self.columns[*at])).collect()
    }
}

/// What a comparison counted.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    /// Rows that were not there.
    pub added: u64,
    /// Rows that are not there any more.
    pub removed: u64,
    /// Rows of one key with other values.
    pub changed: u64,
    /// For each compared column, its cells in changed rows.
    pub columns: Vec<Touched>,
    /// Values of the key that stand in several rows, as it was and as it is.
    pub repeated: (u64, u64),
}

/// Cells of one column in changed rows.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Touched {
    /// With another value.
    pub changed: u64,
    /// That were empty.
    pub filled: u64,
    /// That are empty now.
    pub emptied: u64,
}

impl Touched {
    /// All of them.
    pub fn cells(&self) -> u64 {
        self.changed + self.filled + self.emptied
    }
}

/// Says whether a content stands in a segment already.
pub type Exists<'a> = &'a dyn Fn(&Digest) -> bool;

/// One thread's connection to the engine.
pub trait Worker: Send {
    /// What stops it while it works.
    fn stopper(&self) -> Arc<Stopper>;

    /// Makes all columns of a relation.
    fn relation(
        &mut self,
        relation: &Relation,
        inputs: &[Stored],
        types: &[Type],
        stands: Exists<'_>,
    ) -> Result<Made, EngineError>;

    /// Makes a column in pieces: those alone are computed whose rows are other ones than before.
    fn in_pieces(
        &mut self,
        grained: &Grained<'_>,
        input: &Stored,
        ty: Type,
        stands: Exists<'_>,
    ) -> Result<Made, EngineError>;

    /// The ordinal of the first row of its input with which a relation fails, as far as it takes row by row.
    fn first_fault(&mut self, relation: &Relation, input: &Stored) -> Option<u64>;

    /// Gives rows of a relation without keeping them: all, or those at these ordinals, each behind its ordinal.
    fn look(
        &mut self,
        relation: &Relation,
        inputs: &[Stored],
        at: Option<&BTreeSet<u64>>,
        sink: &mut dyn FnMut(RecordBatch) -> Result<(), EngineError>,
    ) -> Result<(), EngineError>;

    /// Makes the columns of a user's query in the sandbox; `inputs` have the names that the query uses.
    fn sql(
        &mut self,
        query: &Query,
        inputs: &[(&str, Stored)],
        schema: &Schema,
        stands: Exists<'_>,
    ) -> Result<Made, EngineError>;

    /// Stores what a reader feeds, columns in order of `types`.
    fn ingest(&mut self, types: &[Type], feed: Reads<'_>, stands: Exists<'_>) -> Result<Made, EngineError>;

    /// Reads a Parquet file, batch by batch, with the columns of `schema`.
    fn external(
        &mut self,
        file: &File,
        schema: &Schema,
        sink: &mut dyn FnMut(RecordBatch) -> Result<(), EngineError>,
    ) -> Result<(), EngineError>;

    /// The columns of a Parquet file.
    fn describe(&mut self, file: &File) -> Result<Schema, EngineError>;

    /// What else the names in a Parquet file say.
    fn beside(&mut self, file: &File) -> Result<Beside, EngineError>;

    /// The columns that a user's query gives over empty inputs.
    fn bind(&mut self, query: &Query, inputs: &[(&str, &Schema)]) -> Result<Schema, EngineError>;

    /// Takes all measures of a table, as many in one scan as it can; beside each stands another table where it looks at
    /// one.
    fn measure(&mut self, table: &Stored, measures: &[Measured<'_>]) -> Result<Vec<Counts>, EngineError>;

    /// Gives rows `from` up to `from + count` of the named columns.
    fn rows(
        &mut self,
        table: &Stored,
        columns: &[&str],
        range: std::ops::Range<u64>,
        sink: &mut dyn FnMut(RecordBatch) -> Result<(), EngineError>,
    ) -> Result<(), EngineError>;

    /// Writes the named columns as one Parquet file, with notes by name in its metadata: of all rows, or of those in
    /// which other columns read as these texts.
    fn parquet(
        &mut self,
        table: &Stored,
        columns: &[&str],
        only: &[(&str, Option<&str>)],
        notes: &[(String, String)],
        path: &Path,
    ) -> Result<(), EngineError>;

    /// Finds the rows in which two tables differ, and keeps them until the next comparison.
    fn compare(&mut self, comparison: &Comparison<'_>) -> Result<Tally, EngineError>;

    /// Gives rows of the comparison that was made last, at most `most`, as lines: what it is (`added`, `removed`,
    /// `before` followed by `after`), the number of the row, a mark for each column, and the columns.
    fn differences(
        &mut self,
        comparison: &Comparison<'_>,
        most: Option<u64>,
        sink: Sink<'_>,
    ) -> Result<(), EngineError>;

    /// What each of the columns holds.
    fn profile(&mut self, table: &Stored, columns: &[Profiled<'_>]) -> Result<Vec<ColumnProfile>, EngineError>;

    /// The same of all columns, and quickly: no patterns, and values only where there are few different ones.
    fn outline(&mut self, table: &Stored, columns: &[Profiled<'_>]) -> Result<Vec<ColumnProfile>, EngineError>;

    /// Runs a read-only statement over tables under the names `pipeline.step`; gives the class of each column with the
    /// rows, personal where it cannot be told.
    fn query(&mut self, sql: &str, tables: &[(String, Stored)], sink: Answers<'_>) -> Result<(), EngineError>;

    /// Writes the warehouse anew beside itself and puts it in place.
    fn warehouse(&mut self, run: &crate::store::runs::Run, tables: &[(String, Stored)]) -> Result<(), EngineError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_committed_is_not_stopped_and_what_is_stopped_is_not_committed() {
        let (stopped, committed) = (Cancel::default(), Cancel::default());
        let (of_stopped, of_committed) = (stopped.part(), committed.part());
        assert!(stopped.cancel() && stopped.cancel(), "a second time is no other");
        assert!(!stopped.commit());
        assert_eq!((stopped.is_cancelled(), of_stopped.check()), (true, Err(EngineError::Interrupted)));
        assert!(committed.commit() && committed.commit());
        assert!(!committed.cancel());
        assert_eq!((committed.is_cancelled(), of_committed.check()), (false, Ok(())));
        assert!(of_committed.cancel() && of_committed.is_cancelled() && !committed.is_cancelled());
    }
}
