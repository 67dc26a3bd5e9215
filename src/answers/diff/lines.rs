//! The rows that differ, and what programs are told of a difference.

use std::path::Path;

use arrow_array::RecordBatch;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::answers::cell::typed;
use crate::answers::diff::Difference;
use crate::answers::diff::sides::Side;
use crate::publish::cell_texts;
use crate::store::backend::{Comparison, EngineError, Stored, Worker};
use crate::workspace::failure::{Failure, failed};

/// One side of a row that differs, as the engine gives it.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Line {
    /// `added`, `removed`, `before` or `after`.
    pub(crate) what: String,
    /// The number of the row in its own table.
    pub(crate) row: u64,
    /// For each column, whether it differs.
    pub(crate) marks: Vec<bool>,
    /// The cells as text.
    pub(crate) cells: Vec<Option<String>>,
}

impl Line {
    /// Takes the lines of a batch.
    pub(crate) fn read(batch: &RecordBatch, acc: &mut Vec<Line>) -> Result<(), EngineError> {
        for row in cell_texts(batch).map_err(EngineError::Engine)? {
            let mut cells = row.into_iter();
            let what = cells.next().flatten().unwrap_or_default();
            let row = cells.next().flatten().and_then(|it| it.parse().ok()).unwrap_or_default();
            let marks = cells.next().flatten().unwrap_or_default();
            acc.push(Line { what, row, marks: marks.chars().map(|it| it == '~').collect(), cells: cells.collect() });
        }
        Ok(())
    }
}

/// A row that differs: as it was, as it is.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Row {
    /// As it was; `None` for one that was added.
    pub(crate) from: Option<Line>,
    /// As it is; `None` for one that was removed.
    pub(crate) to: Option<Line>,
}

/// The rows that differ, at most so many.
pub(crate) fn rows(
    difference: &Difference<'_>,
    worker: &mut dyn Worker,
    stored: &(Stored, Stored),
    most: Option<u64>,
) -> Result<Vec<Row>, Failure> {
    let comparison = Comparison { from: &stored.0, to: &stored.1, keys: &difference.by, columns: &difference.columns };
    let mut lines = Vec::new();
    let taken = worker.differences(&comparison, most, &mut |batch| Line::read(&batch, &mut lines));
    taken.map_err(failed)?;
    Ok(pairs(lines))
}

/// Lines by rows: what was `before` goes with what comes behind it.
fn pairs(lines: Vec<Line>) -> Vec<Row> {
    let mut acc: Vec<Row> = Vec::new();
    for line in lines {
        match (line.what.as_str(), acc.last_mut()) {
            ("after", Some(row)) => row.to = Some(line),
            ("added", _) => acc.push(Row { from: None, to: Some(line) }),
            _ => acc.push(Row { from: Some(line), to: None }),
        }
    }
    acc
}

impl Row {
    /// `added`, `removed` or `changed`.
    pub(crate) fn change(&self) -> &'static str {
        match (&self.from, &self.to) {
            (None, _) => "added",
            (_, None) => "removed",
            _ => "changed",
        }
    }

    /// As it is, or else as it was.
    pub(crate) fn line(&self) -> &Line {
        static NOTHING: Line = Line { what: String::new(), row: 0, marks: Vec::new(), cells: Vec::new() };
        self.to.as_ref().or(self.from.as_ref()).unwrap_or(&NOTHING)
    }

    /// The columns that differ, with both values.
    pub(crate) fn changes(&self) -> impl Iterator<Item = (usize, Option<&str>, Option<&str>)> {
        let both = self.from.as_ref().zip(self.to.as_ref());
        both.into_iter().flat_map(|(from, to)| {
            let marked = to.marks.iter().enumerate().filter(|(_, it)| **it);
            marked.map(|(at, _)| (at, from.cells[at].as_deref(), to.cells[at].as_deref()))
        })
    }
}

/// A difference with the rows of it that are told.
pub(crate) struct Differing<'a> {
    pub(crate) difference: &'a Difference<'a>,
    pub(crate) rows: &'a [Row],
}

/// What was counted.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename = "diff.summary")]
pub(crate) struct Summary<'a> {
    table: &'a str,
    by: &'a [String],
    from: Of<'a>,
    to: Of<'a>,
    rows: Counts,
    reordered: bool,
    repeated_keys: u64,
    /// Where it was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
}

/// A table that is the same in every run.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename = "diff.summary")]
pub(crate) struct Same<'a> {
    table: &'a str,
    from: Option<Of<'a>>,
    to: Of<'a>,
}

#[derive(Debug, Serialize)]
struct Of<'a> {
    run: &'a str,
    rows: u64,
}

#[derive(Debug, Serialize)]
struct Counts {
    added: u64,
    removed: u64,
    changed: u64,
    same: u64,
    shown: u64,
}

/// A column.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename = "diff.column")]
struct Column<'a> {
    table: &'a str,
    name: &'a str,
    change: &'static str,
    #[serde(rename = "type")]
    ty: Option<&'static str>,
    was: Option<&'static str>,
    masked: bool,
    changed: u64,
    filled: u64,
    emptied: u64,
}

/// A row.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename = "diff.row")]
struct RowEvent<'a> {
    table: &'a str,
    change: &'static str,
    key: Map<String, Value>,
    row: Option<u64>,
    was_row: Option<u64>,
    #[serde(flatten)]
    cells: Cells,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
enum Cells {
    /// Of a row that changed.
    Cells(Map<String, Value>),
    /// Of one that came or went.
    Values(Map<String, Value>),
}

#[derive(Debug, Serialize)]
struct Change {
    from: Value,
    to: Value,
}

impl<'a> Same<'a> {
    /// A table as it stands.
    pub(crate) fn of(table: &'a str, to: &'a Side) -> Same<'a> {
        Same { table, from: None, to: Of { run: &to.label, rows: to.rows } }
    }
}

impl<'a> Summary<'a> {
    /// `shown` rows are told.
    pub(crate) fn of(it: &'a Difference<'a>, shown: u64) -> Summary<'a> {
        let side = |it: &'a Side| Of { run: &it.label, rows: it.rows };
        let tally = &it.tally;
        let (added, removed, changed) = (tally.added, tally.removed, tally.changed);
        Summary {
            table: it.table,
            by: &it.by,
            from: side(it.from),
            to: side(it.to),
            rows: Counts { added, removed, changed, same: it.same_rows(), shown },
            reordered: it.reordered(),
            repeated_keys: tally.repeated.0.max(tally.repeated.1),
            path: None,
        }
    }

    /// With the file that it was written to.
    pub(crate) fn written(self, path: &Path) -> Summary<'a> {
        Summary { path: Some(path.display().to_string()), ..self }
    }
}

impl Serialize for Differing<'_> {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let it = self.difference;
        let summary = Summary::of(it, self.rows.len() as u64);
        let columns: Vec<Column<'_>> = (0..it.columns.len()).map(|at| self.column(at)).collect();
        let rows: Vec<RowEvent<'_>> = self.rows.iter().map(|row| self.row(row)).collect();
        (summary, columns, rows).serialize(to)
    }
}

impl Differing<'_> {
    fn column(&self, at: usize) -> Column<'_> {
        let it = self.difference;
        let column = &it.columns[at];
        let touched = it.tally.columns.get(at).copied().unwrap_or_default();
        let ty = |side: &Side| side.get(&column.name).map(|(it, _)| it.ty.name());
        let change = match (column.from, column.to) {
            (None, _) => "added",
            (_, None) => "removed",
            _ if it.retyped(column) => "retyped",
            _ if touched.cells() > 0 => "changed",
            _ => "same",
        };
        Column {
            table: it.table,
            name: &column.name,
            change,
            ty: ty(it.to),
            was: ty(it.from),
            masked: column.mask.is_some(),
            changed: touched.changed,
            filled: touched.filled,
            emptied: touched.emptied,
        }
    }

    fn row(&self, row: &Row) -> RowEvent<'_> {
        let columns = &self.difference.columns;
        let value = |at: usize, cell: Option<&str>| typed(cell, columns[at].ty);
        let line = row.line();
        let key = self.difference.by.iter().filter_map(|name| {
            let at = columns.iter().position(|it| it.name == *name)?;
            Some((name.clone(), value(at, line.cells[at].as_deref())))
        });
        let cells = match row.change() {
            "changed" => {
                let one = |(at, from, to): (usize, Option<&str>, Option<&str>)| {
                    let change = Change { from: value(at, from), to: value(at, to) };
                    (columns[at].name.clone(), serde_json::to_value(change).unwrap_or_default())
                };
                Cells::Cells(row.changes().map(one).collect())
            }
            _ => {
                let all = line.cells.iter().enumerate();
                Cells::Values(all.map(|(at, it)| (columns[at].name.clone(), value(at, it.as_deref()))).collect())
            }
        };
        RowEvent {
            table: self.difference.table,
            change: row.change(),
            key: key.collect(),
            row: row.to.as_ref().map(|it| it.row),
            was_row: row.from.as_ref().map(|it| it.row),
            cells,
        }
    }
}
