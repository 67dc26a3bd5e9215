//! The cells of one sheet, in one pass over its part.
//!
//! Every cell is held to the grid and to the order of rows; what the sheet says of its own dimension is not read.

use std::io::Read;

use crate::readers::formats::{Formats, Look};
use crate::readers::problems::{CELL, refuse, shown, too_large};
use crate::readers::row::{Cell, Flow, Kind, MAX_COLUMNS, MAX_ROWS, Row, address, letters, parse_address, parse_row};
use crate::readers::serials::is_iso;
use crate::readers::table::Table;
use crate::readers::xlsx::strings::Strings;
use crate::readers::xml::{Element, Event, Xml, is_true, push_text};
use crate::readers::{ReadError, Request, cells};

/// What the cells of a sheet refer to.
pub(crate) struct Context<'a> {
    pub(crate) request: &'a Request,
    pub(crate) formats: &'a Formats,
    pub(crate) from_1904: bool,
    pub(crate) sheet: &'a str,
}

/// Where in the sheet the reader is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    Outside,
    Data,
    Row,
    Cell,
    Value,
    Formula,
    Inline,
    InlineText,
}

/// What a cell says it holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Holds {
    Number,
    Shared,
    Text,
    Boolean,
    Error,
    Iso,
}

/// The cell that is being read.
struct Open {
    column: u32,
    holds: Holds,
    style: usize,
    formula: bool,
    valued: bool,
}

struct Reader<'a, 'c, 's, 't, 'k> {
    context: &'c Context<'a>,
    strings: Option<&'t mut Strings<'s>>,
    table: &'t mut Table<'a, 'k>,
    row: Row,
    value: String,
    cell: Open,
    next_column: u32,
    ordered: bool,
}

/// Reads all rows into `table`; `false` if it had enough before the end.
pub(crate) fn read<'a, R: Read>(
    mut xml: Xml<R>,
    context: &Context<'a>,
    strings: Option<&mut Strings<'_>>,
    table: &mut Table<'a, '_>,
) -> Result<bool, ReadError> {
    let cell = Open { column: 0, holds: Holds::Number, style: 0, formula: false, valued: false };
    let (row, value) = (Row::default(), String::new());
    let mut it = Reader { context, strings, table, row, value, cell, next_column: 0, ordered: true };
    let mut at = At::Outside;
    // Elements inside a cell that mean nothing here: phonetic hints, extensions.
    let mut skipped = 0_u64;
    loop {
        match xml.next()? {
            Event::Start(_) if skipped > 0 => skipped += 1,
            Event::End(_) if skipped > 0 => skipped -= 1,
            Event::Start(element) => match (at, element.name) {
                (At::Row, "c") => {
                    it.open_cell(&element)?;
                    at = At::Cell;
                }
                (At::Cell, "v") => {
                    it.cell.valued = true;
                    at = At::Value;
                }
                (At::Cell, "f") => {
                    it.cell.formula = true;
                    at = At::Formula;
                }
                (At::Cell, "is") => {
                    it.cell.valued = true;
                    at = At::Inline;
                }
                (At::Inline, "t") => at = At::InlineText,
                (At::Inline, "r") => (),
                (At::Data, "row") => {
                    it.open_row(&element)?;
                    at = At::Row;
                }
                (At::Outside, "sheetData") => at = At::Data,
                (At::Outside, "col") => it.hide_columns(&element),
                (At::Outside, _) => (),
                _ => skipped = 1,
            },
            Event::Empty(element) => match (at, element.name) {
                (At::Row, "c") if skipped == 0 => {
                    it.open_cell(&element)?;
                    it.close_cell()?;
                }
                (At::Cell, "v") if skipped == 0 => it.cell.valued = true,
                (At::Cell, "f") if skipped == 0 => it.cell.formula = true,
                (At::Data, "row") if skipped == 0 => it.open_row(&element)?,
                (At::Outside, "col") => it.hide_columns(&element),
                _ => (),
            },
            Event::End(name) => match (at, name) {
                (At::Value, "v") | (At::Formula, "f") => at = At::Cell,
                (At::InlineText, "t") => at = At::Inline,
                (At::Inline, "is") => at = At::Cell,
                (At::Cell, "c") => {
                    it.close_cell()?;
                    at = At::Row;
                }
                (At::Row, "row") => {
                    if it.close_row()? == Flow::Enough && !it.is_whole_sheet_wanted() {
                        return Ok(false);
                    }
                    at = At::Data;
                }
                (At::Data, "sheetData") => at = At::Outside,
                _ => (),
            },
            Event::Text(text) if matches!(at, At::Value | At::InlineText) && skipped == 0 => {
                if !push_text(&mut it.value, text) {
                    return Err(it.bad_cell(it.cell.column, "holds a reference that XML does not know"));
                }
                it.check_length()?;
            }
            Event::Plain(text) if matches!(at, At::Value | At::InlineText) && skipped == 0 => {
                it.value.push_str(text);
                it.check_length()?;
            }
            Event::Eof => return Ok(true),
            _ => (),
        }
    }
}

impl Reader<'_, '_, '_, '_, '_> {
    /// Whether rows go on being checked although the table takes no more: a range ends, but the sheet is read whole.
    fn is_whole_sheet_wanted(&self) -> bool {
        self.context.request.rows.is_none()
    }

    fn open_row(&mut self, element: &Element<'_>) -> Result<(), ReadError> {
        let mut number = self.row.number + 1;
        let mut hidden = false;
        for attribute in element.attributes() {
            let Ok((name, value)) = attribute else { return Err(self.malformed()) };
            match name {
                "r" => match parse_row(value) {
                    Some(it) => number = it,
                    None => return Err(self.off_grid(&format!("row `{}`", shown(value)))),
                },
                // A row without height is not seen either.
                "hidden" => hidden |= is_true(value),
                "ht" => hidden |= value.trim().parse() == Ok(0.0),
                _ => (),
            }
        }
        if number > MAX_ROWS {
            return Err(self.off_grid(&format!("row {number}")));
        }
        if number <= self.row.number {
            let message = format!("{} has row {number} after row {}", self.sheet(), self.row.number);
            return Err(refuse(&CELL, message, "open it in the program it comes from and save it again"));
        }
        self.row.start(number);
        self.row.hidden = hidden;
        self.next_column = 0;
        self.ordered = true;
        Ok(())
    }

    #[inline]
    fn open_cell(&mut self, element: &Element<'_>) -> Result<(), ReadError> {
        let mut column = self.next_column;
        let mut holds = Holds::Number;
        let mut style = 0;
        for attribute in element.attributes() {
            let Ok((name, value)) = attribute else { return Err(self.malformed()) };
            match name {
                "r" => match parse_address(value) {
                    Some((it, row)) if row == self.row.number => column = it,
                    Some(_) => {
                        let what = format!("cell `{}` in row {}", shown(value), self.row.number);
                        return Err(self.misplaced(&what));
                    }
                    None => return Err(self.off_grid(&format!("cell `{}`", shown(value)))),
                },
                "t" => {
                    holds = match value {
                        "s" => Holds::Shared,
                        "n" => Holds::Number,
                        "str" | "inlineStr" => Holds::Text,
                        "b" => Holds::Boolean,
                        "e" => Holds::Error,
                        "d" => Holds::Iso,
                        _ => return Err(self.bad_cell(column, "is of a kind that is not known")),
                    }
                }
                "s" => match value.parse() {
                    Ok(it) => style = it,
                    Err(_) => return Err(self.bad_cell(column, "has a style that does not exist")),
                },
                _ => (),
            }
        }
        if column >= MAX_COLUMNS {
            return Err(self.off_grid(&format!("column {}", letters(column))));
        }
        self.ordered &= column >= self.next_column;
        self.next_column = column + 1;
        self.cell = Open { column, holds, style, formula: false, valued: false };
        self.value.clear();
        Ok(())
    }

    #[inline]
    fn close_cell(&mut self) -> Result<(), ReadError> {
        let Open { column, holds, style, formula, valued } = self.cell;
        let start = self.row.text.len();
        // A text may be empty; of nothing else an empty value is one, and some programs write one for none.
        let unsaid = !valued || holds != Holds::Text && self.value.trim_ascii().is_empty();
        if unsaid {
            // A formula that was never computed is not a blank; neither is an error that does not say which.
            if formula || holds == Holds::Error {
                self.row.push(column, Kind::Error, formula, 0, start);
            }
            return Ok(());
        }
        let mut format = 0;
        let kind = match holds {
            Holds::Shared => {
                let index = self.value.trim_ascii().parse::<usize>().ok();
                let text = match (index, self.strings.as_deref_mut()) {
                    (Some(index), Some(strings)) => strings.get(index)?,
                    _ => None,
                };
                let Some(text) = text else {
                    return Err(self.bad_cell(column, "refers to a shared text that does not exist"));
                };
                self.row.text.push_str(text);
                Kind::Text
            }
            Holds::Text => {
                cells::write_text(&mut self.row.text, &self.value);
                Kind::Text
            }
            Holds::Number => {
                format = self.context.formats.of(style);
                let plain = Look::default();
                let look = self.context.formats.codes.get(format as usize).map_or(&plain, |(_, look)| look);
                cells::write_number(&mut self.row.text, &self.value, look, self.context.from_1904)
            }
            Holds::Boolean => match self.value.trim_ascii() {
                "1" | "true" => {
                    self.row.text.push_str("true");
                    Kind::Boolean
                }
                "0" | "false" => {
                    self.row.text.push_str("false");
                    Kind::Boolean
                }
                _ => Kind::Error,
            },
            Holds::Iso if is_iso(&self.value) => {
                self.row.text.push_str(self.value.strip_suffix('Z').unwrap_or(&self.value));
                Kind::Date
            }
            Holds::Iso | Holds::Error => Kind::Error,
        };
        self.row.push(column, kind, formula, format, start);
        Ok(())
    }

    fn close_row(&mut self) -> Result<Flow, ReadError> {
        if !self.ordered {
            self.row.cells.sort_by_key(|it: &Cell| it.column);
            let twice = self.row.cells.windows(2).find(|it| it[0].column == it[1].column).map(|it| it[0].column);
            if let Some(column) = twice {
                return Err(self.bad_cell(column, "is there twice"));
            }
        }
        self.table.row(&mut self.row)
    }

    fn hide_columns(&mut self, element: &Element<'_>) {
        let (mut first, mut last, mut hidden) = (None, None, false);
        for (name, value) in element.attributes().map_while(Result::ok) {
            match name {
                "min" => first = value.parse::<u32>().ok(),
                "max" => last = value.parse::<u32>().ok(),
                // A column without width is not seen either.
                "hidden" => hidden |= is_true(value),
                "width" => hidden |= value.trim().parse() == Ok(0.0),
                _ => (),
            }
        }
        if let (Some(first @ 1..), Some(last @ 1..), true) = (first, last, hidden)
            && self.table.hidden_columns.len() < MAX_COLUMNS as usize
        {
            self.table.hidden_columns.push((first - 1, last - 1));
        }
    }

    fn check_length(&self) -> Result<(), ReadError> {
        if self.value.len() as u64 <= self.context.request.limits.cell_bytes {
            return Ok(());
        }
        let what = format!("cell `{}` is longer than a cell may be", address(self.cell.column, self.row.number));
        Err(too_large(&self.context.request.name, what))
    }

    fn sheet(&self) -> String {
        format!("sheet `{}` of `{}`", shown(self.context.sheet), shown(&self.context.request.name))
    }

    fn bad_cell(&self, column: u32, what: &str) -> ReadError {
        let message = format!("cell `{}` on {} {what}", address(column, self.row.number), self.sheet());
        refuse(&CELL, message, "open it in the program it comes from, save it again, or ask for a new copy")
    }

    fn off_grid(&self, what: &str) -> ReadError {
        let message = format!("{} has {what}, which is off the grid", self.sheet());
        refuse(&CELL, message, "rows go from 1 to 1,048,576 and columns from A to XFD: ask for a new copy")
    }

    fn malformed(&self) -> ReadError {
        let message = format!("{} has an element that is not well formed, below row {}", self.sheet(), self.row.number);
        refuse(&CELL, message, "open it in the program it comes from, save it again, or ask for a new copy")
    }

    fn misplaced(&self, what: &str) -> ReadError {
        refuse(&CELL, format!("{} has {what}", self.sheet()), "open it in the program it comes from and save it again")
    }
}
