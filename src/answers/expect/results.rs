//! `hotpass expect results`: what checks found, as Great Expectations writes the result of a validation, of what is
//! built now; also where a check failed and nothing was published.

use serde_json::Value;

use crate::answers::docs::pipelines;
use crate::escape::line;
use crate::plan::Plan;
use crate::problem::{Problem, did_you_mean};
use crate::run::{self, docs};
use crate::workspace::failure::{Failure, failed};
use crate::workspace::selectors::UNKNOWN_TARGET;
use crate::workspace::session::Open;

/// One object for each pipeline that is asked for, in the form of another program.
pub(crate) fn results(
    (session, engine, plan): Open<'_>,
    pipeline: Option<&str>,
    tables: &[String],
) -> Result<Vec<Value>, Failure> {
    let names = pipelines(plan, pipeline)?;
    tables.iter().try_for_each(|it| known(plan, &names, it))?;
    let states = run::settle(plan, &session.journal);
    let counts = run::counts(plan, &states, &session.journal);
    let (journal, paths) = (&session.journal, &session.paths);
    let known = docs::Known { plan, states: &states, counts: &counts, journal, paths };
    let mut acc = Vec::new();
    for name in names {
        let mut worker = engine.worker().map_err(failed)?;
        acc.push(docs::Docs::whole(known, name).results(tables, &mut *worker).map_err(failed)?);
    }
    Ok(acc)
}

/// That a pipeline has a table.
fn known(plan: &Plan, pipelines: &[&String], table: &str) -> Result<(), Failure> {
    let own = || plan.tables.iter().filter(|it| pipelines.contains(&&it.name.pipeline)).map(|it| it.name.name.as_str());
    if own().any(|it| it == table) {
        return Ok(());
    }
    let message = format!("there is no table `{}`", line(table));
    let help = did_you_mean(table, own());
    Err(Failure::Problem(Box::new(Problem::new(&UNKNOWN_TARGET, message).help(help))))
}
