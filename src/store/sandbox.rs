//! Sandboxes: DuckDB instances in which users' SQL runs. No files, no network, locked configuration, one thread (so
//! that rows come in one order), and no table but the declared inputs, which go in and out as Arrow.
//!
//! External access is a property of an instance, and opening and locking one costs some 17 ms, so they are pooled. One
//! that failed is thrown away.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use arrow_array::RecordBatch;
use duckdb::{Connection, InterruptHandle};
use tempfile::TempDir;

use crate::model::Schema;
use crate::problem::Problem;
use crate::relation::sql::{identifier, quote, type_name};
use crate::steps::{Query, SQL};
use crate::store::engine::{config, described, failed, select, spill, stream};
use crate::store::functions;
use crate::store::workshop::{EngineError, Setup, Stored};

/// The pool.
pub(super) struct Sandboxes {
    setup: Setup,
    idle: Mutex<Vec<Sandbox>>,
    handles: Mutex<Vec<Arc<InterruptHandle>>>,
}

/// One instance in use.
pub(super) struct Sandbox {
    connection: Connection,
    tables: Vec<String>,
    /// Goes with the instance.
    _spill: TempDir,
}

impl Sandboxes {
    pub(super) fn new(setup: Setup) -> Sandboxes {
        Sandboxes { setup, idle: Mutex::default(), handles: Mutex::default() }
    }

    /// An instance that nobody else uses.
    pub(super) fn take(&self) -> Result<Sandbox, EngineError> {
        if let Some(sandbox) = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop() {
            return Ok(sandbox);
        }
        let (connection, spill) = self.open(1)?;
        lock(&connection, "")?;
        Ok(Sandbox { connection, tables: Vec::new(), _spill: spill })
    }

    /// An instance that went well can be used again once its tables are gone.
    pub(super) fn give_back(&self, mut sandbox: Sandbox) {
        let drops: String = std::mem::take(&mut sandbox.tables).iter().map(|it| format!("DROP TABLE {it};")).collect();
        if sandbox.connection.execute_batch(&format!("BEGIN;{drops}COMMIT")).is_err() {
            return;
        }
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(sandbox);
    }

    /// Stops what runs.
    pub(super) fn interrupt(&self) {
        for handle in self.handles.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            handle.interrupt();
        }
    }

    fn open(&self, threads: usize) -> Result<(Connection, TempDir), EngineError> {
        let spill = spill(&self.setup)?;
        let config = config(&self.setup, threads, spill.path()).map_err(failed)?;
        let connection = Connection::open_in_memory_with_flags(config).map_err(failed)?;
        functions::register(&connection).map_err(failed)?;
        let handle = connection.interrupt_handle();
        self.handles.lock().unwrap_or_else(PoisonError::into_inner).push(handle);
        Ok((connection, spill))
    }

    /// A statement over views of stored tables, `pipeline.step` and plain `step` where that is unique.
    pub(super) fn over_views(
        &self,
        sql: &str,
        tables: &[(String, Stored)],
        sink: &mut dyn FnMut(RecordBatch) -> Result<(), EngineError>,
    ) -> Result<(), EngineError> {
        let (connection, _spill) = self.open(self.setup.threads)?;
        for text in views(tables) {
            connection.execute_batch(&text).map_err(failed)?;
        }
        let segments = self.setup.paths.segments();
        let segments = std::fs::canonicalize(&segments).unwrap_or(segments);
        lock(&connection, &segments.to_string_lossy())?;
        one_select(&connection, sql)?;
        // What the engine says no to is what was typed, not the world.
        let refused = |error: EngineError| match error {
            EngineError::Engine(reason) => {
                EngineError::Problem(Box::new(Problem::new(&SQL, format!("the query cannot be run: {reason}"))))
            }
            other => other,
        };
        // Types that have no written form are cast to text; names may repeat, so columns are told apart by position.
        let text = sql.trim().trim_end_matches(';');
        let schema = described(&connection, text).map_err(refused)?;
        let aliases: Vec<_> = (0..schema.columns.len()).map(|at| format!("k{at}")).collect();
        let cast = |(at, it): (&String, &crate::model::Column)| {
            format!("CAST({at} AS {}) AS {}", type_name(it.ty), identifier(&it.name))
        };
        let list: Vec<_> = aliases.iter().zip(&schema.columns).map(cast).collect();
        let text = format!("SELECT {} FROM ({text}) AS q({})", list.join(", "), aliases.join(", "));
        stream(&connection, &text, sink).map_err(refused)
    }
}

/// Definitions of views over stored tables, hidden columns included, by full name and by plain name where unique.
pub(super) fn views(tables: &[(String, Stored)]) -> Vec<String> {
    let mut acc = Vec::new();
    let mut schemas: Vec<&str> = Vec::new();
    let mut uses: HashMap<&str, usize> = HashMap::new();
    for (_, step) in tables.iter().filter_map(|(it, _)| it.split_once('.')) {
        *uses.entry(step).or_default() += 1;
    }
    for (name, stored) in tables {
        let Some((pipeline, step)) = name.split_once('.') else { continue };
        if !schemas.contains(&pipeline) {
            schemas.push(pipeline);
            acc.push(format!("CREATE SCHEMA IF NOT EXISTS {}", identifier(pipeline)));
        }
        let columns: Vec<_> =
            stored.columns.iter().map(|it| (it.column.name.as_str(), identifier(&it.column.name))).collect();
        let text = select(stored, &columns, false);
        acc.push(format!("CREATE VIEW {}.{} AS {text}", identifier(pipeline), identifier(step)));
        let unique = uses.get(step) == Some(&1);
        if unique && !schemas.contains(&step) {
            let full = format!("{}.{}", identifier(pipeline), identifier(step));
            acc.push(format!("CREATE VIEW {} AS SELECT * FROM {full}", identifier(step)));
        }
    }
    acc
}

/// Shuts the instance off from everything but one folder, and from changing that.
fn lock(connection: &Connection, folder: &str) -> Result<(), EngineError> {
    let mut text = String::new();
    if !folder.is_empty() {
        text.push_str(&format!("SET allowed_directories = [{}];", quote(folder)));
    }
    text.push_str("SET enable_external_access = false; SET lock_configuration = true;");
    connection.execute_batch(&text).map_err(failed)
}

/// Whether DuckDB's own parser takes the text for exactly one `SELECT`.
fn one_select(connection: &Connection, text: &str) -> Result<(), EngineError> {
    let tree: String =
        connection.query_row("SELECT json_serialize_sql(?::VARCHAR)", [text], |row| row.get(0)).map_err(failed)?;
    let tree: serde_json::Value = serde_json::from_str(&tree).unwrap_or_default();
    if tree["error"].as_bool() == Some(false) && tree["statements"].as_array().is_some_and(|it| it.len() == 1) {
        return Ok(());
    }
    let reason = tree["error_message"].as_str().unwrap_or("it is not one `select`");
    let reason = crate::store::messages::without_values(reason);
    let problem = Problem::new(&SQL, format!("the query cannot be run: {reason}"));
    Err(EngineError::Problem(Box::new(problem.help("one `select` is run, and nothing else".to_owned()))))
}

impl Sandbox {
    /// Makes an empty table of the sandbox, which the query knows by this name.
    pub(super) fn declare(&mut self, name: &str, schema: &Schema) -> Result<(), EngineError> {
        let table = match name.split_once('.') {
            Some((pipeline, step)) => {
                let schema = format!("CREATE SCHEMA IF NOT EXISTS {}", identifier(pipeline));
                self.connection.execute_batch(&schema).map_err(failed)?;
                format!("{}.{}", identifier(pipeline), identifier(step))
            }
            None => identifier(name),
        };
        let mut columns: Vec<_> =
            schema.columns.iter().map(|it| format!("{} {}", identifier(&it.name), type_name(it.ty))).collect();
        if columns.is_empty() {
            columns.push("\"_nothing\" BOOLEAN".to_owned());
        }
        let text = format!("CREATE TABLE {table} ({})", columns.join(", "));
        self.connection.execute_batch(&text).map_err(failed)?;
        self.tables.push(table);
        Ok(())
    }

    /// Adds rows to a declared table.
    pub(super) fn fill(&mut self, name: &str, batch: RecordBatch) -> Result<(), EngineError> {
        let mut appender = match name.split_once('.') {
            Some((pipeline, step)) => self.connection.appender_to_db(step, pipeline),
            None => self.connection.appender(name),
        }
        .map_err(failed)?;
        appender.append_record_batch(batch).map_err(failed)?;
        appender.flush().map_err(failed)
    }

    /// Adds rows of which only the number matters.
    pub(super) fn fill_empty(&mut self, name: &str, rows: u64) -> Result<(), EngineError> {
        let Some(table) = self.tables.last() else { return Ok(()) };
        debug_assert!(table.ends_with(&identifier(name.rsplit('.').next().unwrap_or(name))));
        self.connection.execute_batch(&format!("INSERT INTO {table} SELECT NULL FROM range({rows})")).map_err(failed)
    }

    /// The columns the query gives.
    pub(super) fn bind(&mut self, query: &Query) -> Result<Schema, EngineError> {
        one_select(&self.connection, &query.text)?;
        described(&self.connection, query.text.trim().trim_end_matches(';')).map_err(|error| match error {
            EngineError::Engine(reason) => {
                let problem = Problem::new(&SQL, format!("the query cannot be run: {reason}"));
                EngineError::Problem(Box::new(problem))
            }
            other => other,
        })
    }

    /// Runs the query and gives its rows with the types of `schema`.
    pub(super) fn run(
        &mut self,
        query: &Query,
        schema: &Schema,
        sink: &mut dyn FnMut(RecordBatch) -> Result<(), EngineError>,
    ) -> Result<(), EngineError> {
        // That it is one `SELECT` was seen when the step was planned; here it would cost as much as a small query.
        let text = query.text.trim().trim_end_matches(';');
        let columns: Vec<_> = (0..schema.columns.len()).map(|at| format!("k{at}")).collect();
        self.connection
            .execute_batch(&format!("CREATE TEMP TABLE result({}) AS {text}", columns.join(", ")))
            .map_err(failed)?;
        self.tables.push("temp.result".to_owned());
        let list: Vec<_> =
            columns.iter().zip(&schema.columns).map(|(at, it)| format!("CAST({at} AS {})", type_name(it.ty))).collect();
        stream(&self.connection, &format!("SELECT {} FROM temp.result", list.join(", ")), sink)
    }
}
