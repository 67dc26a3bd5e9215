//! What somebody who watches is told: on a terminal one calm screen that is painted anew after each build, elsewhere one
//! line a build, for programs events.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::Serialize;

use crate::answers::build::Stop;
use crate::answers::preview::{Looked, Preview};
use crate::answers::watch::Viewer;
use crate::plan::Plan;
use crate::problem::Problem;
use crate::run::event::{Event, EventSink};
use crate::scratch::SignalHook;
use crate::show::{self, Paint, count};
use crate::summary::{Status, Summary};
use crate::terminal::interrupt;
use crate::terminal::output::Output;
use crate::terminal::programs::Programs;
use crate::views::build::in_words;
use crate::views::watch::{self, LEAST_ROWS, paths, previewed};
use crate::watch::Notice;
use crate::workspace::session::text_of;

/// What programs are told beside the events of builds.
#[derive(Serialize)]
#[serde(tag = "event")]
enum Loop<'a> {
    #[serde(rename = "watch.changed")]
    Changed { paths: &'a [PathBuf] },
    #[serde(rename = "watch.ready")]
    Ready { by: &'static str, files: usize, folders: Option<usize> },
    #[serde(rename = "watch.waiting")]
    Waiting { path: &'a Path },
}

/// Shows what happens.
pub struct Screen {
    out: Output,
    root: PathBuf,
    state: Mutex<Shown>,
}

#[derive(Default)]
struct Shown {
    /// How many builds were told.
    builds: usize,
    /// What the last good build showed.
    good: Looked,
    /// The preview as programs were last told.
    told: Option<Preview>,
    /// Problems as they were last told.
    problems: Vec<Problem>,
    /// The last line of the screen is one that goes.
    passing: bool,
}

impl Screen {
    /// For a workspace.
    pub fn new(out: Output, root: PathBuf) -> Screen {
        Screen { out, root, state: Mutex::default() }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, Shown> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Leaves the screen as it stands.
    pub fn leave(&self) {
        if self.is_for_people() && std::mem::take(&mut self.state().passing) {
            self.out.paint("\n");
        }
    }

    /// A line at the end of the screen that the next one replaces.
    fn passing(&self, text: &str) {
        if !self.is_for_people() {
            return;
        }
        let mut state = self.state();
        state.passing = true;
        let look = self.out.look();
        let text = show::cell(&format!("  {text}"), look.width.saturating_sub(1));
        self.out.paint(&format!("\r\u{1b}[K{}", look.paint(&text, Paint::Dim)));
    }
}

impl EventSink for Screen {
    fn take(&self, event: &Event<'_>) {
        match event {
            Event::Started { pipeline, step } => self.passing(&format!("{pipeline}.{step}")),
            Event::Notice(text) if !self.out.is_json() => {
                self.out.say(&format!("{:>10}  {}", "note", show::line(text)));
            }
            _ => Programs::new(&self.out, None).take(event),
        }
    }
}

impl Viewer for Screen {
    fn is_for_people(&self) -> bool {
        self.out.is_terminal() && !self.out.is_json()
    }

    fn begins(&self, changed: &[PathBuf]) {
        // The first build has no cause, and what is only looked at again is no news.
        if changed.is_empty() {
            return;
        }
        if self.out.is_json() {
            self.out.event(&Loop::Changed { paths: changed });
        }
        self.passing(&format!("{} changed", paths(changed)));
    }

    fn previewed(&self, preview: Option<&Preview>) {
        let mut state = self.state();
        let Some(preview) = preview.filter(|it| state.told.as_ref() != Some(it)) else { return };
        state.told = Some(preview.clone());
        if self.out.is_json() {
            self.out.event(preview);
        } else if self.is_for_people() {
            let look = self.out.look();
            let room = self.out.height().saturating_sub(6).max(LEAST_ROWS);
            let text = previewed(preview, room, look);
            self.out.paint(&format!("\u{1b}[2J\u{1b}[H{}\n{text}", look.paint("building", Paint::Dim)));
        }
    }

    fn ended(&self, summary: &Summary, plan: &Plan, changed: &[PathBuf], looked: Option<Looked>) {
        let text = |path: &Path| text_of(&self.root, path);
        let mut state = self.state();
        // The world is looked at again until it keeps still; what is refused as before is told once.
        let again = changed.is_empty() && state.builds > 0 && state.problems == summary.problems;
        if again && summary.status == Status::Refused && looked.is_none() {
            return;
        }
        if self.out.is_json() {
            self.out.problems(&summary.problems, &text);
            summary.failures.iter().for_each(|it| self.out.failure(it));
            Programs::new(&self.out, None).take(&Event::Ended(summary));
        }
        if summary.status == Status::Interrupted {
            return;
        }
        state.builds += 1;
        let told = std::mem::replace(&mut state.problems, summary.problems.clone());
        if self.out.is_json() {
            return;
        }
        if let Some(looked) = looked.filter(|_| summary.status == Status::Ok) {
            state.good = looked;
        }
        if self.is_for_people() {
            let (root, look, height) = (&self.root, self.out.look(), self.out.height());
            let screen = watch::Screen { root, look, height, builds: state.builds };
            let text = screen.text(&state.good, summary, plan, changed);
            state.passing = false;
            return self.out.paint(&text);
        }
        // What was told once is not told with every build.
        if told != summary.problems {
            self.out.problems(&summary.problems, &text);
        }
        summary.failures.iter().for_each(|it| self.out.failure(it));
        let because = if changed.is_empty() { String::new() } else { format!("  {} changed", paths(changed)) };
        self.out.say(&format!("{}{because}", in_words(summary)));
    }

    fn notice(&self, notice: &Notice) {
        match notice {
            Notice::Ready { files, folders } => {
                if self.out.is_json() {
                    let by = if folders.is_some() { "events" } else { "polling" };
                    return self.out.event(&Loop::Ready { by, files: *files, folders: *folders });
                }
                let folders = folders.map_or(String::new(), |it| format!(" in {}", count(it as u64, "folder")));
                let how = if folders.is_empty() { "looking at" } else { "watching" };
                self.passing(&format!("{how} {}{folders}; Ctrl-C ends", count(*files as u64, "path")));
            }
            Notice::Waiting(path) => {
                if self.out.is_json() {
                    return self.out.event(&Loop::Waiting { path });
                }
                let text = format!("waiting for `{}`, which is not all there", show::line(&path.display().to_string()));
                match self.is_for_people() {
                    true => self.passing(&text),
                    false => self.out.say(&format!("{:>10}  {text}", "watch")),
                }
            }
            Notice::Odd(problem) => self.out.problems(std::slice::from_ref(problem), &|_| None),
        }
    }

    fn stoppable(&self, stop: Stop) -> Option<SignalHook> {
        Some(interrupt::stoppable(stop))
    }
}
