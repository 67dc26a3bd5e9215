//! An attestation that was written.

use crate::answers::attest::{Attested, KEY};
use crate::show::{count, line};

/// In one line.
pub(crate) fn attested(it: &Attested) -> String {
    let unsigned = || format!("unsigned: there is neither `--key` nor `{KEY}`");
    let how = it.key.as_ref().map_or_else(unsigned, |it| format!("signed by {it}"));
    format!("{:>10}  {}  {}, {how}", "wrote", line(&it.path), count(it.subjects as u64, "artefact"))
}
