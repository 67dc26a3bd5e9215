//! What functions give: of one value, and of several rows.

use serde_json::Value;

use super::columns::Level;
use super::counting::{ASKS, COUNTS, LISTS, SUMS};
use super::nodes::{Node, holds_column, is_count, list};
use super::{Care, Follow};
use crate::store::guard::word;

use Level::{Made, Open, Stored};

impl Follow<'_> {
    pub(super) fn call(&mut self, map: &Node) -> Option<Level> {
        if word(map, "class") != "WINDOW" || self.care == Care::Answers {
            return self.called(map);
        }
        // A row has its own answer there, whatever is counted.
        let before = std::mem::replace(&mut self.care, Care::Answers);
        let level = self.called(map);
        self.care = before;
        level
    }

    /// What a function is called with, as far as what it gives tells of it.
    fn given(&mut self, map: &Node) -> Option<Level> {
        let name = word(map, "function_name").to_lowercase();
        let (name, before) = (name.as_str(), self.care);
        let is_plain = word(map, "schema").is_empty();
        let children = list(map, "children");
        // Of answers, 1 or 0, a sum is how many there are; any other number would tell which of the values it was.
        let sums = is_plain && before == Care::Steps && SUMS.contains(&name) && children.iter().all(is_count);
        if sums {
            self.care = Care::Counts;
        }
        let level = self.all(children);
        self.care = before;
        let level = level?;
        // How many there are, and how many different ones, is no value.
        let counts = match before {
            Care::Answers => name == "count" && level == Stored,
            Care::Steps => COUNTS.contains(&name),
            Care::Counts => COUNTS.contains(&name) || ASKS.contains(&name),
        };
        if before == Care::Steps && is_plain && (sums || counts) {
            for it in children {
                if self.asks(it)? {
                    return Some(Made);
                }
            }
        }
        let tied = self.scopes.last().is_some_and(|it| it.tied) && before != Care::Answers;
        if tied && [&COUNTS[..], &SUMS, &LISTS].iter().any(|it| it.contains(&name)) {
            return Some(Made);
        }
        Some(if is_plain && counts { Open } else { level.made() })
    }

    fn called(&mut self, map: &Node) -> Option<Level> {
        let mut level = self.given(map)?;
        let plain = word(map, "schema").is_empty();
        if !plain {
            // What looks like a schema may be the value that the function is called on.
            let before = [word(map, "catalog").to_lowercase(), word(map, "schema").to_lowercase()];
            let before: Vec<String> = before.into_iter().filter(|it| !it.is_empty()).collect();
            let engine = before.len() == 1 && ["main", "system", "pg_catalog"].contains(&before[0].as_str());
            level = level.max(if engine && !self.names(&before[0]) { Open } else { self.column(&before).made() });
        }
        let orders = list(map, "orders").iter().chain(list(map, "arg_orders"));
        let orders = orders.chain(map.get("order_bys").and_then(|it| it["orders"].as_array()).into_iter().flatten());
        let orders: Vec<&Value> = orders.map(|it| &it["expression"]).collect();
        let distance = ["start", "end"].iter().any(|it| is_distance(word(map, it)));
        for key in &orders {
            let own = self.value(key)?;
            // A stored value may order; a distance between two is made of both.
            level = level.max(if distance { own.made() } else { made_alone(own) });
        }
        for key in list(map, "partitions") {
            let own = self.value(key)?;
            level = level.max(made_alone(own));
        }
        for key in ["filter", "filter_expr", "start_expr", "end_expr", "offset_expr", "default_expr"] {
            if let Some(it) = map.get(key).filter(|it| !it.is_null()) {
                let own = self.value(it)?;
                level = level.max(match key {
                    "default_expr" => own.made(),
                    _ if self.chooses(map, it, own)? => Made,
                    _ => self.decides(own),
                });
            }
        }
        Some(level)
    }

    /// Whether a condition on the rows of a function makes what it gives: a constant stands for the answer, or a column
    /// is tied to a personal value.
    fn chooses(&mut self, map: &Node, condition: &Value, level: Level) -> Option<bool> {
        if level == Open || self.care == Care::Answers {
            return Some(false);
        }
        let name = word(map, "function_name").to_lowercase();
        let children = list(map, "children");
        let constant = !COUNTS.contains(&name.as_str()) && !children.iter().any(holds_column);
        Some(constant && !children.iter().all(is_count) || self.asks(condition)?)
    }
}

/// What was made of personal values tells of them where it orders or groups; a stored value does not.
fn made_alone(level: Level) -> Level {
    if level == Made { Made } else { Open }
}

/// Whether a frame of a window ends at a distance between values, and not at a row or a number of rows.
fn is_distance(boundary: &str) -> bool {
    boundary.starts_with("EXPR") && boundary.ends_with("RANGE")
}
