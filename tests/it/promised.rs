//! What a contract says travels into the files: Parquet metadata, properties of a workbook, and its sheet `Read me`.

use std::io::{Cursor, Read};

use hotpass::summary::Status;

use crate::case::Case;

const PIPELINE: &str = "[pipeline]\nname = 'p'\n[source.rows]\npath = 'rows.csv'\ncontract = 'c'\n\
    [contract.c]\nversion = '1.2.0'\nowner = 'data office'\ndescription = 'One row a <school> & \"more\"'\n\
    [[contract.c.field]]\nname = 'a'\nrequired = true\nunit = 'EUR'\ndescription = \"it's 'a' number; x\"\n\
    [export.rows]\nfrom = 'rows'\npath = 'dist/rows.parquet'\n[export.book]\nfrom = 'rows'\npath = 'dist/rows.xlsx'\n\
    [export.csv]\nfrom = 'rows'\npath = 'dist/rows.csv'\n";

fn part(bytes: &[u8], name: &str) -> Option<String> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).expect("an archive");
    let mut text = String::new();
    archive.by_name(name).ok()?.read_to_string(&mut text).expect("text");
    Some(text)
}

#[test]
fn a_contract_travels_into_what_is_published() {
    let case = Case::new(&[("hotpass.toml", PIPELINE), ("rows.csv", "a,b\n1,x\n")]);
    assert_eq!(case.build().status, Status::Ok, "{}", case.problems());
    let parquet = String::from_utf8_lossy(&case.read("dist/rows.parquet")).into_owned();
    for text in [
        "hotpass.contract.digest",
        "blake3:",
        "hotpass.column.a",
        "it's 'a' number; x",
        "One row a <school> & \"more\"",
    ] {
        assert!(parquet.contains(text), "{text}");
    }
    let book = case.read("dist/rows.xlsx");
    let custom = part(&book, "docProps/custom.xml").expect("properties");
    assert!(custom.contains("name=\"hotpass.contract.version\"><vt:lpwstr>1.2.0</vt:lpwstr>"), "{custom}");
    assert!(custom.contains("<vt:lpwstr>One row a &lt;school&gt; &amp; \"more\"</vt:lpwstr>"), "{custom}");
    assert!(part(&book, "xl/workbook.xml").expect("a workbook").contains("name=\"Read me\""));
    let sheet = part(&book, "xl/worksheets/sheet3.xml").expect("a sheet");
    for text in ["c 1.2.0", "data office", "it's 'a' number; x; ", "in EUR", "not in the contract"] {
        assert!(sheet.contains(text), "{text} in {sheet}");
    }
    assert_eq!(case.build().written(), "nothing");
    let csv = case.read("dist/rows.csv");
    case.replace("hotpass.toml", "1.2.0", "1.3.0");
    let built = case.build();
    assert_eq!(built.status, Status::Ok);
    assert!(case.read("dist/rows.xlsx") != book, "another contract is another file");
    assert!(case.read("dist/rows.csv") == csv);
    // Without a contract nothing is added.
    case.replace("hotpass.toml", "path = 'rows.csv'\ncontract = 'c'", "path = 'rows.csv'");
    assert_eq!(case.build().status, Status::Ok);
    let bare = case.read("dist/rows.xlsx");
    assert!(
        part(&bare, "docProps/custom.xml").is_none()
            && !part(&bare, "xl/workbook.xml").expect("it").contains("Read me")
    );
    assert!(!String::from_utf8_lossy(&case.read("dist/rows.parquet")).contains("hotpass.contract"));
}

#[test]
fn a_sheet_of_that_name_is_refused_where_a_contract_needs_it() {
    let case = Case::new(&[("hotpass.toml", PIPELINE), ("rows.csv", "a,b\n1,x\n")]);
    case.replace("hotpass.toml", "path = 'dist/rows.xlsx'", "path = 'dist/rows.xlsx'\nsheet = 'read me'");
    let built = case.build();
    assert_eq!(built.status, Status::Refused);
    assert!(built.problems.contains("hotpass::export::sheet-name"), "{}", built.problems);
}

#[test]
fn what_stands_beside_delimited_text_says_what_it_holds() {
    let case = Case::new(&[("hotpass.toml", PIPELINE), ("rows.csv", "a,b\n1,x\n")]);
    case.replace(
        "hotpass.toml",
        "path = 'dist/rows.csv'",
        "path = 'dist/rows.csv'\ncsvw = true\ncolumns = ['b', 'a']\ndelimiter = ';'\nline_end = 'crlf'",
    );
    let built = case.build();
    assert_eq!(built.status, Status::Ok, "{}", built.problems);
    let told: serde_json::Value = serde_json::from_str(&case.text("dist/rows.csv-metadata.json")).expect("JSON");
    assert_eq!(told["url"], "rows.csv");
    assert_eq!(told["dialect"], serde_json::json!({"delimiter": ";", "lineTerminators": ["\r\n"]}));
    let columns = &told["tableSchema"]["columns"];
    assert_eq!(columns[0], serde_json::json!({"titles": "b", "name": "b", "datatype": "string"}));
    assert_eq!((&columns[1]["required"], &columns[1]["dc:description"]), (&true.into(), &"it's 'a' number; x".into()));
    assert!(told["dc:identifier"].as_str().is_some_and(|it| it.starts_with("c 1.2.0 blake3:")), "{told}");
    assert_eq!(case.build().written(), "nothing");
    assert!(!case.path("history.ndjson").exists(), "nobody reads a history here");
    // A type of its own, and another contract is another file.
    let csv = case.read("dist/rows.csv");
    case.replace("hotpass.toml", "1.2.0", "1.3.0");
    assert_eq!(case.build().status, Status::Ok);
    assert!(case.text("dist/rows.csv-metadata.json").contains("c 1.3.0") && case.read("dist/rows.csv") == csv);
}
