//! Text from outside, made fit for what it is shown in: one function for each medium, and nothing else writes there.
//!
//! A terminal, and the log of a CI job, which is the same stream: [`cell`] and [`line()`]. GitHub's annotations:
//! [`annotation`] and [`property`]. Markdown: [`markdown`]. XML, HTML and SVG: [`markup`]. Lines of JSON: [`json_line`].
//! Messages in SARIF: [`sarif`]. Pictures as text: [`mermaid`] and [`dot`]. Nothing that comes out has control characters,
//! changes of direction or endless lines.
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

/// The text of an annotation of GitHub's: its lines, each made safe, with line ends as its commands have them.
pub fn annotation(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(|it| line(it).replace('%', "%25")).collect();
    lines.join("%0A")
}

/// A property of a command of GitHub's.
pub fn property(text: &str) -> String {
    line(text).replace('%', "%25").replace(':', "%3A").replace(',', "%2C")
}

/// A text on one line of Markdown, in a cell of a table or elsewhere: nothing in it is a mark, a link or a picture, but
/// that names between backticks stay names.
pub fn markdown(text: &str) -> String {
    let text = line(text);
    let parts: Vec<&str> = text.split('`').collect();
    let mut out = String::with_capacity(text.len() + 8);
    for (at, part) in parts.iter().enumerate() {
        let plain = |it: char| it.is_alphanumeric() || "._-/ ,".contains(it);
        let named = at % 2 == 1 && at + 1 < parts.len();
        if named && !part.trim().is_empty() && part.chars().all(plain) {
            out.push_str(&format!("`{part}`"));
            continue;
        }
        let quote = if named { "\\`" } else { "" };
        let open = if at % 2 == 1 && !named { "\\`" } else { "" };
        out.push_str(&format!("{quote}{open}{}{quote}", inert(part)));
    }
    out
}

/// Text of Markdown without a mark. What becomes a link by itself does not when a comment stands in it.
fn inert(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for (at, c) in text.char_indices() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '@' => out.push_str("<!---->@"),
            '.' if text[..at].to_ascii_lowercase().ends_with("www") => out.push_str("<!---->."),
            ':' if text[at + 1..].starts_with('/') => out.push_str(":<!---->"),
            c if c.is_ascii_punctuation() && !".,;:?/'\"%=-".contains(c) => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

/// A message in SARIF, whose readers take what stands between square brackets for links.
pub fn sarif(text: &str) -> String {
    line(text).replace('\\', "\\\\").replace('[', "\\[").replace(']', "\\]")
}

/// A label of Mermaid, which reads entities such as `#quot;` in texts between quotes, and Markdown between backticks.
pub fn mermaid(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in line(text).chars() {
        match c {
            '"' => out.push_str("#quot;"),
            '<' => out.push_str("#lt;"),
            c if c.is_ascii_alphanumeric() || !c.is_ascii() || " .,_-+()/:=".contains(c) => out.push(c),
            c => out.push_str(&format!("#{};", u32::from(c))),
        }
    }
    out
}

/// A label of Graphviz.
pub fn dot(text: &str) -> String {
    line(text).replace('\\', "\\\\").replace('"', "\\\"")
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
    let mut before = [' ', ' '];
    while let Some(c) = rest.next() {
        piece.clear();
        let commands = is_command(before, c, rest.peek().copied());
        before = [before[1], c];
        match own(c) {
            Some(it) => piece.push_str(it),
            None if commands => piece.extend(c.escape_unicode()),
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

/// Whether a log of GitHub's takes what begins here for a command: `::set-output` where a line may begin, and `##[` at
/// any place. `before` are the two characters before `c`.
fn is_command(before: [char; 2], c: char, next: Option<char>) -> bool {
    let begins = !before[1].is_alphanumeric() && before[1] != ':' && !before[1].is_ascii_punctuation();
    match c {
        ':' => begins && next == Some(':'),
        '[' => before == ['#', '#'],
        _ => false,
    }
}

/// One object of NDJSON with its line end: what a terminal would act on is escaped as JSON has it, so a program reads
/// the same text and a person who looks at it is safe.
pub fn json_line(value: &serde_json::Value) -> String {
    json(&value.to_string())
}

/// The same over several lines, indented.
pub fn json_lines(value: &serde_json::Value) -> String {
    json(&format!("{value:#}"))
}

fn json(text: &str) -> String {
    // Stands in texts alone, where it means the same.
    let text = text.replace("##[", "##\\u005b");
    let mut out = String::with_capacity(text.len() + 1);
    for c in text.chars() {
        if is_unsafe(c) && c != '\n' {
            let mut units = [0; 2];
            c.encode_utf16(&mut units).iter().for_each(|it| out.push_str(&format!("\\u{it:04x}")));
        } else {
            out.push(c);
        }
    }
    out.push('\n');
    out
}

/// A text in a form of its own, such as CSV, where a terminal shows it and no program reads it: its lines, without what
/// the terminal would act on.
pub fn screen(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\n' | '\t' => out.push(c),
            '\r' if rest.peek() == Some(&'\n') => (),
            c if is_unsafe(c) => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
    }
    out
}

/// The same, of a text in which colours and weights are ours and stay.
pub fn coloured_screen(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("\u{1b}[") {
        let (before, code) = rest.split_at(at);
        let length = code[2..].find(|it: char| !it.is_ascii_digit() && it != ';').map(|it| it + 3);
        let own = length.and_then(|it| code.get(..it)).filter(|it| it.ends_with('m'));
        out.push_str(&screen(before));
        match own {
            Some(own) => out.push_str(own),
            None => out.push_str(&screen("\u{1b}[")),
        }
        rest = &code[own.map_or(2, str::len)..];
    }
    out + &screen(rest)
}

/// A line of a file with the same number of bytes, safe to show: places in it stay where they are.
pub fn same_length(text: &str) -> String {
    let text = text.replace("##[", "##(");
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

    /// What harms somewhere: a terminal, a log, a page, a parser.
    const DANGEROUS: [&str; 24] = [
        "\u{1b}[31mred",
        "\u{9b}0m",
        "\u{1b}]8;;http://evil.example\u{7}link",
        "\u{7}",
        "a\rb",
        "a\0b",
        "\u{202e}evil",
        "\u{2066}evil",
        "a\u{200b}b",
        "::set-output name=x::y",
        "  ::error::x",
        "a\n::error::x",
        "a ##[add-mask]x",
        "100%0A::error::x",
        "![x](http://evil.example)",
        "[x](javascript:alert)",
        "<http://evil.example>",
        "see http://evil.example and www.evil.example or a@evil.example",
        "<script>alert(1)</script>",
        "</svg></style>",
        "]]>",
        "a|b`c`**d**",
        "@import url(x)",
        "&lt;img src=x&gt;\"'",
    ];

    #[test]
    fn no_medium_shows_what_is_dangerous() {
        for text in DANGEROUS {
            for (medium, shown) in [
                ("cell", cell(text, 200)),
                ("line", line(text)),
                ("annotation", annotation(text)),
                ("property", property(text)),
                ("markdown", markdown(text)),
                ("markup", markup(text).replace(['\n', '\t'], " ")),
                ("sarif", sarif(text)),
                ("mermaid", mermaid(text)),
                ("dot", dot(text)),
                ("json", json_line(&serde_json::json!(text)).trim_end().to_owned()),
            ] {
                assert!(!shown.chars().any(is_unsafe), "{medium}: {shown:?}");
                assert!(!shown.contains("##[") || medium == "markup", "{medium}: {shown:?}");
                // Where a line may begin: at the text, and where it is wrapped.
                let log = ["cell", "line", "annotation", "property"].contains(&medium);
                let command = shown.split([' ', '\n']).any(|it| it.starts_with("::"));
                assert!(!log || !command, "{medium}: {shown:?}");
            }
            let shown = markup(text);
            assert!(!shown.contains(['<', '>', '"', '\'']), "{shown}");
            let shown = markdown(text);
            let plain = shown.replace("<!---->", "");
            assert!(!plain.contains(['<', '>', '\n']), "{shown}");
            for link in ["](", "![", "http://", "www.evil", "a@evil"] {
                assert!(!shown.contains(link), "{shown}");
            }
            let unescaped = |c: char| {
                plain
                    .replace("\\\\", "")
                    .match_indices(c)
                    .any(|(at, _)| !plain.replace("\\\\", "")[..at].ends_with('\\'))
            };
            for mark in ['|', '*', '[', '_', '#'] {
                assert!(!unescaped(mark), "{mark} in {shown}");
            }
            let shown = mermaid(text);
            assert!(!shown.contains(['"', '<', '>', '`', '[', ']', '|']), "{shown}");
        }
        assert_eq!(line("hotpass::a::b and ::1 beside"), "hotpass::a::b and \\u{3a}:1 beside");
        assert_eq!(annotation("a\nb %"), "a%0Ab %25");
        assert_eq!(markdown("`a_b.c` is 1.5: b"), "`a_b.c` is 1.5: b");
        assert_eq!(markdown("`a` and `<b>` and `c"), "`a` and \\`&lt;b&gt;\\` and \\`c");
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
            prop_assert_eq!(shown.len(), text.len(), "{}", text);
            prop_assert!(!shown.chars().any(|it| it != '\t' && is_unsafe(it)));
        }
    }
}
