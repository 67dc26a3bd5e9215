//! What people write where an expression stands because they write it so elsewhere: in a spreadsheet, in a program, in a
//! text that a word processor made pretty.

/// What to do about a text that is no expression, where a habit explains it; `message` is why it is none.
pub(super) fn help(text: &str, message: &str) -> Option<&'static str> {
    let (bare, is_open) = without_quoted(text);
    let words: Vec<String> = bare.split(|it: char| !it.is_alphanumeric() && it != '_').map(str::to_lowercase).collect();
    let count = |word: &str| words.iter().filter(|it| *it == word).count();
    let has = |signs: &str| bare.contains(signs);
    let told = [
        (bare.contains(['‘', '’', '“', '”', '„']), "write straight quotes: put a text in `'…'`"),
        (is_open, "a quote within a text is written twice: `'it''s'`"),
        (
            bare.contains(['`', '[']),
            "write the name of a column without quotes, or in double quotes if it has blanks: `\"First name\"`",
        ),
        (has("&&"), "write `and`"),
        (has("{"), "a parameter is written `$name`; there are no templates"),
        (has("#"), "a day is written `cast('2025-06-30' as date)`"),
        (has(";"), "write `,` between two arguments"),
        (bare.trim_start().starts_with('='), "remove the `=` at the beginning"),
        (bare.replace("!=", "").contains('!'), "write `not`"),
        (has("?") || count("if") > 0 && count("else") > 0, "write `case when … then … else … end`"),
        (count("case") > count("end"), "a `case` ends with `end`"),
        (count("when") > count("case"), "write `when` after `case`"),
        (
            count("like") > 0 && count("escape") > 0,
            "`contains`, `starts_with` and `ends_with` take every character as it is",
        ),
        (message.ends_with("found: EOF"), "something is missing at its end"),
        (
            message.contains("goes on after its end") || message.contains("Expected: ), found: "),
            "put the name of a column with blanks in double quotes: `\"First name\"`",
        ),
    ];
    told.into_iter().find(|(fits, _)| *fits).map(|(_, help)| help)
}

/// The text without what stands in quotes, and whether the last quote is not closed.
fn without_quoted(text: &str) -> (String, bool) {
    let mut bare = String::new();
    let mut open = None;
    for c in text.chars() {
        match open {
            Some(quote) if quote == c => open = None,
            Some(_) => (),
            None if matches!(c, '\'' | '"') => open = Some(c),
            None => bare.push(c),
        }
    }
    (bare, open.is_some())
}

#[cfg(test)]
mod tests {
    use crate::expr::parse::parse;

    #[test]
    fn habits_of_elsewhere_are_told_by_what_is_written_here() {
        let check = |text: &str, expected: &str| {
            let refused = parse(text).expect_err(text);
            let help = refused.help.unwrap_or_default();
            assert!(help.contains(expected) && !expected.is_empty(), "{text}: {} {help}", refused.message);
        };
        check("a = ‘x’", "straight quotes");
        check("'it's'", "`'it''s'`");
        check("`a` = 1", "double quotes");
        check("[a] = 1", "double quotes");
        check("a = 1 && b = 2", "`and`");
        check("a > {{ var }}", "`$name`");
        check("a > #2025-01-01#", "cast('2025-06-30' as date)");
        check("coalesce(a; b)", "write `,` between");
        check("=upper(a)", "remove the `=`");
        check("!a", "`not`");
        check("1 if a else 2", "`case when");
        check("a ? 1 : 2", "`case when");
        check("case when a then 1", "`end`");
        check("a like 'x!%' escape '!'", "`starts_with`");
        check("a +", "missing at its end");
        check("upper(First Name)", "`\"First name\"`");
        check("First Name", "`\"First name\"`");
        check("a.strip()", "`trim(t)`");
        check("cast(a as int64)", "`integer`");
        check("cast(a as decimal(99))", "`decimal(4)`");
        check("cast(a as zebra)", "types are text");
    }

    #[test]
    fn what_stands_in_quotes_is_no_habit() {
        assert!(parse("a = '{x}; [y] && !z # ‘’ if else'").is_ok());
        assert!(parse("\"a [m²]; #\" != 1").is_ok());
    }
}
