//! Expressions in TOML: parameters are put in, and what a profile knows is told.

use std::collections::BTreeMap;

use crate::expr::aggregate::Aggregated;
use crate::expr::custom::{Custom, Customs};
use crate::expr::parse::{NotAnExpression, parse_aggregated_with, parse_with};
use crate::expr::{Expr, Literal, Settings, Untold};
use crate::fields::{EXPRESSION, Fields, UNKNOWN_PARAMETER, WRONG_VALUE};
use crate::finding::mistaken;
use crate::model::Type;
use crate::problem::did_you_mean;
use crate::profile::{UNKNOWN_ENRICH, UNKNOWN_LOOKUP};

impl Fields<'_> {
    /// An expression, if there; `$name` stands for a parameter. Where a value function lacks its last argument it is
    /// told what the profile says: `match_key(name)`, `phone(number)`; lookups are named: `lookup(area, 'province')`.
    pub fn expr(&mut self, key: &str) -> Option<Expr> {
        self.told(key, parse_with, Expr::told)
    }

    /// An expression over several rows, if there; parameters and profile as in [`Fields::expr`].
    pub fn aggregated(&mut self, key: &str) -> Option<Aggregated> {
        self.told(key, parse_aggregated_with, Aggregated::told)
    }

    /// What is read of the text of a key, and told what the profile knows.
    fn told<T>(
        &mut self,
        key: &str,
        parse: fn(&str, &Customs) -> Result<T, NotAnExpression>,
        told: fn(T, &Settings) -> Result<T, Untold>,
    ) -> Option<T> {
        let text = self.written_text(key)?;
        let text = self.with_parameters(&text, key)?;
        let read = parse(&text, &self.reader.customs.borrow());
        match read {
            Ok(expr) => match told(expr, &self.reader.settings.borrow()) {
                Ok(expr) => Some(expr),
                Err(untold) => {
                    self.untold(key, &untold);
                    None
                }
            },
            Err(error) => {
                self.problem(&EXPRESSION, key, error.message, "in this expression", error.help);
                None
            }
        }
    }

    /// What a declared function gives: over its arguments, which go by their names, and calling those that were declared
    /// before. What is wrong with it is told.
    pub fn custom(&mut self, key: &str, takes: Vec<(String, Type)>) -> Option<Custom> {
        // Where it is called the profile is asked again.
        let mut custom = Custom { takes, gives: self.expr(key)? };
        let known = custom.schema();
        if let Err(mistake) = custom.check() {
            let found = mistaken("the function", &known, mistake, key);
            self.problem(found.code, key, found.message, &found.label, found.help);
            return None;
        }
        let text = self.written_text(key)?;
        let text = self.with_parameters(&text, key)?;
        custom.gives = parse_with(&text, &self.reader.customs.borrow()).ok()?;
        Some(custom)
    }

    /// The declared functions whose names `is_called` knows, each told what the profile says.
    pub fn functions(&self, is_called: &dyn Fn(&str) -> bool) -> Vec<(String, Custom)> {
        let (customs, settings) = (self.reader.customs.borrow(), self.reader.settings.borrow());
        let told = |(name, it): (&String, &Custom)| {
            let gives = it.gives.clone().told(&settings).ok()?;
            Some((name.clone(), Custom { takes: it.takes.clone(), gives }))
        };
        customs.iter().filter(|(name, _)| is_called(name)).filter_map(told).collect()
    }

    /// A day that must be there, as `2025-06-30`; `$name` stands for a parameter.
    pub fn required_day(&mut self, key: &str) -> Option<jiff::civil::Date> {
        let written = self.required_text(key)?;
        let day = written.parse().ok();
        if day.is_none() {
            let help = format!("write a day, as `2025-06-30`, or a parameter with a day: `{key} = \"$day\"`");
            self.problem(&WRONG_VALUE, key, format!("`{key}` is not a day"), "this text", Some(help));
        }
        day
    }

    /// The value of a parameter that the text of `key` names; what is not declared is told.
    pub fn parameter(&self, name: &str, key: &str) -> Option<Literal> {
        let parameters = self.reader.parameters.borrow();
        let value = parameters.get(name).cloned();
        if value == Some(Literal::Null) {
            return None; // Its declaration cannot be read, which has been told.
        }
        if value.is_none() {
            let help = did_you_mean(name, parameters.keys().map(String::as_str));
            let help = help.unwrap_or_else(|| format!("declare it: `[parameters] {name} = …`"));
            let message = format!("there is no parameter `{name}`");
            self.problem(&UNKNOWN_PARAMETER, key, message, "named here", Some(help));
        }
        value
    }

    /// Says that no profile knows what the expression names.
    fn untold(&self, key: &str, untold: &Untold) {
        let Settings { lookups, enrich, .. } = &*self.reader.settings.borrow();
        fn near<V>(name: &str, known: &BTreeMap<String, V>) -> Option<String> {
            did_you_mean(name, known.keys().map(String::as_str))
        }
        let (code, message, help) = match untold {
            Untold::Lookup(name) => {
                let message = format!("no profile declares the lookup `{}`", name.escape_debug());
                (&UNKNOWN_LOOKUP, message, near(name, lookups).unwrap_or_else(|| format!("add `[lookup.{name}]`")))
            }
            Untold::Enrich(name) => {
                let message = format!("no profile says with what `{}` enriches", name.escape_debug());
                (&UNKNOWN_ENRICH, message, near(name, enrich).unwrap_or_else(|| format!("add `[enrich.{name}]`")))
            }
            Untold::Value(table, value) => {
                let message = format!("`[enrich.{table}]` has nothing for `{}`", value.escape_debug());
                let near = enrich.get(table).and_then(|it| near(value, it));
                (&UNKNOWN_ENRICH, message, near.unwrap_or_else(|| format!("add it under `[enrich.{table}]`")))
            }
            Untold::Unnamed => {
                let message = "`enrich` takes the name of its table in single quotes".to_owned();
                (&UNKNOWN_ENRICH, message, "such as `enrich(role, 'rank')` for `[enrich.rank]`".to_owned())
            }
        };
        self.problem(code, key, message, "named here", Some(help));
    }

    /// Replaces `$name` outside of quotes by the literal it stands for.
    fn with_parameters(&self, text: &str, key: &str) -> Option<String> {
        if !text.contains('$') {
            return Some(text.to_owned());
        }
        let mut out = String::new();
        // A text in single quotes, or a name in double ones; the other sign means nothing inside.
        let mut quoted = None;
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            rest = &rest[c.len_utf8()..];
            match quoted {
                None if matches!(c, '\'' | '"') => quoted = Some(c),
                Some(open) if open == c => quoted = None,
                _ => (),
            }
            if c != '$' || quoted.is_some() {
                out.push(c);
                continue;
            }
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            let (name, after) = rest.split_at(end);
            rest = after;
            match self.parameter(name, key)? {
                Literal::Text(it) => out.push_str(&format!("'{}'", it.replace('\'', "''"))),
                Literal::Integer(it) => out.push_str(&it.to_string()),
                Literal::Number(it) => out.push_str(&it),
                Literal::Boolean(it) => out.push_str(&it.to_string()),
                Literal::Null => out.push_str("null"),
            }
        }
        Some(out)
    }
}
