//! How a workbook is laid out, as declared: how columns are shown, what is summed and noted, and further sheets.

use std::collections::BTreeMap;

use crate::fields::keys::{Key, Keys, Need, Takes, Usual};
use crate::fields::{Fields, WRONG_VALUE};
use crate::problem::did_you_mean;
use crate::publish::{self, Sheet, ShownColumns, TemplateOf, Words};

const LABELS: Keys = Keys::any(Takes::Text, "a column, and the text of its header");
const FORMATS_OF: Keys = Keys::any(Takes::Text, "a column, and how its numbers or days are written");
const WIDTHS: Keys = Keys::any(Takes::Integer(1, 255), "a column, and how many characters it is wide");
const NOTES: Keys = Keys::any(Takes::Text, "a column, and what is noted on its header");
const SHEETS: Keys = Keys::any(Takes::Table(&SHEET), "the name of a sheet after the first one, and its contents");

/// The keys that say how columns are shown.
pub(super) const SHOWN: [Key; 6] = [
    Key::new("labels", Takes::Table(&LABELS), "texts of headers instead of names"),
    Key::new("formats", Takes::Table(&FORMATS_OF), "how numbers and days are written: `percent`, `money`, `0.00`"),
    Key::new("widths", Takes::Table(&WIDTHS), "how wide columns are, in characters"),
    Key::new("notes", Takes::Table(&NOTES), "what is noted on headers"),
    Key::new("describe", Takes::Flag, "whether what the table's contract says of a column is noted on its header")
        .or(Usual::Flag(false)),
    Key::new("total", Takes::TEXTS, "columns whose numbers are summed below the last row"),
];

/// The key of further sheets.
pub(super) const MORE: Key = Key::new("sheets", Takes::Table(&SHEETS), "sheets of other tables, by name");

/// The key of what the workbook says by itself.
pub(super) const WORDS: Key = Key::new("words", Takes::Table(&WORDS_OF), "what it says by itself, in another language");
const WORDS_OF: Keys = Keys::any(Takes::Text, "the English word, and the word to use");

/// The keys of a template.
pub(super) const TEMPLATE: [Key; 2] = [
    Key::new("template", Takes::Text, "a workbook of yours whose range is filled; its look, charts and sheets stay"),
    Key::new("range", Takes::Text, "the name of the range or the table of `template` that is filled"),
];

/// Neither goes without the other.
pub(super) const TEMPLATE_NEEDS: [Need; 2] =
    [Need { beside: Some("template"), one_of: &["range"] }, Need { beside: Some("range"), one_of: &["template"] }];

/// Reads a template, beside which nothing is said of how the workbook looks.
pub(super) fn template(table: &mut Fields) -> Option<TemplateOf> {
    let (path, range) = (table.text("template"), table.text("range"));
    let (key, message, help) = match (&path, &range) {
        (None, None) => return None,
        (Some(_), None) => ("template", "a template needs `range`", "add `range = \"NAME\"`, a range or a table of it"),
        (None, Some(_)) => {
            ("range", "`range` is the range of a `template`", "add `template = \"templates/FILE.xlsx\"`")
        }
        _ => {
            for key in OWN_LOOK.into_iter().filter(|it| table.has(it)).collect::<Vec<_>>() {
                let message = format!("`{key}` says nothing beside `template`");
                let help = "leave it out, and say it in the template".to_owned();
                table.problem(&WRONG_VALUE, key, message, "this key", Some(help));
            }
            return Some(TemplateOf { path: path?, range: range?, digest: None });
        }
    };
    table.problem(&WRONG_VALUE, key, message, "this key", Some(help.to_owned()));
    None
}

/// What a template says itself.
const OWN_LOOK: [&str; 12] = [
    "sheet", "sheets", "summary", "score", "labels", "formats", "widths", "notes", "describe", "total", "words",
    "print",
];

const SHEET: Keys = Keys::of(&[
    Key::required("from", Takes::Text, "the table to write"),
    Key::new("columns", Takes::TEXTS, "which columns, in this order; all but hidden ones without it"),
    Key::new("rejected", Takes::Flag, "whether the rows are written that the table sets aside").or(Usual::Flag(false)),
    SHOWN[0],
    SHOWN[1],
    SHOWN[2],
    SHOWN[3],
    SHOWN[4],
    SHOWN[5],
]);

/// Reads how columns are shown, and whether descriptions are noted.
pub(super) fn shown(table: &mut Fields) -> (ShownColumns, bool) {
    let mut shown: ShownColumns = BTreeMap::new();
    each(table, "labels", &mut |fields, name| {
        let label = fields.text(name)?;
        shown.entry(name.to_owned()).or_default().label = Some(label);
        Some(())
    });
    each(table, "formats", &mut |fields, name| {
        // Whether it is one, and fits the column, is found out in planning.
        shown.entry(name.to_owned()).or_default().format = Some(fields.text(name)?);
        Some(())
    });
    each(table, "widths", &mut |fields, name| {
        let width = fields.integer(name)?;
        match u8::try_from(width).ok().filter(|it| *it > 0) {
            Some(width) => shown.entry(name.to_owned()).or_default().width = Some(width),
            None => fields.problem(&WRONG_VALUE, name, "a column is 1 to 255 characters wide", "this width", None),
        }
        Some(())
    });
    each(table, "notes", &mut |fields, name| {
        let note = fields.text(name)?;
        shown.entry(name.to_owned()).or_default().note = Some(note);
        Some(())
    });
    for name in table.words("total") {
        shown.entry(name).or_default().total = true;
    }
    (shown, table.flag("describe", false))
}

/// Every column of a table of columns.
fn each(table: &mut Fields, key: &str, read: &mut dyn FnMut(&mut Fields, &str) -> Option<()>) {
    let Some(mut fields) = table.table(key) else { return };
    for name in fields.keys() {
        read(&mut fields, &name);
    }
    fields.finish();
}

/// Reads further sheets, in the order of the file.
pub(super) fn sheets(table: &mut Fields, first: &str) -> Vec<Sheet> {
    let Some(mut all) = table.table("sheets") else { return Vec::new() };
    let mut sheets: Vec<Sheet> = Vec::new();
    for name in all.keys() {
        let Some(mut fields) = all.table(&name) else { continue };
        let taken = [first].into_iter().chain(sheets.iter().map(|it| it.name.as_str()));
        if taken.into_iter().any(|it| it.to_lowercase() == name.to_lowercase()) {
            let message = format!("two sheets would be called `{}`", name.escape_debug());
            let help = "give one of them another name; the first one has its name from `sheet`".to_owned();
            fields.problem(&WRONG_VALUE, "", message, "this name", Some(help));
        }
        let from = fields.required_text("from");
        let columns = fields.words("columns");
        let rejected = fields.flag("rejected", false);
        let (shown, describe) = shown(&mut fields);
        fields.finish();
        if let Some(from) = from {
            sheets.push(Sheet { name, from, columns, rejected, shown, describe });
        }
    }
    all.finish();
    sheets
}

/// Reads the words that a workbook has in the place of English ones.
pub(super) fn words(table: &mut Fields) -> Words {
    let mut acc = Words::default();
    let Some(mut fields) = table.table("words") else { return acc };
    for key in fields.keys() {
        let Some(english) = Words::english(&key) else {
            let known = Words::keys().collect::<Vec<_>>();
            let help = did_you_mean(&key, known.iter().copied());
            let help = help.unwrap_or_else(|| format!("it says `{}`", known.join("`, `")));
            let message = format!("a workbook says nothing that is called `{}`", key.escape_debug());
            fields.problem(&WRONG_VALUE, &key, message, "this word", Some(help));
            fields.pass_over(&[key]);
            continue;
        };
        let Some(word) = fields.text(&key) else { continue };
        let fault = match () {
            () if publish::places(&word) != publish::places(english) => {
                Some(format!("write as many `{{}}` for values as `{english}` has"))
            }
            () if publish::SHEETS.contains(&key.as_str()) => publish::sheet_name_fault(&word).map(str::to_owned),
            () if word.trim().is_empty() => Some("it is blank".to_owned()),
            () => None,
        };
        match fault {
            Some(fault) => {
                let message = format!("`{}` cannot replace `{english}`", word.escape_debug());
                fields.problem(&WRONG_VALUE, &key, message, "this word", Some(fault));
            }
            None => acc.set(&key, word),
        }
    }
    if acc.of("summary").to_lowercase() == acc.of("read_me").to_lowercase() {
        let help = Some("give one of them another name".to_owned());
        fields.problem(&WRONG_VALUE, "read_me", "two sheets would have one name", "this word", help);
    }
    fields.finish();
    acc
}
