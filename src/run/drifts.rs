//! Drift that only reading tells: many more or fewer rows than came before.

use crate::drift;
use crate::lock::Lock;
use crate::plan::{Operation, Plan, TableId, TableMap};
use crate::problem::Problem;
use crate::run::keys::State;

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
