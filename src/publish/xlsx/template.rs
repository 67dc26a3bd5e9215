//! A workbook that somebody drew up, whose named range is filled with the rows of a table.
//!
//! The first row of the range is its header and stays; what stands beneath shows how rows look. Rows are written into the
//! sheet, references that end with the range grow with it, and every other part is copied as it is: charts, styles,
//! pictures, other sheets. Nothing is moved, so nothing may stand beneath the range in its columns.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use zip::ZipArchive;

use crate::problem::Problem;
use crate::publish::PublishError;
use crate::publish::problems::TEMPLATE;
use area::{Area, cell, of_sheet};
use looks::Looks;
use markup::{Piece, pieces};

mod area;
mod edit;
pub mod filled;
mod looks;
mod markup;

/// Bytes of all parts together at most.
const MOST: u64 = 1 << 28;
/// The part that lists sheets and names.
const WORKBOOK: &str = "xl/workbook.xml";
/// The part with styles.
const STYLES: &str = "xl/styles.xml";

/// A template, looked through.
pub struct Template {
    /// Parts by name, in the order of the archive.
    parts: Vec<(String, Vec<u8>)>,
    /// The part of the sheet with the range.
    sheet: String,
    /// What the sheet is called.
    name: String,
    /// The range: its header, and at least one row.
    area: Area,
    /// Parts of tables on the sheet.
    tables: Vec<String>,
    /// The sheet up to its rows, its rows, and what stands behind them.
    head: String,
    rows: BTreeMap<u32, Row>,
    tail: String,
    looks: Looks,
    /// How a new row looks: its tag without a number.
    row: String,
    /// How cells of each column of the range look.
    columns: Vec<usize>,
}

/// A row of the sheet.
#[derive(Default)]
struct Row {
    /// Its tag, without a number.
    tag: String,
    /// Its cells as they are written, by column.
    cells: BTreeMap<u32, String>,
}

/// Why a template cannot be filled, in words.
struct Fault(String, &'static str);

type Found<T> = Result<T, Fault>;

fn fault<T>(what: impl Into<String>, help: &'static str) -> Found<T> {
    Err(Fault(what.into(), help))
}

impl From<String> for Fault {
    fn from(reason: String) -> Fault {
        Fault(format!("cannot be read: {reason}"), "save it again as `.xlsx` with Excel or LibreOffice")
    }
}

impl Template {
    /// Looks through a workbook; `file` is its path, for messages, and `range` the name of a range or a table.
    pub fn open(file: &str, bytes: &[u8], range: &str) -> Result<Template, PublishError> {
        Template::read(bytes, range).map_err(|Fault(what, help)| {
            let message = format!("the template `{}` {what}", file.escape_debug());
            Problem::new(&TEMPLATE, message).help(help.to_owned()).into()
        })
    }

    fn read(bytes: &[u8], range: &str) -> Found<Template> {
        let parts = unpacked(bytes)?;
        let has_macros = |(name, bytes): &(String, Vec<u8>)| {
            name.ends_with("vbaProject.bin")
                || name == "[Content_Types].xml" && String::from_utf8_lossy(bytes).contains("macroEnabled")
        };
        if parts.iter().any(has_macros) {
            return fault("has macros", "save it as `.xlsx`, which has none");
        }
        let place = find(&parts, range)?;
        let xml = edit::uncached(text(&parts, &place.part)?)?;
        let (head, rows, tail) = split(&xml)?;
        let tables = tables_of(&parts, &place.part)?;
        check(&place.area, &rows, &tail)?;
        for table in &tables {
            check_table(text(&parts, table)?, &place.area)?;
        }
        let looks = match parts.iter().any(|(name, _)| name == STYLES) {
            true => Looks::of(text(&parts, STYLES)?)?,
            false => Looks::default(),
        };
        let first = rows.get(&(place.area.top + 1));
        let look = |at: u32| {
            let raw = first.and_then(|it| it.cells.get(&at))?;
            pieces(raw).ok()?.first()?.attribute("s")?.parse().ok()
        };
        let columns = place.area.columns().map(|it| look(it).unwrap_or(0)).collect();
        let row = first.map_or_else(|| "<row>".to_owned(), |it| it.tag.clone());
        let Place { part, name, area } = place;
        Ok(Template { parts, sheet: part, name, area, tables, head, rows, tail, looks, row, columns })
    }
}

/// All parts, within limits.
fn unpacked(bytes: &[u8]) -> Found<Vec<(String, Vec<u8>)>> {
    let broken = |error: &dyn std::fmt::Display| Fault::from(error.to_string());
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| broken(&error))?;
    let (mut acc, mut left) = (Vec::new(), MOST);
    for at in 0..archive.len() {
        let part = archive.by_index(at).map_err(|error| broken(&error))?;
        if part.is_dir() {
            continue;
        }
        let (name, mut bytes) = (part.name().map_err(|error| broken(&error))?.into_owned(), Vec::new());
        part.take(left + 1).read_to_end(&mut bytes).map_err(|error| broken(&error))?;
        let Some(rest) = left.checked_sub(bytes.len() as u64) else {
            return fault("is too large", "a template has a look and some charts, and no data");
        };
        left = rest;
        acc.push((name, bytes));
    }
    Ok(acc)
}

fn text<'a>(parts: &'a [(String, Vec<u8>)], name: &str) -> Found<&'a str> {
    let Some((_, bytes)) = parts.iter().find(|(it, _)| it == name) else {
        return Err(Fault::from(format!("it has no part `{}`", name.escape_debug())));
    };
    let text = str::from_utf8(bytes).map_err(|_| Fault::from(format!("`{}` is not UTF-8", name.escape_debug())))?;
    Ok(text.trim_start_matches('\u{feff}'))
}

/// What a part is related to: identifier, kind and part.
fn related(parts: &[(String, Vec<u8>)], part: &str) -> Found<Vec<(String, String, String)>> {
    let (folder, file) = part.rsplit_once('/').unwrap_or(("", part));
    let name = format!("{folder}/_rels/{file}.rels");
    if !parts.iter().any(|(it, _)| *it == name) {
        return Ok(Vec::new());
    }
    let one = |it: &Piece<'_>| {
        let target = it.attribute("Target")?;
        let place = match target.strip_prefix('/') {
            Some(it) => it.to_owned(),
            None => resolved(folder, &target),
        };
        Some((it.attribute("Id")?, it.attribute("Type")?, place))
    };
    let pieces = pieces(text(parts, &name)?)?;
    Ok(pieces.iter().filter(|it| it.opens("Relationship")).filter_map(one).collect())
}

fn resolved(folder: &str, target: &str) -> String {
    let mut acc: Vec<&str> = folder.split('/').filter(|it| !it.is_empty()).collect();
    for part in target.split('/') {
        match part {
            ".." => drop(acc.pop()),
            "." | "" => (),
            part => acc.push(part),
        }
    }
    acc.join("/")
}

fn tables_of(parts: &[(String, Vec<u8>)], sheet: &str) -> Found<Vec<String>> {
    let related = related(parts, sheet)?;
    Ok(related.into_iter().filter(|(_, kind, _)| kind.ends_with("/table")).map(|(_, _, it)| it).collect())
}

/// Where a range is.
struct Place {
    part: String,
    name: String,
    area: Area,
}

/// The range of this name: one that the workbook defines, or a table.
fn find(parts: &[(String, Vec<u8>)], range: &str) -> Found<Place> {
    let workbook = pieces(text(parts, WORKBOOK)?)?;
    let targets = related(parts, WORKBOOK)?;
    let sheets: Vec<(String, String)> = workbook
        .iter()
        .filter(|it| it.opens("sheet"))
        .filter_map(|it| {
            let id = it.attribute("r:id").or_else(|| it.attribute("id"))?;
            let target = targets.iter().find(|(known, _, _)| *known == id)?;
            Some((it.attribute("name")?, target.2.clone()))
        })
        .collect();
    let is_it = |name: Option<String>| name.is_some_and(|it| it.to_lowercase() == range.to_lowercase());
    let mut known = Vec::new();
    for (at, piece) in workbook.iter().enumerate().filter(|(_, it)| it.opens("definedName")) {
        known.extend(piece.attribute("name").filter(|it| !it.starts_with('_')));
        if !is_it(piece.attribute("name")) {
            continue;
        }
        let text = workbook.get(at + 1).map_or("", Piece::raw);
        let text = quick_xml::escape::unescape(text).map_err(|error| Fault::from(error.to_string()))?;
        let place = of_sheet(&text).and_then(|(name, area)| {
            let (name, part) = sheets.iter().find(|(it, _)| *it == name)?;
            Some(Place { part: part.clone(), name: name.clone(), area: Area::parse(area)? })
        });
        let what = || {
            Fault(format!("calls something `{range}` that is not a range of cells"), "name a range, as `Data!A1:C2`")
        };
        return place.ok_or_else(what);
    }
    for (name, part) in &sheets {
        for table in tables_of(parts, part)? {
            let pieces = pieces(text(parts, &table)?)?;
            let Some(root) = pieces.iter().find(|it| it.opens("table")) else { continue };
            known.extend(root.attribute("displayName"));
            if is_it(root.attribute("displayName")) || is_it(root.attribute("name")) {
                let area = root.attribute("ref").and_then(|it| Area::parse(&it));
                let area = area.ok_or_else(|| Fault::from("its table has no range".to_owned()))?;
                return Ok(Place { part: part.clone(), name: name.clone(), area });
            }
        }
    }
    let names = known.iter().map(|it| format!("`{}`", it.escape_debug())).collect::<Vec<_>>().join(", ");
    let has = if known.is_empty() { "it names none".to_owned() } else { format!("it has {names}") };
    fault(format!("has no range or table `{}`: {has}", range.escape_debug()), "name a range of cells in the template")
}

/// What stands before the rows of a sheet, the rows, and what stands behind them.
fn split(xml: &str) -> Found<(String, BTreeMap<u32, Row>, String)> {
    let (mut head, mut tail, mut rows) = (String::new(), String::new(), BTreeMap::new());
    let (mut within, mut behind, mut open): (bool, bool, Option<u32>) = (false, false, None);
    let (mut number, mut column, mut raw) = (0, 0, String::new());
    for piece in pieces(xml)? {
        match piece {
            it if it.opens("dimension") => (),
            it if it.opens("sheetData") => {
                if it.qualified() != "sheetData" {
                    return Err(Fault::from("its sheets have prefixes".to_owned()));
                }
                head.push_str("<sheetData>");
                (within, behind) = (true, matches!(it, Piece::Empty(_)));
            }
            it if within && !behind && it.name() == "sheetData" => behind = true,
            it if behind => tail.push_str(it.raw()),
            it if !within => head.push_str(it.raw()),
            it if it.opens("row") => {
                number = it.attribute("r").and_then(|it| it.parse().ok()).unwrap_or(number + 1);
                let tag = it.without("r");
                let tag = Piece::Start(&tag).without("spans").replace("/>", ">");
                rows.insert(number, Row { tag, cells: BTreeMap::new() });
                column = 0;
            }
            it if it.opens("c") => {
                let at = it.attribute("r").and_then(|it| cell(&it));
                column = at.map_or(column + 1, |(it, _)| it);
                raw = it.raw().to_owned();
                open = matches!(it, Piece::Start(_)).then_some(column);
                if open.is_none() {
                    rows.entry(number).or_default().cells.insert(column, std::mem::take(&mut raw));
                }
            }
            it => {
                let Some(at) = open else { continue };
                raw.push_str(it.raw());
                if matches!(it, Piece::End(_)) && it.name() == "c" {
                    rows.entry(number).or_default().cells.insert(at, std::mem::take(&mut raw));
                    open = None;
                }
            }
        }
    }
    Ok((head, rows, tail))
}

/// What would be lost or moved.
fn check(area: &Area, rows: &BTreeMap<u32, Row>, tail: &str) -> Found<()> {
    if area.top == area.bottom {
        let what = "has a range of one row, and rows have no look then";
        return fault(what, "the range needs its header and one row below it, with the format of all rows");
    }
    let own =
        |row: &Row| row.cells.iter().filter(|(at, _)| area.columns().contains(at)).map(|(_, it)| it.clone()).collect();
    for (number, row) in rows.range(area.top + 1..) {
        let cells: Vec<String> = own(row);
        let filled = |it: &String| it.contains("<v") || it.contains("<f") || it.contains("<is");
        if *number > area.bottom && cells.iter().any(filled) {
            let help = "move it above the range, beside it, or to another sheet: the rows of the table go there";
            return fault(format!("has a value below its range, in row {number}"), help);
        }
        let spread = |it: &String| it.contains("t=\"shared\"") || it.contains("t=\"array\"");
        if *number <= area.bottom && cells.iter().any(spread) {
            let help = "clear the rows below the header: the values of the table go there";
            return fault("has formulas within its range that others share", help);
        }
    }
    let data = Area { top: area.top + 1, bottom: u32::MAX, ..*area };
    let merged = |it: &Piece<'_>| {
        it.opens("mergeCell") && it.attribute("ref").and_then(|it| Area::parse(&it)).is_some_and(|it| it.meets(&data))
    };
    match pieces(tail)?.iter().any(merged) {
        true => fault("has merged cells in its range or below it", "remove the merging: each row is one record"),
        false => Ok(()),
    }
}

/// A table is the range, or apart from it.
fn check_table(xml: &str, area: &Area) -> Found<()> {
    let pieces = pieces(xml)?;
    let Some(root) = pieces.iter().find(|it| it.opens("table")) else { return Ok(()) };
    let Some(own) = root.attribute("ref").and_then(|it| Area::parse(&it)) else { return Ok(()) };
    if own == *area {
        return match root.attribute("totalsRowCount").is_some_and(|it| it != "0") {
            true => fault("has a table with a row of totals", "put totals above the table or beside it"),
            false => Ok(()),
        };
    }
    match own.meets(&Area { bottom: u32::MAX, ..*area }) {
        true => fault("has a table that is partly within its range", "name the table itself, or move it away"),
        false => Ok(()),
    }
}
