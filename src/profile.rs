//! Profiles: what is known about one industry or country, as data. Fields with their synonyms, value kinds and
//! classification; lookups; lists. A profile `extends` another; every field remembers where it was declared.
//!
//! Shipped profiles are embedded from `pipelines/profiles/`; a workspace adds its own under `profiles/`.

mod enrich;
mod ingest;
mod languages;
mod linkage;
pub mod lint;
mod settings;
mod value;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::fields::keys::{Key, Keys, Takes, Usual, words};
use crate::fields::{Fields, WRONG_VALUE};
use crate::linkage::{Kind, Lexicon};
use crate::model::Class;
use crate::problem::{Code, Problem, did_you_mean};
use crate::readers::Known;
use crate::span::Span;

pub use enrich::Enrich;
pub use ingest::Ingest;
use value::LOOKUP;
pub use value::Value;

/// A profile that is nowhere to be found.
pub const UNKNOWN_PROFILE: Code = Code::error("hotpass::profile::unknown");
/// A synonym that two fields claim.
pub const SYNONYM_TWICE: Code = Code::error("hotpass::profile::synonym-claimed-twice");
/// A profile that extends itself.
pub const EXTENDS_CYCLE: Code = Code::error("hotpass::profile::extends-cycle");
/// A lookup that no profile declares.
pub const UNKNOWN_LOOKUP: Code = Code::error("hotpass::profile::unknown-lookup");
/// A table of `enrich` that no profile declares, or a value that it does not have.
pub const UNKNOWN_ENRICH: Code = Code::error("hotpass::profile::unknown-enrich");
/// An alias that stands for two values of one lookup.
pub const ALIAS_TWICE: Code = Code::error("hotpass::profile::alias-claimed-twice");
/// A lookup whose only value is called as if it were a key for a list.
pub const LIST_AS_VALUE: Code = Code::error("hotpass::profile::list-as-value");

/// Names that other tools give to a list of values. Alone in a lookup, such a name is hardly a value.
const NAMES_OF_LISTS: [&str; 6] = ["aliases", "list", "synonyms", "value", "values", "words"];

/// All codes of this module.
pub const CODES: &[&Code] =
    &[&UNKNOWN_PROFILE, &SYNONYM_TWICE, &EXTENDS_CYCLE, &UNKNOWN_LOOKUP, &UNKNOWN_ENRICH, &ALIAS_TWICE, &LIST_AS_VALUE];

/// A profile's file.
pub const FILE: Keys = Keys::of(&[
    Key::new("profile", Takes::Table(&HEADING), "what it is for, and what it begins with"),
    FIELDS,
    MAPPING,
    LOOKUPS,
    NORMAL,
    INGEST,
    ENRICH,
    LINKAGE,
]);

/// Canonical fields by name.
pub const FIELDS: Key = Key::new("field", Takes::Table(&FIELD_NAMES), "canonical fields: what columns come to");
/// How columns are brought to fields.
pub const MAPPING: Key = Key::new("mapping", Takes::Table(&MAPPING_KEYS), "how columns are brought to fields");
/// Closed lists by name.
pub const LOOKUPS: Key = Key::new("lookup", Takes::Table(&LOOKUP_NAMES), "closed lists of values with their aliases");
/// How values are normalised.
pub const NORMAL: Key = Key::new("normal", Takes::Table(&NORMAL_KEYS), "how values are brought to their normal form");

/// How files usually come.
pub const INGEST: Key =
    Key::new("ingest", Takes::Table(&ingest::KEYS), "how files usually come, and what single sources look like");
/// What values count for.
pub const ENRICH: Key = Key::new("enrich", Takes::Table(&enrich::TABLES), "what values of closed lists count for");

/// Words by which rows that are one are found.
pub const LINKAGE: Key =
    Key::new("linkage", Takes::Table(&linkage::KEYS), "words that `resolve` and `link` use to compare rows");

/// `[profile]`.
const HEADING: Keys = Keys::of(&[
    Key::new("extends", Takes::Text, "the profile that this one extends; settings here have priority"),
    Key::new("description", Takes::Text, "what it is for"),
]);
const FIELD_NAMES: Keys = Keys::any(Takes::Table(&FIELD), "a canonical field");
const FIELD: Keys = Keys::of(&[
    Key::new("value", Value::TAKES, "what its values are").or_text("text"),
    Key::new("synonyms", Takes::TEXTS, "names that columns give it"),
    Key::new("class", Takes::Word(&words(&CLASSES)), "how it may be shown").or_text("open"),
    Key::new("like", Takes::WordOr(&words(&LIKES), LOOKUP), "what its values look like, where that says more"),
]);
const MAPPING_KEYS: Keys = Keys::of(&[
    Key::new("threshold", Takes::SHARE, "how sure a guess must be for `map` to take it").or(Usual::Number(0.6)),
    Key::new(
        "negations",
        Takes::TEXTS,
        "words that reverse the meaning of a name: hotpass does not map a column whose name has one to a field whose \
             name does not",
    ),
    Key::new("personal", Takes::TEXTS, "names of columns that hold personal data, beside those of personal fields"),
]);
const LOOKUP_NAMES: Keys = Keys::any(Takes::Table(&LOOKUP_VALUES), "a closed list");
const LOOKUP_VALUES: Keys = Keys::any(Takes::TEXTS, "a value, and the aliases that it goes by");
const NORMAL_KEYS: Keys = Keys::of(&[
    Key::new(
        "region",
        Takes::Text,
        "two letters of ISO 3166: where telephone numbers without a country code are dialled",
    ),
    Key::new("date_order", Takes::Word(&words(&ORDERS)), "which part of `05/02/2025` is the day"),
    PRECISION,
    Key::new(
        "languages",
        languages::TAKES,
        "languages whose names of months and days may be in dates, besides English: `fr`",
    ),
    Key::new("decimal_comma", Takes::Flag, "whether decimals have a comma").or(Usual::Flag(false)),
    Key::new("placeholders", Takes::TEXTS, "texts that mean that there is no value"),
    Key::new("money", Takes::TEXTS, "words for money beside a number, besides signs and codes of currencies: `Fr.`"),
    Key::new("magnitudes", Takes::Table(&MAGNITUDES), "endings of numbers that multiply them: `{ k = 3, m = 6 }`"),
    Key::new(
        "postcodes",
        Takes::TEXTS,
        "forms of postcodes, with `9` for a digit, `A` for a letter, `X` for either: `999-9999`",
    ),
    Key::new("yes", Takes::TEXTS, "words for what is true, besides those of English"),
    Key::new("no", Takes::TEXTS, "words for what is not true, besides those of English"),
    Key::new(
        "particles",
        Takes::TEXTS,
        "words that stay small within a name, as `van`; beginnings with a `+`, as `Mc+`",
    ),
    Key::new("legal_suffixes", Takes::TEXTS, "endings of names that do not distinguish organisations"),
]);

/// No ending stands for more zeros.
const ZEROS: i64 = 30;
const MAGNITUDES: Keys = Keys::any(Takes::Integer(1, ZEROS), "an ending, and its number of zeros");

/// How much of a date must be written for it to be one.
pub const PRECISION: Key = Key::new(
    "date_precision",
    Takes::Word(&words(&PRECISIONS)),
    "what makes a date: a day, a month alone, a year alone",
)
.or_text("day");

const CLASSES: [(&str, Class); 2] = [("open", Class::Open), ("personal", Class::Personal)];
const ORDERS: [(&str, DateOrder); 3] =
    [("day_first", DateOrder::DayFirst), ("month_first", DateOrder::MonthFirst), ("year_first", DateOrder::YearFirst)];
/// What `date_precision` takes, and what value functions are told.
pub const PRECISIONS: [(&str, &str); 3] = [("day", "day"), ("month", "month"), ("year", "year")];
const LIKES: [(&str, Like); 3] = [("word", Like::Word), ("street", Like::Street), ("mark", Like::Mark)];

/// What the values of a field look like: by this a column is recognised, and nothing else follows from it.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Like {
    /// One word.
    Word,
    /// House numbers and streets.
    Street,
    /// Few values that say that something is so, or hardly any.
    Mark,
    /// Mostly words of this lookup.
    List(String),
}

impl Like {
    /// How TOML spells it.
    pub fn spelling(&self) -> String {
        match self {
            Like::Word => "word".to_owned(),
            Like::Street => "street".to_owned(),
            Like::Mark => "mark".to_owned(),
            Like::List(name) => format!("{LOOKUP}{name}"),
        }
    }
}

/// One canonical field.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Field {
    /// What its values are.
    pub value: Value,
    /// Names that columns of real workbooks give it.
    pub synonyms: Vec<(String, Span)>,
    /// How it may be shown.
    pub class: Class,
    /// What its values look like, where that says more than what they are.
    pub like: Option<Like>,
    /// Where it was declared.
    pub span: Span,
}

/// A profile with all that it extends.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Profile {
    /// Canonical fields in the order of declaration.
    pub fields: Vec<(String, Field)>,
    /// Closed lists: canonical value to aliases.
    pub lookups: BTreeMap<String, BTreeMap<String, Vec<String>>>,
    /// Region that telephone numbers without a country code belong to: ISO 3166-1 alpha-2.
    pub region: Option<String>,
    /// Whether `05/02/2025` is a day in February or in May.
    pub date_order: Option<DateOrder>,
    /// How much of a date must be written: `day`, `month` or `year`.
    pub date_precision: Option<&'static str>,
    /// Whose words stand in dates, besides those of English.
    pub languages: Vec<String>,
    /// Whether decimals have a comma.
    pub decimal_comma: Option<bool>,
    /// Texts that mean "no value".
    pub placeholders: Vec<String>,
    /// Words for money beside a number.
    pub money: Vec<String>,
    /// Endings of numbers, with the zeros that each stands for.
    pub magnitudes: BTreeMap<String, i64>,
    /// Forms of postcodes; the first that fits is taken.
    pub postcodes: Vec<String>,
    /// Words for what is true.
    pub yes: Vec<String>,
    /// Words for what is not true.
    pub no: Vec<String>,
    /// Words that stay small within a name, and beginnings with a capital behind them.
    pub particles: Vec<String>,
    /// Endings of organisation names that do not tell organisations apart.
    pub legal_suffixes: Vec<String>,
    /// How sure a guess must be to be taken: from 0 to 1.
    pub threshold: Option<f64>,
    /// Words of names that say the opposite of what stands beside them.
    pub negations: Vec<String>,
    /// Names of columns with personal values that no field has.
    pub personal: Vec<String>,
    /// How files usually come.
    pub ingest: Ingest,
    /// What values count for.
    pub enrich: Enrich,
    /// Words by which rows that are one are found; legal forms stand apart.
    pub linkage: Lexicon,
}

/// Which part of an ambiguous date comes first.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DateOrder {
    /// 5 February is `05/02`.
    DayFirst,
    /// 5 February is `02/05`.
    MonthFirst,
    /// 5 February 2024 is `24/02/05`, and `02/05/2024` where the year has four digits.
    YearFirst,
}

impl DateOrder {
    /// How value functions are told.
    pub fn word(self) -> &'static str {
        match self {
            DateOrder::DayFirst => "day_first",
            DateOrder::MonthFirst => "month_first",
            DateOrder::YearFirst => "year_first",
        }
    }
}

impl Profile {
    /// The field of this name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|(it, _)| it == name).map(|(_, field)| field)
    }

    /// How columns with personal values are called, folded: personal fields, their synonyms, and other names that say so. A
    /// name that is an open field's own is none, nor is one without letters and digits.
    pub fn personal_names(&self) -> BTreeSet<String> {
        let (personal, open): (Vec<_>, Vec<_>) = self.fields.iter().partition(|(_, it)| it.class == Class::Personal);
        let open: BTreeSet<String> = open.into_iter().map(|(name, _)| fold(name)).collect();
        let names = personal
            .into_iter()
            .flat_map(|(name, it)| std::iter::once(name).chain(it.synonyms.iter().map(|(synonym, _)| synonym)));
        names.chain(&self.personal).map(|it| fold(it)).filter(|it| !it.is_empty() && !open.contains(it)).collect()
    }

    /// Takes the profile's own keys out of a file: `[field.*]`, `[lookup.*]`, `[normal]`, `[mapping]`, `[ingest]`,
    /// `[enrich.*]`, `[linkage]`. What is declared here wins over what `self` has from profiles beneath.
    pub fn extend(&mut self, fields: &mut Fields) {
        if let Some(mut table) = fields.table("ingest") {
            self.ingest.extend(&mut table);
            table.finish();
        }
        if let Some(mut tables) = fields.table("enrich") {
            enrich::extend(&mut self.enrich, &mut tables);
            tables.finish();
        }
        if let Some(mut table) = fields.table("linkage") {
            linkage::extend(&mut self.linkage, &mut table);
            table.finish();
        }
        for (name, mut table) in fields.named_tables("field") {
            let declared = decode_field(&name, &mut table);
            table.finish();
            match self.fields.iter_mut().find(|(it, _)| *it == name) {
                Some((_, field)) => *field = declared.over(field),
                None => self.fields.push((name, declared.alone())),
            }
        }
        if let Some(mut table) = fields.table("mapping") {
            self.threshold = table.number("threshold").or(self.threshold);
            self.negations.extend(table.words("negations"));
            self.personal.extend(table.words("personal"));
            table.finish();
        }
        if let Some(mut tables) = fields.table("lookup") {
            for name in tables.keys() {
                let Some(mut table) = tables.table(&name) else { continue };
                let lookup = self.lookups.entry(name).or_default();
                for value in table.keys() {
                    lookup.insert(value.clone(), table.words(&value));
                }
                check_aliases(lookup, &table);
                check_names(lookup, &table);
                table.finish();
            }
        }
        if let Some(mut table) = fields.table("normal") {
            self.region = table.text("region").or(self.region.take());
            self.date_order = table.choice("date_order", &ORDERS).or(self.date_order);
            self.date_precision = table.choice("date_precision", &PRECISIONS).or(self.date_precision);
            self.languages.extend(languages::named(&mut table));
            self.languages.sort();
            self.languages.dedup();
            if table.has("decimal_comma") {
                self.decimal_comma = Some(table.flag("decimal_comma", false));
            }
            if let Some(mut endings) = table.table("magnitudes") {
                for name in endings.keys() {
                    let Some(zeros) = endings.integer(&name) else { continue };
                    if (1..=ZEROS).contains(&zeros) {
                        self.magnitudes.insert(name, zeros);
                    } else {
                        let message = format!("`{}` needs a number of zeros from 1 to {ZEROS}", name.escape_debug());
                        let help = Some("a thousand has 3 of them, a million 6".to_owned());
                        endings.problem(&WRONG_VALUE, &name, message, "this number", help);
                    }
                }
            }
            for (key, list) in [
                ("placeholders", &mut self.placeholders),
                ("money", &mut self.money),
                ("postcodes", &mut self.postcodes),
                ("yes", &mut self.yes),
                ("no", &mut self.no),
                ("particles", &mut self.particles),
                ("legal_suffixes", &mut self.legal_suffixes),
            ] {
                let words = table.words(key);
                list.extend(words.into_iter().filter(|it| !it.is_empty()));
                list.sort();
                list.dedup();
            }
            table.finish();
        }
    }

    /// What columns are recognised by.
    pub fn known(&self) -> Known {
        let spellings = |(name, lookup): (&String, &BTreeMap<String, Vec<String>>)| {
            let words = lookup.iter().flat_map(|(value, aliases)| std::iter::once(value).chain(aliases));
            (name.clone(), words.cloned().collect())
        };
        Known {
            lists: self.lookups.iter().map(spellings).collect(),
            endings: self.legal_suffixes.clone(),
            placeholders: self.placeholders.clone(),
            dates: languages::words(&self.languages),
            money: self.numbers(),
        }
    }

    /// Problems that only show when all is merged: synonyms claimed twice, lookups that are not there.
    pub fn check(&self, acc: &mut Vec<Problem>) {
        let mut claimed: BTreeMap<String, (&str, &Span)> = BTreeMap::new();
        for (name, field) in &self.fields {
            for (synonym, span) in &field.synonyms {
                match claimed.get(&fold(synonym)) {
                    Some((other, first)) if other != name => {
                        let message = format!("`{synonym}` is a synonym of `{other}` and of `{name}`");
                        let problem = Problem::new(&SYNONYM_TWICE, message).label(span, "claimed again here");
                        let help = "leave it with the one field that it means".to_owned();
                        acc.push(problem.label(first, "first claimed here").help(help));
                    }
                    Some(_) => (),
                    None => {
                        claimed.insert(fold(synonym), (name, span));
                    }
                }
            }
            let value = if let Value::Lookup(lookup) = &field.value { Some(lookup) } else { None };
            let like = if let Some(Like::List(lookup)) = &field.like { Some(lookup) } else { None };
            for lookup in [value, like].into_iter().flatten().filter(|it| !self.lookups.contains_key(*it)) {
                let message = format!("field `{name}` looks values up in `{lookup}`, which no profile declares");
                let help = did_you_mean(lookup, self.lookups.keys().map(String::as_str))
                    .unwrap_or_else(|| format!("add `[lookup.{lookup}]`"));
                acc.push(Problem::new(&UNKNOWN_LOOKUP, message).label(&field.span, "named here").help(help));
            }
        }
    }

    /// The words by which values of these kinds are compared.
    pub fn lexicon(&self, kinds: &BTreeSet<Kind>) -> Lexicon {
        linkage::of_kinds(&self.linkage, &self.legal_suffixes, kinds)
    }
}

/// What one declaration of a field says; the rest comes from the profile beneath.
struct Declared {
    value: Option<Value>,
    like: Option<Like>,
    synonyms: Vec<(String, Span)>,
    class: Option<Class>,
    span: Span,
}

impl Declared {
    fn over(self, beneath: &Field) -> Field {
        let mut synonyms = self.synonyms;
        synonyms.extend(beneath.synonyms.iter().cloned());
        Field {
            value: self.value.unwrap_or_else(|| beneath.value.clone()),
            class: self.class.unwrap_or(beneath.class),
            like: self.like.or_else(|| beneath.like.clone()),
            synonyms,
            span: self.span,
        }
    }

    fn alone(self) -> Field {
        let value = self.value.unwrap_or(Value::Text);
        let class = self.class.unwrap_or_default();
        Field { value, class, like: self.like, synonyms: self.synonyms, span: self.span }
    }
}

fn decode_field(name: &str, table: &mut Fields) -> Declared {
    let value = table.text("value").and_then(|text| {
        let value = Value::parse(&text);
        if value.is_none() {
            let help = did_you_mean(&text, Value::names());
            let help = help.unwrap_or_else(|| {
                format!(
                    "it takes {}, `lookup:NAME`",
                    Value::names().map(|it| format!("`{it}`")).collect::<Vec<_>>().join(", ")
                )
            });
            let message = format!("field `{name}` cannot hold `{text}`");
            table.problem(&WRONG_VALUE, "value", message, "this value", Some(help));
        }
        value
    });
    let like = table.text("like").and_then(|text| {
        let like = match text.strip_prefix(LOOKUP) {
            Some(lookup) => Some(Like::List(lookup.to_owned())),
            None => LIKES.iter().find(|(name, _)| *name == text).map(|(_, it)| it.clone()),
        };
        if like.is_none() {
            let message = format!("values of field `{name}` cannot be like `{}`", text.escape_debug());
            let help = Some("it takes `word`, `street`, `mark`, `lookup:NAME`".to_owned());
            table.problem(&WRONG_VALUE, "like", message, "this value", help);
        }
        like
    });
    let class = table.choice("class", &CLASSES);
    Declared { value, like, synonyms: table.texts("synonyms"), class, span: table.span() }
}

fn check_aliases(lookup: &BTreeMap<String, Vec<String>>, table: &Fields) {
    let mut seen: BTreeMap<String, &str> = BTreeMap::new();
    for (value, aliases) in lookup {
        for alias in aliases.iter().chain([value]) {
            match seen.insert(fold(alias), value) {
                Some(other) if other != value => {
                    let message = format!("`{alias}` is an alias of `{other}` and of `{value}`");
                    let help = Some("leave it with one of the two".to_owned());
                    table.problem(&ALIAS_TWICE, value, message, "claimed here", help);
                }
                _ => (),
            }
        }
    }
}

/// `values = ["A", "B"]` declares one value, `values`, for which no text of the list was meant.
fn check_names(lookup: &BTreeMap<String, Vec<String>>, table: &Fields) {
    let [name] = &table.keys()[..] else { return };
    let Some(aliases) = lookup.get(name) else { return };
    if let [first, _, ..] = &aliases[..]
        && lookup.len() == 1
        && NAMES_OF_LISTS.contains(&name.as_str())
    {
        let message = format!("each of these {} texts would become `{name}`", aliases.len());
        let help = format!("make each value a key with a list of its aliases, such as `{first:?} = []`");
        table.problem(&LIST_AS_VALUE, name, message, "read as a value with aliases", Some(help));
    }
}

/// Names are the same when they differ in case, spaces and punctuation only.
pub fn fold(name: &str) -> String {
    name.chars().filter(|it| it.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
