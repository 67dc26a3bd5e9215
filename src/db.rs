//! The query database: inputs on demand, one writer of inputs, the names of queries that ran.

use std::collections::{HashMap, HashSet};
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use salsa::{Durability, Setter};

use crate::system::{Revision, System};

/// What queries ask of the database.
#[salsa::db]
pub trait Db: salsa::Database {
    /// The outside world.
    fn system(&self) -> &dyn System;
    /// The file at a path of the workspace, whether it is there or not.
    fn file(&self, path: &Path) -> File;
}

/// A file or folder of the workspace. Its content is no input: queries read it after touching the revision.
#[salsa::input]
pub struct File {
    /// Relative to the workspace.
    pub path: PathBuf,
    /// `None` when it is not there.
    #[returns(copy)]
    pub revision: Option<Revision>,
}

/// What was asked for on the command line, set once a process.
#[salsa::input(singleton)]
pub struct Settings {
    /// `--profile`.
    pub profile: Option<String>,
    /// `--set key=value`.
    pub set: std::collections::BTreeMap<String, String>,
    /// `--env`.
    pub environment: Option<String>,
}

/// The database.
#[salsa::db]
#[derive(Clone)]
pub struct RootDb {
    storage: salsa::Storage<Self>,
    system: Arc<dyn System>,
    files: Arc<Mutex<HashMap<PathBuf, File>>>,
    ran: Arc<Mutex<Vec<String>>>,
    /// Files that were looked at so shortly after they changed that they may change again without their times telling.
    fresh: Arc<Mutex<HashSet<PathBuf>>>,
}

#[salsa::db]
impl salsa::Database for RootDb {}

#[salsa::db]
impl Db for RootDb {
    fn system(&self) -> &dyn System {
        &*self.system
    }

    fn file(&self, path: &Path) -> File {
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = files.get(path) {
            return *file;
        }
        let revision = self.system.revision(path);
        self.note_fresh(path, revision);
        let file = File::builder(path.to_owned(), revision).path_durability(Durability::NEVER_CHANGE).new(self);
        files.insert(path.to_owned(), file);
        file
    }
}

impl RootDb {
    /// A database over a world.
    pub fn new(system: Arc<dyn System>) -> RootDb {
        let ran = Arc::new(Mutex::new(Vec::new()));
        let events = Arc::clone(&ran);
        let note = move |event: salsa::Event| {
            if let salsa::EventKind::WillExecute { database_key } = event.kind {
                let name = format!("{database_key:?}");
                let name = name.split(['(', ':']).next().unwrap_or_default().trim().to_owned();
                events.lock().unwrap_or_else(PoisonError::into_inner).push(name);
            }
        };
        RootDb {
            storage: salsa::Storage::new(Some(Box::new(note))),
            system,
            files: Arc::default(),
            ran,
            fresh: Arc::default(),
        }
    }

    /// A database over the same world, in which something else may be asked for.
    pub fn another(&self) -> RootDb {
        RootDb::new(Arc::clone(&self.system))
    }

    /// Sets what was asked for on the command line.
    pub fn settings(
        &mut self,
        profile: Option<String>,
        set: std::collections::BTreeMap<String, String>,
        environment: Option<String>,
    ) -> Settings {
        Settings::new(self, profile, set, environment)
    }

    /// Tells the database what may have changed: everything it knows, compared with the world. The only place that
    /// sets inputs; returns the paths that did change. Handles that ask queries meanwhile are stopped.
    pub fn refresh(&mut self) -> Vec<PathBuf> {
        let fresh = std::mem::take(&mut *self.fresh.lock().unwrap_or_else(PoisonError::into_inner));
        let mut changed = Vec::new();
        for file in self.known() {
            let path = file.path(self).clone();
            let revision = self.system.revision(&path);
            let moved = file.revision(self) != revision;
            if moved || fresh.contains(&path) {
                self.note_fresh(&path, revision);
                file.set_revision(self).to(revision);
            }
            if moved {
                changed.push(path);
            }
        }
        changed.sort();
        changed
    }

    /// Paths that are not as the database has them, without telling it.
    pub fn moved(&self) -> Vec<PathBuf> {
        let moved = |it: &File| it.revision(self) != self.system.revision(it.path(self));
        let mut moved: Vec<_> = self.known().into_iter().filter(moved).map(|it| it.path(self).clone()).collect();
        moved.sort();
        moved
    }

    /// Whether something is to be looked at once more, a moment from now.
    pub fn is_fresh(&self) -> bool {
        !self.fresh.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    /// Whether anything asked for this path.
    pub fn knows(&self, path: &Path) -> bool {
        self.files.lock().unwrap_or_else(PoisonError::into_inner).contains_key(path)
    }

    fn known(&self) -> Vec<File> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner).values().copied().collect()
    }

    fn note_fresh(&self, path: &Path, revision: Option<Revision>) {
        if revision.is_some_and(|it| !self.system.is_settled(&it)) {
            self.fresh.lock().unwrap_or_else(PoisonError::into_inner).insert(path.to_owned());
        }
    }

    /// Names of the queries that ran since the last call, in the order in which they began.
    pub fn take_ran(&self) -> Vec<String> {
        std::mem::take(&mut *self.ran.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Paths of all files that anything asked for.
    pub fn known_paths(&self) -> Vec<PathBuf> {
        let files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        let mut paths: Vec<_> = files.keys().cloned().collect();
        paths.sort();
        paths
    }
}

/// What `ask` gives; `None` when another handle changed an input meanwhile, so that the answer would be an old one.
pub fn uninterrupted<T>(ask: impl FnOnce() -> T) -> Option<T> {
    salsa::Cancelled::catch(AssertUnwindSafe(ask)).ok()
}
