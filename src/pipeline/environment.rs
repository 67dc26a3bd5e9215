//! `[environment.NAME]`: one workspace built in several ways, each with files of its own.
//!
//! ```toml
//! [environment.dev]                    # in `hotpass.toml`
//! destination = "dev"                  # the folder of all that it publishes
//! severity = "warn"                    # a failed check stops nothing here
//!
//! [environment.dev.parameters]         # here, or in the file of the pipeline
//! share = 0.05
//!
//! [environment.dev.source.people]
//! path = "samples/people.csv"
//! ```
//!
//! What an environment says of parameters and sources is laid over the file in which it stands, before that is read.
//! What it writes goes below its destination, which no other environment has a part of; contents are shared by key.

use std::collections::BTreeMap;
use std::path::{Component, Path};

use crate::expectations::OnFail;
use crate::expr::Literal;
use crate::fields::keys::{Key, Keys, Takes};
use crate::fields::{Fields, UNKNOWN_PARAMETER};
use crate::pipeline::{BAD_PARAMETER, PARAMETERS, Pipeline, source};
use crate::problem::{Code, Problem, Severity, did_you_mean};

/// An environment that nothing declares.
pub const UNKNOWN_ENVIRONMENT: Code = Code::error("hotpass::environment::unknown");
/// A destination that is none of its own.
pub const DESTINATION: Code = Code::error("hotpass::environment::destination");
/// What cannot be said of an environment, or of it there.
pub const OVERLAY: Code = Code::error("hotpass::environment::overlay");

/// All codes of this module.
pub const CODES: &[&Code] = &[&UNKNOWN_ENVIRONMENT, &DESTINATION, &OVERLAY];

/// What the workspace without an environment is called where a name is needed.
pub const DEFAULT: &str = "default";

/// The tables of an environment that are laid over those of the file.
pub const OVER: [(&str, &[&str]); 2] = [("parameters", &[]), ("source", &source::OVERLAID_NAMES)];

/// `[environment.*]`.
pub(super) const ENVIRONMENTS: Keys =
    Keys::named(Takes::Table(&KEYS), "another way to build the workspace, with files of its own");
const KEYS: Keys = Keys::of(&[
    Key::new("destination", Takes::Text, "the folder of what it publishes; in `hotpass.toml`, and needed there"),
    Key::new("severity", Takes::Word(&["warn"]), "`warn`: checks that fail stop nothing; in `hotpass.toml`"),
    Key::new("description", Takes::Text, "what it is for"),
    Key::new("parameters", Takes::Table(&PARAMETERS), "values in the place of the defaults in this file"),
    Key::new("source", Takes::Table(&SOURCES), "what is read in the place of sources in this file"),
]);
const SOURCES: Keys = Keys::named(Takes::Table(&source::OVERLAID), "keys in the place of those of the source");

/// A declared environment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Environment {
    /// Its name.
    pub name: String,
    /// Where all that it publishes stands, relative to the workspace, with `/`.
    pub destination: String,
    /// Whether a check that fails stops nothing.
    pub relaxed: bool,
}

/// What `[environment.*]` of `hotpass.toml` declares. `unfit` says why nothing can be written to a folder.
pub fn declared(fields: &mut Fields, unfit: &dyn Fn(&str) -> Option<String>) -> Vec<Environment> {
    let mut acc: Vec<Environment> = Vec::new();
    // What cannot be read is told by `read`.
    let Some(mut all) = tables(fields, "environment") else { return acc };
    for name in all.keys() {
        let Some(table) = tables(&mut all, &name) else { continue };
        if !is_name(&name) {
            let message = format!("`{}` cannot be the name of an environment", name.escape_debug());
            let problem = Problem::new(&OVERLAY, message).label(&table.span(), "this name");
            let named = if name == DEFAULT { "that is the workspace without an environment" } else { "" };
            let usual = "use small letters, digits, `_` and `-`, beginning with a letter";
            table.report(problem.help(if named.is_empty() { usual } else { named }.to_owned()));
            continue;
        }
        let relaxed = table.plain("severity") == Some(Literal::Text("warn".to_owned()));
        if !table.has("destination") {
            let message = format!("the environment `{name}` has no `destination`");
            let problem = Problem::new(&DESTINATION, message).label(&table.span(), "this environment");
            table.report(problem.help(format!("add the folder of what it publishes: `destination = \"{name}\"`")));
            continue;
        }
        let Some(Literal::Text(written)) = table.plain("destination") else { continue };
        let destination = plain(&written);
        let taken = acc.iter().find(|it| shares(&it.destination, &destination));
        let reason = unfit(&written).or_else(|| taken.map(|it| format!("it belongs to the environment `{}`", it.name)));
        if let Some(reason) = reason {
            let message = format!("`{name}` cannot publish to `{}`: {reason}", written.escape_debug());
            let help = Some(format!("name a folder of its own in the workspace, such as `{name}`"));
            table.problem(&DESTINATION, "destination", message, "this folder", help);
            continue;
        }
        acc.push(Environment { name, destination, relaxed });
    }
    acc
}

/// Reads what environments say before parameters have values. What the one that is asked for says of them is read once
/// more, laid over the file.
pub fn read(fields: &mut Fields, asked: Option<&str>) {
    for (name, mut table) in fields.named_tables("environment") {
        for key in ["destination", "description"] {
            table.text(key);
        }
        table.choice("severity", &[("warn", true)]);
        let values = if asked == Some(&*name) { None } else { table.table("parameters") };
        if let Some(mut values) = values {
            for key in values.keys() {
                values.value(&key);
            }
        }
    }
}

/// Reads what they say of sources; that of the one that is asked for is read laid over them.
pub fn read_sources(fields: &mut Fields, asked: Option<&str>) {
    let all = fields.is_table("environment").then(|| fields.named_tables("environment"));
    for (name, mut table) in all.into_iter().flatten() {
        let told = asked == Some(&*name);
        let sources = if told && !table.is_table("source") { Vec::new() } else { table.named_tables("source") };
        for (_, mut over) in sources {
            if !told {
                source::decode_overlaid(&mut over);
            }
            over.finish();
        }
        table.finish();
    }
}

/// Whether what the environments of a file say is about something: parameters and sources of that file, and, where it
/// is not `hotpass.toml`, environments that are declared there. What cannot be read is told by [`read`].
pub fn check(fields: &mut Fields, known: &[Environment], own: bool) {
    let declared = tables(fields, "parameters");
    let values = |it: Fields| it.keys().into_iter().map(|name| (name.clone(), it.plain(&name))).collect();
    let declared: BTreeMap<String, Option<Literal>> = declared.map(values).unwrap_or_default();
    let sources = fields.keys_of("source");
    for mut table in tables(fields, "environment").into_iter().flat_map(|mut it| {
        let names = it.keys();
        names.into_iter().flat_map(|name| tables(&mut it, &name)).collect::<Vec<_>>()
    }) {
        let name = table.path().trim_start_matches("environment.").to_owned();
        if !own && !known.iter().any(|it| it.name == name) {
            table.report(unknown(&name, known).label(&table.span(), "named here"));
        }
        for key in ["destination", "severity"].into_iter().filter(|it| !own && table.has(it)) {
            let help = Some(format!("move it to `[environment.{name}]` in `hotpass.toml`"));
            table.problem(&OVERLAY, key, format!("`{key}` goes for all pipelines"), "this key", help);
        }
        if let Some(values) = tables(&mut table, "parameters") {
            values.keys().iter().for_each(|it| parameter(&values, it, &declared));
        }
        if let Some(all) = tables(&mut table, "source") {
            for source in all.keys().iter().filter(|it| !sources.contains(it)) {
                let help = did_you_mean(source, sources.iter().map(String::as_str));
                let help = help.unwrap_or_else(|| "declare it as `[source.NAME]` of this file".to_owned());
                let message = format!("there is no source `{}` in this file", source.escape_debug());
                all.problem(&OVERLAY, source, message, "laid over it here", Some(help));
            }
        }
    }
}

/// Whether a parameter to which an environment gives a value is declared, with one like it.
fn parameter(values: &Fields, name: &str, declared: &BTreeMap<String, Option<Literal>>) {
    let Some(default) = declared.get(name) else {
        let help = did_you_mean(name, declared.keys().map(String::as_str));
        let help = help.or_else(|| Some("declare it under `[parameters]` of this file".to_owned()));
        let message = format!("there is no parameter `{}`", name.escape_debug());
        return values.problem(&UNKNOWN_PARAMETER, name, message, "set here", help);
    };
    // Values that cannot be read have been told.
    if let (Some(default), Some(value)) = (default, values.plain(name))
        && !is_like(default, &value)
    {
        let message = format!("`{name}` needs a value like the declared one");
        let help = Some(format!("`[parameters]` has a {} there", word(default)));
        values.problem(&BAD_PARAMETER, name, message, "this value", help);
    }
}

/// The table under a key, if there is one, and no word where there is something else.
fn tables<'t>(fields: &mut Fields<'t>, key: &str) -> Option<Fields<'t>> {
    if fields.is_table(key) { fields.table(key) } else { None }
}

/// That there is no environment of this name.
pub fn unknown(name: &str, known: &[Environment]) -> Problem {
    let help = did_you_mean(name, known.iter().map(|it| it.name.as_str()));
    let help = help.unwrap_or_else(|| match known {
        [] => format!("declare `[environment.{name}]` with a `destination` in `hotpass.toml`"),
        _ => {
            let names: Vec<_> = known.iter().map(|it| format!("`{}`", it.name)).collect();
            format!("`hotpass.toml` declares {}", names.join(", "))
        }
    });
    Problem::new(&UNKNOWN_ENVIRONMENT, format!("there is no environment `{}`", name.escape_debug())).help(help)
}

impl Environment {
    /// The place of a path that the workspace writes.
    pub fn place(&self, path: &str) -> String {
        format!("{}/{path}", self.destination)
    }

    /// Whether a path of the workspace lies in its destination, also where names have no case.
    pub fn holds(&self, path: &str) -> bool {
        let path = parts(path);
        path.starts_with(&parts(&self.destination))
    }

    /// Lets a pipeline write to its place, and its declared checks stop nothing where it says so.
    pub fn apply(&self, pipeline: &mut Pipeline) {
        for (_, export) in &mut pipeline.exports {
            export.path = self.place(&export.path);
        }
        // What contracts promise and gates ask for is promised and asked for everywhere.
        let declared = pipeline.expectations.iter_mut().filter(|it| self.relaxed && it.path.starts_with("expect."));
        for check in declared.filter(|it| it.severity == Severity::Error) {
            check.severity = Severity::Warning;
            if check.on_fail == OnFail::Block {
                check.on_fail = OnFail::Report;
            }
        }
    }
}

/// Whether one of two folders is the other or lies in it.
pub fn shares(a: &str, b: &str) -> bool {
    let (a, b) = (parts(a), parts(b));
    a.starts_with(&b) || b.starts_with(&a)
}

fn parts(path: &str) -> Vec<String> {
    let normal = Path::new(path).components().filter(|it| !matches!(it, Component::CurDir));
    normal.map(|it| it.as_os_str().to_string_lossy().to_lowercase()).collect()
}

/// Without `./`, `//` and what ends in `/`.
fn plain(path: &str) -> String {
    let normal = Path::new(path).components().filter(|it| !matches!(it, Component::CurDir));
    normal.map(|it| it.as_os_str().to_string_lossy().into_owned()).collect::<Vec<_>>().join("/")
}

/// Names become parts of names of files, on disks without case too.
fn is_name(name: &str) -> bool {
    let word = name.chars().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '_' || it == '-');
    word && name.starts_with(|it: char| it.is_ascii_lowercase()) && name.len() <= 40 && name != DEFAULT
}

pub(super) fn is_like(default: &Literal, value: &Literal) -> bool {
    let number = |it: &Literal| matches!(it, Literal::Integer(_) | Literal::Number(_));
    let whole = matches!(default, Literal::Number(_)) && number(value);
    whole || std::mem::discriminant(default) == std::mem::discriminant(value)
}

pub(super) fn word(value: &Literal) -> &'static str {
    match value {
        Literal::Integer(_) => "whole number",
        Literal::Number(_) => "number",
        Literal::Boolean(_) => "truth value",
        Literal::Text(_) | Literal::Null => "text",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_that_share_are_found_without_case() {
        for (a, b) in [("dev", "dev"), ("dev", "Dev/"), ("./out/dev", "out"), ("a/b", "a/b/c")] {
            assert!(shares(a, b) && shares(b, a), "{a} {b}");
        }
        for (a, b) in [("dev", "prod"), ("dev", "dev2"), ("out/dev", "out/prod")] {
            assert!(!shares(a, b), "{a} {b}");
        }
    }

    #[test]
    fn a_whole_number_is_a_number_and_no_text() {
        assert!(is_like(&Literal::Number("0.5".to_owned()), &Literal::Integer(1)));
        assert!(!is_like(&Literal::Integer(1), &Literal::Number("0.5".to_owned())));
        assert!(!is_like(&Literal::Text(String::new()), &Literal::Integer(1)));
    }
}
