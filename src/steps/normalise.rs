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
//! `decimal_comma` says for all of its columns what stands before decimals, `comma` and `point` for single ones, and
//! `day_first`, `month_first` and `year_first` which order dates have. Of a column of which nothing is said all values decide
//! (`orders`), and where they leave it open, or speak against what is usual, it is told.
//!
//! Placeholders (`n/a`, `-`, …) become null first. What has no normal form becomes null. Each column is a value
//! function of its own column alone, so a changed column is made again without the others.

mod currencies;
mod orders;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::expr::{Expr, Literal};
use crate::fields::keys::{Key, Keys, Takes, words};
use crate::fields::{Fields, WRONG_VALUE};
use crate::finding::mistaken;
use crate::model::{Column, SOURCE, Type};
use crate::profile::{DateOrder, PRECISIONS, Profile, UNKNOWN_LOOKUP, Value};
use crate::relation::forms::{Question, counted};
use crate::relation::{Relation, Written};
use crate::steps::columns::{FROM, known, one_input, suggest};
use crate::steps::{Decoded, Finding, Input, Kind, Lowered, Notice, Spec, UNSET, losses};

use orders::{CODES, Open, Writing};

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
    Key::new("comma", Takes::TEXTS, "columns with a decimal comma, also if the other columns have a point"),
    Key::new("point", Takes::TEXTS, "columns with a decimal point, also if the other columns have a comma"),
    Key::new("day_first", Takes::TEXTS, "columns whose dates have the day before the month: `31/12/2025`"),
    Key::new("month_first", Takes::TEXTS, "columns whose dates have the month before the day: `12/31/2025`"),
    Key::new("year_first", Takes::TEXTS, "columns whose dates begin with a year of two digits: `25/12/31`"),
    Key::new("date_precision", Takes::Word(&words(&PRECISIONS)), "what makes a date; else what `[normal]` says"),
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
    /// What value functions are told of dates behind their order.
    #[serde(skip_serializing_if = "String::is_empty")]
    dates: String,
    /// Whether decimals have a comma, by the step.
    decimal_comma: Option<bool>,
    /// Whether they usually have, by the profile.
    usual_comma: Option<bool>,
    comma: Vec<String>,
    point: Vec<String>,
    day_first: Vec<String>,
    month_first: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    year_first: Vec<String>,
    placeholders: Vec<String>,
    /// Words for money and endings that multiply, one a line.
    money: String,
    /// Words for what is true and what is not, as `boolean` takes them.
    truth: String,
    /// How letters are written with those of English, one a line.
    #[serde(skip_serializing_if = "String::is_empty")]
    letters: String,
    /// Forms of postcodes, one a line.
    #[serde(skip_serializing_if = "String::is_empty")]
    postcodes: String,
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
                    let help = column_first(&word)
                        .or_else(|| suggest(&word, known.iter().copied()))
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
    let (day_first, month_first) = (fields.words("day_first"), fields.words("month_first"));
    let year_first = fields.words("year_first");
    contradictions(fields, &[("comma", &comma), ("point", &point)]);
    contradictions(fields, &[("day_first", &day_first), ("month_first", &month_first), ("year_first", &year_first)]);
    let precision = fields.choice("date_precision", &PRECISIONS);
    let spec = Normalise {
        declared,
        fields: all,
        region,
        date_order: profile.date_order,
        dates: profile.date_style(precision.or(profile.date_precision)),
        decimal_comma,
        usual_comma: profile.decimal_comma,
        comma,
        point,
        day_first,
        month_first,
        year_first,
        placeholders: profile.placeholders.clone(),
        money: profile.numbers().join("\n"),
        truth: profile.truth(),
        letters: profile.letters(),
        postcodes: profile.postcodes.join("\n"),
        own_placeholders,
        lookups,
    };
    Some(Decoded::new(inputs?, spec))
}

/// Tells of columns that stand in two keys of which only one can be true.
fn contradictions(fields: &mut Fields, keys: &[(&str, &[String])]) {
    for (at, (key, names)) in keys.iter().enumerate() {
        for name in *names {
            let Some((other, _)) = keys[..at].iter().find(|(_, it)| it.contains(name)) else { continue };
            let help = "the values of a column are written in one way: name it in one of the two keys".to_owned();
            fields.problem(
                &WRONG_VALUE,
                key,
                format!("`{name}` is in `{other}` and in `{key}`"),
                "again here",
                Some(help),
            );
        }
    }
}

/// What was meant by `decimal(Amount)`: the column stands before the sign, and what its values are behind it.
fn column_first(word: &str) -> Option<String> {
    let (kind, column) = word.strip_suffix(')')?.split_once('(')?;
    let column = column.trim();
    Value::parse(kind.trim()).filter(|_| !column.is_empty() && column.parse::<u64>().is_err())?;
    let key = if column.bytes().all(is_bare) { column.to_owned() } else { format!("{column:?}") };
    let kind = kind.trim();
    Some(format!("the column comes first: `{key} = \"{kind}\"`; a step of kind `map` before it gives it another name"))
}

/// Whether a key of TOML may have it without quotation marks.
fn is_bare(it: u8) -> bool {
    it.is_ascii_alphanumeric() || matches!(it, b'_' | b'-')
}

impl Spec for Normalise {
    fn lower(&self, inputs: &[Input<'_>], findings: &mut Vec<Finding>) -> Option<Lowered> {
        let input = &inputs[0];
        let before = findings.len();
        for (name, _) in &self.declared {
            known(input, name, &format!("columns.{name}"), findings);
        }
        for (key, names) in [
            ("comma", &self.comma),
            ("point", &self.point),
            ("day_first", &self.day_first),
            ("month_first", &self.month_first),
            ("year_first", &self.year_first),
        ] {
            for name in names {
                known(input, name, key, findings);
            }
        }
        for name in self.own_placeholders.keys() {
            known(input, name, &format!("placeholders.{name}"), findings);
        }
        let sources = sources(input);
        let (mut columns, mut open) = (Vec::new(), Vec::new());
        for column in &input.schema.columns {
            let values = self.declared.iter().chain(&self.fields);
            let value = values.clone().find(|(name, _)| *name == column.name).map(|(_, it)| it);
            let expr = match value {
                Some(value) => match self.normal(value, column, input, &sources, &mut open) {
                    Ok(expr) => match expr.aware(input.written) {
                        Ok(expr) => expr,
                        Err(mistake) => {
                            findings.push(mistaken(input.name, input.schema, mistake, ""));
                            continue;
                        }
                    },
                    Err(unset) => {
                        let message = format!("`{}` cannot be normalised: no {unset} is set", column.name);
                        let help = format!("write {} under `[normal]`, here or in the profile", line_of(unset));
                        findings.push(Finding::new(&UNSET, "", message).label("in this step").help(help));
                        continue;
                    }
                },
                None => Expr::column(&column.name),
            };
            columns.push((column.name.clone(), expr));
        }
        if findings.len() > before {
            return None;
        }
        let told = open.iter().flat_map(|it| it.told(&sources));
        let told = told.chain(self.priced(input)).chain(losses::of(&columns, input)).collect();
        let questions: Vec<Question> = open.iter().map(Open::question).collect();
        let relation = counted(Relation::scan(0, input.schema), &questions, &sources).project(columns);
        Some(Lowered { told, ..relation.into() })
    }
}

/// The line that sets a key of `[normal]`.
fn line_of(key: &str) -> &'static str {
    match key {
        "region" => "`region = \"XX\"`, with the two letters of the country,",
        _ => "it",
    }
}

/// The sources that are told apart, where rows of several meet; one without a name where they do not. Rows that were merged
/// of several name none of them, so they stand for one more, without a name.
fn sources<'a>(input: &Input<'a>) -> Vec<Option<&'a str>> {
    match input.sources.len() {
        0 | 1 => vec![None],
        _ if !input.schema.has(SOURCE) => vec![None],
        _ => {
            let merged = input.schema.has(crate::steps::merge::ROWS).then_some(None);
            input.sources.keys().map(|it| Some(it.as_str())).chain(merged).collect()
        }
    }
}

/// Who is asked how values are written.
struct Asked<'a, 's> {
    /// The sources that are asked apart.
    sources: &'a [Option<&'s str>],
    /// The columns that are asked.
    open: &'a mut Vec<Open>,
    /// Of which texts that is known.
    written: &'a BTreeMap<String, Written>,
    /// The columns whose texts took their forms along.
    formed: &'a BTreeSet<String>,
}

impl Normalise {
    /// What is counted of currencies beside numbers.
    fn priced(&self, input: &Input<'_>) -> Vec<Notice> {
        let texts = input.schema.columns.iter().filter(|it| it.ty == Type::Text);
        let priced = texts.filter_map(|it| {
            let (_, value) = self.declared.iter().chain(&self.fields).find(|(name, _)| *name == it.name)?;
            matches!(value, Value::Integer | Value::Decimal | Value::Exact(_)).then_some(&it.name)
        });
        priced.map(|it| currencies::told(it, &Expr::column(it), input.evidence.get(it))).collect()
    }

    /// How a column is written, as far as the step declares it.
    fn declared_way(&self, column: &str, writing: Writing) -> Option<&'static str> {
        let named = |names: &[String]| names.iter().any(|it| it == column);
        let usual = match writing {
            Writing::Sign => self.decimal_comma.map(|it| if it { "," } else { "." }),
            Writing::Order(_) | Writing::Codes => None,
        };
        let declared: &[(&[String], &str)] = match writing {
            Writing::Order(_) => &[
                (&self.year_first, DateOrder::YearFirst.word()),
                (&self.month_first, DateOrder::MonthFirst.word()),
                (&self.day_first, DateOrder::DayFirst.word()),
            ],
            Writing::Sign => &[(&self.comma, ","), (&self.point, ".")],
            Writing::Codes => &[],
        };
        declared.iter().find(|(names, _)| named(names)).map(|(_, way)| *way).or(usual)
    }

    /// How the values of a column are written, as value functions are told. What is declared nowhere is asked of them.
    fn way(&self, column: &str, text: &Expr, writing: Writing, asked: Asked<'_, '_>) -> Expr {
        let Asked { sources, open, written, formed } = asked;
        let usual = match writing {
            Writing::Order(_) => self.date_order.map(|it| usize::from(it != DateOrder::DayFirst)),
            Writing::Sign => self.usual_comma.map(usize::from),
            Writing::Codes => None,
        };
        if let Some(way) = self.declared_way(column, writing) {
            return self.with_words(Expr::text(way), writing);
        }
        // Without a word about dates there is nothing to begin with; numbers begin with a point.
        let is_said = usual.is_some();
        let usual = usual.or((writing == Writing::Sign).then_some(0));
        let money = self.money.clone();
        let mut it = Open { column: column.to_owned(), text: text.clone(), writing, usual, is_said, money };
        let mut way = it.way(sources);
        match formed.contains(column) {
            true => [it.text, way] = it.text.unless_formed(writing.ways(), way, written),
            false => it.text = it.text.unless_number(written),
        }
        open.push(it);
        self.with_words(way, writing)
    }

    /// Codes of countries or languages: what is a placeholder for all columns may be one of them, as that of Namibia is, in
    /// a column that has nothing but codes beside it.
    fn code(&self, value: &Value, column: &str, text: Expr, asked: Asked<'_, '_>) -> Expr {
        let function = if *value == Value::Country { "country" } else { "language" };
        let is_code = |it: &&str| match value {
            Value::Country => crate::text::codes::country(it).is_some(),
            _ => crate::text::codes::language(it).is_some(),
        };
        let Expr::Call(_, arguments) = &text else { return Expr::call(function, [text]) };
        let own = self.own_placeholders.get(column).into_iter().flatten().map(String::as_str);
        let all = self.placeholders.iter().map(String::as_str);
        let kept: Vec<&str> = all.filter(|it| !(it.trim().len() == 2 && is_code(it))).chain(own).collect();
        if kept.len() == self.placeholders.len() + self.own_placeholders.get(column).map_or(0, Vec::len) {
            return Expr::call(function, [text]);
        }
        let (writing, money) = (Writing::Codes, String::new());
        let open =
            Open { column: column.to_owned(), text: text.clone(), writing, usual: Some(0), is_said: true, money };
        let among_codes = Expr::call("=", [open.way(asked.sources), Expr::text(CODES)]);
        asked.open.push(open);
        let code = Expr::call("unless_listed", [arguments[0].clone(), Expr::text(kept.join("\n"))]);
        Expr::call(function, [Expr::Case(vec![(among_codes, code)], Some(Box::new(text)))])
    }

    /// Words for money go with the sign of numbers, those of dates with their order.
    fn with_words(&self, way: Expr, writing: Writing) -> Expr {
        let words = match writing {
            Writing::Order(_) => self.dates.clone(),
            Writing::Sign if self.money.is_empty() => String::new(),
            Writing::Sign => format!("\n{}", self.money),
            Writing::Codes => String::new(),
        };
        match way {
            way if words.is_empty() => way,
            Expr::Literal(Literal::Text(way)) => Expr::text(format!("{way}{words}")),
            way => Expr::call("||", [way, Expr::text(words)]),
        }
    }

    fn normal(
        &self,
        value: &Value,
        column: &Column,
        input: &Input<'_>,
        sources: &[Option<&str>],
        open: &mut Vec<Open>,
    ) -> Result<Expr, &'static str> {
        let (column, ty) = (column.name.as_str(), column.ty);
        let wanted = match value {
            Value::Date => Type::Date,
            Value::Integer => Type::Integer,
            Value::Decimal => Type::Float,
            Value::Exact(scale) => Type::Decimal { scale: *scale },
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
        let asked = Asked { sources, open, written: input.written, formed: input.formed };
        if let (Value::Country | Value::Language, Expr::Call(function, _)) = (value, &text)
            && function == "unless_listed"
        {
            return Ok(self.code(value, column, text, asked));
        }
        match value {
            Value::Slug if self.letters.is_empty() => Ok(Expr::call("slug", [text])),
            Value::Slug => Ok(Expr::call("slug_in", [text, Expr::text(&self.letters)])),
            Value::Postcode => Ok(Expr::call("postcode", [text, Expr::text(&self.postcodes)])),
            Value::Phone | Value::Phones => {
                let region = self.region.as_ref().ok_or("region")?;
                let function = if *value == Value::Phone { "phone" } else { "phones" };
                Ok(Expr::call(function, [text, Expr::text(region)]))
            }
            Value::Date => {
                let other = self.date_order.filter(|it| *it == DateOrder::YearFirst).unwrap_or(DateOrder::MonthFirst);
                let order = self.way(column, &text, Writing::Order(other), asked);
                let date = Expr::call("date", [text, order]);
                Ok(Expr::Cast(Box::new(date), Type::Date))
            }
            Value::Integer if ty.is_number() => {
                Ok(Expr::Cast(Box::new(Expr::call("integer", [text, Expr::text(".")])), Type::Integer))
            }
            Value::Decimal | Value::Exact(_) if ty.is_number() => {
                Ok(Expr::Cast(Box::new(Expr::call("decimal", [text, Expr::text(".")])), wanted))
            }
            Value::Integer => {
                let sign = self.way(column, &text, Writing::Sign, asked);
                Ok(Expr::Cast(Box::new(Expr::call("integer", [text, sign])), Type::Integer))
            }
            Value::Decimal | Value::Exact(_) => {
                let sign = self.way(column, &text, Writing::Sign, asked);
                let number = Expr::call("decimal", [text, sign]);
                Ok(Expr::Cast(Box::new(number), wanted))
            }
            Value::Boolean => {
                let truth = Expr::text(&self.truth);
                Ok(Expr::Cast(Box::new(Expr::call("boolean", [text, truth])), Type::Boolean))
            }
            Value::Lookup(name) => {
                let lines = self.lookups.iter().find(|(it, _)| it == name).map(|(_, it)| it).ok_or("lookup")?;
                Ok(Expr::call("lookup", [text, Expr::text(lines)]))
            }
            plain => plain.function().map(|it| Expr::call(it, [text])).ok_or("value"),
        }
    }
}
