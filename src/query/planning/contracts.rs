//! Tables held against the contracts that they keep: fields, their types and their order are known before any row is.

use std::sync::Arc;

use super::Planning;
use crate::contracts::{
    Contract, EXTRA_FIELD, EXTRA_TOLD, Extra, Field, INCONSISTENT, MISSING_FIELD, Modes, Order, UNKNOWN, WRONG_ORDER,
    WRONG_TYPE, keeps,
};
use crate::model::{Class, Column, Type};
use crate::pipeline::{Gated, Pipeline};
use crate::plan::{PlannedContract, TableId};
use crate::problem::did_you_mean;
use crate::query::contracts::shared;
use crate::steps::Finding;

/// Names that a message lists at most.
const MOST: usize = 8;

/// The columns that contracts of a pipeline class, by full name of their table.
pub(super) fn classes(pipeline: &Pipeline) -> impl Iterator<Item = (String, String, Class)> + '_ {
    pipeline.gates.iter().flat_map(|gated| {
        let fields = pipeline.contracts.get(&gated.gate.contract).map_or(&[][..], |it| &it.fields);
        let table = format!("{}.{}", pipeline.name, gated.table);
        let personal = fields.iter().filter(|it| it.classification.class() == Class::Personal);
        personal.map(move |it| (table.clone(), it.name.clone(), Class::Personal))
    })
}

impl Planning<'_> {
    /// Tells of every table that is not as its contract says.
    pub(super) fn contracts(&mut self, pipeline: &Pipeline) {
        for flaw in pipeline.contracts.values().flat_map(|it| &it.flaws) {
            // Those of shared contracts are told where they stand.
            if pipeline.own_contracts.iter().any(|it| flaw.path == *it || flaw.path.starts_with(&format!("{it}."))) {
                let finding = Finding::new(&INCONSISTENT, flaw.key, flaw.message.clone()).label("this value");
                self.find(pipeline, &flaw.path, finding.help(flaw.help.clone()));
            }
        }
        for gated in &pipeline.gates {
            let Some(contract) = pipeline.contracts.get(&gated.gate.contract) else {
                let shared = shared(self.db);
                // What could not be read has been told.
                let named = |all: &Vec<String>| all.contains(&gated.gate.contract);
                if shared.unsure || named(&shared.named) || named(&pipeline.named_contracts) {
                    continue;
                }
                let name = gated.gate.contract.escape_debug();
                let known = pipeline.contracts.keys();
                let help = did_you_mean(&gated.gate.contract, known.clone().map(String::as_str));
                let help = help.unwrap_or_else(|| match pipeline.contracts.is_empty() {
                    true => format!("declare it as `[contract.{name}]`, here or in a file of `contracts/`"),
                    false => format!("contracts are {}", known.cloned().collect::<Vec<_>>().join(", ")),
                });
                let finding = Finding::new(&UNKNOWN, "contract", format!("there is no contract `{name}`"));
                self.find(pipeline, &gated.path, finding.label("named here").help(help));
                continue;
            };
            let Some(table) = self.find_table(pipeline, &gated.table, &gated.path, "contract", "a contract") else {
                continue;
            };
            let visible = self.plan.tables[table].schema.visible();
            let looked_at = |it: &&Column| gated.columns.is_empty() || gated.columns.contains(&it.name);
            let mut columns: Vec<Column> = visible.filter(looked_at).cloned().collect();
            if !gated.columns.is_empty() {
                columns.sort_by_key(|it| gated.columns.iter().position(|name| *name == it.name));
            }
            for finding in unlike(contract, gated, &columns, gated.gate.modes(contract)) {
                self.find(pipeline, &gated.path, finding);
            }
            let contract = Arc::clone(contract);
            self.plan.contracts.push(PlannedContract { pipeline: pipeline.name.clone(), contract, table });
        }
    }

    /// Whether a check of a contract can be taken: what is missing or of another type has been told.
    pub(super) fn is_askable(&self, table: TableId, contract: &str, columns: &[String]) -> bool {
        let schema = &self.plan.tables[table].schema;
        let promised = self.plan.contracts.iter().find(|it| it.table == table && it.contract.name == contract);
        columns.iter().all(|name| {
            let column = schema.get(name);
            let field = promised.and_then(|it| it.contract.field(name));
            column.is_some_and(|it| field.is_none_or(|field| keeps(it.ty, field.ty) || it.ty == Type::Text))
        })
    }
}

fn unlike(contract: &Contract, gated: &Gated, columns: &[Column], modes: Modes) -> Vec<Finding> {
    let mut acc = Vec::new();
    let name = &contract.name;
    let about = format!("`{}`", gated.table.escape_debug());
    for field in &contract.fields {
        match columns.iter().find(|it| it.name == field.name) {
            None => {
                let others = columns.iter().map(|it| it.name.as_str()).filter(|it| contract.field(it).is_none());
                let help = did_you_mean(&field.name, others);
                let other =
                    || "make the column, or remove the field from the contract and raise its version".to_owned();
                let message =
                    format!("{about} has no `{}`, which the contract `{name}` promises", field.name.escape_debug());
                let finding = Finding::new(&MISSING_FIELD, "contract", message).label("promised here");
                acc.push(finding.help(help.unwrap_or_else(other)));
            }
            Some(column) => acc.extend(of_type(contract, &about, column, field, modes)),
        }
    }
    let extra: Vec<&str> =
        columns.iter().map(|it| it.name.as_str()).filter(|it| contract.field(it).is_none()).collect();
    if modes.extra != Extra::Allow && !extra.is_empty() {
        let code = if modes.extra == Extra::Deny { &EXTRA_FIELD } else { &EXTRA_TOLD };
        let shown: Vec<_> = extra.iter().take(MOST).map(|it| format!("`{}`", it.escape_debug())).collect();
        let more = if extra.len() > MOST { format!(" and {} more", extra.len() - MOST) } else { String::new() };
        let message = format!("{about} has {}{more}, which the contract `{name}` does not know", shown.join(", "));
        let help = "add fields to the contract, leave the columns out, or say `extra = \"allow\"`".to_owned();
        acc.push(Finding::new(code, "contract", message).label("promised here").help(help));
    }
    let known = |it: &&str| contract.field(it).is_some();
    let there: Vec<&str> = columns.iter().map(|it| it.name.as_str()).filter(known).collect();
    let named = |it: &&str| there.contains(it);
    let promised: Vec<&str> = contract.fields.iter().map(|it| it.name.as_str()).filter(named).collect();
    if modes.order == Order::Exact && there != promised {
        let at = there.iter().zip(&promised).position(|(a, b)| a != b).unwrap_or(0);
        let message = format!(
            "the columns of {about} are not in the order of the contract `{name}`: `{}` is at the place of `{}`",
            there[at].escape_debug(),
            promised[at].escape_debug()
        );
        let help = "name the columns in that order, or say `column_order = \"any\"`".to_owned();
        acc.push(Finding::new(&WRONG_ORDER, "contract", message).label("promised here").help(help));
    }
    acc
}

fn of_type(contract: &Contract, about: &str, column: &Column, field: &Field, modes: Modes) -> Option<Finding> {
    let read = modes.coerce && column.ty == Type::Text;
    if keeps(column.ty, field.ty) || read {
        return None;
    }
    let (is, name) = (column.ty, column.name.escape_debug());
    let message =
        format!("`{name}` of {about} is `{is}`, and the contract `{}` promises `{}`", contract.name, field.ty);
    let help = match column.ty {
        Type::Text => format!("cast it before, or say `coerce = true`: then every text must be read as `{}`", field.ty),
        _ => "cast it before, or change the contract and raise its version".to_owned(),
    };
    Some(Finding::new(&WRONG_TYPE, "contract", message).label("promised here").help(help))
}
