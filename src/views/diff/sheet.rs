//! A difference as a workbook: a row for each side of each row that differs, with the cells marked that do.

use std::fs::File;
use std::io;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{ArrayRef, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema};

use crate::answers::diff::Difference;
use crate::model::Type;
use crate::publish::{Cell, FormulaGuard, LongText, Summary, Table, Xlsx, arrow_type, write_marked_xlsx};
use crate::store::backend::{Comparison, EngineError, Worker};
use crate::threads;
use crate::views::diff::columns_in_words;

/// Writes the workbook.
pub(crate) fn write(
    file: &mut File,
    difference: &Difference<'_>,
    worker: &mut dyn Worker,
    comparison: &Comparison<'_>,
) -> io::Result<()> {
    let mut fields = vec![Field::new("change", DataType::Utf8, true), Field::new("row", DataType::Int64, true)];
    fields.extend(difference.columns.iter().map(|it| Field::new(&it.name, arrow_type(it.ty), true)));
    fields.push(Field::new("marks", arrow_type(Type::Text), true));
    let schema = Arc::new(Schema::new(fields));
    let options = Xlsx {
        sheet: Some("Differences".to_owned()),
        formulas: FormulaGuard::Quote,
        summary: true,
        score: None,
        long_text: LongText::Cut,
        ..Xlsx::default()
    };
    let rows = difference.tally.added + difference.tally.removed + 2 * difference.tally.changed;
    let (sender, receiver) = std::sync::mpsc::sync_channel(8);
    std::thread::scope(|scope| {
        let own = Arc::clone(&schema);
        let read = move || {
            let mut send = |batch: RecordBatch| {
                let batch = marked(&own, &batch).map_err(EngineError::Engine)?;
                sender.send(Ok(batch)).map_err(|_| EngineError::Io("the writer stopped".to_owned()))
            };
            if let Err(error) = worker.differences(comparison, None, &mut send) {
                let _ = sender.send(Err(error.to_string()));
            }
        };
        threads::scoped(scope, read).map_err(threads::none_left)?;
        let mut batches = receiver.into_iter();
        let table = Table { name: difference.table, schema, rows, batches: &mut batches };
        write_marked_xlsx(file, table, &options, &summary(difference)).map_err(io::Error::other)
    })?;
    Ok(())
}

/// The lines of a batch as they are written: marks behind the cells, a letter for each.
fn marked(schema: &Arc<Schema>, batch: &RecordBatch) -> Result<RecordBatch, String> {
    let text = |at: usize| batch.column(at).as_string_opt::<i32>().ok_or("a line has another shape".to_owned());
    let (what, differs) = (text(0)?, text(2)?);
    let marks = (0..batch.num_rows()).map(|row| {
        let (own, letters) = (what.value(row), differs.value(row));
        let letter = match own {
            "added" | "after" => "+",
            _ => "-",
        };
        match own {
            "added" | "removed" => letter.repeat(letters.len() + 2),
            _ => format!("..{}", letters.replace('~', letter)),
        }
    });
    let marks: ArrayRef = Arc::new(StringArray::from_iter_values(marks));
    let mut columns: Vec<ArrayRef> = vec![Arc::clone(batch.column(0)), Arc::clone(batch.column(1))];
    columns.extend(batch.columns().iter().skip(3).cloned());
    columns.push(marks);
    RecordBatch::try_new(Arc::clone(schema), columns).map_err(|error| error.to_string())
}

/// What is counted, for the sheet that sums up.
fn summary(it: &Difference<'_>) -> Summary {
    let number = |n: u64| Cell::Integer(i64::try_from(n).unwrap_or(i64::MAX));
    let text = |text: &str| Cell::Text(text.to_owned());
    let mut rows = vec![
        ("Table".to_owned(), text(it.table)),
        ("From".to_owned(), text(&it.from.label)),
        ("To".to_owned(), text(&it.to.label)),
        ("Rows matched by".to_owned(), if it.by.is_empty() { text("whole rows") } else { text(&it.by.join(", ")) }),
        ("Rows added".to_owned(), number(it.tally.added)),
        ("Rows removed".to_owned(), number(it.tally.removed)),
        ("Rows changed".to_owned(), number(it.tally.changed)),
        ("Rows as before".to_owned(), number(it.same_rows())),
    ];
    let heading = |it: &str| (it.to_owned(), Cell::Empty);
    let columns = columns_in_words(it);
    if !columns.is_empty() {
        rows.extend([heading(""), heading("Columns")]);
        rows.extend(columns.into_iter().map(|(mark, name)| {
            let word = match mark {
                "+" => "added",
                "-" => "removed",
                _ => "another type",
            };
            (name, text(word))
        }));
    }
    let touched: Vec<_> = it.touched().collect();
    if !touched.is_empty() {
        rows.extend([heading(""), heading("Cells that differ")]);
        rows.extend(touched.into_iter().map(|(name, cells, _)| (name.to_owned(), number(cells))));
    }
    Summary { rows, ..Summary::default() }
}
