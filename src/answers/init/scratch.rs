//! A place where a proposal is tried before anything is written: copies of the files, planned and built as they will be.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::answers::init::draft::{Draft, text};
use crate::plan::Plan;
use crate::problem::{Problem, Severity};
use crate::query::{self, Merged, WORKSPACE_FILE};
use crate::readers::reach::{self, Reach};
use crate::readers::{Format, Found, Header, Known, Part, Request};
use crate::run::warden::Limits;
use crate::run::{self, LockMode};
use crate::scratch::Scratch as Folder;
use crate::store::backend::EngineFactory;
use crate::summary::{StepStatus, Summary};
use crate::system::Unknown;
use crate::workspace::options::options;
use crate::workspace::session::{Asked, Session, any_error};

/// How many checks are taken in one build.
const TOGETHER: usize = 80;

/// A place where a proposal is tried.
pub(crate) struct Scratch {
    folder: Folder,
    jobs: usize,
    factory: &'static dyn EngineFactory,
    limits: Limits,
}

/// What a check counted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Counted {
    /// Rows that count.
    pub(crate) considered: u64,
    /// Those that are as expected.
    pub(crate) held: u64,
}

impl Counted {
    /// The share that holds; none of nothing.
    pub(crate) fn share(self) -> f64 {
        self.held as f64 / self.considered.max(1) as f64
    }
}

/// What trying a proposal told.
#[derive(Default)]
pub(crate) struct Tried {
    /// Checks by id.
    pub(crate) counted: BTreeMap<String, Counted>,
    /// Rows by source.
    pub(crate) rows: BTreeMap<String, u64>,
    /// Rows that were set aside, by source.
    pub(crate) aside: BTreeMap<String, u64>,
    /// Tables that cannot be made, each with the reason.
    pub(crate) failed: BTreeMap<String, String>,
}

/// What may go wrong beside the files themselves.
pub(crate) type World<T> = Result<T, String>;

impl Scratch {
    /// A place with copies of `books`: where each is, and where it will be in the workspace. The profiles of the
    /// workspace count too.
    pub(crate) fn new(
        books: &[(PathBuf, String)],
        workspace: &Path,
        factory: &'static dyn EngineFactory,
        limits: Limits,
    ) -> World<Scratch> {
        let told = |error: std::io::Error| error.to_string();
        let folder = Folder::new().map_err(told)?;
        for (from, to) in books {
            let to = folder.path().join(to);
            to.parent().map_or(Ok(()), std::fs::create_dir_all).map_err(told)?;
            reach::open(from)
                .and_then(|it| reach::copy(it, &to))
                .map_err(|error| format!("`{}`: {error}", from.display()))?;
        }
        let own = Reach::of(workspace);
        for (name, _) in own.list(Path::new("profiles")).iter().filter(|(it, folder)| !folder && it.ends_with(".toml"))
        {
            let path = Path::new("profiles").join(name);
            std::fs::create_dir_all(folder.path().join("profiles")).map_err(told)?;
            let copied = own.open(&path).and_then(|it| reach::copy(it, &folder.path().join(&path)));
            copied.map_err(|error| format!("`{}`: {error}", path.display()))?;
        }
        let jobs = crate::threads::processors();
        Ok(Scratch { folder, jobs, factory, limits })
    }

    fn asked(&self) -> Asked {
        let root = self.folder.path().canonicalize().unwrap_or_else(|_| self.folder.path().to_owned());
        Asked { root, jobs: self.jobs, limits: self.limits, ..Asked::default() }
    }

    /// Opens the place with this pipeline.
    pub(crate) fn open(&self, pipeline: &str) -> World<Session> {
        let told = |error: std::io::Error| error.to_string();
        std::fs::write(self.folder.path().join(WORKSPACE_FILE), pipeline).map_err(told)?;
        Session::open(&self.asked(), Some(self.factory), true).map_err(told)
    }

    /// What stands at the head of a file; the reason when it cannot be read so.
    pub(crate) fn head(
        &self,
        session: &Session,
        path: &str,
        request: Extent<'_>,
    ) -> World<Result<Found, Box<Problem>>> {
        let system = crate::db::Db::system(&session.db);
        let path = Path::new(path);
        let Some(format) = Format::of_path(path) else {
            return Err(format!("`{}` is neither a workbook nor delimited text", path.display()));
        };
        let Some(digest) = system.fingerprint(path) else { return Err(format!("`{}` is gone", path.display())) };
        let mut asked = Request::new(system.absolute(path), path.display().to_string(), format);
        match request {
            Extent::Contents => asked.part = Part::Contents,
            Extent::Table(sheet) | Extent::Headless(sheet) => {
                asked.options.sheet = sheet.map(str::to_owned);
                asked.options.header =
                    if matches!(request, Extent::Table(_)) { Header::Detect } else { Header::Absent };
                let tab = path.extension().is_some_and(|it| it.eq_ignore_ascii_case("tsv"));
                asked.options.delimiter = tab.then(|| "\t".to_owned());
            }
        }
        match system.header(&asked, &Known::default(), &digest) {
            Ok(found) => Ok(Ok(found)),
            Err(Unknown::Problem(problem)) => Ok(Err(problem)),
            Err(Unknown::World(reason)) => Err(reason),
            Err(Unknown::NeedsEngine) => Err("only the engine can check this".to_owned()),
        }
    }

    /// A session without a pipeline.
    pub(crate) fn bare(&self) -> World<Session> {
        self.open("")
    }

    /// Names of profiles; those that know least come first.
    pub(crate) fn profiles(&self) -> World<Vec<(String, Merged)>> {
        let session = self.bare()?;
        let names = query::profile_names(&session.db).into_iter();
        let mut all: Vec<_> = names.map(|it| (it.clone(), query::merged(&session.db, &it, None))).collect();
        all.retain(|(_, it)| !it.problems.iter().any(|it| it.severity == Severity::Error));
        all.sort_by(|a, b| (a.1.layers.len(), &a.0).cmp(&(b.1.layers.len(), &b.0)));
        Ok(all)
    }

    /// What would be done.
    pub(crate) fn plan(&self, pipeline: &str) -> World<Arc<Plan>> {
        Ok(self.open(pipeline)?.plan())
    }

    /// Builds a draft with `checks` and tells what they count. Tables are made once; a wide table has many checks,
    /// and each takes its room in a statement.
    pub(crate) fn measure(&self, draft: &Draft, checks: &[String]) -> World<Tried> {
        self.measure_parts(draft, checks, |checks| draft.bare(checks))
    }

    /// The same of its sources alone, as no profile changes them.
    pub(crate) fn measure_sources(&self, draft: &Draft, checks: &[String]) -> World<Tried> {
        if checks.is_empty() {
            return Ok(Tried::default());
        }
        self.measure_parts(draft, checks, |checks| draft.sources(checks))
    }

    fn measure_parts(&self, draft: &Draft, checks: &[String], text: impl Fn(&str) -> String) -> World<Tried> {
        let mut parts = checks.chunks(TOGETHER);
        let mut tried = self.measure_some(draft, &text(&parts.next().unwrap_or_default().concat()))?;
        for part in parts {
            if !tried.failed.is_empty() {
                break;
            }
            tried.counted.extend(self.measure_some(draft, &text(&part.concat()))?.counted);
        }
        Ok(tried)
    }

    fn measure_some(&self, draft: &Draft, pipeline: &str) -> World<Tried> {
        let session = self.open(pipeline)?;
        let (plan, problems) = (session.plan(), session.problems());
        let mut tried = Tried::default();
        if any_error(&problems) {
            self.blame(draft, &mut tried)?;
            if tried.failed.is_empty() {
                let told = problems.iter().find(|it| it.severity == Severity::Error);
                return Err(told.map(|it| it.message.clone()).unwrap_or_default());
            }
            return Ok(tried);
        }
        let asked = self.asked();
        let mut options = options(&session, &plan, &asked);
        (options.lock, options.keep_going) = (LockMode::Leave, true);
        let built = run::run(&plan, &session.paths, &session.journal, &options, &run::Silent);
        let summary = built.map_err(|error| error.to_string())?.summary;
        tell(&summary, &mut tried);
        Ok(tried)
    }

    /// Which tables have problems: each is planned alone.
    fn blame(&self, draft: &Draft, tried: &mut Tried) -> World<()> {
        let names: Vec<String> = draft.tables().map(|(_, _, it)| it.name.clone()).collect();
        for name in names {
            let mut alone = draft.clone();
            for sheet in alone.books.iter_mut().flat_map(|it| &mut it.sheets) {
                let other = matches!(&sheet.what, super::draft::What::Table(it) if it.name != name);
                if other {
                    sheet.what = super::draft::What::Left(String::new());
                }
            }
            let problems = self.open(&alone.bare(""))?.problems();
            if let Some(problem) = problems.iter().find(|it| it.severity == Severity::Error) {
                tried.failed.insert(name, problem.message.clone());
            }
        }
        Ok(())
    }
}

/// What is asked about a file.
#[derive(Clone, Copy)]
pub(crate) enum Extent<'a> {
    /// Its sheets.
    Contents,
    /// The table on a sheet, or in delimited text.
    Table(Option<&'a str>),
    /// The same, where no row names its columns.
    Headless(Option<&'a str>),
}

fn tell(summary: &Summary, tried: &mut Tried) {
    for it in &summary.checks {
        let held = it.considered.saturating_sub(it.unexpected);
        tried.counted.insert(it.id.clone(), Counted { considered: it.considered, held });
    }
    for it in summary.steps.iter().filter(|it| it.kind == "source") {
        if it.outcome == StepStatus::Failed {
            let told = summary.problems.iter().find(|it| it.severity == Severity::Error).map(|it| it.message.clone());
            let reason = told.or_else(|| summary.failures.first().cloned()).unwrap_or_default();
            tried.failed.insert(it.step.clone(), reason);
        }
        tried.rows.insert(it.step.clone(), it.rows.unwrap_or(0));
    }
    for (table, rows) in &summary.set_aside {
        let name = table.rsplit('.').next().unwrap_or(table);
        tried.aside.insert(name.to_owned(), *rows);
    }
}

/// A check that counts and stops nothing.
pub(crate) fn check(table: &str, id: &str, holds: &str, only: Option<&str>) -> String {
    let only = only.map(|it| format!("where = {}\n", text(it))).unwrap_or_default();
    format!("\n[[expect.{table}]]\nid = {}\nholds = {}\n{only}severity = \"warn\"\n", text(id), text(holds))
}
