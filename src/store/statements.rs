//! Statements over segments, and running them: what the trusted engine and the sandboxes share.

use std::collections::HashMap;
use std::path::PathBuf;

use arrow_array::RecordBatch;
use duckdb::{Connection, Statement};

use crate::model::{Column, Schema};
use crate::store::backend::{EngineError, Stored, StoredColumn};
use crate::store::canonical::canonical;
use crate::store::messages::failed;
use crate::store::naming::literal;
use crate::store::shelf::Shelf;

/// A `SELECT` that gives stored columns under other names, segments zipped by row ordinal.
pub(super) fn select(table: &Stored, columns: &[(&str, String)], ordinal: bool) -> String {
    selected(None, table, &[], columns, ordinal)
}

/// The same, from the shelf where the table is short, and with columns of tables of the engine beside them, row for row.
pub(super) fn selected(
    shelf: Option<&Shelf>,
    table: &Stored,
    beside: &[Part],
    columns: &[(&str, String)],
    ordinal: bool,
) -> String {
    let by_name: HashMap<&str, &StoredColumn> =
        table.columns.iter().rev().map(|it| (it.column.name.as_str(), it)).collect();
    let stored = |name: &str| by_name.get(name).copied();
    let ours: Vec<&str> = columns.iter().map(|(name, _)| *name).filter(|it| stored(it).is_some()).collect();
    let short = shelf.and_then(|it| it.call(table, &ours, ordinal));
    let mut files: Vec<&PathBuf> = Vec::new();
    let mut parts: Vec<&str> = Vec::new();
    let mut list = Vec::new();
    for (name, alias) in columns {
        if let Some(column) = stored(name) {
            let (path, index) = &column.place;
            if short.is_some() {
                let at = ours.iter().position(|it| it == name).unwrap_or_default();
                list.push(format!("s.c{at} AS {alias}"));
                continue;
            }
            let file = files.iter().position(|it| *it == path).unwrap_or_else(|| {
                files.push(path);
                files.len() - 1
            });
            list.push(format!("s{file}.c{index} AS {alias}"));
        } else if let Some((part, index)) = beside.iter().find_map(|it| Some((&it.table, it.position(name)?))) {
            let at = parts.iter().position(|it| *it == part).unwrap_or_else(|| {
                parts.push(part);
                parts.len() - 1
            });
            list.push(format!("p{at}.k{index} AS {alias}"));
        }
    }
    if list.is_empty() {
        // Only the number of rows matters.
        return format!("SELECT range AS o, 1 AS nothing FROM range({})", table.rows);
    }
    let number = match (&short, files.is_empty()) {
        (Some(_), _) => "s.o",
        (None, false) => "s0.file_row_number AS o",
        (None, true) => "p0.rowid AS o",
    };
    list.extend(ordinal.then(|| number.to_owned()));
    let scans = files.iter().enumerate().map(|(at, path)| {
        let numbered = if ordinal && at == 0 { ", file_row_number = true" } else { "" };
        format!("read_parquet({}{numbered}) AS s{at}", literal(path))
    });
    let parts = parts.iter().enumerate().map(|(at, it)| format!("{it} AS p{at}"));
    let short = short.map(|call| format!("{call} AS s"));
    let scans: Vec<_> = short.into_iter().chain(scans).chain(parts).collect();
    format!("SELECT {} FROM {}", list.join(", "), scans.join(" POSITIONAL JOIN "))
}

/// Runs a statement and gives its rows batch by batch.
pub(super) fn stream(
    connection: &Connection,
    sql: &str,
    sink: &mut dyn FnMut(RecordBatch) -> Result<(), EngineError>,
) -> Result<(), EngineError> {
    streamed(&mut connection.prepare(sql).map_err(failed)?, sink)
}

/// The same of a statement that is planned.
pub(super) fn streamed(
    prepared: &mut Statement<'_>,
    sink: &mut dyn FnMut(RecordBatch) -> Result<(), EngineError>,
) -> Result<(), EngineError> {
    // The crate's own iterator panics when a later batch fails; stepping gives the error.
    prepared.stream_arrow([]).map(drop).map_err(failed)?;
    while let Some(batch) = prepared.step().map_err(failed)? {
        sink(RecordBatch::from(&batch))?;
    }
    Ok(())
}

/// The columns of a statement, with types that tables may have.
pub(super) fn described(connection: &Connection, sql: &str) -> Result<Schema, EngineError> {
    let columns = raw(connection, sql)?.into_iter();
    Ok(Schema { columns: columns.map(|(name, theirs)| crate::model::Column::new(name, canonical(&theirs))).collect() })
}

/// The columns of a statement, each with the engine's own name of its type.
pub(super) fn raw(connection: &Connection, sql: &str) -> Result<Vec<(String, String)>, EngineError> {
    let mut prepared = connection.prepare(&format!("DESCRIBE {sql}")).map_err(failed)?;
    let mut rows = prepared.query([]).map_err(failed)?;
    let mut acc = Vec::new();
    while let Some(row) = rows.next().map_err(failed)? {
        acc.push((row.get(0).map_err(failed)?, row.get(1).map_err(failed)?));
    }
    Ok(acc)
}

/// Columns of a table of the engine, in which they are `k0`, `k1`, …
#[derive(Clone)]
pub(super) struct Part {
    pub(super) table: String,
    pub(super) columns: Vec<Column>,
}

impl Part {
    pub(super) fn position(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|it| it.name == column)
    }
}
