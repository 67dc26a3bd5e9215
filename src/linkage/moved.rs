//! Which rows are rows of an earlier table, where most of them are.

use super::base::Base;
use super::spec::Table;

/// Of a row that was not there, or is not there any more.
pub(super) const NOWHERE: u32 = u32::MAX;
/// Other rows than before, at most: so many, or one of so many rows.
const MOST: u32 = 32;
const ONE_OF: u32 = 256;
/// How far behind a row that is another one the next row of before is looked for.
const FAR: usize = 16;

/// Rows that are as they were. Those that are keep their order.
pub(super) struct Moved {
    /// For each row the earlier one that it is.
    pub from: Vec<u32>,
    /// For each earlier row the one that it is now.
    pub to: Vec<u32>,
}

impl Moved {
    /// Finds rows with the same cells and source; nothing where too many are others.
    pub fn new(table: &Table, base: &Base<'_>) -> Option<Moved> {
        let (now, before) = (table.rows as usize, base.head.rows as usize);
        let columns: Vec<_> = table.columns.iter().chain(&table.keys).zip(&base.cells).collect();
        let source = |row: usize| table.sources.get(row).copied().unwrap_or(0);
        let same = |one: usize, other: usize| {
            one < now
                && other < before
                && columns.iter().all(|(cells, earlier)| cells.get(one).map(str::as_bytes) == earlier.bytes(other))
                && source(one) == base.source(other)
        };
        let mut moved = Moved { from: vec![NOWHERE; now], to: vec![NOWHERE; before] };
        let mut left = 2 * (table.rows / ONE_OF).max(MOST) as usize;
        let (mut one, mut other) = (0, 0);
        while one < now && other < before {
            if same(one, other) {
                moved.from[one] = other as u32;
                moved.to[other] = one as u32;
                (one, other) = (one + 1, other + 1);
                continue;
            }
            let ahead = (1..=2 * FAR).flat_map(|sum| (0..=sum).map(move |it| (it, sum - it)));
            let next = ahead.filter(|it| it.0.max(it.1) <= FAR).find(|it| same(one + it.0, other + it.1));
            // At the end of both there may be none.
            let Some((new, gone)) = next else { break };
            left = left.checked_sub(new + gone)?;
            (one, other) = (one + new, other + gone);
        }
        left.checked_sub(now - one + before - other)?;
        Some(moved)
    }
}
