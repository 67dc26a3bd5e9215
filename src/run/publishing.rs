//! Publishing: all artefacts of a build are staged and put in place together, the manifest last. What stands as it
//! would be written is left alone; what a failed gate stops is left as it was.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::bug;
use crate::digest::Digest;
use crate::history::{self, History};
use crate::lock::{self, Lock};
use crate::pipeline::ExportFormat;
use crate::plan::{CheckId, ExportId, Plan, PlannedExport, TableMap};
use crate::problem::Problem;
use crate::publish::{self, PublishError, Staging};
use crate::readers::reach::Reach;
use crate::run::docs::Known;
use crate::run::exports::{artefact, differences, export_key, line, settled, standing_artefact, whole};
use crate::run::keys::{State, slashed};
use crate::run::ours::{self, Ours};
use crate::run::records::Lines;
use crate::run::sites::{self, Sites};
use crate::run::writers::{self, Made};
use crate::run::{About, LazyEngine, LockMode, RunError, RunOptions, learnt, records};
use crate::store::journal::{Counts, Journal, Record};
use crate::store::stamp::Stamp;
use crate::summary::ArtefactLine;
use crate::system::Revision;

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
    pub held: BTreeMap<CheckId, Option<bool>>,
    /// What each of them counted.
    pub counts: &'a BTreeMap<CheckId, Counts>,
    /// Whether anything may be published.
    pub open: bool,
}

/// An artefact that is to be written, and what decides its bytes.
struct Due {
    export: ExportId,
    key: Digest,
}

/// An artefact whose files are staged.
struct Staged {
    export: ExportId,
    key: Digest,
    files: Vec<Made>,
}

/// What is asked for: what stands of it, and what is to be written.
struct Asked {
    lines: Lines,
    due: Vec<Due>,
    seen: Vec<(PathBuf, Revision)>,
    /// Whether all of it may be published.
    open: bool,
}

/// A file that people changed since it was written: of which export, its path, and where it stands.
type Changed = (About, String, PathBuf);

/// One act of publishing: all artefacts of a build, or none.
#[derive(Clone, Copy)]
pub(super) struct Publishing<'a> {
    pub plan: &'a Plan,
    pub states: &'a TableMap<State>,
    pub gates: &'a Gates<'a>,
    pub journal: &'a Journal,
    pub options: &'a RunOptions<'a>,
    pub engine: &'a LazyEngine<'a>,
}

impl<'a> Publishing<'a> {
    pub(super) fn publish(self, problems: &mut Vec<(About, Problem)>) -> Result<Published, RunError> {
        let Self { plan, options, engine, .. } = self;
        let paths = engine.paths;
        let known = Known { plan, states: self.states, counts: self.gates.counts, journal: self.journal, paths };
        let mut sites = Sites::new(known);
        let Asked { mut lines, due, mut seen, open } = self.asked(&mut sites);
        // One build, one set of artefacts: when a gate is shut, everything stays as it was.
        if !open || options.cancel.is_cancelled() || options.lock == LockMode::Leave {
            return Ok(self.withheld(lines));
        }
        if !due.is_empty() {
            // Opens the engine, or says that there is none, before anything is staged.
            engine.with(|_| Ok(()))?;
        }
        sweep(plan, options)?;
        // A build that is killed from here on leaves files beside artefacts, and the next one is to look for them.
        Stamp::forget(&paths.stamp())?;
        let mut staging = Staging::new(&options.root);
        let Some(staged) = self.staged(due, &mut sites, &mut staging, problems)? else {
            return Ok(self.withheld(Lines::new()));
        };
        let ours = Ours::new(plan, &options.root, self.journal, options.overwrite);
        let Some(changed) = changed(&staged, &staging, &ours, problems)? else {
            return Ok(self.withheld(Lines::new()));
        };
        for it in &staged {
            lines[it.export] = Some(it.files.iter().map(|file| written_line(&plan.exports[it.export], file)).collect());
        }
        let notes = match self.notes(&lines) {
            Ok(notes) => notes,
            Err(differences) => return Ok(Published { differences, ..self.withheld(Lines::new()) }),
        };
        if staged.is_empty() && notes.is_empty() {
            return Ok(Published { seen, ..published(lines) });
        }
        if let Some(note) = ours.foreign_note(&notes) {
            let foreign = ours::foreign(&slashed(note), "hotpass did not write the file at this path");
            problems.push((About::Workspace, foreign));
            return Ok(self.withheld(Lines::new()));
        }
        for (about, path, place) in &changed {
            problems.push((*about, ours::kept(path, place, paths)?));
        }
        // Here the build can be stopped for the last time: what begins to stand below all stands in the end.
        if !options.cancel.commit() {
            return Ok(self.withheld(Lines::new()));
        }
        // What is about to stand is ours, also when nobody lives to say that it does, or the power goes.
        if !staged.is_empty() {
            paths.create()?;
            self.journal.append(self.records(&staged, &[]))?;
            self.journal.sync()?;
        }
        let files: Vec<_> =
            lines.iter().map(|it| Some(it.as_ref()?.iter().map(|it| it.path.as_str()).collect())).collect();
        sites::sweep(plan, &files, &options.root, &ours)?;
        let placed = staging
            .commit(&notes)
            .map_err(|error| RunError::World(format!("artefacts cannot be put in place: {error}")))?;
        seen.extend(placed.files.into_iter().filter_map(|(path, it)| Some((path, Revision::of(&it)?))));
        if !staged.is_empty() {
            self.journal.append(self.records(&staged, &seen))?;
        }
        Ok(Published { seen, leaves_remains: placed.leaves_remains, ..published(lines) })
    }

    /// What of that which is asked for stands, and what is to be written; less where something holds it back.
    fn asked(self, sites: &mut Sites<'a>) -> Asked {
        let Self { plan, states, gates, options, .. } = self;
        let mut acc = Asked { lines: plan.exports.map(|_| None), due: Vec::new(), seen: Vec::new(), open: gates.open };
        // What cannot tell yet would never learn if it held back what it learns from.
        let waits = |gate: &CheckId| gates.counts.get(gate).is_some_and(Counts::waits);
        let held = |gate: &CheckId| gates.held.get(gate).copied().flatten();
        let stops = |gate: &CheckId| !waits(gate) && plan.expectations[*gate].declared.stops(held(gate));
        for (index, export) in plan.exports.entries().filter(|(index, _)| options.exports[*index]) {
            let Some(settled) = settled(export, states).filter(|_| !export.gates.iter().any(stops)) else {
                acc.open = false;
                continue;
            };
            let key = sites.key(export).unwrap_or_else(|| export_key(plan, export, &settled, &gates.held));
            match standing_artefact(self.journal, &options.root, export, &key) {
                Some(files) => {
                    acc.seen.extend(files.iter().filter_map(|it| Some((PathBuf::from(&it.path), it.revision?))));
                    acc.lines[index] = Some(files.iter().map(|it| line(export, it)).collect());
                }
                None => acc.due.push(Due { export: index, key }),
            }
        }
        acc
    }

    /// Writes what is to be written, beside where it will stand; nothing where one of them cannot be.
    fn staged(
        self,
        due: Vec<Due>,
        sites: &mut Sites<'a>,
        staging: &mut Staging,
        problems: &mut Vec<(About, Problem)>,
    ) -> Result<Option<Vec<Staged>>, RunError> {
        let Self { plan, states, engine, .. } = self;
        let mut acc = Vec::new();
        for Due { export: index, key } in due {
            let export = &plan.exports[index];
            let Some(settled) = settled(export, states) else { continue };
            let path = &export.declared.path;
            let watch = engine.watched();
            let made = match watch.cancel().check() {
                Ok(()) => bug::doing(&format!("writing `{path}`"), || match export.page() {
                    Some(_) => sites.stage(export, (engine, &watch), staging).map(|it| vec![it]),
                    None => {
                        let by = (engine, &watch);
                        writers::stage(plan, export, &settled, &self.gates.held, self.journal, by, staging)
                    }
                }),
                Err(error) => Err(PublishError::Rows(error.to_string())),
            };
            let cannot = |why: &dyn std::fmt::Display| RunError::World(format!("`{path}` cannot be written: {why}"));
            let problem = match made {
                Ok(files) => {
                    acc.push(Staged { export: index, key, files });
                    continue;
                }
                Err(PublishError::Problem(problem)) => *problem,
                Err(PublishError::Io(error)) => match watch.passed() {
                    Some(passed) => passed.refused(&format!("`{path}`"), "written"),
                    None => return Err(cannot(&error)),
                },
                Err(PublishError::Rows(reason)) => match watch.passed() {
                    Some(passed) => passed.refused(&format!("`{path}`"), "written"),
                    None => {
                        self.options.cancel.check()?;
                        return Err(cannot(&reason));
                    }
                },
            };
            problems.push((About::Export(index), problem));
            return Ok(None);
        }
        Ok(Some(acc))
    }

    /// What the journal is to hold of what is staged, with the files on disk as far as they are known.
    fn records(self, staged: &[Staged], left: &[(PathBuf, Revision)]) -> Vec<Record> {
        let of = |Staged { export, key, files }: &Staged| {
            let one = |Made { path, written }: &Made| {
                let revision = left.iter().find(|(it, _)| it == Path::new(path)).map(|(_, it)| *it);
                artefact(path.clone(), *key, written, revision)
            };
            let records = files.iter().map(one).collect::<Vec<_>>();
            records.into_iter().chain(whole(&self.plan.exports[*export], *key, files)).collect::<Vec<_>>()
        };
        staged.iter().flat_map(of).collect()
    }

    fn withheld(self, lines: Lines) -> Published {
        Published { withheld: self.options.exports.iter().filter(|it| **it).count(), ..published(lines) }
    }

    /// What is to be written down and does not stand yet, in the order in which it shows. The differences instead, when
    /// the lock is not to be changed and would be.
    fn notes(self, lines: &Lines) -> Result<Vec<(PathBuf, String)>, Vec<String>> {
        let Self { plan, states, journal, options, .. } = self;
        let counts = self.gates.counts;
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
}

fn published(lines: Lines) -> Published {
    Published {
        lines: lines.into_iter().flatten().flatten().collect(),
        withheld: 0,
        differences: Vec::new(),
        seen: Vec::new(),
        leaves_remains: false,
    }
}

fn written_line(export: &PlannedExport, Made { path, written }: &Made) -> ArtefactLine {
    ArtefactLine {
        path: path.clone(),
        blake3: written.blake3,
        sha256: written.sha256,
        bytes: written.bytes,
        rows: written.rows,
        written: true,
        folder: export.folder().map(str::to_owned),
    }
}

/// What of that which is about to be replaced people changed; nothing where something there is not ours.
fn changed(
    staged: &[Staged],
    staging: &Staging,
    ours: &Ours<'_>,
    problems: &mut Vec<(About, Problem)>,
) -> Result<Option<Vec<Changed>>, RunError> {
    let mut changed = Vec::new();
    let mut foreign = Vec::new();
    let all = staged.iter().flat_map(|it| it.files.iter().map(|file| (About::Export(it.export), file)));
    for (about, Made { path, written }) in all {
        let Some(place) = staging.place(Path::new(path)) else { continue };
        let standing = ours.standing(path, place, written).map_err(|error| RunError::World(error.to_string()))?;
        match standing {
            ours::Standing::Free => (),
            ours::Standing::Changed => changed.push((about, path.clone(), place.to_owned())),
            ours::Standing::Foreign(reason) => foreign.push((about, ours::foreign(path, reason))),
        }
    }
    let all_ours = foreign.is_empty();
    problems.extend(foreign);
    Ok(all_ours.then_some(changed))
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

/// The history with what this build adds; nothing where it adds nothing, or where what stands cannot be read.
fn written_down(
    plan: &Plan,
    states: &TableMap<State>,
    counts: &BTreeMap<CheckId, Counts>,
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
