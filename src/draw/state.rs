//! What is known about a table before it is built: a word, a colour and a mark for it, the same in all pictures.

use serde::Serialize;

/// What would become of a table in the next build.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It is made, and would be taken as it is.
    Reused,
    /// It would be made.
    WouldRun,
    /// It failed when it was last made.
    Failed,
    /// Nothing is known: what it needs is not made yet, or nobody looked.
    Unknown,
}

impl State {
    /// All, in the order of legends.
    pub const ALL: [State; 4] = [State::Reused, State::WouldRun, State::Failed, State::Unknown];

    /// How JSON spells it.
    pub fn name(self) -> &'static str {
        match self {
            State::Reused => "reused",
            State::WouldRun => "would_run",
            State::Failed => "failed",
            State::Unknown => "unknown",
        }
    }

    /// How people read it.
    pub fn words(self) -> &'static str {
        match self {
            State::Reused => "reused",
            State::WouldRun => "would run",
            State::Failed => "failed",
            State::Unknown => "not known",
        }
    }

    /// A mark that does not need colour.
    pub fn mark(self) -> &'static str {
        match self {
            State::Reused => "=",
            State::WouldRun => "+",
            State::Failed => "!",
            State::Unknown => "?",
        }
    }

    /// The dashes of its border in pictures.
    pub fn dashes(self) -> &'static str {
        match self {
            State::Reused | State::Failed => "",
            State::WouldRun => "7 4",
            State::Unknown => "2 3",
        }
    }

    /// Its fill and its line in pictures. Dark text on each fill has a contrast above 7:1.
    pub fn colours(self) -> (&'static str, &'static str) {
        match self {
            State::Reused => ("#e3f4e4", "#2a7d34"),
            State::WouldRun => ("#fff0cf", "#a86400"),
            State::Failed => ("#fde0df", "#b3201d"),
            State::Unknown => ("#f0f1f3", "#6a737d"),
        }
    }

    /// The same on a dark page, with light text.
    pub fn dark_colours(self) -> (&'static str, &'static str) {
        match self {
            State::Reused => ("#12361f", "#57ab5a"),
            State::WouldRun => ("#3d2e0a", "#d4a72c"),
            State::Failed => ("#4a1519", "#f47067"),
            State::Unknown => ("#1f242b", "#8b949e"),
        }
    }
}
