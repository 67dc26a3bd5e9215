//! Constant intervals that the engine does not tell apart: it takes one of 30 days and one of a month for the same
//! value, as its comparison does, and where both stand in one query it computes only one of the two sums.

use serde_json::{Map, Value};

use super::{Judged, Refused, place, word};

/// A constant interval: months, days and microseconds, each counted apart.
#[derive(Clone, Copy, PartialEq, Debug)]
struct Interval([i128; 3]);

/// What a constant of a query is, as far as intervals are made of it.
enum Constant {
    Number(f64),
    Interval(Interval),
}

/// Days of a month and microseconds of a day, as the engine compares intervals.
const MONTH: i128 = 30;
const DAY: i128 = 86_400_000_000;

/// Words for units, each with the part that it counts and how many of it.
const UNITS: [(&[&str], usize, i128); 13] = [
    (&["microsecond", "microseconds", "us", "usec", "usecs"], 2, 1),
    (&["millisecond", "milliseconds", "ms", "msec", "msecs"], 2, 1_000),
    (&["second", "seconds", "s", "sec", "secs"], 2, 1_000_000),
    (&["minute", "minutes", "m", "min", "mins"], 2, 60_000_000),
    (&["hour", "hours", "h", "hr", "hrs"], 2, 3_600_000_000),
    (&["day", "days", "d"], 1, 1),
    (&["week", "weeks", "w"], 1, 7),
    (&["month", "months", "mon", "mons"], 0, 1),
    (&["quarter", "quarters"], 0, 3),
    (&["year", "years", "y", "yr", "yrs"], 0, 12),
    (&["decade", "decades"], 0, 120),
    (&["century", "centuries"], 0, 1_200),
    (&["millennium", "millennia"], 0, 12_000),
];

impl Interval {
    fn of(count: f64, word: &str) -> Option<Interval> {
        let word = word.to_lowercase();
        let (_, part, each) = UNITS.iter().find(|(words, ..)| words.contains(&word.as_str()))?;
        let mut parts = [0; 3];
        parts[*part] = rounded(count * *each as f64)?;
        Some(Interval(parts))
    }

    /// Texts such as `1 month 2 days` and `24:00:00`.
    fn read(text: &str) -> Option<Interval> {
        let mut sum = Interval([0; 3]);
        let mut words = text.split_whitespace();
        while let Some(count) = words.next() {
            let next = match count.split(':').map(|it| it.parse().ok()).collect::<Option<Vec<f64>>>()?.as_slice() {
                [count] => Interval::of(*count, words.next()?)?,
                [hours, minutes, rest @ ..] if rest.len() < 2 => {
                    let seconds = hours.abs() * 3600.0 + minutes * 60.0 + rest.first().unwrap_or(&0.0);
                    Interval::of(seconds.copysign(*hours), "s")?
                }
                _ => return None,
            };
            sum = sum.with(next, 1);
        }
        Some(sum)
    }

    fn with(self, other: Interval, sign: i128) -> Interval {
        Interval([0, 1, 2].map(|at| self.0[at] + sign * other.0[at]))
    }

    fn times(self, count: f64) -> Option<Interval> {
        let [months, days, rest] = self.0.map(|it| rounded(it as f64 * count));
        Some(Interval([months?, days?, rest?]))
    }

    /// Microseconds, as the engine compares.
    fn length(self) -> i128 {
        let [months, days, rest] = self.0;
        (months * MONTH + days) * DAY + rest
    }
}

fn rounded(number: f64) -> Option<i128> {
    (number.is_finite() && number.abs() < 1e20).then(|| number.round() as i128)
}

/// Refuses a query with two constant intervals of the same length and with other parts.
pub(super) fn told_apart(tree: &Value) -> Judged {
    let mut found = Vec::new();
    walk(tree, &mut found);
    for (at, (one, _)) in found.iter().enumerate() {
        let other = found[..at].iter().find(|(other, _)| other != one && other.length() == one.length());
        if let Some((_, place)) = other {
            let message = "two intervals are one to the engine, such as 30 days and a month: it would compute one of \
                           the two results for both";
            let help = "compute one of the two in another step, or add days to a date as a number: `day + 30`";
            return Err(Refused { message: message.to_owned(), help: Some(help.to_owned()), at: *place });
        }
    }
    Ok(())
}

/// Collects all constant intervals of a tree.
fn walk(value: &Value, found: &mut Vec<(Interval, Option<usize>)>) {
    match value {
        Value::Array(all) => all.iter().for_each(|it| walk(it, found)),
        Value::Object(map) => {
            if let Some(Constant::Interval(it)) = constant(map) {
                found.push((it, place(map)));
            }
            map.values().for_each(|it| walk(it, found));
        }
        _ => (),
    }
}

fn constant(map: &Map<String, Value>) -> Option<Constant> {
    match word(map, "class") {
        "CONSTANT" => map.get("value")?.get("value")?.as_f64().map(Constant::Number),
        "CAST" => cast(map),
        "FUNCTION" => called(map),
        _ => None,
    }
}

fn cast(map: &Map<String, Value>) -> Option<Constant> {
    let child = map.get("child")?.as_object()?;
    let text = || child.get("value").and_then(|it| it["value"].as_str()).filter(|_| word(child, "class") == "CONSTANT");
    match (map.get("cast_type").and_then(|it| it["id"].as_str())?, text()) {
        ("INTERVAL", Some(text)) => Interval::read(text).map(Constant::Interval),
        (_, Some(text)) => text.trim().parse().ok().map(Constant::Number),
        (_, None) => constant(child),
    }
}

fn called(map: &Map<String, Value>) -> Option<Constant> {
    let arguments =
        map.get("children")?.as_array()?.iter().map(|it| constant(it.as_object()?)).collect::<Option<Vec<_>>>()?;
    let name = word(map, "function_name").to_lowercase();
    match (name.as_str(), arguments.as_slice()) {
        ("trunc", [Constant::Number(it)]) => Some(Constant::Number(it.trunc())),
        ("+", [Constant::Interval(a), Constant::Interval(b)]) => Some(Constant::Interval(a.with(*b, 1))),
        ("-", [Constant::Interval(a), Constant::Interval(b)]) => Some(Constant::Interval(a.with(*b, -1))),
        ("-", [Constant::Interval(it)]) => it.times(-1.0).map(Constant::Interval),
        ("-", [Constant::Number(it)]) => Some(Constant::Number(-it)),
        (
            "*",
            [Constant::Interval(it), Constant::Number(count)] | [Constant::Number(count), Constant::Interval(it)],
        ) => it.times(*count).map(Constant::Interval),
        (name, [Constant::Number(count)]) => Interval::of(*count, name.strip_prefix("to_")?).map(Constant::Interval),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, is_told_apart: bool) {
        let connection = duckdb::Connection::open_in_memory().expect("an engine");
        let row = connection.query_row("select json_serialize_sql(?::VARCHAR)", [text], |row| row.get::<_, String>(0));
        let tree: Value = serde_json::from_str(&row.expect(text)).expect("JSON");
        assert_eq!(tree["error"], Value::Bool(false), "{text}");
        assert_eq!(told_apart(&tree).is_ok(), is_told_apart, "{text}");
    }

    #[test]
    fn intervals_of_one_length_do_not_stand_in_one_query() {
        check("select d + interval 30 day, d + interval 1 month from t", false);
        check("select d + interval '30' days, d - to_months(1) from t", false);
        check("select d + '1 month'::interval from t where d > e + 60 * interval '24:00:00'", true);
        check("select d + '2 months'::interval from t where d > e + 60 * interval '24:00:00'", false);
        check("select ts + interval 24 hour, ts + interval 1 day from t", false);
        check("select d + interval 360 day from t union all select d + to_years(1) from t", false);
        check("select d + (interval 1 month + interval 1 day), d + interval '31 days' from t", false);
        check("select d + interval (-30) day, d + -(interval 1 month) from t", false);
        check("select d + interval 1 year, d + interval 12 month, d + interval 4 quarter from t", true);
        check("select d + interval 1 month - interval 1 day, d + to_days(7) + to_weeks(1) from t", true);
        check("select d + interval (n) day, d + interval (n) month from t", true);
    }
}
