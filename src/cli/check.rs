//! `hotpass check`: all problems at once, or one line that says there are none.

use std::path::Path;

use serde_json::json;

use crate::cli::Answer;
use crate::cli::args::Format;
use crate::cli::exit::Exit;
use crate::cli::guesses;
use crate::plan::{Plan, Role};
use crate::problem::{Problem, Severity};
use crate::show::{self, Style, count};

/// What `check` answers: problems go to stderr for people and to stdout as NDJSON; [`Exit::Refused`] if any is an
/// error. Beside the plan stands how many tests its steps have.
pub fn check(
    problems: &[Problem],
    (plan, tests): (&Plan, usize),
    sources: &dyn Fn(&Path) -> Option<String>,
    format: Format,
    look: Style,
) -> Answer {
    let errors = problems.iter().filter(|it| it.severity == Severity::Error).count() as u64;
    let warnings = problems.len() as u64 - errors;
    let pipelines = plan.pipelines.len() as u64;
    let steps = plan.tables.iter().filter(|it| it.role == Role::Step).count() as u64;
    let mut answer = told(problems, sources, format, look);
    let mut seen = format!("{}, {}", count(pipelines, "pipeline"), count(steps, "step"));
    if tests > 0 {
        seen.push_str(&format!(", {}", count(tests as u64, "test")));
    }
    if format == Format::Json {
        answer.stdout.push_str(&guesses::shown(plan, &|_| true, format, look));
        let summary = json!({
            "v": 1, "event": "check.summary", "errors": errors, "warnings": warnings,
            "pipelines": pipelines, "steps": steps, "tests": tests,
        });
        answer.stdout.push_str(&show::json_line(&summary));
    } else if problems.is_empty() {
        answer.stdout = format!("no problems in {seen}\n");
    } else {
        let words = [(errors, "error"), (warnings, "warning")];
        let words: Vec<_> = words.iter().filter(|(n, _)| *n > 0).map(|(n, noun)| count(*n, noun)).collect();
        answer.stdout = format!("{} in {seen}\n", words.join(" and "));
    }
    if format != Format::Json {
        answer.stdout.push_str(&guesses::shown(plan, &|_| true, format, look));
    }
    answer
}

/// Problems alone, as every verb tells them; [`Exit::Refused`] if any is an error.
pub fn told(problems: &[Problem], sources: &dyn Fn(&Path) -> Option<String>, format: Format, look: Style) -> Answer {
    let refused = problems.iter().any(|it| it.severity == Severity::Error);
    let exit = if refused { Exit::Refused } else { Exit::Done };
    if format != Format::Json {
        let mut stderr = show::problems(problems, sources, look);
        if !stderr.is_empty() {
            stderr.push('\n');
        }
        return Answer { stdout: String::new(), stderr, exit };
    }
    let mut stdout = String::new();
    for problem in problems {
        let text = problem.labels.first().and_then(|it| sources(&it.span.file));
        stdout.push_str(&show::json_line(&show::problem_json(problem, text.as_deref())));
    }
    Answer { stdout, stderr: String::new(), exit }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::test_plan;
    use crate::problem::Code;

    const BAD: Code = Code::error("hotpass::a::bad");
    const ODD: Code = Code::warning("hotpass::a::odd");

    fn check(problems: &[Problem], format: Format) -> Answer {
        super::check(problems, (&test_plan::small(), 0), &|_| None, format, Style::PLAIN)
    }

    #[test]
    fn nothing_wrong_is_one_line_on_stdout() {
        let answer = check(&[], Format::Human);
        assert_eq!(answer, Answer::of("no problems in 1 pipeline, 4 steps\n".to_owned()));
    }

    #[test]
    fn errors_refuse_and_warnings_do_not() {
        let warned = check(&[Problem::new(&ODD, "an odd thing")], Format::Human);
        assert_eq!((warned.exit, warned.stdout.as_str()), (Exit::Done, "1 warning in 1 pipeline, 4 steps\n"));
        assert!(warned.stderr.contains("an odd thing"));
        let refused = check(&[Problem::new(&ODD, "odd"), Problem::new(&BAD, "bad")], Format::Human);
        assert_eq!(
            (refused.exit.code(), refused.stdout.as_str()),
            (2, "1 error and 1 warning in 1 pipeline, 4 steps\n")
        );
    }

    #[test]
    fn json_has_one_object_a_line_and_nothing_on_stderr() {
        let answer = check(&[Problem::new(&BAD, "a\nb")], Format::Json);
        let lines: Vec<serde_json::Value> =
            answer.stdout.lines().map(|it| serde_json::from_str(it).expect("JSON")).collect();
        let events: Vec<_> = lines.iter().map(|it| (it["v"].clone(), it["event"].as_str())).collect();
        assert_eq!(events, [(1.into(), Some("problem")), (1.into(), Some("check.summary"))]);
        assert_eq!((answer.stderr.as_str(), answer.exit), ("", Exit::Refused));
    }
}
