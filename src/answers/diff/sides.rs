//! The two sides of a comparison: a table as the pipelines make it now, as a run left it, or as another workspace has
//! it. Nothing is read here but records.

use std::path::Path;
use std::sync::Arc;

use crate::digest::Digest;
use crate::escape::line;
use crate::model::Column;
use crate::plan::{Plan, Role, TableMap};
use crate::problem::{Code, Problem, did_you_mean};
use crate::run::{self, State};
use crate::store::Paths;
use crate::store::backend::{EngineError, EngineFactory, Stored, StoredColumn};
use crate::store::journal::Journal;
use crate::store::layout::Depth;
use crate::store::runs::{self, Run};
use crate::workspace::failure::{Failure, failed};
use crate::workspace::lookup::not_made;
use crate::workspace::selectors::LISTED;
use crate::workspace::session::{Asked, Session};

/// A run or workspace that is not there.
pub const UNKNOWN_RUN: Code = Code::error("hotpass::diff::unknown-run");
/// What a run made was dropped.
pub const RUN_IS_GONE: Code = Code::error("hotpass::diff::run-is-gone");

/// How a table is called that stands as the pipelines make it.
pub const NOW: &str = "now";

/// A table as it stands somewhere.
#[derive(Clone, PartialEq, Debug)]
pub struct Side {
    /// A run, or [`NOW`]; with the workspace in front if it is another one.
    pub label: String,
    /// How many rows.
    pub rows: u64,
    /// Columns with their contents.
    pub columns: Vec<(Column, Digest)>,
}

impl Side {
    /// Whether the same stands in both.
    pub fn same(&self, other: &Side) -> bool {
        self.rows == other.rows && self.columns == other.columns
    }

    /// The columns that people see.
    pub fn visible(&self) -> impl Iterator<Item = &(Column, Digest)> {
        self.columns.iter().filter(|(it, _)| !it.is_hidden())
    }

    /// The column of this name, hidden ones too.
    pub fn get(&self, name: &str) -> Option<&(Column, Digest)> {
        self.columns.iter().find(|(it, _)| it.name == name)
    }
}

/// Whose memory it is.
enum Origin {
    /// The workspace's own.
    Own,
    /// That of the workspace in another folder, as it was typed.
    Folder(String),
    /// What a revision of the repository makes, which has no runs.
    Revision(String),
}

/// What one workspace remembers.
pub struct Memory {
    origin: Origin,
    journal: Arc<Journal>,
    paths: Paths,
    plan: Arc<Plan>,
    states: TableMap<State>,
    /// Runs that can be read, newest first.
    runs: Vec<Run>,
}

impl Memory {
    /// Of an open workspace.
    pub fn of(session: &Session, plan: &Arc<Plan>) -> Memory {
        // What was deleted by hand or by `gc` is not there, whatever the journal says.
        session.journal.forget_lost(&session.paths);
        let runs = runs::names(&session.paths).iter().rev().filter_map(|it| runs::read(&session.paths, it)).collect();
        let states = run::settle(plan, &session.journal);
        let (journal, paths) = (Arc::clone(&session.journal), session.paths.clone());
        Memory { origin: Origin::Own, journal, paths, plan: Arc::clone(plan), states, runs }
    }

    /// Of the workspace in another folder.
    pub fn at(folder: &Path, asked: &Asked, factory: &'static dyn EngineFactory) -> Result<Memory, Failure> {
        let typed = line(&folder.display().to_string());
        let root = std::fs::canonicalize(folder).ok().filter(|it| crate::workspace::root::is_workspace(it));
        let Some(root) = root else {
            let message = format!("`{typed}` is not a workspace");
            let help = "name a folder with `hotpass.toml` or `pipelines/` that was built, such as a second checkout";
            return Err(Failure::Problem(Box::new(Problem::new(&UNKNOWN_RUN, message).help(help.to_owned()))));
        };
        let state = std::env::var_os("HOTPASS_STATE_DIR").map(|it| root.join(it));
        let asked = Asked { root, state, ..asked.clone() };
        let paths = Paths::new(&asked.root, asked.state.as_deref());
        paths.inspect(Depth::All).map_err(Failure::Problem)?;
        let session = Session::open(&asked, Some(factory), false).map_err(|it| failed(EngineError::from(it)))?;
        let plan = session.plan();
        Ok(Memory { origin: Origin::Folder(typed), ..Memory::of(&session, &plan) })
    }

    /// Of a revision that was made in the store of the workspace.
    pub fn of_revision(session: &Session, plan: &Arc<Plan>, label: String) -> Memory {
        Memory { origin: Origin::Revision(label), runs: Vec::new(), ..Memory::of(session, plan) }
    }

    fn label(&self, run: &str) -> String {
        match &self.origin {
            Origin::Own => run.to_owned(),
            Origin::Folder(folder) => format!("{folder}: {run}"),
            Origin::Revision(label) => label.clone(),
        }
    }

    /// The table as it stands: as the pipelines make it, or as the last run left it that had it.
    pub fn standing(&self, table: &str) -> Result<Side, Failure> {
        let found = self.now(table).or_else(|| self.past(table).next());
        found.ok_or_else(|| match &self.origin {
            Origin::Revision(label) => {
                let known = self.plan.tables.iter().map(|it| it.name.to_string()).collect::<Vec<_>>();
                let help = did_you_mean(table, known.iter().map(String::as_str));
                refused(format!("`{label}` has no `{table}`"), help.unwrap_or_else(|| LISTED.to_owned()))
            }
            _ => not_made(table),
        })
    }

    /// The table as the pipelines make it, if all of it is made.
    pub fn now(&self, table: &str) -> Option<Side> {
        let named = |role: Role, name: &str| match role {
            Role::Rejects => table.strip_suffix(REJECTED) == Some(name),
            role => role.is_listed() && table == name,
        };
        let at = self.plan.tables.position(|it| named(it.role, &it.name.to_string()))?;
        let State::Materialized(settled) = &self.states[at] else { return None };
        let columns = self.plan.tables[at].schema.columns.iter().cloned().zip(settled.columns.iter().copied());
        Some(Side { label: self.label(NOW), rows: settled.rows, columns: columns.collect() })
    }

    /// The table as each run left it, newest first.
    pub fn past<'a>(&'a self, table: &'a str) -> impl Iterator<Item = Side> + 'a {
        self.runs.iter().filter_map(move |it| self.left(it, table))
    }

    /// The table as each run left it, newest first, with the run.
    pub fn left_by_runs<'a>(&'a self, table: &'a str) -> impl Iterator<Item = (&'a Run, Side)> + 'a {
        self.runs.iter().filter_map(move |it| Some((it, self.left(it, table)?)))
    }

    /// The run of this name.
    pub fn run(&self, id: &str) -> Option<&Run> {
        self.runs.iter().find(|it| it.id == id)
    }

    /// The names of all tables that any run left, more than once where several did.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.runs.iter().flat_map(|it| &it.tables).map(|it| it.name.as_str())
    }

    fn left(&self, run: &Run, table: &str) -> Option<Side> {
        let found = run.tables.iter().find(|it| it.name == table)?;
        Some(Side { label: self.label(&run.id), rows: found.rows, columns: found.columns.clone() })
    }

    /// Full names of all tables that any run left, as far as they end in `name`.
    pub fn called(&self, name: &str) -> Option<String> {
        let is = |it: &str| it == name || it.split_once('.').is_some_and(|(_, it)| it == name);
        self.runs.iter().flat_map(|it| &it.tables).find(|it| is(&it.name)).map(|it| it.name.clone())
    }

    /// What a word names: `now`, `last`, `last~N`, or the beginning of the name of a run.
    pub fn named(&self, word: &str, table: &str) -> Result<Side, Failure> {
        if word == NOW {
            return self.now(table).ok_or_else(|| {
                let message = format!("`{table}` is not computed for the current pipelines and data");
                refused(message, format!("`hotpass build {table}` computes it; `--to last` compares with the last run"))
            });
        }
        let back = match word.strip_prefix("last") {
            Some("") => Some(0),
            Some(rest) => rest.strip_prefix('~').and_then(|it| it.parse::<usize>().ok()),
            None => None,
        };
        let run = match back {
            Some(back) => self.runs.get(back),
            None => {
                let mut found = self.runs.iter().filter(|it| it.id.starts_with(word));
                match (found.next(), found.next()) {
                    (Some(run), None) => Some(run),
                    (Some(_), Some(_)) => {
                        let message = format!("several runs begin with `{}`", line(word));
                        return Err(refused(message, self.known()));
                    }
                    _ => None,
                }
            }
        };
        let Some(run) = run else {
            return Err(refused(format!("there is no run `{}`", line(word)), self.known()));
        };
        self.left(run, table).ok_or_else(|| refused(format!("run `{}` left no `{table}`", run.id), self.known()))
    }

    /// The last runs, for a help.
    fn known(&self) -> String {
        const MOST: usize = 5;
        let names: Vec<String> = self.runs.iter().take(MOST).map(|it| format!("`{}`", it.id)).collect();
        match names.len() {
            0 => "no run is recorded; `hotpass build` records one whenever it makes something".to_owned(),
            n if n < self.runs.len() => format!("the last ones are {}; `gc` keeps ten", names.join(", ")),
            _ => format!("there are {}; `gc` drops the oldest", names.join(", ")),
        }
    }

    /// Where the columns of a table stand, hidden ones too; refused when `gc` took any.
    pub fn stored(&self, side: &Side, table: &str) -> Result<Stored, Failure> {
        let place = |(column, digest): &(Column, Digest)| {
            let (segment, index) = self.journal.known(|it| it.place(digest))?;
            Some(StoredColumn { column: column.clone(), digest: *digest, place: (self.paths.segment(&segment), index) })
        };
        let columns: Option<Vec<_>> = side.columns.iter().map(place).collect();
        let columns = columns.ok_or_else(|| {
            let message = format!("what `{table}` held in `{}` is not kept any more", side.label);
            let help = "`hotpass gc` drops what no kept run made; `hotpass gc --keep-runs N` keeps more runs";
            Failure::Problem(Box::new(Problem::new(&RUN_IS_GONE, message).help(help.to_owned())))
        })?;
        Ok(Stored { rows: side.rows, columns })
    }
}

/// What stands behind the name of a table for the rows that it set aside.
pub const REJECTED: &str = "__rejected";

fn refused(message: String, help: String) -> Failure {
    Failure::Problem(Box::new(Problem::new(&UNKNOWN_RUN, message).help(help)))
}
