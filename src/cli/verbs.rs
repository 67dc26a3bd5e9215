//! From what was typed to what is done: the one place where defaults are decided, and where a thin program hands over
//! to the engine.

use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use crate::cli::args::{self, Cli, FailOn, Force, Global, Verb};
use crate::cli::build::{BuildConfig, build};
use crate::cli::exit::Exit;
use crate::cli::outcome::{Outcome, opened, world_failed};
use crate::cli::output::{self, Output};
use crate::cli::planning::within;
use crate::cli::report::{self, Reports};
use crate::cli::state::State;
use crate::cli::{
    Answer, adopt, archive, ask, attest, check, cluster, complete, completions, contract, diff, docs, doctor, env,
    expect, explain, gate, gc, graph, init, link, list, look_of_stderr, look_of_stdout, man, planned, profile, refine,
    schema, table, test, verify, watch,
};
use crate::plan::Plan;
use crate::problem::Problem;
use crate::readers::reach;
use crate::run::{self, LockMode};
use crate::store::backend::EngineFactory;
use crate::store::layout::Depth;
use crate::workspace::session::{self, Asked, Listener, Session, any_error, text_of};
use crate::workspace::{programs, root, selectors};
use crate::{bug, query, scratch, threads};

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

fn act(cli: &Cli, factory: Option<&'static dyn EngineFactory>) -> Outcome {
    let global = &cli.global;
    let Some(verb) = &cli.verb else { return printed(Answer::of(args::overview())) };
    match verb {
        Verb::Completions(it) => return printed(Answer::of(completions::completions(it.shell))),
        Verb::Man(it) => return printed(Answer::of(man::man(it.verb.as_deref()))),
        Verb::Schema(it) => return schema::schema(global, it),
        Verb::Refine(it) => return refine::refine(global, it, factory),
        Verb::Init(it) if !it.from.is_empty() => return init::from(global, it, factory),
        Verb::Init(it) => {
            let here = global.directory.clone().unwrap_or_else(|| PathBuf::from("."));
            return match init::init(&here, &it.template, it.force) {
                Ok(template) => printed(init::written(template, global.format)),
                Err(init::InitError::Problem(problem)) => {
                    printed(check::told(&[*problem], &|_| None, global.format, look_of_stderr(global)))
                }
                Err(error) => Outcome::Done(world_failed(&error, &Output::new(global))),
            };
        }
        Verb::Expect(args::Expect::Import { file, table }) => {
            return printed(expect::import(global, file, table.as_deref()));
        }
        // What a code means can be asked anywhere.
        Verb::Explain(it) if explain::is_code(&it.subject) => {
            let answer = explain::explain_code(&it.subject, global.format, look_of_stdout(global));
            let told = |problem: Box<_>| check::told(&[*problem], &|_| None, global.format, look_of_stderr(global));
            return printed(answer.unwrap_or_else(told));
        }
        Verb::Contract(args::Contract::Import { file }) => return printed(contract::imported(global, file)),
        Verb::Profile(args::Profile::Import { file }) => {
            let answer = profile::import::import(file, global.format);
            let told = |problem: Box<_>| check::told(&[*problem], &|_| None, global.format, look_of_stderr(global));
            return printed(answer.unwrap_or_else(told));
        }
        _ => (),
    }
    // What is published can be verified where there is no workspace.
    let alone = matches!(verb, Verb::Verify(it) if it.manifest.is_some() || it.archive.is_some());
    let root = match root(global) {
        Ok(root) => root,
        Err(refusal) if alone && global.directory.is_none() => match verb {
            Verb::Verify(it) => return verify::verify(global, None, it, factory),
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
            let text = |path: &Path| session::text_of(&asked.root, path);
            return printed(check::told(&problems, &text, global.format, look_of_stderr(global)));
        }
    }
    // Before anything of the store is opened. A build with nothing to do opens no segment, and looks at none.
    let is_build = matches!(verb, Verb::Build(it) if !it.dry_run);
    let depth = if is_build { Depth::Names } else { Depth::All };
    if let Err(problem) = asked.paths().inspect(depth) {
        return printed(check::told(&[*problem], &|_| None, global.format, look_of_stderr(global)));
    }
    match verb {
        Verb::Build(it) if !it.dry_run => build(&build_config(it, asked), factory, &Output::new(global)),
        Verb::Build(it) => with_session(global, &asked, factory, false, |session| {
            planned::plan(session, (&it.targets, &it.exclude), global.verbose, global.format, look_of_stdout(global))
        }),
        Verb::Plan(it) => with_session(global, &asked, factory, false, |session| {
            planned::plan(session, (&it.targets, &it.exclude), global.verbose, global.format, look_of_stdout(global))
        }),
        Verb::Watch(it) => watch::watch(global, &asked, it, factory),
        Verb::Check(_) => checked(global, &asked, factory),
        Verb::List(it) => with_session(global, &asked, factory, true, |session| {
            let (plan, states) = known(session, it)?;
            let profiles = it.targets.is_empty().then(|| query::profile_names(&session.db));
            let look = look_of_stdout(global);
            Ok(Answer::of(list::list(&plan, profiles.as_deref(), &|it| states[it], global.format, look)))
        }),
        Verb::Graph(it) => with_session(global, &asked, factory, true, |session| {
            let (plan, states) = known(session, it)?;
            let format = match global.format {
                args::Format::Human => args::Format::Mermaid,
                other => other,
            };
            Ok(Answer::of(graph::graph(&plan, &|it| states[it], format)))
        }),
        Verb::Explain(it) => explained(global, &asked, factory, &it.subject),
        Verb::Adopt(it) => adopted(global, &asked, factory, it),
        Verb::Profile(it) => with_session(global, &asked, factory, true, |session| match it {
            args::Profile::List => Ok(profile::list(session, global.format, look_of_stdout(global))),
            args::Profile::Show { name } => profile::show(session, name, global.format),
            args::Profile::Lint { names } => Ok(profile::lint(session, names, global.format, look_of_stderr(global))),
            args::Profile::Import { file } => profile::import::import(file, global.format),
        }),
        Verb::Diff(it) => diff::diff(global, &asked, it, factory),
        Verb::Cluster(it) => cluster::cluster(global, &asked, it, factory),
        Verb::Link(it) => link::link(global, &asked, it, factory),
        Verb::Contract(it) => contract::contract(global, &asked, it, factory),
        Verb::Docs(it) => docs::docs(global, &asked, it, factory),
        Verb::Gate(it) => with_session(global, &asked, factory, false, |session| {
            gate::gate(session, &it.ids, global.format, look_of_stdout(global))
        }),
        Verb::Show(it) => table::show(global, &asked, it, factory),
        Verb::Test(it) => test::test(global, &asked, it, factory),
        Verb::Query(it) => ask::query(global, &asked, it, factory),
        Verb::Verify(it) => verify::verify(global, Some(&asked), it, factory),
        Verb::Archive(it) => archive::archive(global, &asked, it, factory),
        Verb::Attest(it) => attest::attest(global, &asked, it, factory),
        Verb::Gc(it) => gc::gc(global, &asked, it),
        Verb::Env(it) => env::env(global, &asked, it, factory),
        Verb::Doctor => printed(doctor::doctor(&asked, global.format)),
        Verb::Expect(args::Expect::Results { pipeline, table, .. }) => {
            expect::results::results(global, &asked, (pipeline.as_deref(), table), factory)
        }
        Verb::Init(_)
        | Verb::Refine(_)
        | Verb::Completions(_)
        | Verb::Man(_)
        | Verb::Schema(_)
        | Verb::Expect(args::Expect::Import { .. }) => Outcome::Done(Exit::Bug),
    }
}

fn printed(answer: Answer) -> Outcome {
    Outcome::Done(answer.print().unwrap_or(Exit::World))
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
    let refused = |problem| check::told(&[problem], &|_| None, global.format, look_of_stderr(global));
    let root = root::workspace(&here, global.directory.as_deref()).map_err(refused)?;
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

/// Opens the workspace and answers from its plan. Problems are told first; errors end the command, unless `anyway`.
fn with_session(
    global: &Global,
    asked: &Asked,
    factory: Option<&'static dyn EngineFactory>,
    anyway: bool,
    answer: impl FnOnce(&Session) -> Result<Answer, Box<crate::problem::Problem>>,
) -> Outcome {
    let out = Output::new(global);
    let session = match opened(asked, factory, &out) {
        Ok(session) => session,
        Err(outcome) => return outcome,
    };
    let text = |path: &Path| text_of(&asked.root, path);
    let problems = session.problems();
    let refused = any_error(&problems);
    if refused {
        out.problems(&problems, &text);
        if !anyway {
            return Outcome::Done(Exit::Refused);
        }
    }
    match answer(&session) {
        Ok(answer) if refused => printed(Answer { exit: Exit::Refused, ..answer }),
        Ok(answer) => printed(answer),
        Err(problem) => {
            out.problems(&[*problem], &text);
            Outcome::Done(Exit::Refused)
        }
    }
}

/// What a delivery broke is mended by what is written down of it, so only other errors are in the way.
fn adopted(global: &Global, asked: &Asked, factory: Option<&'static dyn EngineFactory>, it: &args::Adopt) -> Outcome {
    let mut mended = None;
    let outcome = with_session(global, asked, factory, true, |session| {
        let refused = any_error(&session.problems()) && session.drifts().is_empty();
        let answer = if refused { Answer::of(String::new()) } else { adopt::adopt(session, it, global.format)? };
        mended = (!refused).then_some(answer.exit);
        Ok(answer)
    });
    match (outcome, mended) {
        (Outcome::Done(Exit::Refused), Some(exit)) => Outcome::Done(exit),
        (outcome, _) => outcome,
    }
}

/// Steps and columns are explained from the plan, cells from what stands.
fn explained(global: &Global, asked: &Asked, factory: Option<&'static dyn EngineFactory>, subject: &str) -> Outcome {
    let (mut cell, mut engine) = (false, false);
    let outcome = with_session(global, asked, factory, false, |session| {
        cell = explain::is_cell(session, subject);
        engine = factory.is_none() && explain::compares(session, subject);
        match cell || engine {
            true => Ok(Answer::of(String::new())),
            false => explain::explain(session, subject, global.format, look_of_stdout(global), factory),
        }
    });
    match (cell, engine) {
        (true, _) => explain::explain_cell(global, asked, subject, factory),
        (_, true) => Outcome::NeedsEngine,
        _ => outcome,
    }
}

fn checked(global: &Global, asked: &Asked, factory: Option<&'static dyn EngineFactory>) -> Outcome {
    let session = match Session::open(asked, factory, factory.is_some()) {
        Ok(session) => session,
        Err(error) => return Outcome::Done(world_failed(&error, &Output::new(global))),
    };
    let out = Output::new(global);
    let begun = Instant::now();
    let (plan, mut problems) = match within(asked.limits, begun, &out, || (session.plan(), session.problems())) {
        Ok(planned) => planned,
        Err(error) => return Outcome::Done(world_failed(&error, &out)),
    };
    // Of a plan with holes tests tell what follows from these, and only what is wrong with their own TOML is news.
    // One that needs the engine lacks what stands behind its queries.
    let unsettled = plan.needs_engine && factory.is_none();
    let holes = any_error(&problems) || unsettled;
    let (trials, broken) = query::trials(&session.db, session.settings);
    let own = broken.iter().filter(|it| !holes || it.code.starts_with("hotpass::toml::"));
    problems.extend(own.cloned());
    // What is wrong already is told at once; only a plan that is sound so far is worth the engine.
    if unsettled && !any_error(&problems) {
        return Outcome::NeedsEngine;
    }
    let text = |path: &Path| text_of(&asked.root, path);
    report::annotate(&problems, &asked.root, &text);
    printed(check::check(&problems, (&plan, trials.len()), &text, global.format, look_of_stderr(global)))
}

/// The part of the plan that is selected, and what is known of each of its tables.
fn known(session: &Session, asked: &args::Targets) -> Result<(Plan, Vec<State>), Box<Problem>> {
    let plan = session.plan();
    let states = run::settle(&plan, &session.journal);
    let states = states.iter().map(|it| match it {
        run::State::Materialized(_) => State::Reused,
        run::State::Unknown => State::WouldRun,
        run::State::Failed => State::Failed,
    });
    let states: Vec<State> = states.collect();
    let selection = selectors::select_but(&plan, &asked.targets, &asked.exclude, &|it| states[it] != State::Reused)?;
    let (plan, kept) = selectors::part(&plan, &selection);
    Ok((plan, kept.into_iter().map(|it| states[it]).collect()))
}
