//! An expectation in the words of Great Expectations: the name of its kind there, and what it is given.
//!
//! A kind that they do not have keeps its own name, and what it is given is what stands under its key here. What
//! `hotpass expect import` makes of a suite comes back from here as it was.

use serde_json::{Map, Value as Json, json};

use crate::expectations::Expectation;

/// Their name of the kind, and its arguments.
#[derive(Clone, PartialEq, Debug)]
pub struct Configured {
    /// `expect_column_values_to_be_in_set`; `hotpass_holds` of a kind that they do not have.
    pub name: String,
    /// Arguments by name, the columns among them.
    pub kwargs: Map<String, Json>,
}

/// An expectation in their words.
pub fn configured(it: &Expectation) -> Configured {
    let (name, own) = named(it);
    let mut kwargs = about(&name, it);
    if let Json::Object(own) = own {
        kwargs.extend(own);
    }
    if it.mostly() < 1.0 {
        kwargs.insert("mostly".to_owned(), json!(it.mostly()));
    }
    Configured { name, kwargs }
}

/// The columns, as a kind of theirs takes them.
fn about(name: &str, it: &Expectation) -> Map<String, Json> {
    let pairs = match it.columns.as_slice() {
        [a, b] if name.starts_with("expect_column_pair_") => vec![("column_A", json!(a)), ("column_B", json!(b))],
        [] => Vec::new(),
        [one] if !takes_list(name) => vec![("column", json!(one))],
        all => vec![("column_list", json!(all))],
    };
    pairs.into_iter().map(|(key, it)| (key.to_owned(), it)).collect()
}

fn takes_list(name: &str) -> bool {
    ["expect_compound_", "expect_multicolumn_", "expect_select_"].iter().any(|it| name.starts_with(it))
}

/// Their name and what else it is given.
fn named(it: &Expectation) -> (String, Json) {
    let found = rows(it).or_else(|| numbers(it)).or_else(|| tables(it));
    let own = || (format!("hotpass_{}", it.kind.name), json!({ it.kind.name: it.asked }));
    found.map_or_else(own, |(name, given)| (name.to_owned(), given))
}

/// Kinds that look at single rows.
fn rows(it: &Expectation) -> Option<(&'static str, Json)> {
    let (asked, none) = (&it.asked, json!({}));
    let many = it.columns.len() > 1;
    let texts = |one: &'static str, key: &str, all: &'static str| match asked {
        Json::Array(_) => (all, json!({ format!("{key}_list"): asked })),
        _ => (one, json!({ key: asked })),
    };
    let strictly = || if asked == "strictly" { json!({"strictly": true}) } else { json!({}) };
    Some(match it.kind.name {
        "not_null" => ("expect_column_values_to_not_be_null", none),
        "null" => ("expect_column_values_to_be_null", none),
        "unique" if many => ("expect_compound_columns_to_be_unique", none),
        "unique" => ("expect_column_values_to_be_unique", none),
        "in" => ("expect_column_values_to_be_in_set", json!({"value_set": asked})),
        "not_in" => ("expect_column_values_to_not_be_in_set", json!({"value_set": asked})),
        "matches" => texts("expect_column_values_to_match_regex", "regex", "expect_column_values_to_match_regex_list"),
        "matches_all" => ("expect_column_values_to_match_regex_list", json!({"regex_list": asked, "match_on": "all"})),
        "not_matches" => {
            texts("expect_column_values_to_not_match_regex", "regex", "expect_column_values_to_not_match_regex_list")
        }
        "like" => texts(
            "expect_column_values_to_match_like_pattern",
            "like_pattern",
            "expect_column_values_to_match_like_pattern_list",
        ),
        "not_like" => texts(
            "expect_column_values_to_not_match_like_pattern",
            "like_pattern",
            "expect_column_values_to_not_match_like_pattern_list",
        ),
        "between" => ("expect_column_values_to_be_between", bounds(asked)),
        "length" => {
            equals("expect_column_value_lengths_to_equal", "value", "expect_column_value_lengths_to_be_between", asked)
        }
        "reads_as" if asked == "date" => ("expect_column_values_to_be_dateutil_parseable", none),
        "reads_as" if asked == "json" => ("expect_column_values_to_be_json_parseable", none),
        "json_schema" => (
            "expect_column_values_to_match_json_schema",
            json!({"json_schema": asked.as_str().and_then(|it| serde_json::from_str::<Json>(it).ok())}),
        ),
        "date_format" => ("expect_column_values_to_match_strftime_format", json!({"strftime_format": asked})),
        "increasing" => ("expect_column_values_to_be_increasing", strictly()),
        "decreasing" => ("expect_column_values_to_be_decreasing", strictly()),
        "z_score" => (
            "expect_column_value_z_scores_to_be_less_than",
            json!({"threshold": asked["below"], "double_sided": asked["above_only"] != true}),
        ),
        "outliers" => {
            ("expect_column_values_to_not_be_outliers", json!({"method": "iqr", "multiplier": asked["times"]}))
        }
        "equal" if it.columns.len() == 2 => ("expect_column_pair_values_to_be_equal", none),
        "equal" => ("expect_multicolumn_values_to_be_equal", none),
        "greater" => ("expect_column_pair_values_a_to_be_greater_than_b", none),
        "greater_or_equal" => ("expect_column_pair_values_a_to_be_greater_than_b", json!({"or_equal": true})),
        "pair_in" => ("expect_column_pair_values_to_be_in_set", json!({"value_pairs_set": asked})),
        "unique_in_row" => ("expect_select_column_values_to_be_unique_within_record", none),
        "row_sum" if !asked["equals"].is_null() => {
            ("expect_multicolumn_sum_to_equal", json!({"sum_total": asked["equals"]}))
        }
        _ => return None,
    })
}

/// Kinds that make one number or one set of a column.
fn numbers(it: &Expectation) -> Option<(&'static str, Json)> {
    let asked = &it.asked;
    let bounded = match it.kind.name {
        "mean" => "expect_column_mean_to_be_between",
        "median" => "expect_column_median_to_be_between",
        "stdev" => "expect_column_stdev_to_be_between",
        "sum" => "expect_column_sum_to_be_between",
        "minimum" => "expect_column_min_to_be_between",
        "maximum" => "expect_column_max_to_be_between",
        "distinct_count" => "expect_column_unique_value_count_to_be_between",
        "distinct_share" => "expect_column_proportion_of_unique_values_to_be_between",
        "filled_share" => "expect_column_proportion_of_non_null_values_to_be_between",
        "quantile" => {
            let bounds = bounds(asked);
            let range = [&bounds["min_value"], &bounds["max_value"]];
            let given = json!({"quantile_ranges": {"quantiles": [asked["at"]], "value_ranges": [range]}});
            return Some(("expect_column_quantile_values_to_be_between", given));
        }
        "distinct" => {
            return ["in", "contain", "equal"]
                .into_iter()
                .zip([
                    "expect_column_distinct_values_to_be_in_set",
                    "expect_column_distinct_values_to_contain_set",
                    "expect_column_distinct_values_to_equal_set",
                ])
                .find(|(key, _)| !asked[key].is_null())
                .map(|(key, name)| (name, json!({"value_set": asked[key]})));
        }
        "most_common" => {
            let listed = if asked.is_array() { asked } else { &asked["in"] };
            let given = match asked["ties"] == true {
                true => json!({"value_set": listed, "ties_okay": true}),
                false => json!({"value_set": listed}),
            };
            return Some(("expect_column_most_common_value_to_be_in_set", given));
        }
        "kl_divergence" => return Some(("expect_column_kl_divergence_to_be_less_than", divergence(asked))),
        _ => return None,
    };
    Some((bounded, bounds(asked)))
}

/// Kinds that are about the table or its columns.
fn tables(it: &Expectation) -> Option<(&'static str, Json)> {
    let asked = &it.asked;
    Some(match it.kind.name {
        "exists" => ("expect_column_to_exist", json!({})),
        "type" if asked.is_array() => ("expect_column_values_to_be_in_type_list", json!({"type_list": asked})),
        "type" => ("expect_column_values_to_be_of_type", json!({"type_": asked})),
        "column_count" => {
            equals("expect_table_column_count_to_equal", "value", "expect_table_column_count_to_be_between", asked)
        }
        "columns_in_order" => ("expect_table_columns_to_match_ordered_list", json!({"column_list": list(asked)})),
        "columns_in_any_order" => {
            ("expect_table_columns_to_match_set", json!({"column_set": list(asked), "exact_match": true}))
        }
        "rows" => equals("expect_table_row_count_to_equal", "value", "expect_table_row_count_to_be_between", asked),
        "same_rows_as" => ("expect_table_row_count_to_equal_other_table", json!({"other_table_name": asked})),
        "sql" => ("unexpected_rows_expectation", json!({"unexpected_rows_query": asked})),
        _ => return None,
    })
}

/// A list, also where one text stands for it.
fn list(asked: &Json) -> Json {
    if asked.is_array() { asked.clone() } else { json!([asked]) }
}

/// Bounds by their names there.
fn bounds(asked: &Json) -> Json {
    let mut acc = Map::new();
    let mut add = |key: &str, it: Json| _ = acc.insert(key.to_owned(), it);
    for (ours, theirs, strict) in [
        ("min", "min_value", None),
        ("max", "max_value", None),
        ("above", "min_value", Some("strict_min")),
        ("below", "max_value", Some("strict_max")),
        ("equals", "min_value", None),
        ("equals", "max_value", None),
    ] {
        if !asked[ours].is_null() {
            add(theirs, asked[ours].clone());
            strict.into_iter().for_each(|it| add(it, json!(true)));
        }
    }
    Json::Object(acc)
}

/// One name for exactly so many, another one for bounds.
fn equals(exact: &'static str, key: &str, within: &'static str, asked: &Json) -> (&'static str, Json) {
    match &asked["equals"] {
        Json::Null => (within, bounds(asked)),
        one => (exact, json!({ key: one })),
    }
}

fn divergence(asked: &Json) -> Json {
    let part = |pairs: &[(&str, &str)]| -> Map<String, Json> {
        let there = pairs.iter().filter(|(ours, _)| !asked[ours].is_null());
        there.map(|(ours, theirs)| ((*theirs).to_owned(), asked[ours].clone())).collect()
    };
    let partition = part(&[("values", "values"), ("bins", "bins"), ("weights", "weights"), ("tails", "tail_weights")]);
    let mut acc = part(&[("max", "threshold"), ("tail", "tail_weight_holdout"), ("inside", "internal_weight_holdout")]);
    acc.insert("partition_object".to_owned(), Json::Object(partition));
    Json::Object(acc)
}
