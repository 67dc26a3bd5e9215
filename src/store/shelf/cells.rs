//! A column in memory as DuckDB has one, so that rows of it are given as they are: fixed bytes a cell, and a bit for each
//! that says whether it has a value. A text that is too long for its cell stands where Arrow has it.
//!
//! All code of short tables that is not safe Rust stands here.

use std::error::Error;
use std::ops::Range;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef};
use arrow_buffer::{Buffer, MutableBuffer};
use arrow_schema::DataType;
use duckdb::core::DataChunkHandle;
use duckdb::ffi;

/// The longest text that stands in its cell.
const INLINED: usize = 12;

/// The cells of a column. It keeps what they point to.
#[derive(Clone)]
pub(super) struct Cells {
    array: ArrayRef,
    bytes: Buffer,
    /// How many bytes a cell has.
    width: usize,
    /// A bit for each cell, if any has no value.
    valid: Option<Buffer>,
}

impl Cells {
    /// Of a column as segments have them.
    pub(super) fn of(array: ArrayRef) -> Result<Cells, Box<dyn Error>> {
        let valid = array.nulls().filter(|it| it.null_count() > 0).map(|it| it.inner().sliced());
        let (bytes, width) = match array.data_type() {
            DataType::Utf8 => (texts(&array), size_of::<ffi::duckdb_string_t>()),
            DataType::Boolean => {
                let values = array.as_boolean().values();
                (Buffer::from_iter(values.iter().map(u8::from)), 1)
            }
            ty => {
                let width = ty.primitive_width().ok_or("a column of this type is in no segment")?;
                let data = array.to_data();
                let values = data.buffers().first().ok_or("a column without cells")?;
                (values.slice_with_length(data.offset() * width, data.len() * width), width)
            }
        };
        Ok(Cells { array, bytes, width, valid })
    }

    /// The column as Arrow has it.
    pub(super) fn array(&self) -> &ArrayRef {
        &self.array
    }

    /// What it takes in memory.
    pub(super) fn size(&self) -> usize {
        let own =
            if matches!(self.array.data_type(), DataType::Utf8 | DataType::Boolean) { self.bytes.len() } else { 0 };
        self.array.get_array_memory_size() + own
    }

    /// Writes these cells into a column of a chunk. They must stay as long as the chunk is read.
    pub(super) fn give(
        &self,
        rows: Range<usize>,
        chunk: &mut DataChunkHandle,
        at: usize,
    ) -> Result<(), Box<dyn Error>> {
        let cells = &self.bytes.as_slice()[rows.start * self.width..rows.end * self.width];
        let room = chunk.flat_vector(at).capacity();
        if at >= chunk.num_columns() || rows.len() > room {
            return Err("the engine asks for fewer rows".into());
        }
        #[expect(unsafe_code, reason = "DuckDB's vectors are raw memory")]
        // SAFETY: the column was declared with the type of the array, so that its cells have this width, and it has room
        // for these rows. The bits of a vector's validity are words of 64 rows in the order of Arrow's, and there are
        // words for all of its rows.
        unsafe {
            let vector = ffi::duckdb_data_chunk_get_vector(chunk.get_ptr(), at as u64);
            let values = ffi::duckdb_vector_get_data(vector).cast::<u8>();
            values.copy_from_nonoverlapping(cells.as_ptr(), cells.len());
            if let Some(valid) = &self.valid {
                ffi::duckdb_vector_ensure_validity_writable(vector);
                let bits = &valid.as_slice()[rows.start / 8..rows.end.div_ceil(8)];
                let words = ffi::duckdb_vector_get_validity(vector).cast::<u8>();
                words.copy_from_nonoverlapping(bits.as_ptr(), bits.len());
            }
        }
        Ok(())
    }
}

/// Cells of texts: the length, and behind it the text, or its beginning and where it stands.
fn texts(array: &ArrayRef) -> Buffer {
    let texts = array.as_string::<i32>();
    let width = size_of::<ffi::duckdb_string_t>();
    let mut cells = MutableBuffer::with_capacity(array.len() * width);
    for at in 0..array.len() {
        let text = if texts.is_null(at) { "" } else { texts.value(at) };
        let mut cell = [0; size_of::<ffi::duckdb_string_t>()];
        cell[..4].copy_from_slice(&(text.len() as u32).to_ne_bytes());
        if text.len() <= INLINED {
            cell[4..4 + text.len()].copy_from_slice(text.as_bytes());
        } else {
            cell[4..8].copy_from_slice(&text.as_bytes()[..4]);
            cell[8..].copy_from_slice(&(text.as_ptr() as usize as u64).to_ne_bytes());
        }
        cells.extend_from_slice(&cell);
    }
    cells.into()
}
