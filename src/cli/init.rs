//! `hotpass init`: writes a small workspace, or one that is proposed of workbooks.

use std::path::PathBuf;

use crate::answers::init::propose::VerbError;
use crate::answers::init::{self as inits, Request};
use crate::cli::args::Init;
use crate::cli::call::{Call, Ended, Outcome};
use crate::views;

/// `hotpass init`.
pub(super) fn init(call: &Call<'_>, it: &Init) -> Ended {
    let folder = call.global.directory.clone().unwrap_or_else(|| PathBuf::from("."));
    if it.from.is_empty() {
        return match inits::init(&folder, &it.template, it.force) {
            Ok(it) => Ok(call.shown(&inits::Written::from(it), |it, _| views::init::written(it))),
            Err(inits::InitError::Problem(problem)) => Ok(call.told(*problem)),
            Err(error) => Err(call.failed(&error)),
        };
    }
    let profile = call.global.profile.as_deref();
    let request = Request { from: &it.from, profile, force: it.force, limits: it.limits.into() };
    let proposed = inits::proposed(&folder, &request, call.factory);
    match proposed.map_err(|why: VerbError| call.unanswered(&folder, why.into()))? {
        None => Err(Outcome::NeedsEngine),
        Some(it) => Ok(call.shown(&it, views::init::proposed)),
    }
}
