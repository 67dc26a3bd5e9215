//! Clusters of rows whose pairs somebody else weighed: the same rules as for pairs that were compared here.

use std::collections::BTreeSet;

use super::cluster::{self, Edge, Given, Unique};
use super::pairs::weight_of;
use super::spec::{Clustering, Decision, Note, Says};

/// Rows, and pairs of them with their weights. The numbers of rows are their order: of two equally good joins the one
/// with the lesser rows comes first.
#[derive(Clone, Debug)]
pub struct Weighed<'a> {
    /// How many rows there are.
    pub rows: u32,
    /// Pairs, the lesser row first, sorted, each once, with log2 of the odds that the two are one.
    pub pairs: &'a [(u32, u32, f64)],
    /// What people decided; the later one of two about the same rows holds.
    pub decisions: &'a [Decision],
    /// Of what each row is of which a cluster has one row at most; empty = nothing.
    pub sources: &'a [Option<u32>],
    /// Pairs of at least this probability are matches.
    pub match_at: f64,
    /// How pairs become clusters.
    pub clustering: Clustering,
    /// No cluster has more rows.
    pub max_size: u32,
}

/// Clusters of rows.
#[derive(Clone, Debug)]
pub struct Grouped {
    /// For each row the least row of its cluster.
    pub clusters: Vec<u32>,
    /// Pairs, by place, whose loss would split a cluster.
    pub bridges: Vec<u32>,
    /// What somebody should know.
    pub notes: Vec<Note>,
}

struct Sources<'a>(&'a [Option<u32>]);

impl Unique for Sources<'_> {
    fn of(&self, row: u32) -> Option<u32> {
        self.0.get(row as usize).copied().flatten()
    }
}

/// Forms the clusters.
pub fn grouped(it: &Weighed<'_>) -> Grouped {
    let pair = |it: &Decision| (it.left.min(it.right), it.left.max(it.right));
    let last = |at: usize| !it.decisions[at + 1..].iter().any(|later| pair(later) == pair(&it.decisions[at]));
    let of = |says: Says| {
        let own = it.decisions.iter().enumerate().filter(move |(_, it)| it.says == says);
        own.filter(|(at, _)| last(*at)).map(|(_, it)| pair(it)).collect::<BTreeSet<_>>()
    };
    let (same, different) = (of(Says::Same), of(Says::Different));
    let same: Vec<(u32, u32)> = same.into_iter().collect();
    let edge = |(left, right, weight): &(u32, u32, f64)| {
        let weight = if different.contains(&(*left, *right)) { -60.0 } else { *weight };
        Edge { left: *left, right: *right, weight }
    };
    let edges: Vec<Edge> = it.pairs.iter().map(edge).collect();
    let given = Given {
        edges: &edges,
        rows: it.rows,
        order: &|one, other| one.cmp(&other),
        at: weight_of(it.match_at),
        same: &same,
        different: &different,
        unique: &Sources(it.sources),
        // Pairs say nothing of values.
        contradict: &|_, _| false,
        max_size: it.max_size,
        how: it.clustering,
    };
    let found = cluster::clusters(&given);
    let bridges = cluster::bridges(&edges, given.at, &found.leaders).into_iter().map(|it| it.0).collect();
    let largest = found.held.iter().map(|it| it.1).max();
    let large = largest.map(|largest| Note::TooLarge { clusters: found.held.len() as u32, largest });
    Grouped { clusters: found.leaders, bridges, notes: large.into_iter().collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clusters(pairs: &[(u32, u32, f64)], with: impl FnOnce(&mut Weighed<'_>)) -> Vec<u32> {
        let mut it = Weighed {
            rows: 5,
            pairs,
            decisions: &[],
            sources: &[],
            match_at: 0.5,
            clustering: Clustering::Average,
            max_size: 100,
        };
        with(&mut it);
        grouped(&it).clusters
    }

    #[test]
    fn clusters_follow_weights_limits_and_decisions() {
        let pairs = [(0, 1, 8.0), (1, 2, 3.0), (0, 2, -9.0), (3, 4, -1.0)];
        assert_eq!(clusters(&pairs, |_| ()), [0, 0, 2, 3, 4]);
        assert_eq!(clusters(&pairs, |it| it.clustering = Clustering::Components), [0, 0, 0, 3, 4]);
        assert_eq!(clusters(&pairs, |it| it.match_at = 0.3), [0, 0, 2, 3, 3]);
        assert_eq!(clusters(&pairs, |it| it.sources = &[Some(0), Some(0), Some(1), None, None]), [0, 1, 1, 3, 4]);
        const APART: Decision = Decision { left: 0, right: 1, says: Says::Different };
        const SAME: &[Decision] = &[Decision { left: 4, right: 3, says: Says::Same }, APART];
        const BACK: &[Decision] = &[APART, Decision { left: 1, right: 0, says: Says::Same }];
        assert_eq!(clusters(&pairs, |it| it.decisions = SAME), [0, 1, 1, 3, 3]);
        assert_eq!(clusters(&pairs, |it| it.decisions = BACK), [0, 0, 2, 3, 4]);
        assert_eq!(clusters(&[], |it| it.rows = 0), [0; 0]);
    }

    #[test]
    fn decisions_and_sources_count_in_every_way() {
        const SAME: &[Decision] = &[Decision { left: 1, right: 2, says: Says::Same }];
        let pairs = [(0, 1, 8.0), (1, 2, 3.0), (3, 4, 5.0)];
        for how in [Clustering::Average, Clustering::Components, Clustering::OneToOne] {
            let with = |sources, decisions| {
                clusters(&pairs, |it| (it.clustering, it.sources, it.decisions) = (how, sources, decisions))
            };
            const SIDES: &[Option<u32>] = &[Some(0), Some(0), Some(1), Some(2), Some(2)];
            assert_eq!(with(SIDES, &[]), [0, 1, 1, 3, 4], "{how:?}");
            assert_eq!(with(&[], SAME)[1..3], [1 - u32::from(how != Clustering::OneToOne); 2], "{how:?}");
            const TWICE: &[Option<u32>] = &[None, Some(0), Some(0), None, None];
            let found = with(TWICE, SAME);
            assert_eq!(found[1], found[2], "{how:?}: a decision holds against sources too");
        }
        // Rows that are decided to be one need no pair, and have no other one.
        let one_to_one =
            |decisions| clusters(&pairs, |it| (it.clustering, it.decisions) = (Clustering::OneToOne, decisions));
        const FAR: &[Decision] = &[Decision { left: 4, right: 0, says: Says::Same }];
        assert_eq!(one_to_one(FAR), [0, 1, 1, 3, 0]);
        assert_eq!(one_to_one(&[]), [0, 0, 2, 3, 3]);
    }

    #[test]
    fn what_is_too_large_is_told_and_weak_links_are_bridges() {
        let pairs = [(0, 1, 9.0), (1, 2, 1.0), (2, 3, 9.0)];
        let mut it = Weighed {
            rows: 4,
            pairs: &pairs,
            decisions: &[],
            sources: &[],
            match_at: 0.5,
            clustering: Clustering::Components,
            max_size: 100,
        };
        assert_eq!(grouped(&it).bridges, [1]);
        let all = [(0, 1, 9.0), (0, 2, 1.0), (0, 3, 1.0), (1, 2, 1.0), (1, 3, 1.0), (2, 3, 9.0)];
        (it.pairs, it.max_size) = (&all, 2);
        let found = grouped(&it);
        assert_eq!(found.clusters, [0, 0, 2, 2]);
        assert!(matches!(found.notes[..], [Note::TooLarge { clusters: 1, largest: 4 }]), "{:?}", found.notes);
    }
}
