//! Folders by their names, where nothing is relative to a handle: each name is looked at before it is used.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, FileType, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use super::Kind;

pub(super) type Handle = PathBuf;

pub(super) enum How {
    Read,
    Make,
    New,
}

pub(super) fn open(path: &Path) -> io::Result<Handle> {
    match fs::symlink_metadata(path)?.file_type() {
        ty if ty.is_symlink() => Err(link()),
        ty if ty.is_dir() => Ok(path.to_owned()),
        _ => Err(io::ErrorKind::NotADirectory.into()),
    }
}

fn link() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, "it is a link, and none is followed here")
}

pub(super) fn inside(_: &Handle, _: &OsStr, path: &Path) -> io::Result<Handle> {
    open(path)
}

pub(super) fn make(_: &Handle, _: &OsStr, path: &Path) -> io::Result<()> {
    fs::create_dir(path)
}

pub(super) fn file(_: &Handle, _: &OsStr, path: &Path, how: How) -> io::Result<File> {
    if fs::symlink_metadata(path).is_ok_and(|it| it.file_type().is_symlink()) {
        return Err(link());
    }
    let mut options = OpenOptions::new();
    match how {
        How::Read => options.read(true),
        How::Make => options.read(true).write(true).create(true).truncate(false),
        How::New => options.read(true).write(true).create_new(true),
    };
    options.open(path)
}

pub(super) fn kind(_: &Handle, _: &OsStr, path: &Path) -> io::Result<Kind> {
    Ok(Kind::of(fs::symlink_metadata(path)?.file_type()))
}

pub(super) fn special(_: FileType) -> &'static str {
    "a device"
}

pub(super) fn names(_: &Handle, path: &Path) -> io::Result<Vec<(OsString, Kind)>> {
    let mut acc = Vec::new();
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        acc.push((entry.file_name(), Kind::of(entry.file_type()?)));
    }
    Ok(acc)
}

pub(super) fn rename(_: (&Handle, &OsStr), _: (&Handle, &OsStr), (from, to): (&Path, &Path)) -> io::Result<()> {
    fs::rename(from, to)
}

pub(super) fn remove(_: &Handle, _: &OsStr, path: &Path) -> io::Result<()> {
    fs::remove_file(path)
}

pub(super) fn remove_folder(_: &Handle, _: &OsStr, path: &Path) -> io::Result<()> {
    fs::remove_dir(path)
}

pub(super) fn sync(_: &Handle) -> io::Result<()> {
    Ok(())
}

pub(super) fn is_link(_: &io::Error) -> bool {
    false
}
