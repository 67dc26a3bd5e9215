//! Environments do not touch each other: whatever is edited, built and promoted, only the files of the one that is
//! built or promoted to change, and what is promoted is what was built.
//!
//! `HOTPASS_CASES=1000 cargo test --test it environments` looks longer.

use std::collections::BTreeMap;

use hotpass::run::{self, Side};
use hotpass::summary::Status;
use hotpass::workspace::session::{Session, any_error};

use crate::case::{Case, files_beneath};

const NAMES: [&str; 3] = ["default", "dev", "prod"];

/// `dev` takes what fails its check, and the others do not.
const PIPELINE: &str = "\
[workspace]
dist = 'dist'
[environment.dev]
destination = 'dev'
severity = 'warn'
[environment.dev.source.rows]
path = 'dev.csv'
[environment.prod]
destination = 'out/prod'
[environment.prod.parameters]
least = 2
[pipeline]
name = 'p'
[parameters]
least = 1
[source.rows]
path = 'rows.csv'
[step.some]
kind = 'filter'
from = 'rows'
where = 'cast(n as integer) >= $least'
[[expect.some]]
column = 'word'
matches = '[a-z]+'
[[expect.some]]
row_count_anomaly = { within = 3.5 }
severity = 'warn'
[export.out]
from = 'some'
path = 'dist/{env}.csv'
[export.more]
from = 'some'
path = 'dist/more.ndjson'
[export.parts]
from = 'some'
path = 'dist/parts'
format = 'parquet'
partition_by = 'word'
[export.site]
about = 'docs'
path = 'dist/site'
";

/// Numbers that look like chance and are the same each time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % most
    }
}

fn rows(chance: &mut Chance) -> String {
    let words = ["a", "b", "longer", "Z1"];
    let mut text = "n,word\n".to_owned();
    for _ in 0..chance.below(6) {
        let bad = if chance.below(6) == 0 { 4 } else { 3 };
        text += &format!("{},{}\n", chance.below(4), words[chance.below(bad) as usize]);
    }
    text
}

/// The files of each environment.
fn published(case: &Case) -> [BTreeMap<String, Vec<u8>>; 3] {
    let all = files_beneath(&case.asked.root);
    let of = |folder: &str, lock: &str, history: &str| {
        let own = |path: &&String| path.starts_with(folder) || *path == lock || *path == history;
        all.iter().filter(|(it, _)| own(it)).map(|(path, bytes)| (path.clone(), bytes.clone())).collect()
    };
    [
        of("dist/", "hotpass.lock", "history.ndjson"),
        of("dev/", "hotpass.dev.lock", "history.dev.ndjson"),
        of("out/prod/", "hotpass.prod.lock", "history.prod.ndjson"),
    ]
}

fn artefacts(files: &BTreeMap<String, Vec<u8>>) -> Vec<Vec<u8>> {
    let notes = ["manifest.json", "SHA256SUMS", ".lock"];
    let own = |path: &str| !path.starts_with("history.") && !notes.iter().any(|it| path.ends_with(it));
    let mut acc: Vec<Vec<u8>> = files.iter().filter(|(it, _)| own(it)).map(|(_, it)| it.clone()).collect();
    acc.sort();
    acc
}

fn open(case: &mut Case, at: usize) -> Session {
    case.asked.environment = (at > 0).then(|| NAMES[at].to_owned());
    case.open()
}

/// Whether it was promoted.
fn promote(case: &mut Case, from: usize, to: usize) -> bool {
    let (one, other) = (open(case, from), open(case, to));
    if any_error(&one.problems()) || any_error(&other.problems()) {
        return false;
    }
    let (plan, target) = (one.plan(), other.plan());
    let (states, theirs) = (run::settle(&plan, &one.journal), run::settle(&target, &one.journal));
    let from = Side { name: NAMES[from], plan: &plan, states: &states, paths: &one.paths };
    let to = Side { name: NAMES[to], plan: &target, states: &theirs, paths: &other.paths };
    run::promote((from, to), &one.journal, &case.asked.root).expect("the world holds").is_ok()
}

#[test]
fn no_environment_changes_what_another_has() {
    let count = std::env::var("HOTPASS_CASES").ok().and_then(|it| it.parse().ok()).unwrap_or(60);
    let mut chance = Chance(0x9e37_79b9_7f4a_7c15);
    let files = [("hotpass.toml", PIPELINE), ("rows.csv", "n,word\n1,a\n"), ("dev.csv", "n,word\n2,b\n")];
    let mut case = Case::new(&files);
    let (mut built, mut promoted, mut refused) = (0, 0, 0);
    for step in 0..count {
        let before = published(&case);
        let (from, to) = (chance.below(3) as usize, chance.below(3) as usize);
        // What it may change, if anything.
        let (what, may) = match chance.below(8) {
            0 => {
                let text = rows(&mut chance);
                case.write(["rows.csv", "dev.csv"][chance.below(2) as usize], text);
                ("edit", None)
            }
            1 => {
                let least = chance.below(4);
                let text = case.text("hotpass.toml");
                let at = text.find("least = 2").or_else(|| text.find("least = 3")).unwrap_or(0);
                let other = format!("least = {}", 2 + least % 2);
                let text = if at > 0 { text[..at].to_owned() + &other + &text[at + 9..] } else { text };
                case.write("hotpass.toml", text);
                ("edit", None)
            }
            // What somebody changed by hand stops a promotion, and is made anew by a build.
            2 if chance.below(3) == 0 => {
                let path = ["dist/default.csv", "dev/dist/dev.csv", "out/prod/dist/prod.csv"][to];
                if case.path(path).is_file() {
                    case.write(path, "by hand\n");
                }
                ("by hand", Some(to))
            }
            2..=4 => {
                let session = open(&mut case, to);
                let report = crate::case::build(&session, |_, _| ());
                built += usize::from(report.status == Status::Ok);
                ("build", Some(to))
            }
            _ if from != to => {
                let done = promote(&mut case, from, to);
                let now = published(&case);
                if done {
                    promoted += 1;
                    assert_eq!(artefacts(&now[to]), artefacts(&before[from]), "step {step}: promoted is built");
                } else {
                    refused += 1;
                    assert_eq!(now, before, "step {step}: what is refused changes nothing");
                }
                ("promote", done.then_some(to))
            }
            _ => ("nothing", None),
        };
        let after = published(&case);
        for at in (0..3).filter(|it| Some(*it) != may) {
            assert_eq!(after[at], before[at], "step {step}: {what} changed `{}`", NAMES[at]);
        }
    }
    println!("{count} steps: {built} builds, {promoted} promotions, {refused} refused");
    assert!(built > 0 && promoted > 0 && refused > 0, "{built} {promoted} {refused}");
}

#[cfg(unix)]
#[test]
fn a_link_makes_no_two_environments_one() {
    let files = [("hotpass.toml", PIPELINE), ("rows.csv", "n,word\n1,a\n"), ("dev.csv", "n,word\n2,b\n")];
    let mut case = Case::new(&files);
    std::fs::create_dir_all(case.path("out/prod")).expect("a folder");
    std::os::unix::fs::symlink("out/prod", case.path("dev")).expect("a link");
    let told = open(&mut case, 1).problems();
    assert!(told.iter().any(|it| it.code == "hotpass::environment::destination"), "{told:?}");
}

#[test]
fn a_typed_value_moves_nothing_published_without_a_word() {
    let files = [("hotpass.toml", PIPELINE), ("rows.csv", "n,word\n1,a\n"), ("dev.csv", "n,word\n2,b\n")];
    let case = Case::new(&files);
    case.build();
    let before = published(&case);
    let ran = case.run(&["build", "--set", "least=0"]);
    assert!(ran.code == Some(2) && ran.err.contains("hotpass::cli::moves-published"), "{}", ran.all());
    let ran = case.run(&["env", "promote", "dev", "prod"]);
    assert!(ran.code == Some(2) && ran.err.contains("hotpass::environment::not-promoted"), "{}", ran.all());
    assert_eq!(published(&case), before);
}

#[test]
fn a_gate_holds_what_is_promoted_against_what_stands_there() {
    let rows = |count: usize| format!("id\n{}", (0..count).map(|it| format!("{it}\n")).collect::<String>());
    let pipeline = "[pipeline]\nname = 'p'\n[source.rows]\npath = 'data/all.csv'\n\
        [environment.dev.source.rows]\npath = 'data/few.csv'\n\
        [[gate]]\nid = 'size'\nmetric = { table = 'rows', of = 'rows', min = 1, max_drop = '10%' }\n\
        [export.out]\nfrom = 'rows'\npath = 'dist/out.csv'\n";
    let workspace = "[environment.dev]\ndestination = 'dev'\n[environment.prod]\ndestination = 'prod'\n";
    let (all, few) = (rows(12), rows(1));
    let case = Case::new(&[
        ("hotpass.toml", workspace),
        ("pipelines/p.toml", pipeline),
        ("data/all.csv", all.as_str()),
        ("data/few.csv", few.as_str()),
    ]);
    for environment in ["prod", "dev"] {
        case.run(&["build", "--env", environment]).ok();
    }
    let before = case.read("prod/dist/out.csv");
    let refused = case.run(&["env", "promote", "dev", "prod"]);
    assert!(refused.code == Some(2) && refused.all().contains("would be shut in `prod`"), "{}", refused.all());
    assert!(refused.all().contains("91.7 % less"), "{}", refused.all());
    assert_eq!(case.read("prod/dist/out.csv"), before);
    case.write("data/few.csv", rows(11));
    case.run(&["build", "--env", "dev"]).ok();
    case.run(&["env", "promote", "dev", "prod"]).ok();
}

#[test]
fn a_promotion_without_a_state_folder_says_what_is_not_known() {
    let pipeline = "[pipeline]\nname = 'p'\n[source.rows]\npath = 'data/all.csv'\n\
        [[expect.rows]]\nid = 'there'\ncolumn = 'id'\nnot_null = true\n\
        [[gate]]\nid = 'size'\nmetric = { table = 'rows', of = 'rows', min = 1 }\n\
        [[gate]]\nid = 'good'\nexpectations = ['there']\n\
        [export.out]\nfrom = 'rows'\npath = 'dist/out.csv'\n";
    let workspace = "[environment.dev]\ndestination = 'dev'\n[environment.prod]\ndestination = 'prod'\n";
    let files = [("hotpass.toml", workspace), ("pipelines/p.toml", pipeline), ("data/all.csv", "id\n1\n")];
    let case = Case::new(&files);
    case.run(&["build", "--env", "dev"]).ok();
    std::fs::remove_dir_all(case.path(".hotpass")).expect("removed");
    // The second one finds the folder that the first one made.
    for _ in 0..2 {
        let ran = case.run(&["env", "promote", "dev", "prod"]);
        let told = ran.err.split_whitespace().collect::<Vec<_>>().join(" ").replace("| ", "");
        assert_eq!(ran.code, Some(2), "{}", ran.all());
        assert!(told.contains("check `there`, gate `size`, gate `good` are not evaluated"), "{told}");
        assert!(told.contains("the state folder has no table of it"), "{told}");
        assert!(!told.contains("is shut") && !told.contains("failed") && !told.contains("os error"), "{told}");
        assert!(told.contains("build `dev` first"), "{told}");
    }
    case.run(&["build", "--env", "dev"]).ok();
    case.run(&["env", "promote", "dev", "prod"]).ok();
    assert_eq!(case.text("prod/dist/out.csv"), "id\n1\n");
    // A gate that is shut is told as such.
    case.replace("pipelines/p.toml", "min = 1", "min = 2");
    let ran = case.run(&["build", "--env", "dev"]);
    assert_eq!(ran.code, Some(2), "{}", ran.all());
    let ran = case.run(&["env", "promote", "dev", "prod"]);
    assert!(ran.code == Some(2) && ran.err.contains("the gate `size` is shut"), "{}", ran.all());
}

/// A text whose lines were broken, as one.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_file_of_somebody_else_where_something_is_promoted_to_is_told_with_what_helps() {
    let pipeline = "[pipeline]\nname = 'p'\n[source.rows]\npath = 'data/all.csv'\n\
        [export.out]\nfrom = 'rows'\npath = 'dist/out.csv'\n";
    let workspace = "[environment.dev]\ndestination = 'dev'\n[environment.prod]\ndestination = 'prod'\n";
    let files = [("hotpass.toml", workspace), ("pipelines/p.toml", pipeline), ("data/all.csv", "id\n1\n")];
    let case = Case::new(&files);
    case.run(&["build", "--env", "dev"]).ok();
    case.write("prod/dist/out.csv", "mine\n");
    let refused = case.run(&["env", "promote", "dev", "prod"]);
    let help = "move the file away; or replace it with `hotpass build --env prod --overwrite`, and promote again";
    assert!(refused.code == Some(2) && words(&refused.all()).contains(help), "{}", refused.all());
    case.run(&["build", "--env", "prod", "--overwrite"]).ok();
    case.run(&["env", "promote", "dev", "prod"]).ok();
}

#[test]
fn a_check_that_learns_holds_what_is_promoted_against_what_was_published_there() {
    let rows = |count: usize| format!("id\n{}", (0..count).map(|it| format!("{it}\n")).collect::<String>());
    let gate = "[[gate]]\nid = 'steady'\nexpectations = ['change']\n";
    let pipeline = |gate: &str| {
        format!(
            "[pipeline]\nname = 'p'\n[source.rows]\npath = 'data/all.csv'\n\
            [environment.dev.source.rows]\npath = 'data/more.csv'\n\
            [[expect.rows]]\nid = 'change'\nrow_count_change = {{ max_rise = '50%' }}\n{gate}\
            [export.out]\nfrom = 'rows'\npath = 'dist/out.csv'\n"
        )
    };
    let workspace = "[environment.dev]\ndestination = 'dev'\n[environment.prod]\ndestination = 'prod'\n";
    for gate in ["", gate] {
        let case = Case::new(&[
            ("hotpass.toml", workspace),
            ("pipelines/p.toml", &pipeline(gate)),
            ("data/all.csv", &rows(11)),
            ("data/more.csv", &rows(104)),
        ]);
        for environment in ["prod", "dev"] {
            case.run(&["build", "--env", environment]).ok();
        }
        let refused = case.run(&["env", "promote", "dev", "prod"]);
        let told = refused.all().split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(refused.code == Some(2) && told.contains("would fail in `prod`: 104, 11 before"), "{}", refused.all());
        case.write("data/more.csv", rows(12));
        // To `dev` that is news of another kind: it published 104.
        case.run(&["build", "--env", "dev"]).ok();
        case.run(&["env", "promote", "dev", "prod"]).ok();
        assert_eq!(case.text("prod/dist/out.csv").lines().count(), 13);
    }
}
