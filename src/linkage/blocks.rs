//! What rules for candidates cost, before anything is compared.

use super::block;
use super::column;
use super::copies::Copies;
use super::fold::Folds;
use super::model::Model;
use super::spec::{Fault, Fitted, Note, Rule, Spec, Table};

/// Blocks that are told of each rule.
const WORST: usize = 3;

/// What the rules for candidates find.
#[derive(Clone, Debug)]
pub struct Blocks {
    /// Pairs, each counted once.
    pub pairs: u64,
    /// The rules; of none of them it is known how many of its pairs match.
    pub rules: Vec<Rule>,
    /// Rules that would find too many pairs and are left out, each with how many.
    pub left_out: Vec<(String, u64)>,
    /// The largest blocks of each rule, the largest first.
    pub worst: Vec<Worst>,
    /// What somebody should know.
    pub notes: Vec<Note>,
}

/// A block of many rows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Worst {
    /// The rule's place in [`Blocks::rules`].
    pub rule: u32,
    /// How many rows.
    pub rows: u32,
    /// The first of them.
    pub row: u32,
}

/// What the rules for candidates find in a table: the same as when it is resolved, and nothing is compared.
///
/// # Errors
/// As [`resolve_with`](super::resolve_with).
pub fn blocks(spec: &Spec, table: &Table, model: Option<&Model>) -> Result<Blocks, Fault> {
    let fitted = Fitted::new(spec, table, model)?;
    let Some(copies) = Copies::of(spec, table) else { return Ok(counted(&fitted, &|it| it, &[])) };
    let (spec, table) = (copies.spec(spec), copies.table(table));
    let fitted = Fitted { spec: &spec, table: &table, model };
    Ok(counted(&fitted, &|it| copies.row(it), &copies.times()))
}

/// What rules find. `row`: the number of a row in the whole table; `times`: how many rows each stands for, one where it
/// is empty.
fn counted(fitted: &Fitted<'_>, row: &dyn Fn(u32) -> u32, times: &[u32]) -> Blocks {
    let columns = column::columns(fitted, &Folds::new(&fitted.spec.lexicon));
    let mut found = block::candidates(fitted, &columns);
    let mut worst: Vec<Worst> = Vec::new();
    for (rule, it) in (0..).zip(&mut found.rules).filter(|it| !it.1.on.is_empty()) {
        let own = block::largest(fitted, &columns, &it.on, WORST, times);
        it.largest = own.first().map_or(it.largest, |it| it.0);
        worst.extend(own.into_iter().map(|(rows, least)| Worst { rule, rows, row: row(least) }));
    }
    let mut pairs = 0;
    while let Some(part) = found.next() {
        pairs += part.pairs.len() as u64;
    }
    Blocks { pairs, rules: found.rules, left_out: found.left_out, worst, notes: found.notes }
}
