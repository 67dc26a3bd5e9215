//! From pairs to clusters: average linkage inside components, so that one false pair does not make two clusters one.
//!
//! Sums of weights are whole numbers, so their order never reaches an answer; ties are broken by the order of values.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use super::spec::{Clustering, Fitted};

/// Bits beyond so many count little: one pair that agrees in all does not outweigh many that speak against it. Where a
/// match must have more bits, bits beyond those.
const FULL_BITS: f64 = 6.0;
/// A weight that many bits beyond is not surer.
const MOST_BEYOND: f64 = 6.0;
/// How little.
const BEYOND: f64 = 0.125;
/// What a pair counts that no rule found.
const NOT_COMPARED: i64 = fixed(-4.0);
/// Bits above the threshold below which an edge that alone holds a cluster together is worth a look.
const WEAK: f64 = 3.0;

const fn fixed(bits: f64) -> i64 {
    (bits * 1_048_576.0) as i64
}

/// What a weight counts when clusters are joined, where a match has `at` bits; of two weights the greater counts more.
fn counted(weight: f64, at: f64) -> f64 {
    let (bits, full) = (weight.abs(), FULL_BITS.max(at));
    (bits.min(full) + (bits - full).clamp(0.0, MOST_BEYOND) * BEYOND).copysign(weight)
}

/// A pair with its weight.
#[derive(Clone, Copy, Debug)]
pub(super) struct Edge {
    pub left: u32,
    pub right: u32,
    pub weight: f64,
}

/// Pairs, sorted by rows, that are gone through more than once.
pub(super) trait Edges {
    fn each(&self, act: &mut dyn FnMut(Edge));
}

impl Edges for Vec<Edge> {
    fn each(&self, act: &mut dyn FnMut(Edge)) {
        self.iter().for_each(|it| act(*it));
    }
}

/// What clusters are made of.
pub(super) struct Given<'a> {
    /// Those that do not match tell what speaks against a cluster.
    pub edges: &'a dyn Edges,
    pub rows: u32,
    /// The order of rows by their values.
    pub order: &'a dyn Fn(u32, u32) -> Ordering,
    /// The weight of a match.
    pub at: f64,
    /// Rows that are one.
    pub same: &'a [(u32, u32)],
    /// Rows that are not, the lesser first.
    pub different: &'a BTreeSet<(u32, u32)>,
    /// Knows the source of each row of which a cluster has one row at most.
    pub unique: &'a dyn Unique,
    /// Whether two clusters of two rows at least confirm values that differ.
    pub contradict: &'a dyn Fn(&[u32], &[u32]) -> bool,
    pub max_size: u32,
    pub how: Clustering,
}

/// Rows of which a cluster has few.
pub(super) trait Unique {
    /// The source of a row if a cluster has one row of it at most.
    fn of(&self, row: u32) -> Option<u32>;
}

impl Unique for Fitted<'_> {
    fn of(&self, row: u32) -> Option<u32> {
        Some(self.source(row)).filter(|it| self.spec.unique_in.contains(it))
    }
}

/// Clusters and what is worth knowing of them.
pub(super) struct Clusters {
    /// For each row the least row of its cluster.
    pub leaders: Vec<u32>,
    /// The rows of which they are made; rows that match none are not there.
    pub components: Components,
    /// Clusters that would have been larger than allowed: a row, and how many there would have been.
    pub held: Vec<(u32, u32)>,
    /// Decisions that others contradict.
    pub contradictions: Vec<(u32, u32)>,
}

/// Rows that hang together.
pub(super) struct Union(Vec<u32>);

impl Union {
    pub fn new(rows: usize) -> Union {
        Union((0..rows as u32).collect())
    }

    pub fn find(&mut self, row: u32) -> u32 {
        let mut at = row;
        while self.0[at as usize] != at {
            let above = self.0[self.0[at as usize] as usize];
            self.0[at as usize] = above;
            at = above;
        }
        at
    }

    pub fn join(&mut self, one: u32, other: u32) {
        let (one, other) = (self.find(one), self.find(other));
        self.0[one.max(other) as usize] = one.min(other);
    }
}

/// Sets of rows that hang together, each sorted, with two rows at least; by their first rows.
#[derive(Default)]
pub(super) struct Components {
    rows: Vec<u32>,
    ends: Vec<u32>,
}

impl Components {
    pub fn iter(&self) -> impl Iterator<Item = &[u32]> {
        let begins = std::iter::once(0).chain(self.ends.iter().copied());
        begins.zip(&self.ends).map(|(begin, end)| &self.rows[begin as usize..*end as usize])
    }
}

/// The components of rows that match.
pub(super) fn components(given: &Given<'_>) -> Components {
    let mut union = Union::new(given.rows as usize);
    given.same.iter().for_each(|(one, other)| union.join(*one, *other));
    given.edges.each(&mut |it| {
        if it.weight >= given.at && !is_different(given, it.left, it.right) {
            union.join(it.left, it.right);
        }
    });
    // The first row leads.
    let mut members: Vec<(u32, u32)> = Vec::new();
    for row in 0..given.rows {
        let leader = union.find(row);
        if leader != row {
            members.push((leader, row));
        }
    }
    drop(union);
    members.sort_unstable();
    let mut acc = Components::default();
    for own in members.chunk_by(|a, b| a.0 == b.0) {
        acc.rows.push(own[0].0);
        acc.rows.extend(own.iter().map(|it| it.1));
        acc.ends.push(acc.rows.len() as u32);
    }
    acc
}

/// Whether two of these rows are decided to be two.
fn is_parted(given: &Given<'_>, members: &[u32]) -> bool {
    let within = |it: &u32| members.binary_search(it).is_ok();
    given.different.iter().any(|(one, other)| within(one) && within(other))
}

fn is_different(given: &Given<'_>, one: u32, other: u32) -> bool {
    given.different.contains(&(one.min(other), one.max(other)))
}

/// Forms clusters.
pub(super) fn clusters(given: &Given<'_>) -> Clusters {
    let rows = given.rows as usize;
    let mut acc = Clusters {
        leaders: (0..given.rows).collect(),
        components: Components::default(),
        held: Vec::new(),
        contradictions: Vec::new(),
    };
    let mut same = Union::new(rows);
    given.same.iter().for_each(|(one, other)| same.join(*one, *other));
    acc.contradictions.extend(given.different.iter().filter(|(one, other)| same.find(*one) == same.find(*other)));
    if given.how == Clustering::OneToOne {
        one_to_one(given, same, &mut acc);
        return acc;
    }
    let components = components(given);
    let edges = within(given, &components);
    let mut open = edges.as_slice();
    for (component, members) in (0..).zip(components.iter()) {
        let (edges, rest) = open.split_at(open.partition_point(|it| it.0 == component));
        open = rest;
        let parts = match given.how {
            Clustering::Components
                if members.len() <= given.max_size as usize
                    && !is_parted(given, members)
                    && !is_twice(given, members) =>
            {
                vec![members.to_vec()]
            }
            _ => average(given, members, edges, &mut same, &mut acc.held),
        };
        for part in parts {
            let leader = part.iter().copied().min().unwrap_or_default();
            part.iter().for_each(|it| acc.leaders[*it as usize] = leader);
        }
    }
    acc.components = components;
    acc
}

/// An edge within a component: which one, the places of its rows there, and what it counts.
type Within = (u32, u32, u32, i64);

/// The edges within components, sorted.
fn within(given: &Given<'_>, components: &Components) -> Vec<Within> {
    let mut own = vec![u32::MAX; given.rows as usize];
    for (component, members) in (0..).zip(components.iter()) {
        members.iter().for_each(|it| own[*it as usize] = component);
    }
    let mut acc: Vec<Within> = Vec::new();
    given.edges.each(&mut |it| {
        let component = own[it.left as usize];
        if component != u32::MAX && component == own[it.right as usize] {
            acc.push((component, it.left, it.right, fixed(counted(it.weight, given.at))));
        }
    });
    drop(own);
    acc.sort_unstable();
    let mut open = acc.as_mut_slice();
    for (component, members) in (0..).zip(components.iter()) {
        let (edges, rest) = open.split_at_mut(open.partition_point(|it| it.0 == component));
        open = rest;
        let place = |row: u32| members.binary_search(&row).unwrap_or_default() as u32;
        edges.iter_mut().for_each(|it| (it.1, it.2) = (place(it.1), place(it.2)));
    }
    acc
}

/// A join that may be made, best first.
#[derive(PartialEq, Eq)]
struct Join {
    /// The mean weight.
    mean: i64,
    /// The places of the least rows in the order of values.
    least: (u32, u32),
    clusters: (u32, u32),
    versions: (u32, u32),
}

impl Ord for Join {
    fn cmp(&self, other: &Join) -> Ordering {
        let key = |it: &Join| (it.mean, std::cmp::Reverse(it.least), std::cmp::Reverse(it.clusters));
        key(self).cmp(&key(other))
    }
}

impl PartialOrd for Join {
    fn partial_cmp(&self, other: &Join) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

struct Group {
    rows: Vec<u32>,
    least: u32,
    version: u32,
    /// For each neighbour the sum of weights and the number of pairs that were compared.
    near: BTreeMap<u32, (i64, u32)>,
}

fn average(
    given: &Given<'_>,
    members: &[u32],
    edges: &[Within],
    same: &mut Union,
    held: &mut Vec<(u32, u32)>,
) -> Vec<Vec<u32>> {
    let at = fixed(given.at);
    let place = |row: u32| members.binary_search(&row).unwrap_or_default() as u32;
    let own: Vec<u32> = members.iter().map(|it| place(same.find(*it))).collect();
    let mut groups: Vec<Option<Group>> = members.iter().map(|_| None).collect();
    for ((row, own), order) in members.iter().zip(&own).zip(ranks(given, members)) {
        let group = groups[*own as usize].get_or_insert_with(|| Group {
            rows: Vec::new(),
            least: order,
            version: 0,
            near: BTreeMap::new(),
        });
        group.rows.push(*row);
        group.least = group.least.min(order);
    }
    for (_, one, other, weight) in edges {
        let (one, other) = (own[*one as usize], own[*other as usize]);
        for (from, to) in [(one, other), (other, one)] {
            if let Some(group) = groups[from as usize].as_mut().filter(|_| from != to) {
                let sum = group.near.entry(to).or_default();
                sum.0 += weight;
                sum.1 += 1;
            }
        }
    }
    let mut heap = BinaryHeap::new();
    for one in 0..groups.len() as u32 {
        let near: Vec<u32> = groups[one as usize].iter().flat_map(|it| it.near.keys().copied()).collect();
        heap.extend(near.into_iter().filter(|it| *it > one).filter_map(|other| join(&groups, one, other)));
    }
    let mut was_held = 0;
    while let Some(next) = heap.pop() {
        if next.mean < at {
            break;
        }
        let (one, other) = next.clusters;
        let version = |it: u32| groups[it as usize].as_ref().map(|it| it.version);
        if version(one) != Some(next.versions.0) || version(other) != Some(next.versions.1) {
            continue;
        }
        let (Some(a), Some(b)) = (&groups[one as usize], &groups[other as usize]) else { continue };
        if a.rows.len() + b.rows.len() > given.max_size as usize {
            was_held = was_held.max((a.rows.len() + b.rows.len()) as u32);
            continue;
        }
        if is_barred(given, a, b) || is_doubtful(given, a, b, next.mean) || has_rival(given, &groups, &next) {
            continue;
        }
        let Some(gone) = groups[other as usize].take() else { continue };
        let Some(kept) = groups[one as usize].as_mut() else { continue };
        kept.rows.extend(gone.rows);
        kept.least = kept.least.min(gone.least);
        kept.version += 1;
        kept.near.remove(&other);
        for (near, sum) in gone.near.into_iter().filter(|it| it.0 != one) {
            let own = kept.near.entry(near).or_default();
            own.0 += sum.0;
            own.1 += sum.1;
        }
        let near: Vec<(u32, (i64, u32))> = kept.near.iter().map(|(near, sum)| (*near, *sum)).collect();
        for (near, sum) in near {
            if let Some(group) = groups[near as usize].as_mut() {
                group.near.remove(&other);
                group.near.insert(one, sum);
            }
            heap.extend(join(&groups, one.min(near), one.max(near)));
        }
    }
    if was_held > 0 {
        held.push((members[0], was_held));
    }
    groups.into_iter().flatten().map(|it| it.rows).collect()
}

/// The place of each row in the order of values.
fn ranks(given: &Given<'_>, members: &[u32]) -> Vec<u32> {
    let mut sorted: Vec<u32> = (0..members.len() as u32).collect();
    // Of two there is one join.
    if members.len() > 2 {
        sorted.sort_unstable_by(|one, other| (given.order)(members[*one as usize], members[*other as usize]));
    }
    let mut acc = vec![0; members.len()];
    (0..).zip(sorted).for_each(|(place, it)| acc[it as usize] = place);
    acc
}

fn join(groups: &[Option<Group>], one: u32, other: u32) -> Option<Join> {
    let (a, b) = (groups[one as usize].as_ref()?, groups[other as usize].as_ref()?);
    let (sum, compared) = *a.near.get(&other)?;
    let all = (a.rows.len() * b.rows.len()) as i64;
    let mean = (sum + (all - i64::from(compared)).max(0) * NOT_COMPARED).div_euclid(all.max(1));
    let least = (a.least.min(b.least), a.least.max(b.least));
    Some(Join { mean, least, clusters: (one, other), versions: (a.version, b.version) })
}

fn is_barred(given: &Given<'_>, a: &Group, b: &Group) -> bool {
    let sources: BTreeSet<u32> = a.rows.iter().filter_map(|it| given.unique.of(*it)).collect();
    let twice = b.rows.iter().filter_map(|it| given.unique.of(*it)).any(|it| sources.contains(&it));
    let apart = || a.rows.iter().any(|one| b.rows.iter().any(|other| is_different(given, *one, *other)));
    twice || (!given.different.is_empty() && apart())
}

/// Whether one of two clusters has another one with which it is joined equally well, and that cannot be with the other.
/// Which of the two is right nobody knows, so it is joined with none.
fn has_rival(given: &Given<'_>, groups: &[Option<Group>], next: &Join) -> bool {
    let (one, other) = next.clusters;
    [(one, other), (other, one)].into_iter().any(|(own, with)| {
        let (Some(group), Some(partner)) = (&groups[own as usize], &groups[with as usize]) else { return false };
        group.near.keys().filter(|it| **it != with).any(|it| {
            let Some(rival) = &groups[*it as usize] else { return false };
            join(groups, own.min(*it), own.max(*it)).is_some_and(|it| it.mean == next.mean)
                && is_barred(given, partner, rival)
                && !is_barred(given, group, rival)
        })
    })
}

/// Whether rows of two clusters confirm each other in what tells the two apart, and the pairs between them are not sure.
fn is_doubtful(given: &Given<'_>, a: &Group, b: &Group, mean: i64) -> bool {
    a.rows.len() > 1 && b.rows.len() > 1 && mean < fixed(FULL_BITS) && (given.contradict)(&a.rows, &b.rows)
}

/// The best pairs first; two equally good ones about one row are no pairs. Rows that are decided to be one are one, and
/// have no other pair.
fn one_to_one(given: &Given<'_>, mut same: Union, acc: &mut Clusters) {
    let mut used = vec![false; given.rows as usize];
    for row in given.same.iter().flat_map(|it| [it.0, it.1]) {
        used[row as usize] = true;
        acc.leaders[row as usize] = same.find(row);
    }
    let mut best: Vec<(i64, Edge)> = Vec::new();
    given.edges.each(&mut |it| {
        let is_open = |row: u32| !used[row as usize];
        let is_barred = || is_different(given, it.left, it.right) || are_of_one(given, it.left, it.right);
        if it.weight >= given.at && is_open(it.left) && is_open(it.right) && !is_barred() {
            best.push((fixed(it.weight), it));
        }
    });
    best.sort_by(|a, b| b.0.cmp(&a.0).then((a.1.left, a.1.right).cmp(&(b.1.left, b.1.right))));
    for equal in best.chunk_by(|a, b| a.0 == b.0) {
        let mut counts: BTreeMap<u32, u32> = BTreeMap::new();
        let open: Vec<&Edge> =
            equal.iter().map(|it| &it.1).filter(|it| !used[it.left as usize] && !used[it.right as usize]).collect();
        for row in open.iter().flat_map(|it| [it.left, it.right]) {
            *counts.entry(row).or_default() += 1;
        }
        for it in open {
            let alone = [it.left, it.right].iter().all(|row| counts.get(row) == Some(&1));
            used[it.left as usize] = true;
            used[it.right as usize] = true;
            if alone {
                acc.leaders[it.right as usize] = it.left;
            }
        }
    }
}

/// Whether two rows are of one source of which a cluster has one row at most.
fn are_of_one(given: &Given<'_>, one: u32, other: u32) -> bool {
    given.unique.of(one).is_some_and(|it| given.unique.of(other) == Some(it))
}

/// Whether some of these rows are of one source of which a cluster has one row at most.
fn is_twice(given: &Given<'_>, members: &[u32]) -> bool {
    let mut sources: Vec<u32> = members.iter().filter_map(|it| given.unique.of(*it)).collect();
    sources.sort_unstable();
    sources.windows(2).any(|it| it[0] == it[1])
}

/// Edges that alone hold a cluster together and are weak, by place, with the rows on the smaller side (Tarjan 1974).
pub(super) fn bridges(edges: &[Edge], at: f64, leaders: &[u32]) -> Vec<(u32, u32)> {
    let mut near: BTreeMap<u32, Vec<(u32, u32)>> = BTreeMap::new();
    for (place, it) in (0_u32..).zip(edges) {
        if it.weight >= at && leaders[it.left as usize] == leaders[it.right as usize] {
            near.entry(it.left).or_default().push((it.right, place));
            near.entry(it.right).or_default().push((it.left, place));
        }
    }
    let mut found: BTreeMap<u32, (u32, u32)> = BTreeMap::new();
    let mut clock = 0_u32;
    let mut acc = Vec::new();
    let starts: Vec<u32> = near.keys().copied().collect();
    for start in starts {
        if found.contains_key(&start) {
            continue;
        }
        // (row, edge it was reached by, next neighbour, rows beneath)
        let mut open: Vec<(u32, u32, usize, u32)> = vec![(start, u32::MAX, 0, 1)];
        let mut cuts: Vec<(u32, u32)> = Vec::new();
        let mut rows = 0;
        found.insert(start, (clock, clock));
        clock += 1;
        while let Some((row, by, next, beneath)) = open.last().copied() {
            let step = near.get(&row).and_then(|it| it.get(next)).copied();
            if let Some((other, edge)) = step {
                if let Some(top) = open.last_mut() {
                    top.2 += 1;
                }
                if edge == by {
                    continue;
                }
                if let Some((entered, _)) = found.get(&other).copied() {
                    found.entry(row).and_modify(|it| it.1 = it.1.min(entered));
                } else {
                    found.insert(other, (clock, clock));
                    clock += 1;
                    open.push((other, edge, 0, 1));
                }
                continue;
            }
            open.pop();
            rows += 1;
            let low = found.get(&row).map_or(0, |it| it.1);
            if let Some(above) = open.last_mut() {
                above.3 += beneath;
                let entered = found.get(&above.0).map_or(0, |it| it.0);
                found.entry(above.0).and_modify(|it| it.1 = it.1.min(low));
                if low > entered {
                    cuts.push((by, beneath));
                }
            }
        }
        if rows > 2 {
            let weak = |it: &(u32, u32)| edges[it.0 as usize].weight < at + WEAK;
            acc.extend(cuts.into_iter().filter(weak).map(|(edge, side)| (edge, side.min(rows - side))));
        }
    }
    acc.sort_unstable();
    acc
}

#[cfg(test)]
mod tests {
    use super::*;

    struct None;

    impl Unique for None {
        fn of(&self, _: u32) -> Option<u32> {
            Option::None
        }
    }

    fn leaders(rows: u32, weight: impl Fn(u32, u32) -> f64) -> Vec<u32> {
        told(rows, weight, &|_, _| false)
    }

    fn told(rows: u32, weight: impl Fn(u32, u32) -> f64, contradict: &dyn Fn(&[u32], &[u32]) -> bool) -> Vec<u32> {
        let pairs = (0..rows).flat_map(|left| (left + 1..rows).map(move |right| (left, right)));
        let edges: Vec<Edge> = pairs.map(|(left, right)| Edge { left, right, weight: weight(left, right) }).collect();
        let different = BTreeSet::new();
        let (at, how) = (0.0, Clustering::Average);
        let given = Given {
            edges: &edges,
            rows,
            order: &|one, other| one.cmp(&other),
            at,
            same: &[],
            different: &different,
            unique: &None,
            contradict,
            max_size: 100,
            how,
        };
        clusters(&given).leaders
    }

    #[test]
    fn a_row_that_is_like_all_does_not_make_two_clusters_one() {
        // Two firms of four rows each; the last row seems to be any of them.
        let firm = |row: u32| row / 4;
        let weight = |left: u32, right: u32| match () {
            () if right == 8 => 22.0,
            () if firm(left) == firm(right) => 8.0,
            () => -2.3,
        };
        let found = leaders(9, weight);
        assert!(found[..4].iter().all(|it| *it == found[0]), "{found:?}");
        assert!(found[4..8].iter().all(|it| *it == found[4]), "{found:?}");
        assert_ne!(found[0], found[4], "{found:?}");
    }

    #[test]
    fn of_two_sure_pairs_the_surer_is_joined_first() {
        // The second row is one of the two others, which are two.
        let weight = |left: u32, right: u32| match (left, right) {
            (0, 1) => 8.0,
            (1, 2) => 11.0,
            _ => -20.0,
        };
        assert_eq!(leaders(3, weight), [0, 1, 1]);
        let of = |weight| counted(weight, 0.0);
        assert!(of(11.0) > of(8.0) && of(8.0) > of(6.0));
        assert_eq!((of(30.0), of(-6.0), counted(30.0, 9.0), counted(9.0, 9.0)), (6.75, -6.0, 9.75, 9.0));
    }

    #[test]
    fn clusters_that_contradict_each_other_are_joined_where_the_pairs_are_sure() {
        let between = |bits: f64| move |left: u32, right: u32| if left / 2 == right / 2 { 13.0 } else { bits };
        assert_eq!(leaders(4, between(3.0)), [0; 4]);
        assert_eq!(told(4, between(3.0), &|_, _| true), [0, 0, 2, 2]);
        assert_eq!(told(4, between(9.0), &|_, _| true), [0; 4], "all else says that they are one");
        assert_eq!(told(3, between(3.0), &|_, _| true), [0; 3], "one row is no second opinion");
    }
}
