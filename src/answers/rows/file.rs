//! An answer as a file: written as an export of the same format is, beside its place and renamed when it is whole.
//!
//! A file that stands there is not replaced unless that is asked for, and never one that the workspace reads or
//! publishes.

mod used;

use std::fs::File;
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;

use crate::answers::rows::Answered;
use crate::escape::line;
use crate::numbers::count;
use crate::problem::{Code, Problem};
use crate::publish::{self, Csv, Json, PublishError, Summary, Table, Written, Xlsx};
use crate::workspace::failure::Failure;
use crate::workspace::session::Session;

/// A file stands where an answer is to be written.
pub const FILE_EXISTS: Code = Code::error("hotpass::query::file-exists");
/// An answer is to be written where the workspace reads or publishes something.
pub const FILE_IN_USE: Code = Code::error("hotpass::query::file-in-use");

/// Endings of files that an answer is written to.
pub const ENDINGS: [&str; 7] = ["csv", "tsv", "json", "ndjson", "jsonl", "parquet", "xlsx"];

/// Reads the name of a file for an answer, whose ending says how it is written.
pub fn answer_file(word: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(word);
    let ending = path.extension().and_then(|it| it.to_str()).unwrap_or_default();
    match ENDINGS.contains(&ending) {
        true => Ok(path),
        false => {
            let needed = "a name that ends in `.csv`, `.tsv`, `.json`, `.ndjson`, `.parquet` or `.xlsx` is needed";
            let shown = "; `--format markdown` and `--format box` print a table, and `>` puts it into a file";
            let laid_out = ["md", "markdown", "txt"].contains(&ending);
            Err(format!("{needed}{}", if laid_out { shown } else { "" }))
        }
    }
}

/// What an answer is called in messages.
const NAME: &str = "the answer";

/// Delimited text, and what is to be told of it.
pub(crate) fn csv(answered: Answered) -> Result<(String, Option<String>), Failure> {
    let mut out = Vec::new();
    let written = with_table(answered, |table| publish::write_csv(&mut out, table, &Csv::default())).map_err(told)?;
    Ok((String::from_utf8_lossy(&out).into_owned(), guarded(&written)))
}

/// What became of texts that a spreadsheet would run.
fn guarded(written: &Written) -> Option<String> {
    let texts = count(written.guarded, "text");
    (written.guarded > 0).then(|| format!("{texts} that a spreadsheet would run as a formula got a `'` in front"))
}

/// Refuses, before anything is asked, the name of a file that must stay as it is.
pub(crate) fn check(path: &Path, overwrite: bool, session: &Session) -> Result<(), Failure> {
    let problem = |code: &Code, message: String, help: &str| {
        Err(Failure::Problem(Box::new(Problem::new(code, message).help(help.to_owned()))))
    };
    let shown = line(&path.display().to_string());
    let metadata = std::fs::symlink_metadata(path);
    if is_state(path, session) {
        let message = format!("`{shown}` would be part of the state of the workspace");
        return problem(&FILE_IN_USE, message, "name another file: what is in that folder comes and goes with builds");
    }
    if let Some(what) = used::used(path, session) {
        let message = format!("`{shown}` is {what}");
        return problem(&FILE_IN_USE, message, "name another file; an export publishes a table at every build");
    }
    let Ok(metadata) = metadata else { return Ok(()) };
    match metadata.is_file() && overwrite {
        true => Ok(()),
        false if metadata.is_file() => {
            let message = format!("there is a file `{shown}` already");
            problem(&FILE_EXISTS, message, "name another file, or replace it with `--overwrite`")
        }
        false => problem(&FILE_EXISTS, format!("`{shown}` is there, and no plain file"), "name another file"),
    }
}

/// Whether a file, there or not, stands in the folder of the state, or a link leads there.
fn is_state(path: &Path, session: &Session) -> bool {
    let real = |it: &Path| std::fs::canonicalize(it).ok();
    let folder = path.parent().map(|it| if it.as_os_str().is_empty() { Path::new(".") } else { it });
    let places = [real(path), folder.and_then(real)];
    real(session.paths.root()).is_some_and(|state| places.iter().flatten().any(|it| it.starts_with(&state)))
}

/// Writes a file; its ending says how. Gives what is to be told of it.
pub(crate) fn write(answered: Answered, path: &Path) -> Result<Vec<String>, Failure> {
    let ending = path.extension().and_then(|it| it.to_str()).unwrap_or_default();
    if ending != "csv" && ending != "tsv" {
        answered.as_records().map_err(Failure::Problem)?;
    }
    let mut notes = Vec::new();
    let shown = line(&path.display().to_string());
    notes.push(format!("{} written to `{shown}`", count(answered.rows, "row")));
    let hidden: Vec<String> = answered.hidden().iter().map(|it| format!("`{}`", line(it))).collect();
    if !hidden.is_empty() {
        notes.push(format!("masked: {}; `--unmasked` writes the values", hidden.join(", ")));
    }
    let written = placed(path, |file| with_table(answered, |table| as_ending(file, table, ending))).map_err(told)?;
    notes.extend(guarded(&written));
    Ok(notes)
}

fn with_table(
    answered: Answered,
    write: impl FnOnce(Table<'_>) -> Result<Written, PublishError>,
) -> Result<Written, PublishError> {
    let schema = answered.schema.unwrap_or_else(|| std::sync::Arc::new(arrow_schema::Schema::empty()));
    let mut batches = answered.batches.into_iter().map(Ok);
    write(Table { name: NAME, schema, rows: answered.rows, batches: &mut batches })
}

fn as_ending(file: &mut File, table: Table<'_>, ending: &str) -> Result<Written, PublishError> {
    match ending {
        "tsv" => publish::write_csv(BufWriter::new(file), table, &Csv { delimiter: '\t', ..Csv::default() }),
        "json" => publish::write_json(BufWriter::new(file), table, &Json { lines: false }),
        "ndjson" | "jsonl" => publish::write_json(BufWriter::new(file), table, &Json { lines: true }),
        "parquet" => parquet(file, table),
        "xlsx" => publish::write_xlsx(file, table, &Xlsx::default(), &Summary::default()),
        _ => publish::write_csv(BufWriter::new(file), table, &Csv::default()),
    }
}

fn parquet(file: &mut File, table: Table<'_>) -> Result<Written, PublishError> {
    let failed = |error: parquet::errors::ParquetError| PublishError::Rows(error.to_string());
    let properties = WriterProperties::builder().set_compression(Compression::LZ4_RAW).build();
    let mut out = publish::Hashing::new(file);
    let mut writer = ArrowWriter::try_new(&mut out, table.schema, Some(properties)).map_err(failed)?;
    for batch in table.batches {
        writer.write(&batch.map_err(PublishError::Rows)?).map_err(failed)?;
    }
    writer.close().map_err(failed)?;
    Ok(out.finish(table.rows)?.1)
}

/// Writes beside a place, and puts it there when it is whole. A link is replaced and not followed.
fn placed(
    path: &Path,
    write: impl FnOnce(&mut File) -> Result<Written, PublishError>,
) -> Result<Written, PublishError> {
    let name = path.file_name().ok_or_else(|| io::Error::other("it names no file"))?;
    let beside: PathBuf = path.with_file_name(format!(".{}.new{}", name.to_string_lossy(), std::process::id()));
    let made = File::options().write(true).read(true).create_new(true).open(&beside);
    let written = made.map_err(PublishError::Io).and_then(|mut file| {
        let written = write(&mut file)?;
        file.sync_all()?;
        std::fs::rename(&beside, path)?;
        Ok(written)
    });
    if written.is_err() {
        let _ = std::fs::remove_file(&beside);
    }
    written
}

fn told(error: PublishError) -> Failure {
    match error {
        PublishError::Problem(problem) => Failure::Problem(problem),
        other => Failure::World(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ending_says_how_an_answer_is_written() {
        for ending in ENDINGS {
            assert!(answer_file(&format!("a/b.{ending}")).is_ok(), "{ending}");
        }
        for name in ["b", "b.md", "b.csv.gz", ".csv", "csv", ""] {
            assert!(answer_file(name).is_err(), "{name}");
        }
    }
}
