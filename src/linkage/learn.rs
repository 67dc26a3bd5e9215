//! What patterns of levels say: shares of levels among matches and relatives, by expectation and maximisation.
//!
//! Chance is not learnt: how many pairs there are is known and how often they agree by chance was counted, so chance
//! gives an absolute number of pairs for each pattern, and matches and relatives explain what it leaves over. No one
//! has to say how many matches there are. Patterns are sorted and summed in that order, so the answer is the same to
//! the last bit whatever the number of threads.

use super::chance::{Chance, Opportunities};
use super::kinds::{self, SWAPPED};
use super::model::{LEAST, Learnt, Level, Model, Pattern};
use super::spec::{Comparison, Kind, Relation, Role};

const ROUNDS: u32 = 300;
const SETTLED: f64 = 1e-5;
/// Made-up matches in the shape of the start: few matches are not believed more than what is known of the kinds.
const PSEUDO: f64 = 10.0;
/// The same for relatives, in the shape of what was found.
const PSEUDO_RELATED: f64 = 2.0;
/// By how much relatives must differ more often than matches in each of the fields that tell them apart.
const MORE: f64 = 0.45;
/// How often matches differ at most in what is their own.
const MATCHES_DIFFER: f64 = 0.35;
/// How often relatives differ at least in each of several fields that tell them apart.
const RELATIVES_DIFFER: f64 = 0.6;
/// The same for places of branches and of those who moved.
const PLACES_DIFFER: f64 = 0.9;
/// The same where nothing but a name tells them apart: those with one name are one.
const NAMES_DIFFER: f64 = 0.98;
/// How often sister firms have the levels of [`kinds::SISTERS`] at least: names are misspelt as well.
const SISTERS_DIFFER: f64 = 0.8;
/// What sister firms must explain at least, as a share of what is explained best without them: nothing but a name
/// tells them from matches whose names differ, so the data hardly prefer either.
const SISTERS_GAIN: f64 = 0.97;
/// How often matches have names as sister firms have, where there are sister firms.
const MATCHES_LIKE_SISTERS: f64 = 0.04;
/// How often chance is corrected for the matches that were counted as chance.
const CORRECTIONS: usize = 3;
/// What of counted agreement remains chance at least.
const REMAINS: f64 = 0.05;

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
struct Class {
    seed: Seed,
    shares: Vec<Vec<f64>>,
    pairs: f64,
    /// What the shares are drawn to, and how strongly.
    prior: Vec<Vec<f64>>,
    pseudo: f64,
}

struct Fit {
    classes: Vec<Class>,
    chance: Vec<Vec<f64>>,
    iterations: u32,
    change: f64,
    likelihood: f64,
}

/// Whether one class is that of sister firms.
fn has_sisters(classes: &[Class]) -> bool {
    classes.iter().any(|it| !it.seed.levels.is_empty())
}

/// Learns from patterns.
pub(super) fn learn(evidence: &Evidence<'_>) -> Model {
    let plain = fit(evidence, &[]);
    let mut best: [Option<(f64, Fit)>; 2] = [None, None];
    for seeds in combinations(&seeds(evidence), evidence.compare) {
        let found = fit(evidence, &seeds);
        let gain = gain(evidence, &found, &plain);
        let best = &mut best[usize::from(has_sisters(&found.classes))];
        if gain > best.as_ref().map_or(0.0, |it| it.0) && are_relatives(evidence, &found) {
            *best = Some((gain, found));
        }
    }
    let [others, sisters] = best;
    let enough = others.as_ref().map_or(0.0, |it| it.0) * SISTERS_GAIN;
    let best = sisters.filter(|it| it.0 >= enough).or(others);
    model(evidence, best.map_or(plain, |it| it.1))
}

/// Every choice of kinds of relatives; of texts one at a time.
fn combinations(seeds: &[Seed], compare: &[Comparison]) -> Vec<Vec<Seed>> {
    let is_text = |it: &Seed| it.fields.iter().any(|at| compare[*at].kind == Kind::Text);
    let (texts, others): (Vec<&Seed>, Vec<&Seed>) = seeds.iter().partition(|it| is_text(it));
    let chosen = |set: u32| -> Vec<Seed> {
        (0_u32..).zip(&others).filter(|(at, _)| set >> at & 1 == 1).map(|(_, it)| (*it).clone()).collect()
    };
    let mut sets: Vec<u32> = (1..1_u32 << others.len().min(4)).collect();
    sets.sort_by_key(|it| (it.count_ones(), *it));
    sets.into_iter().map(chosen).chain(texts.into_iter().map(|it| vec![it.clone()])).collect()
}

/// Relatives that are looked for: in which comparisons they differ and matches do not.
#[derive(Clone, PartialEq, Debug)]
struct Seed {
    relation: Relation,
    fields: Vec<usize>,
    /// The levels at which they differ, where only some are looked for.
    levels: &'static [usize],
    /// How often they differ at least in each.
    least: f64,
    /// Sister firms of which one moved: known from the two classes, and not learnt.
    moved: bool,
}

impl Seed {
    fn new(relation: Relation, fields: Vec<usize>, least: f64) -> Seed {
        Seed { relation, fields, levels: &[], least, moved: false }
    }

    fn at(self, levels: &'static [usize]) -> Seed {
        Seed { levels, ..self }
    }
}

/// The relatives that comparisons of these kinds may find.
fn seeds(evidence: &Evidence<'_>) -> Vec<Seed> {
    let of = |chosen: &dyn Fn(usize, &Comparison) -> bool| -> Vec<usize> {
        evidence.compare.iter().enumerate().filter(|(at, it)| chosen(*at, it)).map(|(at, _)| at).collect()
    };
    let own = of(&|_, it| it.role == Role::Own && it.kind != Kind::Text);
    let least = if own.len() > 1 { RELATIVES_DIFFER } else { NAMES_DIFFER };
    let mut acc = vec![Seed::new(Relation::Related, own, least)];
    let names = names(evidence.compare);
    if !names.is_empty() {
        acc.push(Seed::new(Relation::Related, names, SISTERS_DIFFER).at(&kinds::SISTERS));
        // Of what two rows seldom have in common: a town, and not a code of few values.
        let telling = |at: usize, it: &Comparison| differing(it.kind, &evidence.chances[at].levels) > 0.9;
        let place = of(&|at, it| match it.kind {
            Kind::Address | Kind::Postcode | Kind::Phone => telling(at, it),
            Kind::Exact => it.role == Role::Shared && telling(at, it),
            _ => false,
        });
        let located = place.iter().any(|at| matches!(evidence.compare[*at].kind, Kind::Address | Kind::Postcode));
        // Who moves has another address and another postcode, and what changes together is evidence once.
        let moved = of(&|at, it| matches!(it.kind, Kind::Address | Kind::Postcode) && telling(at, it));
        if moved.len() > 1 {
            acc.push(Seed::new(Relation::Same, moved, PLACES_DIFFER));
        }
        acc.extend(located.then_some(Seed::new(Relation::Branch, place, PLACES_DIFFER)));
    }
    // Works of one author, authors of one work: any of the texts may be the one that relatives share.
    let texts = of(&|_, it| it.role == Role::Own && it.kind == Kind::Text);
    acc.extend(texts.into_iter().map(|at| Seed::new(Relation::Related, vec![at], RELATIVES_DIFFER)));
    acc.retain(|it| !it.fields.is_empty());
    acc
}

/// What classes of relatives explain beyond what their parameters cost (Schwarz 1978); above 0 they are worth it.
fn gain(evidence: &Evidence<'_>, found: &Fit, without: &Fit) -> f64 {
    let pairs: u64 = evidence.patterns.iter().map(|it| it.1).sum();
    let parameters: usize = evidence.compare.iter().map(|it| kinds::steps(it.kind).len()).sum::<usize>() + 1;
    // Sister firms are a rule, and cost nothing.
    let free = found.classes.iter().filter(|it| !it.seed.levels.is_empty() || it.seed.moved).count();
    let cost = ((found.classes.len() - 1 - free) * parameters) as f64 * (pairs.max(2) as f64).ln();
    2.0 * (found.likelihood - without.likelihood) - cost
}

/// Whether classes of relatives are what they should be: in every field that tells them apart they differ far more
/// often than matches do.
fn are_relatives(evidence: &Evidence<'_>, found: &Fit) -> bool {
    let (matches, related) = (&found.classes[0], &found.classes[1..]);
    let apart = |class: &Class, at: usize| {
        let kind = evidence.compare[at].kind;
        let (related, same) = (differing(kind, &class.shares[at]), differing(kind, &matches.shares[at]));
        // At a low floor it was held there, and is no class of its own.
        related - same > MORE && related > RELATIVES_DIFFER + 0.05
    };
    let held = |it: &Class| match it.seed.relation {
        Relation::Same => it.pairs < matches.pairs,
        // A head that many names have is no name of a group.
        _ if !it.seed.levels.is_empty() => it.seed.fields.iter().all(|at| apart(it, *at) && of_groups(&it.shares[*at])),
        _ => it.seed.fields.iter().all(|at| apart(it, *at)),
    };
    related.iter().all(|it| it.seed.moved || it.pairs >= 5.0 && held(it))
}

/// Whether names have a rare head in common more often than a common one.
fn of_groups(shares: &[f64]) -> bool {
    let [rare, common] = kinds::SISTERS;
    shares[rare] > shares[common]
}

fn differing(kind: Kind, shares: &[f64]) -> f64 {
    shares.iter().enumerate().filter(|(level, _)| kinds::differs(kind, *level)).map(|it| it.1).sum()
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

fn normal(shares: &mut [f64]) {
    shares[0] = 0.0;
    let sum: f64 = shares.iter().sum();
    shares.iter_mut().for_each(|it| *it /= sum.max(LEAST));
}

/// The comparisons that a pattern says something of, one bit each.
fn mask(compare: &[Comparison], levels: &[u8]) -> u32 {
    let swapped = compare.iter().zip(levels).any(|(it, level)| it.kind == Kind::GivenName && *level == SWAPPED);
    let there = |(it, level): (&Comparison, &u8)| *level != 0 || (swapped && it.kind == Kind::Surname);
    let bits = compare.iter().zip(levels).map(there);
    (0..).zip(bits).fold(0, |acc, (at, there)| if there { acc | 1 << at } else { acc })
}

/// The share of a class that has these levels, given that the values are there.
fn product(shares: &[Vec<f64>], levels: &[u8]) -> f64 {
    let there = shares.iter().zip(levels).filter(|(_, level)| **level != 0);
    there.map(|(shares, level)| shares[usize::from(*level)].max(LEAST)).product()
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

/// Who moves keeps the name, and sister firms move as often as matches: what is known of one class is not learnt again
/// for another.
fn tie(evidence: &Evidence<'_>, classes: &mut [Class]) {
    let place = |wanted: &dyn Fn(&Seed) -> bool| classes.iter().position(|it| wanted(&it.seed));
    let moved = place(&|it| it.relation == Relation::Same && !it.fields.is_empty());
    let sisters = place(&|it| it.relation == Relation::Related && !it.levels.is_empty());
    let both = place(&|it| it.moved);
    let Some(moved) = moved else { return };
    for at in names(evidence.compare) {
        classes[moved].shares[at] = classes[0].shares[at].clone();
    }
    let (Some(sisters), Some(both)) = (sisters, both) else { return };
    classes[both].pairs = classes[sisters].pairs * classes[moved].pairs / classes[0].pairs;
    classes[both].shares = classes[moved].shares.clone();
    for at in names(evidence.compare) {
        classes[both].shares[at] = classes[sisters].shares[at].clone();
    }
}

/// The comparisons of names of organisations.
fn names(compare: &[Comparison]) -> Vec<usize> {
    let is_name = |it: &Comparison| it.role == Role::Own && it.kind == Kind::Organisation;
    compare.iter().enumerate().filter(|it| is_name(it.1)).map(|it| it.0).collect()
}

/// Keeps a class what it is: matches seldom differ in what is their own, relatives mostly differ in what tells them
/// apart.
fn held(evidence: &Evidence<'_>, seed: &Seed, shares: &mut [Vec<f64>]) {
    for (at, it) in evidence.compare.iter().enumerate() {
        // How rare the values are that two rows agree on tells how likely chance is, and nothing else.
        let equal: f64 = shares[at].iter().skip(1).take(kinds::BINS).sum();
        for (share, bin) in shares[at].iter_mut().skip(1).zip(&evidence.chances[at].bins) {
            *share = equal * bin;
        }
        let own = it.role == Role::Own && it.kind != Kind::Text;
        let telling = seed.fields.contains(&at);
        let bounds = match seed.relation {
            _ if telling => (seed.least, 1.0),
            Relation::Same if own => (0.0, MATCHES_DIFFER),
            // Who moves mostly keeps the town and the phone; who has neither is a branch.
            Relation::Same if !seed.fields.is_empty() && matches!(it.kind, Kind::Phone | Kind::Exact) => {
                (0.0, MATCHES_DIFFER)
            }
            _ => continue,
        };
        let of_sisters = telling && !seed.levels.is_empty();
        hold(&mut shares[at], bounds, |level| match of_sisters {
            true => seed.levels.contains(&level),
            false => kinds::differs(it.kind, level),
        });
        if of_sisters {
            hold(&mut shares[at], (NAMES_DIFFER, 1.0), |level| kinds::differs(it.kind, level));
        }
    }
}

/// Keeps names that differ as those of sister firms do out of matches: nothing but the name tells the two apart, so
/// data alone cannot say which of both they are.
fn seldom_sisters(evidence: &Evidence<'_>, shares: &mut [Vec<f64>]) {
    for at in names(evidence.compare) {
        hold(&mut shares[at], (0.0, MATCHES_LIKE_SISTERS), |level| kinds::SISTERS.contains(&level));
    }
}

/// Brings the sum of the chosen shares between two bounds, and the others along, so that all are 1 again.
fn hold(shares: &mut [f64], (least, most): (f64, f64), chosen: impl Fn(usize) -> bool) {
    let now: f64 = shares.iter().enumerate().filter(|(level, _)| chosen(*level)).map(|it| it.1).sum();
    let wanted = now.clamp(least, most);
    if now <= 0.0 || now >= 1.0 || wanted == now {
        return;
    }
    for (level, share) in shares.iter_mut().enumerate() {
        *share *= if chosen(level) { wanted / now } else { (1.0 - wanted) / (1.0 - now) };
    }
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

/// The shares of relatives in a field that tells them apart: nine of ten differ, as those who differ by chance do.
fn mostly_differing(kind: Kind, shares: &[f64], chance: &[f64], chosen: &[usize]) -> Vec<f64> {
    let differ = |level: usize| kinds::differs(kind, level);
    let sum = |of: &[f64], wanted: bool| -> f64 {
        of.iter().enumerate().skip(1).filter(|(level, _)| differ(*level) == wanted).map(|it| it.1).sum()
    };
    let (agreeing, differing) = (sum(shares, false).max(LEAST), sum(chance, true).max(LEAST));
    let mut acc: Vec<f64> = (0..shares.len())
        .map(|level| match differ(level) {
            true if !chosen.is_empty() => 0.9 * f64::from(u8::from(chosen.contains(&level))) / chosen.len() as f64,
            true => 0.9 * chance[level] / differing,
            false => 0.1 * shares[level] / agreeing,
        })
        .collect();
    normal(&mut acc);
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
        patterns: Vec::new(),
    }
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
