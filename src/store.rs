//! The store: everything under `.hotpass/`. Segments hold the rows of tables, the journal holds what is made, the
//! warehouse is for people. All of it can be deleted at any time: that loses time and run history, no artefact.
//!
//! `engine`, `compare`, `sandbox`, `warehouse` and `functions` speak DuckDB; the rest is plain files, so that a build with
//! nothing to do opens neither DuckDB nor a segment.

mod compare;
pub mod digests;
pub mod engine;
pub mod fault;
pub mod functions;
mod handles;
pub mod journal;
pub mod kept;
pub mod meaning;
mod messages;
mod naming;
mod profile;
#[cfg(test)]
mod pruning;
pub mod runs;
pub mod sandbox;
pub mod stamp;
pub mod texts;
pub mod warehouse;
pub mod workshop;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::digest::Digest;

/// The folder in a workspace.
pub const FOLDER: &str = ".hotpass";

/// Paths of the store.
#[derive(Clone, Debug)]
pub struct Paths {
    root: PathBuf,
}

impl Paths {
    /// The store of a workspace; `HOTPASS_STATE_DIR` puts it elsewhere.
    pub fn new(workspace: &Path, state: Option<&Path>) -> Paths {
        Paths { root: state.map_or_else(|| workspace.join(FOLDER), Path::to_owned) }
    }

    /// The folder itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The journal.
    pub fn journal(&self) -> PathBuf {
        self.root.join("journal-v1")
    }

    /// The folder of segments.
    pub fn segments(&self) -> PathBuf {
        self.root.join("segments")
    }

    /// One segment.
    pub fn segment(&self, id: &Digest) -> PathBuf {
        let hex = id.hex();
        self.root.join("segments").join(&hex[..2]).join(format!("{}.parquet", &hex[2..]))
    }

    /// Artefacts that somebody changed, as they were before they were written anew.
    pub fn replaced(&self) -> PathBuf {
        self.root.join("replaced")
    }

    /// A private folder for what is being written.
    pub fn scratch(&self) -> PathBuf {
        self.root.join("tmp")
    }

    /// The DuckDB database that people open.
    pub fn warehouse(&self) -> PathBuf {
        self.root.join("warehouse-v1.duckdb")
    }

    /// What the last build looked at.
    pub fn stamp(&self) -> PathBuf {
        self.root.join("stamp-v1")
    }

    /// The TOML files of the last build that made something.
    pub fn texts(&self) -> PathBuf {
        self.root.join("texts-v1")
    }

    /// The folder of run records.
    pub fn runs(&self) -> PathBuf {
        self.root.join("runs")
    }

    /// Whoever makes or drops segments holds this file's lock: builds together, `gc` alone.
    fn lock_file(&self) -> PathBuf {
        self.root.join("lock")
    }

    /// Whoever has something in the private folder holds this file's lock.
    fn scratch_lock_file(&self) -> PathBuf {
        self.root.join("tmp-lock")
    }

    /// Takes part in building: has the store together with others, and something in the private folder.
    pub fn join(&self, waits: Option<fn()>) -> io::Result<Joined> {
        Ok(Joined { _store: self.share(waits)?, _scratch: self.hold_scratch()? })
    }

    /// Has the store together with others. `waits` is told when somebody has it alone, who is waited for.
    pub fn share(&self, waits: Option<fn()>) -> io::Result<fs::File> {
        let lock = lock_at(&self.lock_file())?;
        match lock.try_lock_shared() {
            Ok(()) => return Ok(lock),
            Err(fs::TryLockError::WouldBlock) => waits.into_iter().for_each(|tell| tell()),
            Err(fs::TryLockError::Error(error)) => return Err(error),
        }
        lock.lock_shared()?;
        Ok(lock)
    }

    /// Keeps what is in the private folder. What a killed build left behind is cleared away when nobody else has
    /// anything there.
    pub fn hold_scratch(&self) -> io::Result<fs::File> {
        let lock = lock_at(&self.scratch_lock_file())?;
        if lock.try_lock().is_ok() {
            for entry in fs::read_dir(self.scratch())?.flatten() {
                let path = entry.path();
                let _ = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
            }
            lock.unlock()?;
        }
        lock.lock_shared()?;
        Ok(lock)
    }

    /// Has the store alone; `None` while somebody builds.
    pub fn alone(&self) -> io::Result<Option<fs::File>> {
        let lock = lock_at(&self.lock_file())?;
        match lock.try_lock() {
            Ok(()) => Ok(Some(lock)),
            Err(fs::TryLockError::WouldBlock) => Ok(None),
            Err(fs::TryLockError::Error(error)) => Err(error),
        }
    }

    /// Makes the folder: private, unknown to version control and to backups.
    pub fn create(&self) -> io::Result<()> {
        // A link that leads elsewhere would let a checkout write outside of itself.
        if fs::symlink_metadata(&self.root).is_ok_and(|it| it.file_type().is_symlink()) {
            let message = format!("`{}` is a symbolic link; the store must be a folder", self.root.display());
            return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        }
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&self.root)?;
        builder.create(self.segments())?;
        builder.create(self.scratch())?;
        builder.create(self.runs())?;
        let ignore = self.root.join(".gitignore");
        if !ignore.exists() {
            fs::write(ignore, "*\n")?;
            let tag =
                "Signature: 8a477f597d28d172789f06886806bc55\n# A cache of hotpass; it can be deleted at any time.\n";
            fs::write(self.root.join("CACHEDIR.TAG"), tag)?;
        }
        Ok(())
    }
}

/// Somebody takes part in building as long as this lives.
#[derive(Debug)]
pub struct Joined {
    _store: fs::File,
    _scratch: fs::File,
}

/// A file that is there for its lock.
fn lock_at(path: &Path) -> io::Result<fs::File> {
    fs::OpenOptions::new().create(true).truncate(false).write(true).open(path)
}

/// Makes what was written at `from` stand at `to`, durably: file, then name, then folder.
pub fn settle(from: &Path, to: &Path) -> io::Result<()> {
    fs::File::open(from)?.sync_all()?;
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::rename(from, to)?;
    sync_folder(to.parent().unwrap_or(Path::new(".")))
}

/// Makes renames in a folder durable, where folders can be synchronised.
fn sync_folder(folder: &Path) -> io::Result<()> {
    #[cfg(unix)]
    fs::File::open(folder)?.sync_all()?;
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}
