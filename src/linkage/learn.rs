//! What patterns of levels say: shares of levels among matches and relatives, by expectation and maximisation.
//!
//! Chance is not learnt: how many pairs there are is known and how often they agree by chance was counted, so chance
//! gives an absolute number of pairs for each pattern, and matches and relatives explain what it leaves over. No one
//! has to say how many matches there are. Patterns are sorted and summed in that order, so the answer is the same to
//! the last bit whatever the number of threads.

use super::chance::Chance;
use super::fit::{Class, Counted, Evidence, Fit, Seed, normal};
use super::judge::{mask, product};
use super::kinds;
use super::model::{Learnt, Level, Model};
use super::relatives::{
    are_relatives, at_bound, combinations, has_sisters, held, mostly_differing, seeds, seldom_sisters, tie,
};
use super::spec::{Comparison, Kind, Relation};

const ROUNDS: u32 = 300;
const SETTLED: f64 = 1e-5;
/// Made-up matches in the shape of the start: few matches are not believed more than what is known of the kinds.
const PSEUDO: f64 = 10.0;
/// The same for relatives, in the shape of what was found.
const PSEUDO_RELATED: f64 = 2.0;
/// What sister firms must explain at least, as a share of what is explained best without them: nothing but a name
/// tells them from matches whose names differ, so the data hardly prefer either.
const SISTERS_GAIN: f64 = 0.95;
/// How often chance is corrected for the matches that were counted as chance.
const CORRECTIONS: usize = 3;
/// What of counted agreement remains chance at least.
const REMAINS: f64 = 0.05;

/// Learns from patterns.
pub(super) fn learn(evidence: &Evidence<'_>) -> Model {
    let plain = fit(evidence, &[]);
    let (usual, twins): (Vec<Seed>, Vec<Seed>) = seeds(evidence).into_iter().partition(|it| it.alike.is_empty());
    // Twins explain a part of what households explain, and matches whose given names differ as well: they are looked for
    // where nobody else is found.
    let best = best(evidence, &usual, &plain).or_else(|| best(evidence, &twins, &plain));
    model(evidence, best.unwrap_or(plain))
}

/// The classes of relatives that explain most, where some are believed.
fn best(evidence: &Evidence<'_>, seeds: &[Seed], plain: &Fit) -> Option<Fit> {
    let mut best: [Option<(f64, Fit)>; 2] = [None, None];
    for seeds in combinations(seeds, evidence.compare) {
        let found = fit(evidence, &seeds);
        let gain = gain(evidence, &found, plain);
        let best = &mut best[usize::from(has_sisters(&found.classes))];
        if gain > best.as_ref().map_or(0.0, |it| it.0) && are_relatives(evidence, &found) {
            *best = Some((gain, found));
        }
    }
    let [others, sisters] = best;
    let enough = others.as_ref().map_or(0.0, |it| it.0) * SISTERS_GAIN;
    sisters.filter(|it| it.0 >= enough).or(others).map(|it| it.1)
}

/// What classes of relatives explain beyond what their parameters cost (Schwarz 1978); above 0 they are worth it.
fn gain(evidence: &Evidence<'_>, found: &Fit, without: &Fit) -> f64 {
    // Of all pairs, those of the classes are those that their parameters are learnt from.
    let pairs: f64 = found.classes.iter().map(|it| it.pairs).sum();
    let parameters: usize = evidence.compare.iter().map(|it| kinds::steps(it.kind).len()).sum::<usize>() + 1;
    // Sister firms are a rule, and cost nothing. Nor do relatives where matches alone would differ in what is their own
    // as often as they may at most: what was fitted then is no class of matches.
    let torn = at_bound(evidence, &without.classes[0]);
    let is_free = |it: &Seed| {
        !it.levels.is_empty()
            || it.moved
            || it.relation == Relation::Related && it.fields.iter().any(|at| torn.contains(at))
    };
    let free = found.classes.iter().skip(1).filter(|it| is_free(&it.seed)).count();
    let cost = ((found.classes.len() - 1 - free) * parameters) as f64 * pairs.max(2.0).ln();
    2.0 * (found.likelihood - without.likelihood) - cost
}

/// The shares of levels that a kind starts with.
fn start(kind: Kind, chance: &Chance) -> Vec<f64> {
    let steps = kinds::steps(kind);
    let equal = 1.0 - steps.iter().map(|it| it.start).sum::<f64>();
    let mut acc = vec![0.0];
    acc.extend(chance.bins.iter().map(|it| equal * it.max(1e-4)));
    acc.extend(steps.iter().map(|it| it.start));
    normal(&mut acc);
    acc
}

fn fit(evidence: &Evidence<'_>, seeds: &[Seed]) -> Fit {
    let Evidence { compare, patterns, chances, opportunities } = evidence;
    let share: Vec<f64> = patterns.iter().map(|it| opportunities.share(mask(compare, &it.0))).collect();
    let counted: Vec<Vec<f64>> = chances.iter().map(|it| it.levels.clone()).collect();
    let mut chance = counted.clone();
    let starts: Vec<Vec<f64>> = compare.iter().zip(*chances).map(|(it, chance)| start(it.kind, chance)).collect();
    let expected = |chance: &[Vec<f64>], at: usize| {
        let (levels, count) = &patterns[at];
        (opportunities.total * share[at] * product(chance, levels)).min(*count as f64)
    };
    let left_over: Vec<f64> = patterns
        .iter()
        .enumerate()
        .map(|(at, it)| (it.1 as f64 - expected(&chance, at)).max(0.02 * it.1 as f64))
        .collect();
    let over: f64 = left_over.iter().sum();
    let found = shares_of(compare, patterns, &left_over, &starts, 1.0);
    let portion = over / (1 + seeds.len()) as f64;
    let mut classes = vec![Class {
        seed: Seed::new(Relation::Same, Vec::new(), 0.0),
        shares: starts.clone(),
        pairs: portion,
        prior: starts,
        pseudo: PSEUDO,
    }];
    for seed in seeds {
        let mut shares = found.clone();
        for at in seed.fields.iter().copied() {
            shares[at] = mostly_differing(compare[at].kind, &shares[at], &chances[at].levels, seed.levels);
        }
        classes.push(Class {
            seed: seed.clone(),
            prior: shares.clone(),
            shares,
            pairs: portion,
            pseudo: PSEUDO_RELATED,
        });
    }
    let moved = classes.iter().skip(1).find(|it| it.seed.relation == Relation::Same).cloned();
    if let Some(moved) = moved.filter(|_| has_sisters(&classes)) {
        let seed = Seed { relation: Relation::Related, fields: Vec::new(), moved: true, ..moved.seed.clone() };
        classes.push(Class { seed, ..moved });
        tie(evidence, &mut classes);
    }
    let (mut iterations, mut change, mut likelihood) = (0, 0.0, 0.0);
    for correction in 0..=CORRECTIONS {
        let by_chance: Vec<f64> = (0..patterns.len()).map(|at| expected(&chance, at)).collect();
        for _ in 0..ROUNDS {
            iterations += 1;
            (change, likelihood) = round(evidence, &share, &by_chance, &mut classes);
            if change < SETTLED {
                break;
            }
        }
        if correction < CORRECTIONS {
            chance = corrected(&counted, &classes, opportunities.total);
        }
    }
    Fit { classes, chance, iterations, change, likelihood }
}

/// One round; gives the greatest change of a share, and the likelihood before it.
fn round(evidence: &Evidence<'_>, share: &[f64], by_chance: &[f64], classes: &mut [Class]) -> (f64, f64) {
    let Evidence { compare, patterns, .. } = evidence;
    let mut members: Vec<Vec<f64>> = vec![vec![0.0; patterns.len()]; classes.len()];
    let mut likelihood = 0.0;
    for (at, (levels, count)) in patterns.iter().enumerate() {
        let mut all = by_chance[at];
        for (members, class) in members.iter_mut().zip(classes.iter()) {
            members[at] = class.pairs * share[at] * product(&class.shares, levels);
            all += members[at];
        }
        let count = *count as f64;
        let scale = count / all.max(f64::MIN_POSITIVE);
        members.iter_mut().for_each(|it| it[at] *= scale);
        likelihood += count * all.max(f64::MIN_POSITIVE).ln() - all;
    }
    let before: Vec<Vec<Vec<f64>>> = classes.iter().map(|it| it.shares.clone()).collect();
    let sisters = has_sisters(classes);
    for (members, class) in members.iter().zip(classes.iter_mut()) {
        let mut shares = shares_of(compare, patterns, members, &class.prior, class.pseudo);
        held(evidence, &class.seed, &mut shares);
        if sisters && class.seed.relation == Relation::Same {
            seldom_sisters(evidence, &mut shares);
        }
        class.shares = shares;
        // How many there are where values are missing is known from the others: a null is neutral.
        class.pairs = members.iter().sum::<f64>().max(1e-3);
    }
    tie(evidence, classes);
    let now = classes.iter().flat_map(|it| it.shares.iter().flatten());
    let change = before.iter().flatten().flatten().zip(now).map(|(before, now)| (before - now).abs());
    (change.fold(0.0, f64::max), likelihood)
}

/// Shares of levels among pairs that belong to a class to these parts.
fn shares_of(
    compare: &[Comparison],
    patterns: &[Counted],
    members: &[f64],
    prior: &[Vec<f64>],
    pseudo: f64,
) -> Vec<Vec<f64>> {
    let mut acc: Vec<Vec<f64>> =
        prior.iter().map(|it| it.iter().map(|share| share * pseudo).collect::<Vec<f64>>()).collect();
    debug_assert_eq!(acc.len(), compare.len());
    for ((levels, _), members) in patterns.iter().zip(members) {
        for (shares, level) in acc.iter_mut().zip(levels) {
            shares[usize::from(*level)] += members;
        }
    }
    acc.iter_mut().for_each(|it| normal(it));
    acc
}

/// Chance without the matches and relatives that were counted with it.
fn corrected(counted: &[Vec<f64>], classes: &[Class], total: f64) -> Vec<Vec<f64>> {
    let pairs: f64 = classes.iter().map(|it| it.pairs).sum();
    let left = (1.0 - pairs / total).max(REMAINS);
    let of = |at: usize, level: usize| -> f64 {
        classes.iter().map(|it| it.pairs * it.shares[at][level]).sum::<f64>() / total
    };
    counted
        .iter()
        .enumerate()
        .map(|(at, shares)| {
            let less = |(level, share): (usize, &f64)| (share - of(at, level)).max(REMAINS * share) / left;
            let mut acc: Vec<f64> = shares.iter().enumerate().map(less).collect();
            normal(&mut acc);
            acc
        })
        .collect()
}

fn model(evidence: &Evidence<'_>, fit: Fit) -> Model {
    let Fit { classes, chance, iterations, change, .. } = fit;
    let learnt = evidence.compare.iter().enumerate().map(|(at, it)| Learnt {
        name: it.name.clone(),
        kind: it.kind,
        role: it.role,
        levels: (0..kinds::count(it.kind))
            .map(|level| Level {
                name: kinds::name(it.kind, level).to_owned(),
                matches: classes[0].shares[at][level],
                chance: chance[at][level],
                related: classes[1..].iter().map(|it| it.shares[at][level]).collect(),
            })
            .collect(),
    });
    Model {
        comparisons: learnt.collect(),
        pairs: evidence.opportunities.total,
        matches: classes[0].pairs,
        related: classes[1..].iter().map(|it| (it.seed.relation, it.pairs)).collect(),
        iterations,
        change,
        capped: Vec::new(),
        seen: None,
        patterns: Vec::new(),
    }
}
