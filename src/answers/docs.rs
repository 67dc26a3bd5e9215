//! `hotpass docs`: Data Docs of what is built now, also where a check failed and nothing was published. They go to the
//! state folder or to a folder that is named, and are no artefacts.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::docs::facts::Verdict;
use crate::escape::line;
use crate::plan::Plan;
use crate::problem::{Problem, did_you_mean};
use crate::publish::own_files::PAGE;
use crate::run::{self, docs};
use crate::workspace::failure::{Failure, failed};
use crate::workspace::selectors::UNKNOWN_TARGET;
use crate::workspace::session::Open;

/// The pages of a pipeline.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename = "docs")]
pub(crate) struct Written {
    pipeline: String,
    /// The first page.
    pub(crate) path: String,
    pub(crate) pages: usize,
    checks: usize,
    failed: u64,
    warned: u64,
    /// What its checks came to, in words.
    #[serde(skip)]
    pub(crate) words: String,
}

/// Writes the pages of a pipeline, or of all of them, into `top`.
pub(crate) fn docs(
    (session, engine, plan): Open<'_>,
    pipeline: Option<&str>,
    top: Option<&Path>,
) -> Result<Vec<Written>, Failure> {
    let names = pipelines(plan, pipeline)?;
    let top = top.map_or_else(|| session.paths.docs(), Path::to_owned);
    let states = run::settle(plan, &session.journal);
    let counts = run::counts(plan, &states, &session.journal);
    let mut acc = Vec::new();
    for name in &names {
        let (journal, paths) = (&session.journal, &session.paths);
        let known = docs::Known { plan, states: &states, counts: &counts, journal, paths };
        let mut site = docs::Docs::whole(known, name);
        let mut worker = engine.worker().map_err(failed)?;
        let pages = site.pages(&mut *worker).map_err(failed)?;
        let folder = if names.len() == 1 { top.clone() } else { top.join(name) };
        let written = pages.iter().try_for_each(|(path, text)| write(&folder, Path::new(path), text));
        written.map_err(|error| Failure::World(format!("`{}` cannot be written: {error}", folder.display())))?;
        let facts = site.facts();
        acc.push(Written {
            pipeline: (*name).clone(),
            path: folder.join("index.html").display().to_string(),
            pages: pages.len(),
            checks: facts.checks.len(),
            failed: facts.with(Verdict::Failed),
            warned: facts.with(Verdict::Warned),
            words: facts.in_words(),
        });
    }
    Ok(acc)
}

/// The pipelines that are asked for: this one, or all.
pub(crate) fn pipelines<'a>(plan: &'a Plan, name: Option<&str>) -> Result<Vec<&'a String>, Failure> {
    let Some(name) = name else { return Ok(plan.pipelines.keys().collect()) };
    if let Some((name, _)) = plan.pipelines.get_key_value(name) {
        return Ok(vec![name]);
    }
    let message = format!("there is no pipeline `{}`", line(name));
    let help = did_you_mean(name, plan.pipelines.keys().map(String::as_str));
    Err(Failure::Problem(Box::new(Problem::new(&UNKNOWN_TARGET, message).help(help))))
}

/// Writes a page in a folder; a folder on the way to it is no link.
fn write(folder: &Path, page: &Path, text: &str) -> io::Result<()> {
    let path: PathBuf = folder.join(page);
    let parent = path.parent().unwrap_or(folder);
    fs::create_dir_all(parent)?;
    if parent != folder && !fs::symlink_metadata(parent)?.is_dir() {
        return Err(io::Error::other(format!("`{}` is a link", parent.display())));
    }
    PAGE.place(&path, |file| file.write_all(text.as_bytes()))
}
