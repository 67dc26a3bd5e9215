//! Lists under a key: of plain values, of texts, and of lists of these.

use std::borrow::Cow;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::expr::Literal;
use crate::fields::{Fields, Value, WRONG_TYPE, joined};
use crate::problem::Problem;
use crate::span::Span;

impl<'t> Fields<'t> {
    /// A list of tables under `key`: `[[expect.x]]`, or one table.
    pub fn tables(&mut self, key: &str) -> Vec<Fields<'t>> {
        let Some(value) = self.ask(key) else { return Vec::new() };
        let items: Vec<Value<'t>> = match value.get_ref() {
            DeValue::Array(items) => items.iter().collect(),
            DeValue::Table(table) if self.are_named(key, table) => {
                table.iter().for_each(|(name, _)| self.named(key, name));
                return Vec::new();
            }
            _ => vec![value],
        };
        let mut acc = Vec::new();
        for (index, item) in items.into_iter().enumerate() {
            match item.get_ref() {
                DeValue::Table(table) => acc.push(self.beneath(table, item.span(), key, &format!("{key}.{index}"))),
                _ => self.wrong_type(item, key),
            }
        }
        acc
    }

    /// Whether what stands in the place of a list is a table of tables, whose names somebody chose.
    fn are_named(&self, key: &str, table: &DeTable<'t>) -> bool {
        let keys = self.takes(key).table().map_or(&[][..], |it| it.keys);
        let chosen = |name: &str, value: &DeValue<'t>| {
            matches!(value, DeValue::Table(_)) && !keys.iter().any(|it| it.name == name)
        };
        !table.is_empty() && table.iter().all(|(name, value)| chosen(name.get_ref(), value.get_ref()))
    }

    /// Reports one of a list that has its name in its heading.
    fn named(&self, key: &str, name: &Spanned<Cow<'t, str>>) {
        let (list, called) = (joined(&self.path, key), name.get_ref());
        let mut keys = self.takes(key).table().into_iter().flat_map(|it| it.keys);
        let own = keys.find(|it| it.required).map(|it| format!(", and `{} = \"{called}\"` below it", it.name));
        let message =
            format!("`[{list}.{called}]` is an item of a list, and such items have no names in their headings");
        let problem = Problem::new(&WRONG_TYPE, message).label(&self.reader.span(name.span()), "this name");
        self.reader.report(problem.help(format!("write `[[{list}]]`{}", own.unwrap_or_default())));
    }

    /// Whether there is a list without items under `key`.
    pub fn is_empty_list(&self, key: &str) -> bool {
        self.table.get(key).is_some_and(|it| matches!(it.get_ref(), DeValue::Array(items) if items.is_empty()))
    }

    /// Whether there is a list under `key`.
    pub fn is_list(&self, key: &str) -> bool {
        self.table.get(key).is_some_and(|it| matches!(it.get_ref(), DeValue::Array(_)))
    }

    /// Whether there is a text under `key`.
    pub fn is_text(&self, key: &str) -> bool {
        self.table.get(key).is_some_and(|it| matches!(it.get_ref(), DeValue::String(_)))
    }

    /// Whether there is a table under `key`.
    pub fn is_table(&self, key: &str) -> bool {
        self.table.get(key).is_some_and(|it| matches!(it.get_ref(), DeValue::Table(_)))
    }

    /// A table of lists of texts, in order; empty when not there.
    pub fn lists(&mut self, key: &str) -> Vec<(String, Vec<String>)> {
        let Some(mut table) = self.table(key) else { return Vec::new() };
        table.keys().into_iter().map(|name| (name.clone(), table.words(&name))).collect()
    }

    /// A list of plain values; empty when not there.
    pub fn values(&mut self, key: &str) -> Vec<Literal> {
        let Some(value) = self.ask(key) else { return Vec::new() };
        let DeValue::Array(items) = value.get_ref() else {
            self.wrong_type(value, key);
            return Vec::new();
        };
        let mut acc = Vec::new();
        for item in items.iter() {
            match self.literal(item) {
                Some(it) => acc.push(it),
                None => self.wrong_type(item, key),
            }
        }
        acc
    }

    /// A list of lists of plain values; empty when not there.
    pub fn nested_values(&mut self, key: &str) -> Vec<Vec<Literal>> {
        let Some(value) = self.ask(key) else { return Vec::new() };
        let DeValue::Array(lists) = value.get_ref() else {
            self.wrong_type(value, key);
            return Vec::new();
        };
        let values = |list: Value<'t>| match list.get_ref() {
            DeValue::Array(items) => items.iter().map(|it| self.literal(it)).collect::<Option<Vec<_>>>(),
            _ => None,
        };
        let mut acc = Vec::new();
        for list in lists.iter() {
            match values(list) {
                Some(it) => acc.push(it),
                None => self.wrong_type(list, key),
            }
        }
        acc
    }

    /// A list whose items are texts or lists of texts; empty when not there.
    pub fn nested_texts(&mut self, key: &str) -> Vec<Vec<(String, Span)>> {
        let Some(value) = self.ask(key) else { return Vec::new() };
        match value.get_ref() {
            DeValue::Array(items) => items.iter().map(|it| self.texts_of(it, key)).collect(),
            _ => vec![self.texts_of(value, key)],
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::sync::Arc;

    use crate::fields::keys::{Key, Keys, Takes};
    use crate::fields::{Parameters, Reader};

    const GATE: Keys =
        Keys::of(&[Key::required("id", Takes::Text, "its name"), Key::new("metric", Takes::Table(&Keys::of(&[])), "")]);
    const KEYS: Keys = Keys::of(&[Key::new("gate", Takes::Tables(&GATE), "")]);

    /// What is told, with the help, and how many tables are read.
    fn read(text: &str) -> (Vec<(String, String)>, usize) {
        let reader = Reader::new(&Arc::new(PathBuf::from("x.toml")), Parameters::new());
        let table = reader.parse(text);
        let read = reader.fields(&table, &KEYS).tables("gate").len();
        let told = reader.finish().0.into_iter().map(|it| (it.message, it.help.unwrap_or_default()));
        (told.collect(), read)
    }

    #[test]
    fn one_of_a_list_has_no_name_in_its_heading() {
        let message = "`[gate.x]` is an item of a list, and such items have no names in their headings";
        let help = "write `[[gate]]`, and `id = \"x\"` below it";
        assert_eq!(read("[gate.x]\nid = 'y'\n"), (vec![(message.to_owned(), help.to_owned())], 0));
        assert_eq!(read("[gate.x]\n[gate.y]\n").0.len(), 2, "each of them");
        for fine in ["[[gate]]\nid = 'x'\n", "[gate]\nid = 'x'\n", "[gate.metric]\n"] {
            assert_eq!(read(fine), (Vec::new(), 1), "{fine}");
        }
    }
}
