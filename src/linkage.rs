//! Entity resolution: which rows of a table are one person, one organisation, one thing.
//!
//! Columns of optional text go in; pairs of rows with a weight, and a cluster for each row, come out. Between them lie
//! candidate pairs (`block`), one level of agreement for each comparison (`level`), the counts of each pattern of
//! levels, what those patterns say about matches, relatives and chance (`learn`), and clusters (`cluster`).
//! The answer depends on the values and the specification alone: not on threads, not on the machine, and not on the
//! order of rows, but for the numbers of the rows themselves. `docs/explanation/linkage.md` tells how it thinks.
//!
//! Not here: any word of a language or country ([`Lexicon`] brings them), files, tables, SQL.

mod again;
mod base;
mod block;
mod blocks;
mod candidate;
mod cells;
mod chance;
mod cluster;
mod column;
mod comparison;
mod confirmed;
mod copies;
mod dictionary;
mod distance;
mod fit;
mod fold;
mod hashing;
mod judge;
mod kept;
mod kept_counts;
mod kinds;
mod learn;
mod level;
mod like;
mod list;
mod mailbox;
mod mates;
mod model;
mod moved;
mod pairs;
mod parallel;
mod place;
mod raw;
mod relatives;
mod rules;
mod seen;
mod share;
mod spec;
mod tally;
mod values;
mod verdict;
mod weighed;
mod words;

pub use blocks::{Blocks, Worst, blocks};
pub use cells::Cells;
pub use distance::{damerau_levenshtein, is_abbreviation};
pub use model::{Bits, Learnt, Level, Model, Pattern};
pub use pairs::weight_of;
pub use seen::{Mark, Seen, SeenColumn};
pub use share::Share;
pub use spec::{
    Block, Clustering, Comparison, Decision, Fault, Form, Key, Kind, Lexicon, Note, Pair, Relation, Resolution, Role,
    Rule, Says, Spec, Stop, Table, Verdict,
};
pub use weighed::{Grouped, Weighed, grouped};

/// Learns from the table and resolves it.
///
/// # Errors
/// A [`Fault`] when the specification and the table do not fit each other. Data never makes it fail.
pub fn resolve(spec: &Spec, table: &Table) -> Result<Resolution, Fault> {
    resolve_with(spec, table, None)
}

/// Resolves a table with a model that was learnt before.
///
/// # Errors
/// As [`resolve`], and [`Fault::OtherModel`] when the model was learnt with other comparisons.
pub fn resolve_with(spec: &Spec, table: &Table, model: Option<&Model>) -> Result<Resolution, Fault> {
    whole(spec, table, model, false)
}

/// Resolves a table; `keeps`: the model is made to be kept.
fn whole(spec: &Spec, table: &Table, model: Option<&Model>, keeps: bool) -> Result<Resolution, Fault> {
    let fitted = spec::Fitted::new(spec, table, model)?;
    let Some(copies) = copies::Copies::of(spec, table) else {
        return Ok(pairs::resolve(&fitted, columns(&fitted), keeps).resolution);
    };
    let (spec, table) = (copies.spec(spec), copies.table(table));
    let fitted = spec::Fitted { spec: &spec, table: &table, model };
    Ok(copies.put_back(pairs::resolve(&fitted, columns(&fitted), keeps).resolution))
}

/// An answer, and what later ones may stand on.
#[derive(Debug)]
pub struct Standing {
    /// The answer. Where it stands on an earlier one, pairs that come to nothing are not among its pairs, it has no
    /// bridges, and the largest blocks of its rules are those of then.
    pub resolution: Resolution,
    /// What to keep for later answers, where it is something else than before.
    pub left: Option<Vec<u8>>,
}

/// What an earlier answer left, held against a table of which most rows are as they were.
pub struct Earlier<'a> {
    base: base::Base<'a>,
    moved: moved::Moved,
}

impl<'a> Earlier<'a> {
    /// Out of what was left; nothing where it is none, or too many rows are others.
    pub fn of(left: &'a [u8], table: &Table) -> Option<Earlier<'a>> {
        let base = base::Base::read(left)?;
        let moved = moved::Moved::new(table, &base)?;
        Some(Earlier { base, moved })
    }

    /// The row that a row was then.
    pub fn was(&self, row: u32) -> Option<u32> {
        self.moved.from.get(row as usize).copied().filter(|it| *it != moved::NOWHERE)
    }
}

/// Resolves a table as [`resolve_with`] does, and stands on what an earlier answer to the same specification left, where
/// there is one for this table. The answer is the same without it. Cells are let go as soon as nobody needs them.
///
/// # Errors
/// As [`resolve_with`].
pub fn resolve_upon(
    spec: &Spec,
    mut table: Table,
    model: Option<&Model>,
    earlier: Option<&Earlier<'_>>,
) -> Result<Standing, Fault> {
    let fitted = spec::Fitted::new(spec, &table, model)?;
    if let Some(copies) = copies::Copies::of(spec, &table) {
        let (spec, few) = (copies.spec(spec), copies.table(&table));
        drop(table);
        let fitted = spec::Fitted { spec: &spec, table: &few, model };
        let found = pairs::resolve(&fitted, columns(&fitted), false).resolution;
        // Which rows stand for others is found in all rows, so no later answer stands on this one.
        return Ok(Standing { resolution: copies.put_back(found), left: None });
    }
    if let Some(resolution) = earlier.and_then(|it| again::resolve(&fitted, &it.base, &it.moved)) {
        return Ok(Standing { resolution, left: None });
    }
    let columns = columns(&fitted);
    let lasts = base::lasts(spec, &table, model);
    if !lasts {
        table.columns = Vec::new();
    }
    let fitted = spec::Fitted { spec, table: &table, model };
    let whole = pairs::resolve(&fitted, columns, false);
    let left = if lasts && !spec.stop.is_asked() { base::left(&fitted, &whole) } else { None };
    Ok(Standing { resolution: whole.resolution, left })
}

fn columns(fitted: &spec::Fitted<'_>) -> Vec<column::Column> {
    column::columns(fitted, &fold::Folds::new(&fitted.spec.lexicon))
}

/// Learns from the table, as [`resolve`] does, a model that is made to be kept: with it, the same table gives the same
/// answer, and others are judged as these rows taught.
///
/// # Errors
/// As [`resolve`].
pub fn train(spec: &Spec, table: &Table) -> Result<Resolution, Fault> {
    whole(spec, table, None, true)
}

/// The names of the levels of a kind, the one for a missing value first.
pub fn level_names(kind: Kind) -> Vec<&'static str> {
    (0..kinds::count(kind)).map(|it| kinds::name(kind, it)).collect()
}

#[cfg(test)]
mod tests;
