//! What is not as it was recorded, and where paths of a manifest begin.

use std::path::{Component, Path, PathBuf};

use serde::{Serialize, Serializer};

use crate::escape::line;
use crate::publish::Manifest;
use crate::readers::reach;

/// Something that is not as recorded.
#[derive(Serialize)]
#[serde(tag = "event", rename = "verify.difference")]
pub(crate) struct Difference {
    /// `artefact`, `input`, `rebuild`, `archive` or `attestation`.
    pub(crate) what: &'static str,
    pub(crate) path: Option<String>,
    #[serde(serialize_with = "as_line")]
    pub(crate) message: String,
}

/// A message in one line.
fn as_line<S: Serializer>(message: &str, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&line(message))
}

impl Difference {
    pub(crate) fn new(what: &'static str, path: &str, message: impl Into<String>) -> Difference {
        Difference { what, path: Some(path.to_owned()), message: message.into() }
    }
}

/// The folder that the paths of a manifest begin at, which stands in `folder`: nothing that it lists leads out of there.
pub(crate) fn top(manifest: &Manifest, folder: &Path) -> PathBuf {
    let folder = reach::real(folder);
    let depth = Path::new(manifest.folder()).components().filter(|it| matches!(it, Component::Normal(_))).count();
    folder.ancestors().nth(depth).unwrap_or(&folder).to_owned()
}
