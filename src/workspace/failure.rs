//! Why a question has no answer.

use std::fmt::Display;

use crate::problem::Problem;
use crate::run::RunError;
use crate::store::backend::EngineError;

/// Why there is no answer.
#[derive(Debug)]
pub enum Failure {
    /// Something was asked for that is not there.
    Problem(Box<Problem>),
    /// The engine found no more memory.
    Memory,
    /// The world failed.
    World(String),
}

/// What an engine failed with.
pub fn failed(error: EngineError) -> Failure {
    match error {
        EngineError::Problem(problem) => Failure::Problem(problem),
        EngineError::Memory => Failure::Memory,
        other => Failure::World(other.to_string()),
    }
}

/// Why a command ends without an answer.
#[derive(Debug)]
pub enum Unanswered {
    /// There is work that this program cannot do: the engine must be started.
    NeedsEngine,
    /// Something is wrong with what was written or asked for; nothing is in here that was told already.
    Refused(Vec<Problem>),
    /// The world failed.
    World(String),
}

impl Unanswered {
    /// The world failed.
    pub fn world(error: &dyn Display) -> Unanswered {
        Unanswered::World(error.to_string())
    }
}

impl From<Box<Problem>> for Unanswered {
    fn from(problem: Box<Problem>) -> Unanswered {
        Unanswered::Refused(vec![*problem])
    }
}

impl From<Problem> for Unanswered {
    fn from(problem: Problem) -> Unanswered {
        Unanswered::Refused(vec![problem])
    }
}

impl From<std::io::Error> for Unanswered {
    fn from(error: std::io::Error) -> Unanswered {
        Unanswered::world(&error)
    }
}

impl From<RunError> for Unanswered {
    fn from(error: RunError) -> Unanswered {
        match error {
            RunError::NeedsEngine => Unanswered::NeedsEngine,
            RunError::Interrupted => Unanswered::World(error.to_string()),
            RunError::World(reason) => Unanswered::World(reason),
        }
    }
}

impl From<Failure> for Unanswered {
    fn from(failure: Failure) -> Unanswered {
        match failure {
            Failure::Problem(problem) => problem.into(),
            Failure::Memory => Unanswered::world(&EngineError::Memory),
            Failure::World(reason) => Unanswered::World(reason),
        }
    }
}
