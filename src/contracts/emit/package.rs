//! A data package: the files of a pipeline with their columns, as Frictionless and others read it:
//! <https://datapackage.org/standard/data-package/>.

use serde_json::{Map, Value, json};

use super::Dialect;
use super::json::{put, table_field, table_type, text};
use crate::contracts::Contract;
use crate::model::Type;

/// A file of a package.
pub struct Resource<'a> {
    /// Its name.
    pub name: String,
    /// Where it is, as seen from the package.
    pub path: String,
    /// What its table promises.
    pub contract: Option<Contract>,
    /// Its columns in order.
    pub columns: Vec<(String, Type)>,
    /// How it is written, where it is delimited text.
    pub dialect: Option<Dialect<'a>>,
}

/// The package of these files.
pub fn package(name: &str, resources: &[Resource<'_>]) -> String {
    let mut out = Map::new();
    put(&mut out, "$schema", Some(json!("https://datapackage.org/profiles/2.0/datapackage.json")));
    put(&mut out, "name", Some(json!(plain(name))));
    put(&mut out, "resources", Some(resources.iter().map(resource).collect()));
    text(&Value::Object(out))
}

fn resource(it: &Resource<'_>) -> Value {
    let mut out = Map::new();
    let ending = it.path.rsplit_once('.').map_or("", |(_, it)| it).to_lowercase();
    put(&mut out, "name", Some(json!(plain(&it.name))));
    put(&mut out, "type", Some(json!("table")));
    put(&mut out, "path", Some(json!(it.path)));
    put(&mut out, "format", Some(json!(ending)));
    put(&mut out, "mediatype", media_type(&ending).map(|it| json!(it)));
    if let Some(contract) = &it.contract {
        put(&mut out, "title", contract.title.as_ref().map(|it| json!(it)));
        put(&mut out, "description", contract.description.as_ref().map(|it| json!(it)));
    }
    if let Some(dialect) = &it.dialect {
        // It begins with a byte order mark, which says the rest.
        let encoding = if dialect.encoding == "utf-16le" { "utf-16" } else { dialect.encoding };
        put(&mut out, "encoding", Some(json!(encoding)));
        let mut told = Map::new();
        put(&mut told, "delimiter", Some(json!(dialect.delimiter.to_string())));
        put(&mut told, "lineTerminator", (dialect.line_end != "\n").then(|| json!(dialect.line_end)));
        put(&mut out, "dialect", Some(Value::Object(told)));
    }
    put(&mut out, "schema", Some(schema(it)));
    Value::Object(out)
}

/// The columns, with what is promised of those that are as promised.
fn schema(it: &Resource<'_>) -> Value {
    let decimal_comma = it.dialect.is_some_and(|it| it.decimal_comma);
    let heading = |name: &str| it.dialect.as_ref().map_or_else(|| name.to_owned(), |it| it.heading(name).into_owned());
    let field = |(name, ty): &(String, Type)| {
        let promised = it.contract.as_ref().and_then(|it| it.field(name)).filter(|it| it.ty == *ty);
        let mut out = promised.map(table_field).unwrap_or_default();
        let (word, format) = table_type(*ty);
        put(&mut out, "name", Some(json!(heading(name))));
        put(&mut out, "type", Some(json!(word)));
        put(&mut out, "format", format.map(|it| json!(it)));
        put(&mut out, "decimalChar", (decimal_comma && word == "number").then(|| json!(",")));
        Value::Object(out)
    };
    let key = it.contract.as_ref().map(|it| it.primary_key.as_slice()).unwrap_or_default();
    let whole = !key.is_empty() && key.iter().all(|key| it.columns.iter().any(|(name, _)| name == key));
    let mut out = Map::new();
    put(&mut out, "fields", Some(it.columns.iter().map(field).collect()));
    put(&mut out, "primaryKey", whole.then(|| key.iter().map(|it| json!(heading(it))).collect()));
    put(&mut out, "missingValues", Some(json!([""])));
    Value::Object(out)
}

/// A name as packages have them: small letters, digits, `.`, `_` and `-`.
fn plain(name: &str) -> String {
    let sign = |it: char| if it.is_ascii_alphanumeric() || "._".contains(it) { it.to_ascii_lowercase() } else { '-' };
    name.chars().map(sign).collect()
}

fn media_type(ending: &str) -> Option<&'static str> {
    Some(match ending {
        "csv" => "text/csv",
        "tsv" => "text/tab-separated-values",
        "json" => "application/json",
        "ndjson" | "jsonl" => "application/x-ndjson",
        "parquet" => "application/vnd.apache.parquet",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_the_names_that_stand_in_the_file() {
        let named = |marks| {
            let dialect = Dialect { delimiter: ',', encoding: "utf-8", line_end: "\n", decimal_comma: false, marks };
            let columns = vec![("=1+1".to_owned(), Type::Text), ("b".to_owned(), Type::Text)];
            let (name, path) = ("t".to_owned(), "t.csv".to_owned());
            let resource = Resource { name, path, contract: None, columns, dialect: Some(dialect) };
            let package: Value = serde_json::from_str(&package("p", &[resource])).expect("JSON");
            package["resources"][0]["schema"]["fields"].as_array().expect("fields")[0]["name"].clone()
        };
        assert_eq!([named(true), named(false)], [json!("'=1+1"), json!("=1+1")]);
        let dialect = Dialect { delimiter: ',', encoding: "utf-8", line_end: "\n", decimal_comma: false, marks: true };
        let beside = super::super::csvw_of(None, &[("=1+1", Type::Text)], "t.csv", &dialect);
        assert!(beside.contains("\"titles\": \"'=1+1\""), "{beside}");
    }
}
