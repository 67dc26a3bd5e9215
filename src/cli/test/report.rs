//! What tests came to: words for people, one object a line for programs, JUnit for panels.

use serde_json::json;

use super::shown;
use crate::cli::report::junit;
use crate::fixture::difference::Line;
use crate::plan::Plan;
use crate::plan::test_case::{Expected, TestCase};
use crate::problem::{Problem, Severity};
use crate::run::test_case::{Difference, Verdict};
use crate::show::{self, Paint, Style, count};
use crate::span::line_and_column;
use crate::workspace::session::{Session, text_of};

/// What was tried and how it went.
pub(super) struct Report<'a> {
    pub(super) session: &'a Session,
    pub(super) plan: &'a Plan,
    pub(super) trials: &'a [TestCase],
    pub(super) verdicts: &'a [Verdict],
    /// What is wrong in test files.
    pub(super) broken: &'a [Problem],
}

impl Report<'_> {
    fn place(&self, trial: &TestCase) -> String {
        let text = text_of(&self.session.root, &trial.file).unwrap_or_default();
        let (line, _) = line_and_column(&text, trial.span.start);
        format!("{}:{line}", trial.file.display())
    }

    fn each(&self) -> impl Iterator<Item = (&TestCase, &Verdict)> {
        self.trials.iter().zip(self.verdicts)
    }

    /// Failed tests with their differences, and how many passed.
    pub(super) fn words(&self, verbose: bool, look: Style) -> String {
        let mut out = String::new();
        for (trial, verdict) in self.each() {
            let title = |word: &str, paint: Paint| {
                let (name, step) = (show::line(&trial.name), &self.plan.tables[trial.step].name);
                format!("{}: {name}  `{step}`  {}\n", look.paint(word, paint), self.place(trial))
            };
            match verdict {
                Verdict::Held { .. } if verbose => out.push_str(&title("passed", Paint::Good)),
                Verdict::Held { .. } => (),
                Verdict::Differs(differences) => {
                    out.push_str(&title("failed", Paint::Bad));
                    for it in differences {
                        out.push_str(&shown::shown(&trial.expected[it.expectation], it, look));
                    }
                    out.push('\n');
                }
                Verdict::Failed { .. } => {
                    out.push_str(&title("failed", Paint::Bad));
                    for it in reasons(verdict) {
                        out.push_str(&format!("  {}\n", show::line(&it)));
                    }
                    out.push('\n');
                }
            }
        }
        let (passed, all) = (self.passed(), self.trials.len() as u64);
        let broken = self.broken_count();
        out.push_str(&match (all, broken) {
            (0, 0) => "no tests: they stand in TOML files in `tests/`\n".to_owned(),
            (all, 0) if passed == all => format!("{} passed\n", count(all, "test")),
            (all, 0) => format!("{passed} of {} passed\n", count(all, "test")),
            (all, _) => {
                format!("{passed} of {} passed, {} in the files\n", count(all, "test"), count(broken, "problem"))
            }
        });
        out
    }

    fn passed(&self) -> u64 {
        self.verdicts.iter().filter(|it| matches!(it, Verdict::Held { .. })).count() as u64
    }

    fn broken_count(&self) -> u64 {
        self.broken.iter().filter(|it| it.severity == Severity::Error).count() as u64
    }

    /// An event for each test, and one for all.
    pub(super) fn lines(&self) -> String {
        let mut out = String::new();
        for (trial, verdict) in self.each() {
            let differences: Vec<_> = match verdict {
                Verdict::Differs(all) => all.iter().flat_map(|it| cells(&trial.expected[it.expectation], it)).collect(),
                _ => Vec::new(),
            };
            let held = matches!(verdict, Verdict::Held { .. });
            out.push_str(&show::json_line(&json!({
                "v": 1, "event": "test.finished", "test": trial.name, "place": self.place(trial),
                "step": self.plan.tables[trial.step].name.to_string(), "status": if held { "passed" } else { "failed" },
                "reused": *verdict == Verdict::Held { known: true },
                "differences": differences, "reasons": reasons(verdict),
            })));
        }
        let (passed, all) = (self.passed(), self.trials.len() as u64);
        out.push_str(&show::json_line(&json!({
            "v": 1, "event": "test.summary", "tests": all, "passed": passed, "failed": all - passed,
            "problems": self.broken_count(),
        })));
        out
    }

    /// A case for each test.
    pub(super) fn junit(&self) -> String {
        let cases = self.each().map(|(trial, verdict)| {
            let failure = match verdict {
                Verdict::Held { .. } => None,
                Verdict::Differs(differences) => {
                    let told =
                        differences.iter().map(|it| shown::shown(&trial.expected[it.expectation], it, Style::PLAIN));
                    Some(format!("not as expected\n{}", told.collect::<String>()))
                }
                Verdict::Failed { .. } => Some(reasons(verdict).join("\n")),
            };
            junit::Case { class: self.plan.tables[trial.step].name.to_string(), name: trial.name.clone(), failure }
        });
        let broken = self.broken.iter().map(|it| junit::Case {
            class: "tests".to_owned(),
            name: it.code.clone(),
            failure: Some(it.message.clone()),
        });
        junit::cases("tests", cases.chain(broken))
    }
}

/// Why a test could not be tried.
fn reasons(verdict: &Verdict) -> Vec<String> {
    match verdict {
        Verdict::Failed { problems, failures } => {
            problems.iter().map(|it| it.message.clone()).chain(failures.iter().cloned()).collect()
        }
        _ => Vec::new(),
    }
}

/// Rows of a difference, and the cells that are others. Rows count from 1.
fn cells(expected: &Expected, difference: &Difference) -> Vec<serde_json::Value> {
    let columns = &expected.rows.columns;
    let row = |cells: &[Option<String>]| -> serde_json::Map<String, serde_json::Value> {
        columns.iter().zip(cells).map(|(name, it)| (name.clone(), json!(it))).collect()
    };
    let mut acc = Vec::new();
    for line in &difference.lines {
        match line {
            Line::Same(..) => (),
            Line::Missing(at) => acc.push(json!({"table": expected.key, "change": "missing", "row": at + 1,
                "expected": row(&expected.rows.rows[*at])})),
            Line::Extra(at) => acc.push(json!({"table": expected.key, "change": "extra", "row": at + 1,
                "got": row(&difference.got[*at])})),
            Line::Changed(at, came, differ) => {
                for column in differ {
                    acc.push(
                        json!({"table": expected.key, "change": "changed", "row": at + 1, "column": columns[*column],
                        "expected": expected.rows.rows[*at][*column], "got": difference.got[*came][*column]}),
                    );
                }
            }
        }
    }
    acc
}
