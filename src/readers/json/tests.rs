//! What records of JSON become: columns by path, each value as it is written, and what is refused.

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{Array, RecordBatch};

use proptest::prelude::*;

use super::{Member, read, shape};
use crate::model::{Column, KINDS, Schema, Type};
use crate::readers::ReadError;

/// The columns with their types, and each row; values between bars, `-` for none.
fn table(text: &str) -> Result<Vec<String>, String> {
    let words = |error: ReadError| error.to_string();
    let found = shape(text.as_bytes(), "a.json").map_err(words)?;
    let schema = Schema { columns: found.columns.iter().map(|it| Column::new(&it.name, it.kinds.ty())).collect() };
    let head: Vec<_> = schema.columns.iter().map(|it| format!("{}:{}", it.name, it.ty)).collect();
    let mut lines = vec![head.join("|")];
    lines.extend(found.warnings.iter().map(|it| it.message.clone()));
    let mut take = |batch: RecordBatch| {
        for row in 0..batch.num_rows() {
            lines.push(batch.columns().iter().map(|it| cell(it, row)).collect::<Vec<_>>().join("|"));
        }
        Ok(())
    };
    read(text.as_bytes(), "a.json", &found, &schema, &mut take).map_err(words)?;
    Ok(lines)
}

/// Which values of rows are numbers that stand as texts.
#[test]
fn numbers_among_texts_are_known() {
    let text = r#"[{"a": 1.5, "b": 2, "c": "x"}, {"c": 3, "a": "1,5"}, {"c": 1.10, "a": 7, "b": 1}, {"a": true}]"#;
    let found = shape(text.as_bytes(), "a.json").expect("a shape");
    let kinds = |it: &&Member| it.kinds.has_numbers_as_texts();
    assert_eq!(found.columns.iter().filter(kinds).map(|it| it.name.as_str()).collect::<Vec<_>>(), ["a", "c"]);
    let mut schema: Schema = found.columns.iter().map(|it| Column::new(&it.name, it.kinds.ty())).collect();
    schema.columns.push(Column::new(KINDS, Type::Text));
    let mut letters = Vec::new();
    let mut take = |batch: RecordBatch| {
        letters.extend((0..batch.num_rows()).map(|row| cell(batch.column(3), row)));
        Ok(())
    };
    read(text.as_bytes(), "a.json", &found, &schema, &mut take).expect("values");
    assert_eq!(letters, ["p", "..p", "p.p", ""]);
}

fn cell(array: &dyn Array, row: usize) -> String {
    if array.is_null(row) {
        return "-".to_owned();
    }
    let text = array.as_string_opt::<i32>().map(|it| it.value(row).to_owned());
    let whole = || array.as_primitive_opt::<Int64Type>().map(|it| it.value(row).to_string());
    let float = || array.as_primitive_opt::<Float64Type>().map(|it| format!("{:?}", it.value(row)));
    let flag = || array.as_boolean_opt().map(|it| it.value(row).to_string());
    text.or_else(whole).or_else(float).or_else(flag).expect("a type that the reader gives")
}

fn check(text: &str, expected: &[&str]) {
    assert_eq!(table(text), Ok(expected.iter().map(|it| (*it).to_owned()).collect()), "{text}");
}

fn refused(text: &str, expected: &str) {
    assert_eq!(table(text), Err(expected.to_owned()), "{text}");
}

#[test]
fn texts_are_texts_and_numbers_keep_their_digits() {
    check(r#"[{"a": "01-02-2003", "b": "11:00"}]"#, &["a:text|b:text", "01-02-2003|11:00"]);
    check(r#"[{"a": 7}, {"a": "007"}, {"a": true}, {"a": null}]"#, &["a:text", "7", "007", "true", "-"]);
    check(r#"[{"a": 1.10}, {"a": 1e400}, {"a": -0}]"#, &["a:text", "1.10", "1e400", "-0"]);
    check(r#"[{"a": 1}, {"a": 2.5}]"#, &["a:float", "1.0", "2.5"]);
    check(r#"[{"a": 123456789012345678901234567890}, {"a": 1}]"#, &["a:text", "123456789012345678901234567890", "1"]);
    check(r#"[{"a": true}, {"a": false}]"#, &["a:boolean", "true", "false"]);
    check(r#"[{"a": ""}, {"a": " x\n\"\u00e9\ud83d\ude00\/"}]"#, &["a:text", "", " x\n\"é😀/"]);
}

#[test]
fn records_stand_in_a_list_or_in_lines_or_alone() {
    let expected = ["a:integer|b:integer", "1|-", "-|2"];
    check(r#"[{"a": 1}, {"b": 2}]"#, &expected);
    check("{\"a\": 1}\n{\"b\": 2}\n", &expected);
    check("\u{feff}{\"a\": 1}\r\n\r\n{\"b\": 2}", &expected);
    check("{\"a\":\n1}", &["a:integer", "1"]);
    check("[1, \"x\", [2]]", &["value:text", "1", "x", "[2]"]);
    check("[{}, {\"a\": 1}]", &["a:integer", "-", "1"]);
    check("[{}]", &["value:text", "{}"]);
}

#[test]
fn objects_are_columns_by_path_and_lists_are_json() {
    check(
        r#"[{"n": {"a": 1, "b": {"c": "x"}}, "t": ["p", "q, r"]}, {"n": {"a": 2}, "t": []}]"#,
        &["n.a:integer|n.b.c:text|t:text", r#"1|x|["p","q, r"]"#, "2|-|[]"],
    );
    check(
        r#"[{"n": "x"}, {"n": {"a": 1}}, {"n": {}}, {"n": null}]"#,
        &["n:text|n.a:integer", "x|-", "-|1", "{}|-", "-|-"],
    );
    check(r#"[{"e": {}, "z": null}]"#, &["e:text|z:text", "{}|-"]);
    check(r#"[{"l": [ 1.10 , {"a" : [ ] , "b" : "\u0041\t"} ]}]"#, &["l:text", r#"[1.10,{"a":[],"b":"A\t"}]"#]);
}

#[test]
fn names_that_meet_are_told() {
    let told = |name: &str| format!("`a.json` has two paths of keys that are both called `{name}`");
    let case = "`a.json` has paths of keys that are called `N` and `n`, which differ only in case";
    check(r#"[{"a.b": 1, "a": {"b": 2}}]"#, &["a.b:integer|a.b_2:integer", &told("a.b"), "1|2"]);
    check(r#"[{"N": 1, "n": 2, "n_2": 3}]"#, &["N:integer|n_3:integer|n_2:integer", case, "1|2|3"]);
    check("[{\"\": 1, \" two\\nlines \": 2}]", &["column:integer|two lines:integer", "1|2"]);
}

#[test]
fn what_is_no_json_is_refused_with_its_line() {
    let number = "has a number that JSON does not have, such as `NaN`, `+1`, `.5` or `007`";
    for wrong in ["NaN", "-Infinity", "Infinity", "+1", ".5", "007", "1.", "0x10", "1_000"] {
        refused(&format!("[{{\"a\":\n{wrong}}}]"), &format!("line 2 of `a.json` {number}"));
    }
    refused("{\"a\": 1, \"a\": 1}", "an object in line 1 of `a.json` has the key `a` twice");
    refused("[[{\"a\": 1, \"a\": 1}]]", "an object in line 1 of `a.json` has the key `a` twice");
    refused("[{\"a\": 1},]", "line 1 of `a.json` has a comma after the last value");
    refused("[{\"a\": 1}\n", "`a.json` ends in line 2 before its JSON does");
    refused("{\"a\": \"x", "`a.json` ends in line 1 before its JSON does");
    refused("{'a': 1}", "line 1 of `a.json` has a key without double quotes");
    refused("{\"a\": yes}", "line 1 of `a.json` has something that is not a value");
    refused("{\"a\": \"x\ny\"}", "line 1 of `a.json` has a line break or a control character inside of a text");
    refused("{\"a\": \"\\ud800\"}", "line 1 of `a.json` has half of a surrogate pair, which is not a character");
    refused("{\"a\": \"\\u0000\"}", "line 1 of `a.json` holds a zero byte");
    refused("[{\"a\": 1}] x", "line 1 of `a.json` has something after the end of the list of records");
    refused("{\"a\": 1},\n{\"a\": 2}", "line 1 of `a.json` has a comma between two records that are not in a list");
    refused("", "`a.json` is empty");
    refused(" \n", "`a.json` is empty");
    refused("[]", "`a.json` holds no record with a key");
    refused("\u{feff}<html>", "`a.json` looks like an HTML page");
    let deep = "[".repeat(5000) + &"]".repeat(5000);
    refused(&deep, "`a.json` is too large: line 1 nests objects and lists more than 100 deep");
    let deep = "{\"a\":".repeat(5000) + "1" + &"}".repeat(5000);
    refused(&deep, "`a.json` is too large: line 1 nests objects and lists more than 100 deep");
}

#[test]
fn what_is_no_utf_8_is_refused() {
    for (bytes, line) in [(&b"{\"a\":\n\"\xff\"}"[..], 2), (b"\xff\xfe[\0", 1), (b"\xfe\xff\0[", 1)] {
        let error = shape(bytes, "a.json").expect_err("it is refused");
        assert_eq!(error.to_string(), format!("line {line} of `a.json` is not UTF-8"));
    }
}

/// A value of JSON and its text.
fn value() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(serde_json::Value::from),
        any::<i64>().prop_map(serde_json::Value::from),
        (-1e9..1e9).prop_map(serde_json::Value::from),
        "[a-c\"\\\\é😀\n 0-9:.-]{0,6}".prop_map(serde_json::Value::from),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(serde_json::Value::from),
            prop::collection::btree_map("[a-c.]{1,2}", inner, 0..3)
                .prop_map(|it| serde_json::Value::Object(it.into_iter().collect())),
        ]
    })
}

/// The texts of all that is no object and not null, as they should be found again.
fn leaves(value: &serde_json::Value, out: &mut Vec<String>) {
    match value {
        serde_json::Value::Null => (),
        serde_json::Value::Object(all) => all.values().for_each(|it| leaves(it, out)),
        serde_json::Value::String(text) => out.push(text.clone()),
        other => out.push(other.to_string()),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    /// Every value of every record stands in its row, as it is written, or as a number that is the same.
    #[test]
    fn nothing_is_lost(records in prop::collection::vec(value(), 1..5)) {
        let text = serde_json::to_string(&records).unwrap();
        let found = match shape(text.as_bytes(), "a.json") {
            Ok(found) => found,
            Err(error) => {
                prop_assert!(error.to_string().contains("holds no record"), "{error}");
                return Ok(());
            }
        };
        let schema = Schema { columns: found.columns.iter().map(|it| Column::new(&it.name, it.kinds.ty())).collect() };
        let mut rows = Vec::new();
        let mut take = |batch: RecordBatch| {
            for row in 0..batch.num_rows() {
                let cells = batch.columns().iter().filter(|it| !it.is_null(row)).map(|it| cell(it, row));
                rows.push(cells.filter(|it| it != "{}").collect::<Vec<_>>());
            }
            Ok(())
        };
        read(text.as_bytes(), "a.json", &found, &schema, &mut take).unwrap();
        prop_assert_eq!(rows.len(), records.len());
        for (row, record) in rows.iter_mut().zip(&records) {
            let mut expected = Vec::new();
            leaves(record, &mut expected);
            let number = |it: &mut String| if let Ok(number) = it.parse::<f64>() { *it = format!("{number:?}") };
            row.iter_mut().chain(&mut expected).for_each(number);
            row.sort();
            expected.sort();
            prop_assert_eq!(&*row, &expected);
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in "[\\[\\]{}\",: \\n\\\\a0-9.eE+-]{0,24}|(\\{\"a\":[0-9.eE+-]{1,6}\\}\n?){1,3}") {
        let Ok(found) = shape(text.as_bytes(), "a.json") else { return Ok(()) };
        let schema = Schema { columns: found.columns.iter().map(|it| Column::new(&it.name, it.kinds.ty())).collect() };
        prop_assert!(read(text.as_bytes(), "a.json", &found, &schema, &mut |_| Ok(())).is_ok());
    }
}
