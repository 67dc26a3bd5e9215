//! The trusted DuckDB instance: in memory, made anew for a build, with the value functions registered. It reads
//! segments, makes tables and writes segments; users' SQL never runs here.

mod beside;
mod constants;
mod faults;
mod grained;
mod measures;
mod operators;
mod room;
mod version;
mod width;

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeSet;
use std::fs::File;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use arrow_array::RecordBatch;
use duckdb::Connection;

use crate::model::{Schema, Type};
use crate::readers::within::Beside;
use crate::relation::Relation;
use crate::relation::operator::Room;
use crate::relation::sql::{Tables, identifier, quote, statement, type_name};
use crate::scratch::Scratch;
use crate::steps::Query;
use crate::store::backend::{
    Answers, ColumnProfile, Comparison, Engine, EngineConfig, EngineError, EngineFactory, Exists, Feed, Grained, Made,
    Measured, Profiled, Reads, Sink, Stopper, Stored, Tally, Worker,
};
use crate::store::engine::beside::taken_in;
use crate::store::engine::grained::halted;
use crate::store::engine::operators::{Given, Givens, given_alone};
use crate::store::engine::room::Kept;
use crate::store::foreign::Foreign;
use crate::store::handles::Handles;
use crate::store::intake::Intake;
use crate::store::journal::Counts;
use crate::store::sandbox::Sandboxes;
use crate::store::scan::Scan;
use crate::store::shelf::Shelf;
use crate::store::stack::Stack;
use crate::store::{Paths, compare, functions, outline, profile, warehouse};

use crate::store::config::{Share, config, spill, threads};
use crate::store::messages::failed;
use crate::store::statements::{select, selected, stream};

/// What makes results of one engine differ from those of another: part of every key.
///
/// DuckDB's version, and the version of everything in segments. Never host, user, time, path or thread count.
pub const IDENTITY: &str = "duckdb 1.5.6; segments 1";

/// How many cells wait in an appender before the table takes them.
const APPENDED: usize = 1 << 20;

/// How many cells a group of rows of a published file has at most; one of a narrow table has as many rows as the engine
/// likes.
const GROUPED: usize = 1 << 22;

/// Opens DuckDB.
#[derive(Debug)]
pub struct DuckDb;

impl EngineFactory for DuckDb {
    fn open(&self, setup: &EngineConfig) -> Result<Box<dyn Engine>, EngineError> {
        Ok(Box::new(DuckDbEngine::open(setup)?))
    }
}

/// The open instance.
pub struct DuckDbEngine {
    root: Mutex<Connection>,
    shared: Arc<Shared>,
}

struct Shared {
    paths: Paths,
    shelf: Shelf,
    sandboxes: Sandboxes,
    handles: Handles,
    /// Bytes that the whole program may take.
    memory: Option<u64>,
    /// Of the one that has all of them.
    room: Mutex<()>,
    serial: AtomicU64,
    threads: usize,
    /// Whether a statement has threads beside the one that asks for it.
    wide: AtomicBool,
    /// Bytes that operators keep.
    kept: AtomicU64,
    /// Goes with the instance.
    _spill: Scratch,
}

impl DuckDbEngine {
    fn open(setup: &EngineConfig) -> Result<DuckDbEngine, EngineError> {
        let spill = spill(setup)?;
        let config = config(setup, 1, spill.path(), Share::Engine).map_err(failed)?;
        let root = Connection::open_in_memory_with_flags(config).map_err(failed)?;
        functions::register(&root).map_err(failed)?;
        let shelf = Shelf::new(setup.paths.clone(), setup.memory);
        shelf.register(&root).map_err(failed)?;
        version::is_the_one(&root)?;
        let shared = Shared {
            paths: setup.paths.clone(),
            shelf,
            sandboxes: Sandboxes::new(setup.clone()),
            handles: Handles::default(),
            memory: setup.memory,
            room: Mutex::default(),
            serial: AtomicU64::new(0),
            threads: setup.threads,
            wide: AtomicBool::new(threads(setup.threads) < 2),
            kept: AtomicU64::new(0),
            _spill: spill,
        };
        Ok(DuckDbEngine { root: Mutex::new(root), shared: Arc::new(shared) })
    }
}

impl Engine for DuckDbEngine {
    fn worker(&self) -> Result<Box<dyn Worker>, EngineError> {
        let root = self.root.lock().unwrap_or_else(PoisonError::into_inner);
        let connection = root.try_clone().map_err(failed)?;
        let (handle, running) = (connection.interrupt_handle(), Arc::new(Handles::default()));
        self.shared.handles.add(Arc::clone(&handle));
        running.add(handle);
        let since = self.shared.handles.times();
        Ok(Box::new(DuckWorker {
            connection,
            shared: Arc::clone(&self.shared),
            running,
            reader: OnceCell::new(),
            since,
            told: RefCell::default(),
        }))
    }

    fn interrupt(&self) {
        self.shared.sandboxes.interrupt();
        self.shared.handles.interrupt();
    }
}

struct DuckWorker {
    connection: Connection,
    /// A second one, which reads while the first one writes.
    reader: OnceCell<Connection>,
    shared: Arc<Shared>,
    /// What runs for this worker, here and in a sandbox.
    running: Arc<Handles>,
    /// How often the engine had been interrupted when this worker came: once more, and its operators stop.
    since: u64,
    /// What an operator counted on its way.
    told: RefCell<Option<String>>,
}

/// Stored tables as SQL, and behind them those that operators gave for this statement.
#[derive(Clone, Copy)]
pub(super) struct Scans<'a> {
    shelf: &'a Shelf,
    stored: &'a [Stored],
    given: &'a [Given],
}

impl<'a> Scans<'a> {
    pub(super) fn of(shelf: &'a Shelf, stored: &'a [Stored]) -> Scans<'a> {
        Scans { shelf, stored, given: &[] }
    }
}

impl Tables for Scans<'_> {
    fn select(&self, input: usize, columns: &[(&str, String)], ordinal: bool) -> String {
        match input.checked_sub(self.stored.len()).and_then(|it| self.given.get(it)) {
            Some(given) => given.select(self.shelf, columns, ordinal),
            None => selected(Some(self.shelf), &self.stored[input], &[], columns, ordinal),
        }
    }

    fn schema(&self, input: usize) -> Schema {
        match input.checked_sub(self.stored.len()).and_then(|it| self.given.get(it)) {
            Some(given) => given.schema(),
            None => self.stored[input].schema(),
        }
    }
}

impl DuckWorker {
    /// A name for a table of this build.
    fn fresh(&self) -> String {
        format!("work{}", self.shared.serial.fetch_add(1, Ordering::Relaxed))
    }

    fn execute(&self, sql: &str) -> Result<(), EngineError> {
        self.connection.execute_batch(sql).map_err(failed)
    }

    /// Clears up, which nobody may stop: what is left would stay as long as the engine.
    fn clear(&self, sql: &str) -> Result<(), EngineError> {
        let handle = self.connection.interrupt_handle();
        let handles = [&self.shared.handles, &*self.running];
        handles.iter().for_each(|it| it.remove(&handle));
        let cleared = self.execute(sql);
        handles.iter().for_each(|it| it.add(Arc::clone(&handle)));
        cleared
    }

    /// Does something; where an instance has too little memory by its own count, once more with all that the program
    /// may take, which the warden looks after.
    fn roomy<T>(
        &mut self,
        mut act: impl FnMut(&mut DuckWorker, bool) -> Result<T, EngineError>,
    ) -> Result<T, EngineError> {
        let done = act(self, false);
        let (Err(EngineError::Memory), Some(memory)) = (&done, self.shared.memory) else { return done };
        let shared = Arc::clone(&self.shared);
        let _alone = shared.room.lock().unwrap_or_else(PoisonError::into_inner);
        let set = |share: Share| format!("SET memory_limit = '{}B'", share.of(memory));
        self.execute(&set(Share::Whole))?;
        let done = act(self, true);
        // Where others have more in hand than that, it stays.
        let _ = self.clear(&set(Share::Engine));
        done
    }

    /// Takes in what a feed gives: digests it on the way, and writes what no segment holds.
    fn take_in(&self, types: &[Type], feed: Feed<'_>, stands: Exists<'_>) -> Result<Made, EngineError> {
        taken_in(Intake::new(&self.shared.shelf, types), feed)?.finish(stands)
    }

    fn stream(
        &self,
        sql: &str,
        sink: &mut dyn FnMut(RecordBatch) -> Result<(), EngineError>,
    ) -> Result<(), EngineError> {
        stream(&self.connection, sql, sink)
    }
}

/// `k0 VARCHAR, k1 BIGINT, …`
fn definitions(types: &[Type]) -> String {
    let columns: Vec<_> = types.iter().enumerate().map(|(at, ty)| format!("k{at} {}", type_name(*ty))).collect();
    columns.join(", ")
}

impl Worker for DuckWorker {
    fn stopper(&self) -> Arc<Stopper> {
        let running = Arc::clone(&self.running);
        Arc::new(move || running.interrupt())
    }

    fn relation(
        &mut self,
        relation: &Relation,
        inputs: &[Stored],
        types: &[Type],
        stands: Exists<'_>,
    ) -> Result<Made, EngineError> {
        if let Some(parts) = relation.stacked()
            && let Some(stack) = Stack::of(&parts, inputs, types)?
        {
            let room = Kept::none(self, false);
            return stack.made(&self.shared.shelf, &|| room.go_on().map_err(halted), stands);
        }
        self.widen_for(inputs)?;
        self.told.take();
        let made = self.roomy(|it, whole| {
            let mut givens = Givens::of(it, inputs, whole);
            // What an operator gives goes straight into the store.
            if let Some(apply) = given_alone(relation) {
                let apply = givens.beneath(apply)?;
                return it.take_in(types, &mut |sink| givens.run(&apply, sink).map(drop), stands);
            }
            let relation = givens.put_in(relation)?;
            let statement = statement(&relation, &givens.scans());
            let list: Vec<_> = statement
                .names
                .iter()
                .zip(types)
                .enumerate()
                .map(|(at, (name, ty))| format!("CAST({name} AS {}) AS k{at}", type_name(*ty)))
                .collect();
            let text = format!("SELECT {} FROM ({})", list.join(", "), statement.text);
            it.take_in(types, &mut |sink| it.stream(&text, sink), stands)
        })?;
        Ok(Made { told: self.told.take(), ..made })
    }

    fn in_pieces(
        &mut self,
        grained: &Grained<'_>,
        input: &Stored,
        ty: Type,
        stands: Exists<'_>,
    ) -> Result<Made, EngineError> {
        self.widen_for(std::slice::from_ref(input))?;
        DuckWorker::made_in_pieces(self, grained, input, ty, stands)
    }

    fn first_fault(&mut self, relation: &Relation, input: &Stored) -> Option<u64> {
        DuckWorker::first_fault(self, relation, input)
    }

    fn look(
        &mut self,
        relation: &Relation,
        inputs: &[Stored],
        at: Option<&BTreeSet<u64>>,
        sink: &mut dyn FnMut(RecordBatch) -> Result<(), EngineError>,
    ) -> Result<(), EngineError> {
        // Rows of a table that stands need no statement where it is short.
        if let (Relation::Scan { input, columns }, Some(at)) = (relation, at) {
            let names: Vec<&str> = columns.iter().map(String::as_str).collect();
            if let Some(rows) = self.shared.shelf.rows_at(&inputs[*input], &names, at)? {
                return sink(rows);
            }
        }
        self.widen_for(inputs)?;
        let mut givens = Givens::of(self, inputs, false);
        let relation = givens.put_in(relation)?;
        let statement = statement(&relation, &givens.scans());
        let (list, text) = (statement.names.join(", "), statement.text);
        let Some(at) = at else { return self.stream(&format!("SELECT {list} FROM ({text})"), sink) };
        if at.is_empty() {
            return Ok(());
        }
        let rows: Vec<String> = at.iter().map(u64::to_string).collect();
        let numbered = format!("SELECT {list}, row_number() OVER () - 1 AS r FROM ({text})");
        let rows = rows.join(", ");
        self.stream(&format!("SELECT r, {list} FROM ({numbered}) WHERE r IN ({rows}) ORDER BY r"), sink)
    }

    fn sql(
        &mut self,
        query: &Query,
        inputs: &[(&str, Stored)],
        schema: &Schema,
        stands: Exists<'_>,
    ) -> Result<Made, EngineError> {
        let types: Vec<Type> = schema.columns.iter().map(|it| it.ty).collect();
        self.roomy(|it, whole| {
            let mut sandbox = match whole {
                true => it.shared.sandboxes.roomy(&it.running)?,
                false => it.shared.sandboxes.take(&it.running)?,
            };
            for (name, stored) in inputs {
                if !sandbox.lend(&it.shared.shelf, query, name, stored)? {
                    it.fill(&mut sandbox, name, stored)?;
                }
            }
            let made = it.take_in(&types, &mut |sink| sandbox.run(query, schema, sink), stands);
            let made = made.map_err(|error| it.traced(error, query, inputs, schema))?;
            if !whole {
                it.shared.sandboxes.give_back(sandbox);
            }
            Ok(made)
        })
    }

    fn ingest(&mut self, types: &[Type], feed: Reads<'_>, stands: Exists<'_>) -> Result<Made, EngineError> {
        let shared = Arc::clone(&self.shared);
        taken_in(Intake::new(&shared.shelf, types), |sink| feed(self, sink))?.finish(stands)
    }

    fn external(
        &mut self,
        file: &File,
        schema: &Schema,
        sink: &mut dyn FnMut(RecordBatch) -> Result<(), EngineError>,
    ) -> Result<(), EngineError> {
        let foreign = Foreign::of(&self.connection, file, &self.shared.paths.scratch())?;
        self.widen_for_file(file)?;
        self.stream(&foreign.select(schema)?, sink)
    }

    fn describe(&mut self, file: &File) -> Result<Schema, EngineError> {
        Foreign::of(&self.connection, file, &self.shared.paths.scratch())?.schema(&self.connection)
    }

    fn beside(&mut self, file: &File) -> Result<Beside, EngineError> {
        Foreign::of(&self.connection, file, &self.shared.paths.scratch())?.beside(&self.connection)
    }

    fn bind(&mut self, query: &Query, inputs: &[(&str, &Schema)]) -> Result<Schema, EngineError> {
        let mut sandbox = self.shared.sandboxes.take(&self.running)?;
        let schema = sandbox.bind(query, inputs)?;
        self.shared.sandboxes.give_back(sandbox);
        Ok(schema)
    }

    fn measure(&mut self, table: &Stored, measures: &[Measured<'_>]) -> Result<Vec<Counts>, EngineError> {
        self.widen(table.rows)?;
        self.roomy(|it, _| it.measured(table, measures))
    }

    fn rows(
        &mut self,
        table: &Stored,
        columns: &[&str],
        range: std::ops::Range<u64>,
        sink: &mut dyn FnMut(RecordBatch) -> Result<(), EngineError>,
    ) -> Result<(), EngineError> {
        if let Some(short) = self.shared.shelf.rows(table, columns)? {
            let (from, to) = (range.start.min(table.rows) as usize, range.end.min(table.rows) as usize);
            return if from < to { sink(short.slice(from, to - from)) } else { Ok(()) };
        }
        let Some(mut scan) = Scan::of(table, columns, range)? else { return Ok(()) };
        let room = Kept::none(self, false);
        while let Some(batch) = scan.step()? {
            room.go_on().map_err(halted)?;
            sink(batch)?;
        }
        Ok(())
    }

    fn parquet(
        &mut self,
        table: &Stored,
        columns: &[&str],
        only: &[(&str, Option<&str>)],
        notes: &[(String, String)],
        path: &Path,
    ) -> Result<(), EngineError> {
        self.widen(table.rows)?;
        // Names of people stand behind the order: one of them may be `o`.
        let all = columns.iter().chain(only.iter().map(|(it, _)| it));
        let named: Vec<_> = all.enumerate().map(|(at, it)| (*it, format!("k{at}"))).collect();
        let text = select(table, &named, false);
        let conditions = only.iter().zip(&named[columns.len()..]).map(|((_, value), (_, at))| {
            let value = value.map_or_else(|| "NULL".to_owned(), quote);
            format!("CAST({at} AS VARCHAR) IS NOT DISTINCT FROM {value}")
        });
        let conditions = conditions.collect::<Vec<_>>().join(" AND ");
        let filter = if only.is_empty() { String::new() } else { format!(" WHERE {conditions}") };
        let list: Vec<_> =
            named[..columns.len()].iter().map(|(name, at)| format!("{at} AS {}", identifier(name))).collect();
        // A group of rows is held until it is whole. Rows come in their order, and a group has as many of them, whatever
        // the number of threads.
        let group = (GROUPED / columns.len().max(1)).clamp(2_048, 122_880);
        let text = format!(
            "COPY (SELECT {} FROM ({text}) AS t{filter}) TO {} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {group}, \
             USE_TMP_FILE false{})",
            list.join(", "),
            quote(&path.to_string_lossy()),
            metadata(notes)
        );
        self.roomy(|it, _| it.execute(&text))
    }

    fn compare(&mut self, comparison: &Comparison<'_>) -> Result<Tally, EngineError> {
        self.widen(comparison.from.rows.max(comparison.to.rows))?;
        compare::compare(&self.connection, comparison)
    }

    fn differences(
        &mut self,
        comparison: &Comparison<'_>,
        most: Option<u64>,
        sink: Sink<'_>,
    ) -> Result<(), EngineError> {
        compare::differences(&self.connection, comparison, most, sink)
    }

    fn profile(&mut self, table: &Stored, columns: &[Profiled<'_>]) -> Result<Vec<ColumnProfile>, EngineError> {
        self.widen(table.rows)?;
        profile::profile(&self.connection, table, columns)
    }

    fn outline(&mut self, table: &Stored, columns: &[Profiled<'_>]) -> Result<Vec<ColumnProfile>, EngineError> {
        outline::outline(table, columns)
    }

    fn query(&mut self, sql: &str, tables: &[(String, Stored)], sink: Answers<'_>) -> Result<(), EngineError> {
        let mut begun = false;
        self.roomy(|it, whole| {
            let share = if whole { Share::Whole } else { Share::Engine };
            // What was answered is not answered again.
            if begun {
                return Err(EngineError::Memory);
            }
            it.shared.sandboxes.over_views(&it.running, share, sql, tables, &mut |classes, batch| {
                begun |= batch.num_rows() > 0;
                sink(classes, batch)
            })
        })
    }

    fn warehouse(&mut self, run: &crate::store::runs::Run, tables: &[(String, Stored)]) -> Result<(), EngineError> {
        warehouse::write(&self.connection, &self.shared.paths, run, tables)
    }
}

/// Notes by name as an option of `COPY`.
fn metadata(notes: &[(String, String)]) -> String {
    let one = |(name, value): &(String, String)| format!("{}: {}", quote(name), quote(value));
    match notes {
        [] => String::new(),
        some => format!(", KV_METADATA {{{}}}", some.iter().map(one).collect::<Vec<_>>().join(", ")),
    }
}
