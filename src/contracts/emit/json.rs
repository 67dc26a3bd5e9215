//! Contracts as JSON: Frictionless Table Schema, JSON Schema, CSV on the Web.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use crate::contracts::emit::Dialect;
use crate::contracts::emit::portable::portable;
use crate::contracts::{Classification, Contract, Extra, Field, Order};
use crate::escape::json_lines;
use crate::expr::Literal;
use crate::model::Type;

/// A document as text; its members stand in the order of their names.
pub(super) fn text(document: &impl Serialize) -> String {
    json_lines(&serde_json::to_value(document).unwrap_or_default())
}

/// A literal as JSON.
pub(super) fn value(it: &Literal) -> Value {
    match it {
        Literal::Null => Value::Null,
        Literal::Text(it) => it.as_str().into(),
        Literal::Integer(it) => (*it).into(),
        Literal::Number(it) => {
            serde_json::from_str(it).unwrap_or_else(|_| it.parse::<f64>().unwrap_or_default().into())
        }
        Literal::Boolean(it) => (*it).into(),
    }
}

#[derive(Serialize)]
struct TableSchema<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    version: String,
    #[serde(rename = "fieldsMatch")]
    fields_match: &'static str,
    fields: Vec<TableField<'a>>,
    #[serde(rename = "primaryKey", skip_serializing_if = "<[_]>::is_empty")]
    primary_key: &'a [String],
    #[serde(rename = "foreignKeys", skip_serializing_if = "Vec::is_empty")]
    foreign_keys: Vec<ForeignKey<'a>>,
    #[serde(rename = "missingValues")]
    missing_values: [&'static str; 1],
    #[serde(skip_serializing_if = "Ours::is_nothing")]
    hotpass: Ours<'a>,
}

/// What a form has no word for, under a key of our own, which other programs do not read.
#[derive(Default, PartialEq, Serialize)]
pub(super) struct Ours<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<&'a str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    primary_key: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    extra: Option<&'static str>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    coerce: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    column_order: Option<Vec<&'a str>>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    ty: Option<&'static str>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    unique: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    min: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pattern: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unit: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    references: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    classification: Option<&'static str>,
}

impl<'a> Ours<'a> {
    pub(super) fn is_nothing(&self) -> bool {
        *self == Ours::default()
    }

    /// Of a table: what both forms of JSON have no word for.
    fn of(it: &'a Contract) -> Ours<'a> {
        Ours {
            owner: it.owner.as_deref(),
            extra: (it.modes.extra == Extra::Warn).then_some("warn"),
            coerce: it.modes.coerce,
            ..Ours::default()
        }
    }

    /// Of a field: the type where it has another name, and bounds of values that have no order there.
    fn of_field(it: &'a Field) -> Ours<'a> {
        let bound = |bound: &Option<Literal>| bound.as_ref().filter(|_| !bounded(it.ty)).map(value);
        Ours {
            ty: matches!(it.ty, Type::Decimal { .. }).then(|| it.ty.name()),
            min: bound(&it.min),
            max: bound(&it.max),
            pattern: own_pattern(it),
            ..Ours::default()
        }
    }
}

/// Whether others know of bounds of such values.
pub(super) fn bounded(ty: Type) -> bool {
    !matches!(ty, Type::Text | Type::Boolean)
}

/// A field of Table Schema.
#[derive(Default, Serialize)]
pub(super) struct TableField<'a> {
    pub(super) name: Cow<'a, str>,
    #[serde(rename = "type")]
    pub(super) ty: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) format: Option<&'static str>,
    #[serde(rename = "decimalChar", skip_serializing_if = "Option::is_none")]
    pub(super) decimal_char: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) description: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) example: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) unit: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) classification: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) constraints: Option<Constraints>,
    #[serde(skip_serializing_if = "Ours::is_nothing")]
    pub(super) hotpass: Ours<'a>,
}

#[derive(Default, PartialEq, Serialize)]
pub(super) struct Constraints {
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    required: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    unique: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pattern: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    minimum: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    maximum: Option<Value>,
    #[serde(rename = "enum", skip_serializing_if = "Option::is_none")]
    values: Option<Vec<Value>>,
}

#[derive(Serialize)]
struct ForeignKey<'a> {
    fields: [&'a str; 1],
    reference: Reference<'a>,
}

#[derive(Serialize)]
struct Reference<'a> {
    resource: &'a str,
    fields: [&'a str; 1],
}

/// Table Schema: <https://datapackage.org/standard/table-schema/>.
pub(super) fn table_schema(it: &Contract) -> String {
    let (denies, exact) = (it.modes.extra == Extra::Deny, it.modes.order == Order::Exact);
    let fields_match = match (denies, exact) {
        (true, true) => "exact",
        (true, false) => "equal",
        (false, _) => "subset",
    };
    let order = || it.fields.iter().map(|it| it.name.as_str()).collect();
    text(&TableSchema {
        schema: "https://datapackage.org/profiles/2.0/tableschema.json",
        name: &it.name,
        title: it.title.as_deref(),
        description: it.description.as_deref(),
        version: it.version.to_string(),
        fields_match,
        fields: it.fields.iter().map(table_field).collect(),
        primary_key: &it.primary_key,
        foreign_keys: it.fields.iter().filter_map(foreign_key).collect(),
        missing_values: [""],
        hotpass: Ours { column_order: (exact && !denies).then(order), ..Ours::of(it) },
    })
}

/// The word of Table Schema for a type, with the format that our CSV has.
pub(super) fn table_type(ty: Type) -> (&'static str, Option<&'static str>) {
    match ty {
        Type::Text => ("string", None),
        Type::Integer => ("integer", None),
        Type::Decimal { .. } | Type::Float => ("number", None),
        Type::Boolean => ("boolean", None),
        Type::Date => ("date", None),
        Type::Timestamp => ("datetime", Some("any")),
    }
}

/// A field of Table Schema.
pub(super) fn table_field(it: &Field) -> TableField<'_> {
    let constraints = Constraints {
        required: it.required,
        unique: it.unique,
        pattern: it.pattern.as_deref().and_then(portable).map(|it| whole(&it)),
        minimum: it.min.as_ref().filter(|_| bounded(it.ty)).map(value),
        maximum: it.max.as_ref().filter(|_| bounded(it.ty)).map(value),
        values: listed(it),
    };
    let (ty, format) = table_type(it.ty);
    TableField {
        name: it.name.as_str().into(),
        ty,
        format,
        decimal_char: None,
        description: it.description.as_deref(),
        example: it.example.as_ref().map(value),
        unit: it.unit.as_deref(),
        classification: Some(it.classification.word()),
        constraints: Some(constraints).filter(|it| *it != Constraints::default()),
        hotpass: Ours::of_field(it),
    }
}

fn foreign_key(it: &Field) -> Option<ForeignKey<'_>> {
    let (resource, column) = it.references.as_ref()?.rsplit_once('.')?;
    Some(ForeignKey { fields: [&it.name], reference: Reference { resource, fields: [column] } })
}

/// The pattern of a field as it stands in the contract, where other programs do not read it so.
pub(super) fn own_pattern(it: &Field) -> Option<&str> {
    it.pattern.as_deref().filter(|it| portable(it).is_none_or(|other| other != *it))
}

/// A pattern for those who take patterns to be about the whole text: ours is found anywhere.
fn whole(pattern: &str) -> String {
    let (from, to) = (pattern.starts_with('^'), pattern.ends_with('$') && !pattern.ends_with("\\$"));
    match (from, to) {
        (true, true) if !pattern.contains('|') => pattern.to_owned(),
        _ => format!("^[\\s\\S]*?(?:{pattern})[\\s\\S]*$"),
    }
}

fn listed(it: &Field) -> Option<Vec<Value>> {
    (!it.values.is_empty()).then(|| it.values.iter().map(value).collect())
}

#[derive(Serialize)]
struct JsonSchema<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    #[serde(rename = "$id")]
    id: String,
    title: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    #[serde(rename = "type")]
    ty: &'static str,
    properties: BTreeMap<&'a str, Property<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    required: Vec<&'a str>,
    #[serde(rename = "additionalProperties", skip_serializing_if = "Option::is_none")]
    additional: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    examples: Option<[BTreeMap<&'a str, Value>; 1]>,
    #[serde(skip_serializing_if = "Ours::is_nothing")]
    hotpass: Ours<'a>,
}

#[derive(Serialize)]
struct Property<'a> {
    #[serde(rename = "type")]
    ty: Word,
    #[serde(skip_serializing_if = "Option::is_none")]
    format: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pattern: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    minimum: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    maximum: Option<Value>,
    #[serde(rename = "formatMinimum", skip_serializing_if = "Option::is_none")]
    format_minimum: Option<Value>,
    #[serde(rename = "formatMaximum", skip_serializing_if = "Option::is_none")]
    format_maximum: Option<Value>,
    #[serde(rename = "enum", skip_serializing_if = "Option::is_none")]
    values: Option<Vec<Value>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    examples: Option<[Value; 1]>,
    #[serde(skip_serializing_if = "Ours::is_nothing")]
    hotpass: Ours<'a>,
}

/// A type of JSON, or one beside null.
#[derive(Serialize)]
#[serde(untagged)]
enum Word {
    One(&'static str),
    OrNull([&'static str; 2]),
}

/// JSON Schema of one row; a row without a value says null, or does not say the field where it is not required.
pub(super) fn json_schema(it: &Contract) -> String {
    let examples: BTreeMap<&str, Value> =
        it.fields.iter().filter_map(|it| Some((it.name.as_str(), value(it.example.as_ref()?)))).collect();
    let whole = it.fields.iter().all(|it| !it.required || it.example.is_some());
    text(&JsonSchema {
        schema: "https://json-schema.org/draft/2020-12/schema",
        id: format!("urn:hotpass:contract:{}:{}", it.name, it.version),
        title: it.title.as_ref().unwrap_or(&it.name),
        description: it.description.as_deref(),
        ty: "object",
        properties: it.fields.iter().map(|it| (it.name.as_str(), property(it))).collect(),
        required: it.fields.iter().filter(|it| it.required).map(|it| it.name.as_str()).collect(),
        additional: (it.modes.extra == Extra::Deny).then_some(false),
        examples: (whole && !examples.is_empty()).then_some([examples]),
        hotpass: Ours {
            primary_key: &it.primary_key,
            column_order: (it.modes.order == Order::Exact)
                .then(|| it.fields.iter().map(|it| it.name.as_str()).collect()),
            ..Ours::of(it)
        },
    })
}

fn property(it: &Field) -> Property<'_> {
    let (ty, format) = match it.ty {
        Type::Text => ("string", None),
        Type::Integer => ("integer", None),
        Type::Decimal { .. } | Type::Float => ("number", None),
        Type::Boolean => ("boolean", None),
        Type::Date => ("string", Some("date")),
        Type::Timestamp => ("string", Some("date-time")),
    };
    // Days have no order in JSON Schema, but in the vocabulary that several validators share.
    let number = |it: &Option<Literal>| it.as_ref().map(value).filter(Value::is_number);
    let is_day = matches!(it.ty, Type::Date | Type::Timestamp);
    let day = |it: &Option<Literal>| it.as_ref().filter(|_| is_day).map(value);
    Property {
        ty: if it.required { Word::One(ty) } else { Word::OrNull([ty, "null"]) },
        format,
        description: it.description.as_deref(),
        pattern: it.pattern.as_deref().and_then(portable),
        minimum: number(&it.min),
        maximum: number(&it.max),
        format_minimum: day(&it.min),
        format_maximum: day(&it.max),
        values: listed(it).map(|all| all.into_iter().chain((!it.required).then_some(Value::Null)).collect()),
        examples: it.example.as_ref().map(|it| [value(it)]),
        hotpass: Ours {
            unique: it.unique,
            unit: it.unit.as_deref(),
            references: it.references.as_deref(),
            classification: (it.classification != Classification::default()).then(|| it.classification.word()),
            ..Ours::of_field(it)
        },
    }
}

/// A file of delimited text, or whatever a contract is about.
#[derive(Serialize)]
struct Group<'a> {
    #[serde(rename = "@context")]
    context: &'static str,
    url: &'a str,
    #[serde(rename = "dc:title", skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
    #[serde(rename = "dc:description", skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    #[serde(rename = "dc:identifier", skip_serializing_if = "Option::is_none")]
    identifier: Option<String>,
    #[serde(rename = "schema:version", skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    #[serde(rename = "schema:maintainer", skip_serializing_if = "Option::is_none")]
    owner: Option<&'a str>,
    #[serde(skip_serializing_if = "Unusual::is_nothing")]
    dialect: Unusual<'a>,
    #[serde(rename = "tableSchema")]
    schema: Columns<'a>,
}

/// What of a dialect is not as usual.
#[derive(Default, PartialEq, Serialize)]
struct Unusual<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    delimiter: Option<char>,
    #[serde(skip_serializing_if = "Option::is_none")]
    encoding: Option<&'a str>,
    #[serde(rename = "lineTerminators", skip_serializing_if = "Option::is_none")]
    line_ends: Option<[&'a str; 1]>,
}

impl Unusual<'_> {
    fn is_nothing(&self) -> bool {
        *self == Unusual::default()
    }
}

#[derive(Serialize)]
struct Columns<'a> {
    columns: Vec<Described<'a>>,
    #[serde(rename = "primaryKey", skip_serializing_if = "Vec::is_empty")]
    key: Vec<String>,
}

/// A column of CSV on the Web.
#[derive(Serialize)]
struct Described<'a> {
    titles: Cow<'a, str>,
    name: String,
    datatype: Datatype,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    required: bool,
    #[serde(rename = "dc:description", skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    #[serde(rename = "schema:unitText", skip_serializing_if = "Option::is_none")]
    unit: Option<&'a str>,
    #[serde(rename = "skos:example", skip_serializing_if = "Option::is_none")]
    example: Option<Value>,
    #[serde(rename = "dc:accessRights", skip_serializing_if = "Option::is_none")]
    classification: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Datatype {
    Base(&'static str),
    Derived(Derived),
}

#[derive(Default, PartialEq, Serialize)]
struct Derived {
    base: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    format: Option<Written>,
    #[serde(skip_serializing_if = "Option::is_none")]
    minimum: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    maximum: Option<Value>,
}

/// How values are written: as a pattern has it, or with a decimal comma.
#[derive(PartialEq, Serialize)]
#[serde(untagged)]
enum Written {
    Pattern(String),
    Number {
        #[serde(rename = "decimalChar")]
        decimal: &'static str,
        #[serde(rename = "groupChar")]
        group: &'static str,
    },
}

/// CSV on the Web: <https://www.w3.org/TR/tabular-metadata/>.
pub(super) fn csvw(contract: &Contract, url: &str) -> String {
    let columns = contract.fields.iter().map(|it| described(&it.name, it.ty, Some(it), None)).collect();
    let key = contract.primary_key.iter().map(|it| variable(it)).collect();
    text(&Group { identifier: None, ..group(Some(contract), Columns { columns, key }, url) })
}

/// A file that is published: its columns and its dialect, and what a contract says of them.
pub(super) fn csvw_of(
    (contract, shown): (Option<&Contract>, Option<&Contract>),
    columns: &[(&str, Type)],
    url: &str,
    dialect: &Dialect<'_>,
) -> String {
    let field = |name: &str| shown.and_then(|it| it.field(name));
    let described = columns.iter().map(|(name, ty)| Described {
        titles: dialect.heading(name).into_owned().into(),
        ..described(name, *ty, field(name), Some(dialect))
    });
    let key = contract.map(|it| it.primary_key.as_slice()).unwrap_or_default();
    let whole = key.iter().all(|it| columns.iter().any(|(name, _)| name == it));
    let key = key.iter().filter(|_| whole).map(|it| variable(it)).collect();
    let told = Unusual {
        delimiter: Some(dialect.delimiter).filter(|it| *it != ','),
        encoding: Some(dialect.encoding).filter(|it| *it != "utf-8"),
        line_ends: Some([dialect.line_end]).filter(|it| *it != ["\n"]),
    };
    text(&Group { dialect: told, ..group(contract, Columns { columns: described.collect(), key }, url) })
}

fn described<'a>(name: &'a str, ty: Type, field: Option<&'a Field>, dialect: Option<&Dialect<'_>>) -> Described<'a> {
    let base = match ty {
        Type::Text => "string",
        Type::Integer => "integer",
        Type::Decimal { .. } => "decimal",
        Type::Float => "double",
        Type::Boolean => "boolean",
        Type::Date => "date",
        Type::Timestamp => "datetime",
    };
    let comma = dialect.is_some_and(|it| it.decimal_comma) && matches!(ty, Type::Decimal { .. } | Type::Float);
    let format = comma.then_some(Written::Number { decimal: ",", group: "." });
    let mut derived = Derived { base, format, ..Derived::default() };
    let field = field.filter(|it| it.ty == ty);
    if let Some(it) = field {
        let pattern = it.pattern.as_ref().filter(|_| ty == Type::Text).and_then(|it| portable(it)).map(|it| whole(&it));
        let pattern = one_of(it, dialect).or(pattern);
        derived.format = pattern.map(Written::Pattern).or(derived.format);
        derived.minimum = it.min.as_ref().filter(|_| bounded(ty)).map(value);
        derived.maximum = it.max.as_ref().filter(|_| bounded(ty)).map(value);
    }
    let plain = derived == Derived { base, ..Derived::default() };
    Described {
        titles: name.into(),
        name: variable(name),
        datatype: if plain { Datatype::Base(base) } else { Datatype::Derived(derived) },
        required: field.is_some_and(|it| it.required),
        description: field.and_then(|it| it.description.as_deref()),
        unit: field.and_then(|it| it.unit.as_deref()),
        example: field.and_then(|it| it.example.as_ref().map(value)),
        classification: field.map(|it| it.classification.word()).filter(|it| *it != "public"),
    }
}

/// A pattern that lists the values of a field of texts, as they stand in the file.
fn one_of(it: &Field, dialect: Option<&Dialect<'_>>) -> Option<String> {
    let mut all = Vec::new();
    for value in it.values.iter().filter(|_| it.ty == Type::Text) {
        let Literal::Text(text) = value else { return None };
        let written = dialect.map_or(Cow::Borrowed(text.as_str()), |it| it.heading(text));
        let mut escaped = String::new();
        for sign in written.chars() {
            if "\\^$.|?*+()[]{}/-".contains(sign) {
                escaped.push('\\');
            }
            escaped.push(sign);
        }
        all.push(escaped);
    }
    (!all.is_empty()).then(|| format!("^(?:{})$", all.join("|")))
}

/// What stands around the columns.
fn group<'a>(contract: Option<&'a Contract>, schema: Columns<'a>, url: &'a str) -> Group<'a> {
    Group {
        context: "http://www.w3.org/ns/csvw",
        url,
        title: contract.and_then(|it| it.title.as_deref()),
        description: contract.and_then(|it| it.description.as_deref()),
        identifier: contract.map(|it| format!("{} {} blake3:{}", it.name, it.version, it.digest().hex())),
        version: contract.map(|it| it.version.to_string()),
        owner: contract.and_then(|it| it.owner.as_deref()),
        dialect: Unusual::default(),
        schema,
    }
}

/// A name as variables of URI templates may be: what may not stand in one is written by its bytes.
fn variable(name: &str) -> String {
    let mut out = String::new();
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => out.push(char::from(byte)),
            b'_' if !out.is_empty() => out.push('_'),
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    out
}
