//! How much memory the program has taken for itself: its own anonymous memory and that of the processes that read for
//! it. What it maps of files is the system's to take back and does not count.

use std::sync::{Mutex, PoisonError};

/// Processes that this one started and waits for.
static READERS: Mutex<Vec<u32>> = Mutex::new(Vec::new());

/// A process whose memory counts as long as this lives.
#[derive(Debug)]
pub struct Counted(u32);

impl Counted {
    /// Counts the process with this id.
    pub fn new(id: u32) -> Counted {
        readers().push(id);
        Counted(id)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        let mut all = readers();
        if let Some(at) = all.iter().position(|it| *it == self.0) {
            all.swap_remove(at);
        }
    }
}

fn readers() -> std::sync::MutexGuard<'static, Vec<u32>> {
    READERS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A limit on what this process may ask the system for at one time, as long as this lives: a call that asks for more is
/// told that there is none. [`Cap::follow`] moves it along, because much is asked for and never touched.
#[derive(Debug)]
pub struct Cap(());

/// The limit that stood before the [`Cap`] that stands.
#[cfg(target_os = "linux")]
static BEFORE: Mutex<Option<rustix::process::Rlimit>> = Mutex::new(None);

#[cfg(target_os = "linux")]
impl Cap {
    /// Lets this process ask for so many bytes more than it has. `None` where one stands already, the system does not
    /// tell, or a stricter limit stands.
    pub fn new(bytes: u64) -> Option<Cap> {
        let mut standing = BEFORE.lock().unwrap_or_else(PoisonError::into_inner);
        if standing.is_some() {
            return None;
        }
        let before = rustix::process::getrlimit(rustix::process::Resource::Data);
        let_ask(&before, bytes)?;
        *standing = Some(before);
        Some(Cap(()))
    }

    /// The same, counted from what the process has by now. Where no cap stands nothing happens.
    pub fn follow(bytes: u64) {
        if let Some(before) = &*BEFORE.lock().unwrap_or_else(PoisonError::into_inner) {
            let_ask(before, bytes);
        }
    }
}

#[cfg(target_os = "linux")]
fn let_ask(before: &rustix::process::Rlimit, bytes: u64) -> Option<()> {
    let has = line(&std::fs::read_to_string("/proc/self/status").ok()?, "VmData:")?;
    let most = (has << 10).checked_add(bytes)?;
    if before.current.is_some_and(|it| it <= most) {
        return None;
    }
    let limit = rustix::process::Rlimit { current: Some(most), maximum: before.maximum };
    rustix::process::setrlimit(rustix::process::Resource::Data, limit).ok()
}

#[cfg(not(target_os = "linux"))]
impl Cap {
    /// Other systems have no such limit.
    pub fn new(_: u64) -> Option<Cap> {
        None
    }

    /// Nothing to move.
    pub fn follow(_: u64) {}
}

#[cfg(target_os = "linux")]
impl Drop for Cap {
    fn drop(&mut self) {
        if let Some(before) = BEFORE.lock().unwrap_or_else(PoisonError::into_inner).take() {
            let _ = rustix::process::setrlimit(rustix::process::Resource::Data, before);
        }
    }
}

/// Anonymous memory of this process and of those that read for it, in bytes; `None` where the system does not tell.
pub fn anonymous() -> Option<u64> {
    let own = of("self")?;
    // One that has just ended has none.
    Some(readers().iter().filter_map(|it| of(&it.to_string())).sum::<u64>() + own)
}

#[cfg(target_os = "linux")]
fn of(process: &str) -> Option<u64> {
    taken(&std::fs::read_to_string(format!("/proc/{process}/status")).ok()?)
}

#[cfg(not(target_os = "linux"))]
fn of(_: &str) -> Option<u64> {
    None
}

/// What stands in memory and what was swapped out, as `/proc/PID/status` tells it.
#[cfg_attr(not(target_os = "linux"), allow(dead_code, reason = "Linux alone tells"))]
fn taken(status: &str) -> Option<u64> {
    Some((line(status, "RssAnon:")? + line(status, "VmSwap:").unwrap_or(0)) << 10)
}

/// The KiB that a line of it tells.
#[cfg_attr(not(target_os = "linux"), allow(dead_code, reason = "Linux alone tells"))]
fn line(status: &str, name: &str) -> Option<u64> {
    let line = status.lines().find_map(|it| it.strip_prefix(name))?;
    line.trim().trim_end_matches("kB").trim_end().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_in_place_and_swapped_out_counts() {
        let status = "Name:\tx\nRssAnon:\t     116 kB\nRssFile:\t    1592 kB\nVmSwap:\t       4 kB\n";
        assert_eq!(taken(status), Some(120 << 10));
        assert_eq!(taken("RssAnon:\t1 kB\n"), Some(1 << 10));
        assert_eq!(taken("VmRSS:\t1 kB\n"), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_is_written_to_counts() {
        let before = anonymous().expect("Linux tells");
        let page = vec![1_u8; 64 << 20];
        let with = anonymous().expect("Linux tells");
        assert!(page.iter().all(|it| *it == 1) && with >= before + (32 << 20), "{before} {with}");
    }
}
