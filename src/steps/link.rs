//! `link`: the pairs of rows that are one thing, or may be, each with what speaks for it.
//!
//! ```toml
//! [step.pairs]
//! kind = "link"
//! from = "contacts"
//! key = "number"                        # what tells the two rows of a pair
//! compare = { first_name = "given name", surname = "surname", born = "date", email = "email" }
//! review = 0.05                         # pairs that are less likely one are left out
//! ```
//!
//! One row for each pair, by the left and then the right row. `agreement` says how the two agree in each column that is
//! compared, and no value of it. What is compared, and how, is as in `resolve`, which makes clusters of these pairs.

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, Int64Array, StringArray};
use serde::Serialize;
use serde_json::{Value, to_value};

use crate::expr::Mistake;
use crate::fields::Fields;
use crate::fields::keys::{Key, Takes, Usual};
use crate::linkage::{Model, Pair, Relation as Related, Verdict};
use crate::model::{Class, Column, Schema, Type};
use crate::profile::Profile;
use crate::relation::apply::Apply;
use crate::relation::operator::{Inputs, Operator, OperatorError, Out, Rows, batch, texts};
use crate::steps::asking::Asks;
use crate::steps::columns::{FROM, one_input};
use crate::steps::deciding::{self, DECIDED, DECISIONS, print_text};
use crate::steps::estimates::{self, Estimates};
use crate::steps::frozen::Frozen;
use crate::steps::matching::{self, ACROSS, BLOCKS, By, COMPARED, Found, KEY, MATCH, Matching, REVIEW, nobody};
use crate::steps::noting::{notes, told_left_out};
use crate::steps::resolve::{unused, with_decisions};
use crate::steps::{Decoded, Finding, Input, Kind, Lowered, Spec};

pub(super) const KIND: Kind = Kind {
    name: "link",
    revision: 1,
    summary: "the pairs of rows that match, or may match",
    keys: &[
        FROM,
        Key::required("key", Takes::Text, "the column that identifies the two rows of a pair"),
        COMPARED,
        BLOCKS,
        ACROSS,
        MATCH,
        DECISIONS,
        Key::new("review", Takes::SHARE, "pairs of a lesser probability are left out").or(Usual::Number(REVIEW)),
    ],
    decode,
};

const LEFT: &str = "left";
const RIGHT: &str = "right";
const WEIGHT: &str = "weight";
const PROBABILITY: &str = "probability";
const VERDICT: &str = "verdict";
const RELATION: &str = "relation";
const AGREEMENT: &str = "agreement";
const LEFT_ROW: &str = "_left";
const RIGHT_ROW: &str = "_right";
/// What somebody should know of the answer.
const NOTES: &str = "_link_notes";
/// What rows are known by in decisions.
const PRINTS: [&str; 2] = ["_left_print", "_right_print"];
const ALL: [&str; 10] = [LEFT, RIGHT, VERDICT, RELATION, PROBABILITY, WEIGHT, AGREEMENT, LEFT_ROW, RIGHT_ROW, NOTES];

#[derive(Debug, Serialize)]
struct Link {
    matching: Matching,
    review: f64,
}

fn decode(fields: &mut Fields, profile: &Profile) -> Option<Decoded> {
    let inputs = one_input(fields, "from");
    let has_key = fields.required("key");
    let review = fields.number("review").unwrap_or(REVIEW);
    let matching = Matching::read(fields, profile)?;
    let inputs = with_decisions(inputs?, fields);
    has_key.then(|| Decoded::new(inputs, Link { matching, review }))
}

impl Spec for Link {
    fn learns(&self) -> bool {
        true
    }

    fn with_model(&self, model: Frozen) -> Result<Arc<dyn Spec>, String> {
        Ok(Arc::new(Link { matching: self.matching.with(model)?, review: self.review }))
    }

    fn lower(&self, inputs: &[Input<'_>], findings: &mut Vec<Finding>) -> Option<Lowered> {
        let input = &inputs[0];
        if !self.matching.fits(input, findings) {
            return None;
        }
        let (from, matching) = self.matching.over(inputs, findings)?;
        let class = self.matching.key().and_then(|it| input.schema.get(it)).map(|it| it.class).unwrap_or_default();
        let rejects = inputs.get(1).and_then(|it| unused(&matching, it, &from));
        let told = rejects.iter().map(|_| deciding::told()).chain(told_left_out(NOTES)).collect();
        let decided = rejects.iter().flat_map(|_| PRINTS.into_iter().chain([DECIDED]));
        let take: Vec<&str> = ALL.into_iter().chain(estimates::ALL).chain(decided).collect();
        let asks = Some(Asks::new(&matching, &from, self.review, self.matching.class(input).max(class)));
        let pairs = Pairs { matching, review: self.review, class };
        let holding = deciding::holding(inputs, LEFT);
        Some(Lowered { told, rejects, asks, holding, ..Apply::relation(pairs, from, &take).into() })
    }
}

#[derive(Debug)]
struct Pairs {
    matching: Matching,
    review: f64,
    /// Of the key.
    class: Class,
}

/// What is done, for a recipe.
#[derive(Serialize)]
struct Recipe<'a> {
    matching: matching::Recipe<'a>,
    review: f64,
}

impl Operator for Pairs {
    fn name(&self) -> &'static str {
        "link"
    }

    fn revision(&self) -> u32 {
        8
    }

    fn recipe(&self) -> Value {
        to_value(Recipe { matching: self.matching.recipe(), review: self.review }).unwrap_or_default()
    }

    fn rows(&self) -> Rows {
        Rows::Other
    }

    fn at_once(&self) -> bool {
        true
    }

    fn schema(&self, _: &[Schema]) -> Result<Schema, Mistake> {
        let column = |name: &&str| match *name {
            LEFT | RIGHT => Column::new(*name, Type::Text).classed(self.class),
            WEIGHT | PROBABILITY => Column::new(*name, Type::Float),
            LEFT_ROW | RIGHT_ROW => Column::new(*name, Type::Integer),
            _ => Column::new(*name, Type::Text),
        };
        Ok(ALL.iter().chain(&PRINTS).chain([&DECIDED]).map(column).chain(estimates::columns()).collect())
    }

    fn reads<'a>(&'a self, wanted: &BTreeSet<&str>) -> Vec<BTreeSet<&'a str>> {
        self.matching.reads(wanted.contains(LEFT) || wanted.contains(RIGHT))
    }

    fn lineage<'a>(&'a self, made: &str) -> Vec<BTreeSet<&'a str>> {
        vec![match made {
            LEFT | RIGHT => BTreeSet::from([KEY]),
            LEFT_ROW | RIGHT_ROW | DECIDED | NOTES => BTreeSet::new(),
            _ if estimates::ALL.contains(&made) => BTreeSet::new(),
            _ => self.matching.compared().map(String::as_str).collect(),
        }]
    }

    fn origins<'a>(&'a self, made: &str) -> Vec<(usize, &'a str)> {
        match made {
            LEFT | "_left_print" => vec![(0, LEFT_ROW)],
            RIGHT | "_right_print" => vec![(0, RIGHT_ROW)],
            LEFT_ROW | RIGHT_ROW | DECIDED | NOTES => Vec::new(),
            _ if estimates::ALL.contains(&made) => Vec::new(),
            _ => vec![(0, LEFT_ROW), (0, RIGHT_ROW)],
        }
    }

    fn run(&self, wanted: &[String], inputs: &mut dyn Inputs, out: Out<'_>) -> Result<(), OperatorError> {
        let is_read = wanted.iter().any(|it| it == LEFT || it == RIGHT);
        self.matching.resolve(inputs, self.review, By::Pairs, nobody, |found| {
            let keys = if is_read { texts(found.rows, KEY)? } else { Vec::new() };
            let is_told = |it: &&Pair| it.verdict != Verdict::Reject || it.decided.is_some();
            let pairs: Vec<&Pair> = found.found.pairs.iter().filter(is_told).collect();
            let estimates = Estimates::of(&found);
            for pairs in pairs.chunks(1 << 16) {
                let column =
                    |it: &String| estimates.array(it, pairs.len()).unwrap_or_else(|| column(it, pairs, &found, &keys));
                let columns = wanted.iter().map(column).collect();
                out(batch(wanted.iter().map(String::as_str), columns, pairs.len())?)?;
            }
            Ok(())
        })
    }
}

fn column(name: &str, pairs: &[&Pair], found: &Found<'_>, keys: &[Option<&str>]) -> ArrayRef {
    let print = |row: u32| found.prints.get(row as usize).map(print_text);
    let key = |row: u32| keys.get(row as usize).copied().flatten();
    match name {
        LEFT => Arc::new(pairs.iter().map(|it| key(it.left)).collect::<StringArray>()),
        RIGHT => Arc::new(pairs.iter().map(|it| key(it.right)).collect::<StringArray>()),
        // As exact as anybody reads it.
        WEIGHT => Arc::new(pairs.iter().map(|it| Some((it.weight * 1e3).round() / 1e3)).collect::<Float64Array>()),
        PROBABILITY => {
            Arc::new(pairs.iter().map(|it| Some((it.probability * 1e6).round() / 1e6)).collect::<Float64Array>())
        }
        LEFT_ROW => Arc::new(pairs.iter().map(|it| Some(i64::from(it.left))).collect::<Int64Array>()),
        RIGHT_ROW => Arc::new(pairs.iter().map(|it| Some(i64::from(it.right))).collect::<Int64Array>()),
        VERDICT => Arc::new(pairs.iter().map(|it| Some(verdict(it.verdict))).collect::<StringArray>()),
        RELATION => Arc::new(pairs.iter().map(|it| Some(relation(it.relation))).collect::<StringArray>()),
        "_left_print" => Arc::new(pairs.iter().map(|it| print(it.left)).collect::<StringArray>()),
        "_right_print" => Arc::new(pairs.iter().map(|it| print(it.right)).collect::<StringArray>()),
        NOTES => {
            let notes = notes(&found.found.notes);
            Arc::new(pairs.iter().map(|_| notes.as_deref()).collect::<StringArray>())
        }
        DECIDED => Arc::new(pairs.iter().map(|it| found.decided.of((it.left, it.right))).collect::<StringArray>()),
        _ => Arc::new(pairs.iter().map(|it| agreement(&found.found.model, it)).collect::<StringArray>()),
    }
}

pub(super) fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Match => "match",
        Verdict::Review => "review",
        Verdict::Related => "related",
        Verdict::Reject => "reject",
    }
}

pub(super) fn relation(relation: Related) -> &'static str {
    match relation {
        Related::Same => "same",
        Related::Related => "related",
        Related::Branch => "branch",
        Related::Chance => "chance",
    }
}

/// How two rows agree in each column: `born: equal; surname: near`. A column that one of them lacks is not there.
pub(super) fn agreement(model: &Model, pair: &Pair) -> Option<String> {
    let pattern = model.patterns.get(pair.pattern as usize)?;
    let levels = model.comparisons.iter().zip(&pattern.levels).filter(|(_, level)| **level != 0);
    let told = levels.filter_map(|(it, level)| {
        let level = it.levels.get(usize::from(*level))?;
        Some(format!("{}: {}", it.name, level.name))
    });
    let told: Vec<_> = told.collect();
    (!told.is_empty()).then(|| told.join("; "))
}
