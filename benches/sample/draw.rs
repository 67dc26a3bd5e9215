//! Where chance comes from: everything is a function of the seed, so the same arguments give the same bytes.
//!
//! `Draw` answers independent questions, `Wheel` spreads kinds evenly (a kind of 2 % is met in any 100 turns, not
//! only on average), `Shuffle` is a permutation that needs no memory. No clock, no system entropy, no crate.

/// The finaliser of splitmix64 (Steele, Lea, Flood 2014).
fn mixed(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

/// A stream of numbers that belongs to one question: the seed, and what the question is about.
#[derive(Debug, Clone)]
pub struct Draw(u64);

impl Draw {
    /// The stream for one subject; different subjects give unrelated streams.
    pub fn new(seed: u64, subject: &[u64]) -> Self {
        Draw(subject.iter().fold(mixed(seed ^ 0x5eed), |state, it| mixed(state.rotate_left(17) ^ mixed(*it))))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mixed(self.0)
    }

    /// A number from 0 up to, and without, `bound`; 0 if `bound` is 0.
    pub fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.next()) * bound as u128) >> 64) as usize
    }

    /// True in this many of a thousand cases.
    pub fn chance(&mut self, per_mille: usize) -> bool {
        self.below(1000) < per_mille
    }

    /// One of these; the list is never empty.
    pub fn pick<'a, T: ?Sized>(&mut self, list: &[&'a T]) -> &'a T {
        list[self.below(list.len())]
    }
}

/// Chooses by weight with low discrepancy: an additive recurrence with the fraction of a square root.
#[derive(Debug, Clone)]
pub struct Wheel {
    position: u64,
    step: u64,
}

/// Square-free numbers whose roots have small partial quotients, one for each wheel in use.
const ROOTS: [f64; 12] = [5.0, 2.0, 13.0, 3.0, 21.0, 29.0, 7.0, 53.0, 10.0, 17.0, 85.0, 26.0];

impl Wheel {
    /// The wheel of one column; `number` sets its speed, the draw where it starts.
    pub fn new(draw: &mut Draw, number: usize) -> Self {
        let fraction = ROOTS[number % ROOTS.len()].sqrt().fract();
        let step = (fraction * 2f64.powi(53)) as u64;
        Wheel { position: draw.next(), step: (step << 11) | 1 }
    }

    fn turn(&mut self, bound: u64) -> u64 {
        self.position = self.position.wrapping_add(self.step);
        ((u128::from(self.position) * u128::from(bound)) >> 64) as u64
    }

    /// True in this many of a thousand turns.
    pub fn chance(&mut self, per_mille: u64) -> bool {
        self.turn(1000) < per_mille
    }

    /// The entry the wheel stops at; weights are of any sum, and the list is never empty.
    pub fn pick<T: Copy>(&mut self, rates: &[(u64, T)]) -> T {
        let mut stop = self.turn(rates.iter().map(|(weight, _)| weight).sum());
        for (weight, item) in rates {
            match stop.checked_sub(*weight) {
                Some(rest) => stop = rest,
                None => return *item,
            }
        }
        rates[rates.len() - 1].1
    }
}

/// A permutation of `0..size`: a Feistel network that walks until it is back inside.
#[derive(Debug, Clone)]
pub struct Shuffle {
    size: u64,
    half: u32,
    keys: [u64; 4],
}

impl Shuffle {
    /// A permutation of this many numbers.
    pub fn new(size: u64, draw: &mut Draw) -> Self {
        let bits = 64 - size.saturating_sub(1).leading_zeros();
        Shuffle { size, half: bits.div_ceil(2).max(1), keys: [draw.next(), draw.next(), draw.next(), draw.next()] }
    }

    /// Where this number goes.
    pub fn at(&self, number: u64) -> u64 {
        let mask = (1 << self.half) - 1;
        let mut value = number;
        loop {
            let (mut left, mut right) = (value >> self.half, value & mask);
            for key in self.keys {
                (left, right) = (right, left ^ (mixed(right ^ key) & mask));
            }
            value = (left << self.half) | right;
            if value < self.size {
                return value;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shuffle_is_a_permutation() {
        for size in [1, 2, 3, 10, 257, 1000] {
            let shuffle = Shuffle::new(size, &mut Draw::new(3, &[size]));
            let mut seen: Vec<u64> = (0..size).map(|it| shuffle.at(it)).collect();
            seen.sort_unstable();
            assert_eq!(seen, (0..size).collect::<Vec<_>>(), "of {size}");
        }
    }

    #[test]
    fn a_wheel_meets_rare_kinds_early() {
        for number in 0..ROOTS.len() {
            let mut wheel = Wheel::new(&mut Draw::new(1, &[number as u64]), number);
            let met = (0..1000).filter(|_| wheel.pick(&[(980, false), (20, true)])).count();
            assert!((14..=26).contains(&met), "wheel {number} met {met} of 20");
        }
    }
}
