//! What is known of a step, or where a column comes from.

pub(crate) mod cell;
pub(crate) mod code;
mod sources;

use std::collections::BTreeMap;

use crate::answers::explain::{Column, Explained, KeyPart, Since, Step};
use crate::show::{Align, Paint, Style, count, line, table};
use crate::views::gate;

/// How many keys are told; the others are counted.
const CHANGES: usize = 8;
/// From how many on the columns of one input are one line, where nothing is to be told of any.
const MANY: usize = 6;

/// In words.
pub(crate) fn explained(it: &Explained, look: Style) -> String {
    match it {
        Explained::Gate(it) => gate::explained(it, look),
        Explained::Step(it) => step(it, look),
        Explained::Column(it) => it.iter().map(|it| column(it, look)).collect(),
    }
}

fn step(it: &Step, look: Style) -> String {
    let mut out = format!("{}  {}\n", look.paint(&it.step, Paint::Strong), it.kind);
    out.push_str(if it.made {
        "up to date: the next build reuses it\n\n"
    } else {
        "out of date: the next build runs it\n\n"
    });
    let heads = ["part of its key", "digest", "since the last run"].map(|it| (it.to_owned(), Align::Left));
    let rows = gathered(&it.key).into_iter();
    let rows = rows.map(|(label, digest, since)| vec![Some(label), digest, Some(word(since).to_owned())]);
    out.push_str(&table(&heads, &rows.collect::<Vec<_>>(), look));
    if !it.written.is_empty() {
        out.push_str("\nchanged in files since then\n");
        it.written.iter().take(CHANGES).for_each(|it| out.push_str(&format!("  {}\n", line(&it.words()))));
        if it.written.len() > CHANGES {
            out.push_str(&format!("  and {} more\n", count((it.written.len() - CHANGES) as u64, "key")));
        }
    } else if let Some(kept) = it.recipe {
        out.push_str(match kept {
            true => {
                "\nno recorded setting explains why its recipe changed; the cause may be hotpass itself or a table upstream\n"
            }
            false => "\nthe settings of the last run are not recorded\n",
        });
    }
    let unchanged = !it.made && it.was_made && it.written.is_empty() && it.recipe.is_none() && it.sources.all_same();
    if unchanged {
        out.push_str("\nno cell of its sources changed since then\n");
    }
    out.push_str(&sources::words(&it.sources, look));
    look.fold(&out, 4)
}

fn word(since: Since) -> &'static str {
    match since {
        Since::New => "never computed",
        Since::Changed => "changed",
        Since::Same => "the same",
        Since::Awaited => "not known: must be computed first",
        Since::Gone => "gone",
    }
}

/// The parts, with one line for many columns of one input that are all the same, or all to be made first.
fn gathered(parts: &[KeyPart]) -> Vec<(String, Option<String>, Since)> {
    let input = |it: &KeyPart| -> Option<(String, Since)> {
        let (name, _) = it.label.strip_prefix("input:")?.rsplit_once('.')?;
        matches!(it.since, Since::Same | Since::Awaited).then(|| (name.to_owned(), it.since))
    };
    let mut counts: BTreeMap<(String, Since), usize> = BTreeMap::new();
    parts.iter().filter_map(input).for_each(|it| *counts.entry(it).or_default() += 1);
    let mut acc = Vec::new();
    for part in parts {
        let Some((name, since)) = input(part).filter(|it| counts[it] >= MANY) else {
            acc.push((part.label.clone(), part.digest.clone(), part.since));
            continue;
        };
        // The first of them stands for all.
        if let Some(columns) = counts.remove(&(name.clone(), since)) {
            counts.insert((name.clone(), since), usize::MAX);
            if columns < usize::MAX {
                acc.push((format!("input:{name}, {}", count(columns as u64, "column")), None, since));
            }
        }
    }
    acc
}

fn column(it: &Column, look: Style) -> String {
    let by = look.paint(&line(&it.by), Paint::Dim);
    let text = format!("{}{}  {by}\n", "  ".repeat(it.depth), line(&it.column));
    look.fold(&text, 2 * it.depth + 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_columns_of_one_input_are_one_line() {
        let part = |label: &str, since| KeyPart { label: label.to_owned(), digest: Some("d".to_owned()), since };
        let many = |input: &str, count: usize, since| {
            (0..count).map(move |at| part(&format!("input:{input}.c{at}"), since)).collect::<Vec<_>>()
        };
        let check = |parts: Vec<KeyPart>, expected: &str| {
            let told = gathered(&parts).into_iter().map(|(label, _, since)| format!("{label} {}", word(since)));
            assert_eq!(told.collect::<Vec<_>>().join("; "), expected);
        };
        check(many("a", 2, Since::Same), "input:a.c0 the same; input:a.c1 the same");
        check(many("a", MANY, Since::Same), "input:a, 6 columns the same");
        let mut parts = vec![part("engine", Since::Same), part("recipe", Since::Changed)];
        parts.extend(many("a", 7, Since::Awaited));
        parts.push(part("input:a.x", Since::Changed));
        parts.extend(many("b", 8, Since::Same));
        parts.extend(many("a", 7, Since::Same));
        check(
            parts,
            "engine the same; recipe changed; input:a, 7 columns not known: must be computed first; input:a.x changed; \
             input:b, 8 columns the same; input:a, 7 columns the same",
        );
        // What changed is always told by name.
        assert_eq!(gathered(&many("a", 9, Since::Changed)).len(), 9);
    }
}
