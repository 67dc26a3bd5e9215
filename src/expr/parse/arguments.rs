//! What stands around a call: arguments that were left out, arguments that are looked at where they are written down,
//! and what functions are called elsewhere.

use sqlparser::ast;

use super::{NotAnExpression, helped, refuse};
use crate::expr::{Expr, Literal};
use crate::problem::meant;
use crate::text::format;

/// What functions are called elsewhere, and what says the same here.
const WORDS: &str = include_str!("../words.txt");
/// Parts of time that `date_trunc` knows.
const PARTS: [&str; 5] = ["year", "quarter", "month", "week", "day"];

/// What a function of another program is here.
pub(crate) fn elsewhere(name: &str) -> Option<&'static str> {
    meant(WORDS, name)
}

/// What stands for an argument that was left out.
pub(super) fn usual(name: &str, got: usize) -> Option<Expr> {
    match (name, got) {
        ("round", 1) | ("regexp_extract", 2) => Some(Expr::integer(0)),
        ("substr", 2) => Some(all_of_it()),
        ("lpad" | "rpad", 2) => Some(Expr::text(" ")),
        _ => None,
    }
}

/// As many characters as a text can have.
pub(super) fn all_of_it() -> Expr {
    Expr::integer(i64::from(i32::MAX))
}

/// Looks at arguments that are written down.
pub(super) fn checked(name: &str, arguments: &[Expr]) -> Result<(), NotAnExpression> {
    let part = |it: &Expr| match it {
        Expr::Literal(Literal::Text(part)) => PARTS.iter().find(|it| *it == part),
        _ => None,
    };
    match (name, arguments) {
        ("date_trunc", [first, second]) => match (part(first), part(second)) {
            (Some(_), _) => Ok(()),
            (None, Some(it)) => {
                helped("`date_trunc` takes the part of time first", &format!("write `date_trunc('{it}', …)`"))
            }
            (None, None) => helped(
                "`date_trunc` knows `year`, `quarter`, `month`, `week` and `day`",
                "such as `date_trunc('month', day)`",
            ),
        },
        ("to_text", [_, Expr::Literal(Literal::Text(it))]) if !format::is_format(it) => helped(
            "the format of `to_text` says nothing of a date or a number",
            "such as `to_text(day, 'DD.MM.YYYY')` or `to_text(amount, '#,##0.00')`",
        ),
        _ => Ok(()),
    }
}

/// The function that gives a part of a date.
pub(super) fn part(field: &ast::DateTimeField) -> Result<&'static str, NotAnExpression> {
    const KNOWN: [&str; 10] =
        ["year", "quarter", "month", "week", "weekday", "day", "day_of_year", "hour", "minute", "second"];
    let name = field.to_string().to_lowercase();
    let name = match name.as_str() {
        "dow" | "isodow" | "dayofweek" => "weekday",
        "doy" | "dayofyear" => "day_of_year",
        "isoweek" => "week",
        other => other,
    };
    match KNOWN.into_iter().find(|it| *it == name) {
        Some(it) => Ok(it),
        None => refuse(format!("no date has a part `{name}` here; there are `{}`", KNOWN.join("`, `"))),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::expr::aggregate::Aggregate;
    use crate::expr::functions::Function;
    use crate::expr::parse::parse;

    #[test]
    fn names_of_elsewhere_say_what_they_mean() {
        let help = |text: &str| parse(text).expect_err(text).help.expect(text);
        assert_eq!(help("if(a, b, c)"), "write `case when … then … else … end`");
        assert_eq!(help("NVL(a, b)"), "write `coalesce(x, …)`: the first that is not null");
        assert_eq!(help("len(a)"), "write `length(t)`");
        assert_eq!(help("datediff(a, b)"), {
            "write `days_between(from, to)`, `months_between(from, to)` or `years_between(from, to)`"
        });
    }

    #[test]
    fn what_sql_says_in_words_of_its_own_is_understood() {
        let check = |text: &str, expected: &str| assert_eq!(parse(text), parse(expected), "{text}");
        check("extract(year from d)", "year(d)");
        check("extract(dow from d)", "weekday(d)");
        check("position('a' in t)", "strpos(t, 'a')");
        check("substring(t from 2 for 3)", "substr(t, 2, 3)");
        check("substring(t, 2)", "substr(t, 2, 2147483647)");
        check("date '2024-01-31'", "cast('2024-01-31' as date)");
        check("n::integer", "cast(n as integer)");
        check("lpad(t, 5)", "lpad(t, 5, ' ')");
        check("hash(a, 1)", "identifier(cast(a as text), cast(1 as text))");
        check("ceil(n) + floor(n)", "(ceil(n)) + (floor(n))");
    }

    #[test]
    fn what_cannot_be_meant_is_refused_with_what_can() {
        let refused = |text: &str| {
            let error = parse(text).expect_err(text);
            (error.message, error.help.unwrap_or_default())
        };
        assert_eq!(refused("a = null").1, "write `is null`");
        assert_eq!(refused("null <> a").1, "write `is not null`");
        assert_eq!(refused("date_trunc(d, 'month')").1, "write `date_trunc('month', …)`");
        assert_eq!(refused("date_trunc('decade', d)").1, "such as `date_trunc('month', day)`");
        assert!(refused("to_text(d, '?')").0.contains("says nothing"));
        assert!(refused("d + interval '1 day'").1.contains("add_days"));
        assert!(refused("t.name").1.contains("write `name`"));
        assert!(refused("a in (select b from c)").1.contains("lookup"));
        assert!(refused("a ~ 'x'").1.contains("matches"));
    }

    /// The names of functions that a text calls.
    fn called(text: &str) -> impl Iterator<Item = &str> {
        let name = |it: &char| it.is_alphanumeric() || *it == '_';
        text.match_indices('(').map(move |(at, _)| {
            let start = text[..at].char_indices().rev().take_while(|(_, it)| name(it)).last().map_or(at, |(it, _)| it);
            &text[start..at]
        })
    }

    #[test]
    fn what_is_meant_exists_and_what_exists_is_not_meant() {
        let known = |name: &str| Function::get(name).is_some() || Aggregate::get(name).is_some() || name == "hash";
        let mut seen = BTreeSet::new();
        for line in WORDS.lines().filter(|it| !it.starts_with('#') && !it.is_empty()) {
            let (words, meaning) = line.split_once(" = ").expect(line);
            for word in words.split(' ') {
                assert!(!known(word), "`{word}` exists");
                assert!(seen.insert(word), "`{word}` stands twice");
            }
            let code = meaning.split('`').skip(1).step_by(2);
            for name in code.flat_map(called).filter(|it| !it.is_empty()) {
                assert!(known(name) || ["filter", "cast", "over"].contains(&name), "`{name}` of {line}");
            }
        }
    }
}
