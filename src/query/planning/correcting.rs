//! Rows that people corrected, put into the source that had set them aside.
//!
//! A corrected row is known by the digest of what it was, not by where it stood: it comes back also when the delivery
//! got another name or other rows above it, and it stays out when the delivery itself was corrected. Its values stand
//! in the file that people sent, so that is where its coordinates point, and two hidden columns say where it was.

use crate::expr::Expr;
use crate::model::{COORDINATES, KINDS, PLACE, ROW, SOURCE, Schema, Type};
use crate::readers::ASIDE;
use crate::relation::{By, Consolidate, Join, Pick, Relation};

/// The column that tells by what a row is known again.
pub(super) const ORIGINAL: &str = ASIDE[2];
/// What people write into the column of reasons to have a row gone for good.
const DROP: &str = "drop";
/// Where a corrected row was delivered: file and sheet, and its number there.
const CORRECTS: [&str; 2] = ["_corrects", "_corrects_row"];
/// Whether a row was decided on.
const DECIDED: &str = "_decided";

/// What is put together. Inputs are what was used, what was set aside, and the files of corrected rows.
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
        let columns: Vec<&str> = self.used.visible().map(|it| it.name.as_str()).collect();
        let corrected = Relation::Join(Box::new(Join {
            left: Relation::scan(1, self.rejects),
            right: self.decided().filter(is_null(self.reason())),
            on: vec![vec![(ORIGINAL.to_owned(), ORIGINAL.to_owned())]],
            outer: false,
            take_left: vec![PLACE.to_owned(), ROW.to_owned()],
            take_right: columns
                .iter()
                .map(|it| ((*it).to_owned(), (*it).to_owned()))
                .chain([(PLACE.to_owned(), "_place_fixed".to_owned()), (ROW.to_owned(), "_row_fixed".to_owned())])
                .collect(),
            matched: None,
        }));
        let kept = |it: &&str| ((*it).to_owned(), Expr::column(*it));
        let was = |here: &str, there: &str| (here.to_owned(), Expr::column(there));
        let nothing = |name: &str, ty| (name.to_owned(), Expr::Cast(Box::new(Expr::null()), ty));
        let source = (SOURCE.to_owned(), Expr::text(self.name));
        let back = [source, was(PLACE, "_place_fixed"), was(ROW, "_row_fixed")];
        let marks = [was(CORRECTS[0], PLACE), was(CORRECTS[1], ROW)];
        let kinds = [KINDS].into_iter().filter(|it| self.used.has(it));
        let corrected = corrected.project(
            columns
                .iter()
                .map(kept)
                .chain(back)
                .chain(marks)
                .chain(kinds.clone().map(|it| nothing(it, Type::Text)))
                .collect(),
        );
        let none = [nothing(CORRECTS[0], Type::Text), nothing(CORRECTS[1], Type::Integer)];
        let all = columns.iter().chain(&COORDINATES).map(kept).chain(none).chain(kinds.map(|it| kept(&it)));
        let used = Relation::scan(0, self.used).project(all.collect());
        Relation::Union(vec![used, corrected])
    }

    /// The rows that nobody decided on yet.
    pub(super) fn waiting(&self) -> Relation {
        let names: Vec<String> = self.rejects.names().map(str::to_owned).collect();
        let found = Relation::Join(Box::new(Join {
            left: Relation::scan(1, self.rejects),
            right: self.decided(),
            on: vec![vec![(ORIGINAL.to_owned(), ORIGINAL.to_owned())]],
            outer: true,
            take_left: names.clone(),
            take_right: Vec::new(),
            matched: Some(DECIDED.to_owned()),
        }));
        let same = names.iter().map(|it| (it.clone(), Expr::column(it.as_str()))).collect();
        found.filter(is_null(DECIDED)).project(same)
    }

    /// What people decided: for each row the last of what they sent, with the reason taken away or `drop` in its place.
    fn decided(&self) -> Relation {
        let names: Vec<&str> = self.used.visible().map(|it| it.name.as_str()).chain([self.reason()]).collect();
        let part = |(at, schema): (usize, &&Schema)| {
            let same = |name: &str| schema.names().find(|it| it.eq_ignore_ascii_case(name)).map(Expr::column);
            let text = |name: &&str| {
                let value = same(name).unwrap_or_else(|| Expr::Cast(Box::new(Expr::null()), Type::Text));
                ((*name).to_owned(), value)
            };
            let own = [ORIGINAL, PLACE].iter().map(text).chain([(ROW.to_owned(), Expr::column(ROW))]);
            Relation::scan(at + 2, schema).project(names.iter().map(text).chain(own).collect())
        };
        let all = Relation::Union(self.fixes.iter().enumerate().map(part).collect());
        let dropped = Expr::call("=", [Expr::column(self.reason()), Expr::text(DROP)]);
        let decided = all.filter(Expr::call("or", [is_null(self.reason()), dropped]));
        let last = |name: &str| By { expr: Expr::column(name), descending: true };
        let pick = |it: &str| (it.to_owned(), Pick::Of { column: it.to_owned(), prefer: Vec::new() });
        let picks = names.iter().map(|it| pick(it)).chain([pick(PLACE), pick(ROW)]);
        Relation::Consolidate(Box::new(Consolidate {
            from: decided,
            key: ORIGINAL.to_owned(),
            rank: vec![last(PLACE), last(ROW)],
            picks: picks.chain([(ORIGINAL.to_owned(), Pick::Key)]).collect(),
        }))
    }

    /// What the column of reasons is called here: it stands behind those of the source.
    fn reason(&self) -> &str {
        let after = self.used.visible().count();
        self.rejects.columns.get(after).map_or("reason", |it| it.name.as_str())
    }
}

fn is_null(column: &str) -> Expr {
    Expr::call("is null", [Expr::column(column)])
}
