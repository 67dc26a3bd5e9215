//! What a run of a program costs: CPU of all its processes, wall, and the most memory they had at once.
//!
//! Only what the kernel counts; what is run, and what it is compared with, is said by the benches.

use std::collections::BTreeMap;
use std::fs;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;

/// How often memory is looked at.
const EVERY: Duration = Duration::from_millis(5);

/// What one run cost.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cost {
    /// CPU seconds of the process and all its children.
    pub cpu: f64,
    /// Seconds from start to end.
    pub wall: f64,
    /// The most that all its processes had in memory at once, in MiB; `None` where it was too short to be seen.
    pub memory: Option<f64>,
}

/// Runs a program to its end.
///
/// # Panics
///
/// If it cannot be run or does not end well: what it costs would tell nothing.
pub fn run(command: &mut Command) -> Cost {
    let before = cpu_of_children();
    let begun = Instant::now();
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("the program starts");
    let (peak, over) = (AtomicU64::new(0), AtomicBool::new(false));
    let id = child.id();
    let stderr = child.stderr.take();
    let wall = std::thread::scope(|scope| {
        // What it says is kept for when it fails, and read so that it never waits for us.
        let said = scope.spawn(move || stderr.map(std::io::read_to_string));
        scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                peak.fetch_max(resident(id), Ordering::Relaxed);
                std::thread::sleep(EVERY);
            }
        });
        let status = child.wait().expect("the program ends");
        let wall = begun.elapsed();
        over.store(true, Ordering::Relaxed);
        let said = said.join().ok().flatten().and_then(Result::ok).unwrap_or_default();
        assert!(status.success(), "{command:?} ended with {status}:\n{said}");
        wall
    });
    let peak = peak.into_inner();
    let memory = (peak > 0 && wall > 4 * EVERY).then(|| peak as f64 / 1048576.0);
    Cost { cpu: cpu_of_children() - before, wall: wall.as_secs_f64(), memory }
}

fn cpu_of_children() -> f64 {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).expect("the kernel counts");
    (usage.user_time().num_microseconds() + usage.system_time().num_microseconds()) as f64 / 1e6
}

/// Bytes that a process and all below it have in memory. Pages that they share are counted for each.
fn resident(id: u32) -> u64 {
    let (mut open, mut sum) = (vec![id.to_string()], 0);
    while let Some(id) = open.pop() {
        let pages = fs::read_to_string(format!("/proc/{id}/statm")).unwrap_or_default();
        sum += pages.split(' ').nth(1).and_then(|it| it.parse::<u64>().ok()).unwrap_or(0) * 4096;
        for thread in fs::read_dir(format!("/proc/{id}/task")).into_iter().flatten().flatten() {
            let children = fs::read_to_string(thread.path().join("children")).unwrap_or_default();
            open.extend(children.split_whitespace().map(str::to_owned));
        }
    }
    sum
}

/// Costs of several programs under their names, taken in turns so that what else the machine does falls on all alike.
#[derive(Debug, Default)]
pub struct Rounds(BTreeMap<String, Vec<Cost>>);

impl Rounds {
    /// Notes a run.
    pub fn note(&mut self, name: &str, cost: Cost) {
        self.0.entry(name.to_owned()).or_default().push(cost);
    }

    /// All runs of a name, in order.
    pub fn of(&self, name: &str) -> &[Cost] {
        self.0.get(name).map_or(&[], Vec::as_slice)
    }

    /// The median of each number.
    pub fn median(&self, name: &str) -> Cost {
        let runs = self.of(name);
        let memory: Vec<f64> = runs.iter().filter_map(|it| it.memory).collect();
        Cost {
            cpu: median(runs.iter().map(|it| it.cpu).collect()),
            wall: median(runs.iter().map(|it| it.wall).collect()),
            memory: (!memory.is_empty()).then(|| median(memory)),
        }
    }

    /// How many runs of a name.
    pub fn count(&self, name: &str) -> usize {
        self.of(name).len()
    }
}

/// The number in the middle.
pub fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    match numbers.len() {
        0 => f64::NAN,
        count if count % 2 == 1 => numbers[count / 2],
        count => (numbers[count / 2 - 1] + numbers[count / 2]) / 2.0,
    }
}

/// One line of a table.
pub fn line(what: &str, runs: usize, cost: Cost, ratios: &str) {
    let memory = cost.memory.map_or("-".to_owned(), |it| format!("{it:.0} MiB"));
    println!("| {what:<34} | {:>9.4} | {:>8.3} | {memory:>9} | {runs:>2} | {ratios} |", cost.cpu, cost.wall);
}

/// The head of a table.
pub fn head(title: &str) {
    println!("\n### {title}\n");
    println!("| {:<34} | {:>9} | {:>8} | {:>9} | {:>2} | ratios of CPU |", "", "CPU s", "wall s", "peak", "n");
    println!("|{}|{}|{}|{}|{}|---|", "-".repeat(36), "-".repeat(11), "-".repeat(10), "-".repeat(11), "-".repeat(4));
}

/// Whether all sizes are measured, or only those that take seconds.
pub fn is_full() -> bool {
    std::env::var_os("HOTPASS_BENCH").is_some_and(|it| it == "full")
}

/// Waits until the times of files tell that they changed: the stamp takes nothing for settled that is younger.
pub fn settle() {
    std::thread::sleep(Duration::from_millis(60));
}
