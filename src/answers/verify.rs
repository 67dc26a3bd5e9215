//! `hotpass verify`: whether what is published is what was recorded, whether the inputs still are, and whether making
//! everything again elsewhere gives the same bytes.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::answers::archive;
use crate::answers::attest::check;
use crate::answers::compare::first_difference;
use crate::answers::difference::{Difference, top};
use crate::escape::line;
use crate::lock::{self, Lock};
use crate::plan::{Operation, Plan, Table, TableMap};
use crate::problem::{Code, Problem};
use crate::publish::{Artefact, Manifest, Written};
use crate::readers::reach::{self, Reach};
use crate::run::warden::Limits;
use crate::run::{self, LockMode, Silent, State, keys};
use crate::scratch::Scratch;
use crate::store::Paths;
use crate::store::backend::EngineFactory;
use crate::store::journal::Journal;
use crate::store::segments::Trust;
use crate::summary::Status;
use crate::workspace::failure::Unanswered;
use crate::workspace::options::options;
use crate::workspace::session::{Asked, Session, Teller, any_error};

/// Neither a workspace nor a manifest nor an archive.
pub const NOTHING_TO_VERIFY: Code = Code::error("hotpass::verify::nothing-to-verify");

/// All codes of this module.
pub const CODES: &[&Code] = &[&NOTHING_TO_VERIFY];

/// What was looked at.
#[derive(Default)]
pub(crate) struct Verified {
    pub(crate) artefacts: usize,
    pub(crate) inputs: Option<usize>,
    pub(crate) rebuilt: bool,
    /// How the attestation is signed, in words.
    pub(crate) attested: Option<String>,
    pub(crate) differences: Vec<Difference>,
}

/// How it ended.
#[derive(Serialize)]
#[serde(tag = "event", rename = "verify.summary")]
struct Summary<'a> {
    status: &'static str,
    artefacts: usize,
    inputs: Option<usize>,
    rebuilt: bool,
    attestation: Option<&'a str>,
}

impl Verified {
    /// Whether everything is as it was recorded.
    pub(crate) fn is_same(&self) -> bool {
        self.differences.is_empty()
    }
}

impl Serialize for Verified {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let summary = Summary {
            status: if self.is_same() { "ok" } else { "different" },
            artefacts: self.artefacts,
            inputs: self.inputs,
            rebuilt: self.rebuilt,
            attestation: self.attested.as_deref(),
        };
        (&self.differences, summary).serialize(to)
    }
}

/// What is verified, and how thoroughly.
#[derive(Clone, Debug, Default)]
pub(crate) struct Request {
    /// A manifest or its folder, if not that of the workspace.
    pub(crate) manifest: Option<PathBuf>,
    /// Whether everything is made again.
    pub(crate) rebuild: bool,
    /// Whether every byte of the store is read.
    pub(crate) store: bool,
    /// The inputs that it is made of, if not those of the workspace.
    pub(crate) archive: Option<PathBuf>,
    /// A statement that it is held against.
    pub(crate) attestation: Option<PathBuf>,
    /// The key that must have signed it.
    pub(crate) public_key: Option<PathBuf>,
    /// What it may take.
    pub(crate) limits: Limits,
}

/// What was named is nothing that can be verified.
fn nothing(path: &Path, reason: &dyn std::fmt::Display) -> Unanswered {
    let message = format!("`{}` cannot be verified: {reason}", line(&path.display().to_string()));
    let help = "`hotpass build` writes a manifest beside what it publishes, `hotpass archive` an archive".to_owned();
    Problem::new(&NOTHING_TO_VERIFY, message).help(help).into()
}

/// The workspace in an archive.
fn unpacked(path: &Path, scratch: &Path) -> Result<PathBuf, Unanswered> {
    let file = reach::open(path).map_err(|error| nothing(path, &error))?;
    let made = scratch.join("inputs");
    fs::create_dir(&made)?;
    // What stands beside its workspace was unpacked with it.
    reach::allow(&made);
    archive::unpack(file, &made).map_err(|error| nothing(path, &error))
}

/// Looks at what is published. `asked` is `None` where there is no workspace.
pub(crate) fn verify(
    asked: Option<&Asked>,
    it: &Request,
    factory: Option<&'static dyn EngineFactory>,
    tell: Teller<'_>,
) -> Result<Verified, Unanswered> {
    let scratch = Scratch::new()?;
    let mut looked = Verified::default();
    if let (true, Some(asked)) = (it.store, asked) {
        // What it finds is put aside, so it is looked for once, by the program that tells of it.
        if factory.is_none() {
            return Err(Unanswered::NeedsEngine);
        }
        looked.differences.extend(store(asked)?);
    }
    let unpacked = it.archive.as_deref().map(|path| unpacked(path, scratch.path())).transpose()?;
    let own = asked.map(|it| manifest_of(&it.root, it.environment.as_deref()));
    let place = match (&it.manifest, &unpacked, &own) {
        (Some(path), _, _) if path.is_dir() => path.join("manifest.json"),
        (Some(path), _, _) => path.clone(),
        (None, Some(workspace), _) => manifest_of(workspace, asked.and_then(|it| it.environment.as_deref())),
        (None, None, Some(own)) => own.clone(),
        (None, None, None) => {
            let problem = Problem::new(&NOTHING_TO_VERIFY, "there is neither a workspace nor a manifest");
            return Err(problem.help("name a workspace with `-C DIR`, or a manifest by its path".to_owned()).into());
        }
    };
    // One that is named stands wherever it is; that of the workspace stands in it.
    let named = it.manifest.is_some() || unpacked.is_some();
    let text = match asked.filter(|_| !named) {
        Some(asked) => Reach::of(&asked.root).text(&place),
        None => reach::text(&place),
    };
    let text = text.map_err(|error| nothing(&place, &error))?;
    let manifest = Manifest::from_json(&text).map_err(|error| nothing(&place, &error))?;
    let folder = place.parent().unwrap_or(Path::new("")).to_owned();
    // The manifest of an archive stands alone: its artefacts are those that are made again.
    let published = it.manifest.is_some() || unpacked.is_none();
    if published {
        files(&manifest, &folder, &mut looked)?;
    }
    let canonical = |path: &Path| fs::canonicalize(path).ok();
    let is_own = own.as_ref().is_some_and(|own| canonical(own) == canonical(&place));
    if let (Some(asked), true, None) = (asked, is_own, &unpacked) {
        inputs(asked, factory, scratch.path(), &manifest, &mut looked, tell)?;
    }
    if let Some(path) = &it.attestation {
        let root = asked.filter(|_| is_own).map(|it| it.root.as_path());
        let checked = check::check(path, it.public_key.as_deref(), &manifest, &folder, root);
        let (differences, how) = checked.map_err(Unanswered::World)?;
        looked.differences.extend(differences);
        looked.attested = Some(how);
    }
    let changed = looked.differences.iter().any(|it| it.what == "input");
    if it.rebuild && !changed {
        let Some(factory) = factory else { return Err(Unanswered::NeedsEngine) };
        let (asked, workspace) = match (unpacked, asked) {
            (Some(workspace), asked) => (asked.cloned().unwrap_or_else(|| nowhere(&workspace, it.limits)), workspace),
            (None, Some(asked)) => (asked.clone(), copied(asked, factory, scratch.path())?),
            (None, None) => {
                let problem = Problem::new(&NOTHING_TO_VERIFY, "there is no workspace to make anything of again");
                return Err(problem.help("name one with `-C DIR`, or `--archive FILE` in its place".to_owned()).into());
            }
        };
        let folder = published.then_some(folder.as_path());
        let archive = it.archive.as_deref();
        if let Some(path) = archive {
            locked(path, &workspace, asked.environment.as_deref())?;
        }
        let built = Rebuild { asked: &asked, workspace: &workspace, factory, scratch: scratch.path(), archive };
        rebuild(&built, &manifest, folder, &mut looked, tell)?;
        looked.rebuilt = true;
    }
    Ok(looked)
}

/// Every byte of the stored tables against what was written. What is damaged is put aside, so that the next build makes
/// it again: the times of its file may not tell.
fn store(asked: &Asked) -> Result<Vec<Difference>, Unanswered> {
    let paths = Paths::new(&asked.root, asked.state.as_deref());
    let Some(_alone) = paths.root().is_dir().then(|| paths.alone()).transpose()?.flatten() else {
        return Ok(Vec::new());
    };
    let damaged = Journal::open(&paths.journal())?.forget(&paths, Trust::Nothing);
    let told = "its bytes are not those that were written; it is put aside, and the next build makes it again";
    Ok(damaged.iter().map(|it| Difference::new("store", it, told)).collect())
}

/// The manifest of a workspace.
fn manifest_of(root: &Path, environment: Option<&str>) -> PathBuf {
    root.join(crate::workspace::session::dist(root, environment)).join("manifest.json")
}

/// What is asked where there is nothing but an archive.
fn nowhere(root: &Path, limits: Limits) -> Asked {
    let jobs = crate::threads::processors();
    Asked { root: root.to_owned(), jobs, limits, ..Asked::default() }
}

/// Every published file against its digest.
fn files(manifest: &Manifest, folder: &Path, looked: &mut Verified) -> Result<(), Unanswered> {
    let reach = Reach::of(&top(manifest, folder));
    for artefact in artefacts(manifest) {
        looked.artefacts += 1;
        if let Some(message) = unlike(artefact, &reach, &folder.join(manifest.from_folder(&artefact.path)))? {
            looked.differences.push(Difference::new("artefact", &artefact.path, message));
        }
    }
    let sums = reach.text(&folder.join("SHA256SUMS")).unwrap_or_default();
    if sums != manifest.sums() {
        let path = format!("{}/SHA256SUMS", manifest.folder());
        looked.differences.push(Difference::new("artefact", &path, "it does not list what the manifest lists"));
    }
    Ok(())
}

fn artefacts(manifest: &Manifest) -> Vec<&Artefact> {
    let mut acc: Vec<&Artefact> = manifest.pipelines().flat_map(|(_, it)| &it.artefacts).collect();
    acc.sort_by(|a, b| a.path.cmp(&b.path));
    acc
}

/// How a file is not the artefact that is listed.
fn unlike(artefact: &Artefact, reach: &Reach, path: &Path) -> Result<Option<String>, Unanswered> {
    let mut file = match reach.open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::InvalidInput => return Ok(Some("it is not a file".to_owned())),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Some("it is not there".to_owned())),
        Err(error) => return Err(Unanswered::World(format!("`{}`: {error}", path.display()))),
    };
    let found = Written::of(&mut file, artefact.rows)?;
    Ok(match () {
        () if found.bytes != artefact.bytes => {
            Some(format!("it has {} bytes, and {} are recorded", found.bytes, artefact.bytes))
        }
        () if found.sha256 != artefact.sha256 || found.blake3 != artefact.blake3 => {
            Some("its bytes are not those recorded".to_owned())
        }
        () => None,
    })
}

/// Every recorded input against what stands in the workspace: cells of sources, and what else the lock has.
fn inputs(
    asked: &Asked,
    factory: Option<&'static dyn EngineFactory>,
    scratch: &Path,
    manifest: &Manifest,
    looked: &mut Verified,
    tell: Teller<'_>,
) -> Result<(), Unanswered> {
    let session = Session::open(asked, factory, false)?;
    let plan = session.plan();
    if plan.needs_engine && factory.is_none() {
        return Err(Unanswered::NeedsEngine);
    }
    let problems = session.problems();
    let mut states = run::settle(&plan, &session.journal);
    let unread = |states: &TableMap<State>| {
        let mut tables = plan.tables.iter().zip(states);
        tables.any(|(it, state)| matches!(it.make, Operation::Read(_)) && !matches!(state, State::Materialized(_)))
    };
    if unread(&states) {
        let Some(factory) = factory else { return Err(Unanswered::NeedsEngine) };
        states = read_again(asked, factory, scratch)?;
    }
    let mut count = 0;
    for (pipeline, section) in manifest.pipelines() {
        for source in &section.sources {
            count += source.files.len();
            let name = match source.name.contains('.') {
                true => source.name.clone(),
                false => format!("{pipeline}.{}", source.name),
            };
            // A source that others correct has the name of what is made of both.
            let is_it = |it: &Table| match &it.make {
                Operation::Read(reading) => !reading.aside && it.name.to_string() == name,
                _ => false,
            };
            let now = plan.tables.entries().find(|(_, it)| is_it(it)).map(|(at, it)| (&it.make, &states[at]));
            let message = match now {
                Some((Operation::Read(reading), State::Materialized(settled))) => {
                    let cells = keys::table_digest(settled);
                    let was: Vec<&str> = source.files.iter().map(|it| it.path.as_str()).collect();
                    let is: Vec<String> = reading.files.iter().map(|it| keys::slashed(&it.path)).collect();
                    match () {
                        () if was != is => Some(format!("source `{name}` is read from `{}` now", is.join("`, `"))),
                        () if source.files.iter().any(|it| it.cells != cells) => {
                            Some(format!("its cells are not those that source `{name}` was read with"))
                        }
                        () => None,
                    }
                }
                _ => Some(format!("source `{name}` cannot be read any more")),
            };
            if let (Some(message), Some(file)) = (message, source.files.first()) {
                looked.differences.push(Difference::new("input", &file.path, message));
            }
        }
    }
    looked.inputs = Some(count);
    if any_error(&problems) {
        tell(&asked.root, &problems);
        let message = "the pipelines have problems".to_owned();
        looked.differences.push(Difference { what: "input", path: None, message });
        return Ok(());
    }
    if let Ok(Some(mut recorded)) = Lock::read(&session.root, session.environment()) {
        let mut now = run::lock_now(&plan, &states, &session.journal, session.asked_for(), &recorded);
        // Sources have been told; a build of some targets may have read them anew since the lock was written.
        for it in recorded.pipeline.values_mut().chain(now.pipeline.values_mut()) {
            it.source.clear();
        }
        (now.profile, now.parameters) = (recorded.profile.clone(), recorded.parameters.clone());
        for message in recorded.differences(&now) {
            looked.differences.push(Difference { what: "input", path: None, message });
        }
    }
    Ok(())
}

/// Reads all sources in a store of its own, so that looking leaves no trace.
fn read_again(
    asked: &Asked,
    factory: &'static dyn EngineFactory,
    scratch: &Path,
) -> Result<TableMap<State>, Unanswered> {
    let asked = Asked { state: Some(scratch.join("reading")), ..asked.clone() };
    let session = Session::open(&asked, Some(factory), true)?;
    let plan = session.plan();
    let sources = |plan: &Plan| plan.tables.iter().map(|it| matches!(it.make, Operation::Read(_))).collect();
    let mut options = options(&session, &plan, &asked);
    (options.tables, options.exports, options.lock) = (sources(&plan), plan.exports.map(|_| false), LockMode::Leave);
    let built = run::run(&plan, &session.paths, &session.journal, &options, &Silent)?;
    Ok(built.states)
}

/// The inputs of a workspace in another place, by the way an archive takes.
fn copied(asked: &Asked, factory: &'static dyn EngineFactory, scratch: &Path) -> Result<PathBuf, Unanswered> {
    let session = Session::open(asked, Some(factory), false)?;
    let plan = session.plan();
    let mut file = tempfile::tempfile_in(scratch)?;
    archive::write(&session, &plan, &mut file)?;
    let folder = scratch.join("inputs");
    fs::create_dir(&folder)?;
    reach::allow(&folder);
    Ok(archive::unpack(file, &folder)?)
}

/// An archive without its lock says nothing of what its inputs are.
fn locked(archive: &Path, workspace: &Path, environment: Option<&str>) -> Result<(), Unanswered> {
    let file = lock::file(environment);
    match Lock::read(workspace, environment) {
        Ok(Some(_)) => Ok(()),
        Ok(None) => Err(nothing(archive, &format!("it has no `{}`", file.display()))),
        Err(reason) => Err(nothing(archive, &format!("its `{}` cannot be read: {reason}", file.display()))),
    }
}

/// What is made again, and where.
struct Rebuild<'a> {
    asked: &'a Asked,
    /// The inputs.
    workspace: &'a Path,
    factory: &'static dyn EngineFactory,
    scratch: &'a Path,
    /// The archive that the inputs come from, if they do.
    archive: Option<&'a Path>,
}

/// What an archive has that its lock does not name: files that no build of it reads, and inputs that are not those
/// recorded.
fn more(session: &Session, plan: &Plan, scratch: &Path, looked: &mut Verified) -> Result<(), Unanswered> {
    for place in archive::strangers(session, plan, &scratch.join("inputs"))? {
        let message = "no build of this archive reads it, and `hotpass archive` writes no such file";
        looked.differences.push(Difference::new("archive", &place, message));
    }
    Ok(())
}

/// How the inputs of an archive differ from what its lock names.
fn unrecorded(session: &Session, plan: &Plan, states: &TableMap<State>, recorded: &Lock, looked: &mut Verified) {
    let mut recorded = recorded.clone();
    let mut now = run::lock_now(plan, states, &session.journal, session.asked_for(), &recorded);
    // What is made is compared file by file. Another version may have other recipes for the same.
    (recorded.artefact, now.artefact) = Default::default();
    if recorded.engine != now.engine {
        recorded.engine.clone_from(&now.engine);
        for it in recorded.pipeline.values_mut().chain(now.pipeline.values_mut()) {
            *it = lock::Pipeline { file: it.file.clone(), source: it.source.clone(), ..lock::Pipeline::default() };
        }
    }
    for message in recorded.differences(&now) {
        looked.differences.push(Difference { what: "archive", path: None, message });
    }
}

/// Makes everything again in the workspace and compares it with what is recorded, and with what is published.
fn rebuild(
    &Rebuild { asked, workspace, factory, scratch, archive }: &Rebuild<'_>,
    manifest: &Manifest,
    folder: Option<&Path>,
    looked: &mut Verified,
    tell: Teller<'_>,
) -> Result<(), Unanswered> {
    let recorded = Lock::read(workspace, asked.environment.as_deref()).ok().flatten().unwrap_or_default();
    let root = fs::canonicalize(workspace)?;
    let (profile, set) = (recorded.profile.clone(), recorded.parameters.clone());
    let published = manifest_of(&root, asked.environment.as_deref());
    let asked = Asked { root, state: Some(scratch.join("state")), profile, set, ..asked.clone() };
    let session = Session::open(&asked, Some(factory), true)?;
    let plan = session.plan();
    let problems = session.problems();
    if any_error(&problems) {
        tell(&asked.root, &problems);
        return Err(Unanswered::Refused(Vec::new()));
    }
    if archive.is_some() {
        more(&session, &plan, scratch, looked)?;
        if !looked.is_same() {
            return Ok(());
        }
    }
    // What was published before must not be taken for what is made now.
    let _ = fs::remove_file(published);
    let options = options(&session, &plan, &asked);
    let built = run::run(&plan, &session.paths, &session.journal, &options, &Silent)?;
    if archive.is_some() {
        unrecorded(&session, &plan, &built.states, &recorded, looked);
    }
    if built.summary.status != Status::Ok {
        tell(&asked.root, &built.summary.problems);
        let failures = built.summary.failures.join("; ");
        return match failures.is_empty() {
            true => Err(Unanswered::Refused(Vec::new())),
            false => Err(Unanswered::World(failures)),
        };
    }
    let engine = factory.open(&session.setup).map_err(|error| Unanswered::World(error.to_string()))?;
    for artefact in artefacts(manifest) {
        let again = asked.root.join(&artefact.path);
        if folder.is_none() {
            looked.artefacts += 1;
        }
        let Some(message) = unlike(artefact, &Reach::of(&asked.root), &again)? else { continue };
        let published = folder.map(|it| it.join(manifest.from_folder(&artefact.path))).filter(|it| it.is_file());
        let export = plan.exports.iter().find(|it| it.writes(Path::new(&artefact.path)));
        let message = match (published, export) {
            (_, None) => "no pipeline makes it any more".to_owned(),
            (None, Some(_)) => format!("recomputed, {message}"),
            (Some(published), Some(export)) => {
                let mut worker = engine.worker().map_err(|error| Unanswered::World(error.to_string()))?;
                let format = &export.declared.format;
                first_difference(&published, &again, format, &session.reader, &mut *worker)
            }
        };
        looked.differences.push(Difference::new("rebuild", &artefact.path, message));
    }
    Ok(())
}
