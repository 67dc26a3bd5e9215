//! The numbers that the program ends with. Scripts rely on them; `cli.md` names them.

use std::process::ExitCode;

/// How the program ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Exit {
    /// Done, also when there was nothing to do.
    Done,
    /// The world failed: I/O, engine, out of space, locked.
    World,
    /// Refused: usage, problems in pipelines, input that cannot be read, a failed expectation.
    Refused,
    /// Not what was recorded.
    Different,
    /// Done, but with warnings or quarantined rows, and `--fail-on warn` was asked for.
    Warned,
    /// A bug in hotpass.
    Bug,
    /// Interrupted; everything finished before is kept.
    Interrupted,
}

impl Exit {
    /// The number.
    pub fn code(self) -> u8 {
        match self {
            Exit::Done => 0,
            Exit::World => 1,
            Exit::Refused => 2,
            Exit::Different => 3,
            Exit::Warned => 4,
            Exit::Bug => 101,
            Exit::Interrupted => 130,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit.code())
    }
}
