//! Verbs about what a workspace has made: whether it is as recorded, and what is made of it for others.

use std::path::Path;

use crate::answers::{archive, attest, docs, expect, gc, verify};
use crate::cli::args::{self, Format, Global};
use crate::cli::exit::Exit;
use crate::cli::looked::looked;
use crate::cli::outcome::{Outcome, opened, world_failed};
use crate::cli::output::Output;
use crate::cli::{Answer, printed};
use crate::escape::json_line;
use crate::problem::Problem;
use crate::store::Paths;
use crate::store::backend::EngineFactory;
use crate::views;
use crate::workspace::session::{Asked, any_error, text_of};

/// `hotpass verify`. `asked` is `None` where there is no workspace.
pub(super) fn verify(
    global: &Global,
    asked: Option<&Asked>,
    it: &args::Verify,
    factory: Option<&'static dyn EngineFactory>,
) -> Outcome {
    let request = verify::Request {
        manifest: it.manifest.clone(),
        rebuild: it.rebuild,
        store: it.store,
        archive: it.archive.clone(),
        attestation: it.attestation.clone(),
        public_key: it.public_key.clone(),
        limits: it.limits.into(),
    };
    let out = Output::new(global);
    match verified(asked, &request, factory, &out) {
        Ok(verified) => Outcome::Done(told(&verified, &out)),
        Err(outcome) => outcome,
    }
}

/// What was looked at, or how the command ends without a verdict.
fn verified(
    asked: Option<&Asked>,
    request: &verify::Request,
    factory: Option<&'static dyn EngineFactory>,
    out: &Output,
) -> Result<verify::Verified, Outcome> {
    let tell = |root: &Path, problems: &[Problem]| out.problems(problems, &|path| text_of(root, path));
    verify::verify(asked, request, factory, &tell).map_err(|error| match error {
        verify::Failed::NeedsEngine => Outcome::NeedsEngine,
        verify::Failed::Refused => Outcome::Done(Exit::Refused),
        verify::Failed::Problem(problem) => {
            out.problems(&[*problem], &|_| None);
            Outcome::Done(Exit::Refused)
        }
        verify::Failed::World(reason) => Outcome::Done(world_failed(&reason, out)),
    })
}

fn told(verified: &verify::Verified, out: &Output) -> Exit {
    if out.is_json() {
        out.event(verified);
    } else {
        views::verify::verified(verified).iter().for_each(|it| out.say(it));
    }
    if verified.is_same() { Exit::Done } else { Exit::Different }
}

/// `hotpass attest`: only what was just verified is attested.
pub(super) fn attest(
    global: &Global,
    asked: &Asked,
    it: &args::Attest,
    factory: Option<&'static dyn EngineFactory>,
) -> Outcome {
    let out = Output::new(global);
    match verified(Some(asked), &verify::Request::default(), factory, &out) {
        Ok(verified) if verified.is_same() => (),
        Ok(verified) => return Outcome::Done(told(&verified, &out)),
        Err(outcome) => return outcome,
    }
    let (output, key) = (it.output.as_deref(), it.key.as_deref());
    let request = attest::Request { output, key, builder: it.builder.as_deref() };
    match attest::attest(asked, &request, factory) {
        Ok(it) if out.is_json() => out.event(&it),
        Ok(it) => out.say(&views::attest::attested(&it)),
        Err(reason) => return Outcome::Done(world_failed(&reason, &out)),
    }
    Outcome::Done(Exit::Done)
}

/// `hotpass archive`.
pub(super) fn archive(
    global: &Global,
    asked: &Asked,
    it: &args::Archive,
    factory: Option<&'static dyn EngineFactory>,
) -> Outcome {
    let out = Output::new(global);
    let session = match opened(asked, factory, &out) {
        Ok(session) => session,
        Err(outcome) => return outcome,
    };
    let plan = session.plan();
    let problems = session.problems();
    if any_error(&problems) {
        out.problems(&problems, &|path| text_of(&asked.root, path));
        return Outcome::Done(Exit::Refused);
    }
    let differences = archive::unrecorded(&session, &plan);
    if !differences.is_empty() {
        out.differences(&differences);
        return Outcome::Done(Exit::Different);
    }
    let path = it.output.clone().unwrap_or_else(|| asked.root.join("hotpass-archive.zip"));
    match archive::archive(&session, &plan, &path) {
        Ok(it) if out.is_json() => out.event(&it),
        Ok(it) => out.say(&views::archive::archived(&it)),
        Err(reason) => return Outcome::Done(world_failed(&reason, &out)),
    }
    Outcome::Done(Exit::Done)
}

/// `hotpass gc`.
pub(super) fn gc(global: &Global, asked: &Asked, it: &args::Gc) -> Outcome {
    let paths = Paths::new(&asked.root, asked.state.as_deref());
    let request = gc::Request { keep_runs: it.keep_runs, max_size: it.max_size, dry_run: it.dry_run };
    match gc::collect(&paths, &request) {
        Ok(it) => printed(Answer::shown(&it, global, |it, _| views::gc::collected(it))),
        Err(error) => Outcome::Done(world_failed(&error, &Output::new(global))),
    }
}

/// `hotpass docs`.
pub(super) fn docs(
    global: &Global,
    asked: &Asked,
    it: &args::Docs,
    factory: Option<&'static dyn EngineFactory>,
) -> Outcome {
    let Some(factory) = factory else { return Outcome::NeedsEngine };
    looked(global, asked, factory, |session, engine, plan| {
        let written = docs::docs((session, engine, plan), it.pipeline.as_deref(), it.output.as_deref())?;
        Ok(Answer::shown(&written, global, |it, _| views::docs::written(it)))
    })
}

/// `hotpass expect results`: one object for each pipeline, on one line as JSON, and else so that it can be read.
pub(super) fn results(
    global: &Global,
    asked: &Asked,
    (pipeline, tables): (Option<&str>, &[String]),
    factory: Option<&'static dyn EngineFactory>,
) -> Outcome {
    let Some(factory) = factory else { return Outcome::NeedsEngine };
    looked(global, asked, factory, |session, engine, plan| {
        let found = expect::results::results((session, engine, plan), pipeline, tables)?;
        // The form is another program's, so it has no version of ours.
        Ok(Answer::of(match global.format {
            Format::Json => found.iter().map(json_line).collect(),
            _ => found.iter().map(|it| format!("{it:#}\n")).collect(),
        }))
    })
}
