//! All pairs that were compared, eight bytes each: by the lesser row its place, the greater row, and the sort of the pair.

use super::candidate::{pair, rows};
use super::raw::Part;

/// Pairs that were compared, with their sorts.
#[derive(Default)]
pub(super) struct Kept {
    /// Of the rows of each part of the table; in the order of rows.
    parts: Vec<Rows>,
    /// Pairs that no rule found, sorted.
    more: Vec<(u64, u32)>,
}

struct Rows {
    first: u32,
    /// For each row where its pairs begin, and where the last ones end.
    starts: Vec<u32>,
    rights: Vec<u32>,
    sorts: Vec<u32>,
}

impl Kept {
    /// Takes the pairs of a part, which stands before those that were taken already. `sorts`: one a pair.
    pub fn before(&mut self, part: &Part, sorts: Vec<u32>) {
        let many = part.pairs.last().map_or(0, |it| rows(it.0).0 - part.first + 1);
        let mut starts = vec![0; many as usize + 1];
        part.pairs.iter().for_each(|it| starts[(rows(it.0).0 - part.first) as usize + 1] += 1);
        for at in 0..many as usize {
            starts[at + 1] += starts[at];
        }
        let rights = part.pairs.iter().map(|it| rows(it.0).1).collect();
        self.parts.insert(0, Rows { first: part.first, starts, rights, sorts });
    }

    /// Takes pairs that are not there yet, sorted.
    pub fn more(&mut self, pairs: Vec<(u64, u32)>) {
        self.more = pairs;
    }

    pub fn len(&self) -> usize {
        self.parts.iter().map(|it| it.rights.len()).sum::<usize>() + self.more.len()
    }

    pub fn is_known(&self, left: u32, right: u32) -> bool {
        let at = self.parts.partition_point(|it| it.first <= left);
        let known = at.checked_sub(1).and_then(|it| self.parts[it].of(left));
        known.is_some_and(|(rights, _)| rights.binary_search(&right).is_ok())
            || self.more.binary_search_by_key(&pair(left, right), |it| it.0).is_ok()
    }

    /// All pairs with their sorts, by rows.
    pub fn each(&self, act: &mut dyn FnMut(u64, u32)) {
        let mut more = self.more.iter().copied().peekable();
        for part in &self.parts {
            for at in 0..part.starts.len() - 1 {
                let left = part.first + at as u32;
                let Some((rights, sorts)) = part.of(left) else { continue };
                for (right, sort) in rights.iter().zip(sorts) {
                    let own = pair(left, *right);
                    while let Some((before, sort)) = more.next_if(|it| it.0 < own) {
                        act(before, sort);
                    }
                    act(own, *sort);
                }
            }
        }
        more.for_each(|it| act(it.0, it.1));
    }
}

impl Rows {
    fn of(&self, left: u32) -> Option<(&[u32], &[u32])> {
        let at = (left - self.first) as usize;
        let range = *self.starts.get(at)? as usize..*self.starts.get(at + 1)? as usize;
        Some((&self.rights[range.clone()], &self.sorts[range]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_given_in_their_order_and_found() {
        let mut kept = Kept::default();
        let of =
            |first, pairs: &[(u32, u32)]| Part { first, pairs: pairs.iter().map(|it| (pair(it.0, it.1), 1)).collect() };
        kept.before(&of(10, &[(10, 11), (10, 40), (13, 20)]), vec![3, 4, 5]);
        kept.before(&of(0, &[(1, 2)]), vec![6]);
        kept.more(vec![(pair(0, 9), 7), (pair(10, 12), 8), (pair(60, 61), 9)]);
        let mut all = Vec::new();
        kept.each(&mut |pair, sort| all.push((rows(pair), sort)));
        let expected =
            [((0, 9), 7), ((1, 2), 6), ((10, 11), 3), ((10, 12), 8), ((10, 40), 4), ((13, 20), 5), ((60, 61), 9)];
        assert_eq!(all, expected);
        assert!(expected.iter().all(|it| kept.is_known(it.0.0, it.0.1)) && kept.len() == 7);
        assert!(![(0, 1), (1, 3), (11, 12), (13, 21), (99, 100)].iter().any(|it| kept.is_known(it.0, it.1)));
    }
}
