//! Tests in `schema.yml` of dbt: those it comes with, those of `dbt_utils`, and those of `dbt_expectations`, which are
//! Great Expectations' under other names.

use serde_json::{Map, Value as Json};
use toml::{Table, Value};

use super::entry::{Given, Imported, UNNAMED, list, plain};
use super::great;
use crate::expr::parse;

/// What tables and columns have there that says nothing of their values.
const OF_BOTH: [&str; 8] = ["name", "description", "tests", "data_tests", "config", "meta", "docs", "tags"];
/// What else a table has.
const OF_TABLES: [&str; 11] = [
    "columns",
    "group",
    "access",
    "enabled",
    "latest_version",
    "identifier",
    "quoting",
    "loader",
    "loaded_at_field",
    "external",
    "deprecation_date",
];
/// What else a column has.
const OF_COLUMNS: [&str; 3] = ["quote", "data_type", "policy_tags"];
/// Why a test does not become a check that does not run there.
const DISABLED: &str = "it is disabled there, and does not run";

/// Why a test, or all tests of a table, do not run there; none where they do.
fn disabled(enabled: Option<&Json>) -> Option<&'static str> {
    match enabled {
        None | Some(Json::Null | Json::Bool(true)) => None,
        Some(Json::Bool(false)) => Some(DISABLED),
        Some(_) => Some("a template there says whether it runs: decide it, and write the check"),
    }
}

/// All tests of the tables of a file.
pub(crate) fn schema(root: &Map<String, Json>) -> Imported {
    let mut acc = Imported::default();
    for part in ["models", "seeds", "snapshots"] {
        items(root.get(part)).for_each(|(at, it)| table(&mut acc, &[part, &at], it));
    }
    for (source, it) in items(root.get("sources")) {
        items(it.get("tables")).for_each(|(at, it)| table(&mut acc, &["sources", &source, "tables", &at], it));
    }
    let known = ["version", "models", "seeds", "snapshots", "sources"];
    for key in root.keys().filter(|it| !known.contains(&it.as_str())) {
        acc.at(&[key]);
        acc.drop(key, "no check reads it");
    }
    acc
}

/// Tables of a list, each with its number from 0.
fn items(list: Option<&Json>) -> impl Iterator<Item = (String, &Map<String, Json>)> {
    let items = list.and_then(Json::as_array).into_iter().flatten().enumerate();
    items.filter_map(|(at, it)| Some((at.to_string(), it.as_object()?)))
}

fn table(acc: &mut Imported, path: &[&str], it: &Map<String, Json>) {
    acc.at(path);
    let Some(name) = it.get("name").and_then(Json::as_str) else {
        return acc.drop("a table", "it has no name");
    };
    let config = it.get("config").and_then(|it| it.get("enabled"));
    if let Some(why) = disabled(config.or_else(|| it.get("enabled"))) {
        return acc.drop(name, why);
    }
    for test in tests(it) {
        one(acc, name, None, test);
    }
    for key in it.keys().filter(|it| !OF_BOTH.iter().chain(&OF_TABLES).any(|known| known == it)) {
        acc.drop(format!("{name} {key}"), "no check reads it");
    }
    for (at, column) in items(it.get("columns")) {
        acc.at(&[path, &["columns", &at]].concat());
        let Some(own) = column.get("name").and_then(Json::as_str) else {
            acc.drop(format!("{name}: a column"), UNNAMED);
            continue;
        };
        for test in tests(column) {
            one(acc, name, Some(own), test);
        }
        for key in column.keys().filter(|it| !OF_BOTH.iter().chain(&OF_COLUMNS).any(|known| known == it)) {
            acc.drop(format!("{name}.{own} {key}"), "no check reads it");
        }
    }
}

fn tests(it: &Map<String, Json>) -> impl Iterator<Item = &Json> {
    ["tests", "data_tests"].into_iter().filter_map(|key| it.get(key)?.as_array()).flatten()
}

/// The name of a test and what is said of it, on one level; none where it has no name.
fn parts(test: &Json) -> Option<(&str, Map<String, Json>)> {
    let (name, mut parts) = match test {
        Json::String(name) => (name.as_str(), Map::new()),
        Json::Object(it) if it.contains_key("test_name") => (it["test_name"].as_str().unwrap_or_default(), it.clone()),
        Json::Object(it) => match it.iter().next()? {
            (name, Json::Object(parts)) => (name.as_str(), parts.clone()),
            (name, _) => (name.as_str(), Map::new()),
        },
        _ => return None,
    };
    // Since version 1.10 arguments stand apart.
    for apart in ["arguments", "config"] {
        if let Some(Json::Object(more)) = parts.remove(apart) {
            parts.extend(more);
        }
    }
    Some((name, parts))
}

fn one(acc: &mut Imported, table: &str, column: Option<&str>, test: &Json) {
    let place = column.map_or(table.to_owned(), |it| format!("{table}.{it}"));
    let Some((name, parts)) = parts(test) else { return acc.drop(place, "a test has no name") };
    let title = format!("{place} {name}");
    if let Some(why) = disabled(parts.get("enabled")) {
        return acc.drop(title, why);
    }
    let mut given = Given::new(&parts);
    let mut common = Table::new();
    if given.text("severity").is_some_and(|it| it.eq_ignore_ascii_case("warn")) {
        common.insert("severity".to_owned(), Value::from("warn"));
    }
    let where_ = given.text("where").or_else(|| given.text("row_condition"));
    if let Some(condition) = where_ {
        if parse::parse(&condition).is_err() {
            return acc
                .drop(title, "its condition is not an expression here: write it as `where`, and the check beside it");
        }
        common.insert("where".to_owned(), Value::from(condition));
    }
    let said = given.text("description");
    ["name", "test_name", "tags", "meta", "store_failures", "enabled", "group_by"]
        .iter()
        .for_each(|it| drop(given.take(it)));
    if let Some(theirs) = name.strip_prefix("dbt_expectations.") {
        let mut kwargs: Map<String, Json> =
            given.left().into_iter().map(|it| (it.clone(), parts[&it].clone())).collect();
        if let Some(column) = column {
            kwargs.insert("column".to_owned(), Json::from(column));
        }
        if kwargs.get("strictly").and_then(Json::as_bool) == Some(true) && theirs.ends_with("between") {
            kwargs.remove("strictly");
            kwargs.insert("strict_min".to_owned(), Json::from(true));
            kwargs.insert("strict_max".to_owned(), Json::from(true));
        }
        let before = acc.entries.len();
        great::one(acc, &place, table, theirs, &kwargs, said.as_deref());
        acc.entries[before..].iter_mut().for_each(|(_, it)| it.extend(common.clone()));
        return;
    }
    if let Some(said) = said {
        common.insert("meaning".to_owned(), Value::from(said));
    }
    match check(name, &mut given) {
        Err(why) => acc.drop(title, why),
        Ok((columns, kind, value)) => {
            let mut entry = Table::new();
            let own: Vec<String> = column.map(str::to_owned).into_iter().collect();
            match columns.as_ref().unwrap_or(&own).as_slice() {
                [] if !is_of_table(kind) => {
                    return acc.drop(title, UNNAMED);
                }
                [] => (),
                [one] => drop(entry.insert("column".to_owned(), Value::from(one.as_str()))),
                all => drop(entry.insert("columns".to_owned(), Value::from(all.to_vec()))),
            }
            if is_of_table(kind) {
                entry.remove("column");
            }
            entry.insert(kind.to_owned(), value);
            entry.extend(common);
            acc.entries.push((table.to_owned(), entry));
            acc.left(&title, given);
        }
    }
}

/// Whether a check is about a table, and names no column.
fn is_of_table(kind: &str) -> bool {
    matches!(kind, "holds" | "rows" | "same_rows_as" | "same_contents_as")
}

/// Columns where the test names them itself, kind, and value.
fn check(name: &str, given: &mut Given) -> Result<(Option<Vec<String>>, &'static str, Value), String> {
    let bare = name.rsplit('.').next().unwrap_or(name);
    let own = |kind, value| Ok((None, kind, value));
    match bare {
        "unique" => own("unique", Value::from(true)),
        "not_null" => own("not_null", Value::from(true)),
        "accepted_values" => own("in", list(&given_values(given))?),
        "not_accepted_values" => own("not_in", list(&given_values(given))?),
        "relationships" => {
            let to = given.text("to").ok_or("it does not say to which table")?;
            let table = named(&to).ok_or("the table that it leads to cannot be read")?;
            let mut value = Table::from_iter([("in".to_owned(), Value::from(table))]);
            if let Some(field) = given.text("field") {
                value.insert("column".to_owned(), Value::from(field));
            }
            own("foreign_key", Value::Table(value))
        }
        "unique_combination_of_columns" => {
            let columns = given.take("combination_of_columns").and_then(|it| plain(&it));
            let columns: Option<Vec<String>> =
                columns.and_then(|it| it.as_array()?.iter().map(|it| it.as_str().map(str::to_owned)).collect());
            Ok((Some(columns.ok_or(UNNAMED)?), "unique", Value::from(true)))
        }
        "expression_is_true" => {
            let text = given.text("expression").ok_or("it has no expression")?;
            match parse::parse(&text) {
                Ok(_) => own("holds", Value::from(text)),
                Err(_) => Err("hotpass does not know this expression: write it as `holds`".to_owned()),
            }
        }
        "accepted_range" => {
            let inclusive = given.take("inclusive").and_then(|it| it.as_bool()) != Some(false);
            let mut table = Table::new();
            for (theirs, with, without) in [("min_value", "min", "above"), ("max_value", "max", "below")] {
                if let Some(bound) = given.take(theirs) {
                    let bound = plain(&bound).ok_or("a bound is not a plain value")?;
                    table.insert(if inclusive { with } else { without }.to_owned(), bound);
                }
            }
            if table.is_empty() {
                Err("it has no bounds, and would hold always".to_owned())
            } else {
                own("between", Value::Table(table))
            }
        }
        "not_null_proportion" => {
            let mut table = Table::new();
            for (theirs, ours) in [("at_least", "min"), ("at_most", "max")] {
                if let Some(bound) = given.take(theirs).as_ref().and_then(plain) {
                    table.insert(ours.to_owned(), bound);
                }
            }
            if table.is_empty() {
                Err("it has no bounds, and would hold always".to_owned())
            } else {
                own("filled_share", Value::Table(table))
            }
        }
        "not_empty_string" => own("length", Value::Table(Table::from_iter([("min".to_owned(), Value::from(1))]))),
        "not_constant" => own("distinct_count", Value::Table(Table::from_iter([("min".to_owned(), Value::from(2))]))),
        "at_least_one" => own("filled_share", Value::Table(Table::from_iter([("above".to_owned(), Value::from(0))]))),
        "equal_rowcount" => {
            let to = given.text("compare_model").ok_or("it does not say with which table")?;
            own("same_rows_as", Value::from(named(&to).ok_or("the table that it leads to cannot be read")?))
        }
        "equality" => {
            let to = given.text("compare_model").ok_or("it does not say with which table")?;
            own("same_contents_as", Value::from(named(&to).ok_or("the table that it leads to cannot be read")?))
        }
        _ => Err("there is no such check here".to_owned()),
    }
}

fn given_values(given: &mut Given) -> Json {
    let values = given.take("values").unwrap_or_default();
    let quoted = given.take("quote").and_then(|it| it.as_bool()) != Some(false);
    match values {
        // Values are texts there unless it is said that they are not.
        Json::Array(items) if quoted && items.iter().any(Json::is_string) => Json::Array(
            items.iter().map(|it| it.as_str().map_or_else(|| Json::from(it.to_string()), Json::from)).collect(),
        ),
        other => other,
    }
}

/// The table in `ref('x')`, `source('s', 'x')` or a bare name.
fn named(text: &str) -> Option<String> {
    let quoted: Vec<&str> = text.split(['\'', '"']).skip(1).step_by(2).collect();
    match quoted.last() {
        Some(name) => Some((*name).to_owned()),
        None if text.chars().all(|it| it.is_alphanumeric() || it == '_') && !text.is_empty() => Some(text.to_owned()),
        None => None,
    }
}
