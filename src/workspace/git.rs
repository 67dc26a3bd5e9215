//! A revision of the repository that a workspace is in, as the installed `git` gives it: put out into a folder of its
//! own (`put_out`), without touching the repository, its index or its working tree.
//!
//! The repository came with the workspace, from anybody, so its settings start no program: neither a hook nor what
//! watches its working tree, and nothing is fetched, which its settings could do in ways of their own.

mod put_out;

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::escape::line;
use crate::problem::{Code, Problem, did_you_mean};

/// There is no `git` to ask.
pub const NO_GIT: Code = Code::error("hotpass::git::no-git");
/// The workspace is in no repository.
pub const NO_REPOSITORY: Code = Code::error("hotpass::git::no-repository");
/// The repository has no such branch, tag or commit.
pub const UNKNOWN_REVISION: Code = Code::error("hotpass::git::unknown-revision");

/// A filter that only the repository defines did not run.
pub const FOREIGN_FILTER: Code = Code::warning("hotpass::git::foreign-filter");

/// All codes of this module.
pub const CODES: &[&Code] = &[&NO_GIT, &NO_REPOSITORY, &UNKNOWN_REVISION, &FOREIGN_FILTER];

/// What a hook or an alias may have set, and what is asked here is not about.
const OTHERS: [&str; 7] = [
    "GIT_DIR",
    "GIT_COMMON_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_PREFIX",
    "GIT_OBJECT_DIRECTORY",
    "GIT_NAMESPACE",
];
/// What a repository may have `git` start beside what is asked here: hooks, and what watches its working tree.
const ALONE: [&str; 4] = ["-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false"];
/// No protocol is allowed, and nothing that is missing is fetched: a repository names programs for both.
const OFFLINE: [(&str, &str); 3] =
    [("GIT_ALLOW_PROTOCOL", ""), ("GIT_NO_LAZY_FETCH", "1"), ("GIT_TERMINAL_PROMPT", "0")];

/// The repository that a folder is in.
pub struct Repository {
    /// Its working tree.
    pub top: PathBuf,
}

/// Files of the working tree by what git knows of them, relative to its top.
pub struct Known {
    /// In the index.
    pub tracked: BTreeSet<PathBuf>,
    /// Neither in the index nor ignored.
    pub new: BTreeSet<PathBuf>,
}

impl Repository {
    /// The repository that `folder` is in.
    pub fn of(folder: &Path) -> Result<Repository, Problem> {
        let output = asked(folder, &["rev-parse", "--show-toplevel"])?;
        let top = String::from_utf8_lossy(&output.stdout).trim_end_matches(['\r', '\n']).to_owned();
        match std::fs::canonicalize(&top) {
            Ok(top) if output.status.success() => Ok(Repository { top }),
            _ => {
                let said = String::from_utf8_lossy(&output.stderr);
                let said = said.lines().next().map(|it| format!("`git` says: {}", line(it)));
                let problem = Problem::new(&NO_REPOSITORY, "the workspace is in no repository of git");
                Err(problem.help(said.unwrap_or_else(|| "a run is named without `git:`".to_owned())))
            }
        }
    }

    /// The commit that a branch, a tag or the beginning of a name stands for.
    pub fn commit(&self, revision: &str) -> Result<String, Problem> {
        let exact = format!("{revision}^{{commit}}");
        let words = ["rev-parse", "--verify", "--quiet", "--end-of-options", &exact];
        let output = asked(&self.top, &words)?;
        let commit = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        let is_commit = commit.len() >= 40 && commit.bytes().all(|it| it.is_ascii_hexdigit());
        if output.status.success() && is_commit && !revision.is_empty() {
            return Ok(commit);
        }
        let format = ["for-each-ref", "--format=%(refname:short)", "refs/heads", "refs/tags", "refs/remotes"];
        let names = String::from_utf8_lossy(&asked(&self.top, &format)?.stdout).into_owned();
        let message = format!("the repository has no revision `{}`", line(revision));
        let help = did_you_mean(revision, names.lines());
        let other = || "name a branch, a tag or a commit, as `git log` takes it".to_owned();
        Err(Problem::new(&UNKNOWN_REVISION, message).help(help.unwrap_or_else(other)))
    }

    /// What git knows of the files of the working tree.
    pub fn known(&self) -> Result<Known, Problem> {
        let listed = |words: &[&str]| -> Result<BTreeSet<PathBuf>, Problem> {
            let output = asked(&self.top, words)?;
            let names = output.stdout.split(|it| *it == 0).filter(|it| !it.is_empty());
            Ok(names.map(|it| PathBuf::from(String::from_utf8_lossy(it).into_owned())).collect())
        };
        Ok(Known {
            tracked: listed(&["ls-files", "-z"])?,
            new: listed(&["ls-files", "-z", "--others", "--exclude-standard"])?,
        })
    }
}

/// What `git` answers to these words in this folder.
fn asked<S: AsRef<OsStr>>(folder: &Path, words: &[S]) -> Result<Output, Problem> {
    answer(command(folder).args(words))
}

/// `git` in this folder, before it is told what to do.
fn command(folder: &Path) -> Command {
    let mut git = Command::new("git");
    OTHERS.iter().for_each(|it| _ = git.env_remove(it));
    git.args(ALONE).arg("-C").arg(folder).envs(OFFLINE);
    git.env("LC_ALL", "C").env("GIT_OPTIONAL_LOCKS", "0").stdin(Stdio::null());
    git
}

fn answer(git: &mut Command) -> Result<Output, Problem> {
    git.output().map_err(|error| {
        let reason = match error.kind() {
            io::ErrorKind::NotFound => "it is not on the `PATH`".to_owned(),
            _ => line(&error.to_string()),
        };
        let help = "install git, or compare with a checkout: `--against DIR`".to_owned();
        Problem::new(&NO_GIT, format!("`git` cannot be asked: {reason}")).help(help)
    })
}
