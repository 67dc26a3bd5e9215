//! CSV: quotes only where needed, a null is nothing and an empty text is `""`; UTF-8 and `\n` unless something else is
//! asked for.
//!
//! Lines grow in UTF-8 and become bytes of the file when they go out, whole lines at a time. Row and column stand in messages, values never do.

use std::borrow::Cow;
use std::io::Write;

use super::column::{self, Value};
use super::problems::{DELIMITER, ENCODING, FORMULA};
use super::{Csv, FormulaGuard, Hashing, LineEnd, PublishError, Table, TextEncoding, Written, guard, value};
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
    if options.bom || options.encoding == TextEncoding::Utf16 {
        lines.buffer.extend_from_slice("\u{feff}".as_bytes());
    }
    for (index, field) in schema.fields().iter().enumerate() {
        lines.separate(index);
        lines.text(field.name(), || format!("the header of column {} of `{}`", index + 1, table.name))?;
    }
    lines.end();
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
                    Some(Value::Float(it)) => lines.number(|out| value::float(out, it)),
                    Some(Value::Boolean(it)) => lines.buffer.extend_from_slice(if it { b"true" } else { b"false" }),
                    Some(Value::Date(it)) => value::date(&mut lines.buffer, it),
                    Some(Value::Timestamp(it)) => value::timestamp(&mut lines.buffer, it),
                    Some(Value::Decimal(units, scale)) => lines.number(|out| value::decimal(out, units, scale)),
                }
            }
            lines.end();
            if lines.buffer.len() >= CHUNK {
                lines.pass(&mut out)?;
            }
        }
        rows += batch.num_rows() as u64;
    }
    column::check_rows(table.rows, rows)?;
    lines.pass(&mut out)?;
    Ok(Written { guarded: lines.guarded, ..out.finish(rows)?.1 })
}

/// Refuses delimiters that stand inside of numbers, dates and quoted fields, which are written without a look.
fn check_delimiter(delimiter: char) -> Result<(), PublishError> {
    if !delimiter.is_alphanumeric() && !"\"\r\n+-.:'\u{feff}\0".contains(delimiter) {
        return Ok(());
    }
    let message = format!("`{}` cannot separate two fields", delimiter.escape_debug());
    Err(Problem::new(&DELIMITER, message).help("use `,`, `;`, `|` or a tab".to_owned()).into())
}

/// Lines as they grow.
struct Lines {
    buffer: Vec<u8>,
    delimiter: Vec<u8>,
    options: Csv,
    guarded: u64,
}

impl Lines {
    fn new(options: &Csv) -> Lines {
        let delimiter = options.delimiter.to_string().into_bytes();
        Lines { buffer: Vec::with_capacity(2 * CHUNK), delimiter, options: options.clone(), guarded: 0 }
    }

    /// Ends a line.
    fn end(&mut self) {
        self.buffer.extend_from_slice(match self.options.line_end {
            LineEnd::Lf => b"\n",
            LineEnd::CrLf => b"\r\n",
        });
    }

    /// Sends on what is gathered, in the encoding of the file.
    fn pass(&mut self, out: &mut impl Write) -> Result<(), PublishError> {
        let text = || str::from_utf8(&self.buffer).map_err(|error| PublishError::Rows(error.to_string()));
        match self.options.encoding {
            TextEncoding::Utf8 => out.write_all(&self.buffer)?,
            TextEncoding::Utf16 => {
                out.write_all(&text()?.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>())?;
            }
            // What it does not have was refused before.
            TextEncoding::Windows1252 => out.write_all(&encoding_rs::WINDOWS_1252.encode(text()?).0)?,
        }
        self.buffer.clear();
        Ok(())
    }

    /// A number that may have a point.
    fn number(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        let start = self.buffer.len();
        write(&mut self.buffer);
        if self.options.decimal_comma {
            self.buffer[start..].iter_mut().filter(|it| **it == b'.').for_each(|it| *it = b',');
        }
    }

    /// Puts the delimiter before every field but the first.
    fn separate(&mut self, index: usize) {
        if index > 0 {
            self.buffer.extend_from_slice(&self.delimiter);
        }
    }

    /// A text, guarded and quoted as far as needed; `place` names it where it is refused.
    fn text(&mut self, text: &str, place: impl Fn() -> String) -> Result<(), PublishError> {
        if self.options.encoding == TextEncoding::Windows1252
            && !text.is_ascii()
            && encoding_rs::WINDOWS_1252.encode(text).2
        {
            let message = format!("{} has a character that windows-1252 does not have", place());
            let help = "write `encoding = \"utf-8\"` with `bom = true`, or replace the character in a step";
            return Err(Problem::new(&ENCODING, message).help(help.to_owned()).into());
        }
        let marked = match self.options.formulas {
            FormulaGuard::Off => Cow::Borrowed(text),
            _ => guard::marked(text, self.options.delimiter),
        };
        let is_marked = marked.len() > text.len();
        if is_marked && self.options.formulas == FormulaGuard::Refuse {
            let message = format!("{} holds a text that a spreadsheet would run as a formula", place());
            let help = "set `formulas = \"quote\"` to write it with a `'` in front, or correct it in a step";
            return Err(Problem::new(&FORMULA, message).help(help.to_owned()).into());
        }
        self.guarded += u64::from(is_marked);
        if !self.needs_quotes(&marked) {
            self.buffer.extend_from_slice(marked.as_bytes());
            return Ok(());
        }
        self.buffer.push(b'"');
        for (index, part) in marked.split('"').enumerate() {
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{ArrayRef, BinaryArray};

    use super::*;
    use crate::publish::samples::{all_types, problem, texts, with_table};

    fn write(columns: &[(String, ArrayRef)], options: &Csv) -> Result<(String, Written), PublishError> {
        let mut out = Vec::new();
        let written = with_table(columns, |table| write_csv(&mut out, table, options))?;
        assert_eq!(written.bytes, out.len() as u64);
        assert_eq!(written.blake3, blake3::hash(&out).into());
        Ok((String::from_utf8(out).unwrap(), written))
    }

    #[test]
    fn every_type_has_one_spelling() {
        let (text, written) = write(&all_types(), &Csv::default()).unwrap();
        let expected = "text,whole,long,float,flag,day,moment,money\n\
            Rõõm & <co>,1,7,0.8,true,2024-02-29,2024-02-29T12:34:56.500,12.50\n\
            https://example.org/x,-2,9223372036854775807,NaN,false,1860-06-26,1970-01-01T00:00:00,-0.05\n\
            ,,,,,,,\n";
        assert_eq!(text, expected);
        assert_eq!((written.rows, written.guarded), (3, 0));
    }

    #[test]
    fn only_what_needs_quotes_has_them() {
        let values = [Some("a,b"), Some("say \"hi\""), Some("two\nlines"), Some("cr\r"), Some(""), None, Some(" a b ")];
        let columns = [texts("x", &values), texts("y;z", &[Some("1"); 7])];
        let (text, _) = write(&columns, &Csv::default()).unwrap();
        assert_eq!(text, "x,y;z\n\"a,b\",1\n\"say \"\"hi\"\"\",1\n\"two\nlines\",1\n\"cr\r\",1\n\"\",1\n,1\n a b ,1\n");
        let options = Csv { delimiter: ';', bom: true, ..Csv::default() };
        let (text, _) = write(&columns, &options).unwrap();
        assert!(text.starts_with("\u{feff}x;\"y;z\"\na,b;1\n"), "{text}");
    }

    #[test]
    fn a_null_in_a_single_column_stays_a_row() {
        let (text, _) = write(&[texts("x", &[Some("a"), None])], &Csv::default()).unwrap();
        assert_eq!(text, "x\na\n\"\"\n");
    }

    #[test]
    fn formulas_are_defused_and_numbers_are_not_touched() {
        let values = ["=1+1", "@x", "＝1", "-5", "+27821234567", "=\"a\",b"].map(Some);
        let columns = [texts("x", &values)];
        let (text, written) = write(&columns, &Csv::default()).unwrap();
        assert_eq!(text, "x\n'=1+1\n'@x\n'＝1\n-5\n+27821234567\n\"'=\"\"a\"\",b\"\n");
        assert_eq!(written.guarded, 4);
        let pieces = ["x;=1+1", "x\t=1", "+27 82;+27 83", " =1", "x\n@y", "a,=1"].map(Some);
        let (text, written) = write(&[texts("x", &pieces)], &Csv::default()).unwrap();
        assert_eq!(text, "x\nx;'=1+1\nx\t'=1\n+27 82;+27 83\n' =1\n\"x\n'@y\"\n\"a,=1\"\n");
        assert_eq!(written.guarded, 4);
        let off = Csv { formulas: FormulaGuard::Off, ..Csv::default() };
        assert!(write(&columns, &off).unwrap().0.contains("\n=1+1\n"));
        let refuse = Csv { formulas: FormulaGuard::Refuse, ..Csv::default() };
        let (code, message) = problem(write(&columns, &refuse));
        assert_eq!(code, "hotpass::export::formula");
        assert_eq!(message, "row 1 of column `x` of `contacts` holds a text that a spreadsheet would run as a formula");
        assert!(write(&[texts("=x", &[None])], &Csv::default()).unwrap().0.starts_with("'=x\n"));
    }

    #[test]
    fn what_cannot_be_written_is_named() {
        let binary: ArrayRef = Arc::new(BinaryArray::from_vec(vec![b"x"]));
        let Err(PublishError::Rows(message)) = write(&[("photo".to_owned(), binary)], &Csv::default()) else {
            panic!()
        };
        assert!(message.contains("`photo`") && message.contains("Binary"), "{message}");
        for delimiter in ['"', '\n', '.', '-', '1', 'e'] {
            let (code, _) = problem(write(&all_types(), &Csv { delimiter, ..Csv::default() }));
            assert_eq!(code, "hotpass::export::delimiter");
        }
    }

    #[test]
    fn half_a_table_is_an_error() {
        let columns = [texts("x", &[Some("a")])];
        let more = with_table(&columns, |table| write_csv(Vec::new(), Table { rows: 2, ..table }, &Csv::default()));
        assert!(matches!(more, Err(PublishError::Rows(_))));
        let schema = with_table(&columns, |table| Ok(table.schema)).unwrap();
        let mut torn = std::iter::once(Err("the connection is gone".to_owned()));
        let table = Table { name: "x", schema, rows: 1, batches: &mut torn };
        let error = write_csv(Vec::new(), table, &Csv::default()).unwrap_err();
        assert_eq!(error.to_string(), "cannot read the rows: the connection is gone");
    }

    #[test]
    fn each_encoding_and_line_end_writes_its_own_bytes() {
        let columns = [texts("é", &[Some("a–b"), Some("=1")])];
        let bytes = |encoding, line_end| {
            let options = Csv { encoding, line_end, ..Csv::default() };
            let mut out = Vec::new();
            let written = with_table(&columns, |table| write_csv(&mut out, table, &options)).unwrap();
            assert_eq!((written.bytes, written.blake3), (out.len() as u64, blake3::hash(&out).into()));
            out
        };
        let western = bytes(TextEncoding::Windows1252, LineEnd::CrLf);
        assert_eq!(western, b"\xe9\r\na\x96b\r\n'=1\r\n");
        let wide = bytes(TextEncoding::Utf16, LineEnd::Lf);
        let expected: Vec<u8> = "\u{feff}é\na–b\n'=1\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(wide, expected, "with a byte order mark");
    }

    #[test]
    fn what_an_encoding_does_not_have_is_named_by_its_place() {
        let options = Csv { encoding: TextEncoding::Windows1252, ..Csv::default() };
        let columns = [texts("x", &[Some("é"), Some("Łódź")])];
        let (code, message) = problem(write(&columns, &options));
        assert_eq!(code, "hotpass::export::encoding");
        assert_eq!(message, "row 2 of column `x` of `contacts` has a character that windows-1252 does not have");
        assert_eq!(problem(write(&[texts("Ł", &[None])], &options)).0, "hotpass::export::encoding");
    }

    proptest::proptest! {
        #[test]
        fn any_text_reads_back(values in proptest::collection::vec(".*", 1..20)) {
            let given: Vec<Option<&str>> = values.iter().map(|it| Some(it.as_str())).collect();
            let options = Csv { formulas: FormulaGuard::Off, ..Csv::default() };
            let (text, _) = write(&[texts("x", &given), texts("y", &given)], &options).unwrap();
            let mut expected = vec!["x".to_owned(), "y".to_owned()];
            expected.extend(values.iter().flat_map(|it| [it.clone(), it.clone()]));
            proptest::prop_assert_eq!(fields(&text), expected);
        }
    }

    /// The fields of `text` as an independent reader sees them.
    fn fields(text: &str) -> Vec<String> {
        let (mut reader, mut rest, mut all) = (csv_core::Reader::new(), text.as_bytes(), Vec::new());
        let (mut buffer, mut length) = (vec![0; text.len() + 1], 0);
        loop {
            let (result, read, wrote) = reader.read_field(rest, &mut buffer[length..]);
            (rest, length) = (&rest[read..], length + wrote);
            match result {
                csv_core::ReadFieldResult::Field { .. } => {
                    all.push(String::from_utf8(buffer[..length].to_vec()).unwrap());
                    length = 0;
                }
                csv_core::ReadFieldResult::End => return all,
                _ => (),
            }
        }
    }
}
