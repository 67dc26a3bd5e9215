//! Data Docs as artefacts: the same bytes twice, no work where nothing changed, pages that come and go with tables, and
//! pages of a build that failed.

use std::fs;
use std::path::Path;

use crate::case::Case;
use crate::program::{Ran, command};

const PIPELINE: &str = r#"
[pipeline]
name = "crm"

[field.id]
[field.name]
[field.email]
value = "email"
class = "personal"

[source.people]
path = "data/people.csv"

[step.mapped]
kind = "map"
from = "people"

[step.clean]
kind = "normalise"
from = "mapped"

[[expect.clean]]
column = "email"
not_null = true
meaning = "a & <b>"

[export.csv]
from = "clean"
path = "dist/clean.csv"

[export.docs]
about = "docs"
"#;

const PEOPLE: &str = "id,name,email\n1,<script>x</script>,ada@one.example\n2,\u{202e}]]>,grace@two.example\n";

fn run(root: &Path, words: &[&str]) -> (i32, String, String) {
    let ran = Ran::from(command(root, words));
    (ran.code.unwrap_or(-1), ran.out, ran.err)
}

/// All pages by name.
fn pages(folder: &Path) -> Vec<(String, String)> {
    let mut acc = Vec::new();
    for part in [folder.to_owned(), folder.join("tables")] {
        for entry in fs::read_dir(&part).into_iter().flatten().flatten() {
            if entry.path().is_file() {
                let name = entry.file_name().to_string_lossy().into_owned();
                acc.push((name, fs::read_to_string(entry.path()).expect("text")));
            }
        }
    }
    acc.sort();
    acc
}

#[test]
fn pages_are_artefacts() {
    let case = Case::new(&[("hotpass.toml", PIPELINE), ("data/people.csv", PEOPLE)]);
    let root = &case.asked.root;
    let site = root.join("dist/data-docs");
    assert_eq!(run(root, &["build", "-q"]).0, 0);
    let first = pages(&site);
    let names: Vec<&str> = first.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["checks.html", "clean.html", "graph.html", "index.html", "mapped.html", "people.html"]);
    for (name, text) in &first {
        assert!(!text.contains("<script") && !text.contains('\u{202e}') && !text.contains("]]>"), "{name}");
        assert!(!text.contains("@one.example") && !text.contains(&*root.to_string_lossy()), "{name}");
    }
    let sums = fs::read_to_string(root.join("dist/SHA256SUMS")).expect("sums");
    assert!(sums.contains("  data-docs/tables/clean.html\n"), "{sums}");
    // Nothing to do, also where the stamp is gone.
    let said = run(root, &["build"]).2;
    assert!(said.contains("nothing to do") && said.contains("dist/data-docs/  6 pages"), "{said}");
    // A page that somebody removed is written again, and comes out as it was.
    fs::remove_file(site.join("tables/clean.html")).expect("removed");
    assert_eq!(run(root, &["build", "-q"]).0, 0);
    assert_eq!(pages(&site), first);
    // Another place, the same bytes.
    let other = Case::new(&[("hotpass.toml", PIPELINE), ("data/people.csv", PEOPLE)]);
    assert_eq!(run(&other.asked.root, &["build", "-q"]).0, 0);
    assert_eq!(pages(&other.asked.root.join("dist/data-docs")), first);
    // A table is called otherwise: its old page goes, and what is no page of ours stays.
    fs::write(site.join("tables/mine.html"), "mine").expect("written");
    let renamed = PIPELINE.replace("step.mapped", "step.named").replace("\"mapped\"", "\"named\"");
    fs::write(root.join("hotpass.toml"), renamed).expect("written");
    assert_eq!(run(root, &["build", "-q"]).0, 0);
    assert!(!site.join("tables/mapped.html").exists() && site.join("tables/named.html").exists());
    assert!(site.join("tables/mine.html").exists());
    assert_eq!(run(root, &["verify"]).0, 0);
    // Some tables only: the others have no page any more, and nothing leads to them.
    let some = PIPELINE.replace("about = \"docs\"", "about = \"docs\"\ntables = \"clean\"");
    fs::write(root.join("hotpass.toml"), some).expect("written");
    assert_eq!(run(root, &["build", "-q"]).0, 0);
    let names: Vec<String> = pages(&site).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["checks.html", "clean.html", "graph.html", "index.html", "mine.html"]);
    assert!(pages(&site).iter().all(|(_, text)| !text.contains("tables/people.html")));
}

#[test]
fn a_failed_build_is_shown_elsewhere() {
    let case = Case::new(&[("hotpass.toml", PIPELINE), ("data/people.csv", PEOPLE)]);
    let root = &case.asked.root;
    assert_eq!(run(root, &["build", "-q"]).0, 0);
    let published = pages(&root.join("dist/data-docs"));
    fs::write(root.join("data/people.csv"), format!("{PEOPLE}3,Grace,\n")).expect("written");
    assert_eq!(run(root, &["build", "-q"]).0, 2);
    assert_eq!(pages(&root.join("dist/data-docs")), published);
    let (code, out, err) = run(root, &["docs"]);
    assert_eq!((code, out.lines().count()), (0, 1), "{out}{err}");
    assert!(out.contains("of 1 check, 1 failed"), "{out}");
    let checks = case.text(".hotpass/docs/checks.html");
    for part in ["1 of 3 rows (33.3 %)", "data/people.csv:4", "not_null = true", "a &amp; &lt;b&gt;", "no value"] {
        assert!(checks.contains(part), "{part}: {checks}");
    }
    // Into a folder that is named; what is no page of hotpass is not replaced.
    let to = root.join("found");
    fs::create_dir(&to).expect("a folder");
    fs::write(to.join("index.html"), "<p>mine</p>").expect("written");
    let (code, _, err) = run(root, &["docs", "-o", "found"]);
    assert_eq!(code, 1, "{err}");
    assert_eq!(fs::read_to_string(to.join("index.html")).expect("text"), "<p>mine</p>");
}
