//! The outside world as a trait: what planning may ask of it. Plans are pure between two revisions of their inputs.
//!
//! The implementation that touches the disk, with its memory in the journal, stands in `run`.

use std::fmt;
use std::fs::Metadata;
use std::io;
use std::panic::RefUnwindSafe;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::model::Schema;
use crate::problem::Problem;
use crate::readers::json::Shape;
use crate::readers::reach::Place;
use crate::readers::within::Beside;
use crate::readers::{Found, Known, Request};
use crate::steps::Query;

/// What tells that a file may have changed: nothing here says that it has.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Revision {
    /// Bytes.
    pub size: u64,
    /// Modification time in nanoseconds since 1970.
    pub mtime: i128,
    /// Change time of the inode in nanoseconds since 1970, where there is one.
    pub ctime: i128,
    /// Inode number, where there is one.
    pub inode: u64,
}

impl Revision {
    /// Of what was looked at.
    pub fn of(metadata: &Metadata) -> Option<Revision> {
        let mtime = metadata.modified().ok()?.duration_since(UNIX_EPOCH).map_or(0, |it| it.as_nanos() as i128);
        #[cfg(unix)]
        let (ctime, inode) = {
            use std::os::unix::fs::MetadataExt;
            (i128::from(metadata.ctime()) * 1_000_000_000 + i128::from(metadata.ctime_nsec()), metadata.ino())
        };
        #[cfg(not(unix))]
        let (ctime, inode) = (0, 0);
        // The size of a folder tells nothing, and its content is looked at through its times.
        let size = if metadata.is_dir() { 0 } else { metadata.len() };
        Some(Revision { size, mtime, ctime, inode })
    }
}

/// The outside world.
pub trait System: fmt::Debug + Send + Sync + RefUnwindSafe {
    /// The revision of a file or folder of the workspace; `None` when it is not there.
    fn revision(&self, path: &Path) -> Option<Revision>;
    /// Whether so much time went by since the times of a revision that another change would show in them.
    fn is_settled(&self, revision: &Revision) -> bool;
    /// A text file of the workspace.
    fn read_text(&self, path: &Path) -> io::Result<String>;
    /// Names in a folder of the workspace, sorted; folders end in `/`. Empty when it is not there.
    fn list(&self, folder: &Path) -> Vec<String>;
    /// The digest of a file's bytes; `None` when it is not there.
    fn fingerprint(&self, path: &Path) -> Option<Digest>;
    /// What stands at the head of a file with these bytes, and what its first values look like.
    fn header(&self, request: &Request, known: &Known, fingerprint: &Digest) -> Result<Found, Unknown>;
    /// The columns of a Parquet file with these bytes.
    fn columns(&self, path: &Path, fingerprint: &Digest) -> Result<Schema, Unknown>;
    /// What else is known of the names in a Parquet file with these bytes, whose columns were asked for.
    fn beside(&self, _fingerprint: &Digest) -> Beside {
        Beside::default()
    }
    /// The columns of a JSON file with these bytes.
    fn shape(&self, path: &Path, fingerprint: &Digest) -> Result<Shape, Unknown>;
    /// The columns that a user's query gives over inputs of these schemas.
    fn bind_sql(&self, query: &Query, inputs: &[(&str, &Schema)]) -> Result<Schema, Unknown>;
    /// The absolute path of a path of the workspace.
    fn absolute(&self, path: &Path) -> PathBuf;
    /// Where that leads when links are followed.
    fn real(&self, path: &Path) -> PathBuf {
        self.absolute(path)
    }
    /// Whether that is in the workspace, or where reading is allowed.
    fn place(&self, _path: &Path) -> Place {
        Place::Inside
    }
    /// What tells a folder from all others, whatever it is called; `None` when it is none.
    fn identity(&self, _folder: &Path) -> Option<(u64, u64)> {
        None
    }
    /// Whether a file belongs to somebody else and may stand elsewhere too, by a hard link.
    fn is_lent(&self, _path: &Path) -> bool {
        false
    }
}

/// Why the world gives no answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Unknown {
    /// What was asked about is wrong.
    Problem(Box<Problem>),
    /// Only the engine can tell, and this process has none.
    NeedsEngine,
    /// The world failed; the words say how.
    World(String),
}
