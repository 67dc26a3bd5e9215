//! From rows to a table: where it stands and what its columns are called.
//!
//! Readers hand over rows in order; the first ones are held back until the header and the extent of the table are
//! known. How many is fixed, so that a request for the header alone and one for all rows find the same columns.

use std::collections::HashSet;

use crate::problem::Problem;
use crate::readers::classifier::RowClassifier;
use crate::readers::formats::Look;
use crate::readers::groups;
use crate::readers::header::{self, CANDIDATES, Names, second};
use crate::readers::merged::{Fill, Merges, Range};
use crate::readers::problems::{
    EMPTY, GROUP_ROWS, HEADER, HIDDEN, SECOND_TABLE, SHORT_HEADER, SPARE_DELIMITER, TRAILING_DELIMITER, UNSURE_HEADER,
    plural, refuse, shown, too_large,
};
use crate::readers::row::{Flow, MAX_COLUMNS, Row, Window, letters};
use crate::readers::{Detected, Found, Header, Hidden, LeftOut, Merged, Ragged, ReadError, Request, Sink, Trailer};

/// Rows that are held back until the table is known.
const AHEAD: usize = 1024;
/// Bytes and cells that are held back at most; both depend on the file alone.
const AHEAD_BYTES: usize = 16 << 20;
/// Rows of a header that is found out.
const HEADER_ROWS: u64 = 3;

/// The table that is being read.
pub(crate) struct Table<'a, 's> {
    request: &'a Request,
    sink: &'a mut Sink<'s>,
    window: Window,
    /// What readers find out besides rows: the sheet, the encoding, the delimiter.
    pub(crate) found: Found,
    /// The number formats that cells refer to.
    pub(crate) formats: Vec<(String, Look)>,
    /// Hidden columns, first and last, counted from 0.
    pub(crate) hidden_columns: Vec<(u32, u32)>,
    /// Lines above the first row that a spreadsheet does not show: the header's row is counted below them.
    pub(crate) skipped: u64,
    /// Looks up which cells are merged.
    pub(crate) merged: Option<FindMerged>,
    /// Whether the workbook counts days from 1904.
    pub(crate) from_1904: bool,
    /// The merged cells, where they were looked up.
    merges: Merges,
    fill: Option<Fill>,
    ahead: Vec<Row>,
    ahead_bytes: usize,
    /// Hidden rows that were left out before the table began.
    left_out: u64,
    /// Rows above the header.
    above: u64,
    body: Option<RowClassifier>,
}

/// Looks up which cells are merged.
pub(crate) type FindMerged = Box<dyn FnOnce() -> Result<Vec<Range>, ReadError>>;

impl<'a, 's> Table<'a, 's> {
    pub(crate) fn new(request: &'a Request, sink: &'a mut Sink<'s>) -> Result<Table<'a, 's>, ReadError> {
        let window = request.options.range.as_deref().map_or(Ok(Window::ALL), Window::parse)?;
        Ok(Table {
            request,
            sink,
            window,
            found: Found::default(),
            formats: Vec::new(),
            hidden_columns: Vec::new(),
            skipped: 0,
            merged: None,
            from_1904: false,
            merges: Merges::default(),
            fill: None,
            left_out: 0,
            above: 0,
            ahead: Vec::new(),
            ahead_bytes: 0,
            body: None,
        })
    }

    /// Takes the next row.
    pub(crate) fn row(&mut self, row: &mut Row) -> Result<Flow, ReadError> {
        if self.body.as_ref().is_some_and(|it| it.is_full(self.request)) {
            return Ok(Flow::Enough);
        }
        let header = self.header_rows();
        let is_header = header.is_some_and(|(first, last)| (first..=last).contains(&row.number));
        let above = header.is_some_and(|(first, _)| row.number < first);
        if row.number > self.window.last_row && !is_header {
            return Ok(if above { Flow::More } else { Flow::Enough });
        }
        self.meet(row)?;
        if above || (row.number < self.window.first_row && !is_header) {
            self.above += u64::from(above && row.number >= self.window.first_row && !row.cells.is_empty());
            return Ok(Flow::More);
        }
        if row.hidden && self.request.options.hidden == Hidden::Exclude && !is_header {
            self.left_out += u64::from(!row.cells.is_empty());
            return Ok(Flow::More);
        }
        self.narrow(row);
        if row.cells.is_empty() {
            return Ok(Flow::More);
        }
        if row.text.len() as u64 > self.request.limits.cell_bytes.saturating_mul(4) {
            return Err(too_large(&self.request.name, format!("row {} alone takes more than may be held", row.number)));
        }
        if let Some(body) = &mut self.body {
            if let Some(fill) = &mut self.fill {
                fill.row(row, body.last_column(), |it| body.has_column(it));
            }
            return body.add(row, self.request, &self.found, self.sink);
        }
        self.ahead_bytes += row.text.len() + row.cells.len() * size_of::<crate::readers::row::Cell>();
        self.ahead.push(row.clone());
        if self.ahead.len() < AHEAD + CANDIDATES && self.ahead_bytes < AHEAD_BYTES {
            return Ok(Flow::More);
        }
        self.begin()
    }

    /// Ends the table and accounts for it. `whole` says that the reader saw all there is.
    pub(crate) fn finish(mut self) -> Result<(Found, Trailer), ReadError> {
        if self.body.is_none() {
            self.begin()?;
        }
        let Table { body, found, sink, formats, request, left_out, above, .. } = self;
        match body {
            Some(mut body) => {
                body.stood_above(above);
                (0..left_out).for_each(|_| body.leave_out(LeftOut::Hidden));
                body.finish(found, request, &formats, sink)
            }
            None => Err(ReadError::World("a table ended before it began".to_owned())),
        }
    }

    /// The declared rows of the header.
    fn header_rows(&self) -> Option<(u64, u64)> {
        let (first, last) = match self.request.options.header {
            Header::Row(it) => (it, it),
            Header::Rows(first, last) => (first, last),
            Header::Detect | Header::Absent => return None,
        };
        Some((u64::from(first) + self.skipped, u64::from(last) + self.skipped))
    }

    /// Looks up which cells are merged, once.
    fn find_merges(&mut self) -> Result<(), ReadError> {
        if let Some(find) = self.merged.take() {
            self.merges = Merges::new(find()?, &self.request.name)?;
        }
        Ok(())
    }

    /// Takes what fills merged cells, also out of rows and columns that are left out.
    fn meet(&mut self, row: &Row) -> Result<(), ReadError> {
        if self.request.options.merged == Merged::Fill {
            self.find_merges()?;
            self.fill.get_or_insert_with(|| self.merges.fill()).meet(row);
        }
        Ok(())
    }

    /// Drops the cells that were not asked for.
    fn narrow(&self, row: &mut Row) {
        if self.window.first_column > 0 || self.window.last_column < MAX_COLUMNS - 1 {
            row.cells.retain(|it| self.window.has_column(it.column));
        }
        if self.request.options.hidden == Hidden::Exclude && !self.hidden_columns.is_empty() {
            row.cells.retain(|it| !is_hidden(&self.hidden_columns, it.column));
        }
    }

    /// Decides where the table stands and passes on what was held back.
    fn begin(&mut self) -> Result<Flow, ReadError> {
        let mut ahead = std::mem::take(&mut self.ahead);
        let mut header = self.find_header(&ahead)?;
        let (named, records) = ahead.split_at_mut(header.end);
        if self.request.options.ragged != Ragged::Refuse && close_gaps(&mut named[header.start..], records) {
            let file = shown(&self.request.name);
            let message = format!("the header of `{file}` has a delimiter too many between its names");
            let help = "it has as many names as its records have fields, so hotpass uses the names for them; remove the delimiter";
            self.found.warnings.push(Problem::new(&SPARE_DELIMITER, message).help(help.to_owned()));
        }
        let mut columns = self.columns_of(&ahead, &header);
        let lacking = ahead[header.clone()].last().is_some_and(|it| header::lacks_names(it, &columns));
        // A group above complete names says more of them, where the header was declared to take up both rows.
        let several = matches!(self.request.options.header, Header::Rows(first, last) if first < last);
        if lacking || several {
            self.find_merges()?;
        }
        let merges = std::mem::take(&mut self.merges);
        if lacking && self.request.options.header == Header::Detect {
            header = widen(&ahead, header, &merges, &columns);
            columns = self.columns_of(&ahead, &header);
        }
        if self.request.options.header == Header::Detect && header::has_units(&ahead, header.end) {
            header.end += 1;
        }
        let mut rest = ahead.split_off(header.end);
        self.above += header.start as u64;
        let header = &mut ahead[header.start..];
        let short = self.request.options.ragged != Ragged::Refuse && is_short(header, &rest);
        if short {
            let file = shown(&self.request.name);
            let message = format!("the header of `{file}` has a field less than its records");
            let help = "hotpass uses its names for the columns after the first, which has no name: `A`; if this is wrong, write a name for the first column";
            self.found.warnings.push(Problem::new(&SHORT_HEADER, message).help(help.to_owned()));
            header.iter_mut().for_each(Row::move_right);
            columns = rest
                .iter()
                .flat_map(|it| &it.cells)
                .chain(header.iter().flat_map(|it| &it.cells))
                .map(|it| it.column)
                .collect();
            columns.sort_unstable();
            columns.dedup();
        }
        let header = &*header;
        self.found.header = self.request.options.header;
        if let (Header::Detect, [first, ..], Some(last)) = (self.request.options.header, header, header.last()) {
            // As it would be declared: a line that only names the delimiter is none.
            let row = |it: &Row| (it.number - self.skipped) as u32;
            self.found.header = match (row(first), row(last)) {
                (first, last) if first == last => Header::Row(last),
                (first, last) => Header::Rows(first, last),
            };
            if let Some(it) = self.found.detected.last_mut() {
                it.answer = self.found.header.to_string();
            }
        }
        self.warn_of_doubt(header, &merges, &columns);
        let names = Names { header, merges: &merges, file: &self.request.name };
        self.found.columns = names.of(&columns, &mut self.found.warnings);
        self.warn_of_hidden(&columns);
        let mut fields = header.last().or(rest.first()).and_then(|it| it.fields);
        if let Some(fewer) = header.last().and_then(|it| fewer_fields(it, &rest)) {
            let file = shown(&self.request.name);
            let message = format!("the header of `{file}` ends with a delimiter that its records do not have");
            let help =
                "hotpass leaves out the fields after it, which have no name; correct the program that writes the file";
            self.found.warnings.push(Problem::new(&TRAILING_DELIMITER, message).help(help.to_owned()));
            fields = Some(fewer);
        }
        let mut body = RowClassifier::new(self.request, &self.found, &columns, fields, header.last(), self.from_1904);
        if body.let_trail(&rest) {
            let file = shown(&self.request.name);
            let message = format!("the records of `{file}` end with a delimiter that its header does not have");
            let help = "hotpass leaves out the empty field after it; correct the program that writes the file";
            self.found.warnings.push(Problem::new(&TRAILING_DELIMITER, message).help(help.to_owned()));
        }
        self.warn_of_groups(&rest, columns.len());
        self.warn_of_second(&rest);
        (self.sink.found)(&self.found)?;
        if let (Some(fill), Some(last)) = (&mut self.fill, header.last()) {
            fill.begin_below(last.number);
        }
        let body = self.body.insert(body);
        if self.request.rows == Some(0) {
            return Ok(Flow::Enough);
        }
        for mut row in rest.drain(..) {
            if let Some(fill) = &mut self.fill {
                fill.row(&mut row, body.last_column(), |it| body.has_column(it));
            }
            if body.add(&row, self.request, &self.found, self.sink)? == Flow::Enough {
                return Ok(Flow::Enough);
            }
        }
        Ok(Flow::More)
    }

    /// Which of the rows that were held back are the header; none of them is blank.
    fn find_header(&mut self, ahead: &[Row]) -> Result<std::ops::Range<usize>, ReadError> {
        let file = shown(&self.request.name);
        let declared = self.header_rows();
        if ahead.is_empty() && declared.is_none() {
            let message = format!("`{file}` has no cell with a value where the table should be");
            return Err(refuse(&EMPTY, message, "check the sheet and the range, or ask for a new copy"));
        }
        if let Some((first, last)) = declared {
            let rows = match (first - self.skipped, last - self.skipped) {
                (first, last) if first == last => format!("row {first}"),
                (first, last) => format!("rows {first} to {last}"),
            };
            return match ahead.iter().position(|it| it.number > last).unwrap_or(ahead.len()) {
                0 if ahead.is_empty() => {
                    let message = format!("`{file}` has no cell with a value in or below {rows}");
                    Err(refuse(&EMPTY, message, "check the sheet, the range and the row of the header"))
                }
                0 => {
                    let (verb, first) = (if first == last { "is" } else { "are" }, ahead[0].number);
                    let message = format!("{rows} of `{file}` {verb} blank, and should be the header");
                    let help = format!("the first row below it that is not blank is row {first}");
                    Err(refuse(&HEADER, message, &help))
                }
                end => Ok(0..end),
            };
        }
        if self.request.options.header == Header::Absent {
            return Ok(0..0);
        }
        let Some(header::Choice { at, confidence, why }) = header::detect(ahead) else {
            let message = format!("no row of `{file}` looks like a header");
            return Err(refuse(
                &HEADER,
                message,
                "set the row with `header = 3`, or set `header = false` if there is no header: the columns are then named by letters",
            ));
        };
        let what = "header".to_owned();
        self.found.detected.push(Detected { what, answer: String::new(), confidence, why });
        Ok(at..at + 1)
    }

    /// Tells of a header that is not sure, unless merged cells say why it has fewer names than columns.
    fn warn_of_doubt(&mut self, header: &[Row], merges: &Merges, columns: &[u32]) {
        let ([row], [first, .., last]) = (header, columns) else { return };
        let doubtful = |it: &&Detected| it.what == "header" && it.confidence < header::SURE;
        let Some(doubt) = self.found.detected.last().filter(doubtful) else { return };
        if self.request.options.header != Header::Detect || merges.groups(row.number, *first, *last) {
            return;
        }
        let (file, answer, why) = (shown(&self.request.name), &doubt.answer, &doubt.why);
        let message = format!("row {answer} of `{file}` is used as the header, but this is not certain: {why}");
        let help = format!("say so with `header = {answer}`, or name the row that is");
        self.found.warnings.push(Problem::new(&UNSURE_HEADER, message).help(help));
    }

    /// Reports rows that look like names of groups.
    fn warn_of_groups(&mut self, rows: &[Row], columns: usize) {
        let named = groups::named(rows, columns);
        if named.is_empty() {
            return;
        }
        let numbers: Vec<String> = named.iter().take(5).map(|it| rows[*it].number.to_string()).collect();
        let more = if named.len() > numbers.len() { ", …" } else { "" };
        let (file, count) = (shown(&self.request.name), plural(named.len() as u64, "row"));
        let message = format!(
            "{count} of `{file}` have only one value and are above other rows, as names of groups are: rows {}{more}",
            numbers.join(", ")
        );
        let help = "they are read as records: leave them out in a `filter` step, by a column that every record fills";
        self.found.warnings.push(Problem::new(&GROUP_ROWS, message).help(help.to_owned()));
    }

    /// Reports a row that looks like the header of another table.
    fn warn_of_second(&mut self, rows: &[Row]) {
        let Some(row) = second::header(rows) else { return };
        let file = shown(&self.request.name);
        let message = format!("row {row} of `{file}` looks like the header of a second table, and is read as a record");
        let help = "if there are two tables, declare a source for each, with `range`: see `hotpass explain \
                    hotpass::source::second-table`";
        self.found.warnings.push(Problem::new(&SECOND_TABLE, message).help(help.to_owned()));
    }

    /// The columns from the first that has a value to the last one, without those that only keep others apart.
    fn columns_of(&self, ahead: &[Row], header: &std::ops::Range<usize>) -> Vec<u32> {
        // A row with other fields than the header is no row of the table, and makes none of its columns.
        let named = &ahead[..header.end.max(1)];
        let fields = named.last().and_then(|it| it.fields);
        let fewer = named.last().and_then(|it| fewer_fields(it, &ahead[header.end..]));
        let rows =
            || ahead[header.start..].iter().filter(|it| it.fields == fields || fewer.is_some() && it.fields == fewer);
        let last = rows().filter_map(|it| it.cells.last()).map(|it| it.column).max();
        let Some(last) = last else { return Vec::new() };
        // Without a header, columns go by their letters, and a gap may be one that has no values yet.
        let mut valued = vec![false; last as usize + 1];
        rows().flat_map(|it| &it.cells).for_each(|it| valued[it.column as usize] = true);
        let first = valued.iter().position(|it| *it).unwrap_or(0) as u32;
        let shown = |it: &u32| self.request.options.hidden != Hidden::Exclude || !is_hidden(&self.hidden_columns, *it);
        (first..=last).filter(|it| header.is_empty() || valued[*it as usize]).filter(shown).collect()
    }

    /// Says which columns of the table are hidden, where that was asked for.
    fn warn_of_hidden(&mut self, columns: &[u32]) {
        if self.request.options.hidden != Hidden::Warn {
            return;
        }
        let hidden: Vec<_> = columns.iter().filter(|it| is_hidden(&self.hidden_columns, **it)).collect();
        if hidden.is_empty() {
            return;
        }
        let letters: Vec<_> = hidden.iter().take(20).map(|it| letters(**it)).collect();
        let count = plural(hidden.len() as u64, "hidden column");
        let more = match hidden.len().saturating_sub(letters.len()) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let message = format!("`{}` has {count}: {}{more}", shown(&self.request.name), letters.join(", "));
        let help = "they are read; `hidden = \"exclude\"` leaves them out, `\"include\"` says nothing of them";
        self.found.warnings.push(Problem::new(&HIDDEN, message).help(help.to_owned()));
    }
}

/// The rows of a header that takes up several: cells that were merged over rows say how far it reaches, and cells that
/// were merged over columns in the row above group what stands below them.
fn widen(ahead: &[Row], header: std::ops::Range<usize>, merges: &Merges, columns: &[u32]) -> std::ops::Range<usize> {
    let (mut start, mut end) = (header.start, header.end);
    let (top, bottom) = merges.rows_of(ahead[start].number, HEADER_ROWS);
    while start > 0 && ahead[start - 1].number >= top {
        start -= 1;
    }
    while end < ahead.len() && ahead[end].number <= bottom {
        end += 1;
    }
    if let (Some(above), [first, .., last]) = (start.checked_sub(1).map(|it| &ahead[it]), columns)
        && above.number + 1 == ahead[start].number
        && above.cells.len() > 1
        && merges.groups(above.number, *first, *last)
    {
        start -= 1;
    }
    start..end
}

/// Whether the header of delimited text lacks the name of the first column, as where names of rows stand in it: every
/// record has one field more, all first fields differ, and not all last ones are empty.
fn is_short(header: &[Row], rest: &[Row]) -> bool {
    let ([header], [_, _, ..]) = (header, rest) else { return false };
    let Some(fields) = header.fields else { return false };
    let first = |it: &Row| Some(it.text_of(it.cells.first().filter(|it| it.column == 0)?).to_owned());
    let firsts: HashSet<String> = rest.iter().filter_map(first).collect();
    let full =
        header.cells.len() as u32 == fields && rest.iter().any(|it| it.cells.iter().any(|it| it.column == fields));
    full && firsts.len() == rest.len() && rest.iter().all(|it| it.fields == Some(fields + 1))
}

/// Closes the gaps in a header that has more fields than all of `rows`, and as many names as they have fields.
fn close_gaps(header: &mut [Row], rows: &[Row]) -> bool {
    let ([header], [first, _, ..]) = (header, rows) else { return false };
    let (Some(has), Some(needs)) = (header.fields, first.fields) else { return false };
    let gaps = header.cells.last().is_some_and(|it| it.column >= needs);
    if !gaps || has <= needs || header.cells.len() as u32 != needs || rows.iter().any(|it| it.fields != Some(needs)) {
        return false;
    }
    header.cells.iter_mut().zip(0..).for_each(|(it, column)| it.column = column);
    header.fields = Some(needs);
    true
}

/// How many fields all of `rows` have, where that is fewer than the header has and the header holds nothing behind them.
fn fewer_fields(header: &Row, rows: &[Row]) -> Option<u32> {
    let fewer = rows.first()?.fields.filter(|it| header.fields.is_some_and(|all| *it < all))?;
    let fits = |it: &Row| it.cells.iter().all(|cell| cell.column < fewer);
    (fits(header) && rows.iter().all(|it| it.fields == Some(fewer))).then_some(fewer)
}

fn is_hidden(hidden: &[(u32, u32)], column: u32) -> bool {
    hidden.iter().any(|(first, last)| (*first..=*last).contains(&column))
}
