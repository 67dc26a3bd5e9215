//! Finding profiles and what they extend: `profiles/NAME.toml` of the workspace, then those that are shipped.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::db::Db;
use crate::digest::{Digest, digest_of};
use crate::fields::{Fields, Parameters, Reader, Spans};
use crate::problem::{Problem, did_you_mean};
use crate::profile::{self, EXTENDS_CYCLE, Profile, UNKNOWN_PROFILE};
use crate::query::{exists, listing, shipped, source_text, unreadable};
use crate::span::Span;

/// Digests of profiles by name.
pub(super) type Digests = BTreeMap<String, Digest>;

/// Names of all profiles there are.
pub fn profile_names(db: &dyn Db) -> Vec<String> {
    let own = listing(db, db.file(Path::new("profiles")));
    let mut names: Vec<String> = own.iter().filter_map(|it| it.strip_suffix(".toml")).map(str::to_owned).collect();
    names.extend(shipped::PROFILES.iter().map(|(name, _)| (*name).to_owned()));
    names.sort();
    names.dedup();
    names
}

/// One file of a profile.
#[derive(Clone, PartialEq, Debug)]
pub struct Layer {
    /// The profile's own name.
    pub name: String,
    /// Where it stands; shipped ones below `<shipped>`.
    pub path: Arc<PathBuf>,
    /// What stands in it.
    pub text: String,
    /// The profile beneath.
    pub extends: Option<String>,
    /// What it is for.
    pub description: Option<String>,
}

/// A profile as it is merged.
#[derive(Debug, Default)]
pub struct Merged {
    /// The named profile first, the one that extends nothing last.
    pub layers: Vec<Layer>,
    /// All of them together.
    pub profile: Profile,
    /// Where things stand, by path of keys; in the uppermost layer that has them.
    pub spans: Spans,
    /// What is wrong.
    pub problems: Vec<Problem>,
}

/// The profile `name` with all it extends; `named` is the place that names it.
pub fn merged(db: &dyn Db, name: &str, named: Option<&Span>) -> Merged {
    let mut acc = Merged::default();
    let mut next = Some((name.to_owned(), named.cloned()));
    while let Some((name, span)) = next.take() {
        let told = |problem: Problem| match &span {
            Some(span) => problem.label(span, "named here"),
            None => problem,
        };
        let found = match text_of(db, &name) {
            Ok(found) => found,
            Err(problem) => {
                acc.problems.push(*problem);
                break;
            }
        };
        let Some((path, text)) = found else {
            let names = profile_names(db);
            let help = did_you_mean(&name, names.iter().map(String::as_str))
                .unwrap_or_else(|| format!("profiles are {}", names.join(", ")));
            let message = format!("there is no profile `{}`", name.escape_debug());
            acc.problems.push(told(Problem::new(&UNKNOWN_PROFILE, message)).help(help));
            break;
        };
        if acc.layers.iter().any(|it| it.path == path) {
            let message = format!("the profile `{name}` extends itself");
            acc.problems.push(told(Problem::new(&EXTENDS_CYCLE, message)));
            break;
        }
        let reader = Reader::new(&path, Parameters::new());
        let table = reader.parse(&text);
        let mut fields = reader.fields(&table, &profile::FILE);
        let (mut extends, mut description) = (None, None);
        if let Some(mut heading) = fields.table("profile") {
            extends = heading.text("extends");
            description = heading.text("description");
            next = extends.clone().map(|it| (it, Some(heading.span_of("extends"))));
        }
        drop(fields);
        drop(table);
        acc.layers.push(Layer { name, path, text, extends, description });
    }
    for layer in acc.layers.iter().rev() {
        let reader = Reader::new(&layer.path, Parameters::new());
        let table = reader.parse(&layer.text);
        let mut fields = reader.fields(&table, &profile::FILE);
        if let Some(mut heading) = fields.table("profile") {
            heading.text("extends");
            heading.text("description");
            heading.finish();
        }
        acc.profile.extend(&mut fields);
        fields.finish();
        drop(table);
        let (problems, spans) = reader.finish();
        acc.problems.extend(problems);
        acc.spans.extend(spans);
    }
    acc
}

/// The profile that a pipeline names, and the digests of its files.
pub(super) fn resolve(db: &dyn Db, name: &str, fields: &Fields, problems: &mut Vec<Problem>) -> (Profile, Digests) {
    let merged = merged(db, name, Some(&fields.span_of("pipeline")));
    problems.extend(merged.problems);
    let digests = merged.layers.iter().map(|it| (it.name.clone(), digest_of_toml(&it.text))).collect();
    (merged.profile, digests)
}

/// What holds where a pipeline names no profile: the words by which rows that are one are found, of the profile that all
/// shipped ones extend, and nothing else.
#[salsa::tracked(returns(ref))]
pub(super) fn nobodys(_db: &dyn Db) -> Profile {
    let mut acc = Profile::default();
    let path = Arc::new(shipped::profile(shipped::GENERIC));
    let reader = Reader::new(&path, Parameters::new());
    let table = reader.parse(shipped::text(&path).unwrap_or_default());
    acc.extend(&mut reader.fields(&table, &profile::FILE));
    Profile { linkage: acc.linkage, ..Profile::default() }
}

/// The digest of what a file says, whatever its comments, its layout and the order of its keys.
fn digest_of_toml(text: &str) -> Digest {
    let said = toml::from_str::<toml::Table>(text).ok();
    // A `Value` of JSON sorts its keys. A file that is no TOML has problems and is never locked.
    digest_of("hotpass profile v1", &said.and_then(|it| serde_json::to_value(it).ok()))
}

/// The text of a profile and how messages name it; a problem where it is there and cannot be read.
fn text_of(db: &dyn Db, name: &str) -> Result<Option<(Arc<PathBuf>, String)>, Box<Problem>> {
    let path = Arc::new(PathBuf::from("profiles").join(format!("{name}.toml")));
    let file = db.file(&path);
    match source_text(db, file) {
        Ok(text) => return Ok(Some((path, text.clone()))),
        Err(reason) if exists(db, file) => return Err(Box::new(unreadable(db, &path, reason))),
        Err(_) => (),
    }
    let path = Arc::new(shipped::profile(name));
    Ok(shipped::text(&path).map(|text| (path, text.to_owned())))
}
