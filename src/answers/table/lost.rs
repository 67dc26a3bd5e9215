//! `hotpass show STEP --lost`: the values that a step could not read.

use serde::Serialize;

use super::{Request, asked_for};
use crate::answers::latest::Tables;
use crate::model::MASK;
use crate::model::{Class, Column};
use crate::plan::TableId;
use crate::problem::Problem;
use crate::run::State;
use crate::run::losses::{self, What, lost};
use crate::workspace::failure::{Failure, failed};
use crate::workspace::lookup::UNKNOWN_SUBJECT;
use crate::workspace::session::Open;

/// What of a value is lost.
const VALUE: &str = "value";

/// The values that a step lost, the most frequent first.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(crate) struct Losses {
    pub(crate) values: Vec<Lost>,
    /// The step.
    #[serde(skip)]
    pub(crate) table: String,
}

/// A value that was lost.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename = "lost")]
pub(crate) struct Lost {
    table: String,
    pub(crate) column: String,
    pub(crate) value: String,
    /// What of it is lost: `value`, `digits` or `time`.
    pub(crate) lost: &'static str,
    pub(crate) count: u64,
    /// The file where it stands first.
    place: Option<String>,
    /// The row there, where it has a number.
    row: Option<u64>,
    #[serde(skip)]
    word: Option<String>,
}

impl Lost {
    fn of(table: &str, it: losses::Lost, unmasked: bool) -> Lost {
        let (place, word) = it.first;
        Lost {
            table: table.to_owned(),
            column: it.column,
            value: if unmasked || it.class == Class::Open { it.value } else { MASK.to_owned() },
            lost: match it.what {
                What::Value => VALUE,
                What::Digits => "digits",
                What::Time => "time",
            },
            count: it.count,
            place,
            row: word.as_ref().and_then(|it| it.parse().ok()),
            word,
        }
    }

    /// Whether it was read, and something of it is lost.
    pub(crate) fn is_cut(&self) -> bool {
        self.lost != VALUE
    }

    /// Where it stands first.
    pub(crate) fn first(&self) -> Option<String> {
        match (&self.place, &self.word) {
            (Some(file), Some(row)) => Some(format!("{file}:{row}")),
            (file, row) => file.clone().or_else(|| row.clone()),
        }
    }
}

/// What a step lost, of the columns that are asked for.
pub(crate) fn losses((session, engine, plan): Open<'_>, step: TableId, it: &Request<'_>) -> Result<Losses, Failure> {
    let name = plan.tables[step].name.to_string();
    let Some(beside) = plan.beside(step) else {
        let message = format!("`{name}` reads no values that it could lose");
        let help = "a `normalise` step loses what has no normal form, a `derive` step what a cast or a value function \
                    cannot read";
        return Err(Failure::Problem(Box::new(Problem::new(&UNKNOWN_SUBJECT, message).help(help.to_owned()))));
    };
    let tables = Tables::new(session, plan);
    let State::Materialized(settled) = &tables.states[beside] else { return Err(tables.not_made(step)) };
    let mut worker = engine.worker().map_err(failed)?;
    let store = (&*session.journal, &session.paths);
    let mut found = lost(plan, (step, beside), settled, store, &mut *worker).map_err(failed)?;
    if !it.column.is_empty() {
        let all: Vec<Column> = plan.tables[step].schema.visible().cloned().collect();
        let chosen = asked_for(it.step, &all.iter().collect::<Vec<_>>(), it.column)?;
        found.retain(|lost| chosen.iter().any(|it| it.name == lost.column));
    }
    let values = found.into_iter().map(|lost| Lost::of(&name, lost, it.unmasked)).collect();
    Ok(Losses { values, table: name })
}
