//! What is not as it was recorded, or how much is.

use crate::answers::difference::Difference;
use crate::answers::verify::Verified;
use crate::show::{count, line};

/// Lines for people.
pub(crate) fn verified(it: &Verified) -> Vec<String> {
    let different = |it: &Difference| {
        let path = it.path.as_ref().map_or_else(String::new, |it| format!("`{}`: ", line(it)));
        format!("different  {path}{}", line(&it.message))
    };
    let mut acc: Vec<String> = it.differences.iter().map(different).collect();
    if it.is_same() {
        let mut parts = vec![count(it.artefacts as u64, "artefact")];
        parts.extend(it.inputs.map(|it| count(it as u64, "input")));
        if it.rebuilt {
            parts.push("all recomputed".to_owned());
        }
        parts.extend(it.attested.as_ref().map(|it| format!("attestation {it}")));
        acc.push(format!("{:>10}  {}", "verified", parts.join(", ")));
    }
    acc
}
