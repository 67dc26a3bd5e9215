//! Ctrl-C: the first one stops what runs and keeps what is finished; the next one, or one that finds nothing to stop,
//! ends the program at once.

use std::sync::Arc;

use crate::cli::exit::Exit;
use crate::scratch::{self, SignalHook};
use crate::store::backend::Cancel;
use crate::store::engine_cache::EngineCache;

/// Lets Ctrl-C stop something, as long as the answer lives.
pub fn stoppable(cancel: &Cancel, kept: Option<Arc<EngineCache>>) -> SignalHook {
    let cancel = cancel.clone();
    scratch::on_signal(move || {
        cancel.cancel();
        if let Some(kept) = &kept {
            kept.interrupt();
        }
    })
}

/// Ends the process without waiting for anybody: what others do is not cleared up, and the next build does that.
pub fn end(exit: Exit) -> ! {
    scratch::end(i32::from(exit.code()))
}
