//! `hotpass contract`: which contracts there are, whether a file keeps one, how others write them, and what another
//! version changes.

use std::path::Path;

use crate::answers::contract::{self as contracts, Own, file};
use crate::cli::args::{Contract, Format};
use crate::cli::call::{Call, Ended};
use crate::contracts::emit::Form;
use crate::terminal::answer::Answer;
use crate::terminal::exit::Exit;
use crate::views;
use crate::workspace::failure::Failure;
use crate::workspace::session::{Asked, Session};

/// `hotpass contract import`, which needs no workspace.
pub(super) fn imported(call: &Call<'_>, file: &Path) -> Answer {
    match contracts::imported(file) {
        Ok(it) => call.shown(&it, |it, _| it.toml.clone()).noted(call.manner(), || views::contract::dropped(&it)),
        Err(problem) => call.told(problem),
    }
}

/// `hotpass contract` in a workspace.
pub(super) fn contract(call: &Call<'_>, asked: &Asked, it: &Contract) -> Ended {
    let engine = if matches!(it, Contract::Check { .. }) { Some(call.engine()?) } else { None };
    let session = Session::open(asked, None, false).map_err(|it| call.failed(&it))?;
    let own = Own::of(&session);
    let answer = match (it, engine) {
        (Contract::Import { file }, _) => Ok(imported(call, file)),
        (Contract::List, _) => Ok(call.shown(&contracts::list(&own), |it, look| views::contract::list(it, look))),
        (Contract::Emit { names, out }, _) => {
            contracts::written(&own, names, form(call.global.format), out.as_deref()).map(Answer::of)
        }
        (Contract::Diff { a, b }, _) => contracts::differ(&own, a, b).map(|it| {
            let answer = call.shown(&it, |it, _| views::contract::difference(it));
            answer.ending(if it.refused { Exit::Refused } else { Exit::Done })
        }),
        (Contract::Check { file, contract, sheet, budget: _ }, engine) => {
            let found = own.one_or_only(contract.as_deref());
            let factory = engine.map_or_else(|| call.engine(), Ok)?;
            let checked = found.and_then(|it| file::check(&it, file, sheet.as_deref(), asked.limits, factory));
            checked.map(|it| {
                let answer = call.shown(&it, |it, _| views::contract::checked(it));
                answer.ending(if it.is_kept() { Exit::Done } else { Exit::Refused })
            })
        }
    };
    answer.map_err(|failure| match failure {
        Failure::Problem(problem) => {
            // A contract that cannot be read is not there.
            let mut told = contracts::wrong(&session);
            if !told.contains(&problem) {
                told.push(*problem);
            }
            call.refused(&asked.root, &told)
        }
        other => call.unanswered(&asked.root, other.into()),
    })
}

fn form(format: Format) -> Form {
    match format {
        Format::TableSchema => Form::TableSchema,
        Format::JsonSchema => Form::JsonSchema,
        Format::Odcs => Form::Odcs,
        Format::Csvw => Form::Csvw,
        Format::Sql => Form::Sql,
        Format::Markdown => Form::Markdown,
        _ => Form::Toml,
    }
}
