//! How people and the ways to reach them get messy: names, roles, numbers, addresses.
//!
//! The rates stand at the top of each function, as weights.

use crate::cell::{Cell, Mess, Told};
use crate::mess::{Column, Mixer};
use crate::words::{PLACEHOLDERS, ROLES};
use crate::world::Person;

/// A number as it is dialled inside the country; foreign ones keep their code.
pub(crate) fn national(phone: &str) -> String {
    match phone.strip_prefix("+27") {
        Some(rest) => format!("0{rest}"),
        None => phone.to_owned(),
    }
}

/// Cut as `082 123 4567`; foreign ones as `+44 20 7946 0123`.
pub(crate) fn spaced(phone: &str) -> String {
    let local = national(phone);
    match phone.strip_prefix("+44") {
        Some(rest) => format!("+44 {} {} {}", &rest[..2], &rest[2..6], &rest[6..]),
        None => format!("{} {} {}", &local[..3], &local[3..6], &local[6..]),
    }
}

pub(crate) fn value(digits: &str) -> f64 {
    // All numbers have at most twelve digits, which a double holds exactly.
    digits.parse().unwrap_or_default()
}

impl Mixer {
    /// A number, and sometimes a second one in the same cell; `phones` are E.164, the one meant first.
    pub fn phone(&mut self, field: &'static str, phones: &[&str]) -> Told {
        const RATES: [(u64, u64); 15] = [
            (70, 0),
            (170, 1),
            (60, 2),
            (50, 3),
            (180, 4),
            (80, 5),
            (90, 6),
            (60, 7),
            (40, 8),
            (40, 9),
            (40, 10),
            (35, 11),
            (30, 12),
            (30, 13),
            (25, 14),
        ];
        use Mess::{Extension, FloatText, Label, LocalFormat, LostZero, NoBreakSpace, NumberCell, NumberText};
        use Mess::{International, PaddedNumber, Placeholder, Several, Unusable};
        let Some(first) = phones.first().copied() else { return self.unreachable(field) };
        if let Some(rare) = self.planted_phone(field, phones) {
            return rare;
        }
        let digits = first.trim_start_matches('+');
        let local = national(first);
        let told = |text: String, mess: &[Mess]| Told::messy(field, Cell::Text(text), first, mess);
        if !first.starts_with("+27") {
            return told(spaced(first), &[International]);
        }
        match self.wheel(Column::Phone).pick(&RATES) {
            0 => Told::plain(field, first),
            1 => told(spaced(first), &[LocalFormat]),
            2 => told(format!("({}) {}-{}", &local[..3], &local[3..6], &local[6..]), &[LocalFormat]),
            3 => told(spaced(first).replace(' ', "\u{a0}"), &[LocalFormat, NoBreakSpace]),
            4 => {
                let rest = spaced(first);
                let rest = rest.trim_start_matches('0');
                let text = match self.draw.below(4) {
                    0 => format!("+27 {rest}"),
                    1 => format!("+27(0){rest}"),
                    2 => format!("00{digits}"),
                    _ => format!("+27-{}", rest.replace(' ', "-")),
                };
                told(text, &[International])
            }
            5 => Told::messy(field, Cell::Number(value(&local)), first, &[LostZero]),
            6 => Told::messy(field, Cell::Number(value(digits)), first, &[International, NumberCell]),
            7 => Told::messy(field, Cell::Padded(value(&local), 10), first, &[PaddedNumber]),
            8 => told(format!("{digits}.0"), &[International, FloatText]),
            9 => told(local, &[NumberText]),
            10 | 11 if phones.len() > 1 => {
                let gap = self.draw.pick(&[" / ", " or ", "; ", ", ", "\n", " & "]);
                let text = format!("{}{gap}{}", spaced(first), spaced(phones[1]));
                let mut mess = vec![LocalFormat, Several];
                if gap == "\n" {
                    mess.push(Mess::LineBreak);
                }
                Told::messy(field, Cell::Text(text), phones[..2].join("; "), &mess)
            }
            10 | 11 => {
                let extension = 1 + self.draw.below(399);
                let word = self.draw.pick(&[" x", " ext. ", " ext ", "x", " EXT "]);
                told(format!("{}{word}{extension}", spaced(first)), &[LocalFormat, Extension])
            }
            12 => {
                let text = match self.draw.below(3) {
                    0 => format!("Tel: {}", spaced(first)),
                    1 => format!("{} (after hours)", spaced(first)),
                    _ => format!("cell {}", spaced(first)),
                };
                told(text, &[LocalFormat, Label])
            }
            13 => {
                let text = self.draw.pick(&["call the office", "see website", "12345", "same as above"]).to_owned();
                Told::messy(field, Cell::Text(text), "", &[Unusable])
            }
            _ => Told::messy(field, Cell::Text(self.draw.pick(&PLACEHOLDERS).to_owned()), "", &[Placeholder]),
        }
    }

    /// One address or several; `owner` is the name that mail programs put before an address.
    pub fn email(&mut self, emails: &[&str], owner: &str) -> Told {
        const RATES: [(u64, u64); 10] =
            [(380, 0), (150, 1), (70, 2), (60, 3), (50, 4), (140, 5), (40, 6), (40, 7), (40, 8), (30, 9)];
        use Mess::{Case, DisplayName, Hyperlink, Mailto, Placeholder, Several, Spaces, TrailingDot, Unusable};
        let Some(first) = emails.first().copied() else { return self.unreachable("email") };
        if let Some(rare) = self.planted_email(emails) {
            return rare;
        }
        let told = |text: String, mess: &[Mess]| Told::messy("email", Cell::Text(text), first, mess);
        match self.wheel(Column::Email).pick(&RATES) {
            1 => {
                let (local, domain) = first.split_once('@').unwrap_or((first, ""));
                let text = if self.draw.chance(300) {
                    first.to_uppercase()
                } else {
                    format!("{}{}@{domain}", local[..1].to_uppercase(), &local[1..])
                };
                told(text, &[Case])
            }
            2 => told(format!(" {first} "), &[Spaces]),
            3 => told(format!("mailto:{first}"), &[Mailto]),
            4 => told(format!("{first}{}", self.draw.pick(&[".", ";", ","])), &[TrailingDot]),
            5 if emails.len() > 1 => {
                let gap = self.draw.pick(&["; ", ";", ", ", " / ", " | ", " or ", "\n", " "]);
                let mut text = emails.join(gap);
                if emails.len() > 2 {
                    text = format!("{}; {}, {}", emails[0], emails[1], emails[2]);
                }
                let mut mess = vec![Several];
                if text.contains('\n') {
                    mess.push(Mess::LineBreak);
                }
                Told::messy("email", Cell::Text(text), emails.join("; "), &mess)
            }
            6 => told(format!("{owner} <{first}>"), &[DisplayName]),
            7 => {
                let formula = format!("=HYPERLINK(\"mailto:{first}\",\"{first}\")");
                Told::messy("email", Cell::Formula(formula, first.to_owned()), first, &[Hyperlink])
            }
            8 => {
                let (local, domain) = first.split_once('@').unwrap_or((first, ""));
                let text = match self.draw.below(3) {
                    0 => format!("{local}@"),
                    1 => format!("{local}.{domain}"),
                    _ => "no e-mail".to_owned(),
                };
                Told::messy("email", Cell::Text(text), "", &[Unusable])
            }
            9 => Told::messy("email", Cell::Text(self.draw.pick(&PLACEHOLDERS).to_owned()), "", &[Placeholder]),
            _ => Told::plain("email", first),
        }
    }

    /// A role on its own.
    pub fn role(&mut self, person: &Person) -> Told {
        const RATES: [(u64, u64); 4] = [(500, 0), (300, 1), (60, 2), (140, 3)];
        let (proper, aliases) = ROLES[person.role];
        let told = |text: &str, mess: Mess| Told::messy("role", Cell::Text(text.to_owned()), proper, &[mess]);
        match self.wheel(Column::Role).pick(&RATES) {
            0 => Told::plain("role", proper),
            1 => told(self.draw.pick(aliases), Mess::Alias),
            2 => told(&format!("{proper}\u{a0}"), Mess::NoBreakSpace),
            _ => Told::blank(),
        }
    }

    /// The only cell for a person: mostly with the role in brackets, sometimes with a second person.
    ///
    /// A role that is found there is part of the expected value, as `name | role`.
    pub fn person(&mut self, people: &[&Person]) -> Told {
        const RATES: [(u64, u64); 9] =
            [(190, 0), (470, 1), (50, 2), (60, 3), (60, 4), (50, 5), (40, 6), (40, 7), (40, 8)];
        let Some(first) = people.first() else { return self.unreachable("person") };
        if let Some(rare) = self.planted_person(people) {
            return rare;
        }
        let name = first.name();
        let (proper, aliases) = ROLES[first.role];
        let told = |text: String, mess: Mess| Told::messy("person", Cell::Text(text), &name, &[mess]);
        match self.wheel(Column::Person).pick(&RATES) {
            1 => {
                let alias = self.draw.chance(400);
                let role = if alias { self.draw.pick(aliases) } else { proper };
                let mut mess = vec![Mess::RoleInBrackets];
                mess.extend(alias.then_some(Mess::Alias));
                Told::messy("person", Cell::Text(format!("{name} ({role})")), format!("{name} | {proper}"), &mess)
            }
            2 => {
                let text = format!("{} {name}", self.draw.pick(&["Mr", "Ms", "Mrs.", "Dr", "Capt."]));
                told(text, Mess::Title)
            }
            3 => told(name.to_uppercase(), Mess::Case),
            4 => told(format!("{}, {}", first.surname, first.given), Mess::SurnameFirst),
            5 => told(name.replace(' ', "\u{a0}"), Mess::NoBreakSpace),
            6 | 7 if people.len() > 1 => {
                let text = format!("{name}{}{}", self.draw.pick(&[" / ", " & ", " and "]), people[1].name());
                Told::messy("person", Cell::Text(text), format!("{name}; {}", people[1].name()), &[Mess::Several])
            }
            7 => told(name.to_lowercase(), Mess::Case),
            8 => Told::messy("person", Cell::Text(self.draw.pick(&PLACEHOLDERS).to_owned()), "", &[Mess::Placeholder]),
            _ => Told::plain("person", name),
        }
    }

    /// Given name and surname in two cells; now and then both are in the first.
    pub fn names(&mut self, person: &Person) -> [Told; 2] {
        const RATES: [(u64, u64); 5] = [(780, 0), (60, 1), (60, 2), (50, 3), (50, 4)];
        let (given, surname) = (person.given, person.surname);
        let one = |field, text: String, proper: &str, mess| Told::messy(field, Cell::Text(text), proper, &[mess]);
        let both = match self.wheel(Column::Person).pick(&RATES) {
            1 => {
                let name = person.name();
                return [Told::messy("person", Cell::Text(name.clone()), name, &[Mess::WholeName]), Told::blank()];
            }
            2 => (given.to_uppercase(), surname.to_uppercase(), Mess::Case),
            3 => (format!("{given} "), format!(" {surname}"), Mess::Spaces),
            4 => (given.to_lowercase(), surname.to_lowercase(), Mess::Case),
            _ => return [Told::plain("given", given), Told::plain("surname", surname)],
        };
        [one("given", both.0, given, both.2), one("surname", both.1, surname, both.2)]
    }

    fn unreachable(&mut self, field: &'static str) -> Told {
        if self.draw.chance(850) {
            return Told::blank();
        }
        Told::messy(field, Cell::Text(self.draw.pick(&PLACEHOLDERS).to_owned()), "", &[Mess::Placeholder])
    }
}
