//! What every command that looks at a workspace begins with: the store's memory, the query database, the plan.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::db::{Db, RootDb, Settings};
use crate::history::{self, History};
use crate::lock::Lock;
use crate::memory::Cap;
use crate::pipeline::environment::Environment;
use crate::plan::{Plan, PlannedGate};
use crate::problem::{Problem, Severity};
use crate::query::{self, Drifted, WORKSPACE_FILE};
use crate::readers::reach::Reach;
use crate::run;
use crate::run::warden::Limits;
use crate::run::world::World;
use crate::span::Span;
use crate::store::Paths;
use crate::store::backend::{Engine, EngineConfig, EngineFactory};
use crate::store::engine_cache::EngineCache;
use crate::store::journal::Journal;
use crate::summary::Summary;
use crate::threads;
use crate::workspace::programs;

/// Who is told what happens on the side.
#[derive(Clone, Copy, Debug, Default)]
pub struct Listener {
    /// Something to be noted.
    pub note: Option<fn(&str)>,
    /// Somebody who has the store alone is waited for.
    pub waits: Option<fn()>,
}

impl Listener {
    fn note(self, text: &str) {
        if let Some(note) = self.note {
            note(text);
        }
    }
}

/// What was asked for of a workspace.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// The workspace.
    pub root: PathBuf,
    /// Where its state is, if not in `.hotpass/`.
    pub state: Option<PathBuf>,
    /// `--profile`.
    pub profile: Option<String>,
    /// `--set`.
    pub set: BTreeMap<String, String>,
    /// `--env`.
    pub environment: Option<String>,
    /// Threads.
    pub jobs: usize,
    /// `--memory`, `--timeout` and `--step-timeout`.
    pub limits: Limits,
    /// `--spill`.
    pub spill: Option<PathBuf>,
    /// The program that reads workbooks in a child, if not the thin one: this program, or the one beside it.
    pub reader: Option<PathBuf>,
    /// Who is told what happens on the side.
    pub listener: Listener,
}

impl Asked {
    /// Paths of the store.
    pub fn paths(&self) -> Paths {
        Paths::new(&self.root, self.state.as_deref()).of_environment(self.environment.as_deref())
    }
}

/// An open workspace.
#[derive(Clone)]
pub struct Session {
    /// The workspace.
    pub root: PathBuf,
    /// Paths of its store.
    pub paths: Paths,
    /// What is made.
    pub journal: Arc<Journal>,
    /// The query database.
    pub db: RootDb,
    /// What was asked for.
    pub settings: Settings,
    /// The engine, in the program that has one.
    pub factory: Option<Arc<EngineCache>>,
    /// How the engine is set up.
    pub setup: EngineConfig,
    /// The program that reads workbooks in a child.
    pub reader: PathBuf,
    /// What a build of it may take.
    pub limits: Limits,
    /// Holds for planning too: binding a query runs what is constant in it.
    pub cap: Option<Arc<Cap>>,
}

impl Session {
    /// Opens a workspace. `remembers` lets what planning finds out be written to the journal.
    pub fn open(
        asked: &Asked,
        factory: Option<&'static dyn EngineFactory>,
        remembers: bool,
    ) -> std::io::Result<Session> {
        let cap = asked.limits.cap().map(Arc::new);
        let root = asked.root.clone();
        let paths = asked.paths();
        if remembers && paths.retire()? {
            asked
                .listener
                .note("the state folder is from an older version of hotpass: this build recomputes everything");
        }
        let journal = Arc::new(Journal::open(&paths.journal())?);
        // Whatever is shown or built, no damaged segment is read.
        journal.forget_lost(&paths).iter().for_each(|it| asked.listener.note(&run::damaged(it)));
        let setup = EngineConfig {
            paths: paths.clone(),
            threads: asked.jobs.min(threads::processors()),
            memory: asked.limits.memory,
            spill: asked.spill.clone(),
            waits: asked.listener.waits,
        };
        let reader = asked.reader.clone().map_or_else(programs::reader, Ok)?;
        let factory = factory.map(|it| Arc::new(EngineCache::new(it)));
        let engine = factory.clone().map(|it| (it, setup.clone()));
        let memory = remembers.then(|| paths.clone());
        let world = World::new(root.clone(), reader.clone(), Arc::clone(&journal), memory, engine);
        let mut db = RootDb::new(Arc::new(world));
        let settings = db.settings(asked.profile.clone(), asked.set.clone(), asked.environment.clone());
        Ok(Session { root, paths, journal, db, settings, factory, setup, reader, limits: asked.limits, cap })
    }

    /// `--env`.
    pub fn environment(&self) -> Option<&str> {
        self.settings.environment(&self.db).as_deref()
    }

    /// `--profile` and `--set`.
    pub fn asked_for(&self) -> run::Settings<'_> {
        (self.settings.profile(&self.db), self.settings.set(&self.db))
    }

    /// The plan of everything.
    pub fn plan(&self) -> Arc<Plan> {
        Arc::clone(&query::plan(&self.db, self.settings).plan)
    }

    /// Sources that are not as they were, as far as their heads tell.
    pub fn drifts(&self) -> Vec<Drifted> {
        let recorded = Lock::read(&self.root, self.environment()).ok().flatten();
        recorded.map_or_else(Vec::new, |it| query::drifts(&self.db, self.settings, &it))
    }

    /// Everything that is wrong.
    pub fn problems(&self) -> Vec<Problem> {
        let drifts = self.drifts();
        let told = drifts.iter().flat_map(|it| it.problems(&self.db, self.settings));
        query::check(&self.db, self.settings).iter().cloned().chain(told).collect()
    }

    /// Puts what sources, steps, artefacts, expectations and gates told to the places where they are declared.
    pub fn place(&self, plan: &Plan, told: &[(run::About, Problem)], summary: &mut Summary) {
        for (about, told) in told {
            let Some((span, label)) = self.place_of(plan, *about) else { continue };
            placed(&mut summary.problems, told, &told.clone().label(&span, label));
        }
        for check in &mut summary.checks {
            let Some(told) = check.problem.take() else { continue };
            let mut declared = plan.expectations.iter();
            let declared = declared.find(|it| it.pipeline == check.pipeline && it.declared.id == check.id);
            let masked = declared.is_some_and(|it| it.declared.is_masked());
            let span = declared.zip(plan.pipelines.get(&check.pipeline));
            let span = span.and_then(|(it, file)| {
                let path = format!("{}.{}", it.declared.path, it.declared.kind.name);
                query::place(&self.db, self.settings, file, &path)
            });
            let with_place = match span {
                Some(span) if masked => told.clone().of_people().label(&span, "expected here"),
                Some(span) => told.clone().label(&span, "expected here"),
                None => told.clone(),
            };
            placed(&mut summary.problems, &told, &with_place);
            check.problem = Some(with_place);
        }
        for gate in &mut summary.gates {
            let Some(told) = gate.problem.take() else { continue };
            let declared = plan.gates.iter().find(|it| it.pipeline == gate.pipeline && it.declared.id == gate.id);
            let span = declared.zip(plan.pipelines.get(&gate.pipeline));
            let path = |it: &PlannedGate| format!("{}.id", it.declared.path);
            let span = span.and_then(|(it, file)| query::value_place(&self.db, self.settings, file, &path(it)));
            let with_place = match span {
                Some(span) => told.clone().label(&span, "this gate"),
                None => told.clone(),
            };
            placed(&mut summary.problems, &told, &with_place);
            gate.problem = Some(with_place);
        }
    }

    /// Where something of the plan is declared, and what stands there.
    fn place_of(&self, plan: &Plan, about: run::About) -> Option<(Span, &'static str)> {
        let (name, ways) = match about {
            run::About::Table(it) => {
                let ways = [("step", "this step"), ("source", "this source")];
                (&plan.tables[it].name, ways.to_vec())
            }
            run::About::Export(it) => (&plan.exports[it].name, vec![("export", "this artefact")]),
            run::About::Workspace => {
                let span = query::place(&self.db, self.settings, Path::new(WORKSPACE_FILE), "workspace");
                return span.map(|it| (it, "this workspace"));
            }
        };
        let file = plan.pipelines.get(&name.pipeline)?;
        ways.into_iter().find_map(|(kind, label)| {
            let span = query::place(&self.db, self.settings, file, &format!("{kind}.{}", name.name));
            span.map(|it| (it, label))
        })
    }

    /// Puts what stopped steps to the word of the query, or to the expression, that it comes from.
    pub fn place_stopped(&self, plan: &Plan, stopped: &[run::Stopped], summary: &mut Summary) {
        for it in stopped {
            let name = &plan.tables[it.table].name;
            let Some(file) = plan.pipelines.get(&name.pipeline) else { continue };
            let step = format!("step.{}", name.name);
            let column = it.column.as_ref().map(|it| format!("columns.{it}"));
            let keys = column.into_iter().chain(["where".to_owned(), "query".to_owned()]);
            let value = |key: String| query::value_place(&self.db, self.settings, file, &format!("{step}.{key}"));
            let span = keys.into_iter().find_map(value);
            let span = span.or_else(|| query::place(&self.db, self.settings, file, &step));
            let source = format!("source.{}", name.name);
            let span = span.or_else(|| query::place(&self.db, self.settings, file, &source));
            let Some(span) = span else { continue };
            let with_place = it.problem.clone().label(&span, "it stops here");
            let pointed = it.at.map(|at| query::pointed_at(&self.db, with_place.clone(), at));
            let with_place = pointed.unwrap_or(with_place);
            placed(&mut summary.problems, &it.problem, &with_place);
        }
    }

    /// Paths that are not as the database has them. A history that took lines of builds is as it was: what they add
    /// changes no verdict of what stands.
    pub fn moved(&self) -> Vec<PathBuf> {
        let mut moved = self.db.moved();
        let history = history::file(self.environment());
        moved.retain(|it| *it != history || !self.history_grew());
        moved
    }

    /// Whether the history is as the database has it, but for whole lines at its end.
    pub fn history_grew(&self) -> bool {
        let path = history::file(self.environment());
        let known = query::source_text(&self.db, self.db.file(&path)).as_deref().unwrap_or_default();
        let now = text_of(&self.root, &path).unwrap_or_default();
        now.strip_prefix(known).is_some_and(|added| History::parse(added).1.is_empty())
    }

    /// The text of a file of the workspace, or of a shipped profile.
    pub fn text(&self, path: &Path) -> Option<String> {
        text_of(&self.root, path)
    }
}

/// Puts one problem that was told into the place of its like without a place: as many as were told are told, each with
/// its own.
fn placed(problems: &mut [Problem], told: &Problem, with_place: &Problem) {
    if let Some(it) = problems.iter_mut().find(|it| *it == told) {
        *it = with_place.clone();
    }
}

/// Who is told of problems on the way, each time with the workspace that they are of.
pub(crate) type Teller<'a> = &'a dyn Fn(&Path, &[Problem]);

/// What stands is looked at with these: the workspace, its engine and the plan of everything.
pub(crate) type Open<'a> = (&'a Session, &'a dyn Engine, &'a Plan);

/// The text of a file of a workspace, or of a shipped profile.
pub fn text_of(root: &Path, path: &Path) -> Option<String> {
    let shipped = query::shipped::text(path).map(str::to_owned);
    shipped.or_else(|| Reach::of(root).text(path).ok())
}

/// Whether nothing can be built.
pub fn any_error(problems: &[Problem]) -> bool {
    problems.iter().any(|it| it.severity == Severity::Error)
}

/// The folder of the manifest of an environment, without planning anything.
pub fn dist(root: &Path, environment: Option<&str>) -> PathBuf {
    let text = Reach::of(root).text(Path::new(WORKSPACE_FILE)).unwrap_or_default();
    query::dist_of(&text, environment)
}

/// Why a workspace has no environment of this name; nothing where it has it.
pub fn missing_environment(root: &Path, name: &str) -> Vec<Problem> {
    let text = Reach::of(root).text(Path::new(WORKSPACE_FILE)).unwrap_or_default();
    query::missing_environment(&text, name)
}

/// The environments that a workspace declares, as far as they can be read.
pub fn environments(root: &Path) -> Vec<Environment> {
    let text = Reach::of(root).text(Path::new(WORKSPACE_FILE)).unwrap_or_default();
    query::environments_of(&text)
}
