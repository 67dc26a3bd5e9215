//! What a statement could not make of a value while it ran: why, where in its text, from which row on. Never which
//! value.

use std::fmt;

/// A statement that failed on a value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    /// Why, in words without values.
    pub reason: String,
    /// Line and column in the text of a query, both from 1.
    pub at: Option<(usize, usize)>,
    /// The input with whose row of this ordinal it begins to fail.
    pub row: Option<(usize, u64)>,
    /// The column of the result that cannot be made, where they are made one by one.
    pub column: Option<String>,
    mark: Option<Mark>,
    /// The column that the engine names, which a query may have made of a value.
    named: Option<String>,
}

/// What the engine says before the name of a column.
const NAMED: &str = " when casting from source column ";

/// What DuckDB marks in the statement that it ran.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Mark {
    /// From 1.
    line: usize,
    /// A part of the line.
    part: String,
    /// Characters of the part before the mark.
    before: usize,
}

/// Kinds of errors that a value is the cause of.
const OF_VALUES: [&str; 3] = ["Conversion Error: ", "Out of Range Error: ", "Invalid Input Error: "];

impl Fault {
    /// What an engine's message tells; `None` when no value is the cause. `masked` is its first line without values.
    pub(super) fn read(message: &str, masked: &str) -> Option<Fault> {
        let reason = OF_VALUES.iter().find_map(|it| masked.strip_prefix(it))?;
        let reason = reason.trim_end_matches(['!', '.']);
        let mut letters = reason.chars();
        let first = letters.next()?.to_lowercase();
        let reason = format!("{first}{}", letters.as_str());
        let (reason, named) = match reason.rsplit_once(NAMED) {
            Some((reason, named)) => (reason.to_owned(), Some(named.to_owned())),
            None => (reason, None),
        };
        Some(Fault { reason, at: None, row: None, column: None, mark: mark(message), named })
    }

    /// Finds the place in a query that stood in a statement: after the first `before` characters of its first line.
    /// A column that the query names itself is told as well.
    pub(super) fn placed(mut self, query: &str, before: usize) -> Fault {
        if let Some(named) = self.named.take().filter(|it| query.to_lowercase().contains(&it.to_lowercase())) {
            self.reason += &format!("{NAMED}{named}");
        }
        self.at = self.mark.as_ref().and_then(|mark| place(mark, query, before));
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

/// The last two lines that say `LINE 3: …` and beneath it a caret. What stands before them may be a value.
fn mark(message: &str) -> Option<Mark> {
    let lines: Vec<&str> = message.lines().collect();
    let at = lines.iter().rposition(|it| it.starts_with("LINE "))?;
    let (number, part) = lines[at].strip_prefix("LINE ")?.split_once(": ")?;
    let caret = lines.get(at + 1)?.chars().position(|it| it == '^')?;
    let before = caret.checked_sub(lines[at].chars().count() - part.chars().count())?;
    Some(Mark { line: number.parse().ok()?, part: part.to_owned(), before })
}

fn place(mark: &Mark, query: &str, before: usize) -> Option<(usize, usize)> {
    // The statement holds the query without what is around it.
    let text = query.trim();
    let skipped = &query[..query.len() - query.trim_start().len()];
    let line = text.lines().nth(mark.line.checked_sub(1)?)?;
    let first = mark.line == 1;
    let cut = mark.part.starts_with("...");
    let part = mark.part.trim_start_matches("...").trim_end_matches("...");
    let inside = mark.before.checked_sub(if cut { 3 } else { 0 })?;
    let column = match cut {
        true => line.find(part).map(|at| line[..at].chars().count() + inside)?,
        false if first => inside.checked_sub(before)?,
        false => inside,
    };
    let indent = if first { skipped.chars().rev().take_while(|it| *it != '\n').count() } else { 0 };
    let above = skipped.chars().filter(|it| *it == '\n').count();
    (column <= line.chars().count()).then_some((mark.line + above, column + indent + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The engine's message for a query that stands behind `before` characters; reason and place.
    fn check(message: &str, query: &str, before: usize, reason: &str, at: Option<(usize, usize)>) {
        let masked = crate::store::messages::without_values(message);
        let fault = Fault::read(message, &masked).expect("a fault").placed(query, before);
        assert_eq!((fault.reason.as_str(), fault.at), (reason, at), "{message}");
    }

    #[test]
    fn the_place_is_that_in_the_query() {
        let reason = "could not convert string '…' to INT32";
        let text = "Conversion Error: Could not convert string 'secret' to INT32\n\n";
        let query = "\nselect a,\n  cast(b as int)\nfrom t\n";
        check(&format!("{text}LINE 2:   cast(b as int)\n          ^"), query, 10, reason, Some((3, 3)));
        check(&format!("{text}LINE 2: ...(b as int)\n             ^"), query, 10, reason, Some((3, 9)));
        check(
            &format!("{text}LINE 1: xxxxxxxxxxselect a,\n                         ^"),
            query,
            10,
            reason,
            Some((2, 8)),
        );
        // What was put around the query is no place in it.
        check(&format!("{text}LINE 1: xxxxxxxxxxselect a,\n         ^"), query, 10, reason, None);
        check(text, query, 10, reason, None);
        let text = "Out of Range Error: Overflow in multiplication of INT64 (12 * 9223372036854775807)!";
        check(text, query, 0, "overflow in multiplication of INT64 (… * …)", None);
        // A value that looks like a mark is none.
        check(
            "Conversion Error: Could not convert string 'a\nLINE 9: b' to INT32",
            query,
            0,
            "could not convert string '…'",
            None,
        );
    }

    #[test]
    fn what_no_value_is_the_cause_of_is_no_fault() {
        assert_eq!(Fault::read("x", "Binder Error: no such column"), None);
    }
}
