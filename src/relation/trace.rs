//! Where values come from: a relation rewritten so that each row also says which cells beneath its values were taken
//! from.
//!
//! Beside a column `c` stands its origins, a column of texts. It is carried along the way of the value: through a
//! filter or a sort with its row, by part through a union, by side through a join, with the winner through a merge,
//! and through an expression with whatever part of it gave the value: the branch that was taken, the first argument
//! that is not null, all arguments of any other function.
//!
//! Two kinds of origins are written. [`counted`] ones name cells of the inputs by ordinal, for one step. [`kept`] ones
//! take over the origins that stand in the inputs, so that they reach over all steps, and name rows by the hidden
//! coordinates that travel with them. What wins is that of the value itself; [`contest`] gives the others.

mod apply;
mod rows;

use std::cell::RefCell;
use std::collections::BTreeSet;

use crate::expr::functions::DAY_OF_NUMBER;
use crate::expr::{Expr, Literal};
use crate::model::{ROW, SOURCE, Type, is_hidden};
use crate::relation::explode::{Explode, Items};
use crate::relation::row_number::numbered;
use crate::relation::written::is_letter;
use crate::relation::{By, Consolidate, Join, Pick, Relation, is_lettered};
use crate::text::placeholder::Placeholders;

/// Stands between two origins of one value.
pub const BETWEEN: &str = "\n";
/// Stands between the parts of one origin.
pub const PART: &str = "\u{1f}";
/// Stands in an origin for the number of the row that it is in.
pub const HERE: &str = "\u{1e}";
/// Ordinals of a scan.
const AT: &str = "_at";

/// The column that holds the origins of `column`.
pub fn origins(column: &str) -> String {
    format!("_of:{column}")
}

/// The column beneath whose ordinal and number an origin of [`counted`] gives.
pub type Beneath = (usize, String);

/// The origins of `columns` alone, row by row, as `N:ORDINAL`: the N-th of the columns beneath that are told, and the
/// ordinal of the row in that input. Cells that are null are told too; whose value was null says nothing.
pub fn counted(relation: &Relation, columns: &BTreeSet<&str>) -> (Relation, Vec<Beneath>) {
    let tracer = Tracer { beneath: RefCell::default(), constant: None };
    let traced = tracer.relation(relation, columns);
    let names: Vec<String> = columns.iter().map(|it| origins(it)).collect();
    let wanted = names.iter().map(String::as_str).collect();
    (traced.prune(&wanted), tracer.beneath.into_inner())
}

/// Reads what [`counted`] wrote: numbers of columns, and ordinals.
pub fn parse_counted(text: &str) -> impl Iterator<Item = (usize, u64)> {
    text.split(BETWEEN).filter_map(|it| {
        let (column, ordinal) = it.split_once(':')?;
        Some((column.parse().ok()?, ordinal.parse().ok()?))
    })
}

/// All columns of a relation and the origins of its visible ones, over inputs that have the same. `constant` says
/// what stands for a value of an output column that no cell gave.
pub fn kept(relation: &Relation, constant: &dyn Fn(&str) -> String) -> Relation {
    let columns = relation.columns().into_iter().filter(|it| !is_hidden(it)).collect();
    Tracer { beneath: RefCell::default(), constant: Some(constant) }.relation(relation, &columns)
}

/// Those who ask for one field of one record, best first.
#[derive(Clone, PartialEq, Debug)]
pub struct Contest {
    /// One row for each row beneath whose key is one of those asked for: `key`, `value`, `origins` (as [`counted`]
    /// writes them) and `0`, `1`, … for what ranks it.
    pub relation: Relation,
    /// What ranks, in words that say what the worse of two lacks.
    pub criteria: Vec<String>,
    /// The columns beneath.
    pub beneath: Vec<Beneath>,
}

/// The column of records that is their key, if a relation consolidates rows.
pub fn record_key(relation: &Relation) -> Option<&str> {
    let consolidate = survivors(relation)?;
    consolidate.picks.iter().find(|(_, pick)| *pick == Pick::Key).map(|(name, _)| name.as_str())
}

/// How a column of records is decided, if a relation consolidates rows.
pub fn pick<'a>(relation: &'a Relation, column: &str) -> Option<&'a Pick> {
    survivors(relation)?.picks.iter().find(|(name, _)| name == column).map(|(_, it)| it)
}

/// Who asks for a field that one row wins, in records with these keys; `None` where no row wins.
pub fn contest(relation: &Relation, column: &str, keys: &[&str]) -> Option<Contest> {
    let consolidate = survivors(relation)?;
    let (beneath, by) = consolidate.decided(pick(relation, column)?)?;
    let tracer = Tracer { beneath: RefCell::default(), constant: None };
    let traced = tracer.relation(&consolidate.from, &BTreeSet::from([beneath]));
    let key = Expr::Cast(Box::new(Expr::column(&consolidate.key)), Type::Text);
    let list = std::iter::once(key.clone()).chain(keys.iter().map(|it| Expr::text(*it)));
    let kept = traced.filter(Expr::call("in", list));
    let mut columns = vec![
        ("key".to_owned(), key),
        ("value".to_owned(), Expr::Cast(Box::new(Expr::column(beneath)), Type::Text)),
        ("origins".to_owned(), Expr::column(origins(beneath))),
    ];
    let rank = by.iter().enumerate();
    columns.extend(rank.map(|(at, by)| (at.to_string(), Expr::Cast(Box::new(by.expr.clone()), Type::Text))));
    let criteria = by.iter().map(|it| lacks(it)).collect();
    let sorted = Relation::Sort { from: Box::new(kept), by: by.into_iter().cloned().collect() };
    let wanted: BTreeSet<String> = columns.iter().map(|(name, _)| name.clone()).collect();
    let wanted = wanted.iter().map(String::as_str).collect();
    let relation = sorted.project(columns).prune(&wanted);
    Some(Contest { relation, criteria, beneath: tracer.beneath.into_inner() })
}

impl Relation {
    /// The same over inputs that stand `by` places later.
    pub fn shifted(&self, by: usize) -> Relation {
        let mut shifted = self.clone();
        shifted.shift(by);
        shifted
    }

    fn shift(&mut self, by: usize) {
        match self {
            Relation::Scan { input, .. } => *input += by,
            Relation::Project { from, .. } | Relation::Filter { from, .. } | Relation::Sort { from, .. } => {
                from.shift(by);
            }
            Relation::Union(parts) => parts.iter_mut().for_each(|it| it.shift(by)),
            Relation::Join(it) => {
                it.left.shift(by);
                it.right.shift(by);
            }
            Relation::Consolidate(it) => it.from.shift(by),
            Relation::Explode(it) => it.from.shift(by),
            Relation::Apply(it) => it.from.iter_mut().for_each(|it| it.shift(by)),
            Relation::Aggregate(it) => it.from.shift(by),
            Relation::Window(it) => it.from.shift(by),
        }
    }

    /// Whether a column is made of `value` as of a placeholder.
    pub fn takes_for_nothing(&self, column: &str, value: &str) -> bool {
        fn listed(expr: &Expr, value: &str) -> bool {
            match expr {
                Expr::Call(name, arguments) => match (name.as_str(), arguments.as_slice()) {
                    ("unless_listed", [_, Expr::Literal(Literal::Text(list))]) => {
                        !Placeholders::new(list.lines()).keep(value)
                    }
                    _ => arguments.iter().any(|it| listed(it, value)),
                },
                Expr::Cast(inner, _) => listed(inner, value),
                Expr::Column(_) | Expr::Literal(_) | Expr::Case(..) => false,
            }
        }
        self.expr_of(column).is_some_and(|it| listed(it, value))
    }
}

/// How rows are brought together, if that is what a relation does.
pub fn survivors(relation: &Relation) -> Option<&Consolidate> {
    match relation {
        Relation::Consolidate(it) => Some(it),
        Relation::Project { from, columns } if is_lettered(columns) => survivors(from),
        _ => None,
    }
}

impl Consolidate {
    /// The column beneath and all that ranks its values, where a field is that of one row.
    fn decided<'a>(&'a self, pick: &'a Pick) -> Option<(&'a str, Vec<&'a By>)> {
        match pick {
            Pick::First { column, prefer } | Pick::Of { column, prefer } => {
                Some((column, prefer.iter().chain(&self.rank).collect()))
            }
            // The value itself decides, and tells why.
            Pick::Least(column) | Pick::Greatest(column) => Some((column, self.rank.iter().collect())),
            _ => None,
        }
    }
}

/// What the worse of two rows lacks, in the words of a merge: its source, what it fills, its date.
fn lacks(by: &By) -> String {
    let mut read = BTreeSet::new();
    by.expr.columns(&mut read);
    match &by.expr {
        _ if read.contains(SOURCE) && by.descending => "its source has a lower priority".to_owned(),
        _ if read.contains(SOURCE) => "another source is preferred for this field".to_owned(),
        Expr::Column(name) => format!("its `{name}` is earlier or missing"),
        _ if by.descending => "its row fills fewer of the columns that count".to_owned(),
        _ => "its row does not have what is looked for first".to_owned(),
    }
}

struct Tracer<'a> {
    /// For counted origins, the columns beneath that were met.
    beneath: RefCell<Vec<Beneath>>,
    /// For kept origins, what stands for a constant.
    constant: Option<&'a dyn Fn(&str) -> String>,
}

impl Tracer<'_> {
    /// The same rows with all columns and the origins of `wanted`, which are columns.
    fn relation(&self, relation: &Relation, wanted: &BTreeSet<&str>) -> Relation {
        match relation {
            Relation::Scan { input, columns } => self.scan(*input, columns, wanted),
            Relation::Project { from, columns } => {
                let traced = columns.iter().filter(|(name, _)| wanted.contains(name.as_str()));
                let told = traced.clone().map(|(name, expr)| (origins(name), self.origin(name, expr)));
                let told: Vec<_> = told.collect();
                let mut read = BTreeSet::new();
                traced.for_each(|(_, expr)| expr.columns(&mut read));
                // What only decides which value it is has no part in it.
                let mut asked = BTreeSet::new();
                told.iter().for_each(|(_, expr)| expr.columns(&mut asked));
                read.retain(|it| asked.contains(origins(it).as_str()));
                self.relation(from, &read).project(columns.iter().cloned().chain(told).collect())
            }
            Relation::Filter { from, keep } => self.relation(from, wanted).filter(keep.clone()),
            Relation::Sort { from, by } => {
                Relation::Sort { from: Box::new(self.relation(from, wanted)), by: by.clone() }
            }
            Relation::Union(parts) => Relation::Union(parts.iter().map(|it| self.relation(it, wanted)).collect()),
            Relation::Join(it) => self.join(it, wanted),
            Relation::Consolidate(it) => self.consolidate(it, wanted),
            Relation::Explode(it) => self.explode(it, wanted),
            Relation::Apply(it) => self.apply(it, wanted),
            Relation::Aggregate(it) => self.aggregate(it, wanted),
            Relation::Window(it) => self.window(it, wanted),
        }
    }

    fn scan(&self, input: usize, columns: &[String], wanted: &BTreeSet<&str>) -> Relation {
        let scan = |columns: Vec<String>| Relation::Scan { input, columns: columns.into() };
        if self.constant.is_some() {
            let kept = wanted.iter().filter(|it| !is_hidden(it)).map(|it| origins(it));
            return nothing(scan(columns.iter().cloned().chain(kept).collect()), wanted);
        }
        let mut beneath = self.beneath.borrow_mut();
        let told = wanted.iter().map(|name| {
            let cell = (input, (*name).to_owned());
            let number = beneath.iter().position(|it| *it == cell).unwrap_or_else(|| {
                beneath.push(cell);
                beneath.len() - 1
            });
            let ordinal = Expr::Cast(Box::new(Expr::column(AT)), Type::Text);
            (origins(name), Expr::call("||", [Expr::text(format!("{number}:")), ordinal]))
        });
        let told: Vec<_> = told.collect();
        let from = scan(columns.to_vec());
        let all = columns.iter().map(|it| (it.clone(), Expr::column(it)));
        numbered(from, AT).project(all.chain(told).collect())
    }

    fn join(&self, join: &Join, wanted: &BTreeSet<&str>) -> Relation {
        let left: BTreeSet<&str> = join.take_left.iter().map(String::as_str).filter(|it| wanted.contains(it)).collect();
        let right = join.take_right.iter().filter(|(_, here)| wanted.contains(here.as_str()));
        let beneath = right.clone().map(|(there, _)| there.as_str()).collect();
        let mut joined = join.clone();
        joined.take_left.extend(left.iter().map(|it| origins(it)));
        joined.take_right.extend(right.map(|(there, here)| (origins(there), origins(here))));
        joined.left = self.relation(&join.left, &left);
        // From here on the coordinates of a row are those of the left.
        joined.right = bound(self.relation(&join.right, &beneath), &beneath, false);
        nothing(Relation::Join(Box::new(joined)), wanted)
    }

    fn consolidate(&self, consolidate: &Consolidate, wanted: &BTreeSet<&str>) -> Relation {
        let picks = consolidate.picks.iter().filter(|(name, _)| wanted.contains(name.as_str()));
        let column = |pick: &Pick| pick.column().unwrap_or(&consolidate.key).to_owned();
        let beneath: BTreeSet<String> = picks.clone().map(|(_, pick)| column(pick)).collect();
        let beneath: BTreeSet<&str> = beneath.iter().map(String::as_str).collect();
        let mut made = consolidate.clone();
        made.from = bound(self.relation(&consolidate.from, &beneath), &beneath, true);
        let (mut others, mut counts) = (Vec::new(), Vec::new());
        for (name, pick) in picks {
            if matches!(pick, Pick::Filled(_) | Pick::Distinct(_)) {
                counts.push(name.as_str());
            }
            let from = origins(&column(pick));
            let first = |prefer: &[By]| Pick::First { column: from.clone(), prefer: prefer.to_vec() };
            let by_value = |descending| vec![By { expr: Expr::column(column(pick)), descending }];
            let told = match pick {
                Pick::Key => first(&[]),
                Pick::First { prefer, .. } | Pick::Position { prefer, .. } => first(prefer),
                Pick::Of { prefer, .. } => Pick::Of { column: from, prefer: prefer.clone() },
                Pick::Least(_) => first(&by_value(false)),
                Pick::Greatest(_) => first(&by_value(true)),
                Pick::All { .. }
                | Pick::Sorted { .. }
                | Pick::Made { .. }
                | Pick::Filled(_)
                | Pick::Distinct(_)
                | Pick::Rows => {
                    Pick::All { column: from, separator: BETWEEN.to_owned(), prefer: pick.prefer().to_vec() }
                }
            };
            if self.constant.is_some() && consolidate.decided(pick).is_some() {
                let filled = format!("_filled:{name}");
                made.picks.push((filled.clone(), Pick::Filled(column(pick))));
                others.push((origins(name), filled));
            }
            made.picks.push((origins(name), told));
        }
        let relation = self.declared(Relation::Consolidate(Box::new(made)), &counts);
        if others.is_empty() {
            return relation;
        }
        // How many rows had a value and lost.
        let columns = relation.columns().into_iter().filter(|it| !others.iter().any(|(_, filled)| filled == it));
        let columns = columns.map(|name| {
            let expr = match others.iter().find(|(told, _)| told == name) {
                None => Expr::column(name),
                Some((_, filled)) => {
                    let count = Expr::call("-", [Expr::column(filled), Expr::integer(1)]);
                    let end = Expr::call("||", [Expr::text(PART), Expr::Cast(Box::new(count), Type::Text)]);
                    Expr::call("each_with", [Expr::column(name), end])
                }
            };
            (name.to_owned(), expr)
        });
        let columns = columns.collect();
        relation.project(columns)
    }

    fn explode(&self, explode: &Explode, wanted: &BTreeSet<&str>) -> Relation {
        let mut made = explode.clone();
        let mut beneath: BTreeSet<&str> =
            explode.keep.iter().map(String::as_str).filter(|it| wanted.contains(it)).collect();
        made.keep.extend(beneath.iter().map(|it| origins(it)));
        let mut whole = Vec::new();
        for (name, items) in explode.lists.iter().filter(|(name, _)| wanted.contains(name.as_str())) {
            items.exprs().iter().for_each(|it| it.columns(&mut beneath));
            match items {
                // An item comes from its own expression, and only an item that is there is a place.
                Items::Each(all) => {
                    let told = all.iter().map(|it| {
                        let there = Expr::call("is not null", [it.clone()]);
                        Expr::Case(vec![(there, self.origin(name, it))], None)
                    });
                    made.lists.push((origins(name), Items::Each(told.collect())));
                    made.take.push(origins(name));
                }
                // All parts of a text come from the text.
                Items::Split { text, .. } => {
                    whole.push((origins(name), self.origin(name, text)));
                    made.keep.push(origins(name));
                }
            }
        }
        let from = self.relation(&explode.from, &beneath);
        let all: Vec<_> = from.columns().into_iter().map(|it| (it.to_owned(), Expr::column(it))).collect();
        let all = all.into_iter().filter(|(name, _)| !whole.iter().any(|(it, _)| it == name));
        made.from = match whole.is_empty() {
            true => from,
            false => {
                let columns = all.chain(whole.clone()).collect();
                from.project(columns)
            }
        };
        let place: Vec<&str> = explode.place.as_deref().filter(|it| wanted.contains(it)).into_iter().collect();
        nothing(self.declared(Relation::Explode(Box::new(made)), &place), wanted)
    }

    /// The same rows, where these columns hold numbers of places or of values: such a number is also there where no cell
    /// gave it, and its place in the pipeline then stands for it.
    fn declared(&self, relation: Relation, counts: &[&str]) -> Relation {
        let counts: Vec<&str> = counts.iter().copied().filter(|it| !is_hidden(it)).collect();
        let Some(constant) = self.constant.filter(|_| !counts.is_empty()) else { return relation };
        let mut all: Vec<(String, Expr)> =
            relation.columns().into_iter().map(|it| (it.to_owned(), Expr::column(it))).collect();
        for name in counts {
            let (told, place) = (origins(name), Expr::text(constant(name)));
            match all.iter_mut().find(|(it, _)| *it == told) {
                Some((_, expr)) => *expr = Expr::call("coalesce", [expr.clone(), place]),
                None => all.push((told, place)),
            }
        }
        relation.project(all)
    }

    /// The origins of what an expression gives.
    fn origin(&self, column: &str, expr: &Expr) -> Expr {
        let value = by_value(expr);
        if is_sure(expr) {
            return value;
        }
        let mut read = BTreeSet::new();
        expr.columns(&mut read);
        read.retain(|it| !is_letter(it));
        let constant = self.constant.map(|it| Expr::text(it(column)));
        let parts = [value, joined(read.into_iter().map(of).collect())].into_iter().chain(constant);
        let parts: Vec<Expr> = parts.filter(|it| *it != none()).collect();
        match parts.len() {
            0 => none(),
            _ => Expr::Call("coalesce".to_owned(), parts),
        }
    }
}

/// Origins with the numbers of their rows put in, if there are any; only those of values that are there, if `guarded`.
fn bound(relation: Relation, columns: &BTreeSet<&str>, guarded: bool) -> Relation {
    let names = relation.columns();
    let placed = names.contains(&ROW);
    // Of several parts of a union some may have no rows of files: theirs are put in already.
    let row = Expr::call("coalesce", [Expr::Cast(Box::new(Expr::column(ROW)), Type::Text), Expr::text("")]);
    let told: BTreeSet<String> = columns.iter().map(|it| origins(it)).collect();
    let each = names.iter().map(|name| {
        let mut expr = Expr::column(*name);
        if told.contains(*name) {
            if placed {
                expr = Expr::call("replace", [expr, Expr::text(HERE), row.clone()]);
            }
            if guarded {
                let value = columns.iter().find(|it| origins(it) == *name).copied().unwrap_or(name);
                expr = Expr::Case(vec![(Expr::call("is not null", [Expr::column(value)]), expr)], None);
            }
        }
        ((*name).to_owned(), expr)
    });
    let columns = each.collect();
    relation.project(columns)
}

/// The rows of a relation with their origins, the numbers of rows put in.
pub fn placed(relation: Relation, columns: &BTreeSet<&str>) -> Relation {
    bound(relation, columns, true)
}

/// No origins for those wanted columns that have none yet.
fn nothing(relation: Relation, wanted: &BTreeSet<&str>) -> Relation {
    let missing: Vec<String> = {
        let names = relation.columns();
        wanted.iter().map(|it| origins(it)).filter(|it| !names.contains(&it.as_str())).collect()
    };
    if missing.is_empty() {
        return relation;
    }
    let all: Vec<_> = relation.columns().into_iter().map(|it| (it.to_owned(), Expr::column(it))).collect();
    let missing = missing.into_iter().map(|it| (it, none()));
    relation.project(all.into_iter().chain(missing).collect())
}

fn none() -> Expr {
    Expr::Cast(Box::new(Expr::null()), Type::Text)
}

fn of(column: &str) -> Expr {
    Expr::column(origins(column))
}

/// The origins of the part of an expression that gave its value; none for a constant.
fn by_value(expr: &Expr) -> Expr {
    match expr {
        // What a cell was says how it is read, and is no value.
        Expr::Column(name) if is_letter(name) => none(),
        Expr::Column(name) => of(name),
        Expr::Literal(_) => none(),
        Expr::Cast(value, _) => by_value(value),
        Expr::Case(branches, otherwise) => {
            let branches: Vec<_> = branches.iter().map(|(when, then)| (when.clone(), by_value(then))).collect();
            let otherwise = otherwise.as_deref().map(by_value);
            if branches.iter().map(|(_, it)| it).chain(&otherwise).all(|it| *it == none()) {
                return none();
            }
            Expr::Case(branches, otherwise.map(Box::new))
        }
        Expr::Call(name, arguments) => match (name.as_str(), arguments.as_slice()) {
            ("coalesce", [rest @ .., last]) => {
                let branches = rest.iter().map(|it| (Expr::call("is not null", [it.clone()]), by_value(it)));
                let branches: Vec<_> = branches.collect();
                match branches.is_empty() {
                    true => by_value(last),
                    false => Expr::Case(branches, Some(Box::new(by_value(last)))),
                }
            }
            ("nullif" | DAY_OF_NUMBER, [value, _]) => by_value(value),
            _ => joined(arguments.iter().map(by_value).collect()),
        },
    }
}

/// All of these origins. Those that are joined already are taken apart: the engine writes out `nullif` twice, so joined
/// ones in each other would double with each.
fn joined(parts: Vec<Expr>) -> Expr {
    let mut distinct: Vec<Expr> = Vec::new();
    for part in parts.into_iter().flat_map(apart) {
        if part != none() && !distinct.contains(&part) {
            distinct.push(part);
        }
    }
    match distinct.len() {
        0 => none(),
        1 => distinct.swap_remove(0),
        _ => {
            distinct.insert(0, Expr::text(BETWEEN));
            Expr::call("nullif", [Expr::Call("concat_ws".to_owned(), distinct), Expr::text("")])
        }
    }
}

fn apart(origins: Expr) -> Vec<Expr> {
    match &origins {
        Expr::Call(nullif, of) if nullif == "nullif" => match of.as_slice() {
            [Expr::Call(concat, parts), _] if concat == "concat_ws" => parts[1..].to_vec(),
            _ => vec![origins],
        },
        _ => vec![origins],
    }
}

/// Whether a value always has an origin by [`by_value`].
fn is_sure(expr: &Expr) -> bool {
    match expr {
        Expr::Column(name) => !is_hidden(name),
        Expr::Literal(it) => *it == Literal::Null,
        Expr::Cast(value, _) => is_sure(value),
        Expr::Case(branches, otherwise) => branches.iter().map(|(_, it)| it).chain(otherwise.as_deref()).all(is_sure),
        Expr::Call(name, arguments) => match name.as_str() {
            "coalesce" => arguments.iter().all(is_sure),
            "nullif" => arguments.first().is_some_and(is_sure),
            // These give something for nothing.
            "and" | "or" | "is null" | "is not null" | "is distinct from" | "in" | "concat_ws" | "mean" | "least"
            | "greatest" | "identifier" => false,
            // All others give null for null.
            _ => arguments.iter().any(is_sure_of_column),
        },
    }
}

/// Whether a value that is needed for the whole is one of a column.
fn is_sure_of_column(expr: &Expr) -> bool {
    is_sure(expr) && by_value(expr) != none()
}
