//! The plan as a picture: which nodes there are, what each is, and how it is drawn. Every output has the same nodes in
//! the same order and the same bytes for the same plan and states.

mod layout;
#[cfg(test)]
mod shapes;
mod state;
mod svg;

use std::collections::{BTreeMap, BTreeSet};

use crate::plan::{Plan, PlannedExport, Role, TableId};

pub use state::State;

/// What a node is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Shape {
    /// Files that are read.
    Source,
    /// A table that is made.
    Step,
    /// A file that is written.
    Export,
}

impl Shape {
    /// In words.
    pub fn word(self) -> &'static str {
        match self {
            Shape::Source => "source",
            Shape::Step => "step",
            Shape::Export => "export",
        }
    }
}

/// A source, a step or an export.
#[derive(Debug)]
pub struct Node {
    /// Its pipeline.
    pub pipeline: String,
    /// Its name there.
    pub name: String,
    /// What it is.
    pub shape: Shape,
    /// Kind of a step, format of an export.
    pub kind: &'static str,
    /// What is known of it.
    pub state: State,
    /// Checks on a table, checks before an export.
    pub checks: usize,
    /// Where an export is written.
    pub path: Option<String>,
}

impl Node {
    /// `pipeline.name`.
    pub fn full(&self) -> String {
        format!("{}.{}", self.pipeline, self.name)
    }
}

/// What is drawn: nodes, inputs first, and for each edge the node it comes from and the one it goes to.
#[derive(Debug)]
pub struct Picture {
    /// Inputs first.
    pub nodes: Vec<Node>,
    /// From, to.
    pub edges: Vec<(usize, usize)>,
    /// Whether nodes have to say whose they are.
    pub several: bool,
}

impl Picture {
    /// The plan as a picture; `state` tells of a table of the plan. Pages about tables are left out.
    pub fn of(plan: &Plan, state: &dyn Fn(TableId) -> State) -> Picture {
        picture(plan, state)
    }

    /// Leaves out the nodes that are not wanted, and their edges.
    pub fn keep(&mut self, wanted: &dyn Fn(&Node) -> bool) {
        let kept: Vec<bool> = self.nodes.iter().map(wanted).collect();
        let place = |at: usize| kept[..at].iter().filter(|it| **it).count();
        self.edges.retain(|(from, to)| kept[*from] && kept[*to]);
        self.edges.iter_mut().for_each(|(from, to)| (*from, *to) = (place(*from), place(*to)));
        let mut at = kept.iter();
        self.nodes.retain(|_| at.next().copied().unwrap_or(true));
        self.several = false;
    }

    /// As SVG; `link` gives the address behind a node, `words` what a state means in this picture.
    pub fn svg(&self, link: &dyn Fn(&Node) -> Option<String>, words: fn(State) -> &'static str) -> String {
        svg::svg(self, link, words)
    }

    /// Down where steps follow each other, aside where many stand beside each other: a page is wider than a node is
    /// high.
    pub fn direction(&self) -> &'static str {
        let mut rows = vec![0_usize; self.nodes.len()];
        let mut edges: Vec<_> = self.edges.iter().map(|(from, to)| (to, from)).collect();
        edges.sort();
        edges.into_iter().for_each(|(to, from)| rows[*to] = rows[*to].max(rows[*from] + 1));
        let deep = rows.iter().max().map_or(0, |it| it + 1);
        let widest = (0..deep).map(|row| rows.iter().filter(|it| **it == row).count()).max().unwrap_or(0);
        if widest > deep { "LR" } else { "TB" }
    }
}

fn picture(plan: &Plan, state: &dyn Fn(TableId) -> State) -> Picture {
    let mut nodes = Vec::new();
    let mut edges = BTreeSet::new();
    let mut place: BTreeMap<TableId, usize> = BTreeMap::new();
    for (at, table) in plan.tables.entries().filter(|(_, it)| it.role.is_listed()) {
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
    for export in plan.exports.iter().filter(|it| it.page().is_none()) {
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
pub fn format_name(export: &PlannedExport) -> &'static str {
    export.declared.format.name()
}
