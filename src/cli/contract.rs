//! `hotpass contract`: which contracts there are, whether a file keeps one, how others write them, and what another
//! version changes.

mod file;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::json;

use crate::cli::args::{self, Format, Global};
use crate::cli::exit::Exit;
use crate::cli::outcome::{Outcome, world_failed};
use crate::cli::output::Output;
use crate::cli::{Answer, check, look_of_stderr, look_of_stdout};
use crate::contracts::compare::{Difference, compare};
use crate::contracts::emit::{Form, emit};
use crate::contracts::{Contract, Contracts, UNKNOWN, import};
use crate::db::Db;
use crate::pipeline::Pipeline;
use crate::problem::{Code, Problem, Severity, did_you_mean};
use crate::publish::own_files::OwnFile;
use crate::query;
use crate::readers::reach;
use crate::scratch::Scratch;
use crate::show::{self, Align, count, line};
use crate::store::backend::{EngineError, EngineFactory};
use crate::workspace::failure::Failure;
use crate::workspace::git::Repository;
use crate::workspace::session::{Asked, Session, text_of};

/// A document that is no contract that can be converted.
pub const NOT_IMPORTABLE: Code = Code::error("hotpass::contract::not-importable");
/// A file for `contract check` that is not there, or none that could be a table.
pub const UNREADABLE: Code = Code::error("hotpass::contract::unreadable");

/// All codes of this module.
pub const CODES: &[&Code] = &[&NOT_IMPORTABLE, &UNREADABLE];

/// `hotpass contract import`, which needs no workspace.
pub fn imported(global: &Global, file: &Path) -> Answer {
    let shown = line(&file.display().to_string());
    let refused = |reason: String| {
        let help = "it takes the Open Data Contract Standard as YAML, and Table Schema as JSON".to_owned();
        let problem = Problem::new(&NOT_IMPORTABLE, format!("`{shown}` is no contract: {}", line(&reason)));
        check::told(&[problem.help(help)], &|_| None, global.format, look_of_stderr(global))
    };
    let stem = file.file_stem().map_or_else(String::new, |it| it.to_string_lossy().into_owned());
    let stem = stem.split('.').next().unwrap_or_default();
    let text = match reach::text(file) {
        Ok(text) => text,
        Err(error) => return refused(error.to_string()),
    };
    let found = match import::import(&text, stem) {
        Ok(found) => found,
        Err(reason) => return refused(reason),
    };
    if global.format == Format::Json {
        let mut out = show::json_line(&json!({"v": 1, "event": "contract.import", "file": shown, "toml": found.toml,
            "contracts": found.names}));
        for (place, why) in &found.dropped {
            out.push_str(&show::json_line(&json!({"v": 1, "event": "contract.dropped", "key": place, "why": why})));
        }
        return Answer::of(out);
    }
    let mut stderr: String =
        found.dropped.iter().map(|(it, why)| format!("dropped `{}`: {}\n", line(it), line(why))).collect();
    stderr.push_str(&format!("{} dropped\n", count(found.dropped.len() as u64, "key")));
    Answer { stdout: found.toml, stderr, exit: Exit::Done }
}

/// `hotpass contract` in a workspace.
pub fn contract(
    global: &Global,
    asked: &Asked,
    it: &args::Contract,
    factory: Option<&'static dyn EngineFactory>,
) -> Outcome {
    let out = Output::new(global);
    if factory.is_none() && matches!(it, args::Contract::Check { .. }) {
        return Outcome::NeedsEngine;
    }
    let session = match Session::open(asked, None, false) {
        Ok(session) => session,
        Err(error) => return Outcome::Done(world_failed(&error, &out)),
    };
    let own = Own { session: &session, all: declared(&session) };
    let answer = match (it, factory) {
        (args::Contract::Import { file }, _) => Ok(imported(global, file)),
        (args::Contract::List, _) => Ok(list(&own, global)),
        (args::Contract::Emit { names, out }, _) => written(&own, names, out.as_deref(), global),
        (args::Contract::Diff { a, b }, _) => differ(&own, a, b, global),
        (args::Contract::Check { file, contract, sheet, budget: _ }, Some(factory)) => {
            let found = own.one_or_only(contract.as_deref());
            found.and_then(|it| file::check(&it, file, sheet.as_deref(), global, asked.limits, factory))
        }
        (args::Contract::Check { .. }, None) => return Outcome::NeedsEngine,
    };
    match answer {
        Ok(answer) => Outcome::Done(answer.print().unwrap_or(Exit::World)),
        Err(Failure::Problem(problem)) => {
            // A contract that cannot be read is not there.
            let mut told = wrong(&session);
            if !told.contains(&problem) {
                told.push(*problem);
            }
            out.problems(&told, &|path: &Path| text_of(&asked.root, path));
            Outcome::Done(Exit::Refused)
        }
        Err(Failure::Memory) => Outcome::Done(world_failed(&EngineError::Memory, &out)),
        Err(Failure::World(reason)) => Outcome::Done(world_failed(&reason, &out)),
    }
}

/// The contracts of a workspace.
struct Own<'a> {
    session: &'a Session,
    all: Contracts,
}

/// All contracts of `contracts/` and of pipelines, by name; of two of one name the shared one.
fn declared(session: &Session) -> Contracts {
    let mut acc = query::shared_contracts(&session.db).declared.clone();
    for pipeline in query::pipelines(&session.db, session.settings) {
        for (name, it) in &pipeline.contracts {
            acc.entry(name.clone()).or_insert_with(|| Arc::clone(it));
        }
    }
    acc
}

/// What is wrong in files that declare contracts: a promise that is misspelt there is missing from its contract.
fn wrong(session: &Session) -> Vec<Problem> {
    let mut acc = query::shared_contracts(&session.db).problems.clone();
    for path in query::pipeline_files(&session.db, session.settings) {
        let lowered = query::lower(&session.db, session.db.file(path), session.settings);
        if lowered.pipeline.iter().flat_map(Pipeline::with_used).any(|it| !it.contracts.is_empty()) {
            acc.extend(lowered.problems.iter().chain(&lowered.misused).cloned());
        }
    }
    acc.retain(|it| it.severity == Severity::Error);
    acc
}

/// Nothing, where no contract of a workspace lacks a promise.
fn sound(session: &Session) -> Result<(), Failure> {
    wrong(session).into_iter().next().map_or(Ok(()), |it| Err(refused(it)))
}

fn refused(problem: Problem) -> Failure {
    Failure::Problem(Box::new(problem))
}

impl Own<'_> {
    /// The contract of this name, or the only one in this file.
    fn one(&self, word: &str) -> Result<Arc<Contract>, Failure> {
        if let Some(it) = self.all.get(word) {
            sound(self.session)?;
            return Ok(Arc::clone(it));
        }
        let path = Path::new(word);
        if path.extension().is_some_and(|it| it == "toml") {
            let text = reach::text(path).map_err(|error| no_file(path, &error))?;
            return only(in_file(path, &text)?, word, None);
        }
        let message = format!("there is no contract `{}`", line(word));
        let help = did_you_mean(word, self.all.keys().map(String::as_str)).unwrap_or_else(|| named(&self.all));
        Err(refused(Problem::new(&UNKNOWN, message).help(help)))
    }

    /// The one that is named, or the only one there is.
    fn one_or_only(&self, word: Option<&str>) -> Result<Arc<Contract>, Failure> {
        match word {
            Some(word) => self.one(word),
            None => {
                sound(self.session)?;
                only(self.all.clone(), "the workspace", None)
            }
        }
    }

    /// The contract `name` at a revision; the only one there where no name is known.
    fn at(&self, revision: &str, name: Option<&str>) -> Result<Arc<Contract>, Failure> {
        let root = &self.session.root;
        let repository = Repository::of(root).map_err(refused)?;
        let commit = repository.commit(revision).map_err(refused)?;
        let scratch = Scratch::new().map_err(|error| Failure::World(error.to_string()))?;
        let folder = scratch.path().join("tree");
        let put_out = repository.put_out(&commit, &folder, &scratch.path().join("index"));
        put_out.map_err(Failure::World)?;
        let beneath = root.strip_prefix(&repository.top).unwrap_or(Path::new(""));
        let asked = Asked { root: folder.join(beneath), jobs: 1, ..Asked::default() };
        let session = Session::open(&asked, None, false).map_err(|error| Failure::World(error.to_string()))?;
        // Its places are those of files that do not stand here.
        let placeless = |it: Problem| refused(Problem { labels: Vec::new(), ..it });
        wrong(&session).into_iter().next().map_or(Ok(()), |it| Err(placeless(it)))?;
        only(declared(&session), &format!("git:{revision}"), name)
    }
}

/// The only contract, or the one of this name.
fn only(mut all: Contracts, place: &str, name: Option<&str>) -> Result<Arc<Contract>, Failure> {
    let found = match name {
        Some(name) => all.remove(name),
        None if all.len() == 1 => all.pop_first().map(|(_, it)| it),
        None => None,
    };
    found.ok_or_else(|| {
        let message = match (name, all.len()) {
            (Some(name), _) => format!("`{}` has no contract `{}`", line(place), line(name)),
            (None, 0) => format!("`{}` has no contract", line(place)),
            (None, n) => format!("`{}` has {}, and none is named", line(place), count(n as u64, "contract")),
        };
        refused(Problem::new(&UNKNOWN, message).help(named(&all)))
    })
}

fn named(all: &Contracts) -> String {
    match all.is_empty() {
        true => "a contract is declared as `[contract.NAME]` in a pipeline or in a file of `contracts/`".to_owned(),
        false => format!("contracts are {}", all.keys().cloned().collect::<Vec<_>>().join(", ")),
    }
}

fn no_file(path: &Path, error: &std::io::Error) -> Failure {
    refused(Problem::new(&UNKNOWN, format!("`{}` cannot be read: {error}", line(&path.display().to_string()))))
}

fn in_file(path: &Path, text: &str) -> Result<Contracts, Failure> {
    let (all, problems) = query::read_contracts(&Arc::new(path.to_owned()), text, |_, _, _| ());
    match problems.into_iter().find(|it| it.severity == Severity::Error) {
        Some(problem) => Err(refused(problem)),
        None => Ok(all),
    }
}

fn list(own: &Own<'_>, global: &Global) -> Answer {
    let mut kept: Vec<(String, String)> = Vec::new();
    for it in query::pipelines(&own.session.db, own.session.settings) {
        for gated in &it.gates {
            kept.push((gated.gate.contract.clone(), format!("{}.{}", it.name, gated.path)));
        }
    }
    let by = |name: &str| kept.iter().filter(|(it, _)| it == name).map(|(_, it)| it.clone()).collect::<Vec<_>>();
    if global.format == Format::Json {
        let lines = own.all.values().map(|it| {
            show::json_line(&json!({"v": 1, "event": "contract", "name": it.name, "version": it.version.to_string(),
                "owner": it.owner, "fields": it.fields.len(), "digest": it.digest().hex(), "kept_by": by(&it.name)}))
        });
        return Answer::of(lines.collect());
    }
    let heads = ["contract", "version", "owner", "fields", "kept by"].map(|it| (it.to_owned(), Align::Left));
    let row = |it: &Arc<Contract>| {
        let fields = show::number(it.fields.len() as u64);
        vec![
            Some(it.name.clone()),
            Some(it.version.to_string()),
            it.owner.clone(),
            Some(fields),
            Some(by(&it.name).join(", ")),
        ]
    };
    let rows: Vec<_> = own.all.values().map(row).collect();
    Answer::of(show::table(&heads, &rows, look_of_stdout(global)))
}

fn written(own: &Own<'_>, names: &[String], out: Option<&Path>, global: &Global) -> Result<Answer, Failure> {
    let wanted: Vec<Arc<Contract>> = match names {
        [] if own.all.is_empty() => {
            return Err(refused(Problem::new(&UNKNOWN, "there is no contract").help(named(&own.all))));
        }
        [] => {
            sound(own.session)?;
            own.all.values().cloned().collect()
        }
        names => names.iter().map(|it| own.one(it)).collect::<Result<_, _>>()?,
    };
    let form = match global.format {
        Format::TableSchema => Form::TableSchema,
        Format::JsonSchema => Form::JsonSchema,
        Format::Odcs => Form::Odcs,
        Format::Csvw => Form::Csvw,
        Format::Sql => Form::Sql,
        Format::Markdown => Form::Markdown,
        _ => Form::Toml,
    };
    let text = |it: &Contract| emit(it, form, &format!("{}.csv", it.name));
    let Some(folder) = out else {
        return Ok(Answer::of(wanted.iter().map(|it| text(it)).collect()));
    };
    let mut told = String::new();
    for it in &wanted {
        let path: PathBuf = folder.join(form.file(&it.name));
        let done = fs::create_dir_all(folder)
            .and_then(|()| OwnFile::contract(form.mark()).place(&path, |file| file.write_all(text(it).as_bytes())));
        done.map_err(|error| Failure::World(format!("`{}` cannot be written: {error}", path.display())))?;
        told.push_str(&format!("{}\n", line(&path.display().to_string())));
    }
    Ok(Answer::of(told))
}

/// A side of a comparison.
enum Side<'a> {
    Named(&'a str),
    Revision(&'a str),
}

fn side(word: &str) -> Side<'_> {
    word.strip_prefix("git:").map_or(Side::Named(word), Side::Revision)
}

fn differ(own: &Own<'_>, a: &str, b: &str, global: &Global) -> Result<Answer, Failure> {
    let (from, to) = match (side(a), side(b)) {
        (Side::Named(a), Side::Named(b)) => (own.one(a)?, own.one(b)?),
        (Side::Revision(a), Side::Named(b)) => {
            let to = own.one(b)?;
            (own.at(a, Some(&to.name))?, to)
        }
        (Side::Named(a), Side::Revision(b)) => {
            let from = own.one(a)?;
            let to = own.at(b, Some(&from.name))?;
            (from, to)
        }
        (Side::Revision(a), Side::Revision(b)) => {
            let from = own.at(a, None)?;
            let to = own.at(b, Some(&from.name))?;
            (from, to)
        }
    };
    let found = compare(&from, &to);
    let exit = if found.is_refused() { Exit::Refused } else { Exit::Done };
    let stdout = match global.format {
        Format::Json => show::json_line(&json!({"v": 1, "event": "contract.diff", "from": from.name, "to": to.name,
            "from_version": from.version.to_string(), "to_version": to.version.to_string(),
            "effect": found.effect, "raised": found.raised, "refused": found.is_refused(),
            "changes": found.changes})),
        _ => in_words(&from, &to, &found),
    };
    Ok(Answer { stdout, stderr: String::new(), exit })
}

fn in_words(from: &Contract, to: &Contract, found: &Difference) -> String {
    let mut out = String::new();
    for it in &found.changes {
        let field = it.field.as_ref().map_or_else(|| to.name.clone(), |field| format!("{}.{field}", to.name));
        out.push_str(&format!("{:>10}  {}: {}\n", it.effect.word(), line(&field), line(&it.what)));
    }
    let raised = match (found.is_refused(), found.raised) {
        (true, _) => "; a promise is broken and the major version is not raised",
        (false, true) => "; the major version is raised",
        (false, false) => "",
    };
    out.push_str(&format!("{}: {} {} to {}{raised}\n", found.effect.word(), to.name, from.version, to.version));
    out
}

/// A contract that stands in a scratch place, for [`file`].
fn beside(root: &Path, contract: &Contract) -> std::io::Result<()> {
    let folder = root.join(query::CONTRACTS_FOLDER);
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("contract.toml"), emit(contract, Form::Toml, ""))?;
    Ok(())
}
