//! Who is gone or asked to be left alone, in whichever book, is published in none: at a size where organisations are
//! spelt in more ways than the rows of any one book can tell.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use super::{Case, parse, values};

/// Another seed than those by which the pipeline was written.
const SEED: u64 = 3001;

/// Builds the shipped pipeline over the books of a case, without what takes long and shows nothing here.
fn build(case: &Case) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("pipelines/sample");
    let folder = case.folder.path();
    let books: Vec<String> = case.bytes().into_keys().filter(|it| it.ends_with(".xlsx")).collect();
    for place in ["data", "known"] {
        std::fs::create_dir(folder.join(place)).expect("a folder");
    }
    for name in &books {
        std::fs::rename(folder.join(name), folder.join("data").join(name)).expect("a book");
    }
    for entry in std::fs::read_dir(root.join("known")).expect("a folder").flatten() {
        std::fs::copy(entry.path(), folder.join("known").join(entry.file_name())).expect("a file");
    }
    let text = std::fs::read_to_string(root.join("hotpass.toml")).expect("the pipeline");
    let mut pipeline: toml::Table = text.replace("min = 150, max = 400", "min = 1").parse().expect("TOML");
    let exports = pipeline["export"].as_table_mut().expect("exports");
    exports.retain(|name, _| ["contacts_csv", "people"].contains(&name));
    std::fs::write(folder.join("hotpass.toml"), pipeline.to_string()).expect("a pipeline");
    let test = std::env::current_exe().expect("a program");
    // Tests of examples stand one folder below the programs.
    let program = test.ancestors().nth(2).expect("a folder").join(format!("hotpass{}", std::env::consts::EXE_SUFFIX));
    let made =
        Command::new(program).arg("-C").arg(folder).arg("build").output().expect("`cargo build --bins` makes it");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}

#[test]
fn nobody_who_is_gone_or_asked_to_be_left_alone_is_published() {
    let case = Case::new(5_000, SEED, false);
    let (people, organisations) = (case.table("truth-people.csv"), case.table("truth-organisations.csv"));
    build(&case);
    let mut published = BTreeSet::new();
    for file in ["dist/people.csv", "dist/contacts.csv"] {
        let text = std::fs::read_to_string(case.folder.path().join(file)).expect("an artefact");
        let cells = parse(&text, ',').into_iter().flatten();
        published.extend(
            cells.flat_map(|it| it.split(';').map(|it| it.trim_start_matches('\'').to_owned()).collect::<Vec<_>>()),
        );
    }
    // What no book says nobody can know.
    let asked = organisations.iter().filter(|it| it["do_not_contact"] == "true" && !it["standing_in"].is_empty());
    let asked: BTreeSet<&str> = asked.map(|it| it["organisation"].as_str()).collect();
    let silent = |it: &&super::Row| it["gone"] == "true" || asked.contains(it["organisation"].as_str());
    let (quiet, others): (Vec<_>, Vec<_>) = people.into_iter().partition(|it| silent(&it));
    let reached = |rows: &[super::Row], column: &str| -> (usize, usize) {
        (values(rows, column).filter(|it| published.contains(*it)).count(), values(rows, column).count())
    };
    for column in ["email", "phone"] {
        let (leaks, all) = reached(&quiet, column);
        assert!(all > 250, "only {all} have a {column}");
        assert_eq!(leaks, 0, "of {all} people who must not be reached {leaks} are, by {column}");
        // Being careful does not mean publishing nobody.
        let (found, all) = reached(&others, column);
        assert!(found * 100 > all * 60, "{found} of {all} others are reached by {column}");
    }
}
