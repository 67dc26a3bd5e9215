//! From declared pipelines to a plan: names become indices, schemas flow through the graph, columns get their recipes.
//!
//! One walk in topological order over plain indices; nothing here recurses over what users nest or chain.

mod classes;
mod correcting;
mod origins;
mod paths;
mod reads;
mod sql;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::Arc;

use crate::db::Db;
use crate::digest::Hasher;
use crate::expectations::Measure;
use crate::fields::Spans;
use crate::graph;
use crate::model::Schema;
use crate::pipeline::{About, Pipeline};
use crate::plan::{ColumnPlan, Knowledge, Make, Name, Plan, PlannedExpectation, PlannedExport, Role, Table};
use crate::problem::{Code, Problem, did_you_mean};
use crate::publish::SHEET_COLUMNS;
use crate::publish::problems::TOO_WIDE;
use crate::query::Planned;
use crate::relation::Relation;
use crate::steps::{Finding, Input, Work};
use crate::system::Unknown;

pub(super) use paths::unfit_folder;

/// A table that nothing makes.
pub const UNKNOWN_TABLE: Code = Code::error("hotpass::graph::unknown_table");
/// Steps that need each other.
pub const CYCLE: Code = Code::error("hotpass::graph::cycle");
/// A step that reaches no export and no expectation.
pub const DEAD_STEP: Code = Code::warning("hotpass::graph::dead_step");
/// Two exports to one path.
pub const PATH_TWICE: Code = Code::error("hotpass::export::path_taken");
/// An export to a place that is not an artefact's.
pub const BAD_PATH: Code = Code::error("hotpass::export::bad_path");
/// `used` of a table that sets no rows aside.
pub const NOTHING_SET_ASIDE: Code = Code::error("hotpass::expect::nothing-set-aside");

/// Conflicts of a table behind which nothing is decided.
pub const NO_CONFLICTS: Code = Code::error("hotpass::export::no-conflicts");

/// All codes of this module.
pub const CODES: &[&Code] =
    &[&UNKNOWN_TABLE, &CYCLE, &DEAD_STEP, &PATH_TWICE, &BAD_PATH, &NO_CONFLICTS, &NOTHING_SET_ASIDE];

/// A finding with the file and the table it is about; the place in the file is looked up when it is shown.
#[derive(Clone, PartialEq, Debug)]
pub struct Located {
    /// The pipeline file.
    pub file: PathBuf,
    /// Path of keys of the table: `step.schools`.
    pub path: String,
    /// What is wrong.
    pub what: What,
}

/// A finding, or a problem that has its own place already.
#[derive(Clone, PartialEq, Debug)]
pub enum What {
    /// To be placed.
    Finding(Finding),
    /// Placed, in what was delivered.
    Problem(Problem),
}

impl Located {
    /// The problem, with its place in the file as it is now.
    pub fn problem(&self, spans: &Spans) -> Problem {
        let finding = match &self.what {
            What::Problem(problem) => {
                let span = spans.get(&self.path);
                let problem = problem.clone();
                return match span {
                    Some(span) => problem.label(span, "declared here"),
                    None => problem,
                };
            }
            What::Finding(finding) => finding,
        };
        let mut path = match finding.key.is_empty() {
            true => format!("{}@", self.path),
            false => format!("{}.{}", self.path, finding.key),
        };
        let span = loop {
            if let Some(span) = spans.get(&path) {
                break Some(span);
            }
            match path.rfind('.') {
                Some(at) => path.truncate(at),
                None => break None,
            }
        };
        let mut problem = Problem::new(finding.code, &finding.message).help(finding.help.clone());
        if let Some(span) = span {
            problem = problem.label(span, &finding.label);
        }
        problem
    }
}

struct Node<'a> {
    pipeline: &'a Pipeline,
    name: Name,
    path: String,
    /// Names and keys of inputs.
    inputs: Vec<(String, String)>,
    what: Declared<'a>,
}

enum Declared<'a> {
    Source(&'a crate::pipeline::Source),
    Step(&'a crate::pipeline::Step),
}

/// Plans all pipelines together.
pub(super) fn plan(db: &dyn Db, pipelines: &[Arc<Pipeline>]) -> Planned {
    let mut acc =
        Planning { db, plan: Plan::default(), findings: Vec::new(), index: HashMap::new(), declared: BTreeSet::new() };
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
        for (source, declared) in &pipeline.sources {
            let (name, path) = (name(source), format!("source.{source}"));
            // Corrected rows come before what they are put into.
            let corrects = |it: &&(String, crate::pipeline::Source)| it.1.corrects.as_ref() == Some(source);
            let inputs = pipeline.sources.iter().filter(corrects).map(|(it, _)| (it.clone(), "corrects".to_owned()));
            let inputs = inputs.collect();
            nodes.push(Node { pipeline, name, path, inputs, what: Declared::Source(declared) });
        }
        for (step, declared) in &pipeline.steps {
            let (name, path) = (name(step), format!("step.{step}"));
            let inputs = declared.decoded.inputs.clone();
            nodes.push(Node { pipeline, name, path, inputs, what: Declared::Step(declared) });
        }
    }
    acc.declared = nodes.iter().map(|it| it.name.to_string()).collect();
    let broken = |it: &Arc<Pipeline>| it.broken.iter().map(|name| format!("{}.{name}", it.name)).collect::<Vec<_>>();
    acc.declared.extend(pipelines.iter().flat_map(broken));
    acc.tables(&nodes);
    classes::raise(&mut acc.plan.tables);
    acc.plan.dist = super::dist(db).clone();
    for pipeline in pipelines {
        let Pipeline { profiles, lookups, .. } = &**pipeline;
        let knowledge = Knowledge { profiles: profiles.clone(), lookups: lookups.clone() };
        acc.plan.knowledge.insert(pipeline.name.clone(), knowledge);
        acc.expectations(pipeline);
        acc.exports(pipeline);
    }
    acc.gates();
    acc.dead_steps(&nodes);
    Planned { plan: Arc::new(acc.plan), findings: acc.findings }
}

struct Planning<'a> {
    db: &'a dyn Db,
    plan: Plan,
    findings: Vec<Located>,
    /// Tables by full name.
    index: HashMap<String, usize>,
    /// Full names of all that is declared, planned or not.
    declared: BTreeSet<String>,
}

impl Planning<'_> {
    fn find(&mut self, pipeline: &Pipeline, path: &str, finding: Finding) {
        let located =
            Located { file: pipeline.file.to_path_buf(), path: path.to_owned(), what: What::Finding(finding) };
        self.findings.push(located);
    }

    /// Whether `name`, as written in a pipeline, is the name of something declared.
    fn is_declared(&self, pipeline: &str, name: &str) -> bool {
        self.declared.contains(&format!("{pipeline}.{name}")) || self.declared.contains(name)
    }

    fn tables(&mut self, nodes: &[Node]) {
        let by_name: HashMap<String, usize> =
            nodes.iter().enumerate().map(|(index, node)| (node.name.to_string(), index)).collect();
        let mut needs: Vec<Vec<usize>> = vec![Vec::new(); nodes.len()];
        let mut broken: Vec<bool> = vec![false; nodes.len()];
        for (index, node) in nodes.iter().enumerate() {
            for (name, key) in &node.inputs {
                let own = by_name.get(&format!("{}.{name}", node.name.pipeline)).or_else(|| by_name.get(name));
                match own {
                    Some(need) => needs[index].push(*need),
                    None if self.is_declared(&node.name.pipeline, name) => broken[index] = true,
                    None => {
                        broken[index] = true;
                        let known = known_tables(nodes, &node.name.pipeline);
                        let help = did_you_mean(name, known.iter().map(String::as_str));
                        let message =
                            format!("step `{}` needs `{}`, which nothing makes", node.name.name, name.escape_debug());
                        let finding = Finding::new(&UNKNOWN_TABLE, key, message).label("named here").help(help);
                        self.find(node.pipeline, &node.path, finding);
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
            self.find(node.pipeline, &node.path, finding.help("take one of them out of the circle".to_owned()));
        }
        let mut place: Vec<Option<usize>> = vec![None; nodes.len()];
        for at in order {
            if broken[at] {
                continue;
            }
            let inputs: Option<Vec<usize>> = needs[at].iter().map(|it| place[*it]).collect();
            // What is wrong with an input has been told there.
            let Some(inputs) = inputs else { continue };
            let made = match &nodes[at].what {
                Declared::Source(source) => self.source(&nodes[at], source, &inputs),
                Declared::Step(step) => self.step(&nodes[at], step, inputs),
            };
            place[at] = made;
        }
    }

    fn push(&mut self, table: Table) -> usize {
        let index = self.plan.tables.len();
        if table.role.is_listed() {
            self.index.insert(table.name.to_string(), index);
        }
        self.plan.tables.push(table);
        index
    }

    fn step(&mut self, node: &Node, step: &crate::pipeline::Step, inputs: Vec<usize>) -> Option<usize> {
        let mut findings = Vec::new();
        let tables: Vec<&Table> = inputs.iter().map(|it| &self.plan.tables[*it]).collect();
        let names: Vec<&str> = node.inputs.iter().map(|(name, _)| name.as_str()).collect();
        let views: Vec<Input> = tables.iter().zip(&names).map(|(table, name)| table.as_input(name)).collect();
        let lowered = step.decoded.spec.lower(&views, &mut findings);
        let mut sources: BTreeMap<String, i64> = BTreeMap::new();
        tables.iter().for_each(|it| sources.extend(it.sources.clone()));
        let mut schema_of = |work: &Work| match work {
            Work::Relation(relation) => {
                let schemas: Vec<&Schema> = tables.iter().map(|it| &it.schema).collect();
                relation.schema(&schemas).map_err(|mistake| {
                    findings.push(crate::steps::mistaken(&node.name.name, &Schema::default(), mistake, ""));
                    false
                })
            }
            Work::Sql(query) => {
                // Exactly the columns that it will see when it runs.
                let read = |table: &&Table| -> Schema {
                    let names = sql::reads(query, &table.schema);
                    names.filter_map(|it| table.schema.get(it)).cloned().collect()
                };
                let read: Vec<Schema> = tables.iter().map(read).collect();
                let views: Vec<_> = names.iter().copied().zip(&read).collect();
                match self.db.system().bind_sql(query, &views) {
                    Ok(schema) => Ok(sql::classes(query, schema, &tables)),
                    Err(Unknown::NeedsEngine) => Err(true),
                    Err(Unknown::Problem(problem)) => {
                        let finding = Finding::new(&crate::steps::SQL, "query", problem.message).label("in this query");
                        findings.push(finding.help(problem.help));
                        Err(false)
                    }
                    Err(Unknown::World(reason)) => {
                        findings.push(Finding::new(&crate::steps::SQL, "query", reason));
                        Err(false)
                    }
                }
            }
        };
        let made = lowered.map(|lowered| (schema_of(&lowered.work), lowered));
        for finding in findings {
            self.find(node.pipeline, &node.path, finding);
        }
        let (schema, lowered) = made?;
        let mut schema = match schema {
            Ok(schema) => schema,
            Err(needs_engine) => {
                self.plan.needs_engine |= needs_engine;
                return None;
            }
        };
        if schema.columns.is_empty() {
            let message = format!("step `{}` has no columns left", node.name.name);
            self.find(node.pipeline, &node.path, Finding::new(&crate::steps::NO_COLUMNS, "", message));
            return None;
        }
        if let Some(twice) = repeated(&schema) {
            let message = format!("two columns would be called `{}`", twice.escape_debug());
            self.find(node.pipeline, &node.path, Finding::new(&crate::steps::COLUMN_TWICE, "", message));
            return None;
        }
        for column in &mut schema.columns {
            if let Some(class) = lowered.classes.get(&column.name) {
                column.class = *class;
            }
        }
        let revision = step.kind.revision;
        let rejects = lowered.rejects;
        let (make, columns) = match lowered.work {
            Work::Relation(relation) => {
                let columns = schema.names().map(|it| column_plan(&relation, it, revision)).collect();
                (Make::Relation(relation), columns)
            }
            Work::Sql(query) => {
                let columns = sql::columns(&query, &schema, &inputs, &self.plan.tables, revision);
                (Make::Sql(query), columns)
            }
        };
        let evidence = crate::plan::carried_evidence(&schema, &columns, &inputs, &self.plan.tables);
        let index = self.push(Table {
            name: node.name.clone(),
            role: Role::Step,
            kind: step.kind.name,
            inputs: inputs.clone(),
            make,
            schema,
            columns,
            unmapped: lowered.unmapped,
            rules: lowered.rules,
            guesses: lowered.guesses,
            evidence,
            tags: step.tags.clone(),
            sources: sources.clone(),
        });
        if let Some(relation) = rejects {
            let schemas: Vec<&Schema> = inputs.iter().map(|it| &self.plan.tables[*it].schema).collect();
            if let Ok(schema) = relation.schema(&schemas) {
                let columns = schema.names().map(|it| column_plan(&relation, it, revision)).collect();
                self.push(Table {
                    name: node.name.clone(),
                    role: Role::Rejects,
                    kind: step.kind.name,
                    inputs,
                    make: Make::Relation(relation),
                    schema,
                    columns,
                    unmapped: Vec::new(),
                    rules: BTreeMap::new(),
                    guesses: BTreeMap::new(),
                    evidence: BTreeMap::new(),
                    tags: Vec::new(),
                    sources,
                });
            }
        }
        Some(index)
    }

    fn find_table(&mut self, pipeline: &Pipeline, name: &str, path: &str, key: &str, who: &str) -> Option<usize> {
        let own = format!("{}.{name}", pipeline.name);
        if let Some(index) = self.index.get(&own).or_else(|| self.index.get(name)) {
            return Some(*index);
        }
        // A table that is declared and could not be planned has been told about.
        if self.is_declared(&pipeline.name, name) {
            return None;
        }
        let declared = pipeline.steps.iter().map(|(it, _)| it).chain(pipeline.sources.iter().map(|(it, _)| it));
        let help = did_you_mean(name, declared.map(String::as_str));
        let message = format!("{who} needs `{}`, which nothing makes", name.escape_debug());
        let finding = Finding::new(&UNKNOWN_TABLE, key, message).label("named here").help(help);
        self.find(pipeline, path, finding);
        None
    }

    fn expectations(&mut self, pipeline: &Pipeline) {
        for declared in &pipeline.expectations {
            let path = format!("expect.{}", declared.table);
            let Some(table) = self.find_table(pipeline, &declared.table, &path, "", "an expectation") else { continue };
            let view = &self.plan.tables[table];
            let input = view.as_input(&declared.table);
            match declared.measure(&input) {
                Ok(Measure::SetAside) if self.plan.rejects_of(table).is_none() => {
                    let message = format!("`{}` sets no rows aside", declared.table);
                    let finding = Finding::new(&NOTHING_SET_ASIDE, "used", message).label("asked for here");
                    let help = "a `join` sets rows aside that find nothing, a `merge` those without a key".to_owned();
                    let path = declared.path.clone();
                    self.find(pipeline, &path, finding.help(help));
                }
                Ok(measure) => {
                    let reads = measured_columns(&measure);
                    let position = |name: &String| view.schema.names().position(|it| it == name);
                    let positions = reads.iter().filter_map(position).collect();
                    let (pipeline, declared) = (pipeline.name.clone(), declared.clone());
                    let planned = PlannedExpectation { pipeline, declared, table, measure, reads, positions };
                    self.plan.expectations.push(planned);
                }
                Err(finding) => {
                    let path = declared.path.clone();
                    self.find(pipeline, &path, finding);
                }
            }
        }
    }

    fn exports(&mut self, pipeline: &Pipeline) {
        for (name, declared) in &pipeline.exports {
            let path = format!("export.{name}");
            let who = format!("export `{name}`");
            let taken = self.plan.exports.iter().find(|it| paths::same(&it.declared.path, &declared.path));
            if let Some(taken) = taken {
                let message =
                    format!("exports `{}` and `{name}` both write `{}`", taken.name, declared.path.escape_debug());
                let finding = Finding::new(&PATH_TWICE, "path", message).label("written twice");
                self.find(pipeline, &path, finding.help("give one of the two another path".to_owned()));
                continue;
            }
            let source = self.plan.tables.iter().find_map(|it| match &it.make {
                Make::Read(reading) => {
                    reading.files.iter().find(|it| paths::same(&it.path.to_string_lossy(), &declared.path))
                }
                _ => None,
            });
            let over_source = source.map(|_| "a source is read from there");
            if let Some(reason) = over_source.or_else(|| paths::unfit(&declared.path)) {
                let message = format!("an artefact cannot be written to `{}`: {reason}", declared.path.escape_debug());
                let finding = Finding::new(&BAD_PATH, "path", message).label("this path");
                self.find(pipeline, &path, finding.help("write below a folder of its own, such as `dist/`".to_owned()));
                continue;
            }
            let Some(table) = self.find_table(pipeline, &declared.from, &path, "from", &who) else { continue };
            let told = match declared.about {
                _ if declared.rejected => self.plan.rejects_of(table),
                None => Some(table),
                Some(About::Provenance) => self.provenance(table),
                Some(About::Conflicts) => self.conflicts(table),
            };
            let Some(table) = told else {
                let from = declared.from.escape_debug();
                let finding = if declared.rejected {
                    let message = format!("`{from}` sets no rows aside");
                    let help = "a source sets aside what it cannot use, a `join` what finds nothing".to_owned();
                    Finding::new(&NOTHING_SET_ASIDE, "rejected", message).help(help)
                } else {
                    let message = format!("no field of `{from}` was decided among several rows");
                    let help = "conflicts are those of a `merge` step; name it, or a table that is made of one";
                    Finding::new(&NO_CONFLICTS, "about", message).help(help.to_owned())
                };
                self.find(pipeline, &path, finding.label("asked for here"));
                continue;
            };
            let schema = self.plan.tables[table].schema.clone();
            let mut columns = Vec::new();
            let mut sound = true;
            for column in &declared.columns {
                if schema.has(column) {
                    columns.push(column.clone());
                } else {
                    sound = false;
                    let finding = crate::steps::unknown_column(&declared.from, &schema, column, "columns");
                    self.find(pipeline, &path, finding);
                }
            }
            if let crate::pipeline::ExportFormat::Xlsx { score: Some(score), .. } = &declared.format
                && !schema.has(score)
            {
                sound = false;
                let finding = crate::steps::unknown_column(&declared.from, &schema, score, "score");
                self.find(pipeline, &path, finding);
            }
            if declared.columns.is_empty() {
                columns = schema.visible().map(|it| it.name.clone()).collect();
                if declared.rejected {
                    // By what a row is known again, and where it came from.
                    let known = [crate::border::ASIDE[2], crate::model::PLACE, crate::model::ROW];
                    columns.extend(known.iter().filter(|it| schema.has(it)).map(|it| (*it).to_owned()));
                }
            }
            let sheet = matches!(declared.format, crate::pipeline::ExportFormat::Xlsx { .. });
            if sheet && columns.len() > SHEET_COLUMNS {
                sound = false;
                let message =
                    format!("`{}` has {} columns, and a sheet holds {SHEET_COLUMNS}", declared.from, columns.len());
                let help = "name fewer in `columns`, or export the table as `parquet` or `csv`".to_owned();
                self.find(pipeline, &path, Finding::new(&TOO_WIDE, "path", message).label("this sheet").help(help));
            }
            if sound {
                let name = Name { pipeline: pipeline.name.clone(), name: name.clone() };
                let (declared, gates) = (declared.clone(), Vec::new());
                self.plan.exports.push(PlannedExport { name, declared, table, columns, gates });
            }
        }
    }

    /// Every check on a table that an export needs stands before it.
    fn gates(&mut self) {
        let needs = self.plan.needs();
        for export in &mut self.plan.exports {
            let reached = graph::upstream([export.table], &needs);
            let checks = self.plan.expectations.iter().enumerate();
            export.gates = checks.filter(|(_, it)| reached[it.table]).map(|(index, _)| index).collect();
        }
    }

    fn dead_steps(&mut self, nodes: &[Node]) {
        if self.plan.exports.is_empty() {
            return; // A pipeline that is still being written.
        }
        let roots = self.plan.exports.iter().map(|it| it.table).chain(self.plan.expectations.iter().map(|it| it.table));
        let used = graph::upstream(roots, &self.plan.needs());
        for node in nodes.iter().filter(|it| matches!(it.what, Declared::Step(_))) {
            let Some(index) = self.index.get(&node.name.to_string()) else { continue };
            let own_exports = self.plan.exports.iter().any(|it| it.name.pipeline == node.name.pipeline);
            if !used[*index] && own_exports {
                let message = format!("nothing uses step `{}`", node.name.name);
                let help = "export it, check it, or take it out".to_owned();
                let finding = Finding::new(&DEAD_STEP, "", message).label("this step").help(help);
                self.find(node.pipeline, &node.path, finding);
            }
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

fn column_plan(relation: &Relation, column: &str, revision: u32) -> ColumnPlan {
    if let Some((input, column)) = relation.carried(column) {
        return ColumnPlan::Carried { input, column: column.to_owned() };
    }
    let pruned = relation.prune(&BTreeSet::from([column]));
    let mut hasher = Hasher::new("hotpass column recipe v1");
    let recipe = hasher.number(u64::from(revision)).digest(&pruned.recipe()).finish();
    let reads = pruned.reads().into_iter();
    let reads = reads.map(|(input, names)| (input, names.into_iter().map(str::to_owned).collect())).collect();
    ColumnPlan::Made { recipe, reads }
}

fn measured_columns(measure: &Measure) -> BTreeSet<String> {
    let mut acc = BTreeSet::new();
    match measure {
        Measure::Rows { considered, unexpected } => {
            considered.columns(&mut acc);
            unexpected.columns(&mut acc);
        }
        Measure::Repeats { columns, only } => {
            acc.extend(columns.iter().map(String::as_str));
            only.iter().for_each(|it| it.columns(&mut acc));
        }
        Measure::Count { only, .. } => only.iter().for_each(|it| it.columns(&mut acc)),
        Measure::SetAside => (),
    }
    acc.into_iter().map(str::to_owned).collect()
}

/// The first name that stands twice when case is ignored.
fn repeated(schema: &Schema) -> Option<&str> {
    let mut seen = BTreeSet::new();
    schema.names().find(|it| !seen.insert(it.to_lowercase()))
}
