//! Verbs about what a workspace has made: whether it is as recorded, and what is made of it for others.

use std::path::Path;

use crate::answers::{
    archive as archives, attest as attests, docs as pages, expect, gc as garbage, verify as verifies,
};
use crate::cli::args::{Archive, Attest, Docs, Gc, Verify};
use crate::cli::call::{Call, Ended, Outcome};
use crate::escape::json_line;
use crate::problem::Problem;
use crate::store::Paths;
use crate::terminal::answer::Answer;
use crate::terminal::exit::Exit;
use crate::views;
use crate::workspace::session::{Asked, text_of};

/// `hotpass verify`. `asked` is `None` where there is no workspace.
pub(super) fn verify(call: &Call<'_>, asked: Option<&Asked>, it: &Verify) -> Ended {
    let request = verifies::Request {
        manifest: it.manifest.clone(),
        rebuild: it.rebuild,
        store: it.store,
        archive: it.archive.clone(),
        attestation: it.attestation.clone(),
        public_key: it.public_key.clone(),
        limits: it.limits.into(),
    };
    verified(call, asked, &request).map(|it| verdict(call, &it))
}

/// What was looked at, or how the command ends without a verdict.
fn verified(
    call: &Call<'_>,
    asked: Option<&Asked>,
    request: &verifies::Request,
) -> Result<verifies::Verified, Outcome> {
    let tell = |root: &Path, problems: &[Problem]| call.out.problems(problems, &|path| text_of(root, path));
    let verified = verifies::verify(asked, request, call.factory, &tell);
    verified.map_err(|why| call.unanswered(asked.map_or(Path::new(""), |it| &it.root), why))
}

fn verdict(call: &Call<'_>, verified: &verifies::Verified) -> Answer {
    if call.is_json() {
        call.out.event(verified);
    } else {
        views::verify::verified(verified).iter().for_each(|it| call.out.say(it));
    }
    Answer::nothing(if verified.is_same() { Exit::Done } else { Exit::Different })
}

/// `hotpass attest`: only what was just verified is attested.
pub(super) fn attest(call: &Call<'_>, asked: &Asked, it: &Attest) -> Ended {
    let verified = verified(call, Some(asked), &verifies::Request::default())?;
    if !verified.is_same() {
        return Ok(verdict(call, &verified));
    }
    let (output, key) = (it.output.as_deref(), it.key.as_deref());
    let request = attests::Request { output, key, builder: it.builder.as_deref() };
    let attested = attests::attest(asked, &request, call.factory).map_err(|it| call.failed(&it))?;
    call.said(&attested, views::attest::attested);
    Ok(Answer::nothing(Exit::Done))
}

/// `hotpass archive`.
pub(super) fn archive(call: &Call<'_>, asked: &Asked, it: &Archive) -> Ended {
    let session = call.sound(asked)?;
    let plan = session.plan();
    let differences = archives::unrecorded(&session, &plan);
    if !differences.is_empty() {
        call.out.differences(&differences);
        return Ok(Answer::nothing(Exit::Different));
    }
    let path = it.output.clone().unwrap_or_else(|| asked.root.join("hotpass-archive.zip"));
    let archived = archives::archive(&session, &plan, &path).map_err(|it| call.failed(&it))?;
    call.said(&archived, views::archive::archived);
    Ok(Answer::nothing(Exit::Done))
}

/// `hotpass gc`.
pub(super) fn gc(call: &Call<'_>, asked: &Asked, it: &Gc) -> Ended {
    let paths = Paths::new(&asked.root, asked.state.as_deref());
    let request = garbage::Request { keep_runs: it.keep_runs, max_size: it.max_size, dry_run: it.dry_run };
    let collected = garbage::collect(&paths, &request).map_err(|it| call.failed(&it))?;
    Ok(call.shown(&collected, |it, _| views::gc::collected(it)))
}

/// `hotpass docs`.
pub(super) fn docs(call: &Call<'_>, asked: &Asked, it: &Docs) -> Ended {
    call.look(asked, |of| {
        let written = pages::docs(of, it.pipeline.as_deref(), it.output.as_deref())?;
        Ok(call.shown(&written, |it, _| views::docs::written(it)))
    })
}

/// `hotpass expect results`: one object for each pipeline, on one line as JSON, and else so that it can be read.
pub(super) fn results(call: &Call<'_>, asked: &Asked, pipeline: Option<&str>, tables: &[String]) -> Ended {
    call.look(asked, |of| {
        let found = expect::results::results(of, pipeline, tables)?;
        // The form is another program's, so it has no version of ours.
        Ok(Answer::of(match call.is_json() {
            true => found.iter().map(json_line).collect(),
            false => found.iter().map(|it| format!("{it:#}\n")).collect(),
        }))
    })
}
