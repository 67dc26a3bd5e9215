//! Windows as SQL.
//!
//! Ties are broken by the ordinals of rows wherever that could be seen, so that an answer is one on every machine.

use crate::expr::Literal;
use crate::expr::aggregate::{Aggregate as Function, Frame};
use crate::model::{Schema, Type};
use crate::relation::sql::casts::Over;
use crate::relation::sql::{NOTHING, Order, Writer, type_name};
use crate::relation::window::{Along, Window};

impl Writer<'_> {
    pub(super) fn window(&mut self, it: &Window, order: Order) -> String {
        let beneath = self.relation(&it.from, Order::Numbered);
        let over = Over::new(&it.from, self.tables);
        let mut list: Vec<String> = it.from.columns().iter().map(|it| self.name(it)).collect();
        for (name, along) in &it.calls {
            let made = self.along(along, over.schema());
            list.push(format!("{made} AS {}", self.name(name)));
        }
        list.extend((order == Order::Numbered).then(|| "o".to_owned()));
        if list.is_empty() {
            list.push(NOTHING.to_owned());
        }
        let sorted = if order == Order::Sorted { " ORDER BY o" } else { "" };
        format!("SELECT {} FROM ({beneath}) AS {}{sorted}", list.join(", "), self.alias())
    }

    fn along(&mut self, it: &Along, schema: &Schema) -> String {
        use Function::{DenseRank, First, Lag, Last, Lead, Ntile, PercentRank, Rank, RowNumber};
        let by: Vec<String> = it.by.iter().map(|name| self.group_key(name, schema)).collect();
        let by = if by.is_empty() { String::new() } else { format!("PARTITION BY {} ", by.join(", ")) };
        let total = self.order_of(&it.call.order, false);
        // Rows that are equal in the order have one rank, so here nothing breaks ties.
        let equal = total.strip_suffix(", o ASC").unwrap_or("o").to_owned();
        let value = it.call.of.as_ref().map(|it| self.name(it)).unwrap_or_default();
        let number = match &it.call.given {
            Some(Literal::Integer(it)) => *it,
            _ => 1,
        };
        let ranked = |name: &str| format!("{name}() OVER ({by}ORDER BY {equal})");
        let ty = it.call.of.as_deref().and_then(|it| schema.get(it)).map_or(Type::Text, |it| it.ty);
        match it.call.function {
            RowNumber => format!("row_number() OVER ({by}ORDER BY {total})"),
            Rank => ranked("rank"),
            DenseRank => ranked("dense_rank"),
            PercentRank => ranked("percent_rank"),
            Ntile => format!("ntile({number}) OVER ({by}ORDER BY {total})"),
            Lag | Lead => {
                let name = if it.call.function == Lag { "lag" } else { "lead" };
                let otherwise = match it.otherwise.as_deref() {
                    None => "NULL".to_owned(),
                    Some(other) => self.name(other),
                };
                let other = it.otherwise.as_deref().and_then(|it| schema.get(it)).map_or(ty, |it| it.ty);
                let wide =
                    crate::expr::common(Some(ty), Some(other)).ok().flatten().map_or_else(String::new, type_name);
                let cast = |it: &str| if wide.is_empty() { it.to_owned() } else { format!("CAST({it} AS {wide})") };
                format!("{name}({}, {number}, {}) OVER ({by}ORDER BY {total})", cast(&value), cast(&otherwise))
            }
            First | Last => {
                let keep: Vec<String> = it.call.keep.iter().map(|it| self.name(it)).collect();
                let kept = match keep.as_slice() {
                    [] => value,
                    [keep, ..] => format!("CASE WHEN {keep} THEN {value} END"),
                };
                let name = if it.call.function == First { "first_value" } else { "last_value" };
                format!("{name}({kept} IGNORE NULLS) OVER ({by}ORDER BY {total} {})", rows(it.frame))
            }
            _ => {
                let keep: Vec<String> = it.call.keep.iter().map(|it| self.name(it)).collect();
                let window = format!(" OVER ({by}ORDER BY {total} {})", rows(it.frame));
                self.call(&it.call, &keep, &window, schema)
            }
        }
    }
}

fn rows(frame: Option<Frame>) -> String {
    let frame = frame.unwrap_or(Frame { from: None, to: None });
    let bound = |it: Option<i64>, all: &str| match it {
        None => format!("UNBOUNDED {all}"),
        Some(0) => "CURRENT ROW".to_owned(),
        Some(it) if it < 0 => format!("{} PRECEDING", -it),
        Some(it) => format!("{it} FOLLOWING"),
    };
    format!("ROWS BETWEEN {} AND {}", bound(frame.from, "PRECEDING"), bound(frame.to, "FOLLOWING"))
}
