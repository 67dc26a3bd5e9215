//! Writing an artefact: the rows of its tables on their way into the writer of its format, beside its place.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use crate::bug;
use crate::pipeline::ExportFormat;
use crate::plan::{CheckId, Plan, PlannedExport, TableId};
use crate::publish::{
    self, Cell, Pages, PublishError, SheetOf, Staging, Summary, Table, Target, Template, TemplateOf, Words, Workbook,
    Written, Xlsx, partition,
};
use crate::readers::reach::Reach;
use crate::run::keys::{self, Materialized};
use crate::run::warden::Watch;
use crate::run::{LazyEngine, promised, world};
use crate::store::backend::{EngineError, Stored};
use crate::store::journal::Journal;
use crate::threads;

/// Tables of an export and the columns of them that it writes, in order.
pub(super) fn parts(export: &PlannedExport) -> impl Iterator<Item = (TableId, &Vec<String>)> {
    let more = export.sheets.iter().map(|(table, columns)| (*table, columns));
    [(export.table, &export.columns)].into_iter().chain(more)
}

/// Writes an artefact beside its place.
pub(super) fn stage(
    plan: &Plan,
    export: &PlannedExport,
    settled: &[&Materialized],
    held: &BTreeMap<CheckId, Option<bool>>,
    journal: &Journal,
    (engine, watch): (&LazyEngine<'_>, &Watch<'_>),
    staging: &mut Staging,
) -> Result<Vec<Made>, PublishError> {
    let world = |error: &dyn std::fmt::Display| PublishError::Rows(error.to_string());
    let path = PathBuf::from(&export.declared.path);
    let mut read = Vec::new();
    for ((table, columns), settled) in parts(export).zip(settled) {
        let names: Vec<&str> = columns.iter().map(String::as_str).collect();
        let stored = keys::stored_columns(plan, table, settled, &names, journal, engine.paths);
        let schema = &plan.tables[table].schema;
        let columns: Vec<_> = names.iter().filter_map(|it| schema.get(it)).collect();
        let schema = publish_schema(&columns);
        read.push(Part { stored: stored.map_err(|error| world(&error))?, names, schema, rows: settled.rows });
    }
    let first = &read[0];
    let notes = promised::notes(plan, export);
    match &export.declared.format {
        ExportFormat::Parquet => {
            let part = Parquet { stored: &first.stored, columns: &first.names, only: &[], notes: &notes };
            return Ok(vec![part.stage(path, first.rows, (engine, watch), staging)?]);
        }
        ExportFormat::Partitioned(by) => return partitioned(&path, by, first, &notes, (engine, watch), staging),
        _ => (),
    }
    let mut file = staging.create(&path).map_err(PublishError::Io)?;
    let from = &export.declared.from;
    let written = match &export.declared.format {
        ExportFormat::Xlsx(options) => {
            let summary = checked(plan, export, held);
            if let Some(template) = &options.template {
                let template = opened(&engine.options.root, template)?;
                let book = Workbook::filled(buffered(&mut file), template, options, &summary);
                let written = write_book(book, (from, &read, options), (engine, watch))?;
                staging.staged(&path, file, written.clone()).map_err(PublishError::Io)?;
                return Ok(vec![Made { path: export.declared.path.clone(), written }]);
            }
            write_book(Workbook::new(&mut file, options, &summary), (from, &read, options), (engine, watch))?
        }
        ExportFormat::Ods(options) => {
            let summary = checked(plan, export, held);
            write_book(Workbook::ods(&mut file, options, &summary), (from, &read, options), (engine, watch))?
        }
        ExportFormat::Csv(options) => {
            first.write((engine, watch), from, |it| publish::write_csv(buffered(&mut file), it, options))?
        }
        ExportFormat::Json(options) => {
            first.write((engine, watch), from, |it| publish::write_json(buffered(&mut file), it, options))?
        }
        ExportFormat::Plain(format) => {
            let temporary = staging.temporary(&path).map(Path::to_owned).unwrap_or_default();
            let target = Target { file: &mut file, path: &temporary };
            first.write((engine, watch), from, |it| (format.write)(target, it))?
        }
        ExportFormat::Parquet | ExportFormat::Partitioned(_) | ExportFormat::Page(_) => {
            return Err(PublishError::Rows("it is not written row by row".to_owned()));
        }
    };
    staging.staged(&path, file, written.clone()).map_err(PublishError::Io)?;
    Ok(vec![Made { path: export.declared.path.clone(), written }])
}

/// The template of a workbook, as it was planned.
fn opened(root: &Path, it: &TemplateOf) -> Result<Template, PublishError> {
    let bytes = Reach::of(root).bytes(Path::new(&it.path)).map_err(PublishError::Io)?;
    match it.digest == Some(world::fingerprint_of(&bytes)) {
        true => Template::open(&it.path, &bytes, &it.range),
        false => Err(PublishError::Rows(format!("`{}` changed while it was built", it.path))),
    }
}

/// A file of an artefact, beside its place.
pub(super) struct Made {
    /// Where it goes, relative to the workspace.
    pub path: String,
    /// What was written.
    pub written: Written,
}

/// What goes into one Parquet file: columns of a table, of the rows that `only` leaves.
struct Parquet<'a> {
    stored: &'a Stored,
    columns: &'a [&'a str],
    only: &'a [(&'a str, Option<&'a str>)],
    notes: &'a [(String, String)],
}

impl Parquet<'_> {
    fn stage(
        &self,
        path: PathBuf,
        rows: u64,
        (engine, watch): (&LazyEngine<'_>, &Watch<'_>),
        staging: &mut Staging,
    ) -> Result<Made, PublishError> {
        drop(staging.create(&path).map_err(PublishError::Io)?);
        let temporary = staging.temporary(&path).map(Path::to_owned).unwrap_or_default();
        let made = engine.with(|it| {
            let mut worker = it.worker()?;
            watch.stops(worker.stopper());
            watch.noted(worker.parquet(self.stored, self.columns, self.only, self.notes, &temporary))
        });
        made.map_err(|error| PublishError::Rows(error.to_string()))?;
        let mut file = File::options().read(true).write(true).open(&temporary).map_err(PublishError::Io)?;
        let written = Written::of(&mut file, rows).map_err(PublishError::Io)?;
        staging.staged(&path, file, written.clone()).map_err(PublishError::Io)?;
        Ok(Made { path: path.to_string_lossy().into_owned(), written })
    }
}

/// Writes a file for each combination of values of the columns `by`, in the order of these values.
fn partitioned(
    folder: &Path,
    by: &[String],
    part: &Part<'_>,
    notes: &[(String, String)],
    (engine, watch): (&LazyEngine<'_>, &Watch<'_>),
    staging: &mut Staging,
) -> Result<Vec<Made>, PublishError> {
    let names: Vec<&str> = by.iter().map(String::as_str).collect();
    let mut counts: BTreeMap<partition::Values, u64> = BTreeMap::new();
    with_rows((engine, watch), &part.stored, &names, |batches| {
        for batch in batches {
            let rows = publish::cell_texts(&batch.map_err(PublishError::Rows)?).map_err(PublishError::Rows)?;
            rows.into_iter().for_each(|it| *counts.entry(it).or_default() += 1);
            // More are refused below, and need not be held.
            if counts.len() > partition::MOST {
                break;
            }
        }
        Ok(())
    })?;
    let all: Vec<&partition::Values> = counts.keys().collect();
    let paths = partition::paths(by, &all).map_err(PublishError::Problem)?;
    let columns: Vec<&str> = part.names.iter().copied().filter(|it| !names.contains(it)).collect();
    let mut made = Vec::new();
    for (path, (values, rows)) in paths.into_iter().zip(&counts) {
        let only: Vec<_> = names.iter().copied().zip(values.iter().map(Option::as_deref)).collect();
        let file = Parquet { stored: &part.stored, columns: &columns, only: &only, notes };
        made.push(file.stage(folder.join(path), *rows, (engine, watch), staging)?);
    }
    Ok(made)
}

/// Writes a workbook, a sheet for each table.
fn write_book(
    mut workbook: Workbook<'_, impl Pages>,
    (from, read, options): (&str, &[Part<'_>], &Xlsx),
    reading: (&LazyEngine<'_>, &Watch<'_>),
) -> Result<Written, PublishError> {
    let sheet = options.sheet.as_deref().unwrap_or("Data");
    let score = options.score.as_deref();
    read[0].write(reading, from, |it| workbook.sheet(it, &SheetOf { name: sheet, score, shown: &options.columns }))?;
    for (part, it) in read[1..].iter().zip(&options.sheets) {
        part.write(reading, &it.from, |table| {
            workbook.sheet(table, &SheetOf { name: &it.name, score: None, shown: &it.shown })
        })?;
    }
    workbook.finish()
}

/// A table of an artefact.
struct Part<'a> {
    stored: Stored,
    names: Vec<&'a str>,
    schema: arrow_schema::SchemaRef,
    rows: u64,
}

impl Part<'_> {
    /// Runs a writer against its rows; `name` is that of the table, for messages.
    fn write<T>(
        &self,
        reading: (&LazyEngine<'_>, &Watch<'_>),
        name: &str,
        write: impl FnOnce(Table<'_>) -> Result<T, PublishError>,
    ) -> Result<T, PublishError> {
        with_rows(reading, &self.stored, &self.names, |batches| {
            write(Table { name, schema: self.schema.clone(), rows: self.rows, batches })
        })
    }
}

fn buffered(file: &mut File) -> std::io::BufWriter<&mut File> {
    std::io::BufWriter::with_capacity(1 << 18, file)
}

/// Runs a writer against the rows of a table: the engine reads on another thread, a few batches ahead.
fn with_rows<T>(
    (engine, watch): (&LazyEngine<'_>, &Watch<'_>),
    stored: &Stored,
    names: &[&str],
    write: impl FnOnce(&mut dyn Iterator<Item = Result<arrow_array::RecordBatch, String>>) -> Result<T, PublishError>,
) -> Result<T, PublishError> {
    let mut worker = engine.with(|it| it.worker()).map_err(|error| PublishError::Rows(error.to_string()))?;
    watch.stops(worker.stopper());
    let (sender, receiver) = std::sync::mpsc::sync_channel(8);
    std::thread::scope(|scope| {
        let read = move || {
            bug::seam("publishing");
            let mut send = |batch| {
                watch.cancel().check()?;
                sender.send(Ok(batch)).map_err(|_| EngineError::Io("the writer stopped".to_owned()))
            };
            let done = watch.noted(worker.rows(stored, names, 0..stored.rows, &mut send));
            if let Err(error) = done {
                let _ = sender.send(Err(error.to_string()));
            }
        };
        threads::scoped(scope, read).map_err(threads::none_left).map_err(PublishError::Io)?;
        // The receiver goes with the writer: a reader that is ahead notices and stops.
        let mut batches = receiver.into_iter();
        write(&mut batches)
    })
}

fn publish_schema(columns: &[&crate::model::Column]) -> arrow_schema::SchemaRef {
    let field = |it: &&crate::model::Column| arrow_schema::Field::new(&it.name, publish::arrow_type(it.ty), true);
    std::sync::Arc::new(arrow_schema::Schema::new(columns.iter().map(field).collect::<Vec<_>>()))
}

/// Lines for the summary sheet: what was checked on the way to this artefact.
fn checked(plan: &Plan, export: &PlannedExport, held: &BTreeMap<CheckId, Option<bool>>) -> Summary {
    let usual = Words::default();
    let own = export.declared.format.workbook().map_or(&usual, |it| &it.words);
    let gates = export.gates.iter().filter_map(|it| held.get(it).copied().flatten());
    let (passed, failed) = gates.fold((0, 0), |(yes, no), it| if it { (yes + 1, no) } else { (yes, no + 1) });
    let mut rows = vec![
        (own.of("passed").to_owned(), Cell::Integer(passed)),
        (own.of("warned").to_owned(), Cell::Integer(failed)),
    ];
    for gate in &export.gates {
        if held.get(gate) == Some(&Some(false)) {
            let declared = &plan.expectations[*gate].declared;
            let (word, words) = match declared.waived() {
                Some(waiver) => (own.of("waived"), format!("{}; {}", declared.words(), waiver.words())),
                None => (own.of("warning"), declared.words()),
            };
            rows.push((format!("{word}: {}", declared.id), Cell::Text(words)));
        }
    }
    Summary { rows, read_me: promised::read_me(plan, export, own), properties: promised::notes(plan, export) }
}
