//! Exports as other programs read them: databases of SQLite, and packages that list what is published.

use serde_json::{Value, json};

use crate::case::Case;

const PIPELINE: &str = r#"
[pipeline]
name = "p"
[contract.kept]
version = "1.0.0"
title = "Offices"
primary_key = ["city"]
extra = "allow"
[[contract.kept.field]]
name = "city"
required = true
description = "Where it is."
[source.rows]
path = "data/rows.csv"
header = 1
[step.kept]
kind = "derive"
from = "rows"
contract = "kept"
columns.price = "cast(cost as decimal(2))"
columns.since = "cast(day as date)"
[export.base]
from = "kept"
path = "dist/offices.sqlite"
columns = ["city", "price", "since"]
[export.text]
from = "kept"
path = "dist/text/offices.csv"
columns = ["city", "price", "since"]
decimal_comma = true
line_end = "crlf"
[export.lines]
from = "kept"
path = "dist/offices.ndjson"
columns = ["price"]
[export.elsewhere]
from = "kept"
path = "other/offices.csv"
[export.all]
about = "package"
path = "dist/datapackage.json"
"#;

fn case() -> Case {
    let rows = "city,cost,day\nBasel,10.10,2024-01-31\nGhent,20.20,\n";
    Case::new(&[("hotpass.toml", PIPELINE), ("data/rows.csv", rows)])
}

#[test]
fn no_artefact_lies_below_a_file() {
    let toml = "[pipeline]\nname = 'p'\n[source.s]\npath = 'data/s.csv'\n\
        [export.a]\nfrom = 's'\npath = 'dist/a.csv'\ncsvw = true\n";
    let case = Case::new(&[("hotpass.toml", toml), ("data/s.csv", "id,name\n1,x\n")]);
    case.run(&["check"]).ok();
    for (export, message) in [
        (
            "from = 's'\npath = 'dist/A.csv/b.csv'",
            "export `b` writes below `dist/a.csv`, which is a file of export `p.a`",
        ),
        ("from = 's'\npath = 'dist/a.csv-metadata.json/b.csv'", "export `b` writes below `dist/a.csv-metadata.json`"),
        ("about = 'docs'\npath = 'dist/a.csv'", "export `b` writes below `dist/a.csv`"),
        ("about = 'quality'\npath = 'dist/a.csv/q.json'", "export `b` writes below `dist/a.csv`"),
        ("from = 's'\nformat = 'parquet'\npartition_by = 'id'\npath = 'dist/a.csv/p'", "export `b` writes below"),
        ("from = 's'\npath = 'dist/manifest.json/b.csv'", "that name belongs to the manifest"),
        ("from = 's'\npath = 'dist/SHA256SUMS/b.csv'", "that name belongs to the manifest"),
        ("from = 's'\npath = 'data/s.csv/b.csv'", "a source is read from there"),
        ("from = 's'\npath = 'hotpass.toml/b.csv'", "the first part of it is a file of the workspace"),
    ] {
        case.write("hotpass.toml", format!("{toml}[export.b]\n{export}\n"));
        let checked = case.run(&["check"]);
        assert_eq!(checked.code, Some(2), "{export}");
        assert!(checked.all().replace("\n  | ", " ").contains(message), "{export}: {}", checked.all());
    }
    // The other way round, and beside each other.
    let above = toml.replace("dist/a.csv", "dist/b.csv/a.csv") + "[export.b]\nfrom = 's'\npath = 'dist/b.csv'\n";
    case.write("hotpass.toml", above);
    assert!(case.run(&["check"]).all().contains("writes the file `dist/b.csv`, below which"));
    case.write("hotpass.toml", format!("{toml}[export.b]\nfrom = 's'\npath = 'dist/a/b.csv'\n"));
    case.run(&["build"]).ok();
}

#[test]
fn a_database_holds_the_table_and_is_the_same_wherever_it_is_built() {
    let case = case();
    case.build().ok();
    let database = rusqlite::Connection::open(case.path("dist/offices.sqlite")).expect("a database");
    let text = "select city || ' ' || price || ' ' || coalesce(since, '-') from kept order by rowid";
    let mut rows = database.prepare(text).expect("the table is called as in the pipeline");
    let rows: Result<Vec<String>, _> = rows.query_map([], |row| row.get(0)).expect("rows").collect();
    assert_eq!(rows.expect("texts"), ["Basel 10.1 2024-01-31", "Ghent 20.2 -"]);
    let bytes = case.read("dist/offices.sqlite");
    let other = case.fresh();
    other.build().ok();
    assert_eq!(other.read("dist/offices.sqlite"), bytes);
    assert_eq!(case.build().ok().written(), "nothing");
    case.replace("data/rows.csv", "20.20", "20.30");
    case.build().ok();
    assert_ne!(case.read("dist/offices.sqlite"), bytes);
}

#[test]
fn a_database_is_found_by_what_people_call_it() {
    let case = case();
    case.replace("hotpass.toml", "dist/offices.sqlite", "dist/offices.db");
    let problems = case.build().problems;
    assert!(problems.contains("the format is called `sqlite`"), "{problems}");
    case.replace("hotpass.toml", "path = \"dist/offices.db\"", "path = \"dist/offices.db\"\nformat = \"sqlite\"");
    case.build().ok();
    assert!(case.read("dist/offices.db").starts_with(b"SQLite format 3\0"));
}

#[test]
fn a_package_lists_what_is_published_beneath_it() {
    let case = case();
    case.build().ok();
    let package = |case: &Case| -> Value { serde_json::from_slice(&case.read("dist/datapackage.json")).expect("JSON") };
    let made = package(&case);
    let city = json!({
        "name": "city", "type": "string", "description": "Where it is.", "classification": "public",
        "constraints": {"required": true},
    });
    let expected = json!({
        "name": "text", "type": "table", "path": "text/offices.csv", "format": "csv", "mediatype": "text/csv",
        "title": "Offices", "encoding": "utf-8", "dialect": {"delimiter": ";", "lineTerminator": "\r\n"},
        "schema": {
            "fields": [
                city,
                {"name": "price", "type": "number", "decimalChar": ","},
                {"name": "since", "type": "date"},
            ],
            "primaryKey": ["city"], "missingValues": [""],
        },
    });
    let named =
        |name: &str| made["resources"].as_array().expect("a list").iter().find(|it| it["name"] == name).cloned();
    assert_eq!(named("text"), Some(expected));
    let lines = named("lines").expect("the other file");
    assert_eq!((&lines["path"], &lines["schema"]["primaryKey"]), (&json!("offices.ndjson"), &Value::Null));
    assert_eq!(made["resources"].as_array().map(Vec::len), Some(2), "no other folder, no database: {made}");
    // What is listed is listed in the manifest too, and nothing of the package changes with the rows.
    case.replace("data/rows.csv", "20.20", "20.30");
    case.build().ok();
    assert_eq!(package(&case), made);
    case.replace("hotpass.toml", "columns = [\"price\"]", "columns = [\"since\"]");
    case.build().ok();
    assert_ne!(package(&case), made);
}

#[test]
fn a_package_without_files_is_refused() {
    let case = case();
    case.replace("hotpass.toml", "dist/datapackage.json", "nowhere/datapackage.json");
    let problems = case.build().problems;
    assert!(problems.contains("no table of this pipeline is published in its folder"), "{problems}");
    // What is wrong with the tables that it would list says why there are none.
    let case = self::case();
    case.remove("data/rows.csv");
    let problems = case.build().problems;
    assert!(problems.contains("hotpass::source::missing"), "{problems}");
    assert!(!problems.contains("is published in its folder"), "{problems}");
    let case = self::case();
    case.replace("hotpass.toml", "about = \"package\"", "about = \"package\"\ncolumns = [\"city\"]");
    let problems = case.build().problems;
    assert!(problems.contains("`columns` says nothing of a `package`"), "{problems}");
}

#[test]
fn a_step_is_of_use_for_what_it_sets_aside() {
    let pipeline = "[pipeline]\nname = \"p\"\n[source.r]\npath = \"r.csv\"\n[step.one]\nkind = \"dedupe\"\nfrom = \"r\"\n\
                    [export.rest]\nfrom = \"one\"\nrejected = true\npath = \"dist/rest.csv\"\n";
    let case = Case::new(&[("hotpass.toml", pipeline), ("r.csv", "a\n1\n1\n2\n")]);
    assert!(!case.problems().contains("dead-step"), "{}", case.problems());
    case.replace(
        "hotpass.toml",
        "[export.rest]",
        "[step.two]\nkind = \"sort\"\nfrom = \"r\"\nby = \"a\"\n[export.rest]",
    );
    assert!(case.problems().contains("dead-step: nothing uses step `two`"), "{}", case.problems());
}
