//! Opening a file from outside: literally, without waiting, and noticing when it changes.
//!
//! No memory maps: a file that shrinks under a map ends the process.

use std::fs::{File, Metadata};
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;

use crate::readers::packed;
use crate::readers::problems::{CHANGED, KIND, MISSING, PASSWORD, UNREADABLE, refuse, shown};
use crate::readers::reach::open_plain;
use crate::readers::{Format, ReadError, Request};

/// What the first bytes of a zip archive show.
pub(crate) const ZIP: &str = "a zip archive";
/// What those of Microsoft's older files show.
pub(crate) const COMPOUND: &str = "an old Excel workbook";

/// A file that is open for reading.
pub(crate) struct Input {
    file: Arc<File>,
    /// What is in it, where it is packed.
    unpacked: Option<Arc<[u8]>>,
    stamp: Stamp,
    /// The first bytes.
    pub(crate) start: Vec<u8>,
}

impl Input {
    /// Opens the file of `request` and looks at what it is.
    pub(crate) fn open(request: &Request) -> Result<Input, ReadError> {
        let name = shown(&request.name);
        let file = open_plain(&request.path).map_err(|error| not_opened(&name, &error))?;
        let metadata = file.metadata().map_err(|error| world(&name, &error))?;
        let unpacked = packed::unpacked(request, &file)?.map(Arc::from);
        let mut input = Input { file: Arc::new(file), unpacked, stamp: Stamp::of(&metadata), start: Vec::new() };
        input.reader().take(4096).read_to_end(&mut input.start).map_err(|error| not_opened(&name, &error))?;
        input.check_kind(request.format, &name)?;
        Ok(input)
    }

    /// How many bytes the file had when it was opened; of a packed one, how many are in it.
    pub(crate) fn len(&self) -> u64 {
        self.unpacked.as_ref().map_or(self.stamp.size, |it| it.len() as u64)
    }

    /// A reader with a place of its own.
    pub(crate) fn reader(&self) -> Shared {
        Shared { file: Arc::clone(&self.file), unpacked: self.unpacked.clone(), at: 0, size: self.len() }
    }

    /// Refuses if the file, or what its name stands for, is no longer what was opened.
    pub(crate) fn unchanged(&self, request: &Request) -> Result<(), ReadError> {
        let now = self.file.metadata().map(|it| Stamp::of(&it)).ok();
        let named = std::fs::metadata(&request.path).map(|it| Stamp::of(&it)).ok();
        if now.as_ref() == Some(&self.stamp) && named.as_ref() == Some(&self.stamp) {
            return Ok(());
        }
        let message = format!("`{}` changed while it was read", shown(&request.name));
        Err(refuse(&CHANGED, message, "build again when nothing writes to it"))
    }

    /// Refuses a file that its first bytes show to be of another kind.
    fn check_kind(&self, format: Format, name: &str) -> Result<(), ReadError> {
        let kind = kind_of(&self.start);
        if self.start.is_empty() || kind == format.reader().begins {
            return Ok(());
        }
        if format.has_sheets() && kind == Some(COMPOUND) && self.is_encrypted() {
            let message = format!("`{name}` is protected by a password");
            return Err(refuse(
                &PASSWORD,
                message,
                "remove the password: open it, save it without one, and build again",
            ));
        }
        // Junk before a zip archive is for the zip reader to judge.
        refuse_other(&self.start, name)
    }

    /// Whether the directory of a compound file, which may stand anywhere in it, names an encrypted package.
    fn is_encrypted(&self) -> bool {
        let needle: Vec<u8> = "EncryptionInfo".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let mut reader = self.reader().take(64 << 20);
        let (mut window, mut block) = (Vec::new(), vec![0; 1 << 16]);
        while let Ok(count @ 1..) = reader.read(&mut block) {
            window.extend_from_slice(&block[..count]);
            if window.windows(needle.len()).any(|it| it == needle) {
                return true;
            }
            window.drain(..window.len().saturating_sub(needle.len()));
        }
        false
    }
}

/// Refuses what its first bytes show to be of a kind of its own. `name` is shown as it is.
pub(crate) fn refuse_other(start: &[u8], name: &str) -> Result<(), ReadError> {
    let Some(kind) = kind_of(start) else { return Ok(()) };
    let message = format!("`{name}` looks like {kind}");
    let help = match kind {
        "a Git LFS pointer" => "fetch its content with `git lfs pull`",
        "an HTML page" => "a sign-in or error page may have been saved instead of the file: download it again",
        _ => "save it in the format that its name says, or name it by what it is",
    };
    Err(refuse(&KIND, message, help))
}

fn not_opened(name: &str, error: &io::Error) -> ReadError {
    // Windows tells of another program that holds the file by these numbers.
    let held = cfg!(windows) && matches!(error.raw_os_error(), Some(32 | 33));
    if is_dead_end(error) {
        let message = format!("`{name}` leads to no file");
        return refuse(&MISSING, message, "check the path and the links on it");
    }
    match error.kind() {
        _ if held => {
            refuse(&UNREADABLE, format!("`{name}` is held open by another program"), "close it there and build again")
        }
        io::ErrorKind::NotFound => refuse(&MISSING, format!("there is no file `{name}`"), ""),
        io::ErrorKind::PermissionDenied => {
            refuse(&UNREADABLE, format!("`{name}` may not be read"), "give yourself the permission to read it")
        }
        io::ErrorKind::IsADirectory => {
            refuse(&MISSING, format!("`{name}` is a folder"), "name a file; folders, pipes and devices are not read")
        }
        io::ErrorKind::InvalidInput => {
            refuse(&MISSING, format!("`{name}` is not a file"), "name a file; folders, pipes and devices are not read")
        }
        io::ErrorKind::NotADirectory | io::ErrorKind::InvalidFilename => {
            refuse(&MISSING, format!("`{name}` leads to no file"), "check the path and the links on it")
        }
        _ => world(name, error),
    }
}

/// A link that leads back to itself, a name that is too long, a socket.
#[cfg(unix)]
fn is_dead_end(error: &io::Error) -> bool {
    use rustix::io::Errno;
    let dead_ends = [Errno::LOOP, Errno::NAMETOOLONG, Errno::NXIO, Errno::OPNOTSUPP].map(Errno::raw_os_error);
    error.raw_os_error().is_some_and(|it| dead_ends.contains(&it))
}

/// Elsewhere the system's own words have to do.
#[cfg(not(unix))]
fn is_dead_end(_error: &io::Error) -> bool {
    false
}

/// The world failed while `name` was read.
pub(crate) fn world(name: &str, error: &io::Error) -> ReadError {
    ReadError::World(format!("`{}` could not be read: {error}", shown(name)))
}

/// What the first bytes show a file to be, where they show it beyond doubt.
fn kind_of(start: &[u8]) -> Option<&'static str> {
    const MAGIC: &[(&[u8], &str)] = &[
        (b"PK\x03\x04", ZIP),
        (b"PK\x05\x06", ZIP),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", COMPOUND),
        (b"\x7fELF", "a program"),
        (b"MZ\x90\x00", "a program"),
        (b"\x1f\x8b", "a gzip archive"),
        (b"BZh9", "a bzip2 archive"),
        (b"\xfd7zXZ\x00", "an xz archive"),
        (b"(\xb5/\xfd", "a zstd archive"),
        (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
        (b"%PDF-", "a PDF document"),
        (b"PAR1", "a Parquet file"),
        (b"\x89PNG", "a picture"),
        (b"SQLite format 3\x00", "an SQLite database"),
        (b"version https://git-lfs", "a Git LFS pointer"),
        (b"<<<<<<< ", "a file with an unsolved merge conflict"),
    ];
    if let Some((_, kind)) = MAGIC.iter().find(|(magic, _)| start.starts_with(magic)) {
        return Some(kind);
    }
    let text = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start).trim_ascii_start();
    let head = text.get(..text.len().min(16)).unwrap_or_default().to_ascii_lowercase();
    if head.starts_with(b"<!doctype html") || head.starts_with(b"<html") || head.starts_with(b"<head") {
        return Some("an HTML page");
    }
    (head.starts_with(b"<?xml ")).then_some("an XML document")
}

/// What tells two states of a file apart.
#[derive(Debug, PartialEq, Eq)]
struct Stamp {
    size: u64,
    modified: Option<std::time::SystemTime>,
    identity: (u64, u64, i64, i64),
}

impl Stamp {
    fn of(metadata: &Metadata) -> Stamp {
        Stamp { size: metadata.len(), modified: metadata.modified().ok(), identity: identity(metadata) }
    }
}

#[cfg(unix)]
fn identity(metadata: &Metadata) -> (u64, u64, i64, i64) {
    use std::os::unix::fs::MetadataExt;
    (metadata.dev(), metadata.ino(), metadata.ctime(), metadata.ctime_nsec())
}

/// Elsewhere size and time of change have to do.
#[cfg(not(unix))]
fn identity(_metadata: &Metadata) -> (u64, u64, i64, i64) {
    (0, 0, 0, 0)
}

/// A reader that shares the open file with others and has a place of its own.
#[derive(Clone)]
pub(crate) struct Shared {
    file: Arc<File>,
    unpacked: Option<Arc<[u8]>>,
    at: u64,
    size: u64,
}

impl Read for Shared {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // What is appended meanwhile is not part of what was opened.
        let left = usize::try_from(self.size.saturating_sub(self.at)).unwrap_or(usize::MAX);
        let length = buffer.len().min(left);
        let count = match &self.unpacked {
            Some(bytes) => {
                let from = usize::try_from(self.at).unwrap_or(usize::MAX).min(bytes.len());
                let given = &bytes[from..(from + length).min(bytes.len())];
                buffer[..given.len()].copy_from_slice(given);
                given.len()
            }
            None => read_at(&self.file, &mut buffer[..length], self.at)?,
        };
        self.at += count as u64;
        Ok(count)
    }
}

impl Seek for Shared {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.size.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.at)
    }
}

#[cfg(unix)]
fn read_at(file: &File, buffer: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, at)
}

#[cfg(windows)]
fn read_at(file: &File, buffer: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, at)
}

#[cfg(test)]
mod tests {
    use super::kind_of;

    #[test]
    fn kinds_are_told_by_their_first_bytes() {
        let cases: [(&[u8], Option<&str>); 7] = [
            (b"PK\x03\x04rest", Some("a zip archive")),
            (b"version https://git-lfs.github.com/spec/v1\n", Some("a Git LFS pointer")),
            (b"\n <!DOCTYPE HTML><html>", Some("an HTML page")),
            (b"\xef\xbb\xbf<html>", Some("an HTML page")),
            (b"name,phone\n", None),
            (b"", None),
            (b"<b>,c\n", None),
        ];
        for (start, kind) in cases {
            assert_eq!(kind_of(start), kind, "{start:?}");
        }
    }
}
