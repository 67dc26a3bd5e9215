//! Lists under a key: of plain values, of texts, and of lists of these.

use toml::de::DeValue;

use crate::expr::Literal;
use crate::fields::{Fields, Value};
use crate::span::Span;

impl<'t> Fields<'t> {
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
