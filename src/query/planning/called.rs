//! Which columns of a delivered file are called as a personal field is. The name of a column is not always its header:
//! of headers that are the same all but the first get a number, as people number them too; one that begins with `_` gets
//! a word before it, those of several rows are joined, a unit stands behind, and a member of an object has its path. What
//! may be the header is asked, whichever it is.

use std::collections::BTreeSet;

use crate::plan::Reading;
use crate::profile::fold;
use crate::readers::Header;
use crate::readers::within::Within;

/// Whether a column that is read has one of some folded names, or something within it has one: `within` is what is known
/// of a column that is within an object, or has lists or maps.
pub(super) fn is_called(column: &str, within: Option<&Within>, reading: &Reading, folded: &BTreeSet<String>) -> bool {
    let is_nested = within.is_some();
    let is_joined = |it: &Header| matches!(it, Header::Rows(..));
    let is_joined = reading.files.iter().filter_map(|it| it.found.as_ref()).any(|it| is_joined(&it.header));
    let is = |name: &str| headers(name, is_nested, is_joined).into_iter().any(|it| folded.contains(&fold(it)));
    is(column) || !folded.is_empty() && within.is_some_and(|it| it.any(|path| is(&format!("{column}.{path}"))))
}

/// What the header of a column may be: its name, and what is left of it without what may have been added.
fn headers(column: &str, is_nested: bool, is_joined: bool) -> BTreeSet<&str> {
    let mut acc = BTreeSet::new();
    let mut open = vec![column];
    while let Some(name) = open.pop() {
        if name.is_empty() || !acc.insert(name) {
            continue;
        }
        let numbered =
            name.trim_end_matches(|it: char| it.is_ascii_digit()).trim_end_matches(['_', ' ', '-', '.', '#']);
        let measured = [(')', '('), (']', '[')];
        let measured = measured.into_iter().find_map(|(end, start)| name.strip_suffix(end)?.rsplit_once(start));
        open.push(numbered);
        open.extend(measured.map(|(it, _)| it.trim_end()));
        open.extend(name.strip_prefix("column_"));
        for (joins, sign) in [(is_nested, '.'), (is_joined, ' ')] {
            open.extend(name.split_once(sign).filter(|_| joins).map(|(_, it)| it));
            open.extend(name.rsplit_once(sign).filter(|_| is_nested && joins).map(|(it, _)| it));
        }
    }
    acc
}

#[cfg(test)]
mod tests {
    use super::headers;

    #[test]
    fn what_was_added_to_a_header_is_taken_away() {
        let all = |name, is_nested, is_joined| headers(name, is_nested, is_joined).into_iter().collect::<Vec<_>>();
        assert_eq!(all("email", false, false), ["email"]);
        assert_eq!(all("email_3", false, false), ["email", "email_3"]);
        assert_eq!(all("Email 2", false, false), ["Email", "Email 2"]);
        assert_eq!(all("phone1", false, false), ["phone", "phone1"]);
        assert_eq!(all("2024", false, false), ["2024"]);
        assert_eq!(all("column_email", false, false), ["column_email", "email"]);
        assert_eq!(all("salary (EUR)_2", false, false), ["salary", "salary (EUR)", "salary (EUR)_2"]);
        assert_eq!(
            all("contact.work.email", true, false),
            ["contact", "contact.work", "contact.work.email", "email", "work", "work.email"]
        );
        assert_eq!(all("Contact person email", false, true), ["Contact person email", "email", "person email"]);
        // A point in a header of a list, or a space in a header of one row, is a part of the name.
        assert_eq!(all("dept. name", false, false), ["dept. name"]);
    }
}
