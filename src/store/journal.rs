//! The journal: append-only, checksummed, read at once. It is the truth about what is made.
//!
//! It is a row of [records](crate::store::record). Appends happen under an exclusive lock of the kernel; a torn tail is
//! cut off by the next writer and ignored by readers, a damaged record is counted and passed over, and a journal with a
//! record of a newer hotpass is refused and left as it is. Records are only ever added; the last one of a key counts.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError, RwLock};

use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::model::Schema;
use crate::store::Paths;
pub use crate::store::counts::Counts;
use crate::store::folder::Folder;
use crate::store::record::{self, Found};
use crate::store::segments::{Mark, SegmentFile, Trust, Verified, name_of, put_aside, verified};
use crate::system::Revision;

/// One thing that is known.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub enum Record {
    /// A column was made: what its key stands for.
    Column {
        /// Recipe, engine and digests of what it reads.
        key: Digest,
        /// Its content.
        digest: Digest,
        /// Its rows.
        rows: u64,
    },
    /// A segment stands: which contents are in it, in order of its columns.
    Segment {
        /// Its name.
        id: Digest,
        /// Its file.
        file: SegmentFile,
        /// Contents by column.
        columns: Vec<Digest>,
    },
    /// The file of a segment was read and is what was written.
    Checked {
        /// Its name.
        id: Digest,
        /// The file as it stood.
        mark: Mark,
    },
    /// A check was taken.
    Check {
        /// Recipe, engine and digests of what it reads.
        key: Digest,
        /// The counts.
        counts: Counts,
    },
    /// A file had this content at this revision.
    File {
        /// Relative to the workspace.
        path: PathBuf,
        /// What told that it may have changed.
        revision: Revision,
        /// Of its bytes.
        digest: Digest,
    },
    /// What stands at the head of a file, as JSON of the reader's answer.
    Head {
        /// Request and digest of the file's bytes.
        key: Digest,
        /// The answer.
        json: String,
    },
    /// Columns that only the engine could tell.
    Bound {
        /// Text, input schemas, engine.
        key: Digest,
        /// The columns, or why there are none.
        schema: Result<Schema, String>,
    },
    /// An artefact was published.
    Artefact(Artefact),
    /// What a table was last made of.
    Preimage {
        /// `pipeline.step`.
        table: String,
        /// Parts of its key by label.
        parts: Vec<(String, Digest)>,
    },
    /// What was found on the way, as JSON: of a source the reader's trailers, of a step what it counted.
    Account {
        /// The key of the reading, or what stands for the step.
        key: Digest,
        /// The account.
        json: String,
    },
    /// The number that a check was about.
    Observed {
        /// The key of the check, which was noted before.
        key: Digest,
        /// As the engine writes it.
        number: String,
    },
}

impl Record {
    /// What is noted of a check.
    pub fn check(key: Digest, counts: &Counts) -> Vec<Record> {
        let observed = counts.observed.clone().map(|number| Record::Observed { key, number });
        [Record::Check { key, counts: counts.clone() }].into_iter().chain(observed).collect()
    }
}

/// A published file.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Artefact {
    /// Relative to the workspace.
    pub path: String,
    /// What it was made of.
    pub key: Digest,
    /// Of its bytes.
    pub blake3: Digest,
    /// Of its bytes.
    pub sha256: [u8; 32],
    /// Its size.
    pub bytes: u64,
    /// Rows of data in it.
    pub rows: u64,
    /// Texts neutralised because a spreadsheet program would run them.
    pub guarded: u64,
    /// The file as it was left.
    pub revision: Option<Revision>,
}

/// Everything the journal knows, by key.
#[derive(Debug, Default)]
pub struct Known {
    /// Made columns: content and rows by key.
    pub columns: HashMap<Digest, (Digest, u64)>,
    /// Where contents stand: segment and column in it.
    pub places: HashMap<Digest, (Digest, u32)>,
    /// Files of segments.
    pub segments: HashMap<Digest, SegmentFile>,
    /// Taken checks.
    pub checks: HashMap<Digest, Counts>,
    /// Files at their last known revision.
    pub files: HashMap<PathBuf, (Revision, Digest)>,
    /// Heads of files.
    pub heads: HashMap<Digest, String>,
    /// Columns that only the engine could tell.
    pub bound: HashMap<Digest, Result<Schema, String>>,
    /// Artefacts by path.
    pub artefacts: HashMap<String, Artefact>,
    /// What tables were last made of.
    pub preimages: HashMap<String, Vec<(String, Digest)>>,
    /// What was found while sources were read and steps ran.
    pub accounts: HashMap<Digest, String>,
}

impl Known {
    fn take(&mut self, record: Record) {
        match record {
            Record::Column { key, digest, rows } => {
                self.columns.insert(key, (digest, rows));
            }
            Record::Checked { id, mark } => {
                if let Some(file) = self.segments.get_mut(&id) {
                    file.mark = Some(mark);
                }
            }
            Record::Segment { id, file, columns } => {
                self.segments.insert(id, file);
                for (index, digest) in columns.into_iter().enumerate() {
                    self.places.insert(digest, (id, index as u32));
                }
            }
            Record::Check { key, counts } => {
                self.checks.insert(key, counts);
            }
            Record::File { path, revision, digest } => {
                self.files.insert(path, (revision, digest));
            }
            Record::Head { key, json } => {
                self.heads.insert(key, json);
            }
            Record::Bound { key, schema } => {
                self.bound.insert(key, schema);
            }
            Record::Artefact(artefact) => {
                self.artefacts.insert(artefact.path.clone(), artefact);
            }
            Record::Preimage { table, parts } => {
                self.preimages.insert(table, parts);
            }
            Record::Account { key, json } => {
                self.accounts.insert(key, json);
            }
            Record::Observed { key, number } => {
                if let Some(counts) = self.checks.get_mut(&key) {
                    counts.observed = Some(number);
                }
            }
        }
    }

    /// Every record that still counts, for writing the journal anew.
    pub fn records(&self) -> Vec<Record> {
        let mut segments: HashMap<Digest, Vec<(u32, Digest)>> = HashMap::new();
        for (digest, (id, index)) in &self.places {
            segments.entry(*id).or_default().push((*index, *digest));
        }
        let mut acc = Vec::new();
        for (id, mut columns) in segments {
            columns.sort();
            let Some(file) = self.segments.get(&id).cloned() else { continue };
            // A content may have moved to another segment; what is left keeps its place in this one.
            let width = columns.last().map_or(0, |(index, _)| *index as usize + 1);
            let mut all = vec![id; width];
            columns.into_iter().for_each(|(index, digest)| all[index as usize] = digest);
            acc.push(Record::Segment { id, file, columns: all });
        }
        acc.extend(self.columns.iter().map(|(key, (digest, rows))| Record::Column {
            key: *key,
            digest: *digest,
            rows: *rows,
        }));
        acc.extend(self.checks.iter().flat_map(|(key, counts)| Record::check(*key, counts)));
        acc.extend(self.files.iter().map(|(path, (revision, digest))| Record::File {
            path: path.clone(),
            revision: *revision,
            digest: *digest,
        }));
        acc.extend(self.heads.iter().map(|(key, json)| Record::Head { key: *key, json: json.clone() }));
        acc.extend(self.bound.iter().map(|(key, schema)| Record::Bound { key: *key, schema: schema.clone() }));
        acc.extend(self.artefacts.values().cloned().map(Record::Artefact));
        acc.extend(
            self.preimages.iter().map(|(table, parts)| Record::Preimage { table: table.clone(), parts: parts.clone() }),
        );
        acc.extend(self.accounts.iter().map(|(key, json)| Record::Account { key: *key, json: json.clone() }));
        acc
    }

    /// The place of a content, if it is stored.
    pub fn place(&self, digest: &Digest) -> Option<(Digest, u32)> {
        self.places.get(digest).copied()
    }
}

/// The journal of one store. Shared by threads; appended to by processes at once.
#[derive(Debug)]
pub struct Journal {
    known: RwLock<Known>,
    file: Mutex<Option<File>>,
    path: PathBuf,
    /// How far it has been read, and of which file: `gc` puts another one in its place.
    read: Mutex<(u64, u64)>,
    /// Damaged records that were passed over.
    damaged: AtomicU64,
}

impl Journal {
    /// Reads the journal; an absent one is empty and is made by the first append.
    pub fn open(path: &Path) -> io::Result<Journal> {
        let (known, read) = (RwLock::default(), Mutex::default());
        let damaged = AtomicU64::new(0);
        let journal = Journal { known, file: Mutex::new(None), path: path.to_owned(), read, damaged };
        journal.refresh()?;
        Ok(journal)
    }

    /// Takes in what other processes added since it was last read.
    pub fn refresh(&self) -> io::Result<()> {
        let mut file = match folder_of(&self.path).and_then(|(folder, name)| folder.file(name)) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.begin_anew();
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        let (id, length) = identity(&file)?;
        let (known_id, at) = *self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if (id, length) == (known_id, at) {
            return Ok(());
        }
        let at = if id == known_id && length >= at { at } else { self.begin_anew() };
        file.lock_shared()?;
        let mut bytes = Vec::new();
        file.seek(SeekFrom::Start(at))?;
        file.read_to_end(&mut bytes)?;
        file.unlock()?;
        let read = records(&bytes).map_err(|Newer| newer(&self.path))?;
        self.damaged.fetch_add(read.damaged, Ordering::Relaxed);
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        read.records.into_iter().for_each(|it| known.take(it));
        *self.read.lock().unwrap_or_else(PoisonError::into_inner) = (id, at + read.end as u64);
        Ok(())
    }

    /// How many records were damaged and passed over.
    pub fn damaged(&self) -> u64 {
        self.damaged.load(Ordering::Relaxed)
    }

    /// Forgets everything, because the file is another one; gives the place to read from.
    fn begin_anew(&self) -> u64 {
        *self.file.lock().unwrap_or_else(PoisonError::into_inner) = None;
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = Known::default();
        *self.read.lock().unwrap_or_else(PoisonError::into_inner) = (0, 0);
        0
    }

    /// Looks something up.
    pub fn known<T>(&self, look: impl FnOnce(&Known) -> T) -> T {
        look(&self.known.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Adds records, whole or not at all as far as later readers are concerned.
    pub fn append(&self, records: Vec<Record>) -> io::Result<()> {
        if records.is_empty() {
            return Ok(());
        }
        let mut bytes = Vec::new();
        records.iter().for_each(|it| encode(it, &mut bytes));
        {
            let mut slot = self.file.lock().unwrap_or_else(PoisonError::into_inner);
            if slot.is_none() {
                *slot = Some(open_for_append(&self.path)?);
            }
            if let Some(file) = slot.as_mut() {
                file.lock()?;
                let written = file.seek(SeekFrom::End(0)).and_then(|at| file.write_all(&bytes).map(|()| at));
                file.unlock()?;
                let at = written?;
                // What others added in between is still to be read.
                let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
                let (id, _) = identity(file)?;
                let beginning = *read == (0, 0) && at == 0;
                if *read == (id, at) || beginning {
                    *read = (id, at + bytes.len() as u64);
                }
            }
        }
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        records.into_iter().for_each(|it| known.take(it));
        Ok(())
    }

    /// Forgets segments that are not there, or whose files are not what was written: their contents count as not made.
    /// A file that stands as it stood is trusted, any other is read. Damaged ones are put aside; gives their names.
    pub fn forget_lost(&self, paths: &Paths) -> Vec<String> {
        self.forget(paths, Trust::Marks)
    }

    /// [`Journal::forget_lost`], with as much trust as is given.
    pub fn forget(&self, paths: &Paths, trust: Trust) -> Vec<String> {
        let Verified { lost, damaged, checked } = self.known(|it| verified(&it.segments, paths, trust));
        if !lost.is_empty() {
            let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
            known.segments.retain(|id, _| !lost.contains(id));
            known.places.retain(|_, (id, _)| !lost.contains(id));
        }
        // Only time is lost when this cannot be written down.
        let _ = self.append(checked.into_iter().map(|(id, mark)| Record::Checked { id, mark }).collect());
        damaged.iter().filter(|id| put_aside(paths, id).is_ok()).map(name_of).collect()
    }

    /// Writes the journal anew with only what `keep` leaves.
    pub fn compact(&self, keep: impl FnOnce(&mut Known)) -> io::Result<()> {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        keep(&mut known);
        let mut slot = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        *slot = None;
        let mut bytes = Vec::new();
        known.records().iter().for_each(|it| encode(it, &mut bytes));
        let (folder, name) = folder_of(&self.path)?;
        folder.replace(name, &bytes, true)?;
        let (id, length) = identity(&folder.file(name)?)?;
        *self.read.lock().unwrap_or_else(PoisonError::into_inner) = (id, length);
        Ok(())
    }

    /// Makes everything appended so far survive a power cut.
    pub fn sync(&self) -> io::Result<()> {
        match &*self.file.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(file) => file.sync_data(),
            None => Ok(()),
        }
    }
}

/// The folder of a journal, open, and the name of the journal in it.
fn folder_of(path: &Path) -> io::Result<(Folder, &OsStr)> {
    let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    Ok((Folder::open(path.parent().unwrap_or(Path::new(".")))?, name))
}

fn open_for_append(path: &Path) -> io::Result<File> {
    let (folder, name) = folder_of(path)?;
    let mut file = folder.open_or_make(name)?;
    file.lock()?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    if bytes.is_empty() {
        // The name of a new one is to outlive a power cut as well.
        folder.sync()?;
    }
    let read = records(&bytes).map_err(|Newer| newer(path))?;
    if read.end < bytes.len() {
        file.set_len(read.end as u64)?;
    }
    file.unlock()?;
    Ok(file)
}

fn newer(path: &Path) -> io::Error {
    let message = format!(
        "`{}` was written by a newer hotpass: use that one, or delete the state folder, which loses time and no output",
        path.display()
    );
    io::Error::new(io::ErrorKind::InvalidData, message)
}

fn encode(entry: &Record, out: &mut Vec<u8>) {
    record::encode(&postcard::to_stdvec(entry).expect("a record is plain data"), out);
}

/// What tells one file from another under the same name, and its length.
fn identity(file: &File) -> io::Result<(u64, u64)> {
    let metadata = file.metadata()?;
    #[cfg(unix)]
    let id = std::os::unix::fs::MetadataExt::ino(&metadata);
    #[cfg(not(unix))]
    let id = 1;
    Ok((id, metadata.len()))
}

/// The journal holds what only a newer program can read.
struct Newer;

/// What was read of a journal.
struct Entries {
    records: Vec<Record>,
    /// Where a torn tail begins, or the end.
    end: usize,
    damaged: u64,
}

/// All records, those that are damaged passed over.
fn records(bytes: &[u8]) -> Result<Entries, Newer> {
    let mut acc = Entries { records: Vec::new(), end: 0, damaged: 0 };
    while let Some((found, end)) = record::next(bytes, acc.end) {
        match found {
            // With a right sum it is what was written: who cannot read it is too old.
            Found::Record(body) => acc.records.push(postcard::from_bytes(body).map_err(|_| Newer)?),
            Found::Newer => return Err(Newer),
            Found::Damaged => acc.damaged += 1,
            Found::Torn => break,
        }
        acc.end = end;
    }
    Ok(acc)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(n: u8) -> Record {
        let digest = Digest::of("hotpass test", &[n]);
        Record::Column { key: digest, digest, rows: u64::from(n) }
    }

    fn rows(path: &Path) -> Vec<u64> {
        let journal = Journal::open(path).expect("the journal opens");
        let mut rows: Vec<_> = journal.known(|it| it.columns.values().map(|(_, rows)| *rows).collect());
        rows.sort();
        rows
    }

    #[test]
    fn what_was_appended_is_known_to_the_next_process() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("journal");
        let journal = Journal::open(&path).expect("the journal opens");
        journal.append(vec![record(1), record(2)]).expect("appended");
        let other = Journal::open(&path).expect("the journal opens");
        other.append(vec![record(3)]).expect("appended");
        journal.append(vec![record(4)]).expect("appended");
        assert_eq!(rows(&path), [1, 2, 3, 4]);
    }

    #[test]
    fn what_others_append_or_put_in_its_place_is_seen() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("journal");
        let known = |journal: &Journal| {
            journal.refresh().expect("refreshed");
            let mut rows: Vec<_> = journal.known(|it| it.columns.values().map(|(_, rows)| *rows).collect());
            rows.sort();
            rows
        };
        let journal = Journal::open(&path).expect("the journal opens");
        let other = Journal::open(&path).expect("the journal opens");
        other.append(vec![record(1)]).expect("appended");
        assert_eq!(known(&journal), [1]);
        journal.append(vec![record(2)]).expect("appended");
        other.append(vec![record(3)]).expect("appended");
        journal.append(vec![record(4)]).expect("appended");
        assert_eq!(known(&journal), [1, 2, 3, 4]);
        assert_eq!(known(&other), [1, 2, 3, 4]);
        other.compact(|it| it.columns.retain(|_, (_, rows)| *rows > 2)).expect("written anew");
        assert_eq!(known(&journal), [3, 4]);
        journal.append(vec![record(5)]).expect("appended");
        assert_eq!(known(&other), [3, 4, 5]);
        std::fs::remove_file(&path).expect("removed");
        assert!(known(&journal).is_empty());
        journal.append(vec![record(6)]).expect("appended");
        assert_eq!(rows(&path), [6]);
    }

    #[test]
    fn a_torn_tail_loses_the_last_record_only() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("journal");
        Journal::open(&path).and_then(|it| it.append(vec![record(1), record(2)])).expect("appended");
        let whole = std::fs::read(&path).expect("bytes");
        for cut in 0..whole.len() {
            std::fs::write(&path, &whole[..cut]).expect("written");
            assert!(rows(&path).len() < 2, "cut at {cut}");
            Journal::open(&path).and_then(|it| it.append(vec![record(9)])).expect("appended");
            assert!(rows(&path).contains(&9), "cut at {cut}");
        }
    }

    #[test]
    fn a_flipped_bit_loses_its_own_record_and_is_counted() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("journal");
        Journal::open(&path).and_then(|it| it.append(vec![record(1), record(2), record(3)])).expect("appended");
        let whole = std::fs::read(&path).expect("bytes");
        let third = whole.len() / 3;
        for at in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 1;
            std::fs::write(&path, bytes).expect("written");
            assert_eq!(rows(&path).len(), 2, "flipped at {at}");
            let damaged = Journal::open(&path).expect("the journal opens").damaged();
            assert_eq!(damaged, u64::from(at < 2 * third), "a damaged tail is torn: {at}");
        }
    }

    #[test]
    fn what_a_newer_program_wrote_is_refused_and_left_as_it_is() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("journal");
        let journal = Journal::open(&path).expect("the journal opens");
        journal.append(vec![record(1)]).expect("appended");
        let mut bytes = std::fs::read(&path).expect("bytes");
        // A record with a right sum that this program does not know.
        record::encode(&[250, 1, 2, 3], &mut bytes);
        std::fs::write(&path, &bytes).expect("written");
        let error = Journal::open(&path).expect_err("refused");
        assert!(error.to_string().contains("newer hotpass"), "{error}");
        let other = Journal {
            known: RwLock::default(),
            file: Mutex::new(None),
            path: path.clone(),
            read: Mutex::default(),
            damaged: AtomicU64::new(0),
        };
        assert!(other.append(vec![record(2)]).is_err());
        assert_eq!(std::fs::read(&path).expect("bytes"), bytes);
    }

    #[test]
    fn compacting_keeps_what_counts() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("journal");
        let journal = Journal::open(&path).expect("the journal opens");
        journal.append((0..20).map(|_| record(1)).collect()).expect("appended");
        let before = std::fs::metadata(&path).expect("a file").len();
        journal.compact(|_| ()).expect("compacted");
        assert!(std::fs::metadata(&path).expect("a file").len() < before);
        journal.append(vec![record(2)]).expect("appended");
        assert_eq!(rows(&path), [1, 2]);
    }
}
