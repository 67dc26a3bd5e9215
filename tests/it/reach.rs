//! What is read of a workspace, and what is not: links out of it, pipes, devices, odd names, damaged files.

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::case::{Case, engine_file};
use crate::program::{Ran, command};

const TOML: &str = "[pipeline]\nname = 'crm'\nprofile = 'own'\n[source.people]\npath = 'data/people.csv'\n\
                    [export.out]\nfrom = 'people'\npath = 'dist/out.csv'\n";
const PROFILE: &str = "[profile]\nextends = 'generic'\n";
const TRIAL: &str = "[test.none]\nstep = 'people'\n";
const SECRET: &str = "hush = 'swordfish'\n[swordfish]]\nswordfish = \"swordfish\n";

/// Every file that a workspace is read from.
const FILES: [&str; 6] =
    ["hotpass.toml", "pipelines/more.toml", "profiles/own.toml", "tests/all.toml", "hotpass.lock", "data/people.csv"];

const VERBS: [&[&str]; 14] = [
    &["check"],
    &["build"],
    &["build", "--locked"],
    &["test"],
    &["plan"],
    &["list"],
    &["graph"],
    &["adopt"],
    &["profile", "lint"],
    &["diff", "people"],
    &["verify"],
    &["archive"],
    &["explain", "people"],
    &["show", "people"],
];

fn case() -> Case {
    Case::new(&[
        ("hotpass.toml", TOML),
        ("pipelines/more.toml", "[pipeline]\nname = 'more'\n"),
        ("profiles/own.toml", PROFILE),
        ("tests/all.toml", TRIAL),
        ("data/people.csv", "name\nada\n"),
    ])
}

/// Puts something else in the place of a file.
fn put(case: &Case, path: &str, what: &str, outside: &Path) {
    let place = case.path(path);
    let _ = std::fs::remove_file(&place);
    let pipe = || rustix::fs::mknodat(rustix::fs::CWD, &place, rustix::fs::FileType::Fifo, 0o600.into(), 0);
    match what {
        "a link to outside" => symlink(outside, &place).expect("a link"),
        "a dangling link" => symlink("/nowhere/at/all", &place).expect("a link"),
        "a pipe" => pipe().expect("a pipe"),
        "a device" => symlink("/dev/zero", &place).expect("a link"),
        "a folder" => std::fs::create_dir(&place).expect("a folder"),
        _ => symlink("/proc/self/environ", &place).expect("a link"),
    }
}

fn ran(case: &Case, words: &[&str]) -> Ran {
    let begun = Instant::now();
    let mut command = command(&case.asked.root, &[&["-C", "."], words].concat());
    command.env("SWORDFISH", "swordfish");
    let ran = Ran::from(command);
    assert!(begun.elapsed() < Duration::from_secs(20), "{words:?} waits");
    ran
}

#[test]
fn what_stands_elsewhere_is_not_read_whatever_file_leads_there() {
    let outside = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(outside.path(), SECRET).expect("written");
    for path in FILES {
        for what in ["a link to outside", "a dangling link", "a pipe", "a device", "a folder", "a file of `/proc`"] {
            let case = case();
            put(&case, path, what, outside.path());
            // Whatever verb comes first tells; one of them is tried with every file, all of them with links.
            let verbs = if what == "a link to outside" { &VERBS[..] } else { &VERBS[..2] };
            for verb in verbs {
                let ran = ran(&case, verb);
                let said = ran.all();
                assert!(!said.to_lowercase().contains("swordfish"), "{path}, {what}, {verb:?}: {said}");
                assert!(matches!(ran.code, Some(0..=4)), "{path}, {what}, {verb:?}: {:?} {said}", ran.code);
            }
            let refused = !matches!(path, "hotpass.lock") && what == "a link to outside";
            if refused {
                let said = ran(&case, &["check"]);
                let verb = if path.starts_with("tests/") { &["test"][..] } else { &["check"][..] };
                let said = if path.starts_with("tests/") { ran(&case, verb) } else { said };
                assert_eq!(said.code, Some(2), "{path}: {}", said.all());
                assert!(said.all().contains("outside") && said.all().contains("--allow"), "{path}: {}", said.all());
            }
        }
    }
}

#[test]
fn a_lock_that_leads_elsewhere_is_not_read() {
    let outside = tempfile::NamedTempFile::new().expect("a file");
    let case = case();
    ran(&case, &["build"]).ok();
    std::fs::copy(case.path("hotpass.lock"), outside.path()).expect("copied");
    put(&case, "hotpass.lock", "a link to outside", outside.path());
    let said = ran(&case, &["build", "--locked", "--force"]);
    assert_ne!(said.code, Some(0), "{}", said.all());
    assert!(said.all().contains("leads out of the workspace"), "{}", said.all());
}

#[test]
fn a_link_that_is_allowed_is_read_and_its_lines_are_shown() {
    let outside = tempfile::tempdir().expect("a folder");
    std::fs::write(outside.path().join("p.toml"), "[pipeline]\nname = 'other'\nodd = 1\n").expect("written");
    let case = case();
    symlink(outside.path().join("p.toml"), case.path("pipelines/p.toml")).expect("a link");
    let flag = format!("--allow={}", outside.path().display());
    let said = ran(&case, &["check", &flag]).all();
    assert!(said.contains("odd = 1"), "{said}");
    assert!(!ran(&case, &["check"]).all().contains("odd = 1"));
}

#[test]
fn folders_in_circles_are_read_once() {
    let case = case();
    case.write("data/deep/b.csv", "name\nbea\n");
    case.replace("hotpass.toml", "data/people.csv", "data/**/*.csv");
    case.replace("hotpass.toml", "[source.people]", "[source.people]\nselect = 'all'");
    for (to, name) in [(".", "data/x"), (".", "data/y"), ("deep", "data/a"), (".", "pipelines/x"), (".", "tests/y")] {
        symlink(to, case.path(name)).expect("a link");
    }
    ran(&case, &["build"]).ok();
    assert_eq!(case.text("dist/out.csv").lines().collect::<Vec<_>>(), ["name", "bea", "ada"]);
    // A folder that leads elsewhere is not looked into, and that is told.
    symlink("/etc", case.path("data/etc")).expect("a link");
    let said = ran(&case, &["check"]);
    assert_eq!(said.code, Some(2));
    assert!(said.all().contains("`data/etc` is a link that leads out of the workspace"), "{}", said.all());
}

/// Names that mean something to a glob, to SQL or to a shell.
const NAMES: [&str; 9] = ["[a]", "*", "?", "a{b,c}", "it's", "\"q\"", "a b", "**", "[!x]-é"];

#[test]
fn names_are_taken_literally_by_every_reader() {
    let parquet = engine_file("SELECT 'right' AS name");
    for (ending, right) in [
        ("json", b"[{\"name\": \"right\"}]".to_vec()),
        ("ndjson", b"{\"name\": \"right\"}\n".to_vec()),
        ("csv", b"name\nright\n".to_vec()),
        ("parquet", parquet),
    ] {
        for name in NAMES {
            let case = case();
            case.write(&format!("data/{name}.{ending}"), &right);
            // What the name would mean as a pattern.
            for other in ["a", "b", "x-é", "ab"].iter().filter(|it| **it != name) {
                case.write(&format!("data/{other}.{ending}"), b"no such thing");
            }
            let path = format!("data/{name}.{ending}").replace('\\', "\\\\").replace('"', "\\\"");
            case.replace("hotpass.toml", "'data/people.csv'", &format!("\"{path}\""));
            ran(&case, &["build"]).ok();
            assert_eq!(case.text("dist/out.csv"), "name\nright\n", "{name}.{ending}");
        }
    }
}

#[test]
fn a_workspace_may_have_any_name() {
    for name in NAMES.iter().chain(&["a[b]*", "$(x);", "%41", "a\nb"]) {
        let case = Case::new(&[
            (format!("{name}/hotpass.toml").as_str(), TOML.replace("profile = 'own'\n", "")),
            (format!("{name}/data/people.csv").as_str(), "name\nada\n".to_owned()),
            // Where the name as a pattern would lead as well.
            ("a/hotpass.toml", "[pipeline]\nname = 'a'\n".to_owned()),
        ]);
        let toml = case.text(&format!("{name}/hotpass.toml"));
        let step = "[step.clean]\nkind = 'derive'\nfrom = 'people'\ncolumns = { up = 'upper(name)' }\n\
                    [export.parquet]\nfrom = 'clean'\npath = 'dist/clean.parquet'\n";
        case.write(&format!("{name}/hotpass.toml"), format!("{toml}{step}"));
        let said = |words: &[&str]| Ran::from(command(&case.path(name), words));
        said(&["build"]).ok();
        let rows = said(&["query", "--unmasked", "select up from clean"]).ok();
        assert!(rows.out.contains("ADA"), "{name}: {}", rows.all());
        case.write(&format!("{name}/data/people.csv"), "name\nada\nbea\n");
        said(&["build"]).ok();
        let rows = said(&["show", "clean", "--unmasked"]).ok();
        assert!(rows.out.contains("BEA"), "{name}: {}", rows.all());
        said(&["verify", "--rebuild"]).ok();
    }
}

#[test]
fn a_damaged_file_is_refused_by_its_name() {
    let rows = "SELECT i AS id, 'row ' || i AS name, i % 7 = 0 AS flag, i / 3 AS part, \
                DATE '2020-01-01' + i::INT AS day FROM range(3000) t(i)";
    let parquet = engine_file(rows);
    let json: String = (0..400).map(|it| format!("{{\"id\": {it}, \"name\": \"row {it}\"}}\n")).collect();
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = move |below: usize| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        (random % below as u64) as usize
    };
    let case = case();
    let whole = |ending: &str| TOML.replace("people.csv", &format!("people.{ending}")).replace("profile = 'own'\n", "");
    let mut refused = 0;
    for round in 0..36 {
        let (ending, bytes) = if round % 4 == 3 { ("ndjson", json.as_bytes()) } else { ("parquet", &parquet[..]) };
        let mut bytes = bytes.to_vec();
        let at = next(bytes.len());
        match round % 3 {
            0 => bytes[at] ^= 1 << next(8),
            1 => bytes.truncate(at),
            _ => {
                let end = bytes.len().min(at + 1 + next(200));
                bytes[at..end].fill(0);
            }
        }
        case.write("hotpass.toml", whole(ending));
        case.write(&format!("data/people.{ending}"), &bytes);
        let said = ran(&case, &["build"]);
        match said.code {
            Some(0) => (),
            Some(2) => {
                refused += 1;
                assert!(said.all().contains(&format!("data/people.{ending}")), "{round} at {at}: {}", said.all());
            }
            other => panic!("{ending}, round {round} at {at}: {other:?} {}", said.all()),
        }
    }
    assert!(refused > 12, "{refused}");
}

#[test]
fn a_profile_that_cannot_be_read_is_not_replaced_by_the_one_that_is_shipped() {
    let case = case();
    std::fs::remove_file(case.path("profiles/own.toml")).expect("it was there");
    symlink("/etc/hostname", case.path("profiles/generic.toml")).expect("a link");
    case.replace("hotpass.toml", "'own'", "'generic'");
    let said = ran(&case, &["check"]);
    assert_eq!(said.code, Some(2), "{}", said.all());
    assert!(said.all().contains("hotpass::workspace::outside"), "{}", said.all());
}

#[test]
fn files_that_a_folder_leads_out_to_are_no_books_of_it() {
    let outside = tempfile::NamedTempFile::with_suffix(".csv").expect("a file");
    std::fs::write(outside.path(), "name\nsecret\n").expect("written");
    let books = tempfile::tempdir().expect("a folder");
    symlink(outside.path(), books.path().join("a.csv")).expect("a link");
    let place = tempfile::tempdir().expect("a folder");
    let from: PathBuf = books.path().to_owned();
    let said = Ran::from(command(place.path(), &["init", "--from", &from.display().to_string()]));
    assert_eq!(said.code, Some(2), "{}", said.all());
    assert!(said.all().contains("leads out of"), "{}", said.all());
}

#[test]
fn a_hard_link_to_a_file_of_somebody_else_is_told() {
    let case = case();
    for path in ["pipelines/more.toml", "data/people.csv"] {
        std::fs::hard_link(case.path(path), case.path("other")).expect("a link");
        if std::os::unix::fs::chown(case.path(path), Some(4242), None).is_err() {
            return; // Only the first of all users may give files away.
        }
        let said = ran(&case, &["check"]).all();
        assert!(said.contains("hotpass::workspace::lent-file") && said.contains(path), "{said}");
        std::fs::remove_file(case.path("other")).expect("it was there");
        assert!(!ran(&case, &["check"]).all().contains("lent-file"));
    }
}
