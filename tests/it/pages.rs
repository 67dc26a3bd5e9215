//! Data Docs as artefacts: the same bytes twice, no work where nothing changed, pages that come and go with tables, and
//! pages of a build that failed.

use std::fs;
use std::path::Path;

use serde_json::json;

use crate::case::Case;
use crate::program::{Ran, command};

const PIPELINE: &str = r#"
[pipeline]
name = "crm"

[field.id]
[field.name]
[field.email]
value = "email"
class = "personal"

[source.people]
path = "data/people.csv"

[step.mapped]
kind = "map"
from = "people"

[step.clean]
kind = "normalise"
from = "mapped"

[[expect.clean]]
column = "email"
not_null = true
meaning = "a & <b>"

[export.csv]
from = "clean"
path = "dist/clean.csv"

[export.docs]
about = "docs"
"#;

const PEOPLE: &str = "id,name,email\n1,<script>x</script>,ada@one.example\n2,\u{202e}]]>,grace@two.example\n";

fn run(root: &Path, words: &[&str]) -> (i32, String, String) {
    let ran = Ran::from(command(root, words));
    (ran.code.unwrap_or(-1), ran.out, ran.err)
}

/// All pages by name.
fn pages(folder: &Path) -> Vec<(String, String)> {
    let mut acc = Vec::new();
    for part in [folder.to_owned(), folder.join("tables")] {
        for entry in fs::read_dir(&part).into_iter().flatten().flatten() {
            if entry.path().is_file() {
                let name = entry.file_name().to_string_lossy().into_owned();
                acc.push((name, fs::read_to_string(entry.path()).expect("text")));
            }
        }
    }
    acc.sort();
    acc
}

#[test]
fn pages_are_artefacts() {
    let case = Case::new(&[("hotpass.toml", PIPELINE), ("data/people.csv", PEOPLE)]);
    let root = &case.asked.root;
    let site = root.join("dist/data-docs");
    assert_eq!(run(root, &["build", "-q"]).0, 0);
    let first = pages(&site);
    let names: Vec<&str> = first.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["checks.html", "clean.html", "graph.html", "index.html", "mapped.html", "people.html"]);
    for (name, text) in &first {
        assert!(!text.contains("<script") && !text.contains('\u{202e}') && !text.contains("]]>"), "{name}");
        assert!(!text.contains("@one.example") && !text.contains(&*root.to_string_lossy()), "{name}");
    }
    let sums = fs::read_to_string(root.join("dist/SHA256SUMS")).expect("sums");
    assert!(sums.contains("  data-docs/tables/clean.html\n"), "{sums}");
    // Nothing to do, also where the stamp is gone.
    let said = run(root, &["build"]).2;
    assert!(said.contains("nothing to do") && said.contains("dist/data-docs/  6 pages"), "{said}");
    // A page that somebody removed is written again, and comes out as it was.
    fs::remove_file(site.join("tables/clean.html")).expect("removed");
    assert_eq!(run(root, &["build", "-q"]).0, 0);
    assert_eq!(pages(&site), first);
    // Another place, the same bytes.
    let other = Case::new(&[("hotpass.toml", PIPELINE), ("data/people.csv", PEOPLE)]);
    assert_eq!(run(&other.asked.root, &["build", "-q"]).0, 0);
    assert_eq!(pages(&other.asked.root.join("dist/data-docs")), first);
    // A table is called otherwise: its old page goes, and what is not a page of ours stays.
    fs::write(site.join("tables/mine.html"), "mine").expect("written");
    let renamed = PIPELINE.replace("step.mapped", "step.named").replace("\"mapped\"", "\"named\"");
    fs::write(root.join("hotpass.toml"), renamed).expect("written");
    assert_eq!(run(root, &["build", "-q"]).0, 0);
    assert!(!site.join("tables/mapped.html").exists() && site.join("tables/named.html").exists());
    assert!(site.join("tables/mine.html").exists());
    assert_eq!(run(root, &["verify"]).0, 0);
    // Some tables only: the others have no page any more, and nothing leads to them.
    let some = PIPELINE.replace("about = \"docs\"", "about = \"docs\"\ntables = \"clean\"");
    fs::write(root.join("hotpass.toml"), some).expect("written");
    assert_eq!(run(root, &["build", "-q"]).0, 0);
    let names: Vec<String> = pages(&site).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["checks.html", "clean.html", "graph.html", "index.html", "mine.html"]);
    assert!(pages(&site).iter().all(|(_, text)| !text.contains("tables/people.html")));
}

#[test]
fn a_failed_build_is_shown_elsewhere() {
    let case = Case::new(&[("hotpass.toml", PIPELINE), ("data/people.csv", PEOPLE)]);
    let root = &case.asked.root;
    assert_eq!(run(root, &["build", "-q"]).0, 0);
    let published = pages(&root.join("dist/data-docs"));
    fs::write(root.join("data/people.csv"), format!("{PEOPLE}3,Grace,\n")).expect("written");
    assert_eq!(run(root, &["build", "-q"]).0, 2);
    assert_eq!(pages(&root.join("dist/data-docs")), published);
    let (code, out, err) = run(root, &["docs"]);
    assert_eq!((code, out.lines().count()), (0, 1), "{out}{err}");
    assert!(out.contains("of 1 check, 1 failed"), "{out}");
    let checks = case.text(".hotpass/docs/checks.html");
    for part in ["1 of 3 rows (33.3 %)", "data/people.csv:4", "not_null = true", "a &amp; &lt;b&gt;", "no value"] {
        assert!(checks.contains(part), "{part}: {checks}");
    }
    // Into a folder that is named; what is not a page of hotpass is not replaced.
    let to = root.join("found");
    fs::create_dir(&to).expect("a folder");
    fs::write(to.join("index.html"), "<p>mine</p>").expect("written");
    let (code, _, err) = run(root, &["docs", "-o", "found"]);
    assert_eq!(code, 1, "{err}");
    assert_eq!(fs::read_to_string(to.join("index.html")).expect("text"), "<p>mine</p>");
}

const CHECKED: &str = r#"
[pipeline]
name = "crm"

[parameters]
top = 100

[field.id]
[field.n]
[field.email]
value = "email"
class = "personal"

[source.people]
path = "data/people.csv"

[step.mapped]
kind = "map"
from = "people"

[step.clean]
kind = "derive"
from = "mapped"

[step.clean.columns]
n = "cast(n as integer)"

[[expect.clean]]
column = "email"
not_null = true
meaning = "we write to them"
waiver = { reason = "<b>autumn</b>", owner = "office", until = "2025-10-31", as_of = "2025-06-30" }

[[expect.clean]]
column = "email"
matches = '@one'
mostly = 0.9

[[expect.clean]]
column = "n"
between = { min = 0, max = { parameter = "top" } }
severity = "warn"

[[expect.clean]]
column = "n"
mean = { above = 0 }

[[expect.clean]]
holds = "n > 5"
where = "n > 4"
severity = "warn"

[[expect.clean]]
column = "n"
anomaly = { of = "mean" }

[[expect.mapped]]
column_count = { equals = 3 }
"#;

const NUMBERED: &str = "id,n,email\n1,5,ada@one.example\n2,500,grace@two.example\n3,,\n";

#[test]
fn what_checks_found_is_told_as_elsewhere() {
    let case = Case::new(&[("hotpass.toml", CHECKED), ("data/people.csv", NUMBERED)]);
    let root = &case.asked.root;
    // Before a build no row was looked at, and that is no success.
    let (code, out, err) = run(root, &["expect", "results", "--format", "json"]);
    assert_eq!((code, out.lines().count()), (0, 1), "{err}");
    let found: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!((&found["success"], &found["statistics"]["unsuccessful_expectations"]), (&json!(false), &json!(6)));
    assert_eq!(found["results"][0]["exception_info"]["raised_exception"], true);
    assert_eq!(run(root, &["build", "-q"]).0, 2);
    let (code, out, _) = run(root, &["expect", "results", "crm"]);
    let found: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!((code, &found["suite_name"], &found["success"]), (0, &json!("crm"), &json!(false)));
    let statistics = json!({"evaluated_expectations": 7, "successful_expectations": 2, "unsuccessful_expectations": 5,
        "success_percent": 2.0 / 7.0 * 100.0});
    assert_eq!(found["statistics"], statistics);
    let result = |at: usize| &found["results"][at];
    let asked = |at: usize| (&result(at)["expectation_config"]["type"], &result(at)["expectation_config"]["kwargs"]);
    let kwargs = json!({"column": "email", "batch_id": "crm.clean"});
    assert_eq!(asked(0), (&json!("expect_column_values_to_not_be_null"), &kwargs));
    assert_eq!(result(0)["expectation_config"]["description"], "we write to them");
    assert_eq!(result(0)["meta"]["hotpass"]["waiver"]["active"], true);
    assert_eq!((&result(0)["success"], &result(0)["result"]["unexpected_count"]), (&json!(false), &json!(1)));
    // Personal values are patterns, and the place of the row is told.
    let kwargs = json!({"column": "email", "regex": "@one", "mostly": 0.9, "batch_id": "crm.clean"});
    assert_eq!(asked(1), (&json!("expect_column_values_to_match_regex"), &kwargs));
    let counts = json!({"element_count": 3, "missing_count": 1, "missing_percent": 1.0 / 3.0 * 100.0,
        "unexpected_count": 1, "unexpected_percent": 50.0, "unexpected_percent_nonmissing": 50.0,
        "unexpected_percent_total": 1.0 / 3.0 * 100.0, "partial_unexpected_list": ["a@a.a"],
        "partial_unexpected_index_list": [{"row": 2, "places": ["data/people.csv:3"]}]});
    assert_eq!(result(1)["result"], counts);
    // Parameters stand as their values, and open values of numbers as numbers.
    let kwargs = json!({"column": "n", "min_value": 0, "max_value": 100, "batch_id": "crm.clean"});
    assert_eq!(asked(2), (&json!("expect_column_values_to_be_between"), &kwargs));
    assert_eq!(result(2)["result"]["partial_unexpected_list"], json!([500]));
    assert_eq!(result(2)["expectation_config"]["severity"], "warning");
    assert_eq!(result(3)["result"], json!({"observed_value": 252.5}));
    let kwargs = json!({"holds": "n > 5", "batch_id": "crm.clean"});
    assert_eq!(asked(4), (&json!("hotpass_holds"), &kwargs));
    assert_eq!(result(4)["result"]["missing_count"], json!(null));
    assert_eq!(
        (&result(5)["success"], &result(5)["exception_info"]["raised_exception"]),
        (&json!(false), &json!(true))
    );
    assert_eq!((&result(6)["success"], &result(6)["result"]), (&json!(true), &json!({"observed_value": 3})));
    assert!(!out.contains("ada@") && !out.contains("grace@"));
    let (_, out, _) = run(root, &["expect", "results", "--table", "mapped", "--format", "json"]);
    let found: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!((&found["success"], found["results"].as_array().map(Vec::len)), (&json!(true), Some(1)));
    assert_eq!(run(root, &["expect", "results", "--table", "cleam"]).0, 2);
    assert_eq!(run(root, &["expect", "results", "cmr"]).0, 2);
    // Who answers for a failure stands on every page that shows the verdict.
    assert_eq!(run(root, &["docs", "-o", "site"]).0, 0);
    for (name, text) in pages(&root.join("site")).iter().filter(|(name, _)| !name.starts_with(['g', 'm', 'p'])) {
        assert!(text.contains("waived until 2025-10-31 by office: &lt;b&gt;autumn&lt;/b&gt;"), "{name}");
    }
}

const LISTED: &str = r#"
[pipeline]
name = "crm"

[field.n]
[field.name]
class = "personal"

[source.people]
path = "data/people.csv"

[step.t]
kind = "map"
from = "people"

[[expect.t]]
column = "name"
not_in = ["Jo Smith", "Al Jones"]
severity = "warn"

[[expect.t]]
id = "named"
holds = "name <> 'Jo Smith'"
where = "n <> '0' or name = 'Al Jones'"
severity = "warn"

[[expect.t]]
id = "queried"
sql = "select name from t where name = 'Jo Smith'"
severity = "warn"

[[expect.t]]
id = "aside"
column = "name"
not_like = "Al J%"
on_fail = "reject"

[[expect.t]]
column = "n"
in = [1, 2, 42]
severity = "warn"

[export.t]
from = "t"
path = "dist/t.csv"
columns = ["n"]

[export.rejected]
from = "t"
rejected = true
path = "dist/rejected.csv"
columns = ["n", "reason"]

[export.docs]
about = "docs"

[export.quality]
about = "quality"
path = "dist/quality.json"
"#;

#[test]
fn what_a_check_of_a_personal_column_lists_is_masked_wherever_it_is_shown() {
    let case =
        Case::new(&[("hotpass.toml", LISTED), ("data/people.csv", "n,name\n1,Jo Smith\n2,Al Jones\n3,Eve Roe\n")]);
    let root = &case.asked.root;
    let (code, out, err) = run(root, &["build", "--report-junit", "junit.xml"]);
    assert_eq!(code, 0, "{out}{err}");
    let results = run(root, &["expect", "results"]).1;
    let mut all: Vec<(String, String)> = pages(&root.join("dist/data-docs"));
    all.extend(["dist/quality.json", "dist/rejected.csv", "junit.xml"].map(|it| (it.to_owned(), case.text(it))));
    all.push(("results".to_owned(), results));
    for (name, text) in &all {
        assert!(!text.contains("Smith") && !text.contains("Jones") && !text.contains("Al J"), "{name}: {text}");
    }
    let checks = &all[0].1;
    for it in ["in &#39;Aa Aa&#39;", "not_in = [&quot;Aa Aa&quot;", "in 1, 2, 42", "like &#39;Aa A%&#39;"] {
        assert!(checks.contains(it) || checks.contains(&it.replace("&#39;", "'")), "{it}: {checks}");
    }
}

#[test]
fn rows_of_a_check_that_cannot_be_evaluated_are_refused_with_the_reason() {
    let pipeline = "[pipeline]\nname = 'p'\n[source.rows]\npath = 'data/rows.csv'\n[step.t]\nkind = 'derive'\nfrom = 'rows'\n\
        columns = { n = 'cast(n as integer)' }\n[[expect.t]]\nid = 'square'\nholds = 'n * n > 0'\nseverity = 'warn'\n";
    let case = Case::new(&[("hotpass.toml", pipeline), ("data/rows.csv", "id,n\n1,2\n2,9223372036854775807\n")]);
    let root = &case.asked.root;
    assert_eq!(run(root, &["build", "-q"]).0, 2);
    let reason = "overflow in multiplication of INT64 (… * …); it begins with row 3 of `data/rows.csv`";
    let flat = |text: String| text.replace("\n  | ", " ");
    let (code, out, err) = run(root, &["show", "t", "--failing", "square"]);
    let err = flat(err);
    assert!(code == 2 && out.is_empty() && err.contains("hotpass::expect::not-evaluated"), "{code} {out}{err}");
    assert!(err.contains(reason) && err.contains("`n * n > 0`, and that could not be evaluated"), "{err}");
    let (code, out, err) = run(root, &["show", "t", "--where", "n * n > 0"]);
    let err = flat(err);
    assert!(code == 2 && out.is_empty() && err.contains("hotpass::step::stopped"), "{code} {out}{err}");
    assert!(err.contains(&format!("what was asked for cannot be evaluated: {reason}")), "{err}");
    assert_eq!(run(root, &["show", "t", "--where", "n < 9 "]).0, 0);
}
