//! What a build shows while it runs: bars on a terminal, plain lines in a pipe, events for programs.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use serde::Serialize;

use crate::answers::build::{Audience, Built, Finished, Stop};
use crate::answers::event;
use crate::problem::Problem;
use crate::publish::own_files::EVENTS;
use crate::report::{self, Files};
use crate::run::Reporter;
use crate::scratch::SignalHook;
use crate::show;
use crate::summary::{StepLine, StepStatus, Summary};
use crate::terminal::interrupt;
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
    bars: Option<MultiProgress>,
    open: Arc<Mutex<Bars>>,
    /// The file of `--events`, which is opened with the first event.
    path: Option<PathBuf>,
    events: OnceLock<Option<Mutex<File>>>,
}

impl<'a> Progress<'a> {
    /// Bars where there is a terminal and nobody asked for quiet; events also to `events`.
    pub fn new(out: &'a Output, events: Option<&Path>) -> Progress<'a> {
        let bars = (out.is_terminal() && !out.is_json() && !out.is_quiet()).then(MultiProgress::new);
        let open = Arc::default();
        if bars.is_some() {
            let bars = Arc::downgrade(&open);
            // Where no thread is left for them, they stand still.
            let _ = threads::free(move || turn(&bars));
        }
        Progress { out, bars, open, path: events.map(Path::to_owned), events: OnceLock::new() }
    }

    /// Tells programs something: on stdout with `--format json`, and in the file of `--events`.
    pub fn event(&self, event: &impl Serialize) {
        if self.out.is_json() {
            self.out.event(event);
        }
        if let Some(file) = self.events.get_or_init(|| self.opened()) {
            let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
            let _ = file.write_all(event::json(event).as_bytes());
        }
    }

    fn opened(&self) -> Option<Mutex<File>> {
        let path = self.path.as_deref()?;
        match EVENTS.open(path) {
            Ok(file) => Some(Mutex::new(file)),
            Err(error) => {
                self.out.failure(&format!("`{}` cannot be written: {error}", path.display()));
                None
            }
        }
    }

    /// Shows what a build says of itself, and reports it to those around it.
    ///
    /// # Errors
    ///
    /// When a report cannot be written, which was told.
    pub(crate) fn ended(&self, summary: &Summary, root: &Path, reports: &Files) -> io::Result<()> {
        let text = |path: &Path| text_of(root, path);
        self.done();
        self.out.problems(&summary.problems, &text);
        summary.failures.iter().for_each(|it| self.out.failure(it));
        self.out.differences(&summary.differences);
        self.event(&Built::of(summary));
        if !self.out.is_json() {
            views::build::lines(summary).iter().for_each(|it| self.out.say(it));
        }
        report::write(reports, summary, root, &text).inspect_err(|error| self.out.failure(&error.to_string()))
    }

    /// Takes the bars away.
    fn done(&self) {
        if let Some(bars) = &self.bars {
            let _ = bars.clear();
        }
    }
}

/// Moves the bars as long as there are any to be had.
fn turn(bars: &Weak<Mutex<Bars>>) {
    while let Some(bars) = bars.upgrade() {
        bars.lock().unwrap_or_else(PoisonError::into_inner).values().for_each(ProgressBar::tick);
        drop(bars);
        std::thread::park_timeout(TICK);
    }
}

impl Audience for Progress<'_> {
    fn stoppable(&self, stop: Stop) -> Option<SignalHook> {
        Some(interrupt::stoppable(stop))
    }
}

impl Reporter for Progress<'_> {
    fn started(&self, pipeline: &str, step: &str) {
        let Some(bars) = &self.bars else { return };
        let bar = bars.add(ProgressBar::new_spinner());
        let style = ProgressStyle::with_template("{spinner} {prefix} {msg} {elapsed}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
        bar.set_prefix(format!("{pipeline}.{step}"));
        self.open.lock().unwrap_or_else(PoisonError::into_inner).insert(format!("{pipeline}.{step}"), bar);
    }

    fn notice(&self, text: &str) {
        let line = format!("{:>10}  {}", "note", show::line(text));
        match &self.bars {
            Some(bars) => drop(bars.println(line)),
            None => self.out.say(&line),
        }
    }

    fn overdue(&self, problem: &Problem) {
        self.done();
        self.out.overdue(problem)
    }

    fn read(&self, pipeline: &str, step: &str, rows: u64) {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bar) = open.get(&format!("{pipeline}.{step}")) {
            bar.set_message(show::count(rows, "row"));
        }
    }

    fn finished(&self, line: &StepLine) {
        let name = format!("{}.{}", line.pipeline, line.step);
        if let Some(bar) = self.open.lock().unwrap_or_else(PoisonError::into_inner).remove(&name) {
            bar.finish_and_clear();
        }
        self.event(&Finished::of(line));
        let quiet = self.out.is_json() || self.out.is_quiet();
        if quiet || line.outcome == StepStatus::Reused && !self.out.is_verbose() {
            return;
        }
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
        if self.out.is_verbose() && !line.why.is_empty() {
            text.push_str(&format!("  because of {}", line.why.join(", ")));
        }
        match &self.bars {
            Some(bars) => {
                let _ = bars.println(text);
            }
            None => self.out.say(&text),
        }
    }
}
