//! `hotpass show`: rows of a table and what its columns hold, with personal data masked by classification.

pub(crate) mod chosen;
mod failing;
pub(crate) mod lost;

use arrow_array::RecordBatch;
use serde::Serialize;

use crate::answers::cell::Row;
use crate::answers::columns::{self, Held};
use crate::answers::latest::{Latest, Since};
use crate::answers::rows::cells;
use crate::escape::line;
use crate::model::{Class, Column};
use crate::plan::{Plan, TableId};
use crate::problem::{Problem, did_you_mean};
use crate::steps::Proposal;
use crate::store::backend::{ColumnProfile, Engine, Profiled};
use crate::workspace::failure::{Failure, failed};
use crate::workspace::lookup::UNKNOWN_SUBJECT;

/// What is asked of a table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Request<'a> {
    /// The table, as it was named.
    pub(crate) step: &'a str,
    /// Columns of which all is told that they hold.
    pub(crate) column: &'a [String],
    /// Whether personal data are shown.
    pub(crate) unmasked: bool,
    /// How many rows at most.
    pub(crate) most: u64,
}

/// The first rows of a table, and what its columns hold.
#[derive(Debug)]
pub(crate) struct Shown {
    /// Its full name.
    table: String,
    pub(crate) columns: Vec<Column>,
    profiles: Vec<ColumnProfile>,
    pub(crate) rows: Vec<Vec<Option<String>>>,
    /// How many rows there are.
    total: u64,
    /// What has changed since it was computed.
    pub(crate) since: Option<Since>,
}

impl Shown {
    /// Each column with what it holds.
    pub(crate) fn held(&self) -> Vec<Held<'_>> {
        let (table, rows) = (self.table.as_str(), self.total);
        let all = self.columns.iter().zip(&self.profiles);
        all.map(|(column, profile)| Held { table, column, profile, rows }).collect()
    }
}

impl Serialize for Shown {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let columns = || self.columns.iter().map(|it| (it.name.as_str(), it.ty));
        let rows: Vec<Row<'_>> = self.rows.iter().map(|it| Row::of(Some(&self.table), columns(), it)).collect();
        (self.held(), rows).serialize(to)
    }
}

/// Rows of a table that stands, where no columns are named, and what its columns hold.
pub(crate) fn shown(engine: &dyn Engine, latest: Latest, it: &Request<'_>) -> Result<Shown, Failure> {
    let Latest { table, columns, stored, since } = latest;
    let columns: Vec<&Column> = columns.iter().filter(|it| !it.is_hidden()).collect();
    let columns = asked_for(it.step, &columns, it.column)?;
    let open = |at: usize| it.unmasked || columns[at].class == Class::Open;
    let mut worker = engine.worker().map_err(failed)?;
    let mut rows = Vec::new();
    if it.column.is_empty() {
        let names: Vec<&str> = columns.iter().map(|it| it.name.as_str()).collect();
        let mut add = |batch: RecordBatch| {
            rows.extend(cells(&batch, &open)?);
            Ok(())
        };
        worker.rows(&stored, &names, 0..it.most.min(stored.rows), &mut add).map_err(failed)?;
    }
    let profiled = columns.iter().enumerate();
    let profiled = profiled.map(|(at, it)| Profiled { name: &it.name, ty: it.ty, open: open(at) });
    let profiles = worker.profile(&stored, &profiled.collect::<Vec<_>>()).map_err(failed)?;
    let columns = columns.into_iter().cloned().collect();
    Ok(Shown { table, columns, profiles, rows, total: stored.rows, since })
}

/// A column of the input of a step that nothing took.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename = "unmapped")]
pub(crate) struct Unmapped<'a> {
    step: String,
    pub(crate) column: &'a str,
    pub(crate) proposals: &'a [Proposal],
}

/// The columns that nothing took.
pub(crate) fn unmapped(plan: &Plan, index: TableId) -> Vec<Unmapped<'_>> {
    let table = &plan.tables[index];
    let all = table.unmapped.iter();
    all.map(|it| Unmapped { step: table.name.to_string(), column: &it.column, proposals: &it.proposals }).collect()
}

/// The columns that were asked for by name; all without any.
fn asked_for<'a>(step: &str, columns: &[&'a Column], words: &[String]) -> Result<Vec<&'a Column>, Failure> {
    if words.is_empty() {
        return Ok(columns.to_vec());
    }
    columns::chosen(columns, words).map_err(|word| {
        let help = did_you_mean(&word, columns.iter().map(|it| it.name.as_str()));
        let message = format!("`{}` has no column `{}`", line(step), line(&word));
        Failure::Problem(Box::new(Problem::new(&UNKNOWN_SUBJECT, message).help(help)))
    })
}
