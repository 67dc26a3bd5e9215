//! Comma-separated files in the dialects that programs leave behind.
//!
//! Only writing, and only what the sample needs: no reader stands here.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use encoding_rs::WINDOWS_1252;

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dialect {
    /// Between two fields.
    pub delimiter: char,
    /// At the end of a record.
    pub newline: &'static str,
    /// Whether a byte order mark stands first.
    pub mark: bool,
    /// In the Western code page of Windows instead of UTF-8.
    pub western: bool,
}

/// Commas, line feeds, UTF-8.
pub const PLAIN: Dialect = Dialect { delimiter: ',', newline: "\n", mark: false, western: false };
/// As spreadsheet programs save "CSV UTF-8".
pub const MARKED: Dialect = Dialect { delimiter: ',', newline: "\r\n", mark: true, western: false };
/// As spreadsheet programs save "CSV" where the comma is the decimal sign.
pub const WESTERN: Dialect = Dialect { delimiter: ';', newline: "\r\n", mark: false, western: true };

/// A file that is being written.
#[derive(Debug)]
pub struct CsvFile {
    file: BufWriter<File>,
    dialect: Dialect,
    line: String,
}

impl CsvFile {
    /// Begins a file, in place of one that is there.
    pub fn create(path: &Path, dialect: Dialect) -> io::Result<Self> {
        let mut file = BufWriter::with_capacity(1 << 16, File::create(path)?);
        if dialect.mark {
            file.write_all("\u{feff}".as_bytes())?;
        }
        Ok(CsvFile { file, dialect, line: String::new() })
    }

    /// Writes one record.
    pub fn record<T: AsRef<str>>(&mut self, fields: impl IntoIterator<Item = T>) -> io::Result<()> {
        self.line.clear();
        for (place, field) in fields.into_iter().enumerate() {
            if place > 0 {
                self.line.push(self.dialect.delimiter);
            }
            let field = field.as_ref();
            if field.contains([self.dialect.delimiter, '"', '\n', '\r']) {
                self.line.push('"');
                self.line.push_str(&field.replace('"', "\"\""));
                self.line.push('"');
            } else {
                self.line.push_str(field);
            }
        }
        self.line.push_str(self.dialect.newline);
        if !self.dialect.western {
            return self.file.write_all(self.line.as_bytes());
        }
        let (bytes, _, lost) = WINDOWS_1252.encode(&self.line);
        if lost {
            return Err(io::Error::other("a text does not fit the Western code page"));
        }
        self.file.write_all(&bytes)
    }

    /// Writes what is still held back.
    pub fn finish(mut self) -> io::Result<()> {
        self.file.flush()
    }
}
