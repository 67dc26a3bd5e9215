//! `hotpass contract`: which contracts there are, whether a file keeps one, how others write them, and what another
//! version changes.

use std::path::Path;

use crate::answers::contract::{self, Own, file};
use crate::cli::args::{Contract, Format, Global};
use crate::cli::exit::Exit;
use crate::cli::outcome::{Outcome, world_failed};
use crate::cli::output::Output;
use crate::cli::{Answer, printed};
use crate::contracts::emit::Form;
use crate::store::backend::{EngineError, EngineFactory};
use crate::views;
use crate::workspace::failure::Failure;
use crate::workspace::session::{Asked, Session, text_of};

/// `hotpass contract import`, which needs no workspace.
pub fn imported(global: &Global, file: &Path) -> Answer {
    match contract::imported(file) {
        Ok(it) => Answer::shown(&it, global, |it, _| it.toml.clone()).noted(global, || views::contract::dropped(&it)),
        Err(problem) => Answer::told(&[problem], &|_| None, global),
    }
}

/// `hotpass contract` in a workspace.
pub fn contract(global: &Global, asked: &Asked, it: &Contract, factory: Option<&'static dyn EngineFactory>) -> Outcome {
    let out = Output::new(global);
    if factory.is_none() && matches!(it, Contract::Check { .. }) {
        return Outcome::NeedsEngine;
    }
    let session = match Session::open(asked, None, false) {
        Ok(session) => session,
        Err(error) => return Outcome::Done(world_failed(&error, &out)),
    };
    let own = Own::of(&session);
    let answer = match (it, factory) {
        (Contract::Import { file }, _) => Ok(imported(global, file)),
        (Contract::List, _) => {
            Ok(Answer::shown(&contract::list(&own), global, |it, look| views::contract::list(it, look)))
        }
        (Contract::Emit { names, out }, _) => {
            contract::written(&own, names, form(global.format), out.as_deref()).map(Answer::of)
        }
        (Contract::Diff { a, b }, _) => contract::differ(&own, a, b).map(|it| {
            let answer = Answer::shown(&it, global, |it, _| views::contract::difference(it));
            answer.ending(if it.refused { Exit::Refused } else { Exit::Done })
        }),
        (Contract::Check { file, contract, sheet, budget: _ }, Some(factory)) => {
            let found = own.one_or_only(contract.as_deref());
            let checked = found.and_then(|it| file::check(&it, file, sheet.as_deref(), asked.limits, factory));
            checked.map(|it| {
                let answer = Answer::shown(&it, global, |it, _| views::contract::checked(it));
                answer.ending(if it.is_kept() { Exit::Done } else { Exit::Refused })
            })
        }
        (Contract::Check { .. }, None) => return Outcome::NeedsEngine,
    };
    match answer {
        Ok(answer) => printed(answer),
        Err(Failure::Problem(problem)) => {
            // A contract that cannot be read is not there.
            let mut told = contract::wrong(&session);
            if !told.contains(&problem) {
                told.push(*problem);
            }
            out.problems(&told, &|path: &Path| text_of(&asked.root, path));
            Outcome::Done(Exit::Refused)
        }
        Err(Failure::Memory) => Outcome::Done(world_failed(&EngineError::Memory, &out)),
        Err(Failure::World(reason)) => Outcome::Done(world_failed(&reason, &out)),
    }
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
