//! The warehouse: a DuckDB database for people. A view for every table under `pipeline.step`, and as real tables the
//! expectation results, runs and artefacts of the recorded runs.
//!
//! It is never written in place, so that whoever has it open is never in the way: a copy is brought up to date beside
//! it and renamed. Defining a view costs as much as a small query, so that only views of changed tables are defined
//! again. It can be deleted at any time: the next build that makes something writes it from nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use duckdb::{Connection, params};

use crate::digest::{Digest, Hasher};
use crate::relation::sql::{identifier, quote};
use crate::scratch::Scratch;
use crate::store::Paths;
use crate::store::backend::{EngineError, Stored};
use crate::store::messages::failed;
use crate::store::naming::elsewhere;
use crate::store::runs::{self, Run};
use crate::store::sandbox::{View, view_name, views};

/// Its name while it is written: none that a pipeline can have.
const CATALOG: &str = "hotpass warehouse";

/// How many runs of history it shows.
const HISTORY: usize = 50;

const TABLES: &str = "
CREATE SCHEMA hotpass;
CREATE TABLE hotpass.runs (run_id VARCHAR, status VARCHAR, duration_ms UBIGINT, steps_ran UBIGINT, steps UBIGINT);
CREATE TABLE hotpass.steps (run_id VARCHAR, pipeline VARCHAR, step VARCHAR, kind VARCHAR, outcome VARCHAR,
  rows UBIGINT, duration_ms UBIGINT, columns_made VARCHAR, why VARCHAR);
CREATE TABLE hotpass.expectation_results (run_id VARCHAR, pipeline VARCHAR, expectation_id VARCHAR, table_name VARCHAR,
  columns VARCHAR, kind VARCHAR, expected VARCHAR, severity VARCHAR, mostly DOUBLE, considered UBIGINT,
  unexpected UBIGINT, success BOOLEAN);
CREATE TABLE hotpass.artefacts (run_id VARCHAR, path VARCHAR, blake3 VARCHAR, bytes UBIGINT, rows UBIGINT,
  written BOOLEAN);
CREATE TABLE hotpass.views (name VARCHAR, plain BOOLEAN, rows UBIGINT, definition VARCHAR);
";

/// Brings the warehouse up to date with a run that is about to be recorded. `connection` has the new database attached
/// meanwhile.
pub(super) fn write(
    connection: &Connection,
    paths: &Paths,
    run: &Run,
    tables: &[(String, Stored)],
) -> Result<(), EngineError> {
    let folder = paths.temporary("warehouse-")?;
    let elsewhere = elsewhere(folder.path())?;
    let beside = elsewhere.as_ref().map_or(folder.path(), Scratch::path).join("warehouse");
    let views = views(tables);
    let copied = copied(paths, &beside).is_ok();
    let updated = copied && attached(connection, &beside, &mut || update(connection, run, &views)).is_ok();
    if !updated {
        // There is none yet, or it is damaged or of another version.
        if let Err(error) = std::fs::remove_file(&beside)
            && error.kind() != std::io::ErrorKind::NotFound
        {
            return Err(error.into());
        }
        attached(connection, &beside, &mut || {
            connection.execute_batch(TABLES).map_err(failed)?;
            let names = runs::names(paths);
            let earlier = names.iter().rev().take(HISTORY - 1).filter_map(|it| runs::read(paths, it));
            let mut earlier: Vec<Run> = earlier.filter(|it| it.id != run.id).collect();
            earlier.reverse();
            history(connection, &earlier)?;
            update(connection, run, &views)
        })?;
    }
    let made = folder.path().join("warehouse");
    if elsewhere.is_some() {
        std::fs::copy(&beside, &made)?;
    }
    paths.settle(&made, &paths.warehouse())?;
    Ok(())
}

/// A copy of the database that stands.
fn copied(paths: &Paths, beside: &Path) -> std::io::Result<()> {
    let (folder, name) = paths.place(&paths.warehouse(), false)?;
    std::io::copy(&mut folder.file(name)?, &mut std::fs::File::create_new(beside)?).map(drop)
}

/// Does something in one transaction with the database at `path` in use, and lets it go either way.
fn attached(
    connection: &Connection,
    path: &Path,
    act: &mut dyn FnMut() -> Result<(), EngineError>,
) -> Result<(), EngineError> {
    // Small blocks: a database of views and short tables takes kilobytes, not megabytes.
    let (catalog, path) = (identifier(CATALOG), quote(&path.to_string_lossy()));
    let attach = format!("ATTACH {path} AS {catalog} (BLOCK_SIZE 16384); USE {catalog}.main; BEGIN");
    let done = connection.execute_batch(&attach).map_err(failed).and_then(|()| act());
    let end = if done.is_ok() { "COMMIT" } else { "ROLLBACK" };
    let ended = connection.execute_batch(end).map_err(failed);
    // What detaching fails with says nothing of its reason.
    let settled = match &ended {
        Ok(()) if done.is_ok() => connection.execute_batch(&format!("CHECKPOINT {catalog}")).map_err(failed),
        _ => Ok(()),
    };
    let left = format!("USE memory.main; DETACH DATABASE IF EXISTS {catalog}");
    let left = connection.execute_batch(&left).map_err(failed);
    done.and(ended).and(settled).and(left)
}

/// Adds a run, drops those that are too old to be shown, and defines what is new or changed.
fn update(connection: &Connection, run: &Run, views: &[View]) -> Result<(), EngineError> {
    let stands = standing(connection)?;
    let wanted: BTreeMap<(&str, bool), Digest> =
        views.iter().map(|it| ((it.name.as_str(), it.plain), it.digest())).collect();
    let gone: Vec<_> = stands.keys().filter(|(name, plain)| !wanted.contains_key(&(name.as_str(), *plain))).collect();
    // Plain names first: they stand on the full ones.
    for (name, plain) in gone.iter().filter(|(_, plain)| *plain).chain(gone.iter().filter(|(_, plain)| !*plain)) {
        connection
            .execute_batch(&format!("DROP VIEW IF EXISTS {}", view_name(CATALOG, name, *plain)))
            .map_err(failed)?;
    }
    let mut schemas: BTreeSet<&str> = BTreeSet::new();
    for view in views {
        let digest = wanted[&(view.name.as_str(), view.plain)].hex();
        if stands.get(&(view.name.clone(), view.plain)) == Some(&digest) {
            continue;
        }
        if let Some((pipeline, _)) = view.name.split_once('.')
            && !view.plain
            && schemas.insert(pipeline)
        {
            let text = format!("CREATE SCHEMA IF NOT EXISTS {}.{}", identifier(CATALOG), identifier(pipeline));
            connection.execute_batch(&text).map_err(failed)?;
        }
        connection.execute_batch(&view.definition(CATALOG)).map_err(failed)?;
    }
    connection.execute_batch("DELETE FROM hotpass.views").map_err(failed)?;
    let mut rows = connection.appender_to_catalog_and_db("views", CATALOG, "hotpass").map_err(failed)?;
    for view in views {
        let digest = wanted[&(view.name.as_str(), view.plain)].hex();
        rows.append_row(params![view.name, view.plain, view.rows, digest]).map_err(failed)?;
    }
    rows.flush().map_err(failed)?;
    history(connection, std::slice::from_ref(run))?;
    // Names of runs sort by time.
    let Some(old) = oldest(connection)? else { return Ok(()) };
    for table in ["steps", "expectation_results", "artefacts", "runs"] {
        let text = format!("DELETE FROM hotpass.{table} WHERE run_id <= {}", quote(&old));
        connection.execute_batch(&text).map_err(failed)?;
    }
    Ok(())
}

/// The last run that is too old to be shown; mostly there is none.
fn oldest(connection: &Connection) -> Result<Option<String>, EngineError> {
    let text = format!("SELECT run_id FROM hotpass.runs ORDER BY run_id DESC LIMIT 1 OFFSET {HISTORY}");
    let mut prepared = connection.prepare(&text).map_err(failed)?;
    let mut rows = prepared.query([]).map_err(failed)?;
    let first = rows.next().map_err(failed)?;
    first.map(|it| it.get(0).map_err(failed)).transpose()
}

/// Digests of the definitions that stand, by name and whether it is the plain one.
fn standing(connection: &Connection) -> Result<BTreeMap<(String, bool), String>, EngineError> {
    let mut prepared = connection.prepare("SELECT name, plain, definition FROM hotpass.views").map_err(failed)?;
    let mut rows = prepared.query([]).map_err(failed)?;
    let mut acc = BTreeMap::new();
    while let Some(row) = rows.next().map_err(failed)? {
        let name = (row.get(0).map_err(failed)?, row.get(1).map_err(failed)?);
        acc.insert(name, row.get(2).map_err(failed)?);
    }
    Ok(acc)
}

impl View {
    fn digest(&self) -> Digest {
        Hasher::new("hotpass view v1").number(self.rows).text(&self.text).text(&self.columns).finish()
    }
}

fn history(connection: &Connection, all: &[Run]) -> Result<(), EngineError> {
    use crate::summary::StepStatus;
    let appender = |table: &str| connection.appender_to_catalog_and_db(table, CATALOG, "hotpass").map_err(failed);
    let mut runs = appender("runs")?;
    let mut steps = appender("steps")?;
    let mut checks = appender("expectation_results")?;
    let mut artefacts = appender("artefacts")?;
    for run in all {
        let summary = &run.summary;
        let status = format!("{:?}", summary.status).to_lowercase();
        let (ran, total) = (summary.steps_with(StepStatus::Ran) as u64, summary.step_count() as u64);
        runs.append_row(params![run.id, status, summary.duration_ms, ran, total]).map_err(failed)?;
        for it in &summary.steps {
            let outcome = format!("{:?}", it.outcome).to_lowercase();
            let (made, why) = (it.columns.join(", "), it.why.join(", "));
            let row = params![run.id, it.pipeline, it.step, it.kind, outcome, it.rows, it.duration_ms, made, why];
            steps.append_row(row).map_err(failed)?;
        }
        for it in &run.checks {
            let columns = it.columns.join(", ");
            let row = params![
                run.id,
                it.pipeline,
                it.id,
                it.table,
                columns,
                it.kind,
                it.words,
                it.severity,
                it.mostly,
                it.considered,
                it.unexpected,
                it.held
            ];
            checks.append_row(row).map_err(failed)?;
        }
        for it in &summary.artefacts {
            let row = params![run.id, it.path, it.blake3.hex(), it.bytes, it.rows, it.written];
            artefacts.append_row(row).map_err(failed)?;
        }
    }
    for mut it in [runs, steps, checks, artefacts] {
        it.flush().map_err(failed)?;
    }
    Ok(())
}
