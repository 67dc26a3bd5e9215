//! What a build made, as far as it is looked at: the first rows of the table that somebody works on, and of what was
//! set aside. Personal data are masked.

use arrow_array::RecordBatch;
use serde::Serialize;
use serde_json::Value;

use crate::answers::cell::values;
use crate::answers::rows::cells;
use crate::model::{Class, Column};
use crate::plan::{Plan, Role, TableId, TableMap};
use crate::run::{Materialized, State, keys};
use crate::store::Paths;
use crate::store::backend::{EngineConfig, EngineError, EngineFactory};
use crate::store::engine_cache::EngineCache;
use crate::store::journal::Journal;

/// Rows of the table that is shown.
const ROWS: u64 = 20;
/// Rows of what was set aside, of each table.
const ASIDE_ROWS: u64 = 3;
/// Tables whose rows that were set aside are shown.
const ASIDES: usize = 2;

/// The first rows of a table.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Preview {
    /// `pipeline.step`.
    pub(crate) table: String,
    pub(crate) columns: Vec<Column>,
    pub(crate) rows: Vec<Vec<Option<String>>>,
    /// Rows that there are.
    pub(crate) total: u64,
}

/// The same as it is told.
#[derive(Serialize)]
#[serde(tag = "event", rename = "watch.preview")]
struct Event<'a> {
    table: &'a str,
    total: u64,
    rows: Vec<Value>,
}

impl Serialize for Preview {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let rows = self.rows.iter().map(|row| values(self.columns.iter(), row)).collect();
        Event { table: &self.table, total: self.total, rows }.serialize(to)
    }
}

/// What was looked at.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct Looked {
    /// The table that was asked for, when it stands.
    pub(crate) preview: Option<Preview>,
    /// What was set aside.
    pub(crate) asides: Vec<Preview>,
}

/// Looks into the store through the engine.
pub(crate) struct Previews<'a> {
    pub(crate) setup: &'a EngineConfig,
    pub(crate) factory: Option<&'a EngineCache>,
    pub(crate) paths: &'a Paths,
    pub(crate) journal: &'a Journal,
}

impl Previews<'_> {
    /// The first rows of a table. What cannot be looked at is not shown: the build itself tells what is wrong.
    pub(crate) fn first_rows(&self, plan: &Plan, table: TableId, settled: &Materialized) -> Option<Preview> {
        self.rows(plan, table, settled, ROWS).ok()
    }

    /// The first rows of what was set aside.
    pub(crate) fn asides(&self, plan: &Plan, states: &TableMap<State>) -> Vec<Preview> {
        let rejects = plan.tables.entries().filter(|(_, it)| it.role == Role::Rejects);
        let settled = rejects.filter_map(|(table, _)| match &states[table] {
            State::Materialized(settled) if settled.rows > 0 => Some((table, settled)),
            _ => None,
        });
        settled.take(ASIDES).filter_map(|(table, it)| self.rows(plan, table, it, ASIDE_ROWS).ok()).collect()
    }

    fn rows(&self, plan: &Plan, table: TableId, settled: &Materialized, most: u64) -> Result<Preview, EngineError> {
        let it = &plan.tables[table];
        let columns: Vec<Column> = it.schema.visible().cloned().collect();
        let names: Vec<&str> = columns.iter().map(|it| it.name.as_str()).collect();
        let stored = keys::stored(plan, table, settled, self.journal, self.paths)?;
        let factory = self.factory.ok_or_else(|| EngineError::Engine("there is no engine".to_owned()))?;
        let mut rows = Vec::new();
        let mut add = |batch: RecordBatch| {
            rows.extend(cells(&batch, &|at| columns[at].class == Class::Open)?);
            Ok(())
        };
        factory.open(self.setup)?.worker()?.rows(&stored, &names, 0..most.min(stored.rows), &mut add)?;
        Ok(Preview { table: it.name.to_string(), columns, rows, total: stored.rows })
    }
}
