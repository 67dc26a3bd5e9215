//! What is called by a name inside of a list or a map: such a column is one text, and its name says nothing of the names
//! within.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// Paths that are noted of a column at most.
const PATHS: usize = 4096;
/// Bytes of them at most.
const BYTES: usize = 1 << 18;

/// The paths of the members within the lists and maps of a column: their keys, with a point between each two. An item of
/// a list has the path of the list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Within {
    paths: BTreeSet<String>,
    bytes: usize,
    is_cut: bool,
}

impl Within {
    /// Notes a path, and gives the bytes that this takes. What is too much to be kept is not known to be there.
    pub fn note(&mut self, path: &str) -> usize {
        match () {
            () if self.is_cut || self.paths.contains(path) => return 0,
            () if self.paths.len() == PATHS || self.bytes + path.len() > BYTES => self.is_cut = true,
            () => {
                self.paths.insert(path.to_owned());
                self.bytes += path.len();
            }
        }
        path.len()
    }

    /// Notes nothing more.
    pub fn cut(&mut self) {
        self.is_cut = true;
    }

    /// Adds what another one has.
    pub fn extend(&mut self, other: &Within) {
        other.paths.iter().for_each(|it| _ = self.note(it));
        self.is_cut |= other.is_cut;
    }

    /// Whether a path is as asked, or there are more than are known.
    pub fn any(&self, is: impl FnMut(&String) -> bool) -> bool {
        self.is_cut || self.paths.iter().any(is)
    }

    /// Whether nothing was noted.
    pub fn is_empty(&self) -> bool {
        !self.is_cut && self.paths.is_empty()
    }
}

/// What is known of the names in a Parquet file beside the columns of its table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Beside {
    /// Names that a column before has, with those that the columns have instead.
    pub renamed: Vec<(String, String)>,
    /// By column that is within an object, or has lists or maps: what is within it.
    pub within: BTreeMap<String, Within>,
}

/// A path that grows and shrinks while something is gone through.
pub struct Walk<'a> {
    path: String,
    within: Option<&'a mut Within>,
    /// Bytes that were noted.
    pub bytes: usize,
}

impl<'a> Walk<'a> {
    /// At the beginning; nothing is noted where `within` is none.
    pub fn new(within: Option<&'a mut Within>) -> Walk<'a> {
        Walk { path: String::new(), within, bytes: 0 }
    }

    /// Goes to a member, and gives what [`Walk::back`] takes.
    pub fn to(&mut self, key: &str) -> usize {
        let before = self.path.len();
        if let Some(within) = &mut self.within {
            if before > 0 {
                self.path.push('.');
            }
            self.path.push_str(key);
            self.bytes += within.note(&self.path);
        }
        before
    }

    /// Goes back to where it was.
    pub fn back(&mut self, before: usize) {
        self.path.truncate(before);
    }
}
