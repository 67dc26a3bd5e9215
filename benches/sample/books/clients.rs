//! The list of clients: sheets `Company_Cat`, `Company_Contacts`, `Company_Addresses` and `10-10-25 Capture`.
//!
//! `C_ID` is a number in the first; in the next two it is a look-up of the wrong column, so that only the company's
//! name joins them.

use crate::cell::{Cell, Mess, Told};
use crate::csv::{PLAIN, WESTERN};
use crate::mess::{Column, Mixer};
use crate::page::{Book, Output, Written};
use crate::spelling::{Place, spelling};
use crate::truth::{BOOKS, Record, Truth, joins};
use crate::words::{CATEGORIES, PLANES};
use crate::world::{Organisation, World};

use super::{between, day, emails, in_order, phones, total};

const CAT: [(&str, &str); 12] = [
    ("C_ID", ""),
    ("Company", "organization_name"),
    ("QuickNooks_Name", ""),
    ("Last_Order_Date", ""),
    ("Category", "organization_type; organization_category"),
    ("Strat", ""),
    ("Priority", "priority"),
    ("Status", "status"),
    ("LoadDate", "last_interaction_date"),
    ("Checked", ""),
    ("", ""),
    ("Website", "website"),
];

const CONTACTS: [(&str, &str); 9] = [
    ("C_ID", ""),
    ("Company", "organization_name"),
    ("Status", "status"),
    ("FirstName", "contact_given_name"),
    ("Surname", "contact_surname"),
    ("Position", "contact_role"),
    ("Cellnumber", "contact_phones"),
    ("Email", "contact_emails"),
    ("Landline", "contact_phones_other"),
];

const ADDRESSES: [(&str, &str); 5] = [
    ("C_ID", ""),
    ("Company", "organization_name"),
    ("Type", ""),
    ("Airport", "address_primary"),
    ("", "address_town"),
];

const CAPTURE: [(&str, &str); 10] = [
    ("", ""),
    ("School", "organization_name"),
    ("Contact person (role)", "contact_person"),
    ("Phone", "contact_phones"),
    ("Email", "contact_emails"),
    ("Addresses", "address_primary"),
    ("Planes", "planes"),
    ("Website", "website"),
    ("Description", "description"),
    ("Type", "organization_type; organization_category"),
];

/// Other words for `DNC`.
const DO_NOT_CONTACT: [&str; 4] = ["dnc", "D.N.C.", "Do not contact", "DNC!"];

/// Writes the book.
pub fn write(world: &World, output: &Output, truth: &mut Truth) -> Written {
    let mut book = Book::new(output, 2, BOOKS[2])?;
    let ids = companies(world, &mut book, truth)?;
    contacts(world, &mut book, truth, &ids)?;
    addresses(world, &mut book, truth)?;
    capture(world, &mut book, truth)?;
    book.save()
}

/// Gives the identifier of each organisation's first row; 0 where it has none.
fn companies(world: &World, book: &mut Book, truth: &mut Truth) -> Result<Vec<u32>, Box<dyn std::error::Error>> {
    let mut mixer = Mixer::new(world, 3);
    let mut ids = vec![0; world.size as usize];
    let mut page = book.page("Company_Cat", 0, &CAT, PLAIN, truth)?;
    page.header("header")?;
    let (mut records, mut id) = (0, 0);
    for (index, again) in in_order(world, 3, |_, books| books.clients) {
        between(&mut page, &mut mixer, None)?;
        records += 1;
        let repeated = records % 100 == 60;
        id += u32::from(!repeated);
        if !again {
            ids[index as usize] = id;
        }
        let it = world.organisation(index);
        let (text, mess) = spelling(world, &it, Place::Client(again));
        let (loaded, ordered) = (day(&mut mixer.draw), day(&mut mixer.draw));
        let books_name = if mixer.draw.chance(400) { it.name.to_uppercase() } else { String::new() };
        let strategy = mixer.draw.pick(&["", "", "S1", "S2"]);
        let checked = mixer.draw.pick(&["", "", "Y"]);
        let last_order = mixer.draw.chance(400);
        let priority = match mixer.draw.below(10) {
            0..3 => Told::blank(),
            3 => Told::messy("priority", Cell::Text(it.priority.to_lowercase()), it.priority, &[Mess::Case]),
            _ => Told::plain("priority", it.priority),
        };
        let cells = vec![
            number(&mut mixer, id, repeated),
            mixer.name((text.clone(), mess)),
            Told::plain("", books_name),
            if last_order { mixer.date("order-date", ordered) } else { Told::blank() },
            mixer.category("category", it.category),
            Told::plain("", strategy),
            priority,
            standing(&mut mixer, &it),
            mixer.date("date", loaded),
            Told::plain("", checked),
            Told::blank(),
            mixer.website(it.website.as_deref()),
        ];
        let kind = "organisation";
        page.record(&Record { kind, organisation: &it, people: Vec::new(), again, spelling: text, joins: "", cells })?;
    }
    let last = page.next_row() - 1;
    page.blank()?;
    page.other("total", &total("Total", format!("=COUNTA(B2:B{last})"), records))?;
    page.finish()?;
    Ok(ids)
}

fn number(mixer: &mut Mixer, id: u32, repeated: bool) -> Told {
    let value = f64::from(id);
    let (cell, mut mess) = match mixer.wheel(Column::Id).pick(&[(800, 0), (150, 1), (50, 2)]) {
        0 => (Cell::Number(value), Vec::new()),
        1 => (Cell::Padded(value, 5), vec![Mess::PaddedNumber]),
        _ => (Cell::Text(id.to_string()), vec![Mess::NumberText]),
    };
    mess.extend(repeated.then_some(Mess::Repeated));
    Told::messy("id", cell, id.to_string(), &mess)
}

fn standing(mixer: &mut Mixer, organisation: &Organisation) -> Told {
    let aliases: &[&str] = if organisation.standing == "DNC" { &DO_NOT_CONTACT } else { &[] };
    mixer.status("standing", organisation.standing, aliases)
}

/// An identifier as the look-up of the wrong column gives it; true if by chance it is right.
fn looked_up(mixer: &mut Mixer, row: u32, company: &str, id: u32) -> (Told, bool) {
    let formula = format!("=VLOOKUP(B{row},Company_Cat!$B:$C,1,FALSE)");
    let broken = |cached: &str, mess| Told::messy("id", Cell::Formula(formula.clone(), cached.into()), "", &[mess]);
    match mixer.wheel(Column::Id).pick(&[(680, 0), (140, 1), (110, 2), (70, 3)]) {
        0 => (broken(company, Mess::LookupText), false),
        1 => (broken("0", Mess::LookupZero), false),
        3 if id > 0 => (Told::messy("id", Cell::Number(f64::from(id)), id.to_string(), &[]), true),
        _ => (broken("#N/A", Mess::LookupError), false),
    }
}

fn contacts(world: &World, book: &mut Book, truth: &mut Truth, ids: &[u32]) -> Written {
    let mut mixer = Mixer::new(world, 4);
    let mut page = book.page("Company_Contacts", 0, &CONTACTS, PLAIN, truth)?;
    page.other("title", &[Told::plain("", "C_ID and Status are looked up; do not edit")])?;
    page.header("header")?;
    let mut records = 0;
    let holds = |index: u32| world.draw(410, index).chance(450);
    for (index, _) in in_order(world, 4, |index, books| books.clients && holds(index)).filter(|(_, again)| !again) {
        let it = world.organisation(index);
        let other = spelling(world, &it, Place::Client(false)).0;
        for person in (0..it.people.len()).filter(|person| it.people[*person].books.clients) {
            between(&mut page, &mut mixer, Some(records))?;
            records += 1;
            let own = &it.people[person];
            let (text, mess) = spelling(world, &it, Place::ClientContact);
            let (id, joined) = looked_up(&mut mixer, page.next_row(), &other, ids[index as usize]);
            let status = match mixer.draw.chance(200) {
                true => Told::messy("standing", Cell::Number(0.0), "", &[Mess::LookupZero]),
                false => standing(&mut mixer, &it),
            };
            let cell: Vec<&str> = own.phone.as_deref().into_iter().collect();
            let line: Vec<&str> = Some(it.phone.as_str()).filter(|_| mixer.draw.chance(500)).into_iter().collect();
            let [given, surname] = mixer.names(own);
            let cells = vec![
                id,
                mixer.name((text.clone(), mess)),
                status,
                given,
                surname,
                mixer.role(own),
                mixer.phone("phone", &cell),
                mixer.email(&emails(&it, person), &own.name()),
                mixer.phone("phone", &line),
            ];
            let found = if joined { "id" } else { joins(&text, &other) };
            let (people, kind) = (vec![person], "contact");
            page.record(&Record {
                kind,
                organisation: &it,
                people,
                again: false,
                spelling: text,
                joins: found,
                cells,
            })?;
        }
    }
    page.finish()
}

fn addresses(world: &World, book: &mut Book, truth: &mut Truth) -> Written {
    let mut mixer = Mixer::new(world, 5);
    let mut page = book.page("Company_Addresses", 1, &ADDRESSES, WESTERN, truth)?;
    page.blank()?;
    page.blank()?;
    page.merged_header()?;
    let holds = |index: u32| world.draw(411, index).chance(300);
    for (index, _) in in_order(world, 5, |index, books| books.clients && holds(index)).filter(|(_, again)| !again) {
        between(&mut page, &mut mixer, None)?;
        let it = world.organisation(index);
        let (text, mess) = spelling(world, &it, Place::ClientAddress);
        let other = spelling(world, &it, Place::Client(false)).0;
        let (id, _) = looked_up(&mut mixer, page.next_row(), &other, 0);
        let (street, town) = it.address.split_once(", ").unwrap_or((it.address.as_str(), ""));
        let cells = vec![
            id,
            mixer.name((text.clone(), mess)),
            Told::plain("", mixer.draw.pick(&["Physical", "Hangar", "Postal", ""])),
            Told::plain("address", street),
            if mixer.draw.chance(150) { Told::blank() } else { Told::plain("address", town) },
        ];
        let (found, kind) = (joins(&text, &other), "address");
        let people = Vec::new();
        page.record(&Record { kind, organisation: &it, people, again: false, spelling: text, joins: found, cells })?;
    }
    page.finish()
}

fn capture(world: &World, book: &mut Book, truth: &mut Truth) -> Written {
    let mut mixer = Mixer::new(world, 6);
    let mut page = book.page("10-10-25 Capture", 0, &CAPTURE, PLAIN, truth)?;
    page.header("header")?;
    let holds = |index: u32, client: bool| world.draw(412, index).chance(if client { 150 } else { 80 });
    let order = in_order(world, 6, |index, books| holds(index, books.clients));
    for (index, _) in order.filter(|(_, again)| !again) {
        between(&mut page, &mut mixer, None)?;
        let it = world.organisation(index);
        let (text, mess) = spelling(world, &it, Place::Capture);
        let found = if it.books.clients { joins(&text, &spelling(world, &it, Place::Client(false)).0) } else { "none" };
        let first = &it.people[0];
        let mark = mixer.draw.pick(&["", "", "✓"]);
        let plane = mixer.draw.pick(&PLANES).to_owned();
        let about = mixer.draw.pick(&["Small, keen", "Needs headsets", "Two runways; one \"grass\"", ""]);
        let cells = vec![
            Told::plain("", mark),
            mixer.name((text.clone(), mess)),
            mixer.person(&[first]),
            mixer.phone("phone", &phones(&it, 0)),
            mixer.email(&emails(&it, 0), &first.name()),
            if mixer.draw.chance(400) { Told::plain("address", it.address.as_str()) } else { Told::blank() },
            if mixer.draw.chance(300) { Told::plain("planes", plane) } else { Told::blank() },
            mixer.website(it.website.as_deref()),
            Told::plain("description", about),
            Told::plain("category", CATEGORIES[it.category]),
        ];
        let (people, kind) = (vec![0], "capture");
        page.record(&Record { kind, organisation: &it, people, again: false, spelling: text, joins: found, cells })?;
    }
    page.finish()
}
