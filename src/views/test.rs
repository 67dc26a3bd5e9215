//! What tests came to: words for people, JUnit for panels.

mod shown;

use crate::answers::test::{Report, reasons};
use crate::report::junit;
use crate::run::test_case::Verdict;
use crate::show::{self, Paint, Style, count};

/// Failed tests with their differences, and how many passed.
pub(crate) fn report(report: &Report<'_>, verbose: bool, look: Style) -> String {
    let mut out = String::new();
    for (trial, verdict) in report.each() {
        let title = |word: &str, paint: Paint| {
            let (name, step) = (show::line(&trial.name), &report.plan.tables[trial.step].name);
            format!("{}: {name}  `{step}`  {}\n", look.paint(word, paint), report.place(trial))
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
    let (passed, all) = (report.passed(), report.trials.len() as u64);
    let broken = report.broken_count();
    out.push_str(&match (all, broken) {
        (0, 0) => "no tests: hotpass looks for them in the TOML files of `tests/`\n".to_owned(),
        (all, 0) if passed == all => format!("{} passed\n", count(all, "test")),
        (all, 0) => format!("{passed} of {} passed\n", count(all, "test")),
        (all, _) => {
            format!("{passed} of {} passed, {} in the files\n", count(all, "test"), count(broken, "problem"))
        }
    });
    out
}

/// A case for each test.
pub(crate) fn junit(report: &Report<'_>) -> String {
    let cases = report.each().map(|(trial, verdict)| {
        let failure = match verdict {
            Verdict::Held { .. } => None,
            Verdict::Differs(differences) => {
                let told = differences.iter().map(|it| shown::shown(&trial.expected[it.expectation], it, Style::PLAIN));
                Some(format!("not as expected\n{}", told.collect::<String>()))
            }
            Verdict::Failed { .. } => Some(reasons(verdict).join("\n")),
        };
        junit::Case { class: report.plan.tables[trial.step].name.to_string(), name: trial.name.clone(), failure }
    });
    let broken = report.broken.iter().map(|it| junit::Case {
        class: "tests".to_owned(),
        name: it.code.clone(),
        failure: Some(it.message.clone()),
    });
    junit::cases("tests", cases.chain(broken))
}
