//! Finding profiles and what they extend: `profiles/NAME.toml` of the workspace, then those that are shipped.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::db::Db;
use crate::digest::{Digest, digest_of};
use crate::fields::{Fields, Parameters, Reader};
use crate::problem::{Problem, did_you_mean};
use crate::profile::{EXTENDS_CYCLE, Profile, UNKNOWN_PROFILE};
use crate::query::{listing, source_text};

/// Profiles that come with hotpass: name and text.
pub const SHIPPED: &[(&str, &str)] = &[
    ("generic", include_str!("../../pipelines/profiles/generic.toml")),
    ("south-africa", include_str!("../../pipelines/profiles/south-africa.toml")),
    ("aviation", include_str!("../../pipelines/profiles/aviation.toml")),
];

/// Digests of profiles by name.
pub(super) type Digests = BTreeMap<String, Digest>;

/// Names of all profiles there are.
pub fn profile_names(db: &dyn Db) -> Vec<String> {
    let own = listing(db, db.file(Path::new("profiles")));
    let mut names: Vec<String> = own.iter().filter_map(|it| it.strip_suffix(".toml")).map(str::to_owned).collect();
    names.extend(SHIPPED.iter().map(|(name, _)| (*name).to_owned()));
    names.sort();
    names.dedup();
    names
}

/// The profile `name` with all it extends, base first. `fields` is the pipeline that names it.
pub(super) fn resolve(db: &dyn Db, name: &str, fields: &Fields, problems: &mut Vec<Problem>) -> (Profile, Digests) {
    // From the named profile down to the one that extends nothing.
    let mut chain: Vec<(Arc<PathBuf>, String)> = Vec::new();
    let mut digests = Digests::new();
    let mut next = Some((name.to_owned(), fields.span_of("pipeline")));
    while let Some((name, span)) = next.take() {
        let Some((path, text)) = text_of(db, &name) else {
            let names = profile_names(db);
            let help = did_you_mean(&name, names.iter().map(String::as_str))
                .unwrap_or_else(|| format!("profiles are {}", names.join(", ")));
            let message = format!("there is no profile `{name}`");
            problems.push(Problem::new(&UNKNOWN_PROFILE, message).label(&span, "named here").help(help));
            break;
        };
        if chain.iter().any(|(it, _)| *it == path) {
            let message = format!("the profile `{name}` extends itself");
            problems.push(Problem::new(&EXTENDS_CYCLE, message).label(&span, "named here"));
            break;
        }
        let reader = Reader::new(&path, Parameters::new());
        let table = reader.parse(&text);
        let mut profile = reader.fields(&table);
        if let Some(mut heading) = profile.table("profile") {
            let beneath = heading.text("extends");
            next = beneath.map(|it| (it, heading.span_of("extends")));
        }
        drop(profile);
        drop(table);
        digests.insert(name, digest_of_toml(&text));
        chain.push((path, text));
    }
    let mut profile = Profile::default();
    for (path, text) in chain.into_iter().rev() {
        let reader = Reader::new(&path, Parameters::new());
        let table = reader.parse(&text);
        let mut fields = reader.fields(&table);
        if let Some(mut heading) = fields.table("profile") {
            heading.text("extends");
            heading.text("description");
            heading.finish();
        }
        profile.extend(&mut fields);
        fields.finish();
        drop(table);
        problems.extend(reader.finish().0);
    }
    (profile, digests)
}

/// The digest of what a file says, whatever its comments, its layout and the order of its keys.
fn digest_of_toml(text: &str) -> Digest {
    let said = toml::from_str::<toml::Table>(text).ok();
    // A `Value` of JSON sorts its keys. A file that is no TOML has problems and is never locked.
    digest_of("hotpass profile v1", &said.and_then(|it| serde_json::to_value(it).ok()))
}

/// The text of a profile and how messages name it.
fn text_of(db: &dyn Db, name: &str) -> Option<(Arc<PathBuf>, String)> {
    let path = PathBuf::from("profiles").join(format!("{name}.toml"));
    if let Ok(text) = source_text(db, db.file(&path)) {
        return Some((Arc::new(path), text.clone()));
    }
    let (name, text) = SHIPPED.iter().find(|(it, _)| *it == name)?;
    Some((Arc::new(PathBuf::from(format!("<shipped>/{name}.toml"))), (*text).to_owned()))
}
