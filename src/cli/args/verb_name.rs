//! The name of a verb as an argument.

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, CommandFactory};

use super::Cli;
use crate::problem::{did_you_mean, meant};
use crate::show::line;

/// What verbs are called elsewhere, and what they are here.
const ELSEWHERE: &str = "\
run seed snapshot make refresh execute materialize exec start = build
compile parse dry-run dry_run preview status = plan
ls = list
head view open print cat = show
sql select = query
clean prune = gc
lineage dag draw = graph
generate serve report = docs
new create import = init
validate lint = check
dev serve-and-watch auto = watch
";

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verbs_of_other_programs_are_told_by_ours() {
        let told = |typed: &str| {
            let error = super::super::parse(["hotpass", typed].map(Into::into)).expect_err(typed);
            (error.exit_code(), error.to_string())
        };
        for (typed, verb) in [("run", "'build'"), ("compile", "'plan'"), ("ls", "'list'"), ("biuld", "'build'")] {
            let (code, text) = told(typed);
            assert!(code == 2 && text.contains(verb), "{typed}: {text}");
        }
    }

    #[test]
    fn every_verb_that_is_told_is_there_and_no_other_name_is_one() {
        let all = built();
        for (names, verb) in ELSEWHERE.lines().filter_map(|it| it.split_once(" = ")) {
            assert!(all.find_subcommand(verb).is_some(), "{verb}");
            names.split(' ').for_each(|it| assert!(all.find_subcommand(it).is_none(), "{it}"));
        }
    }
}
