//! A difference as one page that needs nothing else: no script, no font, no address. It is read by people and by screen
//! readers, on light and dark screens, and printed.
//!
//! Changed rows are told cell by cell, so that a hundred columns are no wider than one; rows that came or went are
//! tables that scroll on their own.

use crate::answers::diff::Difference;
use crate::answers::diff::lines::Row;
use crate::show::{count, markup, number};
use crate::views::diff::{columns_in_words, counts, name};

/// How the page looks. Colours have a contrast of at least 4.5:1 on their grounds, and a sign stands for each.
const STYLE: &str = "
:root { color-scheme: light dark; --ground: #fff; --text: #1b1f24; --soft: #59636e; --line: #d1d9e0; --band: #f6f8fa;
  --add: #dafbe1; --add-text: #0a4a1c; --del: #ffebe9; --del-text: #82071e; --link: #0550ae; }
@media (prefers-color-scheme: dark) { :root { --ground: #0d1117; --text: #e6edf3; --soft: #9198a1; --line: #3d444d;
  --band: #151b23; --add: #12361f; --add-text: #aff5b4; --del: #4a1519; --del-text: #ffdcd7; --link: #79c0ff; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 80rem; padding: 1.5rem; background: var(--ground); color: var(--text);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
p { margin: .25rem 0; } .soft { color: var(--soft); } a { color: var(--link); }
ul.counts { display: flex; flex-wrap: wrap; gap: .75rem; list-style: none; margin: 1rem 0; padding: 0; }
ul.counts li { border: 1px solid var(--line); border-radius: .4rem; padding: .4rem .9rem; min-width: 8rem; }
ul.counts b { display: block; font-size: 1.4rem; font-variant-numeric: tabular-nums; }
.scroll { overflow: auto; max-height: 80vh; border: 1px solid var(--line); border-radius: .4rem; }
.scroll:focus-visible, a:focus-visible { outline: 2px solid var(--link); outline-offset: 1px; }
table { border-collapse: separate; border-spacing: 0; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .6rem; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line);
  overflow-wrap: anywhere; min-width: 5rem; }
thead th { position: sticky; top: 0; background: var(--band); z-index: 2; }
tbody th { font-weight: 600; position: sticky; left: 0; background: var(--ground); z-index: 1; max-width: 18rem; }
thead th:first-child { left: 0; z-index: 3; }
tbody th, thead th, td.name { overflow-wrap: break-word; }
table.wide { width: max-content; min-width: 100%; } table.wide td { max-width: 24rem; }
td.n, th.n { text-align: right; }
ins, del { text-decoration: none; padding: 0 .25rem; border-radius: .2rem; white-space: pre-wrap; }
ins { background: var(--add); color: var(--add-text); } del { background: var(--del); color: var(--del-text); }
ins::before { content: '+ '; } del::before { content: '\\2212\\a0'; }
.none { color: var(--soft); font-style: italic; }
meter { width: 8rem; }
@media print { .scroll { max-height: none; overflow: visible; } thead th, tbody th { position: static; } }
";

/// The page.
pub(crate) fn page(it: &Difference<'_>, rows: &[Row]) -> String {
    let title = format!("{}: what differs", it.table);
    let mut out = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"generator\" content=\"hotpass\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <title>{}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{}</h1>\n",
        markup(&title),
        markup(it.table)
    );
    let by = match it.by.as_slice() {
        [] => "Whole rows are compared, for there is no key.".to_owned(),
        names => format!("Rows are matched by {}.", code(names)),
    };
    out.push_str(&format!(
        "<p>From <code>{}</code> ({}) to <code>{}</code> ({}). {by}</p>\n",
        markup(&it.from.label),
        count(it.from.rows, "row"),
        markup(&it.to.label),
        count(it.to.rows, "row")
    ));
    let tally = &it.tally;
    out.push_str("<ul class=\"counts\">\n");
    for (n, what) in
        [(tally.added, "added"), (tally.removed, "removed"), (tally.changed, "changed"), (it.same_rows(), "as before")]
    {
        let noun = if n == 1 { "row" } else { "rows" };
        out.push_str(&format!("<li><b>{}</b> {noun} {what}</li>\n", number(n)));
    }
    out.push_str("</ul>\n");
    if it.no_row() {
        out.push_str(&format!("<p>{}.</p>\n", markup(&first_up(&counts(it)))));
    }
    let repeated = tally.repeated.0.max(tally.repeated.1);
    if repeated > 0 {
        let keys = count(repeated, "key");
        out.push_str(&format!(
            "<p class=\"soft\">{keys} in more than one row: these are matched one after the other.</p>\n"
        ));
    }
    let all = tally.added + tally.removed + tally.changed;
    if (rows.len() as u64) < all {
        out.push_str(&format!(
            "<p class=\"soft\">This page has the first {} of {} that differ; a workbook has all of them.</p>\n",
            number(rows.len() as u64),
            count(all, "row")
        ));
    }
    columns(it, &mut out);
    changed(it, rows, &mut out);
    whole(it, rows, "added", &mut out);
    whole(it, rows, "removed", &mut out);
    out.push_str("</main>\n</body>\n</html>\n");
    out
}

fn columns(it: &Difference<'_>, out: &mut String) {
    let changed = columns_in_words(it);
    if !changed.is_empty() {
        out.push_str("<h2>Columns that came, went, or have another type</h2>\n<ul>\n");
        for (mark, words) in changed {
            let text = markup(&words);
            out.push_str(&match mark {
                "+" => format!("<li><ins>{text}</ins></li>\n"),
                "-" => format!("<li><del>{text}</del></li>\n"),
                _ => format!("<li>{text}</li>\n"),
            });
        }
        out.push_str("</ul>\n");
    }
    let touched: Vec<_> = it.touched().collect();
    if touched.is_empty() {
        return;
    }
    let most = touched.iter().map(|(_, cells, _)| *cells).max().unwrap_or(1);
    out.push_str("<h2 id=\"columns\">Cells by column</h2>\n");
    out.push_str(&region("columns"));
    out.push_str(
        "<table>\n<thead><tr><th scope=\"col\">Column</th><th scope=\"col\" class=\"n\">Cells</th>\
         <th scope=\"col\">Share</th><th scope=\"col\" class=\"n\">Changed</th>\
         <th scope=\"col\" class=\"n\">Filled</th><th scope=\"col\" class=\"n\">Emptied</th></tr></thead>\n<tbody>\n",
    );
    for (name, cells, kinds) in touched {
        let kinds: String = kinds.iter().map(|it| format!("<td class=\"n\">{}</td>", number(*it))).collect();
        out.push_str(&format!(
            "<tr><th scope=\"row\">{}</th><td class=\"n\">{}</td><td><meter min=\"0\" max=\"{most}\" \
             value=\"{cells}\" aria-hidden=\"true\"></meter></td>{kinds}</tr>\n",
            markup(name),
            number(cells)
        ));
    }
    out.push_str("</tbody>\n</table>\n</div>\n");
}

/// Changed rows, a line for each cell.
fn changed(it: &Difference<'_>, rows: &[Row], out: &mut String) {
    let rows: Vec<&Row> = rows.iter().filter(|it| it.change() == "changed").collect();
    if rows.is_empty() {
        return;
    }
    out.push_str("<h2 id=\"changed\">Changed rows</h2>\n");
    out.push_str(&region("changed"));
    let key = if it.by.is_empty() { "Row".to_owned() } else { markup(&it.by.join(", ")) };
    out.push_str(&format!(
        "<table>\n<thead><tr><th scope=\"col\">{key}</th><th scope=\"col\">Column</th><th scope=\"col\">Before</th>\
         <th scope=\"col\">After</th></tr></thead>\n<tbody>\n"
    ));
    for row in rows {
        let changes: Vec<_> = row.changes().collect();
        for (line, (at, from, to)) in changes.iter().enumerate() {
            out.push_str("<tr>");
            if line == 0 {
                let name = markup(&name(row, it));
                out.push_str(&format!("<th scope=\"rowgroup\" rowspan=\"{}\">{name}</th>", changes.len()));
            }
            let cell = |value: &Option<&str>, tag: &str| match value {
                Some(text) => format!("<td><{tag}>{}</{tag}></td>", markup(text)),
                None => "<td><span class=\"none\">empty</span></td>".to_owned(),
            };
            out.push_str(&format!(
                "<td class=\"name\">{}</td>{}{}</tr>\n",
                markup(&it.columns[*at].name),
                cell(from, "del"),
                cell(to, "ins")
            ));
        }
    }
    out.push_str("</tbody>\n</table>\n</div>\n");
}

/// Rows that came or went, with all columns in which any of them has a value.
fn whole(it: &Difference<'_>, rows: &[Row], change: &str, out: &mut String) {
    let rows: Vec<&Row> = rows.iter().filter(|it| it.change() == change).collect();
    if rows.is_empty() {
        return;
    }
    let tag = if change == "added" { "ins" } else { "del" };
    let filled = |at: &usize| rows.iter().any(|row| row.line().cells[*at].is_some());
    let key = |at: &usize| it.by.contains(&it.columns[*at].name) && it.columns[*at].mask.is_none();
    let shown: Vec<usize> = (0..it.columns.len()).filter(|at| filled(at) && !key(at)).collect();
    out.push_str(&format!("<h2 id=\"{change}\">{} rows</h2>\n", first_up(change)));
    out.push_str(&region(change));
    let key = if it.by.is_empty() { "Row".to_owned() } else { markup(&it.by.join(", ")) };
    out.push_str(&format!("<table class=\"wide\">\n<thead><tr><th scope=\"col\">{key}</th>"));
    for at in &shown {
        out.push_str(&format!("<th scope=\"col\">{}</th>", markup(&it.columns[*at].name)));
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    for row in rows {
        out.push_str(&format!("<tr><th scope=\"row\"><{tag}>{}</{tag}></th>", markup(&name(row, it))));
        for at in &shown {
            let text = row.line().cells[*at].as_deref().map_or_else(String::new, markup);
            out.push_str(&format!("<td>{text}</td>"));
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody>\n</table>\n</div>\n");
}

/// A part that scrolls, which the keyboard can reach.
fn region(heading: &str) -> String {
    format!("<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-labelledby=\"{heading}\">\n")
}

fn code(names: &[String]) -> String {
    names.iter().map(|it| format!("<code>{}</code>", markup(it))).collect::<Vec<_>>().join(", ")
}

fn first_up(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |it| it.to_uppercase().chain(letters).collect())
}
