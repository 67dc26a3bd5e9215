//! Ctrl-C: the first one stops what runs and keeps what is finished; the next one, or one that finds nothing to stop,
//! ends the program at once.

use crate::answers::build::{Audience, Stop};
use crate::run::event::{Event, EventSink};
use crate::scratch::{self, SignalHook};
use crate::terminal::exit::Exit;

/// Lets Ctrl-C stop something, as long as the hook lives.
pub fn stoppable(stop: Stop) -> SignalHook {
    scratch::on_signal(stop)
}

/// A sink for what Ctrl-C stops.
pub struct Stoppable<S>(pub S);

impl<S: EventSink> EventSink for Stoppable<S> {
    fn take(&self, event: &Event<'_>) {
        self.0.take(event);
    }
}

impl<S: EventSink> Audience for Stoppable<S> {
    fn stoppable(&self, stop: Stop) -> Option<SignalHook> {
        Some(stoppable(stop))
    }
}

/// Ends the process without waiting for anybody: what others do is not cleared up, and the next build does that.
pub fn end(exit: Exit) -> ! {
    scratch::end(i32::from(exit.code()))
}
