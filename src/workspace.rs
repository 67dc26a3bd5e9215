//! What every question about a workspace begins with: which folder it is, its plan, the words that select a part of it,
//! and what git knows of it.
//!
//! Nothing here writes to a stream: what is noted on the way goes to a [`session::Listener`].

pub(crate) mod edit;
pub mod failure;
pub mod git;
pub mod looking;
pub mod lookup;
pub mod moves;
pub(crate) mod options;
pub mod planning;
pub mod programs;
pub mod root;
pub mod selectors;
pub mod session;
#[cfg(test)]
pub(crate) mod test_plan;
#[cfg(test)]
pub(crate) mod test_world;
