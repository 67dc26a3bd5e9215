//! The history of published builds: what adds to it, what learns from it, and that a build is the same before and after
//! its own line.

use hotpass::summary::Status;

use crate::case::Case;
use crate::program::{Ran, command};

const PIPELINE: &str = "[pipeline]\nname = 'p'\n[source.rows]\npath = 'data/rows.csv'\ndrift = 'ignore'\n\
    [[expect.rows]]\nrow_count_change = { max_drop = '10%' }\nseverity = 'warn'\n\
    [[expect.rows]]\ncolumn = 'a'\nanomaly = { of = 'filled_share', least = 3 }\nseverity = 'warn'\n\
    [export.rows]\nfrom = 'rows'\npath = 'dist/rows.csv'\n[export.docs]\nabout = 'docs'\n";
const HISTORY: &str = "history.ndjson";

/// So many rows, of which so many have a value.
fn rows(count: usize, filled: usize) -> String {
    let row = |it| if it < filled { format!("{it},x\n") } else { ",x\n".to_owned() };
    (0..count).fold("a,b\n".to_owned(), |acc, it| acc + &row(it))
}

fn case(count: usize) -> Case {
    Case::new(&[("hotpass.toml", PIPELINE.to_owned()), ("data/rows.csv", rows(count, count))])
}

fn run(case: &Case, words: &[&str]) -> Ran {
    Ran::from(command(&case.asked.root, &[]).args(words).output().expect("it starts"))
}

#[test]
fn each_build_that_publishes_something_new_adds_a_line_and_the_next_one_has_nothing_to_do() {
    let case = case(20);
    let first = case.build();
    assert_eq!(first.status, Status::Ok, "{}", first.problems);
    assert_eq!(first.problems.matches("too-little-history").count(), 2, "{}", first.problems);
    assert_eq!(first.summary().checks.iter().map(|it| it.held).collect::<Vec<_>>(), [None, None], "that is no pass");
    let line = case.text(HISTORY);
    assert_eq!(line.lines().count(), 1);
    assert!(line.starts_with("{\"v\":1,\"pipeline\":\"p\",\"tables\":{\"rows\":{\"rows\":20,"), "{line}");
    assert!(line.contains("\"numbers\":{\"filled_share of rows.a\":1.0}"), "{line}");
    let published = case.artefacts();
    let again = case.build();
    assert_eq!(again.written(), "nothing");
    assert!(again.problems == first.problems && case.artefacts() == published && case.text(HISTORY) == line);

    // What is published now is held against what was, before and after its own line is written.
    case.write("data/rows.csv", rows(16, 16));
    let second = case.build();
    assert!(
        second
            .problems
            .contains("at most 10% fewer rows than the last published build and does not: 16, 20 before, 20 % less"),
        "{}",
        second.problems
    );
    let published = case.artefacts();
    assert!(case.text("dist/data-docs/index.html").contains("Rows in 2 builds: from 16 to 20, now 16"));
    let again = case.build();
    assert_eq!((again.written().as_str(), again.problems == second.problems), ("nothing", true));
    assert!(case.artefacts() == published);
    assert_eq!(case.text(HISTORY).lines().count(), 2);
    // Some targets add nothing, and are told the same.
    let part = run(&case, &["build", "p.rows"]);
    assert!(part.all().contains("20 % less"), "{}", part.all());
    assert_eq!(case.text(HISTORY).lines().count(), 2);
    // What was made nowhere but here is made again from what is committed.
    case.remove(".hotpass");
    case.remove("dist");
    assert!(case.build().problems == second.problems && case.artefacts() == published);
    assert_eq!(case.text(HISTORY).lines().count(), 2);
    assert_eq!(run(&case, &["build", "--locked"]).code, Some(0));
    assert_eq!(run(&case, &["verify", "--rebuild"]).code, Some(0), "{}", run(&case, &["verify", "--rebuild"]).all());
}

#[test]
fn a_number_is_held_against_the_band_of_earlier_builds() {
    let case = case(20);
    for count in [20, 21, 22] {
        case.write("data/rows.csv", rows(count, count));
        assert_eq!(case.build().status, Status::Ok);
    }
    assert_eq!(case.text(HISTORY).lines().count(), 3);
    case.write("data/rows.csv", rows(23, 11));
    let told = case.build();
    let words = "does not: 0.4783, 3 earlier builds give 0.99 to 1.01";
    assert!(told.problems.contains(words), "{}", told.problems);
    assert!(case.text("dist/data-docs/checks.html").contains("It is 0.4783, 3 earlier builds give 0.99 to 1.01."));

    // As an error it stops what is published, and what is refused is not learnt.
    case.replace("hotpass.toml", "least = 3 }\nseverity = 'warn'", "least = 3 }");
    case.write("data/rows.csv", rows(24, 2));
    let (before, published) = (case.text(HISTORY), case.artefacts());
    assert_eq!(case.build().status, Status::Refused);
    assert!(case.text(HISTORY) == before && case.artefacts() == published);
    case.write("data/rows.csv", rows(24, 24));
    assert_eq!(case.build().status, Status::Ok);
    assert_eq!(case.text(HISTORY).lines().count(), 5);
}

#[test]
fn an_empty_table_and_a_gate_over_checks_that_cannot_tell_are_told() {
    let case = case(0);
    let gate = "[[gate]]\nid = 'all'\nexpectations = 'rows'\n[[expect.rows]]\ncolumn = 'b'\nwhere = \"b <> ''\"\nanomaly = { of = 'distinct_share', least = 2 }\n";
    case.write("hotpass.toml", format!("{PIPELINE}{gate}"));
    let first = case.build();
    assert_eq!(first.status, Status::Ok, "{}", first.problems);
    let found = &first.summary().gates[0].asks[0].found;
    assert_eq!(found, "0 of 3 hold, 3 have no verdict yet: too few builds were published");
    case.write("data/rows.csv", rows(3, 0));
    assert_eq!(case.build().status, Status::Ok);
    assert_eq!(case.build().written(), "nothing");
}

#[test]
fn what_cannot_be_read_of_a_history_is_told_by_its_place_and_nothing_is_built() {
    let case = case(20);
    assert_eq!(case.build().status, Status::Ok);
    let (good, published) = (case.text(HISTORY), case.artefacts());
    for (text, reason) in [
        (good.replace("\"rows\":20", "\"rows\":2"), "line 1 of `history.ndjson` was changed after hotpass wrote it"),
        (format!("{good}<<<<<<< ours\n"), "line 2 of `history.ndjson` is the mark of a merge conflict"),
        (good[..good.len() - 9].to_owned(), "line 1 of `history.ndjson` is not a line of a history"),
        ("\u{0}".repeat(64), "line 1 of `history.ndjson` is not a line of a history"),
        ("x\n".repeat(5_000_000), "`history.ndjson` cannot be read: it is larger than 8 MiB"),
    ] {
        case.write(HISTORY, &text);
        case.write("data/rows.csv", rows(19, 19));
        let told = case.problems();
        assert!(told.contains(reason) && told.contains("history.ndjson:"), "{told}");
        assert_eq!(case.build().status, Status::Refused);
        assert!(case.text(HISTORY) == text && case.artefacts() == published);
    }
    // Lines of others are kept, and a line without its end is ended.
    let other = good.trim_end().replace('\n', "");
    case.write(HISTORY, &other);
    assert_eq!(case.build().status, Status::Ok);
    assert!(case.text(HISTORY).starts_with(&good));
    #[cfg(unix)]
    {
        let elsewhere = tempfile::tempdir().expect("a folder");
        std::fs::write(elsewhere.path().join("h"), &good).expect("written");
        case.remove(HISTORY);
        std::os::unix::fs::symlink(elsewhere.path().join("h"), case.path(HISTORY)).expect("a link");
        assert!(case.problems().contains("`history.ndjson` is a link that leads out of the workspace"));
        assert_eq!(case.build().status, Status::Refused);
        assert_eq!(std::fs::read_to_string(elsewhere.path().join("h")).expect("text"), good);
    }
}

#[test]
fn each_pipeline_has_lines_of_its_own_and_one_that_nobody_reads_has_none() {
    let second = PIPELINE
        .replace("'p'", "'q'")
        .replace("dist/", "dist/q/")
        .replace("about = 'docs'", "about = 'docs'\npath = 'dist/q/docs'");
    let case = case(20);
    case.write("pipelines/q.toml", second);
    case.write(
        "pipelines/r.toml",
        "[pipeline]\nname = 'r'\n[source.s]\npath = 'data/rows.csv'\n[export.s]\nfrom = 's'\npath = 'dist/s.csv'\n",
    );
    assert_eq!(case.build().status, Status::Ok, "{}", case.problems());
    let text = case.text(HISTORY);
    let pipelines: Vec<_> = text.lines().map(|it| it.split('"').nth(5).unwrap_or_default()).collect();
    assert_eq!(pipelines, ["p", "q"]);
    assert_eq!(case.build().written(), "nothing");
}

#[test]
fn a_quality_report_tells_the_same_in_three_forms_and_is_written_once() {
    let reports = "[export.json]\nabout = 'quality'\npath = 'dist/q.json'\n[export.page]\nabout = 'quality'\nfrom = 'rows'\npath = 'dist/q.md'\n\
        [export.sheet]\nabout = 'quality'\ntables = ['rows']\npath = 'dist/q.xlsx'\n";
    let case = case(4);
    case.write("hotpass.toml", format!("{PIPELINE}{reports}"));
    assert_eq!(case.build().status, Status::Ok, "{}", case.problems());
    let json: serde_json::Value = serde_json::from_str(&case.text("dist/q.json")).expect("JSON");
    assert_eq!((&json["status"], &json["checks"]["not_run"]), (&"not_run".into(), &2.into()));
    assert_eq!(
        json["tables"][0]["columns"][0],
        serde_json::json!({"name": "a", "type": "text", "personal": false, "filled": 4, "distinct": 4})
    );
    assert!(case.text("dist/q.md").contains("| rows.a | 4 of 4 rows filled"), "{}", case.text("dist/q.md"));
    assert!(case.read("dist/q.xlsx").starts_with(b"PK"));
    assert_eq!(case.build().written(), "nothing");
    case.write("data/rows.csv", rows(3, 1));
    assert_eq!(case.build().status, Status::Ok);
    let json: serde_json::Value = serde_json::from_str(&case.text("dist/q.json")).expect("JSON");
    assert_eq!(json["tables"][0]["trend"], serde_json::json!([4, 3]));
    assert_eq!(json["failures"][0]["verdict"], "warned");
    assert_eq!(case.build().written(), "nothing");
}
