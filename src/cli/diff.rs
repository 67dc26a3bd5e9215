//! `hotpass diff`: what differs between a table as it was and as it is. Rows, cells and counts by column, for people, for
//! programs, as a page and as a workbook.
//!
//! Here: which two sides are compared, and by what. How rows are compared stands in `store::compare`.

mod html;
mod lines;
mod sheet;
mod sides;

use std::path::Path;

use crate::cli::archive::placed;
use crate::cli::args::{self, Format, Global};
use crate::cli::build::Outcome;
use crate::cli::diff::lines::{Line, Lines, pairs};
use crate::cli::diff::sides::{Memory, NOW, REJECTED, Side};
use crate::cli::explain::{UNKNOWN_SUBJECT, find};
use crate::cli::session::Asked;
use crate::cli::table::{Failure, MASK, failed, looked, named, not_made};
use crate::cli::{Answer, look_of_stdout};
use crate::model::{Class, Type};
use crate::plan::Plan;
use crate::problem::{Code, Problem, did_you_mean};
use crate::show::{count, line};
use crate::store::workshop::{Compared, Comparison, Power, Stored, Tally, Worker};

/// A run or workspace that is not there.
pub const UNKNOWN_RUN: Code = Code::error("hotpass::diff::unknown-run");
/// What a run made was dropped.
pub const RUN_IS_GONE: Code = Code::error("hotpass::diff::run-is-gone");

/// All codes of this module.
pub const CODES: &[&Code] = &[&UNKNOWN_RUN, &RUN_IS_GONE];

/// How many rows people are shown, and how many a page has.
const ROWS: (u64, u64) = (20, 1_000);

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
pub fn diff(global: &Global, asked: &Asked, it: &args::Diff, power: Option<&'static dyn Power>) -> Outcome {
    let Some(power) = power else { return Outcome::NeedsEngine };
    looked(global, asked, power, |session, workshop, _| {
        let plan = session.plan();
        let own = Memory::of(session, &plan);
        let other = it.against.as_ref().map(|it| Memory::at(it, asked, power)).transpose()?;
        let index = find(&plan, &it.step);
        let mut table = match index {
            Some(index) => plan.tables[index].name.to_string(),
            // A step that was taken out is still in the runs that had it.
            None => own.called(&it.step).map_or_else(|| named(&plan, &it.step).map(|_| String::new()), Ok)?,
        };
        if it.rejected {
            table.push_str(REJECTED);
        }
        let to = match &it.to {
            Some(word) => own.named(word, &table)?,
            None => own.now(&table).or_else(|| own.past(&table).next()).ok_or_else(|| not_made(&it.step))?,
        };
        let base = other.as_ref().unwrap_or(&own);
        let from = match (&it.from, &other) {
            (Some(word), _) => base.named(word, &table)?,
            (None, Some(other)) => {
                other.now(&table).or_else(|| other.past(&table).next()).ok_or_else(|| not_made(&it.step))?
            }
            (None, None) => match earlier(&own, &table, &to) {
                Some(side) => side,
                None => return Ok(nothing_earlier(&own, &table, &to, global.format)),
            },
        };
        let stored = (base.stored(&from, &table)?, own.stored(&to, &table)?);
        let by = by(&it.by, index.filter(|_| !it.rejected), &plan, &from, &to)?;
        let columns = columns(&from, &to, it.unmasked);
        let mut worker = workshop.worker().map_err(failed)?;
        let tally = tally(&mut *worker, &stored, &by, &columns)?;
        let difference = Difference { table: &table, from: &from, to: &to, by, columns, tally };
        answer(global, it, &difference, &mut *worker, &stored)
    })
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
) -> Result<Answer, Failure> {
    let comparison = Comparison { from: &stored.0, to: &stored.1, keys: &difference.by, columns: &difference.columns };
    let extension = it.output.as_deref().and_then(Path::extension).and_then(|it| it.to_str());
    let most = match (it.rows, extension, global.format) {
        (_, Some("xlsx"), _) => None,
        (Some(rows), ..) => Some(rows),
        (None, Some("html"), _) => Some(ROWS.1),
        (None, _, Format::Json) => None,
        (None, ..) => Some(ROWS.0),
    };
    let world = |path: &Path, error: &dyn std::fmt::Display| Failure::World(format!("`{}`: {error}", path.display()));
    if let Some(path) = it.output.as_deref().filter(|_| extension == Some("xlsx")) {
        let rows = placed(path, |file| sheet::write(file, difference, worker, &comparison));
        rows.map_err(|error| world(path, &error))?;
        return Ok(Answer::of(lines::written(difference, path, None, global.format)));
    }
    let mut rows: Vec<Line> = Vec::new();
    let taken = worker.differences(&comparison, most, &mut |batch| Line::read(&batch, &mut rows));
    taken.map_err(failed)?;
    let rows = pairs(rows);
    if let Some(path) = &it.output {
        let page = html::page(difference, &rows);
        placed(path, |file| std::io::Write::write_all(file, page.as_bytes())).map_err(|error| world(path, &error))?;
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
