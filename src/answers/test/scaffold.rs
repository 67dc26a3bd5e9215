//! `--scaffold`: a test of a step, made of rows of the last build. Values of personal columns are made up, alike in all
//! tables, and what comes out is what the step makes of these.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::answers::test::tried;
use crate::answers::test::update;
use crate::digest::{Digest, Hasher};
use crate::fixture::difference::Row;
use crate::fixture::{UNKNOWN_TABLE, grid};
use crate::model::{Class, Column, SOURCE, Type};
use crate::plan::test_case::{Expected, Rows, TestCase};
use crate::plan::{ColumnPlan, Plan, Role, TableId, TableMap};
use crate::problem::Problem;
use crate::run::chain::Chains;
use crate::run::test_case::Verdict;
use crate::run::{self, State};
use crate::span::Span;
use crate::store::backend::Engine;
use crate::text::pseudonym::pseudonym;
use crate::workspace::failure::{Failure, failed};
use crate::workspace::lookup::{named, not_made};
use crate::workspace::session::Session;

/// A test that was made of rows.
#[derive(Serialize)]
#[serde(tag = "event", rename = "test.scaffold")]
pub(crate) struct Scaffold {
    pub(crate) toml: String,
}

/// A test of a step.
pub(crate) fn scaffold(
    session: &Session,
    engine: &dyn Engine,
    plan: &Plan,
    name: &str,
    count: u64,
) -> Result<String, Failure> {
    let step = named(plan, name)?;
    if plan.tables[step].role != Role::Step {
        let message = format!("`{}` is not a step", plan.tables[step].name);
        let help = "a source is read, and a test begins with what was read".to_owned();
        return Err(Failure::Problem(Box::new(Problem::new(&UNKNOWN_TABLE, message).help(help))));
    }
    let states = run::settle(plan, &session.journal);
    let inputs: BTreeSet<TableId> = plan.tables[step].inputs.iter().copied().collect();
    for table in inputs.iter().chain([&step]) {
        if !matches!(states[*table], State::Materialized(_)) {
            return Err(not_made(&plan.tables[*table].name.name));
        }
    }
    let chains = Chains { plan, states: &states, journal: &session.journal, paths: &session.paths };
    let mut worker = engine.worker().map_err(failed)?;
    let wanted: BTreeSet<u64> = (0..count.min(rows_of(&states[step]))).collect();
    let beneath = chains.rows_beneath(&mut *worker, step, &wanted).map_err(failed)?;
    let key = key(plan, &states, &inputs);
    let mut given: BTreeMap<TableId, Rows> = BTreeMap::new();
    for table in inputs {
        let rows = match &beneath {
            Some(rows) => rows.get(&table).cloned().unwrap_or_default(),
            None => (0..count.min(rows_of(&states[table]))).collect(),
        };
        let columns = read(plan, step, table);
        let names: Vec<&str> = columns.iter().map(|it| it.name.as_str()).collect();
        let mut cells = chains.cells(&mut *worker, table, &names, &rows).map_err(failed)?;
        for row in &mut cells {
            for (cell, column) in row.iter_mut().zip(&columns).filter(|(_, it)| it.class == Class::Personal) {
                *cell = cell.take().map(|it| stand_in(&it, column.ty, &key));
            }
        }
        given.insert(table, filled(Rows { columns: names.into_iter().map(str::to_owned).collect(), rows: cells }));
    }
    let none = |key: &'static str, table: TableId| {
        let columns = plan.tables[table].schema.visible().map(|it| it.name.clone()).collect();
        Expected { key, table, rows: Rows { columns, rows: Vec::new() } }
    };
    let mut expected = vec![none("expect", step)];
    expected.extend(plan.rejects_of(step).map(|it| none("rejected", it)));
    let file = plan.pipelines.get(&plan.tables[step].name.pipeline).cloned().unwrap_or_default();
    let span = Span::new(&std::sync::Arc::new(file.clone()), 0..0);
    let trial = TestCase { name: name.to_owned(), file, span, step, given, expected, ordered: true };
    let verdicts = tried(session, plan, std::slice::from_ref(&trial)).map_err(|it| Failure::World(it.to_string()))?;
    let mut came: BTreeMap<usize, Vec<Row>> = BTreeMap::new();
    match verdicts.into_iter().next() {
        Some(Verdict::Differs(all)) => came.extend(all.into_iter().map(|it| (it.expectation, it.got))),
        Some(Verdict::Failed { problems, failures }) => {
            let reason = problems.into_iter().map(|it| it.message).chain(failures).next();
            return Err(Failure::World(reason.unwrap_or_else(|| "the step failed".to_owned())));
        }
        Some(Verdict::Held { .. }) | None => (),
    }
    Ok(written(plan, &trial, &came))
}

fn rows_of(state: &State) -> u64 {
    match state {
        State::Materialized(settled) => settled.rows,
        _ => 0,
    }
}

/// What made-up values hang on: the contents of all personal columns that are read. Who does not have the data cannot
/// try which value gives which.
fn key(plan: &Plan, states: &TableMap<State>, inputs: &BTreeSet<TableId>) -> Digest {
    let mut hasher = Hasher::new("hotpass scaffold v1");
    for table in inputs {
        let State::Materialized(settled) = &states[*table] else { continue };
        let columns = plan.tables[*table].schema.columns.iter().zip(&settled.columns);
        columns.filter(|(it, _)| it.class == Class::Personal).for_each(|(_, digest)| {
            hasher.digest(digest);
        });
    }
    hasher.finish()
}

/// The columns of a table that a step reads; of the hidden ones only the source, where it is not always the same.
fn read(plan: &Plan, step: TableId, table: TableId) -> Vec<&Column> {
    let it = &plan.tables[step];
    let mut read: BTreeSet<&str> = BTreeSet::new();
    for column in &it.columns {
        match column {
            ColumnPlan::Carried { input, column } if it.inputs[*input] == table => drop(read.insert(column)),
            ColumnPlan::Carried { .. } => (),
            ColumnPlan::Made { reads, .. } => {
                let own = reads.iter().filter(|(input, _)| it.inputs[**input] == table);
                read.extend(own.flat_map(|(_, names)| names.iter().map(String::as_str)));
            }
        }
    }
    let several = plan.tables[table].sources.len() > 1;
    let told = |it: &&Column| read.contains(it.name.as_str()) && (!it.is_hidden() || (it.name == SOURCE && several));
    plan.tables[table].schema.columns.iter().filter(told).collect()
}

/// Without the columns that no row has a value in; the first stays.
fn filled(rows: Rows) -> Rows {
    let kept: Vec<usize> =
        (0..rows.columns.len()).filter(|at| *at == 0 || rows.rows.iter().any(|row| row[*at].is_some())).collect();
    Rows {
        columns: kept.iter().map(|it| rows.columns[*it].clone()).collect(),
        rows: rows.rows.iter().map(|row| kept.iter().map(|it| row[*it].clone()).collect()).collect(),
    }
}

/// A value that nobody has, of the same type and shape.
fn stand_in(value: &str, ty: Type, key: &Digest) -> String {
    match ty {
        Type::Boolean => value.to_owned(),
        Type::Timestamp => match value.split_once('T') {
            Some((day, time)) => format!("{}T{time}", pseudonym(day, key)),
            None => value.to_owned(),
        },
        _ => pseudonym(value, key),
    }
}

fn written(plan: &Plan, trial: &TestCase, came: &BTreeMap<usize, Vec<Row>>) -> String {
    let own = &plan.tables[trial.step].name;
    let called = |table: TableId| {
        let name = &plan.tables[table].name;
        match name.pipeline == own.pipeline {
            true => name.name.clone(),
            false => format!("\"{name}\""),
        }
    };
    let mut out = format!(
        "# Rows of the last build; values of personal columns are made up. What the test is not about can go.\n\
         [test.{}]\nstep = \"{own}\"\n",
        own.name
    );
    let table = |rows: &Rows| {
        let columns: Vec<&str> = rows.columns.iter().map(String::as_str).collect();
        update::text(&grid::print(&columns, &rows.rows)).to_string()
    };
    for (at, rows) in &trial.given {
        out.push_str(&format!("given.{} = {}\n", called(*at), table(rows)));
    }
    for (at, expected) in trial.expected.iter().enumerate() {
        let got = came.get(&at).cloned().unwrap_or_default();
        if got.is_empty() && expected.key == "rejected" {
            out.push_str("rejected = []\n");
            continue;
        }
        let rows = filled(Rows { columns: expected.rows.columns.clone(), rows: got });
        out.push_str(&format!("{} = {}\n", expected.key, table(&rows)));
    }
    out
}
