//! What a format without keys says of itself: a table goes into a file row by row, and nothing else is to be said.

use std::fmt;
use std::fs::File;
use std::hash::{Hash, Hasher};
use std::path::Path;

use serde::{Serialize, Serializer};

use super::{PublishError, Table, Written};

/// A format without keys.
pub struct Plain {
    /// How TOML names it; also the first ending of its files.
    pub name: &'static str,
    /// What it is, for lists of formats.
    pub doc: &'static str,
    /// How names of its files end.
    pub endings: &'static [&'static str],
    /// Why a file that differs from what is made again is not looked into.
    pub unread: &'static str,
    /// Writes the table.
    pub write: fn(Target<'_>, Table<'_>) -> Result<Written, PublishError>,
}

/// Where a table goes: an empty file, staged beside its place.
pub struct Target<'a> {
    /// The file, open for reading and writing.
    pub file: &'a mut File,
    /// Its path, for writers that open it themselves.
    pub path: &'a Path,
}

// A format is its name: nothing else of it reaches keys and the lock.

impl PartialEq for Plain {
    fn eq(&self, other: &Plain) -> bool {
        self.name == other.name
    }
}

impl Eq for Plain {}

impl Hash for Plain {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl fmt::Debug for Plain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl Serialize for Plain {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name)
    }
}
