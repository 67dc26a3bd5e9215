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
