//! Whether a query gives the same rows in the same order over tables that are lent to it, row for row, as over tables of
//! the engine.
//!
//! There are three differences. A table of the engine has names and hidden rows that a lent one has not. It gives the
//! first rows in an order in another way. And the engine pushes conditions into it, also those that it finds while it
//! joins, so that a join gives its rows in another order.

use sqlparser::ast::{Expr, Query, Select, Statement, TableFactor};

use super::reads::Words;
use super::walk::{Look, walk};

/// Words with which tables are joined, of which only a table of the engine knows, or which ask for the first rows.
const NEVER: [&str; 10] =
    ["except", "fetch", "intersect", "join", "limit", "main", "minus", "offset", "rowid", "sample"];

/// Whether tables may be lent to these statements; `said` are their words.
pub(super) fn lendable(said: &Words, statements: &[Statement]) -> bool {
    let mut shape = Shape { unlike: NEVER.iter().any(|it| said.has(it)) };
    if !shape.unlike {
        statements.iter().for_each(|it| walk(it, &mut shape));
    }
    !shape.unlike
}

/// Whether there is something in a statement that is not known to be alike.
struct Shape {
    unlike: bool,
}

impl Look for Shape {
    fn query(&mut self, query: &Query) {
        self.unlike |= query.limit_clause.is_some() || query.fetch.is_some() || !query.pipe_operators.is_empty();
    }

    fn select(&mut self, select: &Select) {
        self.unlike |= select.from.len() > 1 || select.from.iter().any(|it| !it.joins.is_empty());
    }

    fn table(&mut self, table: &TableFactor) {
        let known = match table {
            TableFactor::Table { args, sample, version, .. } => args.is_none() && sample.is_none() && version.is_none(),
            TableFactor::Derived { lateral, sample, .. } => !lateral && sample.is_none(),
            _ => false,
        };
        self.unlike |= !known;
    }

    fn expr(&mut self, expr: &Expr) {
        self.unlike |= matches!(
            expr,
            Expr::Exists { .. } | Expr::InSubquery { .. } | Expr::Subquery(_) | Expr::AnyOp { .. } | Expr::AllOp { .. }
        );
    }
}

#[cfg(test)]
mod tests {
    use sqlparser::dialect::DuckDbDialect;
    use sqlparser::parser::Parser;
    use sqlparser::tokenizer::Tokenizer;

    use super::*;

    fn check(text: &str, expected: bool) {
        let tokens = Tokenizer::new(&DuckDbDialect {}, text).tokenize_with_location().expect(text);
        let statements = Parser::parse_sql(&DuckDbDialect {}, text).expect(text);
        assert_eq!(lendable(&Words::of(&tokens), &statements), expected, "{text}");
    }

    #[test]
    fn tables_are_lent_where_the_rows_are_the_same() {
        check("select k, max(v) as v from (select * from a union all select * from b) group by k order by k", true);
        check("select k, sum(v) from a where v > 3 and length(k) < 9 group by all having sum(v) > 1", true);
        check("with q as (select k from a) select * from q union select k from b", true);
        check("select row_number() over (partition by k order by v) as r from a", true);
    }

    #[test]
    fn tables_are_made_where_they_may_differ() {
        check("select k from a order by k limit 3", false);
        check("select k from a order by rowid", false);
        check("select main.a.k from a", false);
        check("select a.k from a join b using (k)", false);
        check("select a.k from a, b where a.k = b.k", false);
        check("select k from a where k in (select k from b)", false);
        check("select (select max(k) from b) as k from a", false);
        check("select k from a intersect select k from b", false);
        check("select k from a, unnest([1, 2]) u(x)", false);
        check("select * from a pivot (sum(v) for k in ('x', 'y'))", false);
    }
}
