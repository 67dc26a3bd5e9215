//! A folder of the store, held open. What is in it is named relative to the handle, one component at a time, and no
//! link is followed: what somebody put into a checkout does not say where else this reads, writes or removes.

#[cfg_attr(unix, path = "folder/handle.rs")]
#[cfg_attr(not(unix), path = "folder/names.rs")]
mod system;

use std::ffi::{OsStr, OsString};
use std::fs::{File, FileType, Metadata};
use std::io::{self, Read, Write};
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// Stands between the name of a file and what tells the one apart that will take its place.
const BESIDE: &str = ".new";
/// Tells apart what one process writes at once.
static SERIAL: AtomicU64 = AtomicU64::new(0);

/// A folder that is open.
#[derive(Debug)]
pub struct Folder {
    handle: system::Handle,
    path: PathBuf,
}

/// What stands under a name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A link, a pipe, a socket or a device; the words say which.
    Special(&'static str),
}

impl Kind {
    /// Of what was looked at without following links.
    pub fn of(ty: FileType) -> Kind {
        match ty {
            ty if ty.is_file() => Kind::File,
            ty if ty.is_dir() => Kind::Folder,
            ty if ty.is_symlink() => Kind::Special("a link"),
            ty => Kind::Special(system::special(ty)),
        }
    }
}

impl Folder {
    /// Opens a folder by its path. What leads there is followed, the folder itself is no link.
    pub fn open(path: &Path) -> io::Result<Folder> {
        let handle = system::open(path).map_err(|it| named(it, path))?;
        Ok(Folder { handle, path: path.to_owned() })
    }

    /// Opens the folder of `path`, which lies beneath `root`; gives the name in it. Missing folders are made if asked.
    pub fn of(root: &Path, path: &Path, make: bool) -> io::Result<(Folder, OsString)> {
        let refused =
            || io::Error::new(io::ErrorKind::InvalidInput, format!("`{}` is not a path here", path.display()));
        let beneath = path.strip_prefix(root).map_err(|_| refused())?;
        let name = beneath.file_name().ok_or_else(refused)?.to_owned();
        let mut folder = Folder::open(root)?;
        for component in beneath.parent().into_iter().flat_map(Path::components) {
            let Component::Normal(component) = component else { return Err(refused()) };
            folder = if make { folder.make(component)? } else { folder.inside(component)? };
        }
        Ok((folder, name))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Opens a folder in this one.
    pub fn inside(&self, name: impl AsRef<OsStr>) -> io::Result<Folder> {
        let path = self.path.join(name.as_ref());
        let handle = system::inside(&self.handle, name.as_ref(), &path).map_err(|it| named(it, &path))?;
        Ok(Folder { handle, path })
    }

    /// Opens a folder in this one; it is made, for its owner alone, when it is not there.
    pub fn make(&self, name: impl AsRef<OsStr>) -> io::Result<Folder> {
        let path = self.path.join(name.as_ref());
        match system::make(&self.handle, name.as_ref(), &path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(named(error, &path)),
            _ => self.inside(name),
        }
    }

    /// Opens a regular file for reading. A pipe is not waited for.
    pub fn file(&self, name: impl AsRef<OsStr>) -> io::Result<File> {
        self.opened(name.as_ref(), system::How::Read)
    }

    /// Opens a regular file for reading and writing; it is made when it is not there.
    pub fn open_or_make(&self, name: impl AsRef<OsStr>) -> io::Result<File> {
        self.opened(name.as_ref(), system::How::Make)
    }

    /// Makes a file that is not there yet.
    pub fn create(&self, name: impl AsRef<OsStr>) -> io::Result<File> {
        self.opened(name.as_ref(), system::How::New)
    }

    fn opened(&self, name: &OsStr, how: system::How) -> io::Result<File> {
        let path = self.path.join(name);
        let file = system::file(&self.handle, name, &path, how).map_err(|it| named(it, &path))?;
        match file.metadata()?.is_file() {
            true => Ok(file),
            false => Err(io::Error::new(io::ErrorKind::InvalidInput, format!("`{}` is not a file", path.display()))),
        }
    }

    /// The bytes of a regular file.
    pub fn bytes(&self, name: impl AsRef<OsStr>) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.file(name)?.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// What stands under a name, links not followed.
    pub fn kind(&self, name: impl AsRef<OsStr>) -> io::Result<Kind> {
        system::kind(&self.handle, name.as_ref(), &self.path.join(name.as_ref()))
    }

    /// A regular file as the disk has it; `None` for anything else.
    pub fn metadata(&self, name: impl AsRef<OsStr>) -> Option<Metadata> {
        self.file(name).ok()?.metadata().ok()
    }

    /// All names with what stands under them, sorted.
    pub fn names(&self) -> io::Result<Vec<(OsString, Kind)>> {
        let mut names = system::names(&self.handle, &self.path).map_err(|it| named(it, &self.path))?;
        names.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(names)
    }

    /// Puts a file in the place of another, here or in another folder of the same file system.
    pub fn rename(&self, from: impl AsRef<OsStr>, folder: &Folder, to: impl AsRef<OsStr>) -> io::Result<()> {
        let (from, to) = (from.as_ref(), to.as_ref());
        let paths = (self.path.join(from), folder.path.join(to));
        system::rename((&self.handle, from), (&folder.handle, to), (&paths.0, &paths.1))
            .map_err(|it| named(it, &paths.1))
    }

    /// Writes bytes beside a file and puts them in its place. `durable` lets them survive a power cut.
    pub fn replace(&self, name: impl AsRef<OsStr>, bytes: &[u8], durable: bool) -> io::Result<()> {
        let mut beside = OsString::from(".");
        beside.push(name.as_ref());
        let serial = SERIAL.fetch_add(1, Ordering::Relaxed);
        beside.push(format!("{BESIDE}{}-{serial}", std::process::id()));
        // A process of the same number that was killed may have left one.
        self.remove(&beside)?;
        let mut file = self.create(&beside)?;
        let written = file.write_all(bytes).and_then(|()| if durable { file.sync_all() } else { Ok(()) });
        if let Err(error) = written {
            let _ = self.remove(&beside);
            return Err(error);
        }
        self.rename(&beside, self, name)?;
        if durable { self.sync() } else { Ok(()) }
    }

    /// Removes what killed processes left of replacing files. Nobody else may be replacing one.
    pub fn sweep(&self) -> io::Result<()> {
        for (name, kind) in self.names()? {
            if kind == Kind::File && name.to_str().is_some_and(|it| it.starts_with('.') && it.contains(BESIDE)) {
                self.remove(&name)?;
            }
        }
        Ok(())
    }

    /// Removes what is no folder; a link goes itself. Nothing happens when there is nothing.
    pub fn remove(&self, name: impl AsRef<OsStr>) -> io::Result<()> {
        let path = self.path.join(name.as_ref());
        match system::remove(&self.handle, name.as_ref(), &path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(named(error, &path)),
            _ => Ok(()),
        }
    }

    /// Removes all that is in it, as far as that can be done; links go themselves.
    pub fn clear(&self) -> io::Result<()> {
        for (name, kind) in self.names()? {
            let _ = match kind {
                Kind::Folder => self.remove_folder(&name),
                _ => self.remove(&name),
            };
        }
        Ok(())
    }

    /// Removes a folder with all that is in it. Nothing happens when there is none.
    pub fn remove_folder(&self, name: impl AsRef<OsStr>) -> io::Result<()> {
        let path = self.path.join(name.as_ref());
        match self.inside(name.as_ref()) {
            Ok(folder) => folder.clear()?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        }
        system::remove_folder(&self.handle, name.as_ref(), &path).map_err(|it| named(it, &path))
    }

    /// Lets what was renamed in it survive a power cut.
    pub fn sync(&self) -> io::Result<()> {
        system::sync(&self.handle)
    }
}

/// An error of the system with the path that it is about.
fn named(error: io::Error, path: &Path) -> io::Error {
    let reason = match system::is_link(&error) {
        true => "it is a link, and none is followed here".to_owned(),
        false => error.to_string(),
    };
    io::Error::new(error.kind(), format!("`{}`: {reason}", path.display()))
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn no_link_is_followed() {
        let (own, other) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
        fs::write(other.path().join("victim"), "kept").expect("written");
        symlink(other.path(), own.path().join("away")).expect("a link");
        symlink(other.path().join("victim"), own.path().join("file")).expect("a link");
        symlink(other.path().join("new"), own.path().join("dangling")).expect("a link");
        let folder = Folder::open(own.path()).expect("open");
        assert!(Folder::open(&own.path().join("away")).is_err());
        assert!(folder.inside("away").is_err() && folder.make("away").is_err());
        assert!(folder.remove_folder("away").is_err());
        for name in ["file", "dangling"] {
            assert!(folder.file(name).is_err() && folder.open_or_make(name).is_err() && folder.create(name).is_err());
            folder.replace(name, b"own", true).expect("the link is replaced");
            assert_eq!(folder.bytes(name).expect("bytes"), b"own");
        }
        fs::create_dir(own.path().join("deep")).expect("made");
        symlink(other.path(), own.path().join("deep/away")).expect("a link");
        folder.remove_folder("deep").expect("removed");
        folder.clear().expect("cleared");
        assert!(folder.names().expect("names").is_empty());
        assert_eq!(fs::read_dir(other.path()).expect("a folder").count(), 1);
        assert_eq!(fs::read(other.path().join("victim")).expect("bytes"), b"kept");
    }

    #[test]
    fn a_pipe_is_neither_opened_nor_waited_for() {
        let own = tempfile::tempdir().expect("a folder");
        rustix::fs::mknodat(rustix::fs::CWD, own.path().join("pipe"), rustix::fs::FileType::Fifo, 0o600.into(), 0)
            .expect("a pipe");
        let folder = Folder::open(own.path()).expect("open");
        assert!(folder.file("pipe").is_err() && folder.open_or_make("pipe").is_err());
        assert_eq!(folder.kind("pipe").expect("a kind"), Kind::Special("a pipe"));
    }
}
