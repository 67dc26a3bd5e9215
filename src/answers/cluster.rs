//! `hotpass cluster`: spellings of one value in a column, proposed as entries of a lookup. It is written into the pipeline
//! as anybody could have typed it, so it holds for the next delivery too; without `--write` only the difference is shown.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use arrow_array::RecordBatch;
use serde::Serialize;
use toml_edit::{Array, DocumentMut, Item, Table, TableLike, Value};

use crate::escape::line;
use crate::model::Class;
use crate::plan::slashed;
use crate::problem::{Code, Problem, did_you_mean};
use crate::publish::cell_texts;
use crate::run::{self, State, keys};
use crate::store::backend::EngineError;
use crate::text::alias::Aliases;
use crate::text::alike::{Alike, Group, groups};
use crate::text::slug::slug;
use crate::workspace::edit::{as_written, difference, write};
use crate::workspace::failure::{Failure, failed};
use crate::workspace::lookup::{UNKNOWN_SUBJECT, named, not_made};
use crate::workspace::session::Open;

/// A column whose values may not be written down.
pub const PERSONAL_VALUES: Code = Code::error("hotpass::cli::personal-values");
/// A column with more different values than can be put beside each other.
pub const MANY_VALUES: Code = Code::error("hotpass::cli::many-values");

/// All codes of this module.
pub const CODES: &[&Code] = &[&PERSONAL_VALUES, &MANY_VALUES];

/// Different values at most.
const MOST: usize = 200_000;
/// The longest value that is a name of something, in bytes.
const LONGEST: usize = 200;

/// Of which column spellings are put together, and how.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Request<'a> {
    pub(crate) table: &'a str,
    pub(crate) column: &'a str,
    /// The lookup that takes them, if not the one that is called like the column.
    pub(crate) lookup: Option<&'a str>,
    /// By what two are alike.
    pub(crate) by: &'a [Alike],
    /// Whether it is written into the pipeline.
    pub(crate) write: bool,
}

/// Names with their other spellings.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(crate) struct Clusters {
    pub(crate) names: Vec<Named>,
    /// The changed lines of the pipeline.
    #[serde(skip)]
    pub(crate) difference: String,
    #[serde(skip)]
    pub(crate) lookup: String,
    /// Spellings that another entry of the lookup has.
    #[serde(skip)]
    pub(crate) taken: usize,
    /// Values that were not compared with all others.
    #[serde(skip)]
    pub(crate) left_out: usize,
}

/// A name, and how else it is spelt.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename = "cluster")]
pub(crate) struct Named {
    table: String,
    column: String,
    lookup: String,
    file: String,
    name: String,
    rows: u64,
    others: Vec<Other>,
    written: bool,
}

#[derive(Debug, Serialize)]
struct Other {
    value: String,
    rows: u64,
}

/// Proposes entries of a lookup, or writes them.
pub(crate) fn cluster((session, engine, plan): Open<'_>, it: &Request<'_>) -> Result<Clusters, Failure> {
    let index = named(plan, it.table)?;
    let table = &plan.tables[index];
    let name = table.name.to_string();
    let Some(column) = table.schema.get(it.column).filter(|it| !it.is_hidden()) else {
        let message = format!("`{}` has no column `{}`", line(&name), line(it.column));
        let help = did_you_mean(it.column, table.schema.visible().map(|it| it.name.as_str()));
        return Err(Failure::Problem(Box::new(Problem::new(&UNKNOWN_SUBJECT, message).help(help))));
    };
    if column.class != Class::Open {
        let message = format!(
            "`{}.{}` is personal, so its values must not be written into a pipeline",
            line(&name),
            line(it.column)
        );
        let help = "`hotpass link` and `resolve` find duplicates of people".to_owned();
        return Err(Failure::Problem(Box::new(Problem::new(&PERSONAL_VALUES, message).help(help))));
    }
    let states = run::settle(plan, &session.journal);
    let State::Materialized(settled) = &states[index] else { return Err(not_made(it.table)) };
    let names = [it.column];
    let stored = keys::stored_columns(plan, index, settled, &names, &session.journal, &session.paths);
    let stored = stored.map_err(failed)?;
    let mut values: BTreeMap<String, u64> = BTreeMap::new();
    let mut add = |batch: RecordBatch| {
        let rows = cell_texts(&batch).map_err(EngineError::Engine)?;
        for value in rows.into_iter().filter_map(|mut it| it.pop().flatten()) {
            if value.len() <= LONGEST && (values.len() <= MOST || values.contains_key(&value)) {
                *values.entry(value).or_default() += 1;
            }
        }
        Ok(())
    };
    let mut worker = engine.worker().map_err(failed)?;
    worker.rows(&stored, &names, 0..stored.rows, &mut add).map_err(failed)?;
    if let Some(problem) = many(&format!("{}.{}", line(&name), line(it.column)), values.len()) {
        return Err(Failure::Problem(problem));
    }
    let file = plan.pipelines.get(&table.name.pipeline).cloned().unwrap_or_default();
    let before = session.text(&file).unwrap_or_default();
    let document = before.parse::<DocumentMut>();
    let document = document.map_err(|_| Failure::World(format!("`{}` cannot be read", file.display())))?;
    let lookup = it.lookup.map(str::to_owned).or_else(|| slug(it.column)).unwrap_or_else(|| it.column.to_owned());
    let Proposed { groups, after, left_out, taken } = proposed(document, &lookup, &values, it.by);
    let after = as_written(&before, &after);
    if it.write && after != before {
        write(&session.root, &file, &after)
            .map_err(|error| Failure::World(format!("`{}` cannot be written: {error}", file.display())))?;
    }
    let shown = slashed(&file);
    let named = |group: Group| Named {
        table: it.table.to_owned(),
        column: it.column.to_owned(),
        lookup: lookup.clone(),
        file: shown.clone(),
        name: group.name,
        rows: group.rows,
        others: group.others.into_iter().map(|(value, rows)| Other { value, rows }).collect(),
        written: it.write,
    };
    let names = groups.into_iter().map(named).collect();
    let difference = difference(Path::new(&shown), &before, &after);
    Ok(Clusters { names, difference, lookup, taken, left_out })
}

/// That a column has too many different values.
fn many(column: &str, values: usize) -> Option<Box<Problem>> {
    let message = format!("`{column}` has more than {MOST} different values");
    let help = "look at a part of the rows: `filter` makes a table of them".to_owned();
    (values > MOST).then(|| Box::new(Problem::new(&MANY_VALUES, message).help(help)))
}

/// What is proposed.
struct Proposed {
    groups: Vec<Group>,
    after: String,
    /// Values that were not compared with all others.
    left_out: usize,
    /// Spellings that another entry of the lookup has.
    taken: usize,
}

/// Puts spellings into the lookup of a pipeline. What stands there stays, and no spelling gets a second name.
fn proposed(mut document: DocumentMut, lookup: &str, values: &BTreeMap<String, u64>, by: &[Alike]) -> Proposed {
    let entries = entries(&document, lookup);
    let known = Aliases::new(entries.iter().flat_map(|(name, aliases)| {
        let own = std::iter::once((name.as_str(), name.as_str()));
        own.chain(aliases.iter().map(move |it| (it.as_str(), name.as_str())))
    }));
    let preferred: BTreeSet<String> = entries.keys().cloned().collect();
    let (groups, left_out) = groups(values, by, &preferred);
    let (mut acc, mut taken) = (Vec::new(), 0);
    for mut group in groups {
        // A name that is a spelling of another one goes by that one.
        if let Some(name) = known.find(&group.name).filter(|it| *it != group.name) {
            let own = std::mem::replace(&mut group.name, name.to_owned());
            group.others.insert(0, (own, std::mem::take(&mut group.rows)));
        }
        let all = group.others.len();
        group.others.retain(|(it, _)| known.find(it).is_none_or(|name| name == group.name));
        taken += all - group.others.len();
        let listed = Aliases::new([(group.name.as_str(), group.name.as_str())]);
        let is_new = |it: &&(String, u64)| known.find(&it.0).is_none() && listed.find(&it.0).is_none();
        let aliases: Vec<String> = distinct(group.others.iter().filter(is_new).map(|it| it.0.clone()));
        if !aliases.is_empty() || known.find(&group.name).is_none() && !group.others.is_empty() {
            put(document.as_table_mut(), lookup, &group.name, &aliases);
            acc.push(group);
        }
    }
    Proposed { groups: acc, after: document.to_string(), left_out, taken }
}

/// Spellings that a lookup tells apart, each once.
fn distinct(spellings: impl Iterator<Item = String>) -> Vec<String> {
    let mut acc: Vec<String> = Vec::new();
    for it in spellings {
        if Aliases::new(acc.iter().map(|it| (it, it))).find(&it).is_none() {
            acc.push(it);
        }
    }
    acc
}

/// The entries of a lookup as they stand in the pipeline.
fn entries(document: &DocumentMut, lookup: &str) -> BTreeMap<String, Vec<String>> {
    let table = document.get("lookup").and_then(|it| it.get(lookup)).and_then(Item::as_table_like);
    let texts = |it: &Item| match it.as_value() {
        Some(Value::String(one)) => vec![one.value().clone()],
        Some(Value::Array(all)) => all.iter().filter_map(|it| it.as_str().map(str::to_owned)).collect(),
        _ => Vec::new(),
    };
    let own = table.into_iter().flat_map(|it| it.iter());
    own.map(|(name, it)| (name.to_owned(), texts(it))).collect()
}

fn put(document: &mut Table, lookup: &str, name: &str, aliases: &[String]) {
    let tables = document.entry("lookup").or_insert_with(|| {
        let mut table = Table::new();
        table.set_implicit(true);
        Item::Table(table)
    });
    let Some(tables) = tables.as_table_like_mut() else { return };
    if tables.get(lookup).is_none() {
        tables.insert(lookup, Item::Table(Table::new()));
    }
    let Some(table) = tables.get_mut(lookup).and_then(Item::as_table_like_mut) else { return };
    add(table, name, aliases);
}

fn add(table: &mut dyn TableLike, name: &str, aliases: &[String]) {
    let own = table.get(name).and_then(Item::as_value).cloned();
    let mut array = match own {
        Some(Value::Array(array)) => array,
        Some(Value::String(one)) => Array::from_iter([one.value().as_str()]),
        _ => Array::new(),
    };
    aliases.iter().for_each(|it| array.push(it.as_str()));
    match table.get_mut(name) {
        Some(item) => *item = Item::Value(Value::Array(array)),
        None => drop(table.insert(name, Item::Value(Value::Array(array)))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(before: &str, values: &[(&str, u64)], after: &str) {
        let values = values.iter().map(|(it, rows)| ((*it).to_owned(), *rows)).collect();
        let found = proposed(before.parse().expect("TOML"), "town", &values, &Alike::ALL);
        assert_eq!(found.after, after, "{values:?}");
    }

    #[test]
    fn too_many_values_are_refused() {
        assert_eq!(many("a.b", MOST), None);
        assert_eq!(many("a.b", MOST + 1).map(|it| it.code), Some("hotpass::cli::many-values".to_owned()));
    }

    #[test]
    fn spellings_become_entries_beside_those_that_stand() {
        let values = [("Cape Town", 9), ("Town, Cape", 1), ("cape town", 2), ("Durban", 3)];
        check("a = 1\n", &values, "a = 1\n\n[lookup.town]\n\"Cape Town\" = [\"Town, Cape\"]\n");
        // What stands there stays, and is the name.
        let stands = "[lookup.town]\n\"Town, Cape\" = [\"CT\"] # ours\n";
        check(stands, &values, "[lookup.town]\n\"Town, Cape\" = [\"CT\", \"Cape Town\"] # ours\n");
        // A spelling that is another's stays so.
        let stands = "[lookup.town]\n\"Elsewhere\" = [\"Town, Cape\"]\n";
        let after = "[lookup.town]\n\"Elsewhere\" = [\"Town, Cape\"]\n\"Cape Town\" = []\n";
        check(stands, &values, after);
        check("", &[("Durban", 3)], "");
        // Hostile names are quoted by TOML.
        check("", &[("a\"]\n[x]", 2), ("[x] a", 1)], "[lookup.town]\n\"a\\\"]\\n[x]\" = [\"[x] a\"]\n");
    }
}
