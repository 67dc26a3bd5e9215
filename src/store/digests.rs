//! Digests of columns, taken while a table streams out of the engine as Arrow.
//!
//! A digest stands for a column's type and its values in order. It does not depend on how Arrow holds them: batches,
//! slices, offsets, what lies under a null, 32 or 64 bit offsets. Text is compared byte by byte. Minus zero is not
//! zero, because exports would show the difference; all NaN are one, because which of them an engine makes depends on
//! the machine.
//!
//! Not here: names, nullability and row counts of tables, which keys add for themselves.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Decimal128Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    TimestampMicrosecondType,
};
use arrow_array::{Array, GenericStringArray, OffsetSizeTrait, PrimitiveArray, RecordBatch, StringViewArray};
use arrow_buffer::{BooleanBuffer, NullBuffer};
use arrow_schema::{DataType, TimeUnit};

use crate::digest::{Digest, Hasher};
use crate::model::Type;

/// The type that columns of this Arrow type are digested as; `None` for one that must be cast first.
pub fn canonical_type(ty: &DataType) -> Option<Type> {
    Some(match ty {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => Type::Text,
        DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::Int64 => Type::Integer,
        DataType::Float64 => Type::Float,
        DataType::Boolean => Type::Boolean,
        DataType::Date32 => Type::Date,
        DataType::Timestamp(TimeUnit::Microsecond, _) => Type::Timestamp,
        DataType::Decimal128(_, scale) => Type::Decimal { scale: u8::try_from(*scale).ok()? },
        _ => return None,
    })
}

/// Digests of the columns of one table, in the making.
pub struct Digests {
    rows: u64,
    columns: Vec<Column>,
}

impl Digests {
    /// Begins a table with columns of these types.
    pub fn new(types: &[Type]) -> Digests {
        Digests { rows: 0, columns: types.iter().map(|it| Column::new(*it)).collect() }
    }

    /// Adds the rows of `batch`, whose columns are the table's by position.
    ///
    /// After an error the digests are of no use: the engine gave something else than it promised.
    pub fn update(&mut self, batch: &RecordBatch) -> Result<(), String> {
        if batch.num_columns() != self.columns.len() {
            return Err(format!("expected {} columns, got {}", self.columns.len(), batch.num_columns()));
        }
        for (index, (column, array)) in self.columns.iter_mut().zip(batch.columns()).enumerate() {
            column.update(array).map_err(|it| format!("column {}: {it}", index + 1))?;
        }
        self.rows += batch.num_rows() as u64;
        Ok(())
    }

    /// How many rows there were, and the digest of each column.
    pub fn finish(self) -> (u64, Vec<Digest>) {
        (self.rows, self.columns.into_iter().map(|it| it.finish(self.rows)).collect())
    }
}

/// A column is three streams, each the same however the rows come: which rows have a value, a bit each; how long each
/// text is; the values. A null has length zero or a value of zeros.
struct Column {
    ty: Type,
    valid: Bits,
    lengths: Stream,
    values: Values,
}

enum Values {
    Bytes(Stream),
    Bits(Bits),
}

impl Column {
    fn new(ty: Type) -> Column {
        let values = match ty {
            Type::Boolean => Values::Bits(Bits::new()),
            _ => Values::Bytes(Stream::new()),
        };
        Column { ty, valid: Bits::new(), lengths: Stream::new(), values }
    }

    fn update(&mut self, array: &dyn Array) -> Result<(), String> {
        if canonical_type(array.data_type()) != Some(self.ty) {
            return Err(format!("expected {}, got {}", self.ty, array.data_type()));
        }
        let nulls = array.nulls().filter(|it| it.null_count() > 0);
        match nulls {
            Some(nulls) => self.valid.extend(nulls.inner()),
            None => self.valid.extend_with_ones(array.len()),
        }
        let stream = match &mut self.values {
            Values::Bytes(stream) => stream,
            Values::Bits(bits) => {
                let values = array.as_boolean().values();
                match nulls {
                    Some(nulls) => bits.extend(&(values & nulls.inner())),
                    None => bits.extend(values),
                }
                return Ok(());
            }
        };
        match array.data_type() {
            DataType::Utf8 => texts(array.as_string::<i32>(), nulls, &mut self.lengths, stream)?,
            DataType::LargeUtf8 => texts(array.as_string::<i64>(), nulls, &mut self.lengths, stream)?,
            DataType::Utf8View => views(array.as_string_view(), &mut self.lengths, stream)?,
            DataType::Int8 => numbers::<Int8Type, 8>(array, nulls, stream, |it| i64::from(it).to_le_bytes()),
            DataType::Int16 => numbers::<Int16Type, 8>(array, nulls, stream, |it| i64::from(it).to_le_bytes()),
            DataType::Int32 => numbers::<Int32Type, 8>(array, nulls, stream, |it| i64::from(it).to_le_bytes()),
            DataType::Int64 => numbers::<Int64Type, 8>(array, nulls, stream, i64::to_le_bytes),
            DataType::Float64 => numbers::<Float64Type, 8>(array, nulls, stream, float),
            DataType::Date32 => numbers::<Date32Type, 4>(array, nulls, stream, i32::to_le_bytes),
            DataType::Timestamp(..) => {
                numbers::<TimestampMicrosecondType, 8>(array, nulls, stream, i64::to_le_bytes);
            }
            DataType::Decimal128(..) => numbers::<Decimal128Type, 16>(array, nulls, stream, i128::to_le_bytes),
            other => return Err(format!("expected {}, got {other}", self.ty)),
        }
        Ok(())
    }

    fn finish(self, rows: u64) -> Digest {
        let (tag, scale) = match self.ty {
            Type::Text => (1, 0),
            Type::Integer => (2, 0),
            Type::Decimal { scale } => (3, scale),
            Type::Float => (4, 0),
            Type::Boolean => (5, 0),
            Type::Date => (6, 0),
            Type::Timestamp => (7, 0),
        };
        let values = match self.values {
            Values::Bytes(stream) => stream.finish(),
            Values::Bits(bits) => bits.finish(),
        };
        let mut hasher = Hasher::new("hotpass column v1");
        hasher.raw(&[tag, scale]).number(rows);
        hasher.digest(&self.valid.finish()).digest(&self.lengths.finish()).digest(&values).finish()
    }
}

fn float(value: f64) -> [u8; 8] {
    if value.is_nan() { f64::NAN.to_bits().to_le_bytes() } else { value.to_bits().to_le_bytes() }
}

fn numbers<T: ArrowPrimitiveType, const N: usize>(
    array: &dyn Array,
    nulls: Option<&NullBuffer>,
    stream: &mut Stream,
    bytes: impl Fn(T::Native) -> [u8; N],
) {
    let array: &PrimitiveArray<T> = array.as_primitive();
    match nulls {
        Some(nulls) => array
            .values()
            .iter()
            .zip(nulls.iter())
            .for_each(|(it, valid)| stream.write(&if valid { bytes(*it) } else { [0; N] })),
        None => array.values().iter().for_each(|it| stream.write(&bytes(*it))),
    }
}

fn texts<O: OffsetSizeTrait>(
    array: &GenericStringArray<O>,
    nulls: Option<&NullBuffer>,
    lengths: &mut Stream,
    values: &mut Stream,
) -> Result<(), String> {
    let (offsets, bytes) = (array.value_offsets(), array.values());
    // What is contiguous is written at once: nulls seldom have bytes under them.
    let mut start = offsets[0].as_usize();
    for (row, pair) in offsets.windows(2).enumerate() {
        let (from, to) = (pair[0].as_usize(), pair[1].as_usize());
        if nulls.is_some_and(|it| it.is_null(row)) {
            lengths.write(&[0; 4]);
            if from < to {
                values.write(&bytes[start..from]);
                start = to;
            }
        } else {
            lengths.write(&length(to - from)?);
        }
    }
    values.write(&bytes[start..offsets[offsets.len() - 1].as_usize()]);
    Ok(())
}

fn views(array: &StringViewArray, lengths: &mut Stream, values: &mut Stream) -> Result<(), String> {
    for text in array {
        let text = text.unwrap_or_default();
        lengths.write(&length(text.len())?);
        values.write(text.as_bytes());
    }
    Ok(())
}

fn length(bytes: usize) -> Result<[u8; 4], String> {
    Ok(u32::try_from(bytes).map_err(|_| "a text of more than 4 GiB".to_owned())?.to_le_bytes())
}

/// Bytes on their way into a hasher, which is fast only when it gets many at once.
struct Stream {
    hasher: Hasher,
    waiting: Vec<u8>,
}

impl Stream {
    /// A power of two: BLAKE3 then always hashes whole subtrees.
    const BLOCK: usize = 1 << 16;

    fn new() -> Stream {
        Stream { hasher: Hasher::new("hotpass column part v1"), waiting: Vec::new() }
    }

    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        if self.waiting.len() + bytes.len() < Stream::BLOCK {
            self.waiting.extend_from_slice(bytes);
        } else {
            self.write_through(bytes);
        }
    }

    #[cold]
    fn write_through(&mut self, bytes: &[u8]) {
        let (first, rest) = bytes.split_at(Stream::BLOCK - self.waiting.len());
        self.waiting.extend_from_slice(first);
        self.hasher.raw(&self.waiting);
        self.waiting.clear();
        let whole = rest.len() - rest.len() % Stream::BLOCK;
        self.hasher.raw(&rest[..whole]);
        self.waiting.extend_from_slice(&rest[whole..]);
    }

    fn finish(mut self) -> Digest {
        self.hasher.raw(&self.waiting);
        self.hasher.finish()
    }
}

/// Bits on their way into a stream, packed from the lowest up without regard to bytes of the source.
struct Bits {
    stream: Stream,
    word: u64,
    used: usize,
}

impl Bits {
    fn new() -> Bits {
        Bits { stream: Stream::new(), word: 0, used: 0 }
    }

    fn extend(&mut self, bits: &BooleanBuffer) {
        let chunks = bits.bit_chunks();
        chunks.iter().for_each(|it| self.push(it, 64));
        self.push(chunks.remainder_bits(), chunks.remainder_len());
    }

    fn extend_with_ones(&mut self, mut count: usize) {
        while count > 0 {
            let some = count.min(64);
            self.push(u64::MAX >> (64 - some), some);
            count -= some;
        }
    }

    /// Adds the lowest `count` bits of `bits`, of which the others are zero.
    fn push(&mut self, bits: u64, count: usize) {
        self.word |= bits << self.used;
        if self.used + count < 64 {
            self.used += count;
            return;
        }
        self.stream.write(&self.word.to_le_bytes());
        let written = 64 - self.used;
        self.word = if written == 64 { 0 } else { bits >> written };
        self.used = count - written;
    }

    fn finish(mut self) -> Digest {
        self.stream.write(&self.word.to_le_bytes());
        self.stream.finish()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{
        ArrayRef, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int8Array, Int16Array, Int32Array,
        Int64Array, LargeStringArray, StringArray, TimestampMicrosecondArray,
    };
    use arrow_schema::{Field, Schema};
    use proptest::prelude::*;

    use super::*;

    const TYPES: [Type; 7] = [
        Type::Text,
        Type::Integer,
        Type::Decimal { scale: 3 },
        Type::Float,
        Type::Boolean,
        Type::Date,
        Type::Timestamp,
    ];

    fn batch(columns: Vec<ArrayRef>) -> RecordBatch {
        let fields: Vec<_> = columns.iter().map(|it| Field::new("x", it.data_type().clone(), true)).collect();
        RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).unwrap()
    }

    /// One column of each type; a row without a value still has bytes under its null.
    fn table(rows: &[(bool, String, i64)]) -> RecordBatch {
        let nulls = || Some(NullBuffer::from_iter(rows.iter().map(|it| it.0)));
        let text = StringArray::from_iter_values(rows.iter().map(|it| &it.1));
        let text = StringArray::new(text.offsets().clone(), text.values().clone(), nulls());
        let numbers = || rows.iter().map(|it| it.2);
        let decimals = Decimal128Array::new(numbers().map(i128::from).collect(), nulls());
        batch(vec![
            Arc::new(text),
            Arc::new(Int64Array::new(numbers().collect(), nulls())),
            Arc::new(decimals.with_precision_and_scale(38, 3).unwrap()),
            Arc::new(Float64Array::new(numbers().map(|it| it as f64 / 3.0).collect(), nulls())),
            Arc::new(BooleanArray::new(numbers().map(|it| it % 2 == 0).collect(), nulls())),
            Arc::new(Date32Array::new(numbers().map(|it| it as i32).collect(), nulls())),
            Arc::new(TimestampMicrosecondArray::new(numbers().collect(), nulls())),
        ])
    }

    fn digests<'a>(types: &[Type], batches: impl IntoIterator<Item = &'a RecordBatch>) -> Vec<Digest> {
        let mut digests = Digests::new(types);
        let mut rows = 0;
        for it in batches {
            digests.update(it).unwrap();
            rows += it.num_rows() as u64;
        }
        let (counted, digests) = digests.finish();
        assert_eq!(counted, rows);
        digests
    }

    fn column(array: impl Array + 'static) -> Digest {
        let array: ArrayRef = Arc::new(array);
        digests(&[canonical_type(array.data_type()).unwrap()], [&batch(vec![array])])[0]
    }

    fn rows() -> impl Strategy<Value = Vec<(bool, String, i64)>> {
        prop::collection::vec((prop::bool::weighted(0.8), "[a-cß]{0,3}", -3i64..3), 1..300)
    }

    proptest! {
        #[test]
        fn digests_do_not_know_batches_and_slices(rows in rows(), cuts in prop::collection::vec(0usize..300, 0..8)) {
            let whole = table(&rows);
            let mut cuts: Vec<_> = cuts.into_iter().map(|it| it.min(rows.len())).chain([0, rows.len()]).collect();
            cuts.sort();
            let expected = digests(&TYPES, [&whole]);
            let slices: Vec<_> = cuts.windows(2).map(|it| whole.slice(it[0], it[1] - it[0])).collect();
            prop_assert_eq!(&digests(&TYPES, &slices), &expected);
            let copies: Vec<_> = cuts.windows(2).map(|it| table(&rows[it[0]..it[1]])).collect();
            prop_assert_eq!(&digests(&TYPES, &copies), &expected);
        }

        #[test]
        fn digests_do_not_see_what_lies_under_a_null(rows in rows(), text in "[a-c]{0,5}", number in 5i64..9) {
            let other: Vec<_> =
                rows.iter().map(|it| if it.0 { it.clone() } else { (false, text.clone(), number) }).collect();
            prop_assert_eq!(digests(&TYPES, [&table(&rows)]), digests(&TYPES, [&table(&other)]));
        }

        #[test]
        fn a_changed_cell_changes_the_digest_of_its_column(
            rows in rows(), at in any::<prop::sample::Index>(), how in 0..3
        ) {
            let at = at.index(rows.len());
            let mut other = rows.clone();
            match how {
                0 => other[at].1.push('x'),
                1 => other[at].2 += 7,
                _ => other[at].0 ^= true,
            }
            let (before, after) = (digests(&TYPES, [&table(&rows)]), digests(&TYPES, [&table(&other)]));
            for index in 0..TYPES.len() {
                let seen = match how {
                    0 => index == 0 && rows[at].0,
                    1 => index > 0 && rows[at].0,
                    _ => true,
                };
                prop_assert_eq!(before[index] != after[index], seen, "{}", TYPES[index]);
            }
        }

        #[test]
        fn encodings_of_the_same_values_are_the_same(rows in rows()) {
            let texts = || rows.iter().map(|it| it.0.then_some(&*it.1));
            let expected = column(texts().collect::<StringArray>());
            prop_assert_eq!(column(texts().collect::<LargeStringArray>()), expected);
            prop_assert_eq!(column(texts().collect::<StringViewArray>()), expected);
            let numbers = || rows.iter().map(|it| it.0.then_some(it.2));
            let expected = column(numbers().collect::<Int64Array>());
            prop_assert_eq!(column(numbers().map(|it| it.map(|it| it as i8)).collect::<Int8Array>()), expected);
            prop_assert_eq!(column(numbers().map(|it| it.map(|it| it as i16)).collect::<Int16Array>()), expected);
            prop_assert_eq!(column(numbers().map(|it| it.map(|it| it as i32)).collect::<Int32Array>()), expected);
        }
    }

    #[test]
    fn columns_that_look_alike_differ() {
        let mut all = vec![
            column(StringArray::from(vec![""])),
            column(StringArray::from(vec![None::<&str>])),
            column(StringArray::from(vec!["", ""])),
            column(StringArray::from(vec![None, Some("")])),
            column(StringArray::from(vec!["ab", "c"])),
            column(StringArray::from(vec!["a", "bc"])),
            column(StringArray::from(vec!["abc", ""])),
            column(Float64Array::from(vec![0.0])),
            column(Float64Array::from(vec![-0.0])),
            column(Float64Array::from(vec![None])),
            column(Float64Array::from(vec![f64::NAN])),
            column(Int64Array::from(vec![0])),
            column(TimestampMicrosecondArray::from(vec![0])),
            column(Date32Array::from(vec![0])),
            column(BooleanArray::from(vec![false])),
            column(BooleanArray::from(vec![None])),
            column(Decimal128Array::from(vec![0]).with_precision_and_scale(38, 0).unwrap()),
            column(Decimal128Array::from(vec![0]).with_precision_and_scale(38, 1).unwrap()),
        ];
        all.extend(TYPES.map(|it| digests(&[it], [])[0]));
        let count = all.len();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), count);
        let other = f64::from_bits(f64::NAN.to_bits() | 1 << 63 | 1);
        assert_eq!(column(Float64Array::from(vec![other])), column(Float64Array::from(vec![f64::NAN])));
    }

    #[test]
    fn texts_longer_than_a_block_are_digested_whole() {
        let long = "ab".repeat(Stream::BLOCK);
        let texts: Vec<_> = [1, Stream::BLOCK - 1, Stream::BLOCK, 2 * Stream::BLOCK].map(|it| &long[..it]).to_vec();
        let whole = batch(vec![Arc::new(StringArray::from(texts.clone()))]);
        let parts = texts.iter().map(|it| batch(vec![Arc::new(StringViewArray::from(vec![*it]))]));
        let parts: Vec<_> = parts.collect();
        let expected = digests(&[Type::Text], [&whole]);
        assert_eq!(digests(&[Type::Text], &parts), expected);
        let mut other = texts;
        other[3] = &long[1..];
        assert_ne!(digests(&[Type::Text], [&batch(vec![Arc::new(StringArray::from(other))])]), expected);
    }

    #[test]
    fn what_was_not_promised_is_refused() {
        let array: ArrayRef = Arc::new(Int64Array::from(vec![1]));
        let mut wrong = Digests::new(&[Type::Text]);
        assert_eq!(wrong.update(&batch(vec![array.clone()])).unwrap_err(), "column 1: expected text, got Int64");
        let mut few = Digests::new(&[]);
        assert_eq!(few.update(&batch(vec![array])).unwrap_err(), "expected 0 columns, got 1");
    }

    #[test]
    fn types_that_would_lose_something_are_not_canonical() {
        let all = [
            DataType::UInt64,
            DataType::Float32,
            DataType::Timestamp(TimeUnit::Nanosecond, None),
            DataType::Decimal128(10, -2),
            DataType::Null,
            DataType::Binary,
        ];
        assert!(all.iter().all(|it| canonical_type(it).is_none()));
    }
}
