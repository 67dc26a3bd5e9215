//! `hotpass schema`: what it refuses the parser refuses, what the parser takes it takes, and both read one declaration.
//!
//! Documents are made of the declarations themselves: for each key of each table the least file around it, every value
//! that it takes, and values of every type that TOML has.

mod documents;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use hotpass::db::Db;
use hotpass::fields::keys::{Keys, Takes};
use hotpass::problem::{Problem, Severity};
use hotpass::query;
use hotpass::schema::{DOCUMENTS, Document};
use jsonschema::Validator;
use serde_json::Value as Json;
use toml::{Table, Value};

use crate::case::Case;
use crate::docs::{file, pages_and_fences};
use documents::{Expected, Made, documents, probes};

fn document(name: &str) -> &'static Document {
    DOCUMENTS.iter().find(|it| it.name == name).expect("a kind of file")
}

fn validator(document: &Document) -> Validator {
    let schema: Json = serde_json::from_str(&document.schema()).expect("JSON");
    jsonschema::draft202012::new(&schema).expect("a schema")
}

/// A document as other programs see it: days and times are texts there.
fn json(value: &Value) -> Json {
    match value {
        Value::String(it) => Json::from(it.as_str()),
        Value::Integer(it) => Json::from(*it),
        Value::Float(it) => Json::from(*it),
        Value::Boolean(it) => Json::from(*it),
        Value::Datetime(it) => Json::from(it.to_string()),
        Value::Array(items) => items.iter().map(json).collect(),
        Value::Table(table) => table.iter().map(|(key, it)| (key.clone(), json(it))).collect(),
    }
}

/// What the schema has against a document.
fn refused(validator: &Validator, table: &Table) -> Vec<String> {
    let value = json(&Value::Table(table.clone()));
    validator.iter_errors(&value).map(|it| format!("{}: {it}", it.instance_path())).collect()
}

/// What the parser has against each of these files, which all lie in one workspace. What is only known when all is
/// planned is not asked.
fn told(document: &Document, texts: &[String]) -> Vec<Vec<Problem>> {
    let folder = match document.name {
        "pipeline" => "pipelines",
        "profile" => "profiles",
        _ => "tests",
    };
    let case = Case::new::<&str>(&[]);
    let name = |at: usize| format!("file{at}");
    let path = |at: usize| PathBuf::from(folder).join(name(at) + ".toml");
    texts.iter().enumerate().for_each(|(at, text)| case.write(&path(at).display().to_string(), text));
    let session = case.open();
    let problems = |at: usize| match document.name {
        "pipeline" => query::lower(&session.db, session.db.file(&path(at)), session.settings).problems.clone(),
        "profile" => query::merged(&session.db, &name(at), None).problems,
        _ => query::declared_tests(&session.db, session.db.file(&path(at))).1.clone(),
    };
    (0..texts.len()).map(|at| problems(at).into_iter().filter(|it| it.severity == Severity::Error).collect()).collect()
}

fn text(table: &Table) -> String {
    toml::to_string(table).expect("TOML")
}

fn shown(problems: &[Problem]) -> String {
    problems.iter().map(|it| format!("{}: {}", it.code, it.message)).collect::<Vec<_>>().join("\n")
}

/// Holds schema and parser against what is expected of both; how many documents both took, and both refused.
fn check(document: &Document, made: &[Made]) -> (usize, usize) {
    let validator = validator(document);
    let texts: Vec<String> = made.iter().map(|it| text(&it.document)).collect();
    let (mut taken, mut both, mut wrong) = (0, 0, Vec::new());
    for (it, problems) in made.iter().zip(told(document, &texts)) {
        let errors = refused(&validator, &it.document);
        let right = match it.expected {
            Expected::Taken => errors.is_empty() && problems.is_empty(),
            Expected::Refused => !errors.is_empty() && !problems.is_empty(),
            Expected::NoStricter => errors.is_empty() || !problems.is_empty(),
        };
        taken += usize::from(errors.is_empty() && problems.is_empty());
        both += usize::from(!errors.is_empty() && !problems.is_empty());
        if !right {
            let (errors, problems) = (errors.join("\n"), shown(&problems));
            wrong.push(format!("{:?} {}\n--- schema\n{errors}\n--- parser\n{problems}", it.expected, it.what));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), made.len(), wrong[..wrong.len().min(20)].join("\n\n"));
    (taken, both)
}

#[test]
fn every_key_of_every_table_means_the_same_to_schema_and_parser() {
    for document in &DOCUMENTS {
        let made = documents(document);
        let (taken, both) = check(document, &made);
        println!("{}: {} documents, both take {taken}, both refuse {both}", document.name, made.len());
        if let Some(folder) = std::env::var_os(DOCUMENTS_FOLDER) {
            leave(&Path::new(&folder).join(document.name), document, &made);
        }
        // Every key has a value that both take, and one that both refuse.
        let mut slots: BTreeMap<&str, (bool, bool)> = BTreeMap::new();
        for it in &made {
            let slot = slots.entry(&it.slot).or_default();
            slot.0 |= it.expected == Expected::Taken;
            slot.1 |= it.expected == Expected::Refused;
        }
        let untried: Vec<_> = slots.iter().filter(|(_, it)| **it != (true, true)).collect();
        assert!(untried.is_empty(), "{untried:?}");
    }
}

/// Where documents are left for validators of other people, which `.ci/schema` runs.
const DOCUMENTS_FOLDER: &str = "HOTPASS_SCHEMA_DOCUMENTS";

/// Writes what both should take, what both should refuse, and what is shipped, as TOML and as JSON.
fn leave(folder: &Path, document: &Document, made: &[Made]) {
    let write = |group: &str, name: String, text: String| {
        let folder = folder.join(group);
        std::fs::create_dir_all(&folder).expect("a folder");
        let table: Table = text.parse().expect("TOML");
        std::fs::write(folder.join(format!("{name}.json")), json(&Value::Table(table)).to_string()).expect("written");
        std::fs::write(folder.join(format!("{name}.toml")), text).expect("written");
    };
    for (at, it) in made.iter().enumerate() {
        let group = match it.expected {
            Expected::Taken => "taken",
            Expected::Refused => "refused",
            Expected::NoStricter => continue,
        };
        write(group, format!("{at:05}"), format!("# {}\n{}", it.what.replace('\n', " "), text(&it.document)));
    }
    for (at, (_, path)) in shipped().into_iter().filter(|(it, _)| it.name == document.name).enumerate() {
        write("shipped", format!("{at:05}"), std::fs::read_to_string(path).expect("text"));
    }
}

/// Every table in a document, by its path.
fn tables(value: &Value, path: &mut Vec<String>, acc: &mut Vec<Vec<String>>) {
    let children: Vec<(String, &Value)> = match value {
        Value::Table(table) => {
            acc.push(path.clone());
            table.iter().map(|(key, it)| (key.clone(), it)).collect()
        }
        Value::Array(items) => items.iter().enumerate().map(|(at, it)| (at.to_string(), it)).collect(),
        _ => return,
    };
    for (key, child) in children {
        path.push(key);
        tables(child, path, acc);
        path.pop();
    }
}

fn at<'v>(value: &'v mut Value, path: &[String]) -> &'v mut Table {
    let found = path.iter().fold(value, |value, step| match value {
        Value::Array(items) => &mut items[step.parse::<usize>().expect("a number")],
        value => value.get_mut(step).expect("it is there"),
    });
    found.as_table_mut().expect("a table")
}

/// The document with one thing changed, in every way there is.
fn mutations(document: &Table) -> Vec<Made> {
    let whole = Value::Table(document.clone());
    let mut paths = Vec::new();
    tables(&whole, &mut Vec::new(), &mut paths);
    let mut acc = Vec::new();
    let mut push = |path: &[String], what: String, change: &dyn Fn(&mut Table)| {
        let mut value = whole.clone();
        change(at(&mut value, path));
        let Value::Table(document) = value else { return };
        let (slot, what) = (String::new(), format!("{} {what}", path.join(".")));
        acc.push(Made { slot, what, expected: Expected::NoStricter, document });
    };
    for path in paths {
        push(&path, "with `zzz`".to_owned(), &|it| {
            it.insert("zzz".to_owned(), Value::Boolean(true));
        });
        let mut value = whole.clone();
        for key in at(&mut value, &path).keys() {
            push(&path, format!("without `{key}`"), &|it| {
                it.remove(key);
            });
            for probe in probes() {
                push(&path, format!("{key} = {probe}"), &|it| {
                    it.insert(key.clone(), probe.clone());
                });
            }
        }
    }
    acc
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every TOML file that is shipped, with the kind it is of.
fn shipped() -> Vec<(&'static Document, PathBuf)> {
    let mut acc = vec![(document("pipeline"), root().join("benches/quality.toml"))];
    let mut open = vec![root().join("pipelines")];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            let within = |name: &str| path.parent().is_some_and(|it| it.ends_with(name));
            let kind = match () {
                () if path.is_dir() => {
                    open.push(path);
                    continue;
                }
                () if path.extension().is_none_or(|it| it != "toml") => continue,
                () if within("profiles") => "profile",
                () if within("tests") => "test",
                () => "pipeline",
            };
            acc.push((document(kind), path));
        }
    }
    acc.sort_by(|a, b| a.1.cmp(&b.1));
    acc
}

#[test]
fn every_shipped_file_is_as_its_schema_says() {
    let files = shipped();
    let kinds: BTreeSet<&str> = files.iter().map(|(document, _)| document.name).collect();
    assert_eq!(kinds.len(), DOCUMENTS.len(), "{kinds:?}");
    for (document, path) in files {
        let table: Table = std::fs::read_to_string(&path).expect("text").parse().expect("TOML");
        assert_eq!(refused(&validator(document), &table), [""; 0], "{}", path.display());
    }
}

#[test]
fn every_pipeline_profile_and_test_of_the_documentation_is_as_its_schema_says() {
    let mut wrong = Vec::new();
    let mut seen = BTreeMap::new();
    for (page, fences) in pages_and_fences() {
        for fence in fences {
            let kind = match (fence.info.as_str(), file(&fence)) {
                (info, _) if info.ends_with("problem") => continue,
                ("toml pipeline", _) => "pipeline",
                (_, Some(path)) if path.starts_with("tests/") => "test",
                (_, Some(path)) if path.starts_with("profiles/") => "profile",
                (_, Some(path)) if path.ends_with("hotpass.toml") || path.starts_with("pipelines/") => "pipeline",
                _ => continue,
            };
            *seen.entry(kind).or_insert(0) += 1;
            let table: Table = fence.text.parse().expect("TOML");
            let errors = refused(&validator(document(kind)), &table);
            if !errors.is_empty() {
                wrong.push(format!("{}:{}\n{}", page.display(), fence.line, errors.join("\n")));
            }
        }
    }
    assert!(seen["pipeline"] > 10, "{seen:?}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn a_shipped_file_with_one_thing_changed_is_refused_by_the_schema_only_if_the_parser_refuses_it() {
    const MOST: usize = 40;
    for (document, path) in shipped() {
        let table: Table = std::fs::read_to_string(&path).expect("text").parse().expect("TOML");
        let all = mutations(&table);
        // Of a long file some, in even steps: a prime beside the number of probes, so that all of them have their turn.
        let step = (all.len() / MOST).max(1) | 1;
        let some: Vec<Made> = all.into_iter().step_by(step).collect();
        let (_, both) = check(document, &some);
        assert!(both > 0, "{}", path.display());
    }
}

#[test]
fn what_is_meant_without_a_key_is_what_its_declaration_says() {
    let document = document("pipeline");
    let mut asked = 0;
    for made in documents(document).iter().filter(|it| it.what.ends_with(documents::USUAL)) {
        let case = Case::new::<&str>(&[]);
        let mut without = made.document.clone();
        documents::forget(&mut without, &made.slot);
        let pipelines = [&made.document, &without].map(|it| {
            case.write("pipelines/p.toml", text(it));
            let session = case.open();
            let lowered = query::lower(&session.db, session.db.file(Path::new("pipelines/p.toml")), session.settings);
            assert!(lowered.problems.is_empty(), "{}\n{}", made.what, shown(&lowered.problems));
            let mut pipeline = hotpass::pipeline::Pipeline::clone(lowered.pipeline.as_ref().expect("a pipeline"));
            // Pages show how a thing is written, which is another matter than what it means.
            pipeline.expectations.iter_mut().for_each(|it| it.toml.clear());
            pipeline.quality.iter_mut().for_each(|it| it.toml.clear());
            pipeline
        });
        assert_ne!(text(&made.document), text(&without), "{}", made.what);
        assert_eq!(pipelines[0], pipelines[1], "{}", made.what);
        asked += 1;
    }
    assert!(asked > 20, "{asked}");
}

/// Every key that is declared, with the heading under which it is told.
fn declared(keys: &'static Keys, acc: &mut BTreeSet<&'static str>) {
    let beneath = |takes: &Takes, acc: &mut BTreeSet<&'static str>| {
        let mut open = vec![*takes];
        while let Some(takes) = open.pop() {
            match takes {
                Takes::Table(keys) | Takes::Tables(keys) => declared(keys, acc),
                Takes::List(item, _) => open.push(*item),
                Takes::Either(all) => open.extend(all),
                _ => (),
            }
        }
    };
    for key in keys.keys {
        acc.insert(key.name);
        beneath(&key.takes, acc);
    }
    if let Some(rest) = &keys.rest {
        beneath(&rest.takes, acc);
    }
    for variant in keys.by.map(|it| (it.kinds)()).unwrap_or_default() {
        for key in variant.keys {
            acc.insert(key.name);
            beneath(&key.takes, acc);
        }
    }
}

#[test]
fn the_reference_names_every_key() {
    let page = |name: &str| std::fs::read_to_string(root().join("docs/reference").join(name)).expect("a page");
    let (steps, pipeline, tests) = (page("steps.md"), page("pipeline.md"), page("tests.md"));
    let mut untold = Vec::new();
    for kind in hotpass::steps::KINDS {
        let section = steps.split("\n## ").find(|it| it.starts_with(&format!("{}\n", kind.name)));
        let section = section.unwrap_or_else(|| panic!("`{}` has no section", kind.name));
        let names = kind.keys.iter().map(|it| it.name).filter(|it| !section.contains(&format!("`{it}`")));
        untold.extend(names.map(|it| format!("`{it}` of `{}`", kind.name)));
    }
    let told = |name: &str, pages: &[&str]| {
        let ways = ["`NAME`", "`NAME.", "`[NAME", "`[[NAME", "NAME = "].map(|it| it.replace("NAME", name));
        pages.iter().any(|page| ways.iter().any(|it| page.contains(it)))
    };
    let all = [steps.as_str(), pipeline.as_str(), &page("expectations.md"), &page("contracts.md"), &page("gates.md")];
    for (document, pages) in [("pipeline", &all[..]), ("profile", &all[1..2]), ("test", &[tests.as_str()])] {
        let mut names = BTreeSet::new();
        declared(self::document(document).keys, &mut names);
        untold.extend(names.into_iter().filter(|it| !told(it, pages)).map(|it| format!("`{it}` of a {document}")));
    }
    assert!(untold.is_empty(), "{untold:#?}");
}

#[test]
fn schemas_say_of_themselves_what_they_are() {
    for document in &DOCUMENTS {
        let text = document.schema();
        let head = format!(
            "{{\n  \"$schema\": \"https://json-schema.org/draft/2020-12/schema\",\n  \"$id\": \"urn:hotpass:schema:{0}\",\n  \
             \"title\": \"hotpass {0}\",\n",
            document.name
        );
        assert!(text.starts_with(&head) && text.ends_with("}\n"), "{}", &text[..300]);
        assert_eq!(text, document.schema());
        let schema: Json = serde_json::from_str(&text).expect("JSON");
        assert!(jsonschema::meta::is_valid(&schema));
    }
}

#[test]
fn the_file_of_a_workspace_is_read_without_a_pipeline_too() {
    let check = |text: &str, expected: &str| {
        let case = Case::new(&[("hotpass.toml", text), ("pipelines/notes.toml", "anything = 'else'")]);
        assert_eq!(case.problems().contains("nothing reads"), !expected.is_empty(), "{text}");
        assert!(case.problems().contains(expected), "{}", case.problems());
        let errors = refused(&validator(document("pipeline")), &text.parse().expect("TOML"));
        assert_eq!(errors.is_empty(), expected.is_empty(), "{errors:?}");
    };
    check("[workspace]\nallow = '../in'", "");
    check("[workspac]\nallow = '../in'", "nothing reads `workspac` here");
    check("[workspace]\nalow = '../in'", "nothing reads `alow` in `[workspace]`");
}

fn hotpass(case: &Case, words: &[&str]) -> (Option<i32>, String, String) {
    let ran = case.run(words);
    (ran.code, ran.out, ran.err)
}

#[test]
fn a_schema_is_printed_without_a_workspace() {
    let case = Case::new::<&str>(&[]);
    let check = |words: &[&str], name: &str| {
        assert_eq!(hotpass(&case, words), (Some(0), document(name).schema(), String::new()), "{words:?}");
    };
    check(&["schema"], "pipeline");
    check(&["schema", "--format", "json"], "pipeline");
    check(&["schema", "profile"], "profile");
    check(&["schema", "test"], "test");
    assert_eq!(hotpass(&case, &["schema", "lock"]).0, Some(2));
    assert!(case.inputs().is_empty());
}

#[test]
fn schemas_are_written_over_schemas_and_over_nothing_else() {
    let case = Case::new(&[("ws/schemas/mine.txt", "mine")]);
    let written = "wrote 3 schemas\n  schemas/pipeline.json\n  schemas/profile.json\n  schemas/test.json\n";
    let done = (Some(0), written.to_owned(), String::new());
    assert_eq!(hotpass(&case, &["-C", "ws", "schema", "--out", "schemas"]), done);
    for document in &DOCUMENTS {
        assert_eq!(case.text(&format!("ws/schemas/{}.json", document.name)), document.schema());
    }
    // Those of another version.
    case.replace("ws/schemas/profile.json", "\"type\"", "\"kind\"");
    assert_eq!(hotpass(&case, &["-C", "ws", "schema", "--out", "schemas"]), done);
    assert_eq!(case.text("ws/schemas/profile.json"), document("profile").schema());
    // What somebody else wrote.
    case.write("ws/schemas/test.json", "{}");
    case.replace("ws/schemas/profile.json", "\"type\"", "\"kind\"");
    let before = case.inputs();
    let (code, stdout, stderr) = hotpass(&case, &["-C", "ws", "schema", "--out", "schemas"]);
    assert_eq!((code, stdout.as_str()), (Some(2), ""), "{stderr}");
    assert!(stderr.contains("`ws/schemas/test.json` is not a schema of hotpass"), "{stderr}");
    assert!(stderr.contains("hotpass::schema::file-taken"), "{stderr}");
    assert_eq!(case.inputs(), before);
}
