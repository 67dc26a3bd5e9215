//! Environments, and what differs between two of them.

use crate::answers::env::{Differences, Environment, Promoted, Published};
use crate::show::{count, line};

/// A line for each environment.
pub(crate) fn list(all: &[Environment]) -> String {
    let width = all.iter().map(|it| it.name.len()).max().unwrap_or(0);
    let room = all.iter().map(|it| line(&it.destination).chars().count()).max().unwrap_or(0);
    let told = |published: u64| match published {
        0 => "nothing published".to_owned(),
        published => count(published, "file"),
    };
    let one =
        |it: &Environment| format!("{:width$}  {:room$}  {}\n", it.name, line(&it.destination), told(it.published));
    all.iter().map(one).collect()
}

/// A line for each file.
pub(crate) fn promoted(all: &[Promoted]) -> String {
    let word = |it: &Promoted| if it.changed { "promoted" } else { "the same" };
    all.iter().map(|it| format!("{}  {}  {}\n", word(it), line(&it.to), count(it.rows, "row"))).collect()
}

/// A line for each file, and one for each cause.
pub(crate) fn differences(it: &Differences, from: &str, to: &str) -> String {
    let artefacts = it
        .artefacts
        .iter()
        .map(|it| format!("{:9}  {}  {}\n", it.verdict, line(&it.from), rows((from, &it.was), (to, &it.is))));
    artefacts.chain(it.causes.iter().map(|it| format!("{}\n", line(&it.message)))).collect()
}

fn rows((from, a): (&str, &Option<Published>), (to, b): (&str, &Option<Published>)) -> String {
    match (a, b) {
        (Some(a), Some(b)) if a.rows == b.rows => count(a.rows, "row"),
        (Some(a), Some(b)) => format!("{} in `{from}`, {} in `{to}`", count(a.rows, "row"), count(b.rows, "row")),
        (Some(a), None) => format!("{} in `{from}`, not published in `{to}`", count(a.rows, "row")),
        (None, Some(b)) => format!("not published in `{from}`, {} in `{to}`", count(b.rows, "row")),
        (None, None) => "not published".to_owned(),
    }
}
