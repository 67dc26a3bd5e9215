//! Sandboxes: DuckDB instances in which users' SQL runs. No files, no network, locked configuration, one thread (so
//! that rows come in one order), and no table but the declared inputs. A short one is lent row for row where the query
//! is planned in the same way then; others are made, filled and committed, and dropped afterwards. Of rows that are not
//! committed the engine believes that there are none, and it chooses how to join by that.
//!
//! External access is a property of an instance, and opening and locking one costs some 17 ms, so they are pooled. One
//! that failed is thrown away.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use arrow_array::RecordBatch;
use arrow_schema::Field;
use arrow_select::coalesce::BatchCoalescer;
use duckdb::Connection;
use duckdb::core::{LogicalTypeHandle, LogicalTypeId};

use crate::model::{Schema, Type};
use crate::problem::Problem;
use crate::relation::sql::{identifier, quote, type_name};
use crate::span;
use crate::steps::Query;
use crate::store::backend::{Answers, EngineConfig, EngineError, Stored};
use crate::store::canonical::as_type;
use crate::store::config::{Share, settings, spill, threads};
use crate::store::functions;
use crate::store::guard::{Known, size_of};
use crate::store::handles::Handles;
use crate::store::instance::Instance;
use crate::store::lineage::{self, Care};
use crate::store::messages::failed;
use crate::store::naming::pattern;
use crate::store::said;
use crate::store::shelf::{Lent, Shelf};
use crate::store::statements::{described, select, stream, streamed};
use crate::store::tree::judged;

/// The catalog of a sandbox: a name that no pipeline can have, so that `pipeline.step` means one thing.
const CATALOG: &str = "~";

/// How many rows a part of a table has that is put into one: as many as the engine takes at once.
const PART: usize = 2_048;

/// What gives rows to somebody who takes them.
pub(super) type Feed<'a> =
    &'a mut dyn FnMut(&mut dyn FnMut(RecordBatch) -> Result<(), EngineError>) -> Result<(), EngineError>;

/// The pool.
pub(super) struct Sandboxes {
    setup: EngineConfig,
    idle: Mutex<Vec<(Instance, Lent)>>,
    handles: Handles,
}

/// One instance in use, for one step.
pub(super) struct Sandbox {
    instance: Instance,
    /// Tables that the query reads without being in the instance.
    lent: Lent,
    /// Whether something is made in a transaction that is open.
    begun: bool,
    /// What drops the tables that were made, once they are committed.
    drops: Vec<String>,
    committed: bool,
    /// Whether what was made stays: the instance is for nobody else then.
    kept: bool,
    /// Of the worker that has it.
    running: Arc<Handles>,
}

impl Sandboxes {
    pub(super) fn new(setup: EngineConfig) -> Sandboxes {
        Sandboxes { setup, idle: Mutex::default(), handles: Handles::default() }
    }

    /// An instance that nobody else uses; `running` stops what runs in it.
    pub(super) fn take(&self, running: &Arc<Handles>) -> Result<Sandbox, EngineError> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let (instance, lent) = idle.map_or_else(|| self.shut(Share::Sandbox), Ok)?;
        Ok(taken(instance, lent, running))
    }

    /// An instance with all the memory that the program may take: it is not for anybody else.
    pub(super) fn roomy(&self, running: &Arc<Handles>) -> Result<Sandbox, EngineError> {
        let (instance, lent) = self.shut(Share::Whole)?;
        Ok(taken(instance, lent, running))
    }

    /// A new instance that is shut off, and what it is lent.
    fn shut(&self, share: Share) -> Result<(Instance, Lent), EngineError> {
        let instance = self.open(1, share)?;
        let lent = Lent::default();
        lent.register(&instance.connection).map_err(failed)?;
        lent.answer(instance.database());
        lock(&instance.connection, &[])?;
        Ok((instance, lent))
    }

    /// An instance that went well can be used again: nothing of what was in it is left.
    pub(super) fn give_back(&self, sandbox: Sandbox) {
        let Sandbox { instance, lent, begun, drops, committed, kept, running } = sandbox;
        running.remove(&instance.connection.interrupt_handle());
        lent.take_back();
        if kept {
            return;
        }
        let mut left = String::new();
        if begun {
            left.push_str("ROLLBACK;");
        }
        if committed {
            left.push_str(&drops.concat());
        }
        if left.is_empty() || instance.connection.execute_batch(&left).is_ok() {
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).push((instance, lent));
        }
    }

    /// Stops what runs.
    pub(super) fn interrupt(&self) {
        self.handles.interrupt();
    }

    fn open(&self, threads: usize, share: Share) -> Result<Instance, EngineError> {
        let spill = spill(&self.setup)?;
        let settings = settings(&self.setup, threads, spill.path(), share);
        let instance = Instance::open(&settings, spill)?;
        let connection = &instance.connection;
        // The engine's own name for it could be that of a pipeline.
        let text = format!("ATTACH ':memory:' AS {0}; USE {0}; DETACH memory", identifier(CATALOG));
        connection.execute_batch(&text).map_err(failed)?;
        functions::register(connection).map_err(failed)?;
        self.handles.add(connection.interrupt_handle());
        Ok(instance)
    }

    /// A statement over views of stored tables, `pipeline.step` and plain `step` where that is unique; `running` stops
    /// it.
    pub(super) fn over_views(
        &self,
        running: &Handles,
        share: Share,
        sql: &str,
        tables: &[(String, Stored)],
        sink: Answers<'_>,
    ) -> Result<(), EngineError> {
        let instance = self.open(threads(self.setup.threads), share)?;
        let connection = &instance.connection;
        running.add(connection.interrupt_handle());
        // Defining a view costs as much as a small query. Who names no table asks for all that there are.
        let asked = sql.to_lowercase();
        let named = |view: &View| {
            let step = view.name.split_once('.').map_or(view.name.as_str(), |(_, step)| step);
            asked.contains(&step.to_lowercase())
        };
        let mut views = views(tables);
        if views.iter().any(named) {
            views.retain(named);
        }
        let mut schemas: Vec<&str> =
            views.iter().filter(|it| !it.plain).filter_map(|it| it.name.split_once('.')).map(|(it, _)| it).collect();
        schemas.dedup();
        for schema in schemas {
            let text = format!("CREATE SCHEMA IF NOT EXISTS {}.{}", identifier(CATALOG), identifier(schema));
            connection.execute_batch(&text).map_err(failed)?;
        }
        let stored: HashMap<&str, &Stored> = tables.iter().map(|(name, it)| (name.as_str(), it)).collect();
        let lent = Lent::default();
        lent.register(connection).map_err(failed)?;
        for view in &mut views {
            if let Some(stored) = stored.get(view.name.as_str()) {
                view.text = lent.sized(&view.text, &view_name(CATALOG, &view.name, view.plain), stored)?;
            }
            connection.execute_batch(&view.definition(CATALOG)).map_err(failed)?;
        }
        let segments = self.setup.paths.segments();
        let segments = std::fs::canonicalize(&segments).unwrap_or(segments);
        lock(connection, &[segments.to_string_lossy().into_owned(), pattern(&segments)])?;
        let seen = lineage::tables(views.iter().filter_map(|it| Some((it.known_as(), *stored.get(it.name.as_str())?))));
        let names = seen.keys().cloned().collect();
        let columns: HashSet<String> = seen.values().flatten().map(|(name, _)| name.clone()).collect();
        let known = Known { tables: &names, columns: &columns, functions: &HashMap::new() };
        judged(connection, sql, &known, |_| ())?;
        // Types that have no written form are cast to text; names may repeat, so columns are told apart by position.
        let text = sql.trim().trim_end_matches(';');
        // Those that are meant stand in a table that the text names.
        let words: HashSet<String> = words_of(sql).collect();
        let named = seen.iter().filter(|(name, _)| words.contains(*name));
        let named: Vec<&str> = named.flat_map(|(_, it)| it).map(|(name, _)| name.as_str()).collect();
        let schema = described(connection, text).map_err(|it| refused(it, sql, named.iter().copied()))?;
        let classes = judged(connection, sql, &known, |it| lineage::classes(it, &seen, Care::Answers, &schema))?;
        let aliases: Vec<_> = (0..schema.columns.len()).map(|at| format!("k{at}")).collect();
        let cast =
            |(at, it): (&String, &crate::model::Column)| format!("{} AS {}", as_type(at, it.ty), identifier(&it.name));
        let list: Vec<_> = aliases.iter().zip(&schema.columns).map(cast).collect();
        let text = format!("SELECT {} FROM ({text}) AS q({})", list.join(", "), aliases.join(", "));
        // Columns are told also where there are no rows.
        let fields = schema.columns.iter().map(|it| Field::new(&it.name, crate::publish::arrow_type(it.ty), true));
        let columns_alone = RecordBatch::new_empty(Arc::new(arrow_schema::Schema::new(fields.collect::<Vec<_>>())));
        sink(&classes, columns_alone)?;
        stream(connection, &text, &mut |batch| sink(&classes, batch))
            .map_err(|it| refused(it, sql, named.iter().copied()))
    }
}

/// The names and words of a query in lower case, those of tables with the name of their pipeline before them.
fn words_of(sql: &str) -> impl Iterator<Item = String> {
    sql.split(|it: char| !it.is_alphanumeric() && !matches!(it, '_' | '.')).map(str::to_lowercase)
}

/// An instance in use; `running` stops what runs in it.
fn taken(instance: Instance, lent: Lent, running: &Arc<Handles>) -> Sandbox {
    running.add(instance.connection.interrupt_handle());
    let running = Arc::clone(running);
    Sandbox { instance, lent, begun: false, drops: Vec::new(), committed: false, kept: false, running }
}

/// A view over a stored table.
pub(super) struct View {
    /// Of the table: `pipeline.step`.
    pub(super) name: String,
    /// Whether it is known by its plain name, or by the full one.
    pub(super) plain: bool,
    /// What it selects.
    pub(super) text: String,
    /// Names and types of its columns.
    pub(super) columns: String,
    /// How many rows it has.
    pub(super) rows: u64,
}

impl View {
    /// How a query names it, folded.
    fn known_as(&self) -> String {
        let name = if self.plain { self.name.split_once('.').map_or("", |(_, step)| step) } else { &self.name };
        name.to_lowercase()
    }

    /// The statement that makes it in a catalog, or puts it in the place of the one that stands.
    pub(super) fn definition(&self, catalog: &str) -> String {
        format!("CREATE OR REPLACE VIEW {} AS {}", view_name(catalog, &self.name, self.plain), self.text)
    }
}

/// `"catalog"."pipeline"."step"`, or `"catalog".main."step"` for the plain name. A catalog is always told: a pipeline
/// may be called as one.
pub(super) fn view_name(catalog: &str, name: &str, plain: bool) -> String {
    let (pipeline, step) = name.split_once('.').unwrap_or(("main", name));
    let schema = if plain { "main" } else { pipeline };
    [catalog, schema, step].map(identifier).join(".")
}

/// Views over stored tables, hidden columns included, by full name and by plain name where that is unique.
pub(super) fn views(tables: &[(String, Stored)]) -> Vec<View> {
    let mut acc = Vec::new();
    let mut uses: HashMap<&str, usize> = HashMap::new();
    for (_, step) in tables.iter().filter_map(|(it, _)| it.split_once('.')) {
        *uses.entry(step).or_default() += 1;
    }
    for (name, stored) in tables {
        let Some((_, step)) = name.split_once('.') else { continue };
        let columns: Vec<_> =
            stored.columns.iter().map(|it| (it.column.name.as_str(), identifier(&it.column.name))).collect();
        let types: Vec<_> = stored.columns.iter().map(|it| format!("{} {}", it.column.name, it.column.ty)).collect();
        let view = |plain: bool, text: String| View {
            name: name.clone(),
            plain,
            text,
            columns: types.join(", "),
            rows: stored.rows,
        };
        let text = select(stored, &columns, false);
        if uses.get(step) == Some(&1) {
            acc.push(view(true, text.clone()));
        }
        acc.push(view(false, text));
    }
    acc
}

/// Shuts the instance off from everything but one folder, and from changing that.
fn lock(connection: &Connection, folders: &[String]) -> Result<(), EngineError> {
    let mut text = String::new();
    if !folders.is_empty() {
        let folders: Vec<String> = folders.iter().map(|it| quote(it)).collect();
        text.push_str(&format!("SET allowed_directories = [{}];", folders.join(", ")));
    }
    text.push_str("SET enable_external_access = false; SET lock_configuration = true;");
    connection.execute_batch(&text).map_err(failed)
}

impl Sandbox {
    /// Lends a stored table to a query under this name, if it is short and the query is planned in the same way then.
    pub(super) fn lend(
        &mut self,
        shelf: &Shelf,
        query: &Query,
        name: &str,
        stored: &Stored,
    ) -> Result<bool, EngineError> {
        match query.lendable && Lent::takes(name, &stored.schema()) {
            true => self.lent.lend(shelf, name, stored),
            false => Ok(false),
        }
    }

    /// Makes a table of a short stored one, which the query knows by this name.
    pub(super) fn copy(&mut self, shelf: &Shelf, name: &str, stored: &Stored) -> Result<bool, EngineError> {
        if stored.columns.is_empty() || !self.lent.lend(shelf, name, stored)? {
            return Ok(false);
        }
        self.make(name, &format!("AS FROM {}", Lent::call(name)))?;
        Ok(true)
    }

    /// Makes a table that goes when the sandbox is given back.
    fn make(&mut self, name: &str, what: &str) -> Result<(), EngineError> {
        self.begin()?;
        let text = format!("{}CREATE TABLE {} {what}", Self::schema_of(name), table(name));
        self.drops.push(match name.split_once('.') {
            Some((pipeline, _)) => format!("DROP SCHEMA IF EXISTS {} CASCADE;", identifier(pipeline)),
            None => format!("DROP TABLE {};", identifier(name)),
        });
        self.instance.connection.execute_batch(&text).map_err(failed)
    }

    /// What makes the schema that a table of another pipeline stands in.
    fn schema_of(name: &str) -> String {
        let pipeline = name.split_once('.').map(|(it, _)| it);
        pipeline.map_or_else(String::new, |it| format!("CREATE SCHEMA IF NOT EXISTS {};", identifier(it)))
    }

    /// Begins what is rolled back, or committed by [`Sandbox::settle`].
    fn begin(&mut self) -> Result<(), EngineError> {
        if !self.begun && !self.kept {
            self.instance.connection.execute_batch("BEGIN").map_err(failed)?;
            self.begun = true;
        }
        Ok(())
    }

    /// Makes an empty table of the sandbox, which the query knows by this name.
    pub(super) fn declare(&mut self, name: &str, schema: &Schema) -> Result<(), EngineError> {
        let mut columns: Vec<_> =
            schema.columns.iter().map(|it| format!("{} {}", identifier(&it.name), type_name(it.ty))).collect();
        if columns.is_empty() {
            columns.push("\"_nothing\" BOOLEAN".to_owned());
        }
        self.make(name, &format!("({})", columns.join(", ")))
    }

    /// Adds the rows that `feed` gives to a declared table, in parts of one size: what the engine knows of the values of a
    /// table depends on its parts, and how it joins on what it knows.
    pub(super) fn fill(&mut self, name: &str, feed: Feed<'_>) -> Result<(), EngineError> {
        let connection = &self.instance.connection;
        let mut appender = match name.split_once('.') {
            Some((pipeline, step)) => connection.appender_to_db(step, pipeline),
            None => connection.appender(name),
        }
        .map_err(failed)?;
        let uncut = |it: arrow_schema::ArrowError| EngineError::Engine(it.to_string());
        let mut cut: Option<BatchCoalescer> = None;
        feed(&mut |batch| {
            let cut = cut.get_or_insert_with(|| BatchCoalescer::new(batch.schema(), PART));
            if cut.get_buffered_rows() == 0 && batch.num_rows().is_multiple_of(PART) {
                return appender.append_record_batch(batch).map_err(failed);
            }
            cut.push_batch(batch).map_err(uncut)?;
            while let Some(part) = cut.next_completed_batch() {
                appender.append_record_batch(part).map_err(failed)?;
            }
            Ok(())
        })?;
        if let Some(mut cut) = cut {
            cut.finish_buffered_batch().map_err(uncut)?;
            if let Some(part) = cut.next_completed_batch() {
                appender.append_record_batch(part).map_err(failed)?;
            }
        }
        appender.flush().map_err(failed)
    }

    /// Commits the tables that were made.
    fn settle(&mut self) -> Result<(), EngineError> {
        if std::mem::take(&mut self.begun) {
            self.instance.connection.execute_batch("COMMIT").map_err(failed)?;
            self.committed = true;
        }
        Ok(())
    }

    /// Adds rows of which only the number matters.
    pub(super) fn fill_empty(&mut self, name: &str, rows: u64) -> Result<(), EngineError> {
        let text = format!("INSERT INTO {} SELECT NULL FROM range({rows})", table(name));
        self.instance.connection.execute_batch(&text).map_err(failed)
    }

    /// The columns the query gives over these inputs. It is judged first: binding alone runs some functions.
    pub(super) fn bind(&mut self, query: &Query, inputs: &[(&str, &Schema)]) -> Result<Schema, EngineError> {
        for (name, schema) in inputs {
            match query.lendable && Lent::takes(name, schema) {
                true => self.lent.lend_empty(name, schema)?,
                false => self.declare(name, schema)?,
            }
        }
        let tables: HashSet<String> = inputs.iter().map(|(name, _)| name.to_lowercase()).collect();
        let names = || inputs.iter().flat_map(|(_, it)| it.names());
        let columns = names().map(str::to_lowercase).collect();
        // Where a parameter stands, the engine sees its value.
        let as_written = |error: EngineError| match error {
            EngineError::Problem(problem) => {
                let message = span::moved(&problem.message, |place| query.written(place));
                EngineError::Problem(Box::new(Problem { message, ..*problem }))
            }
            other => other,
        };
        let functions = query.functions.iter().map(|(name, body)| (name.clone(), size_of(body))).collect();
        let known = Known { tables: &tables, columns: &columns, functions: &functions };
        self.defined(query)?;
        judged(&self.instance.connection, &query.text, &known, |_| ()).map_err(as_written)?;
        let text = query.text.trim().trim_end_matches(';');
        let mut schema = described(&self.instance.connection, text).map_err(|it| refused(it, &query.text, names()))?;
        let seen = lineage::named(inputs);
        let classes = judged(&self.instance.connection, &query.text, &known, |it| {
            lineage::classes(it, &seen, Care::Steps, &schema)
        });
        for (column, class) in schema.columns.iter_mut().zip(classes.map_err(as_written)?) {
            column.class = class;
        }
        Ok(schema)
    }

    /// Makes the functions that the query calls; they go with the transaction.
    fn defined(&mut self, query: &Query) -> Result<(), EngineError> {
        if query.functions.is_empty() {
            return Ok(());
        }
        self.begin()?;
        for (name, body) in &query.functions {
            let text = format!("CREATE OR REPLACE MACRO {}{body}", identifier(name));
            self.instance.connection.execute_batch(&text).map_err(failed)?;
        }
        Ok(())
    }

    /// Runs the query and gives its rows with the types of `schema`.
    pub(super) fn run(
        &mut self,
        query: &Query,
        schema: &Schema,
        sink: &mut dyn FnMut(RecordBatch) -> Result<(), EngineError>,
    ) -> Result<(), EngineError> {
        self.settle()?;
        self.defined(query)?;
        // That it is one `SELECT` was seen when the step was planned; here it would cost as much as a small query.
        let text = query.text.trim().trim_end_matches(';');
        let columns: Vec<_> = (0..schema.columns.len()).map(|at| format!("k{at}")).collect();
        let is_text = |at: usize| schema.columns[at].ty == Type::Text;
        let mut list: Vec<_> = columns.iter().zip(&schema.columns).map(|(at, it)| as_type(at, it.ty)).collect();
        // What becomes a text is nearly always one, and to make one of everything else costs as much as a small query.
        let whole = list.clone();
        (0..list.len()).filter(|at| is_text(*at)).for_each(|at| list[at].clone_from(&columns[at]));
        // A line of its own for what stands behind: the text may end in a comment.
        let head = |list: &[String]| format!("SELECT {} FROM (", list.join(", "));
        let written = |list: &[String]| format!("{}{text}\n) AS q({})", head(list), columns.join(", "));
        let connection = &self.instance.connection;
        let planned = |list: &[String]| connection.prepare(&written(list)).map_err(failed);
        let given = planned(&list).and_then(|mut prepared| {
            let other = |at: usize| is_text(at) && !is_plain_text(&prepared.column_logical_type(at));
            if (0..list.len()).any(other) {
                list = whole;
                prepared = planned(&list)?;
            }
            streamed(&mut prepared, sink)
        });
        given.map_err(|error| match error {
            EngineError::Fault(fault) => {
                let mut fault = fault.placed(&query.text, head(&list).chars().count());
                fault.at = fault.at.map(|it| query.written(it));
                EngineError::Fault(Box::new(fault))
            }
            other => other,
        })
    }

    /// Keeps what was declared and filled although a statement will fail.
    pub(super) fn commit(&mut self) -> Result<(), EngineError> {
        self.settle()?;
        self.kept = true;
        Ok(())
    }

    /// Lets the query know the first rows of a declared table by another name.
    pub(super) fn show(&mut self, declared: &str, name: &str, rows: u64) -> Result<(), EngineError> {
        let (schema, name, declared) = (Self::schema_of(name), table(name), identifier(declared));
        let text = format!("{schema} CREATE OR REPLACE VIEW {name} AS SELECT * FROM {declared} LIMIT {rows}");
        self.instance.connection.execute_batch(&text).map_err(failed)
    }
}

/// Whether values of a type of the engine are texts as they stand.
fn is_plain_text(theirs: &LogicalTypeHandle) -> bool {
    theirs.id() == LogicalTypeId::Varchar && theirs.get_alias().is_none()
}

/// What the engine says no to is what was typed, not the world. `columns` are those of the tables that it reads.
fn refused<'a>(error: EngineError, text: &str, columns: impl Iterator<Item = &'a str>) -> EngineError {
    let reason = match error {
        EngineError::Engine(reason) => reason,
        EngineError::Fault(fault) => fault.reason,
        other => return other,
    };
    EngineError::Problem(Box::new(said::problem(&reason, text, columns)))
}

/// The declared table that a query calls `name`.
fn table(name: &str) -> String {
    match name.split_once('.') {
        Some((pipeline, step)) => format!("{}.{}", identifier(pipeline), identifier(step)),
        None => identifier(name),
    }
}

#[cfg(test)]
mod tests;
