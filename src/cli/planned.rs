//! Verbs that answer from the plan and from what is known of it: nothing is made, and most need no engine.

use std::path::Path;
use std::time::Instant;

use crate::answers::explain::{cell, code as codes};
use crate::answers::{
    check as checks, doctor as doctors, explain as explains, gate as gates, graph as graphs, list as lists,
    planned as plans, profile as profiles,
};
use crate::cli::args::{Explain, Format, Profile, Selected, Targets};
use crate::cli::call::{Call, Ended, Outcome};
use crate::draw::Picture;
use crate::query;
use crate::report;
use crate::terminal::answer::Answer;
use crate::terminal::exit::Exit;
use crate::views;
use crate::workspace::planning::within;
use crate::workspace::session::{Asked, Session, any_error, text_of};

/// `hotpass check`.
pub(super) fn check(call: &Call<'_>, asked: &Asked) -> Ended {
    let session = Session::open(asked, call.factory, call.factory.is_some()).map_err(|it| call.failed(&it))?;
    let begun = Instant::now();
    let planned = within(asked.limits, begun, &|it| call.out.overdue(it), || (session.plan(), session.problems()));
    let (plan, mut problems) = planned.map_err(|it| call.failed(&it))?;
    // Of a plan with holes tests tell what follows from these, and only what is wrong with their own TOML is news.
    // One that needs the engine lacks what stands behind its queries.
    let unsettled = plan.needs_engine && call.factory.is_none();
    let holes = any_error(&problems) || unsettled;
    let (trials, broken) = query::trials(&session.db, session.settings);
    let own = broken.iter().filter(|it| !holes || it.code.starts_with("hotpass::toml::"));
    problems.extend(own.cloned());
    // What is wrong already is told at once; only a plan that is sound so far is worth the engine.
    if unsettled && !any_error(&problems) {
        return Err(Outcome::NeedsEngine);
    }
    let text = |path: &Path| text_of(&asked.root, path);
    report::annotate(&problems, &asked.root, &text);
    let checked = checks::check(&problems, &plan, trials.len());
    let told = Answer::told(&problems, &text, call.manner());
    Ok(call.shown(&checked, views::check::checked).after(told))
}

/// `hotpass plan`, and `build --dry-run`.
pub(super) fn plan(call: &Call<'_>, asked: &Asked, it: &Selected) -> Ended {
    call.plan(asked, false, |session| {
        let planned = plans::plan(session, &it.targets, &it.exclude)?;
        Ok(call.shown(&planned, |it, look| views::planned::planned(it, call.global.verbose, look)))
    })
}

/// `hotpass list`.
pub(super) fn list(call: &Call<'_>, asked: &Asked, it: &Targets) -> Ended {
    call.plan(asked, true, |session| {
        let (plan, states) = graphs::known(session, &it.selected.targets, &it.selected.exclude)?;
        let profiles = it.selected.targets.is_empty().then(|| query::profile_names(&session.db));
        let listed = lists::list(&plan, profiles.as_deref(), &|it| states[it]);
        Ok(call.shown(&listed, |it, look| views::list::list(it, look)))
    })
}

/// `hotpass graph`.
pub(super) fn graph(call: &Call<'_>, asked: &Asked, it: &Targets) -> Ended {
    call.plan(asked, true, |session| {
        let (plan, states) = graphs::known(session, &it.selected.targets, &it.selected.exclude)?;
        let picture = Picture::of(&plan, &|it| states[it]);
        Ok(match call.global.format {
            Format::Dot => Answer::of(views::graph::dot(&picture)),
            Format::Svg => Answer::of(views::graph::svg(&picture)),
            _ => call.shown(&graphs::graph(&picture), |_, _| views::graph::mermaid(&picture)),
        })
    })
}

/// `hotpass gate`; [`Exit::Refused`] where one that others wait for is shut.
pub(super) fn gate(call: &Call<'_>, asked: &Asked, ids: &[String]) -> Ended {
    call.plan(asked, false, |session| {
        let gates = gates::gates(session, ids)?;
        let exit = if gates.iter().any(|it| it.blocks) { Exit::Refused } else { Exit::Done };
        Ok(call.shown(&gates, |it, look| views::gate::gates(it, look)).ending(exit))
    })
}

/// `hotpass explain`: steps and columns from the plan, cells from what stands.
pub(super) fn explain(call: &Call<'_>, asked: &Asked, it: &Explain) -> Ended {
    let (mut cell, mut engine) = (false, false);
    let ended = call.plan(asked, false, |session| {
        cell = explains::is_cell(session, &it.subject);
        engine = call.factory.is_none() && explains::compares(session, &it.subject);
        if cell || engine {
            return Ok(Answer::nothing(Exit::Done));
        }
        let explained = explains::explain(session, &it.subject, call.factory)?;
        Ok(call.shown(&explained, views::explain::explained))
    });
    match (cell, engine) {
        (true, _) => call.look(asked, |of| {
            let cells = cell::explain(of, &it.subject)?;
            Ok(call.shown(&cells, views::explain::cell::cells))
        }),
        (_, true) => Err(Outcome::NeedsEngine),
        _ => ended,
    }
}

/// `hotpass explain CODE`.
pub(super) fn code(call: &Call<'_>, subject: &str) -> Answer {
    match codes::explain(subject) {
        Ok(it) => call.shown(&it, views::explain::code::explained),
        Err(problem) => call.told(*problem),
    }
}

/// `hotpass profile`.
pub(super) fn profile(call: &Call<'_>, asked: &Asked, it: &Profile) -> Ended {
    call.plan(asked, true, |session| match it {
        Profile::List => Ok(call.shown(&profiles::list(session), |it, look| views::profile::list(it, look))),
        Profile::Show { name } => Ok(call.shown(&profiles::show(session, name)?, |it, _| views::profile::shown(it))),
        Profile::Lint { names } => {
            let (problems, linted) = profiles::lint(session, names);
            let told = Answer::told(&problems, &|path| session.text(path), call.manner());
            Ok(call.shown(&linted, |it, _| views::profile::linted(it)).after(told))
        }
        Profile::Import { file } => Ok(imported(call, file)),
    })
}

/// `hotpass profile import`.
pub(super) fn imported(call: &Call<'_>, file: &Path) -> Answer {
    match profiles::import::import(file) {
        Ok(it) => call.shown(&it, |it, _| it.toml.clone()).noted(call.manner(), || views::profile::dropped(&it)),
        Err(problem) => call.told(*problem),
    }
}

/// `hotpass doctor`. It ends as a build would that nothing but what it found is in the way of.
pub(super) fn doctor(call: &Call<'_>, asked: &Asked) -> Answer {
    let findings = doctors::doctor(asked);
    let exit = match findings.iter().find_map(|it| it.fault) {
        None => Exit::Done,
        Some(doctors::Fault::World) => Exit::World,
        Some(doctors::Fault::Written) => Exit::Refused,
    };
    call.shown(&findings, |it, _| views::doctor::findings(it)).ending(exit)
}
