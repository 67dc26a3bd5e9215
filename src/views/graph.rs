//! The steps as a picture: Mermaid for Markdown, DOT for Graphviz, SVG for people.
//!
//! Every output has the same nodes in the same order and the same bytes for the same plan and states. A state is told
//! by a word and by the border, not by colour alone.

use crate::draw::{Picture, Shape, State};
use crate::show;

/// For people.
pub(crate) fn svg(picture: &Picture) -> String {
    picture.svg(&|_| None, State::words)
}

/// For Markdown.
pub(crate) fn mermaid(picture: &Picture) -> String {
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

/// For Graphviz.
pub(crate) fn dot(picture: &Picture) -> String {
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

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;
    use crate::index::Place;
    use crate::plan::{ExportId, Plan, Role, TableId};
    use crate::workspace::test_plan;

    /// Each state in turn, so that all of them are seen.
    fn in_turn(at: TableId) -> State {
        State::ALL[at.at() % 4]
    }

    const ALL: [fn(&Picture) -> String; 3] = [mermaid, dot, svg];

    fn small(view: fn(&Picture) -> String) -> String {
        view(&Picture::of(&test_plan::small(), &in_turn))
    }

    #[test]
    fn mermaid_names_the_state_in_words() {
        assert_snapshot!(small(mermaid));
    }

    #[test]
    fn dot_quotes_what_is_named() {
        assert_snapshot!(small(dot));
    }

    #[test]
    fn a_small_picture() {
        assert_snapshot!(small(svg));
    }

    #[test]
    fn the_same_plan_is_drawn_with_the_same_bytes() {
        let draw = || svg(&Picture::of(&test_plan::thirty(), &in_turn));
        assert_eq!(draw(), draw());
    }

    #[test]
    fn a_picture_has_nothing_that_runs_and_no_raw_markup() {
        let mut plan = test_plan::small();
        plan.tables[TableId::new(0)].name.name = "<script>alert(\"1\")</script>\u{1b}&".to_owned();
        plan.exports[ExportId::new(0)].declared.path = "dist/\u{202e}'><b>.xlsx".to_owned();
        let picture = Picture::of(&plan, &in_turn);
        for text in ALL.map(|it| it(&picture)) {
            assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text}");
        }
        let text = svg(&picture);
        assert!(!text.contains("<script") && !text.contains("<b>"), "{text}");
    }

    #[test]
    fn an_empty_plan_and_a_large_one_are_drawn() {
        assert!(svg(&Picture::of(&Plan::default(), &in_turn)).ends_with("</svg>\n"));
        let mut plan = Plan::default();
        test_plan::add(&mut plan, "p.s0", Role::Source, "source", &[]);
        for at in 1..400 {
            let (last, far) = (format!("p.s{}", at - 1), format!("p.s{}", at / 2));
            test_plan::add(&mut plan, &format!("p.s{at}"), Role::Step, "union", &[&last, &far]);
        }
        assert!(svg(&Picture::of(&plan, &in_turn)).contains("s399"));
    }

    #[test]
    fn a_hundred_steps_are_drawn_on_a_page() {
        for nodes in [10, 30, 100] {
            for (shape, made) in [
                ("chain", test_plan::chain(nodes)),
                ("fan", test_plan::fan(nodes)),
                ("random", test_plan::random(nodes)),
            ] {
                let text = svg(&Picture::of(&test_plan::joined("crm", &made), &in_turn));
                let width = text.split("width=\"").nth(1).and_then(|it| it.split('"').next()).expect("a width");
                let width: u32 = width.parse().expect("a number");
                assert!(width <= 1_500, "{shape} of {nodes} is {width} wide");
            }
        }
    }
}
