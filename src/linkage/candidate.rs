//! A candidate: two rows as one number.

/// A candidate: left row in the upper half, right row in the lower one; and the rules that found it.
pub(super) type Candidate = (u64, u64);

pub(super) fn pair(one: u32, other: u32) -> u64 {
    u64::from(one.min(other)) << 32 | u64::from(one.max(other))
}

/// The rows of a pair.
pub(super) fn rows(pair: u64) -> (u32, u32) {
    ((pair >> 32) as u32, pair as u32)
}
