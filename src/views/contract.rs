//! Contracts: all of them, what another version changes, and how a file keeps one.

use crate::answers::contract::file::Checked;
use crate::answers::contract::{Difference, Imported, Listed};
use crate::contracts::emit::LeftOut;
use crate::problem::Severity;
use crate::show::{self, Align, Style, count, line};

/// A line for each contract.
pub(crate) fn list(all: &[Listed], look: Style) -> String {
    let heads = ["contract", "version", "owner", "fields", "kept by"].map(|it| (it.to_owned(), Align::Left));
    let row = |it: &Listed| {
        let fields = show::number(it.fields as u64);
        vec![
            Some(it.name.clone()),
            Some(it.version.clone()),
            it.owner.clone(),
            Some(fields),
            Some(it.kept_by.join(", ")),
        ]
    };
    show::table(&heads, &all.iter().map(row).collect::<Vec<_>>(), look)
}

/// What was dropped.
pub(crate) fn dropped(it: &Imported) -> String {
    let told = it.dropped.iter().map(|it| format!("dropped `{}`: {}\n", line(&it.key), line(&it.why)));
    told.collect::<String>() + &format!("{} dropped\n", count(it.dropped.len() as u64, "key"))
}

/// What a form does not say, so that other programs hold to it.
pub(crate) fn left_out(all: &[LeftOut]) -> String {
    let one = |it: &LeftOut| format!("left out `{}` of `{}`: {}\n", it.key, line(&it.place), it.why);
    all.iter().map(one).collect()
}

/// A line for each change.
pub(crate) fn difference(found: &Difference) -> String {
    let mut out = String::new();
    for it in &found.changes {
        let field = it.field.as_ref().map_or_else(|| found.to.clone(), |field| format!("{}.{field}", found.to));
        out.push_str(&format!("{:>10}  {}: {}\n", it.effect.word(), line(&field), line(&it.what)));
    }
    let raised = match (found.refused, found.raised) {
        (true, _) => "; a promise is broken and the major version is not raised",
        (false, true) => "; the major version is raised",
        (false, false) => "",
    };
    let (from, to) = (&found.from_version, &found.to_version);
    out.push_str(&format!("{}: {} {from} to {to}{raised}\n", found.effect.word(), found.to));
    out
}

/// What breaks the contract, and where.
pub(crate) fn checked(it: &Checked) -> String {
    let mut out = String::new();
    for it in &it.problems {
        let word = if it.severity == Severity::Error { "broken" } else { "note" };
        out.push_str(&format!("{word:>10}  {}\n", line(&it.message)));
        if let Some(help) = &it.help {
            out.push_str(&format!("{:>10}  {}\n", "help", line(help)));
        }
    }
    for it in &it.checks {
        out.push_str(&format!("{:>10}  {} {}\n", "broken", line(&it.expected), line(&it.found)));
        let mut places: Vec<&String> = it.samples.iter().filter_map(|it| it.places.last()).collect();
        places.dedup();
        if !places.is_empty() {
            let shown: Vec<_> = places.iter().map(|it| line(it.strip_prefix("data/").unwrap_or(it))).collect();
            let more = it.unexpected.saturating_sub(it.samples.len() as u64);
            let more = if more > 0 { format!(" and {} more", show::number(more)) } else { String::new() };
            out.push_str(&format!("{:>10}  {}{more}\n", "at", shown.join(", ")));
        }
    }
    let what = if it.is_kept() { "keeps" } else { "does not keep" };
    let rows = it.rows.map_or_else(String::new, |it| format!(", {}", count(it, "row")));
    out.push_str(&format!("`{}` {what} the contract `{}` {}{rows}\n", it.file, it.contract, it.version));
    out
}
