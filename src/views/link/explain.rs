//! Why two rows are one, or two: as a table, and as a picture.

use crate::answers::link::explain::Pair;
use crate::docs::waterfall::{Bar, Waterfall};
use crate::show::{self, Align, Paint, Style, count, line};
use crate::steps::asking::{ExplainedPair, Part, RowName};

/// As a table.
pub(crate) fn explained(it: &Pair, look: Style) -> String {
    laid_out(&it.step, &it.pair, look)
}

/// As a picture.
pub(crate) fn svg(it: &Pair) -> String {
    waterfall(&it.step, &it.pair).svg()
}

/// The weight as a picture.
fn waterfall(step: &str, pair: &ExplainedPair) -> Waterfall {
    let bar = |it: &Part| Bar {
        name: it.column.as_ref().map_or_else(|| it.level.clone(), |column| format!("{column}: {}", it.level)),
        values: it.column.as_ref().map(|_| [&it.left, &it.right].map(|it| it.clone().unwrap_or_default())),
        bits: it.bits,
    };
    let at = pair.match_at.clamp(1e-15, 1.0 - 1e-15);
    Waterfall {
        title: format!("{step}: {} and {}", name(&pair.left), name(&pair.right)),
        why: pair.why.clone(),
        bars: pair.parts.iter().map(bar).collect(),
        weight: pair.weight,
        match_at: (at / (1.0 - at)).log2(),
    }
}

/// As exact as anybody reads it.
fn bits(bits: f64) -> String {
    // Nothing has no sign.
    format!("{:+.3}", if bits.abs() < 5e-4 { 0.0 } else { bits })
}

fn name(row: &RowName) -> String {
    row.key.as_ref().map_or_else(|| format!("#{}", row.row), |it| line(it))
}

fn laid_out(step: &str, pair: &ExplainedPair, look: Style) -> String {
    let (left, right) = (name(&pair.left), name(&pair.right));
    let mut out = format!("{}  {left} and {right}\n", look.paint(&line(step), Paint::Strong));
    out.push_str(&format!("{}\n", pair.why));
    for (word, row) in [(&left, &pair.left), (&right, &pair.right)] {
        if row.several > 1 {
            let rows = count(row.several, "row");
            out.push_str(&format!("  `{word}` names {rows}, of which this is about row {}\n", row.row));
        }
    }
    out.push('\n');
    let heads = [("column", Align::Left), ("the two agree", Align::Left), ("of matches", Align::Right)];
    let heads = heads.into_iter().chain([("by chance", Align::Right), ("bits", Align::Right)]);
    let heads = heads.chain([("left", Align::Left), ("right", Align::Left)]);
    let heads: Vec<(String, Align)> = heads.map(|(name, align)| (name.to_owned(), align)).collect();
    let share = |it: Option<f64>| it.map(|it| format!("{:.2} %", it * 100.0));
    let mut rows: Vec<Vec<Option<String>>> = Vec::new();
    for it in &pair.parts {
        rows.push(vec![
            Some(it.column.clone().unwrap_or_default()),
            Some(it.level.clone()),
            share(it.matches).or(Some(String::new())),
            share(it.chance).or(Some(String::new())),
            Some(bits(it.bits)),
            Some(it.left.clone().unwrap_or_default()),
            Some(it.right.clone().unwrap_or_default()),
        ]);
    }
    let sum = bits(pair.weight);
    let told = match (pair.verdict.as_deref().unwrap_or("not compared in a build"), &*pair.relation) {
        ("reject", "chance") => "sum: no match, agreement by chance".to_owned(),
        ("reject", relation) => format!("sum: no match, {relation}"),
        (verdict, "same") => format!("sum: {verdict}"),
        (verdict, relation) => format!("sum: {verdict}, {relation}"),
    };
    rows.push(
        [String::new(), told, String::new(), String::new(), sum, String::new(), String::new()].map(Some).to_vec(),
    );
    out.push_str(&show::table(&heads, &rows, look));
    out.push_str(&format!("\nprobability {:.6}; a match needs at least {}\n", pair.probability, pair.match_at));
    rules(&mut out, pair);
    if !pair.path.is_empty() {
        out.push_str("\nthe links between the two in their cluster\n");
        for (at, it) in pair.path.iter().enumerate() {
            let weak = if pair.weakest == Some(at) && pair.path.len() > 1 { "  the weakest link" } else { "" };
            let decided = it.decided.as_ref().map_or_else(String::new, |it| format!("  decided: {it}"));
            out.push_str(&format!("  {} and {}  {:+.3}{weak}{decided}\n", name(&it.from), name(&it.to), it.weight));
        }
        out.push_str(&format!("  {} in the cluster\n", count(pair.left.cluster, "row")));
    }
    if let Some(between) = &pair.between {
        let pairs = count(between.pairs, "pair");
        out.push_str(&format!("\nbetween their clusters {pairs} compared, {:+.3} on average\n", between.mean));
    }
    if !pair.decisions.is_empty() {
        out.push_str("\ndecisions about one of the two\n");
        for it in &pair.decisions {
            out.push_str(&format!("  {} and {}  {}\n", name(&it.left), name(&it.right), line(&it.decided)));
        }
    }
    look.fold(&out, 4)
}

fn rules(out: &mut String, pair: &ExplainedPair) {
    let (found, other): (Vec<_>, Vec<_>) = pair.rules.iter().partition(|it| it.found);
    out.push_str(if found.is_empty() { "\nno rule selected the pair\n" } else { "\nrules that selected the pair\n" });
    for it in &found {
        let (pairs, matches) = (count(it.pairs, "pair"), it.matches.round());
        out.push_str(&format!(
            "  {}  {pairs}, about {matches} of them matches; {} selected only by this rule\n",
            line(&it.name),
            it.alone
        ));
    }
    if !other.is_empty() {
        let names: Vec<String> = other.iter().map(|it| line(&it.name)).collect();
        out.push_str(&format!("  rules that did not select it: {}\n", names.join("; ")));
    }
}
