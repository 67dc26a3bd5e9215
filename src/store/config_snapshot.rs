//! The TOML files that tables were last made by, so that what changed in them can be told line by line. They are the
//! workspace's own words and hold no data; a copy takes a few kilobytes.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use crate::readers::reach::Reach;
use crate::store::{Paths, record};

/// Texts by path, relative to the workspace, with `/` on every system.
pub type ConfigSnapshot = BTreeMap<String, String>;

/// Folders of a workspace that hold TOML; the workspace itself is one.
const FOLDERS: [&str; 3] = ["", "pipelines", "profiles"];

/// The texts as they stand in a workspace.
pub fn of(root: &Path) -> ConfigSnapshot {
    let (reach, mut acc) = (Reach::of(root), ConfigSnapshot::new());
    for folder in FOLDERS {
        let names = reach.list(Path::new(folder)).into_iter().map(|(name, _)| name);
        for name in names.filter(|it| it.ends_with(".toml")) {
            let path = if folder.is_empty() { name } else { format!("{folder}/{name}") };
            if let Ok(text) = reach.text(Path::new(&path)) {
                acc.insert(path, text);
            }
        }
    }
    acc
}

/// Keeps the texts as they stand.
pub fn keep(paths: &Paths, root: &Path) -> io::Result<()> {
    let bytes = serde_json::to_vec(&of(root)).map_err(io::Error::other)?;
    paths.create()?;
    let (folder, name) = paths.place(&paths.texts(), false)?;
    folder.replace(name, &record::file(&bytes), true)
}

/// The texts that were kept; nothing when there are none.
pub fn kept(paths: &Paths) -> Option<ConfigSnapshot> {
    let (folder, name) = paths.place(&paths.texts(), false).ok()?;
    serde_json::from_slice(record::body(&folder.bytes(name).ok()?).ok()?).ok()
}
