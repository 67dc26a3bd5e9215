//! `hotpass refine`: what is refined, and what is told of it on the way.

use std::cell::Cell;

use crate::answers::refine::{Audience, Recognised, Request, refine as refined};
use crate::cli::args::{FailOn, Refine};
use crate::cli::build::exit;
use crate::cli::call::{Call, Ended};
use crate::problem::Problem;
use crate::report::Files;
use crate::summary::Status;
use crate::terminal::answer::Answer;
use crate::terminal::building::{self, Beside};
use crate::terminal::exit::Exit;
use crate::threads;
use crate::views;
use crate::workspace::session::Asked;

/// `hotpass refine`.
pub(super) fn refine(call: &Call<'_>, it: &Refine) -> Ended {
    let factory = call.engine()?;
    let request = Request {
        asked: Asked {
            profile: call.global.profile.clone(),
            set: call.global.settings(),
            jobs: threads::processors(),
            limits: it.limits.into(),
            ..Asked::default()
        },
        input: it.input_dir.clone(),
        output: it.output_path.clone(),
        archive: it.archive,
        sources: it.sources.clone(),
    };
    let ends = Cell::new(Exit::Done);
    let mut audience = Audience {
        problems: &|problems: &[Problem]| call.out.problems(problems, &|_| None),
        recognised: &|it: &Recognised| call.said(it, views::refine::recognised),
        build: &mut |request| {
            let beside = Beside { events: None, reports: &Files::new() };
            let (summary, _) = building::build(&call.out, request, Some(factory), beside)?;
            ends.set(exit(&summary, it.fail_on));
            Ok(summary)
        },
    };
    let done = refined(&request, factory, &mut audience).map_err(|why| call.unanswered(&it.output_path, why))?;
    done.placed.iter().for_each(|it| call.said(it, views::refine::placed));
    let exit = match (done.summary.status, ends.get()) {
        (Status::Ok, Exit::Done) if it.fail_on == FailOn::Warn && done.odd => Exit::Warned,
        (Status::Ok | Status::Interrupted, exit) => exit,
        (_, exit) if call.is_json() => exit,
        (_, exit) => {
            call.out.say(&views::refine::withheld(&done.workspace, &done.summary));
            exit
        }
    };
    Ok(Answer::nothing(exit))
}
