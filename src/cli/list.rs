//! `hotpass list`: pipelines with their sources, what is made of each beneath it, and the exports of that; then profiles,
//! then what kinds there are.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::cli::args::Format;
use crate::cli::state::{self, State};
use crate::draw::format_name;
use crate::expectations;
use crate::plan::{Name, Plan, Role, Table};
use crate::query::shipped::PROFILES;
use crate::show::{Paint, Style, count, json_line, line, wrapped};
use crate::steps;

/// Everything that can be named on the command line. `profiles` are the names of all profiles there are; without them
/// neither they nor kinds are listed. `state` tells of a table of the plan.
pub fn list(
    plan: &Plan,
    profiles: Option<&[String]>,
    state: &dyn Fn(usize) -> State,
    format: Format,
    look: Style,
) -> String {
    match format {
        Format::Json => as_json(plan, profiles, state),
        _ => tree(plan, profiles, state, look),
    }
}

/// The lines that one thing takes on a terminal, at most.
const MOST: usize = 2;
/// The least room for what is told of a thing, in columns of the screen.
const LEAST: usize = 20;

/// One line of the tree: how deep it stands, what it is, how it is called, the rest.
struct Leaf {
    depth: usize,
    what: &'static str,
    name: String,
    rest: String,
    state: Option<State>,
}

fn tree(plan: &Plan, profiles: Option<&[String]>, state: &dyn Fn(usize) -> State, look: Style) -> String {
    let mut out = String::new();
    for (pipeline, file) in &plan.pipelines {
        let file = look.paint(&line(&file.display().to_string()), Paint::Dim);
        out.push_str(&format!("{}  {file}\n", look.paint(&line(pipeline), Paint::Strong)));
        leaves(&mut out, &leaves_of(plan, pipeline, state), look);
        out.push('\n');
    }
    let Some(profiles) = profiles else {
        out.truncate(out.trim_end().len());
        return out + "\n";
    };
    let profiles: Vec<Leaf> = profiles
        .iter()
        .map(|it| Leaf { depth: 0, what: "profile", name: line(it), rest: origin(it).to_owned(), state: None })
        .collect();
    group(&mut out, "profiles", &profiles, look);
    let kinds = steps::KINDS.iter().map(|it| (it.name, it.summary));
    group(&mut out, "kinds of steps", &summaries("kind", kinds), look);
    let kinds = expectations::KINDS.iter().map(|it| (it.name, it.summary));
    group(&mut out, "kinds of expectations", &summaries("expect", kinds), look);
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

fn summaries(what: &'static str, kinds: impl Iterator<Item = (&'static str, &'static str)>) -> Vec<Leaf> {
    kinds.map(|(name, it)| Leaf { depth: 0, what, name: name.to_owned(), rest: it.to_owned(), state: None }).collect()
}

fn group(out: &mut String, heading: &str, own: &[Leaf], look: Style) {
    out.push_str(&format!("{}\n", look.paint(heading, Paint::Strong)));
    leaves(out, own, look);
    out.push('\n');
}

/// A table or an export of a pipeline.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Node {
    Table(usize),
    Export(usize),
}

/// What is made of one table stands beneath it, and what is made of several begins anew. Steps of one way stand at one
/// depth, so that a long way does not run out of the screen.
fn leaves_of(plan: &Plan, pipeline: &str, state: &dyn Fn(usize) -> State) -> Vec<Leaf> {
    let tables: BTreeSet<usize> = declared(plan, pipeline).map(|(at, _)| at).collect();
    let mut beneath: BTreeMap<Option<usize>, Vec<Node>> = BTreeMap::new();
    for at in &tables {
        let above = match plan.tables[*at].inputs.as_slice() {
            [one] if tables.contains(one) => Some(*one),
            _ => None,
        };
        beneath.entry(above).or_default().push(Node::Table(*at));
    }
    let exports = plan.exports.iter().enumerate().filter(|(_, it)| it.is_listed());
    for (at, export) in exports.filter(|(_, it)| it.name.pipeline == pipeline) {
        let above = Some(export.table).filter(|it| tables.contains(it));
        beneath.entry(above).or_default().push(Node::Export(at));
    }
    let mut acc = Vec::new();
    let roots = beneath.get(&None).into_iter().flatten().rev();
    let mut open: Vec<(Node, usize)> = roots.map(|it| (*it, 0)).collect();
    while let Some((node, depth)) = open.pop() {
        acc.push(leaf(plan, pipeline, node, depth, state));
        let Node::Table(at) = node else { continue };
        let own = beneath.get(&Some(at)).map_or(&[][..], Vec::as_slice);
        let level = if own.len() == 1 && depth > 0 { depth } else { depth + 1 };
        open.extend(own.iter().rev().map(|it| (*it, level)));
    }
    acc
}

fn leaf(plan: &Plan, pipeline: &str, node: Node, depth: usize, state: &dyn Fn(usize) -> State) -> Leaf {
    let at = match node {
        Node::Table(at) => at,
        Node::Export(at) => {
            let export = &plan.exports[at];
            let from = short(&plan.tables[export.table].name, pipeline);
            let from = if export.page().is_some() { String::new() } else { format!(" from {from}") };
            let rest = format!("{}{from}, to {}", format_name(export), line(&export.declared.path));
            let state = Some(state(export.table));
            return Leaf { depth, what: "export", name: line(&export.name.name), rest, state };
        }
    };
    let table = &plan.tables[at];
    let mut rest = if table.role == Role::Source { String::new() } else { table.kind.to_owned() };
    let from: Vec<_> = table.inputs.iter().map(|it| short(&plan.tables[*it].name, pipeline)).collect();
    if !from.is_empty() {
        rest.push_str(&format!(" from {}", from.join(", ")));
    }
    let checks = plan.expectations.iter().filter(|it| it.about == at).count() as u64;
    let columns = count(table.schema.visible().count() as u64, "column");
    let separator = if rest.is_empty() { "" } else { "; " };
    rest.push_str(&format!("{separator}{columns}"));
    if checks > 0 {
        rest.push_str(&format!(", {}", count(checks, "check")));
    }
    if !table.tags.is_empty() {
        rest.push_str(&format!("; tags {}", line(&table.tags.join(", "))));
    }
    let what = if table.role == Role::Source { "source" } else { "step" };
    Leaf { depth, what, name: line(&table.name.name), rest, state: Some(state(at)) }
}

fn declared<'a>(plan: &'a Plan, pipeline: &'a str) -> impl Iterator<Item = (usize, &'a Table)> {
    let tables = plan.tables.iter().enumerate();
    tables.filter(move |(_, it)| it.name.pipeline == pipeline && it.role.is_listed())
}

/// The name as it is written in a pipeline.
fn short(name: &Name, pipeline: &str) -> String {
    if name.pipeline == pipeline { line(&name.name) } else { line(&name.to_string()) }
}

fn leaves(out: &mut String, leaves: &[Leaf], look: Style) {
    let what = leaves.iter().map(|it| it.what.len()).max().unwrap_or(0);
    let trunks = trunks(leaves, look);
    let width = |(trunk, leaf): (&String, &Leaf)| trunk.chars().count() + leaf.name.chars().count();
    let name = trunks.iter().map(|(it, _)| it).zip(leaves).map(width).max().unwrap_or(0);
    let state = leaves.iter().filter_map(|it| it.state).map(|it| it.words().len() + 2).max().unwrap_or(0);
    for ((trunk, past), leaf) in trunks.iter().zip(leaves) {
        let blank = name - width((trunk, leaf));
        let mut words = leaf.state.map(|it| format!("{} {}", it.mark(), it.words())).unwrap_or_default();
        let padding = state - words.chars().count();
        if let Some(state) = leaf.state {
            words = look.paint(&words, state::paint(state));
        }
        let gap = if state > 0 { "  " } else { "" };
        let trunk = look.paint(trunk, Paint::Dim);
        let before = what + name + state + gap.len() + 5;
        let room = if look.terminal { look.width.saturating_sub(before).max(LEAST) } else { usize::MAX };
        let mut rest = wrapped(&leaf.rest, room, MOST).into_iter();
        let first = rest.next().unwrap_or_default();
        let text =
            format!("{trunk} {:what$}  {}{:blank$}  {words}{:padding$}{gap}{first}", leaf.what, leaf.name, "", "");
        out.push_str(text.trim_end());
        out.push('\n');
        for more in rest {
            let blank = before - past.chars().count();
            out.push_str(&format!("{}{:blank$}{more}\n", look.paint(past, Paint::Dim), ""));
        }
    }
}

/// What stands before each line, and before what of it finds no room there: its branch, and those that go on past it.
fn trunks(leaves: &[Leaf], look: Style) -> Vec<(String, String)> {
    let (branch, end, past) = if look.terminal { ("├─", "└─", "│  ") } else { ("|-", "`-", "|  ") };
    let mut more: Vec<bool> = Vec::new();
    let mut acc: Vec<(String, String)> = Vec::with_capacity(leaves.len());
    for leaf in leaves.iter().rev() {
        more.resize(leaf.depth + 1, false);
        let goes_on = |it: &bool| if *it { past } else { "   " };
        let before: String = more[..leaf.depth].iter().map(goes_on).collect();
        let own = if more[leaf.depth] { branch } else { end };
        acc.push((format!("{before}{own}"), before + goes_on(&more[leaf.depth])));
        more[leaf.depth] = true;
    }
    acc.reverse();
    acc
}

fn origin(profile: &str) -> &'static str {
    if PROFILES.iter().any(|(it, _)| *it == profile) { "comes with hotpass" } else { "of this workspace" }
}

fn as_json(plan: &Plan, profiles: Option<&[String]>, state: &dyn Fn(usize) -> State) -> String {
    let mut lines: Vec<Value> = Vec::new();
    for (pipeline, file) in &plan.pipelines {
        lines.push(json!({ "v": 1, "event": "pipeline", "name": pipeline, "file": file.display().to_string() }));
        for (at, table) in declared(plan, pipeline) {
            let columns: Vec<Value> = table
                .schema
                .visible()
                .map(|it| json!({ "name": it.name, "type": it.ty.name(), "class": it.class }))
                .collect();
            let inputs: Vec<String> = table.inputs.iter().map(|it| plan.tables[*it].name.to_string()).collect();
            let event = if table.role == Role::Source { "source" } else { "step" };
            lines.push(json!({
                "v": 1, "event": event, "pipeline": pipeline, "name": table.name.name, "kind": table.kind,
                "inputs": inputs, "columns": columns, "tags": table.tags, "state": state(at).name(),
            }));
        }
        for export in plan.exports.iter().filter(|it| it.is_listed() && it.name.pipeline == *pipeline) {
            lines.push(json!({
                "v": 1, "event": "export", "pipeline": pipeline, "name": export.name.name,
                "from": plan.tables[export.table].name.to_string(), "path": export.declared.path,
                "format": format_name(export), "columns": export.columns, "state": state(export.table).name(),
            }));
        }
    }
    let Some(profiles) = profiles else { return lines.iter().map(json_line).collect() };
    let profile = |it: &String| {
        let shipped = PROFILES.iter().any(|(name, _)| name == it);
        json!({ "v": 1, "event": "profile", "name": it, "shipped": shipped })
    };
    lines.extend(profiles.iter().map(profile));
    let kind =
        |event: &str, name: &str, summary: &str| json!({ "v": 1, "event": event, "name": name, "summary": summary });
    lines.extend(steps::KINDS.iter().map(|it| kind("step_kind", it.name, it.summary)));
    lines.extend(expectations::KINDS.iter().map(|it| kind("expectation_kind", it.name, it.summary)));
    lines.iter().map(json_line).collect()
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;
    use crate::cli::test_plan;

    fn small(format: Format) -> String {
        let profiles = ["aviation".to_owned(), "own".to_owned()];
        list(&test_plan::small(), Some(&profiles), &|it| State::ALL[it % 4], format, Style::PLAIN)
    }

    #[test]
    fn the_tree_names_everything_that_can_be_built() {
        let text = small(Format::Human);
        let (own, kinds) = text.split_once("kinds of steps\n").expect("kinds come last");
        assert_snapshot!(own, @"
        crm  pipelines/crm.toml
        |- source  people       = reused     1 column
        |  |- step    mapped    ! failed     map from people; 1 column; tags daily
        |  `- step    clean     ? not known  normalise from mapped; 1 column
        |- source  schools      + would run  1 column
        |  |- step    odd       ! failed     sql from schools; 1 column; tags daily
        |  `- export  odds      ! failed     parquet from odd, to dist/odds.parquet
        `- step    merged       + would run  merge from clean, schools; 1 column
           `- export  contacts  + would run  parquet from merged, to dist/contacts.parquet

        profiles
        |- profile  aviation  comes with hotpass
        `- profile  own       of this workspace
        ");
        assert!(steps::KINDS.iter().all(|it| kinds.contains(it.summary)));
    }

    #[test]
    fn json_has_a_line_for_each_thing() {
        let text = small(Format::Json);
        let lines: Vec<Value> = text.lines().map(|it| serde_json::from_str(it).expect("JSON")).collect();
        let count = |event: &str| lines.iter().filter(|it| it["event"] == event).count();
        assert!(lines.iter().all(|it| it["v"] == 1));
        assert_eq!(
            [count("pipeline"), count("source"), count("step"), count("export"), count("profile")],
            [1, 2, 4, 2, 2]
        );
        assert_eq!(count("step_kind"), steps::KINDS.len());
        let merged = lines.iter().find(|it| it["name"] == "merged").expect("it is listed");
        assert_eq!(merged["inputs"], json!(["crm.clean", "crm.schools"]));
        assert_eq!(merged["columns"], json!([{ "name": "name", "type": "text", "class": "open" }]));
    }
}
