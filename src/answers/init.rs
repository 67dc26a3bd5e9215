//! `hotpass init`: a small workspace that checks and builds at once. Nothing that is there is overwritten unless that is
//! asked for.
//!
//! Templates lie in `pipelines/templates/NAME/` and are part of the program; what `--from` proposes is made in `propose`.

mod country;
pub(crate) mod draft;
mod names;
pub(crate) mod propose;
pub(crate) mod scratch;
mod settle;

use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::Value;

use crate::escape::line;
use crate::problem::{Code, Problem, did_you_mean};
use crate::query::WORKSPACE_FILE;
use crate::readers::reach;
use crate::run::warden::Limits;
use crate::store::backend::EngineFactory;
use draft::{Draft, StepStatus, What};
use propose::VerbError;

/// A template that does not exist.
pub const UNKNOWN_TEMPLATE: Code = Code::error("hotpass::init::unknown-template");
/// A file that is there already.
pub const FILE_EXISTS: Code = Code::error("hotpass::init::file-exists");

/// All codes of this module.
pub const CODES: &[&Code] = &[&UNKNOWN_TEMPLATE, &FILE_EXISTS, &propose::NOT_A_BOOK, &propose::NO_TABLE];

/// What a workspace may begin with.
pub const TEMPLATES: &[Template] = &[
    Template {
        name: "contacts",
        summary: "two deliveries of contacts become one checked table",
        files: &[
            ("hotpass.toml", include_str!("../../pipelines/templates/contacts/hotpass.toml")),
            ("tests/organisations.toml", include_str!("../../pipelines/templates/contacts/tests/organisations.toml")),
            ("data/register.csv", include_str!("../../pipelines/templates/contacts/data/register.csv")),
            ("data/newsletter.csv", include_str!("../../pipelines/templates/contacts/data/newsletter.csv")),
        ],
    },
    Template {
        name: "minimal",
        summary: "one file in, one file out",
        files: &[
            ("hotpass.toml", include_str!("../../pipelines/templates/minimal/hotpass.toml")),
            ("tests/clean.toml", include_str!("../../pipelines/templates/minimal/tests/clean.toml")),
            ("data/people.csv", include_str!("../../pipelines/templates/minimal/data/people.csv")),
        ],
    },
];

/// A workspace to begin with.
#[derive(Debug)]
pub struct Template {
    /// How `--template` names it.
    pub name: &'static str,
    /// What it shows, in a few words.
    pub summary: &'static str,
    /// Paths in the workspace, and what stands there.
    pub files: &'static [(&'static str, &'static str)],
}

/// Why nothing, or not everything, was written.
#[derive(Debug)]
pub enum InitError {
    /// What was asked for cannot be done; nothing was written.
    Problem(Box<Problem>),
    /// The world failed.
    Io {
        /// What could not be written.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
}

impl fmt::Display for InitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            InitError::Problem(problem) => f.write_str(&problem.message),
            InitError::Io { path, error } => {
                write!(f, "`{}` cannot be written: {error}", line(&path.display().to_string()))
            }
        }
    }
}

impl std::error::Error for InitError {}

/// Writes a template into a folder, which is made if it is not there. With `force` the files of the template are
/// overwritten; all others stay as they are.
pub fn init(folder: &Path, template: &str, force: bool) -> Result<&'static Template, InitError> {
    let Some(template) = TEMPLATES.iter().find(|it| it.name == template) else {
        let help = did_you_mean(template, TEMPLATES.iter().map(|it| it.name)).unwrap_or_else(|| {
            let all: Vec<_> = TEMPLATES.iter().map(|it| format!("`{}` ({})", it.name, it.summary)).collect();
            format!("there are {}", all.join(" and "))
        });
        let message = format!("there is no template `{}`", line(template));
        return Err(InitError::Problem(Box::new(Problem::new(&UNKNOWN_TEMPLATE, message).help(help))));
    };
    let there: Vec<&str> = template.files.iter().map(|(path, _)| *path).filter(|it| exists(&folder.join(it))).collect();
    if !there.is_empty() && !force {
        return Err(taken(&there));
    }
    for (path, text) in template.files {
        let place = folder.join(path);
        write(&place, text.as_bytes(), force).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists if !force => taken(&[path]),
            _ => InitError::Io { path: place, error },
        })?;
    }
    Ok(template)
}

/// A template that was written.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename = "init")]
pub(crate) struct Written {
    template: &'static str,
    pub(crate) files: Vec<&'static str>,
}

impl From<&'static Template> for Written {
    fn from(it: &'static Template) -> Written {
        Written { template: it.name, files: it.files.iter().map(|(path, _)| *path).collect() }
    }
}

/// A workspace that was proposed and written.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename = "init")]
pub(crate) struct Proposed {
    template: Option<&'static str>,
    pub(crate) files: Vec<String>,
    pub(crate) profile: String,
    pub(crate) tables: Vec<Table>,
    pub(crate) left_out: Vec<Left>,
}

/// A table of it, and what became of its columns.
#[derive(Debug, Serialize)]
pub(crate) struct Table {
    pub(crate) table: String,
    pub(crate) place: String,
    pub(crate) rows: u64,
    set_aside: u64,
    header: Option<Value>,
    pub(crate) certain: usize,
    pub(crate) guessed: usize,
    pub(crate) own: usize,
    pub(crate) empty: usize,
}

/// A sheet that is no table.
#[derive(Debug, Serialize)]
pub(crate) struct Left {
    pub(crate) place: String,
    pub(crate) why: String,
}

impl Proposed {
    fn of(draft: &Draft, files: Vec<String>) -> Proposed {
        let place = |book: &draft::Book, sheet: &draft::Sheet| {
            let sheet = sheet.name.as_ref().map(|it| format!("#{it}")).unwrap_or_default();
            line(&format!("{}{sheet}", book.path))
        };
        let mut left_out = Vec::new();
        for book in &draft.books {
            left_out.extend(book.sheets.iter().filter_map(|sheet| match &sheet.what {
                What::Left(why) => Some(Left { place: place(book, sheet), why: why.clone() }),
                What::Table(_) => None,
            }));
        }
        let table = |book: &draft::Book, sheet: &draft::Sheet, table: &draft::Table| {
            let count = |is: fn(&StepStatus) -> bool| table.columns.iter().filter(|it| is(&it.status)).count();
            Table {
                table: table.name.clone(),
                place: place(book, sheet),
                rows: table.rows,
                set_aside: table.aside,
                header: serde_json::from_str(&table.header.to_string()).ok(),
                certain: count(|it| matches!(it, StepStatus::Field { score, .. } if *score >= 1.0)),
                guessed: count(|it| matches!(it, StepStatus::Field { score, .. } if *score < 1.0)),
                own: count(|it| matches!(it, StepStatus::Own { .. })),
                empty: count(|it| matches!(it, StepStatus::Empty)),
            }
        };
        let tables = draft.tables().map(|(book, sheet, it)| table(book, sheet, it)).collect();
        Proposed { template: None, files, profile: draft.profile.clone(), tables, left_out }
    }
}

/// What a workspace is proposed of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Request<'a> {
    pub(crate) from: &'a [PathBuf],
    pub(crate) profile: Option<&'a str>,
    /// Whether files that are there are overwritten.
    pub(crate) force: bool,
    pub(crate) limits: Limits,
}

/// What was proposed, and the files that were written; nothing without an engine.
pub(crate) fn proposed(
    folder: &Path,
    it: &Request<'_>,
    factory: Option<&'static dyn EngineFactory>,
) -> Result<Option<Proposed>, VerbError> {
    let books = propose::books(it.from, folder)?;
    let places: Vec<PathBuf> = books.iter().map(|(_, to)| folder.join(to)).collect();
    let copied = |at: usize| {
        let own = places[at].canonicalize().unwrap_or_else(|_| places[at].clone());
        own != books[at].0
    };
    let mut writes: Vec<&str> = vec![WORKSPACE_FILE];
    writes.extend(books.iter().enumerate().filter(|(at, _)| copied(*at)).map(|(_, (_, to))| to.as_str()));
    let there: Vec<&str> = writes.iter().copied().filter(|it| exists(&folder.join(it))).collect();
    if !there.is_empty() && !it.force {
        return Err(VerbError::from(taken(&there)));
    }
    let Some(factory) = factory else { return Ok(None) };
    let draft = propose::propose(&books, folder, it.profile, factory, it.limits)?;
    for (at, (from, to)) in books.iter().enumerate().filter(|(at, _)| copied(*at)) {
        let unwritten = |error| InitError::Io { path: PathBuf::from(to), error };
        let bytes = reach::bytes(from).map_err(unwritten)?;
        write(&places[at], &bytes, it.force).map_err(unwritten)?;
    }
    // The pipeline comes last: a workspace is one when it is whole.
    let path = folder.join(WORKSPACE_FILE);
    write(&path, draft.text().as_bytes(), it.force).map_err(|error| InitError::Io { path, error })?;
    let files = writes.into_iter().map(str::to_owned).collect();
    Ok(Some(Proposed::of(&draft, files)))
}

impl From<InitError> for VerbError {
    fn from(error: InitError) -> VerbError {
        match error {
            InitError::Problem(problem) => VerbError::Problem(problem),
            io => VerbError::World(io.to_string()),
        }
    }
}

fn taken(paths: &[&str]) -> InitError {
    let names: Vec<_> = paths.iter().map(|it| format!("`{it}`")).collect();
    let (verb, help) = match paths.len() {
        1 => ("is", "`--force` overwrites it"),
        _ => ("are", "`--force` overwrites them"),
    };
    let message = format!("{} {verb} there already", names.join(", "));
    InitError::Problem(Box::new(
        Problem::new(&FILE_EXISTS, message).help(format!("{help}; `-C DIR` takes another folder")),
    ))
}

/// Also true for a link that leads nowhere: writing would follow it.
fn exists(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

fn write(place: &Path, bytes: &[u8], force: bool) -> io::Result<()> {
    if let Some(folder) = place.parent() {
        fs::create_dir_all(folder)?;
    }
    if force && exists(place) {
        // A link is replaced, not followed.
        fs::remove_file(place)?;
    }
    let mut file = OpenOptions::new().write(true).create_new(true).open(place)?;
    file.write_all(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::test_world as world;

    /// What `init` takes where nothing is named.
    const DEFAULT: &str = "contacts";

    fn problem(folder: &Path, template: &str) -> Problem {
        match init(folder, template, false) {
            Err(InitError::Problem(problem)) => *problem,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn every_template_checks_at_once() {
        for template in TEMPLATES {
            let folder = tempfile::tempdir().expect("a folder");
            init(folder.path(), template.name, false).expect("written");
            let (plan, problems) = world::planned(folder.path());
            assert_eq!(problems, [], "{}", template.name);
            assert!(!plan.exports.is_empty() && !plan.expectations.is_empty() && !plan.needs_engine);
        }
    }

    #[test]
    fn the_default_template_maps_and_merges_two_sources() {
        let folder = tempfile::tempdir().expect("a folder");
        init(&folder.path().join("new/place"), DEFAULT, false).expect("written");
        let (plan, _) = world::planned(&folder.path().join("new/place"));
        let kinds: Vec<_> = plan.tables.iter().filter(|it| it.role.is_listed()).map(|it| it.kind).collect();
        assert_eq!(kinds, ["source", "source", "map", "map", "normalise", "normalise", "merge"]);
        let map = plan.tables.iter().find(|it| it.kind == "map").expect("a map");
        let unmapped: Vec<&str> = map.unmapped.iter().map(|it| it.column.as_str()).collect();
        assert_eq!(unmapped, ["Clerk"]);
    }

    #[test]
    fn nothing_is_overwritten_unless_asked_for() {
        let folder = tempfile::tempdir().expect("a folder");
        let own = folder.path().join("hotpass.toml");
        fs::write(&own, "mine").expect("written");
        let refused = problem(folder.path(), DEFAULT);
        assert_eq!(
            (refused.code.as_str(), refused.message.as_str()),
            (FILE_EXISTS.name, "`hotpass.toml` is there already")
        );
        assert_eq!(fs::read_to_string(&own).expect("it is there"), "mine");
        assert!(!folder.path().join("data").exists(), "nothing is written when anything is refused");
        init(folder.path(), DEFAULT, true).expect("written");
        assert!(fs::read_to_string(&own).expect("it is there").contains("[pipeline]"));
    }

    #[test]
    fn an_unknown_template_is_a_problem() {
        let folder = tempfile::tempdir().expect("a folder");
        assert_eq!(problem(folder.path(), "contcts").help.as_deref(), Some("did you mean `contacts`?"));
        assert!(problem(folder.path(), "").help.is_some_and(|it| it.contains("`minimal` (one file in, one file out)")));
    }
}
