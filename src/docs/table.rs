//! The page of one table: what it promises, what each column holds, and where it comes from.

use super::facts::{ColumnFacts, Facts, Held, TableFacts};
use super::page::{Place, anchor, codes, name, page, prose, table_links, verdict};
use super::picture::picture;
use crate::escape::{cell, markup};
use crate::numbers::{count, number, percent};

/// The longest value that is shown, in characters.
const LONGEST: usize = 60;

/// How many places a column is told to come from.
const MOST: usize = 4;

/// The page of the table at this place; nothing where there is none.
pub fn table(facts: &Facts, table: &TableFacts) -> String {
    let mut out = String::new();
    let contract = table.contract.as_ref();
    if let Some(text) = table.description.as_ref().or(contract.and_then(|it| it.description.as_ref())) {
        out.push_str(&format!("<p>{}</p>\n", markup(text)));
    }
    out.push_str("<dl>\n");
    let mut line = |term: &str, text: String| {
        if !text.is_empty() {
            out.push_str(&format!("<dt>{term}</dt><dd>{text}</dd>\n"));
        }
    };
    line("Rows", table.rows_in_words());
    line("Set aside", table.rejected.map_or_else(String::new, |it| count(it, "row")));
    line("Kind", markup(&table.kind));
    line("Key", table.key.as_ref().map_or_else(String::new, |it| format!("<code>{}</code>", markup(it))));
    line("Read from", codes(&table.places, 12));
    line("Made of", table_links(facts, Place::Table, &table.inputs));
    line("Read by", table_links(facts, Place::Table, &table.readers));
    line("Written to", codes(&table.written, 12));
    line(
        "Contract",
        contract.map_or_else(String::new, |it| {
            let owner = it.owner.as_ref().map_or_else(String::new, |it| format!(", owned by {}", markup(it)));
            format!("<code>{}</code> {}{owner}", markup(&it.name), markup(&it.version))
        }),
    );
    out.push_str("</dl>\n<h2>What it promises</h2>\n");
    let checks: Vec<_> = facts.checks_of(&table.name).collect();
    if checks.is_empty() {
        out.push_str("<p>No check is declared for this table.</p>\n");
    } else {
        out.push_str("<ul class=\"plain\">\n");
        for check in checks {
            let waiver =
                check.waiver.as_ref().map_or_else(String::new, |it| format!(" <small>({})</small>", markup(&it.words)));
            out.push_str(&format!(
                "<li>{} {} <small><a href=\"../checks.html#{}\">{}</a></small>{waiver}</li>\n",
                verdict(check.verdict),
                prose(&check.expected),
                anchor(facts, check),
                markup(&check.id)
            ));
        }
        out.push_str("</ul>\n");
    }
    out.push_str(&format!("<h2>{}</h2>\n<ol class=\"columns\">\n", count(table.columns.len() as u64, "column")));
    for it in &table.columns {
        column(table, it, &mut out);
    }
    out.push_str("</ol>\n");
    page(facts, Place::Table, &table.name, &out)
}

fn column(table: &TableFacts, column: &ColumnFacts, out: &mut String) {
    let personal = if column.personal { " <span class=\"personal\">personal</span>" } else { "" };
    out.push_str(&format!(
        "<li>\n<div><h3>{}</h3><p><span class=\"soft\">{}</span>{personal}</p></div>\n",
        name(&cell(&column.name, 200)),
        markup(&column.ty)
    ));
    let Some(held) = &column.held else {
        out.push_str("<div><p class=\"soft\">Not built.</p></div></li>\n");
        return;
    };
    out.push_str(&picture(column, held));
    out.push_str("<div>\n");
    if let Some(text) = &column.description {
        out.push_str(&format!("<p>{}</p>\n", markup(text)));
    }
    if let Some(unit) = &column.unit {
        out.push_str(&format!("<p>In {}.</p>\n", markup(unit)));
    }
    if !column.promises.is_empty() {
        let all: Vec<String> = column.promises.iter().map(|it| markup(it)).collect();
        out.push_str(&format!("<p class=\"soft\">Promised: {}.</p>\n", all.join("; ")));
    }
    let rows = table.rows.unwrap_or(0);
    out.push_str(&format!("<p>{}</p>\n", filled(held, rows)));
    if let Some((least, most)) = &held.ends {
        out.push_str(&format!("<p>From {} to {}.</p>\n", value(least), value(most)));
    }
    if let Some((least, most)) = held.lengths {
        let words = if least == most {
            count(least, "character")
        } else {
            format!("{} to {}", number(least), count(most, "character"))
        };
        out.push_str(&format!("<p>{words}.</p>\n"));
    }
    if held.has_frequent_values() {
        let shown: Vec<_> = held.values.iter().map(|(it, rows)| format!("{} {}", value(it), number(*rows))).collect();
        out.push_str(&format!("<p>Values: {}.</p>\n", shown.join(", ")));
    } else if !held.examples.is_empty() {
        let what = if column.personal { "Masked examples" } else { "Examples" };
        let shown: Vec<_> = held.examples.iter().map(|it| value(it)).collect();
        out.push_str(&format!("<p>{what}: {}.</p>\n", shown.join(", ")));
    }
    if !column.from.is_empty() {
        out.push_str(&format!("<p class=\"source\">From {}.</p>\n", codes(&column.from, MOST)));
    }
    if !column.cells.is_empty() {
        out.push_str(&format!("<p class=\"source\">In the files: {}.</p>\n", codes(&column.cells, MOST)));
    }
    out.push_str("</div>\n</li>\n");
}

/// `12 of 653 rows have no value (1.8 %); 400 different values.`
fn filled(held: &Held, rows: u64) -> String {
    let distinct = match held.distinct {
        1 => "one value".to_owned(),
        n => count(n, "different value"),
    };
    match (rows, held.nulls) {
        (0, _) => "There is no row.".to_owned(),
        (_, 0) => format!("Every row has a value; {distinct}."),
        (rows, nulls) if nulls == rows => "No row has a value.".to_owned(),
        (rows, nulls) => format!(
            "{} of {} without a value ({}); {distinct}.",
            number(nulls),
            count(rows, "row"),
            markup(&percent(nulls, rows))
        ),
    }
}

fn value(text: &str) -> String {
    match text.is_empty() {
        true => "<span class=\"soft\">an empty text</span>".to_owned(),
        false => format!("<code>{}</code>", markup(&cell(text, LONGEST))),
    }
}
