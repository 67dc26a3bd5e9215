//! A condition that is typed on the command line: read as it would be in the file of its pipeline, with the parameters
//! and the profile of that one.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{pointing, profiles, source_text};
use crate::db::{Db, Settings};
use crate::expr::{Expr, Mistake};
use crate::fields::keys::{Key, Keys, Takes};
use crate::fields::{Parameters, Reader, overlaid};
use crate::model::{Schema, Type};
use crate::pipeline::{self, environment};
use crate::problem::Problem;
use crate::steps::mistaken;

/// What the text of a condition is called where it is pointed into.
pub const WHERE: &str = "<where>";

const KEYS: Keys = Keys::of(&[Key::required("where", Takes::Text, "the condition for a row to be shown")]);

/// The line that a condition stands in where it is pointed into: as it would be written in a pipeline.
pub fn as_written(condition: &str) -> String {
    format!("where = {}\n", toml::Value::String(condition.to_owned()))
}

/// Reads a condition over the columns of `table`, for the pipeline in `file`.
///
/// # Errors
///
/// What is wrong with it, pointing into [`as_written`].
pub fn condition(
    db: &dyn Db,
    settings: Settings,
    file: &Path,
    table: (&str, &Schema),
    text: &str,
) -> Result<Expr, Box<Problem>> {
    let written = as_written(text);
    let reader = Reader::new(&Arc::new(PathBuf::from(WHERE)), Parameters::new());
    tell(db, settings, file, &reader);
    let parsed = reader.parse(&written);
    let mut fields = reader.fields(&parsed, &KEYS);
    let expr = fields.expr("where");
    let span = fields.span_of("where");
    drop(fields);
    let (problems, _) = reader.finish();
    if let Some(problem) = problems.into_iter().next() {
        return Err(Box::new(pointing::pointed_into(problem, &written)));
    }
    let (name, schema) = table;
    let mistake = match expr.as_ref().map(|it| it.ty(schema)) {
        Some(Ok(Type::Boolean)) => None,
        Some(Ok(got)) => {
            let (function, takes) = ("--where".to_owned(), "a condition".to_owned());
            Some(Mistake::WrongType { function, takes, got })
        }
        Some(Err(mistake)) => Some(mistake),
        None => None,
    };
    match (expr, mistake) {
        (Some(expr), None) => Ok(expr),
        (_, mistake) => {
            let finding = mistaken(name, schema, mistake.unwrap_or(Mistake::NoColumn(String::new())), "where");
            let compared = || "a condition compares something: `… = 1`, `… is not null`".to_owned();
            let help = if finding.message.starts_with("`--where`") { Some(compared()) } else { finding.help };
            let problem = Problem::new(finding.code, finding.message).help(help);
            let problem = problem.label(&span, "here");
            Err(Box::new(pointing::pointed_into(problem, &written)))
        }
    }
}

/// Tells a reader the parameters and the profile of a pipeline, as far as they can be read: what is wrong with them is
/// told elsewhere.
fn tell(db: &dyn Db, settings: Settings, file: &Path, reader: &Reader) {
    let Ok(text) = source_text(db, db.file(file)) else { return };
    let path = Arc::new(file.to_owned());
    let own = Reader::new(&path, Parameters::new());
    let table = own.parse(text);
    let asked = settings.environment(db).as_deref();
    let laid = asked.and_then(|it| overlaid(&table, &["environment", it], &environment::OVER));
    let mut fields = own.fields(laid.as_ref().unwrap_or(&table), &pipeline::FILE);
    let Some(heading) = pipeline::heading(&own, &mut fields, settings.set(db), asked) else { return };
    let name = settings.profile(db).clone().or(heading.profile);
    let mut problems = Vec::new();
    let (mut profile, _) = match &name {
        Some(name) => profiles::resolve(db, name, &fields, &mut problems),
        None => Default::default(),
    };
    profile.extend(&mut fields);
    reader.set_parameters(own.parameters());
    reader.set_settings(profile.settings());
    own.set_settings(profile.settings());
    pipeline::functions::declare(&own, &mut fields);
    own.customs().into_iter().for_each(|(name, it)| reader.add_custom(name, it));
}
