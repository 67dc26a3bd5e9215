//! Queries: from files to a plan, pure between two revisions. Few, coarse and total: what cannot be understood is a
//! problem beside what could be.
//!
//! `source_text`, `fingerprint`, `listing` cut off touched but equal files; `declared` cuts off comments and layout;
//! `head` cuts off edits below a header; `plan` is what all of them are for.

mod contracts;
mod drifted;
mod environments;
mod fitting;
mod planning;
mod pointing;
mod profiles;
pub mod shipped;
mod sources;
mod typed;
mod uses;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::db::{Db, File, Settings};
use crate::digest::Digest;
use crate::fields::{Fields, Parameters, Reader, Spans, WRONG_VALUE, overlaid};
use crate::history::{self, History};
use crate::pipeline::{self, Pipeline, environment};
use crate::plan::Plan;
use crate::problem::{Code, Problem, did_you_mean};
use crate::readers::reach::Place;
use crate::span::Span;

pub use contracts::{FOLDER as CONTRACTS_FOLDER, read as read_contracts, shared as shared_contracts};
pub use drifted::{Drifted, Patch, drifts};
pub use environments::{declared_environments, dist, dist_of, environments_of, missing_environment};
pub use fitting::{TESTS, declared_tests, test_files, trials};
pub use planning::CODES as PLANNING_CODES;
pub use pointing::{pointed_at, pointed_in};
pub use profiles::{Layer, Merged, merged, profile_names};
pub use sources::{CODES as SOURCE_CODES, files};
pub use typed::{WHERE, as_written, condition};

/// A workspace without pipelines.
pub const NO_PIPELINE: Code = Code::error("hotpass::workspace::no-pipeline");
/// Two pipelines of one name.
pub const PIPELINE_TWICE: Code = Code::error("hotpass::workspace::pipeline-twice");
/// A file that cannot be read as text.
pub const UNREADABLE: Code = Code::error("hotpass::workspace::unreadable");
/// A file of TOML that is a link to something elsewhere.
pub const OUTSIDE: Code = Code::error("hotpass::workspace::outside");
/// A folder that the workspace wants to read, and nobody allowed.
pub const NOT_ALLOWED: Code = Code::warning("hotpass::workspace::not-allowed");
/// A file of somebody else that has other names elsewhere.
pub const LENT: Code = Code::warning("hotpass::workspace::lent-file");

/// All codes of this module.
pub const CODES: &[&Code] = &[&NO_PIPELINE, &PIPELINE_TWICE, &UNREADABLE, &OUTSIDE, &NOT_ALLOWED, &LENT];

/// The largest pipeline or profile file that is read, in bytes.
const LARGEST_TOML: usize = 8 << 20;

/// The file that makes a folder a workspace, and may hold a pipeline itself.
pub const WORKSPACE_FILE: &str = "hotpass.toml";

/// What is worth a word of a file that stands in the workspace and belongs to somebody else.
fn lent(db: &dyn Db, path: &Path) -> Option<Problem> {
    let told = || {
        let message = format!("`{}` belongs to somebody else and has other names on its disk", path.display());
        Problem::new(&LENT, message).help("a hard link may lead anywhere: put a copy in its place".to_owned())
    };
    db.system().is_lent(path).then(told)
}

/// The text of a file; a reason when there is none.
#[salsa::tracked]
pub fn source_text(db: &dyn Db, file: File) -> Result<String, String> {
    if file.revision(db).is_none() {
        return Err("there is no such file".to_owned());
    }
    let text = db.system().read_text(file.path(db)).map_err(|error| match error.kind() {
        std::io::ErrorKind::InvalidData => "it is not UTF-8; save it as UTF-8 in your editor".to_owned(),
        _ => error.to_string(),
    })?;
    if text.len() > LARGEST_TOML {
        return Err(format!("it is larger than {} MiB", LARGEST_TOML >> 20));
    }
    Ok(text)
}

/// The digest of a file's bytes; `None` if there is no such file.
#[salsa::tracked(returns(copy))]
pub fn fingerprint(db: &dyn Db, file: File) -> Option<Digest> {
    file.revision(db)?;
    db.system().fingerprint(file.path(db))
}

/// Why a file of TOML cannot be read.
fn unreadable(db: &dyn Db, path: &Arc<PathBuf>, reason: &str) -> Problem {
    let name = path.display();
    let problem = match db.system().place(path) {
        Place::Outside => {
            let problem = Problem::new(&OUTSIDE, format!("`{name}` is a link that leads out of the workspace"));
            problem.help(consent(db, path))
        }
        _ => Problem::new(&UNREADABLE, format!("`{name}` cannot be read: {reason}")),
    };
    problem.label(&Span::new(path, 0..0), "this file")
}

/// How something elsewhere is read all the same: the folder that the workspace wants to read, or else that of the file.
fn consent(db: &dyn Db, path: &Path) -> String {
    let place = db.system().real(path);
    let wanted = wanted(db).iter().find(|it| place.starts_with(db.system().real(it)));
    let above = path.parent().filter(|_| !sources::stays_below(path));
    let folder = wanted.map(PathBuf::as_path).or(above).or(place.parent()).unwrap_or(path);
    format!("put it into the workspace; or {}", grant(&folder.display().to_string()))
}

/// How a folder is allowed.
fn grant(folder: &str) -> String {
    let quoted = if folder.contains([' ', '\'', '"', '*', '[', '?', '$', '~']) {
        format!("'{folder}'")
    } else {
        folder.to_owned()
    };
    format!("allow it where hotpass is started: `--allow {}`, or `HOTPASS_ALLOW`", quoted.escape_debug())
}

/// `top` and the folders in it that `enters` lets in, in order: each once, whatever links lead to it.
fn folders(db: &dyn Db, top: &Path, enters: &dyn Fn(&str, &Path) -> bool) -> Vec<PathBuf> {
    let mut seen = BTreeSet::new();
    let mut acc = Vec::new();
    let mut open = vec![(top.to_owned(), 0)];
    while let Some((folder, depth)) = open.pop() {
        let identity = db.system().identity(&folder);
        if identity.is_some_and(|it| !seen.insert(it)) {
            continue;
        }
        let real = db.system().real(&folder);
        let names = listing(db, db.file(&folder)).iter().filter_map(|it| it.strip_suffix('/'));
        let beneath = names.filter(|_| depth < DEEPEST).map(|it| (it, folder.join(it)));
        let (links, own): (Vec<_>, Vec<_>) = beneath
            .filter(|(name, path)| enters(name, path))
            .partition(|(name, path)| db.system().real(path) != real.join(name));
        // A folder is known by its own name before it is by that of a link.
        let next = own.into_iter().rev().map(|(_, path)| (path, depth + 1));
        open.splice(0..0, links.into_iter().map(|(_, path)| (path, depth + 1)));
        open.extend(next);
        acc.push(folder);
    }
    acc
}

/// How many folders are descended at most.
const DEEPEST: usize = 64;

/// Whether there is such a file or folder.
#[salsa::tracked(returns(copy))]
pub fn exists(db: &dyn Db, file: File) -> bool {
    file.revision(db).is_some()
}

/// Names in a folder, sorted; folders end in `/`.
#[salsa::tracked]
pub fn listing(db: &dyn Db, folder: File) -> Vec<String> {
    let _ = folder.revision(db);
    db.system().list(folder.path(db))
}

/// The files that may hold pipelines: `hotpass.toml`, and TOML files in `pipelines/` and the folders in it that are
/// no workspaces of their own.
#[salsa::tracked]
pub fn pipeline_files(db: &dyn Db, _settings: Settings) -> Vec<PathBuf> {
    let mut files = vec![PathBuf::from(WORKSPACE_FILE)];
    let enters = |name: &str, path: &Path| !name.starts_with('.') && !exists(db, db.file(&path.join(WORKSPACE_FILE)));
    for folder in folders(db, Path::new("pipelines"), &enters) {
        files.extend(tomls(db, &folder));
    }
    files.sort();
    files
}

/// The files of TOML in a folder.
fn tomls(db: &dyn Db, folder: &Path) -> Vec<PathBuf> {
    let names = listing(db, db.file(folder)).iter().filter(|it| it.ends_with(".toml") && !it.starts_with('.'));
    names.map(|it| folder.join(it)).collect()
}

/// A pipeline file as read.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Lowered {
    /// The pipeline, if the file holds one, without spans.
    pub pipeline: Option<Arc<Pipeline>>,
    /// Where everything stands.
    pub spans: Spans,
    /// What is wrong in the file.
    pub problems: Vec<Problem>,
    /// Where everything stands in the files of all pipelines that it uses.
    pub used: BTreeMap<PathBuf, Spans>,
    /// What is wrong in those, and with the uses.
    pub misused: Vec<Problem>,
}

/// Reads `[workspace]`, which is told apart from that of other files by `own`.
fn workspace(db: &dyn Db, reader: &Reader, fields: &mut Fields, own: bool) {
    let Some(mut workspace) = fields.table("workspace") else { return };
    for (folder, span) in workspace.texts("allow") {
        if own && db.system().place(Path::new(&folder)) == Place::Outside {
            let message = format!("the workspace wants to read `{}`, and nobody allowed it", folder.escape_debug());
            let problem = Problem::new(&NOT_ALLOWED, message).label(&span, "wanted here");
            reader.report(problem.help(grant(&folder)));
        }
    }
    if let Some(folder) = workspace.text("dist")
        && let reserved = declared_environments(db).iter().find(|it| it.holds(&folder)).map(|it| &it.name)
        && let reserved = reserved.map(|it| format!("it belongs to the environment `{it}`"))
        && let Some(reason) = planning::unfit_folder(&folder).map(str::to_owned).or(reserved)
    {
        let message = format!("the manifest cannot be written to `{}`: {reason}", folder.escape_debug());
        let help = "name a folder of its own in the workspace, such as `dist`".to_owned();
        workspace.problem(&WRONG_VALUE, "dist", message, "this folder", Some(help));
    }
    workspace.finish();
}

/// Reads one pipeline file.
#[salsa::tracked]
pub fn lower(db: &dyn Db, file: File, settings: Settings) -> Lowered {
    let path = Arc::new(file.path(db).clone());
    let none = |problems| Lowered { problems, ..Lowered::default() };
    let text = match source_text(db, file) {
        Ok(text) => text,
        Err(_) if file.revision(db).is_none() => return none(Vec::new()),
        Err(reason) => return none(vec![unreadable(db, &path, reason)]),
    };
    let reader = Reader::new(&path, Parameters::new());
    lent(db, &path).into_iter().for_each(|it| reader.report(it));
    let table = reader.parse(text);
    let own = *path == Path::new(WORKSPACE_FILE);
    let mut fields = reader.fields(&table, &pipeline::FILE);
    let asked = settings.environment(db).as_deref();
    if own || fields.has("pipeline") {
        environment::read(&mut fields, asked);
    }
    let laid = asked.and_then(|it| overlaid(&table, &["environment", it], &environment::OVER));
    let mut fields = reader.fields(laid.as_ref().unwrap_or(&table), &pipeline::FILE);
    workspace(db, &reader, &mut fields, own);
    let heading = pipeline::heading(&reader, &mut fields, settings.set(db), asked);
    if own || heading.is_some() {
        environment::read_sources(&mut fields, asked);
    }
    let Some(heading) = heading else {
        // A TOML file without `[pipeline]` is no pipeline, whatever else it is; a broken one still says so, and the
        // workspace's own file is never anything else.
        if own {
            fields.finish();
        } else {
            drop(fields);
        }
        drop(laid);
        drop(table);
        let (problems, _) = reader.finish();
        let own = own || !problems.is_empty();
        return none(if own { problems } else { Vec::new() });
    };
    let mut problems = Vec::new();
    let name = settings.profile(db).clone().or_else(|| heading.profile.clone());
    let (mut profile, profiles) = match &name {
        Some(name) => profiles::resolve(db, name, &fields, &mut problems),
        None => (profiles::nobodys(db).clone(), profiles::Digests::new()),
    };
    profile.extend(&mut fields);
    profile.check(&mut problems);
    reader.set_settings(profile.settings());
    pipeline::functions::declare(&reader, &mut fields);
    let shared = &contracts::shared(db).declared;
    let mut pipeline = Pipeline { profiles, ..pipeline::body(heading, &path, &mut fields, &profile, shared) };
    if let Some(it) = environments::asked(db, settings) {
        it.apply(&mut pipeline);
    }
    let files = vec![Arc::clone(&path)];
    let expectations = &pipeline.expectations;
    let within = uses::Within { name: &pipeline.name, profile: &profile, expectations, files };
    let used = uses::all(db, settings, &mut fields, &within);
    (pipeline.uses, pipeline.unread) = (used.pipelines, used.unread);
    fields.finish();
    let (own, spans) = reader.finish();
    problems.extend(own);
    Lowered { pipeline: Some(Arc::new(pipeline)), spans, problems, used: used.spans, misused: used.problems }
}

/// The pipeline in a file, free of places: comments and layout end here.
#[salsa::tracked]
pub fn declared(db: &dyn Db, file: File, settings: Settings) -> Option<Arc<Pipeline>> {
    lower(db, file, settings).pipeline.clone()
}

/// All pipelines of the workspace, those that others use among them.
pub fn pipelines(db: &dyn Db, settings: Settings) -> Vec<Arc<Pipeline>> {
    let files = pipeline_files(db, settings).iter();
    let own = files.filter_map(|it| declared(db, db.file(it), settings).clone());
    own.flat_map(|it| it.with_used()).collect()
}

/// Where everything stands in a file, be it that of a pipeline or of one that is used.
fn spans<'db>(db: &'db dyn Db, settings: Settings, file: &Path) -> &'db Spans {
    let used = pipeline_files(db, settings).iter().find_map(|it| lower(db, db.file(it), settings).used.get(file));
    used.unwrap_or_else(|| &lower(db, db.file(file), settings).spans)
}

/// Folders outside of the workspace that it wants to read: `[workspace] allow`. Wanting is not being allowed to.
#[salsa::tracked]
pub fn wanted(db: &dyn Db) -> Vec<PathBuf> {
    let path = Arc::new(PathBuf::from(WORKSPACE_FILE));
    let reader = Reader::new(&path, Parameters::new());
    let text = source_text(db, db.file(&path)).clone().unwrap_or_default();
    let table = reader.parse(&text);
    let words = reader.fields(&table, &pipeline::FILE).table("workspace").map(|mut it| it.words("allow"));
    words.unwrap_or_default().into_iter().map(PathBuf::from).collect()
}

/// Where something declared stands, by the path of its keys: `step.schools`.
pub fn place(db: &dyn Db, settings: Settings, file: &Path, path: &str) -> Option<Span> {
    let spans = spans(db, settings, file);
    spans.get(&format!("{path}@")).or_else(|| spans.get(path)).cloned()
}

/// Where the value of something declared stands: the text of `step.clean.columns.name`.
pub fn value_place(db: &dyn Db, settings: Settings, file: &Path, path: &str) -> Option<Span> {
    spans(db, settings, file).get(path).cloned()
}

/// What could be built, and what is wrong with it.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Planned {
    /// The plan.
    pub plan: Arc<Plan>,
    /// What is wrong, each with the pipeline file and the path of keys it is about.
    pub findings: Vec<planning::Located>,
}

/// What a build of the workspace would do.
#[salsa::tracked]
pub fn plan(db: &dyn Db, settings: Settings) -> Planned {
    planning::plan(db, settings, &pipelines(db, settings))
}

/// Earlier published builds as `history.ndjson` has them, and what of it cannot be read.
#[salsa::tracked(returns(ref))]
pub fn published(db: &dyn Db, settings: Settings) -> (Arc<History>, Vec<Problem>) {
    let path = Arc::new(history::file(settings.environment(db).as_deref()));
    let file = db.file(&path);
    if file.revision(db).is_none() {
        return Default::default();
    }
    match source_text(db, file) {
        Ok(text) => {
            let (history, problems) = History::parse(text);
            (Arc::new(history), lent(db, &path).into_iter().chain(problems).collect())
        }
        Err(reason) => {
            let help = "restore it from version control, or remove lines at its beginning";
            (Arc::default(), vec![Problem { help: Some(help.to_owned()), ..unreadable(db, &path, reason) }])
        }
    }
}

/// Everything that is wrong in the workspace, file by file, each with its place.
#[salsa::tracked]
pub fn check(db: &dyn Db, settings: Settings) -> Vec<Problem> {
    let mut problems: Vec<Problem> = Vec::new();
    let mut pipelines = 0;
    let mut all: Vec<Arc<Pipeline>> = Vec::new();
    for path in pipeline_files(db, settings) {
        let lowered = lower(db, db.file(path), settings);
        pipelines += usize::from(lowered.pipeline.is_some());
        all.extend(lowered.pipeline.clone());
        let found = lowered.problems.iter().chain(&lowered.misused);
        let new: Vec<Problem> = found.filter(|it| !problems.contains(it)).cloned().collect();
        problems.extend(new);
        problems.extend(environments::misplaced(db, db.file(path), lowered.pipeline.is_some()));
    }
    problems.extend(contracts::shared(db).problems.iter().cloned());
    if all.iter().any(|it| plan(db, settings).plan.keeps_history(&it.name)) {
        problems.extend(published(db, settings).1.iter().cloned());
    }
    let declared: Vec<&String> = all.iter().flat_map(|it| &it.parameters).collect();
    for key in settings.set(db).keys().filter(|key| pipelines > 0 && !declared.contains(key)) {
        let help = did_you_mean(key, declared.iter().map(|it| it.as_str()));
        let help = help.unwrap_or_else(|| "parameters are declared under `[parameters]`".to_owned());
        let message = format!("no pipeline declares the parameter `{}`", key.escape_debug());
        problems.push(Problem::new(&pipeline::BAD_PARAMETER, message).help(help));
    }
    problems.extend(environments::wrong(db, settings));
    if pipelines == 0 && problems.is_empty() {
        let message = "there is no pipeline in this workspace";
        let help = "a pipeline is a TOML file with `[pipeline]` in `pipelines/`, or `hotpass.toml` itself; \
                    `hotpass init` writes one";
        problems.push(Problem::new(&NO_PIPELINE, message).help(help.to_owned()));
    }
    for located in &plan(db, settings).findings {
        let problem = located.problem(spans(db, settings, &located.file));
        // A pipeline that is used twice has its faults once.
        if !problems.contains(&problem) {
            problems.push(problem);
        }
    }
    problems.into_iter().map(|it| pointing::pointed(db, it)).collect()
}
