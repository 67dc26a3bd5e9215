//! Sources in a plan: what is read of a file, and beside it the rows that were set aside.

use std::collections::BTreeMap;

use crate::border::{ASIDE, Part};
use crate::digest::{Digest, Hasher};
use crate::model::{Column, Schema, Type};
use crate::pipeline::Source;
use crate::plan::{ColumnPlan, Make, Reading, Role, Table};
use crate::query::planning::{Located, Node, Planning, What};
use crate::query::sources;

impl Planning<'_> {
    /// Plans a source.
    pub(super) fn source(&mut self, node: &Node, source: &Source) -> Option<usize> {
        let resolved = sources::resolve(self.db, source);
        self.plan.needs_engine |= resolved.needs_engine;
        for finding in resolved.findings {
            self.find(node.pipeline, &node.path, finding);
        }
        for problem in resolved.problems {
            let (file, path) = (node.pipeline.file.to_path_buf(), node.path.clone() + "@");
            self.findings.push(Located { file, path, what: What::Problem(problem) });
        }
        let (reading, schema) = (resolved.reading?, resolved.schema?);
        let aside = aside(&reading, &schema);
        let table = read(node, source, Role::Source, reading, schema);
        let index = self.push(table);
        if let Some((reading, schema)) = aside {
            let mut table = read(node, source, Role::Rejects, reading, schema);
            table.inputs = vec![index];
            self.push(table);
        }
        Some(index)
    }
}

/// A table that is read. The outcome of reading is one: all columns are made together, from the bytes of the files.
fn read(node: &Node, source: &Source, role: Role, reading: Reading, schema: Schema) -> Table {
    let recipe = recipe(node, &reading, role);
    let columns = schema.columns.iter().map(|_| ColumnPlan::Made { recipe, reads: BTreeMap::new() }).collect();
    Table {
        name: node.name.clone(),
        role,
        kind: "source",
        inputs: Vec::new(),
        make: Make::Read(Box::new(reading)),
        schema,
        columns,
        unmapped: Vec::new(),
        rules: BTreeMap::new(),
        tags: Vec::new(),
        sources: BTreeMap::from([(node.name.name.clone(), source.priority)]),
    }
}

fn recipe(node: &Node, reading: &Reading, role: Role) -> Digest {
    let mut hasher = Hasher::new(if role == Role::Rejects { "hotpass read aside v1" } else { "hotpass read v1" });
    serde_json::to_writer(&mut hasher, &(&reading.source, &node.name.name)).expect("a source is plain data");
    for file in &reading.files {
        hasher.text(&file.path.to_string_lossy()).digest(&file.fingerprint);
    }
    hasher.finish()
}

/// How the rows are read that were set aside, and their columns: why, those of the source, and what none of them
/// takes. Formats that our own readers do not read set nothing aside.
fn aside(reading: &Reading, schema: &Schema) -> Option<(Reading, Schema)> {
    let mut reading = reading.clone();
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
    Some((reading, Schema { columns }))
}
