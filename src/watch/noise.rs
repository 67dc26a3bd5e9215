//! Names that editors and file managers use for a moment: events about them are no news.
//!
//! Only triggers are left out. Whatever a pipeline names is looked at when something else changes.

use std::path::Path;

/// Whether a file of this name is never what somebody saved.
pub(super) fn is_noise(path: &Path) -> bool {
    let Some(name) = path.file_name() else { return false };
    let name = name.to_string_lossy();
    let begins = [".#", "~$", ".~lock.", ".goutputstream-", ".~", "#"];
    let ends = ["~", ".swp", ".swo", ".swx", ".tmp", ".TMP", ".part", ".crdownload", ".bak"];
    begins.iter().any(|it| name.starts_with(it))
        || ends.iter().any(|it| name.ends_with(it))
        // Vim asks by this file whether it may write here.
        || name == "4913"
        || name == ".DS_Store"
        // What hotpass itself stages beside artefacts.
        || name.contains(".hotpass-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_programs_write_for_a_moment_is_no_news() {
        let check = |name: &str, expected: bool| assert_eq!(is_noise(&Path::new("/w").join(name)), expected, "{name}");
        for name in ["4913", ".crm.toml.swp", "crm.toml~", ".#crm.toml", ".~lock.book.xlsx#", "~$book.xlsx", "x.tmp"] {
            check(name, true);
        }
        for name in [".goutputstream-X1Y2Z3", "#crm.toml#", ".clean.csv.hotpass-abc", ".hotpass-abcdef.lock"] {
            check(name, true);
        }
        for name in ["crm.toml", "book.xlsx", "49130", "data", "swp", "a.tmp.csv", ".hidden.csv"] {
            check(name, false);
        }
    }
}
