//! JSON: an object for each row, a list of them or one a line. Numbers have all their digits, dates are ISO texts, a
//! null is `null`.
//!
//! Names of columns stand in their order. Row and column stand in messages, values never do.

use std::io::Write;

use super::column::{self, Value};
use super::problems::NUMBER;
use super::{Hashing, Json, PublishError, Table, Written, value};
use crate::problem::Problem;

/// Bytes that are gathered before they are written.
const CHUNK: usize = 1 << 16;

/// Writes `table` as JSON, a record a line in both forms.
///
/// A decimal of two places is `12.50`, an integer has all its digits, whatever a reader keeps of them. A floating point
/// number that is none is refused: JSON has no word for it, and `null` would say something else.
pub fn write_json(out: impl Write, mut table: Table<'_>, options: &Json) -> Result<Written, PublishError> {
    column::check_types(table.name, &table.schema)?;
    let schema = table.schema.clone();
    let names: Vec<Vec<u8>> = schema.fields().iter().map(|it| text_of(it.name())).collect();
    let mut out = Hashing::new(out);
    let mut buffer: Vec<u8> = Vec::with_capacity(2 * CHUNK);
    let mut rows = 0;
    while let Some(batch) = column::next_batch(&mut table)? {
        let columns = column::columns(&schema, &batch)?;
        for row in 0..batch.num_rows() {
            let first = rows == 0 && row == 0;
            buffer.extend_from_slice(match (options.lines, first) {
                (true, _) => b"{",
                (false, true) => b"[\n{",
                (false, false) => b",\n{",
            });
            for (index, column) in columns.iter().enumerate() {
                if index > 0 {
                    buffer.push(b',');
                }
                buffer.extend_from_slice(&names[index]);
                buffer.push(b':');
                if !write_value(&mut buffer, column.value(row)) {
                    let (name, row) = (schema.field(index).name(), rows + row as u64 + 1);
                    let message = format!("row {row} of column `{name}` of `{}` is infinite or no number", table.name);
                    let help = "JSON has no such number: make it null in a step, or export as `csv` or `parquet`";
                    return Err(Problem::new(&NUMBER, message).help(help.to_owned()).into());
                }
            }
            buffer.push(b'}');
            if options.lines {
                buffer.push(b'\n');
            }
            if buffer.len() >= CHUNK {
                out.write_all(&buffer)?;
                buffer.clear();
            }
        }
        rows += batch.num_rows() as u64;
    }
    column::check_rows(table.rows, rows)?;
    buffer.extend_from_slice(match (options.lines, rows) {
        (true, _) => b"",
        (false, 0) => b"[]\n",
        (false, _) => b"\n]\n",
    });
    out.write_all(&buffer)?;
    Ok(out.finish(rows)?.1)
}

/// Writes one value; says no to a number that JSON does not have.
fn write_value(out: &mut Vec<u8>, value: Option<Value<'_>>) -> bool {
    match value {
        None => out.extend_from_slice(b"null"),
        Some(Value::Text(it)) => text(out, it),
        Some(Value::Integer(it)) => value::integer(out, it),
        Some(Value::Float(it)) if !it.is_finite() => return false,
        Some(Value::Float(it)) => value::float(out, it),
        Some(Value::Boolean(it)) => out.extend_from_slice(if it { b"true" } else { b"false" }),
        Some(Value::Decimal(units, scale)) => value::decimal(out, units, scale),
        Some(Value::Date(it)) => quoted(out, |out| value::date(out, it)),
        Some(Value::Timestamp(it)) => quoted(out, |out| value::timestamp(out, it)),
    }
    true
}

fn quoted(out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    out.push(b'"');
    write(out);
    out.push(b'"');
}

fn text_of(it: &str) -> Vec<u8> {
    let mut out = Vec::new();
    text(&mut out, it);
    out
}

/// A text in quotes, as RFC 8259 has it: what need not be escaped is not.
fn text(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    let bytes = text.as_bytes();
    let mut done = 0;
    for (at, byte) in bytes.iter().enumerate() {
        let short = match byte {
            b'"' | b'\\' => Some(*byte),
            b'\n' => Some(b'n'),
            b'\r' => Some(b'r'),
            b'\t' => Some(b't'),
            0..0x20 | 0x7f => None,
            _ => continue,
        };
        out.extend_from_slice(&bytes[done..at]);
        done = at + 1;
        match short {
            Some(letter) => out.extend_from_slice(&[b'\\', letter]),
            // Writing to a vector does not fail.
            None => drop(write!(out, "\\u{byte:04x}")),
        }
    }
    out.extend_from_slice(&bytes[done..]);
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{ArrayRef, Float64Array};

    use super::*;
    use crate::publish::samples::{all_types, problem, texts, with_table};

    fn write(columns: &[(String, ArrayRef)], lines: bool) -> Result<String, PublishError> {
        let mut out = Vec::new();
        let written = with_table(columns, |table| write_json(&mut out, table, &Json { lines }))?;
        assert_eq!(written.bytes, out.len() as u64);
        assert_eq!(written.blake3, blake3::hash(&out).into());
        Ok(String::from_utf8(out).unwrap())
    }

    #[test]
    fn values_are_exact() {
        let mut columns = all_types();
        columns.retain(|(name, _)| name != "float");
        let text = write(&columns, true).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(
            lines[0],
            "{\"text\":\"Rõõm & <co>\",\"whole\":1,\"long\":7,\"flag\":true,\"day\":\"2024-02-29\",\
             \"moment\":\"2024-02-29T12:34:56.500\",\"money\":12.50}"
        );
        assert!(lines[1].contains("\"long\":9223372036854775807,") && lines[1].ends_with("\"money\":-0.05}"));
        assert!(lines[2].starts_with("{\"text\":null,") && lines[2].ends_with("\"money\":null}"), "{}", lines[2]);
        assert_eq!(lines.len(), 3);
        let list = write(&columns, false).unwrap();
        assert_eq!(list, format!("[\n{}\n]\n", lines.join(",\n")));
    }

    #[test]
    fn no_rows_are_an_empty_list() {
        let none = [texts("x", &[])];
        assert_eq!(write(&none, false).unwrap(), "[]\n");
        assert_eq!(write(&none, true).unwrap(), "");
    }

    #[test]
    fn a_number_that_is_none_is_refused() {
        for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let floats: ArrayRef = Arc::new(Float64Array::from(vec![Some(1e300), Some(number)]));
            let (code, message) = problem(write(&[("x".to_owned(), floats)], true));
            assert_eq!(code, "hotpass::export::number");
            assert_eq!(message, "row 2 of column `x` of `contacts` is infinite or no number");
        }
    }

    proptest::proptest! {
        #![proptest_config(proptest::test_runner::Config::with_cases(200))]
        #[test]
        fn any_text_and_number_reads_back(
            name in "\\PC{1,8}", value in "(?s).*", number in proptest::num::f64::NORMAL | proptest::num::f64::SUBNORMAL,
        ) {
            let floats: ArrayRef = Arc::new(Float64Array::from(vec![number]));
            let columns = [texts(&name, &[Some(&value)]), (format!("{name}#"), floats)];
            for lines in [true, false] {
                let text = write(&columns, lines).unwrap();
                proptest::prop_assert!(!lines || text.matches('\n').count() == 1);
                let read: serde_json::Value = serde_json::from_str(&text).unwrap();
                let record = if lines { &read } else { &read[0] };
                proptest::prop_assert_eq!(record[&name].as_str(), Some(value.as_str()));
                let found = record[format!("{name}#")].as_f64().unwrap();
                // The reader of this test may be off by the last bit.
                proptest::prop_assert!((found - number).abs() <= number.abs() * 1e-15);
            }
        }
    }
}
