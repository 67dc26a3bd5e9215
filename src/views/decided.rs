//! How columns are written, and what was lost of them.

use crate::answers::decided::{Lost, Written};
use crate::show::{self, count, line};

/// A line for each column.
pub(crate) fn counted(written: &[Written], lost: &[Lost]) -> String {
    let mut out = String::new();
    for it in written {
        let from = it.source.as_ref().map(|it| format!(" from `{it}`")).unwrap_or_default();
        let values = count(it.values, "value");
        let text = format!("{}.{}.{}{from} is `{}`, by {values}", it.pipeline, it.step, it.column, it.key);
        out.push_str(&format!("read   {}\n", line(&text)));
    }
    for it in lost {
        let (lost, of) = (show::number(it.lost), count(it.values, "value"));
        let text = format!("{lost} of {of} of {}.{}.{}", it.pipeline, it.step, it.column);
        out.push_str(&format!("lost   {}\n", line(&text)));
    }
    out
}
