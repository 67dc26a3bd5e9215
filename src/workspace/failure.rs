//! Why a question has no answer.

use crate::problem::Problem;
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
