//! `hotpass link review`: the pairs that people are asked about, also as a file with a column to fill in. A file says
//! nothing of what is expected, so that nobody answers what the program thinks.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema};
use serde::Serialize;

use super::line::{DECIDE, NOTE, SIDES};
use super::{Step, studio, unwritten};
use crate::model::MASK;
use crate::publish::own_files::REVIEW;
use crate::publish::{Csv, LongText, Summary, Table, Xlsx, write_csv, write_xlsx};
use crate::steps::asking::{Asked, Question, Queue};
use crate::workspace::failure::Failure;

/// The sheet of a workbook.
const SHEET: &str = "Review";

/// What people are asked.
#[derive(Debug)]
pub(crate) struct Review {
    pub(crate) step: String,
    /// How a command names it.
    pub(crate) word: String,
    pub(crate) queue: Queue,
    /// The file that was written.
    pub(crate) output: Option<String>,
    /// Whether it takes answers as JSON.
    pub(crate) is_json: bool,
    /// Whether values were taken out of it.
    pub(crate) is_masked: bool,
}

#[derive(Serialize)]
#[serde(tag = "event", rename = "link.review")]
struct Head<'a> {
    step: &'a str,
    open: u64,
    decided: u64,
    columns: &'a [String],
    pairs: usize,
    output: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(tag = "event", rename = "link.review.pair")]
struct Pair<'a> {
    step: &'a str,
    pair: &'a Asked,
}

impl Serialize for Review {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let (step, queue) = (self.step.as_str(), &self.queue);
        let head = Head {
            step,
            open: queue.open,
            decided: queue.decided,
            columns: &queue.columns,
            pairs: queue.asked.len(),
            output: self.output.as_deref(),
        };
        let pairs: Vec<Pair<'_>> = queue.asked.iter().map(|pair| Pair { step, pair }).collect();
        (head, pairs).serialize(to)
    }
}

/// The pairs that are to be asked about, so many at most; also into a file.
pub(crate) fn review(step: &Step<'_>, pairs: u32, output: Option<&Path>, unmasked: bool) -> Result<Review, Failure> {
    let mut queue: Queue = step.ask(Question::Review { pairs })?;
    let is_masked = !unmasked && masked(&mut queue, step);
    if let Some(path) = output {
        write(path, &queue)?;
    }
    Ok(Review {
        step: step.name(),
        word: step.word(),
        queue,
        output: output.map(|it| it.display().to_string()),
        is_json: output.is_some_and(|it| is(it, "json")),
        is_masked,
    })
}

/// Takes personal values out; whether there were any.
fn masked(queue: &mut Queue, step: &Step<'_>) -> bool {
    let open: Vec<bool> = queue.columns.iter().map(|it| step.is_open(it)).collect();
    let mut any = false;
    for it in &mut queue.asked {
        for (values, open) in it.values.iter_mut().zip(&open) {
            for value in values.iter_mut().filter(|it| !open && it.is_some()) {
                *value = Some(MASK.to_owned());
                any = true;
            }
        }
    }
    if step.learning.asks.key().is_some_and(|it| !step.is_open(it)) {
        queue.asked.iter_mut().flat_map(|it| [&mut it.left, &mut it.right]).for_each(|it| it.key = None);
    }
    any
}

/// Writes the questions. A file that is there may hold answers, and is left alone.
fn write(path: &Path, queue: &Queue) -> Result<(), Failure> {
    if fs::symlink_metadata(path).is_ok() {
        return Err(unwritten(path, &"it is there, and may hold answers"));
    }
    if is(path, "json") {
        let text = studio::tasks(queue);
        return REVIEW.place(path, |file| file.write_all(text.as_bytes())).map_err(|error| unwritten(path, &error));
    }
    let batch = table(queue).map_err(|error| unwritten(path, &error))?;
    let (schema, rows) = (batch.schema(), batch.num_rows() as u64);
    let mut batches = std::iter::once(Ok(batch));
    let table = Table { name: SHEET, schema, rows, batches: &mut batches };
    let written = REVIEW.place(path, |file| match is(path, "xlsx") {
        true => {
            let options = Xlsx { sheet: Some(SHEET.to_owned()), long_text: LongText::Cut, ..Xlsx::default() };
            write_xlsx(file, table, &options, &Summary::default()).map(drop).map_err(std::io::Error::other)
        }
        false => write_csv(file, table, &Csv { bom: true, ..Csv::default() }).map(drop).map_err(std::io::Error::other),
    });
    written.map_err(|error| unwritten(path, &error))
}

fn is(path: &Path, ending: &str) -> bool {
    path.extension().is_some_and(|it| it == ending)
}

/// A row for each pair: what is to be filled in, the values side by side, and what tells both rows.
fn table(queue: &Queue) -> Result<RecordBatch, arrow_schema::ArrowError> {
    let mut fields: Vec<Field> = Vec::new();
    let mut columns: Vec<ArrayRef> = Vec::new();
    let mut add = |name: String, of: &dyn Fn(&Asked) -> Option<String>| {
        fields.push(Field::new(name, DataType::Utf8, true));
        columns.push(Arc::new(queue.asked.iter().map(of).collect::<StringArray>()) as ArrayRef);
    };
    let none = |_: &Asked| None;
    add(DECIDE.to_owned(), &none);
    add(NOTE.to_owned(), &none);
    for (at, column) in queue.columns.iter().enumerate() {
        add(format!("{column} 1"), &|it| it.values.get(at).and_then(|it| it[0].clone()));
        add(format!("{column} 2"), &|it| it.values.get(at).and_then(|it| it[1].clone()));
    }
    let [[left, left_print], [right, right_print]] = SIDES;
    add(left.to_owned(), &|it| it.left.key.clone());
    add(right.to_owned(), &|it| it.right.key.clone());
    add(left_print.to_owned(), &|it| Some(it.left.print.clone()));
    add(right_print.to_owned(), &|it| Some(it.right.print.clone()));
    add("lot".to_owned(), &|it| it.share.map(|it| format!("{it:.6}")));
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)
}
