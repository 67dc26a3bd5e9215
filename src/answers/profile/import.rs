//! Profiles of the four blocks `ingest`, `refine`, `enrich` and `compliance`, written as YAML, become TOML. What no step
//! reads is dropped, and each dropped key is named with its reason: nothing vanishes without a word.

use std::path::Path;

use saphyr::{LoadableYamlNode, Yaml};
use serde::Serialize;
use toml_edit::{Array, DocumentMut, Item, Table, value};

use crate::escape::line;
use crate::problem::{Code, Problem};
use crate::readers::reach;

/// A file that is no such profile.
pub const NO_PROFILE: Code = Code::error("hotpass::profile::not-importable");

/// All codes of this module.
pub const CODES: &[&Code] = &[&NO_PROFILE];

/// A key that did not become anything.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(tag = "event", rename = "profile.dropped")]
pub struct Dropped {
    /// Its path: `enrich.fetcher_chain`.
    pub key: String,
    /// Why, and where such a thing is said.
    pub why: String,
}

/// Keys that are read here; below `refine.mappings` and `ingest.sources` by what they hold.
const READ: [&str; 10] = [
    "extends",
    "name",
    "display_name",
    "default_country_code",
    "refine.normalization.country_code",
    "refine.mappings",
    "column_synonyms",
    "compliance.pii_fields",
    "ingest.sources",
    "source_priorities",
];

/// Known keys that no step reads, and why: the longest beginning counts.
const UNREAD: [(&str, &str); 14] = [
    ("ingest.chunk_size", "files are read in bounded memory, and how does not change what is read"),
    ("ingest.staging", "every table is kept; there is nothing to stage"),
    ("refine.deduplication", "a `merge` step makes one record from the rows with the same key"),
    ("refine.expectations", "declare checks in a pipeline, under `[[expect.TABLE]]`"),
    ("refine.required_fields", "say it in a pipeline: `[[expect.TABLE]]` with `column` and `not_null = true`"),
    ("required_fields", "say it in a pipeline: `[[expect.TABLE]]` with `column` and `not_null = true`"),
    ("refine.optional_fields", "every field is optional until an expectation says otherwise"),
    ("optional_fields", "every field is optional until an expectation says otherwise"),
    ("refine.normalization.phone_format", "telephone numbers are always written as E.164"),
    ("refine.quality_thresholds", "declare a required share in a pipeline: `[[expect.TABLE]]` with `mostly`"),
    ("enrich", "declare facts about values under `[enrich.NAME]`; no step looks anything up elsewhere"),
    ("compliance", "no step asks for consent or forgets after a time; `class = \"personal\"` masks"),
    ("research", "no step looks anything up elsewhere"),
    ("authority_sources", "no step looks anything up elsewhere"),
];

/// A profile that was written otherwise.
#[derive(Debug)]
pub(crate) struct Imported {
    /// The file.
    file: String,
    pub(crate) toml: String,
    pub(crate) dropped: Vec<Dropped>,
}

/// The same as it is told.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename = "profile.import")]
struct Event<'a> {
    file: &'a str,
    toml: &'a str,
}

impl Serialize for Imported {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        (Event { file: &self.file, toml: &self.toml }, &self.dropped).serialize(to)
    }
}

/// Reads a profile and converts it.
pub(crate) fn import(file: &Path) -> Result<Imported, Box<Problem>> {
    let name = line(&file.display().to_string());
    let refuse = |reason: String| {
        let help = "it takes YAML with keys such as `name`, `refine.mappings` and `compliance.pii_fields`";
        Box::new(Problem::new(&NO_PROFILE, format!("`{name}` is not a profile: {reason}")).help(help.to_owned()))
    };
    let text = reach::text(file).map_err(|error| refuse(error.to_string()))?;
    let (toml, dropped) = converted(&text).map_err(refuse)?;
    Ok(Imported { file: name, toml, dropped })
}

/// The profile as TOML, and what was dropped; the error says what the text is instead.
pub fn converted(text: &str) -> Result<(String, Vec<Dropped>), String> {
    let documents = Yaml::load_from_str(text).map_err(|error| error.to_string())?;
    let Some(root) = documents.first().filter(|it| it.as_mapping().is_some()) else {
        return Err("it has no keys".to_owned());
    };
    let mut dropped = Vec::new();
    let mut document = DocumentMut::new();
    let mut heading = Table::new();
    heading.insert("extends", value(extended(root).unwrap_or(GENERIC)));
    let title = text_at(root, "display_name").or_else(|| text_at(root, "name"));
    heading.extend(title.map(|it| ("description", value(it))));
    document.insert("profile", Item::Table(heading));
    let region = text_at(root, "refine.normalization.country_code").or_else(|| text_at(root, "default_country_code"));
    if let Some(region) = region {
        let mut normal = Table::new();
        normal.insert("region", value(region));
        document.insert("normal", Item::Table(normal));
    }
    let mut fields: Vec<Field> = Vec::new();
    for key in ["refine.mappings", "column_synonyms"] {
        for (name, synonyms) in at(root, key).and_then(|it| it.as_mapping()).into_iter().flatten() {
            let Some(name) = name.as_str() else { continue };
            let field = field(&mut fields, name);
            for synonym in texts(synonyms) {
                if !field.synonyms.iter().any(|it| it == synonym) {
                    field.synonyms.push(synonym.to_owned());
                }
            }
        }
    }
    for name in at(root, "compliance.pii_fields").map(texts).unwrap_or_default() {
        field(&mut fields, name).personal = true;
    }
    document.insert("field", Item::Table(tables(&fields)));
    sources(root, &mut document, &mut dropped);
    unfit(root, &mut dropped);
    let mut path = Vec::new();
    unread(root, &mut path, &mut dropped);
    Ok((document.to_string(), dropped))
}

/// The profile that others extend where none is named.
const GENERIC: &str = "generic";

/// The profile that this one extends, if it names one as ours are named.
fn extended<'y>(root: &'y Yaml<'_>) -> Option<&'y str> {
    let is_plain = |it: char| it.is_ascii_alphanumeric() || matches!(it, '_' | '-');
    text_at(root, "extends").filter(|it| !it.is_empty() && it.chars().all(is_plain))
}

/// Tells the values of keys that are read, as far as they are not what is read there.
fn unfit(root: &Yaml<'_>, dropped: &mut Vec<Dropped>) {
    let mut tell = |key: &str, why: &str| dropped.push(Dropped { key: key.to_owned(), why: why.to_owned() });
    if at(root, "extends").is_some() && extended(root).is_none() {
        tell("extends", "it is not the name of one profile; the TOML extends `generic`");
    }
    let texts = ["name", "display_name", "default_country_code", "refine.normalization.country_code"];
    for key in texts.into_iter().filter(|it| at(root, it).is_some() && text_at(root, it).is_none()) {
        tell(key, "it is not a text");
    }
    let own = "refine.normalization.country_code";
    if let (Some(one), Some(other)) = (text_at(root, own), text_at(root, "default_country_code"))
        && one != other
    {
        tell("default_country_code", "`refine.normalization.country_code` has another value, which is used");
    }
    for key in ["refine.mappings", "column_synonyms"] {
        let Some(mapping) = at(root, key) else { continue };
        if mapping.as_mapping().is_none() {
            tell(key, "it is not a mapping of fields to lists of names");
        }
        for (name, synonyms) in mapping.as_mapping().into_iter().flatten() {
            let Some(name) = name.as_str() else {
                tell(&format!("{key}.?"), "the name of the field is not a text");
                continue;
            };
            if !is_texts(synonyms) {
                tell(&format!("{key}.{name}"), "only names that are texts are taken");
            }
        }
    }
    if at(root, "compliance.pii_fields").is_some_and(|it| !is_texts(it)) {
        tell("compliance.pii_fields", "only names that are texts are taken");
    }
    let priorities = at(root, "source_priorities");
    if priorities.is_some_and(|it| it.as_mapping().is_none()) {
        tell("source_priorities", "it is not a mapping of sources to numbers");
    }
    for (name, priority) in priorities.and_then(|it| it.as_mapping()).into_iter().flatten() {
        let name = name.as_str().unwrap_or("?");
        match priority.as_integer() {
            None => tell(&format!("source_priorities.{name}"), "it is not a whole number"),
            Some(it) if said_otherwise(root, name, it) => {
                tell(&format!("source_priorities.{name}"), "the source has another `priority`, which is used");
            }
            Some(_) => (),
        }
    }
    if at(root, "ingest.sources").is_some_and(|it| it.as_sequence().is_none()) {
        tell("ingest.sources", "it is not a list of sources");
    }
}

/// Whether a source says another priority of itself.
fn said_otherwise(root: &Yaml<'_>, name: &str, priority: i64) -> bool {
    let all = at(root, "ingest.sources").and_then(|it| it.as_sequence()).into_iter().flatten();
    let mut own = all.filter(|it| text_at(it, "name").is_some_and(|it| slug(it) == slug(name)));
    own.next().and_then(|it| at(it, "priority")?.as_integer()).is_some_and(|it| it != priority)
}

/// Whether it is a text, or a list of texts.
fn is_texts(it: &Yaml<'_>) -> bool {
    it.as_sequence().map_or(it.as_str().is_some(), |all| all.iter().all(|it| it.as_str().is_some()))
}

/// A field while it is gathered.
struct Field {
    name: String,
    synonyms: Vec<String>,
    personal: bool,
}

fn field<'f>(fields: &'f mut Vec<Field>, name: &str) -> &'f mut Field {
    let at = fields.iter().position(|it| it.name == name).unwrap_or_else(|| {
        fields.push(Field { name: name.to_owned(), synonyms: Vec::new(), personal: false });
        fields.len() - 1
    });
    &mut fields[at]
}

fn tables(fields: &[Field]) -> Table {
    let mut acc = Table::new();
    acc.set_implicit(true);
    for field in fields {
        let mut table = Table::new();
        if !field.synonyms.is_empty() {
            table.insert("synonyms", value(field.synonyms.iter().collect::<Array>()));
        }
        if field.personal {
            table.insert("class", value("personal"));
        }
        acc.insert(&field.name, Item::Table(table));
    }
    acc
}

/// What is known of sources, under the names that pipelines would give them.
fn sources(root: &Yaml<'_>, document: &mut DocumentMut, dropped: &mut Vec<Dropped>) {
    let priorities = at(root, "source_priorities").and_then(|it| it.as_mapping());
    let mut acc: Vec<(String, Table)> = Vec::new();
    let add = |acc: &mut Vec<(String, Table)>, key: String, name: &str| {
        let own = slug(name);
        if own.is_empty() || acc.iter().any(|(it, _)| *it == own) {
            return Err(Dropped { key, why: "it has no name of its own".to_owned() });
        }
        acc.push((own, Table::new()));
        Ok(acc.len() - 1)
    };
    for (number, source) in at(root, "ingest.sources").into_iter().flat_map(|it| it.as_sequence()).flatten().enumerate()
    {
        let key = format!("ingest.sources.{number}");
        let at = match add(&mut acc, key.clone(), text_at(source, "name").unwrap_or_default()) {
            Ok(at) => at,
            Err(it) => {
                dropped.push(it);
                continue;
            }
        };
        for (name, said) in source.as_mapping().into_iter().flatten() {
            let name = name.as_str().unwrap_or("?");
            let why = match (name, said.as_str(), said.as_integer()) {
                ("name", ..) => continue,
                ("path_pattern", Some(path), _) => {
                    acc[at].1.insert("path", value(path));
                    continue;
                }
                ("priority", _, Some(priority)) => {
                    acc[at].1.insert("priority", value(priority));
                    continue;
                }
                ("format", ..) => "the ending of the path says it",
                _ => "no step reads it",
            };
            dropped.push(Dropped { key: format!("{key}.{name}"), why: why.to_owned() });
        }
    }
    for (name, priority) in priorities.into_iter().flatten() {
        let (Some(name), Some(priority)) = (name.as_str(), priority.as_integer()) else { continue };
        let known = acc.iter().position(|(it, _)| *it == slug(name));
        match known.map_or_else(|| add(&mut acc, format!("source_priorities.{name}"), name), Ok) {
            Ok(at) => drop(acc[at].1.entry("priority").or_insert(value(priority))),
            Err(it) => dropped.push(it),
        }
    }
    if acc.is_empty() {
        return;
    }
    let mut tables = Table::new();
    tables.set_implicit(true);
    tables.extend(acc.into_iter().map(|(name, it)| (name, Item::Table(it))));
    let mut ingest = Table::new();
    ingest.set_implicit(true);
    ingest.insert("source", Item::Table(tables));
    document.insert("ingest", Item::Table(ingest));
}

fn slug(name: &str) -> String {
    crate::text::slug::slug(name).unwrap_or_default().replace('-', "_")
}

/// Walks all keys and tells those that nothing above took.
fn unread(node: &Yaml<'_>, path: &mut Vec<String>, dropped: &mut Vec<Dropped>) {
    let Some(mapping) = node.as_mapping() else { return };
    for (key, below) in mapping {
        path.push(key.as_str().map_or_else(|| "?".to_owned(), str::to_owned));
        let own = path.join(".");
        let inside = |it: &&str| it.strip_prefix(own.as_str()).is_some_and(|rest| rest.starts_with('.'));
        let known = UNREAD.iter().filter(|(it, _)| own.starts_with(it)).max_by_key(|(it, _)| it.len());
        match known {
            _ if READ.contains(&own.as_str()) => (),
            _ if READ.iter().any(inside) || UNREAD.iter().any(|(it, _)| inside(it)) => unread(below, path, dropped),
            Some((_, why)) => dropped.push(Dropped { key: own, why: (*why).to_owned() }),
            None => dropped.push(Dropped { key: own, why: "no step reads it".to_owned() }),
        }
        path.pop();
    }
}

/// The value at a path of keys.
fn at<'y, 'i>(node: &'y Yaml<'i>, path: &str) -> Option<&'y Yaml<'i>> {
    path.split('.').try_fold(node, |node, key| node.as_mapping_get(key))
}

fn text_at<'y>(node: &'y Yaml<'_>, path: &str) -> Option<&'y str> {
    at(node, path)?.as_str()
}

/// A text, or the texts of a list.
fn texts<'y>(node: &'y Yaml<'_>) -> Vec<&'y str> {
    match node.as_sequence() {
        Some(items) => items.iter().filter_map(|it| it.as_str()).collect(),
        None => node.as_str().into_iter().collect(),
    }
}
