//! Columns that hold values of other columns are as personal as these.

use crate::case::Case;

const PIPELINE: &str = "[pipeline]\nname = 'p'\n[field.name]\nclass = 'personal'\n[field.mail]\nclass = 'personal'\n\
    [source.rows]\npath = 'data/rows.csv'\n[source.fixes]\npath = 'data/fixes.csv'\n\
    [step.put]\nkind = 'correct'\nfrom = 'rows'\nwith = 'fixes'\nkey = 'name'\n\
    [export.docs]\nabout = 'docs'\n";

#[test]
fn corrections_of_personal_columns_are_masked() {
    let rows = "name,mail\nAda Byron,ada@one.example\nBo Roe,bo@one.example\n";
    let fixes = "key,column,value\nAda Byron,mail,byron@new.example\nZoe Lake,mail,zoe@new.example\n";
    let case = Case::new(&[("hotpass.toml", PIPELINE), ("data/rows.csv", rows), ("data/fixes.csv", fixes)]);
    case.run(&["build"]);
    for words in [&["show", "put", "--rejected"][..], &["show", "fixes"]] {
        let told = case.run(words).all();
        assert!(told.contains("mail") && !told.contains("Lake") && !told.contains("@new.example"), "{told}");
    }
    for (path, page) in case.artefacts() {
        let page = String::from_utf8_lossy(&page).into_owned();
        assert!(!page.contains("Byron") && !page.contains("@new.example"), "{path:?}");
    }
}

#[test]
fn what_is_beyond_the_last_column_is_masked() {
    let rows = "name,mail\nByron, Ada,ada@one.example\nBo Roe,bo@one.example\n";
    let text = PIPELINE.split("[source.fixes]").next().unwrap_or_default();
    let case = Case::new(&[("hotpass.toml", text), ("data/rows.csv", rows)]);
    case.run(&["build"]);
    let told = case.run(&["show", "rows", "--rejected"]).all();
    assert!(told.contains("beyond") && !told.contains("ada@"), "{told}");
}
