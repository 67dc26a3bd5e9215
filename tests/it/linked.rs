//! *Incremental equals from scratch*, of linkage: after random edits of records, rules, models and decisions a build in the
//! same folder leaves the bytes that one in a new folder leaves.
//!
//! `HOTPASS_CASES=1000 cargo test --test it linked` looks longer; a case is ten edits.

use std::collections::BTreeMap;

use hotpass::run::{self, State};
use hotpass::summary::Status;
use proptest::prelude::*;

use crate::case::{Case, files_beneath};
use crate::program::{Ran, command};

const COLUMNS: [&str; 5] = ["given", "family", "born", "mail", "town"];
const KINDS: [&str; 5] = ["given name", "surname", "date", "email", "exact"];

/// What somebody changes; numbers are taken modulo what is there.
#[derive(Clone, Debug)]
enum Edit {
    /// A cell gets the value of the same column in another row, or a slip, or nothing.
    Cell(usize, usize, usize),
    /// A row comes, with most of what another one says.
    Add(usize, usize),
    Remove(usize),
    Swap(usize, usize),
    /// A note that nothing compares.
    Note(usize),
    /// The least probability of a match.
    Threshold(usize),
    /// Rules of their own, or none.
    Rules(usize),
    /// One of the columns is compared, or is not.
    Column(usize),
    Decide(usize, usize, usize),
    /// The last decision is taken out.
    Undecide,
    /// What was learnt is kept, or is learnt anew.
    Model(bool),
}

fn edit() -> impl Strategy<Value = Edit> {
    let at = || 0..1000_usize;
    prop_oneof![
        5 => (at(), at(), at()).prop_map(|(a, b, c)| Edit::Cell(a, b, c)),
        3 => (at(), at()).prop_map(|(a, b)| Edit::Add(a, b)),
        2 => at().prop_map(Edit::Remove),
        1 => (at(), at()).prop_map(|(a, b)| Edit::Swap(a, b)),
        1 => at().prop_map(Edit::Note),
        1 => at().prop_map(Edit::Threshold),
        1 => at().prop_map(Edit::Rules),
        1 => at().prop_map(Edit::Column),
        4 => (at(), at(), at()).prop_map(|(a, b, c)| Edit::Decide(a, b, c)),
        1 => Just(Edit::Undecide),
        3 => prop::sample::select(vec![true, true, false]).prop_map(Edit::Model),
    ]
}

/// The workspace as it should be.
struct Model {
    rows: Vec<[String; 7]>,
    next: usize,
    decisions: Vec<String>,
    match_at: &'static str,
    block: &'static str,
    compared: [bool; 5],
    kept: Option<String>,
}

impl Model {
    fn new() -> Model {
        let words = ["balo", "kemi", "nura", "seto", "vizu", "ramo"];
        let row = |at: usize| {
            let of = at / 2;
            let (given, family) = (words[of % 6], format!("{}{}", words[of / 6 % 6], words[(of * 5 + 1) % 6]));
            let slip = if at % 2 == 1 { "a" } else { "" };
            let born = format!("19{:02}-0{}-1{}", 40 + of, 1 + of % 9, of % 9);
            let mail = format!("{given}.{family}@{}.example", words[(of * 7) % 6]);
            [at.to_string(), given.into(), format!("{family}{slip}"), born, mail, words[of % 3].into(), String::new()]
        };
        let (rows, next) = ((0..24).map(row).collect(), 24);
        Model { rows, next, decisions: Vec::new(), match_at: "0.5", block: "", compared: [true; 5], kept: None }
    }

    /// Many rows, and what was learnt of them.
    fn kept(case: &Case) -> Model {
        let mut model = Model::new();
        for copy in 1..4 {
            for mut row in Model::new().rows {
                row[0] = model.next.to_string();
                row[2].push_str(&"oaeu"[copy % 4..]);
                row[3].replace_range(2..4, &format!("{:02}", 20 + (copy * 37 + model.next) % 70));
                row[4].insert(copy % 3, 'm');
                model.next += 1;
                model.rows.push(row);
            }
        }
        model.write(case);
        case.build();
        model.apply(&Edit::Model(true), case);
        assert!(model.kept.is_some());
        model.write(case);
        model
    }

    fn apply(&mut self, edit: &Edit, case: &Case) {
        let count = self.rows.len().max(1);
        match edit {
            Edit::Cell(row, column, how) if !self.rows.is_empty() => {
                let column = 1 + column % 5;
                let other = self.rows[how % count][column].clone();
                let cell = &mut self.rows[row % count][column];
                match how % 3 {
                    0 => *cell = other,
                    1 => cell.insert(how % (cell.len() + 1), 'k'),
                    _ => cell.clear(),
                }
            }
            Edit::Add(row, column) if !self.rows.is_empty() => {
                let mut new = self.rows[row % count].clone();
                new[0] = self.next.to_string();
                new[1 + column % 5].push('b');
                self.next += 1;
                self.rows.insert(column % count, new);
            }
            Edit::Remove(row) if count > 4 => drop(self.rows.remove(row % count)),
            Edit::Swap(one, other) if !self.rows.is_empty() => self.rows.swap(one % count, other % count),
            Edit::Note(row) if !self.rows.is_empty() => self.rows[row % count][6].push('n'),
            Edit::Threshold(to) => self.match_at = ["0.5", "0.2", "0.9", "0.99"][to % 4],
            Edit::Rules(to) => {
                self.block = ["", "block = ['family', 'born']\n", "block = [['given', 'town'], 'mail']\n"][to % 3];
            }
            // At least two others are compared.
            Edit::Column(at) => self.compared[at % 3 + 2] ^= true,
            Edit::Decide(one, other, word) => {
                let [one, other] = [one, other].map(|it| self.rows.get(it % count).map_or("none", |it| it[0].as_str()));
                let word = ["same", "different", "related", "unsure"][word % 4];
                self.decisions.push(format!("{one},{other},{word}"));
            }
            Edit::Undecide => drop(self.decisions.pop()),
            Edit::Model(false) => self.kept = None,
            Edit::Model(true) => {
                // What was learnt of other columns is refused until somebody learns again; so here it goes.
                let ran = std::process::Command::new(env!("CARGO_BIN_EXE_hotpass"))
                    .args(["link", "train", "found", "--write"])
                    .current_dir(&case.asked.root)
                    .output()
                    .expect("it starts");
                let written = std::fs::read_to_string(case.path("models/found.toml"));
                self.kept = written.ok().filter(|_| ran.status.success());
            }
            _ => (),
        }
        if matches!(edit, Edit::Column(_)) {
            self.kept = None;
        }
    }

    fn write(&self, case: &Case) {
        let compare = COLUMNS.iter().zip(KINDS).zip(self.compared).filter(|it| it.1);
        let compare: Vec<String> = compare.map(|((column, kind), _)| format!("{column} = '{kind}'")).collect();
        let keys = format!(
            "from = 'rows'\nkey = 'id'\ndecisions = 'decided'\nmatch = {}\n{}compare = {{ {} }}\n",
            self.match_at,
            self.block,
            compare.join(", ")
        );
        case.write(
            "hotpass.toml",
            format!(
                "[pipeline]\nname = 'p'\n[source.rows]\npath = 'rows.csv'\ndrift = 'ignore'\n[source.decided]\npath = 'decided.csv'\ndrift = 'ignore'\n\
                 [step.found]\nkind = 'resolve'\n{keys}[step.pairs]\nkind = 'link'\n{keys}\
                 [export.found]\nfrom = 'found'\npath = 'dist/found.csv'\ncolumns = ['id', 'cluster', '_cluster_size', \
                 '_cluster_least', '_cluster_notes', '_estimated_precision', '_estimated_recall', '_review_open', \
                 '_decided', 'note']\n[export.pairs]\nfrom = 'pairs'\npath = 'dist/pairs.csv'\n"
            ),
        );
        let rows: Vec<String> = self.rows.iter().map(|it| it.join(",")).collect();
        case.write("rows.csv", format!("id,{},note\n{}\n", COLUMNS.join(","), rows.join("\n")));
        case.write("decided.csv", format!("left,right,decide\n{}\n", self.decisions.join("\n")));
        match &self.kept {
            Some(text) => case.write("models/found.toml", text),
            None => drop(std::fs::remove_file(case.path("models/found.toml"))),
        }
    }
}

fn check(mut model: Model, edits: &[Edit]) -> Result<(), TestCaseError> {
    let case = Case::new::<&str>(&[]);
    model.write(&case);
    case.build();
    for edit in edits {
        model.apply(edit, &case);
        model.write(&case);
        let report = case.build();
        let fresh = case.fresh();
        let expected = fresh.build();
        prop_assert_eq!(&report.problems, &expected.problems, "after {:?}", edit);
        prop_assert_eq!(report.status, expected.status, "after {:?}", edit);
        if report.status == Status::Ok {
            prop_assert!(case.artefacts() == fresh.artefacts(), "the bytes differ after {:?}", edit);
            prop_assert_eq!(case.build().ran(), "nothing", "built again after {:?}", edit);
        }
    }
    Ok(())
}

fn cases() -> u32 {
    std::env::var("HOTPASS_CASES").ok().and_then(|it| it.parse().ok()).unwrap_or(4)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), max_shrink_iters: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn after_any_edit_linkage_is_what_it_is_from_scratch(edits in prop::collection::vec(edit(), 10)) {
        check(Model::new(), &edits)?;
    }
}

/// What steps left for their next run.
fn memos(case: &Case) -> BTreeMap<String, Vec<u8>> {
    files_beneath(&case.path(".hotpass/memos"))
}

#[test]
fn a_changed_row_stands_on_what_was_left_and_damage_costs_time_alone() {
    let case = Case::new::<&str>(&[]);
    let mut model = Model::kept(&case);
    let mut build = |edit: Edit| {
        model.apply(&edit, &case);
        model.write(&case);
        let report = case.build();
        assert_eq!(report.status, Status::Ok, "{}", report.problems);
        let fresh = case.fresh();
        fresh.build();
        assert!(case.artefacts() == fresh.artefacts(), "the bytes differ after {edit:?}");
        (memos(&case), memos(&fresh))
    };
    let (left, whole) = build(Edit::Note(3));
    assert_eq!(left.len(), 1, "of the step whose model is kept");
    assert!(left == whole, "what is left depends on the rows alone");
    for edit in [Edit::Cell(7, 1, 4), Edit::Add(11, 2), Edit::Remove(30), Edit::Decide(4, 5, 1)] {
        let (now, whole) = build(edit);
        // Who does everything again leaves something else.
        assert!(now == left && whole != left);
    }
    for (at, (name, bytes)) in left.iter().enumerate() {
        let mut bytes = bytes.clone();
        let place = bytes.len() / 2;
        bytes[place] ^= 1;
        bytes.truncate(bytes.len() - at);
        case.write(&format!(".hotpass/memos/{name}"), bytes);
    }
    let (now, whole) = build(Edit::Cell(9, 0, 1));
    assert!(now == whole, "what was damaged is made again");
    let gc = Ran::from(command(&case.asked.root, &["gc"]).output().expect("it starts"));
    assert!(gc.code == Some(0) && gc.out.contains("dropped"), "{}", gc.all());
    assert_eq!(memos(&case), BTreeMap::new());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), max_shrink_iters: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn after_any_edit_a_kept_model_gives_what_it_gives_from_scratch(edits in prop::collection::vec(edit(), 10)) {
        let case = Case::new::<&str>(&[]);
        check(Model::kept(&case), &edits)?;
    }
}

#[test]
fn a_long_table_is_resolved_once_for_all_columns() {
    let rows: String = (0..40).map(|it| format!("{it},name {},x{}\n", it % 25, it % 7)).collect();
    let text = "[pipeline]\nname = 'p'\n[source.rows]\npath = 'rows.csv'\n[step.found]\nkind = 'resolve'\nfrom = 'rows'\n\
                compare = { name = 'surname', code = 'exact' }\n[step.marked]\nkind = 'derive'\nfrom = 'found'\n\
                columns = { one = 'name || code', other = 'code || name' }\n";
    let case = Case::new(&[("hotpass.toml", text), ("rows.csv", &format!("id,name,code\n{rows}"))]);
    // As if a statement held no more than a column.
    case.build_as(|_, order| order.cells = 1);
    let session = case.open();
    let plan = session.plan();
    let states = run::settle(&plan, &session.journal);
    let file = |step: &str, column: &str| {
        let table = plan.table(step).expect("the step");
        let State::Materialized(settled) = &states[table] else { panic!("`{step}` is not made") };
        let at = plan.tables[table].schema.names().position(|it| it == column).expect("the column");
        let digest = settled.columns[at];
        session.journal.known(|it| it.places.get(&digest).copied()).expect("it is stored").0
    };
    assert_eq!(file("p.found", "cluster"), file("p.found", "_cluster_least"), "both came out of one run");
    assert_ne!(file("p.marked", "one"), file("p.marked", "other"));
}
