//! How texts are written, where that is known: which of them were numbers or errors in the workbook that they came from.
//!
//! A reader of workbooks writes down which cells of a row are numbers and errors ([`KINDS`]), and that travels with the row. Which
//! letter is that of a column follows from the way of the column: through a map, a filter, a sort or a union it keeps its
//! cell, and what is computed has none; what is taken from several cells has letters of its own (`lettered`). A number is written with a point whatever sign the texts beside it have, and among
//! dates it may be one that has lost its format.
//!
//! Not here: how numbers and dates are read (`text`), how a column of texts is written (`steps::normalise`).

use std::collections::BTreeMap;

use crate::expr::functions::{CELL, DAY_OF_NUMBER, IS_ERROR};
use crate::expr::{Expr, LARGEST, Literal, Mistake};
use crate::model::{KINDS, Named, SOURCE, Type};
use crate::relation::explode::Items;
use crate::relation::forms::{Forms, known_letters};
use crate::relation::{Pick, Relation};

/// How the texts of a column are written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Written {
    /// As numbers with a point: they were made so.
    Plain,
    /// As the cells of a source: the place of their letter in [`KINDS`], counted from 0.
    Cells(usize),
    /// As those of several sources, by name.
    Several(BTreeMap<String, usize>),
    /// As a column of letters beside it says, within one relation.
    Beside(String),
}

/// What is known of an input.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// Of its columns.
    pub written: &'a BTreeMap<String, Written>,
    /// The sources that its rows can come from.
    pub sources: &'a BTreeMap<String, i64>,
    /// Of which columns the values take their forms along, as they meet others.
    pub forms: Option<&'a Forms>,
}

/// Stands before the name of a column in that of its letters.
pub(super) const LETTER: &str = "_letter:";

/// Stands before the name of a derived column in that of its letters.
pub const BESIDE: &str = "_kind:";

/// Whether a column holds letters, which say what cells were.
pub fn is_letter(column: &str) -> bool {
    column == KINDS || column.starts_with(LETTER) || column.starts_with(BESIDE)
}

/// What stands in the place of a letter for a number that was made.
const MADE: &str = "p";

/// The letter of a cell with an error, or with a formula that was never computed.
pub(super) const ERROR: &str = "e";

/// Functions that read otherwise what was a number or an error in its workbook.
const ASKING: [&str; 4] = ["decimal", "integer", "date", IS_ERROR];

/// How a column is written on its way.
enum Way<'a> {
    Plain,
    /// For each source the place, where there is one.
    Cells(BTreeMap<&'a str, Option<usize>>),
}

impl Relation {
    /// How the texts of a column are written, over such inputs.
    pub fn written(&self, column: &str, inputs: &[Known<'_>]) -> Option<Written> {
        let places = match self.way(column, inputs) {
            Way::Plain => return Some(Written::Plain),
            Way::Cells(it) => it,
        };
        let all = places.len();
        let known: BTreeMap<String, usize> =
            places.into_iter().filter_map(|(source, place)| Some((source.to_owned(), place?))).collect();
        match (known.len(), known.values().next()) {
            (count, Some(place)) if count == all && known.values().all(|it| it == place) => {
                Some(Written::Cells(*place))
            }
            (1.., _) => Some(Written::Several(known)),
            _ => None,
        }
    }

    fn way<'a>(&self, column: &str, inputs: &[Known<'a>]) -> Way<'a> {
        match self {
            Relation::Scan { input, .. } => {
                let Known { written, sources, .. } = inputs[*input];
                let place = |source: &str| match written.get(column)? {
                    Written::Plain | Written::Beside(_) => None,
                    Written::Cells(place) => Some(*place),
                    Written::Several(places) => places.get(source).copied(),
                };
                match written.get(column) {
                    Some(Written::Plain) => Way::Plain,
                    _ => Way::Cells(sources.keys().map(|it| (it.as_str(), place(it))).collect()),
                }
            }
            Relation::Project { from, columns } if let Some(place) = place_of(column, columns) => {
                match from.unknown(inputs) {
                    Way::Cells(places) => Way::Cells(places.into_keys().map(|it| (it, Some(place))).collect()),
                    Way::Plain => Way::Plain,
                }
            }
            Relation::Project { from, columns } => match columns.named(column) {
                Some((_, Expr::Column(beneath))) => from.way(beneath, inputs),
                Some((_, expr)) if is_made(expr) => Way::Plain,
                _ => self.unknown(inputs),
            },
            Relation::Filter { from, .. } | Relation::Sort { from, .. } => from.way(column, inputs),
            Relation::Union(parts) => {
                let ways: Vec<Way> = parts.iter().map(|it| it.way(column, inputs)).collect();
                if ways.iter().all(|it| matches!(it, Way::Plain)) {
                    return Way::Plain;
                }
                let mut acc: BTreeMap<&str, Option<usize>> = BTreeMap::new();
                for (part, way) in parts.iter().zip(ways) {
                    let places = match (way, part.unknown(inputs)) {
                        (Way::Cells(places), _) | (Way::Plain, Way::Cells(places)) => places,
                        (Way::Plain, Way::Plain) => continue,
                    };
                    for (source, place) in places {
                        let known = acc.entry(source).or_insert(place);
                        *known = known.filter(|it| Some(*it) == place);
                    }
                }
                Way::Cells(acc)
            }
            Relation::Join(it) if it.take_left.iter().any(|it| it == column) => it.left.way(column, inputs),
            Relation::Consolidate(it) => match it.picks.iter().find(|(name, _)| name == column).map(|(_, it)| it) {
                Some(
                    Pick::First { column, .. } | Pick::Of { column, .. } | Pick::Least(column) | Pick::Greatest(column),
                ) if matches!(it.from.way(column, inputs), Way::Plain) => Way::Plain,
                _ => self.unknown(inputs),
            },
            Relation::Apply(it) => match it.kept(column) {
                Some(from) => from.way(column, inputs),
                None => self.unknown(inputs),
            },
            Relation::Window(it) if !it.makes(column) => it.from.way(column, inputs),
            Relation::Explode(it) if it.keep.iter().any(|it| it == column) => it.from.way(column, inputs),
            // A number is the only item of its cell.
            Relation::Explode(it) => match it.lists.iter().find(|(name, _)| name == column) {
                Some((_, Items::Split { text: Expr::Column(beneath), .. })) => it.from.way(beneath, inputs),
                _ => self.unknown(inputs),
            },
            _ => self.unknown(inputs),
        }
    }

    /// Nothing is known of any row.
    fn unknown<'a>(&self, inputs: &[Known<'a>]) -> Way<'a> {
        let read = self.reads();
        let sources = read.keys().flat_map(|it| inputs[*it].sources.keys());
        Way::Cells(sources.map(|it| (it.as_str(), None)).collect())
    }
}

/// The columns whose letters are written down by these, in the order of their letters; nothing where rows keep those
/// that they have.
pub(super) fn columns_of(columns: &Named<(String, Expr)>) -> Vec<&str> {
    fn gather<'a>(expr: &'a Expr, acc: &mut Vec<&'a str>) {
        match expr {
            Expr::Column(name) => acc.extend(name.strip_prefix(LETTER)),
            Expr::Call(_, arguments) => arguments.iter().for_each(|it| gather(it, acc)),
            _ => (),
        }
    }
    let mut acc = Vec::new();
    columns.named(KINDS).into_iter().for_each(|(_, it)| gather(it, &mut acc));
    acc
}

/// The place of a column among those whose letters are written down beside them.
fn place_of(column: &str, columns: &Named<(String, Expr)>) -> Option<usize> {
    columns_of(columns).iter().position(|it| *it == column)
}

/// Whether an expression gives numbers with a point, as text.
fn is_made(expr: &Expr) -> bool {
    match expr {
        Expr::Call(name, _) => matches!(name.as_str(), "decimal" | "integer"),
        Expr::Cast(value, Type::Text) => matches!(&**value, Expr::Cast(_, ty) if ty.is_number()),
        _ => false,
    }
}

impl Expr {
    /// The same where numbers are read as numbers: `decimal` and `integer` of a number with a point, and `date` of one
    /// as that of a day.
    ///
    /// # Errors
    ///
    /// [`Mistake::TooLarge`]: what asks for the kind of a choice holds what it chooses between a second time.
    pub fn aware(self, written: &BTreeMap<String, Written>) -> Result<Expr, Mistake> {
        let each = |all: Vec<Expr>| all.into_iter().map(|it| it.aware(written)).collect::<Result<Vec<_>, _>>();
        match self {
            _ if self.is_aware() => Ok(self),
            Expr::Column(_) | Expr::Literal(_) => Ok(self),
            Expr::Cast(value, ty) => Ok(Expr::Cast(Box::new(value.aware(written)?.shown(ty)), ty)),
            Expr::Case(branches, otherwise) => {
                let branches = branches.into_iter().map(|(a, b)| Ok((a.aware(written)?, b.aware(written)?)));
                let otherwise = otherwise.map(|it| it.aware(written).map(Box::new)).transpose()?;
                Ok(Expr::Case(branches.collect::<Result<_, _>>()?, otherwise))
            }
            Expr::Call(name, arguments) => {
                let arguments = each(arguments)?;
                let kind = arguments.first().and_then(|it| kind(it, written));
                let made = match (name.as_str(), arguments.as_slice(), kind) {
                    ("decimal" | "integer", [text, sign], Some(kind)) => {
                        let sign = match kind == Expr::text(MADE) {
                            true => Expr::text("."),
                            false => {
                                Expr::Case(vec![(is_number(kind), Expr::text(CELL))], Some(Box::new(sign.clone())))
                            }
                        };
                        Expr::Call(name, vec![text.clone(), sign])
                    }
                    ("date", [text, _], Some(kind)) if kind != Expr::text(MADE) => {
                        let day = Expr::call(DAY_OF_NUMBER, [text.clone(), kind]);
                        Expr::call("coalesce", [Expr::Call(name, arguments), day])
                    }
                    (IS_ERROR, [_], Some(kind)) if kind != Expr::text(MADE) => {
                        Expr::call("or", [Expr::Call(name, arguments), is_error(kind)])
                    }
                    _ => return Ok(Expr::Call(name, arguments)),
                };
                if made.cost() <= LARGEST { Ok(made) } else { Err(Mistake::TooLarge) }
            }
        }
    }

    /// Whether a part of it reads otherwise what was a number or an error in its workbook.
    pub fn asks(&self) -> bool {
        match self {
            Expr::Column(_) | Expr::Literal(_) => false,
            Expr::Cast(value, _) => value.asks(),
            Expr::Call(name, arguments) => ASKING.contains(&name.as_str()) || arguments.iter().any(Expr::asks),
            Expr::Case(branches, otherwise) => {
                branches.iter().any(|(when, then)| when.asks() || then.asks())
                    || otherwise.as_deref().is_some_and(Expr::asks)
            }
        }
    }

    /// Whether it was told already what the cell was.
    fn is_aware(&self) -> bool {
        let Expr::Call(name, arguments) = self else { return false };
        match (name.as_str(), arguments.as_slice()) {
            ("decimal" | "integer", [_, Expr::Case(branches, _)]) => {
                let asks =
                    |it: &Expr| matches!(it, Expr::Call(name, all) if name == "in" && all.contains(&Expr::text("n")));
                branches.first().is_some_and(|(when, _)| asks(when))
            }
            ("coalesce", [_, Expr::Call(name, _)]) => name == DAY_OF_NUMBER,
            ("or", [Expr::Call(name, all), known]) => {
                name == IS_ERROR && all.len() == 1 && matches!(known, Expr::Call(name, _) if name == "coalesce")
            }
            _ => false,
        }
    }

    /// The same where exact decimals are made of it: a number of a workbook has the digits that are shown of it.
    fn shown(self, ty: Type) -> Expr {
        match (self, ty) {
            (Expr::Call(name, mut arguments), Type::Decimal { scale }) if name == "decimal" => {
                // What was made, or stands in JSON, has the digits that it has.
                if let Some(Expr::Case(branches, _)) = arguments.get_mut(1)
                    && let Some((Expr::Call(asked, listed), _)) = branches.first()
                    && let ("in", [kind, first, second, _]) = (asked.as_str(), listed.as_slice())
                    && *first == Expr::text("n")
                {
                    let cell = Expr::call("in", [kind.clone(), first.clone(), second.clone()]);
                    branches.insert(0, (cell, Expr::text(format!("{CELL}{scale}"))));
                }
                Expr::Call(name, arguments)
            }
            (other, _) => other,
        }
    }

    /// Whether it is a call that takes its first text as it is, leaves it out, or takes away what is in no number.
    pub fn keeps_cells(&self) -> bool {
        let Expr::Call(name, arguments) = self else { return false };
        let is_harmless = |it: &Expr| match it {
            Expr::Literal(Literal::Text(it)) => {
                !it.contains(|it: char| it.is_alphanumeric() || "+-.,%'()".contains(it))
            }
            _ => false,
        };
        match name.as_str() {
            "unless_listed" | "clean" | "line" | "trim" | "ltrim" | "rtrim" | "nullif" | "unmarked"
            | "text argument" => true,
            "replace" => arguments.len() == 3 && arguments[1..].iter().all(is_harmless),
            _ => false,
        }
    }

    /// The letter for what the text was; `None` where nothing is known of it.
    pub fn kind(&self, written: &BTreeMap<String, Written>) -> Option<Expr> {
        kind(self, written)
    }

    /// The same text, and null for one that is known to be a number or to be written in one of two ways; and its way, which
    /// is the given one where no letter says it.
    pub fn unless_formed(self, ways: [&'static str; 2], way: Expr, written: &BTreeMap<String, Written>) -> [Expr; 2] {
        let (Some(kind), Some(letters)) = (kind(&self, written), known_letters(ways)) else { return [self, way] };
        let numbers = ["n", "N", MADE].map(Expr::text);
        let all = numbers.into_iter().chain(letters.iter().map(|(it, _)| it.clone()));
        let known = Expr::call("in", std::iter::once(kind.clone()).chain(all));
        let text = Expr::Case(vec![(known, Expr::null())], Some(Box::new(self)));
        let branch = |(letter, way): (Expr, &str)| (Expr::call("=", [kind.clone(), letter]), Expr::text(way));
        [text, Expr::Case(letters.into_iter().map(branch).collect(), Some(Box::new(way)))]
    }

    /// The same text, and null for one that is known to be a number.
    pub fn unless_number(self, written: &BTreeMap<String, Written>) -> Expr {
        match kind(&self, written) {
            Some(kind) => Expr::Case(vec![(is_number(kind), Expr::null())], Some(Box::new(self))),
            None => self,
        }
    }
}

/// Whether the cell was an error; what has no letter was none.
pub fn is_error(kind: Expr) -> Expr {
    let error = Expr::call("=", [kind, Expr::text(ERROR)]);
    Expr::call("coalesce", [error, Expr::Literal(Literal::Boolean(false))])
}

fn is_number(kind: Expr) -> Expr {
    Expr::call("in", [kind, Expr::text("n"), Expr::text("N"), Expr::text(MADE)])
}

/// The letter for what a text was; `None` where nothing is known of it.
fn kind(expr: &Expr, written: &BTreeMap<String, Written>) -> Option<Expr> {
    let letter = |place: &usize| {
        let place = i64::try_from(*place).unwrap_or(i64::MAX - 1) + 1;
        Expr::call("substr", [Expr::column(KINDS), Expr::integer(place), Expr::integer(1)])
    };
    match expr {
        _ if is_made(expr) => Some(Expr::text(MADE)),
        Expr::Column(name) => match written.get(name)? {
            Written::Plain => Some(Expr::text(MADE)),
            Written::Cells(place) => Some(letter(place)),
            Written::Beside(letters) => Some(Expr::column(letters)),
            Written::Several(places) => {
                let from = |source: &String| Expr::call("=", [Expr::column(SOURCE), Expr::text(source)]);
                let branches = places.iter().map(|(source, place)| (from(source), letter(place)));
                Some(Expr::Case(branches.collect(), None))
            }
        },
        Expr::Case(branches, otherwise) => {
            let nothing = || Expr::Cast(Box::new(Expr::null()), Type::Text);
            let of = |it: &Expr| kind(it, written).unwrap_or_else(nothing);
            let known = branches.iter().map(|(_, it)| it).chain(otherwise.as_deref());
            known.clone().any(|it| kind(it, written).is_some()).then(|| {
                let branches = branches.iter().map(|(when, then)| (when.clone(), of(then))).collect();
                Expr::Case(branches, otherwise.as_deref().map(|it| Box::new(of(it))))
            })
        }
        Expr::Call(name, arguments) => match name.as_str() {
            _ if expr.keeps_cells() => kind(arguments.first()?, written),
            "least" | "greatest" => {
                let is = |it: &Expr| (Expr::call("=", [expr.clone(), it.clone()]), it.clone());
                kind(&Expr::Case(arguments.iter().map(is).collect(), None), written)
            }
            "coalesce" => {
                let there = |it: &Expr| (Expr::call("is not null", [it.clone()]), it.clone());
                kind(&Expr::Case(arguments.iter().map(there).collect(), None), written)
            }
            _ => None,
        },
        Expr::Cast(value, Type::Text) => kind(value, written),
        Expr::Cast(..) | Expr::Literal(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::parse::parse;
    use crate::model::{Column, Schema};
    use crate::relation::explode::Explode;

    fn schema(names: &[&str]) -> Schema {
        names.iter().map(|it| Column::new(*it, Type::Text)).collect()
    }

    fn columns(all: &[(&str, Written)]) -> BTreeMap<String, Written> {
        all.iter().map(|(name, it)| ((*name).to_owned(), it.clone())).collect()
    }

    fn expr(text: &str) -> Expr {
        parse(text).expect(text)
    }

    #[test]
    fn a_column_keeps_its_cells_through_what_moves_rows_and_loses_them_where_it_is_computed() {
        let one = columns(&[("a", Written::Cells(0)), ("b", Written::Cells(1))]);
        let other = columns(&[("a", Written::Cells(4))]);
        let [s, t] = ["s", "t"].map(|it| BTreeMap::from([(it.to_owned(), 0)]));
        let inputs = [(&one, &s), (&other, &t)].map(|(written, sources)| Known { written, sources, forms: None });
        let of = |input: usize, columns: &[(&str, &str)]| {
            let all = columns.iter().map(|(name, it)| ((*name).to_owned(), expr(it))).collect();
            Relation::scan(input, &schema(&["a", "b"])).project(all)
        };
        let several = |all: &[(&str, usize)]| {
            Some(Written::Several(all.iter().map(|(it, place)| ((*it).to_owned(), *place)).collect()))
        };
        let check = |relation: Relation, expected: Option<Written>| {
            assert_eq!(relation.written("x", &inputs), expected, "{relation:?}");
        };
        check(of(0, &[("x", "b")]).filter(expr("a = 'u'")), Some(Written::Cells(1)));
        check(of(0, &[("x", "upper(b)")]), None);
        check(of(0, &[("x", "decimal(b, ',')")]), Some(Written::Plain));
        check(Relation::Union(vec![of(0, &[("x", "b")]), of(1, &[("x", "a")])]), several(&[("s", 1), ("t", 4)]));
        check(Relation::Union(vec![of(0, &[("x", "b")]), of(1, &[("x", "b")])]), several(&[("s", 1)]));
        check(Relation::Union(vec![of(0, &[("x", "b")]), of(0, &[("x", "a")])]), None);
        check(Relation::Union(vec![of(0, &[("x", "b")]), of(0, &[("x", "upper(b)")])]), None);
        let made = || of(1, &[("x", "integer(a, '.')")]);
        check(Relation::Union(vec![of(0, &[("x", "b")]), made()]), several(&[("s", 1)]));
        check(Relation::Union(vec![made(), made()]), Some(Written::Plain));
        let exploded = |items: Items| {
            let (lists, keep) = (vec![("x".to_owned(), items)], vec!["a".to_owned()]);
            let from = Relation::scan(0, &schema(&["a", "b"]));
            let take = vec!["x".to_owned()];
            Relation::Explode(Box::new(Explode { from, lists, keep, take, place: None, outer: false }))
        };
        let split = |text: &str| Items::Split { text: expr(text), separator: ";".to_owned() };
        check(exploded(split("b")), Some(Written::Cells(1)));
        check(exploded(split("upper(b)")), None);
        check(exploded(Items::Each(vec![expr("a"), expr("b")])), None);
    }

    #[test]
    fn numbers_are_read_with_a_point_and_days_by_their_number() {
        let written = columns(&[
            ("a", Written::Cells(2)),
            ("b", Written::Plain),
            ("c", Written::Several(BTreeMap::from([("s".to_owned(), 0)]))),
        ]);
        let check = |text: &str, expected: &str| {
            assert_eq!(expr(text).aware(&written), Ok(expr(expected)), "{text}");
        };
        let point = "case when substr(_kinds, 3, 1) in ('n', 'N', 'p') then '.#' else ',' end";
        check("decimal(a, ',')", &format!("decimal(a, {point})"));
        let cell = "case when substr(_kinds, 3, 1) in ('n', 'N') then '.#2' ";
        let shown = point.replace("case ", cell);
        check("cast(decimal(a, ',') as decimal(2))", &format!("cast(decimal(a, {shown}) as decimal(2))"));
        check("cast(decimal(a, ',') as float)", &format!("cast(decimal(a, {point}) as float)"));
        check("integer(clean(a), ',')", &format!("integer(clean(a), {point})"));
        check("decimal(upper(a), ',')", "decimal(upper(a), ',')");
        check("decimal(b, ',')", "decimal(b, '.')");
        check("decimal(decimal(d, ','), ',')", "decimal(decimal(d, ','), '.')");
        check("decimal(d, ',')", "decimal(d, ',')");
        check("date(b, 'day_first')", "date(b, 'day_first')");
        let of_source = "case when _source = 's' then substr(_kinds, 1, 1) end in ('n', 'N', 'p')";
        check("decimal(c, ',')", &format!("decimal(c, case when {of_source} then '.#' else ',' end)"));
        let day = Expr::call(DAY_OF_NUMBER, [expr("a"), expr("substr(_kinds, 3, 1)")]);
        let date = expr("date(a, 'day_first')");
        assert_eq!(date.clone().aware(&written), Ok(Expr::call("coalesce", [date, day])));
    }

    #[test]
    fn a_choice_between_texts_has_what_the_chosen_one_was() {
        let written = columns(&[("a", Written::Cells(0))]);
        let text = expr("coalesce(unless_listed(a, '-'), d)").unless_number(&written);
        let kind = "case when unless_listed(a, '-') is not null then substr(_kinds, 1, 1) \
                    when d is not null then cast(null as text) end";
        let expected =
            format!("case when {kind} in ('n', 'N', 'p') then null else coalesce(unless_listed(a, '-'), d) end");
        assert_eq!(text, expr(&expected));
        assert_eq!(expr("d").unless_number(&written), expr("d"));
    }

    #[test]
    fn choices_of_numbers_in_each_other_are_refused_before_they_fill_the_memory() {
        let written = columns(&[("a", Written::Cells(0))]);
        let nested = |depth| (0..depth).fold("a".to_owned(), |it, _| format!("decimal(coalesce({it}, d), ',')"));
        assert!(expr(&nested(3)).aware(&written).is_ok());
        assert_eq!(expr(&nested(12)).aware(&written), Err(Mistake::TooLarge));
    }
}
