//! A bad row is planted: nothing of it is published, every report shows it, and where it is set aside the others are
//! published and it comes back corrected.

use crate::case::Case;
use crate::program::{Ran, command};

const PIPELINE: &str = r#"
[pipeline]
name = "p"

[source.people]
path = "data/people.csv"

[step.clean]
kind = "normalise"
from = "people"
columns.email = "email"

[step.aged]
kind = "derive"
from = "clean"
columns.age = "cast(age as integer)"

[[expect.aged]]
id = "an address for everybody"
column = "email"
not_null = true
#on_fail = "reject"

[export.people]
from = "aged"
path = "dist/people.csv"

[export.origins]
from = "aged"
about = "provenance"
path = "dist/origins.csv"

[export.docs]
about = "docs"
"#;

const TO_FIX: &str = r#"
[export.to_fix]
from = "aged"
rejected = true
path = "dist/to-fix.csv"

[source.fixed]
corrects = "aged"
path = "fixes/*.csv"
"#;

const PEOPLE: &str = "name,email,age\nAda,ada@one.example,36\nGrace,grace@two.example,45\n";
const PLANTED: &str = "name,email,age\nAda,ada@one.example,36\nBo,bo at three,20\nBo,bo at three,21\nBo,bo,20\n";

fn case(rejects: bool) -> Case {
    let pipeline = if rejects { PIPELINE.replace('#', "") + TO_FIX } else { PIPELINE.to_owned() };
    Case::new(&[("hotpass.toml", pipeline.as_str()), ("data/people.csv", PEOPLE)])
}

fn run(case: &Case, words: &[&str]) -> Ran {
    command(&case.asked.root, words).into()
}

#[test]
fn a_bad_row_ends_the_build_and_every_report_shows_it() {
    let case = case(false);
    assert_eq!(run(&case, &["build"]).code, Some(0));
    let good = case.artefacts();
    case.write("data/people.csv", PLANTED);
    let ran = run(&case, &["build", "--report-junit", "junit.xml", "--report-sarif", "out.sarif"]);
    assert_eq!(ran.code, Some(2), "{}", ran.all());
    assert_eq!(case.artefacts(), good, "nothing was published");
    for report in ["junit.xml", "out.sarif"] {
        let text = case.text(report);
        assert!(text.contains("`aged.email` should not be null: 3 of 4 rows fail"), "{report}: {text}");
    }
    assert_eq!(run(&case, &["docs", "-o", "site"]).code, Some(0));
    let page = case.text("site/checks.html");
    assert!(page.contains("an address for everybody") && page.contains("data/people.csv"), "{page}");
    assert!(!page.contains("bo at three"), "what may be personal is masked");
    assert_eq!(case.artefacts(), good);
}

#[test]
fn a_row_that_a_check_sets_aside_comes_back_corrected() {
    let case = case(true);
    case.write("data/people.csv", PLANTED);
    case.build().ok();
    assert_eq!(case.text("dist/people.csv"), "name,email,age\nAda,ada@one.example,36\n");
    let to_fix = case.text("dist/to-fix.csv");
    let lines: Vec<&str> = to_fix.lines().collect();
    assert_eq!(lines[0], "name,email,age,reason,_original,_place,_row");
    assert!(lines[1].starts_with("Bo,,20,email should not be null,"), "{to_fix}");
    assert_eq!(lines.len(), 4);

    // Rows with the same values are told apart: the second of them is corrected, the third is dropped.
    let corrected = |line: &str, email: &str, age: &str| {
        line.replace("Bo,,20,email should not be null,", &format!("Bo,{email},{age},,"))
    };
    let dropped = lines[2].replace("email should not be null", "drop");
    case.write("fixes/jo.csv", [lines[0], &corrected(lines[3], "bo@four.example", "22"), &dropped].join("\n"));
    let report = case.build().ok();
    assert_eq!(case.text("dist/people.csv"), "name,email,age\nAda,ada@one.example,36\nBo,bo@four.example,22\n");
    assert_eq!(report.summary().set_aside, [("p.aged".to_owned(), 1)].into());
    assert_eq!(case.text("dist/to-fix.csv"), format!("{}\n{}\n", lines[0], lines[1]));
    let origins = case.text("dist/origins.csv");
    assert!(origins.contains("fixes/jo.csv"), "{origins}");

    // What is not a number leaves the row waiting, and what is still wrong is set aside again as the row that it was.
    case.write("fixes/kim.csv", [lines[0], &corrected(lines[1], "bo@five.example", "twenty")].join("\n"));
    case.write("fixes/lee.csv", [lines[0], &corrected(lines[3], "", "23")].join("\n"));
    case.build().ok();
    assert_eq!(case.text("dist/people.csv"), "name,email,age\nAda,ada@one.example,36\n");
    let waiting = case.text("dist/to-fix.csv");
    let key = |line: &str| line.split(',').nth(4).map(str::to_owned);
    assert_eq!(waiting.lines().skip(1).map(key).collect::<Vec<_>>(), [key(lines[1]), key(lines[3])], "{waiting}");

    // Once the delivery is right, corrections do nothing.
    case.write("data/people.csv", PEOPLE);
    case.build().ok();
    assert_eq!(case.text("dist/people.csv"), PEOPLE);
}

#[test]
fn what_sets_nothing_aside_cannot_be_corrected() {
    let case = case(true);
    case.replace("hotpass.toml", "on_fail = \"reject\"\n", "");
    case.replace("hotpass.toml", "rejected = true\n", "");
    assert!(case.problems().contains("`fixed` corrects `aged`, which sets no rows aside"), "{}", case.problems());
    case.replace("hotpass.toml", "corrects = \"aged\"", "corrects = \"agd\"");
    assert!(case.problems().contains("did you mean `aged`?"), "{}", case.problems());
}
