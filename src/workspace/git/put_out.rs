//! Puts a revision out into a folder, as a checkout would.
//!
//! `git` runs there in a repository of our own, which has the objects of the other one and none of its settings. A
//! filter runs only if the person who asks has it in the settings of his own, which `git-lfs` writes too; the settings
//! of the repository could name any program, and so could what a filter reads of them. What only says how lines end and
//! what a file system can do is taken over.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use super::{FOREIGN_FILTER, Repository, answer, asked, command};
use crate::escape::line;
use crate::problem::Problem;
use crate::readers::reach::{Reach, copy};

/// Settings of a repository that name no program: words and numbers.
const HARMLESS: [&str; 5] = ["core.autocrlf", "core.eol", "core.symlinks", "core.ignorecase", "core.precomposeunicode"];
/// Settings that define a filter for a checkout.
const FILTERS: &str = r"^filter\..*\.(smudge|process)$";
/// Where a repository has attributes of files that it does not hold.
const ATTRIBUTES: &str = "attributes";

impl Repository {
    /// Puts all files of a commit into `folder`; tells the filters that did not run. `beside` is a folder that is made,
    /// and of no use afterwards.
    ///
    /// # Errors
    /// What `git` says of a commit that it cannot put out, and what the system says of the folders.
    pub fn put_out(&self, commit: &str, folder: &Path, beside: &Path) -> Result<Vec<Problem>, String> {
        let own = Own::new(self, commit, folder, beside)?;
        own.done(&["read-tree", commit])?;
        own.done(&["checkout-index", "--all", "--quiet"]).map_err(|said| {
            let partial = asked(&self.top, &["config", "--get-regexp", r"^remote\..*\.promisor$"]);
            match partial.is_ok_and(|it| it.status.success()) {
                true => {
                    format!("{said}; the clone is partial, and hotpass fetches nothing: `git archive {commit}` does")
                }
                false => said,
            }
        })?;
        Ok(own.foreign(self))
    }
}

/// A repository with the objects of another one, and settings of its own.
struct Own<'a> {
    folder: &'a Path,
    beside: &'a Path,
    objects: PathBuf,
    settings: Vec<OsString>,
}

impl<'a> Own<'a> {
    fn new(of: &Repository, commit: &str, folder: &'a Path, beside: &'a Path) -> Result<Self, String> {
        let world = |error: io::Error| format!("`{}`: {error}", line(&beside.display().to_string()));
        let place = |words: &[&str]| -> Result<PathBuf, String> {
            let output = asked(&of.top, words).map_err(|it| it.message)?;
            said(&output).map(|it| of.top.join(it))
        };
        for it in [folder, &beside.join("refs"), &beside.join("objects"), &beside.join("info")] {
            fs::create_dir_all(it).map_err(world)?;
        }
        let config = match commit.len() {
            64 => "[core]\n\trepositoryformatversion = 1\n\tbare = false\n[extensions]\n\tobjectformat = sha256\n",
            _ => "[core]\n\trepositoryformatversion = 0\n\tbare = false\n",
        };
        fs::write(beside.join("HEAD"), "ref: refs/heads/none\n").map_err(world)?;
        fs::write(beside.join("config"), config).map_err(world)?;
        let info = place(&["rev-parse", "--git-path", "info"])?;
        match Reach::of(&info).open(Path::new(ATTRIBUTES)) {
            Ok(file) => _ = copy(file, &beside.join("info").join(ATTRIBUTES)).map_err(world)?,
            Err(error) if error.kind() == ErrorKind::NotFound => (),
            Err(error) => return Err(world(error)),
        }
        let objects = place(&["rev-parse", "--git-path", "objects"])?;
        let common = place(&["rev-parse", "--git-common-dir"])?;
        Ok(Own { folder, beside, objects, settings: settings(of, &common) })
    }

    fn command(&self) -> Command {
        let mut git = command(self.folder);
        git.env("GIT_DIR", self.beside).env("GIT_WORK_TREE", self.folder).env("GIT_OBJECT_DIRECTORY", &self.objects);
        git.env("GIT_INDEX_FILE", self.beside.join("index"));
        self.settings.iter().for_each(|it| _ = git.arg("-c").arg(it));
        git
    }

    fn done<S: AsRef<OsStr>>(&self, words: &[S]) -> Result<PathBuf, String> {
        said(&answer(self.command().args(words)).map_err(|it| it.message)?)
    }

    /// Of filters that the repository defines and the settings of the person do not, those that a file asks for.
    fn foreign(&self, of: &Repository) -> Vec<Problem> {
        let words = ["config", "-z", "--name-only", "--get-regexp", FILTERS];
        let names = |output: Result<Output, Problem>| -> BTreeSet<String> {
            let text = output.map(|it| String::from_utf8_lossy(&it.stdout).into_owned()).unwrap_or_default();
            let name = |it: &str| Some(it.strip_prefix("filter.")?.rsplit_once('.')?.0.to_owned());
            text.split('\0').filter_map(name).collect()
        };
        let (all, own) = (names(asked(&of.top, &words)), names(answer(self.command().args(words))));
        let asks = |name: &&String| {
            let with = format!(":(attr:filter={name})");
            let listed = answer(self.command().args(["ls-files", "-z", "--", &with]));
            // A name that no such question can hold is told.
            listed.is_ok_and(|it| !it.status.success() || !it.stdout.is_empty())
        };
        let told = |name: &String| {
            let message = format!("the filter `{}` did not run: only the repository defines it", line(name));
            let help = "files that need it are as git stores them; `git config --global` makes it a filter of yours"
                .to_owned();
            Problem::new(&FOREIGN_FILTER, message).help(help)
        };
        all.difference(&own).filter(asks).map(told).collect()
    }
}

/// What a repository says without naming a program, and where `git-lfs` keeps its files.
fn settings(of: &Repository, common: &Path) -> Vec<OsString> {
    let value = |name: &str| {
        let output = asked(&of.top, &["config", "--get", name]).ok().filter(|it| it.status.success())?;
        Some(String::from_utf8_lossy(&output.stdout).trim_end_matches(['\r', '\n']).to_owned())
    };
    let plain = |it: &String| !it.is_empty() && it.bytes().all(|it| it.is_ascii_alphanumeric());
    let harmless = HARMLESS.iter().filter_map(|it| Some(format!("{it}={}", value(it).filter(plain)?).into()));
    let large = common.join(value("lfs.storage").unwrap_or_else(|| "lfs".to_owned()));
    let large = large.is_dir().then(|| {
        let mut acc = OsString::from("lfs.storage=");
        acc.push(large);
        acc
    });
    harmless.chain(large).collect()
}

/// What `git` says, as a path; its complaint where it refuses.
fn said(output: &Output) -> Result<PathBuf, String> {
    match output.status.success() {
        true => Ok(PathBuf::from(String::from_utf8_lossy(&output.stdout).trim_end_matches(['\r', '\n']))),
        false => Err(format!("`git` says: {}", String::from_utf8_lossy(&output.stderr).trim())),
    }
}
