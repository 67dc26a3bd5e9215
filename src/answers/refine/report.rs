//! The quality report of `refine`, in Markdown: what was recognised, where every column went, what was left out, and
//! which checks held. No times and no values.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::answers::refine::recognise::{Match, Sheet, lineage};
use crate::escape::markdown;
use crate::plan::Plan;
use crate::summary::Summary;

/// The report.
pub(crate) fn text(plan: &Plan, summary: &Summary, sheets: &[Sheet], taken: &BTreeMap<String, Match>) -> String {
    let mut out = String::from("# Quality report\n\n## Sources\n\n");
    let rows = |name: &str| summary.steps.iter().find(|it| it.step == name).and_then(|it| it.rows).unwrap_or(0);
    let aside = |name: &str| {
        let mut all = summary.set_aside.iter();
        all.find(|(table, _)| table.rsplit('.').next() == Some(name)).map_or(0, |(_, rows)| *rows)
    };
    let sources = plan.tables.iter().filter(|it| it.kind == "source" && it.role.is_listed());
    let lines = sources.map(|it| {
        let name = &it.name.name;
        let (place, score) = match taken.get(name) {
            Some(it) => (sheets[it.sheet].place(), format!("{:.2}", it.score)),
            None => ("not delivered".to_owned(), String::new()),
        };
        vec![name.clone(), place, score, rows(name).to_string(), aside(name).to_string()]
    });
    table(&mut out, &["source", "read from", "likeness", "rows", "set aside"], lines);
    out.push_str("\n## Mapping\n\n");
    let maps = plan.tables.iter().filter(|it| it.kind == "map");
    let lines = maps.clone().flat_map(|map| {
        let source = map.inputs.first().map(|it| plan.tables[*it].name.name.clone()).unwrap_or_default();
        lineage(map).into_iter().map(move |(field, from)| {
            let found = taken.get(&source).and_then(|it| it.columns.values().find(|(it, _)| from.contains(it)));
            let sure = found.map_or(1.0, |(_, sure)| *sure);
            vec![source.clone(), from.join(", "), field, format!("{sure:.2}")]
        })
    });
    table(&mut out, &["source", "column", "field", "sure"], lines);
    out.push_str("\n## Columns that nothing takes\n\n");
    let lines = maps.flat_map(|map| {
        let source = map.inputs.first().map(|it| plan.tables[*it].name.name.clone()).unwrap_or_default();
        map.unmapped.iter().map(move |it| {
            let maybe = it.proposals.first().map(|it| format!("{} ({:.2})", it.field, it.score)).unwrap_or_default();
            vec![source.clone(), it.column.clone(), maybe]
        })
    });
    table(&mut out, &["source", "column", "perhaps"], lines);
    out.push_str("\n## Tables\n\n");
    let steps = summary.steps.iter().filter(|it| it.kind != "source");
    let lines = steps.map(|it| {
        let count = it.rows.map(|it| it.to_string()).unwrap_or_default();
        // What a filter takes away is no record, and everybody can see how much that is.
        let own = plan.tables.iter().find(|table| table.kind == "filter" && table.name.name == it.step);
        let input = own.and_then(|table| table.inputs.first()).map(|input| rows(&plan.tables[*input].name.name));
        let left_out = input.map(|input| input.saturating_sub(rows(&it.step)).to_string()).unwrap_or_default();
        vec![it.step.clone(), it.kind.clone(), count, aside(&it.step).to_string(), left_out]
    });
    table(&mut out, &["table", "kind", "rows", "set aside", "left out"], lines);
    out.push_str("\n## Expectations\n\n");
    let lines = summary.checks.iter().map(|it| {
        let verdict = match (it.held, it.stops) {
            (Some(true), _) => "held",
            (Some(false), true) => "failed",
            (Some(false), false) => "warned",
            (None, _) => "not taken",
        };
        vec![it.id.clone(), verdict.to_owned(), it.unexpected.to_string(), it.considered.to_string()]
    });
    table(&mut out, &["expectation", "verdict", "unexpected", "of"], lines);
    out
}

fn table(out: &mut String, heads: &[&str], rows: impl Iterator<Item = Vec<String>>) {
    let mut lines: Vec<Vec<String>> = rows.collect();
    if lines.is_empty() {
        out.push_str("None.\n");
        return;
    }
    lines.insert(0, heads.iter().map(|_| "---".to_owned()).collect());
    lines.insert(0, heads.iter().map(|it| (*it).to_owned()).collect());
    for line in lines {
        let cells: Vec<String> = line.iter().map(|it| if it == "---" { it.clone() } else { markdown(it) }).collect();
        let _ = writeln!(out, "| {} |", cells.join(" | "));
    }
}
