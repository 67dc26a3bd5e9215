//! Tests of steps: found in `tests/`, read, and held against the plan.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::db::{Db, File, Settings};
use crate::fields::{Parameters, Reader};
use crate::fixture::{self, Cells, Test, UNKNOWN_COLUMN, UNKNOWN_TABLE, WRONG_CELL, value};
use crate::graph;
use crate::model::{Column, Type};
use crate::plan::test_case::{Expected, Rows, TestCase};
use crate::plan::{Plan, Role, Table, TableId};
use crate::problem::{Problem, did_you_mean};
use crate::query::planning::NOTHING_SET_ASIDE;
use crate::query::{exists, folders, plan, source_text, tomls, unreadable};
use crate::span::Span;

/// The folder of a workspace with its tests.
pub const TESTS: &str = "tests";

/// The files that may hold tests: TOML files in `tests/` and the folders in it.
#[salsa::tracked]
pub fn test_files(db: &dyn Db, _settings: Settings) -> Vec<PathBuf> {
    if !exists(db, db.file(Path::new(TESTS))) {
        return Vec::new();
    }
    let folders = folders(db, Path::new(TESTS), &|name, _| !name.starts_with('.'));
    let mut files: Vec<PathBuf> = folders.iter().flat_map(|it| tomls(db, it)).collect();
    files.sort();
    files
}

/// A test file as read: its tests, and what is wrong in it.
#[salsa::tracked]
pub fn declared_tests(db: &dyn Db, file: File) -> (Vec<Test>, Vec<Problem>) {
    let path = Arc::new(file.path(db).clone());
    let text = match source_text(db, file) {
        Ok(text) => text,
        Err(reason) => return (Vec::new(), vec![unreadable(db, &path, reason)]),
    };
    let reader = Reader::new(&path, Parameters::new());
    let table = reader.parse(text);
    let mut fields = reader.fields(&table, &fixture::FILE);
    let tests = fixture::tests(&mut fields);
    fields.finish();
    (tests, reader.finish().0)
}

/// All tests that fit the plan, and what is wrong with the others.
#[salsa::tracked]
pub fn trials(db: &dyn Db, settings: Settings) -> (Vec<TestCase>, Vec<Problem>) {
    let plan = &plan(db, settings).plan;
    let (mut trials, mut problems) = (Vec::new(), Vec::new());
    for path in test_files(db, settings) {
        let (tests, own) = declared_tests(db, db.file(path));
        problems.extend(own.iter().cloned());
        for test in tests {
            let mut fitting = Fitting { plan, problems: Vec::new() };
            let trial = fitting.trial(test, path);
            problems.extend(fitting.problems);
            trials.extend(trial);
        }
    }
    (trials, problems)
}

struct Fitting<'a> {
    plan: &'a Plan,
    problems: Vec<Problem>,
}

impl Fitting<'_> {
    fn trial(&mut self, test: &Test, path: &Path) -> Option<TestCase> {
        let step = self.step(&test.step)?;
        let mut given = BTreeMap::new();
        for (name, span, cells) in &test.given {
            let Some(table) = self.input(step, name, span) else { continue };
            if let Some(rows) = self.rows(table, name, cells) {
                given.insert(table, rows);
            }
        }
        let mut expected = Vec::new();
        if let Some(rows) = test.expect.as_ref().and_then(|it| self.rows(step, &test.step.0, it)) {
            expected.push(Expected { key: "expect", table: step, rows });
        }
        if let Some(cells) = &test.rejected {
            match self.plan.rejects_of(step) {
                Some(table) => {
                    let rows = self.rows(table, &test.step.0, cells);
                    expected.extend(rows.map(|rows| Expected { key: "rejected", table, rows }));
                }
                None => {
                    let message = format!("step `{}` sets no rows aside", test.step.0.escape_debug());
                    let problem = Problem::new(&NOTHING_SET_ASIDE, message).label(&test.step.1, "this step");
                    self.problems.push(problem.help("remove `rejected` from the test".to_owned()));
                }
            }
        }
        if self.problems.is_empty() {
            self.unread(test, &given, &expected);
        }
        let trial = TestCase {
            name: test.name.clone(),
            file: path.to_owned(),
            span: test.span.clone(),
            step,
            given,
            expected,
            ordered: test.ordered,
        };
        self.problems.is_empty().then_some(trial)
    }

    /// Tells of given tables that nothing reads, because others are given that are made of them.
    fn unread(&mut self, test: &Test, given: &BTreeMap<TableId, Rows>, expected: &[Expected]) {
        let mut needs = self.plan.needs();
        given.keys().for_each(|it| needs[*it].clear());
        let read = graph::upstream(expected.iter().map(|it| it.table), &needs);
        // Each was found by its name, in this order.
        for (name, span, _) in &test.given {
            let mut found = given.keys().filter(|it| !read[**it]);
            let Some(table) = found.find(|it| self.is_called(**it, name)) else { continue };
            let between = given.keys().filter(|it| read[**it] && graph::upstream([**it], &self.plan.needs())[*table]);
            let names: Vec<String> = between.map(|it| format!("`{}`", self.plan.tables[*it].name.name)).collect();
            let message = format!("nothing in the test reads `{}`", name.escape_debug());
            let help = match names.is_empty() {
                true => "remove it from the test".to_owned(),
                false => {
                    format!("{} is given, and stands for what would be made of it: remove one", names.join(" and "))
                }
            };
            self.problems.push(Problem::new(&UNKNOWN_TABLE, message).label(span, "given here").help(help));
        }
    }

    fn is_called(&self, table: TableId, name: &str) -> bool {
        let own = &self.plan.tables[table].name;
        own.name == name || own.to_string() == name
    }

    fn step(&mut self, (name, span): &(String, Span)) -> Option<TableId> {
        let steps = || self.plan.tables.entries().filter(|(_, it)| it.role == Role::Step);
        let full = steps().find(|(_, it)| it.name.to_string() == *name);
        let found: Vec<TableId> = match full {
            Some((at, _)) => vec![at],
            None => steps().filter(|(_, it)| it.name.name == *name).map(|(at, _)| at).collect(),
        };
        let (message, help) = match found.as_slice() {
            [one] => return Some(*one),
            [] => {
                let source = self.plan.tables.iter().any(|it| it.role == Role::Source && it.name.name == *name);
                let known = steps().map(|(_, it)| it.name.name.as_str());
                let help = did_you_mean(name, known).unwrap_or_else(|| "`hotpass list` names all steps".to_owned());
                match source {
                    true => (format!("`{name}` is a source"), "name the step that is to be tested".to_owned()),
                    false => (format!("there is no step `{}`", name.escape_debug()), help),
                }
            }
            several => {
                let names: Vec<_> = several.iter().map(|it| format!("`{}`", self.plan.tables[*it].name)).collect();
                (
                    format!("there are several steps `{}`", name.escape_debug()),
                    format!("name one: {}", names.join(", ")),
                )
            }
        };
        self.problems.push(Problem::new(&UNKNOWN_TABLE, message).label(span, "named here").help(help));
        None
    }

    /// A table that a step is made of, by name.
    fn input(&mut self, step: TableId, name: &str, span: &Span) -> Option<TableId> {
        let tested = &self.plan.tables[step].name;
        let reached = graph::upstream([step], &self.plan.needs());
        let beneath = || {
            let tables = self.plan.tables.entries();
            tables.filter(|(at, it)| reached[*at] && *at != step && it.role.is_listed())
        };
        let own = |it: &Table| it.name.name == name && it.name.pipeline == tested.pipeline;
        let found = beneath().find(|(_, it)| own(it)).or_else(|| beneath().find(|(_, it)| it.name.to_string() == name));
        if let Some((at, _)) = found {
            return Some(at);
        }
        let known: Vec<String> = beneath()
            .map(|(_, it)| match it.name.pipeline == tested.pipeline {
                true => it.name.name.clone(),
                false => it.name.to_string(),
            })
            .collect();
        let direct = self.plan.tables[step].inputs.iter().map(|it| format!("`{}`", self.plan.tables[*it].name.name));
        let help = did_you_mean(name, known.iter().map(String::as_str))
            .unwrap_or_else(|| format!("it reads {}", direct.collect::<Vec<_>>().join(", ")));
        let message = format!("step `{}` is not made of `{}`", tested.name, name.escape_debug());
        self.problems.push(Problem::new(&UNKNOWN_TABLE, message).label(span, "given here").help(help));
        None
    }

    /// The rows of a table as written, once its columns are known.
    fn rows(&mut self, table: TableId, name: &str, cells: &Cells) -> Option<Rows> {
        let schema = &self.plan.tables[table].schema;
        let told = self.problems.len();
        let problem = |problem: Problem, span: &Option<Span>, label: &str| match span {
            Some(span) => problem.label(span, label),
            None => problem,
        };
        let mut rows = vec![Vec::new(); cells.rows.len()];
        for (at, (column, span)) in cells.columns.iter().enumerate() {
            let Some(Column { ty, .. }) = schema.get(column) else {
                let message = format!("`{}` has no column `{}`", name.escape_debug(), column.escape_debug());
                let known = || schema.visible().map(|it| it.name.as_str());
                let help = did_you_mean(column, known()).unwrap_or_else(|| match known().count() {
                    0..=12 => format!("it has {}", known().map(|it| format!("`{it}`")).collect::<Vec<_>>().join(", ")),
                    _ => format!("`hotpass show {}` lists all of them", self.plan.tables[table].name),
                });
                self.problems.push(problem(Problem::new(&UNKNOWN_COLUMN, message).help(help), span, "this column"));
                continue;
            };
            let column_cells: Vec<Option<&str>> = cells.rows.iter().map(|row| row[at].0.as_deref()).collect();
            match value::canonical(*ty, &column_cells) {
                Ok(values) => rows.iter_mut().zip(values).for_each(|(row, it)| row.push(it)),
                Err(wrong) => {
                    let message = format!("a cell of `{}` is no {}", column.escape_debug(), noun(*ty));
                    let found = Problem::new(&WRONG_CELL, message).help(format!("write {}", value::wanted(*ty)));
                    self.problems.push(problem(found, &cells.rows[wrong][at].1, "this cell"));
                }
            }
        }
        let columns = match cells.columns.is_empty() {
            // No rows at all: whatever comes is shown whole.
            true => schema.visible().map(|it| it.name.clone()).collect(),
            false => cells.columns.iter().map(|(it, _)| it.clone()).collect(),
        };
        (self.problems.len() == told).then_some(Rows { columns, rows })
    }
}

fn noun(ty: Type) -> &'static str {
    match ty {
        Type::Integer => "whole number",
        Type::Float | Type::Decimal { .. } => "number of its kind",
        Type::Boolean => "truth value",
        Type::Date => "day",
        Type::Timestamp => "point in time",
        Type::Text => "text",
    }
}
