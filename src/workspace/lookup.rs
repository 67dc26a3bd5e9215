//! The tables that a name or a selector means, and what is told where none or several are meant.

use crate::escape::line;
use crate::numbers::count;
use crate::plan::{Plan, TableId};
use crate::problem::{Code, Problem, did_you_mean};
use crate::workspace::failure::Failure;
use crate::workspace::selectors::{self, LISTED};

/// Something that is neither a step nor a column.
pub const UNKNOWN_SUBJECT: Code = Code::error("hotpass::cli::unknown-subject");

/// All codes of this module.
pub const CODES: &[&Code] = &[&UNKNOWN_SUBJECT];

/// No table, or none alone, is called `name`. Where none is called nearly so, `otherwise` is the help.
pub fn unknown(plan: &Plan, name: &str, otherwise: &str) -> Box<Problem> {
    let several = meant(plan, name);
    if several.len() > 1 {
        let message = format!("`{}` names {}, and one is asked for", line(name), count(several.len() as u64, "table"));
        let names = several.iter().take(NAMED).map(|it| format!("`{}`", line(&plan.tables[*it].name.to_string())));
        let more = if several.len() > NAMED { ", …" } else { "" };
        let help = format!("these are {}{more}", names.collect::<Vec<_>>().join(", "));
        return Box::new(Problem::new(&UNKNOWN_SUBJECT, message).help(help));
    }
    let names = plan.tables.iter().filter(|it| it.role.is_listed()).map(|it| it.name.name.as_str());
    let help = did_you_mean(name, names).unwrap_or_else(|| otherwise.to_owned());
    Box::new(Problem::new(&UNKNOWN_SUBJECT, format!("there is no source or step `{}`", line(name))).help(help))
}

/// How many tables are named where one was asked for.
const NAMED: usize = 8;

/// The table of this full name, of this plain name where only one has it, or that a selector names alone.
pub fn find(plan: &Plan, name: &str) -> Option<TableId> {
    match meant(plan, name).as_slice() {
        [one] => Some(*one),
        _ => None,
    }
}

/// The tables that a name or a selector means. What would run is not known here, so `changed` means none.
pub fn meant(plan: &Plan, name: &str) -> Vec<TableId> {
    let called = called(plan, name);
    if !called.is_empty() {
        return called;
    }
    let selected = selectors::select(plan, &[name.to_owned()], &|_| false).unwrap_or_default();
    let chosen = |it: &TableId| plan.tables[*it].role.is_listed() && selected.tables.get(*it) == Some(&true);
    plan.tables.places().filter(chosen).collect()
}

/// The table of this full name, or those of this plain name.
pub fn called(plan: &Plan, name: &str) -> Vec<TableId> {
    let found = plan.tables.entries().filter(|(_, it)| it.role.is_listed());
    if let Some((index, _)) = found.clone().find(|(_, it)| it.name.to_string() == name) {
        return vec![index];
    }
    found.filter(|(_, it)| it.name.name == name).map(|(index, _)| index).collect()
}

/// The table that is asked for.
pub fn named(plan: &Plan, name: &str) -> Result<TableId, Failure> {
    find(plan, name).ok_or_else(|| Failure::Problem(unknown(plan, name, LISTED)))
}

/// A table has no rows to look at.
pub fn not_made(name: &str) -> Failure {
    let message = format!("`{}` is not made yet", line(name));
    let help = format!("`hotpass build {}` makes it", line(name));
    Failure::Problem(Box::new(Problem::new(&UNKNOWN_SUBJECT, message).help(help)))
}
