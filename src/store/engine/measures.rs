//! What is measured of a table for the checks on it: many measures in one scan.

use std::collections::BTreeSet;

use crate::expectations::Measure;
use crate::expr::Expr;
use crate::relation::{Relation, sql};
use crate::store::engine::{DuckWorker, Scans, failed};
use crate::store::journal::Counts;
use crate::store::workshop::{EngineError, Stored};

/// How many checks one statement makes at most: what the engine needs for it grows faster than their number.
const MEASURES: usize = 50;

impl DuckWorker {
    /// Takes all measures of a table, as many in one scan as it can.
    pub(super) fn measured(&self, table: &Stored, measures: &[&Measure]) -> Result<Vec<Counts>, EngineError> {
        if measures.len() > MEASURES {
            let parts = measures.chunks(MEASURES).map(|part| self.measured(table, part));
            return Ok(parts.collect::<Result<Vec<_>, _>>()?.concat());
        }
        let mut counts: Vec<Counts> = Vec::with_capacity(measures.len());
        let mut flags: Vec<(String, Expr)> = Vec::new();
        for (index, measure) in measures.iter().enumerate() {
            if let Measure::Rows { considered, unexpected } = measure {
                flags.push((format!("considered{index}"), considered.clone()));
                flags.push((format!("unexpected{index}"), unexpected.clone()));
            }
        }
        let schema = table.schema();
        let wanted: BTreeSet<&str> = flags.iter().map(|(name, _)| name.as_str()).collect();
        let relation = Relation::scan(0, &schema).project(flags.clone()).prune(&wanted);
        let statement = statement_with_ordinal(&relation, table);
        let mut list = Vec::new();
        for (at, _) in flags.iter().enumerate().step_by(2) {
            let (considered, unexpected) = (&statement.names[at], &statement.names[at + 1]);
            let failing = format!("({considered}) AND ({unexpected})");
            list.push(format!("count(*) FILTER (WHERE {considered})"));
            list.push(format!("count(*) FILTER (WHERE {failing})"));
            list.push(format!("array_to_string(min(o, 5) FILTER (WHERE {failing}), ' ')"));
        }
        let mut found: Vec<Counts> = Vec::new();
        if !list.is_empty() {
            let text = format!("SELECT {} FROM ({})", list.join(", "), statement.text);
            let mut prepared = self.connection.prepare(&text).map_err(failed)?;
            let mut rows = prepared.query([]).map_err(failed)?;
            let row = rows.next().map_err(failed)?.ok_or_else(|| EngineError::Engine("no counts".to_owned()))?;
            for at in (0..list.len()).step_by(3) {
                let sample: Option<String> = row.get(at + 2).map_err(failed)?;
                found.push(Counts {
                    considered: row.get(at).map_err(failed)?,
                    unexpected: row.get(at + 1).map_err(failed)?,
                    sample: sample.unwrap_or_default().split(' ').filter_map(|it| it.parse().ok()).collect(),
                });
            }
        }
        let mut found = found.into_iter();
        for measure in measures {
            counts.push(match measure {
                Measure::Rows { .. } => found.next().unwrap_or_default(),
                // Counted from the numbers of rows alone, which the engine does not know of other tables.
                Measure::SetAside | Measure::Lost => Counts::default(),
                Measure::Repeats { columns, only } => self.repeats(table, columns, only.as_ref())?,
                Measure::Count { min, max, only } => {
                    let rows = i64::try_from(self.count(table, only.as_ref())?).unwrap_or(i64::MAX);
                    let outside = min.is_some_and(|it| rows < it) || max.is_some_and(|it| rows > it);
                    Counts { considered: 1, unexpected: u64::from(outside), sample: Vec::new() }
                }
            });
        }
        Ok(counts)
    }

    /// How many rows a condition leaves.
    fn count(&self, table: &Stored, only: Option<&Expr>) -> Result<u64, EngineError> {
        if only.is_none() {
            return Ok(table.rows);
        }
        let text = format!("SELECT count(*) FROM ({})", restricted(table, &[], only).text);
        self.connection.query_row(&text, [], |row| row.get(0)).map_err(failed)
    }

    /// Rows beyond the first with the same values.
    fn repeats(&self, table: &Stored, columns: &[String], only: Option<&Expr>) -> Result<Counts, EngineError> {
        let statement = restricted(table, columns, only);
        let list = &statement.names[..columns.len()];
        let present: Vec<_> = list.iter().map(|it| format!("{it} IS NOT NULL")).collect();
        let (list, present) = (list.join(", "), present.join(" AND "));
        let text = format!(
            "SELECT coalesce(sum(n), 0)::BIGINT, coalesce(sum(n - 1), 0)::BIGINT, \
             array_to_string(min(l, 5) FILTER (WHERE n > 1), ' ') \
             FROM (SELECT count(*) AS n, max(o) AS l FROM ({}) WHERE {present} GROUP BY {list})",
            statement.text
        );
        let mut prepared = self.connection.prepare(&text).map_err(failed)?;
        let mut rows = prepared.query([]).map_err(failed)?;
        let row = rows.next().map_err(failed)?.ok_or_else(|| EngineError::Engine("no counts".to_owned()))?;
        let sample: Option<String> = row.get(2).map_err(failed)?;
        Ok(Counts {
            considered: row.get(0).map_err(failed)?,
            unexpected: row.get(1).map_err(failed)?,
            sample: sample.unwrap_or_default().split(' ').filter_map(|it| it.parse().ok()).collect(),
        })
    }
}

/// Columns of the rows that a condition leaves, those that it reads behind them.
fn restricted(table: &Stored, columns: &[String], only: Option<&Expr>) -> sql::Statement {
    let mut read = BTreeSet::new();
    only.into_iter().for_each(|it| it.columns(&mut read));
    let mut names: Vec<String> = columns.to_vec();
    names.extend(read.into_iter().filter(|it| !columns.iter().any(|name| name == it)).map(str::to_owned));
    let scan = Relation::Scan { input: 0, columns: names };
    let relation = match only {
        Some(only) => scan.filter(only.clone()),
        None => scan,
    };
    statement_with_ordinal(&relation, table)
}

fn statement_with_ordinal(relation: &Relation, table: &Stored) -> sql::Statement {
    sql::statement_with_ordinal(relation, &Scans::of(std::slice::from_ref(table)))
}
