//! What rules find, one rule after the other, and given back by rows: the pairs of some rows at a time, so that never all of
//! them stand sorted.
//!
//! Each rule keeps its pairs by the part of the table in which the lesser row stands, eight bytes a pair. Parts are given
//! from the last to the first, and what was given is let go.

use super::candidate::Candidate;

/// Bits of a rule in a pair.
pub(super) const RULE_BITS: u32 = 6;
/// The rule of a pair.
pub(super) const RULES: u64 = (1 << RULE_BITS) - 1;
/// Bits of the greater row.
const RIGHT_BITS: u32 = 32;
/// A table has so many parts at most, and a part so many rows at least.
const MOST_PARTS: u64 = 256;
const LEAST_BITS: u32 = 13;

/// Sorted candidates whose lesser rows are those of one part of the table.
pub(super) struct Part {
    /// The first of these rows.
    pub first: u32,
    pub pairs: Vec<Candidate>,
}

/// Pairs of every rule.
#[derive(Default)]
pub(super) struct Raw {
    /// Rows of a part, as a power of two.
    bits: u32,
    /// Parts that were not given yet.
    open: usize,
    rules: Vec<Found>,
}

/// Pairs of one rule.
struct Found {
    /// Where those of each part begin.
    starts: Vec<usize>,
    /// The place of the lesser row in its part, the greater row, and the rule.
    pairs: Vec<u64>,
}

/// Calls for each pair of a rule, the lesser row first: always the same ones in the same order.
pub(super) type Pairs<'a> = &'a dyn Fn(&mut dyn FnMut(u32, u32));

impl Raw {
    pub fn new(rows: u32) -> Raw {
        let rows = u64::from(rows);
        let bits = (LEAST_BITS..).find(|it| rows.div_ceil(1 << it) <= MOST_PARTS).unwrap_or(LEAST_BITS);
        Raw { bits, open: rows.div_ceil(1 << bits) as usize, rules: Vec::new() }
    }

    /// How many pairs a rule has in each part.
    pub fn counted(&self, pairs: Pairs<'_>) -> Vec<usize> {
        let mut acc = vec![0; self.open];
        pairs(&mut |left, _| acc[(left >> self.bits) as usize] += 1);
        acc
    }

    /// Takes the pairs of the next rule, so many in each part.
    pub fn add(&mut self, counts: Vec<usize>, pairs: Pairs<'_>) {
        let rule = self.rules.len() as u64;
        let mut starts = Vec::with_capacity(counts.len());
        let mut sum = 0;
        for count in counts {
            starts.push(sum);
            sum += count;
        }
        let mut next = starts.clone();
        let mut acc = vec![0; sum];
        let within = (1 << self.bits) - 1;
        pairs(&mut |left, right| {
            let place = &mut next[(left >> self.bits) as usize];
            acc[*place] = u64::from(left & within) << (RIGHT_BITS + RULE_BITS) | u64::from(right) << RULE_BITS | rule;
            *place += 1;
        });
        self.rules.push(Found { starts, pairs: acc });
    }

    /// The first row of the last part that was not given yet, and its pairs, sorted, those of several rules as often as
    /// they were found.
    pub fn next(&mut self) -> Option<(u32, Vec<u64>)> {
        self.open = self.open.checked_sub(1)?;
        let mut acc = Vec::new();
        let pairs = self.rules.iter().map(|it| it.pairs.len() - it.starts[self.open]);
        acc.reserve_exact(pairs.sum());
        for rule in &mut self.rules {
            acc.extend_from_slice(&rule.pairs[rule.starts[self.open]..]);
            rule.pairs.truncate(rule.starts[self.open]);
            rule.pairs.shrink_to_fit();
        }
        acc.sort_unstable();
        Some(((self.open << self.bits) as u32, acc))
    }
}

/// The place of the lesser row in its part, and the greater row.
pub(super) fn unpacked(pair: u64) -> (u32, u32) {
    ((pair >> (RIGHT_BITS + RULE_BITS)) as u32, (pair >> RULE_BITS) as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_come_back_by_parts_and_sorted() {
        let rows = 40_000_u32;
        let of = |by: u32| (0..rows - by).rev().step_by(7).map(move |it| (it, it + by));
        let mut raw = Raw::new(rows);
        for by in [1, 9_000] {
            let all = |act: &mut dyn FnMut(u32, u32)| of(by).for_each(|it| act(it.0, it.1));
            raw.add(raw.counted(&all), &all);
        }
        let mut found = Vec::new();
        let mut before = rows;
        while let Some((first, pairs)) = raw.next() {
            assert!(pairs.is_sorted() && first < before);
            let (left, right) = (|it: &u64| first + unpacked(*it).0, |it: &u64| unpacked(*it).1);
            assert!(pairs.iter().all(|it| (first..before).contains(&left(it))));
            found.extend(pairs.iter().map(|it| (left(it), right(it))));
            before = first;
        }
        found.sort_unstable();
        let mut expected: Vec<(u32, u32)> = of(1).chain(of(9_000)).collect();
        expected.sort_unstable();
        assert_eq!((found, before), (expected, 0));
        assert!(Raw::new(0).next().is_none());
        assert_eq!(Raw::new(u32::MAX).bits, 24);
    }
}
