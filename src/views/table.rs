//! A table: its first rows, what its columns hold, what nothing took of its input and what it lost.

use crate::answers::table::lost::Losses;
use crate::answers::table::{Shown, Unmapped};
use crate::show::{self, Align, Style, align_of, count};
use crate::views::columns;

/// Rows, and what each column holds; only this, and all of it, where columns were named. `most` rows were asked for.
pub(crate) fn shown(it: &Shown, named: bool, most: u64, look: Style) -> String {
    let held = it.held();
    if named {
        return columns::details(&held, look);
    }
    let mut out = String::new();
    let total = held.first().map_or(0, |it| it.rows);
    if most > 0 {
        let heads: Vec<_> = it.columns.iter().map(|it| (it.name.clone(), align_of(it.ty))).collect();
        out.push_str(&show::pages(&heads, &it.rows, look));
    }
    match it.rows.len() as u64 {
        0 => out.push_str(&format!("{}\n", count(total, "row"))),
        shown if shown < total => out.push_str(&format!("{} of {}\n", show::number(shown), count(total, "row"))),
        _ => (),
    }
    out.push('\n');
    out.push_str(&columns::lines(&held, look));
    out
}

/// What the columns might be that nothing took.
pub(crate) fn unmapped(table: &str, all: &[Unmapped<'_>], look: Style) -> String {
    if all.is_empty() {
        return format!("`{table}` takes every column of its input\n");
    }
    let heads = [("column", Align::Left), ("might be", Align::Left), ("score", Align::Right), ("because", Align::Left)];
    let heads: Vec<_> = heads.into_iter().map(|(name, align)| (name.to_owned(), align)).collect();
    let mut rows = Vec::new();
    for it in all {
        let mut column = Some(it.column.to_owned());
        for proposal in it.proposals {
            let score = format!("{:.2}", proposal.score);
            rows.push(vec![column.take(), Some(proposal.field.clone()), Some(score), Some(proposal.why.clone())]);
        }
        if let Some(column) = column {
            rows.push(vec![Some(column), None, None, None]);
        }
    }
    show::table(&heads, &rows, look)
}

/// At most so many values that could not be read.
pub(crate) fn lost(losses: &Losses, most: u64, look: Style) -> String {
    let all = &losses.values;
    if all.iter().map(|it| it.count).sum::<u64>() == 0 {
        return format!("`{}` lost no value\n", losses.table);
    }
    let cut = all.iter().any(|it| it.is_cut());
    let heads = [("column", Align::Left), ("value", Align::Left), ("cells", Align::Right), ("first at", Align::Left)];
    let lost = cut.then_some(("lost", Align::Left));
    let heads: Vec<_> = heads.into_iter().chain(lost).map(|(name, align)| (name.to_owned(), align)).collect();
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let rows = all.iter().take(most).map(|it| {
        let own = vec![Some(it.column.clone()), Some(it.value.clone()), Some(show::number(it.count)), it.first()];
        own.into_iter().chain(cut.then(|| Some(it.lost.to_owned()))).collect()
    });
    let mut out = show::table(&heads, &rows.collect::<Vec<_>>(), look);
    if all.len() > most {
        out.push_str(&format!("and {} more\n", count((all.len() - most) as u64, "value")));
    }
    out
}
