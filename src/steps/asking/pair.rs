//! Why two rows are one, or two: the levels and what each weighs, the rules that found the pair, the way from one row to
//! the other within their cluster, and what people decided.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::linkage::{Model, Pair, Pattern, Says};
use crate::relation::operator::OperatorError;
use crate::relation::operator::texts;
use crate::steps::deciding::print_text;
use crate::steps::link::{relation, verdict};
use crate::steps::matching::{Found, Matching, Rows};

/// Pairs beyond this many are not told of one cluster.
const MOST: usize = 50;

/// The answer.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Explained {
    /// There is no such row: 0 is the left one.
    NoRow(usize),
    /// Both are one row.
    OneRow,
    /// The two.
    Pair(Box<ExplainedPair>),
}

/// A row, as people know it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RowName {
    /// Its number in the table that the step reads, from 1.
    pub row: u64,
    /// Its key, where the step has one.
    pub key: Option<String>,
    /// Its print.
    pub print: String,
    /// Rows that the same name means.
    pub several: u64,
    /// Rows in its cluster.
    pub cluster: u64,
}

/// What is known of two rows.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct ExplainedPair {
    /// One row.
    pub left: RowName,
    /// Another.
    pub right: RowName,
    /// Whether they are one.
    pub one: bool,
    /// Why, in one sentence without values.
    pub why: String,
    /// log2 of the odds that they are one, by what is compared in them alone.
    pub weight: f64,
    /// The same as a probability.
    pub probability: f64,
    /// The least probability of a match.
    pub match_at: f64,
    /// What becomes of the pair before clusters are formed; nothing where it is not compared in a build.
    pub verdict: Option<String>,
    /// The likeliest relation.
    pub relation: String,
    /// What the weight is made of; the sum is the weight.
    pub parts: Vec<Part>,
    /// What rules brought.
    pub rules: Vec<RuleLine>,
    /// The way from one to the other in their cluster, by the strongest pairs; empty where they are two.
    pub path: Vec<Edge>,
    /// The place of its weakest edge.
    pub weakest: Option<usize>,
    /// Where they are two: the compared pairs between their clusters, and their mean weight.
    pub between: Option<Between>,
    /// Decisions with one of the two rows.
    pub decisions: Vec<DecisionLine>,
}

/// What one comparison adds.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Part {
    /// The column; nothing for what does not come from one.
    pub column: Option<String>,
    /// How the two agree, or what else it is.
    pub level: String,
    /// log2 of the ratio of both shares.
    pub bits: f64,
    /// The share of matches that agree so.
    pub matches: Option<f64>,
    /// The share of pairs that agree so by chance.
    pub chance: Option<f64>,
    /// The left value.
    pub left: Option<String>,
    /// The right value.
    pub right: Option<String>,
}

/// What a rule brought.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct RuleLine {
    /// What rows have in common by it.
    pub name: String,
    /// Whether it found this pair.
    pub found: bool,
    /// Pairs that it found.
    pub pairs: u64,
    /// Pairs that no other rule found.
    pub alone: u64,
    /// Expected matches among its pairs.
    pub matches: f64,
}

/// A pair on the way from one row to another.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Edge {
    /// A row.
    pub from: RowName,
    /// The next one.
    pub to: RowName,
    /// log2 of the odds.
    pub weight: f64,
    /// What was decided of the two.
    pub decided: Option<String>,
}

/// Pairs between two clusters.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Between {
    /// How many were compared.
    pub pairs: u64,
    /// Their mean weight.
    pub mean: f64,
}

/// A decision.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct DecisionLine {
    /// A row.
    pub left: RowName,
    /// Another.
    pub right: RowName,
    /// What was decided; `changed` where a row changed since.
    pub decided: String,
}

/// The rows that a word means: by key, by print, or `#N`.
pub(super) fn meant(rows: &Rows<'_>, word: &str) -> Vec<u32> {
    let by_key: Vec<u32> = (0..).zip(&rows.keys).filter(|(_, it)| **it == Some(word)).map(|(row, _)| row).collect();
    if !by_key.is_empty() {
        return by_key;
    }
    if let Some(number) = word.strip_prefix('#').and_then(|it| it.parse::<u32>().ok()) {
        return number.checked_sub(1).filter(|it| (*it as usize) < rows.prints.len()).into_iter().collect();
    }
    let is_print = word.len() == 32 && word.bytes().all(|it| it.is_ascii_hexdigit());
    let prints = (0..).zip(rows.prints).filter(|(_, it)| is_print && print_text(it) == word);
    prints.map(|(row, _)| row).collect()
}

/// Explains two rows.
pub(super) fn explain(
    found: &Found<'_>,
    matching: &Matching,
    pair: [&[u32]; 2],
) -> Result<ExplainedPair, OperatorError> {
    let (left, right) = (pair[0][0], pair[1][0]);
    let all = &found.found;
    let names = Names::new(found);
    let pattern = all.asked.first().ok_or_else(|| OperatorError::Failed("the pair was not compared".to_owned()))?;
    let compared = known(&all.pairs, left, right);
    let one = all.clusters[left as usize] == all.clusters[right as usize];
    let rules = all.rules.iter().enumerate().map(|(at, it)| RuleLine {
        name: it.name.clone(),
        found: compared.is_some_and(|pair| pair.rules >> at & 1 == 1),
        pairs: it.pairs,
        alone: it.alone,
        matches: it.matches,
    });
    let path = if one { path(found, &names, left, right) } else { Vec::new() };
    let weakest =
        (0..path.len()).filter(|it| !is_decided(&path[*it])).min_by(|a, b| path[*a].weight.total_cmp(&path[*b].weight));
    let between = if one { None } else { between(found, left, right) };
    let mut explained = ExplainedPair {
        left: RowName { several: pair[0].len() as u64, ..names.of(left) },
        right: RowName { several: pair[1].len() as u64, ..names.of(right) },
        one,
        why: String::new(),
        weight: pattern.weight,
        probability: 1.0 / (1.0 + (-pattern.weight).exp2()),
        match_at: matching.match_at(),
        verdict: compared.map(|it| verdict(it.verdict).to_owned()),
        relation: relation(pattern.relation).to_owned(),
        parts: parts(found, matching, pattern, left, right)?,
        rules: rules.collect(),
        path,
        weakest,
        between,
        decisions: names.decisions(found, &[left, right]),
    };
    explained.why = why(found, &explained, compared, left, right).to_owned();
    Ok(explained)
}

fn known(pairs: &[Pair], left: u32, right: u32) -> Option<&Pair> {
    let pair = (left.min(right), left.max(right));
    pairs.binary_search_by_key(&pair, |it| (it.left, it.right)).ok().map(|at| &pairs[at])
}

fn is_decided(edge: &Edge) -> bool {
    edge.decided.as_ref().is_some_and(|it| it.starts_with("same"))
}

fn why(found: &Found<'_>, all: &ExplainedPair, compared: Option<&Pair>, left: u32, right: u32) -> &'static str {
    let decided = compared.and_then(|it| it.decided);
    let sides = &found.known.sides;
    let one_side = !sides.is_empty() && sides[left as usize] == sides[right as usize];
    let is_match = all.probability >= all.match_at;
    match all.one {
        true if decided == Some(Says::Same) => "they match because a decision says so",
        true if all.path.len() == 1 || compared.is_some() && is_match => {
            "they match because the compared columns agree enough"
        }
        true if all.path.iter().any(is_decided) => {
            "they match through other rows of their cluster, and one of these links is a decision"
        }
        true => "they match through other rows of their cluster",
        false if decided == Some(Says::Different) => "they do not match because a decision says so",
        false if one_side => "they do not match because `across` says that rows of one side never match",
        false if compared.is_none() && is_match => {
            "they do not match because no rule selected the pair, although the compared columns agree enough"
        }
        false if compared.is_none() => {
            "they do not match: no rule selected the pair, and the compared columns agree too little"
        }
        false if is_match => {
            "they do not match although the pair alone is a match: other pairs between their clusters, or decisions, are evidence against it"
        }
        false => "they do not match because the compared columns agree too little",
    }
}

fn parts(
    found: &Found<'_>,
    matching: &Matching,
    pattern: &Pattern,
    left: u32,
    right: u32,
) -> Result<Vec<Part>, OperatorError> {
    let model: &Model = &found.found.model;
    let mut values: BTreeMap<&str, [Option<String>; 2]> = BTreeMap::new();
    for (name, column) in matching.read_columns() {
        let texts = texts(found.rows, column)?;
        values.insert(name, [left, right].map(|it| texts.get(it as usize).copied().flatten().map(str::to_owned)));
    }
    let of = |column: Option<&String>, level: &str| {
        let learnt = model.comparisons.iter().find(|it| Some(&it.name) == column)?;
        learnt.levels.iter().find(|it| it.name == level)
    };
    let mut acc: Vec<Part> = Vec::new();
    for it in model.explain(pattern) {
        let learnt = of(it.comparison.as_ref(), &it.level);
        let [left, right] = it.comparison.as_deref().and_then(|it| values.remove(it)).unwrap_or_default();
        let (matches, chance) = (learnt.map(|it| it.matches), learnt.map(|it| it.chance));
        acc.push(Part { column: it.comparison, level: it.level, bits: it.bits, matches, chance, left, right });
    }
    // What says nothing, because one of the two lacks it, stands before the rest.
    let rest = acc.pop();
    for (column, [left, right]) in values {
        let (column, level) = (Some(column.to_owned()), "missing".to_owned());
        acc.push(Part { column, level, bits: 0.0, matches: None, chance: None, left, right });
    }
    acc.extend(rest);
    Ok(acc)
}

/// Names of rows.
pub(super) struct Names<'a> {
    found: &'a Found<'a>,
    sizes: BTreeMap<u32, u64>,
}

impl<'a> Names<'a> {
    pub(super) fn new(found: &'a Found<'a>) -> Names<'a> {
        let mut sizes = BTreeMap::new();
        found.found.clusters.iter().for_each(|it| *sizes.entry(*it).or_default() += 1);
        Names { found, sizes }
    }

    pub(super) fn of(&self, row: u32) -> RowName {
        let known = self.found.known;
        let cluster = self.found.found.clusters.get(row as usize).copied().unwrap_or(row);
        RowName {
            row: u64::from(row) + 1,
            key: known.keys.get(row as usize).copied().flatten().map(str::to_owned),
            print: known.prints.get(row as usize).map(print_text).unwrap_or_default(),
            several: 1,
            cluster: self.sizes.get(&cluster).copied().unwrap_or(1),
        }
    }

    fn decisions(&self, found: &Found<'_>, rows: &[u32]) -> Vec<DecisionLine> {
        let about = found.decided.about(rows).into_iter().take(MOST);
        about
            .map(|((left, right), decided)| DecisionLine { left: self.of(left), right: self.of(right), decided })
            .collect()
    }
}

/// The way from one row to another by the strongest pairs of their cluster: in the greatest spanning tree there is one.
fn path(found: &Found<'_>, names: &Names<'_>, left: u32, right: u32) -> Vec<Edge> {
    let clusters = &found.found.clusters;
    let cluster = clusters[left as usize];
    let within = |it: &&Pair| clusters[it.left as usize] == cluster && clusters[it.right as usize] == cluster;
    let mut pairs: Vec<&Pair> = found.found.pairs.iter().filter(within).collect();
    let same = |it: &Pair| it.decided == Some(Says::Same);
    pairs.sort_by(|a, b| {
        let order = same(b).cmp(&same(a)).then(b.weight.total_cmp(&a.weight));
        order.then((a.left, a.right).cmp(&(b.left, b.right)))
    });
    let mut above: BTreeMap<u32, u32> = BTreeMap::new();
    fn top(above: &BTreeMap<u32, u32>, mut row: u32) -> u32 {
        while let Some(next) = above.get(&row) {
            row = *next;
        }
        row
    }
    let mut tree: BTreeMap<u32, Vec<(u32, &Pair)>> = BTreeMap::new();
    for pair in pairs {
        let (one, other) = (top(&above, pair.left), top(&above, pair.right));
        if one != other {
            above.insert(one.max(other), one.min(other));
            tree.entry(pair.left).or_default().push((pair.right, pair));
            tree.entry(pair.right).or_default().push((pair.left, pair));
        }
    }
    let mut from: BTreeMap<u32, (u32, &Pair)> = BTreeMap::new();
    let mut open = vec![left];
    while let Some(row) = open.pop() {
        for (next, pair) in tree.get(&row).into_iter().flatten() {
            if *next != left && !from.contains_key(next) {
                from.insert(*next, (row, pair));
                open.push(*next);
            }
        }
    }
    let mut acc = Vec::new();
    let mut at = right;
    while let Some((before, pair)) = from.get(&at) {
        let decided = found.decided.of((pair.left, pair.right));
        acc.push(Edge { from: names.of(*before), to: names.of(at), weight: pair.weight, decided });
        at = *before;
    }
    acc.reverse();
    acc
}

/// The pairs between the clusters of two rows.
fn between(found: &Found<'_>, left: u32, right: u32) -> Option<Between> {
    let clusters = &found.found.clusters;
    let (one, other) = (clusters[left as usize], clusters[right as usize]);
    let of = |row: u32| clusters[row as usize];
    let is_between =
        |it: &&Pair| (of(it.left), of(it.right)) == (one, other) || (of(it.left), of(it.right)) == (other, one);
    let (mut pairs, mut sum) = (0_u64, 0.0);
    for it in found.found.pairs.iter().filter(is_between) {
        pairs += 1;
        sum += it.weight;
    }
    (pairs > 0).then(|| Between { pairs, mean: sum / pairs as f64 })
}
