//! `hotpass.lock`: what the last whole build was made from and what it made, as sorted TOML that people commit.
//!
//! Here: the type, its text and the differences of two. What a build puts into it stands in `run::records`; whether it
//! may be changed is decided there too. No time, no machine, no absolute path.

mod form;
mod read;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write as _};
use std::path::PathBuf;

use serde::Deserialize;

use crate::digest::Hex;
use crate::readers::{Evidence, Header};

pub use form::{ColumnForm, Form};

/// The file, beside `hotpass.toml`.
pub const FILE: &str = "hotpass.lock";

/// The file of an environment: `hotpass.dev.lock`.
pub fn file(environment: Option<&str>) -> PathBuf {
    PathBuf::from(environment.map_or_else(|| FILE.to_owned(), |it| format!("hotpass.{it}.lock")))
}

/// The version of the format that this program reads and writes.
const VERSION: u32 = 2;

/// What stands above everything.
const HEADING: &str = "\
# What the last build was made from, and what it made. `hotpass build` writes it; commit it.
# `hotpass build --locked` refuses to change it. After a merge conflict, build again.
";

/// What a build was made from and what it made.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Lock {
    /// The version of the format.
    pub version: u32,
    /// The engine: it is part of every key.
    pub engine: String,
    /// `--profile`, if the build had it.
    pub profile: Option<String>,
    /// `--set`, by key.
    pub parameters: BTreeMap<String, String>,
    /// Profiles by name, comments left out.
    pub profiles: BTreeMap<String, Hex>,
    /// Pipelines by name.
    pub pipeline: BTreeMap<String, Pipeline>,
    /// Artefacts by path.
    pub artefact: BTreeMap<String, Artefact>,
}

/// What a pipeline said and read.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Pipeline {
    /// The file it stands in, relative to the workspace.
    pub file: String,
    /// Lookups by name, as they came out of profiles and pipeline.
    pub lookups: BTreeMap<String, Hex>,
    /// Recipes of its steps by name.
    pub steps: BTreeMap<String, Hex>,
    /// What steps guessed, by name: for each field the column it was taken from.
    pub guesses: BTreeMap<String, BTreeMap<String, String>>,
    /// How columns of steps are written, as their values decided, by step: the key that would say so.
    pub written: BTreeMap<String, BTreeMap<String, String>>,
    /// How many values of columns could not be read, by step.
    pub lost: BTreeMap<String, BTreeMap<String, u64>>,
    /// How many could not be read before there were many more, by step, as long as it is so.
    pub lost_before: BTreeMap<String, BTreeMap<String, u64>>,
    /// Models that its steps use, by step.
    pub models: BTreeMap<String, Hex>,
    /// What is expected, by name.
    pub expectations: BTreeMap<String, Hex>,
    /// What is exported and how, by name.
    pub exports: BTreeMap<String, Hex>,
    /// Numbers that gates hold the next build against, by name.
    pub gates: BTreeMap<String, String>,
    /// Sources by name.
    pub source: BTreeMap<String, Source>,
}

/// A source as it was read.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Rows of data.
    pub rows: u64,
    /// Of all cells and of the rows they stand in; not of the bytes, which change whenever a workbook is saved.
    pub cells: Hex,
    /// Of what its table in the pipeline says: what somebody edits is no drift.
    pub declared: Option<Hex>,
    /// Its columns, in order.
    pub columns: Vec<Column>,
    /// The files it was read from, in order.
    pub files: Vec<File>,
    /// What was expected, where what was read is not like it and nobody has taken it yet.
    pub expected: Option<Form>,
}

/// A column of a source.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type: `text`, `decimal(2)`.
    #[serde(rename = "type")]
    pub ty: String,
    /// Of its cells.
    pub cells: Hex,
    /// What its first values look like.
    pub like: Option<Evidence>,
}

/// A file of a source, with what was found in it.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct File {
    /// Relative to the workspace, with `/` on every system.
    pub path: String,
    /// The sheet of a workbook.
    pub sheet: Option<String>,
    /// The row of the header, or the first and the last of several; 0 if there is none.
    pub header_row: Option<HeaderRow>,
    /// The encoding of delimited text.
    pub encoding: Option<String>,
    /// What stands between its fields.
    pub delimiter: Option<char>,
}

/// Where a header stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(untagged)]
pub enum HeaderRow {
    /// In one row; in none if that is 0.
    One(u32),
    /// From the first of several to the last one.
    Several(u32, u32),
}

impl From<Header> for HeaderRow {
    fn from(header: Header) -> HeaderRow {
        match header {
            Header::Row(row) => HeaderRow::One(row),
            Header::Rows(first, last) => HeaderRow::Several(first, last),
            Header::Detect | Header::Absent => HeaderRow::One(0),
        }
    }
}

impl fmt::Display for HeaderRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HeaderRow::One(row) => write!(f, "{row}"),
            HeaderRow::Several(first, last) => write!(f, "[{first}, {last}]"),
        }
    }
}

/// A published file.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Artefact {
    /// Its rows of data.
    pub rows: u64,
    /// Its length.
    pub bytes: u64,
    /// SHA-256 of its bytes.
    pub sha256: Hex,
}

impl Lock {
    /// An empty lock for this engine.
    pub fn new(engine: &str) -> Lock {
        Lock { version: VERSION, engine: engine.to_owned(), ..Lock::default() }
    }

    /// The source `pipeline.name`, as it was read.
    pub fn source(&self, pipeline: &str, name: &str) -> Option<&Source> {
        self.pipeline.get(pipeline)?.source.get(name)
    }

    /// The text of `hotpass.lock`: sorted, a column or file a line, so that version control shows what changed.
    pub fn to_toml(&self) -> String {
        let mut out = String::from(HEADING);
        let _ = writeln!(out, "version = {}\nengine = {}", self.version, quoted(&self.engine));
        if let Some(profile) = &self.profile {
            let _ = writeln!(out, "profile = {}", quoted(profile));
        }
        section(&mut out, "parameters", self.parameters.iter().map(|(name, it)| (name, quoted(it))));
        digests(&mut out, "profiles", &self.profiles);
        for (name, it) in &self.pipeline {
            let path = format!("pipeline.{}", key(name));
            let _ = writeln!(out, "\n[{path}]\nfile = {}", quoted(&it.file));
            digests(&mut out, &format!("{path}.lookups"), &it.lookups);
            digests(&mut out, &format!("{path}.steps"), &it.steps);
            for (step, guesses) in &it.guesses {
                let name = format!("{path}.guesses.{}", key(step));
                section(&mut out, &name, guesses.iter().map(|(field, column)| (field, quoted(column))));
            }
            for (step, written) in &it.written {
                let name = format!("{path}.written.{}", key(step));
                section(&mut out, &name, written.iter().map(|(column, it)| (column, quoted(it))));
            }
            for (word, all) in [("lost", &it.lost), ("lost_before", &it.lost_before)] {
                for (step, lost) in all {
                    let name = format!("{path}.{word}.{}", key(step));
                    section(&mut out, &name, lost.iter().map(|(column, it)| (column, it.to_string())));
                }
            }
            digests(&mut out, &format!("{path}.models"), &it.models);
            digests(&mut out, &format!("{path}.expectations"), &it.expectations);
            digests(&mut out, &format!("{path}.exports"), &it.exports);
            section(&mut out, &format!("{path}.gates"), it.gates.iter().map(|(name, it)| (name, quoted(it))));
            for (name, source) in &it.source {
                source.write(&mut out, &format!("{path}.source.{}", key(name)));
            }
        }
        for (path, it) in &self.artefact {
            let _ = writeln!(out, "\n[artefact.{}]\nrows = {}\nbytes = {}", key(path), it.rows, it.bytes);
            let _ = writeln!(out, "sha256 = \"{}\"", it.sha256);
        }
        out
    }

    /// How `now` differs from what is recorded here, a fact a line, in the order of the file. No value of a cell.
    pub fn differences(&self, now: &Lock) -> Vec<String> {
        let mut acc = Vec::new();
        if self.engine != now.engine {
            acc.push(format!("the engine is `{}`, and `{}` is recorded", now.engine, self.engine));
        }
        if self.profile != now.profile {
            let named = |it: &Option<String>| it.as_ref().map_or("none".to_owned(), |it| format!("`{it}`"));
            acc.push(format!("`--profile` is {}, and {} is recorded", named(&now.profile), named(&self.profile)));
        }
        compare(&mut acc, &self.parameters, &now.parameters, "parameter", "");
        compare(&mut acc, &self.profiles, &now.profiles, "profile", "");
        let empty = Pipeline::default();
        for name in names(&self.pipeline, &now.pipeline) {
            match (self.pipeline.get(name), now.pipeline.get(name)) {
                (Some(_), None) => acc.push(format!("pipeline `{name}` is gone")),
                (was, Some(is)) => {
                    if was.is_none() {
                        acc.push(format!("pipeline `{name}` is new"));
                    }
                    was.unwrap_or(&empty).differences(is, name, &mut acc);
                }
                (None, None) => (),
            }
        }
        compare(&mut acc, &self.artefact, &now.artefact, "artefact", "");
        acc
    }
}

impl Pipeline {
    fn differences(&self, now: &Pipeline, name: &str, acc: &mut Vec<String>) {
        if !self.file.is_empty() && self.file != now.file {
            acc.push(format!("pipeline `{name}` is in `{}`, but `{}` is recorded", now.file, self.file));
        }
        let prefix = format!("{name}.");
        compare(acc, &self.lookups, &now.lookups, "lookup", &prefix);
        compare(acc, &self.steps, &now.steps, "step", &prefix);
        by_step(acc, &self.guesses, &now.guesses, "guess", &prefix);
        by_step(acc, &self.written, &now.written, "way to write", &prefix);
        by_step(acc, &self.lost, &now.lost, "number of lost values", &prefix);
        by_step(acc, &self.lost_before, &now.lost_before, "earlier number of lost values", &prefix);
        compare(acc, &self.models, &now.models, "model", &prefix);
        compare(acc, &self.expectations, &now.expectations, "expectation", &prefix);
        compare(acc, &self.exports, &now.exports, "export", &prefix);
        compare(acc, &self.gates, &now.gates, "number of gate", &prefix);
        for source in names(&self.source, &now.source) {
            match (self.source.get(source), now.source.get(source)) {
                (Some(was), Some(is)) => was.differences(is, &format!("source `{prefix}{source}`"), acc),
                (Some(_), None) => acc.push(format!("source `{prefix}{source}` is gone")),
                _ => acc.push(format!("source `{prefix}{source}` is new")),
            }
        }
    }
}

impl Source {
    fn write(&self, out: &mut String, path: &str) {
        let _ = writeln!(out, "\n[{path}]\nrows = {}\ncells = \"{}\"", self.rows, self.cells);
        if let Some(declared) = &self.declared {
            let _ = writeln!(out, "declared = \"{declared}\"");
        }
        out.push_str("columns = [\n");
        for it in &self.columns {
            let (name, ty) = (quoted(&it.name), quoted(&it.ty));
            let _ = writeln!(
                out,
                "    {{ name = {name}, type = {ty}, cells = \"{}\"{} }},",
                it.cells,
                form::like(&it.like)
            );
        }
        out.push_str("]\nfiles = [\n");
        for it in &self.files {
            let _ = write!(out, "    {{ path = {}", quoted(&it.path));
            if let Some(sheet) = &it.sheet {
                let _ = write!(out, ", sheet = {}", quoted(sheet));
            }
            if let Some(row) = it.header_row {
                let _ = write!(out, ", header_row = {row}");
            }
            if let Some(encoding) = &it.encoding {
                let _ = write!(out, ", encoding = {}", quoted(encoding));
            }
            if let Some(delimiter) = it.delimiter {
                let _ = write!(out, ", delimiter = {}", quoted(&delimiter.to_string()));
            }
            out.push_str(" },\n");
        }
        out.push_str("]\n");
        if let Some(expected) = &self.expected {
            expected.write(out, path);
        }
    }

    fn differences(&self, now: &Source, what: &str, acc: &mut Vec<String>) {
        let before = acc.len();
        if self.rows != now.rows {
            acc.push(format!("{what} has {} rows, and {} are recorded", now.rows, self.rows));
        }
        let find = |source: &Source, name: &str| source.columns.iter().find(|it| it.name == name).cloned();
        for column in &now.columns {
            match find(self, &column.name) {
                None => acc.push(format!("{what} has a new column `{}`", column.name)),
                Some(was) if was.ty != column.ty => {
                    let (name, is, was) = (&column.name, &column.ty, &was.ty);
                    acc.push(format!("{what} has `{is}` in column `{name}`, and `{was}` is recorded"));
                }
                Some(was) if was.cells != column.cells && self.rows == now.rows => {
                    acc.push(format!("{what} has other cells in column `{}`", column.name));
                }
                Some(_) => (),
            }
        }
        let gone = self.columns.iter().filter(|it| find(now, &it.name).is_none());
        acc.extend(gone.map(|it| format!("{what} has lost column `{}`", it.name)));
        let paths = |it: &Source| it.files.iter().map(|it| it.path.clone()).collect::<Vec<_>>();
        if paths(self) != paths(now) {
            let (is, was) = (paths(now).join("`, `"), paths(self).join("`, `"));
            acc.push(format!("{what} is read from `{is}`, and `{was}` is recorded"));
        } else {
            for (was, is) in self.files.iter().zip(&now.files).filter(|(was, is)| was != is) {
                acc.push(format!("{what}: `{}` is read as {}, and {} is recorded", is.path, is.words(), was.words()));
            }
        }
        if self.declared != now.declared {
            acc.push(format!("{what} is declared differently"));
        }
        if self.expected != now.expected {
            acc.push(format!("{what} is compared with another delivery"));
        }
        let cells = |it: &Source| it.columns.iter().map(|it| (it.name.clone(), it.cells)).collect::<Vec<_>>();
        if before == acc.len() && self != now && self.cells == now.cells && cells(self) == cells(now) {
            acc.push(format!("{what} has values that hotpass reads differently"));
        }
        if before == acc.len() && self != now {
            acc.push(format!("{what} has its rows or columns in other places"));
        }
    }
}

impl File {
    /// What was found, in words.
    fn words(&self) -> String {
        let mut words = Vec::new();
        words.extend(self.sheet.as_ref().map(|it| format!("sheet `{it}`")));
        words.extend(self.header_row.map(|it| format!("header in row {it}")));
        words.extend(self.encoding.as_ref().map(|it| format!("encoding `{it}`")));
        words.extend(self.delimiter.map(|it| format!("delimiter `{}`", it.escape_debug())));
        if words.is_empty() { "it declares itself".to_owned() } else { words.join(", ") }
    }
}

fn names<'a, T>(was: &'a BTreeMap<String, T>, is: &'a BTreeMap<String, T>) -> BTreeSet<&'a String> {
    was.keys().chain(is.keys()).collect()
}

fn compare<T: PartialEq>(
    acc: &mut Vec<String>,
    was: &BTreeMap<String, T>,
    is: &BTreeMap<String, T>,
    what: &str,
    prefix: &str,
) {
    for name in names(was, is) {
        let word = match (was.get(name), is.get(name)) {
            (Some(was), Some(is)) if was == is => continue,
            (Some(_), Some(_)) => "differs from the recorded one",
            (Some(_), None) => "is recorded and gone",
            _ => "is not recorded",
        };
        acc.push(format!("{what} `{prefix}{name}` {word}"));
    }
}

fn by_step<T: PartialEq>(
    acc: &mut Vec<String>,
    was: &BTreeMap<String, BTreeMap<String, T>>,
    is: &BTreeMap<String, BTreeMap<String, T>>,
    what: &str,
    prefix: &str,
) {
    let none = BTreeMap::new();
    for step in names(was, is) {
        let of = |it| BTreeMap::get(it, step).unwrap_or(&none);
        compare(acc, of(was), of(is), what, &format!("{prefix}{step}."));
    }
}

fn digests(out: &mut String, name: &str, digests: &BTreeMap<String, Hex>) {
    section(out, name, digests.iter().map(|(name, it)| (name, format!("\"{it}\""))));
}

fn section<'a>(out: &mut String, name: &str, entries: impl Iterator<Item = (&'a String, String)>) {
    for (at, (entry, value)) in entries.enumerate() {
        if at == 0 {
            let _ = writeln!(out, "\n[{name}]");
        }
        let _ = writeln!(out, "{} = {value}", key(entry));
    }
}

/// A key, quoted where TOML wants it.
fn key(name: &str) -> String {
    let bare = !name.is_empty() && name.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_' || it == b'-');
    if bare { name.to_owned() } else { quoted(name) }
}

/// A basic string on one line.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for it in text.chars() {
        match it {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            it if it.is_control()
                || matches!(it, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}') =>
            {
                let _ = write!(out, "\\u{:04X}", u32::from(it));
            }
            it => out.push(it),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::Digest;
    use crate::text::shape::Shape;

    fn hex(text: &str) -> Hex {
        Hex(Digest::of("hotpass test", text.as_bytes()))
    }

    fn lock() -> Lock {
        let column = |name: &str| Column {
            name: name.to_owned(),
            ty: "text".to_owned(),
            cells: hex(name),
            like: Some(Evidence {
                rows: 2,
                valued: 1,
                distinct: 1,
                shapes: BTreeMap::from([(Shape::Email, 1)]),
                lists: BTreeMap::from([("a b".to_owned(), 1)]),
                commas: 1,
                ..Evidence::default()
            }),
        };
        let file = File { path: "data/a b.csv".to_owned(), delimiter: Some('\t'), ..File::default() };
        let source = Source {
            rows: 2,
            cells: hex("all"),
            declared: Some(hex("declared")),
            columns: vec![column("name"), column("e \"mail\"\u{7}")],
            files: vec![file],
            expected: None,
        };
        let source = Source { expected: Some(Form { rows: 9, ..source.baseline() }), ..source };
        let pipeline = Pipeline {
            file: "hotpass.toml".to_owned(),
            steps: BTreeMap::from([("clean".to_owned(), hex("clean"))]),
            source: BTreeMap::from([("people".to_owned(), source)]),
            ..Pipeline::default()
        };
        let artefact = Artefact { rows: 2, bytes: 20, sha256: hex("sum") };
        Lock {
            parameters: BTreeMap::from([("n".to_owned(), "1".to_owned())]),
            pipeline: BTreeMap::from([("crm".to_owned(), pipeline)]),
            artefact: BTreeMap::from([("dist/ä.csv".to_owned(), artefact)]),
            ..Lock::new("engine 1")
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        assert_eq!(Lock::from_toml(&lock().to_toml()), Ok(lock()));
        assert_eq!(Lock::from_toml(&Lock::new("e").to_toml()), Ok(Lock::new("e")));
    }

    #[test]
    fn what_cannot_be_read_says_why() {
        assert!(Lock::from_toml("version = 9\nelse = 1\n").is_err_and(|it| it.contains("version 9")));
        assert!(Lock::from_toml("<<<<<<< HEAD\nversion = 1\n").is_err());
        assert!(Lock::from_toml("version = 1\nengine = 'e'\n[profiles]\na = 'short'\n").is_err());
    }

    #[test]
    fn differences_are_told_as_facts() {
        let check = |change: &dyn Fn(&mut Lock), expected: &[&str]| {
            let mut now = lock();
            change(&mut now);
            assert_eq!(lock().differences(&now), expected);
            assert_eq!(now == lock(), expected.is_empty(), "what differs is told");
        };
        fn people(lock: &mut Lock) -> &mut Source {
            lock.pipeline.get_mut("crm").and_then(|it| it.source.get_mut("people")).expect("the source")
        }
        check(&|_| (), &[]);
        check(&|it| it.engine.push('!'), &["the engine is `engine 1!`, and `engine 1` is recorded"]);
        check(&|it| it.profile = Some("p".to_owned()), &["`--profile` is `p`, and none is recorded"]);
        check(&|it| it.parameters.clear(), &["parameter `n` is recorded and gone"]);
        check(
            &|it| {
                it.pipeline.get_mut("crm").expect("it").steps.insert("clean".to_owned(), hex("other"));
            },
            &["step `crm.clean` differs from the recorded one"],
        );
        check(&|it| people(it).rows = 3, &["source `crm.people` has 3 rows, and 2 are recorded"]);
        check(
            &|it| people(it).columns[0].cells = hex("other"),
            &["source `crm.people` has other cells in column `name`"],
        );
        check(
            &|it| people(it).columns[0].name = "title".to_owned(),
            &["source `crm.people` has a new column `title`", "source `crm.people` has lost column `name`"],
        );
        check(&|it| people(it).columns.reverse(), &["source `crm.people` has its rows or columns in other places"]);
        check(
            &|it| people(it).files[0].delimiter = Some(';'),
            &["source `crm.people`: `data/a b.csv` is read as delimiter `;`, and delimiter `\\t` is recorded"],
        );
        check(
            &|it| it.artefact.get_mut("dist/ä.csv").expect("it").bytes = 1,
            &["artefact `dist/ä.csv` differs from the recorded one"],
        );
        check(&|it| people(it).declared = None, &["source `crm.people` is declared differently"]);
        check(&|it| people(it).expected = None, &["source `crm.people` is compared with another delivery"]);
        check(
            &|it| people(it).columns[0].like = None,
            &["source `crm.people` has values that hotpass reads differently"],
        );
        check(&|it| it.pipeline.clear(), &["pipeline `crm` is gone"]);
    }
}
