//! Verbs that write what people could have typed: `adopt`, `cluster`, `expect import` and `schema`.

use std::path::Path;

use crate::answers::{adopt, schema};
use crate::answers::{cluster, expect};
use crate::cli::args::cluster::Way;
use crate::cli::args::{self, Global};
use crate::cli::exit::Exit;
use crate::cli::looked::looked;
use crate::cli::outcome::{Outcome, world_failed};
use crate::cli::output::Output;
use crate::cli::planned::with_session;
use crate::cli::{Answer, printed};
use crate::store::backend::EngineFactory;
use crate::text::alike::Alike;
use crate::text::sounds::Sound;
use crate::views;
use crate::workspace::failure::Failure;
use crate::workspace::session::{Asked, any_error};

/// `hotpass adopt`: what a delivery broke is mended by what is written down of it, so only other errors are in the way.
pub(super) fn adopt(
    global: &Global,
    asked: &Asked,
    factory: Option<&'static dyn EngineFactory>,
    it: &args::Adopt,
) -> Outcome {
    let mut mended = None;
    let outcome = with_session(global, asked, factory, true, |session| {
        let refused = any_error(&session.problems()) && session.drifts().is_empty();
        if refused {
            return Ok(Answer::of(String::new()));
        }
        let adopted = adopt::adopt(session, &it.targets, it.write)?;
        let answer = Answer::shown(&adopted, global, |it, _| it.difference.clone());
        mended = Some(answer.exit);
        Ok(Answer { stderr: views::adopt::notes(&adopted), ..answer })
    });
    match (outcome, mended) {
        (Outcome::Done(Exit::Refused), Some(exit)) => Outcome::Done(exit),
        (outcome, _) => outcome,
    }
}

/// `hotpass cluster`.
pub(super) fn cluster(
    global: &Global,
    asked: &Asked,
    it: &args::Cluster,
    factory: Option<&'static dyn EngineFactory>,
) -> Outcome {
    let Some(factory) = factory else { return Outcome::NeedsEngine };
    looked(global, asked, factory, |session, engine, plan| {
        let (table, column, lookup) = (it.table.as_str(), it.column.as_str(), it.lookup.as_deref());
        let request = cluster::Request { table, column, lookup, by: &ways(&it.by), write: it.write };
        let found = cluster::cluster((session, engine, plan), &request)?;
        let answer = Answer::shown(&found, global, |it, _| it.difference.clone());
        Ok(answer.noted(global, || views::cluster::notes(&found, column, it.write)))
    })
}

fn ways(by: &[Way]) -> Vec<Alike> {
    let way = |it: &Way| match it {
        Way::Words => Alike::Words,
        Way::Pairs => Alike::Pairs,
        Way::Near => Alike::Near,
        Way::Metaphone => Alike::Sounds(Sound::Metaphone),
        Way::DoubleMetaphone => Alike::Sounds(Sound::DoubleMetaphone),
        Way::Cologne => Alike::Sounds(Sound::Cologne),
        Way::Nysiis => Alike::Sounds(Sound::Nysiis),
    };
    if by.is_empty() { Alike::ALL.to_vec() } else { by.iter().map(way).collect() }
}

/// `hotpass expect import`: the checks on stdout; on stderr what was dropped, and what is wrong in the file.
pub(super) fn import(global: &Global, file: &Path, table: Option<&str>) -> Outcome {
    let text = expect::read(file);
    let source = |path: &Path| text.as_ref().ok().filter(|_| path == file).cloned();
    printed(match expect::import(file, &text, table) {
        Err(problem) => Answer::told(&[problem], &source, global),
        Ok(it) => {
            let wrong = Answer::told(&it.faults, &source, global);
            let (exit, stderr) = (wrong.exit, wrong.stderr);
            let answer = Answer::shown(&it, global, |it, _| it.toml.clone());
            let answer = Answer { stdout: answer.stdout + &wrong.stdout, stderr, exit };
            answer.noted(global, || views::expect::dropped(&it))
        }
    })
}

/// `hotpass schema`.
pub(super) fn schema(global: &Global, it: &args::Schema) -> Outcome {
    let Some(out) = &it.out else { return printed(Answer::of(schema::schema(&it.document))) };
    match schema::write_all(global.directory.as_deref().unwrap_or(Path::new("")), out) {
        Ok(it) => printed(Answer::shown(&it, global, |it, _| views::schema::written(it))),
        Err(Failure::Problem(problem)) => printed(Answer::told(&[*problem], &|_| None, global)),
        Err(Failure::World(reason)) => Outcome::Done(world_failed(&reason, &Output::new(global))),
        Err(Failure::Memory) => Outcome::Done(Exit::World),
    }
}
