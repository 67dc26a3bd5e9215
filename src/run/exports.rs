//! Publishing: all artefacts of a build are staged and put in place together, the manifest last. What stands as it
//! would be written is left alone; what a failed gate stops is left as it was.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::bug;
use crate::digest::{Digest, Hasher};
use crate::history::{self, History};
use crate::lock::{self, Lock};
use crate::pipeline::ExportFormat;
use crate::plan::{Plan, PlannedExport};
use crate::problem::Problem;
use crate::publish::{self, PublishError, Staging, Written};
use crate::readers::reach::Reach;
use crate::run::docs::Known;
use crate::run::keys::{Materialized, State, slashed};
use crate::run::ours::{self, Ours};
use crate::run::sites::{self, Sites};
use crate::run::world::revision_of;
use crate::run::writers::Made;
use crate::run::{About, LazyEngine, LockMode, RunError, RunOptions, checks, learnt, promised, records, writers};
use crate::store::Paths;
use crate::store::journal::{Artefact, Counts, Journal, Record};
use crate::store::stamp::Stamp;
use crate::summary::ArtefactLine;
use crate::system::Revision;

/// Raised when a writer writes something else for the same table and options.
const REVISION: u64 = 1;

/// The files of each export, as far as they are known.
type Lines = Vec<Option<Vec<ArtefactLine>>>;

/// What publishing came to.
pub(super) struct Published {
    /// Artefacts as they stand, as far as they were asked for.
    pub lines: Vec<ArtefactLine>,
    /// How many artefacts were asked for and not put in place.
    pub withheld: usize,
    /// What is not as `hotpass.lock` has it: nothing was published then.
    pub differences: Vec<String>,
    /// Files as this build left or found them, by path.
    pub seen: Vec<(PathBuf, Revision)>,
    /// Whether files beside artefacts are left for the next build to take away.
    pub leaves_remains: bool,
}

/// What stands before all artefacts, and before some.
pub(super) struct Gates<'a> {
    /// For each expectation that could be taken, whether it held.
    pub held: BTreeMap<usize, Option<bool>>,
    /// What each of them counted.
    pub counts: &'a BTreeMap<usize, Counts>,
    /// Whether anything may be published.
    pub open: bool,
}

pub(super) fn publish(
    plan: &Plan,
    states: &[State],
    gates: &Gates<'_>,
    journal: &Journal,
    options: &RunOptions<'_>,
    engine: &LazyEngine<'_>,
    problems: &mut Vec<(About, Problem)>,
) -> Result<Published, RunError> {
    let mut lines: Lines = vec![None; plan.exports.len()];
    let mut due = Vec::new();
    let (held, mut open) = (&gates.held, gates.open);
    let mut sites = Sites::new(Known { plan, states, counts: gates.counts, journal, paths: engine.paths });
    let mut seen = Vec::new();
    for (index, export) in plan.exports.iter().enumerate().filter(|(index, _)| options.exports[*index]) {
        let Some(settled) = settled(export, states) else {
            open = false;
            continue;
        };
        // What cannot tell yet would never learn if it held back what it learns from.
        let waits = |gate: &usize| gates.counts.get(gate).is_some_and(Counts::waits);
        let stops =
            |gate: &usize| !waits(gate) && plan.expectations[*gate].declared.stops(held.get(gate).copied().flatten());
        if export.gates.iter().any(stops) {
            open = false;
            continue;
        }
        let key = sites.key(export).unwrap_or_else(|| export_key(plan, export, &settled, held));
        match standing_artefact(journal, &options.root, export, &key) {
            Some(files) => {
                seen.extend(files.iter().filter_map(|it| Some((PathBuf::from(&it.path), it.revision?))));
                lines[index] = Some(files.iter().map(|it| line(export, it)).collect());
            }
            None => due.push((index, key)),
        }
    }
    let told = |lines: Lines| Published {
        lines: lines.into_iter().flatten().flatten().collect(),
        withheld: 0,
        differences: Vec::new(),
        seen: Vec::new(),
        leaves_remains: false,
    };
    let asked = options.exports.iter().filter(|it| **it).count();
    let withheld = |lines| Published { withheld: asked, ..told(lines) };
    // One build, one set of artefacts: when a gate is shut, everything stays as it was.
    if !open || options.cancel.is_cancelled() || options.lock == LockMode::Leave {
        return Ok(withheld(lines));
    }
    if !due.is_empty() {
        // Opens the engine, or says that there is none, before anything is staged.
        engine.with(|_| Ok(()))?;
    }
    sweep(plan, options)?;
    // A build that is killed from here on leaves files beside artefacts, and the next one is to look for them.
    Stamp::forget(&engine.paths.stamp())?;
    let mut staging = Staging::new(&options.root);
    let mut written = Vec::new();
    for (index, key) in due {
        let export = &plan.exports[index];
        let Some(settled) = settled(export, states) else { continue };
        let doing = format!("writing `{}`", export.declared.path);
        let watch = engine.watched();
        let staged = match watch.cancel().check() {
            Ok(()) => bug::doing(&doing, || match export.page() {
                Some(_) => sites.stage(export, (engine, &watch), &mut staging).map(|it| vec![it]),
                None => writers::stage(plan, export, &settled, held, journal, (engine, &watch), &mut staging),
            }),
            Err(error) => Err(PublishError::Rows(error.to_string())),
        };
        match staged {
            Ok(made) => written.push((index, key, made)),
            Err(PublishError::Io(_) | PublishError::Rows(_)) if let Some(passed) = watch.passed() => {
                let refused = passed.refused(&format!("`{}`", export.declared.path), "written");
                problems.push((About::Export(index), refused));
                return Ok(withheld(Vec::new()));
            }
            Err(PublishError::Problem(problem)) => {
                problems.push((About::Export(index), *problem));
                return Ok(withheld(Vec::new()));
            }
            Err(PublishError::Io(error)) => {
                return Err(RunError::World(format!("`{}` cannot be written: {error}", export.declared.path)));
            }
            Err(PublishError::Rows(reason)) => {
                options.cancel.check()?;
                return Err(RunError::World(format!("`{}` cannot be written: {reason}", export.declared.path)));
            }
        }
    }
    let ours = Ours::new(plan, &options.root, journal, options.overwrite);
    let mut changed = Vec::new();
    let mut foreign = Vec::new();
    let all = written.iter().flat_map(|(index, _, made)| made.iter().map(|it| (About::Export(*index), it)));
    for (about, Made { path, written }) in all {
        let Some(place) = staging.place(Path::new(path)) else { continue };
        match ours.standing(path, place, written) {
            ours::Standing::Free => (),
            ours::Standing::Changed => changed.push((about, path.clone(), place.to_owned())),
            ours::Standing::Foreign(reason) => foreign.push((about, ours::foreign(path, reason))),
        }
    }
    if !foreign.is_empty() {
        problems.extend(foreign);
        return Ok(withheld(Vec::new()));
    }
    for (index, _, made) in &written {
        let one = |Made { path, written }: &Made| ArtefactLine {
            path: path.clone(),
            blake3: written.blake3,
            sha256: written.sha256,
            bytes: written.bytes,
            rows: written.rows,
            written: true,
            folder: plan.exports[*index].folder().map(str::to_owned),
        };
        lines[*index] = Some(made.iter().map(one).collect());
    }
    let notes = match notes(plan, (states, journal), &lines, gates.counts, options) {
        Ok(notes) => notes,
        Err(differences) => return Ok(Published { differences, ..withheld(Vec::new()) }),
    };
    let anything = !written.is_empty() || !notes.is_empty();
    if !anything {
        return Ok(Published { seen, ..told(lines) });
    }
    if let Some(note) = ours.foreign_note(&notes) {
        let foreign = ours::foreign(&slashed(note), "a file that hotpass did not write stands there");
        problems.push((About::Workspace, foreign));
        return Ok(withheld(Vec::new()));
    }
    for (about, path, place) in &changed {
        problems.push((*about, ours::kept(path, place, engine.paths)?));
    }
    let record = |left: &[(PathBuf, Revision)]| {
        let of = |(index, key, made): &(usize, Digest, Vec<Made>)| {
            let one = |Made { path, written }: &Made| {
                let revision = left.iter().find(|(it, _)| it == Path::new(path)).map(|(_, it)| *it);
                artefact(path.clone(), *key, written, revision)
            };
            let files = made.iter().map(one).collect::<Vec<_>>();
            files.into_iter().chain(whole(&plan.exports[*index], *key, made)).collect::<Vec<_>>()
        };
        written.iter().flat_map(of).collect::<Vec<_>>()
    };
    // What is about to stand is ours, also when nobody lives to say that it does, or the power goes.
    if !written.is_empty() {
        engine.paths.create()?;
        journal.append(record(&[]))?;
        journal.sync()?;
    }
    let files: Vec<_> = lines.iter().map(|it| Some(it.as_ref()?.iter().map(|it| it.path.as_str()).collect())).collect();
    sites::sweep(plan, &files, &options.root, &ours)?;
    let placed = staging
        .commit(&notes)
        .map_err(|error| RunError::World(format!("artefacts cannot be put in place: {error}")))?;
    let left = placed.files.into_iter().filter_map(|(path, it)| Some((path, Revision::of(&it)?)));
    seen.extend(left);
    if !written.is_empty() {
        journal.append(record(&seen))?;
    }
    Ok(Published { seen, leaves_remains: placed.leaves_remains, ..told(lines) })
}

fn artefact(path: String, key: Digest, made: &Written, revision: Option<Revision>) -> Record {
    Record::Artefact(Artefact {
        path,
        key,
        blake3: made.blake3,
        sha256: made.sha256,
        bytes: made.bytes,
        rows: made.rows,
        guarded: made.guarded,
        revision,
    })
}

/// What stands for a folder of files: under its own path, so that it is known which files are all of them.
pub(super) fn whole(export: &PlannedExport, key: Digest, made: &[Made]) -> Option<Record> {
    let path = export.is_partitioned().then(|| export.declared.path.clone())?;
    let sum = |of: fn(&Written) -> u64| made.iter().map(|it| of(&it.written)).sum();
    let blake3 = prints(made.iter().map(|it| (it.path.as_str(), it.written.blake3)));
    let (bytes, rows, guarded, sheets, cut) = (sum(|it| it.bytes), sum(|it| it.rows), 0, 1, 0);
    let written = Written { bytes, rows, blake3, sha256: *blake3.as_bytes(), guarded, cut, sheets };
    Some(artefact(path, key, &written, None))
}

/// Of files, each with its digest, in the order of their paths.
fn prints<'a>(files: impl Iterator<Item = (&'a str, Digest)>) -> Digest {
    let mut files: Vec<_> = files.collect();
    files.sort_unstable();
    let mut hasher = Hasher::new("hotpass files of an artefact v1");
    for (path, blake3) in files {
        hasher.text(path).digest(&blake3);
    }
    hasher.finish()
}

/// Removes what killed builds left where this one writes.
fn sweep(plan: &Plan, options: &RunOptions<'_>) -> std::io::Result<()> {
    let parent = |it: &PlannedExport| Path::new(&it.declared.path).parent().map(Path::to_owned);
    let mut folders: Vec<PathBuf> = plan.exports.iter().filter_map(parent).collect();
    for export in &plan.exports {
        if let ExportFormat::Partitioned(by) = &export.declared.format {
            beneath(&options.root, Path::new(&export.declared.path), by.len(), &mut folders);
        }
    }
    folders.extend([plan.dist.clone(), PathBuf::new()]);
    folders.sort();
    folders.dedup();
    publish::sweep(&options.root, &folders)
}

/// Folders so many levels beneath one; links are not followed.
fn beneath(root: &Path, folder: &Path, levels: usize, acc: &mut Vec<PathBuf>) {
    acc.push(folder.to_owned());
    let Some(levels) = levels.checked_sub(1) else { return };
    let Ok(entries) = std::fs::read_dir(root.join(folder)) else { return };
    for entry in entries.flatten().filter(|it| it.file_type().is_ok_and(|it| it.is_dir())) {
        beneath(root, &folder.join(entry.file_name()), levels, acc);
    }
}

/// What is to be written down and does not stand yet, in the order in which it shows. The differences instead, when
/// the lock is not to be changed and would be.
fn notes(
    plan: &Plan,
    (states, journal): (&[State], &Journal),
    lines: &[Option<Vec<ArtefactLine>>],
    counts: &BTreeMap<usize, Counts>,
    options: &RunOptions<'_>,
) -> Result<Vec<(PathBuf, String)>, Vec<String>> {
    let mut notes = Vec::new();
    let environment = plan.environment.as_deref();
    let manifest = records::manifest(plan, states, lines, options);
    let stands = options.root.join(&plan.dist).join("manifest.json").is_file();
    if stands || manifest.pipelines().next().is_some() {
        notes.push((plan.dist.join("SHA256SUMS"), manifest.sums()));
        notes.push((plan.dist.join("manifest.json"), manifest.to_json()));
    }
    match options.lock {
        LockMode::Keep => {
            let differences = differences(plan, (states, journal), lines, counts, options);
            if !differences.is_empty() {
                return Err(differences);
            }
        }
        // A build of some targets would record sources that other artefacts were not made from.
        LockMode::Write if options.tables.iter().chain(&options.exports).all(|it| *it) => {
            let recorded = Lock::read(&options.root, environment).ok().flatten().unwrap_or_default();
            let lock = records::lock(plan, (states, journal), lines, counts, options.settings(), &recorded);
            notes.push((lock::file(environment), lock.to_toml()));
            notes.extend(written_down(plan, states, counts, options).map(|it| (history::file(environment), it)));
        }
        LockMode::Write | LockMode::Leave => (),
    }
    // Watchers and version control see no idle write.
    let reach = Reach::of(&options.root);
    notes.retain(|(path, text)| reach.bytes(path).map_or(true, |it| it != text.as_bytes()));
    Ok(notes)
}

/// The history with what this build adds; nothing where it adds nothing, or where what stands cannot be read.
fn written_down(
    plan: &Plan,
    states: &[State],
    counts: &BTreeMap<usize, Counts>,
    options: &RunOptions<'_>,
) -> Option<String> {
    let text = match Reach::of(&options.root).text(&history::file(plan.environment.as_deref())) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(_) => return None,
    };
    let (written, damaged) = History::parse(&text);
    let added = learnt::added(plan, states, counts, &written);
    (damaged.is_empty() && !added.is_empty()).then(|| history::with_lines(&text, &added))
}

/// How what is known so far differs from `hotpass.lock`.
pub(super) fn differences(
    plan: &Plan,
    made: (&[State], &Journal),
    lines: &[Option<Vec<ArtefactLine>>],
    counts: &BTreeMap<usize, Counts>,
    options: &RunOptions<'_>,
) -> Vec<String> {
    let environment = plan.environment.as_deref();
    let file = lock::file(environment);
    match Lock::read(&options.root, environment) {
        Ok(Some(recorded)) => {
            recorded.differences(&records::lock(plan, made, lines, counts, options.settings(), &recorded))
        }
        Ok(None) => vec![format!("there is no `{}`", file.display())],
        Err(reason) => vec![format!("`{}` cannot be read: {reason}", file.display())],
    }
}

/// What becomes of an artefact, as far as that is known without making anything.
#[derive(Clone, PartialEq, Debug)]
pub enum Standing {
    /// It stands as a build would write it.
    Exists,
    /// It stands, unless a check comes out otherwise that is to be taken first.
    Perhaps,
    /// It is to be written, or its table is to be made first.
    Written,
}

/// Artefacts as a build would find them.
pub(super) fn standing(plan: &Plan, states: &[State], journal: &Journal, root: &Path, paths: &Paths) -> Vec<Standing> {
    let counts = super::counts(plan, states, journal);
    let mut held = BTreeMap::new();
    for (index, check) in plan.expectations.iter().enumerate() {
        held.insert(index, counts.get(&index).and_then(|it| checks::held(check, it)));
    }
    let mut sites = Sites::new(Known { plan, states, counts: &counts, journal, paths });
    let pages: Vec<Option<Digest>> = plan.exports.iter().map(|it| sites.key(it)).collect();
    let one = |(export, page): (&PlannedExport, &Option<Digest>)| {
        let Some(settled) = settled(export, states) else { return Standing::Written };
        let under = |held: &BTreeMap<usize, Option<bool>>| {
            let key = page.unwrap_or_else(|| export_key(plan, export, &settled, held));
            standing_artefact(journal, root, export, &key)
        };
        if under(&held).is_some() {
            return Standing::Exists;
        }
        let open = || export.gates.iter().any(|it| held.get(it).is_some_and(Option::is_none));
        let all = |verdict: bool| held.iter().map(|(at, it)| (*at, it.or(Some(verdict)))).collect();
        match open() && [true, false].into_iter().any(|it| under(&all(it)).is_some()) {
            true => Standing::Perhaps,
            false => Standing::Written,
        }
    };
    plan.exports.iter().zip(&pages).map(one).collect()
}

/// An artefact that stands.
fn line(export: &PlannedExport, artefact: &Artefact) -> ArtefactLine {
    ArtefactLine {
        path: artefact.path.clone(),
        blake3: artefact.blake3,
        sha256: artefact.sha256,
        bytes: artefact.bytes,
        rows: artefact.rows,
        written: false,
        folder: export.folder().map(str::to_owned),
    }
}

/// The files on disk, if they are all that this key stands for.
fn standing_artefact(journal: &Journal, root: &Path, export: &PlannedExport, key: &Digest) -> Option<Vec<Artefact>> {
    let artefact = journal.known(|it| it.artefacts.get(&export.declared.path).cloned())?;
    if artefact.key != *key {
        return None;
    }
    if !export.is_partitioned() {
        return Some(vec![standing_file(root, artefact)?]);
    }
    let own = |it: &&Artefact| it.key == *key && it.path != artefact.path && export.writes(Path::new(&it.path));
    let mut files: Vec<Artefact> = journal.known(|it| it.artefacts.values().filter(own).cloned().collect());
    files.sort_unstable_by(|a, b| a.path.cmp(&b.path));
    let all = prints(files.iter().map(|it| (it.path.as_str(), it.blake3))) == artefact.blake3;
    all.then(|| files.into_iter().map(|it| standing_file(root, it)).collect())?
}

/// A file, if it stands as it was written. When its times moved, its bytes are looked at.
fn standing_file(root: &Path, artefact: Artefact) -> Option<Artefact> {
    let path = root.join(&artefact.path);
    let now = revision_of(&path)?;
    if artefact.revision == Some(now) {
        return Some(artefact);
    }
    let artefact = Artefact { revision: Some(now), ..artefact };
    let mut file = Reach::of(root).open(Path::new(&artefact.path)).ok()?;
    let found = Written::of(&mut file, artefact.rows).ok()?;
    (found.blake3 == artefact.blake3).then_some(artefact)
}

/// What is known of the tables of an export, once all of them are made.
pub(super) fn settled<'a>(export: &PlannedExport, states: &'a [State]) -> Option<Vec<&'a Materialized>> {
    let one = |table: usize| match &states[table] {
        State::Materialized(settled) => Some(settled),
        _ => None,
    };
    export.tables().map(one).collect()
}

/// Everything that decides the bytes of an artefact.
pub(super) fn export_key(
    plan: &Plan,
    export: &PlannedExport,
    settled: &[&Materialized],
    held: &BTreeMap<usize, Option<bool>>,
) -> Digest {
    let mut hasher = Hasher::new("hotpass export key v1");
    for (number, ((table, columns), settled)) in writers::parts(export).zip(settled).enumerate() {
        if number == 0 {
            hasher.number(REVISION).number(settled.rows).text(&plan.tables[table].name.name);
            hasher.json(&export.declared.format);
        } else {
            hasher.number(settled.rows).text(&plan.tables[table].name.name);
        }
        let schema = &plan.tables[table].schema;
        for name in columns {
            if let Some(at) = schema.columns.iter().position(|it| it.name == *name) {
                hasher.text(name).text(&schema.columns[at].ty.spelling()).digest(&settled.columns[at]);
            }
        }
    }
    if export.declared.format.workbook().is_some_and(|it| it.summary) {
        for gate in &export.gates {
            let verdict = match held.get(gate) {
                None => "not wanted",
                Some(None) => "not taken",
                Some(Some(true)) => "held",
                Some(Some(false)) => "failed",
            };
            if let (Some(Some(false)), Some(waiver)) = (held.get(gate), plan.expectations[*gate].declared.waived()) {
                hasher.text(&waiver.words());
            }
            hasher.text(&plan.expectations[*gate].declared.id).text(verdict);
        }
    }
    // What is promised is written into workbooks and Parquet.
    let is_parquet = matches!(export.declared.format, ExportFormat::Parquet | ExportFormat::Partitioned(_));
    if export.declared.format.workbook().is_some() || is_parquet {
        let notes = promised::notes(plan, export);
        if !notes.is_empty() {
            hasher.text("promised 2").json(&notes);
        }
    }
    hasher.finish()
}
