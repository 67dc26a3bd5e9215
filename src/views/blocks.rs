//! Rules by which rows are found that are compared, and how many pairs they find.

use crate::answers::blocks::Blocks;
use crate::answers::link::plan::Plan;
use crate::show::{self, Align, Paint, Style, count, line};
use crate::steps::Cost;
use crate::steps::asking::Worst;

/// A sentence for a step, and a line for each of its rules.
pub(crate) fn planned(it: &Blocks, look: Style) -> String {
    let name = line(&format!("{}.{}", it.pipeline, it.step));
    let found = if it.declared { "" } else { ", found by themselves" };
    let counts = match (it.rows.zip(it.pairs), it.changed) {
        (Some((rows, pairs)), _) => format!("{} of {} when it last ran", count(pairs, "pair"), count(rows, "row")),
        (None, true) => format!("not counted since they changed; `hotpass link plan {name}` counts them"),
        (None, false) => format!("not counted yet; `hotpass link plan {name}` counts them"),
    };
    format!("\nrules of {}{found}: {counts}\n{}", look.paint(&name, Paint::Strong), rules(&it.rules, look))
}

/// What was counted before anything is compared.
pub(crate) fn counted(it: &Plan, look: Style) -> String {
    let found = if it.declared { "" } else { ", found by themselves" };
    let counts = format!("{} of {} to compare", count(it.pairs, "pair"), count(it.rows, "row"));
    let mut out = format!("rules of {}{found}: {counts}\n", look.paint(&line(&it.step), Paint::Strong));
    out.push_str(&rules(&it.rules, look));
    if !it.worst.is_empty() {
        let heads = [("rows", Align::Right), ("largest blocks", Align::Left), ("hold", Align::Left)];
        let heads: Vec<_> = heads.into_iter().map(|(name, align)| (name.to_owned(), align)).collect();
        let holds = |it: &(String, Option<String>)| format!("{}: {}", it.0, it.1.as_deref().unwrap_or_default());
        let row = |it: &Worst| {
            let values: Vec<String> = it.values.iter().map(holds).collect();
            vec![Some(show::number(it.rows)), Some(it.rule.clone()), Some(values.join("; "))]
        };
        let rows: Vec<_> = it.worst.iter().map(row).collect();
        out.push_str(&format!("\n{}", show::table(&heads, &rows, look)));
    }
    for (message, help) in &it.notes {
        out.push_str(&format!("\n{message}: {help}\n"));
    }
    out
}

/// A line for each rule; nothing where there are none.
fn rules(rules: &[Cost], look: Style) -> String {
    if rules.is_empty() {
        return String::new();
    }
    let heads = ["pairs", "by it alone", "largest block", "split blocks"].map(|it| (it.to_owned(), Align::Right));
    let heads: Vec<_> = heads.into_iter().chain([("rule".to_owned(), Align::Left)]).collect();
    let row = |it: &Cost| {
        let number = |it: Option<u64>| Some(it.map(show::number).unwrap_or_default());
        let rule = if it.left_out { format!("{}, left out: too many pairs", it.rule) } else { it.rule.clone() };
        let numbers = [it.pairs, it.alone, it.largest, it.split].map(number);
        numbers.into_iter().chain([Some(line(&rule))]).collect()
    };
    let rows: Vec<_> = rules.iter().map(row).collect();
    show::table(&heads, &rows, look)
}
