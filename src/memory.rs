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

/// A limit on what this process may ask the system for, as long as this lives.
#[derive(Debug)]
pub struct Cap {
    #[cfg(target_os = "linux")]
    before: rustix::process::Rlimit,
}

impl Cap {
    /// Lets this process ask for so many bytes more than it has: what asks for more at one time is told that there is
    /// none. `None` where the system has no such limit, or a stricter one stands.
    #[cfg(target_os = "linux")]
    pub fn new(bytes: u64) -> Option<Cap> {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

        let before = getrlimit(Resource::Data);
        let has = line(&std::fs::read_to_string("/proc/self/status").ok()?, "VmData:")?;
        let most = (has << 10).checked_add(bytes)?;
        if before.current.is_some_and(|it| it <= most) {
            return None;
        }
        setrlimit(Resource::Data, Rlimit { current: Some(most), maximum: before.maximum.clone() }).ok()?;
        Some(Cap { before })
    }

    /// Other systems have no such limit.
    #[cfg(not(target_os = "linux"))]
    pub fn new(_: u64) -> Option<Cap> {
        None
    }
}

#[cfg(target_os = "linux")]
impl Drop for Cap {
    fn drop(&mut self) {
        let _ = rustix::process::setrlimit(rustix::process::Resource::Data, self.before.clone());
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
