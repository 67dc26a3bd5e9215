//! Where nodes stand: rows from top to bottom, as wide as a page at most, and what is too tall for its width goes on in
//! columns beside each other.
//!
//! After Sugiyama, Tagawa and Toda (1981), with steps of one way behind each other kept together as a stack, and rows
//! that are too wide cut into several. An edge over several rows gets a lane in each, which edges of one start or of one
//! end share; orders within rows are improved by barycentres, places by the mean of neighbours, kept apart by pooling
//! adjacent violators. Lines bend between rows only, so none runs through a node. Only sums, products and quotients of
//! doubles, so all platforms agree.

use std::collections::{BTreeMap, BTreeSet};

/// Beyond so many lanes edges are drawn straight: the picture is past reading anyway.
const MOST_LANES: usize = 20_000;
/// How often orders are improved.
const SWEEPS: usize = 24;
/// How often places are improved.
const STRAIGHTENINGS: usize = 24;
/// How often nodes are moved nearer to what they are joined with.
const TIGHTENINGS: usize = 12;
/// Steps of one stack, at most.
const STACK: usize = 6;
/// How many times taller than wide a picture may be before it goes on in a column beside.
const TALLEST: f64 = 1.5;
/// Lines from one column to the next, at most.
const MOST_HOPS: usize = 12;

/// What is to be placed.
pub(super) struct Task<'a> {
    /// For each edge the node it comes from and the one it goes to; nodes come after what they come from.
    pub edges: &'a [(usize, usize)],
    /// Width of each node.
    pub widths: &'a [f64],
    /// Height of every node.
    pub height: f64,
    /// Between two nodes beside each other, and between two nodes of a stack.
    pub gap: f64,
    /// Between two lines beside each other.
    pub lane: f64,
    /// The width that nodes of one row may take.
    pub page: f64,
}

/// Where everything stands.
pub(super) struct Placed {
    /// For each node its left end, its top and its width: those of a stack are of one width.
    pub nodes: Vec<(f64, f64, f64)>,
    /// For each edge where it begins and how it goes on.
    pub lines: Vec<((f64, f64), Vec<Leg>)>,
    /// Of all.
    pub width: f64,
    /// Of all.
    pub height: f64,
}

/// A part of a line, to a point.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Leg {
    /// Straight.
    Straight(f64, f64),
    /// Downwards at both ends.
    Bend(f64, f64),
}

/// Stacks in rows: stacks first, then the lanes of edges that pass a row.
struct Rows {
    row: Vec<usize>,
    /// What a stack or lane takes from its row: the stack's width, or nothing.
    widths: Vec<f64>,
    /// Neighbours in the row above and in the row beneath.
    above: Vec<Vec<usize>>,
    beneath: Vec<Vec<usize>>,
    /// What stands in each row, from left to right.
    order: Vec<Vec<usize>>,
    /// For each edge between stacks all that it passes, its ends too.
    chains: Vec<Vec<usize>>,
    stacks: usize,
}

/// Nodes that follow each other, and nothing else does.
struct Stacks {
    members: Vec<Vec<usize>>,
    /// The stack of each node, and its place in it.
    of: Vec<(usize, usize)>,
}

/// Places all nodes and edges.
pub(super) fn place(task: &Task) -> Placed {
    let stacks = stacked(task);
    let between: BTreeSet<(usize, usize)> =
        task.edges.iter().map(|(a, b)| (stacks.of[*a].0, stacks.of[*b].0)).collect();
    let edges: Vec<(usize, usize)> = between.into_iter().filter(|(a, b)| a != b).collect();
    let width = |members: &Vec<usize>| members.iter().map(|it| task.widths[*it]).fold(0.0, f64::max);
    let widths: Vec<f64> = stacks.members.iter().map(width).collect();
    let tall = |stack: usize| {
        let members = stacks.members[stack].len() as f64;
        members * task.height + (members - 1.0) * task.gap
    };
    let row = cut(&tightened(stacks.members.len(), &edges), &stacks, &widths, task);
    let mut rows = laned(row, widths, &edges);
    improve_orders(&mut rows);
    let middles = middles(&rows, task);
    let tops = tops(&rows, &middles, &tall, task);
    let columns = columns(&rows, &middles, &tops, task);
    drawn(task, &stacks, &rows, &Frame { middles, tops, columns }, &edges)
}

fn stacked(task: &Task) -> Stacks {
    let nodes = task.widths.len();
    let (mut before, mut after) = (vec![Vec::new(); nodes], vec![Vec::new(); nodes]);
    for (from, to) in task.edges {
        after[*from].push(*to);
        before[*to].push(*from);
    }
    let mut members: Vec<Vec<usize>> = Vec::new();
    let mut of = vec![(0, 0); nodes];
    for node in 0..nodes {
        let last = match before[node].as_slice() {
            [one] if after[*one].len() == 1 => Some(of[*one].0).filter(|it| members[*it].len() < STACK),
            _ => None,
        };
        let stack = last.unwrap_or_else(|| {
            members.push(Vec::new());
            members.len() - 1
        });
        of[node] = (stack, members[stack].len());
        members[stack].push(node);
    }
    Stacks { members, of }
}

/// The row of each stack: beneath all that it comes from, and as near to its neighbours as that allows.
fn tightened(stacks: usize, edges: &[(usize, usize)]) -> Vec<usize> {
    let (mut before, mut after) = (vec![Vec::new(); stacks], vec![Vec::new(); stacks]);
    for (from, to) in edges {
        before[*to].push(*from);
        after[*from].push(*to);
    }
    let order = sorted(&before, &after);
    let mut row = vec![0_usize; stacks];
    for it in &order {
        row[*it] = before[*it].iter().map(|it| row[*it] + 1).max().unwrap_or(0);
    }
    for _ in 0..TIGHTENINGS {
        let was = row.clone();
        for it in order.iter().rev() {
            let least = before[*it].iter().map(|it| row[*it] + 1).max().unwrap_or(0);
            let most = after[*it].iter().map(|it| row[*it] - 1).min().unwrap_or(row[*it]);
            match after[*it].len().cmp(&before[*it].len()) {
                std::cmp::Ordering::Greater => row[*it] = most,
                std::cmp::Ordering::Less => row[*it] = least,
                std::cmp::Ordering::Equal => (),
            }
        }
        if row == was {
            break;
        }
    }
    row
}

/// Stacks so that each comes after what it comes from, those that were declared first before others.
fn sorted(before: &[Vec<usize>], after: &[Vec<usize>]) -> Vec<usize> {
    let mut missing: Vec<usize> = before.iter().map(Vec::len).collect();
    let mut ready: BTreeSet<usize> = (0..before.len()).filter(|it| missing[*it] == 0).collect();
    let mut order = Vec::with_capacity(before.len());
    while let Some(it) = ready.pop_first() {
        order.push(it);
        for next in &after[it] {
            missing[*next] -= 1;
            if missing[*next] == 0 {
                ready.insert(*next);
            }
        }
    }
    order
}

/// Rows that are wider than a page become several; stacks of one height stand together.
fn cut(rows: &[usize], stacks: &Stacks, widths: &[f64], task: &Task) -> Vec<usize> {
    let mut in_row: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (stack, row) in rows.iter().enumerate() {
        in_row.entry(*row).or_default().push(stack);
    }
    let mut acc = vec![0; rows.len()];
    let mut next = 0;
    for mut row in in_row.into_values() {
        let total: f64 = row.iter().map(|it| widths[*it] + task.gap).sum();
        let parts = (total / task.page).ceil().max(1.0);
        if parts > 1.0 {
            row.sort_by_key(|it| (std::cmp::Reverse(stacks.members[*it].len()), *it));
        }
        // Of equal width as far as whole stacks allow.
        let (most, mut taken) = ((total / parts).max(1.0) + task.gap, 0.0);
        for (place, it) in row.into_iter().enumerate() {
            let own = widths[it] + task.gap;
            if place > 0 && taken + own > most {
                next += 1;
                taken = 0.0;
            }
            taken += own;
            acc[it] = next;
        }
        next += 1;
    }
    acc
}

/// Gives every edge a lane in each row that it passes. Edges of one start share theirs, or those of one end, whichever
/// has more.
fn laned(mut row: Vec<usize>, mut widths: Vec<f64>, edges: &[(usize, usize)]) -> Rows {
    let stacks = row.len();
    let long: Vec<&(usize, usize)> = edges.iter().filter(|(from, to)| row[*to] > row[*from] + 1).collect();
    let lanes: usize = long.iter().map(|(from, to)| row[*to] - row[*from] - 1).sum();
    let (mut starts, mut ends) = (vec![0_usize; stacks], vec![0_usize; stacks]);
    for (from, to) in long {
        starts[*from] += 1;
        ends[*to] += 1;
    }
    let (mut above, mut beneath) = (vec![Vec::new(); stacks], vec![Vec::new(); stacks]);
    let mut shared: BTreeMap<(bool, usize, usize), usize> = BTreeMap::new();
    let mut chains = Vec::with_capacity(edges.len());
    for (from, to) in edges {
        let mut chain = vec![*from];
        if lanes <= MOST_LANES {
            let by_end = ends[*to] > starts[*from];
            for at in row[*from] + 1..row[*to] {
                let lane = *shared.entry((by_end, if by_end { *to } else { *from }, at)).or_insert_with(|| {
                    row.push(at);
                    widths.push(0.0);
                    above.push(Vec::new());
                    beneath.push(Vec::new());
                    row.len() - 1
                });
                chain.push(lane);
            }
            chain.push(*to);
            for pair in chain.windows(2) {
                if !beneath[pair[0]].contains(&pair[1]) {
                    beneath[pair[0]].push(pair[1]);
                    above[pair[1]].push(pair[0]);
                }
            }
        } else {
            chain.push(*to);
        }
        chains.push(chain);
    }
    let mut order = vec![Vec::new(); row.iter().max().map_or(0, |it| it + 1)];
    for (vertex, at) in row.iter().enumerate() {
        order[*at].push(vertex);
    }
    Rows { row, widths, above, beneath, order, chains, stacks }
}

/// Sorts rows by the mean place of neighbours, there and back, and keeps the order with the fewest crossings.
fn improve_orders(rows: &mut Rows) {
    let mut best = rows.order.clone();
    let mut fewest = crossings(rows);
    for sweep in 0..SWEEPS {
        if fewest == 0 {
            break;
        }
        let there = sweep % 2 == 0;
        let count = rows.order.len();
        for step in 1..count {
            let (at, fixed) = if there { (step, step - 1) } else { (count - 1 - step, count - step) };
            let place = places(&rows.order[fixed], rows.row.len());
            let neighbours = if there { &rows.above } else { &rows.beneath };
            let mut keyed: Vec<(f64, usize)> = rows.order[at]
                .iter()
                .enumerate()
                .map(|(own, it)| (mean(neighbours[*it].iter().map(|it| place[*it] as f64)).unwrap_or(own as f64), *it))
                .collect();
            keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
            rows.order[at] = keyed.into_iter().map(|(_, it)| it).collect();
        }
        let now = crossings(rows);
        if now < fewest {
            fewest = now;
            best.clone_from(&rows.order);
        }
    }
    rows.order = best;
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

/// How often edges cross: inversions between each two rows, counted in a Fenwick tree.
fn crossings(rows: &Rows) -> u64 {
    let mut total = 0;
    for pair in rows.order.windows(2) {
        let place = places(&pair[1], rows.row.len());
        let mut tree = vec![0_u64; pair[1].len() + 1];
        let mut seen = 0;
        for vertex in &pair[0] {
            let mut ends: Vec<usize> = rows.beneath[*vertex].iter().map(|it| place[*it]).collect();
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

/// The middle of each stack and lane: near the mean of its neighbours, in the order of its row.
fn middles(rows: &Rows, task: &Task) -> Vec<f64> {
    // A line should be straight sooner than a stack should stand amid its neighbours.
    let room = |it: usize| if it < rows.stacks { rows.widths[it] + task.gap } else { task.lane };
    let weight = |it: usize| if it < rows.stacks { 1.0 } else { 4.0 };
    let total = |order: &[usize]| order.iter().map(|it| room(*it)).sum::<f64>();
    let widest = rows.order.iter().map(|it| total(it)).fold(0.0, f64::max);
    let mut middles = vec![0.0; rows.row.len()];
    for order in &rows.order {
        let mut left = (widest - total(order)) / 2.0;
        for it in order {
            middles[*it] = left + room(*it) / 2.0;
            left += room(*it);
        }
    }
    let bound = widest.max(task.page);
    let count = rows.order.len();
    for round in 0..STRAIGHTENINGS {
        // The last round goes down: what is above stands where it is and lines follow it.
        let down = round % 2 == 1;
        for step in 0..count {
            let order = &rows.order[if down { step } else { count - 1 - step }];
            let wanted = order.iter().map(|it| {
                // Over one side at a time, so that what has one neighbour stands straight beneath it.
                let near = if down { &rows.above[*it] } else { &rows.beneath[*it] };
                mean(near.iter().map(|it| middles[*it])).unwrap_or(middles[*it])
            });
            let wanted: Vec<f64> = wanted.collect();
            let weights: Vec<f64> = order.iter().map(|it| weight(*it)).collect();
            let rooms: Vec<f64> = order.iter().map(|it| room(*it)).collect();
            for (it, middle) in order.iter().zip(apart(&wanted, &weights, &rooms, bound)) {
                middles[*it] = middle;
            }
        }
    }
    let left = (0..middles.len()).map(|it| middles[it] - rows.widths[it] / 2.0).fold(f64::INFINITY, f64::min);
    middles.iter_mut().for_each(|it| *it -= if left.is_finite() { left } else { 0.0 });
    middles
}

/// The places nearest to those that are wanted, in order, with room between them and none beyond `bound`: isotonic
/// regression by pooling adjacent violators.
fn apart(wanted: &[f64], weights: &[f64], rooms: &[f64], bound: f64) -> Vec<f64> {
    let mut offsets = Vec::with_capacity(wanted.len());
    let mut offset = 0.0;
    for room in rooms {
        offsets.push(offset + room / 2.0);
        offset += room;
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
    let slack = (bound - offset).max(0.0);
    let flat = pools.iter().flat_map(|(sum, weight, count)| std::iter::repeat_n(sum / weight, *count));
    flat.zip(offsets).map(|(place, offset)| place.clamp(0.0, slack) + offset).collect()
}

/// The top and the bottom of each row. The farther lines go aside between two rows, the more room they have.
fn tops(rows: &Rows, middles: &[f64], tall: &dyn Fn(usize) -> f64, task: &Task) -> Vec<(f64, f64)> {
    let mut acc = Vec::with_capacity(rows.order.len());
    let mut top = 0.0;
    for order in &rows.order {
        let height = order.iter().filter(|it| **it < rows.stacks).map(|it| tall(*it)).fold(0.0, f64::max);
        let aside =
            |it: &usize| rows.beneath[*it].iter().map(|to| (middles[*it] - middles[*to]).abs()).fold(0.0, f64::max);
        let aside = order.iter().map(aside).fold(0.0, f64::max);
        acc.push((top, top + height));
        top += height + (task.gap * 1.4 + aside / 9.0).min(task.height * 2.0);
    }
    acc
}

/// Where things stand before nodes and lines are told.
struct Frame {
    middles: Vec<f64>,
    /// Top and bottom of each row, as if all rows stood in one column.
    tops: Vec<(f64, f64)>,
    columns: Vec<Column>,
}

/// Rows that stand beneath each other.
struct Column {
    rows: std::ops::Range<usize>,
    /// How far it is moved aside and down.
    aside: f64,
    down: f64,
    /// What has a line to the next column, from left to right.
    hops: Vec<usize>,
}

/// What goes on from a row to the next.
fn hops(rows: &Rows, middles: &[f64], row: usize) -> Vec<usize> {
    let mut hops: Vec<usize> = rows.order[row].iter().copied().filter(|it| !rows.beneath[*it].is_empty()).collect();
    hops.sort_by(|a, b| middles[*a].total_cmp(&middles[*b]));
    hops
}

fn columns(rows: &Rows, middles: &[f64], tops: &[(f64, f64)], task: &Task) -> Vec<Column> {
    let (width, height) = (extent(rows, middles), tops.last().map_or(0.0, |it| it.1));
    let mut parts = 1;
    let side = |parts: usize| parts as f64 * (width + 4.0 * task.gap);
    while height / parts as f64 > TALLEST * side(parts) && side(parts + 1) <= task.page + 4.0 * task.gap {
        parts += 1;
    }
    let straight = |chain: &Vec<usize>| chain.windows(2).all(|it| rows.row[it[1]] == rows.row[it[0]] + 1);
    if !rows.chains.iter().all(straight) {
        parts = 1;
    }
    let part = height / parts as f64;
    let mut columns: Vec<Column> = Vec::new();
    let (mut first, mut aside) = (0, 0.0);
    for at in 1..parts {
        let wanted = at as f64 * part;
        let far = |row: usize| (tops[row].1 - wanted).abs() / part;
        let cost = |row: usize| far(row) + hops(rows, middles, row).len() as f64 / 12.0;
        let fits = |row: &usize| far(*row) < 0.4 && hops(rows, middles, *row).len() <= MOST_HOPS;
        let rest = first..rows.order.len().saturating_sub(1);
        let Some(row) = rest.filter(fits).min_by(|a, b| cost(*a).total_cmp(&cost(*b))) else { continue };
        let hops = hops(rows, middles, row);
        let lanes = hops.len() as f64 * task.lane;
        columns.push(Column { rows: first..row + 1, aside, down: 0.0, hops });
        (first, aside) = (row + 1, aside + width + 2.0 * task.gap + lanes);
    }
    columns.push(Column { rows: first..rows.order.len(), aside, down: 0.0, hops: Vec::new() });
    // Above a column lies what comes from the one before it.
    for at in 0..columns.len() {
        let top = tops.get(columns[at].rows.start).map_or(0.0, |it| it.0);
        let lanes = if at == 0 { 0.0 } else { columns[at - 1].hops.len() as f64 * task.lane + task.gap };
        columns[at].down = lanes - top;
    }
    columns
}

fn extent(rows: &Rows, middles: &[f64]) -> f64 {
    (0..middles.len()).map(|it| middles[it] + rows.widths[it] / 2.0).fold(0.0, f64::max)
}

fn drawn(task: &Task, stacks: &Stacks, rows: &Rows, frame: &Frame, edges: &[(usize, usize)]) -> Placed {
    let column_of = |row: usize| frame.columns.iter().position(|it| it.rows.contains(&row)).unwrap_or(0);
    let columns: Vec<usize> = (0..rows.order.len()).map(column_of).collect();
    let at = |vertex: usize| &frame.columns[columns[rows.row[vertex]]];
    let x = |vertex: usize| frame.middles[vertex] + at(vertex).aside;
    let top = |vertex: usize| frame.tops[rows.row[vertex]].0 + at(vertex).down;
    let bottom = |vertex: usize| frame.tops[rows.row[vertex]].1 + at(vertex).down;
    let width = extent(rows, &frame.middles);
    let node = |(stack, place): &(usize, usize)| {
        let down = *place as f64 * (task.height + task.gap);
        (x(*stack) - rows.widths[*stack] / 2.0, top(*stack) + down, rows.widths[*stack])
    };
    let nodes: Vec<(f64, f64, f64)> = stacks.of.iter().map(node).collect();
    let chains: BTreeMap<(usize, usize), &Vec<usize>> = edges.iter().copied().zip(&rows.chains).collect();
    let line = |(from, to): &(usize, usize)| {
        let (a, b) = (stacks.of[*from].0, stacks.of[*to].0);
        let start = (x(a), nodes[*from].1 + task.height);
        let Some(chain) = chains.get(&(a, b)) else { return (start, vec![Leg::Straight(x(b), nodes[*to].1)]) };
        let mut legs = vec![Leg::Straight(x(a), bottom(a))];
        for pair in chain.windows(2) {
            let (one, next) = (pair[0], pair[1]);
            let (from, to) = (columns[rows.row[one]], columns[rows.row[next]]);
            if from == to {
                legs.push(Leg::Bend(x(next), top(next)));
            } else {
                // Under its column, up between the two, and over the next one.
                let column = &frame.columns[from];
                let place = column.hops.iter().position(|it| *it == one).unwrap_or(0) as f64;
                let lanes = column.hops.len() as f64;
                let under = bottom(one) + task.gap + (lanes - 1.0 - place) * task.lane;
                let between = column.aside + width + task.gap + (lanes - 1.0 - place) * task.lane;
                let over = top(next) - task.gap - place * task.lane;
                legs.extend(
                    [(x(one), under), (between, under), (between, over), (x(next), over), (x(next), top(next))]
                        .map(|(x, y)| Leg::Straight(x, y)),
                );
            }
            if next >= rows.stacks {
                legs.push(Leg::Straight(x(next), bottom(next)));
            }
        }
        (start, legs)
    };
    let lines: Vec<_> = task.edges.iter().map(line).collect();
    let ends = lines.iter().flat_map(|(_, legs)| legs).map(|it| match it {
        Leg::Straight(x, y) | Leg::Bend(x, y) => (*x, *y),
    });
    let nodes_end = nodes.iter().map(|it| (it.0 + it.2, it.1 + task.height));
    let far = ends.chain(nodes_end).fold((0.0_f64, 0.0_f64), |acc, it| (acc.0.max(it.0), acc.1.max(it.1)));
    Placed { nodes, lines, width: far.0, height: far.1 }
}

#[cfg(test)]
mod tests;
