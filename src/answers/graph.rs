//! `hotpass graph`: sources, steps and exports, and what goes from which to which.

use serde::Serialize;

use crate::draw::{Picture, State};
use crate::plan::{Plan, TableMap};
use crate::problem::Problem;
use crate::run;
use crate::workspace::selectors;
use crate::workspace::session::Session;

/// The plan as a picture. Edges name nodes by number.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename = "graph")]
pub(crate) struct Graph<'a> {
    nodes: Vec<Node<'a>>,
    edges: Vec<Edge>,
}

#[derive(Debug, Serialize)]
struct Node<'a> {
    pipeline: &'a str,
    name: &'a str,
    role: &'static str,
    kind: &'static str,
    state: State,
    checks: usize,
    path: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct Edge {
    from: usize,
    to: usize,
}

/// What a picture shows.
pub(crate) fn graph(picture: &Picture) -> Graph<'_> {
    let nodes = picture.nodes.iter().map(|it| Node {
        pipeline: &it.pipeline,
        name: &it.name,
        role: it.shape.word(),
        kind: it.kind,
        state: it.state,
        checks: it.checks,
        path: it.path.as_deref(),
    });
    let edges = picture.edges.iter().map(|(from, to)| Edge { from: *from, to: *to });
    Graph { nodes: nodes.collect(), edges: edges.collect() }
}

/// The part of the plan that is selected, and what is known of each of its tables.
pub(crate) fn known(
    session: &Session,
    targets: &[String],
    but: &[String],
) -> Result<(Plan, TableMap<State>), Box<Problem>> {
    let plan = session.plan();
    let states = run::settle(&plan, &session.journal);
    let states = states.iter().map(|it| match it {
        run::State::Materialized(_) => State::Reused,
        run::State::Unknown => State::WouldRun,
        run::State::Failed => State::Failed,
    });
    let states: TableMap<State> = states.collect();
    let selection = selectors::select_but(&plan, targets, but, &|it| states[it] != State::Reused)?;
    let (plan, kept) = selectors::part(&plan, &selection);
    Ok((plan, kept.into_iter().map(|it| states[it]).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answers::event;
    use crate::index::Place;
    use crate::workspace::test_plan;

    #[test]
    fn json_is_one_line_that_names_nodes_by_number() {
        let picture = Picture::of(&test_plan::small(), &|it| State::ALL[it.at() % 4]);
        let text = event::json(&graph(&picture));
        let json: serde_json::Value = serde_json::from_str(&text).expect("one object");
        assert_eq!(text.lines().count(), 1);
        assert_eq!(json["nodes"][2]["name"], "mapped");
        assert_eq!(json["nodes"][2]["state"], "failed");
        assert_eq!((&json["edges"][0]["from"], &json["edges"][0]["to"]), (&0.into(), &2.into()));
        assert_eq!(json["nodes"][6]["path"], "dist/contacts.parquet");
    }
}
