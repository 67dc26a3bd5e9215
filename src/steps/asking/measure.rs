//! How good the clusters are, measured against pairs of which somebody knows whether they are one.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};

use crate::linkage::Share;
use crate::steps::deciding::print_text;
use crate::steps::matching::{Found, Rows};

/// Pairs that are asked about at most.
pub const MOST_LABELS: usize = 200_000;
/// The bounds between which probabilities are held against the truth.
pub(super) const BOUNDS: [f64; 7] = [0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0];

/// A pair of which somebody knows the truth.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Label {
    /// For either row its key and its print; one of the two may be empty.
    pub sides: [[String; 2]; 2],
    /// Whether the two are one.
    pub same: bool,
}

/// The answer.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Measured {
    /// Pairs that were found and held against the clusters.
    pub pairs: u64,
    /// Pairs of which a row is not there, and those of a row and itself.
    pub missing: u64,
    /// Labels of a pair that a later one is about as well: the later one counts.
    pub repeated: u64,
    /// Pairs that are one and in one cluster.
    pub found: u64,
    /// Pairs that are one and in two clusters.
    pub missed: u64,
    /// Pairs that are two and in one cluster.
    pub wrong: u64,
    /// Of the pairs in one cluster, those that are one.
    pub precision: Share,
    /// Of the pairs that are one, those in one cluster.
    pub recall: Share,
    /// The harmonic mean of both; nothing where one is not known.
    pub f1: Option<f64>,
    /// Probabilities against the truth.
    pub calibration: Vec<Bin>,
    /// What the step itself expects, without any label.
    pub expected_precision: f64,
    /// The same.
    pub expected_recall: f64,
}

/// Pairs of about one probability.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Bin {
    /// From this probability on.
    pub from: f64,
    /// To this one.
    pub to: f64,
    /// Their mean probability.
    pub mean: f64,
    /// How many of them are one.
    pub share: Share,
}

/// Labels as pairs of rows, each pair once.
#[derive(Default)]
pub(super) struct Labelled {
    /// The rows of each pair, and whether they are one.
    pub pairs: Vec<(u32, u32, bool)>,
    missing: u64,
    repeated: u64,
}

/// The rows of labels, where both are there; of several labels of a pair the last.
pub(super) fn labelled(known: &Rows<'_>, labels: &[Label]) -> Labelled {
    let mut by_key: HashMap<&str, u32> = HashMap::new();
    for (row, key) in (0..).zip(&known.keys) {
        by_key.entry(key.unwrap_or_default().trim()).or_insert(row);
    }
    let mut by_print: HashMap<String, u32> = HashMap::new();
    for (row, print) in (0..).zip(known.prints) {
        by_print.entry(print_text(print)).or_insert(row);
    }
    let row = |[key, print]: &[String; 2]| {
        let by_key = by_key.get(key.as_str()).filter(|_| !key.is_empty());
        by_key.or_else(|| by_print.get(print)).copied()
    };
    let mut acc = Labelled::default();
    let mut seen: HashSet<(u32, u32)> = HashSet::new();
    for label in labels.iter().rev() {
        match row(&label.sides[0]).zip(row(&label.sides[1])).filter(|(a, b)| a != b) {
            Some((a, b)) if seen.insert((a.min(b), a.max(b))) => acc.pairs.push((a, b, label.same)),
            Some(_) => acc.repeated += 1,
            None => acc.missing += 1,
        }
    }
    acc.pairs.reverse();
    acc
}

/// Holds clusters against labels.
pub(super) fn measure(found: &Found<'_>, labels: &Labelled) -> Measured {
    let all = &found.found;
    let (mut right, mut missed, mut wrong) = (0, 0, 0);
    let mut bins = [(0_u64, 0_u64, 0.0_f64); BOUNDS.len() - 1];
    let mut asked = all.asked.iter();
    for (left, right_row, same) in &labels.pairs {
        let one = all.clusters[*left as usize] == all.clusters[*right_row as usize];
        match (*same, one) {
            (true, true) => right += 1,
            (true, false) => missed += 1,
            (false, true) => wrong += 1,
            (false, false) => (),
        }
        if let Some(pattern) = asked.next() {
            let probability = 1.0 / (1.0 + (-pattern.weight).exp2());
            let at = BOUNDS[1..].iter().position(|it| probability <= *it).unwrap_or(BOUNDS.len() - 2);
            bins[at].0 += 1;
            bins[at].1 += u64::from(*same);
            bins[at].2 += probability;
        }
    }
    let (precision, recall) = (Share::wilson(right as f64, right + wrong), Share::wilson(right as f64, right + missed));
    let both = precision.share.zip(recall.share).filter(|(a, b)| a + b > 0.0);
    let calibration = bins.iter().enumerate().filter(|(_, it)| it.0 > 0).map(|(at, (count, same, sum))| Bin {
        from: BOUNDS[at],
        to: BOUNDS[at + 1],
        mean: sum / *count as f64,
        share: Share::wilson(*same as f64, *count),
    });
    Measured {
        pairs: labels.pairs.len() as u64,
        missing: labels.missing,
        repeated: labels.repeated,
        found: right,
        missed,
        wrong,
        f1: both.map(|(a, b)| 2.0 * a * b / (a + b)),
        precision,
        recall,
        calibration: calibration.collect(),
        expected_precision: all.precision,
        expected_recall: all.recall,
    }
}
