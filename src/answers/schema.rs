//! `hotpass schema`: what editors complete and check TOML files by, as it is written beside them.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::Value;

use crate::escape::line;
use crate::problem::{Code, Problem};
use crate::schema::{DOCUMENTS, Document, IDS, answers};
use crate::workspace::failure::Failure;

/// A file that stands where a schema would be written.
pub const FILE_TAKEN: Code = Code::error("hotpass::schema::file-taken");

/// All codes of this module.
pub const CODES: &[&Code] = &[&FILE_TAKEN];

/// Files of schemas.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename = "schema")]
pub(crate) struct Written {
    pub(crate) files: Vec<String>,
}

/// The schema of a document, or of answers.
pub(crate) fn schema(name: &str) -> String {
    DOCUMENTS.iter().find(|it| it.name == name).map_or_else(answers::answers, Document::schema)
}

/// Writes all schemas into `out`, a folder as it was named from `here`.
pub(crate) fn write_all(here: &Path, out: &Path) -> Result<Written, Failure> {
    let folder = here.join(out);
    if let Some(place) = places(&folder).map(|(place, _)| place).find(|it| !is_free(it)) {
        let message = format!("`{}` is not a schema of hotpass", line(&place.display().to_string()));
        let problem = Problem::new(&FILE_TAKEN, message).help("name another folder".to_owned());
        return Err(Failure::Problem(Box::new(problem)));
    }
    for (place, document) in places(&folder) {
        write(&place, &document.schema()).map_err(|error| {
            Failure::World(format!("`{}` cannot be written: {error}", line(&place.display().to_string())))
        })?;
    }
    Ok(Written { files: places(out).map(|(place, _)| line(&place.display().to_string())).collect() })
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
