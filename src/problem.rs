//! Problems: something is wrong in what the user wrote or delivered.
//!
//! Plain data, collected and never thrown. `show` renders them; what went wrong in the world (I/O, engine) is an
//! error of the module concerned and not a problem.

use serde::{Deserialize, Serialize};

use crate::span::Span;

/// One line of the registry of problems: `docs/reference/problems.md` has a heading for each.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    /// `hotpass::<area>::<what>`.
    pub name: &'static str,
    /// Whether a build may go on.
    pub severity: Severity,
}

impl Code {
    /// A problem that stops a build.
    pub const fn error(name: &'static str) -> Code {
        Code { name, severity: Severity::Error }
    }

    /// A problem that is told and counted.
    pub const fn warning(name: &'static str) -> Code {
        Code { name, severity: Severity::Warning }
    }
}

/// How bad a problem is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Told, counted, and the build goes on.
    Warning,
    /// Nothing is built or published.
    Error,
}

/// A place with a few words about it.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What is there: `named here`.
    pub text: String,
}

/// Something is wrong in what the user wrote or delivered.
///
/// `message` states the fact in lower case without a period, the first label points, `help` says what to do.
/// No value of a column that holds personal data ever stands in any of them.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Problem {
    /// `hotpass::<area>::<what>`.
    pub code: String,
    /// Whether a build may go on.
    pub severity: Severity,
    /// The fact.
    pub message: String,
    /// The first is the primary one.
    pub labels: Vec<Label>,
    /// What to do about it.
    pub help: Option<String>,
    /// Whether texts and numbers around its places may be values of people, so that nothing of them is drawn.
    pub of_people: bool,
}

/// What the words about a place end in where texts and numbers around it may be values of people.
const OF_PEOPLE: &str = " (personal: values are shown as patterns)";

impl Problem {
    /// A problem without a place yet.
    pub fn new(code: &Code, message: impl Into<String>) -> Problem {
        Problem {
            code: code.name.to_owned(),
            severity: code.severity,
            message: message.into(),
            labels: Vec::new(),
            help: None,
            of_people: false,
        }
    }

    /// Adds a place; the first one added is the primary one.
    pub fn label(mut self, span: &Span, text: impl Into<String>) -> Problem {
        let mut text = text.into();
        if self.of_people {
            text.push_str(OF_PEOPLE);
        }
        self.labels.push(Label { span: span.clone(), text });
        self
    }

    /// Texts and numbers around its places may be values of people: they are drawn as patterns, and every place says so.
    pub fn of_people(mut self) -> Problem {
        if !self.of_people {
            self.labels.iter_mut().for_each(|it| it.text.push_str(OF_PEOPLE));
            self.of_people = true;
        }
        self
    }

    /// Says what to do.
    pub fn help(mut self, help: impl Into<Option<String>>) -> Problem {
        self.help = help.into();
        self
    }
}

/// ``did you mean `x`?`` for the known name nearest to `typed`, if one is near enough.
pub fn did_you_mean<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    nearest(typed, known).map(|it| format!("did you mean `{it}`?"))
}

/// The known name nearest to `typed`: at most two edits away, and at most a third of its length.
pub fn nearest<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let typed = typed.to_lowercase();
    let bound = (typed.chars().count() / 3).clamp(1, 3);
    known
        .into_iter()
        .map(|it| (edits(&typed, &it.to_lowercase()), it))
        .filter(|(edits, _)| *edits <= bound)
        .min()
        .map(|(_, it)| it)
}

/// What people mean by a word, in a list with a line `WORDS = MEANING` for each meaning; `#` begins a remark.
pub fn meant<'a>(list: &'a str, typed: &str) -> Option<&'a str> {
    let typed = typed.to_lowercase();
    let lines = list.lines().filter(|it| !it.starts_with('#')).filter_map(|it| it.split_once(" = "));
    lines.filter(|(words, _)| words.split(' ').any(|it| it == typed)).map(|(_, meaning)| meaning).next()
}

/// Optimal string alignment distance: insertions, deletions, substitutions, swaps of neighbours.
fn edits(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows = vec![vec![0; b.len() + 1]; a.len() + 1];
    for (i, row) in rows.iter_mut().enumerate() {
        row[0] = i;
    }
    for (j, cell) in rows[0].iter_mut().enumerate() {
        *cell = j;
    }
    for i in 1..=a.len() {
        for j in 1..=b.len() {
            let change = usize::from(a[i - 1] != b[j - 1]);
            let mut least = (rows[i - 1][j] + 1).min(rows[i][j - 1] + 1).min(rows[i - 1][j - 1] + change);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = least;
        }
    }
    rows[a.len()][b.len()]
}

/// The page that has a heading for every code.
const REFERENCE: &str = "docs/reference/problems.md";

/// Where the manual tells about a code: a path of the repository, with the anchor that Markdown gives the heading.
pub fn reference(code: &str) -> String {
    let anchor: String =
        code.to_lowercase().chars().filter(|it| it.is_alphanumeric() || matches!(it, '_' | '-')).collect();
    format!("{REFERENCE}#{anchor}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_are_suggested_and_far_ones_are_not() {
        let known = ["contacts", "organisations", "schools"];
        assert_eq!(nearest("contcts", known), Some("contacts"));
        assert_eq!(nearest("Schools", known), Some("schools"));
        assert_eq!(nearest("invoices", known), None);
        assert_eq!(did_you_mean("shcools", known).as_deref(), Some("did you mean `schools`?"));
    }
}
