//! `hotpass show`: rows of a table and what its columns hold, with personal data masked by classification.

mod chosen;
mod failing;
mod lost;

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use arrow_array::RecordBatch;
use serde_json::json;

use crate::cli::Answer;
use crate::cli::args::{self, Global};
use crate::cli::build::{Outcome, world_failed};
use crate::cli::columns::{self, Held};
use crate::cli::exit::Exit;
use crate::cli::explain::{UNKNOWN_SUBJECT, find, unknown};
use crate::cli::interrupt;
use crate::cli::json_cell::values;
use crate::cli::look_of_stdout;
use crate::cli::output::Output;
use crate::cli::selectors::LISTED;
use crate::cli::session::{Asked, Session, text_of};
use crate::model::{Class, Column, Type};
use crate::plan::Plan;
use crate::problem::{Problem, Severity, did_you_mean};
use crate::publish::cell_texts;
use crate::run::warden::{Passed, Warden, Watch};
use crate::run::{self, State, keys};
use crate::show::{self, Align, count};
use crate::store::backend::{Cancel, Engine, EngineError, EngineFactory, Profiled, Stopper, Worker};

pub(super) use crate::cli::answer::MASK;

/// `hotpass show`.
pub fn show(global: &Global, asked: &Asked, it: &args::Show, factory: Option<&'static dyn EngineFactory>) -> Outcome {
    let Some(factory) = factory else { return Outcome::NeedsEngine };
    let typed = it.only.as_deref().map(crate::query::as_written);
    let texts = |path: &Path| typed.clone().filter(|_| path == Path::new(crate::query::WHERE));
    looked_at(global, asked, factory, &texts, |session, engine, plan| {
        let index = named(plan, &it.step)?;
        if it.unmapped {
            return Ok(unmapped(plan, index, global));
        }
        if it.lost {
            return lost::answer(session, engine, plan, index, it, global);
        }
        let index = if it.rejected { rejects(plan, index)? } else { index };
        let table_only = matches!(global.format, args::Format::Csv | args::Format::Markdown | args::Format::Box);
        if it.chooses() || table_only && it.column.is_empty() {
            return chosen::answer(session, engine, plan, index, it, global);
        }
        let states = run::settle(plan, &session.journal);
        let State::Materialized(settled) = &states[index] else { return Err(not_made(&it.step)) };
        let stored = keys::stored(plan, index, settled, &session.journal, &session.paths).map_err(failed)?;
        let table = &plan.tables[index];
        let columns: Vec<&Column> = table.schema.visible().collect();
        let columns = asked_for(&it.step, &columns, &it.column)?;
        let open = |at: usize| it.unmasked || columns[at].class == Class::Open;
        let mut worker = engine.worker().map_err(failed)?;
        let mut rows = Vec::new();
        if it.column.is_empty() {
            let names: Vec<&str> = columns.iter().map(|it| it.name.as_str()).collect();
            let mut add = |batch: RecordBatch| {
                rows.extend(cells(&batch, &open)?);
                Ok(())
            };
            worker.rows(&stored, &names, 0..it.most().min(stored.rows), &mut add).map_err(failed)?;
        }
        let profiled = columns.iter().enumerate();
        let profiled = profiled.map(|(at, it)| Profiled { name: &it.name, ty: it.ty, open: open(at) });
        let profiles = worker.profile(&stored, &profiled.collect::<Vec<_>>()).map_err(failed)?;
        let held = columns.iter().zip(&profiles);
        let held: Vec<_> = held.map(|(column, profile)| Held { column, profile, rows: stored.rows }).collect();
        Ok(shown(global, it, &table.name.to_string(), &rows, &held))
    })
}

/// Opens the workspace and the engine, whatever is wrong with the pipelines: what stands can be looked at.
pub(super) fn looked(
    global: &Global,
    asked: &Asked,
    factory: &'static dyn EngineFactory,
    answer: impl FnOnce(&Session, &dyn Engine, &Plan) -> Result<Answer, Failure>,
) -> Outcome {
    looked_at(global, asked, factory, &|_| None, answer)
}

/// The same; `typed` gives texts that were typed, by what they are called where they are pointed into.
pub(super) fn looked_at(
    global: &Global,
    asked: &Asked,
    factory: &'static dyn EngineFactory,
    typed: &dyn Fn(&Path) -> Option<String>,
    answer: impl FnOnce(&Session, &dyn Engine, &Plan) -> Result<Answer, Failure>,
) -> Outcome {
    let warden = Warden::new(asked.limits, Instant::now());
    let out = Output::new(global);
    let session = match Session::open(asked, Some(factory), true) {
        Ok(session) => session,
        Err(error) => return Outcome::Done(world_failed(&error, &out)),
    };
    let plan = session.plan();
    let made = match session.paths.create() {
        Ok(()) => factory.open(&session.setup).map_err(failed),
        Err(error) => Err(failed(EngineError::from(error))),
    };
    let watch = warden.begin(&Cancel::default());
    let overdue = |passed: Passed| {
        out.problems(&[passed.refused("the answer", "given")], &|_: &Path| None);
        interrupt::end(Exit::Refused)
    };
    let answered = warden.over(&overdue, || {
        made.and_then(|engine| answer(&session, &Watched::new(&*engine, &watch), &plan)).map_err(|it| {
            let passed = match it {
                Failure::Memory => Some(watch.passed().unwrap_or(Passed::Memory(asked.limits.memory, 0))),
                _ => watch.passed(),
            };
            passed.map_or(it, |passed| Failure::Problem(Box::new(passed.refused("the answer", "given"))))
        })
    });
    match answered.unwrap_or_else(|error| Err(Failure::World(error.to_string()))) {
        Ok(answer) => Outcome::Done(answer.page().unwrap_or(Exit::World)),
        Err(Failure::Problem(problem)) => {
            // What is not there may be what the pipelines fail to make.
            let told = session.problems().into_iter().filter(|it| it.severity == Severity::Error).chain([*problem]);
            out.problems(&told.collect::<Vec<_>>(), &|path: &Path| typed(path).or_else(|| text_of(&asked.root, path)));
            Outcome::Done(Exit::Refused)
        }
        Err(Failure::Memory) => Outcome::Done(world_failed(&EngineError::Memory, &out)),
        Err(Failure::World(reason)) => Outcome::Done(world_failed(&reason, &out)),
    }
}

/// An engine whose statements end with a limit.
struct Watched<'a> {
    engine: &'a dyn Engine,
    watch: &'a Watch<'a>,
    stoppers: Mutex<Vec<Arc<Stopper>>>,
}

impl<'a> Watched<'a> {
    fn new(engine: &'a dyn Engine, watch: &'a Watch<'a>) -> Watched<'a> {
        Watched { engine, watch, stoppers: Mutex::default() }
    }
}

impl Engine for Watched<'_> {
    fn worker(&self) -> Result<Box<dyn Worker>, EngineError> {
        self.watch.cancel().check()?;
        let worker = self.engine.worker()?;
        let mut all = self.stoppers.lock().unwrap_or_else(PoisonError::into_inner);
        all.push(worker.stopper());
        let all = all.clone();
        self.watch.stops(Arc::new(move || all.iter().for_each(|it| it())));
        Ok(worker)
    }

    fn interrupt(&self) {
        self.engine.interrupt();
    }
}

/// Why nothing is shown.
pub(super) enum Failure {
    /// Something was asked for that is not there.
    Problem(Box<Problem>),
    /// The engine found no more memory.
    Memory,
    /// The world failed.
    World(String),
}

pub(super) fn failed(error: EngineError) -> Failure {
    match error {
        EngineError::Problem(problem) => Failure::Problem(problem),
        EngineError::Memory => Failure::Memory,
        other => Failure::World(other.to_string()),
    }
}

pub(super) fn named(plan: &Plan, name: &str) -> Result<usize, Failure> {
    find(plan, name).ok_or_else(|| Failure::Problem(unknown(plan, name, LISTED)))
}

pub(super) fn not_made(name: &str) -> Failure {
    let message = format!("`{}` is not made yet", show::line(name));
    let help = format!("`hotpass build {}` makes it", show::line(name));
    Failure::Problem(Box::new(Problem::new(&UNKNOWN_SUBJECT, message).help(help)))
}

fn rejects(plan: &Plan, step: usize) -> Result<usize, Failure> {
    let name = &plan.tables[step].name;
    plan.rejects_of(step).ok_or_else(|| {
        let message = format!("`{name}` sets no rows aside");
        Failure::Problem(Box::new(Problem::new(&UNKNOWN_SUBJECT, message)))
    })
}

fn unmapped(plan: &Plan, index: usize, global: &Global) -> Answer {
    let table = &plan.tables[index];
    if global.format == args::Format::Json {
        let out = table.unmapped.iter().map(|it| {
            show::json_line(&json!({"v": 1, "event": "unmapped", "step": table.name.to_string(), "column": it.column,
                "proposals": it.proposals}))
        });
        return Answer::of(out.collect());
    }
    if table.unmapped.is_empty() {
        return Answer::of(format!("`{}` takes every column of its input\n", table.name));
    }
    let heads = [("column", Align::Left), ("might be", Align::Left), ("score", Align::Right), ("because", Align::Left)];
    let heads: Vec<_> = heads.into_iter().map(|(name, align)| (name.to_owned(), align)).collect();
    let mut rows = Vec::new();
    for it in &table.unmapped {
        let mut column = Some(it.column.clone());
        for proposal in &it.proposals {
            let score = format!("{:.2}", proposal.score);
            rows.push(vec![column.take(), Some(proposal.field.clone()), Some(score), Some(proposal.why.clone())]);
        }
        if let Some(column) = column {
            rows.push(vec![Some(column), None, None, None]);
        }
    }
    Answer::of(show::table(&heads, &rows, look_of_stdout(global)))
}

pub(super) fn align_of(ty: Type) -> Align {
    if ty.is_number() { Align::Right } else { Align::Left }
}

/// The cells of a batch as text; columns that are not open are masked.
pub(super) fn cells(
    batch: &RecordBatch,
    open: &dyn Fn(usize) -> bool,
) -> Result<Vec<Vec<Option<String>>>, EngineError> {
    let mut rows = cell_texts(batch).map_err(EngineError::Engine)?;
    for row in &mut rows {
        for (at, cell) in row.iter_mut().enumerate() {
            if cell.is_some() && !open(at) {
                *cell = Some(MASK.to_owned());
            }
        }
    }
    Ok(rows)
}

/// The columns that were asked for by name; all without any.
fn asked_for<'a>(step: &str, columns: &[&'a Column], words: &[String]) -> Result<Vec<&'a Column>, Failure> {
    if words.is_empty() {
        return Ok(columns.to_vec());
    }
    columns::chosen(columns, words).map_err(|word| {
        let help = did_you_mean(&word, columns.iter().map(|it| it.name.as_str()));
        let message = format!("`{}` has no column `{}`", show::line(step), show::line(&word));
        Failure::Problem(Box::new(Problem::new(&UNKNOWN_SUBJECT, message).help(help)))
    })
}

/// Rows, and what each column holds; only this, and all of it, where columns were named.
fn shown(global: &Global, it: &args::Show, table: &str, rows: &[Vec<Option<String>>], held: &[Held<'_>]) -> Answer {
    let columns = || held.iter().map(|it| it.column);
    if global.format == args::Format::Json {
        let events = held.iter().map(|it| show::json_line(&it.event(table)));
        let rows = rows.iter().map(|row| {
            show::json_line(&json!({"v": 1, "event": "row", "table": table, "values": values(columns(), row)}))
        });
        return Answer::of(events.chain(rows).collect());
    }
    let look = look_of_stdout(global);
    if !it.column.is_empty() {
        return Answer::of(columns::details(held, table, look));
    }
    let mut out = String::new();
    let total = held.first().map_or(0, |it| it.rows);
    if it.most() > 0 {
        let heads: Vec<_> = columns().map(|it| (it.name.clone(), align_of(it.ty))).collect();
        out.push_str(&show::pages(&heads, rows, look));
    }
    match rows.len() as u64 {
        0 => out.push_str(&format!("{}\n", count(total, "row"))),
        shown if shown < total => out.push_str(&format!("{} of {}\n", show::number(shown), count(total, "row"))),
        _ => (),
    }
    out.push('\n');
    out.push_str(&columns::lines(held, look));
    Answer::of(out)
}
