//! Pairs for Label Studio: tasks out as JSON, and its exports back, `JSON` and `JSON_MIN` alike.
//!
//! A task is known by its pair, whichever of the two stands left, so what is imported, exported and read twice is decided
//! once. Files go in and out; nothing is sent.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::line::{DECIDE, Line, NOTE, SIDES};
use crate::digest::Digest;
use crate::steps::asking::{Asked, Queue};

/// Answers of one file at most.
const MOST: usize = 1_000_000;

/// A task.
#[derive(Serialize)]
struct Task<'a> {
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    pair: String,
    left: BTreeMap<&'a str, &'a str>,
    right: BTreeMap<&'a str, &'a str>,
    lot: Option<f64>,
    /// Key and print of both rows.
    #[serde(flatten)]
    rows: BTreeMap<String, Option<&'a str>>,
}

/// The tasks of a queue, one a line.
pub(crate) fn tasks(queue: &Queue) -> String {
    let task = |it: &Asked| {
        let side = |at: usize| {
            let values = queue.columns.iter().zip(&it.values);
            values.map(|(column, both)| (column.as_str(), both[at].as_deref().unwrap_or_default())).collect()
        };
        let names = SIDES.into_iter().flatten().map(|it| format!("row_{it}"));
        let (left, right) = (&it.left, &it.right);
        let keys = [left.key.as_deref(), Some(&left.print), right.key.as_deref(), Some(&right.print)];
        let data = Data {
            pair: pair(&left.print, &right.print),
            left: side(0),
            right: side(1),
            lot: it.share,
            rows: names.zip(keys).collect(),
        };
        // Keys are sorted, as `Value` sorts them.
        serde_json::to_value(Task { data }).unwrap_or_default().to_string()
    };
    format!("[\n{}\n]\n", queue.asked.iter().map(task).collect::<Vec<_>>().join(",\n"))
}

/// What a pair is known by, whichever of the two stands first.
fn pair(one: &str, other: &str) -> String {
    let (first, second) = if one <= other { (one, other) } else { (other, one) };
    let mut hex = Digest::of("hotpass pair v1", format!("{first} {second}").as_bytes()).hex();
    hex.truncate(32);
    hex
}

/// The answers of an export. Tasks that nobody answered, and answers that were taken back, are none.
///
/// # Errors
/// In words, when the text is no export of such tasks.
pub(crate) fn answers(text: &str) -> Result<Vec<Line>, String> {
    let value: Value = serde_json::from_str(text.trim_start_matches('\u{feff}'))
        .map_err(|error| format!("it is not JSON: line {}, column {}", error.line(), error.column()))?;
    let Value::Array(tasks) = value else { return Err("it is not a list of tasks".to_owned()) };
    let mut acc: Vec<Line> = Vec::new();
    for (at, task) in tasks.iter().enumerate() {
        let data = task.get("data").unwrap_or(task);
        let sides = SIDES.map(|it| it.map(|name| text_of(data, &format!("row_{name}"))));
        if !sides.iter().all(|it| it.iter().any(|it| !it.is_empty())) {
            return Err(format!("task {} does not say which two rows it is about", at + 1));
        }
        let given = match task.get("annotations").and_then(Value::as_array) {
            Some(all) => all.iter().filter(|it| it["was_cancelled"] != true).flat_map(given).collect(),
            None => vec![plain(task)],
        };
        for (word, note, by) in given.into_iter().filter(|it| !it.0.is_empty()) {
            acc.push(Line { number: at + 1, word: word.trim().to_lowercase(), sides: sides.clone(), note, by });
        }
        if acc.len() > MOST {
            return Err(format!("it has more than {MOST} answers"));
        }
    }
    Ok(acc)
}

/// The choice, the note and who gave them, of each choice of an annotation.
fn given(annotation: &Value) -> Vec<(String, String, Option<String>)> {
    let results = annotation["result"].as_array().map(Vec::as_slice).unwrap_or_default();
    let note = results.iter().find(|it| it["from_name"] == NOTE).map(|it| first(&it["value"]["text"]));
    let note = note.unwrap_or_default();
    let choices = results.iter().filter(|it| it["from_name"] == DECIDE);
    choices.map(|it| (first(&it["value"]["choices"]), note.clone(), who(&annotation["completed_by"]))).collect()
}

/// The same of a task of `JSON_MIN`.
fn plain(task: &Value) -> (String, String, Option<String>) {
    (first(&task[DECIDE]), first(&task[NOTE]), who(&task["annotator"]))
}

/// A text, or the first of a list; of `JSON_MIN`, several choices are an object.
fn first(value: &Value) -> String {
    match value {
        Value::String(it) => it.clone(),
        Value::Array(all) => all.first().map(first).unwrap_or_default(),
        Value::Object(it) => it.get("choices").map(first).unwrap_or_default(),
        _ => String::new(),
    }
}

/// Who answered: a number, an address, or a person with either.
fn who(value: &Value) -> Option<String> {
    match value {
        Value::Number(it) => Some(format!("label-studio-{it}")),
        Value::String(it) => Some(it.clone()),
        Value::Object(it) => it.get("id").and_then(who).or_else(|| it.get("email").and_then(who)),
        _ => None,
    }
}

fn text_of(data: &Value, name: &str) -> String {
    match &data[name] {
        Value::String(it) => it.clone(),
        Value::Number(it) => it.to_string(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let told = match answers(text) {
            Err(reason) => reason,
            Ok(all) => {
                let told = all.iter().map(|it| {
                    let [[a, b], [c, d]] = &it.sides;
                    format!("{}: {a}|{b}|{c}|{d} {} {:?} {}", it.number, it.word, it.by, it.note)
                });
                told.collect::<Vec<_>>().join("; ")
            }
        };
        assert_eq!(told, expected, "{text}");
    }

    #[test]
    fn exports_of_either_form_are_read() {
        let data = r#""row_left": "1", "row_left_print": "aa", "row_right": null, "row_right_print": "bb""#;
        let choice =
            |word: &str| format!(r#"{{"from_name": "decide", "type": "choices", "value": {{"choices": ["{word}"]}}}}"#);
        let note = r#"{"from_name": "note", "type": "textarea", "value": {"text": ["twins"]}}"#;
        let whole = format!(
            r#"[{{"id": 7, "data": {{{data}}}, "annotations": [
                {{"completed_by": 3, "result": [{}, {note}], "was_cancelled": false}},
                {{"completed_by": {{"id": 4, "email": "a@b.example"}}, "result": [{}]}},
                {{"completed_by": 3, "result": [{}], "was_cancelled": true}},
                {{"completed_by": 3, "result": []}}]}},
              {{"id": 8, "data": {{{data}}}, "annotations": []}}]"#,
            choice("Same"),
            choice("same"),
            choice("different")
        );
        let both = "1: 1|aa||bb same Some(\"label-studio-3\") twins; 1: 1|aa||bb same Some(\"label-studio-4\") ";
        check(&whole, both);
        let least = format!(r#"[{{"id": 7, {data}, "decide": "related", "annotator": 5}}, {{"id": 8, {data}}}]"#);
        check(&least, "1: 1|aa||bb related Some(\"label-studio-5\") ");
        check("[]", "");
        check("{}", "it is not a list of tasks");
        check("[{]", "it is not JSON: line 1, column 3");
        check(r#"[{"data": {"left": {}}}]"#, "task 1 does not say which two rows it is about");
        check("[1, \"x\"]", "task 1 does not say which two rows it is about");
    }

    #[test]
    fn a_pair_is_the_same_from_both_sides() {
        assert_eq!(pair("aa", "bb"), pair("bb", "aa"));
        assert_ne!(pair("aa", "bb"), pair("aa", "bc"));
    }
}
