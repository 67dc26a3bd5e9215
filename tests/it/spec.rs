//! Pipelines as prose: each file in `spec/` has blocks that go in and blocks that come out.
//!
//! ```text
//! ```toml                      the pipeline (`toml file: hotpass.toml` when nothing else is said)
//! ```csv file: data/x.csv      a file of the workspace; also `toml`, bytes as `hex`, and `make NAME` for those that
//! ```                          `problems::make` makes
//! ```table p.step              the rows of a table, hidden columns left out; `p.step@rejected` those set aside
//! ```problems                  what is wrong, in the plan and in the data
//! ```file dist/out.csv         an artefact
//! ```console                   commands behind `$`, and what they say
//! ```
//!
//! Every heading begins a workspace of its own. `UPDATE=1 cargo test spec` writes what comes out.

use std::fs;
use std::path::{Path, PathBuf};

use crate::case::Case;
use crate::docs::transcript;
use crate::problems::make;

/// A fenced block, by lines of the file: the first and one past the last of what is in it.
struct Block {
    info: String,
    body: std::ops::Range<usize>,
}

#[test]
fn the_specification_holds() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/spec");
    let mut paths: Vec<_> = fs::read_dir(folder).expect("a folder").map(|it| it.expect("an entry").path()).collect();
    paths.sort();
    check(&paths);
}

#[test]
fn every_mistake_of_a_newcomer_is_told_with_what_to_do() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/spec");
    let (mut told, mut without) = (0, Vec::new());
    for name in ["mistakes.md", "newcomers.md", "habits.md"] {
        let text = fs::read_to_string(folder.join(name)).expect("text");
        let lines: Vec<&str> = text.lines().collect();
        for block in blocks(&lines).iter().filter(|it| it.info == "problems") {
            let body = lines[block.body.clone()].join("\n");
            for problem in body.split("\nhotpass::").filter(|it| !it.is_empty()) {
                told += 1;
                without.extend((!problem.contains("\n  help: ")).then(|| format!("{name}: {problem}")));
            }
        }
    }
    assert!(told >= 150, "{told}");
    assert!(without.is_empty(), "{}", without.join("\n"));
}

/// What comes out of each file is what stands in it. `UPDATE=1` writes it there; `SPEC=part-of-a-heading` looks at
/// some sections only.
pub fn check(paths: &[PathBuf]) {
    let mut wrong = Vec::new();
    for path in paths {
        let text = fs::read_to_string(path).expect("text");
        let found = run(&text);
        if found == text {
            continue;
        }
        if std::env::var_os("UPDATE").is_some() {
            fs::write(path, found).expect("written");
        } else {
            wrong.push(format!("{}\n{}", path.display(), differences(&text, &found)));
        }
    }
    assert!(wrong.is_empty(), "{}\n`UPDATE=1` writes what is found", wrong.join("\n"));
}

/// The text with what comes out as it is.
fn run(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let wanted = std::env::var("SPEC").unwrap_or_default();
    let mut out: Vec<String> = Vec::new();
    let mut start = 0;
    while start < lines.len() {
        let mut end = start + 1;
        let mut fenced = false;
        while end < lines.len() && (fenced || !lines[end].starts_with('#')) {
            fenced ^= lines[end].starts_with("```");
            end += 1;
        }
        match lines[start].contains(&wanted) {
            true => section(&lines[start..end], &mut out),
            false => out.extend(lines[start..end].iter().map(|it| (*it).to_owned())),
        }
        start = end;
    }
    out.join("\n") + "\n"
}

fn section(lines: &[&str], out: &mut Vec<String>) {
    let blocks = blocks(lines);
    let case = Case::new::<&str>(&[]);
    let body = |it: &Block| lines[it.body.clone()].iter().map(|it| format!("{it}\n")).collect::<String>();
    for block in &blocks {
        match block.info.split_once(" file: ") {
            Some(("hex", path)) => {
                let bytes: Vec<u8> =
                    body(block).split_whitespace().map(|it| u8::from_str_radix(it, 16).expect("a byte")).collect();
                case.write(path, bytes);
            }
            Some((how, path)) if how.starts_with("make ") => case.write(path, make(how.trim_start_matches("make "))),
            // What cannot be seen is written out.
            Some(("csv", path)) => {
                case.write(path, body(block).replace("\\t", "\t").replace("\\r", "\r").replace("\\0", "\0"));
            }
            Some((_, path)) => case.write(path, body(block)),
            None if block.info == "toml" => case.write("hotpass.toml", body(block)),
            None => (),
        }
    }
    let comes_out =
        |info: &str| ["problems", "console"].contains(&info) || info.starts_with("table ") || info.starts_with("file ");
    let report = blocks.iter().any(|it| comes_out(&it.info)).then(|| case.build());
    let mut at = 0;
    for block in &blocks {
        let Some(report) = report.as_ref().filter(|_| comes_out(&block.info)) else { continue };
        out.extend(lines[at..block.body.start].iter().map(|it| (*it).to_owned()));
        let failures = report.summary.iter().flat_map(|it| &it.failures).map(|it| format!("failure: {it}\n"));
        let found = match block.info.split_once(' ') {
            Some(("table", name)) if report.summary.is_some() => {
                case.tables(false).get(name).cloned().unwrap_or_else(|| "was not made\n".to_owned())
            }
            Some(("file", path)) if case.path(path).is_file() => case.text(path).replace('\r', "\\r"),
            Some(_) => "was not made\n".to_owned(),
            None if block.info == "console" => transcript(&case, &body(block)),
            None => failures.chain([report.problems.clone(), case.problems_of_tests()]).collect(),
        };
        out.extend(found.lines().map(str::to_owned));
        at = block.body.end;
    }
    // A section that says nothing about problems has none.
    if let Some(report) = &report
        && !blocks.iter().any(|it| it.info == "problems")
    {
        let failures = report.summary.as_ref().map(|it| it.failures.join("\n")).unwrap_or_default();
        assert!(report.problems.is_empty() && failures.is_empty(), "{}\n{}{failures}", lines[0], report.problems);
    }
    out.extend(lines[at..].iter().map(|it| (*it).to_owned()));
}

fn blocks(lines: &[&str]) -> Vec<Block> {
    let mut acc = Vec::new();
    let mut open: Option<(String, usize)> = None;
    for (at, line) in lines.iter().enumerate() {
        let Some(info) = line.strip_prefix("```") else { continue };
        open = match open.take() {
            None => Some((info.trim().to_owned(), at + 1)),
            Some((info, start)) => {
                acc.push(Block { info, body: start..at });
                None
            }
        };
    }
    assert!(open.is_none(), "a block is not closed");
    acc
}

fn differences(expected: &str, found: &str) -> String {
    let (expected, found): (Vec<_>, Vec<_>) = (expected.lines().collect(), found.lines().collect());
    let same = expected.iter().zip(&found).take_while(|(a, b)| a == b).count();
    let excerpt = |lines: &[&str]| {
        lines[same.min(lines.len())..].iter().take(12).map(|it| format!("    {it}\n")).collect::<String>()
    };
    format!("  line {}, expected\n{}  found\n{}", same + 1, excerpt(&expected), excerpt(&found))
}
