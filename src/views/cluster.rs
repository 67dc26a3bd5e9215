//! What was put together.

use crate::answers::cluster::Clusters;
use crate::show::{count, line};

/// What was proposed or written, and what was left alone.
pub(crate) fn notes(it: &Clusters, column: &str, writes: bool) -> String {
    let mut out = String::new();
    if it.names.is_empty() {
        out.push_str("no values are spelt in several ways, or all of them are in the lookup\n");
    } else {
        let names = count(it.names.len() as u64, "name");
        let what = if writes { "written" } else { "proposed: `--write` writes them" };
        out.push_str(&format!("{names} with other spellings {what}\n"));
        let (column, lookup) = (line(column), &it.lookup);
        out.push_str(&format!(
            "a `derive` step uses them and leaves all else: `coalesce(lookup({column}, '{lookup}'), {column})`\n"
        ));
    }
    if it.taken > 0 {
        let spellings = count(it.taken as u64, "spelling");
        out.push_str(&format!("{spellings} belong to another name already and are left alone\n"));
    }
    if it.left_out > 0 {
        let values = count(it.left_out as u64, "value");
        out.push_str(&format!("{values} were not compared letter by letter: too many begin or end like them\n"));
    }
    out
}
