//! The rules by which steps find the rows that they compare, and how many pairs these found when a step last ran: for
//! `plan`, which reads no rows.

use serde::Serialize;

use crate::plan::{Learning, Plan, TableId};
use crate::run;
use crate::steps::{Cost, Costs};
use crate::store::journal::Journal;

/// The rules of a step.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename = "plan.blocks")]
pub(crate) struct Blocks {
    pub(crate) pipeline: String,
    pub(crate) step: String,
    /// Whether the step declares its rules; else they are found when it runs.
    pub(crate) declared: bool,
    /// The rows in which they were counted; none where these rules were not counted yet.
    pub(crate) rows: Option<u64>,
    /// Pairs that they found, each counted once.
    pub(crate) pairs: Option<u64>,
    pub(crate) rules: Vec<Cost>,
    /// Whether other rules were counted.
    #[serde(skip)]
    pub(crate) changed: bool,
}

/// What is known of the steps for which `wanted`.
pub(crate) fn blocks(plan: &Plan, journal: &Journal, wanted: &dyn Fn(TableId) -> bool) -> Vec<Blocks> {
    plan.learning.iter().filter(|it| wanted(it.step)).map(|it| known(plan, it, journal)).collect()
}

fn known(plan: &Plan, it: &Learning, journal: &Journal) -> Blocks {
    let name = plan.tables[it.step].name.clone();
    let declared = it.asks.rules();
    let counted = run::counted(plan, it.step, journal).and_then(|it| serde_json::from_str::<Costs>(&it).ok());
    let (same, other) = match counted {
        Some(costs) if costs.recipe == it.asks.blocking() => (Some(costs), false),
        other => (None, other.is_some()),
    };
    Blocks {
        pipeline: name.pipeline,
        step: name.name,
        declared: !declared.is_empty(),
        rows: same.as_ref().map(|it| it.rows),
        pairs: same.as_ref().map(|it| it.pairs),
        rules: same.map_or_else(|| declared.into_iter().map(Cost::unknown).collect(), |it| it.rules),
        changed: other,
    }
}
