//! What became of checks that others wrote.

use crate::answers::expect::Checks;
use crate::show::{count, line};

/// What was dropped, with its places.
pub(crate) fn dropped(it: &Checks) -> String {
    let dropped = it.dropped.iter();
    let told = dropped.map(|part| format!("{}:{}: dropped `{}`: {}\n", it.file, part.line, line(&part.key), part.why));
    let (checks, parts) = (count(it.imported, "check"), count(it.lost, "part"));
    told.collect::<String>() + &format!("{checks} imported, {parts} dropped\n")
}
