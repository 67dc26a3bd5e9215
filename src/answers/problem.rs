//! A problem as programs read it.

use serde::Serialize;

use crate::problem::{Problem, Severity, reference};
use crate::query::shipped;
use crate::span::line_and_column;

/// A problem, with the place of its primary label.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(tag = "event", rename = "problem")]
pub(crate) struct ProblemEvent {
    code: String,
    severity: Severity,
    pub(crate) message: String,
    file: Option<String>,
    line: Option<usize>,
    column: Option<usize>,
    help: Option<String>,
    url: String,
}

impl ProblemEvent {
    /// `text` is the file that its primary label is in.
    pub(crate) fn of(problem: &Problem, text: Option<&str>) -> ProblemEvent {
        let place = problem.labels.first();
        let shipped = place.and_then(|it| shipped::text(&it.span.file));
        let at = place.zip(text.or(shipped)).map(|(it, text)| line_and_column(text, it.span.start));
        ProblemEvent {
            code: problem.code.clone(),
            severity: problem.severity,
            message: problem.message.clone(),
            file: place.map(|it| it.span.file.display().to_string()),
            line: at.map(|it| it.0),
            column: at.map(|it| it.1),
            help: problem.help.clone(),
            url: reference(&problem.code),
        }
    }

    /// All of them; `sources` gives the text of a file.
    pub(crate) fn all(problems: &[Problem], sources: &dyn Fn(&std::path::Path) -> Option<String>) -> Vec<ProblemEvent> {
        let one = |problem: &Problem| {
            let text = problem.labels.first().and_then(|it| sources(&it.span.file));
            ProblemEvent::of(problem, text.as_deref())
        };
        problems.iter().map(one).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::sync::Arc;

    use super::*;
    use crate::answers::event;
    use crate::problem::Code;
    use crate::span::Span;

    #[test]
    fn a_problem_is_one_json_object_with_line_and_column() {
        const CYCLE: Code = Code::error("hotpass::graph::bad-thing");
        let file = Arc::new(PathBuf::from("pipelines/a.toml"));
        let problem = Problem::new(&CYCLE, "a fact").label(&Span::new(&file, 5..6), "here");
        let json = event::value(&ProblemEvent::of(&problem, Some("é=1\nx=2\n")));
        insta::assert_snapshot!(json, @r#"{"code":"hotpass::graph::bad-thing","column":1,"event":"problem","file":"pipelines/a.toml","help":null,"line":2,"message":"a fact","severity":"error","url":"docs/reference/problems.md#hotpassgraphbad-thing","v":1}"#);
        assert_eq!(ProblemEvent::of(&Problem::new(&CYCLE, "a fact"), None).line, None);
    }
}
