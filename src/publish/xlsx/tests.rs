//! Workbooks as another reader sees them.

use std::io::{Cursor, Read};
use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, Int64Array};
use calamine::{Data, Reader, Xlsx as Opened};

use super::*;
use crate::publish::samples::{all_types, problem, texts, with_table};

const OPTIONS: Xlsx = Xlsx {
    sheet: None,
    formulas: FormulaGuard::Quote,
    summary: true,
    score: None,
    long_text: LongText::Refuse,
    columns: ShownColumns::new(),
    describe: false,
    print: false,
    sheets: Vec::new(),
    words: Words::none(),
    template: None,
};

fn write(columns: &[(String, ArrayRef)], options: &Xlsx) -> Result<(Vec<u8>, Written), PublishError> {
    write_rows(columns, options, ROWS)
}

fn write_rows(columns: &[(String, ArrayRef)], options: &Xlsx, rows: u32) -> Result<(Vec<u8>, Written), PublishError> {
    let mut out = Cursor::new(Vec::new());
    let given = Summary { rows: vec![("Checks passed".to_owned(), Cell::Boolean(true))], ..Summary::default() };
    let written =
        with_table(columns, |table| write_sheets(&mut out, table, options, &given, Form { rows, marked: false }))?;
    let bytes = out.into_inner();
    assert_eq!(written.bytes, bytes.len() as u64);
    assert_eq!(written.blake3, blake3::hash(&bytes).into());
    Ok((bytes, written))
}

fn open(bytes: &[u8]) -> Opened<Cursor<&[u8]>> {
    Opened::new(Cursor::new(bytes)).unwrap()
}

/// The cells of a sheet, rows of columns.
fn cells(bytes: &[u8], sheet: &str) -> Vec<Vec<Data>> {
    let range = open(bytes).worksheet_range(sheet).unwrap();
    range.rows().map(<[Data]>::to_vec).collect()
}

/// The text of one file inside of the workbook.
fn part(bytes: &[u8], name: &str) -> String {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut text = String::new();
    archive.by_name(name).unwrap().read_to_string(&mut text).unwrap();
    text
}

fn text(it: &str) -> Data {
    Data::String(it.to_owned())
}

#[test]
fn cells_keep_their_types() {
    let (bytes, written) = write(&all_types(), &OPTIONS).unwrap();
    let rows = cells(&bytes, "Data");
    let names = ["text", "whole", "long", "float", "flag", "day", "moment", "money"].map(text);
    assert_eq!(rows[0], names);
    assert_eq!(
        rows[1][..5],
        [text("Rõõm & <co>"), Data::Float(1.0), Data::Float(7.0), Data::Float(0.8), Data::Bool(true)]
    );
    let shown = |it: &Data| it.as_datetime_text();
    assert_eq!(shown(&rows[1][5]), "2024-02-29 00:00:00.000");
    assert_eq!(shown(&rows[1][6]), "2024-02-29 12:34:56.500");
    assert_eq!(rows[1][7], Data::Float(12.5));
    assert_eq!(
        rows[2][..4],
        [text("https://example.org/x"), Data::Float(-2.0), text("9223372036854775807"), text("NaN")]
    );
    assert_eq!(rows[2][5], text("1860-06-26"), "Excel has no such day");
    assert_eq!(rows.len(), 3, "a row of nulls has no cells");
    assert_eq!((written.rows, written.sheets, written.cut), (3, 1, 0));
    assert!(!part(&bytes, "xl/worksheets/sheet1.xml").contains("hyperlink"));
}

#[test]
fn looks_are_those_of_the_specification() {
    let (bytes, _) =
        write(&[texts("name", &[Some("x".repeat(90).as_str())]), texts("id", &[Some("1")])], &OPTIONS).unwrap();
    let sheet = part(&bytes, "xl/worksheets/sheet1.xml");
    assert!(sheet.contains("<autoFilter ref=\"A1:B2\"/>"), "{sheet}");
    assert!(sheet.contains("topLeftCell=\"A2\"") && sheet.contains("state=\"frozen\""), "{sheet}");
    // Excel adds five pixels to each width.
    assert!(sheet.contains("width=\"50.7109375\"") && sheet.contains("width=\"10.7109375\""), "{sheet}");
    let styles = part(&bytes, "xl/styles.xml");
    assert!(styles.contains("<fgColor rgb=\"FF366092\"/>") && styles.contains("<sz val=\"12\"/>"), "{styles}");
}

#[test]
fn scores_are_coloured() {
    let scores: ArrayRef = Arc::new(Float64Array::from(vec![Some(0.8), Some(0.6), Some(0.4), Some(0.39), None]));
    let columns = [("quality".to_owned(), scores)];
    let options = Xlsx { score: Some("quality".to_owned()), ..OPTIONS };
    let (bytes, _) = write(&columns, &options).unwrap();
    let styles = part(&bytes, "xl/styles.xml");
    for colour in ["FFC6EFCE", "FFFFEB9C", "FFFFC7CE", "FFFF0000"] {
        assert!(styles.contains(colour), "{colour}: {styles}");
    }
    let (code, message) = problem(write(&columns, &Xlsx { score: Some("qualty".to_owned()), ..OPTIONS }));
    assert_eq!(
        (code.as_str(), message.as_str()),
        ("hotpass::export::score", "`contacts` has no column `qualty` to colour")
    );
    let (code, _) = problem(write(&all_types(), &Xlsx { score: Some("text".to_owned()), ..OPTIONS }));
    assert_eq!(code, "hotpass::export::score");
}

#[test]
fn the_summary_counts_what_is_filled() {
    let (bytes, _) =
        write(&[texts("a", &[Some("x"), None, Some(""), None]), texts("b", &[None; 4])], &OPTIONS).unwrap();
    let rows = cells(&bytes, "Summary");
    let expected = [
        [text("Metric"), text("Value")],
        [text("Total records"), Data::Float(4.0)],
        [text("Checks passed"), text("Yes")],
        [Data::Empty, Data::Empty],
        [text("Field completeness"), Data::Empty],
        [text("a"), Data::Float(0.5)],
        [text("b"), Data::Float(0.0)],
    ];
    assert_eq!(rows, expected);
    let odd = Summary { rows: vec![("odd".to_owned(), Cell::Number(f64::NAN))], ..Summary::default() };
    let mut out = Cursor::new(Vec::new());
    with_table(&[texts("a", &[])], |table| write_xlsx(&mut out, table, &OPTIONS, &odd)).unwrap();
    assert!(cells(out.get_ref(), "Summary").contains(&vec![text("odd"), text("NaN")]));
    let (bytes, _) = write(&[texts("a", &[])], &Xlsx { summary: false, ..OPTIONS }).unwrap();
    assert_eq!(open(&bytes).sheet_names(), ["Data"]);
    assert_eq!(cells(&bytes, "Data"), [[text("a")]]);
}

#[test]
fn formulas_stay_texts() {
    let values = ["=1+1", "@x", "＝1", "-5", "+27821234567", "_x0041_", "\u{1}\r"];
    let columns = [texts("x", &values.map(Some))];
    let (bytes, written) = write(&columns, &OPTIONS).unwrap();
    let rows = cells(&bytes, "Data");
    let read: Vec<String> = rows[1..].iter().map(|it| it[0].to_string()).collect();
    assert_eq!(read[..5], values[..5]);
    assert_eq!(written.guarded, 3);
    let sheet = part(&bytes, "xl/worksheets/sheet1.xml");
    assert!(!sheet.contains("<f>"), "{sheet}");
    assert!(sheet.contains("_x005F_x0041_") && sheet.contains("_x0001__x000D_"), "{sheet}");
    assert!(part(&bytes, "xl/styles.xml").contains("quotePrefix=\"1\""));
    let (code, message) = problem(write(&columns, &Xlsx { formulas: FormulaGuard::Refuse, ..OPTIONS }));
    assert_eq!(code, "hotpass::export::formula");
    assert_eq!(message, "cell `A2` of sheet `Data` (column `x`) holds a text that looks like a formula");
    let (_, written) = write(&columns, &Xlsx { formulas: FormulaGuard::Off, ..OPTIONS }).unwrap();
    assert_eq!(written.guarded, 0);
}

#[test]
fn long_texts_are_refused_by_address_or_cut() {
    let fits = "€".repeat(TEXT);
    let astral = "𝄞".repeat(TEXT / 2 + 1);
    let columns = [texts("id", &[Some("1"), Some("2")]), texts("notes", &[Some(&fits), Some(&astral)])];
    let (code, message) = problem(write(&columns, &OPTIONS));
    assert_eq!(code, "hotpass::export::long-text");
    assert_eq!(message, "cell `B3` of sheet `Data` (column `notes`) has 32,768 characters, and a cell holds 32,767");
    let (bytes, written) = write(&columns, &Xlsx { long_text: LongText::Cut, ..OPTIONS }).unwrap();
    let rows = cells(&bytes, "Data");
    assert_eq!(rows[1][1], text(&fits));
    assert_eq!(rows[2][1], text(&"𝄞".repeat(TEXT / 2)), "no half of a character is left");
    assert_eq!(written.cut, 1);
    let summary = cells(&bytes, "Summary");
    assert!(summary.contains(&vec![text("Cells cut at 32,767 characters"), Data::Empty]));
    assert!(summary.contains(&vec![text("notes"), Data::Float(1.0)]));
}

#[test]
fn rows_beyond_a_sheet_go_to_the_next() {
    let numbers: ArrayRef = Arc::new(Int64Array::from_iter_values(0..7));
    let columns = [("n".to_owned(), numbers)];
    let (bytes, written) = write_rows(&columns, &OPTIONS, 3).unwrap();
    assert_eq!(open(&bytes).sheet_names(), ["Data", "Data 2", "Data 3", "Summary"]);
    assert_eq!(written.sheets, 3);
    assert_eq!(cells(&bytes, "Data 3"), [[text("n")], [Data::Float(6.0)]]);
    let (bytes, _) =
        write_rows(&columns, &Xlsx { sheet: Some("Contacts of the whole country".to_owned()), ..OPTIONS }, 6).unwrap();
    assert_eq!(open(&bytes).sheet_names()[1], "Contacts of the whole country 2");
    let (bytes, written) = write_rows(&columns, &OPTIONS, 7).unwrap();
    assert_eq!((open(&bytes).sheet_names().len(), written.sheets), (2, 1));
}

#[test]
fn sheets_that_excel_refuses_are_refused_first() {
    let long = "x".repeat(32);
    for name in ["", " ", "a/b", "[a]", "'a", "history", "summary", "a\nb", long.as_str()] {
        let (code, _) = problem(write(&all_types(), &Xlsx { sheet: Some(name.to_owned()), ..OPTIONS }));
        assert_eq!(code, "hotpass::export::sheet-name", "{name:?}");
    }
    let wide: Vec<_> = (0..=COLUMNS).map(|it| texts(&it.to_string(), &[])).collect();
    let (code, message) = problem(write(&wide, &OPTIONS));
    assert_eq!(code, "hotpass::export::too-wide");
    assert_eq!(message, "`contacts` has 16,385 columns, and a sheet holds 16,384");
}

#[test]
fn two_runs_write_the_same_bytes() {
    let scores: ArrayRef = Arc::new(Float64Array::from_iter_values((0..500).map(|it| f64::from(it) / 500.0)));
    let words: Vec<String> = (0..500).map(|it| format!("=word {}", it * 7919 % 500)).collect();
    let words: Vec<Option<&str>> = words.iter().map(|it| Some(it.as_str())).collect();
    let columns = [texts("words", &words), ("score".to_owned(), scores)];
    let options = Xlsx { score: Some("score".to_owned()), ..OPTIONS };
    let first = write_rows(&columns, &options, 200).unwrap();
    assert!(first == write_rows(&columns, &options, 200).unwrap());
    let properties = part(&first.0, "docProps/core.xml");
    assert_eq!(properties.matches("2000-01-01T00:00:00Z").count(), 2, "{properties}");
}

proptest::proptest! {
    #[test]
    fn any_text_reads_back(values in proptest::collection::vec("(.|_x00[0-9a-f]{2}_|[ \\t\\n\\r\u{1}\u{ffff}&<>'\"]){1,9}", 1..9)) {
        let given: Vec<Option<&str>> = values.iter().map(|it| Some(it.as_str())).collect();
        let (bytes, _) = write(&[texts("x", &given)], &OPTIONS).unwrap();
        let read: Vec<String> = cells(&bytes, "Data")[1..].iter().map(|it| it[0].to_string()).collect();
        proptest::prop_assert_eq!(read, values);
    }
}

/// A place that runs full after some bytes.
struct Full {
    left: usize,
}

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.left = self.left.checked_sub(bytes.len()).ok_or(std::io::ErrorKind::StorageFull)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Seek for Full {
    fn seek(&mut self, _: std::io::SeekFrom) -> std::io::Result<u64> {
        Err(std::io::ErrorKind::Unsupported.into())
    }
}

#[test]
fn a_full_disk_is_an_error_wherever_it_strikes() {
    let whole =
        with_table(&all_types(), |table| write_xlsx(Cursor::new(Vec::new()), table, &OPTIONS, &Summary::default()));
    let length = whole.unwrap().bytes as usize;
    for left in (0..length).step_by(97) {
        let result = with_table(&all_types(), |table| write_xlsx(Full { left }, table, &OPTIONS, &Summary::default()));
        match result {
            Err(PublishError::Io(error)) => assert_eq!(error.kind(), std::io::ErrorKind::StorageFull),
            other => panic!("{left} of {length} bytes: {other:?}"),
        }
    }
}

#[test]
fn columns_have_letters() {
    for (index, expected) in [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA"), (16_383, "XFD")] {
        assert_eq!(sheet::letters(index), expected);
    }
}

#[test]
fn moments_round_half_even_to_milliseconds() {
    let whole = |micros| serial(micros, FIRST_DAY).map(|it| (it * 86_400_000.0).round() as i64 - EPOCH * 86_400_000);
    for (micros, millis) in [(0, 0), (499, 0), (500, 0), (501, 1), (1500, 2), (2500, 2), (86_399_999_999, 86_400_000)] {
        assert_eq!(whole(micros), Some(millis), "{micros}");
    }
    assert_eq!((serial(i64::MIN, FIRST_DAY), serial(i64::MAX, FIRST_DAY)), (None, None));
}

trait DateText {
    fn as_datetime_text(&self) -> String;
}

impl DateText for Data {
    /// `2024-02-29 12:34:56.500` for a cell that is a date.
    fn as_datetime_text(&self) -> String {
        let Data::DateTime(it) = self else { panic!("not a date: {self:?}") };
        let (year, month, day, hour, minute, second, milli) = it.to_ymd_hms_milli();
        format!("{year}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}.{milli:03}")
    }
}

#[test]
fn a_sum_over_numbers_that_stand_as_text_is_no_formula() {
    let total = Shown { total: true, ..Shown::default() };
    let options = Xlsx { columns: ShownColumns::from([("n".to_owned(), total)]), ..OPTIONS };
    let numbers: ArrayRef = Arc::new(Int64Array::from(vec![1_000_000_000_000_001, 2_000_000_000_000_000, 5]));
    let columns = [texts("name", &[Some("a"), Some("b"), Some("c")]), ("n".to_owned(), numbers)];
    let (bytes, _) = write(&columns, &options).unwrap();
    let sheet = part(&bytes, "xl/worksheets/sheet1.xml");
    assert!(sheet.contains("3000000000000006") && !sheet.contains("SUBTOTAL"), "{sheet}");
}

#[test]
fn each_sheet_of_a_table_has_its_own_sums() {
    let total = Shown { total: true, ..Shown::default() };
    let options = Xlsx { columns: ShownColumns::from([("n".to_owned(), total)]), ..OPTIONS };
    let numbers: ArrayRef = Arc::new(Int64Array::from(vec![1, 2, 4]));
    let columns = [texts("name", &[Some("a"), Some("b"), Some("c")]), ("n".to_owned(), numbers)];
    let (bytes, _) = write_rows(&columns, &options, 2).unwrap();
    let sum = |sheet: u32| part(&bytes, &format!("xl/worksheets/sheet{sheet}.xml"));
    assert!(sum(1).contains("<f>SUBTOTAL(109,B2:B3)</f><v>3</v>"), "{}", sum(1));
    assert!(sum(2).contains("<f>SUBTOTAL(109,B2:B2)</f><v>4</v>"), "{}", sum(2));
    let (bytes, _) = write_rows(&columns, &Xlsx { columns: ShownColumns::new(), ..options.clone() }, 2).unwrap();
    assert!(!part(&bytes, "xl/worksheets/sheet1.xml").contains("Total"));
    let mut other = Xlsx { summary: true, ..options.clone() };
    for (key, word) in [("total", "Gesamt"), ("summary", "Übersicht"), ("records", "Sätze"), ("metric", "Maß")] {
        other.words.set(key, word.to_owned());
    }
    let (bytes, _) = write(&columns, &other).unwrap();
    let sheet = part(&bytes, "xl/worksheets/sheet1.xml");
    assert!(sheet.contains("Gesamt") && !sheet.contains("Total"), "{sheet}");
    assert_eq!(cells(&bytes, "Übersicht")[..2], [[text("Maß"), text("Value")], [text("Sätze"), Data::Float(3.0)]]);
    let taken = problem(write(&columns, &Xlsx { sheet: Some("übersicht".to_owned()), ..other }));
    assert!(taken.1.contains("the sheet that sums up has this name"), "{}", taken.1);
    // Nothing is summed where there are no rows.
    let numbers: ArrayRef = Arc::new(Int64Array::from(Vec::<i64>::new()));
    let (bytes, _) = write(&[("n".to_owned(), numbers)], &options).unwrap();
    assert!(!part(&bytes, "xl/worksheets/sheet1.xml").contains("SUBTOTAL"));
}

#[test]
fn no_two_sheets_have_one_name() {
    let numbers = || Arc::new(Int64Array::from(vec![1, 2, 4])) as ArrayRef;
    let mut out = Cursor::new(Vec::new());
    let (options, given) = (OPTIONS, Summary::default());
    let mut workbook = Workbook { form: Form { rows: 2, marked: false }, ..Workbook::new(&mut out, &options, &given) };
    let shown = ShownColumns::new();
    let mut sheet = |name: &str| {
        let of = SheetOf { name, score: None, shown: &shown };
        with_table(&[("n".to_owned(), numbers())], |table| workbook.sheet(table, &of))
    };
    sheet("Data").unwrap();
    // Rows beyond one sheet went there.
    assert_eq!(problem(sheet("data 2")).1, "two sheets would be called `data 2`");
}
