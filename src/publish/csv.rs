//! CSV: UTF-8, `\n`, quotes only where needed, a null is nothing and an empty text is `""`.
//!
//! Row and column stand in messages, values never do.

use std::io::Write;

use super::column::{self, Value};
use super::problems::{DELIMITER, FORMULA};
use super::{Csv, FormulaGuard, Hashing, PublishError, Table, Written, guard, value};
use crate::problem::Problem;

/// Bytes that are gathered before they are written.
const CHUNK: usize = 1 << 16;

/// Writes `table` as CSV with a header line.
///
/// In a table of one column a null is written as `""`: readers skip empty lines, and a row must not get lost.
pub fn write_csv(out: impl Write, mut table: Table<'_>, options: &Csv) -> Result<Written, PublishError> {
    check_delimiter(options.delimiter)?;
    column::check_types(table.name, &table.schema)?;
    let schema = table.schema.clone();
    let mut lines = Lines::new(options);
    let mut out = Hashing::new(out);
    if options.bom {
        lines.buffer.extend_from_slice("\u{feff}".as_bytes());
    }
    for (index, field) in schema.fields().iter().enumerate() {
        lines.separate(index);
        lines.text(field.name(), || format!("the header of column {} of `{}`", index + 1, table.name))?;
    }
    lines.buffer.push(b'\n');
    let mut rows = 0;
    while let Some(batch) = column::next_batch(&mut table)? {
        let columns = column::columns(&schema, &batch)?;
        for row in 0..batch.num_rows() {
            for (index, column) in columns.iter().enumerate() {
                lines.separate(index);
                match column.value(row) {
                    None if columns.len() == 1 => lines.buffer.extend_from_slice(b"\"\""),
                    None => (),
                    Some(Value::Text(text)) => lines.text(text, || {
                        let name = schema.field(index).name();
                        format!("row {} of column `{name}` of `{}`", rows + row as u64 + 1, table.name)
                    })?,
                    Some(Value::Integer(it)) => value::integer(&mut lines.buffer, it),
                    Some(Value::Float(it)) => value::float(&mut lines.buffer, it),
                    Some(Value::Boolean(it)) => lines.buffer.extend_from_slice(if it { b"true" } else { b"false" }),
                    Some(Value::Date(it)) => value::date(&mut lines.buffer, it),
                    Some(Value::Timestamp(it)) => value::timestamp(&mut lines.buffer, it),
                    Some(Value::Decimal(units, scale)) => value::decimal(&mut lines.buffer, units, scale),
                }
            }
            lines.buffer.push(b'\n');
            if lines.buffer.len() >= CHUNK {
                out.write_all(&lines.buffer)?;
                lines.buffer.clear();
            }
        }
        rows += batch.num_rows() as u64;
    }
    column::check_rows(table.rows, rows)?;
    out.write_all(&lines.buffer)?;
    Ok(Written { guarded: lines.guarded, ..out.finish(rows)?.1 })
}

/// Refuses delimiters that stand inside of numbers, dates and quoted fields, which are written without a look.
fn check_delimiter(delimiter: char) -> Result<(), PublishError> {
    if !delimiter.is_alphanumeric() && !"\"\r\n+-.:'\u{feff}\0".contains(delimiter) {
        return Ok(());
    }
    let message = format!("`{}` cannot stand between two fields", delimiter.escape_debug());
    Err(Problem::new(&DELIMITER, message).help("use `,`, `;`, `|` or a tab".to_owned()).into())
}

/// Lines as they grow.
struct Lines {
    buffer: Vec<u8>,
    delimiter: Vec<u8>,
    formulas: FormulaGuard,
    guarded: u64,
}

impl Lines {
    fn new(options: &Csv) -> Lines {
        let delimiter = options.delimiter.to_string().into_bytes();
        Lines { buffer: Vec::with_capacity(2 * CHUNK), delimiter, formulas: options.formulas, guarded: 0 }
    }

    /// Puts the delimiter before every field but the first.
    fn separate(&mut self, index: usize) {
        if index > 0 {
            self.buffer.extend_from_slice(&self.delimiter);
        }
    }

    /// A text, guarded and quoted as far as needed; `place` names it where it is refused.
    fn text(&mut self, text: &str, place: impl Fn() -> String) -> Result<(), PublishError> {
        let prefix: &[u8] = match self.formulas {
            FormulaGuard::Off => b"",
            _ if !guard::runs(text) => b"",
            FormulaGuard::Quote => b"'",
            FormulaGuard::Refuse => {
                let message = format!("{} holds a text that a spreadsheet would run as a formula", place());
                let help = "set `formulas = \"quote\"` to write it with a `'` in front, or correct it in a step";
                return Err(Problem::new(&FORMULA, message).help(help.to_owned()).into());
            }
        };
        self.guarded += prefix.len() as u64;
        if !self.needs_quotes(text) {
            self.buffer.extend_from_slice(prefix);
            self.buffer.extend_from_slice(text.as_bytes());
            return Ok(());
        }
        self.buffer.push(b'"');
        self.buffer.extend_from_slice(prefix);
        for (index, part) in text.split('"').enumerate() {
            if index > 0 {
                self.buffer.extend_from_slice(b"\"\"");
            }
            self.buffer.extend_from_slice(part.as_bytes());
        }
        self.buffer.push(b'"');
        Ok(())
    }

    fn needs_quotes(&self, text: &str) -> bool {
        let bytes = text.as_bytes();
        match self.delimiter[..] {
            _ if bytes.is_empty() => true,
            [one] => bytes.iter().any(|it| *it == one || matches!(it, b'"' | b'\n' | b'\r')),
            _ => {
                bytes.iter().any(|it| matches!(it, b'"' | b'\n' | b'\r'))
                    || bytes.windows(self.delimiter.len()).any(|it| it == self.delimiter)
            }
        }
    }
}
