//! Files that a command was told to write: reports, pages, archives. Each is written beside its place and renamed when
//! it is whole, so that no link is followed; and none replaces a file of another kind, which the person who typed its
//! name did not mean.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use crate::readers::reach;

/// What is written, and by what a standing file of the same kind is known.
#[derive(Debug)]
pub struct OwnFile {
    /// What it is, for messages.
    what: &'static str,
    mark: Mark,
}

#[derive(Debug)]
enum Mark {
    /// Stands near the beginning.
    Text(&'static str),
    /// A part of a zip archive, and what stands in it.
    Part(&'static str, &'static str),
}

/// Events, line by line.
pub const EVENTS: OwnFile = OwnFile { what: "file of events", mark: Mark::Text("\"event\":") };
/// A difference as a page.
pub const PAGE: OwnFile = OwnFile { what: "page of hotpass", mark: Mark::Text("content=\"hotpass\"") };
/// A picture of what the weight of a pair is made of.
pub const WATERFALL: OwnFile = OwnFile { what: "picture of a pair", mark: Mark::Text("path class=\"zero\"") };
/// A difference as a workbook.
pub const BOOK: OwnFile =
    OwnFile { what: "workbook of differences", mark: Mark::Part("xl/workbook.xml", "\"Differences\"") };
/// Pairs that people are asked about.
pub const REVIEW: OwnFile = OwnFile { what: "file of pairs", mark: Mark::Text("left_print") };
/// An archive of inputs.
pub const ARCHIVE: OwnFile = OwnFile { what: "archive of hotpass", mark: Mark::Part("archive.json", "\"workspace\"") };
/// A signed statement.
pub const ATTESTATION: OwnFile = OwnFile { what: "attestation", mark: Mark::Text("\"payloadType\"") };

/// How much of a file is looked at.
const BEGINNING: u64 = 1 << 14;

impl OwnFile {
    /// A kind of file, for messages, and a text that stands near the beginning of each.
    pub const fn text(what: &'static str, mark: &'static str) -> OwnFile {
        OwnFile { what, mark: Mark::Text(mark) }
    }

    /// A contract in a form in which `mark` stands near the beginning.
    pub fn contract(mark: &'static str) -> OwnFile {
        OwnFile { what: "contract in this form", mark: Mark::Text(mark) }
    }

    /// Writes a file beside its place and renames it when it is whole.
    pub fn place<T>(&self, path: &Path, write: impl FnOnce(&mut File) -> io::Result<T>) -> io::Result<T> {
        let name = path.file_name().ok_or_else(|| io::Error::other("it names no file"))?;
        if is_stream(path) {
            return write(&mut File::options().write(true).open(path)?);
        }
        self.check(path)?;
        let beside = path.with_file_name(format!(".{}.new{}", name.to_string_lossy(), std::process::id()));
        let written = File::options().write(true).read(true).create_new(true).open(&beside).and_then(|mut file| {
            let done = write(&mut file)?;
            file.sync_all()?;
            fs::rename(&beside, path)?;
            Ok(done)
        });
        if written.is_err() {
            let _ = fs::remove_file(&beside);
        }
        written
    }

    /// A new, empty file at `path`, for what is written as it happens.
    pub fn open(&self, path: &Path) -> io::Result<File> {
        if is_stream(path) {
            return File::options().write(true).open(path);
        }
        self.place(path, |_| Ok(()))?;
        File::options().write(true).open(path)
    }

    /// Refuses what is no file of this kind.
    fn check(&self, path: &Path) -> io::Result<()> {
        let Ok(metadata) = fs::symlink_metadata(path) else { return Ok(()) };
        let free = metadata.is_symlink() || metadata.is_file() && (metadata.len() == 0 || self.is(path)?);
        match free {
            true => Ok(()),
            false => Err(io::Error::new(
                io::ErrorKind::AlreadyExists,
                format!("the existing file is not a {}; name another file, or move the existing file away", self.what),
            )),
        }
    }

    fn is(&self, path: &Path) -> io::Result<bool> {
        let mut text = Vec::new();
        let mark = match self.mark {
            Mark::Text(mark) => {
                reach::open(path)?.take(BEGINNING).read_to_end(&mut text)?;
                mark
            }
            Mark::Part(part, mark) => {
                let Ok(mut archive) = zip::ZipArchive::new(reach::open(path)?) else { return Ok(false) };
                let Ok(part) = archive.by_name(part) else { return Ok(false) };
                part.take(BEGINNING).read_to_end(&mut text)?;
                mark
            }
        };
        Ok(String::from_utf8_lossy(&text).contains(mark))
    }
}

/// Whether what is written goes on at once: to a screen, or into a pipe.
fn is_stream(path: &Path) -> bool {
    #[cfg(unix)]
    let piped = fs::symlink_metadata(path).is_ok_and(|it| std::os::unix::fs::FileTypeExt::is_fifo(&it.file_type()));
    #[cfg(not(unix))]
    let piped = false;
    piped || path.starts_with("/dev")
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    const JUNIT: OwnFile = OwnFile::text("report of JUnit", "<testsuite");
    const SARIF: OwnFile = OwnFile::text("report in SARIF", "sarif-schema");
    const ALL: [&OwnFile; 8] = [&WATERFALL, &JUNIT, &SARIF, &EVENTS, &PAGE, &BOOK, &ARCHIVE, &ATTESTATION];

    fn put(told: &OwnFile, path: &Path) -> io::Result<()> {
        told.place(path, |file| file.write_all(b"new"))
    }

    #[test]
    fn nothing_replaces_a_file_of_another_kind() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        for text in ["[pipeline]\nname = 'p'\n", "name,email\n", "PK\x03\x04", "on: push\n", "{\"a\": 1}", "<a/>"] {
            for told in ALL {
                fs::write(&path, text).unwrap();
                assert_eq!(put(told, &path).unwrap_err().kind(), io::ErrorKind::AlreadyExists, "{told:?} {text}");
                assert!(told.open(&path).is_err(), "{told:?} {text}");
                assert_eq!(fs::read_to_string(&path).unwrap(), text);
            }
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
    }

    #[test]
    fn one_of_its_kind_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        for (told, text) in [(&JUNIT, "<?xml?><testsuites>"), (&PAGE, "<meta content=\"hotpass\">"), (&SARIF, "")] {
            fs::write(&path, text).unwrap();
            put(told, &path).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_replaced_and_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let (path, victim) = (folder.path().join("file"), folder.path().join("victim"));
        for told in ALL {
            fs::write(&victim, "old").unwrap();
            let _ = fs::remove_file(&path);
            std::os::unix::fs::symlink(&victim, &path).unwrap();
            put(told, &path).unwrap();
            assert_eq!(fs::read_to_string(&victim).unwrap(), "old");
            assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        }
    }
}
