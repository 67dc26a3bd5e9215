//! What the values of a column look like: counts over the first rows, by which a column without a telling name can be
//! recognised. Counts, never values.

use std::collections::{BTreeMap, HashMap, HashSet};

use arrow_array::cast::AsArray;
use arrow_array::{Array, RecordBatch};
use serde::{Deserialize, Serialize};

use crate::readers::KINDS;
use crate::text::alias::{Aliases, Asked};
use crate::text::number::{Sign, sign};
use crate::text::placeholder::Placeholders;
use crate::text::priced::currency_of;
use crate::text::shape::{Shape, Spoken, shape_in};
use crate::text::slug::{key, slug};

/// How many rows are looked at.
pub const ROWS: u64 = 500;
/// Longer texts are in no list.
const LONGEST: usize = 200;

/// What is known of values before any is seen, as data: what it is for is decided elsewhere.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize)]
pub struct Known {
    /// Closed lists by name: every spelling.
    pub lists: BTreeMap<String, Vec<String>>,
    /// What names of organisations end in.
    pub endings: Vec<String>,
    /// Texts that are no values.
    pub placeholders: Vec<String>,
    /// Words of dates beside those of English, as lines.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub dates: String,
    /// Words for money beside signs and codes of currencies.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub money: Vec<String>,
}

/// What the values of one column look like.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Evidence {
    /// Rows that were looked at.
    pub rows: u64,
    /// Those with a value.
    pub valued: u64,
    /// How many values have which shape.
    pub shapes: BTreeMap<Shape, u64>,
    /// How many values stand in which closed list.
    pub lists: BTreeMap<String, u64>,
    /// How many different values there are, at most: those of two files are all counted.
    pub distinct: u64,
    /// How many values end in one of the known endings.
    pub endings: u64,
    /// How many numbers read with a decimal point only.
    pub points: u64,
    /// How many numbers read with a decimal comma only.
    pub commas: u64,
    /// How many numbers read with either, and are another one each time.
    pub either: u64,
    /// How many numbers have a currency beside them.
    pub priced: u64,
    /// How many dates are written so that letters do not put them in the order of days.
    pub shuffled: u64,
    /// How many numbers have so many digits before their first mark; those below zero count under 0. Letters put
    /// numbers in their order where all of them have as many.
    pub widths: BTreeMap<u8, u64>,
}

impl Evidence {
    /// How many values have this shape.
    pub fn of(&self, shape: Shape) -> u64 {
        self.shapes.get(&shape).copied().unwrap_or(0)
    }

    /// How many values stand in this list.
    pub fn listed(&self, list: &str) -> u64 {
        self.lists.get(list).copied().unwrap_or(0)
    }

    /// What most values are, in words, with their number, where they have another order than their letters.
    pub fn misordered(&self) -> Option<(&'static str, u64)> {
        let most = |count: u64| count > 0 && count * 2 >= self.valued;
        let (dates, numbers) = (self.of(Shape::Date), self.of(Shape::Number));
        if most(dates) && self.shuffled > 0 && dates > 1 {
            return Some((Shape::Date.plural(), dates));
        }
        let uneven = self.widths.len() > 1 || self.widths.get(&0).is_some_and(|it| *it > 1);
        (most(numbers) && uneven).then_some((Shape::Number.plural(), numbers))
    }

    /// Whether letters put numbers beside this one in their order: all of them have as many digits before their mark.
    pub fn orders(&self, number: &str) -> bool {
        let digits = number.bytes().take_while(u8::is_ascii_digit).count();
        let same = |(width, _): (&u8, &u64)| usize::from(*width) == digits;
        digits > 0 && self.of(Shape::Number) == self.valued && !self.widths.is_empty() && self.widths.iter().all(same)
    }

    /// What a lock records of it: by the order of values no delivery is told from another.
    pub fn recorded(&self) -> Evidence {
        Evidence { shuffled: 0, priced: 0, widths: BTreeMap::new(), ..self.clone() }
    }

    /// The share of rows with a value.
    pub fn filled(&self) -> f64 {
        self.valued as f64 / self.rows.max(1) as f64
    }

    /// The share that so many are of the values.
    pub fn share(&self, count: u64) -> f64 {
        count as f64 / self.valued.max(1) as f64
    }

    /// Adds what was counted elsewhere.
    pub fn add(&mut self, other: &Evidence) {
        self.rows += other.rows;
        self.valued += other.valued;
        self.endings += other.endings;
        self.points += other.points;
        self.commas += other.commas;
        self.either += other.either;
        self.priced += other.priced;
        self.shuffled += other.shuffled;
        self.distinct += other.distinct;
        for (shape, count) in &other.shapes {
            *self.shapes.entry(*shape).or_default() += count;
        }
        for (width, count) in &other.widths {
            *self.widths.entry(*width).or_default() += count;
        }
        for (list, count) in &other.lists {
            *self.lists.entry(list.clone()).or_default() += count;
        }
    }
}

/// Counts the values of batches. A value that stands in several rows is looked at once.
pub(crate) struct Counter<'k> {
    lists: Vec<(&'k String, Aliases)>,
    endings: Vec<&'k str>,
    placeholders: Placeholders,
    spoken: Spoken,
    columns: Vec<Values>,
}

/// The rows of a column, and how many of them have which text.
#[derive(Default)]
struct Values {
    rows: u64,
    texts: HashMap<Box<str>, u64>,
}

impl<'k> Counter<'k> {
    pub(crate) fn new(known: &'k Known) -> Counter<'k> {
        let list = |(name, words): (&'k String, &'k Vec<String>)| (name, Aliases::new(words.iter().map(|it| (it, it))));
        Counter {
            lists: known.lists.iter().map(list).collect(),
            endings: known.endings.iter().map(String::as_str).collect(),
            placeholders: Placeholders::new(&known.placeholders),
            spoken: Spoken::new(&known.dates, &known.money),
            columns: Vec::new(),
        }
    }

    /// Counts a batch of text columns; any other column is passed over.
    pub(crate) fn add(&mut self, batch: &RecordBatch) {
        let schema = batch.schema();
        let data = schema.fields().iter().zip(batch.columns()).filter(|(it, _)| it.name() != KINDS);
        let texts: Vec<_> = data.filter_map(|(_, it)| it.as_string_opt::<i32>()).collect();
        self.columns.resize_with(texts.len(), Default::default);
        for (at, values) in texts.iter().enumerate() {
            let column = &mut self.columns[at];
            column.rows += values.len() as u64;
            for text in values.iter().flatten() {
                match column.texts.get_mut(text) {
                    Some(times) => *times += 1,
                    None => drop(column.texts.insert(text.into(), 1)),
                }
            }
        }
    }

    fn count(&self, Values { rows, texts }: &Values) -> Evidence {
        let mut column = Evidence { rows: *rows, ..Evidence::default() };
        let mut seen = HashSet::new();
        for (text, times) in texts.iter().filter(|(it, _)| self.placeholders.keep(it)) {
            self.look(&mut column, &mut seen, text, *times);
        }
        column
    }

    /// Counts a text that stands in so many rows.
    fn look<'t>(&self, column: &mut Evidence, seen: &mut HashSet<&'t str>, text: &'t str, times: u64) {
        let Some(shape) = shape_in(text, &self.spoken) else { return };
        column.valued += times;
        column.distinct += u64::from(seen.insert(text.trim()));
        *column.shapes.entry(shape).or_default() += times;
        match shape {
            Shape::Date if !is_year_first(text.trim()) => column.shuffled += times,
            Shape::Number => *column.widths.entry(width(text.trim())).or_default() += times,
            _ => (),
        }
        if text.len() > LONGEST {
            return;
        }
        column.priced += if currency_of(text).is_some() { times } else { 0 };
        match sign(text, &self.spoken.money()) {
            Some(Sign::Point) => column.points += times,
            Some(Sign::Comma) => column.commas += times,
            Some(Sign::Either) => column.either += times,
            None => (),
        }
        let asked = Asked::of(text);
        // A number that stands in a list is the number of something there, and of much else.
        for (name, list) in self.lists.iter().filter(|_| shape != Shape::Number) {
            if list.holds(&asked) {
                *column.lists.entry((*name).clone()).or_default() += times;
            }
        }
        if matches!(shape, Shape::Word | Shape::Words) && key(text, &self.endings) != slug(text) {
            column.endings += times;
        }
    }

    /// What was counted, for each column.
    pub(crate) fn finish(self) -> Vec<Evidence> {
        self.columns.iter().map(|it| self.count(it)).collect()
    }
}

/// Whether a date begins with year, month and day, each in all of its digits.
fn is_year_first(text: &str) -> bool {
    let digits =
        |range: std::ops::Range<usize>| text.as_bytes().get(range).is_some_and(|it| it.iter().all(u8::is_ascii_digit));
    digits(0..8) || (digits(0..4) && digits(5..7) && digits(8..10))
}

/// The digits of a number before its first mark; 0 for one below zero.
fn width(text: &str) -> u8 {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    // Behind several marks stand thousands, and each of them makes the number longer.
    let marks = text.bytes().filter(|it| matches!(it, b'.' | b',')).count();
    u8::try_from(if marks > 1 { digits + 3 * marks } else { digits }).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{ArrayRef, StringArray};

    use super::*;

    fn counted(known: &Known, values: &[Option<&str>]) -> Evidence {
        let array: ArrayRef = Arc::new(StringArray::from(values.to_vec()));
        let mut counter = Counter::new(known);
        counter.add(&RecordBatch::try_from_iter([("a", array)]).expect("a batch"));
        counter.finish().remove(0)
    }

    #[test]
    fn values_are_counted_and_placeholders_are_none() {
        let known = Known {
            lists: BTreeMap::from([("state".to_owned(), vec!["Open".to_owned(), "Shut".to_owned()])]),
            endings: vec!["Ltd".to_owned()],
            placeholders: vec!["n/a".to_owned()],
            ..Known::default()
        };
        let values = [Some("open"), Some("SHUT"), Some("N/A"), None, Some("Aero School Ltd"), Some("a@b.example")];
        let found = counted(&known, &values);
        assert_eq!((found.rows, found.valued, found.listed("state"), found.endings), (6, 4, 2, 1));
        assert_eq!((found.of(Shape::Word), found.of(Shape::Words), found.of(Shape::Email)), (2, 1, 1));
    }

    #[test]
    fn values_that_letters_put_in_another_order_are_noticed() {
        let check = |values: &[&str], expected: Option<(&str, u64)>| {
            let values: Vec<_> = values.iter().map(|it| Some(*it)).collect();
            assert_eq!(counted(&Known::default(), &values).misordered(), expected, "{values:?}");
        };
        check(&["17/01/2025", "2/3/2025"], Some(("dates", 2)));
        check(&["17 January 2025", "2025-01-18", "soon"], Some(("dates", 2)));
        check(&["2025-01-17", "2025-01-18T10:00", "20250119"], None);
        check(&["17/01/2025", "soon", "later"], None);
        check(&["9", "100"], Some(("numbers", 2)));
        check(&["-1", "-2"], Some(("numbers", 2)));
        check(&["1.5", "10.5", "x"], Some(("numbers", 2)));
        check(&["1,200", "1,200,000"], Some(("numbers", 2)));
        check(&["2019", "2020", "0001"], None);
        check(&["1.5", "2.25", "3"], None);
        check(&["9", "100", "A1", "B2", "C3"], None);
        check(&["9"], None);
        check(&["17/01/2025"], None);
    }

    #[test]
    fn counts_of_two_files_add_up() {
        let known = Known::default();
        let mut sum = counted(&known, &[Some("a@b.example"), None]);
        sum.add(&counted(&known, &[Some("Knysna")]));
        assert_eq!(sum, counted(&known, &[Some("a@b.example"), None, Some("Knysna")]));
    }
}
