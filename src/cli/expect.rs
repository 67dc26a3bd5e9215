//! `hotpass expect import`: checks that were written for Great Expectations, dbt or Soda become TOML. What has no
//! counterpart is dropped, and each dropped part is named with its reason: nothing vanishes without a word.

mod dbt;
mod entry;
mod great;
pub mod results;
mod soda;
mod yaml;

use std::path::Path;
use std::sync::Arc;

use serde_json::{Value as Json, json};

use crate::cli::args::{Format, Global};
use crate::cli::{Answer, check, look_of_stderr};
use crate::problem::{Code, Problem};
use crate::readers::reach;
use crate::show::{self, count, line};
use crate::span::{Span, line_and_column};
use entry::{Dropped, Imported};

/// A file that holds no checks that could be imported.
pub const NO_CHECKS: Code = Code::error("hotpass::expect::not-importable");

/// All codes of this module.
pub const CODES: &[&Code] = &[&NO_CHECKS];

/// What `expect import` answers: the checks on stdout; on stderr what was dropped, and what is wrong in the file.
pub fn import(global: &Global, file: &Path, table: Option<&str>) -> Answer {
    let name = line(&file.display().to_string());
    let own = Arc::new(file.to_owned());
    let text = reach::text(file);
    let told = |problems: &[Problem]| {
        let source = |path: &Path| text.as_ref().ok().filter(|_| path == file).cloned();
        check::told(problems, &source, global.format, look_of_stderr(global))
    };
    let refused = |reason: &str| {
        let help = "it takes a suite of Great Expectations (JSON), a `schema.yml` of dbt, or checks of Soda (YAML)";
        Problem::new(&NO_CHECKS, format!("`{name}` cannot be imported: {reason}")).help(help.to_owned())
    };
    let found = match &text {
        Ok(text) => imported(text, table).map(|it| (text, it)),
        Err(error) => Err(error.to_string()),
    };
    let (text, found) = match found {
        Ok(found) => found,
        Err(reason) => return told(&[refused(&reason)]),
    };
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
        return told(&[refused(&reason)]);
    }
    let (toml, wrong) = (found.toml(), told(&faults));
    let dropped = found.dropped.iter().filter(|it| it.fault().is_none());
    if global.format == Format::Json {
        let mut out = show::json_line(&json!({"v": 1, "event": "expect.import", "file": name, "toml": toml}));
        for it in dropped {
            let value = json!({"v": 1, "event": "expect.dropped", "key": it.key, "why": it.why});
            out.push_str(&show::json_line(&value));
        }
        return Answer { stdout: out + &wrong.stdout, ..wrong };
    }
    let said = |it: &Dropped| {
        let (number, _) = line_and_column(text, span(it).start);
        format!("{name}:{number}: dropped `{}`: {}\n", line(&it.key), it.why)
    };
    let mut stderr: String = wrong.stderr + &dropped.map(said).collect::<String>();
    let (checks, parts) = (found.entries.len() as u64, found.dropped.len() as u64);
    stderr.push_str(&format!("{} imported, {} dropped\n", count(checks, "check"), count(parts, "part")));
    Answer { stdout: toml, stderr, exit: wrong.exit }
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
