//! `hotpass explain table:KEY.column`: the chain of one cell, or of all cells of one record.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use crate::cli::answer::MASK;
use crate::cli::args::{Format, Global};
use crate::cli::explain::by;
use crate::cli::looked::looked;
use crate::cli::outcome::Outcome;
use crate::cli::{Answer, look_of_stdout};
use crate::plan::{Operation, Plan};
use crate::problem::{Problem, did_you_mean};
use crate::run::chain::{Cell, Chains, Lost, address};
use crate::run::{self, State};
use crate::show::{self, Align, Paint, Style, count, line, table};
use crate::store::backend::{EngineFactory, Worker};
use crate::workspace::failure::{Failure, failed};
use crate::workspace::lookup::{UNKNOWN_SUBJECT, find, named, not_made};
use crate::workspace::session::Asked;

/// Splits `table:KEY` and `table:KEY.column`, if the table is one.
pub(super) fn subject<'a>(plan: &Plan, text: &'a str) -> Option<(usize, &'a str)> {
    let (name, rest) = text.split_once(':')?;
    Some((find(plan, name)?, rest))
}

/// `hotpass explain table:KEY[.column]`.
pub fn explain(global: &Global, asked: &Asked, text: &str, factory: Option<&'static dyn EngineFactory>) -> Outcome {
    let Some(factory) = factory else { return Outcome::NeedsEngine };
    looked(global, asked, factory, |session, engine, plan| {
        let Some((index, rest)) = subject(plan, text) else {
            return Err(named(plan, text.split(':').next().unwrap_or_default())
                .err()
                .unwrap_or_else(|| not_made(text)));
        };
        let states = run::settle(plan, &session.journal);
        let State::Materialized(settled) = &states[index] else { return Err(not_made(&plan.tables[index].name.name)) };
        let chains = Chains { plan, states: &states, journal: &session.journal, paths: &session.paths };
        let mut worker = engine.worker().map_err(failed)?;
        let schema = &plan.tables[index].schema;
        let (key, column) = match rest.rsplit_once('.') {
            Some((key, column)) if schema.has(column) => (key, Some(column)),
            _ => (rest, None),
        };
        let rows = rows(&chains, &mut *worker, index, key, settled.rows)?;
        let Some(row) = rows.first() else {
            let known = rest.rsplit_once('.').and_then(|(_, it)| did_you_mean(it, schema.names()));
            return Err(no_row(&chains, index, key, settled.rows, known));
        };
        let columns: Vec<&str> = match column {
            Some(column) => vec![column],
            None => schema.visible().map(|it| it.name.as_str()).collect(),
        };
        let cells = chains.chains(&mut *worker, index, &columns, *row).map_err(failed)?;
        let shown = Shown { plan, cells: &cells, look: look_of_stdout(global) };
        let text = match (global.format, column) {
            (Format::Json, _) => shown.lines(columns.len()),
            (_, Some(_)) => shown.tree() + &others(plan, index, &rows),
            (_, None) => shown.record(columns.len()) + &others(plan, index, &rows),
        };
        Ok(Answer::of(text))
    })
}

/// The rows that a key names: by the table's key, or `#N` for the N-th row, which a table without a key needs.
fn rows(chains: &Chains<'_>, worker: &mut dyn Worker, table: usize, key: &str, rows: u64) -> Result<Vec<u64>, Failure> {
    let by_key = chains.plan.key_column(table);
    if let Some(column) = &by_key {
        let found = chains.rows_with(worker, table, column, key).map_err(failed)?;
        if !found.is_empty() {
            return Ok(found);
        }
    }
    let number = match (key.strip_prefix('#'), &by_key) {
        (Some(number), _) => number,
        (None, None) => key,
        (None, Some(_)) => return Ok(Vec::new()),
    };
    Ok(number.parse::<u64>().ok().and_then(|it| it.checked_sub(1)).filter(|it| *it < rows).into_iter().collect())
}

/// That a key names more rows than the one that is told of: a join may have found several for one record.
fn others(plan: &Plan, table: usize, rows: &[u64]) -> String {
    let [_, next, ..] = rows else { return String::new() };
    let name = &plan.tables[table].name.name;
    format!("\nthe first of {} with this key; `{name}:#{}` is the next\n", count(rows.len() as u64, "row"), next + 1)
}

fn no_row(chains: &Chains<'_>, table: usize, key: &str, rows: u64, column: Option<String>) -> Failure {
    let name = &chains.plan.tables[table].name.name;
    let (message, help) = match chains.plan.key_column(table) {
        Some(column) => (
            format!("no row of `{name}` has this `{column}`: `{}`", line(key)),
            format!("`{name}:#1` is its first row, `hotpass show {name}` shows the others"),
        ),
        None => (
            format!("`{name}` has no row `{}`", line(key)),
            format!("its rows have no key and go by number, from `{name}:1` to `{name}:{rows}`"),
        ),
    };
    let problem = Problem::new(&UNKNOWN_SUBJECT, message).help(column.unwrap_or(help));
    Failure::Problem(Box::new(problem))
}

struct Shown<'a> {
    plan: &'a Plan,
    cells: &'a [Cell],
    look: Style,
}

impl Shown<'_> {
    fn value(&self, at: usize) -> Option<String> {
        let cell = &self.cells[at];
        let value = cell.value.as_ref()?;
        Some(if cell.personal { MASK.to_owned() } else { value.clone() })
    }

    fn name(&self, at: usize) -> String {
        let cell = &self.cells[at];
        match &cell.place {
            Some((place, row)) => address(self.plan, cell.table, &cell.column, place, *row),
            None => format!("{}.{}", self.plan.tables[cell.table].name.name, cell.column),
        }
    }

    fn declared(&self, at: usize) -> String {
        let (file, keys) = self.plan.declared_at(self.cells[at].table, &self.cells[at].column);
        format!("{file} {keys}")
    }

    /// A cell of a file, or else where what gave the value is declared.
    fn origin(&self, at: usize) -> String {
        let cell = &self.cells[at];
        match cell.place {
            Some(_) => self.name(at),
            None => self.declared(at),
        }
    }

    /// How the value came about; for a cell of a file, the name of its column.
    fn by(&self, at: usize) -> Option<String> {
        let cell = &self.cells[at];
        match &cell.place {
            Some(_) => Some(format!("column `{}`", cell.column)),
            None if cell.from.is_empty() && cell.value.is_some() => {
                let by = by(self.plan, cell.table, &cell.column)?;
                Some(format!("{by}, in {}", self.declared(at)))
            }
            None => by(self.plan, cell.table, &cell.column),
        }
    }

    /// The cells of files that a cell was made of.
    fn sources(&self, at: usize) -> Vec<usize> {
        let (mut acc, mut open, mut seen) = (Vec::new(), vec![at], BTreeSet::new());
        while let Some(at) = open.pop() {
            if !seen.insert(at) {
                continue;
            }
            if self.cells[at].from.is_empty() {
                acc.push(at);
            }
            open.extend(self.cells[at].from.iter().rev());
        }
        acc
    }

    fn addresses(&self, at: usize) -> String {
        let all: Vec<String> = self.sources(at).into_iter().map(|it| self.origin(it)).collect();
        all.join(", ")
    }

    /// Why a cell lost: one that has no value may have had one on the way, which a step took for none.
    fn why(&self, at: usize, lost: &Lost) -> String {
        match lost {
            Lost::Rank(why) => why.clone(),
            Lost::Same => "it says the same".to_owned(),
            Lost::Empty => {
                let vanished = self.vanished(at);
                vanished.map_or_else(|| "it is empty".to_owned(), |(step, how)| format!("`{step}` {how}"))
            }
        }
    }

    /// The step that made nothing of a value, and what it took the value for.
    fn vanished(&self, at: usize) -> Option<(String, &'static str)> {
        let (mut open, mut seen) = (vec![at], BTreeSet::new());
        while let Some(at) = open.pop() {
            let cell = &self.cells[at];
            if cell.value.is_some() || !seen.insert(at) {
                continue;
            }
            if let Some(full) = cell.from.iter().find(|it| self.cells[**it].value.is_some()) {
                let table = &self.plan.tables[cell.table];
                let value = self.cells[*full].value.as_deref().unwrap_or_default();
                let placeholder = match &table.make {
                    Operation::Relation(relation) => relation.takes_for_nothing(&cell.column, value),
                    _ => false,
                };
                let how = if placeholder { "takes it for a placeholder" } else { "finds no value in it" };
                return Some((table.name.name.clone(), how));
            }
            open.extend(cell.from.iter().rev());
        }
        None
    }

    /// One cell after the other, each with what it came from beneath it.
    fn tree(&self) -> String {
        let mut out = String::new();
        let (mut open, mut seen) = (vec![(0, 0)], BTreeSet::new());
        while let Some((at, mut depth)) = open.pop() {
            let cell = &self.cells[at];
            let (by, first) = (self.by(at), seen.insert(at));
            // Where a value only passes through, nothing is to be told.
            let passes = by.is_none() && cell.from.len() == 1 && at != 0 && cell.lost.is_empty();
            if !passes {
                let value = self.value(at).map_or_else(|| "no value".to_owned(), |it| line(&it));
                let by = by.unwrap_or_default() + if first { "" } else { ", as above" };
                let text = format!("{}{}  {}", "  ".repeat(depth), line(&self.name(at)), value);
                out.push_str(format!("{text}  {}", self.look.paint(&line(&by), Paint::Dim)).trim_end());
                out.push('\n');
                depth += 1;
            }
            if first {
                out.push_str(&self.losers(at, depth));
                open.extend(cell.from.iter().rev().map(|it| (*it, depth)));
            }
        }
        out
    }

    fn losers(&self, at: usize, depth: usize) -> String {
        let mut out = String::new();
        let mut empty = 0;
        for (other, lost) in &self.cells[at].lost {
            let why = self.why(*other, lost);
            if *lost == Lost::Empty && self.vanished(*other).is_none() {
                empty += 1;
                continue;
            }
            let value = self.value(*other).map_or_else(String::new, |it| format!("  {}", line(&it)));
            let text = format!("{}not {}{value}", "  ".repeat(depth), line(&self.addresses(*other)));
            out.push_str(&format!("{text}  {}\n", self.look.paint(&line(&why), Paint::Dim)));
        }
        if empty > 0 {
            out.push_str(&format!("{}{} without a value\n", "  ".repeat(depth), count(empty, "other row")));
        }
        out
    }

    /// A line for each column of a record: what is there, and the cells of files behind it.
    fn record(&self, columns: usize) -> String {
        let heads = ["column", "value", "from", "others"].map(|it| (it.to_owned(), Align::Left));
        let rows: Vec<_> = (0..columns)
            .map(|at| {
                let filled = self.value(at);
                let from = filled.as_ref().map(|_| self.addresses(at));
                let lost = self
                    .cells
                    .get(self.decided(at))
                    .map_or(0, |it| it.lost.iter().filter(|(_, lost)| matches!(lost, Lost::Rank(_))).count());
                let others = (lost > 0).then(|| format!("{} lost", show::number(lost as u64)));
                vec![Some(self.cells[at].column.clone()), filled, from, others]
            })
            .collect();
        table(&heads, &rows, self.look)
    }

    /// The first cell on the way of a value at which something was decided.
    fn decided(&self, at: usize) -> usize {
        let (mut at, mut seen) = (at, BTreeSet::new());
        while self.cells[at].lost.is_empty() && self.cells[at].from.len() == 1 && seen.insert(at) {
            at = self.cells[at].from[0];
        }
        at
    }

    /// Every cell as an object, by the table's order; `from` and `lost` name cells by `id`.
    fn lines(&self, asked: usize) -> String {
        let mut out = String::new();
        for (at, cell) in self.cells.iter().enumerate() {
            let lost: Vec<_> =
                cell.lost.iter().map(|(other, lost)| json!({"id": other, "why": self.why(*other, lost)})).collect();
            let mut value = BTreeMap::from([
                ("v", json!(1)),
                ("event", json!("explain.cell")),
                ("id", json!(at)),
                ("asked", json!(at < asked)),
                ("table", json!(self.plan.tables[cell.table].name.to_string())),
                ("column", json!(cell.column)),
                ("row", json!(cell.row + 1)),
                ("value", json!(self.value(at))),
                ("masked", json!(cell.personal)),
                ("by", json!(self.by(at))),
                ("from", json!(cell.from)),
                ("lost", json!(lost)),
            ]);
            if let Some((place, row)) = &cell.place {
                value.insert("cell", json!(address(self.plan, cell.table, &cell.column, place, *row)));
            }
            out.push_str(&show::json_line(&json!(value)));
        }
        out
    }
}
