//! Rarer mess, planted where it is asked for: what real books have and the shipped sample has not.
//!
//! Chance is drawn from a stream of its own, so that books without it stay what they are.

use jiff::civil::Date;

use crate::cell::{Cell, Mess, Told, date_text};
use crate::contact::{national, spaced, value};
use crate::mess::Mixer;
use crate::words::ROLES;
use crate::world::Person;

/// How many of a thousand cells get some of it.
const RATE: usize = 120;

/// Digits that nobody dials.
const OTHER_DIGITS: [&str; 7] = [
    "2025-07-26 02:15",
    "192.168.10.20",
    "12 345 678,00",
    "EUR 821234567",
    "DE123456789",
    "-26.204103, 28.047305",
    "20250726021500",
];

/// Words that no list of licences or standings holds.
const UNLISTED: [&str; 3] = ["Pending review", "see file", "Tbd by board"];

/// Remarks of those who asked to be left alone.
const ASKED: [&str; 3] = ["DNC - asked 12/3/2024", "Do NOT contact (mail of May)", "dnc, per Sue"];

impl Mixer {
    /// One of so many kinds, where one is planted here.
    fn rarely(&mut self, kinds: usize) -> Option<usize> {
        let rare = self.rare.as_mut()?;
        rare.chance(RATE).then(|| rare.below(kinds))
    }

    fn rare_one(&mut self, list: &[&'static str]) -> &'static str {
        self.rare.as_mut().map_or("", |it| it.pick(list))
    }

    /// A number in a way that is rare.
    pub(crate) fn planted_phone(&mut self, field: &'static str, phones: &[&str]) -> Option<Told> {
        let first = phones.first().copied().filter(|it| it.starts_with("+27"))?;
        let kind = self.rarely(6)?;
        let told = |text: String, mess: &[Mess]| Told::messy(field, Cell::Text(text), first, mess);
        Some(match kind {
            0 => told(format!("{}¹", spaced(first)), &[Mess::LocalFormat, Mess::Footnote]),
            1 => told(format!("tel:{};phone-context=+27", national(first)), &[Mess::Link]),
            2 => {
                let text = format!("{:.5E}", value(first.trim_start_matches('+'))).replace('E', "E+");
                Told::messy(field, Cell::Text(text), "", &[Mess::SpoiltNumber])
            }
            3 => {
                let text = self.rare_one(&OTHER_DIGITS).to_owned();
                Told::messy(field, Cell::Text(text), "", &[Mess::OtherDigits])
            }
            4 if phones.len() > 1 => {
                let text = format!("{} {}", national(first), national(phones[1]));
                Told::messy(field, Cell::Text(text), phones[..2].join("; "), &[Mess::Several])
            }
            _ => told(format!("{} (08:00-17:00)", spaced(first)), &[Mess::LocalFormat, Mess::Remark]),
        })
    }

    /// An address in a way that is rare.
    pub(crate) fn planted_email(&mut self, emails: &[&str]) -> Option<Told> {
        let first = *emails.first()?;
        let told = |text: String, mess| Some(Told::messy("email", Cell::Text(text), first, &[mess]));
        match self.rarely(4)? {
            0 => told(format!("{first} (work)"), Mess::Remark),
            1 => told(format!("E-mail: {first}"), Mess::Label),
            2 => told(format!("{first} {first}"), Mess::Repeated),
            _ => told(format!("[{first}]"), Mess::Punctuation),
        }
    }

    /// A number in the column of addresses, and the address in that of numbers, now and then.
    pub(crate) fn planted_exchange(&mut self, phone: &mut Told, email: &mut Told) {
        if !phone.expected.is_empty() && !email.expected.is_empty() && self.rarely(4) == Some(0) {
            std::mem::swap(phone, email);
            phone.mess.push(Mess::OtherColumn);
            email.mess.push(Mess::OtherColumn);
        }
    }

    /// A province in a way that is rare.
    pub(crate) fn planted_province(&mut self, field: &'static str, proper: &str) -> Option<Told> {
        let told = |text: String, mess| Some(Told::messy(field, Cell::Text(text), proper, &[mess]));
        match self.rarely(3)? {
            0 => told(format!("Newtown, {proper}"), Mess::Town),
            1 => told(format!("{proper} (Newtown)"), Mess::Town),
            _ => {
                let mut letters: Vec<char> = proper.chars().collect();
                letters.swap(2, 3);
                told(letters.into_iter().collect(), Mess::Typo)
            }
        }
    }

    /// A date in a way that is rare.
    pub(crate) fn planted_date(&mut self, field: &'static str, date: Date) -> Option<Told> {
        let told = |text: String, mess| Told::messy(field, Cell::Text(text), date.to_string(), &[mess]);
        let none = |text: String, mess| Told::messy(field, Cell::Text(text), "", &[mess]);
        Some(match self.rarely(8)? {
            0 => {
                let days = date.since(Date::constant(1899, 12, 30)).map_or(0, |it| it.get_days());
                Told::messy(field, Cell::Number(f64::from(days)), date.to_string(), &[Mess::Serial])
            }
            1 => told(date_text(date, "yyyymmdd"), Mess::DateIso),
            2 => {
                let week = date.iso_week_date();
                let day = week.weekday().to_monday_one_offset();
                told(format!("{:04}-W{:02}-{day}", week.year(), week.week()), Mess::DateIso)
            }
            3 => told(date_text(date, "hh:mm dd/mm/yyyy"), Mess::DateTime),
            4 => told(date_text(date, "yyyy-mm-ddT00:00:00+02:00"), Mess::DateTime),
            5 => none("31/02/2025".to_owned(), Mess::Unusable),
            6 => {
                let old = Date::constant(1998, 3, 1).with().day(date.day()).build().unwrap_or(date);
                Told::messy(field, Cell::Text(date_text(old, "dd/mm/yyyy")), old.to_string(), &[Mess::DateSlash])
            }
            _ if date.day() > 12 => none(date_text(date, "mm/dd/yyyy"), Mess::OtherOrder),
            _ => told(date_text(date, "dd/mm/yyyy"), Mess::DateSlash),
        })
    }

    /// A word that no list holds; who asked to be left alone still did.
    pub(crate) fn planted_status(&mut self, field: &'static str, proper: &str) -> Option<Told> {
        self.rarely(1)?;
        Some(if proper == "DNC" {
            Told::messy(field, Cell::Text(self.rare_one(&ASKED).to_owned()), proper, &[Mess::Remark])
        } else {
            Told::messy(field, Cell::Text(self.rare_one(&UNLISTED).to_owned()), "", &[Mess::UnknownText])
        })
    }

    /// People in a way that is rare.
    pub(crate) fn planted_person(&mut self, people: &[&Person]) -> Option<Told> {
        let (first, second) = (people.first()?, people.get(1));
        let kind = self.rarely(4)?;
        let role = |it: &Person| ROLES[it.role].0;
        let both = |gap: fn(&str, &str) -> String, between: &str| {
            let two = second?;
            let text = format!("{}{between}{}", gap(&first.name(), role(first)), gap(&two.name(), role(two)));
            let expected = format!("{} | {}; {} | {}", first.name(), role(first), two.name(), role(two));
            Some(Told::messy("person", Cell::Text(text), expected, &[Mess::Several, Mess::RoleInBrackets]))
        };
        let none = |text: &str| Some(Told::messy("person", Cell::Text(text.to_owned()), "", &[Mess::Unusable]));
        match kind {
            0 => both(|name, role| format!("{name} ({role})"), "\n"),
            1 => both(|name, role| format!("{name}, {role}"), ", "),
            2 => none("not listed"),
            _ => none(role(first)),
        }
    }

    /// A mark that says that all is well.
    pub(crate) fn planted_mark(&mut self) -> Option<Told> {
        self.rarely(1)?;
        Some(Told::messy("gone", Cell::Text(self.rare_one(&["0", "No", "no"]).to_owned()), "", &[Mess::NoMark]))
    }
}
