//! The picture as SVG: no scripts, no fonts of its own, readable without colour and by a screen reader.

use std::fmt::Write;

use crate::cli::graph::layout::{Placed, Task, place};
use crate::cli::graph::{Node, Picture, Shape};
use crate::cli::state::State;
use crate::show::{cell, count};

/// Width of a letter of the name, of the generic monospace font at 13 pixels.
const LETTER: f64 = 7.9;
/// Width of a letter of the second line, at 11 pixels.
const SMALL_LETTER: f64 = 6.7;
/// Left and right of the text of a node.
const PADDING: f64 = 14.0;
/// Letters of a name that are drawn; the whole name is the title of the node.
const LONGEST_NAME: usize = 36;
const HEIGHT: f64 = 44.0;
const MARGIN: f64 = 24.0;
const INK: &str = "#1b1f24";

pub(super) fn svg(picture: &Picture) -> String {
    let widths: Vec<f64> = picture.nodes.iter().map(|it| width(it, picture.several)).collect();
    let last: Vec<bool> = picture.nodes.iter().map(|it| it.shape == Shape::Export).collect();
    let task = Task { edges: &picture.edges, widths: &widths, last: &last, height: HEIGHT, gap: 18.0, channel: 64.0 };
    let placed = place(&task);
    let legend = legend(picture);
    let legend_width: f64 = legend.iter().map(|(_, words)| legend_room(words)).sum();
    let total_width = placed.width.max(legend_width) + 2.0 * MARGIN;
    let total_height = placed.height + 2.0 * MARGIN + 44.0;
    let mut out = head(picture, total_width.round() as i64, total_height.round() as i64);
    out.push_str("<g fill=\"none\" stroke=\"#7d8590\" stroke-width=\"1.4\">\n");
    for ((from, to), bends) in picture.edges.iter().zip(&placed.bends) {
        line(&mut out, &placed, &widths, *from, *to, bends);
    }
    out.push_str("</g>\n");
    for (at, node) in picture.nodes.iter().enumerate() {
        draw(&mut out, node, placed.nodes[at], widths[at], picture.several);
    }
    let mut left = MARGIN;
    for (mark, words) in &legend {
        let top = total_height - 38.0;
        sample(&mut out, *mark, left, top);
        let (x, y) = ((left + 34.0).round(), (top + 12.0).round());
        let _ = writeln!(out, "<text class=\"s\" x=\"{x}\" y=\"{y}\">{}</text>", escaped(words, 40));
        left += legend_room(words);
    }
    out.push_str("</svg>\n");
    out
}

fn head(picture: &Picture, width: i64, height: i64) -> String {
    let number = |shape| picture.nodes.iter().filter(|it| it.shape == shape).count() as u64;
    let of_shapes = [Shape::Source, Shape::Step, Shape::Export].map(|it| count(number(it), it.word())).join(", ");
    let of_state = |state: &State| {
        let n = picture.nodes.iter().filter(|it| it.shape != Shape::Export && it.state == *state).count();
        (n > 0).then(|| format!("{n} {}", state.words()))
    };
    let of_states: Vec<_> = State::ALL.iter().filter_map(of_state).collect();
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" role=\"img\" aria-labelledby=\"title desc\">\n\
         <title id=\"title\">{of_shapes}</title>\n\
         <desc id=\"desc\">Steps from left to right: sources first, exports last. Tables: {}.</desc>\n\
         <defs><marker id=\"end\" markerWidth=\"9\" markerHeight=\"8\" refX=\"8\" refY=\"4\" orient=\"auto\">\
         <path d=\"M0 0L9 4L0 8Z\" fill=\"#7d8590\"/></marker></defs>\n\
         <style>text{{font-family:monospace;fill:{INK}}}.n{{font-size:13px;font-weight:bold}}.s{{font-size:11px}}</style>\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n",
        if of_states.is_empty() { "none".to_owned() } else { of_states.join(", ") }
    )
}

/// Names of one family differ at their ends, so a long one is cut in the middle.
fn short(name: &str) -> String {
    let letters: Vec<char> = cell(name, 400).chars().collect();
    if letters.len() <= LONGEST_NAME {
        return letters.into_iter().collect();
    }
    let half = (LONGEST_NAME - 1) / 2;
    letters[..half].iter().chain(&['…']).chain(&letters[letters.len() - half..]).collect()
}

fn second_line(node: &Node, several: bool) -> String {
    let words = format!("{} · {}", node.kind, node.state.words());
    if several { format!("{} · {words}", short(&node.pipeline)) } else { words }
}

fn width(node: &Node, several: bool) -> f64 {
    let name = short(&node.name).chars().count() as f64 * LETTER;
    let second = second_line(node, several).chars().count() as f64 * SMALL_LETTER;
    (name.max(second) + 2.0 * PADDING).round()
}

/// A line through the places it has in the layers between, level there and curved between them.
fn line(out: &mut String, placed: &Placed, widths: &[f64], from: usize, to: usize, bends: &[(f64, f64, f64)]) {
    let (left, height) = placed.nodes[from];
    let (mut x, mut y) = (placed.rights[from] + MARGIN, height + MARGIN);
    // Level to the end of the layer, or a line would run through a wider node of it.
    let start = (left + widths[from] + MARGIN).round();
    let mut path = format!("M{start} {}H{}", y.round(), x.round());
    let ends = bends.iter().map(|(enter, leave, height)| (enter + MARGIN, Some(leave + MARGIN), height + MARGIN));
    let end = (placed.nodes[to].0 + MARGIN, None, placed.nodes[to].1 + MARGIN);
    for (enter, leave, height) in ends.chain([end]) {
        let bend = (x + enter) / 2.0;
        let _ = write!(path, "C{b} {} {b} {h} {} {h}", y.round(), enter.round(), b = bend.round(), h = height.round());
        if let Some(leave) = leave {
            let _ = write!(path, "L{} {}", leave.round(), height.round());
        }
        (x, y) = (leave.unwrap_or(enter), height);
    }
    let _ = writeln!(out, "<path d=\"{path}\" marker-end=\"url(#end)\"/>");
}

fn draw(out: &mut String, node: &Node, (left, middle): (f64, f64), width: f64, several: bool) {
    let (x, y) = ((left + MARGIN).round(), (middle + MARGIN - HEIGHT / 2.0).round());
    let mut title = format!("{} {}: {}, {}", node.shape.word(), node.full(), node.kind, node.state.words());
    if let Some(path) = &node.path {
        let _ = write!(title, ", written to {path}");
    }
    if node.checks > 0 {
        let _ = write!(title, ", {}", count(node.checks as u64, "check"));
    }
    let _ = writeln!(out, "<g><title>{}</title>", escaped(&title, 400));
    outline(out, node.shape, node.state, x, y, width, HEIGHT);
    let text = (x + PADDING).round();
    let name = escaped(&short(&node.name), LONGEST_NAME);
    let second = escaped(&second_line(node, several), 120);
    let _ = writeln!(out, "<text class=\"n\" x=\"{text}\" y=\"{}\">{name}</text>", y + 19.0);
    let _ = writeln!(out, "<text class=\"s\" x=\"{text}\" y=\"{}\">{second}</text></g>", y + 35.0);
}

/// The border says what a node is by its form, and its state by its dashes and weight.
fn outline(out: &mut String, shape: Shape, state: State, x: f64, y: f64, w: f64, h: f64) {
    let (fill, stroke, dashes) = state.colours();
    let dashes = if dashes.is_empty() { String::new() } else { format!(" stroke-dasharray=\"{dashes}\"") };
    let weight = if state == State::Failed { "3.5" } else { "1.6" };
    let style = format!("fill=\"{fill}\" stroke=\"{stroke}\" stroke-width=\"{weight}\"{dashes}");
    let fold = (h / 4.0).round();
    let _ = match shape {
        Shape::Step => writeln!(out, "<rect x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" rx=\"9\" {style}/>"),
        // Like a drum: rows come from here.
        Shape::Source => {
            let bar = x + 6.0;
            let rect = format!("<rect x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" {style}/>");
            writeln!(out, "{rect}<path d=\"M{bar} {y}v{h}\" stroke=\"{stroke}\" stroke-width=\"1.6\"/>")
        }
        // Like a sheet with a folded corner.
        Shape::Export => {
            let (right, inner, bottom) = (x + w, x + w - fold, y + h);
            let (under, sheet) = (y + fold, format!("M{x} {y}H{inner}L{right} {}V{bottom}H{x}Z", y + fold));
            let corner = format!("M{inner} {y}V{under}H{right}");
            writeln!(
                out,
                "<path d=\"{sheet}\" {style}/><path d=\"{corner}\" fill=\"none\" stroke=\"{stroke}\" stroke-width=\"1.6\"/>"
            )
        }
    };
}

/// A sample in the legend: of a form or of a state.
#[derive(Clone, Copy)]
enum Mark {
    Form(Shape),
    State(State),
}

fn legend(picture: &Picture) -> Vec<(Mark, &'static str)> {
    let shapes = [Shape::Source, Shape::Step, Shape::Export].into_iter();
    let shapes = shapes.filter(|shape| picture.nodes.iter().any(|it| it.shape == *shape));
    let states = State::ALL.into_iter().filter(|state| picture.nodes.iter().any(|it| it.state == *state));
    shapes.map(|it| (Mark::Form(it), it.word())).chain(states.map(|it| (Mark::State(it), it.words()))).collect()
}

fn legend_room(words: &str) -> f64 {
    34.0 + words.chars().count() as f64 * SMALL_LETTER + 22.0
}

fn sample(out: &mut String, mark: Mark, x: f64, y: f64) {
    match mark {
        Mark::State(state) => outline(out, Shape::Step, state, x, y, 26.0, 16.0),
        Mark::Form(shape) => {
            let mut plain = String::new();
            outline(&mut plain, shape, State::Reused, x, y, 26.0, 16.0);
            let (fill, stroke, _) = State::Reused.colours();
            out.push_str(&plain.replace(fill, "#ffffff").replace(stroke, INK));
        }
    }
}

/// Text for XML 1.0: no markup, none of the characters that it forbids.
fn escaped(text: &str, width: usize) -> String {
    let mut out = String::new();
    for c in cell(text, width).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            _ => out.push(c),
        }
    }
    out
}
