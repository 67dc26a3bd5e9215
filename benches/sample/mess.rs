//! How values get messy, each kind at its own rate: provinces, categories, dates, websites and marks.
//!
//! Contact details are in `contact`, names of organisations in `spelling`. Rates are weights; where they do not sum
//! to a thousand, only their proportions count.

use jiff::civil::Date;

use crate::cell::{Cell, Mess, Told, date_text};
use crate::draw::{Draw, Wheel};
use crate::words::{CATEGORIES, CATEGORY_ALIASES, NO_PROVINCE, PLACEHOLDERS, PROVINCE_ALIASES, PROVINCES};
use crate::world::World;

/// Chance for one sheet: the details from a stream, the kinds from wheels.
#[derive(Debug)]
pub struct Mixer {
    /// For details.
    pub draw: Draw,
    /// For rarer mess, where it is planted.
    pub(crate) rare: Option<Draw>,
    wheels: Vec<Wheel>,
}

/// What a wheel is for.
#[derive(Debug, Clone, Copy)]
pub enum Column {
    /// Provinces and areas.
    Province,
    /// Numbers.
    Phone,
    /// E-mail addresses.
    Email,
    /// Websites.
    Website,
    /// Dates.
    Date,
    /// Categories and types.
    Category,
    /// Licences and standings.
    Status,
    /// Names of people.
    Person,
    /// Roles of people.
    Role,
    /// Names of organisations.
    Name,
    /// Identifiers.
    Id,
    /// Which rows stand between the records.
    Row,
}

impl Mixer {
    /// The chance of one sheet.
    pub fn new(world: &World, sheet: u64) -> Self {
        let mut draw = Draw::new(world.seed, &[200, sheet]);
        let wheels = (0..12).map(|it| Wheel::new(&mut draw, it)).collect();
        let rare = world.planted.then(|| Draw::new(world.seed, &[220, sheet]));
        Mixer { draw, rare, wheels }
    }

    /// The wheel of a column.
    pub fn wheel(&mut self, column: Column) -> &mut Wheel {
        &mut self.wheels[column as usize]
    }

    /// The name of an organisation: some are worked out by a formula.
    pub fn name(&mut self, spelling: (String, Vec<Mess>)) -> Told {
        let (text, mut mess) = spelling;
        let expected = tidy(&text);
        let steady = !mess.iter().any(|it| [Mess::Spaces, Mess::NoBreakSpace].contains(it));
        if steady && self.wheel(Column::Name).chance(30) {
            mess.push(Mess::Formula);
            let formula = format!("=\"{}\"&\"\"", text.replace('"', "\"\""));
            return Told::messy("name", Cell::Formula(formula, text), expected, &mess);
        }
        Told::messy("name", Cell::Text(text), expected, &mess)
    }

    /// A placeholder, a blank, or an error: what stands where nothing is known.
    fn nothing(&mut self, field: &'static str) -> Told {
        let kind = self.draw.below(10);
        match kind {
            0..5 => Told::blank(),
            5..8 => {
                let text = self.draw.pick(&PLACEHOLDERS).to_owned();
                Told::messy(field, Cell::Text(text), "", &[Mess::Placeholder])
            }
            8 => Told::messy(
                field,
                Cell::Formula("=VLOOKUP(0,$Z:$Z,1,FALSE)".into(), "#N/A".into()),
                "",
                &[Mess::ErrorCell],
            ),
            _ => {
                Told::messy(field, Cell::Formula("=IF(1=1,\"\",\"\")".into(), String::new()), "", &[Mess::FormulaEmpty])
            }
        }
    }

    /// A province.
    pub fn province(&mut self, field: &'static str, province: usize) -> Told {
        const RATES: [(u64, u64); 9] =
            [(430, 0), (200, 1), (70, 2), (50, 3), (40, 4), (25, 5), (30, 6), (60, 7), (95, 8)];
        let proper = PROVINCES[province];
        if let Some(rare) = self.planted_province(field, proper) {
            return rare;
        }
        let told = |text: &str, mess: Mess| Told::messy(field, Cell::Text(text.to_owned()), proper, &[mess]);
        match self.wheel(Column::Province).pick(&RATES) {
            0 => Told::plain(field, proper),
            1 => told(self.draw.pick(PROVINCE_ALIASES[province]), Mess::Alias),
            2 => told(&self.other_case(proper), Mess::Case),
            3 => told(&format!(" {} ", proper.replace(' ', "  ")), Mess::Spaces),
            4 => told(&format!("{proper}\u{a0}"), Mess::NoBreakSpace),
            5 => {
                let other = PROVINCES[(province + 1 + self.draw.below(8)) % 9];
                Told::messy(field, Cell::Text(other.to_owned()), other, &[Mess::Wrong])
            }
            6 => Told::messy(field, Cell::Text(self.draw.pick(&NO_PROVINCE).to_owned()), "", &[Mess::UnknownText]),
            7 => Told::messy(field, Cell::Text(self.draw.pick(&PLACEHOLDERS).to_owned()), "", &[Mess::Placeholder]),
            _ => self.nothing(field),
        }
    }

    /// A category.
    pub fn category(&mut self, field: &'static str, category: usize) -> Told {
        const RATES: [(u64, u64); 6] = [(480, 0), (270, 1), (80, 2), (40, 3), (40, 4), (90, 5)];
        let proper = CATEGORIES[category];
        let told = |text: &str, mess: Mess| Told::messy(field, Cell::Text(text.to_owned()), proper, &[mess]);
        match self.wheel(Column::Category).pick(&RATES) {
            0 => Told::plain(field, proper),
            1 => told(self.draw.pick(CATEGORY_ALIASES[category]), Mess::Alias),
            2 => told(&self.other_case(proper), Mess::Case),
            3 => told(&format!("{proper} "), Mess::Spaces),
            4 => {
                let text = format!("=TRIM(\"{proper} \")");
                Told::messy(field, Cell::Formula(text, proper.to_owned()), proper, &[Mess::Formula])
            }
            _ => self.nothing(field),
        }
    }

    /// An entry of a short list, such as a licence; `aliases` are other words for this very entry.
    pub fn status(&mut self, field: &'static str, proper: &str, aliases: &[&str]) -> Told {
        const RATES: [(u64, u64); 5] = [(600, 0), (140, 1), (120, 2), (100, 3), (40, 4)];
        if let Some(rare) = self.planted_status(field, proper) {
            return rare;
        }
        let told = |text: &str, mess: Mess| Told::messy(field, Cell::Text(text.to_owned()), proper, &[mess]);
        match self.wheel(Column::Status).pick(&RATES) {
            1 => told(&self.other_case(proper), Mess::Case),
            2 => told(&format!(" {proper} "), Mess::Spaces),
            3 if !aliases.is_empty() => told(self.draw.pick(aliases), Mess::Alias),
            4 => self.nothing(field),
            _ => Told::plain(field, proper),
        }
    }

    /// A date, by day-first habit.
    pub fn date(&mut self, field: &'static str, date: Date) -> Told {
        const RATES: [(u64, u64); 10] =
            [(330, 0), (80, 1), (130, 2), (150, 3), (70, 4), (70, 5), (50, 6), (20, 7), (30, 8), (70, 9)];
        if let Some(rare) = self.planted_date(field, date) {
            return rare;
        }
        let iso = date.to_string();
        let told = |format: &str, mess: Mess| Told::messy(field, Cell::Text(date_text(date, format)), &iso, &[mess]);
        match self.wheel(Column::Date).pick(&RATES) {
            0 => Told::messy(field, Cell::Date(date, "dd/mm/yyyy"), iso, &[Mess::DateCell]),
            1 => Told::messy(field, Cell::Date(date, "yyyy-mm-dd hh:mm"), iso, &[Mess::DateTimeCell]),
            2 => told("yyyy-mm-dd", Mess::DateIso),
            3 => told("dd/mm/yyyy", Mess::DateSlash),
            4 => told("dd.mm.yyyy", Mess::DateDots),
            5 => told("dd-mm-yy", Mess::DateShortYear),
            6 => told("dd mmmm yyyy", Mess::DateWords),
            7 => {
                let first = date.first_of_month().to_string();
                Told::messy(field, Cell::Text(date_text(date, "mmmm yyyy")), first, &[Mess::DateMonth])
            }
            8 => {
                let text = self.draw.pick(&["next week", "Q3 2025", "yesterday", "after the airshow"]).to_owned();
                Told::messy(field, Cell::Text(text), "", &[Mess::Unusable])
            }
            _ => self.nothing(field),
        }
    }

    /// A website; nothing stands for none.
    pub fn website(&mut self, website: Option<&str>) -> Told {
        const RATES: [(u64, u64); 11] =
            [(170, 0), (150, 1), (150, 2), (120, 3), (70, 4), (70, 5), (50, 6), (50, 7), (60, 8), (40, 9), (70, 10)];
        use Mess::{Case, Hyperlink, NoBreakSpace, Unusable, WebQuery, WebScheme, WebSlash, WebWww};
        let Some(proper) = website else { return self.nothing("website") };
        let bare = proper.trim_start_matches("https://");
        let told = |text: String, mess: &[Mess]| Told::messy("website", Cell::Text(text), proper, mess);
        match self.wheel(Column::Website).pick(&RATES) {
            0 => Told::plain("website", proper),
            1 => told(format!("http://www.{bare}/"), &[WebScheme, WebWww, WebSlash]),
            2 => told(format!("www.{bare}"), &[WebScheme, WebWww]),
            3 => told(bare.to_owned(), &[WebScheme]),
            // The path after a shared host keeps its case, so only hosts are written in capitals.
            4 if !bare.contains('/') => told(format!("HTTP://WWW.{}", bare.to_uppercase()), &[WebScheme, WebWww, Case]),
            5 => told(format!("https://{bare}/?utm_source=register"), &[WebSlash, WebQuery]),
            6 => told(format!("https://www.{bare}/#contact"), &[WebWww, WebSlash, WebQuery]),
            7 => told(format!("\u{a0}{bare}/ "), &[WebScheme, WebSlash, NoBreakSpace]),
            8 => {
                let formula = format!("=HYPERLINK(\"http://{bare}\",\"www.{bare}\")");
                let cell = Cell::Formula(formula, format!("www.{bare}"));
                Told::messy("website", cell, proper, &[Hyperlink, WebScheme, WebWww])
            }
            9 => {
                let text =
                    self.draw.pick(&["no website", "under construction", "on the social page", "old one is down"]);
                Told::messy("website", Cell::Text(text.to_owned()), "", &[Unusable])
            }
            _ => self.nothing("website"),
        }
    }

    /// A note, which is mostly not there.
    pub fn note(&mut self, text: &'static str) -> Told {
        let mut mess = Vec::new();
        if text.contains('\n') {
            mess.push(Mess::LineBreak);
        }
        if text.starts_with(['=', '+', '-', '@']) {
            mess.push(Mess::FormulaLike);
        }
        Told::messy("notes", Cell::Text(text.to_owned()), text, &mess)
    }

    fn other_case(&mut self, text: &str) -> String {
        if self.draw.chance(500) { text.to_uppercase() } else { text.to_lowercase() }
    }
}

/// Without spaces at the ends, and with one ordinary space for any run inside.
pub fn tidy(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
