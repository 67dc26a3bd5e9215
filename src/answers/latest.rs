//! A table as it can be looked at: as the pipelines make it now, or else as the latest run left it that had it, with a
//! sentence about what has changed since.

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::fmt::{self, Display, Formatter};

use crate::answers::diff::sides::{Memory, REJECTED, Side};
use crate::digest::Digest;
use crate::escape::line;
use crate::graph::upstream;
use crate::model::Column;
use crate::numbers::count;
use crate::plan::{Operation, Plan, ReadFile, Role, Table, TableId, TableMap};
use crate::problem::{Problem, Severity};
use crate::run::keys::Materialized;
use crate::run::{self, State, keys};
use crate::store::backend::Stored;
use crate::store::journal::Journal;
use crate::store::runs::{Run, RunTable};
use crate::workspace::failure::{Failure, failed};
use crate::workspace::lookup::{UNKNOWN_SUBJECT, find, named, not_made};
use crate::workspace::session::Session;

/// How many changes are named.
const NAMED: usize = 5;

/// A table that can be looked at.
pub(crate) struct Latest {
    /// Its full name.
    pub(crate) table: String,
    /// Its columns, each at least as personal as the pipelines declare it now.
    pub(crate) columns: Vec<Column>,
    /// Its contents.
    pub(crate) stored: Stored,
    /// What has changed since it was computed; nothing where it is as the pipelines make it.
    pub(crate) since: Option<Since>,
}

/// That a table is as a run left it, and what has changed since.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Since {
    what: String,
    build: String,
}

impl Since {
    /// Of a table, by its full name, as this run left it, where the pipelines have an error.
    fn wrong(table: &str, run: &str, error: &str) -> Since {
        let what =
            format!("`{}` is as run {} computed it: the pipelines have an error now, {error}", line(table), line(run));
        Since { what, build: "`hotpass check` shows what is wrong".to_owned() }
    }

    /// Of a table, by its full name, as this run left it.
    pub(crate) fn new(table: &str, run: &str, changes: &str) -> Since {
        let table = line(table);
        let what = format!("`{table}` is as run {} computed it: {changes}", line(run));
        Since { what, build: format!("`hotpass build {table}` computes it again") }
    }
}

impl Display for Since {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.what, self.build)
    }
}

/// The tables of a workspace that can be looked at.
pub(crate) struct Tables<'a> {
    pub(crate) session: &'a Session,
    pub(crate) plan: &'a Plan,
    pub(crate) states: TableMap<State>,
    /// What earlier runs left; read only where it is needed.
    memory: OnceCell<Memory>,
}

impl<'a> Tables<'a> {
    pub(crate) fn new(session: &'a Session, plan: &'a Plan) -> Tables<'a> {
        Tables { session, plan, states: run::settle(plan, &session.journal), memory: OnceCell::new() }
    }

    /// The table that is asked for, or what it sets aside, with its place in the plan. A table that only runs have is
    /// found too, where the pipelines have an error.
    pub(crate) fn asked(&self, word: &str, rejected: bool) -> Result<(Option<TableId>, Latest), Failure> {
        if let Some(index) = find(self.plan, word) {
            let index = if rejected { rejects(self.plan, index)? } else { index };
            return Ok((Some(index), self.of(index)?));
        }
        match self.memory().called(word).filter(|it| !it.ends_with(REJECTED) && self.is_lost(it)) {
            Some(name) if rejected => Ok((None, self.left(&format!("{name}{REJECTED}"))?)),
            Some(name) => Ok((None, self.left(&name)?)),
            None => Err(named(self.plan, word).err().unwrap_or_else(|| not_made(word))),
        }
    }

    /// A table of the plan.
    pub(crate) fn of(&self, index: TableId) -> Result<Latest, Failure> {
        let table = &self.plan.tables[index];
        let full = table.name.to_string();
        let State::Materialized(settled) = &self.states[index] else {
            let name = if table.role == Role::Rejects { format!("{full}{REJECTED}") } else { full.clone() };
            return self.as_left(&name, Some(index));
        };
        let stored = keys::stored(self.plan, index, settled, &self.session.journal, &self.session.paths);
        Ok(Latest { table: full, columns: table.schema.columns.to_vec(), stored: stored.map_err(failed)?, since: None })
    }

    /// A table that only runs have.
    pub(crate) fn left(&self, name: &str) -> Result<Latest, Failure> {
        self.as_left(name, None)
    }

    /// A table as the latest run left it whose contents are all kept.
    fn as_left(&self, name: &str, index: Option<TableId>) -> Result<Latest, Failure> {
        let table = name.strip_suffix(REJECTED).unwrap_or(name);
        // With other parameters or another profile it is another table.
        let (profile, set) = self.session.asked_for();
        if profile.is_some() || !set.is_empty() {
            return Err(not_made(table));
        }
        let memory = self.memory();
        let kept = |(run, side): (&Run, Side)| Some((run.clone(), memory.stored(&side, name).ok()?));
        let Some((run, mut stored)) = memory.left_by_runs(name).find_map(kept) else {
            return Err(not_made(table));
        };
        let schema = index.map(|it| &self.plan.tables[it].schema);
        for it in &mut stored.columns {
            let now = schema.and_then(|schema| schema.get(&it.column.name)).map(|now| now.class);
            it.column.class = now.unwrap_or_default().max(it.column.class);
        }
        let columns = stored.columns.iter().map(|it| it.column.clone()).collect();
        let since = match index {
            Some(index) => changes(self.plan, &self.states, &self.session.journal, index, &run),
            None => Vec::new(),
        };
        let since = since_of(self.session, table, &run, &since);
        Ok(Latest { table: table.to_owned(), columns, stored, since: Some(since) })
    }

    /// Why what needs the table as the pipelines make it now cannot be told.
    pub(crate) fn not_made(&self, index: TableId) -> Failure {
        let told = self.of(index).ok().and_then(|it| it.since);
        told.map_or_else(
            || not_made(&self.plan.tables[index].name.name),
            |it| Failure::Problem(Box::new(Problem::new(&UNKNOWN_SUBJECT, it.what).help(it.build))),
        )
    }

    /// Whether a table is in the runs alone because the pipelines have errors; what was taken out is not asked for.
    fn is_lost(&self, name: &str) -> bool {
        let is_planned = self.plan.tables.iter().any(|it| it.role.is_listed() && it.name.to_string() == name);
        !is_planned && errors(self.session).is_some()
    }

    /// The full names of tables that runs alone have because the pipelines have errors, as far as they are `wanted`.
    pub(crate) fn lost(&self, wanted: &dyn Fn(&str) -> bool) -> Vec<String> {
        let mut names: Vec<String> = self.memory().names().filter(|it| wanted(it)).map(str::to_owned).collect();
        names.sort_unstable();
        names.dedup();
        let base = |it: &str| it.strip_suffix(REJECTED).unwrap_or(it).to_owned();
        names.retain(|it| self.is_lost(&base(it)));
        names
    }

    fn memory(&self) -> &Memory {
        self.memory.get_or_init(|| Memory::of(self.session, &self.session.plan()))
    }
}

/// The table of what a step sets aside.
fn rejects(plan: &Plan, step: TableId) -> Result<TableId, Failure> {
    let name = &plan.tables[step].name;
    plan.rejects_of(step).ok_or_else(|| {
        let message = format!("`{name}` sets no rows aside");
        Failure::Problem(Box::new(Problem::new(&UNKNOWN_SUBJECT, message)))
    })
}

/// What is wrong with the pipelines first of all, if anything is.
fn errors(session: &Session) -> Option<String> {
    session.problems().into_iter().find(|it| it.severity == Severity::Error).map(|it| it.message)
}

/// Nothing is another one, and yet it is not computed: a build ended before it.
const NOT_AGAIN: &str = "no build has computed it since then";

/// What has changed since a run left a table, which is not as the pipelines make it now.
pub(crate) fn since(session: &Session, plan: &Plan, table: &str, run: &Run) -> Since {
    let base = table.strip_suffix(REJECTED).unwrap_or(table);
    let states = run::settle(plan, &session.journal);
    let changes = find(plan, base).map(|it| changes(plan, &states, &session.journal, it, run)).unwrap_or_default();
    since_of(session, base, run, &changes)
}

/// The changes; where none is known, the error for which nothing can be computed.
fn since_of(session: &Session, table: &str, run: &Run, changes: &[String]) -> Since {
    let error = if changes.is_empty() { errors(session) } else { None };
    match error {
        Some(error) => Since::wrong(table, &run.id, &error),
        None => Since::new(table, &run.id, &told(changes)),
    }
}

fn told(changes: &[String]) -> String {
    if changes.is_empty() {
        return NOT_AGAIN.to_owned();
    }
    let named = changes.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    match changes.len().saturating_sub(NAMED) {
        0 => format!("since then, {named}"),
        more => format!("since then, {named}, and {} more", count(more as u64, "change")),
    }
}

/// What has changed above a table since a run: files first, then declarations.
fn changes(plan: &Plan, states: &TableMap<State>, journal: &Journal, index: TableId, run: &Run) -> Vec<String> {
    let (mut files, mut declared) = (Vec::new(), Vec::new());
    let reached = upstream([index], &plan.needs());
    for (at, table) in plan.tables.entries().filter(|(at, _)| reached[*at]) {
        let name = table.name.to_string();
        if let (State::Materialized(now), Role::Source) = (&states[at], table.role) {
            // It was read again by a build that came no further.
            let was = run.tables.iter().find(|it| it.name == name);
            if was.is_some_and(|it| !is_same(it, table, now)) {
                files.extend(read_by(plan, at).map(|it| changed(&it.path.display().to_string())));
            }
            continue;
        }
        let before = journal.known(|it| it.preimages.get(&keys::recorded_as(table)).cloned());
        let Some(before) = before else {
            if table.role.is_listed() {
                declared.push(format!("`{}` is new", line(&name)));
            }
            continue;
        };
        let now = keys::preimage(plan, at, states);
        let has = |parts: &[(String, Digest)], label: &str| parts.iter().any(|(it, _)| it == label);
        let labels = keys::changed(Some(&before), &now);
        // How a file is read may be detected, and follows the file.
        let is_other_file = labels.iter().any(|it| it.starts_with("source:"));
        for label in labels.into_iter().filter(|it| !is_other_file || it != "recipe") {
            match label.strip_prefix("source:") {
                Some(path) if !has(&before, &label) => files.push(format!("`{}` is new", line(path))),
                Some(path) if !has(&now, &label) => files.push(format!("`{}` is gone", line(path))),
                Some(path) => files.push(changed(path)),
                None if label == "recipe" => declared.push(format!("the declaration of `{}` has changed", line(&name))),
                None if label == "engine" => declared.push("the engine is of another version".to_owned()),
                None => (),
            }
        }
    }
    let mut seen = BTreeSet::new();
    files.into_iter().chain(declared).filter(|it| seen.insert(it.clone())).collect()
}

/// Whether a run left the same of a table.
fn is_same(was: &RunTable, table: &Table, now: &Materialized) -> bool {
    let columns = table.schema.columns.iter().map(|it| &it.name).zip(&now.columns);
    was.rows == now.rows && columns.eq(was.columns.iter().map(|(column, digest)| (&column.name, digest)))
}

/// The files of a source, which may be read before they are corrected.
fn read_by(plan: &Plan, source: TableId) -> impl Iterator<Item = &ReadFile> {
    let tables = std::iter::once(source).chain(plan.tables[source].inputs.iter().copied());
    let reading = |it: TableId| match &plan.tables[it].make {
        Operation::Read(reading) if !reading.aside => Some(&reading.files),
        _ => None,
    };
    tables.filter_map(reading).flatten()
}

fn changed(path: &str) -> String {
    format!("`{}` has changed", line(path))
}
