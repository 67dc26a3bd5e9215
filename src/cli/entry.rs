//! From what was typed to what is done: the one place where defaults are decided, and where a thin program hands over
//! to the engine.

use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::bug;
use crate::cli::args::Global;
use crate::cli::call::{Call, Ended, Engine, Outcome};
use crate::cli::complete;
use crate::cli::typed::parse;
use crate::cli::verbs::Cli;
use crate::readers::reach;
use crate::scratch;
use crate::store::backend::EngineFactory;
use crate::terminal::answer::Answer;
use crate::terminal::exit::Exit;
use crate::terminal::output;
use crate::threads;
use crate::views;
use crate::workspace::session::{self, Asked, Listener, text_of};
use crate::workspace::{programs, root};

/// Folders that may be read beside the workspace, parted as in `PATH`.
const ALLOW: &str = "HOTPASS_ALLOW";

/// Runs the program. `factory` is the engine, in the program that has one.
pub fn main(factory: Option<&'static dyn EngineFactory>) -> ExitCode {
    let words: Vec<OsString> = std::env::args_os().collect();
    if complete::answered(&words) {
        return ExitCode::SUCCESS;
    }
    let cli = match parse(words.iter().cloned()) {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    bug::note_panics();
    let ended = catch_unwind(AssertUnwindSafe(|| acted(&cli, factory)));
    scratch::wait_if_ending();
    match ended {
        Ok(Outcome::Done(exit)) => exit.into(),
        Ok(Outcome::NeedsEngine) => start_engine(&words, &cli.global),
        Err(_) => {
            Call::new(&cli.global, None).failed(&bug::take());
            Exit::Bug.into()
        }
    }
}

/// Does what is asked for, and prints the answer.
fn acted(cli: &Cli, factory: Engine) -> Outcome {
    match act(cli, factory) {
        Ok(answer) => Outcome::Done(answer.print().unwrap_or(Exit::World)),
        Err(outcome) => outcome,
    }
}

/// Hands over to the engine, which does the same command again with DuckDB at hand.
fn start_engine(words: &[OsString], global: &Global) -> ExitCode {
    programs::start_engine(&words[1..]).unwrap_or_else(|error| {
        let help = "it belongs beside `hotpass`, or into `../lib/hotpass`";
        Call::new(global, None).failed(&format!("`hotpass-engine` cannot be started: {error}; {help}"));
        Exit::World.into()
    })
}

fn act(cli: &Cli, factory: Engine) -> Ended {
    let global = &cli.global;
    let Some(verb) = &cli.verb else { return Ok(Answer::of(views::overview::overview())) };
    let call = Call::new(global, factory);
    let verb = verb.acts();
    if let Some(ended) = verb.apart(&call) {
        return ended;
    }
    let root = match root(global) {
        Ok(root) => root,
        Err(refusal) => return verb.alone(&call).unwrap_or(Ok(refusal)),
    };
    allow(global, &root);
    let asked = Asked {
        state: std::env::var_os("HOTPASS_STATE_DIR").map(|it| root.join(it)),
        profile: global.profile.clone(),
        set: global.settings(),
        environment: global.environment.clone(),
        jobs: threads::processors(),
        limits: verb.limits().into(),
        spill: None,
        reader: None,
        listener: Listener { note: Some(output::note), waits: Some(output::waits) },
        root,
    };
    let told = |problems: &[_]| Answer::told(problems, &|path| text_of(&asked.root, path), global.manner());
    if let Some(name) = &asked.environment {
        let problems = session::missing_environment(&asked.root, name);
        if !problems.is_empty() {
            return Ok(told(&problems));
        }
    }
    // Before anything of the store is opened.
    if let Err(problem) = asked.paths().inspect(verb.depth()) {
        return Ok(told(&[*problem]));
    }
    verb.act(&call, asked)
}

/// Allows what whoever started this allows: `--allow` and `HOTPASS_ALLOW`, as seen from the workspace.
fn allow(global: &Global, root: &Path) {
    let named = std::env::var_os(ALLOW).unwrap_or_default();
    let named = std::env::split_paths(&named).filter(|it| !it.as_os_str().is_empty());
    global.allow.iter().cloned().chain(named).for_each(|it| reach::allow(&root.join(it)));
}

/// The workspace, or how the command ends without one.
fn root(global: &Global) -> Result<PathBuf, Answer> {
    let here = std::env::current_dir().unwrap_or_else(|_| PathBuf::from("."));
    let root = root::workspace(&here, global.directory.as_deref());
    let root = root.map_err(|problem| Answer::told(&[problem], &|_| None, global.manner()))?;
    Ok(std::fs::canonicalize(&root).unwrap_or(root))
}
