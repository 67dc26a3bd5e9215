//! What a real pipeline costs as its books grow: `pipelines/sample`, built cold, unchanged, with one changed cell and
//! with a comment in the pipeline; and how much memory a large workbook takes to be read.
//!
//! `cargo build --example sample && cargo bench --profile dev --bench scale`; `HOTPASS_BENCH=full` goes to a million rows,
//! `HOTPASS_BENCH_ROWS=300000` measures one size, `HOTPASS_BENCH_CELLS=1` with provenance and conflicts as well.

mod measure;

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use measure::Rounds;

type Done = Result<(), Box<dyn Error>>;

/// Rows of all sheets for one organisation, as the generator writes them.
const ROWS_EACH: f64 = 606.0 / 200.0;

fn hotpass(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hotpass"));
    command.arg("-C").arg(folder).arg("build");
    command
}

/// The generator of the books, an example of this package.
fn generator() -> Result<PathBuf, Box<dyn Error>> {
    let program = Path::new(env!("CARGO_BIN_EXE_hotpass")).with_file_name("examples").join("sample");
    match program.is_file() {
        true => Ok(program),
        false => Err("the generator is missing: `cargo build --example sample` makes it".into()),
    }
}

/// The most memory that reading a workbook of 300 000 rows may take, in MiB.
const MOST_TO_READ: f64 = 1024.0;

/// Rows of the three largest sheets of the clients' book for one organisation.
const CLIENT_ROWS_EACH: f64 = 134_402.0 / 99_000.0;

fn books(organisations: usize, seed: u64, folder: &Path) -> Done {
    let mut command = Command::new(generator()?);
    command.args(["--no-truth", "--organisations", &organisations.to_string(), "--seed", &seed.to_string()]);
    measure::run(command.arg(folder));
    Ok(())
}

/// Whether provenance and conflicts are exported too: `HOTPASS_BENCH_CELLS=1`.
fn about_cells() -> bool {
    std::env::var_os("HOTPASS_BENCH_CELLS").is_some()
}

fn workspace(rows: usize, folder: &Path) -> Done {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("pipelines/sample");
    if folder.is_dir() {
        fs::remove_dir_all(folder)?;
    }
    books((rows as f64 / ROWS_EACH).round() as usize, 7, &folder.join("data"))?;
    // It expects as many organisations as the sample has; here there are as many as are asked for.
    let text = fs::read_to_string(sample.join("hotpass.toml"))?;
    let text = text.replace("rows = { min = 150, max = 400 }", "rows = { min = 1 }");
    // Provenance and conflicts have a row for each cell: they are measured apart, or they would be all there is to see.
    let without = |text: &str| {
        let tables = text.split("\n[").filter(|it| !it.contains("\nabout = "));
        tables.collect::<Vec<_>>().join("\n[")
    };
    let text = if about_cells() { text } else { without(&text) };
    fs::write(folder.join("hotpass.toml"), text)?;
    let known = folder.join("known");
    fs::create_dir_all(&known)?;
    for entry in fs::read_dir(sample.join("known"))? {
        let path = entry?.path();
        fs::copy(&path, known.join(path.file_name().unwrap_or_default()))?;
    }
    Ok(())
}

/// Changes one cell of the register: its workbook is unpacked, one text in it replaced, and packed again.
fn change_a_cell(folder: &Path, round: usize) -> Done {
    use std::io::{Read, Write};
    let names = fs::read_dir(folder.join("data"))?.flatten().map(|it| it.path());
    let path = names
        .filter(|it| it.extension().is_some_and(|it| it == "xlsx"))
        .find(|it| it.file_name().is_some_and(|it| it.to_string_lossy().starts_with("registry")))
        .ok_or("there is no register")?;
    let mut old = zip::ZipArchive::new(fs::File::open(&path)?)?;
    let beside = path.with_extension("new");
    let mut new = zip::ZipWriter::new(fs::File::create(&beside)?);
    let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    let mut left = 1;
    for index in 0..old.len() {
        let mut part = old.by_index(index)?;
        let (name, mut bytes) = (part.name()?.into_owned(), Vec::new());
        part.read_to_end(&mut bytes)?;
        let is_text = name.ends_with("sharedStrings.xml") || name.starts_with("xl/worksheets/sheet");
        // The first web address of a record is as good a cell as any.
        if left > 0 && is_text {
            let text = String::from_utf8(bytes)?;
            let changed = text.replacen(">https://", &format!(">https://www.changed-{round}-"), 1);
            left -= usize::from(changed != text);
            bytes = changed.into_bytes();
        }
        new.start_file(name, options)?;
        new.write_all(&bytes)?;
    }
    new.finish()?;
    fs::rename(&beside, &path)?;
    if left > 0 { Err("no cell was changed".into()) } else { Ok(()) }
}

fn measured(rows: usize) -> Done {
    let folder = tempfile::tempdir()?;
    let folder = folder.path();
    let mut costs = Rounds::default();
    let often = if rows > 30_000 { 1 } else { 3 };
    workspace(rows, folder)?;
    for round in 0..often {
        for made in [".hotpass", "dist"].map(|it| folder.join(it)).iter().filter(|it| it.is_dir()) {
            fs::remove_dir_all(made)?;
        }
        measure::settle();
        costs.note("cold", measure::run(&mut hotpass(folder)));
        measure::settle();
        measure::run(&mut hotpass(folder));
        for _ in 0..5 {
            costs.note("no-op", measure::run(&mut hotpass(folder)));
        }
        change_a_cell(folder, round)?;
        measure::settle();
        costs.note("cell", measure::run(&mut hotpass(folder)));
        let text = fs::read_to_string(folder.join("hotpass.toml"))?;
        fs::write(folder.join("hotpass.toml"), format!("{text}# Round {round}.\n"))?;
        measure::settle();
        costs.note("comment", measure::run(&mut hotpass(folder)));
    }
    measure::head(&format!("{rows} rows in three workbooks"));
    for (name, what) in [
        ("cold", "cold"),
        ("no-op", "nothing changed"),
        ("cell", "one cell of one book changed"),
        ("comment", "a comment in the pipeline"),
    ] {
        let cost = costs.median(name);
        let ratio = match name {
            "cold" => format!("{:.0} rows per CPU s", rows as f64 / cost.cpu),
            _ => format!("{:.4} x cold", cost.cpu / costs.median("cold").cpu),
        };
        measure::line(what, costs.count(name), cost, &ratio);
    }
    Ok(())
}

/// One workbook of so many rows, read into the store and nothing else.
fn ingested(rows: usize) -> Done {
    let folder = tempfile::tempdir()?;
    let folder = folder.path();
    books((rows as f64 / CLIENT_ROWS_EACH).round() as usize, 7, &folder.join("data"))?;
    let text = r#"[pipeline]
name = "ingest"
[source.a]
path = "data/clients.xlsx"
sheet = "Company_Cat"
[source.b]
path = "data/clients.xlsx"
sheet = "Company_Contacts"
[source.c]
path = "data/clients.xlsx"
sheet = "Company_Addresses"
"#;
    fs::write(folder.join("hotpass.toml"), text)?;
    measure::settle();
    let cost = measure::run(&mut hotpass(folder));
    measure::head(&format!("only reading one workbook of {rows} rows in three sheets"));
    measure::line("cold", 1, cost, "");
    match cost.memory {
        Some(peak) if peak <= MOST_TO_READ => Ok(()),
        peak => Err(format!("reading took {peak:?} MiB, and {MOST_TO_READ} is the promise").into()),
    }
}

fn main() -> Done {
    if let Some(rows) = std::env::var("HOTPASS_BENCH_ROWS").ok().and_then(|it| it.parse().ok()) {
        ingested(rows)?;
        return measured(rows);
    }
    let all = [3_000, 30_000, 300_000, 1_000_000];
    ingested(if measure::is_full() { 300_000 } else { 30_000 })?;
    for rows in if measure::is_full() { &all[..] } else { &all[..1] } {
        measured(*rows)?;
    }
    Ok(())
}
