//! SQLite: a database of one table, in a file that every program with SQLite opens.
//!
//! The file is made by SQLite itself, in one transaction and with fixed settings, so its bytes depend on the table and
//! on the version of SQLite that is linked. Types are declared as in `sql`; what SQLite would keep otherwise than it is
//! said is refused.

use std::path::Path;

use rusqlite::types::{ToSqlOutput, Value as Owned, ValueRef};
use rusqlite::{Connection, params_from_iter};

use super::column::{self, Value};
use super::plain::Plain;
use super::problems::{NUMBER, TOO_WIDE};
use super::{PublishError, Table, Written, sql, value};
use crate::problem::Problem;

pub(super) const FORMAT: Plain = Plain {
    name: "sqlite",
    doc: "a database of one table, for SQLite",
    endings: &["sqlite", "db", "sqlite3"],
    unread: "only SQLite reads it",
    write: |target, table| {
        let rows = write_sqlite(target.path, table)?;
        Ok(Written::of(target.file, rows)?)
    },
};

/// Columns that a table has at most, as SQLite is compiled: <https://sqlite.org/limits.html>.
const COLUMNS: usize = 2_000;
/// Decimals up to here come back with all their digits: SQLite keeps them as floating point numbers of 15.
const DIGITS: u128 = 999_999_999_999_999;
/// Settings that decide the bytes, and nothing beside the file: it is staged, and shows when it is complete.
const SETTINGS: &str = "pragma page_size = 4096; pragma encoding = 'UTF-8'; pragma auto_vacuum = 0; \
    pragma journal_mode = off; pragma synchronous = off; pragma locking_mode = exclusive; pragma temp_store = memory; \
    begin;";

/// Writes `table` as a database to the empty file at `path`; gives the number of rows.
///
/// Days and times are ISO texts, yes and no are 1 and 0. A floating point number that is none is refused, as a decimal
/// of more than 15 digits is and a text with a zero character, at which some programs cut it.
fn write_sqlite(path: &Path, mut table: Table<'_>) -> Result<u64, PublishError> {
    column::check_types(table.name, &table.schema)?;
    let schema = table.schema.clone();
    let width = schema.fields().len();
    if width > COLUMNS {
        let message = format!("`{}` has {width} columns, and a table of SQLite has at most {COLUMNS}", table.name);
        let help = "name fewer in `columns`, or export the table as `parquet` or `csv`".to_owned();
        return Err(Problem::new(&TOO_WIDE, message).help(help).into());
    }
    let database = Connection::open(path).map_err(failed)?;
    database.execute_batch(SETTINGS).map_err(failed)?;
    database.execute_batch(&sql::create(table.name, &schema)).map_err(failed)?;
    let places = vec!["?"; width].join(", ");
    let text = format!("insert into {} values ({places})", sql::quoted(table.name, '"'));
    let mut insert = database.prepare(&text).map_err(failed)?;
    let mut rows = 0;
    while let Some(batch) = column::next_batch(&mut table)? {
        let columns = column::columns(&schema, &batch)?;
        for row in 0..batch.num_rows() {
            let mut cells = Vec::with_capacity(width);
            for (index, column) in columns.iter().enumerate() {
                let cell = bound(column.value(row)).map_err(|refusal| {
                    let (column, row) = (schema.field(index).name(), rows + row as u64 + 1);
                    refused(refusal, column, row, table.name)
                })?;
                cells.push(cell);
            }
            insert.execute(params_from_iter(cells)).map_err(failed)?;
        }
        rows += batch.num_rows() as u64;
    }
    column::check_rows(table.rows, rows)?;
    drop(insert);
    database.execute_batch("commit").map_err(failed)?;
    database.close().map_err(|(_, error)| failed(error))?;
    Ok(rows)
}

/// Why a value is not written.
enum Refusal {
    /// As in statements.
    Sql(sql::Refusal),
    /// Not all digits would be kept.
    Digits,
}

fn refused(refusal: Refusal, column: &str, row: u64, table: &str) -> Problem {
    match refusal {
        Refusal::Sql(it) => sql::refused(it, column, row, table),
        Refusal::Digits => {
            let message = format!("row {row} of column `{column}` of `{table}` has more digits than SQLite keeps");
            let help = "make it a text in a step with `cast(… as text)`, or export as `sql`, `csv` or `parquet`";
            Problem::new(&NUMBER, message).help(help.to_owned())
        }
    }
}

/// The value as SQLite takes it.
fn bound(value: Option<Value<'_>>) -> Result<ToSqlOutput<'_>, Refusal> {
    let owned = |it| ToSqlOutput::Owned(it);
    Ok(match value {
        None => owned(Owned::Null),
        Some(Value::Text(it)) if it.contains('\0') => return Err(Refusal::Sql(sql::Refusal::Zero)),
        Some(Value::Text(it)) => ToSqlOutput::Borrowed(ValueRef::Text(it.as_bytes())),
        Some(Value::Integer(it)) => owned(Owned::Integer(it)),
        Some(Value::Boolean(it)) => owned(Owned::Integer(it.into())),
        Some(Value::Float(it)) if !it.is_finite() => return Err(Refusal::Sql(sql::Refusal::Number)),
        Some(Value::Float(it)) => owned(Owned::Real(it)),
        Some(Value::Decimal(units, scale)) => {
            if units.unsigned_abs() > DIGITS {
                return Err(Refusal::Digits);
            }
            // A column of decimals has the affinity of numbers: SQLite reads the text as one.
            owned(Owned::Text(written(|out| value::decimal(out, units, scale))))
        }
        Some(Value::Date(it)) => owned(Owned::Text(written(|out| value::date(out, it)))),
        Some(Value::Timestamp(it)) => owned(Owned::Text(written(|out| value::timestamp(out, it)))),
    })
}

fn written(write: impl FnOnce(&mut Vec<u8>)) -> String {
    let mut out = Vec::new();
    write(&mut out);
    // Only ASCII is written into the buffer.
    String::from_utf8(out).unwrap_or_default()
}

fn failed(error: rusqlite::Error) -> PublishError {
    PublishError::Io(std::io::Error::other(error))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{ArrayRef, Decimal128Array, Float64Array};

    use super::*;
    use crate::publish::samples::{all_types, problem, texts, with_table};

    fn write(columns: &[(String, ArrayRef)]) -> Result<tempfile::NamedTempFile, PublishError> {
        let file = tempfile::NamedTempFile::new().unwrap();
        with_table(columns, |table| write_sqlite(file.path(), table))?;
        Ok(file)
    }

    /// The cells of a row as SQLite shows them, each with how it is kept.
    fn row(file: &tempfile::NamedTempFile, names: &[&str], at: usize) -> Vec<String> {
        let database = Connection::open(file.path()).unwrap();
        let shown = names.iter().map(|it| format!("typeof(\"{it}\") || ' ' || coalesce(\"{it}\", '')"));
        let text = format!("select {} from contacts where rowid = {at}", shown.collect::<Vec<_>>().join(", "));
        let cells = |row: &rusqlite::Row<'_>| (0..names.len()).map(|it| row.get(it)).collect();
        database.query_row(&text, [], cells).unwrap()
    }

    #[test]
    fn every_type_is_kept_as_what_it_is() {
        let mut columns = all_types();
        columns.retain(|(name, _)| name != "float");
        columns.push(("share".to_owned(), Arc::new(Float64Array::from(vec![Some(0.1), Some(1e300), None]))));
        let names = ["text", "whole", "long", "flag", "day", "moment", "money", "share"];
        let file = write(&columns).unwrap();
        assert_eq!(
            row(&file, &names, 1),
            [
                "text Rõõm & <co>",
                "integer 1",
                "integer 7",
                "integer 1",
                "text 2024-02-29",
                "text 2024-02-29T12:34:56.500",
                "real 12.5",
                "real 0.1"
            ]
        );
        assert_eq!(row(&file, &names, 2)[2..4], ["integer 9223372036854775807", "integer 0"]);
        assert!(row(&file, &names, 3).iter().all(|it| it == "null "));
        let again = write(&columns).unwrap();
        assert_eq!(std::fs::read(file.path()).unwrap(), std::fs::read(again.path()).unwrap(), "the same bytes");
    }

    #[test]
    fn a_text_that_looks_like_a_number_stays_one_and_names_end_where_they_end() {
        let file = write(&[texts("a\"; drop", &[Some("0042"), Some("1e5"), Some("it's")])]).unwrap();
        let kept: Vec<_> = (1..4).map(|it| row(&file, &["a\"\"; drop"], it).remove(0)).collect();
        assert_eq!(kept, ["text 0042", "text 1e5", "text it's"]);
        assert!(std::fs::metadata(write(&[texts("x", &[])]).unwrap().path()).unwrap().len() > 0);
    }

    #[test]
    fn what_would_not_come_back_is_refused() {
        let number = |values: Vec<i128>| -> ArrayRef {
            let decimals = Decimal128Array::from(values).with_precision_and_scale(38, 2);
            Arc::new(decimals.expect("two places fit"))
        };
        write(&[("x".to_owned(), number(vec![999_999_999_999_999, -999_999_999_999_999]))]).unwrap();
        let (code, message) = problem(write(&[("x".to_owned(), number(vec![1, 1_000_000_000_000_000]))]));
        assert_eq!(code, "hotpass::export::number");
        assert_eq!(message, "row 2 of column `x` of `contacts` has more digits than SQLite keeps");
        let floats: ArrayRef = Arc::new(Float64Array::from(vec![f64::INFINITY]));
        assert_eq!(problem(write(&[("x".to_owned(), floats)])).0, "hotpass::export::number");
        assert_eq!(problem(write(&[texts("x", &[Some("a\0b")])])).0, "hotpass::export::encoding");
        let wide: Vec<_> = (0..=COLUMNS).map(|it| texts(&format!("c{it}"), &[None])).collect();
        assert_eq!(problem(write(&wide)).0, "hotpass::export::too-wide");
        write(&wide[1..]).unwrap();
    }
}
