//! What rules for candidates cost: told by a plan, and counted before anything is compared.

use hotpass::summary::Status;
use serde_json::{Value, json};

use crate::case::Case;
use crate::program::{Ran, command};

const PIPELINE: &str = "[pipeline]\nname = 'crm'\n[source.rows]\npath = 'rows.csv'\n\
    [step.kept]\nkind = 'derive'\nfrom = 'rows'\npersonal = ['mail']\ncolumns = { one = '1' }\n\
    [step.found]\nkind = 'resolve'\nfrom = 'kept'\ncompare = { name = 'surname', mail = 'email' }\n\
    block = ['zone', 'mail']\n";

const ROWS: &str = "name,mail,zone\nNel,a@x.example,x\nNell,a@x.example,x\nDube,b@x.example,x\nMoyo,c@x.example,y\n\
    Zulu,,y\nBotha,d@x.example,\n";

fn run(case: &Case, words: &[&str]) -> Ran {
    Ran::from(command(&case.asked.root, &[]).args(words).output().expect("it starts"))
}

fn case() -> Case {
    Case::new(&[("hotpass.toml", PIPELINE.to_owned()), ("rows.csv", ROWS.to_owned())])
}

fn told(case: &Case) -> Value {
    let events = run(case, &["plan", "--format", "json"]).events();
    events.into_iter().find(|it| it["event"] == "plan.blocks").expect("rules are told")
}

fn rule(rule: &str, pairs: u64, alone: u64, largest: u64) -> Value {
    json!({ "rule": rule, "pairs": pairs, "alone": alone, "largest": largest, "split": 0, "left_out": false })
}

#[test]
fn a_plan_tells_what_rules_cost_when_the_step_last_ran() {
    let case = case();
    let nothing = |rule: &str| json!({ "rule": rule, "pairs": null, "alone": null, "largest": null, "split": null, "left_out": false });
    let before = told(&case);
    assert_eq!((&before["declared"], &before["rows"]), (&json!(true), &Value::Null));
    assert_eq!(before["rules"], json!([nothing("zone"), nothing("mail")]));
    let text = run(&case, &["plan"]);
    assert!(text.out.contains("rules of crm.found: not counted yet"), "{}", text.all());

    // Before anything is compared, over the rows as they stand.
    let early = run(&case, &["link", "plan", "found"]);
    assert!(early.code == Some(2) && early.err.contains("is not made yet"), "{}", early.all());
    assert_eq!(run(&case, &["build", "kept"]).code, Some(0));
    let counted = run(&case, &["link", "plan", "found", "--format", "json"]).events().remove(0);
    let rules = json!([rule("zone", 4, 3, 3), rule("mail", 1, 0, 2)]);
    assert_eq!((&counted["rows"], &counted["pairs"], &counted["rules"]), (&json!(6), &json!(4), &rules));
    let worst = json!([
        { "rule": "zone", "rows": 3, "values": [["zone", "x"]] },
        { "rule": "zone", "rows": 2, "values": [["zone", "y"]] },
        { "rule": "mail", "rows": 2, "values": [["mail", "•••"]] },
    ]);
    assert_eq!(counted["worst"], worst);
    let open = run(&case, &["link", "plan", "found", "--unmasked"]);
    assert!(
        open.out.contains("4 pairs of 6 rows to compare") && open.out.contains("mail: a@x.example"),
        "{}",
        open.all()
    );
    assert_eq!(told(&case)["rows"], Value::Null, "a question is no run");

    assert_eq!(case.build().status, Status::Ok);
    let after = told(&case);
    assert_eq!((&after["rows"], &after["pairs"], &after["rules"]), (&json!(6), &json!(4), &rules));
    assert!(run(&case, &["plan"]).out.contains("rules of crm.found: 4 pairs of 6 rows when it last ran"));

    // What is to run again is told as it was counted, and a threshold changes no rule.
    case.write("rows.csv", format!("{ROWS}Khoza,e@x.example,y\n"));
    assert_eq!(told(&case)["rows"], json!(6));
    case.write("hotpass.toml", format!("{PIPELINE}match = 0.9\n"));
    assert_eq!(told(&case)["pairs"], json!(4));
    assert_eq!(case.build().status, Status::Ok);
    assert_eq!((&told(&case)["rows"], &told(&case)["pairs"]), (&json!(7), &json!(6)));

    // Other rules are not counted yet, and say so.
    case.write("hotpass.toml", PIPELINE.replace("['zone', 'mail']", "[['mail', 'zone']]"));
    let other = told(&case);
    assert_eq!((&other["rows"], &other["rules"]), (&Value::Null, &json!([nothing("mail + zone")])));
    assert!(run(&case, &["plan"]).out.contains("not counted since they changed"));
}

#[test]
fn rules_that_are_found_are_told_as_they_were_found() {
    let case = case();
    case.write(
        "hotpass.toml",
        PIPELINE.replace("    block = ['zone', 'mail']\n", "").replace("block = ['zone', 'mail']\n", ""),
    );
    let before = told(&case);
    assert_eq!((&before["declared"], &before["rules"]), (&json!(false), &json!([])));
    assert_eq!(case.build().status, Status::Ok);
    let after = told(&case);
    let counted = run(&case, &["link", "plan", "found", "--format", "json"]).events().remove(0);
    assert_eq!((&after["rules"], &after["pairs"]), (&counted["rules"], &counted["pairs"]));
    assert!(after["rules"].as_array().is_some_and(|it| it.iter().any(|it| it["rule"] == "mail")), "{after}");
    let text = run(&case, &["plan"]);
    assert!(text.out.contains("rules of crm.found, found by themselves: "), "{}", text.all());

    // Empty tables have no pairs, and one row has none.
    for rows in ["name,mail,zone\n", "name,mail,zone\nNel,a@x.example,x\n"] {
        case.write("rows.csv", rows);
        assert_eq!(case.build().status, Status::Ok);
        let counted = run(&case, &["link", "plan", "found", "--format", "json"]).events().remove(0);
        assert_eq!((&counted["pairs"], &counted["worst"]), (&json!(0), &json!([])), "{counted}");
        assert_eq!(told(&case)["pairs"], json!(0));
    }
}
