//! What artefacts may replace: what hotpass wrote itself, and what the person at the keyboard said may go.
//!
//! Ours is a file whose bytes the journal, the manifest or the lock knows under its path. The two last come with the
//! workspace, so a path alone proves nothing; but who can name the digest of a file has had it already. The journal is
//! of this machine: where it knows the path and not the bytes, somebody changed an artefact, and what was changed is
//! kept aside.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::lock::Lock;
use crate::plan::{Operation, Plan};
use crate::problem::{Code, Problem};
use crate::publish::{Manifest, Written};
use crate::readers::reach::{self, Reach};
use crate::run::keys::slashed;
use crate::run::world::revision_of;
use crate::store::Paths;
use crate::store::journal::Journal;

/// A file that hotpass did not write stands where an artefact goes.
pub const NOT_OURS: Code = Code::error("hotpass::export::not-ours");
/// Somebody changed an artefact, and it was replaced.
pub const REPLACED: Code = Code::warning("hotpass::export::replaced");

/// Why nothing takes the place of a folder.
const FOLDER: &str = "there is a folder at this path";

/// What is known of the files that stand where a build writes.
pub(super) struct Ours<'a> {
    root: &'a Path,
    journal: &'a Journal,
    manifest: Option<Manifest>,
    lock: Option<Lock>,
    /// Real places of files that are read.
    read: HashSet<PathBuf>,
    overwrite: bool,
}

/// What becomes of a file that stands where an artefact goes.
#[derive(PartialEq, Eq, Debug)]
pub(super) enum Standing {
    /// There is none, or it is ours.
    Free,
    /// It was ours, and somebody changed it.
    Changed,
    /// It is somebody's.
    Foreign(&'static str),
}

impl<'a> Ours<'a> {
    pub(super) fn new(plan: &Plan, root: &'a Path, journal: &'a Journal, overwrite: bool) -> Ours<'a> {
        let readings = plan.tables.iter().filter_map(|it| match &it.make {
            Operation::Read(reading) => Some(reading),
            _ => None,
        });
        let read = readings.flat_map(|it| &it.files).filter_map(|it| fs::canonicalize(root.join(&it.path)).ok());
        Ours {
            root,
            journal,
            manifest: Manifest::read(root, &plan.dist).ok(),
            lock: Lock::read(root, plan.environment.as_deref()).ok().flatten(),
            read: read.collect(),
            overwrite,
        }
    }

    /// What stands at the place of the artefact `path`, into which `made` is to be put.
    ///
    /// # Errors
    /// If the process may open no more files, so that nobody knows what stands there.
    pub(super) fn standing(&self, path: &str, place: &Path, made: &Written) -> io::Result<Standing> {
        let Ok(metadata) = fs::symlink_metadata(place) else { return Ok(Standing::Free) };
        if fs::canonicalize(place).is_ok_and(|it| self.read.contains(&it)) {
            return Ok(Standing::Foreign("a source is read from there"));
        }
        if metadata.is_dir() {
            return Ok(Standing::Foreign(FOLDER));
        }
        if self.overwrite {
            return Ok(Standing::Free);
        }
        if !metadata.is_file() {
            return Ok(Standing::Foreign("there is a link or a device at this path"));
        }
        let known = self.journal.known(|it| it.artefacts.get(path).cloned());
        if known.as_ref().is_some_and(|it| it.revision.is_some() && it.revision == revision_of(place)) {
            return Ok(Standing::Free);
        }
        let stands = match reach::open(place).and_then(|mut it| Written::of(&mut it, 0)) {
            Ok(stands) => stands,
            Err(error) if is_exhausted(&error) => {
                return Err(io::Error::new(error.kind(), format!("`{path}` cannot be looked at: {error}")));
            }
            Err(_) => return Ok(Standing::Foreign("the file at this path cannot be read")),
        };
        let listed = slashed(Path::new(path));
        let in_manifest = self.manifest.iter().flat_map(Manifest::pipelines).flat_map(|(_, it)| &it.artefacts);
        let in_lock = self.lock.iter().filter_map(|it| it.artefact.get(&listed));
        let ours = stands.sha256 == made.sha256
            || known.as_ref().is_some_and(|it| it.sha256 == stands.sha256)
            || in_manifest.filter(|it| it.path == listed).any(|it| it.sha256 == stands.sha256)
            || in_lock.into_iter().any(|it| it.sha256.0 == crate::digest::Digest::from(stands.sha256));
        Ok(match (ours, known) {
            (true, _) => Standing::Free,
            (false, Some(_)) => Standing::Changed,
            (false, None) => Standing::Foreign("hotpass did not write the file at this path"),
        })
    }

    /// What the manifest lists, relative to the workspace.
    pub(super) fn listed(&self) -> Vec<String> {
        let listed = self.manifest.iter().flat_map(Manifest::pipelines).flat_map(|(_, it)| &it.artefacts);
        listed.map(|it| it.path.clone()).collect()
    }

    /// Whether a listed file stands with the bytes that the manifest lists; no link is followed.
    pub(super) fn is_unchanged(&self, path: &Path) -> bool {
        let listed = slashed(path);
        let artefacts = self.manifest.iter().flat_map(Manifest::pipelines).flat_map(|(_, it)| &it.artefacts);
        let stands = || Written::of(&mut Reach::of(self.root).open(path).ok()?, 0).ok();
        let own = fs::symlink_metadata(self.root.join(path)).is_ok_and(|it| it.is_file());
        own && artefacts.filter(|it| it.path == listed).any(|it| stands().is_some_and(|now| now.sha256 == it.sha256))
    }

    /// The first of `notes`, texts by path, that would replace a manifest or sums that hotpass did not write.
    pub(super) fn foreign_note<'n>(&self, notes: &'n [(PathBuf, String)]) -> Option<&'n Path> {
        let reach = Reach::of(self.root);
        let stands = |path: &Path| fs::symlink_metadata(self.root.join(path)).is_ok();
        let same = |path: &Path, text: &str| reach.bytes(path).is_ok_and(|it| it == text.as_bytes());
        let due = notes.iter().filter(|(path, text)| stands(path) && !same(path, text));
        due.map(|(path, _)| path.as_path()).find(|it| self.is_foreign(it))
    }

    /// Whether a manifest or sums that stand are somebody's; no other note ever is.
    fn is_foreign(&self, note: &Path) -> bool {
        let (Some(folder), Some(name)) = (note.parent(), note.file_name()) else { return false };
        let manifest = fs::symlink_metadata(self.root.join(folder).join("manifest.json")).is_ok();
        // One that is damaged is made anew where this machine published before.
        let known = self.manifest.is_some() && manifest
            || self.journal.known(|it| it.artefacts.keys().any(|it| Path::new(it).starts_with(folder)));
        if self.overwrite || known {
            return false;
        }
        // A first build that was killed left sums without a manifest.
        let own = |path: &str| self.journal.known(|it| it.artefacts.keys().any(|it| Path::new(it).ends_with(path)));
        let listed = |text: String| text.lines().all(|it| it.split_once("  ").is_some_and(|(_, path)| own(path)));
        match name.to_str() {
            Some("manifest.json") => true,
            Some("SHA256SUMS") => !listed(Reach::of(self.root).text(note).unwrap_or_default()),
            _ => false,
        }
    }
}

/// Whether the process or the system has no more handles, or no memory: that says nothing of the file.
fn is_exhausted(error: &io::Error) -> bool {
    #[cfg(unix)]
    let exhausted = {
        use rustix::io::Errno;
        let all = [Errno::MFILE, Errno::NFILE, Errno::NOMEM].map(Errno::raw_os_error);
        error.raw_os_error().is_some_and(|it| all.contains(&it))
    };
    #[cfg(not(unix))]
    let exhausted = error.kind() == io::ErrorKind::OutOfMemory;
    exhausted
}

/// A refusal to write over what is not ours.
pub(super) fn foreign(path: &str, reason: &str) -> Problem {
    let message = format!("`{}` is not replaced: {reason}", path.escape_debug());
    let help = match reason {
        FOLDER => "move the folder away, or write to another path",
        _ => "move the file away, write to another path, or give `--overwrite` once: `hotpass build --overwrite`",
    };
    Problem::new(&NOT_OURS, message).help(help.to_owned())
}

/// Keeps the artefact that somebody changed, and says where.
pub(super) fn kept(path: &str, place: &Path, paths: &Paths) -> io::Result<Problem> {
    paths.create()?;
    let mut file = reach::open(place)?;
    let digest = Written::of(&mut file, 0)?.blake3.hex();
    let name = place.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let aside = paths.replaced().join(format!("{}-{name}", &digest[..8]));
    let scratch = paths.temporary("replaced-")?;
    let copy = scratch.path().join("copy");
    io::copy(&mut reach::open(place)?, &mut fs::File::create_new(&copy)?)?;
    paths.settle(&copy, &aside)?;
    let shown = path.escape_debug();
    let message = format!("`{shown}` was changed since hotpass wrote it, and was written again");
    let help = format!(
        "what stood there is kept as `{}`; what people know better belongs into a source, or it is lost again",
        aside.display()
    );
    Ok(Problem::new(&REPLACED, message).help(help))
}
