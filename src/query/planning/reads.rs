//! Sources in a plan: what is read of a file, and beside it the rows that were set aside.

use std::collections::BTreeMap;

use crate::digest::{Digest, Hasher};
use crate::model::{Class, Column, KINDS, Schema, Type};
use crate::pipeline::{Pipeline, Source, SourceFormat, coerced};
use crate::plan::{ColumnPlan, Operation, Reading, Role, Table, TableId, TableMap};
use crate::problem::did_you_mean;
use crate::query::planning::called::is_called;
use crate::query::planning::correcting::{Correcting, ORIGINAL};
use crate::query::planning::step::{column_plan, columns_of, with_letters};
use crate::query::planning::{Located, Node, Planning, UNKNOWN_TABLE, What};
use crate::query::sources;
use crate::readers::{ASIDE, Part, READ, READ_PARQUET};
use crate::relation::{Relation, Written};
use crate::steps::{Finding, UNKNOWN_COLUMN, mistaken};

impl Planning<'_> {
    /// Plans a source, and the tables of corrected rows that are put into it.
    pub(super) fn source(&mut self, node: &Node, source: &Source, fixes: &[TableId]) -> Option<TableId> {
        let resolved = {
            let promised = coerced(node.pipeline, &node.name.name);
            sources::resolve(self.db, source, &node.pipeline.known, &promised)
        };
        self.plan.needs_engine |= resolved.needs_engine;
        for finding in resolved.findings {
            self.find(node.pipeline, &node.path, finding);
        }
        for problem in resolved.problems {
            let (file, path) = (node.pipeline.file.to_path_buf(), node.path.clone() + "@");
            self.findings.push(Located { file, path, what: What::Problem(problem) });
        }
        if let Some(name) = &source.corrects
            && !tables(node.pipeline).any(|it| it == name)
        {
            let help = did_you_mean(name, tables(node.pipeline));
            let message = format!("`{}` corrects `{}`, which is not a table here", node.name.name, name.escape_debug());
            let finding = Finding::new(&UNKNOWN_TABLE, "corrects", message).label("named here").help(help);
            self.find(node.pipeline, &node.path, finding);
        }
        let (reading, mut schema) = (resolved.reading?, resolved.schema?);
        for column in &mut schema.columns {
            if is_called(&column.name, resolved.within.get(&column.name), &reading, &node.pipeline.personal) {
                column.class = Class::Personal;
            }
        }
        if let Some(mistake) = source.grain.as_ref().and_then(|it| it.ty(&schema).err()) {
            let finding = mistaken(&node.name.name, &schema, mistake, "grain");
            self.find(node.pipeline, &node.path, finding);
        }
        let aside = if source.corrects.is_none() { aside(&reading, &schema) } else { None };
        let corrected = !fixes.is_empty() && aside.is_some();
        let role = |it| if corrected { Role::Raw } else { it };
        let mut table = read(node, source, role(Role::Source), reading, schema.clone(), &resolved.spelt);
        table.evidence = resolved.evidence;
        let place = |(at, it): (usize, &Column)| (it.name.clone(), Written::Cells(at));
        let cells: BTreeMap<String, Written> = schema.visible().enumerate().map(place).collect();
        if schema.has(KINDS) {
            table.written = cells.clone();
        }
        let used = self.push(table);
        let Some((reading, columns)) = aside else { return Some(used) };
        let mut table = read(node, source, role(Role::Rejects), reading, columns.clone(), &[]);
        table.inputs = vec![used];
        if columns.has(KINDS) {
            table.written = cells;
        }
        let rejects = self.push(table);
        if !corrected {
            return Some(used);
        }
        if !self.are_known_again(node, fixes) {
            return None;
        }
        let inputs: Vec<&Schema> = fixes.iter().map(|it| &self.plan.tables[*it].schema).collect();
        let put = Correcting { name: &node.name.name, used: &schema, rejects: &columns, fixes: &inputs };
        let (whole, waiting) = (put.whole(), put.waiting());
        let from = |first: &[TableId]| first.iter().chain(fixes).copied().collect();
        let whole = derived(node, source, Role::Source, whole, from(&[used, rejects]), &self.plan.tables)?;
        let waiting = derived(node, source, Role::Rejects, waiting, from(&[used, rejects]), &self.plan.tables)?;
        let index = self.push(whole);
        self.push(waiting);
        Some(index)
    }

    /// Whether every file of corrected rows tells which rows it corrects; one that does not is told of.
    pub(super) fn are_known_again(&mut self, node: &Node, fixes: &[TableId]) -> bool {
        let lacks = |it: &Schema| it.visible().next().is_some() && !it.has(ORIGINAL);
        let Some(fix) = fixes.iter().map(|it| &self.plan.tables[*it]).find(|it| lacks(&it.schema)) else { return true };
        let name = fix.name.name.clone();
        let message = format!("`{name}` has no column `{ORIGINAL}`, by which a row is known again");
        let help = "export the rows with `rejected = true`, and correct them in that file".to_owned();
        let finding = Finding::new(&UNKNOWN_COLUMN, "corrects", message).help(help);
        self.find(node.pipeline, &format!("source.{name}"), finding);
        false
    }
}

/// What rows can be put into: sources and steps.
fn tables(pipeline: &Pipeline) -> impl Iterator<Item = &str> + Clone {
    let sources = pipeline.sources.iter().map(|(it, _)| it.as_str());
    sources.chain(pipeline.steps.iter().map(|(it, _)| it.as_str()))
}

/// A table that is made of what was read.
fn derived(
    node: &Node,
    source: &Source,
    role: Role,
    relation: Relation,
    inputs: Vec<TableId>,
    tables: &TableMap<Table>,
) -> Option<Table> {
    let beneath: Vec<&Table> = inputs.iter().map(|it| &tables[*it]).collect();
    let (lettered, formed) = with_letters(&relation, &inputs, tables, Some(&node.pipeline.known.money));
    let relation = lettered.unwrap_or(relation);
    let schema = columns_of(&relation, &beneath)?;
    let columns = schema.names().map(|it| column_plan(&relation, it, 1)).collect();
    let base = &tables[inputs[0]];
    let (make, sources) = (Operation::Relation(relation), BTreeMap::from([(node.name.name.clone(), source.priority)]));
    Some(Table { role, inputs, make, schema, columns, sources, formed, ..base.clone() })
}

/// A table that is read. The outcome of reading is one: all columns are made together, from the bytes of the files.
fn read(node: &Node, source: &Source, role: Role, reading: Reading, schema: Schema, spelt: &[String]) -> Table {
    let recipe = recipe(node, &reading, spelt);
    let columns = schema.columns.iter().map(|_| ColumnPlan::Made { recipe, reads: BTreeMap::new() }).collect();
    let sources = BTreeMap::from([(node.name.name.clone(), source.priority)]);
    let bare = Table::bare(node.name.clone(), role, "source", Operation::Read(Box::new(reading)));
    Table { schema, columns, sources, parts: source.grain.clone(), ..bare }
}

fn recipe(node: &Node, reading: &Reading, spelt: &[String]) -> Digest {
    let mut hasher = Hasher::new(if reading.aside { "hotpass read aside v4" } else { READ });
    hasher.json(&(reading.as_read(), &node.name.name));
    if reading.source.format == SourceFormat::Parquet {
        hasher.text(READ_PARQUET);
    }
    if !spelt.is_empty() {
        hasher.json(&("spelt", spelt));
    }
    for file in &reading.files {
        hasher.text(&file.path.to_string_lossy()).digest(&file.fingerprint);
    }
    hasher.finish()
}

/// How the rows are read that were set aside, and their columns: why, those of the source, and what none of them
/// takes. Formats that our own readers do not read set nothing aside.
fn aside(reading: &Reading, schema: &Schema) -> Option<(Reading, Schema)> {
    let mut reading = Reading { aside: true, ..reading.clone() };
    for file in &mut reading.files {
        file.request.as_mut()?.part = Part::Aside;
    }
    let (hidden, mut columns): (Vec<_>, Vec<_>) = schema.columns.iter().cloned().partition(Column::is_hidden);
    for name in ASIDE {
        let plain = name.trim_start_matches('_');
        // What people are to read is shown; the digest of a row is not.
        let name = if name == ASIDE[2] { name.to_owned() } else { sources::unlike(plain, schema) };
        columns.push(Column::new(name, Type::Text));
    }
    columns.extend(hidden);
    Some((reading, Schema { columns: columns.into() }))
}
