//! Ctrl-C: the first one stops what runs and keeps what is finished; the next one, or one that finds nothing to stop,
//! ends the program at once.

use crate::answers::build::Stop;
use crate::scratch::{self, SignalHook};
use crate::terminal::exit::Exit;

/// Lets Ctrl-C stop something, as long as the hook lives.
pub fn stoppable(stop: Stop) -> SignalHook {
    scratch::on_signal(stop)
}

/// Ends the process without waiting for anybody: what others do is not cleared up, and the next build does that.
pub fn end(exit: Exit) -> ! {
    scratch::end(i32::from(exit.code()))
}
