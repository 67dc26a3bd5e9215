//! What operators left for their next run: a file each, named by what the operator does, of one checksummed record.
//!
//! They are no contents. A memo says what was so for other rows, and its operator holds it against the rows that it has;
//! all builds of a store share them, the last one counts, and whatever is not there or not sound costs time alone.

use std::io;

use arrow_buffer::Buffer;

use crate::digest::Digest;
use crate::store::Paths;
use crate::store::record;

/// Bytes that a memo has at most.
const MOST: usize = 1 << 30;

/// The memo of an operator, if a sound one is there.
pub fn read(paths: &Paths, operator: &Digest) -> Option<Buffer> {
    let (folder, name) = paths.place(&paths.memos().join(operator.hex()), false).ok()?;
    let bytes = folder.bytes(name).ok()?;
    let length = record::body(&bytes).ok()?.len();
    let begin = bytes.len() - length;
    Some(Buffer::from_vec(bytes).slice(begin))
}

/// Puts a memo in the place of the one that is there. It need not survive a power cut.
///
/// # Errors
///
/// The disk said no.
pub fn write(paths: &Paths, operator: &Digest, memo: &[u8]) -> io::Result<()> {
    if memo.len() > MOST {
        return Ok(());
    }
    let (folder, name) = paths.place(&paths.memos().join(operator.hex()), true)?;
    folder.replace(name, &record::file(memo), false)
}

/// All files of memos with their sizes, sorted.
pub fn all(paths: &Paths) -> Vec<(String, u64)> {
    let Ok(folder) = paths.place(&paths.memos().join("of"), false).map(|it| it.0) else { return Vec::new() };
    let names = folder.names().unwrap_or_default();
    let size = |name: &str| folder.file(name).and_then(|it| it.metadata()).map_or(0, |it| it.len());
    let mut acc: Vec<(String, u64)> =
        names.iter().filter_map(|(name, _)| Some((name.to_str()?.to_owned(), size(name.to_str()?)))).collect();
    acc.sort();
    acc
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_memo_that_is_not_whole_is_none() {
        let folder = tempfile::tempdir().expect("a folder");
        let paths = Paths::new(folder.path(), Some(folder.path()));
        let key = Digest::of("test", b"one");
        assert_eq!(read(&paths, &key), None);
        write(&paths, &key, b"something").expect("written");
        assert_eq!(read(&paths, &key).as_deref(), Some(b"something".as_slice()));
        assert_eq!(read(&paths, &Digest::of("test", b"other")), None);
        let file = paths.memos().join(key.hex());
        let bytes = std::fs::read(&file).expect("a file");
        assert_eq!(all(&paths), [(key.hex(), bytes.len() as u64)]);
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1;
            std::fs::write(&file, &damaged).expect("written");
            assert_eq!(read(&paths, &key), None, "byte {at}");
            std::fs::write(&file, &bytes[..at]).expect("written");
            assert_eq!(read(&paths, &key), None, "cut at {at}");
        }
    }
}
