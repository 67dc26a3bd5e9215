//! `hotpass graph`: the steps as a picture. Mermaid for Markdown, DOT for Graphviz, JSON for programs, SVG for people.
//!
//! Every output has the same nodes in the same order and the same bytes for the same plan and states. A state is told
//! by a word and by the border, not by colour alone.

use serde_json::json;

use crate::cli::args::Format;
use crate::draw::{Picture, Shape, State};
use crate::plan::Plan;
use crate::show::{self, json_line};

/// The plan as a picture; `state` tells of a table of the plan. [`Format::Human`] gives Mermaid.
pub fn graph(plan: &Plan, state: &dyn Fn(usize) -> State, format: Format) -> String {
    let picture = Picture::of(plan, state);
    match format {
        Format::Dot => dot(&picture),
        Format::Json => as_json(&picture),
        Format::Svg => picture.svg(&|_| None, State::words),
        _ => mermaid(&picture),
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
    use crate::cli::test_plan;
    use crate::plan::Role;

    /// Each state in turn, so that all of them are seen.
    fn in_turn(at: usize) -> State {
        State::ALL[at % 4]
    }

    fn small(format: Format) -> String {
        graph(&test_plan::small(), &in_turn, format)
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
        let draw = || graph(&test_plan::thirty(), &in_turn, Format::Svg);
        assert_eq!(draw(), draw());
    }

    #[test]
    fn a_picture_has_nothing_that_runs_and_no_raw_markup() {
        let mut plan = test_plan::small();
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
        test_plan::add(&mut plan, "p.s0", Role::Source, "source", &[]);
        for at in 1..400 {
            let (last, far) = (format!("p.s{}", at - 1), format!("p.s{}", at / 2));
            test_plan::add(&mut plan, &format!("p.s{at}"), Role::Step, "union", &[&last, &far]);
        }
        assert!(graph(&plan, &in_turn, Format::Svg).contains("s399"));
    }

    #[test]
    fn a_hundred_steps_are_drawn_on_a_page() {
        for nodes in [10, 30, 100] {
            for (shape, made) in [
                ("chain", test_plan::chain(nodes)),
                ("fan", test_plan::fan(nodes)),
                ("random", test_plan::random(nodes)),
            ] {
                let text = graph(&test_plan::joined("crm", &made), &in_turn, Format::Svg);
                let width = text.split("width=\"").nth(1).and_then(|it| it.split('"').next()).expect("a width");
                let width: u32 = width.parse().expect("a number");
                assert!(width <= 1_500, "{shape} of {nodes} is {width} wide");
            }
        }
    }
}
