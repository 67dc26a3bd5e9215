//! `hotpass docs`: Data Docs of what is built now, also where a check failed and nothing was published. They go to the
//! state folder or to a folder that is named, and are no artefacts.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde_json::json;

use crate::cli::Answer;
use crate::cli::args::{self, Format, Global};
use crate::cli::looked::looked;
use crate::cli::outcome::Outcome;
use crate::docs::facts::Verdict;
use crate::problem::{Problem, did_you_mean};
use crate::publish::own_files::PAGE;
use crate::run::{self, docs};
use crate::show::{self, count};
use crate::store::backend::EngineFactory;
use crate::workspace::failure::{Failure, failed};
use crate::workspace::selectors::UNKNOWN_TARGET;
use crate::workspace::session::Asked;

/// `hotpass docs`.
pub fn docs(global: &Global, asked: &Asked, it: &args::Docs, factory: Option<&'static dyn EngineFactory>) -> Outcome {
    let Some(factory) = factory else { return Outcome::NeedsEngine };
    looked(global, asked, factory, |session, engine, plan| {
        let names: Vec<&String> = match &it.pipeline {
            None => plan.pipelines.keys().collect(),
            Some(name) => match plan.pipelines.get_key_value(name) {
                Some((name, _)) => vec![name],
                None => return Err(unknown(plan, name)),
            },
        };
        let top = it.output.clone().unwrap_or_else(|| session.paths.docs());
        let states = run::settle(plan, &session.journal);
        let counts = run::counts(plan, &states, &session.journal);
        let mut out = String::new();
        for name in &names {
            let known = docs::Known {
                plan,
                states: &states,
                counts: &counts,
                journal: &session.journal,
                paths: &session.paths,
            };
            let mut site = docs::Docs::whole(known, name);
            let mut worker = engine.worker().map_err(failed)?;
            let pages = site.pages(&mut *worker).map_err(failed)?;
            let folder = if names.len() == 1 { top.clone() } else { top.join(name) };
            let written = pages.iter().try_for_each(|(path, text)| write(&folder, Path::new(path), text));
            written.map_err(|error| Failure::World(format!("`{}` cannot be written: {error}", folder.display())))?;
            let facts = site.facts();
            let index = folder.join("index.html");
            out.push_str(&match global.format {
                Format::Json => show::json_line(&json!({"v": 1, "event": "docs", "pipeline": name,
                    "path": index.display().to_string(), "pages": pages.len(), "checks": facts.checks.len(),
                    "failed": facts.with(Verdict::Failed), "warned": facts.with(Verdict::Warned)})),
                _ => format!(
                    "{}  {}, {}\n",
                    show::line(&index.display().to_string()),
                    count(pages.len() as u64, "page"),
                    lower(&facts.in_words())
                ),
            });
        }
        Ok(Answer::of(out))
    })
}

pub(super) fn unknown(plan: &crate::plan::Plan, name: &str) -> Failure {
    let message = format!("there is no pipeline `{}`", show::line(name));
    let help = did_you_mean(name, plan.pipelines.keys().map(String::as_str));
    Failure::Problem(Box::new(Problem::new(&UNKNOWN_TARGET, message).help(help)))
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

fn lower(text: &str) -> String {
    let mut letters = text.trim_end_matches('.').chars();
    letters.next().map_or_else(String::new, |it| it.to_lowercase().chain(letters).collect())
}
