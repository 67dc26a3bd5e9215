//! Verbs that answer from the plan and from what is known of it: nothing is made, and most need no engine.

use std::path::Path;
use std::time::Instant;

use crate::answers::explain::{cell, code};
use crate::answers::{check, doctor, explain, gate, graph, list, planned, profile};
use crate::cli::args::{self, Format, Global};
use crate::cli::exit::Exit;
use crate::cli::looked::looked;
use crate::cli::outcome::{Outcome, opened, world_failed};
use crate::cli::output::Output;
use crate::cli::planning::within;
use crate::cli::{Answer, printed};
use crate::draw::{Picture, State};
use crate::plan::Plan;
use crate::problem::Problem;
use crate::query;
use crate::report;
use crate::run;
use crate::store::backend::EngineFactory;
use crate::views;
use crate::workspace::selectors;
use crate::workspace::session::{Asked, Session, any_error, text_of};

/// The engine, in the program that has one.
type Engine = Option<&'static dyn EngineFactory>;

/// Opens the workspace and answers from its plan. Problems are told first; errors end the command, unless `anyway`.
pub(super) fn with_session(
    global: &Global,
    asked: &Asked,
    factory: Option<&'static dyn EngineFactory>,
    anyway: bool,
    answer: impl FnOnce(&Session) -> Result<Answer, Box<Problem>>,
) -> Outcome {
    let out = Output::new(global);
    let session = match opened(asked, factory, &out) {
        Ok(session) => session,
        Err(outcome) => return outcome,
    };
    let text = |path: &Path| text_of(&asked.root, path);
    let problems = session.problems();
    let refused = any_error(&problems);
    if refused {
        out.problems(&problems, &text);
        if !anyway {
            return Outcome::Done(Exit::Refused);
        }
    }
    match answer(&session) {
        Ok(answer) if refused => printed(Answer { exit: Exit::Refused, ..answer }),
        Ok(answer) => printed(answer),
        Err(problem) => {
            out.problems(&[*problem], &text);
            Outcome::Done(Exit::Refused)
        }
    }
}

/// `hotpass check`.
pub(super) fn check(global: &Global, asked: &Asked, factory: Option<&'static dyn EngineFactory>) -> Outcome {
    let session = match Session::open(asked, factory, factory.is_some()) {
        Ok(session) => session,
        Err(error) => return Outcome::Done(world_failed(&error, &Output::new(global))),
    };
    let out = Output::new(global);
    let begun = Instant::now();
    let (plan, mut problems) = match within(asked.limits, begun, &out, || (session.plan(), session.problems())) {
        Ok(planned) => planned,
        Err(error) => return Outcome::Done(world_failed(&error, &out)),
    };
    // Of a plan with holes tests tell what follows from these, and only what is wrong with their own TOML is news.
    // One that needs the engine lacks what stands behind its queries.
    let unsettled = plan.needs_engine && factory.is_none();
    let holes = any_error(&problems) || unsettled;
    let (trials, broken) = query::trials(&session.db, session.settings);
    let own = broken.iter().filter(|it| !holes || it.code.starts_with("hotpass::toml::"));
    problems.extend(own.cloned());
    // What is wrong already is told at once; only a plan that is sound so far is worth the engine.
    if unsettled && !any_error(&problems) {
        return Outcome::NeedsEngine;
    }
    let text = |path: &Path| text_of(&asked.root, path);
    report::annotate(&problems, &asked.root, &text);
    let checked = check::check(&problems, &plan, trials.len());
    let answer = Answer::shown(&checked, global, views::check::checked);
    printed(answer.after(Answer::told(&problems, &text, global)))
}

/// `hotpass plan`, and `build --dry-run`.
pub(super) fn plan(global: &Global, asked: &Asked, factory: Engine, targets: &[String], but: &[String]) -> Outcome {
    with_session(global, asked, factory, false, |session| {
        let planned = planned::plan(session, targets, but)?;
        Ok(Answer::shown(&planned, global, |it, look| views::planned::planned(it, global.verbose, look)))
    })
}

/// `hotpass list`.
pub(super) fn list(global: &Global, asked: &Asked, factory: Engine, it: &args::Targets) -> Outcome {
    with_session(global, asked, factory, true, |session| {
        let (plan, states) = known(session, it)?;
        let profiles = it.targets.is_empty().then(|| query::profile_names(&session.db));
        let listed = list::list(&plan, profiles.as_deref(), &|it| states[it]);
        Ok(Answer::shown(&listed, global, |it, look| views::list::list(it, look)))
    })
}

/// `hotpass graph`.
pub(super) fn graph(global: &Global, asked: &Asked, factory: Engine, it: &args::Targets) -> Outcome {
    with_session(global, asked, factory, true, |session| {
        let (plan, states) = known(session, it)?;
        let picture = Picture::of(&plan, &|it| states[it]);
        Ok(match global.format {
            Format::Dot => Answer::of(views::graph::dot(&picture)),
            Format::Svg => Answer::of(views::graph::svg(&picture)),
            _ => Answer::shown(&graph::graph(&picture), global, |_, _| views::graph::mermaid(&picture)),
        })
    })
}

/// `hotpass gate`; [`Exit::Refused`] where one that others wait for is shut.
pub(super) fn gate(global: &Global, asked: &Asked, factory: Engine, ids: &[String]) -> Outcome {
    with_session(global, asked, factory, false, |session| {
        let gates = gate::gates(session, ids)?;
        let exit = if gates.iter().any(|it| it.blocks) { Exit::Refused } else { Exit::Done };
        Ok(Answer::shown(&gates, global, |it, look| views::gate::gates(it, look)).ending(exit))
    })
}

/// `hotpass explain`: steps and columns from the plan, cells from what stands.
pub(super) fn explain(global: &Global, asked: &Asked, factory: Engine, subject: &str) -> Outcome {
    let (mut cell, mut engine) = (false, false);
    let outcome = with_session(global, asked, factory, false, |session| {
        cell = explain::is_cell(session, subject);
        engine = factory.is_none() && explain::compares(session, subject);
        if cell || engine {
            return Ok(Answer::of(String::new()));
        }
        let explained = explain::explain(session, subject, factory)?;
        Ok(Answer::shown(&explained, global, views::explain::explained))
    });
    match (cell, engine, factory) {
        (true, _, Some(factory)) => looked(global, asked, factory, |session, engine, plan| {
            let cells = cell::explain((session, engine, plan), subject)?;
            Ok(Answer::shown(&cells, global, views::explain::cell::cells))
        }),
        (true, ..) | (_, true, _) => Outcome::NeedsEngine,
        _ => outcome,
    }
}

/// `hotpass explain CODE`.
pub(super) fn code(global: &Global, subject: &str) -> Outcome {
    printed(match code::explain(subject) {
        Ok(it) => Answer::shown(&it, global, views::explain::code::explained),
        Err(problem) => Answer::told(&[*problem], &|_| None, global),
    })
}

/// `hotpass profile`.
pub(super) fn profile(global: &Global, asked: &Asked, factory: Engine, it: &args::Profile) -> Outcome {
    with_session(global, asked, factory, true, |session| match it {
        args::Profile::List => {
            Ok(Answer::shown(&profile::list(session), global, |it, look| views::profile::list(it, look)))
        }
        args::Profile::Show { name } => {
            Ok(Answer::shown(&profile::show(session, name)?, global, |it, _| views::profile::shown(it)))
        }
        args::Profile::Lint { names } => {
            let (problems, linted) = profile::lint(session, names);
            let answer = Answer::shown(&linted, global, |it, _| views::profile::linted(it));
            Ok(answer.after(Answer::told(&problems, &|path| session.text(path), global)))
        }
        args::Profile::Import { file } => Ok(imported(global, file)),
    })
}

/// `hotpass profile import`.
pub(super) fn imported(global: &Global, file: &Path) -> Answer {
    match profile::import::import(file) {
        Ok(it) => Answer::shown(&it, global, |it, _| it.toml.clone()).noted(global, || views::profile::dropped(&it)),
        Err(problem) => Answer::told(&[*problem], &|_| None, global),
    }
}

/// `hotpass doctor`. It ends as a build would that nothing but what it found is in the way of.
pub(super) fn doctor(global: &Global, asked: &Asked) -> Outcome {
    let findings = doctor::doctor(asked);
    let exit = match findings.iter().find_map(|it| it.fault) {
        None => Exit::Done,
        Some(doctor::Fault::World) => Exit::World,
        Some(doctor::Fault::Written) => Exit::Refused,
    };
    printed(Answer::shown(&findings, global, |it, _| views::doctor::findings(it)).ending(exit))
}

/// The part of the plan that is selected, and what is known of each of its tables.
fn known(session: &Session, asked: &args::Targets) -> Result<(Plan, Vec<State>), Box<Problem>> {
    let plan = session.plan();
    let states = run::settle(&plan, &session.journal);
    let states = states.iter().map(|it| match it {
        run::State::Materialized(_) => State::Reused,
        run::State::Unknown => State::WouldRun,
        run::State::Failed => State::Failed,
    });
    let states: Vec<State> = states.collect();
    let selection = selectors::select_but(&plan, &asked.targets, &asked.exclude, &|it| states[it] != State::Reused)?;
    let (plan, kept) = selectors::part(&plan, &selection);
    Ok((plan, kept.into_iter().map(|it| states[it]).collect()))
}
