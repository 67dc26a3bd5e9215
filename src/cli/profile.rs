//! `hotpass profile`: which profiles there are, what one comes to and where each part of it is from, what is odd in
//! it, and the conversion of profiles that were written as YAML.

pub mod files;
pub mod import;

use std::collections::BTreeMap;

use serde_json::json;
use toml::Value as Toml;

use crate::cli::args::Format;
use crate::cli::{Answer, check};
use crate::db::Db;
use crate::expr::Literal;
use crate::problem::Problem;
use crate::profile::lint;
use crate::query::{self, Layer, Merged, shipped};
use crate::show::{self, Align, Style, count, line};
use crate::workspace::session::{Session, any_error};

/// Where a layer stands, in words.
fn origin(layer: &Layer) -> String {
    match layer.path.strip_prefix(shipped::FOLDER) {
        Ok(_) => format!("{}, shipped", layer.name),
        Err(_) => layer.path.display().to_string(),
    }
}

/// Every profile with its origin.
pub fn list(session: &Session, format: Format, look: Style) -> Answer {
    let db = &session.db;
    let profiles: Vec<Merged> = query::profile_names(db)
        .iter()
        .map(|name| query::merged(db, name, None))
        .filter(|it| !it.layers.is_empty())
        .collect();
    if format == Format::Json {
        let out = profiles.iter().map(|it| {
            let own = &it.layers[0];
            show::json_line(&json!({"v": 1, "event": "profile", "name": own.name, "origin": origin(own),
                "extends": own.extends, "description": own.description}))
        });
        return Answer::of(out.collect());
    }
    let heads = ["profile", "origin", "extends", "for"].map(|it| (it.to_owned(), Align::Left));
    let rows: Vec<_> = profiles
        .iter()
        .map(|it| {
            let own = &it.layers[0];
            let from = if own.path.starts_with(shipped::FOLDER) { "shipped".to_owned() } else { origin(own) };
            vec![Some(own.name.clone()), Some(from), own.extends.clone(), own.description.clone()]
        })
        .collect();
    Answer::of(show::table(&heads, &rows, look))
}

/// One key of a merged profile: path of keys, value, and which layers say it.
struct Part {
    path: Vec<String>,
    value: Toml,
    origin: String,
}

/// The merged profile as TOML, each line with the files it is from.
pub fn show(session: &Session, name: &str, format: Format) -> Result<Answer, Box<Problem>> {
    let merged = query::merged(&session.db, name, None);
    if let (true, Some(problem)) = (merged.layers.is_empty(), merged.problems.first()) {
        return Err(Box::new(problem.clone()));
    }
    let parts = parts(&merged);
    if format == Format::Json {
        let out = parts.iter().map(|it| {
            show::json_line(&json!({"v": 1, "event": "profile.part", "profile": name, "path": it.path,
                "value": it.value, "origin": it.origin}))
        });
        return Ok(Answer::of(out.collect()));
    }
    let chain: Vec<String> = merged.layers.iter().map(origin).collect();
    let mut out = format!("# {}: {}\n", line(name), chain.join("; extends "));
    let mut table = Vec::new();
    for it in &parts {
        let (key, above) = it.path.split_last().map_or(("", &[][..]), |(key, above)| (key.as_str(), above));
        if above != table {
            table = above.to_vec();
            let names: Vec<String> = above.iter().map(|it| toml_edit::Key::new(it).to_string()).collect();
            out.push_str(&format!("\n[{}]\n", names.join(".")));
        }
        if !key.is_empty() {
            out.push_str(&format!("{} = {}  # {}\n", toml_edit::Key::new(key), it.value, it.origin));
        }
    }
    Ok(Answer::of(out))
}

/// All keys in the order of the profile.
fn parts(merged: &Merged) -> Vec<Part> {
    let said: Vec<(String, toml::Table)> =
        merged.layers.iter().map(|it| (origin(it), it.text.parse::<toml::Table>().unwrap_or_default())).collect();
    let mut acc = Vec::new();
    // Lists of layers add up; of all else the uppermost layer's word counts.
    let mut add = |path: &[&str], value: Toml| {
        let saying = said.iter().filter(|(_, it)| at(it, path).is_some()).map(|(origin, _)| origin.as_str());
        let origins: Vec<&str> = if value.is_array() { saying.collect() } else { saying.take(1).collect() };
        let origin = if origins.is_empty() { "by default".to_owned() } else { origins.join("; ") };
        acc.push(Part { path: path.iter().map(|it| (*it).to_owned()).collect(), value, origin });
    };
    let texts = |it: &[String]| Toml::Array(it.iter().cloned().map(Toml::String).collect());
    let profile = &merged.profile;
    for (name, field) in &profile.fields {
        let synonyms: Vec<String> = field.synonyms.iter().map(|(it, _)| it.clone()).collect();
        add(&["field", name, "value"], Toml::String(field.value.spelling()));
        if !synonyms.is_empty() {
            add(&["field", name, "synonyms"], texts(&synonyms));
        }
        if let Some(like) = &field.like {
            add(&["field", name, "like"], Toml::String(like.spelling()));
        }
        let class = if field.class == crate::model::Class::Personal { "personal" } else { "open" };
        add(&["field", name, "class"], Toml::String(class.to_owned()));
    }
    for (name, lookup) in &profile.lookups {
        for (value, aliases) in lookup {
            add(&["lookup", name, value], texts(aliases));
        }
    }
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
        add(&["normal", "magnitudes", name], Toml::Integer(*zeros));
    }
    for (key, value) in normal {
        add(&["normal", key], value);
    }
    if let Some(threshold) = profile.threshold {
        add(&["mapping", "threshold"], Toml::Float(threshold));
    }
    let words = &profile.linkage;
    let lists = [
        ("legal_forms", &words.legal_forms),
        ("trading_as", &words.aliases),
        ("free_mail", &words.free_mail),
        ("role_mailboxes", &words.role_mailboxes),
    ];
    for (key, list) in lists.into_iter().filter(|(_, it)| !it.is_empty()) {
        add(&["linkage", key], texts(list));
    }
    if !words.nicknames.is_empty() {
        add(&["linkage", "nicknames"], Toml::Array(words.nicknames.iter().map(|it| texts(it)).collect()));
    }
    for (short, long) in &words.abbreviations {
        add(&["linkage", "abbreviations", short], Toml::String(long.clone()));
    }
    let mut ingest: BTreeMap<Vec<&str>, &Toml> = BTreeMap::new();
    for (_, it) in said.iter().rev() {
        for (key, value) in it.get("ingest").and_then(Toml::as_table).into_iter().flatten() {
            match value.as_table().filter(|_| key == "source") {
                None => drop(ingest.insert(vec!["ingest", key.as_str()], value)),
                Some(sources) => {
                    for (name, source) in sources {
                        let keys = source.as_table().into_iter().flatten();
                        ingest
                            .extend(keys.map(|(key, it)| (vec!["ingest", "source", name.as_str(), key.as_str()], it)));
                    }
                }
            }
        }
    }
    // The table's own keys come before the tables in it.
    let mut ingest: Vec<_> = ingest.into_iter().collect();
    ingest.sort_by_key(|(path, _)| path.len());
    for (path, value) in ingest {
        add_own(&mut acc, &said, &path, value.clone());
    }
    for (name, table) in &profile.enrich {
        for (value, gives) in table {
            add_own(&mut acc, &said, &["enrich", name, value], plain(gives));
        }
    }
    acc
}

/// A key that the uppermost layer says alone, whatever it holds.
fn add_own(acc: &mut Vec<Part>, said: &[(String, toml::Table)], path: &[&str], value: Toml) {
    let origin = said.iter().find(|(_, it)| at(it, path).is_some()).map_or("by default", |(origin, _)| origin);
    let path = path.iter().map(|it| (*it).to_owned()).collect();
    acc.push(Part { path, value, origin: origin.to_owned() });
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

/// What is wrong and what is odd in profiles: those named, or all of the workspace, or the shipped ones if it has none.
pub fn lint(session: &Session, names: &[String], format: Format, look: Style) -> Answer {
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
    let mut answer = check::told(&problems, &|path| session.text(path), format, look);
    let (profiles, odd) = (count(names.len() as u64, "profile"), problems.len() as u64);
    if format == Format::Json {
        let passed = !any_error(&problems);
        answer.stdout.push_str(&show::json_line(&json!({"v": 1, "event": "profile.lint", "profiles": names,
            "problems": odd, "passed": passed})));
    } else {
        answer.stdout = match odd {
            0 => format!("nothing is odd in {profiles}\n"),
            _ => format!("{} in {profiles}\n", count(odd, "finding")),
        };
    }
    answer
}
