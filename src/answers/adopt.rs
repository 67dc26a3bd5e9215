//! `hotpass adopt`: writes what was detected or guessed into the TOML, as keys that anybody could have typed, and takes
//! a delivery that is not like the one before it. Comments and layout stay; without `--write` nothing but the
//! difference is shown.

mod naming;
mod uses;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::Value as Json;
use toml_edit::{DocumentMut, Item, Table, TableLike, Value};

use crate::answers::decided;
use crate::answers::guesses::{Guessed, guesses};
use crate::escape::line;
use crate::lock::{self, ColumnForm, Form, Lock};
use crate::plan::{Operation, Plan, Role, Table as Planned, TableId, TableMap};
use crate::problem::Problem;
use crate::query::{Drifted, Patch};
use crate::run::{self, Decided, State};
use crate::text::slug::slug;
use crate::workspace::edit::{as_written, difference, write};
use crate::workspace::lookup::{self, unknown};
use crate::workspace::selectors::LISTED;
use crate::workspace::session::Session;

/// A key that is to be written.
#[derive(Clone, Debug)]
struct Edit {
    file: PathBuf,
    /// Path of tables: `source`, `register`, and the key's own.
    path: Vec<String>,
    value: Value,
}

/// What was written down, or would be.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(crate) struct Adopted {
    pub(crate) keys: Vec<Key>,
    /// The changed lines of all files.
    #[serde(skip)]
    pub(crate) difference: String,
    /// What was left alone, and what else is to be known.
    #[serde(skip)]
    pub(crate) notes: Vec<String>,
    /// How many keys it is about.
    #[serde(skip)]
    pub(crate) count: usize,
    /// Whether a delivery is taken as it is.
    #[serde(skip)]
    pub(crate) takes: bool,
    #[serde(skip)]
    pub(crate) writes: bool,
}

/// A key with what it says.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename = "adopt.key")]
pub(crate) struct Key {
    file: String,
    key: String,
    value: Json,
    written: bool,
}

/// Writes down what was guessed of these sources and steps, or of all; without `writes` nothing is written.
pub(crate) fn adopt(session: &Session, targets: &[String], writes: bool) -> Result<Adopted, Box<Problem>> {
    let plan = session.plan();
    let mut tables = Vec::new();
    for name in targets {
        tables.extend(meant(&plan, name)?);
    }
    if targets.is_empty() {
        tables.extend(plan.tables.places());
    }
    let (mut edits, mut notes) = edits(&plan, &tables);
    let drifts: Vec<Drifted> = session.drifts().into_iter().filter(|it| tables.contains(&it.table)).collect();
    let recorded = Lock::read(&session.root, session.environment()).ok().flatten();
    let states = run::settle(&plan, &session.journal);
    let jumped = recorded.iter().flat_map(|it| run::jumped(&plan, &tables, &states, it)).map(|(table, _)| table);
    let changed: BTreeSet<TableId> = drifts.iter().map(|it| it.table).chain(jumped).collect();
    let patches = drifts.iter().flat_map(|drift| drift.patches.iter().map(|it| (&drift.file, it)));
    for (file, Patch { step, field, to, .. }) in patches.clone() {
        let path: Vec<String> = ["step", step, "columns", field].map(str::to_owned).to_vec();
        edits.retain(|it| (&it.file, &it.path) != (file, &path));
        edits.push(Edit { file: file.clone(), path, value: to.as_str().into() });
    }
    let mut all = run::decided(&plan, &states, &session.journal);
    let (known, _) = decided::keys(&all);
    all.retain(|it| tables.contains(&it.step));
    let (ways, several) = decided::keys(&all);
    notes.extend(several.iter().map(|it| two_ways(&plan, it)));
    let (ways, unlike) = uses::agreed(&plan, ways, &known);
    notes.extend(unlike);
    let file_of = |step: TableId| plan.pipelines.get(&plan.tables[step].name.pipeline);
    let mut files: BTreeMap<&Path, Vec<&Edit>> = BTreeMap::new();
    edits.iter().for_each(|it| files.entry(&it.file).or_default().push(it));
    for file in ways.keys().filter_map(|(step, _)| file_of(*step)) {
        files.entry(file).or_default();
    }
    let (mut keys, mut changes) = (Vec::new(), String::new());
    for (file, edits) in files {
        let Some(before) = session.text(file) else { continue };
        let Ok(mut document) = before.parse::<DocumentMut>() else { continue };
        for edit in edits {
            let patch = patches.clone().map(|(_, it)| it).find(|it| edit.path[1..] == [&it.step, "columns", &it.field]);
            let document = document.as_table_mut();
            let written = patch.is_some_and(|it| rename(document, it)) || set(document, &edit.path, &edit.value);
            if !written {
                notes.push(format!("`{}` cannot be written into `{}`", edit.path.join("."), file.display()));
            } else {
                let (file, key) = (file.display().to_string(), edit.path.join("."));
                keys.push(Key { file, key, value: plain(&edit.value), written: writes });
            }
        }
        for ((step, key), columns) in ways.iter().filter(|((step, _), _)| file_of(*step).is_some_and(|it| it == file)) {
            let name = &plan.tables[*step].name.name;
            if !decided::add(document.as_table_mut(), &["step", name, key], columns) {
                notes.push(format!("`step.{name}.{key}` cannot be written into `{}`", file.display()));
            } else {
                let (file, key) = (file.display().to_string(), format!("step.{name}.{key}"));
                keys.push(Key { file, key, value: columns.as_slice().into(), written: writes });
            }
        }
        let after = as_written(&before, &document.to_string());
        changes.push_str(&difference(file, &before, &after));
        if writes && after != before {
            write(&session.root, file, &after).map_err(|error| unwritten(file, &error))?;
        }
    }
    if let Some(lock) = recorded.filter(|_| writes && !changed.is_empty()) {
        let lock = taken(lock, &plan, &states, &changed);
        let path = lock::file(session.environment());
        write(&session.root, &path, &lock.to_toml()).map_err(|error| unwritten(&path, &error))?;
    }
    for table in &changed {
        let what = if writes { "is accepted" } else { "differs from the previous delivery: `--write` accepts it" };
        notes.push(format!("`{}` {what}", plan.tables[*table].name));
    }
    for drift in &drifts {
        let source = &plan.tables[drift.table].name;
        notes.extend(naming::told(session, drift, (&source.pipeline, &source.name)));
    }
    let (count, takes) = (edits.len() + ways.len(), !changed.is_empty());
    Ok(Adopted { keys, difference: changes, notes, count, takes, writes })
}

fn two_ways(plan: &Plan, it: &Decided) -> String {
    let (name, column) = (&plan.tables[it.step].name, line(&it.column));
    let source = line(it.source.as_deref().unwrap_or_default());
    format!(
        "`{name}.{column}` is `{}` in rows of `{source}` and different in other rows: no key can declare this",
        it.key
    )
}

/// What a name or a selector means: sources with the steps that map them, and such steps.
fn meant(plan: &Plan, name: &str) -> Result<Vec<TableId>, Box<Problem>> {
    let named = lookup::meant(plan, name);
    if named.is_empty() {
        return Err(unknown(plan, name, LISTED));
    }
    let with = |index: TableId| {
        let is_source = plan.tables[index].role == Role::Source;
        let reads = move |it: &Planned| is_source && it.role == Role::Step && it.inputs == [index];
        // What was read of a source, where corrected rows are put in, goes by its name too.
        let own = move |it: &Planned| is_source && it.name == plan.tables[index].name;
        let all = plan.tables.entries();
        all.filter(move |(at, it)| *at == index || own(it) || reads(it)).map(|(at, _)| at)
    };
    Ok(named.into_iter().flat_map(with).collect())
}

/// What is to be written for these tables, and what cannot be said in one key.
fn edits(plan: &Plan, tables: &[TableId]) -> (Vec<Edit>, Vec<String>) {
    let (mut acc, mut notes) = (Vec::new(), Vec::new());
    let all = guesses(plan);
    for (index, table) in plan.tables.entries() {
        let Some(file) = plan.pipelines.get(&table.name.pipeline).filter(|_| tables.contains(&index)) else { continue };
        let kind = if matches!(table.make, Operation::Read(_)) { "source" } else { "step" };
        let mut add = |key: &str, value: Value| {
            let own = key.split('.').map(str::to_owned);
            let path = [kind.to_owned(), table.name.name.clone()].into_iter().chain(own).collect();
            acc.push(Edit { file: file.clone(), path, value });
        };
        let own: Vec<&Guessed> = all.iter().filter(|it| it.table == index).collect();
        if !own.is_empty() && !uses::is_own(plan, index) {
            notes.push(format!("`{}` is in a file that comes with hotpass: it is not written", table.name));
            continue;
        }
        let twins = uses::twins(plan, index);
        for it in &own {
            let same = |twin: &TableId| {
                all.iter().any(|other| (other.table, &other.key, &other.answer) == (*twin, &it.key, &it.answer))
            };
            if !twins.iter().all(same) {
                let (key, answer) = (&it.key, line(&it.answer));
                notes.push(format!("not every `[use]` of the file of `{}` has `{key}`: {answer}", table.name));
                continue;
            }
            // Each use of a file would write the same.
            if twins.iter().any(|it| *it < index && tables.contains(it)) {
                continue;
            }
            let others = own.iter().filter(|other| other.key == it.key && other.answer != it.answer).count();
            if others > 0 {
                notes.push(format!("files of `{}` differ in their `{}`: {}", table.name, it.key, line(&it.answer)));
                continue;
            }
            // Rows of a header are numbers; all else is text, whatever it looks like.
            let row = it.answer.parse::<Value>().ok().filter(|_| it.key == "header");
            add(&it.key, row.unwrap_or_else(|| it.answer.as_str().into()));
        }
    }
    (acc, notes)
}

/// Puts the new name of a column where its old one stands, in a field's list of columns; what was kept under its own
/// name is said as a field. False when the old one stands nowhere.
fn rename(document: &mut Table, patch: &Patch) -> bool {
    let step = document.get_mut("step").and_then(|it| it.as_table_like_mut());
    let Some(step) = step.and_then(|it| it.get_mut(&patch.step)).and_then(Item::as_table_like_mut) else {
        return false;
    };
    let is_old = |it: &Value| it.as_str().is_some_and(|it| slug(it) == slug(&patch.from));
    if patch.kept
        && let Some(kept) = step.get_mut("keep").and_then(Item::as_array_mut)
    {
        kept.retain(|it| !is_old(it));
        if kept.is_empty() {
            step.remove("keep");
        }
    }
    let field = step.get_mut("columns").and_then(Item::as_table_like_mut).and_then(|it| it.get_mut(&patch.field));
    let Some(array) = field.and_then(Item::as_array_mut) else { return false };
    let mut found = false;
    for it in array.iter_mut().filter(|it| is_old(it)) {
        let decor = it.decor().clone();
        *it = patch.to.as_str().into();
        *it.decor_mut() = decor;
        found = true;
    }
    found
}

/// The lock when these deliveries are as they should be: the next ones are compared with them.
fn taken(mut lock: Lock, plan: &Plan, states: &TableMap<State>, sources: &BTreeSet<TableId>) -> Lock {
    for it in sources {
        let table = &plan.tables[*it];
        let source = lock.pipeline.get_mut(&table.name.pipeline).and_then(|it| it.source.get_mut(&table.name.name));
        let Some(source) = source else { continue };
        let rows = match &states[*it] {
            State::Materialized(settled) => settled.rows,
            _ => source.baseline().rows,
        };
        source.expected = Some(Form { rows, columns: ColumnForm::all(table) });
    }
    lock
}

/// Puts a value under a path of keys; tables that are not there are written as dotted keys, as people do. False when
/// something on the way is no table.
fn set(table: &mut dyn TableLike, path: &[String], value: &Value) -> bool {
    match path {
        [] => false,
        [key] => {
            let mut value = value.clone();
            // What stands behind the old value, such as a comment, stays.
            if let Some(old) = table.get(key).and_then(Item::as_value) {
                *value.decor_mut() = old.decor().clone();
            }
            match table.get_mut(key) {
                Some(item) => *item = Item::Value(value),
                None => drop(table.insert(key, Item::Value(value))),
            }
            true
        }
        [key, rest @ ..] => {
            if table.get(key).is_none() {
                let mut dotted = Table::new();
                dotted.set_dotted(true);
                table.insert(key, Item::Table(dotted));
            }
            table.get_mut(key).and_then(Item::as_table_like_mut).is_some_and(|it| set(it, rest, value))
        }
    }
}

fn plain(value: &Value) -> Json {
    match value {
        Value::Integer(it) => (*it.value()).into(),
        Value::String(it) => it.value().as_str().into(),
        Value::Array(it) => it.iter().map(plain).collect(),
        other => other.to_string().into(),
    }
}

fn unwritten(file: &Path, error: &std::io::Error) -> Box<Problem> {
    let message = format!("`{}` cannot be written: {error}", file.display());
    Box::new(Problem::new(&crate::query::UNREADABLE, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(before: &str, path: &str, value: impl Into<Value>, after: &str) {
        let mut document: DocumentMut = before.parse().expect("TOML");
        let path: Vec<String> = path.split('.').map(str::to_owned).collect();
        assert!(set(document.as_table_mut(), &path, &value.into()), "{before}");
        assert_eq!(document.to_string(), after);
    }

    #[test]
    fn keys_are_added_where_people_would_write_them() {
        check(
            "[source.a]\npath = \"a.csv\"   # weekly\n\n# next\n[step.m]\nkind = \"map\"\n",
            "source.a.header",
            4,
            "[source.a]\npath = \"a.csv\"   # weekly\nheader = 4\n\n# next\n[step.m]\nkind = \"map\"\n",
        );
        check(
            "[step.m]\nkind = \"map\"\n\n[step.n]\n",
            "step.m.columns.email",
            "Reach by",
            "[step.m]\nkind = \"map\"\ncolumns.email = \"Reach by\"\n\n[step.n]\n",
        );
        check(
            "[step.m]\ncolumns.a = \"A\" # yes\n",
            "step.m.columns.b",
            "B",
            "[step.m]\ncolumns.a = \"A\" # yes\ncolumns.b = \"B\"\n",
        );
        check(
            "[step.m]\ncolumns = { a = \"A\" }\n",
            "step.m.columns.b",
            "B",
            "[step.m]\ncolumns = { a = \"A\" , b = \"B\" }\n",
        );
        check(
            "[step.m.columns]\na = \"A\"\n\n[step.n]\n",
            "step.m.columns.b",
            "B",
            "[step.m.columns]\na = \"A\"\nb = \"B\"\n\n[step.n]\n",
        );
    }

    #[test]
    fn a_value_that_is_there_keeps_its_comment() {
        check(
            "[source.a]\nheader = \"detect\"  # below the title\n",
            "source.a.header",
            2,
            "[source.a]\nheader = 2  # below the title\n",
        );
    }

    #[test]
    fn what_is_no_table_is_left_alone() {
        let mut document: DocumentMut = "source = 1\n".parse().expect("TOML");
        assert!(!set(document.as_table_mut(), &["source".to_owned(), "a".to_owned()], &Value::from(1)));
    }
}
