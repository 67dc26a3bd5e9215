//! `hotpass build`: makes what is not made, checks, publishes. `--dry-run` and `plan` only say what it would do.

use std::path::{Path, PathBuf};
use std::time::Instant;

use serde_json::json;

use crate::cli::exit::Exit;
use crate::cli::output::Output;
use crate::cli::progress::Progress;
use crate::cli::report::{self, Reports};
use crate::cli::selectors;
use crate::cli::session::{Asked, Session, any_error, text_of};
use crate::db::Db;
use crate::lock;
use crate::plan::Plan;
use crate::problem::Severity;
use crate::query::{self, WORKSPACE_FILE};
use crate::run::{self, Locking, Order, RunError};
use crate::show;
use crate::store::Paths;
use crate::store::meaning::meaning;
use crate::store::stamp::{self, Stamp};
use crate::store::workshop::{Cancel, Power};
use crate::summary::{Fate, Status, Summary};

/// What a build was asked to do.
#[derive(Clone, Debug)]
pub struct BuildConfig {
    /// The workspace and how it is read.
    pub asked: Asked,
    /// Selectors; none means everything.
    pub targets: Vec<String>,
    /// `--force`: everything, or the tables these selectors name.
    pub force: Option<Vec<String>>,
    /// `--keep-going`.
    pub keep_going: bool,
    /// `--fail-on warn`.
    pub fail_on_warn: bool,
    /// `--locked`.
    pub lock: Locking,
    /// `--events FILE`.
    pub events: Option<PathBuf>,
    /// `--report-junit` and `--report-sarif`.
    pub reports: Reports,
}

/// How a command ended that may need the engine.
#[derive(Debug)]
pub enum Outcome {
    /// It is done.
    Done(Exit),
    /// There is work that this program cannot do: the engine must be started.
    NeedsEngine,
}

/// Builds.
pub fn build(config: &BuildConfig, power: Option<&'static dyn Power>, out: &Output) -> Outcome {
    let begun = Instant::now();
    let root = &config.asked.root;
    let paths = Paths::new(root, config.asked.state.as_deref());
    let asked = what_was_asked(config);
    let fresh = config.force.is_none().then(|| {
        let revision = |it: &Path| run::world::revision_of(&root.join(it));
        let text = |it: &Path| std::fs::read_to_string(root.join(it)).ok();
        Stamp::unchanged(&paths.stamp(), &asked, revision, text)
    });
    if let Some(summary) = fresh.flatten() {
        let summary = summary.as_unchanged(begun.elapsed().as_millis() as u64);
        let progress = Progress::new(out, config.events.as_deref());
        summary.steps.iter().for_each(|it| run::Reporter::finished(&progress, it));
        return Outcome::Done(tell(&summary, root, out, &progress, config));
    }
    let session = match Session::open(&config.asked, power, true) {
        Ok(session) => session,
        Err(error) => return Outcome::Done(world_failed(&error, out)),
    };
    // Times are taken before anything is read: what changes from here on is noticed by the next build.
    let at = Stamp::now();
    let plan = session.plan();
    if plan.needs_engine && power.is_none() {
        return Outcome::NeedsEngine;
    }
    let problems = session.problems();
    let text = |path: &Path| text_of(root, path);
    let progress = Progress::new(out, config.events.as_deref());
    if any_error(&problems) {
        let mut summary = Summary { problems, ..Summary::new(Status::Refused, run::run_id()) };
        summary.duration_ms = begun.elapsed().as_millis() as u64;
        return Outcome::Done(tell(&summary, root, out, &progress, config));
    }
    let states = run::settle(&plan, &session.journal);
    let changed = |table: usize| !matches!(states[table], run::State::Settled(_));
    let selection = match selectors::select(&plan, &config.targets, &changed) {
        Ok(selection) => selection,
        Err(problem) => {
            out.problems(&[problem], &text);
            return Outcome::Done(Exit::Refused);
        }
    };
    let force = match &config.force {
        None => vec![false; plan.tables.len()],
        Some(words) => match selectors::select(&plan, words, &changed) {
            Ok(selection) => selection.tables,
            Err(problem) => {
                out.problems(&[problem], &text);
                return Outcome::Done(Exit::Refused);
            }
        },
    };
    let cancel = Cancel::default();
    let order = Order {
        root: root.clone(),
        reader: session.reader.clone(),
        tables: selection.tables,
        exports: selection.exports,
        force,
        keep_going: config.keep_going,
        jobs: config.asked.jobs.max(1),
        cells: run::CELLS,
        power: session.power.as_deref().map(|it| it as &dyn Power),
        setup: session.setup.clone(),
        lock: config.lock,
        profile: config.asked.profile.clone(),
        set: config.asked.set.clone(),
        cancel: cancel.clone(),
    };
    stop_on_interrupt(cancel);
    let built = match run::run(&plan, &session.paths, &session.journal, &order, &progress) {
        Ok(built) => built,
        Err(RunError::NeedsEngine) => return Outcome::NeedsEngine,
        Err(error) => return Outcome::Done(world_failed(&error, out)),
    };
    let mut summary = built.summary;
    session.place(&plan, &mut summary);
    // Warnings of the plan are told again with every build, like those of the data.
    summary.problems.splice(0..0, problems);
    summary.duration_ms = begun.elapsed().as_millis() as u64;
    if summary.status == Status::Ok {
        let _ = leave_stamp(&session, &plan, &summary, asked, at);
    }
    Outcome::Done(tell(&summary, root, out, &progress, config))
}

fn what_was_asked(config: &BuildConfig) -> crate::digest::Digest {
    let asked = &config.asked;
    let set: Vec<String> = asked.set.iter().map(|(key, value)| format!("{key}={value}")).collect();
    let targets = config.targets.join("\u{1f}");
    stamp::asked(&[&asked.profile.clone().unwrap_or_default(), &set.join("\u{1f}"), &targets])
}

/// Writes down what decided this build: files and folders that were asked for, and the artefacts as they stand.
fn leave_stamp(
    session: &Session,
    plan: &Plan,
    summary: &Summary,
    asked: crate::digest::Digest,
    at: i128,
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
    artefacts.extend([plan.dist.join("manifest.json"), plan.dist.join("SHA256SUMS"), PathBuf::from(lock::FILE)]);
    // What this build wrote counts as it stands now, also where it was read before.
    seen.retain(|(path, _)| !artefacts.contains(path));
    // The time of writing an artefact lies after `at`, so its stamp is its own.
    let artefacts: Vec<_> = artefacts.into_iter().map(|it| (it.clone(), world.revision(&it))).collect();
    let latest = artefacts.iter().filter_map(|(_, it)| it.map(|it| it.mtime.max(it.ctime))).max().unwrap_or(0);
    seen.extend(artefacts);
    seen.push((PathBuf::from(WORKSPACE_FILE), world.revision(Path::new(WORKSPACE_FILE))));
    // What was just written settles a moment later; until then a build looks for itself.
    let at = if latest > at { Stamp::now().max(at) } else { at };
    // A problem stands at a place, which comments and layout move.
    let tomls = seen.iter().map(|(path, _)| path).filter(|it| it.extension().is_some_and(|it| it == "toml"));
    let meanings = tomls.filter_map(|path| {
        let text = query::source_text(&session.db, session.db.file(path)).as_ref().ok()?;
        Some((path.clone(), meaning(text)?))
    });
    let meanings = if summary.problems.is_empty() { meanings.collect() } else { Vec::new() };
    Stamp { asked, seen, at, summary: summary.clone(), meanings }.write(&session.paths.stamp())
}

fn stop_on_interrupt(cancel: Cancel) {
    // A second handler cannot be set; the first one of the process stays.
    let _ = ctrlc::set_handler(move || cancel.cancel());
}

/// Shows what a build says of itself, and gives its exit code.
fn tell(summary: &Summary, root: &Path, out: &Output, progress: &Progress, config: &BuildConfig) -> Exit {
    let text = |path: &Path| text_of(root, path);
    progress.done();
    out.problems(&summary.problems, &text);
    for failure in &summary.failures {
        out.failure(failure);
    }
    out.differences(&summary.differences);
    progress.event(&summary_json(summary));
    if !out.is_json() {
        out.say(&in_words(summary));
        if summary.withheld > 0 {
            let artefacts = show::count(summary.withheld as u64, "artefact");
            out.say(&format!(
                "{:>10}  {artefacts}: those of a build go together, and what stood still stands",
                "withheld"
            ));
        }
        for artefact in &summary.artefacts {
            let what = if artefact.written { "wrote" } else { "stands" };
            let (rows, bytes) = (show::count(artefact.rows, "row"), show::bytes(artefact.bytes));
            out.say(&format!("{what:>10}  {}  {rows}, {bytes}", show::line(&artefact.path)));
        }
    }
    if let Err(error) = report::write(&config.reports, summary, root, &text) {
        out.failure(&error.to_string());
        return Exit::World;
    }
    let warned = summary.problems.iter().any(|it| it.severity == Severity::Warning);
    match summary.status {
        Status::Ok if warned && config.fail_on_warn => Exit::Warned,
        Status::Ok => Exit::Done,
        Status::Refused if !summary.differences.is_empty() => Exit::Different,
        Status::Refused => Exit::Refused,
        Status::Failed => Exit::World,
        Status::Interrupted => Exit::Interrupted,
    }
}

fn in_words(summary: &Summary) -> String {
    let steps = summary.step_count();
    let ran = summary.steps_with(Fate::Ran);
    let mut parts = Vec::new();
    if !summary.steps.is_empty() {
        parts.push(format!("{ran} of {} ran", show::count(steps as u64, "step")));
    }
    let failed = summary.steps_with(Fate::Failed);
    let skipped = summary.steps_with(Fate::Skipped);
    let read = summary.sources_read();
    if read > 0 {
        parts.push(format!("{} read", show::count(read as u64, "source")));
    }
    let lost = summary.sources_with(Fate::Failed);
    if lost > 0 {
        parts.push(format!("{} failed", show::count(lost as u64, "source")));
    }
    if failed > 0 {
        parts.push(format!("{failed} failed"));
    }
    if skipped > 0 {
        parts.push(format!("{skipped} skipped"));
    }
    let aside: u64 = summary.set_aside.values().sum();
    if aside > 0 {
        parts.push(format!("{} set aside", show::count(aside, "row")));
    }
    let held = summary.checks.iter().filter(|it| it.held == Some(true)).count();
    if !summary.checks.is_empty() {
        parts.push(format!("{held} of {} held", show::count(summary.checks.len() as u64, "expectation")));
    }
    let status = match summary.status {
        Status::Ok if ran == 0 && read == 0 && !summary.artefacts.iter().any(|it| it.written) => "nothing to do",
        Status::Ok => "built",
        Status::Refused => "refused",
        Status::Failed => "failed",
        Status::Interrupted => "interrupted",
    };
    if parts.is_empty() {
        parts.push("before anything ran".to_owned());
    }
    format!("{status:>10}  {} in {}", parts.join(", "), show::duration(summary.duration_ms))
}

fn summary_json(summary: &Summary) -> serde_json::Value {
    let checks = |held: Option<bool>, stops: Option<bool>| {
        let of = |it: &&crate::summary::CheckLine| it.held == held && stops.is_none_or(|stops| it.stops == stops);
        summary.checks.iter().filter(of).count()
    };
    let artefacts: Vec<_> = summary
        .artefacts
        .iter()
        .map(|it| {
            json!({"path": it.path, "blake3": it.blake3.hex(), "sha256": hex(&it.sha256), "bytes": it.bytes,
                "rows": it.rows})
        })
        .collect();
    json!({
        "v": 1, "event": "build.summary", "status": summary.status, "run_id": summary.run_id,
        "duration_ms": summary.duration_ms,
        "steps": {
            "total": summary.step_count(), "ran": summary.steps_with(Fate::Ran),
            "reused": summary.steps_with(Fate::Reused), "failed": summary.steps_with(Fate::Failed),
            "skipped": summary.steps_with(Fate::Skipped),
        },
        "sources": {"read": summary.sources_read(), "failed": summary.sources_with(Fate::Failed), "total": summary.steps.len() - summary.step_count()},
        "set_aside": summary.set_aside,
        "expectations": {
            "total": summary.checks.len(), "passed": checks(Some(true), None),
            "failed": checks(Some(false), Some(true)), "warned": checks(Some(false), Some(false)),
            "reused": summary.checks.iter().filter(|it| it.reused).count(),
        },
        "artefacts": artefacts, "withheld": summary.withheld,
    })
}

/// Bytes as hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|it| format!("{it:02x}")).collect()
}

/// Tells that the world failed.
pub fn world_failed(error: &dyn std::fmt::Display, out: &Output) -> Exit {
    out.failure(&error.to_string());
    Exit::World
}
