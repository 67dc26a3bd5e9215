//! A delivery that is not like the one before it: what is told, until somebody takes it, and what `adopt` writes.

use hotpass::lock::Lock;
use hotpass::run::LockMode;
use hotpass::summary::Status;

use crate::case::Case;

const PIPELINE: &str = r#"
[pipeline]
name = "crm"

[field.company]
synonyms = ["Company"]
[field.email]
value = "email"
class = "personal"
[field.remark]

[source.people]
path = "data/people.csv"
header = 1
delimiter = ","

[step.mapped]
kind = "map"
from = "people"
keep = ["Code"]
columns.remark = ["Notes", "Open"]   # the first that is there

[export.out]
from = "mapped"
path = "dist/out.csv"
"#;

/// Twenty rows below this header; the e-mail of some is something else.
fn rows(header: &str, reach: impl Fn(usize) -> String) -> String {
    let rows = (0..20).map(|it| format!("Aero {it} School,{},Note {it},Open {it},C{it}\n", reach(it)));
    format!("{header}\n{}", rows.collect::<String>())
}

fn email(it: usize) -> String {
    format!("a{it}@x.example")
}

const HEADER: &str = "Company,E-mail,Notes,Open,Code";

fn built(pipeline: &str) -> Case {
    let case = Case::new(&[("hotpass.toml", pipeline), ("data/people.csv", &rows(HEADER, email))]);
    let first = case.build().ok();
    assert_eq!(first.problems, "", "there is nothing to compare the first delivery with");
    case
}

fn declared(level: &str) -> String {
    PIPELINE.replace("people.csv\"\n", &format!("people.csv\"\ndrift = {level}\n"))
}

/// Stdout, stderr and the code of a command.
fn hotpass(case: &Case, words: &[&str]) -> (String, String, Option<i32>) {
    let ran = case.run(words);
    (ran.out, ran.err, ran.code)
}

#[test]
fn a_lock_says_what_columns_look_like_and_no_value() {
    let case = built(PIPELINE);
    let text = case.text("hotpass.lock");
    let line = text.lines().find(|it| it.contains("\"E-mail\"")).expect("the column");
    let like = line.split(", like = ").nth(1).expect("what it looks like");
    assert_eq!(like, "{ rows = 20, valued = 20, distinct = 20, shapes = { email = 20 } } },");
    assert!(!text.contains("a1@x.example") && !text.contains("Aero"), "{text}");
}

#[test]
fn the_same_delivery_again_and_other_values_of_the_same_look_are_no_drift() {
    let case = built(PIPELINE);
    let before = case.text("hotpass.lock");
    assert_eq!(case.build().ok().problems, "");
    assert_eq!(case.text("hotpass.lock"), before);
    case.write("data/people.csv", rows(HEADER, |it| format!("b{it}@y.example")));
    assert_eq!(case.build().ok().problems, "");
}

#[test]
fn each_kind_of_change_is_told_with_what_to_do() {
    let case = built(PIPELINE);
    let text =
        rows("Company,Reach us at,Notes,Remarks,Code,Fax", email).replace('\n', ",1\n").replacen(",1\n", "\n", 1);
    case.write("data/people.csv", text);
    insta::assert_snapshot!(case.problems(), @r#"
    hotpass::step::unknown-column: `people` has no column `Open`
      hotpass.toml:21:28 `"Open"` named here
      help: it has `Company`, `Reach us at`, `Notes`, `Remarks`, `Code`, `Fax`
    hotpass::drift::renamed: column `E-mail` of `crm.people` seems to be called `Reach us at` now (certainty 0.79: similar values, same position)
      hotpass.toml:12:9 `people` this source
      help: write `columns.email = "Reach us at"` in `[step.mapped]`: `hotpass adopt crm.people` shows this change, and `--write` makes it
    hotpass::drift::renamed: column `Open` of `crm.people` seems to be called `Remarks` now (certainty 0.62: similar values, same position)
      hotpass.toml:12:9 `people` this source
      help: write `columns.remark = "Remarks"` in `[step.mapped]`: `hotpass adopt crm.people` shows this change, and `--write` makes it
    hotpass::drift::added: `crm.people` has a new column `Fax`, with a value in 100 % of the rows
      hotpass.toml:12:9 `people` this source
      help: if this change is right, accept the delivery: `hotpass adopt crm.people --write`
    "#);
}

#[test]
fn a_column_that_is_gone_is_told() {
    let case = built(PIPELINE);
    let delivery = rows(HEADER, email);
    let cut = delivery.lines().filter_map(|it| Some(format!("{}\n", it.rsplit_once(',')?.0)));
    case.write("data/people.csv", cut.collect::<String>());
    let told = case.problems();
    assert!(told.contains("hotpass::drift::lost: `crm.people` has lost its column `Code`\n"), "{told}");
    assert!(!told.contains("hotpass::drift::added"), "{told}");
}

#[test]
fn rows_are_told_when_the_source_was_read() {
    let case = built(PIPELINE);
    let few: String = rows(HEADER, email).lines().take(4).map(|it| format!("{it}\n")).collect();
    case.write("data/people.csv", few);
    assert_eq!(case.problems(), "");
    let report = case.build().ok();
    assert!(
        report.problems.starts_with("hotpass::drift::rows: `crm.people` has 3 rows, and 20 came before\n"),
        "{}",
        report.problems
    );
    let (_, stderr, _) = hotpass(&case, &["build"]);
    assert!(stderr.contains("this source"), "it has a place: {stderr}");
    let (_, stderr, code) = hotpass(&case, &["adopt", "people", "--write"]);
    assert_eq!((stderr.as_str(), code), ("`crm.people` is accepted\n", Some(0)));
    assert_eq!(case.build().ok().problems, "");
}

#[test]
fn a_warning_stays_until_somebody_takes_the_delivery() {
    let case = built(PIPELINE);
    case.write("data/people.csv", rows("Company,Reach us at,Notes,Open,Code", email));
    let first = case.build().ok();
    assert!(first.problems.contains("hotpass::drift::renamed: "), "{}", first.problems);
    // Nothing else happens to the next delivery, and the one before it is not forgotten.
    case.write("data/people.csv", rows("Company,Reach us at,Notes,Open,Code", |it| format!("c{it}@z.example")));
    assert_eq!(case.build().ok().problems, first.problems);
    let (stdout, _, code) = hotpass(&case, &["build", "--fail-on", "warn"]);
    assert_eq!((code, stdout.as_str()), (Some(4), ""));
    let locked = case.build_as(|_, order| order.lock = LockMode::Keep);
    assert_eq!(locked.summary().differences, [""; 0], "what is told is part of what is locked");
    // As it was: nothing is left to tell, and the lock is the first one again.
    case.write("data/people.csv", rows(HEADER, email));
    assert_eq!(case.build().ok().problems, "");
    assert!(!case.text("hotpass.lock").contains("expected]"));
}

#[test]
fn a_new_name_is_written_where_the_old_one_stands() {
    let case = built(PIPELINE);
    case.write("data/people.csv", rows("Company,Reach us at,Notices,Open,Kode", email));
    // What the steps say of old names is an error; that it is mended is not hindered by it.
    assert_eq!(case.build().status, Status::Refused);
    let (difference, _, code) = hotpass(&case, &["adopt", "people"]);
    assert_eq!((case.text("hotpass.toml").as_str(), code), (PIPELINE, Some(0)), "shown only");
    insta::assert_snapshot!(difference, @r#"
    --- hotpass.toml
    +++ hotpass.toml
    @@ -17,8 +17,9 @@
     [step.mapped]
     kind = "map"
     from = "people"
    -keep = ["Code"]
    -columns.remark = ["Notes", "Open"]   # the first that is there
    +columns.remark = ["Notices", "Open"]   # the first that is there
    +columns.email = "Reach us at"
    +columns.Code = "Kode"
     
     [export.out]
     from = "mapped"
    "#);
    let (written, _, code) = hotpass(&case, &["adopt", "people", "--write"]);
    assert_eq!((written, code), (difference, Some(0)));
    assert_eq!(case.build().ok().problems, "");
    assert_eq!(case.text("dist/out.csv").lines().next(), Some("company,email,remark,Code"));
    assert!(!case.text("hotpass.lock").contains("expected]"), "the next delivery is compared with this one");
}

#[test]
fn a_new_name_that_a_step_takes_already_is_no_column_without_a_use() {
    let case = built(PIPELINE);
    case.write("data/people.csv", rows("Company,E-MAIL,Notes,Open,Code", email));
    let problems = case.problems();
    let help = "`email` of `[step.mapped]` takes the column by its new name too; if this change is right, accept";
    assert!(problems.contains("seems to be called `E-MAIL` now") && problems.contains(help), "{problems}");
}

#[test]
fn a_new_name_that_another_kind_of_step_must_say_is_told_with_its_key() {
    let reading = "
[step.open]
kind = \"filter\"
from = \"people\"
where = '\"E-mail\" is not null'

[step.reached]
kind = \"unpivot\"
from = \"open\"
columns.way = [\"Code\", \"E-mail\"]

[step.after]
kind = \"derive\"
from = \"mapped\"
columns.note = \"email || 'E-mail'\"

[export.reached]
from = \"reached\"
path = \"dist/reached.csv\"

[export.after]
from = \"after\"
path = \"dist/after.csv\"
";
    let case = built(&format!("{PIPELINE}{reading}"));
    case.write("data/people.csv", rows("Company,Reach us at,Notes,Open,Code", email));
    let (_, told, code) = hotpass(&case, &["adopt", "people"]);
    assert_eq!(code, Some(0));
    let told: Vec<&str> = told.lines().filter(|it| it.contains("only you")).collect();
    let expected = [
        "`where` of `[step.open]` says `E-mail`, which only you can change: say `Reach us at`",
        "`columns` of `[step.reached]` says `E-mail`, which only you can change: say `Reach us at`",
    ];
    assert_eq!(told, expected, "what a `map` step makes has names of its own");
}

#[test]
fn what_fails_is_refused_before_anything_is_published() {
    let check = |level: &str, delivery: &str, expected: &str| {
        let case = built(&declared(level));
        let (published, lock) = (case.artefacts(), case.text("hotpass.lock"));
        case.write("data/people.csv", delivery);
        let report = case.build();
        assert_eq!(report.status, Status::Refused, "{level}");
        assert!(report.problems.contains(expected), "{}", report.problems);
        assert_eq!((case.artefacts(), case.text("hotpass.lock")), (published, lock));
        let (_, _, code) = hotpass(&case, &["adopt", "people", "--write"]);
        assert_eq!(code, Some(0));
        assert_eq!(case.build().ok().problems, "");
    };
    let few: String = rows(HEADER, email).lines().take(4).map(|it| format!("{it}\n")).collect();
    check("\"fail\"", &few, "hotpass::drift::rows: ");
    check("{ rows = \"fail\", level = \"ignore\" }", &few, "hotpass::drift::rows: ");
    check("\"fail\"", &rows(HEADER, |it| format!("021 555 01{it:02}")), "hotpass::drift::retyped: ");
    check("{ emptied = \"fail\" }", &rows(HEADER, |_| String::new()), "hotpass::drift::emptied: ");
    check("\"fail\"", &rows("Company,E-mail address,Notes,Open,Code", email), "hotpass::drift::renamed: ");
}

#[test]
fn what_is_ignored_is_never_told() {
    let case = built(&declared("\"ignore\""));
    case.write("data/people.csv", rows("Company,Reach us at,Notes,Open,Code", email).replace("Open 1\n", "\n"));
    assert_eq!(case.build().ok().problems, "");
    assert!(!case.text("hotpass.lock").contains("expected]"));
}

#[test]
fn what_somebody_edits_is_no_drift() {
    let case = built(PIPELINE);
    case.write("data/other.csv", rows("Company,Reach us at,Notes,Open,Code", email));
    case.replace("hotpass.toml", "data/people.csv", "data/other.csv");
    assert_eq!(case.build().ok().problems, "");
}

#[test]
fn a_lock_that_cannot_be_read_compares_nothing() {
    let case = built(PIPELINE);
    case.write("hotpass.lock", "<<<<<<< ours\n");
    case.write("data/people.csv", rows("Company,Reach us at,Notes,Open,Code", email));
    assert_eq!(case.build().ok().problems, "");
    assert!(Lock::read(&case.asked.root, None).is_ok_and(|it| it.is_some()));
}

#[test]
fn a_type_of_a_column_is_compared_where_the_file_says_it() {
    let pipeline =
        "[pipeline]\nname = 'p'\n[source.rows]\npath = 'rows.ndjson'\n[export.o]\nfrom = 'rows'\npath = 'dist/o.csv'\n";
    let case = Case::new(&[("hotpass.toml", pipeline), ("rows.ndjson", "{\"n\": 1}\n{\"n\": 2}\n")]);
    case.build().ok();
    case.write("rows.ndjson", "{\"n\": \"one\"}\n{\"n\": \"two\"}\n");
    let told = case.problems();
    assert!(
        told.starts_with("hotpass::drift::retyped: column `n` of `p.rows` held `integer` and holds `text` now\n"),
        "{told}"
    );
}

#[test]
fn a_plan_tells_what_differs() {
    let case = built(PIPELINE);
    case.write("data/people.csv", rows("Company,Reach us at,Notes,Open,Code", email));
    let (stdout, _, code) = hotpass(&case, &["plan"]);
    let told = "drift  column `E-mail` of `crm.people` seems to be called `Reach us at` now (certainty 0.79: ";
    assert!(stdout.contains(told) && code == Some(0), "{stdout}");
    let (stdout, _, _) = hotpass(&case, &["plan", "--format", "json"]);
    assert!(
        stdout.lines().any(|it| it.contains("\"event\":\"problem\"") && it.contains("hotpass::drift::renamed")),
        "{stdout}"
    );
}

#[test]
fn many_more_losses_are_told_until_they_are_fewer_or_expected() {
    let pipeline = "[pipeline]\nname = 'p'\n[source.rows]\npath = 'data/rows.csv'\ndrift = 'ignore'\n\
        [step.clean]\nkind = 'normalise'\nfrom = 'rows'\ncolumns = { day = 'date' }\n[normal]\ndate_order = 'day_first'\n\
        [export.clean]\nfrom = 'clean'\npath = 'dist/clean.csv'\n";
    let rows = |bad: usize| {
        let row = |it: usize| if it < bad { "x,soon\n" } else { "x,2025-01-31\n" };
        (0..200).fold("a,day\n".to_owned(), |acc, it| acc + row(it))
    };
    let case = Case::new(&[("hotpass.toml", pipeline.to_owned()), ("data/rows.csv", rows(2))]);
    let tells = |case: &Case| case.build().problems.contains("hotpass::drift::losses");
    assert!(!tells(&case));
    case.write("data/rows.csv", rows(6));
    assert!(!tells(&case), "four more are few");
    case.write("data/rows.csv", rows(9));
    assert!(!tells(&case), "three more than the build before");
    case.write("data/rows.csv", rows(20));
    let told = case.build();
    assert!(told.problems.contains("20 values of `clean.day` could not be read, and 9 before"), "{}", told.problems);
    assert!(
        case.text("hotpass.lock").contains("[pipeline.p.lost_before.clean]\nday = 9\n"),
        "{}",
        case.text("hotpass.lock")
    );
    assert!(tells(&case), "it does not end with the build that told it");
    let lock = case.text("hotpass.lock");
    case.remove(".hotpass");
    assert!(tells(&case) && case.text("hotpass.lock") == lock);
    let expected = "[[expect.clean]]\ncolumn = 'day'\nlost = { at_most = 0.2 }\n";
    case.write("hotpass.toml", format!("{pipeline}{expected}"));
    assert!(!tells(&case) && !case.text("hotpass.lock").contains("lost_before"));
    case.write("hotpass.toml", pipeline);
    case.write("data/rows.csv", rows(60));
    assert!(tells(&case));
    case.write("data/rows.csv", rows(3));
    assert!(!tells(&case) && !case.text("hotpass.lock").contains("lost_before"));
}
