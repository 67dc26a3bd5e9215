//! Numbers and days as people see them: rounded by their digits, and none that no calendar or JSON has.

use crate::case::Case;

#[test]
fn numbers_are_rounded_by_the_digits_that_people_see() {
    let pipeline = r#"
[pipeline]
name = "p"
[source.s]
path = "s.csv"
[step.n]
kind = "derive"
from = "s"
keep = ["r", "t", "tens"]
[step.n.columns]
r = "round(cast(x as float), 2)"
t = "to_text(cast(x as float), '0.00')"
tens = "round(cast(x as float), -1)"
[step.m]
kind = "aggregate"
from = "d"
columns = { median = "median(v)", third = "quantile(v, 0.25)", mean = "mean(v)" }
[step.d]
kind = "normalise"
from = "s"
columns = { v = "decimal(2)" }
"#;
    let rows = "x,v\n1.005,1.10\n1.015,2.20\n0.285,\n2.675,\n8.345,\n-1.005,\n15,\n";
    let case = Case::new(&[("hotpass.toml", pipeline), ("s.csv", rows)]);
    case.build();
    let expected = "r | t | tens\n1.01 | 1.01 | 0.0\n1.02 | 1.02 | 0.0\n0.29 | 0.29 | 0.0\n2.68 | 2.68 | 0.0\n\
                    8.35 | 8.35 | 10.0\n-1.01 | -1.01 | 0.0\n15.0 | 15.00 | 20.0\n";
    assert_eq!(case.table("p.n").replace("-0.0", "0.0"), expected);
    assert_eq!(case.table("p.m"), "median | third | mean\n1.65 | 1.375 | 1.65\n");
}

#[test]
fn days_that_no_calendar_has_and_numbers_that_json_lacks_are_null() {
    let pipeline = r#"
[pipeline]
name = "p"
[source.s]
path = "s.csv"
[step.q]
kind = "sql"
query = """
select id, 'infinity'::date as a, date '9999-12-31' + 1 as b, '-infinity'::timestamp as c, date '0001-01-01' - 1 as d,
  date '9999-12-31' as e, [1.5, 'nan'::double] as f, {'k': 'infinity'::double} as g
from s
"""
"#;
    let case = Case::new(&[("hotpass.toml", pipeline), ("s.csv", "id\n1\n")]);
    case.build();
    let expected = "id | a | b | c | d | e | f | g\n1 |  |  |  |  | 9999-12-31 | [1.5,null] | {\"k\":null}\n";
    assert_eq!(case.table("p.q"), expected);
}

/// A share that a program computed holds when exactly so many rows are as expected, also in a table of verdicts.
#[test]
fn a_share_of_17_digits_is_compared_as_it_is_computed() {
    let (mut pipeline, mut files) = (String::from("[pipeline]\nname = 'p'\n"), Vec::new());
    let shares = [(1, 11), (10, 11), (15, 17), (254, 280), (36, 79), (219, 220), (18, 189), (2, 3)];
    for (held, all) in shares {
        let share = f64::from(held) / f64::from(all);
        let name = format!("s{held}_{all}");
        pipeline.push_str(&format!(
            "[source.{name}]\npath = '{name}.csv'\n[[expect.{name}]]\ncolumn = 'x'\nin = ['1']\nmostly = {share:?}\n\
             [step.j_{name}]\nkind = 'judge'\nfrom = '{name}'\n"
        ));
        let rows: String = (0..all).map(|at| if at < held { "1\n" } else { "2\n" }).collect();
        files.push((format!("{name}.csv"), format!("x\n{rows}")));
    }
    files.push(("hotpass.toml".to_owned(), pipeline));
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let case = Case::new(&files);
    case.build().ok();
    for (held, all) in shares {
        let verdict = case.table(&format!("p.j_s{held}_{all}"));
        assert!(verdict.trim_end().ends_with("| true"), "{held} of {all}: {verdict}");
    }
}

#[test]
fn a_remainder_and_a_literal_are_exact() {
    let pipeline = r#"
[pipeline]
name = "p"
[source.s]
path = "s.csv"
[step.n]
kind = "derive"
from = "s"
keep = ["r", "same", "over"]
[step.n.columns]
r = "cast(a as integer) % cast(b as integer)"
same = "cast(f as float) = 0.09090909090909091"
over = "cast(f as float) > 0.09090909090909091"
"#;
    let rows = "a,b,f\n-9223372036854775808,-1,0.09090909090909091\n7,-1,0.0909090909090909\n7,0,1\n,-1,\n-7,2,0\n";
    let case = Case::new(&[("hotpass.toml", pipeline), ("s.csv", rows)]);
    case.build().ok();
    let expected = "r | same | over\n0 | true | false\n0 | false | false\n | false | true\n |  |\n-1 | false | false\n";
    assert_eq!(case.table("p.n"), expected);
}
