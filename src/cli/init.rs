//! `hotpass init`: writes a small workspace that checks and builds at once. Nothing that is there is overwritten
//! unless that is asked for.
//!
//! Templates lie in `pipelines/templates/NAME/` and are part of the program.

use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde_json::json;

use crate::cli::Answer;
use crate::cli::args::Format;
use crate::problem::{Code, Problem, did_you_mean};
use crate::show::{count, json_line, line};

/// A template that does not exist.
pub const UNKNOWN_TEMPLATE: Code = Code::error("hotpass::init::unknown_template");
/// A file that is there already.
pub const FILE_EXISTS: Code = Code::error("hotpass::init::file_exists");

/// All codes of this module.
pub const CODES: &[&Code] = &[&UNKNOWN_TEMPLATE, &FILE_EXISTS];

/// The template that is written unless another one is named.
pub const DEFAULT: &str = "contacts";

/// What a workspace may begin with.
pub const TEMPLATES: &[Template] = &[
    Template {
        name: "contacts",
        summary: "two deliveries of contacts become one checked table",
        files: &[
            ("hotpass.toml", include_str!("../../pipelines/templates/contacts/hotpass.toml")),
            ("data/register.csv", include_str!("../../pipelines/templates/contacts/data/register.csv")),
            ("data/newsletter.csv", include_str!("../../pipelines/templates/contacts/data/newsletter.csv")),
        ],
    },
    Template {
        name: "minimal",
        summary: "one file in, one file out",
        files: &[
            ("hotpass.toml", include_str!("../../pipelines/templates/minimal/hotpass.toml")),
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
        write(&place, text, force).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists if !force => taken(&[path]),
            _ => InitError::Io { path: place, error },
        })?;
    }
    Ok(template)
}

/// What `init` answers.
pub fn written(template: &Template, format: Format) -> Answer {
    let files: Vec<&str> = template.files.iter().map(|(path, _)| *path).collect();
    if format == Format::Json {
        let event = json!({ "v": 1, "event": "init", "template": template.name, "files": files });
        return Answer::of(json_line(&event));
    }
    let list: String = files.iter().map(|it| format!("  {it}\n")).collect();
    Answer::of(format!(
        "wrote {}\n{list}\nnext: `hotpass check`, then `hotpass build`\n",
        count(files.len() as u64, "file")
    ))
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

fn write(place: &Path, text: &str, force: bool) -> io::Result<()> {
    if let Some(folder) = place.parent() {
        fs::create_dir_all(folder)?;
    }
    if force && exists(place) {
        // A link is replaced, not followed.
        fs::remove_file(place)?;
    }
    let mut file = OpenOptions::new().write(true).create_new(true).open(place)?;
    file.write_all(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::world;

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
