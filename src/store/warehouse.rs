//! The warehouse: a DuckDB database for people. A view for every table under `pipeline.step`, and as real tables the
//! expectation results, runs and artefacts of the recorded runs.
//!
//! It is never written in place, so that whoever has it open is never in the way: it is made anew beside itself and
//! renamed. It can be made again at any time.

use duckdb::{Connection, params};

use crate::relation::sql::quote;
use crate::store::engine::failed;
use crate::store::runs::{self, Run};
use crate::store::sandbox::views;
use crate::store::workshop::{EngineError, Stored};
use crate::store::{Paths, settle};

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
";

/// Writes the warehouse for a run that is about to be recorded. `connection` has the new database attached meanwhile.
pub(super) fn write(
    connection: &Connection,
    paths: &Paths,
    run: &Run,
    tables: &[(String, Stored)],
) -> Result<(), EngineError> {
    let folder = tempfile::Builder::new().prefix("warehouse-").tempdir_in(paths.scratch())?;
    let beside = folder.path().join("warehouse");
    // Small blocks: a database of views and short tables takes kilobytes, not megabytes.
    let attach = format!("ATTACH {} AS w (BLOCK_SIZE 16384); USE w", quote(&beside.to_string_lossy()));
    connection.execute_batch(&attach).map_err(failed)?;
    connection.execute_batch("BEGIN").map_err(failed)?;
    connection.execute_batch(TABLES).map_err(failed)?;
    for text in views(tables) {
        connection.execute_batch(&text).map_err(failed)?;
    }
    let names = runs::names(&paths.runs());
    let earlier = names.iter().rev().take(HISTORY).filter_map(|it| runs::read(&paths.runs(), it));
    let mut all: Vec<Run> = earlier.filter(|it| it.id != run.id).collect();
    all.reverse();
    all.push(run.clone());
    history(connection, &all)?;
    connection.execute_batch("COMMIT; USE memory; DETACH w").map_err(failed)?;
    settle(&beside, &paths.warehouse())?;
    Ok(())
}

fn history(connection: &Connection, all: &[Run]) -> Result<(), EngineError> {
    use crate::summary::Fate;
    let appender = |table: &str| connection.appender_to_catalog_and_db(table, "w", "hotpass").map_err(failed);
    let mut runs = appender("runs")?;
    let mut steps = appender("steps")?;
    let mut checks = appender("expectation_results")?;
    let mut artefacts = appender("artefacts")?;
    for run in all {
        let summary = &run.summary;
        let status = format!("{:?}", summary.status).to_lowercase();
        let (ran, total) = (summary.steps_with(Fate::Ran) as u64, summary.step_count() as u64);
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
