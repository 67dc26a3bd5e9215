//! What is within a node of the tree of a query.

use serde_json::{Map, Value};

use crate::store::guard::word;

/// A node of the tree.
pub(super) type Node = Map<String, Value>;

/// The nodes at a key.
pub(super) fn list<'a>(map: &'a Node, key: &str) -> &'a [Value] {
    map.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The texts at a key, in lower case.
pub(super) fn names(map: &Node, key: &str) -> Vec<String> {
    list(map, key).iter().filter_map(Value::as_str).map(str::to_lowercase).collect()
}

/// The names of columns in a node, in lower case.
pub(super) fn all_names(value: &Value, acc: &mut Vec<String>) {
    match value {
        Value::Array(all) => all.iter().for_each(|it| all_names(it, acc)),
        Value::Object(map) => {
            acc.extend(names(map, "column_names"));
            map.values().for_each(|it| all_names(it, acc));
        }
        _ => (),
    }
}

fn holds(value: &Value, class: &str) -> bool {
    match value {
        Value::Array(all) => all.iter().any(|it| holds(it, class)),
        Value::Object(map) => word(map, "class") == class || map.values().any(|it| holds(it, class)),
        _ => false,
    }
}

/// Whether a query is within a node.
pub(super) fn holds_query(value: &Value) -> bool {
    holds(value, "SUBQUERY")
}

/// Whether a star is within a node.
pub(super) fn holds_star(map: &Node) -> bool {
    map.values().any(|it| holds(it, "STAR"))
}

/// Whether a column is named within a node.
pub(super) fn holds_column(value: &Value) -> bool {
    holds(value, "COLUMN_REF") || holds_star_or_query(value)
}

fn holds_star_or_query(value: &Value) -> bool {
    ["STAR", "SUBQUERY", "POSITIONAL_REFERENCE"].iter().any(|it| holds(value, it))
}

/// Functions that bring a text into one form, so that equal values stay equal.
const FORMS: [&str; 8] = ["lower", "upper", "lcase", "ucase", "trim", "ltrim", "rtrim", "strip_accents"];

/// Whether two columns are held against each other for equality, both as they stand or both in the same form: that two
/// values are equal is all that it tells.
pub(super) fn same_shape(value: &Value) -> bool {
    let Some(map) = value.as_object() else { return false };
    let equal = ["COMPARE_EQUAL", "COMPARE_NOT_DISTINCT_FROM"].contains(&word(map, "type"));
    let (Some(left), Some(right)) = (map.get("left"), map.get("right")) else { return false };
    equal && form(left).is_some_and(|it| form(right).as_ref() == Some(&it))
}

/// What is made of a column, from the outside in.
fn form(value: &Value) -> Option<Vec<String>> {
    let map = value.as_object()?;
    let (step, beneath) = match word(map, "class") {
        "COLUMN_REF" => return Some(Vec::new()),
        "CAST" => (format!("cast {}", map.get("cast_type")?), map.get("child")?),
        "FUNCTION" => {
            let name = word(map, "function_name").to_lowercase();
            let [child] = list(map, "children") else { return None };
            FORMS.contains(&name.as_str()).then_some((name, child))?
        }
        _ => return None,
    };
    let mut acc = form(beneath)?;
    acc.push(step);
    Some(acc)
}

/// Whether it gives 1, 0 or nothing: a sum of such answers is how many there are.
pub(super) fn is_count(value: &Value) -> bool {
    let Some(map) = value.as_object() else { return false };
    match word(map, "class") {
        "CONSTANT" => {
            let it = &map["value"];
            // A decimal is a whole number of its least parts.
            let scale = it["type"]["type_info"]["scale"].as_u64().and_then(|it| u32::try_from(it).ok()).unwrap_or(0);
            let one = 10_i64.checked_pow(scale);
            let is_one = it["value"].as_i64().is_some_and(|it| it == 0 || Some(it) == one);
            it["is_null"] == true || it["value"].is_boolean() || is_one || matches!(it["value"].as_f64(), Some(0.0))
        }
        "CASE" => {
            let thens = list(map, "case_checks").iter().map(|it| &it["then_expr"]);
            thens.chain(map.get("else_expr")).all(is_count)
        }
        "CAST" => map.get("child").is_some_and(is_count),
        "COMPARISON" | "CONJUNCTION" | "BETWEEN" => true,
        _ if super::is_answer(map) => true,
        "FUNCTION" => super::counting::ASKS.contains(&word(map, "function_name").to_lowercase().as_str()),
        _ => false,
    }
}
