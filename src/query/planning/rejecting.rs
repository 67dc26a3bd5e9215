//! Rows that a check sets aside: the table that the pipeline names has the others, and beside it stand those that are
//! not as expected, each with what was expected of it. Corrected ones are put in before the checks look.

use std::collections::BTreeSet;

use super::correcting::{Fixes, ORIGINAL, put_in, with_original};
use super::{NOTHING_SET_ASIDE, Node, Planning};
use crate::expectations::{Expectation, Measure, NOT_REJECTABLE, OnFail};
use crate::expr::{Expr, Literal};
use crate::model::{Class, Column, Schema};
use crate::plan::{Operation, Role, Table, TableId};
use crate::query::planning::step::{column_plan, columns_of, with_letters};
use crate::relation::Relation;
use crate::steps::{Finding, Input};

impl Planning<'_> {
    /// The table of a node after its checks have set rows aside; the same where none does. `fixes` are the tables of
    /// rows that people corrected; nothing where those cannot be put in.
    pub(super) fn rejecting(&mut self, node: &Node, table: TableId, fixes: &[TableId]) -> Option<TableId> {
        let view = &self.plan.tables[table];
        let input = view.as_input(&node.name.name);
        let rejects = |it: &&Expectation| {
            it.on_fail == OnFail::Reject && it.table == node.name.name && unexpected(it, &input).is_some()
        };
        let own = node.pipeline.expectations.iter().filter(rejects);
        let bad: Vec<(Expr, String)> =
            own.clone().filter_map(|it| unexpected(it, &input).map(|bad| told(it, &input, bad))).collect();
        if bad.is_empty() {
            for fix in fixes {
                let fix = self.plan.tables[*fix].name.name.clone();
                let message = format!("`{fix}` corrects `{}`, which sets no rows aside", node.name.name);
                let help = "a check of it with `on_fail = \"reject\"` sets rows aside".to_owned();
                let finding = Finding::new(&NOTHING_SET_ASIDE, "corrects", message).label("asked for here");
                self.find(node.pipeline, &format!("source.{fix}"), finding.help(help));
            }
            return fixes.is_empty().then_some(table);
        }
        if self.plan.rejects_of(table).is_some() {
            let message = format!("`{}` sets rows aside for reasons of its own", node.name.name);
            let help = "add a `filter` or `derive` step after it, and put the check on that step".to_owned();
            let paths: Vec<String> = own.map(|it| it.path.clone()).collect();
            for path in paths {
                let finding = Finding::new(&NOT_REJECTABLE, "on_fail", message.clone()).label("asked for here");
                self.find(node.pipeline, &path, finding.help(help.clone()));
            }
            return Some(table);
        }
        let any = bad.iter().map(|it| it.0.clone()).reduce(|a, b| Expr::call("or", [a, b])).unwrap_or(Expr::null());
        let mut name = "reason".to_owned();
        let schema = &view.schema;
        while schema.names().any(|it| it.eq_ignore_ascii_case(&name)) {
            name.push('_');
        }
        let table = if fixes.is_empty() { table } else { self.corrected(node, table, (&any, &name), fixes)? };
        let base = self.plan.tables[table].clone();
        let schema = &base.schema;
        let texts = bad.into_iter().map(|(bad, why)| Expr::Case(vec![(bad, Expr::text(why))], None));
        let reasons = Expr::call("concat_ws", [Expr::text("; ")].into_iter().chain(texts));
        let kept = |it: &Column| (it.name.clone(), Expr::column(&it.name));
        let (hidden, shown): (Vec<_>, Vec<_>) =
            schema.columns.iter().filter(|it| it.name != ORIGINAL).partition(|it| it.is_hidden());
        let columns = shown.iter().copied().map(kept).chain([(name, reasons)]).chain(hidden.iter().copied().map(kept));
        let bad = Relation::scan(0, schema).filter(any.clone());
        // What was corrected and is still wrong is known as what it was.
        let bad = if schema.has(ORIGINAL) { bad } else { with_original(bad, schema) };
        let bad = bad.project(columns.chain([(ORIGINAL.to_owned(), Expr::column(ORIGINAL))]).collect());
        let good = Relation::scan(0, schema).filter(Expr::call("not", [any]));
        let good = match schema.has(ORIGINAL) {
            true => good.project(shown.into_iter().chain(hidden).map(kept).collect()),
            false => good,
        };
        let (good, bad) = (made_of(&base, table, good, base.role), made_of(&base, table, bad, Role::Rejects));
        let (Some(good), Some(bad)) = (good, bad) else { return Some(table) };
        self.is_raw(table);
        let listed = self.push(good);
        self.push(bad);
        Some(listed)
    }

    /// The table of a node with corrected rows in the place of those that would be set aside.
    fn corrected(
        &mut self,
        node: &Node,
        table: TableId,
        (bad, reason): (&Expr, &str),
        fixes: &[TableId],
    ) -> Option<TableId> {
        if !self.are_known_again(node, fixes) {
            return None;
        }
        let base = self.plan.tables[table].clone();
        let files: Vec<&Schema> = fixes.iter().map(|it| &self.plan.tables[*it].schema).collect();
        let sent = Fixes { files: &files, first: 1, columns: base.schema.visible().collect(), reason };
        let relation = put_in(&base.schema, bad, &sent);
        let beneath: Vec<&Table> = [table].iter().chain(fixes).map(|it| &self.plan.tables[*it]).collect();
        let inputs: Vec<TableId> = [table].iter().chain(fixes).copied().collect();
        let (lettered, formed) = with_letters(&relation, &inputs, &self.plan.tables, Some(&node.pipeline.known.money));
        let relation = lettered.unwrap_or(relation);
        let schema = columns_of(&relation, &beneath)?;
        let columns = schema.names().map(|it| column_plan(&relation, it, 1)).collect();
        let make = Operation::Relation(relation);
        let whole = Table { inputs, make, schema, columns, formed, ..base.clone() };
        self.is_raw(table);
        Some(self.push(whole))
    }

    /// Makes a table the one that others of its name are made of.
    fn is_raw(&mut self, table: TableId) {
        let raw = &mut self.plan.tables[table];
        raw.role = Role::Raw;
        raw.unmapped.clear();
        raw.guesses.clear();
    }

    /// The table as it was before its checks set rows aside.
    pub(super) fn before_rejecting(&self, table: TableId) -> TableId {
        match self.plan.tables[table].inputs.as_slice() {
            [raw] if self.is_raw_of(*raw, table) => *raw,
            _ => table,
        }
    }

    /// The table as a step made it, before corrected rows were put in and checks set rows aside.
    pub(super) fn as_made(&self, table: TableId) -> TableId {
        match self.plan.tables[table].inputs.first() {
            Some(raw) if self.is_raw_of(*raw, table) => self.as_made(*raw),
            _ => table,
        }
    }

    fn is_raw_of(&self, raw: TableId, table: TableId) -> bool {
        self.plan.tables[raw].role == Role::Raw && self.plan.tables[raw].name == self.plan.tables[table].name
    }
}

/// A table that is made of another one of the same name.
fn made_of(base: &Table, at: TableId, relation: Relation, role: Role) -> Option<Table> {
    let schema = relation.schema(&[&base.schema]).ok()?;
    let columns = schema.names().map(|it| column_plan(&relation, it, 1)).collect();
    Some(Table { role, inputs: vec![at], make: Operation::Relation(relation), schema, columns, ..base.clone() })
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

/// Which rows are not as expected, and what is said of them: without what a check of a personal column lists.
fn told(declared: &Expectation, input: &Input<'_>, bad: Expr) -> (Expr, String) {
    let mut columns = BTreeSet::new();
    bad.columns(&mut columns);
    let personal = |it: &&str| input.schema.get(it).is_some_and(|it| it.class != Class::Open);
    let reason = match columns.iter().any(personal) {
        true => reason(&declared.clone().masked()),
        false => reason(declared),
    };
    (bad, reason)
}

/// What is said of a row: what was expected of it, and why.
fn reason(declared: &Expectation) -> String {
    let what = match declared.columns.as_slice() {
        [] => declared.claim().should(),
        columns => format!("{} {}", columns.join(", "), declared.claim().should()),
    };
    declared.meaning.as_ref().map_or(what.clone(), |it| format!("{what}; {it}"))
}
