//! The colours of states on a terminal.

pub use crate::draw::State;
use crate::show::Paint;

/// The colour of a state on a terminal.
pub fn paint(state: State) -> Paint {
    match state {
        State::Reused => Paint::Good,
        State::WouldRun => Paint::Warn,
        State::Failed => Paint::Bad,
        State::Unknown => Paint::Dim,
    }
}
