//! `history.ndjson`: what published builds counted, one line a build and pipeline, beside `hotpass.lock`. People commit
//! it, so that checks can hold a build against those before it, and pages can show the trend.
//!
//! Counts, shares and digests, never a value; no time and no machine. Each line ends with a print of itself: what
//! somebody edits by hand is reported by its line, and so are half lines and conflicts of a merge.

pub mod band;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::problem::{Code, Problem};
use crate::span::Span;

/// The file, beside `hotpass.toml`.
pub const FILE: &str = "history.ndjson";

/// The file of an environment: `history.dev.ndjson`.
pub fn file(environment: Option<&str>) -> PathBuf {
    PathBuf::from(environment.map_or_else(|| FILE.to_owned(), |it| format!("history.{it}.ndjson")))
}

/// A line of the history that cannot be read.
pub const DAMAGED: Code = Code::error("hotpass::history::damaged");

/// All codes of this module.
pub const CODES: &[&Code] = &[&DAMAGED];

/// The version of a line that this program reads and writes.
const VERSION: u64 = 1;
/// So many damaged lines are told one by one.
const TOLD: usize = 5;
/// What stands before the print of a line.
const PRINT: &str = ",\"line\":\"";
/// Letters of a print.
const LETTERS: usize = 16;

/// Published builds, oldest first.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct History {
    /// One for each build and pipeline.
    pub entries: Vec<Entry>,
}

/// What a build published of a pipeline.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    v: u64,
    /// The pipeline.
    pub pipeline: String,
    /// Tables by name.
    pub tables: BTreeMap<String, Counted>,
    /// Numbers that checks ask for, by what they are.
    pub numbers: BTreeMap<String, f64>,
    #[serde(default, skip_serializing)]
    line: String,
}

/// A table as it was published.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counted {
    /// Its rows.
    pub rows: u64,
    /// Rows that it rejected, if it can.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rejected: Option<u64>,
    /// Stands for the content of the columns that people see.
    pub content: String,
}

impl Entry {
    /// What is published of a pipeline now.
    pub fn new(pipeline: &str, tables: BTreeMap<String, Counted>, numbers: BTreeMap<String, f64>) -> Entry {
        let numbers = numbers.into_iter().filter(|(_, it)| it.is_finite()).collect();
        Entry { v: VERSION, pipeline: pipeline.to_owned(), tables, numbers, line: String::new() }
    }

    /// The line, without its end.
    pub fn to_line(&self) -> String {
        let mut text = serde_json::to_string(self).expect("an entry is plain data");
        text.pop();
        let print = print_of(&text);
        format!("{text}{PRINT}{print}\"}}")
    }
}

/// Stands for what a line says.
fn print_of(text: &str) -> String {
    let mut hex = Digest::of("hotpass history line v1", text.as_bytes()).hex();
    hex.truncate(LETTERS);
    hex
}

impl History {
    /// Whether one of both is the other with more entries after it, or they are equal.
    pub fn is_continued(&self, other: &History) -> bool {
        self.entries.starts_with(&other.entries) || other.entries.starts_with(&self.entries)
    }

    /// Reads a history. Lines that cannot be read are left out, and each is a problem.
    pub fn parse(text: &str) -> (History, Vec<Problem>) {
        let path = Arc::new(PathBuf::from(FILE));
        let (mut acc, mut problems, mut more, mut at) = (History::default(), Vec::new(), 0_usize, 0);
        for (number, line) in text.split_inclusive('\n').enumerate() {
            let span = Span::new(&path, at..at + line.trim_end().len());
            at += line.len();
            let line = line.trim_end_matches(['\n', '\r']);
            if line.is_empty() {
                continue;
            }
            match read(line) {
                Ok(entry) => acc.entries.push(entry),
                Err(_) if problems.len() == TOLD => more += 1,
                Err(fault) => {
                    let message = format!("line {} of `{FILE}` {}", number + 1, fault.0);
                    problems.push(Problem::new(&DAMAGED, message).label(&span, "this line").help(fault.1.to_owned()));
                }
            }
        }
        if let (Some(last), true) = (problems.last_mut(), more > 0) {
            last.message = format!("{}; {more} more cannot be read either", last.message);
        }
        (acc, problems)
    }

    /// Earlier published builds of a pipeline in which a table held something else than in the build before, oldest
    /// first; `now` is what it holds, and the build that published just this is no earlier one.
    ///
    /// So a build gives the same verdicts before and after its own line is written, and a build of other tables
    /// changes nothing.
    pub fn earlier(&self, pipeline: &str, table: &str, now: Option<&str>) -> Vec<&Entry> {
        let mut acc: Vec<&Entry> = Vec::new();
        let content = |it: &Entry| it.tables.get(table).map(|it| it.content.clone());
        for it in self.entries.iter().filter(|it| it.pipeline == pipeline && it.tables.contains_key(table)) {
            match acc.last_mut() {
                Some(last) if content(last) == content(it) => *last = it,
                _ => acc.push(it),
            }
        }
        if now.is_some() && acc.last().and_then(|it| content(it)).as_deref() == now {
            acc.pop();
        }
        acc
    }

    /// The last published build of a pipeline.
    pub fn last(&self, pipeline: &str) -> Option<&Entry> {
        self.entries.iter().rev().find(|it| it.pipeline == pipeline)
    }
}

/// Why a line cannot be read, and what to do.
type Fault = (&'static str, &'static str);

const RESTORE: &str = "restore it from version control, or remove the line";

fn read(line: &str) -> Result<Entry, Fault> {
    #[derive(Deserialize)]
    struct Version {
        v: u64,
    }
    if ["<<<<<<<", "=======", ">>>>>>>", "|||||||"].iter().any(|it| line.starts_with(it)) {
        let help = "keep the lines of both sides, and remove this one; \
                    `history.ndjson merge=union` in `.gitattributes` does so by itself";
        return Err(("is the mark of a merge conflict", help));
    }
    let version = serde_json::from_str::<Version>(line).map_err(|_| ("is not a line of a history", RESTORE))?;
    if version.v > VERSION {
        return Err(("was written by a newer hotpass", "use the newer one here too"));
    }
    let changed = ("was changed after hotpass wrote it", RESTORE);
    let (text, print) = line.rsplit_once(PRINT).ok_or(changed)?;
    if print.strip_suffix("\"}") != Some(print_of(text).as_str()) {
        return Err(changed);
    }
    serde_json::from_str::<Entry>(line)
        .map(|it| Entry { line: String::new(), ..it })
        .map_err(|_| ("is not a line of a history", RESTORE))
}

/// The history with more lines, as text.
pub fn with_lines(text: &str, entries: &[Entry]) -> String {
    let mut out = text.to_owned();
    // Version control may have given the lines another end.
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    if !out.is_empty() && !out.ends_with('\n') {
        out.push_str(end);
    }
    for it in entries {
        out.push_str(&it.to_line());
        out.push_str(end);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(pipeline: &str, rows: u64, content: &str) -> Entry {
        let counted = Counted { rows, rejected: None, content: content.to_owned() };
        let numbers = BTreeMap::from([("mean of t.ä \"x\"".to_owned(), 0.1), ("nan".to_owned(), f64::NAN)]);
        Entry::new(pipeline, BTreeMap::from([("t".to_owned(), counted)]), numbers)
    }

    #[test]
    fn what_is_written_is_read_again() {
        let text = with_lines("", &[entry("p", 1, "a"), entry("q", 2, "b")]);
        let (history, problems) = History::parse(&text);
        assert_eq!((history.entries.len(), problems), (2, Vec::new()));
        assert_eq!(with_lines("", &history.entries), text);
        assert_eq!(history.entries[0].numbers.len(), 1, "what is not a number is not written");
        let without_end = text.trim_end();
        assert_eq!(with_lines(without_end, &[]), text);
        let windows = text.replace('\n', "\r\n");
        assert_eq!(History::parse(&windows), (history, Vec::new()));
        assert!(with_lines(&windows, &[entry("p", 3, "c")]).split_inclusive('\n').all(|it| it.ends_with("\r\n")));
    }

    #[test]
    fn every_damaged_line_is_told_by_its_place() {
        let good = entry("p", 1, "a").to_line();
        let forged = |text: &str| format!("{text}{PRINT}{}\"}}", print_of(text));
        let deep = "[".repeat(100_000);
        let check = |line: &str, reason: &str| {
            let text = format!("{good}\n{line}\n{good}\n");
            let (history, problems) = History::parse(&text);
            assert_eq!(history.entries.len(), 2, "{reason}");
            let [problem] = problems.as_slice() else { panic!("one problem of {reason}: {problems:?}") };
            assert!(problem.message.starts_with("line 2 of `history.ndjson` "), "{}", problem.message);
            assert!(problem.message.contains(reason), "{}", problem.message);
            let span = &problem.labels[0].span;
            assert_eq!(&text[span.start..span.end], line);
        };
        check("<<<<<<< HEAD", "merge conflict");
        check("=======", "merge conflict");
        check(&good.replace("\"rows\":1", "\"rows\":9"), "was changed after hotpass wrote it");
        check(&good.replace("\"v\":1", "\"v\":2"), "newer");
        check(&good[..good.len() / 2], "not a line");
        check("{\"v\":1}", "was changed after hotpass wrote it");
        check(&forged("{\"v\":1,\"pipeline\":\"p\",\"tables\":{},\"numbers\":{\"a\":null}"), "not a line");
        check(
            &forged("{\"v\":1,\"pipeline\":\"p\",\"tables\":{\"t\":{\"rows\":-1,\"content\":\"\"}},\"numbers\":{}"),
            "not a line",
        );
        check(&deep, "not a line");
        check("\u{feff}", "not a line");
        let (_, problems) = History::parse(&"x\n".repeat(9));
        assert_eq!(problems.len(), 5);
        assert!(problems[4].message.ends_with("; 4 more cannot be read either"), "{}", problems[4].message);
    }

    #[test]
    fn a_build_is_held_against_those_that_held_something_else() {
        let history =
            History { entries: ["a", "a", "b", "a"].iter().zip(1..).map(|(it, rows)| entry("p", rows, it)).collect() };
        let rows = |now: Option<&str>, pipeline: &str| -> Vec<u64> {
            history.earlier(pipeline, "t", now).iter().map(|it| it.tables["t"].rows).collect()
        };
        assert_eq!(rows(Some("c"), "p"), [2, 3, 4]);
        assert_eq!(rows(Some("a"), "p"), [2, 3], "the build that published this is not an earlier one");
        assert_eq!(rows(None, "p"), [2, 3, 4]);
        assert_eq!(rows(Some("c"), "q"), [0; 0]);
        assert!(history.earlier("p", "u", None).is_empty());
    }
}
