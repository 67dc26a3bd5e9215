//! Parameters in a query: `$since` stands for its value, as a literal.
//!
//! A value never becomes anything but a literal, and a `$` in a text, a comment or a quoted name is none of ours.

use sqlparser::dialect::DuckDbDialect;
use sqlparser::tokenizer::{Token, TokenWithSpan, Tokenizer};

use crate::expr::Literal;
use crate::relation::sql::quote;
use crate::steps::Inserted;

/// The query with the values of its parameters, and what that put into it; `None` where a parameter has no value.
/// A text that is no SQL is left as it is: whoever reads it says what is wrong.
pub(super) fn put_in(text: &str, value: impl Fn(&str) -> Option<Literal>) -> Option<(String, Vec<Inserted>)> {
    let unchanged = || Some((text.to_owned(), Vec::new()));
    if !text.contains('$') {
        return unchanged();
    }
    let Ok(tokens) = Tokenizer::new(&DuckDbDialect {}, text).tokenize_with_location() else { return unchanged() };
    let mut lines: Vec<Vec<char>> = text.split('\n').map(|it| it.chars().collect()).collect();
    let mut inserted = Vec::new();
    // From behind, so that places before stay as they are.
    for TokenWithSpan { token, span } in tokens.iter().rev() {
        let Token::Placeholder(word) = token else { continue };
        let Some(name) = word.strip_prefix('$').filter(|it| it.starts_with(|c: char| c.is_alphabetic() || c == '_'))
        else {
            continue;
        };
        let length = word.chars().count();
        let mut literal: Vec<char> = literal(&value(name)?).chars().collect();
        // What is shorter is filled up, so that nothing behind it moves to the left.
        literal.resize(literal.len().max(length), ' ');
        let (line, column) = (span.start.line as usize, span.start.column as usize);
        let more = literal.len() - length;
        let Some(written) = line.checked_sub(1).and_then(|it| lines.get_mut(it)) else { continue };
        let Some(start) = column.checked_sub(1).filter(|it| it + length <= written.len()) else { continue };
        written.splice(start..start + length, literal);
        inserted.push(Inserted { line, column: column + length, length: more });
    }
    inserted.retain(|it| it.length > 0);
    inserted.reverse();
    let lines: Vec<String> = lines.into_iter().map(|it| it.into_iter().collect()).collect();
    Some((lines.join("\n"), inserted))
}

fn literal(value: &Literal) -> String {
    match value {
        Literal::Text(text) => quote(text),
        other => other.plain().unwrap_or_else(|| "null".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let value = |name: &str| match name {
            "since" => Some(Literal::Text("2024-01-01".to_owned())),
            "n" => Some(Literal::Integer(7)),
            "o" => Some(Literal::Text("it's".to_owned())),
            _ => None,
        };
        assert_eq!(put_in(text, value).map(|it| it.0).as_deref().unwrap_or("none"), expected);
    }

    #[test]
    fn parameters_become_literals() {
        check("select * from a where d > $since", "select * from a where d > '2024-01-01'");
        check("select $n, '$n', \"$n\" -- $n", "select 7 , '$n', \"$n\" -- $n");
        check("select\n  $o, $n", "select\n  'it''s', 7 ");
        check("select $unknown", "none");
        check("select $1, $$since$$", "select $1, $$since$$");
    }

    #[test]
    fn what_stands_behind_is_found_again() {
        let (_, inserted) = put_in("select $since, a", |_| Some(Literal::Text("2024-01-01".to_owned()))).expect("read");
        assert_eq!(inserted, [Inserted { line: 1, column: 14, length: 6 }]);
    }
}
