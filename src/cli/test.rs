//! `hotpass test`: tries the tests of steps, shows what differs cell by cell, and writes what came out when told to.

use crate::answers::test::{Report, scaffold, selected, tried, update};
use crate::cli::Answer;
use crate::cli::args::{self, Global};
use crate::cli::exit::Exit;
use crate::cli::looked::looked;
use crate::cli::outcome::{Outcome, opened, world_failed};
use crate::cli::output::Output;
use crate::problem::Problem;
use crate::publish::own_files::JUNIT;
use crate::query;
use crate::run::test_case::Verdict;
use crate::run::{self, RunError, State};
use crate::store::backend::EngineFactory;
use crate::views;
use crate::workspace::session::{Asked, any_error, text_of};

/// `hotpass test`.
pub fn test(global: &Global, asked: &Asked, it: &args::Test, factory: Option<&'static dyn EngineFactory>) -> Outcome {
    let out = Output::new(global);
    if let Some(step) = &it.scaffold {
        let Some(factory) = factory else { return Outcome::NeedsEngine };
        return looked(global, asked, factory, |session, engine, plan| {
            scaffold::scaffold(session, engine, plan, step, it.rows).map(Answer::of)
        });
    }
    let session = match opened(asked, factory, &out) {
        Ok(session) => session,
        Err(outcome) => return outcome,
    };
    let text = |path: &std::path::Path| text_of(&asked.root, path);
    let refused = |problems: &[Problem]| {
        out.problems(problems, &text);
        Outcome::Done(Exit::Refused)
    };
    let problems = session.problems();
    if any_error(&problems) {
        return refused(&problems);
    }
    let plan = session.plan();
    let (trials, broken) = query::trials(&session.db, session.settings);
    let states = run::settle(&plan, &session.journal);
    let changed = |table: usize| !matches!(states[table], State::Materialized(_));
    let trials = match selected(&plan, trials, &it.targets, &changed) {
        Ok(trials) => trials,
        // What cannot be read may be what was meant.
        Err(problem) => return refused(&broken.iter().cloned().chain([*problem]).collect::<Vec<_>>()),
    };
    let verdicts = match tried(&session, &plan, &trials) {
        Ok(verdicts) => verdicts,
        Err(RunError::NeedsEngine) => return Outcome::NeedsEngine,
        Err(error) => return Outcome::Done(world_failed(&error, &out)),
    };
    out.problems(broken, &text);
    let report = Report { session: &session, plan: &plan, trials: &trials, verdicts: &verdicts, broken };
    if let Some(path) = &it.report_junit
        && let Err(error) =
            JUNIT.place(path, |file| std::io::Write::write_all(file, views::test::junit(&report).as_bytes()))
    {
        return Outcome::Done(world_failed(&format!("`{}` cannot be written: {error}", path.display()), &out));
    }
    let failed = verdicts.iter().any(|it| !matches!(it, Verdict::Held { .. }));
    let mut answer = Answer::shown(&report, global, |it, look| views::test::report(it, global.verbose, look));
    answer.exit = if failed || any_error(broken) { Exit::Refused } else { Exit::Done };
    if it.update {
        match update::update(&session, &trials, &verdicts) {
            Ok(written) => {
                answer.stderr.push_str(&written.words);
                let left = verdicts.iter().any(|it| matches!(it, Verdict::Failed { .. }));
                if !left && !any_error(broken) && written.all {
                    answer.exit = Exit::Done;
                }
            }
            Err(error) => return Outcome::Done(world_failed(&error, &out)),
        }
    }
    Outcome::Done(answer.print().unwrap_or(Exit::World))
}
