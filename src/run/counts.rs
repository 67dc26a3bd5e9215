//! Counting what is expected of tables and what a build tells by itself, the counts of one table in one scan. Where a
//! value stops that scan each check is tried alone: one that cannot be evaluated takes no other with it.

use std::collections::{BTreeMap, BTreeSet};

use crate::digest::Digest;
use crate::expectations::Measure;
use crate::plan::{CheckId, OtherTable, Plan, PlannedCount, TableId, TableMap};
use crate::relation::Relation;
use crate::run::faults::{self, Stopped};
use crate::run::keys::{self, State};
use crate::run::{LazyEngine, RunError, RunOptions, schedule};
use crate::store::Paths;
use crate::store::backend::{EngineError, Measured, Stored, Worker};
use crate::store::fault::Fault;
use crate::store::journal::{Counts, Journal, Record};

/// What was counted for checks, by their indices.
#[derive(Default)]
pub(super) struct Taken {
    pub counts: Vec<(CheckId, Counts)>,
    /// Why a check could not be evaluated, and with which row that begins; in words without values.
    pub stopped: BTreeMap<CheckId, String>,
}

/// Counts what is missing, the counts of one table in one scan, and notes it; gives those of checks.
pub(super) fn take(
    plan: &Plan,
    missing: &[(Option<CheckId>, &PlannedCount)],
    outcome: &mut schedule::Outcome,
    journal: &Journal,
    options: &RunOptions<'_>,
    engine: &LazyEngine<'_>,
) -> Result<Taken, RunError> {
    let mut acc = Taken::default();
    let tables: BTreeSet<TableId> = missing.iter().map(|(_, it)| it.table).collect();
    for table in tables {
        if options.cancel.is_cancelled() {
            break;
        }
        let State::Materialized(settled) = &outcome.states[table] else { continue };
        let here: Vec<_> = missing.iter().filter(|(_, it)| it.table == table).collect();
        // What another table is looked at for waits until that one stands.
        let keyed = here.iter().filter_map(|(index, it)| Some((index, *it, keys::count_key(it, &outcome.states)?)));
        let here: Vec<(&Option<CheckId>, &PlannedCount, Digest)> = keyed.collect();
        let watch = engine.watched();
        let taken = engine.with(|opened| {
            watch.cancel().check()?;
            let stored = keys::stored(plan, table, settled, journal, engine.paths)?;
            let mut worker = opened.worker()?;
            watch.stops(worker.stopper());
            let beside = |other: &OtherTable| match &outcome.states[other.table] {
                State::Materialized(it) => keys::stored(plan, other.table, it, journal, engine.paths).map(Some),
                _ => Ok(None),
            };
            let others = here.iter().map(|(_, it, _)| it.other.as_ref().map_or(Ok(None), beside));
            let others: Vec<Option<Stored>> = others.collect::<Result<_, _>>()?;
            let measures: Vec<_> =
                here.iter().zip(&others).map(|((_, it, _), it2)| (&it.measure, it2.as_ref())).collect();
            let states = &outcome.states;
            let told = |fault: Fault, worker: &mut dyn Worker| {
                reason(&fault, (plan, table), states, (journal, engine.paths), worker)
            };
            watch.noted(measured(&stored, &measures, &mut *worker, &told))
        });
        let passed = watch.passed();
        drop(watch);
        match taken {
            Ok(taken) => {
                let all = || here.iter().zip(&taken);
                let records = all().filter_map(|((_, _, key), it)| Some(Record::check(*key, it.as_ref().ok()?)));
                journal.append(records.flatten().collect())?;
                for ((index, _, _), it) in here.iter().zip(taken) {
                    match (index, it) {
                        (Some(index), Ok(counts)) => acc.counts.push((*index, counts)),
                        (Some(index), Err(reason)) => _ = acc.stopped.insert(*index, reason),
                        (None, Ok(_)) => (),
                        (None, Err(reason)) => outcome.failures.push((table, format!("its counts: {reason}"))),
                    }
                }
            }
            Err(RunError::NeedsEngine) => return Err(RunError::NeedsEngine),
            Err(_) if let Some(passed) = passed => {
                let what = format!("what is expected of `{}`", plan.tables[table].name);
                let problem = passed.refused(&what, "checked");
                outcome.stopped.push(Stopped { table, column: None, at: None, problem: problem.clone() });
                outcome.problems.push((table, problem));
            }
            Err(reason) => outcome.failures.push((table, format!("its checks: {reason}"))),
        }
    }
    Ok(acc)
}

/// What stops something that is asked of the rows of a table, and with which of them that begins, as it was delivered.
pub fn reason(
    fault: &Fault,
    (plan, table): (&Plan, TableId),
    states: &TableMap<State>,
    store: (&Journal, &Paths),
    worker: &mut dyn Worker,
) -> String {
    let row = fault.row.and_then(|(_, row)| faults::delivered(plan, table, row, states, store, worker));
    format!("{fault}{}", row.map(|it| format!("; it begins with {it}")).unwrap_or_default())
}

/// What each measure of a table came to; why not, where a value stops it.
fn measured(
    stored: &Stored,
    measures: &[Measured<'_>],
    worker: &mut dyn Worker,
    told: &dyn Fn(Fault, &mut dyn Worker) -> String,
) -> Result<Vec<Result<Counts, String>>, EngineError> {
    match worker.measure(stored, measures) {
        Ok(all) => return Ok(all.into_iter().map(Ok).collect()),
        Err(EngineError::Fault(_)) => (),
        Err(other) => return Err(other),
    }
    let mut one = |it: &Measured<'_>| match worker.measure(stored, std::slice::from_ref(it)) {
        Ok(counts) => Ok(Ok(counts.into_iter().next().unwrap_or_default())),
        Err(EngineError::Fault(mut fault)) => {
            fault.row = first_row(it.0, stored, worker).map(|row| (0, row));
            Ok(Err(told(*fault, worker)))
        }
        Err(other) => Err(other),
    };
    measures.iter().map(&mut one).collect()
}

/// The ordinal of the first row that stops a measure which looks at single rows.
fn first_row(measure: &Measure, stored: &Stored, worker: &mut dyn Worker) -> Option<u64> {
    let Measure::Rows { considered, unexpected } = measure else { return None };
    let parts = [("considered", considered), ("unexpected", unexpected)];
    let parts = parts.map(|(name, it)| (name.to_owned(), it.clone()));
    worker.first_fault(&Relation::scan(0, &stored.schema()).project(parts.into()), stored)
}
