//! Groups as SQL.
//!
//! No answer depends on how the engine comes upon rows: what depends on their order is told the whole of it, and sums
//! of floats are exact before they are rounded.

use std::fmt::Write;

use crate::expr::Literal;
use crate::expr::aggregate::Aggregate as Function;
use crate::model::{Schema, Type};
use crate::relation::aggregate::{Aggregate, Call};
use crate::relation::sql::casts::Over;
use crate::relation::sql::{Order, Writer, quote};

impl Writer<'_> {
    pub(super) fn aggregate(&mut self, it: &Aggregate, order: Order) -> String {
        let ordered = it.calls.iter().any(|(_, call)| needs_order(call));
        let beneath = self.relation(&it.from, if ordered { Order::Numbered } else { Order::Loose });
        let over = Over::new(&it.from, self.tables);
        let schema = over.schema();
        let by: Vec<String> = it.by.iter().map(|name| self.group_key(name, schema)).collect();
        let mut inner: Vec<String> = by.iter().enumerate().map(|(at, key)| format!("{key} AS g{at}")).collect();
        // Where nothing groups and nothing is asked there is one row all the same.
        inner.push("count(*) AS n".to_owned());
        let mut firsts = String::new();
        let mut outer = Vec::new();
        for name in &it.keys {
            let at = it.by.iter().position(|by| by == name).unwrap_or_default();
            outer.push(format!("g{at} AS {}", self.name(name)));
        }
        for (at, (name, call)) in it.calls.iter().enumerate() {
            let mut keep: Vec<String> = call.keep.iter().map(|it| self.name(it)).collect();
            if call.distinct && call.function != Function::Count {
                let of = call.of.iter().chain(&call.keep).map(|it| self.name(it));
                let among: Vec<String> = by.iter().cloned().chain(of).collect();
                let order = self.order_of(&call.order, false);
                let _ = write!(
                    firsts,
                    ", row_number() OVER (PARTITION BY {} ORDER BY {order}) = 1 AS d{at}",
                    among.join(", ")
                );
                keep.push(format!("d{at}"));
            }
            let made = self.call(call, &keep, "", schema);
            inner.push(format!("{made} AS v{at}"));
            outer.push(format!("v{at} AS {}", self.name(name)));
        }
        let rows = match firsts.is_empty() {
            true => format!("({beneath}) AS {}", self.alias()),
            false => format!("(SELECT *{firsts} FROM ({beneath}) AS {}) AS {}", self.alias(), self.alias()),
        };
        let groups = if by.is_empty() { String::new() } else { format!(" GROUP BY {}", by.join(", ")) };
        let grouped = format!("(SELECT {} FROM {rows}{groups}) AS {}", inner.join(", "), self.alias());
        let place: Vec<String> = (0..by.len()).map(|at| format!("g{at} ASC NULLS LAST")).collect();
        let place = if place.is_empty() { "n".to_owned() } else { place.join(", ") };
        self.ordered(&outer.join(", "), &grouped, &place, order)
    }

    /// Zero is one value, whatever its sign: which of the two stands for a group would be a matter of chance.
    pub(super) fn group_key(&mut self, column: &str, schema: &Schema) -> String {
        let name = self.name(column);
        match schema.get(column).map(|it| it.ty) {
            Some(Type::Float) => format!("(CASE WHEN {name} = 0 THEN 0 ELSE {name} END)"),
            _ => name,
        }
    }

    /// What orders rows, and last their ordinals; all of it the other way round for the last of them, nulls apart.
    pub(super) fn order_of(&mut self, order: &[(String, bool)], from_last: bool) -> String {
        let way = |descending: bool| if descending { "DESC" } else { "ASC" };
        let mut text = String::new();
        for (column, descending) in order {
            let _ = write!(text, "{} {} NULLS LAST, ", self.name(column), way(*descending != from_last));
        }
        text + "o " + way(from_last)
    }

    /// The SQL of a call over the rows where all of `keep` is true, with `window` behind every aggregate in it.
    pub(super) fn call(&mut self, call: &Call, keep: &[String], window: &str, schema: &Schema) -> String {
        use Function::{
            All, Any, Count, First, Last, List, Max, Mean, Median, Min, MostCommon, Quantile, Stddev, StddevPop,
            StringAgg, Sum, Variance, VariancePop,
        };
        let value = call.of.as_ref().map(|it| self.name(it)).unwrap_or_default();
        let ty = call.of.as_deref().and_then(|it| schema.get(it)).map_or(Type::Text, |it| it.ty);
        let filter = |more: Option<String>| {
            let all: Vec<String> = more.into_iter().chain(keep.iter().cloned()).collect();
            match all.is_empty() {
                true => window.to_owned(),
                false => format!(" FILTER (WHERE {}){window}", all.join(" AND ")),
            }
        };
        let tail = filter(None);
        let there = || filter(Some(format!("{value} IS NOT NULL")));
        let by = |writer: &mut Self, from_last| writer.order_of(&call.order, from_last);
        let float = format!("CAST({value} AS DOUBLE)");
        match call.function {
            Count if call.of.is_none() => format!("count(*){tail}"),
            Count if call.distinct => format!("count(DISTINCT {value}){tail}"),
            Count => format!("count({value}){tail}"),
            Sum if ty == Type::Float => exact_sum(&value, &tail),
            Sum if ty == Type::Integer => format!("CAST(sum({value}){tail} AS BIGINT)"),
            Sum => format!("sum({value}){tail}"),
            Mean if ty == Type::Float => format!("({} / nullif(count({value}){tail}, 0))", exact_sum(&value, &tail)),
            Mean => format!("CAST(avg({value}){tail} AS DOUBLE)"),
            Min => format!("min({value}){tail}"),
            Max => format!("max({value}){tail}"),
            Median => by_digits(format!("quantile_cont({float}, 0.5){tail}"), "0.5", ty),
            Quantile => {
                let share = match &call.given {
                    Some(Literal::Number(it)) => it.clone(),
                    Some(Literal::Integer(it)) => it.to_string(),
                    _ => "0.5".to_owned(),
                };
                let found = format!("quantile_cont({float}, CAST({share} AS DOUBLE)){tail}");
                by_digits(found, &share, ty)
            }
            Stddev => spread("stddev_samp", &float, ty, &tail),
            StddevPop => spread("stddev_pop", &float, ty, &tail),
            Variance => spread("var_samp", &float, ty, &tail),
            VariancePop => spread("var_pop", &float, ty, &tail),
            First => format!("first({value} ORDER BY {}){}", by(self, false), there()),
            Last => format!("first({value} ORDER BY {}){}", by(self, true), there()),
            Any => format!("bool_or({value}){tail}"),
            All => format!("bool_and({value}){tail}"),
            List => {
                let item = match ty {
                    // JSON has no other numbers.
                    Type::Float => {
                        format!(
                            "CASE WHEN isfinite({value}) THEN CAST({value} AS VARCHAR) WHEN {value} IS NOT NULL THEN 'null' END"
                        )
                    }
                    Type::Integer | Type::Decimal { .. } | Type::Boolean => {
                        format!("CAST({value} AS VARCHAR)")
                    }
                    Type::Text | Type::Date | Type::Timestamp => format!("json_text(CAST({value} AS VARCHAR))"),
                };
                format!("('[' || string_agg({item}, ',' ORDER BY {}){tail} || ']')", by(self, false))
            }
            StringAgg => {
                let separator = match &call.given {
                    Some(Literal::Text(it)) => quote(it),
                    _ => quote("; "),
                };
                format!("string_agg({value}, {separator} ORDER BY {}){tail}", by(self, false))
            }
            MostCommon => format!("mode({value} ORDER BY {}){}", by(self, false), there()),
            // These are of windows alone.
            Function::RowNumber
            | Function::Rank
            | Function::DenseRank
            | Function::PercentRank
            | Function::Ntile
            | Function::Lag
            | Function::Lead => "NULL".to_owned(),
        }
    }
}

/// A value between two decimals, with the digits that it can have: as many as they have, and as the share has. What a float
/// has beyond these comes of its bits.
fn by_digits(found: String, share: &str, ty: Type) -> String {
    let Type::Decimal { scale } = ty else { return found };
    let digits = share.split_once('.').map_or(0, |(_, it)| it.len());
    // In the form of a small float the digits are elsewhere.
    if share.contains(['e', 'E']) {
        return found;
    }
    format!("CAST(rounded(CAST({found} AS VARCHAR), '{}') AS DOUBLE)", usize::from(scale) + digits)
}

/// Whether the rows must be told apart by their ordinals.
fn needs_order(call: &Call) -> bool {
    use Function::{Stddev, StddevPop, Variance, VariancePop};
    call.function.is_ordered() || matches!(call.function, Stddev | StddevPop | Variance | VariancePop)
}

/// How far numbers lie apart. The engine stops where a square is no number any more, so where one is far its group is
/// made smaller by a power of two, which rounds nothing, and what comes out is made greater again. Where that is no
/// number, or a value is none, there is nothing.
fn spread(function: &str, value: &str, ty: Type, tail: &str) -> String {
    if ty != Type::Float {
        return format!("{function}({value} ORDER BY o){tail}");
    }
    // 2⁶⁰⁰ and 2⁻⁶⁰⁰; results below the third are numbers when they are greater again.
    const GREATER: &str = "4.149515568880993e180";
    const SMALLER: &str = "2.409919865102884e-181";
    let (times, most) = match function.starts_with("var") {
        true => (format!("{GREATER} * {GREATER}"), "1.044048714879764e-53"),
        false => (GREATER.to_owned(), "4.332296397063773e127"),
    };
    let near = format!("{function}(CASE WHEN abs({value}) <= 1e150 THEN {value} END ORDER BY o){tail}");
    let far = format!("{function}(CASE WHEN isfinite({value}) THEN {value} * {SMALLER} END ORDER BY o){tail}");
    format!(
        "(CASE WHEN bool_and(abs({value}) <= 1e150){tail} THEN {near} \
         WHEN bool_and(isfinite({value})){tail} AND {far} < {most} THEN {far} * {times} END)"
    )
}

/// The sum of floats, rounded once: each is two whole numbers, of multiples of 2⁻²⁰ and of the rest in those of 2⁻⁹⁰,
/// and whole numbers add up to the same in every order. Beyond 10²⁴ the engine's own sum has to do.
fn exact_sum(value: &str, tail: &str) -> String {
    const COARSE: &str = "1048576e0";
    const FINE: &str = "1237940039285380274899124224e0";
    let coarse = format!("round({value} * {COARSE})");
    let fine = format!("round(({value} - {coarse} / {COARSE}) * {FINE})");
    let sum = |part: &str, unit: &str| format!("CAST(sum(TRY_CAST({part} AS HUGEINT)){tail} AS DOUBLE) / {unit}");
    format!(
        "(CASE WHEN bool_and(abs({value}) < 1e24){tail} THEN {} + {} ELSE sum({value}){tail} END)",
        sum(&coarse, COARSE),
        sum(&fine, FINE)
    )
}
