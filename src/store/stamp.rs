//! The stamp: what the last build looked at, and what it said. When nothing of it moved, a build has nothing to do and
//! says the same again, without reading a pipeline, the journal or a segment.
//!
//! A stamp only ever answers "nothing to do"; whatever differs is left to the planner.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::digest::{Digest, Hasher};
use crate::summary::Summary;
use crate::system::Revision;

/// A file that changed so shortly before it was looked at may change again without its times telling: nanoseconds.
const RACY: i128 = 30_000_000;

/// What a build looked at and said.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Stamp {
    /// What was asked for: settings, targets, version of the program.
    pub asked: Digest,
    /// Every file and folder that decided anything, with its revision; `None` where there was none.
    pub seen: Vec<(PathBuf, Option<Revision>)>,
    /// When they were looked at, nanoseconds since 1970.
    pub at: i128,
    /// What the build said.
    pub summary: Summary,
}

impl Stamp {
    /// The summary of the last build, if nothing it looked at has moved since.
    pub fn unchanged(path: &Path, asked: &Digest, revision: impl Fn(&Path) -> Option<Revision>) -> Option<Summary> {
        let bytes = fs::read(path).ok()?;
        let (sum, body) = bytes.split_at_checked(32)?;
        if blake3::hash(body).as_bytes() != sum {
            return None;
        }
        let stamp: Stamp = postcard::from_bytes(body).ok()?;
        let still = |(path, seen): &(PathBuf, Option<Revision>)| {
            let settled = seen.is_none_or(|it| it.mtime.max(it.ctime) + RACY < stamp.at);
            settled && revision(path) == *seen
        };
        (stamp.asked == *asked && stamp.seen.iter().all(still)).then_some(stamp.summary)
    }

    /// Writes the stamp in place of the last one. It may be lost at any time, so it is not made durable.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        let body = postcard::to_stdvec(self).map_err(io::Error::other)?;
        let mut bytes = blake3::hash(&body).as_bytes().to_vec();
        bytes.extend(body);
        let temporary = path.with_extension(format!("new{}", std::process::id()));
        fs::write(&temporary, bytes)?;
        fs::rename(temporary, path)
    }

    /// Now, in nanoseconds since 1970. Only ever compared with times of files.
    pub fn now() -> i128 {
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |it| it.as_nanos() as i128)
    }
}

/// The digest of what was asked for.
pub fn asked(parts: &[&str]) -> Digest {
    let mut hasher = Hasher::new("hotpass asked v1");
    hasher.text(env!("CARGO_PKG_VERSION"));
    parts.iter().for_each(|it| {
        hasher.text(it);
    });
    hasher.finish()
}
