//! What the three books have in common: which organisation comes when, and which rows stand between.
//!
//! The books themselves are in `books/`.

mod clients;
mod outreach;
mod registry;

use jiff::ToSpan;
use jiff::civil::{Date, date};

use crate::cell::{Cell, Mess, Told};
use crate::draw::{Draw, Shuffle};
use crate::mess::{Column, Mixer};
use crate::page::{Output, Page, Written};
use crate::truth::Truth;
use crate::world::{Books, Organisation, World};

/// How many of a thousand organisations stand twice in a sheet.
const TWICE: usize = 50;

/// Writes all three books.
pub fn write(world: &World, output: &Output, truth: &mut Truth) -> Written {
    registry::write(world, output, truth)?;
    outreach::write(world, output, truth)?;
    clients::write(world, output, truth)
}

/// Each organisation for which `holds`, in the order of one sheet; some come a second time, which is told by `true`.
fn in_order(world: &World, sheet: u64, holds: impl Fn(u32, Books) -> bool) -> impl Iterator<Item = (u32, bool)> {
    let size = u64::from(world.size);
    let order = Shuffle::new(size * 2, &mut Draw::new(world.seed, &[300, sheet]));
    (0..size * 2).filter_map(move |slot| {
        let place = order.at(slot);
        let again = place >= size;
        let index = u32::try_from(place % size).unwrap_or_default();
        let here = holds(index, world.books(index)) && (!again || world.draw(310 + sheet, index).chance(TWICE));
        here.then_some((index, again))
    })
}

/// What stands before a record now and then: an empty row, or the header again, if the records so far are counted.
fn between(page: &mut Page, mixer: &mut Mixer, records: Option<u32>) -> Written {
    if records.is_some_and(|it| it % 150 == 40) {
        page.header("repeated-header")?;
    }
    if mixer.wheel(Column::Row).chance(15) {
        page.blank()?;
    }
    Ok(())
}

/// A day between January 2023 and September 2025.
fn day(draw: &mut Draw) -> Date {
    let days = i64::try_from(draw.below(1000)).unwrap_or_default();
    date(2023, 1, 1).saturating_add(days.days())
}

/// The numbers a cell about this person can hold: the own one first, then that of the front desk.
fn phones(organisation: &Organisation, person: usize) -> Vec<&str> {
    let own = organisation.people[person].phone.as_deref();
    own.into_iter().chain([organisation.phone.as_str()]).collect()
}

/// The addresses a cell about this person can hold: the own one first, then that of the front desk.
fn emails(organisation: &Organisation, person: usize) -> Vec<&str> {
    let own = organisation.people[person].email.as_deref();
    own.into_iter().chain([organisation.email.as_str()]).collect()
}

/// A row with a label, and a count that a formula has worked out.
fn total(label: &str, formula: String, count: u32) -> [Told; 2] {
    let cell = Cell::Formula(formula, count.to_string());
    [Told::plain("", label), Told::messy("", cell, "", &[Mess::Formula])]
}
