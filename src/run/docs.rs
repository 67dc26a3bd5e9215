//! Facts for Data Docs, gathered from a plan and from what is settled: what is known without the engine first, which
//! also decides whether a page stands as it would be written; what columns hold and which rows failed when a page is
//! made.

mod checks;
mod gates;
mod quality;
mod results;
mod samples;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::contracts::{Field, emit};
use crate::digest::{Digest, Hasher};
use crate::docs;
use crate::docs::facts::{ColumnFacts, Facts, FileFacts, Held, Promise, TableFacts, Verdict};
use crate::draw::{self, Node, Picture};
use crate::index::Place;
use crate::model::{Class, is_hidden};
use crate::pipeline::Page;
use crate::plan::{CheckId, ColumnPlan, Operation, Plan, PlannedExport, Role, Table, TableId, TableMap};
use crate::publish::cell_texts;
use crate::run::keys::{self, State, slashed};
use crate::run::learnt;
use crate::store::Paths;
use crate::store::backend::{EngineError, Profiled, Worker};
use crate::store::journal::{Counts, Journal};
use crate::text::pattern::pattern;

/// Raised when pages are written otherwise for the same facts.
const REVISION: u64 = 3;
/// Rows of which the first values of a column are taken.
const LOOKED_AT: u64 = 64;
/// Values that are shown of a column.
const EXAMPLES: usize = 3;
/// Files and columns of files that are told of one column.
const MOST: usize = 12;

/// What is known of a build when its pages are made.
#[derive(Clone, Copy)]
pub struct Known<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// What is known of each table.
    pub states: &'a TableMap<State>,
    /// What each check counted, by its index.
    pub counts: &'a BTreeMap<CheckId, Counts>,
    /// What is made, and where.
    pub journal: &'a Journal,
    /// Where the store is.
    pub paths: &'a Paths,
}

/// The facts of one export of Data Docs, without what only the engine can tell.
pub struct Docs<'a> {
    known: Known<'a>,
    pipeline: &'a str,
    /// The tables that have pages, as indices into the plan, in the order of the facts.
    tables: Vec<TableId>,
    /// The checks that are told, as indices into the plan, in the order of the facts.
    checks: Vec<CheckId>,
    facts: Facts,
}

impl<'a> Docs<'a> {
    /// What is known of the export that this page belongs to.
    pub fn of(known: Known<'a>, page: &'a PlannedExport) -> Docs<'a> {
        let plan = known.plan;
        let own = |it: &&PlannedExport| it.name == page.name && it.page() == Some(Page::Table);
        let tables: Vec<TableId> = match page.page() {
            Some(Page::Report(_)) => quality::tables(plan, page),
            _ => plan.exports.iter().filter(own).map(|it| it.table).collect(),
        };
        Docs::new(known, &page.name.pipeline, tables)
    }

    /// All tables of a pipeline.
    pub fn whole(known: Known<'a>, pipeline: &'a str) -> Docs<'a> {
        let own = |it: &Table| it.name.pipeline == pipeline && matches!(it.role, Role::Source | Role::Step);
        let tables = known.plan.tables.entries().filter(|(_, it)| own(it)).map(|(at, _)| at).collect();
        Docs::new(known, pipeline, tables)
    }

    fn new(known: Known<'a>, pipeline: &'a str, tables: Vec<TableId>) -> Docs<'a> {
        let plan = known.plan;
        // What a gate takes for itself is told with the gate.
        let told = |at: &CheckId| tables.contains(&plan.expectations[*at].about) && !plan.is_of_a_gate(*at);
        let checks: Vec<CheckId> = plan.expectations.places().filter(told).collect();
        let origins = origins(plan);
        let file = |it: &PlannedExport| FileFacts {
            path: slashed(Path::new(&it.declared.path)),
            table: it.declared.from.clone(),
            format: draw::format_name(it).to_owned(),
            about: it
                .declared
                .about
                .map(|it| it.word().to_owned())
                .or(it.declared.rejected.then(|| "rejected rows".to_owned())),
        };
        let exports = plan.exports.iter().filter(|it| it.name.pipeline == pipeline && it.page().is_none());
        let names: Vec<String> = tables.iter().map(|at| plan.tables[*at].name.within(pipeline)).collect();
        let facts = Facts {
            pipeline: pipeline.to_owned(),
            purpose: plan.purposes.get(pipeline).cloned(),
            tables: tables.iter().map(|at| table(known, pipeline, *at, &origins)).collect(),
            checks: checks.iter().map(|at| checks::check(known, pipeline, *at)).collect(),
            gates: gates::told(known, pipeline, &names),
            files: exports.map(file).collect(),
        };
        Docs { known, pipeline, tables, checks, facts }
    }

    /// The facts, as far as they are gathered.
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// What decides the bytes of a page.
    pub fn key(&self, page: Page, table: TableId) -> Digest {
        let mut hasher = Hasher::new("hotpass docs key v1");
        hasher.number(REVISION).text(env!("CARGO_PKG_VERSION"));
        let mut json = |it: &dyn erased::Json| it.write(&mut hasher);
        match page {
            Page::Index | Page::Graph | Page::Beside | Page::Package | Page::Linkage => json(&self.facts),
            Page::Report(_) => json(&(&self.facts, self.conflicts())),
            Page::Checks => {
                json(&(&self.facts.pipeline, self.facts.tables.len(), &self.facts.checks, &self.facts.gates))
            }
            Page::Table => {
                json(&self.facts.pipeline);
                let name = self.known.plan.tables[table].name.within(self.pipeline);
                if let Some(it) = self.facts.table(&name) {
                    json(it);
                }
                for (at, it) in self.facts.checks.iter().enumerate().filter(|(_, it)| it.table == name) {
                    json(&(at, it));
                }
                let names: Vec<&str> = self.facts.tables.iter().map(|it| it.name.as_str()).collect();
                json(&names);
            }
        }
        // What pages show of cells.
        let digests: Vec<TableId> = match page {
            Page::Table => vec![table],
            Page::Checks => {
                let failing = self.checks.iter().map(|at| &self.known.plan.expectations[*at]);
                let failing = failing.zip(&self.facts.checks).filter(|(_, it)| it.unexpected > 0);
                let reached = crate::graph::upstream(failing.map(|(it, _)| it.count.table), &self.known.plan.needs());
                reached.marked().collect()
            }
            // Which rows fail stands in the tables beneath as well.
            Page::Report(_) => {
                let needed = crate::graph::upstream(self.tables.iter().copied(), &self.known.plan.needs());
                needed.marked().collect()
            }
            Page::Index | Page::Graph | Page::Beside | Page::Package | Page::Linkage => Vec::new(),
        };
        for at in digests {
            match &self.known.states[at] {
                State::Materialized(settled) => hasher.digest(&keys::table_digest(settled)),
                _ => hasher.text("not made"),
            };
        }
        hasher.finish()
    }

    /// The page as HTML. `table` is the one that a page of a table is about, as an index into the plan.
    pub fn page(&mut self, page: Page, table: TableId, worker: &mut dyn Worker) -> Result<String, EngineError> {
        Ok(match page {
            Page::Index => docs::index(&self.facts),
            Page::Graph => docs::graph(&self.facts, &self.picture()),
            Page::Report(form) => self.report(worker)?.text(form),
            // It is made of what is declared alone, by whoever writes it.
            Page::Beside | Page::Package | Page::Linkage => String::new(),
            Page::Checks => {
                self.sample(worker)?;
                docs::checks(&self.facts)
            }
            Page::Table => {
                let Some(at) = self.tables.iter().position(|it| *it == table) else { return Ok(String::new()) };
                self.hold(at, worker)?;
                docs::table(&self.facts, &self.facts.tables[at])
            }
        })
    }

    /// All pages by path from the folder, the index last.
    pub fn pages(&mut self, worker: &mut dyn Worker) -> Result<Vec<(String, String)>, EngineError> {
        let mut acc = Vec::new();
        for table in self.tables.clone() {
            let name = format!("tables/{}.html", self.known.plan.tables[table].name.within(self.pipeline));
            acc.push((name, self.page(Page::Table, table, worker)?));
        }
        for (page, name) in [(Page::Checks, "checks"), (Page::Graph, "graph"), (Page::Index, "index")] {
            acc.push((format!("{name}.html"), self.page(page, TableId::new(0), worker)?));
        }
        Ok(acc)
    }

    /// The graph; the border of a table says what its checks found.
    fn picture(&self) -> String {
        let plan = self.known.plan;
        let mut part = Picture::of(plan, &|at| {
            let own = self.checks.iter().zip(&self.facts.checks);
            let of_table = own.filter(|(check, _)| plan.expectations[**check].about == at);
            match of_table.map(|(_, it)| it.verdict).min() {
                Some(Verdict::Failed) => draw::State::Failed,
                Some(Verdict::Warned) => draw::State::WouldRun,
                Some(Verdict::Passed) => draw::State::Reused,
                Some(Verdict::NotRun) | None => draw::State::Unknown,
            }
        });
        let within = |it: &Node| {
            if it.pipeline == self.pipeline { it.name.clone() } else { it.full() }
        };
        let about =
            |node: &Node| plan.tables.iter().any(|it| it.role == Role::About && it.name.to_string() == node.full());
        let kept = |it: &Node| match it.shape {
            draw::Shape::Export => it.pipeline == self.pipeline,
            _ => self.facts.table(&within(it)).is_some() || it.pipeline == self.pipeline && about(it),
        };
        part.keep(&kept);
        let words = |state| match state {
            draw::State::Reused => "passed",
            draw::State::WouldRun => "warning",
            draw::State::Failed => "failed",
            draw::State::Unknown => "no check",
        };
        part.svg(
            &|it| {
                self.facts
                    .table(&within(it))
                    .filter(|_| it.shape != draw::Shape::Export)
                    .map(|it| format!("tables/{}.html", it.name))
            },
            words,
        )
    }

    /// Looks into the columns of a table.
    fn hold(&mut self, at: usize, worker: &mut dyn Worker) -> Result<(), EngineError> {
        let Known { plan, states, journal, paths, .. } = self.known;
        let index = self.tables[at];
        let State::Materialized(settled) = &states[index] else { return Ok(()) };
        if self.facts.tables[at].columns.is_empty() {
            return Ok(());
        }
        let visible: Vec<_> = plan.tables[index].schema.visible().collect();
        let names: Vec<&str> = visible.iter().map(|it| it.name.as_str()).collect();
        let stored = keys::stored_columns(plan, index, settled, &names, journal, paths)?;
        let one = |it: &&crate::model::Column| Profiled { name: "", ty: it.ty, open: it.class == Class::Open };
        let asked: Vec<_> = visible.iter().map(|it| Profiled { name: &it.name, ..one(it) }).collect();
        let profiles = worker.outline(&stored, &asked)?;
        let mut examples: Vec<Vec<String>> = vec![Vec::new(); names.len()];
        let most = LOOKED_AT.min(stored.rows);
        worker.rows(&stored, &names, 0..most, &mut |batch| {
            for row in cell_texts(&batch).map_err(EngineError::Engine)? {
                for ((value, column), acc) in row.into_iter().zip(&visible).zip(&mut examples) {
                    let Some(value) = value else { continue };
                    let shown = if column.class == Class::Open { value } else { pattern(&value) };
                    if acc.len() < EXAMPLES && !acc.contains(&shown) {
                        acc.push(shown);
                    }
                }
            }
            Ok(())
        })?;
        for ((column, it), examples) in self.facts.tables[at].columns.iter_mut().zip(profiles).zip(examples) {
            column.held = Some(Held {
                nulls: it.nulls,
                distinct: it.distinct,
                ends: it.ends,
                lengths: it.lengths,
                values: it.top,
                spread: it.spread,
                examples,
            });
        }
        Ok(())
    }

    /// Looks for some of the rows that are not as expected, and where they come from.
    pub fn sample(&mut self, worker: &mut dyn Worker) -> Result<(), EngineError> {
        for (at, samples) in samples::samples(self.known, &self.checks, worker)? {
            self.facts.checks[at].samples = samples;
        }
        Ok(())
    }
}

/// A value that can be hashed as JSON, whatever its type.
mod erased {
    use crate::digest::Hasher;

    pub trait Json {
        fn write(&self, hasher: &mut Hasher);
    }

    impl<T: serde::Serialize + ?Sized> Json for T {
        fn write(&self, hasher: &mut Hasher) {
            serde_json::to_writer(hasher, self).expect("facts are plain data");
        }
    }
}

fn table(
    known: Known<'_>,
    pipeline: &str,
    at: TableId,
    origins: &TableMap<BTreeMap<String, BTreeSet<(TableId, String)>>>,
) -> TableFacts {
    let Known { plan, states, .. } = known;
    let it = &plan.tables[at];
    let rows = |table: TableId| match &states[table] {
        State::Materialized(settled) => Some(settled.rows),
        _ => None,
    };
    let name = it.name.within(pipeline);
    let called = |other: &TableId| plan.tables[*other].name.within(pipeline);
    let mut inputs: Vec<String> = it.inputs.iter().map(called).filter(|other| *other != name).collect();
    inputs.dedup();
    let reads = |other: &&Table| {
        other.inputs.contains(&at) && other.role == Role::Step && other.name.pipeline == plan.tables[at].name.pipeline
    };
    let places = match &it.make {
        Operation::Read(reading) => reading.files.iter().map(|it| it.place()).collect(),
        _ => Vec::new(),
    };
    let written = plan.exports.iter().filter(|it| it.tables().any(|it| it == at) && it.page().is_none());
    TableFacts {
        name,
        kind: it.kind.to_owned(),
        description: it.description.clone(),
        rows: rows(at),
        rejected: plan.rejects_of(at).and_then(rows),
        key: plan.unique_column(at),
        inputs,
        readers: plan.tables.iter().filter(reads).map(|it| it.name.within(pipeline)).collect(),
        places,
        written: written.map(|it| slashed(Path::new(&it.declared.path))).collect(),
        contract: promised(plan, at).map(|it| Promise {
            name: it.name.clone(),
            version: it.version.to_string(),
            owner: it.owner.clone(),
            description: it.description.clone(),
        }),
        columns: it.schema.visible().map(|column| self::column(plan, (pipeline, at), column, origins)).collect(),
        trend: learnt::trend(plan, pipeline, at, states),
    }
}

fn column(
    plan: &Plan,
    (pipeline, at): (&str, TableId),
    column: &crate::model::Column,
    origins: &TableMap<BTreeMap<String, BTreeSet<(TableId, String)>>>,
) -> ColumnFacts {
    let table = &plan.tables[at];
    let from = beneath(table, &column.name).into_iter();
    let from = from.map(|(input, name)| format!("{}.{name}", plan.tables[input].name.within(pipeline))).collect();
    let mut cells = Vec::new();
    for (source, name) in origins[at].get(&column.name).into_iter().flatten() {
        let Operation::Read(reading) = &plan.tables[*source].make else { continue };
        let place = plan.tables[*source].schema.place(name);
        for file in reading.files.iter().take(MOST) {
            cells.push(match place.and_then(|it| file.letter(it)) {
                Some(letter) => format!("{}!{letter}", file.place()),
                None => format!("{} ({name})", file.place()),
            });
        }
    }
    cells.dedup();
    let field = promised(plan, at).and_then(|it| it.field(&column.name));
    ColumnFacts {
        name: column.name.clone(),
        ty: column.ty.spelling(),
        personal: column.class != Class::Open,
        from,
        cells,
        description: field.and_then(|it| it.description.clone()),
        promises: field.map(|it| promises(it, column.class)).unwrap_or_default(),
        unit: field.and_then(|it| it.unit.clone()),
        held: None,
    }
}

/// What a contract promises of a column, its values as patterns where they are masked.
fn promises(field: &Field, class: Class) -> Vec<String> {
    match class {
        Class::Open => emit::promises(field),
        Class::Personal => emit::promises(&field.masked()),
    }
}

/// The contract that a table keeps; the first, where it keeps several.
fn promised(plan: &Plan, table: TableId) -> Option<&crate::contracts::Contract> {
    plan.contracts.iter().find(|it| it.table == table).map(|it| &*it.contract)
}

/// The columns of its inputs that a column is made of; none where that is not known, as of a user's SQL.
fn beneath(table: &Table, column: &str) -> Vec<(TableId, String)> {
    let visible = |(input, name): (usize, &str)| {
        (!is_hidden(name)).then(|| Some((*table.inputs.get(input)?, name.to_owned())))?
    };
    let planned = table.schema.place(column).and_then(|it| table.columns.get(it));
    match (planned, &table.make) {
        (Some(ColumnPlan::Carried { input, column }), _) => visible((*input, column)).into_iter().collect(),
        (_, Operation::Relation(relation)) => relation.lineage(column).into_iter().filter_map(visible).collect(),
        _ => Vec::new(),
    }
}

/// For each table and column, the columns of sources that its values come from.
fn origins(plan: &Plan) -> TableMap<BTreeMap<String, BTreeSet<(TableId, String)>>> {
    let mut acc: TableMap<BTreeMap<String, BTreeSet<(TableId, String)>>> = TableMap::new();
    for (at, table) in plan.tables.entries() {
        let one = |name: &str| -> BTreeSet<(TableId, String)> {
            if let Operation::Read(_) = &table.make {
                return BTreeSet::from([(at, name.to_owned())]);
            }
            let beneath = beneath(table, name).into_iter();
            beneath.filter_map(|(input, name)| acc.get(input)?.get(&name)).flatten().cloned().collect()
        };
        let columns = match table.role {
            Role::Source | Role::Step | Role::Raw => {
                table.schema.visible().map(|it| (it.name.clone(), one(&it.name))).collect()
            }
            _ => BTreeMap::new(),
        };
        acc.push(columns);
    }
    acc
}
