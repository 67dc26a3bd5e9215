//! What a step learns from its rows.

use crate::answers::link::train::{Agreement, Model};
use crate::linkage::Relation;
use crate::show::{self, Align, Paint, Style, count, line};

/// Shares that are told as such; below it they are less than any.
const TOLD: f64 = 0.000_05;

/// As a table.
pub(crate) fn model(model: &Model, look: Style) -> String {
    let (rows, matches) = (count(model.rows, "row"), model.all_matches.round().max(0.0) as u64);
    let mut out = format!(
        "{}  learnt from {rows}: {} expected to match\n",
        look.paint(&line(&model.step), Paint::Strong),
        count(matches, "pair")
    );
    for it in &model.classes {
        let what = match it.relation {
            Relation::Same => "pairs of which one moved",
            Relation::Related => "pairs that share something and do not match",
            Relation::Branch => "pairs of one name at two places, which do not match",
            Relation::Chance => "pairs that agree by chance",
        };
        out.push_str(&format!("  about {} {what}\n", it.pairs.round().max(0.0)));
    }
    out.push('\n');
    let heads = [("column", Align::Left), ("two values", Align::Left), ("of matches", Align::Right)];
    let heads = heads.into_iter().chain([("by chance", Align::Right), ("bits", Align::Right)]);
    let heads: Vec<(String, Align)> = heads.map(|(name, align)| (name.to_owned(), align)).collect();
    let mut rows = Vec::new();
    for it in &model.comparisons {
        let told = |it: &&Agreement| it.matches >= TOLD || it.chance >= TOLD;
        for (at, level) in it.levels.iter().filter(told).enumerate() {
            let column = (at == 0).then(|| format!("{}, {}", it.column, it.kind));
            let [matches, chance] = [level.matches, level.chance].map(share);
            rows.push(vec![
                Some(column.unwrap_or_default()),
                Some(level.level.clone()),
                Some(matches),
                Some(chance),
                Some(format!("{:+.1}", level.bits)),
            ]);
        }
    }
    out.push_str(&show::table(&heads, &rows, look));
    out
}

/// What stands in its file.
pub(crate) fn notes(it: &Model) -> String {
    let path = &it.path;
    match (it.same, it.written, it.was_there) {
        (true, ..) => format!("`{path}` already contains this model\n"),
        (_, true, _) => format!("`{path}` is written: commit it\n"),
        (.., true) => format!("`{path}` contains a different model: `--write` replaces it\n"),
        (.., false) => format!("nothing is written: `--write` saves it as `{path}`\n"),
    }
}

fn share(share: f64) -> String {
    if share < TOLD { "-".to_owned() } else { format!("{:.2} %", share * 100.0) }
}
