//! Length and digests of a file while it is written.
//!
//! Works for writers that never go back; what was written by others is read once more (`Written::of`).

use std::io::{self, Read, Seek, Write};

use sha2::{Digest as _, Sha256};

use super::Written;

/// A writer that counts and hashes all that passes through.
pub struct Hashing<W> {
    out: W,
    bytes: u64,
    blake3: blake3::Hasher,
    sha256: Sha256,
}

impl<W: Write> Hashing<W> {
    /// Hashes what is written to `out`.
    pub fn new(out: W) -> Hashing<W> {
        Hashing { out, bytes: 0, blake3: blake3::Hasher::new(), sha256: Sha256::new() }
    }

    /// Flushes `out` and says what it got; counts of cells are left at nothing, sheets at one.
    pub fn finish(mut self, rows: u64) -> io::Result<(W, Written)> {
        self.out.flush()?;
        let written = Written {
            bytes: self.bytes,
            rows,
            blake3: self.blake3.finalize().into(),
            sha256: self.sha256.finalize().into(),
            guarded: 0,
            cut: 0,
            sheets: 1,
        };
        Ok((self.out, written))
    }
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = self.out.write(bytes)?;
        self.bytes += taken as u64;
        self.blake3.update(&bytes[..taken]);
        self.sha256.update(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl Written {
    /// What stands in `file` from its first byte on: for files that another writer made.
    pub fn of(file: &mut (impl Read + Seek), rows: u64) -> io::Result<Written> {
        file.rewind()?;
        let mut hashing = Hashing::new(io::sink());
        let mut buffer = vec![0; 1 << 16];
        loop {
            let taken = match file.read(&mut buffer) {
                Ok(0) => return Ok(hashing.finish(rows)?.1),
                Ok(taken) => taken,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            hashing.write_all(&buffer[..taken])?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_those_that_other_tools_print() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"abc").unwrap();
        let mut hashing = Hashing::new(io::sink());
        hashing.write_all(b"a").unwrap();
        hashing.write_all(b"bc").unwrap();
        let (_, written) = hashing.finish(7).unwrap();
        assert_eq!(Written::of(&mut file, 7).unwrap(), written);
        assert_eq!(written.bytes, 3);
        assert_eq!(written.blake3.hex(), "6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85");
        assert_eq!(written.sha256[..4], [0xba, 0x78, 0x16, 0xbf]);
    }
}
