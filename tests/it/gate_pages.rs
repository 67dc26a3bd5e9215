//! Data Docs of gates and of pipelines that use others: what each gate read, its bound, its value and its verdict, in
//! bytes that the next build does not change; and tables and checks of a used pipeline under the names they have here.

use hotpass::summary::Status;

use crate::case::Case;
use crate::program::{Ran, command};

const PIPELINE: &str = "[pipeline]\nname = 'p'\n[source.rows]\npath = 'data/rows.csv'\ndrift = 'ignore'\n\
    [step.typed]\nkind = 'derive'\nfrom = 'rows'\n[step.typed.columns]\na = 'cast(a as integer)'\n\
    [[expect.typed]]\ncolumn = 'a'\nnot_null = true\n\
    [[gate]]\nid = 'mean'\nmeaning = 'a <b> mean'\nmetric = { table = 'typed', of = 'mean', column = 'a', min = 1, max_rise = '50%' }\n\
    [[gate]]\nid = 'size'\nseverity = 'warn'\nmetric = { table = 'typed', of = 'rows', max_drop = '10%' }\n\
    [[gate]]\nid = 'all'\nexpectations = 'typed'\nfiles = 'terms.md'\n\
    [[gate]]\nid = 'same'\nreproducible = true\nexports = 'typed'\n\
    [export.typed]\nfrom = 'typed'\npath = 'dist/typed.csv'\n[export.docs]\nabout = 'docs'\n\
    [export.quality]\nabout = 'quality'\npath = 'dist/quality.json'\n";

fn rows(values: &[u32]) -> String {
    values.iter().fold("a\n".to_owned(), |acc, it| format!("{acc}{it}\n"))
}

fn run(case: &Case, words: &[&str]) -> Ran {
    Ran::from(command(&case.asked.root, words))
}

/// A page without its marks.
fn words(page: &str) -> String {
    let body = page.split("<main").nth(1).expect("a body");
    let text: String =
        body.split('<').map(|it| it.split_once('>').map_or("", |(_, text)| text)).collect::<Vec<_>>().join(" ");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn pages_tell_what_each_gate_read_its_bound_its_value_and_its_verdict() {
    let files = [("hotpass.toml", PIPELINE.to_owned()), ("data/rows.csv", rows(&[2, 4])), ("terms.md", "t".to_owned())];
    let case = Case::new(&files);
    let told = |page: &str| words(&case.text(&format!("dist/data-docs/{page}.html")));
    let has = |text: &str, parts: &[&str]| parts.iter().for_each(|it| assert!(text.contains(it), "{it}: {text}"));
    assert_eq!(case.build().status, Status::Ok);
    let first = told("checks");
    has(
        &first,
        &[
            "Gates: 4",
            "Of 4 gates, 1 is asked by each build.",
            "Why a &lt;b&gt; mean Reads typed Before dist/typed.csv , ",
        ],
    );
    has(&first, &["✓ passed typed.a should have a mean of at least 1: 3.0"]);
    has(&first, &["mean of typed.a should rise by 50 % at most: 3.0; nothing was published before to hold it against"]);
    has(&first, &["✓ passed checks of typed : 1 of 1 hold ✓ passed file terms.md : it is there"]);
    has(
        &first,
        &[
            "same – asked by each build",
            "– later artefacts recomputed: every build asks this after these pages are made",
        ],
    );
    has(&first, &["[[gate]] id = &quot;mean&quot;", "Declared in hotpass.toml"]);
    assert!(!first.contains("gate.mean"), "what a gate takes for itself is no check of its own: {first}");
    has(&told("index"), &["The one check passed. Of 4 gates, 1 is asked by each build.", "4 gates"]);
    assert_eq!(case.build().written(), "nothing", "its own line is nothing new");

    // One row less is more than a tenth: a warning. What was before is told, in this build and in the next one.
    case.write("data/rows.csv", rows(&[4]));
    assert_eq!(case.build().status, Status::Ok);
    let second = told("checks");
    has(&second, &["mean of typed.a should rise by 50 % at most: 4.0, 3 before, 33.3 % more"]);
    has(
        &second,
        &["size ! shut, a warning", "✗ failed rows of typed should fall by 10 % at most: 1, 2 before, 50 % less"],
    );
    has(
        &told("index"),
        &["Of 4 gates, 1 is shut, 1 is asked by each build.", "What needs a look ! shut, a warning gate size"],
    );
    assert_eq!(case.build().written(), "nothing", "{}", case.text("history.ndjson"));
    let report: serde_json::Value = serde_json::from_str(&case.text("dist/quality.json")).expect("JSON");
    let verdicts: Vec<_> = report["gates"].as_array().expect("gates").iter().map(|it| it["verdict"].clone()).collect();
    assert_eq!(serde_json::json!(verdicts), serde_json::json!(["passed", "warned", "passed", null]));
    assert_eq!((&report["status"], &report["recommendations"][0]["code"]), (&"warned".into(), &"shut-gates".into()));

    // A shut gate publishes nothing, and the pages of what was built show it.
    case.write("data/rows.csv", rows(&[9]));
    let published = case.artefacts();
    assert_eq!(case.build().status, Status::Refused);
    assert!(case.artefacts() == published);
    run(&case, &["docs"]).ok();
    let third = words(&case.text(".hotpass/docs/checks.html"));
    has(&third, &["mean ✗ shut", "at most: 9.0, 4 before, 125 % more"]);
}

const PART: &str = "[pipeline]\nname = 'part'\n[input.rows]\ncolumns = { a = 'text' }\n\
    [step.clean]\nkind = 'sort'\nfrom = 'rows'\nby = 'a'\n[[expect.clean]]\ncolumn = 'a'\nunique = true\n\
    [[gate]]\nid = 'size'\nmetric = { table = 'clean', of = 'rows', max_drop = '50%' }\n";

const USING: &str = "[pipeline]\nname = 'p'\n[source.rows]\npath = 'data/rows.csv'\n\
    [use.one]\npipeline = 'parts/part.toml'\ninputs = { rows = 'rows' }\n\
    [use.two]\npipeline = 'parts/part.toml'\ninputs = { rows = 'one.clean' }\n\
    [[expect.'one.clean']]\ncolumn = 'a'\nnot_null = true\n\
    [export.clean]\nfrom = 'two.clean'\npath = 'dist/clean.csv'\n[export.docs]\nabout = 'docs'\n\
    [export.quality]\nabout = 'quality'\npath = 'dist/quality.json'\n";

#[test]
fn tables_and_checks_of_a_used_pipeline_have_the_names_that_they_have_here() {
    let case = Case::new(&[("hotpass.toml", USING), ("parts/part.toml", PART), ("data/rows.csv", "a\n1\n2\n3\n")]);
    let built = case.build();
    assert_eq!(built.status, Status::Ok, "{}", built.problems);
    let index = words(&case.text("dist/data-docs/index.html"));
    assert!(index.contains("All 3 checks passed. All 2 gates are open."), "{index}");
    for it in ["one.clean sort 3 1 ✓ passed 2 checks", "two.clean sort 3 1 ✓ passed 1 check"] {
        assert!(index.contains(it), "{it}: {index}");
    }
    let page = case.text("dist/data-docs/tables/two.clean.html");
    assert!(page.contains("<a href=\"two.rows.html\">two.rows</a>") && page.contains("should be unique"), "{page}");
    let checks = case.text("dist/data-docs/checks.html");
    assert!(checks.contains("<a href=\"tables/one.clean.html\">one.clean</a>"), "{checks}");
    let ids: Vec<&str> = checks.match_indices("id=\"check-").map(|(at, _)| &checks[at + 10..at + 11]).collect();
    assert_eq!(ids, ["1", "2", "3"], "each check has a place of its own");
    let graph = case.text("dist/data-docs/graph.html");
    assert!(graph.contains("href=\"tables/two.clean.html\""), "{graph}");
    let report: serde_json::Value = serde_json::from_str(&case.text("dist/quality.json")).expect("JSON");
    let tables: Vec<_> = report["tables"].as_array().expect("tables").iter().map(|it| it["name"].as_str()).collect();
    assert_eq!(tables, ["rows", "one.rows", "one.clean", "two.rows", "two.clean"].map(Some));
    case.write("data/rows.csv", "a\n1\n2\n3\n4\n");
    assert_eq!(case.build().status, Status::Ok);
    let index = words(&case.text("dist/data-docs/index.html"));
    assert!(index.contains("Rows from build to build") && index.contains("two.clean 3 4"), "{index}");
    assert_eq!(case.build().written(), "nothing");
}
