//! How checks are counted: what is expected of one table is taken in one scan wherever no row must be held beside
//! others, and what must be (repeats, order, distances, frequencies) in a statement of its own.

use std::collections::{BTreeMap, BTreeSet};

use arrow_array::cast::AsArray;
use arrow_array::types::UInt64Type;

use crate::expectations::Measure;
use crate::expectations::divergence::entropy;
use crate::expectations::measure::{Centre, Rule, Statistic};
use crate::expr::{Expr, Literal};
use crate::model::{Schema, Type};
use crate::relation::{Relation, sql};
use crate::store::backend::{EngineError, Measured, Stored};
use crate::store::engine::{DuckWorker, Scans, failed};
use crate::store::journal::Counts;
use crate::store::statements;

/// How many checks one statement makes at most: what the engine needs for it grows faster than their number.
const MEASURES: usize = 50;

/// A row of a statement, all of it as text.
type Row = Vec<Option<String>>;

impl DuckWorker {
    /// Takes all measures of a table, as many in one scan as it can.
    pub(super) fn measured(&self, table: &Stored, measures: &[Measured<'_>]) -> Result<Vec<Counts>, EngineError> {
        measure(self, table, measures)
    }
}

/// Takes all measures of a table: counts in the order of the measures.
fn measure(worker: &DuckWorker, table: &Stored, measures: &[Measured<'_>]) -> Result<Vec<Counts>, EngineError> {
    if measures.len() > MEASURES {
        let parts = measures.chunks(MEASURES).map(|part| measure(worker, table, part));
        return Ok(parts.collect::<Result<Vec<_>, _>>()?.concat());
    }
    let different = different(worker, table, measures.iter().filter_map(|(it, _)| alone(it)).collect())?;
    let values = |it: &Measure| alone(it).and_then(|it| different.get(it)).copied();
    // What is known by then asks for nothing more.
    let known = Measure::Known { held: true };
    let open = measures.iter().map(|(it, _)| if values(it).is_some() { &known } else { *it });
    let found = scan(worker, table, open, aggregates)?;
    let mut taken = Vec::with_capacity(measures.len());
    for ((it, other), row) in measures.iter().zip(&found) {
        if let Some(considered) = values(it) {
            taken.push(Counts { considered, ..Counts::default() });
            continue;
        }
        taken.push(match it {
            Measure::Repeats { values, only } => match row.as_slice() {
                [all, different] if all == different => counts(it, row, table),
                _ => repeats(worker, table, values, only.as_ref())?,
            },
            Measure::Ordered { column, descending, strictly, only } => {
                ordered(worker, table, column, (*descending, *strictly), only.as_ref())?
            }
            Measure::Outliers { column, from, times, only } => {
                outliers(worker, table, column, (*from, times), only.as_ref())?
            }
            Measure::Distinct { column, listed, rule: rule @ (Rule::Commonest | Rule::AmongCommonest), only } => {
                commonest(worker, table, column, (listed, *rule), only.as_ref())?
            }
            Measure::Divergence { column, classes, rest, most, only } => {
                divergence(worker, table, column, (classes, rest.as_deref(), most), only.as_ref())?
            }
            Measure::Absent { columns, there, only } => {
                let other = other.ok_or_else(|| EngineError::Engine("there is no other table".to_owned()))?;
                absent(worker, (table, columns), (other, there), only.as_ref())?
            }
            _ => counts(it, row, table),
        });
    }
    // Which rows fail is asked where some do: to keep the first of them costs more than to count.
    let failed = |(at, (it, _)): (usize, &Measured<'_>)| {
        (matches!(it, Measure::Rows { .. }) && taken[at].unexpected > 0).then_some(at)
    };
    let failed: Vec<usize> = measures.iter().enumerate().filter_map(failed).collect();
    let sampled = scan(worker, table, failed.iter().map(|at| measures[*at].0), first_failing)?;
    for (at, row) in failed.into_iter().zip(sampled) {
        taken[at].sample = ordinals(row.first().and_then(|it| it.as_deref()).unwrap_or_default());
    }
    Ok(taken)
}

/// Rows from which on hashes are held beside each other and not values.
const MANY: u64 = 50_000;
/// Hashes of which not more are held at once: 8 bytes each.
const HASHES: u64 = 16_000_000;

/// The one column of all rows that a measure wants to be without repeats.
fn alone(measure: &Measure) -> Option<&str> {
    match measure {
        Measure::Repeats { values, only: None } => match values.as_slice() {
            [Expr::Column(column)] => Some(column),
            _ => None,
        },
        _ => None,
    }
}

/// The columns of which no value comes twice, as their hashes show, each with the number of its values. Where two hashes
/// are the same their values may still differ, so nothing is said of the column. A set of all values costs three times as
/// much.
fn different<'a>(
    worker: &DuckWorker,
    table: &Stored,
    mut columns: Vec<&'a str>,
) -> Result<BTreeMap<&'a str, u64>, EngineError> {
    let schema = table.schema();
    // Floats that are the same may be written with other bits.
    columns.retain(|it| schema.get(it).is_some_and(|it| it.ty != Type::Float));
    columns.sort_unstable();
    columns.dedup();
    if columns.is_empty() || table.rows < MANY || table.rows.saturating_mul(columns.len() as u64) > HASHES {
        return Ok(BTreeMap::new());
    }
    let named: Vec<(String, Expr)> =
        columns.iter().enumerate().map(|(at, it)| (format!("v{at}"), Expr::column(*it))).collect();
    let wanted: BTreeSet<&str> = named.iter().map(|(name, _)| name.as_str()).collect();
    let statement = numbered(worker, &Relation::scan(0, &schema).project(named.clone()).prune(&wanted), table);
    let list = statement.names.iter().map(|it| format!("CASE WHEN {it} IS NOT NULL THEN hash({it}) END"));
    let text = format!("SELECT {} FROM ({})", list.collect::<Vec<_>>().join(", "), statement.text);
    let mut hashes: Vec<Vec<u64>> = vec![Vec::new(); columns.len()];
    statements::stream(&worker.connection, &text, &mut |batch| {
        for (of, column) in hashes.iter_mut().zip(batch.columns()) {
            let column = column.as_primitive_opt::<UInt64Type>();
            of.extend(column.ok_or_else(|| EngineError::Engine("a hash is not a number".to_owned()))?.iter().flatten());
        }
        Ok(())
    })?;
    let alone = |(name, mut hashes): (&'a str, Vec<u64>)| {
        hashes.sort_unstable();
        hashes.windows(2).all(|it| it[0] != it[1]).then_some((name, hashes.len() as u64))
    };
    Ok(columns.into_iter().zip(hashes).filter_map(alone).collect())
}

/// What one scan of a table makes for each of some measures.
fn scan<'a>(
    worker: &DuckWorker,
    table: &Stored,
    measures: impl Iterator<Item = &'a Measure>,
    made: impl Fn(&Measure, &[String], &Schema) -> Vec<String>,
) -> Result<Vec<Row>, EngineError> {
    let measures: Vec<&Measure> = measures.collect();
    let mut columns: Vec<(String, Expr)> = Vec::new();
    let mut inner = Vec::new();
    for it in &measures {
        let begins = columns.len();
        columns.extend(asked(it).into_iter().enumerate().map(|(at, expr)| (format!("m{begins}_{at}"), expr)));
        inner.push(begins..columns.len());
    }
    let schema = table.schema();
    let wanted: BTreeSet<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
    let statement = numbered(worker, &Relation::scan(0, &schema).project(columns.clone()).prune(&wanted), table);
    let mut list: Vec<String> = Vec::new();
    let mut outer = Vec::new();
    for (it, range) in measures.iter().zip(inner) {
        let begins = list.len();
        list.extend(made(it, &statement.names[range], &schema));
        outer.push(begins..list.len());
    }
    let row = match list.is_empty() {
        true => Row::new(),
        false => one(worker, &format!("SELECT {} FROM ({})", list.join(", "), statement.text))?,
    };
    Ok(outer.into_iter().map(|range| row[range].to_vec()).collect())
}

fn every() -> Expr {
    Expr::Literal(Literal::Boolean(true))
}

/// The expressions over a row that a measure is made of; none for what is counted apart.
fn asked(measure: &Measure) -> Vec<Expr> {
    let considered = |only: &Option<Expr>| only.clone().unwrap_or_else(every);
    match measure {
        Measure::Rows { considered, unexpected } => vec![considered.clone(), unexpected.clone()],
        // One column of which no value comes twice is told from what is counted; all else is looked at by itself.
        Measure::Repeats { values, only } => match (values.as_slice(), only) {
            ([value], None) => vec![value.clone()],
            ([value], Some(only)) => vec![Expr::Case(vec![(only.clone(), value.clone())], None)],
            _ => Vec::new(),
        },
        Measure::Count { only: Some(only), .. } => vec![only.clone()],
        Measure::Statistic { column, outside, only, .. } => {
            let bounds = outside.iter().map(|(_, bound)| bound.clone());
            [considered(only), Expr::column(column)].into_iter().chain(bounds).collect()
        }
        Measure::Distinct { column, listed, rule: Rule::In | Rule::Contain | Rule::Equal, only } => {
            let is = listed.iter().map(|it| Expr::call("=", [Expr::column(column), it.clone()]));
            [considered(only), Expr::column(column)].into_iter().chain(is).collect()
        }
        _ => Vec::new(),
    }
}

/// What is made of the rows, given the names of the expressions.
fn aggregates(measure: &Measure, names: &[String], schema: &Schema) -> Vec<String> {
    match (measure, names) {
        (Measure::Rows { .. }, [considered, unexpected]) => {
            // A filter of an aggregate costs a copy of all that is asked of the row.
            let count = |of: &str| format!("count(CASE WHEN {of} THEN 1 END)::VARCHAR");
            vec![count(considered), count(&failing(considered, unexpected))]
        }
        (Measure::Repeats { .. }, [value]) => {
            vec![format!("count({value})::VARCHAR"), format!("count(DISTINCT {value})::VARCHAR")]
        }
        (Measure::Count { .. }, [only]) => vec![format!("count(CASE WHEN {only} THEN 1 END)::VARCHAR")],
        (Measure::Statistic { column, of, outside, .. }, [considered, value, bounds @ ..]) => {
            let ty = schema.get(column).map_or(Type::Text, |it| it.ty);
            let number = number(of, value, considered, ty);
            let there = match of {
                Statistic::Deviation => format!("{number} IS NOT NULL AND NOT isnan({number})"),
                Statistic::OfWhole => "true".to_owned(),
                _ => format!("{number} IS NOT NULL"),
            };
            let held = outside.iter().zip(bounds).map(|((operator, literal), bound)| {
                // A table without rows has no row to take a bound from.
                let bound = constant(literal).unwrap_or_else(|| format!("any_value({bound})"));
                format!(" AND NOT coalesce({number} {operator} {bound}, {})", *of != Statistic::OfWhole)
            });
            let held = held.collect::<String>();
            vec![format!("(({there}){held})::VARCHAR"), format!("({number})::VARCHAR")]
        }
        (Measure::Distinct { rule, .. }, [considered, value, is @ ..]) => {
            let there =
                is.iter().map(|it| format!("coalesce(bool_or({it}) FILTER (WHERE {considered}), false)::INTEGER"));
            let there = there.collect::<Vec<_>>().join(" + ");
            let listed = is.iter().map(|it| format!("({it})")).collect::<Vec<_>>().join(" OR ");
            let value = plain(value, Type::Float == type_of(measure, schema));
            let different = format!("count(DISTINCT {value}) FILTER (WHERE {considered})");
            let others = format!("count(DISTINCT {value}) FILTER (WHERE ({considered}) AND NOT ({listed}))");
            let (listed, missing) = (is.len(), format!("({} - ({there}))", is.len()));
            let (all, wrong) = match rule {
                Rule::In => (different, others),
                Rule::Contain => (listed.to_string(), missing),
                _ => (format!("{listed} + {others}"), format!("{missing} + {others}")),
            };
            vec![format!("({all})::VARCHAR"), format!("({wrong})::VARCHAR")]
        }
        _ => Vec::new(),
    }
}

/// The first of the rows that are not as expected.
fn first_failing(_: &Measure, names: &[String], _: &Schema) -> Vec<String> {
    let [considered, unexpected] = names else { return Vec::new() };
    vec![format!("array_to_string(min(CASE WHEN {} THEN o END, 5), ' ')", failing(considered, unexpected))]
}

fn failing(considered: &str, unexpected: &str) -> String {
    format!("({considered}) AND ({unexpected})")
}

/// A number as it stands in a statement.
fn constant(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Literal(Literal::Integer(it)) => Some(format!("CAST({it} AS BIGINT)")),
        Expr::Literal(Literal::Number(it)) => Some(sql::double(it)),
        _ => None,
    }
}

fn type_of(measure: &Measure, schema: &Schema) -> Type {
    let Measure::Distinct { column, .. } = measure else { return Type::Text };
    schema.get(column).map_or(Type::Text, |it| it.ty)
}

/// A value that is no number is none.
fn plain(value: &str, float: bool) -> String {
    if float { format!("nullif({value}, 'nan'::DOUBLE)") } else { value.to_owned() }
}

/// The greatest number whose squares, many of them, are still numbers.
const SQUARED: &str = "1e150";

/// A value that can be squared.
fn near(value: &str) -> String {
    format!("CASE WHEN abs({value}) <= {SQUARED} THEN {value} END")
}

/// The number that is made of `value` where `considered` is true.
fn number(of: &Statistic, value: &str, considered: &str, ty: Type) -> String {
    let float = ty == Type::Float;
    let value = plain(value, float);
    let over = |call: String| format!("{call} FILTER (WHERE {considered})");
    match of {
        // Sums of floats depend on the order of their rows; these keep what is rounded away.
        Statistic::Mean if float => over(format!("favg({value})")),
        Statistic::Mean => over(format!("avg({value})")),
        Statistic::Sum if float => over(format!("fsum({value})")),
        Statistic::Sum => over(format!("sum({value})")),
        Statistic::Median => over(format!("median({value}::DOUBLE)")),
        // The engine stops where a square is too large for a number: then there is no deviation.
        Statistic::Deviation => {
            let far = over(format!("bool_or(abs({value}::DOUBLE) > {SQUARED})"));
            let deviation = over(format!("stddev_samp({})", near(&format!("{value}::DOUBLE"))));
            format!("(CASE WHEN {far} THEN 'nan'::DOUBLE ELSE {deviation} END)")
        }
        Statistic::Least | Statistic::OfWhole => over(format!("min({value})")),
        Statistic::Greatest => over(format!("max({value})")),
        Statistic::Quantile(at) => {
            let sorted = over(format!("list({value} ORDER BY {value})"));
            let count = over(format!("count({value})"));
            // The place that is nearest, and of two the even one.
            let all = format!("list_filter({sorted}, it -> it IS NOT NULL)");
            format!("({all})[1 + round_even(({count} - 1) * {at}::DOUBLE, 0)::BIGINT]")
        }
        Statistic::Distinct => over(format!("count(DISTINCT {value})")),
        Statistic::DistinctShare => {
            let (different, all) = (over(format!("count(DISTINCT {value})")), over(format!("count({value})")));
            format!("coalesce({different}::DOUBLE / nullif({all}, 0), 0)")
        }
        Statistic::Filled => {
            let (filled, all) = (over(format!("count({value})")), over("count(*)".to_owned()));
            format!("coalesce({filled}::DOUBLE / nullif({all}, 0), 0)")
        }
    }
}

/// The counts that the aggregates of a measure are.
fn counts(measure: &Measure, row: &[Option<String>], table: &Stored) -> Counts {
    let count = |at: usize| row.get(at).and_then(|it| it.as_ref()?.parse().ok()).unwrap_or(0_u64);
    let verdict = |held: bool| Counts { considered: 1, unexpected: u64::from(!held), ..Counts::default() };
    match measure {
        Measure::Rows { .. } => {
            let sample = row.get(2).and_then(|it| it.as_deref()).unwrap_or_default();
            Counts { sample: ordinals(sample), considered: count(0), unexpected: count(1), ..Counts::default() }
        }
        Measure::Count { min, max, only } => {
            let rows = if only.is_some() { count(0) } else { table.rows };
            let number = i64::try_from(rows).unwrap_or(i64::MAX);
            let held = min.is_none_or(|it| number >= it) && max.is_none_or(|it| number <= it);
            Counts { observed: Some(rows.to_string()), ..verdict(held) }
        }
        Measure::Statistic { .. } => {
            let held = row.first().is_some_and(|it| it.as_deref() == Some("true"));
            Counts { observed: row.get(1).cloned().flatten(), ..verdict(held) }
        }
        Measure::Distinct { .. } => Counts { considered: count(0), unexpected: count(1), ..Counts::default() },
        Measure::Repeats { .. } => Counts { considered: count(0), ..Counts::default() },
        Measure::Known { held } => verdict(*held),
        // Counted elsewhere: from the numbers of rows alone, or of another table.
        _ => Counts::default(),
    }
}

fn ordinals(text: &str) -> Vec<u64> {
    text.split(' ').filter_map(|it| it.parse().ok()).collect()
}

fn one(worker: &DuckWorker, text: &str) -> Result<Row, EngineError> {
    all(worker, text)?.into_iter().next().ok_or_else(|| EngineError::Engine("no counts".to_owned()))
}

/// Considered and unexpected rows of a statement, and the first of these: the last three columns of it.
fn rows(worker: &DuckWorker, considered: &str, unexpected: &str, from: &str) -> Result<Counts, EngineError> {
    let text = format!(
        "SELECT count(*) FILTER (WHERE {considered})::VARCHAR, count(*) FILTER (WHERE {unexpected})::VARCHAR, \
         array_to_string(min(o, 5) FILTER (WHERE {unexpected}), ' ') FROM ({from})"
    );
    let row = one(worker, &text)?;
    let every = Measure::Rows { considered: every(), unexpected: every() };
    let none = Stored { rows: 0, columns: Vec::new() };
    Ok(counts(&every, &row, &none))
}

/// Rows beyond the first with the same values.
fn repeats(worker: &DuckWorker, table: &Stored, values: &[Expr], only: Option<&Expr>) -> Result<Counts, EngineError> {
    let named: Vec<(String, Expr)> = values.iter().enumerate().map(|(at, it)| (format!("v{at}"), it.clone())).collect();
    let wanted: BTreeSet<&str> = named.iter().map(|(name, _)| name.as_str()).collect();
    let scan = Relation::scan(0, &table.schema());
    let rows = match only {
        Some(only) => scan.filter(only.clone()),
        None => scan,
    };
    let statement = numbered(worker, &rows.project(named.clone()).prune(&wanted), table);
    let list = &statement.names[..values.len()];
    let present: Vec<_> = list.iter().map(|it| format!("{it} IS NOT NULL")).collect();
    let (list, present) = (list.join(", "), present.join(" AND "));
    let text = format!(
        "SELECT coalesce(sum(n), 0)::BIGINT::VARCHAR, coalesce(sum(n - 1), 0)::BIGINT::VARCHAR, \
         array_to_string(min(l, 5) FILTER (WHERE n > 1), ' ') \
         FROM (SELECT count(*) AS n, max(o) AS l FROM ({}) WHERE {present} GROUP BY {list})",
        statement.text
    );
    let row = one(worker, &text)?;
    Ok(counts(&Measure::Rows { considered: every(), unexpected: every() }, &row, table))
}

/// Rows whose value comes before that of the last row that has one.
fn ordered(
    worker: &DuckWorker,
    table: &Stored,
    column: &String,
    (descending, strictly): (bool, bool),
    only: Option<&Expr>,
) -> Result<Counts, EngineError> {
    let statement = restricted(worker, table, std::slice::from_ref(column), only);
    let value = &statement.names[0];
    let operator = match (descending, strictly) {
        (false, false) => "<",
        (false, true) => "<=",
        (true, false) => ">",
        (true, true) => ">=",
    };
    let from = format!(
        "SELECT o, {value} AS v, lag({value}) OVER (ORDER BY o) AS p FROM ({}) WHERE {value} IS NOT NULL",
        statement.text
    );
    rows(worker, "true", &format!("p IS NOT NULL AND v {operator} p"), &from)
}

/// Values that lie too far from the others.
fn outliers(
    worker: &DuckWorker,
    table: &Stored,
    column: &String,
    (centre, times): (Centre, &str),
    only: Option<&Expr>,
) -> Result<Counts, EngineError> {
    let statement = restricted(worker, table, std::slice::from_ref(column), only);
    let value = format!("nullif({}::DOUBLE, 'nan'::DOUBLE)", statement.names[0]);
    // What cannot be squared lies too far, and moves neither mean nor deviation.
    let deviation = format!("favg({0}) AS a, stddev_samp({0}) AS b", near("v"));
    let (measures, unexpected) = match centre {
        Centre::Quartiles => (
            "quantile_cont(v, 0.25) AS a, quantile_cont(v, 0.75) AS b",
            format!("v < a - {times} * (b - a) OR v > b + {times} * (b - a)"),
        ),
        Centre::Mean => (deviation.as_str(), format!("b > 0 AND abs((v - a) / b) >= {times} OR abs(v) > {SQUARED}")),
        Centre::AboveMean => (deviation.as_str(), format!("b > 0 AND (v - a) / b >= {times} OR v > {SQUARED}")),
    };
    let beneath = format!("SELECT o, {value} AS v FROM ({})", statement.text);
    let from = format!(
        "WITH w AS ({beneath}), s AS (SELECT {measures} FROM w) SELECT o, v, a, b FROM w, s WHERE v IS NOT NULL"
    );
    rows(worker, "true", &format!("coalesce({unexpected}, false)"), &from)
}

/// Whether the most frequent values are listed.
fn commonest(
    worker: &DuckWorker,
    table: &Stored,
    column: &String,
    (listed, rule): (&[Expr], Rule),
    only: Option<&Expr>,
) -> Result<Counts, EngineError> {
    let belongs =
        Expr::Call("in".to_owned(), [Expr::column(column)].into_iter().chain(listed.iter().cloned()).collect());
    let scan = Relation::scan(0, &table.schema());
    let scan = match only {
        Some(only) => scan.filter(only.clone()),
        None => scan,
    };
    let wanted = BTreeSet::from(["value", "belongs"]);
    let of = [("value".to_owned(), Expr::column(column)), ("belongs".to_owned(), belongs)];
    let statement = numbered(worker, &scan.project(of.to_vec()).prune(&wanted), table);
    let (value, belongs) = (&statement.names[0], &statement.names[1]);
    let text = format!(
        "WITH g AS (SELECT count(*) AS n, any_value({belongs}) AS b FROM ({}) WHERE {value} IS NOT NULL GROUP BY {value}) \
         SELECT count(*)::VARCHAR, count(*) FILTER (WHERE b)::VARCHAR FROM g WHERE n = (SELECT max(n) FROM g)",
        statement.text
    );
    let row = one(worker, &text)?;
    let count = |at: usize| row[at].as_ref().and_then(|it| it.parse().ok()).unwrap_or(0_u64);
    let (all, found) = (count(0), count(1));
    let held = match rule {
        Rule::AmongCommonest => found > 0,
        _ => all == 1 && found == 1,
    };
    Ok(Counts { considered: 1, unexpected: u64::from(!held), ..Counts::default() })
}

/// Whether the values are distributed as expected.
fn divergence(
    worker: &DuckWorker,
    table: &Stored,
    column: &String,
    (classes, rest, most): (&[(Expr, String)], Option<&str>, &str),
    only: Option<&Expr>,
) -> Result<Counts, EngineError> {
    let scan = Relation::scan(0, &table.schema());
    let scan = match only {
        Some(only) => scan.filter(only.clone()),
        None => scan,
    };
    let place = classes.iter().enumerate().map(|(at, (is, _))| (is.clone(), Expr::integer(at as i64)));
    let of = [("value".to_owned(), Expr::column(column)), ("class".to_owned(), Expr::Case(place.collect(), None))];
    let wanted = BTreeSet::from(["value", "class"]);
    let statement = numbered(worker, &scan.project(of.to_vec()).prune(&wanted), table);
    let (value, class) = (&statement.names[0], &statement.names[1]);
    let text = format!(
        "SELECT c::VARCHAR, count(*)::VARCHAR FROM (SELECT {class} AS c, {value} AS v FROM ({}) WHERE {value} IS NOT NULL) \
         GROUP BY c, CASE WHEN c IS NULL THEN v END ORDER BY c, count(*)",
        statement.text
    );
    let found = all(worker, &text)?;
    let number = |it: &Option<String>| it.as_ref().and_then(|it| it.parse::<u64>().ok());
    let found: Vec<_> =
        found.iter().map(|it| (number(&it[0]).map(|it| it as usize), number(&it[1]).unwrap_or(0))).collect();
    let weights: Vec<f64> = classes.iter().map(|(_, weight)| weight.parse().unwrap_or(0.0)).collect();
    let entropy = entropy(&found, &weights, rest.and_then(|it| it.parse().ok()));
    let held = entropy.is_some_and(|it| most.parse().is_ok_and(|most: f64| it <= most));
    Ok(Counts { considered: 1, unexpected: u64::from(!held), ..Counts::default() })
}

/// Rows whose values no row of another table has.
fn absent(
    worker: &DuckWorker,
    (table, columns): (&Stored, &[String]),
    (other, there): (&Stored, &[String]),
    only: Option<&Expr>,
) -> Result<Counts, EngineError> {
    let (own, theirs) = (restricted(worker, table, columns, only), restricted(worker, other, there, None));
    let pairs = || own.names[..columns.len()].iter().zip(&theirs.names);
    let present: Vec<_> = pairs().map(|(name, _)| format!("{name} IS NOT NULL")).collect();
    let same: Vec<_> = pairs().map(|(a, b)| format!("l.{a} = r.{b}")).collect();
    let list: Vec<_> = theirs.names.iter().map(String::as_str).collect();
    let from = format!(
        "SELECT l.o AS o, r.found IS NULL AS missing FROM (SELECT * FROM ({}) WHERE {}) AS l \
         LEFT JOIN (SELECT DISTINCT {}, true AS found FROM ({})) AS r ON {}",
        own.text,
        present.join(" AND "),
        list.join(", "),
        theirs.text,
        same.join(" AND "),
    );
    rows(worker, "true", "missing", &from)
}

/// All rows of a statement.
fn all(worker: &DuckWorker, text: &str) -> Result<Vec<Row>, EngineError> {
    let mut prepared = worker.connection.prepare(text).map_err(failed)?;
    let mut rows = prepared.query([]).map_err(failed)?;
    let mut acc = Vec::new();
    while let Some(row) = rows.next().map_err(failed)? {
        let width = row.as_ref().column_count();
        acc.push((0..width).map(|at| row.get(at).map_err(failed)).collect::<Result<_, _>>()?);
    }
    Ok(acc)
}

/// Columns of the rows that a condition leaves, those that it reads behind them.
fn restricted(worker: &DuckWorker, table: &Stored, columns: &[String], only: Option<&Expr>) -> sql::Statement {
    let mut read = BTreeSet::new();
    only.into_iter().for_each(|it| it.columns(&mut read));
    let mut names: Vec<String> = columns.to_vec();
    names.extend(read.into_iter().filter(|it| !columns.iter().any(|name| name == it)).map(str::to_owned));
    let scan = Relation::Scan { input: 0, columns: names.into() };
    let relation = match only {
        Some(only) => scan.filter(only.clone()),
        None => scan,
    };
    numbered(worker, &relation, table)
}

fn numbered(worker: &DuckWorker, relation: &Relation, table: &Stored) -> sql::Statement {
    sql::statement_with_ordinal(relation, &Scans::of(&worker.shared.shelf, std::slice::from_ref(table)))
}
