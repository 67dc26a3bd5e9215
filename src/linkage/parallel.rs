//! Work that is divided among threads and put together in its own order, so that nobody sees how many there were.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::threads;

/// Calls `act` for each part of `0..count`, of `part` items each, and gives the results in the order of the parts.
///
/// Where no thread is to be had, this one does it all.
pub(super) fn parts<T: Send>(
    threads_at_most: usize,
    count: usize,
    part: usize,
    act: impl Fn(Range<usize>) -> T + Sync,
) -> Vec<T> {
    let part = part.max(1);
    let tasks = count.div_ceil(part);
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<Option<T>>> = Mutex::new((0..tasks).map(|_| None).collect());
    let work = || {
        loop {
            let task = next.fetch_add(1, Ordering::Relaxed);
            if task >= tasks {
                return;
            }
            let made = act(task * part..((task + 1) * part).min(count));
            done.lock().unwrap_or_else(PoisonError::into_inner)[task] = Some(made);
        }
    };
    let helpers = threads_at_most.clamp(1, threads::MOST).min(tasks.max(1)) - 1;
    std::thread::scope(|scope| {
        for _ in 0..helpers {
            if threads::scoped(scope, work).is_err() {
                break;
            }
        }
        work();
    });
    done.into_inner().unwrap_or_else(PoisonError::into_inner).into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::parts;

    #[test]
    fn results_come_in_the_order_of_the_parts() {
        let expected: Vec<usize> = (0..1000).map(|it| it * it).collect();
        for threads in [1, 2, 8] {
            let made = parts(threads, 1000, 7, |range| range.map(|it| it * it).collect::<Vec<_>>());
            assert_eq!(made.concat(), expected);
        }
        assert!(parts(4, 0, 10, |range| range.len()).is_empty());
    }
}
