//! Verbs that write what people could have typed: `adopt`, `cluster`, `expect import` and `schema`.

use std::path::Path;

use crate::answers::{adopt as adopts, cluster as clusters, expect, schema as schemas};
use crate::cli::args::cluster::Way;
use crate::cli::args::{Adopt, Cluster, Schema};
use crate::cli::call::{Call, Ended};
use crate::terminal::answer::Answer;
use crate::terminal::exit::Exit;
use crate::text::alike::Alike;
use crate::text::sounds::Sound;
use crate::views;
use crate::workspace::session::{Asked, any_error};

/// `hotpass adopt`: what a delivery broke is mended by what is written down of it, so only other errors are in the way.
pub(super) fn adopt(call: &Call<'_>, asked: &Asked, it: &Adopt) -> Ended {
    let mut mended = false;
    let ended = call.plan(asked, true, |session| {
        let refused = any_error(&session.problems()) && session.drifts().is_empty();
        if refused {
            return Ok(Answer::nothing(Exit::Refused));
        }
        let adopted = adopts::adopt(session, &it.targets, it.write)?;
        mended = true;
        let answer = call.shown(&adopted, |it, _| it.difference.clone());
        Ok(Answer { stderr: views::adopt::notes(&adopted), ..answer })
    });
    ended.map(|answer| if mended { answer.ending(Exit::Done) } else { answer })
}

/// `hotpass cluster`.
pub(super) fn cluster(call: &Call<'_>, asked: &Asked, it: &Cluster) -> Ended {
    call.look(asked, |of| {
        let (table, column, lookup) = (it.table.as_str(), it.column.as_str(), it.lookup.as_deref());
        let request = clusters::Request { table, column, lookup, by: &ways(&it.by), write: it.write };
        let found = clusters::cluster(of, &request)?;
        let answer = call.shown(&found, |it, _| it.difference.clone());
        Ok(answer.noted(call.manner(), || views::cluster::notes(&found, column, it.write)))
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
pub(super) fn import(call: &Call<'_>, file: &Path, table: Option<&str>) -> Answer {
    let text = expect::read(file);
    let source = |path: &Path| text.as_ref().ok().filter(|_| path == file).cloned();
    match expect::import(file, &text, table) {
        Err(problem) => Answer::told(&[problem], &source, call.manner()),
        Ok(it) => {
            let wrong = Answer::told(&it.faults, &source, call.manner());
            let answer = call.shown(&it, |it, _| it.toml.clone());
            let answer = Answer { stdout: answer.stdout + &wrong.stdout, ..wrong };
            answer.noted(call.manner(), || views::expect::dropped(&it))
        }
    }
}

/// `hotpass schema`.
pub(super) fn schema(call: &Call<'_>, it: &Schema) -> Ended {
    let Some(out) = &it.out else { return Ok(Answer::of(schemas::schema(&it.document))) };
    let here = call.global.directory.as_deref().unwrap_or(Path::new(""));
    let written = schemas::write_all(here, out).map_err(|why| call.unanswered(here, why.into()))?;
    Ok(call.shown(&written, |it, _| views::schema::written(it)))
}
