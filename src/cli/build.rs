//! `hotpass build`: makes what is not made, checks, publishes. `--dry-run` and `plan` only say what it would do.

mod report;

use std::cell::OnceCell;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use crate::cli::exit::Exit;
use crate::cli::interrupt::stoppable;
use crate::cli::outcome::{Outcome, world_failed};
use crate::cli::output::Output;
use crate::cli::planning::within;
use crate::cli::progress::Progress;
use crate::db::Db;
use crate::history;
use crate::lock;
use crate::plan::Plan;
use crate::problem::Problem;
use crate::query::{self, WORKSPACE_FILE};
use crate::readers::reach;
use crate::report::Reports;
use crate::run::{self, LockMode, RunError, RunOptions, RunResult};
use crate::show;
use crate::store::backend::{Cancel, EngineConfig, EngineFactory};
use crate::store::engine_cache::EngineCache;
use crate::store::layout::Depth;
use crate::store::stamp::{self, Stamp};
use crate::store::toml_fingerprint::toml_fingerprint;
use crate::summary::{Status, Summary};
use crate::system::Revision;
use crate::threads;
use crate::workspace::moves::moves;
use crate::workspace::selectors::{self, Selection};
use crate::workspace::session::{Asked, Session, any_error, text_of};

use report::tell;

/// What a build was asked to do.
#[derive(Clone, Debug)]
pub struct BuildConfig {
    /// The workspace and how it is read.
    pub asked: Asked,
    /// Selectors; none means everything.
    pub targets: Vec<String>,
    /// Selectors of what is left out.
    pub exclude: Vec<String>,
    /// `--force`: everything, or the tables these selectors name.
    pub force: Option<Vec<String>>,
    /// `--keep-going`.
    pub keep_going: bool,
    /// `--overwrite`.
    pub overwrite: bool,
    /// `--publish`.
    pub publish: bool,
    /// `--fail-on warn`.
    pub fail_on_warn: bool,
    /// `--locked`.
    pub lock: LockMode,
    /// `--events FILE`.
    pub events: Option<PathBuf>,
    /// `--report-junit` and `--report-sarif`.
    pub reports: Reports,
}

/// Builds.
pub fn build(config: &BuildConfig, factory: Option<&'static dyn EngineFactory>, out: &Output) -> Outcome {
    match built(config, factory, out) {
        Ok((_, exit)) => Outcome::Done(exit),
        Err(outcome) => outcome,
    }
}

/// Builds and tells of it; what came of it, and how the program ends.
pub(super) fn built(
    config: &BuildConfig,
    factory: Option<&'static dyn EngineFactory>,
    out: &Output,
) -> Result<(Summary, Exit), Outcome> {
    let begun = Instant::now();
    let root = &config.asked.root;
    let paths = config.asked.paths();
    let asked = what_was_asked(config);
    let fresh = config.force.is_none().then(|| {
        let revision = |it: &Path| run::world::revision_of(&root.join(it));
        let text = |it: &Path| text_of(root, it);
        Stamp::unchanged(&paths.stamp(), &asked, revision, text)
    });
    if let Some(summary) = fresh.flatten() {
        let summary = summary.as_unchanged(begun.elapsed().as_millis() as u64);
        let progress = Progress::new(out, config.events.as_deref());
        summary.steps.iter().for_each(|it| run::Reporter::finished(&progress, it));
        let exit = tell(&summary, root, out, &progress, config);
        return Ok((summary, exit));
    }
    if let Err(problem) = paths.inspect(Depth::All) {
        out.problems(&[*problem], &|_| None);
        return Err(Outcome::Done(Exit::Refused));
    }
    let mut session = match Session::open(&config.asked, factory, true) {
        Ok(session) => session,
        Err(error) => return Err(Outcome::Done(world_failed(&error, out))),
    };
    // `--locked` publishes nothing new by itself.
    let asks = config.lock == LockMode::Write && !config.publish;
    if let Some(problem) = moves(&config.asked).filter(|_| asks) {
        out.problems(&[*problem], &|_| None);
        return Err(Outcome::Done(Exit::Refused));
    }
    // Where nothing was ever made the front has nothing to answer from: only one of the two plans then.
    if factory.is_none() && session.journal.known(|it| it.columns.is_empty()) {
        return Err(Outcome::NeedsEngine);
    }
    let progress = OnceCell::new();
    let mut summary = once(&session, config, begun, (&progress, out))?;
    for _ in 1..ATTEMPTS {
        let moved = match summary.status {
            Status::Failed | Status::Refused => session.moved(),
            Status::Ok | Status::Interrupted => Vec::new(),
        };
        let Some(path) = moved.first() else { break };
        let path = show::line(&path.display().to_string());
        let text = format!("`{path}` changed while the build ran, which begins again");
        run::Reporter::notice(progress.get_or_init(|| Progress::new(out, config.events.as_deref())), &text);
        session.db.refresh();
        summary = once(&session, config, begun, (&progress, out))?;
    }
    let progress = progress.get_or_init(|| Progress::new(out, config.events.as_deref()));
    let exit = tell(&summary, root, out, progress, config);
    Ok((summary, exit))
}

/// How often a build begins at most, where its inputs change while it runs: who writes all the time must not keep it
/// for ever.
const ATTEMPTS: usize = 3;

/// Plans and runs once.
fn once<'a>(
    session: &Session,
    config: &'a BuildConfig,
    begun: Instant,
    (progress, out): (&OnceCell<Progress<'a>>, &'a Output),
) -> Result<Summary, Outcome> {
    let root = &config.asked.root;
    // Times are taken before anything is read: what changes from here on is noticed by the next build.
    let at = Stamp::now();
    let prepared = within(config.asked.limits, begun, out, || prepare(session, config));
    let prepared = match prepared.map_err(|error| Outcome::Done(world_failed(&error, out)))? {
        Ok(prepared) if prepared.plan.needs_engine && session.factory.is_none() => return Err(Outcome::NeedsEngine),
        Ok(prepared) => prepared,
        Err(problem) => {
            out.problems(&[*problem], &|path: &Path| text_of(root, path));
            return Err(Outcome::Done(Exit::Refused));
        }
    };
    let progress = progress.get_or_init(|| Progress::new(out, config.events.as_deref()));
    if prepared.is_refused() {
        return Ok(prepared.refused(begun));
    }
    let most = threads::MOST;
    if config.asked.jobs > most {
        run::Reporter::notice(progress, &format!("no more than {most} steps run at a time"));
    }
    let cancel = Cancel::default();
    let kept = session.factory.clone();
    let _stoppable = stoppable(&cancel, kept.clone());
    let options = prepared.options(config, &session.setup, &session.reader, kept.as_deref(), (cancel, begun));
    let ran = match run::run(&prepared.plan, &session.paths, &session.journal, &options, progress) {
        Ok(ran) => ran,
        Err(RunError::NeedsEngine) => return Err(Outcome::NeedsEngine),
        Err(error) => return Err(Outcome::Done(world_failed(&error, out))),
    };
    Ok(conclude(session, &prepared, ran, begun, config, at))
}

/// What is to be built, and what is wrong: all that a build asks the query database before it begins.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Prepared {
    /// The plan of everything.
    pub plan: Arc<Plan>,
    /// Everything that is wrong.
    pub problems: Vec<Problem>,
    selection: Selection,
    force: Vec<bool>,
}

/// Plans what was asked for. The problem is one of the words it was asked with.
pub fn prepare(session: &Session, config: &BuildConfig) -> Result<Prepared, Box<Problem>> {
    let plan = session.plan();
    let problems = match plan.needs_engine && session.factory.is_none() {
        // The engine plans once more, and tells what is wrong then.
        true => Vec::new(),
        false => session.problems(),
    };
    let everything =
        |whole| Selection { tables: vec![whole; plan.tables.len()], exports: vec![whole; plan.exports.len()] };
    let force = everything(false).tables;
    if any_error(&problems) || plan.needs_engine && session.factory.is_none() {
        return Ok(Prepared { selection: everything(true), force, problems, plan });
    }
    // Few selectors ask for it, and it costs a key for each column.
    let states = OnceCell::new();
    let settled = || states.get_or_init(|| run::settle(&plan, &session.journal));
    let changed = |table: usize| !matches!(settled()[table], run::State::Materialized(_));
    let selection = selectors::select_but(&plan, &config.targets, &config.exclude, &changed)?;
    let force = match &config.force {
        None => force,
        Some(words) => selectors::select(&plan, words, &changed)?.tables,
    };
    Ok(Prepared { plan, problems, selection, force })
}

impl Prepared {
    /// Whether nothing can be built of it.
    pub fn is_refused(&self) -> bool {
        any_error(&self.problems)
    }

    /// Whether a build of it makes what one of the other does. A history that grew is no difference: what builds
    /// like these published is what was added to it.
    pub fn is_same(&self, other: &Prepared) -> bool {
        let continued = || self.plan.history.is_continued(&other.plan.history);
        let beside_history = || {
            let history = Arc::clone(&self.plan.history);
            *self.plan == Plan { history, ..Plan::clone(&other.plan) }
        };
        self.problems == other.problems && (self.plan == other.plan || continued() && beside_history())
    }

    /// What a build says that is refused before it begins.
    pub fn refused(&self, begun: Instant) -> Summary {
        let problems = self.problems.clone();
        let duration_ms = begun.elapsed().as_millis() as u64;
        Summary { problems, duration_ms, ..Summary::new(Status::Refused, run::run_id()) }
    }

    /// What the runner is to do.
    pub fn options<'a>(
        &self,
        config: &BuildConfig,
        setup: &EngineConfig,
        reader: &Path,
        factory: Option<&'a EngineCache>,
        (cancel, begun): (Cancel, Instant),
    ) -> RunOptions<'a> {
        RunOptions {
            root: config.asked.root.clone(),
            reader: reader.to_owned(),
            tables: self.selection.tables.clone(),
            exports: self.selection.exports.clone(),
            force: self.force.clone(),
            first: None,
            keep_going: config.keep_going,
            overwrite: config.overwrite,
            jobs: config.asked.jobs.max(1),
            cells: run::CELLS,
            factory: factory.map(|it| it as &dyn EngineFactory),
            setup: setup.clone(),
            lock: config.lock,
            profile: config.asked.profile.clone(),
            set: config.asked.set.clone(),
            cancel,
            limits: config.asked.limits,
            begun,
        }
    }
}

/// Completes what a build says of itself, and leaves the stamp when all is well. `at` is when its inputs were looked at.
pub fn conclude(
    session: &Session,
    prepared: &Prepared,
    built: RunResult,
    begun: Instant,
    config: &BuildConfig,
    at: i128,
) -> Summary {
    let RunResult { mut summary, drifts, told, stopped, seen, leaves_remains, .. } = built;
    session.place(&prepared.plan, drifts.iter().chain(&told), &mut summary);
    session.place_stopped(&prepared.plan, &stopped, &mut summary);
    // Warnings of the plan are told again with every build, like those of the data.
    summary.problems.splice(0..0, prepared.problems.iter().cloned());
    summary.duration_ms = begun.elapsed().as_millis() as u64;
    // What was replaced is told once.
    let once = summary.problems.iter().any(|it| it.code == run::REPLACED.name);
    if summary.status == Status::Ok && !once && !leaves_remains {
        let _ = leave_stamp(session, &prepared.plan, &summary, what_was_asked(config), at, &seen);
    }
    summary
}

fn what_was_asked(config: &BuildConfig) -> crate::digest::Digest {
    let asked = &config.asked;
    let set: Vec<String> = asked.set.iter().map(|(key, value)| format!("{key}={value}")).collect();
    let targets = [config.targets.join("\u{1f}"), config.exclude.join("\u{1f}")].join("\u{1e}");
    let allowed = format!("{:?}", reach::allowed());
    let environment = asked.environment.clone().unwrap_or_default();
    stamp::asked(&[&environment, &asked.profile.clone().unwrap_or_default(), &set.join("\u{1f}"), &targets, &allowed])
}

/// Writes down what decided this build: files and folders that were asked for, and the artefacts as they stand.
fn leave_stamp(
    session: &Session,
    plan: &Plan,
    summary: &Summary,
    asked: crate::digest::Digest,
    at: i128,
    left: &[(PathBuf, Revision)],
) -> std::io::Result<()> {
    if !session.paths.root().is_dir() {
        return Ok(());
    }
    let mut seen: Vec<_> = session
        .db
        .known_paths()
        .into_iter()
        .map(|path| {
            let revision = session.db.file(&path).revision(&session.db);
            (path, revision)
        })
        .collect();
    let world = session.db.system();
    let mut artefacts: Vec<_> = summary.artefacts.iter().map(|it| PathBuf::from(&it.path)).collect();
    artefacts.extend([plan.dist.join("manifest.json"), plan.dist.join("SHA256SUMS")]);
    let environment = plan.environment.as_deref();
    artefacts.extend([lock::file(environment), history::file(environment)]);
    // What this build wrote counts as it stands now, also where it was read before.
    seen.retain(|(path, _)| !artefacts.contains(path));
    // The time of writing an artefact lies after `at`, so its stamp is its own.
    // It counts as it was put there: what somebody else put there since is another file.
    let as_left = |path: &PathBuf| left.iter().rev().find(|(it, _)| it == path).map(|(_, it)| *it);
    let artefacts: Vec<_> =
        artefacts.into_iter().map(|it| (it.clone(), as_left(&it).or_else(|| world.revision(&it)))).collect();
    if artefacts.iter().any(|(path, it)| world.revision(path) != *it) {
        return Ok(());
    }
    let latest = artefacts.iter().filter_map(|(_, it)| it.map(|it| it.mtime.max(it.ctime))).max().unwrap_or(0);
    seen.extend(artefacts);
    seen.push((PathBuf::from(WORKSPACE_FILE), world.revision(Path::new(WORKSPACE_FILE))));
    // What was just written settles a moment later; until then a build looks for itself.
    let at = if latest > at { Stamp::now().max(at) } else { at };
    // A problem stands at a place, which comments and layout move.
    let tomls = seen.iter().map(|(path, _)| path).filter(|it| it.extension().is_some_and(|it| it == "toml"));
    let meanings = tomls.filter_map(|path| {
        let text = query::source_text(&session.db, session.db.file(path)).as_ref().ok()?;
        Some((path.clone(), toml_fingerprint(text)?))
    });
    let meanings = if summary.problems.is_empty() { meanings.collect() } else { Vec::new() };
    Stamp { asked, seen, at, summary: summary.clone(), meanings }.write(&session.paths.stamp())
}
