//! Candidates by likeness: texts that have many and rare groups of three letters in common.
//!
//! All pairs of texts whose cosine of weighted groups is at least [`CUT`]; not the nearest few of each, so that what is
//! found for one text does not depend on texts that are unlike it.

use super::candidate::pair;
use super::column::{Column, MISSING, by_values};
use super::parallel::parts;
use super::spec::Fitted;

/// Texts at least this alike are candidates.
const CUT: f32 = 0.42;
/// Groups of more texts are too common to find candidates by; they count when these are compared.
const COMMON: usize = 400;
/// Candidates of one text at most: the most alike.
const MOST: usize = 60;
/// Rows of one text that are paired with those of another: the first in the order of all their values, so that the order
/// of rows does not decide.
const MOST_ROWS: usize = 20;
/// Letters, digits, and everything else.
const CODES: usize = 37;

/// Pairs of rows whose texts in one of the columns are alike and not equal, and of rows with equal texts.
pub(super) fn pairs(fitted: &Fitted<'_>, columns: &[Column], at: usize) -> Vec<u64> {
    let column = &columns[at];
    let grams: Vec<Vec<u32>> = column.values.counted().map(|it| grams(it.0.as_bytes())).collect();
    let mut postings: Vec<Vec<u32>> = vec![Vec::new(); CODES * CODES * CODES];
    for (value, grams) in (0..).zip(&grams) {
        grams.iter().for_each(|it| postings[*it as usize].push(value));
    }
    let count = column.values.len() as f64;
    // Squared weights, rounded, so that the last bit of a logarithm never decides.
    let weight = |of: &Vec<u32>| {
        let exact = (count / of.len().max(1) as f64).ln() + 0.1;
        ((exact * exact * 1024.0).round() / 1024.0) as f32
    };
    let weights: Vec<f32> = postings.iter().map(weight).collect();
    let norm =
        |grams: &Vec<u32>| grams.iter().map(|it| weights[*it as usize]).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
    let norms: Vec<f32> = grams.iter().map(norm).collect();
    let found = parts(fitted.spec.threads, grams.len(), 512, |range| {
        let mut sums = vec![0.0_f32; grams.len()];
        let mut touched: Vec<u32> = Vec::new();
        let mut acc: Vec<(u32, u32)> = Vec::new();
        for one in range {
            for gram in grams[one].iter().filter(|it| postings[**it as usize].len() <= COMMON) {
                let weight = weights[*gram as usize];
                for other in &postings[*gram as usize] {
                    if sums[*other as usize] == 0.0 {
                        touched.push(*other);
                    }
                    sums[*other as usize] += weight;
                }
            }
            let mut alike: Vec<(f32, u32)> = Vec::new();
            for other in touched.drain(..) {
                let partly = std::mem::take(&mut sums[other as usize]);
                let scale = norms[one] * norms[other as usize];
                if other as usize != one && partly >= 0.4 * CUT * scale {
                    let cosine = common(&grams[one], &grams[other as usize], &weights) / scale;
                    if cosine >= CUT {
                        alike.push((cosine, other));
                    }
                }
            }
            alike.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
            acc.extend(alike.iter().take(MOST).map(|(_, other)| (one as u32, *other)));
        }
        acc
    });
    let mut rows: Vec<Vec<u32>> = vec![Vec::new(); column.values.len()];
    for (row, value) in (0..).zip(&column.of).filter(|(_, it)| **it != MISSING) {
        rows[*value as usize].push(row);
    }
    for own in rows.iter_mut().filter(|it| it.len() > MOST_ROWS) {
        own.sort_unstable_by(|one, other| by_values(columns, *one, *other));
        own.truncate(MOST_ROWS);
    }
    let mut acc = Vec::new();
    for (one, other) in found.into_iter().flatten() {
        for left in &rows[one as usize] {
            let others = rows[other as usize].iter().filter(|it| fitted.may_pair(*left, **it));
            acc.extend(others.map(|right| pair(*left, *right)));
        }
    }
    for own in &rows {
        for (place, left) in own.iter().enumerate() {
            let others = own[place + 1..].iter().filter(|it| fitted.may_pair(*left, **it));
            acc.extend(others.map(|right| pair(*left, *right)));
        }
    }
    acc.sort_unstable();
    acc.dedup();
    acc
}

/// The different groups of three letters of a text, sorted; its words begin and end with a space.
fn grams(text: &[u8]) -> Vec<u32> {
    let code = |it: &u8| match it {
        b'a'..=b'z' => u32::from(it - b'a') + 1,
        b'0'..=b'9' => u32::from(it - b'0') + 27,
        _ => 0,
    };
    let mut codes = vec![0];
    codes.extend(text.iter().take(256).map(code));
    codes.push(0);
    let codes_of = CODES as u32;
    let mut acc: Vec<u32> = codes.windows(3).map(|it| (it[0] * codes_of + it[1]) * codes_of + it[2]).collect();
    acc.sort_unstable();
    acc.dedup();
    acc
}

fn common(one: &[u32], other: &[u32], weights: &[f32]) -> f32 {
    let (mut a, mut b, mut acc) = (0, 0, 0.0);
    while let (Some(left), Some(right)) = (one.get(a), other.get(b)) {
        match left.cmp(right) {
            std::cmp::Ordering::Less => a += 1,
            std::cmp::Ordering::Greater => b += 1,
            std::cmp::Ordering::Equal => {
                acc += weights[*left as usize];
                a += 1;
                b += 1;
            }
        }
    }
    acc
}
