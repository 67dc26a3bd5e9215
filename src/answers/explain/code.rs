//! `hotpass explain CODE`: the page of a problem, which comes with the program.

use serde::Serialize;

use crate::escape::line;
use crate::problem::{Problem, did_you_mean};
use crate::workspace::lookup::UNKNOWN_SUBJECT;

/// The reference of problems, as it is published.
const PAGE: &str = include_str!("../../../docs/reference/problems.md");

/// What every code begins with.
const PROGRAM: &str = "hotpass::";

/// Whether a code is asked for, and no step or column: no name has two colons in a row.
pub fn is_code(subject: &str) -> bool {
    subject.contains("::")
}

/// All codes that are known.
pub fn codes() -> impl Iterator<Item = &'static str> {
    PAGE.lines().filter_map(|it| it.strip_prefix("## "))
}

/// What is known of a code.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename = "explain.code")]
pub(crate) struct Explained {
    pub(crate) code: String,
    /// Markdown.
    pub(crate) text: &'static str,
}

/// What is wrong, an example, and what to do. `step::sql` is enough.
///
/// # Errors
///
/// There is no such code.
pub(crate) fn explain(subject: &str) -> Result<Explained, Box<Problem>> {
    let code = format!("{PROGRAM}{}", subject.trim().strip_prefix(PROGRAM).unwrap_or(subject.trim()));
    let mut sections = PAGE.split("\n## ").skip(1);
    let Some(section) = sections.find(|it| it.lines().next() == Some(&*code)) else {
        let help = did_you_mean(&code, codes()).unwrap_or_else(|| "each message names its code".to_owned());
        let message = format!("there is no code `{}`", line(&code));
        return Err(Box::new(Problem::new(&UNKNOWN_SUBJECT, message).help(help)));
    };
    let text = section.split_once('\n').map_or("", |(_, it)| it).trim();
    Ok(Explained { code, text })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_that_is_not_there_is_refused_with_the_nearest() {
        let problem = explain("step::sqll").expect_err("no such code");
        assert_eq!(problem.help.as_deref(), Some("did you mean `hotpass::step::sql`?"));
    }
}
