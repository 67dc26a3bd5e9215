//! The store: everything under `.hotpass/`. Segments hold the rows of tables, the journal holds what is made, the
//! warehouse is for people. All of it can be deleted at any time: that loses time and run history, no artefact.
//!
//! `engine`, `compare`, `sandbox`, `warehouse` and `functions` speak DuckDB; the rest is plain files, so that a build with
//! nothing to do opens neither DuckDB nor a segment.

pub mod backend;
mod canonical;
mod compare;
mod config;
pub mod config_snapshot;
pub mod counts;
pub mod digests;
pub mod engine;
pub mod engine_cache;
pub mod fault;
pub mod folder;
mod foreign;
pub mod functions;
pub mod guard;
mod handles;
mod instance;
mod intake;
pub mod journal;
pub mod layout;
mod lineage;
pub mod memos;
mod messages;
mod naming;
mod outline;
mod profile;
#[cfg(test)]
mod pruning;
mod query_layout;
pub mod record;
pub mod runs;
mod said;
pub mod sandbox;
mod scan;
pub mod segments;
mod shelf;
mod stack;
pub mod stamp;
mod statements;
pub mod toml_fingerprint;
mod tree;
pub mod warehouse;

use std::ffi::OsString;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::{NamedTempFile, TempDir};

use crate::digest::Digest;
use crate::scratch;
use crate::store::folder::Folder;

/// The folder in a workspace.
pub const FOLDER: &str = ".hotpass";

/// The journal of the format before this one.
const OLD_JOURNAL: &str = "journal-v1";
const SEGMENTS: &str = "segments";
pub(crate) const SCRATCH: &str = "tmp";
const RUNS: &str = "runs";
const REPLACED: &str = "replaced";
const DOCS: &str = "docs";
const MEMOS: &str = "memos";
const STAMP: &str = "stamp-v2";
/// Whoever makes or drops segments holds this file's lock: builds together, `gc` alone.
const LOCK: &str = "lock";
/// Whoever has something in the private folder holds this file's lock.
const SCRATCH_LOCK: &str = "tmp-lock";

/// Paths of the store.
#[derive(Clone, Debug)]
pub struct Paths {
    root: PathBuf,
    /// What stands in names of files that each environment has for itself: `.dev`.
    own: String,
}

impl Paths {
    /// The store of a workspace; `HOTPASS_STATE_DIR` puts it elsewhere.
    pub fn new(workspace: &Path, state: Option<&Path>) -> Paths {
        Paths { root: state.map_or_else(|| workspace.join(FOLDER), Path::to_owned), own: String::new() }
    }

    /// The same store, as an environment has it: contents are shared, and what tells of builds is its own.
    pub fn of_environment(self, name: Option<&str>) -> Paths {
        Paths { own: name.map(|it| format!(".{it}")).unwrap_or_default(), ..self }
    }

    /// The folder itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The journal.
    pub fn journal(&self) -> PathBuf {
        self.root.join("journal-v2")
    }

    /// The folder of segments.
    pub fn segments(&self) -> PathBuf {
        self.root.join(SEGMENTS)
    }

    /// One segment.
    pub fn segment(&self, id: &Digest) -> PathBuf {
        let hex = id.hex();
        self.segments().join(&hex[..2]).join(format!("{}.parquet", &hex[2..]))
    }

    /// Pages about what is built, published or not.
    pub fn docs(&self) -> PathBuf {
        self.root.join(format!("{DOCS}{}", self.own))
    }

    /// Artefacts that somebody changed, as they were before they were written anew.
    pub fn replaced(&self) -> PathBuf {
        self.root.join(REPLACED)
    }

    /// What operators left for their next run.
    pub fn memos(&self) -> PathBuf {
        self.root.join(MEMOS)
    }

    /// A private folder for what is being written.
    pub fn scratch(&self) -> PathBuf {
        self.root.join(SCRATCH)
    }

    /// The DuckDB database that people open.
    pub fn warehouse(&self) -> PathBuf {
        self.root.join(format!("warehouse-v1{}.duckdb", self.own))
    }

    /// What the last build looked at.
    pub fn stamp(&self) -> PathBuf {
        self.root.join(format!("{STAMP}{}", self.own))
    }

    /// What the last builds looked at, of all environments.
    pub fn stamps(&self) -> Vec<PathBuf> {
        let names = self.folder().and_then(|it| it.names()).unwrap_or_default();
        let stamps = names.into_iter().filter(|(it, _)| it.to_str().is_some_and(|it| it.starts_with(STAMP)));
        stamps.map(|(it, _)| self.root.join(it)).collect()
    }

    /// The TOML files of the last build that made something.
    pub fn texts(&self) -> PathBuf {
        self.root.join(format!("texts-v2{}", self.own))
    }

    /// The folder of run records.
    pub fn runs(&self) -> PathBuf {
        self.root.join(RUNS)
    }

    /// The folder, open.
    pub fn folder(&self) -> io::Result<Folder> {
        Folder::open(&self.root)
    }

    /// The folder of a path in the store, open, and the name in it. Missing folders are made if asked.
    pub fn place(&self, path: &Path, make: bool) -> io::Result<(Folder, OsString)> {
        Folder::of(&self.root, path, make)
    }

    /// A folder of one's own among what is being written; it goes when it is dropped.
    pub fn temporary(&self, prefix: &str) -> io::Result<TempDir> {
        // It is made by its path, because the engine wants one: what leads there is no link.
        let scratch = self.folder()?.inside(SCRATCH)?;
        tempfile::Builder::new().prefix(prefix).tempdir_in(scratch.path())
    }

    /// A file of one's own among what is being written, open for reading and writing; it goes when it is dropped, unless
    /// it has been given another name.
    pub fn temporary_file(&self, prefix: &str) -> io::Result<NamedTempFile> {
        let scratch = self.folder()?.inside(SCRATCH)?;
        tempfile::Builder::new().prefix(prefix).tempfile_in(scratch.path())
    }

    /// Takes part in building: has the store together with others, and something in the private folder.
    pub fn join(&self, waits: Option<fn()>) -> io::Result<Joined> {
        Ok(Joined { _store: self.share(waits)?, _scratch: self.hold_scratch()? })
    }

    /// Has the store together with others. `waits` is told when somebody has it alone, who is waited for.
    pub fn share(&self, waits: Option<fn()>) -> io::Result<fs::File> {
        let lock = self.folder()?.open_or_make(LOCK)?;
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
        let folder = self.folder()?;
        let lock = folder.open_or_make(SCRATCH_LOCK)?;
        if lock.try_lock().is_ok() {
            folder.inside(SCRATCH)?.clear()?;
            folder.sweep()?;
            folder.inside(RUNS)?.sweep()?;
            lock.unlock()?;
        }
        lock.lock_shared()?;
        Ok(lock)
    }

    /// Takes away what dead processes left in the private folder, and what they spilled into `spill`. Nothing happens
    /// where there is no store yet; what a living process has stays.
    pub fn clear_dead(&self, spill: Option<&Path>) {
        if let Some(folder) = spill {
            scratch::sweep(folder, config::SPILL);
        }
        let Ok(inside) = self.folder().and_then(|it| it.inside(SCRATCH)) else { return };
        if inside.names().is_ok_and(|it| !it.is_empty()) {
            scratch::sweep(inside.path(), config::SPILL);
            // The rest goes when nobody has anything there.
            drop(self.hold_scratch());
        }
    }

    /// Has the store alone; `None` while somebody builds.
    pub fn alone(&self) -> io::Result<Option<fs::File>> {
        let lock = self.folder()?.open_or_make(LOCK)?;
        match lock.try_lock() {
            Ok(()) => Ok(Some(lock)),
            Err(fs::TryLockError::WouldBlock) => Ok(None),
            Err(fs::TryLockError::Error(error)) => Err(error),
        }
    }

    /// Makes the folder: private, unknown to version control and to backups.
    pub fn create(&self) -> io::Result<()> {
        self.inspect(layout::Depth::Names).map_err(|it| io::Error::new(io::ErrorKind::InvalidInput, it.message))?;
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&self.root)?;
        let folder = self.folder()?;
        let tag = "Signature: 8a477f597d28d172789f06886806bc55\n# A cache of hotpass; it can be deleted at any time.\n";
        for (name, text) in [("CACHEDIR.TAG", tag), (".gitignore", "*\n")] {
            match folder.create(name) {
                Ok(mut file) => file.write_all(text.as_bytes())?,
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => (),
                Err(error) => return Err(error),
            }
        }
        for name in [SEGMENTS, SCRATCH, RUNS] {
            folder.make(name)?;
        }
        Ok(())
    }

    /// Drops what an older hotpass remembers, which this one cannot read: it is made again. Says whether there was any.
    /// Nothing happens while somebody uses the store.
    pub fn retire(&self) -> io::Result<bool> {
        let Ok(folder) = self.folder() else { return Ok(false) };
        if folder.metadata(OLD_JOURNAL).is_none() {
            return Ok(false);
        }
        let Some(_alone) = self.alone()? else { return Ok(false) };
        for name in [SEGMENTS, RUNS] {
            if let Ok(inside) = folder.inside(name) {
                inside.clear()?;
            }
        }
        for name in ["stamp-v1", "texts-v1", OLD_JOURNAL] {
            folder.remove(name)?;
        }
        Ok(true)
    }

    /// Makes what was written at `from` stand at `to`, durably: file, then name, then folder. Both lie in the store.
    pub fn settle(&self, from: &Path, to: &Path) -> io::Result<()> {
        let (folder, name) = self.place(from, false)?;
        folder.file(&name)?.sync_all()?;
        let (place, to) = self.place(to, true)?;
        folder.rename(&name, &place, &to)?;
        place.sync()
    }
}

/// Somebody takes part in building as long as this lives.
#[derive(Debug)]
pub struct Joined {
    _store: fs::File,
    _scratch: fs::File,
}
