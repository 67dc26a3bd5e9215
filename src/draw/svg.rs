//! The picture as SVG: no scripts, no fonts of its own, readable without colour, on dark pages and by a screen reader.

use std::fmt::Write;

use super::layout::{Leg, Task, place};
use super::{Node, Picture, Shape, State};
use crate::escape::{cell, markup};
use crate::numbers::count;

/// Width of a letter of the name, of the generic monospace font at 13 pixels.
const LETTER: f64 = 7.9;
/// Width of a letter of the second line, at 11 pixels.
const SMALL_LETTER: f64 = 6.7;
/// Left and right of the text of a node.
const PADDING: f64 = 12.0;
/// Letters of a name that are drawn; the whole name is the title of the node.
const LONGEST_NAME: usize = 30;
const HEIGHT: f64 = 44.0;
const MARGIN: f64 = 24.0;
/// What nodes of one row may take: with margins about as wide as a page.
const PAGE: f64 = 1000.0;
/// Of the legend.
const LINE: f64 = 26.0;
/// The radius of the corners of straight lines.
const CORNER: f64 = 8.0;

/// Colours that are no state's; those of states stand in [`State`].
const STYLE: &str = "text{font-family:ui-monospace,monospace;fill:#1b1f24}.n{font-size:13px;font-weight:bold}\
    .s{font-size:11px}.ground{fill:#fff}.line{fill:none;stroke:#7d8590;stroke-width:1.3}.end{fill:#7d8590}\
    .form{fill:#fff;stroke:#1b1f24}";
const DARK: &str = "text{fill:#e6edf3}.ground{fill:#0d1117}.line{stroke:#8b949e}.end{fill:#8b949e}\
    .form{fill:#0d1117;stroke:#e6edf3}";

/// The picture; `link` gives the address behind a node, `words` what a state means here.
pub(super) fn svg(
    picture: &Picture,
    link: &dyn Fn(&Node) -> Option<String>,
    words: fn(State) -> &'static str,
) -> String {
    let widths: Vec<f64> = picture.nodes.iter().map(|it| width(it, picture.several, words)).collect();
    let placed =
        place(&Task { edges: &picture.edges, widths: &widths, height: HEIGHT, gap: 18.0, lane: 12.0, page: PAGE });
    let legend = legend(picture, words);
    let widest = legend.iter().map(|(_, words)| room(words)).fold(0.0, f64::max);
    let inner = placed.width.max(widest);
    let marks = wrapped(&legend, inner);
    let lines = marks.iter().map(|it| it.2 + 1.0).fold(0.0, f64::max);
    let legend_top = placed.height + 2.0 * MARGIN;
    let height = legend_top + lines * LINE + if lines > 0.0 { MARGIN / 2.0 } else { 0.0 };
    let links: Vec<Option<String>> = picture.nodes.iter().map(link).collect();
    let role = if links.iter().any(Option::is_some) { "group" } else { "img" };
    let size = ((inner + 2.0 * MARGIN).round() as i64, height.round() as i64);
    let mut out = head(picture, role, size, words);
    out.push_str("<g class=\"line\">\n");
    for (start, legs) in &placed.lines {
        line(&mut out, *start, legs);
    }
    out.push_str("</g>\n");
    for ((node, place), link) in picture.nodes.iter().zip(&placed.nodes).zip(&links) {
        if let Some(link) = link {
            let _ = writeln!(out, "<a href=\"{}\">", markup(link));
        }
        draw(&mut out, node, *place, picture.several, words);
        out.push_str(if link.is_some() { "</a>\n" } else { "" });
    }
    for (mark, left, row) in &marks {
        let (x, y) = ((MARGIN + left).round(), (legend_top + row * LINE).round());
        sample(&mut out, legend[*mark].0, x, y);
        let (x, y, words) = (x + 34.0, y + 12.0, escaped(legend[*mark].1, 40));
        let _ = writeln!(out, "<text class=\"s\" x=\"{x}\" y=\"{y}\">{words}</text>");
    }
    out.push_str("</svg>\n");
    out
}

fn head(picture: &Picture, role: &str, (width, height): (i64, i64), words: fn(State) -> &'static str) -> String {
    let number = |shape| picture.nodes.iter().filter(|it| it.shape == shape).count() as u64;
    let of_shapes = [Shape::Source, Shape::Step, Shape::Export].map(|it| count(number(it), it.word())).join(", ");
    let of_state = |state: &State| {
        let n = picture.nodes.iter().filter(|it| it.shape != Shape::Export && it.state == *state).count();
        (n > 0).then(|| format!("{n} {}", words(*state)))
    };
    let of_states: Vec<_> = State::ALL.iter().filter_map(of_state).collect();
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" role=\"{role}\" aria-labelledby=\"hotpass-title hotpass-desc\">\n\
         <title id=\"hotpass-title\">{of_shapes}</title>\n\
         <desc id=\"hotpass-desc\">Every step is below its inputs. Tables: {}. {}</desc>\n\
         <defs><marker id=\"hotpass-end\" markerWidth=\"8\" markerHeight=\"7\" refX=\"7\" refY=\"3.5\" orient=\"auto\">\
         <path class=\"end\" d=\"M0 0L8 3.5L0 7Z\"/></marker></defs>\n\
         <style>{STYLE}{}@media (prefers-color-scheme:dark){{{DARK}{}}}</style>\n\
         <rect class=\"ground\" width=\"100%\" height=\"100%\"/>\n",
        if of_states.is_empty() { "none".to_owned() } else { of_states.join(", ") },
        escaped(&ways(picture), 4_000),
        colours(State::colours),
        colours(State::dark_colours),
    )
}

/// What the arrows say, in words: for each artefact the sources that it is made of.
fn ways(picture: &Picture) -> String {
    let beneath = |node: usize| {
        let (mut open, mut seen) = (vec![node], vec![false; picture.nodes.len()]);
        while let Some(at) = open.pop() {
            for (from, _) in picture.edges.iter().filter(|it| it.1 == at) {
                if !std::mem::replace(&mut seen[*from], true) {
                    open.push(*from);
                }
            }
        }
        let sources = (0..seen.len()).filter(|it| seen[*it] && picture.nodes[*it].shape == Shape::Source);
        sources.map(|it| picture.nodes[it].name.as_str()).collect::<Vec<_>>().join(", ")
    };
    let exports = picture.nodes.iter().enumerate().filter(|(_, it)| it.shape == Shape::Export);
    let words = exports.map(|(at, it)| match beneath(at) {
        sources if sources.is_empty() => format!("{} is written.", it.name),
        sources => format!("{} is made of {sources}.", it.name),
    });
    words.collect::<Vec<_>>().join(" ")
}

fn colours(of: fn(State) -> (&'static str, &'static str)) -> String {
    let rule = |state: State| {
        let (fill, stroke) = of(state);
        format!(".{}{{fill:{fill};stroke:{stroke}}}", state.name())
    };
    State::ALL.map(rule).concat()
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

fn second_line(node: &Node, several: bool, words: fn(State) -> &'static str) -> String {
    let words = format!("{} · {}", node.kind, words(node.state));
    if several { format!("{} · {words}", short(&node.pipeline)) } else { words }
}

fn width(node: &Node, several: bool, words: fn(State) -> &'static str) -> f64 {
    let name = short(&node.name).chars().count() as f64 * LETTER;
    let second = second_line(node, several, words).chars().count() as f64 * SMALL_LETTER;
    (name.max(second) + 2.0 * PADDING).round()
}

/// A line from the foot of one node to the head of another; straight parts meet in round corners.
fn line(out: &mut String, start: (f64, f64), legs: &[Leg]) {
    let place = |it: (f64, f64)| (it.0 + MARGIN, it.1 + MARGIN);
    let to = |it: &Leg| match it {
        Leg::Straight(x, y) | Leg::Bend(x, y) => place((*x, *y)),
    };
    let mut at = place(start);
    let mut path = format!("M{} {}", at.0.round(), at.1.round());
    for (place, leg) in legs.iter().enumerate() {
        let end = to(leg);
        let (x, y) = (end.0.round(), end.1.round());
        match (leg, legs.get(place + 1)) {
            (Leg::Bend(..), _) => {
                let middle = ((at.1 + end.1) / 2.0).round();
                let _ = write!(path, "C{} {middle} {x} {middle} {x} {y}", at.0.round());
            }
            (Leg::Straight(..), Some(Leg::Straight(..))) if legs.len() > place + 1 => {
                // The corner begins and ends at most halfway to the ends of both lines.
                let next = to(&legs[place + 1]);
                let (a, b) = (towards(end, at), towards(end, next));
                let _ = write!(path, "L{} {}Q{x} {y} {} {}", a.0.round(), a.1.round(), b.0.round(), b.1.round());
            }
            (Leg::Straight(..), _) => {
                let _ = write!(path, "L{x} {y}");
            }
        }
        at = end;
    }
    let _ = writeln!(out, "<path d=\"{path}\" marker-end=\"url(#hotpass-end)\"/>");
}

/// The point on the way from a corner to another point at which the corner begins.
fn towards(corner: (f64, f64), other: (f64, f64)) -> (f64, f64) {
    let (dx, dy) = (other.0 - corner.0, other.1 - corner.1);
    let part = |it: f64| it.signum() * CORNER.min(it.abs() / 2.0);
    (corner.0 + if dx == 0.0 { 0.0 } else { part(dx) }, corner.1 + if dy == 0.0 { 0.0 } else { part(dy) })
}

fn draw(
    out: &mut String,
    node: &Node,
    (left, top, width): (f64, f64, f64),
    several: bool,
    words: fn(State) -> &'static str,
) {
    let (x, y) = ((left + MARGIN).round(), (top + MARGIN).round());
    let mut title = format!("{} {}: {}, {}", node.shape.word(), node.full(), node.kind, words(node.state));
    if let Some(path) = &node.path {
        let _ = write!(title, ", written to {path}");
    }
    if node.checks > 0 {
        let _ = write!(title, ", {}", count(node.checks as u64, "check"));
    }
    let _ = writeln!(out, "<g><title>{}</title>", escaped(&title, 400));
    let dashes = node.state.dashes();
    let dashes = if dashes.is_empty() { String::new() } else { format!(" stroke-dasharray=\"{dashes}\"") };
    let weight = if node.state == State::Failed { "3.5" } else { "1.6" };
    let style = format!("class=\"{}\" stroke-width=\"{weight}\"{dashes}", node.state.name());
    outline(out, node.shape, &style, node.state.name(), (x, y, width.round(), HEIGHT));
    let text = (x + PADDING).round();
    let name = escaped(&short(&node.name), LONGEST_NAME);
    let second = escaped(&second_line(node, several, words), 120);
    let _ = writeln!(out, "<text class=\"n\" x=\"{text}\" y=\"{}\">{name}</text>", y + 19.0);
    let _ = writeln!(out, "<text class=\"s\" x=\"{text}\" y=\"{}\">{second}</text></g>", y + 35.0);
}

/// The border says what a node is by its form, and its state by its dashes and weight.
fn outline(out: &mut String, shape: Shape, style: &str, class: &str, (x, y, w, h): (f64, f64, f64, f64)) {
    let fold = (h / 4.0).round();
    // Drawn over the form, in the colour of its border.
    let over = |path: &str| format!("<path class=\"{class}\" style=\"fill:none\" d=\"{path}\" stroke-width=\"1.6\"/>");
    let _ = match shape {
        Shape::Step => writeln!(out, "<rect x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" rx=\"9\" {style}/>"),
        // Like a drum: rows come from here.
        Shape::Source => {
            let rect = format!("<rect x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" {style}/>");
            writeln!(out, "{rect}{}", over(&format!("M{} {y}v{h}", x + 6.0)))
        }
        // Like a sheet with a folded corner.
        Shape::Export => {
            let (right, inner, bottom, under) = (x + w, x + w - fold, y + h, y + fold);
            let sheet = format!("<path d=\"M{x} {y}H{inner}L{right} {under}V{bottom}H{x}Z\" {style}/>");
            writeln!(out, "{sheet}{}", over(&format!("M{inner} {y}V{under}H{right}")))
        }
    };
}

/// A sample in the legend: of a form or of a state.
#[derive(Clone, Copy)]
enum Mark {
    Form(Shape),
    State(State),
}

fn legend(picture: &Picture, words: fn(State) -> &'static str) -> Vec<(Mark, &'static str)> {
    let shapes = [Shape::Source, Shape::Step, Shape::Export].into_iter();
    let shapes = shapes.filter(|shape| picture.nodes.iter().any(|it| it.shape == *shape));
    let states = State::ALL.into_iter().filter(|state| picture.nodes.iter().any(|it| it.state == *state));
    shapes.map(|it| (Mark::Form(it), it.word())).chain(states.map(|it| (Mark::State(it), words(it)))).collect()
}

fn room(words: &str) -> f64 {
    34.0 + words.chars().count() as f64 * SMALL_LETTER + 20.0
}

/// Where each mark of the legend stands: from the left, and in which line.
fn wrapped(legend: &[(Mark, &'static str)], width: f64) -> Vec<(usize, f64, f64)> {
    let (mut left, mut row, mut acc) = (0.0, 0.0, Vec::new());
    for (at, (_, words)) in legend.iter().enumerate() {
        if left > 0.0 && left + room(words) > width {
            (left, row) = (0.0, row + 1.0);
        }
        acc.push((at, left, row));
        left += room(words);
    }
    acc
}

fn sample(out: &mut String, mark: Mark, x: f64, y: f64) {
    let place = (x, y, 26.0, 16.0);
    match mark {
        Mark::State(state) => {
            let dashes = state.dashes();
            let dashes = if dashes.is_empty() { String::new() } else { format!(" stroke-dasharray=\"{dashes}\"") };
            let weight = if state == State::Failed { "3.5" } else { "1.6" };
            let style = format!("class=\"{}\" stroke-width=\"{weight}\"{dashes}", state.name());
            outline(out, Shape::Step, &style, state.name(), place);
        }
        Mark::Form(shape) => outline(out, shape, "class=\"form\" stroke-width=\"1.6\"", "form", place),
    }
}

/// Text for XML: short, safe on a screen, no markup.
fn escaped(text: &str, width: usize) -> String {
    markup(&cell(text, width))
}
