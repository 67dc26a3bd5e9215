//! What was detected or guessed is written down by one command, and nothing is made again for it.

use hotpass::cli::guesses::guesses;

use crate::case::Case;

const PIPELINE: &str = "# Weekly.
[pipeline]
name = \"p\"

[field.school_name]
[field.phone]
value = \"phone\"
[field.contact_email]
value = \"email\"

[source.register]
path = \"data/register.csv\"   # from the office

# To our own words.
[step.mapped]
kind = \"map\"
from = \"register\"

[export.out]
from = \"mapped\"
path = \"dist/out.csv\"
";

/// A title, semicolons, Western letters, and names that no field has.
fn case() -> Case {
    let rows = "Printed by the office;;\nName of school;Col 2;Reach by\nCaf\u{e9} School;021 555 0101;a@x.example\n\
                Beta;021 555 0102;b@x.example\nGamma;021 555 0103;c@x.example\nDelta;021 555 0104;d@x.example\nEpsilon;021 555 0105;e@x.example\n\
                Zeta;021 555 0106;f@x.example\n";
    let western: Vec<u8> = rows.chars().map(|it| it as u8).collect();
    let case = Case::new::<&[u8]>(&[("hotpass.toml", PIPELINE.as_bytes())]);
    case.write("data/register.csv", western);
    case
}

/// What a command says on stdout, and its code.
fn hotpass(case: &Case, words: &[&str]) -> (String, Option<i32>) {
    let ran = case.run(words);
    (ran.out, ran.code)
}

#[test]
fn what_is_guessed_is_written_down_and_nothing_is_made_again() {
    let case = case();
    case.build().ok();
    let before = case.tables(true);
    let (told, _) = hotpass(&case, &["check"]);
    for word in ["header", "columns.contact_email", "Reach by"] {
        assert!(told.contains(word), "{told}");
    }
    let (difference, code) = hotpass(&case, &["adopt", "register"]);
    assert_eq!((case.text("hotpass.toml").as_str(), code), (PIPELINE, Some(0)), "shown only");
    assert!(difference.contains("+header = 2\n"), "{difference}");
    let (written, code) = hotpass(&case, &["adopt", "register", "--write"]);
    assert_eq!((written, code), (difference, Some(0)));
    let text = case.text("hotpass.toml");
    for line in PIPELINE.lines() {
        assert!(text.contains(line), "`{line}` is gone:\n{text}");
    }
    let added: Vec<&str> = text.lines().filter(|it| !PIPELINE.lines().any(|line| line == *it)).collect();
    insta::assert_snapshot!(added.join("\n"), @r#"
    encoding = "windows-1252"
    delimiter = ";"
    header = 2
    columns.contact_email = "Reach by"
    columns.phone = "Col 2"
    columns.school_name = "Name of school"
    "#);
    assert_eq!(guesses(&case.open().plan()), []);
    let again = case.build().ok();
    assert_eq!(again.ran(), "nothing");
    assert_eq!(again.written(), "nothing");
    assert_eq!(case.tables(true), before);
    assert_eq!(hotpass(&case, &["adopt", "--write"]), (String::new(), Some(0)));
    assert_eq!(case.text("hotpass.toml"), text);
}

#[test]
fn a_step_alone_is_adopted_without_its_source() {
    let case = case();
    let (difference, _) = hotpass(&case, &["adopt", "mapped"]);
    assert!(difference.contains("+columns.phone = \"Col 2\"\n") && !difference.contains("+header"), "{difference}");
    assert_eq!(hotpass(&case, &["adopt", "nothing"]).1, Some(2));
}
