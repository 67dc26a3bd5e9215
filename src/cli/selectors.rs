//! Selectors: the words that name what to build. `crm.clean`, `+clean`, `clean+`, `kind:map`, `tag:x`, `changed`,
//! globs.
//!
//! A word that names nothing is a problem, never "nothing to do"; only `changed` may find nothing. A name that several
//! pipelines have means all of them. What a selected table needs is not added here unless `+` asks for it.

use std::collections::BTreeSet;

use globset::GlobBuilder;

use crate::graph;
use crate::plan::{Name, Plan, PlannedExport, Role};
use crate::problem::{Code, Problem, did_you_mean};
use crate::show::line;
use crate::steps;

/// A selector that names nothing.
pub const UNKNOWN_TARGET: Code = Code::error("hotpass::cli::unknown-target");
/// A selector that cannot be read.
pub const BAD_TARGET: Code = Code::error("hotpass::cli::bad-target");

/// All codes of this module.
pub const CODES: &[&Code] = &[&UNKNOWN_TARGET, &BAD_TARGET];

/// What would run.
const CHANGED: &str = "changed";

/// What is selected.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Selection {
    /// For each table of the plan, whether it is.
    pub tables: Vec<bool>,
    /// For each export of the plan, whether it is. The table of a selected export is selected too.
    pub exports: Vec<bool>,
}

impl Selection {
    fn new(plan: &Plan, whole: bool) -> Selection {
        Selection { tables: vec![whole; plan.tables.len()], exports: vec![whole; plan.exports.len()] }
    }

    /// Whether nothing is selected: `changed` found nothing.
    pub fn is_empty(&self) -> bool {
        !self.tables.iter().chain(&self.exports).any(|it| *it)
    }

    fn tables_of_exports(&mut self, plan: &Plan) {
        for (export, _) in plan.exports.iter().zip(&self.exports).filter(|(_, it)| **it) {
            export.tables().for_each(|it| self.tables[it] = true);
        }
    }

    fn add(&mut self, other: &Selection) {
        let either = |own: &mut Vec<bool>, other: &[bool]| {
            own.iter_mut().zip(other).for_each(|(it, other)| *it |= other);
        };
        either(&mut self.tables, &other.tables);
        either(&mut self.exports, &other.exports);
    }
}

/// Whether a word can name more than one table, so that it is no name of a step alone.
pub fn is_pattern(word: &str) -> bool {
    word == CHANGED || word.contains([':', '+', '*', '?', '[', '{'])
}

/// What the words select together; no word selects everything. `changed` says of a table whether it would run.
pub fn select(plan: &Plan, words: &[String], changed: &dyn Fn(usize) -> bool) -> Result<Selection, Problem> {
    let mut acc = Selection::new(plan, words.is_empty());
    for word in words {
        let with_needs = word.starts_with('+');
        let with_needing = word.len() > 1 && word.ends_with('+');
        let core = word.strip_prefix('+').unwrap_or(word);
        let core = if with_needing { core.strip_suffix('+').unwrap_or(core) } else { core };
        let mut found = one(plan, word, core, changed)?;
        found.tables_of_exports(plan);
        if with_needs {
            found.tables = graph::upstream(chosen(&found.tables), &plan.needs());
        }
        if with_needing {
            needing(plan, &mut found);
        }
        acc.add(&found);
    }
    // What a step sets aside is made with it, under its name.
    for (at, table) in plan.tables.iter().enumerate().filter(|(_, it)| matches!(it.role, Role::Rejects | Role::Beside))
    {
        acc.tables[at] |= plan.tables.iter().zip(&acc.tables).any(|(it, own)| *own && it.name == table.name);
    }
    Ok(acc)
}

/// The selected part of a plan, for those who show it, and which tables of the whole it has. What a table reads is kept
/// where it is selected too.
pub fn part(plan: &Plan, selection: &Selection) -> (Plan, Vec<usize>) {
    let kept: Vec<usize> = chosen(&selection.tables).collect();
    let place = |table: usize| kept.binary_search(&table).ok();
    let mut part = plan.clone();
    part.tables = kept.iter().map(|it| plan.tables[*it].clone()).collect();
    for table in &mut part.tables {
        table.inputs = table.inputs.iter().filter_map(|it| place(*it)).collect();
    }
    part.expectations.retain_mut(|it| {
        let there = place(it.about).zip(place(it.count.table));
        there.map(|(about, table)| (it.about, it.count.table) = (about, table)).is_some()
    });
    // Who shows a part takes no counts.
    part.notices.clear();
    let exports = plan.exports.iter().zip(&selection.exports).filter(|(_, it)| **it);
    part.exports = exports
        .filter_map(|(it, _)| {
            let sheets = it.sheets.iter().map(|(table, columns)| Some((place(*table)?, columns.clone())));
            Some(PlannedExport { table: place(it.table)?, sheets: sheets.collect::<Option<_>>()?, ..it.clone() })
        })
        .collect();
    if kept.len() < plan.tables.len() {
        part.pipelines.retain(|name, _| part.tables.iter().any(|it| it.name.pipeline == *name));
    }
    (part, kept)
}

fn chosen(flags: &[bool]) -> impl Iterator<Item = usize> {
    flags.iter().enumerate().filter(|(_, it)| **it).map(|(at, _)| at)
}

/// What one word names, without the `+` around it.
fn one(plan: &Plan, word: &str, core: &str, changed: &dyn Fn(usize) -> bool) -> Result<Selection, Problem> {
    let mut found = Selection::new(plan, false);
    if core == CHANGED && !named(plan, core) {
        found.tables = (0..plan.tables.len()).map(changed).collect();
        return Ok(found);
    }
    if let Some(kind) = core.strip_prefix("kind:") {
        let known: BTreeSet<&str> = plan.tables.iter().map(|it| it.kind).collect();
        found.tables = plan.tables.iter().map(|it| it.kind == kind).collect();
        let exists = kind == "source" || steps::KINDS.iter().any(|it| it.name == kind);
        let fact = match exists {
            true => format!("no step here is of the kind `{kind}`"),
            false => format!("there is no kind of step `{}`", line(kind)),
        };
        return found.or_unknown(fact, kind, "kind:", &known);
    }
    if let Some(tag) = core.strip_prefix("tag:") {
        let known: BTreeSet<&str> = plan.tables.iter().flat_map(|it| &it.tags).map(String::as_str).collect();
        found.tables = plan.tables.iter().map(|it| it.tags.iter().any(|it| it == tag)).collect();
        return found.or_unknown(format!("no step has the tag `{}`", line(tag)), tag, "tag:", &known);
    }
    if core.contains(['*', '?', '[', '{']) {
        let glob = GlobBuilder::new(core).literal_separator(false).build().map_err(|error| {
            let message = format!("the target `{}` cannot be read: {}", line(word), line(&error.kind().to_string()));
            Problem::new(&BAD_TARGET, message)
        })?;
        let glob = glob.compile_matcher();
        found.take(plan, |it| glob.is_match(&it.name) || glob.is_match(it.to_string()));
        return found.or_unknown(format!("no step or export is called like `{}`", line(core)), core, "", &names(plan));
    }
    found.take(plan, |it| is_called(it, core));
    found.or_unknown(format!("no step or export is called `{}`", line(core)), core, "", &names(plan))
}

fn is_called(name: &Name, word: &str) -> bool {
    let full = word.strip_prefix(&name.pipeline).and_then(|it| it.strip_prefix('.'));
    name.name == word || full == Some(&name.name)
}

fn named(plan: &Plan, word: &str) -> bool {
    plan.tables.iter().map(|it| &it.name).chain(plan.exports.iter().map(|it| &it.name)).any(|it| is_called(it, word))
}

fn names(plan: &Plan) -> BTreeSet<&str> {
    let tables = plan.tables.iter().map(|it| it.name.name.as_str());
    tables.chain(plan.exports.iter().map(|it| it.name.name.as_str())).collect()
}

impl Selection {
    fn take(&mut self, plan: &Plan, is: impl Fn(&Name) -> bool) {
        self.tables = plan.tables.iter().map(|it| is(&it.name)).collect();
        self.exports = plan.exports.iter().map(|it| is(&it.name)).collect();
    }

    fn or_unknown(self, fact: String, word: &str, prefix: &str, known: &BTreeSet<&str>) -> Result<Self, Problem> {
        if !self.is_empty() {
            return Ok(self);
        }
        // `crm.claen` is near to `clean` by its last part.
        let last = word.rsplit('.').next().unwrap_or(word);
        let near = did_you_mean(word, known.iter().copied()).or_else(|| did_you_mean(last, known.iter().copied()));
        let near = near.map(|it| it.replacen('`', &format!("`{prefix}"), 1));
        let help = near.unwrap_or_else(|| match known.len() {
            1..=12 => {
                let known: Vec<_> = known.iter().map(|it| format!("`{prefix}{}`", line(it))).collect();
                format!("there are {}", known.join(", "))
            }
            _ => LISTED.to_owned(),
        });
        Err(Problem::new(&UNKNOWN_TARGET, fact).help(help))
    }
}

/// Adds every table that needs a selected one, and the exports that write any of them.
fn needing(plan: &Plan, found: &mut Selection) {
    // Inputs come before what reads them, so one pass is enough.
    for (at, table) in plan.tables.iter().enumerate() {
        found.tables[at] |= table.inputs.iter().any(|it| found.tables[*it]);
    }
    for (at, export) in plan.exports.iter().enumerate() {
        found.exports[at] |= export.tables().any(|it| found.tables[it]);
    }
}

/// The help where any table may be named.
pub const LISTED: &str = "`hotpass list` names all that there are";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::test_plan;

    /// The names that are selected, exports with a `>`.
    fn selected(words: &str) -> Result<String, Problem> {
        let plan = test_plan::small();
        let words: Vec<String> = words.split_whitespace().map(str::to_owned).collect();
        let selection = select(&plan, &words, &|it| plan.tables[it].name.name == "clean")?;
        let tables = plan.tables.iter().zip(&selection.tables).filter(|(_, it)| **it);
        let exports = plan.exports.iter().zip(&selection.exports).filter(|(_, it)| **it);
        let tables = tables.map(|(it, _)| match it.role {
            Role::Rejects => format!("!{}", it.name.name),
            _ => it.name.name.clone(),
        });
        Ok(tables.chain(exports.map(|(it, _)| format!(">{}", it.name.name))).collect::<Vec<_>>().join(" "))
    }

    fn check(words: &str, expected: &str) {
        assert_eq!(selected(words).as_deref(), Ok(expected), "{words}");
    }

    #[test]
    fn words_select() {
        check("", "people schools mapped clean !clean merged odd >contacts >odds");
        check("mapped", "mapped");
        check("crm.mapped", "mapped");
        check("clean", "clean !clean");
        check("contacts", "merged >contacts");
        check("+clean", "people mapped clean !clean");
        check("mapped+", "mapped clean !clean merged >contacts");
        check("+clean+", "people mapped clean !clean merged >contacts");
        check("+contacts", "people schools mapped clean !clean merged >contacts");
        check("kind:map", "mapped");
        check("kind:source", "people schools");
        check("kind:map+", "mapped clean !clean merged >contacts");
        check("tag:daily", "mapped odd");
        check("changed", "clean !clean");
        check("m*", "mapped merged");
        check("crm.odd*", "odd >odds");
        check("mapped odds", "mapped odd >odds");
    }

    #[test]
    fn what_names_nothing_is_a_problem() {
        let check = |word: &str, message: &str, help: &str| {
            let problem = selected(word).expect_err(word);
            assert_eq!((problem.message.as_str(), problem.help.as_deref()), (message, Some(help)));
            assert_eq!(problem.code, UNKNOWN_TARGET.name);
        };
        check("claen", "no step or export is called `claen`", "did you mean `clean`?");
        check("crm.claen", "no step or export is called `crm.claen`", "did you mean `clean`?");
        let all = "there are `clean`, `contacts`, `mapped`, `merged`, `odd`, `odds`, `people`, `schools`";
        check("x*", "no step or export is called like `x*`", all);
        check("+", "no step or export is called ``", all);
        check("kind:mpa", "there is no kind of step `mpa`", "did you mean `kind:map`?");
        let kinds = "there are `kind:map`, `kind:merge`, `kind:normalise`, `kind:source`, `kind:sql`";
        check("kind:join", "no step here is of the kind `join`", kinds);
        check("tag:dialy", "no step has the tag `dialy`", "did you mean `tag:daily`?");
        check("other.clean", "no step or export is called `other.clean`", "did you mean `clean`?");
    }

    #[test]
    fn a_broken_glob_is_a_problem() {
        assert_eq!(selected("a[").expect_err("a broken glob").code, BAD_TARGET.name);
    }

    #[test]
    fn nothing_changed_is_no_problem() {
        let plan = test_plan::small();
        let selection = select(&plan, &["changed".to_owned()], &|_| false).expect("it is a selector");
        assert!(selection.is_empty());
    }
}
