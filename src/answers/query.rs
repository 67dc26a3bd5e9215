//! `hotpass query`: one statement over the tables that stand, and the rows that it gives.

use std::io::Read;
use std::path::Path;

use arrow_array::RecordBatch;

use crate::answers::rows::{self, Answered, file};
use crate::escape::line;
use crate::model::Class;
use crate::plan::{Plan, Role};
use crate::problem::{Code, Problem};
use crate::query::pointed_in;
use crate::readers::reach;
use crate::run::{self, State, keys};
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
    let tables = tables(session, plan);
    let mut answered = Answered::default();
    let sink = &mut |classes: &[Class], batch: RecordBatch| answered.add(&batch, classes, unmasked, most);
    let mut worker = engine.worker().map_err(failed)?;
    match worker.query(&statement.text, &tables, sink).map_err(failed) {
        Ok(()) => Ok(answered),
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

/// The tables that stand, by the names that a query has for them.
fn tables(session: &Session, plan: &Plan) -> Vec<(String, Stored)> {
    let states = run::settle(plan, &session.journal);
    let mut tables = Vec::new();
    for (index, state) in states.entries() {
        let table = &plan.tables[index];
        if let State::Materialized(settled) = state
            && !matches!(table.role, Role::Origins | Role::Raw | Role::Beside | Role::Violations)
            && let Ok(stored) = keys::stored(plan, index, settled, &session.journal, &session.paths)
        {
            let rejected = if table.role == Role::Rejects { "__rejected" } else { "" };
            tables.push((format!("{}{rejected}", table.name), stored));
        }
    }
    tables
}
