//! A check as people see it where it is about a personal column: what it lists and compares with stands there as
//! patterns, as values of such a column do. Bounds, and patterns of `matches`, say what may be and stay.

use serde_json::{Number, Value as Json};
use toml_edit::{DocumentMut, Item, Value};

use crate::text::pattern::pattern;

/// Kinds that list values.
const LISTS: &[&str] =
    &["in", "not_in", "like", "not_like", "distinct", "most_common", "pair_in", "kl_divergence", "json_schema"];
/// Keys that hold an expression or a query, with texts between quotes.
const EXPRESSIONS: &[&str] = &["holds", "sql", "where"];
/// Keys beneath a kind whose numbers are none of a column.
const OWN: &[&str] = &["weights", "bins", "tail", "tails", "inside", "max"];

/// An expression or a query with patterns in the place of its texts.
pub(super) fn quoted(text: &str) -> String {
    let parts: Vec<&str> = text.split('\'').collect();
    let text = |(at, it): (usize, &&str)| match at % 2 == 1 {
        true => pattern(it),
        false => (*it).to_owned(),
    };
    parts.iter().enumerate().map(text).collect::<Vec<_>>().join("'")
}

/// What stands under the key of a kind.
pub(super) fn asked(kind: &str, it: &Json) -> Json {
    match it {
        Json::String(text) if EXPRESSIONS.contains(&kind) => Json::String(quoted(text)),
        it if LISTS.contains(&kind) => value(it),
        it => it.clone(),
    }
}

fn value(it: &Json) -> Json {
    match it {
        Json::String(text) => Json::String(pattern(text)),
        Json::Number(number) => pattern(&number.to_string()).parse::<Number>().map_or(Json::Null, Json::Number),
        Json::Array(all) => all.iter().map(value).collect(),
        Json::Object(all) => {
            let one = |(key, it): (&String, &Json)| {
                (key.clone(), if OWN.contains(&key.as_str()) { it.clone() } else { value(it) })
            };
            all.iter().map(one).collect()
        }
        it => it.clone(),
    }
}

/// The table that declares it, `[[expect.NAME]]` and its keys.
pub(super) fn declaration(text: &str) -> String {
    let Ok(mut document) = text.parse::<DocumentMut>() else { return String::new() };
    let tables = document.get_mut("expect").and_then(Item::as_table_like_mut).into_iter();
    let entries = tables.flat_map(|it| it.iter_mut()).filter_map(|(_, it)| it.as_array_of_tables_mut());
    for entry in entries.flat_map(toml_edit::ArrayOfTables::iter_mut) {
        for (key, item) in entry.iter_mut() {
            match item {
                Item::Value(it) if LISTS.contains(&key.get()) => *it = listed(it),
                Item::Value(it) if EXPRESSIONS.contains(&key.get()) => {
                    *it = it.as_str().map_or_else(|| it.clone(), |text| quoted(text).into());
                }
                _ => (),
            }
        }
    }
    document.to_string()
}

fn listed(it: &Value) -> Value {
    match it {
        Value::Array(all) => all.iter().map(listed).collect::<toml_edit::Array>().into(),
        Value::InlineTable(all) => {
            let mut table = toml_edit::InlineTable::new();
            for (key, it) in all {
                table.insert(key, if OWN.contains(&key) { it.clone() } else { listed(it) });
            }
            table.into()
        }
        Value::String(it) => pattern(it.value()).into(),
        Value::Integer(it) => pattern(&it.value().to_string()).into(),
        Value::Float(it) => pattern(&it.value().to_string()).into(),
        it => it.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_listed_is_a_pattern_and_bounds_stay() {
        assert_eq!(asked("in", &json!(["Jo Smith", 27, null])), json!(["Aa Aa", 99, null]));
        assert_eq!(asked("between", &json!({"min": "A", "max": "Z"})), json!({"min": "A", "max": "Z"}));
        assert_eq!(asked("holds", &json!("n > 5 or name = 'Jo'")), json!("n > 5 or name = 'Aa'"));
        let divergence = json!({"values": ["Jo", "Al"], "weights": [0.4, 0.6], "max": 0.1});
        let masked = json!({"values": ["Aa", "Aa"], "weights": [0.4, 0.6], "max": 0.1});
        assert_eq!(asked("kl_divergence", &divergence), masked);
    }

    #[test]
    fn a_declaration_keeps_its_keys() {
        let text = "[[expect.\"a.b\"]]\ncolumn = \"name\"\nnot_in = [\"Jo Smith\", 27]\nmeaning = \"Jo\"\nwhere = \"n = 'Jo'\"\n";
        let masked = "[[expect.\"a.b\"]]\ncolumn = \"name\"\nnot_in = [\"Aa Aa\", \"99\"]\nmeaning = \"Jo\"\nwhere = \"n = 'Aa'\"\n";
        assert_eq!(declaration(text), masked);
        assert_eq!(declaration("no = table ["), "", "what cannot be read is not shown");
    }
}
