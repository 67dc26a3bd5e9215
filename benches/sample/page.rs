//! One sheet while it is written: into the workbook, into CSV if asked, and into the truth about it.
//!
//! What the rows are is the business of the three books.

use std::error::Error;
use std::path::{Path, PathBuf};

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, FormatAlign, Formula, Workbook, Worksheet};

use crate::cell::{Cell, Told};
use crate::csv::{CsvFile, Dialect};
use crate::truth::{Record, Truth};

/// The result of writing.
pub type Written = Result<(), Box<dyn Error>>;

/// Where the books go, and how.
#[derive(Debug, Clone)]
pub struct Output {
    /// The folder of the books.
    pub folder: PathBuf,
    /// Each sheet as CSV as well.
    pub csv: bool,
    /// Texts inside the sheets, and memory that does not grow, instead of one table of shared texts.
    pub inline: bool,
}

/// A workbook while it is written.
pub struct Book<'a> {
    workbook: Workbook,
    formats: Formats,
    output: &'a Output,
    /// Where it stands in `truth::BOOKS`.
    number: usize,
    file: &'static str,
}

impl<'a> Book<'a> {
    /// Begins a book, which says that it was made on a fixed day.
    pub fn new(output: &'a Output, number: usize, file: &'static str) -> Result<Self, Box<dyn Error>> {
        let mut workbook = Workbook::new();
        let day = ExcelDateTime::from_ymd(2025, 10, 10)?;
        let about = DocProperties::new().set_author("hotpass sample").set_comment("Synthetic: nobody is meant.");
        workbook.set_properties(&about.set_creation_datetime(&day));
        if output.inline {
            workbook.set_tempdir(&output.folder)?;
        }
        Ok(Book { workbook, formats: Formats::default(), output, number, file })
    }

    /// Begins a sheet whose header starts `left` columns from the edge. Each column has its header, and the fields of
    /// the shipped profiles that it may rightly go to.
    pub fn page<'b>(
        &'b mut self,
        name: &'static str,
        left: u16,
        columns: &[(&'static str, &'static str)],
        dialect: Dialect,
        truth: &'b mut Truth,
    ) -> Result<Page<'b>, Box<dyn Error>> {
        let sheet = if self.output.inline {
            self.workbook.add_worksheet_with_constant_memory()?
        } else {
            self.workbook.add_worksheet()
        };
        sheet.set_name(name)?;
        // An empty cached value would otherwise become 0.
        sheet.set_formula_result_default("");
        let csv = match self.output.csv {
            true => Some(CsvFile::create(&csv_path(&self.output.folder, self.file, name), dialect)?),
            false => None,
        };
        truth.columns(self.number, name, left, columns)?;
        let header = columns.iter().map(|(header, _)| *header).collect();
        Ok(Page { sheet, csv, formats: &mut self.formats, truth, book: self.number, name, header, left, row: 0 })
    }

    /// Writes the file.
    pub fn save(mut self) -> Written {
        self.workbook.save(self.output.folder.join(format!("{}.xlsx", self.file)))?;
        Ok(())
    }
}

/// The CSV file of a sheet.
pub fn csv_path(folder: &Path, file: &str, sheet: &str) -> PathBuf {
    folder.join(format!("{file}.{}.csv", sheet.replace(' ', "-")))
}

/// The few formats in use; making one for each cell would take longer than the cell.
#[derive(Default)]
struct Formats(Vec<(String, Format)>);

impl Formats {
    fn of(&mut self, text: &str) -> &Format {
        let place = self.0.iter().position(|(it, _)| it == text).unwrap_or_else(|| {
            self.0.push((text.to_owned(), Format::new().set_num_format(text)));
            self.0.len() - 1
        });
        &self.0[place].1
    }
}

/// A sheet while it is written.
pub struct Page<'a> {
    sheet: &'a mut Worksheet,
    csv: Option<CsvFile>,
    formats: &'a mut Formats,
    truth: &'a mut Truth,
    book: usize,
    name: &'static str,
    header: Vec<&'static str>,
    left: u16,
    row: u32,
}

impl Page<'_> {
    /// The number of the row that comes next, counted from 1 as people do.
    pub fn next_row(&self) -> u32 {
        self.row + 1
    }

    /// Leaves a row empty.
    pub fn blank(&mut self) -> Written {
        self.write(&[])
    }

    /// Texts, merged over the columns `from` to `to` where these differ, all counted from the left edge of the header.
    pub fn merged(&mut self, kind: &str, texts: &[(u16, u16, &str)]) -> Written {
        let mut cells = vec![Told::blank(); self.header.len()];
        for (from, to, text) in texts {
            cells[usize::from(*from)] = Told::plain("", *text);
            if from == to {
                self.sheet.write_string(self.row, self.left + from, *text)?;
                continue;
            }
            let format = Format::new().set_bold().set_align(FormatAlign::Center);
            self.sheet.merge_range(self.row, self.left + from, self.row, self.left + to, text, &format)?;
        }
        self.truth.other(self.book, self.name, self.next_row(), kind)?;
        self.tail(&cells)
    }

    /// The header, or a repetition of it.
    pub fn header(&mut self, kind: &str) -> Written {
        let cells: Vec<Told> = self.header.iter().map(|it| Told::plain("", *it)).collect();
        self.other(kind, &cells)
    }

    /// The header with its last column and the unnamed one behind it under one text.
    pub fn merged_header(&mut self) -> Written {
        let columns = (0u16..).zip(self.header.iter().copied()).filter(|(_, it)| !it.is_empty());
        let mut texts: Vec<(u16, u16, &str)> = columns.map(|(place, text)| (place, place, text)).collect();
        if let Some(last) = texts.last_mut() {
            last.1 += 1;
        }
        self.merged("header", &texts)
    }

    /// A row that is about no organisation.
    pub fn other(&mut self, kind: &str, cells: &[Told]) -> Written {
        self.truth.other(self.book, self.name, self.next_row(), kind)?;
        self.write(cells)
    }

    /// A row about an organisation.
    pub fn record(&mut self, record: &Record) -> Written {
        self.truth.record(self.book, self.name, self.next_row(), self.left, &self.header, record)?;
        self.write(&record.cells)
    }

    /// Ends the sheet.
    pub fn finish(self) -> Written {
        Ok(self.csv.map_or(Ok(()), CsvFile::finish)?)
    }

    fn write(&mut self, cells: &[Told]) -> Written {
        for (place, told) in cells.iter().enumerate() {
            let column = self.left + u16::try_from(place)?;
            match &told.cell {
                Cell::Blank => {}
                Cell::Text(text) => drop(self.sheet.write_string(self.row, column, text)?),
                Cell::Number(number) => drop(self.sheet.write_number(self.row, column, *number)?),
                Cell::Padded(number, zeros) => {
                    let format = self.formats.of(&"0".repeat(*zeros));
                    self.sheet.write_number_with_format(self.row, column, *number, format)?;
                }
                Cell::Date(date, format) => {
                    let (year, month, day) = (date.year(), date.month(), date.day());
                    let value =
                        ExcelDateTime::from_ymd(u16::try_from(year)?, u8::try_from(month)?, u8::try_from(day)?)?;
                    self.sheet.write_datetime_with_format(self.row, column, value, self.formats.of(format))?;
                }
                Cell::Formula(formula, cached) => {
                    self.sheet.write_formula(self.row, column, Formula::new(formula).set_result(cached))?;
                }
            }
        }
        self.tail(cells)
    }

    /// The row in CSV, and on to the next one.
    fn tail(&mut self, cells: &[Told]) -> Written {
        self.row += 1;
        if let Some(csv) = &mut self.csv {
            let left = (0..self.left).map(|_| String::new());
            let right = (cells.len()..self.header.len()).map(|_| String::new());
            csv.record(left.chain(cells.iter().map(|it| it.cell.shown())).chain(right))?;
        }
        Ok(())
    }
}
