//! Files that people write, as they are changed: what is otherwise, and the whole file at once. What was not changed
//! stays as it is written, with the ends of its lines.

use std::io::{self, Write};
use std::path::Path;

use similar::{ChangeTag, TextDiff};

use crate::readers::reach::{Place, Reach};

/// The end of a line as Windows writes it.
const CRLF: &str = "\r\n";
/// What some programs put before a text.
const MARK: char = '\u{feff}';

/// The changed lines with three around them, as `diff -u` shows them. How lines end is not shown.
pub(crate) fn difference(file: &Path, before: &str, after: &str) -> String {
    let name = file.display().to_string();
    let [before, after] = [before, after].map(plain);
    TextDiff::from_lines(&before, &after).unified_diff().header(&name, &name).to_string()
}

/// The text `after`, where lines that `before` has end as they do there, and new ones as most do there.
pub(crate) fn as_written(before: &str, after: &str) -> String {
    let [old, new] = [before, after].map(plain);
    if old == new {
        return before.to_owned();
    }
    let own: Vec<&str> = before.split_inclusive('\n').collect();
    let windows = own.iter().filter(|it| it.ends_with(CRLF)).count();
    let end = if windows * 2 > own.len() { CRLF } else { "\n" };
    let mut acc = String::new();
    acc.extend(before.starts_with(MARK).then_some(MARK));
    let own: Vec<&str> = before.trim_start_matches(MARK).split_inclusive('\n').collect();
    for change in TextDiff::from_lines(old.as_str(), new.as_str()).iter_all_changes() {
        let line = change.value();
        match (change.tag(), change.old_index().and_then(|it| own.get(it))) {
            (ChangeTag::Delete, _) => (),
            (ChangeTag::Equal, Some(own)) => acc.push_str(own),
            _ => {
                acc.push_str(line.trim_end_matches('\n'));
                acc.push_str(if line.ends_with('\n') { end } else { "" });
            }
        }
    }
    acc
}

/// Lines that end in one way, without a mark before them.
fn plain(text: &str) -> String {
    text.trim_start_matches(MARK).replace(CRLF, "\n")
}

/// Writes a file of the workspace; where a link leads to it, the file that it leads to.
///
/// # Errors
/// If it leads out of the workspace, or the disk does not take it.
pub(crate) fn write(root: &Path, path: &Path, text: &str) -> io::Result<()> {
    if Reach::of(root).place(path) != Place::Inside {
        return Err(io::Error::other("it leads out of the workspace"));
    }
    let path = root.join(path);
    let path = if std::fs::symlink_metadata(&path).is_ok() { std::fs::canonicalize(path)? } else { path };
    whole(&path, text)
}

/// Writes the whole file beside its place first: a pipeline is never half there.
fn whole(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    if let Ok(metadata) = std::fs::metadata(path) {
        file.as_file().set_permissions(metadata.permissions())?;
    }
    file.persist(path)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(before: &str, after: &str, expected: &str) {
        assert_eq!(as_written(before, after), expected, "{before:?} {after:?}");
    }

    #[test]
    fn lines_end_as_they_did() {
        check("a\r\nb\r\n", "a\nc\nb\n", "a\r\nc\r\nb\r\n");
        check("a\r\nb\r\n", "a\r\nc\nb\r\n", "a\r\nc\r\nb\r\n");
        check("a\nb\n", "a\nc\n", "a\nc\n");
        check("a\r\nb\nc\r\n", "a\nb\nx\nc\n", "a\r\nb\nx\r\nc\r\n");
        check("\u{feff}a\r\n", "a\nb\n", "\u{feff}a\r\nb\r\n");
        check("a\r\nb", "a\nb\nc\n", "a\r\nb\nc\n");
        // What is the same is not touched, mixed as it may be.
        check("a\r\nb\n", "a\nb\n", "a\r\nb\n");
        check("", "a\n", "a\n");
    }

    #[test]
    fn ends_of_lines_are_no_difference() {
        let shown = difference(Path::new("p.toml"), "a\r\nb\r\n", "a\r\nb\r\nc\r\n");
        assert_eq!(shown, "--- p.toml\n+++ p.toml\n@@ -1,2 +1,3 @@\n a\n b\n+c\n");
        assert_eq!(difference(Path::new("p.toml"), "a\r\n", "a\n"), "");
    }
}
