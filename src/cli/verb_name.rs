//! The name of a verb as an argument.

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, CommandFactory};

use crate::cli::verbs::Cli;
use crate::problem::{did_you_mean, meant};
use crate::show::line;

/// What verbs are called elsewhere, and what they are here.
pub const ELSEWHERE: &str = include_str!("elsewhere.txt");

/// An error that names the verb that is meant, where one is called so elsewhere.
pub fn suggested(mut error: clap::Error) -> clap::Error {
    let typed = match error.get(ContextKind::InvalidSubcommand) {
        Some(ContextValue::String(it)) if error.kind() == ErrorKind::InvalidSubcommand => it.clone(),
        _ => return error,
    };
    if let Some(verb) = meant(ELSEWHERE, &typed) {
        error.insert(ContextKind::SuggestedSubcommand, ContextValue::Strings(vec![verb.to_owned()]));
    }
    error
}

/// Reads the name of a verb.
pub fn verb(text: &str) -> Result<String, String> {
    let all = built();
    match all.find_subcommand(text) {
        Some(_) => Ok(text.to_owned()),
        None => {
            let help = did_you_mean(text, all.get_subcommands().map(Command::get_name));
            Err(format!("there is no such verb{}", help.map_or_else(String::new, |it| format!("; {}", line(&it)))))
        }
    }
}

/// All verbs, with the flags that every verb has.
pub fn built() -> Command {
    let mut all = Cli::command();
    all.build();
    all
}
