//! Answers that go into files, and questions that come through a pipe; all else of asking is in `spec/asking.md`.

use std::io::Write;
use std::process::Stdio;

use crate::case::Case;
use crate::program::command;

const PIPELINE: &str = "[pipeline]\nname = \"p\"\n[source.rows]\npath = \"data/rows.csv\"\n\
    [source.towns]\npath = \"data/towns.csv\"\n\
    [step.kept]\nkind = \"derive\"\nfrom = \"rows\"\npersonal = [\"mail\"]\n\
    columns = { n = \"cast(id as integer)\", share = \"cast(id as decimal(2)) / 4\" }\n\
    [export.kept]\nfrom = \"kept\"\npath = \"dist/kept.csv\"\n";

fn case() -> Case {
    let rows = "id,city,mail\n1,Basel,zebulon@one.example\n4,Ghent,bo@one.example\n3,,c@one.example\n2,Ghent,\n";
    let case =
        Case::new(&[("hotpass.toml", PIPELINE), ("data/rows.csv", rows), ("data/towns.csv", "name\nGhent\nGhent\n")]);
    case.build().ok();
    case
}

#[test]
fn a_statement_may_come_from_standard_input() {
    let case = case();
    for words in [&["query", "-"][..], &["query", "--file", "-"]] {
        let mut child = command(&case.path(""), words);
        let mut child = child.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it runs");
        child.stdin.take().expect("a pipe").write_all("\u{feff}select 41 + 1 as n".as_bytes()).expect("written");
        let output = child.wait_with_output().expect("it ends");
        assert!(String::from_utf8_lossy(&output.stdout).contains("42"), "{output:?}");
    }
}

#[test]
fn an_answer_is_written_by_its_ending_and_replaces_nothing() {
    let case = case();
    let sql = "select n, share, city, mail from kept where n = 1";
    for ending in ["csv", "tsv", "json", "ndjson", "parquet", "xlsx"] {
        let file = format!("out.{ending}");
        let ran = case.run(&["query", sql, "-o", &file]).ok();
        assert!(ran.out.is_empty() && ran.err.contains("masked: `mail`"), "{}", ran.all());
        let bytes = String::from_utf8_lossy(&case.read(&file)).into_owned();
        assert!(!bytes.contains("zebulon"), "{ending}");
        let again = case.run(&["query", sql, "-o", &file]);
        assert!(again.code == Some(2) && again.err.contains("hotpass::query::file-exists"), "{}", again.all());
        let over = ["query", "select 1 as n", "-o", &file, "--overwrite"];
        case.run(&over).ok();
        assert_ne!(bytes, String::from_utf8_lossy(&case.read(&file)), "{ending}");
    }
    case.run(&["query", sql, "-o", "in/no/folder.csv"]);
    assert!(!case.path("in").exists());
    case.run(&["query", sql, "--unmasked", "-o", "open.json"]).ok();
    assert_eq!(
        case.text("open.json"),
        "[\n{\"n\":1,\"share\":0.25,\"city\":\"Basel\",\"mail\":\"zebulon@one.example\"}\n]\n"
    );
    // What it reads and what it publishes stay, whatever is said.
    for file in ["data/rows.csv", "dist/kept.csv", "./data/../data/towns.csv"] {
        let before = case.read(file);
        let ran = case.run(&["query", "select 1 as n", "-o", file, "--overwrite"]);
        assert!(ran.code == Some(2) && ran.err.contains("hotpass::query::file-in-use"), "{}", ran.all());
        assert_eq!(case.read(file), before, "{file}");
    }
    // The state folder holds what comes and goes with builds.
    for file in [".hotpass/new.csv", "./.hotpass/segments/../new.csv"] {
        let ran = case.run(&["query", "select 1 as n", "-o", file]);
        assert!(ran.code == Some(2) && ran.err.contains("hotpass::query::file-in-use"), "{}", ran.all());
        assert!(!case.path(".hotpass/new.csv").exists(), "{file}");
    }
    let ran = case.run(&["query", "select n, n from kept", "-o", "twice.xlsx"]);
    assert!(ran.code == Some(2) && ran.err.contains("hotpass::query::repeated-column"), "{}", ran.all());
    // What was written is read again, numbers as numbers.
    for (file, format) in [("back.parquet", "parquet"), ("back.xlsx", "xlsx")] {
        case.run(&["query", "select n, share, city from kept order by n", "-o", file]).ok();
        let pipeline = format!(
            "[pipeline]\nname = \"{format}\"\n[source.back_{format}]\npath = \"{file}\"\n\
             [step.made_{format}]\nkind = \"sort\"\nfrom = \"back_{format}\"\nby = [\"n\"]\n"
        );
        case.write(&format!("pipelines/{format}.toml"), pipeline);
    }
    case.build().ok();
    let rows = "n | share | city\n1 | 0.25 | Basel\n2 | 0.5 | Ghent\n3 | 0.75 |\n4 | 1.0 | Ghent\n";
    assert_eq!(case.table("parquet.made_parquet"), rows);
    // A sheet keeps numbers, not how many digits they were written with.
    assert_eq!(case.table("xlsx.made_xlsx"), rows.replace("1.0 ", "1 "));
}
