//! What other tools call our kinds of expectations: Great Expectations, dbt and Soda. Who knows a check by one of these
//! names is told ours.

use crate::fields::Fields;
use crate::problem::Problem;

use super::OTHER_NAME;

/// A name elsewhere, and how we write it.
pub struct Theirs {
    /// Their name.
    pub name: &'static str,
    /// What to write here.
    pub ours: &'static str,
}

const fn it(name: &'static str, ours: &'static str) -> Theirs {
    Theirs { name, ours }
}

/// Every name of theirs, as the page on expectations lists them.
pub const THEIRS: &[Theirs] = &[
    it("expect_column_to_exist", "exists = true"),
    it("expect_column_values_to_not_be_null", "not_null = true"),
    it("expect_column_values_to_be_null", "null = true"),
    it("expect_column_values_to_be_unique", "unique = true"),
    it("expect_compound_columns_to_be_unique", "columns = [...], unique = true"),
    it("expect_select_column_values_to_be_unique_within_record", "columns = [...], unique_in_row = true"),
    it("expect_multicolumn_values_to_be_unique", "columns = [...], unique_in_row = true"),
    it("expect_multicolumn_values_to_be_equal", "columns = [...], equal = true"),
    it("expect_multicolumn_sum_to_equal", "columns = [...], row_sum = { equals = … }"),
    it("expect_column_pair_values_to_be_equal", "columns = [a, b], equal = true"),
    it("expect_column_pair_values_a_to_be_greater_than_b", "columns = [a, b], greater = true"),
    it("expect_column_pair_values_to_be_in_set", "columns = [a, b], pair_in = [[…, …]]"),
    it("expect_column_values_to_be_in_set", "in = [...]"),
    it("expect_column_values_to_not_be_in_set", "not_in = [...]"),
    it("expect_column_values_to_be_between", "between = { min = …, max = … }"),
    it("expect_column_value_lengths_to_be_between", "length = { min = …, max = … }"),
    it("expect_column_value_lengths_to_equal", "length = { equals = … }"),
    it("expect_column_values_to_match_regex", "matches = '…'"),
    it("expect_column_values_to_not_match_regex", "not_matches = '…'"),
    it("expect_column_values_to_match_regex_list", "matches = [...], or matches_all = [...]"),
    it("expect_column_values_to_not_match_regex_list", "not_matches = [...]"),
    it("expect_column_values_to_match_like_pattern", "like = '…'"),
    it("expect_column_values_to_not_match_like_pattern", "not_like = '…'"),
    it("expect_column_values_to_match_like_pattern_list", "like = [...]"),
    it("expect_column_values_to_not_match_like_pattern_list", "not_like = [...]"),
    it("expect_column_values_to_be_of_type", "type = \"…\""),
    it("expect_column_values_to_be_in_type_list", "type = [...]"),
    it("expect_column_type_to_be", "type = \"…\""),
    it("expect_column_values_to_be_increasing", "increasing = true"),
    it("expect_column_values_to_be_decreasing", "decreasing = true"),
    it("expect_column_value_z_scores_to_be_less_than", "z_score = { below = … }"),
    it("expect_column_values_to_not_be_outliers", "outliers = { times = … }"),
    it("expect_column_mean_to_be_between", "mean = { min = …, max = … }"),
    it("expect_column_median_to_be_between", "median = { min = …, max = … }"),
    it("expect_column_stdev_to_be_between", "stdev = { min = …, max = … }"),
    it("expect_column_sum_to_be_between", "sum = { min = …, max = … }"),
    it("expect_column_min_to_be_between", "minimum = { min = …, max = … }"),
    it("expect_column_max_to_be_between", "maximum = { min = …, max = … }"),
    it("expect_column_quantile_values_to_be_between", "quantile = { at = …, min = …, max = … }"),
    it("expect_column_unique_value_count_to_be_between", "distinct_count = { min = …, max = … }"),
    it("expect_column_proportion_of_unique_values_to_be_between", "distinct_share = { min = …, max = … }"),
    it("expect_column_proportion_of_non_null_values_to_be_between", "filled_share = { min = …, max = … }"),
    it("expect_column_distinct_values_to_be_in_set", "distinct = { in = [...] }"),
    it("expect_column_distinct_values_to_contain_set", "distinct = { contain = [...] }"),
    it("expect_column_distinct_values_to_equal_set", "distinct = { equal = [...] }"),
    it("expect_column_most_common_value_to_be_in_set", "most_common = [...]"),
    it("expect_table_row_count_to_be_between", "rows = { min = …, max = … }"),
    it("expect_table_row_count_to_equal", "rows = { equals = … }"),
    it("expect_table_column_count_to_be_between", "column_count = { min = …, max = … }"),
    it("expect_table_column_count_to_equal", "column_count = { equals = … }"),
    it("expect_table_columns_to_match_ordered_list", "columns_in_order = [...]"),
    it("expect_table_columns_to_match_set", "columns_in_any_order = [...]"),
    it("expect_column_values_to_match_strftime_format", "date_format = \"…\""),
    it("expect_column_values_to_match_json_schema", "json_schema = '…'"),
    it("expect_query_results_to_match_comparison", "same_contents_as = \"…\", on a step for each query"),
    it("expect_column_values_to_be_dateutil_parseable", "reads_as = \"date\""),
    it("expect_column_values_to_be_json_parseable", "reads_as = \"json\""),
    it("expect_column_kl_divergence_to_be_less_than", "kl_divergence = { values = [...], weights = [...], max = … }"),
    it("expect_table_row_count_to_equal_other_table", "same_rows_as = \"…\""),
    it("unexpected_rows_expectation", "sql = \"…\""),
    it("accepted_values", "in = [...]"),
    it("not_accepted_values", "not_in = [...]"),
    it("relationships", "foreign_key = { in = \"…\", column = \"…\" }"),
    it("accepted_range", "between = { min = …, max = … }"),
    it("unique_combination_of_columns", "columns = [...], unique = true"),
    it("expression_is_true", "holds = \"…\""),
    it("equal_rowcount", "same_rows_as = \"…\""),
    it("equality", "same_contents_as = \"…\""),
    it("not_empty_string", "length = { min = 1 }"),
    it("not_null_proportion", "filled_share = { min = … }"),
    it("at_least_one", "filled_share = { above = 0 }"),
    it("not_constant", "distinct_count = { min = 2 }"),
    it("recency", "freshness = { as_of = \"…\", within = … }"),
    it("expect_row_values_to_have_recent_data", "freshness = { as_of = \"…\", within = … }"),
    it("expect_column_values_to_be_within_n_stdevs", "z_score = { below = … }"),
    it("expect_column_values_to_be_within_n_moving_stdevs", "anomaly = { of = \"mean\" }"),
    it("volume_anomalies", "row_count_anomaly = {}"),
    it("column_anomalies", "anomaly = { of = \"filled_share\" }"),
    it("all_columns_anomalies", "anomaly = { of = \"filled_share\" }"),
    it("freshness_anomalies", "freshness = { as_of = \"…\", within = … }"),
    it("anomaly detection for row_count", "row_count_anomaly = {}"),
    it("anomaly score for row_count", "row_count_anomaly = {}"),
    it("anomaly_detection", "anomaly = { of = \"…\" }, or row_count_anomaly = {}"),
    it("anomaly_score", "anomaly = { of = \"…\" }, or row_count_anomaly = {}"),
    it("change for row_count", "row_count_change = { max_drop = \"…\", max_rise = \"…\" }"),
    it("change percent for row_count", "row_count_change = { max_drop = \"…\", max_rise = \"…\" }"),
    it("change", "row_count_change = { max_drop = \"…\", max_rise = \"…\" }"),
    it("missing_count", "not_null = true"),
    it("missing_percent", "filled_share = { min = … }"),
    it("duplicate_count", "unique = true"),
    it("invalid_count", "matches = '…', in = [...] or format = \"…\""),
    it("row_count", "rows = { min = …, max = … }"),
    it("avg", "mean = { min = …, max = … }"),
    it("stddev", "stdev = { min = …, max = … }"),
    it("duplicate_percent", "distinct_share = { min = … }"),
    it("invalid_percent", "matches = '…' with mostly = …"),
    it("failed_rows", "sql = \"…\", or holds = \"…\""),
    it("failed rows", "sql = \"…\", or holds = \"…\""),
];

const NOT_THERE: &str = "Great Expectations 1.24 has the name and does not evaluate it either; `kl_divergence` is near";

/// Names of Great Expectations that have no counterpart here, and why not or what to do.
pub const NOT_HERE: &[(&str, &str)] = &[
    ("expect_column_bootstrapped_ks_test_p_value_to_be_greater_than", NOT_THERE),
    ("expect_column_chisquare_test_p_value_to_be_greater_than", NOT_THERE),
    ("expect_column_pair_cramers_phi_value_to_be_less_than", NOT_THERE),
    ("expect_column_parameterized_distribution_ks_test_p_value_to_be_greater_than", NOT_THERE),
];

/// Why a name of theirs, or its class, has no counterpart here.
pub fn why_not(key: &str) -> Option<&'static str> {
    let is_class = key.starts_with(|it: char| it.is_ascii_uppercase());
    let class = |name: &str| is_class && name.replace('_', "").eq_ignore_ascii_case(key);
    NOT_HERE.iter().find(|(name, _)| *name == key || class(name)).map(|(_, why)| *why)
}

/// Packages whose names stand before those of their checks.
const PACKAGES: &[&str] = &["dbt", "dbt_utils", "dbt_expectations", "elementary"];

/// What is meant by a name of theirs, as configuration, a package or a class has it: `dbt_utils.accepted_range`,
/// `ExpectColumnToExist`.
fn meant(key: &str) -> Option<&'static Theirs> {
    let bare = key.split_once('.').filter(|(it, _)| PACKAGES.contains(it)).map_or(key, |(_, it)| it);
    let is_class = bare.starts_with(|it: char| it.is_ascii_uppercase());
    let class = |name: &str| is_class && name.replace('_', "").eq_ignore_ascii_case(bare);
    THEIRS.iter().find(|it| it.name == bare || class(it.name))
}

/// The name of an expectation of Great Expectations that its class stands for: `expect_column_to_exist` for
/// `ExpectColumnToExist`.
pub fn of_class(name: &str) -> Option<&'static str> {
    meant(name).map(|it| it.name)
}

/// Tells of keys that are names of other tools what they are called here; gives those keys.
pub(super) fn told(fields: &Fields) -> Vec<String> {
    let keys = fields.keys();
    let mut acc = Vec::new();
    for key in keys {
        // `dbt_utils.accepted_range = …` without quotes is a table in a table.
        let inner = PACKAGES.contains(&key.as_str()).then(|| fields.keys_of(&key)).into_iter().flatten().next();
        let named = inner.unwrap_or_else(|| key.clone());
        if let Some(why) = why_not(&named) {
            let problem = Problem::new(&OTHER_NAME, format!("`{}` has no counterpart here", named.escape_debug()));
            fields.report(problem.label(&fields.span_of(&key), "asked for here").help(why.to_owned()));
            acc.push(key);
            continue;
        }
        let Some(theirs) = meant(&named) else { continue };
        let problem = Problem::new(&OTHER_NAME, format!("`{}` has another name here", named.escape_debug()))
            .label(&fields.span_of(&key), "asked for here");
        fields.report(problem.help(format!("write `{}`", theirs.ours)));
        acc.push(key);
    }
    acc
}
