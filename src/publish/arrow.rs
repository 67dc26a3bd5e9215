//! Arrow: a table as pandas, polars, R and DuckDB have it in memory, in the file format of Arrow IPC.
//!
//! Nothing is compressed, and no property is written: the bytes depend on the rows and on the version of the library.

use arrow_array::{Array, ArrayRef, RecordBatch, UInt32Array};
use arrow_ipc::writer::FileWriter;
use arrow_select::concat::concat_batches;
use arrow_select::take::take;

use super::plain::{Plain, Target};
use super::{Hashing, PublishError, Table, Written, column};

pub(super) const FORMAT: Plain = Plain {
    name: "arrow",
    doc: "a table in memory, for other programs",
    endings: &["arrow", "feather"],
    unread: "its columns or rows are others",
    write,
};

/// Rows of one batch: what the rows come in differs from machine to machine, what is written does not.
const ROWS: usize = 1 << 14;

fn write(target: Target<'_>, mut table: Table<'_>) -> Result<Written, PublishError> {
    column::check_types(table.name, &table.schema)?;
    let failed = |error: arrow_schema::ArrowError| PublishError::Rows(error.to_string());
    let out = Hashing::new(std::io::BufWriter::with_capacity(1 << 18, target.file));
    let mut writer = FileWriter::try_new(out, &table.schema).map_err(failed)?;
    let (mut waiting, mut held, mut rows) = (Vec::new(), 0, 0);
    while let Some(batch) = column::next_batch(&mut table)? {
        let mut batch = RecordBatch::try_new(table.schema.clone(), batch.columns().to_vec()).map_err(failed)?;
        rows += batch.num_rows() as u64;
        while held + batch.num_rows() >= ROWS {
            let first = ROWS - held;
            waiting.push(batch.slice(0, first));
            batch = batch.slice(first, batch.num_rows() - first);
            write_whole(&mut writer, &table, &mut waiting).map_err(failed)?;
            held = 0;
        }
        held += batch.num_rows();
        waiting.push(batch);
    }
    column::check_rows(table.rows, rows)?;
    if held > 0 {
        write_whole(&mut writer, &table, &mut waiting).map_err(failed)?;
    }
    let out = writer.into_inner().map_err(failed)?;
    Ok(out.finish(rows)?.1)
}

/// Writes what waits as one batch.
fn write_whole(
    writer: &mut FileWriter<impl std::io::Write>,
    table: &Table<'_>,
    waiting: &mut Vec<RecordBatch>,
) -> Result<(), arrow_schema::ArrowError> {
    let whole = concat_batches(&table.schema, waiting.iter())?;
    waiting.clear();
    let columns = whole.columns().iter().map(settled).collect::<Result<_, _>>()?;
    writer.write(&RecordBatch::try_new(table.schema.clone(), columns)?)
}

/// The same values over memory of their own: what stands beneath nulls, and behind the last value, is nobody's, and it
/// would be written.
fn settled(values: &ArrayRef) -> Result<ArrayRef, arrow_schema::ArrowError> {
    // A place that is not there gives zeros.
    let place = |at: usize| if values.is_null(at) { u32::MAX } else { at as u32 };
    let places = UInt32Array::new((0..values.len()).map(place).collect(), values.nulls().cloned());
    take(values, &places, None)
}

#[cfg(test)]
mod tests {
    use std::io::Seek;

    use arrow_array::Int64Array;
    use arrow_buffer::NullBuffer;
    use arrow_ipc::reader::FileReader;

    use super::*;
    use crate::publish::samples::{all_types, with_table};

    fn written(columns: &[(String, ArrayRef)]) -> (Vec<u8>, Written, Vec<RecordBatch>) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("x.arrow");
        let options = || std::fs::File::options().read(true).write(true).create(true).truncate(false).open(&path);
        let mut file = options().expect("a file");
        let written =
            with_table(columns, |table| write(Target { file: &mut file, path: &path }, table)).expect("written");
        file.rewind().expect("its beginning");
        let batches =
            FileReader::try_new(&file, None).expect("a file of Arrow").map(|it| it.expect("a batch")).collect();
        (std::fs::read(&path).expect("bytes"), written, batches)
    }

    #[test]
    fn every_type_comes_back_and_digests_are_those_of_the_file() {
        let columns = all_types();
        let (bytes, written, batches) = written(&columns);
        assert_eq!(written.blake3, blake3::hash(&bytes).into());
        assert_eq!((written.bytes, written.rows), (bytes.len() as u64, 3));
        assert_eq!(batches.len(), 1);
        for (at, (name, values)) in columns.iter().enumerate() {
            assert_eq!(batches[0].schema().field(at).name(), name);
            assert_eq!(batches[0].column(at).to_data(), values.to_data(), "{name}");
        }
    }

    #[test]
    fn what_stands_beneath_a_null_is_not_written() {
        let of = |beneath: i64| {
            let nulls = Some(NullBuffer::from(vec![true, false]));
            let values: ArrayRef = std::sync::Arc::new(Int64Array::new(vec![1, beneath].into(), nulls));
            written(&[("n".to_owned(), values)]).0
        };
        assert_eq!(of(0), of(i64::MAX));
    }

    #[test]
    fn batches_are_the_same_however_rows_come() {
        let many: ArrayRef = std::sync::Arc::new(Int64Array::from((0..ROWS as i64 * 2 + 5).collect::<Vec<_>>()));
        let (_, _, batches) = written(&[("n".to_owned(), many)]);
        let rows: Vec<usize> = batches.iter().map(RecordBatch::num_rows).collect();
        assert_eq!(rows, [ROWS, ROWS, 5]);
    }
}
