//! What an operator asks while it runs: whether to go on, and whether it may keep more in memory.
//!
//! The engine keeps its tables in a part of what the program may take; operators together have the rest. What they do not
//! tell is found by the warden, who looks at the memory of the whole program.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{DuckWorker, Share, Shared};
use crate::relation::operator::{OperatorError, Room};
use crate::store::handles::Handles;

/// Of one run of an operator.
pub(super) struct Kept {
    shared: Arc<Shared>,
    running: Arc<Handles>,
    /// How often the engine had been interrupted when the worker came, and the worker when the operator began.
    since: (u64, u64),
    /// How much all operators may keep.
    most: Option<u64>,
    /// How much this one keeps.
    bytes: AtomicU64,
}

impl Kept {
    /// Nothing is kept yet. `whole` is for the one that may take all memory there is.
    pub(super) fn none(worker: &DuckWorker, whole: bool) -> Kept {
        let share = if whole { Share::Whole } else { Share::Engine };
        Kept {
            shared: Arc::clone(&worker.shared),
            running: Arc::clone(&worker.running),
            since: (worker.since, worker.running.times()),
            most: worker.shared.memory.map(|it| share.of(it)),
            bytes: AtomicU64::new(0),
        }
    }
}

impl Room for Kept {
    fn go_on(&self) -> Result<(), OperatorError> {
        let now = (self.shared.handles.times(), self.running.times());
        if now == self.since { Ok(()) } else { Err(OperatorError::Stopped) }
    }

    fn keep(&self, bytes: usize) -> Result<(), OperatorError> {
        let bytes = bytes as u64;
        let kept = self.shared.kept.fetch_add(bytes, Ordering::SeqCst).saturating_add(bytes);
        if self.most.is_some_and(|it| kept > it) {
            self.shared.kept.fetch_sub(bytes, Ordering::SeqCst);
            return Err(OperatorError::Memory);
        }
        self.bytes.fetch_add(bytes, Ordering::SeqCst);
        Ok(())
    }

    fn threads(&self) -> usize {
        self.shared.threads
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.shared.kept.fetch_sub(*self.bytes.get_mut(), Ordering::SeqCst);
    }
}
