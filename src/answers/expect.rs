//! `hotpass expect import`: checks that were written for Great Expectations, dbt or Soda become TOML. What has no
//! counterpart is dropped, and each dropped part is named with its reason: nothing vanishes without a word.

mod dbt;
mod entry;
mod great;
pub(crate) mod results;
mod soda;
mod yaml;

use std::path::Path;
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value as Json;

use crate::escape::line;
use crate::problem::{Code, Problem};
use crate::readers::reach;
use crate::span::{Span, line_and_column};
use entry::{Dropped, Imported};

/// A file that holds no checks that could be imported.
pub const NO_CHECKS: Code = Code::error("hotpass::expect::not-importable");

/// All codes of this module.
pub const CODES: &[&Code] = &[&NO_CHECKS];

/// Checks of a file.
#[derive(Debug)]
pub(crate) struct Checks {
    /// The file.
    pub(crate) file: String,
    pub(crate) toml: String,
    /// How many checks were imported.
    pub(crate) imported: u64,
    /// Parts that have no counterpart.
    pub(crate) dropped: Vec<Part>,
    /// How many parts were not imported, those that are wrong among them.
    pub(crate) lost: u64,
    /// What is wrong in the file.
    pub(crate) faults: Vec<Problem>,
}

/// The checks as they are told.
#[derive(Serialize)]
#[serde(tag = "event", rename = "expect.import")]
struct Event<'a> {
    file: &'a str,
    toml: &'a str,
}

/// A part that was dropped.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename = "expect.dropped")]
pub(crate) struct Part {
    pub(crate) key: String,
    pub(crate) why: String,
    /// The line of the file.
    #[serde(skip)]
    pub(crate) line: usize,
}

impl Serialize for Checks {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        (Event { file: &self.file, toml: &self.toml }, &self.dropped).serialize(to)
    }
}

/// The checks of a file, whose text is given if it could be read. `table` is what checks are about that name none.
pub(crate) fn import(file: &Path, text: &std::io::Result<String>, table: Option<&str>) -> Result<Checks, Problem> {
    let name = line(&file.display().to_string());
    let own = Arc::new(file.to_owned());
    let refused = |reason: &str| {
        let help = "it takes a suite of Great Expectations (JSON), a `schema.yml` of dbt, or checks of Soda (YAML)";
        Problem::new(&NO_CHECKS, format!("`{name}` cannot be imported: {reason}")).help(help.to_owned())
    };
    let text = text.as_ref().map_err(|error| refused(&error.to_string()))?;
    let found = imported(text, table).map_err(|reason| refused(&reason))?;
    let span = |it: &Dropped| Span::new(&own, yaml::place(text, &it.path));
    let fault = |it: &Dropped| {
        let (code, help) = it.fault()?;
        let fact = format!("`{}` cannot be imported: {}", line(&it.key), it.why);
        // Texts of such a file may be somebody's, so its lines are not shown.
        let (row, column) = line_and_column(text, span(it).start);
        let begins = format!("it begins in line {row}, column {column}");
        Some(Problem::new(code, fact).label(&span(it), begins).help(help.to_owned()))
    };
    let faults: Vec<Problem> = found.dropped.iter().filter_map(fault).collect();
    if let (true, true, Some(first)) = (found.entries.is_empty(), faults.is_empty(), found.dropped.first()) {
        let reason = format!("nothing of it could be taken, such as `{}`: {}", line(&first.key), first.why);
        return Err(refused(&reason));
    }
    let part = |it: &Dropped| {
        let (line, _) = line_and_column(text, span(it).start);
        Part { key: it.key.clone(), why: it.why.to_string(), line }
    };
    Ok(Checks {
        file: name.clone(),
        toml: found.toml(),
        imported: found.entries.len() as u64,
        dropped: found.dropped.iter().filter(|it| it.fault().is_none()).map(part).collect(),
        lost: found.dropped.len() as u64,
        faults,
    })
}

/// The text of such a file.
pub(crate) fn read(file: &Path) -> std::io::Result<String> {
    reach::text(file)
}

/// The checks of a text, and what was dropped; the error says what the text is instead. `table` is what checks are
/// about that name none.
pub(crate) fn imported(text: &str, table: Option<&str>) -> Result<Imported, String> {
    let root = match serde_json::from_str::<Json>(text) {
        Ok(json) => json,
        Err(_) => yaml::read(text)?,
    };
    let Json::Object(root) = root else { return Err("it has no keys".to_owned()) };
    if root.contains_key("expectations") {
        return great::suite(&root, table);
    }
    if ["models", "sources", "seeds", "snapshots"].iter().any(|it| root.contains_key(*it)) {
        return Ok(dbt::schema(&root));
    }
    if root.keys().any(|it| it.starts_with("checks for ") || it.starts_with("for each ")) {
        return Ok(soda::checks(&root));
    }
    Err("it has neither `expectations`, nor `models` or `sources`, nor `checks for TABLE`".to_owned())
}

#[cfg(test)]
mod tests;
