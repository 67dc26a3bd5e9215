//! Promotion: what one environment has built and checked becomes what another has published, byte for byte.
//!
//! Nothing is made. Files are copied beside their places, and shown together with the manifest, the lock and the
//! history of the environment that takes them; each names the paths of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use crate::digest::{Digest, Hex};
use crate::history::{self, History};
use crate::lock::{self, Lock};
use crate::plan::{Asked, CheckId, ExportId, ExportMap, Plan, PlannedExport, TableMap};
use crate::problem::{Code, Problem};
use crate::publish::{self, Artefact, Hashing, Manifest, Section, Staging, Written};
use crate::readers::reach::{self, Reach};
use crate::run::exports::{self, Standing};
use crate::run::keys::State;
use crate::run::ours::{self, Ours};
use crate::run::writers::Made;
use crate::run::{Facts, again, checks, gates, learnt, records, sites};
use crate::store::Paths;
use crate::store::journal::{self, Counts, Journal, Record};
use crate::store::stamp::Stamp;
use crate::system::Revision;

/// What stands in the way of a promotion.
pub const NOT_PROMOTED: Code = Code::error("hotpass::environment::not-promoted");

/// An environment as it is planned, and what is known of its tables.
#[derive(Clone, Copy)]
pub struct Side<'a> {
    /// How people call it.
    pub name: &'a str,
    /// Its plan.
    pub plan: &'a Plan,
    /// The states of its tables.
    pub states: &'a TableMap<State>,
    /// The store, as it has it.
    pub paths: &'a Paths,
}

/// A file that is published in two environments.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pair {
    /// Its pipeline.
    pub pipeline: String,
    /// Where the first has it.
    pub from: String,
    /// Where the second has it.
    pub to: String,
}

/// A file that was promoted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Moved {
    /// Where it came from, and where it stands now.
    pub pair: Pair,
    /// Its bytes and rows.
    pub bytes: u64,
    /// Its rows of data.
    pub rows: u64,
    /// Whether the bytes that stood there were other ones, or none.
    pub is_news: bool,
}

/// The artefacts of two environments, each with the other; nothing where they do not publish the same files.
pub fn pairs(from: &Plan, to: &Plan) -> Option<ExportMap<Pair>> {
    let same = |(a, b): (&PlannedExport, &PlannedExport)| {
        (a.name == b.name && a.page() == b.page()).then(|| Pair {
            pipeline: a.name.pipeline.clone(),
            from: a.declared.path.clone(),
            to: b.declared.path.clone(),
        })
    };
    let all: Option<ExportMap<Pair>> = from.exports.iter().zip(&to.exports).map(same).collect();
    all.filter(|_| from.exports.len() == to.exports.len())
}

/// Puts what `from` has published in the place of what `to` has.
///
/// # Errors
///
/// The world failing. What stands in the way of it is `Ok(Err(…))`, all of it at once, and nothing was changed then.
pub fn promote(
    (from, to): (Side<'_>, Side<'_>),
    journal: &Journal,
    root: &Path,
) -> io::Result<Result<Vec<Moved>, Vec<Problem>>> {
    // Somebody may have deleted the state folder.
    to.paths.create()?;
    let _store = to.paths.share(None)?;
    let mut reasons = Vec::new();
    let Some(pairs) = pairs(from.plan, to.plan) else {
        return Ok(Err(vec![told("the two do not publish the same files", "compare their exports")]));
    };
    let manifest = Manifest::read(root, &from.plan.dist).unwrap_or_else(|_| Manifest::new(&from.plan.dist));
    let recorded = Lock::read(root, from.plan.environment.as_deref()).ok().flatten().unwrap_or_default();
    let again_help = format!("build `{}` first", from.name);
    if pairs.is_empty() || manifest.paths().next().is_none() {
        reasons.push(told(&format!("`{}` has published nothing", from.name), &again_help));
        return Ok(Err(reasons));
    }
    let standing = exports::standing(from.plan, from.states, journal, root, from.paths);
    let mut listed = Vec::new();
    let of = |at: ExportId| {
        let files =
            if from.plan.exports[at].is_partitioned() { parts(&manifest, &pairs[at]) } else { vec![pairs[at].clone()] };
        files.into_iter().map(move |it| (it, at))
    };
    for (pair, at) in pairs.places().flat_map(of) {
        let (pair, standing) = (&pair, &standing[at]);
        let shown = pair.from.escape_debug();
        let Some(artefact) = artefact(&manifest, pair) else {
            reasons.push(told(&format!("`{shown}` is not published"), &again_help));
            continue;
        };
        let found = Reach::of(root).open(Path::new(&pair.from)).and_then(|mut it| Written::of(&mut it, artefact.rows));
        let locked = recorded.artefact.get(&artefact.path).is_some_and(|it| it.sha256 == hex(&artefact));
        match found {
            Ok(it) if it.sha256 != artefact.sha256 || !locked => {
                let file = lock::file(from.plan.environment.as_deref());
                let message = format!("`{shown}` is not what `{}` and the manifest record", file.display());
                reasons.push(told(&message, &again_help));
            }
            Err(error) => reasons.push(told(&format!("`{shown}` cannot be read: {error}"), &again_help)),
            Ok(_) if !matches!(standing, Standing::Exists) => {
                let known = matches!(from.states[from.plan.exports[at].table], State::Materialized(_));
                let message = match known {
                    true => format!("`{shown}` is not what a build would write now"),
                    false => format!(
                        "`{shown}` cannot be compared with what a build would write now: the state folder has no table \
                         of it as it is now"
                    ),
                };
                reasons.push(told(&message, &again_help));
            }
            Ok(_) => listed.push((pair.clone(), artefact)),
        }
    }
    let counts = checks::counts(from.plan, from.states, journal);
    // What a check has learnt is what was published where it is promoted to.
    let there = Plan { history: to.plan.history.clone(), ..from.plan.clone() };
    let there = checks::counts(&there, from.states, journal);
    let mut open = Vec::new();
    reasons.extend(failed(from, to, [&counts, &there], &mut open));
    let verdicts = again::known_again(from.plan, from.states, &counts, journal, from.paths);
    let facts = [&counts, &there].map(|counts| Facts { counts, again: &verdicts });
    reasons.extend(shut((from, to), facts, (&recorded, root), &mut open));
    if !open.is_empty() {
        let verb = if open.len() == 1 { "is" } else { "are" };
        let message = format!("{} {verb} not evaluated for what `{}` would build now", open.join(", "), from.name);
        reasons.push(told(&message, &again_help));
    }
    if !reasons.is_empty() {
        return Ok(Err(reasons));
    }
    put((from, to), journal, root, (&manifest, &recorded, &counts), listed)
}

/// Gates that are shut, or would be where it is promoted to; those that cannot be told are `open`.
fn shut(
    (from, to): (Side<'_>, Side<'_>),
    facts: [Facts<'_>; 2],
    (recorded, root): (&Lock, &Path),
    open: &mut Vec<String>,
) -> Vec<Problem> {
    let mut reasons = Vec::new();
    // A gate holds its number against what was published before: by the first, and where it is promoted to.
    let there = Lock::read(root, to.plan.environment.as_deref()).ok().flatten().unwrap_or_default();
    let lines = |facts, before: &Lock| gates::gates(from.plan, &|_| true, facts, before).into_iter();
    let [own, after] = facts;
    for (own, after) in lines(own, recorded).zip(lines(after, &there)) {
        if own.stops && own.held.is_none() {
            open.push(format!("gate `{}`", own.id));
        } else if own.stops {
            reasons.push(told(&format!("the gate `{}` is shut", own.id), "look at `hotpass gate`"));
        } else if after.stops {
            let asks = after.asks.iter().filter(|it| it.held != Some(true));
            let found: Vec<String> = asks.map(|it| format!("{}: {}", it.words, it.found)).collect();
            let message = format!("the gate `{}` would be shut in `{}`: {}", after.id, to.name, found.join("; "));
            reasons.push(told(&message, &format!("build `{}`, and look at `hotpass gate`", to.name)));
        }
    }
    reasons
}

/// Checks that did not hold, or would not where it is promoted to, by what they mean there; those that are not taken are
/// `open`.
fn failed(
    from: Side<'_>,
    Side { name, plan: to, .. }: Side<'_>,
    [counts, there]: [&BTreeMap<CheckId, Counts>; 2],
    open: &mut Vec<String>,
) -> Vec<Problem> {
    // A check of a gate's own is told with its gate.
    let own = |asked: &Asked| match asked {
        Asked::Own(check) | Asked::Number(check) => Some(*check),
        _ => None,
    };
    let of_gates: BTreeSet<CheckId> =
        to.gates.iter().flat_map(|it| it.asks.iter().filter_map(move |it| own(&it.asked))).collect();
    let mut acc = Vec::new();
    let gated: BTreeSet<CheckId> = to.exports.iter().flat_map(|it| it.gates.iter().copied()).collect();
    for (id, check) in gated.iter().map(|it| (it, &to.expectations[*it])) {
        let same =
            |it: &crate::plan::PlannedExpectation| it.pipeline == check.pipeline && it.declared.id == check.declared.id;
        let at = from.plan.expectations.position(same);
        let counted = at.and_then(|it| counts.get(&it));
        let later = at.and_then(|it| there.get(&it)).filter(|it| !it.waits());
        if let Some(learnt) = later.and_then(|it| it.learnt.as_ref())
            && check.declared.stops(later.and_then(|it| checks::held(check, it)))
        {
            let message = format!("the check `{}` would fail in `{name}`: {}", check.declared.id, learnt.words);
            acc.push(told(&message, &format!("build `{name}`, and look at what differs")));
            continue;
        }
        // What cannot tell yet stops no build either.
        if counted.is_some_and(Counts::waits) {
            continue;
        }
        let held = counted.and_then(|it| checks::held(check, it));
        if check.declared.stops(held) && held.is_some() {
            let message = format!("the check `{}` failed in `{}`", check.declared.id, from.name);
            acc.push(told(&message, &format!("correct it, and build `{}` again", from.name)));
        } else if check.declared.stops(held) && !of_gates.contains(id) {
            open.push(format!("check `{}`", check.declared.id));
        }
    }
    acc
}

/// What the first side lists, records and counts.
type Known<'a> = (&'a Manifest, &'a Lock, &'a BTreeMap<CheckId, Counts>);

/// Copies the files and writes down what stands then.
fn put(
    (from, to): (Side<'_>, Side<'_>),
    journal: &Journal,
    root: &Path,
    (manifest, recorded, counts): Known<'_>,
    listed: Vec<(Pair, Artefact)>,
) -> io::Result<Result<Vec<Moved>, Vec<Problem>>> {
    let ours = Ours::new(to.plan, root, journal, false);
    let mut folders: Vec<PathBuf> =
        listed.iter().filter_map(|(it, _)| Path::new(&it.to).parent()).map(Path::to_owned).collect();
    folders.extend([to.plan.dist.clone(), PathBuf::new()]);
    publish::sweep(root, &folders)?;
    let mut staging = Staging::new(root);
    let (mut made, mut reasons) = (Vec::new(), Vec::new());
    for (pair, artefact) in listed {
        let target = PathBuf::from(&pair.to);
        let mut file = Hashing::new(staging.create(&target)?);
        io::copy(&mut Reach::of(root).open(Path::new(&pair.from))?, &mut file)?;
        let (file, written) = file.finish(artefact.rows)?;
        if written.sha256 != artefact.sha256 {
            return Err(io::Error::other(format!("`{}` changed while it was promoted", pair.from)));
        }
        staging.staged(&target, file, written.clone())?;
        let Some(place) = staging.place(&target) else { continue };
        match ours.standing(&pair.to, place, &written)? {
            ours::Standing::Free => (),
            ours::Standing::Changed => {
                let message = format!("`{}` was changed since hotpass wrote it", pair.to.escape_debug());
                reasons.push(told(&message, &format!("move it away, or build `{}`", to.name)));
            }
            ours::Standing::Foreign(reason) => reasons.push(foreign(&pair.to, reason, to)),
        }
        let stands = reach::open(place).and_then(|mut it| Written::of(&mut it, 0));
        let is_news = stands.map_or(true, |it| it.sha256 != written.sha256);
        made.push((pair, written, is_news));
    }
    let notes = notes((from, to), root, (manifest, recorded, counts), &made);
    if let Some(note) = ours.foreign_note(&notes) {
        let reason = "hotpass did not write the file at this path";
        reasons.push(foreign(&note.display().to_string(), reason, to));
    }
    if !reasons.is_empty() {
        return Ok(Err(reasons));
    }
    let record = |left: &[(PathBuf, Revision)]| {
        let one = |(pair, written, _): &(Pair, Written, bool)| {
            let key = journal.known(|it| it.artefacts.get(&pair.from).map(|it| (it.key, it.guarded)));
            let (key, guarded) = key?;
            let revision = left.iter().find(|(it, _)| it == Path::new(&pair.to)).map(|(_, it)| *it);
            let (path, Written { blake3, sha256, bytes, rows, .. }) = (pair.to.clone(), written.clone());
            Some(Record::Artefact(journal::Artefact { path, key, blake3, sha256, bytes, rows, guarded, revision }))
        };
        let whole = |export: &PlannedExport| {
            let own = made.iter().filter(|(it, _, _)| export.writes(Path::new(&it.to)));
            let own = own.map(|(it, written, _)| Made { path: it.to.clone(), written: written.clone() });
            let own: Vec<Made> = own.collect();
            let key = own.first().and_then(|_| made.iter().find(|(it, _, _)| it.to == own[0].path));
            let key = journal.known(|it| it.artefacts.get(&key?.0.from).map(|it| it.key))?;
            exports::whole(export, key, &own)
        };
        made.iter().filter_map(one).chain(to.plan.exports.iter().filter_map(whole)).collect::<Vec<_>>()
    };
    // As a build does: what is about to stand is ours, also when nobody lives to say that it does.
    Stamp::forget(&to.paths.stamp())?;
    journal.append(record(&[]))?;
    journal.sync()?;
    let own = |it: &PlannedExport| {
        let files = made.iter().map(|(it, _, _)| it.to.as_str());
        Some(files.filter(|path| it.writes(Path::new(path))).collect())
    };
    let files: Vec<_> = to.plan.exports.iter().map(own).collect();
    sites::sweep(to.plan, &files, root, &ours)?;
    let left = staging.commit(&notes)?;
    let seen: Vec<_> = left.files.into_iter().filter_map(|(path, it)| Some((path, Revision::of(&it)?))).collect();
    journal.append(record(&seen))?;
    let moved = |(pair, it, is_news): (Pair, Written, bool)| Moved { pair, bytes: it.bytes, rows: it.rows, is_news };
    Ok(Ok(made.into_iter().map(moved).collect()))
}

/// That a file of somebody else stands where something is promoted to.
fn foreign(path: &str, reason: &str, to: Side<'_>) -> Problem {
    let build = to.plan.environment.as_ref().map_or_else(String::new, |it| format!(" --env {it}"));
    let help = format!("move the file away; or replace it with `hotpass build{build} --overwrite`, and promote again");
    ours::foreign(path, reason).help(help)
}

/// What is written down of `to` once it has what `from` published.
fn notes(
    (from, to): (Side<'_>, Side<'_>),
    root: &Path,
    (manifest, recorded, counts): Known<'_>,
    made: &[(Pair, Written, bool)],
) -> Vec<(PathBuf, String)> {
    let environment = to.plan.environment.as_deref();
    let mut taken = Manifest::new(&to.plan.dist);
    for (pipeline, section) in manifest.pipelines() {
        let own = made.iter().filter(|(it, _, _)| it.pipeline == pipeline);
        let artefacts = own.map(|(it, written, _)| Artefact::new(Path::new(&it.to), written)).collect();
        taken.set(pipeline, Section { artefacts, ..section.clone() });
    }
    let mut lock = recorded.clone();
    lock.artefact.clear();
    for (pair, written, _) in made {
        let artefact = lock::Artefact { rows: written.rows, bytes: written.bytes, sha256: Hex(written.sha256.into()) };
        lock.artefact.insert(crate::plan::slashed(Path::new(&pair.to)), artefact);
    }
    for (name, pipeline) in &mut lock.pipeline {
        (pipeline.expectations, pipeline.exports) = records::declared(to.plan, name);
    }
    let mut notes = vec![
        (to.plan.dist.join("SHA256SUMS"), taken.sums()),
        (to.plan.dist.join("manifest.json"), taken.to_json()),
        (lock::file(environment), lock.to_toml()),
    ];
    let path = history::file(environment);
    let text = Reach::of(root).text(&path).unwrap_or_default();
    let (written, damaged) = History::parse(&text);
    let added = learnt::added(from.plan, from.states, counts, &written);
    if damaged.is_empty() && !added.is_empty() {
        notes.push((path, history::with_lines(&text, &added)));
    }
    let reach = Reach::of(root);
    notes.retain(|(path, text)| reach.bytes(path).map_or(true, |it| it != text.as_bytes()));
    notes
}

/// The files beneath a folder, as they are listed, each with its place in the other one.
fn parts(manifest: &Manifest, pair: &Pair) -> Vec<Pair> {
    let folder = crate::plan::slashed(Path::new(&pair.from));
    let listed = manifest.section(&pair.pipeline).map_or(&[][..], |it| &it.artefacts);
    let beneath = listed.iter().filter_map(|it| Some((it, Path::new(&it.path).strip_prefix(&folder).ok()?)));
    let one = |(it, rest): (&Artefact, &Path)| Pair {
        pipeline: pair.pipeline.clone(),
        from: it.path.clone(),
        to: Path::new(&pair.to).join(rest).to_string_lossy().into_owned(),
    };
    beneath.map(one).collect()
}

/// What is listed of a file of the first side.
fn artefact(manifest: &Manifest, pair: &Pair) -> Option<Artefact> {
    let path = crate::plan::slashed(Path::new(&pair.from));
    manifest.section(&pair.pipeline)?.artefacts.iter().find(|it| it.path == path).cloned()
}

fn hex(artefact: &Artefact) -> Hex {
    Hex(Digest::from(artefact.sha256))
}

fn told(message: &str, help: &str) -> Problem {
    Problem::new(&NOT_PROMOTED, message.to_owned()).help(help.to_owned())
}
