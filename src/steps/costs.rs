//! What rules for candidates cost, as it was counted: by a build that ran the step, or for whoever asks before.

use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::linkage::{Blocks, Resolution, Rule};

/// What rules for candidates cost over the rows in which it was counted.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Costs {
    /// Stands for what decides which rows are compared.
    pub recipe: Digest,
    /// How many rows there are.
    pub rows: u64,
    /// Pairs that the rules found, each counted once.
    pub pairs: u64,
    /// The rules, in their order.
    pub rules: Vec<Cost>,
}

/// What one rule costs.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Cost {
    /// In words: `surname (sound) + born`.
    pub rule: String,
    /// Pairs that it found; nothing where nobody counted them.
    pub pairs: Option<u64>,
    /// Pairs that only it found.
    pub alone: Option<u64>,
    /// The rows of its largest block.
    pub largest: Option<u64>,
    /// Blocks that were too large and were split.
    pub split: Option<u64>,
    /// Whether it found so many pairs that they are not compared.
    pub left_out: bool,
}

impl Costs {
    /// Of an answer.
    pub(super) fn of(found: &Resolution, recipe: Digest) -> Costs {
        let rules = found.rules.iter().map(Cost::of).collect();
        Costs { recipe, rows: found.clusters.len() as u64, pairs: found.candidates, rules }
    }

    /// Of what was counted before anything is compared.
    pub(super) fn before(blocks: &Blocks, rows: u64, recipe: Digest) -> Costs {
        let left_out =
            |(rule, pairs): &(String, u64)| Cost { pairs: Some(*pairs), left_out: true, ..Cost::unknown(rule.clone()) };
        let rules = blocks.rules.iter().map(Cost::of).chain(blocks.left_out.iter().map(left_out)).collect();
        Costs { recipe, rows, pairs: blocks.pairs, rules }
    }
}

impl Cost {
    fn of(rule: &Rule) -> Cost {
        Cost {
            rule: rule.name.clone(),
            pairs: Some(rule.pairs),
            alone: Some(rule.alone),
            largest: Some(u64::from(rule.largest)).filter(|_| !rule.on.is_empty()),
            split: Some(u64::from(rule.split)).filter(|_| !rule.on.is_empty()),
            left_out: false,
        }
    }

    /// Of a rule whose pairs nobody counted.
    pub fn unknown(rule: String) -> Cost {
        Cost { rule, pairs: None, alone: None, largest: None, split: None, left_out: false }
    }
}
