//! The same inputs give the same bytes: in another folder, time zone, locale and umask, with another number of jobs,
//! over a store that is warm, cold or gone, and on the machine of whoever committed the sample's lock.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const SAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/pipelines/sample");

/// What decides the sample: everything in its folder that no build makes.
fn copy(folder: &Path) {
    let mut open = vec![PathBuf::new()];
    while let Some(beneath) = open.pop() {
        fs::create_dir_all(folder.join(&beneath)).expect("made");
        for entry in fs::read_dir(Path::new(SAMPLE).join(&beneath)).expect("a folder").flatten() {
            let name = beneath.join(entry.file_name());
            match entry.path().is_dir() {
                true if [".hotpass", "dist", "truth"].iter().any(|it| name == Path::new(it)) => (),
                true => open.push(name),
                false => {
                    fs::copy(entry.path(), folder.join(&name)).expect("copied");
                }
            }
        }
    }
}

/// Builds in `folder` by way of a shell, which sets the umask.
fn build(folder: &Path, umask: &str, words: &[&str], variables: &[(&str, &str)]) -> (i32, String) {
    let program = env!("CARGO_BIN_EXE_hotpass");
    let mut command = Command::new("sh");
    command.arg("-c").arg(format!("umask {umask} && exec \"$0\" \"$@\"")).arg(program).args(words);
    command.current_dir(folder).env_remove("HOTPASS_STATE_DIR").env_remove("HOTPASS_JOBS");
    command.envs(variables.iter().copied());
    let output = command.output().expect("it starts");
    let said = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap_or(-1), String::from_utf8_lossy(&said).into_owned())
}

/// Everything that a build publishes and writes down, by path.
fn made(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut acc = BTreeMap::new();
    let mut open = vec![folder.join("dist")];
    while let Some(path) = open.pop() {
        for entry in fs::read_dir(path).expect("a folder").flatten() {
            match entry.path() {
                path if path.is_dir() => open.push(path),
                path => {
                    let name = path.strip_prefix(folder).expect("beneath").display().to_string();
                    acc.insert(name, fs::read(path).expect("a file"));
                }
            }
        }
    }
    acc.insert("hotpass.lock".to_owned(), fs::read(folder.join("hotpass.lock")).expect("a lock"));
    acc
}

fn same(what: &str, one: &BTreeMap<String, Vec<u8>>, other: &BTreeMap<String, Vec<u8>>) {
    assert_eq!(one.keys().collect::<Vec<_>>(), other.keys().collect::<Vec<_>>(), "{what}");
    for (name, bytes) in one {
        assert!(other[name] == *bytes, "{what}: `{name}` has other bytes");
    }
}

#[cfg(unix)]
#[test]
fn the_sample_gives_the_same_bytes_everywhere() {
    let outer = tempfile::tempdir().expect("a folder");
    let one = outer.path().join("one");
    copy(&one);
    let west = [("TZ", "America/Los_Angeles"), ("LC_ALL", "C"), ("HOME", "/"), ("SOURCE_DATE_EPOCH", "1")];
    assert_eq!(build(&one, "022", &["build", "--jobs", "1"], &west).0, 0);
    let first = made(&one);

    let other = outer.path().join("an other, deeper/ö");
    copy(&other);
    let east = [("TZ", "Asia/Kathmandu"), ("LC_ALL", "tr_TR.UTF-8"), ("LANG", "de_DE.UTF-8"), ("COLUMNS", "40")];
    assert_eq!(build(&other, "077", &["build", "--jobs", "7"], &east).0, 0);
    same("another folder, time zone, locale, umask and number of jobs", &first, &made(&other));

    // Files that are touched and delivered in another order.
    for name in ["registry-2025-07.xlsx", "outreach.xlsx"] {
        let path = other.join("data").join(name);
        let bytes = fs::read(&path).expect("a book");
        fs::remove_file(&path).expect("removed");
        fs::write(&path, bytes).expect("written");
    }
    assert_eq!(build(&other, "022", &["build"], &[]).0, 0);
    same("a warm store", &first, &made(&other));
    fs::remove_dir_all(other.join(".hotpass")).expect("removed");
    fs::remove_dir_all(other.join("dist")).expect("removed");
    let words = ["build", "--memory", "512MiB", "--spill", "spill"];
    assert_eq!(build(&other, "022", &words, &[]).0, 0);
    same("a store that is gone, and little memory", &first, &made(&other));
}

/// `pipelines/sample/hotpass.lock` is committed: its digests of artefacts hold the bytes of every machine and every
/// submission together.
#[cfg(unix)]
#[test]
fn the_sample_is_what_its_lock_says() {
    let folder = tempfile::tempdir().expect("a folder");
    copy(folder.path());
    let update = std::env::var_os("UPDATE").is_some();
    let words: &[&str] = if update { &["build"] } else { &["build", "--locked"] };
    let (code, said) = build(folder.path(), "022", words, &[]);
    assert_eq!(
        code, 0,
        "{said}\nIf the sample is meant to come out otherwise, write its lock anew and commit it:\n  \
         UPDATE=1 cargo test --test it the_sample_is_what_its_lock_says"
    );
    if update {
        fs::copy(folder.path().join("hotpass.lock"), Path::new(SAMPLE).join("hotpass.lock")).expect("copied");
    }
    let (code, said) = build(folder.path(), "022", &["plan", "--format", "json"], &[]);
    assert_eq!(code, 0, "{said}");
    let told: Vec<&str> = said.lines().filter(|it| it.contains(r#""outcome":"#)).collect();
    let due = |it: &&&str| !it.contains(r#""outcome":"reuse""#) && !it.contains(r#""outcome":"stands""#);
    assert!(told.len() > 50, "{said}");
    assert_eq!(told.iter().find(due), None, "what was just built is built");
    // Each is written and made durable by itself: what a step costs to be kept.
    let shards = fs::read_dir(folder.path().join(".hotpass/segments")).expect("a store");
    let segments = shards.map(|it| fs::read_dir(it.expect("a shard").path()).expect("a shard").count()).sum::<usize>();
    assert!((100..=130).contains(&segments), "{segments} segments");
}
