//! Excel workbooks: which sheet is meant, and the parts that say how its cells are to be read.
//!
//! Our own reader, because the best one there is allocates what a file claims and drops what it does not know.
//! Comments, links and formulas' texts are not read.

mod sheet;
mod strings;

use std::collections::{BTreeMap, HashMap};

use crate::problem::Problem;
use crate::readers::formats::{Formats, built_in};
use crate::readers::input::{Input, ZIP};
use crate::readers::merged::Range;
use crate::readers::package::Package;
use crate::readers::problems::{HIDDEN, SHEET, damaged, refuse, shown, without_sheets};
use crate::readers::table::Table;
use crate::readers::xml::{Element, Event, Place, Xml, is_true};
use crate::readers::{Found, Hidden, Holds, ReadError, Request, Sink, TableReader, Trailer};

/// Cell styles at most; Excel itself has 65,490.
const MAX_STYLES: usize = 1 << 17;

/// Excel 2007 and later, with or without macros.
pub(super) const READER: TableReader =
    TableReader { endings: &["xlsx", "xlsm"], holds: Holds::Sheets, begins: Some(ZIP), read, sheets };

/// The sheets of a workbook, those without cells too.
fn sheets(request: &Request, input: &Input) -> Result<Vec<Sheet>, ReadError> {
    let mut package = Package::open(request, input)?;
    Ok(workbook(&mut package)?.sheets)
}

/// Reads one sheet.
fn read(request: &Request, input: &Input, sink: &mut Sink<'_>) -> Result<(Found, Trailer), ReadError> {
    let mut package = Package::open(request, input)?;
    let book = workbook(&mut package)?;
    let sheet = choose(&book.sheets, request)?;
    let formats = match &book.styles {
        Some(part) if package.has(part) => styles(&mut package, part)?,
        _ => Formats::plain(),
    };
    let mut table = Table::new(request, sink)?;
    table.found.sheet = Some(sheet.name.clone());
    warn_of_hidden(sheet, request, &mut table.found.warnings);
    table.formats = formats.codes.clone();
    table.from_1904 = book.from_1904;
    let mut string_package = package.clone();
    let mut strings = match &book.strings {
        Some(part) if package.has(part) => Some(strings::Strings::open(&mut string_package, part, request)?),
        _ => None,
    };
    let part = sheet.part.as_deref().unwrap_or_default();
    let (mut again, named) = (package.again(), part.to_owned());
    table.merged = Some(Box::new(move || merged(&mut again, &named)));
    let context = sheet::Context { request, formats: &formats, from_1904: book.from_1904, sheet: &sheet.name };
    let place = package.place(part);
    let xml = Xml::new(package.part(part)?, place);
    let whole = sheet::read(xml, &context, strings.as_mut(), &mut table)?;
    if let (true, Some(strings)) = (whole, strings) {
        strings.drain()?;
    }
    table.finish()
}

/// The merged ranges of a sheet, which are listed behind its rows.
fn merged(package: &mut Package, part: &str) -> Result<Vec<Range>, ReadError> {
    let place = package.place(part);
    let mut xml = Xml::new(package.part(part)?, place);
    let mut ranges = Vec::new();
    loop {
        match xml.next()? {
            Event::Start(element) | Event::Empty(element) if element.name == "mergeCell" => {
                ranges.extend(element.attribute("ref").and_then(|it| Range::parse(&it)));
            }
            Event::Eof => return Ok(ranges),
            _ => (),
        }
    }
}

/// Says that the sheet is hidden, where that was asked for.
pub(crate) fn warn_of_hidden(sheet: &Sheet, request: &Request, warnings: &mut Vec<Problem>) {
    if sheet.visible || request.options.hidden != Hidden::Warn {
        return;
    }
    let message = format!("sheet `{}` of `{}` is hidden", shown(&sheet.name), shown(&request.name));
    let help = "it is read because it is named; `hidden = \"include\"` says nothing of it".to_owned();
    warnings.push(Problem::new(&HIDDEN, message).help(help));
}

/// What the workbook part and its relations say.
struct Book {
    sheets: Vec<Sheet>,
    from_1904: bool,
    strings: Option<String>,
    styles: Option<String>,
}

/// A sheet of a workbook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sheet {
    pub(crate) name: String,
    pub(crate) visible: bool,
    /// The part that holds its cells; `None` for charts and other sheets without.
    pub(crate) part: Option<String>,
}

/// A relation of a part to another.
struct Relation {
    kind: String,
    target: Option<String>,
}

/// The part that is the workbook, and its relations.
fn main_part(package: &mut Package) -> Result<(String, BTreeMap<String, Relation>), ReadError> {
    let roots = relations(package, "_rels/.rels", "")?;
    let main = roots.values().find(|it| it.kind.ends_with("/officeDocument")).and_then(|it| it.target.clone());
    let file = package.place("").file;
    let Some(main) = main else { return Err(damaged(&file, "it does not say which part is the workbook")) };
    let (folder, name) = main.rsplit_once('/').unwrap_or(("", &main));
    let related = relations(package, &join(folder, &format!("_rels/{name}.rels")).unwrap_or_default(), folder)?;
    Ok((main, related))
}

/// The parts of a workbook: itself, its styles and texts, and what its relations lead to.
pub(crate) struct Parts {
    pub(crate) main: String,
    pub(crate) styles: Option<String>,
    pub(crate) strings: Option<String>,
    related: BTreeMap<String, Relation>,
}

impl Parts {
    /// Follows the relations of a package.
    pub(crate) fn of(package: &mut Package) -> Result<Parts, ReadError> {
        let (main, related) = main_part(package)?;
        let target = |kind: &str| related.values().find(|it| it.kind.ends_with(kind)).and_then(|it| it.target.clone());
        Ok(Parts { strings: target("/sharedStrings"), styles: target("/styles"), main, related })
    }

    /// The sheets that a workbook lists, each with the id of its relation, if it has one.
    pub(crate) fn sheets(&self, listed: Vec<Listing>, place: &Place) -> Result<Vec<Sheet>, ReadError> {
        let mut sheets = Vec::new();
        for row in listed {
            let Some((name, visible, id)) = row else {
                return Err(place.damaged("lists a sheet without a name or place"));
            };
            let part = match id.map(|it| self.related.get(&it)) {
                Some(Some(it)) if it.kind.ends_with("/worksheet") => match &it.target {
                    Some(part) => Some(part.clone()),
                    None => return Err(place.damaged("says that a sheet is outside the workbook")),
                },
                Some(Some(_)) | None => None,
                Some(None) => return Err(place.damaged("lists a sheet that no part holds")),
            };
            sheets.push(Sheet { name, visible, part });
        }
        if sheets.is_empty() { Err(without_sheets(&place.file)) } else { Ok(sheets) }
    }
}

/// A sheet as it is listed: its name, whether people see it, and the id of its relation; nothing where one of them lacks.
pub(crate) type Listing = Option<(String, bool, Option<String>)>;

fn workbook(package: &mut Package) -> Result<Book, ReadError> {
    let parts = Parts::of(package)?;
    let mut from_1904 = false;
    let mut rows = Vec::new();
    let place = package.place(&parts.main);
    let mut xml = Xml::new(package.part(&parts.main)?, place.clone());
    loop {
        match xml.next()? {
            Event::Start(element) | Event::Empty(element) => match element.name {
                "sheet" => rows.push(sheet_of(&element)),
                // Extensions have an element of this name too, which says nothing of it.
                "workbookPr" => from_1904 |= element.attribute("date1904").is_some_and(|it| is_true(&it)),
                _ => (),
            },
            Event::Eof => break,
            _ => (),
        }
    }
    let sheets = parts.sheets(rows, &place)?;
    Ok(Book { sheets, from_1904, strings: parts.strings, styles: parts.styles })
}

/// Name, visibility and relation of a listed sheet.
fn sheet_of(element: &Element<'_>) -> Listing {
    let visible = element.attribute("state").is_none_or(|it| it == "visible");
    Some((element.attribute("name")?, visible, Some(element.attribute("id")?)))
}

/// The relations that a part lists, by id; targets outside the package are `None`.
fn relations(package: &mut Package, part: &str, folder: &str) -> Result<BTreeMap<String, Relation>, ReadError> {
    let place = package.place(part);
    let mut xml = Xml::new(package.part(part)?, place);
    let mut found = BTreeMap::new();
    loop {
        match xml.next()? {
            Event::Start(element) | Event::Empty(element) if element.name == "Relationship" => {
                let (Some(id), Some(kind)) = (element.attribute("Id"), element.attribute("Type")) else { continue };
                let external = element.attribute("TargetMode").is_some_and(|it| it == "External");
                let target = element.attribute("Target").filter(|_| !external).and_then(|it| join(folder, &it));
                found.insert(id, Relation { kind, target });
            }
            Event::Eof => return Ok(found),
            _ => (),
        }
    }
}

/// The name of the part that `target` means, seen from `folder`; `None` outside the package.
fn join(folder: &str, target: &str) -> Option<String> {
    let mut steps: Vec<&str> = match target.strip_prefix('/') {
        Some(_) => Vec::new(),
        None => folder.split('/').filter(|it| !it.is_empty()).collect(),
    };
    for step in target.split('/') {
        match step {
            "" | "." => (),
            ".." => drop(steps.pop()?),
            _ => steps.push(step),
        }
    }
    Some(steps.join("/"))
}

/// The sheet that is meant.
pub(crate) fn choose<'a>(sheets: &'a [Sheet], request: &Request) -> Result<&'a Sheet, ReadError> {
    let file = shown(&request.name);
    let names = |visible_only: bool| {
        let all: Vec<_> = sheets.iter().filter(|it| it.part.is_some() && (it.visible || !visible_only)).collect();
        let mut text = all.iter().take(20).map(|it| format!("`{}`", shown(&it.name))).collect::<Vec<_>>().join(", ");
        if all.len() > 20 {
            text.push_str(" and others");
        }
        text
    };
    if let Some(wanted) = &request.options.sheet {
        // Excel itself does not tell upper from lower case in names of sheets.
        let exact = sheets.iter().find(|it| it.name == *wanted);
        let folded = || sheets.iter().find(|it| it.name.to_lowercase() == wanted.to_lowercase());
        return match exact.or_else(folded) {
            Some(sheet) if sheet.part.is_some() => Ok(sheet),
            Some(_) => {
                let message = format!("sheet `{}` of `{file}` is a chart and has no cells", shown(wanted));
                Err(refuse(&SHEET, message, &format!("sheets with cells: {}", names(false))))
            }
            None => {
                let message = format!("`{file}` has no sheet `{}`", shown(wanted));
                Err(refuse(&SHEET, message, &format!("it has {}", names(false))))
            }
        };
    }
    let mut visible = sheets.iter().filter(|it| it.visible && it.part.is_some());
    match (visible.next(), visible.next()) {
        (Some(sheet), None) => Ok(sheet),
        (Some(_), Some(_)) => {
            let message = format!("`{file}` has several sheets: {}", names(true));
            Err(refuse(&SHEET, message, "name one with `sheet`"))
        }
        (None, _) => {
            let message = format!("`{file}` has no visible sheet with cells");
            Err(refuse(&SHEET, message, "name a hidden sheet with `sheet` if it is meant"))
        }
    }
}

/// The number formats by cell style.
fn styles(package: &mut Package, part: &str) -> Result<Formats, ReadError> {
    let place = package.place(part);
    let mut xml = Xml::new(package.part(part)?, place.clone());
    let mut formats = Formats::plain();
    let mut own: HashMap<u32, u32> = HashMap::new();
    let mut known: HashMap<u32, u32> = HashMap::new();
    let mut of_cells = false;
    loop {
        let number = |element: &Element<'_>| element.attribute("numFmtId").and_then(|it| it.parse::<u32>().ok());
        match xml.next()? {
            Event::Start(element) if element.name == "cellXfs" => of_cells = true,
            Event::End("cellXfs") => of_cells = false,
            Event::Start(element) | Event::Empty(element) => match element.name {
                "numFmt" => {
                    if let (Some(id), Some(code)) = (number(&element), element.attribute("formatCode")) {
                        if own.len() >= MAX_STYLES || code.len() > 4096 {
                            return Err(place.damaged("has more number formats than a workbook can have"));
                        }
                        let at = formats.codes.len() as u32;
                        let look = crate::readers::formats::classify(&code);
                        formats.codes.push((code, look));
                        own.insert(id, at);
                    }
                }
                "xf" if of_cells => {
                    if formats.styles.len() >= MAX_STYLES {
                        return Err(place.damaged("has more cell styles than a workbook can have"));
                    }
                    let id = number(&element).unwrap_or(0);
                    let at = own.get(&id).or_else(|| known.get(&id)).copied();
                    let at = at.unwrap_or_else(|| formats.intern(built_in(id)));
                    known.insert(id, at);
                    formats.styles.push(at);
                }
                _ => (),
            },
            Event::Eof => return Ok(formats),
            _ => (),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::join;

    #[test]
    fn targets_stay_inside_the_package() {
        let check = |folder, target, expected: Option<&str>| {
            assert_eq!(join(folder, target).as_deref(), expected, "{folder} + {target}");
        };
        check("xl", "worksheets/sheet1.xml", Some("xl/worksheets/sheet1.xml"));
        check("xl", "/xl/worksheets/sheet1.xml", Some("xl/worksheets/sheet1.xml"));
        check("xl", "../xl/./styles.xml", Some("xl/styles.xml"));
        check("xl", "../../../etc/passwd", None);
        check("", "xl/workbook.xml", Some("xl/workbook.xml"));
    }
}
