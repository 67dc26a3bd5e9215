//! What can be named, as a tree.

use std::collections::{BTreeMap, BTreeSet};

use crate::answers::list::{Export, Table, Thing};
use crate::draw::State;
use crate::plan::TableId;
use crate::show::{Paint, Style, count, line, wrapped};
use crate::views::state;

/// The kind of a source.
const SOURCE: &str = "source";

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

/// Pipelines with their sources, what is made of each beneath it, and the exports of that; then the rest.
pub(crate) fn list(listed: &[Thing], look: Style) -> String {
    let mut out = String::new();
    let pipelines = listed.iter().filter_map(|it| if let Thing::Pipeline(it) = it { Some(it) } else { None });
    for it in pipelines {
        let file = look.paint(&line(&it.file), Paint::Dim);
        out.push_str(&format!("{}  {file}\n", look.paint(&line(&it.name), Paint::Strong)));
        leaves(&mut out, &leaves_of(listed, &it.name), look);
        out.push('\n');
    }
    let leaf = |what, name: &str, rest: &str| {
        let (name, rest) = (name.to_owned(), rest.to_owned());
        Leaf { depth: 0, what, name, rest, state: None }
    };
    let rest = |of: fn(&Thing) -> Option<(&'static str, &str, &str)>| -> Vec<Leaf> {
        listed.iter().filter_map(of).map(|(what, name, rest)| leaf(what, &line(name), rest)).collect()
    };
    let profiles = rest(|it| match it {
        Thing::Profile(it) if it.shipped => Some(("profile", it.name.as_str(), "comes with hotpass")),
        Thing::Profile(it) => Some(("profile", it.name.as_str(), "of this workspace")),
        _ => None,
    });
    let steps = rest(|it| if let Thing::StepKind(it) = it { Some(("kind", it.name, it.summary)) } else { None });
    let checks =
        rest(|it| if let Thing::ExpectationKind(it) = it { Some(("expect", it.name, it.summary)) } else { None });
    // A selection lists neither profiles nor kinds.
    if !steps.is_empty() {
        group(&mut out, "profiles", &profiles, look);
        group(&mut out, "kinds of steps", &steps, look);
        group(&mut out, "kinds of expectations", &checks, look);
    }
    out.truncate(out.trim_end().len());
    out + "\n"
}

fn group(out: &mut String, heading: &str, own: &[Leaf], look: Style) {
    out.push_str(&format!("{}\n", look.paint(heading, Paint::Strong)));
    leaves(out, own, look);
    out.push('\n');
}

/// A table or an export of a pipeline.
#[derive(Clone, Copy)]
enum Node<'a> {
    Table(&'a Table),
    Export(&'a Export),
}

/// What is made of one table stands beneath it, and what is made of several begins anew. Steps of one way stand at one
/// depth, so that a long way does not run out of the screen.
fn leaves_of(listed: &[Thing], pipeline: &str) -> Vec<Leaf> {
    let tables = || {
        let all =
            listed.iter().filter_map(|it| if let Thing::Source(it) | Thing::Step(it) = it { Some(it) } else { None });
        all.filter(|it| it.pipeline == pipeline)
    };
    let numbers: BTreeSet<TableId> = tables().map(|it| it.number).collect();
    let mut beneath: BTreeMap<Option<TableId>, Vec<Node<'_>>> = BTreeMap::new();
    for it in tables() {
        let above = match it.above.as_slice() {
            [one] if numbers.contains(one) => Some(*one),
            _ => None,
        };
        beneath.entry(above).or_default().push(Node::Table(it));
    }
    let exports = listed.iter().filter_map(|it| if let Thing::Export(it) = it { Some(it) } else { None });
    for it in exports.filter(|it| it.pipeline == pipeline) {
        let above = Some(it.table).filter(|it| numbers.contains(it));
        beneath.entry(above).or_default().push(Node::Export(it));
    }
    let mut acc = Vec::new();
    let roots = beneath.get(&None).into_iter().flatten().rev();
    let mut open: Vec<(Node<'_>, usize)> = roots.map(|it| (*it, 0)).collect();
    while let Some((node, depth)) = open.pop() {
        let Node::Table(it) = node else {
            acc.push(leaf(node, depth));
            continue;
        };
        acc.push(leaf(node, depth));
        let own = beneath.get(&Some(it.number)).map_or(&[][..], Vec::as_slice);
        let level = if own.len() == 1 && depth > 0 { depth } else { depth + 1 };
        open.extend(own.iter().rev().map(|it| (*it, level)));
    }
    acc
}

fn leaf(node: Node<'_>, depth: usize) -> Leaf {
    let table = match node {
        Node::Table(it) => it,
        Node::Export(it) => {
            let from = if it.is_page { String::new() } else { format!(" from {}", short(&it.from, &it.pipeline)) };
            let rest = format!("{}{from}, to {}", it.format, line(&it.path));
            return Leaf { depth, what: "export", name: line(&it.name), rest, state: Some(it.state) };
        }
    };
    let is_source = table.kind == SOURCE;
    let mut rest = if is_source { String::new() } else { table.kind.to_owned() };
    let from: Vec<_> = table.inputs.iter().map(|it| short(it, &table.pipeline)).collect();
    if !from.is_empty() {
        rest.push_str(&format!(" from {}", from.join(", ")));
    }
    let columns = count(table.columns.len() as u64, "column");
    let separator = if rest.is_empty() { "" } else { "; " };
    rest.push_str(&format!("{separator}{columns}"));
    if table.checks > 0 {
        rest.push_str(&format!(", {}", count(table.checks, "check")));
    }
    if !table.tags.is_empty() {
        rest.push_str(&format!("; tags {}", line(&table.tags.join(", "))));
    }
    let what = if is_source { "source" } else { "step" };
    Leaf { depth, what, name: line(&table.name), rest, state: Some(table.state) }
}

/// The name as it is written in a pipeline.
fn short(name: &str, pipeline: &str) -> String {
    line(name.strip_prefix(pipeline).and_then(|it| it.strip_prefix('.')).unwrap_or(name))
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

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;
    use crate::answers;
    use crate::index::Place;
    use crate::workspace::test_plan;

    #[test]
    fn the_tree_names_everything_that_can_be_built() {
        let profiles = ["aviation".to_owned(), "own".to_owned()];
        let listed = answers::list::list(&test_plan::small(), Some(&profiles), &|it| State::ALL[it.at() % 4]);
        let text = list(&listed, Style::PLAIN);
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
        assert!(crate::steps::KINDS.iter().all(|it| kinds.contains(it.summary)));
    }
}
