//! Rows of a stored table as its segments have them: columns of several files side by side, batch by batch, without a
//! statement of the engine.

use std::collections::HashMap;
use std::fs::File;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::{RecordBatch, RecordBatchReader};
use arrow_schema::{Field, Schema as ArrowSchema, SchemaRef};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};

use crate::store::backend::{EngineError, Stored};

/// How many cells a batch has, as far as a row has no more.
const CELLS: usize = 1 << 17;

/// How many rows a batch has at most.
const ROWS: usize = 8_192;

/// The named columns of a stored table, on their way.
pub(super) struct Scan {
    schema: SchemaRef,
    files: Vec<ParquetRecordBatchReader>,
    /// For each column its file, and which of the columns read of it.
    places: Vec<(usize, usize)>,
    /// How many rows are still to come.
    left: u64,
}

impl Scan {
    /// Of some rows; `None` where there is nothing to read of files: no column, or one that is not stored.
    pub(super) fn of(table: &Stored, names: &[&str], range: Range<u64>) -> Result<Option<Scan>, EngineError> {
        let (from, to) = (range.start.min(table.rows), range.end.min(table.rows));
        let stored: HashMap<&str, &(PathBuf, u32)> =
            table.columns.iter().map(|it| (it.column.name.as_str(), &it.place)).collect();
        let wanted: Option<Vec<&(PathBuf, u32)>> = names.iter().map(|it| stored.get(it).copied()).collect();
        let Some(wanted) = wanted.filter(|it| !it.is_empty() && from < to) else { return Ok(None) };
        let mut numbers: HashMap<&PathBuf, usize> = HashMap::new();
        let mut columns: Vec<(&PathBuf, Vec<usize>)> = Vec::new();
        for (path, at) in &wanted {
            let number = *numbers.entry(path).or_insert_with(|| {
                columns.push((path, Vec::new()));
                columns.len() - 1
            });
            columns[number].1.push(*at as usize);
        }
        for (_, columns) in &mut columns {
            columns.sort_unstable();
            columns.dedup();
        }
        let place = |(path, at): &&(PathBuf, u32)| {
            let number = numbers[path];
            (number, columns[number].1.partition_point(|it| it < &(*at as usize)))
        };
        let places: Vec<(usize, usize)> = wanted.iter().map(place).collect();
        let rows = (CELLS / wanted.len()).clamp(1, ROWS);
        let open = |(path, columns): &(&PathBuf, Vec<usize>)| opened(path, columns, from..to, rows);
        let files = columns.iter().map(open).collect::<Result<Vec<_>, _>>()?;
        let of = |(name, (file, at)): (&&str, &(usize, usize))| {
            Field::new(*name, files[*file].schema().field(*at).data_type().clone(), true)
        };
        let schema = Arc::new(ArrowSchema::new(names.iter().zip(&places).map(of).collect::<Vec<_>>()));
        Ok(Some(Scan { schema, files, places, left: to - from }))
    }

    /// The next rows; `None` behind the last one.
    pub(super) fn step(&mut self) -> Result<Option<RecordBatch>, EngineError> {
        let mut parts = Vec::with_capacity(self.files.len());
        for file in &mut self.files {
            match file.next() {
                Some(part) => parts.push(part.map_err(unread)?),
                None if self.left == 0 && parts.is_empty() => return Ok(None),
                None => return Err(other_rows()),
            }
        }
        let rows = parts.first().map_or(0, RecordBatch::num_rows);
        if rows as u64 > self.left || parts.iter().any(|it| it.num_rows() != rows) {
            return Err(other_rows());
        }
        self.left -= rows as u64;
        let columns = self.places.iter().map(|(file, at)| Arc::clone(parts[*file].column(*at))).collect();
        RecordBatch::try_new(Arc::clone(&self.schema), columns).map(Some).map_err(unread)
    }
}

fn opened(
    path: &PathBuf,
    columns: &[usize],
    range: Range<u64>,
    rows: usize,
) -> Result<ParquetRecordBatchReader, EngineError> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(File::open(path)?).map_err(unread)?;
    let mask = ProjectionMask::leaves(builder.parquet_schema(), columns.iter().copied());
    let whole = u64::try_from(builder.metadata().file_metadata().num_rows()).is_ok_and(|it| range == (0..it));
    let builder = builder.with_projection(mask).with_batch_size(rows);
    // Where all rows are asked for the reader counts nothing off.
    let builder = match whole {
        true => builder,
        false => builder.with_offset(range.start as usize).with_limit((range.end - range.start) as usize),
    };
    builder.build().map_err(unread)
}

fn unread(error: impl std::fmt::Display) -> EngineError {
    EngineError::Io(error.to_string())
}

fn other_rows() -> EngineError {
    EngineError::Engine("a segment has another number of rows than is known".to_owned())
}

#[cfg(test)]
mod tests {
    use arrow_array::cast::AsArray;
    use arrow_array::types::Int64Type;
    use arrow_array::{ArrayRef, Int64Array, StringArray};
    use duckdb::Connection;

    use super::*;
    use crate::model::{Column, Type};
    use crate::store::Paths;
    use crate::store::backend::StoredColumn;
    use crate::store::intake::Intake;
    use crate::store::shelf::Shelf;
    use crate::store::statements::{select, stream};

    /// A table of two columns of numbers and one of texts, in two segments; the last stands in the first of them.
    fn table(shelf: &Shelf, rows: i64) -> Stored {
        let mut columns = Vec::new();
        for (segment, types) in [vec![Type::Integer, Type::Text], vec![Type::Integer]].into_iter().enumerate() {
            let mut intake = Intake::new(shelf, &types);
            for from in (0..rows).step_by(1_000) {
                let each = from..(from + 1_000).min(rows);
                let numbers = each.clone().map(|it| (it % 7 > 0).then_some(it * (segment as i64 + 1)));
                let mut arrays: Vec<ArrayRef> = vec![Arc::new(numbers.collect::<Int64Array>())];
                if segment == 0 {
                    arrays.push(Arc::new(each.map(|it| Some(format!("text {it}"))).collect::<StringArray>()));
                }
                let field = |it: &ArrayRef| Field::new("x", it.data_type().clone(), true);
                let schema = ArrowSchema::new(arrays.iter().map(field).collect::<Vec<_>>());
                intake.push(&RecordBatch::try_new(Arc::new(schema), arrays).expect("as declared")).expect("taken in");
            }
            let made = intake.finish(&|_| false).expect("written");
            let path = shelf.paths().segment(&made.segment.expect("new").id);
            for (at, ty) in types.into_iter().enumerate() {
                let column = Column::new(format!("n{segment}{at}"), ty);
                columns.push(StoredColumn { column, digest: made.digests[at], place: (path.clone(), at as u32) });
            }
        }
        Stored { rows: rows as u64, columns }
    }

    fn numbers(batches: &[RecordBatch], column: usize) -> Vec<Option<i64>> {
        batches.iter().flat_map(|it| it.column(column).as_primitive::<Int64Type>().iter().collect::<Vec<_>>()).collect()
    }

    #[test]
    fn the_same_rows_as_the_engine_gives() {
        let folder = tempfile::tempdir().expect("a folder");
        let paths = Paths::new(folder.path(), None);
        paths.create().expect("ours");
        let shelf = Shelf::new(paths, None);
        let stored = table(&shelf, 250_000);
        let names = ["n10", "n01", "n00", "n10"];
        for range in [0..250_000_u64, 0..10, 122_870..122_890, 249_999..400_000] {
            let mut scan = Scan::of(&stored, &names, range.clone()).expect("read").expect("columns");
            let mut ours = Vec::new();
            while let Some(batch) = scan.step().expect("read") {
                ours.push(batch);
            }
            let named: Vec<(&str, String)> = names.iter().map(|it| (*it, format!("a_{it}"))).collect();
            let mut named = named;
            named[3].1 = "again".to_owned();
            let text = select(&stored, &named, false);
            let count = range.end.min(250_000) - range.start;
            let text = format!("{text} LIMIT {count} OFFSET {}", range.start);
            let mut theirs = Vec::new();
            let connection = Connection::open_in_memory().expect("the engine");
            let mut sink = |it: RecordBatch| {
                theirs.push(it);
                Ok(())
            };
            stream(&connection, &text, &mut sink).expect("read");
            for column in [0, 2, 3] {
                assert_eq!(numbers(&ours, column), numbers(&theirs, column), "{range:?}");
            }
            let texts: usize = ours.iter().map(|it| it.num_rows()).sum();
            assert_eq!(texts as u64, count);
            assert_eq!(ours[0].column(1).as_string::<i32>().value(0), format!("text {}", range.start));
            assert_eq!(ours[0].schema().field(1).name(), "n01");
        }
    }

    #[test]
    fn nothing_is_read_where_there_is_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let paths = Paths::new(folder.path(), None);
        paths.create().expect("ours");
        let shelf = Shelf::new(paths, None);
        let stored = table(&shelf, 10);
        assert!(Scan::of(&stored, &[], 0..10).expect("read").is_none());
        assert!(Scan::of(&stored, &["n00"], 10..20).expect("read").is_none());
        assert!(Scan::of(&stored, &["else"], 0..10).expect("read").is_none());
        let short = Stored { rows: 11, ..stored };
        let mut scan = Scan::of(&short, &["n00"], 0..11).expect("read").expect("columns");
        assert!(scan.step().is_ok() && scan.step().is_err(), "a row is missing");
    }
}
