//! `hotpass diff`: what differs between a table as it was and as it is. Rows, cells and counts by column, for people, for
//! programs, as a page and as a workbook.
//!
//! Here: which two sides are compared, and by what. How rows are compared stands in `store::compare`.

mod html;
mod lines;
mod revision;
mod sheet;
mod sides;

use std::path::Path;

use crate::cli::answer::MASK;
use crate::cli::args::{self, Format, Global};
use crate::cli::diff::lines::{Line, Lines, pairs};
use crate::cli::diff::sides::{Memory, NOW, REJECTED, Side};
use crate::cli::looked::looked;
use crate::cli::outcome::Outcome;
use crate::cli::output::Output;
use crate::cli::{Answer, look_of_stdout};
use crate::model::{Class, Type};
use crate::plan::Plan;
use crate::problem::{Code, Problem, did_you_mean};
use crate::publish::own_files::{BOOK, PAGE};
use crate::run::{self, State};
use crate::show::{count, json_line, line, problem_json};
use crate::store::backend::{Compared, Comparison, EngineFactory, Stored, Tally, Worker};
use crate::store::journal::Journal;
use crate::workspace::failure::{Failure, failed};
use crate::workspace::lookup::{UNKNOWN_SUBJECT, called, named, not_made};
use crate::workspace::selectors;
use crate::workspace::session::Asked;

/// A run or workspace that is not there.
pub const UNKNOWN_RUN: Code = Code::error("hotpass::diff::unknown-run");
/// What a run made was dropped.
pub const RUN_IS_GONE: Code = Code::error("hotpass::diff::run-is-gone");

/// Several tables for one file.
pub const ONE_TABLE: Code = Code::error("hotpass::diff::one-table");

/// All codes of this module.
pub const CODES: &[&Code] =
    &[&UNKNOWN_RUN, &RUN_IS_GONE, &ONE_TABLE, &revision::BROKEN_REVISION, &revision::NOT_IN_GIT];

/// How many rows people are shown, and how many a page has.
const ROWS: (u64, u64) = (20, 1_000);
/// How many rows people are shown of each of several tables.
const EACH: u64 = 5;

/// Two sides of one table, compared.
struct Difference<'a> {
    /// `pipeline.step`.
    table: &'a str,
    from: &'a Side,
    to: &'a Side,
    /// The columns that rows are matched by; none where whole rows are.
    by: Vec<String>,
    columns: Vec<Compared>,
    tally: Tally,
}

/// `hotpass diff`.
pub fn diff(global: &Global, asked: &Asked, it: &args::Diff, factory: Option<&'static dyn EngineFactory>) -> Outcome {
    let Some(factory) = factory else { return Outcome::NeedsEngine };
    looked(global, asked, factory, |session, engine, _| {
        let plan = session.plan();
        let own = Memory::of(session, &plan);
        let tables = chosen(&plan, &own, &session.journal, it)?;
        if let ([_, _, ..], Some(path)) = (tables.as_slice(), &it.output) {
            let path = line(&path.display().to_string());
            let message = format!("{} are selected, and `{path}` takes one", count(tables.len() as u64, "table"));
            let help = "name one step, or leave `--output` out to see them all".to_owned();
            return Err(Failure::Problem(Box::new(Problem::new(&ONE_TABLE, message).help(help))));
        }
        let other = it.against.as_ref().map(|it| Memory::at(it, asked, factory)).transpose()?;
        let (out, names) = (Output::new(global), tables.iter().map(|it| it.step.clone()).collect::<Vec<_>>());
        let revision = |word: &Option<String>| {
            let name = word.as_deref().and_then(revision::named);
            name.map(|it| revision::memory(session, asked, it, &names, factory, &out)).transpose()
        };
        let (from, to) = (revision(&it.from)?, revision(&it.to)?);
        let sides = Sides { own: &own, from: from.as_ref(), to: to.as_ref(), other: other.as_ref() };
        let mut worker = engine.worker().map_err(failed)?;
        let mut several = Several::default();
        for table in &tables {
            let (from, to) = match sides.of(it, &table.name) {
                Ok((Some(from), to)) => (from, to),
                Ok((None, to)) => {
                    let answer = nothing_earlier(&own, &table.name, &to, global.format);
                    if tables.len() == 1 {
                        return Ok(answer);
                    }
                    match global.format {
                        Format::Json => several.add(&answer.stdout, global.format),
                        _ => several.same.push(table.name.clone()),
                    }
                    continue;
                }
                Err(Failure::Problem(problem)) if tables.len() > 1 => {
                    match global.format {
                        Format::Json => several.add(&json_line(&problem_json(&problem, None)), global.format),
                        _ => several.missing.push(problem.message.clone()),
                    }
                    continue;
                }
                Err(failure) => return Err(failure),
            };
            let stored = (sides.base().stored(&from, &table.name)?, sides.top().stored(&to, &table.name)?);
            let by = by(&it.by, table.index.filter(|_| !it.rejected), &plan, &from, &to)?;
            let columns = columns(&from, &to, it.unmasked);
            let tally = tally(&mut *worker, &stored, &by, &columns)?;
            let difference = Difference { table: &table.name, from: &from, to: &to, by, columns, tally };
            let alone = tables.len() == 1;
            if !alone && global.format != Format::Json && difference.is_nothing() {
                several.same.push(table.name.clone());
                continue;
            }
            let most = if alone { ROWS.0 } else { EACH };
            let answer = answer(global, it, &difference, &mut *worker, &stored, most)?;
            if alone {
                return Ok(answer);
            }
            several.add(&answer.stdout, global.format);
        }
        Ok(Answer::of(several.told(global)))
    })
}

/// A table to compare.
struct Chosen {
    /// `pipeline.step`, and more behind it for rows that were set aside.
    name: String,
    /// `pipeline.step`.
    step: String,
    /// In the plan; a step that was taken out is in runs alone.
    index: Option<usize>,
}

/// The tables that are asked for, each once, in the order of the plan where one word names several.
fn chosen(plan: &Plan, own: &Memory, journal: &Journal, it: &args::Diff) -> Result<Vec<Chosen>, Failure> {
    let mut acc: Vec<Chosen> = Vec::new();
    let mut add = |step: String, index: Option<usize>| {
        let name = if it.rejected { format!("{step}{REJECTED}") } else { step.clone() };
        if acc.iter().all(|it| it.name != name) {
            acc.push(Chosen { name, step, index });
        }
    };
    let states = run::settle(plan, journal);
    let changed = |table: usize| !matches!(states[table], State::Materialized(_));
    for word in &it.steps {
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
        let tables = plan.tables.iter().enumerate().zip(&selected.tables);
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
    fn of(&self, it: &args::Diff, table: &str) -> Result<(Option<Side>, Side), Failure> {
        let to = match (&it.to, self.to) {
            (_, Some(revision)) => revision.standing(table)?,
            (Some(word), None) => self.own.named(word, table)?,
            (None, None) => self.own.standing(table)?,
        };
        let from = match (&it.from, self.from, self.other) {
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

/// What is told of several tables.
#[derive(Default)]
struct Several {
    text: String,
    same: Vec<String>,
    missing: Vec<String>,
}

impl Several {
    fn add(&mut self, text: &str, format: Format) {
        if !self.text.is_empty() && format != Format::Json {
            self.text.push('\n');
        }
        self.text.push_str(text);
    }

    /// Those that differ, then those that do not.
    fn told(mut self, global: &Global) -> String {
        if global.format == Format::Json {
            return self.text;
        }
        let more = !self.same.is_empty() || !self.missing.is_empty();
        if more && !self.text.is_empty() {
            self.text.push('\n');
        }
        if !self.same.is_empty() {
            let text = format!("the same: {}", self.same.join(", "));
            self.text.push_str(&format!("{}\n", look_of_stdout(global).fold(&text, 2)));
        }
        self.missing.iter().for_each(|it| self.text.push_str(&format!("{}\n", line(it))));
        self.text
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

fn nothing_earlier(own: &Memory, table: &str, to: &Side, format: Format) -> Answer {
    let runs = own.past(table).count() as u64;
    if format == Format::Json {
        let value = serde_json::json!({"v": 1, "event": "diff.summary", "table": table, "from": null,
            "to": {"run": to.label, "rows": to.rows}});
        return Answer::of(crate::show::json_line(&value));
    }
    Answer::of(format!("`{table}` is the same in every run that is kept ({})\n", count(runs, "run")))
}

/// The columns that rows are matched by: those that were asked for, or the key of the table where both sides have it.
fn by(asked: &[String], index: Option<usize>, plan: &Plan, from: &Side, to: &Side) -> Result<Vec<String>, Failure> {
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
    /// Whether no row differs.
    fn no_row(&self) -> bool {
        self.tally.added + self.tally.removed + self.tally.changed == 0
    }

    /// Whether there is nothing to tell.
    fn is_nothing(&self) -> bool {
        self.no_row() && !self.reordered() && self.columns.iter().all(|it| it.is_shared() && !self.retyped(it))
    }

    /// Rows of both sides that are alike.
    fn same_rows(&self) -> u64 {
        self.to.rows - self.tally.added - self.tally.changed
    }

    /// Whether the same rows come in another order.
    fn reordered(&self) -> bool {
        let shared = |it: &&Compared| it.is_shared();
        self.no_row() && self.columns.iter().filter(shared).any(|it| !it.is_same() && !self.retyped(it))
    }

    /// Whether its type is another one.
    fn retyped(&self, column: &Compared) -> bool {
        let ty = |side: &Side| side.get(&column.name).map(|(it, _)| it.ty);
        column.is_shared() && ty(self.from) != ty(self.to)
    }
}

/// The rows as they are asked for, with what was counted.
fn answer(
    global: &Global,
    it: &args::Diff,
    difference: &Difference<'_>,
    worker: &mut dyn Worker,
    stored: &(Stored, Stored),
    few: u64,
) -> Result<Answer, Failure> {
    let comparison = Comparison { from: &stored.0, to: &stored.1, keys: &difference.by, columns: &difference.columns };
    let extension = it.output.as_deref().and_then(Path::extension).and_then(|it| it.to_str());
    let most = match (it.rows, extension, global.format) {
        (_, Some("xlsx"), _) => None,
        (Some(rows), ..) => Some(rows),
        (None, Some("html"), _) => Some(ROWS.1),
        (None, _, Format::Json) => None,
        (None, ..) => Some(few),
    };
    let world = |path: &Path, error: &dyn std::fmt::Display| Failure::World(format!("`{}`: {error}", path.display()));
    if let Some(path) = it.output.as_deref().filter(|_| extension == Some("xlsx")) {
        let rows = BOOK.place(path, |file| sheet::write(file, difference, worker, &comparison));
        rows.map_err(|error| world(path, &error))?;
        return Ok(Answer::of(lines::written(difference, path, None, global.format)));
    }
    let mut rows: Vec<Line> = Vec::new();
    let taken = worker.differences(&comparison, most, &mut |batch| Line::read(&batch, &mut rows));
    taken.map_err(failed)?;
    let rows = pairs(rows);
    if let Some(path) = &it.output {
        let page = html::page(difference, &rows);
        PAGE.place(path, |file| std::io::Write::write_all(file, page.as_bytes()))
            .map_err(|error| world(path, &error))?;
        return Ok(Answer::of(lines::written(difference, path, most, global.format)));
    }
    let lines = Lines { difference, rows: &rows, look: look_of_stdout(global) };
    Ok(Answer::of(if global.format == Format::Json { lines.json() } else { lines.text() }))
}

/// `from` and `to` in words.
fn sides_in_words(difference: &Difference<'_>) -> String {
    let words = |side: &Side| if side.label == NOW { NOW.to_owned() } else { line(&side.label) };
    let by = match difference.by.as_slice() {
        [] => "whole rows, for there is no key".to_owned(),
        names => format!("rows matched by `{}`", line(&names.join("`, `"))),
    };
    format!("from {} to {}, {by}", words(difference.from), words(difference.to))
}
