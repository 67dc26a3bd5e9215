//! What a step that compares rows leaves for its next run, which is offered it over other rows.

use crate::linkage::{Earlier, Table};
use crate::steps::deciding::Print;

/// What an earlier run left: an answer, and the prints of its rows before it.
pub(super) struct Memo<'a> {
    prints: &'a [Print],
    pub earlier: Earlier<'a>,
}

impl<'a> Memo<'a> {
    /// Out of its bytes; nothing where it is not about most of these rows.
    pub fn of(bytes: &'a [u8], table: &Table) -> Option<Memo<'a>> {
        let (count, rest) = bytes.split_first_chunk::<8>()?;
        let length = usize::try_from(u64::from_le_bytes(*count)).ok()?.checked_mul(size_of::<Print>())?;
        let (prints, rest) = rest.split_at_checked(length)?;
        Some(Memo { prints: prints.as_chunks().0, earlier: Earlier::of(rest, table)? })
    }

    /// An answer and prints as bytes.
    pub fn bytes(left: &[u8], prints: &[Print]) -> Vec<u8> {
        let mut acc = Vec::with_capacity(8 + size_of_val(prints) + left.len());
        acc.extend((prints.len() as u64).to_le_bytes());
        acc.extend(prints.as_flattened());
        acc.extend(left);
        acc
    }

    /// The print of a row that was there.
    pub fn print(&self, row: u32) -> Option<Print> {
        self.prints.get(self.earlier.was(row)? as usize).copied()
    }
}
