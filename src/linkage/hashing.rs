//! Keys of values as hashes that are the same everywhere.

/// Keys that one value has at most in one form.
pub(super) const MOST_KEYS: usize = 3;
/// The keys of one value in one form; 0 = none.
pub(super) type Hashes = [u64; MOST_KEYS];

/// A hash that is the same everywhere; never 0.
pub(super) fn hash(bytes: &[u8]) -> u64 {
    let mut acc = 0xcbf2_9ce4_8422_2325_u64;
    for byte in bytes {
        acc = (acc ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    mix(acc, bytes.len() as u64)
}

pub(super) fn mix(one: u64, other: u64) -> u64 {
    let mut acc = one ^ other.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    acc = (acc ^ acc >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    acc = (acc ^ acc >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    (acc ^ acc >> 31).max(1)
}
