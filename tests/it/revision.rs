//! A table as it stands against what a branch, a tag or a commit makes, with the `git` that is installed.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::case::{Case, files_beneath};
use crate::program::{Ran, command, git};

const PIPELINE: &str = r#"
[pipeline]
name = "crm"

[field.id]
[field.name]
value = "line"

[source.list]
path = "data/list-*.csv"
select = "newest"

[source.notes]
path = "notes.csv"

[step.mapped]
kind = "map"
from = "list"

[step.schools]
kind = "merge"
from = "mapped"
key = "id"

[step.noted]
kind = "join"
from = "schools"
with = "notes"
on = "id"

[export.noted]
from = "noted"
path = "dist/noted.csv"
"#;

const NOTES: &str = "id,note\na,open\na,shut\n";

/// A repository with the workspace in a folder of it, on the branch `main`, built.
fn case(ignored: &str) -> (Case, std::path::PathBuf) {
    let case = Case::new(&[
        (".gitignore", ignored),
        ("crm/hotpass.toml", PIPELINE),
        ("crm/data/list-2025-01.csv", "id,name\na,Aero\nb,Blue\n"),
        ("crm/notes.csv", NOTES),
    ]);
    let root = case.asked.root.clone();
    git(&root, &["init", "--quiet", "--initial-branch=main"]);
    commit(&root, "first");
    let workspace = root.join("crm");
    build(&workspace);
    (case, workspace)
}

fn commit(root: &Path, message: &str) {
    git(root, &["add", "--all"]);
    git(root, &["commit", "--quiet", "--no-verify", "-m", message]);
}

/// Every file of the workspace and of the repository, by path.
fn all_but_the_store(case: &Case) -> BTreeMap<String, Vec<u8>> {
    let mut acc = files_beneath(&case.asked.root);
    acc.retain(|path, _| !path.starts_with("crm/.hotpass/"));
    acc
}

fn run(folder: &Path, words: &[&str]) -> Ran {
    command(folder, words).into()
}

fn build(workspace: &Path) {
    run(workspace, &["build"]).ok();
}

/// What is told of a comparison, and what beside it.
fn diff(workspace: &Path, words: &[&str]) -> (String, String) {
    let Ran { out: text, err, .. } = run(workspace, &[&["diff"], words].concat()).ok();
    // A commit has another name on every day.
    let word = |it: &str| match it.strip_prefix('(') {
        Some(rest) if rest.len() > 12 && rest[..12].bytes().all(|it| it.is_ascii_hexdigit()) => {
            format!("(COMMIT{}", &rest[12..])
        }
        _ => it.to_owned(),
    };
    (text.lines().map(|it| it.split(' ').map(word).collect::<Vec<_>>().join(" ") + "\n").collect(), err)
}

fn refused(workspace: &Path, words: &[&str]) -> String {
    let output = run(workspace, &[&["diff"], words].concat());
    assert_eq!(output.code, Some(2), "{output:?}");
    output.err
}

#[test]
fn a_branch_is_compared_with_what_stands() {
    let (case, workspace) = case(".hotpass/\ndist/\n");
    git(&case.asked.root, &["switch", "--quiet", "--create", "mine"]);
    case.replace(
        "crm/hotpass.toml",
        "key = \"id\"",
        "key = \"id\"\n[step.schools.fields]\nname = { take = \"count\" }",
    );
    case.write("crm/data/list-2025-02.csv", "id,name\na,Aero\nc,Crane\n");
    build(&workspace);
    let before = all_but_the_store(&case);
    let (text, err) = diff(&workspace, &["schools", "--from", "git:main"]);
    insta::assert_snapshot!(text, @r"
    crm.schools  from git:main (COMMIT) to now, rows matched by `id`
    1 row added, 1 row removed, 1 row changed; 0 rows as before
    ~ column name (integer, was text)

    column  cells  changed  filled  emptied
    ------  -----  -------  ------  -------
    name        1        1       0        0

    ~ a
        name  Aero -> 1
    - b  name=Blue
    + c  name=1
    ");
    assert_eq!(err, "", "git holds all of it");
    // The other way round; and what it was made for stands nowhere else.
    let (text, _) = diff(&workspace, &["schools", "--to", "git:main"]);
    assert!(text.contains("from now to git:main (COMMIT)") && text.contains("name  1 -> Aero"), "{text}");
    let after = all_but_the_store(&case);
    let differs = |it: &&String| before.get(*it) != after.get(*it);
    let changed: Vec<_> = before.keys().chain(after.keys()).filter(differs).collect();
    assert!(changed.is_empty(), "looking changes neither the workspace nor the repository: {changed:?}");
    let left = fs::read_dir(workspace.join(".hotpass/tmp")).expect("a folder").flatten();
    let left: Vec<_> = left.map(|it| it.file_name()).collect();
    assert!(left.is_empty(), "{left:?} is left of the revision");
    // No run is left either: the last one is that of the workspace.
    let (text, _) = diff(&workspace, &["schools", "--from", "last", "--to", "now"]);
    assert!(text.contains("no row differs"), "{text}");
}

#[test]
fn what_git_does_not_hold_is_taken_from_the_workspace_and_told() {
    let (case, workspace) = case(".hotpass/\ndist/\n*.csv\n");
    case.replace(
        "crm/hotpass.toml",
        "key = \"id\"",
        "key = \"id\"\n[step.schools.fields]\nname = { take = \"count\" }",
    );
    build(&workspace);
    let (text, err) = diff(&workspace, &["schools", "--from", "git:main"]);
    assert!(text.contains("name  Aero -> 1"), "{text}");
    let told = err.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(told.contains("hotpass::diff::not-in-git"), "{err}");
    assert!(told.contains("`data/list-2025-01.csv`, `notes.csv` of `git:main"), "{err}");
    assert_eq!(case.text("crm/notes.csv"), NOTES, "it is lent, and comes back as it was");
}

#[test]
fn a_delivery_that_the_revision_did_not_know_is_not_taken_for_its_own() {
    let (case, workspace) = case(".hotpass/\ndist/\n");
    // New, not ignored, and in a folder that the revision has: it is what changed since.
    case.write("crm/data/list-2025-02.csv", "id,name\na,Aero\nb,Blue\nc,Crane\n");
    build(&workspace);
    let (text, err) = diff(&workspace, &["schools", "--from", "git:HEAD"]);
    assert!(text.contains("1 row added, 0 rows removed, 0 rows changed; 2 rows as before"), "{text}");
    assert_eq!(err, "");
}

#[cfg(unix)]
#[test]
fn nothing_is_written_through_a_link_of_the_revision() {
    let (case, workspace) = case(".hotpass/\ndist/\n");
    let elsewhere = tempfile::tempdir().expect("a folder");
    let link = |to: &Path| {
        fs::remove_dir_all(workspace.join("data")).expect("removed");
        std::os::unix::fs::symlink(to, workspace.join("data")).expect("a link");
    };
    link(elsewhere.path());
    commit(&case.asked.root, "linked");
    fs::remove_file(workspace.join("data")).expect("removed");
    // Now it is a folder, with files that git does not hold.
    case.write(".gitignore", ".hotpass/\ndist/\n*.csv\n");
    case.write("crm/data/list-2025-01.csv", "id,name\na,Aero\n");
    let text = refused(&workspace, &["schools", "--from", "git:HEAD"]);
    assert!(text.contains("hotpass::diff::broken-revision"), "{text}");
    let left: Vec<_> = fs::read_dir(elsewhere.path()).expect("a folder").flatten().map(|it| it.path()).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[cfg(unix)]
#[test]
fn what_the_repository_starts_by_itself_is_not_started() {
    use std::os::unix::fs::PermissionsExt;

    let (case, workspace) = case(".hotpass/\ndist/\n*.csv\n");
    let script = "#!/bin/sh\necho started >> started\n";
    for path in [".git/hooks/post-index-change", ".git/hooks/post-checkout", ".git/watch"] {
        case.write(path, script);
        let path = case.asked.root.join(path);
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("a script");
    }
    git(&case.asked.root, &["config", "core.fsmonitor", ".git/watch"]);
    let (text, _) = diff(&workspace, &["schools", "--from", "git:main"]);
    assert!(text.contains("no row differs"), "{text}");
    let started: Vec<_> = files_beneath(&case.asked.root).into_keys().filter(|it| it.ends_with("started")).collect();
    assert!(started.is_empty(), "{started:?}");
}

#[test]
fn several_tables_are_compared_by_one_selector() {
    let (case, workspace) = case(".hotpass/\ndist/\n");
    case.replace(
        "crm/hotpass.toml",
        "key = \"id\"",
        "key = \"id\"\n[step.schools.fields]\nname = { take = \"count\" }",
    );
    build(&workspace);
    let (text, _) = diff(&workspace, &["+noted", "--from", "git:main"]);
    insta::assert_snapshot!(text, @r"
    crm.schools  from git:main (COMMIT) to now, rows matched by `id`
    0 rows added, 0 rows removed, 2 rows changed; 0 rows as before
    ~ column name (integer, was text)

    column  cells  changed  filled  emptied
    ------  -----  -------  ------  -------
    name        2        2       0        0

    ~ a
        name  Aero -> 1
    ~ b
        name  Blue -> 1

    crm.noted  from git:main (COMMIT) to now, rows matched by `id`
    0 rows added, 0 rows removed, 3 rows changed; 0 rows as before
    ~ column name (integer, was text)
    1 key in more than one row: these are matched one after the other

    column  cells  changed  filled  emptied
    ------  -----  -------  ------  -------
    name        3        3       0        0

    ~ a
        name  Aero -> 1
    ~ a
        name  Aero -> 1
    ~ b
        name  Blue -> 1

    the same: crm.list, crm.notes, crm.mapped
    ");
    // Steps that one side does not have are told, and stop nothing.
    case.write("crm/hotpass.toml", PIPELINE.replace("step.noted", "step.other").replace("= \"noted\"", "= \"other\""));
    build(&workspace);
    let (text, _) = diff(&workspace, &["kind:join", "schools", "--from", "git:main"]);
    assert!(text.contains("the same: crm.schools\n`git:main") && text.contains("has no `crm.other`"), "{text}");
    let text = refused(&workspace, &["kind:*", "--output", "all.html"]);
    assert!(text.contains("hotpass::cli::unknown-target"), "{text}");
    let text = refused(&workspace, &["*", "--output", "all.html"]);
    assert!(text.contains("hotpass::diff::one-table") && text.contains("5 tables are selected"), "{text}");
}

#[test]
fn what_cannot_be_compared_is_refused_with_a_code() {
    let (case, workspace) = case(".hotpass/\ndist/\n");
    let text = refused(&workspace, &["schools", "--from", "git:mian"]);
    assert!(text.contains("hotpass::git::unknown-revision") && text.contains("did you mean `main`?"), "{text}");
    for odd in ["git:", "git:--all", "git:main..", "git:HEAD~99"] {
        assert!(refused(&workspace, &["schools", "--from", odd]).contains("hotpass::git::unknown-revision"), "{odd}");
    }
    // A revision with a mistake in it, and one without the workspace.
    case.replace("crm/hotpass.toml", "from = \"mapped\"", "from = \"maped\"");
    commit(&case.asked.root, "broken");
    case.replace("crm/hotpass.toml", "from = \"maped\"", "from = \"mapped\"");
    let text = refused(&workspace, &["schools", "--from", "git:HEAD"]);
    assert!(text.contains("hotpass::diff::broken-revision") && text.contains("did you mean `mapped`?"), "{text}");
    git(&case.asked.root, &["rm", "-r", "--quiet", "--cached", "crm"]);
    git(&case.asked.root, &["commit", "--quiet", "-m", "without"]);
    let text = refused(&workspace, &["schools", "--from", "git:HEAD"]);
    assert!(text.contains("hotpass::diff::broken-revision") && text.contains("has no workspace in `crm`"), "{text}");
    // Where there is no repository, and where there is no git.
    fs::remove_dir_all(case.asked.root.join(".git")).expect("removed");
    let mut alone = command(&workspace, &["diff", "schools", "--from", "git:main"]);
    alone.env("GIT_CEILING_DIRECTORIES", case.asked.root.parent().expect("a folder"));
    let text = Ran::from(alone).err;
    assert!(text.contains("hotpass::git::no-repository"), "{text}");
    let mut none = command(&workspace, &["diff", "schools", "--from", "git:main"]);
    none.env("PATH", case.asked.root.join("nowhere"));
    let none = Ran::from(none);
    assert_eq!(none.code, Some(2));
    assert!(none.err.contains("hotpass::git::no-git") && none.err.contains("--against DIR"), "{none:?}");
}
