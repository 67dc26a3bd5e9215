//! The chains of cells: from cells of a made table back through every step to the cells of files.
//!
//! Nothing is stored for this: each step's relation, rewritten to tell where values come from (`relation::trace`), is
//! asked for the rows in question. All cells of one table are asked for together, so a chain takes a few statements
//! for each table on its way, however many cells it has.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use arrow_array::RecordBatch;

use crate::expr::Expr;
use crate::index::Place;
use crate::model::{Class, PLACE, ROW, Type};
use crate::plan::{Operation, Plan, Table, TableId, TableMap};
use crate::publish::cell_texts;
use crate::relation::row_number::numbered;
use crate::relation::{Pick, Relation, trace};
use crate::run::keys;
use crate::run::{Materialized, State};
use crate::store::Paths;
use crate::store::backend::{EngineError, Stored, Worker};
use crate::store::journal::Journal;

/// A cell of a table, and where its value comes from.
#[derive(Clone, PartialEq, Debug)]
pub struct Cell {
    /// The table, as an index into the plan.
    pub table: TableId,
    /// The column.
    pub column: String,
    /// The ordinal of the row, from 0.
    pub row: u64,
    /// What is there, as text.
    pub value: Option<String>,
    /// Whether it, or anything made of it, is personal.
    pub personal: bool,
    /// The cells that the value was made of.
    pub from: Vec<usize>,
    /// The cells that could have been taken in its place, best first, and why each was not.
    pub lost: Vec<(usize, Lost)>,
    /// For a cell of a source, `file#sheet` and the number of the row there.
    pub place: Option<(String, u64)>,
}

/// Why a candidate did not win.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Lost {
    /// It has no value.
    Empty,
    /// It says the same.
    Same,
    /// It ranks lower, in words.
    Rank(String),
}

/// What chains are made from.
pub struct Chains<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// What is known of each table.
    pub states: &'a TableMap<State>,
    /// Where contents stand.
    pub journal: &'a Journal,
    /// Where the store is.
    pub paths: &'a Paths,
}

/// Rows of texts.
type Rows = Vec<Vec<Option<String>>>;

impl Chains<'_> {
    /// The ordinals of the rows whose `column` reads `value`.
    pub fn rows_with(
        &self,
        worker: &mut dyn Worker,
        table: TableId,
        column: &str,
        value: &str,
    ) -> Result<Vec<u64>, EngineError> {
        let scan = Relation::Scan { input: 0, columns: vec![column.to_owned()].into() };
        let text = Expr::Cast(Box::new(Expr::column(column)), Type::Text);
        let found = numbered(scan, "_at").filter(Expr::call("=", [text, Expr::text(value)]));
        let relation = found.project(vec![("_at".to_owned(), Expr::column("_at"))]);
        let stored = self.stored(table, &[column])?;
        let rows = look(worker, &relation, &[stored], None)?;
        Ok(rows.into_iter().filter_map(|row| row.into_iter().next().flatten()?.parse().ok()).collect())
    }

    /// The chains of the named cells of one row. These cells come first, in this order.
    pub fn chains(
        &self,
        worker: &mut dyn Worker,
        table: TableId,
        columns: &[&str],
        row: u64,
    ) -> Result<Vec<Cell>, EngineError> {
        let asked: Vec<_> = columns.iter().map(|it| (table, *it, row)).collect();
        let mut cells = self.traced(worker, &asked)?.cells;
        for at in 0..cells.len() {
            // Cells that are empty gave nothing. What is made of nothing else is a constant of its step.
            if cells[at].value.is_some() {
                let filled = cells[at].from.iter().copied().filter(|it| cells[*it].value.is_some());
                cells[at].from = filled.collect();
            }
        }
        Ok(cells)
    }

    /// The chains of cells of any tables and rows: (table, column, ordinal of the row). Empty cells that nothing came
    /// from are among those beneath.
    pub fn traced(&self, worker: &mut dyn Worker, asked: &[(TableId, &str, u64)]) -> Result<Traced, EngineError> {
        let mut acc = Traced { cells: Vec::new(), index: HashMap::new() };
        for (table, column, row) in asked {
            acc.cell(*table, column, *row, false);
        }
        // What a table is made of comes before it in the plan.
        let last = asked.iter().map(|it| it.0).max();
        for at in self.plan.tables.places().rev().filter(|it| Some(*it) <= last) {
            let here: Vec<usize> = (0..acc.cells.len()).filter(|it| acc.cells[*it].table == at).collect();
            if !here.is_empty() {
                self.table(worker, at, &here, &mut acc)?;
            }
        }
        Ok(acc)
    }

    /// For each table that a table reads, the rows that values of `rows` were taken from; nothing for a user's SQL,
    /// which no row can be followed through.
    pub fn rows_beneath(
        &self,
        worker: &mut dyn Worker,
        table: TableId,
        rows: &BTreeSet<u64>,
    ) -> Result<Option<BTreeMap<TableId, BTreeSet<u64>>>, EngineError> {
        let it = &self.plan.tables[table];
        let Operation::Relation(relation) = &it.make else { return Ok(None) };
        let columns = it.schema.visible().map(|it| it.name.as_str()).collect();
        let (traced, beneath) = trace::counted(relation, &columns);
        let mut acc: BTreeMap<TableId, BTreeSet<u64>> = BTreeMap::new();
        for row in self.asked(worker, table, &traced, Some(rows))? {
            for text in row.iter().skip(1).flatten() {
                for (column, ordinal) in trace::parse_counted(text) {
                    let Some((input, _)) = beneath.get(column) else { continue };
                    acc.entry(it.inputs[*input]).or_default().insert(ordinal);
                }
            }
        }
        Ok(Some(acc))
    }

    /// The cells of some rows of a table.
    pub fn cells(
        &self,
        worker: &mut dyn Worker,
        table: TableId,
        columns: &[&str],
        rows: &BTreeSet<u64>,
    ) -> Result<Vec<Vec<Option<String>>>, EngineError> {
        let values = self.values(worker, table, columns, rows)?;
        let row = |it: &HashMap<String, Option<String>>| columns.iter().map(|name| it.get(*name)?.clone()).collect();
        Ok(values.values().map(row).collect())
    }

    fn settled(&self, table: TableId) -> Result<&Materialized, EngineError> {
        match &self.states[table] {
            State::Materialized(it) => Ok(it),
            _ => Err(EngineError::Io(format!("`{}` is not made", self.plan.tables[table].name))),
        }
    }

    fn stored(&self, table: TableId, columns: &[&str]) -> Result<Stored, EngineError> {
        keys::stored_columns(self.plan, table, self.settled(table)?, columns, self.journal, self.paths)
    }

    /// Fills in the cells `here`, all of one table, and adds those beneath.
    fn table(
        &self,
        worker: &mut dyn Worker,
        table: TableId,
        here: &[usize],
        acc: &mut Traced,
    ) -> Result<(), EngineError> {
        let it = &self.plan.tables[table];
        let rows: BTreeSet<u64> = here.iter().map(|at| acc.cells[*at].row).collect();
        let names: BTreeSet<String> = here.iter().map(|at| acc.cells[*at].column.clone()).collect();
        let columns: BTreeSet<&str> = names.iter().map(String::as_str).collect();
        let key = match &it.make {
            Operation::Relation(relation) => trace::record_key(relation),
            _ => None,
        };
        let mut read: Vec<&str> = columns.iter().copied().chain(key).collect();
        let coordinates = matches!(it.make, Operation::Read(_)) && it.schema.has(PLACE) && it.schema.has(ROW);
        read.extend(if coordinates { &[PLACE, ROW][..] } else { &[] });
        let values = self.values(worker, table, &read, &rows)?;
        let value = |row: u64, column: &str| values.get(&row)?.get(column)?.clone();
        for at in here {
            let cell = &mut acc.cells[*at];
            cell.value = value(cell.row, &cell.column);
            let class = it.schema.get(&cell.column).map(|it| it.class);
            cell.personal |= class == Some(Class::Personal);
            if coordinates {
                let number = value(cell.row, ROW).and_then(|it| it.parse().ok());
                cell.place = value(cell.row, PLACE).zip(number);
            }
        }
        let Operation::Relation(relation) = &it.make else { return Ok(()) };
        let (traced, beneath) = trace::counted(relation, &columns);
        let told = self.asked(worker, table, &traced, Some(&rows))?;
        let names = traced.columns();
        let mut origins: HashMap<(u64, &str), String> = HashMap::new();
        for row in told {
            let Some(ordinal) = row[0].as_ref().and_then(|it| it.parse().ok()) else { continue };
            for (column, text) in names.iter().zip(row.into_iter().skip(1)) {
                origins.extend(text.map(|it| ((ordinal, *column), it)));
            }
        }
        for at in here {
            let cell = acc.cells[*at].clone();
            let name = trace::origins(&cell.column);
            let Some(text) = origins.get(&(cell.row, name.as_str())) else { continue };
            acc.cells[*at].from = acc.beneath(it, text, &beneath, cell.personal);
        }
        let Some(key) = key else { return Ok(()) };
        for column in &columns {
            let those: Vec<usize> = here.iter().copied().filter(|at| acc.cells[*at].column == *column).collect();
            let keys: Vec<(usize, String)> =
                those.iter().filter_map(|at| Some((*at, value(acc.cells[*at].row, key)?))).collect();
            self.contest(worker, table, column, &keys, acc)?;
        }
        Ok(())
    }

    /// Adds those who asked for fields of the records with these keys and did not get them.
    fn contest(
        &self,
        worker: &mut dyn Worker,
        table: TableId,
        column: &str,
        cells: &[(usize, String)],
        acc: &mut Traced,
    ) -> Result<(), EngineError> {
        let it = &self.plan.tables[table];
        let Operation::Relation(relation) = &it.make else { return Ok(()) };
        let keys: Vec<&str> = cells.iter().map(|(_, key)| key.as_str()).collect();
        let Some(contest) = trace::contest(relation, column, &keys) else { return Ok(()) };
        let rows = self.asked(worker, table, &contest.relation, None)?;
        let by_value = match trace::pick(relation, column) {
            Some(Pick::Least(_)) => Some("it is not the least"),
            Some(Pick::Greatest(_)) => Some("it is not the greatest"),
            _ => None,
        };
        for (at, key) in cells {
            let those: Vec<&Vec<Option<String>>> = rows.iter().filter(|it| it[0].as_ref() == Some(key)).collect();
            let (value, from) = (acc.cells[*at].value.clone(), acc.cells[*at].from.clone());
            let personal = acc.cells[*at].personal;
            let mut lost: Vec<(usize, Lost)> = Vec::new();
            let mut winner: Option<&Vec<Option<String>>> = None;
            for row in those {
                let Some(text) = &row[2] else { continue };
                let Some(other) = acc.beneath(it, text, &contest.beneath, personal).first().copied() else { continue };
                if from.contains(&other) {
                    winner = Some(row);
                    continue;
                }
                let why = match (&row[1], winner) {
                    (None, _) => Lost::Empty,
                    (same, _) if *same == value => Lost::Same,
                    (_, _) if by_value.is_some() => Lost::Rank(by_value.unwrap_or_default().to_owned()),
                    (_, Some(winner)) => {
                        let differs = (3..row.len()).find(|at| row[*at] != winner[*at]);
                        let further = || "it is further down".to_owned();
                        Lost::Rank(differs.map_or_else(further, |at| contest.criteria[at - 3].clone()))
                    }
                    // The best row of a group is taken as it is, also where it has no value.
                    (_, None) => Lost::Rank("the row that is taken has no value".to_owned()),
                };
                lost.push((other, why));
            }
            acc.cells[*at].lost = lost;
        }
        Ok(())
    }

    /// Values by row and column.
    fn values(
        &self,
        worker: &mut dyn Worker,
        table: TableId,
        columns: &[&str],
        rows: &BTreeSet<u64>,
    ) -> Result<BTreeMap<u64, HashMap<String, Option<String>>>, EngineError> {
        let mut distinct: Vec<String> = columns.iter().map(|it| (*it).to_owned()).collect();
        distinct.sort();
        distinct.dedup();
        let scan = Relation::Scan { input: 0, columns: distinct.clone().into() };
        let stored = self.stored(table, columns)?;
        let mut acc = BTreeMap::new();
        for mut row in look(worker, &scan, &[stored], Some(rows))? {
            let Some(ordinal) = row.remove(0).and_then(|it| it.parse().ok()) else { continue };
            acc.insert(ordinal, distinct.iter().cloned().zip(row).collect());
        }
        Ok(acc)
    }

    /// Rows of a relation over the inputs of a table.
    fn asked(
        &self,
        worker: &mut dyn Worker,
        table: TableId,
        relation: &Relation,
        rows: Option<&BTreeSet<u64>>,
    ) -> Result<Rows, EngineError> {
        let reads = relation.reads();
        let inputs = self.plan.tables[table].inputs.iter().enumerate().map(|(input, table)| match reads.get(&input) {
            Some(names) => self.stored(*table, &names.iter().copied().collect::<Vec<_>>()),
            None => Ok(Stored::default()),
        });
        let inputs: Vec<Stored> = inputs.collect::<Result<_, _>>()?;
        look(worker, relation, &inputs, rows)
    }
}

/// A cell of a file: `file#sheet!B7`, or `file:7` where columns have no letters.
pub fn address(plan: &Plan, table: TableId, column: &str, place: &str, row: u64) -> String {
    let Table { make: Operation::Read(reading), schema, .. } = &plan.tables[table] else {
        return format!("{place}:{row}");
    };
    let file = reading.files.iter().find(|it| it.place() == place);
    let at = schema.place(column);
    match file.zip(at).and_then(|(file, at)| file.letter(at)) {
        Some(letter) => format!("{place}!{letter}{row}"),
        None => format!("{place}:{row}"),
    }
}

fn look(
    worker: &mut dyn Worker,
    relation: &Relation,
    inputs: &[Stored],
    at: Option<&BTreeSet<u64>>,
) -> Result<Rows, EngineError> {
    let mut rows = Vec::new();
    let mut add = |batch: RecordBatch| {
        rows.extend(cell_texts(&batch).map_err(EngineError::Engine)?);
        Ok(())
    };
    worker.look(relation, inputs, at, &mut add)?;
    Ok(rows)
}

/// Cells and what each is made of.
pub struct Traced {
    /// The cells: those that were asked for first, each once.
    cells: Vec<Cell>,
    index: HashMap<(TableId, String, u64), usize>,
}

impl Traced {
    /// These cells of one row and all beneath them, those who lost included: a table after the ones made of it.
    pub fn beneath_row(&self, table: TableId, columns: &[&str], row: u64) -> Vec<&Cell> {
        let start = columns.iter().filter_map(|it| self.index.get(&(table, (*it).to_owned(), row)));
        let mut acc: Vec<usize> = start.copied().collect();
        for at in (0..=table.at()).rev().map(TableId::new) {
            let here: Vec<usize> = acc.iter().copied().filter(|it| self.cells[*it].table == at).collect();
            let from = here.iter().flat_map(|it| self.cells[*it].from.iter().copied());
            let mut by_column = here.clone();
            by_column.sort_by(|a, b| self.cells[*a].column.cmp(&self.cells[*b].column));
            let lost = by_column.iter().flat_map(|it| self.cells[*it].lost.iter().map(|(it, _)| *it));
            for it in from.chain(lost).collect::<Vec<_>>() {
                if !acc.contains(&it) {
                    acc.push(it);
                }
            }
        }
        acc.into_iter().map(|it| &self.cells[it]).collect()
    }

    fn cell(&mut self, table: TableId, column: &str, row: u64, personal: bool) -> usize {
        let at = *self.index.entry((table, column.to_owned(), row)).or_insert_with(|| {
            let column = column.to_owned();
            let (value, from, lost, place) = (None, Vec::new(), Vec::new(), None);
            self.cells.push(Cell { table, column, row, value, personal: false, from, lost, place });
            self.cells.len() - 1
        });
        self.cells[at].personal |= personal;
        at
    }

    /// The cells that counted origins name; hidden ones tell of rows, not of values.
    fn beneath(
        &mut self,
        table: &crate::plan::Table,
        text: &str,
        beneath: &[trace::Beneath],
        personal: bool,
    ) -> Vec<usize> {
        let mut acc = Vec::new();
        for (column, row) in trace::parse_counted(text) {
            let Some((input, name)) = beneath.get(column) else { continue };
            let cell = self.cell(table.inputs[*input], name, row, personal);
            if !acc.contains(&cell) {
                acc.push(cell);
            }
        }
        acc
    }
}
