//! What was written down.

use crate::answers::adopt::Adopted;
use crate::show::count;

/// What was left alone, and whether anything was written.
pub(crate) fn notes(it: &Adopted) -> String {
    let mut out: String = it.notes.iter().map(|it| format!("{it}\n")).collect();
    match (it.count == 0, it.writes) {
        (true, _) if it.takes => (),
        (true, _) => out.push_str("nothing is guessed here\n"),
        (false, true) => out.push_str(&format!("{} written\n", count(it.count as u64, "key"))),
        (false, false) => out.push_str("nothing is written yet: `--write` writes this change\n"),
    }
    out
}
