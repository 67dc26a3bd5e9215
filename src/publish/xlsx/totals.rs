//! Sums of columns, for the row beneath the last one: exact as long as they fit, and of floats by their rows in order
//! with what is rounded away kept.

use std::collections::BTreeSet;

use crate::publish::column::Value;
use crate::publish::value;

/// Integers up to here keep all their digits: Excel computes with 15 of them.
const DIGITS: i128 = 999_999_999_999_999;

/// The sums of one sheet.
pub struct Totals {
    columns: Vec<Option<Sum>>,
    /// Columns with numbers that stand in the sheet as text, which its formulas do not count.
    texts: BTreeSet<usize>,
}

#[derive(Clone, Copy, Debug)]
enum Sum {
    Exact { units: i128, scale: i8 },
    Float { sum: f64, lost: f64 },
}

impl Totals {
    /// Of these columns.
    pub fn of(wanted: impl Iterator<Item = bool>) -> Totals {
        let columns = wanted.map(|it| it.then_some(Sum::Exact { units: 0, scale: 0 })).collect();
        Totals { columns, texts: BTreeSet::new() }
    }

    /// Whether there is anything to sum.
    pub fn any(&self) -> bool {
        self.columns.iter().any(Option::is_some)
    }

    /// Counts a value of a column, if it is summed.
    pub fn add(&mut self, index: usize, value: &Value<'_>) {
        if let Some(Some(sum)) = self.columns.get_mut(index) {
            *sum = sum.with(value);
            if is_long(value) {
                self.texts.insert(index);
            }
        }
    }

    /// Each column with its sum as a number and as a text, `None` where there is none. Of a column with numbers that stand
    /// in the sheet as text the number is none (NaN): a formula would count the others alone. Sums begin anew.
    pub fn take(&mut self) -> Vec<Option<(f64, String)>> {
        let texts = std::mem::take(&mut self.texts);
        let told = |(index, sum): (usize, &Option<Sum>)| {
            let (number, text) = (*sum)?.told();
            Some((if texts.contains(&index) { f64::NAN } else { number }, text))
        };
        let taken = self.columns.iter().enumerate().map(told).collect();
        self.columns.iter_mut().flatten().for_each(|it| *it = Sum::Exact { units: 0, scale: 0 });
        taken
    }
}

/// Whether a number has more digits than spreadsheet programs keep.
pub fn is_long(value: &Value<'_>) -> bool {
    match *value {
        Value::Integer(it) => i128::from(it).abs() > DIGITS,
        Value::Decimal(units, _) => units.unsigned_abs() > DIGITS.unsigned_abs(),
        _ => false,
    }
}

impl Sum {
    fn with(self, value: &Value<'_>) -> Sum {
        let (units, scale) = match *value {
            Value::Integer(it) => (i128::from(it), 0),
            Value::Decimal(units, scale) => (units, scale),
            Value::Float(it) => return self.plus(it),
            _ => return self,
        };
        let exact = |sum: Sum| match sum {
            Sum::Exact { units: 0, .. } => Some(Sum::Exact { units, scale }),
            Sum::Exact { units: sum, scale: own } if own == scale => {
                sum.checked_add(units).map(|units| Sum::Exact { units, scale })
            }
            _ => None,
        };
        exact(self).unwrap_or_else(|| self.plus(number(units, scale)))
    }

    /// Neumaier's sum: what a step rounds away is added at the end.
    fn plus(self, more: f64) -> Sum {
        let (sum, lost) = match self {
            Sum::Exact { units, scale } => (number(units, scale), 0.0),
            Sum::Float { sum, lost } => (sum, lost),
        };
        let total = sum + more;
        let rest = if sum.abs() >= more.abs() { (sum - total) + more } else { (more - total) + sum };
        Sum::Float { sum: total, lost: lost + if rest.is_finite() { rest } else { 0.0 } }
    }

    fn told(self) -> (f64, String) {
        let mut text = Vec::new();
        let number = match self {
            Sum::Exact { units, scale } => {
                value::decimal(&mut text, units, scale);
                number(units, scale)
            }
            Sum::Float { sum, lost } => {
                value::float(&mut text, sum + lost);
                sum + lost
            }
        };
        (number, String::from_utf8_lossy(&text).into_owned())
    }
}

fn number(units: i128, scale: i8) -> f64 {
    let mut text = Vec::new();
    value::decimal(&mut text, units, scale);
    str::from_utf8(&text).ok().and_then(|it| it.parse().ok()).unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(values: &[Value<'_>]) -> (f64, String) {
        let mut totals = Totals::of([false, true].into_iter());
        values.iter().for_each(|it| totals.add(1, it));
        totals.take().pop().flatten().expect("a sum")
    }

    #[test]
    fn sums_are_exact_as_long_as_they_can_be() {
        assert_eq!(sum(&[Value::Decimal(10, 2), Value::Decimal(20, 2)]), (0.3, "0.30".to_owned()));
        assert_eq!(sum(&[Value::Integer(i64::MAX), Value::Integer(1)]).1, "9223372036854775808");
        assert_eq!(sum(&[Value::Float(1e16), Value::Float(1.0), Value::Float(-1e16)]).0, 1.0);
        // Numbers that stand as text are in the sum that is written as text.
        let long = sum(&[Value::Decimal(i128::MAX, 0), Value::Decimal(i128::MAX, 0)]);
        assert!(long.0.is_nan());
        assert_eq!(long.1.parse(), Ok(i128::MAX as f64 * 2.0));
        assert_eq!(sum(&[]), (0.0, "0".to_owned()));
        assert!(sum(&[Value::Float(f64::NAN)]).0.is_nan());
        assert_eq!(sum(&[Value::Float(f64::INFINITY), Value::Float(1.0)]).0, f64::INFINITY);
    }
}
