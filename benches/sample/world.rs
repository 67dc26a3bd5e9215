//! The true organisations: any of them from its number alone, so that a million need no memory.
//!
//! Nothing here is messy: how the books spell these values is the business of `spelling` and `mess`.

use deunicode::deunicode;

use crate::draw::{Draw, Shuffle};
use crate::words::{
    BRANCHES, FIRST, GIVEN, LEGAL_FORMS, NAME_KINDS, NON_LATIN, NON_LATIN_PEOPLE, PLANES, ROLES, SECOND, STREETS,
    SURNAMES, TOWNS,
};

/// Which books hold an organisation, and the share of a thousand organisations for each combination.
///
/// After section 23 (c) of the refinery's record, with the three small overlaps raised so that 200 organisations
/// hold four of each.
const SHARES: [(u64, Books); 7] = [
    (170, Books { registry: true, outreach: true, clients: false }),
    (20, Books { registry: false, outreach: true, clients: true }),
    (20, Books { registry: true, outreach: false, clients: true }),
    (20, Books { registry: true, outreach: true, clients: true }),
    (100, Books { registry: true, outreach: false, clients: false }),
    (80, Books { registry: false, outreach: true, clients: false }),
    (590, Books { registry: false, outreach: false, clients: true }),
];

/// How many people an organisation can have.
pub const PEOPLE: u64 = 4;

const MOBILES: [u64; 10] = [82, 83, 84, 72, 73, 74, 76, 79, 61, 71];
const LINES: [u64; 8] = [11, 12, 21, 31, 41, 51, 15, 13];
const SUBSCRIBERS: u64 = 10_000_000;

/// The books that hold an organisation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Books {
    /// The regulator's register.
    pub registry: bool,
    /// The notes of those who call.
    pub outreach: bool,
    /// The list of clients.
    pub clients: bool,
}

/// All organisations of one seed and size.
#[derive(Debug)]
pub struct World {
    /// What everything follows from.
    pub seed: u64,
    /// How many organisations there are.
    pub size: u32,
    /// Whether rarer mess is planted, of which the shipped sample has none.
    pub planted: bool,
    places: Shuffle,
    names: Shuffle,
    mobiles: Shuffle,
    lines: Shuffle,
}

/// One true organisation.
#[derive(Debug, Clone)]
pub struct Organisation {
    /// Its number, from 0.
    pub index: u32,
    /// Its name without a legal form.
    pub name: String,
    /// The spellings of its legal form, the proper one first; empty if it has none.
    pub legal: &'static [&'static str],
    /// Where its category stands in `CATEGORIES`.
    pub category: usize,
    /// Where its province stands in `PROVINCES`.
    pub province: usize,
    /// Its website, normalised.
    pub website: Option<String>,
    /// The address of its front desk.
    pub email: String,
    /// The number of its front desk, E.164.
    pub phone: String,
    /// Street and town.
    pub address: String,
    /// What it flies; may be empty.
    pub planes: String,
    /// What the register says of it.
    pub licence: &'static str,
    /// What the client list says of it; `DNC` means do not contact.
    pub standing: &'static str,
    /// A, B or C.
    pub priority: &'static str,
    /// The head office it is a branch of: another organisation that shares website, and often number and address.
    pub head: Option<u32>,
    /// The books that hold it.
    pub books: Books,
    /// Its people; the first is the primary contact.
    pub people: Vec<Person>,
}

/// One true person.
#[derive(Debug, Clone)]
pub struct Person {
    /// Given name.
    pub given: &'static str,
    /// Surname.
    pub surname: &'static str,
    /// Where the role stands in `ROLES`.
    pub role: usize,
    /// Own address, not that of the front desk.
    pub email: Option<String>,
    /// Own number, E.164.
    pub phone: Option<String>,
    /// Whether the outreach book marks the person as gone.
    pub gone: bool,
    /// The books that hold the person.
    pub books: Books,
}

impl Person {
    /// Given name and surname.
    pub fn name(&self) -> String {
        format!("{} {}", self.given, self.surname)
    }

    /// The role as truth has it.
    pub fn role_name(&self) -> &'static str {
        ROLES[self.role].0
    }
}

impl World {
    /// The world of a seed; `size` is at least 1.
    pub fn new(seed: u64, size: u32) -> Self {
        let mut draw = Draw::new(seed, &[1]);
        let towns = if u64::from(size) * 4 < name_space(1) { 1 } else { TOWNS.len() as u64 };
        World {
            seed,
            size,
            planted: false,
            places: Shuffle::new(u64::from(size), &mut draw),
            names: Shuffle::new(name_space(towns), &mut draw),
            mobiles: Shuffle::new(MOBILES.len() as u64 * SUBSCRIBERS, &mut draw),
            lines: Shuffle::new(LINES.len() as u64 * SUBSCRIBERS, &mut draw),
        }
    }

    /// A stream of chance for one question about one organisation.
    pub fn draw(&self, topic: u64, index: u32) -> Draw {
        Draw::new(self.seed, &[topic, u64::from(index)])
    }

    /// The key of an organisation in all truth files.
    pub fn key(index: u32) -> String {
        format!("ORG-{:07}", index + 1)
    }

    /// The books that hold an organisation: the shares are met exactly, not on average.
    pub fn books(&self, index: u32) -> Books {
        let mut place = self.places.at(u64::from(index)) * 1000 / u64::from(self.size);
        for (share, books) in SHARES {
            match place.checked_sub(share) {
                Some(rest) => place = rest,
                None => return books,
            }
        }
        SHARES[SHARES.len() - 1].1
    }

    /// The head office of a branch.
    fn head(index: u32) -> Option<u32> {
        (index % 20 == 19).then(|| index - 1)
    }

    /// Everything that is true about one organisation.
    pub fn organisation(&self, index: u32) -> Organisation {
        let mut draw = self.draw(2, index);
        let books = self.books(index);
        let category = self.category(index, books);
        let head = Self::head(index).map(|it| self.organisation(it));
        let name = match &head {
            Some(head) => format!("{} {}", head.name, draw.pick(&BRANCHES)),
            None => self.name(index, category, books),
        };
        let domain = self.domain(index, &name);
        let mut website = match draw.below(100) {
            0..12 => None,
            12..16 => Some(format!("https://pages.example/{}", slug(&domain))),
            _ => Some(format!("https://{domain}")),
        };
        let mut email = format!("{}@{domain}", draw.pick(&["info", "admin", "office", "fly"]));
        let mut phone = number(&LINES, self.lines.at(u64::from(index)));
        let mut domain = domain;
        if let Some(head) = &head {
            website.clone_from(&head.website);
            domain = head.email.split('@').next_back().unwrap_or_default().to_owned();
            if draw.chance(500) {
                email.clone_from(&head.email);
                phone.clone_from(&head.phone);
            }
        }
        let legal: &[&str] = match draw.below(100) {
            0..60 => LEGAL_FORMS[0],
            60..70 => LEGAL_FORMS[1],
            70..76 => LEGAL_FORMS[2],
            76..80 => LEGAL_FORMS[3],
            _ => &[],
        };
        let town = draw.pick(&TOWNS);
        Organisation {
            index,
            name,
            legal,
            category,
            province: draw.below(9),
            website,
            email,
            phone,
            address: format!("{} {}, {town}", 1 + draw.below(180), draw.pick(&STREETS)),
            planes: planes(&mut draw),
            licence: ["Active", "Active", "Active", "Active", "Active", "Invalid", "Suspended"][draw.below(7)],
            standing: standing(&mut draw),
            priority: draw.pick(&["A", "B", "C"]),
            head: Self::head(index),
            books,
            people: self.people(index, head.is_some(), &domain, books),
        }
    }

    /// Everybody in the register is a flight school; the other books hold all kinds.
    fn category(&self, index: u32, books: Books) -> usize {
        let index = Self::head(index).unwrap_or(index);
        let registered = books.registry || self.books(index).registry;
        let mut draw = self.draw(3, index);
        if registered || draw.chance(if books.outreach { 600 } else { 250 }) { 0 } else { 1 + draw.below(6) }
    }

    fn name(&self, index: u32, category: usize, books: Books) -> String {
        // The client list can be written in a Western code page, and a branch there has the name of its head office.
        let branch = index + 1;
        let western =
            books.clients || (Self::head(branch).is_some() && branch < self.size && self.books(branch).clients);
        let mut draw = self.draw(4, index);
        if !western && draw.chance(60) {
            let script = draw.below(3) * 2;
            let (first, rest) = (index as usize % 12, index as usize / 12);
            let (second, rest) = (rest % 12, rest / 12);
            let name = format!("{} {}", NON_LATIN[script][first], NON_LATIN[script + 1][second]);
            return if rest == 0 { name } else { format!("{name} {rest}") };
        }
        let mut code = self.names.at(u64::from(index));
        let mut digit = |base: usize| {
            let digit = (code % base as u64) as usize;
            code /= base as u64;
            digit
        };
        let first = FIRST[digit(FIRST.len())];
        let second = SECOND[digit(SECOND.len())];
        let kind = NAME_KINDS[category][digit(6)];
        if u64::from(self.size) * 4 < name_space(1) {
            return format!("{first} {second} {kind}");
        }
        format!("{first} {second} {kind} {}", TOWNS[digit(TOWNS.len())])
    }

    /// Reserved for tests by RFC 2606 and RFC 6761: no such host can exist.
    fn domain(&self, index: u32, name: &str) -> String {
        let label = slug(name);
        let ending = if self.draw(5, index).chance(150) { "test" } else { "example" };
        if name.is_ascii() && label.len() < 60 {
            return format!("{label}.{ending}");
        }
        format!("flight-{:07}.{ending}", index + 1)
    }

    fn people(&self, index: u32, branch: bool, domain: &str, books: Books) -> Vec<Person> {
        let mut draw = self.draw(6, index);
        let count = [1, 1, 2, 2, 3, 4][draw.below(6)];
        let (given, surname) = (draw.below(GIVEN.len()), draw.below(SURNAMES.len()));
        let mut people = Vec::with_capacity(count);
        for place in 0..count {
            let (mut first, mut last) =
                (GIVEN[(given + place * 7) % GIVEN.len()], SURNAMES[(surname + place * 11) % SURNAMES.len()]);
            let mut local = format!("{}.{}", slug(first), slug(last).replace('-', ""));
            if !books.clients && draw.chance(40) {
                let (one, two, three) = NON_LATIN_PEOPLE[(given + place) % NON_LATIN_PEOPLE.len()];
                (first, last, local) = (one, two, three.to_owned());
            }
            let email = match draw.below(100) {
                0..12 => None,
                12..24 => Some(format!("{local}{}@webmail.example", index + 1)),
                _ if branch => Some(format!("{local}.{}@{domain}", index + 1)),
                _ => Some(format!("{local}@{domain}")),
            };
            let serial = u64::from(index) * PEOPLE + place as u64;
            // Ofcom keeps these thousand London numbers for drama; no more than that many are given out.
            let abroad = place == 0 && index % 50 == 7 && index / 50 < 1000;
            let phone = match draw.below(100) {
                _ if abroad => Some(format!("+442079460{:03}", index / 50)),
                0..14 => None,
                _ => Some(number(&MOBILES, self.mobiles.at(serial))),
            };
            let also = |draw: &mut Draw, holds: bool| holds && (place == 0 || draw.chance(550));
            let books = Books {
                registry: books.registry && place < 2 && also(&mut draw, true),
                outreach: also(&mut draw, books.outreach),
                clients: also(&mut draw, books.clients),
            };
            let role = draw.below(ROLES.len());
            people.push(Person { given: first, surname: last, role, email, phone, gone: draw.chance(120), books });
        }
        people
    }
}

/// How many names there are before they repeat.
fn name_space(towns: u64) -> u64 {
    FIRST.len() as u64 * SECOND.len() as u64 * 6 * towns
}

fn number(prefixes: &[u64], code: u64) -> String {
    format!("+27{}{:07}", prefixes[(code / SUBSCRIBERS) as usize], code % SUBSCRIBERS)
}

fn planes(draw: &mut Draw) -> String {
    let fleet = (0..draw.below(4)).map(|_| format!("{}x {}", 1 + draw.below(5), draw.pick(&PLANES)));
    fleet.collect::<Vec<_>>().join(", ")
}

fn standing(draw: &mut Draw) -> &'static str {
    match draw.below(100) {
        0..6 => "DNC",
        6..30 => "Active",
        30..55 => "Prospect",
        55..70 => "Dormant",
        70..76 => "Imminent",
        76..84 => "High",
        84..92 => "Medium",
        _ => "Low",
    }
}

/// What the truth files call the slug of a name: transliterated, lower case, words joined by `-`.
pub fn slug(name: &str) -> String {
    let plain = deunicode(name).to_lowercase();
    plain.split(|it: char| !it.is_ascii_alphanumeric()).filter(|it| !it.is_empty()).collect::<Vec<_>>().join("-")
}

/// The slug without a legal form at its end: what two spellings of one company have in common.
pub fn matching_key(name: &str) -> String {
    let slug = slug(name);
    let mut words: Vec<&str> = slug.split('-').collect();
    for ending in [&["proprietary", "limited"][..], &["c", "c"], &["pty", "ltd"]] {
        if words.len() > ending.len() && words.ends_with(ending) {
            words.truncate(words.len() - ending.len());
        }
    }
    while words.len() > 1
        && ["ltd", "limited", "pty", "cc", "npc", "inc", "incorporated"].contains(&words[words.len() - 1])
    {
        words.pop();
    }
    words.join("-")
}
