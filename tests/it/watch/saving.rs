//! How programs save a file: what the system sees of it, call by call.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

/// A way to save.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Editor {
    /// Emptied and written in place, as VS Code and shells do.
    Truncate,
    /// In two writes.
    Pieces,
    /// Vim: probes the folder, moves the old file away, writes a new one, and removes the old one.
    Vim,
    /// A temporary file that takes the place: GNOME, JetBrains, and most programs that are careful.
    Rename,
    /// LibreOffice: a lock beside it, a temporary file, renamed, and the lock removed.
    LibreOffice,
    /// Emacs: a link as a lock, the file kept under another name, written in place.
    Emacs,
    /// Removed and made anew, as some copy programs do.
    Replace,
}

/// All ways.
pub const EDITORS: [Editor; 7] = [
    Editor::Truncate,
    Editor::Pieces,
    Editor::Vim,
    Editor::Rename,
    Editor::LibreOffice,
    Editor::Emacs,
    Editor::Replace,
];

impl Editor {
    /// Saves a text.
    pub fn save(self, path: &Path, text: &str) {
        let name = path.file_name().and_then(|it| it.to_str()).expect("a name").to_owned();
        let beside = |name: String| -> PathBuf { path.with_file_name(name) };
        let done = || -> std::io::Result<()> {
            fs::create_dir_all(path.parent().expect("a folder"))?;
            match self {
                Editor::Truncate => fs::write(path, text),
                Editor::Pieces => {
                    let mut file = OpenOptions::new().create(true).write(true).truncate(true).open(path)?;
                    let (first, second) = text.as_bytes().split_at(text.len() / 2);
                    file.write_all(first)?;
                    file.write_all(second)
                }
                Editor::Vim => {
                    let (probe, swap, old) =
                        (beside("4913".to_owned()), beside(format!(".{name}.swp")), beside(format!("{name}~")));
                    fs::write(&swap, "b0VIM")?;
                    fs::write(&probe, "")?;
                    fs::remove_file(&probe)?;
                    let moved = fs::rename(path, &old);
                    fs::write(path, text)?;
                    if moved.is_ok() {
                        fs::remove_file(&old)?;
                    }
                    fs::remove_file(&swap)
                }
                Editor::Rename => {
                    let temporary = beside(".goutputstream-A1B2C3".to_owned());
                    fs::write(&temporary, text)?;
                    fs::rename(&temporary, path)
                }
                Editor::LibreOffice => {
                    let (lock, temporary) = (beside(format!(".~lock.{name}#")), beside("lu4711.tmp".to_owned()));
                    fs::write(&lock, "somebody")?;
                    fs::write(&temporary, text)?;
                    fs::rename(&temporary, path)?;
                    fs::remove_file(&lock)
                }
                Editor::Emacs => {
                    let (lock, old) = (beside(format!(".#{name}")), beside(format!("{name}~")));
                    std::os::unix::fs::symlink("somebody@here.1", &lock)?;
                    if path.exists() {
                        fs::copy(path, &old)?;
                    }
                    fs::write(path, text)?;
                    fs::remove_file(&lock)?;
                    fs::remove_file(&old).or(Ok(()))
                }
                Editor::Replace => {
                    let _ = fs::remove_file(path);
                    fs::write(path, text)
                }
            }
        };
        done().unwrap_or_else(|error| panic!("{self:?} {}: {error}", path.display()));
    }
}
