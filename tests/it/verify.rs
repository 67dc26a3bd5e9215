//! `verify`, `archive` and `attest`, as those see them who only have the program and the files.

use std::path::{Path, PathBuf};

use crate::case::Case;
use crate::program::{Ran, command};

const PIPELINE: &str = r#"
[pipeline]
name = "crm"

[parameters]
least = 1

[field.name]
value = "organisation_name"

[source.people]
path = "data/people.csv"

[step.mapped]
kind = "map"
from = "people"

[step.clean]
kind = "normalise"
from = "mapped"

[[expect.clean]]
rows = { min = { parameter = "least" } }

[export.csv]
from = "clean"
path = "dist/clean.csv"

[export.parquet]
from = "clean"
path = "dist/clean.parquet"

[export.workbook]
from = "clean"
path = "dist/clean.xlsx"
"#;

const PEOPLE: &str = "name,email\nAda,ada@one.example\nGrace,grace@two.example\n";

fn case() -> Case {
    let case = Case::new(&[("hotpass.toml", PIPELINE), ("data/people.csv", PEOPLE)]);
    case.build().ok();
    case
}

/// The exit code, and what was said on stderr.
fn said(folder: &Path, words: &[&str]) -> (i32, String) {
    let ran = Ran::from(command(folder, words));
    (ran.code.unwrap_or(-1), ran.err)
}

fn verify(case: &Case, words: &[&str]) -> (i32, String) {
    said(&case.asked.root, &[&["verify"], words].concat())
}

/// All files of the workspace with their bytes: what must not change while somebody only looks.
fn everything(case: &Case) -> std::collections::BTreeMap<String, Vec<u8>> {
    let mut all = case.artefacts();
    all.extend(case.inputs());
    all
}

#[test]
fn what_was_just_built_is_verified_and_left_alone() {
    let case = case();
    let before = everything(&case);
    let (code, text) = verify(&case, &[]);
    assert_eq!((code, text.trim()), (0, "verified  3 artefacts, 1 input"));
    let (code, text) = verify(&case, &["--rebuild"]);
    assert_eq!((code, text.trim()), (0, "verified  3 artefacts, 1 input, all recomputed"));
    assert_eq!(everything(&case), before);
}

#[test]
fn one_flipped_byte_in_any_artefact_is_named() {
    for name in ["clean.csv", "clean.parquet", "clean.xlsx", "SHA256SUMS"] {
        let case = case();
        let path = format!("dist/{name}");
        let mut bytes = case.read(&path);
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        case.write(&path, bytes);
        let (code, text) = verify(&case, &[]);
        assert_eq!(code, 3, "{text}");
        assert!(text.contains(&format!("`{path}`: ")), "{text}");
        assert_eq!(text.lines().count(), 1, "nothing else is: {text}");
    }
    let case = case();
    case.remove("dist/clean.csv");
    assert_eq!(verify(&case, &[]), (3, "different  `dist/clean.csv`: it is not there\n".to_owned()));
}

#[test]
fn a_changed_input_is_told_as_such() {
    let changed = case();
    changed.replace("data/people.csv", "Grace", "Joan");
    let (code, text) = verify(&changed, &[]);
    assert_eq!(code, 3);
    let expected = "`data/people.csv`: its cells are not those that source `crm.people` was read with";
    assert!(text.contains(expected), "{text}");
    assert!(!text.contains("Joan") && !text.contains("dist/"), "{text}");
    // Other bytes are the same input as long as the cells are the same.
    let saved = case();
    saved.write("data/people.csv", PEOPLE.replace("Ada,", "\"Ada\","));
    assert_eq!(verify(&saved, &[]).0, 0);
    let gone = case();
    gone.remove("data/people.csv");
    let (code, text) = verify(&gone, &[]);
    assert_eq!(code, 3);
    assert!(text.contains("`data/people.csv`: source `crm.people` cannot be read any more"), "{text}");
    let other = case();
    other.replace("hotpass.toml", "least = 1", "least = 2");
    let (code, text) = verify(&other, &[]);
    assert_eq!(code, 3, "{text}");
    assert!(text.contains("expectation `crm."), "{text}");
}

#[test]
fn a_rebuild_names_the_first_cell() {
    let case = case();
    // A forger who also puts the sums right.
    let manifest = case.text("dist/manifest.json");
    let forged = case.text("dist/clean.csv").replace("Grace", "Graze");
    let sums = |bytes: &[u8]| {
        use sha2::Digest as _;
        let sha256 = sha2::Sha256::digest(bytes).iter().map(|it| format!("{it:02x}")).collect::<String>();
        (blake3::hash(bytes).to_hex().to_string(), sha256)
    };
    let (was, is) = (sums(&case.read("dist/clean.csv")), sums(forged.as_bytes()));
    case.write("dist/manifest.json", manifest.replace(&was.0, &is.0).replace(&was.1, &is.1));
    case.write("dist/SHA256SUMS", case.text("dist/SHA256SUMS").replace(&was.1, &is.1));
    case.write("dist/clean.csv", forged);
    assert_eq!(verify(&case, &[]).0, 0, "nothing shows as long as nothing is made again");
    let (code, text) = verify(&case, &["--rebuild"]);
    assert_eq!(code, 3);
    let expected = "different  `dist/clean.csv`: the first difference is in row 2 of the data, column `name`\n";
    assert_eq!(text, expected, "no value is told");
}

#[test]
fn a_folder_of_artefacts_can_be_verified_anywhere() {
    let case = case();
    let elsewhere = tempfile::tempdir().expect("a folder");
    let folder = elsewhere.path().join("downloaded");
    std::fs::create_dir(&folder).expect("made");
    for (name, bytes) in case.artefacts() {
        std::fs::write(folder.join(name), bytes).expect("written");
    }
    let (code, text) = said(elsewhere.path(), &["verify", "downloaded"]);
    assert_eq!((code, text.trim()), (0, "verified  3 artefacts"));
    std::fs::write(folder.join("clean.csv"), "").expect("written");
    assert_eq!(said(elsewhere.path(), &["verify", "downloaded/manifest.json"]).0, 3);
}

fn archive(case: &Case) -> PathBuf {
    let (code, text) = said(&case.asked.root, &["archive", "--output", "inputs.zip"]);
    assert_eq!(code, 0, "{text}");
    case.path("inputs.zip")
}

#[test]
fn an_archive_is_the_same_anywhere_and_builds_elsewhere() {
    let (one, other) = (case(), case());
    assert_eq!(std::fs::read(archive(&one)).expect("it"), std::fs::read(archive(&other)).expect("it"));
    let machine = tempfile::tempdir().expect("a folder");
    let archive = archive(&one).display().to_string();
    let (code, text) = said(machine.path(), &["verify", "--rebuild", "--archive", &archive]);
    assert_eq!((code, text.trim()), (0, "verified  3 artefacts, all recomputed"));
    // What somebody published, against the inputs it is said to be made from.
    let dist = one.path("dist").display().to_string();
    one.replace("data/people.csv", "Grace", "Joan");
    let (code, text) = said(machine.path(), &["verify", &dist, "--rebuild", "--archive", &archive]);
    assert_eq!(code, 0, "the workspace does not matter: {text}");
    one.build().ok();
    let (code, text) = said(machine.path(), &["verify", &dist, "--rebuild", "--archive", &archive]);
    assert_eq!(code, 3);
    assert!(text.starts_with("different  `dist/clean.csv`: the first difference is in row 2"), "{text}");
}

#[test]
fn an_archive_holds_what_lies_beside_the_workspace() {
    let case = Case::new(&[
        ("inner/hotpass.toml", PIPELINE.replace("data/people", "../shared/people")),
        ("shared/people.csv", PEOPLE.to_owned()),
    ]);
    let toml = case.text("inner/hotpass.toml");
    case.write("inner/hotpass.toml", format!("{toml}\n[workspace]\nallow = '../shared'\n"));
    let inner = case.path("inner");
    assert_eq!(said(&inner, &["build", "--allow", "../shared"]).0, 0);
    assert_eq!(said(&inner, &["archive", "--allow", "../shared"]).0, 0);
    assert_eq!(said(&inner, &["verify", "--rebuild", "--allow", "../shared"]).0, 0);
    let archive = inner.join("hotpass-archive.zip").display().to_string();
    let machine = tempfile::tempdir().expect("a folder");
    let (code, text) = said(machine.path(), &["verify", "--rebuild", "--archive", &archive]);
    assert_eq!((code, text.trim()), (0, "verified  3 artefacts, all recomputed"));
}

#[test]
fn an_archive_remembers_settings() {
    let case = case();
    assert_eq!(said(&case.asked.root, &["build", "--set", "least=2", "--publish"]).0, 0);
    assert_eq!(said(&case.asked.root, &["archive", "--set", "least=2", "-o", "a.zip"]).0, 0);
    let (code, text) = verify(&case, &["--rebuild", "--archive", "a.zip"]);
    assert_eq!(code, 0, "{text}");
}

#[test]
fn inputs_that_were_not_built_are_not_archived() {
    let case = case();
    case.replace("data/people.csv", "Grace", "Joan");
    let (code, text) = said(&case.asked.root, &["archive"]);
    assert_eq!(code, 3);
    assert_eq!(text.matches("source `crm.people` was not read as it is now").count(), 1, "{text}");
    assert!(text.contains("run `hotpass build` first"), "{text}");
    assert!(!case.path("hotpass-archive.zip").exists());
}

#[test]
fn what_is_no_archive_is_told() {
    let case = case();
    let (code, text) = verify(&case, &["--rebuild", "--archive", "data/people.csv"]);
    assert_eq!(code, 2);
    assert!(text.contains("it is not an archive"), "{text}");
}

pub const PRIVATE: &str = "-----BEGIN PRIVATE KEY-----\n\
    MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n";
pub const PUBLIC: &str = "-----BEGIN PUBLIC KEY-----\n\
    MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n";

/// The statement in an envelope.
fn statement(text: &str) -> serde_json::Value {
    use base64ct::{Base64, Encoding};
    let envelope: serde_json::Value = serde_json::from_str(text).expect("JSON");
    assert_eq!(envelope["payloadType"], "application/vnd.in-toto+json");
    let payload = Base64::decode_vec(envelope["payload"].as_str().expect("text")).expect("base64");
    serde_json::from_slice(&payload).expect("JSON")
}

#[test]
fn an_attestation_names_everything_and_is_verified() {
    let case = case();
    case.write("private.pem", PRIVATE);
    case.write("public.pem", PUBLIC);
    let (code, text) = said(&case.asked.root, &["attest", "--key", "private.pem", "--builder", "urn:example:ci"]);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("3 artefacts, signed by "), "{text}");
    let first = case.text("dist/attestation.json");
    let said_it = statement(&first);
    let names = |value: &serde_json::Value| -> Vec<String> {
        let items = value.as_array().expect("a list").iter();
        items.map(|it| it["name"].as_str().expect("a name").to_owned()).collect()
    };
    assert_eq!(names(&said_it["subject"]), ["clean.csv", "clean.parquet", "clean.xlsx"]);
    let definition = &said_it["predicate"]["buildDefinition"];
    assert_eq!(names(&definition["resolvedDependencies"]), ["data/people.csv", "hotpass.lock", "hotpass.toml"]);
    let details = &said_it["predicate"]["runDetails"];
    assert_eq!(details["builder"]["id"], "urn:example:ci");
    assert_eq!(details["metadata"], serde_json::json!({}), "no clock is asked");
    assert_eq!(names(&details["byproducts"]), ["SHA256SUMS", "manifest.json"]);
    // The same again is the same bytes.
    assert_eq!(said(&case.asked.root, &["attest", "--key", "private.pem", "--builder", "urn:example:ci"]).0, 0);
    assert_eq!(case.text("dist/attestation.json"), first);
    let check = ["--attestation", "dist/attestation.json", "--public-key", "public.pem"];
    let (code, text) = verify(&case, &check);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("attestation signed by "), "{text}");
}

#[test]
fn the_only_time_is_the_one_that_was_given() {
    let case = case();
    let mut command = command(&case.asked.root, &["attest", "-o", "a.json"]);
    command.env("SOURCE_DATE_EPOCH", "1700000000");
    Ran::from(command).ok();
    let said = statement(&case.text("a.json"));
    assert_eq!(said["predicate"]["runDetails"]["metadata"]["finishedOn"], "2023-11-14T22:13:20Z");
}

#[test]
fn what_is_unsigned_says_so() {
    let case = case();
    case.write("public.pem", PUBLIC);
    let (code, text) = said(&case.asked.root, &["attest"]);
    assert_eq!(code, 0);
    assert!(text.contains("unsigned: there is neither `--key` nor `HOTPASS_SIGNING_KEY`"), "{text}");
    let (code, text) = verify(&case, &["--attestation", "dist/attestation.json"]);
    assert_eq!((code, text.trim()), (0, "verified  3 artefacts, 1 input, attestation unsigned"));
    let (code, text) = verify(&case, &["--attestation", "dist/attestation.json", "--public-key", "public.pem"]);
    assert_eq!(code, 3);
    assert!(text.contains("it is not signed by the key that was given"), "{text}");
}

#[test]
fn a_tampered_attestation_is_refused() {
    use base64ct::{Base64, Encoding};
    let case = case();
    case.write("private.pem", PRIVATE);
    case.write("public.pem", PUBLIC);
    assert_eq!(said(&case.asked.root, &["attest", "--key", "private.pem"]).0, 0);
    let text = case.text("dist/attestation.json");
    let mut envelope: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let mut forged = statement(&text);
    forged["predicate"]["runDetails"]["builder"]["id"] = "urn:example:other".into();
    envelope["payload"] = Base64::encode_string(forged.to_string().as_bytes()).into();
    case.write("dist/attestation.json", envelope.to_string());
    let (code, text) = verify(&case, &["--attestation", "dist/attestation.json", "--public-key", "public.pem"]);
    assert_eq!(code, 3);
    assert!(text.contains("it is not signed by the key that was given"), "{text}");
    // An honest attestation of something else.
    case.replace("data/people.csv", "Grace", "Joan");
    case.build().ok();
    let (code, text) = verify(&case, &["--attestation", "dist/attestation.json"]);
    assert_eq!(code, 3);
    assert!(text.contains("`clean.csv`: its bytes are not those attested"), "{text}");
    assert!(text.contains("`data/people.csv`: its bytes are not those attested"), "{text}");
}

#[test]
fn what_is_not_verified_is_not_attested() {
    let case = case();
    case.write("dist/clean.csv", "name\n");
    assert_eq!(said(&case.asked.root, &["attest"]).0, 3);
    assert!(!case.path("dist/attestation.json").exists());
    let (code, text) = said(&case.fresh().asked.root, &["attest"]);
    assert_eq!(code, 2, "{text}");
}

#[test]
fn a_key_that_cannot_be_read_is_not_shown() {
    let case = case();
    case.write("key.pem", PRIVATE.replace("MC4C", "MC4D"));
    let (code, text) = said(&case.asked.root, &["attest", "--key", "key.pem"]);
    assert_eq!(code, 1);
    assert!(text.contains("not an Ed25519 key") && !text.contains("INTuct"), "{text}");
}

/// What becomes of a member of this name.
type Change<'a> = dyn Fn(&str, Vec<u8>) -> Option<Vec<u8>> + 'a;

/// The archive with a change in its members: nothing in the place of the content leaves a member out.
fn changed(archive: &Path, change: &Change, more: &[(&str, &str)]) -> String {
    let mut zip = zip::ZipArchive::new(std::fs::File::open(archive).expect("it")).expect("a zip");
    let place = archive.with_file_name("changed.zip");
    let mut out = zip::ZipWriter::new(std::fs::File::create(&place).expect("made"));
    let options = zip::write::SimpleFileOptions::default();
    let mut members = Vec::new();
    for index in 0..zip.len() {
        let mut member = zip.by_index(index).expect("a member");
        let (name, mut bytes) = (member.name().expect("a name").into_owned(), Vec::new());
        std::io::Read::read_to_end(&mut member, &mut bytes).expect("read");
        members.extend(change(&name, bytes).map(|bytes| (name, bytes)));
    }
    members.extend(more.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())));
    for (name, bytes) in members {
        out.start_file(name, options).expect("begun");
        std::io::Write::write_all(&mut out, &bytes).expect("written");
    }
    out.finish().expect("a zip");
    place.display().to_string()
}

#[test]
fn an_archive_has_exactly_what_its_lock_names() {
    let case = case();
    let archive = archive(&case);
    let machine = tempfile::tempdir().expect("a folder");
    let verify = |path: &str| said(machine.path(), &["verify", "--rebuild", "--archive", path]);
    let same = |_: &str, bytes: Vec<u8>| Some(bytes);
    let (code, text) = verify(&changed(&archive, &same, &[]));
    assert_eq!((code, text.trim()), (0, "verified  3 artefacts, all recomputed"));
    // Files more: read by no build, or by one that makes more than is recorded.
    let pipeline = "[pipeline]\nname = 'more'\n[source.m]\npath = 'data/more.csv'\n\
                    [export.m]\nfrom = 'm'\npath = 'dist/m.csv'\n";
    let cases: [(&[(&str, &str)], &str); 4] = [
        (&[("workspace/data/more.csv", "a\n1\n")], "workspace/data/more.csv"),
        (&[("stranger.txt", "x")], "stranger.txt"),
        (&[("workspace/dist/clean.csv", "x")], "workspace/dist/clean.csv"),
        (
            &[("workspace/pipelines/more.toml", pipeline), ("workspace/data/more.csv", "a\n1\n")],
            "pipeline `more` is new",
        ),
    ];
    for (more, expected) in cases {
        let (code, text) = verify(&changed(&archive, &same, more));
        assert_eq!(code, 3, "{expected}: {text}");
        assert!(text.contains(expected), "{expected}: {text}");
    }
    // An input that is another one is told, also where the artefacts come out the same.
    let other = |name: &str, bytes: Vec<u8>| match name.ends_with("people.csv") {
        true => Some(String::from_utf8(bytes).expect("text").replace("Grace", "Joan").into_bytes()),
        false => Some(bytes),
    };
    let (code, text) = verify(&changed(&archive, &other, &[]));
    assert!(code == 3 && text.contains("source `crm.people`"), "{text}");
    // Without its lock, or with one that cannot be read, nobody knows what it should have.
    for lock in [None, Some("version = [")] {
        let without = |name: &str, bytes: Vec<u8>| match name.ends_with("hotpass.lock") {
            true => lock.map(|it| it.as_bytes().to_vec()),
            false => Some(bytes),
        };
        let (code, text) = verify(&changed(&archive, &without, &[]));
        assert!(code == 2 && text.contains("`hotpass.lock`"), "{code}: {text}");
    }
}

/// Sources that are corrected, of another pipeline, and of a used one are read again as they were.
#[test]
fn every_way_to_read_a_source_can_be_verified() {
    let source =
        "[pipeline]\nname = 'a'\n[source.s]\npath = 'data/s.csv'\n[export.s]\nfrom = 's'\npath = 'dist/s.csv'\n";
    let corrected = format!("{source}[source.fixed]\ncorrects = 's'\npath = 'fixes/*.csv'\n");
    let other = "[pipeline]\nname = 'b'\n[source.s]\npath = 'data/o.csv'\n[step.u]\nkind = 'join'\nfrom = 'a.s'\n\
        with = 's'\non = 'id'\n[export.u]\nfrom = 'u'\npath = 'dist/u.csv'\n";
    let using = "[pipeline]\nname = 'h'\n[source.s]\npath = 'data/s.csv'\n[use.u]\npipeline = 'modules/m.toml'\n\
        inputs = { rows = 's' }\n[export.x]\nfrom = 'u.c'\npath = 'dist/x.csv'\n";
    let used = "[pipeline]\nname = 'm'\n[input.rows]\ncolumns = { id = 'text' }\n[source.own]\npath = 'data/o.csv'\n\
        [step.c]\nkind = 'join'\nfrom = 'rows'\nwith = 'own'\non = 'id'\n";
    let data = [("data/s.csv", "id,n\n1,2\n3,4\n"), ("data/o.csv", "id,m\n1,9\n")];
    let workspaces = [
        vec![("hotpass.toml", corrected.as_str())],
        vec![("pipelines/a.toml", source), ("pipelines/b.toml", other)],
        vec![("hotpass.toml", using), ("modules/m.toml", used)],
    ];
    for files in workspaces {
        let case = Case::new(&[files.as_slice(), &data].concat());
        case.run(&["build"]).ok();
        case.run(&["verify"]).ok();
        case.run(&["verify", "--rebuild"]).ok();
        case.write("data/o.csv", "id,m\n1,8\n");
        let is_read = files.len() > 1;
        let ran = case.run(&["verify"]);
        assert_eq!(ran.code, Some(if is_read { 3 } else { 0 }), "{}", ran.all());
        assert_eq!(ran.all().contains("data/o.csv"), is_read, "{}", ran.all());
    }
}
