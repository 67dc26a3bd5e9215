//! Relatives: two entities that share something, such as a household, a group of firms, a building, an author; which of
//! them are looked for, what keeps each class of them what it is, and when one is believed.

use super::fit::{Class, Evidence, Fit, Seed, normal};
use super::kinds;
use super::model::LEAST;
use super::spec::{Comparison, Kind, Relation, Role};

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
/// The same for twins in what tells them apart: their given names are alike now and then.
const TWINS_DIFFER: f64 = 0.9;
/// How often sister firms have the levels of [`kinds::SISTERS`] at least: names are misspelt as well.
const SISTERS_DIFFER: f64 = 0.8;
/// How often matches have names as sister firms have, where there are sister firms.
const MATCHES_LIKE_SISTERS: f64 = 0.04;

/// Whether one class is that of sister firms.
pub(super) fn has_sisters(classes: &[Class]) -> bool {
    classes.iter().any(|it| !it.seed.levels.is_empty())
}

/// Every choice of kinds of relatives; of texts one at a time.
pub(super) fn combinations(seeds: &[Seed], compare: &[Comparison]) -> Vec<Vec<Seed>> {
    let is_text = |it: &Seed| it.fields.iter().any(|at| compare[*at].kind == Kind::Text);
    let (texts, others): (Vec<&Seed>, Vec<&Seed>) = seeds.iter().partition(|it| is_text(it));
    let chosen = |set: u32| -> Vec<Seed> {
        (0_u32..).zip(&others).filter(|(at, _)| set >> at & 1 == 1).map(|(_, it)| (*it).clone()).collect()
    };
    let mut sets: Vec<u32> = (1..1_u32 << others.len().min(4)).collect();
    sets.sort_by_key(|it| (it.count_ones(), *it));
    sets.into_iter().map(chosen).chain(texts.into_iter().map(|it| vec![it.clone()])).collect()
}

/// The relatives that comparisons of these kinds may find.
pub(super) fn seeds(evidence: &Evidence<'_>) -> Vec<Seed> {
    let of = |chosen: &dyn Fn(usize, &Comparison) -> bool| -> Vec<usize> {
        evidence.compare.iter().enumerate().filter(|(at, it)| chosen(*at, it)).map(|(at, _)| at).collect()
    };
    let own = of(&|_, it| it.role == Role::Own && it.kind != Kind::Text);
    let least = |fields: &[usize]| if fields.len() > 1 { RELATIVES_DIFFER } else { NAMES_DIFFER };
    let mut acc = vec![Seed::new(Relation::Related, own.clone(), least(&own))];
    // Twins have one day of birth.
    let (dates, others): (Vec<usize>, Vec<usize>) =
        own.iter().partition(|at| evidence.compare[**at].kind == Kind::Date);
    if !dates.is_empty() && others.iter().any(|at| evidence.compare[*at].kind == Kind::GivenName) {
        acc.push(Seed::new(Relation::Related, others, TWINS_DIFFER).alike(dates));
    }
    // Colleagues share a firm with its host and telephone, and now and then a given name, but seldom both names.
    if evidence.compare.iter().any(|it| it.kind == Kind::Organisation && it.role == Role::Shared) {
        let names = of(&|_, it| matches!(it.kind, Kind::GivenName | Kind::Surname));
        acc.push(Seed::new(Relation::Related, names, RELATIVES_DIFFER));
    }
    let names = names(evidence.compare);
    if !names.is_empty() {
        acc.push(Seed::new(Relation::Related, names, SISTERS_DIFFER).at(&kinds::SISTERS));
        // Of what two rows seldom have in common: a town, and not a code of few values.
        let telling = |at: usize, it: &Comparison| differing(it.kind, &evidence.chances[at].levels) > 0.9;
        let place = of(&|at, it| match it.kind {
            Kind::Address | Kind::Postcode | Kind::Place | Kind::Phone => telling(at, it),
            Kind::Exact => it.role == Role::Shared && telling(at, it),
            _ => false,
        });
        let located = place.iter().any(|at| is_place(evidence.compare[*at].kind));
        // Who moves has another address and another postcode, and what changes together is evidence once.
        let moved = of(&|at, it| is_place(it.kind) && telling(at, it));
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

/// Whether values of a kind say where something is.
fn is_place(kind: Kind) -> bool {
    matches!(kind, Kind::Address | Kind::Postcode | Kind::Place)
}

/// Whether classes of relatives are what they should be: in every field that tells them apart they differ far more
/// often than matches do.
pub(super) fn are_relatives(evidence: &Evidence<'_>, found: &Fit) -> bool {
    let (matches, related) = (&found.classes[0], &found.classes[1..]);
    let apart = |class: &Class, at: usize| {
        let kind = evidence.compare[at].kind;
        let (related, same) = (differing(kind, &class.shares[at]), differing(kind, &matches.shares[at]));
        // At a low floor it was held there, and is no class of its own.
        related - same > MORE && related > RELATIVES_DIFFER + 0.05
    };
    let held = |it: &Class| match it.seed.relation {
        Relation::Same => it.pairs < matches.pairs && !is_torn(evidence, it),
        // A head that many names have is no name of a group.
        _ if !it.seed.levels.is_empty() => it.seed.fields.iter().all(|at| apart(it, *at) && of_groups(&it.shares[*at])),
        _ => it.seed.fields.iter().all(|at| apart(it, *at)),
    };
    related.iter().all(|it| it.seed.moved || it.pairs >= 5.0 && held(it))
}

/// Whether those who moved differ in the phone or the town as often as they may at most: then some of them are branches.
fn is_torn(evidence: &Evidence<'_>, moved: &Class) -> bool {
    let others = evidence.compare.iter().enumerate().filter(|(at, _)| !moved.seed.fields.contains(at));
    let mut stays = others.filter(|(_, it)| matches!(it.kind, Kind::Phone | Kind::Exact));
    stays.any(|(at, it)| differing(it.kind, &moved.shares[at]) > MATCHES_DIFFER - 0.01)
}

/// The comparisons of what is their own in which matches differ as often as they may at most.
pub(super) fn at_bound(evidence: &Evidence<'_>, matches: &Class) -> Vec<usize> {
    let own = evidence.compare.iter().enumerate().filter(|(_, it)| it.role == Role::Own && it.kind != Kind::Text);
    let at_bound = |(at, it): &(usize, &Comparison)| differing(it.kind, &matches.shares[*at]) > MATCHES_DIFFER - 0.01;
    own.filter(at_bound).map(|it| it.0).collect()
}

/// Whether names have a rare head in common more often than a common one.
fn of_groups(shares: &[f64]) -> bool {
    let [rare, common] = kinds::SISTERS;
    shares[rare] > shares[common]
}

fn differing(kind: Kind, shares: &[f64]) -> f64 {
    shares.iter().enumerate().filter(|(level, _)| kinds::differs(kind, *level)).map(|it| it.1).sum()
}

/// Who moves keeps the name, and sister firms move as often as matches: what is known of one class is not learnt again
/// for another.
pub(super) fn tie(evidence: &Evidence<'_>, classes: &mut [Class]) {
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
pub(super) fn held(evidence: &Evidence<'_>, seed: &Seed, shares: &mut [Vec<f64>]) {
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
            _ if seed.alike.contains(&at) => (0.0, MATCHES_DIFFER),
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
pub(super) fn seldom_sisters(evidence: &Evidence<'_>, shares: &mut [Vec<f64>]) {
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

/// The shares of relatives in a field that tells them apart: nine of ten differ, as those who differ by chance do.
pub(super) fn mostly_differing(kind: Kind, shares: &[f64], chance: &[f64], chosen: &[usize]) -> Vec<f64> {
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
