//! What somebody waits for who works on a mapping: from the save to the refreshed preview in a running `hotpass watch`,
//! beside a build from nothing and the same edit with `hotpass build`. The sample, in several sizes.
//!
//! `cargo build --example sample && cargo bench --profile dev --bench watch`; `HOTPASS_BENCH_ROWS=100000` measures one
//! size, `HOTPASS_BENCH_SHOW=STEP` shows another table.

mod measure;

use std::error::Error;
use std::fs;
use std::io::{BufRead, BufReader, Lines};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Instant;

use measure::{Cost, Rounds};

type Done = Result<(), Box<dyn Error>>;

/// Rows of all sheets for one organisation, as the generator writes them.
const ROWS_EACH: f64 = 606.0 / 200.0;
/// A synonym for a column that nothing takes without it.
const SYNONYM: &str = "[field.last_interaction_date]\nsynonyms = [\"last order date\"]\n";
/// Edits of each kind.
const ROUNDS: usize = 15;

fn hotpass(folder: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hotpass"));
    command.arg("-C").arg(folder).args(words);
    command
}

/// The sample with so many rows, and a profile of its own that is edited.
fn workspace(rows: usize, folder: &Path) -> Done {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("pipelines/sample");
    let program = Path::new(env!("CARGO_BIN_EXE_hotpass")).with_file_name("examples").join("sample");
    let organisations = (rows as f64 / ROWS_EACH).round().to_string();
    let made = Command::new(&program)
        .args(["--organisations", &organisations, "--seed", "7"])
        .arg(folder.join("data"))
        .stdout(Stdio::null())
        .status()
        .map_err(|_| "the generator is missing: `cargo build --example sample` makes it")?;
    if !made.success() {
        return Err("no books".into());
    }
    let text = fs::read_to_string(sample.join("hotpass.toml"))?;
    let text = text.replace("rows = { min = 150, max = 400 }", "rows = { min = 1 }");
    // Provenance and conflicts have a row for each cell; `scale` measures them.
    let tables = text.split("\n[").filter(|it| !it.contains("\nabout = "));
    let text = tables.collect::<Vec<_>>().join("\n[");
    let text = text.replace("profile = \"aviation\"", "profile = \"work\"");
    fs::write(folder.join("hotpass.toml"), text)?;
    for name in ["known", "profiles"] {
        fs::create_dir_all(folder.join(name))?;
    }
    fs::write(folder.join("profiles/work.toml"), "[profile]\nextends = \"aviation\"\n")?;
    for entry in fs::read_dir(sample.join("known"))? {
        let path = entry?.path();
        fs::copy(&path, folder.join("known").join(path.file_name().unwrap_or_default()))?;
    }
    Ok(())
}

/// The profile with or without the synonym, and with a comment that is new each time.
fn edit(folder: &Path, synonym: bool, round: usize) -> Done {
    let more = if synonym { SYNONYM } else { "" };
    fs::write(folder.join("profiles/work.toml"), format!("# {round}\n[profile]\nextends = \"aviation\"\n{more}"))?;
    Ok(())
}

struct Watch {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Watch {
    fn start(folder: &Path, show: &str) -> Result<Watch, Box<dyn Error>> {
        let mut command = hotpass(folder, &["watch", "--format", "json", "--show", show]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let lines = BufReader::new(child.stdout.take().ok_or("no events")?).lines();
        Ok(Watch { child, lines })
    }

    /// Waits for an event; whether the build before it went well counts as well.
    fn until(&mut self, event: &str) -> Done {
        let mark = format!("\"event\":\"{event}\"");
        for line in self.lines.by_ref() {
            let line = line?;
            if line.contains("\"event\":\"failure\"") {
                return Err(line.into());
            }
            if line.contains(&mark) {
                return Ok(());
            }
        }
        Err("the watch ended".into())
    }

    /// Resident memory in MiB, and open files.
    fn size(&self) -> (f64, usize) {
        let id = self.child.id();
        let pages = fs::read_to_string(format!("/proc/{id}/statm")).unwrap_or_default();
        let pages = pages.split(' ').nth(1).and_then(|it| it.parse::<f64>().ok()).unwrap_or(0.0);
        let files = fs::read_dir(format!("/proc/{id}/fd")).map_or(0, Iterator::count);
        (pages * 4096.0 / 1048576.0, files)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn measured(rows: usize, show: &str) -> Done {
    let folder = tempfile::tempdir()?;
    let folder: PathBuf = folder.path().to_owned();
    let mut costs = Rounds::default();
    workspace(rows, &folder)?;
    costs.note("cold", measure::run(&mut hotpass(&folder, &["build"])));
    for round in 0..4 {
        edit(&folder, round % 2 == 0, round)?;
        measure::settle();
        costs.note("build", measure::run(&mut hotpass(&folder, &["build"])));
    }
    let mut watch = Watch::start(&folder, show)?;
    watch.until("watch.ready")?;
    let before = watch.size();
    let mut note = |name: &str, begun: Instant| {
        costs.note(name, Cost { wall: begun.elapsed().as_secs_f64(), ..Cost::default() });
    };
    for round in 0..ROUNDS {
        measure::settle();
        edit(&folder, round % 2 == 0, round)?;
        let begun = Instant::now();
        watch.until("watch.preview")?;
        note("preview", begun);
        watch.until("build.summary")?;
        note("published", begun);
        watch.until("watch.ready")?;
        measure::settle();
        edit(&folder, round % 2 == 0, round + ROUNDS)?;
        let begun = Instant::now();
        watch.until("build.summary")?;
        note("nothing", begun);
        watch.until("watch.ready")?;
    }
    let after = watch.size();
    measure::head(&format!("{rows} rows in three workbooks, `--show {show}`"));
    measure::line("`build` from nothing", costs.count("cold"), costs.median("cold"), "");
    let ratio = costs.median("build").cpu / costs.median("cold").cpu;
    measure::line(
        "a synonym saved, `build`",
        costs.count("build"),
        costs.median("build"),
        &format!("{ratio:.3} x cold"),
    );
    let rest = 1000.0 * costs.median("cold").wall;
    println!("\n| {:<44} | p50 ms | worst ms |  n | of cold |", "wall");
    println!("|{}|-------:|---------:|---:|--------:|", "-".repeat(46));
    for (name, what) in [
        ("cold", "`build` from nothing"),
        ("build", "a synonym saved, `build`"),
        ("preview", "a synonym saved, until the preview"),
        ("published", "a synonym saved, until all is published"),
        ("nothing", "a save that changes nothing"),
    ] {
        let p50 = 1000.0 * costs.median(name).wall;
        let worst = 1000.0 * costs.of(name).iter().map(|it| it.wall).fold(0.0, f64::max);
        println!("| {what:<44} | {p50:>6.0} | {worst:>8.0} | {:>2} | {:>7.4} |", costs.count(name), p50 / rest);
    }
    println!(
        "\n{} builds: {:.0} MiB and {} files before, {:.0} MiB and {} files after",
        2 * ROUNDS,
        before.0,
        before.1,
        after.0,
        after.1
    );
    Ok(())
}

fn main() -> Done {
    let show = std::env::var("HOTPASS_BENCH_SHOW").unwrap_or_else(|_| "client_fields".to_owned());
    if let Some(rows) = std::env::var("HOTPASS_BENCH_ROWS").ok().and_then(|it| it.parse().ok()) {
        return measured(rows, &show);
    }
    for rows in if measure::is_full() { &[5_000, 100_000][..] } else { &[5_000][..] } {
        measured(*rows, &show)?;
    }
    Ok(())
}
