//! Paths that artefacts may have.

use std::path::Path;

use crate::query::sources::stays_below;

/// Whether two paths name one file, also where names have no case.
pub(super) fn same(a: &str, b: &str) -> bool {
    let parts = |path: &str| -> Vec<String> {
        let parts = Path::new(path).components().filter(|it| !matches!(it, std::path::Component::CurDir));
        parts.map(|it| it.as_os_str().to_string_lossy().to_lowercase()).collect()
    };
    parts(a) == parts(b)
}

/// Why artefacts cannot be written to the folder.
pub(in crate::query) fn unfit_folder(path: &str) -> Option<&'static str> {
    match path {
        "" => Some("it names no folder"),
        path => unfit(&format!("{path}/artefact")),
    }
}

/// Why an artefact cannot be written to the path.
pub(super) fn unfit(path: &str) -> Option<&'static str> {
    let parsed = Path::new(path);
    if path.chars().any(char::is_control) {
        return Some("it has control characters");
    }
    if !stays_below(parsed) {
        return Some("it leaves the workspace");
    }
    let first = parsed.components().find_map(|it| match it {
        std::path::Component::Normal(name) => Some(name.to_string_lossy().into_owned()),
        _ => None,
    });
    match first.as_deref() {
        None => Some("it names no file"),
        Some(".hotpass" | "pipelines" | "profiles" | ".git") => Some("that folder is not for artefacts"),
        Some(_) if parsed.file_name().is_some_and(|it| it == "manifest.json" || it == "SHA256SUMS") => {
            Some("that name belongs to the manifest")
        }
        Some(_) => None,
    }
}
