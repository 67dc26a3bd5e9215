//! Files of segments, held against what was written: one that stands as it stood is trusted, any other is read.

use std::collections::HashMap;
use std::collections::HashSet;
use std::fs::{File, Metadata};
use std::io::{self, Read};

use serde::{Deserialize, Serialize};

use crate::digest::{Digest, Hasher};
use crate::store::Paths;
use crate::store::folder::Folder;
use crate::system::Revision;

/// The file of a segment, as it was written.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SegmentFile {
    /// Its size.
    pub bytes: u64,
    /// Of its bytes.
    pub digest: Digest,
    /// How many rows each of its columns has.
    pub rows: u64,
    /// The file as it stood when its bytes were last known to be these.
    pub mark: Option<Mark>,
}

/// A file as it stands, as far as the system tells without reading it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Mark {
    device: u64,
    revision: Revision,
}

impl Mark {
    /// Of a file that was looked at.
    pub fn of(metadata: &Metadata) -> Option<Mark> {
        #[cfg(unix)]
        let device = std::os::unix::fs::MetadataExt::dev(metadata);
        #[cfg(not(unix))]
        let device = 0;
        Some(Mark { device, revision: Revision::of(metadata)? })
    }
}

/// What takes the bytes of a segment's file.
pub(super) fn hasher() -> Hasher {
    Hasher::new("hotpass segment file v1")
}

/// The digest of a segment's file.
pub fn digest_of(file: &mut File) -> io::Result<Digest> {
    let mut hasher = hasher();
    let mut buffer = vec![0; 1 << 18];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hasher.finish()),
            count => {
                hasher.raw(&buffer[..count]);
            }
        }
    }
}

/// How far the times of a segment's file are trusted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Trust {
    /// A file that stands as it stood is what it was.
    Marks,
    /// Every byte is read.
    Nothing,
}

/// What became of the files of segments.
#[derive(Debug, Default)]
pub struct Verified {
    /// Segments that cannot be used: not there, or damaged.
    pub lost: HashSet<Digest>,
    /// Those of them that are there and damaged, sorted.
    pub damaged: Vec<Digest>,
    /// Those that were read and are sound, as they stand.
    pub checked: Vec<(Digest, Mark)>,
}

/// Holds the files of all segments against what was written.
pub fn verified(known: &HashMap<Digest, SegmentFile>, paths: &Paths, trust: Trust) -> Verified {
    let mut segments: Vec<(&Digest, &SegmentFile)> = known.iter().collect();
    segments.sort_by_key(|(id, _)| **id);
    let folder = paths.place(&paths.segments().join("of"), false).map(|(folder, _)| folder);
    let mut shard: Option<(String, Option<Folder>)> = None;
    let mut acc = Verified::default();
    for (id, written) in segments {
        let hex = id.hex();
        let known = shard.take().filter(|(it, _)| *it == hex[..2]);
        let open = || folder.as_ref().ok().and_then(|it| it.inside(&hex[..2]).ok());
        let (_, folder) = shard.insert(known.unwrap_or_else(|| (hex[..2].to_owned(), open())));
        let file = folder.as_ref().and_then(|it| it.file(format!("{}.parquet", &hex[2..])).ok());
        let Some(mut file) = file else {
            acc.lost.insert(*id);
            continue;
        };
        let mark = file.metadata().ok().as_ref().and_then(Mark::of);
        if trust == Trust::Marks && mark.is_some() && mark == written.mark {
            continue;
        }
        match digest_of(&mut file) {
            Ok(digest) if digest == written.digest => acc.checked.extend(mark.map(|it| (*id, it))),
            _ => {
                acc.lost.insert(*id);
                acc.damaged.push(*id);
            }
        }
    }
    acc
}

/// How people meet a segment: its path in the state folder.
pub fn name_of(id: &Digest) -> String {
    let hex = id.hex();
    format!("segments/{}/{}.parquet", &hex[..2], &hex[2..])
}

/// Puts a damaged segment where nobody reads it, until the private folder is cleared.
pub(super) fn put_aside(paths: &Paths, id: &Digest) -> io::Result<()> {
    let (folder, name) = paths.place(&paths.segment(id), false)?;
    let (aside, _) = paths.place(&paths.scratch().join("of"), false)?;
    folder.rename(&name, &aside, format!("damaged-{}", id.short()))
}
