//! What the values of columns decided when they were counted last: the order of their dates, their decimal sign, and how
//! many of them could not be read. For `plan`, and for `adopt`, which writes the former down.

use std::collections::BTreeMap;

use serde_json::json;
use toml_edit::{Array, Item, Table, TableLike, Value};

use crate::cli::args::Format;
use crate::plan::Plan;
use crate::run::{self, Decided, State};
use crate::show::{self, count, line};
use crate::store::journal::Journal;

/// Lines of `plan` for the steps for which `wanted`; nothing where nothing was counted.
pub(super) fn shown(
    plan: &Plan,
    states: &[State],
    journal: &Journal,
    wanted: &dyn Fn(usize) -> bool,
    format: Format,
) -> String {
    let mut out = String::new();
    for it in run::decided(plan, states, journal).iter().filter(|it| wanted(it.step)) {
        let name = &plan.tables[it.step].name;
        if format == Format::Json {
            let value = json!({"v": 1, "event": "plan.written", "pipeline": name.pipeline, "step": name.name,
                "column": it.column, "source": it.source, "key": it.key, "values": it.only});
            out.push_str(&show::json_line(&value));
            continue;
        }
        let from = it.source.as_ref().map(|it| format!(" from `{it}`")).unwrap_or_default();
        let text = format!("{name}.{}{from} is `{}`, by {}", it.column, it.key, count(it.only, "value"));
        out.push_str(&format!("read   {}\n", line(&text)));
    }
    for ((step, column), counts) in run::losses(plan, states, journal).iter().filter(|((it, _), _)| wanted(*it)) {
        let name = &plan.tables[*step].name;
        if format == Format::Json {
            let value = json!({"v": 1, "event": "plan.lost", "pipeline": name.pipeline, "step": name.name,
                "column": column, "lost": counts.unexpected, "values": counts.considered});
            out.push_str(&show::json_line(&value));
            continue;
        }
        let lost = show::number(counts.unexpected);
        let of = count(counts.considered, "value");
        out.push_str(&format!("lost   {}\n", line(&format!("{lost} of {of} of {name}.{column}"))));
    }
    out
}

/// Columns by the step and the key that would say how they are written.
type Keys = BTreeMap<(usize, &'static str), Vec<String>>;

/// What `adopt` writes, and what cannot be said in one key, because a column is written in two ways.
pub(super) fn keys(all: &[Decided]) -> (Keys, Vec<&Decided>) {
    let (mut acc, mut several) = (Keys::new(), Vec::new());
    for it in all {
        let other = |other: &Decided| (other.step, &other.column) == (it.step, &it.column) && other.key != it.key;
        if all.iter().any(other) {
            several.push(it);
            continue;
        }
        let columns = acc.entry((it.step, it.key)).or_default();
        if !columns.contains(&it.column) {
            columns.push(it.column.clone());
        }
    }
    (acc, several)
}

/// Adds columns to a list under a path of tables that stand there, as `step`, `clean`, `month_first`. False when that is
/// something else.
pub(super) fn add(document: &mut Table, path: &[&str], columns: &[String]) -> bool {
    let [tables @ .., key] = path else { return false };
    let mut table: &mut dyn TableLike = document;
    for it in tables {
        match table.get_mut(it).and_then(Item::as_table_like_mut) {
            Some(inner) => table = inner,
            None => return false,
        }
    }
    let mut list = match table.get(key).map(Item::as_value) {
        None => Array::new(),
        Some(Some(Value::Array(it))) => it.clone(),
        Some(Some(Value::String(it))) => [it.value().as_str()].into_iter().collect(),
        Some(_) => return false,
    };
    for column in columns {
        if !list.iter().any(|it| it.as_str() == Some(column)) {
            list.push(column.as_str());
        }
    }
    let decor = table.get(key).and_then(Item::as_value).map(|it| it.decor().clone());
    let mut value = Value::Array(list);
    if let Some(decor) = decor {
        *value.decor_mut() = decor;
    }
    match table.get_mut(key) {
        Some(item) => *item = Item::Value(value),
        None => drop(table.insert(key, Item::Value(value))),
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_added_to_the_list_that_stands_there() {
        let check = |before: &str, after: &str| {
            let mut document: toml_edit::DocumentMut = before.parse().expect("TOML");
            let columns = ["a".to_owned(), "b".to_owned()];
            assert!(add(document.as_table_mut(), &["step", "c", "month_first"], &columns), "{before}");
            assert_eq!(document.to_string(), after);
        };
        check("[step.c]\nkind = \"x\"\n", "[step.c]\nkind = \"x\"\nmonth_first = [\"a\", \"b\"]\n");
        check("[step.c]\nmonth_first = [\"a\"] # yes\n", "[step.c]\nmonth_first = [\"a\", \"b\"] # yes\n");
        check("[step.c]\nmonth_first = \"z\"\n", "[step.c]\nmonth_first = [\"z\", \"a\", \"b\"]\n");
        let mut document: toml_edit::DocumentMut = "[step]\nc = 1\n".parse().expect("TOML");
        assert!(!add(document.as_table_mut(), &["step", "c", "month_first"], &["a".to_owned()]));
    }

    #[test]
    fn a_column_that_is_written_in_two_ways_has_no_key() {
        let one = |column: &str, source: Option<&str>, key| Decided {
            step: 1,
            column: column.to_owned(),
            source: source.map(str::to_owned),
            key,
            only: 1,
        };
        let all = [
            one("a", Some("x"), "comma"),
            one("a", Some("y"), "point"),
            one("b", Some("x"), "comma"),
            one("b", Some("y"), "comma"),
            one("c", None, "day_first"),
        ];
        let (keys, several) = keys(&all);
        assert_eq!(keys[&(1, "comma")], ["b"]);
        assert_eq!(keys[&(1, "day_first")], ["c"]);
        assert_eq!(several.len(), 2);
    }
}
