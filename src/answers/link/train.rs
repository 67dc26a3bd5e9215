//! `hotpass link train`: what a step learns from its rows, and the file that keeps it.

use std::fs;
use std::io;
use std::path::Path;

use serde::Serialize;

use super::{Step, unwritten};
use crate::linkage::{Learnt, Level, Relation};
use crate::plan::slashed;
use crate::readers::reach::{Place, Reach};
use crate::steps::asking::{Question, Trained};
use crate::steps::frozen::{FOLDER, Frozen};
use crate::workspace::edit::write;
use crate::workspace::failure::Failure;

/// The longest file that is read as a model, in bytes.
const LARGEST: usize = 8 << 20;

/// What was learnt.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename = "link.model")]
pub(crate) struct Model {
    pub(crate) step: String,
    pub(crate) path: String,
    pub(crate) rows: u64,
    pairs: f64,
    matches: f64,
    digest: String,
    pub(crate) classes: Vec<Class>,
    pub(crate) comparisons: Vec<Compared>,
    pub(crate) written: bool,
    /// Whether the file holds just this.
    pub(crate) same: bool,
    /// All pairs that are expected to be one.
    #[serde(skip)]
    pub(crate) all_matches: f64,
    /// Whether the file was there.
    #[serde(skip)]
    pub(crate) was_there: bool,
}

/// A class of pairs, and about how many are of it.
#[derive(Debug, Serialize)]
pub(crate) struct Class {
    pub(crate) relation: Relation,
    pub(crate) pairs: f64,
}

/// What is compared of two rows.
#[derive(Debug, Serialize)]
pub(crate) struct Compared {
    pub(crate) column: String,
    #[serde(rename = "as")]
    pub(crate) kind: &'static str,
    pub(crate) levels: Vec<Agreement>,
}

/// How far two values agree, and what that says.
#[derive(Debug, Serialize)]
pub(crate) struct Agreement {
    pub(crate) level: String,
    pub(crate) matches: f64,
    pub(crate) chance: f64,
    pub(crate) bits: f64,
    classes: Vec<f64>,
}

impl Compared {
    fn of(it: &Learnt) -> Compared {
        let level = |it: &Level| Agreement {
            level: it.name.clone(),
            matches: it.matches,
            chance: it.chance,
            bits: (it.matches.max(1e-9) / it.chance.max(1e-9)).log2(),
            classes: it.related.clone(),
        };
        let levels = it.levels.iter().skip(1).map(level).collect();
        Compared { column: it.name.clone(), kind: it.kind.name(), levels }
    }
}

/// Learns; with `writes` the model is kept.
pub(crate) fn train(step: &Step<'_>, writes: bool) -> Result<Model, Failure> {
    let trained: Trained = step.ask(Question::Train { step: step.word() })?;
    let frozen = Frozen::from_toml(&trained.text)
        .map_err(|it| Failure::World(format!("what was learnt cannot be read again: {}", it.reason)))?;
    let path = &step.learning.path;
    let before = Reach::of(&step.session.root).text(path).ok();
    let same = before.as_ref() == Some(&trained.text);
    if writes && !same {
        keep(&step.session.root, path, &trained.text).map_err(|error| unwritten(path, &error))?;
    }
    let model = &frozen.model;
    Ok(Model {
        step: step.name(),
        path: slashed(path),
        rows: trained.rows,
        pairs: model.pairs,
        matches: model.matches,
        digest: frozen.digest.hex(),
        classes: model.related.iter().map(|(relation, pairs)| Class { relation: *relation, pairs: *pairs }).collect(),
        comparisons: model.comparisons.iter().map(Compared::of).collect(),
        written: writes && !same,
        same,
        all_matches: model.all_matches(),
        was_there: before.is_some(),
    })
}

/// Writes a model into its folder, which must be one of the workspace and no link elsewhere.
fn keep(root: &Path, path: &Path, text: &str) -> io::Result<()> {
    if text.len() > LARGEST {
        return Err(io::Error::other(format!("it would be larger than {} MiB", LARGEST >> 20)));
    }
    let folder = root.join(FOLDER);
    if Reach::of(root).place(Path::new(FOLDER)) != Place::Inside {
        return Err(io::Error::other(format!("`{FOLDER}` leads out of the workspace")));
    }
    fs::create_dir_all(&folder)?;
    let target = root.join(path);
    match fs::metadata(&target) {
        Ok(found) if !found.is_file() => Err(io::Error::other("there is something else in its place")),
        _ => write(root, path, text),
    }
}
