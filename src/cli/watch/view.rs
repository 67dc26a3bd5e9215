//! What somebody who watches sees: on a terminal one calm screen that is painted anew after each build, elsewhere one
//! line a build, for programs events.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;

use crate::answers::build::{Built, Finished};
use crate::answers::preview::{Looked, Preview};
use crate::cli::output::Output;
use crate::plan::Plan;
use crate::problem::{Problem, Severity};
use crate::show::{self, Paint, align_of, count};
use crate::summary::{Status, StepLine, StepStatus, Summary};
use crate::views::build::in_words;
use crate::watch::Notice;
use crate::workspace::session::text_of;

/// Lines of a list that are shown; the others are counted.
const LINES: usize = 6;
/// Problems that are shown in full.
const PROBLEMS: usize = 3;
/// Rows of the preview that are shown however small the screen is.
const LEAST_ROWS: usize = 3;
/// Lines of the least that is left of a preview: a blank one, title, head, two rows, and the line that goes.
const LEAST: usize = 7;
/// Lines around the rows of the preview: its title and head, and the line that goes.
const AROUND: usize = 6;

/// Blanks before what does not fit in the line above: as far as the first word of it.
const INDENT: usize = 12;

/// What programs are told beside the events of builds.
#[derive(Serialize)]
#[serde(tag = "event")]
enum Event<'a> {
    #[serde(rename = "watch.changed")]
    Changed { paths: &'a [PathBuf] },
    #[serde(rename = "watch.ready")]
    Ready { by: &'static str, files: usize, folders: Option<usize> },
    #[serde(rename = "watch.waiting")]
    Waiting { path: &'a Path },
}

/// Shows what happens.
pub(super) struct View {
    out: Arc<Output>,
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

impl View {
    pub(super) fn new(out: Arc<Output>, root: PathBuf) -> View {
        View { out, root, state: Mutex::default() }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, Shown> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a person looks at a screen.
    pub(super) fn is_for_people(&self) -> bool {
        self.out.is_terminal() && !self.out.is_json()
    }

    /// A build begins.
    pub(super) fn begins(&self, changed: &[PathBuf]) {
        // The first build has no cause, and what is only looked at again is no news.
        if changed.is_empty() {
            return;
        }
        if self.out.is_json() {
            self.out.event(&Event::Changed { paths: changed });
        }
        self.passing(&format!("{} changed", paths(changed)));
    }

    pub(super) fn started(&self, pipeline: &str, step: &str) {
        self.passing(&format!("{pipeline}.{step}"));
    }

    pub(super) fn finished(&self, line: &StepLine) {
        if self.out.is_json() {
            self.out.event(&Finished::of(line));
        }
    }

    /// The table that is waited for stands; the rest of the build goes on.
    pub(super) fn previewed(&self, preview: Option<&Preview>) {
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

    /// A build ended. `looked` is what it made; `None` when it was refused before it began.
    pub(super) fn ended(&self, summary: &Summary, plan: &Plan, changed: &[PathBuf], looked: Option<Looked>) {
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
            self.out.event(&Built::of(summary));
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
            let screen = self.screen(&state, summary, plan, changed);
            state.passing = false;
            return self.out.paint(&screen);
        }
        // What was told once is not told with every build.
        if told != summary.problems {
            self.out.problems(&summary.problems, &text);
        }
        summary.failures.iter().for_each(|it| self.out.failure(it));
        let because = if changed.is_empty() { String::new() } else { format!("  {} changed", paths(changed)) };
        self.out.say(&format!("{}{because}", in_words(summary)));
    }

    /// What was asked for is not there.
    pub(super) fn unasked(&self, problem: &Problem, changed: &[PathBuf]) {
        let summary =
            Summary { problems: vec![problem.clone()], ..Summary::new(Status::Refused, crate::run::run_id()) };
        self.ended(&summary, &Plan::default(), changed, None);
    }

    /// The world failed.
    pub(super) fn failed(&self, reason: &str) {
        let failures = vec![reason.to_owned()];
        let summary = Summary { failures, ..Summary::new(Status::Failed, crate::run::run_id()) };
        self.ended(&summary, &Plan::default(), &[], None);
    }

    /// What a build has to say beside what it ends with.
    pub(super) fn remark(&self, text: &str) {
        if !self.out.is_json() {
            self.out.say(&format!("{:>10}  {}", "note", show::line(text)));
        }
    }

    /// What the loop has to say.
    pub(super) fn notice(&self, notice: &Notice) {
        match notice {
            Notice::Ready { files, folders } => {
                if self.out.is_json() {
                    let by = if folders.is_some() { "events" } else { "polling" };
                    return self.out.event(&Event::Ready { by, files: *files, folders: *folders });
                }
                let folders = folders.map_or(String::new(), |it| format!(" in {}", count(it as u64, "folder")));
                let how = if folders.is_empty() { "looking at" } else { "watching" };
                self.passing(&format!("{how} {}{folders}; Ctrl-C ends", count(*files as u64, "path")));
            }
            Notice::Waiting(path) => {
                if self.out.is_json() {
                    return self.out.event(&Event::Waiting { path });
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

    /// Leaves the screen as it stands.
    pub(super) fn leave(&self) {
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

    /// The whole screen after a build.
    fn screen(&self, state: &Shown, summary: &Summary, plan: &Plan, changed: &[PathBuf]) -> String {
        let look = self.out.look();
        let mut top = String::new();
        let paint = match summary.status {
            Status::Ok => Paint::Good,
            Status::Refused | Status::Failed => Paint::Bad,
            Status::Interrupted => Paint::Warn,
        };
        let words = format!("{}  build {}", in_words(summary), state.builds);
        let _ = writeln!(top, "{}", look.paint(&words, paint));
        if !changed.is_empty() {
            let _ = writeln!(top, "{:>10}  {}", "changed", paths(changed));
        }
        self.steps(&mut top, summary);
        for artefact in summary.artefacts.iter().filter(|it| it.written) {
            let rows = count(artefact.rows, "row");
            let _ = writeln!(top, "{:>10}  {}  {rows}", "wrote", show::line(&artefact.path));
        }
        top = look.fold(&top, INDENT);
        let well = summary.status == Status::Ok;
        // However much is wrong, the beginning stays on the screen; what is wrong hides what is only odd.
        let preview = state.good.preview.as_ref();
        let beneath = preview.map_or(1, |it| it.rows.len().min(LEAST_ROWS) + AROUND + usize::from(!well) * 2);
        let (height, width) = (self.out.height(), look.width);
        for most in (1..=PROBLEMS).rev() {
            let mut text = String::new();
            self.problems(&mut text, summary, most);
            let fits = lines(&top, width) + lines(&text, width) + beneath <= height;
            if fits || most == 1 {
                top.push_str(&text);
                break;
            }
        }
        if well {
            // Each takes two lines at most.
            let room = height.saturating_sub(lines(&top, width) + LEAST) / 2;
            self.unmapped(&mut top, plan, room.clamp(1, LINES));
        }
        if !well && state.good.preview.is_some() {
            let _ = writeln!(top, "\n{}", look.paint("what follows is of the last good build", Paint::Warn));
        }
        for aside in state.good.asides.iter().filter(|_| well) {
            let title = format!("\n{} set aside by {}", count(aside.total, "row"), aside.table);
            let _ = writeln!(top, "{}", look.paint(&title, Paint::Strong));
            top.push_str(&rows(aside, aside.rows.len(), look));
        }
        let mut bottom = String::new();
        if let Some(preview) = &state.good.preview {
            // What else there is to say comes first; the rest of the screen is the preview's.
            let room = height.saturating_sub(lines(&top, width) + AROUND).max(LEAST_ROWS);
            bottom = previewed(preview, room, look);
            // Which columns found no room is told last, and only where it finds room.
            let spare = height.saturating_sub(lines(&top, width) + 1).max(LEAST - 1);
            bottom = bottom.split_inclusive('\n').take(spare).collect();
        }
        format!("\u{1b}[2J\u{1b}[H{top}{bottom}")
    }

    /// What ran, and why.
    fn steps(&self, out: &mut String, summary: &Summary) {
        let told = |it: &&StepLine| matches!(it.outcome, StepStatus::Ran | StepStatus::Failed);
        let lines: Vec<&StepLine> = summary.steps.iter().filter(told).collect();
        for line in lines.iter().take(LINES) {
            let what = match line.outcome {
                StepStatus::Failed => "failed",
                _ if line.kind == "source" => "read",
                _ => "ran",
            };
            let mut text = format!("{what:>10}  {}.{}", line.pipeline, line.step);
            if !line.columns.is_empty() && line.columns.len() <= 4 {
                let _ = write!(text, " ({})", line.columns.join(", "));
            }
            let _ = write!(text, "  {}", show::duration(line.duration_ms));
            // At first everything is made, and nobody asks why.
            if !line.why.is_empty() && line.why != ["first"] {
                let _ = write!(text, "  because of {}", listed(&line.why, 3));
            }
            let _ = writeln!(out, "{}", show::cell(&text, self.out.look().width));
        }
        if lines.len() > LINES {
            let _ = writeln!(out, "{:>10}  {} more", "", lines.len() - LINES);
        }
    }

    /// The worst problems in full, with their places, and how many more there are.
    fn problems(&self, out: &mut String, summary: &Summary, most: usize) {
        let text = |path: &Path| text_of(&self.root, path);
        let mut problems = summary.problems.clone();
        problems.sort_by_key(|it| it.severity != Severity::Error);
        let more = problems.len().saturating_sub(most);
        problems.truncate(most);
        if !problems.is_empty() {
            out.push('\n');
            out.push_str(&show::problems(&problems, &text, self.out.look()));
        }
        if more > 0 {
            let _ = writeln!(
                out,
                "{:>10}  {} more: `hotpass check` and `hotpass build` tell all",
                "and",
                count(more as u64, "problem")
            );
        }
        for failure in &summary.failures {
            let text = format!("{:>10}  {}\n", "failed", show::line(failure));
            out.push_str(&self.out.look().fold(&text, INDENT));
        }
    }

    /// Columns that nothing took, with what they might be.
    fn unmapped(&self, out: &mut String, plan: &Plan, most: usize) {
        let all: Vec<_> =
            plan.tables.iter().flat_map(|table| table.unmapped.iter().map(move |it| (table, it))).collect();
        for (table, it) in all.iter().take(most) {
            let near = it.proposals.first().map(|it| format!(", might be `{}` ({:.2})", it.field, it.score));
            let column = show::cell(&it.column, 40);
            let text = format!("{:>10}  `{column}` in {}{}\n", "unmapped", table.name, near.unwrap_or_default());
            out.push_str(&self.out.look().fold(&text, INDENT));
        }
        if all.len() > most {
            let _ = writeln!(out, "{:>10}  {} more: `hotpass show STEP --unmapped`", "", all.len() - most);
        }
    }
}

/// The table that somebody works on.
fn previewed(preview: &Preview, most: usize, look: show::Style) -> String {
    let title = format!("{}  {}", preview.table, count(preview.total, "row"));
    format!("\n{}\n{}", look.paint(&title, Paint::Strong), rows(preview, most, look))
}

/// The first rows of a preview as a table.
fn rows(preview: &Preview, most: usize, look: show::Style) -> String {
    let heads: Vec<_> = preview.columns.iter().map(|it| (it.name.clone(), align_of(it.ty))).collect();
    show::table(&heads, &preview.rows[..most.min(preview.rows.len())], look)
}

/// Lines that a text takes on the screen.
fn lines(text: &str, width: usize) -> usize {
    text.lines().map(|it| show::columns(it).div_ceil(width.max(1)).max(1)).sum()
}

/// Paths for people.
fn paths(changed: &[PathBuf]) -> String {
    let shown: Vec<String> = changed.iter().map(|it| it.display().to_string()).map(|it| show::line(&it)).collect();
    listed(&shown, 3)
}

fn listed(words: &[String], most: usize) -> String {
    let more = words.len().saturating_sub(most);
    let mut text = words[..most.min(words.len())].join(", ");
    if more > 0 {
        let _ = write!(text, " and {more} more");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted_as_the_screen_has_them() {
        let check = |text: &str, width: usize, expected: usize| assert_eq!(lines(text, width), expected, "{text:?}");
        check("a\n\nbcde\n", 3, 4);
        check("\u{1b}[32mabc\u{1b}[0m\n", 3, 1);
        check("夕凪\n", 3, 2);
    }
}
