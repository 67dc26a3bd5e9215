//! A table on its way into a segment: its columns are digested as the rows come, and the rows go into the file at once.
//! No more of it is in memory than a group of rows, however long or wide the table is.
//!
//! What a column holds is known only when the last row has come. A small table waits for that in memory, and no column
//! is written that stands somewhere already; of a greater one those columns are left out by reading the file once more.

use std::collections::HashSet;
use std::fs::File;
use std::hash::Hash;
use std::io::{self, Write};
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Schema as ArrowSchema, SchemaRef};
use parquet::arrow::ArrowWriter;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;
use tempfile::TempPath;

use crate::digest::{Digest, Hasher};
use crate::model::Type;
use crate::publish::arrow_type;
use crate::store::Paths;
use crate::store::backend::{EngineError, Exists, Made, Segment};
use crate::store::digests::Digests;
use crate::store::segments::{self, Mark, SegmentFile};
use crate::store::shelf::Shelf;

/// How many bytes of rows wait in memory for what their columns are, before they go into a file as they come.
const HELD: usize = 16 << 20;

/// How many bytes a group of rows takes in memory before it goes into the file.
const GROUP: usize = 32 << 20;

/// Fewer bytes of rows go into their file as they are: to make a dictionary of a column and to compress it costs more
/// than is spared.
const PLAIN: usize = 1 << 20;

/// How many rows a group has at most: as many as the engine gives to one thread.
const ROWS: usize = 122_880;

/// How many rows say whether a dictionary of a column is worth making.
const SAMPLED: usize = 1 << 14;

/// A table that is being taken in.
pub(super) struct Intake<'a> {
    shelf: &'a Shelf,
    types: &'a [Type],
    schema: SchemaRef,
    digests: Digests,
    /// Rows that wait, and their bytes.
    held: (Vec<RecordBatch>, usize),
    /// How many bytes of them wait.
    most: usize,
    /// Where rows go that do not wait.
    file: Option<Growing>,
}

impl<'a> Intake<'a> {
    /// Begins a table with columns of these types.
    pub(super) fn new(shelf: &'a Shelf, types: &'a [Type]) -> Intake<'a> {
        let schema = schema_of(types);
        Intake { shelf, types, schema, digests: Digests::new(types), held: (Vec::new(), 0), most: HELD, file: None }
    }

    /// Takes rows in, whose columns are the table's by position.
    pub(super) fn push(&mut self, batch: &RecordBatch) -> Result<(), EngineError> {
        self.digests.update(batch).map_err(EngineError::Engine)?;
        let batch = self.uniform(batch)?;
        if let Some(file) = &mut self.file {
            return file.write(&batch);
        }
        let (held, bytes) = &mut self.held;
        *bytes += batch.get_array_memory_size();
        held.push(batch);
        if *bytes > self.most {
            let mut file = Growing::new(self.shelf.paths(), self.types, Size::Long, &Repeats::of(held))?;
            held.drain(..).try_for_each(|it| file.write(&it))?;
            self.file = Some(file);
        }
        Ok(())
    }

    /// Writes what no segment holds and no other column of the table.
    pub(super) fn finish(self, stands: Exists<'_>) -> Result<Made, EngineError> {
        let (rows, digests) = self.digests.finish();
        let new = missing(&digests, stands);
        if new.is_empty() {
            return Ok(Made { rows, digests, segment: None, pieces: None, told: None });
        }
        let columns: Vec<Digest> = new.iter().map(|at| digests[*at]).collect();
        let types: Vec<Type> = new.iter().map(|at| self.types[*at]).collect();
        let paths = self.shelf.paths();
        let mut short = Vec::new();
        let file = match self.file {
            Some(whole) if new.len() == self.types.len() => whole,
            Some(whole) => whole.only(&new, paths, &types)?,
            None => {
                let size = if self.held.1 <= PLAIN { Size::Tiny } else { Size::Short };
                for batch in self.held.0 {
                    short.push(batch.project(&new).map_err(|it| EngineError::Engine(it.to_string()))?);
                }
                let repeats = if size == Size::Tiny { Repeats::unasked() } else { Repeats::of(&short) };
                let mut file = Growing::new(paths, &types, size, &repeats)?;
                short.iter().try_for_each(|it| file.write(it))?;
                file
            }
        };
        let segment = file.settle(paths, rows, columns)?;
        self.shelf.put(&segment.id, &short);
        Ok(Made { rows, digests, segment: Some(segment), pieces: None, told: None })
    }

    /// The same rows as a segment holds them: a type has several forms in Arrow.
    fn uniform(&self, batch: &RecordBatch) -> Result<RecordBatch, EngineError> {
        let one = |(array, field): (&ArrayRef, &Arc<Field>)| match array.data_type() == field.data_type() {
            true => Ok(Arc::clone(array)),
            false => arrow_cast::cast(array, field.data_type()),
        };
        let columns = batch.columns().iter().zip(self.schema.fields()).map(one).collect::<Result<_, _>>();
        let uniform = columns.and_then(|it| RecordBatch::try_new(Arc::clone(&self.schema), it));
        uniform.map_err(|it| EngineError::Engine(it.to_string()))
    }
}

/// Which columns are to be written: each content that no segment holds, once.
pub(super) fn missing(digests: &[Digest], stands: Exists<'_>) -> Vec<usize> {
    let mut seen = HashSet::new();
    (0..digests.len()).filter(|at| !stands(&digests[*at]) && seen.insert(digests[*at])).collect()
}

/// Columns `c0`, `c1`, … of these types.
pub(super) fn schema_of(types: &[Type]) -> SchemaRef {
    let field = |(at, ty): (usize, &Type)| Field::new(format!("c{at}"), arrow_type(*ty), true);
    Arc::new(ArrowSchema::new(types.iter().enumerate().map(field).collect::<Vec<_>>()))
}

/// How large a table is, as far as its file is another one for it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Size {
    /// Everything costs more than it spares.
    Tiny,
    /// Bounds of so few rows spare nobody anything, and each statement would read them.
    Short,
    /// With all that Parquet has.
    Long,
}

/// A file that rows go into, under a name of its own until it is whole.
pub(super) struct Growing {
    pub(super) writer: ArrowWriter<Hashed>,
    repeats: Repeats,
    /// Where it is until it has its name; it goes when it is dropped.
    pub(super) path: TempPath,
}

impl Growing {
    pub(super) fn new(paths: &Paths, types: &[Type], size: Size, repeats: &Repeats) -> Result<Growing, EngineError> {
        let (file, path) = paths.temporary_file("segment-")?.into_parts();
        let mut properties = WriterProperties::builder()
            .set_compression(if size == Size::Tiny { Compression::UNCOMPRESSED } else { Compression::LZ4_RAW })
            .set_dictionary_enabled(size != Size::Tiny)
            .set_max_row_group_row_count(Some(ROWS))
            .set_statistics_enabled(if size == Size::Long { EnabledStatistics::Chunk } else { EnabledStatistics::None })
            .set_offset_index_disabled(true)
            // A bound that was cut is none.
            .set_statistics_truncate_length(None);
        for (at, _) in types.iter().enumerate().filter(|(_, ty)| matches!(ty, Type::Float | Type::Text)) {
            // Bounds of floats leave NaN out, which the engine takes for the greatest of all; those of texts cost two
            // comparisons a value, and leave out nothing that anybody asks for.
            properties =
                properties.set_column_statistics_enabled(ColumnPath::from(format!("c{at}")), EnabledStatistics::None);
        }
        for at in repeats.none() {
            properties = properties.set_column_dictionary_enabled(ColumnPath::from(format!("c{at}")), false);
        }
        let options = ArrowWriterOptions::new().with_properties(properties.build()).with_skip_arrow_metadata(true);
        let writer =
            ArrowWriter::try_new_with_options(Hashed::new(file), schema_of(types), options).map_err(unwritten)?;
        Ok(Growing { writer, repeats: repeats.clone(), path })
    }

    fn write(&mut self, batch: &RecordBatch) -> Result<(), EngineError> {
        self.writer.write(batch).map_err(unwritten)?;
        if self.writer.memory_size() > GROUP {
            self.writer.flush().map_err(unwritten)?;
        }
        Ok(())
    }

    /// These of its columns, in another file.
    fn only(self, columns: &[usize], paths: &Paths, types: &[Type]) -> Result<Growing, EngineError> {
        let whole = self.writer.into_inner().map_err(unwritten)?;
        drop(whole);
        let written = ParquetRecordBatchReaderBuilder::try_new(File::open(&self.path)?).map_err(unwritten)?;
        let mask = ProjectionMask::leaves(written.parquet_schema(), columns.iter().copied());
        let repeats = self.repeats.only(columns);
        let mut only = Growing::new(paths, types, Size::Long, &repeats)?;
        for batch in written.with_projection(mask).build().map_err(unwritten)? {
            let batch = batch.map_err(|it| EngineError::Io(it.to_string()))?;
            // The columns have the names that they had.
            let batch = RecordBatch::try_new(schema_of(types), batch.columns().to_vec());
            only.write(&batch.map_err(|it| EngineError::Engine(it.to_string()))?)?;
        }
        Ok(only)
    }

    /// Puts the file in its place.
    fn settle(self, paths: &Paths, rows: u64, columns: Vec<Digest>) -> Result<Segment, EngineError> {
        self.writer.into_inner().map_err(unwritten)?.settle(self.path, paths, rows, columns)
    }
}

/// Which columns have values that come again, as far as the first rows tell.
#[derive(Clone)]
pub(super) struct Repeats(Vec<bool>);

impl Repeats {
    /// Of the first rows of a table. A dictionary of a column whose values hardly come again costs its writer more than
    /// all else, and is given up for the values themselves when it is full.
    fn of(batches: &[RecordBatch]) -> Repeats {
        let width = batches.first().map_or(0, RecordBatch::num_columns);
        Repeats((0..width).map(|at| Repeats::in_column(batches.iter().map(|it| it.column(at)))).collect())
    }

    /// Of a table that has no dictionary at all.
    pub(super) fn unasked() -> Repeats {
        Repeats(Vec::new())
    }

    fn in_column<'a>(arrays: impl Iterator<Item = &'a ArrayRef>) -> bool {
        let arrays: Vec<&ArrayRef> = arrays.collect();
        match arrays.first().map(|it| it.data_type()) {
            Some(DataType::Utf8) => repeat(arrays.iter().flat_map(|it| it.as_string::<i32>().iter().flatten())),
            Some(DataType::Int64) => {
                repeat(arrays.iter().flat_map(|it| it.as_primitive::<Int64Type>().iter().flatten()))
            }
            _ => true,
        }
    }

    /// The columns that have none.
    fn none(&self) -> impl Iterator<Item = usize> {
        self.0.iter().enumerate().filter(|(_, repeats)| !**repeats).map(|(at, _)| at)
    }

    /// Those of some of the columns.
    fn only(&self, columns: &[usize]) -> Repeats {
        Repeats(columns.iter().map(|at| self.0[*at]).collect())
    }
}

/// Whether more than half of the first values were there before.
fn repeat<T: Hash + Eq>(values: impl Iterator<Item = T>) -> bool {
    let (mut seen, mut count) = (HashSet::with_hasher(ahash::RandomState::with_seed(0)), 0);
    values.take(SAMPLED).for_each(|it| {
        seen.insert(it);
        count += 1;
    });
    seen.len() * 2 <= count
}

/// A file whose bytes are hashed as they are written.
pub(super) struct Hashed {
    file: File,
    hasher: Hasher,
}

impl Hashed {
    fn new(file: File) -> Hashed {
        Hashed { file, hasher: segments::hasher() }
    }

    /// Puts a file that is whole in its place, as the segment with these contents.
    pub(super) fn settle(
        self,
        path: TempPath,
        paths: &Paths,
        rows: u64,
        columns: Vec<Digest>,
    ) -> Result<Segment, EngineError> {
        let mut hasher = Hasher::new("hotpass segment v1");
        hasher.number(rows);
        columns.iter().for_each(|it| {
            hasher.digest(it);
        });
        let id = hasher.finish();
        paths.settle(&path, &paths.segment(&id))?;
        // Nothing is left under the name that it had.
        let _ = path.keep();
        // It is the same open file: who puts another one there does not have its mark.
        let metadata = self.file.metadata()?;
        let mark = Mark::of(&metadata);
        let file = SegmentFile { bytes: metadata.len(), digest: self.hasher.finish(), rows, mark };
        Ok(Segment { id, file, columns })
    }
}

impl Write for Hashed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.file.write(bytes)?;
        self.hasher.raw(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// What the disk said where it was the disk.
pub(super) fn unwritten(error: ParquetError) -> EngineError {
    match error {
        ParquetError::External(cause) => match cause.downcast::<io::Error>() {
            Ok(cause) => EngineError::from(*cause),
            Err(cause) => EngineError::Io(cause.to_string()),
        },
        other => EngineError::Io(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use arrow_array::{Float64Array, Int64Array, LargeStringArray, StringArray};

    use super::*;

    const TYPES: [Type; 4] = [Type::Text, Type::Integer, Type::Text, Type::Float];

    /// Batches of some rows; the third column is the first one in another form of Arrow.
    fn batches() -> Vec<RecordBatch> {
        let texts = |from: i64| (from..from + 700).map(|it| (it % 5 > 0).then(|| format!("text {}", it % 300)));
        let batch = |from: i64| {
            let columns: Vec<ArrayRef> = vec![
                Arc::new(texts(from).collect::<StringArray>()),
                Arc::new((from..from + 700).map(Some).collect::<Int64Array>()),
                Arc::new(texts(from).collect::<LargeStringArray>()),
                Arc::new((0..700).map(|it| if it == 3 { f64::NAN } else { f64::from(it) }).collect::<Float64Array>()),
            ];
            let field = |it: &ArrayRef| Field::new("x", it.data_type().clone(), true);
            let schema = ArrowSchema::new(columns.iter().map(field).collect::<Vec<_>>());
            RecordBatch::try_new(Arc::new(schema), columns).expect("as declared")
        };
        (0..5).map(|it| batch(it * 700)).collect()
    }

    fn taken(paths: &Paths, most: usize, stands: &HashSet<Digest>) -> Made {
        let shelf = Shelf::new(paths.clone(), None);
        let mut intake = Intake::new(&shelf, &TYPES);
        intake.most = most;
        batches().iter().for_each(|it| intake.push(it).expect("taken in"));
        intake.finish(&|it| stands.contains(it)).expect("written")
    }

    fn read(paths: &Paths, segment: &Segment) -> Vec<RecordBatch> {
        let file = File::open(paths.segment(&segment.id)).expect("stands");
        let rows = ParquetRecordBatchReaderBuilder::try_new(file).expect("Parquet").with_batch_size(1 << 20);
        rows.build().expect("Parquet").map(|it| it.expect("sound")).collect()
    }

    #[test]
    fn what_waits_and_what_does_not_is_the_same() {
        let folder = tempfile::tempdir().expect("a folder");
        let paths = Paths::new(folder.path(), None);
        paths.create().expect("ours");
        let none = HashSet::new();
        let (held, grown) = (taken(&paths, usize::MAX, &none), taken(&paths, 0, &none));
        assert_eq!((held.rows, &held.digests), (3_500, &grown.digests));
        assert_eq!(held.digests[0], held.digests[2]);
        for made in [&held, &grown] {
            let segment = made.segment.as_ref().expect("something new");
            assert_eq!(segment.columns, [held.digests[0], held.digests[1], held.digests[3]]);
            assert_eq!(read(&paths, segment), read(&paths, held.segment.as_ref().expect("something new")));
        }
        let segment = grown.segment.expect("something new");
        let mut file = File::open(paths.segment(&segment.id)).expect("stands");
        assert_eq!(segment.file.digest, segments::digest_of(&mut file).expect("read"));
        assert_eq!(segment.file.bytes, file.metadata().expect("stands").len());
    }

    #[test]
    fn columns_that_stand_somewhere_are_left_out() {
        let folder = tempfile::tempdir().expect("a folder");
        let paths = Paths::new(folder.path(), None);
        paths.create().expect("ours");
        let all = taken(&paths, 0, &HashSet::new()).digests;
        let stands: HashSet<Digest> = [all[0], all[3]].into();
        for most in [0, usize::MAX] {
            let segment = taken(&paths, most, &stands).segment.expect("something new");
            assert_eq!(segment.columns, [all[1]]);
            let rows = read(&paths, &segment);
            assert_eq!(rows[0].num_columns(), 1);
            assert_eq!(rows.iter().map(RecordBatch::num_rows).sum::<usize>(), 3_500);
        }
        assert_eq!(taken(&paths, 0, &all.into_iter().collect()).segment, None);
    }
}
