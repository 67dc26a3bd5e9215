//! A `snapshot` step over many days is what a plain loop over the same days gives; a day that comes again changes
//! nothing, and one that is corrected is as if it had been right at once.

use std::collections::BTreeMap;

use crate::case::Case;

const PIPELINE: &str = r#"
[pipeline]
name = "p"
[source.rows]
path = "rows.csv"
header = 1
[source.known]
path = "known.csv"
header = 1
[step.typed]
kind = "derive"
from = "rows"
columns = { day = "cast(day as date)", amount = "cast(amount as decimal(2))", share = "cast(share as float)" }
[step.history]
kind = "snapshot"
from = "typed"
with = "known"
key = "id"
day = "DAY"
[export.history]
from = "history"
path = "dist/history.csv"
formulas = "off"
"#;

const HEADER: &str = "id,text,day,amount,share,valid_from,valid_to\n";

const TEXTS: [&str; 8] = ["", "a", "=1+1", "'quoted", "a; \"b\", c", "two\nlines", "Zoë", "-"];

/// One version of a row: its values, and the days between which it held.
#[derive(Clone, PartialEq, Debug)]
struct Version {
    key: usize,
    values: [String; 4],
    from: u32,
    to: Option<u32>,
}

/// What the history is after a day, from what it was before it.
fn after(before: &[Version], rows: &BTreeMap<usize, [String; 4]>, order: &[usize], day: u32) -> Vec<Version> {
    let mut history = before.to_vec();
    let mut open = Vec::new();
    for it in history.iter_mut().filter(|it| it.to.is_none()) {
        match rows.get(&it.key) == Some(&it.values) {
            true => open.push(it.key),
            false => it.to = Some(day),
        }
    }
    let new = order.iter().filter(|it| rows.contains_key(it) && !open.contains(it));
    history.extend(new.map(|key| Version { key: *key, values: rows[key].clone(), from: day, to: None }));
    history
}

fn quoted(text: &str) -> String {
    match text.contains(['"', ',', '\n']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text.to_owned(),
    }
}

fn day(day: u32) -> String {
    format!("2025-{:02}-{:02}", 1 + day / 28, 1 + day % 28)
}

fn written(history: &[Version]) -> String {
    let line = |it: &Version| {
        let values: Vec<String> = it.values.iter().map(|it| quoted(it)).collect();
        format!("k{},{},{},{}\n", it.key, values.join(","), day(it.from), it.to.map(day).unwrap_or_default())
    };
    HEADER.to_owned() + &history.iter().map(line).collect::<String>()
}

#[test]
fn a_history_is_what_a_loop_over_its_days_gives() {
    let case = Case::new::<&str>(&[]);
    case.write("known.csv", HEADER);
    let mut state = 11_u64;
    let mut next = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    let mut rows: BTreeMap<usize, [String; 4]> = BTreeMap::new();
    let mut before: Vec<Version> = Vec::new();
    let mut history: Vec<Version> = Vec::new();
    let mut today = 0;
    for round in 0..40 {
        // A day in three is said again, with other rows.
        if round == 0 || next(3) > 0 {
            today += 1 + next(3) as u32;
            before = history;
        }
        for key in 0..7 {
            match next(6) {
                0 => drop(rows.remove(&key)),
                1 => {
                    let date = [String::new(), "2024-02-29".to_owned()][next(2)].clone();
                    let amount = ["", "0.50", "12.00", "-3.25"][next(4)].to_owned();
                    let share = ["", "0.1", "1e-09", "250.5"][next(4)].to_owned();
                    rows.insert(key, [TEXTS[next(TEXTS.len())].to_owned(), date, amount, share]);
                }
                _ => (),
            }
        }
        let mut order: Vec<usize> = (0..7).collect();
        order.rotate_left(next(7));
        let lines = order.iter().filter_map(|key| Some((key, rows.get(key)?)));
        let line = |(key, it): (&usize, &[String; 4])| {
            format!("k{key},{}\n", it.iter().map(|it| quoted(it)).collect::<Vec<_>>().join(","))
        };
        case.write("rows.csv", "id,text,day,amount,share\n".to_owned() + &lines.map(line).collect::<String>());
        case.write("hotpass.toml", PIPELINE.replace("DAY", &day(today)));
        history = after(&before, &rows, &order, today);
        for again in ["once", "twice"] {
            case.build().ok();
            let made = case.text("dist/history.csv");
            assert_eq!(made, written(&history), "round {round}, day {}, {again}", day(today));
            case.write("known.csv", made);
        }
    }
    assert!(history.len() > 30, "something happened: {}", history.len());
}
