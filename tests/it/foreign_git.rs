//! A repository came with a workspace, from anybody: none of its settings starts a program when a revision is asked for.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::case::Case;
use crate::program::{Ran, command, git};

const PIPELINE: &str = r#"
[pipeline]
name = "p"

[source.rows]
path = "data/rows.csv"

[step.s]
kind = "sort"
from = "rows"
by = ["id"]

[contract.c]
version = "1.0.0"
[[contract.c.field]]
name = "id"
type = "text"
"#;

const ROWS: &str = "id,name\n1,Aero\n2,Blue\n";

/// A repository with one commit of the workspace, built. `attributes` are those of its files.
fn case(attributes: &str, init: &[&str]) -> Case {
    let files = [
        (".gitattributes", attributes),
        (".gitignore", ".hotpass/\ndist/\n*.sh\n*.txt\nglobal\n"),
        ("hotpass.toml", PIPELINE),
        ("data/rows.csv", ROWS),
    ];
    let case = Case::new(&files);
    let words: Vec<&str> = ["init", "--quiet", "--initial-branch=main"].iter().chain(init).copied().collect();
    git(&case.asked.root, &words);
    git(&case.asked.root, &["add", "--all"]);
    git(&case.asked.root, &["commit", "--quiet", "--no-verify", "-m", "first"]);
    case.run(&["build"]).ok();
    case
}

/// A program that tells that it ran, and passes on what it is given with `word` for `Aero`.
fn planted(case: &Case, name: &str, word: &str) -> (String, PathBuf) {
    let (program, mark) = (case.asked.root.join(format!("{name}.sh")), case.asked.root.join(format!("{name}.txt")));
    let text = format!("#!/bin/sh\necho ran >> '{}'\nsed 's/Aero/{word}/'\n", mark.display());
    fs::write(&program, text).expect("written");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("a program");
    }
    (program.display().to_string(), mark)
}

/// What `hotpass` says, with these settings of the person.
fn said(case: &Case, words: &[&str], settings: &str) -> Ran {
    let global = case.asked.root.join("global");
    fs::write(&global, settings).expect("written");
    let mut asked = command(&case.asked.root, words);
    asked.env("GIT_CONFIG_GLOBAL", global).env("GIT_CONFIG_SYSTEM", "/dev/null");
    Ran::from(asked)
}

#[cfg(unix)]
#[test]
fn no_setting_of_a_repository_starts_a_program() {
    for kind in ["smudge", "process", "clean"] {
        let case = case("*.csv filter=evil\n*.toml filter=evil\n", &[]);
        let (evil, mark) = planted(&case, "evil", "Evil");
        let root = &case.asked.root;
        let included = root.join(".git/more");
        fs::write(&included, format!("[filter \"evil\"]\n\t{kind} = \"{evil}\"\n\trequired = true\n"))
            .expect("written");
        git(root, &["config", "include.path", "more"]);
        let programs = [
            ("core.fsmonitor", &*evil),
            ("core.sshCommand", &evil),
            ("core.gitProxy", &evil),
            ("core.askPass", &evil),
            ("core.pager", &evil),
            ("core.alternateRefsCommand", &evil),
            ("credential.helper", &evil),
            ("diff.external", &evil),
            ("diff.evil.textconv", &evil),
            ("uploadpack.packObjectsHook", &evil),
            ("extensions.partialClone", "origin"),
            ("remote.origin.url", "ssh://nobody@host.example/x"),
            ("remote.origin.promisor", "true"),
            ("protocol.allow", "always"),
        ];
        programs.iter().for_each(|(name, value)| git(root, &["config", name, value]));
        for hook in ["post-checkout", "post-index-change", "reference-transaction", "fsmonitor-watchman"] {
            fs::create_dir_all(root.join(".git/hooks")).expect("a folder");
            fs::copy(&evil, root.join(".git/hooks").join(hook)).expect("copied");
        }
        fs::remove_file(&mark).ok();
        let ran = said(&case, &["diff", "s", "--from", "git:HEAD"], "");
        assert!(ran.code == Some(0) && ran.out.contains("no row differs"), "{kind}: {ran:?}");
        let told = ran.err.contains("hotpass::git::foreign-filter") && ran.err.contains("`evil`");
        assert_eq!(told, kind != "clean", "{ran:?}");
        said(&case, &["contract", "diff", "git:HEAD", "c"], "").ok();
        // What is missing is not fetched: the settings say how.
        let missing = format!("git:{}", "1234567890".repeat(4));
        assert!(said(&case, &["diff", "s", "--from", &missing], "").err.contains("no revision"));
        // A blob of `id,name…`, which is the only file of its kind: gone, as in a partial clone.
        let blob =
            Command::new("git").arg("-C").arg(root).args(["hash-object", "--no-filters", "data/rows.csv"]).output();
        let blob = String::from_utf8(blob.expect("git").stdout).expect("a name");
        fs::remove_file(root.join(".git/objects").join(&blob[..2]).join(blob[2..].trim())).expect("removed");
        let refused = said(&case, &["diff", "s", "--from", "git:HEAD"], "");
        assert!(refused.code == Some(1) && refused.err.contains("the clone is partial"), "{refused:?}");
        assert!(!mark.exists(), "{kind}: a program of the repository ran");
    }
}

#[cfg(unix)]
#[test]
fn a_filter_of_the_person_runs_whatever_the_repository_says_of_it() {
    let case = case("*.csv filter=large\n", &[]);
    let ((evil, mark), (good, own)) = (planted(&case, "evil", "Evil"), planted(&case, "good", "Good"));
    let settings = format!("[filter \"large\"]\n\tsmudge = \"{good}\"\n\trequired = true\n");
    git(&case.asked.root, &["config", "filter.large.smudge", &evil]);
    git(&case.asked.root, &["config", "filter.large.process", &evil]);
    let ran = said(&case, &["diff", "s", "--from", "git:HEAD"], &settings);
    assert!(ran.out.contains("- row 1  id=1  name=Good\n+ row 1  id=1  name=Aero"), "{ran:?}");
    assert!(!ran.err.contains("foreign-filter"), "{ran:?}");
    assert!(own.exists() && !mark.exists());
}

#[test]
fn what_names_no_program_holds_as_in_a_checkout() {
    // Another kind of digest, files without line ends of git's own, and attributes that the repository does not hold.
    let case = case("", &["--object-format=sha256"]);
    git(&case.asked.root, &["config", "core.autocrlf", "true"]);
    fs::create_dir_all(case.asked.root.join(".git/info")).expect("a folder");
    fs::write(case.asked.root.join(".git/info/attributes"), "*.csv -text\n").expect("written");
    let ran = said(&case, &["diff", "s", "--from", "git:main"], "");
    assert!(ran.code == Some(0) && ran.out.contains("no row differs"), "{ran:?}");
}
