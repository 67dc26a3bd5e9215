//! Rows below the header: sorted into those that can be used, those that are set aside and those that are none, and
//! put into batches with an account of every cell.
//!
//! The last rows are held back, because only the end of a table shows what its totals are.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::fmt::Write;
use std::sync::Arc;

use arrow_array::builder::{ArrayBuilder, Int64Builder, StringBuilder};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Schema};

use crate::digest::{Digest, Hasher};
use crate::readers::aside::{Sums, is_again, is_total};
use crate::readers::formats::Look;
use crate::readers::labels::Above;
use crate::readers::letters::{self, Letters};
use crate::readers::problems::{BESIDE, RAGGED, plural, refuse, shown, thousands};
use crate::readers::row::{self, Flow, Kind, Row, address};
use crate::readers::{
    ASIDE, Format, Found, KINDS, Kinds, LeftOut, Mended, Part, ROW, Ragged, ReadError, Request, Sink, Totals, Trailer,
};

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
/// Rows that are held back: a total, and the remarks below it.
const TAIL: usize = 6;

/// Whether a record has one field more than it needs, and nothing in it.
fn is_trailing(row: &Row, fields: Option<u32>) -> bool {
    let Some(needs) = fields else { return false };
    row.fields == Some(needs + 1) && row.cells.iter().all(|it| it.column < needs)
}

/// The columns that fill up.
pub(crate) struct RowClassifier {
    schema: Arc<Schema>,
    columns: Vec<Column>,
    /// For each column of the sheet its place in `columns`.
    places: Vec<Option<u32>>,
    numbers: Int64Builder,
    /// Which cells of each row are numbers, where the file says so.
    letters: Option<Letters>,
    /// Why, what is beyond the columns, and the digest of each row that was set aside.
    aside: [StringBuilder; 3],
    /// How often a row of this digest was set aside: no two of a file are the same.
    seen: HashMap<Digest, u64>,
    /// Rows and bytes of the batch at hand.
    held: usize,
    bytes: usize,
    batch_rows: usize,
    rows: u64,
    other: u64,
    /// Rows that do not fit, and why the first of them does not.
    misfits: u64,
    misfit: String,
    left_out: BTreeMap<LeftOut, u64>,
    hidden: u64,
    fields: Option<u32>,
    /// Whether records may have one more field, with nothing in it.
    trailing: bool,
    header: Option<Row>,
    /// The last rows, and what is known of those before them.
    tail: VecDeque<(Row, Option<String>)>,
    sums: Sums,
    /// The same since the last total.
    group: Sums,
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

impl RowClassifier {
    /// A body below `header`, with `fields` fields a row where they are counted.
    pub(crate) fn new(
        request: &Request,
        found: &Found,
        columns: &[u32],
        fields: Option<u32>,
        header: Option<&Row>,
        from_1904: bool,
    ) -> RowClassifier {
        let mut places = vec![None; columns.last().map_or(0, |it| *it as usize + 1)];
        for (place, column) in columns.iter().enumerate() {
            places[*column as usize] = Some(place as u32);
        }
        RowClassifier {
            schema: schema(found, request.format, request.part),
            columns: columns.iter().map(|_| Column::new()).collect(),
            sums: Sums::new(columns.len()),
            group: Sums::new(columns.len()),
            places,
            numbers: Int64Builder::new(),
            letters: letters::are_said(request.format, request.part).then(|| Letters::new(from_1904)),
            aside: std::array::from_fn(|_| StringBuilder::new()),
            seen: HashMap::new(),
            held: 0,
            bytes: 0,
            batch_rows: (BATCH_CELLS / columns.len().max(1)).clamp(1, BATCH_ROWS),
            rows: 0,
            other: 0,
            misfits: 0,
            misfit: String::new(),
            left_out: BTreeMap::new(),
            hidden: 0,
            fields,
            trailing: false,
            header: header.cloned(),
            tail: VecDeque::new(),
            errors: Vec::new(),
            error_count: 0,
            digest: BatchDigest::new(found),
        }
    }

    /// Counts rows that stand above the header.
    pub(crate) fn stood_above(&mut self, rows: u64) {
        (0..rows).for_each(|_| self.leave_out(LeftOut::Above));
    }

    /// Lets records end with a delimiter that the header does not have, if none of `rows` fits without that and most do
    /// with it.
    pub(crate) fn let_trail(&mut self, rows: &[Row]) -> bool {
        let count = rows.iter().filter(|it| is_trailing(it, self.fields)).count();
        self.trailing = count * 2 > rows.len() && rows.iter().all(|it| it.fields != self.fields);
        self.trailing
    }

    /// Whether as many rows were sent as were asked for.
    pub(crate) fn is_full(&self, request: &Request) -> bool {
        request.rows.is_some_and(|most| self.rows >= most)
    }

    /// The last column of the table.
    pub(crate) fn last_column(&self) -> u32 {
        self.places.len().saturating_sub(1) as u32
    }

    /// Whether a column of the sheet is one of the table.
    pub(crate) fn has_column(&self, column: u32) -> bool {
        self.place(column).is_some()
    }

    /// Counts a row that is left out.
    pub(crate) fn leave_out(&mut self, what: LeftOut) {
        *self.left_out.entry(what).or_default() += 1;
    }

    /// Takes a row with values.
    pub(crate) fn add(
        &mut self,
        row: &Row,
        request: &Request,
        found: &Found,
        sink: &mut Sink<'_>,
    ) -> Result<Flow, ReadError> {
        if self.is_full(request) {
            return Ok(Flow::Enough);
        }
        self.hidden += u64::from(row.hidden);
        if request.options.again && self.header.as_ref().is_some_and(|it| is_again(row, it)) {
            self.leave_out(LeftOut::Header);
            self.sums.again += 1;
            return Ok(Flow::More);
        }
        if begins_with(row, &request.options.total_words) && self.is_sparse(row) {
            self.leave_out(LeftOut::Total);
            return Ok(Flow::More);
        }
        let mut reason = None;
        if !(row.fields == self.fields || self.trailing && is_trailing(row, self.fields)) || !self.fits(row) {
            if request.options.ragged == Ragged::Refuse {
                return Err(self.ragged(row, request, found));
            }
            let why = self.misfit(row);
            if self.misfits == 0 {
                let noun = if row.fields.is_some() { "line" } else { "row" };
                self.misfit = format!("{noun} {}: {why}", thousands(row.number));
            }
            self.misfits += 1;
            reason = Some(why);
        }
        if request.options.totals == Totals::Keep {
            self.judged(row, reason.as_deref(), request, sink)?;
        } else {
            let mut slot = Row::default();
            if self.tail.len() >= TAIL
                && let Some((first, reason)) = self.tail.pop_front()
            {
                self.judged(&first, reason.as_deref(), request, sink)?;
                slot = first;
            }
            slot.copy(row);
            self.tail.push_back((slot, reason));
        }
        Ok(if self.is_full(request) { Flow::Enough } else { Flow::More })
    }

    /// A row that can be used, unless there is a reason why not.
    fn judged(
        &mut self,
        row: &Row,
        reason: Option<&str>,
        request: &Request,
        sink: &mut Sink<'_>,
    ) -> Result<(), ReadError> {
        match reason {
            Some(reason) => self.set_aside(row, reason, request, sink),
            None if request.options.totals != Totals::Keep && self.is_labelled(row, request) => {
                self.group = Sums::new(self.columns.len());
                self.drop_or_set_aside(row, LeftOut::Total, "its label says that it is a total", request, sink)
            }
            None => self.put(row, request, sink),
        }
    }

    /// A row that is no record, by what is likely: left out where that is asked for, else set aside.
    fn drop_or_set_aside(
        &mut self,
        row: &Row,
        what: LeftOut,
        reason: &str,
        request: &Request,
        sink: &mut Sink<'_>,
    ) -> Result<(), ReadError> {
        if request.options.totals == Totals::Drop {
            self.leave_out(what);
            return Ok(());
        }
        self.set_aside(row, reason, request, sink)
    }

    /// Whether a label says that a row is a total, or the sum of some rows.
    fn is_labelled(&self, row: &Row, request: &Request) -> bool {
        let above = Above { all: &self.sums, group: &self.group };
        request.options.labels.tell_total(row, &above, self.is_sparse(row), |it| self.place(it))
    }

    /// Whether every cell stands in a column of the table.
    fn fits(&self, row: &Row) -> bool {
        row.cells.iter().all(|it| self.place(it.column).is_some())
    }

    fn place(&self, column: u32) -> Option<usize> {
        self.places.get(column as usize).copied().flatten().map(|it| it as usize)
    }

    /// Whether no more than half of the columns have a value; of three, two may. A filled row never is.
    fn is_sparse(&self, row: &Row) -> bool {
        let (filled, all) = (row.cells.len(), self.columns.len());
        filled < all && filled * 2 <= all.max(4)
    }

    /// A row that can be used.
    fn put(&mut self, row: &Row, request: &Request, sink: &mut Sink<'_>) -> Result<(), ReadError> {
        if request.options.totals != Totals::Keep {
            self.sums.add(&mut self.group, row, &request.options.labels.money, |it| self.places[it as usize]);
        }
        match request.part {
            Part::Usable => self.append(row, request, sink),
            Part::Aside | Part::Contents => {
                self.other += 1;
                Ok(())
            }
        }
    }

    /// A row that cannot.
    fn set_aside(&mut self, row: &Row, reason: &str, request: &Request, sink: &mut Sink<'_>) -> Result<(), ReadError> {
        if request.part == Part::Usable {
            self.other += 1;
            return Ok(());
        }
        if self.is_full(request) {
            return Ok(());
        }
        self.aside[0].append_value(reason);
        let mut beyond = String::new();
        for cell in row.cells.iter().filter(|it| self.place(it.column).is_none()) {
            let line = if beyond.is_empty() { "" } else { "\n" };
            let _ = write!(beyond, "{line}{}: {}", row::letters(cell.column), row.text_of(cell));
        }
        self.aside[1].append_option(Some(beyond).filter(|it| !it.is_empty()));
        let mut hasher = Hasher::new("hotpass row v1");
        for cell in &row.cells {
            hasher.number(u64::from(cell.column)).text(row.text_of(cell));
        }
        let digest = hasher.finish();
        let count = self.seen.entry(digest).or_default();
        *count += 1;
        let original = Hasher::new("hotpass original v1").digest(&digest).number(*count).finish();
        self.aside[2].append_value(&original.hex()[..16]);
        self.append(row, request, sink)
    }

    /// Fills the columns with a row.
    fn append(&mut self, row: &Row, request: &Request, sink: &mut Sink<'_>) -> Result<(), ReadError> {
        if self.is_full(request) {
            return Ok(());
        }
        for cell in &row.cells {
            let Some(place) = self.place(cell.column) else { continue };
            let column = &mut self.columns[place];
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
            } else if !request.options.nulls.is_empty() && request.options.nulls.iter().any(|it| it == text.trim()) {
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
        if let Some(letters) = &mut self.letters {
            letters.add(row, &self.places);
        }
        self.numbers.append_value(row.number as i64);
        self.held += 1;
        self.rows += 1;
        if self.held >= self.batch_rows || self.bytes >= BATCH_BYTES {
            self.flush(sink)?;
        }
        Ok(())
    }

    /// Why a row does not fit.
    fn misfit(&self, row: &Row) -> String {
        match (row.fields, self.fields) {
            (Some(has), Some(needs)) if has != needs => {
                format!("it has {}, {} has {needs}", plural(u64::from(has), "field"), self.above())
            }
            _ => {
                let stray = row.cells.iter().find(|it| self.place(it.column).is_none());
                let place = stray.map_or_else(String::new, |it| address(it.column, row.number));
                format!("it has a value beside the table, in {place}")
            }
        }
    }

    /// A table of which every row would be set aside is no table, and most likely its header is another row.
    fn nothing_fits(&self, request: &Request) -> ReadError {
        let (file, count) = (shown(&request.name), plural(self.misfits, "row"));
        let message = format!("none of the {count} of `{file}` fits {}; {}", self.above(), self.misfit);
        let help = "set the row of the header with `header = 3`, or the delimiter with `delimiter = \";\"`; if every row has one field more, the header lacks a name";
        refuse(&RAGGED, message, help)
    }

    fn above(&self) -> &'static str {
        if self.header.is_some() { "the header" } else { "the first row" }
    }

    /// The one place that refuses rows that do not fit.
    fn ragged(&self, row: &Row, request: &Request, found: &Found) -> ReadError {
        let (has, needs) = (row.fields.unwrap_or(0), self.fields.unwrap_or(0));
        if has == needs {
            let stray = row.cells.iter().find(|it| self.place(it.column).is_none());
            return beside(stray.map_or(0, |it| it.column), row.number, request, found);
        }
        let file = shown(&request.name);
        let message = format!(
            "line {} of `{file}` has {}, {} has {needs}",
            thousands(row.number),
            plural(u64::from(has), "field"),
            self.above()
        );
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
        let mut arrays: Vec<ArrayRef> = Vec::with_capacity(self.columns.len() + 4);
        for column in &mut self.columns {
            column.values.append_nulls(self.held - column.values.len());
            let (rows, bytes) = (column.values.len(), column.values.values_slice().len());
            // The next batch is about as large.
            let values = std::mem::replace(&mut column.values, StringBuilder::with_capacity(rows, bytes));
            arrays.push(Arc::new({ values }.finish()));
        }
        for values in self.aside.iter_mut().filter(|it| it.len() == self.held) {
            arrays.push(Arc::new(values.finish()));
        }
        arrays.extend(self.letters.as_mut().map(Letters::finish));
        arrays.push(Arc::new(self.numbers.finish()));
        self.held = 0;
        self.bytes = 0;
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), arrays)
            .map_err(|error| ReadError::World(format!("a batch could not be made: {error}")))?;
        self.digest.add(&batch);
        (sink.batch)(batch)
    }

    /// Judges the rows that were held back: a total, and all that stands below it, is set aside or left out.
    fn end(&mut self, request: &Request, sink: &mut Sink<'_>) -> Result<(), ReadError> {
        let tail: Vec<_> = std::mem::take(&mut self.tail).into();
        // What was not read to its end has no end that could be judged.
        let judged = !self.is_full(request);
        let mut below = false;
        let remark = |it: &Row| request.options.labels.tell_remark(it, self.columns.len());
        let remarks = tail.iter().rev().take_while(|(it, reason)| reason.is_none() && remark(it)).count();
        let remarks = if judged && request.options.totals != Totals::Keep { tail.len() - remarks } else { tail.len() };
        for (at, (row, reason)) in tail.iter().enumerate() {
            let last = tail[at + 1..].iter().all(|(it, _)| it.cells.len() == 1 || self.is_total(it, request));
            let bare = || self.columns.len() > 1 && self.sums.are_filled() && request.options.labels.is_bare_label(row);
            let is_total = || self.is_total(row, request) || self.is_labelled(row, request) || bare();
            let total = judged && reason.is_none() && (below || last && is_total());
            match request.options.totals {
                _ if at >= remarks && !below => {
                    let reason = "it looks like a remark below the table";
                    self.drop_or_set_aside(row, LeftOut::Remark, reason, request, sink)?;
                }
                _ if !total => self.judged(row, reason.as_deref(), request, sink)?,
                Totals::Drop => self.leave_out(LeftOut::Total),
                _ if below => self.set_aside(row, "it stands below what looks like a total", request, sink)?,
                _ => self.set_aside(row, "it looks like a total", request, sink)?,
            }
            below |= total;
        }
        Ok(())
    }

    fn is_total(&self, row: &Row, request: &Request) -> bool {
        self.is_sparse(row) && is_total(row, &self.sums, &request.options.labels.money, |it| self.place(it))
    }

    /// Ends the table and accounts for it.
    pub(crate) fn finish(
        mut self,
        found: Found,
        request: &Request,
        formats: &[(String, Look)],
        sink: &mut Sink<'_>,
    ) -> Result<(Found, Trailer), ReadError> {
        self.end(request, sink)?;
        self.flush(sink)?;
        let usable = if request.part == Part::Usable { self.rows } else { self.other };
        if usable == 0 && self.misfits > 0 && request.rows.is_none() {
            return Err(self.nothing_fits(request));
        }
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
            other: self.other,
            left_out: self.left_out,
            hidden: self.hidden,
            columns: columns.collect(),
            errors: self.errors,
            error_count: self.error_count,
            mended: Mended::default(),
            digest: self.digest.finish(),
        };
        Ok((found, trailer))
    }
}

/// Whether the first cell is one of `words`, or begins with one, whatever the case.
fn begins_with(row: &Row, words: &[String]) -> bool {
    let Some(cell) = row.cells.first().filter(|_| !words.is_empty()) else { return false };
    let text = row.text_of(cell).trim().to_lowercase();
    words.iter().any(|word| {
        let rest = text.strip_prefix(&word.to_lowercase());
        rest.is_some_and(|it| !it.starts_with(char::is_alphanumeric))
    })
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
        row::letters(column)
    );
    refuse(&BESIDE, message, &help)
}

/// The schema of every batch.
pub(crate) fn schema(found: &Found, format: Format, part: Part) -> Arc<Schema> {
    let text = found.columns.iter().map(|it| Field::new(&it.name, DataType::Utf8, true));
    let aside = if part == Part::Aside { &ASIDE[..] } else { &[] };
    let aside = aside.iter().map(|it| Field::new(*it, DataType::Utf8, true));
    let kinds = letters::are_said(format, part).then(|| Field::new(KINDS, DataType::Utf8, false));
    let row = Field::new(ROW, DataType::Int64, false);
    Arc::new(Schema::new(text.chain(aside).chain(kinds).chain([row]).collect::<Vec<_>>()))
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
