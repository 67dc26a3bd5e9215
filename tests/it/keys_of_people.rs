//! Pairs, decisions and known ids that name rows by a personal key are as personal as the key, wherever they come from.

use crate::case::Case;

const TOML: &str = r#"
[pipeline]
name = "p"
[field.name]
class = "personal"
[field.email]
class = "personal"
[source.s]
path = "s.csv"
[source.pairs]
path = "pairs.csv"
[source.known]
path = "known.csv"
[source.decisions]
path = "decisions.csv"
[step.read]
kind = "normalise"
from = "pairs"
columns = { probability = "decimal" }
[step.grouped]
kind = "cluster"
from = "s"
with = "read"
key = "email"
decisions = "decisions"
[step.told]
kind = "identify"
from = "s"
with = "known"
group = "name"
by = ["email"]
column = "gid"
[export.docs]
about = "docs"
"#;

#[test]
fn what_names_rows_by_a_personal_key_is_masked() {
    let case = Case::new(&[
        ("hotpass.toml", TOML),
        ("s.csv", "id,name,email\n1,Zyx Quill,zyx@qz.example\n2,Vex Brind,vex@qz.example\n"),
        (
            "pairs.csv",
            "left,right,probability\nzyx@qz.example,vex@qz.example,0.9\nzyx@qz.example,ghost@qz.example,0.9\n",
        ),
        ("known.csv", "key,id,was\nZyx Quill,aaaa1111aaaa1111,\nzyx@qz.example,aaaa1111aaaa1111,\n"),
        ("decisions.csv", "decide,left,right\nsame,zyx@qz.example,vex@qz.example\n"),
    ]);
    case.run(&["build"]).ok();
    for words in [&["show", "pairs"][..], &["show", "read"], &["show", "known"], &["show", "decisions"]] {
        let shown = case.prints(words);
        assert!(shown.contains("•••") && !shown.contains("qz.example") && !shown.contains("Quill"), "{shown}");
    }
    let shown = case.prints(&["show", "grouped", "--rejected"]);
    assert!(shown.contains("there is no row with this key") && !shown.contains("qz.example"), "{shown}");
    for table in ["pairs", "read", "known", "decisions"] {
        let page = case.text(&format!("dist/data-docs/tables/{table}.html"));
        assert!(!page.contains("qz.example") && !page.contains("Quill"), "{table}");
    }
}
