//! What was guessed, as a table.

use crate::answers::guesses::Guess;
use crate::show::{self, Align, Style};

/// Nothing when there are none.
pub(crate) fn guesses(guesses: &[Guess], look: Style) -> String {
    if guesses.is_empty() {
        return String::new();
    }
    let heads = [
        ("guessed", Align::Left),
        ("key", Align::Left),
        ("value", Align::Left),
        ("certainty", Align::Right),
        ("because", Align::Left),
    ];
    let heads: Vec<_> = heads.into_iter().map(|(name, align)| (name.to_owned(), align)).collect();
    let row = |it: &Guess| {
        let name = format!("{}.{}", it.pipeline, it.step);
        let certainty = format!("{:.2}", it.confidence);
        let value = it.answer.escape_debug().to_string();
        [name, it.key.clone(), value, certainty, it.why.clone()].into_iter().map(Some).collect()
    };
    let rows: Vec<_> = guesses.iter().map(row).collect();
    format!("\n{}`hotpass adopt --write` writes these settings into the pipeline\n", show::table(&heads, &rows, look))
}
