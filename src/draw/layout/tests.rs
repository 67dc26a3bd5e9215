//! Pictures of many shapes: nothing overlaps, no line runs through a node, and all of it is as wide as a page.

use proptest::prelude::*;

use super::*;
use crate::draw::shapes::{chain, fan, random};

const HEIGHT: f64 = 44.0;
const PAGE: f64 = 1000.0;

fn task<'a>(edges: &'a [(usize, usize)], widths: &'a [f64]) -> Task<'a> {
    Task { edges, widths, height: HEIGHT, gap: 18.0, lane: 12.0, page: PAGE }
}

fn placed(nodes: usize, edges: &[(usize, usize)]) -> Placed {
    place(&task(edges, &vec![160.0; nodes]))
}

/// A line as many points.
fn points((start, legs): &((f64, f64), Vec<Leg>)) -> Vec<(f64, f64)> {
    let (mut at, mut acc) = (*start, vec![*start]);
    for leg in legs {
        let to = match leg {
            Leg::Straight(x, y) | Leg::Bend(x, y) => (*x, *y),
        };
        for step in 1..=40 {
            let t = f64::from(step) / 40.0;
            let middle = (at.1 + to.1) / 2.0;
            let cubic = |a: f64, b: f64, c: f64, d: f64| {
                let u = 1.0 - t;
                u * u * u * a + 3.0 * u * u * t * b + 3.0 * u * t * t * c + t * t * t * d
            };
            acc.push(match leg {
                Leg::Straight(..) => (at.0 + (to.0 - at.0) * t, at.1 + (to.1 - at.1) * t),
                Leg::Bend(..) => (cubic(at.0, at.0, to.0, to.0), cubic(at.1, middle, middle, to.1)),
            });
        }
        at = to;
    }
    acc
}

/// What is wrong with a picture; nothing, it is hoped.
fn wrong(placed: &Placed, edges: &[(usize, usize)]) -> Option<String> {
    let boxes: Vec<_> = placed.nodes.iter().map(|(x, y, w)| (*x, *y, x + w, y + HEIGHT)).collect();
    for (at, a) in boxes.iter().enumerate() {
        if a.0 < -0.01 || a.1 < -0.01 || a.2 > placed.width + 0.01 || a.3 > placed.height + 0.01 {
            return Some(format!("node {at} stands outside: {a:?}"));
        }
        for (other, b) in boxes[..at].iter().enumerate() {
            if a.0 < b.2 + 8.0 && b.0 < a.2 + 8.0 && a.1 < b.3 + 8.0 && b.1 < a.3 + 8.0 {
                return Some(format!("nodes {other} and {at} stand too near: {b:?} {a:?}"));
            }
        }
    }
    for (line, (from, to)) in placed.lines.iter().zip(edges) {
        let points = points(line);
        let (first, last) = (points[0], points[points.len() - 1]);
        if (first.1 - boxes[*from].3).abs() > 0.01 || (last.1 - boxes[*to].1).abs() > 0.01 {
            return Some(format!("the line from {from} to {to} does not end at them"));
        }
        for (x, y) in points {
            if x < -0.01 || y < -0.01 || x > placed.width + 0.01 || y > placed.height + 0.01 {
                return Some(format!("the line from {from} to {to} leaves the picture at {x} {y}"));
            }
            let through =
                |it: &(f64, f64, f64, f64)| x > it.0 - 1.0 && x < it.2 + 1.0 && y > it.1 + 0.5 && y < it.3 - 0.5;
            if let Some(node) = boxes.iter().position(through) {
                return Some(format!("the line from {from} to {to} runs through {node} at {x} {y}"));
            }
        }
    }
    None
}

#[test]
fn steps_of_one_way_stand_beneath_each_other() {
    let placed = placed(4, &[(0, 1), (1, 2), (2, 3)]);
    assert!(placed.nodes.iter().all(|it| it.0 == placed.nodes[0].0));
    assert!(placed.nodes.windows(2).all(|it| it[0].1 < it[1].1));
}

#[test]
fn crossed_lines_are_uncrossed() {
    let edges = [(0, 3), (1, 2), (0, 4), (1, 5)];
    let mut rows = laned(vec![0, 0, 1, 1, 1, 1], vec![80.0; 6], &edges);
    assert!(crossings(&rows) > 0);
    improve_orders(&mut rows);
    assert_eq!(crossings(&rows), 0);
}

#[test]
fn what_has_many_lines_to_one_end_shares_a_lane() {
    let edges: Vec<(usize, usize)> = (0..60).map(|it| (it, 60)).collect();
    let widths = [160.0; 61];
    let placed = place(&task(&edges, &widths));
    assert_eq!(wrong(&placed, &edges), None);
    assert!(placed.width < PAGE + 40.0, "{}", placed.width);
}

#[test]
fn pictures_of_a_hundred_steps_fit_a_page() {
    for nodes in [1, 10, 30, 100] {
        for (shape, (nodes, edges)) in [("chain", chain(nodes)), ("fan", fan(nodes)), ("random", random(nodes))] {
            let placed = placed(nodes, &edges);
            assert_eq!(wrong(&placed, &edges), None, "{shape} of {nodes}");
            assert!(placed.width <= PAGE * 1.35, "{shape} of {nodes} is {} wide", placed.width);
            assert!(placed.height <= 3_600.0, "{shape} of {nodes} is {} high", placed.height);
        }
    }
}

proptest! {
    #[test]
    fn nothing_overlaps_and_no_line_runs_through_a_node(
        pairs in prop::collection::vec((0..30_usize, 0..30_usize), 0..70),
        widths in prop::collection::vec(40.0..320.0_f64, 30),
    ) {
        let mut edges: Vec<_> = pairs.into_iter().filter(|(from, to)| from < to).collect();
        edges.sort();
        edges.dedup();
        prop_assert_eq!(wrong(&place(&task(&edges, &widths)), &edges), None);
    }

    /// Few lines and much depth: pictures that go on in a column beside.
    #[test]
    fn nor_where_a_picture_goes_on_beside(
        backs in prop::collection::vec(1..4_usize, 60),
        skips in prop::collection::vec((0..60_usize, 1..9_usize), 0..12),
    ) {
        let mut edges: Vec<_> = (1..60).map(|it| (it - backs[it].min(it), it)).collect();
        edges.extend(skips.into_iter().map(|(at, far)| (at, at + far)).filter(|it| it.1 < 60));
        edges.sort();
        edges.dedup();
        prop_assert_eq!(wrong(&placed(60, &edges), &edges), None);
    }
}
