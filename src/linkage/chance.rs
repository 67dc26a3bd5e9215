//! How often two rows agree by chance: counted where counts say it, else taken from a sample of values.
//!
//! The sample is drawn by the digest of each value and its count, so the same values give the same sample on every
//! machine, in any order of rows.

use ahash::AHashMap;

use super::column::{Column, MISSING, is_wordy};
use super::kinds::{self, BINS};
use super::level::Memory;
use super::parallel::parts;
use super::spec::Fitted;

/// Values of a column that are compared with each other.
const SAMPLE: usize = 1536;
/// The same for kinds whose comparison takes long.
const SAMPLE_OF_WORDS: usize = 1024;
/// Patterns of missing values beyond which they are taken to be independent.
const MOST_MASKS: usize = 2048;

/// How many pairs there are, by which values neither of the two lacks.
pub(super) struct Opportunities {
    /// All pairs that may be compared.
    pub total: f64,
    by_mask: AHashMap<u32, f64>,
    /// For each comparison the share of pairs with both values: used for masks that are not known.
    present: Vec<f64>,
}

impl Opportunities {
    pub fn new(fitted: &Fitted<'_>, columns: &[Column]) -> Opportunities {
        let values: Vec<&[u32]> = columns.iter().map(|it| it.of.as_slice()).collect();
        Opportunities::of(fitted, &values)
    }

    /// `values`: for each comparison the places of all rows' values.
    pub fn of(fitted: &Fitted<'_>, values: &[&[u32]]) -> Opportunities {
        let mut counts: AHashMap<(u32, u32), u64> = AHashMap::default();
        let mut present = vec![0_u32; values.len()];
        for row in 0..fitted.table.rows {
            let mut mask = 0_u32;
            for (at, it) in values.iter().enumerate() {
                let there = it[row as usize] != MISSING;
                mask |= u32::from(there) << at;
                present[at] += u32::from(there);
            }
            *counts.entry((mask, fitted.source(row))).or_default() += 1;
        }
        let mut counts: Vec<((u32, u32), u64)> = counts.into_iter().collect();
        counts.sort_unstable();
        let mut by_source: Vec<(u32, u64)> = Vec::new();
        for ((_, source), count) in &counts {
            match by_source.iter_mut().find(|it| it.0 == *source) {
                Some(it) => it.1 += count,
                None => by_source.push((*source, *count)),
            }
        }
        let total: f64 = pairings(fitted, &by_source).iter().sum();
        let mut by_mask: AHashMap<u32, f64> = AHashMap::default();
        let few = counts.len() <= MOST_MASKS;
        for (at, ((mask, source), count)) in counts.iter().enumerate().filter(|_| few) {
            for ((other, other_source), other_count) in &counts[at..] {
                if fitted.compared(*source, *other_source) {
                    let same = (mask, source) == (other, other_source);
                    *by_mask.entry(mask & other).or_default() += product(*count, *other_count, same);
                }
            }
        }
        let present = present.iter().map(|it| (f64::from(*it) / f64::from(fitted.table.rows.max(1))).powi(2));
        Opportunities { total: total.max(1.0), by_mask, present: present.collect() }
    }

    /// The share of all pairs that have exactly these values.
    pub fn share(&self, mask: u32) -> f64 {
        if !self.by_mask.is_empty() {
            return (self.by_mask.get(&mask).copied().unwrap_or(0.0) / self.total).max(1e-12);
        }
        let shares = (0..).zip(&self.present).map(|(at, it)| if mask >> at & 1 == 1 { *it } else { 1.0 - it });
        shares.product::<f64>().max(1e-12)
    }
}

fn product(one: u64, other: u64, same: bool) -> f64 {
    if same { one as f64 * (other as f64 - 1.0) / 2.0 } else { one as f64 * other as f64 }
}

/// How many pairs rows of these sources make, for each pair of sources that is compared.
fn pairings(fitted: &Fitted<'_>, counts: &[(u32, u64)]) -> Vec<f64> {
    let mut acc = Vec::new();
    for (at, (source, count)) in counts.iter().enumerate() {
        for (other, other_count) in &counts[at..] {
            if fitted.compared(*source, *other) {
                acc.push(product(*count, *other_count, source == other));
            }
        }
    }
    acc
}

/// For each level of a column its share among pairs of rows with both values, and the share of rows in each bin.
pub(super) struct Chance {
    pub levels: Vec<f64>,
    pub bins: [f64; BINS],
}

/// What chance gives in every column.
pub(super) fn chances(fitted: &Fitted<'_>, columns: &[Column]) -> Vec<Chance> {
    columns.iter().map(|it| chance(fitted, it)).collect()
}

fn chance(fitted: &Fitted<'_>, column: &Column) -> Chance {
    let count = kinds::count(column.kind);
    let mut levels = vec![0.0; count];
    let mut bins = [0.0; BINS];
    let (equal, all) = equal_pairs(fitted, column);
    for (bin, pairs) in equal.iter().enumerate() {
        levels[1 + bin] = pairs / all.max(1.0);
    }
    for (bin, count) in column.values.bins.iter().zip(&column.values.counts) {
        bins[usize::from(*bin)] += f64::from(*count) / f64::from(column.present.max(1));
    }
    let unequal = (1.0 - equal.iter().sum::<f64>() / all.max(1.0)).clamp(0.0, 1.0);
    let sampled = sampled(fitted.spec.threads, column);
    let sum: f64 = sampled.iter().sum();
    // What the sample never showed is not impossible.
    let pseudo = 0.5;
    let steps = sampled.len() as f64;
    for (step, pairs) in sampled.iter().enumerate() {
        levels[1 + BINS + step] = unequal * (pairs + pseudo) / (sum + pseudo * steps);
    }
    Chance { levels, bins }
}

/// Pairs of rows with equal values, by bin, and all pairs of rows with values.
fn equal_pairs(fitted: &Fitted<'_>, column: &Column) -> ([f64; BINS], f64) {
    let mut equal = [0.0; BINS];
    let mut all: AHashMap<u32, u64> = AHashMap::default();
    if fitted.table.sources.is_empty() {
        for (bin, count) in column.values.bins.iter().zip(&column.values.counts) {
            let count = u64::from(*count);
            equal[usize::from(*bin)] += product(count, count, true);
        }
        all.insert(0, u64::from(column.present));
    } else {
        let mut rows: Vec<(u32, u32)> = (0..).zip(&column.of).map(|(row, it)| (*it, fitted.source(row))).collect();
        rows.retain(|it| it.0 != MISSING);
        rows.sort_unstable();
        for run in rows.chunk_by(|a, b| a.0 == b.0) {
            let counts: Vec<(u32, u64)> = run.chunk_by(|a, b| a == b).map(|it| (it[0].1, it.len() as u64)).collect();
            let pairs: f64 = pairings(fitted, &counts).iter().sum();
            equal[usize::from(column.values.bins[run[0].0 as usize])] += pairs;
            counts.iter().for_each(|(source, count)| *all.entry(*source).or_default() += count);
        }
    }
    let mut all: Vec<(u32, u64)> = all.into_iter().collect();
    all.sort_unstable();
    (equal, pairings(fitted, &all).iter().sum())
}

/// How many pairs of different values are at each step, in a sample; weighted by how many rows have them where all
/// values are in the sample.
fn sampled(threads: usize, column: &Column) -> Vec<f64> {
    let steps = kinds::steps(column.kind).len();
    if steps == 1 {
        return vec![1.0];
    }
    let wordy = is_wordy(column.kind);
    let most = if wordy { SAMPLE_OF_WORDS } else { SAMPLE };
    let all = column.values.len() <= most;
    let mut drawn: Vec<u32> = (0..column.values.len() as u32).collect();
    if !all {
        // A value of twice as many rows is twice as likely to be among the least (priority sampling).
        let mut ranked: Vec<(u64, u32)> = (0..)
            .zip(column.values.counted())
            .map(|(at, (text, count))| (draw(text.as_bytes()) / u64::from(count.max(1)), at))
            .collect();
        ranked.select_nth_unstable(most);
        ranked.truncate(most);
        drawn = ranked.into_iter().map(|(_, at)| at).collect();
        drawn.sort_unstable();
    }
    let rows = parts(threads, drawn.len(), 64, |range| {
        let mut memory = Memory::default();
        let mut acc = vec![0_u64; steps];
        for at in range {
            for other in &drawn[at + 1..] {
                let level = column.level_of_fresh(drawn[at], *other, &mut memory);
                let weight = |it: u32| u64::from(column.values.counts[it as usize]);
                let pairs = if all { weight(drawn[at]) * weight(*other) } else { 1 };
                acc[usize::from(level) - 1 - BINS] += pairs;
            }
        }
        acc
    });
    let mut sum = vec![0_u64; steps];
    for part in rows {
        sum.iter_mut().zip(part).for_each(|(acc, it)| *acc += it);
    }
    sum.into_iter().map(|it| it as f64).collect()
}

fn draw(value: &[u8]) -> u64 {
    let digest = crate::digest::Digest::of("hotpass linkage sample v1", value);
    let bytes = digest.as_bytes();
    u64::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5], bytes[6], bytes[7]])
}
