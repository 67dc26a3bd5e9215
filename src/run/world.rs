//! The outside world as it is: files of a workspace, with the journal as memory. What only the engine can tell is asked
//! of it where there is one.

use std::io::{self, Read};
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::digest::{Digest, Hasher};
use crate::model::Schema;
use crate::problem::Problem;
use crate::readers::json::Shape;
use crate::readers::problems::TOO_PRECISE;
use crate::readers::reach::{self, Place, Reach};
use crate::readers::within::Beside;
use crate::readers::{self, Found, Known, READ, ReadError, Request};
use crate::run::faults;
use crate::run::warden::Passed;
use crate::steps::{Query, SQL};
use crate::store::Paths;
use crate::store::backend::{EngineConfig, EngineError, EngineFactory, Worker};
use crate::store::engine::IDENTITY;
use crate::store::engine_cache::EngineCache;
use crate::store::guard;
use crate::store::journal::{Journal, Record};
use crate::store::stamp::Stamp;
use crate::system::{Revision, System, Unknown};

/// A file whose times lie closer to now than this may change again without them telling: nanoseconds.
const RACY: i128 = 30_000_000;

/// Why nothing is said of a file that was another one before it was read to its end.
pub(super) const CHANGED: &str = "it changed while it was read";

/// A workspace on disk.
pub struct World {
    root: PathBuf,
    reach: Reach,
    reader: PathBuf,
    journal: Arc<Journal>,
    /// Where what is found out may be written down: `check` leaves no trace.
    memory: Option<Paths>,
    factory: Option<(Arc<EngineCache>, EngineConfig)>,
}

impl std::fmt::Debug for World {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("World").field("root", &self.root).finish_non_exhaustive()
    }
}

// What is behind the shared references is only ever changed whole, under locks that a panic does not leave torn.
impl UnwindSafe for World {}
impl RefUnwindSafe for World {}

impl World {
    /// A workspace at `root`; `reader` is the program that reads workbooks in a child.
    pub fn new(
        root: PathBuf,
        reader: PathBuf,
        journal: Arc<Journal>,
        memory: Option<Paths>,
        factory: Option<(Arc<EngineCache>, EngineConfig)>,
    ) -> World {
        World { reach: Reach::of(&root), root, reader, journal, memory, factory }
    }

    fn remember(&self, record: Record) {
        // The memory only saves time: when it cannot be written, the answer is found out again. What the front finds
        // out before there is a store is handed over to the engine by it.
        if self.memory.as_ref().is_some_and(|it| it.root().is_dir() || it.create().is_ok()) {
            let _ = self.journal.append(vec![record]);
        }
    }

    /// Asks a worker of the engine.
    fn ask<T>(&self, ask: impl FnOnce(&mut dyn Worker) -> Result<T, EngineError>) -> Result<T, Unknown> {
        let Some((factory, setup)) = &self.factory else { return Err(Unknown::NeedsEngine) };
        let answer = setup.paths.create().map_err(EngineError::from).and_then(|()| {
            let opened = factory.open(setup)?;
            let mut worker = opened.worker()?;
            ask(&mut *worker)
        });
        answer.map_err(|error| match error {
            EngineError::Problem(problem) => Unknown::Problem(problem),
            EngineError::Memory => {
                let passed = Passed::Memory(setup.memory, 0);
                Unknown::Problem(Box::new(passed.refused("the query", "planned")))
            }
            other => Unknown::World(other.to_string()),
        })
    }

    fn bound(
        &self,
        key: Digest,
        ask: impl FnOnce(&mut dyn Worker) -> Result<Schema, EngineError>,
    ) -> Result<Schema, Unknown> {
        let unfit = |reason: String| Unknown::Problem(Box::new(Problem::new(&SQL, reason)));
        if let Some(known) = self.journal.known(|it| it.bound.get(&key).cloned()) {
            return known.map_err(unfit);
        }
        let answer = self.ask(ask);
        match &answer {
            Ok(schema) => self.remember(Record::Bound { key, schema: Ok(schema.clone()) }),
            // The journal keeps the message alone.
            Err(Unknown::Problem(problem)) if problem.help.is_none() => {
                self.remember(Record::Bound { key, schema: Err(problem.message.clone()) });
            }
            Err(_) => (),
        }
        answer
    }
}

impl System for World {
    fn revision(&self, path: &Path) -> Option<Revision> {
        revision_of(&self.root.join(path))
    }

    fn is_settled(&self, revision: &Revision) -> bool {
        revision.mtime.max(revision.ctime) + RACY < Stamp::now()
    }

    fn read_text(&self, path: &Path) -> io::Result<String> {
        self.reach.text(path)
    }

    fn list(&self, folder: &Path) -> Vec<String> {
        let names = self.reach.list(folder).into_iter();
        let mut names: Vec<String> = names.map(|(name, folder)| if folder { name + "/" } else { name }).collect();
        names.sort();
        names
    }

    fn place(&self, path: &Path) -> Place {
        self.reach.place(path)
    }

    fn identity(&self, folder: &Path) -> Option<(u64, u64)> {
        reach::identity(&self.root.join(folder))
    }

    fn is_lent(&self, path: &Path) -> bool {
        reach::is_lent(&self.root.join(path))
    }

    fn fingerprint(&self, path: &Path) -> Option<Digest> {
        let revision = self.revision(path)?;
        if let Some(digest) = remembered(&self.journal, path, &revision) {
            return Some(digest);
        }
        let digest = digest_of_file(&self.reach, path).ok()?;
        // What changed while it was read, or so lately that its times may not tell, is not remembered.
        if self.is_settled(&revision) && self.revision(path) == Some(revision) {
            self.remember(Record::File { path: path.to_owned(), revision, digest });
        }
        Some(digest)
    }

    fn header(&self, request: &Request, known: &Known, fingerprint: &Digest) -> Result<Found, Unknown> {
        crate::bug::seam("planning");
        let mut hasher = Hasher::new("hotpass head v8");
        hasher.text(READ);
        serde_json::to_writer(&mut hasher, &(Request { path: PathBuf::new(), ..request.clone() }, known))
            .map_err(|it| Unknown::World(it.to_string()))?;
        let key = hasher.digest(fingerprint).finish();
        if let Some(json) = self.journal.known(|it| it.heads.get(&key).cloned())
            && let Ok(answer) = serde_json::from_str::<Result<Found, Problem>>(&json)
        {
            return answer.map_err(|it| Unknown::Problem(Box::new(it)));
        }
        let answer = readers::head(request, known, |request, found, batch| match request.format.has_sheets() {
            false => readers::read(request, found, batch),
            true => readers::read_in_child(&self.reader, request, &|| false, found, batch),
        });
        let answer: Result<Found, Problem> = match answer {
            Ok(found) => Ok(found),
            Err(ReadError::Problem(problem)) => Err(*problem),
            Err(ReadError::World(reason)) => return Err(Unknown::World(reason)),
        };
        if !is_still(&self.root, &request.path, fingerprint, &self.journal) {
            return Err(Unknown::World(CHANGED.to_owned()));
        }
        if let Ok(json) = serde_json::to_string(&answer) {
            self.remember(Record::Head { key, json });
        }
        answer.map_err(|it| Unknown::Problem(Box::new(it)))
    }

    fn columns(&self, path: &Path, fingerprint: &Digest) -> Result<Schema, Unknown> {
        let mut hasher = Hasher::new("hotpass columns v4");
        let key = hasher.text(IDENTITY).number(0).digest(fingerprint).finish();
        let columns = self.bound(key, |worker| {
            let file = self.reach.open(path)?;
            let schema = worker.describe(&file).map_err(|error| faults::damaged(error, path))?;
            let beside = worker.beside(&file)?;
            match is_still(&self.root, path, fingerprint, &self.journal) {
                true => {
                    if let Some(json) = serde_json::to_string(&beside).ok().filter(|_| beside != Beside::default()) {
                        self.remember(Record::Head { key: key_of_beside(fingerprint), json });
                    }
                    Ok(schema)
                }
                false => Err(EngineError::Io(CHANGED.to_owned())),
            }
        });
        // What is remembered of these bytes may have been read under another name.
        columns.map_err(|error| match error {
            Unknown::Problem(it) if it.code != TOO_PRECISE.name => {
                Unknown::Problem(Box::new(readers::problems::damaged_or_other(path)))
            }
            other => other,
        })
    }

    fn beside(&self, fingerprint: &Digest) -> Beside {
        let json = self.journal.known(|it| it.heads.get(&key_of_beside(fingerprint)).cloned());
        json.and_then(|it| serde_json::from_str(&it).ok()).unwrap_or_default()
    }

    fn shape(&self, path: &Path, fingerprint: &Digest) -> Result<Shape, Unknown> {
        let name = path.display().to_string();
        let key = Hasher::new("hotpass shape v3").text(&name).digest(fingerprint).finish();
        if let Some(json) = self.journal.known(|it| it.heads.get(&key).cloned())
            && let Ok(answer) = serde_json::from_str::<Result<Shape, Problem>>(&json)
        {
            return answer.map_err(|it| Unknown::Problem(Box::new(it)));
        }
        let file = self.reach.open(path).map_err(|error| Unknown::World(error.to_string()))?;
        let answer: Result<Shape, Problem> = match readers::json::shape(file, &name) {
            Ok(shape) => Ok(shape),
            Err(ReadError::Problem(problem)) => Err(*problem),
            Err(ReadError::World(reason)) => return Err(Unknown::World(reason)),
        };
        if !is_still(&self.root, path, fingerprint, &self.journal) {
            return Err(Unknown::World(CHANGED.to_owned()));
        }
        if let Ok(json) = serde_json::to_string(&answer) {
            self.remember(Record::Head { key, json });
        }
        answer.map_err(|it| Unknown::Problem(Box::new(it)))
    }

    fn bind_sql(&self, query: &Query, inputs: &[(&str, &Schema)]) -> Result<Schema, Unknown> {
        let mut hasher = Hasher::new("hotpass bind v2");
        hasher.text(IDENTITY).number(guard::REVISION).text(&query.canonical);
        serde_json::to_writer(&mut hasher, &inputs).map_err(|it| Unknown::World(it.to_string()))?;
        self.bound(hasher.finish(), |worker| worker.bind(query, inputs))
    }

    fn absolute(&self, path: &Path) -> PathBuf {
        self.root.join(path)
    }

    fn real(&self, path: &Path) -> PathBuf {
        reach::real(&self.absolute(path))
    }
}

/// Under which the journal has what is known of the names in the file with these bytes.
fn key_of_beside(fingerprint: &Digest) -> Digest {
    Hasher::new("hotpass renamed v2").digest(fingerprint).finish()
}

/// The revision of a file or folder; `None` when it is not there.
pub fn revision_of(path: &Path) -> Option<Revision> {
    Revision::of(&std::fs::metadata(path).ok()?)
}

/// Whether a file still holds the bytes with this digest. What was read of another one must not be known by it.
pub(super) fn is_still(root: &Path, path: &Path, fingerprint: &Digest, journal: &Journal) -> bool {
    let absolute = root.join(path);
    let path = absolute.strip_prefix(root).unwrap_or(&absolute);
    let known = revision_of(&absolute).and_then(|it| remembered(journal, path, &it));
    known.or_else(|| digest_of_file(&Reach::of(root), path).ok()).as_ref() == Some(fingerprint)
}

/// The digest that a file at this revision is known to have.
fn remembered(journal: &Journal, path: &Path, revision: &Revision) -> Option<Digest> {
    let known = journal.known(|it| it.files.get(path).copied());
    known.filter(|(it, _)| it == revision).map(|(_, digest)| digest)
}

/// The digest of a file's bytes, read in order: a file that is being written is never mapped.
/// As [`System::fingerprint`] gives it, of bytes that are there.
pub(super) fn fingerprint_of(bytes: &[u8]) -> Digest {
    let mut hasher = Hasher::new("hotpass source v1");
    hasher.raw(bytes);
    hasher.finish()
}

/// The digest of a file of a workspace; `None` where it cannot be read.
pub fn digest_in(root: &Path, path: &Path) -> Option<Digest> {
    digest_of_file(&Reach::of(root), path).ok()
}

fn digest_of_file(reach: &Reach, path: &Path) -> io::Result<Digest> {
    let mut file = match reach.open(path) {
        // A pipe would never end, a device may not; what is no file has the digest of what it is not.
        Err(error) if error.kind() == io::ErrorKind::InvalidInput => return Ok(Digest::of("hotpass no file v1", b"")),
        file => file?,
    };
    let mut hasher = Hasher::new("hotpass source v1");
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
