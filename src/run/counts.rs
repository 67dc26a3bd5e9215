//! Counting what is expected of tables and what a build tells by itself, the counts of one table in one scan.

use std::collections::BTreeSet;

use crate::digest::Digest;
use crate::plan::{OtherTable, Plan, PlannedCount};
use crate::run::faults::Stopped;
use crate::run::keys::{self, State};
use crate::run::{LazyEngine, RunError, RunOptions, schedule};
use crate::store::backend::Stored;
use crate::store::journal::{Counts, Journal, Record};

/// Counts what is missing, the counts of one table in one scan, and notes it; gives those of checks.
pub(super) fn take(
    plan: &Plan,
    missing: &[(Option<usize>, &PlannedCount)],
    outcome: &mut schedule::Outcome,
    journal: &Journal,
    options: &RunOptions<'_>,
    engine: &LazyEngine<'_>,
) -> Result<Vec<(usize, Counts)>, RunError> {
    let mut acc = Vec::new();
    let tables: BTreeSet<usize> = missing.iter().map(|(_, it)| it.table).collect();
    for table in tables {
        if options.cancel.is_cancelled() {
            break;
        }
        let State::Materialized(settled) = &outcome.states[table] else { continue };
        let here: Vec<_> = missing.iter().filter(|(_, it)| it.table == table).collect();
        // What another table is looked at for waits until that one stands.
        let keyed = here.iter().filter_map(|(index, it)| Some((index, *it, keys::count_key(it, &outcome.states)?)));
        let here: Vec<(&Option<usize>, &PlannedCount, Digest)> = keyed.collect();
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
            watch.noted(worker.measure(&stored, &measures))
        });
        let passed = watch.passed();
        drop(watch);
        match taken {
            Ok(taken) => {
                let keys = here.iter().map(|(_, _, key)| *key);
                let records = keys.zip(&taken).flat_map(|(key, counts)| Record::check(key, counts));
                journal.append(records.collect())?;
                acc.extend(here.iter().zip(taken).filter_map(|((index, _, _), taken)| Some(((**index)?, taken))));
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
