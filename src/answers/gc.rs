//! `hotpass gc`: what the last runs do not need any more is dropped.

use std::collections::HashSet;
use std::path::Path;

use serde::Serialize;

use crate::digest::Digest;
use crate::store::journal::Journal;
use crate::store::{Paths, memos, runs};

/// What can go.
struct Plan {
    runs: Vec<String>,
    segments: Vec<(Digest, u64)>,
    /// What operators left: it only saves time, and nobody knows who will run again.
    memos: Vec<(String, u64)>,
    kept: u64,
}

/// What may stay.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Request {
    /// How many of the last runs keep what they made.
    pub(crate) keep_runs: u64,
    /// The oldest go until no more bytes than this are left.
    pub(crate) max_size: Option<u64>,
    /// Nothing is dropped.
    pub(crate) dry_run: bool,
}

/// What was dropped, or would be.
#[derive(Debug, Default, Serialize)]
#[serde(tag = "event", rename = "gc.summary")]
pub(crate) struct Collected {
    pub(crate) dry_run: bool,
    pub(crate) segments: u64,
    pub(crate) bytes: u64,
    pub(crate) runs: u64,
}

/// Drops what the last runs do not need any more.
pub(crate) fn collect(paths: &Paths, it: &Request) -> std::io::Result<Collected> {
    let (segments, bytes, runs) = collected(paths, it)?;
    Ok(Collected { dry_run: it.dry_run, segments, bytes, runs })
}

fn collected(paths: &Paths, it: &Request) -> std::io::Result<(u64, u64, u64)> {
    if !paths.root().is_dir() {
        return Ok((0, 0, 0));
    }
    let Some(_alone) = paths.alone()? else {
        return Err(std::io::Error::other("a build is using the store; try again when it has ended"));
    };
    let journal = Journal::open(&paths.journal())?;
    let mut keep = usize::try_from(it.keep_runs).unwrap_or(usize::MAX);
    let mut plan = plan(paths, &journal, keep)?;
    // Runs are given up, oldest first, until what they need is small enough.
    while let Some(size) = it.max_size
        && plan.kept > size
        && keep > 1
    {
        keep = keep.min(runs::names(paths).len()).saturating_sub(1).max(1);
        plan = self::plan(paths, &journal, keep)?;
    }
    let freed = plan.segments.iter().map(|(_, bytes)| bytes).chain(plan.memos.iter().map(|(_, bytes)| bytes)).sum();
    let (segments, gone) = (plan.segments.len() as u64, plan.runs.len() as u64);
    for (name, _) in plan.memos.iter().filter(|_| !it.dry_run) {
        remove(paths, &paths.memos().join(name))?;
    }
    if it.dry_run || (segments == 0 && gone == 0) {
        return Ok((segments, freed, gone));
    }
    // The journal forgets first: a segment that nothing names is only waste, one that is missing would be work.
    let dropped: HashSet<Digest> = plan.segments.iter().map(|(id, _)| *id).collect();
    journal.compact(|known| {
        known.segments.retain(|id, _| !dropped.contains(id));
        known.places.retain(|_, (id, _)| !dropped.contains(id));
        let places: HashSet<Digest> = known.places.keys().copied().collect();
        known.columns.retain(|key, (digest, _)| key == digest || places.contains(digest));
    })?;
    for (id, _) in &plan.segments {
        remove(paths, &paths.segment(id))?;
    }
    for name in &plan.runs {
        remove(paths, &paths.runs().join(name))?;
    }
    // What the last build saw may be gone: the next one looks for itself.
    paths.stamps().iter().try_for_each(|it| remove(paths, it))?;
    Ok((segments, freed, gone))
}

fn remove(paths: &Paths, path: &Path) -> std::io::Result<()> {
    match paths.place(path, false).and_then(|(folder, name)| folder.remove(name)) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// A run that cannot be read may need anything: then nothing is dropped.
fn plan(paths: &Paths, journal: &Journal, keep: usize) -> std::io::Result<Plan> {
    let mut names = runs::names(paths);
    let kept_names = names.split_off(names.len().saturating_sub(keep));
    let mut live = HashSet::new();
    for name in &kept_names {
        let run = runs::sound(paths, name).map_err(unreadable)?;
        for table in &run.tables {
            live.extend(table.columns.iter().map(|(_, digest)| *digest));
        }
    }
    let (segments, kept) = journal.known(|known| {
        let needed: HashSet<Digest> =
            known.places.iter().filter(|(digest, _)| live.contains(*digest)).map(|(_, (id, _))| *id).collect();
        let (keep, drop): (Vec<_>, Vec<_>) = known.segments.iter().partition(|(id, _)| needed.contains(*id));
        let mut drop: Vec<(Digest, u64)> = drop.into_iter().map(|(id, file)| (*id, file.bytes)).collect();
        drop.sort();
        (drop, keep.iter().map(|(_, file)| file.bytes).sum())
    });
    Ok(Plan { runs: names, segments, memos: memos::all(paths), kept })
}

fn unreadable(error: std::io::Error) -> std::io::Error {
    let message =
        format!("{error}, so what it needs is not known and nothing was dropped: delete that file if it may go");
    std::io::Error::new(error.kind(), message)
}
