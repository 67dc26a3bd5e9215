//! `resolve`: finds the rows that are one person, one organisation, one thing, and says so in a column.
//!
//! ```toml
//! [step.people]
//! kind = "resolve"
//! from = "contacts"
//! compare = { first_name = "given name", surname = "surname", born = "date", email = "email", phone = "phone" }
//! block = ["email", ["surname", "born"]]        # without it, found by itself
//! match = 0.5                                   # the least probability that makes two rows one
//! key = "number"                                # what tells a row again, for decisions
//! decisions = "decided"                         # a table of what people decided
//! ```
//!
//! It gives the rows as they are, in their order, with the column `cluster`: rows that are one have the same text there,
//! made of what is compared in one of them, so that it does not depend on the order of rows. `merge` with
//! `key = "cluster"` makes one record of each. How many rows a cluster has stands in `_cluster_size`, its weakest link in
//! `_cluster_least` (log2 of the odds), and what somebody should know in `_cluster_notes`.
//!
//! What is compared with what is `crate::linkage`; the words of a language or country come from the profile.

use std::collections::BTreeSet;
use std::sync::Arc;

use ahash::{AHashMap, RandomState};
use arrow_array::{ArrayRef, Float64Array, Int64Array, StringArray};
use serde::Serialize;
use serde_json::{Value, to_value};

use crate::digest::{Hasher, hex};
use crate::expr::{Expr, Mistake};
use crate::fields::Fields;
use crate::linkage::{Resolution, Says};
use crate::model::{Class, Column, Schema, Type, is_hidden};
use crate::profile::Profile;
use crate::relation::Relation;
use crate::relation::apply::Apply;
use crate::relation::operator::{Inputs, Op, Operator, OperatorError, Out, Rows, batch, texts};
use crate::steps::asking::Asks;
use crate::steps::columns::{FROM, one_input};
use crate::steps::deciding::{self, DECIDED, DECISIONS, PROBLEM, Print};
use crate::steps::estimates::{self, Estimates};
use crate::steps::frozen::Frozen;
use crate::steps::matching::{ACROSS, BLOCKS, By, COMPARED, Found, KEY, MATCH, Matching, REVIEW, ROWS_BY, nobody};
use crate::steps::noting::{notes, told};
use crate::steps::{Decoded, Finding, Input, Kind, Lowered, Spec};

pub(super) const KIND: Kind = Kind {
    name: "resolve",
    revision: 1,
    summary: "finds the rows of the same person, organisation or thing",
    keys: &[FROM, COMPARED, BLOCKS, ACROSS, MATCH, ROWS_BY, DECISIONS],
    decode,
};

pub(super) const CLUSTER: &str = "cluster";
pub(super) const SIZE: &str = "_cluster_size";
pub(super) const LEAST: &str = "_cluster_least";
pub(super) const NOTES: &str = "_cluster_notes";

/// Rows that are handed on at once.
const BATCH: usize = 1 << 16;

#[derive(Debug, Serialize)]
struct Resolve {
    matching: Matching,
}

fn decode(fields: &mut Fields, profile: &Profile) -> Option<Decoded> {
    let inputs = one_input(fields, "from");
    let matching = Matching::read(fields, profile)?;
    Some(Decoded::new(with_decisions(inputs?, fields), Resolve { matching }))
}

/// The inputs, and the table of decisions if there is one.
pub(super) fn with_decisions(mut inputs: Vec<(String, String)>, fields: &mut Fields) -> Vec<(String, String)> {
    inputs.extend(fields.text("decisions").map(|it| (it, "decisions".to_owned())));
    inputs
}

impl Spec for Resolve {
    fn learns(&self) -> bool {
        true
    }

    fn with_model(&self, model: Frozen) -> Result<Arc<dyn Spec>, String> {
        Ok(Arc::new(Resolve { matching: self.matching.with(model)? }))
    }

    fn lower(&self, inputs: &[Input<'_>], findings: &mut Vec<Finding>) -> Option<Lowered> {
        let input = &inputs[0];
        if !self.matching.fits(input, findings) {
            return None;
        }
        let (from, matching) = self.matching.over(inputs, findings)?;
        let keep: Vec<String> = input.schema.names().map(str::to_owned).collect();
        let mut take: Vec<String> =
            [CLUSTER, SIZE, LEAST, NOTES].iter().chain(&estimates::ALL).map(|it| (*it).to_owned()).collect();
        let mut told = told(NOTES);
        let rejects = inputs.get(1).and_then(|it| unused(&matching, it, &from));
        if rejects.is_some() {
            take.push(DECIDED.to_owned());
            told.push(deciding::told());
        }
        let (hidden, visible): (Vec<_>, Vec<_>) = keep.iter().chain(&take).cloned().partition(|it| is_hidden(it));
        let asks = Some(Asks::new(&matching, &from, REVIEW, self.matching.class(input)));
        // Who knows the key of a row can tell whose cluster it is.
        let key = self.matching.key().and_then(|it| input.schema.get(it)).map(|it| it.class);
        let class = self.matching.class(input).max(key.unwrap_or(Class::Open));
        let op = Op::new(Cluster { class, matching });
        let apply = Relation::Apply(Box::new(Apply { op, from, keep, take }));
        let columns = visible.into_iter().chain(hidden).map(|it| (it.clone(), Expr::column(it))).collect();
        let holding = self.matching.key().map(|it| deciding::holding(inputs, it)).unwrap_or_default();
        Some(Lowered { told, rejects, asks, holding, ..apply.project(columns).into() })
    }
}

/// The decisions that are of no use, each with the reason.
pub(super) fn unused(matching: &Matching, lines: &Input<'_>, from: &[Relation]) -> Option<Relation> {
    let [rows, decided] = from else { return None };
    let shown = matching.deciding()?.shown(lines);
    let keep: Vec<String> = decided.columns().into_iter().filter(|it| *it != PROBLEM).map(str::to_owned).collect();
    let op = Op::new(Unused { matching: matching.clone() });
    let (from, take) = (vec![decided.clone(), rows.clone()], vec![PROBLEM.to_owned()]);
    let apply = Relation::Apply(Box::new(Apply { op, from, keep, take }));
    let columns = std::iter::once(PROBLEM.to_owned()).chain(shown).map(|it| (it.clone(), Expr::column(it)));
    let is_unused = Expr::call("is not null", [Expr::column(PROBLEM)]);
    Some(apply.filter(is_unused).project(columns.collect()))
}

/// Says of each decision why it is of no use.
#[derive(Debug)]
struct Unused {
    matching: Matching,
}

impl Operator for Unused {
    fn name(&self) -> &'static str {
        "unused decisions"
    }

    fn revision(&self) -> u32 {
        2
    }

    fn recipe(&self) -> Value {
        to_value(self.matching.recipe()).unwrap_or_default()
    }

    fn rows(&self) -> Rows {
        Rows::Same
    }

    fn schema(&self, _: &[Schema]) -> Result<Schema, Mistake> {
        Ok([Column::new(PROBLEM, Type::Text)].into_iter().collect())
    }

    fn reads<'a>(&'a self, _: &BTreeSet<&str>) -> Vec<BTreeSet<&'a str>> {
        let mut reads = self.matching.reads(true);
        reads.reverse();
        reads
    }

    fn lineage<'a>(&'a self, _: &str) -> Vec<BTreeSet<&'a str>> {
        Vec::new()
    }

    fn run(&self, wanted: &[String], inputs: &mut dyn Inputs, out: Out<'_>) -> Result<(), OperatorError> {
        let unused = self.matching.unused(inputs)?;
        let columns = wanted.iter().map(|_| Arc::new(unused.iter().copied().collect::<StringArray>()) as ArrayRef);
        out(batch(wanted.iter().map(String::as_str), columns.collect(), unused.len())?)
    }
}

/// Says of each row which cluster it is in.
#[derive(Debug)]
struct Cluster {
    matching: Matching,
    /// Of what is made of the compared values and the keys.
    class: Class,
}

impl Cluster {
    /// Whether clusters are called by the keys of their rows.
    fn needs_keys(&self) -> bool {
        self.matching.key().is_some()
    }
}

impl Operator for Cluster {
    fn name(&self) -> &'static str {
        "resolve"
    }

    fn revision(&self) -> u32 {
        12
    }

    fn recipe(&self) -> Value {
        to_value(self.matching.recipe()).unwrap_or_default()
    }

    fn rows(&self) -> Rows {
        Rows::Same
    }

    fn at_once(&self) -> bool {
        true
    }

    fn schema(&self, _: &[Schema]) -> Result<Schema, Mistake> {
        Ok([
            // Who knows what it is made of can tell whose cluster it is.
            Column::new(CLUSTER, Type::Text).classed(self.class),
            Column::new(SIZE, Type::Integer),
            Column::new(LEAST, Type::Float),
            Column::new(NOTES, Type::Text),
            Column::new(DECIDED, Type::Text),
        ]
        .into_iter()
        .chain(estimates::columns())
        .collect())
    }

    fn reads<'a>(&'a self, wanted: &BTreeSet<&str>) -> Vec<BTreeSet<&'a str>> {
        if wanted.is_empty() { Vec::new() } else { self.matching.reads(self.needs_keys()) }
    }

    fn lineage<'a>(&'a self, made: &str) -> Vec<BTreeSet<&'a str>> {
        let key = self.matching.key().map(|_| KEY);
        vec![self.matching.compared().map(String::as_str).chain(key).filter(|_| made == CLUSTER).collect()]
    }

    fn run(&self, wanted: &[String], inputs: &mut dyn Inputs, out: Out<'_>) -> Result<(), OperatorError> {
        self.matching.resolve(inputs, REVIEW, By::Known, nobody, |found| {
            let keys = if self.needs_keys() { texts(found.rows, KEY)? } else { Vec::new() };
            let answer = Answer::of(&found, &keys, wanted);
            let count = found.found.clusters.len();
            for begin in (0..count).step_by(BATCH) {
                let range = begin..count.min(begin + BATCH);
                let columns = wanted.iter().map(|it| answer.column(it, range.clone())).collect();
                out(batch(wanted.iter().map(String::as_str), columns, range.len())?)?;
            }
            Ok(())
        })
    }
}

/// What is said of rows.
struct Answer {
    /// For each row the place of its cluster.
    clusters: Vec<u32>,
    ids: Vec<Id>,
    sizes: Vec<u32>,
    least: Vec<Option<f64>>,
    notes: Option<String>,
    estimates: Estimates,
    /// For each row what was decided of it.
    decided: Vec<Option<String>>,
}

impl Answer {
    fn of(all: &Found<'_>, keys: &[Option<&str>], wanted: &[String]) -> Answer {
        let found = &all.found;
        let mut places = vec![u32::MAX; found.clusters.len()];
        let mut clusters = Vec::with_capacity(found.clusters.len());
        let mut count = 0;
        for least in &found.clusters {
            let place = &mut places[*least as usize];
            if *place == u32::MAX {
                *place = count;
                count += 1;
            }
            clusters.push(*place);
        }
        let count = count as usize;
        let mut sizes = vec![0_u32; count];
        clusters.iter().for_each(|it| sizes[*it as usize] += 1);
        Answer {
            ids: ids(all.prints, keys, &clusters, count),
            decided: if wanted.iter().any(|it| it == DECIDED) {
                all.decided.of_rows(clusters.len())
            } else {
                Vec::new()
            },
            least: weakest(held(found), &clusters, count),
            notes: notes(&found.notes),
            estimates: Estimates::of(all),
            clusters,
            sizes,
        }
    }

    fn column(&self, name: &str, rows: std::ops::Range<usize>) -> ArrayRef {
        if let Some(estimate) = self.estimates.array(name, rows.len()) {
            return estimate;
        }
        if name == DECIDED {
            return Arc::new(self.decided[rows].iter().map(Option::as_deref).collect::<StringArray>());
        }
        let clusters = self.clusters[rows].iter().map(|it| *it as usize);
        match name {
            CLUSTER => Arc::new(clusters.map(|it| Some(hex(&self.ids[it]))).collect::<StringArray>()),
            SIZE => Arc::new(clusters.map(|it| Some(i64::from(self.sizes[it]))).collect::<Int64Array>()),
            LEAST => Arc::new(clusters.map(|it| self.least[it]).collect::<Float64Array>()),
            _ => Arc::new(clusters.map(|_| self.notes.as_deref()).collect::<StringArray>()),
        }
    }
}

/// The name of a cluster, of which people see the digits.
type Id = [u8; 12];

/// The name of each cluster: that of its row with the least key, or where rows have no keys, of the least by what is
/// compared. Rows with one key are told apart by how many with lesser values have it, and rows without one by how many
/// came before with the same values.
fn ids(prints: &[Print], keys: &[Option<&str>], clusters: &[u32], count: usize) -> Vec<Id> {
    let key = |row: u32| keys.get(row as usize).copied().flatten();
    let print = |row: u32| Some(prints[row as usize]).filter(|_| key(row).is_none());
    let times = repeated(prints, keys);
    let own = |row: u32| (key(row).is_none(), key(row), print(row), times.get(&row).copied().unwrap_or_default());
    let mut least = vec![u32::MAX; count];
    for (row, cluster) in (0..).zip(clusters) {
        let known = &mut least[*cluster as usize];
        if *known == u32::MAX || own(row) < own(*known) {
            *known = row;
        }
    }
    let name = |row: u32| {
        let times = times.get(&row).copied().unwrap_or_default();
        let digest = match key(row) {
            Some(key) => Hasher::new("hotpass cluster of a key v1").text(key).number(times).finish(),
            None => Hasher::new("hotpass cluster v1").bytes(&prints[row as usize]).number(times).finish(),
        };
        digest.as_bytes().first_chunk().copied().unwrap_or_default()
    };
    least.into_iter().map(name).collect()
}

/// Rows that have the key of others, or no key and the values of others, each with how many of these come before it.
fn repeated(prints: &[Print], keys: &[Option<&str>]) -> AHashMap<u32, u64> {
    let key = |row: u32| keys.get(row as usize).copied().flatten();
    let print = |row: u32| prints[row as usize];
    let hasher = RandomState::with_seeds(0, 0, 0, 0);
    let head = |row: u32| match key(row) {
        Some(key) => hasher.hash_one(key),
        None => u64::from_be_bytes(print(row).first_chunk().copied().unwrap_or_default()),
    };
    // Most rows are told apart by a number; the others are looked at.
    let mut sorted: Vec<(u64, u32)> = (0..prints.len() as u32).map(|it| (head(it), it)).collect();
    sorted.sort_unstable();
    let same = |row: u32| (key(row), Some(print(row)).filter(|_| key(row).is_none()));
    let mut acc = AHashMap::new();
    for alike in sorted.chunk_by(|a, b| a.0 == b.0).filter(|it| it.len() > 1) {
        let mut own: Vec<u32> = alike.iter().map(|it| it.1).collect();
        own.sort_by_key(|it| (key(*it), print(*it), *it));
        for same in own.chunk_by(|a, b| same(*a) == same(*b)) {
            acc.extend(same.iter().copied().zip(0..).skip(1));
        }
    }
    acc
}

/// The weight of the weakest of the pairs that hold each cluster together: of the strongest pairs that join all of its
/// rows the least. Of each pair its rows, its weight, and whether somebody decided that they are one.
pub(super) fn weakest(
    pairs: impl Iterator<Item = (u32, u32, f64, bool)>,
    clusters: &[u32],
    count: usize,
) -> Vec<Option<f64>> {
    let mut pairs: Vec<_> = pairs.filter(|it| clusters[it.0 as usize] == clusters[it.1 as usize]).collect();
    // What somebody decided is no weak link.
    pairs.sort_by(|a, b| b.3.cmp(&a.3).then(b.2.total_cmp(&a.2)).then((a.0, a.1).cmp(&(b.0, b.1))));
    let mut above: Vec<u32> = (0..clusters.len() as u32).collect();
    let mut least = vec![None; count];
    for (one, other, weight, is_decided) in pairs {
        let (left, right) = (top(&mut above, one), top(&mut above, other));
        if left != right {
            above[left.max(right) as usize] = left.min(right);
            if is_decided {
                continue;
            }
            // As exact as anybody reads it.
            least[clusters[one as usize] as usize] = Some((weight * 1e3).round() / 1e3);
        }
    }
    least
}

/// The pairs of an answer, with what they weigh and whether somebody decided that they are one.
pub(super) fn held(found: &Resolution) -> impl Iterator<Item = (u32, u32, f64, bool)> {
    found.pairs.iter().map(|it| (it.left, it.right, it.weight, it.decided == Some(Says::Same)))
}

fn top(above: &mut [u32], mut row: u32) -> u32 {
    while above[row as usize] != row {
        above[row as usize] = above[above[row as usize] as usize];
        row = above[row as usize];
    }
    row
}
