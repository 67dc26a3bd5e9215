//! What a column reads, kind by kind: what is made again when one cell is another one.

use crate::case::Case;

/// Steps that choose rows or take from another table.
const CHOSEN: &str = r#"
[pipeline]
name = "p"
[source.rows]
path = "rows.csv"
[source.names]
path = "names.csv"
[step.once]
kind = "dedupe"
from = "rows"
by = "k"
order = "-d"
[step.wide]
kind = "pivot"
from = "rows"
by = "k"
column = "c"
values = ["y", "n"]
value = "max(a)"
[step.named]
kind = "lookup"
from = "rows"
with = "names"
on = "k"
columns = { v = "v", w = "w" }
default = { w = "none" }
[step.few]
kind = "sample"
from = "rows"
by = "k"
share = 0.5
"#;

#[test]
fn a_step_that_chooses_rows_reads_what_it_chooses_by() {
    let rows =
        [["k", "a", "b", "c", "d"], ["p", "1", "x", "y", "1"], ["p", "2", "z", "n", "2"], ["q", "3", "w", "y", "3"]];
    let text = |rows: &[[&str; 5]]| rows.iter().map(|it| it.join(",") + "\n").collect::<String>();
    let names = "k,v,w\np,one,two\nq,three,four\n";
    let files = [("hotpass.toml", CHOSEN), ("rows.csv", &text(&rows)), ("names.csv", names)];
    let case = Case::new(&files);
    case.build().ok();
    let check = |column: usize, value: &str, expected: &str| {
        let mut changed = rows;
        changed[1][column] = value;
        case.write("rows.csv", text(&changed));
        let report = case.build().ok();
        let ran = report.ran();
        let ran: Vec<&str> = ran.split(") ").filter(|it| !it.starts_with("rows(")).collect();
        assert_eq!(ran.join(") "), expected, "{}", rows[0][column]);
        case.write("rows.csv", text(&rows));
        case.build().ok();
    };
    check(1, "9", "once(a) wide(y, n) few(a)");
    check(4, "5", "once(k, a, b, c, d, _source, _place, _row) few(d)");
    check(3, "n", "once(c) wide(y, n) few(c)");
    case.write("names.csv", "k,v,w\np,one,2\nq,three,four\n");
    assert_eq!(case.build().ok().ran(), "names(k, v, w, _source, _place, _row) named(w)");
}
