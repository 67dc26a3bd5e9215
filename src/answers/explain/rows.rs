//! Rows of a sheet as they were against rows as they are: which stayed, changed, came, went, or stand elsewhere.
//!
//! After Cohen's patience difference: what is equal at both ends stands, then the rows that occur once on both sides and
//! keep their order, then the same between each two of these. A row that was put in at the top is one row, though all
//! others have other numbers. Only digests of cells are looked at.

use std::collections::HashMap;
use std::ops::Range;

/// Pairs of rows whose cells are compared to find who became whom.
const MOST_PAIRS: usize = 250_000;

/// Rows of one sheet: for each its number, and a digest of each cell; 0 for an empty one.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct Rows {
    pub(crate) numbers: Vec<u64>,
    pub(crate) cells: Vec<Vec<u64>>,
}

/// What became of rows, by their places in what was and in what is.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Shifts {
    /// Rows with other cells.
    pub(crate) changed: Vec<(usize, usize)>,
    pub(crate) added: Vec<usize>,
    pub(crate) removed: Vec<usize>,
    /// Rows with the same cells in another order.
    pub(crate) moved: u64,
    /// Rows as they were.
    pub(crate) same: u64,
}

/// Compares the rows of a sheet.
pub(crate) fn shifts(was: &Rows, is: &Rows) -> Shifts {
    let mut acc = Shifts::default();
    let mut open = vec![(0..was.cells.len(), 0..is.cells.len())];
    while let Some((mut a, mut b)) = open.pop() {
        while !a.is_empty() && !b.is_empty() && was.cells[a.start] == is.cells[b.start] {
            (a.start, b.start, acc.same) = (a.start + 1, b.start + 1, acc.same + 1);
        }
        while !a.is_empty() && !b.is_empty() && was.cells[a.end - 1] == is.cells[b.end - 1] {
            (a.end, b.end, acc.same) = (a.end - 1, b.end - 1, acc.same + 1);
        }
        if a.is_empty() || b.is_empty() {
            acc.removed.extend(a);
            acc.added.extend(b);
            continue;
        }
        let anchors = anchors(was, is, &a, &b);
        if anchors.is_empty() {
            between(was, is, a, b, &mut acc);
            continue;
        }
        let (mut at, mut to) = (a.start, b.start);
        for (one, other) in anchors {
            open.push((at..one, to..other));
            (at, to) = (one, other);
        }
        open.push((at..a.end, to..b.end));
    }
    elsewhere(was, is, &mut acc);
    acc.changed.sort_unstable();
    acc
}

/// Rows that occur once on both sides, as many as keep their order.
fn anchors(was: &Rows, is: &Rows, a: &Range<usize>, b: &Range<usize>) -> Vec<(usize, usize)> {
    let (before, after) = (once(was, a), once(is, b));
    let both = before.iter().filter_map(|(row, at)| Some(((*at)?, (*after.get(row)?)?)));
    let mut pairs: Vec<(usize, usize)> = both.collect();
    pairs.sort_unstable();
    // The longest increasing run of the second places.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = vec![None; pairs.len()];
    for (at, (_, place)) in pairs.iter().enumerate() {
        let rank = ends.partition_point(|it| pairs[*it].1 < *place);
        before[at] = rank.checked_sub(1).map(|it| ends[it]);
        match ends.get_mut(rank) {
            Some(end) => *end = at,
            None => ends.push(at),
        }
    }
    let mut acc = Vec::with_capacity(ends.len());
    let mut at = ends.last().copied();
    while let Some(it) = at {
        acc.push(pairs[it]);
        at = before[it];
    }
    acc.reverse();
    acc
}

/// Where each row stands; nowhere in particular when it stands twice.
fn once<'a>(rows: &'a Rows, range: &Range<usize>) -> HashMap<&'a [u64], Option<usize>> {
    let mut acc: HashMap<&[u64], Option<usize>> = HashMap::new();
    for at in range.clone() {
        acc.entry(&rows.cells[at]).and_modify(|it| *it = None).or_insert(Some(at));
    }
    acc
}

/// Rows between others, of which none is the same: a row became the one that is most like it, in their order.
fn between(was: &Rows, is: &Rows, a: Range<usize>, b: Range<usize>, acc: &mut Shifts) {
    if a.len() * b.len() > MOST_PAIRS {
        acc.removed.extend(a);
        acc.added.extend(b);
        return;
    }
    let (high, wide) = (a.len() + 1, b.len() + 1);
    let mut best = vec![0_u64; high * wide];
    for (row, at) in a.clone().enumerate().rev() {
        for (column, to) in b.clone().enumerate().rev() {
            let alike = alike(&was.cells[at], &is.cells[to]);
            let paired = if alike > 0 { best[(row + 1) * wide + column + 1] + alike } else { 0 };
            best[row * wide + column] = paired.max(best[(row + 1) * wide + column]).max(best[row * wide + column + 1]);
        }
    }
    let (mut row, mut column) = (0, 0);
    while row < a.len() && column < b.len() {
        let (at, to) = (a.start + row, b.start + column);
        let here = best[row * wide + column];
        let alike = alike(&was.cells[at], &is.cells[to]);
        if alike > 0 && here == best[(row + 1) * wide + column + 1] + alike {
            match was.cells[at] == is.cells[to] {
                true => acc.same += 1,
                false => acc.changed.push((at, to)),
            }
            (row, column) = (row + 1, column + 1);
        } else if here == best[(row + 1) * wide + column] {
            acc.removed.push(at);
            row += 1;
        } else {
            acc.added.push(to);
            column += 1;
        }
    }
    acc.removed.extend(a.start + row..a.end);
    acc.added.extend(b.start + column..b.end);
}

/// How many filled cells are the same; rows of one column are alike in having one.
fn alike(a: &[u64], b: &[u64]) -> u64 {
    let same = a.iter().zip(b).filter(|(a, b)| a == b && **a != 0).count() as u64;
    if a.len() == 1 { 1 } else { same }
}

/// What went here and came there with the same cells only moved.
fn elsewhere(was: &Rows, is: &Rows, acc: &mut Shifts) {
    let mut gone: HashMap<&[u64], Vec<usize>> = HashMap::new();
    acc.removed.sort_unstable();
    acc.added.sort_unstable();
    for at in acc.removed.iter().rev() {
        gone.entry(&was.cells[*at]).or_default().push(*at);
    }
    let mut moved = std::collections::BTreeSet::new();
    acc.added.retain(|it| match gone.get_mut(is.cells[*it].as_slice()).and_then(Vec::pop) {
        Some(at) => !moved.insert(at),
        None => true,
    });
    acc.removed.retain(|it| !moved.contains(it));
    acc.moved = moved.len() as u64;
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Words of rows, a letter a cell: `ab cd` are two rows of two cells; a dot is an empty cell.
    fn rows(text: &str) -> Rows {
        let row = |it: &str| it.chars().map(|c| if c == '.' { 0 } else { u64::from(c) }).collect();
        let cells: Vec<Vec<u64>> = text.split_whitespace().map(row).collect();
        Rows { numbers: (2..cells.len() as u64 + 2).collect(), cells }
    }

    #[test]
    fn rows_are_followed_wherever_they_stand() {
        let check = |was: &str, is: &str, expected: &str| {
            let it = shifts(&rows(was), &rows(is));
            let told = format!(
                "changed {:?} added {:?} removed {:?} moved {} same {}",
                it.changed, it.added, it.removed, it.moved, it.same
            );
            assert_eq!(told, expected, "{was} -> {is}");
        };
        check("ab cd", "ab cd", "changed [] added [] removed [] moved 0 same 2");
        check("ab cd ef", "ab cx ef", "changed [(1, 1)] added [] removed [] moved 0 same 2");
        check("ab cd ef", "xy ab cd ef", "changed [] added [0] removed [] moved 0 same 3");
        check("ab cd ef", "ab ef", "changed [] added [] removed [1] moved 0 same 2");
        check("ab cd ef gh", "ef gh ab cd", "changed [] added [] removed [] moved 2 same 2");
        // One came before one that changed.
        check("ab cd ef", "ab xy cz ef", "changed [(1, 2)] added [1] removed [] moved 0 same 2");
        check("ab ab ab", "ab ab", "changed [] added [] removed [2] moved 0 same 2");
        // What shares no filled cell is another row.
        check("a. b.", "x. b.", "changed [] added [0] removed [0] moved 0 same 1");
        check("a b", "a x", "changed [(1, 1)] added [] removed [] moved 0 same 1");
        check("", "ab", "changed [] added [0] removed [] moved 0 same 0");
    }

    proptest! {
        #[test]
        fn every_row_is_told_once(
            was in prop::collection::vec("[abc]{2}", 0..40), is in prop::collection::vec("[abc]{2}", 0..40),
        ) {
            let (was, is) = (rows(&was.join(" ")), rows(&is.join(" ")));
            let it = shifts(&was, &is);
            let kept = it.same + it.moved + it.changed.len() as u64;
            prop_assert_eq!(kept + it.removed.len() as u64, was.cells.len() as u64);
            prop_assert_eq!(kept + it.added.len() as u64, is.cells.len() as u64);
            for (at, to) in &it.changed {
                prop_assert!(was.cells[*at] != is.cells[*to]);
            }
            prop_assert_eq!(shifts(&was, &was).same, was.cells.len() as u64);
        }

        #[test]
        fn a_row_that_is_put_in_is_one_row(count in 1..60_usize, at in 0..60_usize) {
            let all: Vec<Vec<u64>> = (0..count as u64).map(|it| vec![it + 1, it % 3 + 1]).collect();
            let mut more = all.clone();
            more.insert(at.min(count), vec![1_000, 1_000]);
            let numbers = |rows: &[Vec<u64>]| (2..rows.len() as u64 + 2).collect();
            let it = shifts(&Rows { numbers: numbers(&all), cells: all.clone() }, &Rows { numbers: numbers(&more), cells: more });
            prop_assert_eq!((it.added, it.same), (vec![at.min(count)], count as u64));
        }
    }
}
