//! Reading a source into the store: workbooks through a child, delimited text and JSON here, Parquet by the engine.
//! Every row gets its coordinates: source, file and sheet, row number.

use std::sync::Arc;

use arrow_array::{Array, ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema as ArrowSchema};

use crate::digest::Digest;
use crate::model::{KINDS, Type};
use crate::plan::Reading;
use crate::readers::reach::Reach;
use crate::readers::{self, ReadError, Trailer};
use crate::run::asides::account;
use crate::run::faults::damaged;
use crate::run::{Reporter, RunOptions, world};
use crate::store::backend::{Cancel, EngineError, Exists, Made, Sink, Worker};
use crate::store::journal::{Journal, Record};

pub(super) fn read(
    scheduler: &dyn Context,
    table: usize,
    reading: &Reading,
    (worker, cancel): (&mut dyn Worker, &Cancel),
    stands: Exists<'_>,
) -> Result<Made, EngineError> {
    let types: Vec<Type> = scheduler.schema(table).columns.iter().map(|it| it.ty).collect();
    let (pipeline, source) = scheduler.name(table);
    let mut trailers: Vec<Trailer> = Vec::new();
    // Most files set nothing aside, and the account of what was used tells: they are not read again.
    let used = scheduler.used(table).map(|key| account(scheduler.journal(), &key));
    let skips = used.is_some_and(|it| it.len() == reading.files.len() && it.iter().all(|it| it.other == 0));
    let reach = Reach::of(&scheduler.options().root);
    let data = crate::model::Schema {
        columns: scheduler
            .schema(table)
            .columns
            .iter()
            .filter(|it| !it.is_hidden() || it.name == KINDS)
            .cloned()
            .collect(),
    };
    let mut total = 0;
    let mut feed = |worker: &mut dyn Worker, sink: Sink<'_>| {
        for file in reading.files.iter().filter(|_| !skips) {
            let place = file.place();
            match (&file.request, &file.shape) {
                (Some(request), _) => {
                    let mut failure = None;
                    let mut batch = |batch: RecordBatch| {
                        total += batch.num_rows() as u64;
                        let placed = with_coordinates(&batch, None, source, &place);
                        let sent = placed.and_then(&mut *sink).and_then(|()| cancel.check());
                        scheduler.reporter().read(pipeline, source, total);
                        sent.map_err(|error| {
                            failure = Some(error);
                            ReadError::World("stopped".to_owned())
                        })
                    };
                    let expected = file.found.as_ref();
                    let mut found =
                        |found: &readers::Found| match expected.is_some_and(|it| it.columns != found.columns) {
                            true => Err(ReadError::World("its header changed while it was read".to_owned())),
                            false => Ok(()),
                        };
                    let answer = match request.format.has_sheets() {
                        // Delimited text asks for no more memory than a batch: no child is needed.
                        false => readers::read(request, &mut found, &mut batch),
                        true => {
                            let cancelled = || cancel.is_cancelled();
                            readers::read_in_child(
                                &scheduler.options().reader,
                                request,
                                &cancelled,
                                &mut found,
                                &mut batch,
                            )
                        }
                    };
                    match (answer, failure) {
                        (_, Some(error)) => return Err(error),
                        (Ok((_, trailer)), None) => trailers.push(trailer),
                        (Err(ReadError::Problem(problem)), None) => return Err(EngineError::Problem(problem)),
                        (Err(ReadError::World(reason)), None) => {
                            cancel.check()?;
                            return Err(EngineError::Io(format!("`{}`: {reason}", file.path.display())));
                        }
                    }
                }
                (None, Some(shape)) => {
                    let opened = reach
                        .open(&file.path)
                        .map_err(|it| EngineError::Io(format!("`{}`: {it}", file.path.display())))?;
                    let (mut failure, mut first) = (None, 1);
                    let mut batch = |batch: RecordBatch| {
                        let next = first + batch.num_rows() as i64;
                        total += batch.num_rows() as u64;
                        let placed = with_coordinates(&batch, Some(first), source, &place);
                        let sent = placed.and_then(&mut *sink).and_then(|()| cancel.check());
                        scheduler.reporter().read(pipeline, source, total);
                        first = next;
                        sent.map_err(|error| {
                            failure = Some(error);
                            ReadError::World("stopped".to_owned())
                        })
                    };
                    let name = file.path.display().to_string();
                    let answer = readers::json::read(opened, &name, shape, &data, &mut batch);
                    match (answer, failure) {
                        (_, Some(error)) => return Err(error),
                        (Ok(()), None) => (),
                        (Err(ReadError::Problem(problem)), None) => return Err(EngineError::Problem(problem)),
                        (Err(ReadError::World(reason)), None) => return Err(EngineError::Io(reason)),
                    }
                }
                (None, None) => {
                    let opened = reach
                        .open(&file.path)
                        .map_err(|it| EngineError::Io(format!("`{}`: {it}", file.path.display())))?;
                    let (mut failure, mut first) = (None, 1);
                    let answer = worker.external(&opened, &data, &mut |batch| {
                        let next = first + batch.num_rows() as i64;
                        total += batch.num_rows() as u64;
                        let placed = with_coordinates(&batch, Some(first), source, &place);
                        let sent = placed.and_then(&mut *sink).and_then(|()| cancel.check());
                        scheduler.reporter().read(pipeline, source, total);
                        first = next;
                        sent.map_err(|error| {
                            failure = Some(error);
                            EngineError::Interrupted
                        })
                    });
                    match failure {
                        Some(error) => return Err(error),
                        None => answer.map_err(|error| damaged(error, &file.path))?,
                    }
                }
            }
        }
        Ok(())
    };
    let made = worker.ingest(&types, &mut feed, stands)?;
    // What was stored is known by the digest that was planned with: a file that became another one is not stored as it.
    for file in &reading.files {
        if !world::is_still(&scheduler.options().root, &file.path, &file.fingerprint, scheduler.journal()) {
            return Err(EngineError::Io(format!("`{}`: {}", file.path.display(), world::CHANGED)));
        }
    }
    let rows: u64 = trailers.iter().map(|it| it.rows).sum();
    if !trailers.is_empty() && rows != made.rows {
        let message = format!("{rows} rows were read and {} stored", made.rows);
        return Err(EngineError::Io(message));
    }
    if let (false, Ok(json)) = (skips, serde_json::to_string(&trailers)) {
        scheduler.journal().append(vec![Record::Account { key: scheduler.key(table), json }])?;
    }
    Ok(made)
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

/// What reading a source needs of the scheduler.
pub(super) trait Context {
    fn name(&self, table: usize) -> (&str, &str);
    fn options(&self) -> &RunOptions<'_>;
    fn journal(&self) -> &Journal;
    fn reporter(&self) -> &dyn Reporter;
    fn key(&self, table: usize) -> Digest;
    /// For rows that a source set aside, the key of those that it did not.
    fn used(&self, table: usize) -> Option<Digest>;
    fn schema(&self, table: usize) -> &crate::model::Schema;
}
