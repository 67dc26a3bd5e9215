//! What hotpass wrote and reads again comes back as it was: the `'` before what a spreadsheet would run falls.

use crate::case::Case;

#[test]
fn ids_of_names_that_look_like_formulas_are_known_again() {
    let pipeline = r#"
[pipeline]
name = "p"
[source.rows]
path = "rows.csv"
[source.known]
path = "ids.csv"
[step.ids]
kind = "identify"
from = "rows"
with = "known"
group = "name"
give = "ids"
[export.ids]
from = "ids"
path = "dist/ids.csv"
"#;
    let rows = "name\n@ada\n=x\nplain\n\"a;=b\"\n";
    let case = Case::new(&[("hotpass.toml", pipeline), ("rows.csv", rows), ("ids.csv", "key,id,was\n")]);
    case.build().ok();
    let first = case.text("dist/ids.csv");
    assert!(first.contains("'@ada,"), "{first}");
    case.write("ids.csv", &first);
    case.build().ok();
    assert_eq!(case.text("dist/ids.csv"), first);
}

#[test]
fn a_history_of_texts_that_look_like_formulas_stays_as_it_is() {
    let pipeline = |day: u32| {
        format!(
            "[pipeline]\nname = \"p\"\n[source.rows]\npath = \"rows.csv\"\n[source.known]\npath = \"known.csv\"\n\
             [step.h]\nkind = \"snapshot\"\nfrom = \"rows\"\nwith = \"known\"\nkey = \"id\"\nday = \"2025-01-0{day}\"\n\
             [export.h]\nfrom = \"h\"\npath = \"dist/h.csv\"\n"
        )
    };
    let rows = "id,who\n1,@ada\n2,bo\n";
    let empty = "id,who,valid_from,valid_to\n";
    let case = Case::new(&[("hotpass.toml", pipeline(1).as_str()), ("rows.csv", rows), ("known.csv", empty)]);
    case.build().ok();
    let first = case.text("dist/h.csv");
    assert_eq!(first, "id,who,valid_from,valid_to\n1,'@ada,2025-01-01,\n2,bo,2025-01-01,\n");
    case.write("known.csv", &first);
    case.write("hotpass.toml", pipeline(2));
    case.build().ok();
    assert_eq!(case.text("dist/h.csv"), first);
}

#[test]
fn a_corrected_row_has_the_texts_that_it_had() {
    let pipeline = r#"
[pipeline]
name = "p"
[source.s]
path = "s.csv"
[source.fixed]
corrects = "s"
path = "fixes/*.csv"
[export.r]
from = "s"
rejected = true
path = "dist/r.csv"
[export.s]
from = "s"
path = "dist/s.json"
"#;
    let case = Case::new(&[("hotpass.toml", pipeline), ("s.csv", "id,who,amount\n1,@ada,2,extra\n2,bo,3\n")]);
    case.build();
    let sent = case.text("dist/r.csv");
    assert!(sent.contains("'@ada"), "{sent}");
    // Who corrects it takes the reason away, and what stood beyond the columns.
    let header = sent.lines().next().unwrap_or_default();
    let original =
        sent.split("D: extra,").nth(1).and_then(|it| it.split(',').next()).unwrap_or_else(|| panic!("{sent}"));
    case.write("fixes/r.csv", format!("{header}\n1,'@ada,2,,,{original},s.csv,2\n"));
    case.build();
    assert!(case.text("dist/s.json").contains("\"@ada\""), "{}", case.text("dist/s.json"));
}
