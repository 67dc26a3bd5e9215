//! From what was typed to what is done: the one place where defaults are decided, and where a thin program hands over
//! to the engine.

use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::answers::explain::code;
use crate::bug;
use crate::cli::args::{self, Cli, Global, Verb};
use crate::cli::call::{Call, Ended, Engine, Outcome};
use crate::cli::{
    adopt, ask, build, complete, contract, diff, environments, init, kept, link, manual, planned, refine, table, test,
    watch,
};
use crate::readers::reach;
use crate::scratch;
use crate::store::backend::EngineFactory;
use crate::store::layout::Depth;
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
    let cli = match args::parse(words.iter().cloned()) {
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
    let failed = |reason: &dyn std::fmt::Display| {
        let reason = format!(
            "`hotpass-engine` cannot be started: {reason}; it belongs beside `hotpass`, or into `../lib/hotpass`"
        );
        Call::new(global, None).failed(&reason);
        Exit::World.into()
    };
    let program = match programs::engine() {
        Ok(program) => program,
        Err(error) => return failed(&error),
    };
    let mut command = std::process::Command::new(&program);
    command.args(&words[1..]);
    #[cfg(unix)]
    {
        let error = std::os::unix::process::CommandExt::exec(&mut command);
        failed(&error)
    }
    #[cfg(not(unix))]
    match command.status() {
        Ok(status) => ExitCode::from(u8::try_from(status.code().unwrap_or(1)).unwrap_or(1)),
        Err(error) => failed(&error),
    }
}

/// Verbs that need no workspace, or make one.
fn apart(call: &Call<'_>, verb: &Verb) -> Option<Ended> {
    Some(match verb {
        Verb::Completions(it) => Ok(Answer::of(manual::completions(it.shell))),
        Verb::Man(it) => Ok(Answer::of(manual::man(it.verb.as_deref()))),
        Verb::Schema(it) => adopt::schema(call, it),
        Verb::Refine(it) => refine::refine(call, it),
        Verb::Init(it) => init::init(call, it),
        Verb::Expect(args::Expect::Import { file, table }) => Ok(adopt::import(call, file, table.as_deref())),
        // What a code means can be asked anywhere.
        Verb::Explain(it) if code::is_code(&it.subject) => Ok(planned::code(call, &it.subject)),
        Verb::Contract(args::Contract::Import { file }) => Ok(contract::imported(call, file)),
        Verb::Profile(args::Profile::Import { file }) => Ok(planned::imported(call, file)),
        _ => return None,
    })
}

fn act(cli: &Cli, factory: Engine) -> Ended {
    let global = &cli.global;
    let Some(verb) = &cli.verb else { return Ok(Answer::of(views::overview::overview())) };
    let call = Call::new(global, factory);
    if let Some(ended) = apart(&call, verb) {
        return ended;
    }
    // What is published can be verified where there is no workspace.
    let alone = matches!(verb, Verb::Verify(it) if it.manifest.is_some() || it.archive.is_some());
    let root = match root(global) {
        Ok(root) => root,
        Err(refusal) => match verb {
            Verb::Verify(it) if alone && global.directory.is_none() => return kept::verify(&call, None, it),
            _ => return Ok(refusal),
        },
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
    // Before anything of the store is opened. A build with nothing to do opens no segment, and looks at none.
    let is_build = matches!(verb, Verb::Build(it) if !it.dry_run);
    if let Err(problem) = asked.paths().inspect(if is_build { Depth::Names } else { Depth::All }) {
        return Ok(told(&[*problem]));
    }
    within(&call, asked, verb)
}

/// Verbs of a workspace.
fn within(call: &Call<'_>, asked: Asked, verb: &Verb) -> Ended {
    match verb {
        Verb::Build(it) if !it.dry_run => build::build(call, asked, it),
        Verb::Build(it) => planned::plan(call, &asked, &it.selected),
        Verb::Plan(it) => planned::plan(call, &asked, &it.selected),
        Verb::Watch(it) => watch::watch(call, asked, it),
        Verb::Check(_) => planned::check(call, &asked),
        Verb::List(it) => planned::list(call, &asked, it),
        Verb::Graph(it) => planned::graph(call, &asked, it),
        Verb::Explain(it) => planned::explain(call, &asked, it),
        Verb::Adopt(it) => adopt::adopt(call, &asked, it),
        Verb::Profile(it) => planned::profile(call, &asked, it),
        Verb::Diff(it) => diff::diff(call, &asked, it),
        Verb::Cluster(it) => adopt::cluster(call, &asked, it),
        Verb::Link(it) => link::link(call, &asked, it),
        Verb::Contract(it) => contract::contract(call, &asked, it),
        Verb::Docs(it) => kept::docs(call, &asked, it),
        Verb::Gate(it) => planned::gate(call, &asked, &it.ids),
        Verb::Show(it) => table::show(call, &asked, it),
        Verb::Test(it) => test::test(call, &asked, it),
        Verb::Query(it) => ask::query(call, &asked, it),
        Verb::Verify(it) => kept::verify(call, Some(&asked), it),
        Verb::Archive(it) => kept::archive(call, &asked, it),
        Verb::Attest(it) => kept::attest(call, &asked, it),
        Verb::Gc(it) => kept::gc(call, &asked, it),
        Verb::Env(it) => environments::env(call, &asked, it),
        Verb::Doctor => Ok(planned::doctor(call, &asked)),
        Verb::Expect(args::Expect::Results { pipeline, table, .. }) => {
            kept::results(call, &asked, pipeline.as_deref(), table)
        }
        Verb::Init(_)
        | Verb::Refine(_)
        | Verb::Completions(_)
        | Verb::Man(_)
        | Verb::Schema(_)
        | Verb::Expect(args::Expect::Import { .. }) => Err(Outcome::Done(Exit::Bug)),
    }
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
