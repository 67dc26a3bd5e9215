//! What learning stands on and what it finds: patterns with their counts in, classes of pairs with their shares out.

use super::chance::{Chance, Opportunities};
use super::comparison::{Comparison, Relation};
use super::model::LEAST;

/// A pattern of the candidates and how many pairs have it.
pub(super) type Counted = (Vec<u8>, u64);

/// What learning stands on.
pub(super) struct Evidence<'a> {
    pub compare: &'a [Comparison],
    pub patterns: &'a [Counted],
    pub chances: &'a [Chance],
    pub opportunities: &'a Opportunities,
}

/// Shares of levels, one list a comparison, and how many pairs there are.
#[derive(Clone)]
pub(super) struct Class {
    pub seed: Seed,
    pub shares: Vec<Vec<f64>>,
    pub pairs: f64,
    /// What the shares are drawn to, and how strongly.
    pub prior: Vec<Vec<f64>>,
    pub pseudo: f64,
}

pub(super) struct Fit {
    pub classes: Vec<Class>,
    pub chance: Vec<Vec<f64>>,
    pub iterations: u32,
    pub change: f64,
    pub likelihood: f64,
}

pub(super) fn normal(shares: &mut [f64]) {
    shares[0] = 0.0;
    let sum: f64 = shares.iter().sum();
    shares.iter_mut().for_each(|it| *it /= sum.max(LEAST));
}

/// Relatives that are looked for: in which comparisons they differ and matches do not.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Seed {
    pub relation: Relation,
    pub fields: Vec<usize>,
    /// The levels at which they differ, where only some are looked for.
    pub levels: &'static [usize],
    /// How often they differ at least in each.
    pub least: f64,
    /// The comparisons of what is their own in which they agree as matches do.
    pub alike: Vec<usize>,
    /// Sister firms of which one moved: known from the two classes, and not learnt.
    pub moved: bool,
}

impl Seed {
    pub fn new(relation: Relation, fields: Vec<usize>, least: f64) -> Seed {
        Seed { relation, fields, levels: &[], least, alike: Vec::new(), moved: false }
    }

    pub(super) fn alike(self, alike: Vec<usize>) -> Seed {
        Seed { alike, ..self }
    }

    pub(super) fn at(self, levels: &'static [usize]) -> Seed {
        Seed { levels, ..self }
    }
}
