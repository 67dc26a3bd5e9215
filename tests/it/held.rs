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

/// A field too many or too few moves what stands behind it under other names.
#[test]
fn what_may_have_moved_is_masked() {
    let rows =
        "city,name,mail\nRome,Ada Byron,ada@one.example\nBo Roe,bo@one.example\nOslo,Norway,Cy Dee,cy@x.example\n";
    let text = PIPELINE.split("[source.fixes]").next().unwrap_or_default();
    let case = Case::new(&[("hotpass.toml", text), ("data/rows.csv", rows)]);
    case.run(&["build"]);
    let told = case.run(&["show", "rows", "--rejected"]).all();
    assert!(told.contains("it has 2 fields") && told.contains("it has 4 fields"), "{told}");
    for value in ["Bo Roe", "Oslo", "Cy Dee", "@"] {
        assert!(!told.contains(&format!("{value} ")), "{value}: {told}");
    }
    let told = case.run(&["show", "rows"]).all();
    assert!(told.contains("Rome"), "a row that stands where it should is masked by its columns: {told}");
}

/// The lines of the pipeline around a check of a personal column stand in a message too.
#[test]
fn lists_of_values_of_people_are_in_no_message() {
    let rows = "name,mail,city\nAda Byron,ada@one.example,Rome\n";
    let checks = "[[expect.rows]]\ncolumn = 'name'\nnot_in = [\n  'Ada Byron', \"Zoé Lake\",\n]\nseverity = 'warn'\n\
        [[expect.rows]]\nholds = \"name <> 'Ada Byron'\"\nseverity = 'warn'\n\
        [[expect.rows]]\ncolumn = 'city'\nnot_in = ['Rome']\nseverity = 'warn'\n";
    let text = PIPELINE.split("[source.fixes]").next().unwrap_or_default();
    let case = Case::new(&[("hotpass.toml", format!("{text}{checks}")), ("data/rows.csv", rows.to_owned())]);
    let told = case.run(&["build"]).all();
    assert!(told.contains("should not be in 'Aa Aa'") && told.contains("not_in = ['Rome']"), "{told}");
    assert!(!told.contains("Ada") && !told.contains("Byron") && !told.contains("Lake"), "{told}");
}
