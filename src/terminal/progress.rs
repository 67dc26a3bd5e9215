//! What a build shows to people: bars on a terminal, plain lines in a pipe, and at its end what it came to.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::run::event::{Event, EventSink};
use crate::show;
use crate::summary::{StepLine, StepStatus, Summary};
use crate::terminal::output::Output;
use crate::threads;
use crate::views;
use crate::workspace::session::text_of;

/// Bars of what runs, by name.
type Bars = HashMap<String, ProgressBar>;

/// How often a bar moves.
const TICK: Duration = Duration::from_millis(100);

/// Shows what happens.
pub struct Progress<'a> {
    out: &'a Output,
    root: &'a Path,
    bars: Option<MultiProgress>,
    open: Arc<Mutex<Bars>>,
}

impl<'a> Progress<'a> {
    /// Of the workspace `root`; bars where there is a terminal and nobody asked for quiet.
    pub fn new(out: &'a Output, root: &'a Path) -> Progress<'a> {
        let bars = (out.is_terminal() && !out.is_json() && !out.is_quiet()).then(MultiProgress::new);
        let open = Arc::default();
        if bars.is_some() {
            let bars = Arc::downgrade(&open);
            // Where no thread is left for them, they stand still.
            let _ = threads::free(move || turn(&bars));
        }
        Progress { out, root, bars, open }
    }

    /// Takes the bars away.
    fn done(&self) {
        if let Some(bars) = &self.bars {
            let _ = bars.clear();
        }
    }

    fn open(&self) -> MutexGuard<'_, Bars> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A line that stays, above the bars.
    fn say(&self, line: &str) {
        match &self.bars {
            Some(bars) => drop(bars.println(line)),
            None => self.out.say(line),
        }
    }

    fn started(&self, name: String) {
        let Some(bars) = &self.bars else { return };
        let bar = bars.add(ProgressBar::new_spinner());
        let style = ProgressStyle::with_template("{spinner} {prefix} {msg} {elapsed}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
        bar.set_prefix(name.clone());
        self.open().insert(name, bar);
    }

    fn finished(&self, line: &StepLine) {
        let name = name(&line.pipeline, &line.step);
        if let Some(bar) = self.open().remove(&name) {
            bar.finish_and_clear();
        }
        let quiet = self.out.is_json() || self.out.is_quiet();
        if !quiet && (line.outcome != StepStatus::Reused || self.out.is_verbose()) {
            self.say(&in_words(&name, line, self.out.is_verbose()));
        }
    }

    /// What a build says of itself.
    fn ended(&self, summary: &Summary) {
        self.done();
        self.out.problems(&summary.problems, &|path: &Path| text_of(self.root, path));
        summary.failures.iter().for_each(|it| self.out.failure(it));
        let help = "build without `--locked` and look at the difference of `hotpass.lock`";
        self.out.differences(&summary.differences, help);
        if !self.out.is_json() {
            views::build::lines(summary).iter().for_each(|it| self.out.say(it));
        }
    }
}

fn name(pipeline: &str, step: &str) -> String {
    format!("{pipeline}.{step}")
}

/// What became of a step, in a line.
fn in_words(name: &str, line: &StepLine, verbose: bool) -> String {
    let what = match line.outcome {
        StepStatus::Ran if line.kind == "source" => "read",
        StepStatus::Ran => "ran",
        StepStatus::Reused => "reused",
        StepStatus::Failed => "failed",
        StepStatus::Skipped => "skipped",
    };
    let mut text = format!("{what:>10}  {name}");
    if let Some(rows) = line.rows {
        text.push_str(&format!("  {}, {}", show::count(rows, "row"), show::duration(line.duration_ms)));
    }
    if let Some((made, all)) = line.pieces {
        let what = if line.kind == "source" { "file" } else { "piece" };
        text.push_str(&format!("  {made} of {}", show::count(all, what)));
    }
    if !line.left_out.is_empty() {
        let what = line.left_out.iter().map(|(what, rows)| show::count(*rows, what));
        text.push_str(&format!("  without {}", what.collect::<Vec<_>>().join(", ")));
    }
    if verbose && !line.why.is_empty() {
        text.push_str(&format!("  because of {}", line.why.join(", ")));
    }
    text
}

/// Moves the bars as long as there are any to be had.
fn turn(bars: &Weak<Mutex<Bars>>) {
    while let Some(bars) = bars.upgrade() {
        bars.lock().unwrap_or_else(PoisonError::into_inner).values().for_each(ProgressBar::tick);
        drop(bars);
        std::thread::park_timeout(TICK);
    }
}

impl EventSink for Progress<'_> {
    fn take(&self, event: &Event<'_>) {
        match event {
            Event::Started { pipeline, step } => self.started(name(pipeline, step)),
            Event::Rows { pipeline, step, rows } => {
                if let Some(bar) = self.open().get(&name(pipeline, step)) {
                    bar.set_message(show::count(*rows, "row"));
                }
            }
            Event::Finished(line) => self.finished(line),
            Event::Made { .. } => (),
            Event::Notice(text) => self.say(&format!("{:>10}  {}", "note", show::line(text))),
            Event::Overdue(problem) => {
                self.done();
                self.out.overdue(problem)
            }
            Event::Ended(summary) => self.ended(summary),
        }
    }
}
