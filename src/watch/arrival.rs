//! Files that are on their way: a workbook that is still being copied, one that was emptied to be written anew, one
//! that an editor took away to put another in its place. They are waited for, and then taken as they are.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use crate::readers::reach;

/// How long a file may be gone or empty before that is what was meant.
const GAP: Duration = Duration::from_millis(300);
/// How long a workbook without its end may stay as it is before it is called damaged.
const COPY: Duration = Duration::from_secs(2);
/// How often it is looked at meanwhile.
const PAUSE: Duration = Duration::from_millis(50);
/// In a folder, only what changed so lately can be on its way.
const LATELY: Duration = Duration::from_secs(10);
/// Workbooks that are archives: their end says where everything is.
const ARCHIVES: [&str; 5] = ["xlsx", "xlsm", "xlsb", "xltx", "ods"];
/// The end of an archive is no longer than this.
const LONGEST_END: u64 = 22 + 65_535;

/// What a file looks like while it is waited for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    Gone,
    Empty,
    /// Without its end, of so many bytes, written then.
    Open(u64, Option<SystemTime>),
}

impl State {
    fn patience(self) -> Duration {
        if matches!(self, State::Open(..)) { COPY } else { GAP }
    }
}

/// Files that are waited for, and since when they look as they do.
#[derive(Debug, Default)]
pub(super) struct Arrivals(BTreeMap<PathBuf, (State, Instant)>);

impl Arrivals {
    /// A file to wait for among those that moved, and when to look again; `None` when all of them are to be taken as
    /// they are.
    pub(super) fn wait(&mut self, moved: &[PathBuf], now: Instant) -> Option<(PathBuf, Instant)> {
        let mut found = BTreeMap::new();
        for path in moved {
            match path.is_dir() {
                true => lately(path).into_iter().for_each(|it| found.extend(state(&it).map(|state| (it, state)))),
                false => found.extend(state(path).map(|it| (path.clone(), it))),
            }
        }
        self.0.retain(|path, (state, _)| found.get(path) == Some(state));
        for (path, state) in found {
            self.0.entry(path).or_insert((state, now));
        }
        let waits = self.0.iter().find(|(_, (state, since))| now < *since + state.patience());
        waits.map(|(path, (state, since))| (path.clone(), (now + PAUSE).min(*since + state.patience())))
    }
}

fn is_archive(path: &Path) -> bool {
    path.extension().is_some_and(|it| ARCHIVES.iter().any(|known| it.eq_ignore_ascii_case(known)))
}

/// Workbooks in a folder that changed lately: one that is new there is known to nobody yet.
fn lately(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.flatten().map(|it| it.path()).filter(|it| is_archive(it) && !super::noise::is_noise(it));
    let is_new = |path: &PathBuf| {
        let modified = fs::metadata(path).and_then(|it| it.modified());
        modified.is_ok_and(|it| it.elapsed().is_ok_and(|it| it < LATELY))
    };
    paths.filter(is_new).collect()
}

/// What is to be waited for about a file; `None` when it is whole as far as that can be told.
fn state(path: &Path) -> Option<State> {
    let Ok(metadata) = fs::metadata(path) else { return Some(State::Gone) };
    match metadata.len() {
        _ if !metadata.is_file() => None,
        0 => Some(State::Empty),
        bytes if is_archive(path) && !has_end(path, bytes) => Some(State::Open(bytes, metadata.modified().ok())),
        _ => None,
    }
}

/// Whether an archive ends as archives do. What cannot be read is not waited for; nor is what is no archive at all.
fn has_end(path: &Path, bytes: u64) -> bool {
    let look = || -> std::io::Result<bool> {
        let mut file = reach::open(path)?;
        let mut head = [0; 2];
        file.read_exact(&mut head)?;
        if head != *b"PK" && head != [0, 0] {
            return Ok(true);
        }
        file.seek(SeekFrom::Start(bytes.saturating_sub(LONGEST_END)))?;
        let mut end = Vec::new();
        file.take(LONGEST_END).read_to_end(&mut end)?;
        Ok(end.windows(4).any(|it| it == b"PK\x05\x06"))
    };
    look().unwrap_or(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_on_its_way_is_waited_for_and_then_taken() {
        let folder = tempfile::tempdir().expect("a folder");
        let begun = Instant::now();
        let mut arrivals = Arrivals::default();
        let mut check = |name: &str, bytes: Option<&[u8]>, at: u64, waits: bool| {
            let path = folder.path().join(name);
            match bytes {
                Some(bytes) => fs::write(&path, bytes).expect("written"),
                None => _ = fs::remove_file(&path),
            }
            let now = begun + Duration::from_millis(at);
            let told = arrivals.wait(std::slice::from_ref(&path), now);
            assert_eq!(told.is_some(), waits, "{name} at {at}");
        };
        check("a.csv", Some(b"a,b\n"), 0, false);
        check("a.csv", Some(b""), 10, true);
        check("a.csv", Some(b""), 309, true);
        check("a.csv", Some(b""), 310, false);
        check("a.csv", None, 400, true);
        check("a.csv", None, 700, false);
        check("b.xlsx", Some(b"PK\x03\x04 half"), 0, true);
        check("b.xlsx", Some(b"PK\x03\x04 half and more"), 1900, true);
        check("b.xlsx", Some(b"PK\x03\x04 half and more PK\x05\x06 end"), 2000, false);
        check("c.xlsx", Some(b"no archive"), 0, false);
    }

    #[test]
    fn a_workbook_that_stays_without_its_end_is_taken_at_last() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("b.xlsx");
        fs::write(&path, b"PK\x03\x04 half").expect("written");
        let begun = Instant::now();
        let mut arrivals = Arrivals::default();
        // In its folder it is found as well: nobody knows its name yet.
        for moved in [path, folder.path().to_owned()] {
            let mut wait = |at: u64| arrivals.wait(std::slice::from_ref(&moved), begun + Duration::from_millis(at));
            assert!(wait(0).is_some());
            assert!(wait(1999).is_some());
            assert!(wait(2000).is_none());
            arrivals = Arrivals::default();
        }
    }
}
