//! In which form the texts of a column are written, where all of them decide it: `1.234` is one number with a decimal
//! point and another with a comma, and `05/02/2025` one day or another.
//!
//! The values of each source are asked apart. Where values of several columns or sources meet in one column, each takes
//! the form of the column that it comes from along, as a letter beside it (`lettered`), and who reads the column reads
//! each value in its own form.
//!
//! Not here: what a text says (`text::date`, `text::number`), what is usual (`steps::normalise`).

use std::collections::BTreeMap;

use crate::expr::{Expr, Literal};
use crate::model::SOURCE;
use crate::relation::{Consolidate, Join, Pick, Relation};

/// The key of the one row in which the values are counted.
const ALL: &str = "_all";

/// What a letter beside a text says of its form: which ways of writing it stands for.
const LETTERS: [(&str, &str); 4] = [(".", "P"), (",", "C"), ("day_first", "D"), ("month_first", "M")];

/// What all values of a column are asked.
#[derive(Clone, Debug)]
pub struct Question {
    /// What it is called among the questions of a table.
    pub name: String,
    /// Which of the ways a value has: one of them, another word where it fits both, null where it fits none.
    pub says: Expr,
    /// The ways.
    pub ways: [&'static str; 2],
}

impl Question {
    /// What a value says, as a column beneath.
    fn column(&self) -> String {
        format!("_says:{}", self.name)
    }

    /// How many values of a source fit one way only.
    fn only(&self, way: usize, source: usize) -> String {
        format!("_only:{way}:{source}:{}", self.name)
    }

    /// The way of the values of a row, over rows that are [`counted`]: that which some values of their source fit, where
    /// none fits the other only. `usual` is one of the ways, and needs no count; `otherwise` is what is left.
    pub fn decided(&self, sources: &[Option<&str>], usual: Option<usize>, otherwise: &Expr) -> Expr {
        let of_source = |source: usize| {
            let count = |way: usize, operator: &str| {
                let there = Expr::call("coalesce", [Expr::column(self.only(way, source)), Expr::integer(0)]);
                Expr::call(operator, [there, Expr::integer(0)])
            };
            let only = |way: usize| {
                let said = Expr::call("and", [count(way, ">"), count(1 - way, "=")]);
                (said, Expr::text(self.ways[way]))
            };
            let told = [0, 1].into_iter().filter(|it| Some(*it) != usual).map(only).collect();
            Expr::Case(told, Some(Box::new(otherwise.clone())))
        };
        if let [None] = sources {
            return of_source(0);
        }
        let branches = sources.iter().enumerate().filter_map(|(at, it)| Some((is_from((*it)?), of_source(at))));
        let rest = sources.iter().position(Option::is_none).map_or_else(|| otherwise.clone(), of_source);
        Expr::Case(branches.collect(), Some(Box::new(rest)))
    }
}

fn is_from(source: &str) -> Expr {
    Expr::call("=", [Expr::column(SOURCE), Expr::text(source)])
}

/// Whether a row is of a source, of several that are asked apart; beside others `None` stands for the rows that name none of
/// them, as those that were merged of several do. Alone it stands for all rows, without a condition.
pub fn is_of(source: Option<&str>, sources: &[Option<&str>]) -> Option<Expr> {
    let names: Vec<&str> = sources.iter().copied().flatten().collect();
    match source {
        Some(source) => Some(is_from(source)),
        None if names.is_empty() => None,
        None => {
            let listed = names.into_iter().map(Expr::text);
            let known = Expr::call("in", std::iter::once(Expr::column(SOURCE)).chain(listed));
            let known = Expr::call("coalesce", [known, Expr::Literal(Literal::Boolean(false))]);
            Some(Expr::call("not", [known]))
        }
    }
}

/// The rows, each with how many values fit which way only.
pub fn counted(rows: Relation, questions: &[Question], sources: &[Option<&str>]) -> Relation {
    if questions.is_empty() {
        return rows;
    }
    let kept = sources.iter().any(Option::is_some).then(|| (SOURCE.to_owned(), Expr::column(SOURCE)));
    let says = questions.iter().map(|it| (it.column(), it.says.clone()));
    let said = rows.clone().project(kept.into_iter().chain(says).collect());
    let mut flags = vec![(ALL.to_owned(), Expr::integer(1))];
    for it in questions {
        for (source, name) in sources.iter().enumerate() {
            for (way, word) in it.ways.into_iter().enumerate() {
                let fits = Expr::call("=", [Expr::column(it.column()), Expr::text(word)]);
                let counts = match is_of(*name, sources) {
                    Some(own) => Expr::call("and", [own, fits]),
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

/// What the texts of a column may differ in from those that they meet.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Form {
    /// The sign before decimals.
    pub sign: bool,
    /// Whether days or months come first.
    pub order: bool,
}

/// The columns of an input whose values meet others.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Forms {
    /// By column.
    pub columns: BTreeMap<String, Form>,
    /// Words for money, one a line.
    pub money: String,
}

/// The rows of an input from these sources, with what decides the forms of its columns beside them, and for each of these columns the
/// letter of the form of its values, null where it is not known. `text` is what decides in a column.
pub(super) fn lettered(
    rows: Relation,
    forms: &Forms,
    sources: &BTreeMap<String, i64>,
    text: impl Fn(&str) -> Expr,
) -> (Relation, BTreeMap<String, Expr>) {
    let has_source = rows.columns().contains(&SOURCE);
    let names: Vec<Option<&str>> = match sources.len() {
        2.. if has_source => sources.keys().map(|it| Some(it.as_str())).collect(),
        _ => vec![None],
    };
    let (mut questions, mut letters) = (Vec::new(), BTreeMap::new());
    let nothing = Expr::Cast(Box::new(Expr::null()), crate::model::Type::Text);
    for (column, form) in &forms.columns {
        let text = text(column);
        let sign = Expr::call("decimal_sign", [text.clone(), Expr::text(&forms.money)]);
        let mut ask = |name: &str, says: Expr, ways: [&'static str; 2]| {
            let it = Question { name: format!("{name}:{column}"), says, ways };
            let letter = letter_of(it.decided(&names, None, &nothing));
            questions.push(it);
            letter
        };
        let of_sign = form.sign.then(|| ask("sign", sign.clone(), [".", ","]));
        let of_order = form.order.then(|| {
            let order = Expr::call("date_order", [text.clone()]);
            ask("order", order, ["day_first", "month_first"])
        });
        let letter = match (of_sign, of_order) {
            (Some(sign_letter), Some(order)) => {
                let is_number = Expr::call("is not null", [sign]);
                Expr::Case(vec![(is_number, sign_letter)], Some(Box::new(order)))
            }
            (one, other) => one.or(other).unwrap_or_else(|| nothing.clone()),
        };
        letters.insert(column.clone(), letter);
    }
    (counted(rows, &questions, &names), letters)
}

/// The letter of a way.
fn letter_of(way: Expr) -> Expr {
    let branch = |(word, letter): (&str, &str)| (Expr::text(word), Expr::text(letter));
    match way {
        Expr::Case(branches, otherwise) => {
            let branches = branches.into_iter().map(|(when, then)| (when, letter_of(then))).collect();
            Expr::Case(branches, otherwise.map(|it| Box::new(letter_of(*it))))
        }
        other => LETTERS.into_iter().map(branch).find(|(word, _)| *word == other).map_or(other, |(_, letter)| letter),
    }
}

/// For each of two ways, the letter of texts that are known to be written so; nothing where there are no letters of
/// these ways.
pub fn known_letters(ways: [&'static str; 2]) -> Option<[(Expr, &'static str); 2]> {
    let of = |way: &'static str| {
        let (_, letter) = LETTERS.iter().find(|(it, _)| *it == way)?;
        Some((Expr::text(*letter), way))
    };
    Some([of(ways[0])?, of(ways[1])?])
}
