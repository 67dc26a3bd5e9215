//! The pairs that people are asked about, and what became of answers.

use crate::answers::link::answers::Taken;
use crate::answers::link::review::Review;
use crate::show::{self, Align, Paint, count, line};
use crate::steps::asking::{Asked, Queue, RowName};

/// How many there are, and the pairs or the file with them.
pub(crate) fn review(it: &Review, look: show::Style) -> String {
    let name = look.paint(&line(&it.step), Paint::Strong);
    let (open, decided) = (count(it.queue.open, "pair"), count(it.queue.decided, "pair"));
    let out = format!("{name}  {open} to review, {decided} decided\n");
    let least = if it.queue.open == 0 && !it.queue.asked.is_empty() { "the least certain pairs:\n" } else { "" };
    let Some(path) = &it.output else { return format!("{out}\n{least}{}", listed(&it.queue, look)) };
    let (pairs, path) = (count(it.queue.asked.len() as u64, "pair"), line(path));
    let how = match it.is_json {
        true => "import it into Label Studio, and export the answers as JSON",
        false => "fill in `decide` with same, different, related or unsure",
    };
    format!("{out}{pairs} written to `{path}`: {how}\n")
}

/// What to do with the file.
pub(crate) fn notes(it: &Review) -> String {
    let Some(path) = &it.output else { return String::new() };
    let masked = if it.is_masked { "personal values are masked: `--unmasked` writes them\n" } else { "" };
    format!("when the file is filled in: `hotpass link review {} --read {}`\n{masked}", it.word, line(path))
}

/// What became of answers.
pub(crate) fn taken(it: &Taken) -> String {
    let mut out = match it.added {
        0 => format!("nothing new for `{}`\n", it.path),
        added => format!("{} added to `{}`\n", count(added as u64, "decision"), it.path),
    };
    if it.changed > 0 {
        out.push_str(&format!("{} had a different decision before: the later one counts\n", count(it.changed, "pair")));
    }
    if it.again > 0 {
        out.push_str(&format!("{} already had this decision\n", count(it.again, "pair")));
    }
    if !it.gone.is_empty() {
        out.push_str(&format!("not added, because a row is not there: {}\n", lines(&it.gone)));
    }
    if !it.stale.is_empty() {
        out.push_str(&format!("rows changed since the file was written, look again: {}\n", lines(&it.stale)));
    }
    out
}

/// Rows of a file of answers.
fn lines(rows: &[usize]) -> String {
    const TOLD: usize = 10;
    let told: Vec<String> = rows.iter().take(TOLD).map(usize::to_string).collect();
    let more = rows.len().saturating_sub(TOLD);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("row {}{more} of the file", told.join(", "))
}

fn name(row: &RowName) -> String {
    row.key.clone().unwrap_or_else(|| format!("#{}", row.row))
}

fn listed(queue: &Queue, look: show::Style) -> String {
    let heads = ["left", "right", "why", "rows affected", "how they agree"];
    let heads: Vec<(String, Align)> = heads.map(|it| (it.to_owned(), Align::Left)).to_vec();
    let row = |it: &Asked| {
        let why = if it.why == "lot" { "random sample" } else { "least certain" }.to_owned();
        let cells = [name(&it.left), name(&it.right), why, it.impact.to_string(), it.agreement.clone()];
        cells.map(Some).to_vec()
    };
    show::table(&heads, &queue.asked.iter().map(row).collect::<Vec<_>>(), look)
}
