//! `cluster`: the rows that are one, out of pairs that have a weight already, and of what people decided.
//!
//! ```toml
//! [step.grouped]
//! kind = "cluster"
//! from = "contacts"
//! with = "pairs"            # a table of pairs: left, right, and weight or probability
//! key = "number"            # the column that left and right name
//! how = "average"           # or components, or one to one
//! match = 0.5               # the least probability that makes two rows one
//! across = "system"         # rows with the same value in it are never one
//! max_size = 100            # no cluster has more rows
//! decisions = "decided"
//! ```
//!
//! For whoever makes the pairs: with a `link` step and a query behind it, with a join, with another tool. It gives the
//! rows as they are, in their order, with the column `cluster`, as `resolve` does; there it is made of the least key of
//! the rows that are one, so that it does not depend on the order of anything.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use arrow_array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use serde::Serialize;
use serde_json::{Value, to_value};

use crate::digest::Hasher;
use crate::expr::{Expr, Mistake};
use crate::fields::keys::{Key, Takes, Usual, words};
use crate::fields::{Fields, WRONG_VALUE};
use crate::linkage::{self, Clustering, Weighed};
use crate::model::{Class, Column, Schema, Type, is_hidden};
use crate::profile::Profile;
use crate::relation::Relation;
use crate::relation::apply::Apply;
use crate::relation::operator::{Inputs, Op, Operator, OperatorError, Out, Rows, batch, texts};
use crate::steps::columns::{FROM, known, one_input};
use crate::steps::deciding::{self, DECIDE, DECIDED, DECISIONS, Deciding, PROBLEM};
use crate::steps::matching::{ACROSS, KEY, MATCH, read};
use crate::steps::noting::{notes, told};
use crate::steps::resolve::{CLUSTER, LEAST, NOTES, SIZE, weakest, with_decisions};
use crate::steps::{Decoded, Finding, Input, Kind, Lowered, Spec, TYPE_MISMATCH};

pub(super) const KIND: Kind = Kind {
    name: "cluster",
    revision: 2,
    summary: "the rows of the same thing, from pairs that already have weights",
    keys: &[
        FROM,
        Key::required("with", Takes::Text, "pairs: a table with `left` and `right`, and `weight` or `probability`"),
        Key::required("key", Takes::Text, "the column that `left` and `right` name"),
        Key::new("how", Takes::Word(&words(&HOW)), "how pairs become clusters").or_text("average"),
        ACROSS,
        MATCH,
        Key::new("max_size", Takes::Integer(2, MOST), "no cluster has more rows").or(Usual::Number(USUAL as f64)),
        DECISIONS,
    ],
    decode,
};

const HOW: [(&str, Clustering); 3] =
    [("average", Clustering::Average), ("components", Clustering::Components), ("one to one", Clustering::OneToOne)];
const MOST: i64 = 100_000;
const USUAL: i64 = 100;

/// The columns of pairs.
const LEFT: &str = "left";
const RIGHT: &str = "right";
const WEIGHT: &str = "weight";
const PROBABILITY: &str = "probability";
/// The same as they are read.
const SIDES: [&str; 2] = ["_left text", "_right text"];
const BITS: &str = "_bits";
/// The value of `across`, as text.
const SIDE: &str = "_side";
/// How many weak pairs alone hold the cluster of a row together.
const BRIDGES: &str = "_cluster_bridges";

#[derive(Clone, PartialEq, Debug, Serialize)]
struct Cluster {
    key: String,
    how: Clustering,
    across: Option<String>,
    match_at: f64,
    max_size: u32,
    /// Whether pairs say a weight; else a probability.
    #[serde(skip_serializing_if = "Option::is_none")]
    weighs: Option<bool>,
    /// How decisions are read: known once the columns of their table are.
    #[serde(skip_serializing_if = "Option::is_none")]
    deciding: Option<Deciding>,
    /// Of the key.
    #[serde(skip)]
    class: Class,
}

fn decode(fields: &mut Fields, _: &Profile) -> Option<Decoded> {
    let from = one_input(fields, "from");
    let with = one_input(fields, "with");
    let key = fields.required_text("key");
    let how = fields.choice("how", &HOW).unwrap_or(Clustering::Average);
    let across = fields.text("across");
    let match_at = fields.number("match").unwrap_or(0.5);
    let max_size = fields.integer("max_size").unwrap_or(USUAL);
    if !(2..=MOST).contains(&max_size) {
        let message = format!("`max_size` lies between 2 and {MOST}");
        fields.problem(&WRONG_VALUE, "max_size", message, "this number", None);
    }
    let max_size = u32::try_from(max_size).unwrap_or(u32::MAX);
    let mut inputs = from?;
    inputs.extend(with?);
    let inputs = with_decisions(inputs, fields);
    let (weighs, deciding, class) = (None, None, Class::Open);
    Some(Decoded::new(inputs, Cluster { key: key?, how, across, match_at, max_size, weighs, deciding, class }))
}

impl Spec for Cluster {
    fn lower(&self, inputs: &[Input<'_>], findings: &mut Vec<Finding>) -> Option<Lowered> {
        let before = findings.len();
        let (rows, pairs) = (&inputs[0], &inputs[1]);
        known(rows, &self.key, "key", findings);
        self.across.iter().for_each(|it| _ = known(rows, it, "across", findings));
        [LEFT, RIGHT].iter().for_each(|it| _ = known(pairs, it, "with", findings));
        let weighs = weighs(pairs, findings);
        if findings.len() > before {
            return None;
        }
        let class = rows.schema.get(&self.key).map(|it| it.class).unwrap_or_default();
        let mut it = Cluster { weighs, class, ..self.clone() };
        let mut from = vec![it.rows(rows.schema), it.pairs(pairs.schema)];
        let mut take: Vec<&str> = vec![CLUSTER, SIZE, LEAST, BRIDGES, NOTES];
        let mut told = told(NOTES);
        let mut set_aside = vec![it.unused(&from, UNUSED_PAIRS, pairs.schema)];
        if let Some(lines) = inputs.get(2) {
            let deciding = Deciding::by_key(&[*rows, *lines], &self.key, findings)?;
            from.push(deciding.lines(2, lines));
            it.deciding = Some(deciding);
            take.push(DECIDED);
            told.push(deciding::told());
            set_aside.push(it.unused(&from, UNUSED_DECISIONS, lines.schema));
        }
        let keep: Vec<String> = rows.schema.names().map(str::to_owned).collect();
        let take: Vec<String> = take.into_iter().map(str::to_owned).collect();
        let (hidden, visible): (Vec<_>, Vec<_>) = keep.iter().chain(&take).cloned().partition(|it| is_hidden(it));
        let apply = Relation::Apply(Box::new(Apply { op: Op::new(it), from, keep, take }));
        let columns = visible.into_iter().chain(hidden).map(|it| (it.clone(), Expr::column(it))).collect();
        let rejects = Some(Relation::Union(set_aside));
        let holding = deciding::holding(inputs, &self.key);
        Some(Lowered { told, rejects, holding, ..apply.project(columns).into() })
    }
}

/// A pair as two places among the keys with its weight, or why it is of no use.
type Placed = Result<(u32, u32, f64), &'static str>;

/// Whether pairs say a weight, or else a probability.
fn weighs(pairs: &Input<'_>, findings: &mut Vec<Finding>) -> Option<bool> {
    let named = [WEIGHT, PROBABILITY].into_iter().find_map(|it| pairs.schema.get(it));
    let Some(column) = named else {
        let message = format!("`{}` does not show how certain its pairs are", pairs.name.escape_debug());
        let help = "it takes the column `weight`, log2 of the odds that two rows match, or `probability`";
        findings.push(Finding::new(&WRONG_VALUE, "with", message).label("this table").help(help.to_owned()));
        return None;
    };
    if !matches!(column.ty, Type::Float | Type::Integer | Type::Decimal { .. }) {
        let message = format!("`{}` of `{}` is {}", column.name, pairs.name.escape_debug(), column.ty);
        let help = format!("make a number of it in a step before: `try_cast({} as float)`", column.name);
        findings.push(Finding::new(&TYPE_MISMATCH, "with", message).label("this table").help(help));
    }
    Some(column.name == WEIGHT)
}

fn text(column: &str) -> Expr {
    Expr::Cast(Box::new(Expr::column(column)), Type::Text)
}

impl Cluster {
    /// The rows with key and side as texts.
    fn rows(&self, schema: &Schema) -> Relation {
        let all = schema.names().map(|it| (it.to_owned(), Expr::column(it)));
        let key = [(KEY.to_owned(), text(&self.key))];
        let side = self.across.iter().map(|it| (SIDE.to_owned(), text(it)));
        Relation::scan(0, schema).project(all.chain(key).chain(side).collect())
    }

    /// The pairs with both sides as texts and what they weigh as a number.
    fn pairs(&self, schema: &Schema) -> Relation {
        let named = if self.weighs == Some(true) { WEIGHT } else { PROBABILITY };
        let bits = Expr::Cast(Box::new(Expr::column(named)), Type::Float);
        let all = schema.names().map(|it| (it.to_owned(), Expr::column(it)));
        let read = [(SIDES[0], text(LEFT)), (SIDES[1], text(RIGHT)), (BITS, bits)];
        let read = read.into_iter().map(|(name, it)| (name.to_owned(), it));
        Relation::scan(1, schema).project(all.chain(read).collect())
    }

    /// What is of no use of one of the tables, each line with the reason.
    fn unused(&self, from: &[Relation], of: usize, schema: &Schema) -> Relation {
        let op = Op::new(Unused { cluster: self.clone(), of });
        let (keep, take) = (schema.names().map(str::to_owned).collect(), vec![PROBLEM.to_owned()]);
        let from = vec![from[of].clone(), from[0].clone()];
        let apply = Relation::Apply(Box::new(Apply { op, from, keep, take }));
        let is_unused = Expr::call("is not null", [Expr::column(PROBLEM)]);
        let none = || Expr::Cast(Box::new(Expr::null()), Type::Text);
        // Decisions hold no personal key.
        let hides = self.class != Class::Open && of == UNUSED_DECISIONS;
        let side = |it: &str| if hides || !schema.has(it) { none() } else { text(it) };
        let decide = if of == UNUSED_DECISIONS { Expr::column(DECIDE) } else { none() };
        let columns = [(PROBLEM, Expr::column(PROBLEM)), (LEFT, side(LEFT)), (RIGHT, side(RIGHT)), (DECIDE, decide)];
        apply.filter(is_unused).project(columns.map(|(name, it)| (name.to_owned(), it)).to_vec())
    }

    /// The columns that are read of the rows, of pairs, and of decisions.
    fn columns(&self) -> [BTreeSet<&str>; 3] {
        let rows = std::iter::once(KEY).chain(self.across.iter().map(|_| SIDE)).collect();
        let lines = self.deciding.as_ref().map(Deciding::columns).unwrap_or_default();
        [rows, BTreeSet::from([SIDES[0], SIDES[1], BITS]), lines]
    }

    /// What a pair weighs; why not, where it says nothing that can be used.
    fn bits(&self, said: Option<f64>) -> Result<f64, &'static str> {
        match (said, self.weighs) {
            (None, _) => Err("it does not say how sure it is"),
            (Some(it), Some(true)) if it.is_nan() => Err("its weight is no number"),
            (Some(it), Some(true)) => Ok(it.clamp(-1000.0, 1000.0)),
            (Some(it), _) if (0.0..=1.0).contains(&it) => Ok(linkage::weight_of(it)),
            _ => Err("its probability is not from 0 to 1"),
        }
    }

    /// Each pair as two places among the keys with its weight; why not, where it is of no use.
    fn weighed(&self, pairs: &[RecordBatch], keys: &[&str]) -> Result<Vec<Placed>, OperatorError> {
        let (left, right) = (texts(pairs, SIDES[0])?, texts(pairs, SIDES[1])?);
        let mut said: Vec<Option<f64>> = Vec::with_capacity(left.len());
        for rows in pairs {
            let column = rows.column_by_name(BITS).and_then(|it| it.as_primitive_opt::<Float64Type>());
            let column = column.ok_or_else(|| OperatorError::Failed("what pairs weigh is not a number".to_owned()))?;
            said.extend(column.iter());
        }
        let place = |key: Option<&str>| {
            let key = key.filter(|it| !it.is_empty()).ok_or("it does not say which two rows it is about")?;
            keys.binary_search(&key).map(|it| it as u32).map_err(|_| "there is no row with this key")
        };
        let one = |((left, right), said): ((&Option<&str>, &Option<&str>), &Option<f64>)| {
            let (left, right) = (place(*left)?, place(*right)?);
            if left == right {
                return Err("both are one and the same row");
            }
            Ok((left.min(right), left.max(right), self.bits(*said)?))
        };
        Ok(left.iter().zip(&right).zip(&said).map(one).collect())
    }
}

/// The keys of rows, sorted, each once.
fn keys_of<'a>(of_rows: &[Option<&'a str>]) -> Vec<&'a str> {
    let mut keys: Vec<&str> = of_rows.iter().copied().flatten().filter(|it| !it.is_empty()).collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// Inputs of which something may be of no use.
const UNUSED_PAIRS: usize = 1;
const UNUSED_DECISIONS: usize = 2;

/// Says of each pair, or of each decision, why it is of no use.
#[derive(Debug)]
struct Unused {
    cluster: Cluster,
    of: usize,
}

impl Operator for Unused {
    fn name(&self) -> &'static str {
        "unused pairs"
    }

    fn revision(&self) -> u32 {
        1
    }

    fn recipe(&self) -> Value {
        to_value((&self.cluster, self.of)).unwrap_or_default()
    }

    fn rows(&self) -> Rows {
        Rows::Same
    }

    fn schema(&self, _: &[Schema]) -> Result<Schema, Mistake> {
        Ok([Column::new(PROBLEM, Type::Text)].into_iter().collect())
    }

    fn reads<'a>(&'a self, _: &BTreeSet<&str>) -> Vec<BTreeSet<&'a str>> {
        let mut columns = self.cluster.columns();
        vec![std::mem::take(&mut columns[self.of]), BTreeSet::from([KEY])]
    }

    fn lineage<'a>(&'a self, _: &str) -> Vec<BTreeSet<&'a str>> {
        Vec::new()
    }

    fn run(&self, wanted: &[String], inputs: &mut dyn Inputs, out: Out<'_>) -> Result<(), OperatorError> {
        let (lines, rows) = (read(inputs, 0)?, read(inputs, 1)?);
        let of_rows = texts(&rows, KEY)?;
        let keys = keys_of(&of_rows);
        let unused: Vec<Option<&str>> = match &self.cluster.deciding {
            Some(deciding) if self.of == UNUSED_DECISIONS => found(deciding, &lines, &keys)?.unused,
            _ => self.cluster.weighed(&lines, &keys)?.into_iter().map(Result::err).collect(),
        };
        let columns = wanted.iter().map(|_| Arc::new(unused.iter().copied().collect::<StringArray>()) as ArrayRef);
        out(batch(wanted.iter().map(String::as_str), columns.collect(), unused.len())?)
    }
}

fn found(deciding: &Deciding, lines: &[RecordBatch], keys: &[&str]) -> Result<deciding::Decided, OperatorError> {
    let keys: Vec<Option<&str>> = keys.iter().copied().map(Some).collect();
    deciding.find(lines, &keys, &vec![[0; 32]; keys.len()])
}

impl Operator for Cluster {
    fn name(&self) -> &'static str {
        "cluster"
    }

    fn revision(&self) -> u32 {
        3
    }

    fn recipe(&self) -> Value {
        to_value(self).unwrap_or_default()
    }

    fn rows(&self) -> Rows {
        Rows::Same
    }

    fn schema(&self, _: &[Schema]) -> Result<Schema, Mistake> {
        let all = [
            // Who knows the keys can tell whose cluster it is.
            Column::new(CLUSTER, Type::Text).classed(self.class),
            Column::new(SIZE, Type::Integer),
            Column::new(LEAST, Type::Float),
            Column::new(BRIDGES, Type::Integer),
            Column::new(NOTES, Type::Text),
            Column::new(DECIDED, Type::Text),
        ];
        Ok(all.into_iter().collect())
    }

    fn reads<'a>(&'a self, wanted: &BTreeSet<&str>) -> Vec<BTreeSet<&'a str>> {
        if wanted.is_empty() { Vec::new() } else { self.columns().into() }
    }

    fn lineage<'a>(&'a self, made: &str) -> Vec<BTreeSet<&'a str>> {
        vec![[KEY].into_iter().filter(|_| made == CLUSTER).collect()]
    }

    fn run(&self, wanted: &[String], inputs: &mut dyn Inputs, out: Out<'_>) -> Result<(), OperatorError> {
        let room = inputs.room();
        let (rows, lines) = (read(inputs, 0)?, read(inputs, 1)?);
        let of_rows = texts(&rows, KEY)?;
        let keys = keys_of(&of_rows);
        let decided = match &self.deciding {
            Some(deciding) => found(deciding, &read(inputs, 2)?, &keys)?,
            None => deciding::Decided::default(),
        };
        let decisions = decided.decisions()?;
        let mut pairs: BTreeMap<(u32, u32), f64> = BTreeMap::new();
        for (left, right, bits) in self.weighed(&lines, &keys)?.into_iter().flatten() {
            // Of several that say how sure a pair is, the surest.
            let known = pairs.entry((left, right)).or_insert(bits);
            *known = known.max(bits);
        }
        let pairs: Vec<(u32, u32, f64)> = pairs.into_iter().map(|((left, right), bits)| (left, right, bits)).collect();
        let places: Vec<Option<usize>> = of_rows.iter().map(|it| keys.binary_search(&(*it)?).ok()).collect();
        let sources = self.sources(&rows, &places, keys.len())?;
        room.go_on()?;
        let found = linkage::grouped(&Weighed {
            rows: keys.len() as u32,
            pairs: &pairs,
            decisions: &decisions,
            sources: &sources,
            match_at: self.match_at,
            clustering: self.how,
            max_size: self.max_size,
        });
        room.go_on()?;
        let answer = Answer::of(&keys, &pairs, &decisions, &found);
        let columns = wanted.iter().map(|it| answer.column(it, &places, &decided.of_rows(keys.len())));
        out(batch(wanted.iter().map(String::as_str), columns.collect(), places.len())?)
    }
}

impl Cluster {
    /// For each key which of the values of `across` its first row has; empty without it.
    fn sources(
        &self,
        rows: &[RecordBatch],
        places: &[Option<usize>],
        keys: usize,
    ) -> Result<Vec<Option<u32>>, OperatorError> {
        if self.across.is_none() {
            return Ok(Vec::new());
        }
        let sides = texts(rows, SIDE)?;
        let values: Vec<Option<&str>> = BTreeSet::from_iter(sides.iter().copied()).into_iter().collect();
        let mut acc: Vec<Option<u32>> = vec![None; keys];
        for (place, side) in places.iter().zip(&sides) {
            let Some(place) = place else { continue };
            let own = values.partition_point(|it| it < side) as u32;
            acc[*place] = Some(acc[*place].map_or(own, |it| it.min(own)));
        }
        Ok(acc)
    }
}

/// What is said of keys.
struct Answer {
    /// For each key the place of its cluster.
    clusters: Vec<u32>,
    ids: Vec<String>,
    sizes: Vec<i64>,
    least: Vec<Option<f64>>,
    bridges: Vec<i64>,
    notes: Option<String>,
}

impl Answer {
    fn of(
        keys: &[&str],
        pairs: &[(u32, u32, f64)],
        decisions: &[linkage::Decision],
        found: &linkage::Grouped,
    ) -> Answer {
        let leaders: Vec<u32> = (0..).zip(&found.clusters).filter(|(at, it)| at == *it).map(|it| it.0).collect();
        let place = |leader: &u32| leaders.partition_point(|it| it < leader) as u32;
        let clusters: Vec<u32> = found.clusters.iter().map(place).collect();
        let mut bridges = vec![0; leaders.len()];
        found.bridges.iter().for_each(|it| bridges[clusters[pairs[*it as usize].0 as usize] as usize] += 1);
        let same: BTreeSet<(u32, u32)> = decisions
            .iter()
            .filter(|it| it.says == linkage::Says::Same)
            .map(|it| (it.left.min(it.right), it.left.max(it.right)))
            .collect();
        let held = pairs.iter().map(|it| (it.0, it.1, it.2, same.contains(&(it.0, it.1))));
        let unweighed = same.iter().filter(|it| pairs.binary_search_by_key(*it, |it| (it.0, it.1)).is_err());
        let held = held.chain(unweighed.map(|it| (it.0, it.1, 0.0, true)));
        let id = |leader: &u32| {
            let mut hex = Hasher::new("hotpass cluster of keys v1").text(keys[*leader as usize]).finish().hex();
            hex.truncate(24);
            hex
        };
        Answer {
            ids: leaders.iter().map(id).collect(),
            sizes: vec![0; leaders.len()],
            least: weakest(held, &clusters, leaders.len()),
            bridges,
            notes: notes(&found.notes),
            clusters,
        }
    }

    /// A column of rows whose keys stand at these places; a row without a key is in no cluster.
    fn column(&self, name: &str, places: &[Option<usize>], decided: &[Option<String>]) -> ArrayRef {
        let of = places.iter().map(|it| it.map(|it| self.clusters[it] as usize));
        match name {
            CLUSTER => Arc::new(of.map(|it| Some(self.ids[it?].as_str())).collect::<StringArray>()),
            SIZE => {
                let mut sizes = self.sizes.clone();
                of.clone().flatten().for_each(|it| sizes[it] += 1);
                Arc::new(of.map(|it| Some(sizes[it?])).collect::<Int64Array>())
            }
            LEAST => Arc::new(of.map(|it| self.least[it?]).collect::<Float64Array>()),
            BRIDGES => Arc::new(of.map(|it| Some(self.bridges[it?])).collect::<Int64Array>()),
            DECIDED => Arc::new(places.iter().map(|it| decided[(*it)?].as_deref()).collect::<StringArray>()),
            _ => Arc::new(places.iter().map(|_| self.notes.as_deref()).collect::<StringArray>()),
        }
    }
}
