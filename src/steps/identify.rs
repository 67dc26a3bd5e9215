//! `identify`: gives what belongs together an id that stays, whatever it is called later.
//!
//! ```toml
//! [source.known_ids]             # a committed file with the columns key, id and was
//! path = "ids.csv"
//!
//! [step.identified]
//! kind = "identify"
//! from = "records"
//! with = "known_ids"
//! group = "organization_slug"    # rows that share it belong together
//! by = ["source_record_id"]      # keys by which a group is known again, beside its own
//! column = "organization_id"
//!
//! [step.ids]                     # the file as it should be from now on
//! kind = "identify"
//! from = "records"
//! with = "known_ids"
//! group = "organization_slug"
//! by = ["source_record_id"]
//! give = "ids"
//! ```
//!
//! A group has the id under which one of its keys is known; of several the one that stands first in the file, and the
//! others become its aliases. A group that is not known has an id made of its name alone. So ids depend on rows and
//! file and on nothing that is kept elsewhere, and the file changes when somebody puts another in its place.

use serde::Serialize;

use crate::expr::Expr;
use crate::fields::keys::{Key, Takes, words};
use crate::fields::{Fields, WRONG_VALUE};
use crate::model::{Schema, Type, is_hidden};
use crate::profile::Profile;
use crate::relation::{By, Join, Pick, Relation, Survive};
use crate::steps::columns::{FROM, all_known, known, one_input};
use crate::steps::{COLUMN_TWICE, Decoded, Finding, Input, Kind, Lowered, Spec, TYPE_MISMATCH};

pub(super) const KIND: Kind =
    Kind { name: "identify", revision: 1, summary: "gives what belongs together an id that stays", keys: KEYS, decode };

const KEYS: &[Key] = &[
    FROM,
    Key::required("with", Takes::Text, "what is known: a table with the columns `key`, `id` and `was`"),
    Key::required("group", Takes::Text, "the column whose equal values belong together"),
    Key::new("by", Takes::TEXTS, "columns with keys by which a group is known again, beside its own value"),
    Key::new("column", Takes::Text, "the name of the new column").or_text(ID),
    Key::new("give", Takes::Word(&words(&GIVES)), "the rows with their ids, or `with` as it should be from now on")
        .or_text("rows"),
];

const GIVES: [(&str, bool); 2] = [("rows", false), ("ids", true)];

/// The columns of the file.
const KEY: &str = "key";
const ID: &str = "id";
const WAS: &str = "was";

#[derive(Debug, Serialize)]
struct Identify {
    group: String,
    by: Vec<String>,
    column: String,
    ids: bool,
}

fn decode(fields: &mut Fields, _: &Profile) -> Option<Decoded> {
    let from = one_input(fields, "from");
    let with = one_input(fields, "with");
    let group = fields.required_text("group");
    let by = fields.words("by");
    let ids = fields.choice("give", &GIVES).unwrap_or(false);
    let column = fields.text("column").unwrap_or_else(|| ID.to_owned());
    if is_hidden(&column) {
        let help = Some("choose a name that does not begin with `_`".to_owned());
        fields.problem(&WRONG_VALUE, "column", "an id is no hidden column", "this name", help);
        return None;
    }
    let mut inputs = from?;
    inputs.extend(with?);
    Some(Decoded::new(inputs, Identify { group: group?, by, column, ids }))
}

impl Spec for Identify {
    fn lower(&self, inputs: &[Input<'_>], findings: &mut Vec<Finding>) -> Option<Lowered> {
        let (rows, file) = (&inputs[0], &inputs[1]);
        let before = findings.len();
        known(rows, &self.group, "group", findings);
        all_known(rows, &self.by, "by", findings);
        for name in [KEY, ID, WAS] {
            known(file, name, "with", findings);
        }
        let of = |schema: &Schema, name: &str| schema.get(name).is_none_or(|it| it.ty == Type::Text);
        let wrong = std::iter::once(&self.group).chain(&self.by).find(|it| !of(rows.schema, it));
        for name in
            wrong.map(String::as_str).into_iter().chain([KEY, ID, WAS].into_iter().filter(|it| !of(file.schema, it)))
        {
            let help = format!("cast it to text first: `cast({name} as text)`");
            findings.push(Finding::new(&TYPE_MISMATCH, "", format!("`{name}` is no text")).label("here").help(help));
        }
        if !self.ids && rows.schema.has(&self.column) {
            let message = format!("`{}` has a column `{}` already", rows.name, self.column);
            let help = "give the ids another name with `column`".to_owned();
            findings.push(Finding::new(&COLUMN_TWICE, "column", message).label("made here").help(help));
        }
        if findings.len() > before {
            return None;
        }
        let relation = if self.ids { self.file(rows.schema, file.schema) } else { self.rows(rows.schema, file.schema) };
        Some(relation.into())
    }
}

/// Names of columns in between; no table has one without a name.
const GROUP: &str = "group";
const AGE: &str = "age";
const NEW: &str = "";

impl Identify {
    /// The rows with the id of their group.
    fn rows(&self, rows: &Schema, file: &Schema) -> Relation {
        let found = lookup(Relation::scan(0, rows), (&self.group, &self.groups(rows, file), GROUP), (NEW, NEW));
        let mut columns: Vec<_> = rows.names().map(|it| (it.to_owned(), Expr::column(it))).collect();
        let hidden = columns.iter().position(|(name, _)| is_hidden(name)).unwrap_or(columns.len());
        columns.insert(hidden, (self.column.clone(), id_of(&self.group)));
        found.project(columns)
    }

    /// The file as it should be: what it knows, in its order, with ids that others became aliases of; then new keys.
    fn file(&self, rows: &Schema, file: &Schema) -> Relation {
        let scan = Relation::scan(1, file);
        let renamed = lookup(scan.clone(), (ID, &self.canonical(rows, file), ID), (NEW, NEW));
        let differs = Expr::call(
            "and",
            [Expr::call("is not null", [Expr::column(NEW)]), Expr::call("<>", [Expr::column(NEW), Expr::column(ID)])],
        );
        let now = Expr::call("coalesce", [Expr::column(NEW), Expr::column(ID)]);
        let both = Expr::call("concat_ws", [Expr::text(";"), Expr::column(WAS), Expr::column(ID)]);
        let was = Expr::Case(vec![(differs, both)], Some(Box::new(Expr::column(WAS))));
        let old = renamed.project(named([(KEY, Expr::column(KEY)), (ID, now), (WAS, was)]));
        let keys = lookup(self.keys(rows), (GROUP, &self.groups(rows, file), GROUP), (NEW, NEW));
        let keys = keys.project(named([(KEY, Expr::column(KEY)), (ID, id_of(GROUP))]));
        let first = Pick::First { column: ID.to_owned(), prefer: Vec::new() };
        let keys = survive(keys, KEY, Vec::new(), [(KEY, Pick::Key), (ID, first)]);
        let listed = survive(scan, KEY, Vec::new(), [(KEY, Pick::Key), (AGE, Pick::Rows)]);
        let unknown = Expr::call("is null", [Expr::column(AGE)]);
        let new = lookup(keys, (KEY, &listed, KEY), (AGE, AGE)).filter(unknown);
        let none = Expr::Cast(Box::new(Expr::null()), Type::Text);
        Relation::Union(vec![old, new.project(named([(KEY, Expr::column(KEY)), (ID, Expr::column(ID)), (WAS, none)]))])
    }

    /// Every group with each of its keys.
    fn keys(&self, rows: &Schema) -> Relation {
        let part = |key: &String| {
            let columns = named([(GROUP, Expr::column(&self.group)), (KEY, Expr::column(key))]);
            let present = [GROUP, KEY].map(|it| Expr::call("is not null", [Expr::column(it)]));
            Relation::scan(0, rows).project(columns).filter(Expr::all(present))
        };
        Relation::Union(std::iter::once(&self.group).chain(&self.by).map(part).collect())
    }

    /// Every group with each id under which one of its keys is known, and the age of that: the row in the file.
    fn known(&self, rows: &Schema, file: &Schema) -> Relation {
        let position = Pick::Position { column: None, prefer: Vec::new() };
        let ages = survive(Relation::scan(1, file), ID, Vec::new(), [(ID, Pick::Key), (AGE, position)]);
        let found = Relation::Join(Box::new(Join {
            left: self.keys(rows),
            right: Relation::scan(1, file),
            on: vec![vec![(KEY.to_owned(), KEY.to_owned())]],
            outer: false,
            take_left: vec![GROUP.to_owned()],
            take_right: vec![(ID.to_owned(), ID.to_owned())],
            matched: None,
        }));
        lookup(found, (ID, &ages, ID), (AGE, AGE))
    }

    /// The oldest id of every group that is known.
    fn oldest(&self, rows: &Schema, file: &Schema) -> Relation {
        let first = Pick::First { column: ID.to_owned(), prefer: Vec::new() };
        let picks = [(GROUP, Pick::Key), (NEW, first), (AGE, Pick::Least(AGE.to_owned()))];
        survive(self.known(rows, file), GROUP, oldest(), picks)
    }

    /// Every known id with the one that it goes by now: the oldest of the groups that it is found in.
    fn canonical(&self, rows: &Schema, file: &Schema) -> Relation {
        let ids = self.known(rows, file).project(named([(GROUP, Expr::column(GROUP)), (ID, Expr::column(ID))]));
        let oldest_of = self.oldest(rows, file);
        let with = lookup(ids, (GROUP, &oldest_of, GROUP), (NEW, NEW));
        let ages = oldest_of.project(named([(GROUP, Expr::column(GROUP)), (AGE, Expr::column(AGE))]));
        let with = lookup(with, (GROUP, &ages, GROUP), (AGE, AGE));
        let first = Pick::First { column: NEW.to_owned(), prefer: Vec::new() };
        survive(with, ID, oldest(), [(ID, Pick::Key), (NEW, first)])
    }

    /// The id of every group that is known.
    fn groups(&self, rows: &Schema, file: &Schema) -> Relation {
        let found = self.oldest(rows, file).project(named([(GROUP, Expr::column(GROUP)), (ID, Expr::column(NEW))]));
        lookup(found, (ID, &self.canonical(rows, file), ID), (NEW, NEW))
    }
}

/// The id that was found, else one made of the name of the group.
fn id_of(group: &str) -> Expr {
    let made = Expr::call("identifier", [Expr::column(group)]);
    let present = Expr::call("is not null", [Expr::column(group)]);
    Expr::Case(vec![(present, Expr::call("coalesce", [Expr::column(NEW), made]))], None)
}

fn oldest() -> Vec<By> {
    vec![By { expr: Expr::column(AGE), descending: false }]
}

/// All columns of `left`, and one of `right`, found by a column of each.
fn lookup(left: Relation, (here, right, there): (&str, &Relation, &str), (take, name): (&str, &str)) -> Relation {
    let take_left = left.columns().into_iter().map(str::to_owned).collect();
    Relation::Join(Box::new(Join {
        left,
        right: right.clone(),
        on: vec![vec![(here.to_owned(), there.to_owned())]],
        outer: true,
        take_left,
        take_right: vec![(take.to_owned(), name.to_owned())],
        matched: None,
    }))
}

fn survive<const N: usize>(from: Relation, key: &str, rank: Vec<By>, picks: [(&str, Pick); N]) -> Relation {
    let picks = picks.map(|(name, pick)| (name.to_owned(), pick)).to_vec();
    Relation::Survive(Box::new(Survive { from, key: key.to_owned(), rank, picks }))
}

fn named<const N: usize>(columns: [(&str, Expr); N]) -> Vec<(String, Expr)> {
    columns.map(|(name, it)| (name.to_owned(), it)).to_vec()
}
