//! From declared pipelines to a plan: names become indices, schemas flow through the graph, columns get their recipes.
//!
//! One walk in topological order over plain indices; nothing here recurses over what users nest or chain.

mod called;
mod classes;
mod codes;
mod contracts;
mod correcting;
mod expectations;
mod exports;
mod forgotten;
mod forms;
mod gates;
mod given;
mod letters;
mod located;
mod models;
mod notices;
mod origins;
mod paths;
mod reads;
mod rejecting;
mod sheets;
mod sql;
mod step;
mod unread;
mod widened;

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use crate::db::{Db, Settings};
use crate::graph;
use crate::index::IndexVec;
use crate::model::{Class, Column, KINDS, Type};
use crate::pipeline::Pipeline;
use crate::pipeline::environment::Environment;
use crate::plan::{Knowledge, Name, Operation, Plan, PlannedExport, Table, TableId};
use crate::problem::{Code, did_you_mean};
use crate::query::Planned;
use crate::relation::Written;
use crate::relation::written::Known;
use crate::steps::Finding;

pub use located::{Located, What};
pub(super) use paths::unfit_folder;

/// A table that nothing makes.
pub const UNKNOWN_TABLE: Code = Code::error("hotpass::graph::unknown-table");
/// Steps that need each other.
pub const CYCLE: Code = Code::error("hotpass::graph::cycle");
/// A step that reaches no export and no expectation.
pub const DEAD_STEP: Code = Code::warning("hotpass::graph::dead-step");
/// Two exports to one path.
pub const PATH_TWICE: Code = Code::error("hotpass::export::path-taken");
/// An export to a place that is not an artefact's.
pub const BAD_PATH: Code = Code::error("hotpass::export::bad-path");
/// `used` of a table that sets no rows aside.
pub const NOTHING_SET_ASIDE: Code = Code::error("hotpass::expect::nothing-set-aside");

/// `lost` of a column that no step reads out of a cell.
pub const NOTHING_READ: Code = Code::error("hotpass::expect::nothing-read");
/// Conflicts of a table behind which nothing is decided.
pub const NO_CONFLICTS: Code = Code::error("hotpass::export::no-conflicts");

/// All codes of this module.
pub const CODES: &[&Code] =
    &[&UNKNOWN_TABLE, &CYCLE, &DEAD_STEP, &PATH_TWICE, &BAD_PATH, &NO_CONFLICTS, &NOTHING_SET_ASIDE, &NOTHING_READ];

struct Node<'a> {
    pipeline: &'a Pipeline,
    /// The pipeline in which names of inputs are meant; its file is where problems stand.
    scope: &'a Pipeline,
    name: Name,
    path: String,
    /// Names and keys of inputs.
    inputs: Vec<(String, String)>,
    what: Declared<'a>,
}

enum Declared<'a> {
    Given(&'a crate::pipeline::uses::Given),
    Source(&'a crate::pipeline::Source),
    Step(&'a crate::pipeline::Step),
}

/// Plans all pipelines together.
pub(super) fn plan(db: &dyn Db, settings: Settings, pipelines: &[Arc<Pipeline>]) -> Planned {
    let mut acc = Planning {
        db,
        plan: Plan::default(),
        findings: Vec::new(),
        index: HashMap::new(),
        declared: BTreeSet::new(),
        codes: RefCell::default(),
        read: pipelines.iter().flat_map(|it| &it.sources).map(|(_, it)| it.path.clone()).collect(),
        reserved: match settings.environment(db) {
            None => super::declared_environments(db).clone(),
            Some(_) => Vec::new(),
        },
        promised: HashMap::new(),
        learning: HashMap::new(),
        users: pipelines.iter().filter_map(|it| Some((it.name.clone(), it.user.as_ref()?.pipeline.clone()))).collect(),
    };
    for (table, column, class) in pipelines.iter().flat_map(|it| contracts::classes(it)) {
        acc.promised.entry(table).or_default().push((column, class));
    }
    let mut nodes = Vec::new();
    for pipeline in pipelines {
        let file = pipeline.file.to_path_buf();
        if acc.plan.pipelines.insert(pipeline.name.clone(), file).is_some() {
            let finding =
                Finding::new(&super::PIPELINE_TWICE, "name", format!("there are two pipelines `{}`", pipeline.name));
            acc.find(pipeline, "pipeline", finding.help("give one of the two another name".to_owned()));
            continue;
        }
        let name = |name: &String| Name { pipeline: pipeline.name.clone(), name: name.clone() };
        nodes.extend(given::nodes(pipeline, pipelines));
        // Corrected rows come before what they are put into.
        let fixes = |of: &str| {
            let corrects = pipeline.sources.iter().filter(|(_, it)| it.corrects.as_deref() == Some(of));
            corrects.map(|(it, _)| (it.clone(), "corrects".to_owned())).collect::<Vec<_>>()
        };
        for (source, declared) in &pipeline.sources {
            let (name, path) = (name(source), format!("source.{source}"));
            let inputs = fixes(source);
            nodes.push(Node { pipeline, scope: pipeline, name, path, inputs, what: Declared::Source(declared) });
        }
        for (step, declared) in &pipeline.steps {
            let (name, path) = (name(step), format!("step.{step}"));
            let inputs = declared.decoded.inputs.iter().cloned().chain(fixes(step)).collect();
            nodes.push(Node { pipeline, scope: pipeline, name, path, inputs, what: Declared::Step(declared) });
        }
    }
    acc.learning = models::named(&nodes);
    acc.declared = nodes.iter().map(|it| it.name.to_string()).collect();
    let broken = |it: &Arc<Pipeline>| it.broken.iter().map(|name| format!("{}.{name}", it.name)).collect::<Vec<_>>();
    acc.declared.extend(pipelines.iter().flat_map(broken));
    acc.tables(&nodes);
    classes::raise(&mut acc.plan.tables);
    acc.plan.dist = super::dist(db, settings).clone();
    acc.plan.environment = settings.environment(db).clone();
    for pipeline in pipelines {
        let Pipeline { profiles, lookups, .. } = &**pipeline;
        let knowledge = Knowledge { profiles: profiles.clone(), lookups: lookups.clone() };
        acc.plan.knowledge.insert(pipeline.name.clone(), knowledge);
        acc.plan.purposes.extend(pipeline.description.clone().map(|it| (pipeline.name.clone(), it)));
        acc.contracts(pipeline);
        acc.expectations(pipeline);
        acc.exports(pipeline);
    }
    // Exports of one pipeline may wait for gates of another that it uses.
    pipelines.iter().for_each(|it| acc.quality_gates(it));
    acc.gates();
    acc.dead_steps(&nodes);
    acc.unread(&nodes);
    if pipelines.iter().any(|it| acc.plan.keeps_history(&it.name)) {
        acc.plan.history = Arc::clone(&super::published(db, settings).0);
    }
    Planned { plan: Arc::new(acc.plan), findings: acc.findings }
}

impl Node<'_> {
    /// What messages call it.
    fn title(&self) -> String {
        match &self.what {
            Declared::Given(_) => format!("input `{}`", self.name),
            Declared::Source(_) => format!("source `{}`", self.name.name),
            Declared::Step(_) => format!("step `{}`", self.name.name),
        }
    }
}

struct Planning<'a> {
    db: &'a dyn Db,
    plan: Plan,
    findings: Vec<Located>,
    /// Tables by full name.
    index: HashMap<String, TableId>,
    /// Full names of all that is declared, planned or not.
    declared: BTreeSet<String>,
    codes: RefCell<codes::Codes>,
    /// Paths and patterns of all sources.
    read: Vec<String>,
    /// Environments into whose folders nothing is published.
    reserved: Vec<Environment>,
    /// What contracts say of columns, by full name of their table.
    promised: HashMap<String, Vec<(String, Class)>>,
    /// How many steps that learn have a name.
    learning: HashMap<String, usize>,
    /// Of pipelines that are used, which one uses them.
    users: HashMap<String, String>,
}

impl Planning<'_> {
    fn find(&mut self, pipeline: &Pipeline, path: &str, finding: Finding) {
        let located =
            Located { file: pipeline.file.to_path_buf(), path: path.to_owned(), what: What::Finding(finding) };
        self.findings.push(located);
    }

    /// Whether `name`, as written in a pipeline, is the name of something declared.
    fn is_declared(&self, pipeline: &Pipeline, name: &str) -> bool {
        pipeline.is_unread(name) || pipeline.full_names(name).any(|it| self.declared.contains(&it))
    }

    fn tables(&mut self, nodes: &[Node]) {
        let by_name: HashMap<String, usize> =
            nodes.iter().enumerate().map(|(index, node)| (node.name.to_string(), index)).collect();
        let mut needs: IndexVec<usize, Vec<usize>> = vec![Vec::new(); nodes.len()].into();
        let mut broken: Vec<bool> = vec![false; nodes.len()];
        for (index, node) in nodes.iter().enumerate() {
            for (name, key) in &node.inputs {
                let own = node.scope.full_names(name).find_map(|it| by_name.get(&it));
                match own {
                    Some(need) => needs[index].push(*need),
                    None if self.is_declared(node.scope, name) => broken[index] = true,
                    None => {
                        broken[index] = true;
                        let known = known_tables(nodes, &node.scope.name);
                        let help = did_you_mean(name, known.iter().map(String::as_str));
                        let message = format!("{} needs `{}`, which nothing makes", node.title(), name.escape_debug());
                        let finding = Finding::new(&UNKNOWN_TABLE, key, message).label("named here").help(help);
                        self.find(node.scope, &node.path, finding);
                    }
                }
            }
        }
        let (order, cycle) = graph::order(&needs);
        if let Some(cycle) = cycle {
            let mut names: Vec<_> = cycle.iter().map(|it| format!("`{}`", nodes[*it].name.name)).collect();
            names.push(names[0].clone());
            let node = &nodes[cycle[0]];
            let message = format!("steps need each other: {}", names.join(" needs "));
            let finding = Finding::new(&CYCLE, "from", message).label("the circle begins here");
            self.find(node.scope, &node.path, finding.help("remove one of them from the circle".to_owned()));
        }
        let mut place: Vec<Option<TableId>> = vec![None; nodes.len()];
        for at in order {
            if broken[at] {
                continue;
            }
            let inputs: Option<Vec<TableId>> = needs[at].iter().map(|it| place[*it]).collect();
            // What is wrong with an input has been told there.
            let Some(mut inputs) = inputs else { continue };
            let (made, fixes) = match &nodes[at].what {
                Declared::Given(given) => (self.given(&nodes[at], given, inputs), Vec::new()),
                Declared::Source(source) => (self.source(&nodes[at], source, &inputs), Vec::new()),
                Declared::Step(step) => {
                    let fixes = inputs.split_off(step.decoded.inputs.len());
                    (self.step(&nodes[at], step, inputs), fixes)
                }
            };
            place[at] = made.and_then(|it| self.rejecting(&nodes[at], it, &fixes));
        }
    }

    fn push(&mut self, mut table: Table) -> TableId {
        for (column, class) in self.promised.get(&table.name.to_string()).into_iter().flatten() {
            if let Some(it) = table.schema.columns.iter_mut().find(|it| it.name == *column) {
                it.class = it.class.max(*class);
            }
        }
        if let Operation::Relation(relation) = &table.make {
            let inputs = table.inputs.iter().map(|it| &self.plan.tables[*it]);
            let inputs: Vec<Known> =
                inputs.map(|it| Known { written: &it.written, sources: &it.sources, forms: None }).collect();
            let of = |it: &Column| Some((it.name.clone(), relation.written(&it.name, &inputs)?));
            let texts = table.schema.visible().filter(|it| it.ty == Type::Text);
            // What stands for cells travels with their rows.
            let known = texts.filter_map(of).filter(|(_, it)| *it == Written::Plain || table.schema.has(KINDS));
            table.written = known.collect();
        }
        let index = self.plan.tables.next();
        if table.role.is_listed() {
            self.index.insert(table.name.to_string(), index);
        }
        self.plan.tables.push(table);
        index
    }

    fn find_table(&mut self, pipeline: &Pipeline, name: &str, path: &str, key: &str, who: &str) -> Option<TableId> {
        if let Some(index) = pipeline.full_names(name).find_map(|it| self.index.get(&it)) {
            return Some(*index);
        }
        // A table that is declared and could not be planned has been told about.
        if self.is_declared(pipeline, name) {
            return None;
        }
        let known: Vec<String> = pipeline.tables().collect();
        let help = did_you_mean(name, known.iter().map(String::as_str));
        let message = format!("{who} needs `{}`, which nothing makes", name.escape_debug());
        let finding = Finding::new(&UNKNOWN_TABLE, key, message).label("named here").help(help);
        self.find(pipeline, path, finding);
        None
    }

    /// Every check on a table that an export needs stands before it.
    fn gates(&mut self) {
        let needs = self.plan.needs();
        for export in &mut self.plan.exports {
            let reached = graph::upstream(export.tables(), &needs);
            let checks = self.plan.expectations.entries();
            export.gates = checks.filter(|(_, it)| reached[it.about]).map(|(index, _)| index).collect();
        }
    }

    /// Tells of steps for nothing, once all else can be planned: what could not be planned may use them.
    fn dead_steps(&mut self, nodes: &[Node]) {
        let planned = self.declared.iter().all(|it| self.index.contains_key(it));
        if self.plan.exports.is_empty() || !planned || self.findings.iter().any(Located::is_error) {
            return; // A pipeline that is still being written.
        }
        // Pages tell of every table, and use none.
        let files = self.plan.exports.iter().filter(|it| it.page().is_none());
        let roots = files.flat_map(PlannedExport::tables).chain(self.plan.expectations.iter().map(|it| it.about));
        let used = graph::upstream(roots, &self.plan.needs());
        // A step is also of use for what it sets aside.
        let used: BTreeSet<&Name> =
            self.plan.tables.entries().filter(|(at, _)| used[*at]).map(|(_, it)| &it.name).collect();
        let exporting: BTreeSet<&str> = self.plan.exports.iter().map(|it| it.name.pipeline.as_str()).collect();
        let steps = nodes.iter().filter(|it| matches!(it.what, Declared::Step(_)));
        let dead: Vec<&Node> =
            steps.filter(|it| !used.contains(&it.name) && exporting.contains(it.name.pipeline.as_str())).collect();
        for node in dead {
            let message = format!("nothing uses step `{}`", node.name.name);
            let help = "export it, check it, or remove it".to_owned();
            let finding = Finding::new(&DEAD_STEP, "", message).label("this step").help(help);
            self.find(node.pipeline, &node.path, finding);
        }
    }
}

fn known_tables(nodes: &[Node], pipeline: &str) -> Vec<String> {
    let name = |node: &Node| match node.name.pipeline == pipeline {
        true => node.name.name.clone(),
        false => node.name.to_string(),
    };
    nodes.iter().map(name).collect()
}
