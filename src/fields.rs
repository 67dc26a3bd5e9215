//! Typed, spanned reading of TOML tables: every problem at once, each with its place.
//!
//! A [`Reader`] goes through one file; [`Fields`] is one table in it, with the declaration of what it may hold
//! ([`keys`]). A key that is not declared is a problem with a *did you mean* when the table is finished. A value
//! `{ parameter = "name" }` stands for the value of that parameter wherever a plain value may stand.

mod expression;
pub mod keys;
mod lists;
mod meant;
mod order;
mod overlay;
mod printed;
mod unknown;
pub(crate) mod written;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use order::in_order;
pub use overlay::overlaid;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::expr::custom::{Custom, Customs};
use crate::expr::{Literal, Settings};
use crate::fields::keys::{Key, Keys, Takes};
use crate::problem::{Code, Problem, did_you_mean};
use crate::span::Span;

/// A key that nothing reads.
pub const UNKNOWN_KEY: Code = Code::error("hotpass::toml::unknown-key");
/// A key that is needed and not there.
pub const MISSING_KEY: Code = Code::error("hotpass::toml::missing-key");
/// A value of a type that the key does not take.
pub const WRONG_TYPE: Code = Code::error("hotpass::toml::wrong-type");
/// A value that the key does not take.
pub const WRONG_VALUE: Code = Code::error("hotpass::toml::wrong-value");
/// Text that is not TOML.
pub const SYNTAX: Code = Code::error("hotpass::toml::syntax");
/// A parameter that nobody declares.
pub const UNKNOWN_PARAMETER: Code = Code::error("hotpass::toml::unknown-parameter");
/// An expression that cannot be read.
pub const EXPRESSION: Code = Code::error("hotpass::toml::expression");

/// All codes of this module.
pub const CODES: &[&Code] =
    &[&UNKNOWN_KEY, &MISSING_KEY, &WRONG_TYPE, &WRONG_VALUE, &SYNTAX, &UNKNOWN_PARAMETER, &EXPRESSION];

/// Values of parameters by name.
pub type Parameters = BTreeMap<String, Literal>;

/// Where things stand in a file, by path of keys: `step.schools.from`.
pub type Spans = BTreeMap<String, Span>;

/// Goes through one file and gathers what is wrong in it.
pub struct Reader {
    file: Arc<PathBuf>,
    parameters: RefCell<Parameters>,
    customs: RefCell<Customs>,
    settings: RefCell<Settings>,
    problems: RefCell<Vec<Problem>>,
    spans: RefCell<Spans>,
    text: RefCell<String>,
}

impl Reader {
    /// A reader of `file`, relative to the workspace.
    pub fn new(file: &Arc<PathBuf>, parameters: Parameters) -> Reader {
        Reader {
            file: Arc::clone(file),
            parameters: RefCell::new(parameters),
            customs: RefCell::default(),
            settings: RefCell::default(),
            problems: RefCell::default(),
            spans: RefCell::default(),
            text: RefCell::default(),
        }
    }

    /// Parses `text` as far as it can be understood; syntax problems are gathered.
    pub fn parse<'t>(&self, text: &'t str) -> Spanned<DeTable<'t>> {
        text.clone_into(&mut self.text.borrow_mut());
        let (table, mut errors) = DeTable::parse_recoverable(text);
        errors.sort_by_key(|it| it.span().map_or(0, |span| span.start));
        for error in errors {
            let span = self.span(error.span().unwrap_or(0..0));
            let message = error.message().lines().next().unwrap_or("this is not TOML").to_owned();
            let help = meant::syntax(&message, text, span.start).map(str::to_owned);
            self.report(Problem::new(&SYNTAX, message).label(&span, "here").help(help));
        }
        table
    }

    /// The top-level table, which may hold these keys.
    pub fn fields<'t>(&'t self, table: &'t Spanned<DeTable<'t>>, keys: &'static Keys) -> Fields<'t> {
        Fields {
            reader: self,
            table: table.get_ref(),
            span: 0..0,
            path: String::new(),
            keys,
            more: &[],
            passed: Vec::new(),
            all: false,
        }
    }

    /// Sets what `{ parameter = … }` stands for.
    pub fn set_parameters(&self, parameters: Parameters) {
        *self.parameters.borrow_mut() = parameters;
    }

    /// What `{ parameter = … }` stands for.
    pub fn parameters(&self) -> Parameters {
        self.parameters.borrow().clone()
    }

    /// Adds a function that expressions may call.
    pub fn add_custom(&self, name: String, custom: Custom) {
        self.customs.borrow_mut().insert(name, custom);
    }

    /// The functions that expressions may call.
    pub fn customs(&self) -> Customs {
        self.customs.borrow().clone()
    }

    /// Sets what value functions are told unless the expression tells them.
    pub fn set_settings(&self, settings: Settings) {
        *self.settings.borrow_mut() = settings;
    }

    /// A place in this file.
    pub fn span(&self, range: Range<usize>) -> Span {
        Span::new(&self.file, range)
    }

    /// Adds a problem.
    pub fn report(&self, problem: Problem) {
        self.problems.borrow_mut().push(problem);
    }

    /// What was found wrong, in the order of the file, and where everything stands.
    pub fn finish(self) -> (Vec<Problem>, Spans) {
        let mut problems = self.problems.into_inner();
        problems.sort_by_key(|it| it.labels.first().map_or(0, |label| label.span.start));
        (problems, self.spans.into_inner())
    }
}

/// One table of a file.
pub struct Fields<'t> {
    reader: &'t Reader,
    table: &'t DeTable<'t>,
    span: Range<usize>,
    path: String,
    keys: &'static Keys,
    more: &'static [Key],
    passed: Vec<String>,
    all: bool,
}

type Value<'t> = &'t Spanned<DeValue<'t>>;

impl<'t> Fields<'t> {
    /// The path of keys that leads here: `step.schools`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Where the table's own name stands.
    pub fn span(&self) -> Span {
        self.reader.span(self.span.clone())
    }

    /// The place of a key's value, or of the table when there is no such key.
    pub fn span_of(&self, key: &str) -> Span {
        match self.table.get(key) {
            Some(value) => self.reader.span(value.span()),
            None => self.span(),
        }
    }

    /// The place of a part of the text under a key.
    pub fn span_within(&self, key: &str, part: Range<usize>) -> Span {
        let span = self.span_of(key);
        let text = self.reader.text.borrow();
        let raw = text.get(span.start..span.end).unwrap_or_default();
        let (start, end) = (written::place(raw, part.start), written::place(raw, part.end));
        Span { start: span.start + start, end: span.start + end.max(start), ..span }
    }

    /// Adds a problem that points at `key`.
    pub fn problem(&self, code: &Code, key: &str, message: impl Into<String>, label: &str, help: Option<String>) {
        self.reader.report(Problem::new(code, message).label(&self.span_of(key), label).help(help));
    }

    /// Adds a problem as it is.
    pub fn report(&self, problem: Problem) {
        self.reader.report(problem);
    }

    /// What `{ parameter = … }` stands for.
    pub fn parameters(&self) -> Parameters {
        self.reader.parameters()
    }

    /// Whether there is such a key.
    pub fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// The keys that are known, in the order of their declaration.
    fn known(&self) -> impl Iterator<Item = &'static Key> + Clone + use<> {
        self.keys.keys.iter().chain(self.more)
    }

    fn declared(&self, key: &str) -> Option<&'static Key> {
        self.known().find(|it| it.name == key)
    }

    /// What may stand under `key`.
    fn takes(&self, key: &str) -> Takes {
        let declared = self.declared(key).map(|it| it.takes);
        declared.or(self.keys.rest.map(|it| it.takes)).unwrap_or(Takes::Plain)
    }

    /// Whether `key` may be read.
    fn may_hold(&self, key: &str) -> bool {
        self.all || self.keys.rest.is_some() || self.declared(key).is_some()
    }

    fn ask(&mut self, key: &str) -> Option<Value<'t>> {
        debug_assert!(self.may_hold(key), "`{key}` of `[{}]` is read and not declared", self.path);
        let (name, value) = self.table.get_key_value(key)?;
        let mut spans = self.reader.spans.borrow_mut();
        spans.insert(joined(&self.path, key), self.reader.span(value.span()));
        spans.insert(joined(&self.path, key) + "@", self.reader.span(name.span()));
        Some(value)
    }

    fn literal(&self, value: Value<'t>) -> Option<Literal> {
        match value.get_ref() {
            DeValue::String(it) => {
                let named = it.strip_prefix('$').and_then(|it| self.reader.parameters.borrow().get(it).cloned());
                named.or_else(|| Some(Literal::Text(it.to_string()))).filter(|it| *it != Literal::Null)
            }
            DeValue::Integer(it) => i64::from_str_radix(it.as_str(), it.radix()).ok().map(Literal::Integer),
            DeValue::Float(it) => {
                let finite = it.as_str().parse::<f64>().is_ok_and(f64::is_finite);
                finite.then(|| Literal::Number(it.as_str().to_owned()))
            }
            DeValue::Boolean(it) => Some(Literal::Boolean(*it)),
            DeValue::Datetime(it) => Some(Literal::Text(it.to_string())),
            DeValue::Array(_) => None,
            DeValue::Table(table) => {
                let (key, name) = table.iter().next()?;
                let (true, DeValue::String(name)) = (table.len() == 1 && key.get_ref() == "parameter", name.get_ref())
                else {
                    return None;
                };
                let parameters = self.reader.parameters.borrow();
                if !parameters.contains_key(name.as_ref()) {
                    let message = format!("there is no parameter `{name}`");
                    let help = did_you_mean(name, parameters.keys().map(String::as_str))
                        .or_else(|| Some("declare it under `[parameters]`".to_owned()));
                    let span = self.reader.span(value.span());
                    self.reader.report(Problem::new(&UNKNOWN_PARAMETER, message).label(&span, "named here").help(help));
                }
                parameters.get(name.as_ref()).filter(|it| **it != Literal::Null).cloned()
            }
        }
    }

    fn wrong_type(&self, value: Value<'t>, key: &str) {
        if self.is_told(value) {
            return;
        }
        let takes = self.takes(key).words();
        let message = format!("`{key}` takes {takes}, not {}", article(value.get_ref().type_str()));
        let span = self.reader.span(value.span());
        let problem = Problem::new(&WRONG_TYPE, message).label(&span, format!("this is not {takes}"));
        self.reader.report(problem.help(meant::shape(key, self.takes(key), value.get_ref())));
    }

    fn missing(&self, key: &str) {
        let what = self.declared(key).map_or("", |it| it.doc);
        let message = format!("{} needs `{key}`, {what}", self.title());
        let problem = Problem::new(&MISSING_KEY, message).label(&self.span(), "in this table");
        self.reader.report(problem.help(format!("add `{key} = …`")));
    }

    /// What messages call this table.
    fn title(&self) -> String {
        if self.path.is_empty() { "the file".to_owned() } else { format!("`[{}]`", self.path) }
    }

    /// A value of any plain type.
    pub fn value(&mut self, key: &str) -> Option<Literal> {
        let value = self.ask(key)?;
        let literal = self.literal(value);
        if literal.is_none() {
            self.wrong_type(value, key);
        }
        literal
    }

    /// A text, if there.
    pub fn text(&mut self, key: &str) -> Option<String> {
        let value = self.ask(key)?;
        match self.literal(value) {
            Some(Literal::Text(text)) => Some(text),
            _ => {
                self.wrong_type(value, key);
                None
            }
        }
    }

    /// A text as it is written, whatever parameters it names.
    pub fn written_text(&mut self, key: &str) -> Option<String> {
        let value = self.ask(key)?;
        match value.get_ref() {
            DeValue::String(it) => Some(it.to_string()),
            _ => self.text(key),
        }
    }

    /// A text that must be there.
    pub fn required_text(&mut self, key: &str) -> Option<String> {
        if self.required(key) { self.text(key) } else { None }
    }

    /// Whether there is a key that must be there, at least here; if not, says so.
    pub fn required(&self, key: &str) -> bool {
        debug_assert!(self.may_hold(key), "`{key}` of `[{}]` is read and not declared", self.path);
        if !self.has(key) {
            self.missing(key);
        }
        self.has(key)
    }

    /// A truth value, or the default.
    pub fn flag(&mut self, key: &str, default: bool) -> bool {
        let Some(value) = self.ask(key) else { return default };
        match self.literal(value) {
            Some(Literal::Boolean(it)) => it,
            _ => {
                self.wrong_type(value, key);
                default
            }
        }
    }

    /// A whole number, if there.
    pub fn integer(&mut self, key: &str) -> Option<i64> {
        let value = self.ask(key)?;
        match self.literal(value) {
            Some(Literal::Integer(it)) => Some(it),
            _ => {
                self.wrong_type(value, key);
                None
            }
        }
    }

    /// A number within its bounds, if there.
    pub fn number(&mut self, key: &str) -> Option<f64> {
        let value = self.ask(key)?;
        let number = match self.literal(value) {
            Some(Literal::Integer(it)) => it as f64,
            Some(Literal::Number(it)) => it.parse().ok()?,
            _ => {
                self.wrong_type(value, key);
                return None;
            }
        };
        if let Takes::Number(least, most) = self.takes(key)
            && !(least..=most).contains(&number)
        {
            let message = format!("`{key}` lies between {least} and {most}");
            self.problem(&WRONG_VALUE, key, message, "this number", None);
            return None;
        }
        Some(number)
    }

    /// One of a closed list of words, if there.
    pub fn choice<T: Copy>(&mut self, key: &str, choices: &[(&str, T)]) -> Option<T> {
        let typed = self.text(key)?;
        let found = choices.iter().find(|(name, _)| *name == typed);
        if found.is_none() {
            let words: Vec<_> = choices.iter().map(|(name, _)| format!("`{name}`")).collect();
            let words_of = || choices.iter().map(|(name, _)| *name);
            let meant = || meant::value(&typed, words_of()).map(|it| format!("write `{it}`"));
            let help = did_you_mean(&typed, words_of()).or_else(meant);
            let help = help.unwrap_or_else(|| format!("it takes {}", words.join(", ")));
            self.problem(&WRONG_VALUE, key, format!("`{key}` does not take `{typed}`"), "this value", Some(help));
        }
        found.map(|(_, it)| *it)
    }

    /// A text or a list of texts, with their places; empty when not there.
    pub fn texts(&mut self, key: &str) -> Vec<(String, Span)> {
        let Some(value) = self.ask(key) else { return Vec::new() };
        self.texts_of(value, key)
    }

    fn texts_of(&self, value: Value<'t>, key: &str) -> Vec<(String, Span)> {
        let mut acc = Vec::new();
        let items: Vec<Value<'t>> = match value.get_ref() {
            DeValue::Array(items) => items.iter().collect(),
            _ => vec![value],
        };
        for item in items {
            match self.literal(item) {
                Some(Literal::Text(text)) => acc.push((text, self.reader.span(item.span()))),
                _ => self.wrong_type(item, key),
            }
        }
        acc
    }

    /// Like [`Fields::texts`], without places.
    pub fn words(&mut self, key: &str) -> Vec<String> {
        self.texts(key).into_iter().map(|(text, _)| text).collect()
    }

    /// A table under `key`, if there.
    pub fn table(&mut self, key: &str) -> Option<Fields<'t>> {
        let value = self.ask(key)?;
        let DeValue::Table(table) = value.get_ref() else {
            self.wrong_type(value, key);
            return None;
        };
        let span = self.table.get_key_value(key).map_or(value.span(), |(name, _)| name.span());
        Some(self.beneath(table, span, key, key))
    }

    /// The table at `path` beneath this one, which stands under `key`.
    fn beneath(&self, table: &'t DeTable<'t>, span: Range<usize>, key: &str, path: &str) -> Fields<'t> {
        let keys = self.takes(key).table();
        debug_assert!(keys.is_some(), "`{key}` is read as a table and not declared as one");
        let (keys, all) = (keys.unwrap_or(&const { Keys::of(&[]) }), keys.is_none());
        Fields {
            reader: self.reader,
            table,
            span,
            path: joined(&self.path, path),
            keys,
            more: &[],
            passed: Vec::new(),
            all,
        }
    }

    /// The tables under `key` by name, in the order of the file: `[step.a]`, `[step.b]`.
    pub fn named_tables(&mut self, key: &str) -> Vec<(String, Fields<'t>)> {
        let Some(mut fields) = self.table(key) else { return Vec::new() };
        let names: Vec<_> = fields.keys();
        names.into_iter().filter_map(|name| fields.table(&name).map(|it| (name, it))).collect()
    }

    /// The table as TOML without comments and layout, beneath `heading`: `[[expect.x]]`.
    pub fn as_toml(&self, heading: &str) -> String {
        printed::table(self.table, heading)
    }

    /// The value of a key as JSON, parameters in their place; null where there is none.
    pub fn as_json(&self, key: &str) -> serde_json::Value {
        let parameters = self.reader.parameters.borrow();
        self.table.get(key).map_or(serde_json::Value::Null, |it| printed::json(it.get_ref(), &parameters))
    }

    /// All keys, in the order of the file.
    pub fn keys(&self) -> Vec<String> {
        in_order(self.table)
    }

    /// Keys of the table that stands under a key, in the order of the file; none where it is no table.
    pub fn keys_of(&self, key: &str) -> Vec<String> {
        let value = self.table.get(key).map(Spanned::get_ref);
        if let Some(DeValue::Table(table)) = value { in_order(table) } else { Vec::new() }
    }

    /// Knows these keys too.
    pub fn also(&mut self, keys: &'static [Key]) {
        self.more = keys;
    }

    /// Says nothing more of these keys: what is wrong with them has been told.
    pub fn pass_over(&mut self, keys: &[String]) {
        self.passed.extend_from_slice(keys);
    }

    /// Treats every other key as known: what they mean cannot be said any more.
    pub fn skip_rest(&mut self) {
        self.all = true;
    }
}

fn joined(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

fn article(what: &str) -> String {
    let vowel = what.starts_with(['a', 'e', 'i', 'o', 'u']);
    format!("{} {what}", if vowel { "an" } else { "a" })
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYS: Keys = Keys::of(&[
        Key::new("from", Takes::Text, ""),
        Key::new("flag", Takes::Flag, ""),
        Key::required("kind", Takes::Text, "what it does"),
        Key::new("bad", Takes::Plain, ""),
    ]);

    fn check(text: &str, read: impl Fn(&mut Fields)) -> Vec<String> {
        let reader = Reader::new(&Arc::new(PathBuf::from("x.toml")), Parameters::new());
        let table = reader.parse(text);
        let mut fields = reader.fields(&table, &KEYS);
        read(&mut fields);
        fields.finish();
        reader.finish().0.into_iter().map(|it| it.message).collect()
    }

    #[test]
    fn all_problems_are_told_at_once() {
        let problems = check("from = 3\nform = 1\nflag = 'x'\n", |it| {
            it.text("from");
            it.flag("flag", true);
            it.required_text("kind");
        });
        assert_eq!(
            problems,
            [
                "the file needs `kind`, what it does",
                "`from` takes a text, not an integer",
                "nothing reads `form` here",
                "`flag` takes `true` or `false`, not a string"
            ]
        );
    }

    #[test]
    fn broken_lines_do_not_hide_the_rest() {
        let problems = check("from = \nkind = 'map'\nbad bad\n", |it| {
            assert_eq!(it.text("kind").as_deref(), Some("map"));
        });
        assert!(problems.len() >= 2, "{problems:?}");
    }

    #[test]
    fn parameters_stand_for_their_values() {
        let parameters = Parameters::from([("region".to_owned(), Literal::Text("ZA".to_owned()))]);
        let reader = Reader::new(&Arc::new(PathBuf::from("x.toml")), parameters);
        let text =
            "a = { parameter = 'region' }\nb = \"name = $region and x = '$region'\"\nc = { parameter = 'regoin' }";
        let table = reader.parse(text);
        const ANY: Keys = Keys::any(Takes::Text, "");
        let mut fields = reader.fields(&table, &ANY);
        assert_eq!(fields.text("a").as_deref(), Some("ZA"));
        let expected = crate::expr::parse::parse("name = 'ZA' and x = '$region'").expect("an expression");
        assert_eq!(fields.expr("b"), Some(expected));
        assert_eq!(fields.value("c"), None);
        let (problems, _) = reader.finish();
        assert_eq!(problems[0].message, "there is no parameter `regoin`");
    }
}
