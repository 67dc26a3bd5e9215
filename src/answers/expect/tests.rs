//! What files of other tools become, as text.

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::json;

use super::yaml::place;
use super::{import, imported, read};
use crate::expectations::{self, Expectation, great, theirs};
use crate::fields::keys::{Key, Keys, Takes};
use crate::fields::{Parameters, Reader};
use crate::scratch::Scratch;
use crate::span::line_and_column;

fn check(text: &str, expected: &str, dropped: &[&str]) {
    let found = imported(text, Some("t")).expect("checks");
    assert_eq!(found.toml(), expected);
    let told: Vec<String> = found.dropped.iter().map(|it| format!("{}: {}", it.key, it.why)).collect();
    assert_eq!(told, dropped);
}

#[test]
fn suites_of_both_versions_become_checks() {
    check(
        r#"{"name": "s", "meta": {"x": 1}, "expectations": [
            {"type": "expect_column_values_to_match_regex", "kwargs": {"column": "mail", "regex": "^[^@\\s]+@", "mostly": 0.85},
             "meta": {"notes": "we write to them"}, "severity": "warning"},
            {"expectation_type": "expect_column_values_to_be_in_set",
             "kwargs": {"column": "status", "value_set": ["High", "0", 0], "parse_strings_as_datetimes": true}},
            {"type": "expect_column_values_to_be_between", "kwargs": {"column": "n", "min_value": 0, "strict_min": true, "max_value": 1.5}},
            {"type": "expect_column_quantile_values_to_be_between", "kwargs": {"column": "n",
             "quantile_ranges": {"quantiles": [0.1, 0.9], "value_ranges": [[0, 1], [null, 9]]}}},
            {"type": "expect_compound_columns_to_be_unique", "kwargs": {"column_list": ["a", "b"]}},
            {"type": "unexpected_rows_expectation", "kwargs": {"unexpected_rows_query": "select * from {batch} where a < 0"}},
            {"type": "expect_column_values_to_not_be_null", "kwargs": {}},
            {"type": "expect_column_values_to_be_between", "kwargs": {"column": "n"}},
            {"type": "expect_column_values_to_match_regex", "kwargs": {"column": "n", "regex": "("}},
            {"type": "expect_column_values_to_be_unique", "kwargs": {"column": "n", "row_condition": "a > 1", "condition_parser": "pandas"}},
            {"type": "expect_column_values_to_be_wise", "kwargs": {"column": "n"}}
        ]}"#,
        r#"[[expect.t]]
column = "mail"
matches = '^[^@\s]+@'
severity = "warn"
mostly = 0.85
meaning = "we write to them"

[[expect.t]]
column = "status"
in = ["High", "0"]

[[expect.t]]
column = "n"
between = { above = 0, max = 1.5 }

[[expect.t]]
column = "n"
quantile = { at = 0.1, min = 0, max = 1 }

[[expect.t]]
column = "n"
quantile = { at = 0.9, max = 9 }

[[expect.t]]
columns = ["a", "b"]
unique = true

[[expect.t]]
sql = "select * from t where a < 0"
"#,
        &[
            "expectations.1 expect_column_values_to_be_in_set value_set: it mixes types: what is not a text is written as one",
            "expectations.1 expect_column_values_to_be_in_set parse_strings_as_datetimes: no check reads it",
            "expectations.6 expect_column_values_to_not_be_null: it names no column",
            "expectations.7 expect_column_values_to_be_between: it has no bounds, and would hold always",
            "expectations.8 expect_column_values_to_match_regex: a pattern cannot be read: this bracket is not closed",
            "expectations.9 expect_column_values_to_be_unique: the condition is written in another language: write it as \
             `where`, and the check beside it",
            "expectations.10 expect_column_values_to_be_wise: there is no such check here",
            "meta: no check reads it",
        ],
    );
}

#[test]
fn what_is_wrong_in_every_tool_has_a_code_and_a_place() {
    let suite = "{\"expectations\": [\n  {\"type\": \"expect_column_mean_to_be_between\", \"kwargs\": {\"column\": \"é\", \"min_value\": 1}},\n\
                 \t {\"type\": \"expect_column_values_to_not_be_null\",\n   \"kwargs\": {}},\n\
                 \t {\"type\": \"expect_column_mean_to_be_between\", \"kwargs\": {\"column\": \"a\"}}\n]}";
    let models = "version: 2\nmodels:\n  - name: \"é\"\n    columns:\n      - name: a\n        tests: [unique]\n      - tests:\n          - not_null\n";
    let soda = "checks for é:\n  - row_count > 0\n  - missing_count() = 0\n";
    for (text, taken, expected) in [
        (suite, 1, vec![("hotpass::expect::no-column", (3, 3)), ("hotpass::expect::expects-nothing", (5, 3))]),
        (models, 1, vec![("hotpass::expect::no-column", (7, 9))]),
        (soda, 1, vec![("hotpass::expect::no-column", (3, 5))]),
    ] {
        let found = imported(text, None).expect("checks");
        let faults = found.dropped.iter().map(|it| {
            let (code, help) = it.fault().expect("a fault");
            assert!(help.contains("remove the check"));
            (code.name, line_and_column(text, place(text, &it.path).start))
        });
        assert_eq!((found.entries.len(), faults.collect::<Vec<_>>()), (taken, expected));
    }
}

#[test]
fn a_suite_that_names_no_column_is_refused_and_the_rest_of_it_is_not() {
    let folder = Scratch::new().expect("a folder");
    let file = folder.path().join("suite.json");
    let none = r#"{"type": "expect_column_values_to_not_be_null", "kwargs": {}}"#;
    let one = r#"{"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "a"}}"#;
    for (checks, toml) in
        [(none.to_owned(), ""), (format!("{one}, {none}"), "[[expect.t]]\ncolumn = \"a\"\nnot_null = true\n")]
    {
        std::fs::write(&file, format!("{{\"expectations\": [{checks}]}}")).expect("a file");
        let found = import(&file, &read(&file), Some("t")).expect("checks");
        assert_eq!(found.toml, toml);
        let [fault] = found.faults.as_slice() else { panic!("{:?}", found.faults) };
        assert_eq!(fault.code, "hotpass::expect::no-column");
        assert!(fault.labels[0].text.starts_with("it begins in line 1, column "), "{fault:?}");
        assert!(fault.help.as_ref().is_some_and(|it| it.contains("name its column there")), "{fault:?}");
    }
}

#[test]
fn tests_of_dbt_become_checks() {
    check(
        r"
version: 2
models:
  - name: schools
    tests:
      - dbt_utils.unique_combination_of_columns:
          combination_of_columns: [name, province]
      - dbt_utils.expression_is_true:
          expression: 'seats >= 0'
    columns:
      - name: id
        data_tests:
          - unique
          - not_null:
              config:
                severity: warn
                where: seats > 0
          - relationships:
              arguments:
                to: ref('owners')
                field: school_id
      - name: status
        tests:
          - accepted_values:
              values: [open, shut]
          - dbt_expectations.expect_column_value_lengths_to_equal:
              value: 4
          - dbt_utils.sequential_values
exposures: []
",
        r#"[[expect.schools]]
columns = ["name", "province"]
unique = true

[[expect.schools]]
holds = "seats >= 0"

[[expect.schools]]
column = "id"
unique = true

[[expect.schools]]
column = "id"
not_null = true
severity = "warn"
where = "seats > 0"

[[expect.schools]]
column = "id"
foreign_key = { in = "owners", column = "school_id" }

[[expect.schools]]
column = "status"
in = ["open", "shut"]

[[expect.schools]]
column = "status"
length = { equals = 4 }
"#,
        &["schools.status dbt_utils.sequential_values: there is no such check here", "exposures: no check reads it"],
    );
}

#[test]
fn checks_of_soda_become_checks() {
    check(
        r"
checks for schools:
  - row_count between 1 and 100
  - row_count > 0
  - missing_count(name) = 0:
      name: every school has a name
  - missing_percent(phone) < 20 %
  - duplicate_count(id) = 0
  - invalid_count(status) = 0:
      valid values: [open, shut]
  - invalid_percent(status) < 5 %:
      valid values: [open, shut]
  - avg(seats) between 1 and 9.5
  - max(seats):
      warn: when > 100
  - values in (owner) must exist in owners (id)
  - freshness(day) < 1d
  - schema:
      fail:
        when required column missing: [id, name]
  - failed rows:
      fail condition: seats < 0
  - anomaly detection for row_count
  - anomaly score for missing_percent(phone) < default
  - change percent for row_count between -20 and 50
  - change percent for row_count:
      warn: when < -5%
  - change for row_count between -20 and 50
automated monitoring: {}
",
        r#"[[expect.schools]]
rows = { min = 1, max = 100 }

[[expect.schools]]
rows = { above = 0 }

[[expect.schools]]
column = "name"
not_null = true
meaning = "every school has a name"

[[expect.schools]]
column = "phone"
filled_share = { above = 0.8 }

[[expect.schools]]
column = "id"
unique = true

[[expect.schools]]
column = "status"
in = ["open", "shut"]

[[expect.schools]]
column = "seats"
mean = { min = 1, max = 9.5 }

[[expect.schools]]
column = "seats"
maximum = { max = 100 }
severity = "warn"

[[expect.schools]]
column = "owner"
foreign_key = { in = "owners", column = ["id"] }

[[expect.schools]]
columns = ["id", "name"]
exists = true

[[expect.schools]]
holds = "not coalesce(seats < 0, false)"

[[expect.schools]]
row_count_anomaly = {}

[[expect.schools]]
column = "phone"
anomaly = { of = "filled_share" }

[[expect.schools]]
row_count_change = { max_drop = "20%", max_rise = "50%" }

[[expect.schools]]
row_count_change = { max_drop = "5%" }
severity = "warn"
"#,
        &[
            "automated monitoring: no check reads it",
            "schools: invalid_percent(status) < 5 %: so many rows may be wrong: say the share of the others, as `mostly`",
            "schools: freshness(day) < 1d: it is compared with the clock: set the day, as `freshness = { as_of = \"…\", within \
             = … }`",
            "schools: change for row_count between -20 and 50: only how far the number of rows moved since the last build is \
             held, in per cent: `row_count_change`; of other numbers a band is learnt: `anomaly`",
        ],
    );
}

#[test]
fn what_is_nobody_s_is_refused() {
    for text in ["", "[1]", "{\"a\": 1}", "a: [b", "expectations: 3"] {
        assert!(imported(text, None).is_err(), "{text}");
    }
}

#[test]
fn classes_are_known_and_what_no_cell_is_is_dropped() {
    check(
        r#"{"expectations": [
            {"type": "ExpectColumnToExist", "kwargs": {"column": "a"}},
            {"type": "ExpectColumnKLDivergenceToBeLessThan", "kwargs": {"column": "a", "threshold": 0.1,
             "partition_object": {"values": ["x", "y"], "weights": [0.5, 0.5]}}},
            {"type": "expect_column_values_to_be_in_set", "kwargs": {"column": "a", "value_set": ["x", ["y"]]}}
        ]}"#,
        r#"[[expect.t]]
column = "a"
exists = true

[[expect.t]]
column = "a"
kl_divergence = { max = 0.1, values = ["x", "y"], weights = [0.5, 0.5] }
"#,
        &["expectations.2 expect_column_values_to_be_in_set: a value is a list, which no cell is"],
    );
}

const EXPECT: Keys = Keys::of(&[Key::new("expect", Takes::Table(&expectations::TABLES), "what is expected")]);

/// What an expectation is called there, after it came from there.
fn come_back(suite: &serde_json::Value) -> Vec<serde_json::Value> {
    let toml = imported(&suite.to_string(), Some("t")).expect("checks").toml();
    let reader = Reader::new(&Arc::new(PathBuf::new()), Parameters::new());
    let parsed = reader.parse(&toml);
    let mut fields = reader.fields(&parsed, &EXPECT);
    let found = expectations::decode(&mut fields);
    drop(fields);
    assert_eq!(
        reader.finish().0.iter().map(|it| it.message.clone()).collect::<Vec<_>>(),
        Vec::<String>::new(),
        "{toml}"
    );
    let one = |it: &Expectation| {
        let it = great::configured(it);
        json!({"type": it.name, "kwargs": it.kwargs})
    };
    found.iter().map(one).collect()
}

#[test]
fn what_is_imported_is_told_by_its_name_there() {
    let one = |name: &str, kwargs: serde_json::Value| json!({"type": name, "kwargs": kwargs});
    let same = vec![
        one("expect_column_to_exist", json!({"column": "c"})),
        one("expect_column_values_to_not_be_null", json!({"column": "c", "mostly": 0.9})),
        one("expect_column_values_to_be_null", json!({"column": "c"})),
        one("expect_column_values_to_be_unique", json!({"column": "c"})),
        one("expect_compound_columns_to_be_unique", json!({"column_list": ["a", "b"]})),
        one("expect_select_column_values_to_be_unique_within_record", json!({"column_list": ["a", "b"]})),
        one("expect_multicolumn_values_to_be_equal", json!({"column_list": ["a", "b", "c"]})),
        one("expect_multicolumn_sum_to_equal", json!({"column_list": ["a", "b"], "sum_total": 3})),
        one("expect_column_pair_values_to_be_equal", json!({"column_A": "a", "column_B": "b"})),
        one(
            "expect_column_pair_values_a_to_be_greater_than_b",
            json!({"column_A": "a", "column_B": "b", "or_equal": true}),
        ),
        one("expect_column_pair_values_a_to_be_greater_than_b", json!({"column_A": "a", "column_B": "b"})),
        one(
            "expect_column_pair_values_to_be_in_set",
            json!({"column_A": "a", "column_B": "b", "value_pairs_set": [["x", 1]]}),
        ),
        one("expect_column_values_to_be_in_set", json!({"column": "c", "value_set": ["a", "b"], "mostly": 0.5})),
        one("expect_column_values_to_not_be_in_set", json!({"column": "c", "value_set": [1, 2.5]})),
        one(
            "expect_column_values_to_be_between",
            json!({"column": "c", "min_value": 1, "strict_min": true, "max_value": 2}),
        ),
        one("expect_column_value_lengths_to_be_between", json!({"column": "c", "min_value": 1})),
        one("expect_column_value_lengths_to_equal", json!({"column": "c", "value": 9})),
        one("expect_column_values_to_match_regex", json!({"column": "c", "regex": "^a\\s"})),
        one("expect_column_values_to_not_match_regex", json!({"column": "c", "regex": "b"})),
        one("expect_column_values_to_match_regex_list", json!({"column": "c", "regex_list": ["a", "b"]})),
        one(
            "expect_column_values_to_match_regex_list",
            json!({"column": "c", "regex_list": ["a", "b"], "match_on": "all"}),
        ),
        one("expect_column_values_to_not_match_regex_list", json!({"column": "c", "regex_list": ["a"]})),
        one("expect_column_values_to_match_like_pattern", json!({"column": "c", "like_pattern": "a%"})),
        one("expect_column_values_to_not_match_like_pattern", json!({"column": "c", "like_pattern": "a%"})),
        one("expect_column_values_to_match_like_pattern_list", json!({"column": "c", "like_pattern_list": ["a%"]})),
        one("expect_column_values_to_not_match_like_pattern_list", json!({"column": "c", "like_pattern_list": ["a%"]})),
        one("expect_column_values_to_be_of_type", json!({"column": "c", "type_": "float"})),
        one("expect_column_values_to_be_in_type_list", json!({"column": "c", "type_list": ["float", "date"]})),
        one("expect_column_values_to_be_increasing", json!({"column": "c"})),
        one("expect_column_values_to_be_decreasing", json!({"column": "c", "strictly": true})),
        one(
            "expect_column_value_z_scores_to_be_less_than",
            json!({"column": "c", "threshold": 3.5, "double_sided": true}),
        ),
        one("expect_column_values_to_not_be_outliers", json!({"column": "c", "method": "iqr", "multiplier": 2})),
        one("expect_column_mean_to_be_between", json!({"column": "c", "max_value": 2, "strict_max": true})),
        one("expect_column_median_to_be_between", json!({"column": "c", "max_value": 2})),
        one("expect_column_stdev_to_be_between", json!({"column": "c", "min_value": 0.5})),
        one("expect_column_sum_to_be_between", json!({"column": "c", "min_value": -1})),
        one("expect_column_min_to_be_between", json!({"column": "c", "min_value": "2020-01-01"})),
        one("expect_column_max_to_be_between", json!({"column": "c", "min_value": "2020-01-01"})),
        one(
            "expect_column_quantile_values_to_be_between",
            json!({"column": "c", "quantile_ranges": {"quantiles": [0.1], "value_ranges": [[null, 9]]}}),
        ),
        one("expect_column_unique_value_count_to_be_between", json!({"column": "c", "min_value": 1})),
        one("expect_column_proportion_of_unique_values_to_be_between", json!({"column": "c", "min_value": 1})),
        one("expect_column_proportion_of_non_null_values_to_be_between", json!({"column": "c", "min_value": 1})),
        one("expect_column_distinct_values_to_be_in_set", json!({"column": "c", "value_set": ["a"]})),
        one("expect_column_distinct_values_to_contain_set", json!({"column": "c", "value_set": ["a"]})),
        one("expect_column_distinct_values_to_equal_set", json!({"column": "c", "value_set": ["a"]})),
        one(
            "expect_column_most_common_value_to_be_in_set",
            json!({"column": "c", "value_set": ["a"], "ties_okay": true}),
        ),
        one(
            "expect_column_kl_divergence_to_be_less_than",
            json!({"column": "c", "threshold": 0.1, "tail_weight_holdout": 0.01,
                   "partition_object": {"values": ["a", "b"], "weights": [0.5, 0.5]}}),
        ),
        one("expect_table_row_count_to_be_between", json!({"min_value": 1, "max_value": 9})),
        one("expect_table_row_count_to_equal", json!({"value": 3})),
        one("expect_table_column_count_to_be_between", json!({"max_value": 3})),
        one("expect_table_column_count_to_equal", json!({"value": 3})),
        one("expect_table_columns_to_match_ordered_list", json!({"column_list": ["a", "b"]})),
        one("expect_table_columns_to_match_set", json!({"column_set": ["a", "b"], "exact_match": true})),
        one("expect_table_row_count_to_equal_other_table", json!({"other_table_name": "u"})),
        one("expect_column_values_to_match_strftime_format", json!({"column": "c", "strftime_format": "%Y"})),
        one("expect_column_values_to_be_dateutil_parseable", json!({"column": "c"})),
        one("expect_column_values_to_be_json_parseable", json!({"column": "c"})),
        one(
            "expect_column_values_to_match_json_schema",
            json!({"column": "c", "json_schema": {"type": "object", "required": ["a"]}}),
        ),
        one("unexpected_rows_expectation", json!({"unexpected_rows_query": "select * from t where a < 0"})),
    ];
    let back = come_back(&json!({"expectations": same}));
    for (sent, found) in same.iter().zip(&back) {
        assert_eq!(sent, found);
    }
    assert_eq!(same.len(), back.len());
    // One more name for each kind of theirs, whose counterpart has another name there.
    let renamed = ["expect_multicolumn_values_to_be_unique", "expect_column_type_to_be"];
    let sent: Vec<&str> = same.iter().filter_map(|it| it["type"].as_str()).chain(renamed).collect();
    let known = theirs::THEIRS.iter().map(|it| it.name);
    let great =
        known.filter(|it| (it.starts_with("expect_") || it.ends_with("_expectation")) && !OF_OTHERS.contains(it));
    assert_eq!(great.filter(|it| !sent.contains(it)).collect::<Vec<_>>(), Vec::<&str>::new());
}

/// Names that begin so in the packages of dbt, and one whose two queries must be steps first.
const OF_OTHERS: [&str; 4] = [
    "expect_query_results_to_match_comparison",
    "expect_row_values_to_have_recent_data",
    "expect_column_values_to_be_within_n_stdevs",
    "expect_column_values_to_be_within_n_moving_stdevs",
];

#[test]
fn a_name_without_a_counterpart_is_refused_with_the_reason() {
    for (name, why) in theirs::NOT_HERE {
        let class: String = name.split('_').map(|it| it[..1].to_uppercase() + &it[1..]).collect();
        for name in [*name, class.as_str()] {
            let kwargs = json!({"column": "c", "column_A": "a", "column_B": "b"});
            let suite = json!({"expectations": [{"type": name, "kwargs": kwargs}]});
            let found = imported(&suite.to_string(), Some("t")).expect("a suite");
            assert_eq!(found.entries.len(), 0);
            let text = format!("[[expect.t]]\ncolumn = \"c\"\n{name} = true\n");
            let reader = Reader::new(&Arc::new(PathBuf::new()), Parameters::new());
            let parsed = reader.parse(&text);
            let mut fields = reader.fields(&parsed, &EXPECT);
            assert_eq!(expectations::decode(&mut fields).len(), 0);
            drop(fields);
            let told: Vec<_> = reader.finish().0.into_iter().filter_map(|it| it.help).collect();
            assert_eq!(told, [*why], "{name}");
        }
        let suite =
            json!({"expectations": [{"type": name, "kwargs": {"column": "c", "column_A": "a", "column_B": "b"}}]});
        let found = imported(&suite.to_string(), Some("t")).expect("a suite");
        assert_eq!(found.dropped[0].why, *why);
    }
}

#[test]
fn what_does_not_run_there_becomes_no_check() {
    check(
        r"
models:
  - name: off
    config: {enabled: false}
    columns:
      - name: a
        tests: [unique]
  - name: on
    versions:
      - v: 1
        columns: [{name: a, tests: [unique]}]
    columns:
      - name: a
        constraints: [{type: not_null}]
        tests:
          - unique: {enabled: false}
          - not_null: {config: {enabled: false}}
          - accepted_values: {values: [x], config: {enabled: true}}
          - not_null: {config: {enabled: '{{ var(1) }}'}}
",
        "[[expect.on]]\ncolumn = \"a\"\nin = [\"x\"]\n",
        &[
            "off: it is disabled there, and does not run",
            "on versions: no check reads it",
            "on.a unique: it is disabled there, and does not run",
            "on.a not_null: it is disabled there, and does not run",
            "on.a not_null: a template there says whether it runs: decide it, and write the check",
            "on.a constraints: no check reads it",
        ],
    );
    check(
        "checks for dim [daily]:\n  - row_count > 0\nchecks for dim:\n  - row_count > 1\n",
        "[[expect.dim]]\nrows = { above = 1 }\n",
        &[
            "checks for dim [daily]: it is of a part of the table: write its filter as `where`, and its checks beside it",
        ],
    );
}

#[test]
fn rows_that_are_passed_over_there_are_passed_over_here() {
    let pair = |which: &str| {
        let kwargs = json!({"column_A": "a", "column_B": "b c", "ignore_row_if": which});
        let suite = json!({"expectations": [{"type": "expect_column_pair_values_to_be_equal", "kwargs": kwargs}]});
        let found = imported(&suite.to_string(), Some("t")).expect("checks");
        let told: Vec<String> = found.dropped.iter().map(|it| format!("{}: {}", it.key, it.why)).collect();
        (found.toml(), told.join("; "))
    };
    let plain = "[[expect.t]]\ncolumns = [\"a\", \"b c\"]\nequal = true\n";
    assert_eq!(pair("both_values_are_missing"), (plain.to_owned(), String::new()));
    let filled = format!("{plain}where = '\"a\" is not null and \"b c\" is not null'\n");
    assert_eq!(pair("either_value_is_missing"), (filled, String::new()));
    let (toml, told) = pair("neither");
    assert_eq!(toml, plain);
    assert!(told.ends_with("ignore_row_if: a row with nothing in these columns passes here"), "{told}");
}
