//! Rows that a check sets aside: the table that the pipeline names has the others, and beside it stand those that are
//! not as expected, each with what was expected of it.

use super::{Node, Planning};
use crate::expectations::{Expectation, Measure, NOT_REJECTABLE, OnFail};
use crate::expr::{Expr, Literal};
use crate::plan::{Operation, Role, Table};
use crate::query::planning::step::column_plan;
use crate::relation::Relation;
use crate::steps::{Finding, Input};

impl Planning<'_> {
    /// The table of a node after its checks have set rows aside; the same where none does.
    pub(super) fn rejecting(&mut self, node: &Node, table: usize) -> usize {
        let view = &self.plan.tables[table];
        let input = view.as_input(&node.name.name);
        let rejects = |it: &&Expectation| {
            it.on_fail == OnFail::Reject && it.table == node.name.name && unexpected(it, &input).is_some()
        };
        let own = node.pipeline.expectations.iter().filter(rejects);
        let bad: Vec<(Expr, String)> =
            own.clone().filter_map(|it| Some((unexpected(it, &input)?, reason(it)))).collect();
        if bad.is_empty() {
            return table;
        }
        if self.plan.rejects_of(table).is_some() {
            let message = format!("`{}` sets rows aside for reasons of its own", node.name.name);
            let help = "add a `filter` or `derive` step behind it, and expect it of that".to_owned();
            let paths: Vec<String> = own.map(|it| it.path.clone()).collect();
            for path in paths {
                let finding = Finding::new(&NOT_REJECTABLE, "on_fail", message.clone()).label("asked for here");
                self.find(node.pipeline, &path, finding.help(help.clone()));
            }
            return table;
        }
        let schema = view.schema.clone();
        let any = bad.iter().map(|it| it.0.clone()).reduce(|a, b| Expr::call("or", [a, b])).unwrap_or(Expr::null());
        let good = Relation::scan(0, &schema).filter(Expr::call("not", [any.clone()]));
        let mut name = "reason".to_owned();
        while schema.names().any(|it| it.eq_ignore_ascii_case(&name)) {
            name.push('_');
        }
        let texts = bad.into_iter().map(|(bad, why)| Expr::Case(vec![(bad, Expr::text(why))], None));
        let reasons = Expr::call("concat_ws", [Expr::text("; ")].into_iter().chain(texts));
        let (hidden, shown): (Vec<_>, Vec<_>) = schema.columns.iter().partition(|it| it.is_hidden());
        let same = |it: &&crate::model::Column| (it.name.clone(), Expr::column(&it.name));
        let columns = shown.iter().map(same).chain([(name, reasons)]).chain(hidden.iter().map(same)).collect();
        let bad = Relation::scan(0, &schema).filter(any).project(columns);
        let base = self.plan.tables[table].clone();
        let of = |relation: Relation, role: Role| {
            let schema = relation.schema(&[&base.schema]).ok()?;
            let columns = schema.names().map(|it| column_plan(&relation, it, 1)).collect();
            Some(Table {
                role,
                inputs: vec![table],
                make: Operation::Relation(relation),
                schema,
                columns,
                ..base.clone()
            })
        };
        let (Some(good), Some(bad)) = (of(good, base.role), of(bad, Role::Rejects)) else { return table };
        let raw = &mut self.plan.tables[table];
        raw.role = Role::Raw;
        raw.unmapped.clear();
        raw.guesses.clear();
        let listed = self.push(good);
        self.push(bad);
        listed
    }

    /// The table as it was before its checks set rows aside.
    pub(super) fn before_rejecting(&self, table: usize) -> usize {
        let it = &self.plan.tables[table];
        match it.inputs.as_slice() {
            [raw] if self.plan.tables[*raw].role == Role::Raw && self.plan.tables[*raw].name == it.name => *raw,
            _ => table,
        }
    }
}

/// Whether a row is not as expected; `None` where no row can be named, which is told elsewhere.
fn unexpected(declared: &Expectation, input: &Input<'_>) -> Option<Expr> {
    match declared.measure(input) {
        Ok(Measure::Rows { considered, unexpected }) => {
            let both = Expr::call("and", [considered, unexpected]);
            Some(Expr::call("coalesce", [both, Expr::Literal(Literal::Boolean(false))]))
        }
        _ => None,
    }
}

/// What is said of a row: what was expected of it, and why.
fn reason(declared: &Expectation) -> String {
    let what = match declared.columns.as_slice() {
        [] => declared.claim().should(),
        columns => format!("{} {}", columns.join(", "), declared.claim().should()),
    };
    declared.meaning.as_ref().map_or(what.clone(), |it| format!("{what}; {it}"))
}
