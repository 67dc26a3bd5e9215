//! Where a statement leaves an order open that its answer depends on.
//!
//! The sandbox has one thread, so the answer is the same from run to run; it still hangs on how the engine goes about
//! its work, and another version of it may answer otherwise.

use sqlparser::ast::{
    Distinct, Expr, Function, FunctionArgumentClause, FunctionArguments, Query, Select, SetExpr, Statement, WindowType,
};

use super::walk::{Look, walk};

/// Aggregates whose answer is made of rows in their order.
const AGGREGATES: [&str; 12] = [
    "any_value",
    "arbitrary",
    "array_agg",
    "first",
    "first_value",
    "group_concat",
    "last",
    "last_value",
    "list",
    "listagg",
    "nth_value",
    "string_agg",
];

/// Functions over a window that count rows in its order.
const WINDOWS: [&str; 9] =
    ["cume_dist", "first_value", "lag", "last_value", "lead", "nth_value", "ntile", "percent_rank", "row_number"];

/// What leaves an order open, each once, with what to do about it.
pub(super) fn left_open(statements: &[Statement]) -> Vec<(String, &'static str)> {
    let mut open = Open::default();
    for statement in statements {
        walk(statement, &mut open);
    }
    open.found
}

#[derive(Default)]
struct Open {
    found: Vec<(String, &'static str)>,
}

impl Open {
    fn find(&mut self, what: &str, help: &'static str) {
        if !self.found.iter().any(|(it, _)| it == what) {
            self.found.push((what.to_owned(), help));
        }
    }

    fn call(&mut self, call: &Function) {
        let name = call.name.to_string().to_lowercase();
        let clauses = match &call.args {
            FunctionArguments::List(list) => list.clauses.as_slice(),
            _ => &[],
        };
        let within = !call.within_group.is_empty();
        let ordered = within || clauses.iter().any(|it| matches!(it, FunctionArgumentClause::OrderBy(_)));
        match &call.over {
            Some(WindowType::WindowSpec(spec)) => {
                let named = spec.window_name.is_some();
                if WINDOWS.contains(&name.as_str()) && spec.order_by.is_empty() && !named && !ordered {
                    self.find(&name, "say the order of its window: `over (… order by …)`");
                }
            }
            // A window with a name says its order where it is declared.
            Some(WindowType::NamedWindow(_)) => (),
            None if AGGREGATES.contains(&name.as_str()) && !ordered => {
                self.find(&name, "say the order of its rows: `string_agg(name, ', ' order by name)`");
            }
            None => (),
        }
    }
}

impl Look for Open {
    fn query(&mut self, query: &Query) {
        let cuts = query.limit_clause.is_some() || query.fetch.is_some();
        let distinct_on = |it: &Select| matches!(it.distinct, Some(Distinct::On(_)));
        let picks = matches!(&*query.body, SetExpr::Select(it) if distinct_on(it));
        if query.order_by.is_none() && cuts {
            self.find("limit", "say which rows come first: `order by`, down to columns that identify a row");
        }
        if query.order_by.is_none() && picks {
            self.find("distinct on", "say which row of each is kept: `order by`, down to columns that identify a row");
        }
    }

    fn expr(&mut self, expr: &Expr) {
        if let Expr::Function(call) = expr {
            self.call(call);
        }
    }
}

#[cfg(test)]
mod tests {
    use sqlparser::dialect::DuckDbDialect;
    use sqlparser::parser::Parser;

    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let statements = Parser::parse_sql(&DuckDbDialect {}, text).expect(text);
        let found: Vec<String> = left_open(&statements).into_iter().map(|(it, _)| it).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn what_takes_rows_as_they_come_is_found() {
        check("select a from t limit 3", &["limit"]);
        check("select a from (select a from t limit 3) order by a", &["limit"]);
        check("select distinct on (a) a, b from t", &["distinct on"]);
        check("select k, string_agg(a, ', '), LIST(b) from t group by k", &["string_agg", "list"]);
        check("select first(a), first(b) from t", &["first"]);
        check("select row_number() over (partition by k) from t", &["row_number"]);
        check("with x as (select any_value(a) as a from t) select a from x", &["any_value"]);
    }

    #[test]
    fn what_says_its_order_is_not() {
        check("select a from t order by a limit 3", &[]);
        check("select distinct on (a) a, b from t order by a, b", &[]);
        check("select string_agg(a, ', ' order by a), sum(b), count(*), min(c) from t", &[]);
        check("select row_number() over (partition by k order by a), sum(a) over () from t", &[]);
        check("select row_number() over w from t window w as (order by a)", &[]);
        check("select a from t where first_name = 'x'", &[]);
    }
}
