//! Order and cycles of a graph on plain indices. Iterative throughout: graphs are as deep as users make them.

use crate::index::{IndexVec, Place};

/// An order in which every node comes after what it needs, ties by index; and one cycle if there is any.
///
/// `needs[n]` are the nodes that `n` needs. Nodes on or behind a cycle are left out of the order.
pub fn order<I: Place>(needs: &IndexVec<I, Vec<I>>) -> (Vec<I>, Option<Vec<I>>) {
    let mut waiting: IndexVec<I, usize> = needs.map(Vec::len);
    let mut needed_by: IndexVec<I, Vec<I>> = needs.map(|_| Vec::new());
    for (node, needs) in needs.entries() {
        for need in needs {
            needed_by[*need].push(node);
        }
    }
    let mut ready: std::collections::BinaryHeap<_> =
        needs.places().filter(|it| waiting[*it] == 0).map(std::cmp::Reverse).collect();
    let mut order = Vec::with_capacity(needs.len());
    while let Some(std::cmp::Reverse(node)) = ready.pop() {
        order.push(node);
        for next in &needed_by[node] {
            waiting[*next] -= 1;
            if waiting[*next] == 0 {
                ready.push(std::cmp::Reverse(*next));
            }
        }
    }
    let cycle = needs.places().find(|it| waiting[*it] > 0).map(|start| cycle_from(start, needs, &waiting));
    (order, cycle)
}

/// Walks what is still waiting until a node comes again.
fn cycle_from<I: Place>(start: I, needs: &IndexVec<I, Vec<I>>, waiting: &IndexVec<I, usize>) -> Vec<I> {
    let mut path = vec![start];
    let mut place = std::collections::BTreeMap::from([(start, 0)]);
    let mut node = start;
    loop {
        let Some(next) = needs[node].iter().copied().find(|it| waiting[*it] > 0) else { return path };
        if let Some(first) = place.get(&next) {
            let mut cycle = path.split_off(*first);
            let least = cycle.iter().enumerate().min_by_key(|(_, it)| **it).map_or(0, |(at, _)| at);
            cycle.rotate_left(least);
            return cycle;
        }
        place.insert(next, path.len());
        path.push(next);
        node = next;
    }
}

/// Everything that `roots` need, themselves included.
pub fn upstream<I: Place>(roots: impl IntoIterator<Item = I>, needs: &IndexVec<I, Vec<I>>) -> IndexVec<I, bool> {
    let mut reached: IndexVec<I, bool> = needs.map(|_| false);
    let mut open: Vec<I> = roots.into_iter().collect();
    while let Some(node) = open.pop() {
        if !std::mem::replace(&mut reached[node], true) {
            open.extend(&needs[node]);
        }
    }
    reached
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_needed_comes_first() {
        assert_eq!(order::<usize>(&vec![vec![1, 2], vec![2], vec![]].into()), (vec![2, 1, 0], None));
        assert_eq!(order::<usize>(&vec![vec![], vec![], vec![1]].into()).0, [0, 1, 2]);
    }

    #[test]
    fn a_cycle_is_found_and_the_rest_is_ordered() {
        let (order, cycle) = order::<usize>(&vec![vec![], vec![2], vec![3], vec![1], vec![3]].into());
        assert_eq!(order, [0]);
        assert_eq!(cycle, Some(vec![1, 2, 3]));
        assert_eq!(super::order::<usize>(&vec![vec![0]].into()).1, Some(vec![0]));
    }

    #[test]
    fn depth_does_not_matter() {
        let needs: IndexVec<usize, Vec<usize>> =
            (0..100_000).map(|it: usize| it.checked_sub(1).into_iter().collect()).collect();
        assert_eq!(order(&needs).0.len(), 100_000);
        assert!(upstream([99_999], &needs).iter().all(|it| *it));
    }
}
