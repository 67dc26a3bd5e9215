//! Text from outside, made fit for a terminal: no control characters, no changes of direction, no endless lines.
//!
//! What cannot be shown is written as it would stand in Rust or JSON (`\n`, `\u{1b}`), never left out: a cell that
//! holds an escape sequence is told apart from one that does not.

/// The longest message, label or help that is shown, in characters.
const LONGEST_LINE: usize = 2_000;

/// Whether a terminal might act on the character, or hide it, rather than show it.
pub fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{feff}'
            | '\u{200b}' | '\u{200e}' | '\u{200f}'
            // Embeddings, overrides and isolates: Unicode Standard Annex 9.
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{fff9}'..='\u{fffb}'
            // Tags spell hidden text.
            | '\u{e0000}'..='\u{e0fff}')
}

/// A cell of a table: at most `width` characters, the last one `…` when more were there.
pub fn cell(text: &str, width: usize) -> String {
    escaped(text, width, |c| match c {
        '\n' => Some("\\n"),
        '\r' => Some("\\r"),
        '\t' => Some("\\t"),
        _ => None,
    })
}

/// A message, label, help or name: on one line, cut when it is too long to be read.
pub fn line(text: &str) -> String {
    escaped(text, LONGEST_LINE, |c| matches!(c, '\n' | '\r' | '\t').then_some(" "))
}

/// Text or an attribute of XML and HTML: no markup; what a reader would act on or hide, and what XML cannot hold, is
/// shown by its number.
pub fn markup(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\t' => out.push(c),
            c if is_unsafe(c) || matches!(c, '\u{fffe}' | '\u{ffff}') => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
    }
    out
}

fn escaped(text: &str, width: usize, own: impl Fn(char) -> Option<&'static str>) -> String {
    let mut out = String::with_capacity(text.len().min(width));
    let mut left = width;
    let mut piece = String::new();
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        piece.clear();
        match own(c) {
            Some(it) => piece.push_str(it),
            None if is_unsafe(c) => piece.extend(c.escape_unicode()),
            None => piece.push(c),
        }
        let size = piece.chars().count();
        let needed = size + usize::from(rest.peek().is_some());
        if needed > left {
            if left > 0 {
                out.push('…');
            }
            return out;
        }
        left -= size;
        out.push_str(&piece);
    }
    out
}

/// One object of NDJSON with its line end: what a terminal would act on is escaped as JSON has it, so a program reads
/// the same text and a person who looks at it is safe.
pub fn json_line(value: &serde_json::Value) -> String {
    let text = value.to_string();
    let mut out = String::with_capacity(text.len() + 1);
    for c in text.chars() {
        if is_unsafe(c) {
            let mut units = [0; 2];
            c.encode_utf16(&mut units).iter().for_each(|it| out.push_str(&format!("\\u{it:04x}")));
        } else {
            out.push(c);
        }
    }
    out.push('\n');
    out
}

/// A line of a file with the same number of bytes, safe to show: places in it stay where they are.
pub(super) fn same_length(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c == '\t' || !is_unsafe(c) {
            out.push(c);
            continue;
        }
        out.push_str(match c.len_utf8() {
            1 => "?",
            2 => "¿",
            3 => "\u{fffd}",
            _ => "\u{fffd}?",
        });
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn nothing_reaches_the_terminal_but_text() {
        let check = |text: &str, width, expected: &str| assert_eq!(cell(text, width), expected);
        check("plain é 日本", 20, "plain é 日本");
        check("a\nb\tc", 20, "a\\nb\\tc");
        check("\u{1b}[31mred", 20, "\\u{1b}[31mred");
        check("\u{202e}evil", 20, "\\u{202e}evil");
        check("\u{9b}0m", 20, "\\u{9b}0m");
        check("abcdef", 6, "abcdef");
        check("abcdefg", 6, "abcde…");
        check("a\u{1b}b", 4, "a…");
        check("abc", 0, "");
        assert_eq!(line("two\nlines"), "two lines");
        assert_eq!(line(&"x".repeat(5_000)).chars().count(), LONGEST_LINE);
    }

    proptest! {
        #[test]
        fn cells_are_safe_and_never_too_wide(text in any::<String>(), width in 0..40_usize) {
            let shown = cell(&text, width);
            prop_assert!(shown.chars().count() <= width);
            prop_assert!(!shown.chars().any(is_unsafe));
        }

        #[test]
        fn json_lines_are_safe_and_mean_the_same(text in any::<String>()) {
            let value = serde_json::json!({ "text": format!("{text}\u{202e}\u{9b}\u{e0041}") });
            let line = json_line(&value);
            prop_assert!(!line.trim_end_matches('\n').chars().any(is_unsafe));
            prop_assert_eq!(serde_json::from_str::<serde_json::Value>(&line).ok(), Some(value));
        }

        #[test]
        fn places_in_a_line_stay_where_they_are(text in any::<String>()) {
            let shown = same_length(&text);
            prop_assert_eq!(shown.len(), text.len());
            prop_assert!(!shown.chars().any(|it| it != '\t' && is_unsafe(it)));
        }
    }
}
