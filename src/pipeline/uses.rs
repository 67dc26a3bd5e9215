//! `[use.NAME]`: a pipeline as a part of another one; and `[input.NAME]`: a table that such a pipeline is given.
//!
//! ```toml
//! [use.contacts]
//! pipeline = "modules/contacts.toml"   # or "shipped:NAME"
//! inputs = { rows = "mapped" }         # its inputs, or its sources: tables of this pipeline
//! parameters = { country = "Kenya" }
//! ```
//!
//! What is used is a pipeline of its own that is called as the use is: its tables are `contacts.people` and so on. It is
//! read where it stands, with its own places, and no text of it is changed.

use std::path::PathBuf;
use std::sync::Arc;

use crate::expr::Literal;
use crate::fields::Fields;
use crate::fields::keys::{Key, Keys, Takes};
use crate::model::Type;
use crate::pipeline::{BAD_NAME, BAD_PARAMETER, NAME_TWICE, Pipeline, is_name};
use crate::problem::{Code, Problem, did_you_mean};
use crate::span::Span;

/// A use of a pipeline that is not there, or is none.
pub const UNKNOWN_PIPELINE: Code = Code::error("hotpass::use::unknown-pipeline");
/// A pipeline that uses itself.
pub const CYCLE: Code = Code::error("hotpass::use::cycle");
/// An input that a pipeline needs and is not given, or that it does not have.
pub const BAD_INPUT: Code = Code::error("hotpass::use::bad-input");
/// Mapped columns of a table that the pipeline that is given it does not read.
pub const UNREAD_COLUMN: Code = Code::warning("hotpass::use::unread-column");

/// All codes of this module.
pub const CODES: &[&Code] = &[&UNKNOWN_PIPELINE, &CYCLE, &BAD_INPUT, &UNREAD_COLUMN];

/// `[use.*]`.
pub const USES: Keys = Keys::named(Takes::Table(&USE), "a pipeline that becomes a part of this one");
const USE: Keys = Keys::of(&[
    Key::required("pipeline", Takes::Text, "the path of its file, or `shipped:NAME`"),
    Key::new("inputs", Takes::Table(&BOUND), "the tables that it is given"),
    Key::new("parameters", Takes::Table(&VALUES), "values of its parameters"),
    Key::new("description", Takes::Text, "what it is for"),
]);
const BOUND: Keys = Keys::any(Takes::Text, "an input or source of it, and the table that takes its place");
const VALUES: Keys = Keys::any(Takes::Plain, "a parameter of it, and its value");

/// `[input.*]`.
pub const INPUTS: Keys =
    Keys::named(Takes::Table(&INPUT), "a table that the pipeline gets from the pipeline that uses it");
const INPUT: Keys = Keys::of(&[
    Key::required("columns", Takes::Table(&COLUMNS), "columns that the table must have"),
    Key::new(
        "optional_columns",
        Takes::Table(&COLUMNS),
        "columns that are empty where the table has none of that name",
    ),
    Key::new("required", Takes::Flag, "whether a table must be given; without one it has no rows")
        .or(crate::fields::keys::Usual::Flag(true)),
    Key::new("description", Takes::Text, "what it is"),
]);
const COLUMNS: Keys = Keys::any(Takes::Word(&Type::NAMES), "a column, and its type");

/// A declared use, with places.
#[derive(Clone, Debug)]
pub struct Use {
    /// Its name.
    pub name: String,
    /// Where its name stands.
    pub span: Span,
    /// `shipped:NAME`, or the path of a file.
    pub pipeline: (String, Span),
    /// For inputs and sources of the used pipeline, tables of the using one.
    pub inputs: Vec<(String, String, Span)>,
    /// Values of its parameters.
    pub parameters: Vec<(String, Literal, Span)>,
    /// What it is for.
    pub description: Option<String>,
}

/// A table that a pipeline is given.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Given {
    /// Columns that it has, each with its type.
    pub columns: Vec<(String, Type)>,
    /// Columns that it has or else are empty.
    pub optional: Vec<(String, Type)>,
    /// Whether a table must be given.
    pub required: bool,
    /// What it is.
    pub description: Option<String>,
    /// The table of the using pipeline that is given.
    pub table: Option<String>,
}

/// Who uses a pipeline.
#[derive(Clone, PartialEq, Debug)]
pub struct User {
    /// The using pipeline.
    pub pipeline: String,
    /// How it calls the used one.
    pub name: String,
    /// The file of the using pipeline.
    pub file: Arc<PathBuf>,
}

/// Reads `[use.*]`: what is used, and names of uses that say nothing of what they use.
pub fn decode(fields: &mut Fields) -> (Vec<Use>, Vec<String>) {
    let taken = [("source", "a source"), ("step", "a step"), ("input", "an input")];
    let taken: Vec<(Vec<String>, &str)> = taken.iter().map(|(key, what)| (fields.keys_of(key), *what)).collect();
    let (mut acc, mut unread) = (Vec::new(), Vec::new());
    for (name, mut table) in fields.named_tables("use") {
        let span = table.span();
        if !is_name(&name) {
            let message = format!("`{}` cannot be a name", name.escape_debug());
            let help = "use letters, digits and `_`, beginning with a letter".to_owned();
            table.report(Problem::new(&BAD_NAME, message).label(&span, "this name").help(help));
        }
        if let Some((_, what)) = taken.iter().find(|(names, _)| names.contains(&name)) {
            let problem = Problem::new(&NAME_TWICE, format!("`{name}` is {what} and a use")).label(&span, "used here");
            table.report(problem.help("give one of the two another name".to_owned()));
        }
        let place = table.span_of("pipeline");
        let pipeline = table.required_text("pipeline").map(|it| (it, place));
        let description = table.text("description");
        let mut inputs = Vec::new();
        if let Some(mut bound) = table.table("inputs") {
            for key in bound.keys() {
                let span = bound.span_of(&key);
                inputs.extend(bound.text(&key).map(|it| (key, it, span)));
            }
        }
        let mut parameters = Vec::new();
        if let Some(mut values) = table.table("parameters") {
            for key in values.keys() {
                let span = values.span_of(&key);
                parameters.extend(values.value(&key).map(|it| (key, it, span)));
            }
        }
        table.finish();
        match pipeline {
            Some(pipeline) => acc.push(Use { name, span, pipeline, inputs, parameters, description }),
            None => unread.push(name),
        }
    }
    (acc, unread)
}

/// Reads `[input.*]`.
pub fn inputs(fields: &mut Fields) -> Vec<(String, Given)> {
    let mut acc = Vec::new();
    let sources = fields.keys_of("source");
    for (name, mut table) in fields.named_tables("input") {
        super::check_table_name(&table, &name);
        if sources.contains(&name) {
            let problem = Problem::new(&NAME_TWICE, format!("`{name}` is a source and an input"));
            let problem = problem.label(&table.span(), "an input here");
            table.report(problem.help("give one of the two another name".to_owned()));
        }
        table.required("columns");
        let columns = columns(&mut table, "columns");
        let optional = self::columns(&mut table, "optional_columns");
        let (required, description) = (table.flag("required", true), table.text("description"));
        table.finish();
        acc.push((name, Given { columns, optional, required, description, table: None }));
    }
    acc
}

fn columns(table: &mut Fields, key: &str) -> Vec<(String, Type)> {
    let types = Type::NAMES.map(|word| (word, Type::parse(word).unwrap_or(Type::Text)));
    let Some(mut columns) = table.table(key) else { return Vec::new() };
    columns.keys().into_iter().filter_map(|name| columns.choice(&name, &types).map(|ty| (name, ty))).collect()
}

impl Use {
    /// A problem of this use.
    pub fn problem(&self, code: &Code, message: String, span: &Span, help: String) -> Problem {
        Problem::new(code, message).label(span, "here").help(help)
    }

    /// The values of a used pipeline's parameters: `declared` are those of its file.
    pub fn valued(&self, declared: &mut crate::fields::Parameters, problems: &mut Vec<Problem>) {
        let known: Vec<String> = declared.keys().filter(|it| *it != "env").cloned().collect();
        for (name, value, span) in &self.parameters {
            let Some(default) = declared.get(name).filter(|_| known.contains(name)) else {
                let help = did_you_mean(name, known.iter().map(String::as_str));
                let help = help.unwrap_or_else(|| match known.is_empty() {
                    true => "it has none: remove this".to_owned(),
                    false => format!("it has {}", quoted(known.iter())),
                });
                let message = format!("`{}` has no parameter `{}`", self.name, name.escape_debug());
                problems.push(self.problem(&BAD_PARAMETER, message, span, help));
                continue;
            };
            if *default != Literal::Null && !super::environment::is_like(default, value) {
                let message = format!("`{name}` needs a value like the declared one");
                let help = format!("`{}` has a {} there", self.pipeline.0, super::environment::word(default));
                problems.push(self.problem(&BAD_PARAMETER, message, span, help));
                continue;
            }
            declared.insert(name.clone(), value.clone());
        }
    }

    /// Gives a used pipeline its tables: they take the places of its inputs and of sources that are named.
    pub fn give(&self, pipeline: &mut Pipeline, problems: &mut Vec<Problem>) {
        for (name, table, span) in &self.inputs {
            if let Some((_, given)) = pipeline.inputs.iter_mut().find(|(it, _)| it == name) {
                given.table = Some(table.clone());
            } else if let Some(at) = pipeline.sources.iter().position(|(it, _)| it == name) {
                pipeline.sources.remove(at);
                pipeline.inputs.push((name.clone(), Given { table: Some(table.clone()), ..Given::default() }));
            } else if !pipeline.broken.contains(name) {
                let names = pipeline.inputs.iter().map(|(it, _)| it).chain(pipeline.sources.iter().map(|(it, _)| it));
                let help = did_you_mean(name, names.clone().map(String::as_str));
                let help = help.unwrap_or_else(|| match names.clone().next() {
                    None => "it has neither inputs nor sources: remove this".to_owned(),
                    Some(_) => format!("it has {}", quoted(names)),
                });
                let message = format!("`{}` has no input `{}`", self.name, name.escape_debug());
                problems.push(self.problem(&BAD_INPUT, message, span, help));
            }
        }
        for (name, given) in &pipeline.inputs {
            if given.required && given.table.is_none() {
                let message = format!("`{}` is given no table for its input `{name}`", self.name);
                let columns = quoted(given.columns.iter().map(|(it, _)| it));
                let help = format!("add `inputs = {{ {name} = \"TABLE\" }}`; its columns: {columns}");
                problems.push(self.problem(&BAD_INPUT, message, &self.span, help));
            }
        }
    }
}

fn quoted<'a>(names: impl Iterator<Item = &'a String>) -> String {
    names.map(|it| format!("`{}`", it.escape_debug())).collect::<Vec<_>>().join(", ")
}
