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
