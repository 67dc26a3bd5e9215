//! Drift of sources: what stands at their heads beside what `hotpass.lock` recorded, and what the pipeline must say of
//! a column that goes by another name now.
//!
//! Rows are counted when a source is read; of them `run` tells.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use crate::db::{Db, Settings};
use crate::drift::{self, Change, Rename};
use crate::lock::{ColumnForm, Form, Lock};
use crate::model::{COORDINATES, Column, ROW, Schema, Type};
use crate::pipeline::{Drift, Pipeline};
use crate::plan::{Operation, Plan, Reading, Table, TableId};
use crate::problem::Problem;
use crate::query::{pipelines, place, plan};
use crate::steps::{Input, Lowered, Work};

/// A source that is not as it was.
#[derive(Clone, PartialEq, Debug)]
pub struct Drifted {
    /// The source, as an index into the plan.
    pub table: TableId,
    /// The file it is declared in.
    pub file: PathBuf,
    /// In what it differs.
    pub changes: Vec<Change>,
    /// What its pipeline must say of renamed columns.
    pub patches: Vec<Patch>,
    /// Fields that take renamed columns by their new names too.
    taken: Vec<Patch>,
    /// What is told of it.
    limits: Drift,
    /// Its name in the workspace, and where it stands.
    name: String,
    path: String,
}

/// A field that a renamed column was taken for.
#[derive(Clone, PartialEq, Debug)]
pub struct Patch {
    /// The `map` step.
    pub step: String,
    /// The field.
    pub field: String,
    /// The column as it was, and as it is.
    pub from: String,
    /// The column as it is.
    pub to: String,
    /// Whether it was kept under its own name.
    pub kept: bool,
}

impl Drifted {
    /// The problems that its changes are.
    pub fn problems(&self, db: &dyn Db, settings: Settings) -> Vec<Problem> {
        let span = place(db, settings, &self.file, &self.path);
        let told = self.changes.iter().map(|change| {
            let problem = change.problem(&self.name, &self.limits).help(self.help(change));
            match &span {
                Some(span) => problem.label(span, "this source"),
                None => problem,
            }
        });
        told.collect()
    }

    fn help(&self, change: &Change) -> String {
        let (name, take) = (&self.name, drift::take(&self.name));
        match change {
            Change::Renamed(it) => match self.patches.iter().find(|patch| patch.from == it.from) {
                Some(Patch { step, field, to, .. }) => {
                    let patch = format!("`columns.{} = \"{}\"` in `[step.{step}]`", line(field), line(to));
                    format!("write {patch}: `hotpass adopt {name}` shows this change, and `--write` makes it")
                }
                None => match self.taken.iter().find(|patch| patch.from == it.from) {
                    Some(Patch { step, field, .. }) => {
                        format!("`{}` of `[step.{step}]` takes the column by its new name too; {take}", line(field))
                    }
                    None => format!("no `map` step uses the column; {take}"),
                },
            },
            Change::Lost(_, Some((near, score))) => format!("`{}` may be it ({score:.2}); {take}", line(near)),
            _ => take,
        }
    }
}

fn line(text: &str) -> String {
    text.escape_debug().to_string()
}

/// Every source that is not as it was. No query: a lock is what a build leaves, and no input of the next one.
pub fn drifts(db: &dyn Db, settings: Settings, recorded: &Lock) -> Vec<Drifted> {
    let plan = &plan(db, settings).plan;
    let mut acc = Vec::new();
    for (index, table) in plan.tables.entries() {
        let Operation::Read(reading) = &table.make else { continue };
        let name = (table.name.pipeline.clone(), table.name.name.clone());
        let Some(was) = recorded.source(&name.0, &name.1).filter(|_| !reading.aside) else { continue };
        // What somebody edits is no drift.
        if was.declared.is_none_or(|it| it.0 != reading.source.digest()) {
            continue;
        }
        let (was, limits) = (was.baseline(), reading.source.drift);
        let changes = drift::columns(&was, &ColumnForm::all(table), &limits);
        let Some(file) = plan.pipelines.get(&name.0).filter(|_| !changes.is_empty()) else { continue };
        let renamed = changes.iter().filter_map(|it| if let Change::Renamed(it) = it { Some(it) } else { None });
        let renamed: Vec<&Rename> = renamed.collect();
        let pipelines = pipelines(db, settings).into_iter();
        let pipeline = pipelines.filter(|_| !renamed.is_empty()).find(|it| it.name == name.0);
        let uses = pipeline.map(|it| uses(plan, &it, table, reading, &was, &renamed)).unwrap_or_default();
        let [patches, taken] = [false, true]
            .map(|wanted| uses.iter().filter(|(taken, _)| *taken == wanted).map(|(_, it)| it.clone()).collect());
        let path = format!("source.{}", name.1);
        let (file, name) = (file.clone(), table.name.to_string());
        acc.push(Drifted { table: index, file, changes, patches, taken, limits, name, path });
    }
    acc
}

/// The fields that `map` steps took from renamed columns, each with whether it takes them by their new names too.
fn uses(
    plan: &Plan,
    pipeline: &Pipeline,
    table: &Table,
    reading: &Reading,
    was: &Form,
    renamed: &[&Rename],
) -> Vec<(bool, Patch)> {
    let (schema, evidence) = as_it_was(was);
    let priority = BTreeMap::from([(table.name.name.clone(), reading.source.priority)]);
    let mut acc = Vec::new();
    for (name, step) in pipeline.steps.iter().filter(|(_, it)| it.kind.name == "map") {
        let [(input, _)] = step.decoded.inputs.as_slice() else { continue };
        if *input != table.name.name && *input != table.name.to_string() {
            continue;
        }
        let view = Input {
            name: input,
            schema: &schema,
            sources: &priority,
            evidence: &evidence,
            written: &BTreeMap::new(),
            formed: &BTreeSet::new(),
        };
        let Some(Lowered { work: Work::Relation(relation), rules, .. }) =
            step.decoded.spec.lower(&[view], &mut Vec::new())
        else {
            continue;
        };
        let reads = |relation: &crate::relation::Relation, field: &str, column: &str| {
            let pruned = relation.prune(&BTreeSet::from([field]));
            pruned.reads().values().any(|it| it.contains(column))
        };
        let full = format!("{}.{name}", pipeline.name);
        let now = plan.table(&full).map(|it| &plan.tables[it]);
        for field in relation.columns().into_iter().filter(|it| !crate::model::is_hidden(it)) {
            for it in renamed.iter().filter(|it| reads(&relation, field, &it.from)) {
                let taken = now.is_some_and(|now| match &now.make {
                    Operation::Relation(relation) => {
                        now.schema.has(field) && !now.guesses.contains_key(field) && reads(relation, field, &it.to)
                    }
                    _ => false,
                });
                let kept = rules.get(field).is_some_and(|it| it == "kept");
                let (step, field) = (name.clone(), field.to_owned());
                acc.push((taken, Patch { step, field, from: it.from.clone(), to: it.to.clone(), kept }));
            }
        }
    }
    acc
}

/// The schema of a form, as steps saw it.
fn as_it_was(was: &Form) -> (Schema, BTreeMap<String, crate::readers::Evidence>) {
    let columns = was.columns.iter().map(|it| Column::new(&it.name, Type::spelt(&it.ty).unwrap_or(Type::Text)));
    let coordinate = |name: &str| Column::new(name, if name == ROW { Type::Integer } else { Type::Text });
    let schema = columns.chain(COORDINATES.map(coordinate)).collect();
    let evidence = was.columns.iter().filter_map(|it| Some((it.name.clone(), it.like.clone()?)));
    (schema, evidence.collect())
}
