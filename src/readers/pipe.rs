//! Reading through a child process, seen from the parent: start it, hold it to its word, explain how it ended.
//!
//! Frames are a kind (one byte), a length (eight bytes, little-endian) and a payload. Batches are one Arrow IPC stream
//! cut into frames. Nothing the child says is believed: its columns, the order of its rows, its counts and its digest
//! are all checked again.

use std::io::{self, Read, Write};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, RecordBatch};
use arrow_buffer::Buffer;
use arrow_ipc::reader::StreamDecoder;
use serde::{Deserialize, Serialize};

use crate::bug;
use crate::memory;
use crate::problem::Problem;
use crate::readers::classifier::{BatchDigest, schema};
use crate::readers::problems::{CRASHED, TOO_LARGE, bytes, plural, refuse, shown};
use crate::readers::{CHILD_ARGUMENT, Format, Found, Part, ReadError, Request, Trailer};
use crate::threads;

/// What was found, as JSON.
pub(crate) const FOUND: u8 = b'F';
/// A piece of the Arrow IPC stream.
pub(crate) const BATCH: u8 = b'B';
/// The account, as JSON: nothing follows.
pub(crate) const TRAILER: u8 = b'T';
/// Why it was not read, as JSON: nothing follows.
pub(crate) const FAILURE: u8 = b'X';

/// A frame that claims more is not waited for.
const MAX_FRAME: u64 = 1 << 28;
/// How often a waiting parent asks whether it is cancelled.
const PULSE: Duration = Duration::from_millis(50);
/// How long a child may take to end once it has said all.
const PATIENCE: Duration = Duration::from_secs(1);

/// A refusal or failure on the wire.
#[derive(Serialize, Deserialize)]
pub(crate) enum Failure {
    Problem(Box<Problem>),
    World(String),
}

impl From<ReadError> for Failure {
    fn from(error: ReadError) -> Failure {
        match error {
            ReadError::Problem(it) => Failure::Problem(it),
            ReadError::World(it) => Failure::World(it),
        }
    }
}

impl From<Failure> for ReadError {
    fn from(failure: Failure) -> ReadError {
        match failure {
            Failure::Problem(it) => ReadError::Problem(it),
            Failure::World(it) => ReadError::World(it),
        }
    }
}

/// Writes one frame.
pub(crate) fn write_frame(out: &mut impl Write, kind: u8, payload: &[u8]) -> io::Result<()> {
    out.write_all(&[kind])?;
    out.write_all(&(payload.len() as u64).to_le_bytes())?;
    out.write_all(payload)
}

/// Reads one frame; `None` at the end of the stream, however it ends.
fn read_frame(input: &mut impl Read) -> Option<(u8, Vec<u8>)> {
    let mut head = [0; 9];
    input.read_exact(&mut head).ok()?;
    let (kind, length) = head.split_first()?;
    let length = u64::from_le_bytes(length.try_into().ok()?);
    if length > MAX_FRAME {
        return None;
    }
    // Grows with what arrives, not with what is claimed.
    let mut payload = Vec::new();
    input.take(length).read_to_end(&mut payload).ok()?;
    (payload.len() as u64 == length).then_some((*kind, payload))
}

/// The same as [`read`](crate::readers::read) through a child process: `program` is started with [`CHILD_ARGUMENT`].
///
/// `cancelled` is asked often; when it says so the child is killed and the answer is a [`ReadError::World`].
pub fn read_in_child(
    program: &Path,
    request: &Request,
    cancelled: &dyn Fn() -> bool,
    found: &mut dyn FnMut(&Found) -> Result<(), ReadError>,
    batch: &mut dyn FnMut(RecordBatch) -> Result<(), ReadError>,
) -> Result<(Found, Trailer), ReadError> {
    let child = start(program)?;
    let counted = memory::Counted::new(child.id());
    let mut child = Started(child, counted);
    let (input, output) = (child.0.stdin.take(), child.0.stdout.take());
    let (Some(mut input), Some(mut output)) = (input, output) else {
        return Err(ReadError::World("the reading process has no pipes".to_owned()));
    };
    std::thread::scope(move |scope| {
        // It ends before the thread that listens to it is waited for, also when this one panics.
        let mut child = child;
        let (sender, receiver) = sync_channel(2);
        let take = move || {
            bug::seam("reader");
            while let Some(frame) = read_frame(&mut output) {
                if sender.send(frame).is_err() {
                    return;
                }
            }
        };
        if let Err(error) = threads::scoped(scope, take) {
            return Err(ReadError::World(threads::none_left(error).to_string()));
        }
        // A child that is gone already says why by how it ended.
        let sent = serde_json::to_vec(request).map_err(io::Error::other).and_then(|it| input.write_all(&it));
        drop((sent, input));
        let answer = receive(&receiver, request, cancelled, found, batch);
        let status = match &answer {
            Some(Err(_)) => None,
            _ => waited(&mut child.0),
        };
        child.end();
        // Whoever still waits to send is let go before the scope joins it.
        drop(receiver);
        match answer {
            Some(Ok(answer)) if status.is_some_and(|it| it.success()) => Ok(answer),
            Some(Err(error)) => Err(error),
            _ if cancelled() => Err(interrupted()),
            _ => Err(explain(request, status)),
        }
    })
}

fn start(program: &Path) -> Result<Child, ReadError> {
    let mut command = Command::new(program);
    command.arg(CHILD_ARGUMENT).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    command.spawn().map_err(|error| ReadError::World(format!("the reading process could not be started: {error}")))
}

/// How a child ended whose stream has ended: it is about to, or holds on to life for no good reason.
fn waited(child: &mut Child) -> Option<ExitStatus> {
    let begun = Instant::now();
    let mut pause = Duration::from_micros(100);
    while begun.elapsed() < PATIENCE {
        if let Ok(Some(status)) = child.try_wait() {
            return Some(status);
        }
        std::thread::park_timeout(pause);
        pause = (pause * 2).min(PULSE);
    }
    None
}

/// A child that ends with whoever started it, however that ends.
struct Started(Child, #[expect(dead_code, reason = "its memory counts as long as it runs")] memory::Counted);

impl Started {
    fn end(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        self.end();
    }
}

fn interrupted() -> ReadError {
    ReadError::World("reading was cancelled".to_owned())
}

/// Takes frames until the last one; `None` if the stream ends before.
fn receive(
    frames: &Receiver<(u8, Vec<u8>)>,
    request: &Request,
    cancelled: &dyn Fn() -> bool,
    found: &mut dyn FnMut(&Found) -> Result<(), ReadError>,
    batch: &mut dyn FnMut(RecordBatch) -> Result<(), ReadError>,
) -> Option<Result<(Found, Trailer), ReadError>> {
    let mut check: Option<Check> = None;
    loop {
        if cancelled() {
            return Some(Err(interrupted()));
        }
        let (kind, payload) = match frames.recv_timeout(PULSE) {
            Ok(frame) => frame,
            Err(RecvTimeoutError::Timeout) => continue,
            Err(RecvTimeoutError::Disconnected) => return None,
        };
        let step = match (kind, &mut check) {
            (FOUND, None) => serde_json::from_slice(&payload).map_err(|_| broken()).and_then(|it: Found| {
                found(&it)?;
                check = Some(Check::new(it, (request.format, request.part)));
                Ok(())
            }),
            (BATCH, Some(check)) => check.batches(payload, batch),
            (TRAILER, Some(_)) => {
                let trailer = serde_json::from_slice(&payload).map_err(|_| broken());
                let check = check.take()?;
                return Some(trailer.and_then(|it| check.finish(it, request)));
            }
            (FAILURE, _) => {
                let failure: Result<Failure, _> = serde_json::from_slice(&payload);
                return Some(Err(failure.map_or_else(|_| broken(), ReadError::from)));
            }
            _ => Err(broken()),
        };
        if let Err(error) = step {
            return Some(Err(error));
        }
    }
}

/// What the child has to keep to.
struct Check {
    found: Found,
    asked: (Format, Part),
    decoder: StreamDecoder,
    digest: BatchDigest,
    rows: u64,
    last_row: i64,
}

impl Check {
    fn new(found: Found, asked: (Format, Part)) -> Check {
        let digest = BatchDigest::new(&found);
        Check { found, asked, decoder: StreamDecoder::new(), digest, rows: 0, last_row: 0 }
    }

    /// Takes a piece of the stream and passes on the batches in it.
    fn batches(
        &mut self,
        payload: Vec<u8>,
        sink: &mut dyn FnMut(RecordBatch) -> Result<(), ReadError>,
    ) -> Result<(), ReadError> {
        let mut buffer = Buffer::from_vec(payload);
        while !buffer.is_empty() {
            let Some(batch) = self.decoder.decode(&mut buffer).map_err(|_| broken())? else { continue };
            if batch.schema() != schema(&self.found, self.asked.0, self.asked.1) {
                return Err(broken());
            }
            let numbers = batch.columns().last().and_then(|it| it.as_primitive_opt::<Int64Type>());
            let Some(numbers) = numbers.filter(|it| it.null_count() == 0) else { return Err(broken()) };
            for number in numbers.values() {
                if *number <= self.last_row {
                    return Err(broken());
                }
                self.last_row = *number;
            }
            self.rows += batch.num_rows() as u64;
            self.digest.add(&batch);
            sink(batch)?;
        }
        Ok(())
    }

    fn finish(self, trailer: Trailer, request: &Request) -> Result<(Found, Trailer), ReadError> {
        let accounted = trailer.columns.iter().all(|it| {
            let kinds = [it.text, it.number, it.date, it.boolean, it.error, it.blank];
            kinds.into_iter().try_fold(0_u64, u64::checked_add) == Some(trailer.rows)
        });
        let right = accounted
            && trailer.rows == self.rows
            && trailer.columns.len() == self.found.columns.len()
            && trailer.digest == self.digest.finish()
            && request.rows.is_none_or(|it| trailer.rows <= it);
        if right { Ok((self.found, trailer)) } else { Err(broken()) }
    }
}

/// The child does not keep to the protocol: it is our own program, so this is no fault of the file.
fn broken() -> ReadError {
    ReadError::World("the reading process sent what it should not".to_owned())
}

/// What the end of a child that said nothing means.
fn explain(request: &Request, status: Option<ExitStatus>) -> ReadError {
    let file = shown(&request.name);
    let memory = || {
        let message = format!("`{file}` asks for more memory than {} to be read", bytes(request.limits.memory_bytes));
        let help = "check where the file comes from; if it is right, save it again or raise the limit of its source";
        refuse(&TOO_LARGE, message, help)
    };
    match status.and_then(|it| signal(&it)) {
        // An allocation that fails aborts; the system's own last resort kills.
        Some(6 | 9) => memory(),
        Some(24) => {
            let seconds = plural(request.limits.cpu_seconds, "second");
            let message = format!("`{file}` takes more than {seconds} of CPU time to be read");
            refuse(
                &TOO_LARGE,
                message,
                "check where the file comes from; if it is right, raise the limit of its source",
            )
        }
        _ => {
            let message = format!("`{file}` cannot be read: its content ended the reading process");
            refuse(&CRASHED, message, "save it again in the program it comes from, or ask for a new copy")
        }
    }
}

#[cfg(unix)]
fn signal(status: &ExitStatus) -> Option<i32> {
    std::os::unix::process::ExitStatusExt::signal(status)
}

/// Elsewhere an aborted process ends with a status of its own.
#[cfg(not(unix))]
fn signal(status: &ExitStatus) -> Option<i32> {
    // STATUS_FATAL_APP_EXIT and the fast-fail that Rust's abort uses.
    matches!(status.code().map(|it| it as u32), Some(0x4000_0015 | 0xC000_0409)).then_some(6)
}
