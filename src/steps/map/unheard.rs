//! Columns that no field takes and that say who must not be contacted: by their name, or by their values.
//!
//! Such a column is dropped like any other one, and then nobody is left alone. The words are those of a few languages;
//! what they miss is not told, so they lean to telling.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::expr::Expr;
use crate::finding::Finding;
use crate::model::{Column, Type};
use crate::readers::Evidence;
use crate::steps::{Notice, UNHEARD};
use crate::text::shape::Shape;
use crate::text::slug::slug;

/// What names of such columns hold, as whole words.
const NAMES: &str = include_str!("refusals/names.txt");

/// What values of such columns hold: patterns, one a line.
const VALUES: &str = include_str!("refusals/values.txt");

/// One pattern of all lines of [`VALUES`], for whole words, whatever their letters.
static SAYS_SO: LazyLock<String> = LazyLock::new(|| {
    let lines: Vec<&str> = VALUES.lines().filter(|it| !it.is_empty() && !it.starts_with('#')).collect();
    format!(r"(?i)\b(?:{})\b", lines.join("|"))
});

/// Whether a name of a column says it.
fn is_named(name: &str) -> bool {
    let Some(slug) = slug(name) else { return false };
    let slug = format!("-{slug}-");
    NAMES.lines().filter(|it| !it.is_empty() && !it.starts_with('#')).any(|it| slug.contains(&format!("-{it}-")))
}

/// Whether the values can be words: most of those that were looked at are no numbers, dates or addresses.
fn are_words(found: Option<&Evidence>) -> bool {
    let others = [Shape::Email, Shape::Website, Shape::Phone, Shape::Date, Shape::Number, Shape::Street];
    found.is_none_or(|it| others.iter().map(|shape| it.of(*shape)).sum::<u64>() * 2 <= it.valued)
}

/// What is told of columns that no field took, of the table `input`; and what a build counts of the others.
pub(super) fn told<'a>(
    input: &str,
    left: impl Iterator<Item = &'a Column>,
    evidence: &BTreeMap<String, Evidence>,
    findings: &mut Vec<Finding>,
) -> Vec<Notice> {
    let mut acc = Vec::new();
    for column in left {
        let name = column.name.escape_debug();
        if is_named(&column.name) {
            let message = format!("no field takes `{name}` of `{input}`, which says who may be contacted by its name");
            findings.push(Finding::new(&UNHEARD, "from", message).label("this table").help(help(&column.name)));
        } else if column.ty == Type::Text && are_words(evidence.get(&column.name)) {
            let only = Expr::call("matches", [Expr::column(&column.name), Expr::text(SAYS_SO.as_str())]);
            acc.push(Notice::Unheard { column: column.name.clone(), only });
        }
    }
    acc
}

/// What to do about a column.
pub(crate) fn help(column: &str) -> String {
    format!(
        "take it to a field, and leave these people out: `columns.contact_refused = {column:?}` where the profile has \
         that field; `keep = [{column:?}]` takes the column on as it is"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_it_in_whole_words() {
        let check = |name: &str, expected: bool| assert_eq!(is_named(name), expected, "{name}");
        for it in
            ["DNC", "Do not contact?", "do_not_call", "Opt-out (mail)", "Unsubscribed on", "Keine Werbung", "Désabonné"]
        {
            check(it, true);
        }
        for it in ["", "Notes", "Contact", "Dance", "Opt", "Country", "Permissions held"] {
            check(it, false);
        }
    }
}
