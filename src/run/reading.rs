//! Reading a source into the store: workbooks through a child, delimited text and JSON here, Parquet by the engine.
//! Every row gets its coordinates: source, file and sheet, row number.

use std::path::Path;
use std::sync::Arc;

use arrow_array::{Array, ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema as ArrowSchema};

use crate::digest::Digest;
use crate::model::{KINDS, Type};
use crate::plan::{Name, Plan, ReadFile, Reading, Table, TableId};
use crate::readers::reach::Reach;
use crate::readers::{self, ReadError, Request, Trailer};
use crate::run::asides::account;
use crate::run::event::{Event, EventSink};
use crate::run::faults::damaged;
use crate::run::reread::Left;
use crate::run::{RunOptions, keys, world};
use crate::store::Paths;
use crate::store::backend::{Cancel, EngineError, Exists, Made, Sink, Worker};
use crate::store::journal::{Journal, Record};

/// What is read, for whom.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) plan: &'a Plan,
    pub(super) table: TableId,
    pub(super) options: &'a RunOptions<'a>,
    pub(super) journal: &'a Journal,
    pub(super) paths: &'a Paths,
    pub(super) events: &'a dyn EventSink,
}

impl<'a> Context<'a> {
    fn of_table(self) -> &'a Table {
        &self.plan.tables[self.table]
    }

    /// For rows that a source set aside, the key of those that it did not.
    fn used(self, reading: &Reading) -> Option<Digest> {
        let used = self.of_table().inputs.first().filter(|_| reading.aside)?;
        Some(keys::read_key(self.plan, *used))
    }
}

/// Reads a source, or what is set aside of it. Of how many of its files it read how many is told as pieces.
pub(super) fn read(
    told: Context<'_>,
    reading: &Reading,
    (worker, cancel): (&mut dyn Worker, &Cancel),
    stands: Exists<'_>,
) -> Result<Made, EngineError> {
    let types: Vec<Type> = told.of_table().schema.columns.iter().map(|it| it.ty).collect();
    // Most files set nothing aside, and the account of what was used tells: they are not read again.
    let used = told.used(reading).map(|key| account(told.journal, &key));
    let skips = used.is_some_and(|it| it.len() == reading.files.len() && it.iter().all(|it| it.other == 0));
    let mut trailers: Vec<Trailer> = Vec::new();
    let (mut total, mut opened) = (0, 0);
    let mut feed = |worker: &mut dyn Worker, sink: Sink<'_>| {
        for file in reading.files.iter().filter(|_| !skips) {
            let place = file.place();
            let mut rows = Rows { told, place: &place, first: Some(1), total: &mut total, sink, cancel, failure: None };
            match &file.request {
                Some(request) => {
                    rows.first = None;
                    let left = Left::of(told.paths, reading, file);
                    let (trailer, was_opened) = rows.cells(file, request, left)?;
                    opened += u64::from(was_opened);
                    trailers.push(trailer);
                }
                None => {
                    opened += 1;
                    rows.others(file, worker)?;
                }
            }
        }
        Ok(())
    };
    let made = worker.ingest(&types, &mut feed, stands)?;
    // What was stored is known by the digest that was planned with: a file that became another one is not stored as it.
    for file in &reading.files {
        if !world::is_still(&told.options.root, &file.path, &file.fingerprint, told.journal) {
            return Err(EngineError::Io(format!("`{}`: {}", file.path.display(), world::CHANGED)));
        }
    }
    let rows: u64 = trailers.iter().map(|it| it.rows).sum();
    if !trailers.is_empty() && rows != made.rows {
        let message = format!("{rows} rows were read and {} stored", made.rows);
        return Err(EngineError::Io(message));
    }
    if let (false, Ok(json)) = (skips, serde_json::to_string(&trailers)) {
        told.journal.append(vec![Record::Account { key: keys::read_key(told.plan, told.table), json }])?;
    }
    let files = reading.files.len() as u64;
    Ok(Made { pieces: (files > 1 && !reading.aside).then_some((opened, files)), ..made })
}

/// The rows of one file on their way into the store.
struct Rows<'a, 's> {
    told: Context<'a>,
    /// What the rows say of where they stood.
    place: &'a str,
    /// The number of the next row, where the reader gives none.
    first: Option<i64>,
    /// Rows of all files.
    total: &'a mut u64,
    sink: &'a mut (dyn FnMut(RecordBatch) -> Result<(), EngineError> + 's),
    cancel: &'a Cancel,
    /// Why reading was stopped.
    failure: Option<EngineError>,
}

impl Rows<'_, '_> {
    fn put(&mut self, batch: &RecordBatch) -> Result<(), EngineError> {
        let Name { pipeline, name } = &self.told.of_table().name;
        let placed = with_coordinates(batch, self.first, name, self.place)?;
        if let Some(first) = &mut self.first {
            *first += batch.num_rows() as i64;
        }
        *self.total += batch.num_rows() as u64;
        (self.sink)(placed)?;
        self.cancel.check()?;
        self.told.events.take(&Event::Rows { pipeline, step: name, rows: *self.total });
        Ok(())
    }

    /// What a reader of ours calls: it stops where the rows cannot be put.
    fn take(&mut self, batch: &RecordBatch) -> Result<(), ReadError> {
        self.put(batch).map_err(|error| {
            self.failure = Some(error);
            ReadError::World("stopped".to_owned())
        })
    }

    /// Why a reader of ours stopped.
    fn stopped(self, error: ReadError, path: &Path) -> EngineError {
        match (self.failure, error) {
            (Some(failure), _) => failure,
            (None, ReadError::Problem(problem)) => EngineError::Problem(problem),
            (None, ReadError::World(reason)) => match self.cancel.check() {
                Ok(()) => EngineError::Io(format!("`{}`: {reason}", path.display())),
                Err(interrupted) => interrupted,
            },
        }
    }

    /// Reads a sheet or delimited text, or takes what an earlier build read of it; and whether the file was opened.
    fn cells(
        mut self,
        file: &ReadFile,
        request: &Request,
        mut left: Option<Left<'_>>,
    ) -> Result<(Trailer, bool), EngineError> {
        if let Some((batches, trailer)) = left.as_ref().and_then(Left::find) {
            batches.iter().try_for_each(|it| self.put(it))?;
            return Ok((trailer, false));
        }
        let expected = file.found.as_ref();
        let mut found = |found: &readers::Found| match expected.is_some_and(|it| it.columns != found.columns) {
            true => Err(ReadError::World("its header changed while it was read".to_owned())),
            false => Ok(()),
        };
        let (cancel, program) = (self.cancel, &self.told.options.reader);
        let mut batch = |batch: RecordBatch| {
            Left::take(&mut left, &batch);
            self.take(&batch)
        };
        let answer = match request.format.has_sheets() {
            // Delimited text asks for no more memory than a batch: no child is needed.
            false => readers::read(request, &mut found, &mut batch),
            true => readers::read_in_child(program, request, &|| cancel.is_cancelled(), &mut found, &mut batch),
        };
        match answer {
            _ if self.failure.is_some() => Err(self.stopped(ReadError::World(String::new()), &file.path)),
            Err(error) => Err(self.stopped(error, &file.path)),
            Ok((_, trailer)) => {
                if let Some(left) = left {
                    left.leave(&trailer);
                }
                Ok((trailer, true))
            }
        }
    }

    /// Reads JSON here, or Parquet by the engine.
    fn others(mut self, file: &ReadFile, worker: &mut dyn Worker) -> Result<(), EngineError> {
        let failed = |it: std::io::Error| EngineError::Io(format!("`{}`: {it}", file.path.display()));
        let opened = Reach::of(&self.told.options.root).open(&file.path).map_err(failed)?;
        let schema = self.told.of_table().schema.columns.iter();
        let data = crate::model::Schema {
            columns: schema.filter(|it| !it.is_hidden() || it.name == KINDS).cloned().collect(),
        };
        let Some(shape) = &file.shape else {
            let answer =
                worker.external(&opened, &data, &mut |batch| self.take(&batch).map_err(|_| EngineError::Interrupted));
            return match self.failure {
                Some(error) => Err(error),
                None => answer.map_err(|error| damaged(error, &file.path)),
            };
        };
        let name = file.path.display().to_string();
        let answer = readers::json::read(opened, &name, shape, &data, &mut |batch| self.take(&batch));
        answer.map_err(|error| self.stopped(error, &file.path))
    }
}

/// Source, place and row number behind the data. Readers of cells give the row number as their last column; for other
/// formats rows count from `first`.
fn with_coordinates(
    batch: &RecordBatch,
    first: Option<i64>,
    source: &str,
    place: &str,
) -> Result<RecordBatch, EngineError> {
    let rows = batch.num_rows();
    let mut columns: Vec<ArrayRef> = batch.columns().to_vec();
    let numbers: ArrayRef = match first {
        Some(first) => Arc::new(Int64Array::from_iter_values(first..first + rows as i64)),
        None => columns.pop().ok_or_else(|| EngineError::Io("a batch without row numbers".to_owned()))?,
    };
    let constant = |text: &str| Arc::new(StringArray::from_iter_values(std::iter::repeat_n(text, rows))) as ArrayRef;
    columns.push(constant(source));
    columns.push(constant(place));
    columns.push(numbers);
    let fields: Vec<Field> = columns
        .iter()
        .enumerate()
        .map(|(at, it)| {
            let ty: DataType = it.data_type().clone();
            Field::new(format!("k{at}"), ty, true)
        })
        .collect();
    RecordBatch::try_new(Arc::new(ArrowSchema::new(fields)), columns).map_err(|it| EngineError::Io(it.to_string()))
}
