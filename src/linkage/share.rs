//! A share that was counted, and how far the truth may lie from it.

use serde::{Deserialize, Serialize};

/// The normal deviate of an interval that holds the truth in 95 of 100 cases.
const DEVIATE: f64 = 1.96;

/// A share, and the interval after Wilson in which it lies in 95 of 100 cases.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Share {
    /// Of so many.
    pub of: u64,
    /// The share; nothing where there is nothing to count.
    pub share: Option<f64>,
    /// The lower end.
    pub from: f64,
    /// The upper end.
    pub to: f64,
}

impl Share {
    /// So many of so many: the interval of Wilson (1927). Expected numbers need not be whole.
    pub fn wilson(hits: f64, of: u64) -> Share {
        if of == 0 {
            return Share { of, share: None, from: 0.0, to: 1.0 };
        }
        let (n, z) = (of as f64, DEVIATE);
        let p = (hits / n).clamp(0.0, 1.0);
        let middle = (p + z * z / (2.0 * n)) / (1.0 + z * z / n);
        let half = z / (1.0 + z * z / n) * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
        Share { of, share: Some(p), from: (middle - half).clamp(0.0, 1.0), to: (middle + half).clamp(0.0, 1.0) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_those_of_wilson() {
        let near = |it: f64, expected: f64| assert!((it - expected).abs() < 1e-4, "{it} {expected}");
        let share = Share::wilson(8.0, 10);
        near(share.from, 0.4902);
        near(share.to, 0.9433);
        assert_eq!(Share::wilson(0.0, 0).share, None);
        let all = Share::wilson(10.0, 10);
        near(all.from, 0.7225);
        near(all.to, 1.0);
    }
}
