//! `hotpass show STEP --lost`: the values that a step could not read.

use serde_json::json;

use crate::cli::Answer;
use crate::cli::answer::MASK;
use crate::cli::args::{self, Global};
use crate::cli::look_of_stdout;
use crate::model::{Class, Column};
use crate::plan::Plan;
use crate::problem::Problem;
use crate::run::losses::{Lost, lost};
use crate::run::{self, State};
use crate::show::{self, Align, count};
use crate::store::backend::Engine;
use crate::workspace::failure::{Failure, failed};
use crate::workspace::lookup::UNKNOWN_SUBJECT;
use crate::workspace::lookup::not_made;
use crate::workspace::session::Session;

pub(super) fn answer(
    session: &Session,
    engine: &dyn Engine,
    plan: &Plan,
    step: usize,
    it: &args::Show,
    global: &Global,
) -> Result<Answer, Failure> {
    let name = plan.tables[step].name.to_string();
    let Some(beside) = plan.beside(step) else {
        let message = format!("`{name}` reads no values that it could lose");
        let help = "a `normalise` step loses what has no normal form, a `derive` step what a cast or a value function \
                    cannot read";
        return Err(Failure::Problem(Box::new(Problem::new(&UNKNOWN_SUBJECT, message).help(help.to_owned()))));
    };
    let states = run::settle(plan, &session.journal);
    let State::Materialized(settled) = &states[beside] else { return Err(not_made(&it.step)) };
    let mut worker = engine.worker().map_err(failed)?;
    let store = (&*session.journal, &session.paths);
    let mut found = lost(plan, (step, beside), settled, store, &mut *worker).map_err(failed)?;
    if !it.column.is_empty() {
        let all: Vec<Column> = plan.tables[step].schema.visible().cloned().collect();
        let chosen = super::asked_for(&it.step, &all.iter().collect::<Vec<_>>(), &it.column)?;
        found.retain(|lost| chosen.iter().any(|it| it.name == lost.column));
    }
    let value = |lost: &Lost| match it.unmasked || lost.class == Class::Open {
        true => lost.value.clone(),
        false => MASK.to_owned(),
    };
    let place = |lost: &Lost| match &lost.first {
        (Some(file), Some(row)) => Some(format!("{file}:{row}")),
        (file, row) => file.clone().or_else(|| row.clone()),
    };
    if global.format == args::Format::Json {
        let events = found.iter().map(|lost| {
            show::json_line(&json!({"v": 1, "event": "lost", "table": name, "column": lost.column,
                "value": value(lost), "lost": what(lost), "count": lost.count, "place": lost.first.0, "row": row_of(lost)}))
        });
        return Ok(Answer::of(events.collect()));
    }
    let total: u64 = found.iter().map(|it| it.count).sum();
    if total == 0 {
        return Ok(Answer::of(format!("`{name}` lost no value\n")));
    }
    let rounded = found.iter().any(|it| it.is_rounded);
    let heads = [("column", Align::Left), ("value", Align::Left), ("cells", Align::Right), ("first at", Align::Left)];
    let lost = rounded.then_some(("lost", Align::Left));
    let heads: Vec<_> = heads.into_iter().chain(lost).map(|(name, align)| (name.to_owned(), align)).collect();
    let most = usize::try_from(it.most()).unwrap_or(usize::MAX);
    let rows = found.iter().take(most);
    let rows = rows.map(|lost| {
        let own = vec![Some(lost.column.clone()), Some(value(lost)), Some(show::number(lost.count)), place(lost)];
        own.into_iter().chain(rounded.then(|| Some(what(lost).to_owned()))).collect()
    });
    let mut out = show::table(&heads, &rows.collect::<Vec<_>>(), look_of_stdout(global));
    if found.len() > most {
        out.push_str(&format!("and {} more\n", count((found.len() - most) as u64, "value")));
    }
    Ok(Answer::of(out))
}

/// What of a value is lost.
fn what(lost: &Lost) -> &'static str {
    if lost.is_rounded { "digits" } else { "value" }
}

fn row_of(lost: &Lost) -> Option<u64> {
    lost.first.1.as_ref().and_then(|it| it.parse().ok())
}
