//! Where nodes stand: layers from left to right by the longest path, few crossings, straight lines where they can be.
//!
//! After Sugiyama, Tagawa and Toda (1981): edges over several layers get a place in each of them, which edges from
//! one node share; orders within layers are improved by barycentres; heights by the mean of neighbours, kept apart
//! by pooling adjacent violators. Only sums, products and quotients of doubles, so all platforms agree.

use std::collections::BTreeMap;

/// Beyond so many places on long edges these are drawn straight: the picture is past reading anyway.
const MOST_BENDS: usize = 20_000;
/// How often orders are improved.
const SWEEPS: usize = 24;
/// How often heights are improved.
const STRAIGHTENINGS: usize = 24;

/// What is to be placed.
pub(super) struct Task<'a> {
    /// For each edge the node it comes from and the one it goes to; nodes come after what they come from.
    pub edges: &'a [(usize, usize)],
    /// Width of each node.
    pub widths: &'a [f64],
    /// Nodes that stand in the last layer.
    pub last: &'a [bool],
    /// Height of every node.
    pub height: f64,
    /// Between two nodes above each other.
    pub gap: f64,
    /// Between two layers.
    pub channel: f64,
}

/// Where everything stands.
pub(super) struct Placed {
    /// For each node the left end and the middle height.
    pub nodes: Vec<(f64, f64)>,
    /// For each node the right end of its layer: nodes of a layer are not all of one width.
    pub rights: Vec<f64>,
    /// For each edge the layers it passes: where it enters, where it leaves, at which height.
    pub bends: Vec<Vec<(f64, f64, f64)>>,
    /// Of all.
    pub width: f64,
    /// Of all.
    pub height: f64,
}

/// A graph in layers: nodes first, then the places of long edges.
struct Layers {
    layer: Vec<usize>,
    /// Neighbours in the layer before and in the layer after.
    before: Vec<Vec<usize>>,
    after: Vec<Vec<usize>>,
    /// The vertices of each layer from top to bottom.
    order: Vec<Vec<usize>>,
    /// For each edge the places it passes.
    chains: Vec<Vec<usize>>,
    nodes: usize,
}

/// Places all nodes and edges.
pub(super) fn place(task: &Task) -> Placed {
    let mut layers = layered(task);
    improve_orders(&mut layers);
    let heights = heights(&layers, task);
    let columns = layers.order.len();
    let mut widths = vec![0.0_f64; columns];
    for (node, width) in task.widths.iter().enumerate() {
        let column = &mut widths[layers.layer[node]];
        *column = column.max(*width);
    }
    let mut lefts = Vec::with_capacity(columns);
    let mut right = 0.0;
    for width in &widths {
        lefts.push(right);
        right += width + task.channel;
    }
    let nodes = (0..layers.nodes).map(|it| (lefts[layers.layer[it]], heights[it])).collect();
    let rights = layers.layer[..layers.nodes].iter().map(|it| lefts[*it] + widths[*it]).collect();
    let bend = |it: &usize| {
        let left = lefts[layers.layer[*it]];
        (left, left + widths[layers.layer[*it]], heights[*it])
    };
    let bends = layers.chains.iter().map(|chain| chain.iter().map(bend).collect()).collect();
    let height = heights.iter().fold(0.0_f64, |acc, it| acc.max(*it)) + task.height / 2.0;
    Placed { nodes, rights, bends, width: (right - task.channel).max(0.0), height }
}

fn layered(task: &Task) -> Layers {
    let nodes = task.widths.len();
    let mut layer = vec![0_usize; nodes];
    for (from, to) in sorted_by_end(task.edges) {
        layer[to] = layer[to].max(layer[from] + 1);
    }
    let deepest = (0..nodes).filter(|it| !task.last[*it]).map(|it| layer[it] + 1).max().unwrap_or(0);
    for node in (0..nodes).filter(|it| task.last[*it]) {
        layer[node] = deepest;
    }
    let bends: usize = task.edges.iter().map(|(from, to)| (layer[*to] - layer[*from]).saturating_sub(1)).sum();
    let (mut before, mut after) = (vec![Vec::new(); nodes], vec![Vec::new(); nodes]);
    let mut shared: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    let mut chains = Vec::with_capacity(task.edges.len());
    for (from, to) in task.edges {
        let mut chain = Vec::new();
        let mut last = *from;
        if bends <= MOST_BENDS {
            for at in layer[*from] + 1..layer[*to] {
                let bend = *shared.entry((*from, at)).or_insert_with(|| {
                    layer.push(at);
                    before.push(vec![last]);
                    after.push(Vec::new());
                    after[last].push(layer.len() - 1);
                    layer.len() - 1
                });
                chain.push(bend);
                last = bend;
            }
            before[*to].push(last);
            after[last].push(*to);
        }
        chains.push(chain);
    }
    let mut order = vec![Vec::new(); layer.iter().max().map_or(0, |it| it + 1)];
    for (vertex, at) in layer.iter().enumerate() {
        order[*at].push(vertex);
    }
    Layers { layer, before, after, order, chains, nodes }
}

/// Nodes come after what they come from, so in the order of ends every start is settled.
fn sorted_by_end(edges: &[(usize, usize)]) -> Vec<(usize, usize)> {
    let mut edges = edges.to_vec();
    edges.sort_by_key(|(from, to)| (*to, *from));
    edges
}

/// Sorts layers by the mean place of neighbours, there and back, and keeps the order with the fewest crossings.
fn improve_orders(layers: &mut Layers) {
    let mut best = layers.order.clone();
    let mut fewest = crossings(layers);
    for sweep in 0..SWEEPS {
        if fewest == 0 {
            break;
        }
        let there = sweep % 2 == 0;
        let count = layers.order.len();
        for step in 1..count {
            let (at, fixed) = if there { (step, step - 1) } else { (count - 1 - step, count - step) };
            let place = places(&layers.order[fixed], layers.layer.len());
            let neighbours = if there { &layers.before } else { &layers.after };
            let mut keyed: Vec<(f64, usize)> = layers.order[at]
                .iter()
                .enumerate()
                .map(|(own, it)| (mean(neighbours[*it].iter().map(|it| place[*it] as f64)).unwrap_or(own as f64), *it))
                .collect();
            keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
            layers.order[at] = keyed.into_iter().map(|(_, it)| it).collect();
        }
        let now = crossings(layers);
        if now < fewest {
            fewest = now;
            best.clone_from(&layers.order);
        }
    }
    layers.order = best;
}

fn places(order: &[usize], vertices: usize) -> Vec<usize> {
    let mut places = vec![0; vertices];
    order.iter().enumerate().for_each(|(at, it)| places[*it] = at);
    places
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (mut sum, mut count) = (0.0, 0.0);
    values.for_each(|it| {
        sum += it;
        count += 1.0;
    });
    (count > 0.0).then(|| sum / count)
}

/// How often edges cross: inversions between each two layers, counted in a Fenwick tree.
fn crossings(layers: &Layers) -> u64 {
    let mut total = 0;
    for pair in layers.order.windows(2) {
        let place = places(&pair[1], layers.layer.len());
        let mut tree = vec![0_u64; pair[1].len() + 1];
        let mut seen = 0;
        for vertex in &pair[0] {
            let mut ends: Vec<usize> = layers.after[*vertex].iter().map(|it| place[*it]).collect();
            ends.sort_unstable();
            for end in &ends {
                let mut at = end + 1;
                let mut not_beyond = 0;
                while at > 0 {
                    not_beyond += tree[at];
                    at -= at & at.wrapping_neg();
                }
                total += seen - not_beyond;
            }
            for end in &ends {
                let mut at = end + 1;
                while at < tree.len() {
                    tree[at] += 1;
                    at += at & at.wrapping_neg();
                }
                seen += 1;
            }
        }
    }
    total
}

/// The middle height of each vertex: near the mean of its neighbours, in the order of its layer.
fn heights(layers: &Layers, task: &Task) -> Vec<f64> {
    // A place on a long edge takes less room than a node, and its line should be straight.
    let room = |it: usize| if it < layers.nodes { task.height + task.gap } else { task.gap };
    let weight = |it: usize| if it < layers.nodes { 1.0 } else { 4.0 };
    let mut heights = vec![0.0; layers.layer.len()];
    let tallest: f64 = layers.order.iter().map(|it| it.iter().map(|it| room(*it)).sum()).fold(0.0, f64::max);
    for order in &layers.order {
        let total: f64 = order.iter().map(|it| room(*it)).sum();
        let mut top = (tallest - total) / 2.0;
        for it in order {
            heights[*it] = top + room(*it) / 2.0;
            top += room(*it);
        }
    }
    let count = layers.order.len();
    for round in 0..STRAIGHTENINGS {
        // The last round goes there: sources stand where they are and lines follow them.
        let there = round % 2 == 1;
        for step in 0..count {
            let at = if there { step } else { count - 1 - step };
            let order = &layers.order[at];
            let wanted: Vec<f64> = order
                .iter()
                .map(|it| {
                    // Over one side at a time, so that what has one neighbour stands level with it.
                    let near = if there { &layers.before[*it] } else { &layers.after[*it] };
                    mean(near.iter().map(|it| heights[*it])).unwrap_or(heights[*it])
                })
                .collect();
            let weights: Vec<f64> = order.iter().map(|it| weight(*it)).collect();
            let rooms: Vec<f64> = order.iter().map(|it| room(*it)).collect();
            for (it, height) in order.iter().zip(apart(&wanted, &weights, &rooms)) {
                heights[*it] = height;
            }
        }
    }
    let top = (0..heights.len()).map(|it| heights[it] - if it < layers.nodes { task.height / 2.0 } else { 0.0 });
    let top = top.fold(f64::INFINITY, f64::min);
    heights.iter_mut().for_each(|it| *it -= if top.is_finite() { top } else { 0.0 });
    heights
}

/// The heights nearest to those that are wanted, in order and with room between them: isotonic regression by pooling
/// adjacent violators.
fn apart(wanted: &[f64], weights: &[f64], rooms: &[f64]) -> Vec<f64> {
    let mut offsets = Vec::with_capacity(wanted.len());
    let mut offset = 0.0;
    for (at, room) in rooms.iter().enumerate() {
        if at > 0 {
            offset += (rooms[at - 1] + room) / 2.0;
        }
        offsets.push(offset);
    }
    // Pools of sum, weight and number of members.
    let mut pools: Vec<(f64, f64, usize)> = Vec::new();
    for ((wanted, offset), weight) in wanted.iter().zip(&offsets).zip(weights) {
        let mut pool = ((wanted - offset) * weight, *weight, 1);
        while let Some(last) = pools.last().filter(|last| last.0 / last.1 > pool.0 / pool.1) {
            pool = (pool.0 + last.0, pool.1 + last.1, pool.2 + last.2);
            pools.pop();
        }
        pools.push(pool);
    }
    let flat = pools.iter().flat_map(|(sum, weight, count)| std::iter::repeat_n(sum / weight, *count));
    flat.zip(offsets).map(|(height, offset)| height + offset).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn placed(nodes: usize, edges: &[(usize, usize)]) -> Placed {
        let (widths, last) = (vec![80.0; nodes], vec![false; nodes]);
        place(&Task { edges, widths: &widths, last: &last, height: 40.0, gap: 16.0, channel: 60.0 })
    }

    #[test]
    fn a_chain_is_a_straight_line() {
        let placed = placed(4, &[(0, 1), (1, 2), (2, 3)]);
        assert!(placed.nodes.iter().all(|it| it.1 == placed.nodes[0].1));
        assert!(placed.nodes.windows(2).all(|it| it[0].0 < it[1].0));
    }

    #[test]
    fn crossed_lines_are_uncrossed() {
        let mut layers = {
            let edges = [(0, 3), (1, 2)];
            let (widths, last) = ([80.0; 4], [false; 4]);
            layered(&Task { edges: &edges, widths: &widths, last: &last, height: 40.0, gap: 16.0, channel: 60.0 })
        };
        assert_eq!(crossings(&layers), 1);
        improve_orders(&mut layers);
        assert_eq!(crossings(&layers), 0);
    }

    proptest! {
        #[test]
        fn no_two_nodes_overlap_and_all_edges_go_right(pairs in prop::collection::vec((0..20_usize, 0..20_usize), 0..50)) {
            let mut edges: Vec<_> = pairs.into_iter().filter(|(from, to)| from < to).collect();
            edges.sort();
            edges.dedup();
            let placed = placed(20, &edges);
            for (at, a) in placed.nodes.iter().enumerate() {
                for b in &placed.nodes[..at] {
                    prop_assert!(a.0 != b.0 || (a.1 - b.1).abs() >= 55.9);
                }
                prop_assert!(a.1 >= 19.9 && a.1 <= placed.height - 19.9);
            }
            for (from, to) in edges {
                prop_assert!(placed.nodes[from].0 < placed.nodes[to].0);
            }
        }
    }
}
