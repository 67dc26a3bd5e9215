//! The band in which a number is expected, learnt from those of earlier builds.
//!
//! The band is the median of the earlier numbers, as far to both sides as so many times their spread. The spread is the
//! median absolute deviation times 1.4826, which makes it the standard deviation where numbers are normal; where more
//! than half of the numbers are the same it is 0, and the mean absolute deviation times 1.2533 stands for it. This is
//! the modified z-score of Iglewicz and Hoaglin (*How to Detect and Handle Outliers*, ASQC, 1993), who call a number an
//! outlier from 3.5 on. One wild build among the earlier ones does not move the band.

/// What makes a median absolute deviation a standard deviation.
const OF_MEDIAN: f64 = 1.4826;
/// The same of a mean absolute deviation.
const OF_MEAN: f64 = 1.2533;

/// From where to where, both included.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Band {
    /// The least number that is expected.
    pub low: f64,
    /// The greatest.
    pub high: f64,
}

impl Band {
    /// The band around earlier numbers: `within` times the spread, and at least `slack` times the median, to both
    /// sides. `None` where there is no number.
    pub fn of(numbers: &[f64], within: f64, slack: f64) -> Option<Band> {
        let middle = median(numbers.to_vec())?;
        let away: Vec<f64> = numbers.iter().map(|it| (it - middle).abs()).collect();
        let spread = match median(away.clone())? * OF_MEDIAN {
            none if none <= 0.0 => away.iter().sum::<f64>() / away.len() as f64 * OF_MEAN,
            spread => spread,
        };
        // Numbers are rounded where they are written down.
        let half = (within * spread).max(slack * middle.abs()) + middle.abs() * 1e-12;
        Some(Band { low: middle - half, high: middle + half })
    }

    /// Whether a number lies in it. What is no number lies in none.
    pub fn holds(&self, number: f64) -> bool {
        self.low <= number && number <= self.high
    }
}

/// The middle number, or the mean of the two in the middle.
fn median(mut numbers: Vec<f64>) -> Option<f64> {
    numbers.sort_by(f64::total_cmp);
    let half = numbers.len() / 2;
    match numbers.len() {
        0 => None,
        odd if odd % 2 == 1 => Some(numbers[half]),
        _ => Some(numbers[half - 1] / 2.0 + numbers[half] / 2.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_band_is_the_median_and_so_many_spreads() {
        let check = |numbers: &[f64], slack: f64, low: f64, high: f64| {
            let band = Band::of(numbers, 3.5, slack).expect("a band");
            assert!((band.low - low).abs() < 1e-9 && (band.high - high).abs() < 1e-9, "{band:?} of {numbers:?}");
        };
        // The deviations from 3 are 2, 1, 0, 1 and 2, their median is 1.
        check(&[1.0, 2.0, 3.0, 4.0, 5.0], 0.0, 3.0 - 3.5 * 1.4826, 3.0 + 3.5 * 1.4826);
        // More than half are the same: the mean deviation is 2.
        check(&[10.0, 10.0, 10.0, 10.0, 20.0], 0.0, 10.0 - 3.5 * 1.2533 * 2.0, 10.0 + 3.5 * 1.2533 * 2.0);
        check(&[100.0; 5], 0.01, 99.0, 101.0);
        check(&[-100.0; 5], 0.01, -101.0, -99.0);
        check(&[0.0; 5], 0.01, 0.0, 0.0);
        check(&[1.0, 3.0], 0.0, 2.0 - 3.5 * 1.4826, 2.0 + 3.5 * 1.4826);
        assert_eq!(Band::of(&[], 3.5, 0.01), None);
    }

    #[test]
    fn one_wild_build_moves_no_band_and_no_number_is_in_none() {
        let calm = Band::of(&[9.0, 10.0, 11.0, 10.0, 9.0, 11.0, 10.0], 3.5, 0.0).expect("a band");
        let wild = Band::of(&[9.0, 10.0, 11.0, 10.0, 9.0, 11.0, 1e300], 3.5, 0.0).expect("a band");
        assert!(calm.holds(12.0) && wild.holds(12.0) && !wild.holds(100.0));
        assert!(!calm.holds(f64::NAN) && !calm.holds(f64::INFINITY));
        let huge = Band::of(&[f64::MAX, f64::MAX, -f64::MAX], 3.5, 0.0).expect("a band");
        assert!(!huge.holds(f64::NAN));
    }
}
