//! An expectation in the words of Great Expectations: the name of its kind there, and what it is given.
//!
//! A kind that they do not have keeps its own name, and what it is given is what stands under its key here. What
//! `hotpass expect import` makes of a suite comes back from here as it was.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value as Json;

use crate::expectations::Expectation;

/// Their name of the kind, and its arguments.
#[derive(Clone, PartialEq, Debug)]
pub struct Configured {
    /// `expect_column_values_to_be_in_set`; `hotpass_holds` of a kind that they do not have.
    pub name: String,
    /// Arguments by name, the columns among them.
    pub kwargs: Kwargs,
}

/// What a kind of theirs is given: each takes some of these.
#[derive(Clone, Default, PartialEq, Debug, Serialize)]
pub struct Kwargs {
    /// The table that it is about, in a result.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batch_id: Option<String>,
    #[serde(flatten)]
    columns: Option<Columns>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mostly: Option<f64>,
    /// Of a kind that they do not have: what stands under its key here.
    #[serde(flatten)]
    own: BTreeMap<&'static str, Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value_set: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value_pairs_set: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    column_set: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    type_list: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    type_: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    regex: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    regex_list: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    like_pattern: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    like_pattern_list: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    strftime_format: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    json_schema: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    threshold: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    multiplier: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sum_total: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    other_table_name: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unexpected_rows_query: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    min_value: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_value: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tail_weight_holdout: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    internal_weight_holdout: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    quantile_ranges: Option<Quantiles>,
    #[serde(skip_serializing_if = "Option::is_none")]
    partition_object: Option<Partition>,
    #[serde(skip_serializing_if = "Option::is_none")]
    match_on: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    method: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    strictly: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    double_sided: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    or_equal: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ties_okay: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exact_match: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    strict_min: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    strict_max: Option<bool>,
}

/// The columns, as a kind of theirs takes them.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(untagged)]
enum Columns {
    One {
        column: String,
    },
    Pair {
        #[serde(rename = "column_A")]
        a: String,
        #[serde(rename = "column_B")]
        b: String,
    },
    List {
        column_list: Json,
    },
}

#[derive(Clone, PartialEq, Debug, Serialize)]
struct Quantiles {
    quantiles: [Json; 1],
    value_ranges: [[Option<Json>; 2]; 1],
}

#[derive(Clone, Default, PartialEq, Debug, Serialize)]
struct Partition {
    #[serde(skip_serializing_if = "Option::is_none")]
    values: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bins: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    weights: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tail_weights: Option<Json>,
}

/// An expectation in their words.
pub fn configured(it: &Expectation) -> Configured {
    let (name, given) = named(it);
    let columns = given.columns.or_else(|| about(&name, it));
    let mostly = Some(it.mostly()).filter(|it| *it < 1.0);
    Configured { name, kwargs: Kwargs { columns, mostly, ..given } }
}

/// The columns, as a kind of theirs takes them.
fn about(name: &str, it: &Expectation) -> Option<Columns> {
    Some(match it.columns.as_slice() {
        [a, b] if name.starts_with("expect_column_pair_") => Columns::Pair { a: a.clone(), b: b.clone() },
        [] => return None,
        [one] if !takes_list(name) => Columns::One { column: one.clone() },
        all => Columns::List { column_list: all.into() },
    })
}

fn takes_list(name: &str) -> bool {
    ["expect_compound_", "expect_multicolumn_", "expect_select_"].iter().any(|it| name.starts_with(it))
}

/// Their name and what else it is given.
fn named(it: &Expectation) -> (String, Kwargs) {
    let found = rows(it).or_else(|| numbers(it)).or_else(|| tables(it));
    let own = || {
        let own = BTreeMap::from([(it.kind.name, it.asked.clone())]);
        (format!("hotpass_{}", it.kind.name), Kwargs { own, ..Kwargs::default() })
    };
    found.map_or_else(own, |(name, given)| (name.to_owned(), given))
}

/// A kind of theirs, and what it is given.
type Given = (&'static str, Kwargs);

/// Kinds that look at single rows.
fn rows(it: &Expectation) -> Option<Given> {
    let (asked, none) = (it.asked.clone(), Kwargs::default());
    let many = it.columns.len() > 1;
    let set = |it: Json| Kwargs { value_set: Some(it), ..Kwargs::default() };
    let strictly = Kwargs { strictly: (asked == "strictly").then_some(true), ..Kwargs::default() };
    Some(match it.kind.name {
        "not_null" => ("expect_column_values_to_not_be_null", none),
        "null" => ("expect_column_values_to_be_null", none),
        "unique" if many => ("expect_compound_columns_to_be_unique", none),
        "unique" => ("expect_column_values_to_be_unique", none),
        "in" => ("expect_column_values_to_be_in_set", set(asked)),
        "not_in" => ("expect_column_values_to_not_be_in_set", set(asked)),
        "matches" if asked.is_array() => {
            ("expect_column_values_to_match_regex_list", Kwargs { regex_list: Some(asked), ..none })
        }
        "matches" => ("expect_column_values_to_match_regex", Kwargs { regex: Some(asked), ..none }),
        "matches_all" => (
            "expect_column_values_to_match_regex_list",
            Kwargs { regex_list: Some(asked), match_on: Some("all"), ..none },
        ),
        "not_matches" if asked.is_array() => {
            ("expect_column_values_to_not_match_regex_list", Kwargs { regex_list: Some(asked), ..none })
        }
        "not_matches" => ("expect_column_values_to_not_match_regex", Kwargs { regex: Some(asked), ..none }),
        "like" if asked.is_array() => {
            let given = Kwargs { like_pattern_list: Some(asked), ..none };
            ("expect_column_values_to_match_like_pattern_list", given)
        }
        "like" => ("expect_column_values_to_match_like_pattern", Kwargs { like_pattern: Some(asked), ..none }),
        "not_like" if asked.is_array() => {
            let given = Kwargs { like_pattern_list: Some(asked), ..none };
            ("expect_column_values_to_not_match_like_pattern_list", given)
        }
        "not_like" => ("expect_column_values_to_not_match_like_pattern", Kwargs { like_pattern: Some(asked), ..none }),
        "between" => ("expect_column_values_to_be_between", bounds(&asked)),
        "length" => equals("expect_column_value_lengths_to_equal", "expect_column_value_lengths_to_be_between", &asked),
        "reads_as" if asked == "date" => ("expect_column_values_to_be_dateutil_parseable", none),
        "reads_as" if asked == "json" => ("expect_column_values_to_be_json_parseable", none),
        "json_schema" => {
            let schema = asked.as_str().and_then(|it| serde_json::from_str(it).ok()).unwrap_or_default();
            ("expect_column_values_to_match_json_schema", Kwargs { json_schema: Some(schema), ..none })
        }
        "date_format" => {
            ("expect_column_values_to_match_strftime_format", Kwargs { strftime_format: Some(asked), ..none })
        }
        "increasing" => ("expect_column_values_to_be_increasing", strictly),
        "decreasing" => ("expect_column_values_to_be_decreasing", strictly),
        "z_score" => {
            let double_sided = Some(asked["above_only"] != true);
            let given = Kwargs { threshold: Some(asked["below"].clone()), double_sided, ..none };
            ("expect_column_value_z_scores_to_be_less_than", given)
        }
        "outliers" => {
            let given = Kwargs { method: Some("iqr"), multiplier: Some(asked["times"].clone()), ..none };
            ("expect_column_values_to_not_be_outliers", given)
        }
        "equal" if it.columns.len() == 2 => ("expect_column_pair_values_to_be_equal", none),
        "equal" => ("expect_multicolumn_values_to_be_equal", none),
        "greater" => ("expect_column_pair_values_a_to_be_greater_than_b", none),
        "greater_or_equal" => {
            ("expect_column_pair_values_a_to_be_greater_than_b", Kwargs { or_equal: Some(true), ..none })
        }
        "pair_in" => ("expect_column_pair_values_to_be_in_set", Kwargs { value_pairs_set: Some(asked), ..none }),
        "unique_in_row" => ("expect_select_column_values_to_be_unique_within_record", none),
        "row_sum" if !asked["equals"].is_null() => {
            ("expect_multicolumn_sum_to_equal", Kwargs { sum_total: Some(asked["equals"].clone()), ..none })
        }
        _ => return None,
    })
}

/// Kinds that make one number or one set of a column.
fn numbers(it: &Expectation) -> Option<Given> {
    let asked = &it.asked;
    let set = |it: &Json| Kwargs { value_set: Some(it.clone()), ..Kwargs::default() };
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
            let Kwargs { min_value, max_value, .. } = bounds(asked);
            let ranges = Quantiles { quantiles: [asked["at"].clone()], value_ranges: [[min_value, max_value]] };
            let given = Kwargs { quantile_ranges: Some(ranges), ..Kwargs::default() };
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
                .map(|(key, name)| (name, set(&asked[key])));
        }
        "most_common" => {
            let listed = if asked.is_array() { asked } else { &asked["in"] };
            let given = Kwargs { ties_okay: (asked["ties"] == true).then_some(true), ..set(listed) };
            return Some(("expect_column_most_common_value_to_be_in_set", given));
        }
        "kl_divergence" => return Some(("expect_column_kl_divergence_to_be_less_than", divergence(asked))),
        _ => return None,
    };
    Some((bounded, bounds(asked)))
}

/// Kinds that are about the table or its columns.
fn tables(it: &Expectation) -> Option<Given> {
    let (asked, none) = (it.asked.clone(), Kwargs::default());
    Some(match it.kind.name {
        "exists" => ("expect_column_to_exist", none),
        "type" if asked.is_array() => {
            ("expect_column_values_to_be_in_type_list", Kwargs { type_list: Some(asked), ..none })
        }
        "type" => ("expect_column_values_to_be_of_type", Kwargs { type_: Some(asked), ..none }),
        "column_count" => {
            equals("expect_table_column_count_to_equal", "expect_table_column_count_to_be_between", &asked)
        }
        "columns_in_order" => {
            let columns = Some(Columns::List { column_list: list(asked) });
            ("expect_table_columns_to_match_ordered_list", Kwargs { columns, ..none })
        }
        "columns_in_any_order" => (
            "expect_table_columns_to_match_set",
            Kwargs { column_set: Some(list(asked)), exact_match: Some(true), ..none },
        ),
        "rows" => equals("expect_table_row_count_to_equal", "expect_table_row_count_to_be_between", &asked),
        "same_rows_as" => {
            ("expect_table_row_count_to_equal_other_table", Kwargs { other_table_name: Some(asked), ..none })
        }
        "sql" => ("unexpected_rows_expectation", Kwargs { unexpected_rows_query: Some(asked), ..none }),
        _ => return None,
    })
}

/// A list, also where one text stands for it.
fn list(asked: Json) -> Json {
    if asked.is_array() { asked } else { Json::Array(vec![asked]) }
}

/// What is asked for under a key, if it is.
fn there(asked: &Json, key: &str) -> Option<Json> {
    Some(asked[key].clone()).filter(|it| !it.is_null())
}

/// Bounds by their names there.
fn bounds(asked: &Json) -> Kwargs {
    let own = |key: &str| there(asked, key);
    Kwargs {
        min_value: own("equals").or_else(|| own("above")).or_else(|| own("min")),
        max_value: own("equals").or_else(|| own("below")).or_else(|| own("max")),
        strict_min: own("above").map(|_| true),
        strict_max: own("below").map(|_| true),
        ..Kwargs::default()
    }
}

/// One name for exactly so many, another one for bounds.
fn equals(exact: &'static str, within: &'static str, asked: &Json) -> Given {
    match there(asked, "equals") {
        None => (within, bounds(asked)),
        value => (exact, Kwargs { value, ..Kwargs::default() }),
    }
}

fn divergence(asked: &Json) -> Kwargs {
    let own = |key: &str| there(asked, key);
    let (values, bins) = (own("values"), own("bins"));
    let partition = Partition { values, bins, weights: own("weights"), tail_weights: own("tails") };
    Kwargs {
        threshold: own("max"),
        tail_weight_holdout: own("tail"),
        internal_weight_holdout: own("inside"),
        partition_object: Some(partition),
        ..Kwargs::default()
    }
}
