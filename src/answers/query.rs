//! `hotpass query`: one statement over the tables that stand, and the rows that it gives.

use arrow_array::RecordBatch;

use crate::answers::rows::Answered;
use crate::model::Class;
use crate::plan::{Plan, Role};
use crate::problem::Problem;
use crate::query::pointed_in;
use crate::run::{self, State, keys};
use crate::store::backend::Stored;
use crate::store::guard::no_table;
use crate::workspace::failure::{Failure, failed};
use crate::workspace::session::{Open, Session};

/// A statement, and what it is called where it is pointed into.
#[derive(Clone, Debug)]
pub(crate) struct Statement {
    pub(crate) text: String,
    pub(crate) name: String,
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
