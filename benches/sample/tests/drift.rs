//! How many renamed columns `drift` finds again, and how often it takes a column for one that it is not: over two
//! deliveries of each sheet, whose rows have nothing in common but how they were made.

use std::collections::BTreeSet;

use hotpass::drift::{Change, columns};
use hotpass::lock::{ColumnForm, Form};
use hotpass::pipeline::Drift;
use hotpass::plan::{Operation, Plan, Role};

use super::mapping::{Workspace, shipped};

/// Seeds of deliveries that follow each other. Nobody looked at them while the score got its weights.
const DELIVERIES: [(u64, u64); 3] = [(3101, 3102), (3103, 3104), (3105, 3106)];

/// The sheets of a delivery, each as a source: its name, its columns.
fn sources(plan: &Plan) -> Vec<(String, Vec<ColumnForm>)> {
    let read = |it: &&hotpass::plan::Table| it.role == Role::Source && matches!(it.make, Operation::Read(_));
    let all = plan.tables.iter().filter(read).map(|it| (it.name.name.clone(), ColumnForm::all(it)));
    all.filter(|(_, columns)| columns.iter().any(|it| it.like.is_some())).collect()
}

/// Proposed renames: those that are right, those that are wrong, and renames that nobody proposed.
#[derive(Default, Debug)]
struct Count {
    right: usize,
    wrong: usize,
    lost: usize,
}

impl Count {
    /// Adds what is told when `was` comes as `now`; `meant` says which names became which.
    fn add(&mut self, was: &[ColumnForm], now: &[ColumnForm], meant: &[(String, String)]) {
        let told = columns(&Form { rows: 200, columns: was.to_vec() }, now, &Drift::default());
        let proposed: BTreeSet<(String, String)> = told
            .into_iter()
            .filter_map(|it| match it {
                Change::Renamed(it) => Some((it.from, it.to)),
                _ => None,
            })
            .collect();
        let right = meant.iter().filter(|it| proposed.contains(*it)).count();
        self.right += right;
        self.wrong += proposed.len() - right;
        self.lost += meant.len() - right;
    }

    fn check(&self, what: &str, precision: f64, recall: f64) {
        let share = |of: usize| self.right as f64 / of.max(1) as f64;
        let (all, got) = (self.right + self.lost, (share(self.right + self.wrong), share(self.right + self.lost)));
        println!("{what:30} {all:5} precision {:.3} recall {:.3}", got.0, got.1);
        assert!(all > 100 && got.0 >= precision && got.1 >= recall, "{what}: {self:?}");
    }
}

/// What else people call a column: the synonyms of its field in the shipped profiles.
fn synonyms(header: &str) -> Vec<String> {
    let mut acc = Vec::new();
    let fold = |it: &str| it.to_lowercase().replace(|it: char| !it.is_alphanumeric(), "");
    for profile in ["generic", "south-africa", "aviation"] {
        let profile = shipped(&format!("profiles/{profile}.toml"));
        for (name, field) in profile.get("field").and_then(toml::Value::as_table).into_iter().flatten() {
            let said = field.get("synonyms").and_then(toml::Value::as_array).into_iter().flatten();
            let mut names: Vec<String> = said.filter_map(|it| it.as_str().map(str::to_owned)).collect();
            names.push(name.clone());
            if names.iter().any(|it| fold(it) == fold(header)) {
                acc.extend(names.into_iter().filter(|it| fold(it) != fold(header)));
            }
        }
    }
    acc
}

/// One column under another name, where it stood or at the end.
fn renamed(columns: &[ColumnForm], at: usize, name: &str, moved: bool) -> Vec<ColumnForm> {
    let mut now = columns.to_vec();
    now[at].name = name.to_owned();
    if moved {
        let column = now.remove(at);
        now.push(column);
    }
    now
}

#[test]
fn renamed_columns_are_found_again_and_others_are_not_taken_for_them() {
    let [mut spelt, mut said, mut said_moved, mut values, mut values_moved, mut all, mut foreign] =
        [(); 7].map(|()| Count::default());
    let mut strangers = 0;
    for (before, after) in DELIVERIES {
        let [before, after] = [before, after].map(|seed| sources(&Workspace::new(200, seed, true, true).plan()));
        assert!(before.len() >= 7, "{} sheets", before.len());
        for ((name, was), (_, now)) in before.iter().zip(&after) {
            for (at, column) in now.iter().enumerate().filter(|(at, it)| was[*at].name == it.name) {
                let meant = |to: &str| vec![(column.name.clone(), to.to_owned())];
                let check = |count: &mut Count, to: &str, moved: bool| {
                    count.add(was, &renamed(now, at, to, moved), &meant(to));
                };
                check(&mut spelt, &format!("{}.", column.name.to_uppercase().replace(' ', "_")), true);
                check(&mut values, "Field 17", false);
                check(&mut values_moved, "Field 17", true);
                let taken = |it: &String| now.iter().any(|column| column.name.eq_ignore_ascii_case(it));
                for other in synonyms(&column.name).into_iter().filter(|it| !taken(it)) {
                    check(&mut said, &other, false);
                    check(&mut said_moved, &other, true);
                }
                // It is gone, and a column of another sheet stands at the end.
                for stranger in after.iter().filter(|(it, _)| it != name).flat_map(|(_, strangers)| strangers) {
                    let mut now = now.clone();
                    now.remove(at);
                    now.push(ColumnForm { name: "Field 17".to_owned(), ..stranger.clone() });
                    foreign.add(was, &now, &[]);
                    strangers += 1;
                }
            }
            // All of them at once, in another order.
            let other = |(at, it): (usize, &ColumnForm)| ColumnForm { name: format!("Field {at}"), ..it.clone() };
            let mut others: Vec<ColumnForm> = now.iter().enumerate().map(other).collect();
            others.reverse();
            let meant = now.iter().enumerate().map(|(at, it)| (it.name.clone(), format!("Field {at}")));
            all.add(was, &others, &meant.collect::<Vec<_>>());
        }
    }
    spelt.check("spelt otherwise, moved", 1.0, 1.0);
    said.check("another word, in place", 0.99, 0.95);
    said_moved.check("another word, moved", 0.99, 0.75);
    values.check("no word, in place", 0.99, 0.8);
    values_moved.check("no word, moved", 0.99, 0.4);
    all.check("all of a sheet, moved", 0.95, 0.4);
    println!("{strangers} strangers beside a lost column, {} taken for it", foreign.wrong);
    assert!(strangers > 5_000 && foreign.wrong * 50 <= strangers, "{} of {strangers} are taken", foreign.wrong);
}
