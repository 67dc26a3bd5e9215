//! What steps share that compare rows: the keys that say what is compared, and the way from rows to an answer.
//!
//! How rows are compared is `crate::linkage`. The words of a language or country come from the profile.

use std::collections::BTreeSet;

use arrow_array::RecordBatch;
use serde::Serialize;

use crate::digest::{Digest, digest_of};
use crate::expr::Expr;
use crate::fields::keys::{Key, Keys, Takes, Usual, words};
use crate::fields::{Fields, WRONG_VALUE};
use crate::linkage::{self, Block, Cells, Comparison, Form, Kind, Lexicon, Resolution, Stop, Table, Verdict};
use crate::model::{Class, Type};
use crate::profile::Profile;
use crate::relation::Relation;
use crate::relation::operator::{Inputs, OperatorError, text_of, texts};
use crate::steps::columns::known;
use crate::steps::costs::Costs;
use crate::steps::deciding::{Decided, Deciding, Print, prints};
use crate::steps::frozen::Frozen;
use crate::steps::memo::Memo;
use crate::steps::{Finding, Input, TYPE_MISMATCH};

pub(super) const COMPARED: Key =
    Key::required("compare", Takes::Table(&COMPARE), "the columns to compare, and the kind of value in each");
pub(super) const BLOCKS: Key =
    Key::new("block", BLOCK, "only rows that agree on a column, or on all columns of a list, are compared");
pub(super) const ACROSS: Key =
    Key::new("across", Takes::Text, "a column: rows with the same value in it are never one");
pub(super) const ROWS_BY: Key =
    Key::new("key", Takes::Text, "the column that identifies a row, for decisions and for questions");
pub(super) const MATCH: Key =
    Key::new("match", Takes::SHARE, "the lowest probability at which two rows match").or(Usual::Number(0.5));

const BLOCK: Takes = Takes::Either(&[Takes::Text, Takes::List(&Takes::Texts(1), 1)]);
const COMPARE: Keys = Keys::any(Takes::Word(&words(&KINDS)), "a column, and what it holds");
const KINDS: [(&str, Kind); 14] = [
    ("given name", Kind::GivenName),
    ("surname", Kind::Surname),
    ("organisation", Kind::Organisation),
    ("email", Kind::Email),
    ("phone", Kind::Phone),
    ("host", Kind::Host),
    ("date", Kind::Date),
    ("address", Kind::Address),
    ("postcode", Kind::Postcode),
    ("number", Kind::Number),
    ("text", Kind::Text),
    ("place", Kind::Place),
    ("list", Kind::List),
    ("exact", Kind::Exact),
];

/// The probability from which a pair is worth a look.
pub(super) const REVIEW: f64 = 0.05;
/// Values that the column of `across` has at most.
const MOST_SIDES: usize = 32;
/// The key of rows as text.
pub(super) const KEY: &str = "_key";
/// Stands before the name of a column that is compared as text.
const TEXT: &str = "_text:";

/// What is compared, and how.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub(super) struct Matching {
    /// Columns and what they hold, by column.
    compare: Vec<(String, Kind)>,
    /// Rules for candidates.
    block: Vec<Vec<String>>,
    /// Rows with the same value here are different things.
    across: Option<String>,
    match_at: f64,
    lexicon: Lexicon,
    /// What tells a row again.
    key: Option<String>,
    /// How decisions are read, where there are any: known once the columns of their table are.
    deciding: Option<Deciding>,
    /// What was learnt before, where somebody keeps it.
    #[serde(skip)]
    frozen: Option<Frozen>,
}

/// What is done, for a recipe.
#[derive(Serialize)]
pub(super) struct Recipe<'a> {
    compare: Vec<(&'a str, &'static str)>,
    block: &'a [Vec<String>],
    across: Option<&'a str>,
    #[serde(rename = "match")]
    match_at: f64,
    lexicon: &'a Lexicon,
    #[serde(skip_serializing_if = "Option::is_none")]
    deciding: Option<&'a Deciding>,
    /// The digest of what was learnt before.
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<&'a Digest>,
}

/// Where what rows weigh comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum By {
    /// From what is kept, or else from the rows.
    Known,
    /// The same, for somebody who tells of pairs, also of those that are related.
    Pairs,
    /// The same, for somebody who asks, and names rows by their keys.
    Question,
    /// From the rows, whatever is kept.
    Rows,
}

/// What rows are known by, row by row.
pub(super) struct Rows<'a> {
    /// Their keys; empty where they have none, or nobody asks.
    pub keys: Vec<Option<&'a str>>,
    pub prints: &'a [Print],
    /// Which value of `across` they have; empty without it.
    pub sides: Vec<u32>,
}

/// Nobody asks about a pair.
pub(super) fn nobody(_: &Rows<'_>) -> Result<Vec<(u32, u32)>, OperatorError> {
    Ok(Vec::new())
}

/// What was found, and what it was found in.
pub(super) struct Found<'a> {
    pub found: Resolution,
    /// What was read of the rows: where a step is built, without what is compared.
    pub rows: &'a [RecordBatch],
    pub known: &'a Rows<'a>,
    pub prints: &'a [Print],
    pub decided: &'a Decided,
}

impl By {
    /// Whether this is the step as it is built.
    fn is_built(self) -> bool {
        matches!(self, By::Known | By::Pairs)
    }
}

impl Matching {
    /// Reads the keys of a step.
    pub(super) fn read(fields: &mut Fields, profile: &Profile) -> Option<Matching> {
        let compare = compared(fields);
        let block = fields.nested_texts("block").into_iter();
        let mut block: Vec<Vec<String>> = block.map(|rule| rule.into_iter().map(|(it, _)| it).collect()).collect();
        let empty = fields.has("block") && (block.is_empty() || block.iter().any(Vec::is_empty));
        if empty {
            let help = "name a column or a list of columns, or remove `block`: hotpass then chooses the rules";
            let message = "`block` has a rule without a column";
            fields.problem(&WRONG_VALUE, "block", message, "this list", Some(help.to_owned()));
        }
        block.iter_mut().for_each(|it| {
            it.sort();
            it.dedup();
        });
        let across = fields.text("across");
        let match_at = fields.number("match").unwrap_or(0.5);
        let key = fields.text("key");
        let compare = compare.filter(|_| !empty)?;
        let lexicon = profile.lexicon(&compare.iter().map(|(_, kind)| *kind).collect());
        Some(Matching { compare, block, across, match_at, lexicon, key, deciding: None, frozen: None })
    }

    /// Whether the table has what is compared; what is wrong goes to `findings`.
    pub(super) fn fits(&self, input: &Input<'_>, findings: &mut Vec<Finding>) -> bool {
        let before = findings.len();
        let message = match self.compare.as_slice() {
            [] => Some("`compare` names no column".to_owned()),
            // How often values are equal by chance is counted on all pairs, so where they are all that is known, chance
            // explains every pair.
            [(column, kind)] => {
                let column = column.escape_debug();
                Some(format!("`{column}` alone, compared as {}, cannot show which rows match", kind.name()))
            }
            _ => None,
        };
        if let Some(message) = message {
            let help = "compare at least two columns, such as a name and an e-mail address; where equal values of one \
                        column are enough, `merge` brings their rows together";
            findings.push(Finding::new(&WRONG_VALUE, "compare", message).label("this table").help(help.to_owned()));
        }
        for (column, kind) in &self.compare {
            let key = format!("compare.{column}");
            if !known(input, column, &key, findings) {
                continue;
            }
            let ty = input.schema.get(column).map_or(Type::Text, |it| it.ty);
            if !takes(*kind, ty) {
                let message = format!("`{}` is {ty}, and is compared as {}", column.escape_debug(), kind.name());
                let help = format!("`exact` compares {ty}, and `cast` in a `derive` step makes another type of it");
                findings.push(Finding::new(&TYPE_MISMATCH, key, message).label("asked for here").help(help));
            }
        }
        for column in self.block.iter().flatten() {
            known(input, column, "block", findings);
        }
        if let Some(column) = &self.across {
            known(input, column, "across", findings);
        }
        if let Some(column) = &self.key {
            known(input, column, "key", findings);
        }
        findings.len() == before
    }

    /// The tables that are read, the rows with all that is compared as texts, and the same over those; what is wrong with
    /// decisions goes to `findings`.
    pub(super) fn over(&self, inputs: &[Input<'_>], findings: &mut Vec<Finding>) -> Option<(Vec<Relation>, Matching)> {
        let (rows, matching) = self.over_rows(&inputs[0]);
        let Some(lines) = inputs.get(1) else { return Some((vec![rows], matching)) };
        let deciding = Deciding::of(inputs, self.key.as_deref(), findings)?;
        let lines = deciding.lines(1, lines);
        Some((vec![rows, lines], Matching { deciding: Some(deciding), ..matching }))
    }

    fn over_rows(&self, input: &Input<'_>) -> (Relation, Matching) {
        let mut texts: Vec<(String, Expr)> = Vec::new();
        let read: BTreeSet<&String> = self.columns().collect();
        for column in read {
            let ty = input.schema.get(column).map_or(Type::Text, |it| it.ty);
            let kind = self.compare.iter().find(|(it, _)| it == column).map(|(_, kind)| *kind);
            let value = match (ty, kind) {
                (Type::Text, _) => continue,
                (Type::Timestamp, Some(Kind::Date)) => Expr::Cast(Box::new(Expr::column(column)), Type::Date),
                _ => Expr::column(column),
            };
            texts.push((as_text(column), Expr::Cast(Box::new(value), Type::Text)));
        }
        let key = self.key.iter().map(|it| (KEY.to_owned(), Expr::Cast(Box::new(Expr::column(it)), Type::Text)));
        texts.extend(key);
        let named = |column: &String| match texts.iter().any(|(it, _)| *it == as_text(column)) {
            true => as_text(column),
            false => column.clone(),
        };
        let over = Matching {
            compare: self.compare.iter().map(|(it, kind)| (named(it), *kind)).collect(),
            block: self.block.iter().map(|rule| rule.iter().map(named).collect()).collect(),
            across: self.across.as_ref().map(named),
            ..self.clone()
        };
        let scan = Relation::scan(0, input.schema);
        if texts.is_empty() {
            return (scan, over);
        }
        let kept = input.schema.names().map(|it| (it.to_owned(), Expr::column(it)));
        (scan.project(kept.chain(texts).collect()), over)
    }

    /// Personal, if anything that is compared is.
    pub(super) fn class(&self, input: &Input<'_>) -> Class {
        let classes = self.compare.iter().filter_map(|(it, _)| input.schema.get(it)).map(|it| it.class);
        classes.max().unwrap_or(Class::Open)
    }

    /// What is done, for a recipe.
    pub(super) fn recipe(&self) -> Recipe<'_> {
        Recipe {
            compare: self.compare.iter().map(|(column, kind)| (column.as_str(), kind.name())).collect(),
            block: &self.block,
            across: self.across.as_deref(),
            match_at: self.match_at,
            lexicon: &self.lexicon,
            deciding: self.deciding.as_ref(),
            model: self.frozen.as_ref().map(|it| &it.digest),
        }
    }

    /// The same with what was learnt before.
    ///
    /// # Errors
    /// In words, when it was learnt of something else.
    pub(super) fn with(&self, frozen: Frozen) -> Result<Matching, String> {
        match frozen.other(&self.compare, self.across.as_ref()) {
            Some(reason) => Err(reason),
            None => Ok(Matching { frozen: Some(frozen), ..self.clone() }),
        }
    }

    /// For each comparison its column as it was read, by the name that the pipeline has for it.
    pub(super) fn read_columns(&self) -> impl Iterator<Item = (&str, &String)> {
        self.compare.iter().map(|(it, _)| (bare(it), it))
    }

    /// The rules that are given, in words; none where they are found.
    pub(super) fn rules(&self) -> Vec<String> {
        self.block.iter().map(|rule| rule.iter().map(|it| bare(it)).collect::<Vec<_>>().join(" + ")).collect()
    }

    /// The columns of a rule: as the pipeline names them, and as they were read.
    pub(super) fn rule_columns(&self, on: &[linkage::Key]) -> Vec<(&str, &str)> {
        let keys = self.keys();
        let column = |it: &linkage::Key| match it {
            linkage::Key::Compared(at, _) => self.compare.get(*at as usize).map(|it| it.0.as_str()),
            linkage::Key::Given(at) => keys.get(*at as usize).copied(),
        };
        on.iter().filter_map(column).map(|it| (bare(it), it)).collect()
    }

    /// Stands for what decides which rows are compared.
    pub(super) fn blocking(&self) -> Digest {
        let compare: Vec<_> = self.compare.iter().map(|(column, kind)| (column, kind.name())).collect();
        digest_of("hotpass blocks v1", &(compare, &self.block, &self.across, &self.lexicon))
    }

    /// Whether what was learnt before is kept.
    pub(super) fn is_kept(&self) -> bool {
        self.frozen.is_some()
    }

    /// The least probability at which two rows are one.
    pub(super) fn match_at(&self) -> f64 {
        self.match_at
    }

    /// The column of `across`, as the pipeline names it.
    pub(super) fn across(&self) -> Option<&str> {
        self.across.as_deref().map(bare)
    }

    /// The column that tells a row again, if there is one.
    pub(super) fn key(&self) -> Option<&String> {
        self.key.as_ref()
    }

    /// How decisions are read, if there are any.
    pub(super) fn deciding(&self) -> Option<&Deciding> {
        self.deciding.as_ref()
    }

    /// For each table that is read, its columns: the key of rows only where it is asked for or decisions need it.
    pub(super) fn reads(&self, with_key: bool) -> Vec<BTreeSet<&str>> {
        let key = self.key.iter().filter(|_| with_key || self.deciding.is_some()).map(|_| KEY);
        let rows = self.columns().map(String::as_str).chain(key).collect();
        std::iter::once(rows).chain(self.deciding.as_ref().map(Deciding::columns)).collect()
    }

    /// All columns that are read.
    pub(super) fn columns(&self) -> impl Iterator<Item = &String> {
        self.compared().chain(self.block.iter().flatten()).chain(&self.across)
    }

    /// The columns that are compared, by name.
    pub(super) fn compared(&self) -> impl Iterator<Item = &String> {
        self.compare.iter().map(|(it, _)| it)
    }

    /// Columns of rules that are not compared.
    fn keys(&self) -> Vec<&str> {
        let all: BTreeSet<&str> = self.block.iter().flatten().map(String::as_str).collect();
        all.into_iter().filter(|it| self.place(it).is_none()).collect()
    }

    fn place(&self, column: &str) -> Option<u32> {
        self.compare.iter().zip(0..).find(|((it, _), _)| it == column).map(|(_, at)| at)
    }

    fn spec(&self) -> linkage::Spec {
        let keys = self.keys();
        let compare = self.compare.iter().map(|(it, kind)| Comparison::new(bare(it), *kind)).collect();
        let key = |column: &String| match self.place(column) {
            Some(at) => Some(linkage::Key::Compared(at, Form::Whole)),
            None => keys.iter().zip(0..).find(|(it, _)| *it == column).map(|(_, at)| linkage::Key::Given(at)),
        };
        let mut spec = linkage::Spec::new(compare);
        spec.block = self.block.iter().map(|rule| Block { on: rule.iter().filter_map(key).collect() }).collect();
        spec.match_at = self.match_at;
        spec.key_names = keys.iter().map(|it| bare(it).to_owned()).collect();
        spec.lexicon = self.lexicon.clone();
        spec
    }

    /// Reads all rows and counts what the rules find, without comparing any; gives the rows too.
    pub(super) fn blocks(
        &self,
        inputs: &mut dyn Inputs,
    ) -> Result<(linkage::Blocks, Costs, Vec<RecordBatch>), OperatorError> {
        let room = inputs.room();
        let (table, kept) = self.table(inputs, 0, true)?;
        let mut spec = self.spec();
        if self.across.is_some() {
            sides(&table.sources, &mut spec);
        }
        spec.threads = room.threads();
        let found = linkage::blocks(&spec, &table, self.frozen.as_ref().map(|it| &it.model));
        let found = found.map_err(|it| OperatorError::Failed(it.to_string()))?;
        room.go_on()?;
        let costs = Costs::before(&found, u64::from(table.rows), self.blocking());
        Ok((found, costs, kept))
    }

    /// Reads all rows and finds out which are one; pairs from this probability on are worth a look.
    pub(super) fn resolve<T>(
        &self,
        inputs: &mut dyn Inputs,
        review_at: f64,
        by: By,
        ask: impl FnOnce(&Rows<'_>) -> Result<Vec<(u32, u32)>, OperatorError>,
        use_found: impl FnOnce(Found<'_>) -> Result<T, OperatorError>,
    ) -> Result<T, OperatorError> {
        let room = inputs.room();
        let (table, kept) = self.table(inputs, 0, !by.is_built())?;
        let lines = if self.deciding.is_some() { read(inputs, 1)? } else { Vec::new() };
        let model = self.frozen.as_ref().map(|it| &it.model);
        let memo = if by.is_built() && model.is_some() { inputs.memo() } else { None };
        let memo = memo.as_deref().and_then(|it| Memo::of(it, &table));
        let prints = prints(&table, |row| memo.as_ref()?.print(row));
        let decided = self.decided(&kept, &lines, &prints)?;
        let mut spec = self.spec();
        if self.across.is_some() {
            sides(&table.sources, &mut spec);
        }
        spec.decisions = decided.decisions()?;
        let keys = if self.key.is_some() && by == By::Question { texts(&kept, KEY)? } else { Vec::new() };
        let rows = Rows { keys, prints: &prints, sides: table.sources.clone() };
        spec.asked = ask(&rows)?;
        spec.review_at = review_at;
        spec.told = match by {
            By::Known => Verdict::Review,
            By::Pairs => Verdict::Related,
            By::Question | By::Rows => Verdict::Reject,
        };
        spec.threads = room.threads();
        let watch = std::sync::Arc::clone(&room);
        spec.stop = Stop::when(move || watch.go_on().is_err());
        let found = match by {
            By::Known | By::Pairs => {
                let standing = linkage::resolve_upon(&spec, table, model, memo.as_ref().map(|it| &it.earlier));
                standing.map(|it| {
                    it.left.into_iter().for_each(|it| inputs.leave(&Memo::bytes(&it, &prints)));
                    it.resolution
                })
            }
            By::Question => linkage::resolve_with(&spec, &table, model),
            By::Rows => linkage::train(&spec, &table),
        };
        let found = found.map_err(|it| OperatorError::Failed(it.to_string()))?;
        room.go_on()?;
        if by.is_built() {
            inputs.tell(serde_json::to_string(&Costs::of(&found, self.blocking())).unwrap_or_default());
        }
        use_found(Found { found, rows: &kept, known: &rows, prints: &prints, decided: &decided })
    }

    /// Reads all rows, and tells what they are known by.
    pub(super) fn known<T>(
        &self,
        inputs: &mut dyn Inputs,
        tell: impl FnOnce(&Rows<'_>) -> Result<T, OperatorError>,
    ) -> Result<T, OperatorError> {
        let (table, kept) = self.table(inputs, 0, false)?;
        let keys = if self.key.is_some() { texts(&kept, KEY)? } else { Vec::new() };
        tell(&Rows { keys, prints: &prints(&table, |_| None), sides: Vec::new() })
    }

    /// Reads the rows and the decisions, and says of each decision why it is of no use.
    pub(super) fn unused(&self, inputs: &mut dyn Inputs) -> Result<Vec<Option<&'static str>>, OperatorError> {
        // Decisions come first here: it is their rows that are told of.
        let lines = read(inputs, 0)?;
        let (table, kept) = self.table(inputs, 1, false)?;
        Ok(self.decided(&kept, &lines, &prints(&table, |_| None))?.unused)
    }

    fn decided(&self, kept: &[RecordBatch], lines: &[RecordBatch], prints: &[Print]) -> Result<Decided, OperatorError> {
        let Some(deciding) = &self.deciding else { return Ok(Decided::default()) };
        let keys = if self.key.is_some() { texts(kept, KEY)? } else { Vec::new() };
        deciding.find(lines, &keys, prints)
    }

    /// Reads all rows of an input: what is compared, and what else there is of them; with `whole` all of it.
    fn table(
        &self,
        inputs: &mut dyn Inputs,
        input: usize,
        whole: bool,
    ) -> Result<(Table, Vec<RecordBatch>), OperatorError> {
        let room = inputs.room();
        let compared: Vec<&str> = self.compared().map(String::as_str).collect();
        let keys = self.keys();
        let names: Vec<&str> = compared.iter().chain(&keys).copied().chain(self.across.as_deref()).collect();
        let mut cells = vec![Cells::default(); names.len()];
        let (mut rest, mut rows) = (Vec::new(), 0_usize);
        inputs.read(input, &mut |batch| {
            rows += batch.num_rows();
            for (name, cells) in names.iter().zip(&mut cells) {
                let before = cells.bytes();
                text_of(batch, name)?.iter().for_each(|it| cells.push(it));
                room.keep(cells.bytes() - before + batch.num_rows() * Cells::EACH)?;
            }
            let schema = batch.schema();
            let is_left = |it: &usize| whole || !names.contains(&schema.field(*it).name().as_str());
            let left: Vec<usize> = (0..batch.num_columns()).filter(is_left).collect();
            if !left.is_empty() {
                let left = batch.project(&left).map_err(|it| OperatorError::Failed(it.to_string()))?;
                room.keep(left.get_array_memory_size())?;
                rest.push(left);
            }
            Ok(())
        })?;
        let rows =
            u32::try_from(rows).map_err(|_| OperatorError::Failed("there are too many rows to compare".to_owned()))?;
        let sources = if self.across.is_some() { sources(cells.pop().unwrap_or_default())? } else { Vec::new() };
        let keys = cells.split_off(compared.len());
        Ok((Table { rows, columns: cells, keys, sources }, rest))
    }
}

/// For each row which of the values of `across` it has.
fn sources(sides: Cells) -> Result<Vec<u32>, OperatorError> {
    let values: Vec<Option<&str>> = BTreeSet::from_iter(sides.iter()).into_iter().collect();
    if values.len() > MOST_SIDES {
        let found = values.len();
        let message = format!("the column of `across` has {found} different values; {MOST_SIDES} is the most");
        return Err(OperatorError::Failed(message));
    }
    Ok(sides.iter().map(|it| values.partition_point(|value| *value < it) as u32).collect())
}

/// Compares rows of different sources only, and finds for each row one row of each other source at most.
fn sides(sources: &[u32], spec: &mut linkage::Spec) {
    let all = 0..sources.iter().max().map_or(0, |it| it + 1);
    spec.between = all.clone().flat_map(|a| (0..a).map(move |b| (b, a))).collect();
    // Without a pair everything would be compared with everything.
    if spec.between.is_empty() {
        spec.between.push((0, 1));
    }
    spec.unique_in = all.collect();
}

/// A column by the name that the pipeline has for it.
fn bare(column: &str) -> &str {
    column.strip_prefix(TEXT).unwrap_or(column)
}

/// All rows of an input.
pub(super) fn read(inputs: &mut dyn Inputs, input: usize) -> Result<Vec<RecordBatch>, OperatorError> {
    let room = inputs.room();
    let mut kept: Vec<RecordBatch> = Vec::new();
    inputs.read(input, &mut |rows| {
        room.keep(rows.get_array_memory_size())?;
        kept.push(rows.clone());
        Ok(())
    })?;
    Ok(kept)
}

/// The columns under `compare`, by name.
fn compared(fields: &mut Fields) -> Option<Vec<(String, Kind)>> {
    if !fields.required("compare") {
        return None;
    }
    let mut table = fields.table("compare")?;
    let columns = table.keys();
    let mut compare: Vec<(String, Kind)> = Vec::new();
    for column in &columns {
        compare.extend(table.choice(column, &KINDS).map(|kind| (column.clone(), kind)));
    }
    table.finish();
    compare.sort_by(|(a, _), (b, _)| a.cmp(b));
    (columns.len() == compare.len()).then_some(compare)
}

/// Whether values of a type can be of a kind.
fn takes(kind: Kind, ty: Type) -> bool {
    match kind {
        Kind::Exact => true,
        Kind::Date => matches!(ty, Type::Text | Type::Date | Type::Timestamp),
        Kind::Phone | Kind::Number | Kind::Postcode => matches!(ty, Type::Text | Type::Integer),
        _ => ty == Type::Text,
    }
}

/// The name of a column as the text that is compared.
fn as_text(column: &str) -> String {
    format!("{TEXT}{column}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_the_word_that_linkage_has_for_it() {
        assert_eq!(KINDS.len(), Kind::ALL.len());
        KINDS.iter().for_each(|(word, kind)| assert_eq!(*word, kind.name()));
    }
}
