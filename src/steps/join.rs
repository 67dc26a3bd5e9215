//! `join`: adds to every row of one table the rows of another that belong to it.
//!
//! ```toml
//! [step.people]
//! kind = "join"
//! from = "outreach"
//! with = "outreach_contacts"
//! on = ["id", "organization_slug = slug"]   # a contact without a known id is looked for by slug
//! take = ["contact_name", "contact_email"]  # all other columns of `with` when left out
//! keep = "all"                              # or "matched"
//! unmatched = "reject"                      # or "drop": rows of `with` that no key finds a row of `from` for
//! ```
//!
//! Each row of `with` takes the first key that finds it a row of `from`; keys with a null never match. The hidden
//! column `_matched` tells which key it was, and `_row@with` where the row came from. Rows of `with` that find nothing
//! are set aside and can be seen with `show --rejected`, unless they are expected to and `unmatched` says `drop`.

use serde::Serialize;

use crate::expr::Expr;
use crate::fields::keys::{Key, Takes, words};
use crate::fields::{Fields, WRONG_VALUE};
use crate::model::{COORDINATES, Schema, is_hidden};
use crate::profile::Profile;
use crate::relation::{self, Relation};
use crate::steps::columns::{all_known, known, one_input};
use crate::steps::reasons::{listed, with_reason};
use crate::steps::{COLUMN_TWICE, Decoded, Finding, Input, Kind, Lowered, Spec, TYPE_MISMATCH};

pub(super) const KIND: Kind = Kind {
    name: "join",
    revision: 1,
    summary: "adds to every row of one table the rows of another that belong to it",
    keys: KEYS,
    decode,
};

const KEYS: &[Key] = &[
    Key::required("from", Takes::Text, "the table whose rows are kept"),
    Key::required("with", Takes::Text, "the table whose rows are looked for"),
    Key::required("on", ON, "the keys, in the order in which they are tried"),
    Key::new("take", Takes::TEXTS, "columns of `with` to add; without it all that `from` has none of that name for"),
    Key::new("keep", Takes::Word(&words(&KEEP)), "whether rows of `from` without a match stay").or_text("all"),
    Key::new("unmatched", Takes::Word(&words(&UNMATCHED)), "whether rows of `with` without a match are set aside")
        .or_text("reject"),
];

/// A key is a column, `here = there`, or a list of these.
const ON: Takes = Takes::Either(&[Takes::Text, Takes::List(&Takes::TEXTS, 1)]);
const KEEP: [(&str, bool); 2] = [("all", true), ("matched", false)];
const UNMATCHED: [(&str, bool); 2] = [("reject", true), ("drop", false)];

/// The hidden column that tells which key matched, from 1.
pub const MATCHED: &str = "_matched";
/// Tells a row that found something from one that did not. No table has a column of this name.
const FOUND: &str = "";

#[derive(Debug, Serialize)]
struct Join {
    on: Vec<Vec<(String, String)>>,
    take: Option<Vec<String>>,
    outer: bool,
    reject: bool,
}

fn decode(fields: &mut Fields, _: &Profile) -> Option<Decoded> {
    let from = one_input(fields, "from");
    let with = one_input(fields, "with");
    if !fields.required("on") {
        return None;
    }
    let (mut on, mut told) = (Vec::new(), false);
    for condition in fields.nested_texts("on") {
        let mut pairs = Vec::new();
        for (text, span) in condition {
            let mut sides = text.split('=').map(str::trim);
            match (sides.next(), sides.next(), sides.next()) {
                (Some(a), None, _) if !a.is_empty() => pairs.push((a.to_owned(), a.to_owned())),
                (Some(a), Some(b), None) if !a.is_empty() && !b.is_empty() => {
                    pairs.push((a.to_owned(), b.to_owned()));
                }
                _ => {
                    told = true;
                    let message = format!("`{}` is not a key", text.escape_debug());
                    let help = "write `column` or `column here = column there`".to_owned();
                    let problem = crate::problem::Problem::new(&WRONG_VALUE, message);
                    fields.report(problem.label(&span, "this key").help(help));
                }
            }
        }
        if !pairs.is_empty() {
            on.push(pairs);
        }
    }
    if on.is_empty() && !told {
        let help = Some("name at least one column".to_owned());
        fields.problem(&WRONG_VALUE, "on", "`on` names no key", "this list", help);
    }
    let take = fields.has("take").then(|| fields.words("take"));
    let outer = fields.choice("keep", &KEEP).unwrap_or(true);
    let reject = fields.choice("unmatched", &UNMATCHED).unwrap_or(true);
    let mut inputs = from?;
    inputs.extend(with?);
    (!on.is_empty()).then(|| Decoded::new(inputs, Join { on, take, outer, reject }))
}

impl Spec for Join {
    fn lower(&self, inputs: &[Input<'_>], findings: &mut Vec<Finding>) -> Option<Lowered> {
        let (left, right) = (&inputs[0], &inputs[1]);
        let before = findings.len();
        for (a, b) in self.on.iter().flatten() {
            if known(left, a, "on", findings) & known(right, b, "on", findings) {
                let (a, b) = (left.schema.get(a), right.schema.get(b));
                if let (Some(a), Some(b)) = (a, b)
                    && a.ty != b.ty
                {
                    let message = format!("`{}` is {} and `{}` is {}", a.name, a.ty, b.name, b.ty);
                    let help = "cast one of the two to the other's type before the join".to_owned();
                    findings.push(Finding::new(&TYPE_MISMATCH, "on", message).label("this key").help(help));
                }
            }
        }
        let mut take_right = Vec::new();
        match &self.take {
            Some(take) => {
                all_known(right, take, "take", findings);
                for name in take {
                    if left.schema.has(name) {
                        let message = format!("both tables have a column `{name}`");
                        let help = "rename one of the two with a `derive` step".to_owned();
                        findings.push(Finding::new(&COLUMN_TWICE, "take", message).label("taken here").help(help));
                    }
                    take_right.push((name.clone(), name.clone()));
                }
            }
            None => {
                let rest = right.schema.visible().filter(|it| !left.schema.has(&it.name));
                take_right.extend(rest.map(|it| (it.name.clone(), it.name.clone())));
            }
        }
        if findings.len() > before {
            return None;
        }
        for name in COORDINATES {
            let here = format!("{name}@{}", right.name);
            if right.schema.has(name) && !left.schema.has(&here) {
                take_right.push((name.to_owned(), here));
            }
        }
        let names = |schema: &Schema| -> Vec<String> {
            schema.names().filter(|it| *it != MATCHED).map(str::to_owned).collect()
        };
        let take_left = names(left.schema);
        let join = relation::Join {
            left: Relation::scan(0, left.schema),
            right: Relation::scan(1, right.schema),
            on: self.on.clone(),
            outer: self.outer,
            take_left,
            take_right,
            matched: Some(MATCHED.to_owned()),
        };
        // Visible columns stand before hidden ones.
        let joined = Relation::Join(Box::new(join));
        let mut order: Vec<String> = joined.columns().into_iter().map(str::to_owned).collect();
        order.sort_by_key(|it| is_hidden(it));
        let rejects = self.reject.then(|| {
            let ways = self.on.iter().map(|pairs| listed(pairs.iter().map(|(_, there)| there)));
            let ways = ways.collect::<Vec<_>>().join(", nor the same ");
            let why = Expr::text(format!("no row of `{}` has the same {ways}", left.name.escape_debug()));
            with_reason(self.unmatched(left.schema, right.schema), right.schema, why)
        });
        Some(Lowered { rejects, ..joined.project(same(order.iter().map(String::as_str))).into() })
    }
}

impl Join {
    /// Rows of the right side for which no key finds a row of the left.
    fn unmatched(&self, left: &Schema, right: &Schema) -> Relation {
        self.on.iter().fold(Relation::scan(1, right), |rest, pairs| {
            let found = relation::Join {
                left: rest,
                right: Relation::scan(0, left),
                on: vec![pairs.iter().map(|(here, there)| (there.clone(), here.clone())).collect()],
                outer: true,
                take_left: right.names().map(str::to_owned).collect(),
                take_right: Vec::new(),
                matched: Some(FOUND.to_owned()),
            };
            let none = Expr::call("is null", [Expr::column(FOUND)]);
            Relation::Join(Box::new(found)).filter(none).project(same(right.names()))
        })
    }
}

fn same<'a>(names: impl Iterator<Item = &'a str>) -> Vec<(String, Expr)> {
    names.map(|it| (it.to_owned(), Expr::column(it))).collect()
}
