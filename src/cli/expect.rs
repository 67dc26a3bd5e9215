//! `hotpass expect import`: checks that were written for Great Expectations, dbt or Soda become TOML. What has no
//! counterpart is dropped, and each dropped part is named with its reason: nothing vanishes without a word.

mod dbt;
mod entry;
mod great;
pub mod results;
mod soda;
mod yaml;

use std::path::Path;

use serde_json::{Value as Json, json};

use crate::cli::Answer;
use crate::cli::args::Format;
use crate::cli::exit::Exit;
use crate::problem::{Code, Problem};
use crate::readers::reach;
use crate::show::{self, count, line};
use entry::Imported;

/// A file that holds no checks that could be imported.
pub const NO_CHECKS: Code = Code::error("hotpass::expect::not-importable");

/// All codes of this module.
pub const CODES: &[&Code] = &[&NO_CHECKS];

/// What `expect import` answers: the checks on stdout, what was dropped on stderr.
///
/// # Errors
///
/// The problem, when the file cannot be read, is nobody's checks, or none of them could be taken.
pub fn import(file: &Path, table: Option<&str>, format: Format) -> Result<Answer, Box<Problem>> {
    let name = line(&file.display().to_string());
    let refuse = |reason: String| {
        let help = "it takes a suite of Great Expectations (JSON), a `schema.yml` of dbt, or checks of Soda (YAML)";
        Box::new(Problem::new(&NO_CHECKS, format!("`{name}` cannot be imported: {reason}")).help(help.to_owned()))
    };
    let text = reach::text(file).map_err(|error| refuse(error.to_string()))?;
    let found = imported(&text, table).map_err(refuse)?;
    if found.entries.is_empty() && !found.dropped.is_empty() {
        let first = &found.dropped[0];
        return Err(refuse(format!("nothing of it could be taken, such as `{}`: {}", line(&first.key), first.why)));
    }
    let toml = found.toml();
    if format == Format::Json {
        let mut out = show::json_line(&json!({"v": 1, "event": "expect.import", "file": name, "toml": toml}));
        for it in &found.dropped {
            let value = json!({"v": 1, "event": "expect.dropped", "key": it.key, "why": it.why});
            out.push_str(&show::json_line(&value));
        }
        return Ok(Answer::of(out));
    }
    let mut stderr: String =
        found.dropped.iter().map(|it| format!("dropped `{}`: {}\n", line(&it.key), it.why)).collect();
    let (checks, parts) = (found.entries.len() as u64, found.dropped.len() as u64);
    stderr.push_str(&format!("{} imported, {} dropped\n", count(checks, "check"), count(parts, "part")));
    Ok(Answer { stdout: toml, stderr, exit: Exit::Done })
}

/// The checks of a text, and what was dropped; the error says what the text is instead. `table` is what checks are
/// about that name none.
pub(super) fn imported(text: &str, table: Option<&str>) -> Result<Imported, String> {
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
