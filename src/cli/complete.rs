//! Names in the completion of a shell: tables, columns, checks, environments and whatever else can be named behind a verb.
//!
//! The script that [`manual`](super::manual) prints calls the program itself, with [`VARIABLE`] set and the words
//! that were typed so far. What a word may be follows from what the help calls it (`STEP`, `TARGET`, `COLUMN`), and which
//! names there are from the plan. Nothing is read but what a plan reads, and where something is wrong nothing is proposed.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::sync::Arc;

use clap::{Arg, Command, CommandFactory};
use clap_complete::CompleteEnv;
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate};

use crate::answers::names::{Names, fixed, names};
use crate::cli::verbs::Cli;
use crate::store::layout::Depth;
use crate::workspace::root;
use crate::workspace::session::{Asked, Session};

/// What the shell sets when it asks.
pub(super) const VARIABLE: &str = "HOTPASS_COMPLETE";

/// Answers a shell that asks for completions; whether one did.
pub(super) fn answered(words: &[OsString]) -> bool {
    let here = std::env::current_dir().ok();
    let behind = words.iter().skip_while(|it| *it != "--").skip(1);
    let typed = Arc::new(Typed { words: behind.cloned().collect() });
    let asked = CompleteEnv::with_factory(|| command(&typed)).var(VARIABLE);
    // Whoever presses a key wants no message: what fails proposes nothing.
    asked.try_complete(words.iter().cloned(), here.as_deref()).unwrap_or(true)
}

/// The command line, in which each argument knows the names it takes.
fn command(typed: &Arc<Typed>) -> Command {
    with_names(Cli::command(), typed)
}

fn with_names(command: Command, typed: &Arc<Typed>) -> Command {
    let command = command.mut_args(|arg| match names_of(&arg) {
        Some(of) => {
            let typed = Arc::clone(typed);
            arg.add(ArgValueCompleter::new(move |current: &OsStr| typed.proposed(of, current)))
        }
        None => arg,
    });
    let verbs: Vec<String> = command.get_subcommands().map(|it| it.get_name().to_owned()).collect();
    verbs.into_iter().fold(command, |command, verb| command.mut_subcommand(verb, |it| with_names(it, typed)))
}

/// What an argument takes, by what the help calls a value; `NAME` is said of several things.
fn names_of(arg: &Arg) -> Option<Names> {
    let told = arg.get_value_names().and_then(|it| it.first()).map(|it| it.to_string());
    let told = told.unwrap_or_else(|| arg.get_id().as_str().to_uppercase());
    Some(match (told.as_str(), arg.get_id().as_str()) {
        ("STEP" | "TABLE" | "SOURCE|STEP", _) => Names::Tables,
        ("TARGET" | "TEST|STEP", _) => Names::Targets,
        ("COLUMN" | "COLUMN,…", _) => Names::Columns,
        ("CHECK", _) => Names::Checks,
        ("SUBJECT", _) => Names::Subjects,
        ("GATE", _) => Names::Gates,
        ("NAME|FILE", _) => Names::Contracts,
        ("ENV" | "FROM" | "TO", _) | ("NAME", "environment") => Names::Environments,
        ("NAME", "profile" | "name" | "names") => Names::Profiles,
        ("NAME", "template") => Names::Templates,
        ("KEY=VALUE", _) => Names::Parameters,
        ("PIPELINE", _) => Names::Pipelines,
        _ => return None,
    })
}

/// What was typed so far.
struct Typed {
    words: Vec<OsString>,
}

impl Typed {
    /// The value of a flag that stands among the words.
    fn flag(&self, name: &str) -> Option<String> {
        let words: Vec<_> = self.words.iter().map(|it| it.to_string_lossy()).collect();
        let behind = words.iter().position(|it| it == name).and_then(|at| words.get(at + 1));
        let joined = || words.iter().find_map(|it| it.strip_prefix(name)?.strip_prefix('='));
        behind.map(|it| it.to_string()).or_else(|| joined().map(str::to_owned))
    }

    /// The workspace, if there is one that can be opened.
    fn session(&self) -> Option<Session> {
        let here = std::env::current_dir().ok()?;
        let root = root::workspace(&here, self.flag("-C").map(PathBuf::from).as_deref()).ok()?;
        let asked = Asked {
            root: std::fs::canonicalize(&root).unwrap_or(root),
            state: None,
            profile: self.flag("--profile"),
            environment: self.flag("--env"),
            jobs: 1,
            ..Asked::default()
        };
        asked.paths().inspect(Depth::Names).ok()?;
        Session::open(&asked, None, false).ok()
    }

    fn proposed(&self, of: Names, current: &OsStr) -> Vec<CompletionCandidate> {
        let Some(current) = current.to_str() else { return Vec::new() };
        let open = || self.session().map(|it| names(&it, of, current, &self.words));
        let all = fixed(of, current).or_else(open).unwrap_or_default();
        let fitting = all.into_iter().filter(|it| it.starts_with(current));
        fitting.map(CompletionCandidate::new).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All arguments beneath a command, as `verb ID`.
    fn arguments(command: &Command, path: &str) -> Vec<(String, Option<Names>)> {
        let own = command.get_arguments().map(|it| (format!("{path} {}", it.get_id()), names_of(it)));
        let beneath = command.get_subcommands().flat_map(|it| arguments(it, &format!("{path} {}", it.get_name())));
        own.chain(beneath).collect()
    }

    #[test]
    fn arguments_take_the_names_that_they_are_about() {
        let all = arguments(&Cli::command(), "hotpass");
        let of = |id: &str| all.iter().find(|it| it.0 == id).unwrap_or_else(|| panic!("{id}")).1;
        for (id, names) in [
            ("hotpass show step", Names::Tables),
            ("hotpass show columns", Names::Columns),
            ("hotpass show sort", Names::Columns),
            ("hotpass show failing", Names::Checks),
            ("hotpass diff steps", Names::Tables),
            ("hotpass diff by", Names::Columns),
            ("hotpass build targets", Names::Targets),
            ("hotpass build force", Names::Tables),
            ("hotpass test targets", Names::Targets),
            ("hotpass explain subject", Names::Subjects),
            ("hotpass adopt targets", Names::Tables),
            ("hotpass cluster table", Names::Tables),
            ("hotpass cluster column", Names::Columns),
            ("hotpass link train step", Names::Tables),
            ("hotpass gate ids", Names::Gates),
            ("hotpass env promote from", Names::Environments),
            ("hotpass profile show name", Names::Profiles),
            ("hotpass profile", Names::Profiles),
            ("hotpass environment", Names::Environments),
            ("hotpass set", Names::Parameters),
            ("hotpass init template", Names::Templates),
            ("hotpass contract emit names", Names::Contracts),
        ] {
            assert_eq!(of(id), Some(names), "{id}");
        }
        for id in
            ["hotpass link review by", "hotpass cluster lookup", "hotpass contract check sheet", "hotpass diff from"]
        {
            assert_eq!(of(id), None, "{id}");
        }
    }
}
