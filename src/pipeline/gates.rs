//! Which tables of a pipeline are held to which contract, and the checks that follow from it.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::contracts::{self, Contracts, TWICE, lower};
use crate::expectations::Expectation;
use crate::fields::{Fields, WRONG_VALUE};
use crate::model::Type;
use crate::pipeline::{Export, Gated, Pipeline};
use crate::problem::Problem;

/// The contracts that a pipeline may name, those of all and its own, and the paths of its own.
pub(super) fn contracts(fields: &mut Fields, shared: &Contracts) -> (Contracts, Vec<String>) {
    let (mut acc, mut own) = (shared.clone(), Vec::new());
    for (name, contract) in contracts::decode(fields) {
        if shared.contains_key(&name) {
            let message = format!("the contract `{name}` is declared in `contracts/` too");
            let problem = Problem::new(&TWICE, message).label(&fields.span_of("contract"), "declared here");
            fields.report(problem.help("give one of the two another name, or remove it".to_owned()));
        }
        own.push(format!("contract.{name}"));
        acc.insert(name, contract);
    }
    (acc, own)
}

/// What a table of keys says of a contract, if it names one. `about` is the table that is held to it.
pub(super) fn of(table: &mut Fields, about: &str, columns: &[String]) -> Option<Gated> {
    let gate = contracts::gate(table)?;
    Some(Gated { path: table.path().to_owned(), table: about.to_owned(), columns: columns.to_vec(), gate })
}

/// The same of an export: what is told about a table, and what it sets aside, keeps no contract.
pub(super) fn of_export(table: &mut Fields, export: &Export) -> Option<Gated> {
    let gated = of(table, &export.from, &export.columns)?;
    if export.about.is_some() || export.rejected {
        let help = Some("name the contract at an export of the table itself".to_owned());
        table.problem(&WRONG_VALUE, "contract", "this export is not a table that keeps a contract", "named here", help);
        return None;
    }
    Some(gated)
}

/// The declared checks, and those that contracts come to: each contract once for a table.
pub(super) fn with_promised(mut acc: Vec<Expectation>, gates: &[Gated], contracts: &Contracts) -> Vec<Expectation> {
    for (at, it) in gates.iter().enumerate() {
        let same = |other: &&Gated| (&other.table, &other.gate.contract) == (&it.table, &it.gate.contract);
        if gates[..at].iter().any(|other| same(&other)) {
            continue;
        }
        let Some(contract) = contracts.get(&it.gate.contract).map(Arc::as_ref) else { continue };
        let path = format!("{}.contract", it.path);
        acc.extend(lower::checks(contract, &it.table, it.gate.modes(contract), &path));
    }
    acc
}

/// The types that contracts promise of the columns of a table, where its texts may stand for values of another type.
pub fn coerced(pipeline: &Pipeline, table: &str) -> BTreeMap<String, Type> {
    let own = pipeline.gates.iter().filter(|it| it.table == table);
    let kept = own.filter_map(|it| Some((pipeline.contracts.get(&it.gate.contract)?, &it.gate)));
    let read = kept.filter(|(contract, gate)| gate.modes(contract).coerce);
    read.flat_map(|(contract, _)| contract.fields.iter().map(|it| (it.name.clone(), it.ty))).collect()
}
