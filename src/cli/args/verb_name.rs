//! The name of a verb as an argument.

use clap::{Command, CommandFactory};

use super::Cli;
use crate::problem::did_you_mean;
use crate::show::line;

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
