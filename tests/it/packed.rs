//! Packed files as sources: what is in them is read as if it lay there, and what cannot be is refused by name.

use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;

use crate::case::Case;

const ROWS: &str = "name,n\nAnn,1\nBob,2\n";
/// `ROWS` as zstd has it: one frame of one raw block, without a checksum.
const ZSTD_HEAD: [u8; 9] = [0x28, 0xb5, 0x2f, 0xfd, 0x20, 19, 0x99, 0, 0];

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    out.write_all(text).expect("written");
    out.finish().expect("packed")
}

fn zipped(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        zip.start_file(*name, SimpleFileOptions::default()).expect("a member");
        zip.write_all(bytes).expect("written");
    }
    zip.finish().expect("an archive").into_inner()
}

fn case(source: &str, file: &str, bytes: &[u8]) -> Case {
    let pipeline = format!("[pipeline]\nname = \"p\"\n[source.rows]\n{source}\n");
    let case = Case::new(&[("hotpass.toml", pipeline)]);
    case.write(file, bytes);
    case
}

fn told(source: &str, file: &str, bytes: &[u8]) -> String {
    case(source, file, bytes).build().problems
}

#[test]
fn what_is_in_a_packed_file_is_read() {
    let zstd = [&ZSTD_HEAD[..], ROWS.as_bytes()].concat();
    let two = [gzip(b"name,n\nAnn,1\n"), gzip(b"Bob,2\n")].concat();
    for (source, file, bytes) in [
        ("path = \"data/rows.csv.gz\"", "data/rows.csv.gz", gzip(ROWS.as_bytes())),
        ("path = \"data/rows.csv.gz\"", "data/rows.csv.gz", two),
        ("path = \"data/*.CSV.GZ\"", "data/rows.CSV.GZ", gzip(ROWS.as_bytes())),
        ("path = \"data/rows.csv.zst\"", "data/rows.csv.zst", zstd),
        (
            "path = \"data/all.zip\"\nmember = \"in/rows.csv\"",
            "data/all.zip",
            zipped(&[("x", b"-"), ("in/rows.csv", ROWS.as_bytes())]),
        ),
        ("path = \"data/rows.gz\"\nformat = \"csv\"", "data/rows.gz", gzip(ROWS.as_bytes())),
    ] {
        let case = case(source, file, &bytes);
        let report = case.build();
        assert_eq!(case.table("p.rows"), "name | n\nAnn | 1\nBob | 2\n", "{source}: {}", report.problems);
        assert_eq!(case.build().ok().ran(), "nothing", "{source}");
    }
}

#[test]
fn a_workbook_may_be_packed() {
    let maker = Case::new(&[
        (
            "hotpass.toml",
            "[pipeline]\nname = \"m\"\n[source.rows]\npath = \"rows.csv\"\n[export.book]\nfrom = \"rows\"\npath = \"dist/book.xlsx\"\nsummary = false\n",
        ),
        ("rows.csv", ROWS),
    ]);
    maker.build().ok();
    let bytes = zipped(&[("book.xlsx", &maker.read("dist/book.xlsx"))]);
    let case = case("path = \"data/all.zip\"\nmember = \"book.xlsx\"", "data/all.zip", &bytes);
    let report = case.build();
    assert_eq!(case.table("p.rows"), "name | n\nAnn | 1\nBob | 2\n", "{}", report.problems);
}

#[test]
fn what_cannot_be_unpacked_is_refused() {
    let gz = "path = \"data/rows.csv.gz\"";
    let mut cut = gzip(ROWS.as_bytes());
    cut.truncate(cut.len() - 4);
    let bomb = gzip(&vec![b'a'; 300 << 20]);
    let zip = "path = \"data/all.zip\"";
    let archive = zipped(&[("one.csv", ROWS.as_bytes()), ("two.csv", ROWS.as_bytes())]);
    // The names are of one length, so that the second one is written over in both places where it stands.
    let mut doubled = archive.clone();
    for at in 0..doubled.len() - 7 {
        if doubled[at..].starts_with(b"two.csv") {
            doubled[at..at + 7].copy_from_slice(b"one.csv");
        }
    }
    for (source, file, bytes, expected) in [
        (gz, "data/rows.csv.gz", cut.as_slice(), "cannot be unpacked"),
        (gz, "data/rows.csv.gz", ROWS.as_bytes(), "cannot be unpacked"),
        (gz, "data/rows.csv.gz", bomb.as_slice(), "is too large"),
        (zip, "data/all.zip", archive.as_slice(), "say which file of the archive is read"),
        (
            &*format!("{zip}\nmember = \"other.csv\""),
            "data/all.zip",
            archive.as_slice(),
            "it holds `one.csv`, `two.csv`",
        ),
        (
            &*format!("{zip}\nmember = \"one.csv\""),
            "data/all.zip",
            doubled.as_slice(),
            "two of its members have one name",
        ),
        (&*format!("{zip}\nmember = \"../one.csv\""), "data/all.zip", archive.as_slice(), "there is no `../one.csv`"),
        (
            "path = \"data/rows.csv\"\nmember = \"one.csv\"",
            "data/rows.csv",
            ROWS.as_bytes(),
            "has no members: only a `.zip` has",
        ),
        ("path = \"data/rows.json.gz\"", "data/rows.json.gz", gzip(b"[]").as_slice(), "not read packed"),
    ] {
        let problems = told(source, file, bytes);
        assert!(problems.contains(expected), "{source}: {problems}");
    }
}
