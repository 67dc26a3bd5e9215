//! A union of long tables, put together from their segments: what stands in a file is copied as it stands, column by
//! column and group by group. It is read only to be digested, and nobody computes, encodes or compresses it again.

use std::collections::HashMap;
use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, new_null_array};
use arrow_schema::{FieldRef, SchemaRef};
use parquet::arrow::arrow_writer::{ArrowRowGroupWriterFactory, compute_leaves};
use parquet::column::writer::ColumnCloseResult;
use parquet::errors::ParquetError;
use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData, ParquetMetaDataReader};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::ColumnDescPtr;

use crate::digest::Digest;
use crate::model::Type;
use crate::relation::stacked::Part;
use crate::store::backend::{EngineError, Exists, Made, Stored};
use crate::store::digests::Digests;
use crate::store::intake::{Growing, Hashed, Repeats, Size, missing, schema_of, unwritten};
use crate::store::scan::Scan;
use crate::store::shelf::{Shelf, is_short};

/// How many cells a group of rows has on average, or more: files of smaller ones are read slowly.
const GROUP: u64 = 1 << 18;

/// A union that can be put together from files.
pub(super) struct Stack<'a> {
    types: &'a [Type],
    schema: SchemaRef,
    tables: Vec<Table<'a>>,
}

/// One table of it.
struct Table<'a> {
    stored: &'a Stored,
    /// For each column of the union, its name in this table.
    names: Vec<Option<&'a str>>,
    /// The files that hold them, all with groups of the same numbers of rows.
    files: Vec<(File, ParquetMetaData)>,
    /// For each column of the union, its file and its place there.
    places: Vec<Option<(usize, usize)>>,
}

impl<'a> Stack<'a> {
    /// Of tables, each with the columns that have these types; `None` where it is better computed: where it is short or
    /// made of short pieces, or where the columns of a table stand in files that part its rows differently.
    pub(super) fn of(
        parts: &[Part<'a>],
        inputs: &'a [Stored],
        types: &'a [Type],
    ) -> Result<Option<Stack<'a>>, EngineError> {
        let rows: u64 = parts.iter().map(|it| inputs[it.input].rows).sum();
        if is_short(rows, types.len()) {
            return Ok(None);
        }
        let mut tables = Vec::new();
        for part in parts.iter().filter(|it| inputs[it.input].rows > 0) {
            match Table::open(part, &inputs[part.input], types)? {
                Some(table) => tables.push(table),
                None => return Ok(None),
            }
        }
        let groups: usize = tables.iter().map(Table::groups).sum();
        if rows * (types.len() as u64) < groups as u64 * GROUP {
            return Ok(None);
        }
        Ok(Some(Stack { types, schema: schema_of(types), tables }))
    }

    /// Digests the columns, and writes those that no segment holds. `go_on` is asked often whether to stop.
    pub(super) fn made(
        &self,
        shelf: &Shelf,
        go_on: &dyn Fn() -> Result<(), EngineError>,
        stands: Exists<'_>,
    ) -> Result<Made, EngineError> {
        let mut digests = Digests::new(self.types);
        for table in &self.tables {
            table.read(&self.schema, &mut |batch| {
                go_on()?;
                digests.update(&batch).map_err(EngineError::Engine)
            })?;
        }
        let (rows, digests) = digests.finish();
        let new = missing(&digests, stands);
        if new.is_empty() {
            return Ok(Made { rows, digests, segment: None, pieces: None, told: None });
        }
        let types: Vec<Type> = new.iter().map(|at| self.types[*at]).collect();
        let Growing { writer, path, .. } = Growing::new(shelf.paths(), &types, Size::Long, &Repeats::unasked())?;
        let schema = schema_of(&types);
        let (mut writer, empty) = writer.into_serialized_writer().map_err(unwritten)?;
        for table in &self.tables {
            for group in 0..table.groups() {
                go_on()?;
                table.copy(group, &new, &mut writer, (&empty, &schema)).map_err(unwritten)?;
            }
        }
        let file = writer.into_inner().map_err(unwritten)?;
        let columns: Vec<Digest> = new.iter().map(|at| digests[*at]).collect();
        let segment = file.settle(path, shelf.paths(), rows, columns)?;
        Ok(Made { rows, digests, segment: Some(segment), pieces: None, told: None })
    }
}

impl<'a> Table<'a> {
    fn open(part: &Part<'a>, stored: &'a Stored, types: &[Type]) -> Result<Option<Table<'a>>, EngineError> {
        let columns: HashMap<&str, _> = stored.columns.iter().map(|it| (it.column.name.as_str(), it)).collect();
        let mut numbers: HashMap<&PathBuf, usize> = HashMap::new();
        let mut files: Vec<(File, ParquetMetaData)> = Vec::new();
        let mut places = Vec::new();
        for (name, ty) in part.columns.iter().zip(types) {
            let Some(name) = name else {
                places.push(None);
                continue;
            };
            let Some(column) = columns.get(name).filter(|it| it.column.ty == *ty) else { return Ok(None) };
            let (path, at) = &column.place;
            let number = match numbers.get(path) {
                Some(number) => *number,
                None => {
                    let file = File::open(path)?;
                    let metadata = ParquetMetaDataReader::new().parse_and_finish(&file).map_err(unwritten)?;
                    files.push((file, metadata));
                    numbers.insert(path, files.len() - 1);
                    files.len() - 1
                }
            };
            places.push(Some((number, *at as usize)));
        }
        let table = Table { stored, names: part.columns.clone(), files, places };
        let Some((first, rest)) = table.files.split_first() else { return Ok(None) };
        Ok(rest.iter().all(|it| lengths(&it.1).eq(lengths(&first.1))).then_some(table))
    }

    fn groups(&self) -> usize {
        self.files.first().map_or(0, |(_, metadata)| metadata.num_row_groups())
    }

    /// Its rows, batch by batch, with nothing in the columns that it does not have.
    fn read(
        &self,
        schema: &SchemaRef,
        sink: &mut dyn FnMut(RecordBatch) -> Result<(), EngineError>,
    ) -> Result<(), EngineError> {
        let names: Vec<&str> = self.names.iter().copied().flatten().collect();
        let Some(mut scan) = Scan::of(self.stored, &names, 0..self.stored.rows)? else { return Ok(()) };
        while let Some(batch) = scan.step()? {
            let mut there = batch.columns().iter();
            let column = |(name, field): (&Option<&str>, &FieldRef)| -> Option<ArrayRef> {
                match name {
                    Some(_) => there.next().cloned(),
                    None => Some(new_null_array(field.data_type(), batch.num_rows())),
                }
            };
            let columns = self.names.iter().zip(schema.fields()).filter_map(column).collect();
            let whole = RecordBatch::try_new(Arc::clone(schema), columns);
            sink(whole.map_err(|it| EngineError::Engine(it.to_string()))?)?;
        }
        Ok(())
    }

    /// Copies the columns `new` of one group of rows.
    fn copy(
        &self,
        group: usize,
        new: &[usize],
        writer: &mut SerializedFileWriter<Hashed>,
        (empty, schema): (&ArrowRowGroupWriterFactory, &SchemaRef),
    ) -> Result<(), ParquetError> {
        let rows = self.files.first().map_or(0, |(_, metadata)| metadata.row_group(group).num_rows());
        let descriptors: Vec<ColumnDescPtr> = writer.schema_descr().columns().to_vec();
        let own = empty.create_column_writers(group)?;
        let mut row_group = writer.next_row_group()?;
        for (((at, field), descriptor), mut own) in new.iter().zip(schema.fields()).zip(descriptors).zip(own) {
            let Some((file, place)) = self.places[*at] else {
                for leaf in compute_leaves(field, &new_null_array(field.data_type(), rows as usize))? {
                    own.write(&leaf)?;
                }
                own.close()?.append_to_row_group(&mut row_group)?;
                continue;
            };
            let (file, metadata) = &self.files[file];
            let metadata = named(metadata.row_group(group).column(place), descriptor)?;
            let close = ColumnCloseResult {
                bytes_written: metadata.compressed_size() as u64,
                rows_written: rows as u64,
                metadata,
                bloom_filter: None,
                column_index: None,
                offset_index: None,
            };
            row_group.append_column(file, close)?;
        }
        row_group.close().map(drop)
    }
}

fn lengths(metadata: &ParquetMetaData) -> impl Iterator<Item = i64> + '_ {
    metadata.row_groups().iter().map(|it| it.num_rows())
}

/// What is known of a chunk, as that of another column of the same type.
fn named(chunk: &ColumnChunkMetaData, descriptor: ColumnDescPtr) -> Result<ColumnChunkMetaData, ParquetError> {
    let mut builder = ColumnChunkMetaData::builder(descriptor)
        .set_compression(chunk.compression())
        .set_encodings_mask(*chunk.encodings_mask())
        .set_total_compressed_size(chunk.compressed_size())
        .set_total_uncompressed_size(chunk.uncompressed_size())
        .set_num_values(chunk.num_values())
        .set_data_page_offset(chunk.data_page_offset())
        .set_dictionary_page_offset(chunk.dictionary_page_offset())
        .set_unencoded_byte_array_data_bytes(chunk.unencoded_byte_array_data_bytes());
    if let Some(statistics) = chunk.statistics() {
        builder = builder.set_statistics(statistics.clone());
    }
    builder.build()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use arrow_array::{BooleanArray, Date32Array, Decimal128Array, Float64Array, Int64Array, StringArray};
    use arrow_array::{RecordBatchReader, TimestampMicrosecondArray};
    use arrow_select::concat::concat_batches;
    use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

    use super::*;
    use crate::model::Column;
    use crate::store::Paths;
    use crate::store::backend::StoredColumn;
    use crate::store::intake::Intake;

    const ROWS: i64 = 30_000;

    const TYPES: [Type; 9] = [
        Type::Text,
        Type::Integer,
        Type::Decimal { scale: 2 },
        Type::Float,
        Type::Boolean,
        Type::Date,
        Type::Timestamp,
        Type::Text,
        Type::Integer,
    ];

    /// Rows with a column of each type, some of them empty.
    fn rows(seed: i64) -> RecordBatch {
        let each = || (0..ROWS).map(move |it| (it % 7 > 0).then_some(it * (seed + 1)));
        let decimals = each().map(|it| it.map(i128::from)).collect::<Decimal128Array>();
        let columns: Vec<ArrayRef> = vec![
            Arc::new(each().map(|it| it.map(|it| format!("text {it}"))).collect::<StringArray>()),
            Arc::new(each().collect::<Int64Array>()),
            Arc::new(decimals.with_precision_and_scale(38, 2).expect("small")),
            Arc::new(
                each().map(|it| it.map(|it| if it % 5 == 0 { f64::NAN } else { it as f64 })).collect::<Float64Array>(),
            ),
            Arc::new(each().map(|it| it.map(|it| it % 2 == 0)).collect::<BooleanArray>()),
            Arc::new(each().map(|it| it.map(|it| it as i32)).collect::<Date32Array>()),
            Arc::new(each().collect::<TimestampMicrosecondArray>()),
            Arc::new(each().map(|_| Some(format!("source {seed}"))).collect::<StringArray>()),
            Arc::new((0..ROWS).map(Some).collect::<Int64Array>()),
        ];
        RecordBatch::try_new(schema_of(&TYPES), columns).expect("as declared")
    }

    /// A table of such rows, with its columns in segments of so many.
    fn table(shelf: &Shelf, rows: &RecordBatch, width: usize) -> Stored {
        let mut columns = Vec::new();
        for (part, types) in TYPES.chunks(width).enumerate() {
            let places: Vec<usize> = (part * width..part * width + types.len()).collect();
            let mut intake = Intake::new(shelf, types);
            intake.push(&rows.project(&places).expect("columns")).expect("taken in");
            let made = intake.finish(&|_| false).expect("written");
            let path = shelf.paths().segment(&made.segment.expect("new").id);
            for (at, place) in places.into_iter().enumerate() {
                let column = Column::new(format!("n{place}"), TYPES[place]);
                columns.push(StoredColumn { column, digest: made.digests[at], place: (path.clone(), at as u32) });
            }
        }
        Stored { rows: rows.num_rows() as u64, columns }
    }

    fn parts<'a>(names: &'a [String], without: usize) -> Vec<Part<'a>> {
        let all: Vec<Option<&str>> = names.iter().map(|it| Some(it.as_str())).collect();
        let mut some = all.clone();
        some[without] = None;
        vec![Part { input: 0, columns: all }, Part { input: 1, columns: some }]
    }

    fn digests(rows: &RecordBatch) -> Vec<Digest> {
        let mut digests = Digests::new(&TYPES);
        digests.update(rows).expect("as declared");
        digests.finish().1
    }

    #[test]
    fn what_is_copied_is_what_stood() {
        let folder = tempfile::tempdir().expect("a folder");
        let paths = Paths::new(folder.path(), None);
        paths.create().expect("ours");
        let shelf = Shelf::new(paths, None);
        let names: Vec<String> = (0..TYPES.len()).map(|it| format!("n{it}")).collect();
        let (one, other) = (rows(1), rows(2));
        let inputs = [table(&shelf, &one, 4), table(&shelf, &other, TYPES.len())];
        for without in [0, 2, 8] {
            let mut columns = other.columns().to_vec();
            columns[without] = new_null_array(columns[without].data_type(), other.num_rows());
            let other = RecordBatch::try_new(schema_of(&TYPES), columns).expect("as declared");
            let whole = concat_batches(&schema_of(&TYPES), [&one, &other]).expect("alike");
            let expected = digests(&whole);
            for stands in [HashSet::new(), HashSet::from([expected[1], expected[4]])] {
                let parts = parts(&names, without);
                let stack = Stack::of(&parts, &inputs, &TYPES).expect("read").expect("long enough");
                let made = stack.made(&shelf, &|| Ok(()), &|it| stands.contains(it)).expect("made");
                assert_eq!((made.rows, &made.digests), (2 * ROWS as u64, &expected));
                let segment = made.segment.expect("something new");
                let file = File::open(shelf.paths().segment(&segment.id)).expect("stands");
                let read = ParquetRecordBatchReaderBuilder::try_new(file).expect("Parquet").build().expect("Parquet");
                let schema = read.schema();
                let read = concat_batches(&schema, &read.map(|it| it.expect("sound")).collect::<Vec<_>>());
                let new: Vec<usize> = (0..TYPES.len()).filter(|at| !stands.contains(&expected[*at])).collect();
                assert_eq!(read.expect("alike").columns(), whole.project(&new).expect("columns").columns());
                assert_eq!(segment.columns, new.iter().map(|at| expected[*at]).collect::<Vec<_>>());
            }
        }
        let parts = parts(&names, 0);
        let all: HashSet<Digest> = {
            let stack = Stack::of(&parts, &inputs, &TYPES).expect("read").expect("long enough");
            stack.made(&shelf, &|| Ok(()), &|_| true).expect("made").digests.into_iter().collect()
        };
        assert_eq!(all.len(), TYPES.len());
        let stack = Stack::of(&parts, &inputs, &TYPES).expect("read").expect("long enough");
        let stopped = stack.made(&shelf, &|| Err(EngineError::Interrupted), &|_| false);
        assert_eq!(stopped, Err(EngineError::Interrupted));
    }

    #[test]
    fn short_tables_other_types_and_other_groups_are_computed() {
        let folder = tempfile::tempdir().expect("a folder");
        let paths = Paths::new(folder.path(), None);
        paths.create().expect("ours");
        let shelf = Shelf::new(paths, None);
        let names: Vec<String> = (0..TYPES.len()).map(|it| format!("n{it}")).collect();
        let of = |inputs: &[Stored; 2], types: &[Type]| {
            let parts = parts(&names, 3);
            Stack::of(&parts, inputs, types).expect("read").is_some()
        };
        let (long, short) = (rows(1), rows(2).slice(0, 2_000));
        let both = [table(&shelf, &long, TYPES.len()), table(&shelf, &rows(2), TYPES.len())];
        assert!(of(&both, &TYPES));
        let mut types = TYPES;
        types[1] = Type::Float;
        assert!(!of(&both, &types), "a column of another type");
        let few = [table(&shelf, &short, TYPES.len()), table(&shelf, &short, TYPES.len())];
        assert!(!of(&few, &TYPES), "short tables");
        // Two groups of rows beside one.
        let mut growing = Growing::new(shelf.paths(), &[Type::Integer], Size::Long, &Repeats::unasked()).expect("ours");
        let numbers = long.project(&[8]).expect("a column");
        let numbers = RecordBatch::try_new(schema_of(&[Type::Integer]), numbers.columns().to_vec()).expect("one");
        growing.writer.write(&numbers.slice(0, 10)).expect("written");
        growing.writer.flush().expect("written");
        growing.writer.write(&numbers.slice(10, numbers.num_rows() - 10)).expect("written");
        let file = growing.writer.into_inner().expect("written");
        let digest = both[0].columns[8].digest;
        let segment = file.settle(growing.path, shelf.paths(), ROWS as u64, vec![digest]).expect("put in its place");
        let mut other = both;
        other[0].columns[8].place = (shelf.paths().segment(&segment.id), 0);
        assert!(!of(&other, &TYPES), "other groups");
    }
}
