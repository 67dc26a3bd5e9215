//! `hotpass graph`: the steps as a picture. Mermaid for Markdown, DOT for Graphviz, JSON for programs, SVG for people.
//!
//! Every output has the same nodes in the same order and the same bytes for the same plan and states. A state is told
//! by a word and by the border, not by colour alone.

mod layout;
mod svg;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use crate::cli::args::Format;
use crate::cli::state::State;
use crate::pipeline::ExportFormat;
use crate::plan::{Plan, PlannedExport, Role};
use crate::show::{self, json_line};

/// What a node is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Shape {
    Source,
    Step,
    Export,
}

impl Shape {
    fn word(self) -> &'static str {
        match self {
            Shape::Source => "source",
            Shape::Step => "step",
            Shape::Export => "export",
        }
    }
}

#[derive(Debug)]
struct Node {
    pipeline: String,
    name: String,
    shape: Shape,
    /// Kind of a step, format of an export.
    kind: &'static str,
    state: State,
    /// Checks on a table, checks before an export.
    checks: usize,
    /// Where an export is written.
    path: Option<String>,
}

impl Node {
    fn full(&self) -> String {
        format!("{}.{}", self.pipeline, self.name)
    }
}

/// What is drawn: nodes, inputs first, and for each edge the node it comes from and the one it goes to.
#[derive(Debug)]
struct Picture {
    nodes: Vec<Node>,
    edges: Vec<(usize, usize)>,
    /// Whether nodes have to say whose they are.
    several: bool,
}

impl Picture {
    /// Down where steps follow each other, aside where many stand beside each other: a page is wider than a node is
    /// high.
    fn direction(&self) -> &'static str {
        let mut rows = vec![0_usize; self.nodes.len()];
        let mut edges: Vec<_> = self.edges.iter().map(|(from, to)| (to, from)).collect();
        edges.sort();
        edges.into_iter().for_each(|(to, from)| rows[*to] = rows[*to].max(rows[*from] + 1));
        let deep = rows.iter().max().map_or(0, |it| it + 1);
        let widest = (0..deep).map(|row| rows.iter().filter(|it| **it == row).count()).max().unwrap_or(0);
        if widest > deep { "LR" } else { "TB" }
    }
}

/// The plan as a picture; `state` tells of a table of the plan. [`Format::Human`] gives Mermaid.
pub fn graph(plan: &Plan, state: &dyn Fn(usize) -> State, format: Format) -> String {
    let picture = picture(plan, state);
    match format {
        Format::Human | Format::Mermaid => mermaid(&picture),
        Format::Dot => dot(&picture),
        Format::Json => as_json(&picture),
        Format::Svg => svg::svg(&picture),
    }
}

fn picture(plan: &Plan, state: &dyn Fn(usize) -> State) -> Picture {
    let mut nodes = Vec::new();
    let mut edges = BTreeSet::new();
    let mut place: BTreeMap<usize, usize> = BTreeMap::new();
    for (at, table) in plan.tables.iter().enumerate().filter(|(_, it)| it.role.is_listed()) {
        place.insert(at, nodes.len());
        edges.extend(table.inputs.iter().filter_map(|it| Some((*place.get(it)?, nodes.len()))));
        nodes.push(Node {
            pipeline: table.name.pipeline.clone(),
            name: table.name.name.clone(),
            shape: if table.role == Role::Source { Shape::Source } else { Shape::Step },
            kind: table.kind,
            state: state(at),
            checks: plan.expectations.iter().filter(|it| it.about == at).count(),
            path: None,
        });
    }
    for export in &plan.exports {
        edges.extend(place.get(&export.table).map(|it| (*it, nodes.len())));
        nodes.push(Node {
            pipeline: export.name.pipeline.clone(),
            name: export.name.name.clone(),
            shape: Shape::Export,
            kind: format_name(export),
            state: state(export.table),
            checks: export.gates.len(),
            path: Some(export.declared.path.clone()),
        });
    }
    Picture { nodes, edges: edges.into_iter().collect(), several: plan.pipelines.len() > 1 }
}

/// How people call the format of an export.
pub(super) fn format_name(export: &PlannedExport) -> &'static str {
    match export.declared.format {
        ExportFormat::Xlsx { .. } => "xlsx",
        ExportFormat::Csv { .. } => "csv",
        ExportFormat::Parquet => "parquet",
    }
}

fn mermaid(picture: &Picture) -> String {
    let mut out = format!("flowchart {}\n", picture.direction());
    let mut pipelines: Vec<&str> = picture.nodes.iter().map(|it| it.pipeline.as_str()).collect();
    pipelines.sort();
    pipelines.dedup();
    for (number, pipeline) in pipelines.iter().enumerate() {
        if picture.several {
            out.push_str(&format!("  subgraph p{number}[\"{}\"]\n", show::mermaid(pipeline)));
        }
        for (at, node) in picture.nodes.iter().enumerate().filter(|(_, it)| it.pipeline == *pipeline) {
            let (open, close) = match node.shape {
                Shape::Source => ("[(", ")]"),
                Shape::Step => ("(", ")"),
                Shape::Export => ("[/", "/]"),
            };
            let (name, words, class) = (show::mermaid(&node.name), node.state.words(), node.state.name());
            out.push_str(&format!("  n{at}{open}\"{name}<br/>{}, {words}\"{close}:::{class}\n", node.kind));
        }
        if picture.several {
            out.push_str("  end\n");
        }
    }
    for (from, to) in &picture.edges {
        out.push_str(&format!("  n{from} --> n{to}\n"));
    }
    for state in State::ALL {
        let ((fill, stroke), dashes) = (state.colours(), state.dashes());
        let dashes = if dashes.is_empty() { String::new() } else { format!(",stroke-dasharray:{dashes}") };
        out.push_str(&format!("  classDef {} fill:{fill},stroke:{stroke},color:#1b1f24{dashes}\n", state.name()));
    }
    out
}

fn dot(picture: &Picture) -> String {
    let direction = picture.direction();
    let mut out = format!("digraph hotpass {{\n  rankdir={direction};\n  node [fontname=\"sans-serif\"];\n");
    for (at, node) in picture.nodes.iter().enumerate() {
        let shape = match node.shape {
            Shape::Source => "cylinder",
            Shape::Step => "box",
            Shape::Export => "note",
        };
        let (fill, stroke) = node.state.colours();
        let style = if node.state.dashes().is_empty() { "filled" } else { "filled,dashed" };
        let name = if picture.several { node.full() } else { node.name.clone() };
        out.push_str(&format!(
            "  n{at} [label=\"{}\\n{}, {}\", shape={shape}, style=\"{style}\", fillcolor=\"{fill}\", color=\"{stroke}\"];\n",
            show::dot(&name),
            node.kind,
            node.state.words()
        ));
    }
    for (from, to) in &picture.edges {
        out.push_str(&format!("  n{from} -> n{to};\n"));
    }
    out.push_str("}\n");
    out
}

fn as_json(picture: &Picture) -> String {
    let nodes: Vec<_> = picture
        .nodes
        .iter()
        .map(|it| {
            json!({
                "pipeline": it.pipeline, "name": it.name, "role": it.shape.word(), "kind": it.kind,
                "state": it.state.name(), "checks": it.checks, "path": it.path,
            })
        })
        .collect();
    let edges: Vec<_> = picture.edges.iter().map(|(from, to)| json!({ "from": from, "to": to })).collect();
    json_line(&json!({ "v": 1, "event": "graph", "nodes": nodes, "edges": edges }))
}

#[cfg(test)]
pub(super) mod tests {
    use insta::assert_snapshot;

    use super::*;
    use crate::cli::made_up;

    /// Each state in turn, so that all of them are seen.
    fn in_turn(at: usize) -> State {
        State::ALL[at % 4]
    }

    fn small(format: Format) -> String {
        graph(&made_up::small(), &in_turn, format)
    }

    #[test]
    fn mermaid_names_the_state_in_words() {
        assert_snapshot!(small(Format::Human));
    }

    #[test]
    fn dot_quotes_what_is_named() {
        assert_snapshot!(small(Format::Dot));
    }

    #[test]
    fn json_is_one_line_that_names_nodes_by_number() {
        let text = small(Format::Json);
        let json: serde_json::Value = serde_json::from_str(&text).expect("one object");
        assert_eq!(text.lines().count(), 1);
        assert_eq!(json["nodes"][2]["name"], "mapped");
        assert_eq!(json["edges"][0], json!({ "from": 0, "to": 2 }));
        assert_eq!(json["nodes"][6]["path"], "dist/contacts.parquet");
    }

    #[test]
    fn a_small_picture() {
        assert_snapshot!(small(Format::Svg));
    }

    #[test]
    fn the_same_plan_is_drawn_with_the_same_bytes() {
        let draw = || graph(&made_up::thirty(), &in_turn, Format::Svg);
        assert_eq!(draw(), draw());
    }

    #[test]
    fn a_picture_has_nothing_that_runs_and_no_raw_markup() {
        let mut plan = made_up::small();
        plan.tables[0].name.name = "<script>alert(\"1\")</script>\u{1b}&".to_owned();
        plan.exports[0].declared.path = "dist/\u{202e}'><b>.xlsx".to_owned();
        for format in [Format::Svg, Format::Mermaid, Format::Dot, Format::Json] {
            let text = graph(&plan, &in_turn, format);
            assert!(!text.contains(['\u{1b}', '\u{202e}']), "{format:?}");
            assert!(format != Format::Svg || !text.contains("<script") && !text.contains("<b>"), "{text}");
        }
    }

    #[test]
    fn an_empty_plan_and_a_large_one_are_drawn() {
        assert!(graph(&Plan::default(), &in_turn, Format::Svg).ends_with("</svg>\n"));
        let mut plan = Plan::default();
        made_up::add(&mut plan, "p.s0", Role::Source, "source", &[]);
        for at in 1..400 {
            let (last, far) = (format!("p.s{}", at - 1), format!("p.s{}", at / 2));
            made_up::add(&mut plan, &format!("p.s{at}"), Role::Step, "union", &[&last, &far]);
        }
        assert!(graph(&plan, &in_turn, Format::Svg).contains("s399"));
    }

    #[test]
    fn a_hundred_steps_are_drawn_on_a_page() {
        for nodes in [10, 30, 100] {
            for (shape, made) in
                [("chain", made_up::chain(nodes)), ("fan", made_up::fan(nodes)), ("random", made_up::random(nodes))]
            {
                let text = graph(&made_up::joined("crm", &made), &in_turn, Format::Svg);
                let width = text.split("width=\"").nth(1).and_then(|it| it.split('"').next()).expect("a width");
                let width: u32 = width.parse().expect("a number");
                assert!(width <= 1_500, "{shape} of {nodes} is {width} wide");
            }
        }
    }
}
