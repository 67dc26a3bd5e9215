//! `hotpass archive`: the exact inputs of a build as one file, byte for byte the same wherever it is made.
//!
//! A zip of sorted entries without times: the workspace's inputs at their places, files beside the workspace at theirs,
//! the lock, the manifest, and `archive.json`, which names the folder of the workspace.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Component, Path, PathBuf};

use serde::{Deserialize, Serialize};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use crate::digest::{Digest, Hasher};
use crate::lock::{self, Lock};
use crate::plan::{Operation, Plan};
use crate::publish::own_files::ARCHIVE;
use crate::readers::reach::Reach;
use crate::run::{self, State};
use crate::workspace::session::Session;

/// What to do where the inputs are not those of the last build.
pub(crate) const BUILD_FIRST: &str = "an archive has the inputs of the last build: run `hotpass build` first";

/// The entry that says what an archive is.
const ABOUT: &str = "archive.json";
/// The folder of the workspace in an archive.
const WORKSPACE: &str = "workspace";
/// The folders above it, where inputs stand beside the workspace.
const ABOVE: &str = "above";
/// Entries from this size on are written as large ones.
const LARGE: u64 = 0xffff_ffff;

/// What an archive says of itself.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
struct About {
    v: u32,
    /// The folder of the workspace.
    workspace: String,
}

/// An archive that was written.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename = "archive.summary")]
pub(crate) struct Archived {
    pub(crate) path: String,
    pub(crate) files: u64,
    pub(crate) bytes: u64,
}

/// Writes the inputs of a workspace as one file.
pub(crate) fn archive(session: &Session, plan: &Plan, path: &Path) -> Result<Archived, String> {
    let files = ARCHIVE.place(path, |file| write(session, plan, file));
    let files = files.map_err(|error| format!("`{}`: {error}", path.display()))?;
    let bytes = fs::metadata(path).map_or(0, |it| it.len());
    Ok(Archived { path: path.display().to_string(), files, bytes })
}

/// Why the inputs as they are now are not those of the last build.
pub(crate) fn unrecorded(session: &Session, plan: &Plan) -> Vec<String> {
    let states = run::settle(plan, &session.journal);
    let unread = plan.tables.iter().zip(&states);
    let unread =
        unread.filter(|(it, state)| matches!(it.make, Operation::Read(_)) && !matches!(state, State::Materialized(_)));
    let mut unread: Vec<String> =
        unread.map(|(it, _)| format!("source `{}` was not read as it is now", it.name)).collect();
    // The rows of a source and those that are set aside of it are two tables of one name.
    unread.dedup();
    let file = lock::file(session.environment());
    match Lock::read(&session.root, session.environment()) {
        _ if !unread.is_empty() => unread,
        Ok(Some(recorded)) => {
            recorded.differences(&run::lock_now(plan, &states, &session.journal, session.asked_for(), &recorded))
        }
        Ok(None) => vec![format!("there is no `{}`", file.display())],
        Err(reason) => vec![format!("`{}` cannot be read: {reason}", file.display())],
    }
}

/// The files of the workspace that decide a build, relative to it: whatever planning asked for and found.
pub(crate) fn inputs(session: &Session) -> Vec<PathBuf> {
    let mut paths = session.db.known_paths();
    paths.push(lock::file(session.environment()));
    paths.sort();
    paths.dedup();
    paths.retain(|it| session.root.join(it).is_file());
    paths
}

/// Files of an unpacked archive that do not belong to the inputs of its workspace, by their places in the archive. `folder`
/// is where it was unpacked.
pub(crate) fn strangers(session: &Session, plan: &Plan, folder: &Path) -> io::Result<Vec<String>> {
    let mut own = inputs(session);
    own.push(plan.dist.join("manifest.json"));
    let mut known = BTreeSet::from([fs::canonicalize(folder.join(ABOUT))?]);
    for path in own.iter().map(|it| session.root.join(it)).filter(|it| it.is_file()) {
        known.insert(fs::canonicalize(path)?);
    }
    let (mut open, mut acc) = (vec![fs::canonicalize(folder)?], Vec::new());
    while let Some(inside) = open.pop() {
        for entry in fs::read_dir(&inside)? {
            let path = entry?.path();
            if path.is_dir() {
                open.push(path);
            } else if !known.contains(&path) {
                let place = path.strip_prefix(fs::canonicalize(folder)?).unwrap_or(&path);
                acc.push(place.display().to_string());
            }
        }
    }
    acc.sort();
    Ok(acc)
}

/// Writes an archive; returns how many inputs it has.
pub(crate) fn write(session: &Session, plan: &Plan, file: &mut File) -> io::Result<u64> {
    let mut paths = inputs(session);
    paths.push(plan.dist.join("manifest.json"));
    paths.retain(|it| session.root.join(it).is_file());
    let sources: BTreeMap<&Path, &Digest> = plan
        .tables
        .iter()
        .filter_map(|it| if let Operation::Read(reading) = &it.make { Some(reading) } else { None })
        .flat_map(|it| it.files.iter().map(|it| (it.path.as_path(), &it.fingerprint)))
        .collect();
    let climbs = paths.iter().map(|it| climb(it)).collect::<io::Result<Vec<_>>>()?;
    let depth = climbs.iter().map(|(up, _)| *up).max().unwrap_or(0);
    let mut above = vec![ABOVE; depth.saturating_sub(1)];
    above.push(WORKSPACE);
    let mut entries: BTreeMap<String, Option<&Path>> = BTreeMap::from([(ABOUT.to_owned(), None)]);
    for (path, (up, rest)) in paths.iter().zip(&climbs) {
        let mut parts: Vec<&str> = above[..above.len() - up].to_vec();
        parts.extend(rest.iter().map(String::as_str));
        if entries.insert(parts.join("/"), Some(path)).is_some() {
            return Err(io::Error::other(format!("two inputs would be `{}`", parts.join("/"))));
        }
    }
    let (reach, mut zip) = (Reach::of(&session.root), ZipWriter::new(io::BufWriter::new(file)));
    // No time, no owner, no mode of this machine.
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(6))
        .unix_permissions(0o644);
    for (name, path) in &entries {
        let Some(path) = path else {
            zip.start_file(name, options)?;
            let about = About { v: 1, workspace: above.join("/") };
            serde_json::to_writer(&mut zip, &about)?;
            continue;
        };
        let mut input = reach.open(path)?;
        zip.start_file(name, options.large_file(input.metadata()?.len() >= LARGE))?;
        let digest = copy(&mut input, &mut zip)?;
        if sources.get(path).is_some_and(|it| **it != digest) {
            return Err(io::Error::other(format!("`{}` changed while it was read", path.display())));
        }
    }
    zip.finish()?.flush()?;
    Ok(entries.len() as u64 - 1)
}

/// How far a path climbs out of the workspace, and where it goes from there.
fn climb(path: &Path) -> io::Result<(usize, Vec<String>)> {
    let (mut up, mut rest) = (0, Vec::new());
    for component in path.components() {
        match component {
            Component::CurDir => (),
            Component::ParentDir if rest.pop().is_none() => up += 1,
            Component::ParentDir => (),
            Component::Normal(part) => match part.to_str() {
                Some(part) => rest.push(part.to_owned()),
                None => return Err(io::Error::other(format!("the name of `{}` is not a text", path.display()))),
            },
            Component::RootDir | Component::Prefix(_) => {
                let message = format!("`{}` is an absolute path, which no other machine has", path.display());
                return Err(io::Error::other(message));
            }
        }
    }
    Ok((up, rest))
}

/// Copies a source and gives the digest that planning gives it.
fn copy(from: &mut dyn Read, to: &mut dyn Write) -> io::Result<Digest> {
    let mut hasher = Hasher::new("hotpass source v1");
    let mut buffer = vec![0; 1 << 18];
    loop {
        match from.read(&mut buffer)? {
            0 => return Ok(hasher.finish()),
            count => {
                hasher.raw(&buffer[..count]);
                to.write_all(&buffer[..count])?;
            }
        }
    }
}

/// Unpacks an archive into an empty folder and returns the workspace in it. No entry leaves the folder.
pub(crate) fn unpack(archive: File, folder: &Path) -> io::Result<PathBuf> {
    let damaged = |reason: &str| io::Error::new(io::ErrorKind::InvalidData, format!("it is not an archive: {reason}"));
    let mut zip = ZipArchive::new(io::BufReader::new(archive)).map_err(|error| damaged(&error.to_string()))?;
    for index in 0..zip.len() {
        let mut entry = zip.by_index(index).map_err(|error| damaged(&error.to_string()))?;
        let text = entry.name().map_err(|error| damaged(&error.to_string()))?.into_owned();
        let name = PathBuf::from(&text);
        let plain = name.components().all(|it| matches!(it, Component::Normal(_)));
        if !plain || text.is_empty() || text.contains('\\') || !entry.is_file() {
            return Err(damaged("an entry has a name that is not a place in it"));
        }
        let place = folder.join(&name);
        fs::create_dir_all(place.parent().unwrap_or(folder))?;
        let mut file = File::options().write(true).create_new(true).open(&place)?;
        io::copy(&mut entry, &mut file)?;
    }
    let about = Reach::of(folder).bytes(Path::new(ABOUT)).map_err(|_| damaged("`archive.json` is missing"))?;
    let about: About = serde_json::from_slice(&about).map_err(|error| damaged(&error.to_string()))?;
    let (up, rest) = climb(Path::new(&about.workspace))?;
    if about.v != 1 || up > 0 {
        return Err(damaged("another hotpass made it"));
    }
    let workspace = rest.iter().fold(folder.to_owned(), |path, part| path.join(part));
    if workspace.is_dir() { Ok(workspace) } else { Err(damaged("it has no workspace")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_climb_as_far_as_they_say() {
        let check = |path: &str, up: usize, rest: &[&str]| {
            let (is, parts) = climb(Path::new(path)).expect("a path");
            assert_eq!((is, parts), (up, rest.iter().map(|it| (*it).to_owned()).collect()), "{path}");
        };
        check("data/a.csv", 0, &["data", "a.csv"]);
        check("./data/../a.csv", 0, &["a.csv"]);
        check("../shared/a.csv", 1, &["shared", "a.csv"]);
        check("data/../../../a.csv", 2, &["a.csv"]);
        assert!(climb(Path::new("/etc/passwd")).is_err());
    }

    #[test]
    fn no_entry_leaves_the_folder() {
        for name in ["../evil", "/evil", "a/../../evil", "a\\..\\evil", "folder/"] {
            let mut zip = ZipWriter::new(tempfile::tempfile().expect("a file"));
            zip.start_file(name, SimpleFileOptions::default()).expect("begun");
            zip.write_all(b"evil").expect("written");
            let folder = tempfile::tempdir().expect("a folder");
            let inside = folder.path().join("inside");
            fs::create_dir(&inside).expect("made");
            assert!(unpack(zip.finish().expect("a zip"), &inside).is_err(), "{name}");
            assert!(!folder.path().join("evil").exists());
        }
    }
}
