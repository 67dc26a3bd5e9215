//! The quality report of a build: which tables it tells about, what is counted for it, and the file that it becomes.

use std::io::{Seek, Write};
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema};

use super::{Docs, Known};
use crate::docs::quality::{Conflicts, Report};
use crate::pipeline::ReportForm;
use crate::plan::{Plan, PlannedExport, Role, Table, TableId};
use crate::publish::{self, PublishError, Summary, Words, Written, Xlsx};
use crate::run::keys::State;
use crate::store::backend::{EngineError, Worker};

/// The tables of a report, as planning named them.
pub(super) fn tables(plan: &Plan, export: &PlannedExport) -> Vec<TableId> {
    let named = |it: &Table| {
        matches!(it.role, Role::Source | Role::Step) && export.columns.contains(&it.name.within(&export.name.pipeline))
    };
    plan.tables.entries().filter(|(_, it)| named(it)).map(|(at, _)| at).collect()
}

impl Docs<'_> {
    /// Conflicts behind tables, as far as an export asks for them and they are made.
    pub(super) fn conflicts(&self) -> Vec<Conflicts> {
        let Known { plan, states, .. } = self.known;
        let own = |(at, it): (TableId, &Table)| {
            let name = it.name.within(self.pipeline);
            let table = name.strip_suffix("__conflicts")?;
            let found = it.role == Role::About && self.facts.table(table).is_some();
            match &states[at] {
                State::Materialized(settled) if found => {
                    Some(Conflicts { table: table.to_owned(), cells: settled.rows })
                }
                _ => None,
            }
        };
        plan.tables.entries().filter_map(own).collect()
    }

    /// The report, with what columns hold and some of the rows that failed.
    pub fn report(&mut self, worker: &mut dyn Worker) -> Result<Report, EngineError> {
        for at in 0..self.tables.len() {
            self.hold(at, worker)?;
        }
        self.sample(worker)?;
        Ok(Report::of(&self.facts, self.conflicts()))
    }
}

impl Report {
    /// The report as a text; nothing for a sheet.
    pub(super) fn text(&self, form: ReportForm) -> String {
        match form {
            ReportForm::Json => self.to_json(),
            ReportForm::Markdown => self.to_markdown(),
            ReportForm::Xlsx => String::new(),
        }
    }

    /// Writes the report as a sheet of a workbook.
    pub fn write_sheet(&self, out: impl Write + Seek + Send, words: &Words) -> Result<Written, PublishError> {
        let names = ["part", "about", "found", "to_do"].map(|it| words.of(it));
        let fields: Vec<Field> = names.iter().map(|it| Field::new(*it, DataType::Utf8, true)).collect();
        let schema = Arc::new(Schema::new(fields));
        let rows = self.rows(words);
        let column = |at: usize| -> ArrayRef {
            Arc::new(rows.iter().map(|it| Some(it[at].as_str()).filter(|it| !it.is_empty())).collect::<StringArray>())
        };
        let columns = (0..names.len()).map(column).collect();
        let batch =
            RecordBatch::try_new(schema.clone(), columns).map_err(|error| PublishError::Rows(error.to_string()))?;
        let (count, mut batches) = (rows.len() as u64, std::iter::once(Ok(batch)));
        let table = publish::Table { name: "quality", schema, rows: count, batches: &mut batches };
        let options = Xlsx { sheet: Some(words.of("quality").to_owned()), words: words.clone(), ..Xlsx::default() };
        publish::write_xlsx(out, table, &options, &Summary::default())
    }
}
