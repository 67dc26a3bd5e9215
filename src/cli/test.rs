//! `hotpass test`: tries the tests of steps, shows what differs cell by cell, and writes what came out when told to.

mod report;
mod scaffold;
mod shown;
mod update;

use globset::GlobBuilder;

use crate::cli::args::{self, Global};
use crate::cli::exit::Exit;
use crate::cli::looked::looked;
use crate::cli::outcome::{Outcome, opened, world_failed};
use crate::cli::output::Output;
use crate::cli::{Answer, look_of_stdout};
use crate::plan::Plan;
use crate::plan::test_case::{TestCase, splice};
use crate::problem::{Problem, did_you_mean};
use crate::publish::own_files::JUNIT;
use crate::query;
use crate::run::test_case::Verdict;
use crate::run::{self, LockMode, RunError, RunOptions, State};
use crate::store::backend::{Cancel, EngineFactory};
use crate::workspace::selectors;
use crate::workspace::session::{Asked, Session, any_error, text_of};

/// `hotpass test`.
pub fn test(global: &Global, asked: &Asked, it: &args::Test, factory: Option<&'static dyn EngineFactory>) -> Outcome {
    let out = Output::new(global);
    if let Some(step) = &it.scaffold {
        let Some(factory) = factory else { return Outcome::NeedsEngine };
        return looked(global, asked, factory, |session, engine, plan| {
            scaffold::scaffold(session, engine, plan, step, it.rows)
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
    let report = report::Report { session: &session, plan: &plan, trials: &trials, verdicts: &verdicts, broken };
    if let Some(path) = &it.report_junit
        && let Err(error) = JUNIT.place(path, |file| std::io::Write::write_all(file, report.junit().as_bytes()))
    {
        return Outcome::Done(world_failed(&format!("`{}` cannot be written: {error}", path.display()), &out));
    }
    let failed = verdicts.iter().any(|it| !matches!(it, Verdict::Held { .. }));
    let mut answer = match global.format {
        args::Format::Json => Answer::of(report.lines()),
        _ => Answer::of(report.words(global.verbose, look_of_stdout(global))),
    };
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

/// Tries tests with the session's engine.
fn tried(session: &Session, plan: &Plan, trials: &[TestCase]) -> Result<Vec<Verdict>, RunError> {
    let grafted = splice(plan, trials);
    let cancel = Cancel::default();
    let options = RunOptions {
        root: session.root.clone(),
        reader: session.reader.clone(),
        tables: vec![true; grafted.plan.tables.len()],
        exports: Vec::new(),
        force: vec![false; grafted.plan.tables.len()],
        first: None,
        // One test does not stop the others.
        keep_going: true,
        overwrite: false,
        jobs: session.setup.threads.max(1),
        cells: run::CELLS,
        factory: session.factory.as_deref().map(|it| it as &dyn EngineFactory),
        setup: session.setup.clone(),
        lock: LockMode::Leave,
        profile: None,
        set: Default::default(),
        cancel,
        limits: session.limits,
        begun: std::time::Instant::now(),
    };
    run::test_case::run(trials, &grafted, &session.paths, &session.journal, &options)
}

/// The tests that words name: by their own names, or by selectors of the steps they are about.
fn selected(
    plan: &Plan,
    trials: &[TestCase],
    words: &[String],
    changed: &dyn Fn(usize) -> bool,
) -> Result<Vec<TestCase>, Box<Problem>> {
    if words.is_empty() {
        return Ok(trials.to_vec());
    }
    let mut chosen = vec![false; trials.len()];
    for word in words {
        let glob = GlobBuilder::new(word).literal_separator(false).build().map(|it| it.compile_matcher());
        let named = |it: &TestCase| it.name == *word || glob.as_ref().is_ok_and(|glob| glob.is_match(&it.name));
        let mut found = false;
        for (chosen, _) in chosen.iter_mut().zip(trials).filter(|(_, it)| named(it)) {
            (*chosen, found) = (true, true);
        }
        if found {
            continue;
        }
        match selectors::select(plan, std::slice::from_ref(word), changed) {
            Ok(selection) => {
                let of_step = chosen.iter_mut().zip(trials).filter(|(_, it)| selection.tables[it.step]);
                of_step.for_each(|(chosen, _)| *chosen = true);
            }
            Err(problem) => {
                let near = did_you_mean(word, trials.iter().map(|it| it.name.as_str()));
                let help = near.or_else(|| problem.help.clone());
                let message = format!("{}, and no test", problem.message);
                return Err(Box::new(Problem { message, help, ..problem }));
            }
        }
    }
    Ok(trials.iter().zip(chosen).filter(|(_, it)| *it).map(|(it, _)| it.clone()).collect())
}
