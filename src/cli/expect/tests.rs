//! What files of other tools become, as text.

use super::imported;

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
            "schools: freshness(day) < 1d: it is held against the clock: say the day, as `freshness = { as_of = \"…\", within \
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
