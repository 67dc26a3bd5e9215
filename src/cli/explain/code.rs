//! `hotpass explain CODE`: the page of a problem, which comes with the program.

use serde_json::json;

use crate::cli::Answer;
use crate::cli::args::Format;
use crate::problem::{Problem, did_you_mean};
use crate::show::{Paint, Style, json_line, line};
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

/// What is known of a code, in words: what is wrong, an example, and what to do. `step::sql` is enough.
///
/// # Errors
///
/// There is no such code.
pub fn explain(subject: &str, format: Format, look: Style) -> Result<Answer, Box<Problem>> {
    let code = format!("{PROGRAM}{}", subject.trim().strip_prefix(PROGRAM).unwrap_or(subject.trim()));
    let mut sections = PAGE.split("\n## ").skip(1);
    let Some(section) = sections.find(|it| it.lines().next() == Some(&*code)) else {
        let help = did_you_mean(&code, codes()).unwrap_or_else(|| "each message names its code".to_owned());
        let message = format!("there is no code `{}`", line(&code));
        return Err(Box::new(Problem::new(&UNKNOWN_SUBJECT, message).help(help)));
    };
    let text = section.split_once('\n').map_or("", |(_, it)| it).trim();
    if format == Format::Json {
        return Ok(Answer::of(json_line(&json!({"v": 1, "event": "explain.code", "code": code, "text": text}))));
    }
    let mut out = format!("{}\n\n", look.paint(&code, Paint::Strong));
    let mut fenced = false;
    for it in text.lines() {
        match it.strip_prefix("```") {
            // What follows is a file, or a whole pipeline.
            Some(info) if !fenced => {
                let file = info.split_whitespace().nth(1).filter(|it| it.contains('.')).unwrap_or("hotpass.toml");
                out.push_str(&format!("    {}\n", look.paint(file, Paint::Dim)));
            }
            Some(_) => (),
            None if fenced && !it.is_empty() => out.push_str(&format!("    {it}\n")),
            None => out.push_str(&format!("{}\n", if fenced { it.to_owned() } else { plain(it) })),
        }
        fenced ^= it.starts_with("```");
    }
    Ok(Answer::of(out))
}

/// A line of Markdown without links and without marks of strong words.
fn plain(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, link)) = rest.split_once('[') {
        let parts = link.split_once("](").and_then(|(label, it)| Some((label, it.split_once(')')?.1)));
        out.push_str(before);
        match parts.filter(|(label, _)| !label.contains(['[', ']'])) {
            Some((label, after)) => {
                out.push_str(label);
                rest = after;
            }
            None => {
                out.push('[');
                rest = link;
            }
        }
    }
    out.push_str(rest);
    out.replace("**", "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_a_page_and_a_short_form() {
        let all: Vec<&str> = PAGE.lines().filter_map(|it| it.strip_prefix("## ")).collect();
        assert!(all.len() > 100, "{}", all.len());
        for code in all {
            let short = code.trim_start_matches(PROGRAM);
            let said = explain(short, Format::Human, Style::PLAIN).expect(code).stdout;
            assert!(said.starts_with(code) && said.lines().count() > 3 && !said.contains("]("), "{said}");
        }
    }

    #[test]
    fn a_code_that_is_not_there_is_refused_with_the_nearest() {
        let problem = explain("step::sqll", Format::Human, Style::PLAIN).expect_err("no such code");
        assert_eq!(problem.help.as_deref(), Some("did you mean `hotpass::step::sql`?"));
    }

    #[test]
    fn links_are_their_words() {
        assert_eq!(plain("**Do:** see [a page](x.md#y), `a[0]` and [b](c)."), "Do: see a page, `a[0]` and b.");
    }
}
