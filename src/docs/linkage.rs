//! What is known of the answer of a step that finds rows that are one, and the page that tells it to whoever answers for
//! the data: how sure it is, what was learnt, which rows come together, what is left to decide.

mod page;
mod parts;

use serde::{Deserialize, Serialize};

use crate::linkage::Share;
use crate::model::MASK;

pub use page::page;

/// All that is told.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Linkage {
    /// The rows that were compared.
    pub rows: u64,
    /// The pairs of rows that were compared.
    pub compared: u64,
    /// Rows are one from this probability on.
    pub match_at: f64,
    /// Pairs are worth a look from this one on.
    pub review_at: f64,
    /// Whether a model that is kept says what agreements weigh, and not these rows.
    pub kept: bool,
    /// Expected pairs that are one, among those that were compared.
    pub matches: f64,
    /// Expected pairs that share something and are two, by what they are.
    pub relatives: Vec<(String, f64)>,
    /// Pairs that are called one, that are worth a look, that share something, and the others.
    pub verdicts: [u64; 4],
    /// Pairs that somebody decided to be one, and to be two.
    pub decided: [u64; 2],
    /// Pairs that are worth a look and not decided.
    pub open: u64,
    /// What is to be known, each with what to do.
    pub notes: Vec<(String, String)>,
    /// What would become of it with other thresholds; the one that is used is among them.
    pub thresholds: Vec<Threshold>,
    /// Pairs by weight, the least first.
    pub weights: Vec<Weights>,
    /// What people decided, held against what was expected.
    pub judged: Vec<Judged>,
    /// The columns that are compared.
    pub columns: Vec<Compared>,
    /// What brings rows together.
    pub rules: Vec<Rule>,
    /// How many clusters have so many rows: from, to, clusters.
    pub sizes: Vec<(u64, u64, u64)>,
    /// The largest clusters.
    pub largest: Vec<Cluster>,
}

impl Linkage {
    /// Takes personal values out; `key` is the column by which rows are known.
    pub fn mask(&mut self, is_open: &dyn Fn(&str) -> bool, key: Option<&str>) {
        let open: Vec<bool> = self.columns.iter().map(|it| is_open(&it.name)).collect();
        for member in self.largest.iter_mut().flat_map(|it| &mut it.members) {
            for (value, _) in member.values.iter_mut().zip(&open).filter(|(value, open)| !**open && value.is_some()) {
                *value = Some(MASK.to_owned());
            }
            if key.is_some_and(|it| !is_open(it)) {
                member.key = None;
            }
        }
    }
}

/// What becomes of the pairs with this threshold.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Threshold {
    /// The least probability of a match.
    pub at: f64,
    /// Pairs that are called one.
    pub pairs: u64,
    /// The expected share of them that is one.
    pub precision: Share,
    /// The expected share of the pairs that are one that they are.
    pub recall: Share,
    /// Whether it is the one that is used.
    pub used: bool,
}

/// Pairs of about one weight.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Weights {
    /// From so many bits on.
    pub from: i64,
    /// Pairs that are called one, that are worth a look, and others.
    pub pairs: [u64; 3],
}

/// Decided pairs of about one probability.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Judged {
    /// From this probability on.
    pub from: f64,
    /// To this one.
    pub to: f64,
    /// Their mean probability.
    pub mean: f64,
    /// How many of them people decided to be one.
    pub share: Share,
}

/// A column that is compared.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Compared {
    /// Its name.
    pub name: String,
    /// As what it is compared.
    pub kind: String,
    /// Rows that have a value.
    pub filled: u64,
    /// How two values can agree, best first.
    pub levels: Vec<Level>,
}

/// A way in which two values agree.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Level {
    /// What it is called.
    pub name: String,
    /// The share of pairs that are one that agree so.
    pub matches: f64,
    /// The share of pairs that agree so by chance.
    pub chance: f64,
    /// log2 of the ratio of both.
    pub bits: f64,
}

/// What brings rows together.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Rule {
    /// What rows have in common by it.
    pub name: String,
    /// Pairs that it found.
    pub pairs: u64,
    /// Pairs that no other rule found.
    pub alone: u64,
    /// Expected pairs that are one among them.
    pub matches: f64,
    /// The rows of its largest block.
    pub largest: u64,
    /// Blocks that were too large to compare all pairs in them.
    pub split: u64,
}

/// Rows that are one.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Cluster {
    /// How many.
    pub rows: u64,
    /// The weakest pair that holds them together, in bits.
    pub least: Option<f64>,
    /// Pairs that alone hold parts of it together.
    pub bridges: u64,
    /// The first of its rows.
    pub members: Vec<Member>,
}

/// A row of a cluster.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Member {
    /// Its number in the table, from 1.
    pub row: u64,
    /// Its key, where the step has one.
    pub key: Option<String>,
    /// Its values, in the order of [`Linkage::columns`].
    pub values: Vec<Option<String>>,
}
