//! When to look after something was heard: soon after a single save, later in a storm, and never too late.

use std::time::{Duration, Instant};

/// Silence after which a save is taken for whole.
const PAUSE: Duration = Duration::from_millis(20);
/// The same in a storm, such as a checkout.
const STORM_PAUSE: Duration = Duration::from_millis(100);
/// So many events are a storm.
const STORM: usize = 64;
/// However much is heard: the longest that nothing is done.
const MOST: Duration = Duration::from_secs(1);

/// What was heard since everything was last looked at.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Quiet {
    heard: Option<(Instant, Instant, usize)>,
}

impl Quiet {
    pub(super) fn heard(&mut self, now: Instant) {
        self.heard = match self.heard {
            None => Some((now, now, 1)),
            Some((first, _, count)) => Some((first, now, count + 1)),
        };
    }

    /// When to look; `None` when nothing was heard.
    pub(super) fn due(&self) -> Option<Instant> {
        let (first, last, count) = self.heard?;
        let pause = if count >= STORM { STORM_PAUSE } else { PAUSE };
        Some((last + pause).min(first + MOST))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Events at these milliseconds; when to look, in milliseconds.
    fn check(events: impl IntoIterator<Item = u64>, expected: Option<u64>) {
        let begun = Instant::now();
        let mut quiet = Quiet::default();
        events.into_iter().for_each(|it| quiet.heard(begun + Duration::from_millis(it)));
        assert_eq!(quiet.due(), expected.map(|it| begun + Duration::from_millis(it)));
    }

    #[test]
    fn a_save_is_looked_at_soon_and_a_storm_once() {
        check([], None);
        check([0], Some(20));
        check([0, 1, 12], Some(32));
        check(0..64, Some(163));
        check(0..5000, Some(1000));
    }
}
