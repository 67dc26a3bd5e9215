//! What programs read: every line of `--format json`, of every verb and with every flag, is as the published schema says.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use clap::CommandFactory;
use hotpass::cli::verbs::Cli;
use hotpass::schema::answers::answers;
use jsonschema::Validator;
use serde_json::Value;

use crate::case::Case;

const PIPELINE: &str = include_str!("events/hotpass.toml");
/// A command a line, `%` for a blank within a word; `@ FILE FROM TO` edits a file between two of them.
const LINES: &str = include_str!("events/lines.txt");

/// Workbooks that the pipeline of `refine` knows.
const SAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/pipelines/sample/data");

/// Verbs whose answer is a text in some other form, whatever `--format` says.
const TEXTS: [&str; 4] = ["completions", "man", "contract emit", "expect results"];
/// A verb of which tests of its own read every line, and how its events begin.
const ELSEWHERE: (&str, &str) = ("watch", "watch.");

fn schema() -> &'static Value {
    static SCHEMA: OnceLock<Value> = OnceLock::new();
    SCHEMA.get_or_init(|| serde_json::from_str(&answers()).expect("JSON"))
}

/// Validators of all events, by name.
fn validators() -> &'static BTreeMap<String, Validator> {
    static ALL: OnceLock<BTreeMap<String, Validator>> = OnceLock::new();
    ALL.get_or_init(|| {
        let one =
            |(name, schema): (&String, &Value)| (name.clone(), jsonschema::draft202012::new(schema).expect("a schema"));
        schema()["$defs"].as_object().expect("events").iter().map(one).collect()
    })
}

/// Holds an event against its schema.
pub fn held(event: &Value) {
    let name = event["event"].as_str().unwrap_or_else(|| panic!("it is no event: {event}"));
    let validator = validators().get(name).unwrap_or_else(|| panic!("`{name}` is not in the schema: {event}"));
    let errors: Vec<String> =
        validator.iter_errors(event).map(|it| format!("{} at {}", it, it.instance_path())).collect();
    assert!(errors.is_empty(), "{}\n{event}", errors.join("\n"));
}

fn case() -> Case {
    let syllables = ["ba", "ke", "lo", "mi", "nu", "ra", "se", "to", "vi", "zu"];
    let word = |at: usize| format!("{}{}{}", syllables[at % 10], syllables[at / 10 % 10], syllables[at / 100 % 10]);
    let mut people = "id,Given,Family,born,E-mail,town,Odd\n".to_owned();
    for at in 0..40 {
        let (given, family) = (word(at * 7 + 3), word(at * 13 + 5));
        let born = format!("19{:02}-{:02}-{:02}", 40 + at % 59, 1 + at % 12, 1 + at * 5 % 28);
        let (mail, town) = (format!("{given}.{family}@{}.example", word(at)), word(at % 3));
        people.push_str(&format!("{at},{given},{family},{born},{mail},{town},x\n"));
        if at % 2 == 0 {
            let town = town.to_uppercase();
            people.push_str(&format!("{at}b,{},{family}a,{born},{mail},{town},x\n", &given[..1]));
        }
    }
    people.push_str("last,,,12/31/1990,nobody,,\n");
    let case = Case::new(&[("hotpass.toml", PIPELINE), ("data/people.csv", &people)]);
    for (path, text) in [
        ("data/other.csv", "id,town\n1,bababa\n2,kebaba\n"),
        ("decided.csv", "left,right,decide\n2,2b,different\n"),
        ("terms.md", "t"),
        ("q.sql", "select id, town from named order by id limit 2"),
        (
            "tests/t.toml",
            "[test.fine]\nstep = 'sorted'\ngiven.other = '''\n| id | town |\n| 2 | b |\n| 1 | a |\n'''\n\
             expect = '''\n| id | town |\n| 1 | a |\n| 2 | b |\n'''\n\
             [test.wrong]\nstep = 'sorted'\ngiven.other = '''\n| id | town |\n| 2 | b |\n'''\n\
             expect = '''\n| id | town |\n| 2 | c |\n| 3 | d |\n'''\n",
        ),
        (
            "profiles/own.toml",
            "[field.mail]\nvalue = 'email'\n[lookup.state]\nOpen = ['n/a']\n[normal]\nplaceholders = ['N/A']\n",
        ),
        ("c2.toml", "[contract.c]\nversion = '2.0.0'\n[[contract.c.field]]\nname = 'id'\n"),
        (
            "suite.json",
            r#"{"expectation_suite_name": "s", "expectations": [
                {"expectation_type": "expect_column_values_to_not_be_null", "kwargs": {"column": "id"}},
                {"expectation_type": "expect_odd", "kwargs": {}}]}"#,
        ),
        ("schema.json", r#"{"name": "t", "fields": [{"name": "id", "type": "string", "rdfType": "x"}]}"#),
        ("old.yaml", "name: old\nrefine:\n  mappings:\n    name: [Company]\n  odd: 1\n"),
        ("key.pem", crate::verify::PRIVATE),
        ("pub.pem", crate::verify::PUBLIC),
        ("pairs.csv", "left,right,decide\n4,4b,same\n6,6b,same\n"),
        ("inbox/one.csv", "Name;Phone\nBo Marsh;020 1234\nAda Reed;020 1235\n"),
    ] {
        case.write(path, text);
    }
    case
}

/// The flags of each verb, as people write them; those of every verb stand under no name.
fn flags() -> BTreeMap<String, BTreeSet<String>> {
    fn beneath(command: &clap::Command, path: &str, acc: &mut BTreeMap<String, BTreeSet<String>>) {
        let own = acc.entry(path.to_owned()).or_default();
        own.extend(command.get_arguments().filter(|it| path.is_empty() || !it.is_global_set()).filter_map(|it| {
            let long = it.get_long().map(|it| format!("--{it}"));
            long.or_else(|| it.get_short().map(|it| format!("-{it}")))
        }));
        for it in command.get_subcommands() {
            beneath(it, format!("{path} {}", it.get_name()).trim(), acc);
        }
    }
    let mut acc = BTreeMap::new();
    beneath(&Cli::command(), "", &mut acc);
    acc
}

#[test]
fn every_verb_with_every_flag_gives_what_the_schema_says() {
    let case = case();
    let mut open = flags();
    open.retain(|verb, _| !TEXTS.contains(&verb.as_str()) && verb != ELSEWHERE.0);
    let global = open.remove("").expect("flags of every verb");
    let mut unused: BTreeSet<(String, String)> =
        open.iter().flat_map(|(verb, flags)| flags.iter().map(|it| (verb.clone(), it.clone()))).collect();
    let mut unused_everywhere: BTreeSet<String> = global.into_iter().filter(|it| it != "--format").collect();
    let mut unasked: BTreeSet<String> = open.keys().cloned().collect();
    let mut seen: BTreeSet<String> = BTreeSet::new();
    for line in LINES.lines() {
        let word = |it: &str| it.replace('%', " ").replace("\\n", "\n").replace("SAMPLE", SAMPLE);
        let words: Vec<String> = line.split(' ').map(word).collect();
        if let [edit, path, from, to] = words.as_slice()
            && edit == "@"
        {
            case.replace(path, from, to);
            continue;
        }
        let verb = words.iter().position(|it| open.contains_key(it)).expect(line);
        let both = words[verb..].iter().take(2).cloned().collect::<Vec<_>>().join(" ");
        let verb = if open.contains_key(&both) { both } else { words[verb].clone() };
        unasked.remove(&verb);
        for word in words.iter().filter(|it| it.starts_with('-')) {
            let long = match word.split('=').next().unwrap_or_default() {
                "-n" if verb == "link review" => "--pairs",
                "-n" => "--rows",
                "-o" => "--output",
                "-q" => "--quiet",
                "-v" => "--verbose",
                "-j" => "--jobs",
                other => other,
            };
            unused.remove(&(verb.clone(), long.to_owned()));
            unused_everywhere.remove(long);
        }
        let mut all: Vec<&str> = words.iter().map(String::as_str).collect();
        all.extend(["--format", "json"]);
        let ran = case.run(&all);
        for event in ran.events() {
            seen.extend(event["event"].as_str().map(str::to_owned));
        }
    }
    let verbs = open.keys().filter(|verb| !open.keys().any(|it| it.starts_with(&format!("{verb} "))));
    let unasked: Vec<_> = verbs.filter(|it| unasked.contains(*it)).collect();
    assert!(unasked.is_empty() && unused.is_empty(), "nothing asks {unasked:?} with {unused:?}");
    assert!(unused_everywhere.is_empty(), "nothing has {unused_everywhere:?}");
    let unseen = validators().keys().filter(|it| !seen.contains(*it) && !it.starts_with(ELSEWHERE.1));
    let unseen: Vec<_> = unseen.collect();
    assert!(unseen.is_empty(), "no line gives {unseen:?}");
    // What `--events` writes is the same.
    case.text("events.ndjson").lines().for_each(|it| held(&serde_json::from_str(it).expect("JSON")));
}

#[test]
fn the_schema_is_printed_and_tells_events_apart() {
    let case = Case::new(&[("hotpass.toml", "[pipeline]\nname = 'p'\n")]);
    assert_eq!(case.prints(&["schema", "answers"]), answers());
    assert!(jsonschema::meta::is_valid(schema()));
    let whole = jsonschema::draft202012::new(schema()).expect("a schema");
    let one = serde_json::json!({"v": 1, "event": "env.cause", "message": "x"});
    assert!(whole.is_valid(&one));
    for (member, value) in [("v", 2.into()), ("event", "env".into()), ("message", 1.into()), ("more", true.into())] {
        let mut other = one.clone();
        other[member] = value;
        assert!(!whole.is_valid(&other), "{other}");
    }
    let named: BTreeSet<&str> =
        schema()["oneOf"].as_array().expect("events").iter().filter_map(|it| it["$ref"].as_str()).collect();
    assert_eq!(named.len(), validators().len());
}
