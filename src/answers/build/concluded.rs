//! How a build is concluded: what it told stands at its places, and a stamp says what decided it.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::answers::build::Request;
use crate::answers::build::prepared::Prepared;
use crate::db::Db;
use crate::digest::Digest;
use crate::plan::{Operation, Plan};
use crate::query::{self, WORKSPACE_FILE};
use crate::readers::reach;
use crate::run::{self, RunResult};
use crate::store::stamp::{self, Content, Stamp};
use crate::store::toml_fingerprint::{quoted_at, toml_fingerprint};
use crate::summary::{Status, Summary};
use crate::system::Revision;
use crate::workspace::session::Session;
use crate::{history, lock};

/// Completes what a build says of itself, and leaves the stamp when all is well. `at` is when its inputs were looked at.
pub fn conclude(
    session: &Session,
    prepared: &Prepared,
    built: RunResult,
    begun: Instant,
    request: &Request,
    at: i128,
) -> Summary {
    let RunResult { mut summary, told, stopped, seen, leaves_remains, .. } = built;
    // What knows its place best comes first.
    session.place_stopped(&prepared.plan, &stopped, &mut summary);
    session.place(&prepared.plan, &told, &mut summary);
    // Warnings of the plan are told again with every build, like those of the data.
    summary.problems.splice(0..0, prepared.problems.iter().cloned());
    summary.duration_ms = begun.elapsed().as_millis() as u64;
    // What was replaced is told once.
    let once = summary.problems.iter().any(|it| it.code == run::REPLACED.name);
    if summary.status == Status::Ok && !once && !leaves_remains {
        let _ = leave_stamp(session, &prepared.plan, &summary, what_was_asked(request), at, &seen);
    }
    summary
}

/// A digest of all that a build is asked for, but its files.
pub(crate) fn what_was_asked(request: &Request) -> Digest {
    let asked = &request.asked;
    let set: Vec<String> = asked.set.iter().map(|(key, value)| format!("{key}={value}")).collect();
    let targets = [request.targets.join("\u{1f}"), request.exclude.join("\u{1f}")].join("\u{1e}");
    let allowed = format!("{:?}", reach::allowed());
    let environment = asked.environment.clone().unwrap_or_default();
    stamp::asked(&[&environment, &asked.profile.clone().unwrap_or_default(), &set.join("\u{1f}"), &targets, &allowed])
}

/// Writes down what decided this build: files and folders that were asked for, and the artefacts as they stand.
fn leave_stamp(
    session: &Session,
    plan: &Plan,
    summary: &Summary,
    asked: Digest,
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
    let contents = contents(session, plan, summary, &seen);
    Stamp { asked, seen, at, summary: summary.clone(), contents }.write(&session.paths.stamp())
}

/// The bytes of each file where queries of steps begin. Those of checks are shown on pages, as they are written.
fn queries(session: &Session, plan: &Plan) -> HashMap<PathBuf, HashSet<usize>> {
    let mut starts: HashMap<PathBuf, HashSet<usize>> = HashMap::new();
    for table in plan.tables.iter().filter(|it| matches!(it.make, Operation::Sql(_))) {
        let Some(file) = plan.pipelines.get(&table.name.pipeline) else { continue };
        let path = format!("step.{}.query", table.name.name);
        if let Some(span) = query::value_place(&session.db, session.settings, file, &path) {
            starts.entry(span.file.to_path_buf()).or_default().insert(span.start);
        }
    }
    starts
}

/// What the files of the pipeline and those of its sources hold.
fn contents(
    session: &Session,
    plan: &Plan,
    summary: &Summary,
    seen: &[(PathBuf, Option<Revision>)],
) -> Vec<(PathBuf, Content)> {
    let is_toml = |it: &&PathBuf| it.extension().is_some_and(|it| it == "toml");
    let queries = queries(session, plan);
    let meanings = seen.iter().map(|(path, _)| path).filter(is_toml).filter_map(|path| {
        let text = query::source_text(&session.db, session.db.file(path)).as_ref().ok()?;
        let queries = queries.get(path).map_or_else(Vec::new, |starts| quoted_at(text, starts));
        Some((path.clone(), Content::Meaning(toml_fingerprint(text, &queries)?, queries)))
    });
    // A problem stands at a place, which comments and layout move.
    let meanings: Vec<_> = if summary.problems.is_empty() { meanings.collect() } else { Vec::new() };
    let read = plan.tables.iter().filter_map(|it| match &it.make {
        Operation::Read(reading) => Some(&reading.files),
        _ => None,
    });
    // Where a file of a source is TOML too, its bytes are what counts.
    let sources: Vec<_> = read.flatten().map(|it| (it.path.clone(), Content::Bytes(it.fingerprint))).collect();
    sources.into_iter().chain(meanings).collect()
}
