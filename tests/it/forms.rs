//! Values in several forms that meet in one column: each is read as the column that it comes from.

use crate::case::Case;

const SOURCES: &str = r#"
[pipeline]
name = "p"
[source.a]
path = "a.csv"
delimiter = ";"
[source.b]
path = "b.csv"
"#;

/// In `a` numbers have a comma and days come first, in `b` they have a point and months come first.
fn case(steps: &str) -> Case {
    let a = "id;v;d\n1;1,5;13/02/2024\n2;1.234;01/02/2024\n3;;\n5;2,5;\n";
    let b = "id,v,d\n2,1.5,02/13/2024\n3,2.345,01/03/2024\n4,1.25,01/02/2024\n";
    let pipeline = format!("{SOURCES}{steps}");
    Case::new(&[("hotpass.toml", pipeline.as_bytes()), ("a.csv", a.as_bytes()), ("b.csv", b.as_bytes())])
}

fn check(steps: &str, expected: &str) {
    let case = case(steps);
    case.build().ok();
    assert_eq!(case.table("p.n"), expected, "{steps}");
}

const NORMAL: &str = r#"
[step.n]
kind = "normalise"
from = "x"
columns = { v = "decimal(3)", d = "date" }
"#;

#[test]
fn a_choice_reads_each_value_in_the_form_of_its_branch() {
    let joined = r#"
[step.r]
kind = "derive"
from = "b"
rename = { v = "w", d = "e" }
[step.j]
kind = "join"
from = "a"
with = "r"
on = "id"
take = ["w", "e"]
"#;
    let expected = "id | v | d\n\
                    1 | 1.500 | 2024-02-13\n\
                    2 | 1234.000 | 2024-02-01\n\
                    3 | 2.345 | 2024-01-03\n\
                    5 | 2.500 |\n";
    for [v, d] in [
        ["coalesce(v, w)", "coalesce(d, e)"],
        ["case when v is null then w else v end", "case when d is not null then d else e end"],
        ["replace(coalesce(trim(v), w), ' ', '')", "trim(coalesce(d, e))"],
    ] {
        let chosen = format!(
            "[step.x]\nkind = \"derive\"\nfrom = \"j\"\nkeep = [\"id\", \"v\", \"d\"]\n\
             [step.x.columns]\nv = \"{v}\"\nd = \"{d}\"\n"
        );
        check(&format!("{joined}{chosen}{NORMAL}"), expected);
    }
}

#[test]
fn a_record_reads_each_value_in_the_form_of_the_row_that_won() {
    let expected = "id | v | d\n\
                    1 | 1.500 | 2024-02-13\n\
                    2 | 1234.000 | 2024-02-01\n\
                    3 | 2.345 | 2024-01-03\n\
                    4 | 1.250 | 2024-01-02\n\
                    5 | 2.500 |\n";
    let merge = "[step.x]\nkind = \"merge\"\nfrom = [\"a\", \"b\"]\nkey = \"id\"\n";
    check(&format!("{merge}{NORMAL}"), expected);
    let group = "[step.u]\nkind = \"union\"\nfrom = [\"a\", \"b\"]\n\
                 [step.x]\nkind = \"aggregate\"\nfrom = \"u\"\nby = [\"id\"]\n\
                 columns = { v = \"first(v)\", d = \"first(d)\" }\n";
    check(&format!("{group}{NORMAL}"), expected);
}

#[test]
fn rows_that_name_their_source_are_read_source_by_source() {
    let union = "[step.x]\nkind = \"union\"\nfrom = [\"a\", \"b\"]\n";
    let case = case(&format!("{union}{NORMAL}"));
    case.build().ok();
    assert!(case.table("p.n").contains("2 | 1234.000 | 2024-02-01\n"), "{}", case.table("p.n"));
    // Nothing beside the rows says so.
    assert!(!case.tables(true)["p.x"].contains("_kinds"), "{}", case.tables(true)["p.x"]);
}

/// One table with columns in both forms.
fn side_by_side(steps: &str, expected: &str) {
    let lines =
        "id;p;q;f;g\n1;1,5;2.345;13/02/2024;01/02/2024\n2;2,5;1.5;14/02/2024;02/13/2024\n3;;3.125;;03/04/2024\n";
    let pipeline =
        format!("[pipeline]\nname = \"p\"\n[source.s]\npath = \"s.csv\"\ndelimiter = \";\"\n{steps}{NORMAL}");
    let case = Case::new(&[("hotpass.toml", pipeline), ("s.csv", lines.to_owned())]);
    case.build().ok();
    assert_eq!(case.table("p.n"), expected, "{steps}");
}

#[test]
fn columns_of_one_table_that_become_one_keep_their_forms() {
    let map = "[step.x]\nkind = \"map\"\nfrom = \"s\"\ncolumns = { v = [\"p\", \"q\"], d = [\"f\", \"g\"] }\n\
               [field.v]\n[field.d]\n";
    side_by_side(map, "v | d\n1.500 | 2024-02-13\n2.500 | 2024-02-14\n3.125 | 2024-03-04\n");
    let unpivot = "[step.x]\nkind = \"unpivot\"\nfrom = \"s\"\ncolumns = { v = [\"p\", \"q\"], d = [\"f\", \"g\"] }\n";
    let expected = "id | v | d\n\
                    1 | 1.500 | 2024-02-13\n1 | 2.345 | 2024-01-02\n\
                    2 | 2.500 | 2024-02-14\n2 | 1.500 | 2024-02-13\n\
                    3 | 3.125 | 2024-03-04\n";
    side_by_side(unpivot, expected);
    let part = |name: &str, v: &str, d: &str| {
        format!(
            "[step.{name}]\nkind = \"derive\"\nfrom = \"s\"\nkeep = [\"v\", \"d\"]\ncolumns = {{ v = \"{v}\", d = \"{d}\" }}\n"
        )
    };
    let union = format!(
        "{}{}[step.x]\nkind = \"union\"\nfrom = [\"one\", \"other\"]\n",
        part("one", "p", "f"),
        part("other", "q", "g")
    );
    let expected = "v | d\n1.500 | 2024-02-13\n2.500 | 2024-02-14\n |\n\
                    2.345 | 2024-01-02\n1.500 | 2024-02-13\n3.125 | 2024-03-04\n";
    side_by_side(&union, expected);
}

#[test]
fn what_cannot_keep_the_forms_is_told() {
    let query = "[step.x]\nkind = \"sql\"\nfrom = [\"a\", \"b\"]\n\
                 query = \"select a.id, coalesce(a.v, b.v) as v, a.d from a left join b using (id)\"\n";
    let told = case(&format!("{query}{NORMAL}")).problems();
    assert!(told.contains("hotpass::step::cells-forgotten"), "{told}");
    assert!(told.contains("of their first values 2 have a decimal point and 2 a decimal comma"), "{told}");
    let list = "[step.u]\nkind = \"union\"\nfrom = [\"a\", \"b\"]\n\
                [step.l]\nkind = \"aggregate\"\nfrom = \"u\"\ncolumns = { v = \"list(v)\" }\n\
                [step.x]\nkind = \"explode\"\nfrom = \"l\"\ncolumns = \"v\"\n";
    let told = case(&format!("{list}{}", NORMAL.replace(", d = \"date\"", ""))).problems();
    assert!(told.contains("what computes it does not keep which value is of which"), "{told}");
}

#[test]
fn what_the_step_says_of_a_column_wins() {
    let merge = "[step.x]\nkind = \"merge\"\nfrom = [\"a\", \"b\"]\nkey = \"id\"\n";
    let case = case(&format!("{merge}{}point = [\"v\"]\n", NORMAL.trim_end().to_owned() + "\n"));
    case.build();
    assert!(case.table("p.n").contains("2 | 1.234 | 2024-02-01\n"), "{}", case.table("p.n"));
}

#[test]
fn a_value_of_a_joined_union_is_read_in_the_form_of_its_source() {
    let steps = r#"
[source.c]
path = "c.csv"
[step.u]
kind = "union"
from = ["a", "b"]
[step.x]
kind = "join"
from = "c"
with = "u"
on = "id"
take = ["v", "d"]
"#;
    let pipeline = format!("{SOURCES}{steps}{NORMAL}");
    let a = "id;v;d\n1;1,5;13/02/2024\n2;1.234;01/02/2024\n";
    let b = "id,v,d\n3,1.5,02/13/2024\n4,2.345,01/03/2024\n";
    let case = Case::new(&[
        ("hotpass.toml", pipeline.as_str()),
        ("a.csv", a),
        ("b.csv", b),
        ("c.csv", "id,name\n2,Bo\n4,Cy\n"),
    ]);
    case.build().ok();
    assert_eq!(case.table("p.n"), "id | name | v | d\n2 | Bo | 1234.000 | 2024-02-01\n4 | Cy | 2.345 | 2024-01-03\n");
}

#[test]
fn neighbours_of_other_sources_are_read_in_their_form() {
    let steps = r#"
[step.u]
kind = "union"
from = ["a", "b"]
[step.x]
kind = "window"
from = "u"
order = ["id"]
columns = { v = "lag(v)" }
"#;
    let case = case(&format!("{steps}{}", NORMAL.replace(", d = \"date\"", "")));
    case.build().ok();
    let table = case.table("p.n");
    assert!(table.contains("1234.000"), "{table}");
    assert!(table.contains("2.345"), "{table}");
}

#[test]
fn merged_rows_whose_values_leave_their_form_open_are_told() {
    let steps = r#"
[source.c]
path = "c.csv"
[step.m]
kind = "merge"
from = ["a", "b"]
key = "id"
[step.j]
kind = "join"
from = "m"
with = "c"
on = "id"
take = ["w"]
[step.n]
kind = "normalise"
from = "j"
columns = { w = "decimal(3)" }
"#;
    let case = case(steps);
    case.write("c.csv", "id,w\n2,9.875\n");
    let told = case.build();
    assert!(told.problems.contains("hotpass::step::decimal-sign"), "{}", told.problems);
}

#[test]
fn a_step_whose_rows_are_made_one_by_one_tells_that_it_keeps_no_forms() {
    let pipeline = "[pipeline]\nname = \"p\"\n[source.s]\npath = \"s.csv\"\ndelimiter = \";\"\n\
                    [step.x]\nkind = \"derive\"\nfrom = \"s\"\ngrain = \"id\"\ncolumns = { v = \"coalesce(p, q)\" }\n";
    let case = Case::new(&[("hotpass.toml", pipeline), ("s.csv", "id;p;q\n1;1,5;1.5\n2;;2.345\n")]);
    let told = case.build().ok().problems;
    assert!(told.contains("a step with `grain` does not keep which is which"), "{told}");
}

#[test]
fn numbers_of_json_that_lists_forget_are_told() {
    let told = |rows: &str, steps: &str| {
        let pipeline = format!("[pipeline]\nname = 'p'\n[source.s]\npath = 's.json'\n{steps}");
        let case = Case::new(&[("hotpass.toml", pipeline.as_str()), ("s.json", rows)]);
        case.build().ok().problems.contains("hotpass::step::cells-forgotten")
    };
    let read = |from: &str| format!("[step.y]\nkind = 'derive'\nfrom = '{from}'\ncolumns.b = \"decimal(a, ',')\"\n");
    let list = "[step.l]\nkind = 'aggregate'\nfrom = 's'\nby = 'g'\ncolumns.a = 'list(a)'\n\
                [step.x]\nkind = 'explode'\nfrom = 'l'\ncolumns = 'a'\n";
    let explode = "[step.x]\nkind = 'explode'\nfrom = 's'\ncolumns = 'a'\n";
    let number = r#"[{"g": "k", "a": 3.125}, {"g": "k", "a": "2,5;3,5"}]"#;
    let text = r#"[{"g": "k", "a": "3.125"}, {"g": "k", "a": "2,5;3,5"}]"#;
    let listed = r#"[{"g": "k", "a": [3.125, "2,5"]}]"#;
    assert!(told(number, &(list.to_owned() + &read("x"))));
    // A number is the only item of its cell, so `explode` keeps that it is one.
    assert!(!told(number, &(explode.to_owned() + &read("x"))));
    assert!(told(listed, &(explode.to_owned() + &read("x"))));
    assert!(!told(text, &(list.to_owned() + &read("x"))));
    assert!(!told(r#"[{"g": "k", "a": ["3.125", "2,5"]}]"#, &(explode.to_owned() + &read("x"))));
}
