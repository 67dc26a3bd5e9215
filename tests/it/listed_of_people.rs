//! What is called like a personal field inside of a list or a map is personal, and so is the column that holds it.

use crate::case::{Case, engine_file};

const FIELDS: &str =
    "[pipeline]\nname = 'p'\n[field.email]\nclass = 'personal'\n[field.\"work phone\"]\nclass = 'personal'\n";

#[test]
fn members_of_lists_in_json_have_names() {
    let toml = format!(
        "{FIELDS}[source.s]\npath = 's.json'\n[step.e]\nkind = 'explode'\nfrom = 's'\ncolumns = ['contacts']\n\
         [step.d]\nkind = 'derive'\nfrom = 'e'\ncolumns = {{ mail = \"entry('email', contacts)\", town = \"entry('x', open)\" }}\n\
         [export.docs]\nabout = 'docs'\n"
    );
    let record = r#"{"id": 1, "contacts": [{"email": "list@qz.example"}], "deep": [[{"a": {"b": [{"E-Mail": 1}]}}]],
        "tags": ["email"], "open": [{"town": "x"}], "email": {"work": "w@qz.example"}, "joined": [{"work": {"phone": 1}}],
        "work": [{"phone": 2}], "later": []}"#;
    let rows =
        format!("{}\n{}\n", record.replace('\n', " "), r#"{"id": 2, "later": [{"email_2": "late@qz.example"}]}"#);
    let case = Case::new(&[("hotpass.toml", toml.as_str()), ("s.json", rows.as_str())]);
    case.run(&["build"]).ok();
    let all = ["contacts", "deep", "email.work", "joined", "work", "later"];
    assert_eq!(case.personal("s"), all);
    assert_eq!(case.personal("e"), all);
    let made: Vec<&str> = all.into_iter().chain(["mail"]).collect();
    assert_eq!(case.personal("d"), made);
    let shown = case.artefacts().into_iter().filter(|(_, it)| String::from_utf8_lossy(it).contains("qz.example"));
    assert_eq!(shown.map(|(path, _)| path).collect::<Vec<_>>(), [""; 0]);
}

#[test]
fn members_of_lists_and_maps_in_parquet_have_names() {
    let toml = format!("{FIELDS}[source.s]\npath = 's.parquet'\n");
    let rows = "select 1 as id, {'email': 'a@qz.example', 'town': 'x'} as contact, [{'email': 'a'}] as contacts,
        [[{'a': {'b': [{'email': 'a'}]}}]] as deep, map {'email': 'a'} as m, map {'town': 'a'} as open,
        map {'k': {'email': 'a'}} as mm, [map {'EMAIL': 1}] as lm, ['email'] as tags, {'home': 1, 'x': [2]} as email";
    let case = Case::new(&[("hotpass.toml", toml.as_str())]);
    case.write("s.parquet", engine_file(rows));
    case.run(&["build"]).ok();
    let all = ["contact.email", "contacts", "deep", "m", "mm", "lm", "email.home", "email.x"];
    assert_eq!(case.personal("s"), all);
    // Of what is known already nothing is read again, and it is as personal.
    case.replace("hotpass.toml", "name = 'p'", "name = 'p2'");
    case.run(&["build"]).ok();
    assert_eq!(case.personal("s"), all);
}

#[test]
fn a_list_with_more_names_than_are_kept_counts_as_personal() {
    let toml = format!("{FIELDS}[source.s]\npath = 's.json'\n");
    let items: Vec<String> = (0..5000).map(|it| format!("{{\"k{it}\": 1}}")).collect();
    let rows = format!("{{\"id\": 1, \"many\": [{}], \"few\": [{{\"k\": 1}}]}}", items.join(","));
    let case = Case::new(&[("hotpass.toml", toml.as_str()), ("s.json", rows.as_str())]);
    case.run(&["build"]).ok();
    assert_eq!(case.personal("s"), ["many"]);
}
