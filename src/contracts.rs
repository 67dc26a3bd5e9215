//! Contracts: what a table promises to those who use it. A contract says which fields there are, what they hold and
//! mean, and who answers for it; it gates sources, steps and exports, and is told in the formats of other programs.
//!
//! ```toml
//! [contract.schools]
//! version = "1.2.0"
//! owner = "data office"
//! primary_key = "id"
//!
//! [[contract.schools.field]]
//! name = "id"
//! type = "text"
//! required = true
//! ```
//!
//! Here: the declaration, what checks it comes to ([`lower`]), what another version changes ([`compare`]), and how others
//! write the same ([`emit`], [`import`]).

pub mod compare;
pub mod emit;
pub mod import;
pub mod lower;
pub mod shown;
mod value;
pub mod version;

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

use crate::digest::{Digest, digest_of};
use crate::expr::{self, Literal};
use crate::fields::keys::{Key, Keys, Need, Takes, Usual, words};
use crate::fields::{Fields, WRONG_VALUE};
use crate::model::{Class, Type};
use crate::problem::{Code, did_you_mean};
use version::Version;

/// A contract that nobody declares.
pub const UNKNOWN: Code = Code::error("hotpass::contract::unknown");
/// A contract that two files declare.
pub const TWICE: Code = Code::error("hotpass::contract::declared-twice");
/// A contract that contradicts itself.
pub const INCONSISTENT: Code = Code::error("hotpass::contract::inconsistent");
/// A field that the table does not have.
pub const MISSING_FIELD: Code = Code::error("hotpass::contract::missing-field");
/// A column that the contract does not know.
pub const EXTRA_FIELD: Code = Code::error("hotpass::contract::extra-field");
/// The same where it is only worth a word.
pub const EXTRA_TOLD: Code = Code::warning("hotpass::contract::extra-field-told");
/// A field of another type.
pub const WRONG_TYPE: Code = Code::error("hotpass::contract::wrong-type");
/// Fields in another order.
pub const WRONG_ORDER: Code = Code::error("hotpass::contract::wrong-order");

/// All codes of this module.
pub const CODES: &[&Code] =
    &[&UNKNOWN, &TWICE, &INCONSISTENT, &MISSING_FIELD, &EXTRA_FIELD, &EXTRA_TOLD, &WRONG_TYPE, &WRONG_ORDER];

/// What another column than those of the fields means.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Extra {
    /// Nothing.
    #[default]
    Allow,
    /// A word.
    Warn,
    /// A problem.
    Deny,
}

/// In which order columns stand.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// In any.
    #[default]
    Any,
    /// In that of the fields.
    Exact,
}

/// How sensitive the values of a field are, by the words of those who classify.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Classification {
    /// For everybody.
    #[default]
    Public,
    /// For those inside.
    Internal,
    /// For few.
    Confidential,
    /// About a person.
    Pii,
    /// About a person, and could harm.
    SensitivePii,
}

impl Classification {
    /// As it is written.
    pub fn word(self) -> &'static str {
        CLASSIFICATIONS.iter().find(|(_, it)| *it == self).map_or("public", |(word, _)| word)
    }

    /// How such values may be shown: what is not for everybody inside is masked.
    pub fn class(self) -> Class {
        match self {
            Classification::Public | Classification::Internal => Class::Open,
            Classification::Confidential | Classification::Pii | Classification::SensitivePii => Class::Personal,
        }
    }
}

const EXTRAS: [(&str, Extra); 3] = [("allow", Extra::Allow), ("warn", Extra::Warn), ("deny", Extra::Deny)];
const ORDERS: [(&str, Order); 2] = [("any", Order::Any), ("exact", Order::Exact)];
const CLASSIFICATIONS: [(&str, Classification); 5] = [
    ("public", Classification::Public),
    ("internal", Classification::Internal),
    ("confidential", Classification::Confidential),
    ("pii", Classification::Pii),
    ("sensitive_pii", Classification::SensitivePii),
];

/// What a table promises.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Contract {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: Version,
    /// What people call it.
    pub title: Option<String>,
    /// What the table is.
    pub description: Option<String>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// The fields that tell rows apart together.
    pub primary_key: Vec<String>,
    /// The fields in order.
    pub fields: Vec<Field>,
    /// What is meant where a table does not say otherwise.
    pub modes: Modes,
    /// In what it contradicts itself.
    #[serde(skip)]
    pub flaws: Vec<Flaw>,
}

/// Something in which a contract contradicts itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Flaw {
    /// The path of the table of keys: `contract.schools.field.0`.
    pub path: String,
    /// The key there.
    pub key: &'static str,
    /// The fact.
    pub message: String,
    /// What to do.
    pub help: String,
}

/// How strictly a table is held to a contract.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize)]
pub struct Modes {
    /// What other columns mean.
    pub extra: Extra,
    /// Whether a text stands for a value of another type that can be read from it.
    pub coerce: bool,
    /// In which order columns stand.
    pub order: Order,
}

/// A field of a contract.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Field {
    /// Its name: that of the column.
    pub name: String,
    /// What it holds.
    #[serde(rename = "type")]
    pub ty: Type,
    /// Whether every row has a value.
    pub required: bool,
    /// Whether no value stands twice.
    pub unique: bool,
    /// What it means.
    pub description: Option<String>,
    /// A value as it may be; made up.
    pub example: Option<Literal>,
    /// In what it is measured.
    pub unit: Option<String>,
    /// The values there are; all when empty.
    pub values: Vec<Literal>,
    /// What texts match.
    pub pattern: Option<String>,
    /// The least value.
    pub min: Option<Literal>,
    /// The greatest value.
    pub max: Option<Literal>,
    /// The column whose values these are: `table.column`.
    pub references: Option<String>,
    /// How sensitive it is.
    pub classification: Classification,
}

/// `contract = "NAME"` of a source, step or export, with what goes for it alone.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize)]
pub struct Gate {
    /// The contract.
    pub contract: String,
    /// What other columns mean, if that is said here.
    pub extra: Option<Extra>,
    /// Whether texts stand for other values, if that is said here.
    pub coerce: Option<bool>,
    /// In which order columns stand, if that is said here.
    pub order: Option<Order>,
}

/// `[contract]` of a file: contracts by name.
pub const CONTRACTS: Keys = Keys::named(Takes::Table(&CONTRACT), "what a table promises");
/// A file of contracts.
pub const FILE: Keys = Keys::of(&[Key::new("contract", Takes::Table(&CONTRACTS), "what tables promise")]);
const CONTRACT: Keys = Keys::of(&[
    Key::required("version", Takes::Text, "its version, such as `1.0.0`"),
    Key::new("title", Takes::Text, "what people call it"),
    Key::new("description", Takes::Text, "what the table is"),
    Key::new("owner", Takes::Text, "who answers for it"),
    Key::new("primary_key", Takes::TEXTS, "the fields that identify a row"),
    Key::new("extra", Takes::Word(&words(&EXTRAS)), "what columns mean that it does not know").or_text("allow"),
    Key::new("coerce", Takes::Flag, "whether hotpass reads a value of the type from a text").or(Usual::Flag(false)),
    Key::new("column_order", Takes::Word(&words(&ORDERS)), "the order of the columns").or_text("any"),
    Key::required("field", Takes::Tables(&FIELD), "its fields, in order"),
]);
/// What stands beside a contract says nothing without it.
pub const NEEDS: [Need; 3] = [beside("extra"), beside("coerce"), beside("column_order")];

const fn beside(key: &'static str) -> Need {
    Need { beside: Some(key), one_of: &["contract"] }
}

/// The keys of a table that keeps a contract.
pub const GATE: [Key; 4] = [
    Key::new("contract", Takes::Text, "the contract that it keeps"),
    Key::new("extra", Takes::Word(&words(&EXTRAS)), "what columns mean that the contract does not know"),
    Key::new("coerce", Takes::Flag, "whether hotpass reads a value of the type from a text"),
    Key::new("column_order", Takes::Word(&words(&ORDERS)), "the order of the columns"),
];
const FIELD: Keys = Keys::of(&[
    Key::required("name", Takes::Text, "the name of the column"),
    Key::new("type", Takes::Word(&Type::NAMES), "what it holds").or_text("text"),
    Key::new("required", Takes::Flag, "whether every row has a value").or(Usual::Flag(false)),
    Key::new("unique", Takes::Flag, "whether every value is unique").or(Usual::Flag(false)),
    Key::new("description", Takes::Text, "what it means"),
    Key::new("example", Takes::Plain, "a value as it may be, made up"),
    Key::new("unit", Takes::Text, "in what it is measured"),
    Key::new("enum", Takes::List(&Takes::Plain, 1), "the values there are"),
    Key::new("pattern", Takes::Text, "what its texts match, as in a check"),
    Key::new("min", Takes::Plain, "the least value"),
    Key::new("max", Takes::Plain, "the greatest value"),
    Key::new("references", Takes::Text, "the column whose values these are: `table.column`"),
    Key::new("classification", Takes::Word(&words(&CLASSIFICATIONS)), "how sensitive it is").or_text("public"),
]);

impl Contract {
    /// The field of this name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|it| it.name == name)
    }

    /// The digest of all it says.
    pub fn digest(&self) -> Digest {
        digest_of("hotpass contract v1", self)
    }
}

impl Gate {
    /// What goes for the table.
    pub fn modes(&self, contract: &Contract) -> Modes {
        let usual = contract.modes;
        Modes {
            extra: self.extra.unwrap_or(usual.extra),
            coerce: self.coerce.unwrap_or(usual.coerce),
            order: self.order.unwrap_or(usual.order),
        }
    }
}

/// Contracts by name.
pub type Contracts = BTreeMap<String, Arc<Contract>>;

/// Reads `[contract.*]`.
pub fn decode(fields: &mut Fields) -> Contracts {
    let mut acc = Contracts::new();
    for (name, mut table) in fields.named_tables("contract") {
        let contract = contract(&name, &mut table);
        table.finish();
        acc.extend(contract.map(|it| (name, Arc::new(it))));
    }
    acc
}

/// Reads `contract = …` of a table, and what stands beside it, which says nothing without it.
pub fn gate(fields: &mut Fields) -> Option<Gate> {
    let contract = fields.text("contract");
    let (extra, order) = (fields.choice("extra", &EXTRAS), fields.choice("column_order", &ORDERS));
    let coerce = fields.has("coerce").then(|| fields.flag("coerce", false));
    if contract.is_none() {
        for key in ["extra", "coerce", "column_order"].into_iter().filter(|it| fields.has(it)).collect::<Vec<_>>() {
            let help = Some("name the contract: `contract = …`".to_owned());
            fields.problem(&WRONG_VALUE, key, format!("`{key}` says nothing without a contract"), "this key", help);
        }
    }
    Some(Gate { contract: contract?, extra, coerce, order })
}

fn contract(name: &str, table: &mut Fields) -> Option<Contract> {
    let mut flaws = Vec::new();
    let mut flaw = |path: &str, key: &'static str, message: String, help: String| {
        flaws.push(Flaw { path: path.to_owned(), key, message, help });
    };
    let path = table.path().to_owned();
    let text = table.required_text("version");
    let version = text.as_deref().and_then(Version::parse);
    if let (Some(_), None) = (&text, version) {
        let help = "three numbers: `1.0.0`; the first rises when a promise is broken".to_owned();
        flaw(&path, "version", "`version` is not a version".to_owned(), help);
    }
    let (title, description, owner) = (table.text("title"), table.text("description"), table.text("owner"));
    let primary_key = table.words("primary_key");
    let modes = Modes {
        extra: table.choice("extra", &EXTRAS).unwrap_or_default(),
        coerce: table.flag("coerce", false),
        order: table.choice("column_order", &ORDERS).unwrap_or_default(),
    };
    let mut fields: Vec<Field> = Vec::new();
    let there = table.required("field");
    for mut it in table.tables("field") {
        let path = it.path().to_owned();
        let read = field(&mut it, &mut |key, message, help: &str| flaw(&path, key, message, help.to_owned()));
        if let Some(twice) = read.as_ref().filter(|read| fields.iter().any(|it| same(&it.name, &read.name))) {
            let message = format!("`{name}` has two fields `{}`", twice.name.escape_debug());
            flaw(&path, "name", message, "remove one of the two".to_owned());
        }
        it.finish();
        fields.extend(read);
    }
    for key in &primary_key {
        if !fields.iter().any(|it| it.name == *key) {
            let message = format!("the primary key of `{name}` names `{}`, which is not a field", key.escape_debug());
            let help = did_you_mean(key, fields.iter().map(|it| it.name.as_str()));
            flaw(&path, "primary_key", message, help.unwrap_or_else(|| "name fields of the contract".to_owned()));
        }
    }
    // What tells rows apart is never missing.
    fields.iter_mut().filter(|it| primary_key.contains(&it.name)).for_each(|it| it.required = true);
    let version = version.unwrap_or(Version { major: 0, minor: 0, patch: 0 });
    let whole = text.is_some() && there;
    let name = name.to_owned();
    whole.then_some(Contract { name, version, title, description, owner, primary_key, fields, modes, flaws })
}

/// Whether a column of the first type keeps the promise of the second.
pub fn keeps(ty: Type, promised: Type) -> bool {
    match (ty, promised) {
        (Type::Decimal { .. }, Type::Decimal { .. }) => true,
        // Whole numbers are numbers.
        (Type::Integer, Type::Decimal { .. }) | (Type::Integer | Type::Decimal { .. }, Type::Float) => true,
        _ => ty == promised,
    }
}

/// Names of columns that a table cannot have both.
fn same(a: &str, b: &str) -> bool {
    a.to_lowercase() == b.to_lowercase()
}

fn field(it: &mut Fields, wrong: &mut dyn FnMut(&'static str, String, &str)) -> Option<Field> {
    let name = it.required_text("name");
    let types = Type::NAMES.map(|word| (word, Type::parse(word).unwrap_or(Type::Text)));
    let ty = it.choice("type", &types).unwrap_or(Type::Text);
    let (required, unique) = (it.flag("required", false), it.flag("unique", false));
    let (description, unit, pattern) = (it.text("description"), it.text("unit"), it.text("pattern"));
    let (example, min, max) = (it.value("example"), it.value("min"), it.value("max"));
    let values = if it.has("enum") { it.values("enum") } else { Vec::new() };
    let references = it.text("references");
    let classification = it.choice("classification", &CLASSIFICATIONS).unwrap_or_default();
    let fitting = [("example", &example), ("min", &min), ("max", &max)];
    for (key, value) in fitting {
        if value.as_ref().is_some_and(|it| !fits(it, ty)) {
            wrong(
                key,
                format!("`{key}` is not of the type `{ty}`"),
                "write it as the field holds it; days and times as texts",
            );
        }
    }
    if it.is_empty_list("enum") {
        let help = Some("write the values there are, or remove `enum`".to_owned());
        it.problem(&WRONG_VALUE, "enum", "`enum` has no value", "this list", help);
    }
    if values.iter().any(|it| !fits(it, ty)) {
        wrong(
            "enum",
            format!("a value of `enum` is not of the type `{ty}`"),
            "all values are of the type of the field",
        );
    }
    if ty != Type::Text && pattern.is_some() {
        wrong(
            "pattern",
            format!("a field of type `{ty}` has no pattern"),
            "patterns are about texts; use `min` and `max`",
        );
    }
    let unread =
        pattern.as_deref().and_then(|it| expr::pattern::wrong(it).or_else(|| expr::python::translated(it).err()));
    if let Some(reason) = unread.map(|it| it.reason) {
        let help = "patterns are those of `matches` in checks, without looking ahead or behind";
        wrong("pattern", format!("the pattern cannot be read: {reason}"), help);
    }
    if let (Some(example), false) = (&example, values.is_empty())
        && !values.iter().any(|it| value::is_same(it, example, ty))
    {
        wrong("example", "`example` is not one of the values of `enum`".to_owned(), "take one of them");
    }
    let order = min.as_ref().zip(max.as_ref()).and_then(|(min, max)| value::order(min, max, ty));
    if order == Some(Ordering::Greater) {
        wrong("max", "`max` is less than `min`".to_owned(), "no value lies between them");
    }
    if references.as_ref().is_some_and(|it| !it.contains('.')) {
        wrong("references", "`references` names no column".to_owned(), "write `table.column`");
    }
    Some(Field {
        name: name?,
        ty,
        required,
        unique,
        description,
        example,
        unit,
        values,
        pattern,
        min,
        max,
        references,
        classification,
    })
}

/// Whether a literal is written as values of the type are.
fn fits(value: &Literal, ty: Type) -> bool {
    match (value, ty) {
        (Literal::Text(text), Type::Date | Type::Timestamp) => crate::text::cast::spells(text, ty),
        (Literal::Text(_), Type::Text) => true,
        (Literal::Integer(_), Type::Integer | Type::Decimal { .. } | Type::Float) => true,
        (Literal::Number(_), Type::Decimal { .. } | Type::Float) => true,
        (Literal::Boolean(_), Type::Boolean) => true,
        _ => false,
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::fields::{Parameters, Reader};

    /// What a contract `c` with this body is read as, and what is wrong with it.
    pub(crate) fn tried(body: &str) -> (Option<Arc<Contract>>, Vec<String>) {
        let text = format!("[contract.c]\n{body}");
        let reader = Reader::new(&Arc::new(PathBuf::from("x.toml")), Parameters::new());
        let table = reader.parse(&text);
        let mut fields = reader.fields(&table, &FILE);
        let contract = decode(&mut fields).into_values().next();
        fields.finish();
        let problems = reader.finish().0.into_iter().map(|it| it.message);
        let flaws = contract.iter().flat_map(|it| &it.flaws).map(|it| it.message.clone());
        (contract.clone(), problems.chain(flaws).collect())
    }

    pub(crate) fn read(body: &str) -> Arc<Contract> {
        let (contract, problems) = tried(body);
        assert!(problems.is_empty(), "{problems:?}");
        contract.expect("a contract")
    }

    #[test]
    fn contradictions_are_told() {
        let check = |field: &str, expected: &str| {
            let (_, problems) = tried(&format!("version = '1'\n[[contract.c.field]]\nname = 'a'\n{field}\n"));
            assert_eq!(problems, [expected], "{field}");
        };
        check("type = 'integer'\nexample = 'x'", "`example` is not of the type `integer`");
        check("type = 'date'\nmin = '2020-13-01'", "`min` is not of the type `date`");
        check("enum = ['a', 1]", "a value of `enum` is not of the type `text`");
        check("type = 'integer'\npattern = 'x'", "a field of type `integer` has no pattern");
        check("enum = ['a']\nexample = 'b'", "`example` is not one of the values of `enum`");
        check("type = 'integer'\nmin = 3\nmax = 2", "`max` is less than `min`");
        check("references = 'x'", "`references` names no column");
        check("[[contract.c.field]]\nname = 'A'", "`c` has two fields `A`");
        let (_, problems) = tried("version = 'one'\nprimary_key = 'b'\n[[contract.c.field]]\nname = 'a'\n");
        assert_eq!(problems, ["`version` is not a version", "the primary key of `c` names `b`, which is not a field"]);
    }
}
