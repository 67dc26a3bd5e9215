//! `hotpass env`: which environments there are, what differs between two, and promotion from one to another.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Value, json};

use crate::cli::args::{self, Format, Global};
use crate::cli::exit::Exit;
use crate::cli::outcome::{Outcome, opened, world_failed};
use crate::cli::output::Output;
use crate::cli::{Answer, check, look_of_stderr};
use crate::lock::{self, Artefact, Lock};
use crate::pipeline::environment::DEFAULT;
use crate::problem::Problem;
use crate::run::{self, Moved, Pair, Side};
use crate::show::{count, json_line, line};
use crate::store::backend::EngineFactory;
use crate::workspace::session::{self, Asked, Session, any_error, text_of};

/// `hotpass env`.
pub fn env(global: &Global, asked: &Asked, it: &args::Env, factory: Option<&'static dyn EngineFactory>) -> Outcome {
    let answered = match it {
        args::Env::List => Ok(list(asked, global.format)),
        args::Env::Diff { from, to } => diff(global, asked, (from, to), factory),
        args::Env::Promote { from, to } => promote(global, asked, (from, to), factory),
    };
    match answered {
        Ok(answer) => Outcome::Done(answer.print().unwrap_or(Exit::World)),
        Err(outcome) => outcome,
    }
}

fn list(asked: &Asked, format: Format) -> Answer {
    let known = session::environments(&asked.root);
    let all = std::iter::once((DEFAULT, None, ".")).chain(known.iter().map(|it| {
        let name: &str = &it.name;
        (name, Some(name), it.destination.as_str())
    }));
    let width = all.clone().map(|(name, _, _)| name.len()).max().unwrap_or(0);
    let room = all.clone().map(|(_, _, it)| line(it).chars().count()).max().unwrap_or(0);
    let mut out = String::new();
    for (name, environment, destination) in all {
        let lock = Lock::read(&asked.root, environment).ok().flatten();
        let published = lock.map_or(0, |it| it.artefact.len() as u64);
        out.push_str(&match format {
            Format::Json => json_line(&json!({"v": 1, "event": "env", "name": name, "destination": destination,
                "lock": lock::file(environment).display().to_string(), "published": published})),
            _ => {
                let told = if published == 0 { "nothing published".to_owned() } else { count(published, "file") };
                format!("{name:width$}  {:room$}  {told}\n", line(destination))
            }
        });
    }
    Answer::of(out)
}

/// An environment that is open, or how the command ends without one.
fn side(
    global: &Global,
    asked: &Asked,
    name: &str,
    factory: Option<&'static dyn EngineFactory>,
) -> Result<Session, Outcome> {
    let environment = Some(name).filter(|it| *it != DEFAULT).map(str::to_owned);
    let problems = environment.as_deref().map_or_else(Vec::new, |it| session::missing_environment(&asked.root, it));
    if !problems.is_empty() {
        return Err(refused(global, asked, &problems));
    }
    let asked = Asked { environment, ..asked.clone() };
    let session = opened(&asked, factory, &Output::new(global))?;
    let problems = session.problems();
    if any_error(&problems) {
        return Err(refused(global, &asked, &problems));
    }
    Ok(session)
}

fn refused(global: &Global, asked: &Asked, problems: &[Problem]) -> Outcome {
    let text = |path: &Path| text_of(&asked.root, path);
    let answer = check::told(problems, &text, global.format, look_of_stderr(global));
    Outcome::Done(answer.print().map_or(Exit::World, |_| Exit::Refused))
}

fn promote(
    global: &Global,
    asked: &Asked,
    (from, to): (&str, &str),
    factory: Option<&'static dyn EngineFactory>,
) -> Result<Answer, Outcome> {
    if from == to {
        let problem = Problem::new(&run::NOT_PROMOTED, format!("`{}` cannot be promoted to itself", line(from)));
        return Err(refused(global, asked, &[problem.help("name two environments: `hotpass env list`".to_owned())]));
    }
    let (one, other) = (side(global, asked, from, factory)?, side(global, asked, to, factory)?);
    let (plan, target) = (one.plan(), other.plan());
    let (states, theirs) = (run::settle(&plan, &one.journal), run::settle(&target, &one.journal));
    let from = Side { name: from, plan: &plan, states: &states, paths: &one.paths };
    let to = Side { name: to, plan: &target, states: &theirs, paths: &other.paths };
    match run::promote((from, to), &one.journal, &asked.root) {
        Err(error) => Err(Outcome::Done(world_failed(&error, &Output::new(global)))),
        Ok(Err(problems)) => Err(refused(global, asked, &problems)),
        Ok(Ok(moved)) => {
            let told = moved.iter().map(|it| match global.format {
                Format::Json => json_line(&as_json(it)),
                _ => {
                    let word = if it.is_news { "promoted" } else { "the same" };
                    format!("{word}  {}  {}\n", line(&it.pair.to), count(it.rows, "row"))
                }
            });
            Ok(Answer::of(told.collect()))
        }
    }
}

fn as_json(it: &Moved) -> Value {
    json!({"v": 1, "event": "env.promoted", "from": it.pair.from, "to": it.pair.to, "bytes": it.bytes,
        "rows": it.rows, "changed": it.is_news})
}

fn diff(
    global: &Global,
    asked: &Asked,
    (from, to): (&str, &str),
    factory: Option<&'static dyn EngineFactory>,
) -> Result<Answer, Outcome> {
    let (one, other) = (side(global, asked, from, factory)?, side(global, asked, to, factory)?);
    let Some(pairs) = run::pairs(&one.plan(), &other.plan()) else {
        let problem = Problem::new(&run::NOT_PROMOTED, "the two do not publish the same files");
        return Err(refused(global, asked, &[problem.help("compare their exports: `hotpass list`".to_owned())]));
    };
    let lock = |it: &Session| Lock::read(&it.root, it.environment()).ok().flatten().unwrap_or_default();
    let (was, is) = (lock(&one), lock(&other));
    let key = |path: &str| one.journal.known(|it| it.artefacts.get(path).map(|it| it.key.hex()));
    let mut out = String::new();
    for pair in pairs.iter().flat_map(|it| files(it, &was, &is)) {
        let published = |lock: &Lock, path: &str| lock.artefact.get(path).cloned();
        let (a, b) = (published(&was, &pair.from), published(&is, &pair.to));
        let word = verdict(a.as_ref(), b.as_ref());
        if global.format == Format::Json {
            let one = |it: &Option<Artefact>, path: &str| {
                it.as_ref().map(|it| json!({"rows": it.rows, "sha256": it.sha256.to_string(), "key": key(path)}))
            };
            out.push_str(&json_line(&json!({"v": 1, "event": "env.artefact", "verdict": word, "from": pair.from,
                "to": pair.to, "was": one(&a, &pair.from), "is": one(&b, &pair.to)})));
            continue;
        }
        out.push_str(&format!("{word:9}  {}  {}\n", line(&pair.from), rows((from, &a), (to, &b))));
    }
    for cause in causes((from, &was), (to, &is)) {
        out.push_str(&match global.format {
            Format::Json => json_line(&json!({"v": 1, "event": "env.cause", "message": cause})),
            _ => format!("{}\n", line(&cause)),
        });
    }
    Ok(Answer::of(out))
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

fn rows((from, a): (&str, &Option<Artefact>), (to, b): (&str, &Option<Artefact>)) -> String {
    match (a, b) {
        (Some(a), Some(b)) if a.rows == b.rows => count(a.rows, "row"),
        (Some(a), Some(b)) => format!("{} in `{from}`, {} in `{to}`", count(a.rows, "row"), count(b.rows, "row")),
        (Some(a), None) => format!("{} in `{from}`, not published in `{to}`", count(a.rows, "row")),
        (None, Some(b)) => format!("not published in `{from}`, {} in `{to}`", count(b.rows, "row")),
        (None, None) => "not published".to_owned(),
    }
}

/// What the two were made from that is not the same: names and counts, never a value.
fn causes((from, a): (&str, &Lock), (to, b): (&str, &Lock)) -> Vec<String> {
    let mut acc = Vec::new();
    if a.version == 0 || b.version == 0 {
        return acc;
    }
    if a.engine != b.engine {
        acc.push("the engine is another one".to_owned());
    }
    if a.profile != b.profile {
        acc.push("`--profile` is another one".to_owned());
    }
    let names: BTreeSet<&String> = a.parameters.keys().chain(b.parameters.keys()).collect();
    for name in names.into_iter().filter(|it| a.parameters.get(*it) != b.parameters.get(*it)) {
        acc.push(format!("`--set {name}` is another one"));
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
