//! Rows that are not as expected, as pages show them: their cells, and the cells of files that these come from.

use std::collections::BTreeSet;

use super::Known;
use crate::docs::facts::Sample;
use crate::model::{Class, Schema, is_hidden};
use crate::plan::{CheckId, Plan, TableId};
use crate::run::chain::{Cell, Chains, Traced, address};
use crate::store::backend::{EngineError, Worker};
use crate::text::pattern::pattern;

/// Rows that are shown of a check.
const SAMPLES: usize = 5;

/// Some rows of each of these checks that has any. All are asked for at once: a statement costs the same for one row
/// and for many.
pub(super) fn samples(
    known: Known<'_>,
    checks: &[CheckId],
    worker: &mut dyn Worker,
) -> Result<Vec<(usize, Vec<Sample>)>, EngineError> {
    let Known { plan, states, journal, paths, .. } = known;
    let shown: Vec<Shown<'_>> = (0..checks.len()).filter_map(|at| shown(known, checks, at)).collect();
    let mut asked: Vec<(TableId, &str, u64)> = Vec::new();
    for it in &shown {
        let row = |row: &u64| it.columns.iter().map(|name| (it.table, name.as_str(), *row)).collect::<Vec<_>>();
        asked.extend(it.rows.iter().flat_map(row));
    }
    let traced = Chains { plan, states, journal, paths }.traced(worker, &asked)?;
    let of = |it: &Shown<'_>| it.rows.iter().map(|row| it.sample(plan, &traced, *row)).collect();
    Ok(shown.iter().map(|it| (it.check, of(it))).collect())
}

/// Some rows of a failed check that a page shows.
struct Shown<'a> {
    /// Which of the checks.
    check: usize,
    table: TableId,
    schema: &'a Schema,
    /// The key, and the columns that the check is about.
    columns: Vec<String>,
    /// Ordinals of rows.
    rows: BTreeSet<u64>,
}

/// What a page shows of a check; nothing where no row was found, or none of the table that the check is about.
fn shown<'a>(known: Known<'a>, checks: &[CheckId], at: usize) -> Option<Shown<'a>> {
    let Known { plan, counts, .. } = known;
    let check = &plan.expectations[checks[at]];
    let found = counts.get(&checks[at]).filter(|it| !it.sample.is_empty())?;
    let table = check.count.table;
    let schema = &plan.tables[table].schema;
    let mut columns: Vec<String> = check.declared.columns.iter().filter(|it| schema.has(it)).cloned().collect();
    if columns.is_empty() {
        columns = check.count.reads.iter().filter(|it| !is_hidden(it)).cloned().collect();
    }
    if columns.is_empty() || check.about != table {
        return None;
    }
    let key = plan.key_column(table).filter(|it| !columns.contains(it));
    let columns = key.into_iter().chain(columns).collect();
    Some(Shown { check: at, table, schema, columns, rows: found.sample.iter().copied().take(SAMPLES).collect() })
}

impl Shown<'_> {
    /// One row: its cells, of personal columns in their pattern, and the cells of files that they come from.
    fn sample(&self, plan: &Plan, traced: &Traced, row: u64) -> Sample {
        let names: Vec<&str> = self.columns.iter().map(String::as_str).collect();
        let cells = traced.beneath_row(self.table, &names, row);
        let open = |column: &str| self.schema.get(column).is_some_and(|it| it.class == Class::Open);
        let value = |cell: &Cell| cell.value.clone().map(|it| if open(&cell.column) { it } else { pattern(&it) });
        let mut places: Vec<String> = Vec::new();
        // Where a value is missing, the row that it is missing in says where to look.
        for cell in &cells {
            let Some((place, number)) = &cell.place else { continue };
            let it = address(plan, cell.table, &cell.column, place, *number);
            if !places.contains(&it) {
                places.push(it);
            }
        }
        let cells = cells.iter().take(names.len()).map(|it| (it.column.clone(), value(it))).collect();
        Sample { row: row + 1, cells, places }
    }
}
