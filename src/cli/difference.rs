//! What is not as it was recorded, and where paths of a manifest begin.

use std::path::{Component, Path, PathBuf};

use crate::publish::Manifest;
use crate::readers::reach;

/// Something that is not as recorded.
pub(super) struct Difference {
    /// `artefact`, `input`, `rebuild` or `attestation`.
    pub(super) what: &'static str,
    pub(super) path: Option<String>,
    pub(super) message: String,
}

impl Difference {
    pub(super) fn new(what: &'static str, path: &str, message: impl Into<String>) -> Difference {
        Difference { what, path: Some(path.to_owned()), message: message.into() }
    }
}

/// The folder that the paths of a manifest begin at, which stands in `folder`: nothing that it lists leads out of there.
pub(super) fn top(manifest: &Manifest, folder: &Path) -> PathBuf {
    let folder = reach::real(folder);
    let depth = Path::new(manifest.folder()).components().filter(|it| matches!(it, Component::Normal(_))).count();
    folder.ancestors().nth(depth).unwrap_or(&folder).to_owned()
}
