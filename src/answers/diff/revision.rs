//! A table as a revision of the repository makes it: its pipelines and profiles, and its data as far as git holds them.
//!
//! The revision is put out beside what is being made, planned there, and made in the store of this workspace: what both
//! sides have in common is there already, and nothing is published or recorded. Files that git does not hold are taken
//! from the workspace, and this is told.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::answers::diff::sides::Memory;
use crate::escape::line;
use crate::numbers::count;
use crate::problem::{Code, Problem};
use crate::readers::reach::{self, Reach};
use crate::run::{self, LockMode, RunOptions};
use crate::store::backend::{EngineError, EngineFactory};
use crate::workspace::failure::{Failure, failed};
use crate::workspace::git::Repository;
use crate::workspace::options::options;
use crate::workspace::root::is_workspace;
use crate::workspace::session::{Asked, Session, Teller, any_error};

/// The revision cannot be built.
pub const BROKEN_REVISION: Code = Code::error("hotpass::diff::broken-revision");
/// A file was taken from the workspace because git does not hold it.
pub const NOT_IN_GIT: Code = Code::warning("hotpass::diff::not-in-git");

/// Before the name of a revision.
const GIT: &str = "git:";
/// How often planning may ask for files that it did not know of before.
const ROUNDS: usize = 8;
/// How many files are named that git does not hold.
const NAMED: usize = 5;

/// The revision that a word names, if it names one.
pub(crate) fn named(word: &str) -> Option<&str> {
    word.strip_prefix(GIT)
}

/// What a workspace would remember, had it been built from a revision. Only tables of these names are made.
pub(crate) fn memory(
    session: &Session,
    asked: &Asked,
    revision: &str,
    tables: &[String],
    factory: &'static dyn EngineFactory,
    tell: Teller<'_>,
) -> Result<Memory, Failure> {
    let told = |problem: Problem| Failure::Problem(Box::new(problem));
    let world = |error: std::io::Error| failed(EngineError::from(error));
    let repository = Repository::of(&session.root).map_err(told)?;
    let commit = repository.commit(revision).map_err(told)?;
    let label = format!("{GIT}{} ({})", line(revision), &commit[..12]);
    session.paths.create().map_err(world)?;
    // While this is held nobody clears away what stands in the folder of what is being made.
    let _held = session.paths.join(session.setup.waits).map_err(world)?;
    let scratch = session.paths.temporary("revision-").map_err(world)?;
    let scratch_root = fs::canonicalize(scratch.path()).map_err(world)?;
    let tree = scratch_root.join("tree");
    fs::create_dir(&tree).map_err(world)?;
    let unlike = repository.put_out(&commit, &tree, &scratch_root.join("git")).map_err(Failure::World)?;
    let within = session.root.strip_prefix(&repository.top).unwrap_or(Path::new("")).to_owned();
    let root = tree.join(&within);
    if !is_workspace(&root) {
        let message = format!("`{label}` has no workspace in `{}`", line(&within.display().to_string()));
        let help = "take a later revision, one that has `hotpass.toml` or `pipelines/` there".to_owned();
        return Err(told(Problem::new(&BROKEN_REVISION, message).help(help)));
    }
    let asked = Asked { root: root.clone(), state: Some(session.paths.root().to_owned()), ..asked.clone() };
    let open = || Session::open(&asked, Some(factory), true).map_err(world);
    let mut there = open()?;
    let lent = Lent { repository: &repository, workspace: &session.root, tree: &tree, root: &root };
    let mut taken = Vec::new();
    for _ in 0..ROUNDS {
        there.problems();
        let more = lent.take(&there).map_err(told)?;
        if more.is_empty() {
            break;
        }
        taken.extend(more);
        there = open()?;
    }
    let lacking = (!taken.is_empty()).then(|| not_in_git(&label, &taken));
    let noted: Vec<Problem> = unlike.into_iter().chain(lacking).collect();
    if !noted.is_empty() {
        tell(&root, &noted);
    }
    let plan = there.plan();
    let problems = there.problems();
    let broken = |problems: &[Problem], fact: String| {
        tell(&root, problems);
        let help = "the problems are listed above, with their places in that revision".to_owned();
        told(Problem::new(&BROKEN_REVISION, format!("`{label}` cannot be built: {fact}")).help(help))
    };
    if any_error(&problems) {
        let errors: Vec<Problem> = problems.into_iter().filter(|it| any_error(std::slice::from_ref(it))).collect();
        let fact = format!("it has {}", count(errors.len() as u64, "problem"));
        return Err(broken(&errors, fact));
    }
    let mut wanted = plan.tables.map(|_| false);
    tables.iter().filter_map(|it| plan.table(it)).for_each(|it| wanted[it] = true);
    let exports = plan.exports.map(|_| false);
    let options = RunOptions { tables: wanted, exports, lock: LockMode::Leave, ..options(&there, &plan, &asked) };
    let made = run::make(&plan, &there.paths, &there.journal, &options);
    let made = made.map_err(|it| Failure::World(it.to_string()))?;
    if let Some(failure) = made.failures.first() {
        return Err(Failure::World(format!("`{label}`: {failure}")));
    }
    if any_error(&made.problems) {
        return Err(broken(&made.problems, "a step stops".to_owned()));
    }
    Ok(Memory::of_revision(&there, &plan, label))
}

/// Where files come from that git does not hold.
struct Lent<'a> {
    repository: &'a Repository,
    workspace: &'a Path,
    /// The revision, where it is put out: without links above it.
    tree: &'a Path,
    /// The workspace as the revision has it.
    root: &'a Path,
}

impl Lent<'_> {
    /// Puts what planning asked for, the revision lacks and git does not hold to where the revision would have it.
    ///
    /// What is ignored is not in git on purpose. What is new and not ignored is taken where the pipelines ask for this
    /// very file, or the revision has nothing in its folder; else it is a delivery that the revision did not know.
    /// Pipelines and profiles are those of the revision.
    fn take(&self, there: &Session) -> Result<Vec<PathBuf>, Problem> {
        let mut wanted: Vec<(PathBuf, bool)> = Vec::new();
        for path in there.db.known_paths() {
            let (own, its) = (self.workspace.join(&path), self.root.join(&path));
            let Ok(entries) = fs::read_dir(&own) else {
                wanted.push((path, true));
                continue;
            };
            let bare = !its.is_dir();
            wanted.extend(entries.flatten().map(|it| (path.join(it.file_name()), bare)));
        }
        wanted.retain(|(path, _)| {
            let (own, its) = (self.workspace.join(path), self.root.join(path));
            let is_toml = path.extension().is_some_and(|it| it == "toml");
            own.is_file() && !its.exists() && !is_toml && !climbs(path) && stays(&its, self.tree)
        });
        // A file that was asked for and stands in a folder that was listed is here twice.
        let wanted: BTreeMap<PathBuf, bool> = wanted.into_iter().fold(BTreeMap::new(), |mut acc, (path, asked_for)| {
            *acc.entry(path).or_default() |= asked_for;
            acc
        });
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        let known = self.repository.known()?;
        let within = self.workspace.strip_prefix(&self.repository.top).unwrap_or(Path::new(""));
        let mut taken = Vec::new();
        for (path, asked_for) in wanted {
            let name = within.join(&path);
            if known.tracked.contains(&name) || (known.new.contains(&name) && !asked_for) {
                continue;
            }
            if place(self.workspace, &path, &self.root.join(&path)).is_ok() {
                taken.push(path);
            }
        }
        Ok(taken)
    }
}

/// Whether a path leads out of its folder.
fn climbs(path: &Path) -> bool {
    path.components().any(|it| !matches!(it, std::path::Component::Normal(_) | std::path::Component::CurDir))
}

/// Whether what is put there comes to stand beneath `tree`: a link that the revision holds may lead anywhere.
fn stays(path: &Path, tree: &Path) -> bool {
    let standing = path.ancestors().find_map(|it| fs::canonicalize(it).ok());
    standing.is_some_and(|it| it.starts_with(tree))
}

/// A copy of a file of the workspace at another place. Nothing that stands there is written over: it might be the very file.
fn place(workspace: &Path, path: &Path, to: &Path) -> std::io::Result<()> {
    let from = Reach::of(workspace).open(path)?;
    fs::create_dir_all(to.parent().unwrap_or(to))?;
    reach::copy(from, to).map(|_| ())
}

fn not_in_git(label: &str, taken: &[PathBuf]) -> Problem {
    let names: Vec<String> =
        taken.iter().take(NAMED).map(|it| format!("`{}`", line(&it.display().to_string()))).collect();
    let more = taken.len().saturating_sub(NAMED);
    let more = if more > 0 { format!(" and {}", count(more as u64, "other file")) } else { String::new() };
    let message = format!(
        "{}{more} of `{label}` are taken from the workspace, because git does not contain them",
        names.join(", ")
    );
    let help = "what they held then nobody knows, so what differs comes from the pipelines alone".to_owned();
    Problem::new(&NOT_IN_GIT, message).help(help)
}
