//! Which functions count, and which answer about a value: what they come to of several rows tells of none of them.

/// Functions over several rows that give no value of theirs, and none that is made of one: they count.
pub(super) const COUNTS: [&str; 13] = [
    "count",
    "count_star",
    "count_if",
    "countif",
    "approx_count_distinct",
    "regr_count",
    "bool_or",
    "bool_and",
    "row_number",
    "rank",
    "dense_rank",
    "percent_rank",
    "ntile",
];

/// Functions over several rows that take answers together: of answers about values, they tell how many there are.
pub(super) const SUMS: [&str; 11] =
    ["sum", "fsum", "kahan_sum", "sumkahan", "sum_no_overflow", "avg", "mean", "favg", "min", "max", "median"];

/// Functions that answer yes or no about a value.
pub(super) const ASKS: [&str; 13] = [
    "~~",
    "!~~",
    "~~*",
    "!~~*",
    "like_escape",
    "ilike_escape",
    "regexp_matches",
    "regexp_full_match",
    "starts_with",
    "prefix",
    "suffix",
    "contains",
    "ends_with",
];

/// Further functions over several rows that tell how many there are.
pub(super) const LISTS: [&str; 12] = [
    "list",
    "array_agg",
    "string_agg",
    "group_concat",
    "listagg",
    "histogram",
    "product",
    "bit_xor",
    "entropy",
    "mode",
    "cume_dist",
    "arbitrary",
];
