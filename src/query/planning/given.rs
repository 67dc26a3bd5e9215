//! Tables that a pipeline is given by the one that uses it: the given table as it is, with the columns that it may lack.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::step::{carried_evidence, column_plan};
use super::{Declared, Node, Planning};
use crate::digest::digest_of;
use crate::expr::{Expr, Literal};
use crate::fields::WRONG_VALUE;
use crate::model::{Column, Schema, Type, is_hidden};
use crate::pipeline::Pipeline;
use crate::pipeline::uses::{BAD_INPUT, Given};
use crate::plan::{ColumnPlan, Name, Operation, Role, Table, TableId};
use crate::problem::did_you_mean;
use crate::relation::Relation;
use crate::steps::Finding;

/// What such a table is called in a plan.
pub(super) const KIND: &str = "input";

/// The tables that a pipeline is given; one that is not given and must be is no table, which has been told of its use.
pub(super) fn nodes<'a>(pipeline: &'a Pipeline, all: &'a [Arc<Pipeline>]) -> Vec<Node<'a>> {
    let user = pipeline.user.as_ref();
    let using = user.and_then(|user| all.iter().find(|it| it.name == user.pipeline && it.file == user.file));
    let scope = using.map_or(pipeline, |it| it);
    let node = |(name, given): &'a (String, Given)| {
        let path = match (user, &given.table) {
            (Some(user), Some(_)) => format!("use.{}.inputs", user.name),
            _ => format!("input.{name}"),
        };
        let inputs = given.table.iter().map(|it| (it.clone(), name.clone())).collect();
        let full = Name { pipeline: pipeline.name.clone(), name: name.clone() };
        Node { pipeline, scope, name: full, path, inputs, what: Declared::Given(given) }
    };
    pipeline.inputs.iter().map(node).collect()
}

impl Planning<'_> {
    /// The pipeline whose exports wait for the gates of this one: itself, or the outermost one that uses it.
    pub(super) fn publisher(&self, pipeline: &str) -> String {
        // Two of one name, which is told, may use each other.
        let users = std::iter::successors(Some(pipeline), |it| self.users.get(*it).map(String::as_str));
        users.take(self.users.len() + 1).last().unwrap_or(pipeline).to_owned()
    }

    pub(super) fn given(&mut self, node: &Node, given: &Given, inputs: Vec<TableId>) -> Option<TableId> {
        let both = given.optional.iter().find(|(it, _)| given.columns.iter().any(|(known, _)| known == it));
        if let Some((twice, _)) = both {
            let message = format!("`{}` is also among the required columns", twice.escape_debug());
            let finding = Finding::new(&WRONG_VALUE, "optional_columns", message).label("here");
            let path = format!("input.{}", node.name.name);
            self.find(node.pipeline, &path, finding.help("name it once".to_owned()));
        }
        let Some(table) = inputs.first() else { return self.not_given(node, given) };
        let table = &self.plan.tables[*table];
        let written = node.inputs.first().map_or("", |(it, _)| it.as_str());
        let findings = lacking(node, given, written, &table.schema);
        if !findings.is_empty() {
            findings.into_iter().for_each(|it| self.find(node.scope, &node.path, it));
            return None;
        }
        let mut columns: Vec<(String, Expr)> =
            table.schema.names().map(|it| (it.to_owned(), Expr::column(it))).collect();
        let hidden = columns.iter().position(|(name, _)| is_hidden(name)).unwrap_or(columns.len());
        let missing = given.optional.iter().filter(|(name, _)| !table.schema.has(name));
        let empty = |ty: &Type| Expr::Cast(Box::new(Expr::Literal(Literal::Null)), *ty);
        columns.splice(hidden..hidden, missing.map(|(name, ty)| (name.clone(), empty(ty))));
        let sources = table.sources.clone();
        let relation = Relation::scan(0, &table.schema).project(columns);
        let schema = relation.schema(&[&table.schema]).ok()?;
        let columns: Vec<_> = schema.names().map(|it| column_plan(&relation, it, 1)).collect();
        let evidence = carried_evidence(&schema, &columns, &inputs, &self.plan.tables);
        let make = Operation::Relation(relation);
        let bare = Table::bare(node.name.clone(), Role::Step, KIND, make);
        let description = given.description.clone();
        Some(self.push(Table { inputs, schema, columns, evidence, sources, description, ..bare }))
    }

    /// A table without rows, in the place of one that need not be given.
    fn not_given(&mut self, node: &Node, given: &Given) -> Option<TableId> {
        if given.required {
            if node.pipeline.user.is_none() {
                let message = format!("nobody gives the pipeline a table for its input `{}`", node.name.name);
                let help = "move the file out of `pipelines/`, and name it in `[use.NAME]` of another pipeline";
                let finding = Finding::new(&BAD_INPUT, "", message).label("declared here").help(help.to_owned());
                self.find(node.scope, &node.path, finding);
            }
            return None;
        }
        let declared = given.columns.iter().chain(&given.optional);
        let schema: Schema = declared.map(|(name, ty)| Column::new(name, *ty)).collect();
        let values = Operation::Values(Vec::new());
        // No values of one type are other content than no values of another.
        let none = |it: &Column| digest_of("hotpass given v2", &(it.ty, [(); 0]));
        let made = |it: &Column| ColumnPlan::Made { recipe: none(it), reads: BTreeMap::new() };
        let columns = schema.columns.iter().map(made).collect();
        let bare = Table::bare(node.name.clone(), Role::Step, KIND, values);
        let description = given.description.clone();
        Some(self.push(Table { schema, columns, description, ..bare }))
    }
}

/// What the given table has not, or has otherwise.
fn lacking(node: &Node, given: &Given, written: &str, schema: &Schema) -> Vec<Finding> {
    let mut acc = Vec::new();
    let key = &node.name.name;
    let shown = written.escape_debug();
    let must = given.columns.iter().map(|it| (it, true)).chain(given.optional.iter().map(|it| (it, false)));
    for ((name, ty), must) in must {
        let column = name.escape_debug();
        match schema.get(name) {
            None if must => {
                let message =
                    format!("input `{}` needs a column `{column}` ({ty}), which `{shown}` has not", node.name);
                let near = did_you_mean(name, schema.visible().map(|it| it.name.as_str()));
                let help = near.unwrap_or_else(|| "make it in a `map` or `derive` step before".to_owned());
                acc.push(Finding::new(&BAD_INPUT, key, message).label("this table").help(help));
            }
            Some(it) if std::mem::discriminant(&it.ty) != std::mem::discriminant(ty) => {
                let message =
                    format!("input `{}` needs `{column}` as {ty}, and it is {} in `{shown}`", node.name, it.ty);
                let help = format!("cast it in a `derive` step before: `cast({column} as {ty})`");
                acc.push(Finding::new(&BAD_INPUT, key, message).label("this table").help(help));
            }
            _ => (),
        }
    }
    acc
}
