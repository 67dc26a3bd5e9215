//! `hotpass env`: which environments there are, what differs between two, and what was promoted from one to another.

use std::collections::BTreeSet;
use std::path::Path;

use serde::{Serialize, Serializer};

use crate::escape::line;
use crate::lock::{self, Artefact, Lock};
use crate::numbers::count;
use crate::pipeline::environment::DEFAULT;
use crate::problem::Problem;
use crate::run::{self, Moved, Pair, Side};
use crate::workspace::session::{self, Asked, Session};

/// An environment.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename = "env")]
pub(crate) struct Environment {
    pub(crate) name: String,
    pub(crate) destination: String,
    lock: String,
    /// How many files it has published.
    pub(crate) published: u64,
}

/// All environments of a workspace.
pub(crate) fn list(asked: &Asked) -> Vec<Environment> {
    let known = session::environments(&asked.root);
    let all = std::iter::once((DEFAULT, None, ".")).chain(known.iter().map(|it| {
        let name: &str = &it.name;
        (name, Some(name), it.destination.as_str())
    }));
    let one = |(name, environment, destination): (&str, Option<&str>, &str)| {
        let recorded = Lock::read(&asked.root, environment).ok().flatten();
        Environment {
            name: name.to_owned(),
            destination: destination.to_owned(),
            lock: lock::file(environment).display().to_string(),
            published: recorded.map_or(0, |it| it.artefact.len() as u64),
        }
    };
    all.map(one).collect()
}

/// A file that was promoted.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename = "env.promoted")]
pub(crate) struct Promoted {
    from: String,
    pub(crate) to: String,
    bytes: u64,
    pub(crate) rows: u64,
    pub(crate) changed: bool,
}

impl From<Moved> for Promoted {
    fn from(it: Moved) -> Promoted {
        Promoted { from: it.pair.from, to: it.pair.to, bytes: it.bytes, rows: it.rows, changed: it.is_news }
    }
}

/// Two environments of one name are none.
pub(crate) fn check_names(from: &str, to: &str) -> Result<(), Problem> {
    if from != to {
        return Ok(());
    }
    let problem = Problem::new(&run::NOT_PROMOTED, format!("`{}` cannot be promoted to itself", line(from)));
    Err(problem.help("name two environments: `hotpass env list`".to_owned()))
}

/// Puts what one has built in the place of what the other has published; or why not.
pub(crate) fn promote(
    (from, one): (&str, &Session),
    (to, other): (&str, &Session),
) -> std::io::Result<Result<Vec<Promoted>, Vec<Problem>>> {
    let (plan, target) = (one.plan(), other.plan());
    let (states, theirs) = (run::settle(&plan, &one.journal), run::settle(&target, &one.journal));
    let from = Side { name: from, plan: &plan, states: &states, paths: &one.paths };
    let to = Side { name: to, plan: &target, states: &theirs, paths: &other.paths };
    let moved = run::promote((from, to), &one.journal, &one.root)?;
    Ok(moved.map(|it| it.into_iter().map(Promoted::from).collect()))
}

/// What differs between what two environments have published.
#[derive(Debug)]
pub(crate) struct Differences {
    pub(crate) artefacts: Vec<Compared>,
    pub(crate) causes: Vec<Cause>,
}

impl Serialize for Differences {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        (&self.artefacts, &self.causes).serialize(to)
    }
}

/// A file as both have published it.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename = "env.artefact")]
pub(crate) struct Compared {
    pub(crate) verdict: &'static str,
    pub(crate) from: String,
    to: String,
    pub(crate) was: Option<Published>,
    pub(crate) is: Option<Published>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Published {
    pub(crate) rows: u64,
    sha256: String,
    key: Option<String>,
}

/// Why they differ.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename = "env.cause")]
pub(crate) struct Cause {
    pub(crate) message: String,
}

/// What differs, and what it comes from.
pub(crate) fn differences(
    (from, one): (&str, &Session),
    (to, other): (&str, &Session),
) -> Result<Differences, Problem> {
    let Some(pairs) = run::pairs(&one.plan(), &other.plan()) else {
        let problem = Problem::new(&run::NOT_PROMOTED, "the two do not publish the same files");
        return Err(problem.help("compare their exports: `hotpass list`".to_owned()));
    };
    let lock = |it: &Session| Lock::read(&it.root, it.environment()).ok().flatten().unwrap_or_default();
    let (was, is) = (lock(one), lock(other));
    let key = |path: &str| one.journal.known(|it| it.artefacts.get(path).map(|it| it.key.hex()));
    let published = |it: Option<&Artefact>, path: &str| {
        it.map(|it| Published { rows: it.rows, sha256: it.sha256.to_string(), key: key(path) })
    };
    let artefacts = pairs.iter().flat_map(|it| files(it, &was, &is)).map(|pair| {
        let (a, b) = (was.artefact.get(&pair.from), is.artefact.get(&pair.to));
        Compared {
            verdict: verdict(a, b),
            was: published(a, &pair.from),
            is: published(b, &pair.to),
            from: pair.from,
            to: pair.to,
        }
    });
    let causes = causes((from, &was), (to, &is)).into_iter().map(|message| Cause { message });
    Ok(Differences { artefacts: artefacts.collect(), causes: causes.collect() })
}

/// The files of an export: itself, or those beneath a folder, wherever one of the two has them.
fn files(pair: &Pair, was: &Lock, is: &Lock) -> Vec<Pair> {
    let beneath = |lock: &Lock, folder: &str| -> BTreeSet<String> {
        let own = lock.artefact.keys().filter_map(|it| Path::new(it).strip_prefix(folder).ok());
        own.filter(|it| !it.as_os_str().is_empty()).map(|it| it.to_string_lossy().into_owned()).collect()
    };
    let names: BTreeSet<String> = beneath(was, &pair.from).union(&beneath(is, &pair.to)).cloned().collect();
    let one = |name: &String| Pair {
        pipeline: pair.pipeline.clone(),
        from: format!("{}/{name}", pair.from.trim_end_matches('/')),
        to: format!("{}/{name}", pair.to.trim_end_matches('/')),
    };
    if names.is_empty() { vec![pair.clone()] } else { names.iter().map(one).collect() }
}

fn verdict(a: Option<&Artefact>, b: Option<&Artefact>) -> &'static str {
    match (a, b) {
        (None, None) => "nowhere",
        (Some(a), Some(b)) if a.sha256 == b.sha256 => "same",
        (Some(_), Some(_)) => "differs",
        _ => "missing",
    }
}

/// What the two were made from that is not the same: names and counts, never a value.
fn causes((from, a): (&str, &Lock), (to, b): (&str, &Lock)) -> Vec<String> {
    let mut acc = Vec::new();
    if a.version == 0 || b.version == 0 {
        return acc;
    }
    if a.engine != b.engine {
        acc.push("the engine differs".to_owned());
    }
    if a.profile != b.profile {
        acc.push("`--profile` differs".to_owned());
    }
    let names: BTreeSet<&String> = a.parameters.keys().chain(b.parameters.keys()).collect();
    for name in names.into_iter().filter(|it| a.parameters.get(*it) != b.parameters.get(*it)) {
        acc.push(format!("`--set {name}` differs"));
    }
    for (name, one) in &a.pipeline {
        let Some(other) = b.pipeline.get(name) else { continue };
        for (source, one) in &one.source {
            match other.source.get(source) {
                Some(it) if it.cells == one.cells => (),
                Some(it) => acc.push(format!(
                    "source `{name}.{source}` has other cells: {} in `{from}`, {} in `{to}`",
                    count(one.rows, "row"),
                    count(it.rows, "row")
                )),
                None => acc.push(format!("source `{name}.{source}` is not read in `{to}`")),
            }
        }
        for (step, one) in &one.steps {
            if other.steps.get(step).is_some_and(|it| it != one) {
                acc.push(format!("step `{name}.{step}` has another recipe"));
            }
        }
    }
    acc
}
