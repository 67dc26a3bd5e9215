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
