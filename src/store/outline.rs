//! What the columns of a stored table hold, read from their segments one after the other: the engine takes longer to
//! plan such a question than the answer takes. Values of columns that are not open do not leave here.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::fs::File;
use std::path::Path;

use ahash::RandomState;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use parquet::errors::ParquetError;

use crate::model::Type;
use crate::publish::{Value, columns as as_values};
use crate::store::backend::{ColumnProfile, EngineError, Profiled, Stored};

/// Parts of a distribution.
const PARTS: u64 = 12;
/// A column with more different values is told by its distribution, and not by its values.
const FEW: usize = 12;
/// Rows that are read at once.
const ROWS: usize = 8_192;

/// What each of the columns holds: nulls, different values, ends, lengths, frequent values where there are few, and the
/// spread. No patterns.
///
/// Different values are counted by 128 bits of a hash: of a hundred million, two are taken for one with a chance below
/// one in 10^22.
///
/// # Errors
///
/// When a segment cannot be read.
pub(super) fn outline(table: &Stored, columns: &[Profiled<'_>]) -> Result<Vec<ColumnProfile>, EngineError> {
    let mut files: HashMap<&Path, (File, ArrowReaderMetadata)> = HashMap::new();
    let mut acc = Vec::with_capacity(columns.len());
    for column in columns {
        let Some(stored) = table.columns.iter().find(|it| it.column.name == column.name) else {
            acc.push(ColumnProfile::default());
            continue;
        };
        let (path, index) = (stored.place.0.as_path(), stored.place.1 as usize);
        if !files.contains_key(path) {
            let file = File::open(path)?;
            let metadata = ArrowReaderMetadata::load(&file, ArrowReaderOptions::new()).map_err(unread)?;
            files.insert(path, (file, metadata));
        }
        let (file, metadata) = &files[path];
        let rows = ParquetRecordBatchReaderBuilder::new_with_metadata(file.try_clone()?, metadata.clone());
        let mask = ProjectionMask::leaves(rows.parquet_schema(), [index]);
        let mut seen = Seen::default();
        for batch in rows.with_projection(mask).with_batch_size(ROWS).build().map_err(unread)? {
            let batch = batch.map_err(|it| EngineError::Io(it.to_string()))?;
            let values = as_values(&batch.schema(), &batch).map_err(|it| EngineError::Engine(it.to_string()))?;
            for value in values {
                (0..batch.num_rows()).for_each(|row| seen.add(value.value(row)));
            }
        }
        acc.push(seen.told(column));
    }
    Ok(acc)
}

fn unread(error: ParquetError) -> EngineError {
    EngineError::Io(error.to_string())
}

/// What was seen of a column.
#[derive(Default)]
struct Seen {
    nulls: u64,
    /// Rows of each value, and the value as long as there are few.
    rows: HashMap<u128, (u64, Option<String>)>,
    ends: Option<(Key, Key)>,
    lengths: Option<(u64, u64)>,
    /// Where values lie on a line of numbers; texts by their lengths.
    places: Vec<f64>,
}

/// A value that is no text, by its order.
#[derive(Clone)]
struct Key {
    whole: i128,
    float: Option<f64>,
    text: String,
}

impl Key {
    fn order(&self, whole: i128, float: Option<f64>) -> Ordering {
        match (self.float, float) {
            // What is no number is greater than any.
            (Some(one), Some(other)) => one.partial_cmp(&other).unwrap_or(one.is_nan().cmp(&other.is_nan())),
            _ => self.whole.cmp(&whole),
        }
    }
}

/// The same for equal values, and for no others.
fn hash(value: &Value<'_>) -> u128 {
    let one = |seed: u64| {
        let state = RandomState::with_seeds(seed, 2, 3, 4);
        match *value {
            Value::Text(it) => state.hash_one(it),
            Value::Integer(it) | Value::Date(it) | Value::Timestamp(it) => state.hash_one(it),
            // Both zeros are one, and so are all that are no number.
            Value::Float(it) if it.is_nan() => state.hash_one(f64::NAN.to_bits()),
            Value::Float(it) => state.hash_one((it + 0.0).to_bits()),
            Value::Boolean(it) => state.hash_one(it),
            Value::Decimal(it, _) => state.hash_one(it),
        }
    };
    (u128::from(one(1)) << 64) | u128::from(one(5))
}

impl Seen {
    fn add(&mut self, value: Option<Value<'_>>) {
        let Some(value) = value else {
            self.nulls += 1;
            return;
        };
        let few = self.rows.len() < FEW;
        let (rows, _) = self.rows.entry(hash(&value)).or_insert_with(|| (0, few.then(|| value.text())));
        *rows += 1;
        let (whole, float, place) = match value {
            Value::Text(it) => {
                let length = it.chars().count() as u64;
                let (least, most) = self.lengths.unwrap_or((length, length));
                self.lengths = Some((least.min(length), most.max(length)));
                self.places.push(length as f64);
                return;
            }
            Value::Boolean(_) => return,
            Value::Integer(it) | Value::Date(it) | Value::Timestamp(it) => (it.into(), None, it as f64),
            Value::Decimal(units, scale) => (units, None, units as f64 / 10_f64.powi(scale.into())),
            Value::Float(it) => (0, Some(it), it),
        };
        self.places.push(place);
        let key = || Key { whole, float, text: value.text() };
        match &mut self.ends {
            None => self.ends = Some((key(), key())),
            Some((least, greatest)) => {
                if least.order(whole, float).is_gt() {
                    *least = key();
                }
                if greatest.order(whole, float).is_lt() {
                    *greatest = key();
                }
            }
        }
    }

    /// Of a column that is not open there are counts, and the lengths of its texts.
    fn told(self, column: &Profiled<'_>) -> ColumnProfile {
        let distinct = self.rows.len();
        let spread = match column.open || column.ty == Type::Text {
            true => spread(&self.places, !matches!(column.ty, Type::Decimal { .. } | Type::Float)),
            false => Vec::new(),
        };
        let mut top = Vec::new();
        if column.open && distinct <= FEW {
            top.extend(self.rows.into_values().filter_map(|(rows, text)| Some((text?, rows))));
            top.sort_by(|(a, x), (b, y)| y.cmp(x).then_with(|| a.cmp(b)));
        }
        let ends = self.ends.filter(|_| column.open).map(|(least, greatest)| (least.text, greatest.text));
        let (nulls, distinct, lengths) = (self.nulls, distinct as u64, self.lengths);
        ColumnProfile { nulls, distinct, ends, lengths, top, patterns: Vec::new(), spread }
    }
}

/// How many of these lie in each of the equal parts between the least and the greatest; whole numbers have no more parts
/// than there are numbers. What is not finite lies nowhere.
fn spread(places: &[f64], whole: bool) -> Vec<u64> {
    let finite = || places.iter().filter(|it| it.is_finite());
    // Halves, so that the distance between the ends of all doubles is one.
    let low = finite().fold(f64::INFINITY, |acc, it| acc.min(it / 2.0));
    let high = finite().fold(f64::NEG_INFINITY, |acc, it| acc.max(it / 2.0));
    if low > high {
        return Vec::new();
    }
    let parts = match whole {
        _ if low == high => 1,
        true => ((high - low) * 2.0 + 1.0).min(PARTS as f64) as u64,
        false => PARTS,
    };
    let mut acc = vec![0; parts.max(1) as usize];
    let last = acc.len() - 1;
    for it in finite() {
        let part = if last == 0 { 0 } else { ((it / 2.0 - low) / (high - low) * acc.len() as f64) as usize };
        acc[part.min(last)] += 1;
    }
    acc
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(ty: Type, open: bool, values: Vec<Option<Value<'_>>>) -> ColumnProfile {
        let mut seen = Seen::default();
        values.into_iter().for_each(|it| seen.add(it));
        seen.told(&Profiled { name: "x", ty, open })
    }

    #[test]
    fn numbers_have_ends_and_a_spread() {
        let values = || (0..24).map(|it| (it != 5).then_some(Value::Integer(it % 6))).collect();
        let open = told(Type::Integer, true, values());
        assert_eq!((open.nulls, open.distinct, &open.spread), (1, 6, &vec![4, 4, 4, 4, 4, 3]));
        assert_eq!(open.ends, Some(("0".to_owned(), "5".to_owned())));
        assert_eq!(open.top[0], ("0".to_owned(), 4));
        assert_eq!(open.top[5], ("5".to_owned(), 3));
        let shut = told(Type::Integer, false, values());
        assert_eq!((shut.distinct, shut.ends, shut.top, shut.spread), (6, None, vec![], vec![]));
    }

    #[test]
    fn texts_are_told_by_their_lengths() {
        let texts: Vec<String> = (1..=20).map(|it| "ß".repeat(it)).collect();
        let of = |open| told(Type::Text, open, texts.iter().map(|it| Some(Value::Text(it))).collect());
        for profile in [of(true), of(false)] {
            assert_eq!((profile.distinct, profile.lengths, profile.spread.len()), (20, Some((1, 20)), 12));
            assert_eq!(profile.spread.iter().sum::<u64>(), 20);
            assert!(profile.top.is_empty() && profile.ends.is_none());
        }
        let few = told(Type::Text, true, ["b", "a", "b"].map(|it| Some(Value::Text(it))).into());
        assert_eq!(few.top, [("b".to_owned(), 2), ("a".to_owned(), 1)]);
    }

    #[test]
    fn what_is_no_number_is_the_greatest_and_lies_nowhere() {
        let values = [0.0, -0.0, f64::NAN, f64::INFINITY, -1.5, -f64::NAN].map(|it| Some(Value::Float(it)));
        let profile = told(Type::Float, true, values.into());
        assert_eq!(profile.distinct, 4);
        let (least, greatest) = profile.ends.expect("ends");
        assert_eq!((least.as_str(), greatest.to_lowercase().as_str()), ("-1.5", "nan"));
        assert_eq!(profile.spread.iter().sum::<u64>(), 3);
        assert_eq!(told(Type::Float, true, vec![Some(Value::Float(f64::NAN))]).spread, Vec::<u64>::new());
        assert_eq!(
            told(Type::Float, true, vec![Some(Value::Float(f64::MAX)), Some(Value::Float(f64::MIN))]).spread[11],
            1
        );
    }
}
