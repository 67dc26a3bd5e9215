//! `hotpass explain table:KEY.column`: the chain of one cell, or of all cells of one record.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::answers::explain::by;
use crate::answers::latest::Tables;
use crate::escape::line;
use crate::model::MASK;
use crate::plan::{Operation, Plan, TableId};
use crate::problem::{Problem, did_you_mean};
use crate::run::State;
use crate::run::chain::{self, Chains, address};
use crate::store::backend::Worker;
use crate::workspace::failure::{Failure, failed};
use crate::workspace::lookup::{UNKNOWN_SUBJECT, find, named, not_made};
use crate::workspace::session::Open;

/// Splits `table:KEY` and `table:KEY.column`, if the table is one.
fn subject<'a>(plan: &Plan, text: &'a str) -> Option<(TableId, &'a str)> {
    let (name, rest) = text.split_once(':')?;
    Some((find(plan, name)?, rest))
}

/// The cells that one cell, or one record, was made of.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(crate) struct Cells {
    /// Those that were asked for come first.
    pub(crate) cells: Vec<Cell>,
    /// How many were asked for, if a record was.
    #[serde(skip)]
    pub(crate) columns: Option<usize>,
    /// The rows that the key names, where they are several, and the number of the next.
    #[serde(skip)]
    pub(crate) others: Option<(u64, u64)>,
    /// The table.
    #[serde(skip)]
    pub(crate) table: String,
}

/// A cell on the way; `from` and `lost` name others by `id`.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename = "explain.cell")]
pub(crate) struct Cell {
    id: usize,
    /// Whether it was asked for.
    asked: bool,
    table: String,
    pub(crate) column: String,
    row: u64,
    pub(crate) value: Option<String>,
    masked: bool,
    pub(crate) by: Option<String>,
    pub(crate) from: Vec<usize>,
    pub(crate) lost: Vec<Lost>,
    /// The cell of a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    cell: Option<String>,
    #[serde(skip)]
    pub(crate) name: String,
    /// A cell of a file, or else where what gave the value is declared.
    #[serde(skip)]
    pub(crate) origin: String,
}

/// A cell that gave no value, and why.
#[derive(Debug, Serialize)]
pub(crate) struct Lost {
    pub(crate) id: usize,
    pub(crate) why: String,
    /// Whether it had another value, and another cell a better rank.
    #[serde(rename = "differs")]
    pub(crate) by_rank: bool,
    /// Whether there never was anything in it.
    #[serde(skip)]
    pub(crate) is_empty: bool,
}

/// What a cell is made of, or all cells of a record.
pub(crate) fn explain((session, engine, plan): Open<'_>, text: &str) -> Result<Cells, Failure> {
    let Some((index, rest)) = subject(plan, text) else {
        return Err(named(plan, text.split(':').next().unwrap_or_default()).err().unwrap_or_else(|| not_made(text)));
    };
    let tables = Tables::new(session, plan);
    let State::Materialized(settled) = &tables.states[index] else { return Err(tables.not_made(index)) };
    let chains = Chains { plan, states: &tables.states, journal: &session.journal, paths: &session.paths };
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
    let known = Known { plan, cells: &cells };
    Ok(Cells {
        cells: (0..cells.len()).map(|it| known.told(it, columns.len())).collect(),
        columns: column.is_none().then_some(columns.len()),
        others: rows.get(1).map(|next| (rows.len() as u64, next + 1)),
        table: plan.tables[index].name.name.clone(),
    })
}

/// The rows that a key names: by the table's key, or `#N` for the N-th row, which a table without a key needs.
fn rows(
    chains: &Chains<'_>,
    worker: &mut dyn Worker,
    table: TableId,
    key: &str,
    rows: u64,
) -> Result<Vec<u64>, Failure> {
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

fn no_row(chains: &Chains<'_>, table: TableId, key: &str, rows: u64, column: Option<String>) -> Failure {
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

/// Cells, and the plan that they are of.
struct Known<'a> {
    plan: &'a Plan,
    cells: &'a [chain::Cell],
}

impl Known<'_> {
    fn told(&self, at: usize, asked: usize) -> Cell {
        let cell = &self.cells[at];
        let lost = |(other, lost): &(usize, chain::Lost)| Lost {
            id: *other,
            why: self.why(*other, lost),
            by_rank: matches!(lost, chain::Lost::Rank(_)),
            is_empty: *lost == chain::Lost::Empty && self.vanished(*other).is_none(),
        };
        let place = cell.place.as_ref();
        Cell {
            id: at,
            asked: at < asked,
            table: self.plan.tables[cell.table].name.to_string(),
            column: cell.column.clone(),
            row: cell.row + 1,
            value: self.value(at),
            masked: cell.personal,
            by: self.by(at),
            from: cell.from.clone(),
            lost: cell.lost.iter().map(lost).collect(),
            cell: place.map(|(place, row)| address(self.plan, cell.table, &cell.column, place, *row)),
            name: self.name(at),
            origin: self.origin(at),
        }
    }

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

    /// Why a cell lost: one that has no value may have had one on the way, which a step took for none.
    fn why(&self, at: usize, lost: &chain::Lost) -> String {
        match lost {
            chain::Lost::Rank(why) => why.clone(),
            chain::Lost::Same => "it says the same".to_owned(),
            chain::Lost::Empty => {
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
}
