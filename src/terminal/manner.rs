//! In which manner is answered: for people or programs, in colour or without, with less or more.

use std::io::{self, IsTerminal};

use terminal_size::{Height, Width, terminal_size_of};

use crate::show::Style;

/// When colours are used.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum When {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// In which manner is answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Manner {
    /// Programs read stdout.
    pub json: bool,
    /// When colours are used.
    pub color: When,
    /// Less is wanted.
    pub quiet: bool,
    /// More is wanted.
    pub verbose: bool,
}

impl Manner {
    /// How stdout is to look.
    pub fn of_stdout(self) -> Style {
        self.style(io::stdout().is_terminal(), terminal_size_of(io::stdout()))
    }

    /// How stderr is to look.
    pub fn of_stderr(self) -> Style {
        self.style(io::stderr().is_terminal(), terminal_size_of(io::stderr()))
    }

    fn style(self, terminal: bool, size: Option<(Width, Height)>) -> Style {
        // https://no-color.org: any value but the empty one.
        let no_color = std::env::var_os("NO_COLOR").is_some_and(|it| !it.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|it| it == "dumb");
        let colour = match self.color {
            When::Always => true,
            When::Never => false,
            When::Auto => terminal && !no_color && !dumb,
        };
        let width = size.map(|(width, _)| usize::from(width.0)).filter(|it| *it >= 40);
        Style { colour, terminal: terminal && !dumb, width: width.unwrap_or(Style::PLAIN.width) }
    }
}
