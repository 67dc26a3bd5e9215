//! Gates over several builds: what a number is held against is the last published build, and a shut gate publishes
//! nothing. What a gate may be declared as is in `problems.md`.

use hotpass::run::{self, State, keys};
use hotpass::store::journal::Record;
use hotpass::summary::Status;

use crate::case::Case;
use crate::program::{Ran, command};

const PIPELINE: &str = "[pipeline]\nname = 'p'\n[source.rows]\npath = 'data/rows.csv'\ndrift = 'ignore'\n\
    [[expect.rows]]\ncolumn = 'a'\nbetween = { min = '0' }\nseverity = 'warn'\n\
    [[gate]]\nid = 'size'\nmetric = { table = 'rows', of = 'rows', max_drop = '10%', max_rise = '50%' }\n\
    [[gate]]\nid = 'quality'\nexpectations = 'rows'\nfiles = ['terms.md', 'dist/rows.csv']\n\
    [step.other]\nkind = 'sort'\nfrom = 'rows'\nby = 'a'\n\
    [export.rows]\nfrom = 'rows'\npath = 'dist/rows.csv'\n[export.other]\nfrom = 'other'\npath = 'dist/other.csv'\n";

fn rows(count: usize) -> String {
    (0..count).fold("a\n".to_owned(), |acc, it| format!("{acc}{it}\n"))
}

fn run(case: &Case, words: &[&str]) -> Ran {
    Ran::from(command(&case.asked.root, &[]).args(words).output().expect("it starts"))
}

#[test]
fn a_number_is_held_against_the_last_published_build() {
    let case =
        Case::new(&[("hotpass.toml", PIPELINE.to_owned()), ("data/rows.csv", rows(20)), ("terms.md", "t".to_owned())]);
    let first = case.build();
    assert_eq!(first.status, Status::Ok, "{}", first.problems);
    assert_eq!(first.summary().gates.len(), 2);
    assert!(first.summary().gates[0].asks[0].found.contains("nothing was published before"));
    assert!(case.text("hotpass.lock").contains("[pipeline.p.gates]\nsize = \"20\"\n"));
    assert_eq!(case.build().written(), "nothing", "the next build writes nothing");

    // Two rows less are a tenth, and allowed; what is published then is what the next build is held against.
    case.write("data/rows.csv", rows(18));
    assert_eq!(case.build().status, Status::Ok);
    let before = case.artefacts();
    for (count, found) in
        [(16, "16, 18 before, 11.1 % less"), (0, "0, 18 before, 100 % less"), (28, "28, 18 before, 55.6 % more")]
    {
        case.write("data/rows.csv", rows(count));
        let shut = case.build();
        assert_eq!(shut.status, Status::Refused, "{count}");
        assert!(shut.problems.contains("hotpass::gate::shut: gate `size` is shut"), "{}", shut.problems);
        assert!(shut.problems.contains(found), "{}", shut.problems);
        assert!(case.artefacts() == before, "{count}");
    }
    assert!(case.text("hotpass.lock").contains("size = \"18\""), "what was refused is no baseline");

    let told = run(&case, &["gate", "--format", "json"]);
    assert_eq!(told.code, Some(2), "{}", told.all());
    let events = told.events();
    let held: Vec<_> =
        events.iter().map(|it| (it["gate"].as_str(), it["held"].as_bool(), it["blocks"].as_bool())).collect();
    assert_eq!(held, [(Some("size"), Some(false), Some(true)), (Some("quality"), Some(true), Some(false))]);
    let junit = case.path("junit.xml");
    let built = run(&case, &["build", "--report-junit", junit.to_str().expect("a path")]);
    assert_eq!(built.code, Some(2), "{}", built.all());
    assert!(built.err.contains("this gate"), "a shut gate has its place: {}", built.all());
    let report = case.text("junit.xml");
    assert!(
        report.contains("classname=\"p.gate\" name=\"size\"") && report.contains("type=\"hotpass::gate::shut\""),
        "{report}"
    );

    // A waiver is told, counted, and lets it be published.
    let waiver =
        "max_rise = '50%' }\nwaiver = { reason = 'merged', owner = 'o', until = '2025-06-30', as_of = '2025-06-30' }";
    case.replace("hotpass.toml", "max_rise = '50%' }", waiver);
    let waived = case.build();
    assert_eq!((waived.status, waived.summary().waived()), (Status::Ok, 1), "{}", waived.problems);
    assert!(case.text("hotpass.lock").contains("size = \"28\""));
}

#[test]
fn a_gate_holds_back_what_waits_for_it_and_its_file_is_looked_for() {
    let text = PIPELINE.replace("id = 'quality'", "id = 'quality'\nexports = 'rows'");
    let case = Case::new(&[("hotpass.toml", text), ("data/rows.csv", rows(3))]);
    let plan = run(&case, &["plan"]);
    assert!(
        plan.out.contains("gate   p.quality asks for checks of `rows`, file `terms.md`, file `dist/rows.csv`"),
        "{}",
        plan.all()
    );
    let shut = run(&case, &["build"]);
    assert_eq!(shut.code, Some(2), "{}", shut.all());
    assert!(shut.err.contains("file `terms.md`: it is not there"), "{}", shut.all());
    assert!(!case.path("dist/rows.csv").exists());
    let other = run(&case, &["build", "p.other"]);
    assert_eq!(other.code, Some(0), "{}", other.all());
    assert!(case.path("dist/other.csv").exists() && !case.path("dist/rows.csv").exists());
    case.write("terms.md", "t");
    assert_eq!(run(&case, &["build"]).code, Some(0));
    case.remove("terms.md");
    assert_eq!(run(&case, &["build"]).code, Some(2), "what is gone is missed");
    // Neither a folder nor a file elsewhere is the file, and another name is another file.
    std::fs::create_dir(case.path("terms.md")).expect("a folder");
    assert_eq!(run(&case, &["build"]).code, Some(2));
    std::fs::remove_dir(case.path("terms.md")).expect("removed");
    std::os::unix::fs::symlink("/etc/passwd", case.path("terms.md")).expect("a link");
    assert_eq!(run(&case, &["build"]).code, Some(2));
    case.remove("terms.md");
    case.write("terms.md", "t");
    let plain = case.text("hotpass.toml");
    for path in ["TERMS.md", "dist/Rows.csv"] {
        case.write("hotpass.toml", plain.replace("'terms.md'", &format!("'{path}'")));
        assert_eq!(run(&case, &["build"]).code, Some(2), "{path}");
    }
    case.write("hotpass.toml", plain);
    assert_eq!(run(&case, &["build"]).code, Some(0));
    let told = run(&case, &["explain", "gate:quality", "--format", "json"]);
    assert_eq!(told.code, Some(0), "{}", told.all());
    let event = &told.events()[0];
    assert_eq!(event["tables"], serde_json::json!(["p.rows"]));
    assert_eq!(event["exports"], serde_json::json!(["dist/rows.csv"]));
}

#[test]
fn a_gate_asks_how_new_a_column_is_and_where_values_come_from() {
    let pipeline = "[pipeline]\nname = 'p'\n[source.rows]\npath = 'data/rows.csv'\n\
        [step.clean]\nkind = 'normalise'\nfrom = 'rows'\ncolumns = { day = 'date' }\n[normal]\ndate_order = 'day_first'\n\
        [step.made]\nkind = 'sql'\nquery = 'select *, 1 + 1 as n from clean'\n\
        [[gate]]\nid = 'new'\nfreshness = { table = 'clean', column = 'day', as_of = '2025-06-30', within = 30 }\n\
        [[gate]]\nid = 'traced'\nprovenance = ['clean']\n\
        [export.rows]\nfrom = 'made'\npath = 'dist/rows.csv'\n";
    let case = Case::new(&[("hotpass.toml", pipeline), ("data/rows.csv", "a,day\nx,2025-06-01\ny,\n")]);
    let open = case.build();
    assert_eq!(open.status, Status::Ok, "{}", open.problems);
    let found: Vec<_> = open.summary().gates.iter().map(|it| it.asks[0].found.clone()).collect();
    assert_eq!(found, ["it is as new", "all 3 values are traced"]);
    assert_eq!(case.build().written(), "nothing");
    let before = case.artefacts();
    case.write("data/rows.csv", "a,day\nx,2025-05-01\n");
    let old = case.build();
    assert_eq!(old.status, Status::Refused);
    assert!(
        old.problems.contains(
            "gate `new` is shut: newest `clean.day` within 30 days of 2025-06-30: it is older, or there is no value"
        ),
        "{}",
        old.problems
    );
    assert!(!old.problems.contains("2025-05-01"), "no value is told");
    case.write("data/rows.csv", "a,day\n");
    assert_eq!(case.build().status, Status::Refused, "what has no value is not fresh");
    case.write("data/rows.csv", "a,day\nx,2025-06-01\n");
    case.replace("hotpass.toml", "['clean']\n[export", "['clean', 'made']\n[export");
    let untraced = case.build();
    assert_eq!(untraced.status, Status::Refused);
    assert!(
        untraced.problems.contains("provenance of `made`: 3 of 3 values come from a query and no cell"),
        "{}",
        untraced.problems
    );
    assert!(case.artefacts() == before);
}

#[test]
fn a_gate_makes_artefacts_again_and_remembers_what_came_of_it() {
    let pipeline = "[pipeline]\nname = 'p'\n[source.rows]\npath = 'data/rows.csv'\n\
        [step.upper]\nkind = 'derive'\nfrom = 'rows'\ncolumns = { n = 'upper(a)' }\n\
        [step.kept]\nkind = 'filter'\nfrom = 'upper'\nwhere = 'a is not null'\n\
        [[expect.kept]]\ncolumn = 'n'\nunique = true\nseverity = 'warn'\n\
        [[gate]]\nid = 'same'\nreproducible = true\nexports = ['csv', 'xlsx', 'parquet', 'json', 'docs', 'quality']\n\
        [export.csv]\nfrom = 'kept'\npath = 'dist/rows.csv'\n\
        [export.xlsx]\nfrom = 'kept'\npath = 'dist/rows.xlsx'\nsummary = true\n\
        [export.parquet]\nfrom = 'kept'\npath = 'dist/rows.parquet'\n\
        [export.json]\nfrom = 'kept'\npath = 'dist/rows.json'\n\
        [export.docs]\nabout = 'docs'\n\
        [export.quality]\nabout = 'quality'\nfrom = 'kept'\npath = 'dist/quality.xlsx'\n";
    let case = Case::new(&[("hotpass.toml", pipeline), ("data/rows.csv", "a,b\nx,1\ny,2\nz,2\n")]);
    let told = |words: &[&str]| {
        let told = run(&case, words);
        (told.code, told.events()[0]["asks"][0]["found"].as_str().map(str::to_owned))
    };
    let gate = ["gate", "--format", "json"];
    assert_eq!(told(&gate), (Some(2), Some("no build has made it again yet".to_owned())));
    let first = case.build();
    assert_eq!(first.status, Status::Ok, "{}", first.problems);
    let ask = &first.summary().gates[0].asks[0];
    assert!(ask.held == Some(true) && ask.found.ends_with(" artefacts came out the same"), "{ask:?}");
    // What is known needs no engine.
    assert_eq!(told(&gate).0, Some(0));
    let again = case.build_as(|_, options| options.factory = None);
    assert_eq!((again.status, again.written().as_str()), (Status::Ok, "nothing"), "{}", again.problems);

    // A memory that is wrong: what is remembered of one column is another one's.
    let before = case.artefacts();
    case.write("data/rows.csv", "a,b\nu,1\nv,2\n");
    case.build_as(|plan, options| options.exports = plan.exports.map(|_| false));
    let session = case.open();
    let plan = session.plan();
    let states = run::settle(&plan, &session.journal);
    let table = plan.table("p.upper").expect("the step");
    let (at, other) = (plan.tables[table].schema.columns.iter().position(|it| it.name == "n").expect("made"), 0);
    let key = keys::column_key(&plan, table, at, &states).expect("a key");
    let State::Materialized(settled) = &states[table] else { panic!("it stands") };
    let record = Record::Column { key, digest: settled.columns[other], rows: settled.rows };
    session.journal.append(vec![record]).expect("noted");
    drop(session);
    for _ in 0..2 {
        let shut = case.build();
        assert_eq!(shut.status, Status::Refused, "{}", shut.problems);
        let found = "gate `same` is shut: artefacts recomputed: `p.upper.n` is different when it is recomputed";
        assert!(shut.problems.contains(found), "{}", shut.problems);
        assert!(case.artefacts() == before, "files that stand keep their bytes");
    }
    // The program keeps an engine for its own store, and what is made again stands in another one.
    let program = Case::new(&[("hotpass.toml", pipeline), ("data/rows.csv", "a,b\nx,1\n")]);
    let built = run(&program, &["build"]).ok();
    assert!(built.err.contains("1 of 1 gate open"), "{}", built.all());
    // Making it anew is the remedy.
    let forced = case.build_as(|plan, options| options.force = plan.tables.map(|_| true));
    assert_eq!(forced.status, Status::Ok, "{}", forced.problems);
    assert!(case.text("dist/rows.csv").contains("u,1,U"), "{}", case.text("dist/rows.csv"));
}

#[test]
fn what_a_plan_lacks_is_no_fault_of_its_gates() {
    let pipeline = |query: &str| {
        format!(
            "[pipeline]\nname = 'p'\n[source.rows]\npath = 'data/rows.csv'\n[step.q]\nkind = 'sql'\nquery = '{query}'\n\
             contract = 'c'\n[contract.c]\nversion = '1.0.0'\n[[contract.c.field]]\nname = 'a'\n\
             [step.d]\nkind = 'sort'\nfrom = 'q'\nby = 'a'\n\
             [[expect.d]]\nid = 'named'\ncolumn = 'a'\nnot_null = true\n[export.out]\nfrom = 'd'\npath = 'dist/o.csv'\n\
             [[gate]]\nid = 'one'\ncontract = 'c'\n[[gate]]\nid = 'two'\nexpectations = ['named', 'd']\n\
             [[gate]]\nid = 'three'\nreproducible = true\n"
        )
    };
    let case =
        Case::new(&[("hotpass.toml", pipeline("select a from rows")), ("data/rows.csv", "a,b\nx,1\n".to_owned())]);
    // The thin program does not know what a query gives, and asks the engine.
    let fresh = run(&case, &["check"]);
    assert_eq!(fresh.code, Some(0), "{}", fresh.all());
    case.write("hotpass.toml", pipeline("select nothing from rows"));
    let broken = run(&case, &["check"]);
    assert_eq!(broken.code, Some(2), "{}", broken.all());
    assert!(broken.all().contains("1 error in 1 pipeline"), "{}", broken.all());
}
