//! What is true about the three books, for tests that count how much of it a pipeline gets back.
//!
//! Five files, UTF-8, commas, a header; lists inside a field are joined by `; `, rows and columns are counted as
//! people do, from 1 and A.
//!
//! - `truth-organisations.csv`: a row for each organisation. Key, `name` (without a legal form), `slug` and
//!   `matching_key` of it (see `world`), then the true values. `licence` is only there for those in the register,
//!   `standing` and `priority` for those in the client list. `email` and `phone` are those of the front desk.
//!   `head_office` names another organisation that shares the website and often number and address, and is **not**
//!   the same one. `last_contact` is the latest date that can be read in the books. Each `…_in` column lists the
//!   books in which at least one cell gives the true value: empty means that no pipeline can know it, so recall counts
//!   only rows where it is filled. It says nothing of whether that cell's row can be known to be about the organisation:
//!   where `slug_equal` and `key_equal` of a row are false, its name alone does not say so, and a fact that only such
//!   rows give stands in a record of its own. The register holds flight schools only, which counts as giving the category.
//! - `truth-people.csv`: a row for each person whose name, number or address stands in a book. `gone` people carry an
//!   invalid mark in the outreach book. `primary` is the first person of the organisation.
//! - `truth-rows.csv`: a row for each non-empty row of each sheet. `kind` is `title`, `header-group`, `header`, `repeated-header`,
//!   `organisation`, `contact`, `address`, `capture`, `id-only`, `total`, `footnote` or `note`; the others than
//!   the four in the middle hold no record. For these: the organisation, the people (as keys), `again` for a
//!   second row of the same organisation in the same sheet, the spelling of the name, whether its slug and matching
//!   key equal those of the true name, and `joins`: by what a contact or an address finds its organisation's first
//!   row in the same book (`id`, `name` exactly, `slug`, matching `key`, or `none`).
//! - `truth-cells.csv`: a row for each cell that is about something and not blank. `field` says about what, `mess`
//!   lists the kinds (see `cell`), `expected` is what a perfect reader of this one cell gets: phones in E.164,
//!   addresses in lower case, websites as `https://` and host and path, dates in ISO form, entries of closed lists in
//!   their proper spelling, names of organisations without needless spaces, people as `name` or `name | role`.
//!   Empty means nothing can be had. A province that is `wrong` is expected as it stands: only another book can tell.
//! - `truth-columns.csv`: a row for each column of each sheet. `fields` lists the fields of the shipped profiles that
//!   the column may rightly go to: one as a rule, two where the column holds what both are about, none where no field
//!   is meant for it.

use std::error::Error;
use std::path::Path;

use jiff::civil::Date;

use crate::cell::Told;
use crate::csv::{CsvFile, PLAIN};
use crate::words::{CATEGORIES, PROVINCES};
use crate::world::{Organisation, PEOPLE, World, matching_key, slug};

/// The books, as the truth files call them.
pub const BOOKS: [&str; 3] = ["registry-2025-07", "outreach", "clients"];
/// The files.
pub const FILES: [&str; 5] =
    ["truth-organisations.csv", "truth-people.csv", "truth-rows.csv", "truth-cells.csv", "truth-columns.csv"];

const FACTS: [&str; 8] = ["province", "category", "website", "licence", "standing", "priority", "email", "phone"];
const TRAITS: [&str; 4] = ["name", "role", "email", "phone"];

/// A row about an organisation.
#[derive(Debug)]
pub struct Record<'a> {
    /// What the row holds.
    pub kind: &'static str,
    /// Whom it is about.
    pub organisation: &'a Organisation,
    /// Which of its people.
    pub people: Vec<usize>,
    /// Whether this is a second row of the organisation.
    pub again: bool,
    /// The name as the row spells it; empty if it does not.
    pub spelling: String,
    /// By what the row finds its organisation.
    pub joins: &'static str,
    /// The cells, from the left edge of the header.
    pub cells: Vec<Told>,
}

/// By what a row finds another one of the same book.
pub fn joins(spelling: &str, other: &str) -> &'static str {
    match () {
        () if spelling.is_empty() => "none",
        () if spelling == other => "name",
        () if slug(spelling) == slug(other) => "slug",
        () if matching_key(spelling) == matching_key(other) => "key",
        () => "none",
    }
}

/// The truth while it is collected.
pub struct Truth {
    files: Option<Files>,
    /// For each organisation, a bit for each fact and book.
    facts: Vec<u32>,
    /// For each organisation, a bit for each person, trait and book.
    people: Vec<u64>,
    last: Vec<Option<Date>>,
}

struct Files {
    rows: CsvFile,
    cells: CsvFile,
    columns: CsvFile,
}

impl Truth {
    /// An empty truth; without a folder nothing is written.
    pub fn new(folder: Option<&Path>, size: u32) -> Result<Self, Box<dyn Error>> {
        let files = match folder {
            None => None,
            Some(folder) => {
                let mut rows = CsvFile::create(&folder.join(FILES[2]), PLAIN)?;
                rows.record([
                    "book",
                    "sheet",
                    "row",
                    "kind",
                    "organisation",
                    "people",
                    "again",
                    "spelling",
                    "slug_equal",
                    "key_equal",
                    "joins",
                ])?;
                let mut cells = CsvFile::create(&folder.join(FILES[3]), PLAIN)?;
                cells.record([
                    "book",
                    "sheet",
                    "row",
                    "column",
                    "header",
                    "organisation",
                    "field",
                    "mess",
                    "expected",
                ])?;
                let mut columns = CsvFile::create(&folder.join(FILES[4]), PLAIN)?;
                columns.record(["book", "sheet", "column", "header", "fields"])?;
                Some(Files { rows, cells, columns })
            }
        };
        let size = size as usize;
        Ok(Truth { files, facts: vec![0; size], people: vec![0; size], last: vec![None; size] })
    }

    /// Notes the columns of a sheet.
    pub fn columns(
        &mut self,
        book: usize,
        sheet: &str,
        left: u16,
        columns: &[(&str, &str)],
    ) -> Result<(), Box<dyn Error>> {
        let Some(files) = &mut self.files else { return Ok(()) };
        for (place, (header, fields)) in columns.iter().enumerate() {
            files.columns.record([BOOKS[book], sheet, &letter(usize::from(left) + place), *header, *fields])?;
        }
        Ok(())
    }

    /// Notes a row that is about no organisation.
    pub fn other(&mut self, book: usize, sheet: &str, row: u32, kind: &str) -> Result<(), Box<dyn Error>> {
        let Some(files) = &mut self.files else { return Ok(()) };
        let row = row.to_string();
        Ok(files.rows.record([BOOKS[book], sheet, &row, kind, "", "", "", "", "", "", ""])?)
    }

    /// Notes a row about an organisation, and its cells.
    pub fn record(
        &mut self,
        book: usize,
        sheet: &str,
        row: u32,
        left: u16,
        header: &[&str],
        record: &Record,
    ) -> Result<(), Box<dyn Error>> {
        record.cells.iter().for_each(|it| self.learn(book, record, it));
        let Some(files) = &mut self.files else { return Ok(()) };
        let organisation = record.organisation;
        let (key, row) = (World::key(organisation.index), row.to_string());
        let people: Vec<String> = record.people.iter().map(|it| format!("{key}-{}", it + 1)).collect();
        let spelling = record.spelling.as_str();
        let equal = |same: fn(&str) -> String| match spelling {
            "" => "",
            _ => yes(same(spelling) == same(&organisation.name)),
        };
        files.rows.record([
            BOOKS[book],
            sheet,
            &row,
            record.kind,
            &key,
            &people.join("; "),
            yes(record.again),
            spelling,
            equal(slug),
            equal(matching_key),
            record.joins,
        ])?;
        for (place, told) in record.cells.iter().enumerate().filter(|(_, it)| !it.field.is_empty()) {
            let mess: Vec<&str> = told.mess.iter().map(|it| it.name()).collect();
            let column = letter(usize::from(left) + place);
            files.cells.record([
                BOOKS[book],
                sheet,
                &row,
                &column,
                header[place],
                &key,
                told.field,
                &mess.join("; "),
                &told.expected,
            ])?;
        }
        Ok(())
    }

    /// Remembers which book gives which true value.
    fn learn(&mut self, book: usize, record: &Record, told: &Told) {
        let organisation = record.organisation;
        let index = organisation.index as usize;
        if book == 0 {
            // Only flight schools are registered: the book itself says so.
            self.facts[index] |= 1 << BOOKS.len();
        }
        let expected = told.expected.as_str();
        if expected.is_empty() {
            return;
        }
        let fact = match told.field {
            "province" => expected == PROVINCES[organisation.province],
            "category" => expected == CATEGORIES[organisation.category],
            "website" => Some(expected) == organisation.website.as_deref(),
            "licence" | "standing" | "priority" => true,
            "email" => expected.split("; ").any(|it| it == organisation.email),
            "phone" => expected.split("; ").any(|it| it == organisation.phone),
            "date" => {
                let date: Option<Date> = expected.parse().ok();
                self.last[index] = self.last[index].max(date);
                false
            }
            _ => false,
        };
        if let Some(place) = FACTS.iter().position(|it| *it == told.field).filter(|_| fact) {
            self.facts[index] |= 1 << (place * BOOKS.len() + book);
        }
        for (number, person) in organisation.people.iter().enumerate() {
            let own = record.people.contains(&number);
            let mut learn = |it: usize| self.people[index] |= 1 << ((number * TRAITS.len() + it) * BOOKS.len() + book);
            match told.field {
                "surname" if own => learn(0),
                "role" if own => learn(1),
                "email" if expected.split("; ").any(|it| Some(it) == person.email.as_deref()) => learn(2),
                "phone" if expected.split("; ").any(|it| Some(it) == person.phone.as_deref()) => learn(3),
                "person" if own => {
                    for part in expected.split("; ") {
                        let (name, role) = part.split_once(" | ").unwrap_or((part, ""));
                        if name == person.name() {
                            learn(0);
                            if !role.is_empty() {
                                learn(1);
                            }
                        }
                    }
                }
                _ => {}
            }
        }
    }

    /// Writes what is known of organisations and people, and ends the files.
    pub fn finish(self, world: &World, folder: &Path) -> Result<(), Box<dyn Error>> {
        let Some(files) = self.files else { return Ok(()) };
        files.rows.finish()?;
        files.cells.finish()?;
        files.columns.finish()?;
        let mut organisations = CsvFile::create(&folder.join(FILES[0]), PLAIN)?;
        let mut people = CsvFile::create(&folder.join(FILES[1]), PLAIN)?;
        let header = [
            "organisation",
            "name",
            "legal_form",
            "slug",
            "matching_key",
            "province",
            "category",
            "website",
            "licence",
            "standing",
            "do_not_contact",
            "priority",
            "address",
            "planes",
            "email",
            "phone",
            "last_contact",
            "head_office",
            "books",
        ];
        organisations.record(header.map(str::to_owned).into_iter().chain(FACTS.map(|it| format!("{it}_in"))))?;
        let header =
            ["person", "organisation", "name", "given", "surname", "role", "email", "phone", "gone", "primary"];
        people.record(header.map(str::to_owned).into_iter().chain(TRAITS.map(|it| format!("{it}_in"))))?;
        for index in 0..world.size {
            let organisation = world.organisation(index);
            let facts = u64::from(self.facts[index as usize]);
            let last = self.last[index as usize];
            organisations
                .record(organisation_row(&organisation, last).into_iter().chain(books_in(facts, FACTS.len())))?;
            for (number, person) in organisation.people.iter().enumerate() {
                let known = self.people[index as usize] >> (number * TRAITS.len() * BOOKS.len()) & 0xfff;
                if known == 0 {
                    continue;
                }
                let key = World::key(index);
                let row = [
                    format!("{key}-{}", number + 1),
                    key,
                    person.name(),
                    person.given.to_owned(),
                    person.surname.to_owned(),
                    person.role_name().to_owned(),
                    person.email.clone().unwrap_or_default(),
                    person.phone.clone().unwrap_or_default(),
                    yes(person.gone && person.books.outreach).to_owned(),
                    yes(number == 0).to_owned(),
                ];
                people.record(row.into_iter().chain(books_in(known, TRAITS.len())))?;
            }
        }
        organisations.finish()?;
        Ok(people.finish()?)
    }
}

// A person's traits are twelve bits; all people of an organisation fit a `u64`.
const _: () = assert!(PEOPLE as usize * TRAITS.len() * BOOKS.len() <= 64);

fn organisation_row(it: &Organisation, last: Option<Date>) -> Vec<String> {
    let when = |holds: bool, text: &str| if holds { text.to_owned() } else { String::new() };
    let books = [it.books.registry, it.books.outreach, it.books.clients];
    let books: Vec<&str> = BOOKS.iter().zip(books).filter(|(_, holds)| *holds).map(|(book, _)| *book).collect();
    vec![
        World::key(it.index),
        it.name.clone(),
        it.legal.first().copied().unwrap_or_default().to_owned(),
        slug(&it.name),
        matching_key(&it.name),
        PROVINCES[it.province].to_owned(),
        CATEGORIES[it.category].to_owned(),
        it.website.clone().unwrap_or_default(),
        when(it.books.registry, it.licence),
        when(it.books.clients, it.standing),
        yes(it.books.clients && it.standing == "DNC").to_owned(),
        when(it.books.clients, it.priority),
        it.address.clone(),
        it.planes.clone(),
        it.email.clone(),
        it.phone.clone(),
        last.map(|it| it.to_string()).unwrap_or_default(),
        it.head.map(World::key).unwrap_or_default(),
        books.join("; "),
    ]
}

/// For each of so many facts, the books whose bit is set.
fn books_in(bits: u64, count: usize) -> impl Iterator<Item = String> {
    (0..count).map(move |fact| {
        let held = BOOKS.iter().enumerate().filter(|(book, _)| bits >> (fact * BOOKS.len() + book) & 1 == 1);
        held.map(|(_, name)| *name).collect::<Vec<_>>().join("; ")
    })
}

fn yes(holds: bool) -> &'static str {
    if holds { "true" } else { "false" }
}

/// The letter of a column; the sheets have fewer than 26.
fn letter(place: usize) -> String {
    char::from(b'A' + u8::try_from(place % 26).unwrap_or_default()).to_string()
}
