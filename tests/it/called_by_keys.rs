//! Clusters of rows with a key are called by it: rows that say the same never exchange their ids, and a new row has its
//! own.

use std::collections::BTreeMap;

use crate::case::Case;

const TOML: &str = r#"
[pipeline]
name = "t"
[source.rows]
path = "rows.csv"
[source.known]
path = "known.csv"
[source.decided]
path = "decided.csv"
[step.found]
kind = "resolve"
from = "rows"
key = "id"
decisions = "decided"
compare = { given = "given name", surname = "surname", born = "date" }
[step.named]
kind = "identify"
from = "found"
with = "known"
group = "cluster"
by = ["id"]
column = "person"
[step.ids]
kind = "identify"
from = "found"
with = "known"
group = "cluster"
by = ["id"]
give = "ids"
[export.named]
from = "named"
path = "dist/named.csv"
columns = ["id", "note", "cluster", "person"]
[export.ids]
from = "ids"
path = "dist/ids.csv"
"#;

const OTHERS: [&str; 4] =
    ["x1,Bo,Lee,1951-01-11,", "x2,Cy,Ray,1952-02-11,", "x3,Di,Fox,1953-03-11,", "x4,Ed,Kay,1954-04-11,"];

/// Builds these rows; for the row of each note its cluster and its person.
fn named(case: &Case, rows: &[&str]) -> BTreeMap<String, (String, String)> {
    let all: Vec<&str> = ["id,given,surname,born,note"].into_iter().chain(rows.iter().copied()).chain(OTHERS).collect();
    case.write("rows.csv", all.join("\n") + "\n");
    case.run(&["build"]).ok();
    let text = case.text("dist/named.csv");
    let cells = |line: &str| line.split(',').map(str::to_owned).collect::<Vec<_>>();
    text.lines().skip(1).map(cells).map(|it| (it[0].clone() + &it[1], (it[2].clone(), it[3].clone()))).collect()
}

#[test]
fn rows_that_say_the_same_keep_their_ids_wherever_they_stand() {
    let case =
        Case::new(&[("hotpass.toml", TOML), ("known.csv", "key,id,was\n"), ("decided.csv", "left,right,decide\n")]);
    let (tall, short) = ("a1,Ada,,,tall", "a2,Ada,,,short");
    let first = named(&case, &[tall, short]);
    case.write("known.csv", case.text("dist/ids.csv"));
    assert_ne!(first["a1tall"], first["a2short"]);
    assert_eq!(named(&case, &[short, tall]), first);
    let more = named(&case, &["a0,Ada,,,new", tall, short]);
    assert_eq!((&more["a1tall"], &more["a2short"]), (&first["a1tall"], &first["a2short"]));
    assert!(first.values().all(|it| it != &more["a0new"]), "{more:?}");
    assert_eq!(named(&case, &[short])["a2short"], first["a2short"]);
    // Who is spelt otherwise is who it was.
    let other = named(&case, &["a1,Adah,,,tall", short]);
    assert_eq!(other["a1tall"], first["a1tall"]);
}

#[test]
fn a_decision_about_a_key_of_different_rows_is_set_aside() {
    let rows = ["k1,Ada,Lee,1950-02-03,one", "k1,Bo,Ray,1961-07-09,two", "k2,Cy,Fox,1972-11-30,"];
    let case = Case::new(&[
        ("hotpass.toml", TOML),
        ("known.csv", "key,id,was\n"),
        ("decided.csv", "left,right,decide\nk1,k2,same\nx1,x2,same\n"),
    ]);
    let found = named(&case, &rows);
    assert_ne!(found["k1one"].0, found["k2"].0);
    assert_ne!(found["k1one"].0, found["k1two"].0);
    assert_eq!(found["x1"].0, found["x2"].0);
    let shown = case.prints(&["show", "found", "--rejected"]);
    assert!(shown.contains("different rows have this key") && shown.contains("k1"), "{shown}");
}
