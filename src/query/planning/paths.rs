//! Paths that artefacts may have.

use std::cmp::Ordering;
use std::path::{Component, Path};

use globset::GlobBuilder;

use crate::history;
use crate::query::sources::stays_below;

/// Whether two paths name one file, also where names have no case.
pub(super) fn same(a: &str, b: &str) -> bool {
    compared(a, b) == Some(Ordering::Equal)
}

/// Whether a path lies in a folder, also where names have no case.
pub(super) fn is_beneath(path: &str, folder: &str) -> bool {
    compared(path, folder) == Some(Ordering::Greater) && parts(folder).next().is_some()
}

/// Whether a path is that of another one, or one that it goes through: at both there cannot be files.
pub(super) fn collide(a: &str, b: &str) -> bool {
    same(a, b) || is_beneath(a, b) || is_beneath(b, a)
}

/// Which of two paths goes on where the other ends; nothing where one goes elsewhere.
fn compared(a: &str, b: &str) -> Option<Ordering> {
    let (mut a, mut b) = (parts(a), parts(b));
    loop {
        match (a.next(), b.next()) {
            (None, None) => return Some(Ordering::Equal),
            (Some(_), None) => return Some(Ordering::Greater),
            (None, Some(_)) => return Some(Ordering::Less),
            (Some(a), Some(b)) => {
                let (a, b) = (a.as_os_str().to_string_lossy(), b.as_os_str().to_string_lossy());
                if !a.eq_ignore_ascii_case(&b) && (a.is_ascii() && b.is_ascii() || a.to_lowercase() != b.to_lowercase())
                {
                    return None;
                }
            }
        }
    }
}

fn parts(path: &str) -> impl Iterator<Item = Component<'_>> {
    Path::new(path).components().filter(|it| !matches!(it, Component::CurDir))
}

/// Why artefacts cannot be written to the folder.
pub(in crate::query) fn unfit_folder(path: &str) -> Option<&'static str> {
    match path {
        "" => Some("it names no folder"),
        path => unfit(&format!("{path}/artefact")),
    }
}

/// Folders whose files the workspace reads.
const READ: [&str; 4] = ["pipelines", "profiles", "tests", "contracts"];

/// Files beside them.
const FILES: [&str; 3] = ["hotpass.toml", crate::lock::FILE, history::FILE];

/// Why an artefact cannot be written to the path. Names are judged as a disk without case would take them.
pub(super) fn unfit(path: &str) -> Option<&'static str> {
    let parsed = Path::new(path);
    if path.chars().any(|it| it.is_control() || is_invisible(it)) {
        return Some("it has control characters, or such as nobody sees");
    }
    if !stays_below(parsed) {
        return Some("it leaves the workspace");
    }
    if parsed.components().any(|it| it == Component::ParentDir) {
        return Some("it goes up again with `..`");
    }
    let names: Vec<String> = parsed.components().filter_map(name).collect();
    if names == [history::FILE] {
        return Some("it contains the counts of earlier builds");
    }
    if names.first().is_some_and(|it| FILES.contains(&it.as_str())) {
        return Some("the first part of it is a file of the workspace");
    }
    match names.first() {
        None => Some("it names no file"),
        Some(_) if names.iter().any(|it| it.starts_with('.')) => Some("a part of it begins with a dot"),
        Some(first) if READ.contains(&first.as_str()) => Some("the workspace reads what is in that folder"),
        Some(_) if names.iter().any(|it| it.contains(':')) => Some("a part of it has a colon"),
        Some(_) if names.iter().any(|it| it == "manifest.json" || it == "sha256sums") => {
            Some("that name belongs to the manifest")
        }
        Some(_) => None,
    }
}

/// Why an artefact of one of these endings cannot be written to the path.
pub(super) fn misnamed(path: &str, endings: &[&str]) -> Option<String> {
    let ending = Path::new(path).extension().map(|it| it.to_string_lossy().to_lowercase());
    let fits = ending.is_some_and(|it| endings.contains(&it.as_str()));
    (!fits).then(|| format!("a file of this format ends in `.{}`", endings.join("` or `.")))
}

/// Whether a source that is declared as `pattern` reads, or would read, the path.
pub(super) fn reads(pattern: &str, path: &str) -> bool {
    // To read a pattern takes long beside this question, which is asked of each artefact and each source.
    let is_pattern = || pattern.contains(['*', '?', '[', '{', '\\']) || !pattern.is_ascii() || !path.is_ascii();
    let glob = || GlobBuilder::new(&plain(pattern)).case_insensitive(true).literal_separator(true).build();
    same(pattern, path) || is_pattern() && glob().is_ok_and(|it| it.compile_matcher().is_match(plain(path)))
}

/// Without `./` and `//`.
fn plain(path: &str) -> String {
    let parts = Path::new(path).components().filter(|it| !matches!(it, Component::CurDir));
    let parts: Vec<_> = parts.map(|it| it.as_os_str().to_string_lossy().into_owned()).collect();
    parts.join("/")
}

/// A part of a path as some disks know it: without case, without dots and blanks at its end, and without joiners.
fn name(component: Component<'_>) -> Option<String> {
    let Component::Normal(name) = component else { return None };
    let name = name.to_string_lossy().to_lowercase().replace(['\u{200c}', '\u{200d}'], "");
    Some(name.trim_end_matches(['.', ' ']).to_owned())
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn artefacts_have_folders_of_their_own() {
        for path in [
            ".bashrc.csv",
            ".cargo/x.csv",
            "dist/.x.csv",
            "./.x.csv",
            ".GIT/hooks/x.csv",
            ".git./x.csv",
            "\u{200c}.git/x.csv",
            ".github/workflows/x.csv",
            "pipelines/x.csv",
            "Pipelines/x.csv",
            "pipelines./x.csv",
            "./pipelines/x.csv",
            "PROFILES/x.csv",
            "tests/x.csv",
            "Tests /x.csv",
            "dist/x.csv:hidden.csv",
            "dist/x\u{202e}vsc.csv",
            "../x.csv",
            "dist/../x.csv",
            "dist/../data/x.csv",
            "history.ndjson",
            "./History.NDJSON",
            "history.ndjson/x.csv",
            "hotpass.toml/x.csv",
            "Hotpass.lock/deep/x.csv",
            "dist/manifest.json/x.csv",
            "/tmp/x.csv",
            "",
            ".",
        ] {
            assert!(unfit(path).is_some(), "{path:?}");
        }
        for path in [
            "x.csv",
            "dist/x.csv",
            "dist/tests/x.csv",
            "dist/history.ndjson",
            "my pipelines/x.csv",
            "dist/\u{645}\u{200c}\u{62e}.csv",
        ] {
            assert_eq!(unfit(path), None, "{path:?}");
        }
    }

    #[test]
    fn a_file_is_no_folder() {
        for (a, b) in [
            ("dist/a.csv", "dist/a.csv/b.csv"),
            ("dist/a.csv/deep/b.csv", "./Dist//A.csv"),
            ("dist/\u{c4}.csv", "dist/\u{e4}.csv"),
        ] {
            assert!(collide(a, b) && collide(b, a), "{a} {b}");
        }
        for (a, b) in [("dist/a.csv", "dist/a.csv-metadata.json"), ("dist/a.csv", "out/dist/a.csv"), ("a/b", "a/c")] {
            assert!(!collide(a, b) && !collide(b, a), "{a} {b}");
        }
        assert!(!is_beneath("dist/a.csv", "") && !is_beneath("dist/a.csv", "./"));
    }

    #[test]
    fn a_name_ends_as_its_format_does() {
        for path in ["hotpass.toml", "x", "csv", "x.csv.sh", "x.xlsx", "x.yml", "x.csv.", ".csv"] {
            assert!(misnamed(path, &["csv", "tsv"]).is_some(), "{path}");
        }
        assert_eq!(misnamed("dist/x.CSV", &["csv", "tsv"]), None);
    }

    #[test]
    fn what_a_source_would_read_is_no_place() {
        for (pattern, path) in [
            ("data/a.csv", "Data/A.CSV"),
            ("./data/a.csv", "data//a.csv"),
            ("data/*.csv", "data/out.csv"),
            ("**/*.csv", "dist/out.csv"),
            ("data/{a,b}.csv", "data/B.csv"),
        ] {
            assert!(reads(pattern, path), "{pattern} {path}");
        }
        assert!(!reads("data/*.csv", "data/deep/out.csv"));
        assert!(!reads("data/[a", "data/a.csv"));
    }
}
