//! From rows to batches: where the table stands, what its columns are called, and an account of every cell.
//!
//! Readers hand over rows in order; the first ones are held back until the header and the extent of the table are
//! known. How many is fixed, so that a request for the header alone and one for all rows find the same columns.

use std::sync::Arc;

use arrow_array::builder::{ArrayBuilder, Int64Builder, StringBuilder};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Schema};

use crate::border::formats::Class;
use crate::border::header::{self, CANDIDATES};
use crate::border::problems::{BESIDE, EMPTY, HEADER, RAGGED, plural, refuse, shown, too_large};
use crate::border::row::{Kind, MAX_COLUMNS, Row, Window, address, letters};
use crate::border::{Detected, Found, Header, Hidden, Kinds, ROW, ReadError, Request, Sink, Trailer};
use crate::digest::{Digest, Hasher};

/// Rows that are held back until the table is known.
const AHEAD: usize = 1024;
/// Bytes and cells that are held back at most; both depend on the file alone.
const AHEAD_BYTES: usize = 16 << 20;
/// Rows of a batch.
const BATCH_ROWS: usize = 16_384;
/// Cells of a batch, blank ones counted: a wide sheet has short batches.
const BATCH_CELLS: usize = 1 << 20;
/// Bytes after which a batch is closed.
const BATCH_BYTES: usize = 8 << 20;
/// Error cells whose addresses are kept.
const ERRORS: usize = 20;
/// Number formats that are kept for a column.
const FORMATS: usize = 8;

/// Whether a reader should go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flow {
    /// There may be more to read.
    More,
    /// Whatever follows is not asked for.
    Enough,
}

/// The table that is being read.
pub(crate) struct Table<'a, 's> {
    request: &'a Request,
    sink: &'a mut Sink<'s>,
    window: Window,
    /// What readers find out besides rows: the sheet, the encoding, the delimiter.
    pub(crate) found: Found,
    /// The number formats that cells refer to.
    pub(crate) formats: Vec<(String, Class)>,
    /// Hidden columns, first and last, counted from 0.
    pub(crate) hidden_columns: Vec<(u32, u32)>,
    /// Lines above the first row that a spreadsheet does not show: the header's row is counted below them.
    pub(crate) skipped: u64,
    ahead: Vec<Row>,
    ahead_bytes: usize,
    body: Option<Body>,
}

impl<'a, 's> Table<'a, 's> {
    pub(crate) fn new(request: &'a Request, sink: &'a mut Sink<'s>) -> Result<Table<'a, 's>, ReadError> {
        let window = request.range.as_deref().map_or(Ok(Window::ALL), Window::parse)?;
        Ok(Table {
            request,
            sink,
            window,
            found: Found::default(),
            formats: Vec::new(),
            hidden_columns: Vec::new(),
            skipped: 0,
            ahead: Vec::new(),
            ahead_bytes: 0,
            body: None,
        })
    }

    /// Takes the next row.
    pub(crate) fn row(&mut self, row: &mut Row) -> Result<Flow, ReadError> {
        let header = self.header_row();
        let is_header = header == Some(row.number);
        let above = header.is_some_and(|it| row.number < it);
        if row.number > self.window.last_row && !is_header {
            return Ok(if above { Flow::More } else { Flow::Enough });
        }
        if above || (row.number < self.window.first_row && !is_header) {
            return Ok(Flow::More);
        }
        if row.hidden && self.request.hidden == Hidden::Exclude && !is_header {
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
            return body.add(row, self.request, &self.found, self.sink);
        }
        self.ahead_bytes += row.text.len() + row.cells.len() * size_of::<crate::border::row::Cell>();
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
        let Table { body, found, sink, formats, .. } = self;
        match body {
            Some(body) => body.finish(found, &formats, sink),
            None => Err(ReadError::World("a table ended before it began".to_owned())),
        }
    }

    /// The declared row of the header.
    fn header_row(&self) -> Option<u64> {
        match self.request.header {
            Header::Row(it) => Some(u64::from(it) + self.skipped),
            Header::Detect | Header::Absent => None,
        }
    }

    /// Drops the cells that were not asked for.
    fn narrow(&self, row: &mut Row) {
        if self.window.first_column > 0 || self.window.last_column < MAX_COLUMNS - 1 {
            row.cells.retain(|it| self.window.has_column(it.column));
        }
        if self.request.hidden == Hidden::Exclude && !self.hidden_columns.is_empty() {
            row.cells.retain(|it| !is_hidden(&self.hidden_columns, it.column));
        }
    }

    /// Decides where the table stands and passes on what was held back.
    fn begin(&mut self) -> Result<Flow, ReadError> {
        let ahead = std::mem::take(&mut self.ahead);
        let file = shown(&self.request.name);
        if ahead.is_empty() && !matches!(self.request.header, Header::Row(_)) {
            let message = format!("`{file}` has no cell with a value where the table should be");
            return Err(refuse(&EMPTY, message, "check the sheet and the range, or ask for a new copy"));
        }
        let header = match self.request.header {
            Header::Absent => None,
            Header::Row(number) => match ahead.first() {
                Some(first) if Some(first.number) == self.header_row() => Some(0),
                None => {
                    let message = format!("`{file}` has no cell with a value in or below row {number}");
                    return Err(refuse(&EMPTY, message, "check the sheet, the range and the row of the header"));
                }
                Some(first) => {
                    let message = format!("row {number} of `{file}` is blank, and should be the header");
                    let help = format!("the first row below it that is not blank is row {}", first.number);
                    return Err(refuse(&HEADER, message, &help));
                }
            },
            Header::Detect => match header::detect(&ahead) {
                Some((at, confidence)) => {
                    let answer = ahead[at].number.to_string();
                    self.found.detected.push(Detected { what: "header".to_owned(), answer, confidence });
                    Some(at)
                }
                None => {
                    let message = format!("no row of `{file}` looks like a header");
                    return Err(refuse(&HEADER, message, "say which row it is, or that there is none"));
                }
            },
        };
        let (header, rest) = match header {
            Some(at) => (Some(&ahead[at]), &ahead[at + 1..]),
            None => (None, &ahead[..]),
        };
        let extent = header.into_iter().chain(rest).flat_map(|it| [it.cells.first(), it.cells.last()]).flatten();
        let (first, last) = extent.fold((u32::MAX, 0), |it, cell| (it.0.min(cell.column), it.1.max(cell.column)));
        let kept = |it: &u32| self.request.hidden == Hidden::Include || !is_hidden(&self.hidden_columns, *it);
        let columns: Vec<u32> = (first..=last).filter(kept).collect();
        self.found.header_row = header.map_or(0, |it| it.number as u32);
        self.found.columns = header::name_columns(&columns, header, &self.request.name, &mut self.found.warnings);
        (self.sink.found)(&self.found)?;
        let fields = header.or(rest.first()).and_then(|it| it.fields);
        let body = self.body.insert(Body::new(&self.found, &columns, fields, header.map_or(0, |it| it.number)));
        if self.request.rows == Some(0) {
            return Ok(Flow::Enough);
        }
        for row in rest {
            if body.add(row, self.request, &self.found, self.sink)? == Flow::Enough {
                return Ok(Flow::Enough);
            }
        }
        Ok(Flow::More)
    }
}

fn is_hidden(hidden: &[(u32, u32)], column: u32) -> bool {
    hidden.iter().any(|(first, last)| (*first..=*last).contains(&column))
}

/// The columns that fill up.
struct Body {
    schema: Arc<Schema>,
    columns: Vec<Column>,
    /// For each column of the sheet its place in `columns`.
    places: Vec<Option<u32>>,
    numbers: Int64Builder,
    /// Rows and bytes of the batch at hand.
    held: usize,
    bytes: usize,
    batch_rows: usize,
    rows: u64,
    fields: Option<u32>,
    header_row: u64,
    errors: Vec<String>,
    error_count: u64,
    digest: BatchDigest,
}

/// One column that fills up.
struct Column {
    values: StringBuilder,
    kinds: Kinds,
    formats: Vec<u32>,
}

impl Column {
    /// Grows with its values: a wide sheet has thousands of these.
    fn new() -> Column {
        Column { values: StringBuilder::with_capacity(0, 0), kinds: Kinds::default(), formats: Vec::new() }
    }
}

impl Body {
    fn new(found: &Found, columns: &[u32], fields: Option<u32>, header_row: u64) -> Body {
        let mut places = vec![None; columns.last().map_or(0, |it| *it as usize + 1)];
        for (place, column) in columns.iter().enumerate() {
            places[*column as usize] = Some(place as u32);
        }
        Body {
            schema: schema(found),
            columns: columns.iter().map(|_| Column::new()).collect(),
            places,
            numbers: Int64Builder::new(),
            held: 0,
            bytes: 0,
            batch_rows: (BATCH_CELLS / columns.len().max(1)).clamp(1, BATCH_ROWS),
            rows: 0,
            fields,
            header_row,
            errors: Vec::new(),
            error_count: 0,
            digest: BatchDigest::new(found),
        }
    }

    fn add(&mut self, row: &Row, request: &Request, found: &Found, sink: &mut Sink<'_>) -> Result<Flow, ReadError> {
        if row.fields != self.fields {
            return Err(self.ragged(row, request));
        }
        for cell in &row.cells {
            let Some(Some(place)) = self.places.get(cell.column as usize) else {
                return Err(beside(cell.column, row.number, request, found));
            };
            let column = &mut self.columns[*place as usize];
            // Blank cells are only filled in when a value follows: a sparse row costs its cells, not its width.
            let missing = self.held - column.values.len();
            if missing > 0 {
                column.values.append_nulls(missing);
            }
            let kinds = &mut column.kinds;
            let text = row.text_of(cell);
            if cell.kind == Kind::Error {
                column.values.append_null();
                kinds.error += 1;
                self.error_count += 1;
                if self.errors.len() < ERRORS {
                    self.errors.push(address(cell.column, row.number));
                }
            } else if !request.nulls.is_empty() && request.nulls.iter().any(|it| it == text.trim()) {
                column.values.append_null();
            } else {
                column.values.append_value(text);
                self.bytes += text.len();
                match cell.kind {
                    Kind::Text => kinds.text += 1,
                    Kind::Number => kinds.number += 1,
                    Kind::Date => kinds.date += 1,
                    Kind::Boolean => kinds.boolean += 1,
                    Kind::Error => (),
                }
                let formatted = matches!(cell.kind, Kind::Number | Kind::Date);
                if formatted && column.formats.len() < FORMATS && !column.formats.contains(&cell.format) {
                    column.formats.push(cell.format);
                }
            }
            kinds.formula += u64::from(cell.formula);
        }
        self.numbers.append_value(row.number as i64);
        self.held += 1;
        self.rows += 1;
        if self.held >= self.batch_rows || self.bytes >= BATCH_BYTES {
            self.flush(sink)?;
        }
        Ok(if request.rows.is_some_and(|it| self.rows >= it) { Flow::Enough } else { Flow::More })
    }

    /// The one place that judges rows of another width than the header's.
    fn ragged(&self, row: &Row, request: &Request) -> ReadError {
        let (has, needs) = (row.fields.unwrap_or(0), self.fields.unwrap_or(0));
        let file = shown(&request.name);
        let than = if self.header_row > 0 { "the header" } else { "the first row" };
        let message =
            format!("line {} of `{file}` has {}, {than} has {needs}", row.number, plural(u64::from(has), "field"));
        let help = if has > needs {
            "quote a value that holds the delimiter, or correct the line"
        } else {
            "add the fields that are missing: an empty value still needs its delimiter"
        };
        refuse(&RAGGED, message, help)
    }

    fn flush(&mut self, sink: &mut Sink<'_>) -> Result<(), ReadError> {
        if self.held == 0 {
            return Ok(());
        }
        let mut arrays: Vec<ArrayRef> = Vec::with_capacity(self.columns.len() + 1);
        for column in &mut self.columns {
            column.values.append_nulls(self.held - column.values.len());
            arrays.push(Arc::new(column.values.finish()));
        }
        arrays.push(Arc::new(self.numbers.finish()));
        self.held = 0;
        self.bytes = 0;
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), arrays)
            .map_err(|error| ReadError::World(format!("a batch could not be made: {error}")))?;
        self.digest.add(&batch);
        (sink.batch)(batch)
    }

    fn finish(
        mut self,
        found: Found,
        formats: &[(String, Class)],
        sink: &mut Sink<'_>,
    ) -> Result<(Found, Trailer), ReadError> {
        self.flush(sink)?;
        let columns = self.columns.into_iter().map(|mut it| {
            let valued = it.kinds.text + it.kinds.number + it.kinds.date + it.kinds.boolean + it.kinds.error;
            it.kinds.blank = self.rows - valued;
            it.kinds.formats =
                it.formats.iter().filter_map(|at| formats.get(*at as usize)).map(|(code, _)| code.clone()).collect();
            it.kinds.formats.sort_unstable();
            it.kinds
        });
        let trailer = Trailer {
            rows: self.rows,
            columns: columns.collect(),
            errors: self.errors,
            error_count: self.error_count,
            digest: self.digest.finish(),
        };
        Ok((found, trailer))
    }
}

/// A value right or left of all that belonged to the table when it began: losing it would be silent.
fn beside(column: u32, row: u64, request: &Request, found: &Found) -> ReadError {
    let last = found.columns.last().map_or("A", |it| it.letter.as_str());
    let first = found.columns.first().map_or("A", |it| it.letter.as_str());
    let message = format!(
        "`{}` has a value in `{}`, beside the table, which spans columns {first} to {last}",
        shown(&request.name),
        address(column, row)
    );
    let help = format!(
        "give column {} a name in the header, or limit the table with a range such as `{first}:{last}`",
        letters(column)
    );
    refuse(&BESIDE, message, &help)
}

/// The schema of every batch.
pub(crate) fn schema(found: &Found) -> Arc<Schema> {
    let text = found.columns.iter().map(|it| Field::new(&it.name, DataType::Utf8, true));
    let row = Field::new(ROW, DataType::Int64, false);
    Arc::new(Schema::new(text.chain([row]).collect::<Vec<_>>()))
}

/// The digest that shows on both ends of a pipe that the batches are the same.
pub(crate) struct BatchDigest(Hasher);

impl BatchDigest {
    pub(crate) fn new(found: &Found) -> BatchDigest {
        let mut hasher = Hasher::new("hotpass border batches v1");
        hasher.number(found.columns.len() as u64);
        for column in &found.columns {
            hasher.text(&column.name);
        }
        BatchDigest(hasher)
    }

    pub(crate) fn add(&mut self, batch: &RecordBatch) {
        use arrow_array::cast::AsArray;
        self.0.number(batch.num_rows() as u64);
        let mut lengths = Vec::new();
        for array in batch.columns() {
            if let Some(text) = array.as_string_opt::<i32>() {
                lengths.clear();
                for (at, ends) in text.value_offsets().windows(2).enumerate() {
                    let length = if text.is_null(at) { -1 } else { ends[1] - ends[0] };
                    lengths.extend_from_slice(&length.to_le_bytes());
                }
                let (start, end) = (text.value_offsets()[0], text.value_offsets()[text.len()]);
                self.0.raw(&lengths).bytes(&text.value_data()[start as usize..end as usize]);
            } else if let Some(numbers) = array.as_primitive_opt::<arrow_array::types::Int64Type>() {
                for number in numbers.values() {
                    self.0.raw(&number.to_le_bytes());
                }
            }
        }
    }

    pub(crate) fn finish(&self) -> Digest {
        self.0.finish()
    }
}
