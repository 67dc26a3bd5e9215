//! `normalise`: brings values to their normal form, each column by what its values are.
//!
//! ```toml
//! [step.clean]
//! kind = "normalise"
//! from = "schools"
//!
//! [step.clean.columns]          # in addition to what the profile's fields say
//! contact_phone = "phones"
//!
//! [step.clean.placeholders]     # what is no value in one column, in addition to the profile's
//! contact_phone = ["later", "TBC"]
//! ```
//!
//! `decimal_comma` says for all of its columns what stands before decimals, `comma` and `point` for single ones. What is
//! not said is not guessed: numbers are read with a point, and where values leave that open or speak against it, it is
//! told.
//!
//! Placeholders (`n/a`, `-`, …) become null first. What has no normal form becomes null. Each column is a value
//! function of its own column alone, so a changed column is made again without the others.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::border::Evidence;
use crate::expr::Expr;
use crate::fields::keys::{Key, Keys, Takes};
use crate::fields::{Fields, WRONG_VALUE};
use crate::model::Type;
use crate::profile::{DateOrder, Profile, UNKNOWN_LOOKUP, Value};
use crate::relation::Relation;
use crate::steps::columns::{FROM, known, one_input, suggest};
use crate::steps::{DECIMAL_SIGN, Decoded, Finding, Input, Kind, Lowered, Spec, UNSET};

pub(super) const KIND: Kind = Kind {
    name: "normalise",
    revision: 1,
    summary: "brings values to their normal form, each column by what its values are",
    keys: KEYS,
    decode,
};

const KEYS: &[Key] = &[
    FROM,
    Key::new("columns", Takes::Table(&COLUMNS), "for a column, what its values are; wins over the profile's field"),
    Key::new(
        "region",
        Takes::Text,
        "two letters of ISO 3166: where telephone numbers without a country code are dialled",
    ),
    Key::new("placeholders", Takes::Table(&PLACEHOLDERS), "for a column, texts that are no values there"),
    Key::new("decimal_comma", Takes::Flag, "whether decimals have a comma; else what `[normal]` says"),
    Key::new("comma", Takes::TEXTS, "columns whose decimals have a comma, whatever all others have"),
    Key::new("point", Takes::TEXTS, "columns whose decimals have a point, whatever all others have"),
];

const COLUMNS: Keys = Keys::any(Value::TAKES, "a column, and what its values are");
const PLACEHOLDERS: Keys = Keys::any(Takes::TEXTS, "a column, and texts that are no values there");

#[derive(Debug, Serialize)]
struct Normalise {
    /// Declared in the step: these columns must be there.
    declared: Vec<(String, Value)>,
    /// From the profile: these are taken where they are there.
    fields: Vec<(String, Value)>,
    region: Option<String>,
    date_order: Option<DateOrder>,
    /// Whether decimals have a comma; `None` when nobody says.
    decimal_comma: Option<bool>,
    comma: Vec<String>,
    point: Vec<String>,
    placeholders: Vec<String>,
    /// For single columns, what is no value there.
    own_placeholders: BTreeMap<String, Vec<String>>,
    lookups: Vec<(String, String)>,
}

fn decode(fields: &mut Fields, profile: &Profile) -> Option<Decoded> {
    let inputs = one_input(fields, "from");
    let mut declared = Vec::new();
    if let Some(mut table) = fields.table("columns") {
        for name in table.keys() {
            let Some(word) = table.text(&name) else { continue };
            match Value::parse(&word) {
                Some(Value::Lookup(lookup)) if !profile.lookups.contains_key(&lookup) => {
                    let help = suggest(&lookup, profile.lookups.keys().map(String::as_str));
                    let message = format!("no profile declares the lookup `{lookup}`");
                    table.problem(&UNKNOWN_LOOKUP, &name, message, "named here", help);
                }
                Some(value) => declared.push((name, value)),
                None => {
                    let known: Vec<_> = Value::names().collect();
                    let help = suggest(&word, known.iter().copied())
                        .unwrap_or_else(|| format!("it takes {}, lookup:NAME", known.join(", ")));
                    let message = format!("there are no values of kind `{word}`");
                    table.problem(&WRONG_VALUE, &name, message, "this kind", Some(help));
                }
            }
        }
    }
    let all = profile.fields.iter().map(|(name, field)| (name.clone(), field.value.clone()));
    let all: Vec<_> = all.filter(|(name, _)| !declared.iter().any(|(it, _)| it == name)).collect();
    let region = fields.text("region").or_else(|| profile.region.clone());
    let used = declared.iter().chain(&all).filter_map(|(_, it)| match it {
        Value::Lookup(name) => Some(name.clone()),
        _ => None,
    });
    let mut lookups: Vec<_> = used.filter_map(|it| profile.lookup_lines(&it).map(|lines| (it, lines))).collect();
    lookups.sort();
    lookups.dedup();
    let decimal_comma = fields.has("decimal_comma").then(|| fields.flag("decimal_comma", false));
    let own_placeholders = fields.lists("placeholders").into_iter().collect();
    let (comma, point) = (fields.words("comma"), fields.words("point"));
    let spec = Normalise {
        declared,
        fields: all,
        region,
        date_order: profile.date_order,
        decimal_comma: decimal_comma.or(profile.decimal_comma),
        comma,
        point,
        placeholders: profile.placeholders.clone(),
        own_placeholders,
        lookups,
    };
    Some(Decoded::new(inputs?, spec))
}

impl Spec for Normalise {
    fn lower(&self, inputs: &[Input<'_>], findings: &mut Vec<Finding>) -> Option<Lowered> {
        let input = &inputs[0];
        let before = findings.len();
        for (name, _) in &self.declared {
            known(input, name, &format!("columns.{name}"), findings);
        }
        for (key, names) in [("comma", &self.comma), ("point", &self.point)] {
            for name in names {
                known(input, name, key, findings);
            }
        }
        for name in self.own_placeholders.keys() {
            known(input, name, &format!("placeholders.{name}"), findings);
        }
        let mut warnings = Vec::new();
        let mut columns = Vec::new();
        for column in &input.schema.columns {
            let values = self.declared.iter().chain(&self.fields);
            let value = values.clone().find(|(name, _)| *name == column.name).map(|(_, it)| it);
            if value == Some(&Value::Decimal) {
                warnings.extend(input.evidence.get(&column.name).and_then(|it| self.doubt(&column.name, it)));
            }
            let expr = match value {
                Some(value) => match self.normal(value, &column.name, column.ty) {
                    Ok(expr) => expr,
                    Err(unset) => {
                        let message = format!("`{}` cannot be normalised: no {unset} is set", column.name);
                        let help = format!("set `{unset}` in the profile's `[normal]`");
                        findings.push(Finding::new(&UNSET, "", message).label("in this step").help(help));
                        continue;
                    }
                },
                None => Expr::column(&column.name),
            };
            columns.push((column.name.clone(), expr));
        }
        let sound = findings.len() == before;
        findings.extend(warnings);
        sound.then(|| Relation::scan(0, input.schema).project(columns).into())
    }
}

impl Normalise {
    /// Whether the decimals of a column have a comma, as far as somebody says.
    fn has_comma(&self, column: &str) -> Option<bool> {
        let named = |names: &[String]| names.iter().any(|it| it == column);
        match (named(&self.comma), named(&self.point)) {
            (true, _) => Some(true),
            (_, true) => Some(false),
            _ => self.decimal_comma,
        }
    }

    /// What the first values of a column say against how its decimals are read.
    fn doubt(&self, column: &str, found: &Evidence) -> Option<Finding> {
        let said = self.has_comma(column);
        let (own, others, fitting, unfit) = match said {
            Some(true) => ("comma", "point", found.commas, found.points),
            _ => ("point", "comma", found.points, found.commas),
        };
        let numbers = |count: u64| if count == 1 { "1 number".to_owned() } else { format!("{count} numbers") };
        let column = column.escape_debug();
        let message = if unfit > fitting {
            let has = if unfit == 1 { "has" } else { "have" };
            format!("{} of `{column}` {has} a decimal {others}, and decimals are read with a {own}", numbers(unfit))
        } else if said.is_none() && found.either > 0 && found.points == 0 {
            let tell = "and no other value tells which";
            format!("{} of `{column}` can be read with a decimal point and with a comma, {tell}", numbers(found.either))
        } else {
            return None;
        };
        let help = format!("say it in the step: `comma = [\"{column}\"]` or `point = [\"{column}\"]`");
        Some(Finding::new(&DECIMAL_SIGN, "", message).label("in this step").help(help))
    }

    fn normal(&self, value: &Value, column: &str, ty: Type) -> Result<Expr, &'static str> {
        let wanted = match value {
            Value::Date => Type::Date,
            Value::Integer => Type::Integer,
            Value::Decimal => Type::Float,
            Value::Boolean => Type::Boolean,
            _ => Type::Text,
        };
        let here = Expr::column(column);
        if ty == wanted && ty != Type::Text {
            return Ok(here);
        }
        let text = if ty == Type::Text { here } else { Expr::Cast(Box::new(here), Type::Text) };
        let own = self.own_placeholders.get(column).into_iter().flatten();
        let listed: Vec<&str> = self.placeholders.iter().chain(own).map(String::as_str).collect();
        let text = match listed.is_empty() {
            true => text,
            false => Expr::call("unless_listed", [text, Expr::text(listed.join("\n"))]),
        };
        let one = |function: &str, text: Expr| Ok(Expr::call(function, [text]));
        match value {
            Value::Text => one("clean", text),
            Value::Line => one("line", text),
            Value::OrganisationName => one("organisation_name", text),
            Value::PersonName => one("person_name", text),
            Value::PersonRole => one("person_role", text),
            Value::Email => one("email", text),
            Value::Emails => one("emails", text),
            Value::Website => one("website", text),
            Value::Slug => one("slug", text),
            Value::Phone | Value::Phones => {
                let region = self.region.as_ref().ok_or("region")?;
                let function = if *value == Value::Phone { "phone" } else { "phones" };
                Ok(Expr::call(function, [text, Expr::text(region)]))
            }
            Value::Date => {
                let order = self.date_order.ok_or("date_order")?;
                let date = Expr::call("date", [text, Expr::text(order.word())]);
                Ok(Expr::Cast(Box::new(date), Type::Date))
            }
            Value::Integer => {
                let comma = self.has_comma(column) == Some(true);
                let text = if comma { Expr::call("decimal", [text, Expr::text(",")]) } else { text };
                Ok(Expr::Cast(Box::new(Expr::call("integer", [text])), Type::Integer))
            }
            Value::Decimal => {
                let mark = if self.has_comma(column) == Some(true) { "," } else { "." };
                let number = Expr::call("decimal", [text, Expr::text(mark)]);
                Ok(Expr::Cast(Box::new(number), Type::Float))
            }
            Value::Boolean => Ok(Expr::Cast(Box::new(Expr::call("boolean", [text])), Type::Boolean)),
            Value::Lookup(name) => {
                let lines = self.lookups.iter().find(|(it, _)| it == name).map(|(_, it)| it).ok_or("lookup")?;
                Ok(Expr::call("lookup", [text, Expr::text(lines)]))
            }
        }
    }
}
