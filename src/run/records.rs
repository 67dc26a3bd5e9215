//! What is written down beside artefacts: the manifest says what stands published, the lock what the last whole build
//! was made from. Both follow from the plan, from what is settled and from what was published before.

use std::collections::BTreeMap;
use std::path::Path;

use crate::digest::{Hex, digest_of};
use crate::drift;
use crate::lock::{self, Lock};
use crate::pipeline::{Drift, Page};
use crate::plan::{CheckId, ExportMap, Operation, Plan, PlannedExport, Reading, Role, Table, TableId, TableMap};
use crate::publish::{Artefact, Kept, Manifest, Section, Source, SourceFile, Written};
use crate::readers::Evidence;
use crate::run::keys::{self, Materialized, State, slashed};
use crate::run::{RunOptions, Settings, gates, notices};
use crate::steps::Notice;
use crate::store::engine::IDENTITY;
use crate::store::journal::{Counts, Journal};
use crate::summary::ArtefactLine;

/// The files of each export, as far as they are known.
pub(super) type Lines = ExportMap<Option<Vec<ArtefactLine>>>;

/// The manifest after this build: artefacts that it looked at as they are now, others of declared exports as they
/// were, and nothing of exports and pipelines that are gone.
pub(super) fn manifest(plan: &Plan, states: &TableMap<State>, lines: &Lines, options: &RunOptions<'_>) -> Manifest {
    // A damaged manifest is made anew: what it said of exports that were not asked for comes back with them.
    let before = Manifest::read(&options.root, &plan.dist).unwrap_or_else(|_| Manifest::new(&plan.dist));
    let mut manifest = Manifest::new(&plan.dist);
    let needs = plan.needs();
    for pipeline in plan.pipelines.keys() {
        let was = before.section(pipeline);
        let mut artefacts = Vec::new();
        let mut sources: BTreeMap<String, Source> = BTreeMap::new();
        for (export, line) in plan.exports.iter().zip(lines).filter(|(it, _)| it.name.pipeline == *pipeline) {
            let own = |it: &&Artefact| export.writes(Path::new(&it.path));
            let listed = || was.iter().flat_map(|it| &it.artefacts).filter(own).cloned().collect();
            let files: Vec<Artefact> = line.as_ref().map_or_else(listed, |it| it.iter().map(listing).collect());
            if files.is_empty() && line.is_none() {
                continue;
            }
            artefacts.extend(files);
            let reached = crate::graph::upstream(export.tables(), &needs);
            for (index, table) in plan.tables.entries().filter(|(index, _)| reached[*index]) {
                let Operation::Read(reading) = &table.make else { continue };
                if reading.aside {
                    continue;
                }
                // Who reads a source of another pipeline says so: both may have one of the same name.
                let own = table.name.pipeline == *pipeline;
                let name = &if own { table.name.name.clone() } else { table.name.to_string() };
                let read = match &states[index] {
                    State::Materialized(settled) if line.is_some() => Some(read(name, reading, settled)),
                    _ => was.and_then(|it| it.sources.iter().find(|it| it.name == *name).cloned()),
                };
                // What an artefact of this build was made from counts for more than what an older one was.
                match read {
                    Some(read) if line.is_some() => drop(sources.insert(name.clone(), read)),
                    Some(read) => drop(sources.entry(name.clone()).or_insert(read)),
                    None => (),
                }
            }
        }
        if !artefacts.is_empty() {
            let kept = plan.contracts.iter().filter(|it| it.pipeline == *pipeline).map(|it| {
                let kept = Kept { digest: it.contract.digest(), version: it.contract.version.to_string() };
                (it.contract.name.clone(), kept)
            });
            let contracts = kept.collect();
            manifest.set(pipeline, Section { artefacts, contracts, sources: sources.into_values().collect() });
        }
    }
    manifest
}

fn read(name: &str, reading: &Reading, settled: &Materialized) -> Source {
    let cells = keys::table_digest(settled);
    let files = reading.files.iter().map(|it| SourceFile { cells, path: slashed(&it.path) });
    Source { files: files.collect(), name: name.to_owned() }
}

fn listing(line: &ArtefactLine) -> Artefact {
    let written = Written {
        bytes: line.bytes,
        rows: line.rows,
        blake3: line.blake3,
        sha256: line.sha256,
        guarded: 0,
        sheets: 0,
        cut: 0,
    };
    Artefact::new(Path::new(&line.path), &written)
}

/// The lock as a build with these settings would write it. Sources that are not settled and artefacts that are not told keep what is
/// recorded, so that a lock can be compared before anything is made.
pub(super) fn lock(
    plan: &Plan,
    (states, journal): (&TableMap<State>, &Journal),
    lines: &Lines,
    counts: &BTreeMap<CheckId, Counts>,
    (profile, set): Settings<'_>,
    recorded: &Lock,
) -> Lock {
    let mut lock =
        Lock { profile: profile.clone(), parameters: set.clone(), profiles: BTreeMap::new(), ..Lock::new(IDENTITY) };
    for (name, file) in &plan.pipelines {
        let mut pipeline = lock::Pipeline { file: slashed(file), ..lock::Pipeline::default() };
        if let Some(knowledge) = plan.knowledge.get(name) {
            lock.profiles.extend(knowledge.profiles.iter().map(|(name, it)| (name.clone(), Hex(*it))));
            pipeline.lookups = knowledge.lookups.iter().map(|(name, it)| (name.clone(), Hex(*it))).collect();
        }
        let own = |it: &Table| it.name.pipeline == *name && !matches!(&it.make, Operation::Read(it) if it.aside);
        for (index, table) in plan.tables.entries().filter(|(_, it)| own(it)) {
            let own = table.name.name.clone();
            match (&table.make, &states[index]) {
                (Operation::Read(reading), State::Materialized(settled)) => {
                    let read = source(table, reading, settled);
                    let expected =
                        recorded.source(name, &own).and_then(|it| expected(it, &read, &reading.source.drift));
                    pipeline.source.insert(own, lock::Source { expected, ..read });
                }
                (Operation::Read(_), _) => {
                    let known = recorded.source(name, &own).cloned();
                    pipeline.source.extend(known.map(|it| (own, it)));
                }
                _ if table.role == Role::Step => {
                    if !table.guesses.is_empty() {
                        let guesses = table.guesses.iter().map(|(field, it)| (field.clone(), it.column.clone()));
                        pipeline.guesses.insert(own.clone(), guesses.collect());
                    }
                    pipeline.steps.insert(own, keys::locked_recipe(plan, table));
                }
                _ => (),
            }
        }
        let models = plan.learning.iter().filter(|it| plan.tables[it.step].name.pipeline == *name);
        let models = models.filter_map(|it| Some((plan.tables[it.step].name.name.clone(), Hex(it.frozen?))));
        pipeline.models = models.collect();
        (pipeline.expectations, pipeline.exports) = declared(plan, name);
        pipeline.gates = gates::numbers(plan, name, counts, recorded);
        counted(&mut pipeline, plan, name, (states, journal), recorded);
        lock.pipeline.insert(name.clone(), pipeline);
    }
    for (export, line) in plan.exports.iter().zip(lines) {
        let one = |it: &ArtefactLine| {
            let artefact = lock::Artefact { rows: it.rows, bytes: it.bytes, sha256: Hex(it.sha256.into()) };
            (slashed(Path::new(&it.path)), artefact)
        };
        let own = |(path, _): &(&String, &lock::Artefact)| export.writes(Path::new(path));
        let before = || recorded.artefact.iter().filter(own).map(|(path, it)| (path.clone(), it.clone())).collect();
        let files: Vec<_> = line.as_ref().map_or_else(before, |it| it.iter().map(one).collect());
        lock.artefact.extend(files);
    }
    lock
}

/// What a pipeline expects and exports, by name.
pub(super) fn declared(plan: &Plan, name: &str) -> (BTreeMap<String, Hex>, BTreeMap<String, Hex>) {
    let expectations = plan.expectations.iter().filter(|it| it.pipeline == name);
    let expectations = expectations.map(|it| (it.declared.id.clone(), Hex(it.declared.recipe()))).collect();
    // What stands beside a file follows from the same keys.
    let own = plan.exports.iter().filter(|it| it.name.pipeline == name && it.page() != Some(Page::Beside));
    let digest = |it: &PlannedExport| Hex(digest_of("hotpass locked export v1", &(&it.declared, &it.columns)));
    (expectations, own.map(|it| (it.name.name.clone(), digest(it))).collect())
}

/// How columns are written and what of them is lost; where that is not counted, as it is recorded.
fn counted(
    pipeline: &mut lock::Pipeline,
    plan: &Plan,
    name: &str,
    (states, journal): (&TableMap<State>, &Journal),
    recorded: &Lock,
) {
    let own = |step: TableId| Some(&plan.tables[step].name).filter(|it| it.pipeline == *name).map(|it| it.name.clone());
    for it in notices::decided(plan, states, journal) {
        let Some(step) = own(it.step) else { continue };
        let column = written_of(&it.column, it.source.as_deref());
        pipeline.written.entry(step).or_default().insert(column, it.key.to_owned());
    }
    for ((step, column), counts) in notices::losses_of_all(plan, states, journal) {
        let Some(step) = own(step) else { continue };
        pipeline.lost.entry(step).or_default().insert(column, counts.unexpected);
    }
    for ((step, column), (was, _)) in notices::more_lost(plan, states, journal, recorded) {
        let Some(step) = own(step) else { continue };
        pipeline.lost_before.entry(step).or_default().insert(column, was);
    }
    let Some(was) = recorded.pipeline.get(name) else { return };
    for it in
        plan.notices.iter().filter(|it| it.counts.iter().any(|it| notices::counted(it, states, journal).is_none()))
    {
        let Some(step) = own(it.step) else { continue };
        match &it.told {
            Notice::Written { column, source, .. } => {
                let column = written_of(column, source.as_deref());
                let known = was.written.get(&step).and_then(|it| it.get(&column)).cloned();
                pipeline.written.entry(step).or_default().extend(known.map(|it| (column, it)));
            }
            lost => {
                let Some(column) = &notices::lost_name(lost) else { continue };
                let of = |all: &BTreeMap<String, BTreeMap<String, u64>>| all.get(&step)?.get(column).copied();
                let (known, before) = (of(&was.lost), of(&was.lost_before));
                pipeline.lost_before.entry(step.clone()).or_default().extend(before.map(|it| (column.clone(), it)));
                pipeline.lost.entry(step).or_default().extend(known.map(|it| (column.clone(), it)));
            }
        }
    }
    pipeline.written.retain(|_, it| !it.is_empty());
    pipeline.lost.retain(|_, it| !it.is_empty());
    pipeline.lost_before.retain(|_, it| !it.is_empty());
}

/// How the lock names a column whose rows come from one source of several.
fn written_of(column: &str, source: Option<&str>) -> String {
    source.map_or_else(|| column.to_owned(), |source| format!("{column} of {source}"))
}

fn source(table: &Table, reading: &Reading, settled: &Materialized) -> lock::Source {
    let columns = table.schema.columns.iter().zip(&settled.columns).filter(|(it, _)| !it.is_hidden());
    let columns = columns.map(|(it, digest)| lock::Column {
        name: it.name.clone(),
        ty: it.ty.spelling(),
        cells: Hex(*digest),
        like: table.evidence.get(&it.name).map(Evidence::recorded),
    });
    let files = reading.files.iter().map(|it| {
        let found = it.found.as_ref();
        lock::File {
            path: slashed(&it.path),
            sheet: found.and_then(|it| it.sheet.clone()),
            header_row: found.map(|it| it.header.into()),
            encoding: found.and_then(|it| it.encoding.clone()),
            delimiter: found.and_then(|it| it.delimiter),
        }
    });
    lock::Source {
        rows: settled.rows,
        cells: Hex(keys::table_digest(settled)),
        declared: Some(Hex(reading.source.digest())),
        columns: columns.collect(),
        files: files.collect(),
        expected: None,
    }
}

/// What goes on being expected: a delivery that is not like the one before it is compared with it until somebody takes
/// it, so that a warning does not end with the build that told it.
fn expected(recorded: &lock::Source, read: &lock::Source, limits: &Drift) -> Option<lock::Form> {
    if recorded.declared != read.declared {
        return None;
    }
    let (was, now) = (recorded.baseline(), read.baseline());
    let drifted =
        !drift::columns(&was, &now.columns, limits).is_empty() || drift::rows(was.rows, now.rows, limits).is_some();
    drifted.then_some(was)
}
