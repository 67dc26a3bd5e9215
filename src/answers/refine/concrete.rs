//! The shipped pipeline for one folder: every source names the sheet that was recognised, every mapping the columns
//! that were delivered.

use std::collections::BTreeMap;

use toml_edit::{Array, DocumentMut, Item, Table, Value, value};

use crate::answers::refine::recognise::{Match, Sheet, lineage};
use crate::plan::Plan;

/// The pipeline in which no source has a file: what its mappings make of the columns that sources usually have.
pub(crate) fn without_files(text: &str) -> Option<String> {
    let mut document: DocumentMut = text.parse().ok()?;
    for (name, source) in tables(&mut document, "source") {
        vanish(&name, source);
    }
    Some(document.to_string())
}

/// The pipeline as it is built: `usual` is the plan of [`without_files`]. Where `tried` is a plan of it, fields that have
/// no column there are empty.
pub(crate) fn concrete(
    text: &str,
    usual: &Plan,
    sheets: &[Sheet],
    taken: &BTreeMap<String, Match>,
    tried: Option<&Plan>,
) -> Option<String> {
    let mut document: DocumentMut = text.parse().ok()?;
    for (name, source) in tables(&mut document, "source") {
        let Some(it) = taken.get(&name) else {
            vanish(&name, source);
            continue;
        };
        let sheet = &sheets[it.sheet];
        for key in ["select", "sheet", "range"] {
            source.remove(key);
        }
        source["path"] = value(sheet.path.as_str());
        source["header"] = sheet.header.to_string().parse().map(Item::Value).unwrap_or_default();
        if let Some(name) = &sheet.name {
            source["sheet"] = value(name.as_str());
        }
    }
    for (name, step) in tables(&mut document, "step") {
        let from = step.get("from").and_then(Item::as_str).unwrap_or_default().to_owned();
        if step.get("kind").and_then(Item::as_str) == Some("map")
            && let Some(it) = taken.get(&from)
        {
            remap(&name, step, usual, it, tried);
        }
    }
    // What is promised of the list, and pages about it, are a matter of a workspace.
    for key in ["gate", "contract"] {
        document.remove(key);
    }
    for (_, export) in tables(&mut document, "export") {
        export.remove("contract");
    }
    if let Some(exports) = document.get_mut("export").and_then(Item::as_table_mut) {
        exports.retain(|_, it| it.get("about").and_then(Item::as_str) != Some("docs"));
    }
    // How many rows come at least is a matter of one delivery.
    let expect = document.get_mut("expect").and_then(Item::as_table_mut);
    for (_, item) in expect.into_iter().flat_map(|it| it.iter_mut()) {
        if let Ok(mut checks) = std::mem::take(item).into_array_of_tables() {
            let least =
                |it: &Table| it.get("rows").and_then(Item::as_table_like).is_some_and(|it| it.contains_key("min"));
            checks.retain(|it| !least(it));
            *item = Item::ArrayOfTables(checks);
        }
    }
    Some(document.to_string())
}

/// A source without a file.
fn vanish(name: &str, source: &mut Table) {
    for key in ["select", "sheet", "range", "header", "hidden", "merged"] {
        source.remove(key);
    }
    source["path"] = value(format!("data/no-{name}.csv"));
    source["optional"] = value(true);
}

/// Every field takes the delivered column. One that was not recognised may still be known by a synonym, else it is empty.
fn remap(name: &str, step: &mut Table, usual: &Plan, it: &Match, tried: Option<&Plan>) {
    let map_of = |plan: &Plan| plan.tables.iter().find(|it| it.kind == "map" && it.name.name == name).cloned();
    let Some(map) = map_of(usual) else { return };
    let known = tried.and_then(map_of);
    let mut columns = Table::new();
    let mut empty: Vec<String> = Vec::new();
    for (field, from) in lineage(&map) {
        let delivered: Vec<&str> =
            from.iter().filter_map(|from| it.columns.get(from)).map(|(it, _)| it.as_str()).collect();
        match delivered.as_slice() {
            [] => empty.push(field),
            [one] => columns[&field] = value(*one),
            several => columns[&field] = Item::Value(Value::Array(several.iter().copied().collect::<Array>())),
        }
    }
    // Fields that no usual column gives, and that nothing sets: a delivery may have them under a known name.
    let set = |it: &str| step.get("set").and_then(Item::as_table_like).is_some_and(|table| table.contains_key(it));
    let made: Vec<String> = lineage(&map).into_iter().map(|(field, _)| field).collect();
    empty.extend(map.schema.visible().map(|it| it.name.clone()).filter(|it| !made.contains(it) && !set(it)));
    empty.retain(|it| !known.as_ref().is_some_and(|known| known.schema.has(it)));
    if tried.is_some() {
        for field in empty {
            columns[&field] = Item::Value(Value::Array(Array::new()));
        }
    }
    columns.set_dotted(true);
    step["columns"] = Item::Table(columns);
    step["threshold"] = value(1);
}

/// Tables beneath a key, with their names; those that are written on one line become tables of several.
fn tables<'d>(document: &'d mut DocumentMut, key: &str) -> Vec<(String, &'d mut Table)> {
    let all = document.get_mut(key).and_then(Item::as_table_mut).into_iter().flat_map(|it| it.iter_mut());
    let spread = all.filter_map(|(name, it)| {
        if it.is_inline_table() {
            *it = Item::Table(std::mem::take(it).into_table().ok()?);
        }
        Some((name.get().to_owned(), it.as_table_mut()?))
    });
    spread.collect()
}
