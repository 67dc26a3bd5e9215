//! What was learnt, as plain data: shares of levels among matches, relatives and chance, and how many of each there are.
//!
//! It holds no value of any cell.

use serde::{Deserialize, Serialize};

use super::comparison::{Comparison, Kind, Relation, Role};
use super::kinds;
use super::seen::Seen;

/// What was learnt from a table.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Model {
    /// One a comparison, in their order.
    pub comparisons: Vec<Learnt>,
    /// All pairs of rows that may be one, found by a rule or not.
    pub pairs: f64,
    /// Expected matches among the candidates, without those of [`related`](Model::related) that are the same.
    pub matches: f64,
    /// Expected pairs of each further class among the candidates: relatives, and [`Relation::Same`] for matches of which
    /// one moved.
    pub related: Vec<(Relation, f64)>,
    /// Rounds of learning.
    pub iterations: u32,
    /// The greatest change of a share in the last round.
    pub change: f64,
    /// Patterns that fewer pairs had than chance expects, by their levels and sorted, with the share that it explains of
    /// what it expects: chance never explains more pairs than there are.
    pub capped: Vec<(Vec<u8>, f64)>,
    /// How often values and words were seen, in a model that is kept.
    pub seen: Option<Seen>,
    /// The patterns that pairs of the table have, by their levels; made again with every table.
    #[serde(skip)]
    pub patterns: Vec<Pattern>,
}

/// What was learnt about a comparison.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Learnt {
    /// The comparison's name.
    pub name: String,
    /// Its kind.
    pub kind: Kind,
    /// Its role.
    pub role: Role,
    /// Its levels, best first; the first stands for a missing value.
    pub levels: Vec<Level>,
}

/// A level of agreement.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Level {
    /// What it is called.
    pub name: String,
    /// Its share among matches.
    pub matches: f64,
    /// Its share among pairs that have nothing to do with each other.
    pub chance: f64,
    /// Its share among each further class.
    pub related: Vec<f64>,
}

/// Levels that some pairs have in common.
#[derive(Clone, PartialEq, Debug)]
pub struct Pattern {
    /// A level for each comparison; 0 = missing.
    pub levels: Vec<u8>,
    /// How many pairs have it.
    pub pairs: u64,
    /// log2 of the odds of a match.
    pub weight: f64,
    /// The likeliest relation.
    pub relation: Relation,
}

/// What one comparison adds to the weight of a pair.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Bits {
    /// The comparison; `None` for what does not come from one: how many matches there are at all, and the relatives.
    pub comparison: Option<String>,
    /// The level, or what else it is.
    pub level: String,
    /// log2 of the ratio of shares.
    pub bits: f64,
}

/// The least share that is reckoned with.
pub(super) const LEAST: f64 = 1e-9;

impl Model {
    /// Expected matches among the candidates, all of them.
    pub fn all_matches(&self) -> f64 {
        let moved = self.related.iter().filter(|it| it.0 == Relation::Same);
        self.matches + moved.map(|it| it.1).sum::<f64>()
    }

    /// What chance explains of the pairs of these levels that it expects.
    pub(super) fn part(&self, levels: &[u8]) -> f64 {
        let found = self.capped.binary_search_by(|it| it.0.as_slice().cmp(levels));
        found.map_or(1.0, |at| self.capped[at].1)
    }

    /// Whether it was learnt with these comparisons.
    pub fn fits(&self, compare: &[Comparison]) -> bool {
        let same = |(learnt, it): (&Learnt, &Comparison)| {
            learnt.name == it.name
                && learnt.kind == it.kind
                && learnt.levels.len() == kinds::count(it.kind)
                && learnt.levels.iter().all(|it| it.related.len() == self.related.len())
        };
        let seen = self.seen.as_ref().is_none_or(|it| it.columns.len() == compare.len());
        seen && self.comparisons.len() == compare.len() && self.comparisons.iter().zip(compare).all(same)
    }

    /// The parts of a pattern's weight; their sum is the weight to within 1e-9.
    pub fn explain(&self, pattern: &Pattern) -> Vec<Bits> {
        let prior = (self.matches.max(LEAST) / self.pairs.max(1.0)).log2();
        let mut acc =
            vec![Bits { comparison: None, level: "start: the share of matches in all pairs".to_owned(), bits: prior }];
        let mut sum = prior;
        for (learnt, level) in self.comparisons.iter().zip(&pattern.levels).filter(|(_, level)| **level != 0) {
            if let Some(it) = learnt.levels.get(usize::from(*level)) {
                let bits = (it.matches.max(LEAST) / it.chance.max(LEAST)).log2();
                sum += bits;
                acc.push(Bits { comparison: Some(learnt.name.clone()), level: it.name.clone(), bits });
            }
        }
        let rest = pattern.weight - sum;
        acc.push(Bits {
            comparison: None,
            level: "correction for relatives and for this combination".to_owned(),
            bits: rest,
        });
        acc
    }
}
