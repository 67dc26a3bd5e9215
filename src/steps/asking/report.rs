//! All that is known of an answer as a whole, for whoever answers for the data.

use std::collections::{BTreeMap, BTreeSet};

use super::measure::BOUNDS;
use crate::docs::linkage::{Cluster, Compared, Judged, Level, Linkage, Member, Rule, Threshold, Weights};
use crate::linkage::{self, Pair, Relation, Says, Share, Verdict};
use crate::relation::operator::{OperatorError, texts};
use crate::steps::estimates;
use crate::steps::matching::{Found, Matching};
use crate::steps::noting::advice;
use crate::steps::resolve::{held, weakest};

/// Thresholds that are told beside the one that is used.
const THRESHOLDS: [f64; 8] = [0.05, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999];
/// Bits of a bar, and the most that are told apart.
const BAR: i64 = 2;
const MOST_BITS: i64 = 40;
/// Clusters, and rows of each, that are shown.
const CLUSTERS: usize = 5;
const MEMBERS: usize = 12;
/// Sizes of clusters that are told apart: the first of each group.
const SIZES: [u64; 9] = [1, 2, 3, 4, 5, 6, 11, 26, 101];
/// Shares that are told as such; below it they are less than any.
const TOLD: f64 = 0.000_05;

pub(super) fn report(found: &Found<'_>, matching: &Matching, review_at: f64) -> Result<Linkage, OperatorError> {
    let all = &found.found;
    let columns: Vec<(&str, Vec<Option<&str>>)> = matching
        .read_columns()
        .map(|(name, column)| Ok((name, texts(found.rows, column)?)))
        .collect::<Result<_, OperatorError>>()?;
    let count = |says: Says| all.pairs.iter().filter(|it| it.decided == Some(says)).count() as u64;
    let verdicts = [Verdict::Match, Verdict::Review, Verdict::Related, Verdict::Reject]
        .map(|verdict| all.pairs.iter().filter(|it| it.verdict == verdict).count() as u64);
    let sizes = sizes(&all.clusters);
    Ok(Linkage {
        rows: all.clusters.len() as u64,
        compared: all.pairs.len() as u64,
        match_at: matching.match_at(),
        review_at,
        kept: matching.is_kept(),
        matches: all.model.all_matches(),
        relatives: relatives(&all.model),
        verdicts,
        decided: [Says::Same, Says::Different].map(count),
        open: estimates::open(found),
        notes: advice(&all.notes),
        thresholds: thresholds(found, matching.match_at()),
        weights: weights(&all.pairs),
        judged: judged(&all.pairs),
        columns: compared(&all.model, &columns),
        rules: all.rules.iter().map(rule).collect(),
        largest: largest(found, &sizes, &columns),
        sizes: grouped(&sizes),
    })
}

fn relatives(model: &linkage::Model) -> Vec<(String, f64)> {
    let what = |relation: Relation| match relation {
        Relation::Same => "are one, and one of the two moved",
        Relation::Related => "share something and are two, as people of one household or firms of one group",
        Relation::Branch => "are one name at two places, and two",
        Relation::Chance => "agree by chance",
    };
    let mut acc: Vec<(String, f64)> = Vec::new();
    for (relation, pairs) in &model.related {
        match acc.iter_mut().find(|it| it.0 == what(*relation)) {
            Some(known) => known.1 += pairs,
            None => acc.push((what(*relation).to_owned(), *pairs)),
        }
    }
    acc
}

/// What is expected of a pair: what was decided of it, or else its probability.
fn expected(pair: &Pair) -> f64 {
    match pair.decided {
        Some(Says::Same) => 1.0,
        Some(Says::Different) => 0.0,
        None => pair.probability,
    }
}

/// What would be called one with other thresholds. What was decided stays, whatever the threshold.
fn thresholds(found: &Found<'_>, match_at: f64) -> Vec<Threshold> {
    let pairs = &found.found.pairs;
    let is_one = |it: &&Pair, at: f64| match it.decided {
        Some(says) => says == Says::Same,
        None => it.probability >= at,
    };
    let right = |at: f64| pairs.iter().filter(|it| is_one(it, at)).map(expected).sum::<f64>();
    // All that are one, with those that no rule found, as the recall of the answer counts them.
    let used = right(match_at);
    let recall = found.found.recall;
    let whole = if recall > 0.0 { (used / recall).max(pairs.iter().map(expected).sum()) } else { 0.0 };
    let mut all: Vec<f64> = THRESHOLDS.into_iter().filter(|it| (it - match_at).abs() > 1e-9).collect();
    all.push(match_at);
    all.sort_by(f64::total_cmp);
    let threshold = |at: f64| {
        let count = pairs.iter().filter(|it| is_one(it, at)).count() as u64;
        Threshold {
            at,
            pairs: count,
            precision: Share::wilson(right(at), count),
            recall: Share::wilson(right(at), whole.round().max(0.0) as u64),
            used: at == match_at,
        }
    };
    all.into_iter().map(threshold).collect()
}

fn weights(pairs: &[Pair]) -> Vec<Weights> {
    let mut bars: BTreeMap<i64, [u64; 3]> = BTreeMap::new();
    for it in pairs {
        let from = ((it.weight / BAR as f64).floor() as i64 * BAR).clamp(-MOST_BITS, MOST_BITS - BAR);
        let at = match it.verdict {
            Verdict::Match => 0,
            Verdict::Review => 1,
            Verdict::Related | Verdict::Reject => 2,
        };
        bars.entry(from).or_default()[at] += 1;
    }
    let Some((first, last)) = bars.keys().next().copied().zip(bars.keys().next_back().copied()) else {
        return Vec::new();
    };
    let bar = |at: i64| Weights { from: at, pairs: bars.get(&at).copied().unwrap_or_default() };
    (0..=(last - first) / BAR).map(|at| bar(first + at * BAR)).collect()
}

fn judged(pairs: &[Pair]) -> Vec<Judged> {
    let mut bins = [(0_u64, 0_u64, 0.0_f64); BOUNDS.len() - 1];
    for (it, says) in pairs.iter().filter_map(|it| Some((it, it.decided?))) {
        let at = BOUNDS[1..].iter().position(|bound| it.probability <= *bound).unwrap_or(BOUNDS.len() - 2);
        bins[at].0 += 1;
        bins[at].1 += u64::from(says == Says::Same);
        bins[at].2 += it.probability;
    }
    let bin = |(at, (count, same, sum)): (usize, &(u64, u64, f64))| Judged {
        from: BOUNDS[at],
        to: BOUNDS[at + 1],
        mean: sum / *count as f64,
        share: Share::wilson(*same as f64, *count),
    };
    bins.iter().enumerate().filter(|(_, it)| it.0 > 0).map(bin).collect()
}

fn compared(model: &linkage::Model, columns: &[(&str, Vec<Option<&str>>)]) -> Vec<Compared> {
    let level = |it: &linkage::Level| Level {
        name: it.name.clone(),
        matches: it.matches,
        chance: it.chance,
        bits: (it.matches.max(1e-9) / it.chance.max(1e-9)).log2(),
    };
    let of = |(name, values): &(&str, Vec<Option<&str>>)| {
        let learnt = model.comparisons.iter().find(|it| it.name == *name)?;
        let told = learnt.levels.iter().skip(1).filter(|it| it.matches >= TOLD || it.chance >= TOLD);
        Some(Compared {
            name: (*name).to_owned(),
            kind: learnt.kind.name().to_owned(),
            filled: values.iter().flatten().filter(|it| !it.trim().is_empty()).count() as u64,
            levels: told.map(level).collect(),
        })
    };
    columns.iter().filter_map(of).collect()
}

fn rule(it: &linkage::Rule) -> Rule {
    Rule {
        name: it.name.clone(),
        pairs: it.pairs,
        alone: it.alone,
        matches: it.matches,
        largest: u64::from(it.largest),
        split: u64::from(it.split),
    }
}

/// The rows of each cluster, by its least row.
fn sizes(clusters: &[u32]) -> BTreeMap<u32, u64> {
    let mut acc = BTreeMap::new();
    clusters.iter().for_each(|it| *acc.entry(*it).or_default() += 1);
    acc
}

fn grouped(sizes: &BTreeMap<u32, u64>) -> Vec<(u64, u64, u64)> {
    let most = sizes.values().copied().max().unwrap_or(0);
    let group = |at: usize| {
        let from = SIZES[at];
        let to = SIZES.get(at + 1).map_or(most.max(from), |it| it - 1);
        (from, to, sizes.values().filter(|it| (from..=to).contains(*it)).count() as u64)
    };
    (0..SIZES.len()).map(group).filter(|it| it.2 > 0).collect()
}

/// The largest clusters of more than two rows, of two as large the one whose first row comes first.
fn largest(found: &Found<'_>, sizes: &BTreeMap<u32, u64>, columns: &[(&str, Vec<Option<&str>>)]) -> Vec<Cluster> {
    let all = &found.found;
    let mut order: Vec<(u64, u32)> = sizes.iter().filter(|it| *it.1 > 2).map(|(row, size)| (*size, *row)).collect();
    order.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    order.truncate(CLUSTERS);
    let places: BTreeMap<u32, u32> = sizes.keys().copied().zip(0..).collect();
    let of_rows: Vec<u32> = all.clusters.iter().map(|it| places[it]).collect();
    let least = weakest(held(all), &of_rows, places.len());
    let bridges: Vec<u32> = all.bridges.iter().map(|it| all.clusters[all.pairs[it.0 as usize].left as usize]).collect();
    let wanted: BTreeSet<u32> = order.iter().map(|it| it.1).collect();
    let mut members: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for (row, leader) in (0..).zip(&all.clusters).filter(|it| wanted.contains(it.1)) {
        let rows = members.entry(*leader).or_default();
        if rows.len() < MEMBERS {
            rows.push(row);
        }
    }
    let member = |row: &u32| Member {
        row: u64::from(*row) + 1,
        key: found.known.keys.get(*row as usize).copied().flatten().map(str::to_owned),
        values: columns.iter().map(|(_, it)| it.get(*row as usize).copied().flatten().map(str::to_owned)).collect(),
    };
    let cluster = |(rows, leader): (u64, u32)| Cluster {
        rows,
        least: least[places[&leader] as usize],
        bridges: bridges.iter().filter(|it| **it == leader).count() as u64,
        members: members.get(&leader).into_iter().flatten().map(member).collect(),
    };
    order.into_iter().map(cluster).collect()
}
