//! What was read against what came before: many more or fewer rows, which only reading tells, and what cannot be compared
//! because the lock is gone.

use crate::digest::{Digest, Hasher};
use crate::drift;
use crate::lock::{self, Lock};
use crate::numbers::count;
use crate::plan::{Operation, Plan, PlannedGate, TableId, TableMap};
use crate::problem::Problem;
use crate::run::event::{Event, EventSink};
use crate::run::keys::State;
use crate::run::{LockMode, RunOptions};
use crate::store::journal::{Journal, Record};

/// How many sources are named that are not compared.
const NAMED: usize = 3;

/// What earlier builds recorded. If they wrote a lock and it is not there any more, or cannot be read, it is told what is
/// not compared for that.
pub(super) fn recorded(plan: &Plan, journal: &Journal, options: &RunOptions<'_>, events: &dyn EventSink) -> Lock {
    let environment = plan.environment.as_deref();
    let tell = |why: &str| {
        if options.lock == LockMode::Write
            && let Some(lost) = incomparable(plan)
        {
            events.take(&Event::Notice(&format!("`{}` {why}: {lost}", lock::file(environment).display())));
        }
    };
    if options.lock == LockMode::Leave {
        return Lock::default();
    }
    match Lock::read(&options.root, environment) {
        Ok(Some(lock)) => return lock,
        Ok(None) if was_written(plan, journal) => tell("is not there any more"),
        Ok(None) => (),
        Err(reason) => tell(&format!("cannot be read ({reason})")),
    }
    Lock::default()
}

/// What is not compared with earlier builds without a lock; nothing where nothing would be.
fn incomparable(plan: &Plan) -> Option<String> {
    let sources = plan.tables.iter().filter(|it| match &it.make {
        Operation::Read(reading) => !reading.aside && !reading.source.drift.is_ignored(),
        _ => false,
    });
    let names: Vec<String> = sources.map(|it| format!("`{}`", it.name)).collect();
    let holds = |it: &&PlannedGate| {
        it.declared.metric.as_ref().is_some_and(|it| it.max_drop.is_some() || it.max_rise.is_some())
    };
    let gates = plan.gates.iter().filter(holds).count();
    let more = names.len().saturating_sub(NAMED);
    let mut told = names.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    if more > 0 {
        told.push_str(&format!(" and {}", count(more as u64, "other source")));
    }
    if gates > 0 {
        told.push_str(if told.is_empty() { "" } else { ", and " });
        told.push_str(&format!("the numbers of {}", count(gates as u64, "gate")));
    }
    let are = if names.len() == 1 && gates == 0 { "is" } else { "are" };
    (!told.is_empty()).then(|| {
        format!(
            "{told} {are} not compared with earlier builds, and differences that nobody accepted are forgotten; to compare \
             them, put the file back and build again"
        )
    })
}

/// Notes that there is a lock, so that it is known later if it is gone. Where there is no state folder, nothing is known.
pub(super) fn note_lock(plan: &Plan, journal: &Journal, options: &RunOptions<'_>) {
    let file = options.root.join(lock::file(plan.environment.as_deref()));
    if options.lock == LockMode::Write && !was_written(plan, journal) && file.is_file() {
        let _ = journal.append(vec![Record::Head { key: key_of_lock(plan), json: "true".to_owned() }]);
    }
}

fn was_written(plan: &Plan, journal: &Journal) -> bool {
    journal.known(|it| it.heads.contains_key(&key_of_lock(plan)))
}

/// Under which the journal has that there was a lock.
fn key_of_lock(plan: &Plan) -> Digest {
    Hasher::new("hotpass lock written v1").text(plan.environment.as_deref().unwrap_or_default()).finish()
}

/// What is to be told of some sources that stand, with their indices.
pub fn jumped(plan: &Plan, sources: &[TableId], states: &TableMap<State>, recorded: &Lock) -> Vec<(TableId, Problem)> {
    let mut acc = Vec::new();
    for index in sources {
        let table = &plan.tables[*index];
        let (Operation::Read(reading), State::Materialized(settled)) = (&table.make, &states[*index]) else { continue };
        let was = recorded.source(&table.name.pipeline, &table.name.name).filter(|_| !reading.aside);
        let Some(was) = was.filter(|it| it.declared.is_some_and(|it| it.0 == reading.source.digest())) else {
            continue;
        };
        let (name, limits) = (table.name.to_string(), reading.source.drift);
        let change = drift::rows(was.baseline().rows, settled.rows, &limits);
        acc.extend(change.map(|it| (*index, it.problem(&name, &limits).help(drift::take(&name)))));
    }
    acc
}
