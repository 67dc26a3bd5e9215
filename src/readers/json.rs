//! JSON: a list of records, records one after the other, or one record. Texts are texts as they are written, numbers
//! keep their digits, and nothing is looked for in either.
//!
//! A file is read twice: first for the columns that its records have, then for their values. Neither holds more than
//! one record and one batch.

mod scan;
mod shape;
#[cfg(test)]
mod tests;

use std::io::{BufRead, BufReader, Read};
use std::sync::Arc;

use arrow_array::builder::{ArrayBuilder, BooleanBuilder, Float64Builder, Int64Builder, StringBuilder};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{Field, Schema as ArrowSchema};

use crate::model::{KINDS, Schema, Type};
use crate::readers::input::refuse_other;
use crate::readers::problems::{EMPTY, empty, refuse, shown};
use crate::readers::within::{Walk, Within};
use crate::readers::{Limits, ReadError};
use scan::{Scanner, not_utf8};
use shape::{RECORD, Tree};

pub use shape::{Kinds, Member, Shape};

/// Rows of a batch.
const BATCH_ROWS: usize = 16_384;
/// Values of a batch, nulls counted: a wide table has short batches.
const BATCH_CELLS: usize = 1 << 20;
/// Bytes after which a batch is closed.
const BATCH_BYTES: usize = 8 << 20;
/// Bytes that are read at once.
const BLOCK: usize = 1 << 16;

/// The columns that the records of a file have. Messages call it `name`.
pub fn shape(file: impl Read, name: &str) -> Result<Shape, ReadError> {
    let mut look = Look { tree: Tree::new() };
    let records = records(file, name, &mut look)?;
    let shape = look.tree.shape(name);
    if records == 0 || shape.columns.is_empty() {
        let message = format!("`{}` holds no record with a key", shown(name));
        return Err(refuse(&EMPTY, message, "no column is known without one: ask for a new copy"));
    }
    Ok(shape)
}

/// Reads the columns of `schema`, by the names that `shape` gave them, in batches of up to 16 384 rows. A column of
/// `schema` has the type that [`Kinds::ty`] says of its values, or is text. Where [`KINDS`] is among them, as the last,
/// it has a letter for each number that stands as a text.
pub fn read(
    file: impl Read,
    name: &str,
    shape: &Shape,
    schema: &Schema,
    sink: &mut dyn FnMut(RecordBatch) -> Result<(), ReadError>,
) -> Result<(), ReadError> {
    let own = || schema.columns.iter().filter(|it| it.name != KINDS);
    let tree = Tree::of(shape, |name| own().position(|it| it.name == name));
    let columns = own().map(|it| Values::new(it.ty)).collect();
    let numbers = schema.has(KINDS).then(Numbers::default);
    let mut take = Take { tree, columns, numbers, rows: 0, bytes: 0, name, sink };
    records(file, name, &mut take)?;
    take.flush()
}

/// What is done with the records of a file.
trait Visit {
    fn tree(&mut self) -> &mut Tree;
    /// Where the keys within a list of a node are noted.
    fn within(&mut self, _node: usize) -> Option<&mut Within> {
        None
    }
    /// A value of a node; `None` is null.
    fn value(&mut self, node: usize, value: Option<Value<'_>>) -> Result<(), ReadError>;
    /// The end of a record, or of a member of one.
    fn end_of_record(&mut self) -> Result<(), ReadError>;
}

/// A value that is no object with members.
#[derive(Clone, Copy)]
enum Value<'a> {
    /// A text, as it reads.
    Text(&'a str),
    /// A number, as it is written.
    Number(&'a str),
    Boolean(bool),
    /// A list, as JSON.
    List(&'a str),
    /// `{}`.
    Hollow,
}

/// Goes through all records, and says how many there are.
fn records(file: impl Read, name: &str, visit: &mut dyn Visit) -> Result<u64, ReadError> {
    let mut input = BufReader::with_capacity(BLOCK, file);
    let start = input.fill_buf().map_err(|error| crate::readers::input::world(name, &error))?;
    refuse_other(start, &shown(name))?;
    let marked = start.starts_with(b"\xef\xbb\xbf");
    if start.starts_with(b"\xff\xfe") || start.starts_with(b"\xfe\xff") {
        return Err(not_utf8(name, 1));
    }
    input.consume(if marked { 3 } else { 0 });
    let limits = Limits::default();
    let mut scanner = Scanner::new(input, name, limits.cell_bytes);
    let mut buffer = String::new();
    let mut count = 0;
    match scanner.token()? {
        None => return Err(empty(name)),
        Some(b'[') => {
            scanner.enter(b'[')?;
            let mut more = !scanner.is_empty(b']')?;
            while more {
                value(&mut scanner, RECORD, &mut buffer, visit)?;
                visit.end_of_record()?;
                count += 1;
                more = scanner.more(b']')?;
            }
            if scanner.token()?.is_some() {
                return Err(scanner.wrong("has something after the end of the list of records"));
            }
        }
        Some(_) => {
            while let Some(byte) = scanner.token()? {
                if byte == b',' {
                    return Err(scanner.wrong("has a comma between two records that are not in a list"));
                }
                value(&mut scanner, RECORD, &mut buffer, visit)?;
                visit.end_of_record()?;
                count += 1;
            }
        }
    }
    Ok(count)
}

/// Reads a value of a node. How deep it may go is the scanner's to say.
fn value<R: BufRead>(
    scanner: &mut Scanner<'_, R>,
    node: usize,
    buffer: &mut String,
    visit: &mut dyn Visit,
) -> Result<(), ReadError> {
    buffer.clear();
    match scanner.some_token()? {
        b'{' => {
            scanner.enter(b'{')?;
            if scanner.is_empty(b'}')? {
                return visit.value(node, Some(Value::Hollow));
            }
            let object = visit.tree().object();
            loop {
                buffer.clear();
                scanner.key(buffer)?;
                let Some(child) = visit.tree().member(node, buffer, object) else {
                    return Err(scanner.repeated(buffer));
                };
                visit.tree().check(scanner.file)?;
                value(scanner, child, buffer, visit)?;
                if !scanner.more(b'}')? {
                    return Ok(());
                }
            }
        }
        b'[' => {
            let mut walk = Walk::new(visit.within(node));
            scanner.compact(buffer, &mut walk)?;
            let bytes = walk.bytes;
            visit.tree().hold(bytes);
            visit.value(node, Some(Value::List(buffer)))
        }
        b'"' => {
            scanner.text(buffer)?;
            visit.value(node, Some(Value::Text(buffer)))
        }
        b'-' | b'+' | b'.' | b'0'..=b'9' => {
            scanner.number(buffer)?;
            visit.value(node, Some(Value::Number(buffer)))
        }
        _ => match scanner.word()? {
            "null" => visit.value(node, None),
            word => visit.value(node, Some(Value::Boolean(word == "true"))),
        },
    }
}

/// Looks at which columns there are.
struct Look {
    tree: Tree,
}

impl Visit for Look {
    fn tree(&mut self) -> &mut Tree {
        &mut self.tree
    }

    fn within(&mut self, node: usize) -> Option<&mut Within> {
        Some(self.tree.within(node))
    }

    fn value(&mut self, node: usize, value: Option<Value<'_>>) -> Result<(), ReadError> {
        match value {
            None => (),
            Some(Value::Text(_)) => self.tree.note(node, Kinds::TEXT),
            Some(Value::List(text)) => self.tree.note(node, Kinds::of_list(text)),
            Some(Value::Number(text)) => self.tree.note(node, Kinds::of_number(text)),
            Some(Value::Boolean(_)) => self.tree.note(node, Kinds::BOOLEAN),
            Some(Value::Hollow) => self.tree.nodes[node].hollow = true,
        }
        Ok(())
    }

    fn end_of_record(&mut self) -> Result<(), ReadError> {
        Ok(())
    }
}

/// Takes the values.
struct Take<'a> {
    tree: Tree,
    columns: Vec<Values>,
    numbers: Option<Numbers>,
    /// Rows of the batch that have ended.
    rows: usize,
    bytes: usize,
    name: &'a str,
    sink: &'a mut dyn FnMut(RecordBatch) -> Result<(), ReadError>,
}

impl Visit for Take<'_> {
    fn tree(&mut self) -> &mut Tree {
        &mut self.tree
    }

    fn value(&mut self, node: usize, value: Option<Value<'_>>) -> Result<(), ReadError> {
        let (Some(at), Some(value)) = (self.tree.nodes[node].column, value) else { return Ok(()) };
        let column = &mut self.columns[at];
        if let (Some(numbers), Values::Text(_), Value::Number(_)) = (&mut self.numbers, &*column, value) {
            numbers.places.push(at);
        }
        column.fill(self.rows);
        if !column.push(value) {
            return Err(ReadError::World(format!("`{}` changed while it was read", shown(self.name))));
        }
        self.bytes += match value {
            Value::Text(it) | Value::Number(it) | Value::List(it) => it.len(),
            Value::Boolean(_) | Value::Hollow => 1,
        };
        Ok(())
    }

    fn end_of_record(&mut self) -> Result<(), ReadError> {
        self.rows += 1;
        self.numbers.iter_mut().for_each(Numbers::end_of_record);
        let most = (BATCH_CELLS / self.columns.len().max(1)).clamp(1, BATCH_ROWS);
        match self.rows >= most || self.bytes >= BATCH_BYTES {
            true => self.flush(),
            false => Ok(()),
        }
    }
}

impl Take<'_> {
    fn flush(&mut self) -> Result<(), ReadError> {
        if self.rows == 0 {
            return Ok(());
        }
        let rows = std::mem::take(&mut self.rows);
        self.bytes = 0;
        let mut arrays: Vec<ArrayRef> = Vec::with_capacity(self.columns.len());
        for column in &mut self.columns {
            column.fill(rows);
            arrays.push(column.finish());
        }
        arrays.extend(self.numbers.as_mut().map(|it| Arc::new(it.texts.finish()) as ArrayRef));
        let fields =
            arrays.iter().enumerate().map(|(at, it)| Field::new(format!("k{at}"), it.data_type().clone(), true));
        let schema = Arc::new(ArrowSchema::new(fields.collect::<Vec<_>>()));
        let batch = RecordBatch::try_new(schema, arrays)
            .map_err(|error| ReadError::World(format!("a batch could not be made: {error}")))?;
        (self.sink)(batch)
    }
}

/// Which values of a record are numbers that stand as texts.
#[derive(Default)]
struct Numbers {
    texts: StringBuilder,
    /// Their places in the record at hand.
    places: Vec<usize>,
}

impl Numbers {
    fn end_of_record(&mut self) {
        self.places.sort_unstable();
        let mut text = String::new();
        for at in self.places.drain(..) {
            text.extend(std::iter::repeat_n('.', at - text.len()));
            text.push(NUMBER);
        }
        self.texts.append_value(text);
    }
}

/// The letter of a number that counts no days, as those of a workbook may.
const NUMBER: char = 'p';

/// The values of a column, as they come.
enum Values {
    Text(StringBuilder),
    Integer(Int64Builder),
    Float(Float64Builder),
    Boolean(BooleanBuilder),
}

impl Values {
    fn new(ty: Type) -> Values {
        match ty {
            Type::Integer => Values::Integer(Int64Builder::new()),
            Type::Float => Values::Float(Float64Builder::new()),
            Type::Boolean => Values::Boolean(BooleanBuilder::new()),
            _ => Values::Text(StringBuilder::new()),
        }
    }

    /// Nulls up to so many rows.
    fn fill(&mut self, rows: usize) {
        match self {
            Values::Text(it) => it.append_nulls(rows - it.len()),
            Values::Integer(it) => it.append_nulls(rows - it.len()),
            Values::Float(it) => it.append_nulls(rows - it.len()),
            Values::Boolean(it) => it.append_nulls(rows - it.len()),
        }
    }

    /// Whether the value is of this kind, and was taken.
    fn push(&mut self, value: Value<'_>) -> bool {
        match (self, value) {
            (Values::Text(it), Value::Text(text) | Value::Number(text) | Value::List(text)) => it.append_value(text),
            (Values::Text(it), Value::Boolean(yes)) => it.append_value(if yes { "true" } else { "false" }),
            (Values::Text(it), Value::Hollow) => it.append_value("{}"),
            // Beside other values an object without members is nothing.
            (_, Value::Hollow) => (),
            (Values::Integer(it), Value::Number(text)) => match text.parse() {
                Ok(number) => it.append_value(number),
                Err(_) => return false,
            },
            (Values::Float(it), Value::Number(text)) => match text.parse() {
                Ok(number) => it.append_value(number),
                Err(_) => return false,
            },
            (Values::Boolean(it), Value::Boolean(yes)) => it.append_value(yes),
            _ => return false,
        }
        true
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Values::Text(it) => Arc::new(it.finish()),
            Values::Integer(it) => Arc::new(it.finish()),
            Values::Float(it) => Arc::new(it.finish()),
            Values::Boolean(it) => Arc::new(it.finish()),
        }
    }
}
