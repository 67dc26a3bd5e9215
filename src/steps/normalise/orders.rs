//! One order of day and month, one decimal sign, and codes or names, for a whole column.
//!
//! `05/02/2025` and `1.234` can be read in two ways, and a column is written in one of them. What the step declares for
//! a column decides; else the values of the column, where exactly one way fits all of them that fit only one; else what
//! is usual, by `[normal]`. The values of each source are asked apart, so that two deliveries in one table are read
//! right, and all of its rows are asked, so that no value is read otherwise than its neighbour.
//!
//! Not here: what a text says (`text::date`, `text::number`), how dates and numbers are read once it is known.

use crate::expr::Expr;
use crate::model::SOURCE;
use crate::profile::DateOrder;
use crate::relation::{Consolidate, Join, Pick, Relation};
use crate::steps::{DATE_ORDER, DECIMAL_SIGN, Notice};

/// The key of the one row in which the values are counted.
const ALL: &str = "_all";

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

    /// What a text of the column says, as a column beneath.
    fn says(&self) -> String {
        format!("_says:{}", self.column)
    }

    /// How many values of a source fit one way only.
    fn only(&self, way: usize, source: usize) -> String {
        format!("_only:{way}:{source}:{}", self.column)
    }

    /// How the values of a row are written, for value functions.
    pub(super) fn way(&self, sources: &[Option<&str>]) -> Expr {
        let ways = self.writing.ways();
        let usual = Expr::text(self.usual.map_or(UNSAID, |it| ways[it]));
        let of_source = |source: usize| {
            let count = |way: usize, operator: &str| {
                let there = Expr::call("coalesce", [Expr::column(self.only(way, source)), Expr::integer(0)]);
                Expr::call(operator, [there, Expr::integer(0)])
            };
            let only = |way: usize| {
                let said = Expr::call("and", [count(way, ">"), count(1 - way, "=")]);
                (said, Expr::text(ways[way]))
            };
            let told = [0, 1].into_iter().filter(|it| Some(*it) != self.usual).map(only).collect();
            Expr::Case(told, Some(Box::new(usual.clone())))
        };
        if let [None] = sources {
            return of_source(0);
        }
        let branches = sources.iter().enumerate().filter_map(|(at, it)| Some((is_from((*it)?), of_source(at))));
        Expr::Case(branches.collect(), Some(Box::new(usual.clone())))
    }

    /// What a build counts and tells of it.
    pub(super) fn told(&self, sources: &[Option<&str>]) -> Vec<Notice> {
        if self.writing == Writing::Codes {
            return Vec::new();
        }
        let [first, second] = self.writing.ways();
        let says = self.ways_of();
        let of = |source: &Option<&str>, what: Expr| match source {
            Some(source) => Expr::call("and", [is_from(source), what]),
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
        sources.iter().map(one).collect()
    }
}

fn is_from(source: &str) -> Expr {
    Expr::call("=", [Expr::column(SOURCE), Expr::text(source)])
}

/// The rows, each with how many values of the open columns fit which way only.
pub(super) fn counted(rows: Relation, open: &[Open], sources: &[Option<&str>]) -> Relation {
    if open.is_empty() {
        return rows;
    }
    let kept = sources.iter().any(Option::is_some).then(|| (SOURCE.to_owned(), Expr::column(SOURCE)));
    let says = open.iter().map(|it| (it.says(), it.ways_of()));
    let said = rows.clone().project(kept.into_iter().chain(says).collect());
    let mut flags = vec![(ALL.to_owned(), Expr::integer(1))];
    for it in open {
        for (source, name) in sources.iter().enumerate() {
            for (way, word) in it.writing.ways().into_iter().enumerate() {
                let fits = Expr::call("=", [Expr::column(it.says()), Expr::text(word)]);
                let counts = match name {
                    Some(name) => Expr::call("and", [is_from(name), fits]),
                    None => fits,
                };
                flags.push((it.only(way, source), Expr::Case(vec![(counts, Expr::integer(1))], None)));
            }
        }
    }
    let counts: Vec<String> = flags.iter().skip(1).map(|(name, _)| name.clone()).collect();
    let picks = counts.iter().map(|it| (it.clone(), Pick::Filled(it.clone()))).collect();
    let right = Consolidate { from: said.project(flags), key: ALL.to_owned(), rank: Vec::new(), picks };
    let take_left = rows.columns().into_iter().map(str::to_owned).collect();
    Relation::Join(Box::new(Join {
        left: rows,
        right: Relation::Consolidate(Box::new(right)),
        on: vec![Vec::new()],
        outer: true,
        take_left,
        take_right: counts.into_iter().map(|it| (it.clone(), it)).collect(),
        matched: None,
    }))
}
