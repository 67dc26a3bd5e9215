//! SQL: a statement that makes the table, and statements that fill it, for databases that read neither CSV nor Parquet
//! with types.
//!
//! Only what DuckDB, PostgreSQL and SQLite read alike: names in double quotes, literals in single quotes without
//! escapes, and no statement that drops or changes what stands there.

use std::io::Write;

use arrow_schema::{DataType, FieldRef, Schema};

use super::column::{self, Value};
use super::plain::Plain;
use super::problems::{ENCODING, NUMBER};
use super::{Hashing, PublishError, Table, Written, value};
use crate::problem::Problem;

pub(super) const FORMAT: Plain = Plain {
    name: "sql",
    doc: "statements that make and fill a table",
    endings: &["sql"],
    unread: "its statements say something else",
    write: |target, table| write_sql(target.file, table),
};

/// Bytes that are gathered before they are written.
const CHUNK: usize = 1 << 16;
/// Rows of one statement.
const ROWS: u64 = 500;

/// Writes `table` as a transaction of SQL.
///
/// Decimals and integers have all their digits. A floating point number that is none is refused, for the three have no
/// common word for it, and so is a text with a zero character, which ends the statement for some.
fn write_sql(out: impl Write, mut table: Table<'_>) -> Result<Written, PublishError> {
    column::check_types(table.name, &table.schema)?;
    let schema = table.schema.clone();
    let mut out = Hashing::new(out);
    let mut buffer: Vec<u8> = Vec::with_capacity(2 * CHUNK);
    let name = quoted(table.name, '"');
    buffer.extend_from_slice(b"begin;\n");
    buffer.extend_from_slice(create(table.name, &schema).as_bytes());
    let mut rows = 0;
    while let Some(batch) = column::next_batch(&mut table)? {
        let columns = column::columns(&schema, &batch)?;
        for row in 0..batch.num_rows() {
            let at = rows + row as u64;
            match at % ROWS {
                0 if at > 0 => buffer.extend_from_slice(format!(";\ninsert into {name} values\n").as_bytes()),
                0 => buffer.extend_from_slice(format!("insert into {name} values\n").as_bytes()),
                _ => buffer.extend_from_slice(b",\n"),
            }
            for (index, column) in columns.iter().enumerate() {
                buffer.extend_from_slice(if index == 0 { b"(" } else { b", " });
                if let Err(refusal) = write_value(&mut buffer, column.value(row)) {
                    let (column, row) = (schema.field(index).name(), at + 1);
                    return Err(refused(refusal, column, row, table.name).into());
                }
            }
            buffer.push(b')');
            if buffer.len() >= CHUNK {
                out.write_all(&buffer)?;
                buffer.clear();
            }
        }
        rows += batch.num_rows() as u64;
    }
    column::check_rows(table.rows, rows)?;
    buffer.extend_from_slice(if rows == 0 { b"commit;\n" } else { b";\ncommit;\n" });
    out.write_all(&buffer)?;
    Ok(out.finish(rows)?.1)
}

/// The statement that makes the table.
pub(super) fn create(table: &str, schema: &Schema) -> String {
    let column = |it: &FieldRef| format!("  {} {}", quoted(it.name(), '"'), type_of(it.data_type()));
    let columns: Vec<String> = schema.fields().iter().map(column).collect();
    format!("create table {} (\n{}\n);\n", quoted(table, '"'), columns.join(",\n"))
}

/// What cannot be written.
pub(super) enum Refusal {
    /// A floating point number that is none.
    Number,
    /// A text with a zero character.
    Zero,
}

/// Names the cell that is not written.
pub(super) fn refused(refusal: Refusal, column: &str, row: u64, table: &str) -> Problem {
    match refusal {
        Refusal::Number => {
            let message = format!("row {row} of column `{column}` of `{table}` is infinite or no number");
            let help = "databases have no common word for it: make it null in a step, or export as `csv` or `parquet`";
            Problem::new(&NUMBER, message).help(help.to_owned())
        }
        Refusal::Zero => {
            let message = format!("row {row} of column `{column}` of `{table}` has a zero character");
            let help = "a statement of SQL may end there: remove it in a step, or export as `json` or `parquet`";
            Problem::new(&ENCODING, message).help(help.to_owned())
        }
    }
}

fn write_value(out: &mut Vec<u8>, value: Option<Value<'_>>) -> Result<(), Refusal> {
    match value {
        None => out.extend_from_slice(b"null"),
        Some(Value::Text(it)) if it.contains('\0') => return Err(Refusal::Zero),
        Some(Value::Text(it)) => out.extend_from_slice(quoted(it, '\'').as_bytes()),
        // Its digits alone would be read as a number without a sign, which is too large.
        Some(Value::Integer(i64::MIN)) => out.extend_from_slice(b"(-9223372036854775807 - 1)"),
        Some(Value::Integer(it)) => value::integer(out, it),
        Some(Value::Float(it)) if !it.is_finite() => return Err(Refusal::Number),
        Some(Value::Float(it)) => value::float(out, it),
        Some(Value::Boolean(it)) => out.extend_from_slice(if it { b"true" } else { b"false" }),
        Some(Value::Decimal(units, scale)) => value::decimal(out, units, scale),
        Some(Value::Date(it)) => literal(out, |out| value::date(out, it)),
        Some(Value::Timestamp(it)) => literal(out, |out| value::timestamp(out, it)),
    }
    Ok(())
}

fn literal(out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    out.push(b'\'');
    write(out);
    out.push(b'\'');
}

/// A text between quotes; one in it is written twice.
pub(super) fn quoted(text: &str, quote: char) -> String {
    format!("{quote}{}{quote}", text.replace(quote, &format!("{quote}{quote}")))
}

/// The name of a type that the three know, where SQLite takes any.
fn type_of(ty: &DataType) -> String {
    match ty {
        DataType::Int32 | DataType::Int64 => "bigint".to_owned(),
        DataType::Float64 => "double precision".to_owned(),
        DataType::Boolean => "boolean".to_owned(),
        DataType::Date32 => "date".to_owned(),
        DataType::Timestamp(_, _) => "timestamp".to_owned(),
        DataType::Decimal128(_, scale) => format!("decimal(38, {scale})"),
        _ => "text".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{ArrayRef, Float64Array, Int64Array};

    use super::*;
    use crate::publish::samples::{all_types, problem, texts, with_table};

    fn write(columns: &[(String, ArrayRef)]) -> Result<String, PublishError> {
        let mut out = Vec::new();
        let written = with_table(columns, |table| write_sql(&mut out, table))?;
        assert_eq!(written.bytes, out.len() as u64);
        assert_eq!(written.blake3, blake3::hash(&out).into());
        Ok(String::from_utf8(out).unwrap())
    }

    #[test]
    fn every_type_is_written() {
        let mut columns = all_types();
        columns.retain(|(name, _)| name != "float");
        assert_eq!(
            write(&columns).unwrap(),
            "begin;\ncreate table \"contacts\" (\n  \"text\" text,\n  \"whole\" bigint,\n  \"long\" bigint,\n  \
             \"flag\" boolean,\n  \"day\" date,\n  \"moment\" timestamp,\n  \"money\" decimal(38, 2)\n);\n\
             insert into \"contacts\" values\n\
             ('Rõõm & <co>', 1, 7, true, '2024-02-29', '2024-02-29T12:34:56.500', 12.50),\n\
             ('https://example.org/x', -2, 9223372036854775807, false, '1860-06-26', '1970-01-01T00:00:00', -0.05),\n\
             (null, null, null, null, null, null, null);\ncommit;\n"
        );
        assert_eq!(
            write(&[texts("x", &[])]).unwrap(),
            "begin;\ncreate table \"contacts\" (\n  \"x\" text\n);\ncommit;\n"
        );
    }

    #[test]
    fn names_and_texts_end_where_they_end() {
        let text = write(&[texts("a\"; drop table b; --", &[Some("it's \\' -- ;\n.quit"), Some("")])]).unwrap();
        assert!(text.contains("  \"a\"\"; drop table b; --\" text\n"), "{text}");
        assert!(text.contains("('it''s \\'' -- ;\n.quit'),\n('');\n"), "{text}");
    }

    #[test]
    fn rows_are_parted() {
        let some = vec![Some("a"); 501];
        let text = write(&[texts("x", &some)]).unwrap();
        assert_eq!(text.matches("insert into").count(), 2);
        assert!(text.contains("('a');\ninsert into \"contacts\" values\n('a');\ncommit;\n"));
        let least: ArrayRef = Arc::new(Int64Array::from(vec![i64::MIN]));
        assert!(write(&[("x".to_owned(), least)]).unwrap().contains("((-9223372036854775807 - 1))"));
    }

    #[test]
    fn what_is_no_literal_is_refused() {
        let floats: ArrayRef = Arc::new(Float64Array::from(vec![Some(0.1), Some(f64::NAN)]));
        let (code, message) = problem(write(&[("x".to_owned(), floats)]));
        assert_eq!(code, "hotpass::export::number");
        assert_eq!(message, "row 2 of column `x` of `contacts` is infinite or no number");
        let (code, message) = problem(write(&[texts("x", &[Some("a\0b")])]));
        assert_eq!(code, "hotpass::export::encoding");
        assert_eq!(message, "row 1 of column `x` of `contacts` has a zero character");
    }
}
