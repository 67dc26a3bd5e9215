//! Lists in one text, joined by `;`: what the e-mail and telephone functions make of a cell with several.
//!
//! Lists of JSON are such lists with another mark.
//!
//! Not here: taking cells apart at other marks, which depends on what stands in them (`email`, `phone`).

use std::borrow::Cow;
use std::collections::HashMap;

use serde::de::IgnoredAny;

/// The items of `list` that are not items of `others`, in order, each once, joined by `;`; `None` if none is left.
pub fn without(list: &str, others: &str) -> Option<String> {
    let others = items(others, ";");
    let kept = once(items(list, ";").into_iter().filter(|it| !others.iter().any(|other| other.trim() == it.trim())));
    (!kept.is_empty()).then(|| kept.join(";"))
}

/// The items of `list`, each once and where it stands first, with `separator` between them; `None` if there is none.
pub fn each_once(list: &str, separator: &str) -> Option<String> {
    if separator.is_empty() {
        return (!list.is_empty()).then(|| list.to_owned());
    }
    let kept = once(items(list, separator).into_iter());
    (!kept.is_empty()).then(|| kept.join(separator))
}

/// Items that hold something, without blanks around them, each where it stands first.
fn once<'t>(items: impl Iterator<Item = Cow<'t, str>>) -> Vec<Cow<'t, str>> {
    let mut kept: Vec<Cow<'t, str>> = Vec::new();
    for item in items.map(trimmed).filter(|it| !it.is_empty()) {
        if !kept.contains(&item) {
            kept.push(item);
        }
    }
    kept
}

/// The lines of `list`, each with `end` behind it.
pub fn each_with(list: &str, end: &str) -> String {
    let mut all = String::with_capacity(list.len() + end.len());
    for (at, line) in list.split('\n').enumerate() {
        if at > 0 {
            all.push('\n');
        }
        all.push_str(line);
        all.push_str(end);
    }
    all
}

/// What stands between two items of a list that was JSON: no text has it.
pub const BETWEEN: &str = "\u{1f}\u{1e}";

/// What the engine wrote as JSON, with null for the numbers that JSON does not have: `NaN`, `Infinity`.
pub fn mended(text: &str) -> Cow<'_, str> {
    const NONE: [&str; 6] = ["-Infinity", "Infinity", "NaN", "-nan", "-inf", "inf"];
    if !["NaN", "nan", "Infinity", "inf"].iter().any(|it| text.contains(it)) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let (mut rest, mut in_text) = (text, false);
    while let Some(next) = rest.chars().next() {
        let word = NONE.iter().chain(&["nan"]).find(|it| !in_text && rest.starts_with(**it));
        let taken = match (word, next) {
            (Some(word), _) => {
                out.push_str("null");
                rest = &rest[word.len()..];
                continue;
            }
            (None, '\\') if in_text => 1 + rest[1..].chars().next().map_or(0, char::len_utf8),
            (None, '"') => {
                in_text = !in_text;
                1
            }
            (None, it) => it.len_utf8(),
        };
        let (done, behind) = rest.split_at(taken);
        out.push_str(done);
        rest = behind;
    }
    Cow::Owned(out)
}

/// Whether a text is JSON.
pub fn is_json(text: &str) -> bool {
    serde_json::from_str::<IgnoredAny>(text).is_ok()
}

/// The items of a list of JSON with [`BETWEEN`] between them: texts as they read, null as nothing, all else as it is
/// written. `None` if the text is no such list.
pub fn of_json(text: &str) -> Option<String> {
    let inside = text.trim().strip_prefix('[')?.strip_suffix(']')?;
    serde_json::from_str::<Vec<IgnoredAny>>(text).ok()?;
    let items = parts(inside, ',').map(|it| Some(value(it)?.unwrap_or_default()));
    let items: Vec<String> = items.collect::<Option<_>>()?;
    (!items.iter().any(|it| it.contains(BETWEEN))).then(|| items.join(BETWEEN))
}

/// The members of an object of JSON by their keys, those that are null left out; the last of several with one key.
/// `None` if the text is no object.
pub fn members_of_json(text: &str) -> Option<HashMap<String, String>> {
    let inside = text.trim().strip_prefix('{')?.strip_suffix('}')?;
    let known = serde_json::from_str::<HashMap<String, IgnoredAny>>(text).ok()?;
    let mut members = HashMap::with_capacity(known.len());
    for part in parts(inside, ',').filter(|it| !it.is_empty()) {
        let mut sides = parts(part, ':');
        let (key, rest) = (sides.next()?, sides.next()?);
        let key: String = serde_json::from_str(key).ok()?;
        match value(rest)? {
            Some(text) => drop(members.insert(key, text)),
            None => drop(members.remove(&key)),
        }
    }
    Some(members)
}

/// The parts of valid JSON between the marks that stand in no text and in nothing inside of it.
fn parts(inside: &str, mark: char) -> impl Iterator<Item = &str> {
    let (mut depth, mut quoted, mut escaped) = (0_u64, false, false);
    let ends = move |it: char| {
        match it {
            _ if std::mem::take(&mut escaped) => (),
            '\\' => escaped = true,
            '"' => quoted = !quoted,
            _ if quoted => (),
            '[' | '{' => depth += 1,
            ']' | '}' => depth = depth.saturating_sub(1),
            it => return it == mark && depth == 0,
        }
        false
    };
    inside.split(ends).map(str::trim)
}

/// A value of JSON as it reads, or as it is written where it is no text; null is none. `None` if it is no text that
/// can be.
fn value(part: &str) -> Option<Option<String>> {
    match part {
        "null" => Some(None),
        part if part.starts_with('"') => serde_json::from_str(part).ok().map(Some),
        part => Some(Some(part.to_owned())),
    }
}

/// The items of a list of JSON, or else what stands between separators.
fn items<'t>(list: &'t str, separator: &str) -> Vec<Cow<'t, str>> {
    match of_json(list) {
        Some(items) => items.split(BETWEEN).map(|it| Cow::Owned(it.to_owned())).collect(),
        None => list.split(separator).map(Cow::Borrowed).collect(),
    }
}

fn trimmed(item: Cow<'_, str>) -> Cow<'_, str> {
    match item {
        Cow::Borrowed(it) => Cow::Borrowed(it.trim()),
        Cow::Owned(it) => Cow::Owned(it.trim().to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_that_json_does_not_have_are_null_there() {
        let check = |text: &str, expected: &str| assert_eq!(mended(text), expected);
        check("[1.5,NaN]", "[1.5,null]");
        check(r#"{"NaN":-Infinity,"a":"NaN \"NaN"}"#, r#"{"NaN":null,"a":"NaN \"NaN"}"#);
        check(r#"["nan","é\\",nan]"#, r#"["nan","é\\",null]"#);
        check("[1]", "[1]");
    }

    #[test]
    fn items_fall_out_of_a_list() {
        let check = |list: &str, others: &str, expected: &str| {
            assert_eq!(without(list, others).unwrap_or_default(), expected, "{list:?} without {others:?}");
        };
        check("a;b;c", "b", "a;c");
        check("a; b ;;c;a", "", "a;b;c");
        check("a;b", "b; a", "");
        check("ab", "a", "ab");
        check("", "a", "");
        check(" ; ", "", "");
        check(r#"["a;b", "c", null, 1, "c"]"#, "1", "a;b;c");
        check("a;b;c", r#"["b", " c "]"#, "a");
        check("[a;b]", "b]", "[a");
    }

    #[test]
    fn items_are_kept_once() {
        let check = |list: &str, expected: &str| {
            assert_eq!(each_once(list, "|").unwrap_or_default(), expected, "{list:?}");
        };
        check("b|a|b||", "b|a");
        check(r#"["b", "a|c", "b", "", null]"#, "b|a|c");
        check("[]", "");
        check("[b]|[b]", "[b]");
    }

    #[test]
    fn lists_of_json_are_taken_apart() {
        let check = |text: &str, expected: Option<&[&str]>| {
            let found = of_json(text);
            let found: Option<Vec<&str>> = found.as_deref().map(|it| it.split(BETWEEN).collect());
            assert_eq!(found.as_deref(), expected, "{text}");
        };
        check(r#"["p","q, r"]"#, Some(&["p", "q, r"]));
        check(r#" [ 1.10 , null, true, "a\"]\u00e9" ] "#, Some(&["1.10", "", "true", "a\"]é"]));
        check(r#"[{"a":[1,2]},[3,4]]"#, Some(&[r#"{"a":[1,2]}"#, "[3,4]"]));
        check("[]", Some(&[""]));
        check(r#"["\u001f\u001e"]"#, None);
        for other in ["", "a;b", "[x]", "[1];[2]", "[1", r#"{"a":1}"#, "[1,]"] {
            check(other, None);
        }
    }

    #[test]
    fn objects_of_json_have_members() {
        let check = |text: &str, key: &str, expected: Option<&str>| {
            let found = members_of_json(text).map(|it| it.get(key).cloned());
            assert_eq!(found.as_ref().and_then(|it| it.as_deref()), expected, "{text}");
        };
        let object =
            r#" {"a": "x, \"y\": z", "b" : 1.10, "c:d": [1, {"e": 2}], "f": null, "g": true, "\u00e9": "\u00e9"} "#;
        check(object, "a", Some("x, \"y\": z"));
        check(object, "b", Some("1.10"));
        check(object, "c:d", Some(r#"[1, {"e": 2}]"#));
        check(object, "f", None);
        check(object, "g", Some("true"));
        check(object, "é", Some("é"));
        assert_eq!(members_of_json("{}"), Some(HashMap::new()));
        for other in ["", "x", "[]", "{", r#"{"a" 1}"#] {
            assert_eq!(members_of_json(other), None, "{other}");
        }
    }

    #[test]
    fn items_that_are_repeated_stand_once() {
        let check = |list: &str, separator: &str, expected: &str| {
            assert_eq!(each_once(list, separator).unwrap_or_default(), expected, "{list:?} by {separator:?}");
        };
        check("b;a;b;;a", ";", "b;a");
        check("a, b, a", ", ", "a, b");
        check("a\na\nb", "\n", "a\nb");
        check(" ;;", ";", "");
        check("aa", "", "aa");
        check("", "", "");
    }

    #[test]
    fn every_line_has_its_end() {
        for (list, expected) in [("a", "a-1"), ("a\nb", "a-1\nb-1"), ("", "-1"), ("a\n", "a-1\n-1")] {
            assert_eq!(each_with(list, "-1"), expected, "{list:?}");
        }
    }

    proptest! {
        #[test]
        fn once_is_enough(list in "[a-c;]{0,12}") {
            if let Some(once) = each_once(&list, ";") {
                prop_assert_eq!(each_once(&once, ";"), Some(once));
            }
        }

        #[test]
        fn what_is_left_stays(list in "[a-c; ]{0,12}", others in "[a-c; ]{0,6}") {
            if let Some(rest) = without(&list, &others) {
                prop_assert_eq!(without(&rest, &others), Some(rest.clone()));
                let all = items(&list, ";");
                prop_assert!(items(&rest, ";").iter().all(|it| all.iter().any(|one| one.trim() == it)));
            }
        }
    }
}
