//! What orchestration costs: a graph of trivial SQL steps, ten layers deep, each reading two of the layer before it, built
//! cold, unchanged, with one changed leaf, and with a comment in the pipeline. Beside it ninja and make, where they are
//! installed, run the same graph as `sort` processes.
//!
//! `cargo bench --profile dev --bench graph`; `HOTPASS_BENCH=full` measures 10 000 steps too. Numbers are compared within
//! one run only, as ratios.

mod measure;

use std::error::Error;
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Command;

use measure::{Cost, Rounds};

type Done = Result<(), Box<dyn Error>>;

/// Layers and width of a graph of so many steps.
struct Shape {
    layers: usize,
    width: usize,
}

impl Shape {
    fn new(steps: usize) -> Shape {
        if steps == 10 { Shape { layers: 5, width: 2 } } else { Shape { layers: 10, width: steps / 10 } }
    }

    /// Each step as its layer, its place in it and the place of its second input; its first has its own place.
    fn steps(&self) -> impl Iterator<Item = (usize, usize, usize)> {
        let Shape { layers, width } = *self;
        (0..layers).flat_map(move |layer| (0..width).map(move |at| (layer, at, (at + 1) % width)))
    }

    fn hotpass(&self, folder: &Path) -> Done {
        fs::create_dir_all(folder.join("data"))?;
        let mut text = "[pipeline]\nname = \"graph\"\n".to_owned();
        for at in 0..self.width {
            fs::write(folder.join(format!("data/{at}.csv")), format!("k,v\nkey{at:05},{}\n", at * 7))?;
            writeln!(text, "\n[source.s{at}]\npath = \"data/{at}.csv\"")?;
        }
        for (layer, at, other) in self.steps() {
            let name = |at: usize| if layer == 0 { format!("s{at}") } else { format!("m{}_{at}", layer - 1) };
            let (a, b) = (name(at), name(other));
            let query = format!(
                "select k, max(v) as v from (select k, v from {a} union all select k, v from {b}) group by k order by k"
            );
            writeln!(text, "\n[step.m{layer}_{at}]\nkind = \"sql\"\nquery = \"{query}\"")?;
        }
        Ok(fs::write(folder.join("hotpass.toml"), text)?)
    }

    fn peers(&self, folder: &Path) -> Done {
        let (mut ninja, mut make) = ("rule s\n  command = sort -u -o $out $in\n".to_owned(), "all:".to_owned());
        fs::create_dir_all(folder.join("out"))?;
        for at in 0..self.width {
            fs::write(folder.join(format!("{at}.txt")), format!("key{at:05},{}\n", at * 7))?;
            write!(make, " out/{}_{at}", self.layers - 1)?;
        }
        make.push('\n');
        for (layer, at, other) in self.steps() {
            let name = |at: usize| if layer == 0 { format!("{at}.txt") } else { format!("out/{}_{at}", layer - 1) };
            let (a, b) = (name(at), name(other));
            writeln!(ninja, "build out/{layer}_{at}: s {a} {b}")?;
            writeln!(make, "out/{layer}_{at}: {a} {b}\n\tsort -u -o $@ {a} {b}")?;
        }
        fs::write(folder.join("build.ninja"), ninja)?;
        Ok(fs::write(folder.join("Makefile"), make)?)
    }
}

fn hotpass(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hotpass"));
    command.arg("-C").arg(folder).arg("build");
    command
}

/// A build tool beside us, if it is installed.
fn peer(name: &str, folder: &Path) -> Option<Command> {
    Command::new(name).arg("--version").output().ok()?;
    let mut command = Command::new(name);
    command.arg("-j2").current_dir(folder);
    Some(command)
}

fn measured(steps: usize, rounds: usize) -> Done {
    let shape = Shape::new(steps);
    let folder = tempfile::tempdir()?;
    let (ours, theirs) = (folder.path().join("hotpass"), folder.path().join("peers"));
    let mut costs = Rounds::default();

    // Cold once more than is needed to see that it is no accident, and as often as it takes no patience.
    for _ in 0..if steps > 1000 { 1 } else { 3 } {
        for folder in [&ours, &theirs] {
            if folder.is_dir() {
                fs::remove_dir_all(folder)?;
            }
        }
        shape.hotpass(&ours)?;
        shape.peers(&theirs)?;
        measure::settle();
        costs.note("cold", measure::run(&mut hotpass(&ours)));
        for tool in ["ninja", "make"] {
            fs::remove_dir_all(theirs.join("out"))?;
            fs::create_dir_all(theirs.join("out"))?;
            if let Some(mut peer) = peer(tool, &theirs) {
                costs.note(&format!("cold {tool}"), measure::run(&mut peer));
            }
        }
    }
    // Outputs of the last peer are newer than its inputs for both; ninja has its own log and builds once more.
    peer("ninja", &theirs).map(|mut it| measure::run(&mut it));
    measure::settle();
    measure::run(&mut hotpass(&ours));
    for _ in 0..rounds {
        costs.note("no-op", measure::run(&mut hotpass(&ours)));
        for tool in ["ninja", "make"] {
            if let Some(mut peer) = peer(tool, &theirs) {
                costs.note(&format!("no-op {tool}"), measure::run(&mut peer));
            }
        }
    }
    for round in 0..3 {
        let changed = |at: usize| format!("key{at:05},{}\n", 1_000_000 + round);
        fs::write(ours.join("data/0.csv"), format!("k,v\n{}", changed(0)))?;
        fs::write(theirs.join("0.txt"), changed(0))?;
        measure::settle();
        costs.note("leaf", measure::run(&mut hotpass(&ours)));
        if let Some(mut peer) = peer("ninja", &theirs) {
            costs.note("leaf ninja", measure::run(&mut peer));
        }
        measure::settle();
        let text = fs::read_to_string(ours.join("hotpass.toml"))?;
        fs::write(ours.join("hotpass.toml"), format!("{text}# Round {round}.\n"))?;
        measure::settle();
        costs.note("comment", measure::run(&mut hotpass(&ours)));
    }

    measure::head(&format!("{steps} steps"));
    for (name, what) in [
        ("cold", "cold"),
        ("no-op", "nothing changed"),
        ("leaf", "one leaf changed"),
        ("comment", "a comment in the pipeline"),
    ] {
        let mut ratios = Vec::new();
        for tool in ["ninja", "make"] {
            let other = format!("{name} {tool}");
            if !costs.of(&other).is_empty() {
                ratios.push(format!("{:.2} x {tool}", ratio(costs.of(name), costs.of(&other))));
            }
        }
        if name != "no-op" {
            ratios.push(format!("{:.1} x own no-op", costs.median(name).cpu / costs.median("no-op").cpu));
        }
        measure::line(what, costs.count(name), costs.median(name), &ratios.join(", "));
        for tool in ["ninja", "make"].map(|it| format!("{name} {it}")).iter().filter(|it| !costs.of(it).is_empty()) {
            measure::line(&format!("  {tool}"), costs.count(tool), costs.median(tool), "");
        }
    }
    Ok(())
}

/// The median over rounds of our CPU by theirs in the same round.
fn ratio(ours: &[Cost], theirs: &[Cost]) -> f64 {
    measure::median(ours.iter().zip(theirs).map(|(ours, theirs)| ours.cpu / theirs.cpu).collect())
}

fn main() -> Done {
    measured(10, 15)?;
    measured(1000, 15)?;
    if measure::is_full() {
        measured(10_000, 9)?;
    }
    Ok(())
}
