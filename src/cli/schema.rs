//! `hotpass schema`: prints what editors complete and check TOML files by, or writes it beside them.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::cli::args::{self, Format, Global};
use crate::cli::exit::Exit;
use crate::cli::outcome::{Outcome, world_failed};
use crate::cli::output::Output;
use crate::cli::{Answer, check, look_of_stderr};
use crate::problem::{Code, Problem};
use crate::schema::{DOCUMENTS, Document, IDS};
use crate::show::{count, json_line, line};

/// A file that stands where a schema would be written.
pub const FILE_TAKEN: Code = Code::error("hotpass::schema::file-taken");

/// All codes of this module.
pub const CODES: &[&Code] = &[&FILE_TAKEN];

/// Prints a schema, or writes all of them.
pub fn schema(global: &Global, asked: &args::Schema) -> Outcome {
    let Some(out) = &asked.out else {
        let document = DOCUMENTS.iter().find(|it| it.name == asked.document);
        return Outcome::Done(printed(&Answer::of(document.map_or_else(String::new, Document::schema))));
    };
    let folder = global.directory.as_deref().unwrap_or(Path::new("")).join(out);
    let taken: Vec<PathBuf> = places(&folder).map(|(place, _)| place).filter(|it| !is_free(it)).collect();
    if let Some(place) = taken.first() {
        let message = format!("`{}` is no schema of hotpass", line(&place.display().to_string()));
        let problem = Problem::new(&FILE_TAKEN, message).help("name another folder".to_owned());
        return Outcome::Done(printed(&check::told(&[problem], &|_| None, global.format, look_of_stderr(global))));
    }
    for (place, document) in places(&folder) {
        if let Err(error) = write(&place, &document.schema()) {
            let reason = format!("`{}` cannot be written: {error}", line(&place.display().to_string()));
            return Outcome::Done(world_failed(&reason, &Output::new(global)));
        }
    }
    Outcome::Done(printed(&written(out, global.format)))
}

fn printed(answer: &Answer) -> Exit {
    answer.print().unwrap_or(Exit::World)
}

fn places(folder: &Path) -> impl Iterator<Item = (PathBuf, &'static Document)> {
    DOCUMENTS.iter().map(move |it| (folder.join(file_name(it)), it))
}

fn file_name(document: &Document) -> String {
    format!("{}.json", document.name)
}

/// Whether nothing stands there but a schema of ours, of whatever version.
fn is_free(place: &Path) -> bool {
    if place.symlink_metadata().is_err() {
        return true;
    }
    let text = crate::readers::reach::text(place).unwrap_or_default();
    let id = serde_json::from_str::<Value>(&text).ok().and_then(|it| Some(it.get("$id")?.as_str()?.to_owned()));
    id.is_some_and(|it| it.starts_with(IDS))
}

/// An editor never reads half a schema.
fn write(place: &Path, text: &str) -> io::Result<()> {
    let folder = place.parent().unwrap_or(Path::new(""));
    fs::create_dir_all(folder)?;
    let builder = &mut tempfile::Builder::new();
    #[cfg(unix)]
    let builder = builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.persist(place)?;
    Ok(())
}

fn written(out: &Path, format: Format) -> Answer {
    let files: Vec<String> = places(out).map(|(place, _)| line(&place.display().to_string())).collect();
    if format == Format::Json {
        return Answer::of(json_line(&json!({ "v": 1, "event": "schema", "files": files })));
    }
    let list: String = files.iter().map(|it| format!("  {it}\n")).collect();
    Answer::of(format!("wrote {}\n{list}", count(files.len() as u64, "schema")))
}
