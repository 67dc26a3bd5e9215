//! From a text to the word in it: a problem of a query or an expression is told where the whole text stands, and here it
//! gets the line and the column that are meant, however the text is quoted in the TOML.
//!
//! The position is the one that a parser gives. Who knows only names, as those do that bind a query, names them in the
//! message: then it is the first place in the text where the name stands as a word and not as a value.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use crate::db::Db;
use crate::fields::written;
use crate::problem::{Label, Problem};
use crate::query::source_text;
use crate::span::{Span, positioned};

/// The same problem, pointing as closely as is known.
pub(super) fn pointed(db: &dyn Db, problem: Problem) -> Problem {
    let Some(label) = problem.labels.first() else { return problem };
    match source_text(db, db.file(&label.span.file)) {
        Ok(text) => narrowed(problem, text),
        Err(_) => problem,
    }
}

/// A problem that is labelled with a text, pointing to a line and a column of it, both from 1.
pub fn pointed_at(db: &dyn Db, problem: Problem, at: (usize, usize)) -> Problem {
    let Some(label) = problem.labels.first() else { return problem };
    match source_text(db, db.file(&label.span.file)) {
        Ok(text) => {
            let message = problem.message.clone();
            Problem { message, ..narrowed_to(problem, text, Some(at)) }
        }
        Err(_) => problem,
    }
}

/// A problem with the text of the file that it is labelled in, pointing as closely as is known.
pub(super) fn pointed_into(problem: Problem, file: &str) -> Problem {
    narrowed(problem, file)
}

fn narrowed(problem: Problem, file: &str) -> Problem {
    narrowed_to(problem, file, None)
}

fn narrowed_to(mut problem: Problem, file: &str, given: Option<(usize, usize)>) -> Problem {
    let Some(Label { span, .. }) = problem.labels.first_mut() else { return problem };
    if let Some(item) = file.get(span.start..span.end).and_then(|raw| item(raw, &problem.message)) {
        span.end = span.start + item.end;
        span.start += item.start;
        return problem;
    }
    let Some(raw) = file.get(span.start..span.end).filter(|it| it.starts_with(['"', '\''])) else { return problem };
    let Some(text) = decoded(raw) else { return problem };
    let (position, message) = positioned(&problem.message);
    let position = given.or(position);
    let part = part(&text, position, message);
    let placed = position.is_some() && part.is_some();
    if let Some(part) = part.filter(|it| text[it.clone()] != *text.trim()) {
        let start = span.start;
        span.start = start + written::place(raw, part.start);
        span.end = start + written::place(raw, part.end).max(written::place(raw, part.start));
    }
    if placed {
        problem.message = message.to_owned();
    }
    problem
}

/// A problem of a text that somebody typed and that stands in no file: with the place in it, as far as that is known.
pub fn pointed_in(problem: Problem, text: &str, name: &str) -> Problem {
    let (position, message) = positioned(&problem.message);
    let Some(part) = part(text, position, message) else { return problem };
    let span = Span::new(&Arc::new(PathBuf::from(name)), part);
    Problem { message: message.to_owned(), ..problem }.label(&span, "here")
}

/// The part of a text that a message is about: the word at a position, or the last name that stands in it.
fn part(text: &str, position: Option<(usize, usize)>, message: &str) -> Option<Range<usize>> {
    match position {
        Some((line, column)) => at(text, line, column),
        None => names(message).into_iter().rev().find_map(|name| word(text, name)),
    }
}

/// The text of a list in TOML that a message names.
fn item(raw: &str, message: &str) -> Option<Range<usize>> {
    const KEY: &str = "list = ";
    let written = format!("{KEY}{}", raw.starts_with('[').then_some(raw)?);
    let table = toml::de::DeTable::parse(&written).ok()?;
    let list = table.get_ref().get("list")?.get_ref().as_array()?;
    // The last name is the one that is missed; a column that is sorted by may have a sign in front.
    let item = names(message).into_iter().rev().find_map(|name| {
        let mut found = list
            .iter()
            .filter(|it| it.get_ref().as_str().is_some_and(|it| it == name || it.strip_prefix('-') == Some(name)));
        found.next().filter(|_| found.next().is_none())
    })?;
    let span = item.span();
    Some(span.start - KEY.len()..span.end - KEY.len())
}

/// What a text in TOML stands for.
fn decoded(raw: &str) -> Option<String> {
    let table: toml::Table = format!("text = {raw}").parse().ok()?;
    table.get("text")?.as_str().map(str::to_owned)
}

/// The word at a line and a column, which counts characters.
fn at(text: &str, line: usize, column: usize) -> Option<Range<usize>> {
    let start: usize = text.split_inclusive('\n').take(line.checked_sub(1)?).map(str::len).sum();
    let rest = text.get(start..)?;
    let before: usize = rest.chars().take(column.checked_sub(1)?).map(char::len_utf8).sum();
    let from = start + before;
    let rest = text.get(from..)?;
    let length = match rest.find(|it: char| !is_part(it)) {
        Some(0) => rest.chars().next().map_or(0, char::len_utf8),
        Some(length) => length,
        None => rest.len(),
    };
    Some(from..from + length)
}

/// What a message names, in its order: between backticks or quotes, or as DuckDB names what it does not know.
fn names(message: &str) -> Vec<&str> {
    let mut acc = Vec::new();
    let mut rest = message;
    while let Some(open) = rest.find(['`', '"', '\'']) {
        let quote = &rest[open..=open];
        let inside = &rest[open + 1..];
        let Some(close) = inside.find(quote) else { break };
        let name = &inside[..close];
        // Of `round(VARCHAR)` the name is what is called.
        acc.push(name.split('(').next().unwrap_or(name));
        rest = &inside[close + 1..];
    }
    if let Some((_, after)) = message.split_once(" with name ") {
        acc.extend(after.split_whitespace().next());
    }
    acc.retain(|it| !it.is_empty());
    acc
}

/// The first place where a name stands as a word, outside of quoted values and comments.
fn word(text: &str, name: &str) -> Option<Range<usize>> {
    let folded = name.to_lowercase();
    let (mut quoted, mut comment, mut before) = (false, false, ' ');
    for (at, c) in text.char_indices() {
        match c {
            '\n' => comment = false,
            '\'' if !comment => quoted = !quoted,
            '-' if !quoted && before == '-' => comment = true,
            _ => (),
        }
        let here = text.get(at..at + name.len());
        if !quoted && !comment && !is_part(before) && here.is_some_and(|it| it.to_lowercase() == folded) {
            let after = text[at + name.len()..].chars().next().unwrap_or(' ');
            if !is_part(after) {
                return Some(at..at + name.len());
            }
        }
        before = c;
    }
    None
}

fn is_part(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::Code;
    use crate::span::line_and_column;

    const ANY: Code = Code::error("hotpass::any::code");

    fn check(raw: &str, message: &str, line: usize, column: usize, expected: &str) {
        let file = format!("query = {raw}\nother = 1\n");
        let span = Span::new(&Arc::new(PathBuf::from("x.toml")), 8..8 + raw.len());
        let problem = narrowed(Problem::new(&ANY, message).label(&span, "here"), &file);
        let span = &problem.labels[0].span;
        let place = line_and_column(&file, span.start);
        assert_eq!((place, &file[span.start..span.end]), ((line, column), expected), "{raw} {message}");
        assert!(!problem.message.contains(" at Line"), "{}", problem.message);
    }

    #[test]
    fn the_word_that_is_meant_is_pointed_at() {
        let block = "\"\"\"\nselect nmae, 'nope'\nfrom people -- nope\nwhere nope > 1\n\"\"\"";
        check(block, "Referenced column \"nmae\" not found", 2, 8, "nmae");
        check(block, "`people` has no column `nope`", 4, 7, "nope");
        check(block, "Table with name people does not exist!", 3, 6, "people");
        check(block, "the query cannot be read: Expected: x at Line: 3, Column: 7", 4, 7, "nope");
        check("'''\nselect round(a)'''", "No function matches 'round(VARCHAR)'", 2, 8, "round");
        check("\"\"\"select \\\n   a\\tb\"\"\"", "there is no `b`", 2, 7, "b");
        check("'é é = nmae'", "no column `nmae`", 1, 16, "nmae");
        check("\"a = \\\"b\"", "found: it at Line: 1, Column: 6", 1, 16, "b");
        check("['s', 'nme']", "`s` has no column `nme`", 1, 15, "'nme'");
        check("[\n  'a', # 'b'\n  '-b',\n]", "`a` has no column `b`", 3, 3, "'-b'");
        check("['b', 'b']", "`s` has no column `b`", 1, 9, "['b', 'b']");
    }

    #[test]
    fn what_stands_nowhere_is_told_of_the_whole_text() {
        check("'select a'", "no column `b`", 1, 9, "'select a'");
        check("'people'", "nothing makes `people`", 1, 9, "'people'");
        check("'select a'", "it cannot be", 1, 9, "'select a'");
    }
}
