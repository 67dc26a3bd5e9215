//! The folders that the system is asked to watch. Never single files: a save that renames puts another file in the
//! place of the one that was watched.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::Sender;

use notify::event::{AccessKind, AccessMode, EventKind, ModifyKind, RenameMode};
use notify::{ErrorKind, RecommendedWatcher, RecursiveMode, Watcher};

use crate::problem::Problem;
use crate::watch::{Message, Notice, POLLING};

/// Why the system tells nothing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Blind(String);

impl Blind {
    pub(super) fn notice(&self) -> Notice {
        let message = format!("changes are looked for every 2 seconds: {}", self.0);
        let help = "on Linux, `sysctl fs.inotify.max_user_watches` and `max_user_instances` are the limits; \
                    `--poll SECONDS` looks for changes without asking the system";
        Notice::Odd(Box::new(Problem::new(&POLLING, message).help(help.to_owned())))
    }
}

/// The folders that are watched, each as the folder that it was then.
pub(super) struct Folders {
    watcher: RecommendedWatcher,
    watched: BTreeMap<PathBuf, u64>,
}

impl Folders {
    /// Nothing is watched yet; what is heard goes to `news`.
    pub(super) fn open<D: Send + 'static>(news: Sender<Message<D>>) -> Result<Folders, Blind> {
        let hear = move |event: notify::Result<notify::Event>| {
            let Ok(event) = event else {
                let _ = news.send(Message::Missed);
                return;
            };
            if event.need_rescan() {
                let _ = news.send(Message::Missed);
            }
            // Reading changes nothing.
            let written = EventKind::Access(AccessKind::Close(AccessMode::Write));
            if event.kind.is_access() && event.kind != written {
                return;
            }
            let whole = event.kind == written
                || matches!(event.kind, EventKind::Modify(ModifyKind::Name(RenameMode::To | RenameMode::Both)));
            for path in event.paths {
                let _ = news.send(Message::Touched(path, whole));
            }
        };
        let watcher = notify::recommended_watcher(hear).map_err(|error| Blind(error.to_string()))?;
        Ok(Folders { watcher, watched: BTreeMap::new() })
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.watched.len()
    }

    /// Watches the folders of these files, and no others; whether one is new among them.
    pub(super) fn follow(&mut self, root: &Path, paths: &[PathBuf]) -> Result<bool, Blind> {
        let wanted = wanted(root, paths);
        let gone: Vec<_> = self
            .watched
            .iter()
            .filter(|(path, id)| wanted.get(*path) != Some(id))
            .map(|(path, _)| path.clone())
            .collect();
        for path in gone {
            // A folder that was removed took its watch with it.
            let _ = self.watcher.unwatch(&path);
            self.watched.remove(&path);
        }
        let mut more = false;
        for (path, id) in wanted {
            if self.watched.contains_key(&path) {
                continue;
            }
            match self.watcher.watch(&path, RecursiveMode::NonRecursive) {
                Ok(()) => {
                    self.watched.insert(path, id);
                    more = true;
                }
                Err(error) => match error.kind {
                    // It went away in between, which its parent tells.
                    ErrorKind::PathNotFound => (),
                    _ if !path.is_dir() => (),
                    _ => return Err(Blind(error.to_string())),
                },
            }
        }
        Ok(more)
    }
}

/// The nearest folder there is for every path, and those above it in the workspace: a folder that is put in the place
/// of another is told by its parent.
fn wanted(root: &Path, paths: &[PathBuf]) -> BTreeMap<PathBuf, u64> {
    let mut places: BTreeSet<PathBuf> = BTreeSet::from([root.to_owned()]);
    for path in paths {
        places.extend(path.parent().map(Path::to_owned));
        let link = fs::symlink_metadata(path).is_ok_and(|it| it.is_symlink());
        if link && let Ok(target) = fs::canonicalize(path) {
            places.extend(target.parent().map(Path::to_owned));
        }
        if path.is_dir() {
            places.insert(path.clone());
        }
    }
    let mut acc = BTreeMap::new();
    for place in &places {
        let mut missing = true;
        for folder in place.ancestors() {
            let known = acc.contains_key(folder);
            if let (false, Some(id)) = (known, identity(folder)) {
                acc.insert(folder.to_owned(), id);
            }
            missing &= !acc.contains_key(folder);
            let inside = folder.strip_prefix(root).is_ok_and(|it| it != Path::new("") && !it.starts_with(".."));
            if !missing && (known || !inside) {
                break;
            }
        }
    }
    acc
}

/// What tells one folder from another of the same name; `None` when there is none.
fn identity(folder: &Path) -> Option<u64> {
    let metadata = fs::metadata(folder).ok().filter(fs::Metadata::is_dir)?;
    #[cfg(unix)]
    return Some(std::os::unix::fs::MetadataExt::ino(&metadata));
    #[cfg(not(unix))]
    Some(u64::from(metadata.is_dir()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_watched_and_for_what_is_not_there_the_nearest_one() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path().join("w");
        fs::create_dir_all(root.join("pipelines/crm")).expect("made");
        fs::create_dir_all(folder.path().join("beside/deep")).expect("made");
        fs::write(root.join("hotpass.toml"), "").expect("written");
        let check = |paths: &[&str], expected: &[&str]| {
            let paths: Vec<_> = paths.iter().map(|it| root.join(it)).collect();
            let found: Vec<_> = wanted(&root, &paths).into_keys().collect();
            let expected: Vec<_> = expected.iter().map(|it| folder.path().join(it)).collect();
            assert_eq!(found, expected, "{paths:?}");
        };
        check(&[], &["w"]);
        check(&["hotpass.toml", "pipelines"], &["w", "w/pipelines"]);
        check(&["pipelines/crm/x.toml"], &["w", "w/pipelines", "w/pipelines/crm"]);
        check(&["data/july/x.csv"], &["w"]);
        check(&["../beside/deep/x.csv"], &["w", "w/../beside/deep"]);
    }

    #[test]
    fn a_limit_of_the_system_is_told_with_what_to_do() {
        let Notice::Odd(problem) = Blind("limit reached".to_owned()).notice() else { panic!("no problem") };
        assert_eq!(problem.code, POLLING.name);
        assert!(problem.help.is_some_and(|it| it.contains("--poll")));
    }
}
