//! `hotpass query`: what was typed becomes one statement, its rows become an answer, and the answer is laid out or
//! written to a file.

use std::io::Read;
use std::path::Path;

use arrow_array::RecordBatch;
use serde_json::{Value, json};

use crate::cli::Answer;
use crate::cli::answer::{Answered, file, laid_out};
use crate::cli::args::{self, Format, Global};
use crate::cli::exit::Exit;
use crate::cli::json_cell::typed;
use crate::cli::looked::looked_at;
use crate::cli::outcome::Outcome;
use crate::model::Class;
use crate::plan::{Plan, Role};
use crate::problem::{Code, Problem};
use crate::query::pointed_in;
use crate::readers::reach;
use crate::run::{self, State, keys};
use crate::show;
use crate::store::backend::{Engine, EngineFactory, Stored};
use crate::store::guard::no_table;
use crate::workspace::failure::{Failure, failed};
use crate::workspace::session::{Asked, Session};

/// How many rows of a query are shown to people.
const SHOWN: u64 = 10_000;
/// The longest statement that is read, in bytes: one more than the engine's parser is given.
const LONGEST: u64 = (1 << 20) + 1;

/// A statement cannot be read from where it should stand.
pub const UNREADABLE: Code = Code::error("hotpass::query::unreadable");

/// All codes of what is asked.
pub const CODES: &[&Code] = &[&UNREADABLE, &super::answer::REPEATED_COLUMN, &file::FILE_EXISTS, &file::FILE_IN_USE];

/// A statement, and what it is called where it is pointed into.
struct Statement {
    text: String,
    name: String,
}

/// `hotpass query`.
pub fn query(global: &Global, asked: &Asked, it: &args::Query, factory: Option<&'static dyn EngineFactory>) -> Outcome {
    let Some(factory) = factory else { return Outcome::NeedsEngine };
    let statement = read(it);
    let texts =
        |path: &Path| statement.as_ref().ok().filter(|it| Path::new(&it.name) == path).map(|it| it.text.clone());
    looked_at(global, asked, factory, &texts, |session, engine, plan| {
        let statement = statement.as_ref().map_err(|it| Failure::Problem(it.clone()))?;
        if let Some(path) = &it.output {
            file::check(path, it.overwrite, session)?;
        }
        let answered = answered(global, it, statement, session, engine, plan)?;
        given(answered, global, it)
    })
}

/// The statement that was typed, or that a file or standard input holds.
fn read(it: &args::Query) -> Result<Statement, Box<Problem>> {
    let refused = |name: &str, reason: &str| {
        let message = format!("the query in `{}` cannot be read: {reason}", show::line(name));
        Box::new(Problem::new(&UNREADABLE, message).help("one statement of SQL is read, as UTF-8".to_owned()))
    };
    let (name, read): (String, Box<dyn Read>) = match (&it.sql, &it.file) {
        (Some(text), _) if text != "-" => return Ok(Statement { text: text.clone(), name: "<query>".to_owned() }),
        (_, Some(path)) if path.as_os_str() != "-" => {
            let name = path.display().to_string();
            let file = reach::open(path).map_err(|error| refused(&name, &error.to_string()))?;
            (name, Box::new(file))
        }
        _ => ("<stdin>".to_owned(), Box::new(std::io::stdin())),
    };
    let mut bytes = Vec::new();
    read.take(LONGEST).read_to_end(&mut bytes).map_err(|error| refused(&name, &error.to_string()))?;
    let text = String::from_utf8(bytes).map_err(|_| refused(&name, "it is no text in UTF-8"))?;
    let text = text.trim_start_matches('\u{feff}').to_owned();
    match text.trim().is_empty() {
        true => Err(refused(&name, "it is empty")),
        false => Ok(Statement { text, name }),
    }
}

fn answered(
    global: &Global,
    it: &args::Query,
    statement: &Statement,
    session: &Session,
    engine: &dyn Engine,
    plan: &Plan,
) -> Result<Answered, Failure> {
    let tables = tables(session, plan);
    let most = match it.output.is_some() || matches!(global.format, Format::Json | Format::Csv) {
        true => u64::MAX,
        false => SHOWN,
    };
    let mut answered = Answered::default();
    let sink = &mut |classes: &[Class], batch: RecordBatch| answered.add(&batch, classes, it.unmasked, most);
    let mut worker = engine.worker().map_err(failed)?;
    match worker.query(&statement.text, &tables, sink).map_err(failed) {
        Ok(()) => Ok(answered),
        Err(Failure::Problem(mut problem)) => {
            if let Some(name) = waits(&problem, plan, &tables) {
                problem.help = Some(format!("`{name}` stands for nothing yet: `hotpass build {name}` makes it"));
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
    for (index, state) in states.iter().enumerate() {
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

/// The answer, where it was asked for.
fn given(answered: Answered, global: &Global, it: &args::Query) -> Result<Answer, Failure> {
    if let Some(path) = &it.output {
        return written(answered, path, global);
    }
    if global.format != Format::Json {
        return laid_out(answered, global, false);
    }
    answered.as_records().map_err(Failure::Problem)?;
    let rows = answered.cells().map_err(failed)?;
    let out = rows.iter().map(|row| {
        let values =
            answered.columns.iter().zip(row).map(|(head, cell)| (head.name.clone(), typed(cell.as_deref(), head.ty)));
        show::json_line(&json!({"v": 1, "event": "row", "values": Value::Object(values.collect())}))
    });
    Ok(Answer::of(out.collect()))
}

/// The answer in a file, and what is told of it: on stderr, for nothing else was asked for.
pub(super) fn written(answered: Answered, path: &Path, global: &Global) -> Result<Answer, Failure> {
    let notes = file::write(answered, path)?;
    let stderr = if global.quiet { String::new() } else { notes.iter().map(|it| format!("{it}\n")).collect() };
    Ok(Answer { stdout: String::new(), stderr, exit: Exit::Done })
}
