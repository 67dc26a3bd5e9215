//! Graphs of some shapes, for tests of layouts and pictures: how many nodes, and which lead to which.

/// So many nodes behind each other.
pub(crate) fn chain(nodes: usize) -> (usize, Vec<(usize, usize)>) {
    (nodes, (1..nodes).map(|it| (it - 1, it)).collect())
}

/// Sources with a step or two each, all of which one step takes.
pub(crate) fn fan(nodes: usize) -> (usize, Vec<(usize, usize)>) {
    let last = nodes - 1;
    let ends = |it: usize| it % 3 == 2 || it + 1 == last;
    let edges = (0..last).map(|it| if ends(it) { (it, last) } else { (it, it + 1) });
    (nodes, edges.collect())
}

/// Every node takes one or two of those before it, mostly of the last ones.
pub(crate) fn random(nodes: usize) -> (usize, Vec<(usize, usize)>) {
    let mut state = 88_172_645_463_325_252_u64;
    let mut below = |most: usize| {
        // Xorshift (Marsaglia, 2003).
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as usize % most
    };
    let mut edges = std::collections::BTreeSet::new();
    for node in nodes / 8 + 1..nodes {
        for _ in 0..1 + below(2) {
            let far = if below(8) == 0 { node } else { node.min(9) };
            edges.insert((node - 1 - below(far), node));
        }
    }
    (nodes, edges.into_iter().collect())
}
