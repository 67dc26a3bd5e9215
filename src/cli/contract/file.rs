//! A file held against a contract: it is read and checked as a source of a workspace of its own would be.

use std::io::ErrorKind;
use std::path::Path;

use serde_json::json;

use crate::cli::Answer;
use crate::cli::args::{Format, Global};
use crate::cli::contract::UNREADABLE;
use crate::cli::exit::Exit;
use crate::cli::verify::options;
use crate::contracts::Contract;
use crate::docs::facts::{CheckFacts, Verdict};
use crate::pipeline::SourceFormat;
use crate::problem::{Problem, Severity};
use crate::query::WORKSPACE_FILE;
use crate::readers::reach;
use crate::run::warden::Limits;
use crate::run::{self, LockMode, docs};
use crate::scratch::Scratch;
use crate::show::{self, count, line};
use crate::store::backend::EngineFactory;
use crate::workspace::failure::{Failure, failed};
use crate::workspace::session::{Asked, Session};

/// What the file is called as a source.
const NAME: &str = "data";

/// What is said of a file whose ending is none of these.
const ENDINGS: &str = "give it one of the endings `.xlsx`, `.xlsm`, `.xls`, `.xlsb`, `.ods`, `.csv`, `.tsv`, \
                       `.parquet`, `.json` and `.ndjson`";

/// Whether the file keeps the contract: what does not, and where.
pub(super) fn check(
    contract: &Contract,
    file: &Path,
    sheet: Option<&str>,
    global: &Global,
    limits: Limits,
    factory: &'static dyn EngineFactory,
) -> Result<Answer, Failure> {
    let world = |error: &dyn std::fmt::Display| Failure::World(error.to_string());
    let shown = line(&file.display().to_string());
    let unreadable = |reason: &str, help: &str| {
        let problem = Problem::new(&UNREADABLE, format!("`{shown}` cannot be checked: {reason}"));
        Failure::Problem(Box::new(problem.help(help.to_owned())))
    };
    if SourceFormat::of_path(file).is_none() {
        return Err(unreadable("its ending tells no format", ENDINGS));
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
    let exit = if broken > 0 { Exit::Refused } else { Exit::Done };
    let promised = format!("`{}` {}", contract.name, contract.version);
    if global.format == Format::Json {
        let problems: Vec<_> = problems.iter().map(|it| show::problem_json(it, None)).collect();
        let value = json!({"v": 1, "event": "contract.check", "contract": contract.name,
            "version": contract.version.to_string(), "file": shown, "rows": rows,
            "status": if broken == 0 { "kept" } else { "broken" }, "problems": problems, "checks": checks});
        return Ok(Answer { stdout: show::json_line(&value), stderr: String::new(), exit });
    }
    let mut out = String::new();
    for it in &problems {
        let word = if it.severity == Severity::Error { "broken" } else { "note" };
        out.push_str(&format!("{word:>10}  {}\n", line(&it.message)));
        if let Some(help) = &it.help {
            out.push_str(&format!("{:>10}  {}\n", "help", line(help)));
        }
    }
    for it in &checks {
        out.push_str(&format!("{:>10}  {} {}\n", "broken", line(&it.expected), line(&it.found)));
        let mut places: Vec<&String> = it.samples.iter().filter_map(|it| it.places.last()).collect();
        places.dedup();
        if !places.is_empty() {
            let shown: Vec<_> = places.iter().map(|it| line(it.strip_prefix("data/").unwrap_or(it))).collect();
            let more = it.unexpected.saturating_sub(it.samples.len() as u64);
            let more = if more > 0 { format!(" and {} more", show::number(more)) } else { String::new() };
            out.push_str(&format!("{:>10}  {}{more}\n", "at", shown.join(", ")));
        }
    }
    let what = if broken == 0 { "keeps" } else { "does not keep" };
    let rows = rows.map_or_else(String::new, |it| format!(", {}", count(it, "row")));
    out.push_str(&format!("`{shown}` {what} the contract {promised}{rows}\n"));
    Ok(Answer { stdout: out, stderr: String::new(), exit })
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
