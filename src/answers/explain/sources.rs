//! What changed in the sources of a step since it was last made: cells, rows that came and went, sheets under another
//! name. Places are told and never values, for a source does not know which of its cells are personal.
//!
//! A file that nobody has read since it changed is read into a scratch store, so that asking makes nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use arrow_array::RecordBatch;
use serde::Serialize;

use crate::answers::explain::rows::{Rows, Shifts, shifts};
use crate::escape::line;
use crate::model::{Column, PLACE, ROW};
use crate::plan::{ColumnPlan, Operation, Plan, TableId};
use crate::publish::cell_texts;
use crate::run::chain::address;
use crate::run::{self, LockMode, Materialized, RunOptions, Silent, State, keys};
use crate::store::Paths;
use crate::store::backend::{EngineConfig, EngineFactory, Stored, StoredColumn};
use crate::store::journal::Journal;
use crate::store::runs::{self, RunTable};
use crate::workspace::session::Session;

/// How many cells are told of one sheet; the others are counted.
const CELLS: usize = 8;

/// Cells of a source that are looked at, at most: what is kept of each is eight bytes, of what it was and of what it is.
const MOST: u64 = 16_000_000;

/// What is known of the sources beneath a step.
#[derive(Debug, Default)]
pub(crate) struct Sources(pub(crate) Vec<Source>);

/// What is known of one source.
#[derive(Debug)]
pub(crate) struct Source {
    /// `pipeline.source`.
    pub(crate) name: String,
    pub(crate) what: What,
}

#[derive(Debug)]
pub(crate) enum What {
    /// Nothing in it changed.
    Same,
    /// It has too many cells to look at each.
    Large,
    /// What it held then was dropped.
    Gone,
    /// It cannot be read now.
    Unread(String),
    /// Sheet by sheet.
    Sheets(Vec<Sheet>),
}

/// What changed in a sheet, or in a file that has none.
#[derive(Debug)]
pub(crate) struct Sheet {
    /// `file#sheet`; of one that is gone, as it was called.
    pub(crate) place: String,
    /// How it was called, if otherwise.
    pub(crate) was: Option<String>,
    /// Cells with another value, and their columns; the first of them.
    pub(crate) cells: Vec<(String, String)>,
    /// The others.
    pub(crate) more: u64,
    /// Changed cells in columns that the step does not read.
    pub(crate) unread: u64,
    pub(crate) added: Vec<u64>,
    pub(crate) removed: Vec<u64>,
    /// Columns that came and went.
    pub(crate) columns: (Vec<String>, Vec<String>),
    pub(crate) shifts: Shifts,
}

/// The sources beneath a table that is not made as it stands, each with the columns of it that the table is made of.
pub(crate) fn beneath(plan: &Plan, table: TableId) -> BTreeMap<TableId, BTreeSet<&str>> {
    let own = plan.tables[table].schema.columns.iter().map(|it| (table, it.name.as_str()));
    let (mut open, mut seen): (Vec<_>, BTreeSet<_>) = (own.collect(), BTreeSet::new());
    let mut acc: BTreeMap<TableId, BTreeSet<&str>> = BTreeMap::new();
    while let Some((at, name)) = open.pop() {
        if !seen.insert((at, name)) {
            continue;
        }
        let it = &plan.tables[at];
        if matches!(it.make, Operation::Read(_)) {
            acc.entry(at).or_default().insert(name);
            continue;
        }
        let Some(column) = it.schema.columns.iter().position(|it| it.name == name) else { continue };
        match &it.columns[column] {
            ColumnPlan::Carried { input, column } => open.push((it.inputs[*input], column)),
            ColumnPlan::Made { reads, .. } => {
                for (input, names) in reads {
                    let input = it.inputs[*input];
                    open.extend(names.iter().map(|name| (input, name.as_str())));
                    // The number of rows is read in any case.
                    if names.is_empty() {
                        let first = plan.tables[input].schema.columns.first();
                        open.extend(first.map(|it| (input, it.name.as_str())));
                    }
                }
            }
        }
    }
    acc
}

/// What changed beneath a table since the last run that left it; `None` when no run did.
pub(crate) fn changes(session: &Session, plan: &Plan, table: TableId, factory: &dyn EngineFactory) -> Option<Sources> {
    let name = plan.tables[table].name.to_string();
    let left = |run: &runs::Run| run.tables.iter().any(|it| it.name == name);
    let run = runs::names(&session.paths).iter().rev().filter_map(|it| runs::read(&session.paths, it)).find(left)?;
    session.journal.forget_lost(&session.paths);
    let states = run::settle(plan, &session.journal);
    let one = |(source, columns): (TableId, BTreeSet<&str>)| {
        let name = plan.tables[source].name.to_string();
        let was = run.tables.iter().find(|it| it.name == name);
        let what =
            was.map_or(What::Gone, |was| compared(session, plan, (source, &columns), was, &states[source], factory));
        Source { name, what }
    };
    Some(Sources(beneath(plan, table).into_iter().map(one).collect()))
}

fn compared(
    session: &Session,
    plan: &Plan,
    (source, columns): (TableId, &BTreeSet<&str>),
    was: &RunTable,
    state: &State,
    factory: &dyn EngineFactory,
) -> What {
    let names = |it: &Column| columns.contains(it.name.as_str());
    if let State::Materialized(now) = state {
        let digest = |name: &str| was.columns.iter().find(|it| it.0.name == name).map(|it| it.1);
        let own = plan.tables[source].schema.columns.iter().zip(&now.columns).filter(|(it, _)| names(it));
        if now.rows == was.rows && own.clone().all(|(it, now)| digest(&it.name) == Some(*now)) {
            return What::Same;
        }
    }
    let place = |(column, digest): &(Column, crate::digest::Digest)| {
        let (segment, index) = session.journal.known(|it| it.place(digest))?;
        Some(StoredColumn { column: column.clone(), digest: *digest, place: (session.paths.segment(&segment), index) })
    };
    let Some(old) = was.columns.iter().map(place).collect::<Option<Vec<_>>>() else { return What::Gone };
    if was.rows.saturating_mul(old.len() as u64) > MOST {
        return What::Large;
    }
    let old = Stored { rows: was.rows, columns: old };
    match sheets(session, plan, (source, columns), &old, state, factory) {
        Ok(None) => What::Large,
        Ok(Some(sheets)) if sheets.is_empty() => What::Same,
        Ok(Some(sheets)) => What::Sheets(sheets),
        Err(reason) => What::Unread(reason),
    }
}

fn sheets(
    session: &Session,
    plan: &Plan,
    (source, columns): (TableId, &BTreeSet<&str>),
    old: &Stored,
    state: &State,
    factory: &dyn EngineFactory,
) -> Result<Option<Vec<Sheet>>, String> {
    session.paths.create().map_err(|it| it.to_string())?;
    let scratch = session.paths.temporary("explain-").map_err(|it| it.to_string())?;
    let paths = Paths::new(scratch.path(), None);
    paths.create().map_err(|it| it.to_string())?;
    let setup = EngineConfig { paths: paths.clone(), ..session.setup.clone() };
    let new = match state {
        State::Materialized(now) => keys::stored(plan, source, now, &session.journal, &session.paths),
        _ => {
            let journal = Journal::open(&paths.journal()).map_err(|it| it.to_string())?;
            let now = read(session, plan, source, (&paths, &journal), &setup, factory)?;
            keys::stored(plan, source, &now, &journal, &paths)
        }
    };
    let new = new.map_err(|it| it.to_string())?;
    if new.rows.saturating_mul(new.columns.len() as u64) > MOST {
        return Ok(None);
    }
    let visible = |it: &Stored| -> Vec<String> {
        it.columns.iter().filter(|it| !it.column.is_hidden()).map(|it| it.column.name.clone()).collect()
    };
    let (had, has) = (visible(old), visible(&new));
    let shared: Vec<&str> = has.iter().filter(|it| had.contains(it)).map(String::as_str).collect();
    let lacks = |all: &[String], of: &[String]| all.iter().filter(|it| !of.contains(it)).cloned().collect::<Vec<_>>();
    let changed = (lacks(&has, &had), lacks(&had, &has));
    let engine = factory.open(&setup).map_err(|it| it.to_string())?;
    let (mut was, mut is) = (digests(&*engine, old, &shared)?, digests(&*engine, &new, &shared)?);
    let mut acc = Vec::new();
    for (place, before) in pairs(&was, &is) {
        let taken = |all: &mut BTreeMap<String, Rows>, name: &Option<String>| {
            name.as_ref().and_then(|it| all.remove(it)).unwrap_or_default()
        };
        let (old, new) = (taken(&mut was, &before), taken(&mut is, &place));
        let shifts = shifts(&old, &new);
        let renamed = before.clone().filter(|it| place.as_ref().is_some_and(|place| place != it));
        let name = place.clone().or(before).unwrap_or_default();
        let mut sheet = Sheet {
            cells: Vec::new(),
            more: 0,
            unread: 0,
            added: shifts.added.iter().map(|it| new.numbers[*it]).collect(),
            removed: shifts.removed.iter().map(|it| old.numbers[*it]).collect(),
            columns: if acc.is_empty() { changed.clone() } else { Default::default() },
            was: renamed,
            place: name,
            shifts,
        };
        for (from, to) in &sheet.shifts.changed {
            let differs = |at: &usize| old.cells[*from][*at] != new.cells[*to][*at];
            for column in (0..shared.len()).filter(differs).map(|at| shared[at]) {
                if !columns.contains(column) {
                    sheet.unread += 1;
                } else if sheet.cells.len() < CELLS {
                    let cell = address(plan, source, column, &sheet.place, new.numbers[*to]);
                    sheet.cells.push((cell, column.to_owned()));
                } else {
                    sheet.more += 1;
                }
            }
        }
        acc.push(sheet);
    }
    acc.retain(Sheet::differs);
    Ok(Some(acc))
}

/// Reads a source into a store of its own.
fn read(
    session: &Session,
    plan: &Plan,
    source: TableId,
    (paths, journal): (&Paths, &Journal),
    setup: &EngineConfig,
    factory: &dyn EngineFactory,
) -> Result<Materialized, String> {
    let mut tables = plan.tables.map(|_| false);
    tables[source] = true;
    let options = RunOptions {
        root: session.root.clone(),
        reader: session.reader.clone(),
        tables,
        exports: plan.exports.map(|_| false),
        force: plan.tables.map(|_| false),
        first: None,
        keep_going: false,
        overwrite: false,
        jobs: session.setup.threads.max(1),
        cells: run::cells(setup.memory),
        factory: Some(factory),
        setup: setup.clone(),
        lock: LockMode::Leave,
        profile: None,
        set: BTreeMap::new(),
        cancel: Default::default(),
        limits: session.limits,
        begun: std::time::Instant::now(),
    };
    let built = run::run(plan, paths, journal, &options, &Silent).map_err(|it| it.to_string())?;
    match &run::settle(plan, journal)[source] {
        State::Materialized(settled) => Ok(settled.clone()),
        _ => {
            Err(built.summary.problems.first().map_or_else(|| "it cannot be read".to_owned(), |it| it.message.clone()))
        }
    }
}

/// The rows of a source by the place that they stand at.
fn digests(
    engine: &dyn crate::store::backend::Engine,
    table: &Stored,
    columns: &[&str],
) -> Result<BTreeMap<String, Rows>, String> {
    let names: Vec<&str> = columns.iter().copied().chain([PLACE, ROW]).collect();
    let mut acc: BTreeMap<String, Rows> = BTreeMap::new();
    let mut add = |batch: RecordBatch| {
        for mut row in cell_texts(&batch).map_err(crate::store::backend::EngineError::Engine)? {
            let number = row.pop().flatten().and_then(|it| it.parse().ok()).unwrap_or(0);
            let place = row.pop().flatten().unwrap_or_default();
            let rows = acc.entry(place).or_default();
            rows.numbers.push(number);
            rows.cells.push(row.iter().map(digest).collect());
        }
        Ok(())
    };
    let mut worker = engine.worker().map_err(|it| it.to_string())?;
    worker.rows(table, &names, 0..table.rows, &mut add).map_err(|it| it.to_string())?;
    Ok(acc)
}

/// 0 for no value, and nothing else has it.
fn digest(cell: &Option<String>) -> u64 {
    cell.as_ref().map_or(0, |it| {
        let mut hasher = DefaultHasher::new();
        it.hash(&mut hasher);
        hasher.finish().max(1)
    })
}

/// What a place is now, with what it was: the same name, or else the one that has most of its rows.
fn pairs(was: &BTreeMap<String, Rows>, is: &BTreeMap<String, Rows>) -> Vec<(Option<String>, Option<String>)> {
    let mut left: Vec<&String> = was.keys().filter(|it| !is.contains_key(*it)).collect();
    let mut acc = Vec::new();
    for (place, rows) in is {
        if was.contains_key(place) {
            acc.push((Some(place.clone()), Some(place.clone())));
            continue;
        }
        let own: BTreeSet<&Vec<u64>> = rows.cells.iter().collect();
        let shared = |it: &String| was[it].cells.iter().filter(|it| own.contains(it)).count();
        let best = (0..left.len()).max_by_key(|at| (shared(left[*at]), std::cmp::Reverse(*at)));
        // One delivery in the place of another is compared with it, whatever they share.
        let alone = left.len() == 1 && is.len() == 1;
        let best = best.filter(|at| alone || shared(left[*at]) * 2 >= rows.cells.len().max(1));
        acc.push((Some(place.clone()), best.map(|at| left.remove(at).clone())));
    }
    acc.extend(left.into_iter().map(|it| (None, Some(it.clone()))));
    acc
}

impl Sheet {
    fn differs(&self) -> bool {
        let it = &self.shifts;
        let columns = self.columns.0.len() + self.columns.1.len();
        self.was.is_some() || it.changed.len() + it.added.len() + it.removed.len() + columns > 0 || it.moved > 0
    }
}

impl Sources {
    /// Whether there are any, and nothing changed in them.
    pub(crate) fn all_same(&self) -> bool {
        !self.0.is_empty() && self.0.iter().all(|it| matches!(it.what, What::Same))
    }
}

/// A source of which nothing is told by sheets.
#[derive(Serialize)]
struct Whole<'a> {
    source: &'a str,
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

/// A sheet of a source.
#[derive(Serialize)]
struct Part<'a> {
    source: &'a str,
    state: &'static str,
    place: &'a str,
    was: Option<&'a str>,
    cells: Vec<Cell<'a>>,
    more: u64,
    unread: u64,
    added: &'a [u64],
    removed: &'a [u64],
    moved: u64,
    same: u64,
    columns: Columns<'a>,
}

#[derive(Serialize)]
struct Cell<'a> {
    cell: &'a str,
    column: &'a str,
}

#[derive(Serialize)]
struct Columns<'a> {
    added: &'a [String],
    removed: &'a [String],
}

#[derive(Serialize)]
#[serde(untagged)]
enum Line<'a> {
    Whole(Whole<'a>),
    Part(Part<'a>),
}

impl Serialize for Sources {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.0.iter().flat_map(Source::told))
    }
}

impl Source {
    fn told(&self) -> Vec<Line<'_>> {
        let whole = |state, message| vec![Line::Whole(Whole { source: &self.name, state, message })];
        match &self.what {
            What::Same => whole("same", None),
            What::Gone => whole("gone", None),
            What::Large => whole("large", None),
            What::Unread(reason) => whole("unread", Some(line(reason))),
            What::Sheets(sheets) => sheets.iter().map(|it| Line::Part(it.told(&self.name))).collect(),
        }
    }
}

impl Sheet {
    fn told<'a>(&'a self, source: &'a str) -> Part<'a> {
        Part {
            source,
            state: "changed",
            place: &self.place,
            was: self.was.as_deref(),
            cells: self.cells.iter().map(|(cell, column)| Cell { cell, column }).collect(),
            more: self.more,
            unread: self.unread,
            added: &self.added,
            removed: &self.removed,
            moved: self.shifts.moved,
            same: self.shifts.same,
            columns: Columns { added: &self.columns.0, removed: &self.columns.1 },
        }
    }
}
