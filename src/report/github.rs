//! What GitHub Actions shows beside the code and on the page of a job: workflow commands and Markdown.
//!
//! <https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions>

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Write as _};
use std::path::PathBuf;

use crate::problem::{Problem, Severity, reference};
use crate::report::{Finished, Places, Report, log, unwritten};
use crate::show::{annotation, bytes, count, duration, markdown, property};
use crate::summary::{Status, StepStatus, Summary};

/// Rows of a table on the page of a job at most.
const MOST: usize = 50;

/// Its log and the page of the job, where it runs one.
pub(super) const REPORT: Report = Report::Around(report);

fn report(it: &Finished<'_>) -> io::Result<()> {
    if !is_here() {
        return Ok(());
    }
    let said = it.summary;
    annotate(&said.problems, &it.places);
    let failed = said.failures.iter().chain(&said.differences).map(|it| failure(it));
    log(&failed.collect::<String>());
    let Some(path) = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|it| !it.is_empty()) else { return Ok(()) };
    let path = PathBuf::from(path);
    let page = File::options().append(true).create(true).open(&path);
    let written = page.and_then(|mut page| page.write_all(summary(said).as_bytes()));
    written.map_err(|error| unwritten(&path, &error))
}

/// Shows problems in its log, where it runs the job.
pub(super) fn annotate(problems: &[Problem], places: &Places<'_>) {
    if is_here() {
        log(&annotations(problems, places));
    }
}

fn is_here() -> bool {
    std::env::var_os("GITHUB_ACTIONS").is_some_and(|it| it == "true")
}

/// A line for each problem, which GitHub shows at its place in the code.
pub fn annotations(problems: &[Problem], places: &Places<'_>) -> String {
    let mut out = String::new();
    for problem in problems {
        let command = if problem.severity == Severity::Error { "error" } else { "warning" };
        let mut properties = vec![format!("title={}", property(&problem.code))];
        if let Some(it) = places.of(problem) {
            properties.push(format!("file={}", property(&it.path)));
            properties.push(format!("line={},endLine={}", it.line, it.end_line));
            // Columns count only on one line.
            if it.line == it.end_line {
                properties.push(format!("col={},endColumn={}", it.column, it.end_column.max(it.column)));
            }
        }
        let help = problem.help.as_ref().map_or_else(String::new, |it| format!("\nhelp: {it}"));
        let _ = writeln!(
            out,
            "::{command} {}::{}",
            properties.join(","),
            annotation(&format!("{}{help}", problem.message))
        );
    }
    out
}

/// A line for a failure that has no place.
pub fn failure(reason: &str) -> String {
    format!("::error title=failed::{}\n", annotation(reason))
}

/// The page of a job, in Markdown.
pub fn summary(summary: &Summary) -> String {
    let status = match summary.status {
        Status::Ok => "built",
        Status::Refused => "refused",
        Status::Failed => "failed",
        Status::Interrupted => "interrupted",
    };
    let mut out = format!("### hotpass: {status} in {}\n\n", duration(summary.duration_ms));
    let held = summary.checks.iter().filter(|it| it.held == Some(true)).count();
    let _ = writeln!(
        out,
        "{} of {} ran, {} of {} held.\n",
        summary.steps_with(StepStatus::Ran),
        count(summary.step_count() as u64, "step"),
        held,
        count(summary.checks.len() as u64, "expectation")
    );
    if !summary.gates.is_empty() {
        let open = summary.gates.iter().filter(|it| it.held == Some(true)).count();
        let _ = writeln!(out, "{open} of {} open.\n", count(summary.gates.len() as u64, "gate"));
    }
    let waived = summary.waived();
    if waived > 0 {
        let _ = writeln!(out, "{} waived.\n", count(waived as u64, "failure"));
    }
    let told = summary.problems.iter().map(|it| {
        let word = if it.severity == Severity::Error { "error" } else { "warning" };
        vec![word.to_owned(), format!("[{}]({})", markdown(&it.code), reference(&it.code)), markdown(&it.message)]
    });
    table(&mut out, &["", "problem", "what"], told.collect());
    let failures = summary.failures.iter().map(|it| vec![markdown(it)]).collect();
    table(&mut out, &["failed"], failures);
    let differences = summary.differences.iter().map(|it| vec![markdown(it)]).collect();
    table(&mut out, &["not as `hotpass.lock` has it"], differences);
    let artefacts = summary.artefacts.iter().map(|it| {
        let what = if it.written { "written" } else { "unchanged" };
        vec![markdown(&it.path), count(it.rows, "row"), bytes(it.bytes), what.to_owned()]
    });
    table(&mut out, &["artefact", "rows", "size", ""], artefacts.collect());
    out
}

fn table(out: &mut String, heads: &[&str], rows: Vec<Vec<String>>) {
    if rows.is_empty() {
        return;
    }
    let _ = writeln!(out, "| {} |\n|{}", heads.join(" | "), " --- |".repeat(heads.len()));
    for row in rows.iter().take(MOST) {
        let _ = writeln!(out, "| {} |", row.join(" | "));
    }
    if rows.len() > MOST {
        let _ = writeln!(out, "\nand {} more", rows.len() - MOST);
    }
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};
    use std::sync::Arc;

    use super::*;
    use crate::problem::Code;
    use crate::span::Span;

    const ODD: Code = Code::warning("hotpass::a::odd");

    #[test]
    fn commands_are_escaped_as_github_reads_them() {
        let file = Arc::new(PathBuf::from("a, b.toml"));
        let text = |_: &Path| Some("x = 1\nyy = 2\n".to_owned());
        let places = Places { prefix: PathBuf::from("sub"), text: &text };
        let problem = Problem::new(&ODD, "100 %\nodd").label(&Span::new(&file, 6..8), "here").help("do: it".to_owned());
        assert_eq!(
            annotations(&[problem], &places),
            "::warning title=hotpass%3A%3Aa%3A%3Aodd,file=sub/a%2C b.toml,line=2,endLine=2,col=1,endColumn=3\
             ::100 %25%0Aodd%0Ahelp: do: it\n"
        );
        assert_eq!(
            annotations(&[Problem::new(&ODD, "odd")], &places),
            "::warning title=hotpass%3A%3Aa%3A%3Aodd::odd\n"
        );
    }
}
