//! The register of flight schools as its keeper exports it: sheets `Cleaned` and `Notes`.
//!
//! Two merged title rows and an empty one stand before the header, a count and a footnote behind the records.

use crate::cell::Told;
use crate::csv::{MARKED, PLAIN};
use crate::mess::Mixer;
use crate::page::{Book, Output, Written};
use crate::spelling::{Place, spelling};
use crate::truth::{BOOKS, Record, Truth};
use crate::world::World;

use super::{between, emails, in_order, phones, total};

const HEADER: [(&str, &str); 7] = [
    ("Name of Organisation", "organization_name"),
    ("Province", "province; area"),
    ("Status", "regulatory_status"),
    ("Website URL", "website"),
    ("Contact Person", "contact_person"),
    ("Contact Number", "contact_phones"),
    ("Contact Email Address", "contact_emails"),
];

const NOTES: [&str; 6] = [
    "All organisations, people, addresses and numbers in this book are invented.",
    "Status: Active, Invalid or Suspended, as on the day of the export.",
    "Contact Person: the role stands in brackets where the school gave one.",
    "Provinces are written as the schools write them.",
    "Several addresses in one cell are separated by semicolons, or should be.",
    "Questions: register@authority.example",
];

/// Writes the book.
pub fn write(world: &World, output: &Output, truth: &mut Truth) -> Written {
    let mut book = Book::new(output, 0, BOOKS[0])?;
    cleaned(world, &mut book, truth)?;
    let mut page = book.page("Notes", 1, &[("", ""), ("", "")], PLAIN, truth)?;
    page.blank()?;
    for note in NOTES {
        page.other("note", &[Told::plain("", note)])?;
    }
    page.finish()?;
    book.save()
}

fn cleaned(world: &World, book: &mut Book, truth: &mut Truth) -> Written {
    let mut mixer = Mixer::new(world, 0);
    let mut page = book.page("Cleaned", 0, &HEADER, MARKED, truth)?;
    page.merged("title", &[(0, 6, "Register of Flight Schools – refined copy")])?;
    page.merged("title", &[(0, 6, "Synthetic data, exported July 2025")])?;
    page.blank()?;
    page.header("header")?;
    let first = page.next_row();
    let mut records = 0;
    for (index, again) in in_order(world, 0, |_, books| books.registry) {
        between(&mut page, &mut mixer, Some(records))?;
        records += 1;
        let it = world.organisation(index);
        let people: Vec<usize> = (0..it.people.len()).filter(|person| it.people[*person].books.registry).collect();
        let named: Vec<_> = people.iter().map(|person| &it.people[*person]).collect();
        let (text, mess) = spelling(world, &it, Place::Register(again));
        let mut cells = vec![
            mixer.name((text.clone(), mess)),
            mixer.province("province", it.province),
            mixer.status("licence", it.licence, &[]),
            mixer.website(it.website.as_deref()),
            mixer.person(&named),
            mixer.phone("phone", &phones(&it, 0)),
            mixer.email(&emails(&it, 0), &it.people[0].name()),
        ];
        if let [.., phone, email] = &mut cells[..] {
            mixer.planted_exchange(phone, email);
        }
        let kind = "organisation";
        page.record(&Record { kind, organisation: &it, people, again, spelling: text, joins: "", cells })?;
    }
    let last = page.next_row() - 1;
    page.blank()?;
    page.other("total", &total("Total organisations", format!("=COUNTA(A{first}:A{last})"), records))?;
    page.other("footnote", &[Told::plain("", "Printed from the register; see sheet Notes.")])?;
    page.finish()
}
