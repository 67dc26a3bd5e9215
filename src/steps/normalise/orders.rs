//! One order of day and month, one decimal sign, and codes or names, for a whole column.
//!
//! `05/02/2025` and `1.234` can be read in two ways, and a column is written in one of them. What the step declares for
//! a column decides; else the values of the column, where exactly one way fits all of them that fit only one; else what
//! is usual, by `[normal]`. The values of each source are asked apart, so that two deliveries in one table are read
//! right, and all of its rows are asked, so that no value is read otherwise than its neighbour.
//!
//! Not here: what a text says (`text::date`, `text::number`), how dates and numbers are read once it is known.

use crate::expr::Expr;
use crate::profile::DateOrder;
use crate::relation::forms::{Question, is_of};
use crate::steps::{DATE_ORDER, DECIMAL_SIGN, Notice};

/// What can be written in two ways.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Writing {
    /// The parts of a date: whether the day comes first, or what else may.
    Order(DateOrder),
    /// The sign before decimals.
    Sign,
    /// Countries and languages by their code or by their name: among codes, `NA` and `NO` are some.
    Codes,
}

impl Writing {
    /// Both ways, as value functions are told.
    pub(super) fn ways(self) -> [&'static str; 2] {
        match self {
            Writing::Order(other) => [DateOrder::DayFirst.word(), other.word()],
            Writing::Sign => [".", ","],
            Writing::Codes => ["names", CODES],
        }
    }
}

/// What value functions are told where nothing says how a column is written.
const UNSAID: &str = "unsaid";

/// What a column of codes alone is called.
pub(super) const CODES: &str = "codes";

/// A column of which nobody declares how it is written.
#[derive(Clone, Debug)]
pub(super) struct Open {
    /// The column.
    pub(super) column: String,
    /// Its values as text.
    pub(super) text: Expr,
    /// What it holds.
    pub(super) writing: Writing,
    /// What is usual: the place in [`Writing::ways`]. Without it nothing is read that is another value each way.
    pub(super) usual: Option<usize>,
    /// Whether somebody said so.
    pub(super) is_said: bool,
    /// Words for money, one a line.
    pub(super) money: String,
}

impl Open {
    /// Which ways a text can have.
    fn ways_of(&self) -> Expr {
        match self.writing {
            Writing::Order(DateOrder::YearFirst) => self.day_or_year(),
            Writing::Order(_) => Expr::call("date_order", [self.text.clone()]),
            Writing::Sign => Expr::call("decimal_sign", [self.text.clone(), Expr::text(&self.money)]),
            Writing::Codes => {
                let [names, codes] = self.writing.ways();
                let length = Expr::call("length", [Expr::call("trim", [self.text.clone()])]);
                let is_code = Expr::call("=", [length, Expr::integer(2)]);
                let there = Expr::call("is not null", [self.text.clone()]);
                Expr::Case(vec![(is_code, Expr::text(codes)), (there, Expr::text(names))], None)
            }
        }
    }

    /// Whether the day comes first or the year, as `date_order` tells day and month apart.
    fn day_or_year(&self) -> Expr {
        let ways = self.writing.ways();
        let [day, year] = ways.map(|it| Expr::call("date", [self.text.clone(), Expr::text(it)]));
        let none = |it: &Expr| Expr::call("is null", [it.clone()]);
        let neither = Expr::call("and", [none(&day), none(&year)]);
        let [is_year, is_day] = [none(&day), none(&year)];
        let other = Expr::call("<>", [day, year]);
        let branches = [(neither, Expr::null()), (is_year, Expr::text(ways[1])), (is_day, Expr::text(ways[0]))];
        Expr::Case(branches.into_iter().chain([(other, Expr::text("either"))]).collect(), None)
    }

    /// What all of its values are asked.
    pub(super) fn question(&self) -> Question {
        Question { name: self.column.clone(), says: self.ways_of(), ways: self.writing.ways() }
    }

    /// How the values of a row are written, for value functions.
    pub(super) fn way(&self, sources: &[Option<&str>]) -> Expr {
        let usual = Expr::text(self.usual.map_or(UNSAID, |it| self.writing.ways()[it]));
        self.question().decided(sources, self.usual, &usual)
    }

    /// What a build counts and tells of it.
    pub(super) fn told(&self, sources: &[Option<&str>]) -> Vec<Notice> {
        if self.writing == Writing::Codes {
            return Vec::new();
        }
        let [first, second] = self.writing.ways();
        let says = self.ways_of();
        let of = |source: &Option<&str>, what: Expr| match is_of(*source, sources) {
            Some(own) => Expr::call("and", [own, what]),
            None => what,
        };
        let is = |word: &str| Expr::call("=", [says.clone(), Expr::text(word)]);
        let one = |source: &Option<&str>| Notice::Written {
            column: self.column.clone(),
            source: source.map(str::to_owned),
            code: if matches!(self.writing, Writing::Order(_)) { &DATE_ORDER } else { &DECIMAL_SIGN },
            usual: self.usual,
            is_said: self.is_said,
            only: (of(source, Expr::call("in", [says.clone(), Expr::text(first), Expr::text(second)])), is(second)),
            either: of(source, is("either")),
        };
        sources.iter().map(one).chain(sources.iter().filter_map(|it| self.short_years(it, &says, of))).collect()
    }

    /// What is counted of dates that may begin with a year of two digits, where nobody says which order is usual.
    fn short_years(
        &self,
        source: &Option<&str>,
        says: &Expr,
        of: impl Fn(&Option<&str>, Expr) -> Expr,
    ) -> Option<Notice> {
        if self.is_said || self.writing != Writing::Order(DateOrder::MonthFirst) {
            return None;
        }
        let [day, year] = [DateOrder::DayFirst, DateOrder::YearFirst]
            .map(|it| Expr::call("date", [self.text.clone(), Expr::text(it.word())]));
        let is_day = Expr::call("=", [says.clone(), Expr::text(DateOrder::DayFirst.word())]);
        let days = of(source, is_day);
        let (column, source) = (self.column.clone(), source.map(str::to_owned));
        Some(Notice::ShortYears { column, source, years: Expr::call("<>", [day, year]), days })
    }
}
