//! `hotpass expect results`: what checks found, as Great Expectations writes the result of a validation, of what is
//! built now; also where a check failed and nothing was published.

use crate::cli::Answer;
use crate::cli::args::{Format, Global};
use crate::cli::docs::unknown;
use crate::cli::looked::looked;
use crate::cli::outcome::Outcome;
use crate::plan::Plan;
use crate::problem::{Problem, did_you_mean};
use crate::run::{self, docs};
use crate::show;
use crate::store::backend::EngineFactory;
use crate::workspace::failure::{Failure, failed};
use crate::workspace::selectors::UNKNOWN_TARGET;
use crate::workspace::session::Asked;

/// One object for each pipeline that is asked for: on one line as JSON, and else so that it can be read.
pub fn results(
    global: &Global,
    asked: &Asked,
    (pipeline, tables): (Option<&str>, &[String]),
    factory: Option<&'static dyn EngineFactory>,
) -> Outcome {
    let Some(factory) = factory else { return Outcome::NeedsEngine };
    looked(global, asked, factory, |session, engine, plan| {
        let names: Vec<&String> = match pipeline {
            None => plan.pipelines.keys().collect(),
            Some(name) => match plan.pipelines.get_key_value(name) {
                Some((name, _)) => vec![name],
                None => return Err(unknown(plan, name)),
            },
        };
        tables.iter().try_for_each(|it| known(plan, &names, it))?;
        let states = run::settle(plan, &session.journal);
        let counts = run::counts(plan, &states, &session.journal);
        let (journal, paths) = (&session.journal, &session.paths);
        let known = docs::Known { plan, states: &states, counts: &counts, journal, paths };
        let mut out = String::new();
        for name in names {
            let mut worker = engine.worker().map_err(failed)?;
            let found = docs::Docs::whole(known, name).results(tables, &mut *worker).map_err(failed)?;
            out.push_str(&match global.format {
                Format::Json => show::json_line(&found),
                _ => format!("{found:#}\n"),
            });
        }
        Ok(Answer::of(out))
    })
}

/// That a pipeline has a table.
fn known(plan: &Plan, pipelines: &[&String], table: &str) -> Result<(), Failure> {
    let own = || plan.tables.iter().filter(|it| pipelines.contains(&&it.name.pipeline)).map(|it| it.name.name.as_str());
    if own().any(|it| it == table) {
        return Ok(());
    }
    let message = format!("there is no table `{}`", show::line(table));
    let help = did_you_mean(table, own());
    Err(Failure::Problem(Box::new(Problem::new(&UNKNOWN_TARGET, message).help(help))))
}
