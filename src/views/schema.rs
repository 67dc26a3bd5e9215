//! Schemas that were written.

use crate::answers::schema::Written;
use crate::show::count;

/// Each file.
pub(crate) fn written(it: &Written) -> String {
    let list: String = it.files.iter().map(|it| format!("  {it}\n")).collect();
    format!("wrote {}\n{list}", count(it.files.len() as u64, "schema"))
}
