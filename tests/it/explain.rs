//! Chains of cells, as people and programs see them.

use serde_json::Value;

use crate::case::Case;

const PIPELINE: &str = r#"
[pipeline]
name = "crm"

[normal]
placeholders = ["n/a"]
date_order = "day_first"
[field.key]
[field.name]
value = "line"
[field.email]
value = "email"
class = "personal"
[field.seen]
value = "date"

[source.list]
path = "data/list.csv"
priority = 2
[source.calls]
path = "data/calls.csv"
priority = 1

[step.listed]
kind = "map"
from = "list"
set.origin = "the list"
[step.called]
kind = "map"
from = "calls"
set.origin = "a call"

[step.rows]
kind = "union"
from = ["listed", "called"]
[step.clean]
kind = "normalise"
from = "rows"
[step.merged]
kind = "merge"
from = "clean"
key = "key"
completeness = ["name", "email"]
recency = "seen"
together = [["email"]]
[step.merged.fields]
name = { prefer = ["calls"] }
seen = { take = "latest" }
origin = { take = "all" }

[step.published]
kind = "derive"
from = "merged"
rename.key = "id"
columns.label = "coalesce(name, email)"
columns.known = "case when name is null then 'no' else 'yes' end"
"#;

const LIST: &str = "key,name,email,seen\nx,Ada A,ada@one.example,1/2/2020\ny,,Grace@two.example,\nz,n/a,,\n";
const CALLS: &str = "key,name,email,seen\nx,Ada,ada@three.example,3/2/2020\ny,,,4/5/2021\nx,,ada@four.example,\n";

fn case() -> Case {
    let case = Case::new(&[("hotpass.toml", PIPELINE), ("data/list.csv", LIST), ("data/calls.csv", CALLS)]);
    case.build().ok();
    case
}

fn explain(case: &Case, subject: &str) -> String {
    case.prints(&["explain", subject])
}

#[test]
fn losers_are_told_with_what_they_lack() {
    let case = case();
    insta::assert_snapshot!(explain(&case, "merged:x.name"), @r#"
    merged.name  Ada  merge: the value of the best row that has one
      not data/list.csv:2  Ada A  another source is preferred for this field
      1 other row without a value
      clean.name  Ada  normalise: line(unless_listed(name, 'n/a'))
        called.name  Ada  map: name `name`
          data/calls.csv:2  Ada  column `name`
    "#);
    insta::assert_snapshot!(explain(&case, "merged:x.seen"), @r#"
    merged.seen  2020-02-03  merge: the greatest value
      not data/list.csv:2  2020-02-01  it is not the greatest
      1 other row without a value
      clean.seen  2020-02-03  normalise: cast(date(unless_listed(seen, 'n/a'), as_written) as date)
        called.seen  3/2/2020  map: name `seen`
          data/calls.csv:2  3/2/2020  column `seen`
    "#);
    insta::assert_snapshot!(explain(&case, "merged:x.email"), @r#"
    merged.email  •••  merge: the value of the best row, together with its others
      not data/calls.csv:2  •••  its source has a lower priority
      not data/calls.csv:4  •••  its source has a lower priority
      clean.email  •••  normalise: email(unless_listed(email, 'n/a'))
        listed.email  •••  map: name `email`
          data/list.csv:2  •••  column `email`
    "#);
    insta::assert_snapshot!(explain(&case, "merged:x.origin"), @r#"
    merged.origin  the list; a call  merge: all values, best first
      listed.origin  the list  map: set, 'the list', in hotpass.toml step.listed.set.origin
      called.origin  a call  map: set, 'a call', in hotpass.toml step.called.set.origin
      called.origin  a call  map: set, 'a call', in hotpass.toml step.called.set.origin
    "#);
}

#[test]
fn only_the_part_of_an_expression_that_gave_the_value_is_followed() {
    let case = case();
    insta::assert_snapshot!(explain(&case, "published:x.label"), @r#"
    published.label  •••  derive: coalesce(name, email)
      merged.name  •••  merge: the value of the best row that has one
        not data/list.csv:2  •••  another source is preferred for this field
        1 other row without a value
        clean.name  •••  normalise: line(unless_listed(name, 'n/a'))
          called.name  •••  map: name `name`
            data/calls.csv:2  •••  column `name`
    "#);
    insta::assert_snapshot!(explain(&case, "published:y.label"), @r#"
    published.label  •••  derive: coalesce(name, email)
      merged.email  •••  merge: the value of the best row, together with its others
        1 other row without a value
        clean.email  •••  normalise: email(unless_listed(email, 'n/a'))
          listed.email  •••  map: name `email`
            data/list.csv:3  •••  column `email`
    "#);
}

#[test]
fn a_constant_is_one_of_the_pipeline() {
    let case = case();
    insta::assert_snapshot!(explain(&case, "published:z"), @r#"
    column  value     from                                       others
    ------  --------  -----------------------------------------  ------
    id      z         data/list.csv:4                            ·
    name    ·         ·                                          ·
    email   ·         ·                                          ·
    seen    ·         ·                                          ·
    origin  the list  hotpass.toml step.listed.set.origin        ·
    label   ·         ·                                          ·
    known   no        hotpass.toml step.published.columns.known  ·
    "#);
    insta::assert_snapshot!(explain(&case, "published:z.known"), @r#"
    published.known  no  derive: case when name is null then 'no' else 'yes' end, in hotpass.toml step.published.columns.known
    "#);
    insta::assert_snapshot!(explain(&case, "published:z.name"), @r#"
    published.name  no value
      merged.name  no value  merge: the value of the best row that has one
        not data/list.csv:4  `clean` takes it for a placeholder
    "#);
}

#[test]
fn no_personal_value_is_shown_on_the_way_to_a_personal_cell() {
    let case = case();
    for subject in ["merged:x", "merged:x.email", "published:y.label", "clean:1", "published:y"] {
        for format in ["human", "json"] {
            let output = case.run(&["explain", subject, "--format", format]);
            let text = output.out;
            assert!(text.contains("•••") && !text.contains("example"), "{subject}: {text}");
        }
    }
}

#[test]
fn a_program_gets_every_cell_and_can_follow_it() {
    let case = case();
    let output = case.run(&["explain", "merged:x.name", "--format", "json"]);
    let text = output.out;
    let cells: Vec<Value> = text.lines().map(|it| serde_json::from_str(it).expect("JSON")).collect();
    let (mut at, mut way) = (0, Vec::new());
    loop {
        assert_eq!(cells[at]["id"], at);
        way.push(cells[at]["table"].as_str().expect("a table").to_owned());
        match cells[at]["from"].as_array().expect("a list").first() {
            Some(next) => at = next.as_u64().expect("a number") as usize,
            None => break,
        }
    }
    assert_eq!(way.join(" "), "crm.merged crm.clean crm.rows crm.called crm.calls");
    assert_eq!((&cells[at]["cell"], &cells[at]["value"]), (&"data/calls.csv:2".into(), &"Ada".into()));
    let lost: Vec<_> = cells[0]["lost"].as_array().expect("a list").iter().map(|it| &it["why"]).collect();
    assert_eq!(lost, ["it is empty", "another source is preferred for this field"]);
}

#[test]
fn a_record_goes_by_its_key_and_a_row_by_its_number() {
    let case = case();
    let first = explain(&case, "merged:#1.name");
    assert_eq!(first, explain(&case, "crm.merged:x.name"));
    assert!(explain(&case, "published:#2.id").contains("data/list.csv:3"), "renamed, the key is still the key");
    assert!(explain(&case, "list:2.email").contains("data/list.csv:3"));
    for subject in ["merged:nobody", "merged:#9.name", "list:4", "list:0", "merged:x.nmae", "nothing:x"] {
        let output = case.run(&["explain", subject]);
        assert_eq!(output.code, Some(2), "{subject}");
        assert!(output.err.contains("unknown-subject"), "{subject}");
    }
    case.replace("hotpass.toml", "completeness = [\"name\", \"email\"]\n", "");
    let output = case.run(&["explain", "merged:x.name"]);
    assert!(output.code == Some(2) && output.err.contains("`crm.merged` is as run "), "{}", output.all());
}

#[test]
fn each_rule_that_takes_a_column_to_a_field_is_named() {
    let pipeline = r#"
[pipeline]
name = "p"
[normal]
placeholders = ["-"]
[field.name]
[field.town]
synonyms = ["Place"]
[field.email]
value = "email"
[field.notes]
[field.origin]
[source.rows]
path = "data/rows.csv"
[step.mapped]
kind = "map"
from = "rows"
keep = ["Code"]
columns.notes = ["Remark", "Comment", "Aside"]
set.origin = "the office"
"#;
    let rows = (0..9).map(|it| format!("Ada {it},Ghent,a{it}@x.example,-,b,c,{it}\n"));
    let rows = format!("Name,place,Reach by,Remark,Comment,Aside,Code\n{}", rows.collect::<String>());
    let case = Case::new(&[("hotpass.toml", pipeline), ("data/rows.csv", &rows)]);
    let check = |field: &str, expected: &str| {
        let told = explain(&case, &format!("mapped.{field}"));
        assert_eq!(told.lines().next(), Some(format!("mapped.{field}  map: {expected}").as_str()));
    };
    check("name", "name `name`");
    check("town", "synonym `Place`");
    check("Code", "kept");
    check("origin", "set, 'the office'");
    check("notes", "declared, the first of `Remark`, `Comment`, `Aside` that has a value");
    let told = explain(&case, "mapped.email");
    assert!(told.starts_with("mapped.email  map: a guess of 0."), "{told}");
    assert!(told.lines().next().is_some_and(|it| it.ends_with("look like e-mail addresses")), "{told}");
    // The order is that of the list, not that of the sheet, and a placeholder is not a value.
    case.replace("hotpass.toml", "\"Comment\", \"Aside\"", "\"Aside\", \"Comment\"");
    case.build().ok();
    assert_eq!(case.table("p.mapped").lines().nth(1), Some("Ada 0 | Ghent | a0@x.example | c | the office | 0"));
}
