//! What is odd in a profile that only a workspace shows: patterns that mean no file, or the same one twice, sources that
//! no pipeline has, and tables of `enrich` that nothing asks for.

use std::collections::BTreeMap;
use std::path::PathBuf;

use toml::{Table, Value};

use crate::problem::{Code, Problem};
use crate::query::{self, Merged};
use crate::workspace::session::Session;

/// A pattern that means no file.
pub const NO_FILES: Code = Code::warning("hotpass::profile::glob-without-files");
/// Two patterns that mean the same file, and no sheets that keep them apart.
pub const OVERLAP: Code = Code::warning("hotpass::profile::globs-overlap");
/// A source that no pipeline of the workspace has.
pub const UNREAD_SOURCE: Code = Code::warning("hotpass::profile::unread-source");
/// A table of `enrich` that no pipeline of the workspace asks for.
pub const UNREAD_ENRICH: Code = Code::warning("hotpass::profile::unread-enrich");

/// All codes of this module.
pub const CODES: &[&Code] = &[&NO_FILES, &OVERLAP, &UNREAD_SOURCE, &UNREAD_ENRICH];

/// Holds a profile against the files and the pipelines of the workspace.
pub(crate) fn lint(session: &Session, merged: &Merged) -> Vec<Problem> {
    let ingest = &merged.profile.ingest;
    let mut acc = Vec::new();
    let mut meant: BTreeMap<(PathBuf, Option<&str>), &str> = BTreeMap::new();
    let read = names(session);
    for (name, said) in &ingest.sources {
        let placed = |problem: Problem, key: &str| {
            let span = merged.spans.get(&format!("ingest.source.{name}.{key}")).or_else(|| ingest.places.get(name));
            match span {
                Some(span) => problem.label(span, "here"),
                None => problem,
            }
        };
        if let Some(pattern) = said.path() {
            let files = query::files(&session.db, pattern);
            if files.is_empty() {
                let message = format!("`{}` matches no file", pattern.escape_debug());
                let help = "patterns are relative to the workspace: `data/*.xlsx`".to_owned();
                acc.push(placed(Problem::new(&NO_FILES, message), "path").help(help));
            }
            for file in files {
                let shown = file.display().to_string();
                let Some(other) = meant.insert((file, said.sheet()), name) else { continue };
                let message = format!("`{other}` and `{name}` both mean `{shown}`");
                let help = "make the patterns narrower, or set the `sheet` of each of the two".to_owned();
                acc.push(placed(Problem::new(&OVERLAP, message), "path").help(help));
                break;
            }
        }
        if !read.is_empty() && !read.contains(name) {
            let message = format!("no pipeline has the source `{name}`");
            let near = crate::problem::did_you_mean(name, read.iter().map(String::as_str));
            let help = near.unwrap_or_else(|| format!("add `[source.{name}]` to a pipeline, or remove it here"));
            acc.push(placed(Problem::new(&UNREAD_SOURCE, message), "").help(help));
        }
    }
    unread(session, merged, &mut acc);
    acc
}

/// Tables of `enrich` that this profile itself has and no expression names.
fn unread(session: &Session, merged: &Merged, acc: &mut Vec<Problem>) {
    let db = &session.db;
    let files = query::pipeline_files(db, session.settings);
    let documents: Vec<Table> = files.iter().filter_map(|it| session.text(it)?.parse().ok()).collect();
    let own: Option<Table> = merged.layers.first().and_then(|it| it.text.parse().ok());
    let own = own.as_ref().and_then(|it| it.get("enrich")).and_then(Value::as_table);
    let asked = |name: &str| documents.iter().any(|it| it.values().any(|it| asks(it, &format!("'{name}'"))));
    for name in own.into_iter().flat_map(Table::keys).filter(|it| !documents.is_empty() && !asked(it)) {
        let problem = Problem::new(&UNREAD_ENRICH, format!("no pipeline asks for `[enrich.{name}]`"));
        let help = format!("ask for it with `enrich(…, '{name}')`, or remove it here");
        let span = merged.spans.get(&format!("enrich.{name}@"));
        acc.push(span.into_iter().fold(problem, |it, span| it.label(span, "here")).help(help));
    }
}

/// Whether an expression beneath names the table.
fn asks(value: &Value, table: &str) -> bool {
    match value {
        Value::String(text) => text.contains("enrich(") && text.contains(table),
        Value::Array(items) => items.iter().any(|it| asks(it, table)),
        Value::Table(items) => items.values().any(|it| asks(it, table)),
        _ => false,
    }
}

/// The names of all sources of the workspace.
fn names(session: &Session) -> Vec<String> {
    let declared = query::pipelines(&session.db, session.settings).into_iter();
    declared.flat_map(|it| it.sources.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>()).collect()
}
