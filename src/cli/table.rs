//! `hotpass show`: rows of a table and what its columns hold, with personal data masked by classification.

mod chosen;
mod failing;
mod lost;

use std::path::Path;

use arrow_array::RecordBatch;
use serde_json::json;

use crate::cli::answer::cells;
use crate::cli::args::{self, Global};
use crate::cli::columns::{self, Held};
use crate::cli::json_cell::values;
use crate::cli::looked::looked_at;
use crate::cli::outcome::Outcome;
use crate::cli::{Answer, look_of_stdout};
use crate::model::{Class, Column};
use crate::plan::Plan;
use crate::problem::{Problem, did_you_mean};
use crate::run::{self, State, keys};
use crate::show::{self, Align, align_of, count};
use crate::store::backend::{EngineFactory, Profiled};
use crate::workspace::failure::{Failure, failed};
use crate::workspace::lookup::{UNKNOWN_SUBJECT, named, not_made};
use crate::workspace::session::Asked;

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
