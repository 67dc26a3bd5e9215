//! A proposal as data, and as the TOML that is written: what stands there builds, what is only possible is a comment.

use std::collections::BTreeMap;
use std::fmt::Write;

use toml_edit::{Key, Value as Toml};

use crate::escape::is_unsafe;
use crate::numbers::count;
use crate::profile::Value;
use crate::readers::Header;

/// So many profiles are named with what they know.
const BEST: usize = 4;
/// Fewer rows say little of the next delivery: where none of `n` rows lacks a value, up to 3 in `n` may (the rule of
/// three, 95 %; Hanley and Lippman-Hand 1983), and 60 rows are the first that leave it below 5 %.
const SURE: u64 = 60;

/// What is proposed for some workbooks.
#[derive(Clone, Debug, Default)]
pub(crate) struct Draft {
    /// The pipeline's name.
    pub(crate) name: String,
    /// The profile that fits best.
    pub(crate) profile: String,
    /// How many columns find a field in which profile, best first.
    pub(crate) fits: Vec<(String, usize)>,
    /// How many columns there are.
    pub(crate) columns: usize,
    /// What is set because the profile leaves it open: `date_order`, `decimal_comma`.
    pub(crate) normal: Vec<(&'static str, String, String)>,
    /// The files, in the order in which they were named.
    pub(crate) books: Vec<Book>,
    /// Fields of the profile whose values are taken as they are, and why.
    pub(crate) plain: BTreeMap<String, String>,
}

/// One file.
#[derive(Clone, Debug)]
pub(crate) struct Book {
    /// Relative to the workspace.
    pub(crate) path: String,
    /// Its sheets; one without a name for delimited text.
    pub(crate) sheets: Vec<Sheet>,
}

/// One sheet.
#[derive(Clone, Debug)]
pub(crate) struct Sheet {
    /// Its name.
    pub(crate) name: Option<String>,
    /// What stands in it.
    pub(crate) what: What,
}

/// What stands in a sheet.
#[derive(Clone, Debug)]
pub(crate) enum What {
    /// A table.
    Table(Box<Table>),
    /// Nothing that is read, and why.
    Left(String),
}

/// One table, from source to artefact.
#[derive(Clone, Debug, Default)]
pub(crate) struct Table {
    /// Its name, unlike all others.
    pub(crate) name: String,
    /// Where the header stands.
    pub(crate) header: Header,
    /// How sure that is.
    pub(crate) sure: f32,
    /// What else was found out: keys of the source.
    pub(crate) dialect: Vec<(&'static str, String)>,
    /// Rows that can be used.
    pub(crate) rows: u64,
    /// Rows that cannot.
    pub(crate) aside: u64,
    /// Its columns.
    pub(crate) columns: Vec<Column>,
    /// Columns of the result that every row has a value of.
    pub(crate) full: Vec<String>,
    /// The first column of the result that tells its rows apart and has the name or the shape of a key.
    pub(crate) unique: Option<String>,
    /// Columns of the result that most rows have a value of, and the share.
    pub(crate) mostly: Vec<(String, f64)>,
}

/// One column.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    /// Its name.
    pub(crate) name: String,
    /// Where it goes.
    pub(crate) status: StepStatus,
    /// What else it might be, in words.
    pub(crate) maybe: Vec<(String, String)>,
    /// What became of its values, when some are lost.
    pub(crate) lost: Option<(u64, u64)>,
}

/// Where a column goes.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum StepStatus {
    /// To a field of the profile.
    Field {
        /// The field.
        name: String,
        /// How sure that is.
        score: f64,
        /// Why.
        why: String,
    },
    /// To a field of its own.
    Own {
        /// The field.
        name: String,
        /// What its values are.
        value: Value,
        /// Whether it tells of a person.
        personal: bool,
    },
    /// Nowhere: it has no values.
    Empty,
}

impl Column {
    /// The field, if there is one.
    pub(crate) fn field(&self) -> Option<&str> {
        match &self.status {
            StepStatus::Field { name, .. } | StepStatus::Own { name, .. } => Some(name),
            StepStatus::Empty => None,
        }
    }
}

impl Draft {
    /// All tables with the file and the sheet of each.
    pub(crate) fn tables(&self) -> impl Iterator<Item = (&Book, &Sheet, &Table)> {
        self.books.iter().flat_map(|book| {
            book.sheets.iter().filter_map(move |sheet| match &sheet.what {
                What::Table(table) => Some((book, sheet, &**table)),
                What::Left(_) => None,
            })
        })
    }

    /// All tables, to be changed.
    pub(crate) fn tables_mut(&mut self) -> impl Iterator<Item = &mut Table> {
        self.books.iter_mut().flat_map(|it| &mut it.sheets).filter_map(|sheet| match &mut sheet.what {
            What::Table(table) => Some(&mut **table),
            What::Left(_) => None,
        })
    }

    /// The file that is proposed.
    pub(crate) fn text(&self) -> String {
        let mut out = String::new();
        let books: Vec<_> = self.books.iter().map(|it| format!("`{}`", one_line(&it.path))).collect();
        let _ = writeln!(
            out,
            "# Proposed by `hotpass init --from` for {}.\n#\n\
             # You can build it as it is: `hotpass build`. The comment after each column gives the reason for its mapping;\n\
             # other possible mappings are comments too. Correct what is wrong, and delete the comments.\n",
            books.join(", ")
        );
        let fits =
            self.fits.iter().take(BEST).map(|(name, count)| format!("`{name}` {count}")).collect::<Vec<_>>().join(", ");
        let _ = writeln!(
            out,
            "[pipeline]\nname = {}\nprofile = {}   # of {} this many find a field: {fits}",
            text(&self.name),
            text(&self.profile),
            count(self.columns as u64, "column"),
        );
        self.settings(&mut out);
        self.fields(&mut out);
        for book in &self.books {
            let _ = writeln!(out, "\n\n# {}", one_line(&book.path));
            for sheet in &book.sheets {
                match &sheet.what {
                    What::Table(table) => self.table(&mut out, book, sheet, table, true),
                    What::Left(why) => {
                        let name = sheet.name.as_deref().map_or_else(|| "It".to_owned(), |it| format!("Sheet `{it}`"));
                        let _ = writeln!(out, "\n# {} is left out: {}.", one_line(&name), one_line(why));
                    }
                }
            }
        }
        out
    }

    /// The same for a program that only measures: no comments, no exports, no expectations but those in `checks`.
    pub(crate) fn bare(&self, checks: &str) -> String {
        let mut out = format!("[pipeline]\nname = {}\nprofile = {}\n", text(&self.name), text(&self.profile));
        self.settings(&mut out);
        self.fields(&mut out);
        for (book, sheet, table) in self.tables() {
            self.table(&mut out, book, sheet, table, false);
        }
        out + checks
    }

    /// Nothing but the sources, with the expectations in `checks`.
    pub(crate) fn sources(&self, checks: &str) -> String {
        let mut out = format!("[pipeline]\nname = {}\n", text(&self.name));
        for (book, sheet, table) in self.tables() {
            out.push('\n');
            source(&mut out, book, sheet, table);
        }
        out + checks
    }

    fn settings(&self, out: &mut String) {
        if !self.normal.is_empty() {
            out.push_str("\n[normal]\n");
        }
        for (key, value, why) in &self.normal {
            let _ = writeln!(out, "{key} = {value}   # {why}");
        }
    }

    /// What the profile does not know: fields of columns that none of its fields is like.
    fn fields(&self, out: &mut String) {
        let mut told = BTreeMap::new();
        for (name, why) in &self.plain {
            let _ = writeln!(out, "\n# {}\n[field.{}]\nvalue = \"line\"", one_line(why), key(name));
        }
        for (_, sheet, table) in self.tables() {
            for column in &table.columns {
                let StepStatus::Own { name, value, personal } = &column.status else { continue };
                if told.insert(name.clone(), ()).is_some() {
                    continue;
                }
                let from = sheet.name.as_deref().unwrap_or(&table.name);
                let _ = writeln!(
                    out,
                    "\n# Column `{}` of `{}`\n[field.{}]\nvalue = {}",
                    one_line(&column.name),
                    one_line(from),
                    key(name),
                    text(&value.spelling())
                );
                if *personal {
                    out.push_str("class = \"personal\"   # masked wherever it is shown\n");
                }
            }
        }
    }

    fn table(&self, out: &mut String, book: &Book, sheet: &Sheet, table: &Table, whole: bool) {
        let name = &table.name;
        if whole {
            let _ = writeln!(
                out,
                "\n# {}: {}, {}; {}.",
                sheet.name.as_deref().map_or_else(|| "A table".to_owned(), |it| format!("Sheet `{}`", one_line(it))),
                count(table.rows, "row"),
                count(table.columns.len() as u64, "column"),
                where_it_is(table.header, table.sure),
            );
        } else {
            out.push('\n');
        }
        source(out, book, sheet, table);
        let _ = writeln!(out, "\n[step.{name}_fields]\nkind = \"map\"\nfrom = \"{name}\"");
        if !table.columns.is_empty() {
            let why = if whole { "   # only the settings in this file are guessed" } else { "" };
            let _ = writeln!(out, "threshold = 1{why}\n\n[step.{name}_fields.columns]");
            columns(out, table, whole);
        }
        let _ = writeln!(out, "\n[step.{name}_clean]\nkind = \"normalise\"\nfrom = \"{name}_fields\"");
        if whole {
            contract(out, table);
            let _ = writeln!(out, "\n[export.{name}]\nfrom = \"{name}_clean\"\npath = \"dist/{name}.xlsx\"");
            if table.aside > 0 {
                let rows = count(table.aside, "row");
                let _ = writeln!(
                    out,
                    "\n# {rows} cannot be used as delivered; people correct them in a copy of this below `fixes/`.\n\
                     [export.{name}_to_fix]\nfrom = \"{name}\"\nrejected = true\npath = \"dist/{name}-to-fix.xlsx\"\n\n\
                     [source.{name}_fixed]\ncorrects = \"{name}\"\npath = \"fixes/{name}*.xlsx\""
                );
            }
        }
    }
}

/// Where the rows come from.
fn source(out: &mut String, book: &Book, sheet: &Sheet, table: &Table) {
    let _ = writeln!(out, "[source.{}]\npath = {}", table.name, text(&book.path));
    if let Some(sheet) = &sheet.name {
        let _ = writeln!(out, "sheet = {}", text(sheet));
    }
    let _ = writeln!(out, "header = {}", table.header);
    for (key, value) in &table.dialect {
        let _ = writeln!(out, "{key} = {}", text(value));
    }
}

/// The mapping, one line a column.
fn columns(out: &mut String, table: &Table, whole: bool) {
    let mut lines: Vec<(String, String)> = Vec::new();
    for column in &table.columns {
        let to = |field: &str| format!("{} = {}", key(field), text(&column.name));
        let lost = column.lost.map(|(lost, all)| format!("; {lost} of {} cannot be read so", count(all, "value")));
        let lost = lost.unwrap_or_default();
        match &column.status {
            StepStatus::Field { name, score, why } => lines.push((to(name), format!("{score:.2} {why}{lost}"))),
            StepStatus::Own { name, .. } => lines.push((to(name), format!("a field of its own{lost}"))),
            StepStatus::Empty => lines.push((format!("# {}", text(&column.name)), "has no values".to_owned())),
        }
        lines.extend(column.maybe.iter().map(|(field, why)| (format!("# {}", to(field)), why.clone())));
    }
    let width = lines.iter().map(|(line, _)| line.chars().count()).max().unwrap_or(0).min(60);
    for (line, why) in lines {
        match whole {
            true => {
                let _ = writeln!(out, "{line:<width$}   # {}", one_line(&why));
            }
            false if line.starts_with('#') => (),
            false => {
                let _ = writeln!(out, "{line}");
            }
        }
    }
}

/// What is true of this delivery and should be true of the next.
fn contract(out: &mut String, table: &Table) {
    let name = &table.name;
    let _ = writeln!(
        out,
        "\n# True of what came this time. `severity = \"error\"` is what a check has without the key.\n\
         [[expect.{name}_clean]]\nrows = {{ min = {} }}   # half of what came\nseverity = \"warn\"",
        table.rows / 2
    );
    if !table.full.is_empty() {
        let names: Vec<_> = table.full.iter().map(|it| text(it)).collect();
        let few = if table.rows < SURE { "\nseverity = \"warn\"   # there are few rows" } else { "" };
        let _ = writeln!(out, "\n[[expect.{name}_clean]]\ncolumns = [{}]\nnot_null = true{few}", names.join(", "));
    }
    if let Some(column) = &table.unique {
        let _ =
            writeln!(out, "\n[[expect.{name}_clean]]\ncolumn = {}\nunique = true\nseverity = \"warn\"", text(column));
    }
    let mut shares: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (column, share) in &table.mostly {
        shares.entry(format!("{share:.2}")).or_default().push(text(column));
    }
    for (share, columns) in shares.iter().rev() {
        let _ = writeln!(
            out,
            "\n[[expect.{name}_clean]]\ncolumns = [{}]\nnot_null = true\nmostly = {share}\nseverity = \"warn\"",
            columns.join(", ")
        );
    }
}

/// A text as TOML writes it.
pub(crate) fn text(it: &str) -> String {
    if !it.chars().any(is_unsafe) {
        return Toml::from(it).to_string().trim().to_owned();
    }
    let escaped = |c: char| match c {
        '"' | '\\' => format!("\\{c}"),
        c if is_unsafe(c) => format!("\\U{:08X}", u32::from(c)),
        c => c.to_string(),
    };
    format!("\"{}\"", it.chars().map(escaped).collect::<String>())
}

fn key(it: &str) -> String {
    if it.chars().any(is_unsafe) { text(it) } else { Key::new(it).to_string() }
}

/// What a comment may hold.
fn one_line(it: &str) -> String {
    it.chars().map(|c| if is_unsafe(c) { ' ' } else { c }).collect()
}

/// A header's place in words.
fn where_it_is(header: Header, sure: f32) -> String {
    match header {
        Header::Absent => "no row names its columns, so they go by their letters".to_owned(),
        Header::Rows(first, last) => format!("the header is in rows {first} to {last} (sure: {sure:.2})"),
        one => format!("the header is in row {one} (sure: {sure:.2})"),
    }
}
