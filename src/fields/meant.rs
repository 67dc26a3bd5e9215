//! What people mean by keys and values that are called otherwise elsewhere, and by what is no TOML. The words stand in
//! `words.txt`.

use toml::de::DeValue;

use crate::fields::keys::Takes;

/// Lines of `PLACE: WORDS = MEANING` and `WORDS = KEY`.
const WORDS: &str = include_str!("words.txt");

/// What is meant by a key that a table does not have, as help: one of its keys, or what else to write. `path` is that of
/// the table: `expect.schools.0`.
pub fn key<'a>(typed: &str, path: &str, known: impl Iterator<Item = &'a str> + Clone) -> Option<String> {
    let here = path.split('.').next().unwrap_or_default();
    let fits = |meaning: &&str| meaning.contains(' ') || known.clone().any(|it| it == *meaning);
    // A table within another one has keys of its own, and sentences are about the outer one.
    let outer = path.matches('.').count() <= if here == "expect" { 2 } else { 1 };
    let own = found(typed, |place| place == Some(here) && outer).find(fits);
    let meaning = own.or_else(|| found(typed, |place| place.is_none()).find(fits))?;
    Some(if meaning.contains(' ') { meaning.to_owned() } else { format!("write `{meaning}`") })
}

/// Where the keys of a table that has too many to name are listed.
pub fn lister(path: &str) -> Option<String> {
    path.starts_with("expect.").then(|| "`hotpass list` has all kinds of expectations".to_owned())
}

/// The word that is meant by a value, of those that are taken.
pub fn value<'a>(typed: &str, taken: impl Iterator<Item = &'a str> + Clone) -> Option<&'a str> {
    let mut known = found(typed, |place| place == Some("value"));
    known.find_map(|meaning| taken.clone().find(|it| *it == meaning)).or_else(|| {
        let folded = typed.to_lowercase();
        let begins = |it: &&str| it.len() > 2 && folded.starts_with(it) || folded.len() > 2 && it.starts_with(&folded);
        taken.clone().find(begins)
    })
}

/// How to write a value that has another type than its key takes.
pub fn shape(key: &str, takes: Takes, value: &DeValue<'_>) -> Option<String> {
    let is_tables = |all: &[toml::Spanned<DeValue<'_>>]| all.iter().any(|it| matches!(it.get_ref(), DeValue::Table(_)));
    Some(match (takes, value) {
        (Takes::Flag | Takes::True | Takes::False | Takes::Integer(..) | Takes::Number(..), DeValue::String(it))
            if ["true", "false"].contains(&it.as_ref()) || it.parse::<f64>().is_ok() =>
        {
            format!("remove the quotes: `{key} = {it}`")
        }
        (Takes::Flag | Takes::True | Takes::False, _) => format!("write `{key} = true` or `{key} = false`"),
        (Takes::Integer(..) | Takes::Number(..), _) => format!("write a number without quotes: `{key} = 5`"),
        (Takes::Table(_), DeValue::Array(it)) if is_tables(it) => {
            format!("give each a name in its heading: `[{key}.NAME]`")
        }
        (Takes::Table(_), _) => {
            format!("give each a name: `{key} = {{ NAME = … }}`, or a heading of its own, `[….{key}]`")
        }
        (Takes::List(..), _) => format!("write a list: `{key} = [ … ]`"),
        (Takes::Text | Takes::Name | Takes::Plain | Takes::Word(_), DeValue::Array(_)) => {
            format!("write one value here, without `[ ]`: `{key} = \"…\"`")
        }
        (_, DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_)) => {
            format!("write it in quotes: `{key} = \"…\"`")
        }
        _ => return None,
    })
}

/// What is likely wrong with the line at a byte of a text that is no TOML.
pub fn syntax(message: &str, text: &str, at: usize) -> Option<&'static str> {
    if message.starts_with("duplicate key") {
        return Some("remove one of the two");
    }
    let before = text.get(..at)?;
    let start = before.rfind('\n').map_or(0, |it| it + 1);
    let line = text[start..].lines().next()?.trim();
    if line.starts_with("//") || line.starts_with("--") || line.starts_with("/*") {
        return Some("a comment begins with `#`");
    }
    if line.contains(['“', '”', '‘', '’', '„']) {
        return Some("write straight quotes: `\"…\"`");
    }
    if line.starts_with('[') && !line.contains(']') {
        return Some("a heading ends with `]`: `[step.NAME]`");
    }
    if line.starts_with('{') {
        return Some("a pipeline is TOML and no JSON: `[pipeline]`, and below it `name = \"…\"`");
    }
    if text[at..].trim_start().starts_with(',') {
        return Some("write several texts as a list: `[\"…\", \"…\"]`");
    }
    let (name, value) = match (line.split_once('='), line.split_once(':')) {
        (Some((name, _)), Some((other, _))) if other.len() < name.len() && !other.contains(['"', '\'']) => {
            (other, None)
        }
        (Some((name, value)), _) => (name, Some(value.trim())),
        (None, Some((name, _))) => (name, None),
        (None, None) => return None,
    };
    let name_is_odd = name.trim().contains(|it: char| it.is_whitespace() || !it.is_ascii());
    if message.contains("unquoted key") && value.is_some() && name_is_odd && !name.contains(['"', '\'']) {
        return Some("put a name with blanks or other characters in quotes: `\"First name\" = …`");
    }
    let value = match value {
        None if name.trim().is_empty() => return None,
        None => return Some("write `=` between a key and its value: `name = \"…\"`"),
        Some(value) => value,
    };
    match value.chars().next() {
        None => Some("write a value after `=`; a text needs quotes"),
        Some('"') if value.contains('\\') => {
            Some("in double quotes `\\` begins an escape: write `/` in paths, or put the text in single quotes")
        }
        Some('"' | '\'') => {
            Some("a text ends with the same quote with which it begins; put a text of several lines in `\"\"\"`")
        }
        Some('[' | '{') => None,
        Some('T' | 'F') if ["True", "False", "TRUE", "FALSE"].contains(&value) => {
            Some("write `true` or `false`, in small letters")
        }
        Some(it) if it.is_alphabetic() => Some("put a text in quotes: `\"…\"`"),
        _ => None,
    }
}

/// Meanings of a word in the lines of a place: none, or what stands before a colon.
fn found(typed: &str, wanted: impl Fn(Option<&str>) -> bool) -> impl Iterator<Item = &'static str> {
    let typed = typed.to_lowercase().replace('-', "_");
    let lines = WORDS.lines().filter(|it| !it.starts_with('#')).filter_map(|it| it.split_once(" = "));
    lines.filter_map(move |(words, meaning)| {
        let (place, words) = match words.split_once(':') {
            Some((place, words)) => (Some(place), words),
            None => (None, words),
        };
        (wanted(place) && words.split(' ').any(|it| it.replace('-', "_") == typed)).then_some(meaning)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_known_by_other_names() {
        let check = |typed: &str, path: &str, known: &[&str], expected: Option<&str>| {
            assert_eq!(key(typed, path, known.iter().copied()).as_deref(), expected, "{typed} in {path}");
        };
        check("file", "source.a", &["path"], Some("write `path`"));
        check("file", "step.a", &["from"], None);
        check("expectations", "", &["expect"], Some("write `expect`"));
        check("checks", "step.a", &["expect"], None);
        check("columns", "step.a", &["key", "by"], Some("write `by`"));
        check("columns", "step.a", &["key"], Some("write `key`"));
        check("regex", "expect.a.0", &["matches"], Some("write `matches = '…'`"));
        check("min", "expect.a.0.rows", &[], None);
        check(
            "overwrite",
            "export.a",
            &[],
            Some("what hotpass wrote is replaced at each build; `hotpass build --overwrite` replaces other files"),
        );
        check("Order-By", "step.a", &["by"], Some("write `by`"));
    }

    #[test]
    fn values_are_known_by_other_names() {
        let check = |typed: &str, taken: &[&str], expected: Option<&str>| {
            assert_eq!(value(typed, taken.iter().copied()), expected, "{typed}");
        };
        check("warning", &["error", "warn"], Some("warn"));
        check("quarantine", &["block", "reject", "report"], Some("reject"));
        check("err", &["error", "warn"], Some("error"));
        check("latin1", &["utf-8", "windows-1252"], Some("windows-1252"));
        check("zebra", &["error", "warn"], None);
    }

    #[test]
    fn what_is_no_toml_has_a_likely_cause() {
        let check = |text: &str, at: usize, expected: &str| {
            let found = syntax("odd", text, at).unwrap_or_default();
            assert!(found.contains(expected) && expected.is_empty() == found.is_empty(), "{text}: {found}");
        };
        check("name: \"p\"", 4, "write `=`");
        check("a = 1\npath = data/x.csv", 13, "in quotes");
        check("path = \"a\\x.csv\"", 9, "an escape");
        check("name =", 6, "after `=`");
        check("path = \"a\", \"b\"", 10, "as a list");
        check("a = [1", 6, "");
        check("// mine", 0, "begins with `#`");
        check("kind = “map”", 7, "straight quotes");
        check("[step.a\nkind = 1", 7, "ends with `]`");
        check("{\"pipeline\": 1}", 0, "no JSON");
        check("bom = True", 6, "small letters");
        assert!(syntax("invalid unquoted key", "Straße = 1", 4).is_some_and(|it| it.contains("in quotes")));
        check("é", 1, "");
        assert_eq!(syntax("duplicate key", "a = 1", 0), Some("remove one of the two"));
    }

    #[test]
    fn every_line_says_something() {
        for line in WORDS.lines().filter(|it| !it.is_empty() && !it.starts_with('#')) {
            let (words, meaning) = line.split_once(" = ").expect(line);
            assert!(!words.trim().is_empty() && !meaning.trim().is_empty(), "{line}");
            assert!(words.starts_with("value:") || !meaning.contains("  "), "{line}");
        }
    }
}
