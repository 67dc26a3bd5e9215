//! The stamp: what the last build looked at, and what it said. When nothing of it moved, a build has nothing to do and
//! says the same again, without reading a pipeline, the journal or a segment.
//!
//! A stamp only ever answers "nothing to do"; whatever differs is left to the planner.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::digest::{Digest, Hasher};
use crate::store::folder::Folder;
use crate::store::record;
use crate::summary::Summary;
use crate::system::Revision;

/// A file that changed so shortly before it was looked at may change again without its times telling: nanoseconds.
const RACY: i128 = 30_000_000;

/// What a build looked at and said.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Stamp {
    /// What was asked for: settings, targets, the program and what it was compiled from.
    pub asked: Digest,
    /// Every file and folder that decided anything, with its revision; `None` where there was none.
    pub seen: Vec<(PathBuf, Option<Revision>)>,
    /// When they were looked at, nanoseconds since 1970.
    pub at: i128,
    /// What the build said.
    pub summary: Summary,
    /// What files among them hold, so that one whose times alone are other ones is known again.
    pub contents: Vec<(PathBuf, Content)>,
}

/// What a file holds.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub enum Content {
    /// What a TOML file means, comments and layout aside, and which of its texts in quotes are queries. Not taken when the
    /// build had something to say of places in it.
    Meaning(Digest, Vec<u32>),
    /// The bytes of any other file.
    Bytes(Digest),
}

/// Why a build has something to do, as far as the stamp tells.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Moved {
    /// A file says something else than when it was last built from: a pipeline, a profile or a source.
    Content,
    /// Something else moved, or nothing is known.
    Unknown,
}

impl Stamp {
    /// The summary of the last build, if nothing it looked at has moved since, or only times of files and comments and
    /// layout of TOML files; the stamp is brought up to date then. `content` looks at a file in the way that it was
    /// looked at before.
    ///
    /// # Errors
    ///
    /// When something moved.
    pub fn unchanged(
        path: &Path,
        asked: &Digest,
        revision: impl Fn(&Path) -> Option<Revision>,
        content: impl Fn(&Path, &Content) -> Option<Content>,
    ) -> Result<Summary, Moved> {
        let mut stamp = Stamp::read(path).filter(|it| it.asked == *asked).ok_or(Moved::Unknown)?;
        let now = Stamp::now();
        let mut moved = false;
        for (path, seen) in &mut stamp.seen {
            let found = revision(path);
            if found == *seen && settled(seen, stamp.at) {
                continue;
            }
            let (_, before) = stamp.contents.iter().find(|(it, _)| it == path).ok_or(Moved::Unknown)?;
            let (Some(was), Some(is)) = (seen.as_ref(), found.as_ref()) else { return Err(Moved::Unknown) };
            // Bytes of another size are other ones, without looking.
            if matches!(before, Content::Bytes(_)) && was.size != is.size
                || content(path, before).ok_or(Moved::Unknown)? != *before
            {
                return Err(Moved::Content);
            }
            if revision(path) != found {
                return Err(Moved::Unknown);
            }
            *seen = found;
            moved = true;
        }
        // Whoever looked before the times had settled looks again.
        if moved && stamp.seen.iter().all(|(_, seen)| settled(seen, now)) {
            stamp.at = now;
            let _ = stamp.write(path);
        }
        Ok(stamp.summary)
    }

    /// The stamp as it stands; nothing where it cannot be read.
    fn read(path: &Path) -> Option<Stamp> {
        let bytes = opened(path).and_then(|(folder, name)| folder.bytes(name)).ok()?;
        postcard::from_bytes(record::body(&bytes).ok()?).ok()
    }

    /// Writes the stamp in place of the last one. It may be lost at any time, so it is not made durable.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        let body = postcard::to_stdvec(self).map_err(io::Error::other)?;
        let (folder, name) = opened(path)?;
        folder.replace(name, &record::file(&body), false)
    }

    /// Lets the next build look for itself.
    pub fn forget(path: &Path) -> io::Result<()> {
        match opened(path) {
            Ok((folder, name)) => folder.remove(name),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Now, in nanoseconds since 1970. Only ever compared with times of files.
    pub fn now() -> i128 {
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |it| it.as_nanos() as i128)
    }
}

/// The folder of a stamp, open, and the name of the stamp in it.
fn opened(path: &Path) -> io::Result<(Folder, &OsStr)> {
    let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    Ok((Folder::open(path.parent().unwrap_or(Path::new(".")))?, name))
}

/// Whether a file had come to rest when it was looked at.
fn settled(seen: &Option<Revision>, at: i128) -> bool {
    seen.is_none_or(|it| it.mtime.max(it.ctime) + RACY < at)
}

/// The digest of what was asked for.
pub fn asked(parts: &[&str]) -> Digest {
    let mut hasher = Hasher::new("hotpass asked v1");
    hasher.text(env!("CARGO_PKG_VERSION")).text(env!("HOTPASS_SOURCES"));
    parts.iter().for_each(|it| {
        hasher.text(it);
    });
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::toml_fingerprint::toml_fingerprint;
    use crate::summary::Status;

    /// A stamp over one TOML file and one folder that is not there.
    fn stamped(folder: &Path, meanings: &[(&str, &str)]) -> PathBuf {
        let summary = Summary { duration_ms: 1, ..Summary::new(Status::Ok, "r".to_owned()) };
        let seen = vec![(PathBuf::from("hotpass.toml"), Some(at(1))), (PathBuf::from("pipelines"), None)];
        let of = |(path, text): &(&str, &str)| Some((PathBuf::from(path), means(text)?));
        let contents = meanings.iter().filter_map(of).collect();
        let path = folder.join("stamp");
        let stamp = Stamp { asked: asked(&["a"]), seen, at: Stamp::now() - 2 * RACY, summary, contents };
        stamp.write(&path).expect("written");
        path
    }

    /// What a TOML file of this text means.
    fn means(text: &str) -> Option<Content> {
        toml_fingerprint(text, &[]).map(|it| Content::Meaning(it, Vec::new()))
    }

    fn at(mtime: i128) -> Revision {
        Revision { size: 1, mtime, ctime: mtime, inode: 1 }
    }

    #[test]
    fn only_what_moves_nothing_is_unchanged() {
        let folder = tempfile::tempdir().expect("a folder");
        let known = [("hotpass.toml", "[pipeline]\nname = 'p'\n")];
        let check = |meanings: &[(&str, &str)], file: Option<Revision>, text: &str, expected: bool| {
            let path = stamped(folder.path(), meanings);
            let revision = |it: &Path| if it == Path::new("hotpass.toml") { file } else { None };
            let unchanged = Stamp::unchanged(&path, &asked(&["a"]), revision, |_, _| means(text));
            assert_eq!(unchanged.is_ok(), expected, "{file:?} {text:?}");
        };
        check(&known, Some(at(1)), "", true);
        check(&known, Some(at(2)), "# why\n[pipeline] # what\nname = 'p'", true);
        check(&known, Some(at(2)), "[pipeline]\nname = 'q'\n", false);
        check(&[], Some(at(2)), "[pipeline]\nname = 'p'\n", false);
        let path = stamped(folder.path(), &known);
        assert!(Stamp::unchanged(&path, &asked(&["b"]), |_| Some(at(1)), |_, _| None).is_err());
    }

    #[test]
    fn bytes_that_are_the_same_have_not_moved() {
        let folder = tempfile::tempdir().expect("a folder");
        let source = PathBuf::from("data/x.csv");
        let bytes = |it: &[u8]| Content::Bytes(Digest::of("bytes", it));
        let check = |now: Revision, held: &[u8], expected: bool| {
            let path = folder.path().join("stamp");
            let summary = Summary { duration_ms: 1, ..Summary::new(Status::Ok, "r".to_owned()) };
            let (seen, contents) = (vec![(source.clone(), Some(at(1)))], vec![(source.clone(), bytes(b"a"))]);
            let stamp = Stamp { asked: asked(&["a"]), seen, at: Stamp::now() - 2 * RACY, summary, contents };
            stamp.write(&path).expect("written");
            let found = Stamp::unchanged(&path, &asked(&["a"]), |_| Some(now), |_, _| Some(bytes(held)));
            assert_eq!(found.map(drop), if expected { Ok(()) } else { Err(Moved::Content) }, "{now:?}");
            let again = Stamp::unchanged(&path, &asked(&["a"]), |_| Some(now), |_, _| None);
            assert_eq!(again.is_ok(), expected, "the stamp holds the new times");
        };
        check(at(2), b"a", true);
        check(at(2), b"b", false);
        check(Revision { size: 2, ..at(2) }, b"a", false);
    }

    #[test]
    fn a_comment_is_looked_at_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = stamped(folder.path(), &[("hotpass.toml", "a = 1")]);
        let revision = |it: &Path| (it == Path::new("hotpass.toml")).then(|| at(2));
        let look = |text: Option<&str>| Stamp::unchanged(&path, &asked(&["a"]), revision, |_, _| means(text?)).is_ok();
        assert!(!look(Some("a = 2")));
        assert!(look(Some("a = 1 # one")));
        assert!(look(None), "the stamp holds the new times");
    }
}
