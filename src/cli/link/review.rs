//! `hotpass link review`: the pairs that people are asked about, on the screen or as a file with a column to fill in.
//! A file says nothing of what is expected, so that nobody answers what the program thinks.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema};
use serde_json::json;

use super::line::{DECIDE, NOTE, SIDES};
use super::{Step, answers, studio, unwritten};
use crate::cli::answer::MASK;
use crate::cli::args::{Format, Global, Review};
use crate::cli::exit::Exit;
use crate::cli::{Answer, look_of_stdout};
use crate::publish::own_files::REVIEW;
use crate::publish::{Csv, LongText, Summary, Table, Xlsx, write_csv, write_xlsx};
use crate::show::{self, Align, Paint, count, line};
use crate::steps::asking::{Asked, Question, Queue, RowName};
use crate::workspace::failure::Failure;

/// The sheet of a workbook.
const SHEET: &str = "Review";

/// What `link review` answers.
pub(super) fn review(global: &Global, step: &Step<'_>, it: &Review) -> Result<Answer, Failure> {
    if let Some(file) = &it.read {
        return answers::take(global, step, file, it.by.as_deref());
    }
    let mut queue: Queue = step.ask(Question::Review { pairs: it.pairs })?;
    let is_masked = !it.unmasked && masked(&mut queue, step);
    if let Some(path) = &it.output {
        write(path, &queue)?;
    }
    let written = it.output.as_ref().map(|it| it.display().to_string());
    if global.format == Format::Json {
        let head = json!({"v": 1, "event": "link.review", "step": step.name(), "open": queue.open,
            "decided": queue.decided, "columns": queue.columns, "pairs": queue.asked.len(), "output": written});
        let pairs = queue
            .asked
            .iter()
            .map(|it| show::json_line(&json!({"v": 1, "event": "link.review.pair", "step": step.name(), "pair": it})));
        return Ok(Answer::of(std::iter::once(show::json_line(&head)).chain(pairs).collect()));
    }
    let look = look_of_stdout(global);
    let name = look.paint(&line(&step.name()), Paint::Strong);
    let (open, decided) = (count(queue.open, "pair"), count(queue.decided, "pair"));
    let mut stdout = format!("{name}  {open} to review, {decided} decided\n");
    let mut stderr = String::new();
    match &written {
        Some(path) => {
            let (pairs, path) = (count(queue.asked.len() as u64, "pair"), line(path));
            let how = match it.output.as_deref().is_some_and(|it| is(it, "json")) {
                true => "import it into Label Studio, and export the answers as JSON",
                false => "fill in `decide` with same, different, related or unsure",
            };
            stdout.push_str(&format!("{pairs} written to `{path}`: {how}\n"));
            stderr.push_str(&format!("then `hotpass link review {} --read {path}` takes the answers\n", step.word()));
            if is_masked {
                stderr.push_str("personal values are masked: `--unmasked` writes them\n");
            }
        }
        None => stdout.push_str(&format!("\n{}", listed(&queue, look))),
    }
    Ok(Answer { stdout, stderr, exit: Exit::Done })
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

fn name(row: &RowName) -> String {
    row.key.clone().unwrap_or_else(|| format!("#{}", row.row))
}

fn listed(queue: &Queue, look: show::Style) -> String {
    let heads = ["left", "right", "why", "rows", "how they agree"];
    let heads: Vec<(String, Align)> = heads.map(|it| (it.to_owned(), Align::Left)).to_vec();
    let row = |it: &Asked| {
        let cells = [name(&it.left), name(&it.right), it.why.clone(), it.impact.to_string(), it.agreement.clone()];
        cells.map(Some).to_vec()
    };
    show::table(&heads, &queue.asked.iter().map(row).collect::<Vec<_>>(), look)
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
