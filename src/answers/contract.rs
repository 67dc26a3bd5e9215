//! `hotpass contract`: which contracts there are, whether a file keeps one, how others write them, and what another
//! version changes.

pub(crate) mod file;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;

use crate::contracts::compare::{self, compare};
use crate::contracts::emit::{Form, LeftOut, emit, left_out};
use crate::contracts::{Contract, Contracts, UNKNOWN, import};
use crate::db::Db;
use crate::escape::line;
use crate::numbers::count;
use crate::pipeline::Pipeline;
use crate::problem::{Code, Problem, Severity, did_you_mean};
use crate::publish::own_files::OwnFile;
use crate::query;
use crate::readers::reach;
use crate::scratch::Scratch;
use crate::workspace::failure::Failure;
use crate::workspace::git::Repository;
use crate::workspace::session::{Asked, Session};

/// A document that is no contract that can be converted.
pub const NOT_IMPORTABLE: Code = Code::error("hotpass::contract::not-importable");
/// A file for `contract check` that is not there, or none that could be a table.
pub const UNREADABLE: Code = Code::error("hotpass::contract::unreadable");

/// All codes of this module.
pub const CODES: &[&Code] = &[&NOT_IMPORTABLE, &UNREADABLE];

/// Contracts that others wrote.
#[derive(Debug)]
pub(crate) struct Imported {
    file: String,
    pub(crate) toml: String,
    names: Vec<String>,
    pub(crate) dropped: Vec<Dropped>,
}

#[derive(Serialize)]
#[serde(tag = "event", rename = "contract.import")]
struct Event<'a> {
    file: &'a str,
    toml: &'a str,
    contracts: &'a [String],
}

/// A key that did not become anything.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename = "contract.dropped")]
pub(crate) struct Dropped {
    pub(crate) key: String,
    pub(crate) why: String,
}

impl Serialize for Imported {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let event = Event { file: &self.file, toml: &self.toml, contracts: &self.names };
        (event, &self.dropped).serialize(to)
    }
}

/// Converts a contract of another form.
pub(crate) fn imported(file: &Path) -> Result<Imported, Problem> {
    let shown = line(&file.display().to_string());
    let refused = |reason: String| {
        let help = "it takes the Open Data Contract Standard as YAML, and Table Schema as JSON".to_owned();
        Problem::new(&NOT_IMPORTABLE, format!("`{shown}` is not a contract: {}", line(&reason))).help(help)
    };
    let stem = file.file_stem().map_or_else(String::new, |it| it.to_string_lossy().into_owned());
    let stem = stem.split('.').next().unwrap_or_default();
    let text = reach::text(file).map_err(|error| refused(error.to_string()))?;
    let found = import::import(&text, stem).map_err(refused)?;
    let dropped = found.dropped.into_iter().map(|(key, why)| Dropped { key, why }).collect();
    Ok(Imported { file: shown, toml: found.toml, names: found.names, dropped })
}

/// The contracts of a workspace.
pub(crate) struct Own<'a> {
    session: &'a Session,
    all: Contracts,
}

impl<'a> Own<'a> {
    /// All of them.
    pub(crate) fn of(session: &'a Session) -> Own<'a> {
        Own { session, all: declared(session) }
    }
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
pub(crate) fn wrong(session: &Session) -> Vec<Problem> {
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
    pub(crate) fn one_or_only(&self, word: Option<&str>) -> Result<Arc<Contract>, Failure> {
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
        let put_out = repository.put_out(&commit, &folder, &scratch.path().join("git"));
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

/// A contract.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename = "contract")]
pub(crate) struct Listed {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) owner: Option<String>,
    pub(crate) fields: usize,
    digest: String,
    /// Tables and exports.
    pub(crate) kept_by: Vec<String>,
}

/// All contracts, and what keeps them.
pub(crate) fn list(own: &Own<'_>) -> Vec<Listed> {
    let mut kept: Vec<(String, String)> = Vec::new();
    for it in query::pipelines(&own.session.db, own.session.settings) {
        for gated in &it.gates {
            kept.push((gated.gate.contract.clone(), format!("{}.{}", it.name, gated.path)));
        }
    }
    let by = |name: &str| kept.iter().filter(|(it, _)| it == name).map(|(_, it)| it.clone()).collect();
    let listed = |it: &Arc<Contract>| Listed {
        name: it.name.clone(),
        version: it.version.to_string(),
        owner: it.owner.clone(),
        fields: it.fields.len(),
        digest: it.digest().hex(),
        kept_by: by(&it.name),
    };
    own.all.values().map(listed).collect()
}

/// Contracts in a form of others, or the names of the files with them, and what the form does not say.
pub(crate) struct Written {
    pub(crate) text: String,
    pub(crate) left_out: Vec<LeftOut>,
}

/// Contracts as others write them, one behind the other; or each into a file of `out`, and the names of these.
pub(crate) fn written(own: &Own<'_>, names: &[String], form: Form, out: Option<&Path>) -> Result<Written, Failure> {
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
    let text = |it: &Contract| emit(it, form, &format!("{}.csv", it.name));
    let left_out = wanted.iter().flat_map(|it| left_out(it, form)).collect();
    let Some(folder) = out else {
        return Ok(Written { text: wanted.iter().map(|it| text(it)).collect(), left_out });
    };
    let mut told = String::new();
    for it in &wanted {
        let path: PathBuf = folder.join(form.file(&it.name));
        let done = fs::create_dir_all(folder)
            .and_then(|()| OwnFile::contract(form.mark()).place(&path, |file| file.write_all(text(it).as_bytes())));
        done.map_err(|error| Failure::World(format!("`{}` cannot be written: {error}", path.display())))?;
        told.push_str(&format!("{}\n", line(&path.display().to_string())));
    }
    Ok(Written { text: told, left_out })
}

/// A side of a comparison.
enum Side<'a> {
    Named(&'a str),
    Revision(&'a str),
}

fn side(word: &str) -> Side<'_> {
    word.strip_prefix("git:").map_or(Side::Named(word), Side::Revision)
}

/// What another version changes.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename = "contract.diff")]
pub(crate) struct Difference {
    from: String,
    pub(crate) to: String,
    pub(crate) from_version: String,
    pub(crate) to_version: String,
    pub(crate) effect: compare::Effect,
    pub(crate) raised: bool,
    /// Whether a promise is broken that the version does not admit.
    pub(crate) refused: bool,
    pub(crate) changes: Vec<compare::Change>,
}

/// What differs between two contracts, or two versions of one.
pub(crate) fn differ(own: &Own<'_>, a: &str, b: &str) -> Result<Difference, Failure> {
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
    Ok(Difference {
        from: from.name.clone(),
        to: to.name.clone(),
        from_version: from.version.to_string(),
        to_version: to.version.to_string(),
        effect: found.effect,
        raised: found.raised,
        refused: found.is_refused(),
        changes: found.changes,
    })
}

/// A contract that stands in a scratch place, for [`file`].
fn beside(root: &Path, contract: &Contract) -> std::io::Result<()> {
    let folder = root.join(query::CONTRACTS_FOLDER);
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("contract.toml"), emit(contract, Form::Toml, ""))?;
    Ok(())
}
