//! `hotpass query`: one statement over the tables that stand, and the rows that it gives.

use std::io::Read;
use std::path::Path;

use arrow_array::RecordBatch;

use crate::answers::diff::sides::REJECTED;
use crate::answers::latest::{Latest, Since, Tables};
use crate::answers::rows::{self, Answered, file};
use crate::escape::line;
use crate::model::Class;
use crate::plan::{Plan, Role};
use crate::problem::{Code, Problem};
use crate::query::pointed_in;
use crate::readers::reach;
use crate::run::State;
use crate::store::backend::Stored;
use crate::store::guard::no_table;
use crate::workspace::failure::{Failure, failed};
use crate::workspace::session::{Open, Session};

/// The longest statement that is read, in bytes: one more than the engine's parser is given.
const LONGEST: u64 = (1 << 20) + 1;

/// A statement cannot be read from where it should stand.
pub const UNREADABLE: Code = Code::error("hotpass::query::unreadable");

/// All codes of what is asked.
pub const CODES: &[&Code] = &[&UNREADABLE, &rows::REPEATED_COLUMN, &file::FILE_EXISTS, &file::FILE_IN_USE];

/// A statement, and what it is called where it is pointed into.
#[derive(Clone, Debug)]
pub(crate) struct Statement {
    pub(crate) text: String,
    pub(crate) name: String,
}

/// The statement that was typed, or that a file or standard input holds.
pub(crate) fn read(sql: Option<&str>, file: Option<&Path>) -> Result<Statement, Box<Problem>> {
    let refused = |name: &str, reason: &str| {
        let message = format!("the query in `{}` cannot be read: {reason}", line(name));
        Box::new(Problem::new(&UNREADABLE, message).help("one statement of SQL is read, as UTF-8".to_owned()))
    };
    let (name, read): (String, Box<dyn Read>) = match (sql, file) {
        (Some(text), _) if text != "-" => return Ok(Statement { text: text.to_owned(), name: "<query>".to_owned() }),
        (_, Some(path)) if path.as_os_str() != "-" => {
            let name = path.display().to_string();
            let file = reach::open(path).map_err(|error| refused(&name, &error.to_string()))?;
            (name, Box::new(file))
        }
        _ => ("<stdin>".to_owned(), Box::new(std::io::stdin())),
    };
    let mut bytes = Vec::new();
    read.take(LONGEST).read_to_end(&mut bytes).map_err(|error| refused(&name, &error.to_string()))?;
    let text = String::from_utf8(bytes).map_err(|_| refused(&name, "it is not a text in UTF-8"))?;
    let text = text.trim_start_matches('\u{feff}').to_owned();
    match text.trim().is_empty() {
        true => Err(refused(&name, "it is empty")),
        false => Ok(Statement { text, name }),
    }
}

/// At most so many rows; personal ones masked, unless that is said.
pub(crate) fn query(
    (session, engine, plan): Open<'_>,
    statement: &Statement,
    unmasked: bool,
    most: u64,
) -> Result<Answered, Failure> {
    let (tables, notes) = tables(session, plan, &statement.text);
    let mut answered = Answered::default();
    let sink = &mut |classes: &[Class], batch: RecordBatch| answered.add(&batch, classes, unmasked, most);
    let mut worker = engine.worker().map_err(failed)?;
    match worker.query(&statement.text, &tables, sink).map_err(failed) {
        Ok(()) => {
            answered.notes = notes;
            Ok(answered)
        }
        Err(Failure::Problem(mut problem)) => {
            if let Some(name) = waits(&problem, plan, &tables) {
                problem.help = Some(format!("`{name}` is not computed yet: run `hotpass build {name}`"));
            }
            Err(Failure::Problem(Box::new(pointed_in(*problem, &statement.text, &statement.name))))
        }
        Err(other) => Err(other),
    }
}

/// The table that a query asks for, if it is declared and not made.
fn waits<'a>(problem: &Problem, plan: &'a Plan, made: &[(String, Stored)]) -> Option<&'a str> {
    let declared = plan.tables.iter().filter(|it| matches!(it.role, Role::Source | Role::Step));
    let mut waiting = declared.filter(|it| !made.iter().any(|(name, _)| *name == it.name.to_string()));
    let is_asked = |name: &str| problem.message.contains(&no_table(&name.to_lowercase()));
    let found = waiting.find(|it| is_asked(&it.name.name) || is_asked(&it.name.to_string()))?;
    Some(&found.name.name)
}

/// The tables that can be asked, by the names that a query has for them, and what is noted of those that it asks.
fn tables(session: &Session, plan: &Plan, text: &str) -> (Vec<(String, Stored)>, Vec<Since>) {
    let all = Tables::new(session, plan);
    let (mut tables, mut notes) = (Vec::new(), Vec::new());
    let text = text.to_lowercase();
    let mut add = |name: String, found: Latest| {
        notes.extend(found.since.filter(|_| is_named(&text, &name)));
        tables.push((name, found.stored));
    };
    for (index, table) in plan.tables.entries() {
        let rejected = match table.role {
            Role::Origins | Role::Raw | Role::Beside | Role::Violations => continue,
            Role::Rejects => REJECTED,
            _ => "",
        };
        let name = format!("{}{rejected}", table.name);
        let is_up_to_date = matches!(all.states[index], State::Materialized(_));
        if (is_up_to_date || is_named(&text, &name))
            && let Ok(found) = all.of(index)
        {
            add(name, found);
        }
    }
    for name in all.lost(&|name| is_named(&text, name)) {
        if let Ok(found) = all.left(&name) {
            add(name, found);
        }
    }
    (tables, notes)
}

/// Whether the name of a table, or the name of its step alone, is a word of a query in lower case.
fn is_named(query: &str, name: &str) -> bool {
    let name = name.to_lowercase();
    let step = name.split_once('.').map_or(name.as_str(), |(_, step)| step);
    let in_word = |it: Option<char>| it.is_some_and(|it| it.is_alphanumeric() || it == '_');
    query
        .match_indices(step)
        .any(|(at, _)| !in_word(query[..at].chars().next_back()) && !in_word(query[at + step.len()..].chars().next()))
}
