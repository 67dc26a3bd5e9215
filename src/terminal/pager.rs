//! Long answers on a terminal go through a pager, as `git` and `man` do it: `less`, or what `PAGER` says.

use std::io::{self, IsTerminal, Write};
use std::process::{Command, Stdio};

/// The pager where nothing is said: it ends by itself when all fits, shows colours, and leaves the screen as it is.
const USUAL: &str = "less -FRX";

/// Shows a text through a pager, where a person looks at more lines than the screen has; whether it did.
pub(super) fn shown(text: &str) -> io::Result<bool> {
    let height = terminal_size::terminal_size_of(io::stdout()).map(|(_, it)| usize::from(it.0));
    let watched = io::stdout().is_terminal() && io::stdin().is_terminal();
    let said = std::env::var("HOTPASS_PAGER").or_else(|_| std::env::var("PAGER")).ok();
    let words = height.filter(|_| watched).and_then(|it| pager(text, it, said.as_deref())).unwrap_or_default();
    let [program, arguments @ ..] = words.as_slice() else { return Ok(false) };
    let Ok(mut child) = Command::new(program).args(arguments).stdin(Stdio::piped()).spawn() else { return Ok(false) };
    if let Some(mut stdin) = child.stdin.take() {
        // Who leaves a pager before its end wants no more.
        let _ = stdin.write_all(text.as_bytes());
    }
    child.wait().map(|_| true)
}

/// The words that start a pager for a text, if it is longer than the screen and one is wanted. `cat` and nothing are none.
fn pager(text: &str, height: usize, said: Option<&str>) -> Option<Vec<String>> {
    let words: Vec<String> = said.unwrap_or(USUAL).split_whitespace().map(str::to_owned).collect();
    let wanted = words.first().is_some_and(|it| it != "cat");
    (wanted && text.lines().count() >= height).then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_go_through_a_pager_unless_none_is_wanted() {
        let lines = |count: usize| "x\n".repeat(count);
        let check = |count: usize, said: Option<&str>, expected: &[&str]| {
            assert_eq!(pager(&lines(count), 24, said).unwrap_or_default(), expected, "{count} {said:?}");
        };
        check(100, None, &["less", "-FRX"]);
        check(100, Some("more -d"), &["more", "-d"]);
        // The prompt of the shell takes a line too.
        check(24, None, &["less", "-FRX"]);
        check(23, None, &[]);
        check(100, Some("cat"), &[]);
        check(100, Some(""), &[]);
    }
}
