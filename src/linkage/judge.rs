//! What a model says of a pattern of levels.

use super::chance::Opportunities;
use super::kinds::SWAPPED;
use super::model::{LEAST, Level, Model, Pattern};
use super::spec::{Comparison, Kind, Relation};

/// The comparisons that a pattern says something of, one bit each.
pub(super) fn mask(compare: &[Comparison], levels: &[u8]) -> u32 {
    let swapped = compare.iter().zip(levels).any(|(it, level)| it.kind == Kind::GivenName && *level == SWAPPED);
    let there = |(it, level): (&Comparison, &u8)| *level != 0 || (swapped && it.kind == Kind::Surname);
    let bits = compare.iter().zip(levels).map(there);
    (0..).zip(bits).fold(0, |acc, (at, there)| if there { acc | 1 << at } else { acc })
}

/// The share of a class that has these levels, given that the values are there.
pub(super) fn product(shares: &[Vec<f64>], levels: &[u8]) -> f64 {
    let there = shares.iter().zip(levels).filter(|(_, level)| **level != 0);
    there.map(|(shares, level)| shares[usize::from(*level)].max(LEAST)).product()
}

/// What a model says of a pattern: log2 of the odds of a match, and the likeliest relation. It depends on the model
/// alone; `pairs` is how many have it, for whoever counts them.
pub(super) fn judged(model: &Model, levels: &[u8], pairs: u64) -> Pattern {
    let shares = |of: &dyn Fn(&Level) -> f64| -> f64 {
        let there = model.comparisons.iter().zip(levels).filter(|(_, level)| **level != 0);
        there.map(|(it, level)| of(&it.levels[usize::from(*level)]).max(LEAST)).product()
    };
    let mut matches = model.matches.max(LEAST) * shares(&|it| it.matches);
    let chance = model.pairs * shares(&|it| it.chance) * model.part(levels);
    let mut best = (chance, Relation::Chance);
    let mut others = chance;
    for (at, (relation, pairs)) in model.related.iter().enumerate() {
        let found = pairs * shares(&|it| it.related[at]);
        if *relation == Relation::Same {
            matches += found;
            continue;
        }
        others += found;
        if found > best.0 {
            best = (found, *relation);
        }
    }
    let weight = (matches.max(1e-280) / others.max(1e-280)).log2().clamp(-60.0, 60.0);
    let relation = if matches >= others { Relation::Same } else { best.1 };
    Pattern { levels: levels.to_vec(), pairs, weight, relation }
}

/// The patterns that chance expects more pairs of than there are, sorted, each with the share that there is.
pub(super) fn capped(
    model: &Model,
    compare: &[Comparison],
    opportunities: &Opportunities,
    patterns: &[(Vec<u8>, u64)],
) -> Vec<(Vec<u8>, f64)> {
    let part = |(levels, count): &(Vec<u8>, u64)| {
        let there = model.comparisons.iter().zip(levels).filter(|(_, level)| **level != 0);
        let shares: f64 = there.map(|(it, level)| it.levels[usize::from(*level)].chance.max(LEAST)).product();
        let expected = model.pairs * opportunities.share(mask(compare, levels)) * shares;
        (*count as f64) / expected.max(f64::MIN_POSITIVE)
    };
    let mut acc: Vec<(Vec<u8>, f64)> =
        patterns.iter().map(|it| (it.0.clone(), part(it))).filter(|it| it.1 < 1.0).collect();
    acc.sort_by(|a, b| a.0.cmp(&b.0));
    acc
}

/// Among patterns that chance explains best, how many pairs there are for each that it expects: more than 2 where
/// comparisons depend on each other.
pub(super) fn unexplained(
    model: &Model,
    compare: &[Comparison],
    opportunities: &Opportunities,
    patterns: &[Pattern],
) -> f64 {
    let (mut expected, mut found) = (0.0, 0.0);
    for it in patterns.iter().filter(|it| it.relation == Relation::Chance) {
        let there = model.comparisons.iter().zip(&it.levels).filter(|(_, level)| **level != 0);
        let shares: f64 = there.map(|(it, level)| it.levels[usize::from(*level)].chance.max(LEAST)).product();
        let count = it.pairs as f64;
        expected += (model.pairs * opportunities.share(mask(compare, &it.levels)) * shares).min(count);
        found += count;
    }
    if expected > 0.0 { found / expected } else { 1.0 }
}

/// The probability of these odds.
pub(super) fn probability(weight: f64) -> f64 {
    1.0 / (1.0 + (-weight).exp2())
}
