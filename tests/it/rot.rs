//! What rots in the store is noticed, told once by name, and made again in the same build; nothing wrong is published.

use std::fs;
use std::path::PathBuf;

use crate::case::{Case, files_beneath};
use crate::program::command;

fn case() -> Case {
    let pipeline = "[pipeline]\nname = 'p'\n[source.rows]\npath = 'data/rows.csv'\n\
        [step.kept]\nkind = 'derive'\nfrom = 'rows'\ncolumns = { twice = \"a || a\" }\n\
        [export.rows]\nfrom = 'kept'\npath = 'dist/rows.csv'\n";
    let rows: String = (0..300).map(|it| format!("{it},x{}\n", it * 7 % 13)).collect();
    Case::new(&[("hotpass.toml", pipeline.to_owned()), ("data/rows.csv", format!("a,b\n{rows}"))])
}

/// How a verb ended and all that it printed.
fn run(case: &Case, words: &[&str]) -> (Option<i32>, String) {
    let output = command(&case.path(""), words).output().expect("it runs");
    let all = [output.stdout, output.stderr].map(|it| String::from_utf8_lossy(&it).into_owned()).concat();
    (output.status.code(), all)
}

fn segments(case: &Case) -> Vec<PathBuf> {
    let folder = case.path(".hotpass/segments");
    files_beneath(&folder).into_keys().map(|it| folder.join(it)).collect()
}

/// Places spread over a file, always the same.
fn places(length: usize, count: usize) -> impl Iterator<Item = usize> {
    (0..count).map(move |it| (it * 7919 + 13) % length)
}

#[test]
fn a_flipped_bit_in_a_segment_is_never_published() {
    let case = case();
    assert_eq!(run(&case, &["build"]).0, Some(0));
    let published = case.read("dist/rows.csv");
    let mut told = 0;
    for (at, path) in segments(&case).into_iter().enumerate() {
        let whole = fs::read(&path).expect("bytes");
        for place in places(whole.len(), 6) {
            let mut bytes = fs::read(&path).expect("bytes");
            let place = place % bytes.len();
            bytes[place] ^= 1 << (at % 8);
            fs::write(&path, bytes).expect("written");
            case.remove("dist/rows.csv");
            let (code, all) = run(&case, &["build"]);
            assert_eq!(code, Some(0), "{all}");
            assert_eq!(case.read("dist/rows.csv"), published, "{} at {place}", path.display());
            let name = path.file_name().and_then(|it| it.to_str()).expect("a name");
            assert_eq!(all.matches(name).count(), 1, "told once by name: {all}");
            assert!(all.contains("damaged"), "{all}");
            told += 1;
        }
    }
    assert!(told >= 12, "{told}");
    let (code, all) = run(&case, &["build"]);
    assert!(code == Some(0) && !all.contains("damaged"), "{all}");
}

#[test]
fn no_verb_shows_what_a_damaged_segment_holds() {
    for words in [&["query", "--unmasked", "select * from kept"][..], &["show", "kept"]] {
        let case = case();
        assert_eq!(run(&case, &["build"]).0, Some(0));
        for path in segments(&case) {
            let mut bytes = fs::read(&path).expect("bytes");
            let middle = bytes.len() / 3;
            bytes[middle] ^= 4;
            fs::write(&path, bytes).expect("written");
        }
        let (_, all) = run(&case, words);
        assert!(all.contains("damaged"), "{words:?}: {all}");
    }
}

#[test]
fn verify_reads_every_byte_of_the_store_and_what_is_damaged_is_made_again() {
    let case = case();
    assert_eq!(run(&case, &["build"]).0, Some(0));
    assert_eq!(run(&case, &["verify", "--store"]).0, Some(0));
    let path = segments(&case).remove(0);
    let mut bytes = fs::read(&path).expect("bytes");
    bytes[40] ^= 1;
    fs::write(&path, bytes).expect("written");
    let (code, all) = run(&case, &["verify", "--store"]);
    assert!(code.is_some_and(|it| it != 0) && all.contains("are not those that were written"), "{code:?} {all}");
    assert!(!path.exists());
    case.write("data/rows.csv", "a,b\n1,x\n");
    assert_eq!(run(&case, &["build"]).0, Some(0));
    assert_eq!(run(&case, &["verify", "--store"]).0, Some(0));
}

#[test]
fn what_is_copied_elsewhere_is_read_once_and_then_trusted() {
    let case = case();
    assert_eq!(run(&case, &["build"]).0, Some(0));
    for path in segments(&case) {
        let bytes = fs::read(&path).expect("bytes");
        fs::remove_file(&path).expect("removed");
        fs::write(&path, bytes).expect("written");
    }
    let before = fs::metadata(case.path(".hotpass/journal-v2")).expect("a file").len();
    case.remove("dist/rows.csv");
    let (code, all) = run(&case, &["build"]);
    assert!(code == Some(0) && !all.contains("damaged") && all.contains("0 of 1 step"), "{all}");
    let after = fs::metadata(case.path(".hotpass/journal-v2")).expect("a file").len();
    assert!(after > before, "that they are sound is remembered");
}

#[test]
fn an_older_store_is_made_again_with_a_word_and_a_newer_one_is_left_alone() {
    let case = case();
    assert_eq!(run(&case, &["build"]).0, Some(0));
    case.write(".hotpass/journal-v1", "hotpass journal1");
    case.write("data/rows.csv", "a,b\n1,x\n");
    let (code, all) = run(&case, &["build"]);
    assert!(code == Some(0) && all.contains("an older version of hotpass"), "{all}");
    assert!(!case.path(".hotpass/journal-v1").exists());
    let journal = case.path(".hotpass/journal-v2");
    let mut bytes = fs::read(&journal).expect("bytes");
    hotpass::store::record::encode(&[250, 1, 2, 3], &mut bytes);
    fs::write(&journal, &bytes).expect("written");
    case.write("data/rows.csv", "a,b\n2,x\n");
    for words in [&["build"][..], &["gc"], &["query", "select 1"]] {
        let (code, all) = run(&case, words);
        assert!(code != Some(0) && all.contains("newer hotpass"), "{words:?}: {all}");
    }
    assert_eq!(fs::read(&journal).expect("bytes"), bytes);
}

#[test]
fn gc_drops_nothing_while_a_run_cannot_be_read() {
    let case = case();
    assert_eq!(run(&case, &["build"]).0, Some(0));
    let folder = case.path(".hotpass/runs");
    let run_file = folder.join(files_beneath(&folder).into_keys().next().expect("a run"));
    let mut bytes = fs::read(&run_file).expect("bytes");
    bytes[30] ^= 1;
    fs::write(&run_file, bytes).expect("written");
    let before = segments(&case);
    let (code, all) = run(&case, &["gc", "--keep-runs", "1"]);
    assert!(code != Some(0) && all.contains("is damaged"), "{all}");
    assert_eq!(segments(&case), before);
}
