//! Opening what people wrote or delivered: regular files, never waited for, and only where reading is allowed.
//!
//! A workspace may come from anybody, so a link in it does not decide what is read. What is read for it stands in it, or
//! in a folder that whoever started the program allowed. Links on a path are followed by name first; what they lead to
//! is then opened without following any, so that nothing can be put in between, and judged by the open handle.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Folders outside of workspaces that may be read, without links. Consent is given to the process, never by a file.
static ALLOWED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// The longest text that is read whole, in bytes.
const LONGEST_TEXT: u64 = 64 << 20;

/// Lets workspaces read what stands in a folder.
pub fn allow(folder: &Path) {
    let folder = real(folder);
    let mut allowed = ALLOWED.lock().unwrap_or_else(PoisonError::into_inner);
    if !allowed.contains(&folder) {
        allowed.push(folder);
    }
}

/// What is allowed so far.
pub fn allowed() -> Vec<PathBuf> {
    ALLOWED.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

/// Where a path leads, links followed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// Into the workspace.
    Inside,
    /// Into a folder that is allowed.
    Allowed,
    /// Elsewhere.
    Outside,
}

/// What may be read for one workspace.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reach {
    root: PathBuf,
}

impl Reach {
    /// The reach of a workspace.
    pub fn of(root: &Path) -> Reach {
        Reach { root: real(root) }
    }

    /// Where a path of the workspace leads.
    pub fn place(&self, path: &Path) -> Place {
        self.judged(&real(&self.root.join(path)))
    }

    /// Opens a file of the workspace.
    pub fn open(&self, path: &Path) -> io::Result<File> {
        let real = fs::canonicalize(self.root.join(path))?;
        match self.judged(&real) {
            Place::Outside => Err(outside()),
            Place::Inside | Place::Allowed => open_plain(&real),
        }
    }

    /// The text of a file of the workspace.
    pub fn text(&self, path: &Path) -> io::Result<String> {
        text_in(self.open(path)?)
    }

    /// The bytes of a file of the workspace.
    pub fn bytes(&self, path: &Path) -> io::Result<Vec<u8>> {
        bytes_in(self.open(path)?)
    }

    /// Names in a folder of the workspace with whether each is a folder, sorted. None of a folder that leads elsewhere.
    pub fn list(&self, folder: &Path) -> Vec<(String, bool)> {
        let folder = real(&self.root.join(folder));
        let entries = match self.judged(&folder) {
            Place::Outside => None,
            Place::Inside | Place::Allowed => fs::read_dir(folder).ok(),
        };
        let named = |it: fs::DirEntry| {
            let name = it.file_name().into_string().ok()?;
            Some((name, fs::metadata(it.path()).ok()?.is_dir()))
        };
        let mut names: Vec<_> = entries.into_iter().flatten().flatten().filter_map(named).collect();
        names.sort();
        names
    }

    fn judged(&self, real: &Path) -> Place {
        match () {
            () if real.starts_with(&self.root) => Place::Inside,
            () if allowed().iter().any(|it| real.starts_with(it)) => Place::Allowed,
            () => Place::Outside,
        }
    }
}

/// Opens a file that a person named.
pub fn open(path: &Path) -> io::Result<File> {
    open_plain(&fs::canonicalize(path)?)
}

/// The text of a file that a person named.
pub fn text(path: &Path) -> io::Result<String> {
    text_in(open(path)?)
}

/// The bytes of a file that a person named.
pub fn bytes(path: &Path) -> io::Result<Vec<u8>> {
    bytes_in(open(path)?)
}

/// Copies what was opened to a place where nothing stands.
pub fn copy(mut from: File, to: &Path) -> io::Result<u64> {
    io::copy(&mut from, &mut File::options().write(true).create_new(true).open(to)?)
}

/// Where a path leads, links followed as far as there is something.
pub fn real(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let (mut standing, mut rest) = (absolute.as_path(), Vec::new());
    loop {
        if let Ok(real) = fs::canonicalize(standing) {
            return rest.into_iter().rev().fold(real, |path: PathBuf, part| plainly(path, part));
        }
        let (Some(above), Some(name)) = (standing.parent(), standing.components().next_back()) else { return absolute };
        rest.push(name);
        standing = above;
    }
}

/// One step on a path of which nothing stands.
fn plainly(mut path: PathBuf, part: std::path::Component<'_>) -> PathBuf {
    match part {
        std::path::Component::ParentDir => _ = path.pop(),
        other => path.push(other),
    }
    path
}

/// What tells a folder from all others, links followed; `None` when it is none.
pub fn identity(folder: &Path) -> Option<(u64, u64)> {
    let metadata = fs::metadata(folder).ok().filter(fs::Metadata::is_dir)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        Some((metadata.dev(), metadata.ino()))
    }
    #[cfg(not(unix))]
    {
        let _ = metadata;
        let name = blake3::hash(fs::canonicalize(folder).ok()?.as_os_str().as_encoded_bytes());
        Some((0, u64::from_le_bytes(*name.as_bytes().first_chunk()?)))
    }
}

/// Whether a file belongs to somebody else and has other names, which may stand anywhere on its disk.
pub fn is_lent(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let own = rustix::process::geteuid().as_raw();
        fs::metadata(path).is_ok_and(|it| it.is_file() && it.nlink() > 1 && it.uid() != own)
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        false
    }
}

fn text_in(file: File) -> io::Result<String> {
    let mut text = String::new();
    file.take(LONGEST_TEXT + 1).read_to_string(&mut text)?;
    if text.len() as u64 > LONGEST_TEXT {
        return Err(io::Error::other(format!("it is larger than {} MiB", LONGEST_TEXT >> 20)));
    }
    Ok(text)
}

fn bytes_in(mut file: File) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn outside() -> io::Error {
    io::Error::new(io::ErrorKind::PermissionDenied, "it leads out of the workspace")
}

/// What is no regular file: it may never end, or answer only when somebody else writes.
pub(crate) fn no_file() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, "it is not a file")
}

/// Opens a regular file by an absolute path with no link on it.
#[cfg(unix)]
pub(crate) fn open_plain(path: &Path) -> io::Result<File> {
    use rustix::fs::{AtFlags, FileType, Mode, OFlags, open, openat, statat};
    use std::path::Component;

    #[cfg(target_os = "linux")]
    const FOLDER: OFlags = OFlags::PATH.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);
    #[cfg(not(target_os = "linux"))]
    const FOLDER: OFlags = OFlags::DIRECTORY.union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);
    // A pipe without a writer would be waited for, a terminal would become ours.
    const FILE: OFlags = OFlags::NONBLOCK.union(OFlags::NOCTTY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else { return Err(no_file()) };
    let mut at = open("/", FOLDER, Mode::empty())?;
    for part in folder.components() {
        match part {
            Component::RootDir => (),
            Component::Normal(part) => at = openat(&at, part, FOLDER, Mode::empty())?,
            _ => return Err(no_file()),
        }
    }
    // Opening alone may already do something to a device.
    let kind = FileType::from_raw_mode(statat(&at, name, AtFlags::SYMLINK_NOFOLLOW)?.st_mode);
    if !matches!(kind, FileType::RegularFile | FileType::Symlink) {
        return Err(no_file());
    }
    let file = File::from(openat(&at, name, FILE, Mode::empty())?);
    if file.metadata()?.is_file() && !is_of_kernel(&file) { Ok(file) } else { Err(no_file()) }
}

/// Opens a regular file.
#[cfg(not(unix))]
pub(crate) fn open_plain(path: &Path) -> io::Result<File> {
    let file = File::open(path)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(no_file()) }
}

/// Whether a file stands on no disk: those of `/proc` and `/sys` call themselves regular, and are answers of the kernel.
#[cfg(target_os = "linux")]
fn is_of_kernel(file: &File) -> bool {
    // proc, sysfs, debugfs, tracefs, securityfs, cgroup, cgroup2
    const KINDS: [u64; 7] = [0x9fa0, 0x6265_6572, 0x6462_6720, 0x7472_6163, 0x7363_6673, 0x0027_e0eb, 0x6367_7270];
    rustix::fs::fstatfs(file).is_ok_and(|it| KINDS.contains(&(it.f_type as u64)))
}

/// Elsewhere such files are devices.
#[cfg(all(unix, not(target_os = "linux")))]
fn is_of_kernel(_file: &File) -> bool {
    false
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    /// A workspace `w` with a file, and beside it a folder with another.
    fn folders() -> (tempfile::TempDir, Reach) {
        let folder = tempfile::tempdir().expect("a folder");
        for (path, text) in [("w/own.toml", "own"), ("beside/secret.toml", "secret")] {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            fs::write(path, text).expect("written");
        }
        let reach = Reach::of(&folder.path().join("w"));
        (folder, reach)
    }

    #[test]
    fn a_link_that_leads_out_is_not_followed_unless_its_folder_is_allowed() {
        let (folder, reach) = folders();
        let link = |to: &str, name: &str| symlink(to, folder.path().join("w").join(name)).expect("a link");
        link("own.toml", "inside.toml");
        link("../beside/secret.toml", "link.toml");
        link("../beside", "folder");
        link("/nowhere", "dangling.toml");
        link("circle.toml", "circle.toml");
        let read = |path: &str| reach.text(Path::new(path)).ok();
        assert_eq!(read("inside.toml").as_deref(), Some("own"));
        for path in ["link.toml", "folder/secret.toml", "../beside/secret.toml", "dangling.toml", "circle.toml"] {
            assert_eq!(read(path), None, "{path}");
        }
        assert_eq!(reach.place(Path::new("../beside/none/x*.csv")), Place::Outside);
        assert!(reach.list(Path::new("folder")).is_empty());
        allow(&folder.path().join("w/../beside"));
        assert_eq!(read("link.toml").as_deref(), Some("secret"));
        assert_eq!(read("folder/secret.toml").as_deref(), Some("secret"));
        assert_eq!(reach.place(Path::new("../beside/none/x*.csv")), Place::Allowed);
        assert_eq!(reach.list(Path::new("folder")), [("secret.toml".to_owned(), false)]);
    }

    #[test]
    fn what_is_no_regular_file_is_not_opened() {
        let (folder, _) = folders();
        let pipe = folder.path().join("w/pipe");
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, 0o600.into(), 0).expect("a pipe");
        symlink(&pipe, folder.path().join("w/link")).expect("a link");
        for path in [pipe, folder.path().join("w/link"), folder.path().join("w"), PathBuf::from("/dev/null")] {
            assert_eq!(open(&path).expect_err("no file").kind(), io::ErrorKind::InvalidInput, "{}", path.display());
        }
        #[cfg(target_os = "linux")]
        for path in ["/proc/self/status", "/proc/self/environ"] {
            assert!(text(Path::new(path)).is_err(), "{path}");
        }
    }

    #[test]
    fn a_link_that_is_put_in_the_way_later_is_not_followed() {
        let (folder, _) = folders();
        let path = real(&folder.path().join("w/own.toml"));
        assert!(open_plain(&path).is_ok());
        fs::remove_file(&path).expect("it was there");
        symlink("../beside/secret.toml", &path).expect("a link");
        assert!(open_plain(&path).is_err());
        fs::remove_dir_all(folder.path().join("w")).expect("it was there");
        symlink("beside", folder.path().join("w")).expect("a link");
        assert!(open_plain(&path.with_file_name("secret.toml")).is_err());
    }
}
