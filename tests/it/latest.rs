//! A table after something changed above it: it is shown as the latest run computed it, and stderr says what changed.

use crate::case::Case;

const TOML: &str = "[pipeline]\nname = 'crm'\n[source.list]\npath = 'data/*.csv'\nselect = 'all'\n[source.other]\npath = 'other.csv'\n\
    [step.kept]\nkind = 'filter'\nfrom = 'list'\nwhere = \"name <> 'x'\"\n\
    [step.joined]\nkind = 'join'\nfrom = 'kept'\nwith = 'other'\non = 'name'\n\
    [export.kept]\nfrom = 'kept'\npath = 'dist/kept.csv'\n[export.joined]\nfrom = 'joined'\npath = 'dist/joined.csv'\n";

fn case() -> Case {
    let files = [
        ("hotpass.toml", TOML),
        ("data/a.csv", "name,town\nAero,Bern\nx,Basel\n"),
        ("data/b.csv", "name,town\nBlue,Chur\n"),
        ("other.csv", "name,n\nAero,1\n"),
    ];
    let case = Case::new(&files);
    case.run(&["build"]).ok();
    case
}

/// Every way to look at `kept`, with how the rows of the first build begin in its answer.
const WAYS: [(&[&str], &str); 6] = [
    (&["query", "select name from crm.kept order by 1"], "Aero"),
    (&["query", "select name from kept order by 1", "--format", "csv"], "Aero"),
    (&["show", "kept"], "Aero"),
    (&["show", "kept", "--where", "name = 'Aero'", "--format", "csv"], "Aero"),
    (&["show", "kept", "-n", "1", "--format", "json"], "Aero"),
    (&["show", "kept", "--column", "name"], "Aero"),
];

/// What stderr notes of each way; its rows are those of the first build.
fn noted(case: &Case, expected: &[&str]) {
    for (words, rows) in WAYS {
        let ran = case.run(words);
        assert_eq!(ran.code, Some(0), "{words:?}: {}", ran.all());
        assert!(ran.out.contains(rows) && !ran.out.contains("Nova"), "{words:?}: {}", ran.out);
        for it in ["`crm.kept` is as run "].iter().chain(expected) {
            assert!(ran.err.contains(it), "{words:?}: `{it}` is not in {}", ran.err);
        }
        assert!(!ran.out.contains("as run"), "{words:?}: {}", ran.out);
        let quiet = case.run(&[words, &["-q"]].concat());
        assert!(quiet.code == Some(0) && quiet.err.is_empty(), "{words:?}: {}", quiet.err);
    }
    let ran = case.run(&["diff", "kept"]);
    assert_eq!(ran.code, Some(0), "{}", ran.all());
    expected.iter().for_each(|it| assert!(ran.err.contains(it), "{}", ran.all()));
}

#[test]
fn a_changed_source_is_named_and_the_latest_table_is_shown() {
    let case = case();
    for (words, _) in WAYS {
        assert!(!case.run(words).err.contains("as run"), "{words:?}");
    }
    case.write("data/b.csv", "name,town\nNova,Chur\n");
    noted(&case, &["`data/b.csv` has changed"]);
    // What does not read it is as it was; what reads both names the file that changed.
    assert!(!case.run(&["show", "other"]).err.contains("as run"));
    let ran = case.run(&["query", "select * from joined"]);
    assert!(ran.err.contains("`crm.joined` is as run") && !ran.err.contains("other.csv"), "{}", ran.err);
    // A query notes the tables that it names, and no other.
    let ran = case.run(&["query", "select * from other"]);
    assert!(ran.code == Some(0) && !ran.err.contains("as run"), "{}", ran.err);
    case.run(&["build"]).ok();
    let ran = case.run(&["show", "kept"]);
    assert!(ran.out.contains("Nova") && !ran.err.contains("as run"), "{}", ran.all());
}

#[test]
fn new_and_gone_files_and_declarations_are_named() {
    let case = case();
    case.write("data/c.csv", "name,town\nNova,Chur\n");
    noted(&case, &["`data/c.csv` is new"]);
    case.remove("data/b.csv");
    noted(&case, &["`data/b.csv` is gone", "`data/c.csv` is new"]);
    case.remove("data/c.csv");
    case.write("data/b.csv", "name,town\nBlue,Chur\n");
    case.replace("hotpass.toml", "<> 'x'", "<> 'Aero'");
    noted(&case, &["the declaration of `crm.kept` has changed"]);
}

#[test]
fn a_column_that_is_personal_by_now_is_masked() {
    let case = case();
    let toml = case.text("hotpass.toml");
    case.write("hotpass.toml", format!("{toml}[field.town]\nclass = 'personal'\n"));
    case.write("data/b.csv", "name,town\nNova,Chur\n");
    for words in [&["show", "kept"][..], &["query", "select town from kept"]] {
        let ran = case.run(words);
        assert!(ran.code == Some(0) && ran.out.contains("•••") && !ran.out.contains("Bern"), "{}", ran.all());
    }
}

#[test]
fn where_the_pipelines_have_an_error_the_latest_table_is_shown_with_it() {
    let case = case();
    case.replace("hotpass.toml", "other.csv", "missing.csv");
    for words in [&["show", "joined"][..], &["query", "select * from crm.joined"], &["diff", "joined"]] {
        let ran = case.run(words);
        assert_eq!(ran.code, Some(0), "{words:?}: {}", ran.all());
        assert!(ran.err.contains("there is no file `missing.csv`"), "{words:?}: {}", ran.err);
    }
    // What was taken out on purpose is not there.
    case.replace("hotpass.toml", "missing.csv", "other.csv");
    let toml = case.text("hotpass.toml").replace("joined", "pairs");
    case.write("hotpass.toml", toml);
    assert_eq!(case.run(&["show", "joined"]).code, Some(2));
    assert_eq!(case.run(&["query", "select * from joined"]).code, Some(2));
}

#[test]
fn what_needs_the_table_of_now_says_why_it_is_not_there() {
    let case = case();
    case.write("data/b.csv", "name,town\nNova,Chur\n");
    let ran = case.run(&["explain", "kept:#1.name"]);
    assert!(ran.code == Some(2) && ran.err.contains("`data/b.csv` has"), "{}", ran.all());
}
