//! `hotpass adopt`: writes what was detected or guessed into the TOML, as keys that anybody could have typed. Comments
//! and layout stay; without `--write` nothing but the difference is shown.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::json;
use toml_edit::{DocumentMut, Item, Table, TableLike, Value};

use crate::cli::Answer;
use crate::cli::args::{self, Format};
use crate::cli::exit::Exit;
use crate::cli::explain::{UNKNOWN_SUBJECT, find};
use crate::cli::guesses::{Guessed, guesses};
use crate::cli::session::Session;
use crate::plan::{Make, Plan, Role};
use crate::problem::{Problem, did_you_mean};
use crate::show::{self, line};

/// A key that is to be written.
#[derive(Clone, Debug)]
struct Edit {
    file: PathBuf,
    /// Path of tables: `source`, `register`, and the key's own.
    path: Vec<String>,
    value: Value,
}

/// What `adopt` answers: the difference on stdout, what was left alone on stderr.
pub fn adopt(session: &Session, it: &args::Adopt, format: Format) -> Result<Answer, Box<Problem>> {
    let plan = session.plan();
    let mut tables = Vec::new();
    for name in &it.targets {
        tables.extend(meant(&plan, name)?);
    }
    if it.targets.is_empty() {
        tables.extend(0..plan.tables.len());
    }
    let (edits, mut notes) = edits(&plan, &tables);
    let mut files: BTreeMap<&Path, Vec<&Edit>> = BTreeMap::new();
    edits.iter().for_each(|it| files.entry(&it.file).or_default().push(it));
    let mut stdout = String::new();
    for (file, edits) in files {
        let Some(before) = session.text(file) else { continue };
        let Ok(mut document) = before.parse::<DocumentMut>() else { continue };
        for edit in edits {
            let written = set(document.as_table_mut(), &edit.path, &edit.value);
            if !written {
                notes.push(format!("`{}` cannot be written into `{}`", edit.path.join("."), file.display()));
            } else if format == Format::Json {
                let value = json!({"v": 1, "event": "adopt.key", "file": file.display().to_string(),
                    "key": edit.path.join("."), "value": plain(&edit.value), "written": it.write});
                stdout.push_str(&show::json_line(&value));
            }
        }
        let after = document.to_string();
        if format != Format::Json {
            stdout.push_str(&difference(file, &before, &after));
        }
        if it.write && after != before {
            write(&session.root.join(file), &after).map_err(|error| unwritten(file, &error))?;
        }
    }
    let mut stderr: String = notes.iter().map(|it| format!("{it}\n")).collect();
    match (edits.is_empty(), it.write) {
        (true, _) => stderr.push_str("nothing is guessed here\n"),
        (false, true) => stderr.push_str(&format!("{} written\n", show::count(edits.len() as u64, "key"))),
        (false, false) => stderr.push_str("nothing is written: `--write` does it\n"),
    }
    Ok(Answer { stdout, stderr, exit: Exit::Done })
}

/// A source with the steps that map it, or one such step.
fn meant(plan: &Plan, name: &str) -> Result<Vec<usize>, Box<Problem>> {
    let Some(index) = find(plan, name) else {
        let names: Vec<String> = plan.tables.iter().map(|it| it.name.name.clone()).collect();
        let help = did_you_mean(name, names.iter().map(String::as_str));
        let message = format!("there is no source or step `{}`", line(name));
        return Err(Box::new(Problem::new(&UNKNOWN_SUBJECT, message).help(help)));
    };
    if plan.tables[index].role != Role::Source {
        return Ok(vec![index]);
    }
    let readers = plan.tables.iter().enumerate().filter(|(_, it)| it.role == Role::Step && it.inputs == [index]);
    // What was read of it, where corrected rows are put in, goes by its name too.
    let own = plan.tables.iter().enumerate().filter(|(_, it)| it.name == plan.tables[index].name);
    Ok(own.chain(readers).map(|(at, _)| at).collect())
}

/// What is to be written for these tables, and what cannot be said in one key.
fn edits(plan: &Plan, tables: &[usize]) -> (Vec<Edit>, Vec<String>) {
    let (mut acc, mut notes) = (Vec::new(), Vec::new());
    let all = guesses(plan);
    for (index, table) in plan.tables.iter().enumerate() {
        let Some(file) = plan.pipelines.get(&table.name.pipeline).filter(|_| tables.contains(&index)) else { continue };
        let kind = if matches!(table.make, Make::Read(_)) { "source" } else { "step" };
        let mut add = |key: &str, value: Value| {
            let own = key.split('.').map(str::to_owned);
            let path = [kind.to_owned(), table.name.name.clone()].into_iter().chain(own).collect();
            acc.push(Edit { file: file.clone(), path, value });
        };
        if let Make::Read(reading) = &table.make
            && !reading.aside
            && let ([one], None) = (reading.files.as_slice(), &reading.source.sheet)
            && let Some(sheet) = one.found.as_ref().and_then(|it| it.sheet.as_ref())
        {
            add("sheet", sheet.as_str().into());
        }
        let own: Vec<&Guessed> = all.iter().filter(|it| it.table == index).collect();
        for it in &own {
            let others = own.iter().filter(|other| other.key == it.key && other.answer != it.answer).count();
            if others > 0 {
                notes.push(format!("files of `{}` differ in their `{}`: {}", table.name, it.key, line(&it.answer)));
                continue;
            }
            add(
                &it.key,
                it.answer
                    .parse::<i64>()
                    .ok()
                    .filter(|_| it.key == "header")
                    .map_or_else(|| it.answer.as_str().into(), Value::from),
            );
        }
    }
    (acc, notes)
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

fn plain(value: &Value) -> serde_json::Value {
    match value {
        Value::Integer(it) => json!(it.value()),
        Value::String(it) => json!(it.value()),
        other => json!(other.to_string()),
    }
}

/// The changed lines with three around them, as `diff -u` shows them.
fn difference(file: &Path, before: &str, after: &str) -> String {
    let name = file.display().to_string();
    similar::TextDiff::from_lines(before, after).unified_diff().header(&name, &name).to_string()
}

/// Writes the whole file beside its place first: a pipeline is never half there.
pub(super) fn write(path: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write;
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    if let Ok(metadata) = std::fs::metadata(path) {
        file.as_file().set_permissions(metadata.permissions())?;
    }
    file.persist(path)?;
    Ok(())
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
