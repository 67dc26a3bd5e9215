//! Which pairs are worth a look: those of which the answer is least sure and changes most, and a fifth drawn by lot, so
//! that what people answer also tells how good all others are.
//!
//! The lot is a digest of both rows, so the same rows give the same questions; and the order in which they are asked
//! tells nothing of what is expected.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::pair::{Names, RowName};
use crate::digest::Digest;
use crate::linkage::{Pair, Verdict};
use crate::relation::operator::OperatorError;
use crate::relation::operator::texts;
use crate::steps::estimates;
use crate::steps::link::verdict;
use crate::steps::matching::{Found, Matching};

/// One of so many is drawn by lot.
const LOT: usize = 5;
/// What a pair is worth at least that is asked about because it is unsure: bits, times rows.
const UNSURE: f64 = 0.05;
/// Pairs less likely one than this are not drawn.
const LEAST: f64 = 1e-4;

/// The answer.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Queue {
    /// The compared columns, in the order of the values.
    pub columns: Vec<String>,
    /// Pairs that may be one, and that nobody has decided.
    pub open: u64,
    /// Pairs that somebody decided.
    pub decided: u64,
    /// The questions, in the order in which they are asked.
    pub asked: Vec<Asked>,
}

/// A pair that somebody is to look at.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Asked {
    /// A row.
    pub left: RowName,
    /// Another.
    pub right: RowName,
    /// For each column the two values.
    pub values: Vec<[Option<String>; 2]>,
    /// How the two agree, without values.
    pub agreement: String,
    /// What becomes of it without a decision.
    pub verdict: String,
    /// That the two are one.
    pub probability: f64,
    /// Rows whose cluster an answer may change.
    pub impact: u64,
    /// Why it is asked: `unsure`, or `lot`.
    pub why: String,
    /// Of a pair drawn by lot, how likely it was to be drawn.
    pub share: Option<f64>,
}

/// Chooses pairs.
pub(super) fn queue(found: &Found<'_>, matching: &Matching, count: usize) -> Result<Queue, OperatorError> {
    let all = &found.found;
    let names = Names::new(found);
    let undecided = |it: &&Pair| found.decided.of((it.left, it.right)).is_none();
    let may_be = |it: &&Pair| {
        it.probability >= LEAST && !(it.verdict == Verdict::Reject && it.probability >= matching.match_at())
    };
    let open = estimates::open(found);
    let decided = all.pairs.iter().filter(|it| !undecided(it)).count() as u64;
    let mut pairs: Vec<Candidate<'_>> = Vec::new();
    let bridges: BTreeMap<u32, u32> = all.bridges.iter().copied().collect();
    for (at, pair) in (0..).zip(&all.pairs).filter(|(_, it)| undecided(it) && may_be(it)) {
        let (left, right) = (names.of(pair.left), names.of(pair.right));
        let same = all.clusters[pair.left as usize] == all.clusters[pair.right as usize];
        let impact = match bridges.get(&at) {
            Some(small) if same => u64::from(*small) * left.cluster.saturating_sub(u64::from(*small)),
            _ if same => 1,
            _ => left.cluster.min(right.cluster),
        };
        let lot = lot(&left.print, &right.print);
        pairs.push(Candidate { pair, impact, lot, value: entropy(pair.probability) * impact as f64 });
    }
    pairs.sort_by(|a, b| b.value.total_cmp(&a.value).then(a.lot.cmp(&b.lot)));
    let unsure = unlike(&pairs, count - count / LOT);
    // Where few are unsure, more are drawn.
    let by_lot = (count - unsure.len()).min(pairs.len() - unsure.len());
    let rest: Vec<usize> = {
        let mut rest: Vec<usize> = (0..pairs.len()).filter(|it| !unsure.contains(it)).collect();
        rest.sort_by_key(|it| pairs[*it].lot);
        rest
    };
    let share = by_lot as f64 / rest.len().max(1) as f64;
    let drawn: BTreeSet<usize> = rest.into_iter().take(by_lot).collect();
    let mut chosen: Vec<usize> = unsure.iter().chain(&drawn).copied().collect();
    chosen.sort_by_key(|it| pairs[*it].lot);
    let columns: Vec<(&str, Vec<Option<&str>>)> = matching
        .read_columns()
        .map(|(name, column)| Ok((name, texts(found.rows, column)?)))
        .collect::<Result<_, OperatorError>>()?;
    let asked = chosen.into_iter().map(|at| {
        let Candidate { pair, impact, .. } = &pairs[at];
        let value = |of: &[Option<&str>], row: u32| of.get(row as usize).copied().flatten().map(str::to_owned);
        Asked {
            left: names.of(pair.left),
            right: names.of(pair.right),
            values: columns.iter().map(|(_, of)| [value(of, pair.left), value(of, pair.right)]).collect(),
            agreement: crate::steps::link::agreement(&all.model, pair).unwrap_or_default(),
            verdict: verdict(pair.verdict).to_owned(),
            probability: pair.probability,
            impact: *impact,
            why: if drawn.contains(&at) { "lot" } else { "unsure" }.to_owned(),
            share: drawn.contains(&at).then_some(share),
        }
    });
    let asked = asked.collect();
    Ok(Queue { columns: columns.iter().map(|it| it.0.to_owned()).collect(), open, decided, asked })
}

struct Candidate<'a> {
    pair: &'a Pair,
    impact: u64,
    lot: Digest,
    value: f64,
}

/// The best of the unsure pairs, those that agree in the same way only when there are no others.
fn unlike(pairs: &[Candidate<'_>], count: usize) -> BTreeSet<usize> {
    let mut acc = BTreeSet::new();
    let mut seen = BTreeSet::new();
    let unsure = pairs.iter().take_while(|it| it.value >= UNSURE).count();
    for (at, it) in pairs[..unsure].iter().enumerate() {
        if acc.len() < count && seen.insert(it.pair.pattern) {
            acc.insert(at);
        }
    }
    for at in 0..unsure {
        if acc.len() < count {
            acc.insert(at);
        }
    }
    acc
}

/// The same for two rows, whichever stands first.
fn lot(one: &str, other: &str) -> Digest {
    let (first, second) = if one <= other { (one, other) } else { (other, one) };
    Digest::of("hotpass review lot v1", format!("{first} {second}").as_bytes())
}

fn entropy(p: f64) -> f64 {
    let part = |p: f64| if p > 0.0 { -p * p.log2() } else { 0.0 };
    part(p) + part(1.0 - p)
}
