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

/// What a model says of a pattern: log2 of the odds of a match, and the likeliest relation. `pairs`: how many have it,
/// for chance never explains more pairs than there are.
pub(super) fn judged(
    model: &Model,
    compare: &[Comparison],
    opportunities: &Opportunities,
    levels: &[u8],
    pairs: Option<u64>,
) -> Pattern {
    let shares = |of: &dyn Fn(&Level) -> f64| -> f64 {
        let there = model.comparisons.iter().zip(levels).filter(|(_, level)| **level != 0);
        there.map(|(it, level)| of(&it.levels[usize::from(*level)]).max(LEAST)).product()
    };
    let share = opportunities.share(mask(compare, levels));
    let mut matches = model.matches.max(LEAST) * share * shares(&|it| it.matches);
    let most = pairs.map_or(f64::INFINITY, |it| it as f64);
    let chance = (model.pairs * share * shares(&|it| it.chance)).min(most);
    let mut best = (chance, Relation::Chance);
    let mut others = chance;
    for (at, (relation, pairs)) in model.related.iter().enumerate() {
        let found = pairs * share * shares(&|it| it.related[at]);
        if *relation == Relation::Same {
            matches += found;
            continue;
        }
        others += found;
        if found > best.0 {
            best = (found, *relation);
        }
    }
    let weight = (matches.max(1e-200) / others.max(1e-200)).log2().clamp(-60.0, 60.0);
    let relation = if matches >= others { Relation::Same } else { best.1 };
    Pattern { levels: levels.to_vec(), pairs: pairs.unwrap_or(0), weight, relation }
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
