//! `map`: takes the columns of a delivery to canonical fields.
//!
//! ```toml
//! [step.schools]
//! kind = "map"
//! from = "registry"
//! threshold = 0.7               # how sure a guess must be
//!
//! [step.schools.columns]        # what the profile's synonyms do not say
//! description = ["Description Type", "Notes"]   # the first of these that has a value
//!
//! [step.schools.set]            # the same value in every row
//! organization_category = "Flight School"
//! ```
//!
//! Every other field of the profile takes the one column whose name is the field's or one of its synonyms: exactly,
//! or but for case, spaces and punctuation. What is left is guessed by names that are alike (`text::words`) and by what the
//! first values look like (`values`), the best pairs first (`choose`). A column goes to one field unless `columns` says
//! otherwise; what no field takes is dropped and listed by `show --unmapped`. Columns are carried, not copied.

mod choose;
pub(crate) mod unheard;
mod values;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::expr::{Expr, Literal};
use crate::fields::Fields;
use crate::fields::keys::{Key, Keys, Takes};
use crate::finding::unknown_column;
use crate::model::{Class, Schema, Type};
use crate::profile::Profile;
use crate::readers::Evidence;
use crate::relation::Relation;
use crate::steps::columns::{FROM, one_input, resolve};
use crate::steps::{COLUMN_TWICE, Decoded, Finding, Guess, Input, Kind, Lowered, NOTHING_MAPPED, Spec, Unmapped};
use crate::text::shape::Shape;
use values::Wanted;

pub(super) const KIND: Kind = Kind {
    name: "map",
    revision: 1,
    summary: "takes the columns of a delivery to canonical fields",
    keys: KEYS,
    decode,
};

const KEYS: &[Key] = &[
    FROM,
    Key::new("columns", Takes::Table(&COLUMNS), "for a field, the column it takes, or several: the first with a value"),
    Key::new("set", Takes::Table(&SET), "for a field, the value it has in every row"),
    Key::new("keep", Takes::TEXTS, "columns that go through under their own names"),
    Key::new("threshold", Takes::SHARE, "how sure a guess must be to be taken; else what `[mapping]` says, else 0.6"),
];

const COLUMNS: Keys = Keys::any(Takes::TEXTS, "a field, and the columns it takes: of several the first with a value");
const SET: Keys = Keys::any(Takes::Plain, "a field, and the value it has in every row");

/// How sure a guess must be if nobody says.
const THRESHOLD: f64 = 0.6;

#[derive(Debug, Serialize)]
struct Map {
    columns: Vec<(String, Vec<String>)>,
    set: Vec<(String, Literal)>,
    fields: Vec<Field>,
    keep: Vec<String>,
    threshold: f64,
    placeholders: String,
    /// Words that say the opposite of what stands beside them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    negations: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Field {
    name: String,
    synonyms: Vec<String>,
    class: Class,
    wanted: Wanted,
}

impl Field {
    /// Its own name, then its synonyms.
    fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.name).chain(&self.synonyms).map(String::as_str)
    }
}

fn decode(fields: &mut Fields, profile: &Profile) -> Option<Decoded> {
    let inputs = one_input(fields, "from");
    let columns = fields.lists("columns");
    let mut set = Vec::new();
    if let Some(mut table) = fields.table("set") {
        for name in table.keys() {
            let Some(value) = table.value(&name) else { continue };
            if columns.iter().any(|(it, _)| *it == name) {
                let message = format!("`{name}` is set and mapped");
                let help = Some("leave one of the two".to_owned());
                table.problem(&COLUMN_TWICE, &name, message, "also under `columns`", help);
            }
            set.push((name, value));
        }
    }
    let keep = fields.words("keep");
    let threshold = fields.number("threshold").or(profile.threshold).unwrap_or(THRESHOLD);
    let all = profile.fields.iter().map(|(name, field)| Field {
        name: name.clone(),
        synonyms: field.synonyms.iter().map(|(it, _)| it.clone()).collect(),
        class: field.class,
        wanted: Wanted { value: field.value.clone(), like: field.like.clone() },
    });
    let placeholders = profile.placeholders.join("\n");
    let negations = profile.negations.clone();
    let spec = Map { columns, set, fields: all.collect(), keep, threshold, placeholders, negations };
    Some(Decoded::new(inputs?, spec))
}

/// Whether most values are addresses or numbers of somebody, by their look.
fn tells_of_people(found: &Evidence) -> bool {
    (found.of(Shape::Email) + found.of(Shape::Phone)) * 2 >= found.valued.max(1)
}

/// What is said in the step itself.
#[derive(Default)]
struct Said<'a> {
    made: Vec<(String, Expr)>,
    rules: BTreeMap<String, String>,
    taken: BTreeSet<&'a str>,
}

impl Map {
    fn said<'a>(&self, input: &Input<'a>, findings: &mut Vec<Finding>) -> Said<'a> {
        let mut acc = Said::default();
        for (name, words) in &self.columns {
            let key = format!("columns.{name}");
            let mut parts = Vec::new();
            for word in words {
                match resolve(input.schema, word) {
                    Some(column) => {
                        acc.taken.insert(column);
                        parts.push(column);
                    }
                    None => findings.push(unknown_column(input.name, input.schema, word, &key)),
                }
            }
            acc.rules.insert(name.clone(), "declared".to_owned());
            match parts.as_slice() {
                // Of none there is no value; of those that are not there it was told.
                [] => acc.made.push((name.clone(), Expr::Cast(Box::new(Expr::null()), Type::Text))),
                [one] => acc.made.push((name.clone(), Expr::column(*one))),
                several => {
                    let values = several.iter().map(|it| self.value(input.schema, it));
                    acc.made.push((name.clone(), Expr::call("coalesce", values)));
                }
            }
        }
        for word in &self.keep {
            match resolve(input.schema, word) {
                Some(column) => {
                    acc.taken.insert(column);
                    acc.rules.insert(column.to_owned(), "kept".to_owned());
                    acc.made.push((column.to_owned(), Expr::column(column)));
                }
                None => findings.push(unknown_column(input.name, input.schema, word, "keep")),
            }
        }
        for (name, value) in &self.set {
            acc.rules.insert(name.clone(), "set".to_owned());
            acc.made.push((name.clone(), Expr::Literal(value.clone())));
        }
        acc
    }

    /// A column where others may step in: a placeholder in it is no value.
    fn value(&self, schema: &Schema, column: &str) -> Expr {
        match schema.get(column).map(|it| it.ty) {
            Some(Type::Text) => {
                Expr::call("unless_listed", [Expr::column(column), Expr::text(self.placeholders.clone())])
            }
            _ => Expr::column(column),
        }
    }
}

impl Spec for Map {
    fn lower(&self, inputs: &[Input<'_>], findings: &mut Vec<Finding>) -> Option<Lowered> {
        let input = &inputs[0];
        let before = findings.len();
        let Said { mut made, mut rules, mut taken } = self.said(input, findings);
        let names: Vec<String> = made.iter().map(|(name, _)| name.clone()).collect();
        let given: BTreeSet<&str> = names.iter().map(String::as_str).collect();
        let pairs = choose::pairs(input.schema, input.evidence, &self.fields, &self.negations);
        let mut guesses = BTreeMap::new();
        let mut holders: BTreeMap<&str, String> =
            given.iter().map(|it| (*it, "which this step declares".to_owned())).collect();
        let mut assigned = choose::assign(&pairs, &taken, &given, self.threshold);
        let on = choose::goes_on(&assigned, input.schema, input.evidence, &self.fields, &taken, &given, self.threshold);
        assigned.extend(on);
        for pair in assigned {
            let name = pair.field.to_owned();
            let why = if pair.certain { pair.why.clone() } else { format!("a guess of {}: {}", pair.score, pair.why) };
            if !pair.certain {
                let choose::Pair { score, of_kind_only, .. } = pair;
                let guess = Guess { column: pair.column.to_owned(), score, why: pair.why.clone(), of_kind_only };
                guesses.insert(name.clone(), guess);
            }
            rules.insert(name.clone(), why);
            made.push((name, Expr::column(pair.column)));
            holders.insert(pair.field, format!("which `{}` is already", pair.column.escape_debug()));
            taken.insert(pair.column);
        }
        if findings.len() > before {
            return None;
        }
        let empty = |name: &str| self.columns.iter().any(|(it, words)| it == name && words.is_empty());
        if made.iter().all(|(name, _)| empty(name) || self.set.iter().any(|(it, _)| it == name)) {
            let names: Vec<_> = input.schema.visible().map(|it| format!("`{}`", it.name.escape_debug())).collect();
            let message = format!("no field takes any column of `{}`", input.name);
            let help = format!("its columns are {}; add synonyms or `columns`", names.join(", "));
            findings.push(Finding::new(&NOTHING_MAPPED, "from", message).label("this table").help(help));
            return None;
        }
        // Fields stand in the order of the profile, whatever order the delivery has.
        let place = |name: &str| self.fields.iter().position(|it| it.name == name).unwrap_or(usize::MAX);
        made.sort_by_key(|(name, _)| place(name));
        let hidden = input.schema.columns.iter().filter(|it| it.is_hidden());
        made.extend(hidden.map(|it| (it.name.clone(), Expr::column(&it.name))));
        let left = input.schema.visible().filter(|it| !taken.contains(it.name.as_str()));
        let unmapped = left.map(|it| {
            let proposals = choose::proposals(&pairs, &it.name, &holders);
            Unmapped { column: it.name.clone(), proposals }
        });
        let unmapped = unmapped.collect();
        let classes = self.fields.iter().filter(|it| made.iter().any(|(name, _)| *name == it.name));
        let mut classes: BTreeMap<String, Class> = classes.map(|it| (it.name.clone(), it.class)).collect();
        // What a guess put where nobody expects it is masked as what it looks like.
        let guessed = guesses.iter().filter(|(_, it)| input.evidence.get(&it.column).is_some_and(tells_of_people));
        classes.extend(guessed.map(|(name, _)| (name.clone(), Class::Personal)));
        let of_people = classes.values().any(|it| *it != Class::Open);
        let left = input.schema.visible().filter(|it| of_people && !taken.contains(it.name.as_str()));
        let told = unheard::told(input.name, left, input.evidence, findings);
        let relation = Relation::scan(0, input.schema).project(made);
        Some(Lowered { classes, unmapped, rules, guesses, told, ..relation.into() })
    }
}
