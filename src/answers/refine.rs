//! `hotpass refine`: the whole refinery on a folder of workbooks, without a workspace.
//!
//! The shipped pipeline says what its sources look like; `recognise` finds them, `concrete` writes the pipeline for this
//! folder, and the same build as everywhere makes it. The workspace beside the output is kept, so the next run is
//! incremental, and it can be looked at like any other.

pub(crate) mod concrete;
pub(crate) mod folder;
pub(crate) mod recognise;
pub(crate) mod report;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::answers::archive;
use crate::answers::build;
use crate::answers::init::propose::{VerbError, books};
use crate::answers::init::scratch::Scratch;
use crate::escape::line;
use crate::pipeline::{ExportFormat, Pipeline};
use crate::plan::Plan;
use crate::problem::{Code, Problem};
use crate::query::{self, WORKSPACE_FILE};
use crate::readers::reach;
use crate::run::LockMode;
use crate::run::warden::Limits;
use crate::store::backend::EngineFactory;
use crate::summary::{Status, StepStatus, Summary};
use crate::workspace::failure::Unanswered;
use crate::workspace::session::{Asked, Session};

/// The pipeline that is built.
const PIPELINE: &str = include_str!("../../pipelines/sample/hotpass.toml");

/// A folder in which no source can be recognised.
pub const NOTHING: Code = Code::error("hotpass::refine::nothing-recognised");

/// All codes of this module.
pub const CODES: &[&Code] =
    &[&NOTHING, &folder::UNREADABLE, &recognise::NOT_FOUND, &recognise::AMBIGUOUS, &recognise::LEFT_OVER];

/// A sheet that was taken for a source.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename = "refine.source")]
pub(crate) struct Recognised {
    pub(crate) source: String,
    pub(crate) place: String,
    pub(crate) score: f64,
}

/// A file that was put in place.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename = "refine.artefact")]
pub(crate) struct Placed {
    pub(crate) path: String,
    pub(crate) bytes: u64,
}

/// What is refined, and where to.
pub(crate) struct Request {
    /// Settings and limits; its root is that of the kept workspace, once that is known.
    pub(crate) asked: Asked,
    /// The folder of workbooks.
    pub(crate) input: PathBuf,
    /// The workbook that is written; all else goes beside it under its name.
    pub(crate) output: PathBuf,
    /// Whether the exact inputs are written as one file too.
    pub(crate) archive: bool,
    /// `NAME=FILE#SHEET`.
    pub(crate) sources: Vec<String>,
}

/// Who hears of it on the way, and who builds.
pub(crate) struct Audience<'a> {
    pub(crate) problems: &'a dyn Fn(&[Problem]),
    pub(crate) recognised: &'a dyn Fn(&Recognised),
    /// Builds, and tells of it.
    pub(crate) build: &'a mut dyn FnMut(&build::Request) -> Result<Summary, Unanswered>,
}

/// What came of it.
pub(crate) struct Refined {
    /// The kept workspace.
    pub(crate) workspace: PathBuf,
    /// What the last build says.
    pub(crate) summary: Summary,
    /// Whether something was not as it should be in the folder.
    pub(crate) odd: bool,
    /// The files that were put in place; none where the build did not end well.
    pub(crate) placed: Vec<Placed>,
}

/// What is known of the folder.
struct Refinery {
    /// The kept workspace.
    workspace: PathBuf,
    /// Sheets, and what they were taken for.
    sheets: Vec<recognise::Sheet>,
    taken: BTreeMap<String, recognise::Match>,
    /// What is not as it should be in the folder.
    told: Vec<Problem>,
}

/// Refines a folder.
///
/// # Errors
///
/// When nothing is recognised in it, or the world fails.
pub(crate) fn refine(
    it: &Request,
    factory: &'static dyn EngineFactory,
    audience: &mut Audience<'_>,
) -> Result<Refined, Unanswered> {
    if !it.input.is_dir() {
        let message = format!("`{}` is not a folder", shown(&it.input));
        return Err(nothing(message, "`--input-dir` takes a folder of workbooks").into());
    }
    let output = std::path::absolute(&it.output)?;
    let stem = output.file_stem().map(|it| it.to_string_lossy().into_owned()).unwrap_or_default();
    let folder = output.parent().unwrap_or(Path::new("/")).to_owned();
    let workspace = folder.join(format!(".{stem}.refine"));
    let found = folder::look(&it.input, &folder, &stem)?;
    (audience.problems)(&found.told);
    if found.files.is_empty() {
        let message = format!("there is no workbook in `{}`", shown(&it.input));
        return Err(nothing(message, "`--input-dir` takes a folder of workbooks").into());
    }
    let files = books(&found.files, &workspace)?;
    let mut refinery = recognised(&files, workspace, factory, it, audience)?;
    let asked = Asked { root: fs::canonicalize(&refinery.workspace)?, ..it.asked.clone() };
    let request = build::Request {
        asked: asked.clone(),
        targets: Vec::new(),
        exclude: Vec::new(),
        force: None,
        keep_going: false,
        overwrite: false,
        publish: true,
        lock: LockMode::Write,
    };
    let summary = loop {
        let summary = (audience.build)(&request)?;
        let ended = matches!(summary.status, Status::Ok | Status::Interrupted);
        if ended || !without_failed(&mut refinery, &summary, &files, factory, audience)? {
            break summary;
        }
    };
    let odd = !(refinery.told.is_empty() && found.told.is_empty());
    let placed = match summary.status {
        Status::Ok => put_in_place(it, (&refinery, &asked, &summary), factory, (&folder, &stem))?,
        _ => Vec::new(),
    };
    Ok(Refined { workspace: refinery.workspace, summary, odd, placed })
}

/// Puts what was built beside the output, with the report, and the archive where it was asked for.
fn put_in_place(
    it: &Request,
    (refinery, asked, summary): (&Refinery, &Asked, &Summary),
    factory: &'static dyn EngineFactory,
    (folder, stem): (&Path, &str),
) -> io::Result<Vec<Placed>> {
    let session = Session::open(asked, Some(factory), false)?;
    let plan = session.plan();
    let report = report::text(&plan, summary, &refinery.sheets, &refinery.taken);
    let mut files = artefacts(&plan, summary, &asked.root, folder, stem);
    let scratch = crate::scratch::Scratch::new()?;
    let mut add = |name: String, write: &dyn Fn(&mut fs::File) -> io::Result<()>| -> io::Result<()> {
        let path = scratch.path().join(&name);
        write(&mut fs::File::create(&path)?)?;
        files.push((path, folder.join(name)));
        Ok(())
    };
    add(format!("{stem}-report.md"), &|file| io::Write::write_all(file, report.as_bytes()))?;
    if it.archive {
        add(format!("{stem}-archive.zip"), &|file| archive::write(&session, &plan, file).map(drop))?;
    }
    publish(&files)?;
    let placed = files.iter().map(|(_, to)| {
        let bytes = fs::metadata(to).map_or(0, |it| it.len());
        Placed { path: to.display().to_string(), bytes }
    });
    Ok(placed.collect())
}

fn nothing(message: String, help: &str) -> VerbError {
    VerbError::Problem(Box::new(Problem::new(&NOTHING, message).help(help.to_owned())))
}

/// A path as it is shown.
fn shown(path: &Path) -> String {
    line(&path.display().to_string())
}

/// Recognises the sources and writes the workspace.
fn recognised(
    files: &[(PathBuf, String)],
    workspace: PathBuf,
    factory: &'static dyn EngineFactory,
    it: &Request,
    audience: &mut Audience<'_>,
) -> Result<Refinery, VerbError> {
    let told = |error: io::Error| VerbError::World(error.to_string());
    let scratch = Scratch::new(files, &workspace, factory, it.asked.limits)?;
    let paths: Vec<String> = files.iter().map(|(_, to)| to.clone()).collect();
    let (sheets, mut problems) = recognise::sheets(&scratch, &paths)?;
    let session = scratch.open(PIPELINE)?;
    let pipeline =
        query::declared(&session.db, crate::db::Db::file(&session.db, Path::new(WORKSPACE_FILE)), session.settings);
    let Some(pipeline) = pipeline.clone() else {
        return Err(VerbError::World("the shipped pipeline is not valid".to_owned()));
    };
    let said = said(&it.sources, &pipeline, &sheets)?;
    let (taken, uncertain) = recognise::recognise(&scratch, &pipeline, &sheets, &said)?;
    problems.extend(uncertain);
    (audience.problems)(&problems);
    if taken.is_empty() {
        let message = "no sheet of the folder looks like a source of the shipped pipeline".to_owned();
        return Err(nothing(message, "`hotpass init --from DIR` proposes a pipeline of its own for it"));
    }
    for (source, it) in &taken {
        let place = sheets[it.sheet].place();
        (audience.recognised)(&Recognised { source: source.clone(), place, score: it.score });
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
            let message = format!("there is no table in `{}`", line(place));
            return Err(nothing(message, "`--source` takes a file of the folder, and its sheet after `#`"));
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
    audience: &mut Audience<'_>,
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
        let help = format!("without it the source `{source}` has no rows; the reason is above");
        left_out.push(Problem::new(&folder::UNREADABLE, message).help(help));
    }
    (audience.problems)(&left_out);
    refinery.told.extend(left_out);
    write_workspace(refinery, &Scratch::new(files, &refinery.workspace, factory, Limits::default())?)?;
    Ok(true)
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
