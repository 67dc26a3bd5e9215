//! Names of files as the engine takes them. It reads some characters of a name as a pattern, so a name of ours is
//! written as the pattern of itself, and a file of somebody else is given under a name of ours.

use std::fs::File;
use std::io;
use std::path::Path;

use tempfile::TempDir;

use crate::readers::reach;
use crate::relation::sql::quote;
use crate::scratch::Scratch;

/// Characters that the engine does not take for themselves.
const SPECIAL: [char; 3] = ['*', '?', '['];

/// A file or folder of ours, as a pattern that stands for just it.
pub(super) fn pattern(path: &Path) -> String {
    let text = path.to_string_lossy();
    if !text.contains(SPECIAL) {
        return text.into_owned();
    }
    let one = |it: char| if SPECIAL.contains(&it) { format!("[{it}]") } else { it.to_string() };
    text.chars().map(one).collect()
}

/// The same as a literal of SQL.
pub(super) fn literal(path: &Path) -> String {
    quote(&pattern(path))
}

/// Another folder for a database that is made in `folder`, where the engine takes a part of its name for something else.
pub(super) fn elsewhere(folder: &Path) -> io::Result<Option<Scratch>> {
    match folder.to_string_lossy().contains('?') {
        true => Scratch::new().map(Some),
        false => Ok(None),
    }
}

/// An open file under a name of ours.
pub(super) struct Named {
    name: String,
    /// Where there are no names for open files, it is a copy.
    _copy: Option<TempDir>,
}

impl Named {
    /// A name for a file, good for as long as both are kept.
    pub(super) fn of(file: &File, scratch: &Path) -> io::Result<Named> {
        #[cfg(target_os = "linux")]
        {
            use std::os::fd::AsRawFd;
            let name = format!("/proc/self/fd/{}", file.as_raw_fd());
            if Path::new(&name).exists() {
                return Ok(Named { name, _copy: None });
            }
        }
        let folder = tempfile::Builder::new().prefix("read-").tempdir_in(scratch)?;
        let place = folder.path().join("file");
        reach::copy(file.try_clone()?, &place)?;
        Ok(Named { name: pattern(&place), _copy: Some(folder) })
    }

    /// What the engine reads.
    pub(super) fn reader(&self) -> String {
        format!("read_parquet({})", quote(&self.name))
    }

    /// What the file says of its columns, as the engine reads it.
    pub(super) fn schema(&self) -> String {
        format!("parquet_schema({})", quote(&self.name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_of_patterns_stand_for_themselves() {
        assert_eq!(literal(Path::new("/a[b]*/it's?.x{1}")), "'/a[[]b][*]/it''s[?].x{1}'");
    }
}
