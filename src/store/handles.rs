//! What stops the statements that run: an engine may serve many builds, so that closed connections are forgotten.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use duckdb::InterruptHandle;

/// Of all open connections of an instance, or of those that work for one worker.
#[derive(Default)]
pub(super) struct Handles {
    all: Mutex<Vec<Weak<InterruptHandle>>>,
    times: AtomicU64,
}

impl Handles {
    pub(super) fn add(&self, handle: Arc<InterruptHandle>) {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|it| it.strong_count() > 0);
        all.push(Arc::downgrade(&handle));
    }

    pub(super) fn remove(&self, handle: &Arc<InterruptHandle>) {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|it| !std::ptr::eq(it.as_ptr(), Arc::as_ptr(handle)));
    }

    pub(super) fn interrupt(&self) {
        self.times.fetch_add(1, Ordering::SeqCst);
        let all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter().filter_map(Weak::upgrade).for_each(|it| it.interrupt());
    }

    /// How often all of them were interrupted: for what runs and is no statement.
    pub(super) fn times(&self) -> u64 {
        self.times.load(Ordering::SeqCst)
    }
}
