//! Suites of Great Expectations, of version 0.x (`expectation_type`) and 1.x (`type`).

use serde_json::{Map, Value as Json};
use toml::{Table, Value};

use super::entry::{Given, Imported, NEVER, UNBOUNDED, UNNAMED, list, plain};
use crate::expectations::theirs;
use crate::expr::python;
use crate::relation::sql::identifier;

/// The table of checks that name none.
const TABLE: &str = "TABLE";

/// Parts that say nothing of what is expected.
const ASIDE: [&str; 6] = ["batch_id", "catch_exceptions", "include_config", "result_format", "format", "windows"];

/// Every check of a suite; the error says why it is none.
pub(crate) fn suite(root: &Map<String, Json>, table: Option<&str>) -> Result<Imported, String> {
    let Some(Json::Array(expectations)) = root.get("expectations") else {
        return Err("its `expectations` are no list".to_owned());
    };
    let mut acc = Imported::default();
    for (number, it) in expectations.iter().enumerate() {
        let key = format!("expectations.{number}");
        acc.at(&["expectations", &number.to_string()]);
        let Json::Object(it) = it else {
            acc.drop(key, "it is not a table");
            continue;
        };
        let name = ["type", "expectation_type"].into_iter().find_map(|key| it.get(key)?.as_str());
        let Some(name) = name else {
            acc.drop(key, "it has no type");
            continue;
        };
        let name = theirs::of_class(name).unwrap_or(name);
        let mut kwargs = it.get("kwargs").and_then(Json::as_object).cloned().unwrap_or_default();
        if let Some(severity) = it.get("severity") {
            kwargs.entry("severity").or_insert(severity.clone());
        }
        let notes = it.get("meta").and_then(|it| it.get("notes"));
        let said = it.get("description").or_else(|| notes.map(|it| it.get("content").unwrap_or(it)));
        let said = said.and_then(|it| it.as_str().or_else(|| it.as_array()?.first()?.as_str()));
        one(&mut acc, &key, table.unwrap_or(TABLE), name, &kwargs, said);
    }
    let known = ["expectations", "name", "expectation_suite_name", "data_asset_type", "ge_cloud_id", "id"];
    for key in root.keys().filter(|it| !known.contains(&it.as_str())) {
        acc.at(&[key]);
        acc.drop(key, "no check reads it");
    }
    Ok(acc)
}

/// Adds one expectation by its name there; `key` is what it is called where it is dropped.
pub(crate) fn one(
    acc: &mut Imported,
    key: &str,
    table: &str,
    name: &str,
    kwargs: &Map<String, Json>,
    said: Option<&str>,
) {
    let (title, mut given) = (format!("{key} {name}"), Given::new(kwargs));
    ASIDE.iter().for_each(|it| drop(given.take(it)));
    let mut common = Table::new();
    for (part, why) in [
        ("row_condition", "the condition is written in another language: write it as `where`, and the check beside it"),
        ("$PARAMETER", "parameters of a suite have values only when it is run"),
    ] {
        if given.has(part) || (part == "$PARAMETER" && kwargs.values().any(|it| it.get(part).is_some())) {
            return acc.drop(title, why);
        }
    }
    given.take("condition_parser");
    match given.take("severity").as_ref().and_then(Json::as_str) {
        None | Some("critical" | "error") => (),
        Some("warning" | "warn" | "info") => drop(common.insert("severity".to_owned(), Value::from("warn"))),
        Some(_) => acc.drop(format!("{title} severity"), "there is no such severity"),
    }
    if let Some(mostly) = given.take("mostly") {
        match mostly.as_f64() {
            Some(1.0) => (),
            Some(0.0) => return acc.drop(title, NEVER),
            Some(share) if (0.0..1.0).contains(&share) => drop(common.insert("mostly".to_owned(), Value::from(share))),
            _ => return acc.drop(title, "`mostly` is not a share"),
        }
    }
    if let Some(which) = given.take("ignore_row_if") {
        let columns = columns(name, &mut Given::new(kwargs)).unwrap_or_default();
        match passed_over(which.as_str().unwrap_or_default(), &columns) {
            Ok(None) => (),
            Ok(Some(condition)) => drop(common.insert("where".to_owned(), Value::from(condition))),
            Err(why) => acc.drop(format!("{title} ignore_row_if"), why),
        }
    }
    if let Some(said) = said.filter(|it| !it.trim().is_empty()) {
        common.insert("meaning".to_owned(), Value::from(said.trim()));
    }
    match checks(name, &mut given) {
        Err(why) => acc.drop(title, why),
        Ok(found) => {
            for (columns, kind, value) in found {
                let mut entry = Table::new();
                match columns.as_slice() {
                    [] => (),
                    [one] => drop(entry.insert("column".to_owned(), Value::from(one.as_str()))),
                    _ => drop(entry.insert("columns".to_owned(), Value::from(columns.clone()))),
                }
                // A query there calls the table that it is about so.
                let value = match (kind, value.as_str()) {
                    ("sql", Some(query)) => Value::from(query.replace("{batch}", table)),
                    _ => value,
                };
                entry.insert(kind.to_owned(), value);
                entry.extend(common.clone());
                acc.entries.push((table.to_owned(), entry));
            }
            acc.left(&title, given);
        }
    }
}

/// The condition of a check that passes over rows there. By default these are rows in which all of its columns are empty,
/// and they pass here; where one empty column is enough, the check is of the other rows.
fn passed_over(which: &str, columns: &[String]) -> Result<Option<String>, &'static str> {
    match which {
        "both_values_are_missing" | "all_values_are_missing" => Ok(None),
        "either_value_is_missing" | "any_value_is_missing" => {
            let filled: Vec<String> = columns.iter().map(|it| format!("{} is not null", identifier(it))).collect();
            Ok(Some(filled.join(" and ")))
        }
        _ => Err("a row with nothing in these columns passes here"),
    }
}

/// Columns, kind and value.
type Check = (Vec<String>, &'static str, Value);

fn checks(name: &str, given: &mut Given) -> Result<Vec<Check>, String> {
    let columns = columns(name, given)?;
    match name {
        "expect_column_quantile_values_to_be_between" => return quantiles(columns, given),
        "expect_table_columns_to_match_set" => return Ok(vec![column_set(given)?]),
        _ => (),
    }
    for family in [of_columns, of_values, of_figures, of_tables] {
        if let Some((kind, value)) = family(name, given)? {
            return Ok(vec![(columns, kind, value)]);
        }
    }
    Err(theirs::why_not(name).unwrap_or("there is no such check here").to_owned())
}

/// The columns that a check is about.
fn columns(name: &str, given: &mut Given) -> Result<Vec<String>, String> {
    Ok(if name.starts_with("expect_column_pair_") {
        let names = [given.text("column_A"), given.text("column_B")];
        names.into_iter().collect::<Option<_>>().ok_or(UNNAMED)?
    } else if ["expect_compound_", "expect_multicolumn_", "expect_select_"].iter().any(|it| name.starts_with(it)) {
        let names = given.take("column_list").and_then(|it| plain(&it));
        let names = names.and_then(|it| it.as_array()?.iter().map(|it| it.as_str().map(str::to_owned)).collect());
        names.filter(|it: &Vec<String>| !it.is_empty()).ok_or(UNNAMED)?
    } else if name.starts_with("expect_column_") {
        vec![given.text("column").ok_or(UNNAMED)?]
    } else {
        Vec::new()
    })
}

fn column_set(given: &mut Given) -> Result<Check, String> {
    let exact = given.take("exact_match").and_then(|it| it.as_bool()) != Some(false);
    let names = texts(given, "column_set")?;
    if exact {
        return Ok((Vec::new(), "columns_in_any_order", names));
    }
    let names = names.as_array().into_iter().flatten().filter_map(|it| it.as_str().map(str::to_owned));
    Ok((names.collect(), "exists", Value::from(true)))
}

/// A kind and its value; none where the name is of another family.
type Found = Result<Option<(&'static str, Value)>, String>;

/// Whether there are values, and how those of several columns stand to each other.
fn of_columns(name: &str, given: &mut Given) -> Found {
    let yes = || Value::from(true);
    Ok(Some(match name {
        "expect_column_to_exist" => ("exists", yes()),
        "expect_column_values_to_not_be_null" => ("not_null", yes()),
        "expect_column_values_to_be_null" => ("null", yes()),
        "expect_column_values_to_be_unique" | "expect_compound_columns_to_be_unique" => ("unique", yes()),
        "expect_select_column_values_to_be_unique_within_record" | "expect_multicolumn_values_to_be_unique" => {
            ("unique_in_row", yes())
        }
        "expect_multicolumn_values_to_be_equal" | "expect_column_pair_values_to_be_equal" => ("equal", yes()),
        "expect_multicolumn_sum_to_equal" => ("row_sum", equals(given, "sum_total")?),
        "expect_column_pair_values_a_to_be_greater_than_b" => {
            (if given.flag("or_equal") { "greater_or_equal" } else { "greater" }, yes())
        }
        "expect_column_pair_values_to_be_in_set" => {
            let pairs = given.take("value_pairs_set").and_then(|it| plain(&it));
            ("pair_in", pairs.ok_or("a pair has a value that TOML does not have")?)
        }
        _ => return Ok(None),
    }))
}

/// What each value is to be.
fn of_values(name: &str, given: &mut Given) -> Found {
    let yes = || Value::from(true);
    Ok(Some(match name {
        "expect_column_values_to_be_in_set" => ("in", list(&given.take("value_set").unwrap_or_default())?),
        "expect_column_values_to_not_be_in_set" => ("not_in", list(&given.take("value_set").unwrap_or_default())?),
        "expect_column_values_to_be_between" => ("between", given.bounds()?),
        "expect_column_value_lengths_to_be_between" => ("length", given.bounds()?),
        "expect_column_value_lengths_to_equal" => ("length", equals(given, "value")?),
        "expect_column_values_to_match_regex" => ("matches", patterns(given, "regex")?),
        "expect_column_values_to_not_match_regex" => ("not_matches", patterns(given, "regex")?),
        "expect_column_values_to_match_regex_list" => {
            let all = given.text("match_on").as_deref() == Some("all");
            (if all { "matches_all" } else { "matches" }, patterns(given, "regex_list")?)
        }
        "expect_column_values_to_not_match_regex_list" => ("not_matches", patterns(given, "regex_list")?),
        "expect_column_values_to_match_like_pattern" => ("like", texts(given, "like_pattern")?),
        "expect_column_values_to_not_match_like_pattern" => ("not_like", texts(given, "like_pattern")?),
        "expect_column_values_to_match_like_pattern_list" => match given.text("match_on").as_deref() {
            Some("all") => return Err("all of several patterns of SQL: write one check for each".to_owned()),
            _ => ("like", texts(given, "like_pattern_list")?),
        },
        "expect_column_values_to_not_match_like_pattern_list" => ("not_like", texts(given, "like_pattern_list")?),
        "expect_column_values_to_be_of_type" | "expect_column_type_to_be" => ("type", types(given, "type_")?),
        "expect_column_values_to_be_in_type_list" => ("type", types(given, "type_list")?),
        "expect_column_values_to_be_increasing" => ("increasing", strictly(given)),
        "expect_column_values_to_be_decreasing" => ("decreasing", strictly(given)),
        "expect_column_values_to_match_json_schema" => {
            let schema = given.take("json_schema").ok_or("it has no `json_schema`")?;
            ("json_schema", Value::from(schema.to_string()))
        }
        "expect_column_values_to_match_strftime_format" => ("date_format", texts(given, "strftime_format")?),
        "expect_column_values_to_be_dateutil_parseable" => ("reads_as", Value::from("date")),
        "expect_column_values_to_be_json_parseable" => ("reads_as", Value::from("json")),
        "expect_column_value_z_scores_to_be_less_than" => {
            let mut scores = keyed("below", given, "threshold")?;
            if !given.flag("double_sided") {
                scores.insert("above_only".to_owned(), yes());
            }
            ("z_score", Value::Table(scores))
        }
        "expect_column_values_to_not_be_outliers" => {
            let std = given.text("method").as_deref() == Some("std");
            let times = given.take("multiplier").unwrap_or(Json::from(if std { 3.0 } else { 1.5 }));
            let times = plain(&times).ok_or("`multiplier` is not a number")?;
            let key = if std { "below" } else { "times" };
            let table = Table::from_iter([(key.to_owned(), times)]);
            (if std { "z_score" } else { "outliers" }, Value::Table(table))
        }
        _ => return Ok(None),
    }))
}

/// What the values of a column come to.
fn of_figures(name: &str, given: &mut Given) -> Found {
    let yes = || Value::from(true);
    Ok(Some(match name {
        "expect_column_mean_to_be_between" => ("mean", given.bounds()?),
        "expect_column_median_to_be_between" => ("median", given.bounds()?),
        "expect_column_stdev_to_be_between" => ("stdev", given.bounds()?),
        "expect_column_sum_to_be_between" => ("sum", given.bounds()?),
        "expect_column_min_to_be_between" => ("minimum", given.bounds()?),
        "expect_column_max_to_be_between" => ("maximum", given.bounds()?),
        "expect_column_unique_value_count_to_be_between" => ("distinct_count", given.bounds()?),
        "expect_column_proportion_of_unique_values_to_be_between" => ("distinct_share", given.bounds()?),
        "expect_column_proportion_of_non_null_values_to_be_between" => ("filled_share", given.bounds()?),
        "expect_column_distinct_values_to_be_in_set" => ("distinct", set("in", given)?),
        "expect_column_distinct_values_to_contain_set" => ("distinct", set("contain", given)?),
        "expect_column_distinct_values_to_equal_set" => ("distinct", set("equal", given)?),
        "expect_column_most_common_value_to_be_in_set" => {
            let mut table = Table::from_iter([("in".to_owned(), list(&given.take("value_set").unwrap_or_default())?)]);
            if given.flag("ties_okay") {
                table.insert("ties".to_owned(), yes());
            }
            ("most_common", Value::Table(table))
        }
        "expect_column_kl_divergence_to_be_less_than" => ("kl_divergence", divergence(given)?),
        _ => return Ok(None),
    }))
}

/// What a table as a whole is to be.
fn of_tables(name: &str, given: &mut Given) -> Found {
    Ok(Some(match name {
        "expect_table_row_count_to_be_between" => ("rows", given.bounds()?),
        "expect_table_row_count_to_equal" => ("rows", equals(given, "value")?),
        "expect_table_row_count_to_equal_other_table" => ("same_rows_as", texts(given, "other_table_name")?),
        "expect_table_column_count_to_be_between" => ("column_count", given.bounds()?),
        "expect_table_column_count_to_equal" => ("column_count", equals(given, "value")?),
        "expect_table_columns_to_match_ordered_list" => ("columns_in_order", texts(given, "column_list")?),
        "unexpected_rows_expectation" => {
            let query = given.text("unexpected_rows_query").ok_or("it has no query")?;
            ("sql", Value::from(query))
        }
        "expect_query_results_to_match_comparison" => {
            let how = "make each of its queries a `sql` step, and hold one against the other: `same_contents_as`";
            return Err(how.to_owned());
        }
        _ => return Ok(None),
    }))
}

fn keyed(ours: &str, given: &mut Given, theirs: &str) -> Result<Table, String> {
    let value = given.take(theirs).and_then(|it| plain(&it)).ok_or_else(|| format!("it has no `{theirs}`"))?;
    Ok(Table::from_iter([(ours.to_owned(), value)]))
}

fn equals(given: &mut Given, theirs: &str) -> Result<Value, String> {
    keyed("equals", given, theirs).map(Value::Table)
}

fn set(rule: &str, given: &mut Given) -> Result<Value, String> {
    let values = list(&given.take("value_set").unwrap_or_default())?;
    Ok(Value::Table(Table::from_iter([(rule.to_owned(), values)])))
}

fn strictly(given: &mut Given) -> Value {
    if given.flag("strictly") { Value::from("strictly") } else { Value::from(true) }
}

/// A text or a list of texts.
fn texts(given: &mut Given, key: &str) -> Result<Value, String> {
    let value = given.take(key).and_then(|it| plain(&it)).ok_or_else(|| format!("it has no `{key}`"))?;
    let fine = match &value {
        Value::String(_) => true,
        Value::Array(items) => !items.is_empty() && items.iter().all(Value::is_str),
        _ => false,
    };
    if fine { Ok(value) } else { Err(format!("`{key}` is not a text")) }
}

/// The same of patterns, which must be those that can be run.
fn patterns(given: &mut Given, key: &str) -> Result<Value, String> {
    let value = texts(given, key)?;
    let all = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
    for pattern in all.iter().filter_map(Value::as_str) {
        if let Err(wrong) = python::translated(pattern) {
            return Err(format!("a pattern cannot be read: {}", wrong.reason));
        }
    }
    Ok(value)
}

/// Types by their names in pandas, Spark and SQL.
fn types(given: &mut Given, key: &str) -> Result<Value, String> {
    let named = texts(given, key)?;
    let named = named.as_array().cloned().unwrap_or_else(|| vec![named.clone()]);
    let mut acc: Vec<&str> = Vec::new();
    for name in named.iter().filter_map(Value::as_str) {
        let bare = name.split('(').next().unwrap_or(name).to_ascii_lowercase();
        let ours = match bare.trim_end_matches("type").trim_end_matches("dtype") {
            "str" | "string" | "object" | "object_" | "text" | "varchar" | "char" | "nvarchar" => "text",
            "int" | "integer" | "int8" | "int16" | "int32" | "int64" | "int_" | "long" | "bigint" | "smallint" => {
                "integer"
            }
            "float" | "float32" | "float64" | "float_" | "double" | "double_precision" | "real" => "float",
            "decimal" | "numeric" | "number" => "decimal",
            "bool" | "bool_" | "boolean" => "boolean",
            "date" => "date",
            "datetime" | "datetime64" | "datetime64[ns]" | "timestamp" | "timestamp_ntz" => "timestamp",
            _ => return Err(format!("there is no type here that `{name}` could mean")),
        };
        if !acc.contains(&ours) {
            acc.push(ours);
        }
    }
    Ok(match acc.as_slice() {
        [one] => Value::from(*one),
        _ => Value::from(acc),
    })
}

/// One check for each of several quantiles.
fn quantiles(columns: Vec<String>, given: &mut Given) -> Result<Vec<Check>, String> {
    given.take("allow_relative_error");
    let ranges = given.take("quantile_ranges").unwrap_or_default();
    let (Some(places), Some(bounds)) = (ranges["quantiles"].as_array(), ranges["value_ranges"].as_array()) else {
        return Err("its `quantile_ranges` are not complete".to_owned());
    };
    let mut acc = Vec::new();
    for (place, range) in places.iter().zip(bounds) {
        let mut table = Table::new();
        table.insert("at".to_owned(), plain(place).ok_or("a quantile is not a number")?);
        for (key, at) in [("min", 0), ("max", 1)] {
            if let Some(bound) = range.get(at).and_then(plain) {
                table.insert(key.to_owned(), bound);
            }
        }
        if table.len() > 1 {
            acc.push((columns.clone(), "quantile", Value::Table(table)));
        }
    }
    if acc.is_empty() { Err(UNBOUNDED.to_owned()) } else { Ok(acc) }
}

fn divergence(given: &mut Given) -> Result<Value, String> {
    let partition =
        given.take("partition_object").ok_or("it has no `partition_object`: nothing is known of the rows")?;
    let mut table = keyed("max", given, "threshold")?;
    given.take("bucketize_data");
    for (key, ours) in [("values", "values"), ("bins", "bins"), ("weights", "weights"), ("tail_weights", "tails")] {
        if !partition[key].is_null() {
            table
                .insert(ours.to_owned(), plain(&partition[key]).ok_or("its partition has values that are not finite")?);
        }
    }
    for (theirs, ours) in [("tail_weight_holdout", "tail"), ("internal_weight_holdout", "inside")] {
        match given.take(theirs).and_then(|it| it.as_f64()) {
            None | Some(0.0) => (),
            Some(share) => drop(table.insert(ours.to_owned(), Value::from(share))),
        }
    }
    Ok(Value::Table(table))
}
