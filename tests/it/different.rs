//! Checks that no value comes twice, on tables long enough that hashes are looked at first: the same counts.

use std::fmt::Write;

use crate::case::Case;

const ROWS: u64 = 60_000;

#[test]
fn columns_without_repeats_and_others_are_counted_alike() {
    let pipeline = "[pipeline]\nname = 'p'\n[source.rows]\npath = 'data/rows.csv'\n[step.t]\nkind = 'derive'\nfrom = 'rows'\n\
        [step.t.columns]\nid = 'cast(id as integer)'\ntwice = 'cast(twice as integer)'\nx = 'cast(x as float)'\n\
        [[expect.t]]\ncolumns = ['id']\nunique = true\n[[expect.t]]\ncolumn = 'code'\nunique = true\n\
        [[expect.t]]\ncolumn = 'twice'\nunique = true\nseverity = 'warn'\n[[expect.t]]\ncolumn = 'mixed'\nunique = true\n\
        [[expect.t]]\ncolumn = 'gap'\nunique = true\n[[expect.t]]\ncolumn = 'x'\nunique = true\nseverity = 'warn'\n\
        [[expect.t]]\ncolumn = 'down'\nunique = true\n[[expect.t]]\ncolumn = 'id'\nunique = true\nwhere = 'id < 10'\n\
        [[expect.t]]\ncolumns = ['id', 'mixed']\nunique = true\n";
    let mut text = "id,code,twice,mixed,gap,x,down\n".to_owned();
    for it in 0..ROWS {
        let twice = if it == 40_000 { it - 1 } else { it };
        let gap = if it == 30_000 { String::new() } else { format!("g{it:06}") };
        let x = if it + 2 < ROWS { it.to_string() } else { String::new() };
        writeln!(text, "{it},C{it:08},{twice},m{},{gap},{x},d{:06}", it * 7919 % ROWS, ROWS - it).expect("written");
    }
    let case = Case::new(&[("hotpass.toml", pipeline), ("data/rows.csv", text.as_str())]);
    let built = case.build();
    let told: Vec<(&str, u64, u64)> =
        built.summary().checks.iter().map(|it| (it.id.as_str(), it.considered, it.unexpected)).collect();
    let expected = [
        ("t.id.unique", ROWS, 0),
        ("t.code.unique", ROWS, 0),
        ("t.twice.unique", ROWS, 1),
        ("t.mixed.unique", ROWS, 0),
        ("t.gap.unique", ROWS - 1, 0),
        ("t.x.unique", ROWS - 2, 0),
        ("t.down.unique", ROWS, 0),
        ("t.id.unique#2", 10, 0),
        ("t.id.mixed.unique", ROWS, 0),
    ];
    assert_eq!(told, expected, "{}", built.problems);
}
