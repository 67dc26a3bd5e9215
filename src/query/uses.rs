//! Pipelines that are parts of others: their files are found, read with the values that they are given, and become
//! pipelines of their own.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use super::{Lowered, contracts, environments, exists, listing, profiles, shipped, source_text, unreadable};
use crate::db::{Db, Settings};
use crate::expectations::Expectation;
use crate::fields::{Fields, Parameters, Reader, Spans};
use crate::pipeline::uses::{CYCLE, UNKNOWN_PIPELINE, Use, User, decode};
use crate::pipeline::{self, Heading, Pipeline};
use crate::problem::{Problem, did_you_mean};
use crate::profile::{Profile, UNKNOWN_ENRICH, UNKNOWN_LOOKUP};

/// How a shipped pipeline is named.
const SHIPPED: &str = "shipped:";

/// A pipeline that may use others.
pub(super) struct Within<'a> {
    /// Its name.
    pub name: &'a str,
    /// What it knows.
    pub profile: &'a Profile,
    /// What it expects, of tables that it uses too.
    pub expectations: &'a [Expectation],
    /// Its file behind those of all that use it.
    pub files: Vec<Arc<PathBuf>>,
}

/// What a pipeline uses.
#[derive(Default)]
pub(super) struct Used {
    /// The pipelines.
    pub pipelines: Vec<Arc<Pipeline>>,
    /// The names of those that could not be read.
    pub unread: Vec<String>,
    /// Where everything stands in their files.
    pub spans: BTreeMap<PathBuf, Spans>,
    /// What is wrong with the uses and in the files.
    pub problems: Vec<Problem>,
}

/// Reads `[use.*]` of a file, and all that is used.
pub(super) fn all(db: &dyn Db, settings: Settings, fields: &mut Fields, within: &Within<'_>) -> Used {
    let (uses, unread) = decode(fields);
    let mut acc = Used { unread, ..Used::default() };
    for it in uses {
        let lowered = match file_of(db, &it, within) {
            Ok((path, text)) => one(db, settings, &it, within, &path, &text),
            Err(problem) => {
                acc.problems.push(*problem);
                acc.unread.push(it.name);
                continue;
            }
        };
        match lowered.pipeline {
            Some(pipeline) => acc.pipelines.push(pipeline),
            None => acc.unread.push(it.name),
        }
        acc.spans.extend(lowered.used);
        // A file that is used twice has its faults once.
        let found = lowered.problems.into_iter().chain(lowered.misused);
        let new: Vec<Problem> = found.filter(|it| !acc.problems.contains(it)).collect();
        acc.problems.extend(new);
    }
    acc
}

/// The file of a used pipeline, and its text.
fn file_of(db: &dyn Db, it: &Use, within: &Within<'_>) -> Result<(Arc<PathBuf>, String), Box<Problem>> {
    let (written, span) = &it.pipeline;
    let shown = written.escape_debug();
    let told = |message: String, help: String| Box::new(it.problem(&UNKNOWN_PIPELINE, message, span, help));
    let (path, text) = if let Some(name) = written.strip_prefix(SHIPPED) {
        let path = Arc::new(shipped::module(name));
        let Some(text) = shipped::text(&path) else {
            let names = shipped::MODULES.iter().map(|(it, _)| *it);
            let help = did_you_mean(name, names.clone());
            let help = help.unwrap_or_else(|| format!("shipped are {}", names.collect::<Vec<_>>().join(", ")));
            return Err(told(format!("there is no shipped pipeline `{}`", name.escape_debug()), help));
        };
        (path, text.to_owned())
    } else {
        let path = plain(written).ok_or_else(|| {
            let help = "name a file of TOML in the workspace, such as `modules/contacts.toml`".to_owned();
            told(format!("`{shown}` is not a file of the workspace"), help)
        })?;
        let file = db.file(&path);
        match source_text(db, file) {
            Ok(text) => (path, text.clone()),
            Err(reason) if exists(db, file) => return Err(Box::new(unreadable(db, &path, reason))),
            Err(_) => {
                let beside = listing(db, db.file(path.parent().unwrap_or(Path::new(""))));
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                let help = did_you_mean(&name, beside.iter().map(String::as_str));
                let help =
                    help.unwrap_or_else(|| format!("write it, or name one that comes with hotpass: `{SHIPPED}NAME`"));
                return Err(told(format!("there is no file `{shown}`"), help));
            }
        }
    };
    if within.files.contains(&path) {
        let help = "remove this use: what both need goes into a third file".to_owned();
        return Err(Box::new(it.problem(&CYCLE, format!("`{shown}` uses itself"), span, help)));
    }
    Ok((path, text))
}

/// A path below the workspace that ends in `.toml`, without `./`.
fn plain(written: &str) -> Option<Arc<PathBuf>> {
    let path = Path::new(written);
    let mut acc = PathBuf::new();
    for part in path.components() {
        match part {
            Component::Normal(it) => acc.push(it),
            Component::CurDir => (),
            _ => return None,
        }
    }
    (acc.extension().is_some_and(|it| it == "toml")).then(|| Arc::new(acc))
}

/// What the using pipeline expects of tables of the used one, under the names that they have there.
fn theirs(it: &Use, expectations: &[Expectation]) -> Vec<Expectation> {
    let own = |check: &Expectation| {
        let table = check.table.strip_prefix(&it.name)?.strip_prefix('.')?.to_owned();
        let mut check = check.clone();
        check.table = table;
        Some(check)
    };
    expectations.iter().filter_map(own).collect()
}

/// What a used pipeline needs to know and nobody declares.
fn needed(it: &Use, heading: &Heading, profile: &Profile) -> Option<Problem> {
    let missing = |all: &[String], what: &str, has: &dyn Fn(&str) -> bool| {
        let missing = all.iter().filter(|name| !has(name));
        missing.map(|name| format!("[{what}.{}]", name.escape_debug())).collect::<Vec<_>>()
    };
    let lookups = missing(&heading.lookups, "lookup", &|name| profile.lookups.contains_key(name));
    let enrich = missing(&heading.enrich, "enrich", &|name| profile.enrich.contains_key(name));
    let code = if lookups.is_empty() { &UNKNOWN_ENRICH } else { &UNKNOWN_LOOKUP };
    let all: Vec<String> = lookups.iter().chain(&enrich).map(|it| format!("`{it}`")).collect();
    let (last, others) = all.split_last()?;
    let named = if others.is_empty() { last.clone() } else { format!("{} and {last}", others.join(", ")) };
    let message = format!("`{}` needs {named}, which no profile declares", it.pipeline.0.escape_debug());
    let help = "name a profile that has them, `[pipeline] profile = …`, or declare them in this file".to_owned();
    Some(it.problem(code, message, &it.pipeline.1, help))
}

/// Reads one used pipeline.
fn one(db: &dyn Db, settings: Settings, it: &Use, within: &Within<'_>, path: &Arc<PathBuf>, text: &str) -> Lowered {
    let mut acc = Lowered::default();
    let reader = Reader::new(path, Parameters::new());
    let table = reader.parse(text);
    let mut fields = reader.fields(&table, &pipeline::FILE);
    let environment = settings.environment(db).as_deref();
    let Some(heading) = pipeline::heading(&reader, &mut fields, &BTreeMap::new(), environment) else {
        drop(fields);
        drop(table);
        acc.problems = reader.finish().0;
        if acc.problems.is_empty() {
            let message = format!("`{}` is not a pipeline", it.pipeline.0.escape_debug());
            let help = "a pipeline begins with `[pipeline]` and a `name`".to_owned();
            acc.problems.push(it.problem(&UNKNOWN_PIPELINE, message, &it.pipeline.1, help));
        }
        return acc;
    };
    let mut parameters = reader.parameters();
    it.valued(&mut parameters, &mut acc.problems);
    reader.set_parameters(parameters);
    let (mut profile, digests) = match &heading.profile {
        Some(name) => profiles::resolve(db, name, &fields, &mut acc.problems),
        None => (within.profile.clone(), BTreeMap::new()),
    };
    profile.extend(&mut fields);
    if let Some(problem) = needed(it, &heading, &profile) {
        // Each place that looks something up would say the same.
        acc.problems.push(problem);
        return acc;
    }
    let mut odd = Vec::new();
    profile.check(&mut odd);
    // What the profile of the using pipeline has by itself is told there.
    acc.problems.extend(odd.into_iter().filter(|it| it.labels.first().is_some_and(|it| it.span.file == *path)));
    reader.set_settings(profile.settings());
    pipeline::functions::declare(&reader, &mut fields);
    // A name that selectors can spell, and no other pipeline can have by chance.
    let nested = within.files.len() > 1;
    let name = if nested { format!("{}-{}", within.name, it.name) } else { it.name.clone() };
    let shared = &contracts::shared(db).declared;
    let mut made = Pipeline { profiles: digests, ..pipeline::body(heading, path, &mut fields, &profile, shared) };
    made.name = name;
    made.description = it.description.clone().or(made.description);
    let file = within.files.last().map(Arc::clone).unwrap_or_default();
    made.user = Some(User { pipeline: within.name.to_owned(), name: it.name.clone(), file });
    made.exports_nothing();
    it.give(&mut made, &mut acc.problems);
    made.judge(&theirs(it, within.expectations));
    if let Some(it) = environments::asked(db, settings) {
        it.apply(&mut made);
    }
    let files = within.files.iter().cloned().chain([Arc::clone(path)]).collect();
    let within = Within { name: &made.name, profile: &profile, expectations: &made.expectations, files };
    let used = all(db, settings, &mut fields, &within);
    (made.uses, made.unread) = (used.pipelines, used.unread);
    acc.used = used.spans;
    acc.misused = used.problems;
    fields.finish();
    drop(table);
    let (problems, spans) = reader.finish();
    acc.problems.extend(problems);
    acc.used.insert(path.to_path_buf(), spans);
    acc.pipeline = Some(Arc::new(made));
    acc
}
