//! Rows that people corrected, put into the table that had set them aside: a source, or a step whose checks did.
//!
//! A corrected row is known by the digest of what it was, not by where it stood: it comes back also when the delivery
//! got another name or other rows above it, and it stays out when the delivery itself was corrected. Its values stand
//! in the file that people sent, so that is where its coordinates point, and two hidden columns say where it was.

use crate::expr::Expr;
use crate::expr::aggregate::Aggregate as Function;
use crate::model::{COORDINATES, Column, KINDS, PLACE, ROW, SOURCE, Schema, Type};
use crate::readers::ASIDE;
use crate::relation::aggregate::Call;
use crate::relation::window::{Along, Window};
use crate::relation::{By, Consolidate, Join, Pick, Relation, delivered};

/// The column that tells by what a row is known again.
pub(super) const ORIGINAL: &str = ASIDE[2];
/// What people write into the column of reasons to have a row gone for good.
const DROP: &str = "drop";
/// Where a corrected row was delivered: file and sheet, and its number there.
const CORRECTS: [&str; 2] = ["_corrects", "_corrects_row"];
/// Whether a row was decided on.
const DECIDED: &str = "_decided";
/// Where a corrected row stands now.
const FIXED: [(&str, &str); 2] = [(PLACE, "_place_fixed"), (ROW, "_row_fixed")];

/// What people sent.
pub(super) struct Fixes<'a> {
    /// Their files.
    pub(super) files: &'a [&'a Schema],
    /// Which input the first of them is.
    pub(super) first: usize,
    /// The columns that they correct.
    pub(super) columns: Vec<&'a Column>,
    /// What the column of reasons is called here.
    pub(super) reason: &'a str,
}

impl Fixes<'_> {
    /// What people decided: for each row the last of what they sent, with the reason taken away or `drop` in its place.
    /// A row with a value that its column cannot hold is not decided on.
    fn decided(&self) -> Relation {
        let part = |(at, schema): (usize, &&Schema)| {
            let same = |name: &str| schema.names().find(|it| it.eq_ignore_ascii_case(name)).map(Expr::column);
            // hotpass marked what a spreadsheet would run as it wrote the rows.
            let read = |it: Expr, name: &str| match self.columns.iter().any(|it| it.name == name) {
                true => Expr::call("unmarked", [it]),
                false => it,
            };
            let text = |name: &str| {
                let value = same(name)
                    .map(|it| read(it, name))
                    .unwrap_or_else(|| Expr::Cast(Box::new(Expr::null()), Type::Text));
                (name.to_owned(), value)
            };
            let own = [ORIGINAL, PLACE].map(text).into_iter().chain([(ROW.to_owned(), Expr::column(ROW))]);
            let all = self.names().chain([self.reason]).map(text).chain(own);
            Relation::scan(at + self.first, schema).project(all.collect())
        };
        let all = Relation::Union(self.files.iter().enumerate().map(part).collect());
        let dropped = Expr::call("=", [Expr::column(self.reason), Expr::text(DROP)]);
        let readable = self.columns.iter().filter(|it| it.ty != Type::Text);
        let readable = readable.map(|it| Expr::call("or", [is_null(&it.name), is_not_null(typed(it))]));
        let right = Expr::all([is_null(self.reason)].into_iter().chain(readable));
        let decided = all.filter(Expr::call("or", [right, dropped]));
        let last = |name: &str| By { expr: Expr::column(name), descending: true };
        let pick = |it: &str| (it.to_owned(), Pick::Of { column: it.to_owned(), prefer: Vec::new() });
        let picks = self.names().chain([self.reason, PLACE, ROW]).map(pick);
        Relation::Consolidate(Box::new(Consolidate {
            from: decided,
            key: ORIGINAL.to_owned(),
            rank: vec![last(PLACE), last(ROW)],
            picks: picks.chain([(ORIGINAL.to_owned(), Pick::Key)]).collect(),
        }))
    }

    /// Those rows of `from` that were corrected: these of its own columns, beside the columns that were. What was
    /// delivered stands beside them, so that a value that nobody changed keeps what its cell was.
    fn corrected(&self, from: Relation, own: Vec<String>) -> Relation {
        let were = |it: &&&Column| it.ty == Type::Text && from.columns().contains(&it.name.as_str());
        let were: Vec<&str> = self.columns.iter().filter(were).map(|it| it.name.as_str()).collect();
        let all: Vec<String> = from.columns().into_iter().map(str::to_owned).collect();
        let beside = were.iter().map(|it| (delivered(it), Expr::column(*it)));
        let left = from.project(all.iter().map(|it| kept(it)).chain(beside).collect());
        let taken = self.names().map(|it| (it, it)).chain(FIXED);
        let joined = Relation::Join(Box::new(Join {
            left,
            right: self.decided().filter(is_null(self.reason)),
            on: vec![vec![(ORIGINAL.to_owned(), ORIGINAL.to_owned())]],
            outer: false,
            take_left: own.iter().cloned().chain(were.iter().map(|it| delivered(it))).collect(),
            take_right: taken.map(|(there, here)| (there.to_owned(), here.to_owned())).collect(),
            matched: None,
        }));
        let own = own.iter().map(|it| kept(it)).chain(self.names().map(kept));
        joined.project(own.chain(FIXED.map(|(_, here)| kept(here))).collect())
    }

    /// Those rows of `from` that nobody decided on, with these columns.
    fn waiting(&self, from: Relation, columns: &[String]) -> Relation {
        let found = Relation::Join(Box::new(Join {
            left: from,
            right: self.decided(),
            on: vec![vec![(ORIGINAL.to_owned(), ORIGINAL.to_owned())]],
            outer: true,
            take_left: columns.to_vec(),
            take_right: Vec::new(),
            matched: Some(DECIDED.to_owned()),
        }));
        found.filter(is_null(DECIDED)).project(columns.iter().map(|it| kept(it)).collect())
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|it| it.name.as_str())
    }
}

/// What is put together for a source. Inputs are what was used, what was set aside, and the files of corrected rows.
pub(super) struct Correcting<'a> {
    /// The source.
    pub(super) name: &'a str,
    /// The rows that could be used.
    pub(super) used: &'a Schema,
    /// The rows that could not.
    pub(super) rejects: &'a Schema,
    /// What people sent.
    pub(super) fixes: &'a [&'a Schema],
}

impl Correcting<'_> {
    /// The rows that could be used, and those that were corrected.
    pub(super) fn whole(&self) -> Relation {
        let own = [PLACE, ROW].map(str::to_owned).to_vec();
        let corrected = self.fixes().corrected(Relation::scan(1, self.rejects), own);
        let columns = || self.used.visible().map(|it| it.name.as_str());
        let back = [(SOURCE.to_owned(), Expr::text(self.name)), was(PLACE, FIXED[0].1), was(ROW, FIXED[1].1)];
        let marks = [was(CORRECTS[0], PLACE), was(CORRECTS[1], ROW)];
        let kinds = [KINDS].into_iter().filter(|it| self.used.has(it));
        let unsaid = kinds.clone().map(|it| nothing(it, Type::Text));
        let corrected = corrected.project(columns().map(kept).chain(back).chain(marks).chain(unsaid).collect());
        let all = columns().chain(COORDINATES).map(kept).chain(no_marks()).chain(kinds.map(kept));
        let used = Relation::scan(0, self.used).project(all.collect());
        Relation::Union(vec![used, corrected])
    }

    /// The rows that nobody decided on yet.
    pub(super) fn waiting(&self) -> Relation {
        let names: Vec<String> = self.rejects.names().map(str::to_owned).collect();
        self.fixes().waiting(Relation::scan(1, self.rejects), &names)
    }

    fn fixes(&self) -> Fixes<'_> {
        let columns: Vec<_> = self.used.visible().collect();
        // It stands behind the columns of the source.
        let reason = self.rejects.columns.get(columns.len()).map_or("reason", |it| it.name.as_str());
        Fixes { files: self.fixes, first: 2, columns, reason }
    }
}

/// The rows of a step with corrected ones in the place of those that a check would set aside. Inputs are the rows as
/// they were made and the files of corrected rows; `bad` says which rows of `made` are set aside. What was corrected is
/// known by its original still, so that it can be corrected again where it is not right yet.
pub(super) fn put_in(made: &Schema, bad: &Expr, fixes: &Fixes<'_>) -> Relation {
    let names: Vec<String> = made.names().map(str::to_owned).chain([ORIGINAL.to_owned()]).collect();
    let all = || made.names().map(kept);
    let known = with_original(Relation::scan(0, made).filter(bad.clone()), made);
    let is_placed = made.has(PLACE) && made.has(ROW);
    let marks = |all: [(String, Expr); 2]| all.into_iter().filter(move |_| is_placed);
    let hidden = || made.columns.iter().filter(|it| it.is_hidden()).map(|it| it.name.as_str());
    let own = hidden().chain([ORIGINAL]).map(str::to_owned).collect();
    let value = |it: &Column| match it.name.as_str() {
        PLACE => was(PLACE, FIXED[0].1),
        ROW => was(ROW, FIXED[1].1),
        KINDS => nothing(KINDS, Type::Text),
        _ if it.is_hidden() => kept(&it.name),
        name => (name.to_owned(), typed(it)),
    };
    let original = [kept(ORIGINAL)];
    let back = made.columns.iter().map(value).chain(original.clone());
    let back = back.chain(marks([was(CORRECTS[0], PLACE), was(CORRECTS[1], ROW)]));
    let corrected = fixes.corrected(known.clone(), own).project(back.collect());
    let waiting = fixes.waiting(known, &names);
    let waiting = waiting.project(all().chain(original).chain(marks(no_marks())).collect());
    let good = Relation::scan(0, made).filter(Expr::call("not", [bad.clone()]));
    let good = good.project(all().chain([nothing(ORIGINAL, Type::Text)]).chain(marks(no_marks())).collect());
    Relation::Union(vec![good, waiting, corrected])
}

/// Rows of this schema, each with what it is known by again: a digest of the values that people see, and of which of
/// the rows with these values it is.
pub(super) fn with_original(rows: Relation, schema: &Schema) -> Relation {
    const NUMBER: &str = "_number";
    let all = || schema.names().map(kept);
    let digest = Expr::call("identifier", schema.visible().map(as_text));
    let rows = rows.project(all().chain([(ORIGINAL.to_owned(), digest)]).collect());
    let call =
        Call { function: Function::RowNumber, of: None, given: None, distinct: false, order: Vec::new(), keep: None };
    let along = Along { call, otherwise: None, by: vec![ORIGINAL.to_owned()], frame: None };
    let rows = Relation::Window(Box::new(Window { from: rows, calls: vec![(NUMBER.to_owned(), along)] }));
    let number = Expr::Cast(Box::new(Expr::column(NUMBER)), Type::Text);
    let known = Expr::call("identifier", [Expr::column(ORIGINAL), number]);
    rows.project(all().chain([(ORIGINAL.to_owned(), known)]).collect())
}

fn as_text(column: &Column) -> Expr {
    match column.ty {
        Type::Text => Expr::column(&column.name),
        _ => Expr::Cast(Box::new(Expr::column(&column.name)), Type::Text),
    }
}

/// A text in a column of this name, as the column has it.
fn typed(column: &Column) -> Expr {
    match column.ty {
        Type::Text => Expr::column(&column.name),
        ty => Expr::Cast(Box::new(Expr::column(&column.name)), ty),
    }
}

fn kept(name: &str) -> (String, Expr) {
    (name.to_owned(), Expr::column(name))
}

fn was(here: &str, there: &str) -> (String, Expr) {
    (here.to_owned(), Expr::column(there))
}

fn no_marks() -> [(String, Expr); 2] {
    [nothing(CORRECTS[0], Type::Text), nothing(CORRECTS[1], Type::Integer)]
}

fn nothing(name: &str, ty: Type) -> (String, Expr) {
    (name.to_owned(), Expr::Cast(Box::new(Expr::null()), ty))
}

fn is_null(column: &str) -> Expr {
    Expr::call("is null", [Expr::column(column)])
}

fn is_not_null(it: Expr) -> Expr {
    Expr::call("is not null", [it])
}
