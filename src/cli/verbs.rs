//! From what was typed to what is done: the one place where defaults are decided, and where a thin program hands over
//! to the engine.

use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::answers::explain::code;
use crate::bug;
use crate::cli::args::{self, Cli, FailOn, Force, Global, Verb};
use crate::cli::build::{BuildConfig, build};
use crate::cli::exit::Exit;
use crate::cli::outcome::{Outcome, world_failed};
use crate::cli::output::{self, Output};
use crate::cli::{
    Answer, adopt, ask, complete, completions, contract, diff, environments, init, kept, link, man, planned, printed,
    refine, table, test, watch,
};
use crate::readers::reach;
use crate::report::Reports;
use crate::run::LockMode;
use crate::scratch;
use crate::store::backend::EngineFactory;
use crate::store::layout::Depth;
use crate::threads;
use crate::workspace::session::{self, Asked, Listener};
use crate::workspace::{programs, root};

/// Folders that may be read beside the workspace, parted as in `PATH`.
const ALLOW: &str = "HOTPASS_ALLOW";

/// Runs the program. `power` is the engine, in the program that has one.
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
    let ended = catch_unwind(AssertUnwindSafe(|| act(&cli, factory)));
    scratch::wait_if_ending();
    match ended {
        Ok(Outcome::Done(exit)) => exit.into(),
        Ok(Outcome::NeedsEngine) => start_engine(&words, &cli.global),
        Err(_) => {
            Output::new(&cli.global).failure(&bug::take().to_string());
            Exit::Bug.into()
        }
    }
}

/// Hands over to the engine, which does the same command again with DuckDB at hand.
fn start_engine(words: &[OsString], global: &Global) -> ExitCode {
    let failed = |reason: &dyn std::fmt::Display| {
        let reason = format!(
            "`hotpass-engine` cannot be started: {reason}; it belongs beside `hotpass`, or into `../lib/hotpass`"
        );
        world_failed(&reason, &Output::new(global)).into()
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
fn apart(global: &Global, verb: &Verb, factory: Option<&'static dyn EngineFactory>) -> Option<Outcome> {
    Some(match verb {
        Verb::Completions(it) => printed(Answer::of(completions::completions(it.shell))),
        Verb::Man(it) => printed(Answer::of(man::man(it.verb.as_deref()))),
        Verb::Schema(it) => adopt::schema(global, it),
        Verb::Refine(it) => refine::refine(global, it, factory),
        Verb::Init(it) => init::init(global, it, factory),
        Verb::Expect(args::Expect::Import { file, table }) => adopt::import(global, file, table.as_deref()),
        // What a code means can be asked anywhere.
        Verb::Explain(it) if code::is_code(&it.subject) => planned::code(global, &it.subject),
        Verb::Contract(args::Contract::Import { file }) => printed(contract::imported(global, file)),
        Verb::Profile(args::Profile::Import { file }) => printed(planned::imported(global, file)),
        _ => return None,
    })
}

fn act(cli: &Cli, factory: Option<&'static dyn EngineFactory>) -> Outcome {
    let global = &cli.global;
    let Some(verb) = &cli.verb else { return printed(Answer::of(args::overview())) };
    if let Some(outcome) = apart(global, verb, factory) {
        return outcome;
    }
    // What is published can be verified where there is no workspace.
    let alone = matches!(verb, Verb::Verify(it) if it.manifest.is_some() || it.archive.is_some());
    let root = match root(global) {
        Ok(root) => root,
        Err(refusal) if alone && global.directory.is_none() => match verb {
            Verb::Verify(it) => return kept::verify(global, None, it, factory),
            _ => return printed(refusal),
        },
        Err(refusal) => return printed(refusal),
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
    if let Some(name) = &asked.environment {
        let problems = session::missing_environment(&asked.root, name);
        if !problems.is_empty() {
            return printed(Answer::told(&problems, &|path| session::text_of(&asked.root, path), global));
        }
    }
    // Before anything of the store is opened. A build with nothing to do opens no segment, and looks at none.
    let is_build = matches!(verb, Verb::Build(it) if !it.dry_run);
    let depth = if is_build { Depth::Names } else { Depth::All };
    if let Err(problem) = asked.paths().inspect(depth) {
        return printed(Answer::told(&[*problem], &|_| None, global));
    }
    within(global, asked, verb, factory)
}

/// Verbs of a workspace.
fn within(global: &Global, asked: Asked, verb: &Verb, factory: Option<&'static dyn EngineFactory>) -> Outcome {
    match verb {
        Verb::Build(it) if !it.dry_run => build(&build_config(it, asked), factory, &Output::new(global)),
        Verb::Build(it) => planned::plan(global, &asked, factory, &it.targets, &it.exclude),
        Verb::Plan(it) => planned::plan(global, &asked, factory, &it.targets, &it.exclude),
        Verb::Watch(it) => watch::watch(global, &asked, it, factory),
        Verb::Check(_) => planned::check(global, &asked, factory),
        Verb::List(it) => planned::list(global, &asked, factory, it),
        Verb::Graph(it) => planned::graph(global, &asked, factory, it),
        Verb::Explain(it) => planned::explain(global, &asked, factory, &it.subject),
        Verb::Adopt(it) => adopt::adopt(global, &asked, factory, it),
        Verb::Profile(it) => planned::profile(global, &asked, factory, it),
        Verb::Diff(it) => diff::diff(global, &asked, it, factory),
        Verb::Cluster(it) => adopt::cluster(global, &asked, it, factory),
        Verb::Link(it) => link::link(global, &asked, it, factory),
        Verb::Contract(it) => contract::contract(global, &asked, it, factory),
        Verb::Docs(it) => kept::docs(global, &asked, it, factory),
        Verb::Gate(it) => planned::gate(global, &asked, factory, &it.ids),
        Verb::Show(it) => table::show(global, &asked, it, factory),
        Verb::Test(it) => test::test(global, &asked, it, factory),
        Verb::Query(it) => ask::query(global, &asked, it, factory),
        Verb::Verify(it) => kept::verify(global, Some(&asked), it, factory),
        Verb::Archive(it) => kept::archive(global, &asked, it, factory),
        Verb::Attest(it) => kept::attest(global, &asked, it, factory),
        Verb::Gc(it) => kept::gc(global, &asked, it),
        Verb::Env(it) => environments::env(global, &asked, it, factory),
        Verb::Doctor => planned::doctor(global, &asked),
        Verb::Expect(args::Expect::Results { pipeline, table, .. }) => {
            kept::results(global, &asked, (pipeline.as_deref(), table), factory)
        }
        Verb::Init(_)
        | Verb::Refine(_)
        | Verb::Completions(_)
        | Verb::Man(_)
        | Verb::Schema(_)
        | Verb::Expect(args::Expect::Import { .. }) => Outcome::Done(Exit::Bug),
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
    let root = root.map_err(|problem| Answer::told(&[problem], &|_| None, global))?;
    Ok(std::fs::canonicalize(&root).unwrap_or(root))
}

fn build_config(it: &args::Build, mut asked: Asked) -> BuildConfig {
    asked.jobs = it.jobs.map_or(asked.jobs, usize::from);
    asked.spill = it.spill.as_ref().map(|it| std::path::absolute(it).unwrap_or_else(|_| it.clone()));
    let force = match it.force() {
        Force::Nothing => None,
        Force::Everything => Some(it.targets.clone()),
        Force::Steps(words) => Some(words),
    };
    BuildConfig {
        asked,
        targets: it.targets.clone(),
        exclude: it.exclude.clone(),
        force,
        keep_going: it.keep_going,
        overwrite: it.overwrite,
        publish: it.publish,
        fail_on_warn: it.fail_on == FailOn::Warn,
        lock: if it.locked { LockMode::Keep } else { LockMode::Write },
        events: it.events.clone(),
        reports: Reports { junit: it.report_junit.clone(), sarif: it.report_sarif.clone() },
    }
}
