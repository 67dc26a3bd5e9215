//! A workspace in a folder of its own, built as a new process would build it, and what its builds say.
//!
//! Only what all tests share is here; what a test expects stands in the test.

use std::collections::BTreeMap;
use std::fmt::{self, Write};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Float64Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, RecordBatch};
use arrow_schema::DataType;
use hotpass::plan::{Plan, Role};
use hotpass::problem::Problem;
use hotpass::run::{self, LockMode, RunOptions, Silent, State, keys};
use hotpass::span::line_and_column;
use hotpass::store::backend::{Engine, EngineFactory};
use hotpass::store::engine::DuckDb;
use hotpass::summary::{Status, StepStatus, Summary};
use hotpass::workspace::session::{Asked, Session, any_error};
use tempfile::TempDir;

/// A workspace.
pub struct Case {
    folder: TempDir,
    /// What every build of it is asked for.
    pub asked: Asked,
}

/// What a build said.
pub struct Report {
    /// How it ended.
    pub status: Status,
    /// Names of the queries that ran, each once, in the order in which they began.
    pub queries: Vec<String>,
    /// The rest of what it said; `None` when the plan had errors and nothing was tried.
    pub summary: Option<Summary>,
    /// Problems of the plan and of the data, as text.
    pub problems: String,
}

impl Case {
    /// A workspace with these files.
    pub fn new<T: AsRef<[u8]>>(files: &[(&str, T)]) -> Case {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path().canonicalize().expect("a path");
        let reader = Some(PathBuf::from(env!("CARGO_BIN_EXE_hotpass")));
        let case = Case { folder, asked: Asked { root, jobs: 2, reader, ..Asked::default() } };
        files.iter().for_each(|(path, text)| case.write(path, text));
        case
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.asked.root.join(path)
    }

    pub fn write(&self, path: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, bytes).expect("written");
    }

    pub fn read(&self, path: &str) -> Vec<u8> {
        fs::read(self.path(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    pub fn text(&self, path: &str) -> String {
        String::from_utf8(self.read(path)).expect("text")
    }

    /// Puts `to` in the place of `from`, which must be there.
    pub fn replace(&self, path: &str, from: &str, to: &str) {
        let text = self.text(path);
        assert!(text.contains(from), "`{path}` has no `{from}`");
        self.write(path, text.replacen(from, to, 1));
    }

    /// Writes in one step, as most editors do: who watches the folder never sees half of a file.
    pub fn save(&self, path: &str, bytes: impl AsRef<[u8]>) {
        let (path, beside) = (self.path(path), self.asked.root.with_extension("saved"));
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(&beside, bytes).expect("written");
        fs::rename(beside, path).expect("in place");
    }

    /// [`Case::replace`] in one step.
    pub fn change(&self, path: &str, from: &str, to: &str) {
        let text = self.text(path);
        assert!(text.contains(from), "`{path}` has no `{from}`");
        self.save(path, text.replacen(from, to, 1));
    }

    pub fn remove(&self, path: &str) {
        let path = self.path(path);
        if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }.expect("removed");
    }

    /// All files of the workspace but the store and `dist`, by path.
    pub fn inputs(&self) -> BTreeMap<String, Vec<u8>> {
        let mut acc = files_beneath(self.folder.path());
        acc.retain(|path, _| path != "hotpass.lock" && !path.starts_with(".hotpass/") && !path.starts_with("dist/"));
        acc
    }

    /// The names of the personal columns of a table.
    pub fn personal(&self, table: &str) -> Vec<String> {
        let events = self.run(&["show", table, "-n", "0", "--format", "json"]).ok().events();
        let columns = events.iter().filter(|it| it["event"] == "column" && it["class"] == "personal");
        columns.map(|it| it["name"].as_str().expect("a name").to_owned()).collect()
    }

    /// All files in `dist`, by path.
    pub fn artefacts(&self) -> BTreeMap<String, Vec<u8>> {
        files_beneath(&self.path("dist"))
    }

    /// The same workspace, never built.
    pub fn fresh(&self) -> Case {
        let files = self.inputs();
        let files: Vec<_> = files.iter().map(|(path, bytes)| (path.as_str(), bytes)).collect();
        let mut case = Case::new(&files);
        case.asked = Asked { root: case.asked.root, ..self.asked.clone() };
        case
    }

    /// What a new process begins with.
    pub fn open(&self) -> Session {
        Session::open(&self.asked, Some(&DuckDb), true).expect("a session")
    }

    /// Builds as a new process would.
    pub fn build(&self) -> Report {
        build(&self.open(), |_, _| ())
    }

    /// Builds as a new process would, with something changed in what it is to do.
    pub fn build_as(&self, change: impl FnOnce(&Plan, &mut RunOptions<'_>)) -> Report {
        build(&self.open(), change)
    }

    /// What is wrong in the workspace, without building it.
    pub fn problems(&self) -> String {
        let session = self.open();
        shown(&session.problems(), &session)
    }

    /// What is wrong with the tests of steps.
    pub fn problems_of_tests(&self) -> String {
        let session = self.open();
        let (_, problems) = hotpass::query::trials(&session.db, session.settings);
        shown(problems, &session)
    }

    /// The rows of a built table as lines of cells, hidden columns left out; rows set aside under `NAME@rejected`.
    pub fn table(&self, name: &str) -> String {
        let tables = self.tables(false);
        let known: Vec<_> = tables.keys().cloned().collect();
        tables.get(name).unwrap_or_else(|| panic!("no table `{name}` among {known:?}")).clone()
    }

    /// The rows of all built tables by name, with or without hidden columns.
    pub fn tables(&self, hidden: bool) -> BTreeMap<String, String> {
        let session = self.open();
        let plan = session.plan();
        let states = run::settle(&plan, &session.journal);
        let mut acc = BTreeMap::new();
        for ((index, table), state) in plan.tables.entries().zip(&states) {
            let State::Materialized(settled) = state else { continue };
            let stored = keys::stored(&plan, index, settled, &session.journal, &session.paths).expect("it is stored");
            let names: Vec<_> = table.schema.columns.iter().filter(|it| hidden || !it.is_hidden()).collect();
            let names: Vec<&str> = names.into_iter().map(|it| it.name.as_str()).collect();
            let mut text = names.join(" | ") + "\n";
            if !names.is_empty() {
                let mut worker = engine().worker().expect("a worker");
                let mut add = |batch: RecordBatch| {
                    (0..batch.num_rows()).for_each(|row| text += &line(&batch, row));
                    Ok(())
                };
                worker.rows(&stored, &names, 0..settled.rows, &mut add).expect("its rows");
            }
            // What stands beside other tables has no name of its own.
            if table.role == Role::Beside {
                continue;
            }
            let suffix = if table.role == Role::Rejects { "@rejected" } else { "" };
            acc.insert(format!("{}{suffix}", table.name), text);
        }
        acc
    }
}

/// Builds everything in an open session.
pub fn build(session: &Session, change: impl FnOnce(&Plan, &mut RunOptions<'_>)) -> Report {
    session.db.take_ran();
    let plan = session.plan();
    let problems = session.problems();
    let mut queries = Vec::new();
    for name in session.db.take_ran() {
        if !queries.contains(&name) {
            queries.push(name);
        }
    }
    if any_error(&problems) {
        return Report { status: Status::Refused, queries, summary: None, problems: shown(&problems, session) };
    }
    let mut options = RunOptions {
        root: session.root.clone(),
        reader: session.reader.clone(),
        tables: plan.tables.map(|_| true),
        exports: plan.exports.map(|_| true),
        force: plan.tables.map(|_| false),
        first: None,
        keep_going: false,
        overwrite: false,
        jobs: 2,
        cells: run::cells(None),
        factory: Some(&DuckDb),
        setup: session.setup.clone(),
        lock: LockMode::Write,
        profile: session.settings.profile(&session.db).clone(),
        set: session.settings.set(&session.db).clone(),
        cancel: Default::default(),
        limits: Default::default(),
        begun: std::time::Instant::now(),
    };
    change(&plan, &mut options);
    let mut built = run::run(&plan, &session.paths, &session.journal, &options, &Silent).expect("a build");
    session.place_stopped(&plan, &built.stopped, &mut built.summary);
    let all: Vec<Problem> = problems.into_iter().chain(built.summary.problems.iter().cloned()).collect();
    let problems = shown(&all, session);
    Report { status: built.summary.status, queries, summary: Some(built.summary), problems }
}

impl Report {
    /// What was tried.
    pub fn summary(&self) -> &Summary {
        self.summary.as_ref().unwrap_or_else(|| panic!("nothing was tried:\n{}", self.problems))
    }

    /// The same, when all went well.
    pub fn ok(self) -> Report {
        let failures = self.summary.as_ref().map(|it| it.failures.clone());
        assert_eq!(self.status, Status::Ok, "{}\n{failures:?}", self.problems);
        self
    }

    /// `orgs(website, email) clean(email)`: steps and sources that ran, with the columns that were made.
    pub fn ran(&self) -> String {
        let ran = self.summary().steps.iter().filter(|it| it.outcome == StepStatus::Ran);
        let ran: Vec<_> = ran.map(|it| format!("{}({})", it.step, it.columns.join(", "))).collect();
        if ran.is_empty() { "nothing".to_owned() } else { ran.join(" ") }
    }

    /// Names of steps that ran; sources left out.
    pub fn steps(&self) -> String {
        let ran = self.summary().steps.iter().filter(|it| it.outcome == StepStatus::Ran && it.kind != "source");
        let ran: Vec<_> = ran.map(|it| it.step.as_str()).collect();
        if ran.is_empty() { "nothing".to_owned() } else { ran.join(" ") }
    }

    /// Names of checks that were taken.
    pub fn checked(&self) -> String {
        let taken = self.summary().checks.iter().filter(|it| !it.reused && it.held.is_some());
        let taken: Vec<_> = taken.map(|it| it.id.as_str()).collect();
        if taken.is_empty() { "nothing".to_owned() } else { taken.join(" ") }
    }

    /// Paths of artefacts that were written.
    pub fn written(&self) -> String {
        let written = self.summary().artefacts.iter().filter(|it| it.written);
        let written: Vec<_> = written.map(|it| it.path.as_str()).collect();
        if written.is_empty() { "nothing".to_owned() } else { written.join(" ") }
    }

    /// Each check with its verdict.
    pub fn verdicts(&self) -> String {
        let mut text = String::new();
        for it in &self.summary().checks {
            let _ = writeln!(text, "{} {:?} {}/{}", it.id, it.held, it.unexpected, it.considered);
        }
        text
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "queries: {}", self.queries.join(", "))?;
        writeln!(f, "ran: {}", self.ran())?;
        writeln!(f, "checked: {}", self.checked())?;
        write!(f, "written: {}", self.written())
    }
}

/// Problems as text: what a terminal shows, without the pictures.
pub fn shown(problems: &[Problem], session: &Session) -> String {
    let mut text = String::new();
    for it in problems {
        let _ = writeln!(text, "{}: {}", it.code, it.message);
        for label in &it.labels {
            let source = session.text(&label.span.file).unwrap_or_default();
            let (line, column) = line_and_column(&source, label.span.start);
            let here = source.get(label.span.start..label.span.end).unwrap_or_default();
            let here = here.lines().next().unwrap_or_default();
            let _ = writeln!(text, "  {}:{line}:{column} `{here}` {}", label.span.file.display(), label.text);
        }
        if let Some(help) = &it.help {
            let _ = writeln!(text, "  help: {help}");
        }
    }
    text
}

/// One engine to look at tables with.
pub fn engine() -> &'static dyn Engine {
    static ENGINE: OnceLock<Box<dyn Engine>> = OnceLock::new();
    let open = || {
        let folder = std::env::temp_dir().join("hotpass-it");
        let paths = hotpass::store::Paths::new(&folder, None);
        fs::create_dir_all(&folder).and_then(|()| paths.create()).expect("a store");
        let setup = hotpass::store::backend::EngineConfig { paths, threads: 2, memory: None, spill: None, waits: None };
        DuckDb.open(&setup).expect("an engine")
    };
    &**ENGINE.get_or_init(open)
}

/// All files beneath a folder, by path.
pub fn files_beneath(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut acc = BTreeMap::new();
    let mut open = vec![root.to_owned()];
    while let Some(folder) = open.pop() {
        let Ok(entries) = fs::read_dir(folder) else { continue };
        for entry in entries {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(root).expect("beneath").display().to_string();
                acc.insert(name, fs::read(path).expect("a file"));
            }
        }
    }
    acc
}

/// `a | b`: nothing for null, `''` for the empty text.
fn line(batch: &RecordBatch, row: usize) -> String {
    let cells: Vec<_> = batch.columns().iter().map(|it| cell(&**it, row)).collect();
    cells.join(" | ").trim_end().to_owned() + "\n"
}

fn cell(array: &dyn Array, row: usize) -> String {
    if array.is_null(row) {
        return String::new();
    }
    match array.data_type() {
        DataType::Utf8 => match array.as_string::<i32>().value(row) {
            "" => "''".to_owned(),
            text => text.replace('\\', "\\\\").replace('\n', "\\n").replace('|', "\\|"),
        },
        DataType::Int64 => array.as_primitive::<Int64Type>().value(row).to_string(),
        DataType::Float64 => format!("{:?}", array.as_primitive::<Float64Type>().value(row)),
        DataType::Boolean => array.as_boolean().value(row).to_string(),
        DataType::Decimal128(..) => array.as_primitive::<arrow_array::types::Decimal128Type>().value_as_string(row),
        DataType::Date32 => {
            let days = array.as_primitive::<Date32Type>().value(row);
            Date32Type::to_naive_date_opt(days).map_or_else(|| format!("day {days}"), |it| it.to_string())
        }
        DataType::Timestamp(..) => {
            let array = array.as_primitive::<TimestampMicrosecondType>();
            array.value_as_datetime(row).map_or_else(|| "out of range".to_owned(), |it| it.to_string())
        }
        other => panic!("a table holds {other}"),
    }
}

/// A Parquet file with the rows of a statement.
pub fn engine_file(rows: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("rows.parquet");
    let connection = duckdb::Connection::open_in_memory().expect("an engine");
    let copy = format!("COPY ({rows}) TO '{}' (FORMAT parquet)", path.display());
    connection.execute_batch(&copy).expect("written");
    fs::read(path).expect("a file")
}
