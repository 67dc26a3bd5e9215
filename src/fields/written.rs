//! Where a part of a text stands in the file: TOML writes texts between quotes, with escapes, and over several lines.

/// Where byte `at` of the text that `raw`, as written with its quotes, stands for is in `raw`.
pub(crate) fn place(raw: &str, at: usize) -> usize {
    let delimiter = ["\"\"\"", "'''", "\"", "'"].into_iter().find(|it| raw.starts_with(it)).unwrap_or_default();
    let (mut from, escapes) = (delimiter.len(), delimiter.starts_with('"'));
    if delimiter.len() == 3 {
        // A line end right behind the quotes is not part of the text.
        from += ["\r\n", "\n"].into_iter().find(|it| raw[from..].starts_with(it)).map_or(0, str::len);
    }
    let mut text = 0;
    let mut rest = raw.get(from..).unwrap_or_default();
    while text < at {
        let Some(c) = rest.chars().next() else { break };
        let (written, stands_for) = match c {
            '\\' if escapes => escape(rest),
            '\r' if rest.starts_with("\r\n") => (2, 1),
            c => (c.len_utf8(), c.len_utf8()),
        };
        text += stands_for;
        from += written;
        rest = &rest[written.min(rest.len())..];
    }
    from.min(raw.len())
}

/// How many bytes an escape takes, and how many bytes it stands for.
fn escape(rest: &str) -> (usize, usize) {
    let code = |digits: usize| {
        let character =
            rest.get(2..2 + digits).and_then(|it| u32::from_str_radix(it, 16).ok()).and_then(char::from_u32);
        (2 + digits, character.map_or(0, char::len_utf8))
    };
    match rest[1..].chars().next() {
        Some('u') => code(4),
        Some('U') => code(8),
        Some('x') => code(2),
        // A backslash at the end of a line takes all white space behind it with it.
        Some(it) if it.is_whitespace() => (rest.len() - rest[1..].trim_start().len(), 0),
        Some(it) => (1 + it.len_utf8(), 1),
        None => (1, 0),
    }
}

#[cfg(test)]
mod tests {
    use super::place;

    #[test]
    fn every_byte_of_a_text_has_its_place_in_the_file() {
        let check = |raw: &str, at: usize, expected: &str| {
            let place = place(raw, at);
            assert!(raw[place..].starts_with(expected), "{raw:?} {at}: {:?}", &raw[place..]);
        };
        check("\"abc\"", 1, "bc");
        check("'a\\bc'", 2, "bc");
        check("\"\"\"\nabc\"\"\"", 0, "abc");
        check("\"\"\"abc\"\"\"", 2, "c");
        check("'''\r\nab\nc'''", 3, "c");
        check("\"a\\tb\\u00e9c\"", 2, "b\\u");
        check("\"a\\tb\\u00e9c\"", 5, "c");
        check("\"a\\tb\\U0001F600c\"", 7, "c");
        check("\"\"\"\na \\\n   b\"\"\"", 2, "\\\n   b");
        check("\"\"\"\na \\\n   b\"\"\"", 3, "\"\"\"");
        check("\"\"\"\na\r\nb\"\"\"", 2, "b");
        check("\"é\\\"x\"", 3, "x");
        check("\"abc\"", 99, "");
    }

    #[test]
    fn places_grow_with_the_text_they_stand_for() {
        proptest::proptest!(|(text in "\\PC{0,20}")| {
            let raw = toml_edit::Value::from(text.as_str()).to_string();
            let places: Vec<usize> = text.char_indices().map(|(at, _)| place(&raw, at)).collect();
            proptest::prop_assert!(places.is_sorted(), "{raw} {places:?}");
            let read: toml::Table = format!("x = {raw}").parse().expect("TOML");
            proptest::prop_assert_eq!(read["x"].as_str(), Some(text.as_str()));
            for ((at, c), place) in text.char_indices().zip(&places) {
                let plain = raw[*place..].starts_with(c) || raw[*place..].starts_with('\\');
                proptest::prop_assert!(plain, "{} at {}", raw, at);
            }
        });
    }
}
