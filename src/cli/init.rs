//! `hotpass init`: writes a small workspace, or one that is proposed of workbooks.

use std::path::PathBuf;

use crate::answers::init::propose::VerbError;
use crate::answers::init::{self, InitError, Request};
use crate::cli::args::{Global, Init};
use crate::cli::exit::Exit;
use crate::cli::outcome::{Outcome, world_failed};
use crate::cli::output::Output;
use crate::cli::{Answer, printed};
use crate::store::backend::EngineFactory;
use crate::views;

/// `hotpass init`.
pub fn init(global: &Global, it: &Init, factory: Option<&'static dyn EngineFactory>) -> Outcome {
    let folder = global.directory.clone().unwrap_or_else(|| PathBuf::from("."));
    if !it.from.is_empty() {
        return from(global, &folder, it, factory);
    }
    match init::init(&folder, &it.template, it.force) {
        Ok(it) => printed(Answer::shown(&init::Written::from(it), global, |it, _| views::init::written(it))),
        Err(InitError::Problem(problem)) => printed(Answer::told(&[*problem], &|_| None, global)),
        Err(error) => Outcome::Done(world_failed(&error, &Output::new(global))),
    }
}

/// `hotpass init --from`.
fn from(global: &Global, folder: &std::path::Path, it: &Init, factory: Option<&'static dyn EngineFactory>) -> Outcome {
    let out = Output::new(global);
    let profile = global.profile.as_deref();
    let request = Request { from: &it.from, profile, force: it.force, limits: it.limits.into() };
    match init::proposed(folder, &request, factory) {
        Ok(None) => Outcome::NeedsEngine,
        Ok(Some(it)) => printed(Answer::shown(&it, global, views::init::proposed)),
        Err(VerbError::Problem(problem)) => {
            out.problems(&[*problem], &|_| None);
            Outcome::Done(Exit::Refused)
        }
        Err(VerbError::World(reason)) => Outcome::Done(world_failed(&reason, &out)),
    }
}
