//! What the values of columns decided when they were counted last: the order of their dates, their decimal sign, and how
//! many of them could not be read. For `plan`, and for `adopt`, which writes the former down.

use std::collections::BTreeMap;

use serde::Serialize;
use toml_edit::{Array, Item, Table, TableLike, Value};

use crate::plan::{Plan, TableId, TableMap};
use crate::run::{self, Decided, State};
use crate::store::journal::Journal;

/// How a column is written.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename = "plan.written")]
pub(crate) struct Written {
    pub(crate) pipeline: String,
    pub(crate) step: String,
    pub(crate) column: String,
    /// The source whose rows say so, where they are several.
    pub(crate) source: Option<String>,
    pub(crate) key: &'static str,
    /// By how many values.
    pub(crate) values: u64,
}

/// What a column lost.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename = "plan.lost")]
pub(crate) struct Lost {
    pub(crate) pipeline: String,
    pub(crate) step: String,
    pub(crate) column: String,
    pub(crate) lost: u64,
    /// Of so many.
    pub(crate) values: u64,
}

/// What is known of the steps for which `wanted`; nothing where nothing was counted.
pub(crate) fn counted(
    plan: &Plan,
    states: &TableMap<State>,
    journal: &Journal,
    wanted: &dyn Fn(TableId) -> bool,
) -> (Vec<Written>, Vec<Lost>) {
    let name = |step: TableId| {
        let name = plan.tables[step].name.clone();
        (name.pipeline, name.name)
    };
    let written = run::decided(plan, states, journal).into_iter().filter(|it| wanted(it.step)).map(|it| {
        let (pipeline, step) = name(it.step);
        Written { pipeline, step, column: it.column, source: it.source, key: it.key, values: it.only }
    });
    let losses = run::losses(plan, states, journal);
    let lost = losses.iter().filter(|((it, _), _)| wanted(*it)).map(|((step, column), counts)| {
        let (pipeline, step) = name(*step);
        Lost { pipeline, step, column: column.to_string(), lost: counts.unexpected, values: counts.considered }
    });
    (written.collect(), lost.collect())
}

/// Columns by the step and the key that would say how they are written.
pub(crate) type Keys = BTreeMap<(TableId, &'static str), Vec<String>>;

/// What `adopt` writes, and what cannot be said in one key, because a column is written in two ways.
pub(crate) fn keys(all: &[Decided]) -> (Keys, Vec<&Decided>) {
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
pub(crate) fn add(document: &mut Table, path: &[&str], columns: &[String]) -> bool {
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
    use crate::index::Place;

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
            step: TableId::new(1),
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
        assert_eq!(keys[&(TableId::new(1), "comma")], ["b"]);
        assert_eq!(keys[&(TableId::new(1), "day_first")], ["c"]);
        assert_eq!(several.len(), 2);
    }
}
