//! `resolve`: finds the rows that are one person, one organisation, one thing, and says so in a column.
//!
//! ```toml
//! [step.people]
//! kind = "resolve"
//! from = "contacts"
//! compare = { first_name = "given name", surname = "surname", born = "date", email = "email", phone = "phone" }
//! block = ["email", ["surname", "born"]]        # without it, found by itself
//! match = 0.5                                   # the least probability that makes two rows one
//! ```
//!
//! It gives the rows as they are, in their order, with the column `cluster`: rows that are one have the same text there,
//! made of what is compared in one of them, so that it does not depend on the order of rows. `merge` with
//! `key = "cluster"` makes one record of each. How many rows a cluster has stands in `_cluster_size`, its weakest link in
//! `_cluster_least` (log2 of the odds), and what somebody should know in `_cluster_notes`.
//!
//! What is compared with what is `crate::linkage`; the words of a language or country come from the profile.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, Int64Array, StringArray};
use serde::Serialize;
use serde_json::Value;

use crate::digest::Hasher;
use crate::expr::{Expr, Mistake};
use crate::fields::Fields;
use crate::linkage::{self, Resolution, Table};
use crate::model::{Class, Column, Schema, Type, is_hidden};
use crate::profile::Profile;
use crate::relation::Relation;
use crate::relation::apply::Apply;
use crate::relation::operator::{Halt, Inputs, Op, Operator, Out, Rows, batch};
use crate::steps::columns::{FROM, one_input};
use crate::steps::matching::{ACROSS, BLOCKS, COMPARED, MATCH, Matching, REVIEW, notes, told};
use crate::steps::{Decoded, Finding, Input, Kind, Lowered, Spec};

pub(super) const KIND: Kind = Kind {
    name: "resolve",
    revision: 1,
    summary: "finds the rows that are one person, organisation or thing",
    keys: &[FROM, COMPARED, BLOCKS, ACROSS, MATCH],
    decode,
};

const CLUSTER: &str = "cluster";
const SIZE: &str = "_cluster_size";
const LEAST: &str = "_cluster_least";
const NOTES: &str = "_cluster_notes";

/// Rows that are handed on at once.
const BATCH: usize = 1 << 16;

#[derive(Debug, Serialize)]
struct Resolve {
    matching: Matching,
}

fn decode(fields: &mut Fields, profile: &Profile) -> Option<Decoded> {
    let inputs = one_input(fields, "from");
    let matching = Matching::read(fields, profile)?;
    Some(Decoded::new(inputs?, Resolve { matching }))
}

impl Spec for Resolve {
    fn lower(&self, inputs: &[Input<'_>], findings: &mut Vec<Finding>) -> Option<Lowered> {
        let input = &inputs[0];
        if !self.matching.fits(input, findings) {
            return None;
        }
        let (from, matching) = self.matching.over(input);
        let keep: Vec<String> = input.schema.names().map(str::to_owned).collect();
        let take = [CLUSTER, SIZE, LEAST, NOTES].map(str::to_owned).to_vec();
        let (hidden, visible): (Vec<_>, Vec<_>) = keep.iter().chain(&take).cloned().partition(|it| is_hidden(it));
        let op = Op::new(Cluster { class: self.matching.class(input), matching });
        let apply = Relation::Apply(Box::new(Apply { op, from: vec![from], keep, take }));
        let columns = visible.into_iter().chain(hidden).map(|it| (it.clone(), Expr::column(it))).collect();
        Some(Lowered { told: told(NOTES), ..apply.project(columns).into() })
    }
}

/// Says of each row which cluster it is in.
#[derive(Debug)]
struct Cluster {
    matching: Matching,
    /// Of what is made of the compared values.
    class: Class,
}

impl Operator for Cluster {
    fn name(&self) -> &'static str {
        "resolve"
    }

    fn revision(&self) -> u32 {
        1
    }

    fn recipe(&self) -> Value {
        self.matching.recipe()
    }

    fn rows(&self) -> Rows {
        Rows::Same
    }

    fn schema(&self, _: &[Schema]) -> Result<Schema, Mistake> {
        Ok([
            // Who knows the compared values can tell whose cluster it is.
            Column::new(CLUSTER, Type::Text).classed(self.class),
            Column::new(SIZE, Type::Integer),
            Column::new(LEAST, Type::Float),
            Column::new(NOTES, Type::Text),
        ]
        .into_iter()
        .collect())
    }

    fn reads<'a>(&'a self, wanted: &BTreeSet<&str>) -> Vec<BTreeSet<&'a str>> {
        vec![self.matching.columns().filter(|_| !wanted.is_empty()).map(String::as_str).collect()]
    }

    fn lineage<'a>(&'a self, made: &str) -> Vec<BTreeSet<&'a str>> {
        vec![self.matching.compared().filter(|_| made == CLUSTER).map(String::as_str).collect()]
    }

    fn run(&self, wanted: &[String], inputs: &mut dyn Inputs, out: Out<'_>) -> Result<(), Halt> {
        self.matching.resolve(inputs, REVIEW, |found, table, _| {
            let answer = Answer::of(found, table);
            let count = found.clusters.len();
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
    ids: Vec<String>,
    sizes: Vec<u32>,
    least: Vec<Option<f64>>,
    notes: Option<String>,
}

impl Answer {
    fn of(found: &Resolution, table: &Table<'_>) -> Answer {
        let mut places: BTreeMap<u32, u32> = BTreeMap::new();
        let mut clusters = Vec::with_capacity(found.clusters.len());
        for least in &found.clusters {
            let next = places.len() as u32;
            clusters.push(*places.entry(*least).or_insert(next));
        }
        let mut sizes = vec![0_u32; places.len()];
        clusters.iter().for_each(|it| sizes[*it as usize] += 1);
        Answer {
            ids: ids(table, &clusters, places.len()),
            least: weakest(found, &clusters, places.len()),
            notes: notes(&found.notes),
            clusters,
            sizes,
        }
    }

    fn column(&self, name: &str, rows: std::ops::Range<usize>) -> ArrayRef {
        let clusters = self.clusters[rows].iter().map(|it| *it as usize);
        match name {
            CLUSTER => Arc::new(clusters.map(|it| Some(self.ids[it].as_str())).collect::<StringArray>()),
            SIZE => Arc::new(clusters.map(|it| Some(i64::from(self.sizes[it]))).collect::<Int64Array>()),
            LEAST => Arc::new(clusters.map(|it| self.least[it]).collect::<Float64Array>()),
            _ => Arc::new(clusters.map(|_| self.notes.as_deref()).collect::<StringArray>()),
        }
    }
}

/// The name of each cluster: that of the least of its rows by what is compared in them. Rows with the same values are
/// told apart by how many came before.
fn ids(table: &Table<'_>, clusters: &[u32], count: usize) -> Vec<String> {
    let mut before: BTreeMap<[u8; 32], u64> = BTreeMap::new();
    let mut least: Vec<Option<([u8; 32], u64)>> = vec![None; count];
    for (row, cluster) in clusters.iter().enumerate() {
        let mut hasher = Hasher::new("hotpass record print v1");
        for column in &table.columns {
            match column[row] {
                Some(text) => hasher.text(text),
                // No text is that long.
                None => hasher.number(u64::MAX),
            };
        }
        let print = *hasher.finish().as_bytes();
        let times = before.entry(print).or_default();
        let own = (print, *times);
        *times += 1;
        let known = &mut least[*cluster as usize];
        *known = Some(known.map_or(own, |it| it.min(own)));
    }
    let name = |(print, times): ([u8; 32], u64)| {
        let mut hex = Hasher::new("hotpass cluster v1").bytes(&print).number(times).finish().hex();
        hex.truncate(24);
        hex
    };
    least.into_iter().map(|it| it.map(name).unwrap_or_default()).collect()
}

/// The weight of the weakest of the pairs that hold each cluster together: of the strongest pairs that join all of its
/// rows the least.
fn weakest(found: &Resolution, clusters: &[u32], count: usize) -> Vec<Option<f64>> {
    let within = |it: &&linkage::Pair| clusters[it.left as usize] == clusters[it.right as usize];
    let mut pairs: Vec<_> = found.pairs.iter().filter(within).collect();
    pairs.sort_by(|a, b| b.weight.total_cmp(&a.weight).then((a.left, a.right).cmp(&(b.left, b.right))));
    let mut above: Vec<u32> = (0..clusters.len() as u32).collect();
    let mut least = vec![None; count];
    for pair in pairs {
        let (left, right) = (top(&mut above, pair.left), top(&mut above, pair.right));
        if left != right {
            above[left.max(right) as usize] = left.min(right);
            // As exact as anybody reads it.
            least[clusters[pair.left as usize] as usize] = Some((pair.weight * 1e3).round() / 1e3);
        }
    }
    least
}

fn top(above: &mut [u32], mut row: u32) -> u32 {
    while above[row as usize] != row {
        above[row as usize] = above[above[row as usize] as usize];
        row = above[row as usize];
    }
    row
}
