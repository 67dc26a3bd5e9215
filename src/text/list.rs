//! Lists in one text, joined by `;`: what the e-mail and telephone functions make of a cell with several.
//!
//! Lists of JSON are such lists with another mark.
//!
//! Not here: taking cells apart at other marks, which depends on what stands in them (`email`, `phone`).

/// The items of `list` that are not items of `others`, in order, each once; `None` if none is left.
pub fn without(list: &str, others: &str) -> Option<String> {
    let mut kept: Vec<&str> = Vec::new();
    for item in items(list) {
        if !kept.contains(&item) && !items(others).any(|it| it == item) {
            kept.push(item);
        }
    }
    (!kept.is_empty()).then(|| kept.join(";"))
}

/// The items of `list`, each once and where it stands first, with `separator` between them; `None` if there is none.
pub fn each_once(list: &str, separator: &str) -> Option<String> {
    if separator.is_empty() {
        return (!list.is_empty()).then(|| list.to_owned());
    }
    let mut kept: Vec<&str> = Vec::new();
    for item in list.split(separator).filter(|it| !it.trim().is_empty()) {
        if !kept.contains(&item) {
            kept.push(item);
        }
    }
    (!kept.is_empty()).then(|| kept.join(separator))
}

/// What stands between two items of a list that was JSON: no text has it.
pub const BETWEEN: &str = "\u{1f}\u{1e}";

/// The items of a list of JSON with [`BETWEEN`] between them: texts as they read, null as nothing, all else as it is
/// written. `None` if the text is no such list.
pub fn of_json(text: &str) -> Option<String> {
    let inside = text.trim().strip_prefix('[')?.strip_suffix(']')?;
    serde_json::from_str::<Vec<serde::de::IgnoredAny>>(text).ok()?;
    let (mut depth, mut quoted, mut escaped, mut start) = (0_u64, false, false, 0);
    let mut parts = Vec::new();
    for (at, byte) in inside.bytes().enumerate() {
        match byte {
            _ if std::mem::take(&mut escaped) => (),
            b'\\' => escaped = true,
            b'"' => quoted = !quoted,
            _ if quoted => (),
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            b',' if depth == 0 => {
                parts.push(&inside[start..at]);
                start = at + 1;
            }
            _ => (),
        }
    }
    parts.push(&inside[start..]);
    let mut out = String::new();
    for (at, part) in parts.into_iter().map(str::trim).enumerate() {
        out.push_str(if at > 0 { BETWEEN } else { "" });
        match part {
            "null" => (),
            part if part.starts_with('"') => {
                let item: String = serde_json::from_str(part).ok()?;
                if item.contains(BETWEEN) {
                    return None;
                }
                out.push_str(&item);
            }
            part => out.push_str(part),
        }
    }
    Some(out)
}

fn items(list: &str) -> impl Iterator<Item = &str> {
    list.split(';').map(str::trim).filter(|it| !it.is_empty())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

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
                prop_assert!(items(&rest).all(|it| items(&list).any(|one| one == it)));
            }
        }
    }
}
