//! Rows that say the same as many others: some of them stand for all.
//!
//! A placeholder that a thousand rows have in every compared column makes half a million pairs that all say the same.
//! Of such rows [`FEW`] are compared, and the others go where these go. So they take no room in blocks and clusters, and
//! which of them come first in the table changes nothing.

use std::collections::BTreeSet;

use ahash::AHashMap;

use super::cells::Cells;
use super::hashing::{hash, mix};
use super::spec::{Clustering, Decision, Pair, Resolution, Spec, Table, Verdict};

/// Rows with the same values that are compared.
pub(super) const FEW: usize = 20;
/// Rows with the same values of which all pairs are told.
const ALL: usize = 100;

/// Rows that others stand for.
pub(super) struct Copies {
    /// The rows that are compared, sorted.
    kept: Vec<u32>,
    /// The others, sorted, each with two of the same rows that are compared. The first of them stands for it.
    gone: Vec<(u32, [u32; 2])>,
}

impl Copies {
    /// Finds rows with the same cells and source; nothing where there are only few of each.
    pub fn of(spec: &Spec, table: &Table) -> Option<Copies> {
        if spec.clustering == Clustering::OneToOne || spec.max_size as usize <= FEW {
            return None;
        }
        let decided: BTreeSet<u32> = spec.decisions.iter().flat_map(|it| [it.left, it.right]).collect();
        let mut gone = Vec::new();
        for same in repeated(table) {
            // Rows that somebody decided about are compared in the place of others, so a decision changes no count.
            let (said, open): (Vec<u32>, Vec<u32>) = same.into_iter().partition(|it| decided.contains(it));
            let stay = FEW.saturating_sub(said.len()).max(2);
            if let Some((first, rest)) = open.split_at_checked(stay) {
                gone.extend(rest.iter().map(|it| (*it, [first[0], first[1]])));
            }
        }
        if gone.is_empty() {
            return None;
        }
        gone.sort_unstable();
        let is_gone = |row: &u32| gone.binary_search_by_key(row, |it| it.0).is_ok();
        let kept = (0..table.rows).filter(|it| !is_gone(it)).collect();
        Some(Copies { kept, gone })
    }

    /// The table without them.
    pub fn table(&self, table: &Table) -> Table {
        let of = |cells: &Cells| self.kept.iter().map(|it| cells.get(*it as usize)).collect();
        Table {
            rows: self.kept.len() as u32,
            columns: table.columns.iter().map(of).collect(),
            keys: table.keys.iter().map(of).collect(),
            sources: if table.sources.is_empty() {
                Vec::new()
            } else {
                self.kept.iter().map(|it| table.sources[*it as usize]).collect()
            },
        }
    }

    /// The same question about the table without them.
    pub fn spec(&self, spec: &Spec) -> Spec {
        let decision = |it: &Decision| Decision { left: self.place(it.left), right: self.place(it.right), ..*it };
        let asked = |(left, right): &(u32, u32)| {
            let (one, mut other) = (self.standing(*left)[0], self.standing(*right)[0]);
            if one == other && left != right {
                // Two of the same rows weigh what any two of them weigh.
                other = self.standing(*left)[1].max(self.standing(*right)[1]);
            }
            (self.place(one), self.place(other))
        };
        Spec {
            decisions: spec.decisions.iter().map(decision).collect(),
            asked: spec.asked.iter().map(asked).collect(),
            ..spec.clone()
        }
    }

    /// The row by its number in the whole table.
    pub fn row(&self, place: u32) -> u32 {
        self.kept[place as usize]
    }

    /// How many rows a row stands for, itself too.
    pub fn times(&self) -> Vec<u32> {
        let mut acc = vec![1; self.kept.len()];
        self.gone.iter().for_each(|it| acc[self.place(it.1[0]) as usize] += 1);
        acc
    }

    /// The answer about the whole table.
    pub fn put_back(&self, mut found: Resolution) -> Resolution {
        for it in &mut found.pairs {
            (it.left, it.right) = (self.row(it.left), self.row(it.right));
        }
        found.clusters = self.clusters(&found);
        let before = found.pairs.len();
        let more = self.more(&found.pairs);
        found.pairs.extend(more);
        let mut order: Vec<u32> = (0..found.pairs.len() as u32).collect();
        order.sort_unstable_by_key(|it| (found.pairs[*it as usize].left, found.pairs[*it as usize].right));
        let mut places = vec![0; before];
        (0..).zip(&order).filter(|it| (*it.1 as usize) < before).for_each(|(at, it)| places[*it as usize] = at);
        found.bridges.iter_mut().for_each(|it| it.0 = places[it.0 as usize]);
        found.bridges.sort_unstable();
        found.pairs = order.into_iter().map(|it| found.pairs[it as usize]).collect();
        for note in &mut found.notes {
            note.rename(&|it| self.row(it));
        }
        found
    }

    /// For each row of the whole table the least row of its cluster. `found`: with pairs of the whole table.
    fn clusters(&self, found: &Resolution) -> Vec<u32> {
        let mut acc: Vec<u32> = (0..(self.kept.len() + self.gone.len()) as u32).collect();
        for (row, leader) in self.kept.iter().zip(&found.clusters) {
            acc[*row as usize] = self.row(*leader);
        }
        for (row, [one, other]) in &self.gone {
            let is_match = pair_of(&found.pairs, *one, *other).is_some_and(|it| it.verdict == Verdict::Match);
            if is_match && acc[*one as usize] == acc[*other as usize] {
                acc[*row as usize] = acc[*one as usize];
            }
        }
        acc
    }

    /// The pairs of rows that are not compared: those that their like have.
    fn more(&self, pairs: &[Pair]) -> Vec<Pair> {
        let mut by_first: AHashMap<u32, Vec<u32>> = self.gone.iter().map(|it| (it.1[0], Vec::new())).collect();
        self.gone.iter().for_each(|it| by_first.entry(it.1[0]).or_default().push(it.0));
        let mut acc = Vec::new();
        let mut add = |one: u32, other: u32, like: &Pair| {
            acc.push(Pair { left: one.min(other), right: one.max(other), ..*like });
        };
        for it in pairs {
            for (first, other) in [(it.left, it.right), (it.right, it.left)] {
                for row in by_first.get(&first).into_iter().flatten() {
                    add(*row, other, it);
                }
            }
            // Rows that others stand for have pairs with each other too, where there are not very many.
            let both = by_first.get(&it.left).zip(by_first.get(&it.right));
            if let Some((one, other)) = both.filter(|it| it.0.len() * it.1.len() <= ALL * ALL) {
                one.iter().for_each(|row| other.iter().for_each(|also| add(*row, *also, it)));
            }
        }
        let mut firsts: Vec<(u32, u32)> = self.gone.iter().map(|it| (it.1[0], it.1[1])).collect();
        firsts.sort_unstable();
        firsts.dedup();
        for (one, other) in firsts {
            let Some(like) = pair_of(pairs, one, other) else { continue };
            let own = by_first.get(&one).map(Vec::as_slice).unwrap_or_default();
            for (at, row) in own.iter().enumerate() {
                add(one, *row, like);
                if own.len() + FEW <= ALL {
                    own[at + 1..].iter().for_each(|it| add(*row, *it, like));
                }
            }
        }
        acc
    }

    /// The place of a row that is compared.
    fn place(&self, row: u32) -> u32 {
        self.kept.partition_point(|it| *it < row) as u32
    }

    /// The rows that stand for a row: itself twice where it is compared.
    fn standing(&self, row: u32) -> [u32; 2] {
        self.gone.binary_search_by_key(&row, |it| it.0).map_or([row; 2], |it| self.gone[it].1)
    }
}

fn pair_of(pairs: &[Pair], one: u32, other: u32) -> Option<&Pair> {
    let pair = (one.min(other), one.max(other));
    pairs.binary_search_by_key(&pair, |it| (it.left, it.right)).ok().map(|it| &pairs[it])
}

/// More than [`FEW`] rows with the same cells and source; rows in which nothing is compared are nobody's like.
fn repeated(table: &Table) -> Vec<Vec<u32>> {
    let columns: Vec<&Cells> = table.columns.iter().chain(&table.keys).collect();
    let source = |row: u32| table.sources.get(row as usize).copied().unwrap_or_default();
    let print = |row: u32| {
        let cells = columns.iter().map(|it| it.get(row as usize).map_or(1, |it| hash(it.as_bytes())));
        cells.fold(u64::from(source(row)), mix)
    };
    let is_blank = |row: u32| table.columns.iter().all(|it| it.get(row as usize).is_none_or(|it| it.trim().is_empty()));
    let mut sorted: Vec<(u64, u32)> = (0..table.rows).map(|it| (print(it), it)).collect();
    sorted.sort_unstable();
    let mut acc = Vec::new();
    for alike in sorted.chunk_by(|a, b| a.0 == b.0).filter(|it| it.len() > FEW) {
        let first = alike[0].1;
        let same = |row: u32| {
            source(row) == source(first) && columns.iter().all(|it| it.get(row as usize) == it.get(first as usize))
        };
        let own: Vec<u32> = alike.iter().map(|it| it.1).filter(|it| same(*it)).collect();
        if own.len() > FEW && !is_blank(first) {
            acc.push(own);
        }
    }
    acc
}
