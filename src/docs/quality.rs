//! The quality report: the facts of Data Docs in one piece, for programs (JSON), for a page of a repository or a merge
//! request (Markdown), and for a sheet. Counts and shares; samples are masked as on the pages.

use serde::Serialize;

use super::facts::{CheckFacts, Facts, GateFacts, TableFacts, Verdict};
use crate::escape::markdown;
use crate::numbers::{count, number, percent};
use crate::publish::Words;

/// All that is told of the quality of a pipeline.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Report {
    /// The version of this form.
    pub v: u32,
    /// The pipeline.
    pub pipeline: String,
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// The worst verdict of checks and gates; `passed` where none is declared.
    pub status: Verdict,
    /// Checks by verdict.
    pub checks: Checks,
    /// Where the rows come from.
    pub sources: Vec<Source>,
    /// Tables with what is filled of them.
    pub tables: Vec<Completeness>,
    /// Checks that did not pass, with remedies.
    pub failures: Vec<CheckFacts>,
    /// Gates, with what each asks for and found.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub gates: Vec<GateFacts>,
    /// Cells that said otherwise than those that were taken, by table.
    pub conflicts: Vec<Conflicts>,
    /// What to do next, most pressing first.
    pub recommendations: Vec<Recommendation>,
}

/// How many checks came out so.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Checks {
    /// They held.
    pub passed: u64,
    /// They did not hold, and warn.
    pub warned: u64,
    /// They did not hold, and hold exports back.
    pub failed: u64,
    /// They could not be taken, or cannot tell yet.
    pub not_run: u64,
}

/// A source and what it gives.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Source {
    /// Its name.
    pub name: String,
    /// Files that it is read from, `file#sheet` each.
    pub places: Vec<String>,
    /// Its rows, when it is made.
    pub rows: Option<u64>,
    /// Rows that it rejects.
    pub rejected: Option<u64>,
}

/// What is filled of a table.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Completeness {
    /// Its name.
    pub name: String,
    /// `source`, or the kind of step.
    pub kind: String,
    /// Its rows, when it is made.
    pub rows: Option<u64>,
    /// Rows that it rejects.
    pub rejected: Option<u64>,
    /// Its rows in earlier published builds, oldest first, and now; empty where no earlier build is known.
    pub trend: Vec<u64>,
    /// Whether it is written to a file.
    pub published: bool,
    /// Its columns.
    pub columns: Vec<Column>,
}

/// What is filled of a column.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type, as keys spell it.
    #[serde(rename = "type")]
    pub ty: String,
    /// Whether its values are personal.
    pub personal: bool,
    /// Rows with a value, when somebody looked.
    pub filled: Option<u64>,
    /// Different values.
    pub distinct: Option<u64>,
}

/// Conflicts behind a table.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Conflicts {
    /// The table.
    pub table: String,
    /// Cells that said otherwise than the one that was taken.
    pub cells: u64,
}

/// Something to do.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Recommendation {
    /// A name for programs: `failed-checks`.
    pub code: String,
    /// What is so, and what to do, in a sentence or two.
    pub text: String,
}

impl Report {
    /// The report of these facts; columns are counted where somebody looked into the table.
    pub fn of(facts: &Facts, conflicts: Vec<Conflicts>) -> Report {
        let with = |it| facts.with(it);
        let checks = Checks {
            passed: with(Verdict::Passed),
            warned: with(Verdict::Warned),
            failed: with(Verdict::Failed),
            not_run: with(Verdict::NotRun),
        };
        let sources = facts.tables.iter().filter(|it| it.kind == "source").map(|it| Source {
            name: it.name.clone(),
            places: it.places.clone(),
            rows: it.rows,
            rejected: it.rejected,
        });
        let failures = facts.checks.iter().filter(|it| it.verdict != Verdict::Passed).cloned();
        let (checked, gated) =
            (facts.checks.iter().map(|it| it.verdict), facts.gates.iter().filter_map(|it| it.verdict));
        let mut report = Report {
            v: 1,
            pipeline: facts.pipeline.clone(),
            purpose: facts.purpose.clone(),
            status: checked.chain(gated).min().unwrap_or(Verdict::Passed),
            checks,
            sources: sources.collect(),
            tables: facts.tables.iter().map(|it| completeness(facts, it)).collect(),
            failures: failures.collect(),
            gates: facts.gates.clone(),
            conflicts,
            recommendations: Vec::new(),
        };
        report.recommendations = recommendations(&report, facts);
        report
    }

    /// As JSON, with a line end.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("a report is plain data") + "\n"
    }

    /// As Markdown.
    pub fn to_markdown(&self) -> String {
        let mut out = format!("# Quality of {}\n\n", markdown(&self.pipeline));
        if let Some(purpose) = &self.purpose {
            out.push_str(&format!("{}\n\n", markdown(purpose)));
        }
        out.push_str(&format!("Status: **{}**\n", self.status.word()));
        let mut part: Option<&str> = None;
        for [title, name, value, todo] in &self.rows(&Words::none()) {
            if part != Some(title) {
                out.push_str(&format!("\n## {title}\n\n| {} | Found | What to do |\n| --- | --- | --- |\n", of(title)));
                part = Some(title);
            }
            out.push_str(&format!("| {} | {} | {} |\n", markdown(name), markdown(value), markdown(todo)));
        }
        out
    }

    /// As rows of a sheet: the part, what it is about, what was found, and what to do. Parts and verdicts are said in
    /// the words that are given; sentences are English.
    pub fn rows(&self, words: &Words) -> Vec<[String; 4]> {
        let mut acc: Vec<[String; 4]> = Vec::new();
        let mut add = |part: &str, name: &str, value: String, todo: String| {
            acc.push([words.of(&format!("part_{part}")).to_owned(), name.to_owned(), value, todo]);
        };
        let verdict = |it: Verdict| words.of(&format!("verdict_{}", it.word().replace(' ', "_"))).to_owned();
        for it in &self.recommendations {
            add("recommendations", &it.code, it.text.clone(), String::new());
        }
        let counts = [
            (Verdict::Passed, self.checks.passed),
            (Verdict::Warned, self.checks.warned),
            (Verdict::Failed, self.checks.failed),
            (Verdict::NotRun, self.checks.not_run),
        ];
        counts.into_iter().for_each(|(it, n)| add("checks", &verdict(it), number(n), String::new()));
        for it in &self.failures {
            let places: Vec<&str> = it.samples.iter().flat_map(|it| &it.places).map(String::as_str).collect();
            let places = if places.is_empty() { String::new() } else { format!(" At {}.", places.join(", ")) };
            let found = format!("{}: {} {}{places}", verdict(it.verdict), it.expected, it.told());
            add("failures", &it.id, found, it.fix.join(" "));
        }
        for it in &self.gates {
            let asks = it.asks.iter().map(|it| format!("{}: {}", it.asks, it.found)).collect::<Vec<_>>().join("; ");
            let waiver = it.waiver.as_ref().map_or_else(String::new, |it| format!("; {}", it.words));
            add("gates", &it.id, format!("{}: {asks}{waiver}", it.word()), String::new());
        }
        let made = |rows: Option<u64>| rows.map_or_else(|| "not built".to_owned(), |it| count(it, "row"));
        let rejected = |rows: Option<u64>| match rows {
            Some(n) if n > 0 => format!(", {} rejected", number(n)),
            _ => String::new(),
        };
        for it in &self.sources {
            let from = if it.places.is_empty() { String::new() } else { format!(" from {}", it.places.join(", ")) };
            add("sources", &it.name, format!("{}{}{from}", made(it.rows), rejected(it.rejected)), String::new());
        }
        for it in &self.tables {
            let (mut filled, mut cells) = (0_u64, 0_u64);
            for column in &it.columns {
                if let (Some(n), Some(rows)) = (column.filled, it.rows) {
                    (filled, cells) = (filled + n, cells + rows);
                }
            }
            let share =
                if cells > 0 { format!(", {} of its cells filled", percent(filled, cells)) } else { String::new() };
            add("tables", &it.name, format!("{}{}{share}", made(it.rows), rejected(it.rejected)), String::new());
        }
        // Columns of what is only on the way are in the JSON.
        let shown = || self.tables.iter().filter(|it| it.published || it.kind == "source");
        for (table, column) in shown().flat_map(|it| it.columns.iter().map(move |column| (it, column))) {
            if let (Some(filled), Some(rows)) = (column.filled, table.rows) {
                let share = if rows > 0 { format!(" ({})", percent(filled, rows)) } else { String::new() };
                let distinct = column.distinct.map_or_else(String::new, |n| format!(", {} different", number(n)));
                let found = format!("{} of {} filled{share}{distinct}", number(filled), count(rows, "row"));
                add("completeness", &format!("{}.{}", table.name, column.name), found, String::new());
            }
        }
        for it in &self.conflicts {
            let found = format!("{} differ from the chosen value", count(it.cells, "cell"));
            add("conflicts", &it.table, found, String::new());
        }
        for it in self.tables.iter().filter(|it| it.trend.len() > 1) {
            let rows: Vec<String> = it.trend.iter().map(|it| number(*it)).collect();
            add("trend", &it.name, format!("rows from build to build: {}", rows.join(", ")), String::new());
        }
        acc
    }
}

/// What the rows of a part are about.
fn of(part: &str) -> &'static str {
    match part {
        "Recommendations" => "Code",
        "Checks" => "Verdict",
        "Failures" => "Check",
        "Gates" => "Gate",
        "Completeness" => "Column",
        _ => "Table",
    }
}

fn completeness(facts: &Facts, it: &TableFacts) -> Completeness {
    let columns = it.columns.iter().map(|column| Column {
        name: column.name.clone(),
        ty: column.ty.clone(),
        personal: column.personal,
        filled: column.held.as_ref().and_then(|held| Some(it.rows?.saturating_sub(held.nulls))),
        distinct: column.held.as_ref().map(|held| held.distinct),
    });
    Completeness {
        name: it.name.clone(),
        kind: it.kind.clone(),
        rows: it.rows,
        rejected: it.rejected,
        trend: it.trend.clone(),
        published: facts.files.iter().any(|file| file.about.is_none() && file.table == it.name),
        columns: columns.collect(),
    }
}

fn recommendations(report: &Report, facts: &Facts) -> Vec<Recommendation> {
    let mut acc: Vec<Recommendation> = Vec::new();
    let mut add = |code: &str, text: String| acc.push(Recommendation { code: code.to_owned(), text });
    let Checks { failed, warned, not_run, .. } = report.checks;
    if failed > 0 {
        add(
            "failed-checks",
            format!("{} failed: tables downstream are not published until these checks pass.", count(failed, "check")),
        );
    }
    let shut = facts.gates.iter().filter(|it| it.verdict.is_some_and(|it| it != Verdict::Passed)).count() as u64;
    if shut > 0 {
        let are = if shut == 1 { "is" } else { "are" };
        add(
            "shut-gates",
            format!("{} {are} not open: see what each asks for and what was found.", count(shut, "gate")),
        );
    }
    if not_run > 0 {
        add(
            "checks-not-run",
            format!("{} had no verdict: build their tables, or wait for more builds.", count(not_run, "check")),
        );
    }
    if warned > 0 {
        add(
            "warnings",
            format!("{} gave a warning: correct the rows, or say that they are right.", count(warned, "check")),
        );
    }
    for it in report.tables.iter().filter(|it| it.published && it.rows == Some(0)) {
        add("empty-table", format!("`{}` has no rows.", it.name));
    }
    for it in report.tables.iter().filter(|it| it.rejected.is_some_and(|it| it > 0)) {
        let (rows, name) = (count(it.rejected.unwrap_or(0), "row"), format!("{}.{}", report.pipeline, it.name));
        add("rejected-rows", format!("{rows} of `{}` are rejected: `hotpass show {name} --rejected`.", it.name));
    }
    for table in report.tables.iter().filter(|it| it.published && it.rows.is_some_and(|it| it > 0)) {
        let empty: Vec<String> =
            table.columns.iter().filter(|it| it.filled == Some(0)).map(|it| format!("`{}`", it.name)).collect();
        if !empty.is_empty() {
            add("empty-columns", format!("no row of `{}` has a value in {}.", table.name, empty.join(", ")));
        }
    }
    for it in report.conflicts.iter().filter(|it| it.cells > 0) {
        let cells = count(it.cells, "cell");
        add(
            "conflicts",
            format!("{cells} behind `{}` had different values: an export about conflicts names them.", it.table),
        );
    }
    let unchecked = report.tables.iter().filter(|it| it.published && facts.checks_of(&it.name).next().is_none());
    for name in unchecked.map(|it| &it.name) {
        add("no-checks", format!("`{name}` is published and nothing is expected of it: add `[[expect.{name}]]`."));
    }
    if acc.is_empty() {
        acc.push(Recommendation { code: "all-good".to_owned(), text: "nothing needs a look.".to_owned() });
    }
    acc
}
