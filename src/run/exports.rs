//! Artefacts as they stand: the key of each, what is on disk of it, and how the lock would differ.

use std::collections::BTreeMap;
use std::path::Path;

use crate::digest::{Digest, Hasher};
use crate::lock::{self, Lock};
use crate::pipeline::ExportFormat;
use crate::plan::{CheckId, ExportMap, Plan, PlannedExport, TableId, TableMap};
use crate::publish::Written;
use crate::readers::reach::Reach;
use crate::run::docs::Known;
use crate::run::keys::{Materialized, State};
use crate::run::records::Lines;
use crate::run::sites::Sites;
use crate::run::world::revision_of;
use crate::run::writers::Made;
use crate::run::{RunOptions, checks, promised, records, writers};
use crate::store::Paths;
use crate::store::journal::{Artefact, Counts, Journal, Record};
use crate::summary::ArtefactLine;
use crate::system::Revision;

/// Raised when a writer writes something else for the same table and options.
const REVISION: u64 = 1;

pub(super) fn artefact(path: String, key: Digest, made: &Written, revision: Option<Revision>) -> Record {
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

/// How what is known so far differs from `hotpass.lock`.
pub(super) fn differences(
    plan: &Plan,
    made: (&TableMap<State>, &Journal),
    lines: &Lines,
    counts: &BTreeMap<CheckId, Counts>,
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
pub(super) fn standing(
    plan: &Plan,
    states: &TableMap<State>,
    journal: &Journal,
    root: &Path,
    paths: &Paths,
) -> ExportMap<Standing> {
    let counts = super::counts(plan, states, journal);
    let mut held = BTreeMap::new();
    for (index, check) in plan.expectations.entries() {
        held.insert(index, counts.get(&index).and_then(|it| checks::held(check, it)));
    }
    let mut sites = Sites::new(Known { plan, states, counts: &counts, journal, paths });
    let pages: Vec<Option<Digest>> = plan.exports.iter().map(|it| sites.key(it)).collect();
    let one = |(export, page): (&PlannedExport, &Option<Digest>)| {
        let Some(settled) = settled(export, states) else { return Standing::Written };
        let under = |held: &BTreeMap<CheckId, Option<bool>>| {
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
pub(super) fn line(export: &PlannedExport, artefact: &Artefact) -> ArtefactLine {
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
pub(super) fn standing_artefact(
    journal: &Journal,
    root: &Path,
    export: &PlannedExport,
    key: &Digest,
) -> Option<Vec<Artefact>> {
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
pub(super) fn settled<'a>(export: &PlannedExport, states: &'a TableMap<State>) -> Option<Vec<&'a Materialized>> {
    let one = |table: TableId| match &states[table] {
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
    held: &BTreeMap<CheckId, Option<bool>>,
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
            if let Some(at) = schema.place(name) {
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
