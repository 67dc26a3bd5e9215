//! A data package: the files of a pipeline with their columns, as Frictionless and others read it:
//! <https://datapackage.org/standard/data-package/>.

use std::borrow::Cow;

use serde::Serialize;

use super::Dialect;
use super::json::{TableField, table_field, table_type, text};
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

#[derive(Serialize)]
struct Package<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    name: String,
    resources: Vec<Described<'a>>,
}

/// A resource as it is written.
#[derive(Serialize)]
struct Described<'a> {
    name: String,
    #[serde(rename = "type")]
    ty: &'static str,
    path: &'a str,
    format: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    mediatype: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    encoding: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dialect: Option<Written<'a>>,
    schema: Schema<'a>,
}

#[derive(Serialize)]
struct Written<'a> {
    delimiter: char,
    #[serde(rename = "lineTerminator", skip_serializing_if = "Option::is_none")]
    line_end: Option<&'a str>,
}

#[derive(Serialize)]
struct Schema<'a> {
    fields: Vec<TableField<'a>>,
    #[serde(rename = "primaryKey", skip_serializing_if = "Option::is_none")]
    key: Option<Vec<Cow<'a, str>>>,
    #[serde(rename = "missingValues")]
    missing_values: [&'static str; 1],
}

/// The package of these files.
pub fn package(name: &str, resources: &[Resource<'_>]) -> String {
    text(&Package {
        schema: "https://datapackage.org/profiles/2.0/datapackage.json",
        name: plain(name),
        resources: resources.iter().map(resource).collect(),
    })
}

fn resource<'a>(it: &'a Resource<'_>) -> Described<'a> {
    let ending = it.path.rsplit_once('.').map_or("", |(_, it)| it).to_lowercase();
    let told =
        |it: &'a Dialect<'_>| Written { delimiter: it.delimiter, line_end: Some(it.line_end).filter(|it| *it != "\n") };
    // It begins with a byte order mark, which says the rest.
    let encoding = |it: &'a Dialect<'_>| if it.encoding == "utf-16le" { "utf-16" } else { it.encoding };
    Described {
        name: plain(&it.name),
        ty: "table",
        path: &it.path,
        mediatype: media_type(&ending),
        format: ending,
        title: it.contract.as_ref().and_then(|it| it.title.as_deref()),
        description: it.contract.as_ref().and_then(|it| it.description.as_deref()),
        encoding: it.dialect.as_ref().map(encoding),
        dialect: it.dialect.as_ref().map(told),
        schema: schema(it),
    }
}

/// The columns, with what is promised of those that are as promised.
fn schema<'a>(it: &'a Resource<'_>) -> Schema<'a> {
    let decimal_comma = it.dialect.as_ref().is_some_and(|it| it.decimal_comma);
    let heading = |name: &'a str| it.dialect.as_ref().map_or(Cow::Borrowed(name), |it| it.heading(name));
    let field = |(name, ty): &'a (String, Type)| {
        let promised = it.contract.as_ref().and_then(|it| it.field(name)).filter(|it| it.ty == *ty);
        let (word, format) = table_type(*ty);
        let decimal_char = (decimal_comma && word == "number").then_some(",");
        let promised = promised.map(table_field).unwrap_or_default();
        TableField { name: heading(name), ty: word, format, decimal_char, ..promised }
    };
    let key = it.contract.as_ref().map(|it| it.primary_key.as_slice()).unwrap_or_default();
    let whole = !key.is_empty() && key.iter().all(|key| it.columns.iter().any(|(name, _)| name == key));
    Schema {
        fields: it.columns.iter().map(field).collect(),
        key: whole.then(|| key.iter().map(|it| heading(it)).collect()),
        missing_values: [""],
    }
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
    use serde_json::{Value, json};

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
        let beside = super::super::csvw_of(None, &|_| false, &[("=1+1", Type::Text)], "t.csv", &dialect);
        assert!(beside.contains("\"titles\": \"'=1+1\""), "{beside}");
    }
}
