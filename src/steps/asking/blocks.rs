//! What the rules for candidates find, before anything is compared.

use serde::{Deserialize, Serialize};

use crate::relation::operator::{Inputs, OperatorError, texts};
use crate::steps::costs::Costs;
use crate::steps::matching::Matching;
use crate::steps::noting::advice;

/// What the rules for candidates find.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Blocks {
    /// What each costs.
    pub costs: Costs,
    /// The largest blocks, the largest first.
    pub worst: Vec<Worst>,
    /// What somebody should know, each with what to do.
    pub notes: Vec<(String, String)>,
}

/// A block of many rows.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Worst {
    /// The rule in words.
    pub rule: String,
    /// How many rows.
    pub rows: u64,
    /// What one of its rows holds: columns of the rule and values.
    pub values: Vec<(String, Option<String>)>,
}

/// How many blocks are told.
const WORST: usize = 10;

pub(super) fn blocks(matching: &Matching, inputs: &mut dyn Inputs) -> Result<Blocks, OperatorError> {
    let (found, costs, rows) = matching.blocks(inputs)?;
    let mut worst: Vec<_> = found.worst.iter().collect();
    worst.sort_by_key(|it| (std::cmp::Reverse(it.rows), it.rule, it.row));
    worst.truncate(WORST);
    let told = worst.iter().map(|it| {
        let rule = &found.rules[it.rule as usize];
        let value = |(name, column): (&str, &str)| {
            let cell = texts(&rows, column)?.get(it.row as usize).copied().flatten().map(str::to_owned);
            Ok((name.to_owned(), cell))
        };
        let values = matching.rule_columns(&rule.on).into_iter().map(value).collect::<Result<_, OperatorError>>()?;
        Ok(Worst { rule: rule.name.clone(), rows: u64::from(it.rows), values })
    });
    let worst = told.collect::<Result<_, OperatorError>>()?;
    Ok(Blocks { costs, worst, notes: advice(&found.notes) })
}
