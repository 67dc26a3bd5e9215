//! JSON Schema 2020-12 of every TOML file that people write, made of the declarations that the parser reads by
//! ([`crate::fields::keys`]): for editors, which complete and check by it.
//!
//! A schema refuses nothing that the parser takes. It takes more: whether a table or a column exists, whether an
//! expression can be read, and whatever else depends on two places is found out by `hotpass check` alone.

pub mod answers;
mod json;

use crate::fields::keys::{By, Key, Keys, Need, Takes, Usual, Variant};
use crate::{fixture, pipeline, profile};
use json::{Json, Object};

/// A kind of TOML file that people write.
#[derive(Clone, Copy, Debug)]
pub struct Document {
    /// How `hotpass schema` names it.
    pub name: &'static str,
    /// Which files these are.
    pub doc: &'static str,
    /// What may stand in them.
    pub keys: &'static Keys,
    /// Whether `{ parameter = "name" }` stands for values there.
    parameters: bool,
}

/// Every kind of TOML file that people write.
pub const DOCUMENTS: [Document; 3] = [
    Document {
        name: "pipeline",
        doc: "a pipeline, or `hotpass.toml` of a workspace",
        keys: &pipeline::FILE,
        parameters: true,
    },
    Document { name: "profile", doc: "a profile in `profiles/`", keys: &profile::FILE, parameters: false },
    Document { name: "test", doc: "tests of steps in `tests/`", keys: &fixture::FILE, parameters: false },
];

/// What `hotpass schema` prints: the schema of a kind of file, or of [`answers`].
pub const NAMES: [&str; 4] = [DOCUMENTS[0].name, DOCUMENTS[1].name, DOCUMENTS[2].name, "answers"];

/// Where identifiers of our schemas begin.
pub const IDS: &str = "urn:hotpass:schema:";

/// What stands for a declared parameter.
const PARAMETER: &str = "parameter";

impl Document {
    /// Its schema as JSON, the same bytes on every machine.
    pub fn schema(&self) -> String {
        let mut printer = Printer::default();
        let table = printer.table(self.keys, "", self.parameters);
        let head = Object::default()
            .with("$schema", "https://json-schema.org/draft/2020-12/schema")
            .with("$id", format!("{IDS}{}", self.name).as_str())
            .with("title", format!("hotpass {}", self.name).as_str())
            .with("description", self.doc);
        let mut schema = head.and(table);
        if self.parameters {
            printer.defs.put(PARAMETER, parameter());
        }
        if !printer.defs.is_empty() {
            schema.put("$defs", printer.defs);
        }
        let text = serde_json::to_string_pretty(&schema).unwrap_or_default();
        text + "\n"
    }
}

/// `{ parameter = "name" }`, or `"$name"`.
fn parameter() -> Object {
    let name = Object::default().with("description", "a name under `[parameters]`").with("type", "string");
    let table = of_type("object")
        .with("properties", Object::default().with(PARAMETER, name))
        .with("required", Json::from_iter([PARAMETER]))
        .with("additionalProperties", false);
    let text = of_type("string").with("pattern", "^\\$[A-Za-z_][A-Za-z0-9_]*$");
    Object::default()
        .with("description", "the value of a declared parameter")
        .with("anyOf", Json::from_iter([table, text]))
}

fn object(doc: &str) -> Object {
    Object::default().with("description", doc).with("type", "object")
}

fn of_type(name: &str) -> Object {
    Object::default().with("type", name)
}

/// Gathers what stands under `$defs`.
#[derive(Default)]
struct Printer {
    defs: Object,
}

impl Printer {
    /// A table of these keys, which stands at `place`.
    fn table(&mut self, keys: &'static Keys, place: &str, parameters: bool) -> Object {
        let parameters = parameters && !keys.early;
        let mut table = of_type("object");
        match &keys.by {
            None => self.members(&mut table, keys.keys.iter(), place, parameters),
            Some(by) => self.variants(&mut table, keys, by, place, parameters),
        }
        match &keys.rest {
            Some(rest) => {
                if rest.names {
                    table.put("propertyNames", Object::default().with("pattern", NAME));
                }
                let value = Object::default().with("description", rest.doc);
                table.put("additionalProperties", value.and(self.value(&rest.takes, place, parameters)));
            }
            None => table.put("additionalProperties", false),
        }
        needs(&mut table, keys.needs);
        table
    }

    fn members(&mut self, table: &mut Object, keys: impl Iterator<Item = &'static Key>, place: &str, parameters: bool) {
        let (mut properties, mut required) = (Object::default(), Vec::new());
        for key in keys {
            properties.put(key.name, self.member(key, place, parameters));
            required.extend(key.required.then_some(key.name));
        }
        if !properties.is_empty() {
            table.put("properties", properties);
        }
        if !required.is_empty() {
            table.put("required", Json::from_iter(required));
        }
    }

    fn member(&mut self, key: &Key, place: &str, parameters: bool) -> Object {
        let mut member = Object::default().with("description", key.doc);
        match key.usual {
            Some(Usual::Text(it)) => member.put("default", it),
            Some(Usual::Flag(it)) => member.put("default", it),
            Some(Usual::Number(it)) => member.put("default", it),
            None => (),
        }
        let place = if place.is_empty() { key.name.to_owned() } else { format!("{place}_{}", key.name) };
        member.and(self.value(&key.takes, &place, parameters))
    }

    /// Every key that some variant has, so that editors complete them all, and behind them what goes with which.
    fn variants(&mut self, table: &mut Object, keys: &'static Keys, by: &By, place: &str, parameters: bool) {
        let variants = (by.kinds)();
        let mut apart = Vec::new();
        let (mut properties, mut required) = (Object::default(), Vec::new());
        for key in keys.keys {
            properties.put(
                key.name,
                match key.name == by.key {
                    true => {
                        let word = of_type("string").with("enum", variants.iter().map(|it| it.name).collect::<Json>());
                        Object::default().with("description", key.doc).and(any_of(vec![word], parameters))
                    }
                    false => self.member(key, place, parameters),
                },
            );
            required.extend(key.required.then_some(key.name));
        }
        for name in names(&variants) {
            let (member, same) = self.shared(&variants, name, place, parameters);
            properties.put(name, member);
            if !same {
                apart.push(name);
            }
        }
        let mut cases = Vec::new();
        for group in grouped(&variants) {
            let words: Vec<&str> = group.iter().map(|it| it.name).collect();
            let mut own = object(group[0].doc);
            let (mut members, mut needed) = (Object::default(), Vec::new());
            for key in keys.keys {
                members.put(key.name, true);
            }
            for key in group[0].keys {
                // What is said above is not said twice, so that it is not refused twice.
                match apart.contains(&key.name) {
                    true => members.put(key.name, self.member(key, place, parameters)),
                    false => members.put(key.name, true),
                }
                needed.extend(key.required.then_some(key.name));
            }
            own.put("properties", members);
            if !needed.is_empty() {
                own.put("required", Json::from_iter(needed));
            }
            own.put("additionalProperties", false);
            let name = format!("{place}_{}", group[0].name);
            let then = Object::default().with("$ref", format!("#/$defs/{name}").as_str());
            self.defs.put(&name, own);
            cases.push(Object::default().with("if", chosen(by, &words)).with("then", then));
        }
        table.put("properties", properties);
        table.put("required", Json::from_iter(required));
        table.put("allOf", Json::from_iter(cases));
    }

    /// What a key means in all variants that have it, and whether it is the same in all of them.
    fn shared(&mut self, variants: &[Variant], name: &str, place: &str, parameters: bool) -> (Object, bool) {
        let mut meanings: Vec<(Object, &str, Vec<&str>)> = Vec::new();
        for variant in variants {
            let Some(key) = variant.keys.iter().find(|it| it.name == name) else { continue };
            let member = self.member(key, place, parameters);
            match meanings.iter_mut().find(|it| it.0 == member) {
                Some((.., kinds)) => kinds.push(variant.name),
                None => meanings.push((member, key.doc, vec![variant.name])),
            }
        }
        if meanings.len() == 1 {
            return (meanings.remove(0).0, true);
        }
        let told = meanings.iter().map(|(_, doc, kinds)| format!("{}: {doc}", kinds.join(", ")));
        let told = told.collect::<Vec<_>>().join("\n\n");
        // Editors take a key without a type for a table without keys.
        let any = meanings.into_iter().map(|(member, ..)| member).collect::<Json>();
        (Object::default().with("description", told.as_str()).with("anyOf", any), false)
    }

    /// What stands under a key.
    fn value(&mut self, takes: &Takes, place: &str, parameters: bool) -> Object {
        let mut choices = Vec::new();
        let plain = self.choices(takes, place, parameters, &mut choices);
        any_of(choices, parameters && plain)
    }

    /// Adds the schemas of what may stand there, and says whether a parameter may, too.
    fn choices(&mut self, takes: &Takes, place: &str, parameters: bool, acc: &mut Vec<Object>) -> bool {
        match takes {
            Takes::Text => acc.push(of_type("string")),
            Takes::Name => acc.push(of_type("string").with("pattern", NAME)),
            Takes::Characters(most) => acc.push(of_type("string").with("minLength", 1).with("maxLength", *most as i64)),
            Takes::Flag => acc.push(of_type("boolean")),
            Takes::False => acc.push(of_type("boolean").with("const", false)),
            Takes::True => acc.push(of_type("boolean").with("const", true)),
            Takes::Integer(least, most) => {
                let mut number = of_type("integer");
                if *least != i64::MIN {
                    number.put("minimum", *least);
                }
                if *most != i64::MAX {
                    number.put("maximum", *most);
                }
                acc.push(number);
            }
            Takes::Number(least, most) => acc.push(of_type("number").with("minimum", *least).with("maximum", *most)),
            Takes::Plain => acc.extend(["string", "number", "boolean"].map(of_type)),
            Takes::Word(words) => acc.push(of_type("string").with("enum", Json::from_iter(words.iter().copied()))),
            Takes::WordOr(words, beginning) => {
                acc.push(of_type("string").with("enum", Json::from_iter(words.iter().copied())));
                acc.push(of_type("string").with("pattern", format!("^{beginning}").as_str()));
            }
            Takes::Scaled(words) => {
                let pattern = format!("^({})\\(([12]?[0-9]|3[0-8])\\)$", words.join("|"));
                acc.push(of_type("string").with("pattern", pattern.as_str()));
            }
            Takes::Texts(least) => {
                acc.push(of_type("string"));
                acc.push(list(any_of(vec![of_type("string")], parameters), *least));
            }
            Takes::List(item, least) => {
                acc.push(list(self.value(item, place, parameters), *least));
                return false;
            }
            Takes::Table(keys) => {
                acc.push(self.table(keys, place, parameters));
                return false;
            }
            Takes::Tables(keys) => {
                let table = self.table(keys, place, parameters);
                let name = format!("{place}_table");
                self.defs.put(&name, table);
                let one = Object::default().with("$ref", format!("#/$defs/{name}").as_str());
                acc.push(list(one.clone(), 0));
                acc.push(one);
                return false;
            }
            // `{ parameter = … }` is a table itself.
            Takes::Either(all) => {
                let table = all.iter().any(|it| matches!(it, Takes::Table(_)));
                let plain: Vec<bool> = all.iter().map(|it| self.choices(it, place, parameters, acc)).collect();
                return !table && plain.contains(&true);
            }
        }
        true
    }
}

/// How names are spelt.
const NAME: &str = "^[A-Za-z][A-Za-z0-9_-]{0,99}$";

fn list(items: Object, least: usize) -> Object {
    let list = of_type("array").with("items", items);
    if least > 0 { list.with("minItems", least as i64) } else { list }
}

fn any_of(mut choices: Vec<Object>, parameter: bool) -> Object {
    if parameter {
        choices.push(Object::default().with("$ref", format!("#/$defs/{PARAMETER}").as_str()));
    }
    match choices.len() {
        1 => choices.remove(0),
        _ => Object::default().with("anyOf", Json::from_iter(choices)),
    }
}

/// Names of the keys of all variants, each once.
fn names(variants: &[Variant]) -> Vec<&'static str> {
    let mut acc = Vec::new();
    for key in variants.iter().flat_map(|it| it.keys) {
        if !acc.contains(&key.name) {
            acc.push(key.name);
        }
    }
    acc
}

/// Variants with the same keys, together.
fn grouped(variants: &[Variant]) -> Vec<Vec<&Variant>> {
    let mut acc: Vec<Vec<&Variant>> = Vec::new();
    for variant in variants {
        let same = |it: &&Variant| it.keys.as_ptr() == variant.keys.as_ptr() && it.keys.len() == variant.keys.len();
        match acc.iter_mut().find(|it| it.first().is_some_and(same)) {
            Some(group) => group.push(variant),
            None => acc.push(vec![variant]),
        }
    }
    acc
}

/// Whether the table is one of these variants.
fn chosen(by: &By, words: &[&str]) -> Object {
    let word = of_type("string").with("enum", Json::from_iter(words.iter().copied()));
    let said = holding(by.key, word);
    let Some(path) = by.ending_of else { return said };
    let any_case = |word: &&str| -> String {
        word.chars().map(|it| format!("[{}{}]", it.to_ascii_lowercase(), it.to_ascii_uppercase())).collect()
    };
    let endings: Vec<String> = words.iter().map(any_case).collect();
    let ending = of_type("string").with("pattern", format!("\\.({})$", endings.join("|")).as_str());
    let unsaid = Object::default().with("not", holding(by.key, Object::default()));
    of_type("object").with("anyOf", Json::from_iter([said, holding(path, ending).and(unsaid)]))
}

/// A table with a key that holds this.
fn holding(key: &str, value: Object) -> Object {
    of_type("object").with("properties", Object::default().with(key, value)).with("required", Json::from_iter([key]))
}

/// That one of several keys is there.
fn needs(table: &mut Object, needs: &[Need]) {
    let one_of = |need: &Need| {
        let all = need.one_of.iter().map(|it| holding(it, Object::default()));
        Object::default().with("anyOf", Json::from_iter(all))
    };
    let mut beside = Object::default();
    for need in needs {
        match need.beside {
            Some(key) => beside.put(key, one_of(need)),
            None => *table = std::mem::take(table).and(one_of(need)),
        }
    }
    if !beside.is_empty() {
        table.put("dependentSchemas", beside);
    }
}
