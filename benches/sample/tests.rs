//! What a test of a pipeline relies on when it counts with the sample: the same bytes, every kind of mess, and a
//! truth that points at cells which are there.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::OnceLock;

use calamine::{Data, Range, Reader, Xlsx, open_workbook};
use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumberFormat, Region};
use tempfile::TempDir;

use crate::cell::Mess;
use crate::page::csv_path;
use crate::truth::{BOOKS, FILES};
use crate::world::World;
use crate::{Args, write};

mod drift;
mod mapping;
mod proposal;
mod quiet;
mod refine;

type Row = BTreeMap<String, String>;

/// The small sample in a folder of its own.
struct Case {
    folder: TempDir,
}

impl Case {
    fn new(organisations: u32, seed: u64, inline: bool) -> Self {
        Self::made(organisations, seed, inline, false)
    }

    fn made(organisations: u32, seed: u64, inline: bool, planted: bool) -> Self {
        let folder = TempDir::new().expect("a folder");
        let args = Args {
            planted,
            organisations,
            seed,
            csv: true,
            inline,
            truth: None,
            no_truth: false,
            folder: folder.path().to_owned(),
        };
        write(&args).expect("the sample is written");
        Case { folder }
    }

    /// The sample that is committed.
    fn shipped() -> &'static Case {
        static CASE: OnceLock<Case> = OnceLock::new();
        CASE.get_or_init(|| Case::new(200, 7, false))
    }

    fn bytes(&self) -> BTreeMap<String, Vec<u8>> {
        let files = std::fs::read_dir(self.folder.path()).expect("the folder").flatten();
        files
            .map(|it| (it.file_name().to_string_lossy().into_owned(), std::fs::read(it.path()).expect("a file")))
            .collect()
    }

    fn table(&self, file: &str) -> Vec<Row> {
        table(&std::fs::read_to_string(self.folder.path().join(file)).expect("a truth file"))
    }

    fn sheets(&self) -> BTreeMap<(String, String), Range<Data>> {
        sheets(self.folder.path())
    }
}

/// The records of a delimited text by the names of its columns.
fn table(text: &str) -> Vec<Row> {
    let mut records = parse(text, ',').into_iter();
    let header = records.next().expect("a header");
    records.map(|it| header.iter().cloned().zip(it).collect()).collect()
}

fn sheets(folder: &Path) -> BTreeMap<(String, String), Range<Data>> {
    let mut sheets = BTreeMap::new();
    for book in BOOKS {
        let mut workbook: Xlsx<_> = open_workbook(folder.join(format!("{book}.xlsx"))).expect("a workbook");
        for (sheet, range) in workbook.worksheets() {
            sheets.insert((book.to_owned(), sheet), range);
        }
    }
    sheets
}

/// Reads what `csv` wrote, as any strict reader would.
fn parse(text: &str, delimiter: char) -> Vec<Vec<String>> {
    let (mut records, mut record, mut field, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut letters = text.trim_start_matches('\u{feff}').chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => field.extend(letters.next()),
            '"' => quoted = !quoted,
            _ if quoted => field.push(letter),
            '\r' => {}
            '\n' => {
                record.push(std::mem::take(&mut field));
                records.push(std::mem::take(&mut record));
            }
            _ if letter == delimiter => record.push(std::mem::take(&mut field)),
            _ => field.push(letter),
        }
    }
    records
}

fn at(row: &Row) -> (String, (u32, u32)) {
    let column = u32::from(row["column"].as_bytes()[0] - b'A');
    (row["sheet"].clone(), (row["row"].parse::<u32>().expect("a row") - 1, column))
}

fn values<'a>(rows: &'a [Row], column: &str) -> impl Iterator<Item = &'a str> {
    rows.iter().map(move |it| it[column].as_str()).filter(|it| !it.is_empty())
}

#[test]
fn the_same_arguments_give_the_same_bytes() {
    assert_eq!(Case::shipped().bytes(), Case::new(200, 7, false).bytes());
    let other = Case::new(200, 8, false).bytes();
    let constant = |name: &str| name.contains("Notes") || name == FILES[4];
    assert!(Case::shipped().bytes().iter().all(|(name, bytes)| constant(name) || other[name] != *bytes));
}

#[test]
fn the_committed_sample_is_what_the_generator_writes() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("pipelines/sample");
    let again = "differs; run the command in pipelines/sample/README.md";
    // Cells, not bytes: how a workbook is packed may change with the crate that packs it.
    assert!(sheets(&folder.join("data")) == Case::shipped().sheets(), "a workbook {again}");
    for name in FILES {
        let there = std::fs::read(folder.join("truth").join(name)).expect("a committed file");
        assert!(there == Case::shipped().bytes()[name], "{name} {again}");
    }
}

#[test]
fn every_kind_of_mess_occurs_in_a_small_sample() {
    let missing = |planted: bool, seed: u64| -> BTreeSet<&str> {
        let cells = Case::made(200, seed, false, planted).table(FILES[3]);
        let met: BTreeSet<&str> = values(&cells, "mess").flat_map(|it| it.split("; ")).collect();
        Mess::ALL.iter().map(|(_, name, _)| *name).filter(|it| !met.contains(it)).collect()
    };
    // What is rare is there only where it is planted, and then in one book of several at least.
    let rare = missing(false, 7);
    assert_eq!(rare.len(), 11, "{rare:?}");
    let mut never = rare.clone();
    for seed in [1, 2, 3, 7] {
        assert_eq!(missing(false, seed), rare, "seed {seed}");
        let planted = missing(true, seed);
        never.retain(|it| planted.contains(it));
    }
    assert!(never.is_empty(), "never planted: {never:?}");
}

#[test]
fn every_kind_of_row_occurs_in_a_small_sample() {
    let rows = Case::shipped().table(FILES[2]);
    let met: BTreeSet<&str> = values(&rows, "kind").collect();
    let kinds = [
        "address",
        "capture",
        "contact",
        "footnote",
        "header",
        "header-group",
        "id-only",
        "note",
        "organisation",
        "repeated-header",
        "title",
        "total",
    ];
    assert_eq!(met, kinds.into());
    for column in ["again", "slug_equal", "key_equal"] {
        assert_eq!(values(&rows, column).collect::<BTreeSet<_>>(), ["false", "true"].into(), "{column}");
    }
    assert_eq!(values(&rows, "joins").collect::<BTreeSet<_>>(), ["id", "key", "name", "none", "slug"].into());
}

#[test]
fn the_truth_points_at_cells_that_are_there() {
    let sheets = Case::shipped().sheets();
    let cells = Case::shipped().table(FILES[3]);
    assert!(cells.len() > 3000);
    for row in &cells {
        let (sheet, place) = at(row);
        let range = &sheets[&(row["book"].clone(), sheet)];
        let value = range.get_value(place).unwrap_or(&Data::Empty);
        let empty = matches!(value, Data::Empty) || matches!(value, Data::String(it) if it.is_empty());
        assert_eq!(empty, row["mess"] == "formula-empty", "{row:?}");
        if row["mess"].is_empty() {
            assert_eq!(value.to_string(), row["expected"], "{row:?}");
        }
    }
}

#[test]
fn the_truth_knows_every_row_that_is_not_empty() {
    let rows = Case::shipped().table(FILES[2]);
    for ((book, sheet), range) in Case::shipped().sheets() {
        let first = range.start().expect("a sheet with cells").0;
        let there: BTreeSet<u32> = range
            .rows()
            .zip(first + 1..)
            .filter(|(cells, _)| cells.iter().any(|it| !matches!(it, Data::Empty)))
            .map(|(_, row)| row)
            .collect();
        let told = rows.iter().filter(|it| it["book"] == book && it["sheet"] == sheet);
        let told: BTreeSet<u32> = told.map(|it| it["row"].parse().expect("a row")).collect();
        assert_eq!(there, told, "{book} {sheet}");
    }
}

#[test]
fn inline_texts_hold_the_same_cells() {
    let inline = Case::new(200, 7, true);
    assert!(inline.sheets() == Case::shipped().sheets());
    assert!(FILES.iter().all(|it| inline.bytes()[*it] == Case::shipped().bytes()[*it]));
    assert_ne!(inline.bytes()["clients.xlsx"], Case::shipped().bytes()["clients.xlsx"]);
}

#[test]
fn a_csv_file_has_the_rows_of_its_sheet() {
    for ((book, sheet), range) in Case::shipped().sheets() {
        let western = sheet == "Company_Addresses";
        let bytes = std::fs::read(csv_path(Case::shipped().folder.path(), &book, &sheet)).expect("a CSV file");
        let text = match western {
            true => encoding_rs::WINDOWS_1252.decode(&bytes).0.into_owned(),
            false => String::from_utf8(bytes).expect("UTF-8"),
        };
        let records = parse(&text, if western { ';' } else { ',' });
        let (end, width) = range.end().expect("a sheet with cells");
        assert_eq!(records.len(), end as usize + 1, "{book} {sheet}");
        assert!(records.iter().all(|it| it.len() == records[0].len() && it.len() > width as usize), "{book} {sheet}");
        for (row, record) in records.iter().enumerate() {
            for (column, field) in record.iter().enumerate() {
                let place = (u32::try_from(row).expect("few rows"), u32::try_from(column).expect("few columns"));
                if let Some(Data::String(value)) = range.get_value(place) {
                    assert_eq!(field, &value.replace('\r', ""), "{book} {sheet} {place:?}");
                }
            }
        }
    }
}

#[test]
fn the_shares_of_the_books_are_met_exactly() {
    fn check(size: u32, expected: [usize; 3]) {
        let world = World::new(5, size);
        let books: Vec<_> = (0..size).map(|it| world.books(it)).collect();
        let count = |holds: fn(&crate::world::Books) -> bool| books.iter().filter(|it| holds(it)).count();
        assert_eq!([count(|it| it.registry), count(|it| it.outreach), count(|it| it.clients)], expected);
        assert!(count(|it| it.registry && it.outreach && it.clients) > 0);
    }
    check(200, [62, 58, 130]);
    check(1000, [310, 290, 650]);
}

#[test]
fn organisations_are_distinct_and_their_numbers_can_be_dialled() {
    for size in [200, 6000] {
        let world = World::new(7, size);
        let (mut slugs, mut reached) = (BTreeSet::new(), BTreeSet::new());
        for index in 0..size {
            let it = world.organisation(index);
            assert!(slugs.insert(crate::world::slug(&it.name)), "{}", it.name);
            let unfit = it.books.clients && encoding_rs::WINDOWS_1252.encode(&it.name).2;
            assert!(!unfit, "{} does not fit the Western code page", it.name);
            let own = it.people.iter().flat_map(|it| it.email.iter().chain(&it.phone));
            let desk = [&it.email, &it.phone].into_iter().filter(|_| it.head.is_none());
            for way in own.chain(desk) {
                assert!(reached.insert(way.clone()), "{way} reaches two");
                assert!(way.starts_with('+') || way.ends_with(".example") || way.ends_with(".test"), "{way}");
                if way.starts_with('+') {
                    let number = PHONE_NUMBER_UTIL.parse(way.as_str(), Some(Region::ZA)).expect("a number");
                    assert!(number.is_valid(), "{way}");
                }
            }
        }
    }
}

#[test]
fn an_organisation_is_spelt_in_at_most_five_ways() {
    let mut ways: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in Case::shipped().table(FILES[2]).iter().filter(|it| !it["spelling"].is_empty()) {
        ways.entry(row["organisation"].clone()).or_default().insert(row["spelling"].clone());
    }
    let most = ways.values().map(BTreeSet::len).max();
    assert!((Some(4)..=Some(5)).contains(&most), "{most:?}");
}

#[test]
fn what_the_books_give_is_listed_with_the_truth() {
    let organisations = Case::shipped().table(FILES[0]);
    assert_eq!(organisations.len(), 200);
    let cells = Case::shipped().table(FILES[3]);
    for it in &organisations {
        for fact in ["province", "website"] {
            let given = cells.iter().filter(|cell| {
                cell["organisation"] == it["organisation"] && cell["field"] == fact && !it[fact].is_empty()
            });
            let given: BTreeSet<&str> =
                given.filter(|cell| cell["expected"] == it[fact]).map(|cell| cell["book"].as_str()).collect();
            let listed: BTreeSet<&str> = it[&format!("{fact}_in")].split("; ").filter(|it| !it.is_empty()).collect();
            assert_eq!(given, listed, "{} {fact}", it["organisation"]);
        }
    }
}

/// The number in E.164 if libphonenumber finds a valid one.
fn dialled(text: &str) -> Option<String> {
    // Words behind a number are letters to dial for libphonenumber.
    let text = text.trim_end_matches(".0").trim_end_matches(" (after hours)");
    let number = PHONE_NUMBER_UTIL.parse(text, Some(Region::ZA)).ok()?;
    number.is_valid().then(|| number.format_as(PhoneNumberFormat::E164).into_owned())
}

#[test]
fn the_expected_numbers_are_those_that_can_be_read_in_the_cells() {
    let sheets = Case::shipped().sheets();
    let mut several = 0;
    for row in Case::shipped().table(FILES[3]).iter().filter(|it| it["field"] == "phone") {
        let (sheet, place) = at(row);
        let text = sheets[&(row["book"].clone(), sheet)].get_value(place).map(ToString::to_string).unwrap_or_default();
        let parts = text.split(" / ").flat_map(|it| it.split(" or ")).flat_map(|it| it.split([';', ',', '\n', '&']));
        let read: Vec<String> = parts.filter_map(dialled).collect();
        several += usize::from(read.len() > 1);
        assert_eq!(read.join("; "), row["expected"], "{row:?}");
    }
    assert!(several > 5);
}
