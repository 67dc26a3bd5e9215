//! Contracts as others wrote them, as TOML of ours: the Open Data Contract Standard (YAML) and Table Schema (JSON, which
//! is YAML too). What is dropped is named with its reason.

mod beside;

use std::fmt::Write;

use saphyr::{LoadableYamlNode, Yaml};
use serde_json::{Map, Value};

use crate::model::Type;
use beside::{Modes, odcs_heading, table_modes};

/// What an import came to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Imported {
    /// A file for `contracts/`.
    pub toml: String,
    /// What was dropped: where it stood, and why.
    pub dropped: Vec<(String, String)>,
    /// The contracts in it.
    pub names: Vec<String>,
}

/// Reads a document; `name` is taken where it has none. The reason, where it is neither.
pub fn import(text: &str, name: &str) -> Result<Imported, String> {
    let documents = Yaml::load_from_str(text).map_err(|error| format!("it is neither YAML nor JSON: {error}"))?;
    let Some(it) = documents.first().map(|it| plain(it, 0)) else { return Err("it is empty".to_owned()) };
    let it = &it;
    let mut acc = Imported { toml: String::new(), dropped: Vec::new(), names: Vec::new() };
    if it["kind"].as_str() == Some("DataContract") || it["apiVersion"].as_str().is_some() {
        odcs(it, &mut acc)?;
    } else if it["fields"].as_array().is_some() {
        table_schema(it, name, &mut acc);
    } else {
        return Err("it has neither `kind: DataContract` nor `fields`".to_owned());
    }
    match acc.names.is_empty() {
        true => Err("it has no table with columns".to_owned()),
        false => Ok(acc),
    }
}

/// How deep documents are read.
const DEEPEST: usize = 32;

/// YAML as JSON, of which it is more.
fn plain(it: &Yaml<'_>, depth: usize) -> Value {
    if depth > DEEPEST {
        return Value::Null;
    }
    if let Some(all) = it.as_sequence() {
        return all.iter().map(|it| plain(it, depth + 1)).collect();
    }
    if let Some(all) = it.as_mapping() {
        let pairs = all.iter().filter_map(|(key, it)| Some((key.as_str()?.to_owned(), plain(it, depth + 1))));
        return Value::Object(pairs.collect::<Map<_, _>>());
    }
    let number = || it.as_integer().map(Value::from).or_else(|| it.as_floating_point().map(Value::from));
    it.as_bool().map(Value::from).or_else(number).or_else(|| it.as_str().map(Value::from)).unwrap_or(Value::Null)
}

/// One field on its way.
#[derive(Default)]
struct Field {
    lines: Vec<(&'static str, String)>,
    /// Keys whose values do not fit the type.
    unfit: Vec<&'static str>,
}

impl Field {
    fn text(&mut self, key: &'static str, value: Option<&str>) {
        self.lines.extend(value.filter(|it| !it.is_empty()).map(|it| (key, quoted(it))));
    }

    fn flag(&mut self, key: &'static str, value: &Value) {
        if value.as_bool() == Some(true) {
            self.lines.push((key, "true".to_owned()));
        }
    }

    fn plain(&mut self, key: &'static str, value: &Value, ty: Type) {
        self.put(key, value, literal(value, ty));
    }

    fn list(&mut self, key: &'static str, value: &Value, ty: Type) {
        self.put(key, value, list(value, ty));
    }

    fn pattern(&mut self, value: &Value, pattern: Option<String>, ty: Type) {
        self.put("pattern", value, pattern.filter(|it| ty == Type::Text && !it.is_empty()).map(|it| quoted(&it)));
    }

    fn put(&mut self, key: &'static str, value: &Value, written: Option<String>) {
        match written {
            Some(it) => self.lines.push((key, it)),
            None if value.is_null() || value.as_str() == Some("") => (),
            None => self.unfit.push(key),
        }
    }

    /// Says which of its keys are not there, because the type has no such value.
    fn told(self, place: &str, acc: &mut Imported) -> Field {
        let unfit = |key: &&str| (format!("{place}.{key}"), "it does not fit the type".to_owned());
        acc.dropped.extend(self.unfit.iter().map(unfit));
        self
    }
}

/// Says which column has no name.
fn nameless(place: String, acc: &mut Imported) {
    acc.dropped.push((place, "a column without a name promises nothing".to_owned()));
}

fn odcs(document: &Value, acc: &mut Imported) -> Result<(), String> {
    let version = document["version"].as_str().unwrap_or("1.0.0");
    let version = crate::contracts::version::Version::parse(version).map(|it| it.to_string()).unwrap_or_else(|| {
        acc.dropped.push(("version".to_owned(), "it is not three numbers; hotpass uses `1.0.0`".to_owned()));
        "1.0.0".to_owned()
    });
    let tables = document["schema"].as_array().ok_or("it has no `schema`")?;
    let known = ["apiVersion", "kind", "id", "name", "version", "status", "description", "team", "schema"];
    drop_others(document, &known, "", acc);
    odcs_heading(document, tables, acc);
    let team = document["team"].as_array().or(document["team"]["members"].as_array());
    let owner = team
        .and_then(|all| all.iter().find(|it| it["role"].as_str().is_some_and(|it| it.eq_ignore_ascii_case("owner"))));
    let owner = owner.and_then(|it| it["username"].as_str().or(it["name"].as_str()));
    for (at, table) in tables.iter().enumerate() {
        let Some(name) = table["name"].as_str() else {
            acc.dropped.push((format!("schema.{at}"), "a table without a name is no contract".to_owned()));
            continue;
        };
        let about = table["description"].as_str().or(document["description"]["purpose"].as_str());
        let title = document["name"].as_str().filter(|it| tables.len() == 1 && *it != name);
        let mut keys: Vec<(i64, String)> = Vec::new();
        let mut fields = Vec::new();
        drop_others(
            table,
            &["name", "logicalType", "physicalType", "physicalName", "description", "properties", "customProperties"],
            name,
            acc,
        );
        if table["physicalName"].as_str().is_some_and(|it| it != name) {
            acc.dropped.push((format!("{name}.physicalName"), "a contract has one name".to_owned()));
        }
        if table["description"].as_str().is_some() && document["description"]["purpose"].as_str().is_some() {
            acc.dropped.push(("description.purpose".to_owned(), format!("`{name}` has a description of its own")));
        }
        let mut modes = Modes::default();
        for custom in table["customProperties"].as_array().into_iter().flatten() {
            let key = custom["property"].as_str().unwrap_or("?");
            modes.said(key, &custom["value"], &format!("{name}.customProperties"), acc);
        }
        for (at, it) in table["properties"].as_array().into_iter().flatten().enumerate() {
            let Some(column) = it["name"].as_str() else {
                nameless(format!("{name}.properties.{at}"), acc);
                continue;
            };
            if it["primaryKey"].as_bool() == Some(true) {
                keys.push((it["primaryKeyPosition"].as_i64().unwrap_or(at as i64), column.to_owned()));
            }
            fields.push(odcs_field(it, column, &format!("{name}.{column}"), acc));
        }
        keys.sort();
        let keys: Vec<String> = keys.into_iter().map(|(_, it)| it).collect();
        written(name, &version, (title, about, owner), (&keys, &modes), &fields, acc);
    }
    Ok(())
}

/// A property of a schema, as a field.
fn odcs_field(it: &Value, column: &str, place: &str, acc: &mut Imported) -> Field {
    let ty = odcs_type(it, place, acc);
    let mut field = begun(column, ty, it);
    field.flag("required", &it["required"]);
    field.flag("unique", &it["unique"]);
    let examples = it["examples"].as_array().map(Vec::as_slice).unwrap_or_default();
    if let [first, others @ ..] = examples {
        field.plain("example", first, ty);
        if !others.is_empty() {
            acc.dropped.push((format!("{place}.examples"), "a field has one example; the first is taken".to_owned()));
        }
    }
    let options = &it["logicalTypeOptions"];
    let customs = it["customProperties"].as_array();
    let own = customs.into_iter().flatten().find(|it| it["property"] == "pattern").map(|it| &it["value"]);
    let pattern = own.unwrap_or(&options["pattern"]);
    field.pattern(pattern, pattern.as_str().map(str::to_owned), ty);
    field.plain("min", &options["minimum"], ty);
    field.plain("max", &options["maximum"], ty);
    for custom in it["customProperties"].as_array().into_iter().flatten() {
        match custom["property"].as_str() {
            // Ours, as it was before it was written for others.
            Some("pattern") => (),
            Some("unit") => field.text("unit", custom["value"].as_str()),
            Some("enum") => field.list("enum", &custom["value"], ty),
            Some("references") => field.text("references", custom["value"].as_str()),
            Some("min") => field.plain("min", &custom["value"], ty),
            Some("max") => field.plain("max", &custom["value"], ty),
            Some("masked") => (),
            other => {
                let place = format!("{place}.customProperties.{}", other.unwrap_or("?"));
                acc.dropped.push((place, "a custom property means nothing here".to_owned()));
            }
        }
    }
    classified(it["classification"].as_str(), place, &mut field, acc);
    let known = [
        "name",
        "logicalType",
        "physicalType",
        "description",
        "required",
        "unique",
        "primaryKey",
        "primaryKeyPosition",
        "examples",
        "logicalTypeOptions",
        "customProperties",
        "classification",
    ];
    drop_others(it, &known, place, acc);
    drop_others(options, &["pattern", "minimum", "maximum"], &format!("{place}.logicalTypeOptions"), acc);
    field.told(place, acc)
}

fn odcs_type(it: &Value, place: &str, acc: &mut Imported) -> Type {
    let physical = it["physicalType"].as_str().unwrap_or_default().to_uppercase();
    let sizes: String = physical.chars().filter(|it| !it.is_whitespace()).collect();
    if sizes.contains('(') && sizes != "DECIMAL(38,2)" {
        let why = format!("`{}`: a contract says no length and no number of digits", sizes.to_lowercase());
        acc.dropped.push((format!("{place}.physicalType"), why));
    }
    match it["logicalType"].as_str().unwrap_or_default() {
        "integer" => Type::Integer,
        "number" if ["DECIMAL", "NUMERIC"].iter().any(|it| physical.starts_with(it)) => Type::Decimal { scale: 2 },
        "number" => Type::Float,
        "boolean" => Type::Boolean,
        "timestamp" => Type::Timestamp,
        "date" if physical.starts_with("TIMESTAMP") || physical.starts_with("DATETIME") => Type::Timestamp,
        "date" => Type::Date,
        "string" | "" => Type::Text,
        other => {
            acc.dropped.push((place.to_owned(), format!("the type `{other}` has no equivalent; hotpass uses `text`")));
            Type::Text
        }
    }
}

fn table_schema(document: &Value, name: &str, acc: &mut Imported) {
    let name = document["name"].as_str().unwrap_or(name);
    let version = document["version"].as_str().and_then(crate::contracts::version::Version::parse);
    if version.is_none() && !document["version"].is_null() {
        acc.dropped.push(("version".to_owned(), "it is not three numbers; hotpass uses `1.0.0`".to_owned()));
    }
    let version = version.map_or_else(|| "1.0.0".to_owned(), |it| it.to_string());
    let keys: Vec<String> = match &document["primaryKey"] {
        Value::String(it) => vec![it.clone()],
        Value::Array(all) => all.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    };
    let known = [
        "$schema",
        "profile",
        "name",
        "title",
        "description",
        "version",
        "fields",
        "primaryKey",
        "foreignKeys",
        "missingValues",
        "fieldsMatch",
        "hotpass",
    ];
    drop_others(document, &known, "", acc);
    let modes = table_modes(document, acc);
    if document["missingValues"].as_array().is_some_and(|all| all.iter().any(|it| it.as_str() != Some(""))) {
        let reason = "say them to the source, as `nulls`: a contract is about values that are there";
        acc.dropped.push(("missingValues".to_owned(), reason.to_owned()));
    }
    let several = |it: &&Value| it["fields"].as_array().is_some_and(|all| all.len() > 1);
    if document["foreignKeys"].as_array().into_iter().flatten().any(|it| several(&it)) {
        let reason = "a field refers to one column: several of them are an expectation `foreign_key`";
        acc.dropped.push(("foreignKeys".to_owned(), reason.to_owned()));
    }
    let mut fields = Vec::new();
    for (at, it) in document["fields"].as_array().into_iter().flatten().enumerate() {
        let Some(column) = it["name"].as_str() else {
            nameless(format!("fields.{at}"), acc);
            continue;
        };
        fields.push(table_field((document, name), it, column, acc));
    }
    let owner = document["hotpass"]["owner"].as_str();
    let told = (document["title"].as_str(), document["description"].as_str(), owner);
    if !fields.is_empty() {
        written(name, &version, told, (&keys, &modes), &fields, acc);
    }
}

fn table_field((document, name): (&Value, &str), it: &Value, column: &str, acc: &mut Imported) -> Field {
    let ours = &it["hotpass"];
    let ty = match it["type"].as_str().unwrap_or("string") {
        "integer" => Type::Integer,
        "year" => {
            acc.dropped.push((format!("{column}.type"), "a `year` is an `integer` here".to_owned()));
            Type::Integer
        }
        "number" if ours["type"].as_str() == Some("decimal") => Type::Decimal { scale: 2 },
        "number" => Type::Float,
        "boolean" => Type::Boolean,
        "date" => Type::Date,
        "datetime" => Type::Timestamp,
        "string" => Type::Text,
        "any" => {
            acc.dropped.push((format!("{column}.type"), "values of `any` type are texts here".to_owned()));
            Type::Text
        }
        other => {
            let reason = format!("the type `{other}` has no equivalent; hotpass uses `text`");
            acc.dropped.push((column.to_owned(), reason));
            Type::Text
        }
    };
    let mut field = begun(column, ty, it);
    let rules = &it["constraints"];
    field.flag("required", &rules["required"]);
    field.flag("unique", &rules["unique"]);
    // There a pattern is about the whole text.
    match &ours["pattern"] {
        Value::String(own) => field.pattern(&ours["pattern"], Some(own.clone()), ty),
        _ => field.pattern(&rules["pattern"], rules["pattern"].as_str().map(found_anywhere), ty),
    }
    field.plain("min", &rules["minimum"], ty);
    field.plain("max", &rules["maximum"], ty);
    field.plain("min", &ours["min"], ty);
    field.plain("max", &ours["max"], ty);
    field.list("enum", &rules["enum"], ty);
    field.plain("example", &it["example"], ty);
    field.text("unit", it["unit"].as_str());
    field.text("references", referred((document, name), column, acc).as_deref());
    classified(it["classification"].as_str(), column, &mut field, acc);
    let known =
        ["name", "type", "format", "description", "constraints", "example", "unit", "classification", "hotpass"];
    drop_others(it, &known, column, acc);
    drop_others(ours, &["type", "min", "max", "pattern"], &format!("{column}.hotpass"), acc);
    if it["format"].as_str().is_some_and(|it| !matches!(it, "default" | "any")) {
        let why = "a contract says no format; a pattern or the settings of the source do";
        acc.dropped.push((format!("{column}.format"), why.to_owned()));
    }
    drop_others(
        rules,
        &["required", "unique", "pattern", "minimum", "maximum", "enum"],
        &format!("{column}.constraints"),
        acc,
    );
    field.told(column, acc)
}

/// A pattern that is about a whole text, as one that is found anywhere in it.
fn found_anywhere(pattern: &str) -> String {
    // What we write around ours says no more than we mean.
    if let Some(own) = pattern.strip_prefix("^[\\s\\S]*?(?:").and_then(|it| it.strip_suffix(")[\\s\\S]*$")) {
        return own.to_owned();
    }
    let is_whole = pattern.starts_with('^') && pattern.ends_with('$') && !pattern.ends_with("\\$");
    if is_whole && !pattern.contains('|') { pattern.to_owned() } else { format!("^(?:{pattern})$") }
}

/// The column of another table, or of the same one, that a field refers to.
fn referred((document, name): (&Value, &str), column: &str, acc: &mut Imported) -> Option<String> {
    let is_own = |key: &&Value| {
        key["fields"].as_str() == Some(column)
            || key["fields"].as_array().is_some_and(|all| all.len() == 1 && all[0].as_str() == Some(column))
    };
    let mut keys = document["foreignKeys"].as_array().into_iter().flatten().filter(is_own);
    let key = keys.next()?;
    if keys.next().is_some() {
        acc.dropped.push(("foreignKeys".to_owned(), format!("`{column}` refers to one column; the first is taken")));
    }
    let other = &key["reference"]["fields"];
    let other = other.as_str().or_else(|| other.as_array()?.first()?.as_str());
    let table = key["reference"]["resource"].as_str().filter(|it| !it.is_empty()).unwrap_or(name);
    if other.is_none() {
        acc.dropped.push(("foreignKeys".to_owned(), format!("what `{column}` refers to has no name")));
    }
    other.map(|column| format!("{table}.{column}"))
}

fn begun(column: &str, ty: Type, it: &Value) -> Field {
    let mut field = Field::default();
    field.text("name", Some(column));
    field.lines.push(("type", quoted(ty.name())));
    field.text("description", it["description"].as_str());
    field
}

fn classified(word: Option<&str>, place: &str, field: &mut Field, acc: &mut Imported) {
    let Some(word) = word.filter(|it| !it.is_empty()) else { return };
    let known = match word.to_lowercase().as_str() {
        "public" | "open" => "public",
        "internal" => "internal",
        "confidential" | "restricted" => "confidential",
        "pii" | "personal" => "pii",
        "sensitive_pii" | "sensitive" => "sensitive_pii",
        _ => {
            // What cannot be told is masked.
            acc.dropped.push((
                place.to_owned(),
                "its classification has no equivalent; hotpass uses `confidential`".to_owned(),
            ));
            "confidential"
        }
    };
    field.text("classification", Some(known));
}

fn written(
    name: &str,
    version: &str,
    (title, description, owner): (Option<&str>, Option<&str>, Option<&str>),
    (asked, modes): (&[String], &Modes),
    fields: &[Field],
    acc: &mut Imported,
) {
    let own = plain_name(name);
    if own != name {
        acc.dropped.push((name.to_owned(), format!("it cannot be a name; the contract is called `{own}`")));
    }
    let named = |key: &String| fields.iter().any(|it| it.lines.contains(&("name", quoted(key))));
    // A part of a key tells other rows apart than the whole.
    let keys = if asked.iter().all(named) { asked } else { &[] };
    if let Some(key) = asked.iter().find(|it| !named(it)) {
        acc.dropped.push(("primaryKey".to_owned(), format!("no field is called `{key}`")));
    }
    let out = &mut acc.toml;
    let _ = writeln!(out, "[contract.{own}]\nversion = {}", quoted(version));
    for (key, value) in [("title", title), ("description", description), ("owner", owner)] {
        if let Some(value) = value {
            let _ = writeln!(out, "{key} = {}", quoted(value));
        }
    }
    if !keys.is_empty() {
        let keys: Vec<String> = keys.iter().map(|it| quoted(it)).collect();
        let _ = writeln!(out, "primary_key = [{}]", keys.join(", "));
    }
    for (key, value) in modes.lines() {
        let _ = writeln!(out, "{key} = {value}");
    }
    for field in fields {
        let _ = writeln!(out, "\n[[contract.{own}.field]]");
        for (key, value) in &field.lines {
            let _ = writeln!(out, "{key} = {value}");
        }
    }
    out.push('\n');
    acc.names.push(own);
}

/// Letters, digits, `_` and `-`, beginning with a letter.
fn plain_name(name: &str) -> String {
    let plain: String =
        name.chars().map(|it| if it.is_ascii_alphanumeric() || it == '_' || it == '-' { it } else { '_' }).collect();
    let plain: String = plain.chars().take(80).collect();
    match plain.starts_with(|it: char| it.is_ascii_alphabetic()) {
        true => plain,
        false => format!("c_{plain}"),
    }
}

/// Names what stands beside the keys that are read.
fn drop_others(it: &Value, known: &[&str], place: &str, acc: &mut Imported) {
    let Some(hash) = it.as_object() else { return };
    for key in hash.keys().filter(|it| !known.contains(&it.as_str())) {
        let place = if place.is_empty() { key.clone() } else { format!("{place}.{key}") };
        acc.dropped.push((place, "nothing reads it".to_owned()));
    }
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// A value as a field of the type holds it; nothing where it does not fit.
fn literal(it: &Value, ty: Type) -> Option<String> {
    let number = |it: &serde_json::Number| it.as_f64().filter(|it| it.is_finite()).map(|it| format!("{it:?}"));
    match (it, ty) {
        (Value::Number(it), Type::Integer) => it.as_i64().map(|it| it.to_string()),
        (Value::Number(it), Type::Float | Type::Decimal { .. }) => {
            it.as_i64().map(|it| it.to_string()).or_else(|| number(it))
        }
        (Value::Bool(it), Type::Boolean) => Some(it.to_string()),
        (Value::String(it), Type::Text) => Some(quoted(it)),
        (Value::String(it), Type::Date | Type::Timestamp) if crate::text::cast::spells(it, ty) => Some(quoted(it)),
        (Value::Number(it), Type::Text) => Some(quoted(&it.to_string())),
        _ => None,
    }
}

fn list(it: &Value, ty: Type) -> Option<String> {
    // A list without some of its values would refuse what it allows.
    let all: Vec<String> =
        it.as_array()?.iter().filter(|it| !it.is_null()).map(|it| literal(it, ty)).collect::<Option<_>>()?;
    (!all.is_empty()).then(|| format!("[{}]", all.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contracts::emit::{Form, emit};
    use crate::contracts::tests::read;

    #[test]
    fn what_is_emitted_comes_back() {
        let body = "version = '1.2.0'\ntitle = 'T'\ndescription = 'D: #'\nprimary_key = ['id']\n\
            [[contract.c.field]]\nname = 'id'\nrequired = true\npattern = '^a$'\nexample = 'a'\n\
            [[contract.c.field]]\nname = 'n'\ntype = 'integer'\nmin = 1\nmax = 9\nenum = [1, 2]\nunit = 'm'\n\
            [[contract.c.field]]\nname = 'd'\ntype = 'date'\nunique = true\nclassification = 'pii'\nreferences = 't.d'\n";
        let contract = read(body);
        for form in [Form::Odcs, Form::TableSchema] {
            let imported = import(&emit(&contract, form, ""), "c").expect("a contract");
            assert_eq!(imported.dropped, [], "{form:?}");
            let name = &imported.names[0];
            let again = imported.toml.replace(&format!("contract.{name}"), "contract.c");
            let again = read(again.strip_prefix("[contract.c]\n").expect("a heading"));
            assert_eq!(
                (&again.fields, &again.primary_key, again.version),
                (&contract.fields, &contract.primary_key, contract.version),
                "{form:?}"
            );
        }
    }

    #[test]
    fn what_is_no_contract_is_refused() {
        for text in ["", "a: [", "a: 1", "[1, 2]", "kind: DataContract", "fields: []"] {
            assert!(import(text, "c").is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_dropped_is_named() {
        let text =
            "name: 'x y'\nfields:\n- {name: a, type: geopoint, rdfType: z, constraints: {minLength: 2}}\nother: 1\n";
        let imported = import(text, "c").expect("a contract");
        let places: Vec<&str> = imported.dropped.iter().map(|(it, _)| it.as_str()).collect();
        assert_eq!(places, ["other", "a", "a.rdfType", "a.constraints.minLength", "x y"]);
        assert!(imported.toml.starts_with("[contract.x_y]\n"), "{}", imported.toml);
        let text = "primaryKey: [a, b]\nfields:\n- {name: a}\n";
        let imported = import(text, "c").expect("a contract");
        assert_eq!(imported.dropped, [("primaryKey".to_owned(), "no field is called `b`".to_owned())]);
        assert!(!imported.toml.contains("primary_key"), "{}", imported.toml);
        let text = "missingValues: ['', NA]\nforeignKeys: [{fields: [a, b], reference: {resource: r, fields: [c, d]}}]\n\
            fields:\n- {type: string}\n- {name: n, type: integer, constraints: {enum: [1, x], minimum: low, pattern: '1'}}\n\
            - {name: t, constraints: {pattern: '^a|b$'}}\n";
        let imported = import(text, "c").expect("a contract");
        let places: Vec<&str> = imported.dropped.iter().map(|(it, _)| it.as_str()).collect();
        assert_eq!(places, ["missingValues", "foreignKeys", "fields.0", "n.pattern", "n.min", "n.enum"]);
        assert!(imported.toml.contains("^(?:^a|b$)$"), "{}", imported.toml);
    }
}
