//! What a shell is told that asks what may come next.

use std::path::Path;

use crate::case::Case;
use crate::program::command;

const PIPELINE: &str = "\
    [pipeline]\nname = 'crm'\n\
    [parameters]\nleast = 1\n\
    [source.people]\npath = 'data/people.csv'\n\
    [step.named]\nkind = 'filter'\nfrom = 'people'\nwhere = 'name is not null'\ntags = ['daily']\n\
    [[gate]]\nid = 'good'\nexpectations = ['mail_is_there']\n\
    [[expect.named]]\nid = 'mail_is_there'\ncolumn = 'mail'\nnot_null = true\n\
    [export.list]\nfrom = 'named'\npath = 'dist/list.csv'\n\
    [environment.dev]\ndestination = 'dev'\n";

/// What may stand in the place of the last word.
fn asked(root: &Path, words: &[&str]) -> Vec<String> {
    let line = [&["--", words[0], "-C", "."], &words[1..]].concat();
    let mut shell = command(root, &line);
    shell.env("HOTPASS_COMPLETE", "bash").env("_CLAP_COMPLETE_INDEX", (line.len() - 2).to_string());
    let output = shell.env("_CLAP_IFS", "\n").output().expect("it starts");
    assert!(output.status.success() && output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
}

#[test]
fn names_of_a_workspace_are_proposed_where_they_can_stand() {
    let case = Case::new(&[("hotpass.toml", PIPELINE), ("data/people.csv", "name,mail\nJo,jo@one.example\n")]);
    let root = &case.asked.root;
    for (words, proposed) in [
        (["hotpass", "show", "na"].as_slice(), ["named"].as_slice()),
        (&["hotpass", "show", "crm."], &["crm.named", "crm.people"]),
        (&["hotpass", "show", "named", "--columns", "na"], &["name"]),
        (&["hotpass", "show", "named", "--columns", "name,m"], &["name,mail"]),
        (&["hotpass", "show", "named", "--sort", "-m"], &["-mail"]),
        (&["hotpass", "show", "named", "--failing", "m"], &["mail_is_there"]),
        (&["hotpass", "build", "+l"], &["+list"]),
        (&["hotpass", "explain", "named.m"], &["named.mail"]),
        (&["hotpass", "explain", "gate:"], &["gate:good"]),
        (&["hotpass", "explain", "g"], &["gate:good"]),
        (&["hotpass", "explain", "tag:"], &["tag:daily"]),
        (&["hotpass", "show", "ta"], &["tag:daily"]),
        (&["hotpass", "build", "tag:d"], &["tag:daily"]),
        (&["hotpass", "build", "+tag:"], &["+tag:daily"]),
        (&["hotpass", "build", "kind:"], &["kind:filter", "kind:source"]),
        (&["hotpass", "build", "tag:daily,column:m"], &["tag:daily,column:mail"]),
        (&["hotpass", "list", "source:"], &["source:people"]),
        (&["hotpass", "list", "export:"], &["export:list"]),
        (&["hotpass", "explain", "hotpass::toml::s"], &["hotpass::toml::syntax"]),
        (&["hotpass", "env", "diff", "d"], &["dev", "default"]),
        (&["hotpass", "build", "--set", "l"], &["least="]),
        (&["hotpass", "init", "--template", "m"], &["minimal"]),
        (&["hotpass", "pro"], &["profile"]),
    ] {
        assert_eq!(asked(root, words), proposed, "{words:?}");
    }
}

#[test]
fn where_nothing_can_be_read_nothing_is_proposed_and_nothing_said() {
    let case = Case::new(&[("hotpass.toml", "[pipeline\n")]);
    assert!(asked(&case.asked.root, &["hotpass", "show", "x"]).is_empty());
    let case = Case::new::<&str>(&[]);
    assert!(asked(&case.asked.root, &["hotpass", "show", "x"]).is_empty());
    assert!(!case.asked.root.join(".hotpass").exists());
}
