//! A workspace that was written.

use crate::answers::init::{Proposed, Table, Written};
use crate::show::{Align, Style, count, line, number, table};

/// The files of a template.
pub(crate) fn written(it: &Written) -> String {
    let list: String = it.files.iter().map(|it| format!("  {it}\n")).collect();
    let files = count(it.files.len() as u64, "file");
    format!("wrote {files}\n{list}\nnext: `hotpass check`, then `hotpass build`\n")
}

/// What was proposed of workbooks.
pub(crate) fn proposed(it: &Proposed, look: Style) -> String {
    let heads = ["table", "from", "rows", "by name", "guessed", "own", "empty"];
    let heads =
        heads.iter().enumerate().map(|(at, it)| ((*it).to_owned(), if at < 2 { Align::Left } else { Align::Right }));
    let row = |it: &Table| {
        let numbers = [it.certain, it.guessed, it.own, it.empty].map(|it| it.to_string());
        let words = [it.table.clone(), it.place.clone(), number(it.rows)];
        words.into_iter().chain(numbers).map(Some).collect()
    };
    let rows: Vec<Vec<Option<String>>> = it.tables.iter().map(row).collect();
    let list: String = it.files.iter().map(|it| format!("  {}\n", line(it))).collect();
    let left: String = it.left_out.iter().map(|it| format!("left out: {}: {}\n", it.place, line(&it.why))).collect();
    let first = it.tables.first().map(|it| it.table.as_str()).unwrap_or_default();
    format!(
        "wrote {}\n{list}\nprofile `{}`\n\n{}{left}\nnext: `hotpass build`, then `hotpass show {first}_clean`\n",
        count(it.files.len() as u64, "file"),
        line(&it.profile),
        table(&heads.collect::<Vec<_>>(), &rows, look),
    )
}
