//! Columns of texts as DuckDB hands them to a function, and as it wants them back.
//!
//! All code of the value functions that is not safe Rust stands here. Not here: what the functions do.

use std::error::Error;
use std::marker::PhantomData;
use std::{ptr, slice, str};

use duckdb::core::{DataChunkHandle, FlatVector, Inserter, LogicalTypeId};
use duckdb::ffi::duckdb_string_t;
use duckdb::vtab::arrow::WritableVector;

/// The longest text that stands in the cell itself.
const INLINED: u32 = 12;

/// A column of texts that goes into a function. DuckDB flattens it first: a constant is the same cell in each row.
pub(super) struct Texts<'a> {
    vector: FlatVector<'a>,
    cells: *const duckdb_string_t,
    rows: usize,
    chunk: PhantomData<&'a DataChunkHandle>,
}

impl<'a> Texts<'a> {
    /// Column `column` of `chunk`.
    pub(super) fn new(chunk: &'a DataChunkHandle, column: usize) -> Result<Texts<'a>, Box<dyn Error>> {
        if column >= chunk.num_columns() {
            return Err("a value function has too few arguments".into());
        }
        let vector = chunk.flat_vector(column);
        if vector.logical_type().id() != LogicalTypeId::Varchar {
            return Err("a value function takes text".into());
        }
        #[expect(unsafe_code, reason = "DuckDB's vectors are raw memory")]
        // SAFETY: the column is VARCHAR, which is stored as `duckdb_string_t`; nothing is read yet.
        let cells = unsafe { vector.as_mut_ptr::<duckdb_string_t>() }.cast_const();
        Ok(Texts { vector, cells, rows: chunk.len(), chunk: PhantomData })
    }

    /// The cell in `row`; `None` for null.
    pub(super) fn get(&self, row: usize) -> Option<Cell<'a>> {
        if row >= self.rows || self.vector.row_is_null(row as u64) {
            return None;
        }
        #[expect(unsafe_code, reason = "DuckDB's vectors are raw memory")]
        // SAFETY: the row is within the chunk and not null, so DuckDB wrote it; the chunk outlives `'a` unchanged.
        Some(Cell(unsafe { &*self.cells.add(row) }))
    }
}

/// A cell that is not null.
#[derive(Clone, Copy)]
pub(super) struct Cell<'a>(&'a duckdb_string_t);

impl<'a> Cell<'a> {
    /// Its text.
    pub(super) fn text(self) -> Result<&'a str, str::Utf8Error> {
        #[expect(unsafe_code, reason = "DuckDB's texts are raw memory")]
        // SAFETY: both forms begin with the length, which says which form it is; DuckDB wrote that many bytes, in the
        // cell itself or where it points to, and keeps them as long as the cell.
        let bytes = unsafe {
            let length = self.0.value.inlined.length;
            let start = match length {
                ..=INLINED => self.0.value.inlined.inlined.as_ptr(),
                _ => self.0.value.pointer.ptr.cast_const(),
            };
            slice::from_raw_parts(start.cast::<u8>(), length as usize)
        };
        str::from_utf8(bytes)
    }

    /// Whether both are the same short text or the same place in memory: cheap, and enough to know a constant.
    pub(super) fn is_same(self, other: Cell<'_>) -> bool {
        self.words() == other.words()
    }

    fn words(self) -> [u64; 2] {
        const { assert!(size_of::<duckdb_string_t>() == 16 && align_of::<duckdb_string_t>() >= align_of::<u64>()) };
        #[expect(unsafe_code, reason = "DuckDB's texts are raw memory")]
        // SAFETY: size and alignment are checked above; DuckDB fills what a short text leaves over with zeros.
        unsafe {
            ptr::from_ref(self.0).cast::<[u64; 2]>().read()
        }
    }
}

/// The column of texts that a function makes.
pub(super) struct Made<'a>(FlatVector<'a>);

impl<'a> Made<'a> {
    /// All of `output`.
    pub(super) fn new(output: &'a mut dyn WritableVector) -> Made<'a> {
        Made(output.flat_vector())
    }

    /// Writes a row.
    pub(super) fn set(&mut self, row: usize, text: Option<&str>) {
        match text {
            Some(text) => self.0.insert(row, text),
            None => self.0.set_null(row),
        }
    }
}

/// A value that a column of DuckDB holds as it is.
///
/// # Safety
///
/// The type that is named must be stored as exactly this: `Values` writes it there.
#[expect(unsafe_code, reason = "only who looked at the engine's storage may say so")]
pub(super) unsafe trait Plain: Copy + Send + Sync + 'static {
    /// The type of the column.
    const TYPE: LogicalTypeId;
}

/// Days since 1970-01-01.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(super) struct Day(pub(super) i32);

/// Microseconds since 1970-01-01.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(super) struct Micros(pub(super) i64);

/// A decimal of 38 digits, times ten to the power of its scale, in the two halves that DuckDB has.
#[derive(Clone, Copy)]
#[repr(C)]
pub(super) struct Unscaled {
    lower: u64,
    upper: i64,
}

impl From<i128> for Unscaled {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "each half takes its bits")]
    fn from(number: i128) -> Unscaled {
        Unscaled { lower: number as u64, upper: (number >> 64) as i64 }
    }
}

macro_rules! plain {
    ($($made:ty => $name:ident),*) => {$(
        #[expect(unsafe_code, reason = "the engine's storage is what it is")]
        // SAFETY: DuckDB stores this type as this very value.
        unsafe impl Plain for $made {
            const TYPE: LogicalTypeId = LogicalTypeId::$name;
        }
    )*};
}

plain!(i64 => Bigint, f64 => Double, bool => Boolean, Day => Date, Micros => Timestamp, Unscaled => Decimal);

/// The column of plain values that a function makes.
pub(super) struct Values<'a, T>(FlatVector<'a>, PhantomData<T>);

impl<'a, T: Plain> Values<'a, T> {
    /// All of `output`, which holds such values.
    pub(super) fn new(output: &'a mut dyn WritableVector) -> Result<Values<'a, T>, Box<dyn Error>> {
        let vector = output.flat_vector();
        if vector.logical_type().id() != T::TYPE {
            return Err("a cast gives another type".into());
        }
        Ok(Values(vector, PhantomData))
    }

    /// Writes a row.
    pub(super) fn set(&mut self, row: usize, value: Option<T>) {
        let Some(value) = value.filter(|_| row < self.0.capacity()) else {
            self.0.set_null(row);
            return;
        };
        #[expect(unsafe_code, reason = "DuckDB's vectors are raw memory")]
        // SAFETY: the column holds values of `T`, which was looked at, and has room for this row.
        unsafe {
            self.0.as_mut_ptr::<T>().add(row).write(value);
        }
    }
}
