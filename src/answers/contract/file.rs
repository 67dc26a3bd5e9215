//! A file held against a contract: it is read and checked as a source of a workspace of its own would be.

use std::io::ErrorKind;
use std::path::Path;

use serde::Serialize;

use crate::answers::contract::UNREADABLE;
use crate::answers::event;
use crate::answers::problem::ProblemEvent;
use crate::contracts::Contract;
use crate::docs::facts::{CheckFacts, Verdict};
use crate::escape::line;
use crate::pipeline::SourceFormat;
use crate::problem::{Problem, Severity};
use crate::query::WORKSPACE_FILE;
use crate::readers::reach;
use crate::run::warden::Limits;
use crate::run::{self, LockMode, docs};
use crate::scratch::Scratch;
use crate::store::backend::EngineFactory;
use crate::workspace::failure::{Failure, failed};
use crate::workspace::options::options;
use crate::workspace::session::{Asked, Session};

/// What the file is called as a source.
const NAME: &str = "data";

/// What is said of a file whose ending is none of these.
const ENDINGS: &str = "give it one of the endings `.xlsx`, `.xlsm`, `.xls`, `.xlsb`, `.ods`, `.csv`, `.tsv`, \
                       `.parquet`, `.json` and `.ndjson`";

/// Whether a file keeps a contract.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename = "contract.check")]
pub(crate) struct Checked {
    pub(crate) contract: String,
    pub(crate) version: String,
    pub(crate) file: String,
    pub(crate) rows: Option<u64>,
    /// `kept` or `broken`.
    status: &'static str,
    #[serde(serialize_with = "as_events")]
    pub(crate) problems: Vec<Problem>,
    pub(crate) checks: Vec<CheckFacts>,
}

impl Checked {
    /// Whether it keeps it.
    pub(crate) fn is_kept(&self) -> bool {
        self.status == KEPT
    }
}

const KEPT: &str = "kept";

/// Problems as they are told of by themselves.
fn as_events<S: serde::Serializer>(problems: &[Problem], to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(problems.iter().map(|it| event::value(&ProblemEvent::of(it, None))))
}

/// Whether the file keeps the contract: what does not, and where.
pub(crate) fn check(
    contract: &Contract,
    file: &Path,
    sheet: Option<&str>,
    limits: Limits,
    factory: &'static dyn EngineFactory,
) -> Result<Checked, Failure> {
    let world = |error: &dyn std::fmt::Display| Failure::World(error.to_string());
    let shown = line(&file.display().to_string());
    let unreadable = |reason: &str, help: &str| {
        let problem = Problem::new(&UNREADABLE, format!("`{shown}` cannot be checked: {reason}"));
        Failure::Problem(Box::new(problem.help(help.to_owned())))
    };
    if SourceFormat::of_path(file).is_none() {
        return Err(unreadable("its extension does not name a format", ENDINGS));
    }
    let opened = reach::open(file).map_err(|error| match error.kind() {
        ErrorKind::NotFound => unreadable("there is no such file", "name a file that is there"),
        ErrorKind::InvalidInput => {
            unreadable("it is not a file", "name a file; folders, pipes and devices are not read")
        }
        _ => unreadable(&error.to_string(), "name a file that can be read"),
    })?;
    let scratch = Scratch::new().map_err(|error| world(&error))?;
    let root = scratch.path().canonicalize().map_err(|error| world(&error))?;
    let name = file.file_name().map_or_else(String::new, |it| it.to_string_lossy().into_owned());
    let path = format!("data/{name}");
    let put = std::fs::create_dir_all(root.join("data"))
        .and_then(|()| reach::copy(opened, &root.join(&path)))
        .and_then(|_| super::beside(&root, contract))
        .and_then(|()| std::fs::write(root.join(WORKSPACE_FILE), pipeline(contract, &path, sheet)));
    put.map_err(|error| world(&format!("`{shown}`: {error}")))?;
    let asked = Asked { root, jobs: crate::threads::processors(), limits, ..Asked::default() };
    let session = Session::open(&asked, Some(factory), false).map_err(|error| world(&error))?;
    let (plan, mut problems) = (session.plan(), session.problems());
    let mut checks: Vec<CheckFacts> = Vec::new();
    let mut rows = None;
    if !problems.iter().any(|it| it.severity == Severity::Error) {
        let mut options = options(&session, &plan, &asked);
        (options.lock, options.keep_going) = (LockMode::Leave, true);
        let built = run::run(&plan, &session.paths, &session.journal, &options, &run::Silent);
        let built = built.map_err(|error| world(&error))?;
        if let Some(reason) = built.summary.failures.first() {
            return Err(world(&line(reason)));
        }
        let of_checks: Vec<&Problem> = built.summary.checks.iter().filter_map(|it| it.problem.as_ref()).collect();
        problems = built.summary.problems.iter().filter(|it| !of_checks.contains(it)).cloned().collect();
        let known = docs::Known {
            plan: &plan,
            states: &built.states,
            counts: &built.counts,
            journal: &session.journal,
            paths: &session.paths,
        };
        let mut site = docs::Docs::whole(known, NAME);
        let engine = factory.open(&session.setup).map_err(failed)?;
        let mut worker = engine.worker().map_err(failed)?;
        site.sample(&mut *worker).map_err(failed)?;
        rows = site.facts().tables.first().and_then(|it| it.rows);
        checks = site.facts().checks.iter().filter(|it| it.verdict != Verdict::Passed).cloned().collect();
    }
    let broken = checks.len() as u64 + problems.iter().filter(|it| it.severity == Severity::Error).count() as u64;
    Ok(Checked {
        contract: contract.name.clone(),
        version: contract.version.to_string(),
        file: shown,
        rows,
        status: if broken == 0 { KEPT } else { "broken" },
        problems,
        checks,
    })
}

/// A workspace that reads the file and nothing else. Cells of most files are texts, so they are read as what the
/// contract promises.
fn pipeline(contract: &Contract, path: &str, sheet: Option<&str>) -> String {
    let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
    let sheet = sheet.map_or_else(String::new, |it| format!("sheet = {}\n", quoted(it)));
    format!(
        "[pipeline]\nname = \"{NAME}\"\n\n[source.{NAME}]\npath = {}\n{sheet}contract = {}\ncoerce = true\n",
        quoted(path),
        quoted(&contract.name)
    )
}
