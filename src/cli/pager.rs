//! Long answers on a terminal go through a pager, as `git` and `man` do it: `less`, or what `PAGER` says.

use std::io::{self, IsTerminal, Write};
use std::process::{Command, Stdio};

use crate::cli::Answer;
use crate::cli::exit::Exit;

/// The pager where nothing is said: it ends by itself when all fits, shows colours, and leaves the screen as it is.
const USUAL: &str = "less -FRX";

impl Answer {
    /// Prints it as [`Answer::print`] does, through a pager where a person looks at more lines than the screen has.
    pub fn page(&self) -> io::Result<Exit> {
        let height = terminal_size::terminal_size_of(io::stdout()).map(|(_, it)| usize::from(it.0));
        let watched = io::stdout().is_terminal() && io::stdin().is_terminal();
        let said = std::env::var("HOTPASS_PAGER").or_else(|_| std::env::var("PAGER")).ok();
        let Some(words) = height.filter(|_| watched).and_then(|it| pager(&self.stdout, it, said.as_deref())) else {
            return self.print();
        };
        let shown = Answer { stdout: String::new(), ..self.clone() }.print()?;
        let [program, arguments @ ..] = words.as_slice() else { return self.print() };
        let Ok(mut child) = Command::new(program).args(arguments).stdin(Stdio::piped()).spawn() else {
            return Answer { stderr: String::new(), ..self.clone() }.print();
        };
        if let Some(mut stdin) = child.stdin.take() {
            // Who leaves a pager before its end wants no more.
            let _ = stdin.write_all(self.stdout.as_bytes());
        }
        child.wait()?;
        Ok(shown)
    }
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
