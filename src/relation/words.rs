//! What is made over several rows, in words: `sum(amount) filter (where is_paid)`.

use std::collections::BTreeSet;

use crate::expr::aggregate::Aggregate as Function;
use crate::expr::{Expr, Literal};
use crate::relation::Relation;
use crate::relation::aggregate::Call;

impl Relation {
    /// What makes this column of several rows, as people write it, if it is made of several rows.
    pub fn over_rows(&self, column: &str) -> Option<String> {
        let Relation::Project { from, columns } = self else {
            return match self {
                Relation::Filter { from, .. } | Relation::Sort { from, .. } => from.over_rows(column),
                _ => None,
            };
        };
        let calls: Vec<(&str, String)> = match &**from {
            Relation::Aggregate(it) => {
                it.calls.iter().map(|(name, call)| (name.as_str(), words(call, &it.from))).collect()
            }
            Relation::Window(it) => {
                let along = |(name, along): &(String, crate::relation::window::Along)| {
                    let call = Call { order: Vec::new(), ..along.call.clone() };
                    let by = along.by.iter().map(|name| shown(name, &it.from)).collect::<Vec<_>>().join(", ");
                    let by = if by.is_empty() { by } else { format!("partition by {by}") };
                    let order = ordered(&along.call, &it.from);
                    let window = [by, order].into_iter().filter(|it| !it.is_empty()).collect::<Vec<_>>().join(" ");
                    (name.clone(), format!("{} over ({window})", words(&call, &it.from)))
                };
                let all: Vec<(String, String)> = it.calls.iter().map(along).collect();
                return named(columns, column, &all.iter().map(|(a, b)| (a.as_str(), b.clone())).collect::<Vec<_>>());
            }
            _ => return None,
        };
        named(columns, column, &calls)
    }
}

/// The expression of a column with its calls written out.
fn named(columns: &[(String, Expr)], column: &str, calls: &[(&str, String)]) -> Option<String> {
    let (_, expr) = columns.iter().find(|(name, _)| name == column)?;
    let mut read = BTreeSet::new();
    expr.columns(&mut read);
    let mut used: Vec<_> = calls.iter().filter(|(name, _)| read.contains(name)).collect();
    if let ([(_, words)], Expr::Column(_)) = (used.as_slice(), expr) {
        return Some(words.clone());
    }
    // A name may begin another one.
    used.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
    let written = |text: String, (name, words): &(&str, String)| text.replace(&name.escape_debug().to_string(), words);
    (!used.is_empty()).then(|| used.into_iter().fold(expr.to_string(), written))
}

fn words(call: &Call, beneath: &Relation) -> String {
    let of = match &call.of {
        Some(name) => shown(name, beneath),
        None if call.function == Function::Count => "*".to_owned(),
        None => String::new(),
    };
    let distinct = if call.distinct { "distinct " } else { "" };
    let given = match &call.given {
        Some(Literal::Integer(1)) | None => String::new(),
        Some(it) if of.is_empty() => it.to_string(),
        Some(it) => format!(", {it}"),
    };
    let order = ordered(call, beneath);
    let order = if order.is_empty() { order } else { format!(" {order}") };
    let keep = call.keep.as_ref().map(|it| format!(" filter (where {})", shown(it, beneath))).unwrap_or_default();
    format!("{}({distinct}{of}{given}{order}){keep}", call.function.name())
}

fn ordered(call: &Call, beneath: &Relation) -> String {
    let each = |(name, descending): &(String, bool)| {
        format!("{}{}", shown(name, beneath), if *descending { " desc" } else { "" })
    };
    let all: Vec<String> = call.order.iter().map(each).collect();
    if all.is_empty() { String::new() } else { format!("order by {}", all.join(", ")) }
}

/// A column beneath, or the expression that it is a name for.
fn shown(name: &str, beneath: &Relation) -> String {
    match beneath.expr_of(name) {
        Some(expr) => expr.to_string(),
        None => name.escape_debug().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use crate::expr::Expr;
    use crate::expr::aggregate::Aggregate as Function;
    use crate::relation::Relation;
    use crate::relation::aggregate::{Aggregate, Call};
    use crate::relation::window::{Along, Window};

    fn call(function: Function, of: Option<&str>) -> Call {
        let of = of.map(str::to_owned);
        let order = vec![("day".to_owned(), true)];
        Call { function, of, given: None, distinct: false, order, keep: Some("_c.0".to_owned()) }
    }

    fn rows() -> Relation {
        let scan = Relation::Scan { input: 0, columns: ["a", "day"].map(str::to_owned).to_vec().into() };
        let is_paid = Expr::call("=", [Expr::column("a"), Expr::text("x")]);
        scan.project(vec![
            ("a".to_owned(), Expr::column("a")),
            ("day".to_owned(), Expr::column("day")),
            ("_c.0".to_owned(), is_paid),
        ])
    }

    #[test]
    fn calls_are_told_as_they_were_written() {
        let calls =
            vec![("c".to_owned(), call(Function::First, Some("a"))), ("_d#0".to_owned(), call(Function::Count, None))];
        let aggregate =
            Relation::Aggregate(Box::new(Aggregate { from: rows(), by: Vec::new(), keys: Vec::new(), calls }));
        let twice = Expr::call("*", [Expr::column("_d#0"), Expr::integer(2)]);
        let made = aggregate.project(vec![("c".to_owned(), Expr::column("c")), ("d".to_owned(), twice)]);
        assert_eq!(made.over_rows("c").as_deref(), Some("first(a order by day desc) filter (where a = 'x')"));
        assert_eq!(made.over_rows("d").as_deref(), Some("count(* order by day desc) filter (where a = 'x') * 2"));
        assert_eq!(made.over_rows("e"), None);
        let along = Along {
            call: Call { keep: None, ..call(Function::Lag, Some("a")) },
            otherwise: None,
            by: vec!["a".to_owned()],
            frame: None,
        };
        let window = Relation::Window(Box::new(Window { from: rows(), calls: vec![("n".to_owned(), along)] }));
        let made = window.project(vec![("n".to_owned(), Expr::column("n"))]);
        assert_eq!(made.over_rows("n").as_deref(), Some("lag(a) over (partition by a order by day desc)"));
    }
}
