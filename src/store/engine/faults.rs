//! Finding the first row that a statement fails with, after it did: by halving what it is given. Nothing of this runs
//! as long as all is well.

use crate::model::Schema;
use crate::relation::Relation;
use crate::relation::sql::{Tables, statement};
use crate::steps::Query;
use crate::store::backend::{EngineError, Stored};
use crate::store::engine::{DuckWorker, select};
use crate::store::sandbox::Sandbox;

/// Longer inputs are not searched: each try costs as much as the statement that failed.
const MOST_ROWS: u64 = 2_000_000;

impl DuckWorker {
    /// Puts a stored table into a sandbox.
    pub(super) fn fill(&self, sandbox: &mut Sandbox, name: &str, stored: &Stored) -> Result<(), EngineError> {
        if sandbox.copy(&self.shared.shelf, name, stored)? {
            return Ok(());
        }
        sandbox.declare(name, &stored.schema())?;
        let columns = stored.columns.iter().enumerate();
        let columns: Vec<_> = columns.map(|(at, it)| (it.column.name.as_str(), format!("k{at}"))).collect();
        if columns.is_empty() {
            return sandbox.fill_empty(name, stored.rows);
        }
        sandbox.fill(name, &mut |sink| self.stream(&select(stored, &columns, false), sink))
    }

    /// The same error, and where it is one of a value, with the row.
    pub(super) fn traced(
        &self,
        error: EngineError,
        query: &Query,
        inputs: &[(&str, Stored)],
        schema: &Schema,
    ) -> EngineError {
        let EngineError::Fault(mut fault) = error else { return error };
        fault.row = self.first_row(query, inputs, schema).ok().flatten();
        EngineError::Fault(fault)
    }

    /// The input and the row with which a query begins to fail, where one input alone makes it fail. A row that is
    /// joined with the value is needed as well, and nobody can tell from outside which of them holds it.
    fn first_row(
        &self,
        query: &Query,
        inputs: &[(&str, Stored)],
        schema: &Schema,
    ) -> Result<Option<(usize, u64)>, EngineError> {
        if inputs.iter().any(|(_, stored)| stored.rows > MOST_ROWS) {
            return Ok(None);
        }
        let mut sandbox = self.shared.sandboxes.take(&self.running)?;
        // No step has a name with a space in it.
        let declared = |at: usize| format!("input {at}");
        for (at, (_, stored)) in inputs.iter().enumerate() {
            self.fill(&mut sandbox, &declared(at), stored)?;
        }
        sandbox.commit()?;
        for (at, (name, stored)) in inputs.iter().enumerate() {
            sandbox.show(&declared(at), name, stored.rows)?;
        }
        let mut found = None;
        for (at, (name, stored)) in inputs.iter().enumerate() {
            let mut fails = |rows: u64| {
                sandbox.show(&declared(at), name, rows)?;
                failed_with(sandbox.run(query, schema, &mut |_| Ok(())))
            };
            let row = first(stored.rows, &mut fails)?;
            if row.is_some() && found.is_some() {
                return Ok(None);
            }
            found = found.or(row.map(|it| (at, it)));
            sandbox.show(&declared(at), name, stored.rows)?;
        }
        Ok(found)
    }

    /// The ordinal of the first row of its input with which a relation fails.
    pub(super) fn first_fault(&self, relation: &Relation, input: &Stored) -> Option<u64> {
        if !row_by_row(relation) || input.rows > MOST_ROWS {
            return None;
        }
        let mut fails = |rows: u64| {
            let statement = statement(relation, &Head(input, rows));
            let text = format!("SELECT {} FROM ({})", statement.names.join(", "), statement.text);
            failed_with(self.stream(&text, &mut |_| Ok(())))
        };
        first(input.rows, &mut fails).ok().flatten()
    }
}

/// The first rows of a stored table as SQL.
struct Head<'a>(&'a Stored, u64);

impl Tables for Head<'_> {
    fn select(&self, _: usize, columns: &[(&str, String)], ordinal: bool) -> String {
        format!("SELECT * FROM ({}) LIMIT {}", select(self.0, columns, ordinal), self.1)
    }

    fn schema(&self, _: usize) -> Schema {
        self.0.schema()
    }
}

/// Whether a relation makes each of its rows of one row.
fn row_by_row(relation: &Relation) -> bool {
    match relation {
        Relation::Scan { .. } => true,
        Relation::Project { from, .. } | Relation::Filter { from, .. } => row_by_row(from),
        _ => false,
    }
}

fn failed_with(result: Result<(), EngineError>) -> Result<bool, EngineError> {
    match result {
        Ok(()) => Ok(false),
        Err(EngineError::Fault(_)) => Ok(true),
        Err(other) => Err(other),
    }
}

/// The last of the fewest first rows that fail; `None` when none of them is the cause.
fn first(rows: u64, fails: &mut dyn FnMut(u64) -> Result<bool, EngineError>) -> Result<Option<u64>, EngineError> {
    if rows == 0 || fails(0)? || !fails(rows)? {
        return Ok(None);
    }
    let (mut well, mut ill) = (0, rows);
    while ill - well > 1 {
        let middle = well + (ill - well) / 2;
        match fails(middle)? {
            true => ill = middle,
            false => well = middle,
        }
    }
    Ok(Some(ill - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_row_is_found_by_halving() {
        let check = |rows: u64, from: u64, expected: Option<u64>| {
            let mut tries = 0;
            let mut fails = |given: u64| {
                tries += 1;
                Ok(given >= from)
            };
            assert_eq!(first(rows, &mut fails), Ok(expected), "{from} of {rows}");
            assert!(tries <= 12, "{tries} tries");
        };
        check(1000, 1, Some(0));
        check(1000, 1000, Some(999));
        check(1000, 417, Some(416));
        check(1000, 1001, None);
        // It fails without any row: these are not the cause.
        check(1000, 0, None);
        check(0, 0, None);
    }
}
