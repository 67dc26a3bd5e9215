//! `hotpass link plan`: what the rules of a step find, before anything is compared. Values are masked as `show` masks them.

use serde::Serialize;

use super::Step;
use crate::model::MASK;
use crate::steps::asking::{Blocks, Question, Worst};
use crate::steps::{Cost, Costs};
use crate::workspace::failure::Failure;

/// What rows would be compared.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename = "link.plan")]
pub(crate) struct Plan {
    pub(crate) step: String,
    /// Whether the step declares its rules.
    pub(crate) declared: bool,
    pub(crate) rows: u64,
    /// All pairs, each counted once.
    pub(crate) pairs: u64,
    pub(crate) rules: Vec<Cost>,
    /// The largest blocks, the largest first.
    pub(crate) worst: Vec<Worst>,
    /// What somebody should know, each with what to do.
    pub(crate) notes: Vec<(String, String)>,
}

/// Counts the pairs of each rule.
pub(crate) fn plan(step: &Step<'_>, unmasked: bool) -> Result<Plan, Failure> {
    let Blocks { costs, mut worst, notes } = step.ask(Question::Blocks)?;
    let values = worst.iter_mut().flat_map(|it| &mut it.values);
    for (_, value) in values.filter(|it| !unmasked && !step.is_open(&it.0)) {
        *value = value.take().map(|_| MASK.to_owned());
    }
    let declared = !step.learning.asks.rules().is_empty();
    let Costs { rows, pairs, rules, .. } = costs;
    Ok(Plan { step: step.name(), declared, rows, pairs, rules, worst, notes })
}
