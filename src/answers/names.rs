//! Which names there are: of tables, columns, checks, environments and whatever else can be named behind a verb.

use std::collections::BTreeSet;
use std::ffi::OsString;

use crate::answers::explain::code;
use crate::answers::gate::SUBJECT as GATE;
use crate::answers::init::TEMPLATES;
use crate::pipeline::environment::DEFAULT;
use crate::plan::{Plan, Role, Table, TableId, slashed};
use crate::query;
use crate::run::checks;
use crate::workspace::session::Session;

/// What a name can be of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Names {
    /// Tables.
    Tables,
    /// Tables and artefacts, with what selectors put in front.
    Targets,
    /// Columns of the table that stands before.
    Columns,
    /// Checks of the table that stands before.
    Checks,
    /// A table, a column of one, or the code of a problem.
    Subjects,
    Gates,
    Contracts,
    Environments,
    Profiles,
    Parameters,
    Pipelines,
    Templates,
}

/// Names of a sort that is the same in every workspace.
pub(crate) fn fixed(of: Names, current: &str) -> Option<Vec<String>> {
    match of {
        Names::Templates => Some(TEMPLATES.iter().map(|it| it.name.to_owned()).collect()),
        Names::Subjects if current.starts_with("hotpass:") => Some(code::codes().map(str::to_owned).collect()),
        _ => None,
    }
}

/// The names of one sort that the workspace has, with what stands before them in the word that is typed. `words` are all
/// that were typed: some names are of the table that stands among them.
pub(crate) fn names(session: &Session, of: Names, current: &str, words: &[OsString]) -> Vec<String> {
    let plan = session.plan();
    let sorted = |all: Vec<String>| all.into_iter().collect::<BTreeSet<_>>().into_iter().collect();
    match of {
        Names::Tables => sorted([tables(&plan, current), selectors(&plan, current)].concat()),
        Names::Targets => {
            let named = current.trim_start_matches(|it: char| it.is_ascii_digit() || it == '+' || it == '@');
            let (before, _) = current.split_at(current.len() - named.len());
            let exports = plan.exports.iter().filter(|it| it.is_listed()).map(|it| it.name.name.clone());
            let mut all = [tables(&plan, named), selectors(&plan, named)].concat();
            all.extend(exports);
            sorted(all.into_iter().map(|it| format!("{before}{it}")).collect())
        }
        Names::Columns => {
            let before = if current.starts_with('-') { "-" } else { "" };
            let named = columns(&plan, words);
            named.into_iter().map(|it| format!("{before}{it}")).collect()
        }
        Names::Checks => {
            let about = |it: &TableId| mentions(words, &plan.tables[*it]);
            let own = plan.expectations.iter().filter(|it| about(&it.about));
            sorted(own.map(|it| checks::short(&it.declared).to_owned()).collect())
        }
        Names::Subjects => {
            let mut all = [tables(&plan, current), selectors(&plan, current)].concat();
            all.extend(plan.gates.iter().map(|it| format!("{GATE}{}", it.declared.id)));
            let table = current.rsplit_once('.').map(|it| it.0).unwrap_or_default();
            let own = plan.tables.iter().filter(|it| called(it, table));
            all.extend(own.flat_map(|it| it.schema.visible()).map(|it| format!("{table}.{}", it.name)));
            sorted(all)
        }
        Names::Gates => plan.gates.iter().map(|it| it.declared.id.clone()).collect(),
        Names::Contracts => sorted(plan.contracts.iter().map(|it| it.contract.name.clone()).collect()),
        Names::Environments => {
            let declared = query::declared_environments(&session.db).iter().map(|it| it.name.clone());
            declared.chain([DEFAULT.to_owned()]).collect()
        }
        Names::Profiles => query::profile_names(&session.db),
        Names::Parameters => {
            let all = query::pipelines(&session.db, session.settings);
            sorted(all.iter().flat_map(|it| &it.parameters).map(|it| format!("{it}=")).collect())
        }
        Names::Pipelines => plan.pipelines.keys().cloned().collect(),
        Names::Templates => Vec::new(),
    }
}

/// What can stand where a name can, by what stands before the colon: proposed once that is begun. Of several that are
/// joined by a comma it is the last that is typed.
fn selectors(plan: &Plan, current: &str) -> Vec<String> {
    let (before, word) = current.split_at(current.rfind(',').map_or(0, |it| it + 1));
    let names = |of: &dyn Fn(&Table) -> Option<&str>| plan.tables.iter().filter_map(of).map(str::to_owned).collect();
    let sources = |it: &Table| (it.role == Role::Source).then(|| it.name.name.clone());
    let all: [(&str, BTreeSet<String>); 6] = [
        ("kind:", names(&|it| it.role.is_listed().then_some(it.kind))),
        ("tag:", plan.tables.iter().flat_map(|it| &it.tags).cloned().collect()),
        ("source:", plan.tables.iter().filter_map(sources).collect()),
        ("export:", plan.exports.iter().filter(|it| it.is_listed()).map(|it| it.name.name.clone()).collect()),
        ("column:", plan.tables.iter().flat_map(|it| it.schema.visible()).map(|it| it.name.clone()).collect()),
        ("path:", plan.pipelines.values().map(|it| slashed(it)).collect()),
    ];
    let begun = |it: &str| word.starts_with(it) || word.len() > 1 && it.starts_with(word);
    let begun = all.iter().filter(|(kind, _)| begun(kind));
    let mut acc: Vec<String> =
        begun.flat_map(|(kind, own)| own.iter().map(move |it| format!("{before}{kind}{it}"))).collect();
    if !before.is_empty() {
        acc.extend(tables(plan, word).into_iter().map(|it| format!("{before}{it}")));
    }
    acc
}

/// Whether a word names a table.
fn mentions(words: &[OsString], table: &Table) -> bool {
    words.iter().filter_map(|it| it.to_str()).any(|it| called(table, it))
}

/// The columns of the tables that were named, each once and in their order.
fn columns(plan: &Plan, words: &[OsString]) -> Vec<String> {
    let mut acc: Vec<String> = Vec::new();
    for column in plan.tables.iter().filter(|it| mentions(words, it)).flat_map(|it| it.schema.visible()) {
        if !acc.contains(&column.name) {
            acc.push(column.name.clone());
        }
    }
    acc
}

/// Whether a table is called so, with its pipeline or without.
fn called(table: &Table, word: &str) -> bool {
    table.name.name == word || table.name.to_string() == word
}

/// Tables by their names, and with their pipelines once a point was typed.
fn tables(plan: &Plan, current: &str) -> Vec<String> {
    let listed = plan.tables.iter().filter(|it| it.role.is_listed());
    let name = |it: &Table| if current.contains('.') { it.name.to_string() } else { it.name.name.clone() };
    listed.map(name).collect::<BTreeSet<_>>().into_iter().collect()
}
