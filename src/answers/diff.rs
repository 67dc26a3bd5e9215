//! `hotpass diff`: what differs between a table as it was and as it is: rows, cells and counts by column.
//!
//! Here: which two sides are compared, and by what. How rows are compared stands in `store::compare`.

pub(crate) mod lines;
pub(crate) mod revision;
pub(crate) mod sides;

use std::path::Path;

use crate::answers::diff::sides::{Memory, REJECTED, Side};
use crate::answers::latest::{self, Since};
use crate::escape::line;
use crate::model::MASK;
use crate::model::{Class, Type};
use crate::numbers::count;
use crate::plan::{Plan, TableId};
use crate::problem::{Code, Problem, did_you_mean};
use crate::run::{self, State};
use crate::store::backend::{Compared, Comparison, EngineFactory, Stored, Tally, Worker};
use crate::store::journal::Journal;
use crate::workspace::failure::{Failure, failed};
use crate::workspace::lookup::{UNKNOWN_SUBJECT, called, named, not_made};
use crate::workspace::selectors;
use crate::workspace::session::{Asked, Open, Teller};

/// Several tables for one file.
pub const ONE_TABLE: Code = Code::error("hotpass::diff::one-table");

/// All codes of this module.
pub const CODES: &[&Code] =
    &[&sides::UNKNOWN_RUN, &sides::RUN_IS_GONE, &ONE_TABLE, &revision::BROKEN_REVISION, &revision::NOT_IN_GIT];

/// What is compared.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Request<'a> {
    /// Steps and selectors of them.
    pub(crate) steps: &'a [String],
    /// A run or a revision, if not the one before.
    pub(crate) from: Option<&'a str>,
    /// A run or a revision, if not what stands.
    pub(crate) to: Option<&'a str>,
    /// Whether it is about what is set aside.
    pub(crate) rejected: bool,
    /// Another workspace.
    pub(crate) against: Option<&'a Path>,
    /// The columns that rows are matched by, if not the key.
    pub(crate) by: &'a [String],
    /// Whether personal data are shown.
    pub(crate) unmasked: bool,
    /// A file that takes one table alone.
    pub(crate) output: Option<&'a Path>,
}

/// What came of a table.
pub(crate) enum Found<'a> {
    /// The same in every run that is kept, so many.
    Same { table: &'a str, to: &'a Side, runs: u64 },
    /// The later side of the next one is as a run left it, and not as the pipelines make it now.
    Since(&'a Since),
    /// One of several that is not there.
    Missing(&'a Problem),
    /// What differs, with what its rows are read by.
    Differs(&'a Difference<'a>, &'a (Stored, Stored), &'a mut dyn Worker),
}

/// Compares each table that is asked for, and gives what came of it, and whether it is the only one.
pub(crate) fn compare(
    (session, engine, _): Open<'_>,
    (asked, factory, tell): (&Asked, &'static dyn EngineFactory, Teller<'_>),
    it: &Request<'_>,
    take: &mut dyn FnMut(Found<'_>, bool) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let plan = &session.plan();
    let own = Memory::of(session, plan);
    let tables = chosen(plan, &own, &session.journal, it)?;
    if let ([_, _, ..], Some(path)) = (tables.as_slice(), it.output) {
        let path = line(&path.display().to_string());
        let message = format!("{} are selected, and `{path}` takes one", count(tables.len() as u64, "table"));
        let help = "name one step, or leave `--output` out to see them all".to_owned();
        return Err(Failure::Problem(Box::new(Problem::new(&ONE_TABLE, message).help(help))));
    }
    let other = it.against.map(|it| Memory::at(it, asked, factory)).transpose()?;
    let names: Vec<String> = tables.iter().map(|it| it.step.clone()).collect();
    let revision = |word: Option<&str>| {
        let name = word.and_then(revision::named);
        name.map(|it| revision::memory(session, asked, it, &names, factory, tell)).transpose()
    };
    let (from, to) = (revision(it.from)?, revision(it.to)?);
    let sides = Sides { own: &own, from: from.as_ref(), to: to.as_ref(), other: other.as_ref() };
    let mut worker = engine.worker().map_err(failed)?;
    let alone = tables.len() == 1;
    for table in &tables {
        let found = sides.of(it, &table.name);
        if let Ok((_, to)) = &found
            && it.to.is_none()
            && let Some(run) = own.run(&to.label)
        {
            take(Found::Since(&latest::since(session, plan, &table.name, run)), alone)?;
        }
        let (from, to) = match found {
            Ok((Some(from), to)) => (from, to),
            Ok((None, to)) => {
                let runs = own.past(&table.name).count() as u64;
                take(Found::Same { table: &table.name, to: &to, runs }, alone)?;
                continue;
            }
            Err(Failure::Problem(problem)) if !alone => {
                take(Found::Missing(&problem), alone)?;
                continue;
            }
            Err(failure) => return Err(failure),
        };
        let stored = (sides.base().stored(&from, &table.name)?, sides.top().stored(&to, &table.name)?);
        let by = by(it.by, table.index.filter(|_| !it.rejected), plan, &from, &to)?;
        let columns = columns(&from, &to, it.unmasked);
        let tally = tally(&mut *worker, &stored, &by, &columns)?;
        let difference = Difference { table: &table.name, from: &from, to: &to, by, columns, tally };
        take(Found::Differs(&difference, &stored, &mut *worker), alone)?;
    }
    Ok(())
}

/// Two sides of one table, compared.
pub(crate) struct Difference<'a> {
    /// `pipeline.step`.
    pub(crate) table: &'a str,
    pub(crate) from: &'a Side,
    pub(crate) to: &'a Side,
    /// The columns that rows are matched by; none where whole rows are.
    pub(crate) by: Vec<String>,
    pub(crate) columns: Vec<Compared>,
    pub(crate) tally: Tally,
}

/// A table to compare.
struct Chosen {
    /// `pipeline.step`, and more behind it for rows that were set aside.
    name: String,
    /// `pipeline.step`.
    step: String,
    /// In the plan; a step that was taken out is in runs alone.
    index: Option<TableId>,
}

/// The tables that are asked for, each once, in the order of the plan where one word names several.
fn chosen(plan: &Plan, own: &Memory, journal: &Journal, it: &Request<'_>) -> Result<Vec<Chosen>, Failure> {
    let mut acc: Vec<Chosen> = Vec::new();
    let mut add = |step: String, index: Option<TableId>| {
        let name = if it.rejected { format!("{step}{REJECTED}") } else { step.clone() };
        if acc.iter().all(|it| it.name != name) {
            acc.push(Chosen { name, step, index });
        }
    };
    let states = run::settle(plan, journal);
    let changed = |table: TableId| !matches!(states[table], State::Materialized(_));
    for word in it.steps {
        if let [index] = *called(plan, word) {
            add(plan.tables[index].name.to_string(), Some(index));
            continue;
        }
        if let Some(name) = own.called(word) {
            // A step that was taken out is still in the runs that had it.
            add(name, None);
            continue;
        }
        let selected = match selectors::select(plan, std::slice::from_ref(word), &changed) {
            Err(_) if !selectors::is_pattern(word) => {
                return Err(named(plan, word).err().unwrap_or_else(|| not_made(word)));
            }
            Err(problem) => return Err(Failure::Problem(Box::new(problem))),
            Ok(selected) => selected,
        };
        let tables = plan.tables.entries().zip(&selected.tables);
        let listed = tables.filter(|((at, table), wanted)| {
            **wanted && table.role.is_listed() && (!it.rejected || plan.rejects_of(*at).is_some())
        });
        listed.for_each(|((at, table), _)| add(table.name.to_string(), Some(at)));
    }
    Ok(acc)
}

/// Where the two sides are taken from.
struct Sides<'a> {
    own: &'a Memory,
    /// The revisions that `--from` and `--to` name.
    from: Option<&'a Memory>,
    to: Option<&'a Memory>,
    /// Another workspace.
    other: Option<&'a Memory>,
}

impl Sides<'_> {
    fn base(&self) -> &Memory {
        self.from.or(self.other).unwrap_or(self.own)
    }

    fn top(&self) -> &Memory {
        self.to.unwrap_or(self.own)
    }

    /// Both sides of a table; the first is `None` where no run left something else.
    fn of(&self, it: &Request<'_>, table: &str) -> Result<(Option<Side>, Side), Failure> {
        let to = match (it.to, self.to) {
            (_, Some(revision)) => revision.standing(table)?,
            (Some(word), None) => self.own.named(word, table)?,
            (None, None) => self.own.standing(table)?,
        };
        let from = match (it.from, self.from, self.other) {
            (_, Some(revision), _) => Some(revision.standing(table)?),
            (Some(word), None, _) => Some(self.base().named(word, table)?),
            (None, None, Some(other)) => Some(other.standing(table)?),
            // A revision is compared with what stands, where nothing else is named.
            (None, None, None) if self.to.is_some() => Some(self.own.standing(table)?),
            (None, None, None) => earlier(self.own, table, &to),
        };
        Ok((from, to))
    }
}

/// The newest run before `to` that left something else.
fn earlier(own: &Memory, table: &str, to: &Side) -> Option<Side> {
    let mut past: Vec<Side> = own.past(table).collect();
    if let Some(at) = past.iter().position(|it| it.label == to.label) {
        past.drain(..=at);
    }
    past.into_iter().find(|it| !it.same(to))
}

/// The columns that rows are matched by: those that were asked for, or the key of the table where both sides have it.
fn by(asked: &[String], index: Option<TableId>, plan: &Plan, from: &Side, to: &Side) -> Result<Vec<String>, Failure> {
    for name in asked {
        for side in [from, to] {
            if side.get(name).is_none() {
                let message = format!("`{}` has no column `{}`", side.label, line(name));
                let help = did_you_mean(name, side.columns.iter().map(|(it, _)| it.name.as_str()));
                return Err(Failure::Problem(Box::new(Problem::new(&UNKNOWN_SUBJECT, message).help(help))));
            }
        }
    }
    if !asked.is_empty() {
        return Ok(asked.to_vec());
    }
    let key = index.and_then(|it| plan.key_column(it));
    Ok(key.into_iter().filter(|it| from.get(it).is_some() && to.get(it).is_some()).collect())
}

/// The columns of both sides: those that are there now in their order, then those that are gone.
fn columns(from: &Side, to: &Side, unmasked: bool) -> Vec<Compared> {
    let gone = from.visible().filter(|(it, _)| to.get(&it.name).is_none());
    let all = to.visible().chain(gone);
    let one = |(column, _): &(crate::model::Column, crate::digest::Digest)| {
        let (was, is) = (from.get(&column.name), to.get(&column.name));
        let sides = || was.iter().chain(&is);
        let personal = sides().any(|(it, _)| it.class == Class::Personal);
        let one_type = sides().all(|(it, _)| it.ty == column.ty);
        let mask = (personal && !unmasked).then_some(MASK);
        Compared {
            name: column.name.clone(),
            ty: if one_type && mask.is_none() { column.ty } else { Type::Text },
            from: was.map(|(_, digest)| *digest),
            to: is.map(|(_, digest)| *digest),
            mask,
        }
    };
    all.map(one).collect()
}

fn tally(
    worker: &mut dyn Worker,
    stored: &(Stored, Stored),
    by: &[String],
    columns: &[Compared],
) -> Result<Tally, Failure> {
    let comparison = Comparison { from: &stored.0, to: &stored.1, keys: by, columns };
    worker.compare(&comparison).map_err(failed)
}

impl Difference<'_> {
    /// Columns with cells that differ: all of them, and those that changed, were filled, were emptied.
    pub(crate) fn touched(&self) -> impl Iterator<Item = (&str, u64, [u64; 3])> {
        let all = self.columns.iter().zip(&self.tally.columns).filter(|(_, it)| it.cells() > 0);
        all.map(|(column, it)| (column.name.as_str(), it.cells(), [it.changed, it.filled, it.emptied]))
    }

    /// Whether no row differs.
    pub(crate) fn no_row(&self) -> bool {
        self.tally.added + self.tally.removed + self.tally.changed == 0
    }

    /// Whether there is nothing to tell.
    pub(crate) fn is_nothing(&self) -> bool {
        self.no_row() && !self.reordered() && self.columns.iter().all(|it| it.is_shared() && !self.retyped(it))
    }

    /// Rows of both sides that are alike.
    pub(crate) fn same_rows(&self) -> u64 {
        self.to.rows - self.tally.added - self.tally.changed
    }

    /// Whether the same rows come in another order.
    pub(crate) fn reordered(&self) -> bool {
        let shared = |it: &&Compared| it.is_shared();
        self.no_row() && self.columns.iter().filter(shared).any(|it| !it.is_same() && !self.retyped(it))
    }

    /// Whether its type is another one.
    pub(crate) fn retyped(&self, column: &Compared) -> bool {
        let ty = |side: &Side| side.get(&column.name).map(|(it, _)| it.ty);
        column.is_shared() && ty(self.from) != ty(self.to)
    }
}
