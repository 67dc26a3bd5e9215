//! `hotpass refine`: the whole refinery on a folder of workbooks, without a workspace.
//!
//! The shipped pipeline says what its sources look like; `recognise` finds them, `concrete` writes the pipeline for this
//! folder, and the same build as everywhere makes it. The workspace beside the output is kept, so the next run is
//! incremental, and it can be looked at like any other.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::answers::archive;
use crate::answers::init::propose::{VerbError, books};
use crate::answers::init::scratch::Scratch;
use crate::answers::refine::{Placed, Recognised, concrete, folder, recognise, report};
use crate::cli::args::{self, FailOn, Global};
use crate::cli::build::{BuildConfig, built};
use crate::cli::exit::Exit;
use crate::cli::outcome::{Outcome, world_failed};
use crate::cli::output::Output;
use crate::escape::line;
use crate::pipeline::{ExportFormat, Pipeline};
use crate::plan::Plan;
use crate::problem::{Code, Problem};
use crate::query::{self, WORKSPACE_FILE};
use crate::readers::reach;
use crate::report::Reports;
use crate::run::LockMode;
use crate::run::warden::Limits;
use crate::store::backend::EngineFactory;
use crate::summary::{Status, StepStatus, Summary};
use crate::workspace::session::{Asked, Session};

/// The pipeline that is built.
const PIPELINE: &str = include_str!("../../pipelines/sample/hotpass.toml");

/// A folder in which no source can be recognised.
pub const NOTHING: Code = Code::error("hotpass::refine::nothing-recognised");

/// All codes of this module.
pub const CODES: &[&Code] =
    &[&NOTHING, &folder::UNREADABLE, &recognise::NOT_FOUND, &recognise::AMBIGUOUS, &recognise::LEFT_OVER];

/// What is refined, and where to.
struct Refinery {
    /// The kept workspace.
    workspace: PathBuf,
    /// Sheets, and what they were taken for.
    sheets: Vec<recognise::Sheet>,
    taken: BTreeMap<String, recognise::Match>,
    /// What is not as it should be in the folder.
    told: Vec<Problem>,
}

/// `hotpass refine`.
pub fn refine(global: &Global, it: &args::Refine, factory: Option<&'static dyn EngineFactory>) -> Outcome {
    let out = Output::new(global);
    let Some(factory) = factory else { return Outcome::NeedsEngine };
    match refined(global, it, factory, &out) {
        Ok(outcome) => outcome,
        Err(VerbError::Problem(problem)) => {
            out.problems(&[*problem], &|_| None);
            Outcome::Done(Exit::Refused)
        }
        Err(VerbError::World(reason)) => Outcome::Done(world_failed(&reason, &out)),
    }
}

fn refined(
    global: &Global,
    it: &args::Refine,
    factory: &'static dyn EngineFactory,
    out: &Output,
) -> Result<Outcome, VerbError> {
    let told = |error: io::Error| VerbError::World(error.to_string());
    if !it.input_dir.is_dir() {
        let message = format!("`{}` is no folder", shown(&it.input_dir));
        return Err(nothing(message, "`--input-dir` takes a folder of workbooks"));
    }
    let output = std::path::absolute(&it.output_path).map_err(told)?;
    let stem = output.file_stem().map(|it| it.to_string_lossy().into_owned()).unwrap_or_default();
    let folder = output.parent().unwrap_or(Path::new("/")).to_owned();
    let workspace = folder.join(format!(".{stem}.refine"));
    let found = folder::look(&it.input_dir, &folder, &stem).map_err(told)?;
    out.problems(&found.told, &|_| None);
    if found.files.is_empty() {
        let message = format!("no workbook stands in `{}`", shown(&it.input_dir));
        return Err(nothing(message, "`--input-dir` takes a folder of workbooks"));
    }
    let files = books(&found.files, &workspace)?;
    let mut refinery = recognised(&files, workspace, factory, it, out)?;
    let root = fs::canonicalize(&refinery.workspace).map_err(told)?;
    let asked = Asked {
        profile: global.profile.clone(),
        set: global.settings(),
        jobs: crate::threads::processors(),
        limits: it.limits.into(),
        root,
        ..Asked::default()
    };
    let config = BuildConfig {
        asked: asked.clone(),
        targets: Vec::new(),
        exclude: Vec::new(),
        force: None,
        keep_going: false,
        overwrite: false,
        publish: true,
        fail_on_warn: it.fail_on == FailOn::Warn,
        lock: LockMode::Write,
        events: None,
        reports: Reports { junit: None, sarif: None },
    };
    let (summary, exit) = loop {
        let (summary, exit) = match built(&config, Some(factory), out) {
            Ok(answer) => answer,
            Err(outcome) => return Ok(outcome),
        };
        let ended = summary.status == Status::Ok || exit == Exit::Interrupted;
        if ended || !without_failed(&mut refinery, &summary, &files, factory, out)? {
            break (summary, exit);
        }
    };
    if summary.status != Status::Ok {
        if !out.is_json() && exit != Exit::Interrupted {
            out.say(&what_to_do(&refinery.workspace, &summary));
        }
        return Ok(Outcome::Done(exit));
    }
    let exit = match exit {
        Exit::Done if config.fail_on_warn && !(refinery.told.is_empty() && found.told.is_empty()) => Exit::Warned,
        exit => exit,
    };
    let session = Session::open(&asked, Some(factory), false).map_err(told)?;
    let plan = session.plan();
    let report = report::text(&plan, &summary, &refinery.sheets, &refinery.taken);
    let mut files = artefacts(&plan, &summary, &asked.root, &folder, &stem);
    let scratch = crate::scratch::Scratch::new().map_err(told)?;
    let mut add = |name: String, write: &dyn Fn(&mut fs::File) -> io::Result<()>| -> io::Result<()> {
        let path = scratch.path().join(&name);
        write(&mut fs::File::create(&path)?)?;
        files.push((path, folder.join(name)));
        Ok(())
    };
    add(format!("{stem}-report.md"), &|file| io::Write::write_all(file, report.as_bytes())).map_err(told)?;
    if it.archive {
        add(format!("{stem}-archive.zip"), &|file| archive::write(&session, &plan, file).map(drop)).map_err(told)?;
    }
    publish(&files).map_err(told)?;
    for (_, to) in &files {
        let bytes = fs::metadata(to).map_or(0, |it| it.len());
        if out.is_json() {
            out.event(&Placed { path: to.display().to_string(), bytes });
        } else {
            out.say(&format!("{:>10}  {}  {}", "published", shown(to), crate::show::bytes(bytes)));
        }
    }
    Ok(Outcome::Done(exit))
}

fn nothing(message: String, help: &str) -> VerbError {
    VerbError::Problem(Box::new(Problem::new(&NOTHING, message).help(help.to_owned())))
}

/// Recognises the sources and writes the workspace.
fn recognised(
    files: &[(PathBuf, String)],
    workspace: PathBuf,
    factory: &'static dyn EngineFactory,
    it: &args::Refine,
    out: &Output,
) -> Result<Refinery, VerbError> {
    let told = |error: io::Error| VerbError::World(error.to_string());
    let scratch = Scratch::new(files, &workspace, factory, it.limits.into())?;
    let paths: Vec<String> = files.iter().map(|(_, to)| to.clone()).collect();
    let (sheets, mut problems) = recognise::sheets(&scratch, &paths)?;
    let session = scratch.open(PIPELINE)?;
    let pipeline =
        query::declared(&session.db, crate::db::Db::file(&session.db, Path::new(WORKSPACE_FILE)), session.settings);
    let Some(pipeline) = pipeline.clone() else {
        return Err(VerbError::World("the shipped pipeline is none".to_owned()));
    };
    let said = said(&it.sources, &pipeline, &sheets)?;
    let (taken, uncertain) = recognise::recognise(&scratch, &pipeline, &sheets, &said)?;
    problems.extend(uncertain);
    out.problems(&problems, &|_| None);
    if taken.is_empty() {
        let message = "no sheet of the folder looks like a source of the shipped pipeline".to_owned();
        return Err(nothing(message, "`hotpass init --from DIR` proposes a pipeline of its own for it"));
    }
    for (source, it) in &taken {
        let place = sheets[it.sheet].place();
        if out.is_json() {
            out.event(&Recognised { source: source.clone(), place, score: it.score });
        } else {
            out.say(&format!("{:>10}  {source}  {}  {:.2}", "recognised", line(&place), it.score));
        }
    }
    let refinery = Refinery { workspace, sheets, taken, told: problems };
    write_workspace(&refinery, &scratch)?;
    follow(files, &refinery.workspace).map_err(told)?;
    Ok(refinery)
}

/// The sheets that `--source NAME=FILE#SHEET` names.
fn said(words: &[String], pipeline: &Pipeline, sheets: &[recognise::Sheet]) -> Result<recognise::Said, VerbError> {
    let mut acc = recognise::Said::new();
    for word in words {
        let (source, place) = word.split_once('=').unwrap_or((word, ""));
        let known = pipeline.sources.iter().filter(|(_, it)| !it.like.columns.is_empty());
        let known: Vec<&str> = known.map(|(name, _)| name.as_str()).collect();
        if !known.contains(&source) {
            let message = format!("there is no source `{}`", line(source));
            return Err(nothing(message, &format!("the sources are {}", known.join(", "))));
        }
        let Some(sheet) = sheets.iter().position(|it| it.said() == place) else {
            let message = format!("no table stands in `{}`", line(place));
            return Err(nothing(message, "`--source` takes a file of the folder, and its sheet behind `#`"));
        };
        acc.insert(source.to_owned(), sheet);
    }
    Ok(acc)
}

/// Writes the pipeline for what was recognised.
fn write_workspace(refinery: &Refinery, scratch: &Scratch) -> Result<(), VerbError> {
    let told = |error: io::Error| VerbError::World(error.to_string());
    let (sheets, taken) = (&refinery.sheets, &refinery.taken);
    let usual = concrete::without_files(PIPELINE).unwrap_or_default();
    let usual = scratch.plan(&usual)?;
    let first = concrete::concrete(PIPELINE, &usual, sheets, taken, None).unwrap_or_default();
    let tried = scratch.plan(&first)?;
    let text = concrete::concrete(PIPELINE, &usual, sheets, taken, Some(&tried)).unwrap_or_default();
    fs::create_dir_all(&refinery.workspace).map_err(told)?;
    let path = refinery.workspace.join(WORKSPACE_FILE);
    if reach::text(&path).ok().as_deref() != Some(&text) {
        fs::write(&path, text).map_err(told)?;
    }
    Ok(())
}

/// Leaves out the sources that could not be read, which is told; whether there were any, and others are left.
fn without_failed(
    refinery: &mut Refinery,
    summary: &Summary,
    files: &[(PathBuf, String)],
    factory: &'static dyn EngineFactory,
    out: &Output,
) -> Result<bool, VerbError> {
    let failed: Vec<&str> = summary
        .steps
        .iter()
        .filter(|it| it.kind == "source" && it.outcome == StepStatus::Failed)
        .map(|it| it.step.rsplit('.').next().unwrap_or(&it.step))
        .filter(|it| refinery.taken.contains_key(*it))
        .collect();
    if failed.is_empty() || failed.len() == refinery.taken.len() {
        return Ok(false);
    }
    let mut left_out = Vec::new();
    for source in failed {
        let Some(it) = refinery.taken.remove(source) else { continue };
        let message = format!("`{}` could not be read to its end", refinery.sheets[it.sheet].place());
        let help = format!("without it the source `{source}` has no rows; the reason stands above");
        left_out.push(Problem::new(&folder::UNREADABLE, message).help(help));
    }
    out.problems(&left_out, &|_| None);
    refinery.told.extend(left_out);
    write_workspace(refinery, &Scratch::new(files, &refinery.workspace, factory, Limits::default())?)?;
    Ok(true)
}

/// The one command that shows why nothing was put in place.
fn what_to_do(workspace: &Path, summary: &Summary) -> String {
    let place = recognise::shell(&shown(workspace));
    let failed = summary.checks.iter().find(|it| it.held == Some(false) && it.stops);
    let look = match failed {
        Some(it) => format!("hotpass -C {place} show {}", it.table),
        None => format!("hotpass -C {place} build"),
    };
    format!("{:>10}  nothing was put in place; `{look}` shows why", "withheld")
}

/// Brings the copies below `data/` up to date: what did not change is left alone, what is gone goes.
fn follow(files: &[(PathBuf, String)], workspace: &Path) -> io::Result<()> {
    let data = workspace.join("data");
    fs::create_dir_all(&data)?;
    for entry in fs::read_dir(&data)?.flatten() {
        if !files.iter().any(|(_, to)| workspace.join(to) == entry.path()) && entry.path().is_file() {
            fs::remove_file(entry.path())?;
        }
    }
    for (from, to) in files {
        let (to, bytes) = (workspace.join(to), reach::bytes(from)?);
        if reach::bytes(&to).ok().as_ref() != Some(&bytes) {
            fs::write(to, bytes)?;
        }
    }
    Ok(())
}

/// What was made, and where it goes: the first workbook and all that is written of the same table under the name of the
/// output, the rest with its own name behind.
fn artefacts(plan: &Plan, summary: &Summary, root: &Path, folder: &Path, stem: &str) -> Vec<(PathBuf, PathBuf)> {
    let plain = |it: &crate::plan::PlannedExport| it.declared.about.is_none() && !it.declared.rejected;
    let workbook = plan.exports.iter().find(|it| plain(it) && matches!(it.declared.format, ExportFormat::Xlsx(_)));
    let main = workbook.map(|it| it.table);
    let mut acc: Vec<(PathBuf, PathBuf)> = Vec::new();
    for line in &summary.artefacts {
        let export = plan.exports.iter().find(|it| it.declared.path == line.path);
        let path = Path::new(&line.path);
        let ending = path.extension().map(|it| it.to_string_lossy().into_owned()).unwrap_or_default();
        let own = path.file_name().map(|it| it.to_string_lossy().into_owned()).unwrap_or_default();
        let own_name = export.is_some_and(|it| plain(it) && Some(it.table) == main);
        let name = if own_name { format!("{stem}.{ending}") } else { format!("{stem}-{own}") };
        acc.push((root.join(path), folder.join(name)));
    }
    acc
}

/// Puts all files in place: first beside their places, then by one rename after the other.
fn publish(files: &[(PathBuf, PathBuf)]) -> io::Result<()> {
    let beside = |to: &Path| {
        let name = to.file_name().map(|it| it.to_string_lossy().into_owned()).unwrap_or_default();
        to.with_file_name(format!(".{name}.new{}", std::process::id()))
    };
    let staged = files.iter().try_for_each(|(from, to)| {
        _ = fs::remove_file(beside(to));
        reach::copy(reach::open(from)?, &beside(to))?;
        reach::open(&beside(to))?.sync_all()
    });
    let placed = staged.and_then(|()| files.iter().try_for_each(|(_, to)| fs::rename(beside(to), to)));
    if placed.is_err() {
        files.iter().for_each(|(_, to)| drop(fs::remove_file(beside(to))));
    }
    placed
}

/// A path as it is shown.
fn shown(path: &Path) -> String {
    line(&path.display().to_string())
}
