//! Every code of what is typed, provoked by a command; those of what is written and delivered are in `problems.rs`.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use hotpass::problem::Code;

use crate::case::Case;
use crate::program::{Ran, command};

const PIPELINE: &str = "[pipeline]\nname = 'p'\n[source.rows]\npath = 'rows.csv'\n\
    [export.rows]\nfrom = 'rows'\npath = 'dist/rows.csv'\n";

/// Codes whose causes are not to be had by typing, and the file of the test that makes them up.
const ELSEWHERE: [(&str, &str); 7] = [
    ("hotpass::cli::many-values", "src/answers/cluster.rs"),
    ("hotpass::cli::linked-state", "src/workspace/root.rs"),
    ("hotpass::watch::polling", "src/watch/folders.rs"),
    ("hotpass::refine::unreadable", "src/answers/refine/folder.rs"),
    ("hotpass::refine::not-found", "src/answers/refine/recognise.rs"),
    ("hotpass::refine::ambiguous", "src/answers/refine/recognise.rs"),
    ("hotpass::refine::left-over", "src/answers/refine/recognise.rs"),
];

/// Commands, each in a workspace with one pipeline and one file, behind `@` in an empty folder, and the code that they
/// are answered with.
const TYPED: [(&str, &str); 17] = [
    ("-C nowhere build", "hotpass::cli::no-folder"),
    ("@ build", "hotpass::cli::no-workspace"),
    ("build rowz", "hotpass::cli::unknown-target"),
    ("build a[", "hotpass::cli::bad-target"),
    ("explain rowz", "hotpass::cli::unknown-subject"),
    ("gate rowz", "hotpass::cli::unknown-gate"),
    ("explain gate:rowz", "hotpass::cli::unknown-gate"),
    ("query --file nowhere.sql", "hotpass::query::unreadable"),
    ("link train rows", "hotpass::cli::learns-nothing"),
    ("verify", "hotpass::verify::nothing-to-verify"),
    ("verify rows.csv", "hotpass::verify::nothing-to-verify"),
    ("verify --rebuild --archive rows.csv", "hotpass::verify::nothing-to-verify"),
    ("init --template palace", "hotpass::init::unknown-template"),
    ("expect import rows.csv", "hotpass::expect::not-importable"),
    ("profile import rows.csv", "hotpass::profile::not-importable"),
    ("contract import rows.csv", "hotpass::contract::not-importable"),
    ("refine --input-dir nowhere --output-path out.xlsx", "hotpass::refine::nothing-recognised"),
];

fn typed() -> impl Iterator<Item = &'static Code> {
    hotpass::cli::CODES.iter().copied().flatten().copied()
}

#[test]
fn what_is_typed_wrongly_is_refused_with_a_code_and_a_way_out() {
    for (words, code) in TYPED {
        let case = Case::new(&[("hotpass.toml", PIPELINE), ("rows.csv", "a\n1\n")]);
        let empty = tempfile::tempdir().expect("a folder");
        let (here, words) = match words.strip_prefix("@ ") {
            Some(words) => (empty.path(), words),
            None => (case.asked.root.as_path(), words),
        };
        let words = words.split(' ').map(|it| if it == "empty" { empty.path().as_os_str() } else { it.as_ref() });
        let words: Vec<_> = words.collect();
        let mut command = command(here, &[]);
        let said = Ran::from(command.args(&words).args(["--format", "json"]).output().expect("it starts"));
        assert_eq!(said.code, Some(2), "{words:?}\n{}", said.all());
        assert!(said.all().contains(code), "{words:?} is not `{code}`:\n{}", said.all());
    }
}

/// The text of every Rust file beneath a folder.
fn rust(folder: &Path, acc: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            rust(&path, acc);
        } else if path.extension().is_some_and(|it| it == "rs") {
            acc.push((path.display().to_string(), fs::read_to_string(&path).expect("text")));
        }
    }
}

#[test]
fn every_code_of_what_is_typed_is_provoked() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut tests = Vec::new();
    rust(&root.join("tests/it"), &mut tests);
    tests.retain(|(path, _)| !path.ends_with("/typed.rs"));
    for code in typed() {
        let here = TYPED.iter().any(|(_, it)| *it == code.name);
        let asserted = tests.iter().any(|(_, text)| text.contains(code.name));
        let elsewhere = ELSEWHERE.iter().find(|(it, _)| *it == code.name);
        if let Some((_, file)) = elsewhere {
            let text = fs::read_to_string(root.join(file)).expect("the file");
            assert!(text.contains("#[cfg(test)]"), "`{file}` has no test of `{}`", code.name);
        }
        assert!(here || asserted || elsewhere.is_some(), "no test provokes `{}`", code.name);
    }
}

#[test]
fn every_code_there_is_is_in_a_list_that_tests_go_through() {
    let mut sources = Vec::new();
    rust(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut sources);
    let listed: BTreeSet<&str> = crate::problems::codes().into_iter().chain(typed()).map(|it| it.name).collect();
    for (path, text) in sources {
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        let declared = code.lines().filter(|it| it.trim_start().starts_with("pub") && it.contains(": Code = "));
        for line in declared {
            let name = line.split('"').nth(1).unwrap_or_else(|| panic!("{path}: a code in several lines: {line}"));
            assert!(listed.contains(name), "{path}: `{name}` stands in no list of codes");
        }
    }
}
