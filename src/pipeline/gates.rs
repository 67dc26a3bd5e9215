//! Which tables of a pipeline are held to which contract, and the checks that follow from it.

use std::sync::Arc;

use crate::contracts::{self, Contracts, TWICE, UNKNOWN, lower};
use crate::expectations::Expectation;
use crate::fields::{Fields, WRONG_VALUE};
use crate::pipeline::{Export, Gated};
use crate::problem::{Problem, did_you_mean};

/// The contracts that a pipeline may name: those of all, and its own.
pub(super) fn contracts(fields: &mut Fields, shared: &Contracts) -> Contracts {
    let mut acc = shared.clone();
    for (name, contract) in contracts::decode(fields) {
        if shared.contains_key(&name) {
            let message = format!("the contract `{name}` is declared in `contracts/` too");
            let problem = Problem::new(&TWICE, message).label(&fields.span_of("contract"), "declared here");
            fields.report(problem.help("give one of the two another name, or take it out".to_owned()));
        }
        acc.insert(name, contract);
    }
    acc
}

/// What a table of keys says of a contract, if it names one that there is. `about` is the table that is held to it.
pub(super) fn of(table: &mut Fields, about: &str, columns: &[String], contracts: &Contracts) -> Option<Gated> {
    let gate = contracts::gate(table)?;
    if !contracts.contains_key(&gate.contract) {
        let names = contracts.keys().map(String::as_str);
        let help = did_you_mean(&gate.contract, names).unwrap_or_else(|| match contracts.is_empty() {
            true => format!(
                "declare it as `[contract.{}]`, here or in a file of `contracts/`",
                gate.contract.escape_debug()
            ),
            false => format!("contracts are {}", contracts.keys().cloned().collect::<Vec<_>>().join(", ")),
        });
        let message = format!("there is no contract `{}`", gate.contract.escape_debug());
        table.problem(&UNKNOWN, "contract", message, "named here", Some(help));
        return None;
    }
    Some(Gated { path: table.path().to_owned(), table: about.to_owned(), columns: columns.to_vec(), gate })
}

/// The same of an export: what is told about a table, and what it sets aside, keeps no contract.
pub(super) fn of_export(table: &mut Fields, export: &Export, contracts: &Contracts) -> Option<Gated> {
    let gated = of(table, &export.from, &export.columns, contracts)?;
    if export.about.is_some() || export.rejected {
        let help = Some("name the contract at an export of the table itself".to_owned());
        table.problem(&WRONG_VALUE, "contract", "this export is no table that keeps a contract", "named here", help);
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
