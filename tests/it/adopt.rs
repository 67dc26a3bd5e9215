//! What was detected or guessed is written down by one command, and nothing is made again for it.

use std::path::Path;

use hotpass::answers::guesses::guesses;

use crate::book::{book, sheet};
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
    let recorded = "\n[pipeline.p.guesses.mapped]\ncontact_email = \"Reach by\"\nphone = \"Col 2\"\n\
                    school_name = \"Name of school\"\n";
    let lock = case.text("hotpass.lock");
    assert!(lock.contains(recorded), "{lock}");
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
    assert!(!case.text("hotpass.lock").contains("guesses"), "what is declared is not a guess");
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

/// The pipeline of one source and nothing that says how it is read.
fn bare(path: &str) -> String {
    format!(
        "[pipeline]\nname = 'p'\n[source.rows]\npath = '{path}'\n[export.rows]\nfrom = 'rows'\npath = 'dist/rows.csv'\n"
    )
}

#[test]
fn whatever_is_detected_can_be_declared_and_reads_the_same() {
    let check = |path: &str, bytes: &[u8], added: &[&str], recorded: &str| {
        let case = Case::new::<&[u8]>(&[("hotpass.toml", bare(path).as_bytes()), (path, bytes)]);
        case.build().ok();
        let lock = case.text("hotpass.lock");
        assert!(lock.contains(recorded), "no `{recorded}`:\n{lock}");
        let before = case.tables(true);
        let (_, code) = hotpass(&case, &["adopt", "--write"]);
        let (own, text) = (bare(path), case.text("hotpass.toml"));
        let keys: Vec<&str> = text.lines().filter(|it| !own.lines().any(|line| line == *it)).collect();
        assert_eq!((keys.as_slice(), code), (added, Some(0)), "{path}");
        assert_eq!(guesses(&case.open().plan()), [], "{path}");
        assert_eq!(case.build().ok().ran(), "nothing", "{path}");
        assert_eq!(case.tables(true), before, "{path}");
    };
    let rows = "Aero|a@x.example|021 555 0101|#3\nBeta|b@x.example|021 555 0102|#4\nCup|c@x.example|021 555 0103|#5\n";
    let one = format!("Printed by the office\n\nName|Mail|Phone|Visits\n{rows}");
    let titled = book(&[sheet("Schools", &one), sheet("Old", "x\ny").hidden()]);
    check("data/titled.xlsx", &titled, &["sheet = \"Schools\"", "header = 3"], "header_row = 3");
    let two = format!("Printed by the office\n\nName|Reach by||Visits\n|Mail|Phone|\n{rows}");
    let grouped = sheet("Schools", &two).merged("A3:A4").merged("B3:C3").merged("D3:D4");
    let grouped = book(&[grouped]);
    check("data/grouped.xlsx", &grouped, &["sheet = \"Schools\"", "header = [3, 4]"], "header_row = [3, 4]");
    check(
        "data/tabs.csv",
        b"Name\tMail\nJo\tj@x.example\nAl\ta@x.example\n",
        &["delimiter = \"\\t\"", "header = 1"],
        "\\t",
    );
    // A line that names the delimiter is no row, and what it says is not a guess.
    check("data/said.csv", b"sep=;\nName;Mail\nJo;j@x.example\nAl;a@x.example\n", &["header = 1"], "header_row = 1");
    let western = b"Name;City\nJos\xe9;S\xe3o Paulo\nZo\xeb;K\xf6ln\n";
    let added = ["encoding = \"windows-1252\"", "delimiter = \";\"", "header = 1"];
    check("data/western.csv", western, &added, "encoding = \"windows-1252\"");
    let wide: Vec<u8> =
        [0xff, 0xfe].into_iter().chain("a,b\n1,2\n".encode_utf16().flat_map(u16::to_le_bytes)).collect();
    check("data/marked.csv", &wide, &["delimiter = \",\"", "header = 1"], "encoding = \"UTF-16LE\"");
}

#[test]
fn names_in_two_rows_are_others_than_those_of_the_lower_row() {
    let lines = "Name|Reach by||Visits\n|Mail|Phone|\nAero|a@x.example|1|#3\nBeta|b@x.example|2|#4\n";
    let grouped = sheet("S", lines).merged("A1:A2").merged("B1:C1").merged("D1:D2");
    let case = Case::new::<&[u8]>(&[("hotpass.toml", bare("s.xlsx").as_bytes()), ("s.xlsx", &book(&[grouped]))]);
    case.build().ok();
    assert_eq!(case.text("dist/rows.csv").lines().next(), Some("Name,Reach by Mail,Reach by Phone,Visits"));
    case.replace("hotpass.toml", "path = 's.xlsx'", "path = 's.xlsx'\nheader = 2");
    case.build().ok();
    assert_eq!(case.text("dist/rows.csv").lines().next(), Some("A,Mail,Phone,D"));
}

#[test]
fn how_columns_are_written_is_recorded_planned_and_adopted() {
    const WRITTEN: &str = "[pipeline]
name = \"p\"
[normal]
date_order = \"day_first\"

[source.s]
path = \"s.csv\"

[step.clean]
kind = \"normalise\"
from = \"s\"
point = [\"rate\"]
columns.day = \"date\"
columns.sum = \"decimal\"
columns.rate = \"decimal\"
";
    let rows = "day,sum,rate\n12/31/2024,\"1,5\",1.5\n3/4/2025,\"2.000,25\",2.5\n5/6/2025,much,3.5\n";
    let case = Case::new(&[("hotpass.toml", WRITTEN), ("s.csv", rows)]);
    let told = case.build().ok().problems;
    assert!(told.contains("hotpass::step::date-order"), "{told}");
    let lock = case.text("hotpass.lock");
    assert!(lock.contains("[pipeline.p.written.clean]\nday = \"month_first\"\nsum = \"comma\"\n"), "{lock}");
    assert!(lock.contains("[pipeline.p.lost.clean]\nsum = 1\n"), "{lock}");
    let (plan, _) = hotpass(&case, &["plan"]);
    for line in [
        "read   p.clean.day is `month_first`, by 1 value\n",
        "read   p.clean.sum is `comma`",
        "lost   1 of 3 values of p.clean.sum\n",
    ] {
        assert!(plan.contains(line), "{plan}");
    }
    let (locked, code) = hotpass(&case, &["build", "--locked"]);
    assert_eq!(code, Some(0), "{locked}");
    let (difference, _) = hotpass(&case, &["adopt", "clean"]);
    assert!(
        difference.contains("+comma = [\"sum\"]\n") && difference.contains("+month_first = [\"day\"]\n"),
        "{difference}"
    );
    let (_, code) = hotpass(&case, &["adopt", "--write"]);
    assert_eq!(code, Some(0));
    assert!(case.text("hotpass.toml").contains("month_first = [\"day\"]"));
    let again = case.build().ok();
    assert!(!again.problems.contains("date-order"), "{}", again.problems);
    assert!(!case.text("hotpass.lock").contains("pipeline.p.written"));
}

const USED_TWICE: &str = "[pipeline]
name = \"p\"
[source.a]
path = \"data/a.csv\"
[source.b]
path = \"data/b.csv\"
[use.x]
pipeline = \"modules/m.toml\"
inputs = { rows = \"a\" }
[use.y]
pipeline = \"modules/m.toml\"
inputs = { rows = \"b\" }
[export.x]
from = \"x.n\"
path = \"dist/x.csv\"
[export.y]
from = \"y.n\"
path = \"dist/y.csv\"
";

const USED: &str = "[pipeline]
name = \"m\"
[input.rows]
columns = { Number = \"text\" }
[step.n]
kind = \"normalise\"
from = \"rows\"
columns = { Joined = \"date\", Amount = \"decimal\" }
";

/// What `adopt --write` tells beside the difference.
fn written(case: &Case) -> String {
    let ran = case.run(&["adopt", "--write"]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    ran.err
}

/// `a` and `b` are read by one module; gives what `adopt --write` says, and the module after it.
fn adopted(a: &str, b: &str) -> (String, String) {
    let case =
        Case::new(&[("hotpass.toml", USED_TWICE), ("modules/m.toml", USED), ("data/a.csv", a), ("data/b.csv", b)]);
    case.build().ok();
    let before = case.tables(true);
    let said = written(&case);
    case.build().ok();
    assert_eq!(case.tables(true), before, "no value changes");
    (said, case.text("modules/m.toml"))
}

#[test]
fn what_the_uses_of_a_module_do_not_agree_on_is_not_written_into_it() {
    let a = "Number,Joined,Amount\n1,25/12/2020,\"1.234,50\"\n2,03/04/2020,\"1,500\"\n";
    let (said, module) = adopted(a, "Number,Joined,Amount\n1,01/02/2020,\"1,234\"\n2,03/04/2020,\"1,500\"\n");
    assert_eq!(module, USED);
    assert!(said.contains("`x.n.Joined` is `day_first` here and not in every `[use]` of its file"), "{said}");
    let (_, module) = adopted(a, "Number,Joined,Amount\n1,12/25/2020,\"1,234.50\"\n2,03/04/2020,\"1,500\"\n");
    assert_eq!(module, USED);
    let (_, module) = adopted(a, "Number,Joined,Amount\n1,26/12/2020,\"7,5\"\n2,03/04/2020,\"1,500\"\n");
    assert_eq!(module, format!("{USED}comma = [\"Amount\"]\nday_first = [\"Joined\"]\n"));
}

#[test]
fn a_shipped_module_is_not_written() {
    let case = crate::sample::workspace(&Path::new(env!("CARGO_MANIFEST_DIR")).join("pipelines/sample"));
    case.build().ok();
    let said = written(&case);
    assert!(said.contains("is in a file that comes with hotpass"), "{said}");
    assert!(!said.contains("cannot be written"), "{said}");
}
