//! Contracts as JSON: Frictionless Table Schema, JSON Schema, CSV on the Web.

use serde_json::{Map, Value, json};

use crate::contracts::emit::Dialect;
use crate::contracts::{Contract, Extra, Field};
use crate::expr::Literal;
use crate::model::Type;

pub(super) fn text(value: &Value) -> String {
    format!("{value:#}\n")
}

/// A literal as JSON.
pub(super) fn value(it: &Literal) -> Value {
    match it {
        Literal::Null => Value::Null,
        Literal::Text(it) => json!(it),
        Literal::Integer(it) => json!(it),
        Literal::Number(it) => {
            serde_json::from_str(it).unwrap_or_else(|_| json!(it.parse::<f64>().unwrap_or_default()))
        }
        Literal::Boolean(it) => json!(it),
    }
}

/// Adds what is there.
pub(super) fn put(map: &mut Map<String, Value>, key: &str, value: Option<Value>) {
    if let Some(value) = value {
        map.insert(key.to_owned(), value);
    }
}

/// Table Schema: <https://datapackage.org/standard/table-schema/>.
pub(super) fn table_schema(contract: &Contract) -> String {
    let mut out = Map::new();
    put(&mut out, "$schema", Some(json!("https://datapackage.org/profiles/2.0/tableschema.json")));
    put(&mut out, "name", Some(json!(contract.name)));
    put(&mut out, "title", contract.title.as_ref().map(|it| json!(it)));
    put(&mut out, "description", contract.description.as_ref().map(|it| json!(it)));
    put(&mut out, "version", Some(json!(contract.version)));
    put(&mut out, "fields", Some(contract.fields.iter().map(|it| Value::Object(table_field(it))).collect()));
    put(&mut out, "primaryKey", (!contract.primary_key.is_empty()).then(|| json!(contract.primary_key)));
    let keys: Vec<Value> = contract.fields.iter().filter_map(foreign_key).collect();
    put(&mut out, "foreignKeys", (!keys.is_empty()).then_some(Value::Array(keys)));
    put(&mut out, "missingValues", Some(json!([""])));
    text(&Value::Object(out))
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
pub(super) fn table_field(it: &Field) -> Map<String, Value> {
    let mut constraints = Map::new();
    put(&mut constraints, "required", it.required.then_some(json!(true)));
    put(&mut constraints, "unique", it.unique.then_some(json!(true)));
    put(&mut constraints, "pattern", it.pattern.as_ref().map(|it| json!(whole(it))));
    put(&mut constraints, "minimum", it.min.as_ref().map(value));
    put(&mut constraints, "maximum", it.max.as_ref().map(value));
    put(&mut constraints, "enum", listed(it));
    let mut out = Map::new();
    put(&mut out, "name", Some(json!(it.name)));
    let (ty, format) = table_type(it.ty);
    put(&mut out, "type", Some(json!(ty)));
    put(&mut out, "format", format.map(|it| json!(it)));
    put(&mut out, "description", it.description.as_ref().map(|it| json!(it)));
    put(&mut out, "example", it.example.as_ref().map(value));
    put(&mut out, "unit", it.unit.as_ref().map(|it| json!(it)));
    put(&mut out, "classification", Some(json!(it.classification.word())));
    put(&mut out, "constraints", (!constraints.is_empty()).then_some(Value::Object(constraints)));
    out
}

fn foreign_key(it: &Field) -> Option<Value> {
    let (table, column) = it.references.as_ref()?.rsplit_once('.')?;
    Some(json!({"fields": [it.name], "reference": {"resource": table, "fields": [column]}}))
}

/// A pattern for those who take patterns to be about the whole text: ours is found anywhere.
fn whole(pattern: &str) -> String {
    let (from, to) = (pattern.starts_with('^'), pattern.ends_with('$') && !pattern.ends_with("\\$"));
    match (from, to) {
        (true, true) if !pattern.contains('|') => pattern.to_owned(),
        _ => format!("^[\\s\\S]*?(?:{pattern})[\\s\\S]*$"),
    }
}

fn listed(it: &Field) -> Option<Value> {
    (!it.values.is_empty()).then(|| it.values.iter().map(value).collect())
}

/// JSON Schema of one row; a row without a value says null, or does not say the field where it is not required.
pub(super) fn json_schema(contract: &Contract) -> String {
    let mut properties = Map::new();
    for it in &contract.fields {
        properties.insert(it.name.clone(), property(it));
    }
    let required: Vec<&String> = contract.fields.iter().filter(|it| it.required).map(|it| &it.name).collect();
    let mut out = Map::new();
    put(&mut out, "$schema", Some(json!("https://json-schema.org/draft/2020-12/schema")));
    put(&mut out, "$id", Some(json!(format!("urn:hotpass:contract:{}:{}", contract.name, contract.version))));
    put(&mut out, "title", Some(json!(contract.title.as_ref().unwrap_or(&contract.name))));
    put(&mut out, "description", contract.description.as_ref().map(|it| json!(it)));
    put(&mut out, "type", Some(json!("object")));
    put(&mut out, "properties", Some(Value::Object(properties)));
    put(&mut out, "required", (!required.is_empty()).then(|| json!(required)));
    put(&mut out, "additionalProperties", (contract.modes.extra == Extra::Deny).then_some(json!(false)));
    let examples: Map<String, Value> =
        contract.fields.iter().filter_map(|it| Some((it.name.clone(), value(it.example.as_ref()?)))).collect();
    let whole = contract.fields.iter().all(|it| !it.required || it.example.is_some());
    put(&mut out, "examples", (whole && !examples.is_empty()).then(|| json!([examples])));
    text(&Value::Object(out))
}

fn property(it: &Field) -> Value {
    let mut out = Map::new();
    let (ty, format) = match it.ty {
        Type::Text => ("string", None),
        Type::Integer => ("integer", None),
        Type::Decimal { .. } | Type::Float => ("number", None),
        Type::Boolean => ("boolean", None),
        Type::Date => ("string", Some("date")),
        Type::Timestamp => ("string", Some("date-time")),
    };
    put(&mut out, "type", Some(if it.required { json!(ty) } else { json!([ty, "null"]) }));
    put(&mut out, "format", format.map(|it| json!(it)));
    put(&mut out, "description", it.description.as_ref().map(|it| json!(it)));
    put(&mut out, "pattern", it.pattern.as_ref().map(|it| json!(it)));
    // Days have no order in JSON Schema.
    let number = |it: &Option<Literal>| it.as_ref().map(value).filter(Value::is_number);
    put(&mut out, "minimum", number(&it.min));
    put(&mut out, "maximum", number(&it.max));
    let listed = listed(it).map(|mut all| {
        if let (false, Value::Array(all)) = (it.required, &mut all) {
            all.push(Value::Null);
        }
        all
    });
    put(&mut out, "enum", listed);
    put(&mut out, "examples", it.example.as_ref().map(|it| json!([value(it)])));
    Value::Object(out)
}

/// CSV on the Web: <https://www.w3.org/TR/tabular-metadata/>.
pub(super) fn csvw(contract: &Contract, url: &str) -> String {
    let columns = contract.fields.iter().map(|it| described(&it.name, it.ty, Some(it), false)).collect();
    let key: Vec<String> = contract.primary_key.iter().map(|it| variable(it)).collect();
    let mut out = group(Some(contract), columns, &key, url);
    out.remove("dc:identifier");
    text(&Value::Object(out))
}

/// A file that is published: its columns and its dialect, and what a contract says of them.
pub(super) fn csvw_of(
    contract: Option<&Contract>,
    columns: &[(&str, Type)],
    url: &str,
    dialect: &Dialect<'_>,
) -> String {
    let field = |name: &str| contract.and_then(|it| it.field(name));
    let described = columns.iter().map(|(name, ty)| {
        let mut column = described(name, *ty, field(name), dialect.decimal_comma);
        column["titles"] = json!(dialect.heading(name));
        column
    });
    let described = described.collect();
    let key = contract.map(|it| it.primary_key.as_slice()).unwrap_or_default();
    let whole = key.iter().all(|it| columns.iter().any(|(name, _)| name == it));
    let key: Vec<String> = key.iter().filter(|_| whole).map(|it| variable(it)).collect();
    let mut out = group(contract, described, &key, url);
    let mut told = Map::new();
    put(&mut told, "delimiter", (dialect.delimiter != ',').then(|| json!(dialect.delimiter.to_string())));
    put(&mut told, "encoding", (dialect.encoding != "utf-8").then(|| json!(dialect.encoding)));
    put(&mut told, "lineTerminators", (dialect.line_end != "\n").then(|| json!([dialect.line_end])));
    put(&mut out, "dialect", (!told.is_empty()).then_some(Value::Object(told)));
    text(&Value::Object(out))
}

/// A column of CSV on the Web.
fn described(name: &str, ty: Type, field: Option<&Field>, decimal_comma: bool) -> Value {
    let base = match ty {
        Type::Text => "string",
        Type::Integer => "integer",
        Type::Decimal { .. } => "decimal",
        Type::Float => "double",
        Type::Boolean => "boolean",
        Type::Date => "date",
        Type::Timestamp => "datetime",
    };
    let mut datatype = Map::new();
    put(&mut datatype, "base", Some(json!(base)));
    let comma = decimal_comma && matches!(ty, Type::Decimal { .. } | Type::Float);
    put(&mut datatype, "format", comma.then(|| json!({"decimalChar": ",", "groupChar": "."})));
    if let Some(it) = field.filter(|it| it.ty == ty) {
        let pattern = it.pattern.as_ref().filter(|_| ty == Type::Text);
        put(&mut datatype, "format", pattern.map(|it| json!(whole(it))));
        put(&mut datatype, "minimum", it.min.as_ref().map(value));
        put(&mut datatype, "maximum", it.max.as_ref().map(value));
    }
    let mut out = Map::new();
    put(&mut out, "titles", Some(json!(name)));
    put(&mut out, "name", Some(json!(variable(name))));
    put(&mut out, "datatype", Some(if datatype.len() == 1 { json!(base) } else { Value::Object(datatype) }));
    put(&mut out, "required", field.and_then(|it| it.required.then_some(json!(true))));
    put(&mut out, "dc:description", field.and_then(|it| it.description.as_ref()).map(|it| json!(it)));
    Value::Object(out)
}

/// What stands around the columns.
fn group(contract: Option<&Contract>, columns: Vec<Value>, key: &[String], url: &str) -> Map<String, Value> {
    let mut schema = Map::new();
    put(&mut schema, "columns", Some(Value::Array(columns)));
    put(&mut schema, "primaryKey", (!key.is_empty()).then(|| json!(key)));
    let mut out = Map::new();
    put(&mut out, "@context", Some(json!("http://www.w3.org/ns/csvw")));
    put(&mut out, "url", Some(json!(url)));
    if let Some(it) = contract {
        put(&mut out, "dc:title", it.title.as_ref().map(|it| json!(it)));
        put(&mut out, "dc:description", it.description.as_ref().map(|it| json!(it)));
        put(&mut out, "dc:identifier", Some(json!(format!("{} {} blake3:{}", it.name, it.version, it.digest().hex()))));
    }
    put(&mut out, "tableSchema", Some(Value::Object(schema)));
    out
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
