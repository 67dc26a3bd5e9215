//! An archive that was written.

use crate::answers::archive::Archived;
use crate::show::{bytes, count, line};

/// In one line.
pub(crate) fn archived(it: &Archived) -> String {
    let (files, size) = (count(it.files, "file"), bytes(it.bytes));
    format!("{:>10}  {}  {files}, {size}", "wrote", line(&it.path))
}
