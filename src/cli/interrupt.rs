//! Ctrl-C: the first one stops what runs and keeps what is finished; the next one, or one that finds nothing to stop,
//! ends the program at once.

use std::sync::{Arc, Mutex, Once, PoisonError};

use crate::cli::exit::Exit;
use crate::store::kept::Kept;
use crate::store::workshop::Cancel;

/// Everything that can be stopped now: a process may build more than once.
static RUNNING: Mutex<Vec<(Cancel, Option<Arc<Kept>>)>> = Mutex::new(Vec::new());

/// As long as it lives, Ctrl-C stops what it was made for.
#[derive(Debug)]
pub struct Stoppable(());

/// Lets Ctrl-C stop something.
pub fn stoppable(cancel: &Cancel, kept: Option<Arc<Kept>>) -> Stoppable {
    static HANDLER: Once = Once::new();
    // Where the system gives no handler, Ctrl-C ends the program as it ends any other.
    HANDLER.call_once(|| drop(ctrlc::set_handler(stop)));
    running().push((cancel.clone(), kept));
    Stoppable(())
}

impl Drop for Stoppable {
    fn drop(&mut self) {
        // What was begun last ends first.
        running().pop();
    }
}

fn running() -> std::sync::MutexGuard<'static, Vec<(Cancel, Option<Arc<Kept>>)>> {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

fn stop() {
    let running = running().clone();
    if running.iter().all(|(cancel, _)| cancel.is_cancelled()) {
        end(Exit::Interrupted);
    }
    for (cancel, kept) in running {
        cancel.cancel();
        if let Some(kept) = kept {
            kept.interrupt();
        }
    }
}

/// Ends the process without waiting for anybody: what others do is not cleared up, and the next build does that.
pub fn end(exit: Exit) -> ! {
    #[cfg(unix)]
    signal_hook::low_level::exit(i32::from(exit.code()));
    #[cfg(not(unix))]
    std::process::exit(i32::from(exit.code()))
}
