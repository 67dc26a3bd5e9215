//! The screen of somebody who watches, after each build: what ran, what is wrong, and the table that is worked on.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use crate::answers::preview::{Looked, Preview};
use crate::plan::Plan;
use crate::problem::Severity;
use crate::show::{self, Paint, Style, align_of, count};
use crate::summary::{Status, StepLine, StepStatus, Summary};
use crate::views::build::in_words;
use crate::workspace::session::text_of;

/// Lines of a list that are shown; the others are counted.
const LINES: usize = 6;
/// Problems that are shown in full.
const PROBLEMS: usize = 3;
/// Rows of the preview that are shown however small the screen is.
pub(crate) const LEAST_ROWS: usize = 3;
/// Lines of the least that is left of a preview: a blank one, title, head, two rows, and the line that goes.
const LEAST: usize = 7;
/// Lines around the rows of the preview: its title and head, and the line that goes.
const AROUND: usize = 6;

/// Blanks before what does not fit in the line above: as far as the first word of it.
const INDENT: usize = 12;

/// A screen, and what has been shown on it.
pub(crate) struct Screen<'a> {
    /// The workspace.
    pub(crate) root: &'a Path,
    pub(crate) look: Style,
    /// Lines of it.
    pub(crate) height: usize,
    /// How many builds were told.
    pub(crate) builds: usize,
}

impl Screen<'_> {
    /// The whole of it after a build; `good` is what the last good one showed.
    pub(crate) fn text(&self, good: &Looked, summary: &Summary, plan: &Plan, changed: &[PathBuf]) -> String {
        let look = self.look;
        let mut top = String::new();
        let paint = match summary.status {
            Status::Ok => Paint::Good,
            Status::Refused | Status::Failed => Paint::Bad,
            Status::Interrupted => Paint::Warn,
        };
        let words = format!("{}  build {}", in_words(summary), self.builds);
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
        let preview = good.preview.as_ref();
        let beneath = preview.map_or(1, |it| it.rows.len().min(LEAST_ROWS) + AROUND + usize::from(!well) * 2);
        let (height, width) = (self.height, look.width);
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
        if !well && good.preview.is_some() {
            let _ = writeln!(top, "\n{}", look.paint("what follows is of the last good build", Paint::Warn));
        }
        for aside in good.asides.iter().filter(|_| well) {
            let title = format!("\n{} set aside by {}", count(aside.total, "row"), aside.table);
            let _ = writeln!(top, "{}", look.paint(&title, Paint::Strong));
            top.push_str(&rows(aside, aside.rows.len(), look));
        }
        let mut bottom = String::new();
        if let Some(preview) = &good.preview {
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
            let _ = writeln!(out, "{}", show::cell(&text, self.look.width));
        }
        if lines.len() > LINES {
            let _ = writeln!(out, "{:>10}  {} more", "", lines.len() - LINES);
        }
    }

    /// The worst problems in full, with their places, and how many more there are.
    fn problems(&self, out: &mut String, summary: &Summary, most: usize) {
        let text = |path: &Path| text_of(self.root, path);
        let mut problems = summary.problems.clone();
        problems.sort_by_key(|it| it.severity != Severity::Error);
        let more = problems.len().saturating_sub(most);
        problems.truncate(most);
        if !problems.is_empty() {
            out.push('\n');
            out.push_str(&show::problems(&problems, &text, self.look));
        }
        if more > 0 {
            let _ = writeln!(
                out,
                "{:>10}  {} more: `hotpass check` and `hotpass build` show all",
                "and",
                count(more as u64, "problem")
            );
        }
        for failure in &summary.failures {
            let text = format!("{:>10}  {}\n", "failed", show::line(failure));
            out.push_str(&self.look.fold(&text, INDENT));
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
            out.push_str(&self.look.fold(&text, INDENT));
        }
        if all.len() > most {
            let _ = writeln!(out, "{:>10}  {} more: `hotpass show STEP --unmapped`", "", all.len() - most);
        }
    }
}

/// The table that somebody works on.
pub(crate) fn previewed(preview: &Preview, most: usize, look: Style) -> String {
    let title = format!("{}  {}", preview.table, count(preview.total, "row"));
    format!("\n{}\n{}", look.paint(&title, Paint::Strong), rows(preview, most, look))
}

/// The first rows of a preview as a table.
fn rows(preview: &Preview, most: usize, look: Style) -> String {
    let heads: Vec<_> = preview.columns.iter().map(|it| (it.name.clone(), align_of(it.ty))).collect();
    show::table(&heads, &preview.rows[..most.min(preview.rows.len())], look)
}

/// Lines that a text takes on the screen.
fn lines(text: &str, width: usize) -> usize {
    text.lines().map(|it| show::columns(it).div_ceil(width.max(1)).max(1)).sum()
}

/// Paths for people.
pub(crate) fn paths(changed: &[PathBuf]) -> String {
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
