//! Folders by their handles, where the system has calls that are relative to one.

use std::ffi::{OsStr, OsString};
use std::fs::{File, FileType};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::FileTypeExt;
use std::path::Path;

use rustix::fs::{AtFlags, CWD, Dir, Mode, OFlags};

use super::Kind;

pub(super) type Handle = File;

pub(super) enum How {
    Read,
    Make,
    New,
}

fn folder_flags() -> OFlags {
    OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC
}

pub(super) fn open(path: &Path) -> io::Result<Handle> {
    Ok(rustix::fs::openat(CWD, path, folder_flags(), Mode::empty()).map_err(|it| link_or(it, CWD, path))?.into())
}

pub(super) fn inside(folder: &Handle, name: &OsStr, _: &Path) -> io::Result<Handle> {
    let opened = rustix::fs::openat(folder, name, folder_flags(), Mode::empty());
    Ok(opened.map_err(|it| link_or(it, folder, Path::new(name)))?.into())
}

/// A link in the place of a folder is told as one: the system says that it is no folder.
fn link_or(error: rustix::io::Errno, folder: impl std::os::fd::AsFd, path: &Path) -> io::Error {
    let stat = rustix::fs::statat(folder, path, AtFlags::SYMLINK_NOFOLLOW);
    match stat.is_ok_and(|it| rustix::fs::FileType::from_raw_mode(it.st_mode).is_symlink()) {
        true => rustix::io::Errno::LOOP.into(),
        false => error.into(),
    }
}

pub(super) fn make(folder: &Handle, name: &OsStr, _: &Path) -> io::Result<()> {
    Ok(rustix::fs::mkdirat(folder, name, Mode::RWXU)?)
}

pub(super) fn file(folder: &Handle, name: &OsStr, _: &Path, how: How) -> io::Result<File> {
    let flags = match how {
        How::Read => OFlags::RDONLY,
        How::Make => OFlags::RDWR | OFlags::CREATE,
        How::New => OFlags::RDWR | OFlags::CREATE | OFlags::EXCL,
    };
    let flags = flags | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    Ok(rustix::fs::openat(folder, name, flags, Mode::RUSR | Mode::WUSR)?.into())
}

pub(super) fn kind(folder: &Handle, name: &OsStr, _: &Path) -> io::Result<Kind> {
    let stat = rustix::fs::statat(folder, name, AtFlags::SYMLINK_NOFOLLOW)?;
    Ok(kind_of(rustix::fs::FileType::from_raw_mode(stat.st_mode)))
}

fn kind_of(ty: rustix::fs::FileType) -> Kind {
    match ty {
        rustix::fs::FileType::RegularFile => Kind::File,
        rustix::fs::FileType::Directory => Kind::Folder,
        rustix::fs::FileType::Symlink => Kind::Special("a link"),
        rustix::fs::FileType::Fifo => Kind::Special("a pipe"),
        rustix::fs::FileType::Socket => Kind::Special("a socket"),
        _ => Kind::Special("a device"),
    }
}

pub(super) fn special(ty: FileType) -> &'static str {
    match ty {
        ty if ty.is_fifo() => "a pipe",
        ty if ty.is_socket() => "a socket",
        _ => "a device",
    }
}

pub(super) fn names(folder: &Handle, _: &Path) -> io::Result<Vec<(OsString, Kind)>> {
    let mut acc = Vec::new();
    for entry in Dir::read_from(folder)? {
        let entry = entry?;
        let name = OsStr::from_bytes(entry.file_name().to_bytes()).to_owned();
        if name == "." || name == ".." {
            continue;
        }
        let kind = match entry.file_type() {
            rustix::fs::FileType::Unknown => match kind(folder, &name, Path::new("")) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                other => other?,
            },
            ty => kind_of(ty),
        };
        acc.push((name, kind));
    }
    Ok(acc)
}

pub(super) fn rename(
    (from, name): (&Handle, &OsStr),
    (to, other): (&Handle, &OsStr),
    _: (&Path, &Path),
) -> io::Result<()> {
    Ok(rustix::fs::renameat(from, name, to, other)?)
}

pub(super) fn remove(folder: &Handle, name: &OsStr, _: &Path) -> io::Result<()> {
    Ok(rustix::fs::unlinkat(folder, name, AtFlags::empty())?)
}

pub(super) fn remove_folder(folder: &Handle, name: &OsStr, _: &Path) -> io::Result<()> {
    Ok(rustix::fs::unlinkat(folder, name, AtFlags::REMOVEDIR)?)
}

pub(super) fn sync(folder: &Handle) -> io::Result<()> {
    folder.sync_all()
}

pub(super) fn is_link(error: &io::Error) -> bool {
    error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error())
}
