//! Running operators: their rows come from statements over segments, in the declared order, and what they give goes
//! into the store, or into a table beside which the rest of the relation is a statement as any other.
//!
//! An operator works on the thread of its step. It reads through a connection of its own, so that what it gives is
//! taken in meanwhile; rows that it does not keep are in nobody's memory.

use std::cell::RefCell;
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch};
use arrow_buffer::Buffer;
use duckdb::Connection;

use super::room::Kept;
use super::{APPENDED, DuckWorker, Scans, definitions, failed, selected, stream};
use crate::digest::Digest;
use crate::expr::Expr;
use crate::model::{Column, Schema, Type};
use crate::relation::Relation;
use crate::relation::apply::Apply;
use crate::relation::operator::{Inputs, OperatorError, Room, Rows, batch};
use crate::relation::sql::{statement, type_name};
use crate::store::backend::{EngineError, Stored};
use crate::store::digests::canonical_type;
use crate::store::memos;
use crate::store::shelf::Shelf;
use crate::store::statements::Part;

/// How many rows of which nothing is read are given at once.
const BATCH: usize = 1 << 16;

/// A table of this statement: columns of a stored one, and beside them columns of tables of the engine.
#[derive(Clone, Default)]
pub(super) struct Given {
    stored: Stored,
    parts: Vec<Part>,
}

impl Given {
    pub(super) fn select(&self, shelf: &Shelf, columns: &[(&str, String)], ordinal: bool) -> String {
        selected(Some(shelf), &self.stored, &self.parts, columns, ordinal)
    }

    pub(super) fn schema(&self) -> Schema {
        let stored = self.stored.columns.iter().map(|it| &it.column);
        stored.chain(self.parts.iter().flat_map(|it| &it.columns)).cloned().collect()
    }
}

/// What operators give for one statement; goes with it.
pub(super) struct Givens<'a> {
    pub(super) worker: &'a DuckWorker,
    stored: &'a [Stored],
    /// Whether it may take all memory there is.
    whole: bool,
    given: Vec<Given>,
    /// Tables of the engine to drop.
    tables: Vec<String>,
}

impl Drop for Givens<'_> {
    fn drop(&mut self) {
        for table in &self.tables {
            let _ = self.worker.clear(&format!("DROP TABLE IF EXISTS {table}"));
        }
    }
}

impl<'a> Givens<'a> {
    pub(super) fn of(worker: &'a DuckWorker, stored: &'a [Stored], whole: bool) -> Givens<'a> {
        Givens { worker, stored, whole, given: Vec::new(), tables: Vec::new() }
    }

    pub(super) fn scans(&self) -> Scans<'_> {
        Scans { shelf: &self.worker.shared.shelf, stored: self.stored, given: &self.given }
    }

    pub(super) fn schema(&self, relation: &Relation) -> Result<Schema, EngineError> {
        let stored = self.stored.iter().map(Stored::schema);
        let all: Vec<Schema> = stored.chain(self.given.iter().map(Given::schema)).collect();
        let schema = relation.schema(&all.iter().collect::<Vec<_>>());
        schema.map_err(|_| EngineError::Engine("the input has other columns than planned".to_owned()))
    }

    /// The relation over what its operators gave, and with constants in the place of every join with one row.
    pub(super) fn put_in(&mut self, relation: &Relation) -> Result<Relation, EngineError> {
        match relation.over(&mut |it| self.put_in(it))? {
            Relation::Join(join) if join.is_of_one_row() => self.row_put_in(*join),
            Relation::Apply(apply) => self.given_by(*apply),
            other => Ok(other),
        }
    }

    /// The same operator over what those beneath it gave.
    pub(super) fn beneath(&mut self, apply: &Apply) -> Result<Apply, EngineError> {
        let from = apply.from.iter().map(|it| self.put_in(it)).collect::<Result<_, _>>()?;
        Ok(Apply { from, ..apply.clone() })
    }

    /// A scan of the rows that an operator gives.
    fn given_by(&mut self, mut apply: Apply) -> Result<Relation, EngineError> {
        let mut given = Given::default();
        if let (Some(first), false) = (apply.from.first_mut(), apply.keep.is_empty()) {
            let (scan, beneath) = self.laid(first)?;
            given = beneath;
            *first = scan;
        }
        let schema = self.schema(&Relation::Apply(Box::new(apply.clone())))?;
        let made = schema.columns.into_iter().skip(apply.keep.len());
        let made: Vec<Column> = made.collect();
        let table = self.table(&made)?;
        let rows = {
            let mut appender = self.worker.connection.appender(&table).map_err(failed)?;
            let (mut waiting, most) = (0, APPENDED / made.len().max(1));
            let rows = self.run(&apply, &mut |rows| {
                if rows.num_columns() == 0 {
                    return Ok(());
                }
                waiting += rows.num_rows();
                appender.append_record_batch(rows).map_err(failed)?;
                if waiting < most {
                    return Ok(());
                }
                waiting = 0;
                appender.flush().map_err(failed)
            })?;
            appender.flush().map_err(failed)?;
            rows
        };
        given.stored.rows = rows;
        given.parts.push(Part { table, columns: made });
        let columns = apply.columns().map(str::to_owned).collect();
        Ok(self.scan(given, columns))
    }

    /// The rows of a relation that is nothing but a short table.
    fn short(&self, relation: &Relation, columns: &[Column]) -> Result<Option<RecordBatch>, EngineError> {
        let Relation::Scan { input, .. } = relation else { return Ok(None) };
        let names: Vec<&str> = columns.iter().map(|it| it.name.as_str()).collect();
        let stored = self.stored.get(*input);
        stored.map_or(Ok(None), |it| self.worker.shared.shelf.rows(it, &names))
    }

    fn rows_in(&self, input: usize) -> u64 {
        match input.checked_sub(self.stored.len()) {
            Some(at) => self.given.get(at).map_or(0, |it| it.stored.rows),
            None => self.stored[input].rows,
        }
    }

    fn scan(&mut self, given: Given, columns: Vec<String>) -> Relation {
        self.given.push(given);
        Relation::Scan { input: self.stored.len() + self.given.len() - 1, columns: columns.into() }
    }

    /// A scan of the rows of a relation, and what it reads.
    fn laid(&mut self, relation: &Relation) -> Result<(Relation, Given), EngineError> {
        if let Relation::Scan { input, .. } = relation {
            let given = match input.checked_sub(self.stored.len()) {
                Some(at) => self.given.get(at).cloned(),
                None => Some(Given { stored: self.stored[*input].clone(), parts: Vec::new() }),
            };
            return Ok((relation.clone(), given.unwrap_or_default()));
        }
        let schema = self.schema(relation)?;
        let table = self.worker.fresh();
        self.tables.push(table.clone());
        let text = self.rows_of(relation, &schema.columns);
        self.worker.execute(&format!("CREATE TABLE {table} AS {text}"))?;
        let rows = self.worker.connection.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0));
        let names = schema.names().map(str::to_owned).collect();
        let stored = Stored { rows: rows.map_err(failed)?, columns: Vec::new() };
        let given = Given { stored, parts: vec![Part { table, columns: schema.columns.to_vec() }] };
        Ok((self.scan(given.clone(), names), given))
    }

    /// An empty table of the engine.
    fn table(&mut self, columns: &[Column]) -> Result<String, EngineError> {
        let types: Vec<Type> = columns.iter().map(|it| it.ty).collect();
        let columns = if types.is_empty() { "nothing BOOLEAN".to_owned() } else { definitions(&types) };
        let table = self.worker.fresh();
        self.tables.push(table.clone());
        self.worker.execute(&format!("CREATE TABLE {table} ({columns})"))?;
        Ok(table)
    }

    /// A `SELECT` of the rows of a relation in their order: these columns, each of its type, as `k0`, `k1`, …
    fn rows_of(&self, relation: &Relation, columns: &[Column]) -> String {
        let statement = statement(relation, &self.scans());
        let known = relation.columns();
        let named = columns.iter().filter_map(|it| {
            let at = known.iter().position(|name| *name == it.name)?;
            Some((statement.names.get(at)?, it.ty))
        });
        let mut list: Vec<_> =
            named.enumerate().map(|(at, (name, ty))| format!("CAST({name} AS {}) AS k{at}", type_name(ty))).collect();
        if list.is_empty() {
            list.push("true AS nothing".to_owned());
        }
        format!("SELECT {} FROM ({})", list.join(", "), statement.text)
    }

    /// Runs an operator over relations whose own operators have run; gives the rows to `sink`, and their number.
    pub(super) fn run(
        &self,
        apply: &Apply,
        sink: &mut dyn FnMut(RecordBatch) -> Result<(), EngineError>,
    ) -> Result<u64, EngineError> {
        let schema = self.schema(&Relation::Apply(Box::new(apply.clone())))?;
        let types: Vec<Option<Type>> = schema.columns.iter().skip(apply.keep.len()).map(|it| Some(it.ty)).collect();
        let mut feeds = Vec::new();
        for (from, reads) in apply.from.iter().zip(apply.reads()) {
            let from = from.prune(&reads);
            let mut columns = self.schema(&from)?.columns;
            columns.sort_by(|a, b| a.name.cmp(&b.name));
            let rows = match (&from, columns.is_empty()) {
                (Relation::Scan { input, .. }, true) => Feed::Count(self.rows_in(*input)),
                _ => match self.short(&from, &columns)? {
                    Some(rows) => Feed::Rows(rows),
                    None => Feed::Statement(self.rows_of(&from, &columns)),
                },
            };
            feeds.push((rows, columns.to_vec()));
        }
        let room = Arc::new(Kept::none(self.worker, self.whole));
        let failure = RefCell::new(None);
        let mut rows = 0;
        let operator = apply.op.digest();
        let mut feeder = Feeder { worker: self.worker, operator, feeds, room, first: None, failure: &failure };
        let ended = apply.op.run(&apply.take, &mut feeder, &mut |given| {
            if !given.columns().iter().map(|it| canonical_type(it.data_type())).eq(types.iter().copied()) {
                return Err(OperatorError::Failed("it gave other columns than it says".to_owned()));
            }
            rows += given.num_rows() as u64;
            sink(given).map_err(|error| {
                failure.replace(Some(error));
                OperatorError::Stopped
            })
        });
        let first = feeder.first;
        if let Some(error) = failure.into_inner() {
            return Err(error);
        }
        if ended.is_ok() && apply.op.rows() == Rows::Same && first != Some(rows) {
            return Err(broken(apply, "it gave another number of rows than there are"));
        }
        ended.map(|()| rows).map_err(|halt| match halt {
            OperatorError::Stopped => EngineError::Interrupted,
            OperatorError::Memory => EngineError::Memory,
            OperatorError::Failed(why) => broken(apply, &why),
            OperatorError::Refused(problem) => EngineError::Problem(problem),
        })
    }
}

/// The operator whose columns are those of a relation, and all of them.
pub(super) fn given_alone(relation: &Relation) -> Option<&Apply> {
    let apply = match relation {
        Relation::Apply(it) => it,
        Relation::Project { from, columns } => match &**from {
            Relation::Apply(it) => {
                let same = |(name, expr): &(String, Expr)| matches!(expr, Expr::Column(beneath) if beneath == name);
                let names = columns.iter().map(|(name, _)| name);
                (columns.iter().all(same) && names.eq(&it.take)).then_some(it)?
            }
            _ => return None,
        },
        _ => return None,
    };
    (apply.keep.is_empty() && !apply.take.is_empty()).then_some(&**apply)
}

fn broken(apply: &Apply, why: &str) -> EngineError {
    EngineError::Operator(format!("the operator `{}` failed: {why}", apply.op.name()))
}

/// Where the rows of an input come from.
enum Feed {
    /// A statement.
    Statement(String),
    /// They are there.
    Rows(RecordBatch),
    /// There is nothing to read but that there are so many.
    Count(u64),
}

/// Rows for an operator.
struct Feeder<'a> {
    worker: &'a DuckWorker,
    /// What it does.
    operator: Digest,
    /// For each input, its rows and their columns.
    feeds: Vec<(Feed, Vec<Column>)>,
    room: Arc<Kept>,
    /// How many rows the first input has, once they were read to their end.
    first: Option<u64>,
    /// Why there are no more rows.
    failure: &'a RefCell<Option<EngineError>>,
}

impl Inputs for Feeder<'_> {
    fn read(
        &mut self,
        input: usize,
        each: &mut dyn FnMut(&RecordBatch) -> Result<(), OperatorError>,
    ) -> Result<(), OperatorError> {
        let Some((feed, columns)) = self.feeds.get(input) else {
            return Err(OperatorError::Failed("it reads an input that it does not have".to_owned()));
        };
        let (mut halt, mut read) = (None, 0);
        let mut give = |arrays: Vec<ArrayRef>, count: usize| {
            read += count as u64;
            let given =
                self.room.go_on().and_then(|()| batch(columns.iter().map(|it| it.name.as_str()), arrays, count));
            given.and_then(|rows| each(&rows)).map_err(|it| {
                halt = Some(it);
                EngineError::Interrupted
            })
        };
        let ended = match feed {
            Feed::Count(rows) => (0..*rows)
                .step_by(BATCH)
                .try_for_each(|at| give(Vec::new(), usize::try_from(*rows - at).unwrap_or(BATCH).min(BATCH))),
            Feed::Rows(rows) => give(rows.columns().to_vec(), rows.num_rows()),
            Feed::Statement(text) => self.worker.reader().and_then(|reader| {
                stream(reader, text, &mut |rows| {
                    // Where no column is read, the one that is there says nothing.
                    let arrays = rows.columns().iter().take(columns.len()).cloned().collect();
                    give(arrays, rows.num_rows())
                })
            }),
        };
        match (halt, ended) {
            (Some(halt), _) => Err(halt),
            (None, Ok(())) => {
                self.first = self.first.or((input == 0).then_some(read));
                Ok(())
            }
            (None, Err(error)) => {
                self.failure.replace(Some(error));
                Err(OperatorError::Stopped)
            }
        }
    }

    fn room(&self) -> Arc<dyn Room> {
        Arc::clone(&self.room) as Arc<dyn Room>
    }

    fn memo(&mut self) -> Option<Buffer> {
        memos::read(&self.worker.shared.paths, &self.operator).filter(|it| self.room.keep(it.len()).is_ok())
    }

    fn leave(&mut self, memo: &[u8]) {
        let _ = memos::write(&self.worker.shared.paths, &self.operator, memo);
    }

    fn tell(&mut self, counted: String) {
        self.worker.told.replace(Some(counted));
    }
}

impl DuckWorker {
    /// The connection that reads while the other one writes.
    fn reader(&self) -> Result<&Connection, EngineError> {
        if let Some(reader) = self.reader.get() {
            return Ok(reader);
        }
        let reader = self.connection.try_clone().map_err(failed)?;
        let handle = reader.interrupt_handle();
        self.running.add(Arc::clone(&handle));
        self.shared.handles.add(handle);
        Ok(self.reader.get_or_init(|| reader))
    }
}
