//! The reading child: limits itself first, then reads what it is asked for and answers on standard output.
//!
//! Nothing is printed for people here; the parent explains.

use std::io::{self, BufWriter, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use arrow_ipc::writer::StreamWriter;

use crate::readers::classifier::schema;
use crate::readers::pipe::{BATCH, FAILURE, FOUND, Failure, TRAILER, write_frame};
use crate::readers::problems::{CRASHED, refuse, shown};
use crate::readers::{Found, Limits, ReadError, Request, Trailer, read};

/// Bytes of a request at most.
const MAX_REQUEST: u64 = 16 << 20;

/// What `hotpass --read-source` does: one request as JSON on standard input, frames on standard output.
pub fn child() -> ExitCode {
    let mut text = Vec::new();
    let taken = io::stdin().lock().take(MAX_REQUEST).read_to_end(&mut text);
    let request: Request = match taken.map(|_| serde_json::from_slice(&text)) {
        Ok(Ok(request)) => request,
        _ => return ExitCode::FAILURE,
    };
    // A panic is told to the parent; its words may quote the file.
    std::panic::set_hook(Box::new(|_| ()));
    let mut out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
    let answer = limit(&request.limits)
        .map_err(|error| ReadError::World(format!("the reading process could not limit itself: {error}")))
        .and_then(|()| {
            catch_unwind(AssertUnwindSafe(|| answer(&request, &mut out))).unwrap_or_else(|_| {
                let message = format!("`{}` cannot be read: its content confuses the reader", shown(&request.name));
                Err(refuse(&CRASHED, message, "save it again in the program it comes from, or ask for a new copy"))
            })
        });
    let sent = match answer {
        Ok((_, trailer)) => send(&mut out, TRAILER, &trailer),
        Err(error) => send(&mut out, FAILURE, &Failure::from(error)),
    };
    if sent.is_ok() && out.flush().is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn send(out: &mut impl Write, kind: u8, value: &impl serde::Serialize) -> Result<(), ReadError> {
    let text = serde_json::to_vec(value).map_err(|error| ReadError::World(error.to_string()))?;
    write_frame(out, kind, &text).map_err(gone)
}

fn gone(error: impl std::fmt::Display) -> ReadError {
    ReadError::World(format!("the answer could not be sent: {error}"))
}

fn answer(request: &Request, out: &mut impl Write) -> Result<(Found, Trailer), ReadError> {
    // Both callbacks write to the one stream, in turns.
    let out = std::cell::RefCell::new(out);
    let writer: std::cell::RefCell<Option<StreamWriter<Vec<u8>>>> = std::cell::RefCell::default();
    read(
        request,
        &mut |found| {
            send(&mut *out.borrow_mut(), FOUND, found)?;
            *writer.borrow_mut() =
                Some(StreamWriter::try_new(Vec::new(), &schema(found, request.format, request.part)).map_err(gone)?);
            Ok(())
        },
        &mut |batch| {
            let mut writer = writer.borrow_mut();
            let Some(writer) = writer.as_mut() else { return Err(gone("no columns were found")) };
            writer.write(&batch).map_err(gone)?;
            let piece = std::mem::take(writer.get_mut());
            let mut out = out.borrow_mut();
            write_frame(&mut *out, BATCH, &piece).and_then(|()| out.flush()).map_err(gone)
        },
    )
}

/// Memory, CPU time, open files, nothing written, no core dump, no network and no other program.
#[cfg(unix)]
fn limit(limits: &Limits) -> io::Result<()> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    let set_both = |resource, soft: u64, hard: u64| {
        // A stricter limit that is already there stays.
        let hard = getrlimit(resource).maximum.map_or(hard, |it| it.min(hard));
        setrlimit(resource, Rlimit { current: Some(soft.min(hard)), maximum: Some(hard) }).map_err(io::Error::from)
    };
    let set = |resource, most: u64| set_both(resource, most, most);
    set(Resource::Core, 0)?;
    set(Resource::Fsize, 0)?;
    // Those that the parent had open when it was started count too, and are none of its business.
    let inherited = std::fs::read_dir("/dev/fd").map_or(0, Iterator::count);
    set(Resource::Nofile, 16 + inherited as u64)?;
    // At the soft limit comes a signal that tells what happened, at the hard one the kernel kills without a word.
    let seconds = limits.cpu_seconds.max(1);
    set_both(Resource::Cpu, seconds, seconds.saturating_add(5))?;
    // macOS does not know this limit for what it is.
    #[cfg(not(target_os = "macos"))]
    set(Resource::As, limits.memory_bytes.max(64 << 20))?;
    without_network();
    Ok(())
}

/// Elsewhere the parent's checks and the limits on what is unpacked have to do.
#[cfg(not(unix))]
fn limit(_limits: &Limits) -> io::Result<()> {
    Ok(())
}

/// Takes away sockets and other programs, where the kernel can; the reader needs neither, so that this is a second
/// wall and its absence is no reason not to read.
#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
fn without_network() {
    use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, TargetArch};

    // socket, connect, execve, ptrace, socketpair, execveat
    #[cfg(target_arch = "x86_64")]
    const CALLS: [i64; 6] = [41, 42, 59, 101, 53, 322];
    #[cfg(target_arch = "aarch64")]
    const CALLS: [i64; 6] = [198, 203, 221, 117, 199, 281];
    #[cfg(target_arch = "x86_64")]
    const ARCH: TargetArch = TargetArch::x86_64;
    #[cfg(target_arch = "aarch64")]
    const ARCH: TargetArch = TargetArch::aarch64;
    // EPERM
    let denied = SeccompAction::Errno(1);
    let rules = CALLS.into_iter().map(|it| (it, Vec::new())).collect();
    let filter = SeccompFilter::new(rules, SeccompAction::Allow, denied, ARCH);
    if let Ok(filter) = filter
        && let Ok(program) = BpfProgram::try_from(filter)
    {
        let _ = seccompiler::apply_filter(&program);
    }
}

#[cfg(all(unix, not(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))))]
fn without_network() {}
