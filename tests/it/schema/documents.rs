//! Documents that are made of declarations: the least file around each key, with every value that it takes, and with
//! others.

use hotpass::fields::keys::{By, Key, Keys, Rest, Takes, Usual, Variant};
use hotpass::schema::Document;
use toml::{Table, Value};

/// What schema and parser should say to a document.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Expected {
    /// Both take it.
    Taken,
    /// Both refuse it.
    Refused,
    /// If the schema refuses it, so does the parser.
    NoStricter,
}

/// A document, and what it shows.
pub struct Made {
    /// The key it is about, as a path.
    pub slot: String,
    /// What is in it, or is not.
    pub what: String,
    pub expected: Expected,
    pub document: Table,
}

/// How documents end that say what is meant anyway.
pub const USUAL: &str = "as usual";

/// A name that people choose, or that the parser knows where the schema takes any.
fn chosen(rest: &Rest) -> &'static str {
    if rest.doc.starts_with("the English word") { "total" } else { "chosen" }
}

/// Texts that say more than that they are texts.
const TEXTS: [(&str, &str); 13] = [
    ("gives", "1"),
    ("path", "data/a.csv"),
    ("query", "select 1 as one"),
    ("as_of", "2025-01-31"),
    ("day", "2025-01-31"),
    ("until", "2025-01-31"),
    ("max_drop", "2%"),
    ("slack", "2%"),
    ("max_rise", "2%"),
    ("sql", "select 1 as one"),
    ("json_schema", "true"),
    ("extends", "generic"),
    ("profile", "generic"),
];

/// A value of every type that TOML has, and some that look like others.
pub fn probes() -> Vec<Value> {
    let table = |key: &str, value: &str| Value::Table(Table::from_iter([(key.to_owned(), Value::from(value))]));
    vec![
        Value::from("no such word"),
        Value::from(""),
        Value::from(-7),
        Value::from(7),
        Value::from(0.5),
        Value::from(1e9),
        Value::from(true),
        Value::from(false),
        Value::Datetime("2025-01-31".parse().expect("a day")),
        Value::Array(Vec::new()),
        Value::from(vec!["a"]),
        Value::from(vec![1]),
        Value::from(vec![vec![vec!["a"]]]),
        Value::Table(Table::new()),
        table("zzz", "a"),
        table("parameter", "p"),
        Value::from(vec![table("parameter", "p")]),
    ]
}

/// What no key takes.
const NEVER: fn() -> Value = || Value::from(vec![vec![vec![vec!["a"]]]]);

/// Every document that shows something of a kind of file.
pub fn documents(document: &Document) -> Vec<Made> {
    let mut acc = Vec::new();
    let pipeline = document.name == "pipeline";
    let whole = move |value: Value| {
        let Value::Table(mut table) = value else { panic!("a document is a table") };
        if pipeline {
            let mut known = |name: &str, table_of: Table| {
                table.entry(name).or_insert(Value::Table(table_of));
            };
            known("pipeline", Table::from_iter([("name".to_owned(), Value::from("a"))]));
            known("parameters", Table::from_iter([("p".to_owned(), Value::from("a"))]));
        }
        table
    };
    Maker { acc: &mut acc }.table(document.keys, "", &whole);
    acc
}

/// Takes the key at a path out of a document.
pub fn forget(document: &mut Table, path: &str) {
    let steps: Vec<&str> = path.split('.').map(|it| it.split('(').next().unwrap_or(it)).collect();
    let Some((last, steps)) = steps.split_last() else { return };
    let mut table = document;
    for step in steps {
        table = match table.get_mut(*step) {
            Some(Value::Table(it)) => it,
            Some(Value::Array(items)) => items[0].as_table_mut().expect("a table"),
            other => panic!("{other:?} at {path}"),
        };
    }
    table.remove(*last);
}

/// Puts a value where it belongs in a whole document.
type Place<'a> = &'a dyn Fn(Value) -> Table;

struct Maker<'a> {
    acc: &'a mut Vec<Made>,
}

impl Maker<'_> {
    fn push(&mut self, slot: &str, what: String, expected: Expected, document: Table) {
        self.acc.push(Made { slot: slot.to_owned(), what: format!("{slot}: {what}"), expected, document });
    }

    /// A table of these keys that stands at `path`.
    fn table(&mut self, keys: &'static Keys, path: &str, place: Place<'_>) {
        let joined = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        if let Some(rest) = &keys.rest {
            let name = chosen(rest);
            let around = |value: Value| place(Value::Table(Table::from_iter([(name.to_owned(), value)])));
            self.slot(name, &rest.takes, &joined(name), &around, true);
            return;
        }
        match &keys.by {
            None => self.keys(keys, &[], &Table::new(), path, place),
            Some(by) => {
                for variant in (by.kinds)() {
                    // A variant is said by its name, or by the ending of a path.
                    let said = match by.ending_of {
                        None => (by.key, variant.name.to_owned()),
                        Some(path) => (path, format!("data/a.{}", variant.name)),
                    };
                    let said = Table::from_iter([(said.0.to_owned(), Value::from(said.1))]);
                    self.keys(keys, variant.keys, &said, &format!("{path}({})", variant.name), place);
                }
                let all = (by.kinds)();
                for (variant, other) in all.iter().zip(all.iter().skip(1).chain(&all[..1])) {
                    // What only another variant has is refused.
                    let strange = other.keys.iter().find(|it| !variant.keys.iter().any(|own| own.name == it.name));
                    let Some(strange) = strange.filter(|it| !keys.keys.iter().any(|own| own.name == it.name)) else {
                        continue;
                    };
                    let mut table = said(by, variant);
                    fill(&mut table, keys, variant.keys);
                    table.insert(strange.name.to_owned(), samples(strange.name, &strange.takes).remove(0));
                    let slot = format!("{path}({}).{}", variant.name, by.key);
                    let what = format!("with `{}` of {}", strange.name, other.name);
                    self.push(&slot, what, Expected::Refused, place(Value::Table(table.clone())));
                    // The word itself is fine.
                    table.remove(strange.name);
                    self.push(&slot, "alone".to_owned(), Expected::Taken, place(Value::Table(table)));
                }
            }
        }
    }

    /// The keys of a table in which `said` stands.
    fn keys(&mut self, keys: &'static Keys, more: &'static [Key], said: &Table, path: &str, place: Place<'_>) {
        let least = |with: Option<(&str, Value)>, without: Option<&str>| {
            let mut table = said.clone();
            if let Some((name, value)) = with {
                table.insert(name.to_owned(), value);
            }
            fill(&mut table, keys, more);
            if let Some(name) = without {
                table.remove(name);
            }
            place(Value::Table(table))
        };
        for key in keys.keys.iter().chain(more) {
            let slot = if path.is_empty() { key.name.to_owned() } else { format!("{path}.{}", key.name) };
            // What says the variant stands fast.
            let word = keys.by.is_some_and(|it| it.key == key.name);
            let fast = word || said.contains_key(key.name);
            self.slot(key.name, &key.takes, &slot, &|value| least(Some((key.name, value)), None), !fast);
            if word {
                let document = least(Some((key.name, Value::from("no such word"))), None);
                self.push(&slot, "no such word".to_owned(), Expected::Refused, document);
            }
            if fast {
                self.push(&slot, "as it is".to_owned(), Expected::Taken, least(None, None));
            }
            if let Some(usual) = key.usual {
                let value = match usual {
                    Usual::Text(it) => Value::from(it),
                    Usual::Flag(it) => Value::from(it),
                    Usual::Number(it) if it.fract() == 0.0 => Value::from(it as i64),
                    Usual::Number(it) => Value::from(it),
                };
                self.push(&slot, USUAL.to_owned(), Expected::Taken, least(Some((key.name, value)), None));
            }
            if key.required {
                self.push(&slot, "missing".to_owned(), Expected::Refused, least(None, Some(key.name)));
            }
            let unknown = format!("{}zzz", key.name);
            let document = least(Some((&unknown, Value::from(true))), None);
            self.push(&slot, format!("beside `{unknown}`"), Expected::Refused, document);
        }
        for need in keys.needs.iter().filter(|it| it.beside.is_none()) {
            let mut table = said.clone();
            fill(&mut table, keys, more);
            need.one_of.iter().for_each(|it| {
                table.remove(*it);
            });
            self.push(path, format!("none of {:?}", need.one_of), Expected::Refused, place(Value::Table(table)));
            self.push(path, "the least".to_owned(), Expected::Taken, least(None, None));
        }
    }

    /// What may stand at one place.
    fn slot(&mut self, name: &str, takes: &Takes, slot: &str, place: Place<'_>, samples_too: bool) {
        for value in samples(name, takes).into_iter().filter(|_| samples_too) {
            self.push(slot, format!("{value}"), Expected::Taken, place(value));
        }
        self.push(slot, "never".to_owned(), Expected::Refused, place(NEVER()));
        if closed(takes) {
            let what = "no such word".to_owned();
            self.push(slot, what.clone(), Expected::Refused, place(Value::from(what)));
        }
        for probe in probes() {
            self.push(slot, format!("{probe}"), Expected::NoStricter, place(probe));
        }
        let listed = |value: Value| place(Value::Array(vec![value]));
        let mut open = vec![*takes];
        while let Some(takes) = open.pop() {
            match takes {
                Takes::Table(keys) => self.table(keys, slot, place),
                Takes::Tables(keys) => self.table(keys, slot, &listed),
                Takes::List(&Takes::Table(keys), _) => self.table(keys, slot, &listed),
                Takes::Either(all) => open.extend(all),
                _ => (),
            }
        }
    }
}

/// Whether only certain words may stand there.
fn closed(takes: &Takes) -> bool {
    match takes {
        Takes::Word(_) | Takes::WordOr(..) | Takes::Scaled(_) | Takes::Name => true,
        Takes::Either(all) => all.iter().any(closed) && !all.iter().any(|it| matches!(it, Takes::Text)),
        _ => false,
    }
}

/// A table that is said to be of a variant by its word.
fn said(by: &By, variant: &Variant) -> Table {
    let mut table = Table::from_iter([(by.key.to_owned(), Value::from(variant.name))]);
    if let Some(path) = by.ending_of {
        table.insert(path.to_owned(), Value::from("data/a"));
    }
    table
}

/// Adds what a table is nothing without.
fn fill(table: &mut Table, keys: &Keys, more: &[Key]) {
    let all = || keys.keys.iter().chain(more);
    for key in all().filter(|it| it.required) {
        table.entry(key.name).or_insert_with(|| samples(key.name, &key.takes).remove(0));
    }
    for need in keys.needs.iter().chain(keys.needs) {
        let asked = need.beside.is_none_or(|it| table.contains_key(it));
        if asked && !need.one_of.iter().any(|it| table.contains_key(*it)) {
            let key = all().find(|it| it.name == need.one_of[0]).expect("it is declared");
            table.insert(key.name.to_owned(), samples(key.name, &key.takes).remove(0));
        }
    }
}

/// Values that both take.
fn samples(name: &str, takes: &Takes) -> Vec<Value> {
    let text = || Value::from(TEXTS.iter().find(|it| it.0 == name).map_or("a", |it| it.1));
    let words = |all: &[&str]| all.iter().map(|it| Value::from(*it)).collect::<Vec<_>>();
    let of_table = |keys: &'static Keys| {
        let mut table = Table::new();
        match &keys.rest {
            Some(rest) => {
                let name = chosen(rest);
                table.insert(name.to_owned(), samples(name, &rest.takes).remove(0));
            }
            None => {
                let more = keys.by.map_or(&[][..], |by| {
                    let first = (by.kinds)()[0];
                    table = said(&by, &first);
                    first.keys
                });
                fill(&mut table, keys, more);
            }
        }
        Value::Table(table)
    };
    match takes {
        Takes::Text => vec![text()],
        Takes::Name => vec![Value::from("a")],
        Takes::Characters(_) => vec![Value::from(";"), Value::from("\t")],
        Takes::Flag => vec![Value::from(true), Value::from(false)],
        Takes::False => vec![Value::from(false)],
        Takes::True => vec![Value::from(true)],
        Takes::Integer(least, most) => vec![Value::from((*least).max(1)), Value::from((*most).min(1_048_576))],
        Takes::Number(least, most) => vec![Value::from(*least), Value::from(*most), Value::from(least.ceil() as i64)],
        Takes::Plain => vec![text(), Value::from(1), Value::from(0.5), Value::from(true)],
        Takes::Word(all) => words(all),
        Takes::WordOr(all, _) => words(all),
        Takes::Scaled(all) => all.iter().map(|it| Value::from(format!("{it}(3)"))).collect(),
        Takes::Texts(_) => {
            // A list without items is fine for most, and those that need one are told by the parser alone.
            vec![text(), Value::from(vec!["a", "b"])]
        }
        Takes::List(item, least) => {
            let mut acc = vec![Value::Array(vec![samples(name, item).remove(0)])];
            acc.extend((*least == 0).then(|| Value::Array(Vec::new())));
            acc
        }
        Takes::Table(keys) => vec![of_table(keys)],
        Takes::Tables(keys) => vec![of_table(keys), Value::Array(vec![of_table(keys)])],
        // Rows are a list of tables, or a text that is a table.
        Takes::Either([Takes::Text, rows @ Takes::List(Takes::Table(_), _)]) => {
            let mut acc = samples(name, rows);
            acc.push(Value::from("| a |\n| 1 |"));
            acc
        }
        Takes::Either(all) => all.iter().flat_map(|it| samples(name, it)).collect(),
    }
}
