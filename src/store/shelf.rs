//! Columns of short tables, in memory: what was written last or read last of segments.
//!
//! A statement over a short table costs what it takes to plan it. The engine plans whatever reads a file twice, because
//! another one might stand there by then, and opens each file several times; a segment never changes. So a short table
//! stands in a statement as one call of a table function that gives its columns row for row, and where nothing is to be
//! computed there is no statement at all.

mod cells;
mod lent;

use std::collections::{BTreeSet, HashMap};
use std::error::Error;
use std::fmt::Write;
use std::fs::File;
use std::ops::Range;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use arrow_array::{Array, ArrayRef, Int64Array, RecordBatch, UInt64Array};
use arrow_schema::{DataType, Field, Schema as ArrowSchema};
use arrow_select::take::take;
use duckdb::Connection;
use duckdb::core::{DataChunkHandle, LogicalTypeHandle, LogicalTypeId};
use duckdb::vtab::arrow::to_duckdb_logical_type;
use duckdb::vtab::{BindInfo, InitInfo, TableFunctionInfo, VTab};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use crate::digest::Digest;
use crate::relation::sql::quote;
use crate::store::Paths;
use crate::store::backend::{EngineError, Stored};
use crate::store::shelf::cells::Cells;

pub(super) use lent::Lent;

/// How many rows a short table has at most, and how many cells of it are read.
const ROWS: u64 = 20_480;
const CELLS: u64 = 1 << 20;

/// How many bytes are kept.
const KEPT: usize = 32 << 20;

/// How many rows the engine takes at once.
const CHUNK: usize = 2_048;

/// The table function.
const NAME: &str = "short_table";

/// A column of a segment.
type Place = (Digest, u32);

/// Columns of segments in memory, as many as there is room for.
#[derive(Clone)]
pub(super) struct Shelf(Arc<Inner>);

struct Inner {
    paths: Paths,
    /// How many bytes may be kept.
    most: usize,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    columns: HashMap<Place, Cells>,
    bytes: usize,
}

impl Shelf {
    /// Of the segments of a store; `memory` is what the program may take.
    pub(super) fn new(paths: Paths, memory: Option<u64>) -> Shelf {
        let part = memory.map_or(KEPT, |it| usize::try_from(it / 32).unwrap_or(KEPT));
        Shelf(Arc::new(Inner { paths, most: part.min(KEPT), kept: Mutex::default() }))
    }

    /// The store of the segments.
    pub(super) fn paths(&self) -> &Paths {
        &self.0.paths
    }

    /// Lets statements of an instance read short tables.
    pub(super) fn register(&self, connection: &Connection) -> duckdb::Result<()> {
        connection.register_table_function_with_extra_info::<ShortTable, Shelf>(NAME, self)
    }

    /// Keeps a segment that was just written, if it is short. The batches are all of its rows.
    pub(super) fn put(&self, segment: &Digest, batches: &[RecordBatch]) {
        let rows: usize = batches.iter().map(RecordBatch::num_rows).sum();
        let width = batches.first().map_or(0, RecordBatch::num_columns);
        if !is_short(rows as u64, width) {
            return;
        }
        for at in 0..width {
            let parts: Vec<&dyn Array> = batches.iter().map(|it| it.column(at).as_ref()).collect();
            let whole = match batches {
                [one] => Ok(Arc::clone(one.column(at))),
                _ => arrow_select::concat::concat(&parts),
            };
            if let Some(whole) = whole.ok().and_then(|it| Cells::of(it).ok()) {
                self.keep((*segment, at as u32), whole);
            }
        }
    }

    fn keep(&self, place: Place, column: Cells) {
        let bytes = column.size();
        let mut kept = self.0.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if bytes > self.0.most {
            return;
        }
        if kept.bytes + bytes > self.0.most {
            *kept = Kept::default();
        }
        if kept.columns.insert(place, column).is_none() {
            kept.bytes += bytes;
        }
    }

    fn kept(&self, place: &Place) -> Option<Cells> {
        self.0.kept.lock().unwrap_or_else(PoisonError::into_inner).columns.get(place).cloned()
    }

    /// The named columns of a stored table, some at least, if it is short.
    pub(super) fn rows(&self, table: &Stored, names: &[&str]) -> Result<Option<RecordBatch>, EngineError> {
        let Some(columns) = self.cells(table, names)? else { return Ok(None) };
        let columns: Vec<ArrayRef> = columns.iter().map(|it| Arc::clone(it.array())).collect();
        let named = names.iter().zip(&columns);
        let fields = named.map(|(name, it)| Field::new(*name, it.data_type().clone(), true));
        let schema = ArrowSchema::new(fields.collect::<Vec<_>>());
        RecordBatch::try_new(Arc::new(schema), columns).map(Some).map_err(|it| EngineError::Engine(it.to_string()))
    }

    /// The same as the engine takes them.
    fn cells(&self, table: &Stored, names: &[&str]) -> Result<Option<Vec<Cells>>, EngineError> {
        let find = |name: &&str| table.columns.iter().find(|it| it.column.name == *name);
        let places: Option<Vec<Place>> = names.iter().map(|it| self.place(&find(it)?.place)).collect();
        let short = |it: &Vec<Place>| !it.is_empty() && is_short(table.rows, it.len());
        places.filter(short).map(|it| self.all(&it, table.rows)).transpose()
    }

    /// Of these rows of it, the ordinal of each before the named columns; the ordinals rise, and who has none is left out.
    pub(super) fn rows_at(
        &self,
        table: &Stored,
        names: &[&str],
        at: &BTreeSet<u64>,
    ) -> Result<Option<RecordBatch>, EngineError> {
        let Some(all) = self.rows(table, names)? else { return Ok(None) };
        let known = || at.iter().copied().take_while(|it| *it < table.rows);
        let numbers = UInt64Array::from_iter_values(known());
        let ordinals: ArrayRef = Arc::new(Int64Array::from_iter_values(known().map(|it| it as i64)));
        let taken = all.columns().iter().map(|it| take(it, &numbers, None));
        let columns = std::iter::once(Ok(ordinals)).chain(taken).collect::<Result<Vec<_>, _>>();
        let mut fields = vec![Arc::new(Field::new("r", DataType::Int64, true))];
        fields.extend(all.schema().fields().iter().cloned());
        let schema = Arc::new(ArrowSchema::new(fields));
        let rows = columns.and_then(|it| RecordBatch::try_new(schema, it));
        rows.map(Some).map_err(|it| EngineError::Engine(it.to_string()))
    }

    /// The place of a column as this store names it.
    fn place(&self, (path, at): &(std::path::PathBuf, u32)) -> Option<Place> {
        let (folder, name) = (path.parent()?.file_name()?.to_str()?, path.file_stem()?.to_str()?);
        let id = Digest::from_hex(&format!("{folder}{name}"))?;
        (self.0.paths.segment(&id) == *path).then_some((id, *at))
    }

    /// Columns of segments, each with so many rows.
    fn all(&self, places: &[Place], rows: u64) -> Result<Vec<Cells>, EngineError> {
        let mut found: Vec<Option<Cells>> = places.iter().map(|it| self.kept(it)).collect();
        while let Some(at) = found.iter().position(Option::is_none) {
            let segment = places[at].0;
            let wanted = |at: &usize| found[*at].is_none() && places[*at].0 == segment;
            let missing: Vec<usize> = (0..places.len()).filter(wanted).collect();
            let columns: Vec<u32> = missing.iter().map(|at| places[*at].1).collect();
            let read = read(&self.0.paths.segment(&segment), &columns)?;
            for (at, column) in missing.into_iter().zip(read) {
                let column = Cells::of(column).map_err(|it| EngineError::Engine(it.to_string()))?;
                self.keep(places[at], column.clone());
                found[at] = Some(column);
            }
        }
        let found: Vec<Cells> = found.into_iter().flatten().collect();
        match found.iter().all(|it| it.array().len() as u64 == rows) {
            true => Ok(found),
            false => Err(EngineError::Engine("a segment has another number of rows than is known".to_owned())),
        }
    }
}

/// Whether a table of so many rows and columns is kept in memory.
pub(super) fn is_short(rows: u64, width: usize) -> bool {
    rows <= ROWS && rows.saturating_mul(width as u64) <= CELLS
}

/// Columns of a file, in this order.
fn read(path: &Path, columns: &[u32]) -> Result<Vec<ArrayRef>, EngineError> {
    let unread = |it: &dyn std::fmt::Display| EngineError::Io(it.to_string());
    let builder = ParquetRecordBatchReaderBuilder::try_new(File::open(path)?).map_err(|it| unread(&it))?;
    let mut sorted: Vec<usize> = columns.iter().map(|it| *it as usize).collect();
    sorted.sort_unstable();
    sorted.dedup();
    let mask = ProjectionMask::leaves(builder.parquet_schema(), sorted.iter().copied());
    let schema = Arc::clone(builder.schema());
    let rows = builder.with_projection(mask).with_batch_size(ROWS as usize).build().map_err(|it| unread(&it))?;
    let batches = rows.collect::<Result<Vec<_>, _>>().map_err(|it| unread(&it))?;
    let one = |column: &u32| {
        let at = sorted.binary_search(&(*column as usize)).map_err(|_| unread(&"a column is missing"))?;
        let parts: Vec<&dyn Array> = batches.iter().map(|it| it.column(at).as_ref()).collect();
        match parts.as_slice() {
            [] => Ok(arrow_array::new_empty_array(schema.field(*column as usize).data_type())),
            parts => arrow_select::concat::concat(parts).map_err(|it| unread(&it)),
        }
    };
    columns.iter().map(one).collect()
}

impl Shelf {
    /// A call that gives stored columns of a short table in this order, and behind them the ordinal.
    pub(super) fn call(&self, table: &Stored, names: &[&str], ordinal: bool) -> Option<String> {
        if names.is_empty() || !is_short(table.rows, names.len()) {
            return None;
        }
        let mut places = format!("{}{}", table.rows, if ordinal { " o" } else { "" });
        let mut last = None;
        for name in names {
            let (segment, at) = self.place(&table.columns.iter().find(|it| it.column.name == *name)?.place)?;
            if last != Some(segment) {
                let _ = write!(places, " {}", segment.hex());
            }
            let _ = write!(places, ",{at}");
            last = Some(segment);
        }
        Some(format!("{NAME}({})", quote(&places)))
    }
}

/// Reads what [`Shelf::call`] writes.
fn told(text: &str) -> Option<(u64, bool, Vec<Place>)> {
    let mut words = text.split(' ').peekable();
    let rows = words.next()?.parse().ok()?;
    let ordinal = words.next_if_eq(&"o").is_some();
    let mut places = Vec::new();
    for word in words {
        let mut parts = word.split(',');
        let segment = Digest::from_hex(parts.next()?)?;
        for at in parts {
            places.push((segment, at.parse().ok()?));
        }
    }
    Some((rows, ordinal, places))
}

fn ordinals(rows: Range<usize>) -> Result<Cells, Box<dyn Error>> {
    Cells::of(Arc::new(Int64Array::from_iter_values(rows.start as i64..rows.end as i64)))
}

/// `short_table('rows o segment,column,column segment,column')`: the columns in order, and the ordinal where `o` stands.
struct ShortTable;

/// What a call gives.
struct Given {
    columns: Vec<Cells>,
    rows: usize,
}

/// Which columns are asked for, and how many rows were given.
struct Asked {
    columns: Vec<usize>,
    given: AtomicUsize,
}

impl Asked {
    fn of(init: &InitInfo) -> Result<Asked, Box<dyn Error>> {
        // Rows come in their order.
        init.set_max_threads(1);
        let columns = init.get_column_indices().into_iter().map(usize::try_from).collect::<Result<_, _>>()?;
        Ok(Asked { columns, given: AtomicUsize::new(0) })
    }
}

impl Given {
    /// The next rows of what is asked for; none when all were given.
    fn give(&self, asked: &Asked, output: &mut DataChunkHandle) -> Result<(), Box<dyn Error>> {
        let from = asked.given.fetch_add(CHUNK, Ordering::Relaxed).min(self.rows);
        let rows = CHUNK.min(self.rows - from);
        for (at, column) in asked.columns.iter().enumerate() {
            match self.columns.get(*column) {
                Some(column) => column.give(from..from + rows, output, at)?,
                None if *column == self.columns.len() => ordinals(from..from + rows)?.give(0..rows, output, at)?,
                None => return Err("the engine asks for a column that there is not".into()),
            }
        }
        output.set_len(rows);
        Ok(())
    }
}

impl VTab for ShortTable {
    type InitData = Asked;
    type BindData = Given;

    fn bind(bind: &BindInfo) -> Result<Given, Box<dyn Error>> {
        let shelf = bind.get_extra_info::<Shelf>();
        #[expect(unsafe_code, reason = "DuckDB gives what was registered as a raw pointer")]
        // SAFETY: a `Shelf` was registered with this function, and stays as long as the function.
        let shelf = unsafe { shelf.as_ref() }.ok_or("there is no shelf")?;
        let (rows, ordinal, places) = told(&bind.get_parameter(0).to_string()).ok_or("this names no columns")?;
        let columns = shelf.all(&places, rows)?;
        for (at, column) in columns.iter().enumerate() {
            bind.add_result_column(&format!("c{at}"), to_duckdb_logical_type(column.array().data_type())?);
        }
        if ordinal {
            bind.add_result_column("o", LogicalTypeHandle::from(LogicalTypeId::Bigint));
        }
        bind.set_cardinality(rows, true);
        Ok(Given { columns, rows: usize::try_from(rows)? })
    }

    fn init(init: &InitInfo) -> Result<Asked, Box<dyn Error>> {
        Asked::of(init)
    }

    fn func(info: &TableFunctionInfo<ShortTable>, output: &mut DataChunkHandle) -> Result<(), Box<dyn Error>> {
        info.get_bind_data().give(info.get_init_data(), output)
    }

    fn supports_pushdown() -> bool {
        true
    }

    fn parameters() -> Option<Vec<LogicalTypeHandle>> {
        Some(vec![LogicalTypeHandle::from(LogicalTypeId::Varchar)])
    }
}

#[cfg(test)]
mod tests {
    use arrow_array::{
        BooleanArray, Date32Array, Decimal128Array, Float64Array, StringArray, TimestampMicrosecondArray,
    };

    use super::*;
    use crate::model::{Column, Type};
    use crate::store::backend::StoredColumn;
    use crate::store::intake::Intake;
    use crate::store::statements::{selected, stream};

    const TYPES: [Type; 7] = [
        Type::Text,
        Type::Integer,
        Type::Decimal { scale: 3 },
        Type::Float,
        Type::Boolean,
        Type::Date,
        Type::Timestamp,
    ];

    /// Rows of every type, each third cell without a value.
    fn batch(from: i64, rows: i64) -> RecordBatch {
        let of = |at: i64| move |it: i64| ((it + at) % 3 > 0).then_some(it);
        let each = |at: i64| (from..from + rows).map(of(at));
        let text = |it: i64| if it % 2 == 0 { format!("é'\0 {it}") } else { format!("longer than twelve bytes {it}") };
        let decimals: Decimal128Array = each(2).map(|it| it.map(|it| i128::from(it) * 10_i128.pow(30))).collect();
        let columns: Vec<ArrayRef> = vec![
            Arc::new(each(0).map(|it| it.map(text)).collect::<StringArray>()),
            Arc::new(each(1).map(|it| it.map(|it| it * (i64::MAX / 10_000))).collect::<Int64Array>()),
            Arc::new(decimals.with_precision_and_scale(38, 3).expect("fits")),
            Arc::new(each(0).map(|it| it.map(|it| 1.0 / it as f64)).collect::<Float64Array>()),
            Arc::new(each(1).map(|it| it.map(|it| it % 4 == 0)).collect::<BooleanArray>()),
            Arc::new(each(2).map(|it| it.map(|it| it as i32)).collect::<Date32Array>()),
            Arc::new(each(0).map(|it| it.map(|it| it * 1_000_003)).collect::<TimestampMicrosecondArray>()),
        ];
        let field = |it: &ArrayRef| Field::new("x", it.data_type().clone(), true);
        let schema = ArrowSchema::new(columns.iter().map(field).collect::<Vec<_>>());
        RecordBatch::try_new(Arc::new(schema), columns).expect("as declared")
    }

    /// A table of so many rows in two segments, whose columns do not stand in their order.
    fn table(shelf: &Shelf, rows: i64) -> Stored {
        let mut columns = Vec::new();
        for part in [&[0_usize, 2, 4, 6][..], &[1, 3, 5]] {
            let types: Vec<Type> = part.iter().map(|at| TYPES[*at]).collect();
            let mut intake = Intake::new(shelf, &types);
            for from in (0..rows).step_by(1_500) {
                let whole = batch(from, (rows - from).min(1_500));
                intake.push(&whole.project(part).expect("there")).expect("taken in");
            }
            let made = intake.finish(&|_| false).expect("written");
            let segment = made.segment.expect("new");
            for (at, digest) in part.iter().zip(&made.digests) {
                let index = segment.columns.iter().position(|it| it == digest).expect("written");
                let place = (shelf.paths().segment(&segment.id), index as u32);
                columns.push(StoredColumn {
                    column: Column::new(format!("n{at}"), TYPES[*at]),
                    digest: *digest,
                    place,
                });
            }
        }
        Stored { rows: rows as u64, columns }
    }

    fn all(connection: &Connection, text: &str) -> Vec<RecordBatch> {
        let mut batches = Vec::new();
        let mut sink = |it: RecordBatch| {
            batches.push(it);
            Ok(())
        };
        stream(connection, text, &mut sink).expect(text);
        let Some(schema) = batches.first().map(RecordBatch::schema) else { return Vec::new() };
        vec![arrow_select::concat::concat_batches(&schema, &batches).expect("of one kind")]
    }

    fn opened() -> (tempfile::TempDir, Shelf, Connection) {
        let folder = tempfile::tempdir().expect("a folder");
        let paths = Paths::new(folder.path(), None);
        paths.create().expect("ours");
        let shelf = Shelf::new(paths, None);
        let connection = Connection::open_in_memory().expect("the engine");
        shelf.register(&connection).expect("registered");
        (folder, shelf, connection)
    }

    #[test]
    fn a_short_table_is_what_the_engine_reads_of_its_files() {
        for rows in [1, 2_048, 5_000] {
            let (_folder, shelf, connection) = opened();
            let stored = table(&shelf, rows);
            let columns: Vec<(&str, String)> = stored
                .columns
                .iter()
                .rev()
                .map(|it| (it.column.name.as_str(), format!("a_{}", it.column.name)))
                .collect();
            let by_engine = selected(None, &stored, &[], &columns, true);
            let by_us = selected(Some(&shelf), &stored, &[], &columns, true);
            assert!(by_engine.contains("read_parquet") && !by_us.contains("read_parquet"), "{by_us}");
            let expected = all(&connection, &by_engine);
            assert_eq!(expected[0].num_rows() as i64, rows);
            assert_eq!(all(&connection, &by_us), expected, "what was written last");
            shelf.0.kept.lock().expect("unharmed").columns.clear();
            assert_eq!(all(&connection, &by_us), expected, "what is read of files");
            let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
            let given = shelf.rows(&stored, &names).expect("read").expect("short");
            assert_eq!(given.columns(), &expected[0].columns()[..names.len()]);
            let at = BTreeSet::from([0, 2_047, 3_000, 9_000]);
            let some = shelf.rows_at(&stored, &names, &at).expect("read").expect("short");
            let expected_of = format!("SELECT o, * EXCLUDE (o) FROM ({by_engine}) WHERE o IN (0, 2047, 3000, 9000)");
            assert_eq!(some.columns(), all(&connection, &expected_of)[0].columns());
            let some = format!("SELECT a_n1, o FROM ({by_us}) WHERE o % 7 = 3 AND a_n4 IS NOT NULL");
            let expected = format!("SELECT a_n1, o FROM ({by_engine}) WHERE o % 7 = 3 AND a_n4 IS NOT NULL");
            assert_eq!(all(&connection, &some), all(&connection, &expected));
            let count: i64 =
                connection.query_row(&format!("SELECT count(*) FROM ({by_us})"), [], |it| it.get(0)).expect("counted");
            assert_eq!(count, rows, "no column is asked for");
        }
    }

    #[test]
    fn a_statement_over_short_tables_is_planned_once() {
        let (_folder, shelf, connection) = opened();
        let stored = table(&shelf, 10);
        let columns = [("n0", "a".to_owned())];
        // Where the file is needed to plan a second time, it is missed.
        for (reader, by) in [("read_parquet", None), (NAME, Some(&shelf))] {
            let text = selected(by, &stored, &[], &columns, false);
            let mut prepared = connection.prepare(&text).expect("planned");
            std::fs::rename(shelf.paths().segments(), shelf.paths().root().join("away")).expect("moved");
            shelf.0.kept.lock().expect("unharmed").columns.clear();
            assert_eq!(prepared.stream_arrow([]).is_ok(), by.is_some(), "{reader}");
            std::fs::rename(shelf.paths().root().join("away"), shelf.paths().segments()).expect("moved");
        }
    }

    #[test]
    fn no_more_is_kept_than_there_is_room_for() {
        let (_folder, shelf, _connection) = opened();
        let small = Shelf::new(shelf.paths().clone(), Some(1 << 20));
        for rows in 1_000..1_040 {
            table(&small, rows);
            let kept = small.0.kept.lock().expect("unharmed");
            assert!(kept.bytes <= 1 << 15 && kept.bytes == kept.columns.values().map(Cells::size).sum::<usize>());
            assert!(!kept.columns.is_empty());
        }
    }

    #[test]
    fn long_and_wide_tables_are_read_by_the_engine() {
        for (rows, width, short) in [(ROWS, 51, true), (ROWS + 1, 1, false), (ROWS, 52, false), (0, 9, true)] {
            assert_eq!(is_short(rows, width), short, "{rows} × {width}");
        }
    }
}
