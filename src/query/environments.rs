//! The environments of a workspace: which there are, and where the one that is asked for publishes.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{WORKSPACE_FILE, planning, source_text};
use crate::db::{Db, File, Settings};
use crate::fields::{Parameters, Reader};
use crate::pipeline::environment::Environment;
use crate::pipeline::{self, environment};
use crate::problem::Problem;

/// The environments that `hotpass.toml` declares.
#[salsa::tracked(returns(ref))]
pub fn declared_environments(db: &dyn Db) -> Vec<Environment> {
    let text = source_text(db, db.file(Path::new(WORKSPACE_FILE))).clone().unwrap_or_default();
    environments_of(&text)
}

/// The environment that is asked for; nothing where none is, or where it is not declared, which is told.
pub(super) fn asked(db: &dyn Db, settings: Settings) -> Option<&Environment> {
    let asked = settings.environment(db).as_ref()?;
    declared_environments(db).iter().find(|it| it.name == *asked)
}

/// The folder of the manifest: `[workspace] dist`, else `dist`, in the destination of the environment.
#[salsa::tracked]
pub fn dist(db: &dyn Db, settings: Settings) -> PathBuf {
    let text = source_text(db, db.file(Path::new(WORKSPACE_FILE))).clone().unwrap_or_default();
    dist_of(&text, settings.environment(db).as_deref())
}

/// Whether a text may have a table of one of these names. What has none is not parsed for it: a long pipeline costs more
/// than all that is asked here.
fn may_have(text: &str, tables: &[&str]) -> bool {
    // A key in quotes may be written with escapes.
    text.contains('\\') || tables.iter().any(|it| text.contains(it))
}

/// As [`dist`], of the text of `hotpass.toml`.
pub fn dist_of(text: &str, environment: Option<&str>) -> PathBuf {
    if !may_have(text, &["workspace", "environment"]) {
        return PathBuf::from("dist");
    }
    let reader = Reader::new(&Arc::new(PathBuf::from(WORKSPACE_FILE)), Parameters::new());
    let table = reader.parse(text);
    let folder = reader.fields(&table, &pipeline::FILE).table("workspace").and_then(|mut it| it.text("dist"));
    let folder = folder.filter(|it| planning::unfit_folder(it).is_none()).unwrap_or_else(|| "dist".to_owned());
    let known = environment.and_then(|name| {
        let declared = environment::declared(&mut reader.fields(&table, &pipeline::FILE), &unfit);
        declared.into_iter().find(|it| it.name == name)
    });
    PathBuf::from(known.map_or(folder.clone(), |it| it.place(&folder)))
}

/// As [`declared_environments`], of the text of `hotpass.toml`.
pub fn environments_of(text: &str) -> Vec<Environment> {
    if !may_have(text, &["environment"]) {
        return Vec::new();
    }
    let reader = Reader::new(&Arc::new(PathBuf::from(WORKSPACE_FILE)), Parameters::new());
    let table = reader.parse(text);
    environment::declared(&mut reader.fields(&table, &pipeline::FILE), &unfit)
}

/// Why `hotpass.toml`, of which this is the text, has no environment of that name: what is wrong where it declares one,
/// or that it declares none. Nothing where it has it.
pub fn missing_environment(text: &str, name: &str) -> Vec<Problem> {
    let reader = Reader::new(&Arc::new(PathBuf::from(WORKSPACE_FILE)), Parameters::new());
    let table = reader.parse(text);
    let mut fields = reader.fields(&table, &pipeline::FILE);
    let known = environment::declared(&mut fields, &unfit);
    if known.iter().any(|it| it.name == name) {
        return Vec::new();
    }
    let declares = fields.keys_of("environment").iter().any(|it| it == name);
    drop(fields);
    let found = reader.finish().0;
    if declares && !found.is_empty() { found } else { vec![environment::unknown(name, &known)] }
}

/// Why an environment cannot publish to a folder.
pub(super) fn unfit(folder: &str) -> Option<String> {
    planning::unfit_folder(folder).map(str::to_owned)
}

/// What environments of a file say of what is not there, and what `hotpass.toml` declares that cannot be.
pub(super) fn misplaced(db: &dyn Db, file: File, is_pipeline: bool) -> Vec<Problem> {
    let path = Arc::new(file.path(db).clone());
    let own = *path == Path::new(WORKSPACE_FILE);
    let (true, Ok(text)) = (own || is_pipeline, source_text(db, file)) else { return Vec::new() };
    if !may_have(text, &["environment"]) {
        return Vec::new();
    }
    let reader = Reader::new(&path, Parameters::new());
    let table = reader.parse(text);
    // What is no TOML has been told.
    let silent = Reader::new(&path, Parameters::new());
    let mut fields = silent.fields(&table, &pipeline::FILE);
    if own {
        environment::declared(&mut fields, &unfit);
    }
    environment::check(&mut fields, declared_environments(db), own);
    drop(fields);
    silent.finish().0
}

/// What is wrong with the environments beyond what stands in one file: the one that is asked for is not declared, or the
/// destinations of two lead to one place, by links.
pub(super) fn wrong(db: &dyn Db, settings: Settings) -> Vec<Problem> {
    let all = declared_environments(db);
    let asked = settings.environment(db).as_ref().filter(|it| all.iter().all(|known| known.name != **it));
    let mut acc: Vec<Problem> = asked.map(|it| environment::unknown(it, all)).into_iter().collect();
    let real = |it: &Environment| db.system().real(Path::new(&it.destination)).to_string_lossy().into_owned();
    for (at, one) in all.iter().enumerate() {
        let there = real(one);
        if let Some(other) = all[..at].iter().find(|it| environment::shares(&real(it), &there)) {
            let message = format!("the environments `{}` and `{}` publish to one place", other.name, one.name);
            let help = "a link leads from one destination to the other: name a folder of its own for each";
            acc.push(Problem::new(&environment::DESTINATION, message).help(help.to_owned()));
        }
    }
    acc
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str, name: &str) -> Vec<String> {
        missing_environment(text, name).into_iter().map(|it| it.message).collect()
    }

    #[test]
    fn an_environment_that_is_declared_wrongly_is_not_told_to_be_missing() {
        assert_eq!(told("[environment.dev]\ndestination = 'dev'\n", "dev"), [""; 0]);
        assert_eq!(told("[environment.dev]\n", "dev"), ["the environment `dev` has no `destination`"]);
        assert_eq!(told("[environment.Dev]\n", "Dev"), ["`Dev` cannot be the name of an environment"]);
        assert_eq!(told("[environment.dev]\ndestination = '../x'\n", "dev").len(), 1);
        assert_eq!(told("[environment.dev]\ndestination = 'dev'\n", "dve"), ["there is no environment `dve`"]);
        assert_eq!(told("", "dev"), ["there is no environment `dev`"]);
    }
}
