//! Profiles: all of them, one with where each key is from, and what is odd.

use crate::answers::profile::import::Imported;
use crate::answers::profile::{Linted, Profile, Shown};
use crate::show::{self, Align, Style, count, line};

/// A line for each profile.
pub(crate) fn list(all: &[Profile], look: Style) -> String {
    let heads = ["profile", "origin", "extends", "for"].map(|it| (it.to_owned(), Align::Left));
    let row = |it: &Profile| {
        let from = if it.is_shipped { "shipped".to_owned() } else { it.origin.clone() };
        vec![Some(it.name.clone()), Some(from), it.extends.clone(), it.description.clone()]
    };
    show::table(&heads, &all.iter().map(row).collect::<Vec<_>>(), look)
}

/// The merged profile as TOML, each line with the files it is from.
pub(crate) fn shown(it: &Shown) -> String {
    let mut out = format!("# {}: {}\n", line(&it.name), it.chain.join("; extends "));
    let mut table = Vec::new();
    for it in &it.parts {
        let (key, above) = it.path.split_last().map_or(("", &[][..]), |(key, above)| (key.as_str(), above));
        if above != table {
            table = above.to_vec();
            let names: Vec<String> = above.iter().map(|it| toml_edit::Key::new(it).to_string()).collect();
            out.push_str(&format!("\n[{}]\n", names.join(".")));
        }
        if !key.is_empty() {
            out.push_str(&format!("{} = {}  # {}\n", toml_edit::Key::new(key), it.value, it.origin));
        }
    }
    out
}

/// How much was looked at.
pub(crate) fn linted(it: &Linted) -> String {
    let profiles = count(it.profiles.len() as u64, "profile");
    match it.problems {
        0 => format!("nothing is odd in {profiles}\n"),
        odd => format!("{} in {profiles}\n", count(odd, "finding")),
    }
}

/// What was dropped.
pub(crate) fn dropped(it: &Imported) -> String {
    let dropped = it.dropped.iter().map(|it| format!("dropped `{}`: {}\n", line(&it.key), it.why));
    dropped.collect::<String>() + &format!("{} dropped\n", count(it.dropped.len() as u64, "key"))
}
