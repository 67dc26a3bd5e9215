//! Where two files that should be the same table differ: the first row and column, never a value.

use std::path::Path;

use arrow_array::RecordBatch;

use crate::pipeline::ExportFormat;
use crate::publish::cell_texts;
use crate::readers::reach;
use crate::readers::{self, Format, Header, KINDS, Options, ROW, ReadError, Request};
use crate::store::backend::Worker;

/// The cells of a file.
struct Cells {
    columns: Vec<String>,
    rows: Vec<Vec<Option<String>>>,
}

/// Where `published` differs from `rebuilt`, in words.
pub(crate) fn first_difference(
    published: &Path,
    rebuilt: &Path,
    format: &ExportFormat,
    reader: &Path,
    worker: &mut dyn Worker,
) -> String {
    if let ExportFormat::Page(_) = format {
        return "the page says something else".to_owned();
    }
    let mut read = |path| cells(path, format, reader, worker);
    let (was, is) = match (read(published), read(rebuilt)) {
        (Ok(was), Ok(is)) => (was, is),
        (Err(reason), _) => return format!("it cannot be read: {reason}"),
        (_, Err(reason)) => return format!("the recomputed file cannot be read: {reason}"),
    };
    if was.columns != is.columns {
        return "it has other columns".to_owned();
    }
    for (row, (one, other)) in was.rows.iter().zip(&is.rows).enumerate() {
        if let Some(at) = one.iter().zip(other).position(|(one, other)| one != other) {
            let name = is.columns.get(at).map_or("", String::as_str);
            return format!("the first difference is in row {} of the data, column `{name}`", row + 1);
        }
    }
    match was.rows.len() == is.rows.len() {
        true => "all cells are the same, and bytes around them are not".to_owned(),
        false => format!("it has {} rows of data in place of {}", was.rows.len(), is.rows.len()),
    }
}

fn cells(path: &Path, format: &ExportFormat, reader: &Path, worker: &mut dyn Worker) -> Result<Cells, String> {
    let mut cells = Cells { columns: Vec::new(), rows: Vec::new() };
    let reason = |error: ReadError| error.to_string();
    match format {
        ExportFormat::Parquet | ExportFormat::Partitioned(_) => {
            let file = reach::open(path).map_err(|error| error.to_string())?;
            let schema = worker.describe(&file).map_err(|error| error.to_string())?;
            cells.columns = schema.names().map(str::to_owned).collect();
            let mut add = |batch: RecordBatch| {
                let rows = cell_texts(&batch).map_err(crate::store::backend::EngineError::Io)?;
                cells.rows.extend(rows);
                Ok(())
            };
            worker.external(&file, &schema, &mut add).map_err(|error| error.to_string())?;
            return Ok(cells);
        }
        ExportFormat::Json(_) => return records(path),
        ExportFormat::Plain(it) => return Err(it.unread.to_owned()),
        ExportFormat::Csv(_) | ExportFormat::Xlsx(_) | ExportFormat::Ods(_) | ExportFormat::Page(_) => (),
    }
    let name = path.file_name().map_or_else(String::new, |it| it.to_string_lossy().into_owned());
    let mut rows = Vec::new();
    let mut add = |batch: RecordBatch| {
        // The last column is the number of the row, which is not data; nor is what cells are.
        debug_assert_eq!(batch.schema().fields().last().map(|it| it.name().as_str()), Some(ROW));
        let own = 1 + usize::from(batch.schema().column_with_name(KINDS).is_some());
        for mut row in cell_texts(&batch).map_err(ReadError::World)? {
            row.truncate(row.len() - own);
            rows.push(row);
        }
        Ok(())
    };
    let mut found = |_: &readers::Found| Ok(());
    let answer = match format {
        ExportFormat::Csv(written) => {
            let request = Request {
                options: Options {
                    delimiter: Some(written.delimiter.to_string()),
                    encoding: Some(written.encoding.label().to_owned()),
                    header: Header::Row(1),
                    ..Options::default()
                },
                ..Request::new(path.to_owned(), name, Format::CSV)
            };
            readers::read(&request, &mut found, &mut add)
        }
        _ => {
            let sheet = format.workbook().and_then(|it| it.sheet.clone());
            let workbook = if let ExportFormat::Ods(_) = format { Format::ODS } else { Format::XLSX };
            let options = Options { sheet, header: Header::Row(1), ..Options::default() };
            let request = Request { options, ..Request::new(path.to_owned(), name, workbook) };
            // A published file may be anything by now: it is read like one that was delivered.
            readers::read_in_child(reader, &request, &|| false, &mut found, &mut add)
        }
    };
    let (found, _) = answer.map_err(reason)?;
    cells.columns = found.columns.into_iter().map(|it| it.name).collect();
    cells.rows = rows;
    Ok(cells)
}

/// The records of a JSON file as it is published: each on a line of its own, in both forms.
fn records(path: &Path) -> Result<Cells, String> {
    let bytes = reach::bytes(path).map_err(|error| error.to_string())?;
    let text = str::from_utf8(&bytes).map_err(|error| error.to_string())?;
    let mut cells = Cells { columns: Vec::new(), rows: Vec::new() };
    for line in text.lines().map(|it| it.trim_end_matches(',')).filter(|it| it.starts_with('{')) {
        let record: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(line).map_err(|error| error.to_string())?;
        for name in record.keys().filter(|it| !cells.columns.contains(it)).cloned().collect::<Vec<_>>() {
            cells.columns.push(name);
        }
        let text = |name: &String| record.get(name).filter(|it| !it.is_null()).map(ToString::to_string);
        cells.rows.push(cells.columns.iter().map(text).collect());
    }
    Ok(cells)
}
