//! `hotpass diff`: what differs between a table as it was and as it is. Rows, cells and counts by column, for people, for
//! programs, as a page and as a workbook.

use std::path::Path;

use crate::answers::diff::lines::{self, Line, Summary, pairs};
use crate::answers::diff::sides::{Memory, Side};
use crate::answers::diff::{self, Difference, ONE_TABLE, Sides, revision};
use crate::answers::event;
use crate::answers::problem::ProblemEvent;
use crate::cli::args::{self, Format, Global};
use crate::cli::looked::looked;
use crate::cli::outcome::Outcome;
use crate::cli::output::Output;
use crate::cli::{Answer, look_of_stdout};
use crate::problem::Problem;
use crate::publish::own_files::{BOOK, PAGE};
use crate::show::{count, line};
use crate::store::backend::{Comparison, EngineFactory, Stored, Worker};
use crate::views;
use crate::views::diff::{Lines, html, sheet};
use crate::workspace::failure::{Failure, failed};
use crate::workspace::session::{Asked, text_of};

/// How many rows people are shown, and how many a page has.
const ROWS: (u64, u64) = (20, 1_000);
/// How many rows people are shown of each of several tables.
const EACH: u64 = 5;

/// `hotpass diff`.
pub fn diff(global: &Global, asked: &Asked, it: &args::Diff, factory: Option<&'static dyn EngineFactory>) -> Outcome {
    let Some(factory) = factory else { return Outcome::NeedsEngine };
    looked(global, asked, factory, |session, engine, _| {
        let plan = session.plan();
        let (from, to) = (it.from.as_deref(), it.to.as_deref());
        let request = diff::Request { steps: &it.steps, from, to, rejected: it.rejected };
        let own = Memory::of(session, &plan);
        let tables = diff::chosen(&plan, &own, &session.journal, &request)?;
        if let ([_, _, ..], Some(path)) = (tables.as_slice(), &it.output) {
            let path = line(&path.display().to_string());
            let message = format!("{} are selected, and `{path}` takes one", count(tables.len() as u64, "table"));
            let help = "name one step, or leave `--output` out to see them all".to_owned();
            return Err(Failure::Problem(Box::new(Problem::new(&ONE_TABLE, message).help(help))));
        }
        let other = it.against.as_ref().map(|it| Memory::at(it, asked, factory)).transpose()?;
        let out = Output::new(global);
        let tell = |root: &Path, problems: &[Problem]| out.problems(problems, &|path| text_of(root, path));
        let names: Vec<String> = tables.iter().map(|it| it.step.clone()).collect();
        let revision = |word: &Option<String>| {
            let name = word.as_deref().and_then(revision::named);
            name.map(|it| revision::memory(session, asked, it, &names, factory, &tell)).transpose()
        };
        let (from, to) = (revision(&it.from)?, revision(&it.to)?);
        let sides = Sides { own: &own, from: from.as_ref(), to: to.as_ref(), other: other.as_ref() };
        let mut worker = engine.worker().map_err(failed)?;
        let mut several = Several::default();
        for table in &tables {
            let (from, to) = match sides.of(&request, &table.name) {
                Ok((Some(from), to)) => (from, to),
                Ok((None, to)) => {
                    let answer = nothing_earlier(&own, &table.name, &to, global);
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
                        Format::Json => several.add(&event::json(&ProblemEvent::of(&problem, None)), global.format),
                        _ => several.missing.push(problem.message.clone()),
                    }
                    continue;
                }
                Err(failure) => return Err(failure),
            };
            let stored = (sides.base().stored(&from, &table.name)?, sides.top().stored(&to, &table.name)?);
            let by = diff::by(&it.by, table.index.filter(|_| !it.rejected), &plan, &from, &to)?;
            let columns = diff::columns(&from, &to, it.unmasked);
            let tally = diff::tally(&mut *worker, &stored, &by, &columns)?;
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

fn nothing_earlier(own: &Memory, table: &str, to: &Side, global: &Global) -> Answer {
    let runs = own.past(table).count() as u64;
    Answer::shown(&lines::Same::of(table, to), global, |_, _| {
        format!("`{table}` is the same in every run that is kept ({})\n", count(runs, "run"))
    })
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
        return Ok(written(difference, path, None, global));
    }
    let mut rows: Vec<Line> = Vec::new();
    let taken = worker.differences(&comparison, most, &mut |batch| Line::read(&batch, &mut rows));
    taken.map_err(failed)?;
    let rows = pairs(rows);
    if let Some(path) = &it.output {
        let page = html::page(difference, &rows);
        PAGE.place(path, |file| std::io::Write::write_all(file, page.as_bytes()))
            .map_err(|error| world(path, &error))?;
        return Ok(written(difference, path, most, global));
    }
    let told = lines::Differing { difference, rows: &rows };
    Ok(Answer::shown(&told, global, |_, look| Lines { difference, rows: &rows, look }.text()))
}

/// What is told of a file that was written.
fn written(difference: &Difference<'_>, path: &Path, most: Option<u64>, global: &Global) -> Answer {
    let all = difference.tally.added + difference.tally.removed + difference.tally.changed;
    let shown = most.map_or(all, |most| most.min(all));
    let summary = Summary::of(difference, shown).written(path);
    Answer::shown(&summary, global, |_, _| views::diff::written(difference, path, most))
}
