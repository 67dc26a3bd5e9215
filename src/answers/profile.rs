//! `hotpass profile`: which profiles there are, what one comes to and where each part of it is from, what is odd in
//! it, and the conversion of profiles that were written as YAML.

pub mod files;
pub mod import;

use std::collections::BTreeMap;

use serde::Serialize;
use toml::Value as Toml;

use crate::db::Db;
use crate::expr::Literal;
use crate::linkage::Lexicon;
use crate::problem::Problem;
use crate::profile::{Profile as Declared, lint};

use crate::query::{self, Layer, Merged, shipped};
use crate::workspace::session::{Session, any_error};

/// Where a layer stands, in words.
fn origin(layer: &Layer) -> String {
    match layer.path.strip_prefix(shipped::FOLDER) {
        Ok(_) => format!("{}, shipped", layer.name),
        Err(_) => layer.path.display().to_string(),
    }
}

/// A profile.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename = "profile")]
pub(crate) struct Profile {
    pub(crate) name: String,
    pub(crate) origin: String,
    pub(crate) extends: Option<String>,
    pub(crate) description: Option<String>,
    /// Whether it comes with the program.
    #[serde(skip)]
    pub(crate) is_shipped: bool,
}

/// Every profile with its origin.
pub(crate) fn list(session: &Session) -> Vec<Profile> {
    let db = &session.db;
    let merged = query::profile_names(db).into_iter().map(|name| query::merged(db, &name, None));
    let own = merged.filter_map(|it| it.layers.into_iter().next());
    let profile = |own: Layer| Profile {
        origin: origin(&own),
        is_shipped: own.path.starts_with(shipped::FOLDER),
        name: own.name,
        extends: own.extends,
        description: own.description,
    };
    own.map(profile).collect()
}

/// One key of a merged profile: path of keys, value, and which layers say it.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) path: Vec<String>,
    pub(crate) value: Toml,
    pub(crate) origin: String,
}

/// The same as it is told.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename = "profile.part")]
struct Event<'a> {
    profile: &'a str,
    path: &'a [String],
    value: &'a Toml,
    origin: &'a str,
}

/// A merged profile.
#[derive(Debug)]
pub(crate) struct Shown {
    pub(crate) name: String,
    /// The files it is made of, the uppermost first.
    pub(crate) chain: Vec<String>,
    pub(crate) parts: Vec<Part>,
}

impl Serialize for Shown {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let profile = self.name.as_str();
        to.collect_seq(self.parts.iter().map(|Part { path, value, origin }| Event { profile, path, value, origin }))
    }
}

/// What a profile comes to.
pub(crate) fn show(session: &Session, name: &str) -> Result<Shown, Box<Problem>> {
    let merged = query::merged(&session.db, name, None);
    if let (true, Some(problem)) = (merged.layers.is_empty(), merged.problems.first()) {
        return Err(Box::new(problem.clone()));
    }
    let chain = merged.layers.iter().map(origin).collect();
    Ok(Shown { name: name.to_owned(), chain, parts: parts(&merged) })
}

/// All keys in the order of the profile.
fn parts(merged: &Merged) -> Vec<Part> {
    let said =
        merged.layers.iter().map(|it| (origin(it), it.text.parse::<toml::Table>().unwrap_or_default())).collect();
    let mut acc = Parts { said, parts: Vec::new() };
    let profile = &merged.profile;
    acc.fields(profile);
    acc.normal(profile);
    if !profile.negations.is_empty() {
        acc.add(&["mapping", "negations"], texts(&profile.negations));
    }
    if !profile.personal.is_empty() {
        acc.add(&["mapping", "personal"], texts(&profile.personal));
    }
    if let Some(threshold) = profile.threshold {
        acc.add(&["mapping", "threshold"], Toml::Float(threshold));
    }
    acc.linkage(&profile.linkage);
    acc.ingest();
    for (name, table) in &profile.enrich {
        for (value, gives) in table {
            acc.add_own(&["enrich", name, value], plain(gives));
        }
    }
    acc.parts
}

fn texts(it: &[String]) -> Toml {
    Toml::Array(it.iter().cloned().map(Toml::String).collect())
}

/// Keys of a profile on their way, each with the layers that say it.
struct Parts {
    /// What each layer says, the uppermost first.
    said: Vec<(String, toml::Table)>,
    parts: Vec<Part>,
}

impl Parts {
    /// Lists of layers add up; of all else the uppermost layer's word counts.
    fn add(&mut self, path: &[&str], value: Toml) {
        let saying = self.said.iter().filter(|(_, it)| at(it, path).is_some()).map(|(origin, _)| origin.as_str());
        let origins: Vec<&str> = if value.is_array() { saying.collect() } else { saying.take(1).collect() };
        let origin = if origins.is_empty() { "by default".to_owned() } else { origins.join("; ") };
        self.parts.push(Part { path: path.iter().map(|it| (*it).to_owned()).collect(), value, origin });
    }

    /// A key that the uppermost layer says alone, whatever it holds.
    fn add_own(&mut self, path: &[&str], value: Toml) {
        let origin = self.said.iter().find(|(_, it)| at(it, path).is_some()).map_or("by default", |(origin, _)| origin);
        let path = path.iter().map(|it| (*it).to_owned()).collect();
        self.parts.push(Part { path, value, origin: origin.to_owned() });
    }

    fn fields(&mut self, profile: &Declared) {
        for (name, field) in &profile.fields {
            let synonyms: Vec<String> = field.synonyms.iter().map(|(it, _)| it.clone()).collect();
            self.add(&["field", name, "value"], Toml::String(field.value.spelling()));
            if !synonyms.is_empty() {
                self.add(&["field", name, "synonyms"], texts(&synonyms));
            }
            if let Some(like) = &field.like {
                self.add(&["field", name, "like"], Toml::String(like.spelling()));
            }
            let class = if field.class == crate::model::Class::Personal { "personal" } else { "open" };
            self.add(&["field", name, "class"], Toml::String(class.to_owned()));
        }
        for (name, lookup) in &profile.lookups {
            for (value, aliases) in lookup {
                self.add(&["lookup", name, value], texts(aliases));
            }
        }
    }

    fn normal(&mut self, profile: &Declared) {
        let mut normal: BTreeMap<&str, Toml> = BTreeMap::new();
        normal.extend(profile.region.clone().map(|it| ("region", Toml::String(it))));
        normal.extend(profile.date_order.map(|it| ("date_order", Toml::String(it.word().to_owned()))));
        normal.extend(profile.date_precision.map(|it| ("date_precision", Toml::String(it.to_owned()))));
        normal.extend(profile.decimal_comma.map(|it| ("decimal_comma", Toml::Boolean(it))));
        let lists = [
            ("languages", &profile.languages),
            ("placeholders", &profile.placeholders),
            ("money", &profile.money),
            ("postcodes", &profile.postcodes),
            ("yes", &profile.yes),
            ("no", &profile.no),
            ("particles", &profile.particles),
            ("legal_suffixes", &profile.legal_suffixes),
        ];
        normal.extend(lists.into_iter().filter(|(_, it)| !it.is_empty()).map(|(key, it)| (key, texts(it))));
        for (name, zeros) in &profile.magnitudes {
            self.add(&["normal", "magnitudes", name], Toml::Integer(*zeros));
        }
        for (key, value) in normal {
            self.add(&["normal", key], value);
        }
    }

    fn linkage(&mut self, words: &Lexicon) {
        let lists = [
            ("legal_forms", &words.legal_forms),
            ("trading_as", &words.aliases),
            ("free_mail", &words.free_mail),
            ("role_mailboxes", &words.role_mailboxes),
        ];
        for (key, list) in lists.into_iter().filter(|(_, it)| !it.is_empty()) {
            self.add(&["linkage", key], texts(list));
        }
        if !words.nicknames.is_empty() {
            self.add(&["linkage", "nicknames"], Toml::Array(words.nicknames.iter().map(|it| texts(it)).collect()));
        }
        for (short, long) in &words.abbreviations {
            self.add(&["linkage", "abbreviations", short], Toml::String(long.clone()));
        }
    }

    /// The keys of layers themselves: how one reads files is no value of a profile.
    fn ingest(&mut self) {
        let mut ingest: BTreeMap<Vec<&str>, &Toml> = BTreeMap::new();
        for (_, it) in self.said.iter().rev() {
            for (key, value) in it.get("ingest").and_then(Toml::as_table).into_iter().flatten() {
                match value.as_table().filter(|_| key == "source") {
                    None => drop(ingest.insert(vec!["ingest", key.as_str()], value)),
                    Some(sources) => {
                        for (name, source) in sources {
                            let keys = source.as_table().into_iter().flatten();
                            ingest.extend(
                                keys.map(|(key, it)| (vec!["ingest", "source", name.as_str(), key.as_str()], it)),
                            );
                        }
                    }
                }
            }
        }
        // The table's own keys come before the tables in it.
        let mut ingest: Vec<_> = ingest
            .into_iter()
            .map(|(path, it)| (path.into_iter().map(str::to_owned).collect::<Vec<_>>(), it.clone()))
            .collect();
        ingest.sort_by_key(|(path, _)| path.len());
        for (path, value) in ingest {
            self.add_own(&path.iter().map(String::as_str).collect::<Vec<_>>(), value);
        }
    }
}

fn plain(literal: &Literal) -> Toml {
    match literal {
        Literal::Null => Toml::String(String::new()),
        Literal::Text(it) => Toml::String(it.clone()),
        Literal::Integer(it) => Toml::Integer(*it),
        Literal::Number(it) => Toml::Float(it.parse().unwrap_or_default()),
        Literal::Boolean(it) => Toml::Boolean(*it),
    }
}

fn at<'t>(table: &'t toml::Table, path: &[&str]) -> Option<&'t Toml> {
    let (first, rest) = path.split_first()?;
    let value = table.get(*first)?;
    rest.iter().try_fold(value, |it, key| it.get(*key))
}

/// What was looked at. Problems are told before it.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename = "profile.lint")]
pub(crate) struct Linted {
    pub(crate) profiles: Vec<String>,
    /// How many problems there are.
    pub(crate) problems: u64,
    passed: bool,
}

/// What is wrong and what is odd in profiles: those named, or all of the workspace, or the shipped ones if it has none.
pub(crate) fn lint(session: &Session, names: &[String]) -> (Vec<Problem>, Linted) {
    let db = &session.db;
    let all = query::profile_names(db);
    let own =
        |name: &&String| query::exists(db, db.file(&std::path::Path::new("profiles").join(format!("{name}.toml"))));
    let names: Vec<String> = match names {
        [] if all.iter().any(|it| own(&it)) => all.iter().filter(own).cloned().collect(),
        [] => all,
        named => named.to_vec(),
    };
    let mut problems: Vec<Problem> = Vec::new();
    for name in &names {
        let mut merged = query::merged(db, name, None);
        merged.profile.check(&mut merged.problems);
        merged.problems.extend(lint::lint(&merged.profile, &merged.spans));
        merged.problems.extend(files::lint(session, &merged).into_iter().filter(|_| own(&name)));
        // Two profiles share what is wrong beneath them.
        problems.extend(merged.problems.into_iter().filter(|it| !problems.contains(it)).collect::<Vec<_>>());
    }
    let linted = Linted { profiles: names, problems: problems.len() as u64, passed: !any_error(&problems) };
    (problems, linted)
}
