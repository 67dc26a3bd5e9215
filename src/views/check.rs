//! How much was looked at, and how much is wrong.

use crate::answers::check::Checked;
use crate::show::{Style, count};
use crate::views;

/// One line, and what was guessed.
pub(crate) fn checked(checked: &Checked, look: Style) -> String {
    let it = &checked.summary;
    let mut seen = count(it.pipelines, "pipeline");
    // Where something is wrong, not all steps could be planned: their number would tell less than there are.
    if it.errors == 0 {
        seen.push_str(&format!(", {}", count(it.steps, "step")));
    }
    if it.tests > 0 {
        seen.push_str(&format!(", {}", count(it.tests, "test")));
    }
    let words = [(it.errors, "error"), (it.warnings, "warning")];
    let words: Vec<_> = words.iter().filter(|(n, _)| *n > 0).map(|(n, noun)| count(*n, noun)).collect();
    let found = if words.is_empty() { "no problems".to_owned() } else { words.join(" and ") };
    format!("{found} in {seen}\n{}", views::guesses::guesses(&checked.guesses, look))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answers::{check, event};
    use crate::problem::{Code, Problem};
    use crate::workspace::test_plan;

    const BAD: Code = Code::error("hotpass::a::bad");
    const ODD: Code = Code::warning("hotpass::a::odd");

    fn check(problems: &[Problem]) -> Checked {
        check::check(problems, &test_plan::small(), 0)
    }

    #[test]
    fn errors_and_warnings_are_counted_in_one_line() {
        let text = |problems: &[Problem]| checked(&check(problems), Style::PLAIN);
        assert_eq!(text(&[]), "no problems in 1 pipeline, 4 steps\n");
        assert_eq!(text(&[Problem::new(&ODD, "odd")]), "1 warning in 1 pipeline, 4 steps\n");
        let both = [Problem::new(&ODD, "odd"), Problem::new(&BAD, "bad")];
        assert_eq!(text(&both), "1 error and 1 warning in 1 pipeline\n");
        let json = event::json(&check(&both));
        assert_eq!(
            json,
            "{\"errors\":1,\"event\":\"check.summary\",\"pipelines\":1,\"steps\":4,\"tests\":0,\"v\":1,\"warnings\":1}\n"
        );
    }
}
