//! Staging: the artefacts of one build are written beside their places and show all at once, or not at all.
//!
//! A staged file is `.NAME.hotpass-RANDOM` in the folder of the artefact, so that the final rename never crosses a file
//! system. In every folder a lock file `.hotpass-RANDOM.lock` is held as long as the process lives: `sweep` removes
//! what belongs to locks that nobody holds. Each rename is atomic, their sequence is not; the manifest goes last, so a
//! build that is killed in between leaves an older manifest, which the next build replaces.

use std::ffi::OsStr;
use std::fs::{self, File, Metadata, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Component, Path, PathBuf};

use super::{Hashing, Written};

/// Stands between the name of an artefact and the random part of a staged name.
const MARK: &str = ".hotpass-";
/// Length of the random part.
const RANDOM: usize = 12;
/// Bytes of the artefact's name that are repeated in the staged name: with the rest well within 255.
const SHOWN: usize = 100;
/// How often a lock file is made anew when a sweep took it before it was locked.
const TRIES: usize = 100;

/// The artefacts of one build before they show. Dropping it removes them.
pub struct Staging {
    root: PathBuf,
    folders: Vec<Folder>,
    entries: Vec<Entry>,
    /// Folders that were made for artefacts, outer ones first.
    made: Vec<PathBuf>,
}

/// What [`Staging::commit`] put in place, and could not take away.
pub struct Placed {
    /// Each file as it was put in place, by its path in the workspace, whatever stands there by now.
    pub files: Vec<(PathBuf, Metadata)>,
    /// Whether a file of its own could not be removed: the next [`sweep`] of its folder does it.
    pub leaves_remains: bool,
}

/// A folder of artefacts and the lock that says that its staged files are in use.
struct Folder {
    path: PathBuf,
    random: String,
    lock_path: PathBuf,
    /// Holds the lock; closed by the system when the process dies.
    _lock: File,
}

/// A file that is being written, or is ready.
struct Entry {
    /// As the caller named it, relative to the workspace.
    path: PathBuf,
    place: PathBuf,
    temporary: PathBuf,
    folder: usize,
    written: Option<Written>,
    /// Held open from when it is complete until it shows.
    file: Option<File>,
}

impl Staging {
    /// Nothing staged yet, below the workspace `root`.
    pub fn new(root: &Path) -> Staging {
        Staging { root: root.to_owned(), folders: Vec::new(), entries: Vec::new(), made: Vec::new() }
    }

    /// A new file for the artefact at `path`, relative to the workspace; folders are made as needed.
    ///
    /// Refuses a path that leaves the workspace, also through symbolic links, one that is a folder, and one that is
    /// staged already.
    pub fn create(&mut self, path: &Path) -> io::Result<File> {
        let name = path.file_name().ok_or_else(|| refused(path, "names no file"))?.to_owned();
        let folder = self.folder(path)?;
        let place = self.folders[folder].path.join(&name);
        if fs::symlink_metadata(&place).is_ok_and(|it| it.is_dir()) {
            return Err(refused(path, "is a folder"));
        }
        if self.entries.iter().any(|it| it.place == place) {
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, format!("`{}` is written twice", path.display())));
        }
        let name = staged_name(&name, self.entries.len(), &self.folders[folder].random);
        let temporary = self.folders[folder].path.join(name);
        let file = OpenOptions::new().read(true).write(true).create_new(true).open(&temporary)?;
        self.entries.push(Entry { path: path.to_owned(), place, temporary, folder, written: None, file: None });
        Ok(file)
    }

    /// Where the artefact at `path` is written for now: for writers that want a path.
    ///
    /// Such a writer may put another file in its place, so it is opened again for `staged`.
    pub fn temporary(&self, path: &Path) -> Option<&Path> {
        self.entries.iter().find(|it| it.path == path).map(|it| it.temporary.as_path())
    }

    /// Where the artefact at `path` will stand.
    pub fn place(&self, path: &Path) -> Option<&Path> {
        self.entries.iter().find(|it| it.path == path).map(|it| it.place.as_path())
    }

    /// The artefact at `path` is complete: brings it to the disk and closes it.
    pub fn staged(&mut self, path: &Path, file: File, written: Written) -> io::Result<()> {
        let entry = self.entries.iter_mut().find(|it| it.path == path);
        let entry = entry.ok_or_else(|| refused(path, "was not created"))?;
        let bytes = file.metadata()?.len();
        if bytes != written.bytes {
            let message = format!("`{}` has {bytes} bytes, and {} were written", path.display(), written.bytes);
            return Err(io::Error::other(message));
        }
        file.sync_all()?;
        entry.written = Some(written);
        entry.file = Some(file);
        Ok(())
    }

    /// Publishes: renames what is complete in the order of its creation, then `notes`, texts by path, in theirs.
    ///
    /// What was created and never completed is removed.
    pub fn commit(mut self, notes: &[(PathBuf, String)]) -> io::Result<Placed> {
        for (path, text) in notes {
            let mut file = Hashing::new(self.create(path)?);
            file.write_all(text.as_bytes())?;
            let (file, written) = file.finish(0)?;
            self.staged(path, file, written)?;
        }
        let (mut folders, mut files) = (Vec::new(), Vec::new());
        for entry in self.entries.iter().filter(|it| it.written.is_some()) {
            fs::rename(&entry.temporary, &entry.place)?;
            if let Some(file) = &entry.file {
                files.push((entry.path.clone(), file.metadata()?));
            }
            folders.push(self.folders[entry.folder].path.as_path());
        }
        folders.extend(self.made.iter().filter_map(|it| it.parent()));
        folders.sort_unstable();
        folders.dedup();
        folders.into_iter().try_for_each(sync_folder)?;
        let unfinished = self.entries.iter().filter(|it| it.written.is_none()).map(|it| &it.temporary);
        let own = unfinished.chain(self.folders.iter().map(|it| &it.lock_path));
        let remains = own.filter(|it| remove(it).is_err()).count();
        Ok(Placed { files, leaves_remains: remains > 0 })
    }

    /// The folder of `path`, made and locked.
    fn folder(&mut self, path: &Path) -> io::Result<usize> {
        let real = resolve(&self.root, path, path.parent().unwrap_or(Path::new("")), Some(&mut self.made))?;
        if let Some(known) = self.folders.iter().position(|it| it.path == real) {
            return Ok(known);
        }
        self.folders.push(Folder::lock(real)?);
        Ok(self.folders.len() - 1)
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // Nobody is left to tell when removing fails: the next sweep tries again.
        for entry in &self.entries {
            let _ = fs::remove_file(&entry.temporary);
        }
        for folder in &self.folders {
            let _ = fs::remove_file(&folder.lock_path);
        }
        for folder in self.made.iter().rev() {
            let _ = fs::remove_dir(folder);
        }
    }
}

impl Folder {
    fn lock(path: PathBuf) -> io::Result<Folder> {
        for _ in 0..TRIES {
            let made = tempfile::Builder::new().prefix(MARK).suffix(".lock").rand_bytes(RANDOM).tempfile_in(&path)?;
            let (lock, lock_path) = made.keep().map_err(|it| it.error)?;
            match lock.try_lock() {
                // Gone when a sweep of another process saw it before it was locked.
                Ok(()) if !lock_path.exists() => continue,
                // Where files cannot be locked a sweep cannot lock them either, and leaves them alone.
                Ok(()) | Err(TryLockError::Error(_)) => (),
                Err(TryLockError::WouldBlock) => continue,
            }
            let name = lock_path.file_name().and_then(OsStr::to_str).unwrap_or_default();
            let random = name.trim_start_matches(MARK).trim_end_matches(".lock").to_owned();
            return Ok(Folder { path, random, lock_path, _lock: lock });
        }
        Err(io::Error::new(io::ErrorKind::WouldBlock, format!("cannot lock a file in `{}`", path.display())))
    }
}

/// Removes what builds that were killed left in `folders`, which are relative to the workspace `root`; folders in them
/// are named on their own.
///
/// Files of processes that live are left alone, and so is everything that hotpass did not name.
pub fn sweep(root: &Path, folders: &[PathBuf]) -> io::Result<()> {
    for folder in folders {
        let real = match resolve(root, folder, folder, None) {
            Ok(real) => real,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        sweep_folder(&real)?;
    }
    Ok(())
}

fn sweep_folder(folder: &Path) -> io::Result<()> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if let (true, Ok(name)) = (entry.file_type()?.is_file(), entry.file_name().into_string()) {
            names.push(name);
        }
    }
    let mut randoms: Vec<&str> = names.iter().filter_map(|it| random_of(it)).collect();
    randoms.sort_unstable();
    randoms.dedup();
    for random in randoms {
        // The lock is made before the files it covers and removed after them: without one, nobody uses them.
        let lock = folder.join(format!("{MARK}{random}.lock"));
        let held = match File::open(&lock) {
            Ok(file) if file.try_lock().is_ok() => Some(file),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            _ => continue,
        };
        for name in names.iter().filter(|it| random_of(it) == Some(random)) {
            remove(&folder.join(name))?;
        }
        remove(&lock)?;
        drop(held);
    }
    Ok(())
}

/// The random part of the name of a staged file or of its lock.
fn random_of(name: &str) -> Option<&str> {
    let (_, random) = name.strip_prefix('.')?.rsplit_once(&MARK[1..])?;
    let random = random.strip_suffix(".lock").unwrap_or(random);
    (random.len() == RANDOM && random.bytes().all(|it| it.is_ascii_alphanumeric())).then_some(random)
}

/// Removes a file that another sweep may have removed.
fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// `.NAME.hotpass-RANDOM`; a long name is cut, and the number of the file then keeps it apart from others.
fn staged_name(name: &OsStr, number: usize, random: &str) -> String {
    let name = name.to_string_lossy();
    let mut end = name.len().min(SHOWN);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    match end == name.len() {
        true => format!(".{name}{MARK}{random}"),
        false => format!(".{}~{number}{MARK}{random}", &name[..end]),
    }
}

/// The real place of `folder`, a part of `path`, which must not leave `root`; made if `made` is there to note it.
fn resolve(root: &Path, path: &Path, folder: &Path, mut made: Option<&mut Vec<PathBuf>>) -> io::Result<PathBuf> {
    let root = fs::canonicalize(root)?;
    let mut real = root.clone();
    for component in folder.components() {
        match component {
            Component::Normal(part) => real.push(part),
            Component::CurDir => continue,
            _ => return Err(refused(path, "is not a path inside of the workspace")),
        }
        if let Some(made) = made.as_deref_mut() {
            match fs::create_dir(&real) {
                Ok(()) => made.push(real.clone()),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => (),
                Err(error) => return Err(error),
            }
        }
        real = fs::canonicalize(&real)?;
        if !real.starts_with(&root) {
            return Err(refused(path, "leaves the workspace through a symbolic link"));
        }
        if real.strip_prefix(&root).is_ok_and(|it| it.iter().any(|it| it.as_encoded_bytes().starts_with(b"."))) {
            return Err(refused(path, "leads to a folder whose name begins with a dot"));
        }
    }
    Ok(real)
}

fn refused(path: &Path, reason: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, format!("`{}` {reason}", path.display()))
}

/// Brings renames in `folder` to the disk. Windows has no such call, and its file systems log renames.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Case {
        root: tempfile::TempDir,
    }

    impl Case {
        fn new() -> Case {
            Case { root: tempfile::tempdir().unwrap() }
        }

        fn path(&self) -> &Path {
            self.root.path()
        }

        /// All files below the workspace, by name.
        fn files(&self) -> Vec<String> {
            let mut folders = vec![self.path().to_owned()];
            let mut files = Vec::new();
            while let Some(folder) = folders.pop() {
                for entry in fs::read_dir(folder).unwrap() {
                    let path = entry.unwrap().path();
                    match path.is_dir() {
                        true => folders.push(path),
                        false => files.push(path.strip_prefix(self.path()).unwrap().display().to_string()),
                    }
                }
            }
            files.sort();
            files
        }

        fn read(&self, path: &str) -> String {
            fs::read_to_string(self.path().join(path)).unwrap()
        }
    }

    fn stage(staging: &mut Staging, path: &str, text: &str) {
        let mut file = Hashing::new(staging.create(Path::new(path)).unwrap());
        file.write_all(text.as_bytes()).unwrap();
        let (file, written) = file.finish(1).unwrap();
        staging.staged(Path::new(path), file, written).unwrap();
    }

    fn notes() -> [(PathBuf, String); 2] {
        ["dist/SHA256SUMS", "dist/manifest.json"].map(|it| (PathBuf::from(it), format!("{it}\n")))
    }

    #[test]
    fn nothing_shows_before_the_commit() {
        let case = Case::new();
        let mut staging = Staging::new(case.path());
        stage(&mut staging, "dist/a.csv", "a");
        stage(&mut staging, "dist/deep/b.csv", "b");
        let hidden = |it: &String| it.split('/').next_back().is_some_and(|it| it.starts_with('.'));
        assert!(case.files().iter().all(hidden), "{:?}", case.files());
        staging.commit(&notes()).unwrap();
        assert_eq!(case.files(), ["dist/SHA256SUMS", "dist/a.csv", "dist/deep/b.csv", "dist/manifest.json"]);
        assert_eq!(case.read("dist/deep/b.csv"), "b");
        assert_eq!(case.read("dist/SHA256SUMS"), "dist/SHA256SUMS\n");
    }

    #[test]
    fn a_dropped_build_leaves_everything_as_it_was() {
        let case = Case::new();
        fs::create_dir(case.path().join("dist")).unwrap();
        fs::write(case.path().join("dist/a.csv"), "old").unwrap();
        let mut staging = Staging::new(case.path());
        stage(&mut staging, "dist/a.csv", "new");
        stage(&mut staging, "out/b.csv", "new");
        drop(staging);
        assert_eq!(case.files(), ["dist/a.csv"]);
        assert_eq!(case.read("dist/a.csv"), "old");
        assert!(!case.path().join("out").exists());
    }

    #[test]
    fn what_cannot_be_removed_is_told() {
        let case = Case::new();
        let mut staging = Staging::new(case.path());
        stage(&mut staging, "dist/a.csv", "a");
        let stays = case.path().join("stays");
        fs::create_dir(&stays).unwrap();
        let lock = std::mem::replace(&mut staging.folders[0].lock_path, stays);
        let placed = staging.commit(&[]).unwrap();
        assert!(placed.leaves_remains && placed.files.len() == 1);
        assert!(lock.exists());
        sweep(case.path(), &[PathBuf::from("dist")]).unwrap();
        assert_eq!(case.files(), ["dist/a.csv"]);
    }

    #[test]
    fn what_was_never_completed_is_not_published() {
        let case = Case::new();
        let mut staging = Staging::new(case.path());
        stage(&mut staging, "dist/a.csv", "a");
        staging.create(Path::new("dist/b.csv")).unwrap().write_all(b"half").unwrap();
        let file = staging.create(Path::new("dist/c.csv")).unwrap();
        let written = Hashing::new(io::sink()).finish(0).unwrap().1;
        let short = Written { bytes: 5, ..written };
        assert!(staging.staged(Path::new("dist/c.csv"), file, short).is_err());
        staging.commit(&[]).unwrap();
        assert_eq!(case.files(), ["dist/a.csv"]);
    }

    #[test]
    fn a_commit_that_fails_leaves_no_staged_files() {
        let case = Case::new();
        let mut staging = Staging::new(case.path());
        stage(&mut staging, "dist/a.csv", "a");
        stage(&mut staging, "dist/b.csv", "b");
        fs::create_dir_all(case.path().join("dist/b.csv/in the way")).unwrap();
        assert!(staging.commit(&notes()).is_err());
        assert_eq!(case.files(), ["dist/a.csv"], "the manifest goes last");
    }

    #[test]
    fn paths_do_not_leave_the_workspace() {
        let case = Case::new();
        fs::create_dir_all(case.path().join("dist/folder.csv")).unwrap();
        let mut staging = Staging::new(case.path());
        for path in ["../a.csv", "/tmp/a.csv", "dist/../../a.csv", "", "..", "dist/folder.csv"] {
            let error = staging.create(Path::new(path)).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidInput, "{path}");
        }
        let twice = Path::new("dist/a.csv");
        let _file = staging.create(twice).unwrap();
        assert_eq!(staging.create(twice).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
    }

    #[cfg(unix)]
    #[test]
    fn links_are_replaced_and_linked_folders_outside_are_refused() {
        use std::os::unix::fs::symlink;
        let (case, outside) = (Case::new(), Case::new());
        fs::write(outside.path().join("victim"), "old").unwrap();
        fs::create_dir(case.path().join("real")).unwrap();
        symlink(outside.path().join("victim"), case.path().join("a.csv")).unwrap();
        symlink(outside.path(), case.path().join("away")).unwrap();
        symlink("real", case.path().join("inside")).unwrap();
        fs::create_dir_all(case.path().join(".github/workflows")).unwrap();
        symlink(".github/workflows", case.path().join("dots")).unwrap();
        let mut staging = Staging::new(case.path());
        assert!(staging.create(Path::new("away/b.csv")).is_err());
        assert!(staging.create(Path::new("away/deep/b.csv")).is_err());
        assert!(staging.create(Path::new("dots/b.csv")).is_err());
        stage(&mut staging, "a.csv", "new");
        stage(&mut staging, "inside/b.csv", "new");
        staging.commit(&[]).unwrap();
        assert_eq!(outside.files(), ["victim"]);
        assert_eq!(outside.read("victim"), "old");
        assert_eq!(case.read("a.csv"), "new");
        assert_eq!(case.read("real/b.csv"), "new");
        assert!(sweep(case.path(), &[PathBuf::from("away")]).is_err());
    }

    #[test]
    fn long_names_stay_apart() {
        let case = Case::new();
        let mut staging = Staging::new(case.path());
        let names = ["x", "y"].map(|it| format!("{}{it}.csv", "é".repeat(120)));
        names.iter().for_each(|it| stage(&mut staging, it, it));
        staging.commit(&[]).unwrap();
        assert_eq!(case.files(), names);
        assert_eq!(case.read(&names[1]), names[1]);
    }

    #[test]
    fn a_sweep_takes_what_the_dead_left_and_nothing_else() {
        let case = Case::new();
        let mut living = Staging::new(case.path());
        stage(&mut living, "dist/a.csv", "living");
        // What a killed process leaves: its files, and a lock that the system released.
        let mut dead = Staging::new(case.path());
        stage(&mut dead, "dist/b.csv", "dead");
        dead.folders.iter_mut().for_each(|it| it._lock = tempfile::tempfile().unwrap());
        std::mem::forget(dead);
        for name in [".c.csv.hotpass-AbCdEfGhIjKl", ".hotpass-mine", ".d.hotpass-short", "e.hotpass-AbCdEfGhIjKl"] {
            fs::write(case.path().join("dist").join(name), "").unwrap();
        }
        sweep(case.path(), &[PathBuf::from("dist"), PathBuf::from("missing")]).unwrap();
        let left = case.files();
        assert!(!left.iter().any(|it| it.contains("b.csv") || it.contains("c.csv")), "{left:?}");
        assert_eq!(left.len(), 5, "{left:?}");
        living.commit(&[]).unwrap();
        assert_eq!(
            case.files(),
            ["dist/.d.hotpass-short", "dist/.hotpass-mine", "dist/a.csv", "dist/e.hotpass-AbCdEfGhIjKl"]
        );
    }
}
