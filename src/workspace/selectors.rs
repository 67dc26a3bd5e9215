//! Selectors: the words that name what to build. `crm.clean`, `+clean`, `clean+`, `2+clean`, `@clean`, `kind:map`,
//! `tag:x`, `source:x`, `export:x`, `path:x`, `column:x`, `changed`, globs. A comma between words is "and".
//!
//! A word that names nothing is a problem, never "nothing to do"; only `changed` may find nothing. A name that several
//! pipelines have means all of them. What a selected table needs is not added here unless `+` asks for it.

use std::collections::BTreeSet;

use globset::{GlobBuilder, GlobMatcher};

use crate::escape::line;
use crate::graph;
use crate::index::Place;
use crate::plan::{ExportMap, Name, Operation, Plan, PlannedExport, Role, TableId, TableSet, slashed};
use crate::problem::{Code, Problem, did_you_mean};
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
    pub tables: TableSet,
    /// For each export of the plan, whether it is. The table of a selected export is selected too.
    pub exports: ExportMap<bool>,
}

impl Selection {
    fn new(plan: &Plan, whole: bool) -> Selection {
        Selection { tables: plan.tables.map(|_| whole), exports: plan.exports.map(|_| whole) }
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

    /// What a step sets aside is made with it, under its name.
    fn with_set_aside(&mut self, plan: &Plan) {
        let aside = |it: &Role| matches!(it, Role::Rejects | Role::Beside);
        for (at, table) in plan.tables.entries().filter(|(_, it)| aside(&it.role)) {
            self.tables[at] |= plan.tables.iter().zip(&self.tables).any(|(it, own)| *own && it.name == table.name);
        }
    }

    fn add(&mut self, other: &Selection) {
        self.combine(other, |own, other| *own |= other);
    }

    fn keep(&mut self, other: &Selection) {
        self.combine(other, |own, other| *own &= other);
    }

    fn combine(&mut self, other: &Selection, with: fn(&mut bool, bool)) {
        self.tables.iter_mut().zip(&other.tables).for_each(|(it, other)| with(it, *other));
        self.exports.iter_mut().zip(&other.exports).for_each(|(it, other)| with(it, *other));
    }
}

/// Whether a word can name more than one table, so that it is no name of a step alone.
pub fn is_pattern(word: &str) -> bool {
    word == CHANGED || word.contains([':', '+', '@', ',', '*', '?', '[', '{'])
}

/// What the words select together; no word selects everything. `changed` says of a table whether it would run.
pub fn select(plan: &Plan, words: &[String], changed: &dyn Fn(TableId) -> bool) -> Result<Selection, Problem> {
    let mut acc = Selection::new(plan, words.is_empty());
    for word in words {
        let found = all_of(plan, word, changed)?;
        acc.add(&found);
    }
    acc.with_set_aside(plan);
    Ok(acc)
}

/// What the words select together, without what `but` names. An export goes with a table that it
/// writes; what is left out is made all the same where something needs it that is not.
pub fn select_but(
    plan: &Plan,
    words: &[String],
    but: &[String],
    changed: &dyn Fn(TableId) -> bool,
) -> Result<Selection, Problem> {
    let mut acc = select(plan, words, changed)?;
    if but.is_empty() {
        return Ok(acc);
    }
    let mut out = Selection::new(plan, false);
    for word in but {
        let mut found = all_of(plan, word, changed)?;
        let mut files = Selection { exports: found.exports.clone(), ..Selection::new(plan, false) };
        files.tables_of_exports(plan);
        // Who leaves out a file alone does not mean its table.
        if found.tables == files.tables {
            found.tables = plan.tables.map(|_| false);
        }
        out.add(&found);
    }
    out.with_set_aside(plan);
    for (at, export) in plan.exports.entries() {
        out.exports[at] |= export.tables().any(|it| out.tables[it]);
    }
    acc.combine(&out, |own, other| *own &= !other);
    Ok(acc)
}

/// The selected part of a plan, for those who show it, and which tables of the whole it has. What a table reads is kept
/// where it is selected too.
pub fn part(plan: &Plan, selection: &Selection) -> (Plan, Vec<TableId>) {
    let kept: Vec<TableId> = selection.tables.marked().collect();
    let place = |table: TableId| kept.binary_search(&table).ok().map(TableId::new);
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

/// What all parts of a word name that has commas.
fn all_of(plan: &Plan, word: &str, changed: &dyn Fn(TableId) -> bool) -> Result<Selection, Problem> {
    let mut acc: Option<Selection> = None;
    for part in parts(word) {
        let found = around(plan, part, changed)?;
        match &mut acc {
            Some(acc) => acc.keep(&found),
            None => acc = Some(found),
        }
    }
    let acc = acc.unwrap_or_else(|| Selection::new(plan, false));
    let may_be_empty = parts(word).any(|it| it.trim_matches(['+', '@']) == CHANGED);
    if acc.is_empty() && !may_be_empty {
        let message = format!("nothing is all of `{}`", line(word));
        let help = "a comma takes what both words name; a blank between them takes what either names".to_owned();
        return Err(Problem::new(&UNKNOWN_TARGET, message).help(help));
    }
    Ok(acc)
}

/// The parts between commas; one within `{…}` or `[…]` belongs to its glob.
fn parts(word: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_usize;
    word.split(move |it: char| {
        match it {
            '{' | '[' => depth += 1,
            '}' | ']' => depth = depth.saturating_sub(1),
            _ => (),
        }
        it == ',' && depth == 0
    })
}

/// How far a selector reaches from what it names: not at all, so many steps, or all the way.
type Reach = Option<usize>;
const ALL_THE_WAY: usize = usize::MAX;

/// What one word names, with what stands around it: `@x`, `+x`, `2+x`, `x+`, `x+1`.
fn around(plan: &Plan, word: &str, changed: &dyn Fn(TableId) -> bool) -> Result<Selection, Problem> {
    let (with_all, core) = word.strip_prefix('@').map_or((false, word), |it| (true, it));
    let (before, core) = match core.split_once('+') {
        Some((number, rest)) if !rest.is_empty() || number.is_empty() => match reach(number) {
            Some(reach) => (Some(reach), rest),
            None => (None, core),
        },
        _ => (None, core),
    };
    let (after, core): (Reach, &str) = match core.rsplit_once('+') {
        Some((rest, number)) if !rest.is_empty() => match reach(number) {
            Some(reach) => (Some(reach), rest),
            None => (None, core),
        },
        _ => (None, core),
    };
    let mut found = one(plan, word, core, changed)?;
    found.tables_of_exports(plan);
    let named = found.tables.clone();
    if let Some(reach) = before {
        found.tables = needed(plan, &named, reach);
    }
    if with_all || after.is_some() {
        needing(plan, &mut found, &named, if with_all { ALL_THE_WAY } else { after.unwrap_or(0) });
    }
    if with_all {
        found.tables = graph::upstream(found.tables.marked(), &plan.needs());
    }
    Ok(found)
}

/// The number beside a `+`; none is all the way.
fn reach(number: &str) -> Reach {
    if number.is_empty() { Some(ALL_THE_WAY) } else { number.parse().ok() }
}

/// Reads a name or a glob.
struct Like<'a> {
    word: &'a str,
    glob: Option<GlobMatcher>,
}

impl<'a> Like<'a> {
    /// `within` says whether a `*` stays between two slashes; `target` is the whole selector, for its problem.
    fn new(word: &'a str, target: &str, within: bool) -> Result<Like<'a>, Problem> {
        if !word.contains(['*', '?', '[', '{']) {
            return Ok(Like { word, glob: None });
        }
        let glob = GlobBuilder::new(word).literal_separator(within).build().map_err(|error| {
            let message = format!("the target `{}` cannot be read: {}", line(target), line(&error.kind().to_string()));
            Problem::new(&BAD_TARGET, message)
        })?;
        Ok(Like { word, glob: Some(glob.compile_matcher()) })
    }

    fn is(&self, text: &str) -> bool {
        self.glob.as_ref().map_or(self.word == text, |it| it.is_match(text))
    }

    fn names(&self, name: &Name) -> bool {
        match &self.glob {
            Some(glob) => glob.is_match(&name.name) || glob.is_match(name.to_string()),
            None => is_called(name, self.word),
        }
    }

    /// Whether it is this file, or a folder that the file lies in.
    fn holds(&self, path: &str) -> bool {
        let path = path.strip_prefix("./").unwrap_or(path);
        let within = |folder: &str| path.strip_prefix(folder).is_some_and(|it| it.starts_with('/'));
        self.is(path) || within(self.word.trim_end_matches('/'))
    }
}

/// What one word names, without the `+` around it.
fn one(plan: &Plan, word: &str, core: &str, changed: &dyn Fn(TableId) -> bool) -> Result<Selection, Problem> {
    let mut found = Selection::new(plan, false);
    if core == CHANGED && !named(plan, core) {
        found.tables = plan.tables.places().map(changed).collect();
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
    if let Some(word_of) = core.strip_prefix("source:") {
        let like = Like::new(word_of, word, false)?;
        let sources = || plan.tables.iter().filter(|it| it.role == Role::Source);
        let known: BTreeSet<&str> = sources().map(|it| it.name.name.as_str()).collect();
        found.tables = plan.tables.iter().map(|it| it.role == Role::Source && like.names(&it.name)).collect();
        return found.or_unknown(format!("no source is called `{}`", line(word_of)), word_of, "source:", &known);
    }
    if let Some(word_of) = core.strip_prefix("export:") {
        let like = Like::new(word_of, word, false)?;
        let known: BTreeSet<&str> = plan.exports.iter().map(|it| it.name.name.as_str()).collect();
        found.exports = plan.exports.iter().map(|it| like.names(&it.name)).collect();
        return found.or_unknown(format!("no export is called `{}`", line(word_of)), word_of, "export:", &known);
    }
    if let Some(word_of) = core.strip_prefix("column:") {
        let like = Like::new(word_of, word, false)?;
        let known: BTreeSet<&str> = plan.tables.iter().flat_map(|it| it.schema.visible()).map(|it| &*it.name).collect();
        found.tables = plan.tables.iter().map(|it| it.schema.visible().any(|it| like.is(&it.name))).collect();
        return found.or_unknown(format!("no table has the column `{}`", line(word_of)), word_of, "column:", &known);
    }
    if let Some(word_of) = core.strip_prefix("path:") {
        let like = Like::new(word_of.strip_prefix("./").unwrap_or(word_of), word, true)?;
        let declared = |it: &Name| plan.pipelines.get(&it.pipeline).map(|it| slashed(it));
        let files: Vec<Vec<String>> = plan.tables.iter().map(|it| declared(&it.name).into_iter().collect()).collect();
        let read = |make: &Operation| match make {
            Operation::Read(it) => it.files.iter().map(|it| slashed(&it.path)).collect(),
            _ => Vec::new(),
        };
        let files: Vec<Vec<String>> =
            plan.tables.iter().zip(files).map(|(it, own)| [own, read(&it.make)].concat()).collect();
        let written: Vec<Vec<String>> = plan
            .exports
            .iter()
            .map(|it| declared(&it.name).into_iter().chain([it.declared.path.clone()]).collect())
            .collect();
        let any = |all: &Vec<String>| all.iter().any(|it| like.holds(it));
        found.tables = files.iter().map(any).collect();
        found.exports = written.iter().map(any).collect();
        let known: BTreeSet<&str> = files.iter().chain(&written).flatten().map(String::as_str).collect();
        let fact = format!("no pipeline, source or export has the file `{}`", line(word_of));
        return found.or_unknown(fact, word_of, "path:", &known);
    }
    let like = Like::new(core, word, false)?;
    found.take(plan, |it| like.names(it));
    let called = if like.glob.is_some() { "called like" } else { "called" };
    found.or_unknown(format!("no step or export is {called} `{}`", line(core)), core, "", &names(plan))
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

/// The tables, and what they need so many steps back.
fn needed(plan: &Plan, named: &TableSet, reach: usize) -> TableSet {
    let mut acc = named.clone();
    for _ in 0..reach {
        let next: Vec<TableId> = acc.marked().flat_map(|it| &plan.tables[it].inputs).copied().collect();
        let before = acc.marked().count();
        next.into_iter().for_each(|it| acc[it] = true);
        if acc.marked().count() == before {
            break;
        }
    }
    acc
}

/// Adds the tables that need a named one, so many steps on, and the exports that write any of these.
fn needing(plan: &Plan, found: &mut Selection, named: &TableSet, reach: usize) {
    let mut reached = named.clone();
    for _ in 0..reach {
        let before = reached.clone();
        for (at, table) in plan.tables.entries() {
            reached[at] |= table.inputs.iter().any(|it| before[*it]);
        }
        if reached == before {
            break;
        }
    }
    found.tables.iter_mut().zip(&reached).for_each(|(it, reached)| *it |= reached);
    for (at, export) in plan.exports.entries() {
        found.exports[at] |= export.tables().any(|it| reached[it]);
    }
}

/// The help where any table may be named.
pub const LISTED: &str = "`hotpass list` names all that there are";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::test_plan;

    /// The names that are selected, exports with a `>`.
    fn selected(words: &str) -> Result<String, Problem> {
        let plan = test_plan::small();
        let (words, but) = words.split_once('-').unwrap_or((words, ""));
        let [words, but] = [words, but].map(|it| it.split_whitespace().map(str::to_owned).collect::<Vec<_>>());
        let selection = select_but(&plan, &words, &but, &|it| plan.tables[it].name.name == "clean")?;
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
    fn what_is_left_out_goes_with_its_files() {
        check("- clean", "people schools mapped merged odd >contacts >odds");
        check("- merged", "people schools mapped clean !clean odd >odds");
        check("- export:contacts", "people schools mapped clean !clean merged odd >odds");
        check("kind:map+ - clean+", "mapped");
        check("tag:daily - kind:map", "odd");
        check("m* - m*", "");
        assert!(selected("- nothing").is_err());
    }

    #[test]
    fn words_select_by_what_they_name() {
        check("source:people", "people");
        check("source:crm.people+", "people mapped clean !clean merged >contacts");
        check("source:*", "people schools");
        check("export:contacts", "merged >contacts");
        check("export:crm.o*", "odd >odds");
        check("+export:odds", "schools odd >odds");
        check("column:name,kind:sql", "odd");
        check("path:pipelines/crm.toml,tag:daily", "mapped odd");
        check("path:pipelines,kind:map", "mapped");
        check("path:dist/odds.parquet", "odd >odds");
        check("path:./dist/*.parquet", "merged odd >contacts >odds");
    }

    #[test]
    fn words_reach_so_far() {
        check("1+clean", "mapped clean !clean");
        check("2+clean", "people mapped clean !clean");
        check("0+clean", "clean !clean");
        check("people+1", "people mapped");
        check("1+mapped+1", "people mapped clean !clean");
        check("people+0", "people");
        check("@odd", "schools odd >odds");
        check("@mapped", "people schools mapped clean !clean merged >contacts");
        check("+contacts,kind:map", "mapped");
        check("changed,kind:map", "");
        check("{odd,mapped}", "mapped odd");
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
        check("source:poeple", "no source is called `poeple`", "did you mean `source:people`?");
        check("source:clean", "no source is called `clean`", "there are `source:people`, `source:schools`");
        check("export:contact", "no export is called `contact`", "did you mean `export:contacts`?");
        check("column:nam", "no table has the column `nam`", "did you mean `column:name`?");
        let help = "a comma takes what both words name; a blank between them takes what either names";
        check("kind:map,kind:sql", "nothing is all of `kind:map,kind:sql`", help);
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
