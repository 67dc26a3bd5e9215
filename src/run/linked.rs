//! The page about a step that compares rows: what it holds stands in a table of one cell, and personal values are masked
//! on their way into the page.

use crate::digest::{Digest, Hasher};
use crate::docs::linkage::{Linkage, page as page_of};
use crate::model::Class;
use crate::plan::{Learning, Plan, PlannedExport};
use crate::publish::cell_texts;
use crate::run::docs::Known;
use crate::run::keys::{self, State};
use crate::store::backend::{EngineError, Worker};

/// Raised when the page is written otherwise for the same answer.
const REVISION: u64 = 2;

/// The step that the page is about: the last input of its table.
fn step<'a>(plan: &'a Plan, export: &PlannedExport) -> Option<&'a Learning> {
    let name = &plan.tables[*plan.tables[export.table].inputs.last()?].name;
    plan.learning.iter().find(|it| plan.tables[it.step].name == *name)
}

/// The columns of the compared rows that anybody may see.
fn open<'a>(plan: &'a Plan, step: &Learning) -> Vec<&'a str> {
    let rows = &plan.tables[step.inputs[0]].schema;
    rows.columns.iter().filter(|it| it.class == Class::Open).map(|it| it.name.as_str()).collect()
}

/// What decides the bytes of the page, once its table is made.
pub(super) fn key(known: Known<'_>, export: &PlannedExport) -> Option<Digest> {
    let State::Materialized(settled) = &known.states[export.table] else { return None };
    let step = step(known.plan, export)?;
    let mut hasher = Hasher::new("hotpass linkage page v1");
    hasher.number(REVISION).text(env!("CARGO_PKG_VERSION")).text(&known.plan.tables[step.step].name.to_string());
    hasher.json(&(open(known.plan, step), step.asks.key())).digest(&keys::table_digest(settled));
    Some(hasher.finish())
}

/// The page.
pub(super) fn page(known: Known<'_>, export: &PlannedExport, worker: &mut dyn Worker) -> Result<String, EngineError> {
    let lost = || EngineError::Io("what is known of the answer cannot be read".to_owned());
    let (State::Materialized(settled), Some(step)) = (&known.states[export.table], step(known.plan, export)) else {
        return Err(lost());
    };
    let stored = keys::stored(known.plan, export.table, settled, known.journal, known.paths)?;
    let names: Vec<&str> = known.plan.tables[export.table].schema.names().collect();
    let mut cell: Option<String> = None;
    worker.rows(&stored, &names, 0..stored.rows, &mut |batch| {
        let rows = cell_texts(&batch).map_err(EngineError::Engine)?;
        cell = rows.into_iter().next().and_then(|mut it| it.pop()).flatten().or(cell.take());
        Ok(())
    })?;
    let mut linkage: Linkage = cell.and_then(|it| serde_json::from_str(&it).ok()).ok_or_else(lost)?;
    let open = open(known.plan, step);
    linkage.mask(&|column| open.contains(&column), step.asks.key());
    Ok(page_of(&known.plan.tables[step.step].name.to_string(), &linkage, false))
}
