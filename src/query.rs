//! Queries: from files to a plan, pure between two revisions. Few, coarse and total: what cannot be understood is a
//! problem beside what could be.
//!
//! `source_text`, `fingerprint`, `listing` cut off touched but equal files; `declared` cuts off comments and layout;
//! `head` cuts off edits below a header; `plan` is what all of them are for.

mod drifted;
mod fitting;
mod planning;
mod pointing;
mod profiles;
mod sources;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::db::{Db, File, Settings};
use crate::digest::Digest;
use crate::fields::{Parameters, Reader, Spans, WRONG_VALUE};
use crate::pipeline::{self, Pipeline};
use crate::plan::Plan;
use crate::problem::{Code, Problem, did_you_mean};
use crate::span::Span;

pub use drifted::{Drifted, Patch, drifts};
pub use fitting::{TESTS, declared_tests, test_files, trials};
pub use planning::CODES as PLANNING_CODES;
pub use pointing::pointed_at;
pub use profiles::{Layer, Merged, SHIPPED, merged, profile_names};
pub use sources::{CODES as SOURCE_CODES, files};

/// A workspace without pipelines.
pub const NO_PIPELINE: Code = Code::error("hotpass::workspace::no-pipeline");
/// Two pipelines of one name.
pub const PIPELINE_TWICE: Code = Code::error("hotpass::workspace::pipeline-twice");
/// A file that cannot be read as text.
pub const UNREADABLE: Code = Code::error("hotpass::workspace::unreadable");

/// All codes of this module.
pub const CODES: &[&Code] = &[&NO_PIPELINE, &PIPELINE_TWICE, &UNREADABLE];

/// The largest pipeline or profile file that is read, in bytes.
const LARGEST_TOML: usize = 8 << 20;

/// The file that makes a folder a workspace, and may hold a pipeline itself.
pub const WORKSPACE_FILE: &str = "hotpass.toml";

/// The text of a file; a reason when there is none.
#[salsa::tracked]
pub fn source_text(db: &dyn Db, file: File) -> Result<String, String> {
    if file.revision(db).is_none() {
        return Err("there is no such file".to_owned());
    }
    let text = db.system().read_text(file.path(db)).map_err(|error| error.to_string())?;
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
    let mut open = vec![PathBuf::from("pipelines")];
    while let Some(folder) = open.pop() {
        for name in listing(db, db.file(&folder)) {
            match name.strip_suffix('/') {
                Some(name) if !name.starts_with('.') => {
                    let beneath = folder.join(name);
                    if !exists(db, db.file(&beneath.join(WORKSPACE_FILE))) {
                        open.push(beneath);
                    }
                }
                None if name.ends_with(".toml") && !name.starts_with('.') => files.push(folder.join(name)),
                _ => (),
            }
        }
    }
    files.sort();
    files
}

/// A pipeline file as read.
#[derive(Clone, PartialEq, Debug)]
pub struct Lowered {
    /// The pipeline, if the file holds one, without spans.
    pub pipeline: Option<Arc<Pipeline>>,
    /// Where everything stands.
    pub spans: Spans,
    /// What is wrong in the file.
    pub problems: Vec<Problem>,
}

/// Reads one pipeline file.
#[salsa::tracked]
pub fn lower(db: &dyn Db, file: File, settings: Settings) -> Lowered {
    let path = Arc::new(file.path(db).clone());
    let none = |problems| Lowered { pipeline: None, spans: Spans::new(), problems };
    let text = match source_text(db, file) {
        Ok(text) => text,
        Err(_) if file.revision(db).is_none() => return none(Vec::new()),
        Err(reason) => {
            let message = format!("`{}` cannot be read: {reason}", path.display());
            return none(vec![Problem::new(&UNREADABLE, message).label(&Span::new(&path, 0..0), "this file")]);
        }
    };
    let reader = Reader::new(&path, Parameters::new());
    let table = reader.parse(text);
    let mut fields = reader.fields(&table, &pipeline::FILE);
    if let Some(mut workspace) = fields.table("workspace") {
        workspace.words("allow");
        if let Some(folder) = workspace.text("dist")
            && let Some(reason) = planning::unfit_folder(&folder)
        {
            let message = format!("the manifest cannot be written to `{}`: {reason}", folder.escape_debug());
            let help = "name a folder of its own in the workspace, such as `dist`".to_owned();
            workspace.problem(&WRONG_VALUE, "dist", message, "this folder", Some(help));
        }
        workspace.finish();
    }
    let heading = pipeline::heading(&reader, &mut fields, settings.set(db));
    let Some(heading) = heading else {
        // A TOML file without `[pipeline]` is no pipeline, whatever else it is; a broken one still says so, and the
        // workspace's own file is never anything else.
        let own = *path == Path::new(WORKSPACE_FILE);
        if own {
            fields.finish();
        } else {
            drop(fields);
        }
        drop(table);
        let (problems, _) = reader.finish();
        let own = own || !problems.is_empty();
        return none(if own { problems } else { Vec::new() });
    };
    let mut problems = Vec::new();
    let name = settings.profile(db).clone().or_else(|| heading.profile.clone());
    let (mut profile, profiles) = match &name {
        Some(name) => profiles::resolve(db, name, &fields, &mut problems),
        None => Default::default(),
    };
    profile.extend(&mut fields);
    profile.check(&mut problems);
    reader.set_settings(profile.settings());
    let pipeline = Pipeline { profiles, ..pipeline::body(heading, &path, &mut fields, &profile) };
    fields.finish();
    let (own, spans) = reader.finish();
    problems.extend(own);
    Lowered { pipeline: Some(Arc::new(pipeline)), spans, problems }
}

/// The pipeline in a file, free of places: comments and layout end here.
#[salsa::tracked]
pub fn declared(db: &dyn Db, file: File, settings: Settings) -> Option<Arc<Pipeline>> {
    lower(db, file, settings).pipeline.clone()
}

/// The folder of the manifest: `[workspace] dist`, else `dist`.
#[salsa::tracked]
pub fn dist(db: &dyn Db) -> PathBuf {
    let path = Arc::new(PathBuf::from(WORKSPACE_FILE));
    let reader = Reader::new(&path, Parameters::new());
    let text = source_text(db, db.file(&path)).clone().unwrap_or_default();
    let table = reader.parse(&text);
    let folder = reader.fields(&table, &pipeline::FILE).table("workspace").and_then(|mut it| it.text("dist"));
    PathBuf::from(folder.filter(|it| planning::unfit_folder(it).is_none()).unwrap_or_else(|| "dist".to_owned()))
}

/// Folders outside of the workspace that its paths may reach: `[workspace] allow`.
#[salsa::tracked]
pub fn allowed(db: &dyn Db) -> Vec<PathBuf> {
    let path = Arc::new(PathBuf::from(WORKSPACE_FILE));
    let reader = Reader::new(&path, Parameters::new());
    let text = source_text(db, db.file(&path)).clone().unwrap_or_default();
    let table = reader.parse(&text);
    let words = reader.fields(&table, &pipeline::FILE).table("workspace").map(|mut it| it.words("allow"));
    words.unwrap_or_default().into_iter().map(PathBuf::from).collect()
}

/// Where something declared stands, by the path of its keys: `step.schools`.
pub fn place(db: &dyn Db, settings: Settings, file: &Path, path: &str) -> Option<Span> {
    let spans = &lower(db, db.file(file), settings).spans;
    spans.get(&format!("{path}@")).or_else(|| spans.get(path)).cloned()
}

/// Where the value of something declared stands: the text of `step.clean.columns.name`.
pub fn value_place(db: &dyn Db, settings: Settings, file: &Path, path: &str) -> Option<Span> {
    lower(db, db.file(file), settings).spans.get(path).cloned()
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
    let mut pipelines: Vec<Arc<Pipeline>> = Vec::new();
    for path in pipeline_files(db, settings) {
        pipelines.extend(declared(db, db.file(path), settings).clone());
    }
    planning::plan(db, &pipelines)
}

/// Everything that is wrong in the workspace, file by file, each with its place.
#[salsa::tracked]
pub fn check(db: &dyn Db, settings: Settings) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut pipelines = 0;
    let mut all: Vec<Arc<Pipeline>> = Vec::new();
    for path in pipeline_files(db, settings) {
        let lowered = lower(db, db.file(path), settings);
        pipelines += usize::from(lowered.pipeline.is_some());
        all.extend(lowered.pipeline.clone());
        problems.extend(lowered.problems.iter().cloned());
    }
    let declared: Vec<&String> = all.iter().flat_map(|it| &it.parameters).collect();
    for key in settings.set(db).keys().filter(|key| pipelines > 0 && !declared.contains(key)) {
        let help = did_you_mean(key, declared.iter().map(|it| it.as_str()));
        let help = help.unwrap_or_else(|| "parameters are declared under `[parameters]`".to_owned());
        let message = format!("no pipeline declares the parameter `{}`", key.escape_debug());
        problems.push(Problem::new(&pipeline::BAD_PARAMETER, message).help(help));
    }
    if pipelines == 0 && problems.is_empty() {
        let message = "there is no pipeline in this workspace";
        let help = "a pipeline is a TOML file with `[pipeline]` in `pipelines/`, or `hotpass.toml` itself; \
                    `hotpass init` writes one";
        problems.push(Problem::new(&NO_PIPELINE, message).help(help.to_owned()));
    }
    for located in &plan(db, settings).findings {
        let lowered = lower(db, db.file(&located.file), settings);
        problems.push(located.problem(&lowered.spans));
    }
    problems.into_iter().map(|it| pointing::pointed(db, it)).collect()
}
