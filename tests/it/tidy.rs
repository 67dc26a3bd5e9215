//! Boundaries held by a test, not by a habit: floors, headers, sizes, and that everything users meet is documented.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Modules from the ground up. One names modules of its own floor and of those below, unless [`APART`] says otherwise.
const FLOORS: [(&str, &[&str]); 9] = [
    ("ground", &["digest", "span", "problem", "model", "text"]),
    ("algebra", &["expr", "relation", "graph"]),
    ("border", &["border", "publish"]),
    ("language", &["fields", "profile", "steps", "expectations", "pipeline"]),
    ("plan", &["system", "plan", "summary", "lock"]),
    ("sides", &["db", "query", "store"]),
    ("run", &["run"]),
    ("loop", &["watch"]),
    ("edge", &["show", "cli"]),
];

/// Modules of one floor that do not know each other.
const APART: [(&[&str], &[&str]); 1] = [(&["db", "query"], &["store"])];

/// Crates that only some modules may name, by the beginning of their paths.
const CRATES: [(&str, &[&str]); 5] = [
    ("duckdb", &["store/", "store.rs"]),
    ("miette", &["show/", "show.rs"]),
    ("clap", &["cli/", "cli.rs"]),
    ("salsa", &["db.rs", "query/", "query.rs"]),
    ("indicatif", &["cli/", "cli.rs"]),
];

/// The longest a file may be, in lines.
const LONGEST: usize = 600;

/// Words of one country or industry: they belong into profiles.
const OF_ONE_COUNTRY: [&str; 7] = ["Gauteng", "KwaZulu", "SACAA", "+27", "aviation", "South Africa", "south-africa"];

/// Where profiles are shipped from, and nothing but their names stands.
const NAMES_OF_PROFILES: &str = "query/profiles.rs";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn sources(folder: &str) -> BTreeMap<String, String> {
    let mut acc = BTreeMap::new();
    let mut open = vec![root().join(folder)];
    while let Some(path) = open.pop() {
        for entry in fs::read_dir(path).expect("a folder") {
            let path: PathBuf = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|it| it == "rs") {
                let name = path.strip_prefix(root().join(folder)).expect("beneath").display().to_string();
                acc.insert(name, fs::read_to_string(path).expect("text"));
            }
        }
    }
    acc
}

/// The code of a file, comments and its tests left out.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    let lines = text.lines().filter(|it| !it.trim_start().starts_with("//"));
    lines.map(|it| format!("{it}\n")).collect()
}

fn is_test(file: &str) -> bool {
    file.contains("tests") || file.ends_with("made_up.rs") || file == "cli/world.rs"
}

#[test]
fn imports_point_down() {
    let floor = |name: &str| FLOORS.iter().position(|(_, it)| it.contains(&name));
    let mut wrong = Vec::new();
    for (file, text) in sources("src").iter().filter(|(file, _)| !is_test(file)) {
        let module = file.split(['/', '.']).next().unwrap_or_default();
        if matches!(module, "lib" | "main" | "engine_main") {
            continue;
        }
        let own = floor(module).unwrap_or_else(|| panic!("`{module}` stands on no floor"));
        for after in code(text).split("crate::").skip(1) {
            let name: String = after.chars().take_while(|it| it.is_alphanumeric() || *it == '_').collect();
            let apart = |a: &[&str], b: &[&str]| a.contains(&module) && b.contains(&name.as_str());
            let strangers = APART.iter().any(|(a, b)| apart(a, b) || apart(b, a));
            if floor(&name).is_some_and(|it| it > own) || strangers {
                wrong.push(format!("{file} names `{name}`"));
            }
        }
    }
    wrong.dedup();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn crates_are_named_where_they_belong() {
    let mut wrong = Vec::new();
    for (file, text) in sources("src") {
        let code = code(&text);
        for (name, places) in CRATES {
            let named = [format!("{name}::"), format!("use {name};"), format!("#[{name}(")];
            let allowed = places.iter().any(|it| file.starts_with(it));
            if !allowed && named.iter().any(|it| code.split(it.as_str()).count() > 1) {
                wrong.push(format!("{file} names `{name}`"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn files_say_what_they_are_for_and_are_short() {
    for folder in ["src", "tests", "benches"] {
        for (file, text) in sources(folder) {
            assert!(text.starts_with("//! "), "{folder}/{file} does not say what it is for");
            let lines = text.lines().count();
            assert!(lines <= LONGEST, "{folder}/{file} has {lines} lines");
        }
    }
}

#[test]
fn nothing_in_the_program_is_of_one_country_or_industry() {
    for (file, text) in sources("src").iter().filter(|(file, _)| !is_test(file) && *file != NAMES_OF_PROFILES) {
        let code = code(text);
        for word in OF_ONE_COUNTRY {
            let found = code.lines().find(|it| it.contains(word));
            assert!(found.is_none(), "src/{file} has `{word}`: {}", found.unwrap_or_default());
        }
    }
}

/// Every name has a heading of its own in the document, and every such heading stands for something there is.
fn check_documented(document: &str, level: &str, names: &[&str]) {
    let text = fs::read_to_string(root().join(document)).unwrap_or_else(|error| panic!("{document}: {error}"));
    let headings: Vec<&str> = text.lines().filter_map(|it| it.strip_prefix(level)).collect();
    let headings: Vec<&str> = headings.into_iter().map(|it| it.trim().trim_matches('`')).collect();
    let missing: Vec<_> = names.iter().filter(|it| !headings.contains(it)).collect();
    assert!(missing.is_empty(), "{document} has no heading for {missing:#?}");
}

#[test]
fn every_problem_is_documented() {
    let typed = hotpass::cli::CODES.iter().copied().flatten().copied();
    let names: Vec<&str> = crate::problems::codes().into_iter().chain(typed).map(|it| it.name).collect();
    check_documented("docs/reference/problems.md", "## ", &names);
    let text = fs::read_to_string(root().join("docs/reference/problems.md")).expect("text");
    let headings = text.lines().filter_map(|it| it.strip_prefix("## ")).map(|it| it.trim().trim_matches('`'));
    let gone: Vec<_> = headings.filter(|it| it.starts_with("hotpass::") && !names.contains(it)).collect();
    assert!(gone.is_empty(), "no code is called {gone:#?}");
}

#[test]
fn every_kind_of_step_is_documented() {
    let names: Vec<&str> = hotpass::steps::KINDS.iter().map(|it| it.name).collect();
    check_documented("docs/reference/steps.md", "## ", &names);
}

#[test]
fn every_kind_of_expectation_is_documented() {
    let names: Vec<&str> = hotpass::expectations::KINDS.iter().map(|it| it.name).collect();
    check_documented("docs/reference/expectations.md", "## ", &names);
}
