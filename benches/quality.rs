//! The sample against its truth, at any size: what each cell means, which rows are one organisation, who is left
//! alone, and whether every published value comes from a cell that is there.
//!
//! `cargo build --example sample && cargo bench --profile dev --bench quality`; `HOTPASS_BENCH_ORGANISATIONS=100000`
//! takes another size, `HOTPASS_BENCH_SEED` other books, and `HOTPASS_BENCH_PLANTED=1` plants rarer mess. The measures
//! are tables of the pipeline in `quality.toml`, whose expectations fail the build, so nothing is counted here.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

type Done = Result<(), Box<dyn Error>>;

/// Where the cells of the sample stand.
const SOURCES: [&str; 11] = [
    "register",
    "outreach",
    "outreach_contacts",
    "clients",
    "client_contacts",
    "client_addresses",
    "client_captures",
    "known_ids",
    "corrections",
    "suppress",
    "answers",
];

fn main() -> Done {
    let number = |name: &str, or: &str| std::env::var(name).unwrap_or_else(|_| or.to_owned());
    let (size, seed) = (number("HOTPASS_BENCH_ORGANISATIONS", "5000"), number("HOTPASS_BENCH_SEED", "41"));
    let folder = tempfile::tempdir()?;
    lay(folder.path(), &size, &seed)?;
    println!("{size} organisations, seed {seed}");
    run(hotpass(folder.path()).args(["build", "--quiet"]))?;
    run(hotpass(folder.path()).args(["query", "--unmasked", "select * from quality.measures"]))?;
    run(hotpass(folder.path()).args(["query", "--unmasked", &chains()]))
}

/// A workspace with the books, the truth, the shipped pipeline and the one that measures it.
fn lay(folder: &Path, size: &str, seed: &str) -> Done {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (data, truth) = (folder.join("data"), folder.join("truth"));
    let mut generate = Command::new(generator()?);
    generate.args(["--organisations", size, "--seed", seed, "--truth"]).args([&truth, &data]);
    if std::env::var_os("HOTPASS_BENCH_PLANTED").is_some() {
        generate.arg("--planted");
    }
    run(&mut generate)?;
    for place in ["known", "pipelines"] {
        fs::create_dir(folder.join(place))?;
    }
    for entry in fs::read_dir(root.join("pipelines/sample/known"))? {
        let path = entry?.path();
        fs::copy(&path, folder.join("known").join(path.file_name().unwrap_or_default()))?;
    }
    // It expects as many organisations as the sample has; here there are as many as are asked for.
    let text = fs::read_to_string(root.join("pipelines/sample/hotpass.toml"))?;
    fs::write(
        folder.join("pipelines/sample.toml"),
        text.replace("rows = { min = 150, max = 400 }", "rows = { min = 1 }"),
    )?;
    fs::copy(root.join("benches/quality.toml"), folder.join("pipelines/quality.toml"))?;
    Ok(())
}

/// Of all published values, how many are told, come from cells, come from the pipeline; and how many of those cells
/// are there and filled.
fn chains() -> String {
    let filled = |table: &str| {
        format!(
            "unpivot (select _row as nr, columns(it -> it not like '\\_%' escape '\\')::varchar from {table}) \
             on columns(* exclude (nr)) into name header value found"
        )
    };
    let cells =
        SOURCES.map(|it| format!("select '{it}' as source, nr, header from ({})", filled(&format!("sample.{it}"))));
    format!(
        "with cells as ({}), \
         told as (select *, cast(regexp_extract(cell, '[0-9]+$') as bigint) as nr from refined.organisations__provenance), \
         published as (unpivot (select columns(it -> it not like '\\_%' escape '\\')::varchar from refined.organisations) \
           on columns(*) into name header value found) \
         select (select count(*) from published) as published, \
           (select count(*) from (select distinct key, \"column\" from told)) as told, \
           count(*) filter (where told.source is not null) as from_cells, count(cells.nr) as cells_that_are_there, \
           count(*) filter (where told.source is null and told.file is not null) as from_the_pipeline, \
           count(*) filter (where told.source is null and told.file is null) as from_nowhere \
         from told left join cells \
           on told.source = cells.source and told.header = cells.header and told.nr = cells.nr",
        cells.join(" union all ")
    )
}

fn hotpass(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hotpass"));
    command.arg("-C").arg(folder);
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

fn run(command: &mut Command) -> Done {
    match command.status()?.success() {
        true => Ok(()),
        false => Err(format!("{command:?} failed").into()),
    }
}
