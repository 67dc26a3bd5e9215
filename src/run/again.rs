//! Whether artefacts come out with the same bytes when they are made again, for gates that ask `reproducible`.
//!
//! A build that remembers what it made cannot see by itself that it would come out otherwise today. So what such a gate
//! waits for is made a second time, from the files and in a store that knows nothing, and each artefact is written from
//! both. What was found is noted under everything that decides it: as long as nothing changes, nothing is made again.

use std::collections::BTreeMap;
use std::path::Path;

use crate::digest::{Digest, Hasher};
use crate::graph::upstream;
use crate::plan::{Asked, CheckId, ColumnPlan, ExportId, Plan, PlannedGate, TableId, TableMap, TableSet};
use crate::publish::{PublishError, Staging};
use crate::run::docs::Known;
use crate::run::keys::{self, Materialized, State};
use crate::run::sites::Sites;
use crate::run::verdict::{Verdict, Verdicts};
use crate::run::{LazyEngine, LockMode, RunError, RunOptions, Silent, checks, exports, schedule, writers};
use crate::store::Paths;
use crate::store::engine::IDENTITY;
use crate::store::journal::{Counts, Journal, Record};

/// Tables that stand, and what is known of them.
#[derive(Clone, Copy)]
pub(super) struct Made<'a> {
    pub plan: &'a Plan,
    pub states: &'a TableMap<State>,
    pub counts: &'a BTreeMap<CheckId, Counts>,
    pub held: &'a BTreeMap<CheckId, Option<bool>>,
    pub journal: &'a Journal,
    pub paths: &'a Paths,
}

impl<'a> Made<'a> {
    fn sites(&self) -> Sites<'a> {
        Sites::new(Known {
            plan: self.plan,
            states: self.states,
            counts: self.counts,
            journal: self.journal,
            paths: self.paths,
        })
    }
}

/// The exports of which somebody asks whether they are reproducible, among those that are wanted.
fn asked_about(plan: &Plan, wanted: &dyn Fn(&PlannedGate, ExportId) -> bool) -> Vec<ExportId> {
    let gates = plan.gates.iter().filter(|it| it.asks.iter().any(|it| it.asked == Asked::Reproducible));
    let mut acc: Vec<ExportId> =
        gates.flat_map(|gate| gate.exports.iter().copied().filter(move |it| wanted(gate, *it))).collect();
    acc.sort_unstable();
    acc.dedup();
    acc
}

/// What is known of artefacts that gates ask about, without making anything.
pub fn known_again(
    plan: &Plan,
    states: &TableMap<State>,
    counts: &BTreeMap<CheckId, Counts>,
    journal: &Journal,
    paths: &Paths,
) -> Verdicts {
    let held = |(index, check)| (index, counts.get(&index).and_then(|it| checks::held(check, it)));
    let held = plan.expectations.entries().map(held).collect();
    let made = Made { plan, states, counts, held: &held, journal, paths };
    let mut sites = made.sites();
    let asked = asked_about(made.plan, &|_, _| true);
    let one = |export: ExportId| {
        let verdict = key(made, export, &mut sites).and_then(|it| noted(made.journal, &it));
        (export, verdict.unwrap_or_else(|| Verdict::Untold("no build has made it again yet".to_owned())))
    };
    asked.into_iter().map(one).collect()
}

/// What is known, and what is found out by making the rest again.
pub(super) fn verdicts(
    made: Made<'_>,
    options: &RunOptions<'_>,
    engine: &LazyEngine<'_>,
    notice: &dyn Fn(&str),
) -> Result<Verdicts, RunError> {
    let (mut acc, mut missing) = (Verdicts::new(), Vec::new());
    let mut sites = made.sites();
    for export in asked_about(made.plan, &|_, it| options.exports[it]) {
        match key(made, export, &mut sites) {
            None => {
                acc.insert(export, Verdict::Untold("its table was not made".to_owned()));
            }
            Some(key) => match noted(made.journal, &key) {
                Some(verdict) => {
                    acc.insert(export, verdict);
                }
                None => missing.push((export, key)),
            },
        }
    }
    if missing.is_empty() || options.lock == LockMode::Leave || options.cancel.is_cancelled() {
        let untold = |(export, _)| (export, Verdict::Untold("it was not recomputed".to_owned()));
        acc.extend(missing.into_iter().map(untold));
        return Ok(acc);
    }
    // Says that there is no engine before anything is begun, and makes the folder that the second store stands in.
    engine.with(|_| Ok(()))?;
    let artefacts: Vec<ExportId> = missing.iter().map(|(it, _)| *it).collect();
    notice(&format!("{} again, to see whether the bytes are the same", counted(artefacts.len())));
    let found = again(made, &artefacts, options, engine)?;
    let records = missing.iter().zip(&found).filter_map(|((_, key), it)| record(*key, it)).flatten();
    made.journal.append(records.collect())?;
    acc.extend(artefacts.into_iter().zip(found));
    Ok(acc)
}

fn counted(artefacts: usize) -> String {
    match artefacts {
        1 => "one artefact is made".to_owned(),
        more => format!("{more} artefacts are made"),
    }
}

/// Makes artefacts again from the files, and says of each what came of it.
fn again(
    made: Made<'_>,
    artefacts: &[ExportId],
    options: &RunOptions<'_>,
    engine: &LazyEngine<'_>,
) -> Result<Vec<Verdict>, RunError> {
    let plan = made.plan;
    let folder = made.paths.temporary("again-")?;
    let paths = Paths::new(&options.root, Some(&folder.path().join("state")));
    let mut setup = options.setup.clone();
    setup.paths = paths.clone();
    // Pages tell of whatever was made beside them.
    let page = |it: &ExportId| plan.exports[*it].page().is_some_and(|it| !it.is_declared());
    let tables = match artefacts.iter().any(page) {
        true => options.tables.clone(),
        false => plan.tables.map(|_| false),
    };
    let second = RunOptions {
        root: options.root.clone(),
        reader: options.reader.clone(),
        tables,
        exports: plan.exports.places().map(|it| artefacts.contains(&it)).collect(),
        force: plan.tables.map(|_| false),
        first: None,
        keep_going: true,
        overwrite: false,
        jobs: options.jobs,
        cells: options.cells,
        factory: options.factory,
        setup,
        lock: LockMode::Leave,
        profile: options.profile.clone(),
        set: options.set.clone(),
        cancel: options.cancel.clone(),
        limits: options.limits,
        begun: options.begun,
    };
    paths.create()?;
    let journal = Journal::open(&paths.journal())?;
    let there = LazyEngine::new(&second, &paths);
    there.warden.over(&|_| (), || compared(made, artefacts, (&second, &there, &journal), (engine, folder.path())))?
}

fn compared(
    made: Made<'_>,
    artefacts: &[ExportId],
    (second, there, journal): (&RunOptions<'_>, &LazyEngine<'_>, &Journal),
    (engine, folder): (&LazyEngine<'_>, &Path),
) -> Result<Vec<Verdict>, RunError> {
    let plan = made.plan;
    let wanted = super::wanted(plan, second);
    let mut outcome = schedule::tables(plan, &wanted, journal, second, there, &Silent)?;
    let (lines, counts) = checks::checks(plan, &wanted, &mut outcome, journal, second, there)?;
    second.cancel.check()?;
    let held: BTreeMap<CheckId, Option<bool>> = lines.iter().map(|(index, it)| (*index, it.held)).collect();
    let again = Made { plan, states: &outcome.states, counts: &counts, held: &held, journal, paths: there.paths };
    let (mut here, mut beside) = (made.sites(), again.sites());
    let mut acc = Vec::new();
    for export in artefacts {
        let path = &plan.exports[*export].declared.path;
        let mut needed = upstream(plan.exports[*export].tables(), &plan.needs());
        needed.iter_mut().zip(&wanted).for_each(|(it, wanted)| *it &= wanted);
        let failed = needed.marked().find(|it| settled(again.states, *it).is_none());
        acc.push(if let Some(table) = failed {
            let stopped = outcome.problems.iter().find(|(at, _)| needed[*at]).map(|(_, it)| it.message.clone());
            let failed = || outcome.failures.iter().find(|(at, _)| needed[*at]).map(|(_, it)| it.clone());
            let reason = stopped.or_else(failed).map_or_else(String::new, |it| format!(": {it}"));
            Verdict::Untold(format!("`{}` could not be recomputed{reason}", plan.tables[table].name))
        } else if let Some(column) = other_column(made, again, &needed) {
            Verdict::Other(format!("{column} is different when it is recomputed"))
        } else {
            let first = written(made, *export, engine, &mut here, &folder.join("first"));
            let then = written(again, *export, there, &mut beside, &folder.join("again"));
            second.cancel.check()?;
            match (first, then) {
                (Ok(a), Ok(b)) if prints(&a).eq(prints(&b)) => Verdict::Same,
                (Ok(_), Ok(_)) => Verdict::Other(format!("`{path}` has other bytes when it is written again")),
                (first, then) => {
                    let reason = first.err().or(then.err()).map_or_else(String::new, told);
                    Verdict::Untold(format!("`{path}` could not be written again: {reason}"))
                }
            }
        });
    }
    Ok(acc)
}

/// The first column that has another content, in the order in which tables are made.
fn other_column(made: Made<'_>, again: Made<'_>, needed: &TableSet) -> Option<String> {
    let plan = made.plan;
    for (index, table) in plan.tables.entries().filter(|(index, _)| needed[*index]) {
        let (Some(first), Some(then)) = (settled(made.states, index), settled(again.states, index)) else { continue };
        let columns = first.columns.iter().zip(&then.columns).position(|(a, b)| a != b);
        if let Some(at) = columns.filter(|_| first.rows == then.rows) {
            let column = &table.schema.columns[at].name;
            return Some(match column.starts_with('_') {
                true => format!("what is kept beside the rows of `{}`", table.name),
                false => format!("`{}.{column}`", table.name),
            });
        }
        if first.rows != then.rows {
            return Some(format!("the number of rows of `{}`", table.name));
        }
    }
    None
}

fn settled(states: &TableMap<State>, table: TableId) -> Option<&Materialized> {
    match &states[table] {
        State::Materialized(settled) => Some(settled),
        _ => None,
    }
}

fn told(error: PublishError) -> String {
    match error {
        PublishError::Io(error) => error.to_string(),
        PublishError::Rows(reason) => reason,
        PublishError::Problem(problem) => problem.message,
    }
}

/// What files are told apart by.
fn prints(files: &[writers::Made]) -> impl Iterator<Item = (&str, Digest, u64)> {
    files.iter().map(|it| (it.path.as_str(), it.written.blake3, it.written.bytes))
}

/// Writes an artefact below `root`, where nobody looks.
fn written<'a>(
    made: Made<'a>,
    export: ExportId,
    engine: &LazyEngine<'_>,
    sites: &mut Sites<'a>,
    root: &Path,
) -> Result<Vec<writers::Made>, PublishError> {
    let export = &made.plan.exports[export];
    let beneath = Path::new(&export.declared.path).parent().unwrap_or(Path::new(""));
    std::fs::create_dir_all(root.join(beneath)).map_err(PublishError::Io)?;
    let mut staging = Staging::new(root);
    let watch = engine.watched();
    if export.page().is_some() {
        return sites.stage(export, (engine, &watch), &mut staging).map(|it| vec![it]);
    }
    let Some(settled) = exports::settled(export, made.states) else {
        return Err(PublishError::Rows("its table is not there".to_owned()));
    };
    writers::stage(made.plan, export, &settled, made.held, made.journal, (engine, &watch), &mut staging)
}

/// Everything that decides whether an artefact is reproducible: its own key, and of every column on its way how it is
/// made and what came out.
fn key<'a>(made: Made<'a>, export: ExportId, sites: &mut Sites<'a>) -> Option<Digest> {
    let plan = made.plan;
    let planned = &plan.exports[export];
    let own = exports::settled(planned, made.states)?;
    let artefact = sites.key(planned).unwrap_or_else(|| exports::export_key(plan, planned, &own, made.held));
    let mut hasher = Hasher::new("hotpass reproducible v1");
    hasher.text(IDENTITY).text(env!("CARGO_PKG_VERSION")).text(&planned.declared.path).digest(&artefact);
    let needed = upstream(planned.tables(), &plan.needs());
    for (index, table) in plan.tables.entries().filter(|(index, _)| needed[*index]) {
        let settled = settled(made.states, index)?;
        hasher.text(&table.name.to_string()).number(settled.rows);
        for (at, column) in table.columns.iter().enumerate() {
            if let ColumnPlan::Made { .. } = column {
                hasher.digest(&keys::column_key(plan, index, at, made.states)?);
            }
            hasher.digest(&settled.columns[at]);
        }
    }
    Some(hasher.finish())
}

/// What was noted, as a check is: one thing looked at, and what was found of it in words.
fn noted(journal: &Journal, key: &Digest) -> Option<Verdict> {
    let counts = journal.known(|it| it.checks.get(key).cloned())?;
    Some(match counts.unexpected {
        0 => Verdict::Same,
        _ => Verdict::Other(counts.observed.unwrap_or_else(|| "it is different when it is recomputed".to_owned())),
    })
}

/// What could not be told is not noted: the next build tries again.
fn record(key: Digest, verdict: &Verdict) -> Option<Vec<Record>> {
    let (unexpected, observed) = match verdict {
        Verdict::Same => (0, None),
        Verdict::Other(words) => (1, Some(words.clone())),
        Verdict::Untold(_) => return None,
    };
    Some(Record::check(key, &Counts { considered: 1, unexpected, observed, ..Counts::default() }))
}
