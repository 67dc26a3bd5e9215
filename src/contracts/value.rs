//! Values of a contract as what they are: `0.10` and `0.1` are one number, and a time is the same with a blank and with a
//! `T` before it.

use std::cmp::Ordering;

use crate::expr::Literal;
use crate::model::Type;
use crate::text::cast;

/// Which of two values of a type comes first; `None` where they have no order.
pub(super) fn order(a: &Literal, b: &Literal, ty: Type) -> Option<Ordering> {
    match (a, b) {
        (Literal::Text(a), Literal::Text(b)) => Some(match ty {
            Type::Date => cast::date(a).cmp(&cast::date(b)),
            Type::Timestamp => cast::timestamp(a).cmp(&cast::timestamp(b)),
            _ => a.cmp(b),
        }),
        (Literal::Boolean(a), Literal::Boolean(b)) => Some(a.cmp(b)),
        (Literal::Null, Literal::Null) => Some(Ordering::Equal),
        _ if ty == Type::Float => {
            let float = |it: &Literal| number(it)?.parse::<f64>().ok();
            float(a)?.partial_cmp(&float(b)?)
        }
        _ => Some(Number::of(&number(a)?)?.cmp(&Number::of(&number(b)?)?)),
    }
}

/// Whether two values of a type are the same.
pub(super) fn is_same(a: &Literal, b: &Literal, ty: Type) -> bool {
    a == b || order(a, b, ty) == Some(Ordering::Equal)
}

/// Whether two values that may be missing are the same.
pub(super) fn are_same(a: Option<&Literal>, b: Option<&Literal>, ty: Type) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => is_same(a, b, ty),
        (a, b) => a.is_none() && b.is_none(),
    }
}

fn number(it: &Literal) -> Option<String> {
    matches!(it, Literal::Integer(_) | Literal::Number(_)).then(|| it.plain()).flatten().map(|it| it.replace('_', ""))
}

/// A number with all its digits.
#[derive(PartialEq, Eq, Debug)]
struct Number {
    negative: bool,
    /// The power of ten of the first digit.
    power: i64,
    /// From the first that counts to the last; none of zero.
    digits: String,
}

impl Number {
    fn of(text: &str) -> Option<Number> {
        let (negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all = format!("{whole}{part}");
        if all.is_empty() || !all.bytes().all(|it| it.is_ascii_digit()) {
            return None;
        }
        let exponent: i64 = exponent.parse().ok()?;
        let from = all.trim_start_matches('0');
        let digits = from.trim_end_matches('0').to_owned();
        let power = exponent.checked_add(whole.len() as i64 - 1 - (all.len() - from.len()) as i64)?;
        Some(match digits.is_empty() {
            true => Number { negative: false, power: 0, digits },
            false => Number { negative, power, digits },
        })
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Number) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Number) -> Ordering {
        let sign = |it: &Number| match (it.digits.is_empty(), it.negative) {
            (true, _) => 0,
            (_, true) => -1,
            (_, false) => 1,
        };
        let size = || self.power.cmp(&other.power).then_with(|| self.digits.cmp(&other.digits));
        sign(self).cmp(&sign(other)).then_with(|| if self.negative { size().reverse() } else { size() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_compared_and_not_how_they_are_written() {
        let check = |a: &str, b: &str, ty: Type, expected: Option<Ordering>| {
            let read = |text: &str| match text.strip_prefix('\'') {
                Some(text) => Literal::Text(text.to_owned()),
                None => text.parse().map_or_else(|_| Literal::Number(text.to_owned()), Literal::Integer),
            };
            assert_eq!(order(&read(a), &read(b), ty), expected, "{a} {b} as {ty}");
        };
        let decimal = Type::Decimal { scale: 2 };
        check("0.10", "0.1", decimal, Some(Ordering::Equal));
        check("1", "1.0", decimal, Some(Ordering::Equal));
        check("1e3", "1_000.00", decimal, Some(Ordering::Equal));
        check("-0.0", "0", decimal, Some(Ordering::Equal));
        check("12345678901234567890.1", "12345678901234567890.2", decimal, Some(Ordering::Less));
        check("-2", "-10", decimal, Some(Ordering::Greater));
        check("-2", "0", decimal, Some(Ordering::Less));
        check("0.09", "0.1", decimal, Some(Ordering::Less));
        check("9", "10", Type::Integer, Some(Ordering::Less));
        check("0.1", "0.10000000000000001", Type::Float, Some(Ordering::Equal));
        check("'2020-01-01 00:00:00", "'2020-01-01T00:00:00Z", Type::Timestamp, Some(Ordering::Equal));
        check("'2020-01-01", "'2020-01-01T00:00:00", Type::Timestamp, Some(Ordering::Equal));
        check("'2020-01-01 02:00+02:00", "'2020-01-01", Type::Timestamp, Some(Ordering::Equal));
        check("'2020-01-02 01:00", "'2020-01-01T02:00", Type::Timestamp, Some(Ordering::Greater));
        check("'a", "'A", Type::Text, Some(Ordering::Greater));
        check("'1", "1", Type::Text, None);
    }
}
