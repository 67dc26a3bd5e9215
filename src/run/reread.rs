//! Files of a source that has several: what was read of each is left for the next build, which reads only files that
//! are new or other ones.
//!
//! What is left says what stands in a file of these bytes, so it is never wrong, and where it is gone the file is read.

use std::io::Cursor;

use arrow_array::RecordBatch;
use arrow_ipc::reader::StreamReader;
use arrow_ipc::writer::StreamWriter;

use crate::digest::{Digest, Hasher};
use crate::plan::{ReadFile, Reading};
use crate::readers::{Limits, READ, Request, Trailer};
use crate::store::{Paths, memos};

/// Bytes of one file's rows that are left at most: a file of more is read again.
const MOST: usize = 64 << 20;

/// The rows of one file, as they are left.
pub(super) struct Left<'a> {
    paths: &'a Paths,
    key: Digest,
    writer: Option<StreamWriter<Vec<u8>>>,
}

impl<'a> Left<'a> {
    /// Of one file of several. A file that is read alone is found again by what is stored of it.
    pub(super) fn of(paths: &'a Paths, reading: &Reading, file: &ReadFile) -> Option<Left<'a>> {
        let request = file.request.as_ref().filter(|_| reading.files.len() > 1)?;
        // Where a file lies, how it is called and what it may ask for at most changes nothing of what stands in it.
        let asked = Request { path: "".into(), name: String::new(), limits: Limits::default(), ..request.clone() };
        let mut hasher = Hasher::new("hotpass rows of a file v1");
        hasher.text(READ).text(env!("CARGO_PKG_VERSION")).json(&asked).digest(&file.fingerprint);
        Some(Left { paths, key: hasher.finish(), writer: None })
    }

    /// The rows that an earlier build read, and its account.
    pub(super) fn find(&self) -> Option<(Vec<RecordBatch>, Trailer)> {
        let memo = memos::read(self.paths, &self.key)?;
        let (length, rest) = memo.split_first_chunk::<8>()?;
        let (account, rows) = rest.split_at_checked(usize::try_from(u64::from_le_bytes(*length)).ok()?)?;
        let trailer: Trailer = serde_json::from_slice(account).ok()?;
        let batches: Vec<RecordBatch> = match rows {
            [] => Vec::new(),
            rows => StreamReader::try_new(Cursor::new(rows), None).ok()?.collect::<Result<_, _>>().ok()?,
        };
        let count: usize = batches.iter().map(RecordBatch::num_rows).sum();
        (count as u64 == trailer.rows).then_some((batches, trailer))
    }

    /// Takes rows as they are read.
    pub(super) fn take(this: &mut Option<Left<'a>>, batch: &RecordBatch) {
        if this.as_mut().is_some_and(|it| it.write(batch).is_none()) {
            *this = None;
        }
    }

    /// Nothing where it is too much, or cannot be written down.
    fn write(&mut self, batch: &RecordBatch) -> Option<()> {
        if self.writer.is_none() {
            self.writer = Some(StreamWriter::try_new(Vec::new(), &batch.schema()).ok()?);
        }
        let writer = self.writer.as_mut()?;
        writer.write(batch).ok()?;
        (writer.get_ref().len() <= MOST).then_some(())
    }

    /// Leaves what was taken, with the account of it. Nothing is lost but time where that fails.
    pub(super) fn leave(self, trailer: &Trailer) {
        let rows = match self.writer.map(StreamWriter::into_inner) {
            Some(Ok(rows)) => rows,
            None => Vec::new(),
            Some(Err(_)) => return,
        };
        let Ok(account) = serde_json::to_vec(trailer) else { return };
        let mut memo = (account.len() as u64).to_le_bytes().to_vec();
        memo.extend(account);
        memo.extend(rows);
        let _ = memos::write(self.paths, &self.key, &memo);
    }
}
