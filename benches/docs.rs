//! What Data Docs cost: 50 tables with 40 columns each, written by `hotpass docs` of what is built.
//!
//! `cargo bench --bench docs`; `HOTPASS_BENCH_TABLES`, `HOTPASS_BENCH_COLUMNS` and `HOTPASS_BENCH_ROWS` take other sizes.

mod measure;

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use measure::{Rounds, head, is_full, line, run, settle};

type Done = Result<(), Box<dyn Error>>;

/// How often the pages are written.
const ROUNDS: usize = 5;
/// CPU seconds that they may take, with an optimised build.
const GOAL: f64 = 2.0;

fn main() -> Done {
    let number = |name: &str, or: usize| std::env::var(name).ok().and_then(|it| it.parse().ok()).unwrap_or(or);
    let (tables, columns) = (number("HOTPASS_BENCH_TABLES", 50), number("HOTPASS_BENCH_COLUMNS", 40));
    let rows = number("HOTPASS_BENCH_ROWS", if is_full() { 100_000 } else { 1000 });
    let folder = tempfile::tempdir()?;
    lay(folder.path(), tables, columns, rows)?;
    let mut rounds = Rounds::default();
    rounds.note("build", run(&mut hotpass(folder.path(), &["build", "--quiet"])));
    for _ in 0..ROUNDS {
        settle();
        rounds.note("docs", run(&mut hotpass(folder.path(), &["docs", "--quiet"])));
    }
    head(&format!("{tables} tables, {columns} columns, {rows} rows; {GOAL} s of CPU are the goal for the pages"));
    for what in ["build", "docs"] {
        line(what, rounds.count(what), rounds.median(what), "");
    }
    Ok(())
}

/// A workspace with one file and a step for each of the other tables: numbers, words and days, some of them missing.
fn lay(folder: &Path, tables: usize, columns: usize, rows: usize) -> Done {
    let names: Vec<String> = (0..columns).map(|it| format!("c{it}")).collect();
    let mut data = names.join(",") + "\n";
    for row in 0..rows {
        let cell = |column: usize| match (column % 4, (row * 7 + column * 3) % 11) {
            (_, 0) => String::new(),
            (0, _) => (row * (column + 1)).to_string(),
            (1, it) => format!("word {it}"),
            (2, it) => format!("2025-03-{:02}", it + 1),
            (_, it) => format!("{it}.{column}"),
        };
        let cells: Vec<String> = (0..columns).map(cell).collect();
        writeln!(data, "{}", cells.join(","))?;
    }
    fs::create_dir(folder.join("data"))?;
    fs::write(folder.join("data/t0.csv"), data)?;
    let mut text = "[pipeline]\nname = \"wide\"\n\n[source.t0]\npath = \"data/t0.csv\"\n".to_owned();
    for table in 1..tables {
        write!(
            text,
            "\n[step.t{table}]\nkind = \"filter\"\nfrom = \"t0\"\nwhere = \"c0 is null or c0 <> '{table}'\"\n"
        )?;
        write!(text, "\n[[expect.t{table}]]\ncolumn = \"c1\"\nnot_null = true\nseverity = \"warn\"\n")?;
    }
    fs::write(folder.join("hotpass.toml"), text)?;
    Ok(())
}

fn hotpass(folder: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hotpass"));
    command.arg("-C").arg(folder).args(words);
    command
}
