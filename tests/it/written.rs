//! Cells that were numbers in a workbook, on their way to the step that reads them.

use crate::book::{book, sheet};
use crate::case::Case;

const PIPELINE: &str = r#"
[pipeline]
name = "p"
[normal]
date_order = "day_first"
decimal_comma = true
[source.a]
path = "a.xlsx"
[source.b]
path = "b.csv"
delimiter = ";"
[step.mapped]
kind = "map"
from = "a"
columns = { k = "k", fee = "price", paid = "day", count = "n" }
[step.all]
kind = "union"
from = ["mapped", "b"]
[step.some]
kind = "filter"
from = "all"
where = "k <> 'x'"
[step.read]
kind = "normalise"
from = "some"
columns = { fee = "decimal", paid = "date", count = "integer" }
[step.told]
kind = "derive"
from = "a"
keep = ["k", "fee", "paid", "made"]
[step.told.columns]
fee = "decimal(price)"
paid = "date(day)"
made = "decimal(upper(price))"
[step.again]
kind = "normalise"
from = "told"
columns = { fee = "decimal" }
"#;

fn case() -> Case {
    let lines = "n | k | price | day\n\
                 #1000 | 1 | #3.125 | 2024-01-01\n\
                 1.000 | 2 | 1.234,50 | #45292\n\
                 #12 | x | #12.5 | #45293.75\n\
                 12 | 3 | 1.234 | #2024\n\
                 #7 | 4 | #12.5 | #45293.75";
    let files: [(&str, &[u8]); 3] = [
        ("hotpass.toml", PIPELINE.as_bytes()),
        ("a.xlsx", &book(&[sheet("S", lines)])),
        ("b.csv", b"k;fee;paid;count\n5;3.125;45292;1.000\n"),
    ];
    Case::new(&files)
}

#[test]
fn a_number_cell_is_that_number_and_among_dates_the_day_it_counts() {
    let case = case();
    case.build().ok();
    // Texts have the sign and the order of their column; of a text `45292` nobody knows what it is.
    let expected = "k | fee | paid | count\n\
                    1 | 3.125 | 2024-01-01 | 1000\n\
                    2 | 1234.5 | 2024-01-01 | 1000\n\
                    3 | 1234.0 |  | 12\n\
                    4 | 12.5 | 2024-01-02 | 7\n\
                    5 | 3125.0 |  | 1000\n";
    assert_eq!(case.table("p.read"), expected);
    let hidden = &case.tables(true)["p.a"];
    assert!(hidden.contains("1000 | 1 | 3.125 | 2024-01-01 | n.n | a | a.xlsx#S | 2"), "{hidden}");
}

#[test]
fn what_is_computed_has_no_cell_and_what_was_read_once_stays_what_it_is() {
    let case = case();
    case.build().ok();
    let told = case.table("p.told");
    // `upper` gives a text like any other, and in this workspace a point stands between thousands.
    let expected = "k | fee | paid | made\n\
                    1 | 3.125 | 2024-01-01 | 3125\n\
                    2 | 1234.5 | 2024-01-01 | 1234.5\n\
                    x | 12.5 | 2024-01-02 |\n\
                    3 | 1234 |  | 1234\n\
                    4 | 12.5 | 2024-01-02 |\n";
    assert_eq!(told, expected);
    assert!(case.table("p.again").contains("1 | 3.125 | 2024-01-01"));
}

#[test]
fn another_cell_that_is_a_number_makes_only_what_reads_numbers() {
    let case = case();
    case.build().ok();
    let lines = "n | k | price | day\n\
                 #1000 | 1 | #3.125 | 2024-01-01\n\
                 1.000 | 2 | #1234.5 | #45292\n\
                 #12 | x | #12.5 | #45293.75\n\
                 12 | 3 | 1.234 | #2024\n\
                 #7 | 4 | #12.5 | #45293.75";
    case.write("a.xlsx", book(&[sheet("S", lines)]));
    let ran = case.build().ok().ran();
    assert!(ran.contains("read(fee, paid, count"), "{ran}");
    assert!(!ran.contains("read(k") && !ran.contains("all(k"), "{ran}");
}

const TAKEN: &str = r#"
[pipeline]
name = "p"
[normal]
date_order = "day_first"
decimal_comma = true
[source.a]
path = "a.xlsx"
[source.b]
path = "b.xlsx"
[step.merged]
kind = "merge"
from = ["a", "b"]
key = "k"
[step.some]
kind = "filter"
from = "merged"
where = "k <> 'x'"
[step.read]
kind = "normalise"
from = "some"
columns = { fee = "decimal", paid = "date" }
[step.latest]
kind = "merge"
from = "a"
key = "g"
fields.fee = { take = "latest" }
fields.paid = { take = "earliest" }
[step.latest_read]
kind = "normalise"
from = "latest"
columns = { fee = "decimal", paid = "date" }
[step.chosen]
kind = "derive"
from = "a"
keep = ["k", "one", "other"]
[step.chosen.columns]
one = "coalesce(nullif(fee, '3,125'), tax)"
other = "case when g = '1' then tax else fee end"
[step.chosen_read]
kind = "normalise"
from = "chosen"
columns = { one = "decimal", other = "decimal" }
[step.long]
kind = "unpivot"
from = "a"
columns = { amount = ["fee", "tax"] }
[step.long_read]
kind = "normalise"
from = "long"
columns = { amount = "decimal", paid = "date" }
[step.beside]
kind = "join"
from = "b"
with = "a"
on = "k"
[step.beside_read]
kind = "normalise"
from = "beside"
columns = { tax = "decimal", fee = "decimal" }
[step.mixed]
kind = "union"
from = ["a", "chosen_again"]
[step.chosen_again]
kind = "map"
from = "chosen"
columns = { k = "k", fee = "other" }
[step.mixed_read]
kind = "normalise"
from = "mixed"
columns = { fee = "decimal" }
"#;

/// The cells of some columns, those of a row parted by blanks, rows by `;`.
fn cells(case: &Case, table: &str, columns: &[&str]) -> String {
    let text = case.table(table);
    let names: Vec<&str> = text.lines().next().unwrap_or_default().split(" | ").collect();
    let places: Vec<usize> =
        columns.iter().map(|it| names.iter().position(|name| name == it).expect("a column")).collect();
    let cut = |line: &str| {
        let cells: Vec<&str> = line.split(" |").map(str::trim).collect();
        places.iter().map(|it| cells[*it]).collect::<Vec<_>>().join(" ")
    };
    text.lines().skip(1).map(cut).collect::<Vec<_>>().join("; ")
}

const GROUPS: &str = r#"
[pipeline]
name = "p"
[normal]
decimal_comma = true
[source.a]
path = "a.xlsx"
[step.groups]
kind = "aggregate"
from = "a"
by = "g"
[step.groups.columns]
least = "min(fee)"
greatest = "max(fee)"
common = "most_common(fee)"
last = "last(fee order by k)"
[step.groups_read]
kind = "normalise"
from = "groups"
columns = { least = "decimal", greatest = "decimal", common = "decimal", last = "decimal" }
[step.fees]
kind = "aggregate"
from = "a"
by = "fee"
columns.rows = "count(*)"
[step.fees_read]
kind = "normalise"
from = "fees"
columns.fee = "decimal"
[step.beside]
kind = "window"
from = "a"
by = "g"
order = "k"
[step.beside.columns]
before = "lag(fee, 1, '0,5')"
least = "min(fee)"
[step.beside_read]
kind = "normalise"
from = "beside"
columns = { before = "decimal", least = "decimal" }
[step.common]
kind = "merge"
from = "a"
key = "g"
fields.fee = { take = "most_common" }
[step.common_read]
kind = "normalise"
from = "common"
columns.fee = "decimal"
[step.keyed]
kind = "merge"
from = "a"
key = "fee"
[step.keyed_read]
kind = "normalise"
from = "keyed"
columns.fee = "decimal"
[step.one]
kind = "derive"
from = "a"
keep = ["k", "lesser", "text", "bare"]
[step.one.columns]
lesser = "least(fee, '9')"
text = "cast(fee as text)"
bare = "rtrim(ltrim(fee))"
[step.one_read]
kind = "normalise"
from = "one"
columns = { lesser = "decimal", text = "decimal", bare = "decimal" }
"#;

/// A value that is one of several is what it was where it stood.
#[test]
fn what_a_cell_was_goes_with_the_value_that_is_chosen_by_what_it_says() {
    let a = "k | g | fee\n1 | 1 | #3.125\n2 | 1 | #3.125\n3 | 1 | 4,50\n4 | 2 | 1.000\n5 | 2 | #7.5\n6 | 2 | #7.5";
    let case = Case::new(&[("hotpass.toml", GROUPS.as_bytes()), ("a.xlsx", &book(&[sheet("S", a)]))]);
    case.build().ok();
    let check = |table: &str, columns: &[&str], expected: &str| {
        assert_eq!(cells(&case, table, columns), expected, "{table}");
    };
    let groups = ["g", "least", "greatest", "common", "last"];
    check("p.groups_read", &groups, "1 3.125 4.5 3.125 4.5; 2 1000.0 7.5 7.5 7.5");
    check("p.fees_read", &["fee", "rows"], "1000.0 1; 3.125 2; 4.5 1; 7.5 2");
    check(
        "p.beside_read",
        &["k", "before", "least"],
        "1 0.5 3.125; 2 3.125 3.125; 3 3.125 3.125; 4 0.5 1000.0; 5 1000.0 1000.0; 6 7.5 1000.0",
    );
    check("p.common_read", &["g", "fee"], "1 3.125; 2 7.5");
    check("p.keyed_read", &["fee"], "1000.0; 3.125; 4.5; 7.5");
    check(
        "p.one_read",
        &["k", "lesser", "text", "bare"],
        "1 3.125 3.125 3.125; 2 3.125 3.125 3.125; 3 4.5 4.5 4.5; 4 1000.0 1000.0 1000.0; 5 7.5 7.5 7.5; \
         6 7.5 7.5 7.5",
    );
}

/// Values that a row takes from several rows or cells are what they were there.
#[test]
fn what_a_cell_was_goes_with_the_value_that_is_taken() {
    let a = "k | g | fee | tax | paid\n\
             1 | 1 | #3.125 | 1.234,50 | 2024-01-01\n\
             2 | 1 | 3,125 | #12.5 | #45292\n\
             3 | 2 | #12.5 | 1.000 | 03/02/2024\n\
             4 | 2 | 12,5 | #1000 | #45293";
    let b = "k | fee | paid\n5 | #99.5 | #45294\n1 | 7,25 | 01/02/2024\nx | 1 | 2";
    let files: [(&str, &[u8]); 3] =
        [("hotpass.toml", TAKEN.as_bytes()), ("a.xlsx", &book(&[sheet("S", a)])), ("b.xlsx", &book(&[sheet("S", b)]))];
    let case = Case::new(&files);
    case.build().ok();
    let check = |table: &str, columns: &[&str], expected: &str| {
        assert_eq!(cells(&case, table, columns), expected, "{table}");
    };
    check(
        "p.read",
        &["k", "fee", "paid"],
        "1 3.125 2024-01-01; 2 3.125 2024-01-01; 3 12.5 2024-02-03; 4 12.5 2024-01-02; 5 99.5 2024-01-03",
    );
    check("p.latest_read", &["g", "fee", "paid"], "1 3.125 2024-01-01; 2 12.5 2024-02-03");
    check("p.chosen_read", &["k", "one", "other"], "1 3.125 1234.5; 2 12.5 12.5; 3 12.5 12.5; 4 12.5 12.5");
    check(
        "p.long_read",
        &["k", "amount", "paid"],
        "1 3.125 2024-01-01; 1 1234.5 2024-01-01; 2 3.125 2024-01-01; 2 12.5 2024-01-01; 3 12.5 2024-02-03; \
         3 1000.0 2024-02-03; 4 12.5 2024-01-02; 4 1000.0 2024-01-02",
    );
    check("p.beside_read", &["k", "fee", "tax"], "5 99.5 ; 1 7.25 1234.5; x 1.0 ");
    check("p.mixed_read", &["k", "fee"], "1 3.125; 2 3.125; 3 12.5; 4 12.5; 1 1234.5; 2 12.5; 3 12.5; 4 12.5");
    assert!(case.tables(true)["p.merged"].contains("_kinds"), "rows have letters of their own");
}

/// Each column names the one above three times: written out, the last would have more parts than fit in any memory.
#[test]
fn a_chain_of_derived_columns_is_computed_once_and_its_numbers_stay_numbers() {
    let links = (1..40).map(|at| format!("c{at} = \"case when c{0} = 'q' then c{0} else c{0} end\"\n", at - 1));
    let chain = format!("c0 = \"clean(price)\"\n{}made = \"decimal(c39)\"", links.collect::<String>());
    let case = case();
    case.write("hotpass.toml", PIPELINE.replace("made = \"decimal(upper(price))\"", &chain));
    case.build().ok();
    let expected = "k | fee | paid | made\n\
                    1 | 3.125 | 2024-01-01 | 3.125\n\
                    2 | 1234.5 | 2024-01-01 | 1234.5\n\
                    x | 12.5 | 2024-01-02 | 12.5\n\
                    3 | 1234 |  | 1234\n\
                    4 | 12.5 | 2024-01-02 | 12.5\n";
    assert_eq!(case.table("p.told"), expected);
}

/// All places in which an expression stands.
const ANYWHERE: &str = r#"
[pipeline]
name = "p"
[normal]
decimal_comma = true
date_order = "day_first"
[source.a]
path = "a.xlsx"
[step.filtered]
kind = "filter"
from = "a"
where = "cast(decimal(price) as decimal(3)) < 5"
[step.summed]
kind = "aggregate"
from = "a"
columns = { total = "sum(cast(decimal(price) as decimal(3)))", few = "count(k) filter (where cast(decimal(price) as decimal(3)) < 5)" }
[step.running]
kind = "window"
from = "a"
order = "k"
columns = { so_far = "sum(cast(decimal(price) as decimal(3)))" }
[step.days]
kind = "filter"
from = "a"
where = "date(day) = '2024-01-01'"
[[expect.a]]
holds = "cast(decimal(price) as decimal(3)) < 2000"
[[expect.a]]
column = "k"
in = ["1", "2"]
where = "cast(decimal(price) as decimal(3)) < 5"
"#;

#[test]
fn a_number_cell_is_that_number_wherever_it_is_read() {
    let lines = "k | price | day\n1 | #3.125 | 01/01/2024\n2 | 3,125 | #45292\n3 | 1.234,5 | 02/01/2024\n4 | #12.5 | x";
    let files: [(&str, &[u8]); 2] = [("hotpass.toml", ANYWHERE.as_bytes()), ("a.xlsx", &book(&[sheet("S", lines)]))];
    let case = Case::new(&files);
    case.build().ok();
    assert_eq!(case.table("p.filtered"), "k | price | day\n1 | 3.125 | 01/01/2024\n2 | 3,125 | 45292\n");
    assert_eq!(case.table("p.summed"), "total | few\n1253.250 | 2\n");
    let so_far = ["3.125", "6.250", "1240.750", "1253.250"];
    let running = case.table("p.running");
    let last: Vec<&str> = running.lines().skip(1).filter_map(|it| it.rsplit(" | ").next()).collect();
    assert_eq!(last, so_far);
    let shown = case.run(&["show", "a", "--where", "cast(decimal(price) as decimal(3)) < 5", "--format", "csv"]).ok();
    assert_eq!(shown.out, "k,price,day\n1,3.125,01/01/2024\n2,\"3,125\",45292\n");
    assert_eq!(case.table("p.days"), "k | price | day\n1 | 3.125 | 01/01/2024\n2 | 3,125 | 45292\n");
}

#[test]
fn a_check_that_sets_rows_aside_reads_numbers_as_numbers() {
    let pipeline = "[pipeline]\nname = 'p'\n[normal]\ndecimal_comma = true\n[source.a]\npath = 'a.xlsx'\n\
                    [step.kept]\nkind = 'filter'\nfrom = 'a'\nwhere = 'true'\n\
                    [[expect.kept]]\nholds = 'cast(decimal(price) as decimal(3)) < 10'\non_fail = 'reject'\n";
    let lines = "k | price\n1 | #3.125\n2 | 3,125\n3 | #12.5\n4 | 3.125";
    let files: [(&str, &[u8]); 2] = [("hotpass.toml", pipeline.as_bytes()), ("a.xlsx", &book(&[sheet("S", lines)]))];
    let case = Case::new(&files);
    case.build().ok();
    assert_eq!(case.table("p.kept"), "k | price\n1 | 3.125\n2 | 3,125\n");
}

const ERRORS: &str = r#"
[pipeline]
name = "p"
[source.a]
path = "a.xlsx"
[source.b]
path = "b.csv"
[step.all]
kind = "union"
from = ["a", "b"]
[step.told]
kind = "derive"
from = "all"
columns = { wrong = "is_error(fee)" }
[step.right]
kind = "filter"
from = "all"
where = "not is_error(fee)"
[step.read]
kind = "normalise"
from = "a"
columns = { fee = "decimal" }
[[expect.read]]
column = "fee"
lost = { at_most = 0.5 }
"#;

/// A cell with an error is read as blank: it is not the same as one that is.
#[test]
fn a_cell_with_an_error_can_be_asked_for_and_is_lost() {
    let files: [(&str, &[u8]); 3] = [
        ("hotpass.toml", ERRORS.as_bytes()),
        ("a.xlsx", &book(&[sheet("S", "k | fee\n1 | #2.5\n2 | !#DIV/0!\n3 |\n4 | !#N/A\n5 | 7")])),
        ("b.csv", "k,fee\n6,#N/A\n7,#BEZUG!\n8,Err:502\n9,#1\n10,\n11,#hash!\n".as_bytes()),
    ];
    let case = Case::new(&files);
    let report = case.build().ok();
    let wrong: String =
        case.table("p.told").lines().skip(1).map(|it| if it.ends_with("true") { 'e' } else { '.' }).collect();
    assert_eq!(wrong, ".e.e.eee...");
    let right = case.table("p.right");
    let kept: Vec<&str> = right.lines().skip(1).filter_map(|it| it.split(" |").next()).collect();
    assert_eq!(kept, ["1", "3", "5", "9", "10", "11"]);
    assert!(report.verdicts().contains("read.fee.lost Some(true) 2/4"), "{}", report.verdicts());
    assert!(case.text("hotpass.lock").contains("fee = 2"), "{}", case.text("hotpass.lock"));
    case.replace("hotpass.toml", "0.5", "0.4");
    assert!(case.build().verdicts().contains("read.fee.lost Some(false) 2/4"));
}
