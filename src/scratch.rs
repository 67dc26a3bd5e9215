//! Folders for copies of deliveries, in the temporary folder of the system: gone when they are done with, when the
//! process is told to stop, and when it was killed, as soon as the next one looks.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, Once, PoisonError, Weak};
use std::time::Duration;

use tempfile::TempDir;

/// How their names begin.
const MARK: &str = "hotpass-";
/// The file whose lock says that somebody uses the folder.
const LOCK: &str = "lock";
/// What a process ends with that was told to stop.
const STOPPED: i32 = 130;
/// How long those who were told may go on: most end within milliseconds, but an engine that plans a query does not ask
/// whether to stop. Who tells a process to stop, such as a runner of CI, kills it soon after.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long a folder may be without its lock, which comes right after it.
const UNLOCKED: Duration = Duration::from_secs(60);

/// All folders of this process.
static STANDING: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());
/// Who wants to be told of a signal, and ends the work itself.
static ENDS: Mutex<Vec<Weak<Ends>>> = Mutex::new(Vec::new());

type Ends = dyn Fn() + Send + Sync;

/// A folder that nobody else has.
#[derive(Debug)]
pub struct Scratch {
    folder: TempDir,
    inside: PathBuf,
    _lock: File,
}

impl Scratch {
    /// An empty folder. What dead processes left is taken away.
    pub fn new() -> io::Result<Scratch> {
        Scratch::within(&std::env::temp_dir(), MARK)
    }

    /// The same in another folder, where the names of such folders begin with `mark`.
    pub fn within(parent: &Path, mark: &str) -> io::Result<Scratch> {
        sweep(parent, mark);
        listen();
        loop {
            // Who ends the process waits for the list, and then finds the folder in it.
            let mut all = standing();
            let folder = tempfile::Builder::new().prefix(mark).tempdir_in(parent)?;
            all.push(folder.path().to_owned());
            drop(all);
            let place = folder.path().to_owned();
            match Scratch::locked(folder) {
                Ok(Some(made)) => return Ok(made),
                // Somebody took it for a dead one: then another one is made.
                Ok(None) => standing().retain(|it| *it != place),
                Err(error) => {
                    standing().retain(|it| *it != place);
                    return Err(error);
                }
            }
        }
    }

    /// The folder with its lock; nothing where somebody swept it before it had one.
    fn locked(folder: TempDir) -> io::Result<Option<Scratch>> {
        let lock = File::create_new(folder.path().join(LOCK))?;
        if lock.try_lock().is_err() || !folder.path().join(LOCK).exists() {
            return Ok(None);
        }
        let inside = folder.path().join("in");
        fs::create_dir(&inside)?;
        Ok(Some(Scratch { folder, inside, _lock: lock }))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.inside
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        standing().retain(|it| it != self.folder.path());
    }
}

/// What is told of signals as long as this lives.
pub struct SignalHook(Option<Arc<Ends>>);

impl Drop for SignalHook {
    fn drop(&mut self) {
        self.0.take();
    }
}

/// Tells `ends` when the process is to stop, in the place of stopping it. A second signal stops it all the same, and so
/// does time when the hook still lives some seconds later.
pub fn on_signal(ends: impl Fn() + Send + Sync + 'static) -> SignalHook {
    listen();
    let ends: Arc<Ends> = Arc::new(ends);
    ENDS.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::downgrade(&ends));
    SignalHook(Some(ends))
}

fn standing() -> std::sync::MutexGuard<'static, Vec<PathBuf>> {
    STANDING.lock().unwrap_or_else(PoisonError::into_inner)
}

fn listen() {
    static ONCE: Once = Once::new();
    // Where no handler can be set, what is left is swept later.
    ONCE.call_once(|| _ = ctrlc::set_handler(stop));
}

fn stop() {
    let listening = std::mem::take(&mut *ENDS.lock().unwrap_or_else(PoisonError::into_inner));
    let told = listening.iter().filter_map(Weak::upgrade).map(|it| it()).count();
    if told == 0 {
        end(STOPPED);
    }
    // A thread of its own: a second signal is to be heard meanwhile.
    _ = std::thread::Builder::new().spawn(move || {
        std::thread::sleep(PATIENCE);
        if listening.iter().any(|it| it.strong_count() > 0) {
            end(STOPPED);
        }
    });
}

/// Lets a write fail that would make a file larger than the process may (`ulimit -f`), so that it is told: the signal
/// that the system sends would end the process without a word.
pub fn outlive_file_limit() {
    #[cfg(unix)]
    let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, Arc::default());
}

/// Waits for the end of a process that is being ended: what its other threads find is that their folders are gone, and
/// that is nothing to tell.
pub fn wait_if_ending() {
    drop(standing());
}

/// Ends the process without waiting for its threads, and leaves no folder. The list is kept until the end, so whoever
/// asks for it waits.
pub fn end(code: i32) -> ! {
    let folders = standing();
    folders.iter().for_each(|it| clear(it));
    #[cfg(unix)]
    signal_hook::low_level::exit(code);
    #[cfg(not(unix))]
    std::process::exit(code)
}

/// Takes a folder away although threads of ours may still write to it.
fn clear(folder: &Path) {
    for _ in 0..10 {
        if fs::remove_dir_all(folder).is_ok() || !folder.exists() {
            return;
        }
    }
}

/// Takes away what processes left that are gone, of the folders whose names begin with `mark`.
pub fn sweep(parent: &Path, mark: &str) {
    let Ok(entries) = fs::read_dir(parent) else { return };
    let named = |it: &fs::DirEntry| it.file_name().to_string_lossy().starts_with(mark);
    for entry in entries.flatten().filter(named) {
        let folder = entry.path();
        // Who died before it had a lock left nothing in it: an empty folder goes, and no other.
        if entry.metadata().and_then(|it| it.modified()).is_ok_and(|it| it.elapsed().is_ok_and(|it| it > UNLOCKED)) {
            _ = fs::remove_dir(&folder);
        }
        if is_own(&folder)
            && let Ok(lock) = File::open(folder.join(LOCK))
            && !matches!(lock.try_lock(), Err(TryLockError::WouldBlock | TryLockError::Error(_)))
        {
            clear(&folder);
        }
    }
}

/// Whether it is a folder of this user, and no link.
fn is_own(folder: &Path) -> bool {
    let Ok(metadata) = fs::symlink_metadata(folder) else { return false };
    #[cfg(unix)]
    if std::os::unix::fs::MetadataExt::uid(&metadata) != rustix::process::geteuid().as_raw() {
        return false;
    }
    metadata.is_dir() && fs::symlink_metadata(folder.join(LOCK)).is_ok_and(|it| it.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_used_stays_and_what_nobody_uses_is_swept() {
        let used = Scratch::new().expect("a folder");
        fs::write(used.path().join("a"), "a").expect("written");
        let dead = tempfile::Builder::new().prefix(MARK).tempdir().expect("a folder");
        fs::write(dead.path().join(LOCK), "").expect("written");
        let strange = tempfile::Builder::new().prefix(MARK).tempdir().expect("a folder");
        let other = Scratch::new().expect("a folder");
        assert!(used.path().join("a").exists() && strange.path().exists());
        assert!(!dead.path().exists());
        let (place, folder) = (other.path().to_owned(), other.folder.path().to_owned());
        drop(other);
        assert!(!place.exists() && !folder.exists());
    }
}
