//! Order and cycles of a graph on plain indices. Iterative throughout: graphs are as deep as users make them.

/// An order in which every node comes after what it needs, ties by index; and one cycle if there is any.
///
/// `needs[n]` are the nodes that `n` needs. Nodes on or behind a cycle are left out of the order.
pub fn order(needs: &[Vec<usize>]) -> (Vec<usize>, Option<Vec<usize>>) {
    let mut waiting: Vec<usize> = needs.iter().map(Vec::len).collect();
    let mut needed_by = vec![Vec::new(); needs.len()];
    for (node, needs) in needs.iter().enumerate() {
        for need in needs {
            needed_by[*need].push(node);
        }
    }
    let mut ready: std::collections::BinaryHeap<_> =
        (0..needs.len()).filter(|it| waiting[*it] == 0).map(std::cmp::Reverse).collect();
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
    let cycle = (0..needs.len()).find(|it| waiting[*it] > 0).map(|start| cycle_from(start, needs, &waiting));
    (order, cycle)
}

/// Walks what is still waiting until a node comes again.
fn cycle_from(start: usize, needs: &[Vec<usize>], waiting: &[usize]) -> Vec<usize> {
    let mut path = vec![start];
    let mut place = std::collections::HashMap::from([(start, 0)]);
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
pub fn upstream(roots: impl IntoIterator<Item = usize>, needs: &[Vec<usize>]) -> Vec<bool> {
    let mut reached = vec![false; needs.len()];
    let mut open: Vec<usize> = roots.into_iter().collect();
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
        assert_eq!(order(&[vec![1, 2], vec![2], vec![]]), (vec![2, 1, 0], None));
        assert_eq!(order(&[vec![], vec![], vec![1]]).0, [0, 1, 2]);
    }

    #[test]
    fn a_cycle_is_found_and_the_rest_is_ordered() {
        let (order, cycle) = order(&[vec![], vec![2], vec![3], vec![1], vec![3]]);
        assert_eq!(order, [0]);
        assert_eq!(cycle, Some(vec![1, 2, 3]));
        assert_eq!(super::order(&[vec![0]]).1, Some(vec![0]));
    }

    #[test]
    fn depth_does_not_matter() {
        let needs: Vec<_> = (0..100_000).map(|it: usize| it.checked_sub(1).into_iter().collect()).collect();
        assert_eq!(order(&needs).0.len(), 100_000);
        assert!(upstream([99_999], &needs).iter().all(|it| *it));
    }
}
