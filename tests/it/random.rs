//! *Incremental equals from scratch*: after any sequence of edits, a build in the same folder says and leaves what a
//! build in a new folder does.
//!
//! `HOTPASS_CASES=1000 cargo test --test it random` looks longer.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;

use hotpass::answers::planned::{Expected, expected};
use hotpass::run::{self, Standing, State};
use hotpass::summary::{Status, StepStatus};
use proptest::prelude::*;
use proptest::test_runner::Config;

use crate::case::{Case, Report};

/// One edit; numbers choose among what there is.
#[derive(Clone, Debug)]
pub enum Edit {
    Cell(usize, usize, usize, usize),
    AddRow(usize, usize),
    RemoveRow(usize, usize),
    SwapRows(usize, usize),
    RenameColumn(usize, usize),
    AddColumn(usize),
    AddFile,
    RemoveFile(usize),
    Priority(usize, i64),
    AddStep(usize, usize, usize),
    RemoveStep(usize),
    RenameStep(usize),
    ChangeStep(usize, usize),
    ReadAnother(usize, usize),
    Synonym(usize, usize),
    AddCheck(usize, usize),
    RemoveCheck(usize),
    Soften(usize),
    Export(usize, usize),
    Layout(usize),
    Break(usize),
    Mend,
    Nothing,
}

pub fn edit() -> impl Strategy<Value = Edit> {
    use Edit::*;
    let n = || 0usize..12;
    prop_oneof![
        4 => (n(), n(), n(), n()).prop_map(|(a, b, c, d)| Cell(a, b, c, d)),
        2 => (n(), n()).prop_map(|(a, b)| AddRow(a, b)),
        2 => (n(), n()).prop_map(|(a, b)| RemoveRow(a, b)),
        1 => (n(), n()).prop_map(|(a, b)| SwapRows(a, b)),
        1 => (n(), n()).prop_map(|(a, b)| RenameColumn(a, b)),
        1 => n().prop_map(AddColumn),
        1 => Just(AddFile),
        1 => n().prop_map(RemoveFile),
        2 => (n(), 0i64..4).prop_map(|(a, b)| Priority(a, b)),
        4 => (n(), n(), n()).prop_map(|(a, b, c)| AddStep(a, b, c)),
        1 => n().prop_map(RemoveStep),
        1 => n().prop_map(RenameStep),
        4 => (n(), n()).prop_map(|(a, b)| ChangeStep(a, b)),
        2 => (n(), n()).prop_map(|(a, b)| ReadAnother(a, b)),
        2 => (n(), n()).prop_map(|(a, b)| Synonym(a, b)),
        2 => (n(), n()).prop_map(|(a, b)| AddCheck(a, b)),
        1 => n().prop_map(RemoveCheck),
        1 => n().prop_map(Soften),
        2 => (n(), n()).prop_map(|(a, b)| Export(a, b)),
        1 => n().prop_map(Layout),
        1 => n().prop_map(Break),
        3 => Just(Mend),
        1 => Just(Nothing),
    ]
}

const CELLS: [&str; 12] = ["a", "b", "c", "", "", "1", "2", "-3", "10", "2025-01-02", "é", "A"];
const COLUMNS: [&str; 6] = ["k", "a", "b", "K2", "größe", "select"];
const EXPRESSIONS: [&str; 12] = [
    "upper(a)",
    "a || b",
    "cast(b as integer) + 1",
    "coalesce(a, k)",
    "b is null",
    "case when a > 'b' then b else k end",
    "cast(b as decimal)",
    "slug(a)",
    "'x'",
    "length(a) * 2",
    "cast(a as date)",
    "nope",
];
const CONDITIONS: [&str; 6] =
    ["a is not null", "b <> '1'", "true", "false", "cast(b as integer) > 0", "k in ('a', 'b')"];
const QUERIES: [&str; 8] = [
    "select k, count(*) as n, min(a) as a, max(b) as b from {} group by k order by k nulls last",
    "select * from {} order by k nulls first, a",
    "select k, a, b from {} where k is not null",
    "select t.k, u.a, 'x' as b from {} t join {} u on t.k = u.k order by t._row, u._row",
    "select k, b as a, a as b from {} limit 3",
    "select count(x) as k, 'a' as a, 'b' as b from {} as x",
    "select distinct on (k) * from {} order by k, a, b",
    "select k, a, b, row_number() over () as n from {}",
];
const CHECKS: [&str; 6] = [
    "column = 'k'\nnot_null = true",
    "column = 'k'\nunique = true",
    "column = 'a'\nin = ['a', 'b', 'c']\nmostly = 0.5",
    "holds = \"a is not null or b is not null\"",
    "rows = { min = 1 }",
    "column = 'b'\nmatches = '^[0-9]*$'\nwhere = \"a is not null\"",
];
const BROKEN: [&str; 5] =
    ["[step.", "x = = 1", "[step.odd]\nkind = 'nosuch'", "[pipeline]\nname = 'p'", "[source.s0]\npath = 'x.csv'"];

/// How many kinds of steps there are here.
const KINDS: usize = 16;

#[derive(Clone, Debug)]
struct Step {
    id: usize,
    kind: usize,
    inputs: [usize; 2],
    variant: usize,
    renamed: bool,
}

#[derive(Clone, Debug)]
struct Data {
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
}

/// A workspace as what is written down.
#[derive(Clone, Debug)]
pub struct Model {
    /// Two files of their own, then those of a glob.
    files: Vec<Data>,
    priorities: [i64; 3],
    steps: Vec<Step>,
    synonyms: Vec<(usize, usize)>,
    checks: Vec<(usize, usize, bool)>,
    exports: Vec<(usize, usize)>,
    layout: usize,
    broken: Option<usize>,
    next: usize,
}

/// Ids of steps begin here; below are sources.
const FIRST_STEP: usize = 3;

impl Model {
    pub fn new() -> Model {
        let data = |rows: &[[&str; 3]]| Data {
            columns: COLUMNS[..3].iter().map(|it| (*it).to_owned()).collect(),
            rows: rows.iter().map(|row| row.iter().map(|it| (*it).to_owned()).collect()).collect(),
        };
        let step = |id, kind, inputs, variant| Step { id, kind, inputs, variant, renamed: false };
        Model {
            files: vec![
                data(&[["a", "x", "1"], ["b", "", "2"], ["", "lost", "3"]]),
                data(&[["a", "y", ""], ["c", "z", "10"], ["a", "x", "1"]]),
                data(&[["b", "w", "5"]]),
            ],
            priorities: [0, 1, 0],
            steps: vec![
                step(3, 1, [0, 0], 0),
                step(4, 5, [0, 1], 0),
                step(5, 6, [3, 1], 1),
                step(6, 7, [1, 2], 0),
                step(7, 15, [5, 1], 3),
            ],
            synonyms: Vec::new(),
            checks: vec![(5, 0, false), (4, 2, true)],
            exports: vec![(5, 0), (7, 0), (4, 1)],
            layout: 0,
            broken: None,
            next: 8,
        }
    }

    pub fn apply(&mut self, edit: &Edit) {
        let (files, steps) = (self.files.len(), self.steps.len());
        match *edit {
            Edit::Cell(file, row, column, cell) => {
                let data = &mut self.files[file % files];
                let rows = data.rows.len();
                if rows > 0 {
                    let row = &mut data.rows[row % rows];
                    let columns = row.len();
                    row[column % columns] = CELLS[cell].to_owned();
                }
            }
            Edit::AddRow(file, at) => {
                let data = &mut self.files[file % files];
                let row = (0..data.columns.len()).map(|it| CELLS[(at + it * 5) % CELLS.len()].to_owned()).collect();
                data.rows.insert(at % (data.rows.len() + 1), row);
            }
            Edit::RemoveRow(file, at) => {
                let data = &mut self.files[file % files];
                if !data.rows.is_empty() {
                    data.rows.remove(at % data.rows.len());
                }
            }
            Edit::SwapRows(file, at) => {
                let data = &mut self.files[file % files];
                if !data.rows.is_empty() {
                    let at = at % data.rows.len();
                    data.rows.swap(0, at);
                }
            }
            Edit::RenameColumn(file, name) => {
                let data = &mut self.files[file % files];
                let name = COLUMNS[name % COLUMNS.len()].to_owned();
                if !data.columns.contains(&name) {
                    *data.columns.last_mut().expect("a column") = name;
                }
            }
            Edit::AddColumn(file) => {
                let data = &mut self.files[file % files];
                if let Some(name) = COLUMNS.iter().find(|it| !data.columns.iter().any(|other| other == *it)) {
                    data.columns.push((*name).to_owned());
                    data.rows.iter_mut().for_each(|it| it.push("new".to_owned()));
                }
            }
            Edit::AddFile => self.files.push(self.files[files - 1].clone()),
            Edit::RemoveFile(at) if files > 3 => {
                self.files.remove(2 + at % (files - 2));
            }
            Edit::Priority(source, priority) => self.priorities[source % 3] = priority,
            Edit::AddStep(kind, a, b) => {
                let known = FIRST_STEP + steps;
                let id = |it: usize| {
                    if it % known < FIRST_STEP { it % known } else { self.steps[it % known - FIRST_STEP].id }
                };
                let (id, inputs) = (self.next, [id(a), id(b)]);
                self.steps.push(Step { id, kind: kind % KINDS, inputs, variant: a + b, renamed: false });
                self.exports.push((id, 0));
                self.next += 1;
            }
            Edit::RemoveStep(at) if steps > 0 => {
                self.steps.remove(at % steps);
            }
            Edit::RenameStep(at) if steps > 0 => self.steps[at % steps].renamed ^= true,
            Edit::ChangeStep(at, variant) if steps > 0 => self.steps[at % steps].variant = variant,
            Edit::ReadAnother(at, input) if steps > 0 => {
                let input = input % (FIRST_STEP + steps);
                let id = if input < FIRST_STEP { input } else { self.steps[input - FIRST_STEP].id };
                self.steps[at % steps].inputs[at % 2] = id;
            }
            Edit::Synonym(field, column) => self.synonyms.push((field % 3, column % COLUMNS.len())),
            Edit::AddCheck(at, check) if steps > 0 => {
                self.checks.push((self.steps[at % steps].id, check % CHECKS.len(), at % 2 == 0));
            }
            Edit::RemoveCheck(at) if !self.checks.is_empty() => {
                self.checks.remove(at % self.checks.len());
            }
            Edit::Soften(at) if !self.checks.is_empty() => {
                let at = at % self.checks.len();
                self.checks[at].2 ^= true;
            }
            Edit::Export(at, format) if steps > 0 => self.exports.push((self.steps[at % steps].id, format % 3)),
            Edit::Layout(layout) => self.layout = layout,
            Edit::Break(how) => self.broken = Some(how % BROKEN.len()),
            Edit::Mend => {
                self.broken = None;
                // What nothing makes any more is read no more.
                let ids: Vec<usize> = self.steps.iter().map(|it| it.id).chain(0..FIRST_STEP).collect();
                for at in 0..self.steps.len() {
                    let id = self.steps[at].id;
                    let fine = |it: usize| ids.contains(&it) && it < id;
                    self.steps[at].inputs = self.steps[at].inputs.map(|it| if fine(it) { it } else { at % FIRST_STEP });
                }
                self.checks.retain(|it| ids.contains(&it.0));
                self.exports.retain(|it| ids.contains(&it.0));
            }
            _ => (),
        }
    }

    fn name(&self, id: usize) -> String {
        if id < FIRST_STEP {
            return format!("s{id}");
        }
        let renamed = self.steps.iter().any(|it| it.id == id && it.renamed);
        format!("t{id}{}", if renamed { "_new" } else { "" })
    }

    fn step(&self, step: &Step) -> String {
        let (v, from) = (step.variant, self.name(step.inputs[0]));
        let with = self.name(step.inputs[1]);
        let one = format!("from = '{from}'");
        let both = format!("from = ['{from}', '{with}']");
        let rest = match step.kind {
            0 => format!("kind = 'map'\n{one}"),
            1 => format!("kind = 'derive'\n{one}\ncolumns = {{ n = \"{}\" }}", EXPRESSIONS[v % EXPRESSIONS.len()]),
            2 => format!("kind = 'derive'\n{one}\ncolumns = {{ a = \"{}\" }}", EXPRESSIONS[v % 2]),
            3 => format!("kind = 'filter'\n{one}\nwhere = \"{}\"", CONDITIONS[v % CONDITIONS.len()]),
            4 => format!("kind = 'sort'\n{one}\nby = {}", ["['-a']", "['b', 'a']", "['k']"][v % 3]),
            5 => format!("kind = 'union'\n{both}"),
            6 => {
                let rule = [
                    "",
                    "completeness = ['a', 'b']",
                    "recency = 'b'",
                    "together = [['a', 'b']]",
                    "fields = { a = { take = 'all' } }",
                ][v % 5];
                format!("kind = 'merge'\n{both}\nkey = 'k'\n{rule}")
            }
            7 => {
                let on = ["['k']", "['k', 'a']", "[['k', 'b']]", "['k = a']"][v % 4];
                let keep = ["all", "matched"][v % 2];
                format!("kind = 'join'\n{one}\nwith = '{with}'\non = {on}\nkeep = '{keep}'")
            }
            8 => format!(
                "kind = 'explode'\n{one}\ncolumns = {}\nseparator = '{}'",
                ["['a']", "['a', 'b']"][v % 2],
                ["x", "a"][v / 2 % 2]
            ),
            9 => {
                let keep = ["all", "filled"][v % 2];
                format!("kind = 'unpivot'\n{one}\nkeep = '{keep}'\ncolumns = {{ a = ['a', 'b'], n = ['k'] }}")
            }
            10 => {
                let a = ["max(a)", "first(a order by b desc)", "list(distinct a)", "most_common(a)"][v % 4];
                let groups =
                    [("by = 'k'", "b = 'last(b)', "), ("by = ['k', 'b']", ""), ("", "k = 'min(k)', b = 'last(b)', ")];
                let (by, own) = groups[v / 2 % 3];
                format!("kind = 'aggregate'\n{one}\n{by}\ncolumns = {{ {own}a = \"{a}\", n = 'count(*)' }}")
            }
            11 => {
                let n = ["lag(a)", "count(b)", "row_number()", "last(a) over (order by b, k)"][v % 4];
                let order = ["order = '-b'", ""][v / 2 % 2];
                format!("kind = 'window'\n{one}\nby = 'k'\n{order}\ncolumns = {{ n = \"{n}\" }}")
            }
            12 => {
                let by = ["", "by = 'k'", "by = ['a']\norder = '-b'", "by = 'k'\nnormal = { k = 'lower(a)' }"][v % 4];
                format!("kind = 'dedupe'\n{one}\n{by}")
            }
            13 => {
                let default = ["", "default = { a = 'none' }"][v % 2];
                format!("kind = 'lookup'\n{one}\nwith = '{with}'\non = 'k'\ncolumns = {{ a = 'b' }}\n{default}")
            }
            14 => {
                let by = ["by = 'k'", "share = 0.5"][v % 2];
                format!("kind = 'sample'\n{one}\n{by}")
            }
            _ => format!("kind = 'sql'\nquery = \"{}\"", QUERIES[v % QUERIES.len()].replace("{}", &from)),
        };
        format!("[step.{}]\n{rest}\n", self.name(step.id))
    }

    /// All files of the workspace, by path.
    pub fn files(&self) -> BTreeMap<String, String> {
        let mut acc = BTreeMap::new();
        let mut text = "[pipeline]\nname = 'p'\nprofile = 'local'\n".to_owned();
        for (index, path) in ["data/0.csv", "data/1.csv", "data/more-*.csv"].iter().enumerate() {
            let priority = self.priorities[index];
            let _ = write!(text, "[source.s{index}]\npath = '{path}'\npriority = {priority}\nselect = 'all'\n");
        }
        let steps: Vec<String> = self.steps.iter().map(|it| self.step(it)).collect();
        match self.layout % 3 {
            0 => text += &steps.join("\n"),
            1 => text += &steps.iter().rev().map(|it| format!("# {}\n{it}", self.layout)).collect::<String>(),
            _ => text += &steps.join("\n\n# ---\n\n"),
        }
        for (id, check, soft) in &self.checks {
            let severity = if *soft { "warn" } else { "error" };
            let _ = write!(text, "[[expect.{}]]\n{}\nseverity = '{severity}'\n", self.name(*id), CHECKS[*check]);
        }
        for (at, (id, format)) in self.exports.iter().enumerate() {
            let ending = ["csv", "xlsx", "parquet"][*format];
            let _ = write!(text, "[export.e{at}]\nfrom = '{}'\npath = 'dist/e{at}.{ending}'\n", self.name(*id));
            text += if at % 3 == 1 { "about = 'provenance'\n" } else { "" };
        }
        text += self.broken.map_or("", |it| BROKEN[it]);
        acc.insert("hotpass.toml".to_owned(), text);
        let mut profile = String::new();
        for (field, name) in ["k", "a", "b"].iter().enumerate() {
            let words = self.synonyms.iter().filter(|it| it.0 == field).map(|it| format!("'{}'", COLUMNS[it.1]));
            let _ = write!(profile, "[field.{name}]\nsynonyms = [{}]\n", words.collect::<Vec<_>>().join(", "));
        }
        acc.insert("profiles/local.toml".to_owned(), profile);
        for (index, data) in self.files.iter().enumerate() {
            let path = if index < 2 { format!("data/{index}.csv") } else { format!("data/more-{index}.csv") };
            let lines = std::iter::once(&data.columns).chain(&data.rows).map(|it| it.join(",") + "\n");
            acc.insert(path, lines.collect());
        }
        acc
    }

    fn write(&self, case: &Case) {
        let files = self.files();
        for path in case.inputs().keys().filter(|it| !files.contains_key(*it)) {
            case.remove(path);
        }
        files.iter().for_each(|(path, text)| case.write(path, text));
    }
}

/// What a build said and left, as far as it must not depend on what was there before.
#[derive(Debug, PartialEq)]
struct Said {
    status: Status,
    problems: String,
    verdicts: String,
    failures: Vec<String>,
    tables: BTreeMap<String, String>,
}

fn said(case: &Case, cells: u64) -> (Said, Report) {
    let report = case.build_as(|_, order| {
        order.keep_going = true;
        order.cells = cells;
    });
    let said = Said {
        status: report.status,
        problems: report.problems.clone(),
        verdicts: report.summary.as_ref().map(|_| report.verdicts()).unwrap_or_default(),
        failures: report.summary.iter().flat_map(|it| it.failures.clone()).collect(),
        tables: if report.summary.is_some() { case.tables(true) } else { BTreeMap::new() },
    };
    (said, report)
}

/// What `plan` says of each step, by name: whether it runs, whether that depends on its inputs, which columns. And of
/// each artefact, by path: whether it is written, where that does not depend on steps or checks that come first.
fn planned(case: &Case) -> (BTreeMap<String, Expected>, BTreeMap<String, bool>) {
    let session = case.open();
    let plan = session.plan();
    let expected = expected(&session, &plan, &plan.tables.map(|_| true));
    let states = run::settle(&plan, &session.journal);
    let standing = run::standing(&plan, &states, &session.journal, &session.root, &session.paths);
    let sure = plan.exports.iter().zip(standing);
    let sure = sure.filter(|(it, _)| matches!(states[it.table], State::Materialized(_)));
    let sure = sure.filter(|(_, stands)| *stands != Standing::Perhaps);
    let files = sure.map(|(it, stands)| (it.declared.path.clone(), stands == Standing::Written)).collect();
    (expected.into_iter().map(|it| (plan.tables[it.table].name.to_string(), it)).collect(), files)
}

/// Whether a build does what was planned: nothing runs that was to be reused, all runs that was sure to, and no column
/// is made that was not named. An artefact is written that was to be written, and no other.
fn agrees(
    (planned, files): &(BTreeMap<String, Expected>, BTreeMap<String, bool>),
    report: &Report,
) -> Result<(), String> {
    for line in report.summary.iter().filter(|it| it.status == Status::Ok).flat_map(|it| &it.artefacts) {
        if files.get(&line.path).is_some_and(|it| *it != line.written) {
            return Err(format!("{files:?} and then {line:?}"));
        }
    }
    for line in report.summary.iter().flat_map(|it| &it.steps) {
        let name = format!("{}.{}", line.pipeline, line.step);
        let planned = planned.get(&name).ok_or_else(|| format!("`{name}` was not planned"))?;
        let sure = planned.runs && !planned.depends;
        let named = |column: &String| planned.depends || planned.columns.contains(column);
        let right = match line.outcome {
            StepStatus::Ran => planned.runs && line.columns.iter().all(named),
            StepStatus::Reused => !sure,
            StepStatus::Failed | StepStatus::Skipped => planned.runs,
        };
        if !right {
            return Err(format!("{planned:?} and then {line:?}"));
        }
    }
    Ok(())
}

fn check(edits: &[Edit]) -> Result<(), TestCaseError> {
    let mut model = Model::new();
    let case = Case::new::<&str>(&[]);
    let mut before = BTreeMap::new();
    for edit in std::iter::once(&Edit::Nothing).chain(edits) {
        model.apply(edit);
        model.write(&case);
        let fresh = case.fresh();
        // What deliveries are compared with is committed, and so an input.
        if let Ok(lock) = fs::read(case.path("hotpass.lock")) {
            fresh.write("hotpass.lock", lock);
        }
        let planned = planned(&case);
        let (found, report) = said(&case, hotpass::run::CELLS);
        agrees(&planned, &report).map_err(|it| TestCaseError::fail(format!("after {edit:?}: {it}")))?;
        // From scratch, and a column at a time.
        let (expected, _) = said(&fresh, 1);
        prop_assert_eq!(&found, &expected, "after {:?}", edit);
        let artefacts = case.artefacts();
        if report.status == Status::Ok {
            // What no export writes any more stays, and nobody speaks of it.
            for (path, bytes) in fresh.artefacts() {
                prop_assert!(artefacts.get(&path) == Some(&bytes), "`{}` differs after {:?}", path, edit);
            }
        } else {
            prop_assert!(artefacts == before || report.summary.is_some(), "artefacts changed after {:?}", edit);
        }
        before = artefacts;
        let (again, idle) = said(&case, hotpass::run::CELLS);
        prop_assert_eq!(&again, &found, "built again after {:?}", edit);
        if report.status == Status::Ok {
            prop_assert_eq!(idle.ran(), "nothing", "built again after {:?}", edit);
        }
    }
    Ok(())
}

#[test]
fn what_a_delivery_is_compared_with_is_an_input() {
    check(&[Edit::ChangeStep(4, 0), Edit::RenameColumn(0, 3)]).expect("as from scratch");
}

fn cases() -> u32 {
    std::env::var("HOTPASS_CASES").ok().and_then(|it| it.parse().ok()).unwrap_or(24)
}

proptest! {
    #![proptest_config(Config { cases: cases(), max_shrink_iters: 60, failure_persistence: None, ..Config::default() })]

    #[test]
    fn incremental_equals_from_scratch(edits in prop::collection::vec(edit(), 1..8)) {
        check(&edits)?;
    }
}
