//! The notes of those who call organisations: sheets `Organisation` and `Contact Info`, joined by `ID`.
//!
//! `ID` is a row number that a formula makes, filled down far beyond the last organisation.

use crate::cell::{Cell, Mess, Told};
use crate::csv::PLAIN;
use crate::mess::{Column, Mixer};
use crate::page::{Book, Output, Written};
use crate::spelling::{Place, spelling};
use crate::truth::{BOOKS, Record, Truth, joins};
use crate::words::NOTES;
use crate::world::World;

use super::{between, day, emails, in_order, phones};

const ORGANISATION: [(&str, &str); 13] = [
    ("ID", ""),
    ("Organisation Name", "organization_name"),
    ("Reachout Date", "last_interaction_date"),
    ("Recent_Touch_Ind", ""),
    ("Area", "area; province"),
    ("Distance", ""),
    ("Type", "organization_type; organization_category"),
    ("Website", "website"),
    ("Address", "address_primary"),
    ("Planes", "planes"),
    ("Description Type", "description"),
    ("Notes", "notes"),
    ("Open Questions", ""),
];

const CONTACT: [(&str, &str); 11] = [
    ("ID", ""),
    ("Organisation Name", "organization_name"),
    ("Reachout Date", "last_interaction_date"),
    ("Firstname", "contact_given_name"),
    ("Surname", "contact_surname"),
    ("Position", "contact_role"),
    ("Phone", "contact_phones"),
    ("WhatsApp", "contact_phones_other"),
    ("Email", "contact_emails"),
    ("Invalid", "contact_gone"),
    ("", ""),
];

/// Writes the book.
pub fn write(world: &World, output: &Output, truth: &mut Truth) -> Written {
    let mut book = Book::new(output, 1, BOOKS[1])?;
    let ids = organisations(world, &mut book, truth)?;
    contacts(world, &mut book, truth, &ids)?;
    book.save()
}

/// Gives the identifier of each organisation's first row; 0 where it is blank.
fn organisations(world: &World, book: &mut Book, truth: &mut Truth) -> Result<Vec<u32>, Box<dyn std::error::Error>> {
    let mut mixer = Mixer::new(world, 1);
    let mut ids = vec![0; world.size as usize];
    let mut page = book.page("Organisation", 0, &ORGANISATION, PLAIN, truth)?;
    page.merged("header-group", &[(0, 3, "Organisation"), (4, 9, "Where and what"), (10, 12, "Remarks")])?;
    page.header("header")?;
    let mut records = 0;
    for (index, again) in in_order(world, 1, |_, books| books.outreach) {
        while mixer.wheel(Column::Row).chance(220) {
            let id = page.next_row() - 2;
            page.other("id-only", &[row_number(id)])?;
        }
        between(&mut page, &mut mixer, None)?;
        records += 1;
        let it = world.organisation(index);
        let number = page.next_row() - 2;
        let id = match mixer.wheel(Column::Id).pick(&[(800, 0), (100, 1), (40, 2), (60, 3)]) {
            0 => row_number(number),
            1 => Told::messy("id", Cell::Number(f64::from(number)), number.to_string(), &[]),
            2 => Told::messy("id", Cell::Text(number.to_string()), number.to_string(), &[Mess::NumberText]),
            _ => Told::blank(),
        };
        if !again && id.cell != Cell::Blank {
            ids[index as usize] = number;
        }
        let (text, mess) = spelling(world, &it, Place::Outreach(again));
        let draw = &mut mixer.draw;
        let date = day(draw);
        let touch = if draw.chance(300) { "1" } else { "" };
        let kind = if draw.chance(300) { draw.pick(&["Fixed wing", "Rotary", "Both", "Ab initio only"]) } else { "" };
        let note = draw.chance(350).then(|| draw.pick(&NOTES));
        let question = if draw.chance(120) { "Who signs the orders?" } else { "" };
        let distance = draw.below(1400) as f64 / 4.0;
        let cells = vec![
            id,
            mixer.name((text.clone(), mess)),
            mixer.date("date", date),
            Told::plain("", touch),
            mixer.province("province", it.province),
            Told::messy("", Cell::Number(distance), "", &[]),
            mixer.category("category", it.category),
            mixer.website(it.website.as_deref()),
            address(&mut mixer, &it.address),
            Told::plain("planes", it.planes.as_str()),
            Told::plain("description", kind),
            note.map_or(Told::blank(), |it| mixer.note(it)),
            Told::plain("questions", question),
        ];
        let people = Vec::new();
        let kind = "organisation";
        page.record(&Record { kind, organisation: &it, people, again, spelling: text, joins: "", cells })?;
    }
    for _ in 0..records / 3 + 5 {
        let id = page.next_row() - 2;
        page.other("id-only", &[row_number(id)])?;
    }
    page.finish()?;
    Ok(ids)
}

fn row_number(id: u32) -> Told {
    Told::messy("id", Cell::Formula("=ROW()-2".into(), id.to_string()), id.to_string(), &[Mess::Formula])
}

fn address(mixer: &mut Mixer, address: &str) -> Told {
    match mixer.draw.below(10) {
        0..3 => Told::blank(),
        3 => {
            let text = address.replace(", ", ",\n");
            Told::messy("address", Cell::Text(text), address, &[Mess::LineBreak])
        }
        _ => Told::plain("address", address),
    }
}

fn contacts(world: &World, book: &mut Book, truth: &mut Truth, ids: &[u32]) -> Written {
    let mut mixer = Mixer::new(world, 2);
    let mut page = book.page("Contact Info", 0, &CONTACT, PLAIN, truth)?;
    page.header("header")?;
    for (index, _) in in_order(world, 2, |_, books| books.outreach).filter(|(_, again)| !again) {
        let it = world.organisation(index);
        for person in (0..it.people.len()).filter(|person| it.people[*person].books.outreach) {
            between(&mut page, &mut mixer, None)?;
            let known = ids[index as usize];
            let joined = known > 0 && !mixer.wheel(Column::Id).chance(280);
            let id = match joined {
                false => Told::blank(),
                true => Told::messy("id", Cell::Number(f64::from(known)), known.to_string(), &[]),
            };
            let (mut text, mess) = spelling(world, &it, Place::OutreachContact);
            let name = match mixer.draw.below(10) {
                0..4 if joined => {
                    text.clear();
                    Told::blank()
                }
                _ => mixer.name((text.clone(), mess)),
            };
            let own = &it.people[person];
            let other = spelling(world, &it, Place::Outreach(false)).0;
            let found = if joined { "id" } else { joins(&text, &other) };
            let again = mixer.draw.chance(400).then(|| day(&mut mixer.draw));
            let whatsapp: Vec<&str> = own.phone.as_deref().into_iter().filter(|_| mixer.draw.chance(400)).collect();
            let mark = mixer
                .draw
                .pick(&["left", "Has left", "resigned", "no longer here", "left the company", "RETIRED"])
                .to_owned();
            let aside = if mixer.draw.chance(60) { "ask again" } else { "" };
            let [given, surname] = mixer.names(own);
            let cells = vec![
                id,
                name,
                again.map_or(Told::blank(), |it| mixer.date("date", it)),
                given,
                surname,
                mixer.role(own),
                mixer.phone("phone", &phones(&it, person)),
                mixer.phone("phone", &whatsapp),
                mixer.email(&emails(&it, person), &own.name()),
                match own.gone {
                    true => Told::messy("gone", Cell::Text(mark), "true", &[Mess::InvalidMark]),
                    false => mixer.planted_mark().unwrap_or_else(Told::blank),
                },
                Told::plain("", aside),
            ];
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
