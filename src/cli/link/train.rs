//! `hotpass link train`: what a step learns from its rows, as a table, and as the file that keeps it.

use std::fs;
use std::io;
use std::path::Path;

use serde_json::{Value, json};

use super::{Step, unwritten};
use crate::cli::adopt::write;
use crate::cli::args::{Format, Global};
use crate::cli::exit::Exit;
use crate::cli::{Answer, look_of_stdout};
use crate::linkage::{Learnt, Level, Relation};
use crate::plan::slashed;
use crate::readers::reach::{Place, Reach};
use crate::show::{self, Align, Paint, Style, count, line};
use crate::steps::asking::{Question, Trained};
use crate::steps::frozen::{FOLDER, Frozen};
use crate::workspace::failure::Failure;

/// The longest file that is read as a model, in bytes.
const LARGEST: usize = 8 << 20;
/// Shares that are told as such; below it they are less than any.
const TOLD: f64 = 0.000_05;

/// What `link train` answers; with `write` it also writes the model.
pub(super) fn train(global: &Global, step: &Step<'_>, writes: bool) -> Result<Answer, Failure> {
    let trained: Trained = step.ask(Question::Train { step: step.word() })?;
    let frozen = Frozen::from_toml(&trained.text)
        .map_err(|it| Failure::World(format!("what was learnt cannot be read again: {}", it.reason)))?;
    let path = &step.learning.path;
    let before = Reach::of(&step.session.root).text(path).ok();
    let same = before.as_ref() == Some(&trained.text);
    if writes && !same {
        keep(&step.session.root, path, &trained.text).map_err(|error| unwritten(path, &error))?;
    }
    let shown = slashed(path);
    if global.format == Format::Json {
        let value = json!({"v": 1, "event": "link.model", "step": step.name(), "path": shown, "rows": trained.rows,
            "pairs": frozen.model.pairs, "matches": frozen.model.matches, "digest": frozen.digest.hex(),
            "classes": classes(&frozen), "comparisons": frozen.model.comparisons.iter().map(as_json).collect::<Vec<_>>(),
            "written": writes && !same, "same": same});
        return Ok(Answer::of(show::json_line(&value)));
    }
    let look = look_of_stdout(global);
    let stdout = laid_out(&step.name(), &frozen, &trained, look);
    let stderr = match (writes, same, before.is_some()) {
        (_, true, _) => format!("`{shown}` holds just this\n"),
        (true, ..) => format!("`{shown}` is written: commit it\n"),
        (false, _, true) => format!("`{shown}` holds another one: `--write` replaces it\n"),
        (false, ..) => format!("nothing is written: `--write` keeps it as `{shown}`\n"),
    };
    Ok(Answer { stdout, stderr, exit: Exit::Done })
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
    match fs::symlink_metadata(&target) {
        Ok(found) if !found.is_file() => Err(io::Error::other("there is something else in its place")),
        _ => write(&target, text),
    }
}

fn classes(frozen: &Frozen) -> Vec<Value> {
    let class = |(relation, pairs): &(Relation, f64)| json!({"relation": relation, "pairs": pairs});
    frozen.model.related.iter().map(class).collect()
}

fn as_json(it: &Learnt) -> Value {
    let level = |it: &Level| json!({"level": it.name, "matches": it.matches, "chance": it.chance, "bits": bits(it), "classes": it.related});
    json!({"column": it.name, "as": it.kind.name(), "levels": it.levels.iter().skip(1).map(level).collect::<Vec<_>>()})
}

fn bits(level: &Level) -> f64 {
    (level.matches.max(1e-9) / level.chance.max(1e-9)).log2()
}

fn share(share: f64) -> String {
    if share < TOLD { "-".to_owned() } else { format!("{:.2} %", share * 100.0) }
}

fn laid_out(name: &str, frozen: &Frozen, trained: &Trained, look: Style) -> String {
    let model = &frozen.model;
    let (rows, matches) = (count(trained.rows, "row"), model.all_matches().round().max(0.0) as u64);
    let mut out = format!(
        "{}  learnt from {rows}: {} expected to be one\n",
        look.paint(&line(name), Paint::Strong),
        count(matches, "pair")
    );
    for (relation, pairs) in &model.related {
        let what = match relation {
            Relation::Same => "pairs of which one moved",
            Relation::Related => "pairs that share something and are two",
            Relation::Branch => "pairs of one name at two places",
            Relation::Chance => "pairs that agree by chance",
        };
        out.push_str(&format!("  about {} {what}\n", pairs.round().max(0.0)));
    }
    out.push('\n');
    let heads = [("column", Align::Left), ("two values", Align::Left), ("of matches", Align::Right)];
    let heads = heads.into_iter().chain([("by chance", Align::Right), ("bits", Align::Right)]);
    let heads: Vec<(String, Align)> = heads.map(|(name, align)| (name.to_owned(), align)).collect();
    let mut rows = Vec::new();
    for it in &model.comparisons {
        let levels = it.levels.iter().skip(1).filter(|it| it.matches >= TOLD || it.chance >= TOLD);
        for (at, level) in levels.enumerate() {
            let column = (at == 0).then(|| format!("{}, {}", it.name, it.kind.name()));
            let [matches, chance] = [level.matches, level.chance].map(share);
            rows.push(vec![
                Some(column.unwrap_or_default()),
                Some(level.name.clone()),
                Some(matches),
                Some(chance),
                Some(format!("{:+.1}", bits(level))),
            ]);
        }
    }
    out.push_str(&show::table(&heads, &rows, look));
    out
}
