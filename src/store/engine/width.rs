//! How many threads a statement has. Whoever asks the engine for rows runs parts of the statement too, and while there
//! is none left to take, asks again and again until there is: a whole processor goes into that. With few rows, and on a
//! machine of two processors, that is more than the second thread brings; steps that run at a time have threads of ours.

use std::fs::File;
use std::sync::atomic::Ordering;

use super::DuckWorker;
use crate::store::backend::{EngineError, Stored};
use crate::store::config::threads;

/// From how many rows on a statement is worth threads of its own: a scan gives no thread less than this.
const WIDE: u64 = 122_880;

/// A Parquet file of so many bytes may well have as many rows.
const LONG: u64 = 1 << 20;

impl DuckWorker {
    /// Lets statements have threads of their own from now on, once there is a table that is worth them.
    pub(super) fn widen(&self, rows: u64) -> Result<(), EngineError> {
        if rows < WIDE || self.shared.wide.swap(true, Ordering::Relaxed) {
            return Ok(());
        }
        self.execute(&format!("SET threads = {}", threads(self.shared.threads)))
    }

    /// The same for statements over stored tables.
    pub(super) fn widen_for(&self, tables: &[Stored]) -> Result<(), EngineError> {
        self.widen(tables.iter().map(|it| it.rows).max().unwrap_or(0))
    }

    /// The same for a statement over a file whose rows nobody has counted.
    pub(super) fn widen_for_file(&self, file: &File) -> Result<(), EngineError> {
        self.widen(if file.metadata()?.len() < LONG { 0 } else { WIDE })
    }
}
