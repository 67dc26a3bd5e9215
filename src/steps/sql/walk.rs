//! A walk over a statement that is compiled once, whoever looks: the tree has some three hundred kinds of nodes, and
//! the parser's own walk is made anew for each type of visitor.

use std::ops::ControlFlow;

use sqlparser::ast::{Expr, Query, Select, Statement, TableFactor, Visit, Visitor};

/// Shows `look` every part of `statement` that it asks for, from the outside in.
pub(super) fn walk(statement: &Statement, look: &mut dyn Look) {
    let _ = statement.visit(&mut Walk(look));
}

/// What is looked at. What one does not name it passes over.
pub(super) trait Look {
    /// A query, before what is in it.
    fn query(&mut self, _query: &Query) {}
    /// One `select`.
    fn select(&mut self, _select: &Select) {}
    /// A table, or what stands in place of one.
    fn table(&mut self, _table: &TableFactor) {}
    /// An expression, before what is in it.
    fn expr(&mut self, _expr: &Expr) {}
}

struct Walk<'a>(&'a mut dyn Look);

impl Visitor for Walk<'_> {
    type Break = ();

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        self.0.query(query);
        ControlFlow::Continue(())
    }

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<()> {
        self.0.select(select);
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, table: &TableFactor) -> ControlFlow<()> {
        self.0.table(table);
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
        self.0.expr(expr);
        ControlFlow::Continue(())
    }
}
