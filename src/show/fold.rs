//! Lines that are longer than the screen, broken between words. Colours take no room.

use unicode_width::UnicodeWidthChar;

use crate::show::Style;

impl Style {
    /// The lines of a text, none of them wider than the screen of a terminal: what does not fit goes on in the next one,
    /// behind so many blanks. Elsewhere a line is as long as it is.
    pub fn fold(self, text: &str, indent: usize) -> String {
        if !self.terminal {
            return text.to_owned();
        }
        let mut out = String::with_capacity(text.len());
        for line in text.split_inclusive('\n') {
            fold(line, self.width.max(20), indent, &mut out);
        }
        out
    }
}

/// One line, with its end if it has one.
fn fold(line: &str, width: usize, indent: usize, out: &mut String) {
    let indent = indent.min(width / 2);
    let mut used = 0;
    let mut blank = true;
    for word in line.split_inclusive(' ') {
        let room = columns(word.trim_end_matches([' ', '\n']));
        if !blank && used + room > width {
            out.truncate(out.trim_end_matches(' ').len());
            out.push('\n');
            out.extend(std::iter::repeat_n(' ', indent));
            used = indent;
        }
        blank &= room == 0;
        out.push_str(word);
        used += columns(word);
    }
}

/// How many columns of the screen a text takes.
pub fn columns(text: &str) -> usize {
    let mut acc = 0;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\u{1b}' => _ = chars.by_ref().find(|it| it.is_ascii_alphabetic()),
            c => acc += c.width().unwrap_or(0),
        }
    }
    acc
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn look(width: usize) -> Style {
        Style { terminal: true, colour: false, width }
    }

    #[test]
    fn a_long_line_is_broken_between_words() {
        let check = |text: &str, width: usize, expected: &str| {
            assert_eq!(look(width).fold(text, 6), expected, "{width}");
        };
        let text = "     built  2 steps ran, 1 held in 4 ms\nand 3\n";
        check(text, 80, text);
        check(text, 39, text);
        check(text, 30, "     built  2 steps ran, 1\n      held in 4 ms\nand 3\n");
        check(text, 20, "     built  2 steps\n      ran, 1 held in\n      4 ms\nand 3\n");
        // Colours take no room, and what has no blank stays whole.
        check("\u{1b}[32mnineteen columns on\u{1b}[0m", 20, "\u{1b}[32mnineteen columns on\u{1b}[0m");
        check("nineteen-and-some-more-columns", 20, "nineteen-and-some-more-columns");
        assert_eq!(Style::PLAIN.fold(text, 6), text);
    }

    proptest! {
        #[test]
        fn no_word_is_lost(text in "[a-zé日 ]{0,200}", width in 20..80_usize) {
            let folded = look(width).fold(&text, 2);
            let words = |it: &str| it.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
            prop_assert_eq!(words(&folded), words(&text));
            for line in folded.lines().filter(|it| it.trim().contains(' ')) {
                prop_assert!(columns(line.trim_end()) <= width, "{:?}", line);
            }
        }
    }
}
