//! Counting what is expected of tables and what a build tells by itself, the counts of one table in one scan.

use std::collections::BTreeSet;

use crate::plan::{Plan, PlannedCount};
use crate::run::faults::Stopped;
use crate::run::keys::{self, State};
use crate::run::{Engine, Order, RunError, schedule};
use crate::store::journal::{Counts, Journal, Record};

/// Counts what is missing, the counts of one table in one scan, and notes it; gives those of checks.
pub(super) fn take(
    plan: &Plan,
    missing: &[(Option<usize>, &PlannedCount)],
    outcome: &mut schedule::Outcome,
    journal: &Journal,
    order: &Order<'_>,
    engine: &Engine<'_>,
) -> Result<Vec<(usize, Counts)>, RunError> {
    let mut acc = Vec::new();
    let tables: BTreeSet<usize> = missing.iter().map(|(_, it)| it.table).collect();
    for table in tables {
        if order.cancel.is_cancelled() {
            break;
        }
        let State::Settled(settled) = &outcome.states[table] else { continue };
        let here: Vec<_> = missing.iter().filter(|(_, it)| it.table == table).collect();
        let measures: Vec<_> = here.iter().map(|(_, it)| &it.measure).collect();
        let watch = engine.watched();
        let taken = engine.with(|workshop| {
            watch.cancel().check()?;
            let stored = keys::stored(plan, table, settled, journal, engine.paths)?;
            let mut worker = workshop.worker()?;
            watch.stops(worker.stopper());
            watch.noted(worker.measure(&stored, &measures))
        });
        let passed = watch.passed();
        drop(watch);
        match taken {
            Ok(taken) => {
                let keys = here.iter().map(|(_, it)| keys::count_key(it, settled));
                let records = keys.zip(&taken).flat_map(|(key, counts)| Record::check(key, counts));
                journal.append(records.collect())?;
                acc.extend(here.iter().zip(taken).filter_map(|((index, _), taken)| Some(((*index)?, taken))));
            }
            Err(RunError::NeedsEngine) => return Err(RunError::NeedsEngine),
            Err(RunError::World(_)) if let Some(passed) = passed => {
                let what = format!("what is expected of `{}`", plan.tables[table].name);
                let problem = passed.refused(&what, "checked");
                outcome.stopped.push(Stopped { table, column: None, at: None, problem: problem.clone() });
                outcome.problems.push((table, problem));
            }
            Err(RunError::World(reason)) => {
                outcome.failures.push((table, format!("its checks: {reason}")));
            }
        }
    }
    Ok(acc)
}
