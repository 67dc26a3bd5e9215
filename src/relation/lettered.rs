//! What cells were, where a step takes the values of a row from several rows or cells: a letter goes with each value, and
//! the rows that come out have letters of their own.
//!
//! A merge takes the letter of the row that won, `coalesce` and `case` that of their branch, an unpivoted or united
//! column that of its cell, and what is one of the values of a group that of the value. What is computed has none.
//!
//! Not here: columns that keep their cells, which need no letter beside the one of their row (`written`).

use std::collections::{BTreeMap, BTreeSet};

use crate::expr::aggregate::Aggregate as Function;
use crate::expr::{Expr, LARGEST};
use crate::model::{KINDS, SOURCE, Schema, Type, is_hidden};
use crate::relation::aggregate::{Aggregate, Call};
use crate::relation::explode::{Explode, Items};
use crate::relation::forms;
use crate::relation::window::{Along, Window};
use crate::relation::written::{ERROR, Known, LETTER, Written, is_error};
use crate::relation::{By, Consolidate, Join, Pick, Relation};

/// The letter of a cell of which nothing is known.
const NOTHING: &str = ".";

/// Stands before the name of a column in that of its values with their letters, each as one text.
const PAIR: &str = "_pair:";

/// Stands before the name of a column in that of its letters where it has a value.
const VALUED: &str = "_valued:";

/// Stands before the name of a column in that of the letters of its errors.
const FAILED: &str = "_failed:";

/// The column that has what was delivered in a column that people corrected. Where both are the same the letter is that
/// of the delivered one: the program of who corrected a row may have saved numbers as texts.
pub fn delivered(column: &str) -> String {
    format!("_delivered:{column}")
}

/// What stands before and behind a value in such a text: less than all that texts hold, so these have the order of the
/// values.
const MARK: &str = "\u{1}";

/// Columns of a table that have letters at most: all of them stand in one expression.
const MOST: usize = 256;

/// A relation with letters beside its columns.
struct Lettered {
    relation: Relation,
    /// The columns that have some, each in a column beside it that is null where the value is, unless that is an error.
    columns: BTreeSet<String>,
}

fn letter(column: &str) -> String {
    format!("{LETTER}{column}")
}

fn pair(column: &str) -> String {
    format!("{PAIR}{column}")
}

fn valued(column: &str) -> String {
    format!("{VALUED}{column}")
}

fn failed(column: &str) -> String {
    format!("{FAILED}{column}")
}

impl Relation {
    /// The same rows with letters of their own in [`KINDS`]; `None` where they keep those that they have, or no column has
    /// any.
    pub fn lettered(&self, schema: &Schema, inputs: &[Known<'_>]) -> Option<Relation> {
        let texts = || schema.visible().filter(|it| it.ty == Type::Text).map(|it| it.name.as_str());
        let is_kept = |it: &str| match self.written(it, inputs) {
            None => false,
            Some(Written::Plain) => true,
            Some(_) => schema.has(KINDS),
        };
        let lost: BTreeSet<&str> = texts().filter(|it| !is_kept(it)).collect();
        if lost.is_empty() || inputs.iter().all(|it| it.written.is_empty() && it.forms.is_none()) {
            return None;
        }
        let Lettered { relation, columns } = self.letters(inputs);
        if !columns.iter().any(|it| lost.contains(it.as_str())) {
            return None;
        }
        let is_plain = |it: &str| self.written(it, inputs) == Some(Written::Plain);
        let known: Vec<&str> = texts().filter(|it| columns.contains(*it) && !is_plain(it)).take(MOST).collect();
        let letters: Vec<String> = known.iter().map(|it| letter(it)).collect();
        let others = || schema.names().filter(|it| *it != KINDS);
        let carried = |it: &str| (it.to_owned(), Expr::column(it));
        let (visible, hidden): (Vec<&str>, Vec<&str>) = others().partition(|it| !is_hidden(it));
        let kinds = (KINDS.to_owned(), joined(&letters));
        let columns = visible.into_iter().map(carried).chain([kinds]).chain(hidden.into_iter().map(carried));
        Some(relation.project(columns.collect()))
    }

    /// The same rows, with the letters of all columns that have some beside them.
    fn letters(&self, inputs: &[Known<'_>]) -> Lettered {
        match self {
            Relation::Scan { input, columns } => self.scanned(columns, &inputs[*input]),
            Relation::Project { from, columns } => from.projected(columns, inputs),
            Relation::Filter { from, keep } => from.letters(inputs).over(|it| it.filter(keep.clone())),
            Relation::Sort { from, by } => {
                from.letters(inputs).over(|it| Relation::Sort { from: Box::new(it), by: by.clone() })
            }
            Relation::Union(parts) => united(parts.iter().map(|it| it.letters(inputs)).collect()),
            Relation::Join(it) => it.lettered(inputs),
            Relation::Consolidate(it) => it.lettered(inputs),
            Relation::Explode(it) => it.lettered(inputs),
            Relation::Window(it) => it.lettered(inputs),
            Relation::Aggregate(it) => it.lettered(inputs),
            Relation::Apply(it) => {
                let mut made = (**it).clone();
                let (Some(first), false) = (made.from.first_mut(), it.keep.is_empty()) else {
                    return Lettered { relation: self.clone(), columns: BTreeSet::new() };
                };
                let Lettered { relation, columns } = first.letters(inputs);
                *first = relation;
                let columns: BTreeSet<String> = it.keep.iter().filter(|it| columns.contains(*it)).cloned().collect();
                made.keep.extend(columns.iter().map(|it| letter(it)));
                Lettered { relation: Relation::Apply(Box::new(made)), columns }
            }
        }
    }

    fn scanned(&self, columns: &[String], known: &Known<'_>) -> Lettered {
        let has = |name: &str| columns.iter().any(|it| it == name);
        let is_known = |it: &str| match known.written.get(it) {
            Some(Written::Plain) => true,
            Some(Written::Cells(_)) => has(KINDS),
            Some(Written::Several(_)) => has(KINDS) && has(SOURCE),
            Some(Written::Beside(_)) | None => false,
        };
        let (rows, forms) = match known.forms {
            Some(it) => {
                let text = |column: &str| Expr::column(column).unless_number(known.written);
                forms::lettered(self.clone(), it, known.sources, text)
            }
            None => (self.clone(), BTreeMap::new()),
        };
        let own = |it: &String| {
            let column = Expr::column(it);
            let letter = is_known(it).then(|| masked(&column, known.written)).flatten();
            match (letter, forms.get(it)) {
                (None, None) => None,
                (Some(letter), None) => Some(letter),
                (None, Some(form)) => Some(filled(&column, or_nothing(form.clone()))),
                (Some(letter), Some(form)) => {
                    let unsaid = Expr::call("=", [letter.clone(), Expr::text(NOTHING)]);
                    Some(Expr::Case(vec![(unsaid, or_nothing(form.clone()))], Some(Box::new(letter))))
                }
            }
        };
        let letters: Vec<(&String, Expr)> = columns.iter().filter_map(|it| Some((it, own(it)?))).collect();
        let lettered = letters.iter().map(|(it, _)| (*it).clone()).collect();
        let letters = letters.into_iter().map(|(it, own)| (letter(it), own));
        let all = columns.iter().map(|it| (it.clone(), Expr::column(it))).chain(letters);
        Lettered { relation: rows.project(all.collect()), columns: lettered }
    }

    fn projected(&self, columns: &[(String, Expr)], inputs: &[Known<'_>]) -> Lettered {
        let Lettered { relation, columns: beneath } = self.letters(inputs);
        let written: BTreeMap<String, Written> =
            beneath.iter().map(|it| (it.clone(), Written::Beside(letter(it)))).collect();
        let mut all = columns.to_vec();
        let mut acc = BTreeSet::new();
        for (name, expr) in columns {
            let own = match expr {
                Expr::Column(it) if beneath.contains(&delivered(it)) => Some(unless_changed(it, &beneath)),
                Expr::Column(it) => beneath.contains(it).then(|| Expr::column(letter(it))),
                _ => masked(expr, &written),
            };
            if let Some(own) = own {
                all.push((letter(name), own));
                acc.insert(name.clone());
            }
        }
        Lettered { relation: relation.project(all), columns: acc }
    }
}

impl Lettered {
    /// The same letters over another relation of the same columns.
    fn over(self, with: impl FnOnce(Relation) -> Relation) -> Lettered {
        Lettered { relation: with(self.relation), columns: self.columns }
    }
}

impl Join {
    fn lettered(&self, inputs: &[Known<'_>]) -> Lettered {
        let (left, right) = (self.left.letters(inputs), self.right.letters(inputs));
        let mut made = self.clone();
        let of_left: Vec<&String> = self.take_left.iter().filter(|it| left.columns.contains(*it)).collect();
        let of_right: Vec<&(String, String)> =
            self.take_right.iter().filter(|(there, _)| right.columns.contains(there)).collect();
        made.take_left.extend(of_left.iter().map(|it| letter(it)));
        made.take_right.extend(of_right.iter().map(|(there, here)| (letter(there), letter(here))));
        let columns = of_left.into_iter().chain(of_right.into_iter().map(|(_, here)| here)).cloned().collect();
        (made.left, made.right) = (left.relation, right.relation);
        Lettered { relation: Relation::Join(Box::new(made)), columns }
    }
}

impl Window {
    fn lettered(&self, inputs: &[Known<'_>]) -> Lettered {
        let Lettered { relation, mut columns } = self.from.letters(inputs);
        let mut made = self.clone();
        let mut pairs = Pairs::default();
        let mut beside = Vec::new();
        for (name, along) in &self.calls {
            let Some(of) = along.call.of.as_ref().filter(|it| columns.contains(*it)) else { continue };
            let Some((named, of)) = pairs.take(name, along.call.function, of) else { continue };
            beside.extend(along.otherwise.iter().filter(|it| !columns.contains(*it)).cloned());
            let otherwise = along.otherwise.as_deref().map(letter);
            let call = Call { of: Some(of), ..along.call.clone() };
            made.calls.push((named, Along { call, otherwise, ..along.clone() }));
        }
        columns.extend(pairs.letters());
        made.from = pairs.beneath(known_as_nothing(relation, beside));
        Lettered { relation: pairs.above(Relation::Window(Box::new(made))), columns }
    }
}

impl Aggregate {
    fn lettered(&self, inputs: &[Known<'_>]) -> Lettered {
        let Lettered { relation, columns } = self.from.letters(inputs);
        let mut made = self.clone();
        let mut pairs = Pairs::default();
        for (name, call) in &self.calls {
            let Some(of) = call.of.as_ref().filter(|it| columns.contains(*it)) else { continue };
            let Some((named, of)) = pairs.take(name, call.function, of) else { continue };
            made.calls.push((named, Call { of: Some(of), ..call.clone() }));
        }
        let mut acc: BTreeSet<String> = pairs.letters().collect();
        for name in self.keys.iter().filter(|it| columns.contains(*it)) {
            made.calls.push((letter(name), Call::of(Function::Min, &letter(name))));
            acc.insert(name.clone());
        }
        made.from = pairs.beneath(relation);
        Lettered { relation: pairs.above(Relation::Aggregate(Box::new(made))), columns: acc }
    }
}

/// Columns that a call over several rows takes whole values of.
#[derive(Default)]
struct Pairs {
    /// Output columns whose row is known by its place, with the column beneath: the same call over letters gives the
    /// letter, where these are null as the values are.
    placed: BTreeMap<String, String>,
    /// Output columns that are chosen by what they hold, with the column beneath: the same call over values and letters
    /// in one gives both.
    chosen: BTreeMap<String, String>,
}

impl Pairs {
    /// The name of the call that gives the letter of an output column, and the column that it is over.
    fn take(&mut self, name: &str, function: Function, of: &str) -> Option<(String, String)> {
        match function {
            Function::First | Function::Last | Function::Lag | Function::Lead => {
                self.placed.insert(name.to_owned(), of.to_owned());
                Some((letter(name), valued(of)))
            }
            Function::Min | Function::Max | Function::MostCommon => {
                self.chosen.insert(name.to_owned(), of.to_owned());
                Some((pair(name), pair(of)))
            }
            _ => None,
        }
    }

    /// The output columns that have letters.
    fn letters(&self) -> impl Iterator<Item = String> {
        self.placed.keys().chain(self.chosen.keys()).cloned()
    }

    /// The rows beneath, with values and letters in one beside them.
    fn beneath(&self, relation: Relation) -> Relation {
        let columns: BTreeSet<&String> = self.chosen.values().collect();
        let both = |it: &&String| {
            let parts = [Expr::text(MARK), Expr::column(*it), Expr::text(MARK), Expr::column(letter(it))];
            let joined = parts.into_iter().reduce(|first, second| Expr::call("||", [first, second]));
            (pair(it), joined.unwrap_or_else(Expr::null))
        };
        let placed: BTreeSet<&String> = self.placed.values().collect();
        let own = placed.into_iter().map(|it| where_valued(it));
        beside(relation, columns.iter().map(both).chain(own).collect())
    }

    /// The rows above, with letters in their place. Where the most common value was one thing here and another there,
    /// nothing is known of it.
    fn above(&self, relation: Relation) -> Relation {
        let own = |name: &String| {
            let marked = Expr::call("||", [Expr::text(MARK), Expr::column(name)]);
            let marked = Expr::call("||", [marked, Expr::text(MARK)]);
            let found = Expr::call("split_part", [Expr::column(pair(name)), marked, Expr::integer(2)]);
            let known = Expr::call("||", [Expr::text(NOTHING), found]);
            (letter(name), Expr::call("right", [known, Expr::integer(1)]))
        };
        match self.chosen.is_empty() {
            true => relation,
            false => beside(relation, self.chosen.keys().map(own).collect()),
        }
    }
}

/// The rows, with letters that say nothing for columns of which nothing is known.
fn known_as_nothing(relation: Relation, columns: Vec<String>) -> Relation {
    let own = |name: &String| (letter(name), filled(&Expr::column(name), Expr::text(NOTHING)));
    beside(relation, columns.iter().collect::<BTreeSet<_>>().into_iter().map(own).collect())
}

/// The letters of a column where it has a value.
fn where_valued(column: &str) -> (String, Expr) {
    (valued(column), filled(&Expr::column(column), Expr::column(letter(column))))
}

/// Stand before names of columns that nobody needs above.
const HELPS: [&str; 2] = [PAIR, VALUED];

/// The rows, with more columns beside them, and without what is no longer of use.
fn beside(relation: Relation, more: Vec<(String, Expr)>) -> Relation {
    if more.is_empty() {
        return relation;
    }
    let own = relation.columns().into_iter().filter(|it| !HELPS.iter().any(|help| it.starts_with(help)));
    let own = own.map(|it| (it.to_owned(), Expr::column(it)));
    let all = own.chain(more).collect();
    relation.project(all)
}

impl Consolidate {
    fn lettered(&self, inputs: &[Known<'_>]) -> Lettered {
        let Lettered { relation, columns } = self.from.letters(inputs);
        let mut made = self.clone();
        let mut acc = BTreeSet::new();
        let mut pairs = Pairs::default();
        let mut firsts: BTreeMap<&str, &str> = BTreeMap::new();
        for (name, pick) in &self.picks {
            if *pick == Pick::Key && columns.contains(&self.key) {
                made.picks.push((letter(name), Pick::Least(letter(&self.key))));
                acc.insert(name.clone());
                continue;
            }
            let Some(beneath) = pick.column().filter(|it| columns.contains(*it)) else { continue };
            let column = letter(beneath);
            let by_value = |descending| vec![By { expr: Expr::column(beneath), descending }];
            let own = match pick {
                // These letters are there exactly where the value is, so the same row wins.
                Pick::First { prefer, .. } => {
                    firsts.insert(name, beneath);
                    made.picks.push((failed(name), Pick::Least(failed(beneath))));
                    Pick::First { column: valued(beneath), prefer: prefer.clone() }
                }
                Pick::Of { prefer, .. } => Pick::Of { column, prefer: prefer.clone() },
                Pick::Least(_) => Pick::Of { column, prefer: by_value(false) },
                Pick::Greatest(_) => Pick::Of { column, prefer: by_value(true) },
                Pick::Made { function: function @ Function::MostCommon, .. } => {
                    let Some((named, column)) = pairs.take(name, *function, beneath) else { continue };
                    made.picks.push((named, Pick::Made { column, function: *function }));
                    continue;
                }
                _ => continue,
            };
            made.picks.push((letter(name), own));
            acc.insert(name.clone());
        }
        acc.extend(pairs.letters());
        let columns: BTreeSet<&str> = firsts.values().copied().collect();
        let fails = |it: &str| (failed(it), only_failed(&Expr::column(it), &Expr::column(letter(it))));
        let helps = columns.into_iter().flat_map(|it| [where_valued(it), fails(it)]);
        let beneath = pairs.beneath(relation);
        let own = beneath.columns().into_iter().map(|it| (it.to_owned(), Expr::column(it)));
        let all = own.chain(helps).collect();
        made.from = beneath.project(all);
        let relation = pairs.above(Relation::Consolidate(Box::new(made)));
        // No row had a value, and one had an error in its place: so has the record.
        Lettered { relation: with_failures(relation, firsts.into_keys()), columns: acc }
    }
}

impl Explode {
    fn lettered(&self, inputs: &[Known<'_>]) -> Lettered {
        let Lettered { relation, columns } = self.from.letters(inputs);
        let written: BTreeMap<String, Written> =
            columns.iter().map(|it| (it.clone(), Written::Beside(letter(it)))).collect();
        let mut made = self.clone();
        let mut acc: BTreeSet<String> = self.keep.iter().filter(|it| columns.contains(*it)).cloned().collect();
        made.keep.extend(acc.iter().map(|it| letter(it)));
        for (name, items) in self.lists.iter().filter(|(name, _)| self.take.contains(name)) {
            let Items::Each(all) = items else { continue };
            let letters: Vec<Option<Expr>> = all.iter().map(|it| masked_where_valued(it, &written)).collect();
            if letters.iter().any(Option::is_some) {
                // A place is filled where its value is.
                let unknown = |it: &Expr| filled(it, Expr::text(NOTHING));
                let letters = letters.into_iter().zip(all).map(|(own, it)| own.unwrap_or_else(|| unknown(it)));
                made.lists.push((letter(name), Items::Each(letters.collect())));
                made.take.push(letter(name));
                acc.insert(name.clone());
            }
        }
        made.from = relation;
        Lettered { relation: Relation::Explode(Box::new(made)), columns: acc }
    }
}

/// The parts of a union, each with the letters that any of them has.
fn united(parts: Vec<Lettered>) -> Lettered {
    let columns: BTreeSet<String> = parts.iter().flat_map(|it| it.columns.iter().cloned()).collect();
    let part = |it: Lettered| {
        let own = it.relation.columns().into_iter().filter(|it| !it.starts_with(LETTER));
        let mut all: Vec<(String, Expr)> = own.map(|it| (it.to_owned(), Expr::column(it))).collect();
        all.extend(columns.iter().map(|name| {
            let known = it.columns.contains(name);
            let unknown = || filled(&Expr::column(name), Expr::text(NOTHING));
            (letter(name), if known { Expr::column(letter(name)) } else { unknown() })
        }));
        it.relation.project(all)
    };
    Lettered { relation: Relation::Union(parts.into_iter().map(part).collect()), columns }
}

/// The letter of a value, which is null where the value is, unless that is an error; `None` where nothing is known of it.
fn masked(expr: &Expr, written: &BTreeMap<String, Written>) -> Option<Expr> {
    let all = first_letter(expr, written)?;
    let letter = Expr::Case(
        vec![(Expr::call("is not null", [expr.clone()]), all.clone()), (is_error(all), Expr::text(ERROR))],
        None,
    );
    if letter.cost() <= LARGEST { Some(letter) } else { masked_where_valued(expr, written) }
}

/// The letter of a value, which is null where the value is.
fn masked_where_valued(expr: &Expr, written: &BTreeMap<String, Written>) -> Option<Expr> {
    let letter = filled(expr, first_letter(expr, written)?);
    (letter.cost() <= LARGEST).then_some(letter)
}

/// The letter of a value, and [`NOTHING`] where the letters of a row end.
fn first_letter(expr: &Expr, written: &BTreeMap<String, Written>) -> Option<Expr> {
    let kind = expr.kind(written)?;
    let known = Expr::call("||", [Expr::call("coalesce", [kind, Expr::text("")]), Expr::text(NOTHING)]);
    Some(Expr::call("substr", [known, Expr::integer(1), Expr::integer(1)]))
}

/// The letter of what was delivered in a column, where nobody changed it.
fn unless_changed(column: &str, lettered: &BTreeSet<String>) -> Expr {
    let pair = [column.to_owned(), delivered(column)].map(Expr::column);
    let none = Expr::call("and", pair.clone().map(|it| Expr::call("is null", [it])));
    let same = Expr::call("or", [none, Expr::call("=", pair)]);
    let sent = match lettered.contains(column) {
        true => Expr::column(letter(column)),
        false => filled(&Expr::column(column), Expr::text(NOTHING)),
    };
    Expr::Case(vec![(same, Expr::column(letter(&delivered(column))))], Some(Box::new(sent)))
}

/// The letter of an error, where it stands in the place of a value.
fn only_failed(value: &Expr, letter: &Expr) -> Expr {
    let failed = Expr::call("and", [Expr::call("is null", [value.clone()]), is_error(letter.clone())]);
    Expr::Case(vec![(failed, Expr::text(ERROR))], None)
}

/// Records whose letters are those of errors where no row had a value.
fn with_failures<'a>(relation: Relation, columns: impl Iterator<Item = &'a str>) -> Relation {
    let columns: BTreeSet<String> = columns.map(letter).collect();
    if columns.is_empty() {
        return relation;
    }
    let own = |name: &str| {
        let known = Expr::column(name);
        let of = name.strip_prefix(LETTER).filter(|_| columns.contains(name));
        (name.to_owned(), of.map_or(known.clone(), |of| Expr::call("coalesce", [known, Expr::column(failed(of))])))
    };
    let all = relation.columns().into_iter().filter(|it| !it.starts_with(FAILED)).map(own).collect();
    relation.project(all)
}

/// A letter, and [`NOTHING`] where there is none.
fn or_nothing(letter: Expr) -> Expr {
    Expr::call("coalesce", [letter, Expr::text(NOTHING)])
}

fn filled(value: &Expr, letter: Expr) -> Expr {
    Expr::Case(vec![(Expr::call("is not null", [value.clone()]), letter)], None)
}

/// The letters of a row as one text, joined in halves: a long chain is deep.
fn joined(letters: &[String]) -> Expr {
    match letters {
        [] => Expr::text(""),
        [one] => Expr::call("coalesce", [Expr::column(one), Expr::text(NOTHING)]),
        _ => {
            let (first, second) = letters.split_at(letters.len() / 2);
            Expr::call("||", [joined(first), joined(second)])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::parse::parse;
    use crate::model::Column;

    fn schema(names: &[&str]) -> Schema {
        names.iter().map(|it| Column::new(*it, Type::Text)).collect()
    }

    #[test]
    fn letters_are_written_down_where_rows_do_not_keep_them() {
        let written = BTreeMap::from([("a", 0), ("b", 1)].map(|(it, place)| (it.to_owned(), Written::Cells(place))));
        let sources = BTreeMap::from([("s".to_owned(), 0)]);
        let inputs = [Known { written: &written, sources: &sources, forms: None }];
        let beneath = schema(&["k", "a", "b", KINDS, SOURCE]);
        let scan = || Relation::scan(0, &beneath);
        let project = |expr: &str| {
            let column = ("c".to_owned(), parse(expr).expect(expr));
            let kept = [KINDS, SOURCE].map(|it| (it.to_owned(), Expr::column(it)));
            scan().project([column].into_iter().chain(kept).collect())
        };
        let merge = |pick: Pick| {
            let picks = vec![("k".to_owned(), Pick::Key), ("c".to_owned(), pick)];
            let (from, key, rank) = (scan(), "k".to_owned(), Vec::new());
            Relation::Consolidate(Box::new(Consolidate { from, key, rank, picks }))
        };
        let first = || Pick::First { column: "a".to_owned(), prefer: Vec::new() };
        let check = |relation: Relation, expected: bool| {
            let schema = relation.schema(&[&beneath]).expect("a schema");
            let made = relation.lettered(&schema, &inputs);
            assert_eq!(made.is_some(), expected, "{relation:?}");
            let Some(made) = made else { return };
            let schema = made.schema(&[&beneath]).expect("a schema");
            assert!(schema.has(KINDS), "{made:?}");
            assert_eq!(made.written("c", &inputs), Some(Written::Cells(0)), "{made:?}");
            assert_eq!(made.lettered(&schema, &inputs), None, "{made:?}");
        };
        check(scan(), false);
        check(scan().filter(parse("a = 'x'").expect("a condition")), false);
        check(project("a"), false);
        check(project("upper(a)"), false);
        check(project("coalesce(a, b)"), true);
        check(project("case when k = 'x' then a else k end"), true);
        check(merge(first()), true);
        check(merge(Pick::Greatest("b".to_owned())), true);
        check(merge(Pick::Distinct("b".to_owned())), false);
        check(Relation::Union(vec![project("a"), project("b")]), true);
        let items = |all: &[&str]| Items::Each(all.iter().map(|it| Expr::column(*it)).collect());
        let unpivot = |all: &[&str]| {
            let (lists, take) = (vec![("c".to_owned(), items(all))], vec!["c".to_owned()]);
            let keep = vec![KINDS.to_owned()];
            Relation::Explode(Box::new(Explode { from: scan(), lists, keep, take, place: None, outer: false }))
        };
        check(unpivot(&["a", "b"]), true);
        check(unpivot(&["k"]), false);
    }
}
