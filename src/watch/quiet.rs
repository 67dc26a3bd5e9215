//! When to look after something was heard: soon after a single save, later in a storm, and never too late.

use std::time::{Duration, Instant};

/// Silence after which a save is taken for whole.
const PAUSE: Duration = Duration::from_millis(20);
/// The same when what was heard last was that a file was closed or renamed to its name: it is whole, and only others
/// that are saved with it may follow.
const WHOLE_PAUSE: Duration = Duration::from_millis(4);
/// The same in a storm, such as a checkout.
const STORM_PAUSE: Duration = Duration::from_millis(100);
/// So many events are a storm.
const STORM: usize = 64;
/// However much is heard: the longest that nothing is done.
const MOST: Duration = Duration::from_secs(1);

/// What was heard since everything was last looked at.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Quiet {
    heard: Option<Heard>,
}

#[derive(Clone, Copy, Debug)]
struct Heard {
    first: Instant,
    last: Instant,
    count: usize,
    /// Whether the last was the end of a save.
    whole: bool,
}

impl Quiet {
    /// Something was heard; `whole` when it was the end of a save.
    pub(super) fn heard(&mut self, now: Instant, whole: bool) {
        let (first, count) = self.heard.map_or((now, 0), |it| (it.first, it.count));
        self.heard = Some(Heard { first, last: now, count: count + 1, whole });
    }

    /// When to look; `None` when nothing was heard.
    pub(super) fn due(&self) -> Option<Instant> {
        let Heard { first, last, count, whole } = self.heard?;
        let pause = match () {
            () if count >= STORM => STORM_PAUSE,
            () if whole => WHOLE_PAUSE,
            () => PAUSE,
        };
        Some((last + pause).min(first + MOST))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Events at these milliseconds, the last of them the end of a save or not; when to look, in milliseconds.
    fn check_last(events: impl IntoIterator<Item = u64>, whole: bool, expected: Option<u64>) {
        let begun = Instant::now();
        let mut quiet = Quiet::default();
        events.into_iter().for_each(|it| quiet.heard(begun + Duration::from_millis(it), whole));
        assert_eq!(quiet.due(), expected.map(|it| begun + Duration::from_millis(it)));
    }

    fn check(events: impl IntoIterator<Item = u64>, expected: Option<u64>) {
        check_last(events, false, expected);
    }

    #[test]
    fn a_save_is_looked_at_soon_and_a_storm_once() {
        check([], None);
        check([0], Some(20));
        check([0, 1, 12], Some(32));
        check(0..64, Some(163));
        check(0..5000, Some(1000));
        check_last([0, 1, 2], true, Some(6));
        check_last(0..64, true, Some(163));
    }
}
