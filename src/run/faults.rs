//! What is told when a value stops a step: which column, why, and from which delivered row on. Never the value.

use std::collections::BTreeSet;

use arrow_array::RecordBatch;

use std::path::Path;

use crate::model::{PLACE, ROW};
use crate::plan::{Operation, Plan, TableId, TableMap};
use crate::problem::{Code, Problem};
use crate::publish::cell_texts;
use crate::readers;
use crate::relation::Relation;
use crate::run::keys::{self, State};
use crate::store::Paths;
use crate::store::backend::{EngineError, Stored, Worker};
use crate::store::fault::Fault;
use crate::store::journal::Journal;

/// A value that stops a step.
pub const STOPPED: Code = Code::error("hotpass::step::stopped");

/// A step that a value stopped.
#[derive(Clone, PartialEq, Debug)]
pub struct Stopped {
    /// Its index in the plan.
    pub table: TableId,
    /// The column that cannot be made, where they are made one by one.
    pub column: Option<String>,
    /// Line and column in the text of its query, both from 1.
    pub at: Option<(usize, usize)>,
    /// What is told; it has no place yet.
    pub problem: Problem,
}

/// The same error, with the column and the row that it comes from: columns were made together.
pub(super) fn narrowed(
    error: EngineError,
    relation: &Relation,
    columns: &BTreeSet<&str>,
    inputs: &[Stored],
    worker: &mut dyn Worker,
) -> EngineError {
    let EngineError::Fault(mut fault) = error else { return error };
    let (mut found, mut well) = (None, columns.len() < 2);
    for column in columns {
        let one = relation.prune(&BTreeSet::from([*column]));
        match worker.look(&one, inputs, None, &mut |_| Ok(())) {
            Err(EngineError::Fault(own)) => found = found.or(Some((column, one, own))),
            _ => well = true,
        }
        if well && found.is_some() {
            break;
        }
    }
    if let Some((column, one, own)) = found {
        fault.reason = own.reason;
        // What no column can be made without, such as a condition, is the fault of none.
        fault.column = well.then(|| (*column).to_owned());
        let reads = one.reads();
        if let (1, Some(input)) = (reads.len(), reads.keys().next()) {
            fault.row = worker.first_fault(&one, &inputs[*input]).map(|row| (*input, row));
        }
    }
    EngineError::Fault(fault)
}

/// What is told of a fault. Its row is named as it was delivered, and else by its number.
pub(super) fn stopped(
    plan: &Plan,
    table: TableId,
    fault: Fault,
    states: &TableMap<State>,
    (journal, paths): (&Journal, &Paths),
    worker: &mut dyn Worker,
) -> Stopped {
    let it = &plan.tables[table];
    let what = match &fault.column {
        Some(column) => format!("`{}.{}`", it.name, column.escape_debug()),
        None => format!("`{}`", it.name),
    };
    let row = fault.row.and_then(|(input, row)| {
        let input = *it.inputs.get(input)?;
        Some(delivered(plan, input, row, states, (journal, paths), worker).unwrap_or_else(|| {
            let number = row + 1;
            format!("row {number} of `{}`", plan.tables[input].name)
        }))
    });
    let first = row.map(|it| format!("; it begins with {it}")).unwrap_or_default();
    let message = format!("{what} cannot be made: {}{first}", fault.reason);
    let help = match &it.make {
        Operation::Sql(_) => {
            "correct the row, exclude it with `where`, or use `try_cast`, which gives null for values that do not fit"
        }
        _ => "correct the row, or exclude it with a `filter` step",
    };
    let problem = Problem::new(&STOPPED, message).help(help.to_owned());
    Stopped { table, column: fault.column, at: fault.at, problem }
}

/// Where a row was delivered: `row 3 of data/people.csv`.
pub(super) fn delivered(
    plan: &Plan,
    table: TableId,
    row: u64,
    states: &TableMap<State>,
    (journal, paths): (&Journal, &Paths),
    worker: &mut dyn Worker,
) -> Option<String> {
    let State::Materialized(settled) = &states[table] else { return None };
    let stored = keys::stored_columns(plan, table, settled, &[PLACE, ROW], journal, paths).ok()?;
    if stored.columns.len() != 2 {
        return None;
    }
    let mut found = Vec::new();
    let mut add = |batch: RecordBatch| {
        found.extend(cell_texts(&batch).map_err(EngineError::Engine)?);
        Ok(())
    };
    worker.rows(&stored, &[PLACE, ROW], row..row + 1, &mut add).ok()?;
    match found.into_iter().next()?.as_slice() {
        [Some(place), Some(row)] => Some(format!("row {row} of `{}`", place.escape_debug())),
        _ => None,
    }
}

/// What the engine cannot read of a format of its own is damaged; its words may quote the file.
pub(super) fn damaged(error: EngineError, path: &Path) -> EngineError {
    match error {
        EngineError::Engine(_) | EngineError::Fault(_) => {
            EngineError::Problem(Box::new(readers::problems::damaged_or_other(path)))
        }
        EngineError::Problem(it) if it.code == readers::problems::TOO_PRECISE.name => {
            let message = format!("`{}`: {}", path.display(), it.message);
            EngineError::Problem(Box::new(Problem { message, ..*it }))
        }
        other => other,
    }
}
