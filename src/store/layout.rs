//! What may stand in the state folder: files and folders of ours. A link, a pipe or a device is refused by name before
//! anything is touched, because a checkout can carry them.

use std::ffi::OsStr;
use std::io;
use std::path::Path;

use crate::problem::{Code, Problem};
use crate::store::folder::{Folder, Kind};
use crate::store::{DOCS, LOCK, MEMOS, Paths, REPLACED, RUNS, SCRATCH, SCRATCH_LOCK, SEGMENTS};

/// Something in the state folder that hotpass does not put there.
pub const FOREIGN: Code = Code::error("hotpass::store::foreign");

/// All codes of the store.
pub const CODES: &[&Code] = &[&FOREIGN];

const HELP: &str = "delete it, or the whole state folder: that loses time and the history of runs, no output file";

/// How much is looked at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Depth {
    /// The names in the folder and in the folders of it.
    Names,
    /// Every file of segments as well.
    All,
}

impl Paths {
    /// Refuses a state folder that holds anything but files and folders where they belong. One that is not there is
    /// as good as one that is empty.
    pub fn inspect(&self, depth: Depth) -> Result<(), Box<Problem>> {
        match std::fs::symlink_metadata(self.root()) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(unreadable(self.root(), &error)),
            Ok(found) => expect(self.root(), Kind::of(found.file_type()), Some(Kind::Folder))?,
        }
        let root = opened(self.root(), self.folder())?;
        let names = listed(&root)?;
        for (name, kind) in names.iter().cloned() {
            let path = root.path().join(&name);
            let expected = expected(&name);
            expect(&path, kind, expected)?;
            let inner = match name.to_str() {
                Some(SEGMENTS) => Some(Kind::Folder),
                Some(RUNS | REPLACED | MEMOS) => Some(Kind::File),
                Some(SCRATCH) => None,
                _ => continue,
            };
            let folder = opened(&path, root.inside(&name))?;
            for (name, kind) in listed(&folder)? {
                expect(&folder.path().join(&name), kind, inner)?;
                if depth == Depth::All && inner == Some(Kind::Folder) {
                    let shard = opened(&folder.path().join(&name), folder.inside(&name))?;
                    for (name, kind) in listed(&shard)? {
                        expect(&shard.path().join(&name), kind, Some(Kind::File))?;
                    }
                }
            }
        }
        // Folders called as ours may be anybody's: what is in them would be removed.
        let is_ours = names.iter().any(|(name, _)| is_mark(name));
        if names.is_empty() || is_ours {
            return Ok(());
        }
        let message =
            format!("`{}` holds files, and is no state folder of hotpass; nothing was written", shown(self.root()));
        let help = "name a folder that is empty or not there yet in `HOTPASS_STATE_DIR`, or empty this one";
        Err(Box::new(Problem::new(&FOREIGN, message).help(help.to_owned())))
    }
}

/// Whether a file says that the folder is a store. It is there from the first moment on.
fn is_mark(name: &OsStr) -> bool {
    name.to_str().is_some_and(|it| it == "CACHEDIR.TAG" || it.starts_with("journal-"))
}

/// What stands under a name that is ours; `None` where it may be a file or a folder.
fn expected(name: &OsStr) -> Option<Kind> {
    match name.to_str()? {
        SEGMENTS | RUNS | SCRATCH | REPLACED | DOCS | MEMOS => Some(Kind::Folder),
        LOCK | SCRATCH_LOCK | ".gitignore" | "CACHEDIR.TAG" => Some(Kind::File),
        it if it.strip_prefix(DOCS).is_some_and(|it| it.starts_with('.')) => Some(Kind::Folder),
        it if ["journal-", "stamp-", "texts-", "warehouse-"].iter().any(|own| it.starts_with(own)) => Some(Kind::File),
        _ => None,
    }
}

fn expect(path: &Path, kind: Kind, expected: Option<Kind>) -> Result<(), Box<Problem>> {
    let what = match kind {
        Kind::Special(what) => what,
        kind if expected.is_none_or(|it| it == kind) => return Ok(()),
        Kind::Folder => "a folder",
        Kind::File => "a file",
    };
    let belongs = match expected {
        Some(Kind::File) => "a file",
        Some(Kind::Folder) => "a folder",
        _ => "a file or a folder",
    };
    let message = format!("`{}` is {what}, and {belongs} belongs there; nothing was read or written", shown(path));
    Err(Box::new(Problem::new(&FOREIGN, message).help(HELP.to_owned())))
}

fn shown(path: &Path) -> String {
    path.display().to_string().chars().map(|it| if it.is_control() { '\u{fffd}' } else { it }).collect()
}

fn opened(path: &Path, folder: io::Result<Folder>) -> Result<Folder, Box<Problem>> {
    folder.map_err(|error| unreadable(path, &error))
}

fn listed(folder: &Folder) -> Result<Vec<(std::ffi::OsString, Kind)>, Box<Problem>> {
    folder.names().map_err(|error| unreadable(folder.path(), &error))
}

fn unreadable(path: &Path, error: &io::Error) -> Box<Problem> {
    let message = format!("`{}` cannot be read: {error}", shown(path));
    Box::new(Problem::new(&FOREIGN, message).help(HELP.to_owned()))
}
