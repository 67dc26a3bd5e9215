//! What rules for candidates cost, before anything is compared.

use super::block;
use super::column;
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
    let columns = column::columns(&fitted, &Folds::new(&spec.lexicon));
    let mut found = block::candidates(&fitted, &columns);
    let worst = (0..).zip(&found.rules).flat_map(|(rule, it)| {
        let of = if it.on.is_empty() { Vec::new() } else { block::largest(&fitted, &columns, &it.on, WORST) };
        of.into_iter().map(move |(rows, row)| Worst { rule, rows, row })
    });
    let worst = worst.collect();
    let mut pairs = 0;
    while let Some(part) = found.next() {
        pairs += part.pairs.len() as u64;
    }
    Ok(Blocks { pairs, rules: found.rules, left_out: found.left_out, worst, notes: found.notes })
}
