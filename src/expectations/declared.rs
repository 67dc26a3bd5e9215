//! How checks are declared: `[[expect.TABLE]]`, with the keys of their kinds and those that go with every kind.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::expectations::{
    About, EXPECTS_NOTHING, Expectation, KINDS, NO_COLUMN, OnFail, Waiver, holds, theirs, waiver,
};
use crate::expr::Literal;
use crate::fields::Fields;
use crate::fields::keys::{Key, Keys, Need, Takes, Usual, words};
use crate::problem::{Problem, Severity};

const ON_FAIL: [(&str, OnFail); 3] = [("block", OnFail::Block), ("reject", OnFail::Reject), ("report", OnFail::Report)];

/// What a failure means.
const SEVERITIES: [(&str, Severity); 2] = [("error", Severity::Error), ("warn", Severity::Warning)];

/// The least share of rows: of none nothing would be expected.
const LEAST: f64 = 1e-9;

/// Keys that go with every kind.
const COMMON: [Key; 9] = [
    Key::new("column", Takes::TEXTS, "what the check is about"),
    Key::new("columns", Takes::TEXTS, "what the check is about"),
    Key::new("severity", Takes::Word(&words(&SEVERITIES)), "what a failure means").or_text("error"),
    Key::new("mostly", Takes::Number(LEAST, 1.0), "the share of rows that must be as expected").or(Usual::Number(1.0)),
    Key::new(
        "on_fail",
        Takes::Word(&words(&ON_FAIL)),
        "what becomes of what failed; `block`, or `report` of a warning",
    ),
    Key::new("waiver", Takes::Table(&waiver::KEYS), "who answers for a failure, why, and until when"),
    Key::new("where", Takes::Text, "the condition for a row to be considered"),
    Key::new("id", Takes::Text, "its name in results; `table.column.kind` without it"),
    Key::new("meaning", Takes::Text, "why it is expected; the message of a failure contains it"),
];

const ALL: [Key; COMMON.len() + KINDS.len()] = {
    let mut acc = [COMMON[0]; COMMON.len() + KINDS.len()];
    let mut at = 0;
    while at < acc.len() {
        acc[at] = match at < COMMON.len() {
            true => COMMON[at],
            false => {
                let kind = &KINDS[at - COMMON.len()];
                Key::new(kind.name, kind.takes, kind.summary)
            }
        };
        at += 1;
    }
    acc
};

/// `[expect]`: lists of checks by the table that they are about.
pub const TABLES: Keys = Keys::any(Takes::Tables(&CHECK), "a table, and what should hold of it");
const CHECK: Keys = Keys::of(&ALL).needing(&NEEDS);

/// One kind at least; and where it is about columns, one at least.
const NEEDS: [Need; 1 + OF_COLUMNS] = {
    let mut acc = [Need::one_of(&NAMES); 1 + OF_COLUMNS];
    let (mut at, mut filled) = (0, 1);
    while at < KINDS.len() {
        if !matches!(KINDS[at].about, About::Table) {
            acc[filled] = Need { beside: Some(KINDS[at].name), one_of: &["column", "columns"] };
            filled += 1;
        }
        at += 1;
    }
    acc
};
/// How many kinds are about columns.
const OF_COLUMNS: usize = {
    let (mut at, mut count) = (0, 0);
    while at < KINDS.len() {
        count += !matches!(KINDS[at].about, About::Table) as usize;
        at += 1;
    }
    count
};
const NAMES: [&str; KINDS.len()] = {
    let mut acc = [""; KINDS.len()];
    let mut at = 0;
    while at < acc.len() {
        acc[at] = KINDS[at].name;
        at += 1;
    }
    acc
};

/// Reads `[[expect.TABLE]]`.
pub fn decode(fields: &mut Fields) -> Vec<Expectation> {
    let mut acc: Vec<Expectation> = Vec::new();
    let Some(mut tables) = fields.table("expect") else { return acc };
    for name in tables.keys() {
        for mut entry in tables.tables(&name) {
            decode_entry(&name, &mut entry, &mut acc);
            entry.finish();
        }
    }
    acc
}

/// The share of rows that must be as expected, as it is written.
fn mostly(fields: &mut Fields) -> String {
    match fields.value("mostly") {
        None => "1".to_owned(),
        Some(Literal::Integer(1)) => "1".to_owned(),
        Some(Literal::Number(it)) if it.parse::<f64>().is_ok_and(|it| (LEAST..=1.0).contains(&it)) => it,
        Some(_) => {
            let help = Some("give the share of rows that must be as expected, more than 0 and at most 1".to_owned());
            let message = "`mostly` is not a share";
            fields.problem(&crate::fields::WRONG_VALUE, "mostly", message, "this value", help);
            "1".to_owned()
        }
    }
}

fn on_fail(fields: &mut Fields, severity: Severity) -> OnFail {
    let said = if fields.has("on_fail") { fields.choice("on_fail", &ON_FAIL) } else { None };
    if said == Some(OnFail::Block) && severity == Severity::Warning {
        let help = Some("remove `on_fail`, or make an `error` of it".to_owned());
        let message = "a warning does not block";
        fields.problem(&crate::fields::WRONG_VALUE, "on_fail", message, "this value", help);
    }
    said.unwrap_or(if severity == Severity::Error { OnFail::Block } else { OnFail::Report })
}

/// Two expectations of one name would be one in the results: all behind the first get a number.
fn number(acc: &mut [Expectation], before: usize) {
    for index in before..acc.len() {
        let taken = acc[..index]
            .iter()
            .filter(|it| it.id == acc[index].id || it.id.starts_with(&format!("{}#", acc[index].id)))
            .count();
        if taken > 0 {
            let id = format!("{}#{}", acc[index].id, taken + 1);
            acc[index].id = id;
        }
    }
}

fn decode_entry(table: &str, fields: &mut Fields, acc: &mut Vec<Expectation>) {
    let mut columns = fields.words("column");
    columns.extend(fields.words("columns"));
    let severity = fields.choice("severity", &SEVERITIES).unwrap_or(Severity::Error);
    let mostly = mostly(fields);
    let on_fail = on_fail(fields, severity);
    let waiver = Waiver::decode(fields, "waiver");
    let only = fields.expr("where");
    if only.as_ref().is_some_and(holds::is_constant) {
        let help = Some("name a column in it, or remove it".to_owned());
        fields.problem(&EXPECTS_NOTHING, "where", "this chooses all rows or none", "reads no column", help);
    }
    let declared = fields.text("id");
    let meaning = fields.text("meaning");
    let path = fields.path().to_owned();
    let toml = fields.as_toml(&format!("[[expect.{table}]]"));
    let before = acc.len();
    let others = theirs::told(fields);
    fields.pass_over(&others);
    let mut asked = !others.is_empty();
    for kind in KINDS {
        if !fields.has(kind.name) {
            continue;
        }
        asked = true;
        if kind.about != About::Table && columns.is_empty() {
            let message = format!("`{}` needs the column it is about", kind.name);
            let help = Some("add `column = …`".to_owned());
            fields.problem(&NO_COLUMN, kind.name, message, "asked for here", help);
        }
        if fields.as_json(kind.name) == serde_json::Value::Bool(false) {
            let message = format!("`{} = false` expects nothing", kind.name);
            let help = Some("write `true`, or remove it".to_owned());
            fields.problem(&EXPECTS_NOTHING, kind.name, message, "asked for here", help);
        }
        let Some(check) = (kind.decode)(fields, kind.name) else { continue };
        let groups: Vec<Vec<String>> = match kind.about {
            About::Table => vec![Vec::new()],
            About::All => vec![columns.clone()],
            About::Each => columns.iter().map(|it| vec![it.clone()]).collect(),
        };
        for columns in groups.into_iter().filter(|it| !it.is_empty() || kind.about == About::Table) {
            let made = std::iter::once(table).chain(columns.iter().map(String::as_str)).chain([kind.name]);
            let made = made.collect::<Vec<_>>().join(".");
            acc.push(Expectation {
                id: declared.clone().unwrap_or(made),
                table: table.to_owned(),
                kind,
                columns,
                severity,
                mostly: mostly.clone(),
                only: only.clone(),
                meaning: meaning.clone(),
                on_fail,
                waiver: waiver.clone(),
                path: path.clone(),
                toml: toml.clone(),
                asked: fields.as_json(kind.name),
                contract: None,
                masked: false,
                texts: BTreeMap::new(),
                check: Arc::clone(&check),
            });
        }
    }
    // A misspelt kind is told as the key that it is.
    if !asked && !fields.has_unknown() {
        let problem = Problem::new(&EXPECTS_NOTHING, "this expects nothing").label(&fields.span(), "in this table");
        let help = "add a kind of expectation, such as `not_null = true`; `hotpass list` lists them";
        fields.report(problem.help(help.to_owned()));
    }
    number(acc, before);
}
